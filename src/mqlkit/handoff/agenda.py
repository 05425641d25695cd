"""
The agenda: what comes due by itself, done in the order and at the instant at which it came due.

Only a choice of rep that is found late is made when it is found.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import attrs

from ..calendar import Calendar
from ..errors import UnknownNameError
from ..value import MICROSECOND
from .deadline import FIRST_TOUCH, OFFER, Deadline
from .event import written
from .offer import Handoff
from .reasons import NO_RESPONSE, ReasonCode
from .record import Left, Pause
from .routing import Routed, Routing
from .sla import SlaPolicy, Target
from .step import Desk, Recorder

# All said no: they are not asked for ever. Nobody was free: somebody may be soon.
_MOST_DOUBLINGS: Final = {True: 8, False: 5}


@attrs.frozen
class Agenda:
    """
    What the terms of a policy make of whatever is due.
    """

    sla: SlaPolicy
    routing: Routing
    reasons: tuple[ReasonCode, ...]

    # -- terms -------------------------------------------------------------------------------

    def target(self, handoff: Handoff) -> Target:
        """The target that it was opened with; the last one where that is gone by now."""
        try:
            return self.sla.named(handoff.target)
        except UnknownNameError:
            return self.sla.targets[-1]

    def calendar(self, rep: str) -> Calendar:
        """Whose working time counts for a rep: their own, if it never ends, or the policy's."""
        known = self.routing.by_name.get(rep)
        own = None if known is None else known.calendar
        return self.sla.calendar if own is None or not own.week else own

    def unanswered(self) -> ReasonCode | None:
        """The code of leads whose attempts are used up."""
        return next((code for code in self.reasons if code.finding == NO_RESPONSE), None)

    def start(self, handoff: Handoff, rep: str, at: datetime, *names: str) -> list[Deadline]:
        """The deadlines called *names* that start for a rep, as far as the target has them."""
        target, calendar = self.target(handoff), self.calendar(rep)
        started = (target.deadline(name, rep, at, calendar) for name in names)
        return [deadline for deadline in started if deadline is not None]

    # -- the loop ----------------------------------------------------------------------------

    def advance(self, recorder: Recorder, now: datetime, desk: Desk | None = None) -> None:
        """
        Everything that is due at *now*, up to a choice of rep where there is no desk to ask.

        An offer starts when somebody can be told of it: one that lapsed before anybody looked
        would be nobody's. So a late look makes at most one, at *now*.
        """
        while duties := recorder.handoff.duties():
            duty = duties[0]
            if duty.wake > now or (duty.kind == "route" and desk is None):
                return
            if desk is not None and duty.kind == "route":
                # What frees a lead wakes up a tick after its instant: that is still on time.
                late = now > duty.at + MICROSECOND
                self._route(recorder, now if late else duty.at, desk)
            elif duty.deadline is None:
                self.resume(recorder, duty.at, "its time is over")
            else:
                _DO[duty.kind](self, recorder, duty.at, duty.deadline)

    def look_again(self, recorder: Recorder, at: datetime, desk: Desk) -> None:
        """An offer before the wait is over, to somebody who was not asked in the last round."""
        handoff = recorder.handoff
        if handoff.all_asked:
            return
        routed = self._look(recorder, at, desk)
        if routed.rep and routed.rep not in (*handoff.asked, *handoff.tried):
            self._offer(recorder, at, routed)

    def _look(self, recorder: Recorder, at: datetime, desk: Desk) -> Routed:
        """Whom routing finds now."""
        handoff = recorder.handoff
        # Nobody has it now: it must not stand in the way of its last holder.
        load = {rep: max(0, n - (rep == recorder.holder)) for rep, n in desk.load.items()}
        return self.routing.choose(
            desk.facts,
            at,
            desk.pool if recorder.pool is None else recorder.pool,
            load=load,
            owner=handoff.kept,
            tried=(*handoff.asked, *handoff.tried),
            had_it=tuple(offer.to for offer in handoff.offers),
        )

    def _offer(self, recorder: Recorder, at: datetime, routed: Routed) -> None:
        recorder.pool = routed.pool
        deadlines = self.start(recorder.handoff, routed.rep, at, OFFER)
        told = {"to": routed.rep, "how": routed.how, "skipped": _skipped(routed)}
        recorder.record("offered", at, told | plain(deadlines))

    def _route(self, recorder: Recorder, at: datetime, desk: Desk) -> None:
        routed = self._look(recorder, at, desk)
        handoff = recorder.handoff
        if routed.rep and routed.rep not in handoff.tried:
            self._offer(recorder, at, routed)
            return
        # Who had it comes again, but not at once: it waits before it goes round another time.
        all_asked = bool(handoff.tried) and not routed.awaited
        retry_at = self._retry_at(handoff, at, all_asked, routed.retry_at)
        told = {
            "why": _why_queued(routed, all_asked),
            "to": self._hears_of_wait(handoff),
            "skipped": _skipped(routed),
            "all_asked": all_asked,
        }
        recorder.record("queued", at, told | {"retry_at": written(retry_at)})

    def _hears_of_wait(self, handoff: Handoff) -> str:
        """
        Whom a look in vain is told: the next level, the last one from then on.

        Nobody, when a lead has only just come: it may be night.
        """
        chain = self.target(handoff).escalate
        if not chain or not (handoff.tried or handoff.rounds):
            return ""
        return chain[min(handoff.waits_told, len(chain) - 1)]

    def _retry_at(
        self, handoff: Handoff, at: datetime, all_asked: bool, back: datetime | None
    ) -> datetime:
        """When to look again: when somebody is back, or after a wait that doubles each time."""
        doublings = min(handoff.rounds, _MOST_DOUBLINGS[all_asked])
        again = self.sla.calendar.due(at, self.target(handoff).offer * 2**doublings)
        return again if back is None or back <= at else min(again, back)

    # -- what is due -------------------------------------------------------------------------

    def lapse(self, recorder: Recorder, at: datetime, deadline: Deadline) -> None:
        """An offer that was not answered."""
        recorder.record("lapsed", at, {"to": deadline.owner, "due": written(deadline.due)})

    def warn(self, recorder: Recorder, at: datetime, deadline: Deadline) -> None:
        """A deadline is near."""
        recorder.record("warning", at, _about(deadline))

    def breach(self, recorder: Recorder, at: datetime, deadline: Deadline) -> None:
        """A deadline has passed; whom to tell is the next duty."""
        target = self.target(recorder.handoff)
        goes_on = bool(target.escalate) or _takes_away(target, deadline)
        escalates_at = written(at if goes_on else None)
        recorder.record("breached", at, _about(deadline) | {"escalates_at": escalates_at})

    def escalate(self, recorder: Recorder, at: datetime, deadline: Deadline) -> None:
        """A breach is told one level further up, or the lead goes to somebody else."""
        handoff = recorder.handoff
        target = self.target(handoff)
        chain = target.escalate
        # Breaches share the levels: another one may have used them up, which takes nothing away.
        at_end = not chain or (deadline.levels and handoff.level >= len(chain))
        if at_end and _takes_away(target, deadline):
            why = f"{deadline.name} was breached"
            recorder.record("reassigned", at, {"owner": deadline.owner, "by": "", "why": why})
            return
        level = min(handoff.level + 1, len(chain))
        next_at = None
        if level < len(chain) or _takes_away(target, deadline):
            span = target.spans[deadline.name] or target.first_touch
            next_at = self.calendar(deadline.owner).due(at, span)
        about = _about(deadline) | {"escalates_at": written(next_at)}
        to = chain[level - 1] if chain else ""
        recorder.record("escalated", at, about | {"to": to, "level": level})

    def give_up(self, recorder: Recorder, at: datetime, deadline: Deadline | None = None) -> None:
        """A lead that did not answer, whose attempts are used up."""
        code = self.unanswered()
        told = {"reason": "" if code is None else code.name, "finding": NO_RESPONSE}
        why = "the attempts are used up"
        by = recorder.handoff.owner
        recorder.record("closed", at, {"by": by, "outcome": "", "why": why} | told)
        recorder.tell((("unanswered", None),) if code is None else code.told)

    def resume(
        self, recorder: Recorder, at: datetime, why: str, told: Mapping[str, str] | None = None
    ) -> None:
        """A pause ends: what was left of each span counts from here."""
        handoff = recorder.handoff
        pause = handoff.pause or Pause(at, why)
        at = max(at, pause.at)
        moved = [self._moved(deadline, pause, at) for deadline in handoff.running]
        recorder.record("resumed", at, {"why": why} | plain(moved) | dict(told or {}))

    def left(self, deadline: Deadline, at: datetime) -> Left:
        """What is left of each span of a deadline at an instant."""
        calendar, base = self.calendar(deadline.owner), max(at, deadline.started)
        spans = {
            name: calendar.elapsed(base, moment)
            for name, moment in deadline.instants.items()
            if moment > base
        }
        return Left(deadline.name, deadline.due, spans)

    def _moved(self, deadline: Deadline, pause: Pause, at: datetime) -> Deadline:
        """A deadline as of the end of a pause; of one that began in it, all is left."""
        held = (one for one in pause.left if (one.name, one.due) == (deadline.name, deadline.due))
        left = next(held, None) or self.left(deadline, pause.at)
        calendar = self.calendar(deadline.owner)
        later = {name: calendar.due(at, span) for name, span in left.spans.items()}
        return deadline.moved(later)


_DO: Final[Mapping[str, Callable[[Agenda, Recorder, datetime, Deadline], None]]] = {
    "lapse": Agenda.lapse,
    "warn": Agenda.warn,
    "breach": Agenda.breach,
    "escalate": Agenda.escalate,
    "give up": Agenda.give_up,
}


def _takes_away(target: Target, deadline: Deadline) -> bool:
    """Whether a breach can end in another rep: only while nobody has touched the lead."""
    return target.reassign and deadline.name == FIRST_TOUCH


def _about(deadline: Deadline) -> dict[str, str | None]:
    return {"clock": deadline.name, "owner": deadline.owner, "due": written(deadline.due)}


def plain(deadlines: list[Deadline]) -> dict[str, object]:
    """Deadlines as the data of the event that starts or moves them."""
    return {"deadlines": [deadline.to_dict() for deadline in deadlines]}


def _why_queued(routed: Routed, all_asked: bool) -> str:
    if all_asked:
        return "all who can take it were asked"
    return "all who can take it now were asked" if routed.rep else "nobody can take it now"


def _skipped(routed: Routed) -> list[dict[str, str]]:
    return [{"rep": skip.rep, "why": skip.why} for skip in routed.skipped]
