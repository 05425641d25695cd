"""
Rows of a file, one after the other: CSV, JSON Lines or Parquet.

A row that cannot be read is refused with its number and the next one is read; a file that cannot
be read at all is a `TableError`.
"""

import csv
import io
import json
import math
import os
import re
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, Any, Final, Literal, NamedTuple, TypeAlias, cast

import attrs

from ..errors import MissingExtraError
from ..value import printable
from .fault import TableError, Tally
from .mapping import Layout

Format: TypeAlias = Literal["csv", "jsonl", "parquet"]

FORMATS: Final[Mapping[str, Format]] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
_MOST_LINES: Final = 1_000
"""Lines of one row: a quote that is never closed must not swallow the file."""
_OBJECT: Final = re.compile(r'\s*\{\s*("|\}|$)')
"""How a line of JSON begins, and no header of a CSV file."""
_MARKS: Final = re.compile(r'[",;:\t{}\[\]]')
_LONGEST_LOST: Final = 10_000
_SPOILED: Final = re.compile("[\\x00\\ud800-\\udfff]")


class Broken(NamedTuple):
    """What is wrong with a record that is no row, and its text."""

    problem: str
    text: str


class Row(NamedTuple):
    """A row with its number."""

    number: int
    cells: Mapping[str, Any]


@attrs.frozen
class Sheet:
    """
    An open file.

    Args:
        columns: The names in its header; None where a file has none (JSON Lines).
        rows: Each row once, as it is read.
        share: How much of it is read, from 0 to 1; None when nobody can say.
        text_only: Whether every cell is text (CSV).
    """

    columns: tuple[str, ...] | None
    rows: Iterator[Row]
    share: Callable[[], float | None]
    text_only: bool = False


def format_of(path: str, stated: str | None = None) -> Format:
    """
    The format of a file, by its ending.

    Args:
        path: ``-`` is standard input or output.
        stated: The format, where the ending does not say.

    Raises:
        TableError: the ending says nothing.

    >>> format_of("leads.csv"), format_of("-", "jsonl")
    ('csv', 'jsonl')
    """
    if stated is not None:
        if stated not in FORMATS.values():
            raise TableError(f"there is no format {stated!r}; known are csv, jsonl, parquet")
        return cast(Format, stated)
    if path == "-":
        return "csv"
    ending = Path(path).suffix.lower()
    if ending not in FORMATS:
        raise TableError(
            f"{path}: the ending {ending!r} says no format; known are {', '.join(FORMATS)}"
        )
    return FORMATS[ending]


@contextmanager
def open_sheet(
    path: str, tally: Tally, layout: Layout | None = None, stated: str | None = None
) -> Generator[Sheet]:
    """
    The rows of a file.

    Args:
        path: The file; ``-`` is standard input.
        tally: Told of every row that is read or refused.
        layout: How the file is written.
        stated: The format, where the ending does not say.

    Raises:
        TableError: it cannot be read at all.
        MissingExtraError: it is Parquet and pyarrow is not installed.
    """
    format_ = format_of(path, stated)
    layout = layout or Layout()
    with _opened(path) as binary:
        if format_ == "parquet":
            yield _parquet(binary, tally)
        elif format_ == "jsonl":
            yield _json_lines(binary, tally, layout, _share(binary))
        else:
            delimiter = layout.delimiter or ("\t" if path.lower().endswith(".tsv") else ",")
            layout = attrs.evolve(layout, delimiter=delimiter)
            yield _csv(binary, tally, layout, _share(binary))


