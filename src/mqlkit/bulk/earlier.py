"""
An earlier answer, and what of it still holds.

A row of it holds as long as nothing that is known of its lead has changed and no instant has
come at which the answer may change with nothing new: its `changes_at`. What is known is compared
by a digest, so it does not matter how or when anything came, or went.
"""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, Final, cast

import attrs

from ..value import micros_of
from .deciding import Only
from .outputs import RecordBatch, Table, read_parquet
from .question import INPUTS_HASH, Question, hashes, scanned
from .refusals import BulkError
from .sessions import Session
from .statement import Kind, Output

NEEDED: Final = ("lead_id", "as_of", "fingerprint", "changes_at", INPUTS_HASH)
"""What tells whether a row still holds."""
_LACKS: Final = "the earlier answer has no column '{}'{}"
_HOW: Final = {name: f"; decide with {name}=True" for name in ("changes_at", INPUTS_HASH)}
_KINDS: Final[dict[Kind, str]] = {
    "text": "text",
    "points": "decimals",
    "moment": "instants with a time zone",
    "flag": "flags",
}
_SINCE_1970: Final = "EPOCH_US(CAST(earlier.{} AS TIMESTAMP WITH TIME ZONE))"
"""Other libraries keep nanoseconds, of which DuckDB makes no number."""
_NUMBER: Final = count()
"""Of the tables that are made in a connection that may be the caller's."""


