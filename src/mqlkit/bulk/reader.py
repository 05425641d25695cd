"""
The columns of a table as a definition reads them: by field and kind.
"""

from collections.abc import Mapping
from typing import Any, Final

from ..errors import did_you_mean
from ..value import WANTED, Kind, Scalar, micros_of, read_as
from .dialects.base import Dialect
from .refusals import Faults
from .sql import Layers, Sql, over
from .tables import Cell, Held, Noting

FITTING: Final[Mapping[Kind, tuple[Held, ...]]] = {
    "number": ("whole", "number"),
    "text": ("text",),
    "written": ("text",),
    "domain": ("text",),
    "flag": ("flag",),
    "moment": ("moment",),
    "items": ("items",),
    "single": ("whole", "number", "text", "flag", "moment"),
}
"""What a column may hold to be read as a kind."""
_MAPPED: Final[tuple[Kind, ...]] = ("number", "flag", "moment", "items")
"""What a mapping can make of text."""
_CALLED: Final[Mapping[Held, str]] = {
    "whole": "whole numbers",
    "number": "numbers",
    "text": "text",
    "flag": "flags",
    "moment": "instants",
    "items": "lists",
}


class Reader:
    """
    Reads the fields of one table.

    Args:
        cells: What the table has, by field.
        of: Whose fields they are, in words: ``the leads``.
        layers: Where columns are named.
        prefix: Of their names: ``f`` for fields, ``p`` for properties.
    """

    def __init__(
        self,
        cells: Mapping[str, Cell],
        of: str,
        layers: Layers,
        prefix: str,
        dialect: Dialect,
        faults: Faults,
    ) -> None:
        self.cells, self.layers, self.dialect = cells, layers, dialect
        self._of, self.prefix, self._faults = of, prefix, faults
        self.used: dict[str, str] = {}
        """The name of the column of each field that is read."""

    def stored(self, field: str) -> Sql | None:
        """Whatever stands in a field; None, and told, where there is no such field."""
        if field not in self.cells:
            near = did_you_mean(field, self.cells)
            self._faults.add(f"asks for the field {field!r}, which {self._of} do not have; {near}")
            return None
        name = self.used.get(field)
        if name is None:
            name = self.used[field] = self.layers.name(field, self.prefix)
        return Sql(name)

    def read(self, field: str, kind: Kind, default: Scalar | None = None) -> Sql | None:
        """A field as a kind; None, and told, where the table holds another kind."""
        if isinstance(self.cells, Noting):
            self.cells.note(field, kind)
        stored = self.stored(field)
        if stored is None:
            return None
        held = self.cells[field].held
        if held not in FITTING[kind]:
            asked = f"asks for {WANTED[kind]} in {field!r}, which holds {_CALLED[held]}"
            self._faults.add(f"{asked}{self._how(kind, held)}")
            return None
        instead = None if default is None else read_as(kind, default)
        if instead is None:
            return stored
        return over(f"COALESCE({stored}, {self.literal(instead)})", stored, known=True)

    def _how(self, kind: Kind, held: Held) -> str:
        """How text is read as what is asked for: files and frames go through a mapping."""
        if self.dialect.name != "duckdb" or held != "text" or kind not in _MAPPED:
            return ""
        return f'; a mapping with kind = "{kind}" reads it'

    def held(self, field: str) -> Held:
        """What a field holds."""
        return self.cells[field].held

    def literal(self, value: Any) -> str:
        """A value that is compared with, as the columns hold it."""
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if isinstance(value, str):
            return self.dialect.text(value)
        if isinstance(value, int | float):
            return self.dialect.number(value)
        return str(micros_of(value))
