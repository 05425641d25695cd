"""
A company at its full size: every engine answers as the reference does, in both modes of `as_of`.

20,000 leads with 600,000 activities, and a definition of every part that an engine accepts. Every
day DuckDB and SQLite decide all of them in both modes, and are compared with one another in every
column, with the compiled engine for each lead at its own instant, and with the reference itself for
some hundreds. Before a release the reference decides all leads at all instants, for every engine.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import cached_property
from random import Random
from typing import Any, Final

import attrs
import pytest
from bulk.identity import WAYS, Row, Way, answers, differing, expected, given, rule_points
from bulk.stores import SQLiteStore, opened, without_blank_lists
from bulk.tabular import DuckDBStore, LeadRow, World
from bulk.whole import NOW, whole_model, whole_world
from engines.own_parts import everything_in

from mqlkit import Decision, Qualification
from mqlkit.bulk.statement import statement
from mqlkit.registry import entries
from mqlkit.value import micros_of

ONE, OWN = WAYS[0], WAYS[2]
MODES: Final[tuple[Way, ...]] = (ONE, OWN)
SAMPLE: Final = 400
WITHOUT: Final[dict[str, tuple[str, ...]]] = {
    "duckdb": (),
    "sqlite": (),
    "clickhouse": (),
    "postgres": ("patterns",),
    "spark": ("patterns",),
    "datafusion": ("patterns", "lists"),
}
"""What each of them refuses by name."""


# -- the definition --------------------------------------------------------------------------------

NOT_IN_TABLES: Final = {"people"}
"""A table of leads has no accounts, so that every engine refuses these."""
REFUSED: Final = {"patterns": {"matches"}, "lists": {"has_any", "has_all"}}
USUAL: Final = {
    ("Activities", "of"),  # an account's activities, refused as above
    ("Window", "calendar_months"),  # refused by all
    ("NamedList", "given"),  # how a model file is written
    ("Qualification", "unknowns"),  # of all formulas at once: the generated models
}
"""What stands in the definition as it is by default."""


def tags() -> set[str]:
    """Every part of mqlkit's own that has a name in model files."""
    return {one.tag for one in entries(object) if one.cls.__module__.startswith("mqlkit.")}


def parts_of(model: Qualification) -> set[str]:
    """The names of a definition's parts."""
    found = {type(part) for part in everything_in(model)}
    return {one.tag for one in entries(object) if one.cls in found}


@pytest.mark.parametrize("engine", WITHOUT)
def test_the_definition_has_every_part_that_an_engine_accepts(engine: str) -> None:
    refused = set().union(NOT_IN_TABLES, *(REFUSED[one] for one in WITHOUT[engine]))
    assert tags() - parts_of(whole_model(WITHOUT[engine])) == refused & tags()


def test_every_setting_of_a_part_is_used() -> None:
    """Each field with a default stands somewhere as something else."""
    parts = [part for part in everything_in(whole_model()) if attrs.has(type(part))]
    fields = {
        (type(part).__name__, field.name): field.default
        for part in parts
        for field in attrs.fields(type(part))
        if field.init and field.default is not attrs.NOTHING
    }
    told = {
        (type(part).__name__, field.name)
        for part in parts
        for field in attrs.fields(type(part))
        if field.init and getattr(part, field.name) != field.default
    }
    assert set(fields) - told == USUAL & set(fields)


# -- the company -----------------------------------------------------------------------------------


class Company:
    """The world, and what is right of it; each made when it is first asked for."""

    @cached_property
    def world(self) -> World:
        return whole_world()

    @cached_property
    def exactly(self) -> dict[tuple[str, int], Row]:
        """What the reference says of each lead at each of its instants."""
        return dict(self.decided(self.world.leads))

    def decided(self, leads: Sequence[LeadRow]) -> Iterator[tuple[tuple[str, int], Row]]:
        """What the reference says of some leads, at the one instant and at their own."""
        model = whole_model()
        for row in leads:
            lead = self.world.lead(row)
            for instant in sorted({NOW, row.as_of}):
                decision = Decision.of(model, lead, instant)
                right = expected(decision)
                right["rules"] = rule_points(decision)
                yield (row.id, micros_of(instant)), right

    def right(self, way: Way, without: tuple[str, ...]) -> Iterator[Row]:
        """
        What is right for an engine that refuses something.

        Only labels ask for that: the rest of an answer is the same without them.
        """
        model, whole = whole_model(without), whole_model()
        dropped = set(whole.labels) - set(model.labels)
        for row in self.world.leads:
            right = self.exactly[_place(row, way)]
            labels = [one for one in right["labels"].split("; ") if one not in dropped]
            yield {**right, "labels": "; ".join(labels), "fingerprint": model.fingerprint}


def as_of_in(way: Way) -> datetime | None:
    """The one instant, or None where each lead has its own."""
    return NOW if way == ONE else None


def _place(row: LeadRow, way: Way) -> tuple[str, int]:
    """A lead and when it is decided."""
    return row.id, micros_of(as_of_in(way) or row.as_of)