@attrs.frozen(eq=False)
class Earlier:
    """
    An earlier answer.

    Args:
        held: A table of Arrow, or the path of a Parquet file.
        names: Its columns.
    """

    held: Table | Path
    names: tuple[str, ...]

    @staticmethod
    def of(given: Any, needed: Iterable[str], outputs: Iterable[Output] = ()) -> "Earlier":
        """
        What is given as an earlier answer.

        Args:
            given: The path of a Parquet file, or a table, reader or frame.
            needed: The columns that it must have.
            outputs: Columns that must be of their kind if they are there.

        Raises:
            BulkError: It is no answer, or a column is not there or of another kind.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        held: Any
        if isinstance(given, str | Path):
            held = Path(given)
            try:
                schema: Any = pq.read_schema(held)
            except (OSError, pa.ArrowInvalid) as error:
                is_there = "is no Parquet file" if held.is_file() else "there is no such file"
                raise BulkError([f"the earlier answer, {held}: {is_there}"]) from error
        else:
            held = given if isinstance(given, pa.Table) else _table(given)
            schema = held.schema
        names = tuple(schema.names)
        lacking = [name for name in needed if name not in names]
        if lacking:
            raise BulkError(_LACKS.format(name, _HOW.get(name, "")) for name in lacking)
        _check_kinds(schema, outputs)
        return Earlier(held, names)

    def batches(self) -> Iterator[RecordBatch]:
        """Its rows, without asking an engine."""
        if isinstance(self.held, Path):
            return read_parquet(self.held)
        return iter(self.held.to_batches())

    @contextmanager
    def opened(self, session: Session) -> Generator[str]:
        """What stands behind FROM in a session, as long as it is needed."""
        if isinstance(self.held, Path):
            yield scanned(self.held)
            return
        name = f"mqlkit_earlier_{next(_NUMBER)}"
        connection = session.connection
        connection.register(name, self.held)
        try:
            yield name
        finally:
            connection.unregister(name)


def _check_kinds(schema: Any, outputs: Iterable[Output]) -> None:
    """
    Raises:
        BulkError: A column is of another kind; tells all of them.
    """
    faults: list[str] = []
    for out in outputs:
        found = [field.type for field in schema if field.name == out.name]
        if len(found) > 1:
            faults.append(f"the earlier answer has the column {out.name!r} more than once")
        if found and not _is_of(out.kind, found[0]):
            faults.append(
                f"the earlier answer: the column {out.name!r} holds {found[0]}, "
                f"not {_KINDS[out.kind]}; write it as the run gives it"
            )
    if faults:
        raise BulkError(faults)


def _is_of(kind: Kind, type_: Any) -> bool:
    """Whether an Arrow type holds values of a kind, or nothing at all."""
    import pyarrow as pa

    types: Any = pa.types
    if types.is_dictionary(type_):
        type_ = type_.value_type
    tests: dict[Kind, tuple[Callable[[Any], bool], ...]] = {
        "text": (types.is_string, types.is_large_string, types.is_string_view),
        "points": (types.is_decimal,),
        "moment": (lambda t: types.is_timestamp(t) and t.tz is not None,),
        "flag": (types.is_boolean,),
    }
    return any(test(type_) for test in (types.is_null, *tests[kind]))


def _table(given: Any) -> Any:
    """A reader, or a frame of another library, as a table of Arrow."""
    import pyarrow as pa

    if hasattr(given, "read_all"):
        return given.read_all()
    if hasattr(given, "__arrow_c_stream__"):
        return pa.table(given)
    raise BulkError(
        ["the earlier answer is the path of a Parquet file, a table of Arrow or a Run, "
         f"not {type(given).__name__}"]
    )  # fmt: skip


@attrs.frozen(eq=False)
class Since:
    """
    Which leads of a run are decided again, and which rows stay.

    Args:
        earlier: The answer that there is.
        merged: Whether rows that stay are part of the new answer.
    """

    earlier: Earlier
    merged: bool

    @contextmanager
    def only(
        self, session: Session, question: Question, columns: tuple[str, ...]
    ) -> Generator[Only]:
        """
        The leads to decide again, as long as it takes.

        Raises:
            BulkError: A lead has several rows in the earlier answer.
        """
        connection = session.connection
        table = f"mqlkit_leads_{next(_NUMBER)}"
        with self.earlier.opened(session) as earlier:
            twice = connection.execute(
                f"SELECT lead_id FROM {earlier} GROUP BY lead_id HAVING COUNT(*) > 1 LIMIT 1"
            ).fetchall()
            if twice:
                raise BulkError(
                    [f"the earlier answer has several rows for the lead {twice[0][0]!r}"]
                )
            digests = hashes(session.opened.tables, question.salt)
            holds = self._holds(question, columns)
            connection.execute(
                f"CREATE TEMP TABLE {table} AS "
                f"SELECT now.lead_id, {holds} AS holds FROM ({digests}) AS now "
                f"LEFT JOIN {earlier} AS earlier USING (lead_id)"
            )
            try:
                keys = f"SELECT lead_id FROM {table} WHERE NOT holds"
                stays = f"SELECT lead_id FROM {table} WHERE holds"
                beside = self._beside(earlier, question, columns, stays) if self.merged else None
                yield Only(keys, beside)
            finally:
                connection.execute(f"DROP TABLE {table}")

    def _holds(self, question: Question, columns: tuple[str, ...]) -> str:
        if self.earlier.names != columns:  # another question
            return "FALSE"
        now = _micros(question)
        decided, changes = map(_SINCE_1970.format, ("as_of", "changes_at"))
        same = (
            f"now.{INPUTS_HASH} = earlier.{INPUTS_HASH}",
            f"earlier.fingerprint = '{question.qualification.fingerprint}'",
            f"{decided} <= {now}",
            f"COALESCE({changes} > {now}, TRUE)",
        )
        return f"COALESCE({' AND '.join(same)}, FALSE)"

    def _beside(
        self, earlier: str, question: Question, columns: tuple[str, ...], keys: str
    ) -> str | None:
        if self.earlier.names != columns:
            return None
        names = ", ".join(f'"{name}"' for name in columns)
        return (
            f"SELECT {names} FROM ("
            f"SELECT * REPLACE (MAKE_TIMESTAMPTZ({_micros(question)}) AS as_of) FROM {earlier} "
            f" WHERE lead_id IN ({keys})) AS stays"
        )


def _micros(question: Question) -> int:
    return micros_of(cast(datetime, question.as_of))  # `Run.changed` has seen to it
