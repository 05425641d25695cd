"""
Arrow tables as DuckDB can read them: one column or one cell that it cannot take stops no run.
"""

from typing import TYPE_CHECKING, Any, Final

import attrs

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
    import pyarrow

    types = pyarrow.types
    foreign: dict[int, Foreign] = {}
    known = knows(connection, table)
    for place, field in enumerate(table.schema):
        column = given = table.column(place)
        if types.is_float16(field.type):
            column = column.cast(pyarrow.float32())
        elif types.is_timestamp(field.type) and field.type.tz and field.type.unit in _PER_SECOND:
            column = _countable(column)
        elif not known and not knows(connection, table.select([place])):
            foreign[place] = Foreign(str(field.type))
            column = _filled(column)
        if column is not given:
            table = table.set_column(place, field.name, column)
    return table, foreign


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


def _filled(column: Any) -> Any:
    """True where a cell is filled, else blank."""
    import pyarrow
    import pyarrow.compute

    compute: Any = pyarrow.compute
    return compute.if_else(compute.is_valid(column), True, pyarrow.scalar(None, pyarrow.bool_()))
