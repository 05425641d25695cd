"""
Values of leads as JSON has them, and back.

What JSON has no word for is written as in model files: ``{"date": "2026-03-02"}``,
``{"instant": "2026-03-02T09:00:00Z"}``.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from numbers import Integral
from typing import Any, Final

from ..errors import KindError, LeadDataError
from ..value import show

_DEEPEST: Final = 32
_MOST_BITS: Final = 3_320
"""Some thousand digits; beyond a few thousand Python does not write a number out."""


def plain_table(values: object, what: str) -> dict[str, Any]:
    """
    Values by name as JSON has them.

    Args:
        values: A mapping.
        what: Whose names they are, for errors; these say nothing of the values.

    Raises:
        KindError: it is no mapping.
        LeadDataError: a name is not text, or JSON has no word for a value.
    """
    if not isinstance(values, Mapping):
        raise KindError(f"{what}s are given by name, not as {type(values).__name__}")
    return {_name(name, what): _named(name, value, what) for name, value in values.items()}


def _name(name: object, what: str) -> str:
    if not isinstance(name, str):
        raise LeadDataError(f"the name of {what} {show(name)} is not text")
    return name


def _named(name: object, value: object, what: str) -> Any:
    try:
        return to_plain(value)
    except LeadDataError as error:
        raise LeadDataError(f"{what} {show(name)}: {error}") from None


def to_plain(value: object, depth: int = _DEEPEST) -> Any:
    """
    *value* as JSON has it.

    Raises:
        LeadDataError: JSON has no word for it, or it nests deeper than 32.
    """
    if depth < 0:
        raise LeadDataError(f"a value nests at most {_DEEPEST} deep")
    match value:
        case None | bool() | str():
            return value
        case Integral():
            return _whole(int(value))
        case float():
            return value if isfinite(value) else {"number": str(value)}
        case Decimal():
            return {"decimal": str(value)}
        case datetime():
            return {"instant": instant_text(value)}
        case date():
            return {"date": value.isoformat()}
        case Mapping():
            table = {_key(key): to_plain(item, depth - 1) for key, item in value.items()}
            return {"table": table} if len(table) == 1 and set(table) <= _WORDS else table
        case set() | frozenset():
            return [to_plain(item, depth - 1) for item in sorted(value, key=repr)]
        case list() | tuple():
            return [to_plain(item, depth - 1) for item in value]
        case _:
            raise LeadDataError(
                f"a funnel cannot keep a value of type {type(value).__name__}; give text, a "
                "number, a flag, a date, an instant, a list or a table of these"
            )


def _whole(value: int) -> int:
    if value.bit_length() > _MOST_BITS:
        raise LeadDataError("a whole number has at most some thousand digits")
    return value


def _key(name: object) -> str:
    if not isinstance(name, str):
        raise LeadDataError("a table has text for names")
    return name


def from_plain(value: Any) -> Any:
    """The value that `to_plain` wrote."""
    match value:
        case {"instant": str(text), **rest} if not rest:
            return datetime.fromisoformat(text)
        case {"date": str(text), **rest} if not rest:
            return date.fromisoformat(text)
        case {"decimal": str(text), **rest} if not rest:
            return Decimal(text)
        case {"number": str(text), **rest} if not rest:
            return float(text)
        case {"table": dict(table), **rest} if not rest:
            return {key: from_plain(item) for key, item in table.items()}
        case dict():
            return {key: from_plain(item) for key, item in value.items()}
        case list():
            return [from_plain(item) for item in value]
        case _:
            return value


_WORDS: Final = {"instant", "date", "decimal", "number", "table"}


def instant_text(moment: datetime) -> str:
    """An instant as RFC 3339 has it, in UTC; one without a zone stays without."""
    if moment.tzinfo is None:
        return moment.isoformat()
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
