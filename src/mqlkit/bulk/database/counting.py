"""
Counts what is wrong in the rows of a database's tables.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import attrs

from ..reading.counting import UNKNOWN
from ..reading.faults import DataFault, sorted_faults
from ..reading.part import Check
from ..tables import Tables
from .connection import Database
from .sheet import Sheet


@attrs.frozen
class Counting:
    """
    Counts by SQL; each look reads the tables once more.

    Args:
        database: Where they are.
        sheets: The leads, and the activities where they are loaded.
        tables: As a statement reads them.
    """

    database: Database
    sheets: Sequence[Sheet]
    tables: Tables

    def faults(self) -> list[DataFault]:
        """What is wrong, the most frequent first."""
        leads, *others = self.sheets
        found = [*self._refused(leads), *self._again(leads)]
        found += self._counted(leads, self.tables.leads.relation, leads.blanks)
        for sheet in others:
            there = " AND ".join(f"NOT COALESCE({one.condition}, FALSE)" for one in sheet.refusals)
            counting = f"(SELECT * FROM {sheet.relation} WHERE {there}) AS counting"
            found += [*self._refused(sheet), *self._unknown(sheet, counting)]
            found += self._counted(sheet, counting, sheet.blanks)
        return sorted_faults(found)

    def _refused(self, sheet: Sheet) -> Iterator[DataFault]:
        """Rows that are left out, each for the first of its reasons."""
        before: list[str] = []
        checks: list[Check] = []
        for check in sheet.refusals:
            condition = " AND ".join([check.condition, *before])
            checks.append(attrs.evolve(check, condition=condition))
            before.append(f"NOT COALESCE({check.condition}, FALSE)")
        yield from self._counted(sheet, sheet.relation, checks)

    def _again(self, leads: Sheet) -> Iterator[DataFault]:
        """Rows of leads with a key, and not the first of it."""
        keyed = " AND ".join(f"NOT COALESCE({one.condition}, FALSE)" for one in leads.refusals)
        counts = (
            f"SELECT (SELECT COUNT(*) FROM {leads.relation} WHERE {keyed})"
            f" - (SELECT COUNT(*) FROM {self.tables.leads.relation})"
        )
        yield from self._told(leads, leads.again, counts)

    def _unknown(self, sheet: Sheet, counting: str) -> Iterator[DataFault]:
        """Activities of leads that there are not."""
        leads, activities = self.tables.leads, self.tables.activities
        if activities is not None:
            known = f"SELECT {leads.id} FROM {leads.relation}"
            counts = f"SELECT COUNT(*) FROM {counting} WHERE {activities.lead} NOT IN ({known})"
            yield from self._told(sheet, Check("", "", UNKNOWN, refused=True), counts)

    def _told(self, sheet: Sheet, check: Check | None, counts: str) -> Iterator[DataFault]:
        ((count,),) = self._rows(counts)
        if count and check is not None:
            yield DataFault(sheet.source, check.problem, count, check.column, check.refused)

    def _counted(self, sheet: Sheet, relation: str, checks: Sequence[Check]) -> Iterator[DataFault]:
        """What checks find: all in one go how many, then of each with some what is wrong."""
        if not checks:
            return
        counts = ", ".join(f"COUNT(CASE WHEN {check.condition} THEN 1 END)" for check in checks)
        (found,) = self._rows(f"SELECT {counts} FROM {relation}")
        for check in (check for check, count in zip(checks, found, strict=True) if count):
            query = (
                f"SELECT problem, COUNT(*) FROM (SELECT {check.problem} AS problem FROM {relation} "
                f"WHERE {check.condition}) AS wrong GROUP BY problem"
            )
            for problem, count in self._rows(query):
                yield DataFault(sheet.source, problem, count, check.column, check.refused)

    def _rows(self, text: str) -> list[Any]:
        with closing(self.database.rows(text)) as rows:
            return list(rows)
