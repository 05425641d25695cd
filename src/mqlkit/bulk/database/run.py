"""
Runs in a database: rows as they are fetched, and one lead by the reference engine.
"""

import json
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from ...decision import Decision
from ...explanation import Reason
from ...lead import Lead
from ...qualification import Qualification
from ...timeline import Activity
from ...value import instant, moment_at
from ..outputs import ROWS, RecordBatch, Rows, Schema, schema_of
from ..statement import Instants, Output, Statement
from ..tables import ActivityTable, Cell, Held, LeadTable, Tables
from .connection import Database

_FIRST: Final = datetime.min.replace(tzinfo=UTC)


class DatabaseRun(Rows):
    """
    The decisions about the leads of a database; `mqlkit.bulk.decide` makes one.

    Rows are computed in the database whenever they are asked for, and come as they are fetched.
    """

    def __init__(
        self,
        database: Database,
        mql: Qualification,
        tables: Tables,
        printed: Statement,
        as_of: Instants,
    ) -> None:
        self._database, self._mql, self._tables = database, mql, tables
        self._statement, self._as_of = printed, as_of

    @property
    def sql(self) -> str:
        """What the database is asked."""
        return self._statement.text

    @property
    def outputs(self) -> tuple[Output, ...]:
        """The columns, each with what it tells."""
        return self._statement.columns

    @property
    def schema(self) -> Schema:
        return schema_of(self.outputs)

    def __repr__(self) -> str:
        return f"<a run of {self._mql.name!r} version {self._mql.version!r} in a database>"

    def batches(self) -> Generator[RecordBatch]:
        import pyarrow as pa

        schema = self.schema
        with closing(self._database.rows(self.sql)) as rows:
            while some := list(islice(rows, ROWS)):
                columns = zip(*some, strict=True)
                arrays = [
                    pa.array([_VALUES[out.kind](value) for value in column], field.type)
                    for out, column, field in zip(self.outputs, columns, schema, strict=True)
                ]
                yield pa.RecordBatch.from_arrays(arrays, schema=schema)

    def counts(self) -> Counter[str]:
        """How many rows there are of each decision."""
        counted: Counter[str] = Counter()
        with closing(self.batches()) as batches:
            for batch in batches:
                counted.update(batch.column("decision").to_pylist())
        return counted

    # -- one lead ----------------------------------------------------------------------------

    def decision(self, lead_id: str, as_of: datetime | None = None) -> Decision:
        """
        The decision about one lead by the reference engine, from the same rows.

        Args:
            lead_id: Its key.
            as_of: The instant, aware; by default the run's. Of several, or of a lead with several
                rows, the last.

        Raises:
            UnknownLeadError: There is no such lead.
        """
        from ..answer import UnknownLeadError

        at = None if as_of is None else instant(as_of, "as_of")
        if at is None and self._as_of is not None:
            at = max(self._instants())
        found = self._lead(lead_id, at)
        if found is None:
            raise UnknownLeadError(lead_id)
        lead, own = found
        return Decision.of(self._mql, lead, at or own)  # type: ignore[arg-type]

    def _instants(self) -> list[datetime]:
        several = (self._as_of,) if isinstance(self._as_of, datetime) else self._as_of or ()
        return [one for one in several if isinstance(one, datetime)]

    def explain(self, lead_id: str, as_of: datetime | None = None) -> Reason:
        """
        Why a lead was decided so, as `Decision.explain` tells it.

        Args:
            lead_id: Its key.
            as_of: As for `decision`.

        Raises:
            UnknownLeadError: There is no such lead.
        """
        return self.decision(lead_id, as_of).explain()

    def _lead(self, lead_id: str, at: datetime | None) -> tuple[Lead, datetime | None] | None:
        """A lead, with its own instant where each row has one: the last up to *at*."""
        leads = self._tables.leads
        own = [leads.stage or "NULL", leads.as_of or "NULL"]
        rows = list(self._rows(leads, leads.id, lead_id, leads.fields, own))
        known = [(_FIRST if as_of is None else moment_at(as_of), v, s) for v, s, as_of in rows]
        some = [row for row in known if at is None or row[0] <= at] or known
        if not some:
            return None
        when, values, stage = max(some, key=lambda row: row[0])
        activities = self._tables.activities
        done = None if activities is None else list(self._done(activities, lead_id))
        unique = self._tables.unique_ids
        return Lead(lead_id, values, done, stage=stage, unique_ids=unique), when

    def _done(self, table: ActivityTable, lead_id: str) -> Iterator[Activity]:
        own = [table.kind, table.at, table.id or "NULL"]
        for values, kind, at, id in self._rows(table, table.lead, lead_id, table.fields, own):
            if kind is not None and at is not None:
                yield Activity(kind, moment_at(at), values, id)

    def _rows(
        self,
        table: LeadTable | ActivityTable,
        key: str,
        lead_id: str,
        fields: Mapping[str, Cell],
        own: Sequence[str],
    ) -> Iterator[list[Any]]:
        """The rows of a lead: its fields by name, then other columns."""
        shown = ", ".join([*own, *(cell.sql for cell in fields.values())])
        text = self._database.dialect.text(lead_id)
        query = f"SELECT {shown} FROM {table.relation} WHERE {key} = {text}"
        with closing(self._database.rows(query)) as rows:
            for row in rows:
                told = zip(fields.items(), row[len(own) :], strict=True)
                values = {name: _as_held(cell.held, value) for (name, cell), value in told}
                yield [values, *row[: len(own)]]


def _as_held(held: Held, value: Any) -> Any:
    """A cell's value as the core has it."""
    if value is None:
        return None
    match held:
        case "moment":
            return moment_at(value)
        case "flag":
            return bool(value)
        case "items" if isinstance(value, str):
            return json.loads(value)
        case _:
            return value


def _points(value: Any) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(round(value * 1000)).scaleb(-3)


def _moment(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _same(value: Any) -> Any:
    return value


_VALUES: Final[Mapping[str, Callable[[Any], Any]]] = {
    "points": _points,
    "moment": _moment,
    "text": _same,
    "flag": bool,
}
