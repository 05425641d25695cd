"""
How a class is written as a table: its tag, and its fields under their names.

Reading, writing and the JSON Schema all follow from this one description, which is made from the
registry and the type hints.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, get_type_hints

import attrs

from .. import registry
from ..account import PeopleScore
from ..criteria.activity import Activities
from ..criteria.selection import Selection
from ..criterion import Criterion
from ..decay import Decay
from ..errors import DefinitionError
from ..measure import LabelMeasure, Measure
from ..rules.base import BaseRule
from ..scorecard import Group, Scorecard
from ..window import Window, window

FAMILIES: Mapping[type, str] = {
    Criterion: "a criterion",
    Measure: "something to measure",
    LabelMeasure: "a grade, a matrix or a stage",
    BaseRule: "a rule",
    Decay: "a decay",
}
"""The base classes whose registered classes are told apart by their tags."""

LATE: Final = (PeopleScore,)
"""Classes that `import mqlkit` leaves out, imported here so that their tags are known."""

SUBJECT = ""
"""The key that stands for a subject, whose own keys stand in the same table."""


@attrs.frozen
class Key:
    """One field of a class, and the key under which it is written."""

    name: str
    key: str
    type: Any
    field: Any

    @property
    def required(self) -> bool:
        """Whether the field has no default."""
        return self.field.default is attrs.NOTHING


@attrs.frozen
class Shape:
    """How one class is written; ``made`` is what is written in its place, if anything."""

    cls: type
    made: type
    build: Callable[..., Any]
    keys: tuple[Key, ...]
    tag: str | None = None
    nested: bool = False
    """Whether the fields stand in a table under the tag, and not beside it."""

    def key_of(self, name: str) -> str:
        """The key of a field."""
        return next(key.key for key in self.keys if key.name == name)

    @property
    def own_keys(self) -> frozenset[str]:
        """The keys that stand in its table, without those of a subject."""
        keys = {key.key for key in self.keys} - {SUBJECT}
        return frozenset({self.tag}) if self.nested and self.tag else frozenset(keys)

    @property
    def subject(self) -> Key | None:
        """The field whose keys stand in the same table."""
        return next((key for key in self.keys if key.key == SUBJECT), None)


@attrs.frozen
class _Card:
    """A scorecard, as it is written."""

    name: str = ""
    cap: int | float | None = None
    floor: int | float | None = None
    groups: tuple[BaseRule | Group, ...] = ()


@attrs.frozen
class _Window:
    """A window, as it is written: in the units that people speak in."""

    days: int = 0
    weeks: int = 0
    months: int = 0
    hours: int = 0
    minutes: int = 0
    calendar_months: int = 0


def _card(*, groups: tuple[BaseRule | Group, ...] = (), **others: Any) -> Scorecard:
    return Scorecard(*groups, **others)


_WRITTEN_AS: Mapping[type, tuple[type, Callable[..., Any]]] = {
    Scorecard: (_Card, _card),
    Window: (_Window, window),
    Selection: (Activities, Activities),
}


@lru_cache(maxsize=4096)
def shape_of(cls: type) -> Shape:
    """
    How *cls* is written.

    Raises:
        DefinitionError: a field of it has no type hint, or one that cannot be read.
    """
    entry = registry.entry_of(cls)
    made, build = _WRITTEN_AS.get(cls, (cls, cls))
    hints = _hints(made)
    keys = tuple(
        Key(f.name, _key(f, entry), hints.get(f.name, Any), f) for f in registry.fields(made)
    )
    if entry is None:
        return Shape(cls, made, build, keys)
    return Shape(cls, made, build, keys, entry.tag, nested=entry.main is None)


def _key(field: Any, entry: registry.Entry | None) -> str:
    if entry is not None and field.name == entry.main:
        return entry.tag
    if entry is not None and field.name == entry.subject:
        return SUBJECT
    return str(field.alias)


def _hints(cls: type) -> Mapping[str, Any]:
    try:
        return get_type_hints(cls)
    except NameError as error:
        raise DefinitionError(
            f"a type hint of {cls.__qualname__} cannot be read: {error}"
        ) from None


def family_of(cls: type) -> type | None:
    """The family whose members are told apart by tags, if *cls* is one."""
    return cls if cls in FAMILIES else None


def members(family: type) -> Iterator[Shape]:
    """The shapes of all registered classes of a family, by tag."""
    return (shape_of(entry.cls) for entry in registry.entries(family))
