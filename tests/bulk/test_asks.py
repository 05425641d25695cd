"""Asks that are seldom made: each means in tables what it means in process, or is refused."""

from datetime import UTC, datetime, timedelta

import attrs
import pyarrow as pa
import pytest

from mqlkit import (
    Criterion,
    Decay,
    LabelMeasure,
    Measure,
    NamedList,
    Qualification,
    Range,
    Rule,
    Scorecard,
    Snapshot,
    Verdict,
    activity,
    all_of,
    any_of,
    attribute,
    bulk,
    days_in_stage,
    grade,
    half_life,
    known,
    matrix,
    score,
    stage,
)
from mqlkit.criteria.aggregate import Count
from mqlkit.criteria.choices import lookup
from mqlkit.criteria.selection import Selection

NOW = datetime(2026, 3, 31, tzinfo=UTC)
LEADS = pa.table(
    {
        "lead_id": ["ada", "bob", "cy"],
        "opted_in": [True, False, None],
        "mail": ["ann@acme.example", "nobody", None],
        "title": ["VP", "cto", None],
        "since": [NOW - timedelta(days=3), NOW - timedelta(days=9), None],
        "tags": [["a", "b"], [], None],
    }
)
ACTIVITIES = pa.table(
    {
        "lead_id": ["ada", "ada", "bob"],
        "kind": ["visit", "call", "visit"],
        "at": [NOW - timedelta(days=3), NOW - timedelta(days=2), NOW - timedelta(days=1)],
        "value": [5.5, None, 1.0],
    }
)
MEANT = (
    attribute("opted_in").is_in(False),
    attribute("mail", default="x@acme.example").domain_is("acme.example"),
    attribute("title") >= "d",
    attribute("title", case_sensitive=True) < "W",
    attribute("title").is_in(),
    attribute("title", default="x").is_in(),
    attribute("since").days_since().equals(3.00000000001),
    attribute("tags").all_of(),
    attribute("tags").any_of(),
    all_of(),
    any_of(),
)


@pytest.mark.parametrize("asked", MEANT, ids=Criterion.describe)
def test_what_is_seldom_asked_means_the_same_in_tables(asked: Criterion) -> None:
    with bulk.decide(Qualification("q", version="1", when=asked), LEADS, as_of=NOW) as run:
        assert run.verify(None).agrees


@pytest.mark.parametrize("value", [False, 0])
def test_a_flag_is_no_number_whichever_is_asked_for_first(value: bool | int) -> None:
    """To Python they are equal."""
    asked = attribute("opted_in").is_in(value)
    assert set(map(type, lookup(asked.values))) == {type(value)}
    assert set(map(type, lookup(NamedList("values", [value])))) == {type(value)}


def test_a_rule_without_rows_and_one_of_the_newest_thousands_give_the_same_points() -> None:
    card = Scorecard(
        Rule.first_of("nothing"),
        Rule.each("seen", activity("visit"), 5, at_most=1_500, decay=half_life(days=7)),
    )
    definition = Qualification("q", version="1", when=score() >= 4, card=card)
    with bulk.decide(definition, LEADS, ACTIVITIES, as_of=NOW) as run:
        assert run.verify(None).agrees
        assert run.counts().decisions["qualified"] == 1


def refused(definition: Qualification) -> list[str]:
    with pytest.raises(bulk.BulkError) as caught:
        bulk.decide(definition, LEADS, ACTIVITIES, as_of=NOW)
    return [fault.partition("; known are")[0] for fault in caught.value.faults]


def test_all_that_no_column_tells_is_told_at_once() -> None:
    shoe = attribute("shoe")
    asked = all_of(
        shoe.contains("x"),
        shoe >= "x",
        shoe.matches("x"),
        shoe.domain_is("x.example"),
        shoe.is_in(True, False),
        shoe.any_of("x"),
        shoe.is_in(),
        shoe.days_since().equals(1.00000000001),
        known("shoe"),
        stage().equals("recycled"),
        days_in_stage() >= 3,
    )
    card = Scorecard(Rule.by_value("country", "land", {"DE": 5}))
    assert refused(Qualification("q", version="1", when=asked, card=card)) == [
        "when: asks for the field 'shoe', which the leads do not have",
        "when: asks for the stage, which the leads do not have",
        "when: asks for days in the stage, which the leads do not have",
        "rule 'country': asks for the field 'land', which the leads do not have",
    ]


@attrs.frozen
class Colour(LabelMeasure):
    """A label of one's own."""

    def labels(self, lead: Snapshot) -> frozenset[str] | None:
        return None

    def describe(self) -> str:
        return "colour"


@attrs.frozen(order=False)
class Length(Measure):
    """A measure of one's own."""

    def range(self, lead: Snapshot, kind: str = "number") -> Range | None:
        return None

    def describe(self) -> str:
        return "length"


@attrs.frozen
class Nearby(Selection):
    """A selection of one's own."""


@attrs.frozen
class Endless(Decay):
    """It takes away a point of a thousand every day."""

    lifespan = None

    def left(self, points: int, days: int) -> int:
        return max(points - days, 0)

    def describe(self) -> str:
        return "a bit every day"


@attrs.frozen
class Other(Criterion):
    """A criterion of one's own, without a printer."""

    def judge(self, lead: Snapshot) -> Verdict:
        return Verdict.UNKNOWN

    def describe(self) -> str:
        return "something else"


def test_what_has_no_sql_is_refused_by_name() -> None:
    visits = activity("visit")
    wide = grade("total", {chr(ord("A") + n): 100 - n for n in range(12)}, lowest="Z")
    asked = all_of(
        attribute("tags", default="x").any_of("a"),
        attribute("tags").any_of(1, 2),
        Length().equals(5),
        visits.sum("shoe") > 1,
        visits.where(Other()).happened(),
        Count(Nearby(("visit",))) >= 1,
    )
    never_done = Rule.each("seen", visits, 10_000, decay=Endless())
    definition = Qualification(
        "q",
        version="1",
        when=asked,
        card=Scorecard(never_done),
        grades={"hue": Colour(), "wide": matrix(wide, wide)},
    )
    assert refused(definition) == [
        'when: tags ("x" if blank) have any of: "a" (HasAny) has no SQL',
        "when: tags have any of: 1 or 2 (HasAny): a list in a table is a list of texts",
        "when: DuckDB cannot do length is 5 (Equals)",
        "when: asks for the field 'shoe', which the activities do not have",
        "when: DuckDB cannot do something else (Other); register a printer with bulk.prints",
        "when: DuckDB cannot do any visit (AtLeast)",
        "rule 'seen': a decay of more than 233,600 days: a bit every day",
        "grade 'hue': colour (Colour) has no SQL",
        "grade 'wide': a matrix of 8,281 possible answers",
    ]
