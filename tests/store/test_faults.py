"""What goes wrong with a database, and what a store says and leaves behind."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, event
from store.databases import database, dump, engine_for, execute, server
from store.operations import second_step, whole
from store.records import effect, fact, record, row

from mqlkit.store import (
    SchemaError,
    SqlStore,
    StaleVersionError,
    StoreError,
    StoreUnavailableError,
    UnreadableRecordError,
    schema,
)
from mqlkit.store.schema import STEPS, TABLES, Step

SHORT = timedelta(milliseconds=5)


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    with closing(SqlStore(url)) as store:
        yield store


@pytest.fixture
def sqlite_url() -> Iterator[str]:
    with database("sqlite") as url:
        yield url


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    with database("postgresql") as url:
        yield url


def refused(store: SqlStore, says: str) -> StoreUnavailableError:
    """The error of a whole transaction, with what the database said as its cause."""
    with pytest.raises(StoreUnavailableError, match=says) as caught:
        store.run(whole)
    assert caught.value.__cause__ is not None
    return caught.value


# -- the answer to a commit is lost --------------------------------------------------------------


def lose_the_answer_once(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next commit happens, but whoever asked for it hears an error."""
    dialect = store._engine.dialect
    commit, lost = dialect.do_commit, []

    def do_commit(connection: Any) -> None:
        commit(connection)
        if not lost:
            lost.append(True)
            if dialect.name == "sqlite":
                raise sqlite3.OperationalError("disk I/O error")
            connection.dbapi_connection.close()
            raise psycopg.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(dialect, "do_commit", do_commit)


