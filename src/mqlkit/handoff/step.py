"""
A step of a handoff: what a command or a tick adds, and what it tells.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

import attrs

from ..effect import Effect
from ..lead import Snapshot
from .event import HandoffEvent
from .offer import Handoff
from .pool import Pool

Told: TypeAlias = tuple[tuple[str, timedelta | None], ...]


@attrs.frozen
class HandoffStep:
    """
    What one command comes to.

    Args:
        handoff: After it.
        events: What to record, in this order; none for a repeated command.
        effects: What to tell, one key each.
        pool: The state of routing after it; None where the command was given none.
        then: What the lifecycle is to be told: triggers, each with the cool-down it brings.
    """

    handoff: Handoff
    events: tuple[HandoffEvent, ...] = ()
    effects: tuple[Effect, ...] = ()
    pool: Pool | None = None
    then: Told = ()


@attrs.frozen
class Desk:
    """
    What routing looks at: the lead's facts, the pool's state and each rep's open handoffs.
    """

    facts: Snapshot
    pool: Pool
    load: Mapping[str, int]


class Recorder:
    """Events and effects of one step as they come, and the handoff after each."""

    def __init__(self, handoff: Handoff, pool: Pool | None = None) -> None:
        self.handoff = handoff
        self.holder = handoff.holder
        """Who had it when the step began: whose load it is among."""

        self.pool = pool
        self._events: list[HandoffEvent] = []
        self._effects: list[Effect] = []
        self._then: list[tuple[str, timedelta | None]] = []

    def record(self, kind: str, at: datetime, data: Mapping[str, Any]) -> None:
        """One more event, numbered within its handoff, with what it tells."""
        before = self.handoff
        key = before.key if kind != "opened" else f"{data['lead']}/{data['episode']}"
        event = HandoffEvent(kind, at, f"{key}/handoff/{len(before.event_ids) + 1}", data)
        self.handoff = before.after(event)
        self._events.append(event)
        self._effects += _effects(event, before, self.handoff)

    def tell(self, told: Told) -> None:
        """What the lifecycle is to be told."""
        self._then += told

    def step(self) -> HandoffStep:
        """All of it."""
        events, effects = tuple(self._events), tuple(self._effects)
        return HandoffStep(self.handoff, events, effects, self.pool, tuple(self._then))


# -- effects -----------------------------------------------------------------------------------

_INTERNAL: Final = ("deadlines", "command", "lead", "lines", "points", "then", "all_asked", "left")


def _effects(event: HandoffEvent, before: Handoff, after: Handoff) -> Iterator[Effect]:
    for kind in _kinds(event, before, after):
        yield Effect(
            kind, after.lead_id, event.at, f"{event.id}/{kind}", _data(event, before, after)
        )


def _kinds(event: HandoffEvent, before: Handoff, after: Handoff) -> Iterator[str]:
    """What an event tells: nothing, itself, or also that the handoff is closed."""
    if event.kind == "attempted":
        if after.touched and not before.touched:
            yield "touched"
    elif event.kind == "queued":
        # Where nobody was asked and nobody is to hear of it, only the first look in vain is news.
        if not before.rounds or before.tried or event.data["to"]:
            yield "queued"
    elif event.kind == "escalated":
        if event.data["to"]:  # The terms may have lost their chain.
            yield "escalated"
    elif event.kind != "opened":
        yield event.kind
    if event.kind == "rejected" and not after.open:
        yield "closed"


def _data(event: HandoffEvent, before: Handoff, after: Handoff) -> dict[str, Any]:
    """What a receiver needs to act: where, who, by when, why."""
    deadlines = event.data.get("deadlines", ())
    told: dict[str, Any] = {
        "episode": after.episode,
        "target": after.target,
        "owner": after.holder or before.holder,
        "due": deadlines[0]["due"] if deadlines else None,
        "reason": "",
        "finding": "",
    }
    return told | {name: v for name, v in event.data.items() if name not in _INTERNAL}
