"""A model of a small sales team, and what happens to its leads. Children that fork import it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from mqlkit import Activity, Group, Qualification, Rule, Scorecard, activity, attribute, score
from mqlkit.calendar import Calendar
from mqlkit.effect import Effect
from mqlkit.funnel import Funnel
from mqlkit.handoff import (
    HandoffPolicy,
    ReasonCode,
    Rep,
    Routing,
    SlaPolicy,
    Target,
)
from mqlkit.lifecycle import Lifecycle, standard
from mqlkit.spec import Model
from mqlkit.store import Fact, MemoryStore, Row, Store

MICROSECOND = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
COOL_DOWN, DWELL = 20 * DAY, 7 * DAY


def qualification(name: str = "b2b") -> Qualification:
    """Forty points qualify: a demo within ten days gives them all, a page ten for thirty days."""
    card = Scorecard(
        Group(
            "engagement",
            [
                Rule.each("pages", activity("page_view").within(days=30), 10),
                Rule("demo", activity("demo").within(days=10).happened(), 40),
            ],
        )
    )
    return Qualification(
        name,
        version="1",
        card=card,
        when=score() >= 40,
        never={"rival": attribute("email").domain_is("rival.example")},
    )


def readiness(name: str = "ready") -> Qualification:
    """Ready for sales is who says yes."""
    return Qualification(name, version="1", when=attribute("wants_call").is_true())


POLICY = HandoffPolicy(
    SlaPolicy(
        [
            Target(
                name="all",
                offer=2 * HOUR,
                first_touch=8 * HOUR,
                every=8 * HOUR,
                attempts=2,
                outcome=80 * HOUR,
            )
        ],
        Calendar.always(),
    ),
    Routing([Rep("grace"), Rep("linus")]),
    [
        ReasonCode("too early", "too soon", cool_down=30 * DAY),
        ReasonCode("not mine", "wrong fit", then="retry"),
        ReasonCode("student", "wrong fit", then="disqualify"),
        ReasonCode("silent", "no response", then="disqualify"),
    ],
)
LIFECYCLE = standard(cool_down=COOL_DOWN, dwell=DWELL)
MODEL = Model(qualification(), lifecycle=LIFECYCLE, handoff=POLICY)


def funnel(
    store: Store | None = None,
    *,
    ready: Qualification | None = None,
    handoff: HandoffPolicy | None = POLICY,
    lifecycle: Lifecycle = LIFECYCLE,
) -> Funnel:
    model = Model(qualification(), ready=ready, lifecycle=lifecycle, handoff=handoff)
    return Funnel(model, MemoryStore() if store is None else store)


def demo(at: datetime = MONDAY, id: str | None = "demo") -> Activity:
    return Activity("demo", at, id=id)


def page(at: datetime = MONDAY, id: str | None = None, **properties: object) -> Activity:
    return Activity("page_view", at, properties, id)


def qualify(team: Funnel, lead_id: str = "ada", at: datetime = MONDAY) -> Any:
    """Bring a lead above the line; it is offered at once if the team hands off."""
    team.learn(lead_id, {"email": f"{len(lead_id)}@shop.example"}, now=at)
    return team.record(lead_id, demo(at, f"demo {at:%d %H}"), now=at)


def to_rep(recorded: Any) -> str:
    """To whom the lead is offered, or who has it."""
    return str(recorded.handoff.holder)


def kinds(effects: Iterable[Effect]) -> list[str]:
    return [effect.kind for effect in effects]


def told(team: Funnel, lead_id: str, *only: str) -> list[str]:
    """What the outbox has about a lead, in short."""
    effects = [m.effect for m in team.outbox(limit=10_000) if m.effect.lead_id == lead_id]
    return [e.kind for e in effects if not only or e.kind in only]


def stages(team: Funnel, lead_id: str, now: datetime) -> list[str]:
    return [entry.stage for entry in team.lead(lead_id, now=now).journey.entries]


def row(team: Funnel, lead_id: str) -> Row:
    stored = team.store.read(lead_id)
    assert stored is not None
    return stored.row


def content(facts: Iterable[Fact]) -> list[tuple[object, ...]]:
    """Facts without their numbers."""
    return [(f.id, f.kind, f.at, f.recorded_at, dict(f.data)) for f in facts]
