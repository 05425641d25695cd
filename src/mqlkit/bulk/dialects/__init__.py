"""The SQL of each engine."""

from collections.abc import Mapping
from typing import Final

from ...errors import UnknownNameError
from .base import Dialect
from .bigquery import BigQuery
from .clickhouse import ClickHouse
from .databricks import Databricks
from .datafusion import DataFusion
from .duckdb import DuckDB
from .postgres import Postgres
from .snowflake import Snowflake
from .spark import Spark
from .sqlite import SQLite
from .trino import Trino

DIALECTS: Final[Mapping[str, type[Dialect]]] = {
    kind.name: kind
    for kind in (
        DuckDB, Spark, Postgres, SQLite, ClickHouse, DataFusion,
        BigQuery, Snowflake, Trino, Databricks,
    )
}  # fmt: skip
"""By name; first those that the tests of mqlkit run."""
_ALSO: Final[Mapping[str, str]] = {"postgresql": "postgres"}


def dialect(name: str) -> Dialect:
    """
    The SQL of an engine.

    Args:
        name: Such as ``snowflake``; in any case of letters.

    Raises:
        UnknownNameError: There is none of that name.

    >>> dialect("postgresql").title, dialect("snowflake").tried
    ('PostgreSQL', False)
    """
    key = name.lower()
    kind = DIALECTS.get(_ALSO.get(key, key))
    if kind is None:
        raise UnknownNameError("dialect", name, DIALECTS)
    return kind()
