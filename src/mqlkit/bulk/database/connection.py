"""
A connection to a database, and what it takes to run a statement over it.
"""

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping, Sequence
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


class Database(ABC):
    """A connection, and what it takes to run a statement over it."""

    dialect: ClassVar[Dialect]

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    @abstractmethod
    def types(self, relation: str, table: str | None) -> Types:
        """The columns of a relation with their types; *table* is its name if it has one."""

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
    def rows(self, text: str, values: Sequence[object] = ()) -> Generator[Any]:
        """The rows of a statement, as they are fetched; ``{0}`` stands for the first value."""
