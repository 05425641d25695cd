"""
Engines that hold the tables of `bulk.tabular`, each with its session far from UTC.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

import attrs
from bulk.tabular import World, activity_columns, lead_columns, tables_of

from mqlkit.bulk.database import sqlite_functions
from mqlkit.bulk.dialects.base import Dialect
from mqlkit.bulk.dialects.clickhouse import ClickHouse
from mqlkit.bulk.dialects.datafusion import DataFusion
from mqlkit.bulk.dialects.postgres import Postgres
from mqlkit.bulk.dialects.sqlite import ConnectedSQLite
from mqlkit.bulk.statement import Statement
from mqlkit.bulk.tables import Tables
from mqlkit.value import EPOCH, micros_of

ZONE = "America/New_York"


def micros(moment: date | None) -> int | None:
    """An instant, or a date's midnight, as whole microseconds since 1970."""
    if moment is None:
        return None
    if isinstance(moment, datetime):
        return micros_of(moment)
    return (moment - EPOCH.date()) // timedelta(microseconds=1)


def read(statement: Statement, rows: Iterator[Any]) -> list[dict[str, Any]]:
    """Rows in the shape that `bulk.identity` compares."""
    return [
        {out.name: _value(out.kind, v) for out, v in zip(statement.columns, row, strict=True)}
        for row in rows
    ]


def _value(kind: str, value: Any) -> Any:
    if value is None or kind == "text" or isinstance(value, bool):
        return value
    if kind == "points":
        millis = round(value * 1000)
        assert value * 1000 == millis or value == millis / 1000
        return millis
    return micros(datetime.fromisoformat(value) if isinstance(value, str) else value)


class SQLiteStore:
    """SQLite with its loose types."""

    dialect: Dialect = ConnectedSQLite()

    def __init__(self) -> None:
        import sqlite3

        self.connection = sqlite3.connect(":memory:")
        sqlite_functions(self.connection)

    def close(self) -> None:
        self.connection.close()

    def write(self, world: World) -> Tables:
        self._load("leads_raw", lead_columns(world))
        self._load("acts_raw", activity_columns(world))
        return tables_of(world, self.dialect, self.cell)

    def _load(self, table: str, columns: Iterator[tuple[str, str, list[Any]]]) -> None:
        names, _, values = zip(*columns, strict=True)
        quoted = ", ".join(map(self.dialect.quoted, names))
        self.connection.execute(f"DROP TABLE IF EXISTS {table}")
        self.connection.execute(f"CREATE TABLE {table} ({quoted})")
        marks = ", ".join("?" * len(names))
        rows = [tuple(map(self._stored, row)) for row in zip(*values, strict=True)]
        self.connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)

    @staticmethod
    def _stored(value: Any) -> Any:
        if isinstance(value, list):
            return json.dumps(value)
        return value.isoformat() if isinstance(value, date) else value

    def cell(self, column: str, stored: str) -> str:
        held: Any = "moment" if stored in ("instant", "date") else stored
        return self.dialect.cell(column, held)

    def told(self, letters: list[str], text: str) -> list[str]:
        self.connection.execute("DROP TABLE IF EXISTS letters")
        self.connection.execute("CREATE TABLE letters (place INTEGER, letter TEXT)")
        rows = enumerate(letters)
        self.connection.executemany("INSERT INTO letters VALUES (?, ?)", rows)
        return [row[0] for row in self.connection.execute(text)]

    def rows(self, statement: Statement) -> list[dict[str, Any]]:
        return read(statement, self.connection.execute(statement.text))


