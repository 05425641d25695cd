"""Anything that can happen to a funnel, in any order, with clocks that step and restarts."""

from collections.abc import Mapping
from contextlib import ExitStack, closing, suppress
from typing import Any

import pytest
from funnel.sales_team import DAY, HOUR, MICROSECOND, MODEL, MONDAY, content, demo, page
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from store.databases import database

from mqlkit.effect import Effect
from mqlkit.errors import MqlkitError
from mqlkit.funnel import Funnel
from mqlkit.funnel.state import LeadState
from mqlkit.funnel.work import Work
from mqlkit.handoff import Handoff, IllegalHandoffError
from mqlkit.lifecycle import IllegalMoveError, Journey
from mqlkit.store import MemoryStore, SqlStore

LAWS = (71, 144, 145, 146, 147, 148, 149, 150, 167, 168, 169, 170, 171, 175)

NAMES = ("ada", "bea", "c/d")
ENDS = {stage.name for stage in MODEL.lifecycle.stages if stage.kind == "terminal"}
RANK = {name: place for place, name in enumerate(MODEL.lifecycle.path)}
OUT_OF_AN_END = {("disqualified", "reopened"), ("disqualified", "moved")}

names = st.sampled_from([*NAMES, "ada", "ada"])
reps = st.sampled_from(["whoever has it"] * 4 + ["grace"])
steps = st.sampled_from([-3 * DAY, -HOUR, 0 * HOUR, HOUR, HOUR, 3 * HOUR, DAY, 8 * DAY, 25 * DAY])
lates = st.sampled_from([-9 * DAY, -DAY, -HOUR, 0 * HOUR, 0 * HOUR, DAY])
ids = st.sampled_from(["1", "2", "3", None])
triggers = st.sampled_from(
    ["accepted", "verified", "won", "lost", "recycled", "disqualified", "reopened", "expired", "no"]
)


class Oracle:
    """
    Where each lead stands and which handoffs it has, as told by the outbox alone.

    A dictionary of stage, episode and handoff, moved by effects in the order in which they were
    told: whoever listens to a funnel must be able to keep it.
    """

    def __init__(self) -> None:
        self.leads: dict[str, dict[str, Any]] = {}

    def hear(self, effect: Effect) -> None:
        lead = self.leads.setdefault(effect.lead_id, {"stage": "", "episode": 1, "handoffs": {}})
        data: Mapping[str, Any] = effect.data
        if effect.kind == "entered":
            assert data["from"] == (lead["stage"] or None), "each entry goes on from the last"
            lead["episode"] = self.climb(lead, data)
            assert data["episode"] == lead["episode"]
            lead["stage"] = data["stage"]
        elif effect.kind in ("offered", "queued"):
            state = lead["handoffs"].get(data["episode"], "new")
            assert state != "closed", "law 167: an episode's handoff is over once"
            lead["handoffs"][data["episode"]] = effect.kind
        elif effect.kind == "accepted":
            assert lead["handoffs"][data["episode"]] == "offered"
            lead["handoffs"][data["episode"]] = "accepted"
        elif effect.kind in ("closed", "withdrawn"):
            lead["handoffs"][data["episode"]] = "closed"
        elif effect.kind == "merged":
            lead["stage"] = "merged"

    def climb(self, lead: Mapping[str, Any], data: Mapping[str, Any]) -> int:
        """The episode after an entry: a step back, or out of an end, begins another."""
        before, after = RANK.get(lead["stage"], -1), RANK.get(data["stage"], -1)
        back = lead["stage"] and (after < before or lead["stage"] in ENDS)
        back = back and data["stage"] not in ENDS
        return int(lead["episode"]) + bool(back)


