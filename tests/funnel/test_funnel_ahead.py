"""Between the instants at which a journey may move nobody is looked at, and nothing is missed."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any

import attrs
import pytest
from funnel.sales_team import (
    DAY,
    HOUR,
    LIFECYCLE,
    MINUTE,
    MODEL,
    MONDAY,
    POLICY,
    content,
    demo,
    page,
    row,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, event

from mqlkit import (
    Activity,
    Criterion,
    Decision,
    Group,
    Lifecycle,
    Qualification,
    Rule,
    Scorecard,
    Snapshot,
    Stage,
    Transition,
    Verdict,
    activity,
    attribute,
    half_life,
    linear,
    score,
)
from mqlkit.criterion import earliest
from mqlkit.errors import MqlkitError
from mqlkit.funnel import Funnel, ahead, work
from mqlkit.funnel.state import LeadState
from mqlkit.funnel.work import Work
from mqlkit.handoff import Rep
from mqlkit.spec import Model
from mqlkit.store import Fact, MemoryStore, SqlStore, Transaction
from mqlkit.timeline import Timeline
from mqlkit.value import LAST, MICROSECOND

LAWS = (82, 99, 175)


# -- the oracle ------------------------------------------------------------------------------------


class Walking(Work):
    """It looks at a lead at every boundary: what comes of that is what a funnel has to come to."""

    looks = 0

    def look(self, *, offers: bool = True) -> None:
        Walking.looks += 1
        super().look(offers=offers)

    def _next_turn(self, wake: datetime | None) -> datetime | None:
        boundaries = [self.decide(line).changes_at for line in self.lines]
        asked = GUARDS_OF(self.lifecycle, self.journey.stage, self._held())
        facts = self.decide().snapshot
        return earliest([wake, *boundaries, *(guard.changes_at(facts) for guard in asked)])


class WalkingFunnel(Funnel):
    """A funnel that goes by it."""

    def _at(self, tx: Transaction, lead_id: str, now: datetime) -> Work:
        return Walking(tx, self.model, self.lifecycle, lead_id, now)


def recorded(team: Funnel) -> Any:
    """
    All that a funnel keeps of each lead, but for when it looked last and will look again.

    Which lead's turn in a tick comes first is no part of it: that is whose wake was earlier.
    """
    leads = {r.lead_id: (r.stage, r.since, r.episode, r.owner, r.status) for r in team.leads()}
    facts = {lead_id: content(team.history(lead_id)) for lead_id in leads}
    effects = [message.effect for message in team.outbox(limit=100_000)]
    told = {lead_id: [e for e in effects if e.lead_id == lead_id] for lead_id in leads}
    return leads, facts, told, team.handoffs()


# -- lives -----------------------------------------------------------------------------------------

CARD = Scorecard(
    Group(
        "engagement",
        [
            Rule.each("pages", activity("page_view"), 10, decay=half_life(days=6)),
            Rule.each("mails", activity("mail").within(days=40), 6, decay=linear(days=20)),
            Rule("demo", activity("demo").within(days=10).happened(), 40),
        ],
    )
)
LINES = [
    score() >= 25,
    (score() >= 30) & (activity("page_view").within(days=9).count() >= 2),
    (activity("page_view").days_since_last() < 4) | (attribute("size") >= 50),
    activity("demo").within(days=15).did_not(),
]
GUARDS = [
    None,
    score() >= 12,
    attribute("born").days_since() >= 30,
    activity("mail").within(days=12).count() < 2,
    attribute("size") >= 50,
]
STAGES = [
    Stage("lead"),
    Stage("checked", "gate"),
    Stage("mql"),
    Stage("talk", "sla", team="sales", within=30 * DAY, at_most=2, beyond="cold"),
    Stage("cold", cool_down=8 * DAY),
    Stage("customer", "terminal"),
    Stage("out", "terminal"),
]


def model(line: int, ready: int | None, opens: list[int], dwell: int) -> Model:
    """Five stages, a gate and two ends, with criteria on the ways between them."""
    one, two, three, four = (GUARDS[number] for number in opens)
    q = Qualification(
        "b2b",
        version="1",
        card=CARD,
        when=LINES[line],
        never={"rival": attribute("email").domain_is("rival.example")},
    )
    moves = [
        Transition("qualified", "lead", "checked"),
        *([] if one is None else [Transition("at once", "checked", "mql", one)]),
        Transition("at once", "checked", "lead" if one is not None else "mql"),
        Transition("unqualified", "mql", "lead", dwell=dwell * DAY),
        Transition("ready", "mql", "talk", two),
        Transition("unready", "talk", "mql", dwell=DAY),
        Transition("decided", "mql", "talk", three),
        Transition("expired", "talk", "cold"),
        Transition("qualified", "cold", "mql", four),
        Transition("disqualified", ("lead", "mql", "cold"), "out"),
        Transition("cleared", "out", "lead"),
        Transition("won", ("mql", "talk"), "customer"),
    ]
    names = ("lead", "mql", "talk", "customer")
    table = Lifecycle("own", STAGES, moves, names)
    asked = None if ready is None else attrs.evolve(q, name="call", when=LINES[ready], never={})
    return Model(q, ready=asked, lifecycle=table)


ONE_REP = attrs.evolve(POLICY, routing=attrs.evolve(POLICY.routing, reps=[Rep("grace")]))
models = st.one_of(
    st.just(attrs.evolve(MODEL, handoff=ONE_REP)),
    st.builds(
        model,
        st.integers(0, len(LINES) - 1),
        st.none() | st.integers(0, len(LINES) - 1),
        st.lists(st.integers(0, len(GUARDS) - 1), min_size=4, max_size=4),
        st.sampled_from([0, 0, 5]),
    ),
)
HAPPENS = ("page", "pages", "mail", "demo", "late", "rival", "fine", "size", "born", "undo")
SAID = ("won", "accept", "reject", "attempt", "close", "move", "merge")
lives = st.lists(
    st.tuples(
        st.sampled_from([0.5, 1, 3, 8, 25, 70]),
        st.sampled_from(HAPPENS * 2 + SAID),
        st.sampled_from(["ada", "ada", "bea"]),
        st.booleans(),
    ),
    max_size=16,
)


def happen(team: Funnel, what: str, name: str, number: int, now: datetime) -> Any:
    """One thing that happens; an error is an outcome too."""
    at, id = now - 2 * HOUR, f"{number}"

    def rep() -> str:
        handoff = team.lead(name, now=now).handoff
        return handoff.holder if handoff else "nobody"

    calls = {
        "page": lambda: team.record(name, page(at, id), now=now),
        "pages": lambda: team.record(name, *[page(at, f"{id} {n}") for n in range(3)], now=now),
        "mail": lambda: team.record(name, Activity("mail", at, id=id), now=now),
        "demo": lambda: team.record(name, demo(at, id), now=now),
        "late": lambda: team.record(name, page(now - 6 * DAY, id), demo(now + DAY, id), now=now),
        "rival": lambda: team.learn(name, {"email": "a@rival.example"}, now=now),
        "fine": lambda: team.learn(name, {"email": "a@b.example"}, now=now),
        "size": lambda: team.learn(name, {"size": number * 10}, now=now, at=at),
        "born": lambda: team.learn(name, {"born": at}, now=now),
        "undo": lambda: team.undo(name, by="ann", why=id, now=now, fact=id if number % 2 else ""),
        "won": lambda: team.fire(name, "won", now=now),
        "accept": lambda: team.accept(name, by=rep(), now=now),
        "reject": lambda: team.reject(name, by=rep(), reason="too early", now=now),
        "attempt": lambda: team.attempt(name, by=rep(), now=now),
        "close": lambda: team.close(name, by=rep(), outcome="verified", now=now),
        "move": lambda: team.move(name, "mql", by="ann", why=id, now=now),
        "merge": lambda: team.merge("bea", "ada", now=now),
    }
    try:
        return calls[what]().facts
    except MqlkitError as error:
        return type(error), str(error)


def live(life: list[Any], *teams: Funnel) -> datetime:
    """The same life in each of the teams; when it ends."""
    now = MONDAY
    for number, (days, what, name, ticks) in enumerate(life):
        now += days * DAY
        if ticks:
            ticked = [team.tick(now) for team in teams]
            assert not any(each.failed for each in ticked)
        now += 3 * HOUR
        outcomes = [happen(team, what, name, number, now) for team in teams]
        assert all(outcome == outcomes[0] for outcome in outcomes)
    for days in (40, 500):
        now += days * DAY
        assert not any(team.tick(now).failed for team in teams)
    return now


def comes_to_the_same(model: Model, life: list[Any]) -> None:
    teams = [Funnel(model, MemoryStore()), WalkingFunnel(model, MemoryStore())]
    end = live(life, *teams)
    assert recorded(teams[0]) == recorded(teams[1])
    assert all(r.wake is None or r.wake > end for r in teams[0].leads()), "law 175"


FAST = settings(max_examples=120, deadline=None)


@FAST
@given(models, lives)
@example(  # Two boundaries a microsecond apart, and nothing comes of the first.
    model(2, 0, [4, 1, 2, 2], 5), [(8, "demo", "ada", True), (1, "pages", "ada", True)]
)
def test_looking_when_it_turns_comes_to_what_walking_comes_to(model, life):
    """Laws 82, 99 and 175: the same facts, effects and handoffs, whatever happens."""
    comes_to_the_same(model, life)


@FAST
@given(models, lives)
def test_however_far_a_look_sees_the_same_comes_of_it(model, life):
    """Law 175: what lies beyond is not forgotten."""
    with pytest.MonkeyPatch.context() as short:
        short.setattr(ahead, "HORIZON", 2 * DAY)
        comes_to_the_same(model, life)


@pytest.mark.slow
@pytest.mark.timeout(1_200)
def test_it_comes_to_the_same_for_long():
    """The same, with more lives."""
    many = settings(max_examples=4_000, deadline=None)
    many(given(models, lives)(comes_to_the_same))()


# -- who is looked at ------------------------------------------------------------------------------


def fading(kind: str = "page_view") -> Model:
    """Ten points an activity, halved every six days; a hundred qualify."""
    card = Scorecard(Group("all", [Rule.each("all", activity(kind), 10, decay=half_life(days=6))]))
    q = Qualification("fading", version="1", card=card, when=score() >= 100)
    return Model(q, lifecycle=LIFECYCLE)


def often(team: Funnel, count: int, days: int = 0) -> Any:
    now = MONDAY + days * DAY
    return team.record("ada", *[page(now - n * HOUR, f"p{n}") for n in range(count)], now=now)


def test_points_that_fade_wake_nobody_before_the_line(store):
    """Law 175: of forty activities, each of which loses points every day."""
    team = Funnel(fading(), store)
    assert often(team, 40).stage == "mql"
    turns = row(team, "ada").wake
    assert turns is not None
    q, lead = team.model.qualification, team.lead("ada", now=MONDAY).decision.lead
    statuses = [q.decide(lead, as_of=at).status for at in (MONDAY, turns - MICROSECOND, turns)]
    assert [str(status) for status in statuses] == ["qualified", "qualified", "not qualified"]
    assert turns > MONDAY + 10 * DAY
    assert team.tick(turns - MICROSECOND).looked == ()
    assert team.tick(turns).looked == ("ada",)


def test_whoever_stays_below_the_line_is_never_looked_at(store):
    team = Funnel(fading(), store)
    often(team, 3)
    later = row(team, "ada").wake
    assert later is None or later > MONDAY + ahead.HORIZON - DAY
    assert team.tick(MONDAY + ahead.HORIZON - DAY).looked == ()


def test_whoever_is_not_due_is_not_loaded(store):
    """Nor is any of its facts read."""
    team = Funnel(fading(), store)
    often(team, 40)
    loaded = []
    run = team.store.run

    def noting(work):
        def noted(tx):
            loaded.append(tx)
            return work(tx)

        return run(noted)

    team.store.run = noting
    assert team.tick(row(team, "ada").wake - MICROSECOND).looked == ()
    assert loaded == []


def test_who_is_due_is_found_by_an_index(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'funnel.db'}")
    asked = []
    with closing(SqlStore(engine)) as kept:
        often(Funnel(fading(), kept), 40)

        @event.listens_for(engine, "before_cursor_execute")
        def note(_c: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
            asked.append((statement, values))

        due = kept.due(MONDAY + 90 * DAY)
        kept.due(MONDAY + 90 * DAY, after=due[0])
        kept.next_wake()
        event.remove(engine, "before_cursor_execute", note)
        with engine.connect() as connection:
            plans = [
                " ".join(
                    str(step) for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {s}", v)
                )
                for s, v in asked
                if s.startswith("SELECT")
            ]
    engine.dispose()
    assert len(plans) == 3
    assert all("INDEX mqlkit_leads_wake" in plan for plan in plans)


def test_a_year_of_fading_costs_a_few_looks(monkeypatch):
    """Forty activities lose points on days of their own: a walk looks at each of these days."""
    made, costs = [], []

    def counted(*given: Any) -> Decision:
        made.append(given)
        return MADE(*given)

    monkeypatch.setattr(Decision, "made", staticmethod(counted))
    for team in (Funnel(fading(), MemoryStore()), WalkingFunnel(fading(), MemoryStore())):
        often(team, 40)
        made.clear()
        team.tick(MONDAY + 366 * DAY)
        assert team.store.due(MONDAY + 366 * DAY) == []
        costs.append(len(made))
    assert costs[0] < 60
    assert costs[1] > 1_000


MADE = Decision.made


@attrs.frozen
class Shift(Criterion):
    """A criterion of one's own that may change every minute; what it answers is not foreseen."""

    def judge(self, lead: Snapshot) -> Verdict:
        return Verdict.of(lead.as_of >= MONDAY + 30 * DAY)

    def describe(self) -> str:
        return "somebody is there"

    def changes_at(self, lead: Snapshot) -> datetime | None:
        return lead.as_of + MINUTE


