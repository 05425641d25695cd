"""
What is wrong in the rows of a run's tables, counted.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from ...tables import RowFault, Tally
from ...value import printable

_AGAIN: Final = "has the key of row "
AGAIN: Final = "has the key of an earlier row"


@attrs.frozen
class DataFault:
    """
    One thing that is wrong in a table, and in how many rows.

    Args:
        source: The file, or what the table is.
        problem: What is wrong and what is wanted. Never holds a value: that may be personal.
        rows: How many rows have it.
        column: The table's own column; empty where it is about the whole row.
        refused: Whether the rows were left out; else only their cells count as blank.
        example: The number of the first such row: in a CSV file as a spreadsheet shows it, in
            JSON Lines the line, else counted from 1. None where nobody can say.
        counts: What *rows* counts where neither a row nor a cell is lost, such as ``id``.

    >>> print(DataFault("leads.csv", "not a number", 3, "employees", example=17))
    leads.csv, column 'employees': not a number; 3 cells counted as blank, first in row 17
    """

    source: str
    problem: str
    rows: int
    column: str = ""
    refused: bool = False
    example: int | None = None
    counts: str = ""

    @property
    def lost(self) -> bool:
        """Whether a row or a cell does not count."""
        return not self.counts

    def __str__(self) -> str:
        column = f", column '{printable(self.column)}'" if self.column else ""
        many = "" if self.rows == 1 else "s"
        first = "" if self.example is None else f", first in row {self.example:,}"
        if self.counts:
            told = f"; {self.rows:,} {self.counts}{many}{first}" if self.rows else ""
            return f"{self.source}{column}: {self.problem}{told}"
        what, became = ("row", "refused") if self.refused else ("cell", "counted as blank")
        told = f"{self.rows:,} {what}{many} {became}{first}"
        return f"{self.source}{column}: {self.problem}; {told}"


class Counted:
    """Faults of a file that is read row by row, added up as they come."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str, bool], tuple[int, int]] = {}

    def tally(self, source: str) -> Tally:
        """A tally that counts into this."""
        return Tally(source, self._add)

    def _add(self, fault: RowFault) -> None:
        problem = AGAIN if fault.problem.startswith(_AGAIN) else fault.problem
        key = (fault.source, problem, fault.field, fault.refused)
        count, first = self._found.get(key, (0, fault.row))
        self._found[key] = count + 1, first

    def faults(self) -> Iterator[DataFault]:
        """All of them, in the order in which they were first met."""
        for (source, problem, column, refused), (rows, first) in self._found.items():
            yield DataFault(source, problem, rows, column, refused, first)


def sorted_faults(faults: Iterable[DataFault]) -> list[DataFault]:
    """The most frequent first."""
    return sorted(faults, key=lambda f: (-f.rows, f.source, f.column, f.problem))
