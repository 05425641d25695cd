"""
What a criterion itself holds: the texts, numbers and instants that its answer hangs on.

They stand in its fields, in those of the criteria and measures it is made of, and in the code of a
class of the user's own. Generated leads get values at and around them, or no lead would ever meet
the branch that matters.
"""

import inspect
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from types import CodeType, FunctionType
from typing import Any, Final, TypeAlias, cast

import attrs
from hypothesis import strategies as st

from ...criterion import Criterion
from ...timeline import Activity
from ...value import Kind, is_blank
from .vocabulary import KINDS, MICROSECOND, NOW

Own: TypeAlias = Mapping[Kind, tuple[Any, ...]]

_MOST: Final = 16
"""So many texts, numbers and spans of one criterion are met; more would each be met too seldom."""

_LONGEST_DAYS: Final = 3_650
_HOURS: Final = tuple(NOW.replace(hour=0) - timedelta(hours=hour) for hour in range(7 * 24))
"""Every hour of a week: some criteria ask for the time of day, or for the weekday."""


@attrs.frozen
class Literals:
    """
    What a criterion holds.

    Args:
        texts: Its texts.
        numbers: Its numbers.
        moments: Its instants and dates.
        spans: Its spans of time; a number may be one of days, hours or minutes.
    """

    texts: tuple[str, ...]
    numbers: tuple[int | float, ...]
    moments: tuple[date, ...]
    spans: tuple[timedelta, ...]

    @cache  # noqa: B019  # few are made, and each is asked in every case
    def values(self) -> Own:
        """Values by kind, at and around what the criterion holds."""
        signs = [text for text in self.texts if not any(map(str.isalnum, text))]
        signed = [sign + text for sign in signs for text in self.texts if text not in signs]
        texts = _each_once(form for text in (*self.texts, *signed) for form in _forms(text))
        near = (n + step for n in self.numbers for step in (0, 1, -1, 0.5, -0.001))
        numbers = _each_once((*near, *(-n for n in self.numbers), *(2 * n for n in self.numbers)))
        ages = (NOW + sign * span for span in self.spans for sign in (-1, 1))
        dated = (at for moment in self.moments for at in _beside(moment))
        mails = (f"ada@{text.lstrip('@')}" for text in self.texts)
        lists = ((text,) for text in self.texts)
        every: tuple[tuple[str, ...], ...] = (self.texts,) if self.texts else ()
        return {
            "text": self.texts * 2 + texts,  # those themselves more often than those around
            "written": self.texts * 2 + texts,
            "number": numbers,
            "moment": _each_once((*dated, *(at for age in ages for at in _beside(age)))),
            "domain": _each_once(mails),
            "items": (*lists, *every),
        }

    @cache  # noqa: B019
    def activities(self, names: tuple[str, ...]) -> st.SearchStrategy[Activity]:
        """
        Activities of the kinds and with the properties that the criterion may ask for.

        They happen at every hour of the day and on the edges of every span it holds.

        Args:
            names: Properties that it is seen to read.
        """
        own = self.values()
        words = tuple(text for text in self.texts if not is_blank(text))
        known = [value for kind in ("text", "number", "moment") for value in own[kind]]
        of_any = st.sampled_from((*known, True, False, None, 1, "a"))
        if words:
            of_any = st.one_of(st.sampled_from(words), of_any)
        called = _each_once((*names, *(word for word in words if word.isidentifier())))
        edges = (at for span in self.spans for at in _beside(NOW - span))
        opening = (at for number in self.numbers for at in _at_hour(number))
        times = st.one_of(st.sampled_from((NOW, *edges, *opening)), st.sampled_from(_HOURS))
        kinds = st.sampled_from(_each_once((*words, *KINDS)))
        likely = tuple(word for word in words if word.replace("-", "_").isidentifier())
        return st.builds(
            Activity,
            st.one_of(st.sampled_from(likely), kinds) if likely else kinds,
            times,
            st.fixed_dictionaries({}, optional=dict.fromkeys(called, of_any)),
        )


