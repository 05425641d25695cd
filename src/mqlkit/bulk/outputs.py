"""
Rows on their way out: batches, tables of other libraries, files.

Nothing holds all rows unless it is asked for a table. A file appears whole or not at all, and
holds the same bytes whenever the same rows come in the same order, however they are batched.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, TypeAlias

from ..errors import MqlkitError
from ..tables.output import replaced
from .lines import csv_head, csv_lines, json_lines
from .statement import Kind, Output

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

RecordBatch: TypeAlias = Any
Schema: TypeAlias = Any
Reader: TypeAlias = Any
Table: TypeAlias = Any
"""Those of pyarrow, which has no types to tell a checker."""

ROWS: Final = 20_000
"""As many rows are handed on at once."""
_GROUP: Final = 100_000
"""As many rows are a group of a Parquet file: the same rows are to give the same bytes."""


class MissingLibraryError(MqlkitError, ImportError):
    """
    A table of another library is asked for, which is not installed.

    >>> raise MissingLibraryError("to_polars", "polars")
    Traceback (most recent call last):
    ...
    mqlkit.bulk.outputs.MissingLibraryError: to_polars needs polars; install it with: \
pip install polars
    """

    def __init__(self, what: str, library: str) -> None:
        super().__init__(what, library)
        self.what, self.library = what, library

    def __str__(self) -> str:
        return f"{self.what} needs {self.library}; install it with: pip install {self.library}"


def schema_of(columns: Sequence[Output]) -> Schema:
    """What the columns of an answer are in Arrow: points with three decimals, instants in UTC."""
    import pyarrow as pa

    types: dict[Kind, Any] = {
        "text": pa.string(),
        "points": pa.decimal128(18, 3),
        "moment": pa.timestamp("us", "UTC"),
        "flag": pa.bool_(),
    }
    return pa.schema([(column.name, types[column.kind]) for column in columns])


_STORED: Final[dict[Kind, str]] = {
    "text": "VARCHAR",
    "points": "DECIMAL(18, 3)",
    "moment": "TIMESTAMP WITH TIME ZONE",
    "flag": "BOOLEAN",
}


def copied(text: str, columns: Sequence[Output], path: str) -> str:
    """
    A statement of DuckDB that writes an answer to a Parquet file, with the columns of `schema_of`.

    Args:
        text: What asks for the rows.
        columns: Their columns.
        path: The file, as text of SQL.
    """
    cells = ", ".join(f'CAST("{c.name}" AS {_STORED[c.kind]}) AS "{c.name}"' for c in columns)
    # A column may be blank, whatever these rows hold: without this one, which never comes, DuckDB
    # writes that it may not, and files of the same columns differ.
    never = f"SELECT {', '.join(['NULL'] * len(columns))} FROM range(1) AS t (i) WHERE {_NEVER}"
    return (
        f"COPY (\nSELECT {cells} FROM (\n{text}) AS answer\nUNION ALL {never}\n)\n"
        f"TO {path} (FORMAT PARQUET, COMPRESSION ZSTD, USE_TMP_FILE FALSE)"
    )


_NEVER: Final = "HASH(i) IS NULL"
"""Nothing has no hash; but the engine does not know."""


def as_schema(batch: RecordBatch, schema: Schema) -> RecordBatch:
    """The rows with the types of the answer: an engine's own may be wider, or in its zone."""
    import pyarrow as pa

    columns = [column.cast(field.type) for column, field in zip(batch.columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


class Rows(ABC):
    """Rows that come when they are asked for, each time anew."""

    @property
    @abstractmethod
    def schema(self) -> Schema:
        """The columns with their types."""

    @abstractmethod
    def batches(self) -> Generator[RecordBatch]:
        """The rows, some at a time."""

    def __iter__(self) -> Iterator[RecordBatch]:
        return self.batches()

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(self.schema.names)

    # -- tables ------------------------------------------------------------------------------

    def to_arrow_reader(self) -> Reader:
        """The rows as a stream for any library that reads Arrow; they are read once."""
        import pyarrow as pa

        return pa.RecordBatchReader.from_batches(self.schema, self.batches())

    def to_arrow(self) -> Table:
        """All rows as a table of Arrow."""
        import pyarrow as pa

        return pa.Table.from_batches(self.batches(), self.schema)

    def to_polars(self) -> "pl.DataFrame":
        """
        All rows as a frame of Polars.

        Raises:
            MissingLibraryError: Polars is not installed.
        """
        try:
            import polars as pl
        except ImportError:
            raise MissingLibraryError("to_polars", "polars") from None
        frame: pl.DataFrame = pl.from_arrow(self.to_arrow())  # type: ignore[assignment]
        return frame

    def to_pandas(self) -> "pd.DataFrame":
        """
        All rows as a frame of pandas; points are `decimal.Decimal`.

        Raises:
            MissingLibraryError: pandas is not installed.
        """
        try:
            import_module("pandas")  # what Arrow makes the frame with
        except ImportError:
            raise MissingLibraryError("to_pandas", "pandas") from None
        return self.to_arrow().to_pandas()

    # -- files -------------------------------------------------------------------------------

    def to_parquet(self, path: str | Path) -> None:
        """
        Write the rows to a Parquet file, which is replaced when all are there and not before.

        Raises:
            TableError: The place cannot be written to.
        """
        with replaced(Path(path)) as binary, closing(self.batches()) as batches:
            write_parquet(binary, self.schema, batches)

    def to_csv(self, path: str | Path) -> None:
        """
        Write the rows to a CSV file in UTF-8, as `to_parquet` does; a blank is an empty cell.

        Cells are written as they are: a text that starts with ``=`` is a formula to a
        spreadsheet.

        Raises:
            TableError: The place cannot be written to.
        """
        self._to_lines(path, csv_head(self.schema.names), csv_lines)

    def to_jsonl(self, path: str | Path) -> None:
        """
        Write the rows to a file of JSON Lines, as `to_parquet` does; a blank is ``null``.

        Raises:
            TableError: The place cannot be written to.
        """
        self._to_lines(path, b"", json_lines)

    def _to_lines(self, path: str | Path, head: bytes, lines: Callable[[Any], bytes]) -> None:
        with replaced(Path(path)) as binary, closing(self.batches()) as batches:
            binary.write(head)
            for batch in batches:
                binary.write(lines(batch))


def write_parquet(binary: IO[bytes], schema: Schema, batches: Iterable[RecordBatch]) -> None:
    """Write rows as Parquet, in groups of one size."""
    import pyarrow.parquet as pq

    with pq.ParquetWriter(binary, schema, compression="zstd") as writer:
        for table in _groups(schema, batches):
            writer.write_table(table, row_group_size=_GROUP)


def _groups(schema: Schema, batches: Iterable[RecordBatch]) -> Iterator[Table]:
    """The rows in tables of one size, each in one piece."""
    import pyarrow as pa

    held: list[RecordBatch] = []
    count = 0
    for batch in batches:
        while count + batch.num_rows >= _GROUP:
            taken = _GROUP - count
            yield pa.Table.from_batches([*held, batch.slice(0, taken)], schema).combine_chunks()
            batch, held, count = batch.slice(taken), [], 0
        held.append(batch)
        count += batch.num_rows
    if count:
        yield pa.Table.from_batches(held, schema).combine_chunks()


def read_parquet(path: Path) -> Generator[RecordBatch]:
    """The rows of a file that `write_parquet` made."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(ROWS)
