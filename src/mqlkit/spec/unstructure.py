"""
From the parts of a definition to plain data, in the one canonical order.

What stands at its default is left out; named criteria and named lists are gathered.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

import attrs

from .. import registry
from ..calendar import Calendar
from ..criteria.choices import NamedList
from ..criterion import Named
from ..decay import Steps
from ..errors import DefinitionError
from ..lifecycle import Transition
from ..rules.base import BaseRule
from ..value import show
from .shape import FAMILIES, SUBJECT, Key, Shape, shape_of
from .span import write_span


class Unstructure:
    """
    Writes values as plain data, and gathers the names that it meets.

    Args:
        shipped: Lists that a file need not hold.
        calendars: Those that are written once and named elsewhere.
    """

    def __init__(
        self, shipped: Mapping[str, NamedList], calendars: Mapping[str, Calendar] | None = None
    ) -> None:
        self._shipped = shipped
        self._calendars: dict[Calendar, str] = {}
        for name, calendar in (calendars or {}).items():
            self._calendars.setdefault(calendar, name)
        self._criteria: dict[str, Named] = {}
        self._written: dict[str, Any] = {}
        self._lists: dict[str, NamedList] = {}

    @property
    def criteria(self) -> dict[str, Any]:
        """The named criteria that were met, by name."""
        return {name: self._written[name] for name in sorted(self._written)}

    @property
    def lists(self) -> dict[str, Any]:
        """The named lists that were met and are not shipped, by name."""
        return {
            name: {"given": True} if named.given else [self.plain(v) for v in named.values]
            for name, named in sorted(self._lists.items())
            if self._shipped.get(name) != named
        }

    def plain(self, value: Any) -> Any:
        """
        *value* as text, numbers, lists and tables.

        Raises:
            DefinitionError: a part of it has no tag, or shares its name with another.
        """
        match value:
            case bool() | int() | float() | str():
                return value
            case datetime():
                return {"instant": value.isoformat()}
            case timedelta():
                return write_span(value)
            case date():
                return {"date": value.isoformat()}
            case Enum():
                return value.name.lower()
            case Named():
                return self._reference(value)
            case NamedList():
                return self._list(value)
            case Calendar() if value in self._calendars:
                return self._calendars[value]
            case list() | tuple():
                return [self.plain(item) for item in value]
            case Mapping():
                return {str(name): self.plain(item) for name, item in value.items()}
            case _ if attrs.has(type(value)):
                return self._object(value)
            case _:
                raise DefinitionError(f"{show(value)} has no spelling in a model file")

    def calendar(self, calendar: Calendar) -> dict[str, Any]:
        """A calendar written out."""
        return self._object(calendar)

    def _reference(self, named: Named) -> str:
        known = self._criteria.setdefault(named.name, named)
        if known is not named and known != named:
            raise DefinitionError(f"two different criteria are called {named.name!r}")
        if known is named and named.name not in self._written:
            self._written[named.name] = None  # A name is written once, also while it is written.
            self._written[named.name] = self.plain(named.criterion)
        return named.name

    def _list(self, named: NamedList) -> dict[str, str]:
        if self._lists.setdefault(named.name, named) != named:
            raise DefinitionError(f"two different lists are called {named.name!r}")
        return {"list": named.name}

    def _object(self, value: Any) -> dict[str, Any]:
        cls: type = type(value)
        if registry.entry_of(cls) is None and issubclass(cls, tuple(FAMILIES)):
            raise DefinitionError(
                f"{cls.__qualname__} has no tag, so no model file can hold it; "
                "give it one with @register"
            )
        shape = shape_of(cls)
        written: dict[str, Any] = {}
        for key in _in_order(shape, value):
            item = getattr(value, key.name)
            if key.key == SUBJECT:
                written |= self.plain(item)
            elif key.key == shape.tag or not _is_default(key, item):
                written[key.key] = self._field(value, key, item)
        return {str(shape.tag): written} if shape.nested else written

    def _field(self, owner: Any, key: Key, item: Any) -> Any:
        if isinstance(owner, Steps):  # Its days carry zeros to be in order.
            return {str(int(day)): left for day, left in item.items()}
        if isinstance(owner, Calendar) and isinstance(item, Mapping):
            return {day: _alone(self.plain(windows)) for day, windows in item.items()}
        if isinstance(owner, Transition) and key.name == "source":
            return _alone(self.plain(item))
        return self.plain(item)


def _alone(item: Any) -> Any:
    """The only one of a list that may be written without the brackets."""
    return item[0] if isinstance(item, list) and len(item) == 1 else item


def _in_order(shape: Shape, value: Any) -> list[Key]:
    """The name of a rule, then what is asked about, the tag, the rest, and what it holds."""
    place: dict[str | None, int] = {SUBJECT: 1, shape.tag: 2, "rules": 4, "groups": 4}
    place |= {"name": 0} if isinstance(value, BaseRule) else {}
    # A window in weeks is kept in days, so it has no weeks to write.
    present = [key for key in shape.keys if hasattr(value, key.name)]
    return sorted(present, key=lambda key: place.get(key.key, 3))


def _is_default(key: Key, item: object) -> bool:
    default = key.field.default
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        default = default.factory()
    if isinstance(item, Mapping) and isinstance(default, Mapping):
        return not item and not default  # A field's converter may make its own kind of mapping.
    return type(item) is type(default) and bool(item == default)
