"""Columns, folders and relations may be called what they like, and texts that differ differ."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from mqlkit import Qualification, activity, attribute, bulk

NOW = datetime(2026, 3, 31, tzinfo=UTC)
MQL = Qualification("mql", version="1", when=attribute("employees") >= 50)
VISITED = Qualification(
    "mql",
    version="1",
    when=attribute("page").equals("a") | (activity("visit").count() >= 2),
)
Form = Callable[[pa.Table, Path], Any]


def answers(leads: Any, activities: Any = None, mql: Any = MQL, **more: Any) -> dict[str, str]:
    with bulk.decide(mql, leads, activities, as_of=NOW, **more) as run:
        return {row["lead_id"]: row["decision"] for row in run.to_arrow().to_pylist()}


def stored(table: pa.Table, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)
    return path


FORMS: dict[str, Form] = {
    "Arrow": lambda table, _: table,
    "batch": lambda table, _: table.combine_chunks().to_batches()[0],
    "Polars": lambda table, _: pl.DataFrame(table),
    "lazy Polars": lambda table, _: pl.DataFrame(table).lazy(),
    "pandas": lambda table, _: table.to_pandas(),
    "dataset": lambda table, _: ds.dataset(table),
    "stream": lambda table, _: table.to_reader(),
    "Parquet": lambda table, folder: stored(table, folder / "leads.parquet"),
}
ADDED = ("file_row_number", "FileName", "mqlkit_file", "mqlkit_row", "mqlkit_cut_0", "file_index")


@pytest.mark.parametrize("form", FORMS)
def test_a_column_may_be_called_as_one_that_is_added(form: str, tmp_path: Path) -> None:
    own = {name: [3, 2, 1] for name in ADDED}
    leads = pa.table({"id": ["a", "b ", "a"], "employees": [100, 100, 1]} | own)
    given = FORMS[form](leads, tmp_path)

    with bulk.decide(MQL, given, as_of=NOW) as run:
        found = {row["lead_id"]: row["decision"] for row in run.to_arrow().to_pylist()}
        (fault,) = run.faults()

    assert found == {"a": "qualified", "b": "qualified"}
    assert (fault.problem, fault.example) == ("has the key of an earlier row", 3)


def test_several_files_with_such_columns_keep_their_order(tmp_path: Path) -> None:
    paths = [
        stored(
            pa.table({"id": ["a"], "employees": [employees], "filename": [name]}),
            tmp_path / f"{name}.parquet",
        )
        for name, employees in (("z", 100), ("a", 1))
    ]

    assert answers(paths) == {"a": "qualified"}
    assert answers(paths[::-1]) == {"a": "not qualified"}


@pytest.mark.parametrize("form", FORMS)
def test_names_may_differ_by_case_alone(form: str, tmp_path: Path) -> None:
    leads = pa.table({"lead_id": ["a"], "Employees": [1], "employees": [100]})

    assert answers(FORMS[form](leads, tmp_path)) == {"a": "qualified"}
    swapped = leads.rename_columns(["lead_id", "employees", "Employees"])
    assert answers(FORMS[form](swapped, tmp_path)) == {"a": "not qualified"}


@pytest.mark.parametrize("form", ["Arrow", "batch", "pandas", "Parquet"])
def test_two_columns_of_one_name_are_refused(form: str, tmp_path: Path) -> None:
    leads = pa.table([["a"], [1], [100]], names=["id", "employees", "employees"])

    with pytest.raises(bulk.BulkError, match="has the column 'employees' more than once"):
        answers(FORMS[form](leads, tmp_path))


# -- databases ---------------------------------------------------------------------------------


@pytest.fixture
def only_read(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    path = tmp_path / "crm.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE l AS SELECT 'a' AS id, 100 AS employees")
    with duckdb.connect(path, read_only=True) as connection:
        yield connection


def test_a_relation_of_a_database_that_is_only_read(only_read: Any) -> None:
    for relation in (only_read.table("l"), only_read.sql("SELECT * FROM l WHERE id = 'a'")):
        assert answers(relation, connection=only_read) == {"a": "qualified"}
    assert only_read.sql("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall() == []


QUERIES = [
    "(select * from l limit 5)",
    "((SELECT * FROM l))",
    "select*from l",
    " ( select * from l)",
    "(from l)",
    "(with r as (select * from l) select * from r);",
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_may_stand_in_parentheses(query: str, only_read: Any) -> None:
    assert answers(query, connection=only_read) == {"a": "qualified"}


@pytest.mark.parametrize("given", ["query", "table", "relation"])
def test_texts_that_differ_differ_whatever_a_column_declares(given: str) -> None:
    with duckdb.connect() as connection:
        text = "VARCHAR COLLATE NOCASE.NOACCENT"
        connection.execute(f"CREATE TABLE l (id {text}, page {text})")
        connection.execute("INSERT INTO l VALUES ('a', 'z'), ('A', 'z'), ('b', '\u00e1')")
        connection.execute(f'CREATE TABLE t (lead_id {text}, kind {text}, "at" TIMESTAMPTZ)')
        connection.execute(
            "INSERT INTO t SELECT UNNEST(['a', 'A', 'A']), UNNEST(['VISIT', 'visit', 'visit']), "
            "TIMESTAMPTZ '2026-03-01 00:00:00Z'"
        )
        forms: dict[str, Callable[[str], Any]] = {
            "query": lambda name: f"SELECT * FROM {name}",
            "table": lambda name: name,
            "relation": connection.table,
        }
        leads, activities = (forms[given](name) for name in "lt")
        found = answers(leads, activities, VISITED, connection=connection)

    assert found == {"a": "not qualified", "A": "qualified", "b": "not qualified"}


def test_a_connection_to_which_texts_that_differ_are_equal_is_refused() -> None:
    with duckdb.connect() as connection:
        connection.execute("SET default_collation = 'NOCASE'")
        with pytest.raises(bulk.BulkError, match="default_collation is 'NOCASE'"):
            answers(pa.table({"id": ["a"]}), connection=connection)
        connection.execute("RESET default_collation")
        leads = pa.table({"id": ["a"], "employees": [1]})
        assert answers(leads, connection=connection) == {"a": "not qualified"}


# -- folders -----------------------------------------------------------------------------------

FOLDERS = ("lead_id=zz", "k=1", "c0=x", "a*b", "a[b]?", "raw=1")
WRITTEN: dict[str, Callable[[pl.DataFrame, Path], object]] = {
    "parquet": lambda frame, path: frame.write_parquet(path),
    "csv": lambda frame, path: frame.write_csv(path),
    "jsonl": lambda frame, path: frame.write_ndjson(path),
}


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("end", WRITTEN)
def test_a_folder_is_no_column_and_no_pattern(
    folder: str, end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither that of a file that is given nor that of files kept beside the run."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / folder))
    for name, employees in ((folder, 100), ("axb", 1)):
        (tmp_path / name).mkdir()
        frame = pl.DataFrame({"lead_id": ["a", "a"], "employees": [employees, 1], "k": ["x"] * 2})
        path = tmp_path / name / f"leads.{end}"
        WRITTEN[end](frame, path)
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(
        'format = 1\n[leads]\nothers = "keep"\n[leads.columns]\nemployees = { kind = "number" }\n',
        encoding="utf-8",
    )

    found = answers(tmp_path / folder / f"leads.{end}", mapping=mapping)
    assert found == {"a": "qualified"}
