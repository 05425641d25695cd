"""
Generated leads: heavy with blanks, wrong kinds, repeated ids and activities on window edges.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any

import attrs
from hypothesis import strategies as st

from ...lead import History, Lead, Override
from ...timeline import Activity, Timeline
from ...value import Kind, is_blank
from .literals import Own
from .vocabulary import (
    BLANKS,
    FIELDS,
    KINDS,
    NOW,
    OFFSETS,
    PROPERTIES,
    STAGES,
    STRANGE,
    VALUES,
)


@cache
def instants() -> st.SearchStrategy[datetime]:
    """
    Aware instants around one moment: window edges, a microsecond beside them, and in between.

    Some are written in another offset than UTC; what an instant means does not depend on it.
    """
    near = st.sampled_from((timedelta(0), *OFFSETS)).map(lambda offset: NOW + offset)
    anywhere = st.datetimes(datetime(2025, 12, 1), datetime(2026, 4, 1))  # noqa: DTZ001
    zones = st.sampled_from((None, timedelta(hours=5, minutes=30), timedelta(hours=-8)))

    def place(moment: datetime, offset: timedelta | None) -> datetime:
        aware = moment if moment.tzinfo else moment.replace(tzinfo=NOW.tzinfo)
        return aware if offset is None else aware.astimezone(timezone(offset))

    return st.builds(place, st.one_of(near, near, anywhere), zones)


@cache
def values(kind: Kind, *, dirty: bool = True) -> st.SearchStrategy[Any]:
    """Values to stand in a field of *kind*: good ones and, where *dirty*, blanks and wrong ones."""
    good: st.SearchStrategy[Any] = st.sampled_from(VALUES[kind])
    if not dirty:
        return good
    bad = st.one_of(st.sampled_from(BLANKS), st.sampled_from(STRANGE[kind]))
    if kind == "items":
        bad |= st.just(("a", None)) | st.just((5, "b"))
    return st.one_of(good, good, good, bad)


def _histories(kind: Kind) -> st.SearchStrategy[History]:
    changes = st.tuples(instants(), values(kind))
    return st.lists(changes, min_size=1, max_size=3).map(lambda dated: History(*dated))


def _attributes(fields: Mapping[str, Kind]) -> st.SearchStrategy[dict[str, Any]]:
    stored = {
        field: st.one_of(*[values(kind)] * 5, _histories(kind)) for field, kind in fields.items()
    }
    return st.fixed_dictionaries({}, optional=stored)


@cache
def activities(*, whole: bool = False) -> st.SearchStrategy[Activity]:
    """
    Activities of few kinds, with blank and wrong properties, ids that repeat, and late times.

    Args:
        whole: With every property known instead.
    """
    known = {name: values(kind, dirty=not whole) for name, kind in PROPERTIES.items()}
    properties = st.fixed_dictionaries(known if whole else {}, optional={} if whole else known)
    ids = st.one_of(st.none(), st.sampled_from(("1", "2", "3", "4")))
    return st.builds(Activity, st.sampled_from(KINDS), instants(), properties, ids)


@cache
def timelines() -> st.SearchStrategy[Timeline]:
    """Timelines of few activities, some of them after the usual instant."""
    return st.lists(activities(), max_size=6).map(Timeline)


@cache
def _loaded() -> st.SearchStrategy[list[Activity] | None]:
    some = st.lists(activities(), max_size=6)
    return st.one_of(some, some, some, some, st.none())


@cache
def _unloaded(*, whole: bool) -> st.SearchStrategy[list[Activity]]:
    return st.lists(activities(whole=whole), max_size=4)


@cache
def overrides() -> st.SearchStrategy[Override]:
    """Points given by hand around the usual instant."""
    span = st.tuples(instants(), instants()).map(sorted).filter(lambda ends: ends[0] < ends[1])

    def by_hand(points: float, ends: list[datetime], score: str) -> Override:
        return Override(points, "Ada", "we met", ends[0], ends[1], score)

    names = st.sampled_from(("total", "fit", "engagement"))
    return st.builds(by_hand, st.sampled_from((5, -2.5, 0.001)), span, names)


@cache
def leads() -> st.SearchStrategy[Lead]:
    """
    Leads heavy with blanks, with accounts, histories, overrides, and timelines not loaded.

    >>> from hypothesis import find
    >>> find(leads(), lambda lead: lead.activities is None).id
    'lead'
    """
    own: dict[str, Kind] = {field: kind for field, kind in FIELDS.items() if "." not in field}
    of_account: dict[str, Kind] = {
        f.removeprefix("account."): FIELDS[f] for f in FIELDS if "." in f
    }
    accounts = st.builds(Lead, st.just("account"), _attributes(of_account), _loaded())
    return st.builds(
        Lead,
        st.just("lead"),
        _attributes(own),
        _loaded(),
        account=st.none() | accounts,
        stage=st.none() | st.sampled_from(STAGES),
        stage_since=st.none() | instants(),
        overrides=st.lists(overrides(), max_size=1),
    )


_maybe = st.booleans()
_stages = st.sampled_from(STAGES)

# -- what a lead may turn out to be ------------------------------------------------------------


def completions(
    lead: Lead,
    *,
    fields: Mapping[str, Kind] | None = None,
    properties: Mapping[str, Kind] | None = None,
    every: bool = False,
    own: Own | None = None,
    happened: st.SearchStrategy[Activity] | None = None,
) -> st.SearchStrategy[Lead]:
    """
    What *lead* may turn out to be once blanks are filled; what is known stays.

    Args:
        lead: Whose blanks.
        fields: Which attributes, with the kind of value that fills each. A path such as
            ``account.employees`` stands for an attribute of the account. By default those that
            generated leads have.
        properties: The same for properties of activities.
        every: Fill every blank; else each one or not.
        own: Further values by kind to fill a blank with.
        happened: Further activities, for a timeline that was not loaded.

    Returns:
        Leads that differ from *lead* in blanks only. A timeline that was not loaded may be.
    """
    fields = FIELDS if fields is None else fields
    properties = PROPERTIES if properties is None else properties
    return _complete(lead, dict(fields), dict(properties), every, own or {}, happened)


@st.composite
def _complete(
    draw: st.DrawFn,
    lead: Lead,
    fields: dict[str, Kind],
    properties: dict[str, Kind],
    every: bool,
    own: Own,
    happened: st.SearchStrategy[Activity] | None,
) -> Lead:
    def fill(value: Any, kind: Kind) -> Any:
        if isinstance(value, History):
            kept = [(since, fill(then, kind)) for since, then in value.changes]
            start = datetime(1, 1, 2, tzinfo=NOW.tzinfo)
            if kept and kept[0][0] <= start:
                return History(*kept)
            return History((start, fill(None, kind)), *kept)  # before its first value it is blank
        if isinstance(value, tuple):
            return tuple(fill(item, "text") for item in value)
        if not is_blank(value) or not (every or draw(_maybe)):
            return value
        good = values(kind, dirty=False)
        return draw(st.one_of(st.sampled_from(own[kind]), good) if own.get(kind) else good)

    def filled(record: Mapping[str, object], kinds: Mapping[str, Kind]) -> dict[str, Any]:
        found = dict(record)
        for name, kind in kinds.items():
            value = fill(found.get(name), kind)
            if value is not None or name in found:
                found[name] = value
        return found

    unknown = _unloaded(whole=every)
    if happened is not None and not every:
        unknown = st.one_of(st.lists(happened, min_size=1, max_size=3), unknown)

    def loaded(done: tuple[Activity, ...] | None) -> tuple[Activity, ...] | None:
        if done is None:
            return tuple(draw(unknown)) if every or draw(_maybe) else None
        # INVARIANT: copies of one activity must stay copies, or filling them would choose
        # another one as the first of its id.
        kept = Timeline(done)
        return tuple(attrs.evolve(a, properties=filled(a.properties, properties)) for a in kept)

    def completed(one: Lead, kinds: Mapping[str, Kind]) -> Lead:
        return attrs.evolve(
            one, attributes=filled(one.attributes, kinds), activities=loaded(one.activities)
        )

    of_lead: dict[str, Kind] = {f: k for f, k in fields.items() if not f.startswith("account.")}
    of_account: dict[str, Kind] = {
        f.removeprefix("account."): k for f, k in fields.items() if f not in of_lead
    }
    account = lead.account
    if account is None and (every or draw(_maybe)):
        account = Lead("account")
    stage = lead.stage
    if stage is None and (every or draw(_maybe)):
        stage = draw(_stages)
    stage_since = lead.stage_since
    if stage_since is None and (every or draw(_maybe)):
        stage_since = draw(instants())
    whole = completed(lead, of_lead)
    return attrs.evolve(
        whole,
        account=None if account is None else completed(account, of_account),
        stage=stage,
        stage_since=stage_since,
    )


def sample_leads() -> tuple[Lead, ...]:
    """
    A few leads that between them show what leads are like, for examples and first tests.

    An empty one, one with everything known, one with nothing but blanks, one with values of the
    wrong kind, one whose timeline was not loaded, and one with an account.
    """
    known = {name: VALUES[kind][0] for name, kind in FIELDS.items() if "." not in name}
    done = tuple(
        Activity(
            kind,
            NOW - timedelta(days=7 * n),
            {name: VALUES[of][n % len(VALUES[of])] for name, of in PROPERTIES.items()},
            str(n),
        )
        for n, kind in enumerate((*KINDS, *KINDS))
    )
    blank = {name: BLANKS[n % len(BLANKS)] for n, name in enumerate(known)}
    wrong = {name: STRANGE[kind][0] for name, kind in FIELDS.items() if "." not in name}
    account = Lead("account", {"employees": 50, "industry": "software"}, done[:1])
    return (
        Lead("empty", activities=()),
        Lead("known", known, done, account=account, stage="mql", stage_since=done[2].at),
        Lead("blank", blank, [Activity("page_view", NOW, {"page": None, "amount": ""})]),
        Lead("wrong", wrong, [Activity("page_view", NOW, {"page": 5, "amount": "12"})]),
        Lead("not loaded", known),
        Lead("grown", {"employees": History((NOW - timedelta(days=7), 2), (NOW, 50))}, done),
    )
