"""
YAML, for teams whose other files are YAML; it needs the ``yaml`` extra.

Only the events of libyaml are used: no constructor runs, so there are no objects, no aliases that
explode, no dates and no ``NO`` that means false. Scalars are those of YAML 1.2's core schema.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from ..errors import Fault, MissingExtraError
from .limits import DEEPEST, MOST_NODES, Strange, Twice
from .path import Path

_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_FLAGS: Final = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WHOLE: Final = re.compile(r"[-+]?[0-9]+", re.ASCII)
_OTHER_BASE: Final = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_DECIMAL: Final = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
    re.ASCII,
)
_LONGEST_NUMBER: Final = 40


class _Stop(Exception):
    """What cannot be read, and the line."""

    def __init__(self, line: int, found: str, wanted: str) -> None:
        super().__init__(found)
        self.fault = Fault("", line, found, wanted)


def read(text: str) -> tuple[Any, list[Fault]]:
    """
    The document, and why it cannot be read.

    Raises:
        MissingExtraError: PyYAML is not installed, or it came without libyaml.
    """
    try:
        return _Events(text).document(), []
    except _Stop as stop:
        return None, [stop.fault]


def lines(text: str) -> dict[Path, int]:
    """
    The line of each value.

    Args:
        text: YAML that `read` has read.
    """
    events = _Events(text)
    events.document()
    return events.lines


def _events(text: str) -> Iterator[Any]:
    try:
        import yaml
    except ImportError:
        raise MissingExtraError("YAML", "yaml") from None
    if not hasattr(yaml, "CSafeLoader"):  # The reader in Python takes seconds for a hostile file.
        raise MissingExtraError("YAML (PyYAML is installed, but without libyaml)", "yaml")
    try:
        yield from yaml.parse(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
        line = 1 if mark is None else mark.line + 1
        raise _Stop(line, "", f"not YAML: {str(problem)[:200]}") from None


class _Events:
    """Builds plain data from events, counting as it goes."""

    def __init__(self, text: str) -> None:
        self._events = _events(text)
        self._count = 0
        self.lines: dict[Path, int] = {}

    def document(self) -> Any:
        """The only document."""
        found: list[Any] = []
        for event in self._events:
            match type(event).__name__:
                case "DocumentStartEvent" if found:
                    raise _Stop(_line(event), "a second document", "a file holds one model")
                case "ScalarEvent" | "SequenceStartEvent" | "MappingStartEvent" | "AliasEvent":
                    found.append(self._value(event, ()))
                case _:
                    pass
        return found[0] if found else None

    def _value(self, event: Any, path: Path) -> Any:
        line = _line(event)
        self._count += 1
        self._check(event, line, path)
        self.lines.setdefault(path, line)
        match type(event).__name__:
            case "ScalarEvent":
                return _scalar(event)
            case "SequenceStartEvent":
                return self._list(path)
            case _:
                return self._table(path)

    def _check(self, event: Any, line: int, path: Path) -> None:
        if getattr(event, "anchor", None) is not None:
            raise _Stop(line, "an anchor or alias", "give a criterion or list a name instead")
        if getattr(event, "tag", None) is not None:
            raise _Stop(line, "a tag", "a model holds plain text, numbers, lists and tables")
        if len(path) > DEEPEST:
            raise _Stop(line, f"more than {DEEPEST} levels", f"a model has at most {DEEPEST}")
        if self._count > 2 * MOST_NODES:
            raise _Stop(line, f"more than {MOST_NODES:,} values", "split the model")

    def _list(self, path: Path) -> list[Any]:
        items: list[Any] = []
        while type(event := next(self._events)).__name__ != "SequenceEndEvent":
            items.append(self._value(event, (*path, len(items))))
        return items

    def _table(self, path: Path) -> dict[str, Any]:
        table: dict[str, Any] = {}
        twice: str | None = None
        while type(event := next(self._events)).__name__ != "MappingEndEvent":
            key = self._key(event, path)
            twice = key if key in table and twice is None else twice
            self.lines[(*path, key)] = _line(event)
            table[key] = self._value(next(self._events), (*path, key))
        if twice is None:
            return table
        repeated = Twice(table)
        repeated.twice = twice
        return repeated

    def _key(self, event: Any, path: Path) -> str:
        self._check(event, _line(event), path)
        if type(event).__name__ != "ScalarEvent":
            raise _Stop(_line(event), "a list or table as a key", "a key is text")
        if event.implicit[0] and event.value == "<<":
            raise _Stop(_line(event), "a merge key", "write the keys out")
        return str(event.value)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _scalar(event: Any) -> Any:
    text = str(event.value)
    if not event.implicit[0]:  # quoted, or a block of text
        return text
    if text in _NULL:
        return None
    if text in _FLAGS:
        return _FLAGS[text]
    for pattern, parse in _NUMBERS:
        if pattern.fullmatch(text):
            if len(text) > _LONGEST_NUMBER:
                return Strange("a very large number", "a number is finite and at most 2**53")
            return parse(text)
    return text


def _decimal(text: str) -> float:
    return float(text.replace(".inf", "inf").replace(".nan", "nan") if "n" in text else text)


_NUMBERS: Final[tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...]] = (
    (_WHOLE, int),
    (_OTHER_BASE, lambda text: int(text, 0)),
    (_DECIMAL, lambda text: _decimal(text.lower())),
)


# -- writing -----------------------------------------------------------------------------------

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_NOT_PLAIN: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def write(document: dict[str, Any]) -> str:
    """The document in blocks, its keys in the order given; every text is quoted."""
    return "\n".join(_table_lines(document)) + "\n"


def _table_lines(table: dict[str, Any]) -> Iterator[str]:
    for key, item in table.items():
        name = key if _PLAIN.fullmatch(key) and key.lower() not in _NOT_PLAIN else _text(key)
        if isinstance(item, dict | list) and item:
            yield f"{name}:"
            yield from (f"  {line}" for line in _lines(item))
        else:
            yield f"{name}: {_inline(item)}"


def _lines(item: dict[str, Any] | list[Any]) -> Iterator[str]:
    if isinstance(item, dict):
        yield from _table_lines(item)
        return
    for one in item:
        if isinstance(one, dict | list) and one:
            inner = _lines(one)
            yield f"- {next(inner)}"
            yield from (f"  {line}" for line in inner)
        else:
            yield f"- {_inline(one)}"


def _inline(item: object) -> str:
    return _text(item) if isinstance(item, str) else json.dumps(item)


def _text(text: str) -> str:
    return '"' + "".join(map(_letter, text)) + '"'


def _letter(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    if letter.isprintable() and letter != "\ufeff":
        return letter
    code = ord(letter)
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
