"""
What the reading of one value found wrong, and how all of it becomes the faults of a file.

cattrs collects what goes wrong in a tree of exception groups; here it is walked into paths.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from difflib import get_close_matches
from functools import partial
from typing import TypeAlias

from cattrs import ClassValidationError, ForbiddenExtraKeysError
from cattrs.errors import AttributeValidationNote

from ..errors import DefinitionError, Fault, did_you_mean
from ..value import listing, show
from .limits import Found
from .path import Path, steps_of
from .shape import Shape

Hint: TypeAlias = Callable[[], str]
"""Finds the end of an error: guessing what was meant takes time, so few errors ask for it."""


def nothing_more() -> str:
    """The hint of an error that says it all."""
    return ""


class Refused(Exception):
    """A value that is not what is wanted in its place."""

    def __init__(self, found: str, wanted: str, hint: "Hint | str" = "") -> None:
        super().__init__(found, wanted)
        self.found, self.wanted = found, wanted
        self.hint: Hint = (lambda: hint) if isinstance(hint, str) else hint


class TooMuch(BaseException):
    """
    The whole is too large, whatever else is wrong; said by *refused*.

    It is no `Exception`, so that nothing on the way gathers it and goes on reading.
    """

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused)
        self.refused = refused


class SeveralRefused(Exception):
    """What is wrong below one value, each with where."""

    def __init__(self, below: list[tuple[Path, Exception]]) -> None:
        super().__init__(below)
        self.below = below


def shown(value: object) -> str:
    """A value of a file, for the reader of an error."""
    match value:
        case bool():
            return "true" if value else "false"
        case dict():
            keys = listing([show(key) for key in value], "and")
            return f"a table with {keys}" if value else "an empty table"
        case list():
            return f"a list of {len(value):,}" if value else "an empty list"
        case str():
            return f"the text {show(value)}" if value.strip() else "a blank text"
        case datetime():
            return f"the instant {show(value)}"
        case date():
            return f"the date {show(value)}"
        case int() | float():
            return f"the number {show(value)}"
        case _:
            return show(value)


def close_to(names: list[str], known: list[str]) -> str:
    """What was meant by one of *names*; nothing when no guess is near."""
    for name in names:
        close = get_close_matches(name[:200], known, n=1)
        if close:
            return f"did you mean {close[0]!r}?"
    return ""


def found_in(
    error: Exception, path: Path, shape_of_made: Callable[[type], Shape]
) -> Iterator[tuple[Found, Hint]]:
    """
    What an exception says is wrong, each with its path and a hint.

    Args:
        error: As the reading of the value at *path* raised it.
        path: Where that value stands.
        shape_of_made: The shape that a class was read by.
    """
    match error:
        case SeveralRefused():
            for below, inner in error.below:
                yield from found_in(inner, (*path, *below), shape_of_made)
        case ClassValidationError():
            shape = shape_of_made(error.cl)
            inside = (*path, shape.tag) if shape.nested and shape.tag else path
            for inner in error.exceptions:
                yield from _in_class(inner, inside, shape, shape_of_made)
        case Refused():
            yield (path, error.found, error.wanted), error.hint
        case _ if faults := faults_of(error):
            for fault in faults:
                below = steps_of(fault.path)
                yield (path + below, fault.found, fault.wanted), partial(str, fault.hint)
        case _:
            text = "; ".join(filter(None, (str(error) or type(error).__name__, _notes(error))))
            for line in text.split("\n"):  # One for each thing that is wrong.
                yield (path, "", line.strip()), nothing_more


def faults_of(error: Exception) -> tuple[Fault, ...]:
    """What a part that checks itself as a whole has found, by its own paths."""
    return getattr(error, "faults", ()) if isinstance(error, DefinitionError) else ()


def _in_class(
    error: Exception, path: Path, shape: Shape, shape_of_made: Callable[[type], Shape]
) -> Iterator[tuple[Found, Hint]]:
    name = _attribute(error)
    if isinstance(error, ForbiddenExtraKeysError):
        known = {key.key for key in shape.keys} - {""}
        for key in sorted(error.extra_fields):
            wanted = f"{listing_of(shape)} has none such"
            yield ((*path, key), "an unknown key", wanted), partial(did_you_mean, key, known)
        return
    if name is None:
        yield from found_in(error, path, shape_of_made)
        return
    key = shape.key_of(name)
    if isinstance(error, KeyError) and error.args == (key,):
        yield (path, "", f"the key {key!r} is missing"), nothing_more
        return
    yield from found_in(error, (*path, key) if key else path, shape_of_made)


def listing_of(shape: Shape) -> str:
    """What a shape is, for the reader of an error."""
    return f"{shape.tag!r}" if shape.tag is not None else f"a {_words(shape.cls.__name__)}"


def _words(name: str) -> str:
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name.strip("_")).strip()


def _attribute(error: Exception) -> str | None:
    notes = getattr(error, "__notes__", ())
    return next((n.name for n in notes if isinstance(n, AttributeValidationNote)), None)


def _notes(error: Exception) -> str:
    notes = getattr(error, "__notes__", ())
    return "; ".join(n for n in notes if not isinstance(n, AttributeValidationNote))
