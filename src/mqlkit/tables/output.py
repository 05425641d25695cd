"""
Decisions as rows of a file: CSV, JSON Lines or Parquet.

A file appears whole or not at all: it is written beside its place and moved there at the end.
Numbers are exact. Cells are written as they are: a text that starts with ``=`` is a formula to a
spreadsheet, so open files with leads' own words in them as text.
"""

import csv
import io
import json
import os
import secrets
import shutil
import sys
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import IO, Any, ClassVar, Final, cast

from ..decision import Decision
from ..errors import MissingExtraError
from ..points import in_points
from ..qualification import Qualification
from .fault import TableError
from .source import Format, format_of

_ENDS: Final = ("low", "points", "high")
_JOINT: Final = "; "


def score_column(name: str, end: str) -> str:
    """
    The column of one end of a score.

    >>> score_column("total", "points"), score_column("fit", "high")
    ('score.total', 'score.fit.high')
    """
    return ".".join(["score", name, *([] if end == "points" else [end])])


def columns_of(qualification: Qualification, *, changes_at: bool = False) -> tuple[str, ...]:
    """
    The columns of the rows that `row_of` makes, in order.

    Raises:
        TableError: two scores would share a column, such as those called ``fit`` and ``fit.low``.
    """
    scores = (score_column(name, end) for name in qualification.score_names for end in _ENDS)
    grades = (f"grade.{name}" for name in qualification.grades)
    last = ("labels", "missing", "name", "version", "fingerprint", "as_of")
    dated = ("changes_at",) if changes_at else ()
    columns = ("lead", "status", "reasons", *scores, *grades, *last, *dated)
    for name, times in Counter(columns).items():
        if times > 1:
            raise TableError(f"two scores would be the column {name!r}; call one otherwise")
    return columns


def row_of(decision: Decision, *, changes_at: bool = False) -> dict[str, Any]:
    """
    A decision as one flat row: points as `Decimal`, instants as datetimes, lists as lists.

    What is missing stands in the order of its names, which is the same whichever engine decided;
    the order to ask in is told by `Decision.missing` and by ``mqlkit explain``.

    Args:
        decision: The decision.
        changes_at: Whether to tell when to look again, which takes a while to find.
    """
    q = decision.qualification
    row: dict[str, Any] = {
        "lead": decision.lead.id,
        "status": str(decision.status),
        "reasons": list(decision.reasons),
    }
    for name, score in decision.scores.items():
        for end in _ENDS:
            row[score_column(name, end)] = in_points(getattr(score.millis, end))
    row |= {f"grade.{name}": grade for name, grade in decision.grades.items()}
    row |= {
        "labels": list(decision.labels),
        "missing": sorted(missing.field for missing in decision.missing),
        "name": q.name,
        "version": q.version,
        "fingerprint": q.fingerprint,
        "as_of": decision.as_of,
    }
    return row | ({"changes_at": decision.changes_at} if changes_at else {})


class Output(ABC):
    """Where decisions are written to."""

    @abstractmethod
    def write(self, row: Mapping[str, Any]) -> None:
        """One more row, as `row_of` makes it."""

    def finish(self) -> None:  # noqa: B027 - most have nothing left to do
        """Everything is written."""

    def abandon(self) -> None:  # noqa: B027 - most have nothing to let go
        """The run has failed, and so has what was written."""


@contextmanager
def open_output(
    path: str, columns: tuple[str, ...], stated: str | None = None
) -> Generator[Output]:
    """
    A place for rows.

    Args:
        path: The file, replaced when all is written and not before; ``-`` is standard output.
        columns: As `columns_of` tells them.
        stated: The format, where the ending does not say.

    Raises:
        TableError: the place cannot be written to.
        MissingExtraError: it is Parquet and pyarrow is not installed.
    """
    make = _OUTPUTS[format_of(path, stated)]
    with place(path) as binary:
        output = make(binary, columns)
        try:
            yield output
        except BaseException:
            output.abandon()
            raise
        output.finish()


@contextmanager
def place(path: str) -> Generator[IO[bytes]]:
    """A file that appears whole or not at all; ``-`` is standard output."""
    if path != "-":
        with replaced(Path(path)) as binary:
            yield binary
        return
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()


