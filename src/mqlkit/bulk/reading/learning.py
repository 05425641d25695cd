"""
Cells that the core itself reads: each different one once, and the table of what they mean.

SQL reads only what it reads exactly as the core does. All else goes through `Column.read`, so it
means the same by construction.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import attrs

from ...tables import Column
from ...tables.cell import CellError
from ...value import as_moment, as_number, micros_of
from ..tables import Held
from .spelling import parquet
from .staging import Staging, array

if TYPE_CHECKING:
    import duckdb

_BATCH: Final = 50_000
_HELD: Final[Mapping[str, Held]] = {
    "number": "number",
    "flag": "flag",
    "moment": "moment",
    "items": "items",
}
DATE_ONLY: Final = 'a date without a zone; say zone = "UTC"'


@attrs.frozen
class Learned:
    """
    What the cells of a column mean.

    Args:
        relation: A table with the columns ``raw``, ``value`` and ``problem``.
        held: What its values are.
        faulty: Whether some cell has a problem.
    """

    relation: str
    held: Held
    faulty: bool = True


class Learning:
    """
    Reads different cells with the core's reader.

    Args:
        connection: In which the tables are.
        staging: Where the meanings are kept.
    """

    def __init__(self, connection: "duckdb.DuckDBPyConnection", staging: Staging) -> None:
        self._connection, self._staging = connection, staging

    def of(self, cells: str, column: Column, *, timed: bool = False) -> Learned | None:
        """
        The meaning of cells; None where there are none.

        Args:
            cells: A query of one column ``raw`` with different cells.
            column: How they are read.
            timed: Whether a date without a time and a zone is a fault.
        """
        import pyarrow
        import pyarrow.parquet

        held = _HELD[column.kind]
        paths: list[str] = []
        whole, faulty = True, False
        for batch in self._connection.sql(cells).to_arrow_reader(_BATCH):
            read = [_read(column, cell, timed=timed) for cell in batch.column(0).to_pylist()]
            values = [value for value, _ in read]
            whole = whole and all(v is None or isinstance(v, int) for v in values)
            faulty = faulty or any(problem is not None for _, problem in read)
            table = {
                "raw": batch.column(0),
                "value": array(values, held),
                "whole": array([v if type(v) is int else None for v in values], "whole"),
                "problem": array([problem for _, problem in read], "text"),
            }
            path = self._staging.path()
            pyarrow.parquet.write_table(pyarrow.table(table), path)
            paths.append(str(path))
        if not paths:
            return None
        files = parquet(*paths)
        if held == "number" and whole:
            return Learned(f"(SELECT raw, whole AS value, problem FROM {files})", "whole", faulty)
        return Learned(f"(SELECT raw, value, problem FROM {files})", held, faulty)


def _read(column: Column, cell: object, *, timed: bool) -> tuple[Any, str | None]:
    """The value of a cell as a column holds it, or what is wrong with it."""
    try:
        value = column.read(cell)
    except CellError as error:
        return None, str(error)
    if column.kind == "number":
        return as_number(value), None
    if column.kind == "moment":
        if timed and value is not None and not isinstance(value, datetime):
            return None, DATE_ONLY
        moment = as_moment(value)
        return (None if moment is None else micros_of(moment)), None
    return value, None
