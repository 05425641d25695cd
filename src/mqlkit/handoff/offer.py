"""
A handoff: one lead's passage from marketing to sales in one episode.

It is what its events come to. Folding them asks for nothing else, and every prefix of a handoff's
events is a handoff. What is due, and when to wake up for it, is read off the handoff itself.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import attrs

from ..calendar import Calendar
from ..errors import DefinitionError
from ..value import MICROSECOND, show
from .deadline import ANSWER, FIRST_TOUCH, NEXT_ATTEMPT, OFFER, OUTCOME, Deadline
from .event import HandoffEvent, written
from .fold import FOLDS
from .record import Attempt, Ending, Line, Offer, Pause

HandoffState: TypeAlias = Literal["unopened", "queued", "offered", "accepted", "working", "closed"]

LEGAL: Final[Mapping[HandoffState, tuple[str, ...]]] = {
    "unopened": ("open",),
    "queued": ("take", "withdraw"),
    "offered": ("accept", "reject", "reassign", "withdraw"),
    "accepted": ("attempt", "close", "reassign", "pause", "withdraw"),
    "working": ("attempt", "close", "reassign", "pause", "withdraw"),
    "closed": (),
}
"""The commands that a person can give, by the state of the handoff."""

_AFTER_THE_END: Final = ("attempted", "corrected")
"""What is told late of a handoff that is closed; it stays so."""

_IN_A_PAUSE: Final = {"pause": "resume"}


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
    ``tried`` who was asked since it last waited or was accepted; ``asked`` who was before that,
    while somebody who was not can still come; ``all_asked`` whether it waits because everybody
    was; ``waits_told`` how many levels heard that it waits; ``earlier`` how many attempts others
    had made before its owner came; ``level`` how far up the owner's breaches were told.

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
    asked: tuple[str, ...] = ()
    rounds: int = 0
    waits_told: int = 0
    all_asked: bool = False
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
            DefinitionError: the first event opens nothing, a second one opens again, something
                but a late word of an attempt follows the end, or the data lack what its kind has.
        """
        if event.id in self.event_ids:
            return self
        if (event.kind == "opened") != (self.state == "unopened"):
            raise DefinitionError(
                f"a handoff is opened by its first event and by no other, not by {event.kind!r}"
            )
        late = event.kind in _AFTER_THE_END and event.data.get("late", event.kind == "corrected")
        if self.state == "closed" and not late:
            raise DefinitionError(
                f"the handoff {self.key!r} is closed, and {event.kind!r} cannot follow"
            )
        try:
            changed = FOLDS[event.kind](self, event)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise DefinitionError(
                f"the event {show(event.id)} of a handoff lacks data that {event.kind!r} has, or "
                f"has them of another kind: {show(str(error))}"
            ) from error
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
        return tuple(one for one in self.attempts[self.earlier :] if not one.late)

    @property
    def touched(self) -> bool:
        """Whether an owner tried to reach the lead while they had it, as far as was told then."""
        return not all(attempt.late for attempt in self.attempts)

    def had_by(self, rep: str, at: datetime) -> Offer | None:
        """The offer by which *rep* had the lead at an instant, and has it no longer."""
        for offer in self.offers:
            since, until = offer.ended_at, offer.left_at
            if offer.to == rep and since is not None and until is not None and since <= at < until:
                return offer
        return None

    @property
    def pause(self) -> Pause | None:
        """The pause that it is in."""
        return next((pause for pause in self.pauses if pause.ended_at is None), None)

    @property
    def paused(self) -> bool:
        """Whether its clocks stand; the state stays what it was."""
        return self.pause is not None

    @property
    def legal(self) -> tuple[str, ...]:
        """The commands that a person can give now."""
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
        """The next due instant of all that is not breached; None while it is paused."""
        if self.paused:
            return None
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
            "paused": self.paused,
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
            yield Duty(deadline.due + MICROSECOND, deadline.due, _OVER[deadline.name], deadline)
        elif deadline.escalates_at is not None:
            at = deadline.escalates_at
            yield Duty(at + MICROSECOND, at, "escalate", deadline)


_OVER: Final = {
    OFFER: "lapse",
    FIRST_TOUCH: "breach",
    NEXT_ATTEMPT: "breach",
    ANSWER: "give up",
    OUTCOME: "breach",
}
"""What comes of a deadline that was not met."""
