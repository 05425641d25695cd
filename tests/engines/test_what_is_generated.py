"""
The seeds that are tried every day make all that there is, so that their number means something.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from engines.comparing import told
from engines.modelling import PER_SEED, Case, Cases
from engines.nasty_leads import KINDS, ODD, TICK, Sour, Word
from engines.own_parts import OWN, TrapError, everything_in

from mqlkit import (
    Activities,
    Attribute,
    Decision,
    Group,
    History,
    Label,
    Lead,
    NamedList,
    Qualification,
    Scorecard,
    Status,
)
from mqlkit.account import PeopleScore
from mqlkit.criteria.aggregate import Count
from mqlkit.criteria.label import Grade, Score
from mqlkit.criteria.membership import Membership
from mqlkit.criteria.sequence import Sequence
from mqlkit.criterion import Criterion, Named
from mqlkit.decay import Decay
from mqlkit.errors import DefinitionError, UnknownNameError
from mqlkit.measure import Between, Comparison, LabelMeasure, Measure
from mqlkit.registry import entries
from mqlkit.rules.activity import ActivityRule, Each
from mqlkit.rules.base import BaseRule
from mqlkit.rules.choice import ByBand
from mqlkit.rules.choice import Cases as CasesRule
from mqlkit.window import Window

EVERYDAY = range(1_000)
FEW = EVERYDAY[:250]

Test = Callable[[Any], bool]


def kind(cls: type, test: Test = lambda part: True) -> Test:
    return lambda part: isinstance(part, cls) and test(part)


def compared_with(test: Test) -> Test:
    return kind(Comparison, lambda part: test(part.bound))


def reads(field_kind: type) -> Callable[[Criterion], bool]:
    """Whether a criterion compares an attribute with such a value."""
    return lambda asking: any(
        type(getattr(part, "bound", None)) is field_kind for part in asking.walk()
    )


def where(test: Callable[[Criterion], bool]) -> Test:
    return kind(Activities, lambda part: any(map(test, part.filters)))


def named_inside(name: str) -> Callable[[Criterion], bool]:
    return lambda asking: any(type(part).__name__ == name for part in asking.walk())


PARTS: dict[str, Test] = {
    "named criterion": kind(Named),
    "named list": kind(NamedList),
    "empty list of values": kind(Membership, lambda part: part.values == ()),
    "empty named list": kind(NamedList, lambda part: not part.values),
    "nested groups": kind(Group, lambda g: any(isinstance(r, Group) for r in g.rules)),
    "group with a cap": kind(Group, lambda g: g.cap is not None),
    "group with a floor": kind(Group, lambda g: g.floor is not None),
    "card with a cap": kind(Scorecard, lambda c: c.cap is not None),
    "card with a floor": kind(Scorecard, lambda c: c.floor is not None),
    "group with a decay": kind(Group, lambda g: g.decay is not None),
    "decay of the group around": kind(
        Group,
        lambda g: (
            g.decay is not None and any(isinstance(r, Group) and r.decay is None for r in g.rules)
        ),
    ),
    "several named cards": kind(Qualification, lambda q: len(q.cards) > 1),
    "one named card": kind(Qualification, lambda q: len(q.cards) == 1 and bool(q.cards[0].name)),
    "one card without a name": kind(
        Qualification, lambda q: len(q.cards) == 1 and not q.cards[0].name
    ),
    "no card": kind(Qualification, lambda q: not q.cards),
    "never": kind(Qualification, lambda q: bool(q.never)),
    "at once": kind(Qualification, lambda q: bool(q.at_once)),
    "labels": kind(Qualification, lambda q: bool(q.labels)),
    "plays": kind(Label, lambda label: bool(label.play)),
    "grades": kind(Qualification, lambda q: bool(q.grades)),
    "unknowns ask": kind(Qualification, lambda q: q.unknowns == "ask"),
    "unknowns no": kind(Qualification, lambda q: q.unknowns == "no"),
    "sequence": kind(Sequence, lambda s: s.within is None),
    "sequence within": kind(Sequence, lambda s: s.within is not None),
    "several where": kind(Activities, lambda s: len(s.filters) > 1),
    "where a text": where(reads(str)),
    "where a number": where(reads(int)),
    "where a flag": where(reads(bool)),
    "where a list": where(lambda c: named_inside("HasAny")(c) or named_inside("HasAll")(c)),
    "where missing": where(named_inside("Missing")),
    "where somebody's own": where(lambda c: type(c) in OWN),
    "window of days": kind(Window, lambda w: bool(w.days)),
    "window of hours": kind(Window, lambda w: bool(w.hours)),
    "window of minutes": kind(Window, lambda w: bool(w.minutes)),
    "window of calendar months": kind(Window, lambda w: bool(w.calendar_months)),
    "of account": kind(Activities, lambda s: s.of == "account"),
    "any kind": kind(Activities, lambda s: not s.kinds),
    "once per": kind(Each, lambda r: r.once_per is not None),
    "once per in each period": kind(Each, lambda r: r.once_per is not None and bool(r.per)),
    "at most": kind(Each, lambda r: r.at_most is not None and r.per is None),
    "per": kind(Each, lambda r: r.per is not None),
    "in all": kind(Each, lambda r: r.in_all is not None),
    "rule with a decay": kind(ActivityRule, lambda r: r.own_decay is not None),
    "best of": kind(CasesRule, lambda r: r.match == "best"),
    "best band": kind(ByBand, lambda r: r.match == "best"),
    "people in a group": kind(PeopleScore, lambda p: p.group != "total"),
    "number with a default": kind(Attribute, lambda a: type(a.default) is int),
    "flag with a default": kind(Attribute, lambda a: a.default is False),
    "case-sensitive": kind(Attribute, lambda a: a.case_sensitive),
    "dotted field": kind(Attribute, lambda a: "." in a.field),
    "flag compared": compared_with(lambda bound: type(bound) is bool),
    "date compared": compared_with(lambda bound: type(bound) is date),
    "instant compared": compared_with(lambda bound: isinstance(bound, datetime)),
    "text in order": kind(Between, lambda part: type(part.bounds[0]) is str),
    "negative bound": compared_with(lambda bound: type(bound) is int and bound < 0),
    "fraction as a bound": compared_with(lambda bound: bound == 12.5),
    "thousandth as a bound": compared_with(lambda bound: bound == 0.001),
    "count compared with 0": kind(
        Comparison, lambda part: type(part.measure) is Count and part.bound == 0
    ),
    "score compared with a fraction": kind(
        Comparison, lambda part: type(part.measure) is Score and part.bound in (0.001, 12.5)
    ),
    "score in a score": kind(
        BaseRule,
        lambda rule: any(isinstance(part, Score | Grade) for part in everything_in(rule)),
    ),
    "deep": kind(Criterion, lambda part: part.depth > 20),
}
"""What a model may have, by name."""


def shared(parts: list[object]) -> Iterator[str]:
    """A criterion that stands in several places, as one object or as equal ones."""
    at: dict[Any, set[int]] = {}
    places: Counter[Any] = Counter()
    for part in parts:
        if isinstance(part, Criterion) and len(list(part.walk())) > 1:
            places[part] += 1
            at.setdefault(part, set()).add(id(part))
    if any(len(ids) < places[part] for part, ids in at.items()):
        yield "shared object"
    if any(len(ids) > 1 for ids in at.values()):
        yield "shared by equality"


@pytest.fixture(scope="module")
def met() -> Counter[str]:
    """In how many models of every day each thing stands."""
    found: Counter[str] = Counter()
    for seed in EVERYDAY:
        parts = list(everything_in(Cases(seed).model))
        names = {name for name, test in PARTS.items() if any(map(test, parts))}
        names |= {f"class {type(part).__qualname__}" for part in parts}
        found.update(names | set(shared(parts)))
    return found


def registered() -> list[str]:
    """The classes of mqlkit itself that model files can name."""
    bases = (Criterion, Measure, LabelMeasure, BaseRule, Decay)
    classes = {entry.cls for base in bases for entry in entries(base)}
    return sorted(cls.__qualname__ for cls in classes if cls.__module__.startswith("mqlkit."))


def test_every_registered_part_is_made(met: Counter[str]) -> None:
    assert len(registered()) >= 40
    assert [name for name in registered() if met[f"class {name}"] < 20] == []


def test_every_class_of_somebodys_own_is_made(met: Counter[str]) -> None:
    assert len(OWN) >= 30
    assert [cls.__name__ for cls in OWN if met[f"class {cls.__qualname__}"] < 5] == []


def test_every_feature_is_made(met: Counter[str]) -> None:
    wanted = (*PARTS, "shared object", "shared by equality")
    assert [name for name in wanted if met[name] < 5] == []


# -- leads ---------------------------------------------------------------------------------------

VALUES: dict[str, Test] = {
    "nothing": lambda value: value is None,
    "blank text": lambda value: type(value) is str and value == "  ",
    "not a number": lambda value: isinstance(value, float) and value != value,
    "infinity": lambda value: type(value) is float and value == float("inf"),
    "huge": lambda value: type(value) is int and value > 10**300,
    "flag": lambda value: isinstance(value, bool),
    "one": lambda value: type(value) is int and value == 1,
    "one as a float": lambda value: type(value) is float and value == 1,
    "decimal": lambda value: isinstance(value, Decimal),
    "fraction": lambda value: isinstance(value, Fraction),
    "Kelvin sign": lambda value: isinstance(value, str) and "\u212a" in value,
    "dotted capital I": lambda value: isinstance(value, str) and "İ" in value,
    "sharp s": lambda value: isinstance(value, str) and "ß" in value,
    "text of an enumeration": lambda value: isinstance(value, str) and type(value) is not str,
    "text of somebody's own": kind(Word),
    "date": lambda value: type(value) is date,
    "naive instant": lambda value: isinstance(value, datetime) and value.tzinfo is None,
    "instant elsewhere": lambda value: isinstance(value, datetime) and value.tzinfo is not UTC,
    "list": kind(tuple),
    "list with a blank": lambda value: isinstance(value, tuple) and any(v is None for v in value),
    "record": kind(Mapping),
    "history": kind(History),
    "history of a record": kind(
        History, lambda value: any(isinstance(v, Mapping) for _, v in value.changes)
    ),
    "what cannot be compared": kind(Sour),
}


def edges(case: Case) -> Iterator[str]:
    """Where activities lie beside the ends of windows and the days of age."""
    if case.as_of.year in (1, 9999):
        return
    week = case.as_of - timedelta(days=7)
    offsets = {"just before": -TICK, "just at": timedelta(0), "just after": TICK}
    times = {activity.at for activity in case.lead.activities or ()}
    for name, offset in offsets.items():
        if week + offset in times:
            yield f"{name} the start of a window"
        if offset <= timedelta(0) and case.as_of + offset in times:
            yield f"{name} now"
    if any(at > case.as_of for at in times):
        yield "after now"


def about(lead: Lead, names: Mapping[str, object]) -> Iterator[str]:
    """What is odd about a lead."""
    done = lead.activities
    yield "not loaded" if done is None else "many" if len(done) > 8 else f"{min(len(done), 1)} done"
    if done is not None:
        timeline = list(lead.timeline or ())
        if any(a.at == b.at for a, b in pairwise(timeline)):
            yield "at one instant"
        if len(timeline) < len(done):
            yield "repeated id"
        if lead.timeline is not None and lead.timeline.conflicts:
            yield "repeated id with other content"
        yield from (f"did {activity.kind}" for activity in done)
    yield from (f"by hand to {_which(one.score, names)}" for one in lead.overrides)
    for name, value in {
        "account": lead.account,
        "account not loaded": lead.account and lead.account.activities is None,
        "account with a timeline": lead.account and lead.account.activities,
        "people": lead.people,
        "nobody": lead.people == (),
        "people not loaded": lead.people is None,
        "stage": lead.stage,
        "stage since": lead.stage_since,
        "known at": lead.known_at,
        "unique ids": lead.unique_ids,
        "a dotted name": "company.size" in lead.attributes,
    }.items():
        if value:
            yield name


def _which(name: str, names: Mapping[str, object]) -> str:
    if name == "total":
        return name
    return type(names[name]).__name__ if name in names else "nowhere"


WANTED = (
    *("not loaded", "0 done", "1 done", "many", "at one instant", "after now"),
    *("repeated id", "repeated id with other content"),
    *(f"did {name}" for name in KINDS),
    *(f"just {side} the start of a window" for side in ("before", "at", "after")),
    *("just before now", "just at now"),
    *(f"by hand to {what}" for what in ("Group", "Scorecard", "total", "nowhere")),
    *("account", "account not loaded", "account with a timeline"),
    *("people", "nobody", "people not loaded"),
    *("stage", "stage since", "known at", "unique ids", "a dotted name"),
)


def test_every_oddity_of_leads_is_made() -> None:
    found: Counter[str] = Counter()
    for seed in FEW:
        cases = Cases(seed)
        for place, case in enumerate(cases):
            found.update(set(edges(case)))
            if place % 5 == 0:
                found.update(set(about(case.lead, cases.model.score_names)))
    assert [name for name in WANTED if found[name] < 10] == []


def test_ids_are_called_unique_only_where_they_are() -> None:
    for seed in FEW:
        for case in list(Cases(seed))[::5]:
            ids = [a.id for a in case.lead.activities or () if a.id is not None]
            assert not case.lead.unique_ids or len(ids) == len(set(ids))


def test_every_kind_of_value_is_in_fields_and_in_properties() -> None:
    fields: Counter[str] = Counter()
    properties: Counter[str] = Counter()
    for seed in FEW:
        for case in list(Cases(seed))[::5]:
            fields.update(_kinds(case.lead.attributes))
            for activity in case.lead.activities or ():
                properties.update(_kinds(activity.properties))
    assert [name for name in VALUES if fields[name] < 5] == []
    assert [name for name in VALUES if properties[name] < 5 and "record" not in name] == []


def _kinds(known: Mapping[str, object]) -> set[str]:
    return {name for name, test in VALUES.items() for v in known.values() if test(v)}


def test_every_odd_value_is_of_use() -> None:
    """Each of them can stand in a lead."""
    for value in ODD:
        assert Lead("ada", {"anything": value}).at(datetime(2026, 3, 1, tzinfo=UTC)).attributes


# -- answers -------------------------------------------------------------------------------------

ERRORS = {TypeError, TrapError, DefinitionError, UnknownNameError}
"""What models with somebody's own parts may raise, on purpose."""


def test_every_answer_is_met() -> None:
    """No answer is rare, and no case fails but for a part that is made to."""
    answers: Counter[object] = Counter()
    for seed in FEW:
        cases = Cases(seed)
        for case in cases:
            asked = told(lambda: Decision.of(cases.model, *case).status)  # noqa: B023
            answers[asked[1]] += 1
    total = len(FEW) * PER_SEED
    assert all(answers[status] > total / 10 for status in Status)
    assert answers.keys() - set(Status) <= ERRORS
    assert all(answers[error] for error in (TypeError, TrapError, DefinitionError))
    assert sum(answers[error] for error in ERRORS) < total / 20


def test_a_seed_always_makes_the_same() -> None:
    for seed in FEW[:40]:
        assert Cases(seed).model == Cases(seed).model
        assert repr(list(Cases(seed))) == repr(list(Cases(seed)))
