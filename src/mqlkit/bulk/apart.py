"""
Leads and activities divided, in one pass, among files of their own for each bucket.

A bucket that looked for its rows among all of them would read the inputs once more, and its
statement reads them several times. So they are divided before the first bucket is decided, with
only the columns that the statement names, each as the core would read it.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

import attrs

from .memory import Bucket
from .question import DIALECT, scanned
from .tables import ActivityTable, Cell, LeadTable, Tables

_FILES: Final = 80
"""Into as many at most: the engine keeps a hundred open, and some systems hardly more."""
_GROUP: Final = 8_192
"""Rows of a group within a file: some versions of the engine hold one of each file in memory."""
_PART: Final = "mqlkit_part"


def _least(divided: "Divided") -> int:
    return min(bucket.of for bucket in divided.pending)


def _folders(divided: "Divided") -> Mapping[int, Path]:
    numbers = sorted({divided.part(bucket) for bucket in divided.pending})
    return {number: divided.folder / f"{_PART}={number}" for number in numbers}


@attrs.frozen
class Divided:
    """
    One table that is divided.

    Args:
        columns: Its columns with the expressions, over *source*, that give them.
        key: That of them with the lead's key.
        source: What stands behind FROM to read all of it.
        folder: Where its files are, or will be.
        pending: The buckets that are to be read; rows of others may be left out.

    Attributes:
        of: Among how many buckets it is divided; smaller ones are parts of these.
        parts: Where the files of each part are; of none but those that are to be read.
    """

    columns: Mapping[str, str]
    key: str
    source: str
    folder: Path
    pending: tuple[Bucket, ...]
    # Found once: they are asked for by each of what may be thousands of buckets.
    of: int = attrs.field(init=False, default=attrs.Factory(_least, takes_self=True))
    parts: Mapping[int, Path] = attrs.field(
        init=False, default=attrs.Factory(_folders, takes_self=True)
    )

    @property
    def _width(self) -> int:
        """How many buckets share a file."""
        return -(-self.of // _FILES)

    def part(self, bucket: Bucket) -> int:
        """The file of a bucket, or of the one that it is a part of."""
        return bucket.number % self.of // self._width

    def statement(self, text: str) -> str:
        """What writes the files, with those columns that a text names."""
        named = {n: sql for n, sql in self.columns.items() if n in text or n == self.key}
        part = f"HASH({self.columns[self.key]}) % {self.of} // {self._width} AS {_PART}"
        parts = ", ".join(map(str, self.parts))
        return (
            f"COPY (SELECT * FROM (SELECT {_cells(named)}, {part} FROM {self.source}) "
            f"WHERE {_PART} IN ({parts})) TO {DIALECT.text(str(self.folder))} "
            f"(FORMAT PARQUET, PARTITION_BY ({_PART}), ROW_GROUP_SIZE {_GROUP})"
        )

    def relation(self, bucket: Bucket) -> str:
        """What stands behind FROM to read a bucket, or a part of one."""
        files = sorted(self.parts[self.part(bucket)].glob("*.parquet"))
        if not files:  # No rows, no file.
            return f"(SELECT {_cells(self.columns)} FROM {self.source} LIMIT 0)"
        if bucket.of == self.of and self._width == 1:
            return scanned(*files)
        some = f"HASH({self.key}) % {bucket.of} = {bucket.number}"
        return f"(SELECT * FROM {scanned(*files)} WHERE {some})"


@attrs.frozen
class Apart:
    """
    The tables of a run, divided.

    Args:
        tables: They, with the names of columns in files; nothing stands behind FROM yet.
        leads: How leads are divided.
        activities: How activities are; None when they were not loaded.
    """

    tables: Tables
    leads: Divided
    activities: Divided | None

    @staticmethod
    def of(tables: Tables, pending: Iterable[Bucket], folder: Path) -> "Apart":
        """Tables that are to be divided among some buckets, in a folder."""
        some = tuple(pending)
        names: dict[str, str] = {}
        leads = _renamed_leads(tables.leads, _naming(names, "l"))
        source = tables.leads.relation
        first = Divided(names, leads.id, source, folder / "leads", some)
        if tables.activities is None:
            return Apart(attrs.evolve(tables, leads=leads), first, None)
        names = {}
        did = _renamed_activities(tables.activities, _naming(names, "a"))
        source = tables.activities.relation
        second = Divided(names, did.lead, source, folder / "activities", some)
        return Apart(attrs.evolve(tables, leads=leads, activities=did), first, second)

    def statements(self, text: str) -> list[str]:
        """
        What divides the tables: leads, then activities.

        Args:
            text: What is asked of a bucket; other columns than it names are left out.
        """
        both = (self.leads, self.activities)
        return [each.statement(text) for each in both if each is not None]

    def bucket(self, bucket: Bucket) -> Tables:
        """The tables with the leads of a bucket, or of a part of one, and what these did."""
        leads, did = self.tables.leads, self.tables.activities
        leads = attrs.evolve(leads, relation=self.leads.relation(bucket))
        if did is not None and self.activities is not None:
            did = attrs.evolve(did, relation=self.activities.relation(bucket))
        return attrs.evolve(self.tables, leads=leads, activities=did)


def _cells(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{sql} AS {name}" for name, sql in columns.items())


_Naming = Callable[[str], str]
"""A name for an expression."""


def _naming(names: dict[str, str], letter: str) -> _Naming:
    def name(sql: str) -> str:
        given = f'"mqlkit_{letter}{len(names)}"'
        names[given] = sql
        return given

    return name


def _renamed_leads(table: LeadTable, name: _Naming) -> LeadTable:
    stage, since, as_of = (
        None if sql is None else name(sql) for sql in (table.stage, table.stage_since, table.as_of)
    )
    return LeadTable("", name(table.id), _renamed(table.fields, name), stage, since, as_of)


def _renamed_activities(table: ActivityTable, name: _Naming) -> ActivityTable:
    lead, kind, at = map(name, (table.lead, table.kind, table.at))
    own = None if table.id is None else name(table.id)
    return ActivityTable("", lead, kind, at, own, _renamed(table.fields, name))


def _renamed(fields: Mapping[str, Cell], name: _Naming) -> dict[str, Cell]:
    return {field: Cell(name(cell.sql), cell.held) for field, cell in fields.items()}
