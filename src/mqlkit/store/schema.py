"""
The tables of a store in a database, and the steps that lead to them.
"""

from collections.abc import Callable
from typing import Final

import attrs
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    MetaData,
    Table,
    Text,
    func,
    insert,
    inspect,
    select,
    update,
)

from . import columns
from .base import SchemaError

_METADATA: Final = MetaData()


def _table(name: str, *, keys: str = "", texts: str = "", numbers: str = "") -> Table:
    return Table(
        name,
        _METADATA,
        *(Column(column, Text, primary_key=column in keys.split()) for column in texts.split()),
        *(
            Column(column, BigInteger, primary_key=column in keys.split(), autoincrement=False)
            for column in numbers.split()
        ),
    )


# What statements are written with. How a database came to have them is in STEPS: so a later step
# can change a table here without changing what an earlier one does.
LEADS: Final = _table(
    columns.LEADS,
    keys="lead_id",
    texts="lead_id stage furthest owner status model state",
    numbers="version since episode decided_at wake",
)
FACTS: Final = _table(
    columns.FACTS,
    keys="lead_id seq",
    texts="lead_id id kind data",
    numbers="seq at recorded_at",
)
HANDOFFS: Final = _table(
    columns.HANDOFFS,
    keys="lead_id episode",
    texts="lead_id state owner data",
    numbers="episode opened_at",
)
OUTBOX: Final = _table(
    columns.OUTBOX,
    keys="seq",
    texts="key lead_id kind data claimed_by",
    numbers="seq at delivered_at claimed_until fence attempts",
)
POOLS: Final = _table(columns.POOLS, keys="name", texts="name state")
META: Final = _table(columns.META, keys="name", texts="name", numbers="value")
TABLES: Final = (LEADS, FACTS, HANDOFFS, OUTBOX, POOLS, META)


@attrs.frozen
class Step:
    """
    From one version of the schema to the next.

    Args:
        version: The version that it leads to.
        does: What it runs. Inside the transaction that `migrate` was given.
    """

    version: int
    does: Callable[[Connection], None]


# Ids are compared by code point, as Python does: or "after" would skip leads in some locales.
# {key} is such a text; {clustered} keeps the facts of a lead side by side on SQLite.
_FIRST: Final = (
    """
    CREATE TABLE mqlkit_leads (
        lead_id {key} NOT NULL PRIMARY KEY,
        version BIGINT NOT NULL,
        stage {key} NOT NULL,
        furthest TEXT NOT NULL,
        since BIGINT NOT NULL,
        episode BIGINT NOT NULL,
        owner TEXT NOT NULL,
        status TEXT NOT NULL,
        model TEXT NOT NULL,
        decided_at BIGINT,
        wake BIGINT,
        state TEXT NOT NULL
    )
    """,
    "CREATE INDEX mqlkit_leads_wake ON mqlkit_leads (wake) WHERE wake IS NOT NULL",
    "CREATE INDEX mqlkit_leads_stage ON mqlkit_leads (stage, lead_id)",
    """
    CREATE TABLE mqlkit_facts (
        lead_id {key} NOT NULL,
        seq BIGINT NOT NULL,
        id {key} NOT NULL,
        kind TEXT NOT NULL,
        at BIGINT NOT NULL,
        recorded_at BIGINT NOT NULL,
        data TEXT NOT NULL,
        PRIMARY KEY (lead_id, seq),
        UNIQUE (lead_id, id)
    ) {clustered}
    """,
    """
    CREATE TABLE mqlkit_handoffs (
        lead_id {key} NOT NULL,
        episode BIGINT NOT NULL,
        state TEXT NOT NULL,
        owner {key} NOT NULL,
        opened_at BIGINT NOT NULL,
        data TEXT NOT NULL,
        PRIMARY KEY (lead_id, episode)
    )
    """,
    "CREATE INDEX mqlkit_handoffs_open ON mqlkit_handoffs (owner) WHERE state <> 'closed'",
    "CREATE INDEX mqlkit_handoffs_opened_at ON mqlkit_handoffs (opened_at)",
    """
    CREATE TABLE mqlkit_outbox (
        seq BIGINT NOT NULL PRIMARY KEY,
        key {key} NOT NULL UNIQUE,
        lead_id {key} NOT NULL,
        kind TEXT NOT NULL,
        at BIGINT NOT NULL,
        data TEXT NOT NULL,
        delivered_at BIGINT,
        claimed_by TEXT NOT NULL,
        claimed_until BIGINT,
        fence BIGINT NOT NULL,
        attempts BIGINT NOT NULL
    )
    """,
    "CREATE INDEX mqlkit_outbox_waiting ON mqlkit_outbox (seq) WHERE delivered_at IS NULL",
    """
    CREATE TABLE mqlkit_pools (
        name {key} NOT NULL PRIMARY KEY,
        state TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE mqlkit_meta (
        name {key} NOT NULL PRIMARY KEY,
        value BIGINT NOT NULL
    )
    """,
)
_WORDS: Final = {
    "sqlite": {"key": "TEXT", "clustered": "WITHOUT ROWID"},
    "postgresql": {"key": 'TEXT COLLATE "C"', "clustered": ""},
}


def _create(connection: Connection) -> None:
    words = _WORDS[connection.dialect.name]
    for statement in _FIRST:
        connection.exec_driver_sql(statement.format(**words))
    connection.execute(insert(META), [{"name": SCHEMA, "value": 0}, {"name": LAST_SEQ, "value": 0}])


SCHEMA: Final = "schema"
"""The row of the meta table with the version of the schema."""
LAST_SEQ: Final = "last seq"
"""The row of the meta table with the last place given in the outbox."""

STEPS: tuple[Step, ...] = (Step(1, _create),)
"""Every step from an empty database on. A step that was released is never changed."""


def version_of(connection: Connection) -> int:
    """The version of the schema that the database has; 0 when it has none of our tables."""
    if not inspect(connection).has_table(META.name):
        return 0
    found = connection.scalar(select(func.max(META.c.value)).where(META.c.name == SCHEMA))
    return int(found or 0)


def is_current(connection: Connection) -> bool:
    """
    Whether no step is left to do.

    Raises:
        SchemaError: a newer mqlkit made the schema.
    """
    version, newest = version_of(connection), STEPS[-1].version
    if version > newest:
        raise SchemaError(
            f"the tables of this database are of version {version}, made by a newer mqlkit; "
            f"this one knows version {newest}: install that mqlkit here, too"
        )
    return version == newest


def migrate(connection: Connection) -> None:
    """
    Do every step that is left, in the transaction of *connection*.

    Whoever calls it sees to it that nobody else does so at the same time.
    """
    if is_current(connection):
        return
    version = version_of(connection)
    for step in STEPS:
        if step.version > version:
            step.does(connection)
    connection.execute(update(META).where(META.c.name == SCHEMA).values(value=STEPS[-1].version))
