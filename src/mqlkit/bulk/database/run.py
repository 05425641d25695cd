"""
Runs in a database: rows as they are fetched, and single leads by the reference engine.
"""

import json
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from heapq import nsmallest
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias

from ...decision import Decision
from ...lead import Lead
from ...qualification import Qualification
from ...timeline import Activity
from ...value import instant, moment_at
from ..answer import Answer, Counts, UnknownLeadError, tally
from ..fetching import RunInterruptedError
from ..outputs import ROWS, RecordBatch
from ..refusals import BulkError
from ..sessions import ClosedRunError
from ..statement import Instants, Statement
from ..tables import ActivityTable, Held, LeadTable, Tables
from .connection import Database
from .counting import Counting
from .sheet import Sheet

if TYPE_CHECKING:
    from ..reading import DataFault

_Own: TypeAlias = tuple[datetime | None, Lead]

_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_ASKED: Final = 500
"""As many leads are looked for at once."""


class DatabaseRun(Answer[Database]):
    """
    The decisions about the leads of a database; `mqlkit.bulk.decide` makes one.

    Rows are computed in the database whenever they are asked for, and come as they are fetched. To
    close it leaves the connection open.

    >>> import sqlite3
    >>> from datetime import UTC, datetime
    >>> from mqlkit import Qualification, attribute, bulk
    >>> database = sqlite3.connect(":memory:")
    >>> _ = database.execute("CREATE TABLE leads (id TEXT, employees INTEGER)")
    >>> _ = database.execute("INSERT INTO leads VALUES ('ada', 60), ('bob', 'lots'), ('bob', 7)")
    >>> mql = Qualification("mql", version="1", when=attribute("employees") >= 50)
    >>> now = datetime(2026, 3, 1, tzinfo=UTC)
    >>> with bulk.decide(mql, leads="leads", as_of=now, connection=database) as run:
    ...     print(run.verify())
    ...     for fault in run.faults():
    ...         print(fault)
    2 rows checked, none differs
    leads, column 'employees': not a number; 1 cell counted as blank
    leads, column 'id': has the key of an earlier row; 1 row refused
    >>> database.close()
    """

    def __init__(
        self,
        database: Database,
        sheets: Sequence[Sheet],
        mql: Qualification,
        tables: Tables,
        printed: Statement,
        as_of: Instants,
    ) -> None:
        super().__init__()
        self._database, self._mql, self._tables = database, mql, tables
        self._sheets, self._printed, self._as_of = sheets, printed, as_of
        self._closed = False

    def _print(self) -> Statement:
        return self._printed

    @property
    def _folder(self) -> Path | None:
        return None

    @contextmanager
    def _source(self) -> Generator[Database]:
        if self._closed:
            raise ClosedRunError
        yield self._database

    def __repr__(self) -> str:
        return f"<a run of {self._mql.name!r} version {self._mql.version!r} in a database>"

    def batches(self) -> Generator[RecordBatch]:
        counted: Counter[tuple[str, str]] = Counter()
        with self._stoppable() as stopped, self._source() as database:
            try:
                with closing(database.rows(self.sql)) as rows:
                    while some := list(islice(rows, ROWS)):
                        if stopped.is_set():
                            raise RunInterruptedError
                        batch = self._batch(some)
                        counted.update(tally(batch))
                        yield batch
            except Exception as error:  # each driver has its own for what was interrupted
                if stopped.is_set() and not isinstance(error, RunInterruptedError):
                    raise RunInterruptedError from error
                raise
        self._counted = Counts.of(counted)

    def _batch(self, rows: list[Any]) -> RecordBatch:
        import pyarrow as pa

        schema, columns = self.schema, zip(*rows, strict=True)
        arrays = [
            pa.array([_VALUES[out.kind](value) for value in column], field.type)
            for out, column, field in zip(self.outputs, columns, schema, strict=True)
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    def faults(self) -> "list[DataFault]":
        with self._source() as database:
            return Counting(database, self._sheets, self._tables).faults()

    # -- single leads ------------------------------------------------------------------------

    def decision(self, lead_id: str, as_of: datetime | None = None) -> Decision:
        at = None if as_of is None else instant(as_of, "as_of")
        if at is None and self._as_of is not None:
            at = max(self._instants())
        with self._source() as database:
            known = self._leads(database, [lead_id]).get(lead_id, [])
        rows = [(_FIRST if own is None else own, lead) for own, lead in known]
        some = [row for row in rows if at is None or row[0] <= at] or rows
        if not some:
            raise UnknownLeadError(lead_id)
        own, lead = max(some, key=lambda row: row[0])
        return Decision.of(self._mql, lead, at or own)

    def _instants(self) -> list[datetime]:
        several = (self._as_of,) if isinstance(self._as_of, datetime) else self._as_of or ()
        return [one for one in several if isinstance(one, datetime)]

    def _sample(self, source: Database, sample: int | None, seed: int) -> set[str]:
        leads = self._tables.leads
        with closing(source.rows(f"SELECT DISTINCT {leads.id} FROM {leads.relation}")) as rows:
            keys = (key for (key,) in rows)
            if sample is None:
                return set(keys)
            # The least digests: the same keys whatever the order of the rows.
            return set(nsmallest(sample, keys, key=lambda key: _digest(f"{seed:d}:{key}")))

    def _decided(self, source: Database, rows: list[dict[str, Any]]) -> list[Decision | None]:
        known: dict[str, list[_Own]] = {}
        keys = iter(sorted({row["lead_id"] for row in rows}))
        while some := list(islice(keys, _ASKED)):
            known.update(self._leads(source, some))
        decided: list[Decision | None] = []
        for row in rows:
            leads = known.get(row["lead_id"], [])
            found = (lead for own, lead in leads if own is None or own == row["as_of"])
            lead = next(found, None)
            decided.append(None if lead is None else Decision.of(self._mql, lead, row["as_of"]))
        return decided

    def _leads(self, source: Database, keys: Sequence[str]) -> dict[str, list["_Own"]]:
        """Leads by key, each with its own instant where each row has one."""
        leads, activities = self._tables.leads, self._tables.activities
        done: dict[str, list[Activity]] = {}
        if activities is not None:
            for key, activity in self._done(source, activities, keys):
                done.setdefault(key, []).append(activity)
        own = [leads.id, leads.stage or "NULL", leads.as_of or "NULL"]
        found: dict[str, list[_Own]] = {}
        for values, key, stage, as_of in _rows(source, leads, leads.id, keys, own):
            timeline = None if activities is None else done.get(key, [])
            lead = Lead(key, values, timeline, stage=stage, unique_ids=self._tables.unique_ids)
            found.setdefault(key, []).append((None if as_of is None else moment_at(as_of), lead))
        return found

    def _done(
        self, source: Database, table: ActivityTable, keys: Sequence[str]
    ) -> Iterator[tuple[str, Activity]]:
        own = [table.lead, table.kind, table.at, table.id or "NULL"]
        for values, key, kind, at, id in _rows(source, table, table.lead, keys, own):
            if kind is not None and at is not None:
                yield key, Activity(kind, moment_at(at), values, id)

    # -- what only other runs can ------------------------------------------------------------

    def changed(self, since: Any, *, merged: bool = False) -> NoReturn:
        """
        Not in a database: only a run on DuckDB knows what has changed since.

        Raises:
            BulkError: Always.
        """
        raise BulkError(["changed: only a run on DuckDB knows what has changed since; decide all"])

    # -- its end -----------------------------------------------------------------------------

    def interrupt(self) -> None:
        super().interrupt()
        if self._stops:
            self._database.interrupt()

    def close(self) -> None:
        self._closed = True


def _rows(
    source: Database,
    table: LeadTable | ActivityTable,
    key: str,
    keys: Sequence[str],
    own: Sequence[str],
) -> Iterator[list[Any]]:
    """The rows of some leads: their fields by name, then other columns."""
    shown = ", ".join([*own, *(cell.sql for cell in table.fields.values())])
    wanted = ", ".join(map(source.dialect.text, keys))
    query = f"SELECT {shown} FROM {table.relation} WHERE {key} IN ({wanted})"
    with closing(source.rows(query)) as rows:
        for row in rows:
            told = zip(table.fields.items(), row[len(own) :], strict=True)
            values = {name: _as_held(cell.held, value) for (name, cell), value in told}
            yield [values, *row[: len(own)]]


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


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
