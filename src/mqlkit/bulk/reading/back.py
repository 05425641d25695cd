"""
Leads of the core from the rows that a statement reads.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from ...lead import Lead
from ...timeline import Activity
from ...value import micros_of, moment_at
from ..tables import Held
from .sources import Named, Rows

if TYPE_CHECKING:
    import duckdb

_BUCKET: Final = 100_000
"""About so many rows are in memory at a time."""
_SOME: Final = 1_000


class Back:
    """
    Makes leads of rows.

    Args:
        connection: In which the rows are.
        leads: Rows of leads.
        activities: Rows of activities; None when they were not loaded.
        unique_ids: Whether no id repeats.
    """

    def __init__(
        self,
        connection: "duckdb.DuckDBPyConnection",
        leads: Rows,
        activities: Rows | None,
        *,
        unique_ids: bool,
    ) -> None:
        self._connection, self._leads, self._activities = connection, leads, activities
        self._unique = unique_ids

    def some(self, lead_ids: Sequence[str], as_of: datetime | None = None) -> Iterator[Lead]:
        """Leads by their keys."""
        for start in range(0, len(lead_ids), _SOME):
            ids = list(lead_ids[start : start + _SOME])
            where = "{key} IN (SELECT UNNEST(?::VARCHAR[]))"
            more = ""
            if as_of is not None and self._leads.has("as_of") is not None:
                more = f" AND {self._leads.key('as_of')} = {micros_of(as_of)}"
            yield from self._where(where, [ids], more)

    def all(self) -> Iterator[Lead]:
        """Every lead, bucket by bucket."""
        rows = self._count(self._leads) + (self._count(self._activities) if self._activities else 0)
        buckets = 1 + rows // _BUCKET
        for number in range(buckets):
            yield from self._where(f"HASH({{key}}) % {buckets} = {number}", [])

    def _count(self, rows: Rows) -> int:
        ((count,),) = self._connection.sql(f"SELECT COUNT(*) FROM {rows.relation}").fetchall()
        return int(count)

    def _where(self, condition: str, parameters: list[Any], more: str = "") -> Iterator[Lead]:
        timelines: dict[str, list[Activity]] | None = None
        if self._activities is not None:
            timelines = {}
            for keys, fields in self._rows(self._activities, "lead", condition, parameters):
                timeline = timelines.setdefault(keys["lead"], [])
                at = moment_at(keys["at"])
                timeline.append(Activity(keys["kind"], at, fields, keys.get("id")))
        for keys, fields in self._rows(self._leads, "id", condition, parameters, more):
            activities = None if timelines is None else timelines.get(keys["id"], [])
            yield Lead(
                keys["id"],
                fields,
                activities,
                stage=keys.get("stage"),
                unique_ids=self._unique,
            )

    def _rows(
        self, rows: Rows, key: str, condition: str, parameters: list[Any], more: str = ""
    ) -> list[tuple[dict[str, Any], dict[str, object]]]:
        where = condition.replace("{key}", f"({rows.key(key)})")
        names = list(rows.columns)
        query = f"SELECT {', '.join(rows.columns[name] for name in names)} FROM {rows.relation}"
        found = self._connection.execute(f"{query} WHERE {where}{more}", parameters).fetchall()
        return [_split(names, values) for values in found]


def _split(
    names: Sequence[Named], values: Sequence[Any]
) -> tuple[dict[str, Any], dict[str, object]]:
    keys: dict[str, Any] = {}
    fields: dict[str, object] = {}
    for (role, name, held), value in zip(names, values, strict=True):
        if role == "key":
            keys[name] = value
        elif value is not None:
            fields[name] = _value(held, value)
    return keys, fields


def _value(held: Held, value: Any) -> object:
    if held == "moment":
        return moment_at(value)
    return tuple(value) if held == "items" else value
