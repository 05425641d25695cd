"""
The JSON Schema of model files, made from what is registered.

An editor checks and completes by it. It says what may stand where; what only the classes
themselves can check (such as a lower bound above the upper one, or a name that nothing has) is
left to `mqlkit.spec.loads`.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import Enum
from types import UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

import attrs

from ..agreement import Agreement
from ..calendar import Calendar
from ..criteria.choices import NamedList
from ..criterion import Criterion
from ..handoff.policy import HandoffPolicy
from ..lifecycle import Lifecycle
from ..measure import LabelMeasure, Measure
from ..qualification import Qualification
from ..value import Scalar
from .limits import GREATEST_NUMBER, LONGEST_TEXT
from .shape import FAMILIES, SUBJECT, Shape, members, shape_of
from .span import SCHEMA as SPAN

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_TEXT: Final[Mapping[str, Any]] = {"type": "string", "maxLength": LONGEST_TEXT}
_SCALARS: Final[Mapping[Any, Mapping[str, Any]]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer", "minimum": -GREATEST_NUMBER, "maximum": GREATEST_NUMBER},
    float: {"type": "number", "minimum": -GREATEST_NUMBER, "maximum": GREATEST_NUMBER},
    str: _TEXT,
    date: {"$ref": "#/$defs/date"},
    datetime: {"$ref": "#/$defs/instant"},
    timedelta: {"$ref": "#/$defs/span"},
}
_INSTANT: Final = (
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}"
    "(:[0-9]{2}([.][0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})$"
)
_OPEN: Final = (Measure, LabelMeasure)
"""Families whose keys may stand in the table of a question about them."""


def schema() -> dict[str, Any]:
    """
    The JSON Schema (2020-12) of model files with everything that is registered now.

    >>> schema()["required"]
    ['format', 'name', 'version', 'when']
    """
    return _Schema().document()


class _Schema:
    def __init__(self) -> None:
        self._defs: dict[str, Any] = {
            "date": _table({"date": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}}),
            "instant": _table({"instant": {"type": "string", "pattern": _INSTANT}}),
            "list": _table({"list": _TEXT}),
            "span": dict(SPAN),
        }

    def document(self) -> dict[str, Any]:
        shape = shape_of(Qualification)
        own = {key.key: self._of(key.type) for key in shape.keys}
        cards: dict[str, Any] = own["card"]
        own["card"] = {"anyOf": [cards["items"], cards]}
        values = self._of(tuple[Scalar, ...])
        given = _table({"given": {"const": True}})
        properties = {
            "$schema": {"type": "string"},
            "format": {"const": 1},
            **own,
            "ready": _table(own, ["when"]),
            "lists": _by_name({"anyOf": [values, given]}),
            "criteria": _by_name(self._of(Criterion)),
            "calendars": _by_name(self._class(shape_of(Calendar))),
            "lifecycle": self._of(Lifecycle),
            "handoff": self._of(HandoffPolicy),
            "agreement": self._of(Agreement),
        }
        required = ["format", *(key.key for key in shape.keys if key.required)]
        return {
            "$schema": DIALECT,
            "title": "mqlkit model",
            "description": "Who is a qualified lead.",
            **_table(properties, required),
            "$defs": dict(sorted(self._defs.items())),
        }

    def _of(self, hint: Any) -> dict[str, Any]:
        origin, args = get_origin(hint), get_args(hint)
        if origin in (Union, UnionType):
            return self._union([arg for arg in args if arg is not type(None)])
        if origin is Literal:
            return {"enum": list(args)}
        if origin is tuple and (len(args) != 2 or args[1] is not Ellipsis):
            items = [self._of(arg) for arg in args]
            return {"type": "array", "prefixItems": items, "items": False, "minItems": len(items)}
        if origin is not None and issubclass(origin, Mapping):
            return _by_name(self._of(args[-1]))
        if origin is not None and issubclass(origin, Iterable):
            return {"type": "array", "items": self._of(args[0])}
        return self._plain(hint)

    def _plain(self, hint: Any) -> dict[str, Any]:
        if hint in _SCALARS:
            return dict(_SCALARS[hint])
        if hint in FAMILIES:
            reference = self._family(hint)
            return {**reference, "unevaluatedProperties": False} if hint in _OPEN else reference
        if hint is Calendar:
            return {"anyOf": [{**_TEXT, "minLength": 1}, self._class(shape_of(Calendar))]}
        if hint is NamedList:
            return {"$ref": "#/$defs/list"}
        if isinstance(hint, type) and issubclass(hint, Enum):
            return {"enum": [member.name.lower() for member in hint]}
        if isinstance(hint, type) and attrs.has(hint):
            return self._class(shape_of(hint))
        return {"not": {}}  # No spelling: nothing may stand there.

    def _union(self, hints: list[Any]) -> dict[str, Any]:
        if float in hints and int in hints:
            hints = [hint for hint in hints if hint is not int]
        several = [self._of(hint) for hint in hints]
        return several[0] if len(several) == 1 else {"anyOf": several}

    def _family(self, family: type) -> dict[str, Any]:
        name = _name(family)
        if name not in self._defs:
            self._defs[name] = {}  # Its members refer to it.
            options = [self._class(shape) for shape in members(family)]
            by_name = [{**_TEXT, "minLength": 1}] if family is Criterion else []
            self._defs[name] = {"anyOf": [*by_name, *options]}
        return {"$ref": f"#/$defs/{name}"}

    def _class(self, shape: Shape) -> dict[str, Any]:
        """A reference to a class; an open one where its keys may stand among others."""
        name = _name(shape.cls) if shape.tag is None else f"{_family_name(shape)}.{shape.tag}"
        if name not in self._defs:
            self._defs[name] = {}
            self._defs[name] = self._table_of(shape)
        return {"$ref": f"#/$defs/{name}"}

    def _table_of(self, shape: Shape) -> dict[str, Any]:
        keys = [key for key in shape.keys if key.key != SUBJECT]
        table = _table(
            {key.key: self._of(key.type) for key in keys},
            [key.key for key in keys if key.required or key.key == shape.tag],
        )
        if shape.nested:
            table = _table({str(shape.tag): table})
        open_to_others = issubclass(shape.cls, _OPEN)
        if shape.subject is not None or open_to_others:
            del table["additionalProperties"]
        if shape.subject is not None:
            subject = self._of(shape.subject.type)
            table |= {"$ref": subject["$ref"], "unevaluatedProperties": False}
            if open_to_others:
                del table["unevaluatedProperties"]
        text = (shape.cls.__doc__ or "").strip().split("\n")[0]
        return {"description": text, **table} if text else table


def _name(cls: type) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in cls.__name__).strip("_")


def _family_name(shape: Shape) -> str:
    return next((_name(family) for family in FAMILIES if issubclass(shape.cls, family)), "other")


def _table(properties: Mapping[str, Any], required: Iterable[str] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties if required is None else required),
        "additionalProperties": False,
    }


def _by_name(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": item}
