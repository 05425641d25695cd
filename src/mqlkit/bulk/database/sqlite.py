"""
SQLite databases: any cell of a table may hold a value of any kind.
"""

import sqlite3
from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import closing, suppress
from typing import Any, Final

from ...criteria.text import compiled
from ...tables.cell import Column
from ...value import fold
from ..dialects.sqlite import ConnectedSQLite
from ..outputs import ROWS
from ..tables import Held
from .connection import EPOCH_MICROS, GIVEN, Database, Reading, Types, UnreadableError

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

_NO_ZONE: Final = 'a time without a zone; say zone = "UTC" in the mapping'
_NO_SECOND: Final = 'no second since 1970; say format = "epoch milliseconds" if it counts these'
_NO_MOMENT: Final = "not a moment in ISO 8601, such as 2026-03-01T12:00Z"
_NO_NUMBER: Final = "not a number"
_FRACTION: Final = "a fraction in a column of whole numbers; CAST it AS REAL in a query"
_NOT: Final[Mapping[Held, str]] = {
    "number": _NO_NUMBER,
    "text": "not text",
    "flag": "not 0 or 1",
    "items": "not a list in JSON",
}
"""What is wrong with a cell that is not of its column's kind."""

_SQLITE: Final = ConnectedSQLite()


class SQLiteDatabase(Database):
    """A connection of `sqlite3`."""

    dialect = _SQLITE

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        sqlite_functions(connection)

    def types(self, relation: str, table: str | None) -> Types:
        try:
            with closing(self._cursor(f"SELECT * FROM {relation} LIMIT 0")) as cursor:
                names = [column[0] for column in cursor.description]
        except sqlite3.OperationalError as error:
            absent = str(error).startswith("no such table")
            raise UnreadableError(str(error), absent=absent) from error
        declared: dict[str, str] = dict.fromkeys(names, "")
        if table is not None:
            name = table.rpartition(".")[2].strip('"`[] ')
            for _, column, type_, *_ in self.rows("SELECT * FROM PRAGMA_TABLE_INFO(?)", (name,)):
                declared[column] = str(type_).upper()
        return declared

    def tables(self) -> Collection[str]:
        found = self.rows("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
        return [name for (name,) in found]

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
        if held == "moment":
            return self._moment(column)
        return self.dialect.cell("{0}", held), held

    def _moment(self, column: Column) -> Reading | str:
        if column.format in EPOCH_MICROS:
            count = _SQLITE.since_1970("{0}", EPOCH_MICROS[column.format])
            return f"CASE WHEN TYPEOF({{0}}) = 'integer' THEN {count} END", "moment"
        if column.format or column.zone not in ("", "UTC"):
            stated = f'format = "{column.format}"' if column.format else f'zone = "{column.zone}"'
            return f'is read in SQLite by ISO 8601 and zone = "UTC" only, not by {stated}'
        return _SQLITE.micros("{0}", naive=column.zone == "UTC"), "moment"

    def problem(self, raw: str, column: Column, held: Held) -> str:
        stored, text = f"TYPEOF({raw})", self.dialect.text
        if held == "moment" and column.format in EPOCH_MICROS:
            return text(f"not a whole count of {column.format[6:]} since 1970")
        if held == "moment":
            naive = _SQLITE.moment_of(raw, naive=True)
            return (
                f"CASE WHEN {stored} = 'integer' THEN {text(_NO_SECOND)} "
                f"WHEN {stored} = 'text' AND {naive} IS NOT NULL THEN {text(_NO_ZONE)} "
                f"ELSE {text(_NO_MOMENT)} END"
            )
        if held == "whole":
            return f"CASE {stored} WHEN 'real' THEN {text(_FRACTION)} ELSE {text(_NO_NUMBER)} END"
        return text(_NOT[held])

    def once(self, source: str, keys: Sequence[str], columns: Collection[str]) -> str:
        order = self._rowid(source) or ", ".join(map(self.dialect.column, columns))
        place = f"ROW_NUMBER() OVER (PARTITION BY {', '.join(keys)} ORDER BY {order})"
        there = " AND ".join(f"{key} IS NOT NULL" for key in keys)
        return (
            f"SELECT * FROM (SELECT {GIVEN}.*, {place} AS mqlkit_place FROM {source} AS {GIVEN} "
            f"WHERE {there}) WHERE mqlkit_place = 1"
        )

    def _rowid(self, source: str) -> str:
        """By what a table's rows are in their order; empty for a query, a view and the like."""
        if source[:1] != "(":
            with suppress(sqlite3.OperationalError):
                if any(
                    id is not None for (id,) in self.rows(f"SELECT rowid FROM {source} LIMIT 1")
                ):
                    return f"{GIVEN}.rowid"
        return ""

    def rows(self, text: str, values: Sequence[object] = ()) -> Generator[Any]:
        with closing(self._cursor(text, values)) as cursor:
            while rows := cursor.fetchmany(ROWS):
                yield from rows

    def interrupt(self) -> None:
        self.connection.interrupt()

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
