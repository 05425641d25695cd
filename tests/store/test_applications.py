"""A store in an application that has an engine, a transaction or an event loop of its own."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import Engine, create_engine, event, text
from store.databases import dump, execute
from store.operations import whole
from store.records import fact, record

import mqlkit.store
from mqlkit.errors import DefinitionError, MissingExtraError
from mqlkit.store import SqlStore, StoreError, StoreUnavailableError, begin_immediately


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = create_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def immediate(url: str) -> Iterator[Engine]:
    """An engine whose transactions begin with the write lock."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        begin_immediately(engine)
    execute(url, "CREATE TABLE app (name TEXT)")
    yield engine
    engine.dispose()


def names(url: str) -> list[str]:
    return [name for (name,) in execute(url, "SELECT name FROM app ORDER BY name")]


# -- its own engine ------------------------------------------------------------------------------


def test_an_engine_of_the_application_s_own(engine: Engine, url: str) -> None:
    store = SqlStore(engine)
    store.setup()
    assert store.run(whole)
    assert not store.run(whole)
    store.close()  # Leaves the engine open.
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM mqlkit_facts")) == 4


def test_the_engine_s_own_settings_stay(url: str) -> None:
    engine = create_engine(url, isolation_level="SERIALIZABLE")
    with engine.connect() as connection:
        before = connection.get_isolation_level()
    assert SqlStore(engine).run(whole)
    with engine.connect() as connection:
        assert connection.get_isolation_level() == before
    engine.dispose()


def test_an_engine_whose_hook_begins_late(url: str) -> None:
    """The recipe in SQLAlchemy's manual for SQLite; the store begins with the lock all the same."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "begin")
        def begin(connection) -> None:
            connection.exec_driver_sql("BEGIN")

    store = SqlStore(engine)
    assert store.run(whole)
    assert store.count_by_stage() == {"lead": 2}
    engine.dispose()


def test_an_engine_that_begins_immediately(immediate: Engine) -> None:
    assert SqlStore(immediate).run(whole)


# -- its own transaction -------------------------------------------------------------------------


def test_inside_a_transaction_of_the_application_s_own(immediate: Engine, url: str) -> None:
    with immediate.begin() as connection:
        connection.execute(text("INSERT INTO app VALUES ('ada')"))
        store = SqlStore.within(connection)
        assert store.run(whole)
        assert store.count_by_stage() == {"lead": 2}
        store.setup()
        store.close()
    assert names(url) == ["ada"]
    assert len(dump(url)["mqlkit_facts"]) == 4


def test_what_the_application_rolls_back_did_not_happen(immediate: Engine, url: str) -> None:
    before = dump(url)
    with immediate.connect() as connection:
        connection.begin()
        connection.execute(text("INSERT INTO app VALUES ('ada')"))
        assert SqlStore.within(connection).run(whole)
        connection.rollback()
    assert names(url) == []
    assert dump(url) == before


def test_an_error_undoes_the_store_s_part_alone(immediate: Engine, url: str) -> None:
    """A savepoint: what the application did before stays, and it may go on."""
    before = dump(url)

    def wrong(transaction) -> None:
        whole(transaction)
        raise ZeroDivisionError

    with immediate.begin() as connection:
        connection.execute(text("INSERT INTO app VALUES ('ada')"))
        with pytest.raises(ZeroDivisionError):
            SqlStore.within(connection).run(wrong)
        connection.execute(text("INSERT INTO app VALUES ('bea')"))
    assert names(url) == ["ada", "bea"]
    assert dump(url) == before


def test_sqlite_must_have_begun(engine: Engine) -> None:
    """Without `begin_immediately` SQLAlchemy begins and SQLite does not yet."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            with pytest.raises(StoreError, match=r"call begin_immediately\(engine\) before"):
                SqlStore.within(connection)
        else:
            assert SqlStore.within(connection).run(whole)


def test_a_connection_lost_inside_is_said(immediate: Engine, url: str) -> None:
    """And it is not tried again: the transaction is the application's."""
    calls = []

    def work(transaction) -> None:
        calls.append(transaction)
        raise StoreUnavailableError("the connection was lost", True)

    with (
        pytest.raises(StoreUnavailableError, match="the connection was lost"),
        immediate.begin() as connection,
    ):
        SqlStore.within(connection).run(work)
    assert len(calls) == 1


# -- async ---------------------------------------------------------------------------------------


def test_in_an_event_loop_a_store_works_in_threads(url: str) -> None:
    """The suggestion of the docs: one thread for each call, and the loop goes on."""

    async def main(store: SqlStore) -> None:
        def add(name: str) -> None:
            store.run(lambda tx: record(tx, "ada", [fact(name)]))

        await asyncio.gather(*(asyncio.to_thread(add, f"a{number}") for number in range(12)))
        found = await asyncio.to_thread(store.read, "ada")
        assert found is not None
        assert found.row.version == 12

    with closing(SqlStore(url)) as store:
        asyncio.run(main(store))


# -- what it is made of --------------------------------------------------------------------------


def test_a_database_in_memory_is_refused() -> None:
    for url in ("sqlite://", "sqlite:///:memory:"):
        with pytest.raises(StoreError, match=r"use MemoryStore\(\), or name a file"):
            SqlStore(url)


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(StoreError, match="kept in SQLite or PostgreSQL, not in 'mysql'"):
        SqlStore("mysql://localhost/funnel")


def test_a_wait_is_above_zero() -> None:
    with pytest.raises(DefinitionError, match="the wait for a lock is above zero"):
        SqlStore("sqlite:///funnel.db", wait=timedelta(0))


def test_without_a_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'mqlkit\[postgres\]'"):
        SqlStore("postgresql://localhost/funnel")


@pytest.mark.parametrize("name", ["SqlStore", "begin_immediately"])
def test_without_sqlalchemy_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for module in ("sql", "dialects"):
        monkeypatch.delitem(sys.modules, f"mqlkit.store.{module}")
    monkeypatch.delitem(vars(mqlkit.store), name)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'mqlkit\[store\]'"):
        getattr(mqlkit.store, name)


def test_another_missing_module_is_not_taken_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "mqlkit.store.sql")
    monkeypatch.delitem(vars(mqlkit.store), "SqlStore")
    monkeypatch.setitem(sys.modules, "mqlkit.store.schema", None)
    monkeypatch.delattr(mqlkit.store, "schema")
    with pytest.raises(ModuleNotFoundError, match="schema"):
        _ = mqlkit.store.SqlStore


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'SqlShop'"):
        _ = mqlkit.store.SqlShop
    assert set(mqlkit.store.__all__) <= set(dir(mqlkit.store))
    assert sorted(mqlkit.store.__all__) == list(mqlkit.store.__all__)


def test_importing_stores_loads_no_database_library() -> None:
    program = (
        "import sys, mqlkit.store; mqlkit.store.MemoryStore; mqlkit.store.Fact;"
        "print(sorted({'sqlalchemy', 'psycopg'} & sys.modules.keys()))"
    )
    run = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True)
    assert run.stdout == "[]\n"
