"""
From plain data to the parts of a definition.

cattrs reads classes; the hooks here read what stands in their fields, as strictly as can be:
no value is turned into another kind, text is no list, and unknown keys are refused.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import Enum
from functools import lru_cache, partial
from types import UnionType
from typing import Any, Final, Literal, TypeAlias, Union, get_args, get_origin

import attrs
from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, override

from .. import registry
from ..agreement import Agreement
from ..calendar import Calendar
from ..criteria.choices import NamedList
from ..criteria.text import Matches
from ..criterion import Criterion
from ..errors import did_you_mean
from ..handoff.policy import HandoffPolicy
from ..lifecycle import Lifecycle
from ..qualification import Qualification
from ..rules.base import BaseRule
from ..scorecard import Group
from ..value import Scalar, listing, show
from .path import Path
from .refusal import Refused, SeveralRefused, close_to, faults_of, shown
from .scope import SCOPE
from .shape import FAMILIES, SUBJECT, Key, Shape, members, shape_of
from .span import read_span

Read: TypeAlias = Callable[[Any], Any]

_SCALARS: Final[Mapping[type, str]] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    date: 'a date such as { date = "2026-01-01" }',
    datetime: 'an instant such as { instant = "2026-01-01T00:00:00Z" }',
}
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT: Final = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)", re.ASCII
)


class Structure:
    """Readers of all registered classes, made once: reading itself generates no code."""

    def __init__(self) -> None:
        self._converter = Converter(forbid_extra_keys=True, detailed_validation=True)
        self._reads: dict[Any, Read] = {}
        self._classes: dict[type, Read] = {}
        self._shapes: dict[type, Shape] = {}
        # What is not written as a class of its own fields alone.
        self._specially: dict[Any, Read] = {
            Criterion: self._criterion,
            NamedList: self._named_list,
            Calendar: self._named_calendar,
            timedelta: read_span,
        }
        self._families = {
            family: {str(shape.tag): shape for shape in members(family)} for family in FAMILIES
        }
        for shapes in self._families.values():
            for shape in shapes.values():
                self._class(shape)
        self._group = self._of(Group)
        self.qualification = self._of(Qualification)
        self.agreement = self._of(Agreement)
        self.calendar = self._class(shape_of(Calendar))
        self.lifecycle = self._of(Lifecycle)
        self.handoff = self._of(HandoffPolicy)
        self.criterion = self._of(Criterion)
        self.values = self._of(tuple[Scalar, ...])

    def shape_of_made(self, made: type) -> Shape:
        """The shape that *made* is read by."""
        return self._shapes[made]

    # -- by type hint ------------------------------------------------------------------------

    def _of(self, hint: Any) -> Read:
        if hint not in self._reads:
            self._reads[hint] = self._make(hint)
        return self._reads[hint]

    def _make(self, hint: Any) -> Read:
        origin, args = get_origin(hint), get_args(hint)
        if origin in (Union, UnionType):
            return self._union(args)
        if origin is Literal:
            return _one_of({text: text for text in args})
        if origin is tuple and (len(args) != 2 or args[1] is not Ellipsis):
            return self._fixed(args)
        if origin is not None and issubclass(origin, Mapping):
            return self._by_name(args[-1])
        if origin is not None and issubclass(origin, Iterable):
            return self._list(args[0])
        if hint in _SCALARS:
            return _scalar(frozenset({hint}))
        if hint in self._specially:
            return self._specially[hint]
        if hint in FAMILIES:
            return lambda value: self._tagged(value, hint)
        if isinstance(hint, type) and issubclass(hint, Enum):
            return _one_of({member.name.lower(): member for member in hint})
        if isinstance(hint, type) and attrs.has(hint):
            return self._class(shape_of(hint))
        return _unreadable(hint)

    def _union(self, args: tuple[Any, ...]) -> Read:
        kinds = frozenset(arg for arg in args if arg in _SCALARS)
        others = [arg for arg in args if arg not in kinds and arg is not type(None)]
        if set(others) == {BaseRule, Group}:
            return self._rule_or_group
        scalar = _scalar(kinds) if kinds else None
        if not others and scalar:
            return scalar
        table = next((self._of(a) for a in others if not _is_list(a)), None)
        items = next((self._of(a) for a in others if _is_list(a)), None)

        def read(value: object) -> Any:
            if isinstance(value, list) and items is not None:
                return items(value)
            if isinstance(value, dict) and table is not None:
                return table(value)
            if scalar is not None:
                return scalar(value)
            return (items or table or _unreadable(args))(value)

        return read

    def _list(self, hint: Any) -> Read:
        item = self._of(hint)

        def read(value: object) -> tuple[Any, ...]:
            if not isinstance(value, list):
                raise Refused(shown(value), "wanted a list")
            return tuple(_each(item, enumerate(value)).values())

        return read

    def _fixed(self, hints: tuple[Any, ...]) -> Read:
        items = [self._of(hint) for hint in hints]

        def read(value: object) -> tuple[Any, ...]:
            if not isinstance(value, list) or len(value) != len(items):
                raise Refused(shown(value), f"wanted a list of {len(items)}")
            pairs = [*zip(items, value, strict=True)]
            return tuple(_each(lambda pair: pair[0](pair[1]), enumerate(pairs)).values())

        return read

    def _by_name(self, hint: Any) -> Read:
        item = self._of(hint)

        def read(value: object) -> dict[str, Any]:
            if not isinstance(value, dict):
                raise Refused(shown(value), "wanted a table by name")
            return {str(name): made for name, made in _each(item, value.items()).items()}

        return read

    # -- by tag ------------------------------------------------------------------------------

    def _criterion(self, value: object) -> Any:
        scope = SCOPE.get()
        if isinstance(value, str):
            return scope.criterion(value)
        with scope.deeper():
            return self._tagged(value, Criterion)

    def _tagged(self, value: object, family: type) -> Any:
        if not isinstance(value, dict):
            raise Refused(shown(value), f"wanted {FAMILIES[family]}, as a table")
        return self._classes[self._choose(value, family).made](value)

    def _choose(self, table: dict[str, Any], family: type) -> Shape:
        """The one shape whose tag is in *table*."""
        shapes = self._families[family]
        found = [shapes[key] for key in table if key in shapes]
        # A tag may also be the key of a field beside another tag, such as at_most beside each.
        inner = {key for shape in found for key in shape.own_keys if key != shape.tag}
        found = [shape for shape in found if shape.tag not in inner]
        if len(found) == 1:
            return found[0]
        if found:
            tags = listing([repr(str(shape.tag)) for shape in found], "and")
            hint = "join criteria with all or any" if family is Criterion else ""
            raise Refused(f"{tags} together", f"wanted {FAMILIES[family]} with one tag", hint)
        raise Refused(
            shown(table), f"wanted {FAMILIES[family]}", partial(self._hint, table, family)
        )

    def _hint(self, table: dict[str, Any], family: type) -> str:
        """What to do about a table without a tag of its family."""
        other = [tag for shapes in self._families.values() for tag in shapes]
        unknown = [key for key in table if key not in other]
        close = close_to(unknown, list(self._families[family]))
        if close or family is not Criterion:
            return close or did_you_mean("", self._families[family])
        asked = [key for key in table if key in other]
        return f"say what to ask of {asked[0]!r}, such as at_least or equals" if asked else ""

    def _rule_or_group(self, value: object) -> Any:
        if isinstance(value, dict) and "rules" in value:
            return self._group(value)
        SCOPE.get().rule()
        return self._tagged(value, BaseRule)

    def _named_list(self, value: object) -> NamedList:
        if not isinstance(value, dict) or set(value) != {"list"}:
            raise Refused(shown(value), 'wanted a list, or a named one such as { list = "name" }')
        try:
            return SCOPE.get().list(value["list"])
        except Refused as error:
            raise SeveralRefused([(("list",), error)]) from None

    def _named_calendar(self, value: object) -> Calendar:
        if isinstance(value, str):
            return SCOPE.get().calendar(value)
        SCOPE.get().inline_calendar()
        made: Calendar = self.calendar(value)
        return made

    # -- one class ---------------------------------------------------------------------------

    def _class(self, shape: Shape) -> Read:
        if shape.made not in self._classes:
            self._shapes[shape.made] = shape
            # A class may hold itself (a group in a group), so its own reader is looked up late.
            self._classes[shape.made] = lambda value: self._classes[shape.made](value)
            self._classes[shape.made] = self._reader(shape)
        return lambda value: self._classes[shape.made](value)

    def _reader(self, shape: Shape) -> Read:
        overrides = {
            key.name: override(rename=key.key, struct_hook=self._field(shape, key))
            for key in shape.keys
        }
        made: Callable[[Any, type], Any] = make_dict_structure_fn(
            shape.made,
            self._converter,
            _cattrs_forbid_extra_keys=True,
            _cattrs_detailed_validation=True,
            **overrides,  # type: ignore[arg-type]
        )
        rebuild = shape.build is not shape.made

        def read(value: object) -> Any:
            if shape.cls is Matches:
                SCOPE.get().pattern()
            written = made(_opened(value, shape), shape.made)
            if not rebuild:
                return written
            fields = {key.name: getattr(written, key.name) for key in shape.keys}
            return shape.build(**fields)

        return read

    def _field(self, shape: Shape, key: Key) -> Callable[[Any, Any], Any]:
        read = self._of(key.type)
        if shape.cls is Qualification and key.name == "cards":
            read = self._one_or_several(key.type)
        check = _check_of(key.field)

        def hook(value: object, _: Any) -> Any:
            made = read(value)
            try:
                check(made)
            except Exception as error:
                if faults_of(error):
                    raise
                wrong = _wrong_items(check, made) if shape.cls is Calendar else []
                if wrong:
                    raise SeveralRefused(wrong) from None
                raise Refused(shown(value), str(error) or type(error).__name__) from None
            return made

        return hook

    def _one_or_several(self, hint: Any) -> Read:
        several, one = self._of(hint), self._of(get_args(hint)[0])

        def read(value: object) -> Any:
            if isinstance(value, tuple):  # Cards that are read already; no reader gives a tuple.
                return value
            return several(value) if isinstance(value, list) else (one(value),)

        return read


def _opened(value: object, shape: Shape) -> dict[str, Any]:
    """The fields of *shape* in a table, with those of its subject apart under one key."""
    if not isinstance(value, dict):
        raise Refused(shown(value), "wanted a table")
    if shape.tag is not None and shape.tag not in value:
        raise Refused(shown(value), f"wanted a table with the key {shape.tag!r}")
    own = {key: item for key, item in value.items() if key in shape.own_keys}
    rest = {key: item for key, item in value.items() if key not in shape.own_keys}
    if shape.nested:
        own = value[shape.tag]
        if not isinstance(own, dict):
            raise SeveralRefused(
                [((str(shape.tag),), Refused(shown(own), "wanted a table of its fields"))]
            )
    if shape.subject is not None:
        return {**own, SUBJECT: rest}
    if shape.nested and rest:
        hint = f"its fields stand in {shape.tag!r}"
        unknown = Refused("an unknown key", f"nothing stands beside {shape.tag!r}", hint)
        raise SeveralRefused([((key,), unknown) for key in rest])
    return {**own, **rest}


def _each(read: Read, items: Iterable[tuple[str | int, Any]]) -> dict[str | int, Any]:
    """Every item read; what is wrong with any is raised together."""
    made: dict[str | int, Any] = {}
    wrong: list[tuple[Path, Exception]] = []
    for step, item in items:
        try:
            made[step] = read(item)
        except Exception as error:
            wrong.append(((step,), error))
    if wrong:
        raise SeveralRefused(wrong)
    return made


def _check_of(field: Any) -> Callable[[Any], Any]:
    """The field's own converter: what it refuses is refused here, where the path is known."""
    converter = field.converter
    if converter is None or isinstance(converter, attrs.Converter):
        return lambda value: value
    return converter  # type: ignore[no-any-return]


