"""
The activities of one bucket in a file of their own.

A statement reads activities several times, and each time it would look at all of them to find
those of its bucket. So these are looked for once, with only the columns that the statement reads.
"""

from collections.abc import Mapping
from pathlib import Path

import attrs

from .question import DIALECT, scanned
from .tables import ActivityTable, Cell


@attrs.frozen
class Apart:
    """
    Activities that are to be in a file.

    Args:
        table: They, as they will be there.
        columns: Its columns with the expressions, over *source*, that give them.
        source: What stands behind FROM to read them now.
        path: The file, as text of SQL.
    """

    table: ActivityTable
    columns: Mapping[str, str]
    source: str
    path: str

    @staticmethod
    def of(table: ActivityTable, path: Path) -> "Apart":
        """The activities of a table in the file of that path."""
        columns: dict[str, str] = {}

        def column(sql: str) -> str:
            name = f'"mqlkit_a{len(columns)}"'
            columns[name] = sql
            return name

        lead, kind, at = map(column, (table.lead, table.kind, table.at))
        there = ActivityTable(
            scanned(path),
            lead,
            kind,
            at,
            None if table.id is None else column(table.id),
            {name: Cell(column(cell.sql), cell.held) for name, cell in table.fields.items()},
        )
        return Apart(there, columns, table.relation, DIALECT.text(str(path)))

    def written(self, text: str) -> str | None:
        """
        A statement that writes the file; None when nobody reads it.

        Args:
            text: What will read it; other columns than it names are left out.
        """
        cells = [f"{sql} AS {name}" for name, sql in self.columns.items() if name in text]
        if not cells:
            return None
        return (
            f"COPY (SELECT {', '.join(cells)} FROM {self.source}) "
            f"TO {self.path} (FORMAT PARQUET, USE_TMP_FILE FALSE)"
        )