def test_what_would_take_too_many_looks_is_looked_at_again_at_the_next_boundary():
    """Law 175: early, never late."""
    q = Qualification("shift", version="1", when=Shift())
    team = Funnel(Model(q, lifecycle=LIFECYCLE), MemoryStore())
    assert team.learn("ada", {"n": 1}, now=MONDAY).wake == MONDAY + MINUTE


def test_the_timeline_grows_with_the_facts_and_what_was_learned_of_it_is_kept():
    """So it is not sorted and indexed anew whenever a lead is decided again."""
    store = MemoryStore()
    team = Funnel(fading(), store)
    often(team, 40)
    stored = store.read("ada")
    assert stored is not None
    state = LeadState("ada", stored.facts)
    before = state.timeline
    team.model.decide(state.lead(), as_of=MONDAY)
    assert before.kept
    team.record("ada", page(MONDAY - DAY, "late"), now=MONDAY)
    state.add(team.history("ada")[-1])
    after = state.lead().timeline
    assert after is not None
    assert (len(after), set(after.kept)) == (41, set(before.kept))
    assert after == Timeline(after.activities[::-1])
    state.add(Fact("retracted/x", "retracted", MONDAY, MONDAY, {"of": "activity/late"}))
    assert state.lead().timeline == before


def test_at_the_end_of_the_calendar_there_is_nothing_to_see():
    q = fading().qualification
    lead = Funnel(fading(), MemoryStore()).record("ada", page(), now=MONDAY).decision.lead
    late = q.decide(lead, as_of=LAST - DAY)
    assert ahead.next_look(q, late, None) is None


