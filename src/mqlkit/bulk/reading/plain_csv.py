"""
CSV files that DuckDB and the core's reader cannot read differently.

Readers of CSV agree about files of plain form, and each has its own way with all others. So a file
is looked at first, byte by byte: every quote where it belongs, no empty line, no stray sign of a
line's end, and nothing that is no UTF-8. Any other file is for the core's reader.
"""

import codecs
import csv
import glob
import mmap
import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from ...tables.mapping import Layout
from .frames import Relation
from .spelling import parquet, quoted, stripped, text
from .staging import Staging

if TYPE_CHECKING:
    import duckdb

_CHUNK: Final = 1 << 22
_MOST_LINES: Final = 1_000
"""A row of more is broken to the core."""


def plain_csv(
    connection: "duckdb.DuckDBPyConnection",
    path: str,
    columns: tuple[str, ...],
    layout: Layout,
    staging: Staging,
) -> Relation | None:
    """
    A CSV file kept as columns of text, without white space around its cells; None for a file
    that is not plain.

    Args:
        connection: In which it is read.
        path: The file.
        columns: Its header.
        layout: How it is written; with its delimiter.
        staging: Where the columns are kept.
    """
    if len(columns) < 2 or layout.encoding != "utf-8":
        return None
    counts = _plain_counts(path, layout.delimiter)
    if counts is None:
        return None
    lines, marks = counts
    # DuckDB passes over an empty cell too many at the end of a row, which is broken to the core.
    marks -= lines * (len(columns) - 1) + "".join(columns).count(layout.delimiter)
    kept = str(staging.path())
    names = [f"c{number}" for number in range(len(columns))]
    if not _copied(connection, path, names, layout.delimiter, kept):
        return None
    found = parquet(kept)
    if not _same(connection, found, names, layout.delimiter, (lines, marks)):
        return None
    types = connection.sql(f"SELECT * FROM {found}").types
    own = tuple(zip(columns, names, types, strict=True))
    return Relation(path, found, own, file=True, first=2, clean=True)


def _plain_counts(path: str, delimiter: str) -> tuple[int, int] | None:
    """How many lines and delimiters a file of plain form has; None for another."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if not _is_utf8(data):
            return None
        body: Any = data
        if not _quotes_fit(delimiter).fullmatch(body) or _STRANGE.search(body):
            return None
        first = data.find(b"\n")
        header = data[: first if first >= 0 else len(data)]
        if header.count(b'"') % 2 or not header.strip():
            return None
        return _count(data, b"\n") + (data[-1:] != b"\n"), _count(data, delimiter.encode())


def _is_utf8(data: mmap.mmap) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), _CHUNK):
            decoder.decode(data[start : start + _CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _count(data: mmap.mmap, mark: bytes) -> int:
    """How often a mark is there."""
    chunks = range(0, len(data), _CHUNK)
    return sum(data[start : start + _CHUNK].count(mark) for start in chunks)


_STRANGE: Final = re.compile(rb"\x00|\r(?!\n)|\n\r?\n")
"""A NUL, a line's end of another kind, and an empty line."""


def _quotes_fit(delimiter: str) -> re.Pattern[bytes]:
    """A text in which quotes stand around whole cells, and doubled within them."""
    mark = re.escape(delimiter.encode())
    before = rb"(?:(?<=\n)|(?<=" + mark + rb")|(?<![\s\S]))"
    after = rb"(?=\r?\n|" + mark + rb"|\Z)"
    return re.compile(rb'(?:[^"]*+' + before + rb'"(?:[^"]++|"")*+"' + after + rb')*+[^"]*+')


def _copied(
    connection: "duckdb.DuckDBPyConnection", path: str, names: list[str], mark: str, kept: str
) -> bool:
    import duckdb

    types = ", ".join(f"{text(name)}: 'VARCHAR'" for name in names)
    options = (
        f"auto_detect = false, header = true, delim = {text(mark)}, quote = '\"', escape = '\"', "
        f"nullstr = '', strict_mode = true, hive_partitioning = false, columns = {{{types}}}"
    )
    cells = ", ".join(f"NULLIF({stripped(quoted(name))}, '') AS {name}" for name in names)
    literal = text(_literal(path))
    try:
        with _in_order(connection):
            connection.sql(f"SELECT {cells} FROM read_csv([{literal}], {options})").to_parquet(kept)
    except duckdb.Error:
        return False
    return True


def _literal(path: str) -> str:
    """A path in which nothing stands for other files."""
    return glob.escape(path)


@contextmanager
def _in_order(connection: "duckdb.DuckDBPyConnection") -> Generator[None]:
    """Rows stay in their order."""
    ((before,),) = connection.sql("SELECT current_setting('preserve_insertion_order')").fetchall()
    connection.execute("SET preserve_insertion_order = true")
    try:
        yield
    finally:
        connection.execute(f"SET preserve_insertion_order = {str(bool(before)).lower()}")


def _same(
    connection: "duckdb.DuckDBPyConnection",
    kept: str,
    names: list[str],
    mark: str,
    counts: tuple[int, int],
) -> bool:
    """Whether every line and cell is there, and no cell and no row is one that the core refuses."""
    joined = f"CONCAT({', '.join(names)})"
    longest = ", ".join(f"LENGTH({name})" for name in names)
    ends, marks = (
        f"LENGTH({joined}) - LENGTH(REPLACE({joined}, {text(one)}, ''))" for one in ("\n", mark)
    )
    ((rows, most, ends_within, marks_within, length),) = connection.sql(
        "SELECT COUNT(*), MAX(ends), SUM(ends), SUM(marks), MAX(longest) FROM (SELECT "
        f"{ends} AS ends, {marks} AS marks, GREATEST({longest}) AS longest FROM {kept})"
    ).fetchall()
    within = int(ends_within or 0)
    # A line's end within a cell ends no row, so it brings no delimiters.
    wanted = rows + within + 1, int(marks_within or 0) - within * (len(names) - 1)
    fits = (most or 0) < _MOST_LINES - 1 and (length or 0) <= csv.field_size_limit()
    return bool(fits and wanted == counts)
