"""
What can be measured about some activities: how many, how much, how long ago.

Each measure is a range from what is sure to what is possible. Sums add whole thousandths, so
that neither order nor engine can move them.
"""

import math
from abc import abstractmethod
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

import attrs

from ..criterion import earliest
from ..lead import Seen, Snapshot, Trace
from ..measure import Measure, Range
from ..registry import register
from ..timeline import Activity
from ..value import MICROSECOND, Kind, Scalar, as_number, show
from .age import DAY_UNITS, crossings
from .field import field_name
from .selection import Matches, Selection

Blanks: TypeAlias = Literal["unknown", "skip"]
INFINITY: Final = float("inf")
_GREATEST_SUMMAND: Final = 10**12


@attrs.frozen(order=False)
class ActivityMeasure(Measure):
    """A number that comes from some activities."""

    activities: Selection = attrs.field(validator=attrs.validators.instance_of(Selection))

    @property
    def about_knowledge(self) -> bool:  # type: ignore[override]
        return self.activities.about_knowledge

    def range(self, lead: Snapshot, kind: Kind = "number") -> Range | None:
        matches = self.activities.matching(lead)
        return None if matches is None else self.over(matches, lead)

    @abstractmethod
    def over(self, matches: Matches, lead: Snapshot) -> Range | None:
        """The measure over the activities that match and may match; None when unknown."""

    def changes_at(self, lead: Snapshot, bounds: Iterable[Any] = ()) -> datetime | None:
        return self.activities.changes_at(lead)


@register("count", main="activities")
@attrs.frozen(cache_hash=True, order=False)
class Count(ActivityMeasure):
    """How many activities there are."""

    def over(self, matches: Matches, lead: Snapshot) -> Range:
        return Range(len(matches.sure), len(matches.possible))

    def told_by(self, lead: Snapshot) -> object:
        if type(self) is not Count or type(lead) is not Snapshot or not self.activities.plain:
            return None
        matches = self.activities.matching(lead)
        return None if matches is None else len(matches.sure)

    def came_to(self, value: str) -> Seen:
        return Seen("", f"{value} found")

    def describe(self) -> str:
        return f"number of {self.activities.describe()}"

    def phrase(self, relation: str, bound: Scalar) -> str:
        if relation == "is" and bound == 0:
            return f"no {self.activities.describe()}"
        if relation == "is at least" and bound == 1:
            return f"any {self.activities.describe()}"
        how_many = "exactly" if relation == "is" else relation.removeprefix("is ")
        return f"{how_many} {show(bound)} {self.activities.describe()}"


@attrs.frozen(order=False)
class PropertyMeasure(ActivityMeasure):
    """A number that comes from one property of some activities."""

    field: str = attrs.field(converter=field_name, kw_only=True)

    def values(
        self, activities: Iterable[Activity], lead: Snapshot, kind: Kind = "number"
    ) -> list[Any]:
        """The property of each activity; None where it is blank or of another kind."""
        return [lead.inside(activity).read(self.field, kind) for activity in activities]


@register("distinct", main="field")
@attrs.frozen(cache_hash=True, order=False)
class Distinct(PropertyMeasure):
    """How many different values a property has; a blank one may be another, or not."""

    def over(self, matches: Matches, lead: Snapshot) -> Range:
        sure = set(self._keys(matches.sure, lead))
        possible = self._keys(matches.possible, lead)
        blanks = sum(key is None for key in possible)
        return Range(len(sure - {None}), len({*possible} - {None}) + blanks)

    def _keys(self, activities: Iterable[Activity], lead: Snapshot) -> list[object]:
        return self.values(activities, lead, "single")

    def describe(self) -> str:
        return f"number of different {self.field} of {self.activities.describe()}"


@attrs.frozen(order=False)
class BlankMeasure(PropertyMeasure):
    """A measure that a blank property leaves open, unless told to skip it."""

    blanks: Blanks = attrs.field(
        default="unknown", validator=attrs.validators.in_(("unknown", "skip")), kw_only=True
    )

    @property
    def about_knowledge(self) -> bool:  # type: ignore[override]
        return self.blanks == "skip" or self.activities.about_knowledge

    def over(self, matches: Matches, lead: Snapshot) -> Range | None:
        sure = self.values(matches.sure, lead)
        possible = self.values(matches.possible, lead)
        if self.blanks == "unknown" and None in possible:
            return None
        return self.of_numbers(
            [number for number in sure if number is not None],
            [number for number in possible if number is not None],
        )

    @abstractmethod
    def of_numbers(self, sure: list[Any], possible: list[Any]) -> Range:
        """The measure over numbers that count for sure, and all that may count."""