# -- liars -----------------------------------------------------------------------------------------

NEXT, GUARDS_OF = ahead.next_look, ahead.guards


def no_gates(table: Lifecycle, stage: str, triggers: Any) -> Iterator[Criterion]:
    """It looks at the criteria of the moves, and not at those of the gates behind them."""
    moves = (move for on in triggers for move in table.table.get((stage, on), ()))
    return (move.when for move in moves if move.when is not None)


def no_guards(*_: Any) -> Iterator[Criterion]:
    """It believes that the lines are all that moves a lead."""
    return iter(())


def no_ready(by: Any, decision: Any, before: Any, guard: Any = None) -> Any:
    """It forgets that who is ready for sales is decided too."""
    return before if by.name == "call" else NEXT(by, decision, before, guard)


def too_late(by: Any, decision: Any, before: Any, guard: Any = None) -> Any:
    """It looks a moment after the answer has turned."""
    found = NEXT(by, decision, before, guard)
    return found if found is None or found == before else found + MICROSECOND


def short_sighted(by: Any, decision: Any, before: Any, guard: Any = None) -> Any:
    """It takes what it does not see within a few days for never."""
    found = NEXT(by, decision, before, guard)
    soon = decision.as_of + 5 * DAY
    return before if found is not None and found > soon else found


OPENS = model(3, None, [0, 0, 2, 0], 0), [(1, "fine", "ada", True), (1, "born", "ada", True)]
"""The move that everybody takes opens thirty days after they are born."""
GATE = model(3, None, [2, 0, 0, 0], 0), OPENS[1]
"""So does the way on from the gate."""
FADES = model(3, 0, [0, 0, 0, 0], 0), [(1, "fine", "ada", True), (1, "pages", "ada", True)]
"""Who is ready for sales is not so any more when the points have faded."""


@pytest.mark.parametrize(
    ("name", "liar", "witness"),
    [
        ("guards", no_gates, GATE),
        ("guards", no_guards, OPENS),
        ("next_look", no_ready, FADES),
        ("next_look", too_late, FADES),
        ("next_look", short_sighted, OPENS),
    ],
    ids=lambda it: getattr(it, "__name__", ""),
)
def test_a_liar_is_caught(monkeypatch, name, liar, witness):
    comes_to_the_same(*witness)
    monkeypatch.setattr(work, name, liar)
    with pytest.raises(AssertionError):
        comes_to_the_same(*witness)