def test_a_commit_whose_answer_is_lost_is_repeated_in_vain(
    store: SqlStore, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 170: nobody knows whether it happened; done again, it adds nothing."""
    store.claim("warm", lease=SHORT)  # Connects, which commits, too.
    lose_the_answer_once(store, monkeypatch)
    with pytest.raises(StoreUnavailableError), store.transaction() as transaction:
        whole(transaction)
    after = dump(url)
    assert len(after["mqlkit_facts"]) == 4
    assert not store.run(whole)
    assert dump(url) == after


def test_a_lost_connection_is_tried_again(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(SqlStore(postgresql_url)) as store:
        store.claim("warm", lease=SHORT)
        lose_the_answer_once(store, monkeypatch)
        assert not store.run(whole), "the second time there was nothing to record"
        assert len(dump(postgresql_url)["mqlkit_facts"]) == 4


KILL_THE_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def test_a_connection_that_is_cut_in_the_middle_is_tried_again(postgresql_url: str) -> None:
    calls = []

    def work(transaction: Any) -> bool:
        calls.append(transaction)
        transaction.pool("all")
        if len(calls) == 1:
            execute(postgresql_url, KILL_THE_OTHERS)
        return whole(transaction)

    with closing(SqlStore(postgresql_url)) as store:
        assert store.run(work)
        assert len(calls) == 2
        assert len(dump(postgresql_url)["mqlkit_facts"]) == 4


def test_an_error_of_the_work_is_not_hidden_by_a_lost_connection(postgresql_url: str) -> None:
    def work(transaction: Any) -> None:
        transaction.pool("all")
        execute(postgresql_url, KILL_THE_OTHERS)
        raise ZeroDivisionError

    with closing(SqlStore(postgresql_url)) as store, pytest.raises(ZeroDivisionError):
        store.run(work)


def test_a_server_may_restart_between_two_calls(postgresql_url: str) -> None:
    with closing(SqlStore(postgresql_url)) as store:
        assert store.run(whole)
        server().restart()
        assert store.count_by_stage() == {"lead": 2}
        server().restart()
        assert not store.run(whole)


@pytest.mark.slow
def test_a_server_that_restarts_again_and_again(postgresql_url: str) -> None:
    """Whoever keeps asking gets everything recorded, once."""
    facts, working = 300, threading.Event()

    def worker(store: SqlStore, name: str) -> None:
        for number in range(facts):
            news = [fact(f"{name}/{number}")]
            while True:
                try:
                    store.run(lambda tx, news=news: record(tx, "ada", news))
                    break
                except StoreUnavailableError as error:
                    if not error.passing:
                        raise
            working.set()
            threading.Event().wait(0.01)

    with closing(SqlStore(postgresql_url)) as store:
        threads = [threading.Thread(target=worker, args=(store, name)) for name in "ab"]
        for thread in threads:
            thread.start()
        working.wait()
        restarts = 0
        while any(thread.is_alive() for thread in threads):
            server().restart()
            restarts += 1
            threading.Event().wait(1)
        for thread in threads:
            thread.join()
        stored = store.read("ada")
    assert restarts > 1
    assert stored is not None
    assert sorted(one.id for one in stored.facts) == sorted(
        f"{name}/{number}" for name in "ab" for number in range(facts)
    )


def test_a_server_that_is_not_there(tmp_path: Any) -> None:
    with closing(SqlStore(f"postgresql:///none?host={tmp_path}")) as store:
        assert refused(store, "it cannot be reached").passing


# -- it cannot be written ------------------------------------------------------------------------


def test_a_full_disk(sqlite_url: str) -> None:
    """SQLite's own limit stands for a disk that is full: it gives the same error."""
    engine = create_engine(sqlite_url)
    pages = []

    def limit(connection: Any, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages[-1] if pages else 1_000_000}")

    event.listen(engine, "connect", limit)
    store = SqlStore(engine)
    store.run(whole)
    before = dump(sqlite_url)
    pages += execute(sqlite_url, "PRAGMA page_count")[0]
    engine.dispose()

    def much(transaction: Any) -> None:
        record(transaction, "cid", [fact(f"c{n}", text="x" * 1_000) for n in range(100)])
        transaction.tell([effect("cid", "recorded")])

    with pytest.raises(StoreUnavailableError, match="disk is full") as caught:
        store.run(much)
    assert not caught.value.passing
    assert dump(sqlite_url) == before
    pages.append(1_000_000)
    engine.dispose()
    store.run(much)  # There is room again.
    assert len(dump(sqlite_url)["mqlkit_facts"]) == 104
    engine.dispose()


def test_a_full_disk_of_a_server(postgresql_url: str) -> None:
    """A trigger says what PostgreSQL says when it cannot extend a table, late in a transaction."""
    before = dump(postgresql_url)
    execute(
        postgresql_url,
        "CREATE FUNCTION full_disk() RETURNS trigger AS"
        " $$ BEGIN RAISE EXCEPTION 'No space left' USING ERRCODE = '53100'; END $$"
        " LANGUAGE plpgsql",
        "CREATE TRIGGER full_disk BEFORE INSERT ON mqlkit_outbox EXECUTE FUNCTION full_disk()",
    )
    with closing(SqlStore(postgresql_url)) as store:
        assert not refused(store, "its disk is full").passing
        assert dump(postgresql_url) == before
        execute(postgresql_url, "DROP TRIGGER full_disk ON mqlkit_outbox")
        assert store.run(whole)


def test_a_file_that_is_read_only(sqlite_url: str) -> None:
    path = sqlite_url.removeprefix("sqlite:///")
    with closing(SqlStore(f"sqlite:///file:{path}?mode=ro&uri=true")) as store:
        assert not refused(store, "it is read-only").passing
        assert store.rows() == []


def test_a_database_that_is_read_only(postgresql_url: str) -> None:
    name = postgresql_url.split("/")[3].partition("?")[0]
    execute(postgresql_url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with closing(SqlStore(postgresql_url)) as store:
        assert not refused(store, "it is read-only").passing
        assert store.rows() == []


def test_a_lock_that_others_hold_for_too_long(url: str) -> None:
    with closing(SqlStore(url)) as other, other.transaction() as transaction:
        transaction.save_pool("all", {"rosa": 1})
        with closing(SqlStore(url, wait=SHORT)) as store:
            assert refused(store, "longer than the store waits").passing
            assert store.rows() == []
    assert dump(url)["mqlkit_pools"] == [{"name": "all", "state": '{"rosa":1}'}]


def test_a_lock_that_others_release_in_time(url: str) -> None:
    with closing(SqlStore(url)) as other, closing(SqlStore(url)) as store:
        begun = threading.Event()

        def hold() -> None:
            with other.transaction() as transaction:
                transaction.save_pool("all", {"turn": 1})
                begun.set()
                threading.Event().wait(0.2)

        thread = threading.Thread(target=hold)
        thread.start()
        begun.wait()
        assert store.run(whole)
        thread.join()
    assert execute(url, "SELECT state FROM mqlkit_pools") == [('{"load":{},"turn":2}',)]


def test_two_that_wait_for_each_other(postgresql_url: str) -> None:
    """PostgreSQL ends one of them, which is done again."""
    calls = []
    with closing(SqlStore(postgresql_url)) as store:
        for name in ("ada", "bea"):
            store.run(lambda tx, name=name: record(tx, name, [fact("x")]))
        barrier = threading.Barrier(2)

        def cross(first: str, second: str) -> None:
            def work(transaction: Any) -> None:
                calls.append(first)
                transaction.load(first)
                if len(calls) <= 2:
                    barrier.wait()
                record(transaction, second, [fact(f"after {first}")])

            store.run(work)

        threads = [
            threading.Thread(target=cross, args=names) for names in (("ada", "bea"), ("bea", "ada"))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(calls) == 3
    assert len(dump(postgresql_url)["mqlkit_facts"]) == 4


def test_many_leads_are_locked_in_one_order(postgresql_url: str) -> None:
    """Eight threads want the same leads, each in an order of its own: nobody is ended."""
    names = [f"lead {number}" for number in range(20)]
    calls = []
    with closing(SqlStore(postgresql_url)) as store:
        for name in names:
            store.run(lambda tx, name=name: record(tx, name, [fact("x")]))

        def worker(number: int) -> None:
            def work(transaction: Any) -> None:
                calls.append(number)
                transaction.load_all([*names[number:], *names[:number]])

            store.run(work)

        threads = [threading.Thread(target=worker, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(calls) == list(range(8))


def test_an_engine_without_a_free_connection(url: str) -> None:
    engine = create_engine(url, pool_size=1, max_overflow=0, pool_timeout=0.001)
    with engine.connect():
        assert refused(SqlStore(engine), "no connection free in its pool").passing
    engine.dispose()


def test_who_paused_between_reading_and_writing_is_stale(store: SqlStore) -> None:
    """Fault 13 of the list: the version that was read says it."""
    store.run(lambda tx: record(tx, "ada", [fact("a1")]))
    read = store.read("ada")
    assert read is not None
    store.run(lambda tx: record(tx, "ada", [fact("a2")]))
    with pytest.raises(StaleVersionError), store.transaction() as transaction:
        transaction.append(row("ada", 2), [fact("a9")], expected=read.row.version)


def test_places_in_the_outbox_rise_in_the_order_of_commits(postgresql_url: str) -> None:
    """So who polls after the last place misses nothing that is committed later."""
    with closing(SqlStore(postgresql_url)) as store:
        with store.transaction() as slow:
            slow.tell([effect("ada", "slow")])
            with store.transaction() as quick:
                quick.tell([effect("ada", "quick")])
            (quick_one,) = store.outbox()
            assert quick_one.effect.key == "ada/quick"
        (slow_one,) = store.outbox(after=quick_one.seq)
        assert slow_one.effect.key == "ada/slow"


# -- it is not a store ---------------------------------------------------------------------------


def test_a_file_that_is_no_database(tmp_path: Any) -> None:
    path = tmp_path / "notes.db"
    path.write_text("not a database at all" * 100)
    with closing(SqlStore(f"sqlite:///{path}")) as store:
        refused(store, "not a SQLite database")
        with pytest.raises(StoreUnavailableError, match="not a SQLite database"):
            store.setup()


def test_a_folder_that_is_not_there(tmp_path: Any) -> None:
    with closing(SqlStore(f"sqlite:///{tmp_path}/none/funnel.db")) as store:
        refused(store, "cannot be opened; does its folder exist")


def test_a_database_that_is_not_set_up(empty_url: str) -> None:
    with closing(SqlStore(empty_url)) as store:
        with pytest.raises(SchemaError, match=r"call setup\(\) first"):
            store.run(whole)
        with pytest.raises(SchemaError, match=r"call setup\(\) first"):
            store.rows()


def test_a_value_that_the_driver_refuses(postgresql_url: str) -> None:
    """It is not taken for a server that is not there."""
    with closing(SqlStore(postgresql_url)) as store:
        nul = "a\0"
        with pytest.raises(StoreUnavailableError, match=r"it refused \(DataError\)") as caught:
            store._read(schema.LEADS.select().where(schema.LEADS.c.lead_id == nul))
        assert not caught.value.passing


def test_something_else_that_the_database_refuses(url: str, store: SqlStore) -> None:
    execute(url, "ALTER TABLE mqlkit_pools RENAME COLUMN state TO condition")
    assert not refused(store, "it refused").passing


# -- the schema ----------------------------------------------------------------------------------


def test_the_tables_are_those_that_statements_are_written_with(url: str) -> None:
    from sqlalchemy import inspect

    found = inspect(engine_for(url))
    assert sorted(found.get_table_names()) == sorted(table.name for table in TABLES)
    for table in TABLES:
        assert {column["name"] for column in found.get_columns(table.name)} == {*table.c.keys()}
        key = found.get_pk_constraint(table.name)["constrained_columns"]
        assert key == [column.name for column in table.primary_key]


def test_setting_up_again_changes_nothing(url: str, store: SqlStore) -> None:
    """Law 176."""
    store.run(whole)
    before = dump(url)
    store.setup()
    assert dump(url) == before


def test_a_step_leads_on_and_keeps_what_is_there(
    url: str, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.run(whole)
    before = store.read("ada")
    monkeypatch.setattr(schema, "STEPS", (*STEPS, Step(2, second_step)))
    store.setup()
    assert execute(url, "SELECT DISTINCT region FROM mqlkit_leads") == [("west",)]
    assert store.read("ada") == before
    store.setup()
    monkeypatch.undo()
    with pytest.raises(SchemaError, match=r"of version 2, made by a newer mqlkit; this one knows"):
        store.setup()


def test_who_finds_it_done_when_the_turn_comes_does_nothing(url: str) -> None:
    """Between looking and locking somebody else may have set it up."""
    engine = engine_for(url)
    with engine.begin() as connection:
        schema.migrate(connection)
    with closing(SqlStore(url)) as store:
        assert store.run(whole)


def test_a_step_that_fails_leaves_nothing(
    url: str, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(connection: Any) -> None:
        second_step(connection)  # Once too often.

    before = dump(url)
    monkeypatch.setattr(schema, "STEPS", (*STEPS, Step(2, second_step), Step(3, wrong)))
    with pytest.raises(StoreUnavailableError, match="it refused"):
        store.setup()
    assert dump(url) == before


def test_a_schema_whose_version_is_gone_is_set_up_anew_and_refused(
    url: str, store: SqlStore
) -> None:
    execute(url, "DELETE FROM mqlkit_meta")
    with pytest.raises(StoreUnavailableError, match="it refused"):
        store.setup()
    with pytest.raises(UnreadableRecordError, match="mqlkit_meta, 'last seq': it is not there"):
        store.run(lambda tx: tx.tell([effect("ada", "1")]))


# -- records that somebody edited ------------------------------------------------------------------

EDITS = [
    (
        "UPDATE mqlkit_facts SET data = substr(data, 1, 1) WHERE lead_id = 'ada' AND seq = 2",
        "mqlkit_facts, lead 'ada', fact 2: data is not JSON, or was cut short",
    ),
    (
        "UPDATE mqlkit_facts SET data = '[1]' WHERE lead_id = 'ada' AND seq = 1",
        "mqlkit_facts, lead 'ada', fact 1: data is not a JSON object",
    ),
    (
        "DELETE FROM mqlkit_facts WHERE lead_id = 'ada' AND seq = 2",
        "mqlkit_facts, lead 'ada', fact 2: it is not there, of 3",
    ),
    (
        "DELETE FROM mqlkit_facts WHERE lead_id = 'ada' AND seq = 3",
        "mqlkit_facts, lead 'ada', fact 3: it is not there, of 3",
    ),
    (
        "UPDATE mqlkit_facts SET at = 9000000000000000000 WHERE lead_id = 'ada' AND seq = 3",
        "mqlkit_facts, lead 'ada', fact 3: at is beyond the calendar",
    ),
    (
        "UPDATE mqlkit_leads SET state = '{' WHERE lead_id = 'ada'",
        "mqlkit_leads, lead 'ada': state is not JSON",
    ),
]


@pytest.mark.parametrize(("edit", "says"), EDITS)
def test_an_edited_fact_is_named(url: str, store: SqlStore, edit: str, says: str) -> None:
    store.run(whole)
    execute(url, edit)
    with pytest.raises(UnreadableRecordError, match=says) as caught:
        store.read("ada")
    with pytest.raises(UnreadableRecordError, match=says):
        store.run(lambda tx: tx.load("ada"))
    assert caught.value.table in says


def test_other_edited_records_are_named(url: str, store: SqlStore) -> None:
    store.run(whole)
    execute(
        url,
        "UPDATE mqlkit_handoffs SET data = ''",
        "UPDATE mqlkit_outbox SET data = 'x'",
        "UPDATE mqlkit_pools SET state = '7'",
    )
    with pytest.raises(UnreadableRecordError, match="mqlkit_handoffs, lead 'ada', episode 1: data"):
        store.handoffs()
    with pytest.raises(UnreadableRecordError, match="mqlkit_outbox, lead 'ada', message 1: data"):
        store.outbox()
    with pytest.raises(UnreadableRecordError, match="mqlkit_outbox, lead 'ada', message 1: data"):
        store.claim("worker", lease=SHORT)
    with pytest.raises(UnreadableRecordError, match="mqlkit_pools, pool 'all': state"):
        store.run(lambda tx: tx.pool("all"))


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        ("at = 'soon'", "fact 1: at is not a whole number"),
        ("kind = x'00'", "fact 1: kind is not text"),
    ],
)
def test_sqlite_lets_a_column_hold_anything(sqlite_url: str, edit: str, says: str) -> None:
    with closing(SqlStore(sqlite_url)) as store:
        store.run(whole)
        execute(sqlite_url, f"UPDATE mqlkit_facts SET {edit} WHERE seq = 1")
        with pytest.raises(UnreadableRecordError, match=says):
            store.read("ada")


def test_facts_that_came_after_the_row_was_read_are_left_out(url: str, store: SqlStore) -> None:
    """What `read` gives is of one version, though it takes two looks."""
    store.run(whole)
    execute(url, "UPDATE mqlkit_leads SET version = 2 WHERE lead_id = 'ada'")
    stored = store.read("ada")
    assert stored is not None
    assert [one.seq for one in stored.facts] == [1, 2]


def test_errors_survive_pickling() -> None:
    import pickle

    from mqlkit.store import DuplicateFactError, StaleClaimError

    for error in (
        StaleVersionError("ada", 3),
        StaleClaimError(7),
        DuplicateFactError(["ada", "bea"]),
        StoreUnavailableError("it is read-only"),
        UnreadableRecordError("mqlkit_facts", "lead 'ada', fact 3", "data is cut short"),
    ):
        again = pickle.loads(pickle.dumps(error))
        assert (str(again), type(again)) == (str(error), type(error))
        assert isinstance(error, StoreError)


def test_an_error_shows_no_values(url: str, store: SqlStore) -> None:
    """P10: what an error says goes into logs; what a lead said does not."""
    execute(url, "ALTER TABLE mqlkit_facts RENAME COLUMN kind TO sort")
    secret = [fact("a1", email="ada@example.com")]
    with pytest.raises(StoreUnavailableError) as caught:
        store.run(lambda tx: record(tx, "ada", secret))
    assert "ada@example.com" not in f"{caught.value} {caught.value.__cause__}"


def test_the_database_s_clock(store: SqlStore) -> None:
    """Microseconds since 1970, as the machine here has them, for leases only."""
    from datetime import UTC, datetime

    before = datetime.now(UTC) - timedelta(milliseconds=2)
    with store._engine.connect() as connection:
        now = connection.execute(store._dialect.now).scalar_one()
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=now)
    assert before <= moment <= datetime.now(UTC)
