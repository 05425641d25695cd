"""
Connections of DuckDB with a run's inputs opened in them.

One is enough for most runs. Whoever asks about a lead while rows are coming gets another one, as
a connection gives only one answer at a time.
"""

import shutil
import tempfile
import weakref
from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import attrs

from ..errors import MissingExtraError, MqlkitError
from ..qualification import Qualification
from ..tables import FileMapping
from .memory import for_engine

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from .reading import Opened

_UNITS_OF_MEMORY: Final = "B"
_WAITING: Final = 131_072
_WAITING_IN_EACH: Final = 4_096
"""Rows that wait in a thread to be written: of all files together, or of each of them."""


class BusyConnectionError(MqlkitError, RuntimeError):
    """
    A connection that was given is asked for something while it gives a run's rows.

    >>> raise BusyConnectionError
    Traceback (most recent call last):
    ...
    mqlkit.bulk.sessions.BusyConnectionError: the connection is giving rows of a run, and what it \
reads is seen by no other connection; take the rows first
    """

    def __str__(self) -> str:
        return (
            "the connection is giving rows of a run, and what it reads is seen by no other "
            "connection; take the rows first"
        )


class ClosedRunError(MqlkitError, ValueError):
    """
    A run that is asked for something after it was closed.

    >>> raise ClosedRunError
    Traceback (most recent call last):
    ...
    mqlkit.bulk.sessions.ClosedRunError: the run is closed; decide again
    """

    def __str__(self) -> str:
        return "the run is closed; decide again"


def check_installed() -> None:
    """
    Raises:
        MissingExtraError: DuckDB or pyarrow is not installed.
    """
    # Not imported: to load pyarrow takes as long as to decide thousands of leads.
    if not all(map(find_spec, ("duckdb", "pyarrow"))):
        raise MissingExtraError("bulk decisions", "bulk")


@attrs.frozen
class Inputs:
    """
    What a run reads, and by which connection.

    Args:
        leads: As `mqlkit.bulk.decide` takes it, and so are the others.
        as_of_column: The column of leads that holds each one's instant.
        connection: The caller's own; None for one of the run's.
        memory: In bytes.
    """

    leads: object
    activities: object
    mapping: FileMapping
    qualification: Qualification
    as_of_column: str | None = None
    unique_ids: bool = False
    connection: "DuckDBPyConnection | None" = None
    memory: int | None = None
    threads: int | None = None

    def opened(self, connection: "DuckDBPyConnection") -> "Opened":
        """
        The inputs as tables of a connection.

        Raises:
            BulkError: They do not have what is asked for; tells all of it.
        """
        from .reading import open_tables

        return open_tables(
            connection,
            self.leads,
            self.activities,
            mapping=self.mapping,
            qualification=self.qualification,
            as_of_column=self.as_of_column,
            unique_ids=self.unique_ids,
        )


@attrs.frozen(eq=False)
class Session:
    """A connection with the inputs opened in it."""

    connection: "DuckDBPyConnection"
    opened: "Opened"

    @property
    def writes(self) -> bool:
        """Whether the connection may write files: that of a caller may be shut off from them."""
        setting = "SELECT CAST(current_setting('enable_external_access') AS BOOLEAN)"
        ((allowed,),) = self.connection.execute(setting).fetchall()
        return bool(allowed)


class Sessions:
    """
    As many sessions as are used at one time, and a private folder for what does not fit in memory.

    Args:
        inputs: What each opens.
    """

    def __init__(self, inputs: Inputs) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mqlkit-"))
        self.inputs = inputs = attrs.evolve(
            inputs,
            leads=_lasting(inputs.leads, self.folder / "leads.parquet"),
            activities=_lasting(inputs.activities, self.folder / "activities.parquet"),
        )
        self._free: list[Session] = []
        self._all: list[Session] = []
        self._lock = Lock()
        self.close = weakref.finalize(self, _close, self._all, self._free, inputs, self.folder)
        """Close the connections that are the run's own, and remove the folder."""

    @contextmanager
    def one(self) -> Generator[Session]:
        """A session for as long as it is needed."""
        if not self.close.alive:
            raise ClosedRunError
        with self._lock:
            session = self._free.pop() if self._free else self._opened()
        try:
            yield session
        finally:
            with self._lock:
                self._free.append(session)

    def _opened(self) -> Session:
        given = self.inputs.connection
        if given is None:
            connection = self._own()
            session = Session(connection, self.inputs.opened(connection))
        elif not self._all:
            session = Session(given, self.inputs.opened(given))
        else:
            session = self._beside(given)
        self._all.append(session)
        return session

    def _own(self) -> "DuckDBPyConnection":
        import duckdb

        inputs = self.inputs
        config: dict[str, Any] = {
            "temp_directory": str(self.folder / "spilled"),
            "preserve_insertion_order": "false",
        }
        if inputs.memory is not None:
            config["memory_limit"] = f"{for_engine(inputs.memory)}{_UNITS_OF_MEMORY}"
            # What it keeps of files counts, and then it sorts leads on the disk for want of memory.
            config["enable_external_file_cache"] = "false"
        if inputs.threads is not None:
            config["threads"] = inputs.threads
        connection = duckdb.connect(":memory:", config=config)
        connection.execute("SET enable_progress_bar = true")  # without it no progress is counted
        connection.execute("SET enable_progress_bar_print = false")
        rows = _waiting(duckdb.__version__)
        connection.execute(f"SET partitioned_write_flush_threshold = {rows}")
        return connection

    def _beside(self, given: "DuckDBPyConnection") -> Session:
        import duckdb

        connection = given.cursor()
        try:
            return Session(connection, self.inputs.opened(connection))
        except (duckdb.Error, MqlkitError) as error:
            connection.close()
            raise BusyConnectionError from error


def _waiting(version: str) -> int:
    """How many rows wait in a thread when they are divided among files; since 2.0 in each."""
    return _WAITING if int(version.partition(".")[0]) < 2 else _WAITING_IN_EACH


def _lasting(given: Any, path: Path) -> Any:
    """What can be read again and again: a stream is read once, into a file."""
    if not hasattr(given, "read_next_batch"):
        return given
    import pyarrow.dataset as ds

    from .reading.arrow import kept

    kept(given.schema, given, path)
    return ds.dataset(path, format="parquet")


def _close(sessions: list[Session], free: list[Session], inputs: Inputs, folder: Path) -> None:
    free.clear()
    for session in sessions:
        session.opened.close()
        if session.connection is not inputs.connection:
            session.connection.close()
    sessions.clear()
    shutil.rmtree(folder, ignore_errors=True)
