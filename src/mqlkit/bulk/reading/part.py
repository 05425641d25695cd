"""
One part of a table: files or a frame of one form, with what each column gives.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import attrs

from ..tables import Held
from .faults import DataFault

ORDER: Final[tuple[Held, ...]] = ("flag", "whole", "number", "text", "moment", "items")
"""Kinds in the order in which the core compares values of several."""


@attrs.frozen
class Stored:
    """
    What a field gives.

    Args:
        cells: Its expressions by kind; several where the rows differ.
        empty: Nothing but blanks, so it may be of any kind.
        useless: Why some or all of it is of no use, in words: ``holds BLOB``.
    """

    cells: Mapping[Held, str] = attrs.field(factory=dict[Held, str])
    empty: bool = False
    useless: str = ""


@attrs.frozen
class Check:
    """
    What is wrong with a row when a condition holds.

    Args:
        column: The table's own column.
        condition: Over the rows of the part.
        problem: In words, or an expression that gives them.
        refused: Whether the whole row is left out.
        by: Whether *problem* is an expression.
    """

    column: str
    condition: str
    problem: str
    refused: bool = False
    by: bool = False


class Seen(NamedTuple):
    """How many values of one kind a field has, and in which row the first is."""

    rows: int
    first: int


@attrs.frozen
class Part:
    """
    A part of a table.

    Args:
        source: What it is called in faults.
        relation: What stands behind FROM.
        keys: Expressions: ``id``, ``stage`` and ``as_of`` of leads, ``lead``, ``kind``, ``at`` and
            ``id`` of activities.
        fields: By name.
        where: What a row must have to count.
        numbered: The same relation with the columns `ROW` and `FILE`.
        checks: What can be wrong and is not counted yet.
        counted: What is known to be wrong.
        before: See `ActivityTable`.
        named_by: The own name of the column with the leads' keys.
        place: Where its rows stand among all that is given: an expression over `numbered`.
        header: Whether its columns are known without reading it.
        seen: Of rows that were read one by one, the values of each field and kind, or other type.
    """

    source: str
    relation: str
    keys: Mapping[str, str]
    fields: Mapping[str, Stored]
    where: tuple[str, ...] = ()
    numbered: str = ""
    checks: tuple[Check, ...] = ()
    counted: tuple[DataFault, ...] = ()
    before: str | None = None
    header: bool = True
    named_by: str = ""
    place: str = "0"
    seen: Mapping[tuple[str, str], Seen] = attrs.field(factory=dict[tuple[str, str], Seen])


ROW, FILE = "mqlkit_row", "mqlkit_file"
"""Columns of a relation whose rows are counted."""
