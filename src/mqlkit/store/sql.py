"""
A store in a database: SQLite in one file, or PostgreSQL.
"""

from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Executable,
    create_engine,
    event,
    func,
    make_url,
    select,
    tuple_,
)
from sqlalchemy.exc import DBAPIError

from ..errors import MissingExtraError
from . import columns, schema
from .base import (
    Due,
    HandoffRow,
    Message,
    Row,
    StaleClaimError,
    StaleVersionError,
    Store,
    Stored,
    StoreError,
    StoreUnavailableError,
    Transaction,
)
from .columns import Found, micros
from .dialects import dialect_of, in_transaction
from .retry import again
from .schema import HANDOFFS, LEADS, OUTBOX
from .sql_outbox import claim, deliver, release
from .sql_transaction import SqlTransaction

T = TypeVar("T")


class SqlStore(Store):
    """
    A store in SQLite or PostgreSQL.

    One object serves many threads. Other processes make their own.

    Args:
        where: A URL as SQLAlchemy has it, or an engine of the application's own. With an engine
            the store changes none of its settings, and the application closes it.
        wait: How long to wait for a lock that somebody else holds, each time. With a URL only.

    Raises:
        StoreError: the URL names another kind of database, or a SQLite one in memory.
        MissingExtraError: the driver for PostgreSQL is not installed.

    >>> import tempfile
    >>> from datetime import UTC, datetime
    >>> from mqlkit.store import Fact, Row
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = SqlStore(f"sqlite:///{folder.name}/funnel.db")
    >>> store.setup()
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    >>> row = Row("ada", 1, stage="lead", furthest="lead", since=noon, episode=1)
    >>> with store.transaction() as transaction:
    ...     transaction.append(row, [Fact("a1", "activity", noon, noon, {})], expected=0)
    >>> store.count_by_stage()
    {'lead': 1}
    >>> store.close()
    >>> folder.cleanup()
    """

    def __init__(
        self, where: str | URL | Engine, *, wait: timedelta = timedelta(seconds=5)
    ) -> None:
        self._ours = not isinstance(where, Engine)
        engine = where if isinstance(where, Engine) else _engine(make_url(where), wait)
        self._dialect = dialect_of(engine.dialect.name)
        # Only our own transactions: a copy of the engine with another option and the same pool.
        self._engine = engine.execution_options(isolation_level=self._dialect.isolation)

    @classmethod
    def within(cls, connection: Connection) -> "SqlStore":
        """
        A store inside a transaction of the application's own.

        It neither begins nor commits: what is done happens when the application commits. Each
        ``transaction()`` is a savepoint. Nothing is tried again, as that is for the whole
        transaction to do.

        Args:
            connection: With a transaction begun. On SQLite it must have begun with ``BEGIN
                IMMEDIATE``: `begin_immediately` makes an engine do so.

        Raises:
            StoreError: SQLite has not begun a transaction.
        """
        return _StoreWithin(connection)

    def close(self) -> None:
        """Close the connections to the database, unless the engine is the application's."""
        if self._ours:
            self._engine.dispose()

    def setup(self) -> None:
        def attempt() -> None:
            with self._reading() as connection, self._plainly():
                if schema.is_current(connection):
                    return
                if self._ours and self._dialect.name == "sqlite":
                    # Kept in the file: from now on nobody who reads waits for one who writes.
                    connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            with self._writing() as connection, self._plainly():
                self._dialect.lock_schema(connection)
                schema.migrate(connection)

        self._again(attempt)

    @contextmanager
    def transaction(self) -> Generator[Transaction, None, None]:
        with self._writing() as connection:
            transaction = SqlTransaction(connection, self._dialect)
            yield transaction
            transaction.flush()

    def run(self, work: Callable[[Transaction], T]) -> T:
        def attempt() -> T:
            with self.transaction() as transaction:
                return work(transaction)

        return self._again(attempt)

    # -- reading -------------------------------------------------------------------------------

    def read(self, lead_id: str) -> Stored | None:
        def attempt() -> Stored | None:
            with self._reading() as connection:
                return SqlTransaction(connection, self._dialect).look(lead_id)

        return self._again(attempt)

    def due(self, now: datetime, *, limit: int = 1_000, after: Due | None = None) -> list[Due]:
        statement = (
            select(LEADS.c.wake, LEADS.c.lead_id)
            .where(LEADS.c.wake <= micros(now, "now"))
            .order_by(LEADS.c.wake, LEADS.c.lead_id)
            .limit(columns.at_most(limit))
        )
        above = columns.due_cursor(after)
        if above is not None:
            statement = statement.where(tuple_(LEADS.c.wake, LEADS.c.lead_id) > tuple_(*above))
        return [columns.due_of(found["wake"], found["lead_id"]) for found in self._read(statement)]

    def next_wake(self) -> datetime | None:
        # The condition says nothing new: it lets a database answer from the index.
        statement = select(func.min(LEADS.c.wake).label("wake")).where(LEADS.c.wake.is_not(None))
        return columns.first_wake_of(self._read(statement)[0]["wake"])

    def rows(self, *, stage: str = "", limit: int = 1_000, after: str = "") -> list[Row]:
        statement = (
            select(LEADS)
            .where(LEADS.c.lead_id > columns.plain_text(after, "a lead's id"))
            .order_by(LEADS.c.lead_id)
            .limit(columns.at_most(limit))
        )
        if stage:
            statement = statement.where(LEADS.c.stage == columns.plain_text(stage, "a stage"))
        return [columns.row_of(found) for found in self._read(statement)]

    def count_by_stage(self) -> dict[str, int]:
        statement = (
            select(LEADS.c.stage, func.count().label("leads"))
            .group_by(LEADS.c.stage)
            .order_by(LEADS.c.stage)
        )
        return {found["stage"]: found["leads"] for found in self._read(statement)}

    def handoffs(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        state: str = "",
        owner: str = "",
    ) -> list[HandoffRow]:
        statement = select(HANDOFFS).order_by(HANDOFFS.c.lead_id, HANDOFFS.c.episode)
        if since is not None:
            statement = statement.where(HANDOFFS.c.opened_at >= micros(since, "since"))
        if until is not None:
            statement = statement.where(HANDOFFS.c.opened_at < micros(until, "until"))
        if state:
            wanted = columns.plain_text(state, "a handoff's state")
            statement = statement.where(HANDOFFS.c.state == wanted)
        if owner:
            who = columns.plain_text(owner, "an owner")
            statement = statement.where(HANDOFFS.c.owner == who)
        return [columns.handoff_of(found) for found in self._read(statement)]

    def outbox(self, *, after: int = 0, limit: int = 100) -> list[Message]:
        statement = (
            select(OUTBOX)
            .where(OUTBOX.c.seq > after)
            .order_by(OUTBOX.c.seq)
            .limit(columns.at_most(limit))
        )
        return [columns.message_of(found) for found in self._read(statement)]

    def _read(self, statement: Executable) -> list[Found]:
        def attempt() -> list[Found]:
            with self._reading() as connection, self._plainly():
                return list(connection.execute(statement).mappings())

        return self._again(attempt)

    # -- the outbox ----------------------------------------------------------------------------

    def claim(self, worker: str, *, lease: timedelta, limit: int = 100) -> list[Message]:
        columns.key(worker, "a worker's name")
        span, most = columns.span_micros(lease, "a lease"), columns.at_most(limit)

        def attempt() -> list[Message]:
            with self._writing() as connection, self._plainly():
                return claim(connection, self._dialect, worker, span, most)

        return self._again(attempt)

    def delivered(self, messages: Iterable[Message]) -> None:
        claimed = sorted(messages, key=lambda message: message.seq)
        for message in claimed:
            if not message.fence:
                raise StaleClaimError(message.seq)
        if not claimed:
            return

        def attempt() -> None:
            with self._writing() as connection, self._plainly():
                deliver(connection, self._dialect, claimed)

        self._again(attempt)

    def release(self, messages: Iterable[Message]) -> None:
        claimed = sorted(messages, key=lambda message: message.seq)
        if not claimed:
            return

        def attempt() -> None:
            with self._writing() as connection, self._plainly():
                release(connection, claimed)

        self._again(attempt)

    # -- connections ---------------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Generator[Connection, None, None]:
        with self._plainly():
            connection = self._engine.connect()
        with connection:
            yield connection

    @contextmanager
    def _writing(self) -> Generator[Connection, None, None]:
        with self._reading() as connection:
            with self._plainly():
                transaction = connection.begin()
                self._dialect.begin(connection)
            try:
                yield connection
                with self._plainly():
                    transaction.commit()
            except BaseException:
                with suppress(DBAPIError):  # Of a connection that is gone nothing is left.
                    transaction.rollback()
                raise

    def _plainly(self) -> AbstractContextManager[None]:
        return self._dialect.plainly()

    def _again(self, attempt: Callable[[], T]) -> T:
        return again(attempt, _passes)


