"""
What DuckDB is asked in a thread of its own: a query's rows, or a statement without any.

So whoever waits can be told of progress, can press Ctrl-C, and can be stopped from
another thread while the engine works. In a transaction, which is the caller's, the engine is let
finish the rows at hand: to interrupt it would roll back what the caller has not committed.
"""

from collections.abc import Callable, Generator
from contextlib import suppress
from functools import partial
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Final

from ..errors import MqlkitError
from .outputs import ROWS, RecordBatch

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_AHEAD: Final = 2
"""As many batches wait to be taken; with more of them the limit of memory would mean little."""
_LOOK: Final = 0.05
"""Seconds between two looks at what the engine does."""


class RunInterruptedError(MqlkitError, RuntimeError):
    """
    A run that was told to stop; what it was writing is not there.

    >>> raise RunInterruptedError
    Traceback (most recent call last):
    ...
    mqlkit.bulk.fetching.RunInterruptedError: the run was interrupted before it was done
    """

    def __str__(self) -> str:
        return "the run was interrupted before it was done"


class OutOfMemory(Exception):
    """The engine says that the limit of memory is too low for a query."""


def fetched(
    connection: "DuckDBPyConnection",
    query: str,
    *,
    stopped: Event,
    tell: Callable[[float], None],
) -> Generator[RecordBatch]:
    """
    The rows of a query as they come.

    Args:
        connection: Must not be used for anything else until the last row is taken.
        query: One SELECT.
        stopped: Set by whoever wants it to stop.
        tell: Called with the share done, from 0 to 1, as far as the engine knows.

    Raises:
        OutOfMemory: The limit of memory is too low.
        RunInterruptedError: It was told to stop.
    """
    return _waited(connection, partial(_fetch, connection, query), stopped, tell)


def executed(
    connection: "DuckDBPyConnection",
    statement: str,
    *,
    stopped: Event,
    tell: Callable[[float], None],
) -> None:
    """
    Let a statement be done that gives no rows, such as COPY; arguments and errors as `fetched`.

    Args:
        connection: Must not be used for anything else meanwhile.
        statement: One statement.
        stopped: Set by whoever wants it to stop.
        tell: Called with the share done, from 0 to 1, as far as the engine knows.
    """
    list(_waited(connection, partial(_execute, connection, statement), stopped, tell))  # of none


def _waited(
    connection: "DuckDBPyConnection",
    work: "Callable[[Queue[Any], Event], None]",
    stopped: Event,
    tell: Callable[[float], None],
) -> Generator[RecordBatch]:
    """What the work puts into a queue; it ends with None or an error."""
    coming: Queue[Any] = Queue(_AHEAD)
    left = Event()
    works_for_itself = not _in_transaction(connection)
    worker = Thread(target=work, args=(coming, left), daemon=True)
    worker.start()
    try:
        while True:
            if stopped.is_set():
                raise RunInterruptedError
            try:
                item = coming.get(timeout=_LOOK)
            except Empty:
                tell(max(connection.query_progress(), 0.0) / 100)
                continue
            if item is None:
                return
            if isinstance(item, BaseException):
                if _is_memory(item):
                    raise OutOfMemory from item
                raise item
            yield item
    finally:
        left.set()
        while worker.is_alive():  # Again and again: what has not begun cannot be interrupted.
            if works_for_itself:
                connection.interrupt()
            worker.join(_LOOK)


def _in_transaction(connection: "DuckDBPyConnection") -> bool:
    """Whether statements go on one transaction: outside of one, each has its own."""
    first, second = (connection.execute("SELECT txid_current()").fetchall() for _ in range(2))
    return first == second


def _fetch(connection: Any, query: str, coming: "Queue[Any]", left: Event) -> None:
    try:
        reader = reading(connection.sql(query))
        with reader:
            for batch in reader:
                if not _put(coming, batch, left):
                    return
        _put(coming, None, left)
    except BaseException as error:
        _put(coming, error, left)


def _execute(connection: Any, statement: str, coming: "Queue[Any]", left: Event) -> None:
    try:
        connection.execute(statement)
        _put(coming, None, left)
    except BaseException as error:
        _put(coming, error, left)


def _put(coming: "Queue[Any]", item: object, left: Event) -> bool:
    """Hand on; False when nobody waits any more."""
    while not left.is_set():
        with suppress(Full):
            coming.put(item, timeout=_LOOK)
            return True
    return False


def reading(relation: Any) -> Any:
    """A relation's rows as a stream; older versions of DuckDB have another word for it."""
    read = getattr(relation, "to_arrow_reader", None) or relation.fetch_arrow_reader
    return read(ROWS)


def _is_memory(error: BaseException) -> bool:
    """From within a stream it comes as an error of the stream."""
    return str(error).startswith("Out of Memory Error")
