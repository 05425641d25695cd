"""
The names by which parts of a definition are written in a file.

A class registers a tag; from that one entry the reader, the writer, the JSON Schema and the
fingerprint follow. Users' own classes come in through the same door.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import attrs

from .errors import DefinitionError

T = TypeVar("T", bound=type)


@attrs.frozen
class Entry:
    """
    How one class is written.

    ``tag`` is the key that tells it from the others. The value under the tag is the field called
    ``main``; without a ``main`` it is a table of all fields. With a ``subject``, the keys of that
    field (a measure) stand in the same table.
    """

    cls: type
    tag: str
    main: str | None = None
    subject: str | None = None


_BY_TAG: dict[str, Entry] = {}
_BY_CLASS: dict[type, Entry] = {}


def register(tag: str, *, main: str | None = None, subject: str | None = None) -> Callable[[T], T]:
    """
    Give a class the name by which model files call it.

    A criterion, measure, rule or decay so registered can be stored, loaded and fingerprinted.
    Its fields must be attrs fields with type hints.

    Raises:
        DefinitionError: another class has the tag already.

    >>> from mqlkit import Criterion, Verdict
    >>> @register("example_is_even")
    ... @attrs.frozen
    ... class IsEven(Criterion):
    ...     field: str
    ...
    ...     def judge(self, lead):
    ...         number = lead.number(self.field)
    ...         return Verdict.UNKNOWN if number is None else Verdict.of(number % 2 == 0)
    ...
    ...     def describe(self):
    ...         return f"{self.field} is even"
    >>> entry("example_is_even").cls is IsEven
    True
    """

    def remember(cls: T) -> T:
        known = _BY_TAG.get(tag)
        if known is not None and (known.cls.__module__, known.cls.__qualname__) != (
            cls.__module__,
            cls.__qualname__,
        ):
            raise DefinitionError(f"the tag {tag!r} belongs to {known.cls.__qualname__} already")
        _BY_TAG[tag] = _BY_CLASS[cls] = Entry(cls, tag, main, subject)
        return cls

    return remember


def entry(tag: str) -> Entry | None:
    """The entry of a tag, if any."""
    return _BY_TAG.get(tag)


def entry_of(cls: type) -> Entry | None:
    """The entry of a class, if any."""
    return _BY_CLASS.get(cls)


def entries(base: type) -> Iterator[Entry]:
    """The entries of all classes below *base*, by tag."""
    for tag in sorted(_BY_TAG):
        if issubclass(_BY_TAG[tag].cls, base):
            yield _BY_TAG[tag]


def fields(cls: type) -> tuple[Any, ...]:
    """The attrs fields of *cls* that are part of what it means."""
    return tuple(f for f in attrs.fields(cls) if f.init)
