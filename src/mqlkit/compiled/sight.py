"""
What a kept timeline holds ready for looking ahead: the instants of the activities of each pick.
"""

from bisect import insort
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from ..plan.node import Pick
from ..timeline import Activity, Timeline
from ..value import DAY, EPOCH
from .filters import apart

_KEY: Final = "sight"
_MOST_WAITING: Final = 64


class Times(list[datetime]):
    """
    When the activities of one pick happened, oldest first: all that may match.
    """

    __slots__ = ("_phases",)

    def phases(self) -> list[tuple[timedelta, datetime]]:
        """Each with its time of day by UTC, at which it fades, in the order of that."""
        if not hasattr(self, "_phases"):
            self._phases = sorted(((at - EPOCH) % DAY, at) for at in self)
        return self._phases

    def plus(self, added: Iterable[datetime]) -> "Times":
        """These and some more."""
        times = Times(self)
        phases = list(self._phases) if hasattr(self, "_phases") else None
        for at in added:
            insort(times, at)
            if phases is not None:
                insort(phases, ((at - EPOCH) % DAY, at))
        if phases is not None:
            times._phases = phases
        return times


class Looker(Protocol):
    """What finds the next instant among the activities of a timeline."""

    picks: tuple[Pick, ...]

    def in_rows(self, rows: tuple[bool, tuple[Times, ...]], now: datetime) -> datetime:
        """By the instants of its picks; first whether some of them are still to come."""
        ...

    def in_list(self, activities: Sequence[Activity], now: datetime, best: datetime) -> datetime:
        """By the activities in any order; *best* when that comes first."""
        ...


class Sight:
    """
    What was found of one timeline: by pick the instants, and for each looker the next one.

    Args:
        found: The instants of the picks that were asked for already.
        next: For each looker from when until when nothing goes off, and the activities that were
            not looked at yet.
    """

    __slots__ = ("_found", "_next")

    def __init__(
        self,
        found: dict[Pick, Times],
        next: dict[Looker, tuple[datetime, datetime, tuple[Activity, ...]]],
    ) -> None:
        self._found = found
        self._next = next

    def plus(self, added: Sequence[Activity]) -> "Sight":
        """The same with more activities; the instants that they do not concern are shared."""
        found = {}
        for pick, times in self._found.copy().items():
            more = may_match(added, pick)
            found[pick] = times.plus(more) if more else times
        later = {
            looker: (since, until, (*waiting, *added))
            for looker, (since, until, waiting) in self._next.copy().items()
            if len(waiting) < _MOST_WAITING  # else it is found anew
        }
        return Sight(found, later)

    def next(self, looker: Looker, timeline: Timeline, now: datetime) -> datetime:
        """
        The next instant that the looker finds.

        It is the same until it comes, unless there are more activities, which are looked at alone.
        """
        known = self._next.get(looker)
        if known is not None and known[0] <= now < known[1]:
            if not known[2]:
                return known[1]
            found = looker.in_list(known[2], now, known[1])
        else:
            newest = timeline.newest
            later = newest is not None and newest > now
            rows = tuple(self._times(timeline, pick) for pick in looker.picks)
            found = looker.in_rows((later, rows), now)
        self._next[looker] = (now, found, ())
        return found

    def _times(self, timeline: Timeline, pick: Pick) -> Times:
        found = self._found.get(pick)
        if found is None:
            found = self._found[pick] = Times(may_match(timeline, pick))
        return found


def may_match(activities: Iterable[Activity], pick: Pick) -> list[datetime]:
    """The instants of the activities that may match, in their order."""
    return [activity.at for activity in apart(activities, pick)[1]]


def sight(timeline: Timeline) -> Sight:
    """What a timeline keeps for looking ahead."""
    kept = timeline.kept.get(_KEY)
    if not isinstance(kept, Sight):
        kept = timeline.kept[_KEY] = Sight({}, {})
    return kept
