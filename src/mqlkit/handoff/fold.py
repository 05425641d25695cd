"""
The fold of a handoff: what each kind of event does to it.

It asks for nothing but the event: due instants, owners and reasons all stand in its data.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import attrs

from .deadline import ANSWER, NEXT_ATTEMPT, OFFER, OUTCOME, Deadline
from .event import HandoffEvent, read, written
from .record import Attempt, Ending, Left, Line, Offer, Pause

if TYPE_CHECKING:
    from .offer import Handoff


def _opened(handoff: "Handoff", event: HandoffEvent) -> "Handoff":
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


def _queued(handoff: "Handoff", event: HandoffEvent) -> "Handoff":
    return attrs.evolve(
        handoff,
        state="queued",
        retry_at=read(event.data["retry_at"]),
        rounds=handoff.rounds + 1,
        all_asked=event.data["all_asked"],
        # Who was asked comes after whoever has still to be; a new round begins when nobody has.
        asked=() if event.data["all_asked"] else (*handoff.asked, *handoff.tried),
        tried=(),
        waits_told=handoff.waits_told + bool(event.data["to"]),
    )


def _offered(handoff: "Handoff", event: HandoffEvent) -> "Handoff":
    deadline = Deadline.from_dict(event.data["deadlines"][0])
    offer = Offer(deadline.owner, event.at, deadline.due, event.data["how"])
    # Whoever was not asked so far goes on with the last round; who was begins another.
    again = offer.to in handoff.asked
    asked, tried = handoff.asked, handoff.tried
    return attrs.evolve(
        handoff,
        state="offered",
        offers=(*handoff.offers, offer),
        asked=asked if again else (),
        tried=(*tried, offer.to) if again else (*asked, *tried, offer.to),
        deadlines=(*handoff.deadlines, deadline),
        retry_at=None,
    )


def _accepted(handoff: "Handoff", event: HandoffEvent) -> "Handoff":
    return attrs.evolve(
        handoff,
        state="accepted",
        owner=event.data["by"],
        level=0,
        earlier=len(handoff.attempts),
        asked=(),
        tried=(event.data["by"],),
        offers=_end_offer(handoff, event, "accepted"),
        deadlines=(*_ended(handoff, event.at, OFFER), *_started(event)),
    )


def _rejected(handoff: "Handoff", event: HandoffEvent) -> "Handoff":
    back = attrs.evolve(
        handoff,
        offers=_end_offer(handoff, event, "rejected"),
        deadlines=_ended(handoff, event.at, OFFER),
        endings=(*handoff.endings, _ending(event)),
    )
    return _to_next(back, event) if event.data["then"] == "retry" else _over(back, event)


def _lapsed(handoff: "Handoff", event: HandoffEvent) -> "Handoff":
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


def _returned(handoff: "Handoff", event: HandoffEvent) -> "Handoff":
    back = attrs.evolve(
        handoff,
        deadlines=_ended(handoff, event.at, OUTCOME),  # A reason is what it waits for, too.
        endings=(*handoff.endings, _ending(event)),
    )
    return _reassigned(back, event)


def _reassigned(handoff: "Handoff", event: HandoffEvent) -> "Handoff":
    return _to_next(
        attrs.evolve(
            handoff,
            owner="",
            offers=_let_go(_end_offer(handoff, event, "reassigned"), event.at),
            deadlines=_ended(handoff, event.at),
            pauses=_resumed_at(handoff, event.at),
        ),
        event,
    )


def _attempted(handoff: "Handoff", event: HandoffEvent) -> "Handoff":
    at, by, reached = event.at, event.data["by"], bool(event.data["reached"])
    if event.data.get("late"):  # What the others do since then is left as it is.
        late = Attempt(by, at, event.data["channel"], reached, late=True)
        return attrs.evolve(handoff, attempts=(*handoff.attempts, late))
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


def _corrected(handoff: "Handoff", event: HandoffEvent) -> "Handoff":
    data = event.data
    deadlines = (
        attrs.evolve(d.done(event.at), corrected=True)
        if (d.name, d.owner, written(d.due)) == (data["clock"], data["owner"], data["due"])
        else d
        for d in handoff.deadlines
    )
    return attrs.evolve(handoff, deadlines=tuple(deadlines))


def _warning(handoff: "Handoff", event: HandoffEvent) -> "Handoff":
    return _change(handoff, event, warned=True)


def _breached(handoff: "Handoff", event: HandoffEvent) -> "Handoff":
    escalates_at = read(event.data["escalates_at"])
    return _change(handoff, event, breached_at=event.at, escalates_at=escalates_at)


def _escalated(handoff: "Handoff", event: HandoffEvent) -> "Handoff":
    escalates_at = read(event.data["escalates_at"])
    told = next((d.levels for d in handoff.running if d.name == event.data["clock"]), 0)
    changed = _change(handoff, event, levels=told + 1, escalates_at=escalates_at)
    return attrs.evolve(changed, level=event.data["level"])


def _paused(handoff: "Handoff", event: HandoffEvent) -> "Handoff":
    left = tuple(map(Left.from_dict, event.data.get("left", ())))
    pause = Pause(event.at, event.data["why"], read(event.data["until"]), left=left)
    return attrs.evolve(handoff, pauses=(*handoff.pauses, pause))


def _resumed(handoff: "Handoff", event: HandoffEvent) -> "Handoff":
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


def _closed(handoff: "Handoff", event: HandoffEvent) -> "Handoff":
    ending = _ending(event)
    deadlines = _ended(handoff, event.at, "" if ending.automatic else OUTCOME)
    endings = (*handoff.endings, ending)
    offers = _let_go(handoff.offers, event.at)
    back = attrs.evolve(handoff, deadlines=deadlines, endings=endings, offers=offers)
    return _over(back, event)


def _withdrawn(handoff: "Handoff", event: HandoffEvent) -> "Handoff":
    offers = _let_go(_end_offer(handoff, event, "withdrawn"), event.at)
    deadlines = _ended(handoff, event.at)
    return _over(attrs.evolve(handoff, offers=offers, deadlines=deadlines, withdrawn=True), event)


def _to_next(handoff: "Handoff", event: HandoffEvent) -> "Handoff":
    """To be offered to somebody else, at once."""
    return attrs.evolve(handoff, state="queued", retry_at=event.at)


def _over(handoff: "Handoff", event: HandoffEvent) -> "Handoff":
    pauses = _resumed_at(handoff, event.at)
    return attrs.evolve(handoff, state="closed", closed_at=event.at, retry_at=None, pauses=pauses)


def _started(event: HandoffEvent) -> tuple[Deadline, ...]:
    return tuple(map(Deadline.from_dict, event.data["deadlines"]))


def _ended(handoff: "Handoff", at: datetime, done: str = "") -> tuple[Deadline, ...]:
    """Every running deadline ended: the one called *done* as done, the others as dropped."""
    return tuple(
        (d.done(at) if d.name == done else d.dropped(at)) if d.running else d
        for d in handoff.deadlines
    )


def _end_offer(handoff: "Handoff", event: HandoffEvent, how: str) -> tuple[Offer, ...]:
    """The offers, the one that stands ended."""
    offer = handoff.offer
    if offer is None:
        return handoff.offers
    return (*handoff.offers[:-1], attrs.evolve(offer, ended=how, ended_at=event.at))


def _let_go(offers: tuple[Offer, ...], at: datetime) -> tuple[Offer, ...]:
    """The offers, whoever had accepted the last one had it up to here."""
    return tuple(
        attrs.evolve(offer, left_at=at)
        if offer.ended == "accepted" and offer.left_at is None
        else offer
        for offer in offers
    )


def _ending(event: HandoffEvent) -> Ending:
    data = event.data
    told = (data.get(name, "") for name in ("outcome", "reason", "finding", "why"))
    # Whoever picks a code picks with it what follows; the close that comes by itself has none.
    automatic = not data.get("outcome") and "then" not in data
    return attrs.evolve(Ending(event.at, data["by"], *told), automatic=automatic)


def _resumed_at(handoff: "Handoff", at: datetime) -> tuple[Pause, ...]:
    return tuple(
        attrs.evolve(pause, ended_at=at) if pause.ended_at is None else pause
        for pause in handoff.pauses
    )


def _change(handoff: "Handoff", event: HandoffEvent, **changes: Any) -> "Handoff":
    """The running deadline that an event is about, changed."""
    deadlines = (
        attrs.evolve(d, **changes) if d.running and d.name == event.data["clock"] else d
        for d in handoff.deadlines
    )
    return attrs.evolve(handoff, deadlines=tuple(deadlines))


FOLDS: Final[Mapping[str, "Callable[[Handoff, HandoffEvent], Handoff]"]] = {
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
