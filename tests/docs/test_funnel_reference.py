"""The page of the funnel's words says what a funnel does."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mqlkit import Activity, Qualification, activity, attribute
from mqlkit.calendar import Calendar
from mqlkit.cli import words
from mqlkit.effect import Effect
from mqlkit.funnel import Funnel
from mqlkit.handoff import (
    DEADLINES,
    KINDS,
    Handoff,
    HandoffPolicy,
    ReasonCode,
    Rep,
    Routing,
    SlaPolicy,
    Target,
)
from mqlkit.lifecycle import Lifecycle, Stage, Transition
from mqlkit.lifecycle.transition import AT_ONCE, EXPIRED, RAISED
from mqlkit.spec import Model
from mqlkit.store import MemoryStore

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "funnel.md"
HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


def rows(title: str) -> list[list[str]]:
    """The cells of the table below a title."""
    part = PAGE.read_text(encoding="utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def names(title: str) -> list[str]:
    return [row[0].strip("`") for row in rows(title)]


# -- words -------------------------------------------------------------------------------------


def test_every_trigger_that_is_raised_is_told() -> None:
    by_handoffs = {"accepted", "touched", "recycled", "unanswered"}
    assert {*names("Triggers")} == RAISED | by_handoffs | {AT_ONCE, EXPIRED}


def test_every_kind_of_fact_is_told() -> None:
    assert {*names("Facts")} == {*words._FACTS}


def test_every_state_of_a_handoff_is_told(told: tuple[list[Effect], set[str]]) -> None:
    assert {*names("States of a handoff")} == told[1]


def test_every_clock_is_told() -> None:
    text = PAGE.read_text(encoding="utf-8").split("`clock` is one of ")[1].split(".")[0]
    assert {*re.findall("`(.*?)`", text.replace("\n", " "))} == {*DEADLINES}


# -- effects -----------------------------------------------------------------------------------

OF_ALL = {"episode", "target", "owner", "due", "reason", "finding"}


def contract() -> Iterator[tuple[str, set[str], set[str]]]:
    """Each kind with the keys that it always has and those that it may have."""
    crossed: set[str] = set()
    for name, _, keys in rows("Effects"):
        kind = name.strip("`")
        if keys == "as `crossed`":
            yield kind, crossed, set()
            continue
        may = {*re.findall(r"\(`(\w+)`\)", keys)}
        always = {*re.findall(r"`(\w+)`", keys)} - may
        if "those of every handoff" in keys:
            always |= OF_ALL
        if kind == "crossed":
            crossed = always
        yield kind, always, may


LIFECYCLE = Lifecycle(
    "short",
    [
        Stage("lead"),
        Stage("mql", offers=True),
        Stage("sal", "sla", team="sales", within=72 * HOUR, warn_before=HOUR),
        Stage("sql", team="sales"),
        Stage("customer", "terminal", team="sales"),
        Stage("recycled", cool_down=900 * HOUR),
    ],
    [
        Transition("qualified", ("lead", "recycled"), "mql"),
        Transition("unqualified", "mql", "lead", dwell=24 * HOUR),
        Transition("accepted", "mql", "sal"),
        Transition("verified", "sal", "sql"),
        Transition("won", "sql", "customer", effects=("send a welcome",)),
        Transition("recycled", ("mql", "sal", "sql"), "recycled"),
        Transition("unanswered", ("mql", "sal"), "recycled"),
        Transition(EXPIRED, "sal", "recycled"),
    ],
    path=("lead", "mql", "sal", "sql", "customer"),
)
TARGET = Target(
    name="all",
    offer=2 * HOUR,
    first_touch=8 * HOUR,
    every=96 * HOUR,
    attempts=3,
    warn_before=HOUR,
    escalate=("the head of sales",),
)
POLICY = HandoffPolicy(
    SlaPolicy([TARGET], Calendar.always()),
    Routing([Rep("rosa"), Rep("sam")]),
    [
        ReasonCode("no budget", "too soon", cool_down=900 * HOUR),
        ReasonCode("not mine", "wrong fit", then="retry"),
        ReasonCode("silent", "no response", cool_down=900 * HOUR),
    ],
)
MODEL = Model(
    Qualification("mql", version="1", when=activity("demo").happened()),
    ready=Qualification("ready", version="1", when=attribute("wants_call").is_true()),
    lifecycle=LIFECYCLE,
    handoff=POLICY,
)


class Desk:
    """A funnel that is ticked every half hour, and keeps what states its handoffs were in."""

    def __init__(self) -> None:
        self.funnel, self.now = Funnel(MODEL, MemoryStore()), MONDAY
        self.states: set[str] = set()

    def ready(self, lead: str) -> str:
        """A lead that is offered to somebody: the rep."""
        self.funnel.record(lead, Activity("demo", self.now), now=self.now)
        self.funnel.learn(lead, {"wants_call": True}, now=self.now)
        return self.handoff(lead).holder

    def taken(self, lead: str) -> str:
        rep = self.ready(lead)
        self.funnel.accept(lead, by=rep, now=self.now)
        return rep

    def handoff(self, lead: str) -> Handoff:
        handoff = self.funnel.lead(lead, now=self.now).handoff
        assert handoff is not None
        return handoff

    def wait(self, hours: float) -> None:
        until = self.now + hours * HOUR
        while self.now < until:
            self.now += HOUR / 2
            self.funnel.tick(self.now)
            self.states |= {handoff.state for handoff in self.funnel.handoffs()}


@pytest.fixture(scope="module")
def told() -> tuple[list[Effect], set[str]]:
    """Whatever a handoff can come to, and the states on the way."""
    desk = Desk()
    funnel = desk.funnel
    desk.ready("nobody answers")
    desk.wait(6)
    rep = desk.taken("is touched late")
    at = desk.now + HOUR
    desk.wait(20)
    funnel.attempt("is touched late", by=rep, now=desk.now, at=at)
    rep = desk.ready("rejected")
    funnel.reject("rejected", by=rep, reason="no budget", now=desk.now)
    rep = desk.taken("returned")
    funnel.close("returned", by=rep, reason="not mine", now=desk.now)
    rep = desk.taken("won")
    funnel.attempt("won", by=rep, channel="phone", now=desk.now)
    desk.wait(1)
    funnel.close("won", by=rep, outcome="verified", now=desk.now)
    funnel.fire("won", "won", by=rep, why="signed", now=desk.now)
    rep = desk.taken("paused")
    funnel.pause("paused", by=rep, why="ill", now=desk.now)
    desk.wait(1)
    funnel.resume("paused", by=rep, now=desk.now)
    desk.wait(1)
    funnel.reassign("paused", by="the head of sales", why="ill again", now=desk.now)
    desk.taken("twin")
    desk.ready("double")
    funnel.merge("double", "twin", now=desk.now)
    desk.taken("forgotten")
    desk.wait(80)
    return [message.effect for message in funnel.outbox(limit=10_000)], desk.states


def test_effects_have_the_keys_that_are_promised(told: tuple[list[Effect], set[str]]) -> None:
    promised = [*contract()]
    for effect in told[0]:
        if effect.kind == "send a welcome":
            assert {*effect.data} == {"stage", "from", "episode"}
            continue
        keys = {*effect.data}
        kinds = [(always, may) for kind, always, may in promised if kind == effect.kind]
        assert any(always <= keys <= always | may for always, may in kinds), effect


def test_every_effect_that_is_promised_is_told(told: tuple[list[Effect], set[str]]) -> None:
    """Each row of the table, with all the keys that it may have."""
    seen = [(effect.kind, {*effect.data}) for effect in told[0]]
    for kind, always, may in contract():
        found = [keys for name, keys in seen if name == kind and always <= keys <= always | may]
        assert found, f"{kind} with {sorted(always)}"
        assert may <= set.union(*found), f"{kind} never had one of {sorted(may)}"


def test_every_kind_of_a_handoff_s_events_is_promised_but_those_that_tell_nothing() -> None:
    kinds = {*KINDS, "touched"} - {"opened", "attempted"}
    of_others = {"entered", "crossed", "qualified", "ready", "expired", "merged"}
    assert {kind for kind, _, _ in contract()} == kinds | of_others
