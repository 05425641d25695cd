"""
Deciding the leads of a database where they are.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeAlias

import attrs

from ...qualification import Qualification
from ...tables import ActivityColumns, FileMapping, LeadColumns
from ...tables.mapping import DEFAULT
from ...value import instant, named_kind
from ..refusals import BulkError, Faults
from ..statement import Instants, Statement, statement
from ..tables import Noting, Tables
from .connection import Database
from .postgres import PostgresDatabase
from .run import DatabaseRun
from .sheet import Sheet
from .sqlite import SQLiteDatabase

AsOf: TypeAlias = datetime | Sequence[datetime] | str


def decide_in(
    connection: Any,
    mql: Qualification,
    *,
    leads: str,
    activities: str | None = None,
    as_of: AsOf,
    mapping: FileMapping | None = None,
    rules: bool = False,
    changes_at: bool = False,
    missing: bool = True,
    ordered: bool = False,
    unique_ids: bool = False,
) -> "DatabaseRun":
    """
    Decides every lead of a database's table.

    Args:
        connection: Of `sqlite3` or psycopg. It stays as it is: nothing is committed, and a
            transaction that is open stays open. SQLite gets two functions, ``mqlkit_fold`` and
            ``mqlkit_matches``.
        mql: What is decided.
        leads: A table's name, or a query. Rows without a key are left out; of several with one key
            the first counts: in a table of SQLite by its rowid, else by all columns in order, in
            PostgreSQL by the whole row as text.
        activities: The same; None where they are not loaded, so that what is asked about them is
            unknown.
        as_of: The instant to decide at, aware; several give a row for each lead and instant; a
            text is the name of a column of *leads* that has one for each row.
        mapping: Which column is what, as for files.
        rules: Whether to answer with what each rule gives, too.
        changes_at: Whether to answer with the next instant to look again at, too.
        missing: Whether to answer with what is missing.
        ordered: Whether rows come in the order of leads and instants.
        unique_ids: No activity's id repeats; so nothing is compared.

    Raises:
        BulkError: A table or a column is missing, a column is of another type or has no time that
            can be read, or the database cannot do a part of the definition; tells everything that
            stands in the way.

    >>> from datetime import UTC, datetime
    >>> from mqlkit import Qualification, attribute
    >>> database = sqlite3.connect(":memory:")
    >>> _ = database.execute("CREATE TABLE leads (id TEXT, employees INTEGER)")
    >>> _ = database.execute("INSERT INTO leads VALUES ('ada', 60), ('bob', NULL)")
    >>> mql = Qualification("mql", version="1", when=attribute("employees") >= 50)
    >>> run = decide_in(database, mql, leads="leads", as_of=datetime(2026, 3, 1, tzinfo=UTC))
    >>> run.to_arrow().column("decision").to_pylist()
    ['qualified', 'needs data']
    >>> database.close()
    """
    database = _database(connection)
    faults = Faults()
    columns = DEFAULT if mapping is None else mapping
    sheets = _sheets(database, columns, leads, activities, as_of, faults)
    instants = _instants(as_of)

    def made(tables: Tables) -> Statement:
        return statement(
            mql, attrs.evolve(tables, unique_ids=unique_ids), database.dialect, instants,
            rules=rules, changes_at=changes_at, missing=missing, ordered=ordered,
        )  # fmt: skip

    noted = [Noting() for _ in sheets]
    with suppress(BulkError):  # it is told below, about the columns that there are
        made(_tables(sheets, noted))
    for sheet, asked in zip(sheets, noted, strict=True):
        sheet.read(asked)
    tables = _tables(sheets)
    for sheet in sheets:
        sheet.check_times()
    printed = Statement("", ())
    try:
        printed = made(tables)
    except BulkError as error:
        faults.gather(error)
    faults.check()
    return DatabaseRun(database, sheets, mql, tables, printed, instants)


def _sheets(
    database: "Database",
    mapping: FileMapping,
    leads: object,
    activities: object,
    as_of: AsOf,
    faults: Faults,
) -> "list[Sheet]":
    """What there is: the leads, and the activities where they are loaded."""
    first, *others = mapping.activities
    if others:
        faults.add("activities: the mapping has several [[activities]]; join them with UNION ALL")
    if mapping.from_activities:
        faults.add("leads: the mapping takes them from the activities; give a query of their keys")
    given: list[tuple[object, str, LeadColumns | ActivityColumns]] = [
        (leads, "leads", mapping.leads)
    ]
    given += [] if activities is None else [(activities, "activities", first)]
    for one, what, _ in given:
        if not isinstance(one, str):
            faults.add(f"{what}: {named_kind(one)}; in a database it is a table's name or a query")
    faults.check()
    own = as_of if isinstance(as_of, str) else None
    sheets = [Sheet(database, str(one), what, columns, own, faults) for one, what, columns in given]
    faults.check()
    return sheets


def _tables(sheets: "Sequence[Sheet]", noted: Sequence[Noting] = ()) -> Tables:
    """The tables; *noted* stands for their fields while the definition says what it asks for."""
    first, *others = sheets
    leads = first.leads(noted[0] if noted else None)
    activities = [one.activities(noted[1] if noted else None) for one in others]
    return Tables(leads, activities[0] if activities else None)


def _instants(as_of: AsOf) -> Instants:
    if isinstance(as_of, str):
        return None
    if isinstance(as_of, datetime):
        return instant(as_of, "as_of")
    return [instant(one, "as_of") for one in as_of]


def _database(connection: Any) -> "Database":
    """What runs statements over a connection."""
    if isinstance(connection, sqlite3.Connection):
        return SQLiteDatabase(connection)
    modules = {kind.__module__.partition(".")[0] for kind in type(connection).__mro__}
    if "psycopg" in modules and not hasattr(connection, "__aenter__"):
        return PostgresDatabase(connection)
    wanted = "wanted one of DuckDB, sqlite3, psycopg or Spark"
    raise BulkError([f"connection: {named_kind(connection)}; {wanted}"])
