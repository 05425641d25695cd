"""
What a lead did: activities, in the order of their own time.

An activity is kept by when it happened, never by when it was written down, so late, repeated and
shuffled ones end in the same timeline.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import groupby, pairwise, starmap
from operator import attrgetter, eq, lt
from typing import Any, Final, Never, Protocol, TypeAlias

import attrs

from .errors import KindError, LeadDataError
from .value import as_moment, as_number, instant, is_blank, moment_text, show

MOST_ACTIVITIES: Final = 1_000_000
"""A timeline holds no more, so that every sum of points fits in 64 bits."""


class _Nothing(dict[str, object]):
    """The one empty mapping of all that has no properties: nobody can put anything into it."""

    __slots__ = ()

    def _refuse(self, *_: object, **__: object) -> Never:
        raise TypeError("the properties of an activity and the attributes of a lead are frozen")

    _refused: Any = _refuse
    __setitem__ = __ior__ = update = setdefault = _refused

    def __reduce__(self) -> str:
        return "NOTHING"


NOTHING: Final[Mapping[str, object]] = _Nothing()

_PLAIN: Final = frozenset((str, int, float, bool, type(None), datetime, date, Decimal))
"""Kinds of values that nobody can change."""

_Content: TypeAlias = tuple[str, tuple[tuple[object, ...], ...]]
_ABSENT: Final = (1,)  # after every property, each of which begins with 0


def freeze(value: object) -> object:
    """A copy of a list, set or mapping that its giver can no longer change; else *value*."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Mapping):
        return frozen_mapping(value)
    if isinstance(value, list | tuple):
        return tuple(map(freeze, value))
    return frozenset(value) if isinstance(value, set) else value


def frozen_mapping(value: Mapping[str, object]) -> Mapping[str, object]:
    """A copy of *value* for a lead or an activity to keep."""
    if type(value) is dict and _PLAIN.issuperset(map(type, value.values())):
        return value.copy() if value else NOTHING
    if not isinstance(value, Mapping):
        raise KindError(f"attributes and properties are a mapping by name, not {show(value)}")
    try:
        return {key: freeze(item) for key, item in value.items()} or NOTHING
    except RecursionError:
        raise LeadDataError("a value holds lists or records too deep within one another") from None


@attrs.frozen(init=False, weakref_slot=False)
class Activity:
    """
    One thing that a lead or somebody of its account did.

    Args:
        kind: What was done, such as ``"page_view"``; compared letter by letter.
        at: When. Aware; kept in UTC.
        properties: What else is known of it, by name, ``channel`` among them.
        id: Where given, one id counts once.

    Raises:
        LeadDataError: *kind* is blank.
        NaiveTimeError: *at* has no time zone.

    >>> from datetime import UTC, datetime
    >>> Activity("page_view", datetime(2026, 3, 1, 12, tzinfo=UTC), {"page": "/pricing"}).kind
    'page_view'
    """

    kind: str
    at: datetime
    properties: Mapping[str, object] = NOTHING
    id: str | None = None

    # Written out: leads have thousands, and most need no more than a look at each part.
    def __init__(
        self,
        kind: str,
        at: datetime,
        properties: Mapping[str, object] = NOTHING,
        id: str | None = None,
    ) -> None:
        if type(at) is not datetime or at.tzinfo is not UTC:
            at = instant(at, "an activity's time")
        if properties is not NOTHING:
            properties = frozen_mapping(properties)
        if type(kind) is not str or not kind or kind[0] == " ":
            _check_kind(kind)
        if id is not None and type(id) is not str:
            _check_id(id)
        _set_kind(self, kind)
        _set_at(self, at)
        _set_properties(self, properties)
        _set_id(self, id)

    @property
    def content(self) -> _Content:
        """
        What two activities of one id should agree on, comparable whatever the values are.

        Sorts by kind, then as ``ORDER BY a NULLS LAST, b NULLS LAST, ...`` does over all properties
        by name. A blank one counts as absent. Of one property flags come first, then numbers, text
        letter by letter, moments, and anything else as it is spelled.
        """
        known = [
            (0, name if isinstance(name, str) else _in_full(name), _value_key(value))
            for name, value in self.properties.items()
            if not is_blank(value)
        ]
        return self.kind, (*sorted(known), _ABSENT)


