"""
A lead's journey: where it stands, where it was, and what waits.

A journey is a fold of settled events: each says what came of it, so that the same history gives
the same journey under any later version of the lifecycle.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import attrs

from ..calendar import Calendar
from ..effect import Effect
from ..errors import DefinitionError
from ..value import micros_of, moment_at
from .event import Event


@attrs.frozen
class Entry:
    """
    One stay in a stage.

    Args:
        stage: Which.
        at: When it was entered. Never before the entry before it.
        trigger: By which trigger.
        episode: Which climb the lead was on, from 1.
        furthest: The furthest stage on the path that it had reached by then.
        due: When the stay must end, in an SLA stage.
        warns_at: When a warning is told before that.
        rests_until: Until when it may not leave by a move, in a stage with a cool-down.
        left: When it was left; None while the lead stands there.
    """

    stage: str
    at: datetime
    trigger: str = ""
    episode: int = 1
    furthest: str = ""
    due: datetime | None = None
    warns_at: datetime | None = None
    rests_until: datetime | None = None
    left: datetime | None = None

    @property
    def elapsed(self) -> timedelta | None:
        """How long it lasted, on the wall; None while it lasts."""
        return None if self.left is None else self.left - self.at

    def until(self, at: datetime) -> "Entry":
        """The stay that ended then."""
        return Entry(
            self.stage,
            self.at,
            self.trigger,
            self.episode,
            self.furthest,
            self.due,
            self.warns_at,
            self.rests_until,
            at,
        )

    def business(self, calendar: Calendar) -> timedelta | None:
        """How much business time it lasted; None while it lasts."""
        return None if self.left is None else calendar.elapsed(self.at, self.left)


@attrs.frozen
class Wait:
    """
    A move that is decided and waits: for a dwell, or for a cool-down to end.

    Args:
        trigger: What raised it.
        target: Where it will lead.
        until: When.
        unless: The triggers that call it off.
    """

    trigger: str
    target: str
    until: datetime
    unless: tuple[str, ...] = ()


@attrs.frozen
class Settled:
    """
    An event with what came of it: one line of a journey's history.

    Args:
        event: What happened.
        entries: The stages it led into, in order: more than one by way of a gate.
        wait: The move that it set waiting.
        called_off: It called off what waited.
        fired: The timer that it was, ``"warning"`` or ``"expired"``.
        clock: What it did to the clock of the stay: ``"paused"`` or ``"resumed"``.
        stay: The stay with the due instants with which it goes on.
    """

    event: Event
    entries: tuple[Entry, ...] = ()
    wait: Wait | None = None
    called_off: bool = False
    fired: str = ""
    clock: str = ""
    stay: Entry | None = None

    def to_dict(self) -> dict[str, Any]:
        """The line as plain data, without the event's time and id."""
        data: dict[str, Any] = {"event": self.event.to_dict()}
        if self.entries:
            data["entries"] = [_plain(entry) for entry in self.entries]
        if self.wait is not None:
            data["wait"] = _plain(self.wait)
        if self.called_off:
            data["called_off"] = True
        if self.fired:
            data["fired"] = self.fired
        if self.clock:
            data["clock"] = self.clock
        if self.stay is not None:
            data["stay"] = _plain(self.stay)
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], at: datetime, id: str) -> "Settled":
        """The line that `to_dict` wrote."""
        wait, stay = data.get("wait"), data.get("stay")
        return cls(
            Event.from_dict(data["event"], at, id),
            tuple(_made(Entry, entry) for entry in data.get("entries", ())),
            None
            if wait is None
            else _made(Wait, {**wait, "unless": tuple(wait.get("unless", ()))}),
            bool(data.get("called_off")),
            data.get("fired", ""),
            data.get("clock", ""),
            None if stay is None else _made(Entry, stay),
        )


def _plain(made: Any) -> dict[str, Any]:
    """The fields that say something; instants as whole microseconds since 1970."""
    fields = {f.name: getattr(made, f.name) for f in attrs.fields(type(made))}
    return {
        name: micros_of(value)
        if isinstance(value, datetime)
        else list(value)
        if isinstance(value, tuple)
        else value
        for name, value in fields.items()
        if value not in (None, "", ())
    }


_INSTANTS = ("at", "due", "warns_at", "rests_until", "left", "until")


def _made(cls: Any, data: Mapping[str, Any]) -> Any:
    instants = {n: moment_at(data[n]) for n in _INSTANTS if n in data}
    return cls(**{**data, **instants})


