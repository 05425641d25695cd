"""
Stand-ins for frames of Spark: they have a schema, and tell what is asked of their session.
"""

from collections.abc import Mapping
from typing import Any

import attrs


@attrs.frozen
class Type:
    """A type of Spark, by the name that it goes by."""

    name: str
    fields: tuple["Field", ...] = ()
    elementType: "Type | None" = None
    collation: str = "UTF8_BINARY"

    def typeName(self) -> str:
        return self.name

    def simpleString(self) -> str:
        return "int" if self.name == "integer" else self.name


@attrs.frozen
class Field:
    """A column."""

    name: str
    dataType: Type


def columns(**types: "str | Type") -> Type:
    """A schema."""
    return Type(
        "struct",
        tuple(
            Field(name, type_ if isinstance(type_, Type) else Type(type_))
            for name, type_ in types.items()
        ),
    )


class SparkSession:
    """A session that keeps the text it is given."""

    def __init__(self, settings: Mapping[str, str] | None = None, **tables: Type) -> None:
        self.conf = dict(settings or {})
        self.tables = tables
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def table(self, name: str) -> "DataFrame":
        return DataFrame(self, self.tables[name])

    def sql(self, text: str, **frames: Any) -> str:
        self.asked.append((text, frames))
        return text.format_map({name: name for name in frames})


class DataFrame:
    """A frame that has no rows."""

    def __init__(self, session: SparkSession, schema: Type) -> None:
        self.sparkSession, self.schema = session, schema


for kind in (SparkSession, DataFrame):
    kind.__module__ = "pyspark.sql.stand_in"
