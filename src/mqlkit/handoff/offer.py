"""
A handoff: one lead's passage from marketing to sales in one episode.

It is what its events come to. Folding them asks for nothing else, and every prefix of a handoff's
events is a handoff. What is due, and when to wake up for it, is read off the handoff itself.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import attrs

from ..calendar import Calendar
from ..errors import DefinitionError
from .deadline import ANSWER, FIRST_TOUCH, NEXT_ATTEMPT, OFFER, OUTCOME, TICK, Deadline
from .event import HandoffEvent, read, written

HandoffState: TypeAlias = Literal["unopened", "queued", "offered", "accepted", "working", "closed"]

LEGAL: Final[Mapping[HandoffState, tuple[str, ...]]] = {
    "unopened": ("open",),
    "queued": ("take", "withdraw"),
    "offered": ("accept", "reject", "reassign", "withdraw"),
    "accepted": ("attempt", "close", "reassign", "pause", "withdraw"),
    "working": ("attempt", "close", "reassign", "pause", "withdraw"),
    "closed": (),
}
"""The commands that a handoff can take, by its state."""

_IN_A_PAUSE: Final = {"pause": "resume"}


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
    what it tells.
    """

    at: datetime
    by: str
    outcome: str = ""
    reason: str = ""
    finding: str = ""
    why: str = ""


@attrs.frozen
class Pause:
    """A time in which no clock ran; ``until`` when it is to end by itself."""

    at: datetime
    why: str
    until: datetime | None = None
    ended_at: datetime | None = None


class Duty(NamedTuple):
    """Something that is due: when to wake up for it, and the instant that it is stamped with."""

    wake: datetime
    at: datetime
    kind: str
    deadline: Deadline | None = None


