"""
TOML: for people.

The standard reader takes minutes for some files of 60 KB, so a single pass by hand, with no
pattern that could go back, counts key parts and depth before it starts.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from ..errors import Fault
from .limits import DEEPEST, MOST_KEY_PARTS
from .path import Path, bare

_MOST_MARKS: Final = 60_000
_MOST_DOTS: Final = 20_000
_MARKS: Final = "[]{}.=,\n"
_AT_END: Final = " (at end of document)"
_SYNTAX: Final = re.compile(r"(.*) \(at line (\d+), column (\d+)\)")


def read(text: str) -> tuple[Any, list[Fault]]:
    """The document, and why it cannot be read."""
    unsafe = _unsafe(text)
    if unsafe is not None:
        return None, [unsafe]
    try:
        return tomllib.loads(text), []
    except ValueError as error:
        found = _SYNTAX.fullmatch(str(error)[:500])
        if str(error).endswith(_AT_END):
            message = str(error).removesuffix(_AT_END).lower()
            return None, [Fault("", text.count("\n") + 1, "", f"not TOML: {message} (at the end)")]
        if found is None:  # A whole number of thousands of digits: Python reads no such.
            return None, [Fault("", None, "a very large number", "a number is at most 2**53")]
        message, line, column = found.groups()
        return None, [Fault("", int(line), "", f"not TOML: {message.lower()} (column {column})")]


def _unsafe(text: str) -> Fault | None:
    """Why *text* would be slow to read, or deep, if so."""
    depth = dots = all_dots = marks = 0
    line = 1
    for _, mark in _scan(text):
        dots = dots + 1 if mark == "." else 0
        all_dots += mark == "."
        line += mark == "\n"
        marks += mark != "\n"
        depth += (mark in "[{") - (mark in "]}")
        if dots >= MOST_KEY_PARTS:
            wanted = f"a key has at most {MOST_KEY_PARTS} parts"
            return Fault("", line, "a key of very many parts", wanted)
        if depth > DEEPEST:
            wanted = f"a model has at most {DEEPEST}"
            return Fault("", line, f"more than {DEEPEST} levels", wanted)
        if marks > _MOST_MARKS or all_dots > _MOST_DOTS:
            return Fault("", line, "very many small parts", "split the model")
    return None


def _scan(text: str) -> Iterator[tuple[int, str]]:
    """The marks of structure outside texts and comments, each with its place."""
    at, end = 0, len(text)
    while at < end:
        character = text[at]
        if character in "\"'":
            start = at
            at = _behind(text, at)
            for place in range(text.count("\n", start, at)):
                yield start + place, "\n"
        elif character == "#":
            at = text.find("\n", at)
            at = end if at < 0 else at
        else:
            if character in _MARKS:
                yield at, character
            at += 1


def _behind(text: str, at: int) -> int:
    """The place behind the text literal that starts at *at*."""
    quote = text[at]
    long = text.startswith(quote * 3, at)
    close = quote * 3 if long else quote
    at += len(close)
    while True:
        found = text.find(close, at)
        if found < 0:
            return len(text)
        escape = text.find("\\", at, found) if quote == '"' else -1
        if escape < 0:
            found += len(close)
            # Up to two quotes may stand right before the closing three.
            while long and text.startswith(quote, found):
                found += 1
            return found
        at = escape + 2


def lines(text: str) -> dict[Path, int]:
    """
    The line of each statement, and of what stands inside one on a later line.

    Args:
        text: TOML that `read` has read.
    """
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    header: Path = ()
    for statement in _statements(text):
        line, source = statement.line, statement.source
        if not statement.is_header:
            key = (*header, *_in_lists(_parts(source), header, counts))
            found.setdefault(key, line)
            for below, at in statement.below:
                found.setdefault((*key, *below), at)
            continue
        parts = _parts(source.strip("[]"))
        if source.startswith("[["):
            above = _in_lists(parts[:-1], (), counts)
            index = counts.get((*above, parts[-1]), -1) + 1
            counts[(*above, parts[-1])] = index
            found.setdefault((*above, parts[-1]), line)
            header = (*above, parts[-1], index)
        else:
            header = _in_lists(parts, (), counts)
        found.setdefault(header, line)
    return _outer(found) | found


def _outer(found: dict[Path, int]) -> dict[Path, int]:
    """The line at which a table begins that only its parts write, such as that of ``[a.b]``."""
    outer: dict[Path, int] = {}
    for path, line in found.items():
        for length in range(len(path) - 1, 0, -1):
            if path[:length] in outer:
                break
            outer[path[:length]] = line
    return outer


def _in_lists(parts: Path, above: Path, counts: dict[Path, int]) -> Path:
    """*parts* below *above*, with the index of the newest table wherever a list of tables is."""
    path = above
    for part in parts:
        path = (*path, part)
        if path in counts:
            path = (*path, counts[path])
    return path[len(above) :]


class _Statement(NamedTuple):
    """A header or a key as it is written; *below* is what its value has on later lines."""

    line: int
    source: str
    is_header: bool
    below: Sequence[tuple[Path, int]] = ()


def _statements(text: str) -> Iterator[_Statement]:
    depth, line, start, start_line = 0, 1, 0, 1
    taken: _Statement | None = None
    value: _Value | None = None
    for at, mark in _scan(text):
        if value is not None:
            value.take(at, mark, line)
        if mark == "\n":
            line += 1
            if depth == 0:
                if taken is not None:
                    yield taken
                start, start_line, taken, value = at + 1, line, None, None
            continue
        before = text[start:at] if taken is None else ""
        if taken is None and depth == 0 and mark == "=":
            value = _Value(text, at, line)
            taken = _Statement(start_line, _uncommented(before), False, value.found)
        depth += (mark in "[{") - (mark in "]}")
        if taken is None and depth == 0 and mark == "]" and before.lstrip().startswith("["):
            taken = _Statement(start_line, (before + mark).strip(), True)
    if taken is not None:
        yield taken


class _Part:
    """A list or a table that is open, and which part of it comes next."""

    def __init__(self, line: int, *, is_list: bool) -> None:
        self.line, self.is_list = line, is_list
        self.index = 0
        self.key: Path = ()
        self.begun: int | None = None
        """The line at which the part begins that is being read."""

    @property
    def step(self) -> Path:
        """Where the part that is being read stands in it."""
        return (self.index,) if self.is_list else self.key

    def next(self) -> None:
        """A comma: another part."""
        self.index, self.key, self.begun = self.index + 1, (), None


class _Value:
    """
    The value of a key, mark by mark: what stands in it on another line than what holds that.

    Args:
        text: The whole.
        at: Where the equals sign stands.
        line: Its line.
    """

    def __init__(self, text: str, at: int, line: int) -> None:
        self._text, self._behind, self._line = text, at + 1, line
        self._open: list[_Part] = []
        self.found: list[tuple[Path, int]] = []

    def take(self, at: int, mark: str, line: int) -> None:
        """The next mark."""
        if mark == ".":  # Of a number, or inside a key.
            return
        words = self._text[self._behind : at].strip()
        self._behind = at + 1
        here = self._open[-1] if self._open else None
        if here is not None and here.begun is None and not words.startswith("#"):
            if not here.is_list and mark == "=":
                here.key = _parts(words)
                self._begin(here, line)
            elif here.is_list and (words or mark in "[{"):
                self._begin(here, line)
        if mark in "[{":
            inside = self._line if here is None else here.begun or line
            self._open.append(_Part(inside, is_list=mark == "["))
        elif mark in "]}" and self._open:
            self._open.pop()
        elif mark == "," and here is not None:
            here.next()

    def _begin(self, part: _Part, line: int) -> None:
        part.begun = line
        if line != part.line:
            self.found.append((tuple(step for one in self._open for step in one.step), line))


def _uncommented(source: str) -> str:
    return source.rsplit("\n", 1)[-1].strip()


def _parts(source: str) -> tuple[str, ...]:
    """A dotted key; what is not plain is read by the standard reader itself."""
    if bare(source):
        return (source,)
    table: Any = tomllib.loads(f"{source} = 0")
    parts: list[str] = []
    while isinstance(table, dict):
        [(key, table)] = table.items()
        parts.append(key)
    return tuple(parts)


# -- writing -----------------------------------------------------------------------------------

_WIDTH: Final = 96


def write(document: dict[str, Any]) -> str:
    """The document as a person would lay it out: blocks outside, one line for each small part."""
    return "\n".join(_block((), document)).strip("\n") + "\n"


def _block(path: tuple[str, ...], table: dict[str, Any]) -> Iterator[str]:
    """The lines of a table: its own keys first, then the blocks below it."""
    inner = {key: item for key, item in table.items() if _is_block((*path, key), item)}
    for key, item in table.items():
        if key not in inner:
            yield from _entry(key, item)
    for key, item in inner.items():
        below = (*path, key)
        several = isinstance(item, list)
        for one in item if several else [item]:
            header = ".".join(map(_key, below))
            own = [k for k, v in one.items() if not _is_block((*below, k), v)]
            if several or own or not one:
                yield ""
                yield f"[[{header}]]" if several else f"[{header}]"
            yield from _block(below, one)


_LISTS: Final = {
    ("lifecycle", "stages"),
    ("lifecycle", "moves"),
    ("handoff", "sla", "targets"),
    ("handoff", "routing", "reps"),
    ("handoff", "routing", "territories"),
    ("handoff", "reasons"),
}
"""Lists whose items are blocks, beside those of a card."""

_TABLES: Final = {
    ("lifecycle", "calendar"),
    ("handoff", "sla"),
    ("handoff", "sla", "calendar"),
    ("handoff", "routing"),
}
_BY_NAME: Final = ("criteria", "labels", "calendars")
_OF_A_CALENDAR: Final = ("week", "overrides", "holidays")


def _is_block(path: tuple[str, ...], item: object) -> bool:
    if path[0] == "ready" and path[1:]:
        return _is_block(path[1:], item)
    if isinstance(item, list):
        groups = path[0] == "card" and path[-1] in ("card", "groups", "rules")
        return (groups or path in _LISTS) and bool(item)
    if not isinstance(item, dict):
        return False
    if len(path) == 1:
        return path != ("when",)
    if path[-1] in _OF_A_CALENDAR:
        return path[:-1] in _TABLES or (len(path) == 3 and path[0] == "calendars")
    return path in _TABLES or (len(path) == 2 and path[0] in _BY_NAME)


def _entry(key: str, item: object) -> Iterator[str]:
    line = f"{_key(key)} = {_inline(item)}"
    if len(line) <= _WIDTH or not isinstance(item, list) or not item:
        yield line
        return
    yield f"{_key(key)} = ["
    row = "   "
    for value in item:
        text = f" {_inline(value)},"
        if len(row) + len(text) > _WIDTH and row.strip():
            yield row
            row = "   "
        row += text
    yield row
    yield "]"


def _inline(item: object) -> str:
    match item:
        case bool():
            return "true" if item else "false"
        case int() | float():
            return repr(item)
        case str():
            return _text(item)
        case list():
            return f"[{', '.join(map(_inline, item))}]"
        case dict():
            if not item:
                return "{}"
            return f"{{ {', '.join(f'{_key(k)} = {_inline(v)}' for k, v in item.items())} }}"
        case _:
            raise TypeError(f"{type(item).__name__} has no spelling")


def _key(key: str) -> str:
    return key if bare(key) else _text(key)


_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _text(text: str) -> str:
    return '"' + "".join(_ESCAPES.get(c) or _letter(c) for c in text) + '"'


def _letter(letter: str) -> str:
    if letter.isprintable():
        return letter
    code = ord(letter)
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
