"""
How DuckDB finds out all that is asked about activities in one pass, and sorts few of them.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

import duckdb
import pytest

from mqlkit import Activity, Lead, Qualification, activity
from mqlkit.bulk.dialects.base import every_letter
from mqlkit.bulk.dialects.duckdb import DuckDB
from mqlkit.bulk.statement import statement
from mqlkit.bulk.tables import ActivityTable, LeadTable, Tables
from mqlkit.value import fold

NOW: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECOND: Final = timedelta(seconds=1)
Told = tuple[str | None, str, timedelta]
"""An id, a kind, and how long ago."""


def sequence() -> Qualification:
    asked = activity("opened").then(activity("asked"), days=3)
    return Qualification("m", version="1", when=asked)


def counting() -> Qualification:
    return Qualification("m", version="1", when=activity("opened").within(days=3).count() >= 2)


def answers(q: Qualification, told: list[Told]) -> tuple[str, str]:
    """What DuckDB and what the reference say."""
    rows = [Activity(kind, NOW - ago, {}, id_) for id_, kind, ago in told]
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE people AS SELECT 'a' AS id")
        connection.execute("CREATE TABLE done (lead VARCHAR, id VARCHAR, kind VARCHAR, us BIGINT)")
        for one in rows:
            us = round((one.at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))
            connection.execute("INSERT INTO done VALUES ('a', ?, ?, ?)", [one.id, one.kind, us])
        done = ActivityTable("done", "lead", "kind", "us", "id")
        tables = Tables(LeadTable("people", "id"), done)
        text = statement(q, tables, DuckDB(), NOW).text
        found = connection.execute(f"SELECT decision FROM ({text})").fetchone()
    assert found is not None
    return str(found[0]), str(q.decide(Lead("a", {}, rows), as_of=NOW).status)


@pytest.mark.parametrize(
    ("told", "holds"),
    [
        ([("1", "opened", timedelta(days=3)), ("2", "asked", SECOND)], True),
        ([("1", "opened", timedelta(days=3)), ("2", "asked", timedelta(0))], False),
        ([("1", "opened", SECOND), ("2", "asked", SECOND)], False),  # at once is not after
        ([("1", "asked", 2 * SECOND), ("2", "opened", SECOND)], False),
        ([("1", "opened", 9 * SECOND), ("2", "asked", 5 * SECOND), ("3", "asked", SECOND)], True),
        (
            [("1", "opened", timedelta(days=9)), ("2", "asked", timedelta(days=5)),
             ("3", "opened", timedelta(days=4)), ("4", "asked", timedelta(days=2))],
            True,
        ),
        ([("1", "opened", timedelta(days=30_000)), ("2", "asked", timedelta(days=29_999))], True),
        ([("2", "asked", SECOND)], False),
        ([], False),
    ],
)  # fmt: skip
def test_a_sequence_is_told_by_the_nearest_two(told: list[Told], holds: bool) -> None:
    """Also before 1970, where whole numbers are below zero."""
    found, right = answers(sequence(), told)
    assert found == right == ("qualified" if holds else "not qualified")


@pytest.mark.parametrize(
    ("told", "count"),
    [
        ([("1", "opened", SECOND), ("1", "opened", SECOND)], 1),
        ([("1", "opened", SECOND), ("1", "opened", 2 * SECOND)], 1),
        ([("1", "opened", SECOND), ("2", "opened", SECOND)], 2),
        ([(None, "opened", SECOND), (None, "opened", SECOND)], 2),
        ([("1", "opened", SECOND), ("1", "opened", timedelta(days=9))], 0),  # the first counts
        ([("1", "opened", SECOND), ("1", "left", SECOND), ("2", "opened", SECOND)], 1),
        ([("1", "opened", SECOND), ("1", "opened", -SECOND), ("2", "opened", SECOND)], 2),
    ],
)
def test_only_activities_whose_id_repeats_are_sorted_and_the_first_counts(
    told: list[Told], count: int
) -> None:
    found, right = answers(counting(), told)
    assert found == right == ("qualified" if count >= 2 else "not qualified")


def test_every_letter_that_folds_is_found() -> None:
    letters, lower = every_letter()
    pairs = [(c, fold(c)) for c in map(chr, range(0x110000)) if fold(c) != c]
    assert list(zip(letters, lower, strict=True)) == pairs
