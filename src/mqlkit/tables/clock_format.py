"""
Dates in other forms than ISO 8601, such as ``%d/%m/%Y %H:%M``.

The letters are those of ``datetime.strptime``; this one reads English month names wherever it
runs, where that one follows the machine's locale.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

from ..errors import DefinitionError

_MONTHS: Final = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)
_PARTS: Final[Mapping[str, str]] = {
    "Y": r"(?P<year>\d{4})",
    "y": r"(?P<short_year>\d\d)",
    "m": r"(?P<month>\d\d?)",
    "b": r"(?P<name>[A-Za-z]{3})",
    "d": r"(?P<day>\d\d?)",
    "H": r"(?P<hour>\d\d?)",
    "I": r"(?P<hour12>\d\d?)",
    "p": r"(?P<half>[AaPp][Mm])",
    "M": r"(?P<minute>\d\d?)",
    "S": r"(?P<second>\d\d?)",
    "f": r"(?P<fraction>\d{1,6})",
    "z": r"(?P<zone>Z|[+-]\d\d:?\d\d)",
    "%": "%",
}
_TIMES: Final = {"hour", "hour12", "minute", "second", "fraction", "zone"}


class ClockFormat:
    """
    A form of dates and times.

    Args:
        text: With ``%Y %y %m %b %d %H %I %p %M %S %f %z``; a two-digit year from 69 is of the
            last century.

    Raises:
        DefinitionError: it has another letter, the same twice, or no whole date.

    >>> ClockFormat("%d.%m.%Y").read("1.3.2026")
    datetime.date(2026, 3, 1)
    >>> ClockFormat("%d-%b-%y %I:%M %p").read("01-Mar-26 02:30 PM")
    datetime.datetime(2026, 3, 1, 14, 30)
    """

    def __init__(self, text: str) -> None:
        try:
            self._pattern = re.compile(
                "".join(map(_part, re.findall(r"%.?|[^%]+", text))), re.ASCII
            )
        except re.error:
            raise DefinitionError(f"the format {text!r} asks for the same part twice") from None
        parts = set(self._pattern.groupindex)
        if not ("day" in parts and parts & {"month", "name"} and parts & {"year", "short_year"}):
            raise DefinitionError(f"the format {text!r} has no whole date: year, month and day")
        self._has_time = bool(parts & _TIMES)
        self.has_zone = "zone" in parts

    def read(self, text: str) -> date:
        """
        A date, or a datetime where the form has a time.

        Raises:
            ValueError: *text* is not of that form, or no calendar has it.
        """
        found = self._pattern.fullmatch(text)
        if found is None:
            raise ValueError("not of that form")
        part = found.groupdict()
        day = date(_year(part), _month(part), int(part["day"]))
        if not self._has_time:
            return day
        fraction = int((part.get("fraction") or "0").ljust(6, "0"))
        clock = (_hour(part), int(part.get("minute") or 0), int(part.get("second") or 0), fraction)
        return datetime(day.year, day.month, day.day, *clock, tzinfo=_zone(part.get("zone")))


def _part(piece: str) -> str:
    if not piece.startswith("%"):
        return re.escape(piece)
    if piece[1:] not in _PARTS:
        known = " ".join(f"%{letter}" for letter in _PARTS)
        raise DefinitionError(f"{piece!r} is no part of a format; known are {known}")
    return _PARTS[piece[1:]]


def _year(part: dict[str, str]) -> int:
    if "year" in part:
        return int(part["year"])
    short = int(part["short_year"])
    return short + (1900 if short >= 69 else 2000)


def _month(part: dict[str, str]) -> int:
    return int(part["month"]) if "month" in part else _MONTHS.index(part["name"].lower()) + 1


def _hour(part: dict[str, str]) -> int:
    if "hour12" not in part:
        return int(part.get("hour") or 0)
    hour = int(part["hour12"])
    if not 1 <= hour <= 12:
        raise ValueError("not an hour of half a day")
    return hour % 12 + (12 if part.get("half", "am").lower() == "pm" else 0)


def _zone(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)