class FunnelMachine(RuleBasedStateMachine):
    """The same calls to a funnel in memory and to one in SQLite."""

    def __init__(self) -> None:
        super().__init__()
        self.now = MONDAY
        self.stack = ExitStack()
        url = self.stack.enter_context(database("sqlite"))
        self.sql = self.stack.enter_context(closing(SqlStore(url)))
        self.memory = MemoryStore()
        self.open()
        self.oracle, self.heard = Oracle(), 0
        self.seen: dict[str, tuple[Any, ...]] = {}
        self.calls: list[Any] = []
        self.ticked = MONDAY

    def teardown(self) -> None:
        self.stack.close()

    def open(self) -> None:
        self.funnels = [Funnel(MODEL, store, setup=False) for store in (self.memory, self.sql)]

    def both(self, call: Any, *, again: bool = True) -> Any:
        """Do it in both; the same comes of it, an error too. Kept for a second time."""
        outcomes = [outcome(call, team) for team in self.funnels]
        assert outcomes[0] == outcomes[1], "law 171"
        if again:
            self.calls = [*self.calls[-9:], call]
        return outcomes[0]

    # -- what happens ----------------------------------------------------------------------------

    @initialize(at=steps)
    def start(self, at: Any) -> None:
        self.now += at
        for lead in NAMES:
            self.learn(lead, "shop", 0 * HOUR)
        self.ask_for_a_demo("ada", 0 * HOUR, None)

    def one(self, lead: str, rep: str) -> str:
        """The name of a rep, where it is not given that of whoever has the lead."""
        if rep != "whoever has it":
            return rep
        stored = self.funnels[0].lead(lead, now=self.now)
        return stored.handoff.holder if stored.handoff else "nobody"

    @rule(by=steps)
    def clock_steps(self, by: Any) -> None:
        self.now += by

    @rule(lead=names, late=lates, id=ids, n=st.integers(1, 4))
    def record(self, lead: str, late: Any, id: str | None, n: int) -> None:
        now = self.now
        told = [page(now + late - k * HOUR, id and f"{id}{k}") for k in range(n)]
        self.both(lambda team: team.record(lead, *told, now=now))

    @rule(lead=names, late=lates, id=ids)
    def ask_for_a_demo(self, lead: str, late: Any, id: str | None) -> None:
        now = self.now
        self.both(lambda team: team.record(lead, demo(now + late, id), now=now))

    @rule(lead=names, host=st.sampled_from(["shop", "shop", "shop", "rival"]), late=lates)
    def learn(self, lead: str, host: str, late: Any) -> None:
        now, told = self.now, {"email": f"x@{host}.example"}
        self.both(lambda team: team.learn(lead, told, now=now, at=now + late if late else None))

    @rule(lead=names, trigger=triggers, late=lates)
    def fire(self, lead: str, trigger: str, late: Any) -> None:
        now = self.now
        self.both(lambda team: team.fire(lead, trigger, by="ann", at=now + late, now=now))

    @rule(lead=names, stage=st.sampled_from(["lead", "mql", "sal", "recycled", "disqualified"]))
    def move(self, lead: str, stage: str) -> None:
        now = self.now
        self.both(lambda team: team.move(lead, stage, by="ann", why="so", now=now))

    @rule(lead=names, which=st.integers(0, 30))
    def undo(self, lead: str, which: int) -> None:
        now = self.now
        facts = [
            f.id for f in self.funnels[0].history(lead) if f.kind in ("activity", "attributes")
        ]
        fact = facts[which] if which < len(facts) else ""
        self.both(lambda team: team.undo(lead, fact=fact, by="ann", why="so", now=now))

    @rule(lead=names, rep=reps)
    def accept(self, lead: str, rep: str) -> None:
        now, by = self.now, self.one(lead, rep)
        self.both(lambda team: team.accept(lead, by=by, now=now))

    @rule(lead=names, rep=reps, reason=st.sampled_from(["too early", "not mine", "student"]))
    def reject(self, lead: str, rep: str, reason: str) -> None:
        now, by = self.now, self.one(lead, rep)
        self.both(lambda team: team.reject(lead, by=by, reason=reason, now=now))

    @rule(lead=names, rep=reps, late=lates, reached=st.booleans())
    def attempt(self, lead: str, rep: str, late: Any, reached: bool) -> None:
        now, by = self.now, self.one(lead, rep)
        self.both(lambda team: team.attempt(lead, by=by, at=now + late, reached=reached, now=now))

    @rule(lead=names, rep=reps, how=st.sampled_from(["verified", "lost", "too early", "not mine"]))
    def close(self, lead: str, rep: str, how: str) -> None:
        now, by = self.now, self.one(lead, rep)
        said = {"outcome": how} if how in ("verified", "lost") else {"reason": how}
        self.both(lambda team: team.close(lead, by=by, now=now, **said))

    @rule(lead=names, rep=reps, what=st.sampled_from(["pause", "resume", "reassign", "take"]))
    def work(self, lead: str, rep: str, what: str) -> None:
        now, by = self.now, self.one(lead, rep)
        why = {} if what in ("resume", "take") else {"why": "so"}
        self.both(lambda team: getattr(team, what)(lead, by=by, now=now, **why))

    @rule(lead=names, into=names)
    def merge(self, lead: str, into: str) -> None:
        now = self.now
        self.both(lambda team: team.merge(lead, into, now=now))

    @rule(lead=names, then=st.sampled_from(["close", "attempt", "reassign", "tick"]), by=steps)
    def climb_and_fall(self, lead: str, then: str, by: Any) -> None:
        """From a demo to an acceptance, and on."""
        self.now += DAY
        self.ask_for_a_demo(lead, 0 * HOUR, None)
        self.accept(lead, "whoever has it")
        self.now += by
        if then == "close":
            self.close(lead, "whoever has it", "too early")
        elif then == "attempt":
            self.attempt(lead, "whoever has it", 0 * HOUR, reached=False)
        elif then == "reassign":
            self.work(lead, "whoever has it", "reassign")
        else:
            self.tick(None)

    @rule(limit=st.sampled_from([None, None, 1]))
    def tick(self, limit: int | None) -> None:
        now = self.now
        ticked = self.both(lambda team: team.tick(now, limit=limit), again=False)
        assert ticked["failed"] == {}
        if limit is None:
            for team in self.funnels:
                assert team.store.due(now) == [], "law 175: what was due was looked at"

    @rule(leads=st.lists(names, min_size=1, max_size=3), fails=st.booleans())
    def batch(self, leads: list[str], fails: bool) -> None:
        """All of it or, when a call in it fails, nothing."""
        now = self.now

        def several(team: Funnel) -> Any:
            with team.batch() as batch:
                done = [batch.record(lead, demo(now, f"b{lead}"), now=now) for lead in leads]
                if fails:
                    batch.fire(leads[0], "no such word", now=now)
            return done[-1]

        before = [everything(team) for team in self.funnels]
        self.both(several)
        assert not fails or [everything(team) for team in self.funnels] == before

    @rule()
    def restart(self) -> None:
        self.open()

    @precondition(lambda self: self.calls)
    @rule(which=st.integers(0, 9))
    def tell_again(self, which: int) -> None:
        """Law 170: whatever was told, told again, is recorded no second time."""
        call = self.calls[which % len(self.calls)]
        for team in self.funnels:
            with suppress(MqlkitError):
                call(team)
            before = everything(team)
            with suppress(MqlkitError):
                call(team)
            assert everything(team) == before

    # -- what always holds -----------------------------------------------------------------------

    @invariant()
    def both_stores_have_the_same(self) -> None:
        """Law 171."""
        memory, sql = (everything(team) for team in self.funnels)
        assert memory == sql

    @invariant()
    def history_grows_without_gaps(self) -> None:
        """Laws 146 and 149."""
        for lead in NAMES:
            facts = self.funnels[0].history(lead)
            before = self.seen.get(lead, ())
            assert facts[: len(before)] == before
            assert [fact.seq for fact in facts] == list(range(1, len(facts) + 1))
            assert len({fact.id for fact in facts}) == len(facts), "law 145"
            told = [fact.recorded_at for fact in facts]
            assert told == sorted(told)
            self.seen[lead] = facts

    @invariant()
    def the_row_is_what_the_facts_come_to(self) -> None:
        """Laws 144 and 169, for every prefix of the history too."""
        rows = {row.lead_id: row for row in self.funnels[0].leads()}
        assert set(rows) == {lead for lead in NAMES if self.seen.get(lead)}
        for lead, row in rows.items():
            facts = self.seen[lead]
            state = LeadState(lead, facts)
            journey = state.journey
            assert journey is not None
            stage = "merged" if state.merged_into else journey.stage
            assert (row.stage, row.furthest, row.since) == (stage, journey.furthest, journey.since)
            assert (row.episode, row.version) == (journey.episode, len(facts))
            assert row.decided_at is not None
            assert row.wake is None or row.wake > row.decided_at
            assert Journey.of(lead, journey.history) == journey
            for length in range(1, len(facts), 5):
                part = LeadState(lead, facts[:length])
                assert part.journey is not None
                assert journey.history[: len(part.journey.history)] == part.journey.history
            self.check_entries(journey)
            self.check_handoffs(lead, state)

    def check_entries(self, journey: Journey) -> None:
        """Laws 147 and 149: entries in order of time, and no end is left but as declared."""
        for before, after in zip(journey.entries, journey.entries[1:], strict=False):
            assert before.left == after.at >= before.at
            assert after.episode - before.episode in (0, 1)
            if before.stage in ENDS and after.trigger != "undone":
                assert (before.stage, after.trigger) in OUT_OF_AN_END

    def check_handoffs(self, lead: str, state: LeadState) -> None:
        """Laws 148 and 167: one for each episode, of an episode that there was."""
        kept = {h.episode: h for h in self.funnels[0].handoffs() if h.lead_id == lead}
        assert kept == {h.episode: h for h in state.handoffs}
        assert state.journey is not None
        assert all(1 <= episode <= state.journey.episode for episode in kept)
        assert sum(h.state != "closed" for h in kept.values()) <= 1
        for handoff in kept.values():
            self.check_handoff(handoff, state.merged_into)

    def check_handoff(self, handoff: Handoff, merged_into: str) -> None:
        assert sum(offer.ended == "" for offer in handoff.offers) <= 1, "offers are exclusive"
        if merged_into:
            assert handoff.state == "closed"
        wake = handoff.next_wake()
        row = next(r for r in self.funnels[0].leads() if r.lead_id == handoff.lead_id)
        if wake is not None:
            assert row.wake is not None, "law 175: what is to come will be looked at"
            assert row.decided_at is not None
            assert row.wake <= max(wake, row.decided_at + MICROSECOND)

    @invariant()
    def who_listens_knows_where_each_lead_stands(self) -> None:
        """Law 169: what the outbox tells comes to what the rows say; and a key stands once."""
        messages = self.funnels[0].outbox(limit=100_000)
        for message in messages[self.heard :]:
            self.oracle.hear(message.effect)
        self.heard = len(messages)
        assert len({message.effect.key for message in messages}) == len(messages)
        for row in self.funnels[0].leads():
            told = self.oracle.leads[row.lead_id]
            assert (told["stage"], told["episode"]) == (row.stage, row.episode)
            kept = {h.episode: h for h in self.funnels[0].handoffs() if h.lead_id == row.lead_id}
            assert set(told["handoffs"]) == set(kept)
            for episode, state in told["handoffs"].items():
                assert (state == "closed") == (kept[episode].state == "closed")

    @invariant()
    def due_is_whoever_wakes(self) -> None:
        """Law 175."""
        for at in (self.now, self.now + 30 * DAY):
            wakes = {
                r.lead_id for r in self.funnels[0].leads() if r.wake is not None and r.wake <= at
            }
            assert [{one.lead_id for one in team.store.due(at)} for team in self.funnels] == [
                wakes,
                wakes,
            ]


