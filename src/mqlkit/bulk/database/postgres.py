"""
PostgreSQL databases, over psycopg.
"""

from collections.abc import Generator, Mapping, Sequence
from typing import Any, Final

from ...tables.cell import Column
from ..dialects.postgres import Postgres
from ..outputs import ROWS
from ..tables import Held
from .connection import EPOCH_MICROS, Database, Reading, Types

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


class PostgresDatabase(Database):
    """A connection of psycopg."""

    dialect = Postgres()

    def types(self, relation: str, table: str | None) -> Types:
        with self.connection.transaction(), self._cursor() as cursor:
            cursor.execute(f"SELECT * FROM {relation} LIMIT 0")
            found = {column.name: column.type_code for column in cursor.description}
            cursor.execute(
                "SELECT oid, typname FROM pg_catalog.pg_type WHERE oid = ANY(%s)",
                [list(found.values())],
            )
            names = dict(cursor.fetchall())
        return {name: names[oid] for name, oid in found.items()}

    def held(self, type_: Any, column: Column, wanted: set[Held]) -> Reading | str:
        if type_ == "timestamp":
            if column.zone != "UTC":
                return 'is a timestamp without a zone; say zone = "UTC" in a mapping, or cast it'
            return self.dialect.micros("{0}"), "moment"
        held = _OF_POSTGRES.get(type_)
        if held is None:
            return f"is {type_}, which nothing reads; cast it in a query"
        if held == "whole" and column.kind == "moment" and column.format in EPOCH_MICROS:
            return "{0}", "moment"
        stated: set[Held] = set() if column.kind == "any" else {column.kind}
        for asked in sorted(wanted | stated):
            if asked != held and not (asked == "number" and held == "whole"):
                return f"is {type_}, and asked for as {asked}; cast it in a query"
        if held == "whole":
            return "CAST({0} AS BIGINT)", held
        return self.dialect.cell("{0}", held), held

    def rows(self, text: str, values: Sequence[object] = ()) -> Generator[Any]:
        from psycopg import pq

        idle = self.connection.info.transaction_status == pq.TransactionStatus.IDLE
        with self.connection.transaction():
            if idle:  # a transaction of our own: it reads, and a plan of this length is not worth
                self.connection.execute("SET TRANSACTION READ ONLY")  # compiling
                self.connection.execute("SET LOCAL jit = off")
            with self._cursor("mqlkit") as cursor:
                cursor.itersize = ROWS
                cursor.execute(text, list(values) or None)
                yield from cursor

    def _cursor(self, name: str = "") -> Any:
        from psycopg.rows import tuple_row

        return self.connection.cursor(name, row_factory=tuple_row)