def _wrong_items(check: Callable[[Any], Any], table: object) -> list[tuple[Path, Exception]]:
    """What is wrong with each entry of a table by itself, such as one day of a week."""
    wrong: list[tuple[Path, Exception]] = []
    for key, item in table.items() if isinstance(table, dict) else ():
        try:
            check({key: item})
        except Exception as error:
            wrong.append(((key,), Refused("", str(error).removeprefix(f"{show(key)}: "))))
    return wrong


def _is_list(hint: Any) -> bool:
    origin = get_origin(hint)
    return isinstance(origin, type) and issubclass(origin, Iterable) and not _is_table(origin)


def _is_table(origin: type) -> bool:
    return issubclass(origin, Mapping)


def _one_of(values: Mapping[Any, Any]) -> Read:
    wanted = f"wanted {listing([repr(value) for value in values])}"

    def read(value: object) -> Any:
        known = [key for key in values if type(key) is type(value) and key == value]
        if not known:
            names = [str(key) for key in values]
            hint = partial(close_to, [value], names) if isinstance(value, str) else ""
            raise Refused(shown(value), wanted, hint)
        return values[known[0]]

    return read


def _scalar(kinds: frozenset[type]) -> Read:
    shown_kinds = kinds - {int} if float in kinds else kinds
    wanted = "wanted " + listing([text for kind, text in _SCALARS.items() if kind in shown_kinds])
    accepted = kinds | {int} if float in kinds else kinds

    def read(value: object) -> Any:
        if isinstance(value, dict) and kinds & {date, datetime}:
            value = _moment(value)
        if type(value) not in accepted:
            raise Refused(shown(value), wanted)
        return value

    return read


def _moment(table: dict[str, Any]) -> object:
    """The date or the instant that a table writes."""
    match table:
        case {"date": str(text)} if len(table) == 1:
            return _parsed(text, "date", _DATE, date.fromisoformat)
        case {"instant": str(text)} if len(table) == 1:
            return _parsed(text, "instant", _INSTANT, datetime.fromisoformat)
        case _:
            return table


def _parsed(text: str, kind: str, pattern: re.Pattern[str], parse: Callable[[str], Any]) -> object:
    try:
        if pattern.fullmatch(text):
            return parse(text)
    except ValueError:
        pass
    wanted = _SCALARS[date if kind == "date" else datetime]
    raise SeveralRefused([((kind,), Refused(shown(text), f"wanted {wanted}"))])


def _unreadable(hint: Any) -> Read:
    def read(value: object) -> Any:
        raise Refused(shown(value), f"a field of type {hint} has no spelling in a model file")

    return read


@lru_cache(maxsize=4)
def _structure(entries: tuple[registry.Entry, ...]) -> Structure:
    return Structure()


def structure() -> Structure:
    """The readers of everything that is registered now."""
    return _structure(tuple(registry.entries(object)))
