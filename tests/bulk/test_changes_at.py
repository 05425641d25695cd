"""
When to look again, part by part, and that nothing changes before.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from bulk.beside import changes_at, model_of_kinds
from bulk.tabular import ActivityRow, DuckDBStore, LeadRow, World, world

from mqlkit import (
    Criterion,
    Decision,
    Qualification,
    Rule,
    Scorecard,
    Verdict,
    activity,
    attribute,
    days_in_stage,
    expires,
    half_life,
    linear,
    steps,
)
from mqlkit.bulk.dialects.sqlite import SQLite
from mqlkit.bulk.own import Columns, prints
from mqlkit.bulk.refusals import BulkError
from mqlkit.bulk.statement import statement
from mqlkit.value import LAST, MICROSECOND, micros_of, moment_at

STORE = DuckDBStore()
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
DAY = timedelta(days=1)
visits = activity("page_view")


def asked(when: Criterion, **parts: Any) -> Qualification:
    """A definition of one question."""
    return Qualification("mql", version="1", when=when, **parts)


def gives(*rules: Any) -> Qualification:
    """A definition of a card."""
    return asked(visits.happened(), card=Scorecard(*rules))


def lead(*ages: timedelta, now: datetime = NOW, **fields: Any) -> World:
    """A lead that did something so long ago; of a negative age it is still to come."""
    row = LeadRow("ada", fields, fields.get("stage"), fields.pop("since", None), now)
    did = [ActivityRow("ada", "page_view", now - age, None, {"page": "/"}) for age in ages]
    return World([row], did, properties={"page": "text"}, fields=FIELDS)


FIELDS: Any = {"employees": "whole", "signed_up": "instant"}


def next_of(model: Qualification, about: World) -> datetime | None:
    """What the column says, which is what the reference says."""
    row = about.leads[0]
    made = statement(model, STORE.write(about), STORE.dialect, row.as_of, changes_at=True)
    said = STORE.rows(made)[0]["changes_at"]
    assert said == changes_at(Decision.of(model, about.lead(row), row.as_of))
    return None if said is None else moment_at(said)


@pytest.mark.parametrize(
    ("model", "about", "after"),
    [
        (asked(attribute("employees") >= 50), lead(DAY, employees=3), None),
        (asked(visits.happened()), lead(DAY), None),
        (asked(visits.happened()), lead(), None),
        (asked(visits.happened()), lead(DAY, -DAY), DAY),
        (asked(visits.within(days=7).happened()), lead(2 * DAY, 5 * DAY, 8 * DAY), 2 * DAY),
        (asked(visits.within(days=7).happened()), lead(7 * DAY), None),
        (asked(visits.within(days=7).happened()), lead(7 * DAY - MICROSECOND), MICROSECOND),
        (asked(visits.days_since_last() <= 3), lead(2 * DAY), DAY),
        (asked(visits.days_since_last() <= 3), lead(3 * DAY), MICROSECOND),
        (asked(visits.days_since_last() <= 3), lead(4 * DAY), None),
        (asked(attribute("signed_up").days_since() >= 3), lead(signed_up=NOW), 3 * DAY),
        (asked(attribute("signed_up").days_since() >= 3), lead(signed_up=None), None),
        (asked(attribute("signed_up").days_since() >= 3), lead(signed_up=NOW - 4 * DAY), None),
        (asked(days_in_stage() >= 3), lead(stage="mql", since=NOW - DAY), 2 * DAY),
        (gives(Rule.latest("r", visits, 9, decay=linear(days=90))), lead(DAY / 4), DAY * 3 / 4),
        (gives(Rule.latest("r", visits, 9, decay=linear(days=90))), lead(90 * DAY), None),
        (gives(Rule.latest("r", visits, 9, decay=expires(days=30))), lead(DAY), 29 * DAY),
        (gives(Rule.latest("r", visits, 8, decay=steps({3: 0.5, 6: 0}))), lead(4 * DAY), 2 * DAY),
        (gives(Rule.latest("r", visits, 40, decay=half_life(days=14))), lead(162 * DAY), 2 * DAY),
        (gives(Rule.latest("r", visits, 0.05, decay=linear(days=90))), lead(DAY), 2 * DAY),
        (
            gives(Rule.latest("r", visits.within(days=5), 9, decay=linear(days=90))),
            lead(6 * DAY),
            None,
        ),
    ],
)
def test_the_next_instant(model: Qualification, about: World, after: timedelta | None) -> None:
    found = next_of(model, about)
    assert found == (None if after is None else NOW + after)


def test_beyond_the_calendar_nothing_happens() -> None:
    soon = asked(visits.within(days=2).happened())
    for now in (LAST - DAY, LAST - 12 * DAY, LAST - 9 * DAY):
        next_of(soon, lead(DAY, now=now))
    assert next_of(soon, lead(DAY, now=LAST - 12 * DAY)) == LAST - 11 * DAY
    assert next_of(soon, lead(DAY, now=LAST - 8 * DAY)) is None
    late = asked(attribute("signed_up").days_since() >= 3)
    assert next_of(late, lead(signed_up=LAST - DAY, now=LAST - DAY)) is None


def test_who_has_no_activities_loaded_waits_for_none() -> None:
    recent = asked(visits.within(days=7).happened())
    assert next_of(recent, attrs.evolve(lead(), activities=None)) is None


def test_a_hundred_moments_are_looked_at() -> None:
    fields: Any = {f"seen_{n}": "instant" for n in range(60)}
    seen = {name: NOW - n * DAY for n, name in enumerate(fields)}
    card = Scorecard(*(Rule(n, attribute(n).days_since() >= 100, 1) for n in fields))
    row = LeadRow("ada", seen, None, None, NOW)
    about = World([row], [], fields, {"page": "text"})
    assert next_of(asked(attribute("seen_0").known(), card=card), about) == NOW + 41 * DAY


@pytest.mark.parametrize("seed", range(1, 6))
def test_the_answer_is_the_same_until_then(seed: int) -> None:
    """Law 82: a microsecond before the next instant every answer is what it was."""
    model, about = model_of_kinds(seed), world(seed, 12)
    rows = {row.id: row for row in about.leads}
    about = attrs.evolve(about, leads=list(rows.values()))
    tables = STORE.write(about)
    now = STORE.rows(statement(model, tables, STORE.dialect, changes_at=True))
    ends = {row["lead_id"]: row["changes_at"] for row in now}
    later = [
        rows[id]._replace(as_of=moment_at(end) - MICROSECOND)
        for id, end in ends.items()
        if end is not None
    ]
    again = attrs.evolve(about, leads=later)
    shown = STORE.rows(statement(model, STORE.write(again), STORE.dialect, changes_at=True))
    before = {row["lead_id"]: {**row, "as_of": None} for row in now}
    assert later
    for row in shown:
        assert {**row, "as_of": None} == before[row["lead_id"]]


def test_what_is_to_come_is_no_part_of_the_answer() -> None:
    about = lead(-DAY, -2 * DAY)
    model = gives(Rule.each("r", visits, 5, at_most=3, per=1))
    tables = STORE.write(about)
    plain, ahead = (
        STORE.rows(statement(model, tables, STORE.dialect, NOW, changes_at=asks))[0]
        for asks in (False, True)
    )
    assert ahead.pop("changes_at") == micros_of(NOW + DAY)
    assert ahead == plain


# -- parts of one's own ----------------------------------------------------------------------------


@attrs.frozen
class IsEven(Criterion):
    """A question that reads no clock."""

    def judge(self, lead: Any) -> Verdict:
        number = lead.number("employees")
        return Verdict.UNKNOWN if number is None else Verdict.of(number % 2 == 0)

    def describe(self) -> str:
        return "employees are even"


@attrs.frozen
class IsMorning(IsEven):
    """A question that reads the clock, and does not say when its answer changes."""

    def judge(self, lead: Any) -> Verdict:
        return Verdict.of(lead.as_of.hour < 12)


@attrs.frozen
class IsNoon(IsMorning):
    """A question that says when its answer changes."""

    def changes_at(self, lead: Any) -> datetime | None:
        return None


@attrs.frozen
class IsBoth(IsEven):
    """A question made of others."""

    def parts(self) -> tuple[Criterion, ...]:
        return (IsEven(), IsMorning())


@prints(IsEven)
@prints(IsBoth)
def even(criterion: IsEven, columns: Columns) -> str:
    """The SQL of a question that reads no clock."""
    return f"{columns.number('employees')} % 2 = 0"


@prints(IsMorning)
@prints(IsNoon)
def morning(criterion: IsMorning, columns: Columns) -> str:
    """The SQL of a question that reads the clock."""
    return f"{columns.as_of} // 3600000000 % 24 < 12"


def test_a_part_of_ones_own_that_reads_no_clock_never_changes() -> None:
    assert next_of(asked(IsEven()), lead(DAY, employees=3)) is None


def test_a_part_of_ones_own_that_reads_the_clock_may_change_at_once() -> None:
    assert next_of(asked(IsMorning()), lead(DAY, employees=3)) == NOW + MICROSECOND


@pytest.mark.parametrize("part", [IsNoon(), IsBoth()])
def test_what_says_itself_when_it_changes_is_refused_by_name(part: Criterion) -> None:
    tables = STORE.write(lead(DAY, employees=3))
    statement(asked(part), tables, STORE.dialect, NOW)
    with pytest.raises(BulkError) as refused:
        statement(asked(part), tables, STORE.dialect, NOW, changes_at=True)
    told = "changes_at: DuckDB cannot tell when this may change: employees are even"
    assert refused.value.faults == (told,)


def test_what_no_engine_can_do_is_told_once() -> None:
    tables = STORE.write(lead(DAY))
    account = asked(visits.of_account().within(days=3).happened())
    with pytest.raises(BulkError) as refused:
        statement(account, tables, STORE.dialect, NOW, changes_at=True)
    assert any(fault.startswith("when: ") for fault in refused.value.faults)
    unheard = asked(attribute("left").days_since() >= 3)
    with pytest.raises(BulkError, match="'left'"):
        statement(unheard, tables, STORE.dialect, NOW, changes_at=True)
    staged = attrs.evolve(tables, leads=attrs.evolve(tables.leads, stage_since=None))
    with pytest.raises(BulkError, match="days in the stage"):
        statement(asked(days_in_stage() >= 3), staged, SQLite(), NOW, changes_at=True)


# -- the text --------------------------------------------------------------------------------------


def test_alike_ones_are_one_aggregate() -> None:
    """Windows of one length, and what fades by the day, are looked at together."""
    rules = [
        Rule.each("a", visits.within(days=30), 5),
        Rule.each("b", activity("demo").within(days=30), 5),
        Rule.each("c", activity("mail"), 5, decay=linear(days=90)),
        Rule.each("d", activity("call"), 7, decay=linear(days=60)),
    ]
    text = statement(gives(*rules), STORE.write(lead()), STORE.dialect, NOW, changes_at=True).text
    assert text.count("MAX(age) FILTER") == 2
    assert text.count("MAX(age - ") == 1
    assert "kind IN ('demo', 'page_view')" in text


def test_who_does_not_ask_pays_nothing() -> None:
    text = statement(
        gives(Rule.each("a", visits.within(days=30), 5)), STORE.write(lead()), STORE.dialect, NOW
    ).text
    assert "age >= 0" not in text
    assert f"us <= {micros_of(NOW)}" in text


def test_a_decision_looks_again_as_its_row_does() -> None:
    about = lead(2 * DAY)
    model = asked(visits.within(days=7).happened())
    decision = Decision.of(model, about.lead(about.leads[0]), NOW)
    assert decision.changes_at == next_of(model, about)
