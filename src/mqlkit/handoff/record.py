"""
What a handoff keeps: offers, attempts, endings and pauses, each as it was recorded.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import attrs

from ..value import MICROSECOND


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
    ``"accepted"``, ``"rejected"``, ``"lapsed"``, ``"reassigned"`` or ``"withdrawn"``. ``left_at``
    is when whoever accepted it had the lead no longer.
    """

    to: str
    at: datetime
    due: datetime
    how: str = ""
    ended: str = ""
    ended_at: datetime | None = None
    left_at: datetime | None = None


@attrs.frozen
class Attempt:
    """
    One try to reach the lead; ``reached`` when it answered.

    ``late`` says that it was told after *by* had the lead no longer: it counts for them alone.
    """

    by: str
    at: datetime
    channel: str = ""
    reached: bool = False
    late: bool = False


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
class Left:
    """
    What a pause left of a deadline: by instant (``"due"``, …), how much working time it was away.

    ``due`` is the instant before the pause: of two deadlines of one name it tells which.
    """

    name: str
    due: datetime
    spans: Mapping[str, timedelta]

    def to_dict(self) -> dict[str, Any]:
        """As an event has it, in whole microseconds."""
        spans = {name: span // MICROSECOND for name, span in self.spans.items()}
        return {"name": self.name, "due": self.due.isoformat(), "spans": spans}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Left":
        """What `to_dict` wrote."""
        spans = {name: count * MICROSECOND for name, count in data["spans"].items()}
        return cls(data["name"], datetime.fromisoformat(data["due"]), spans)


@attrs.frozen
class Pause:
    """
    A time in which no clock ran; ``until`` when it is to end by itself.

    ``left`` is what was left of each deadline, by the calendar of that day.
    """

    at: datetime
    why: str
    until: datetime | None = None
    ended_at: datetime | None = None
    left: tuple[Left, ...] = ()
