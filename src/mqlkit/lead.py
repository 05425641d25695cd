"""
A lead, and what is known of it at an instant.

A lead is a person or an account: attributes and a timeline of activities. Criteria judge a
`Snapshot`, the lead as of an instant: later activities do not exist in it, and an attribute with
a history has the value of that instant.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Final, Literal, Protocol, TypeAlias, cast

import attrs

from .errors import DefinitionError, KindError, LeadDataError
from .points import TOTAL, millipoints
from .timeline import NOTHING, Activity, Timeline, freeze, frozen_mapping
from .value import WANTED, Kind, as_text, instant, is_blank, moment_text, read_as, show

Whose: TypeAlias = Literal["lead", "account"]


class History:
    """
    An attribute's value over time.

    Args:
        changes: ``(from when, value)`` pairs, in any order; each value holds until the next. Of two
            at one instant the one that is spelled later counts.

    >>> from datetime import UTC, datetime
    >>> title = History(
    ...     (datetime(2026, 1, 1, tzinfo=UTC), "Manager"),
    ...     (datetime(2026, 6, 1, tzinfo=UTC), "Director"),
    ... )
    >>> title.at(datetime(2026, 3, 1, tzinfo=UTC))
    'Manager'
    """

    __slots__ = ("changes",)

    def __init__(self, *changes: tuple[datetime, object]) -> None:
        dated = ((instant(at, "a change's time"), freeze(value)) for at, value in changes)
        self.changes = tuple(sorted(dated, key=lambda change: (change[0], repr(change[1]))))

    def at(self, as_of: datetime) -> object:
        """The value at *as_of*; None before the first."""
        value: object = None
        for since, changed in self.changes:
            if since > as_of:
                break
            value = changed
        return value

    def next_change(self, as_of: datetime) -> datetime | None:
        """The first instant after *as_of* at which the value changes."""
        return next((since for since, _ in self.changes if since > as_of), None)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, History) and self.changes == other.changes

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"History({', '.join(map(repr, self.changes))})"


def _start(at: datetime) -> datetime:
    return instant(at, "an override's start")


def _end(at: datetime) -> datetime:
    return instant(at, "an override's end")


@attrs.frozen
class Override:
    """
    Points that a person gives or takes by hand, beside what the rules say.

    Args:
        points: At most three decimals; negative ones take away.
        by: Who.
        why: In their words; shown in the explanation.
        since: When it starts to count. Aware.
        until: When it ends to count. Aware.
        score: The score it is added to, after that one's cap: a group's or a card's name, or
            ``"total"`` for the only card's.
    """

    points: int | float | Decimal
    by: str
    why: str
    since: datetime = attrs.field(converter=_start)
    until: datetime = attrs.field(converter=_end)
    score: str = TOTAL

    def __attrs_post_init__(self) -> None:
        millipoints(self.points, "points given by hand")
        if is_blank(self.by) or is_blank(self.why):
            raise DefinitionError("an override says who gave it and why")
        if self.until <= self.since:
            raise DefinitionError("an override ends after it starts")

    def holds(self, as_of: datetime) -> bool:
        """Whether it counts at *as_of*."""
        return self.since <= as_of < self.until


def _check_id(value: object) -> None:
    if not isinstance(value, str) or is_blank(value):
        raise LeadDataError(f"a lead's id is text that is not blank, not {show(value)}")


_ACTIVITIES: Final = frozenset((Activity,))


def _check_activities(activities: Iterable[object]) -> None:
    for activity in activities:
        if not isinstance(activity, Activity):
            raise KindError(f"a lead's activities are Activity values, not {show(activity)}")


@attrs.frozen(slots=False, init=False)
class Lead:
    """
    A person or an account with what is known of it.

    Args:
        id: The application's own key.
        attributes: By name. A value is text, a number, a flag, a date, an instant, a list of
            these, a mapping (a related record), a `History` of any of them, or None.
        activities: In any order, or a `Timeline`, which is then the lead's and keeps what engines
            learn of it. None means *not loaded*, which is not the same as none.
        account: The account of a person: itself a lead.
        people: The people of an account; None means not loaded.
        stage: Where it stands in the lifecycle, if known.
        stage_since: When it came there, if known. Aware.
        overrides: Points given by hand.
        known_at: When the attributes were read. A decision as of an earlier instant over
            attributes without history says so.
        unique_ids: No activity id repeats; skips that check.

    >>> from datetime import UTC, datetime
    >>> lead = Lead("ada", {"employees": 49, "account": {"industry": "software"}})
    >>> snapshot = lead.at(datetime(2026, 3, 1, tzinfo=UTC))
    >>> snapshot.number("employees"), snapshot.text("account.industry")
    (49, 'software')
    """

    id: str
    attributes: Mapping[str, object] = NOTHING
    activities: tuple[Activity, ...] | None = None
    account: "Lead | None" = None
    people: "tuple[Lead, ...] | None" = None
    stage: str | None = None
    stage_since: datetime | None = attrs.field(default=None, kw_only=True)
    overrides: tuple[Override, ...] = ()
    known_at: datetime | None = None
    unique_ids: bool = False

    # Written out: a lead is made for each decision, and a converter a field costs more than
    # many of them take to decide.
    def __init__(
        self,
        id: str,
        attributes: Mapping[str, object] = NOTHING,
        activities: Iterable[Activity] | None = None,
        account: "Lead | None" = None,
        people: "Iterable[Lead] | None" = None,
        stage: str | None = None,
        overrides: Iterable[Override] = (),
        known_at: datetime | None = None,
        unique_ids: bool = False,
        *,
        stage_since: datetime | None = None,
    ) -> None:
        facts = self.__dict__  # the one way past being frozen that costs nothing
        if type(id) is not str or not id or id[0] == " ":
            _check_id(id)
        facts["id"] = id
        facts["attributes"] = frozen_mapping(attributes)
        if type(activities) is Timeline:
            facts["timeline"] = activities
            unique_ids = activities.unique_ids
            activities = activities.activities
        elif activities is not None:
            activities = tuple(activities)
            if not _ACTIVITIES.issuperset(map(type, activities)):
                _check_activities(activities)
        facts["activities"] = activities
        facts["account"] = account
        facts["people"] = None if people is None else tuple(people)
        facts["stage"] = stage
        facts["stage_since"] = None if stage_since is None else instant(stage_since, "stage_since")
        facts["overrides"] = tuple(overrides)
        facts["known_at"] = None if known_at is None else instant(known_at, "known_at")
        facts["unique_ids"] = unique_ids

    @cached_property
    def timeline(self) -> Timeline | None:
        """The activities sorted, each id once; None when they were not loaded."""
        if self.activities is None:
            return None
        return Timeline(self.activities, unique_ids=self.unique_ids)

    def at(self, as_of: datetime) -> "Snapshot":
        """
        The lead as of an instant.

        Raises:
            NaiveTimeError: *as_of* has no time zone.
        """
        return Snapshot(self.attributes, instant(as_of, "as_of"), self)


@attrs.frozen(slots=False)  # so it is made in a third of the time
class Seen:
    """
    One thing that was read while a criterion was judged.

    ``of`` says where, in words; ``field`` what; ``value`` what was there. ``fault`` says what was
    wrong with it, and ``missing`` that nothing usable was there.
    """

    field: str
    value: str
    of: str = ""
    kind: str = ""
    missing: bool = False
    fault: str = ""

    @property
    def name(self) -> str:
        """The full name of what was read, such as ``page_view.page`` or ``employees``."""
        return f"{self.of}.{self.field}" if self.of else self.field


class Scores(Protocol):
    """What a snapshot asks for scores by name."""

    @property
    def settle(self) -> bool:
        """Whether every unknown counts as no, as the definition says."""
        ...

    def score(self, name: str) -> "Points":
        """The score called *name*."""
        ...

    def changes_at(self, name: str) -> datetime | None:
        """The next instant at which that score may change with no new data."""
        ...


class Points(Protocol):
    """A score as a snapshot hands it on: a range of millipoints, and what it waits for."""

    @property
    def range(self) -> tuple[int, int]:
        """Lowest and highest millipoints that it can turn out to be."""
        ...

    def unknowns(self) -> tuple[Seen, ...]:
        """The blanks that keep the range open."""
        ...


class Snapshot:
    """
    What is known of a lead at an instant; what criteria judge.

    The typed getters answer None for a blank and for a value of another kind. A field is a name
    or a dotted path into a related record; ``account.`` leads into the lead's account.
    """

    __slots__ = ("_as_of", "attributes", "kept", "lead", "scores")

    kept: dict[object, Any] | None
    """What was found out about this lead at this instant, for whoever asks it again."""

    def __init__(
        self,
        attributes: Mapping[str, object],
        as_of: datetime,
        lead: Lead | None = None,
        scores: Scores | None = None,
    ) -> None:
        self.attributes = attributes
        self.lead = lead
        self.scores = scores
        self.kept = None
        self._as_of = as_of

    @property
    def as_of(self) -> datetime:
        """The instant; in UTC."""
        return self._as_of

    # -- attributes --------------------------------------------------------------------------

    def number(self, field: str) -> int | float | None:
        """The number in *field*."""
        return cast("int | float | None", self.read(field, "number"))

    def text(self, field: str) -> str | None:
        """The text in *field*, as it was written."""
        return cast("str | None", self.read(field, "text"))

    def flag(self, field: str) -> bool | None:
        """The flag in *field*."""
        return cast("bool | None", self.read(field, "flag"))

    def moment(self, field: str) -> datetime | None:
        """The instant in *field*, in UTC; of a date its midnight in UTC."""
        return cast("datetime | None", self.read(field, "moment"))

    def items(self, field: str) -> tuple[object, ...] | None:
        """The members of the list in *field*."""
        return cast("tuple[object, ...] | None", self.read(field, "items"))

    def read(self, field: str, kind: Kind) -> object:
        """The value of *field* as *kind*."""
        return read_as(kind, self.raw(field))

    def raw(self, field: str) -> object:
        """Whatever stands in *field*."""
        return _of(self.stored(field), self._as_of)

    def stored(self, field: str) -> object:
        """Whatever stands in *field*, with its history where it has one."""
        attributes = self.attributes
        if field in attributes or "." not in field:
            return attributes.get(field)
        head, rest = field.split(".", 1)
        inner = self._inner(self._record(head))
        return None if inner is None else inner.stored(rest)

    def _record(self, head: str) -> object:
        """The related record called *head*, with its history where it has one."""
        account = self.lead.account if self.lead is not None else None
        return (
            account.attributes
            if head == "account" and account is not None
            else self.attributes.get(head)
        )

    def _inner(self, record: object) -> "Snapshot | None":
        """What is known of a related record at the same instant; None when it is no record."""
        record = _of(record, self._as_of)
        if not isinstance(record, Mapping):
            return None
        return Snapshot(cast("Mapping[str, object]", record), self._as_of)

    def next_change(self, field: str) -> datetime | None:
        """The next instant at which a history on the way to *field* changes what stands there."""
        if field in self.attributes or "." not in field:
            return _next_change(self.attributes.get(field), self._as_of)
        head, rest = field.split(".", 1)
        record = self._record(head)
        inner = self._inner(record)
        changes = (
            _next_change(record, self._as_of),
            None if inner is None else inner.next_change(rest),
        )
        return min((at for at in changes if at is not None), default=None)

    # -- timelines ---------------------------------------------------------------------------

    def timeline(self, of: Whose = "lead") -> Timeline | None:
        """The whole timeline, later activities included; None when it was not loaded."""
        lead = self.lead if of == "lead" or self.lead is None else self.lead.account
        return None if lead is None else lead.timeline

    def activities(self, *kinds: str, of: Whose = "lead") -> tuple[Activity, ...] | None:
        """
        What had happened by now, oldest first; None when the timeline was not loaded.

        Args:
            kinds: Of which kinds; of any when none is given.
            of: Whose: the lead's own, or its account's.
        """
        timeline = self.timeline(of)
        if timeline is None:
            return None
        happened = timeline.until(self._as_of)
        return tuple(a for a in happened if a.kind in kinds) if kinds else happened

    def inside(self, activity: Activity) -> "Snapshot":
        """An activity's own properties, for a criterion to judge like attributes."""
        return Snapshot(activity.properties, activity.at)

    # -- scores ------------------------------------------------------------------------------

    def with_scores(self, scores: Scores) -> "Snapshot":
        """The same snapshot, in which scores can be asked for."""
        snapshot = Snapshot(self.attributes, self._as_of, self.lead, scores)
        snapshot.kept = {}
        return snapshot

    def score(self, name: str) -> Points:
        """
        The score called *name*.

        Raises:
            KindError: the criterion is judged outside a qualification, where there are no scores.
        """
        if self.scores is None:
            raise KindError(
                "a criterion about a score is judged inside a Qualification; "
                "use its decide(lead, as_of=...), or give the snapshot with_scores(...)"
            )
        return self.scores.score(name)

    def people(self) -> "tuple[Snapshot, ...] | None":
        """The account's people at the same instant; None when they were not loaded."""
        if self.lead is None or self.lead.people is None:
            return None
        return tuple(person.at(self._as_of) for person in self.lead.people)

    def stage(self) -> str | None:
        """Where the lead stands in its lifecycle; None when that is not known."""
        return None if self.lead is None else as_text(self.lead.stage)

    def stage_since(self) -> datetime | None:
        """When the lead came to its stage; None when that is not known."""
        return None if self.lead is None else self.lead.stage_since

    def traced(self) -> "Trace":
        """The same snapshot, which notes what is read from it."""
        return Trace(self)


