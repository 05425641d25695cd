"""
What a definition asks of its files, and what of it they do not have.

A name that is spelled otherwise here and there looks like a fact that nobody knows, or like an
activity that never happened. So whatever is asked for and not there, or there and not asked for,
is told.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

import attrs

from ..account import PeopleScore
from ..criteria.selection import Selection
from ..qualification import Qualification
from ..value import fold, listing, printable

_FIELDS: Final = ("field", "once_per")
"""What attributes, and measures of an activity's properties, call the field that they read."""


@attrs.define
class Found:
    """
    What the files of a run have.

    Args:
        fields: Of the leads.
        named: Whether the leads' columns are known by a header or a mapping file.
        properties: Of the activities.
        kinds: Of the activities, with the number of their rows.
    """

    fields: set[str] = attrs.field(factory=set[str])
    named: bool = False
    properties: set[str] = attrs.field(factory=set[str])
    kinds: Counter[str] = attrs.field(factory=Counter[str])


@attrs.define
class Asked:
    """
    What a definition asks for.

    Args:
        fields: Of a lead.
        properties: Of activities.
        kinds: Of activities.
        any_kind: Whether it asks for activities of any kind, or in a way that nobody can tell.

    >>> from mqlkit import Qualification, activity, attribute
    >>> visits = activity("page_view", page="/pricing").happened()
    >>> asked = Asked.by(Qualification("a", version="1", when=visits & attribute("x").is_true()))
    >>> asked.fields, asked.properties, asked.kinds
    ({'x'}, {'page'}, {'page_view'})
    """

    fields: set[str] = attrs.field(factory=set[str])
    properties: set[str] = attrs.field(factory=set[str])
    kinds: set[str] = attrs.field(factory=set[str])
    any_kind: bool = False

    @classmethod
    def by(cls, qualification: Qualification) -> "Asked":
        """What *qualification* asks for."""
        asked = cls()
        asked._look(qualification, asked.fields)
        return asked

    def _look(self, value: object, fields: set[str]) -> None:
        """Look through a part of a definition; *fields* takes the names of what it reads."""
        if isinstance(value, Mapping):
            value = tuple(value.values())
        if isinstance(value, tuple | list | frozenset):
            for item in value:
                self._look(item, fields)
        elif attrs.has(type(value)):
            self._look_inside(value, fields)

    def _look_inside(self, value: Any, fields: set[str]) -> None:
        if not type(value).__module__.startswith("mqlkit."):
            self.any_kind = True  # A user's own may look at all that a lead has done.
        if isinstance(value, Selection):
            self.kinds.update(value.kinds)
            self.any_kind |= not value.kinds
        if isinstance(value, PeopleScore):
            fields = set()  # Other leads' fields: no file has people of an account.
        of_activities = isinstance(value, Selection) or hasattr(value, "activities")
        inside = self.properties if of_activities else fields
        for part in attrs.fields(type(value)):
            read = getattr(value, part.name)
            if part.name in _FIELDS and isinstance(read, str):
                inside.add(read)
            else:
                self._look(read, inside)


def remarks(asked: Asked, found: Found) -> Iterator[str]:
    """
    What the files and the definition do not share, in words.

    Args:
        asked: What the definition asks for.
        found: What the files have.
    """
    if found.named:
        told = ("the definition asks for the field", "which no column supplies")
        yield from _absent(asked.fields, found.fields, *told)
    if found.kinds:
        told = ("the definition asks for the activities' property", "which none of them has")
        yield from _absent(asked.properties, found.properties, *told)
        if not asked.any_kind:
            yield from _unasked(found.kinds, asked.kinds)


def _absent(wanted: set[str], there: set[str], *told: str) -> Iterator[str]:
    for name in sorted(wanted - there):
        # A dotted path leads into a record that stands in one column.
        if name.split(".", 1)[0] not in there:
            yield f"{told[0]} {_quoted(name)}, {told[1]}{_near(name, there - wanted)}"


def _unasked(kinds: Mapping[str, int], asked: set[str]) -> Iterator[str]:
    unasked = {kind: rows for kind, rows in kinds.items() if kind not in asked}
    if not unasked:
        return
    hints = {kind: _near(kind, asked - kinds.keys()) for kind in unasked}
    first = sorted(unasked, key=lambda kind: (not hints[kind], -unasked[kind], kind))
    shown = [f"{_quoted(kind)} ({unasked[kind]:,} rows{hints[kind]})" for kind in first]
    yield f"the definition never asks for activities of the kind {listing(shown)}"


def _near(name: str, known: Iterable[str]) -> str:
    """The end of a remark about a name, where another one is close."""
    by_fold = {_plain(other): other for other in sorted(known)}
    close = get_close_matches(_plain(name)[:200], by_fold, n=1, cutoff=0.75)
    return f"; did you mean {_quoted(by_fold[close[0]])}?" if close else ""


def _plain(name: str) -> str:
    return fold(name.strip()).replace(" ", "_").replace("-", "_")


def _quoted(name: str) -> str:
    return f"'{printable(name)}'"
