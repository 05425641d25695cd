"""
Tables that are open: what a statement reads, in whole or in buckets, and what is wrong in them.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from ...lead import Lead
from ...tables.asked import Asked
from ..tables import ActivityTable, LeadTable, Tables
from .back import Back
from .choosing import Choice, cells
from .counting import Counting
from .faults import DataFault, sorted_faults
from .part import FILE, ROW, Part
from .sources import ID, PART, Rows, ordered_rows, rows_of
from .spelling import parquet
from .staging import Staging

if TYPE_CHECKING:
    import duckdb

    from .given import Givens


@attrs.frozen
class Shut:
    """What is taken away when the tables are closed."""

    staging: Staging
    givens: "Givens"


class Opened:
    """
    Tables that a statement can read.

    Args:
        connection: In which they are; a statement over them must run in it.
        leads: The parts of the leads; none where the activities name them.
        activities: Those of the activities; None when they were not loaded.
        choice: What fields of several kinds are read as.
        shut: What is taken away at the end.
        noticed: Faults that are known already.
        size: Bytes of the inputs; None when nobody can say.
        unique_ids: No activity's id repeats; nothing is compared.
        asked: What the definition asks for, to tell what is there and not asked for.

    Attributes:
        tables: For `statement`, with the dialect of DuckDB.
        size: Bytes of the inputs, by which a number of buckets can be chosen.
    """

    tables: Tables
    size: int | None

    def __init__(
        self,
        connection: "duckdb.DuckDBPyConnection",
        leads: tuple[Part, ...],
        activities: tuple[Part, ...] | None,
        choice: Choice,
        shut: Shut,
        asked: Asked,
        *,
        noticed: Sequence[DataFault] = (),
        size: int | None = None,
        unique_ids: bool = False,
    ) -> None:
        self._connection, self._choice, self._shut = connection, choice, shut
        self._asked = asked
        self._parts, self._noticed = (leads, activities), list(noticed)
        self._again: str | None = None
        self.size, self._unique = size, unique_ids
        self._activities = None if activities is None else rows_of(activities)
        # A statement drops activities that do not count by itself; to clean keys twice is dear.
        self._every = None if activities is None else rows_of(_every(activities))
        self._leads = self._each_once(leads) if leads else self._named()
        self.tables = self._tables(self._leads, self._every)

    # -- what a statement reads --------------------------------------------------------------

    def bucket(self, number: int, of: int) -> Tables:
        """
        The same tables with a share of the leads, and the activities of these alone.

        Args:
            number: From 0 to *of* - 1; each lead is in one of them.
            of: How many buckets there are.
        """
        share = f"% {of} = {number}"
        leads = self._leads.where(f"HASH({self._leads.key('id')}) {share}")
        activities = self._every
        if activities is not None:
            activities = activities.where(f"HASH({activities.key('lead')}) {share}")
        return self._tables(leads, activities)

    def _tables(self, leads: Rows, activities: Rows | None) -> Tables:
        table = LeadTable(
            leads.relation,
            leads.key("id"),
            cells(leads.fields(), self._choice.leads),
            leads.has("stage"),
            as_of=leads.has("as_of"),
        )
        if activities is None:
            return Tables(table, unique_ids=self._unique)
        lead, kind, at = (activities.key(name) for name in ("lead", "kind", "at"))
        parts = self._parts[1] or ()
        before = parts[0].before if len(parts) == 1 else None
        fields = cells(activities.fields(), self._choice.activities)
        acts = ActivityTable(
            activities.relation, lead, kind, at, activities.has("id"), fields, before
        )
        return Tables(table, acts, self._unique)

    def _named(self) -> Rows:
        """The leads that the activities name."""
        named = [f"SELECT {rows.key('lead')} FROM {rows.relation}" for rows in self._timelines()]
        return Rows(f"(SELECT DISTINCT * FROM ({named[0]}) AS t (id))", {ID: "id"})

    def _timelines(self) -> list[Rows]:
        return [] if self._activities is None else [self._activities]

    def _each_once(self, leads: tuple[Part, ...]) -> Rows:
        """The leads, each key once: of several rows the first counts."""
        rows = rows_of(leads)
        keys = _key_of(rows)
        counted = f"SELECT COUNT(*) - COUNT(DISTINCT {keys}) FROM {rows.relation}"
        ((repeated,),) = self._connection.sql(counted).fetchall()
        if not repeated:
            return rows
        numbered, order = ordered_rows(leads, numbered=True)
        place = f"ROW_NUMBER() OVER (PARTITION BY {_key_of(numbered)} ORDER BY {order})"
        query = f"SELECT *, {place} AS mqlkit_again FROM {numbered.relation}"
        path = str(self._shut.staging.path())
        kept = f"SELECT * FROM ({query}) WHERE mqlkit_again = 1"
        self._connection.sql(kept).to_parquet(path)
        self._again = str(self._shut.staging.path())
        again = f"SELECT {PART}, {FILE}, {ROW} FROM ({query}) WHERE mqlkit_again > 1"
        self._connection.sql(again).to_parquet(self._again)
        return Rows(parquet(path), numbered.columns)

    # -- what is wrong -----------------------------------------------------------------------

    def faults(self) -> list[DataFault]:
        """
        What is wrong in the rows of the tables, the most frequent first.

        Each look reads the tables once more.
        """
        counting = Counting(self._connection)
        found = [*self._noticed]
        for number, part in enumerate(self._parts[0]):
            found += part.counted
            if self._again is None:
                found += counting.of(part)
            else:
                rows = f"(SELECT * FROM {parquet(self._again)} WHERE {PART} = {number})"
                found += counting.of(part, without=rows)
                found += counting.again(part, rows)
        for part in self._parts[1] or ():
            found += [*part.counted, *counting.of(part)]
        if self._activities is not None and self._parts[1]:
            if self._parts[0]:
                for part in self._parts[1]:
                    found += counting.unknown(part, self._leads)
            if not self._unique:
                found += counting.conflicts(self._activities, self._leads)
            found += counting.unasked(self._activities, self._asked)
        return sorted_faults(found)

    # -- leads of the core -------------------------------------------------------------------

    def lead(self, lead_id: str, as_of: datetime | None = None) -> Lead | None:
        """
        One lead with its timeline, as the core has it; None where there is none.

        Args:
            lead_id: Its key.
            as_of: Of a table with a row for each of several instants, which one.
        """
        return next(self._back().some([lead_id], as_of), None)

    def leads(self, lead_ids: Sequence[str] | None = None) -> Iterator[Lead]:
        """
        Leads with their timelines, in no order.

        Args:
            lead_ids: Which; None for all.
        """
        back = self._back()
        return back.all() if lead_ids is None else back.some(lead_ids)

    def _back(self) -> Back:
        return Back(self._connection, self._leads, self._activities, unique_ids=self._unique)

    def close(self) -> None:
        """Takes away what was put into the connection, and the files kept beside it."""
        self._shut.givens.close()
        self._shut.staging.close()


def _key_of(rows: Rows) -> str:
    as_of = rows.has("as_of")
    return rows.key("id") if as_of is None else f"({rows.key('id')}, {as_of})"


def _every(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The same with the rows that do not count."""
    return tuple(attrs.evolve(part, where=()) for part in parts)