class PostgresStore:
    """PostgreSQL with types, and with instants beyond the year 9999 told as a number."""

    dialect: Dialect = Postgres()
    types: ClassVar[Mapping[str, str]] = {
        "whole": "BIGINT",
        "number": "DOUBLE PRECISION",
        "text": "TEXT",
        "flag": "BOOLEAN",
        "instant": "TIMESTAMP WITH TIME ZONE",
        "date": "DATE",
        "items": "TEXT[]",
    }

    def __init__(self, url: str) -> None:
        import psycopg

        self.connection = psycopg.connect(url, autocommit=True)
        self.connection.execute(f"SET TimeZone = '{ZONE}'; SET jit = off")

    def close(self) -> None:
        self.connection.close()

    def write(self, world: World) -> Tables:
        self._load("leads_raw", lead_columns(world))
        self._load("acts_raw", activity_columns(world))
        return tables_of(world, self.dialect, self.cell)

    def _load(self, table: str, columns: Iterator[tuple[str, str, list[Any]]]) -> None:
        names, kinds, values = zip(*columns, strict=True)
        typed = [
            f"{self.dialect.quoted(name)} {self.types[kind]}"
            for name, kind in zip(names, kinds, strict=True)
        ]
        self.connection.execute(f"DROP TABLE IF EXISTS {table}")
        self.connection.execute(f"CREATE TABLE {table} ({', '.join(typed)})")
        with (
            self.connection.cursor() as cursor,
            cursor.copy(f"COPY {table} FROM STDIN") as copy,
        ):
            for row in zip(*values, strict=True):
                copy.write_row(row)

    def cell(self, column: str, stored: str) -> str:
        held: Any = "moment" if stored in ("instant", "date") else stored
        return self.dialect.cell(column, held)

    def told(self, letters: list[str], text: str) -> list[str]:
        with self.connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE IF NOT EXISTS letters (place BIGINT, letter TEXT)")
            cursor.execute("TRUNCATE letters")
            with cursor.copy("COPY letters FROM STDIN") as copy:
                for row in enumerate(letters):
                    copy.write_row(row)
            return [row[0] for row in cursor.execute(text).fetchall()]

    def rows(self, statement: Statement) -> list[dict[str, Any]]:
        micros = "CAST(EXTRACT(EPOCH FROM {}) * 1000000 AS BIGINT)"  # psycopg ends at 9999
        shown = [
            micros.format(self.dialect.quoted(out.name))
            if out.kind == "moment"
            else self.dialect.quoted(out.name)
            for out in statement.columns
        ]
        text = f"SELECT {', '.join(shown)} FROM ({statement.text}) AS answer"
        with self.connection.cursor() as cursor:
            rows = cursor.execute(text).fetchall()
        return [
            {
                out.name: value if out.kind == "moment" else _value(out.kind, value)
                for out, value in zip(statement.columns, row, strict=True)
            }
            for row in rows
        ]


def arrow(columns: Iterator[tuple[str, str, list[Any]]], *, counts: bool = False) -> Any:
    """Columns as an Arrow table; *counts* has instants as whole microseconds."""
    import pyarrow as pa

    types = {
        "whole": pa.int64(),
        "number": pa.float64(),
        "text": pa.string(),
        "flag": pa.bool_(),
        "instant": pa.timestamp("us", tz="UTC"),
        "date": pa.date32(),
        "items": pa.list_(pa.string()),
    }
    made = {}
    for name, stored, values in columns:
        if counts and stored in ("instant", "date"):
            made[name] = pa.array(list(map(micros, values)), pa.int64())
        elif counts and stored == "items":
            made[name] = pa.array([v or [] for v in values], types[stored])
        else:
            made[name] = pa.array(values, types[stored])
    return pa.table(made)


class DataFusionStore:
    """DataFusion, whose clock is that of New York."""

    dialect: Dialect = DataFusion()

    def __init__(self) -> None:
        import datafusion

        config = datafusion.SessionConfig().set("datafusion.execution.time_zone", ZONE)
        self.context = datafusion.SessionContext(config.with_target_partitions(2))

    def close(self) -> None:
        pass

    def write(self, world: World) -> Tables:
        for name, columns in (
            ("leads_raw", lead_columns(world)),
            ("acts_raw", activity_columns(world)),
        ):
            self.context.deregister_table(name)
            table = arrow(columns)
            self.context.register_record_batches(name, [table.to_batches() or _none(table)])
        return tables_of(world, self.dialect, self.cell)

    def cell(self, column: str, stored: str) -> str:
        held: Any = "moment" if stored in ("instant", "date") else stored
        return self.dialect.cell(column, held)

    def told(self, letters: list[str], text: str) -> list[str]:
        import pyarrow as pa

        table = pa.table({"place": pa.array(range(len(letters))), "letter": letters})
        self.context.deregister_table("letters")
        self.context.register_record_batches("letters", [table.to_batches()])
        return self.context.sql(text).to_arrow_table()[0].to_pylist()

    def rows(self, statement: Statement) -> list[dict[str, Any]]:
        import pyarrow as pa

        table = self.context.sql(statement.text).to_arrow_table()
        for number, out in enumerate(statement.columns):
            if out.kind == "moment":
                table = table.set_column(number, out.name, table[number].cast(pa.int64()))
        rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
        return [
            {
                out.name: value if out.kind == "moment" else _value(out.kind, value)
                for out, value in zip(statement.columns, row, strict=True)
            }
            for row in rows
        ]


