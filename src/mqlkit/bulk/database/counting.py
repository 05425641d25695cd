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
        (leads, *others), activities = self.sheets, self.tables.activities
        found = [*self._refused(leads), *self._again(leads)]
        found += self._counted(leads, self.tables.leads.relation, leads.blanks)
        if activities is not None:
            (sheet,) = others
            counting = f"(SELECT * FROM {sheet.relation} WHERE {_why(sheet)} IS NULL) AS counting"
            found += [*self._refused(sheet), *self._unknown(sheet, counting, activities.lead)]
            found += self._counted(sheet, counting, sheet.blanks)
        return sorted_faults(found)

    def _refused(self, sheet: Sheet) -> Iterator[DataFault]:
        """Rows that are left out, each for the first of its reasons."""
        why = f"(SELECT {_why(sheet)} AS why FROM {sheet.relation}) AS refused"
        counts = dict(self._rows(f"SELECT why, COUNT(*) FROM {why} GROUP BY why"))
        for place, check in enumerate(sheet.refusals):
            if place in counts:
                condition = f"{_why(sheet)} = {place}"
                yield from self._problems(sheet, sheet.relation, check, condition)

    def _again(self, leads: Sheet) -> Iterator[DataFault]:
        """Rows of leads with a key, and not the first of it."""
        counts = (
            f"SELECT (SELECT COUNT(*) FROM {leads.relation} WHERE {_why(leads)} IS NULL)"
            f" - (SELECT COUNT(*) FROM {self.tables.leads.relation})"
        )
        yield from self._told(leads, leads.again, counts)

    def _unknown(self, sheet: Sheet, counting: str, lead: str) -> Iterator[DataFault]:
        """Activities of leads that there are not."""
        leads = self.tables.leads
        known = f"SELECT {leads.id} FROM {leads.relation}"
        counts = f"SELECT COUNT(*) FROM {counting} WHERE {lead} NOT IN ({known})"
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
        for check, count in zip(checks, found, strict=True):
            if count:
                yield from self._problems(sheet, relation, check, check.condition)

    def _problems(
        self, sheet: Sheet, relation: str, check: Check, condition: str
    ) -> Iterator[DataFault]:
        query = (
            f"SELECT problem, COUNT(*) FROM (SELECT {check.problem} AS problem FROM {relation} "
            f"WHERE {condition}) AS wrong GROUP BY problem"
        )
        for problem, count in self._rows(query):
            yield DataFault(sheet.source, problem, count, check.column, check.refused)

    def _rows(self, text: str) -> list[Any]:
        with closing(self.database.rows(text)) as rows:
            return list(rows)


def _why(sheet: Sheet) -> str:
    """The place of the reason for which a row is left out; NULL where it counts."""
    reasons = (f"WHEN {one.condition} THEN {n}" for n, one in enumerate(sheet.refusals))
    return f"CASE {' '.join(reasons)} END"
