"""
The values that something may be: written out, or a named list kept elsewhere.

A named list, such as the target accounts or the competitors, is kept once under its name in the
model file, or given when the file is loaded.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias

import attrs

from ..errors import DefinitionError, KindError
from ..value import Kind, Scalar, comparable, kind_of, listing, literal, show, sort_key, typed


def _values(values: object) -> tuple[Scalar, ...]:
    """Literals of one kind, each once, in one order: neither order nor repeats mean anything."""
    if not isinstance(values, Iterable) or isinstance(values, str):
        raise KindError(f"wanted a list of values, not {show(values)}")
    literals = {typed(value): value for value in map(literal, values)}
    kinds = sorted({str(kind_of(value)) for value in literals.values()})
    if len(kinds) > 1:
        raise KindError(f"a list holds values of one kind, not {listing(kinds, 'and')} together")
    return tuple(sorted(literals.values(), key=sort_key))


@attrs.frozen(cache_hash=True)
class NamedList:
    """
    A list of values under a name.

    Args:
        name: How the explanation and the model file call it.
        values: All of one kind: text, numbers, dates or instants.
        given: True when the model file only names it and the values are given at load.

    >>> NamedList("competitors", ["rival.example", "rival.example"]).values
    ('rival.example',)
    """

    name: str
    values: tuple[Scalar, ...] = attrs.field(converter=_values, eq=typed, repr=show)
    given: bool = False

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip():
            raise DefinitionError("a named list needs a name")


Choices: TypeAlias = tuple[Scalar, ...] | NamedList


def choices(values: object) -> Choices:
    """What a user gave as choices: one named list, or values."""
    if isinstance(values, NamedList):
        return values
    if isinstance(values, tuple | list) and len(values) == 1:
        only = values[0]
        if isinstance(only, NamedList):
            return only
        if isinstance(only, list | tuple | set | frozenset):
            return _values(only)
    return _values(values)


def members(chosen: Choices) -> tuple[Scalar, ...]:
    """The values themselves."""
    return chosen.values if isinstance(chosen, NamedList) else chosen


def kind_of_choices(chosen: Choices) -> Kind | None:
    """The kind of the values; None when there are none."""
    values = members(chosen)
    return kind_of(values[0]) if values else None


def describe_choices(chosen: Choices) -> str:
    """The choices for a reader."""
    if isinstance(chosen, NamedList):
        return f"in the list “{chosen.name}”"
    return listing([show(value) for value in chosen]) or "nothing"


def typed_choices(chosen: Choices) -> object:
    """A key under which choices are equal only when they mean the same."""
    return chosen if isinstance(chosen, NamedList) else typed(chosen)


@lru_cache(maxsize=1024)
def _lookup(chosen: Choices, kind: Kind | None, case_sensitive: bool) -> frozenset[object]:
    # By kind, too: to Python (0,) equals (False,), and what was asked for first would be given.
    return frozenset(comparable(v, case_sensitive=case_sensitive) for v in members(chosen))


def lookup(chosen: Choices, *, case_sensitive: bool = False) -> frozenset[object]:
    """The values ready to compare with what a reader returns; kept."""
    return _lookup(chosen, kind_of_choices(chosen), case_sensitive)