@attrs.frozen
class Journey:
    """
    Where a lead stands, where it was, and what waits.

    Args:
        lead_id: Whose.
        history: What happened, each event with what came of it; only ever added to.
        entries: The stays, oldest first; the last is where the lead stands.
        waits: The moves that wait.
        fired: The timers of the last entry that went off.
        seen: The ids of the events in *history*.
        paused: Since when the clock of the stay stands still; None while it runs.
    """

    lead_id: str
    history: tuple[Settled, ...]
    entries: tuple[Entry, ...]
    waits: tuple[Wait, ...] = ()
    fired: tuple[str, ...] = ()
    seen: frozenset[str] = attrs.field(default=frozenset(), repr=False)
    paused: datetime | None = None

    @classmethod
    def of(cls, lead_id: str, history: Iterable[Settled]) -> "Journey":
        """
        The journey that a history comes to.

        Raises:
            DefinitionError: the history does not start with an entry.
        """
        lines = tuple(history)
        if not lines or not lines[0].entries:
            raise DefinitionError(f"the history of {lead_id!r} starts with its first stage")
        stays: list[Entry] = []
        waits: tuple[Wait, ...] = ()
        fired: tuple[str, ...] = ()
        paused = None
        for line in lines:
            last, waits, fired = _after(tuple(stays[-1:]), waits, fired, line)
            stays[-1:] = last
            paused = _paused(paused, line)
        seen = frozenset(line.event.id for line in lines if line.event.id)
        return cls(lead_id, lines, tuple(stays), waits, fired, seen, paused)

    def and_then(self, line: Settled) -> "Journey":
        """The journey with one more line of history."""
        entries, waits, fired = _after(self.entries, self.waits, self.fired, line)
        seen = self.seen | {line.event.id} if line.event.id else self.seen
        history, paused = (*self.history, line), _paused(self.paused, line)
        return Journey(self.lead_id, history, entries, waits, fired, seen, paused)

    @property
    def here(self) -> Entry:
        """The stay that lasts."""
        return self.entries[-1]

    @property
    def stage(self) -> str:
        """Where the lead stands."""
        return self.entries[-1].stage

    @property
    def since(self) -> datetime:
        """When it came there."""
        return self.entries[-1].at

    @property
    def furthest(self) -> str:
        """The high-water mark: the furthest stage on the path that it ever reached."""
        return self.entries[-1].furthest

    @property
    def episode(self) -> int:
        """Which climb it is on, from 1: each step back starts the next."""
        return self.entries[-1].episode

    def visits(self, stage: str) -> int:
        """How often it came to a stage."""
        return sum(entry.stage == stage for entry in self.entries)

    def timers(self) -> list[tuple[datetime, str]]:
        """What goes off with no news, and when: ``"warning"``, ``"move"`` or ``"expired"``."""
        here = self.here
        timers = [(wait.until, "move") for wait in self.waits]
        for what, at in (("warning", here.warns_at), ("expired", here.due)):
            if at is not None and what not in self.fired and self.paused is None:
                timers.append((at, what))
        return sorted(timers, key=lambda timer: (timer[0], _ORDER.index(timer[1])))

    def next_timer(self) -> tuple[datetime, str] | None:
        """The first of its `timers`; None when nothing waits."""
        timers = self.timers() if self.waits or self.here.due else ()
        return timers[0] if timers else None

    def next_wake(self) -> datetime | None:
        """When to `tick` it with no news; None when nothing waits."""
        timer = self.next_timer()
        return None if timer is None else timer[0]


_ORDER = ("warning", "move", "expired")


def _after(
    entries: tuple[Entry, ...], waits: tuple[Wait, ...], fired: tuple[str, ...], line: Settled
) -> tuple[tuple[Entry, ...], tuple[Wait, ...], tuple[str, ...]]:
    """The stays, what waits and what went off, after one more line of history."""
    if line.entries:
        return _entered(entries, line.entries), (), ()
    if line.stay is not None:
        entries = (*entries[:-1], line.stay)
    trigger = line.event.trigger
    if line.called_off:
        waits = tuple(wait for wait in waits if trigger not in wait.unless)
    if line.fired == "move":
        waits = _without(waits, line.event)
    elif line.fired:
        fired = (*fired, line.fired)
    if line.wait is not None:
        waits = (*waits, line.wait)
    return entries, waits, fired


def _paused(paused: datetime | None, line: Settled) -> datetime | None:
    """Since when the clock stands still, after one more line of history; moves do not start it."""
    return {"paused": line.event.at, "resumed": None}.get(line.clock, paused)


def _entered(entries: tuple[Entry, ...], more: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The stays with more of them, each left when the next is entered."""
    stays = [*entries[-1:], *more]
    left = [stay.until(after.at) for stay, after in pairwise(stays)]
    return (*entries[:-1], *left, stays[-1])


def _without(waits: tuple[Wait, ...], event: Event) -> tuple[Wait, ...]:
    """The waits without the first that came to its end with *event*."""
    ends = [(wait.trigger, wait.until) for wait in waits]
    place = ends.index((event.trigger, event.at))
    return (*waits[:place], *waits[place + 1 :])


@attrs.frozen
class Step:
    """
    What a step comes to.

    Args:
        journey: The journey after it.
        settled: The lines that it added to the history; none when the event was known already.
        entries: The stages that it led into.
        effects: What there is to tell.
    """

    journey: Journey
    settled: tuple[Settled, ...] = ()
    entries: tuple[Entry, ...] = ()
    effects: tuple[Effect, ...] = ()

    def then(self, more: "Step") -> "Step":
        """This step and the one after it, as one."""
        if not self.settled:
            return more
        return Step(
            more.journey,
            self.settled + more.settled,
            self.entries + more.entries,
            self.effects + more.effects,
        )
