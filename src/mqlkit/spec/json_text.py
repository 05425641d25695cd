"""
JSON: for machines, and for models from strangers.

The standard reader is linear; what it would let through (a key twice, NaN, numbers of any
length) is marked and refused with its path, and depth is counted before it starts.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from ..errors import Fault
from .limits import DEEPEST, Strange, Twice
from .path import Path

_LONGEST_NUMBER: Final = 40


def read(text: str) -> tuple[Any, list[Fault]]:
    """The document, and why it cannot be read."""
    deep = _too_deep(text)
    if deep is not None:
        return None, [deep]
    try:
        return _DECODER.decode(text), []
    except json.JSONDecodeError as error:
        return None, [Fault("", error.lineno, "", f"not JSON: {error.msg.lower()}")]


def _too_deep(text: str) -> Fault | None:
    depth = 0
    for at, character in _brackets(text):
        depth += 1 if character in "[{" else -1
        if depth > DEEPEST:
            line = text.count("\n", 0, at) + 1
            return Fault("", line, f"more than {DEEPEST} levels", f"a model has at most {DEEPEST}")
    return None


def _brackets(text: str) -> Iterator[tuple[int, str]]:
    """The brackets outside texts, each with its place."""
    at, end = 0, len(text)
    while at < end:
        character = text[at]
        if character == '"':
            at = _behind(text, at + 1)
            continue
        if character in "[]{}":
            yield at, character
        at += 1


def _behind(text: str, at: int) -> int:
    """The place behind the text literal whose inside starts at *at*."""
    while True:
        quote = text.find('"', at)
        if quote < 0:
            return len(text)
        escapes = 0
        while quote - escapes > at and text[quote - escapes - 1] == "\\":
            escapes += 1
        if escapes % 2 == 0:
            return quote + 1
        at = quote + 1


def _table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) == len(pairs):
        return table
    seen: set[str] = set()
    repeated = Twice(table)
    repeated.twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    return repeated


def _whole(text: str) -> int | Strange:
    if len(text) > _LONGEST_NUMBER:
        return Strange("a very large number", "a number is finite and at most 2**53")
    return int(text)


def _decimal(text: str) -> float | Strange:
    if len(text) > _LONGEST_NUMBER:
        return Strange(f"a number of {len(text):,} digits", f"at most {_LONGEST_NUMBER} are read")
    return float(text)


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_table,
    parse_int=_whole,
    parse_float=_decimal,
    parse_constant=lambda name: Strange(name, "wanted a number that JSON has"),
)


def write(document: dict[str, Any]) -> str:
    """The document on several lines, its keys in the order given."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


_BLANKS: Final = re.compile(r"[ \t\r\n]*")
_SCALAR: Final = re.compile(r"[^\s,\]}]*")


def lines(text: str) -> dict[Path, int]:
    """
    The line of each value.

    Args:
        text: JSON that `read` has read.
    """
    found: dict[Path, int] = {}
    ends = [at for at, character in enumerate(text) if character == "\n"]
    breaks = iter([*ends, len(text)])
    line, next_break = 1, next(breaks)

    def line_of(at: int) -> int:
        nonlocal line, next_break
        while next_break < at:
            line, next_break = line + 1, next(breaks, len(text) + 1)
        return line

    def blanks(at: int) -> int:
        return _BLANKS.match(text, at).end()  # type: ignore[union-attr]

    def value(at: int, path: Path) -> int:
        at = blanks(at)
        found.setdefault(path, line_of(at))
        if text[at] == '"':
            return _behind(text, at + 1)
        if text[at] not in "[{":
            return _SCALAR.match(text, at).end()  # type: ignore[union-attr]
        close = "]" if text[at] == "[" else "}"
        at = blanks(at + 1)
        index = 0
        while text[at] != close:
            step: str | int = index
            if close == "}":
                end = _behind(text, at + 1)
                step = json.loads(text[at:end])
                found.setdefault((*path, step), line_of(at))
                at = blanks(end) + 1
            at = blanks(value(at, (*path, step)))
            at = blanks(at + 1) if text[at] == "," else at
            index += 1
        return at + 1

    value(0, ())
    return found
