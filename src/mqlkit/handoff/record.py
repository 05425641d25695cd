"""
What a handoff keeps: offers, attempts, endings and pauses, each as it was recorded.
"""

from datetime import datetime

import attrs


@attrs.frozen
class Line:
    """A line of a score that counted when the lead was handed off; points as a JSON number."""

    name: str
    group: str
    points: int | float


@attrs.frozen
class Offer:
    """
    A proposal to one rep alone, up to an instant.

    ``how`` says by which way of the routing; ``ended`` is empty while it stands, then
    ``"accepted"``, ``"rejected"``, ``"lapsed"``, ``"reassigned"`` or ``"withdrawn"``.
    """

    to: str
    at: datetime
    due: datetime
    how: str = ""
    ended: str = ""
    ended_at: datetime | None = None


@attrs.frozen
class Attempt:
    """One try to reach the lead; ``reached`` when it answered."""

    by: str
    at: datetime
    channel: str = ""
    reached: bool = False


@attrs.frozen
class Ending:
    """
    How somebody let go of the lead: a rejection, a return or the close.

    ``outcome`` is what came of it, in sales' own word; or ``reason`` is the code and ``finding``
    what it tells. ``automatic`` when nobody said so: the attempts were used up.
    """

    at: datetime
    by: str
    outcome: str = ""
    reason: str = ""
    finding: str = ""
    why: str = ""
    automatic: bool = False


@attrs.frozen
class Pause:
    """A time in which no clock ran; ``until`` when it is to end by itself."""

    at: datetime
    why: str
    until: datetime | None = None
    ended_at: datetime | None = None
