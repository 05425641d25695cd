"""
From a cell to a value: the one place where text becomes a number, a flag, a moment or a list.

The library itself never turns one kind into another; a file of text cells needs it, so it happens
here, by a table that says all of it, and only where a mapping file names the kind.

| kind   | a text cell that counts                         | refused unless stated             |
|--------|-------------------------------------------------|-----------------------------------|
| any    | taken as it is (in CSV every cell is text)      |                                   |
| text   | taken as it is                                  |                                   |
| number | 12, -3.5, +7, 1e6, .5                           | 1,234 (thousands), 3,5 (decimal), |
|        |                                                 | 12 %, $ 5, NaN, inf               |
| flag   | true, yes, 1 and false, no, 0; any case         | other spellings (yes, no)         |
| moment | 2026-03-01 (a date), 2026-03-01T12:00Z,         | a time without a zone (zone),     |
|        | 2026-03-01 12:00:00.5+01:00                     | another order (format)            |
| items  | members between separators, ";" unless stated   |                                   |

White space around a cell of a CSV file is cut, whatever its kind; text in JSON and Parquet is taken
with it. A blank is a cell of spaces only, or one of the stated ``blanks`` in any case. Values that
are no text (JSON, Parquet) must be of the kind already.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final, Literal, TypeAlias, cast
from zoneinfo import ZoneInfo

import attrs

from ..value import EPOCH, Kind, an, as_moment, fold, is_blank, read_as
from .clock_format import ClockFormat

CellKind: TypeAlias = Literal["any", "text", "number", "flag", "moment", "items"]
CELL_KINDS: Final[tuple[CellKind, ...]] = ("any", "text", "number", "flag", "moment", "items")
EPOCHS: Final[Mapping[str, timedelta]] = {
    "epoch seconds": timedelta(seconds=1),
    "epoch milliseconds": timedelta(milliseconds=1),
}
YES: Final = ("true", "yes", "1")
NO: Final = ("false", "no", "0")

_LONGEST_NUMBER: Final = 40
_ISO: Final = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?"
)


class CellError(ValueError):
    """A cell that is not of its column's kind."""


@attrs.frozen(slots=False)
class Column:
    """
    How the cells of one column are read.

    Args:
        field: The name under which a definition asks for it.
        kind: See the table above.
        blanks: Cells that mean "not filled in", beside the empty one; in any case of letters.
        format: Of a moment: empty for ISO 8601, ``epoch seconds``, ``epoch milliseconds``, or
            ``%d/%m/%Y %H:%M`` and the like.
        zone: Of a moment whose text has none: ``Europe/Berlin``, ``UTC``.
        separator: Between the members of a list.
        thousands: The mark between groups of three digits, if there is one.
        decimal: The mark before the fraction.
        yes: What counts as true, in any case of letters.
        no: What counts as false.

    >>> Column("revenue", "number", thousands=",").read("1,234.5")
    1234.5
    >>> Column("revenue", "number").read("1,234.5")
    Traceback (most recent call last):
    ...
    mqlkit.tables.cell.CellError: not a number; thousands = "," in the mapping file allows 1,234
    """

    field: str
    kind: CellKind = "any"
    blanks: frozenset[str] = frozenset()
    format: str = ""
    zone: str = ""
    separator: str = ";"
    thousands: str = ""
    decimal: str = "."
    yes: tuple[str, ...] = YES
    no: tuple[str, ...] = NO

    def read(self, cell: object) -> object:
        """
        The value of a cell; None for a blank.

        Raises:
            CellError: it is not of the column's kind.
        """
        if is_blank(cell):
            return None
        if not isinstance(cell, str):
            return self._native(cell)
        stripped = cell.strip()
        if not stripped or self.is_stated_blank(stripped):
            return None
        return _TEXT[self.kind](self, cell if self.kind in ("any", "text") else stripped)

    def is_stated_blank(self, text: str) -> bool:
        """Whether a text is one of the stated blanks, in any case of letters."""
        return bool(self.blanks) and fold(text) in self._folded_blanks

    @cached_property
    def _folded_blanks(self) -> frozenset[str]:
        return frozenset(map(fold, self.blanks))

    def _native(self, cell: object) -> object:
        """A value that came with a type of its own."""
        if self.kind == "any":
            return cell
        if self.kind == "moment":
            return self._native_moment(cell)
        value = read_as(cast(Kind, self.kind), cell)
        if value is None:
            raise CellError(f"is {an(type(cell).__name__)}, not {_NAMES[self.kind]}")
        return list(cast("tuple[object, ...]", value)) if self.kind == "items" else value

    def _native_moment(self, cell: object) -> object:
        if isinstance(cell, int | float) and not isinstance(cell, bool) and self.format in EPOCHS:
            return _since_epoch(self, cell)
        if isinstance(cell, datetime):
            return self.located(cell)
        if isinstance(cell, date):
            return self.dated(cell)
        raise CellError(f"is {an(type(cell).__name__)}, not {_NAMES['moment']}")

    def located(self, moment: datetime) -> datetime:
        """The moment in UTC, by the stated zone where it has none; of a repeated hour the first."""
        if moment.tzinfo is None:
            if self.clock is None:
                raise CellError('a time without a zone; say zone = "UTC" or another one')
            moment = moment.replace(tzinfo=self.clock)
        utc = as_moment(moment)
        if utc is None:
            raise CellError("an instant that no calendar has")
        return utc

    def dated(self, day: date) -> date:
        """A date, or its first instant in the stated zone."""
        if self.clock is None:
            return day
        return self.located(datetime(day.year, day.month, day.day))  # noqa: DTZ001 - located below

    @cached_property
    def clock(self) -> ZoneInfo | None:
        """The stated zone."""
        return ZoneInfo(self.zone) if self.zone else None

    @cached_property
    def number_form(self) -> re.Pattern[str]:
        """How a number is written."""
        groups = rf"\d{{1,3}}(?:{re.escape(self.thousands)}\d{{3}})+|" if self.thousands else ""
        fraction = rf"(?:{re.escape(self.decimal)}\d*)?"
        return re.compile(
            rf"[+-]?(?:(?:{groups}\d+){fraction}|{re.escape(self.decimal)}\d+)(?:[eE][+-]?\d{{1,3}})?",
            re.ASCII,
        )

    @cached_property
    def flags(self) -> Mapping[str, bool]:
        """What each spelling of a flag means."""
        return {w.lower(): False for w in self.no} | {w.lower(): True for w in self.yes}

    @cached_property
    def clock_format(self) -> ClockFormat:
        """How a moment is written."""
        return ClockFormat(self.format)


