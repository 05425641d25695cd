"""
Points: at most three decimals, kept as whole millipoints.

Every contribution is rounded once and then only integers are added, so neither order nor engine
can move a score. What an unknown leaves open is a range.
"""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple, TypeAlias

from .errors import DefinitionError, KindError
from .value import exact, show

MOST_POINTS: Final = 1_000_000

TOTAL: Final = "total"
"""The name of the only card's score: all points together."""

_MOST_DIGITS: Final = 1_000
Number: TypeAlias = int | float | Decimal


def millipoints(value: object, what: str = "points") -> int:
    """
    Points as whole thousandths.

    Raises:
        KindError: *value* is not a number.
        DefinitionError: it has more than three decimals, or is beyond a million.

    >>> millipoints(8.7)
    8700
    """
    if type(value) is int and -MOST_POINTS <= value <= MOST_POINTS:
        return value * 1000  # most often it is that simple
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise KindError(f"{what} must be a number, not {show(value)}")
    endless = isinstance(value, Decimal) and not value.is_finite()
    if endless or not -MOST_POINTS <= value <= MOST_POINTS:
        raise DefinitionError(f"{what} lie between -1,000,000 and 1,000,000, not {show(value)}")
    thousandths = (exact(float(value)) if isinstance(value, float) else _exactly(value)) * 1000
    if thousandths != int(thousandths):
        raise DefinitionError(f"{what} have at most three decimals, not {show(value)}")
    return int(thousandths)


def _exactly(value: int | Decimal) -> Fraction:
    """*value* as a fraction: a Decimal would count by whatever context its caller has set."""
    if isinstance(value, Decimal) and abs(int(value.as_tuple().exponent)) > _MOST_DIGITS:
        return Fraction(bool(value), 10_000)  # too fine, and as a fraction it could fill memory
    return Fraction(value)


def in_points(millis: int) -> Decimal:
    """
    Millipoints as points, exact.

    >>> in_points(8_700), in_points(30_000), in_points(-5)
    (Decimal('8.7'), Decimal('30'), Decimal('-0.005'))
    """
    whole_points, rest = divmod(abs(millis), 1000)
    if not rest and type(millis) is int:
        return Decimal(millis // 1000)
    sign = "-" if millis < 0 else ""
    return Decimal(f"{sign}{whole_points}.{rest:03}".rstrip("0").rstrip("."))


def plain_points(millis: int) -> int | float:
    """Millipoints as a JSON number; its shortest spelling is exact."""
    return millis // 1000 if millis % 1000 == 0 else millis / 1000


def normal_points(value: object) -> int | float:
    """Points as a definition keeps them: in one normal form."""
    points = in_points(millipoints(value))
    return int(points) if points == int(points) else float(points)


class Triple(NamedTuple):
    """Millipoints at the least, with every unknown giving nothing, and at the most."""

    low: int
    points: int
    high: int

    def plus(self, other: "Triple") -> "Triple":
        """The sum, end by end."""
        return Triple(self.low + other.low, self.points + other.points, self.high + other.high)

    def minus(self, other: "Triple") -> "Triple":
        """The difference, end by end."""
        return Triple(self.low - other.low, self.points - other.points, self.high - other.high)

    def settled(self) -> "Triple":
        """With every unknown counted as no."""
        return Triple(self.points, self.points, self.points)

    @property
    def open(self) -> bool:
        """Whether an unknown could still move it."""
        return self.low != self.high


NOTHING: Final = Triple(0, 0, 0)


def added(several: Iterable[Triple]) -> Triple:
    """The sum of *several*, end by end; nothing of none."""
    low = points = high = 0
    for least, sure, most in several:
        low += least
        points += sure
        high += most
    return Triple(low, points, high)


def span(millis: Iterable[int]) -> tuple[int, int]:
    """The least and the most of *millis* and of nothing."""
    several = (0, *millis)
    return min(several), max(several)
