"""A small sales team, its terms and its leads, for tests of handoffs."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

from mqlkit import Decision, Lead, Qualification, Rule, Scorecard, attribute, score
from mqlkit.calendar import Calendar
from mqlkit.handoff import (
    Handoff,
    HandoffEvent,
    HandoffPolicy,
    HandoffStep,
    Pool,
    ReasonCode,
    Rep,
    Routing,
    SlaPolicy,
    Target,
)

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday

HOT = Target(
    name="hot",
    when=score() >= 40,
    offer=15 * MINUTE,
    first_touch=30 * MINUTE,
    every=4 * HOUR,
    attempts=3,
    outcome=5 * DAY,
    warn_before=5 * MINUTE,
    escalate=("lead", "head"),
    reassign=True,
)
REST = Target(name="rest", offer=4 * HOUR, first_touch=8 * HOUR)

REASONS = (
    ReasonCode("no budget yet", "too soon", cool_down=60 * DAY),
    ReasonCode("student", "wrong fit", then="disqualify"),
    ReasonCode("my neighbour", "not now", then="retry"),
    ReasonCode("no answer", "no response", cool_down=30 * DAY),
)

READY = Qualification(
    "ready",
    version="2",
    card=Scorecard(
        Rule("opened e-mail", attribute("opened") >= 1, 20),
        Rule("asked for a demo", attribute("demo") >= 1, 30),
    ),
    when=score() >= 20,
)


def team(*names: str, **given: Any) -> tuple[Rep, ...]:
    """Reps of the given names."""
    return tuple(Rep(name, **given) for name in names)


def terms(
    *targets: Target,
    reps: Iterable[Rep] = team("ada", "bob"),
    calendar: Calendar | None = None,
    reasons: Iterable[ReasonCode] = REASONS,
    kind: type[HandoffPolicy] = HandoffPolicy,
) -> HandoffPolicy:
    """A policy that counts around the clock, unless it is given a calendar."""
    sla = SlaPolicy(targets or (HOT, REST), calendar or Calendar.always())
    return kind(sla, Routing(tuple(reps)), tuple(reasons))


def decision(lead: str = "acme", **attributes: int) -> Decision:
    """A hot lead, unless the attributes say otherwise."""
    return READY.decide(Lead(lead, attributes or {"opened": 1, "demo": 1}), as_of=NOON)


class Floor:
    """A handoff under way, with everything that was recorded and told."""

    def __init__(self, policy: HandoffPolicy | None = None, decided: Decision | None = None):
        self.policy = policy or terms()
        self.decided = decision() if decided is None else decided
        self.pool = Pool()
        self.events: list[HandoffEvent] = []
        self.effects: list[Any] = []
        self.then: list[Any] = []
        self.handoff = Handoff()

    def open(self, at: datetime = NOON, **given: Any) -> "Floor":
        desk = {"pool": self.pool, "load": {}} | given
        self.take_up(self.policy.open(self.decided, 1, at, **desk))
        return self

    def do(self, command: str, *args: Any, **given: Any) -> HandoffStep:
        """One command, taken up."""
        step = getattr(self.policy, command)(self.handoff, *args, **given)
        self.take_up(step)
        return step

    def tick(self, now: datetime, **given: Any) -> HandoffStep:
        desk = {"facts": self.decided.snapshot, "pool": self.pool, "load": {}} | given
        return self.do("tick", now, **desk)

    def live(self, until: datetime, *early: timedelta, **given: Any) -> "Floor":
        """Tick on time at each wake, and also so much *early* before each."""
        while (wake := self.handoff.next_wake()) is not None and wake <= until:
            for span in early:
                self.tick(wake - span, **given)
            self.tick(wake, **given)
        return self

    def take_up(self, step: HandoffStep) -> None:
        self.events += step.events
        self.effects += step.effects
        self.then += step.then
        self.handoff = step.handoff
        self.pool = self.pool if step.pool is None else step.pool

    @property
    def holder(self) -> str:
        return self.handoff.holder

    def told(self) -> list[str]:
        """The kinds of events, in order."""
        return [event.kind for event in self.events]


def accepted(policy: HandoffPolicy | None = None, decided: Decision | None = None) -> Floor:
    """A handoff that was accepted when it was opened."""
    floor = Floor(policy, decided).open()
    floor.do("accept", floor.holder, NOON)
    return floor


def with_(target: Target, **changes: Any) -> Target:
    """A target with changes."""
    return attrs.evolve(target, **changes)