class Draft:
    """
    An activity while it is made by who has checked its parts already, and has many to make.

    Its slots are those of `Activity` and can be set; ``draft.__class__ = Activity`` seals it.
    """

    __slots__ = ("at", "id", "kind", "properties")

    kind: str
    at: datetime
    properties: Mapping[str, object]
    id: str | None


def _setter(name: str) -> Callable[[Activity, object], None]:
    """What sets a part of an activity while it is made; nobody can afterwards."""
    setter: Callable[[Activity, object], None] = vars(Activity)[name].__set__
    return setter


_set_kind, _set_at = _setter("kind"), _setter("at")
_set_properties, _set_id = _setter("properties"), _setter("id")


def _check_kind(kind: object) -> None:
    if not isinstance(kind, str) or is_blank(kind):
        raise LeadDataError(f"an activity needs a kind, such as 'page_view', not {show(kind)}")


def _check_id(id: object) -> None:
    if not isinstance(id, str):
        raise LeadDataError(f"an activity's id is text, not {show(id)}")


def _value_key(value: object) -> tuple[int, Any]:
    """Orders all values that are not blank, those of one kind together."""
    if isinstance(value, bool):
        return 0, value
    number = as_number(value)
    if number is not None:
        return 1, number
    if isinstance(value, str):
        return 2, str.__str__(value)
    moment = as_moment(value)
    return (4, _spelling(value)) if moment is None else (3, moment)


def _spelling(value: object) -> str:
    """One text for *value* with all that is in it, whatever the process."""
    import json  # only repeated ids and level activities need it

    try:
        return json.dumps(value, sort_keys=True, default=_spelled)
    except Exception:  # names of several kinds, endless digits, too deep
        return _in_full(value)


def _spelled(value: object) -> object:
    """What JSON has no word for, with its kind; a set in one order, whatever the process."""
    text = sorted(map(_in_full, value)) if isinstance(value, frozenset) else _in_full(value)
    return {type(value).__name__: text}


def _in_full(value: object) -> str:
    """The spelling of any value, never cut; nothing where it has none."""
    try:
        match value:
            case datetime():
                return moment_text(value)
            case int():
                return f"{value:x}"  # a number may have more digits than Python would write
            case tuple():
                return repr([_in_full(item) for item in value])
            case frozenset():
                return repr(sorted(map(_in_full, value)))
            case dict():
                return repr(sorted((_in_full(key), _in_full(of)) for key, of in value.items()))
            case _:
                return repr(value)
    except Exception:
        return ""


def _exact(activity: Activity) -> str:
    """Of what is one content in two spellings, such as 5 and 5.0, the same comes first always."""
    return _spelling(activity.properties)


def _order(activity: Activity) -> tuple[str, str]:
    return activity.id or "", activity.kind


_at: Callable[[Activity], datetime] = attrgetter("at")
_id: Callable[[Activity], str | None] = attrgetter("id")
_content: Callable[[Activity], _Content] = attrgetter("content")
_ORDERS: Final[tuple[Callable[[Activity], Any], ...]] = (_at, _order, _content, _exact)
"""What tells two activities apart, from cheap to dear, each asked of what is level before it."""

_ACTIVITIES: Final = frozenset((Activity,))
_FEW: Final = 64  # so many ids are looked through sooner than remembered


class Kept(Protocol):
    """What an engine keeps beside the activities of a timeline, such as an index by kind."""

    def plus(self, added: Sequence[Activity]) -> "Kept | None":
        """The same over the timeline with these in it too; None, or an error: build it anew."""
        ...


