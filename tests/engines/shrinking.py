"""
A case that fails, made small: whatever can be left out of the model and of the lead is.

``print(*small(model, lead, as_of, fails), sep="\\n")``; ``fails(model, lead, as_of)`` says
whether it still does.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import attrs

from mqlkit import Criterion, Lead, Qualification, all_of, any_of

Fails = Callable[[Qualification, Lead, datetime], bool]


def smaller(value: Any) -> Iterator[Any]:
    """Values like this one, a step simpler each."""
    if isinstance(value, Criterion):
        yield from (simple for simple in (all_of(), any_of()) if value != simple)
        yield from value.parts()
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        for place, item in enumerate(value):
            rest = value[:place], value[place + 1 :]
            yield (*rest[0], *rest[1])
            yield from ((*rest[0], less, *rest[1]) for less in smaller(item))
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield {n: v for n, v in value.items() if n != name}
            yield from ({**value, name: less} for less in smaller(item))
    elif attrs.has(type(value)):
        yield from _with_less(value)


def _with_less(value: Any) -> Iterator[Any]:
    for field in attrs.fields(type(value)):
        if not field.init:
            continue
        old = getattr(value, field.name)
        simple = [] if old is None or field.default is attrs.NOTHING else [None, ()]
        for new in (*simple, *smaller(old)):
            try:
                yield attrs.evolve(value, **{field.alias: new})
            except Exception:  # no such part can be made
                continue


def _size(value: Any) -> int:
    return len(repr(value))


def small(
    model: Qualification, lead: Lead, as_of: datetime, fails: Fails
) -> tuple[Qualification, Lead, datetime]:
    """The smallest case found that still fails."""
    shrinking = True
    while shrinking:
        shrinking = False
        for less in smaller(model):
            if _size(less) < _size(model) and fails(less, lead, as_of):
                model, shrinking = less, True
                break
        for other in smaller(lead):
            if _size(other) < _size(lead) and fails(model, other, as_of):
                lead, shrinking = other, True
                break
    return model, lead, as_of
