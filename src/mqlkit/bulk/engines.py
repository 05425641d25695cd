"""
What the engine of a run is told by, and what may be asked of every engine: for type checkers.

Each engine's values are told by what only they have, so that the library of none of them needs to
be there.
"""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Required, TypeAlias, TypedDict

from ..tables import FileMapping

if TYPE_CHECKING:
    from sqlite3 import Connection as SQLiteConnection

AsOf: TypeAlias = datetime | Iterable[datetime] | str


class SparkFrame(Protocol):
    """A frame of Spark."""

    @property
    def sparkSession(self) -> object:
        """Where it is."""


class SparkSession(Protocol):
    """A session of Spark, in one process or connected."""

    @property
    def readStream(self) -> object:
        """Reads what never ends."""


class PostgresConnection(Protocol):
    """A connection of psycopg."""

    @property
    def pgconn(self) -> object:
        """What libpq has of it."""


class DuckDBConnection(Protocol):
    """A connection of DuckDB."""

    @property
    def register(self) -> object:
        """Makes a table of a frame."""


DatabaseConnection: TypeAlias = "SQLiteConnection | PostgresConnection"


class Asked(TypedDict, total=False):
    """What every engine can be asked for; see `mqlkit.bulk.decide`."""

    as_of: Required[AsOf]
    mapping: FileMapping | str | Path | None
    rules: bool
    changes_at: bool
    missing: bool
    ordered: bool
    unique_ids: bool