def outcome(call: Any, team: Funnel) -> Any:
    """What a call comes to, to compare: its result in short, or its error."""
    try:
        told = call(team)
    except (MqlkitError, IllegalMoveError, IllegalHandoffError) as error:
        return type(error).__name__, str(error)
    if hasattr(told, "failed"):
        return {"looked": told.looked, "effects": told.effects, "failed": dict(told.failed)}
    return told.lead_id, told.journey, content(told.facts), told.effects, told.handoff


def everything(team: Funnel) -> Any:
    rows = list(team.leads())
    facts = {row.lead_id: team.history(row.lead_id) for row in rows}
    return rows, facts, [m.effect for m in team.outbox(limit=100_000)], team.handoffs()


FAST = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_whatever_happens_the_laws_hold() -> None:
    """Laws 144, 145, 146, 147, 148, 149, 150, 167, 168, 169, 170, 171 and 175."""
    run_state_machine_as_test(FunnelMachine, settings=FAST)


# -- liars -----------------------------------------------------------------------------------------

WRITE, INIT = Work.write, Work.__init__


def forget_the_wake(work: Work) -> None:
    """Law 175: nobody looks at the lead again."""
    work.wake = None
    WRITE(work)


def forget_the_effects(work: Work) -> None:
    """Law 169: facts without what is to be told of them."""
    del work.effects[-1:]
    WRITE(work)


