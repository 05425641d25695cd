"""
One lead inside one transaction: what is learned, decided and told there, until it is written.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import attrs

from ..criterion import earliest
from ..decision import Decision
from ..effect import Effect
from ..errors import LeadDataError
from ..handoff import Handoff, HandoffEvent, HandoffStep, Pool
from ..lifecycle import Event, IllegalMoveError, Journey, Lifecycle, Stage, Step
from ..lifecycle.transition import DECIDED, MOVED, RAISED, UNDONE
from ..qualification import Qualification
from ..spec import Model
from ..status import Status
from ..store.base import Fact, HandoffRow, Row, StaleVersionError, Transaction
from ..value import MICROSECOND
from .ahead import guards, next_look
from .state import (
    ACTIVITY,
    ATTRIBUTES,
    CROSSED,
    HANDOFF,
    JOURNEY,
    MERGED,
    RETRACTED,
    SAID,
    LeadState,
    Standing,
)

MOST_LOOKS: Final = 2_000
"""How many instants one call looks at on its way to now; for a tick the rest stays due."""

MOST_IN_VAIN: Final = 4
"""How many instants in a row, a microsecond apart, it looks at when nothing comes of them."""

POOL: Final = "sales"
QUALIFIED: Final = "qualified"
READY: Final = "ready"
"""The two lines that a lead crosses: of who is qualified, and of who is ready for sales."""

_CROSSINGS: Final[Mapping[str, Mapping[tuple[Standing, Standing], str]]] = {
    QUALIFIED: {
        ("below", "above"): "qualified",
        ("out", "above"): "qualified",
        ("above", "below"): "unqualified",
        ("below", "out"): "disqualified",
        ("above", "out"): "disqualified",
        ("out", "below"): "cleared",
    },
    READY: {
        ("below", "above"): "ready",
        ("out", "above"): "ready",
        ("above", "below"): "unready",
        ("above", "out"): "unready",
    },
}
"""What the lifecycle is told when a lead crosses a line."""
_HELD: Final[Mapping[tuple[str, Standing], tuple[str, ...]]] = {
    (QUALIFIED, "above"): ("qualified",),
    (QUALIFIED, "below"): ("unqualified",),
    (QUALIFIED, "out"): ("disqualified", "unqualified"),
    (READY, "above"): ("ready",),
    (READY, "below"): ("unready",),
    (READY, "out"): ("unready",),
}
"""What it is told at every look, for moves that could not be taken when the line was crossed."""
_NO_OUTCOMES: Final = RAISED | {"accepted", "touched", "recycled", "unanswered"}
"""Triggers that say nothing about what sales made of a lead; without a reason no feedback."""
_ASKING: Final = {"offered": "accept(lead_id, by=...)", "queued": "take(lead_id, by=...)"}
"""How somebody accepts a lead, by what its handoff waits for."""
_HEIGHT: Final[Mapping[Standing, int]] = {"out": 0, "below": 1, "above": 2}
_STANDING: Final[Mapping[Status, Standing]] = {
    Status.QUALIFIED: "above",
    Status.NOT_QUALIFIED: "below",
    Status.DISQUALIFIED: "out",
}


class Work:
    """
    One lead while a transaction works on it.

    Args:
        tx: The transaction.
        model: What the funnel goes by.
        lifecycle: Its lifecycle.
        lead_id: Whose.
        now: When it is told. A clock that stepped back stands still: nothing is recorded before
            what is recorded or decided already.

    Raises:
        StaleVersionError: somebody else has merged it into another lead meanwhile.
    """

    def __init__(
        self, tx: Transaction, model: Model, lifecycle: Lifecycle, lead_id: str, now: datetime
    ) -> None:
        self.tx, self.model, self.lead_id = tx, model, lead_id
        self.lifecycle = lifecycle
        stored = tx.load(lead_id)
        self.loaded = 0 if stored is None else stored.row.version
        self.row = None if stored is None else stored.row
        self._stored = () if stored is None else stored.facts
        self.state = LeadState(lead_id, self._stored)
        self.facts: list[Fact] = []
        self.effects: list[Effect] = []
        self.wake = None if self.row is None else self.row.wake
        if self.state.merged_into:
            raise StaleVersionError(lead_id, self.loaded)
        decided_at = None if self.row is None else self.row.decided_at
        since = [at for at in (self.state.recorded_at, decided_at) if at is not None]
        self.now = max([now, *since])
        self._since = max(since, default=None)
        self._told: datetime | None = None
        self._decisions: dict[str, Decision] = {}
        self._touched: dict[int, Handoff] = {}
        self._pool: Pool | None = None

    # -- time --------------------------------------------------------------------------------

    def advance(self, *, due_now: bool = True) -> bool:
        """
        Look at the lead at each instant that was due on the way to now.

        So a journey that is ticked rarely comes to the same as one that is ticked often.

        Args:
            due_now: Also at now itself. What a person does when it is due is done in time.

        Returns:
            False when there were too many; then it is as of the last one, and the rest is due.
        """
        until, vain = self.now, 0
        for _ in range(MOST_LOOKS):
            at = self.wake
            if at is None or at > until or (at == until and not due_now):
                break
            before, self.now = self.state.version, at
            self.look(offers=False)
            # A criterion that cannot say when it changes asks for the very next instant: to look
            # at each of them would never end, and what comes of it is seen at now.
            soon = self.wake == at + MICROSECOND and self.state.version == before
            vain = vain + 1 if soon else 0
            if vain == MOST_IN_VAIN:
                break
        else:
            return False
        self.now = until
        return True

    def arrive(self, *, due_now: bool) -> None:
        """The same, and be at now in the end: what was too much on the way is left out."""
        until = self.now
        self.advance(due_now=due_now)
        self.now = until

    def do(self, at: datetime, command: Callable[[], None]) -> None:
        """
        Do what a person says was done at *at*.

        Time passes up to then, and after it up to now: what came due in between, and nobody has
        recorded, does not stand against it. It is recorded as of now, when it was told.
        """
        until = self.now
        self.now = min(until, at if self._since is None else max(at, self._since))
        self.arrive(due_now=False)
        if self.now == until:
            command()
            return
        self._told = until
        command()
        self.look(offers=False)
        self.now = until
        self.arrive(due_now=False)

    # -- facts -------------------------------------------------------------------------------

    def known_facts(self) -> list[Fact]:
        """What was told of it and taken back, and the commands, to tell another lead."""
        return [f for f in (*self._stored, *self.facts) if f.kind in _TRAVEL]

    def add(self, kind: str, id: str, at: datetime, data: Mapping[str, Any]) -> bool:
        """Record a fact; False when one of that id is recorded already."""
        key = f"{kind}/{id}"
        if key in self.state.ids:
            return False
        fact = Fact(key, kind, at, self._told or self.now, data)
        self.facts.append(fact)
        self.state.add(fact)
        return True

    def tell(self, kind: str, at: datetime, key: str, data: Mapping[str, Any]) -> None:
        """Add an effect for the outbox."""
        self._tell([Effect(kind, self.lead_id, at, f"{self.lead_id}/{key}", data)])

    def _tell(self, effects: Iterable[Effect]) -> None:
        # The first slash of a key ends the lead's id: so no two leads share a key.
        quoted = self.lead_id.replace("%", "%25").replace("/", "%2F")
        for effect in effects:
            key = quoted + effect.key.removeprefix(self.lead_id)
            self.effects.append(attrs.evolve(effect, key=key))

    # -- the journey -------------------------------------------------------------------------

    @property
    def journey(self) -> Journey:
        """Where the lead stands."""
        if self.state.journey is None:
            raise LeadDataError(f"nothing is recorded of {self.lead_id!r} yet")
        return self.state.journey

    def begin(self, at: datetime) -> None:
        """The first stage of a new lead."""
        if self.state.journey is None:
            self._keep(self.lifecycle.begin(self.lead_id, at))

    def fire(self, event: Event) -> Step:
        """An event of the journey; an illegal or a refused one raises."""
        step = self.lifecycle.step(self.journey, event, self.decide().snapshot)
        self._keep(step)
        return step

    def came_from(self) -> str:
        """
        The stage in which the lead stood before this one.

        Raises:
            LeadDataError: it stood in none.
        """
        ways: list[str] = []
        for line in self.journey.history:
            if not line.entries:
                continue
            to = line.entries[-1].stage
            # What was taken back does not count any more: so a second undo goes further back.
            if line.event.trigger == UNDONE and to in ways[:-1]:
                del ways[len(ways) - 1 - ways[-2::-1].index(to) :]
            else:
                ways.append(to)
        for name in reversed(ways[:-1]):
            stage = self.lifecycle.by_name.get(name)
            if stage is not None and stage.kind != "gate":
                return name
        raise LeadDataError(f"{self.lead_id!r} made no move that can be taken back")

    def check(self, trigger: str) -> None:
        """
        Whether an event may be told as it is; an acceptance of what is offered says who accepts.

        Raises:
            IllegalMoveError: it is for the handoff to say.
        """
        handoff = self.open_handoff
        if trigger != "accepted" or handoff is None or handoff.state not in _ASKING:
            return
        how = _ASKING[handoff.state]
        why = f"its handoff is {handoff.state}; say {how}, or move(...) past it"
        allowed = [name for name in self.lifecycle.allows(self.journey) if name != trigger]
        raise IllegalMoveError(self.lead_id, self.journey.stage, trigger, allowed, why)

    def conclude(self, outcome: str) -> None:
        """A lead that somebody works has moved on: that is the outcome of its handoff."""
        if outcome in _NO_OUTCOMES:
            return
        handoff, policy = self.open_handoff, self.model.handoff
        if handoff is None or policy is None or handoff.state not in ("accepted", "working"):
            return
        step = policy.close(handoff, handoff.owner, self.now, outcome=outcome)
        self.keep_handoff(attrs.evolve(step, then=()))

    def _try(self, event: Event) -> bool:
        """Whether an event moved the lead: if its stage takes it and criteria hold."""
        facts = self.decide().snapshot
        if not self.lifecycle.takes(self.journey, event.trigger, facts):
            return False
        step = self.lifecycle.step(self.journey, event, facts)
        if not any(line.entries or line.wait or line.called_off for line in step.settled):
            return False
        if step.entries and step.journey.stage == self.journey.stage:
            return False  # A gate turned it back: it has not moved, and comes to it again.
        self._keep(step)
        return bool(step.entries)

    def _keep(self, step: Step) -> None:
        for line in step.settled:
            number = self.state.version + 1
            event = line.event
            if not event.id:
                named = attrs.evolve(event, id=f"raised/{event.trigger}/{number}")
                line = attrs.evolve(line, event=named)
            self.add(JOURNEY, line.event.id, line.event.at, line.to_dict())
        self._tell(step.effects)
        if step.entries:
            self.learned()

    # -- decisions ---------------------------------------------------------------------------

    @property
    def lines(self) -> dict[str, Qualification]:
        """What it is decided by: who is qualified and, if the model says, who is ready."""
        ready = self.model.ready
        return {QUALIFIED: self.model.qualification, **({} if ready is None else {READY: ready})}

    def decide(self, line: str = QUALIFIED) -> Decision:
        """The decision as of now about one of the `lines`."""
        decision = self._decisions.get(line)
        if decision is None or decision.as_of != self.now:
            notes = self.model.notes(self.now) if line == QUALIFIED else ()
            decision = self.lines[line].decide(self.state.lead(), as_of=self.now, notes=notes)
            self._decisions[line] = decision
        return decision

    def learned(self) -> None:
        """Something new is known: decide again."""
        self._decisions.clear()

    def look(self, *, offers: bool = True) -> None:
        """
        Let time pass up to now: timers, crossings, moves that a criterion opens, deadlines.

        Offers are made only when now is the caller's: an offer starts when somebody can be told
        of it, not at an instant in the past that nobody looked at.
        """
        self._keep(self.lifecycle.tick(self.journey, self.now, self.decide().snapshot))
        tried: set[tuple[str, str]] = set()
        self._cross(tried)
        self._go_on(tried)
        if self._hand_over(offers=offers):
            self._go_on(tried)
        self.wake = self._next_wake(offers=offers)

    def _cross(self, tried: set[tuple[str, str]]) -> None:
        """Record each line that was crossed, and let the lifecycle take it if it does."""
        for line in self.lines:
            was = self.state.standing.get(line, "below")
            # Nobody crosses by not being known.
            to = _STANDING.get(self.decide(line).status, was)
            if to == was:
                continue
            self._note_crossing(line, was, to)
            trigger = _CROSSINGS[line].get((was, to))
            if trigger:
                self._once(trigger, tried)

    def _note_crossing(self, line: str, was: Standing, to: Standing) -> None:
        decision, number = self.decide(line), self.state.version + 1
        definition, episode = decision.qualification, self.journey.episode
        first = to == "above" and (episode, line) not in self.state.reached
        data: dict[str, Any] = {
            "line": line,
            "definition": definition.name,
            "version": definition.version,
            "fingerprint": definition.fingerprint,
            "from": was,
            "to": to,
            "direction": "up" if _HEIGHT[to] > _HEIGHT[was] else "down",
            "status": str(decision.status),
            "reasons": list(decision.reasons),
            "scores": {name: str(score.points) for name, score in decision.scores.items()},
            "episode": episode,
        }
        self.add(CROSSED, str(number), self.now, data)
        self.tell("crossed", self.now, f"crossed/{number}", data)
        if first:  # Once an episode, however often the score wobbles about the line.
            self.tell(line, self.now, f"{episode}/{line}", data)

    def _go_on(self, tried: set[tuple[str, str]]) -> None:
        """Moves for what holds, each stage's once, until the lead stands."""
        while any(self._once(trigger, tried) for trigger in self._held()):
            pass

    def _held(self) -> tuple[str, ...]:
        """
        The triggers of what holds now.

        Where a person puts a lead, it stays until a line is crossed; from where it rests, it goes
        on after that.
        """
        here = self.journey.here
        if here.trigger in (MOVED, UNDONE) and here.rests_until is None:
            return (DECIDED,)
        standing = self.state.standing
        held = (_HELD[line, standing[line]] for line in self.lines if line in standing)
        return (*(trigger for triggers in held for trigger in triggers), DECIDED)

    def _once(self, trigger: str, tried: set[tuple[str, str]]) -> bool:
        """Whether a trigger moved the lead; the second time in a stage it is not tried."""
        key = self.journey.stage, trigger
        if key in tried:
            return False
        tried.add(key)
        return self._try(Event(trigger, self.now))

    # -- the handoff -------------------------------------------------------------------------

    @property
    def handoff(self) -> Handoff | None:
        """The handoff of this episode."""
        return self.state.handoff(self.journey.episode)

    @property
    def open_handoff(self) -> Handoff | None:
        """The handoff that is not closed, of this episode or of one before."""
        return self.state.open_handoff

    def look_again(self) -> None:
        """Whether there is a rep by now for a lead that waits in the queue."""
        if self.wake is not None and self.wake <= self.now:
            if not self.advance():
                self.write()
                return
            self.look()
        policy, handoff = self.model.handoff, self.open_handoff
        if policy is not None and handoff is not None and handoff.state == "queued":
            self.keep_handoff(policy.look_again(handoff, self.now, **self.desk()))
        if self.facts:
            self.finish()

    def desk(self) -> dict[str, Any]:
        """What routing looks at: the lead's facts, the fair pool (now locked), who has how many."""
        return {"facts": self.decide().snapshot, **self._pool_and_load()}

    def _pool_and_load(self) -> dict[str, Any]:
        pool = self._pool or Pool.from_dict(self.tx.pool(POOL))
        return {"pool": pool, "load": self.tx.open_handoffs()}

    def _hand_over(self, *, offers: bool) -> bool:
        """Whether anything came of the handoff that is open, or of a new one."""
        policy = self.model.handoff
        if policy is None:
            return False
        before = self.state.version
        stage = self.lifecycle.by_name.get(self.journey.stage)
        current = self.open_handoff
        if current is not None:
            if self._has_left(current, stage):
                self.keep_handoff(policy.withdraw(current, self.now, self._why_left(current)))
            elif self._is_due(current):
                desk = self.desk() if offers else {}
                self.keep_handoff(policy.tick(current, self.now, **desk))
        if offers and self._can_be_offered():
            owner = self.state.last_owner
            episode = self.journey.episode
            step = policy.open(
                self.decide(), episode, self.now, owner=owner, **self._pool_and_load()
            )
            self.keep_handoff(step)
        return self.state.version > before

    def _can_be_offered(self) -> bool:
        stage = self.lifecycle.by_name.get(self.journey.stage)
        if stage is None or not stage.offers or self.handoff is not None:
            return False
        if self.journey.waits:  # It is about to leave: nobody is to call it today.
            return False
        return self.model.ready is None or self.state.standing.get(READY) == "above"

    def _has_left(self, handoff: Handoff, stage: Stage | None) -> bool:
        """Whether the lead went where its open handoff has nothing to do any more."""
        if handoff.episode != self.journey.episode:
            return True
        if stage is None:
            return False  # The lead has not moved: its stage was taken out of the lifecycle.
        if stage.kind == "terminal":
            return True
        # One who was accepted and goes to somebody else is past the stage that offers.
        return handoff.accepted_at is None and not stage.offers

    def _why_left(self, handoff: Handoff) -> str:
        stage = self.journey.stage
        ended = self.lifecycle.by_name[stage].kind == "terminal"
        if ended or handoff.episode != self.journey.episode:
            return f"the lead moved to {stage}"
        # It came there, or the lifecycle of today does not offer there any more.
        return f"nothing is offered at {stage}, where the lead stands"

    def _is_due(self, handoff: Handoff) -> bool:
        wake = handoff.next_wake()
        return wake is not None and wake <= self.now

    def keep_handoff(self, step: HandoffStep, outcome: str = "") -> None:
        """
        Record what came of a handoff and tell the lifecycle what it must know.

        Args:
            step: What came of it.
            outcome: The trigger that a person said came of it: an illegal or refused one raises.
        """
        handoff = step.handoff
        for event in step.events:
            data = {"episode": handoff.episode, "event": event.to_dict()}
            self.add(HANDOFF, f"{handoff.episode}/{event.id}", event.at, data)
            self._stop_or_go(self.state.handoff(handoff.episode), event)
        self._tell(step.effects)
        if step.events:
            self._touched[handoff.episode] = handoff
        if step.pool is not None:
            self._pool = step.pool
        for trigger, cool_down in step.then:
            told = Event(trigger, self.now, cool_down=cool_down)
            if trigger == outcome:
                self.fire(told)
            else:
                self._try(told)

    def _stop_or_go(self, handoff: Handoff | None, event: HandoffEvent) -> None:
        """The clock of the stage stands still while that of the handoff does."""
        paused = handoff is not None and handoff.pause is not None
        if paused == (self.journey.paused is not None):
            return
        turn = self.lifecycle.pause if paused else self.lifecycle.resume
        by, why = event.data.get("by", ""), event.data.get("why", "")
        self._keep(turn(self.journey, event.at, self.decide().snapshot, by=by, why=why))

    # -- the end -----------------------------------------------------------------------------

    def _next_wake(self, *, offers: bool) -> datetime | None:
        wake = earliest([self.journey.next_wake(), self._handoff_wake(offers=offers)])
        if self.lifecycle.listens(self.journey.stage):
            wake = self._next_turn(wake)
        # What a clock behind the history asks for in the past is looked at as soon as can be.
        return None if wake is None else max(wake, self.now + MICROSECOND)

    def _next_turn(self, wake: datetime | None) -> datetime | None:
        """When a line is crossed next, or a move that is tried at every look opens or closes."""
        for line, definition in self.lines.items():
            wake = next_look(definition, self.decide(line), wake)
        for guard in guards(self.lifecycle, self.journey.stage, self._held()):
            wake = next_look(self.model.qualification, self.decide(), wake, guard)
        return wake

    def _handoff_wake(self, *, offers: bool) -> datetime | None:
        """When the open handoff wants to be looked at; without *offers* not for a choice of rep."""
        handoff = self.open_handoff
        duties = [] if handoff is None or self.model.handoff is None else handoff.duties()
        if not duties or (duties[0].kind == "route" and not offers):
            return None
        return duties[0].wake

    def finish(self) -> None:
        """Look once more and write all of it."""
        self.look()
        self.write()

    def write(self) -> None:
        """Write the facts with the row, the handoffs and the effects."""
        journey = self.journey
        row = Row(
            lead_id=self.lead_id,
            version=self.loaded + len(self.facts),
            stage=MERGED if self.state.merged_into else journey.stage,
            furthest=journey.furthest,
            since=journey.since,
            episode=journey.episode,
            owner=self._owner(),
            status=str(self.decide().status),
            model=self.model.fingerprint,
            decided_at=self.now,
            wake=None if self.state.merged_into else self.wake,
            state=self._summary(),
        )
        if not self.facts and row == self.row:
            return
        self.tx.append(row, self.facts, expected=self.loaded)
        for handoff in self._touched.values():
            kept = handoff_row(handoff, self.state.told(handoff.episode))
            if not self.tx.hand_off(kept):
                self.tx.update_handoff(kept)
        if self._pool is not None:
            self.tx.save_pool(POOL, self._pool.to_dict())
        self.tx.tell(self.effects)

    def _owner(self) -> str:
        """Who works it: whose handoff is open, or, in a stage of sales, whose it was."""
        handoff = self.open_handoff
        if handoff is not None:
            return handoff.owner
        stage = self.lifecycle.by_name.get(self.journey.stage)
        return self.state.last_owner if stage is not None and stage.team == "sales" else ""

    def _summary(self) -> dict[str, Any]:
        scores = self.decide().scores
        data: dict[str, Any] = {"scores": {name: str(s.points) for name, s in scores.items()}}
        handoff = self.open_handoff
        if handoff is not None:
            data["handoff"] = handoff.state
        if self.state.merged_into:
            data["merged_into"] = self.state.merged_into
        return data


_TRAVEL: Final = (ACTIVITY, ATTRIBUTES, RETRACTED, SAID)
"""The kinds of facts that are told of the lead that another was merged into."""


def handoff_row(handoff: Handoff, events: Sequence[HandoffEvent]) -> HandoffRow:
    """What a store keeps of a handoff for lists and reports: its events."""
    opened_at = events[0].at
    return HandoffRow(
        handoff.lead_id,
        handoff.episode,
        handoff.state,
        handoff.holder,
        opened_at,
        {"events": [event.to_dict() for event in events]},
    )
