"""The name of a field, and when what stands in it changes by itself."""

from datetime import datetime
from typing import Final

from ..errors import DefinitionError
from ..lead import Snapshot
from ..value import is_blank, show


def field_name(value: object) -> str:
    """A field's name, or its dotted path into a related record, checked."""
    if not isinstance(value, str) or is_blank(value) or len(value) > 200:
        raise DefinitionError(
            f"a field is named by text of at most 200 characters, not {show(value)}"
        )
    return value


def plain_value(field: str, lead: Snapshot) -> object:
    """
    What stands in *field*, as a key under which just what reads and shows alike is one.

    None where that is not certain: a value of another kind than text, numbers and flags, a very
    long text, and a snapshot that is no plain one.
    """
    if type(lead) is not Snapshot:
        return None
    value = lead.raw(field)
    kind = type(value)
    if kind not in _PLAIN or (kind is str and len(value) > _LONGEST):  # type: ignore[arg-type]
        return None
    if kind is float and (not value or value != value):  # a zero has a sign, and NaN is no key
        return None
    return kind, value


_PLAIN: Final = frozenset((str, int, float, bool, type(None)))
_LONGEST: Final = 256


def next_change(field: str, lead: Snapshot) -> datetime | None:
    """The next instant at which the history of *field* changes its value."""
    return lead.next_change(field)
