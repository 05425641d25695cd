"""
What a statement reads: relations, and for each field an expression with its kind.

Expressions stand for values as the core knows them: a blank or a value that cannot be read is
NULL, an instant is whole microseconds since 1970, a number that is not a number is NULL.
"""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

import attrs

from ..value import Kind

Held: TypeAlias = Literal["whole", "number", "text", "flag", "moment", "items"]
"""What a column holds: a whole number is a number, too, that needs no rounding."""


@attrs.frozen
class Cell:
    """
    One column as the core would read it.

    Args:
        sql: An expression over the columns of its relation; NULL for a blank.
        held: What it gives. Text is as it was written, a moment is microseconds since 1970,
            items are texts.
    """

    sql: str
    held: Held


@attrs.frozen
class LeadTable:
    """
    Where leads come from.

    Args:
        relation: What stands behind FROM: a table's name, a function that reads files, or a
            query in parentheses.
        id: The lead's key, as text.
        fields: By the name under which a definition asks for them.
        stage: Where the lead stands in its lifecycle, as text.
        stage_since: Since when, in microseconds since 1970.
        as_of: The instant to decide it at, in microseconds since 1970, where each row has its
            own.
    """

    relation: str
    id: str
    fields: Mapping[str, Cell] = attrs.field(factory=dict[str, Cell])
    stage: str | None = None
    stage_since: str | None = None
    as_of: str | None = None


@attrs.frozen
class ActivityTable:
    """
    Where activities come from.

    Args:
        relation: What stands behind FROM.
        lead: The lead's key, as text.
        kind: What was done, as text; a row without it does not count.
        at: When, in microseconds since 1970; a row without it does not count.
        id: The activity's own key, as text; None when they have none.
        fields: Their properties by name. With repeated ids all of them tell two activities
            apart, also those that no definition asks for.
        before: An expression over the relation, with ``{as_of}`` for the instant, by which the
            engine may leave out what happens later before it computes anything.
    """

    relation: str
    lead: str
    kind: str
    at: str
    id: str | None = None
    fields: Mapping[str, Cell] = attrs.field(factory=dict[str, Cell])
    before: str | None = None


@attrs.frozen
class Tables:
    """
    All that a statement reads.

    Args:
        leads: The leads.
        activities: Their activities; None means not loaded, so their counts are unknown.
        unique_ids: No activity's id repeats; nothing is compared.
    """

    leads: LeadTable
    activities: ActivityTable | None = None
    unique_ids: bool = False


class Noting(dict[str, Cell]):
    """
    Fields that are there as soon as somebody asks for them; it notes as what they are asked for.

    Of a table that nobody can look at, the definition itself says which columns it has.

    >>> fields = Noting()
    >>> "employees" in fields, fields.note("employees", "number")
    (True, None)
    >>> fields.kinds
    {'employees': {'number'}}
    """

    def __init__(self) -> None:
        self.kinds: dict[str, set[Kind]] = {}
        self.stage = False
        """Whether the lead's stage is asked for."""

    def note(self, field: str, kind: Kind) -> None:
        """Somebody asks for a field as a kind; the last one is what it holds."""
        self.kinds.setdefault(field, set()).add(kind)
        self[field] = Cell("NULL", HELD_AS.get(kind, "text"))

    def __contains__(self, field: object) -> bool:
        if isinstance(field, str) and field not in self.kinds:
            self.kinds[field] = set()
            self[field] = Cell("NULL", "text")
        return True


HELD_AS: Final[Mapping[Kind, Held]] = {
    "number": "number",
    "text": "text",
    "written": "text",
    "domain": "text",
    "flag": "flag",
    "moment": "moment",
    "items": "items",
}
"""What a column holds that is asked for as a kind; of a single value nobody can say."""
