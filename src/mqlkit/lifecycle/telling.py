"""
What a step tells the application: the effects of entries, timers and moves.

INVARIANT: the key of an effect is made of the place in the journey, so every attempt at a step
makes the same keys, and no two effects of a lead have one.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ..effect import Effect
from .journey import Journey, Settled


def effects_of(
    before: Journey | None, after: Journey, line: Settled, told: tuple[str, ...] = ()
) -> Iterator[Effect]:
    """
    What there is to tell of one line of history.

    Args:
        before: The journey before it; None at its beginning.
        after: The journey with it.
        line: What happened and what came of it.
        told: The effects that the moves taken name.
    """
    number = len(after.history)
    if before is not None and line.fired in ("warning", "expired"):
        here = before.here
        data = {"stage": here.stage, "due": _text(here.due), "episode": here.episode}
        yield _effect(after, line.fired, line.event.at, f"{number}/{line.fired}", data)
    for place in range(0 if before is None else len(before.entries), len(after.entries)):
        yield _entered(after, place, line)
    for name in dict.fromkeys(told):
        source = None if before is None else before.stage
        data = {"stage": after.stage, "from": source, "episode": after.episode}
        yield _effect(after, name, after.since, f"{number}/told/{name}", data)


def _entered(journey: Journey, place: int, line: Settled) -> Effect:
    entry = journey.entries[place]
    data: dict[str, Any] = {
        "stage": entry.stage,
        "from": journey.entries[place - 1].stage if place else None,
        "trigger": entry.trigger,
        "episode": entry.episode,
        "furthest": entry.furthest,
    }
    said = {"by": line.event.by, "why": line.event.why, "due": _text(entry.due)}
    data |= {name: value for name, value in said.items() if value}
    return _effect(journey, "entered", entry.at, f"{place + 1}/entered", data)


def _effect(journey: Journey, kind: str, at: datetime, key: str, data: dict[str, Any]) -> Effect:
    return Effect(kind, journey.lead_id, at, f"{journey.lead_id}/journey/{key}", data)


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
