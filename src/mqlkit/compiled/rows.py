"""
What a kept timeline holds ready for a plan: for each pick its activities in the order of time.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import accumulate
from typing import TypeAlias

from ..criteria.selection import Matches
from ..plan.node import Pick
from ..timeline import Activity, Timeline
from . import running

Value: TypeAlias = Callable[[Activity], int | None]


class Row:
    """
    The activities of one pick, oldest first: those that match for sure, and all that may.

    Args:
        sure: Those that match.
        possible: These and those that may match.
    """

    __slots__ = ("_sums", "perhaps", "possible", "sure", "times")

    def __init__(self, sure: list[Activity], possible: list[Activity]) -> None:
        self.sure = sure
        self.possible = possible
        self.times = [activity.at for activity in sure]
        self.perhaps = (
            self.times if len(sure) == len(possible) else [activity.at for activity in possible]
        )
        self._sums: dict[Value, tuple[list[int], list[int]]] = {}

    def until(self, now: datetime) -> "Row":
        """What had happened by *now*."""
        sure, possible = bisect_right(self.times, now), bisect_right(self.perhaps, now)
        return Row(self.sure[:sure], self.possible[:possible])

    def matches(self, start: datetime | None) -> Matches:
        """The activities after *start*."""
        if start is None:
            return Matches(tuple(self.sure), tuple(self.possible))
        sure, possible = bisect_right(self.times, start), bisect_right(self.perhaps, start)
        return Matches(tuple(self.sure[sure:]), tuple(self.possible[possible:]))

    def total(
        self, start: datetime | None, value: Value, skip: bool
    ) -> tuple[int, int] | tuple[None, None]:
        """The sum of a property after *start*, at the least and at the most."""
        if self.perhaps is not self.times:
            return self._open_total(start, value, skip)
        sums = self._sums.get(value)
        if sums is None:
            found = [value(activity) for activity in self.sure]
            sums = self._sums[value] = (
                list(accumulate((x or 0 for x in found), initial=0)),
                list(accumulate((x is None for x in found), initial=0)),
            )
        totals, blanks = sums
        first = 0 if start is None else bisect_right(self.times, start)
        if not skip and blanks[-1] != blanks[first]:
            return None, None
        total = totals[-1] - totals[first]
        return total, total

    def _open_total(
        self, start: datetime | None, value: Value, skip: bool
    ) -> tuple[int, int] | tuple[None, None]:
        sure, possible = self.matches(start)
        certain = set(map(id, sure))
        low = high = 0
        for activity in possible:
            found = value(activity)
            if found is None:
                if not skip:
                    return None, None
                continue
            known = id(activity) in certain
            low += found if known or found < 0 else 0
            high += found if known or found > 0 else 0
        return low, high


class Rows:
    """All rows of one timeline for one plan, in the plan's order."""

    __slots__ = ("_wanted", "rows")

    def __init__(self, timeline: Iterable[Activity], wanted: Sequence[tuple[Pick, bool]]) -> None:
        self._wanted = wanted
        activities = tuple(timeline)
        self.rows = tuple(_row(activities, pick, full) for pick, full in wanted)

    def plus(self, added: Sequence[Activity]) -> "Rows | None":
        """None: it is made anew when it is asked for."""
        return None


def _row(activities: tuple[Activity, ...], pick: Pick, full: bool) -> "Row | list[datetime]":
    kinds = frozenset(pick.kinds)
    some = [a for a in activities if a.kind in kinds] if kinds else list(activities)
    if not full:
        return [activity.at for activity in some]
    if not pick.filters:
        return Row(some, some)
    satisfied = running.filtering(pick.filters)
    judged = [(activity, satisfied(activity)) for activity in some]
    return Row(
        [activity for activity, answer in judged if answer],
        [activity for activity, answer in judged if answer is not False],
    )


def rows(
    timeline: Timeline, key: object, wanted: Sequence[tuple[Pick, bool]]
) -> tuple[object, ...]:
    """The rows that a timeline keeps under a key; found when they are first asked for."""
    kept = timeline.kept.get(key)
    if kept is None:
        kept = timeline.kept[key] = Rows(timeline, wanted)
    return kept.rows  # type: ignore[attr-defined]
