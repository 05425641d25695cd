"""
What can be decided about a lead, and the table that decides it.
"""

from enum import StrEnum

from .verdict import Verdict


class Status(StrEnum):
    """What was decided about a lead; equal to its own text, so it goes into JSON as it is."""

    QUALIFIED = "qualified"
    NOT_QUALIFIED = "not qualified"
    DISQUALIFIED = "disqualified"
    NEEDS_DATA = "needs data"

    def __repr__(self) -> str:
        return f"Status.{self.name}"


def decide(never: Verdict, wanted: Verdict) -> Status:
    """
    The decision from the two facts that meet in it.

    Args:
        never: Whether any disqualifier holds.
        wanted: Whether the definition, or something that qualifies at once, holds.
    """
    match never, wanted:
        case Verdict.YES, _:
            return Status.DISQUALIFIED  # A known blocker wins over any score.
        case Verdict.UNKNOWN, Verdict.NO:
            return Status.NOT_QUALIFIED  # The blocker cannot matter.
        case Verdict.UNKNOWN, _:
            return Status.NEEDS_DATA  # An unknown blocker is never an absent one.
        case _, Verdict.YES:
            return Status.QUALIFIED
        case _, Verdict.NO:
            return Status.NOT_QUALIFIED
        case _:
            return Status.NEEDS_DATA  # One missing fact would settle it: the answer says which.
