"""
Spans of time in a model file: ``{ days = 7 }``, ``{ hours = 2, minutes = 30 }``.

A span is so many seconds: a day is 24 hours, on a business calendar 24 open ones. Months and years
have no fixed length, so there are none.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final

from ..errors import did_you_mean
from .limits import GREATEST_NUMBER
from .path import Path
from .refusal import Refused, SeveralRefused, shown

UNITS: Final[Mapping[str, timedelta]] = {
    unit: timedelta(**{unit: 1})
    for unit in ("weeks", "days", "hours", "minutes", "seconds", "microseconds")
}
LONGEST: Final = timedelta(days=36_500)
WANTED: Final = "wanted a span such as { days = 7 } or { hours = 2, minutes = 30 }"

_NO_UNITS: Final[Mapping[str, str]] = dict.fromkeys(
    ("month", "months", "quarter", "quarters", "year", "years"), "it has no fixed length; say days"
)
_ONE: Final = UNITS["microseconds"]

SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        unit: {"type": "integer", "minimum": 0, "maximum": GREATEST_NUMBER} for unit in UNITS
    },
    "additionalProperties": False,
    "minProperties": 1,
}


def read_span(value: object) -> timedelta:
    """
    The span that a table writes.

    Raises:
        Refused: it is no table, says nothing, or is longer than a hundred years.
        SeveralRefused: a unit is unknown, or a number is none.

    >>> read_span({"weeks": 1, "hours": 12})
    datetime.timedelta(days=7, seconds=43200)
    """
    if not isinstance(value, dict):
        raise Refused(shown(value), WANTED)
    if not value:
        raise Refused("an empty table", WANTED)
    wrong = [*_wrong(value)]
    if wrong:
        raise SeveralRefused(wrong)
    microseconds = sum(number * (UNITS[unit] // _ONE) for unit, number in value.items())
    if microseconds > LONGEST // _ONE:
        raise Refused("a span of more than 100 years", "a span is shorter")
    return timedelta(microseconds=microseconds)


def _wrong(table: dict[str, Any]) -> Iterator[tuple[Path, Exception]]:
    for unit, number in table.items():
        if unit not in UNITS:
            known = _NO_UNITS.get(unit) or partial(did_you_mean, unit, UNITS)
            yield (unit,), Refused("an unknown key", "a span has none such", known)
        elif type(number) is not int or number < 0:
            hint = "write half an hour as { minutes = 30 }" if type(number) is float else ""
            yield (unit,), Refused(shown(number), "wanted a whole number, zero or more", hint)


def write_span(span: timedelta) -> dict[str, int]:
    """
    The one spelling of a span: whole days as days, any other in hours and below.

    Hours are not gathered into days where some are left: 40 working hours are five working days.

    >>> write_span(timedelta(days=14)), write_span(timedelta(hours=40)), write_span(timedelta())
    ({'days': 14}, {'hours': 40}, {'days': 0})
    """
    if not span % UNITS["days"]:
        return {"days": span // UNITS["days"]}
    written = {}
    for unit in ("hours", "minutes", "seconds", "microseconds"):
        count, span = divmod(span, UNITS[unit])
        if count:
            written[unit] = count
    return written
