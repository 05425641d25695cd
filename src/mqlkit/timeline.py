"""
What a lead did: activities, in the order of their own time.

An activity is kept by when it happened, never by when it was written down, so late, repeated and
shuffled ones end in the same timeline.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Final

import attrs

from .errors import KindError, LeadDataError
from .value import instant, is_blank, moment_text, show

MOST_ACTIVITIES: Final = 1_000_000
"""A timeline holds no more, so that every sum of points fits in 64 bits."""


def freeze(value: object) -> object:
    """A copy of a list, set or mapping that its giver can no longer change; else *value*."""
    if isinstance(value, Mapping):
        return frozen_mapping(value)
    if isinstance(value, list | tuple):
        return tuple(map(freeze, value))
    return frozenset(value) if isinstance(value, set) else value


def frozen_mapping(value: Mapping[str, object]) -> Mapping[str, object]:
    """A copy of *value* for a lead or an activity to keep."""
    if not isinstance(value, Mapping):
        raise KindError(f"attributes and properties are a mapping by name, not {show(value)}")
    try:
        return {key: freeze(item) for key, item in value.items()}
    except RecursionError:
        raise LeadDataError("a value holds lists or records too deep within one another") from None


def _happened(at: datetime) -> datetime:
    return instant(at, "an activity's time")


@attrs.frozen
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
    at: datetime = attrs.field(converter=_happened)
    properties: Mapping[str, object] = attrs.field(factory=dict, converter=frozen_mapping)
    id: str | None = None

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.kind, str) or is_blank(self.kind):
            raise LeadDataError(
                f"an activity needs a kind, such as 'page_view', not {show(self.kind)}"
            )
        if self.id is not None and not isinstance(self.id, str):
            raise LeadDataError(f"an activity's id is text, not {show(self.id)}")

    @property
    def content(self) -> tuple[str, str]:
        """What two activities of one id should agree on, comparable."""
        import json  # only repeated ids need it

        try:
            return self.kind, json.dumps(dict(self.properties), sort_keys=True, default=_spelled)
        except (TypeError, ValueError, RecursionError):  # names of several kinds, endless digits
            facts = ((_in_full(key), _in_full(value)) for key, value in self.properties.items())
            return self.kind, repr(sorted(facts))


def _spelled(value: object) -> object:
    """What JSON has no word for, with its kind; a set in one order, whatever the process."""
    text = sorted(map(_in_full, value)) if isinstance(value, frozenset) else _in_full(value)
    return {type(value).__name__: text}


def _in_full(value: object) -> str:
    """The spelling of any value, never cut; nothing where it has none."""
    match value:
        case datetime():
            return moment_text(value)
        case int():
            return f"{value:x}"  # a number may have more digits than Python would write
        case _:
            try:
                return repr(value)
            except Exception:
                return ""


def _order(activity: Activity) -> tuple[datetime, str, str]:
    return activity.at, activity.id or "", activity.kind


class Timeline:
    """
    Activities sorted by their own time, each id once.

    Of several activities with one id the earliest counts, then the one with the smallest
    content; where their contents differ, the id is in `conflicts`.

    Args:
        activities: In any order, repeated ones included.
        unique_ids: The giver knows that no id repeats; skips the check.
    """

    __slots__ = ("_activities", "_times", "conflicts")

    def __init__(self, activities: Iterable[Activity] = (), *, unique_ids: bool = False) -> None:
        given = list(activities)
        if len(given) > MOST_ACTIVITIES:
            raise LeadDataError(
                f"a lead may have {MOST_ACTIVITIES:,} activities, not {len(given):,}"
            )
        self.conflicts: tuple[str, ...] = ()
        if not unique_ids:
            given = self._each_id_once(given)
        given.sort(key=_order)
        if any(_order(a) == _order(b) for a, b in pairwise(given)):
            # Told apart by their content alone, so that the order of telling never shows.
            given.sort(key=lambda a: (*_order(a), a.content))
        self._activities = tuple(given)
        self._times = [a.at for a in given]

    def _each_id_once(self, given: list[Activity]) -> list[Activity]:
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
            if (other.at, other.content) != (activity.at, activity.content):
                conflicts.add(activity.id)
            if (activity.at, activity.content) < (other.at, other.content):
                kept[activity.id] = activity
        self.conflicts = tuple(sorted(conflicts))
        return [*kept.values(), *without]

    def until(self, as_of: datetime) -> tuple[Activity, ...]:
        """What had happened at *as_of*, oldest first."""
        return self._activities[: bisect_right(self._times, as_of)]

    def after(self, as_of: datetime) -> tuple[Activity, ...]:
        """What is known already but happens only later, oldest first."""
        return self._activities[bisect_right(self._times, as_of) :]

    def __iter__(self) -> Iterator[Activity]:
        return iter(self._activities)

    def __len__(self) -> int:
        return len(self._activities)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timeline) and self._activities == other._activities

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Timeline({len(self)} activities)"