class Timeline:
    """
    Activities sorted by their own time, each id once.

    Of several activities with one id the earliest counts, then the one with the smallest content:
    of the smallest kind, then with the smallest value of the first property, by name, in which
    they differ; a blank one comes last. Where their instants or contents differ, the id is in
    `conflicts`. Give a lead its timeline, or ask the lead for it, and what engines learn of it is
    kept there for the next decision.

    Args:
        activities: In any order, repeated ones included.
        unique_ids: The giver knows that no id repeats; skips the check.

    Attributes:
        activities: All of them, oldest first.
        conflicts: The ids that were told in several ways, sorted.
        unique_ids: As it was given.
        kept: What engines keep beside the activities. No part of the value: neither equality,
            copies nor pickles know of it.

    Raises:
        KindError: One is no `Activity`.
        LeadDataError: They are more than `MOST_ACTIVITIES`.

    >>> from datetime import UTC, datetime
    >>> first = Activity("sign_up", datetime(2026, 3, 1, tzinfo=UTC))
    >>> second = Activity("page_view", datetime(2026, 3, 2, tzinfo=UTC))
    >>> [activity.kind for activity in Timeline([second, first])]
    ['sign_up', 'page_view']
    """

    __slots__ = ("_seen", "activities", "conflicts", "kept", "unique_ids")

    activities: tuple[Activity, ...]
    conflicts: tuple[str, ...]
    kept: dict[Hashable, Kept]
    unique_ids: bool
    _seen: set[str] | None
    # INVARIANT: an id that is not in _seen is not in the timeline. It is shared with the timelines
    # made from this one, so an id in it may belong to one of them only.

    def __init__(self, activities: Iterable[Activity] = (), *, unique_ids: bool = False) -> None:
        given = list(activities)
        _check(given, len(given))
        conflicts: tuple[str, ...] = ()
        if not unique_ids and _ids_repeat(given):
            given, conflicts = _each_id_once(given)
        self.__setstate__((tuple(_sorted(given)), conflicts, unique_ids))

    def __getstate__(self) -> "_State":
        return self.activities, self.conflicts, self.unique_ids

    def __setstate__(self, state: "_State") -> None:
        self.activities, self.conflicts, self.unique_ids = state
        self.kept = {}
        self._seen = None

    @property
    def newest(self) -> datetime | None:
        """When the last of all activities happens; None when there is none."""
        return self.activities[-1].at if self.activities else None

    def until(self, as_of: datetime) -> tuple[Activity, ...]:
        """What had happened at *as_of*, oldest first."""
        return self.activities[: self._count(as_of)]

    def after(self, as_of: datetime) -> tuple[Activity, ...]:
        """What is known already but happens only later, oldest first."""
        return self.activities[self._count(as_of) :]

    def _count(self, as_of: datetime) -> int:
        all_of_them = self.activities
        if not all_of_them or all_of_them[-1].at <= as_of:
            return len(all_of_them)
        return bisect_right(all_of_them, as_of, key=_at)

    def plus(self, *activities: Activity) -> "Timeline":
        """
        The timeline of these activities and of all that were given to this one.

        One activity costs a copy of the list of activities, whenever it happened; told again, not
        even that. What is kept goes along, unless one of them takes the place of another with its
        id.

        Raises:
            KindError: One is no `Activity`.
            LeadDataError: They would be more than `MOST_ACTIVITIES`.

        >>> from datetime import UTC, datetime
        >>> visit = Activity("page_view", datetime(2026, 3, 2, tzinfo=UTC), id="7")
        >>> len(Timeline([visit]).plus(visit, Activity("sign_up", visit.at)))
        2
        """
        _check(activities, len(self.activities) + len(activities))
        added, displaced, conflicts = self._told(list(activities))
        if not added and conflicts == self.conflicts:
            return self
        old = self.activities
        if displaced:
            old = tuple(one for one in old if one.id not in displaced)
        timeline = _made(_joined(old, added), conflicts, self.unique_ids)
        if self._seen is not None:
            timeline._seen = self._seen
            timeline._seen.update(one.id for one in added if one.id is not None)
        if self.kept and not displaced:
            for key, value in self.kept.copy().items():
                try:
                    grown = value.plus(added) if added else value
                except Exception:  # of a filter of the user's own: it is for a decision to raise
                    grown = None
                if grown is not None:
                    timeline.kept[key] = grown
        return timeline

    def _told(self, given: list[Activity]) -> tuple[list[Activity], set[str | None], "_Ids"]:
        """Those to put in, sorted; the ids of those whose place they take; all conflicts."""
        if self.unique_ids:
            return _sorted(given), set(), self.conflicts
        again: tuple[str, ...] = ()
        if len(given) > 1 and _ids_repeat(given):
            given, again = _each_id_once(given)
        added: list[Activity] = []
        displaced: set[str | None] = set()
        conflicts = {*self.conflicts, *again}
        for one in given:
            other = self._called(one.id, one.at) if one.id is not None else None
            if other is None:
                added.append(one)
                continue
            differ, first = _compared(one, other)
            if differ:
                conflicts.add(other.id or "")
            if first:
                added.append(one)
                displaced.add(other.id)
        return _sorted(added), displaced, tuple(sorted(conflicts))

    def _called(self, id: str, at: datetime) -> Activity | None:
        """The activity with that id, which is looked for at that instant first."""
        activities = self.activities
        if self._seen is None and len(activities) > _FEW:
            self._seen = {one.id for one in activities if one.id is not None}
        if id not in (map(_id, activities) if self._seen is None else self._seen):
            return None
        start = bisect_left(activities, at, key=_at)
        end = bisect_right(activities, at, start, key=_at)
        return next((one for one in (*activities[start:end], *activities) if one.id == id), None)

    def __iter__(self) -> Iterator[Activity]:
        return iter(self.activities)

    def __len__(self) -> int:
        return len(self.activities)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timeline) and self.activities == other.activities

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Timeline({len(self)} activities)"


