"""
A deadline of a handoff: what somebody is to do by when, and how it went.

Done at or before due is in time. A breach stays even when a touch turns out to have been in time:
the correction stands beside it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

import attrs

from .event import read, written

OFFER: Final = "offer"
FIRST_TOUCH: Final = "first touch"
NEXT_ATTEMPT: Final = "next attempt"
ANSWER: Final = "answer"
OUTCOME: Final = "outcome"
DEADLINES: Final = (OFFER, FIRST_TOUCH, NEXT_ATTEMPT, ANSWER, OUTCOME)
"""In the order of a handoff; an *answer* is waited for when the last attempt is made."""


Ended: TypeAlias = Literal["", "done", "dropped"]


@attrs.frozen
class Deadline:
    """
    What is to be done by when.

    ``owner`` is who has to; ``warned`` says that the warning was told; ``breached_at`` and
    ``levels`` tell of the breach and how many levels heard of it; ``escalates_at`` when the next
    one will. ``ended`` is empty while it runs, ``"done"`` when it was done at ``ended_at``, late
    or not, and ``"dropped"`` when nobody has to any more.
    """

    name: str
    owner: str
    started: datetime
    due: datetime
    warns_at: datetime | None = None
    warned: bool = False
    breached_at: datetime | None = None
    levels: int = 0
    escalates_at: datetime | None = None
    corrected: bool = False
    ended: Ended = ""
    ended_at: datetime | None = None

    @property
    def running(self) -> bool:
        """Whether it is still to be done."""
        return not self.ended

    @property
    def in_time(self) -> bool | None:
        """Whether it was done at or before due; None when that is open or was never found out."""
        if self.ended == "done" and self.ended_at is not None:
            return self.ended_at <= self.due
        return None if self.breached_at is None else False

    @property
    def instants(self) -> Mapping[str, datetime]:
        """The instants at which something comes of it, by the names that they have here."""
        found = {
            "due": self.due,
            "warns_at": self.warns_at,
            "escalates_at": self.escalates_at,
        }
        return {name: moment for name, moment in found.items() if moment is not None}

    def is_first_touch_of(self, rep: str, at: datetime) -> bool:
        """Whether an attempt by *rep* at an instant is the first touch that it waits for."""
        if self.name != FIRST_TOUCH or self.owner != rep or self.ended == "dropped":
            return False
        return self.ended_at is None or at < self.ended_at

    def can_be_corrected_by(self, rep: str, at: datetime) -> bool:
        """Whether an attempt by *rep*, told after the breach, shows that there was none."""
        if self.breached_at is None or self.corrected or self.owner != rep or at > self.due:
            return False
        if self.ended_at is not None and at >= self.ended_at:
            return False
        return self.name == FIRST_TOUCH or (self.name == NEXT_ATTEMPT and at > self.started)

    def done(self, at: datetime) -> "Deadline":
        """The same, done."""
        return attrs.evolve(self, ended="done", ended_at=at)

    def dropped(self, at: datetime) -> "Deadline":
        """The same, with nobody to do it any more."""
        return attrs.evolve(self, ended="dropped", ended_at=at)

    def moved(self, instants: Mapping[str, datetime]) -> "Deadline":
        """The same, with other instants; by the names of `instants`."""
        return attrs.evolve(
            self,
            due=instants.get("due", self.due),
            warns_at=instants.get("warns_at", self.warns_at),
            escalates_at=instants.get("escalates_at", self.escalates_at),
        )

    def to_dict(self) -> dict[str, Any]:
        """Its instants as plain data: what an event says of it."""
        return {
            "name": self.name,
            "owner": self.owner,
            "started": written(self.started),
            "due": written(self.due),
            "warns_at": written(self.warns_at),
            "escalates_at": written(self.escalates_at),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Deadline":
        """The deadline that `to_dict` wrote."""
        return cls(
            data["name"],
            data["owner"],
            datetime.fromisoformat(data["started"]),
            datetime.fromisoformat(data["due"]),
            read(data["warns_at"]),
            escalates_at=read(data["escalates_at"]),
        )
