"""
How the points of an activity fade with its age.

Age is whole elapsed days by the activity's own time. What is left is rounded once, half to even,
to a thousandth of a point, and never rises again.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import timedelta
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from typing import Final

import attrs

from .errors import DefinitionError, KindError
from .registry import register
from .value import DAY, Table, days_text, exact, listing, literal, show
from .window import LONGEST_DAYS, whole


class Decay(ABC):
    """A way in which points fade; give it `left`, `days_left` and `describe`."""

    __slots__ = ()

    @abstractmethod
    def left(self, points: int, days: int) -> int:
        """
        What is left of *points* at an age.

        Args:
            points: Millipoints on the day it happened.
            days: Whole days since; 0 or more.

        Returns:
            Millipoints, rounded once, half to even; nearer to 0 the greater the age.
        """

    @property
    @abstractmethod
    def lifespan(self) -> int | None:
        """The age in days from which on nothing is left; None when there is no such fixed age."""

    @abstractmethod
    def describe(self) -> str:
        """How it fades, in words."""

    def next_step(self, points: int, days: int) -> int | None:
        """The next age in days at which less is left than at *days*; None when never."""
        now = self.left(points, days)
        step = 1
        while self.left(points, days + step) == now:
            if step > 64 * LONGEST_DAYS:
                return None
            step *= 2
        low, high = days + step // 2, days + step
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.left(points, middle) == now else (low, middle)
        return high


def _days(value: object) -> int:
    days = whole(value, "a span in days", least=1)
    if days > LONGEST_DAYS:
        raise DefinitionError(f"a span is at most {LONGEST_DAYS:,} days, not {show(days)}")
    return days


@register("linear", main="days")
@attrs.frozen(cache_hash=True)
class Linear(Decay):
    """
    Evenly down to nothing.

    >>> Linear(90).left(9_000, 3)
    8700
    """

    days: int = attrs.field(converter=_days)

    def left(self, points: int, days: int) -> int:
        return round(Fraction(points * max(0, self.days - days), self.days))

    @property
    def lifespan(self) -> int:
        return self.days

    def describe(self) -> str:
        return f"fading evenly over {self.days} days"


@register("half_life", main="days")
@attrs.frozen(cache_hash=True)
class HalfLife(Decay):
    """
    Half of what was there, every so many days.

    >>> HalfLife(14).left(40_000, 28)
    10000
    """

    days: int = attrs.field(converter=_days)

    def left(self, points: int, days: int) -> int:
        return _halved(points, days, self.days)

    @property
    def lifespan(self) -> None:
        return None

    def describe(self) -> str:
        return f"halving every {self.days} days"


_FLOAT_ERROR: Final = 1e-12
"""More than a double of this size is ever wrong by, relative to it."""


@lru_cache(maxsize=65_536)
def _halved(points: int, days: int, half_life: int) -> int:
    """``points * 2 ** (-days / half_life)``: exact at whole half-lives, else from 50 digits."""
    halvings, rest = divmod(days, half_life)
    if halvings > points.bit_length():
        return 0
    if not rest:
        return round(Fraction(points, 2**halvings))
    about: float = points * 2.0 ** -(days / half_life)
    if abs(about % 1 - 0.5) > _FLOAT_ERROR * (1 + abs(about)):  # no doubt which way it rounds
        return round(about)
    with localcontext(Context(prec=50)):  # not the caller's, which may trap or round
        return round(points * Decimal(2) ** -(halvings + Decimal(rest) / half_life))


def _steps(value: object) -> Table[int | float]:
    if not isinstance(value, Mapping) or not value:
        raise KindError("steps are a table: from which day on, what fraction is left")
    steps: dict[int, int | float] = {}
    for day, fraction in value.items():
        number = int(day) if isinstance(day, str) and day.isascii() and day.isdigit() else day
        if isinstance(fraction, bool) or not isinstance(fraction, int | float):
            raise KindError(f"what is left from day {show(number)} on must be a number")
        if not 0 <= fraction <= 1:
            raise DefinitionError(f"what is left from day {show(number)} on lies between 0 and 1")
        if _days(number) in steps:
            raise DefinitionError(f"what is left from day {number} on is said twice")
        steps[_days(number)] = literal(fraction)  # type: ignore[assignment]
    left = [steps[day] for day in sorted(steps)]
    if left != sorted(left, reverse=True):
        raise DefinitionError("what is left never rises with age")
    return Table({f"{day:04}": steps[day] for day in steps})  # zeros keep days in order


@register("steps", main="steps")
@attrs.frozen(cache_hash=True)
class Steps(Decay):
    """
    From each given day on, only a fraction.

    >>> Steps({30: 0.5, 60: 0.25}).left(8_000, 30)
    4000
    """

    steps: Table[int | float] = attrs.field(converter=_steps)

    def left(self, points: int, days: int) -> int:
        reached = [fraction for day, fraction in self.steps.items() if int(day) <= days]
        return round(points * exact(reached[-1])) if reached else points

    @property
    def lifespan(self) -> int | None:
        return next((int(day) for day, fraction in self.steps.items() if not fraction), None)

    def describe(self) -> str:
        steps = [
            f"{fraction:.4g} of it from day {int(day)}" for day, fraction in self.steps.items()
        ]
        return f"leaving {listing(steps, 'and')}"


@register("expires", main="days")
@attrs.frozen(cache_hash=True)
class Expires(Decay):
    """
    All of it, until it is gone.

    >>> Expires(90).left(5_000, 89), Expires(90).left(5_000, 90)
    (5000, 0)
    """

    days: int = attrs.field(converter=_days)

    def left(self, points: int, days: int) -> int:
        return points if days < self.days else 0

    @property
    def lifespan(self) -> int:
        return self.days

    def describe(self) -> str:
        return f"expiring after {self.days} days"


def linear(*, days: int) -> Linear:
    """Points that fade evenly to nothing over *days*."""
    return Linear(days)


def half_life(*, days: int) -> HalfLife:
    """Points that halve every so many *days*."""
    return HalfLife(days)


def steps(left: Mapping[int, float]) -> Steps:
    """Points of which from each given day on only a fraction is left: ``steps({30: 0.5})``."""
    return Steps(left)


def expires(*, days: int) -> Expires:
    """Points that are gone after *days*."""
    return Expires(days)


def faded(points: int, *, age: timedelta, decay: Decay) -> int:
    """
    What is left of an activity's points once it has aged.

    Args:
        points: Millipoints on the day it happened.
        age: Time since then. Zero or more; only whole days count.
        decay: How it fades.

    Returns:
        Millipoints, rounded once, half to even.

    Raises:
        ValueError: *age* is negative: the activity lies after ``as_of``.

    >>> faded(40_000, age=timedelta(days=28), decay=half_life(days=14))
    10000
    """
    if age < timedelta(0):
        raise DefinitionError(f"an age is not negative, as {days_text(age)} days is")
    return decay.left(points, age // DAY)