class Trace(Snapshot):
    """
    A snapshot that notes everything that is read from it.

    So any criterion can be explained, the user's own included, and nothing more is asked of it
    than to judge.
    """

    __slots__ = ("_notes", "_of", "reads_time", "scores_read", "timelines")

    def __init__(
        self, snapshot: Snapshot, of: str = "", notes: dict[Seen, None] | None = None
    ) -> None:
        super().__init__(snapshot.attributes, snapshot.as_of, snapshot.lead, snapshot.scores)
        self.kept = snapshot.kept
        self._of = of
        self._notes: dict[Seen, None] = {} if notes is None else notes
        self.reads_time = False
        self.scores_read: set[str] = set()
        self.timelines: set[Whose] = set()

    @property
    def seen(self) -> tuple[Seen, ...]:
        """What was read, in order, each thing once."""
        return tuple(self._notes)

    @property
    def as_of(self) -> datetime:
        self.reads_time = True
        return self._as_of

    def apart(self) -> "Trace":
        """Another trace of the same snapshot, with notes of its own."""
        clock = self.reads_time
        trace = Trace(self)
        self.reads_time = clock  # nobody has asked yet
        return trace

    def note(self, *seen: Seen) -> None:
        """Note things that were read; of an activity or one of many people only the blanks."""
        self._notes.update((one, None) for one in seen if one.missing or not self._of)

    def raw(self, field: str) -> object:
        value = super().raw(field)
        self.note(Seen(field, show(value), self._of, missing=is_blank(value)))
        return value

    def read(self, field: str, kind: Kind) -> object:
        raw = super().raw(field)
        value = read_as(kind, raw)
        fault = "" if value is not None or is_blank(raw) else f"wanted {WANTED[kind]}"
        self.note(Seen(field, show(raw), self._of, kind, value is None, fault))
        return value

    def timeline(self, of: Whose = "lead") -> Timeline | None:
        self.timelines.add(of)
        timeline = super().timeline(of)
        if timeline is None:
            owner = "account" if of == "account" else ""
            self.note(Seen("activities", "not loaded", owner, "activities", missing=True))
        return timeline

    def inside(self, activity: Activity) -> Snapshot:
        return Trace(super().inside(activity), activity.kind, self._notes)

    def score(self, name: str) -> Points:
        self.scores_read.add(name)
        points = super().score(name)
        self.note(*points.unknowns())
        return points

    def people(self) -> tuple[Snapshot, ...] | None:
        people = super().people()
        if people is None:
            self.note(Seen("people", "not loaded", kind="people", missing=True))
            return None
        self.reads_time = True  # what changes about each of them is not followed
        return tuple(Trace(person, "people", self._notes) for person in people)

    def stage(self) -> str | None:
        stage = super().stage()
        given = None if self.lead is None else self.lead.stage
        fault = "" if stage is not None or is_blank(given) else f"wanted {WANTED['text']}"
        self.note(Seen("stage", show(given), "", "stage", stage is None, fault))
        return stage

    def stage_since(self) -> datetime | None:
        since = super().stage_since()
        self.note(Seen("stage_since", show(since), "", "moment", since is None))
        return since


def _of(stored: object, as_of: datetime) -> object:
    return stored.at(as_of) if isinstance(stored, History) else stored


def _next_change(stored: object, as_of: datetime) -> datetime | None:
    return stored.next_change(as_of) if isinstance(stored, History) else None


def no_history(lead: Lead, as_of: datetime) -> str:
    """A warning for a decision into the past over attributes that keep no history, or ``""``."""
    if lead.known_at is None or as_of >= lead.known_at:
        return ""
    plain = sorted(str(f) for f, held in lead.attributes.items() if not isinstance(held, History))
    if not plain:
        return ""
    count = "1 attribute is" if len(plain) == 1 else f"{len(plain)} attributes are"
    return (
        f"decided as of {moment_text(as_of)}, but {count} only known as of "
        f"{moment_text(lead.known_at)}: {', '.join(plain[:5])}{', …' if len(plain) > 5 else ''}"
    )
