"""
A store in a database: SQLite in one file, or PostgreSQL.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from typing import Any, Final, TypeVar

import attrs
from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Executable,
    bindparam,
    create_engine,
    event,
    func,
    make_url,
    or_,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from ..effect import Effect
from ..errors import MissingExtraError
from . import columns, schema
from .base import (
    Change,
    DuplicateFactError,
    Fact,
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
    UnreadableRecordError,
)
from .columns import Columns, Found, micros
from .dialects import Dialect, dialect_of, in_transaction
from .retry import again
from .schema import FACTS, HANDOFFS, LEADS, META, OUTBOX, POOLS

T = TypeVar("T")

_AT_ONCE: Final = 500
"""Ids in one statement."""
_MOST_CLAIMED: Final = 10_000
"""Messages in one claim: SQLite takes some 32,000 parameters in a statement."""


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
            transaction = _SqlTransaction(connection, self._dialect)
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
                return _SqlTransaction(connection, self._dialect).look(lead_id)

        return self._again(attempt)

    def due(self, now: datetime, *, limit: int = 1_000, after: str = "") -> list[str]:
        statement = (
            select(LEADS.c.lead_id)
            .where(LEADS.c.wake <= micros(now, "now"), LEADS.c.lead_id > after)
            .order_by(LEADS.c.lead_id)
            .limit(limit)
        )
        return [found["lead_id"] for found in self._read(statement)]

    def rows(self, *, stage: str = "", limit: int = 1_000, after: str = "") -> list[Row]:
        statement = (
            select(LEADS).where(LEADS.c.lead_id > after).order_by(LEADS.c.lead_id).limit(limit)
        )
        if stage:
            statement = statement.where(LEADS.c.stage == stage)
        return [columns.row_of(found) for found in self._read(statement)]

    def count_by_stage(self) -> dict[str, int]:
        statement = (
            select(LEADS.c.stage, func.count().label("leads"))
            .group_by(LEADS.c.stage)
            .order_by(LEADS.c.stage)
        )
        return {found["stage"]: found["leads"] for found in self._read(statement)}

    def handoffs(
        self, *, since: datetime | None = None, until: datetime | None = None, state: str = ""
    ) -> list[HandoffRow]:
        statement = select(HANDOFFS).order_by(HANDOFFS.c.lead_id, HANDOFFS.c.episode)
        if since is not None:
            statement = statement.where(HANDOFFS.c.opened_at >= micros(since, "since"))
        if until is not None:
            statement = statement.where(HANDOFFS.c.opened_at < micros(until, "until"))
        if state:
            statement = statement.where(HANDOFFS.c.state == state)
        return [columns.handoff_of(found) for found in self._read(statement)]

    def outbox(self, *, after: int = 0, limit: int = 100) -> list[Message]:
        statement = select(OUTBOX).where(OUTBOX.c.seq > after).order_by(OUTBOX.c.seq).limit(limit)
        return [columns.message_of(found) for found in self._read(statement)]

    def _read(self, statement: Executable) -> list[Found]:
        def attempt() -> list[Found]:
            with self._reading() as connection, self._plainly():
                return list(connection.execute(statement).mappings())

        return self._again(attempt)

    # -- the outbox ----------------------------------------------------------------------------

    def claim(self, worker: str, *, lease: timedelta, limit: int = 100) -> list[Message]:
        columns.key(worker, "a worker's name")
        span = columns.span_micros(lease, "a lease")

        def attempt() -> list[Message]:
            with self._writing() as connection, self._plainly():
                return _claim(connection, self._dialect, worker, span, limit)

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
                _deliver(connection, self._dialect, claimed)

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
        return _plainly(self._dialect)

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


@contextmanager
def _plainly(dialect: Dialect) -> Generator[None, None, None]:
    """What the database says, said as a store does."""
    try:
        yield
    except (DBAPIError, PoolTimeoutError) as error:
        raise dialect.plain(error) from error


# -- statements --------------------------------------------------------------------------------

_LEADS_BY_ID: Final = (
    select(LEADS)
    .where(LEADS.c.lead_id.in_(bindparam("ids", expanding=True)))
    .order_by(LEADS.c.lead_id)
)
_LOCKED_LEADS: Final = _LEADS_BY_ID.with_for_update()
_FACTS_BY_ID: Final = (
    select(FACTS)
    .where(FACTS.c.lead_id.in_(bindparam("ids", expanding=True)))
    .order_by(FACTS.c.lead_id, FACTS.c.seq)
)
_LAST_FACTS: Final = (
    select(FACTS.c.lead_id, func.max(FACTS.c.seq).label("version"))
    .where(FACTS.c.lead_id.in_(bindparam("ids", expanding=True)))
    .group_by(FACTS.c.lead_id)
)
_CHANGE_LEAD: Final = update(LEADS).where(
    LEADS.c.lead_id == bindparam("of_lead"), LEADS.c.version == bindparam("of_version")
)
_CHANGE_HANDOFF: Final = update(HANDOFFS).where(
    HANDOFFS.c.lead_id == bindparam("of_lead"), HANDOFFS.c.episode == bindparam("of_episode")
)
_OPEN_HANDOFFS: Final = (
    select(HANDOFFS.c.owner, func.count().label("open"))
    .where(HANDOFFS.c.state != "closed", HANDOFFS.c.owner != "")
    .group_by(HANDOFFS.c.owner)
    .order_by(HANDOFFS.c.owner)
)
_POOL: Final = select(POOLS.c.state).where(POOLS.c.name == bindparam("of_pool")).with_for_update()
# The row stays locked until the transaction ends, so places rise in the order of commits: whoever
# polls for what comes after a place misses nothing that is committed late with an earlier place.
_TAKE_PLACES: Final = (
    update(META)
    .where(META.c.name == schema.LAST_SEQ)
    .values(value=META.c.value + bindparam("places"))
    .returning(META.c.value)
)
_FREE: Final = (
    select(OUTBOX.c.seq)
    .where(
        OUTBOX.c.delivered_at.is_(None),
        or_(OUTBOX.c.claimed_until.is_(None), OUTBOX.c.claimed_until <= bindparam("now")),
    )
    .order_by(OUTBOX.c.seq)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_CLAIM: Final = (
    update(OUTBOX)
    .where(OUTBOX.c.seq.in_(bindparam("seqs", expanding=True)))
    .values(
        claimed_by=bindparam("worker"),
        claimed_until=bindparam("until"),
        fence=OUTBOX.c.fence + 1,
        attempts=OUTBOX.c.attempts + 1,
    )
    .returning(OUTBOX)
)
_DELIVER: Final = (
    update(OUTBOX)
    .where(OUTBOX.c.seq == bindparam("of_seq"), OUTBOX.c.fence == bindparam("of_fence"))
    .values(delivered_at=func.coalesce(OUTBOX.c.delivered_at, bindparam("now")))
)


@attrs.frozen
class _Inserts:
    """Inserts that leave alone what is there already, and one that replaces it."""

    leads: Executable
    handoffs: Executable
    messages: Executable
    pools: Executable
    pool_state: Executable


@cache
def _inserts(dialect: Dialect) -> _Inserts:
    def unless_there(table: Any) -> Executable:
        statement: Executable = dialect.insert(table).on_conflict_do_nothing()
        return statement.execution_options(preserve_rowcount=True)

    state = dialect.insert(POOLS)
    return _Inserts(
        leads=unless_there(LEADS),
        handoffs=unless_there(HANDOFFS),
        messages=unless_there(OUTBOX),
        pools=unless_there(POOLS),
        pool_state=state.on_conflict_do_update(
            index_elements=["name"], set_={"state": state.excluded.state}
        ),
    )


# -- what is done inside a transaction -----------------------------------------------------------


class _SqlTransaction(Transaction):
    """What a store does on one connection; effects wait for `flush`."""

    def __init__(self, connection: Connection, dialect: Dialect) -> None:
        self._connection, self._dialect = connection, dialect
        self._inserts = _inserts(dialect)
        self._told: list[Columns] = []

    def load(self, lead_id: str) -> Stored | None:
        return self.load_all([lead_id]).get(lead_id)

    def load_all(self, lead_ids: Iterable[str]) -> dict[str, Stored]:
        return self._stored(lead_ids, _LOCKED_LEADS)

    def look(self, lead_id: str) -> Stored | None:
        """A lead that nobody locks: facts recorded after its row was read are left out."""
        return self._stored([lead_id], _LEADS_BY_ID).get(lead_id)

    def _stored(self, lead_ids: Iterable[str], statement: Executable) -> dict[str, Stored]:
        stored: dict[str, Stored] = {}
        for ids in _parts(sorted(set(lead_ids))):
            rows = [columns.row_of(found) for found in self._select(statement, ids=ids)]
            facts: dict[str, list[Found]] = {row.lead_id: [] for row in rows}
            if rows:
                for found in self._select(_FACTS_BY_ID, ids=list(facts)):
                    facts[found["lead_id"]].append(found)
            for row in rows:
                stored[row.lead_id] = Stored(row, columns.facts_of(row, facts[row.lead_id]))
        return stored

    def peek(self, lead_id: str) -> Row | None:
        for found in self._select(_LEADS_BY_ID, ids=[lead_id]):
            return columns.row_of(found)
        return None

    def append(self, row: Row, facts: Sequence[Fact], *, expected: int) -> None:
        self.append_all([Change(row, facts, expected)])

    def append_all(self, changes: Iterable[Change]) -> None:
        made = list(changes)
        new = [change for change in made if not change.expected]
        self._write_rows(self._inserts.leads, new, _new_lead)
        known = [change for change in made if change.expected]
        self._write_rows(_CHANGE_LEAD, known, _changed_lead)
        facts = [
            columns.fact_columns(change.row.lead_id, seq, fact)
            for change in made
            for seq, fact in enumerate(change.facts, change.expected + 1)
        ]
        if facts:
            self._add_facts(facts)

    def _write_rows(
        self,
        statement: Executable,
        changes: list[Change],
        parameters: Callable[[Change], Columns],
    ) -> None:
        """Insert or update rows of leads, each of which must be at the version expected."""
        if changes and self._many(statement, list(map(parameters, changes))) != len(changes):
            raise self._stale(changes)

    def _stale(self, changes: list[Change]) -> StaleVersionError:
        """The error for the first of *changes* that found another version."""
        # Their facts are not written yet, so the last fact tells the version that was there.
        kept: dict[str, int] = {}
        for ids in _parts([change.row.lead_id for change in changes]):
            for found in self._select(_LAST_FACTS, ids=ids):
                kept[found["lead_id"]] = found["version"]
        other = (one for one in changes if kept.get(one.row.lead_id, 0) != one.expected)
        stale = next(other, changes[0])
        return StaleVersionError(stale.row.lead_id, stale.expected)

    def _add_facts(self, facts: list[Columns]) -> None:
        try:
            self._many(FACTS.insert(), facts)
        except StoreUnavailableError as error:
            if isinstance(error.__cause__, IntegrityError):
                leads = sorted({fact["lead_id"] for fact in facts})
                raise DuplicateFactError(leads) from error.__cause__
            raise

    def hand_off(self, handoff: HandoffRow) -> bool:
        return self._many(self._inserts.handoffs, [columns.handoff_columns(handoff)]) == 1

    def update_handoff(self, handoff: HandoffRow) -> None:
        record = columns.handoff_columns(handoff)
        place = {"of_lead": record.pop("lead_id"), "of_episode": record.pop("episode")}
        if self._many(_CHANGE_HANDOFF, [{**place, **record}]) != 1:
            raise columns.no_handoff(handoff)

    def open_handoffs(self) -> dict[str, int]:
        return {found["owner"]: found["open"] for found in self._select(_OPEN_HANDOFFS)}

    def pool(self, name: str) -> Mapping[str, Any]:
        columns.key(name, "a pool's name")
        found = self._select(_POOL, of_pool=name)
        if not found:
            # A row that is not there cannot be locked.
            self._many(self._inserts.pools, [{"name": name, "state": "{}"}])
            found = self._select(_POOL, of_pool=name)
        return columns.pool_of(name, found[0]["state"])

    def save_pool(self, name: str, state: Mapping[str, Any]) -> None:
        place = columns.key(name, "a pool's name")
        text = columns.json_text(state, "a pool's state")
        self._many(self._inserts.pool_state, [{"name": place, "state": text}])

    def tell(self, effects: Iterable[Effect]) -> None:
        self._told += map(columns.message_columns, effects)

    def flush(self) -> None:
        """
        Write what was told.

        It comes last, as it makes all others who tell something wait until this one commits.
        """
        if not self._told:
            return
        found = self._select(_TAKE_PLACES, places=len(self._told))
        if not found:
            raise UnreadableRecordError(columns.META, repr(schema.LAST_SEQ), "it is not there")
        first = found[0]["value"] - len(self._told) + 1
        messages = [{"seq": seq, **message} for seq, message in enumerate(self._told, first)]
        self._many(self._inserts.messages, messages)
        self._told = []

    def _select(self, statement: Executable, **values: object) -> list[Found]:
        with _plainly(self._dialect):
            return list(self._connection.execute(statement, values).mappings())

    def _many(self, statement: Executable, records: list[Columns]) -> int:
        """How many records it concerned."""
        with _plainly(self._dialect):
            return self._connection.execute(statement, records).rowcount


def _new_lead(change: Change) -> Columns:
    return columns.lead_columns(change.row)


def _changed_lead(change: Change) -> Columns:
    lead = columns.lead_columns(change.row)
    return {"of_lead": lead.pop("lead_id"), "of_version": change.expected, **lead}


def _claim(
    connection: Connection, dialect: Dialect, worker: str, span: int, limit: int
) -> list[Message]:
    now = connection.execute(dialect.now).scalar_one()
    most = min(limit, _MOST_CLAIMED)
    seqs = list(connection.scalars(_FREE, {"now": now, "most": most}))
    if not seqs:
        return []
    found = connection.execute(_CLAIM, {"seqs": seqs, "worker": worker, "until": now + span})
    messages = [columns.message_of(one, fence=one["fence"]) for one in found.mappings()]
    return sorted(messages, key=lambda message: message.seq)


def _deliver(connection: Connection, dialect: Dialect, claimed: list[Message]) -> None:
    now = connection.execute(dialect.now).scalar_one()
    marks = [{"of_seq": one.seq, "of_fence": one.fence, "now": now} for one in claimed]
    if connection.execute(_DELIVER, marks).rowcount == len(claimed):
        return
    for one in claimed:
        fence = connection.scalar(select(OUTBOX.c.fence).where(OUTBOX.c.seq == one.seq))
        if fence != one.fence:
            raise StaleClaimError(one.seq)


def _parts(ids: list[str]) -> Iterator[list[str]]:
    source = iter(ids)
    while part := list(islice(source, _AT_ONCE)):
        yield part
