"""
What a lead did: the start of every question about its timeline.

``activity("page_view", page="/pricing").within(days=30).count() >= 3``. With no match a count is
0, known; with no timeline loaded nothing is known.
"""

from collections.abc import Mapping
from typing import ClassVar

import attrs

from ..criterion import Criterion
from ..window import window
from .aggregate import (
    Blanks,
    Count,
    DaysSinceFirst,
    DaysSinceLast,
    Distinct,
    Greatest,
    Least,
    Sum,
)
from .attribute import attribute
from .selection import Selection
from .sequence import Sequence


@attrs.frozen(cache_hash=True, repr=False)
class Activities(Selection):
    """
    Some of the activities of a lead, and the questions to ask about them.

    Made by `activity`, narrowed by `where`, `within` and `of_account`.
    """

    # -- choosing ----------------------------------------------------------------------------

    to_ask: ClassVar[str] = (
        "ask .happened(), .did_not() or .count() >= 3; or give points for each with Rule.each"
    )

    def where(self, *filters: Criterion, **properties: object) -> "Activities":
        """Only those whose properties satisfy the criteria, asked like attributes."""
        filters = (*filters, *_filters(properties))
        return attrs.evolve(self, where=(*self.filters, *filters))

    def within(self, **span: int) -> "Activities":
        """Only those of the last ``days``, ``weeks``, ``months``, ``hours``, ``minutes``."""
        return attrs.evolve(self, within=window(**span))

    def of_account(self) -> "Activities":
        """The account's activities instead of the lead's own."""
        return attrs.evolve(self, of="account")

    # -- measuring ---------------------------------------------------------------------------

    def count(self) -> "Count":
        """How many there are."""
        return Count(self)

    def distinct(self, field: str) -> "Distinct":
        """How many different values a property has."""
        return Distinct(self, field=field)

    def sum(self, field: str, *, blanks: Blanks = "unknown") -> "Sum":
        """The sum of a property, in whole thousandths."""
        return Sum(self, field=field, blanks=blanks)

    def min(self, field: str, *, blanks: Blanks = "unknown") -> "Least":
        """The least value of a property."""
        return Least(self, field=field, blanks=blanks)

    def max(self, field: str, *, blanks: Blanks = "unknown") -> "Greatest":
        """The greatest value of a property."""
        return Greatest(self, field=field, blanks=blanks)

    def days_since_last(self) -> "DaysSinceLast":
        """Days since the newest, exact; infinite when there is none."""
        return DaysSinceLast(self)

    def days_since_first(self) -> "DaysSinceFirst":
        """Days since the oldest, exact; infinite when there is none."""
        return DaysSinceFirst(self)

    def happened(self, times: int = 1) -> Criterion:
        """Whether there are *times* or more: count and recency in one, with `within`."""
        return Count(self) >= times

    def did_not(self) -> Criterion:
        """Whether there is none."""
        return Count(self).equals(0)

    def then(self, other: "Activities", **within: int) -> Criterion:
        """Whether one of these is followed, strictly later, by one of *other*."""
        return Sequence(self, other, window(**within) if within else None)


def activity(*kinds: str, **properties: object) -> Activities:
    """
    The activities of some kinds, or of any, to count or otherwise measure.

    Args:
        kinds: Which kinds; any when none is given.
        properties: What their properties must be: a value, or a list of allowed ones. For other
            questions and for names that are no keywords use `Activities.where`.

    >>> (activity("page_view", page="/pricing").within(days=30).count() >= 3).describe()
    'at least 3 page_view where page is "/pricing" in the last 30 days'
    """
    return Activities(kinds, _filters(properties))


def _filters(properties: Mapping[str, object]) -> tuple[Criterion, ...]:
    """What the properties must be, as criteria."""
    return tuple(
        attribute(name).is_in(*value)
        if isinstance(value, list | tuple | set | frozenset)
        else attribute(name).equals(value)  # type: ignore[arg-type]
        for name, value in sorted(properties.items())
    )
