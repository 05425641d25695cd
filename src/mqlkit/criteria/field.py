"""The name of a field, and when what stands in it changes by itself."""

from datetime import datetime

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


def next_change(field: str, lead: Snapshot) -> datetime | None:
    """The next instant at which the history of *field* changes its value."""
    return lead.next_change(field)
