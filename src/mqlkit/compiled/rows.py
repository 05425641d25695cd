"""
What a kept timeline holds ready for a plan, in the order of time.

A store is a plain list of instants where no more is needed, a `Row` of activities, or a `Fading`.
"""

from array import array
from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import accumulate
from operator import attrgetter, sub
from typing import Final, Literal, TypeAlias

import attrs

from ..criteria.selection import Matches
from ..lead import Lead
from ..plan import node
from ..plan.node import Need, Pick
from ..timeline import MOST_ACTIVITIES, Activity, Timeline
from ..value import DAY, EPOCH
from . import running
from .filters import apart
from .running import Ladder

Value: TypeAlias = Callable[[Activity], int | None]
_AT: Final = attrgetter("at")


@attrs.frozen(cache_hash=True)
class Wanted:
    """
    A store that a plan wants.

    Args:
        pick: Of which activities.
        what: Their instants, the activities, or how the points of those that match for sure, or
            may match, fade.
        fade: How they fade.
    """

    pick: Pick
    what: Literal["times", "row", "sure", "possible"]
    fade: node.Fade | None = None

    def store(self, activities: Iterable[Activity], *, own: bool = False) -> "Store":
        """
        The store over the activities of a timeline; *own* when it will be added to.

        Most kinds of activities are missing from most timelines: stores of none are one object.
        """
        sure, possible = apart(activities, self.pick)
        if self.what == "row":
            return Row(sure, possible) if possible or own else _NO_ROW
        times = [a.at for a in (possible if self.what == "possible" else sure)]
        if self.fade is not None:
            return Fading(times, self.fade)
        return times if times or own else _NO_TIMES

    def put(self, store: "Store", activity: Activity) -> None:
        """An activity in its place in a store of this kind; it changes the store."""
        sure, possible = apart((activity,), self.pick)
        if isinstance(store, list):
            _put_in_order(store, activity.at)
        elif isinstance(store, Row):
            store.add(sure, possible)
        else:
            for one in possible if self.what == "possible" else sure:
                store.put(one)

    def concerns(self, kind: str) -> bool:
        """Whether an activity of a kind may belong in it."""
        return not self.pick.kinds or kind in self.pick.kinds


def wanted_by(needs: Iterable[Need]) -> tuple[Wanted, ...]:
    """The stores that needs are met from, each once."""
    return tuple(dict.fromkeys(wanted for need in needs for wanted in stores_for(need)))


class Places:
    """
    The stores that a plan wants, and which of them an activity of a kind belongs in.

    Args:
        wanted: The stores, in the plan's order.
    """

    def __init__(self, wanted: Sequence[Wanted]) -> None:
        self.wanted = tuple(wanted)
        self._of: dict[str, tuple[tuple[int, Wanted], ...]] = {}

    def of(self, kind: str) -> tuple[tuple[int, Wanted], ...]:
        """Those for a kind, each with its place."""
        found = self._of.get(kind)
        if found is None:
            found = tuple((i, each) for i, each in enumerate(self.wanted) if each.concerns(kind))
            if len(self._of) < _MOST_KINDS:
                self._of[kind] = found
        return found


def stores_for(need: Need) -> Iterator[Wanted]:
    """The store of a need; of one that may fade by two amounts both."""
    if isinstance(need, node.Fade) and days_of(need) is not None:
        yield Wanted(need.pick, "sure", need)
        if need.pick.filters:
            yield Wanted(need.pick, "possible", need)
    elif need.pick.filters or isinstance(need, node.Total | node.Gather):
        yield Wanted(need.pick, "row")
    else:
        yield Wanted(need.pick, "times")


def days_of(fade: node.Fade) -> float | None:
    """A window in days, endless for none; None where it is not so many whole days."""
    if fade.window is None:
        return float("inf")
    if fade.window.calendar_months or fade.window.span % DAY:
        return None
    return fade.window.span // DAY


