"""
How large a model file may be, and what may stand in it at all.

What a reader returns is walked once, without recursion, before anything is made of it.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final, TypeAlias

import attrs

from ..errors import Fault
from .path import Path

MOST_BYTES: Final = 256 * 1024
DEEPEST: Final = 64
MOST_NODES: Final = 10_000
MOST_RULES: Final = 2_000
MOST_PATTERNS: Final = 50
MOST_KEY_PARTS: Final = 32
MOST_ITEMS: Final = 10_000
MOST_CALENDARS: Final = 200
LONGEST_TEXT: Final = 4_096
GREATEST_NUMBER: Final = 2**53

Found: TypeAlias = tuple[Path, str, str]
"""A path, what was found there and what is wanted."""


@attrs.frozen
class Strange:
    """Something that a reader met and that no model may hold; *found* says what, in words."""

    found: str
    wanted: str


class Twice(dict[str, Any]):
    """A table in which a key was written twice."""

    twice: str = ""


def too_large(text: str) -> Fault | None:
    """Why *text* is not even read, if so."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        found = f"half a surrogate pair at character {error.start + 1:,}"
        return Fault("", text.count("\n", 0, error.start) + 1, found, "wanted Unicode text")
    if size > MOST_BYTES:
        return Fault("", None, f"{size:,} bytes", f"a model has at most {MOST_BYTES:,}")
    return None


def strange(data: object) -> Iterator[Found]:
    """
    Everything in *data* that no model may hold.

    Args:
        data: What a reader returned. It may be of any depth; it is a tree.
    """
    count = 0
    waiting: list[tuple[Path, object]] = [((), data)]
    while waiting:
        path, value = waiting.pop()
        count += 1
        if count > MOST_NODES:
            yield (), f"more than {MOST_NODES:,} values", "split the model"
            return
        if len(path) > DEEPEST:
            yield path, f"{len(path)} levels", f"a model has at most {DEEPEST}"
            return
        yield from _one(path, value)
        if isinstance(value, dict):
            waiting += [((*path, key), item) for key, item in reversed(value.items())]
        elif isinstance(value, list):
            waiting += [((*path, index), item) for index, item in reversed([*enumerate(value)])]


def _one(path: Path, value: object) -> Iterator[Found]:
    match value:
        case Strange(found=found, wanted=wanted):
            yield path, found, wanted
        case Twice():
            yield (*path, value.twice), "the key twice", "each key stands once"
        case dict():
            for key in value:
                yield from _text(path, key)
        case list():
            if len(value) > MOST_ITEMS:
                yield path, f"{len(value):,} items", f"a list has at most {MOST_ITEMS:,}"
        case str():
            yield from _text(path, value)
        case bool():
            pass
        case int() | float():
            if not abs(value) <= GREATEST_NUMBER:
                yield path, _number(value), "a number is finite and at most 2**53"
        case datetime():
            if value.utcoffset() is None:
                yield path, str(value), "an instant needs an offset, such as 2026-01-01T00:00:00Z"
        case date():
            pass
        case None:
            yield path, "null", "leave the key out instead"
        case _:
            yield path, f"a {type(value).__name__}", "wanted text, a number, a list or a table"


def _number(value: float) -> str:
    return str(value) if isinstance(value, float) else "a very large number"


def _text(path: Path, text: object) -> Iterator[Found]:
    if not isinstance(text, str):
        yield path, f"the key {text!r}", "a key is text"
    elif len(text) > LONGEST_TEXT:
        yield path, f"{len(text):,} characters", f"a text has at most {LONGEST_TEXT:,}"
    elif not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        yield path, "half a surrogate pair", "wanted Unicode text"
