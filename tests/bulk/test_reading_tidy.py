"""Text that needs no cleaning is read as it is; all other text is cleaned as ever."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mqlkit import Qualification, activity, bulk

NOW = datetime(2026, 3, 31, tzinfo=UTC)
MQL = Qualification("mql", version="1", when=activity("visit", page="/a").count() >= 2)
PLAIN = {"lead_id": ["ada", "ada", "bob"], "kind": ["visit"] * 3, "id": ["1", "2", None]}
PAGES = ["/a", "/A", None]


def of(pages: list[str | None] = PAGES, **other: list[Any]) -> pa.Table:
    return pa.table(PLAIN | other | {"at": [NOW] * 3, "page": pages})


def decided(activities: Any, **more: Any) -> bulk.Run:
    leads = pa.table({"id": ["ada", "bob"]})
    run: bulk.Run = bulk.decide(MQL, leads, activities, as_of=NOW, ordered=True, **more)
    return run


def cleans(run: bulk.Run, column: str) -> bool:
    """Whether a column of the activities is cleaned."""
    _, _, read = run.sql.partition("read_activities")
    return f'TRIM("{column}"' in read


def answers(run: bulk.Run) -> list[tuple[str, str]]:
    return [(row["lead_id"], row["decision"]) for row in run.to_arrow().to_pylist()]


EVERY = ("lead_id", "kind", "id", "page")
DIRTY: dict[str, list[Any]] = {
    "lead_id": ["ada", "\u00a0ada", "bob"],
    "kind": ["visit", "visit ", "visit"],
    "id": ["1", "\t2", None],
    "page": ["/a", "/A", "  "],
}


def test_all_of_it_is_read_as_it_is() -> None:
    run = decided(of())

    assert not any(cleans(run, column) for column in EVERY)
    assert answers(run) == [("ada", "qualified"), ("bob", "not qualified")]


@pytest.mark.parametrize("dirty", DIRTY)
def test_one_cell_that_needs_it_and_its_column_is_cleaned(dirty: str, tmp_path: Path) -> None:
    path = tmp_path / "activities.parquet"
    spoiled = {dirty if dirty != "page" else "pages": DIRTY[dirty]}
    pq.write_table(of(**spoiled), path)
    run = decided(path)

    assert [column for column in EVERY if cleans(run, column)] == [dirty]
    assert answers(run) == [("ada", "qualified"), ("bob", "not qualified")]


def test_a_key_that_is_read_once_is_cleaned_for_less_than_a_look() -> None:
    run = decided(of(), unique_ids=True)

    assert [column for column in EVERY if cleans(run, column)] == ["lead_id"]


def test_a_stated_blank_needs_cleaning(tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.toml"
    stated = 'format = 1\nblanks = ["none"]\n\n[[activities]]\nothers = "keep"\n'
    mapping.write_text(stated, encoding="utf-8")

    assert not cleans(decided(of(), mapping=mapping), "page")
    assert cleans(decided(of(["/a", "/A", "None"]), mapping=mapping), "page")


def test_what_can_change_after_the_look_is_cleaned() -> None:
    with duckdb.connect() as connection:
        given = of()
        connection.register("given", given)
        connection.execute("CREATE TABLE acts AS SELECT * FROM given")
        with decided("acts", connection=connection) as run:
            connection.execute("UPDATE acts SET lead_id = ' ' || lead_id, kind = kind || ' '")

            assert answers(run) == [("ada", "qualified"), ("bob", "not qualified")]
