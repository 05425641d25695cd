"""Whatever leads and activities are given as, they are the same; all that is wrong is told."""

import gzip
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from mqlkit import Qualification, activity, attribute
from mqlkit.bulk.dialects.duckdb import DuckDB
from mqlkit.bulk.reading import DataFault, Opened, open_tables
from mqlkit.bulk.refusals import BulkError
from mqlkit.bulk.statement import statement
from mqlkit.tables import parse_mapping
from mqlkit.tables.mapping import DEFAULT

from .reading_compare import ANY, told

NOW = datetime(2026, 3, 31, tzinfo=UTC)
LEADS = {
    "id": ["ada", "o'x", 'q"q', "late"],
    "employees": [60, None, 5, 70],
    "title": ["VP", " ", "x; DROP TABLE leads", "CTO"],
}
ACTIVITIES = {
    "lead_id": ["ada", "ada", "o'x", "late"],
    "kind": ["page_view", "page_view", "page_view", "page_view"],
    "at": [NOW - timedelta(days=1), NOW - timedelta(days=1), NOW, NOW + timedelta(days=1)],
    "id": ["1", "1", None, "2"],
    "page": ["/a", "/a", None, "/b"],
}
MQL = Qualification(
    "mql",
    version="1",
    when=(attribute("employees") >= 50) & activity("page_view").happened(),
)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'America/New_York'")
        yield connection


def opened(connection: Any, leads: Any, activities: Any = None, **more: Any) -> Opened:
    more = {"mapping": DEFAULT, "qualification": ANY} | more
    return open_tables(connection, leads, activities, **more)


def arrow(data: dict[str, list[Any]]) -> pa.Table:
    return pa.table(data)


def put(connection: Any, name: str, table: pa.Table) -> str:
    connection.register("given", table)
    quoted = name.replace('"', '""')
    connection.execute(f'CREATE TABLE "{quoted}" AS SELECT * FROM given')
    connection.unregister("given")
    return name


def parquet(folder: Path, name: str, table: pa.Table) -> Path:
    pq.write_table(table, folder / name)
    return folder / name


def file_of(end: str) -> Callable[[pa.Table, Path, Any], Path]:
    def make(table: pa.Table, folder: Path, _: Any) -> Path:
        path = folder / f"{len(table.column_names)}.{end}"
        frame = pl.DataFrame(table)
        frame.write_ndjson(path)
        return path

    return make


def glob_of(table: pa.Table, folder: Path, _: Any) -> str:
    columns = len(table.column_names)
    parquet(folder, f"part-{columns}-1.parquet", table.slice(0, 2))
    parquet(folder, f"part-{columns}-2.parquet", table.slice(2))
    return str(folder / f"part-{columns}-*.parquet")