def forget_the_move(work: Work) -> None:
    """Law 144: a row that is not what the facts come to."""
    if any(fact.kind == "journey" for fact in work.facts) and work.loaded:
        work.facts = [fact for fact in work.facts if fact.kind != "journey"]
    WRITE(work)


def go_back_in_time(
    work: Work, tx: Any, model: Any, lifecycle: Any, lead_id: str, now: Any
) -> None:
    """Law 149: it believes a clock that steps back."""
    INIT(work, tx, model, lifecycle, lead_id, now)
    work.now = now


def count_each_call(work: Work, kind: str, id: str, at: Any, data: Any) -> bool:
    """Laws 145 and 170: told again, it is recorded again."""
    return ADD(work, kind, f"{id}/{work.state.version}", at, data)


ADD = Work.add
LIARS = [
    ("write", forget_the_wake),
    ("write", forget_the_effects),
    ("write", forget_the_move),
    ("__init__", go_back_in_time),
    ("add", count_each_call),
]


@pytest.mark.parametrize(("method", "liar"), LIARS, ids=lambda it: getattr(it, "__name__", it))
def test_a_liar_is_caught(monkeypatch: pytest.MonkeyPatch, method: str, liar: Any) -> None:
    monkeypatch.setattr(Work, method, liar)
    quick = settings(FAST, phases=[Phase.generate], max_examples=200, report_multiple_bugs=False)
    with pytest.raises((AssertionError, MqlkitError, KeyError)):
        run_state_machine_as_test(FunnelMachine, settings=quick)


@pytest.mark.slow
@pytest.mark.timeout(1_200)
def test_whatever_happens_the_laws_hold_for_long() -> None:
    """The same, with longer lives."""
    run_state_machine_as_test(
        FunnelMachine, settings=settings(FAST, max_examples=150, stateful_step_count=50)
    )
