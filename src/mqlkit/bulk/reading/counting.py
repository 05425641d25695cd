"""
Counts what is wrong in the rows of tables.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ...tables.asked import Asked, Found, remarks
from .faults import AGAIN, DataFault
from .part import FILE, ROW, Check, Part
from .sources import Rows

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
        kept = f"(SELECT * FROM {part.numbered} WHERE {' AND '.join(where) or 'TRUE'})"
        before: list[str] = []
        refusals: list[tuple[Check, str]] = []
        blanks: list[tuple[Check, str]] = []
        for check in part.checks:
            condition = f"COALESCE({check.condition}, FALSE)"
            if check.refused:
                others = [f"NOT {other}" for other in before]
                refusals.append((check, " AND ".join([condition, *others])))
                before.append(condition)
            else:
                blanks.append((check, condition))
        yield from self._all(part, part.numbered, refusals)
        yield from self._all(part, kept, blanks)

    def _all(
        self, part: Part, rows: str, checks: Sequence[tuple[Check, str]]
    ) -> Iterator[DataFault]:
        yield from self._plain(part, rows, [found for found in checks if not found[0].by])
        for check, condition in checks:
            if check.by:
                yield from self._check(part, rows, check, condition)

    def _plain(
        self, part: Part, rows: str, checks: Sequence[tuple[Check, str]]
    ) -> Iterator[DataFault]:
        """What all checks find whose problem is always the same, in one go."""
        if not checks:
            return
        found = ", ".join(
            f"COUNT(*) FILTER (WHERE {condition}), MIN({ROW}) FILTER (WHERE {condition})"
            for _, condition in checks
        )
        query = f"SELECT {FILE}, {found} FROM {rows} GROUP BY {FILE} ORDER BY {FILE}"
        for file, *figures in self._connection.sql(query).fetchall():
            for place, (check, _) in enumerate(checks):
                count, row = figures[2 * place : 2 * place + 2]
                if count:
                    yield _fault(part, check, file, check.problem, count, row)

    def _check(self, part: Part, rows: str, check: Check, condition: str) -> Iterator[DataFault]:
        query = (
            f"SELECT {FILE}, {check.problem} AS problem, COUNT(*), MIN({ROW}) FROM {rows} "
            f"WHERE {condition} GROUP BY ALL ORDER BY ALL"
        )
        for file, problem, count, row in self._connection.sql(query).fetchall():
            yield _fault(part, check, file, problem, count, row)

    def again(self, part: Part, rows: str) -> Iterator[DataFault]:
        """Rows with the key of another, which counts."""
        query = f"SELECT {FILE}, COUNT(*), MIN({ROW}) FROM {rows} GROUP BY ALL ORDER BY ALL"
        for file, count, row in self._connection.sql(query).fetchall():
            yield DataFault(file or part.source, AGAIN, count, part.named_by, True, row)

    def unknown(self, part: Part, leads: Rows) -> Iterator[DataFault]:
        """Activities of leads that there are not."""
        known = f"SELECT {leads.key('id')} FROM {leads.relation}"
        where = " AND ".join([f"({part.keys['lead']}) NOT IN ({known})", *part.where])
        rows = f"(SELECT * FROM {part.numbered} WHERE {where})"
        yield from self._plain(part, rows, [(Check("", "", UNKNOWN, refused=True), "TRUE")])

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
            yield DataFault("the activities", CONFLICT, found, "id", counts="id")

    def unasked(self, activities: Rows, asked: Asked) -> Iterator[DataFault]:
        """Kinds of activities that a definition never asks for, as the core remarks them."""
        if asked.any_kind:
            return
        kind = activities.key("kind")
        query = f"SELECT {kind} AS k, COUNT(*) FROM {activities.relation} GROUP BY ALL ORDER BY k"
        found = Found(kinds=Counter(dict(self._connection.sql(query).fetchall())))
        found.properties = asked.properties  # what is not there is told before
        for remark in remarks(asked, found):
            yield DataFault("the activities", remark, 0, counts="row")


UNKNOWN = "is of a lead that the leads have not"
CONFLICT = "one id is told in several ways, and the earliest counts"


def _fault(part: Part, check: Check, file: str, problem: str, count: int, row: int) -> DataFault:
    return DataFault(file or part.source, problem, count, check.column, check.refused, row)
