"""
The rows of a table put together from its parts.
"""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, TypeAlias

import attrs

from ..tables import Held
from .native import nothing
from .part import FILE, ORDER, ROW, Part, Stored
from .spelling import quoted

Role: TypeAlias = Literal["key", "field"]

PART, _PLACE = "mqlkit_part", "mqlkit_place"
_KEYS: Final[Mapping[str, Held]] = {"at": "moment", "as_of": "moment"}


class Named(NamedTuple):
    """A key or a field, and the kind of its values."""

    role: Role
    name: str
    held: Held


ID: Final = Named("key", "id", "text")


@attrs.frozen
class Rows:
    """
    Rows that count.

    Args:
        relation: What stands behind FROM.
        columns: The expressions of keys and fields.
    """

    relation: str
    columns: Mapping[Named, str]

    def key(self, name: str) -> str:
        """The expression of a key."""
        return self.columns[_key(name)]

    def has(self, name: str) -> str | None:
        """The expression of a key that there may be."""
        return self.columns.get(_key(name))

    def fields(self) -> dict[str, Stored]:
        """The fields with their expressions."""
        found: dict[str, dict[Held, str]] = {}
        for (role, name, held), sql in self.columns.items():
            if role == "field":
                found.setdefault(name, {})[held] = sql
        return {name: Stored(cells) for name, cells in found.items()}

    def where(self, condition: str) -> "Rows":
        """Only those for which a condition holds."""
        return Rows(f"(SELECT * FROM {self.relation} WHERE {condition})", self.columns)


def _key(name: str) -> Named:
    return Named("key", name, _KEYS.get(name, "text"))


def columns_of(part: Part) -> dict[Named, str]:
    """The expressions of a part."""
    found = {_key(name): sql for name, sql in part.keys.items()}
    for name, stored in part.fields.items():
        for held in ORDER:
            if held in stored.cells:
                found[Named("field", name, held)] = stored.cells[held]
    return found


def rows_of(parts: tuple[Part, ...]) -> Rows:
    """The rows of all parts that count."""
    part, *others = parts
    if others:
        return ordered_rows(parts)[0]
    where = " AND ".join(part.where)
    relation = f"(SELECT * FROM {part.relation} WHERE {where})" if where else part.relation
    return Rows(relation, columns_of(part))


def ordered_rows(parts: tuple[Part, ...], *, numbered: bool = False) -> tuple[Rows, str]:
    """The same with all columns renamed; where they are numbered, with what orders them."""
    of = [columns_of(part) for part in parts]
    names = list(dict.fromkeys(name for columns in of for name in columns))
    selects: list[str] = []
    for number, (part, columns) in enumerate(zip(parts, of, strict=True)):
        cells = [
            f"{columns.get(name, nothing(name.held))} AS c{place}"
            for place, name in enumerate(names)
        ]
        if numbered:
            cells += [f"{number} AS {PART}", f"{part.place} AS {_PLACE}", FILE, ROW]
        where = f" WHERE {' AND '.join(part.where)}" if part.where else ""
        source = part.numbered if numbered else part.relation
        selects.append(f"SELECT {', '.join(cells)} FROM {source}{where}")
    relation = f"({' UNION ALL '.join(selects)})"
    order = f"{_PLACE}, {ROW}" if numbered else ""
    return Rows(relation, {name: quoted(f"c{place}") for place, name in enumerate(names)}), order


def together(parts: tuple[Part, ...]) -> dict[str, Stored]:
    """What each field gives, over all parts; without expressions."""
    found: dict[str, Stored] = {}
    for part in parts:
        for name, stored in part.fields.items():
            other = found.get(name, stored)
            found[name] = Stored(
                {**other.cells, **stored.cells},
                other.empty and stored.empty,
                other.useless or stored.useless,
            )
    return found