class _StoreWithin(SqlStore):
    """A store on a connection whose transaction is the application's."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self._ours = connection, False
        self._dialect = dialect_of(connection.dialect.name)
        if self._dialect.name == "sqlite" and not in_transaction(connection):
            raise StoreError(
                "SQLite has not begun a transaction on this connection; call "
                "begin_immediately(engine) before it connects, and engine.begin()"
            )

    def close(self) -> None:
        """Nothing: the connection is the application's."""

    @contextmanager
    def _reading(self) -> Generator[Connection, None, None]:
        yield self._connection

    @contextmanager
    def _writing(self) -> Generator[Connection, None, None]:
        with self._plainly():
            savepoint = self._connection.begin_nested()
        try:
            yield self._connection
            with self._plainly():
                savepoint.commit()
        except BaseException:
            with suppress(DBAPIError):
                savepoint.rollback()
            raise

    def _again(self, attempt: Callable[[], T]) -> T:
        return attempt()


def _engine(url: URL, wait: timedelta) -> Engine:
    """The engine for a URL, with what a store wants of its connections."""
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    dialect = dialect_of(url.get_backend_name())
    seconds = columns.span_micros(wait, "the wait for a lock") / 1_000_000
    settings: dict[str, Any] = {"hide_parameters": True, "isolation_level": dialect.isolation}
    if dialect.name == "sqlite":
        if url.database in (None, "", ":memory:"):
            raise StoreError(
                "a SQLite database in memory is another one for each thread; "
                "use MemoryStore(), or name a file: sqlite:///funnel.db"
            )
        return create_engine(url, connect_args={"timeout": seconds}, **settings)
    try:
        engine = create_engine(url, pool_pre_ping=True, **settings)
    except ModuleNotFoundError:
        raise MissingExtraError("a store in PostgreSQL", "postgres") from None

    def set_lock_timeout(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = {max(1, round(seconds * 1_000))}")
        connection.commit()

    event.listen(engine, "connect", set_lock_timeout)
    return engine


def _passes(error: Exception) -> bool:
    return isinstance(error, StaleVersionError) or (
        isinstance(error, StoreUnavailableError) and error.passing
    )