@pytest.fixture(scope="module")
def company() -> Company:
    return Company()


def test_what_a_lesser_definition_answers_is_told_right(company: Company) -> None:
    """The reference says of it what `Company.right` derives from the whole one."""
    few = Company()
    few.__dict__["world"] = attrs.evolve(company.world, leads=company.world.leads[:100])
    for without in {*WITHOUT.values()}:
        model = whole_model(without)
        told = [expected(Decision.of(model, few.world.lead(row), NOW)) for row in few.world.leads]
        derived = list(few.right(ONE, without))
        assert [{**row, "rules": None} for row in derived] == [
            {**row, "rules": None} for row in told
        ]


# -- every day -------------------------------------------------------------------------------------


def test_duckdb_and_sqlite_answer_as_the_reference_does(company: Company) -> None:
    """Law 133 for 20,000 leads with 600,000 activities, and the same answers of both engines."""
    model, world = whole_model(), company.world
    stores = DuckDBStore(), SQLiteStore()
    tables = [store.write(world) for store in stores]
    some = Random("sample").sample(world.leads, SAMPLE)
    right = dict(company.decided(some))
    told: dict[tuple[str, int], Row] = {}
    found: list[str] = []
    for way in (OWN, ONE):
        rows, others = (
            store.rows(statement(model, table, store.dialect, as_of_in(way), rules=True))
            for store, table in zip(stores, tables, strict=True)
        )
        assert {_key(row) for row in rows} == {_place(row, way) for row in world.leads}
        found += (f"SQLite, {way}: {one}" for one in _apart(rows, others))
        exact = [right[_place(row, way)] for row in some]
        sampled = {_place(row, way) for row in some}
        answered = [given(row, rules=True) for row in rows if _key(row) in sampled]
        found += (f"reference, {way}: {one}" for one in differing(answered, exact))
        found += (f"{way}: {_key(row)}" for row in rows if told.setdefault(_key(row), row) != row)
    stores[1].close()
    for row in world.leads:
        place = _place(row, OWN)
        if _brief(model.decide(world.lead(row), as_of=row.as_of)) != _brief_of(told[place]):
            found.append(f"compiled: {place}")
    assert found[:20] == []


def _key(row: Row) -> tuple[str, int]:
    return row["lead_id"], row["as_of"]


def _apart(rows: list[Row], others: list[Row]) -> Iterator[str]:
    """The leads of which two engines say something else, in any column."""
    beside = {_key(row): row for row in others}
    assert len(beside) == len(rows) == len(others)
    for row in rows:
        if row != beside.get(_key(row)):
            yield str(_key(row))


def _brief(decision: Decision) -> tuple[Any, ...]:
    """The decision and the ends of all scores, by the compiled engine."""
    scores = {name: found.millis for name, found in decision.scores.items()}
    return str(decision.status), tuple(scores.values())


def _brief_of(row: Row) -> tuple[Any, ...]:
    """The same of a row."""
    names = [name for name in row if name.startswith("score") and name + "_low" in row]
    return row["decision"], tuple((row[f"{n}_low"], row[n], row[f"{n}_high"]) for n in names)


def test_a_millipoint_is_noticed() -> None:
    """A liar: an engine that says a thousandth too much of one rule, or of one score."""
    store, model = DuckDBStore(), whole_model()
    tables = store.write(whole_world(20, 10))
    honest = store.rows(statement(model, tables, store.dialect, NOW, rules=True))
    for column in ("rule_odd", "score_interest_high"):
        rows = [dict(row) for row in honest]
        rows[7][column] += 1
        assert list(_apart(rows, honest)) == [str(_key(honest[7]))]
    assert _brief_of(rows[7]) != _brief_of(honest[7])


# -- before a release ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Spark, in one session for both modes."""
    pytest.importorskip("pyspark")
    from bulk.spark_store import SparkStore, start

    session = start(str(tmp_path_factory.mktemp("warehouse")))
    yield SparkStore(session)
    session.stop()


@contextmanager
def store_of(engine: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """An engine's store."""
    with ExitStack() as stack:
        match engine:
            case "duckdb":
                yield DuckDBStore()
            case "spark":
                yield request.getfixturevalue("spark")
            case _:
                yield stack.enter_context(opened(engine))


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("engine", WITHOUT)
def test_an_engine_answers_as_the_reference_does_for_the_whole_company(
    company: Company, engine: str, request: pytest.FixtureRequest
) -> None:
    """Law 133 for 20,000 leads with 600,000 activities, each of them decided by the reference."""
    without = WITHOUT[engine]
    model, world = whole_model(without), company.world
    if engine == "clickhouse":
        world = without_blank_lists(world)
    with store_of(engine, request) as store:
        for way in MODES:
            rows = answers(store, model, world, as_of_in(way))
            found = list(differing(rows, company.right(way, without)))
            assert (way, len(found), found[:20]) == (way, 0, [])
