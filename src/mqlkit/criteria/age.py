"""How long ago a date attribute was; exact, not whole days, and negative before it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import attrs

from ..criterion import earliest
from ..lead import Snapshot
from ..measure import Measure, Range
from ..registry import register
from ..value import DAY, MICROSECOND, Kind
from .field import field_name, next_change

DAY_UNITS: Final = DAY // MICROSECOND
"""Microseconds in a day: the whole units in which ages are compared."""


def crossings(moment: datetime, bounds: Iterable[Any], as_of: datetime) -> datetime | None:
    """
    The next instant at which the age of *moment* reaches or passes one of *bounds*.

    Args:
        moment: From when the age counts.
        bounds: Ages in microseconds.
        as_of: The answer lies after it.
    """
    found = []
    for bound in bounds:
        for units in (int(bound), int(bound) + 1):
            try:
                found.append(moment + units * MICROSECOND)
            except OverflowError:  # beyond the calendar: never
                continue
    return earliest(instant for instant in found if instant > as_of)


@register("days_since", main="field")
@attrs.frozen(cache_hash=True, order=False)
class DaysSince(Measure):
    """
    Days since the date or instant in a field.

    Args:
        field: Its name, or a dotted path into a related record.
    """

    scale = DAY_UNITS

    field: str = attrs.field(converter=field_name)

    def range(self, lead: Snapshot, kind: Kind = "number") -> Range | None:
        moment = lead.moment(self.field)
        if moment is None:
            return None
        age = (lead.as_of - moment) // MICROSECOND
        return Range(age, age)

    def describe(self) -> str:
        return f"days since {self.field}"

    def changes_at(self, lead: Snapshot, bounds: Iterable[Any] = ()) -> datetime | None:
        moment = lead.moment(self.field)
        crossing = None if moment is None else crossings(moment, bounds, lead.as_of)
        return earliest([crossing, next_change(self.field, lead)])