FORMS: dict[str, Callable[[pa.Table, Path, Any], Any]] = {
    "Arrow table": lambda table, folder, connection: table,
    "Arrow stream": lambda table, folder, connection: table.to_reader(),
    "Arrow dataset": lambda table, folder, connection: ds.dataset(table),
    "Polars": lambda table, folder, connection: pl.DataFrame(table),
    "lazy Polars": lambda table, folder, connection: pl.DataFrame(table).lazy(),
    "pandas": lambda table, folder, connection: table.to_pandas(),
    "relation": lambda table, folder, connection: connection.from_arrow(table),
    "query": lambda table, folder, connection: (
        f'SELECT * FROM "{put(connection, str(len(table.column_names)), table)}" ; '
    ),
    "table": lambda table, folder, connection: put(
        connection, f'a "b.{len(table.column_names)}', table
    ),
    "schema and table": lambda table, folder, connection: (
        "main." + put(connection, f"t{len(table.column_names)}", table)
    ),
    "Parquet": lambda table, folder, connection: parquet(
        folder, f"it's {len(table.column_names)}.parquet", table
    ),
    "list of Parquet": lambda table, folder, connection: [
        parquet(folder, f"a{len(table.column_names)}.parquet", table.slice(0, 1)),
        str(parquet(folder, f"b{len(table.column_names)}.parquet", table.slice(1))),
    ],
    "glob": glob_of,
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_leads(
    form: str, tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    expected = opened(connection, arrow(LEADS), arrow(ACTIVITIES))
    make = FORMS[form]
    leads = make(arrow(LEADS), tmp_path, connection)
    tables = opened(connection, leads, make(arrow(ACTIVITIES), tmp_path, connection))
    assert {x.id: told(x) for x in tables.leads()} == {x.id: told(x) for x in expected.leads()}
    assert [decided(connection, tables)] == [
        {"ada": "qualified", "late": "not qualified", "o'x": "needs data", 'q"q': "not qualified"}
    ]
    tables.close()
    expected.close()


def decided(connection: Any, tables: Opened, as_of: Any = NOW) -> dict[str, str]:
    text = statement(MQL, tables.tables, DuckDB(), as_of).text
    rows = connection.sql(f"SELECT lead_id, decision FROM ({text})").fetchall()
    return dict(sorted(rows))


def test_packed_files_are_opened(tmp_path: Path, connection: Any) -> None:
    for name, content in (
        ("leads.csv.gz", b"id,n\na,1\n"),
        ("leads.jsonl.gz", b'{"id": "b", "n": "2"}'),
    ):
        (tmp_path / name).write_bytes(gzip.compress(content))
    tables = opened(connection, str(tmp_path / "leads*.gz"))
    assert {lead.id: lead.attributes["n"] for lead in tables.leads()} == {"a": "1", "b": "2"}
    tables.close()


# -- shares and single leads -------------------------------------------------------------------


def test_each_lead_is_in_one_bucket_with_all_its_activities(connection: Any) -> None:
    tables = opened(connection, arrow(LEADS), arrow(ACTIVITIES), qualification=MQL)
    found: dict[str, str] = {}
    for number in range(3):
        text = statement(MQL, tables.bucket(number, 3), DuckDB(), NOW).text
        rows = connection.sql(f"SELECT lead_id, decision FROM ({text})").fetchall()
        assert not found.keys() & dict(rows).keys()
        found |= dict(rows)
    assert dict(sorted(found.items())) == decided(connection, tables)


def test_a_lead_is_found_by_its_key_whatever_it_is(connection: Any) -> None:
    tables = opened(connection, arrow(LEADS), arrow(ACTIVITIES))
    lead = tables.lead("o'x")
    assert lead is not None
    assert told(lead)[0] == {"id": (False, "o'x")}
    assert tables.lead("' OR '1'='1") is None
    assert {found.id for found in tables.leads(['q"q', "ada", "nobody"])} == {'q"q', "ada"}


def test_without_activities_no_timeline_is_loaded(connection: Any) -> None:
    tables = opened(connection, arrow(LEADS))
    assert tables.tables.activities is None
    assert tables.bucket(0, 1).activities is None
    assert {lead.timeline for lead in tables.leads()} == {None}


def test_a_column_gives_each_row_its_own_instant(connection: Any, tmp_path: Path) -> None:
    leads = {
        "id": ["ada", "ada", "ada", "late"],
        "employees": [60, 1, 60, 60],
        "day": [NOW, NOW - timedelta(days=2), None, NOW + timedelta(days=2)],
    }
    path = tmp_path / "leads.jsonl"
    pl.DataFrame(leads).with_columns(pl.col("day").dt.strftime("%Y-%m-%dT%H:%M:%SZ")).write_ndjson(
        path
    )
    for given in (arrow(leads), path):
        tables = opened(connection, given, arrow(ACTIVITIES), as_of_column="day", qualification=MQL)
        text = statement(MQL, tables.tables, DuckDB()).text
        rows = connection.sql(f"SELECT lead_id, decision FROM ({text}) ORDER BY ALL").fetchall()
        assert rows == [("ada", "not qualified"), ("ada", "qualified"), ("late", "qualified")]
        before = tables.lead("ada", NOW - timedelta(days=2))
        assert before is not None
        assert before.attributes["employees"] == 1
        assert [(f.problem, f.rows, f.refused) for f in tables.faults() if f.column == "day"] == [
            ("has no instant to be decided at", 1, True)
        ]
        tables.close()


def test_leads_may_be_those_that_the_activities_name(connection: Any, tmp_path: Path) -> None:
    mapping = parse_mapping("""
        format = 1
        leads = "from activities"
        [[activities]]
        name = "web"
        [[activities]]
        name = "mail"
        kind_is = "email_open"
    """)
    web = tmp_path / "web.csv"
    web.write_text("lead_id,kind,at\na,page_view,2026-03-01T00:00Z\n")
    mail = arrow({"lead": ["b", "a"], "at": [NOW, NOW]})
    tables = opened(connection, None, {"web": web, "mail": mail}, mapping=mapping)
    found = {x.id: sorted(a.kind for a in x.activities or ()) for x in tables.leads()}
    assert found == {"a": ["email_open", "page_view"], "b": ["email_open"]}
    tables.close()


# -- values of several kinds -------------------------------------------------------------------


def test_of_a_field_of_several_kinds_the_one_that_is_asked_for_counts(
    connection: Any, tmp_path: Path
) -> None:
    path = tmp_path / "leads.jsonl"
    path.write_text('{"id": "a", "employees": "many"}\n{"id": "b", "employees": 60}\n'
                    '{"id": "c", "employees": 60.5}\n')  # fmt: skip
    tables = opened(connection, path, arrow(ACTIVITIES), qualification=MQL)
    assert decided(connection, tables) == dict.fromkeys("abc", "not qualified")
    assert {x.id: x.attributes["employees"] for x in tables.leads()} == {
        "a": "many", "b": 60, "c": 60.5
    }  # fmt: skip


def test_whether_a_field_of_several_kinds_is_known_no_column_can_tell(
    connection: Any, tmp_path: Path
) -> None:
    path = tmp_path / "leads.jsonl"
    path.write_text('{"id": "a", "x": "many"}\n{"id": "b", "x": 60}\n')
    asked = Qualification("a", version="1", when=attribute("x").known())
    assert faults(lambda: opened(connection, path, qualification=asked)) == (
        "the leads: 'x' holds numbers and text; say its kind in the mapping",
    )


def test_a_field_that_no_line_of_json_has_is_not_known(connection: Any, tmp_path: Path) -> None:
    path = tmp_path / "leads.jsonl"
    path.write_text('{"id": "a"}\n')
    tables = opened(connection, path, arrow(ACTIVITIES), qualification=MQL)
    assert decided(connection, tables) == {"a": "not qualified"}
    assert "no row has the field 'employees'" in str(tables.faults()[-1])


def test_what_is_no_number_is_found_behind_the_statistics_of_parquet(
    connection: Any, tmp_path: Path
) -> None:
    """A file's least and greatest value say nothing of NaN, and must not hide it."""
    path = parquet(tmp_path, "n.parquet", arrow({"id": ["a", "b"], "n": [float("nan"), 7.0]}))
    asked = Qualification("a", version="1", when=attribute("n") > 1)
    tables = opened(connection, path, qualification=asked)
    text = statement(asked, tables.tables, DuckDB(), NOW).text
    rows = connection.sql(f"SELECT lead_id, decision FROM ({text}) ORDER BY ALL").fetchall()
    assert rows == [("a", "needs data"), ("b", "qualified")]


# -- what is wrong -----------------------------------------------------------------------------


def test_faults_are_counted_with_an_example(connection: Any) -> None:
    leads = arrow({"id": ["a", "b", "a", None], "n": ["1", "x", "y", "z"]})
    activities = arrow({
        "lead_id": ["a", "a", "gone", None, "a"],
        "kind": ["k", "k", "k", "k", None],
        "at": [NOW, NOW - timedelta(days=1), NOW, NOW, NOW],
        "id": ["1", "1", "2", "3", "4"],
    })  # fmt: skip
    mapping = parse_mapping('format = 1\n[leads.columns]\nn = { kind = "number" }')
    tables = opened(connection, leads, activities, mapping=mapping)
    assert sorted(map(str, tables.faults())) == [
        "the activities, column 'id': one id is told in several ways, and the earliest counts; "
        "1 id",
        "the activities, column 'kind': has no kind; 1 row refused, first in row 5",
        "the activities, column 'lead_id': has no lead's key; 1 row refused, first in row 4",
        "the activities: is of a lead that the leads have not; 1 row refused, first in row 3",
        "the activities: the definition never asks for activities of the kind 'k' (3 rows)",
        "the leads, column 'id': has no key; 1 row refused, first in row 4",
        "the leads, column 'id': has the key of an earlier row; 1 row refused, first in row 3",
        "the leads, column 'n': not a number; 1 cell counted as blank, first in row 2",
    ]


def faults(open_: Callable[[], object]) -> tuple[str, ...]:
    with pytest.raises(BulkError) as caught:
        open_()
    return caught.value.faults


def test_all_that_stands_in_the_way_is_told_at_once(connection: Any, tmp_path: Path) -> None:
    (tmp_path / "not.parquet").write_text("no")
    found = faults(
        lambda: opened(
            connection,
            [tmp_path / "not.parquet", tmp_path / "gone.csv", str(tmp_path / "x*.csv"), tmp_path],
            [arrow({"lead_id": ["a"], "kinds": ["k"], "at": [NOW]}), {1, 2}],
        )
    )
    assert [line.replace(str(tmp_path), "…") for line in found] == [
        "…/gone.csv: there is no such file",
        "…/x*.csv: no file matches",
        "…: is a folder; give its files, such as …/*.csv",
        "the activities: cannot be read from a set; wanted a path, a glob, a list of paths, a "
        "relation of the connection, or a Polars, pandas or Arrow table",
        "…/not.parquet: is no Parquet file",
        "the activities: there is no column 'kind'; did you mean 'kinds'?; a mapping file says "
        "which it is",
    ]


@pytest.mark.parametrize(
    ("column", "told_"),
    [
        (pa.array([datetime(2026, 3, 1)], pa.timestamp("us")),
         "the activities: the column 'at' (TIMESTAMP): a time without a zone; say zone = \"UTC\" "
         "or another one"),
        (pa.array([datetime(2026, 3, 1).date()]),
         "the activities: the column 'at' (DATE): a date without a zone; say zone = \"UTC\""),
        (pa.array([5]),
         "the activities: the column 'at' (BIGINT): is an int, not a date or an instant"),
    ],
)  # fmt: skip
def test_times_that_no_row_can_tell_are_one_error(connection: Any, column: Any, told_: str) -> None:
    activities = pa.table({"lead_id": ["a"], "kind": ["k"], "at": column})
    assert faults(lambda: opened(connection, arrow(LEADS), activities)) == (told_,)


def test_what_the_definition_asks_for_must_be_of_a_type_that_it_can_ask_for(
    connection: Any,
) -> None:
    leads = pa.table({"id": ["a"], "title": [b"x"]})
    asked = Qualification("a", version="1", when=attribute("title").is_in("x"))
    assert faults(lambda: opened(connection, leads, qualification=asked)) == (
        "the leads: the field 'title' holds BLOB, which no definition can ask for",
    )


def test_a_relation_of_another_connection_is_refused(connection: Any) -> None:
    with duckdb.connect() as other:
        relation = other.sql("SELECT 'a' AS id")
        (told_,) = faults(lambda: opened(connection, relation))
    assert told_.startswith("the leads: the relation is of another connection")


def test_a_mixed_column_of_pandas_is_told(connection: Any) -> None:
    frame = pd.DataFrame({"id": ["a", "b"], "x": ["1", 2]})
    (told_,) = faults(lambda: opened(connection, frame))
    assert "a column has values of several kinds" in told_
    assert "column x" in told_


def test_the_mapping_and_what_is_given_must_agree(connection: Any) -> None:
    from_activities = parse_mapping('format = 1\nleads = "from activities"')
    assert faults(lambda: opened(connection, None)) == (
        'leads are wanted, or leads = "from activities" in the mapping',
    )
    assert faults(lambda: opened(connection, arrow(LEADS), mapping=from_activities)) == (
        'the mapping says leads = "from activities": give activities and no leads',
    )
    several = parse_mapping('format = 1\n[[activities]]\nname="a"\n[[activities]]\nname="b"')
    (told_,) = faults(
        lambda: opened(connection, arrow(LEADS), {"c": arrow(ACTIVITIES)}, mapping=several)
    )
    assert "the mapping has no [[activities]] 'c'" in told_


def test_nothing_stays_behind(connection: Any, tmp_path: Path) -> None:
    tables = opened(connection, pl.DataFrame(LEADS), connection.from_arrow(arrow(ACTIVITIES)))
    tables.close()
    views = "SELECT view_name FROM duckdb_views() WHERE NOT internal AND view_name LIKE 'mqlkit%'"
    assert connection.sql(views).fetchall() == []


def test_a_fault_says_what_where_and_how_often() -> None:
    fault = DataFault("l.csv", "not a number", 1, "n")
    assert str(fault) == "l.csv, column 'n': not a number; 1 cell counted as blank"


def test_values_of_another_kind_than_most_are_counted(connection: Any, tmp_path: Path) -> None:
    leads, activities = tmp_path / "leads.jsonl", tmp_path / "activities.jsonl"
    leads.write_text(
        '{"id": "a", "employees": 60}\n{"id": "b", "employees": "many"}\n'
        '{"id": "c", "employees": 7.5}\n{"id": "d", "employees": [1]}\n'
    )
    activities.write_text(
        '{"lead": "a", "kind": "page_view", "at": "2026-03-01T00:00Z", "seconds": 9}\n'
        '{"lead": "a", "kind": "page_view", "at": "2026-03-02T00:00Z", "seconds": "9"}\n'
    )
    long = activity("page_view").where(attribute("seconds") >= 5).happened()
    asked = Qualification("a", version="1", when=(attribute("employees") >= 50) & long)
    tables = opened(connection, leads, activities, qualification=asked)
    assert decided(connection, tables) == {
        "a": "qualified", "b": "not qualified", "c": "not qualified", "d": "not qualified",
    }  # fmt: skip
    told = "where numbers are asked for, so it counts as blank; 1 cell, first in row"
    assert sorted(map(str, tables.faults())) == [
        f"{activities}, column 'seconds': text {told} 2",
        f"{leads}, column 'employees': a list {told} 4",
        f"{leads}, column 'employees': text {told} 2",
    ]
    assert not any(fault.lost for fault in tables.faults())


def test_a_mapping_that_names_no_column_of_any_line_is_refused(
    connection: Any, tmp_path: Path
) -> None:
    leads, activities = tmp_path / "leads.jsonl", tmp_path / "activities.jsonl"
    leads.write_text('{"id": "a"}\n{"id": "b"}\n')
    activities.write_text('{"lead": "a", "kind": "k", "at": "2026-03-01T00:00Z"}\n')
    mapping = parse_mapping('format = 1\n[leads]\nid = "key"\n[[activities]]\nkind = "type"')
    assert faults(lambda: opened(connection, leads, activities, mapping=mapping)) == (
        f"{leads}: no row has the column 'key'; a mapping file says which it is",
        f"{activities}: no row has the column 'type'; a mapping file says which it is",
    )
    leads.write_text('{"key": null}\n')
    activities.write_text('{"lead": "a", "type": null, "at": "2026-03-01T00:00Z"}\n')
    tables = opened(connection, leads, activities, mapping=mapping)
    assert {fault.problem for fault in tables.faults()} == {"has no key", "has no kind"}


@pytest.mark.parametrize("given", [{"id": ["a"]}, [{"id": "a"}]], ids=["columns", "rows"])
def test_plain_data_is_no_table(connection: Any, given: Any) -> None:
    (told,) = faults(lambda: opened(connection, given))
    assert told.startswith("the leads: cannot be read from a dict; wanted a path")
    assert told.endswith("pyarrow.Table.from_pylist(rows) or .from_pydict(columns)")


def test_kinds_that_are_almost_asked_for_are_told(connection: Any) -> None:
    def told(when: Any) -> list[str]:
        activities = arrow({**ACTIVITIES, "kind": ["call", "Page View", "call", "call"]})
        asked = Qualification("any", version="1", when=when)
        tables = opened(connection, arrow(LEADS), activities, qualification=asked)
        return [fault.problem for fault in tables.faults() if "never asks" in fault.problem]

    never = "the definition never asks for activities of the kind"
    near = "'Page View' (1 rows; did you mean 'page_view'?)"
    assert told(activity("page_view").happened()) == [f"{never} {near} or 'call' (3 rows)"]
    assert told(activity("call").happened()) == [f"{never} 'Page View' (1 rows)"]
    assert told(activity().happened()) == []


def test_text_is_what_a_mapping_makes_of_it(connection: Any) -> None:
    leads = arrow({"id": ["a"], "employees": ["60"]})
    asked = Qualification("a", version="1", when=attribute("employees") >= 50)
    tables = opened(connection, leads, qualification=asked)
    assert faults(lambda: decided(connection, tables, asked)) == (
        "when: asks for a number in 'employees', which holds text; "
        'a mapping with kind = "number" reads it',
    )
