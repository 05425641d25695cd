"""
Counts what is wrong in the rows of tables.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .faults import AGAIN, DataFault
from .part import FILE, ROW, Check, Part
from .sources import Rows
from .spelling import text

if TYPE_CHECKING:
    import duckdb


class Counting:
    """
    Counts by SQL.

    Args:
        connection: In which the rows are.
    """

    def __init__(self, connection: "duckdb.DuckDBPyConnection") -> None:
        self._connection = connection

    def of(self, part: Part, without: str | None = None) -> Iterator[DataFault]:
        """What the checks of a part find; of cells only those of rows that count."""
        where = list(part.where)
        if without is not None:
            where.append(f"({FILE}, {ROW}) NOT IN (SELECT ({FILE}, {ROW}) FROM {without})")
        before: list[str] = []
        plain: list[tuple[Check, str]] = []
        for check in part.checks:
            condition = f"COALESCE({check.condition}, FALSE)"
            kept = where if not check.refused else [f"NOT {other}" for other in before]
            whole = " AND ".join([condition, *kept])
            if check.by:
                yield from self._check(part, check, whole)
            else:
                plain.append((check, whole))
            if check.refused:
                before.append(condition)
        yield from self._plain(part, plain)

    def _plain(self, part: Part, checks: Sequence[tuple[Check, str]]) -> Iterator[DataFault]:
        """What all checks find whose problem is always the same, in one go."""
        if not checks:
            return
        found = ", ".join(
            f"COUNT(*) FILTER (WHERE {whole}), MIN({ROW}) FILTER (WHERE {whole})"
            for _, whole in checks
        )
        query = f"SELECT {FILE}, {found} FROM {part.numbered} GROUP BY {FILE} ORDER BY {FILE}"
        for file, *figures in self._connection.sql(query).fetchall():
            for place, (check, _) in enumerate(checks):
                count, row = figures[2 * place : 2 * place + 2]
                if count:
                    yield DataFault(
                        file or part.source, check.problem, count, check.column, check.refused, row
                    )

    def _check(self, part: Part, check: Check, condition: str) -> Iterator[DataFault]:
        problem = check.problem if check.by else text(check.problem)
        query = (
            f"SELECT {FILE}, {problem} AS problem, COUNT(*), MIN({ROW}) FROM {part.numbered} "
            f"WHERE {condition} GROUP BY ALL ORDER BY ALL"
        )
        for file, told, count, row in self._connection.sql(query).fetchall():
            source = file or part.source
            yield DataFault(source, told, count, check.column, check.refused, row)

    def again(self, part: Part, rows: str) -> Iterator[DataFault]:
        """Rows with the key of another, which counts."""
        query = f"SELECT {FILE}, COUNT(*), MIN({ROW}) FROM {rows} GROUP BY ALL ORDER BY ALL"
        for file, count, row in self._connection.sql(query).fetchall():
            yield DataFault(file or part.source, AGAIN, count, part.named_by, True, row)

    def unknown(self, part: Part, leads: Rows) -> Iterator[DataFault]:
        """Activities of leads that there are not."""
        known = f"SELECT {leads.key('id')} FROM {leads.relation}"
        check = Check("", f"({part.keys['lead']}) NOT IN ({known})", UNKNOWN, refused=True)
        where = " AND ".join([check.condition, *part.where])
        yield from self._check(part, check, where)

    def conflicts(self, activities: Rows, leads: Rows) -> Iterator[DataFault]:
        """Ids of activities that were told in several ways."""
        id_, lead = activities.has("id"), activities.key("lead")
        if id_ is None:
            return
        told = ", ".join(
            sql for name, sql in activities.columns.items() if name[:2] != ("key", "id")
        )
        query = (
            f"SELECT COUNT(*) FROM (SELECT {lead} AS l, {id_} AS i FROM {activities.relation} "
            f"WHERE {id_} IS NOT NULL AND {lead} IN (SELECT {leads.key('id')} FROM "
            f"{leads.relation}) GROUP BY ALL "
            f"HAVING COUNT(*) > 1 AND COUNT(DISTINCT ROW({told})) > 1)"
        )
        ((found,),) = self._connection.sql(query).fetchall()
        if found:
            yield DataFault("the activities", CONFLICT, found, "id")


UNKNOWN = "is of a lead that the leads have not"
CONFLICT = "one id is told in several ways; the earliest counts"
