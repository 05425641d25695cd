"""
What is wrong in a database's tables is counted, a key is decided once, and a run checks itself.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from mqlkit import Qualification, activity, attribute
from mqlkit.bulk import BulkError, RunInterruptedError, UnknownLeadError, Verification, decide
from mqlkit.bulk.database import DatabaseRun
from mqlkit.bulk.database import run as running
from mqlkit.bulk.sessions import ClosedRunError
from mqlkit.tables import FileMapping, parse_mapping

NOW: Final = datetime(2026, 11, 22, tzinfo=UTC)
NO_ZONE: Final = 'a time without a zone; say zone = "UTC" in the mapping'
NO_MOMENT: Final = "not a moment in ISO 8601, such as 2026-03-01T12:00Z"
MQL: Final = Qualification(
    "mql",
    version="1",
    when=(attribute("employees") >= 50)
    & (attribute("since") < NOW)
    & attribute("tags").any_of("x")
    & attribute("flag").is_true()
    & (attribute("revenue") > 1)
    & activity("visit").happened(),
)
BIG: Final = Qualification("big", version="1", when=attribute("employees") >= 50)
TABLES: Final = """
    CREATE TABLE leads (id TEXT, employees INTEGER, since TIMESTAMP, tags TEXT, flag INTEGER,
                        revenue REAL, note INTEGER);
    INSERT INTO leads VALUES
        ('a', 60, '2026-11-20 00:00:00', '["x"]', 1, 1.5, 'unasked'),
        ('a', 10, '2026-11-20T00:00:00Z', NULL, NULL, NULL, NULL),
        (NULL, 3, NULL, NULL, NULL, NULL, NULL),
        (' ', 'wrong, and refused', NULL, NULL, NULL, NULL, NULL),
        ('b', 'lots', '20/11/2026', 'vip', 7, 'rich', NULL),
        ('c', 5.5, 1770000000000, ' ', NULL, ' ', NULL);
    CREATE TABLE activities (lead_id TEXT, kind TEXT, at TEXT);
    INSERT INTO activities VALUES
        ('a', 'visit', '2026-11-20 00:00:00'),
        ('b', 'visit', '20/11/2026'),
        ('b', 'visit', NULL),
        ('b', NULL, '2026-11-20T00:00:00Z'),
        (NULL, NULL, NULL),
        ('nobody', 'visit', '2026-11-20T00:00:00Z'),
        ('b', 'visit', '2026-11-20T00:00:00Z');
