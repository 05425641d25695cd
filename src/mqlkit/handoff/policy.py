"""
The handoff policy: what sales promised, who gets a lead, and what a rejection leads to.

Its commands are pure: each takes a handoff and an instant and returns what to record and to tell.
Nothing reads a clock. What comes due by itself, `HandoffPolicy.tick` records, everything in the
order and with the instant at which it came due, so that ticking rarely or often comes to the same.
A new offer alone starts no earlier than somebody can be told of it: at a late tick's own instant.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import attrs

from ..calendar import Calendar
from ..decision import Decision
from ..errors import DefinitionError, Fault, KindError, UnknownNameError
from ..lead import Snapshot
from ..lifecycle.stage import word_or_none
from ..points import plain_points
from ..value import instant, is_blank, listing, moment_text, show
from .agenda import Agenda, plain
from .deadline import ANSWER, FIRST_TOUCH, NEXT_ATTEMPT, OFFER, OUTCOME, Deadline
from .event import written
from .offer import Handoff
from .pool import Pool
from .reasons import NO_RESPONSE, ReasonCode
from .record import Offer
from .refusal import IllegalHandoffError, PolicyError, name_twice, stands
from .routing import Routing
from .sla import SlaPolicy
from .step import Desk, HandoffStep, Recorder

MOST_REASONS: Final = 200


def _sla(value: object) -> SlaPolicy:
    if not isinstance(value, SlaPolicy):
        raise KindError(f"wanted an SlaPolicy, not {show(value)}")
    return value


def _routing(value: object) -> Routing:
    if not isinstance(value, Routing):
        raise KindError(f"wanted a Routing, not {show(value)}")
    return value


def _reasons(values: object) -> tuple[ReasonCode, ...]:
    if not isinstance(values, list | tuple):
        raise KindError(f"reasons are a list of ReasonCode values, not {show(values)}")
    if len(values) > MOST_REASONS:
        raise DefinitionError(f"there are at most {MOST_REASONS} reasons, not {len(values):,}")
    for value in values:
        if not isinstance(value, ReasonCode):
            raise KindError(f"reasons are ReasonCode values, not {show(value)}")
    return tuple(values)


@attrs.frozen
class HandoffPolicy:
    """
    What happens to a lead between marketing and sales.

    Args:
        sla: By when, for which leads.
        routing: Who.
        reasons: The codes that sales picks from when it gives a lead back. Where a target bounds
            the attempts, the first one with the finding "no response" is what unanswered leads
            get.

    Raises:
        PolicyError: with everything that is wrong with it.
        KindError: a part is of the wrong kind.

    A rep who has a calendar is measured by it: the offer, the first touch, the cadence and the
    outcome count the rep's own working time. Without one, or with one that names single dates
    only and so comes to an end, that of the SLA policy counts.

    Every command may be told an instant before one that is recorded already: news comes late. It
    is recorded behind what came before; nothing is put in another order. What lies before the
    handoff was opened, or before a rep was offered it, is refused. A command given an *id* that
    the handoff has had comes to nothing.
    """

    sla: SlaPolicy = attrs.field(converter=_sla)
    routing: Routing = attrs.field(converter=_routing)
    reasons: tuple[ReasonCode, ...] = attrs.field(default=(), converter=_reasons)

    def __attrs_post_init__(self) -> None:
        faults = [*self._faults()]
        if faults:
            raise PolicyError(faults)

    def _faults(self) -> Iterator[Fault]:
        yield from name_twice("reasons", [code.name for code in self.reasons])
        for place, code in enumerate(self.reasons):
            if code.then == "recycle" and not code.cool_down:
                yield Fault(
                    f"reasons[{place}].cool_down",
                    None,
                    f"none for {code.name!r}, which recycles",
                    "wanted a cool-down above zero",
                    "or say then = 'disqualify' or 'retry'",
                )
        bounded = [t.name for t in self.sla.targets if t.attempts is not None]
        code_for = self._agenda.unanswered()
        if bounded and code_for is None:
            yield Fault(
                "reasons",
                None,
                f"no code for {NO_RESPONSE!r}",
                f"wanted one, since the attempts of {listing([*map(repr, bounded)], 'and')} end",
            )
        if bounded and code_for is not None and code_for.then == "retry":
            yield Fault(
                f"reasons[{self.reasons.index(code_for)}].then",
                None,
                "'retry'",
                "a lead that does not answer is recycled or disqualified",
            )

    # -- from marketing ----------------------------------------------------------------------

    def open(
        self,
        decision: Decision,
        episode: int,
        at: datetime,
        *,
        pool: Pool,
        load: Mapping[str, int],
        owner: str = "",
        id: str = "",
    ) -> HandoffStep:
        """
        Hand a lead off: offer it to the first rep, or let it wait for one.

        Args:
            decision: Why; its scores choose the target and are kept for the feedback.
            episode: Of which climb, from 1. There is one handoff for each lead and episode.
            at: When. Aware.
            pool: The newest state of routing.
            load: Open handoffs by rep, offers that stand among them.
            owner: Who owned the lead before, if anybody.
            id: The command's own key.

        Raises:
            DefinitionError: *episode* is no whole number from 1 on.
        """
        if isinstance(episode, bool) or not isinstance(episode, int) or episode < 1:
            raise DefinitionError(f"an episode is a whole number from 1 on, not {show(episode)}")
        target = self.sla.target(decision.snapshot)
        kept = unicodedata.normalize("NFC", owner)
        opened = {"target": target.name, "kept": kept, "episode": episode}
        recorder = Recorder(Handoff(), pool)
        moment = instant(at, "at")
        recorder.record("opened", moment, _why(decision) | opened | _command(id))
        self._agenda.advance(recorder, moment, Desk(decision.snapshot, pool, load))
        return recorder.step()

    def withdraw(
        self, handoff: Handoff, at: datetime, why: str, *, by: str = "", id: str = ""
    ) -> HandoffStep:
        """
        Take a handoff back: nobody has to do anything any more. It gives no feedback.

        Raises:
            IllegalHandoffError: it is closed.
        """
        if id in handoff.commands:
            return HandoffStep(handoff)
        recorder, moment = self._begin(handoff, "withdraw", at)
        recorder.record("withdrawn", moment, {"by": by, "why": why} | _command(id))
        return recorder.step()

    # -- the offer ---------------------------------------------------------------------------

    def accept(self, handoff: Handoff, by: str, at: datetime, *, id: str = "") -> HandoffStep:
        """
        The rep to whom it is offered takes it on; at the due instant is in time.

        The lifecycle is told of the first acceptance of a handoff, not of a second owner's.

        Raises:
            IllegalHandoffError: it is not offered to *by*, or the offer had lapsed by then,
                whether a tick has recorded that or not.
        """
        if id in handoff.commands:
            return HandoffStep(handoff)
        by = _who(by)
        self._check_offer(handoff, "accept", by, at)
        recorder, moment = self._begin(handoff, "accept", at)
        self._accepted(recorder, by, moment, id)
        return recorder.step()

    def take(self, handoff: Handoff, by: str, at: datetime, *, id: str = "") -> HandoffStep:
        """
        A rep takes a lead that waits in the queue: an offer and its acceptance in one.

        Raises:
            IllegalHandoffError: it does not wait, or somebody is to be chosen for it already,
                which a tick does.
            UnknownNameError: *by* is not one of the reps.
        """
        if id in handoff.commands:
            return HandoffStep(handoff)
        by = _who(by)
        if by not in self.routing.by_name:
            raise UnknownNameError("rep", by, self.routing.by_name)
        recorder, moment = self._begin(handoff, "take", at)
        chosen_at = recorder.handoff.retry_at
        if chosen_at is not None and chosen_at <= moment:
            # Otherwise a rep could take what has just lapsed with them, until a tick comes.
            why = "somebody is to be chosen for it"
            raise IllegalHandoffError(handoff.key, "take", why, ("withdraw",), chosen_at)
        offered = self._agenda.start(recorder.handoff, by, moment, OFFER)
        told = {"to": by, "how": "taken from the queue", "skipped": []}
        recorder.record("offered", moment, told | plain(offered))
        self._accepted(recorder, by, moment, id)
        return recorder.step()

    def reject(
        self,
        handoff: Handoff,
        by: str,
        reason: str,
        at: datetime,
        *,
        why: str = "",
        facts: Snapshot | None = None,
        pool: Pool | None = None,
        load: Mapping[str, int] | None = None,
        id: str = "",
    ) -> HandoffStep:
        """
        The rep to whom it is offered does not want it.

        Args:
            handoff: Which.
            by: Who.
            reason: The name of a code; it says what follows. At the due instant is in time.
            at: When. Aware.
            why: In their words.
            facts: The lead, for a code that offers it to somebody else from *at* on; without it
                the next tick does so, from its own instant on when it is late.
            pool: The newest state of routing, likewise.
            load: Open handoffs by rep, likewise; this one among them, if somebody has it.
            id: The command's own key.

        Raises:
            IllegalHandoffError: it is not offered to *by*, or the offer had lapsed by then.
            UnknownNameError: there is no such reason.
        """
        if id in handoff.commands:
            return HandoffStep(handoff, pool=pool)
        by = _who(by)
        self._check_offer(handoff, "reject", by, at)
        recorder, moment = self._begin(handoff, "reject", at, pool)
        self._give_back(recorder, "rejected", by, moment, reason, why, id)
        self._agenda.advance(recorder, moment, _desk(facts, pool, load))
        return recorder.step()

    # -- the work ----------------------------------------------------------------------------

    def attempt(
        self,
        handoff: Handoff,
        by: str,
        at: datetime,
        channel: str = "",
        reached: bool = False,
        *,
        id: str = "",
    ) -> HandoffStep:
        """
        Its owner tried to reach the lead. The first try is the first touch.

        Args:
            handoff: Which.
            by: Who.
            at: When they tried, not when they say so: one within the time that is told after the
                breach is recorded as its correction, and the breach stays. Aware. One who had
                the lead at that instant can tell of it when it is theirs no longer, or is
                closed: the attempt and the correction are recorded, and nothing else changes.
            channel: How: a call, an e-mail, in the team's own word.
            reached: Whether the lead answered. Then the cadence ends.
            id: The command's own key.

        Raises:
            IllegalHandoffError: it is not theirs, and was not at *at*.
        """
        if id in handoff.commands:
            return HandoffStep(handoff)
        by, moment = _who(by), instant(at, "at")
        recorder = Recorder(handoff)
        self._agenda.advance(recorder, moment)
        before = recorder.handoff
        had = before.had_by(by, moment)
        attempt: dict[str, Any] = {"by": by, "channel": channel, "reached": bool(reached)}
        if had is not None:
            self._late_attempt(recorder, had, moment, attempt | _command(id))
            return recorder.step()
        self._check(before, "attempt", moment, by)
        late = [d for d in before.deadlines if d.can_be_corrected_by(by, moment)]
        follows = self._follows(before, by, moment, reached)
        attempt["number"] = len(before.own_attempts) + 1
        recorder.record("attempted", moment, attempt | plain(follows) | _command(id))
        _correct(recorder, moment, late)
        if not before.touched:
            recorder.tell((("touched", None),))
        return recorder.step()

    def close(
        self,
        handoff: Handoff,
        by: str,
        at: datetime,
        *,
        outcome: str = "",
        reason: str = "",
        why: str = "",
        facts: Snapshot | None = None,
        pool: Pool | None = None,
        load: Mapping[str, int] | None = None,
        id: str = "",
    ) -> HandoffStep:
        """
        Its owner says what came of it.

        Args:
            handoff: Which.
            by: Who.
            at: When. Aware.
            outcome: What came of it, in the team's own word; the lifecycle is told that word.
            reason: Or the name of the code that it is given back with.
            why: In their words.
            facts: As in `reject`, and so *pool* and *load*.
            pool: The newest state of routing.
            load: Open handoffs by rep.
            id: The command's own key.

        Raises:
            IllegalHandoffError: it is not theirs.
            DefinitionError: there are both an outcome and a reason, or neither.
            UnknownNameError: there is no such reason.
        """
        if id in handoff.commands:
            return HandoffStep(handoff, pool=pool)
        by = _who(by)
        if outcome and reason:
            raise DefinitionError("a handoff is closed with an outcome or with a reason, not both")
        if not outcome and not reason:
            raise DefinitionError(
                "a handoff is closed with an outcome, such as 'meeting', or with a reason, the "
                "name of a code; say one of them"
            )
        word_or_none(outcome)
        recorder, moment = self._begin(handoff, "close", at, pool, by=by)
        if reason:
            kind = "returned" if self._code(reason).then == "retry" else "closed"
            self._give_back(recorder, kind, by, moment, reason, why, id)
        else:
            told = {"by": by, "outcome": outcome, "reason": "", "finding": "", "why": why}
            recorder.record("closed", moment, told | _command(id))
            recorder.tell(((outcome, None),))
        self._agenda.advance(recorder, moment, _desk(facts, pool, load))
        return recorder.step()

    def reassign(
        self,
        handoff: Handoff,
        at: datetime,
        why: str,
        *,
        by: str = "",
        facts: Snapshot | None = None,
        pool: Pool | None = None,
        load: Mapping[str, int] | None = None,
        id: str = "",
    ) -> HandoffStep:
        """
        Take a lead from whoever has it, and offer it to somebody else.

        Raises:
            IllegalHandoffError: nobody has it.
        """
        if id in handoff.commands:
            return HandoffStep(handoff, pool=pool)
        recorder, moment = self._begin(handoff, "reassign", at, pool)
        told = {"owner": recorder.handoff.holder, "by": by, "why": why}
        recorder.record("reassigned", moment, told | _command(id))
        self._agenda.advance(recorder, moment, _desk(facts, pool, load))
        return recorder.step()

    def pause(
        self,
        handoff: Handoff,
        at: datetime,
        why: str,
        *,
        by: str = "",
        until: datetime | None = None,
        id: str = "",
    ) -> HandoffStep:
        """
        Stop every clock of an accepted lead, with a reason.

        Args:
            handoff: Which.
            at: When. Aware.
            why: In words: the lead asked to be called in March.
            by: Who.
            until: When the clocks go on by themselves; None leaves that to `resume`.
            id: The command's own key.

        Raises:
            IllegalHandoffError: nobody has accepted it, or it is paused already.
            DefinitionError: there is no reason, or *until* is not after *at*.
        """
        if id in handoff.commands:
            return HandoffStep(handoff)
        if is_blank(why):
            raise DefinitionError("a pause says why")
        end = None if until is None else instant(until, "until")
        recorder, moment = self._begin(handoff, "pause", at)
        if end is not None and end <= moment:
            raise DefinitionError(f"a pause ends after {moment_text(moment)}, when it starts")
        # Spans that are over by the calendar of this day stay so when that changes.
        left = [self._agenda.left(d, moment).to_dict() for d in recorder.handoff.running]
        told = {"by": by, "why": why, "until": written(end), "left": left}
        recorder.record("paused", moment, told | _command(id))
        return recorder.step()

    def resume(
        self, handoff: Handoff, at: datetime, why: str = "", *, by: str = "", id: str = ""
    ) -> HandoffStep:
        """
        Let the clocks go on: what was left of each span counts from here.

        Raises:
            IllegalHandoffError: it is not paused.
        """
        if id in handoff.commands:
            return HandoffStep(handoff)
        recorder, moment = self._begin(handoff, "resume", at)
        self._agenda.resume(recorder, moment, why, {"by": by} | _command(id))
        return recorder.step()

    # -- time --------------------------------------------------------------------------------

    def tick(
        self,
        handoff: Handoff,
        now: datetime,
        *,
        facts: Snapshot | None = None,
        pool: Pool | None = None,
        load: Mapping[str, int] | None = None,
    ) -> HandoffStep:
        """
        Everything that has come due: lapses, new offers, warnings, breaches, escalations.

        Each is recorded with the instant at which it came due, in that order, however late the
        tick. Only the choice of a rep is made at *now* when it is more than a microsecond late:
        an offer stands its full span from when somebody can be told of it, so that a late tick
        makes one at most. Afterwards `Handoff.next_wake` lies after *now*, or is None.

        Args:
            handoff: Which.
            now: The instant. Aware. One before what is recorded already does nothing.
            facts: The lead, for routing; without it nothing is done from the first choice of a
                rep on, which is left to the next tick.
            pool: The newest state of routing, likewise.
            load: Open handoffs by rep, likewise; this one among them, if somebody has it.
        """
        recorder = Recorder(handoff, pool)
        self._agenda.advance(recorder, instant(now, "now"), _desk(facts, pool, load))
        return recorder.step()

    def calendar(self, rep: str) -> Calendar:
        """Whose working time counts for a rep: their own, if it never ends, or the policy's."""
        return self._agenda.calendar(rep)

    def look_again(
        self,
        handoff: Handoff,
        at: datetime,
        *,
        facts: Snapshot,
        pool: Pool,
        load: Mapping[str, int],
    ) -> HandoffStep:
        """
        Look for a rep before the wait in the queue is over: when another handoff was closed.

        Nothing is recorded when there is still nobody who was not asked in the last round.

        Args:
            handoff: Which.
            at: When. Aware.
            facts: The lead, for routing.
            pool: The newest state of routing.
            load: Open handoffs by rep, as they are now.

        Raises:
            IllegalHandoffError: it does not wait in the queue.
        """
        recorder, moment = self._begin(handoff, "look_again", at, pool)
        self._agenda.look_again(recorder, moment, Desk(facts, pool, load))
        return recorder.step()

    # -- parts -------------------------------------------------------------------------------

    @property
    def _agenda(self) -> Agenda:
        return Agenda(self.sla, self.routing, self.reasons)

    def _code(self, name: str) -> ReasonCode:
        for code in self.reasons:
            if code.name == name:
                return code
        raise UnknownNameError("reason", name, [code.name for code in self.reasons])

    def _begin(
        self, handoff: Handoff, command: str, at: datetime, pool: Pool | None = None, by: str = ""
    ) -> tuple[Recorder, datetime]:
        """A step in which all that was due before *at* is done, if the command is legal then."""
        moment = instant(at, "at")
        recorder = Recorder(handoff, pool)
        self._agenda.advance(recorder, moment)
        self._check(recorder.handoff, command, moment, by)
        return recorder, moment

    def _check(self, now: Handoff, command: str, at: datetime, by: str) -> None:
        """Whether a command is legal; *by* has to own the handoff, if it is said."""
        # To look again is for whoever runs the funnel, and no answer to a person.
        legal = now.state == "queued" if command == "look_again" else command in now.legal
        if not legal:
            raise IllegalHandoffError(now.key, command, *stands(now))
        if by and by != now.owner:
            raise IllegalHandoffError(now.key, command, f"{now.owner!r} has it, not {by!r}", ())
        if by and at < now.offers[-1].at:
            why = f"{by!r} is offered it only"
            raise IllegalHandoffError(now.key, command, why, now.legal, now.offers[-1].at)
        if now.opened_at is not None and at < now.opened_at:
            raise IllegalHandoffError(now.key, command, "it is open only", now.legal, now.opened_at)

    def _late_attempt(
        self, recorder: Recorder, had: Offer, at: datetime, attempt: dict[str, Any]
    ) -> None:
        """An attempt of one who has the lead no longer: it counts for that time alone."""
        before, by = recorder.handoff, had.to
        then = (d for d in before.deadlines if had.at <= d.started <= at)
        late = [deadline for deadline in then if deadline.can_be_corrected_by(by, at)]
        attempt["number"] = sum(one.by == by for one in before.attempts) + 1
        recorder.record("attempted", at, attempt | plain([]) | {"late": True})
        _correct(recorder, at, late)

    def _check_offer(self, handoff: Handoff, command: str, by: str, at: datetime) -> None:
        offer = handoff.offer
        mine = next((o for o in reversed(handoff.offers) if o.to == by), None)
        if mine is not None and mine.ended == "lapsed" and handoff.open:
            why = f"the offer to {by!r} has lapsed"
            raise IllegalHandoffError(handoff.key, command, why, handoff.legal, mine.due)
        if offer is None:
            raise IllegalHandoffError(handoff.key, command, *stands(handoff))
        if offer.to != by:
            why = f"it is offered to {offer.to!r} alone, not to {by!r}"
            raise IllegalHandoffError(handoff.key, command, why, ("withdraw",))
        if instant(at, "at") < offer.at:
            why = f"{by!r} is offered it only"
            raise IllegalHandoffError(handoff.key, command, why, handoff.legal, offer.at)
        if instant(at, "at") > offer.due:
            why = f"the offer to {by!r} has lapsed"
            raise IllegalHandoffError(handoff.key, command, why, ("withdraw",), offer.due)

    def _accepted(self, recorder: Recorder, by: str, at: datetime, id: str) -> None:
        first = recorder.handoff.accepted_at is None
        started = self._agenda.start(recorder.handoff, by, at, FIRST_TOUCH, OUTCOME)
        recorder.record("accepted", at, {"by": by} | plain(started) | _command(id))
        if first:
            recorder.tell((("accepted", None),))

    def _give_back(
        self, recorder: Recorder, kind: str, by: str, at: datetime, reason: str, why: str, id: str
    ) -> None:
        code = self._code(reason)
        told = {"by": by, "reason": code.name, "finding": code.finding, "why": why}
        told |= {"then": code.then, "outcome": ""}
        recorder.record(kind, at, told | _command(id))
        recorder.tell(code.told)

    def _follows(self, handoff: Handoff, by: str, at: datetime, reached: bool) -> list[Deadline]:
        """What an attempt starts."""
        own = handoff.own_attempts
        if reached or any(attempt.reached for attempt in own):
            return []
        most = self._agenda.target(handoff).attempts
        latest = max([at, *(attempt.at for attempt in own)])
        running = {deadline.name: deadline for deadline in handoff.running}
        if most is not None and len(own) + 1 >= most:
            return [] if ANSWER in running else self._agenda.start(handoff, by, latest, ANSWER)
        before = running.get(NEXT_ATTEMPT)
        if before is None or at > before.started:
            return self._agenda.start(handoff, by, latest, NEXT_ATTEMPT)
        return []  # Told late: the one that is recorded already sets the cadence.


