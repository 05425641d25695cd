"""What deciding tables gives, as a user's type checker sees it. Type-checked, never run."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from sqlite3 import Connection
from typing import Any, assert_type

from mqlkit import Decision, Model, Qualification, bulk
from mqlkit.bulk.database import DatabaseRun


class Session:
    """A session of Spark, by what only that has."""

    readStream: object


class Frame:
    """A frame of Spark."""

    sparkSession: Session


class Postgres:
    """A connection of psycopg."""

    pgconn: object


def files(mql: Qualification, model: Model, now: datetime, moments: list[datetime]) -> None:
    run = bulk.decide(mql, leads="leads.parquet", as_of=now)
    assert_type(run, bulk.Run)
    assert_type(run.counts(), bulk.Counts)
    assert_type(run.decision("ada"), Decision)
    assert_type(run.changed(since="yesterday.parquet"), bulk.Run)
    assert_type(run.faults(), list[bulk.DataFault])
    assert_type(run.verify(), bulk.Verification)
    run.to_parquet("decisions.parquet")
    with bulk.decide(model, Path("leads.csv"), ["a.csv", "b.csv"], as_of=moments) as several:
        assert_type(several, bulk.Run)
    asked = bulk.decide(
        mql, "leads.csv", as_of="seen_at", memory="700MB", buckets=8, rules=True, resume="buckets"
    )
    assert_type(asked, bulk.Run)


class DuckDB:
    """A connection of DuckDB."""

    def register(self, name: str, table: object) -> "DuckDB":
        return self


class Table:
    """A frame of Arrow, Polars or pandas."""


def frames(mql: Qualification, now: datetime, leads: Table, activities: Table) -> None:
    assert_type(bulk.decide(mql, leads, activities, as_of=now, ordered=True), bulk.Run)


def duckdb(mql: Qualification, now: datetime, own: DuckDB) -> None:
    assert_type(bulk.decide(mql, "crm.leads", as_of=now, connection=own, buckets=4), bulk.Run)


def databases(mql: Qualification, now: datetime, own: Connection, postgres: Postgres) -> None:
    assert_type(bulk.decide(mql, "leads", as_of=now, connection=own), DatabaseRun)
    assert_type(bulk.decide(mql, "leads", "events", as_of=now, connection=postgres), DatabaseRun)


def spark(
    mql: Qualification, now: datetime, leads: Frame, activities: Frame, session: Session
) -> Iterator[Any]:
    yield assert_type(bulk.decide(mql, leads, activities, as_of=now, changes_at=True), Any)
    yield assert_type(bulk.decide(mql, "crm.leads", activities, as_of=now), Any)
    yield assert_type(bulk.decide(mql, "crm.leads", as_of=now, connection=session), Any)
