"""
A connection to a database, and what it takes to run a statement over it.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Generator, Mapping, Sequence
from typing import Any, ClassVar, Final, TypeAlias

from ...tables.cell import Column
from ..dialects.base import Dialect
from ..tables import Held

Types: TypeAlias = Mapping[str, Any]
"""The columns of a relation with their types, as the database tells them."""
Reading: TypeAlias = tuple[str, Held]
"""How a column is read, with ``{0}`` for it, and what it holds."""

EPOCH_MICROS: Final = {"epoch seconds": 10**6, "epoch milliseconds": 10**3}
"""Microseconds in one of what a mapping says that a column counts since 1970."""
GIVEN: Final = "mqlkit_given"
"""What the rows that are given are called within `Database.once`."""


class UnreadableError(Exception):
    """
    A table or a query that the database does not take.

    Args:
        message: What the database says.
        absent: Whether it says that there is no such table.
    """

    def __init__(self, message: str, *, absent: bool) -> None:
        super().__init__(message)
        self.message, self.absent = message.strip().partition("\n")[0], absent


class Database(ABC):
    """A connection, and what it takes to run a statement over it."""

    dialect: ClassVar[Dialect]

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    @abstractmethod
    def types(self, relation: str, table: str | None) -> Types:
        """
        The columns of a relation with their types; *table* is its name if it has one.

        Raises:
            UnreadableError: The database does not take it.
        """

    @abstractmethod
    def tables(self) -> Collection[str]:
        """The names of all tables."""

    @abstractmethod
    def held(self, type_: Any, column: Column, wanted: set[Held]) -> Reading | str:
        """
        How a column is read, with ``{0}`` for it, and what it holds; or what is wrong with it.

        Args:
            type_: As `types` tells it.
            column: What a mapping says of it.
            wanted: As what the definition asks for it.
        """

    @abstractmethod
    def problem(self, raw: str, column: Column, held: Held) -> str:
        """
        What is wrong with a cell that cannot be read, by SQL; empty where every cell can be.

        Args:
            raw: The column as it is stored.
            column: What a mapping says of it.
            held: As what it is read.
        """

    @abstractmethod
    def once(self, source: str, keys: Sequence[str], columns: Collection[str]) -> str:
        """
        A query of the rows that have all *keys*, of which each set is there once.

        Args:
            source: A table's name, or a query in parentheses.
            keys: Expressions over its columns.
            columns: All of these, by which rows are put in order if nothing better does.
        """

    @abstractmethod
    def rows(self, text: str, values: Sequence[object] = ()) -> Generator[Any]:
        """The rows of a statement, as they are fetched; ``{0}`` stands for the first value."""

    @abstractmethod
    def interrupt(self) -> None:
        """Stop what the connection is doing, from another thread."""