class Row:
    """
    Activities, oldest first: those that match for sure, and all that may.
    """

    __slots__ = ("_sums", "perhaps", "possible", "sure", "times")

    def __init__(self, sure: list[Activity], possible: list[Activity]) -> None:
        self.sure = sure
        self.possible = sure if len(sure) == len(possible) else possible
        self.times = [activity.at for activity in sure]
        same = self.possible is sure
        self.perhaps = self.times if same else [activity.at for activity in possible]
        self._sums: dict[Value, tuple[list[int], list[int]]] | None = None

    def copy(self) -> "Row":
        """The same, to add to."""
        return Row(list(self.sure), list(self.possible))

    def add(self, sure: Iterable[Activity], possible: Iterable[Activity]) -> None:
        """More activities in their places."""
        certain = {id(activity) for activity in sure}
        if self.possible is self.sure and any(id(a) not in certain for a in possible):
            self.possible, self.perhaps = list(self.sure), list(self.times)
        for activity in possible:
            if id(activity) in certain:
                insort(self.sure, activity, key=_AT)
                insort(self.times, activity.at)
            if self.possible is not self.sure:
                insort(self.possible, activity, key=_AT)
                insort(self.perhaps, activity.at)
        self._sums = None

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
        kept = self._sums
        if kept is None:
            kept = self._sums = {}
        if value not in kept:
            found = [value(activity) for activity in self.sure]
            kept[value] = (
                list(accumulate((x or 0 for x in found), initial=0)),
                list(accumulate((x is None for x in found), initial=0)),
            )
        totals, blanks = kept[value]
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


class Fading:
    """
    The points of activities that fade by whole days of age.

    Over one day by UTC each of them fades once, at the time of day at which it happened. So what
    is left in all is found once for each of these times, and then looked up until the day ends.
    Activities that come in meanwhile are counted one by one.

    Args:
        times: When they happened, oldest first.
        fade: How they fade.
    """

    __slots__ = ("_asked", "_fade", "_ladder", "_marks", "_of_day", "_within", "times")

    def __init__(self, times: list[datetime], fade: node.Fade) -> None:
        self.times = times
        self._fade = fade
        self._ladder: Ladder = running.ladder(fade.decay, fade.millis)
        self._within = days_of(fade) or 0
        self._marks: _Marks = _NO_MARKS
        self._of_day: _OfDay = _NO_DAY
        self._asked: int | None = None

    def copy(self) -> "Fading":
        """The same, to add to."""
        return Fading(list(self.times), self._fade)

    def put(self, activity: Activity) -> None:
        """One more activity."""
        insort(self.times, activity.at)
        day, phases, sums, fresh = self._of_day
        if self._fade.most < MOST_ACTIVITIES or len(fresh) >= _MOST_FRESH:
            self._of_day = _NO_DAY  # other ones may be the newest now
        else:
            self._of_day = (day, phases, sums, (*fresh, _mark(activity.at)))

    def left(self, now: datetime, today: int, moment: int) -> int:
        """
        What is left in all.

        Args:
            now: The instant.
            today: Its days since 1970 in UTC.
            moment: Its microseconds since midnight.
        """
        day, phases, sums, fresh = self._of_day
        if day != today:
            if self._asked != today and len(self.times) <= _FEW:
                self._asked = today  # a day that is asked about once is not worth its sums
                return self._one_by_one(now)
            _, phases, sums, fresh = self._turn(today)
        total = sums[bisect_right(phases, moment)]
        for phase, day in fresh:
            total += self._left(today - day - (phase > moment))
        return total

    def _one_by_one(self, now: datetime) -> int:
        kept, total = self._ladder.kept, 0
        for at in self.times[-self._fade.most :]:
            days = (now - at).days
            total += kept[days] if days in kept and days < self._within else self._left(days)
        return total

    def _turn(self, today: int) -> "_OfDay":
        """The sums of another day, kept in one step: other threads may be at other days."""
        phases, days, count = self._marks
        if count != len(self.times):
            phases, days, count = self._marks = self._marked()
        oldest, newest = today - min(days, default=today), today - max(days, default=today)
        if newest >= 0 and oldest < min(self._within, _MOST_DAYS):
            kept = self._ladder.through(oldest)
            left = [kept[today - day] for day in days]
            before = [kept[today - day - 1] for day in days]
        else:
            left = [self._left(today - day) for day in days]
            before = [self._left(today - day - 1) for day in days]
        sums = array("q", accumulate(map(sub, left, before), initial=sum(before)))
        found = self._of_day = (today, phases, sums, ())
        return found

    def _marked(self) -> "_Marks":
        """The time of day and the day of each that counts, in the order of the time of day."""
        count = len(self.times)
        marks = sorted(map(_mark, self.times[-self._fade.most :]))
        phases, days = ([mark[i] for mark in marks] for i in (0, 1))
        return array("q", phases), array("q", days), count

    def _left(self, days: int) -> int:
        if not 0 <= days < self._within:
            return 0
        kept = self._ladder.kept
        return kept[days] if days in kept else self._ladder.left(days)