def _none(table: Any) -> list[Any]:
    import pyarrow as pa

    return [pa.RecordBatch.from_pylist([], schema=table.schema)]


class ClickHouseStore:
    """ClickHouse in this process; instants are told as numbers, for its own begin in 1900."""

    dialect: Dialect = ClickHouse()
    types: ClassVar[Mapping[str, str]] = {
        "whole": "Nullable(Int64)",
        "number": "Nullable(Float64)",
        "text": "Nullable(String)",
        "flag": "Nullable(Bool)",
        "instant": "Nullable(Int64)",
        "date": "Nullable(Int64)",
        "items": "Array(Nullable(String))",
    }

    def __init__(self) -> None:
        from chdb.session import Session

        self.session = Session()
        self.session.query(f"SET session_timezone = '{ZONE}'")
        self.session.query("CREATE DATABASE IF NOT EXISTS tables")
        self.session.query("USE tables")

    def close(self) -> None:
        self.session.close()

    def write(self, world: World) -> Tables:
        self._load("leads_raw", lead_columns(world))
        self._load("acts_raw", activity_columns(world))
        return tables_of(world, self.dialect, self.cell)

    def _load(self, table: str, columns: Iterator[tuple[str, str, list[Any]]]) -> None:
        import os
        import tempfile

        import pyarrow.parquet as pq

        columns = list(columns)
        typed = [f"{self.dialect.quoted(name)} {self.types[kind]}" for name, kind, _ in columns]
        self.session.query(f"DROP TABLE IF EXISTS {table}")
        self.session.query(f"CREATE TABLE {table} ({', '.join(typed)}) ENGINE = Memory")
        with tempfile.TemporaryDirectory(prefix="mqlkit-") as folder:
            path = os.path.join(folder, "rows.parquet")
            pq.write_table(arrow(iter(columns), counts=True), path)
            self.session.query(f"INSERT INTO {table} SELECT * FROM file('{path}', Parquet)")

    def cell(self, column: str, stored: str) -> str:
        if stored in ("instant", "date"):
            return column
        held: Any = stored
        return self.dialect.cell(column, held)

    def told(self, letters: list[str], text: str) -> list[str]:
        places = [("place", "whole", list(range(len(letters)))), ("letter", "text", letters)]
        self._load("letters", iter(places))
        return [row[0] for row in json.loads(str(self.session.query(text, "JSONCompact")))["data"]]

    def rows(self, statement: Statement) -> list[dict[str, Any]]:
        shown = [
            f"toUnixTimestamp64Micro({self.dialect.quoted(out.name)})"
            if out.kind == "moment"
            else f"toString({self.dialect.quoted(out.name)})"
            if out.kind == "points"
            else self.dialect.quoted(out.name)
            for out in statement.columns
        ]
        body = statement.text.strip()
        text = f"SELECT {', '.join(shown)} FROM ({body})"
        rows = json.loads(str(self.session.query(text, "JSONCompact")))["data"]
        kinds = [out.kind for out in statement.columns]
        names = [out.name for out in statement.columns]
        return [
            {n: self._value(k, v) for n, k, v in zip(names, kinds, row, strict=True)}
            for row in rows
        ]

    @staticmethod
    def _value(kind: str, value: Any) -> Any:
        from decimal import Decimal

        if value is None or kind == "text":
            return value
        return int(Decimal(value) * 1000) if kind == "points" else int(value)


def without_blank_lists(world: World) -> World:
    """The same world with empty lists for blank ones: ClickHouse has no blank list."""
    lists = [name for name, stored in world.fields.items() if stored == "items"]

    def filled(row: Any) -> Any:
        return row._replace(values={**row.values, **{n: row.values.get(n) or [] for n in lists}})

    return attrs.evolve(world, leads=[filled(row) for row in world.leads])


@contextmanager
def opened(engine: str) -> Iterator[Any]:
    """The store of an engine, which is closed at the end; a test is skipped where it is not."""
    import pytest
    from store.databases import database

    match engine:
        case "sqlite":
            store: Any = SQLiteStore()
        case "postgres":
            with (
                database("postgresql", ready=False) as url,
                closing(PostgresStore(url.replace("+psycopg", ""))) as store,
            ):
                yield store
            return
        case "clickhouse":
            pytest.importorskip("chdb")
            store = ClickHouseStore()
        case _:
            pytest.importorskip("datafusion")
            store = DataFusionStore()
    with closing(store):
        yield store