def _correct(recorder: Recorder, at: datetime, late: Iterable[Deadline]) -> None:
    """An attempt shows that breaches were none."""
    for deadline in late:
        told = {"clock": deadline.name, "owner": deadline.owner, "due": written(deadline.due)}
        recorder.record("corrected", at, told)


def _who(by: object) -> str:
    """The name of a rep, in the form in which routing keeps names."""
    if not isinstance(by, str) or is_blank(by):
        raise KindError(f"who does it is the name of a rep, not {show(by)}")
    return unicodedata.normalize("NFC", by)


# -- data of events ----------------------------------------------------------------------------


def _command(id: str) -> dict[str, str]:
    return {"command": id} if id else {}


def _desk(facts: Snapshot | None, pool: Pool | None, load: Mapping[str, int] | None) -> Desk | None:
    return None if facts is None else Desk(facts, pool or Pool(), load or {})


def _why(decision: Decision) -> dict[str, Any]:
    """Why a lead is handed off, as it is kept: names and points, none of the lead's own facts."""
    definition = decision.qualification
    lines = [
        {"name": line.name, "group": " / ".join(line.group), "points": plain_points(given)}
        for card in definition.cards
        for line in decision.scores[card.score_name].lines
        if (given := line.millis.points) and line.kind == "rule"
    ]
    return {
        "lead": decision.lead.id,
        "definition": definition.name,
        "version": definition.version,
        "fingerprint": definition.fingerprint,
        "reasons": list(decision.reasons),
        "points": {n: plain_points(s.millis.points) for n, s in decision.scores.items()},
        "lines": lines,
    }
