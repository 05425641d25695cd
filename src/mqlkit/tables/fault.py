"""
What is wrong with a row or a cell, and what became of every row of a file.

Nothing vanishes: every row that was read is kept or refused, and each fault is counted.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

import attrs

from ..errors import MqlkitError
from ..value import printable, show
from .asked import Found

SHOWN: Final = 20
"""A report keeps that many faults of each file; the others are counted."""


class TableError(MqlkitError, ValueError):
    """A file that cannot be read at all: not there, no header, a column missing."""


@attrs.frozen
class RowFault:
    """
    One thing that is wrong in a file.

    Args:
        source: The file.
        row: Its number: in a CSV file as a spreadsheet shows it (the header is row 1), in JSON
            Lines the line, in Parquet counted from 1.
        problem: What is wrong and what is wanted. Never holds the value: that may be personal.
        field: The column.
        refused: Whether the whole row was left out; else only the cell counts as blank.
        value: What stood there.
    """

    source: str
    row: int
    problem: str
    field: str = ""
    refused: bool = False
    value: object = attrs.field(default=None, eq=False)

    def __str__(self) -> str:
        column = f", column '{printable(self.field)}'" if self.field else ""
        outcome = "row refused" if self.refused else "counted as blank"
        return f"{self.source}, row {self.row}{column}: {self.problem}; {outcome}"

    def to_dict(self, *, values: bool = False) -> dict[str, Any]:
        """As plain data; the value itself only when asked for."""
        data = attrs.asdict(self, filter=lambda field, _: field.name != "value")
        return data | {"value": show(self.value)} if values else data


@attrs.define
class Tally:
    """
    What became of the rows of one file.

    Args:
        source: The file's name.
        tell: Called with every fault, also with those that `faults` no longer keeps.
        lost: The texts of rows that could not be read: a lead's key may be among them.
    """

    source: str
    tell: Callable[[RowFault], None] = attrs.field(default=lambda _: None, repr=False)
    read: int = 0
    kept: int = 0
    refused: int = 0
    cells: int = 0
    faults: list[RowFault] = attrs.field(factory=list)
    by_field: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    lost: set[str] = attrs.field(factory=set[str], repr=False)

    def refuse(self, row: int, problem: str, field: str = "", value: object = None) -> None:
        """The row is left out."""
        self.refused += 1
        self._note(RowFault(self.source, row, problem, field, refused=True, value=value))

    def take_back(self, row: int, problem: str, field: str = "", value: object = None) -> None:
        """A row that was kept so far turns out to be of no use."""
        self.kept -= 1
        self.refuse(row, problem, field, value)

    def blank(self, row: int, problem: str, field: str, value: object = None) -> None:
        """The cell counts as blank; the row stays."""
        self.cells += 1
        self._note(RowFault(self.source, row, problem, field, value=value))

    def _note(self, fault: RowFault) -> None:
        self.by_field[fault.field, fault.problem] += 1
        if len(self.faults) < SHOWN:
            self.faults.append(fault)
        self.tell(fault)

    @property
    def adds_up(self) -> bool:
        """Whether every row that was read is accounted for."""
        return self.read == self.kept + self.refused

    def __str__(self) -> str:
        return (
            f"{self.source}: {self.read:,} rows read = {self.kept:,} used "
            f"+ {self.refused:,} refused; {self.cells:,} bad cells counted as blank"
        )

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "file": self.source,
            "rows": self.read,
            "used": self.kept,
            "refused": self.refused,
            "bad_cells": self.cells,
            "faults": [
                {"column": field, "problem": problem, "count": count}
                for (field, problem), count in self.by_field.most_common()
            ],
        }


@attrs.define
class Report:
    """
    What became of every row of every file of a run.

    Args:
        tell: Called with every fault.
        found: What the files have, to be compared with what a definition asks for.
    """

    tell: Callable[[RowFault], None] = attrs.field(default=lambda _: None, repr=False)
    tallies: list[Tally] = attrs.field(factory=list)
    notes: list[str] = attrs.field(factory=list)
    found: Found = attrs.field(factory=Found, repr=False)

    def tally(self, source: str) -> Tally:
        """A tally for one more file."""
        self.tallies.append(Tally(source, self.tell))
        return self.tallies[-1]

    def note(self, text: str) -> None:
        """A remark for the reader of the report; said once."""
        if text not in self.notes:
            self.notes.append(text)

    @property
    def clean(self) -> bool:
        """Whether no row and no cell had a fault."""
        return not any(tally.refused or tally.cells for tally in self.tallies)

    @property
    def adds_up(self) -> bool:
        """Whether every row of every file is accounted for."""
        return all(tally.adds_up for tally in self.tallies)

    def faults(self) -> Iterator[RowFault]:
        """The first faults of each file."""
        for tally in self.tallies:
            yield from tally.faults

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {"files": [tally.to_dict() for tally in self.tallies], "notes": self.notes}
