"""Lint of texts in comparisons of size: "10" is a text, and no number is more or less than it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs

from ..criterion import Criterion
from ..measure import Between, Comparison
from ..qualification import Qualification
from ..rules.base import BaseRule
from ..value import Scalar, show
from .finding import Finding
from .place import places

_NUMBER: Final = re.compile(r"[+-]?\d[\d,.]*", re.ASCII)
_DATE: Final = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)([T ]\d\d:\d\d.*)?|\d{1,2}([./-])\d{1,2}\3(\d{4}|\d\d)", re.ASCII
)


def check_texts(q: Qualification) -> Iterator[Finding]:
    """The findings about comparisons with a text that was meant as a number or a date."""
    roots: list[tuple[str, object]] = [*q.formulas()]
    roots += [(place.path, place.item) for place in places(q) if isinstance(place.item, BaseRule)]
    for path, root in roots:
        for asking in _criteria(root):
            for bound in _bounds(asking):
                if isinstance(bound, str) and (meant := _meant(bound.strip())):
                    yield _finding(path, asking, bound, *meant)


def _criteria(value: Any) -> Iterator[Criterion]:
    """The criteria in a part of a definition, also those about an activity's properties."""
    if isinstance(value, Criterion):
        yield value
    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, tuple):
        for item in value:
            yield from _criteria(item)
    elif attrs.has(type(value)):
        for part in attrs.fields(type(value)):
            yield from _criteria(getattr(value, part.name))


def _bounds(asking: Criterion) -> tuple[Scalar, ...]:
    """What it compares the size with; that two texts are alike is another question."""
    if isinstance(asking, Between):
        return asking.bounds
    return (asking.bound,) if isinstance(asking, Comparison) and asking.ordered else ()


def _meant(text: str) -> tuple[str, str] | None:
    """What a text looks like, and how that is written."""
    if date := _DATE.fullmatch(text):
        return "a date", f'{{ date = "{date["day"] or "2026-03-01"}" }}'
    if _NUMBER.fullmatch(text):
        return "a number", "it without quotes"
    return None


def _finding(path: str, asking: Any, bound: str, what: str, mended: str) -> Finding:
    message = (
        f"“{asking.describe()}” compares letters: {show(bound)} is a text, and nothing that "
        f"is {what} is compared with it; write {mended}"
    )
    return Finding("warning", "text-for-size", path, message)