"""


@pytest.fixture
def sqlite() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(TABLES)
        yield connection


def run_in(connection: Any, mql: Qualification = MQL, **asked: Any) -> DatabaseRun:
    given = {"leads": "leads", "activities": "activities", "as_of": NOW, **asked}
    run = decide(mql, connection=connection, **given)
    assert isinstance(run, DatabaseRun)
    return run


def decisions(run: DatabaseRun) -> list[tuple[str, str]]:
    rows = run.to_arrow().to_pylist()
    return sorted((row["lead_id"], row["decision"]) for row in rows)


def found(run: DatabaseRun) -> set[tuple[str, str, str, int, bool]]:
    assert all(fault.example is None for fault in run.faults())
    return {(f.source, f.column, f.problem, f.rows, f.refused) for f in run.faults()}


OF_CELLS: Final = {
    ("leads", "employees", "not a number", 1, False),
    ("leads", "employees", "a fraction in a column of whole numbers; CAST it AS REAL in a query",
     1, False),
    ("leads", "since", NO_ZONE, 1, False),
    ("leads", "since", NO_MOMENT, 1, False),
    ("leads", "since",
     'no second since 1970; say format = "epoch milliseconds" if it counts these', 1, False),
    ("leads", "tags", "not a list in JSON", 1, False),
    ("leads", "flag", "not 0 or 1", 1, False),
    ("leads", "revenue", "not a number", 1, False),
}  # fmt: skip
OF_ROWS: Final = {
    ("leads", "id", "has no key", 2, True),
    ("leads", "id", "has the key of an earlier row", 1, True),
    ("activities", "lead_id", "has no lead's key", 1, True),
    ("activities", "kind", "has no kind", 1, True),
    ("activities", "at", "has no time", 1, True),
    ("activities", "at", f"its time is {NO_ZONE}", 1, True),
    ("activities", "at", f"its time is {NO_MOMENT}", 1, True),
    ("activities", "", "is of a lead that the leads have not", 1, True),
}


# -- what is counted ---------------------------------------------------------------------------


def test_every_cell_that_is_not_of_its_kind_and_every_refused_row_is_counted(sqlite):
    assert found(run_in(sqlite)) == OF_CELLS | OF_ROWS


def test_where_nothing_is_wrong_nothing_is_told(sqlite):
    sqlite.execute("DELETE FROM leads WHERE id IS NOT 'a' OR employees = 10")
    run = run_in(sqlite, BIG, activities=None)
    assert run.faults() == []


def test_a_stated_zone_makes_times_without_one_count_as_utc(sqlite):
    mapping = parse_mapping(
        """
        format = 1
        [leads]
        others = "keep"
        [leads.columns]
        since = { field = "since", kind = "moment", zone = "UTC" }
        [[activities]]
        at = { column = "at", zone = "UTC" }
        """
    )
    run = run_in(sqlite, mapping=mapping)
    assert dict(decisions(run))["a"] == "qualified"
    assert run.decision("a").status.value == "qualified"
    assert not any(NO_ZONE in fault.problem for fault in run.faults())
    assert dict(decisions(run_in(sqlite)))["a"] != "qualified"


def test_another_zone_or_form_is_refused_and_not_passed_over(sqlite):
    for stated in ('zone = "Europe/Berlin"', 'format = "%d/%m/%Y"'):
        mapping = parse_mapping(
            "format = 1\n[[activities]]\n" + f'at = {{ column = "at", {stated} }}\n'
        )
        with pytest.raises(BulkError, match=f"'at' is read in SQLite .* not by {stated}"):
            run_in(sqlite, mapping=mapping)


@pytest.mark.parametrize(
    ("at", "problem"),
    [("'2026-11-20 00:00:00'", NO_ZONE), ("'20/11/2026'", NO_MOMENT), ("5.5", NO_MOMENT)],
)
def test_times_that_are_all_of_no_use_are_told_before_anything_runs(sqlite, at, problem):
    query = f"SELECT lead_id, kind, {at} AS at FROM activities"
    with pytest.raises(BulkError) as error:
        run_in(sqlite, activities=query)
    told = f"activities: 'at' has no time that can be read: {problem}"
    assert error.value.faults == (told,)
    with pytest.raises(BulkError, match="leads: 'own' has no time that can be read"):
        run_in(sqlite, leads=f"SELECT *, {at} AS own FROM leads", as_of="own")


def test_times_that_are_all_blank_are_counted_only(sqlite):
    run = run_in(sqlite, activities="SELECT lead_id, kind, NULL AS at FROM activities")
    assert ("activities", "at", "has no time", 5, True) in found(run)


def test_counts_since_1970_that_are_none_are_blank_and_counted(sqlite):
    sqlite.executescript(
        """
        CREATE TABLE did (lead_id TEXT, kind TEXT, at INTEGER);
        INSERT INTO did VALUES ('a', 'visit', 1795219200000), ('a', 'visit', 'soon'),
            ('a', 'visit', 9000000000000000);
        """
    )
    mapping = parse_mapping(
        'format = 1\n[[activities]]\nat = { column = "at", format = "epoch milliseconds" }\n'
    )
    mql = Qualification("mql", version="1", when=activity("visit").count().equals(1))
    run = run_in(sqlite, mql, activities="did", mapping=mapping)
    assert dict(decisions(run))["a"] == "qualified"
    problem = "its time is not a whole count of milliseconds since 1970"
    assert ("did", "at", problem, 2, True) in found(run)


def test_stated_blanks_are_no_faults(sqlite):
    mapping = parse_mapping('format = 1\n[leads]\nothers = "keep"\nblanks = ["LOTS", "vip"]\n')
    problems = {(f.column, f.problem) for f in run_in(sqlite, mapping=mapping).faults()}
    assert ("employees", "not a number") not in problems
    assert ("tags", "not a list in JSON") not in problems
    assert ("since", NO_ZONE) in problems


# -- keys --------------------------------------------------------------------------------------


def test_of_a_repeated_key_the_first_row_is_decided_and_rows_without_a_key_are_not(sqlite):
    run = run_in(sqlite, BIG, activities=None)
    assert decisions(run) == [("a", "qualified"), ("b", "needs data"), ("c", "needs data")]
    assert run.decision("a").status.value == "qualified"
    sqlite.execute("UPDATE leads SET rowid = 99 WHERE id = 'a' AND employees = 60")
    assert dict(decisions(run))["a"] == "not qualified"


@pytest.mark.parametrize(
    "leads",
    ["SELECT * FROM leads", "(SELECT * FROM leads)", "seen", "keyed"],
    ids=["query", "in parentheses", "view", "without rowid"],
)
def test_where_rows_have_no_place_the_first_by_all_columns_counts(sqlite, leads):
    sqlite.execute("CREATE VIEW seen AS SELECT * FROM leads")
    sqlite.execute(
        "CREATE TABLE keyed (employees INTEGER, id TEXT, PRIMARY KEY (id, employees)) WITHOUT ROWID"
    )
    sqlite.execute("INSERT INTO keyed SELECT employees, id FROM leads WHERE id IS NOT NULL")
    run = run_in(sqlite, BIG, leads=leads, activities=None)
    assert dict(decisions(run))["a"] == "not qualified"
    assert len(decisions(run)) == 3
    again = [f for f in run.faults() if f.problem == "has the key of an earlier row"]
    assert [f.rows for f in again] == [1]


def test_with_instants_of_their_own_a_key_and_an_instant_count_once(sqlite):
    sqlite.executescript(
        """
        CREATE TABLE history (id TEXT, employees INTEGER, own TEXT);
        INSERT INTO history VALUES ('a', 60, '2026-11-01T00:00Z'), ('a', 10, '2026-11-02T00:00Z'),
            ('a', 10, '2026-11-01T01:00+01:00'), ('a', 60, NULL), ('a', 60, 'today');
        """
    )
    run = run_in(sqlite, BIG, leads="history", activities=None, as_of="own")
    assert decisions(run) == [("a", "not qualified"), ("a", "qualified")]
    assert found(run) == {
        ("history", "id", "has the key of an earlier row", 1, True),
        ("history", "own", "has no instant to be decided at", 1, True),
        ("history", "own", f"its time is {NO_MOMENT}", 1, True),
    }
    assert run.verify() == Verification(2, 0, ())
    assert run.decision("a", NOW - timedelta(days=20, hours=1)).status.value == "qualified"


def test_a_zone_counts_for_instants_of_rows_too(sqlite):
    sqlite.execute("CREATE TABLE history (id TEXT, employees INTEGER, own TEXT)")
    sqlite.execute("INSERT INTO history VALUES ('a', 60, '2026-11-01 00:00:00')")
    mapping = parse_mapping(
        'format = 1\n[leads]\nothers = "keep"\n'
        '[leads.columns]\nown = { field = "own", kind = "moment", zone = "UTC" }\n'
    )
    run = run_in(sqlite, BIG, leads="history", activities=None, as_of="own", mapping=mapping)
    (row,) = run.to_arrow().to_pylist()
    assert row["as_of"] == datetime(2026, 11, 1, tzinfo=UTC)


# -- as other runs -----------------------------------------------------------------------------


def test_a_run_verifies_itself_and_finds_what_is_otherwise(sqlite, tmp_path: Path):
    run = run_in(sqlite)
    assert run.verify() == run.verify(None) == Verification(3, 0, ())
    assert run.verify(2, seed=4).checked == 2
    place = tmp_path / "answer.parquet"
    run.to_parquet(place)
    sqlite.execute("DELETE FROM leads WHERE id = 'c'")
    sqlite.execute("INSERT INTO leads (id) VALUES ('d')")
    sqlite.execute("UPDATE leads SET employees = 51 WHERE id = 'b'")
    later = run.verify(None, answer=place)
    assert later.differing >= 2
    assert {(one.lead_id, one.column) for one in later.differences} >= {
        ("c", "lead_id"),
        ("d", "lead_id"),
    }


def test_many_leads_are_looked_for_some_at_a_time(sqlite, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(running, "_ASKED", 2)
    assert run_in(sqlite).verify(None) == Verification(3, 0, ())


def test_counts_are_of_the_rows_that_came_last(sqlite):
    run = run_in(sqlite)
    assert run.counts().rows == 3
    sqlite.execute("INSERT INTO leads (id) VALUES ('d')")
    assert run.counts().rows == 3
    assert len(run.to_arrow()) == run.counts().rows == 4


def test_a_closed_run_is_asked_nothing_and_its_connection_stays_open(sqlite):
    with run_in(sqlite) as run:
        assert run.counts().rows == 3
    for ask in (run.to_arrow, run.faults, run.verify, lambda: run.decision("a")):
        with pytest.raises(ClosedRunError):
            ask()
    assert sqlite.execute("SELECT 1").fetchall() == [(1,)]


def test_what_changed_is_only_known_to_duckdb(sqlite):
    with pytest.raises(BulkError, match="changed: only a run on DuckDB knows what has changed"):
        run_in(sqlite).changed("answer.parquet")


def test_a_run_is_interrupted_while_the_database_works(sqlite, tmp_path: Path):
    long = "WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n LIMIT 100000000)"
    run = run_in(sqlite, BIG, leads=f"{long} SELECT id, id AS employees FROM n", activities=None)
    sqlite.set_progress_handler(run.interrupt, 100_000)
    place = tmp_path / "answer.csv"
    place.write_text("before")
    with pytest.raises(RunInterruptedError):
        run.to_csv(place)
    assert place.read_text() == "before"
    sqlite.set_progress_handler(None, 0)
    assert run_in(sqlite).counts().rows == 3


def test_a_run_is_interrupted_between_batches(sqlite, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(running, "ROWS", 1)
    run = run_in(sqlite)
    run.interrupt()  # nothing goes on, so nothing is stopped
    batches = run.batches()
    assert next(batches).num_rows == 1
    run.interrupt()
    with pytest.raises(RunInterruptedError):
        next(batches)
    assert run.counts().rows == 3


def test_what_goes_wrong_in_the_database_is_told_as_it_is(sqlite):
    run = run_in(sqlite)
    sqlite.execute("DROP TABLE leads")
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        run.to_arrow()


def test_a_lead_whose_rows_are_refused_is_unknown(sqlite):
    with pytest.raises(UnknownLeadError):
        run_in(sqlite).decision(" ")


# -- tables ------------------------------------------------------------------------------------


def test_tables_that_are_not_there_are_all_told_with_a_near_name(sqlite):
    with pytest.raises(BulkError) as error:
        run_in(sqlite, leads="lead", activities="activity")
    assert error.value.faults == (
        "leads: there is no table 'lead'; did you mean 'leads'?",
        "activities: there is no table 'activity'; did you mean 'activities'?",
    )


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("SELECT * FROM nowhere", "no such table: nowhere"),
        ("SELECT id, FROM leads", 'near "FROM": syntax error'),
    ],
)
def test_a_query_that_the_database_does_not_take_is_told(sqlite, query, problem):
    with pytest.raises(BulkError) as error:
        run_in(sqlite, leads=query)
    assert error.value.faults == (f"leads: the query cannot be read: {problem}",)


def test_a_table_that_the_database_does_not_take_is_told(sqlite):
    sqlite.execute("CREATE VIEW broken AS SELECT nowhere FROM leads")
    with pytest.raises(BulkError, match="leads: 'broken' cannot be read: no such column: nowhere"):
        run_in(sqlite, leads="broken")
    sqlite.execute("CREATE VIEW hollow AS SELECT id FROM gone")
    with pytest.raises(BulkError, match=r"leads: 'hollow' cannot be read: no such table: .*gone"):
        run_in(sqlite, leads="hollow")


def test_a_column_of_another_type_is_told_once(sqlite):
    sqlite.execute("CREATE TABLE other (id TEXT, employees TEXT)")
    with pytest.raises(BulkError) as error:
        run_in(sqlite, BIG, leads="other", mapping=FileMapping())
    told = "leads: 'employees' is declared TEXT, and asked for as number; CAST it in a query"
    assert error.value.faults == (told,)
