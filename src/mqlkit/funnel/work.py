"""
One lead inside one transaction: what is learned, decided and told there, until it is written.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import attrs

from ..criterion import earliest
from ..decision import Decision
from ..effect import Effect
from ..errors import LeadDataError
from ..handoff import Handoff, HandoffEvent, HandoffStep, Pool
from ..lifecycle import Event, Journey, Lifecycle, RefusedMoveError, Stage, Step
from ..qualification import Qualification
from ..spec import Model
from ..status import Status
from ..store.base import Fact, HandoffRow, Row, Transaction
from .plain import to_plain
from .state import ACTIVITY, ATTRIBUTES, CROSSED, HANDOFF, JOURNEY, MERGED, LeadState, Standing

MOST_LOOKS: Final = 10_000
"""How many instants one call looks at on its way to now; the rest stays due."""

POOL: Final = "sales"
_TRIGGER: Final[Mapping[tuple[Standing, Standing], str]] = {
    ("below", "above"): "qualified",
    ("out", "above"): "qualified",
    ("above", "below"): "unqualified",
    ("below", "out"): "disqualified",
    ("above", "out"): "disqualified",
    ("out", "below"): "cleared",
}
_READY: Final = {
    "qualified": "ready",
    "unqualified": "unready",
    "disqualified": "unready",
    "cleared": "",
}
_AGAIN: Final[Mapping[Standing, str]] = {"above": "qualified", "out": "disqualified", "below": ""}
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
    """

    def __init__(self, tx: Transaction, model: Model, lifecycle: Lifecycle, lead_id: str) -> None:
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
        self._decisions: dict[str, Decision] = {}
        self._touched: dict[int, Handoff] = {}
        self._pool: Pool | None = None
        self._now: datetime | None = None

    # -- time --------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The instant that is worked at."""
        if self._now is None:
            raise AssertionError("no instant yet")
        return self._now

    def advance(self, now: datetime) -> None:
        """
        Look at the lead at each instant that was due on the way to *now*, and then be at *now*.

        So ticking rarely comes to the same as ticking often. A clock that stepped back stands
        still: nothing is recorded before what is recorded already.
        """
        last = self.state.recorded_at
        now = now if last is None else max(now, last)
        for _ in range(MOST_LOOKS):
            if self.wake is None or self.wake > now:
                break
            self._now = self.wake
            self.look(handoffs=False)
        self._now = now

    def stand(self, now: datetime) -> None:
        """Be at *now* without looking: for reading."""
        last = self.state.recorded_at
        self._now = now if last is None else max(now, last)

    # -- facts -------------------------------------------------------------------------------

    def known_facts(self) -> list[Fact]:
        """The activities and attributes that count, to tell them of another lead."""
        counting = (ACTIVITY, ATTRIBUTES)
        facts = [*self._stored, *self.facts]
        return [f for f in facts if f.kind in counting and self.state.said(f.id)]

    def add(self, kind: str, id: str, at: datetime, data: Mapping[str, Any]) -> bool:
        """Record a fact; False when one of that id is recorded already."""
        key = f"{kind}/{id}"
        if key in self.state.ids:
            return False
        fact = Fact(key, kind, at, self.now, data)
        self.facts.append(fact)
        self.state.add(fact)
        return True

    def tell(self, kind: str, at: datetime, key: str, data: Mapping[str, Any]) -> None:
        """Add an effect for the outbox."""
        self.effects.append(Effect(kind, self.lead_id, at, f"{self.lead_id}/{key}", data))

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
        for entry in reversed(self.journey.entries[:-1]):
            stage = self.lifecycle.by_name.get(entry.stage)
            if stage is not None and stage.kind != "gate":
                return entry.stage
        raise LeadDataError(f"{self.lead_id!r} made no move that can be taken back")

    def conclude(self, outcome: str) -> None:
        """A lead that somebody works has moved on: that is the outcome of its handoff."""
        handoff, policy = self.open_handoff, self.model.handoff
        if handoff is None or policy is None or handoff.state not in ("accepted", "working"):
            return
        step = policy.close(handoff, handoff.owner, self.now, outcome=outcome)
        self.keep_handoff(attrs.evolve(step, then=()))

    def _try(self, event: Event) -> Step | None:
        """An event of the journey if its stage takes it and criteria hold."""
        if event.trigger not in self.lifecycle.allows(self.journey):
            return None
        try:
            step = self.lifecycle.step(self.journey, event, self.decide().snapshot)
        except RefusedMoveError:
            return None
        changed = any(line.entries or line.wait or line.called_off for line in step.settled)
        if not changed:
            return None
        self._keep(step)
        return step

    def _keep(self, step: Step) -> None:
        for line in step.settled:
            number = self.state.version + 1
            event = line.event
            if not event.id:
                line = attrs.evolve(line, event=attrs.evolve(event, id=f"{event.trigger}/{number}"))
            self.add(JOURNEY, line.event.id, line.event.at, line.to_dict())
        self.effects += step.effects
        if step.entries:
            self.learned()

    # -- decisions ---------------------------------------------------------------------------

    @property
    def definitions(self) -> tuple[Qualification, ...]:
        """What it is decided by: who is qualified and, if the model says, who is ready."""
        ready = self.model.ready
        return (self.model.qualification, *(() if ready is None else (ready,)))

    def decide(self, definition: Qualification | None = None) -> Decision:
        """The decision as of now, by the model's definition or by another."""
        by = self.model.qualification if definition is None else definition
        decision = self._decisions.get(by.name)
        if decision is None or decision.as_of != self.now:
            notes = self.model.notes(self.now) if by is self.model.qualification else ()
            decision = by.decide(self.state.lead(), as_of=self.now, notes=notes)
            self._decisions[by.name] = decision
        return decision

    def learned(self) -> None:
        """Something new is known: decide again."""
        self._decisions.clear()

    def look(self, *, handoffs: bool = True) -> None:
        """
        Let time pass up to now: timers, crossings, moves that a criterion opens.

        Handoffs only when now is the caller's: an offer starts when somebody can be told of it,
        not at an instant in the past that nobody looked at.
        """
        self._keep(self.lifecycle.tick(self.journey, self.now, self.decide().snapshot))
        tried: set[tuple[str, str]] = set()
        self._cross(tried)
        self._moves(tried)
        if handoffs:
            self._hand_over(tried)
        self.wake = self._next_wake(handoffs)

    def _cross(self, tried: set[tuple[str, str]]) -> None:
        """Record each line that was crossed, and let the lifecycle take it if it does."""
        for definition in self.definitions:
            decision = self.decide(definition)
            was = self.state.standing.get(definition.name, "below")
            to = _STANDING.get(decision.status, was)  # Nobody crosses by not being known.
            if to == was:
                continue
            trigger = _TRIGGER[was, to]
            if definition is not self.model.qualification:
                trigger = _READY[trigger]
            self._note_crossing(definition, decision, was, to)
            if trigger:
                tried.add((self.journey.stage, trigger))
                self._moved(self._try(Event(trigger, self.now)), tried)

    def _note_crossing(
        self, definition: Qualification, decision: Decision, was: Standing, to: Standing
    ) -> None:
        number = self.state.version + 1
        data: dict[str, Any] = {
            "definition": definition.name,
            "version": definition.version,
            "fingerprint": definition.fingerprint,
            "from": was,
            "to": to,
            "direction": "up" if to == "above" else "down",
            "status": str(decision.status),
            "reasons": list(decision.reasons),
            "scores": {name: str(score.points) for name, score in decision.scores.items()},
            "episode": self.journey.episode,
        }
        self.add(CROSSED, str(number), self.now, data)
        self.tell("crossed", self.now, f"crossed/{number}", data)
        if to == "above":  # Once an episode, however often the score wobbles about the line.
            once = f"{self.journey.episode}/{definition.name}/qualified"
            self.tell("qualified", self.now, once, data)

    def _moved(self, step: Step | None, tried: set[tuple[str, str]]) -> None:
        """After a move of the table: what held already counts in the new stage too."""
        while step is not None and step.entries:
            standing = self.state.standing.get(self.model.qualification.name, "below")
            trigger = _AGAIN[standing]
            key = self.journey.stage, trigger
            if not trigger or key in tried:
                return
            tried.add(key)
            step = self._try(Event(trigger, self.now))

    def _moves(self, tried: set[tuple[str, str]]) -> None:
        """The moves that are tried after every decision."""
        while (self.journey.stage, "decided") not in tried:
            tried.add((self.journey.stage, "decided"))
            step = self._try(Event("decided", self.now))
            if step is not None and step.entries:
                self._moved(step, tried)

    # -- the handoff -------------------------------------------------------------------------

    @property
    def handoff(self) -> Handoff | None:
        """The handoff of this episode."""
        return self.state.handoff(self.journey.episode)

    @property
    def open_handoff(self) -> Handoff | None:
        """The handoff that is not closed, of this episode or of one before."""
        handoffs = (h for h in reversed(self.state.handoffs) if h.state != "closed")
        return next(handoffs, None)

    def desk(self) -> dict[str, Any]:
        """What routing looks at: the lead's facts, the fair pool (now locked), who has how many."""
        if self._pool is None:
            self._pool = Pool.from_dict(self.tx.pool(POOL))
        return {
            "facts": self.decide().snapshot,
            "pool": self._pool,
            "load": self.tx.open_handoffs(),
        }

    def _hand_over(self, tried: set[tuple[str, str]]) -> None:
        policy = self.model.handoff
        if policy is None:
            return
        stage = self.lifecycle.by_name.get(self.journey.stage)
        current = self.open_handoff
        if current is not None:
            if self._has_left(current, stage):
                why = f"the lead moved to {self.journey.stage}"
                self.keep_handoff(policy.withdraw(current, self.now, why), tried)
            elif self._is_due(current):
                self.keep_handoff(policy.tick(current, self.now, **self.desk()), tried)
        if stage is not None and stage.offers and self.handoff is None and self._is_ready():
            desk = self.desk()
            step = policy.open(
                self.decide(),
                self.journey.episode,
                self.now,
                pool=desk["pool"],
                load=desk["load"],
                owner=self.state.last_owner,
            )
            self.keep_handoff(step, tried)

    def _has_left(self, handoff: Handoff, stage: Stage | None) -> bool:
        """Whether the lead went where its open handoff has nothing to do any more."""
        if handoff.episode != self.journey.episode or stage is None or stage.kind == "terminal":
            return True
        return handoff.state in ("queued", "offered") and not stage.offers

    def _is_due(self, handoff: Handoff) -> bool:
        wake = handoff.next_wake()
        return wake is not None and wake <= self.now

    def _is_ready(self) -> bool:
        ready = self.model.ready
        return ready is None or self.state.standing.get(ready.name) == "above"

    def keep_handoff(self, step: HandoffStep, tried: set[tuple[str, str]] | None = None) -> None:
        """Record what came of a handoff and tell the lifecycle what it must know."""
        handoff = step.handoff
        for event in step.events:
            data = {"episode": handoff.episode, "event": event.to_dict()}
            self.add(HANDOFF, f"{handoff.episode}/{event.id}", event.at, data)
        self.effects += step.effects
        if step.events:
            self._touched[handoff.episode] = handoff
        if step.pool is not None:
            self._pool = step.pool
        for trigger, cool_down in step.then:
            event = Event(trigger, self.now, cool_down=cool_down)
            moved = self._try(event)
            self._moved(moved, set() if tried is None else tried)

    # -- the end -----------------------------------------------------------------------------

    def _next_wake(self, handoffs: bool) -> datetime | None:
        handoff = self.open_handoff if handoffs else None
        wakes = [self.journey.next_wake(), None if handoff is None else handoff.next_wake()]
        if self.lifecycle.listens(self.journey.stage):
            wakes.append(self.lifecycle.changes_at(self.journey, self.decide().snapshot))
            wakes += [self.decide(definition).changes_at for definition in self.definitions]
        # What a clock behind the history asks for in the past is looked at as soon as can be.
        return earliest(None if wake is None else max(wake, self.now + _TICK) for wake in wakes)

    def finish(self) -> None:
        """Look once more and write all of it."""
        if self.state.journey is None:
            return
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
            model=self.model.qualification.fingerprint,
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
        handoff = self.state.handoffs[-1] if self.state.handoffs else None
        return "" if handoff is None else handoff.owner

    def _summary(self) -> dict[str, Any]:
        scores = self.decide().scores
        data: dict[str, Any] = {"scores": {name: str(s.points) for name, s in scores.items()}}
        handoff = self.open_handoff
        if handoff is not None:
            data["handoff"] = handoff.state
        if self.state.merged_into:
            data["merged_into"] = self.state.merged_into
        return data


_TICK: Final = timedelta(microseconds=1)


def handoff_row(handoff: Handoff, events: Iterable[HandoffEvent]) -> HandoffRow:
    """What a store keeps of a handoff for lists and reports: its events."""
    return HandoffRow(
        handoff.lead_id,
        handoff.episode,
        handoff.state,
        handoff.owner,
        handoff.opened_at,
        {"events": [event.to_dict() for event in events]},
    )


def plain_properties(properties: Mapping[str, object]) -> Any:
    """An activity's properties as JSON has them."""
    return {str(name): to_plain(value) for name, value in properties.items()}
