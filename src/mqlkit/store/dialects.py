"""
Where SQLite and PostgreSQL differ: how they begin, lock, tell the time and say what went wrong.
"""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import attrs
from sqlalchemy import Connection, Engine, TextClause, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from .base import SchemaError, StoreError, StoreUnavailableError


@attrs.frozen
class Dialect:
    """
    One kind of database.

    Args:
        name: As SQLAlchemy has it.
        isolation: In which the store's own transactions run.
        insert: The kind of insert that can leave alone what is there already.
        now: The database's clock, in microseconds since 1970.
        begin: What a writing transaction does first.
        lock_schema: What keeps others from changing the tables until the transaction ends.
        trouble: What an error of the driver means: in words, and whether it passes; None for
            tables that are not there.
    """

    name: str
    isolation: str
    insert: Any
    now: TextClause
    begin: Callable[[Connection], None]
    lock_schema: Callable[[Connection], None]
    trouble: Callable[[DBAPIError], tuple[str, bool] | None]

    @contextmanager
    def plainly(self) -> Generator[None, None, None]:
        """What the database says, said as a store does."""
        try:
            yield
        except (DBAPIError, PoolTimeoutError) as error:
            raise self._plain(error) from error

    def _plain(self, error: Exception) -> StoreError:
        if not isinstance(error, DBAPIError):
            return StoreUnavailableError("the engine has no connection free in its pool", True)
        error.hide_parameters = True  # A traceback is no place for a lead's data.
        if error.connection_invalidated:
            return StoreUnavailableError("the connection was lost", True)
        found = self.trouble(error)
        if found is None:
            return SchemaError("the store's tables are not there; call setup() first")
        return StoreUnavailableError(*found)


def dialect_of(name: str) -> Dialect:
    """
    The dialect that SQLAlchemy calls *name*.

    Raises:
        StoreError: a store cannot be kept in such a database.
    """
    if name not in _DIALECTS:
        raise StoreError(f"a store is kept in SQLite or PostgreSQL, not in {name!r}")
    return _DIALECTS[name]


def in_transaction(connection: Connection) -> bool:
    """Whether SQLite itself is inside a transaction; SQLAlchemy counts one before it is."""
    return bool(getattr(connection.connection.driver_connection, "in_transaction", False))


def begin_immediately(engine: Engine) -> None:
    """
    Make every transaction of a SQLite engine take the write lock when it begins.

    For an application's own engine whose transactions a store shares, see `SqlStore.within`.
    Without it SQLite begins a transaction late and read-only, and fails it with "database is
    locked" when two of them turn to writing.

    Args:
        engine: Before its first connection.
    """

    def no_begin_by_the_driver(connection: Any, _record: object) -> None:
        connection.isolation_level = None

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine, "connect", no_begin_by_the_driver)
    event.listen(engine, "begin", begin)


def _refused(error: DBAPIError) -> tuple[str, bool]:
    return f"it refused ({type(error.orig).__name__})", False


# -- SQLite ------------------------------------------------------------------------------------

_SQLITE_TROUBLES: Final[Mapping[int, tuple[str, bool]]] = {
    5: ("somebody else holds its lock for longer than the store waits", True),
    6: ("somebody else holds a lock on one of its tables", True),
    8: ("it is read-only", False),
    10: ("reading or writing its file failed", False),
    11: ("its file is damaged", False),
    13: ("its disk is full, or it may not grow any more", False),
    14: ("its file cannot be opened; does its folder exist?", False),
    26: ("its file is not a SQLite database", False),
}
"""By primary result code: https://www.sqlite.org/rescode.html"""


def _sqlite_begin(connection: Connection) -> None:
    # A hook of the application's engine may have begun one, perhaps a deferred one.
    if in_transaction(connection):
        connection.exec_driver_sql("ROLLBACK")
    # A deferred transaction that reads and then writes fails whenever somebody wrote in between,
    # and no waiting helps. One that begins with the write lock waits for it.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _sqlite_lock_schema(_: Connection) -> None:
    """The write lock that every writing transaction has is enough."""


def _sqlite_trouble(error: DBAPIError) -> tuple[str, bool] | None:
    if "no such table: mqlkit_" in str(error.orig):
        return None
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    return _SQLITE_TROUBLES.get(code) or _refused(error)


# -- PostgreSQL --------------------------------------------------------------------------------

_SCHEMA_LOCK: Final = 0x6D716C6B6974
"""The letters of "mqlkit" as one number: the name of an advisory lock."""

_POSTGRESQL_TROUBLES: Final[Mapping[str, tuple[str, bool]]] = {
    "08": ("the connection was lost", True),
    "25006": ("it is read-only", False),
    "40001": ("somebody else's transaction came in between", True),
    "40P01": ("two transactions waited for each other", True),
    "53100": ("its disk is full", False),
    "53200": ("it is out of memory", True),
    "53300": ("it has no connection free", True),
    "55P03": ("somebody else holds a lock for longer than the store waits", True),
    "57P01": ("it is shutting down", True),
    "57P02": ("it is recovering from a crash", True),
    "57P03": ("it is starting up or shutting down", True),
}
"""By SQLSTATE, or its first two letters: PostgreSQL's appendix A."""


def _postgresql_begin(_: Connection) -> None:
    """Nothing: the driver begins, and rows are locked as they are loaded."""


def _postgresql_lock_schema(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SCHEMA_LOCK})


def _postgresql_trouble(error: DBAPIError) -> tuple[str, bool] | None:
    code = getattr(error.orig, "sqlstate", None)
    if code is None and isinstance(error, OperationalError | InterfaceError):
        return "it cannot be reached", True  # The driver says so, not the server.
    if code == "42P01":
        return None
    places = (code or "", (code or "")[:2])
    found = (_POSTGRESQL_TROUBLES[place] for place in places if place in _POSTGRESQL_TROUBLES)
    return next(found, _refused(error))


_DIALECTS: Final = {
    dialect.name: dialect
    for dialect in (
        Dialect(
            name="sqlite",
            isolation="AUTOCOMMIT",  # The driver begins nothing; `begin` does.
            insert=sqlite.insert,
            # Milliseconds are what SQLite's clock has. "now" is one instant in a statement.
            now=text(
                "SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000000"
                " + CAST(substr(strftime('%f', 'now'), 4) AS INTEGER) * 1000"
            ),
            begin=_sqlite_begin,
            lock_schema=_sqlite_lock_schema,
            trouble=_sqlite_trouble,
        ),
        Dialect(
            name="postgresql",
            isolation="READ COMMITTED",
            insert=postgresql.insert,
            now=text("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"),
            begin=_postgresql_begin,
            lock_schema=_postgresql_lock_schema,
            trouble=_postgresql_trouble,
        ),
    )
}