@attrs.frozen
class Handoff:
    """
    One lead's passage from marketing to sales in one episode: the fold of its events.

    ``owner`` is who accepted it, ``""`` while nobody has; ``kept`` who owned the lead before;
    ``tried`` who was asked since it last waited or was accepted; ``earlier`` how many attempts
    others had made before its owner came; ``level`` how far up the owner's breaches were told.

    ``offers``, ``attempts``, ``deadlines``, ``endings`` and ``pauses`` keep everything that ever
    was, in the order in which it was recorded, which is not always that of their times: news may
    come late.

    ``definition``, ``version``, ``fingerprint``, ``reasons``, ``points`` (by score) and ``lines``
    say why the lead was handed off, as it was then.
    """

    lead_id: str = ""
    episode: int = 0
    state: HandoffState = "unopened"
    opened_at: datetime | None = None
    target: str = ""
    definition: str = ""
    version: str = ""
    fingerprint: str = ""
    reasons: tuple[str, ...] = ()
    points: Mapping[str, int | float] = attrs.field(factory=dict)
    lines: tuple[Line, ...] = ()
    owner: str = ""
    kept: str = ""
    level: int = 0
    earlier: int = 0
    offers: tuple[Offer, ...] = ()
    tried: tuple[str, ...] = ()
    rounds: int = 0
    retry_at: datetime | None = None
    attempts: tuple[Attempt, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    pauses: tuple[Pause, ...] = ()
    endings: tuple[Ending, ...] = ()
    closed_at: datetime | None = None
    withdrawn: bool = False
    event_ids: tuple[str, ...] = attrs.field(default=(), repr=False)
    commands: tuple[str, ...] = attrs.field(default=(), repr=False)

    # -- what it comes from ------------------------------------------------------------------

    @classmethod
    def of(cls, events: Iterable[HandoffEvent]) -> "Handoff":
        """
        What events come to, in the order in which they were recorded.

        Raises:
            DefinitionError: the first one opens nothing.

        >>> Handoff.of([]).state
        'unopened'
        """
        handoff = cls()
        for event in events:
            handoff = handoff.after(event)
        return handoff

    def after(self, event: HandoffEvent) -> "Handoff":
        """
        The handoff after one more event; the same for an event that it has had.

        Raises:
            DefinitionError: the first event opens nothing, or a second one opens again.
        """
        if event.id in self.event_ids:
            return self
        if (event.kind == "opened") != (self.state == "unopened"):
            raise DefinitionError(
                f"a handoff is opened by its first event and by no other, not by {event.kind!r}"
            )
        changed = _FOLDS[event.kind](self, event)
        command = event.data.get("command", "")
        return attrs.evolve(
            changed,
            event_ids=(*self.event_ids, event.id),
            commands=(*self.commands, command) if command else self.commands,
        )

    @property
    def key(self) -> str:
        """Lead and episode: there is one handoff for each."""
        return f"{self.lead_id}/{self.episode}"

    # -- what it is --------------------------------------------------------------------------

    @property
    def open(self) -> bool:
        """Whether it is under way."""
        return self.state not in ("unopened", "closed")

    @property
    def offer(self) -> Offer | None:
        """The offer that stands."""
        return self.offers[-1] if self.state == "offered" else None

    @property
    def holder(self) -> str:
        """Who has it or to whom it is offered; ``""`` for nobody."""
        return self.owner if self.offer is None else self.offer.to

    @property
    def own_attempts(self) -> tuple[Attempt, ...]:
        """The attempts of the one who owns it."""
        return self.attempts[self.earlier :]

    @property
    def pause(self) -> Pause | None:
        """The pause that it is in."""
        return next((pause for pause in self.pauses if pause.ended_at is None), None)

    @property
    def legal(self) -> tuple[str, ...]:
        """The commands that it can take now."""
        legal = LEGAL[self.state]
        return legal if self.pause is None else tuple(_IN_A_PAUSE.get(w, w) for w in legal)

    @property
    def rules(self) -> tuple[str, ...]:
        """The names of the rules that gave points."""
        return tuple(line.name for line in self.lines)

    @property
    def ending(self) -> Ending | None:
        """How it ended; None while it is open and when it was withdrawn."""
        ended = self.state == "closed" and not self.withdrawn
        return self.endings[-1] if ended else None

    @property
    def outcome(self) -> str:
        """What came of it, in sales' own word, or ``""``."""
        return "" if self.ending is None else self.ending.outcome

    @property
    def reason(self) -> str:
        """The code that it was given back with, or ``""``."""
        return "" if self.ending is None else self.ending.reason

    @property
    def finding(self) -> str:
        """What that tells, or ``""``."""
        return "" if self.ending is None else self.ending.finding

    # -- deadlines ---------------------------------------------------------------------------

    @property
    def running(self) -> tuple[Deadline, ...]:
        """The deadlines that are still to be met."""
        return tuple(deadline for deadline in self.deadlines if deadline.running)

    @property
    def breaches(self) -> tuple[Deadline, ...]:
        """The deadlines that were breached, those put right by a late word too."""
        return tuple(deadline for deadline in self.deadlines if deadline.breached_at is not None)

    @property
    def due(self) -> datetime | None:
        """The next due instant of all that is not breached."""
        return min((d.due for d in self.running if d.breached_at is None), default=None)

    def duties(self) -> list[Duty]:
        """What comes if nobody does anything, the next first."""
        return sorted(_duties(self), key=lambda duty: duty.wake)

    def next_wake(self) -> datetime | None:
        """When to tick next: the instant of the next warning, lapse, breach or retry."""
        return min((duty.wake for duty in _duties(self)), default=None)

    # -- speed to lead -----------------------------------------------------------------------

    @property
    def accepted_at(self) -> datetime | None:
        """When it was first accepted."""
        return next((offer.ended_at for offer in self.offers if offer.ended == "accepted"), None)

    @property
    def first_touch_at(self) -> datetime | None:
        """When somebody first tried to reach the lead."""
        return min((attempt.at for attempt in self.attempts), default=None)

    def time_to_offer(self, calendar: Calendar | None = None) -> timedelta | None:
        """
        From opening to the first offer; None when there was none.

        Args:
            calendar: Whose working time to count; None counts the time on the wall.
        """
        return _between(self.opened_at, self.offers[0].at if self.offers else None, calendar)

    def time_to_assign(self, calendar: Calendar | None = None) -> timedelta | None:
        """From opening to the first acceptance: what routing and offers took."""
        return _between(self.opened_at, self.accepted_at, calendar)

    def time_to_act(self, calendar: Calendar | None = None) -> timedelta | None:
        """From the first acceptance to the first touch: what its owner took."""
        return _between(self.accepted_at, self.first_touch_at, calendar)

    def to_dict(self) -> dict[str, Any]:
        """What lists and reports want, as plain data."""
        return {
            "lead": self.lead_id,
            "episode": self.episode,
            "state": self.state,
            "owner": self.owner,
            "holder": self.holder,
            "target": self.target,
            "opened_at": written(self.opened_at),
            "due": written(self.due),
            "accepted_at": written(self.accepted_at),
            "first_touch_at": written(self.first_touch_at),
            "attempts": len(self.attempts),
            "breaches": [breach.name for breach in self.breaches],
            "closed_at": written(self.closed_at),
            "outcome": self.outcome,
            "reason": self.reason,
            "finding": self.finding,
        }


def _between(
    start: datetime | None, end: datetime | None, calendar: Calendar | None
) -> timedelta | None:
    if start is None or end is None:
        return None
    end = max(start, end)  # Two clocks of two machines may disagree by a little.
    return end - start if calendar is None else calendar.elapsed(start, end)


def _duties(handoff: Handoff) -> Iterator[Duty]:
    pause = handoff.pause
    if pause is not None:
        if pause.until is not None:
            yield Duty(pause.until, pause.until, "resume")
        return
    if handoff.retry_at is not None:
        yield Duty(handoff.retry_at, handoff.retry_at, "route")
    for deadline in handoff.running:
        if deadline.breached_at is None:
            if deadline.warns_at is not None and not deadline.warned:
                yield Duty(deadline.warns_at, deadline.warns_at, "warn", deadline)
            yield Duty(deadline.due + TICK, deadline.due, _OVER[deadline.name], deadline)
        elif deadline.escalates_at is not None:
            at = deadline.escalates_at
            yield Duty(at + TICK, at, "escalate", deadline)


_OVER: Final = {
    OFFER: "lapse",
    FIRST_TOUCH: "breach",
    NEXT_ATTEMPT: "breach",
    ANSWER: "give up",
    OUTCOME: "breach",
}
"""What comes of a deadline that was not met."""


# -- the fold ----------------------------------------------------------------------------------


def _opened(handoff: Handoff, event: HandoffEvent) -> Handoff:
    data = event.data
    return attrs.evolve(
        handoff,
        lead_id=data["lead"],
        episode=data["episode"],
        state="queued",
        opened_at=event.at,
        retry_at=event.at,
        target=data["target"],
        definition=data["definition"],
        version=data["version"],
        fingerprint=data["fingerprint"],
        kept=data["kept"],
        reasons=tuple(data["reasons"]),
        points=dict(data["points"]),
        lines=tuple(Line(line["name"], line["group"], line["points"]) for line in data["lines"]),
    )


def _queued(handoff: Handoff, event: HandoffEvent) -> Handoff:
    return attrs.evolve(
        handoff,
        state="queued",
        retry_at=read(event.data["retry_at"]),
        rounds=handoff.rounds + 1,
        tried=(),
    )


def _offered(handoff: Handoff, event: HandoffEvent) -> Handoff:
    deadline = Deadline.from_dict(event.data["deadlines"][0])
    offer = Offer(deadline.owner, event.at, deadline.due, event.data["how"])
    return attrs.evolve(
        handoff,
        state="offered",
        offers=(*handoff.offers, offer),
        tried=(*handoff.tried, offer.to),
        deadlines=(*handoff.deadlines, deadline),
        retry_at=None,
    )


def _accepted(handoff: Handoff, event: HandoffEvent) -> Handoff:
    return attrs.evolve(
        handoff,
        state="accepted",
        owner=event.data["by"],
        level=0,
        earlier=len(handoff.attempts),
        tried=(event.data["by"],),
        offers=_end_offer(handoff, event, "accepted"),
        deadlines=(*_ended(handoff, event.at, OFFER), *_started(event)),
    )


def _rejected(handoff: Handoff, event: HandoffEvent) -> Handoff:
    back = attrs.evolve(
        handoff,
        offers=_end_offer(handoff, event, "rejected"),
        deadlines=_ended(handoff, event.at, OFFER),
        endings=(*handoff.endings, _ending(event)),
    )
    return _to_next(back, event) if event.data["then"] == "retry" else _over(back, event)


def _lapsed(handoff: Handoff, event: HandoffEvent) -> Handoff:
    deadlines = (
        attrs.evolve(d.dropped(event.at), breached_at=event.at) if d.running else d
        for d in handoff.deadlines
    )
    return _to_next(
        attrs.evolve(
            handoff, offers=_end_offer(handoff, event, "lapsed"), deadlines=tuple(deadlines)
        ),
        event,
    )


def _returned(handoff: Handoff, event: HandoffEvent) -> Handoff:
    endings = (*handoff.endings, _ending(event))
    return _to_next(attrs.evolve(_reassigned(handoff, event), endings=endings), event)


def _reassigned(handoff: Handoff, event: HandoffEvent) -> Handoff:
    return _to_next(
        attrs.evolve(
            handoff,
            owner="",
            offers=_end_offer(handoff, event, "reassigned"),
            deadlines=_ended(handoff, event.at),
            pauses=_resumed_at(handoff, event.at),
        ),
        event,
    )


def _attempted(handoff: Handoff, event: HandoffEvent) -> Handoff:
    at, by, reached = event.at, event.data["by"], bool(event.data["reached"])
    new = _started(event)

    def after(deadline: Deadline) -> Deadline:
        if deadline.is_first_touch_of(by, at):
            return deadline.done(at)  # Of two tries told out of order the earlier one counts.
        if deadline.name == NEXT_ATTEMPT and deadline.running and (new or reached):
            return deadline.done(at) if at > deadline.started else deadline.dropped(at)
        if deadline.name == ANSWER and deadline.running and reached:
            return deadline.dropped(at)
        return deadline

    attempt = Attempt(by, at, event.data["channel"], reached)
    return attrs.evolve(
        handoff,
        state="working",
        attempts=(*handoff.attempts, attempt),
        deadlines=(*map(after, handoff.deadlines), *new),
    )


def _corrected(handoff: Handoff, event: HandoffEvent) -> Handoff:
    deadlines = (
        attrs.evolve(d, corrected=True)
        if d.name == event.data["clock"] and written(d.due) == event.data["due"]
        else d
        for d in handoff.deadlines
    )
    return attrs.evolve(handoff, deadlines=tuple(deadlines))


def _warning(handoff: Handoff, event: HandoffEvent) -> Handoff:
    return _change(handoff, event, warned=True)


def _breached(handoff: Handoff, event: HandoffEvent) -> Handoff:
    escalates_at = read(event.data["escalates_at"])
    return _change(handoff, event, breached_at=event.at, escalates_at=escalates_at)


def _escalated(handoff: Handoff, event: HandoffEvent) -> Handoff:
    escalates_at = read(event.data["escalates_at"])
    told = next((d.levels for d in handoff.running if d.name == event.data["clock"]), 0)
    changed = _change(handoff, event, levels=told + 1, escalates_at=escalates_at)
    return attrs.evolve(changed, level=event.data["level"])


def _paused(handoff: Handoff, event: HandoffEvent) -> Handoff:
    pause = Pause(event.at, event.data["why"], read(event.data["until"]))
    return attrs.evolve(handoff, pauses=(*handoff.pauses, pause))


def _resumed(handoff: Handoff, event: HandoffEvent) -> Handoff:
    moved = {deadline.name: deadline for deadline in _started(event)}

    def after(deadline: Deadline) -> Deadline:
        new = moved.get(deadline.name)
        if new is None or not deadline.running:
            return deadline
        return attrs.evolve(
            deadline, due=new.due, warns_at=new.warns_at, escalates_at=new.escalates_at
        )

    return attrs.evolve(
        handoff,
        deadlines=tuple(map(after, handoff.deadlines)),
        pauses=_resumed_at(handoff, event.at),
    )


def _closed(handoff: Handoff, event: HandoffEvent) -> Handoff:
    deadlines = _ended(handoff, event.at, OUTCOME)
    endings = (*handoff.endings, _ending(event))
    return _over(attrs.evolve(handoff, deadlines=deadlines, endings=endings), event)


def _withdrawn(handoff: Handoff, event: HandoffEvent) -> Handoff:
    offers = _end_offer(handoff, event, "withdrawn")
    deadlines = _ended(handoff, event.at)
    return _over(attrs.evolve(handoff, offers=offers, deadlines=deadlines, withdrawn=True), event)


def _to_next(handoff: Handoff, event: HandoffEvent) -> Handoff:
    """To be offered to somebody else, at once."""
    return attrs.evolve(handoff, state="queued", retry_at=event.at)


def _over(handoff: Handoff, event: HandoffEvent) -> Handoff:
    pauses = _resumed_at(handoff, event.at)
    return attrs.evolve(handoff, state="closed", closed_at=event.at, retry_at=None, pauses=pauses)


def _started(event: HandoffEvent) -> tuple[Deadline, ...]:
    return tuple(map(Deadline.from_dict, event.data["deadlines"]))


def _ended(handoff: Handoff, at: datetime, done: str = "") -> tuple[Deadline, ...]:
    """Every running deadline ended: the one called *done* as done, the others as dropped."""
    return tuple(
        (d.done(at) if d.name == done else d.dropped(at)) if d.running else d
        for d in handoff.deadlines
    )


def _end_offer(handoff: Handoff, event: HandoffEvent, how: str) -> tuple[Offer, ...]:
    """The offers, the one that stands ended."""
    offer = handoff.offer
    if offer is None:
        return handoff.offers
    return (*handoff.offers[:-1], attrs.evolve(offer, ended=how, ended_at=event.at))


def _ending(event: HandoffEvent) -> Ending:
    data = event.data
    told = (data.get(name, "") for name in ("outcome", "reason", "finding", "why"))
    return Ending(event.at, data["by"], *told)


def _resumed_at(handoff: Handoff, at: datetime) -> tuple[Pause, ...]:
    return tuple(
        attrs.evolve(pause, ended_at=at) if pause.ended_at is None else pause
        for pause in handoff.pauses
    )


def _change(handoff: Handoff, event: HandoffEvent, **changes: Any) -> Handoff:
    """The running deadline that an event is about, changed."""
    deadlines = (
        attrs.evolve(d, **changes) if d.running and d.name == event.data["clock"] else d
        for d in handoff.deadlines
    )
    return attrs.evolve(handoff, deadlines=tuple(deadlines))


_FOLDS: Final[Mapping[str, Callable[[Handoff, HandoffEvent], Handoff]]] = {
    "opened": _opened,
    "queued": _queued,
    "offered": _offered,
    "accepted": _accepted,
    "rejected": _rejected,
    "lapsed": _lapsed,
    "returned": _returned,
    "reassigned": _reassigned,
    "attempted": _attempted,
    "corrected": _corrected,
    "warning": _warning,
    "breached": _breached,
    "escalated": _escalated,
    "paused": _paused,
    "resumed": _resumed,
    "closed": _closed,
    "withdrawn": _withdrawn,
}
"""What each kind of event does to a handoff."""
