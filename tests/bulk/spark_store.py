"""
Spark with the tables of `bulk.tabular`: its session is far from UTC.
"""

import os
import re
import shutil
from collections.abc import Mapping
from typing import Any

import pytest
from bulk.tabular import DuckDBStore, World, activity_columns, lead_columns, tables_of

from mqlkit.bulk.dialects.base import Dialect
from mqlkit.bulk.dialects.spark import Spark
from mqlkit.bulk.statement import Statement
from mqlkit.bulk.tables import Tables

SETTINGS: Mapping[str, str] = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "2g",
    "spark.log.level": "ERROR",
    "spark.sql.session.timeZone": "America/New_York",
    "spark.sql.shuffle.partitions": "2",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
_PYTHON = ("BatchEvalPython", "ArrowEvalPython", "MapInPandas", "PythonUDF", "PythonMapIn")


def start(folder: str) -> Any:
    """A session of two threads; skips the test where there is no Java."""
    if "JAVA_HOME" not in os.environ and shutil.which("java") is None:
        pytest.skip("Spark needs Java")
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").appName("mqlkit tests")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    return builder.config("spark.sql.warehouse.dir", folder).getOrCreate()


class SparkStore:
    """Spark, each world in two views of its session."""

    dialect: Dialect = Spark()

    def __init__(self, session: Any) -> None:
        self.session = session

    def write(self, world: World) -> Tables:
        self.frames(world)
        return tables_of(world, self.dialect, self.cell)

    def frames(self, world: World) -> tuple[Any, Any]:
        """The same as frames: the leads, and the activities."""
        made = []
        for name, columns in (
            ("leads_raw", lead_columns(world)),
            ("acts_raw", activity_columns(world)),
        ):
            frame = self.session.createDataFrame(DuckDBStore._table(columns))
            frame.createOrReplaceTempView(name)
            made.append(frame)
        return made[0], made[1]

    def cell(self, column: str, stored: str) -> str:
        """How a stored column is read."""
        if stored == "date":
            return f"CAST(UNIX_DATE({column}) AS BIGINT) * 86400000000"
        held: Any = "moment" if stored == "instant" else stored
        return self.dialect.cell(column, held)

    def rows(self, statement: Statement) -> list[dict[str, Any]]:
        return answered(self.session.sql(statement.text), statement)


def answered(frame: Any, statement: Statement) -> list[dict[str, Any]]:
    """A frame in the shape that `bulk.identity` compares."""
    quoted = SparkStore.dialect.quoted
    shown = [
        f"UNIX_MICROS({quoted(out.name)}) AS {quoted(out.name)}"
        if out.kind == "moment"
        else quoted(out.name)
        for out in statement.columns
    ]
    points = {out.name for out in statement.columns if out.kind == "points"}
    return [
        {name: _millis(v) if name in points else v for name, v in row.asDict().items()}
        for row in frame.selectExpr(*shown).collect()
    ]


def _millis(points: Any) -> int:
    millis = points * 1000
    assert millis == int(millis)
    return int(millis)


class Plan:
    """
    The physical plan of a frame.

    Args:
        frame: Nothing of it has run.
    """

    def __init__(self, frame: Any) -> None:
        self.text: str = frame._jdf.queryExecution().executedPlan().toString()

    def lines(self, operator: str) -> list[str]:
        """The lines of an operator, without the numbers of columns."""
        found = []
        for line in self.text.splitlines():
            plain = re.sub(r"#\d+L?", "", line.lstrip(" :+-*()0123456789"))
            if plain.startswith(operator):
                found.append(plain)
        return found

    def exchanges(self) -> list[str]:
        """The columns by which rows are exchanged."""
        return [
            line.partition("(")[2].partition(")")[0].rpartition(",")[0]
            for line in self.lines("Exchange")
        ]

    def python(self) -> list[str]:
        """Steps that leave Java for Python."""
        return [word for word in _PYTHON if word in self.text]
