"""
Values of leads as JSON has them, and back.

What JSON has no word for is written as in model files: ``{"date": "2026-03-02"}``,
``{"instant": "2026-03-02T09:00:00Z"}``.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from ..errors import LeadDataError
from ..value import show

_DEEPEST = 32


def to_plain(value: object, depth: int = _DEEPEST) -> Any:
    """
    *value* as JSON has it.

    Raises:
        LeadDataError: JSON has no word for it, or it nests deeper than 32.
    """
    if depth < 0:
        raise LeadDataError(f"a value nests at most {_DEEPEST} deep")
    match value:
        case None | bool() | str() | int():
            return value
        case float():
            return value if isfinite(value) else {"number": str(value)}
        case Decimal():
            return {"decimal": str(value)}
        case datetime():
            return {"instant": instant_text(value)}
        case date():
            return {"date": value.isoformat()}
        case Mapping():
            table = {str(key): to_plain(item, depth - 1) for key, item in value.items()}
            return {"table": table} if len(table) == 1 and set(table) <= _WORDS else table
        case set() | frozenset():
            return [to_plain(item, depth - 1) for item in sorted(value, key=repr)]
        case list() | tuple():
            return [to_plain(item, depth - 1) for item in value]
        case _:
            raise LeadDataError(
                f"a funnel cannot keep {show(value)}; give text, a number, a flag, "
                "a date, an instant, a list or a table of these"
            )


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


_WORDS = {"instant", "date", "decimal", "number", "table"}


def instant_text(moment: datetime) -> str:
    """An instant as RFC 3339 has it, in UTC; one without a zone stays without."""
    if moment.tzinfo is None:
        return moment.isoformat()
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
