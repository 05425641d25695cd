"""
Expressions of SQL, and the layers of columns that a statement is built of.

An expression may only name columns of a layer below it. So a `Layers` sorts them: an expression
that is given a name becomes a column one layer above the highest column that it names.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

_WORDS: Final = re.compile(r"[^a-z0-9]+")
_LONGEST_NAME: Final = 48


class Sql(NamedTuple):
    """
    An expression: its text, the layer of the columns that it names, and whether it is never NULL.

    Its text stands safely within any other: it is a name, a literal, a call, or in parentheses.
    """

    text: str
    layer: int = 0
    known: bool = False

    def __str__(self) -> str:
        return self.text


def over(text: str, *parts: Sql, known: bool = False) -> Sql:
    """An expression made of others, which names what they name."""
    return Sql(text, max((part.layer for part in parts), default=0), known)


def always_known(parts: Iterable[Sql]) -> bool:
    """Whether none of them is ever NULL."""
    return all(part.known for part in parts)


class Column(NamedTuple):
    """A column of a layer."""

    name: str
    sql: str
    note: str


class Layers:
    """
    The columns of one relation, layer by layer; what is asked for twice is one column.

    >>> layers = Layers()
    >>> big = layers.named(Sql("(f_employees >= 50)"), "50 people or more")
    >>> big, [[column.name for column in layer] for layer in layers.columns()]
    (Sql(text='c_50_people_or_more', layer=1, known=False), [['c_50_people_or_more']])
    """

    def __init__(self, prefix: str = "c") -> None:
        self.prefix = prefix
        self._layers: list[list[Column]] = []
        self._named: dict[str, Sql] = {}
        self._taken: set[str] = set()

    def name(self, hint: str, prefix: str | None = None) -> str:
        """A name like *hint* that no other column has."""
        base = slug(hint, self.prefix if prefix is None else prefix)
        found, number = base, 1
        while found in self._taken:
            number += 1
            found = f"{base}_{number}"
        self._taken.add(found)
        return found

    def named(self, sql: Sql, hint: str, prefix: str | None = None, note: str = "") -> Sql:
        """*sql* as a column, one layer above what it names."""
        known = self._named.get(sql.text)
        if known is not None:
            return known
        name = self.name(hint, prefix)
        while len(self._layers) <= sql.layer:
            self._layers.append([])
        self._layers[sql.layer].append(Column(name, sql.text, note))
        column = Sql(name, sql.layer + 1, sql.known)
        self._named[sql.text] = self._named[name] = column
        return column

    def columns(self) -> Iterator[list[Column]]:
        """The layers that have columns, lowest first."""
        return (layer for layer in self._layers if layer)


def slug(hint: str, prefix: str) -> str:
    """
    A plain name for a column: lower-case ASCII letters, digits and underscores.

    >>> slug("Pricing page (30 d)", "c"), slug("価格", "c")
    ('c_pricing_page_30_d', 'c')
    """
    words = _WORDS.sub("_", hint.lower()).strip("_")[:_LONGEST_NAME].strip("_")
    return f"{prefix}_{words}".strip("_")