_FEW: Final = 64
_MOST_DAYS: Final = 4_096
"""What is left is found for every day up to so many; of older activities for their own day."""
_MOST_FRESH: Final = 64
_MOST_KINDS: Final = 4_096
_MOST_KEPT: Final = 64
"""For so many models, and no more, a timeline holds something ready."""


def _mark(at: datetime) -> tuple[int, int]:
    """The microsecond of the day, and the day since 1970."""
    since = at - EPOCH
    return since.seconds * 1_000_000 + since.microseconds, since.days


def _put_in_order(times: list[datetime], at: datetime) -> None:
    """An instant in its place, which is most often the last."""
    if times and at < times[-1]:
        insort(times, at)
    else:
        times.append(at)


_Marks: TypeAlias = "tuple[array[int], array[int], int]"
"""Times of day, days, and of how many activities."""
_OfDay: TypeAlias = "tuple[int | None, array[int], array[int], tuple[tuple[int, int], ...]]"
"""A day, times of day, the sums after each, and the marks of those that came in since."""
_NOTHING: Final = array("q", [0])
_NO_MARKS: Final[_Marks] = (_NOTHING, _NOTHING, -1)
_NO_DAY: Final[_OfDay] = (None, _NOTHING, _NOTHING, ())
_NO_TIMES: Final[list[datetime]] = []
_NO_ROW: Final = Row([], [])
Store: TypeAlias = "list[datetime] | Row | Fading"


class Rows:
    """
    All stores of one timeline for one plan, and what the attributes of its lead come to.

    Args:
        timeline: The activities, oldest first.
        places: The stores, in the plan's order.
        own: Whether it will be added to.
    """

    __slots__ = ("_places", "about", "stores")

    def __init__(self, timeline: Iterable[Activity], places: Places, *, own: bool = False) -> None:
        activities = tuple(timeline)
        self._places = places
        self.stores = tuple(each.store(activities, own=own) for each in places.wanted)
        self.about: tuple[object, object, tuple[object, ...]] | None = None

    def add(self, activity: Activity) -> None:
        """One more activity; it changes the stores."""
        stores = self.stores
        for place, each in self._places.of(activity.kind):
            each.put(stores[place], activity)

    def plus(self, added: Sequence[Activity]) -> "Rows":
        """Other rows with more activities; a store that they do not concern is shared."""
        rows = Rows((), _NOWHERE)
        rows._places, rows.about = self._places, self.about
        concerned = {place for one in added for place, _ in self._places.of(one.kind)}
        rows.stores = tuple(
            store.copy() if place in concerned else store for place, store in enumerate(self.stores)
        )
        for activity in added:
            rows.add(activity)
        return rows

    def attributes_of(
        self, lead: Lead, find: "Callable[[], tuple[tuple[object, ...], bool]]"
    ) -> tuple[object, ...]:
        """What the attributes come to: kept as long as they are the same and have no history."""
        about = self.about
        if about is not None and about[0] is lead.attributes and about[1] is lead.account:
            return about[2]
        found, stands = find()
        if stands:
            self.about = (lead.attributes, lead.account, found)
        return found


_NOWHERE: Final = Places(())


def rows(timeline: Timeline, key: object, places: Places) -> Rows:
    """The rows that a timeline keeps under a key; found when they are first asked for."""
    kept = timeline.kept.get(key)
    if kept is None:
        if len(timeline.kept) >= _MOST_KEPT:
            timeline.kept.clear()  # most of it is of models that are gone
        kept = timeline.kept[key] = Rows(timeline, places)
    return kept  # type: ignore[return-value]
