"""
Decisions in databases: the connection stays as it was, the columns are checked, rows come as read.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Timer
from typing import Any, Final

import pytest
from store.databases import database

from mqlkit import (
    Activity,
    Decision,
    Group,
    Lead,
    Qualification,
    Rule,
    Scorecard,
    activity,
    attribute,
    known,
    score,
    stage,
)
from mqlkit.bulk import (
    BulkError,
    Counts,
    RunInterruptedError,
    UnknownLeadError,
    Verification,
    decide,
)
from mqlkit.bulk.database import DatabaseRun, decide_in
from mqlkit.bulk.database import run as running
from mqlkit.tables import parse_mapping

NOW: Final = datetime(2026, 3, 31, 12, tzinfo=UTC)
DAY: Final = timedelta(days=1)

PRICING: Final = activity("page_view", page="/pricing")
CARD: Final = Scorecard(
    Group(
        "fit",
        [
            Rule("big", attribute("employees") >= 50, 15.125),
            Rule("vp", attribute("title").contains_any("vp"), 12),
            Rule("tagged", attribute("tags").any_of("vip"), 1),
            Rule("early", attribute("signed_up") < NOW - 30 * DAY, 2),
            Rule("rich", attribute("revenue") > 1.5, 3),
        ],
    ),
    Group(
        "engagement",
        [
            Rule.each("pages", PRICING.within(days=30), 2, at_most=3),
            Rule("assets", activity().distinct("asset") >= 2, 4),
        ],
    ),
)
MQL: Final = Qualification(
    "mql",
    version="1",
    when=score() >= 15,
    card=CARD,
    never={"customer": attribute("is_customer").is_true()},
)
LEADS: Final[list[dict[str, Any]]] = [
    {"id": "a", "employees": 60, "title": "VP", "revenue": 2.5, "is_customer": False,
     "signed_up": NOW - 60 * DAY, "tags": ["vip", "x"]},
    {"id": "b", "employees": None, "title": " ", "revenue": None, "is_customer": None,
     "signed_up": None, "tags": None},
    {"id": "c", "employees": 3, "title": "Café VP", "revenue": 0.5, "is_customer": True,
     "signed_up": NOW - DAY, "tags": []},
]  # fmt: skip
ACTIVITIES: Final[list[dict[str, Any]]] = [
    {"lead_id": "a", "kind": "page_view", "at": NOW - DAY, "id": "1", "page": "/pricing",
     "asset": 7},
    {"lead_id": "a", "kind": "page_view", "at": NOW - DAY, "id": "1", "page": "/pricing",
     "asset": 7},
    {"lead_id": "a", "kind": "page_view", "at": NOW - 2 * DAY, "id": None, "page": None,
     "asset": 8},
    {"lead_id": "c", "kind": "page_view", "at": NOW + DAY, "id": "2", "page": "/pricing",
     "asset": 7},
]  # fmt: skip
SQLITE: Final = """
    CREATE TABLE leads (id TEXT, employees INTEGER, title VARCHAR(80), revenue REAL,
                        is_customer BOOLEAN, signed_up TIMESTAMP, tags JSON);
    CREATE TABLE activities (lead_id TEXT, kind TEXT, at DATETIME, id TEXT, page TEXT,
                             asset INTEGER);
"""
POSTGRES: Final = """
    CREATE TABLE leads (id TEXT, employees INTEGER, title VARCHAR(80), revenue NUMERIC(9, 2),
                        is_customer BOOLEAN, signed_up TIMESTAMPTZ, tags TEXT[]);
    CREATE TABLE activities (lead_id VARCHAR, kind TEXT, at TIMESTAMPTZ, id TEXT, page TEXT,
                             asset SMALLINT)
