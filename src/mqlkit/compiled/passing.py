"""
Activities over a span of time: those that count all along, and those that come or go.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import accumulate
from typing import Final, NamedTuple, cast

from ..criteria.selection import Selection
from ..decay import Decay
from ..plan.asking import pick
from ..plan.node import Pick
from ..timeline import Activity
from ..value import MICROSECOND
from ..window import Window
from . import running
from .filters import apart
from .verdicts import ANY, UNKNOWN, Ends, Verdicts

_ENDLESS: Final = float("inf")


class Places(NamedTuple):
    """
    Places in a list of activities: *some* count at some instant of a span, *all* throughout it.
    """

    some: int
    all: int
    all_end: int
    some_end: int


class Passing:
    """
    The instants of some activities of one kind, oldest first.

    Args:
        times: When they happened.
        window: How far back they count.
    """

    def __init__(self, times: list[datetime], window: Window | None) -> None:
        self.times = times
        self._window = window

    def places(self, start: datetime, end: datetime) -> Places:
        """Those that count in a span."""
        first, last = bisect_right(self.times, start), bisect_right(self.times, end)
        if self._window is None:
            return Places(0, 0, first, last)
        some = bisect_right(self.times, self._window.start(start))
        all_along = bisect_right(self.times, self._window.start(end))
        if all_along > first:  # none counts throughout
            all_along = first = min(all_along, last)
        return Places(some, all_along, first, last)

    def count(self, start: datetime, end: datetime) -> tuple[int, int]:
        """The fewest and the most that count at one instant."""
        some, all_along, all_end, some_end = self.places(start, end)
        return all_end - all_along, some_end - some

    def age(self, start: datetime, end: datetime) -> tuple[float, float]:
        """How old the newest is at the least and at the most, in microseconds; endless for none."""
        some, all_along, all_end, some_end = self.places(start, end)
        if some_end == some:
            return _ENDLESS, _ENDLESS
        newest = self.times[some_end - 1]
        least = 0 if newest > start else (start - newest) // MICROSECOND
        if all_end == all_along:
            return least, _ENDLESS
        return least, (end - self.times[all_end - 1]) // MICROSECOND

    def left(
        self, start: datetime, end: datetime, most: int, decay: Decay | None, millis: int
    ) -> tuple[int, int]:
        """What is left in all of the millipoints of each, of so many of the newest."""
        some, all_along, all_end, some_end = self.places(start, end)
        few, many = min(all_end - all_along, most), min(some_end - some, most)
        if decay is None:
            ends = few * millis, many * millis
        else:
            # The newer, the more is left: of more activities as many of the newest give more.
            ladder = running.ladder(decay, millis)
            kept, find = ladder.kept, ladder.left
            least = greatest = 0
            for at in self.times[all_end - few : all_end]:
                days = (end - at).days
                least += kept[days] if days in kept else find(days)
            for at in self.times[some_end - many : some_end]:
                days = (start - at).days if at < start else 0
                greatest += kept[days] if days in kept else find(days)
            ends = least, greatest
        return min(ends), max(ends)


class Summands:
    """
    What activities add to a sum, at its lower and at its upper end.

    Args:
        activities: Those that may match, oldest first.
        sure: The ids of the objects that match for sure.
        value: What one adds, in thousandths; None for a blank.
        skip: Whether a blank adds nothing, and else leaves the sum unknown.
    """

    def __init__(
        self,
        activities: Iterable[Activity],
        sure: frozenset[int],
        value: Callable[[Activity], int | None],
        *,
        skip: bool,
    ) -> None:
        low: list[int] = []
        high: list[int] = []
        blank: list[int] = []
        for activity in activities:
            found, certain = value(activity), id(activity) in sure
            blank.append(found is None and not skip)
            found = found or 0
            low.append(found if certain else min(found, 0))
            high.append(found if certain else max(found, 0))
        self._ends = (_sums(low), _sums(high))
        self._blank = list(accumulate(blank, initial=0))
        self._one = low == high

    def over(self, places: Places) -> Ends:
        """The sum in a span."""
        some, all_along, all_end, some_end = places
        ends = [bound for end in self._ends for bound in _bounds(end, places)]
        blank: Verdicts = UNKNOWN if self._blank[some_end] > self._blank[some] else 0
        if self._blank[all_end] > self._blank[all_along]:
            blank = ANY
        return Ends._make((*ends, self._one, blank))


def _sums(end: list[int]) -> list[list[int]]:
    """What the first so many add: all of them, those that take away, and those that do not."""
    parts = (end, [min(x, 0) for x in end], [max(x, 0) for x in end])
    return [list(accumulate(part, initial=0)) for part in parts]


def _bounds(end: list[list[int]], places: Places) -> tuple[int, int]:
    """The least and the most that one end may be."""
    some, first, last, beyond = places
    whole, below, above = end
    sure = whole[last] - whole[first]
    least, most = (
        bound[first] - bound[some] + bound[beyond] - bound[last] for bound in (below, above)
    )
    return sure + least, sure + most


class Chosen:
    """
    The activities that a selection chooses.

    Args:
        selection: Which; a plain one.
        activities: Of the timeline, oldest first.
    """

    def __init__(self, selection: Selection, activities: Iterable[Activity]) -> None:
        chosen = cast(Pick, pick(selection))  # that of a plain selection
        sure, self.possible_ones = apart(activities, chosen)
        self.certain = frozenset(map(id, sure))
        self.sure = Passing([a.at for a in sure], selection.window)
        self.possible = Passing([a.at for a in self.possible_ones], selection.window)
        self.one = len(sure) == len(self.possible_ones)
