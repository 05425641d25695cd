"""The answer of bulk as the rows of a file: what the in-process engine writes, to the byte."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from mqlkit import (
    Activity,
    Decision,
    Group,
    Lead,
    Qualification,
    Rule,
    Scorecard,
    Status,
    activity,
    attribute,
    grade,
    score,
)
from mqlkit.bulk.dialects.duckdb import DuckDB
from mqlkit.bulk.outputs import as_schema, schema_of
from mqlkit.bulk.statement import Statement, statement
from mqlkit.bulk.tables import ActivityTable, Cell, LeadTable, Tables
from mqlkit.cli.answer import Answer, parts_of
from mqlkit.tables import Format, open_output
from mqlkit.tables.output import columns_of, row_of

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
MODEL = Qualification(
    "fit; and more",
    version="1",
    card=Scorecard(
        Group("Fit, of all", [Rule("size", attribute("size") >= 50, 12.345)]),
        Group("did", [Rule.each("views", activity("view"), 1.5, at_most=3)]),
    ),
    when=(score("Fit, of all") >= 10) & (score() >= 13),
    never={
        "rival; of us": attribute("mail").domain_is("rival.example"),
        "no": attribute("no").is_true(),
    },
    at_once={"asked": activity("ask").within(days=7).happened()},
    grades={"letter": grade("Fit, of all", {"A": 10}, lowest="B")},
    labels={"big; or so": attribute("size") >= 100, "seen": activity("view").happened()},
)
LEADS = {
    "a": {"size": 60, "mail": "a@a.example", "no": False},
    "b, \"quoted\"": {"size": 120, "mail": "b@rival.example", "no": True},
    "c": {"size": None, "mail": "c@c.example", "no": False},
    "d": {"size": 5, "mail": "d@d.example", "no": False},
    "é": {"size": 200, "mail": None, "no": None},
}  # fmt: skip
DID = [
    ("a", "view", 1), ("a", "view", 2), ("c", "view", 3), ("d", "ask", 5), ("d", "ask", 6),
]  # fmt: skip


@pytest.fixture
def answered() -> Iterator[tuple[Statement, Any]]:
    leads = LeadTable(
        "leads", "id",
        {"size": Cell("size", "whole"), "mail": Cell("mail", "text"), "no": Cell("no", "flag")},
    )  # fmt: skip
    activities = ActivityTable("did", "lead", "kind", 'EPOCH_US("at")')
    made = statement(
        MODEL, Tables(leads, activities), DuckDB(), AS_OF, changes_at=True, ordered=True
    )
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'America/New_York'")
        database.execute("CREATE TABLE leads (id TEXT, size BIGINT, mail TEXT, no BOOLEAN)")
        database.executemany(
            "INSERT INTO leads VALUES (?, ?, ?, ?)",
            [(key, *values.values()) for key, values in LEADS.items()],
        )
        database.execute('CREATE TABLE did (lead TEXT, kind TEXT, "at" TIMESTAMPTZ)')
        database.executemany(
            "INSERT INTO did VALUES (?, ?, ?)",
            [(lead, kind, AS_OF - timedelta(days=days)) for lead, kind, days in DID],
        )
        reader = database.sql(made.text).to_arrow_reader(2)
        schema = schema_of(made.columns)
        yield made, [as_schema(batch, schema) for batch in reader]


def decisions() -> Iterator[Decision]:
    for key, attributes in LEADS.items():
        did = [
            Activity(kind, AS_OF - timedelta(days=days)) for who, kind, days in DID if who == key
        ]
        yield MODEL.decide(Lead(key, attributes, did), as_of=AS_OF)


def in_process(path: Path) -> None:
    with open_output(str(path), columns_of(MODEL, changes_at=True)) as output:
        for decision in decisions():
            output.write(row_of(decision, changes_at=True))


@pytest.mark.parametrize("format_", ["csv", "jsonl", "parquet"])
def test_a_file_is_the_one_that_the_in_process_engine_writes(
    answered: tuple[Statement, Any], tmp_path: Path, format_: Format
) -> None:
    made, batches = answered
    wanted, found = tmp_path / f"in_process.{format_}", tmp_path / f"bulk.{format_}"
    in_process(wanted)
    with found.open("wb") as file:
        Answer(MODEL, made.columns).write(file, format_, iter(batches))
    if format_ == "parquet":
        assert pq.read_table(found).to_pylist() == pq.read_table(wanted).to_pylist()
        assert pq.read_schema(found).equals(pq.read_schema(wanted))
    else:
        assert found.read_bytes().decode() == wanted.read_bytes().decode()


@pytest.mark.parametrize("format_", ["csv", "jsonl", "parquet"])
def test_a_file_of_no_rows_has_its_columns(
    answered: tuple[Statement, Any], tmp_path: Path, format_: Format
) -> None:
    wanted, found = tmp_path / f"in_process.{format_}", tmp_path / f"bulk.{format_}"
    with open_output(str(wanted), columns_of(MODEL, changes_at=True)):
        pass
    with found.open("wb") as file:
        Answer(MODEL, answered[0].columns).write(file, format_, iter(()))
    if format_ == "parquet":
        assert pq.read_schema(found).equals(pq.read_schema(wanted))
    else:
        assert found.read_bytes() == wanted.read_bytes()


def test_rows_are_counted_as_they_pass(answered: tuple[Statement, Any]) -> None:
    made, batches = answered
    answer = Answer(MODEL, made.columns)
    assert sum(batch.num_rows for batch in answer.passing(batches)) == answer.decided == len(LEADS)
    wanted = list(decisions())
    assert dict(answer.by_status) == dict(Counter(one.status for one in wanted))
    assert answer.reasons == Counter((one.status, why) for one in wanted for why in one.reasons)
    needs = [one for one in wanted if one.status is Status.NEEDS_DATA]
    assert answer.missing == Counter(fact.field for one in needs for fact in one.missing)


def test_texts_that_have_the_joint_in_them_come_apart_as_they_were() -> None:
    known = ["a", "b; c", "c", "d"]
    for texts in (["a", "b; c"], ["b; c", "c", "d"], ["c"], ["a", "d"], []):
        assert parts_of("; ".join(texts), known) == texts
    assert parts_of("x; y", known) == ["x", "y"]  # nothing that is known
