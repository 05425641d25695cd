"""
Arrow tables as DuckDB can read them: one column or one cell that it cannot take stops no run.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from ...value import printable
from ..refusals import BulkError

if TYPE_CHECKING:
    import duckdb

_PER_SECOND: Final = {"s": 1, "ms": 1_000}
_FARTHEST: Final = 2**42
"""Seconds from 1970 that no calendar reaches, and that DuckDB can count in microseconds."""


@attrs.frozen
class Foreign:
    """A type that DuckDB does not know; its column tells only which cells are blank."""

    name: str
    id: str = "foreign"

    def __str__(self) -> str:
        return self.name


def readable(connection: "duckdb.DuckDBPyConnection", table: Any) -> tuple[Any, dict[int, Foreign]]:
    """
    A table whose every column DuckDB can read, and the types that it does not know.

    Args:
        connection: That will read it.
        table: An Arrow table.

    Returns:
        The table, and by their places the columns of which only the blanks are left.
    """
    foreign = _foreign(connection, table)
    return _known(table, foreign), foreign


def plain(connection: "duckdb.DuckDBPyConnection", dataset: Any) -> bool:
    """Whether DuckDB can read every column and every cell of an Arrow dataset."""
    names = dataset.schema.names
    if len(set(names)) < len(names):
        return True  # refused by these names
    if not knows(connection, dataset.schema.empty_table()):
        return False
    timed = [field.name for field in dataset.schema if _may_be_far(_value_type(field.type))]
    batches = dataset.to_batches(columns=timed) if timed else ()
    cells = (_spelled_out(column) for batch in batches for column in batch.columns)
    return all(_countable(column) is column for column in cells)


def written(
    connection: "duckdb.DuckDBPyConnection", schema: Any, batches: Iterable[Any], path: Path
) -> dict[int, Foreign]:
    """
    Keeps batches in a Parquet file, as DuckDB can read them.

    Returns:
        By their places the columns of which only the blanks are left.
    """
    _, foreign = readable(connection, schema.empty_table())
    kept(schema, batches, path, foreign)
    return foreign


def kept(
    schema: Any, batches: Iterable[Any], path: Path, foreign: Mapping[int, Foreign] | None = None
) -> None:
    """
    Keeps batches in a Parquet file, with no time that cannot be counted there.

    Args:
        schema: Of the batches.
        batches: Read once.
        path: Of the file.
        foreign: By their places the columns of which only the blanks are to be left.

    Raises:
        BulkError: A value, such as one in a list of instants, cannot be kept.
    """
    import pyarrow
    import pyarrow.parquet

    foreign = foreign or {}
    own = _known(schema.empty_table(), foreign).schema
    with pyarrow.parquet.ParquetWriter(path, own) as writer:
        for batch in batches:
            table = _known(pyarrow.Table.from_batches([batch], schema), foreign)
            try:
                writer.write_table(table)
            except pyarrow.ArrowInvalid as error:
                told = printable(str(error), 200)
                raise BulkError([f"a stream of Arrow cannot be kept: {told}"]) from error


def _known(table: Any, foreign: Mapping[int, Foreign]) -> Any:
    import pyarrow

    for place, field in enumerate(table.schema):
        column = given = table.column(place)
        if place in foreign:
            column = _filled(column)
        elif pyarrow.types.is_float16(field.type):
            column = column.cast(pyarrow.float32())
        elif _may_be_far(_value_type(field.type)):
            column = _countable(_spelled_out(column))
        if column is not given:
            table = table.set_column(place, field.name, column)
    return table


def _may_be_far(type_: Any) -> bool:
    import pyarrow

    if pyarrow.types.is_struct(type_):
        return any(_may_be_far(member.type) for member in type_)
    return pyarrow.types.is_timestamp(type_) and type_.unit in _PER_SECOND


def _value_type(type_: Any) -> Any:
    import pyarrow

    return type_.value_type if pyarrow.types.is_dictionary(type_) else type_


def _spelled_out(column: Any) -> Any:
    """A column that has its values by number as these."""
    type_ = _value_type(column.type)
    return column if type_ == column.type else column.cast(type_)


def _foreign(connection: "duckdb.DuckDBPyConnection", table: Any) -> dict[int, Foreign]:
    import pyarrow

    if knows(connection, table):
        return {}
    return {
        place: Foreign(str(field.type))
        for place, field in enumerate(table.schema)
        if not pyarrow.types.is_float16(field.type) and not knows(connection, table.select([place]))
    }


def knows(connection: "duckdb.DuckDBPyConnection", table: Any) -> bool:
    """Whether DuckDB can read every column of a frame."""
    import duckdb

    name = "mqlkit_known"
    try:
        connection.register(name, table.slice(0, 0))
        connection.sql(f"SELECT * FROM {name}").fetchall()
    except duckdb.Error:
        return False
    finally:
        connection.unregister(name)
    return True


def _countable(column: Any) -> Any:
    """Instants, those beyond what DuckDB can count as others that no calendar has."""
    import pyarrow
    import pyarrow.compute

    compute: Any = pyarrow.compute
    if isinstance(column, pyarrow.ChunkedArray):
        chunks = [_countable(chunk) for chunk in column.chunks]
        same = all(new is old for new, old in zip(chunks, column.chunks, strict=True))
        return column if same else pyarrow.chunked_array(chunks, column.type)
    if pyarrow.types.is_struct(column.type):
        return _members_countable(column)
    if not _may_be_far(column.type):
        return column
    far = _FARTHEST * _PER_SECOND[column.type.unit]
    counts = column.cast(pyarrow.int64())
    ends = compute.min_max(counts)
    least, most = ends["min"].as_py(), ends["max"].as_py()
    if least is None or (least >= -far and most <= far):
        return column
    held = compute.max_element_wise(
        compute.min_element_wise(counts, far, skip_nulls=False), -far, skip_nulls=False
    )
    return held.cast(column.type)


def _members_countable(record: Any) -> Any:
    import pyarrow

    given = [record.field(place) for place in range(record.type.num_fields)]
    members = [_countable(member) for member in given]
    if all(new is old for new, old in zip(members, given, strict=True)):
        return record
    return pyarrow.StructArray.from_arrays(members, fields=list(record.type), mask=record.is_null())


def _filled(column: Any) -> Any:
    """True where a cell is filled, else blank."""
    import pyarrow
    import pyarrow.compute

    compute: Any = pyarrow.compute
    return compute.if_else(compute.is_valid(column), True, pyarrow.scalar(None, pyarrow.bool_()))
