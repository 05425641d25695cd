"""
SQLite databases: any cell of a table may hold a value of any kind.
"""

import sqlite3
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from typing import Any, Final

from ...criteria.text import compiled
from ...tables.cell import Column
from ...value import fold
from ..dialects.sqlite import ConnectedSQLite
from ..outputs import ROWS
from ..tables import Held
from .connection import Database, Reading, Types

_SQLITE_TYPES: Final[Mapping[str, tuple[Held, ...]]] = {
    "BOOL": ("flag",),
    "INT": ("whole", "number", "flag", "moment"),
    "DATE": ("moment",),
    "TIME": ("moment",),
    "CHAR": ("text", "moment", "items"),
    "CLOB": ("text", "moment", "items"),
    "TEXT": ("text", "moment", "items"),
    "JSON": ("items",),
    "REAL": ("number",),
    "FLOA": ("number",),
    "DOUB": ("number",),
    "NUM": ("number",),
    "DEC": ("number",),
}
"""What columns may hold by what stands in their declared type; first what they hold mostly."""


class SQLiteDatabase(Database):
    """A connection of `sqlite3`."""

    dialect = ConnectedSQLite()

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        sqlite_functions(connection)

    def types(self, relation: str, table: str | None) -> Types:
        with closing(self._cursor(f"SELECT * FROM {relation} LIMIT 0")) as cursor:
            names = [column[0] for column in cursor.description]
        declared: dict[str, str] = dict.fromkeys(names, "")
        if table is not None:
            name = table.rpartition(".")[2].strip('"`[] ')
            for _, column, type_, *_ in self.rows("SELECT * FROM PRAGMA_TABLE_INFO(?)", (name,)):
                declared[column] = str(type_).upper()
        return declared

    def held(self, type_: Any, column: Column, wanted: set[Held]) -> Reading | str:
        declared: str = type_
        may = next((held for part, held in _SQLITE_TYPES.items() if part in declared), ())
        asked: list[Held] = sorted(wanted if column.kind == "any" else {column.kind})
        held: Held = asked[0] if asked else may[0] if may else "text"
        if may and held not in may and not (held == "number" and "whole" in may):
            return f"is declared {declared}, and asked for as {held}; CAST it in a query"
        if held == "number" and "whole" in may:
            held = "whole"
        if not may and not asked:  # whatever it is, it is known
            blank = "TYPEOF({0}) = 'text' AND REPLACE({0}, ' ', '') = ''"
            return f"CASE WHEN NOT ({blank}) THEN {{0}} END", "text"
        return self.dialect.cell("{0}", held), held

    def rows(self, text: str, values: Sequence[object] = ()) -> Generator[Any]:
        with closing(self._cursor(text, values)) as cursor:
            while rows := cursor.fetchmany(ROWS):
                yield from rows

    def _cursor(self, text: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        cursor: sqlite3.Cursor = self.connection.cursor()
        cursor.row_factory = None
        return cursor.execute(text, tuple(values))


def sqlite_functions(connection: sqlite3.Connection) -> None:
    """Gives a connection the functions that `ConnectedSQLite` calls."""
    connection.create_function("MQLKIT_FOLD", 1, _fold, deterministic=True)
    connection.create_function("MQLKIT_MATCHES", 2, _matches, deterministic=True)


def _fold(text: str | None) -> str | None:
    return None if text is None else fold(text)


def _matches(pattern: str, text: str | None) -> bool | None:
    return None if text is None else compiled(pattern).search(text) is not None