_Ids: TypeAlias = tuple[str, ...]
_State: TypeAlias = tuple[tuple[Activity, ...], _Ids, bool]


def _made(activities: tuple[Activity, ...], conflicts: tuple[str, ...], unique: bool) -> Timeline:
    """The timeline of activities that are sorted already, each id once."""
    timeline = Timeline.__new__(Timeline)
    timeline.__setstate__((activities, conflicts, unique))
    return timeline


def _check(given: Sequence[object], length: int) -> None:
    if length > MOST_ACTIVITIES:
        raise LeadDataError(f"a lead may have {MOST_ACTIVITIES:,} activities, not {length:,}")
    if _ACTIVITIES.issuperset(map(type, given)):
        return
    for one in given:
        if not isinstance(one, Activity):
            raise KindError(f"a timeline holds Activity values, not {show(one)}")


def _ids_repeat(given: list[Activity]) -> bool:
    ids = list(map(_id, given))
    named = len(ids) - ids.count(None)
    return len(set(ids)) < named + (named < len(ids))


def _each_id_once(given: list[Activity]) -> tuple[list[Activity], tuple[str, ...]]:
    """Of each id the one that counts, and the ids that were told in several ways."""
    kept: dict[str, Activity] = {}
    without = []
    conflicts = set()
    for activity in given:
        if activity.id is None:
            without.append(activity)
            continue
        other = kept.setdefault(activity.id, activity)
        if other is activity:
            continue
        differ, first = _compared(activity, other)
        if differ:
            conflicts.add(activity.id)
        if first:
            kept[activity.id] = activity
    return [*kept.values(), *without], tuple(sorted(conflicts))


def _compared(one: Activity, other: Activity) -> tuple[bool, bool]:
    """Whether the two tell different things of one id, and whether *one* counts before *other*."""
    if one.at != other.at:
        return True, one.at < other.at
    mine, its = one.content, other.content
    if mine != its:
        return True, mine < its
    return False, _exact(one) < _exact(other)


def _sorted(given: list[Activity], by: int = 0) -> list[Activity]:
    """The same list in order; the dearer orders are asked only about those that are level."""
    if len(given) < 2:
        return given
    order = _ORDERS[by]
    if all(starmap(lt, pairwise(map(order, given)))):  # most often they come in order
        return given
    given.sort(key=order)
    if by == len(_ORDERS) - 1 or not any(starmap(eq, pairwise(map(order, given)))):
        return given
    level = (list(group) for _, group in groupby(given, order))
    return [one for group in level for one in _sorted(group, by + 1)]


def _joined(old: tuple[Activity, ...], added: list[Activity]) -> tuple[Activity, ...]:
    """All of them in order, *old* before what is equal to it."""
    if not old or not added or old[-1].at < added[0].at:
        return (*old, *added)
    if len(added) > _FEW:
        return tuple(_sorted([*old, *added]))
    activities = list(old)
    for one in added:
        activities.insert(_place(activities, one), one)
    return tuple(activities)


def _place(activities: list[Activity], one: Activity) -> int:
    """Where *one* belongs."""
    start, end = 0, len(activities)
    for order in _ORDERS:
        wanted = order(one)
        end = bisect_right(activities, wanted, start, end, key=order)
        start = bisect_left(activities, wanted, start, end, key=order)
        if start == end:
            break
    return end