@register("sum", main="field")
@attrs.frozen(cache_hash=True, order=False)
class Sum(BlankMeasure):
    """The sum of a property, each value rounded once to a thousandth; 0 when there is none."""

    scale = 1000

    def values(
        self, activities: Iterable[Activity], lead: Snapshot, kind: Kind = "number"
    ) -> list[Any]:
        happened = tuple(activities)
        found = []
        for activity, value in zip(happened, super().values(happened, lead, kind), strict=True):
            found.append(thousandths(value))
            if value is not None and found[-1] is None and isinstance(lead, Trace):
                fault = f"wanted a number of at most {_GREATEST_SUMMAND:,}"
                lead.note(Seen(self.field, show(value), activity.kind, kind, True, fault))
        return found

    def of_numbers(self, sure: list[Any], possible: list[Any]) -> Range:
        def total(perhaps: Callable[[int], bool]) -> Any:
            return sum(sure) + sum(filter(perhaps, possible)) - sum(filter(perhaps, sure))

        return Range(total(lambda n: n < 0), total(lambda n: n > 0))

    def describe(self) -> str:
        return f"sum of {self.field} of {self.activities.describe()}"


def thousandths(value: object) -> int | None:
    """
    A number in whole thousandths, ``floor(x * 1000 + 0.5)``; None beyond a million millions.

    >>> thousandths(19.99), thousandths(float("inf"))
    (19990, None)
    """
    number = as_number(value)
    if number is None or not -_GREATEST_SUMMAND <= number <= _GREATEST_SUMMAND:
        return None
    return math.floor(number * 1000 + 0.5) if isinstance(number, float) else number * 1000


@register("min", main="field")
@attrs.frozen(cache_hash=True, order=False)
class Least(BlankMeasure):
    """The least value of a property; infinite when there is none."""

    def of_numbers(self, sure: list[Any], possible: list[Any]) -> Range:
        return Range(min(possible, default=INFINITY), min(sure, default=INFINITY))

    def describe(self) -> str:
        return f"least {self.field} of {self.activities.describe()}"


@register("max", main="field")
@attrs.frozen(cache_hash=True, order=False)
class Greatest(BlankMeasure):
    """The greatest value of a property; minus infinity when there is none."""

    def of_numbers(self, sure: list[Any], possible: list[Any]) -> Range:
        return Range(max(sure, default=-INFINITY), max(possible, default=-INFINITY))

    def describe(self) -> str:
        return f"greatest {self.field} of {self.activities.describe()}"


@attrs.frozen(order=False)
class AgeMeasure(ActivityMeasure):
    """Days since one of the activities, exact; infinite when there is none."""

    scale = DAY_UNITS

    def changes_at(self, lead: Snapshot, bounds: Iterable[Any] = ()) -> datetime | None:
        matches = self.activities.matching(lead)
        ages = [
            crossings(activity.at, bounds, lead.as_of)
            for activity in ([] if matches is None else matches.possible)
        ]
        return earliest([*ages, self.activities.changes_at(lead)])


def _age(activities: tuple[Activity, ...], index: int, lead: Snapshot) -> float:
    """Age of the activity at *index* in microseconds; infinite when there are none."""
    return (lead.as_of - activities[index].at) // MICROSECOND if activities else INFINITY


@register("days_since_last", main="activities")
@attrs.frozen(cache_hash=True, order=False)
class DaysSinceLast(AgeMeasure):
    """Days since the newest activity."""

    def over(self, matches: Matches, lead: Snapshot) -> Range:
        return Range(_age(matches.possible, -1, lead), _age(matches.sure, -1, lead))

    def describe(self) -> str:
        return f"days since the last of {self.activities.describe()}"


@register("days_since_first", main="activities")
@attrs.frozen(cache_hash=True, order=False)
class DaysSinceFirst(AgeMeasure):
    """Days since the oldest activity."""

    def over(self, matches: Matches, lead: Snapshot) -> Range:
        if matches.sure:
            return Range(_age(matches.sure, 0, lead), _age(matches.possible, 0, lead))
        return Range(_age(matches.possible, -1, lead), INFINITY)

    def describe(self) -> str:
        return f"days since the first of {self.activities.describe()}"