@contextmanager
def _opened(path: str) -> Generator[IO[bytes]]:
    if path == "-":
        yield sys.stdin.buffer
        return
    try:
        binary = open(path, "rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise TableError(f"{path}: {error.strerror or 'cannot be opened'}") from None
    with binary:
        yield binary


def _share(binary: IO[bytes]) -> Callable[[], float | None]:
    """How much of a file is read."""
    try:
        size = os.fstat(binary.fileno()).st_size if binary.seekable() else 0
    except (OSError, ValueError):
        size = 0
    return (lambda: min(1.0, binary.tell() / size)) if size else (lambda: None)


def _text(binary: IO[bytes], tally: Tally, layout: Layout) -> Iterator[str]:
    """
    The lines of a text file.

    Bytes that are no text in its encoding are kept as lone surrogates, to be reported with the
    row and the column that they stand in.
    """
    encoding = "utf-8-sig" if layout.encoding == "utf-8" else layout.encoding
    # Not closed with the wrapper: standard input belongs to the caller.
    text = io.TextIOWrapper(binary, encoding=encoding, errors="surrogateescape", newline="")
    try:
        first = text.readline()
        if first.startswith(("\udcff\udcfe", "\udcfe\udcff")):
            raise TableError(f'{tally.source}: is UTF-16; say encoding = "utf-16" in the mapping')
        if first:
            yield first
        yield from text
    except UnicodeError:
        raise TableError(f"{tally.source}: is not written in {layout.encoding}") from None
    finally:
        if not binary.closed:
            text.detach()


# -- CSV ---------------------------------------------------------------------------------------


class _Lines:
    """Lines for a CSV reader, which can be given back when a row turns out to be broken."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._back: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if len(self.taken) >= _MOST_LINES:
            raise csv.Error(f"goes on for more than {_MOST_LINES:,} lines")
        line = self._back.popleft() if self._back else next(self._lines)
        self.taken.append(line)
        return line

    def give_back(self) -> None:
        """All but the first line of the broken row, to be read as rows of their own."""
        self._back.extendleft(reversed(self.taken[1:]))


def _csv(
    binary: IO[bytes], tally: Tally, layout: Layout, share: Callable[[], float | None]
) -> Sheet:
    lines = _text(binary, tally, layout)
    first = next(lines, "")
    if _OBJECT.match(first):
        raise TableError(
            f"{tally.source}: starts with '{{', as JSON Lines does, and is read as CSV; "
            + ("say --format jsonl" if tally.source == "-" else "give it the ending .jsonl")
        )
    records = _records(_Lines(chain([first] if first else [], lines)), layout.delimiter)
    header = next((cells for _, cells in records if cells), None)
    if not isinstance(header, list):
        raise TableError(f"{tally.source}: is empty; wanted a first row with the columns' names")
    columns = tuple(name.strip() for name in header)
    _check_header(columns, tally)
    return Sheet(columns, _csv_rows(records, columns, tally), share, text_only=True)


def _records(lines: _Lines, delimiter: str) -> Iterator[tuple[int, list[str] | Broken]]:
    """Each record with its number."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        lines.taken.clear()
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            text = lines.taken[0]
            lines.give_back()
            problem = f"is broken: {printable(str(error))}; look for a quote out of place"
            yield number, Broken(problem, text)


def _csv_rows(
    records: Iterable[tuple[int, list[str] | Broken]], columns: tuple[str, ...], tally: Tally
) -> Iterator[Row]:
    for number, cells in records:
        if not cells:
            continue  # An empty line is no row; spreadsheets count it, so the number goes on.
        tally.read += 1
        if isinstance(cells, Broken):
            tally.lost |= _words(cells.text)
            tally.refuse(number, cells.problem)
        elif len(cells) != len(columns):
            tally.lost.update(map(str.strip, cells))
            tally.refuse(number, f"has {len(cells)} cells, and the header has {len(columns)}")
        else:
            # Spaces around a cell are an accident of whoever typed it: "hotel " is "hotel".
            yield Row(number, dict(zip(columns, map(str.strip, cells), strict=True)))


def _words(text: str) -> set[str]:
    """What stands between the marks of a row that could not be read."""
    return set(map(str.strip, _MARKS.split(text[:_LONGEST_LOST])))


def _check_header(columns: tuple[str, ...], tally: Tally) -> None:
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        shown = ", ".join(repr(printable(name)) for name in twice[:5])
        raise TableError(f"{tally.source}: the header has {shown} more than once")


# -- JSON Lines --------------------------------------------------------------------------------


def _json_lines(
    binary: IO[bytes], tally: Tally, layout: Layout, share: Callable[[], float | None]
) -> Sheet:
    return Sheet(None, _json_rows(_text(binary, tally, layout), tally), share)


def _json_rows(lines: Iterable[str], tally: Tally) -> Iterator[Row]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        tally.read += 1
        try:
            data = json.loads(
                line,
                object_pairs_hook=_object,
                parse_constant=_no_constant,
                parse_float=_finite,
            )
        except RecursionError:
            tally.lost |= _words(line)
            tally.refuse(number, "is nested too deep")
        except ValueError as error:
            tally.lost |= _words(line)
            tally.refuse(number, f"is no JSON: {printable(str(error), 100)}")
        else:
            if isinstance(data, dict):
                yield Row(number, data)
            else:
                tally.refuse(number, 'is not an object, such as {"id": "1"}')


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        raise ValueError("a key comes twice")
    return data


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no number in JSON; leave a blank out, or write null")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("a number beyond what a computer counts with")
    return number


# -- Parquet -----------------------------------------------------------------------------------


def _parquet(binary: IO[bytes], tally: Tally) -> Sheet:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError("reading Parquet", "parquet") from None
    try:
        file = pyarrow.parquet.ParquetFile(binary if binary.seekable() else _whole(binary))
    except (pyarrow.ArrowException, OSError):
        raise TableError(f"{tally.source}: is no Parquet file") from None
    columns = tuple(file.schema_arrow.names)
    _check_header(columns, tally)
    total: int = file.metadata.num_rows

    def share() -> float:
        return tally.read / total if total else 1.0

    return Sheet(columns, _parquet_rows(file, tally), share)


def _whole(binary: IO[bytes]) -> IO[bytes]:
    return io.BytesIO(binary.read())


def _parquet_rows(file: Any, tally: Tally) -> Iterator[Row]:
    import pyarrow

    try:
        for batch in file.iter_batches(batch_size=1_000):
            for cells in batch.to_pylist():
                tally.read += 1
                yield Row(tally.read, cells)
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError):
        raise TableError(f"{tally.source}: is damaged after row {tally.read}") from None


def spoiled(text: str) -> bool:
    """Whether a text holds what is no text in its encoding, or a NUL."""
    return _SPOILED.search(text) is not None
