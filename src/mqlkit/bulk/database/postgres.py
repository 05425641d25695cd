"""
PostgreSQL databases, over psycopg.
"""

from collections.abc import Collection, Generator, Mapping, Sequence
from itertools import count as numbers
from typing import Any, Final

from ...tables.cell import Column
from ..dialects.postgres import Postgres
from ..outputs import ROWS
from ..tables import Held
from .connection import EPOCH_MICROS, GIVEN, Database, Reading, Types, UnreadableError

_OF_POSTGRES: Final[Mapping[str, Held]] = {
    "int2": "whole",
    "int4": "whole",
    "int8": "whole",
    "float4": "number",
    "float8": "number",
    "numeric": "number",
    "bool": "flag",
    "text": "text",
    "varchar": "text",
    "bpchar": "text",
    "citext": "text",
    "timestamptz": "moment",
    "date": "moment",
    "_text": "items",
    "_varchar": "items",
}
"""What columns of a type hold."""

_NOT: Final[Mapping[Held, str]] = {
    "number": "not a number",
    "moment": "not from year 1 to year 9999",
}
"""What is wrong with a cell that is of its column's type and of no use."""
_SECONDS: Final = (-62_135_596_800, 253_402_300_799)
"""The first and the last second from year 1 to year 9999, counted from 1970."""
_TABLES: Final = """
    SELECT CASE WHEN pg_table_is_visible(c.oid) THEN relname ELSE nspname || '.' || relname END
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = relnamespace
    WHERE relkind IN ('r', 'v', 'm', 'p', 'f')
        AND nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
"""
_NUMBER: Final = numbers()
"""Of cursors: one lead may be asked for while rows come."""


class PostgresDatabase(Database):
    """A connection of psycopg."""

    dialect = Postgres()

    def types(self, relation: str, table: str | None) -> Types:
        from psycopg import ProgrammingError
        from psycopg.errors import UndefinedTable

        try:
            with self.connection.transaction(), self._cursor() as cursor:
                cursor.execute(f"SELECT * FROM {relation} LIMIT 0")
                found = {column.name: column.type_code for column in cursor.description}
        except ProgrammingError as error:
            absent = isinstance(error, UndefinedTable)
            raise UnreadableError(str(error), absent=absent) from error
        with self.connection.transaction(), self._cursor() as cursor:
            cursor.execute(
                "SELECT oid, typname FROM pg_catalog.pg_type WHERE oid = ANY(%s)",
                [list(found.values())],
            )
            names = dict(cursor.fetchall())
        return {name: names[oid] for name, oid in found.items()}

    def tables(self) -> Collection[str]:
        with self.connection.transaction(), self._cursor() as cursor:
            return [name for (name,) in cursor.execute(_TABLES)]

    def held(self, type_: Any, column: Column, wanted: set[Held]) -> Reading | str:
        if type_ == "timestamp":
            if column.zone != "UTC":
                return 'is a timestamp without a zone; say zone = "UTC" in a mapping, or cast it'
            return self.dialect.micros("{0}"), "moment"
        held = _OF_POSTGRES.get(type_)
        if held is None:
            return f"is {type_}, which nothing reads; cast it in a query"
        if held == "whole" and column.kind == "moment" and column.format in EPOCH_MICROS:
            micros = EPOCH_MICROS[column.format]
            first, last = (end * (10**6 // micros) for end in _SECONDS)
            count = f"CAST({{0}} AS BIGINT) * {micros}"
            return f"CASE WHEN {{0}} BETWEEN {first} AND {last} THEN {count} END", "moment"
        stated: set[Held] = set() if column.kind == "any" else {column.kind}
        for asked in sorted(wanted | stated):
            if asked != held and not (asked == "number" and held == "whole"):
                return f"is {type_}, and asked for as {asked}; cast it in a query"
        if held == "whole":
            return "CAST({0} AS BIGINT)", held
        return self.dialect.cell("{0}", held), held

    def problem(self, raw: str, column: Column, held: Held) -> str:
        return self.dialect.text(_NOT[held]) if held in _NOT else ""

    def once(self, source: str, keys: Sequence[str], columns: Collection[str]) -> str:
        told, there = ", ".join(keys), " AND ".join(f"{key} IS NOT NULL" for key in keys)
        # As text: not every type has an order.
        row = self.dialect.compared(f"CAST(ROW({GIVEN}.*) AS TEXT)")
        return (
            f"SELECT DISTINCT ON ({told}) {GIVEN}.* FROM {source} AS {GIVEN} "
            f"WHERE {there} ORDER BY {told}, {row}"
        )

    def rows(self, text: str, values: Sequence[object] = ()) -> Generator[Any]:
        from psycopg import pq

        idle = self.connection.info.transaction_status == pq.TransactionStatus.IDLE
        with self.connection.transaction():
            if idle:  # a transaction of our own: it reads, and a plan of this length is not worth
                self.connection.execute("SET TRANSACTION READ ONLY")  # compiling
                self.connection.execute("SET LOCAL jit = off")
            with self._cursor(f"mqlkit_{next(_NUMBER)}") as cursor:
                cursor.itersize = ROWS
                cursor.execute(text, list(values) or None)
                yield from cursor

    def interrupt(self) -> None:
        self.connection.cancel()

    def _cursor(self, name: str = "") -> Any:
        from psycopg.rows import tuple_row

        return self.connection.cursor(name, row_factory=tuple_row)