@contextmanager
def replaced(path: Path) -> Generator[IO[bytes]]:
    """A file beside *path* that takes its place at the end, or vanishes."""
    given, path = path, path.resolve()  # A link stays one; what it leads to is replaced.
    if path.exists() and not path.is_file():
        with _written(path, "wb", given) as binary:  # A device or a pipe cannot be replaced.
            yield binary
        return
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with _written(beside, "xb", given) as binary:
            yield binary
        if path.exists():
            shutil.copymode(path, beside)
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _written(path: Path, mode: str, given: Path) -> IO[bytes]:
    try:
        return cast("IO[bytes]", open(path, mode))
    except OSError as error:
        raise TableError(f"{given}: {error.strerror or 'cannot be written'}") from None


class _Csv(Output):
    def __init__(self, binary: IO[bytes], columns: tuple[str, ...]) -> None:
        self._binary, self._columns = binary, columns
        self._text = io.StringIO(newline="")
        self._writer = csv.writer(self._text, lineterminator="\n")
        self._begun = False

    def write(self, row: Mapping[str, Any]) -> None:
        self._begin()
        self._put([_cell(row.get(name)) for name in self._columns])

    def finish(self) -> None:
        self._begin()

    def _begin(self) -> None:
        """The header, once: a run that fails at its start must not look like one of no leads."""
        if not self._begun:
            self._begun = True
            self._put(self._columns)

    def _put(self, cells: Any) -> None:
        self._writer.writerow(cells)
        self._binary.write(self._text.getvalue().encode("utf-8", "replace"))
        self._text.seek(0)
        self._text.truncate()


def _cell(value: object) -> object:
    match value:
        case list():
            return _JOINT.join(value)
        case Decimal():
            return f"{value:f}"
        case None | str():
            return value
        case _:
            return value.isoformat()  # type: ignore[attr-defined]


class _JsonLines(Output):
    def __init__(self, binary: IO[bytes], columns: tuple[str, ...]) -> None:
        self._binary, self._columns = binary, columns

    def write(self, row: Mapping[str, Any]) -> None:
        data = {name: _plain(row.get(name)) for name in self._columns}
        line = json.dumps(data, ensure_ascii=False, separators=(", ", ": ")) + "\n"
        self._binary.write(line.encode("utf-8", "replace"))


def _plain(value: object) -> object:
    """A value for JSON; the shortest spelling of a float of whole thousandths is exact."""
    match value:
        case Decimal():
            return int(value) if value == int(value) else float(value)
        case None | str() | list():
            return value
        case _:
            return value.isoformat()  # type: ignore[attr-defined]


class _Parquet(Output):
    batch: ClassVar[int] = 5_000

    def __init__(self, binary: IO[bytes], columns: tuple[str, ...]) -> None:
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError:
            raise MissingExtraError("writing Parquet", "parquet") from None
        self._pa = pa
        self._schema = pa.schema([(name, arrow_type(name)) for name in columns])
        self._open: Callable[[], Any] = partial(pq.ParquetWriter, binary, self._schema)
        self._writer: Any = None  # Not before the first rows: see `_Csv`.
        self._rows: list[Mapping[str, Any]] = []

    def write(self, row: Mapping[str, Any]) -> None:
        self._rows.append(row)
        if len(self._rows) >= self.batch:
            self._flush()

    def _flush(self) -> None:
        if self._writer is None:
            self._writer = self._open()
        self._writer.write_table(self._pa.Table.from_pylist(self._rows, schema=self._schema))
        self._rows = []

    def finish(self) -> None:
        self._flush()
        self._writer.close()

    def abandon(self) -> None:
        if self._writer is not None:
            self._writer.close()


def arrow_type(name: str) -> Any:
    """The Arrow type of a column of `columns_of`, by its name."""
    import pyarrow as pa

    if name.startswith("score."):
        return pa.decimal128(38, 3)
    if name in ("reasons", "labels", "missing"):
        return pa.list_(pa.string())
    return pa.timestamp("us", "UTC") if name in ("as_of", "changes_at") else pa.string()


_OUTPUTS: Final[Mapping[Format, Any]] = {"csv": _Csv, "jsonl": _JsonLines, "parquet": _Parquet}