_NAMES: Final[Mapping[CellKind, str]] = {
    "text": "text",
    "number": "a number",
    "flag": "true or false",
    "moment": "a date or an instant",
    "items": "a list",
}


def _as_it_is(column: Column, text: str) -> str:
    return text


def _as_number(column: Column, text: str) -> int | float:
    if len(text) > _LONGEST_NUMBER or column.number_form.fullmatch(text) is None:
        mark = re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", text) and not column.thousands
        hint = '; thousands = "," in the mapping file allows 1,234' if mark else ""
        raise CellError(f"not a number{hint}")
    plain = text.replace(column.thousands, "") if column.thousands else text
    plain = plain.replace(column.decimal, ".")
    if plain.lstrip("+-").isdigit():
        return int(plain)
    number = float(plain)
    if number in (float("inf"), float("-inf")):
        raise CellError("a number beyond what a computer counts with")
    return number


def _as_flag(column: Column, text: str) -> bool:
    try:
        return column.flags[text.lower()]
    except KeyError:
        wanted = " or ".join((column.yes[0], column.no[0]))
        raise CellError(f"not a flag; wanted {wanted}, or spellings stated as yes, no") from None


def _as_moment(column: Column, text: str) -> date:
    if column.format in EPOCHS:
        return _since_epoch(column, _as_number(Column("", "number"), text))
    if column.format:
        return _as_stated(column, text)
    if _ISO.fullmatch(text) is None:
        raise CellError("not a moment in ISO 8601, such as 2026-03-01; another form needs a format")
    try:
        if len(text) == len("2026-03-01"):
            return column.dated(date.fromisoformat(text))
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CellError("a date or time that no calendar has") from None
    return column.located(moment)


def _as_stated(column: Column, text: str) -> date:
    """A moment of the stated form."""
    try:
        moment = column.clock_format.read(text)
    except ValueError:
        raise CellError(f"not a moment of the form {column.format}") from None
    return column.located(moment) if isinstance(moment, datetime) else column.dated(moment)


def _since_epoch(column: Column, count: float) -> datetime:
    try:
        return EPOCH + count * EPOCHS[column.format]
    except (OverflowError, ValueError):
        raise CellError("an instant that no calendar has") from None


def _as_items(column: Column, text: str) -> list[object]:
    members = (member.strip() for member in text.split(column.separator))
    return [member for member in members if member and not column.is_stated_blank(member)]


_TEXT: Final[Mapping[CellKind, Callable[[Column, str], object]]] = {
    "any": _as_it_is,
    "text": _as_it_is,
    "number": _as_number,
    "flag": _as_flag,
    "moment": _as_moment,
    "items": _as_items,
}