"""


def lead(row: dict[str, Any]) -> Lead:
    done = [
        Activity(one["kind"], one["at"], {k: one[k] for k in ("page", "asset")}, one["id"])
        for one in ACTIVITIES
        if one["lead_id"] == row["id"]
    ]
    return Lead(row["id"], {k: v for k, v in row.items() if k != "id"}, done)


def _loose(value: Any) -> Any:
    if isinstance(value, list):
        return json.dumps(value)
    return value.isoformat() if isinstance(value, date) else value


@pytest.fixture
def sqlite() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(SQLITE)
        for table, rows in (("leads", LEADS), ("activities", ACTIVITIES)):
            marks = ", ".join("?" * len(rows[0]))
            values = [tuple(map(_loose, row.values())) for row in rows]
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", values)
        connection.commit()
        yield connection


@pytest.fixture
def postgres() -> Iterator[Any]:
    import psycopg

    with (
        database("postgresql", ready=False) as url,
        closing(psycopg.connect(url.replace("+psycopg", ""))) as connection,
    ):
        connection.execute("SET TimeZone = 'America/New_York'")
        connection.execute(POSTGRES)
        with connection.cursor() as cursor:
            for table, rows in (("leads", LEADS), ("activities", ACTIVITIES)):
                marks = ", ".join(["%s"] * len(rows[0]))
                values = [tuple(row.values()) for row in rows]
                cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", values)
        connection.commit()
        yield connection


@pytest.fixture(params=["sqlite", "postgres"])
def connection(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


def run_in(connection: Any, mql: Qualification = MQL, **asked: Any) -> DatabaseRun:
    given = {"leads": "leads", "activities": "activities", "as_of": NOW, **asked}
    return decide_in(connection, mql, **given)


def told(run: DatabaseRun) -> dict[str, dict[str, Any]]:
    return {row["lead_id"]: row for row in run.to_arrow().to_pylist()}


# -- answers -----------------------------------------------------------------------------------


def test_it_answers_as_the_reference_does(connection):
    rows = told(run_in(connection))
    assert rows.keys() == {"a", "b", "c"}
    for row in LEADS:
        decision = Decision.of(MQL, lead(row), NOW)
        found = rows[row["id"]]
        assert found["decision"] == str(decision.status)
        assert found["reasons"] == "; ".join(decision.reasons)
        ends = [found[name] for name in ("score_low", "score", "score_high")]
        assert ends == [Decimal(end) / 1000 for end in decision.score.millis]
        assert found["as_of"] == NOW


def test_decide_runs_where_its_connection_is(connection):
    run = decide(MQL, leads="leads", activities="activities", as_of=NOW, connection=connection)
    counts = run.counts()
    assert isinstance(counts, Counts)
    assert {str(one): count for one, count in counts.decisions.items() if count} == {
        "qualified": 1,
        "needs data": 1,
        "disqualified": 1,
    }
    assert run.verify() == Verification(3, 0, ())


def test_one_lead_is_explained_by_the_reference(connection):
    run = run_in(connection)
    for row in LEADS:
        decision = Decision.of(MQL, lead(row), NOW)
        again = run.decision(row["id"])
        assert (again.status, again.score.millis) == (decision.status, decision.score.millis)
        assert str(run.explain(row["id"])) == str(decision.explain())
    assert run.decision("a", NOW - 90 * DAY).as_of == NOW - 90 * DAY
    with pytest.raises(UnknownLeadError, match="the leads have no"):
        run.decision("nobody")


def test_several_instants_or_one_of_each_row(connection):
    run = run_in(connection, as_of=[NOW, NOW + 2 * DAY], ordered=True)
    rows = run.to_arrow().to_pylist()
    assert [(row["lead_id"], row["as_of"]) for row in rows] == [
        (id, at) for id in "abc" for at in (NOW, NOW + 2 * DAY)
    ]
    assert run.decision("c").as_of == NOW + 2 * DAY
    own = run_in(connection, as_of="signed_up")
    assert {row["as_of"] for row in own.to_arrow().to_pylist()} >= {NOW - 60 * DAY}
    assert own.decision("a").as_of == NOW - 60 * DAY
    assert own.decision("a", NOW).as_of == NOW


def test_a_query_may_stand_for_a_table(connection):
    run = run_in(connection, leads="SELECT * FROM leads WHERE id <> 'b';")
    assert told(run).keys() == {"a", "c"}


def test_without_activities_what_is_asked_about_them_is_unknown(connection):
    rows = told(run_in(connection, activities=None))
    assert rows["a"]["score_high"] > rows["a"]["score"]


def test_a_mapping_says_what_columns_are_called(connection):
    mapping = parse_mapping(
        """
        format = 1
        [leads]
        id = "id"
        stage = "title"
        others = "keep"
        blanks = ["café vp"]
        [leads.columns]
        employees = { field = "size", kind = "number" }
        [[activities]]
        kind = "page"
        at = "at"
        id = "id"
        kinds = { "/pricing" = "visit" }
        """
    )
    mql = Qualification(
        "mql",
        version="1",
        when=(attribute("size") >= 50)
        & stage().is_in("VP")
        & (activity("visit").count().equals(1)),
        labels={"asset": known("revenue")},
    )
    rows = told(run_in(connection, mql, mapping=mapping))
    assert [rows[id]["decision"] for id in "abc"] == ["qualified", "not qualified", "not qualified"]
    assert run_in(connection, mql, mapping=mapping).decision("a").status.value == "qualified"


def test_batches_stream_and_a_run_shows_what_it_is(connection):
    run = run_in(connection)
    first = next(iter(run))
    assert first.schema == run.schema
    assert run.sql.startswith("-- mql version 1")
    assert repr(run) == "<a run of 'mql' version '1' in a database>"
    assert [out.name for out in run.outputs] == list(run.columns)


def test_stated_blanks_and_one_kind_for_a_whole_table(connection):
    mapping = parse_mapping(
        """
        format = 1
        [leads]
        blanks = ["café vp"]
        [[activities]]
        kind_is = "visit"
        """
    )
    mql = Qualification(
        "mql", version="1", when=attribute("title").known() & (activity("visit").count() >= 0)
    )
    rows = told(run_in(connection, mql, mapping=mapping))
    assert [rows[id]["decision"] for id in "abc"] == ["qualified", "not qualified", "not qualified"]


def test_instants_may_be_counts(connection):
    connection.execute("CREATE TABLE did (lead_id TEXT, kind TEXT, at BIGINT)")
    count = int(NOW.timestamp() * 1000)
    connection.execute(f"INSERT INTO did VALUES ('a', 'visit', {count})")
    mapping = parse_mapping(
        'format = 1\n[[activities]]\nat = { column = "at", format = "epoch milliseconds" }\n'
    )
    mql = Qualification("mql", version="1", when=activity("visit").within(days=1).happened())
    rows = told(run_in(connection, mql, activities="did", mapping=mapping))
    assert rows["a"]["decision"] == "qualified"


def test_a_column_of_another_type_for_an_own_one_is_told(connection):
    mapping = parse_mapping('format = 1\n[[activities]]\nkind = "asset"\nat = "at"\n')
    with pytest.raises(BulkError, match=r"activities: 'asset' is .* and asked for as text"):
        run_in(connection, mapping=mapping)


# -- what is wrong, and what checks it ---------------------------------------------------------


def test_what_is_of_no_use_is_counted_and_a_key_counts_once(postgres):
    postgres.execute("ALTER TABLE leads ADD place POINT, ALTER revenue TYPE FLOAT8")
    postgres.execute(
        "INSERT INTO leads (id, employees, revenue, signed_up) VALUES "
        "('a', 70, 1, NULL), ('a', 50, 1, NULL), (NULL, 1, 1, NULL), (' ', 1, 1, NULL), "
        "('d', 99, 'NaN', 'infinity')"
    )
    postgres.execute(
        "INSERT INTO activities (lead_id, kind, at) VALUES (NULL, 'x', now()), ('a', ' ', now()), "
        "('a', 'x', NULL), ('a', 'x', 'infinity'), ('nobody', 'x', now())"
    )
    run = run_in(postgres)
    found = {(f.source, f.column, f.problem, f.rows, f.refused) for f in run.faults()}
    assert found == {
        ("leads", "id", "has no key", 2, True),
        ("leads", "id", "has the key of an earlier row", 2, True),
        ("leads", "revenue", "not a number", 1, False),
        ("leads", "signed_up", "not from year 1 to year 9999", 1, False),
        ("activities", "lead_id", "has no lead's key", 1, True),
        ("activities", "kind", "has no kind", 1, True),
        ("activities", "at", "has no time", 1, True),
        ("activities", "at", "its time is not from year 1 to year 9999", 1, True),
        ("activities", "", "is of a lead that the leads have not", 1, True),
    }
    assert run.verify(None) == Verification(4, 0, ())
    fit = Qualification("fit", version="1", when=attribute("employees") >= 60)
    for leads in ("leads", "SELECT * FROM leads"):  # as text (a,50,…) comes before (a,60,…)
        assert told(run_in(postgres, fit, leads=leads))["a"]["decision"] == "not qualified"


def test_tables_that_are_not_there_are_told_and_the_transaction_stays(postgres):
    postgres.execute("INSERT INTO leads (id) VALUES ('d')")
    with pytest.raises(BulkError) as error:
        run_in(postgres, leads="lead", activities="SELECT FROM WHERE")
    first, second = error.value.faults
    assert first == "leads: there is no table 'lead'; did you mean 'leads'?"
    assert second == 'activities: the query cannot be read: syntax error at or near "WHERE"'
    assert "d" in told(run_in(postgres))


def test_a_column_of_another_type_is_told_once(postgres):
    mql = Qualification("mql", version="1", when=attribute("title") >= 50)
    with pytest.raises(BulkError) as error:
        run_in(postgres, mql)
    told_once = "leads: 'title' is varchar, and asked for as number; cast it in a query"
    assert error.value.faults == (told_once,)


def test_a_run_is_interrupted_while_the_database_works(postgres):
    from psycopg import pq

    run = run_in(postgres, leads="SELECT *, pg_sleep(5) FROM leads")
    stopping = Timer(0.3, run.interrupt)
    stopping.start()
    with pytest.raises(RunInterruptedError):
        run.to_arrow()
    stopping.join()
    assert postgres.info.transaction_status == pq.TransactionStatus.IDLE
    assert run_in(postgres).counts().rows == 3


def test_a_lead_is_asked_for_while_rows_come(connection, monkeypatch):
    monkeypatch.setattr(running, "ROWS", 1)
    run = run_in(connection)
    for batch in run:
        (row,) = batch.to_pylist()
        assert str(run.decision(row["lead_id"]).status) == row["decision"]


# -- the connection ----------------------------------------------------------------------------


def test_an_open_transaction_stays_open_and_nothing_is_committed(connection):
    connection.execute("INSERT INTO leads (id) VALUES ('d')")
    assert told(run_in(connection)).keys() == {"a", "b", "c", "d"}
    connection.rollback()
    assert told(run_in(connection)).keys() == {"a", "b", "c"}


def test_no_transaction_is_left_behind(postgres):
    from psycopg import pq

    batches = run_in(postgres).batches()
    next(batches)
    batches.close()
    assert postgres.info.transaction_status == pq.TransactionStatus.IDLE


def test_a_connection_with_rows_of_its_own_kind_gives_rows_all_the_same(sqlite, postgres):
    from psycopg.rows import dict_row

    sqlite.row_factory = sqlite3.Row
    postgres.row_factory = dict_row
    assert told(run_in(sqlite)).keys() == told(run_in(postgres)).keys()


def test_another_connection_is_refused():
    with pytest.raises(BulkError, match="connection: an object; wanted one of DuckDB, sqlite3"):
        run_in(object())


# -- columns -----------------------------------------------------------------------------------


def test_all_that_is_wrong_with_columns_is_told_at_once(connection):
    mapping = parse_mapping(
        """
        format = 1
        [leads]
        id = "key"
        others = "keep"
        [leads.columns]
        titel = { field = "title" }
        [[activities]]
        at = "when"
        """
    )
    mql = Qualification(
        "mql", version="1", when=attribute("revenue").contains_any("a") & (attribute("size") > 1)
    )
    with pytest.raises(BulkError) as error:
        run_in(connection, mql, mapping=mapping)
    starts = [
        "leads: there is no column 'key'",
        "activities: there is no column 'when'",
        "leads: there is no column 'titel'; did you mean 'title'?",
        "leads: 'revenue' is ",
        "when: asks for the field 'size', which the leads do not have",
    ]
    for start in starts:
        assert any(fault.startswith(start) for fault in error.value.faults), start


def test_frames_and_several_forms_are_refused_in_a_database(sqlite):
    with pytest.raises(BulkError, match="leads: a list; in a database it is a table's name"):
        run_in(sqlite, leads=[])
    two = parse_mapping(
        'format = 1\nleads = "from activities"\n'
        '[[activities]]\nname = "a"\n[[activities]]\nname = "b"\n'
    )
    with pytest.raises(BulkError) as error:
        run_in(sqlite, mapping=two)
    assert len(error.value.faults) == 2


def test_types_that_nothing_reads_are_told_only_where_they_are_asked_for(postgres):
    postgres.execute("ALTER TABLE leads ADD place POINT, ADD born TIMESTAMP, ADD joined BIGINT")
    assert told(run_in(postgres))
    place = Qualification("mql", version="1", when=known("place"))
    with pytest.raises(BulkError, match="'place' is point, which nothing reads; cast it"):
        run_in(postgres, place)
    born = Qualification("mql", version="1", when=attribute("born") < NOW)
    with pytest.raises(BulkError, match='a timestamp without a zone; say zone = "UTC"'):
        run_in(postgres, born)
    postgres.execute("UPDATE leads SET born = '2026-03-31 11:59:59', joined = 1770000000")
    mapping = parse_mapping(
        'format = 1\n[leads.columns]\nborn = { field = "born", kind = "moment", zone = "UTC" }\n'
        'joined = { field = "joined", kind = "moment", format = "epoch seconds" }\n'
    )
    both = Qualification(
        "mql", version="1", when=(attribute("born") < NOW) & (attribute("joined") < NOW)
    )
    assert {row["decision"] for row in told(run_in(postgres, both, mapping=mapping)).values()} == {
        "qualified"
    }


def test_a_loose_table_of_sqlite_is_read_by_what_is_asked(sqlite):
    sqlite.execute("CREATE TABLE loose (id, size, since, joined INTEGER, done, code)")
    since = "2026-03-01T12:00:00+01:00"
    rows = [("a", 60, since, 1_770_000_000, 1, "x"), ("b", "60", 5.5, None, 2, " "), ("c",) * 6]
    sqlite.executemany("INSERT INTO loose VALUES (?, ?, ?, ?, ?, ?)", rows)
    mql = Qualification(
        "mql",
        version="1",
        when=(attribute("size") >= 50)
        & (attribute("since") < NOW)
        & (attribute("joined") < NOW)
        & attribute("done").is_true(),
        labels={"code": known("code")},
    )
    found = told(run_in(sqlite, mql, leads="loose", activities=None))
    assert [found[id]["decision"] for id in "abc"] == ["qualified", "needs data", "needs data"]
    assert [found[id]["labels"] for id in "abc"] == ["code", "", "code"]
    mapping = parse_mapping(
        "format = 1\n[leads.columns]\n"
        'joined = { field = "joined", kind = "moment", format = "epoch milliseconds" }\n'
    )
    early = Qualification(
        "mql", version="1", when=attribute("joined") < datetime(1971, 1, 1, tzinfo=UTC)
    )
    found = told(run_in(sqlite, early, leads="loose", activities=None, mapping=mapping))
    assert found["a"]["decision"] == "qualified"


def test_patterns_and_orders_of_texts_run_in_sqlite(sqlite):
    mql = Qualification(
        "mql",
        version="1",
        when=attribute("title").matches("(?i)^v.$") & (attribute("title") >= "V"),
    )
    assert [told(run_in(sqlite, mql))[id]["decision"] for id in "abc"] == [
        "qualified",
        "needs data",
        "not qualified",
    ]