def literals_of(criterion: Criterion) -> Literals:
    """What *criterion*, what it is made of, and the code of its classes hold."""
    found = [*_held(criterion, set()), *_written(criterion)]
    numbers = [n for n in found if isinstance(n, int | float) and not isinstance(n, bool)]
    small = [n for n in numbers if 0 < n <= _LONGEST_DAYS]
    spans = [s for s in found if isinstance(s, timedelta) and abs(s).days <= _LONGEST_DAYS]
    spans += [timedelta(**{unit: n}) for unit in ("days", "hours", "minutes") for n in small]
    return Literals(
        texts=_each_once(t for t in found if isinstance(t, str) and not is_blank(t))[:_MOST],
        numbers=_each_once(n for n in numbers if abs(n) < 2**53)[:_MOST],
        moments=_each_once(m for m in found if isinstance(m, date))[:_MOST],
        spans=_each_once(spans)[: 3 * _MOST],
    )


def _held(value: object, met: set[int]) -> Iterator[object]:
    """The single values within *value*: its fields, members and what these hold."""
    if id(value) in met or len(met) > 2_000:
        return
    met.add(id(value))
    match value:
        case Enum():
            yield from _held(value.value, met)
        case str() | bool() | int() | float() | date() | timedelta():
            yield value
        case Decimal():
            yield float(value)
        case time():
            yield value.hour
        case Mapping():
            for key, item in cast("Mapping[object, object]", value).items():
                yield from (*_held(key, met), *_held(item, met))
        case list() | tuple() | set() | frozenset():
            for item in cast("tuple[object, ...]", value):
                yield from _held(item, met)
        case _ if attrs.has(type(value)):
            for field in attrs.fields(cast("Any", type(value))):
                yield from _held(getattr(value, field.name, None), met)
        case _:
            return


def _written(criterion: Criterion) -> Iterator[object]:
    for part in criterion.walk():
        for cls in type(part).__mro__:
            if issubclass(cls, Criterion) and not cls.__module__.startswith("mqlkit."):
                yield from _constants(cls)


@cache
def _constants(cls: type) -> tuple[object, ...]:
    """The constants of a class's own code, and those that it names in its module."""
    found: list[object] = []
    for name, held in vars(cls).items():
        if name.startswith("__"):
            continue  # what attrs and Python write
        made = held.fget if isinstance(held, property) else inspect.unwrap(held)
        if isinstance(made, FunctionType):
            found += _of_function(made, set())
        elif not callable(held):
            found.append(held)
    met: set[int] = set()
    every = (value for constant in found for value in _held(constant, met))
    return tuple(v for v in every if not (isinstance(v, str) and (len(v) > 60 or "\n" in v)))


def _of_function(function: FunctionType, met: set[FunctionType]) -> Iterator[object]:
    if function in met:
        return
    met.add(function)
    codes = [function.__code__]
    for code in codes:
        codes += [inner for inner in code.co_consts if isinstance(inner, CodeType)]
        yield from (held for held in code.co_consts if not isinstance(held, CodeType))
        for name in code.co_names:
            held = function.__globals__.get(name)
            if isinstance(held, FunctionType):
                if held.__module__ == function.__module__:
                    yield from _of_function(held, met)
            elif not callable(held):
                yield held


def _forms(text: str) -> Iterator[str]:
    """A text as it may be met: alone, in another one, in other letters, and nearly."""
    yield from (text, f"{text} 1", f"{text}1", f"1 {text}", f"a {text} b", text.swapcase())
    if len(text) > 1:
        yield from (text[:-1], text[:-1] + ("0" if text[-1] != "0" else "1"))


def _beside(moment: date) -> Iterator[date]:
    steps = (timedelta(0), timedelta(days=1), MICROSECOND)
    nudges = steps if isinstance(moment, datetime) else steps[:2]
    for step in (*nudges, *(-nudge for nudge in nudges[1:])):
        try:
            yield moment + step
        except OverflowError:  # at the end of the calendar
            continue


def _at_hour(number: float) -> Iterator[datetime]:
    if number in range(24):
        opens = NOW.replace(hour=int(number)) - timedelta(days=1)
        yield from (opens, opens - MICROSECOND, opens + MICROSECOND)


def _each_once(values: "Iterator[Any] | tuple[Any, ...] | list[Any]") -> tuple[Any, ...]:
    """*values* in their order, each once; 1 and 1.0 are two."""
    return tuple({(type(value), value): value for value in values}.values())
