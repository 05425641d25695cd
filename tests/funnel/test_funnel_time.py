"""Time passes: crossings, dwell, wakes, and ticks that come rarely, often, late or twice."""

import attrs
import pytest
from funnel.sales_team import (
    DAY,
    DWELL,
    HOUR,
    MINUTE,
    MONDAY,
    POLICY,
    content,
    demo,
    funnel,
    kinds,
    page,
    qualify,
    row,
    stages,
    told,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from mqlkit import Qualification, attribute
from mqlkit.criteria.knowledge import known
from mqlkit.errors import LeadDataError
from mqlkit.funnel import Funnel, work
from mqlkit.lifecycle import IllegalMoveError, Lifecycle, Stage, Transition
from mqlkit.spec import Model
from mqlkit.store import Due, MemoryStore, StoreUnavailableError

LAWS = (99, 148, 149, 175)


def crossings(team, lead_id="ada"):
    found = [f for f in team.history(lead_id) if f.kind == "crossed"]
    return [(f.data["from"], f.data["to"], f.data["direction"]) for f in found]


# -- crossings -------------------------------------------------------------------------------------


def test_crossings_are_events_with_a_direction(store):
    team = funnel(store)
    qualify(team)
    team.tick(MONDAY + 11 * DAY)
    team.record("ada", demo(MONDAY + 12 * DAY, "again"), now=MONDAY + 12 * DAY)
    team.learn("ada", {"email": "a@rival.example"}, now=MONDAY + 12 * DAY)
    team.learn("ada", {"email": "a@shop.example"}, now=MONDAY + 13 * DAY)
    assert crossings(team) == [
        ("below", "above", "up"),
        ("above", "below", "down"),
        ("below", "above", "up"),
        ("above", "out", "down"),
        ("out", "above", "up"),
    ]
    bea = "bea"
    team.learn(bea, {"email": "b@rival.example"}, now=MONDAY)
    team.learn(bea, {"email": "b@shop.example"}, now=MONDAY + DAY)
    assert crossings(team, bea) == [("below", "out", "down"), ("out", "below", "up")]
    assert stages(team, bea, MONDAY + DAY) == ["visitor", "disqualified"]


def test_qualified_is_told_once_an_episode(store):
    """However often the score wobbles about the line; the crossings are told each time."""
    team = funnel(store)
    qualify(team)
    for n in (12, 24):
        team.tick(MONDAY + n * DAY - HOUR)
        again = team.record("ada", demo(MONDAY + n * DAY, f"d{n}"), now=MONDAY + n * DAY)
        assert set(kinds(again.effects)) <= set(told(team, "ada")), "what is shown is told"
    episodes = [m.effect.data["episode"] for m in team.outbox() if m.effect.kind == "qualified"]
    assert episodes == sorted(set(episodes))
    assert len(crossings(team)) == 5


def test_nobody_crosses_by_not_being_known():
    q = Qualification("fit", version="1", when=attribute("size") >= 50)
    two = Lifecycle(
        "two",
        [Stage("lead"), Stage("mql"), Stage("customer", "terminal")],
        [
            Transition("qualified", "lead", "mql"),
            Transition("unqualified", "mql", "lead", dwell=DAY),
            Transition("won", "mql", "customer"),
        ],
    )
    team = Funnel(Model(q, lifecycle=two), MemoryStore())
    team.learn("ada", {"size": 90}, now=MONDAY)
    team.learn("ada", {"size": None}, now=MONDAY + DAY)
    team.tick(MONDAY + 9 * DAY)
    assert crossings(team) == [("below", "above", "up")]
    assert team.status() == {"mql": 1}


# -- dwell -----------------------------------------------------------------------------------------


def test_a_dip_shorter_than_the_dwell_demotes_nobody(store):
    """Law 99."""
    team = funnel(store)
    qualify(team)
    team.tick(MONDAY + 10 * DAY + HOUR)
    dipped = team.lead("ada", now=MONDAY + 11 * DAY)
    assert (dipped.stage, len(dipped.journey.waits)) == ("mql", 1)
    up = team.record("ada", demo(MONDAY + 16 * DAY, "d2"), now=MONDAY + 16 * DAY)
    assert (up.stage, up.journey.waits) == ("mql", ())
    team.tick(MONDAY + 26 * DAY)
    assert stages(team, "ada", MONDAY + 26 * DAY) == ["visitor", "lead", "mql"]


def test_a_constant_score_flips_a_stage_once(store):
    """Law 99: after the demo has faded the lead falls once, however long and often we look."""
    team = funnel(store)
    qualify(team)
    for n in range(1, 60):
        team.tick(MONDAY + n * DAY)
    lead = team.lead("ada", now=MONDAY + 60 * DAY)
    assert [e.stage for e in lead.journey.entries] == ["visitor", "lead", "mql", "lead"]
    assert lead.journey.since == MONDAY + 10 * DAY + DWELL
    assert len(crossings(team)) == 2


def test_a_wait_that_nothing_calls_off_is_set_once(store):
    """A second dip while a lead waits to be demoted changes nothing of that."""
    q = Qualification("fit", version="1", when=attribute("size") >= 50)
    table = Lifecycle(
        "stubborn",
        [Stage("lead"), Stage("mql"), Stage("customer", "terminal")],
        [
            Transition("qualified", "lead", "mql"),
            Transition("unqualified", "mql", "lead", dwell=DWELL, unless=()),
            Transition("won", "mql", "customer"),
        ],
    )
    team = Funnel(Model(q, lifecycle=table), store)
    for day, size in enumerate((90, 10, 90, 10)):
        team.learn("ada", {"size": size}, now=MONDAY + day * DAY)
    journey = team.lead("ada", now=MONDAY + 3 * DAY).journey
    assert [wait.until for wait in journey.waits] == [MONDAY + DAY + DWELL]
    team.tick(MONDAY + DAY + DWELL)
    assert team.status() == {"lead": 1}


def test_an_event_may_only_set_a_move_waiting(store):
    team = funnel(store)
    rep = qualify(team).handoff.holder
    team.accept("ada", by=rep, now=MONDAY)
    team.move("ada", "mql", by="ann", why="back to us", now=MONDAY)
    told = team.fire("ada", "unqualified", by="ann", now=MONDAY + HOUR)
    assert (told.stage, told.new, told.handoff.state) == ("mql", True, "offered")
    assert told.journey.next_wake() == MONDAY + HOUR + DWELL


# -- ticks -----------------------------------------------------------------------------------------


def play(store, every):
    """A quarter in which things happen to three leads, ticked at a distance."""
    short = attrs.evolve(POLICY, reasons=[*POLICY.reasons])
    team = funnel(store, handoff=short)
    happenings = {
        1: lambda now: qualify(team, "ada", now),
        2: lambda now: team.record("bea", *[page(now, f"b{n}") for n in range(5)], now=now),
        4: lambda now: team.learn("bea", {"email": "b@shop.example"}, now=now),
        13: lambda now: team.record("ada", demo(now - DAY, "late"), now=now),
        20: lambda now: team.learn("cyd", {"email": "c@rival.example"}, now=now),
        24: lambda now: team.fire("cyd", "reopened", by="ann", now=now),
        30: lambda now: team.record("cyd", demo(now, "c"), now=now),
        60: lambda now: team.record("ada", page(now, "p"), now=now),
    }
    now, end = MONDAY, MONDAY + 92 * DAY
    next_tick = now
    while now < end:
        day, rest = divmod(now - MONDAY, DAY)
        if not rest and day in happenings:
            happenings.pop(day)(now)
        if now >= next_tick:
            team.tick(now)
            next_tick += every
        now += 6 * HOUR
    team.tick(end)
    team.tick(end)
    return team


def lines(team):
    return {
        name: [
            (entry.stage, entry.at, entry.episode)
            for entry in team.lead(name, now=MONDAY + 92 * DAY).journey.entries
        ]
        for name in ("ada", "bea", "cyd")
    }


def test_ticking_rarely_comes_to_the_same_journey_as_ticking_often():
    often, rarely = play(MemoryStore(), 6 * HOUR), play(MemoryStore(), 30 * DAY)
    assert lines(often) == lines(rarely)
    for name in ("ada", "bea", "cyd"):
        assert crossings(often, name) == crossings(rarely, name)
    assert len(lines(often)["ada"]) > 3


HAPPENINGS = st.lists(
    st.tuples(
        st.integers(0, 90),
        st.sampled_from(
            ["demo", "pages", "late demo", "rival", "fine", "accepted", "lost", "reopened", "undo"]
        ),
    ),
    max_size=12,
).map(sorted)


def happen(team, what, number, now):
    """One thing that happens to a lead; what cannot be is refused, in each funnel alike."""
    calls = {
        "demo": lambda: team.record("ada", demo(now, f"d{number}"), now=now),
        "pages": lambda: team.record(
            "ada", *[page(now, f"{number} {n}") for n in range(4)], now=now
        ),
        "late demo": lambda: team.record("ada", demo(now - 4 * DAY, f"l{number}"), now=now),
        "rival": lambda: team.learn("ada", {"email": "a@rival.example"}, now=now),
        "fine": lambda: team.learn("ada", {"email": "a@shop.example"}, now=now),
        "undo": lambda: team.undo("ada", by="ann", why=str(number), now=now),
    }
    try:
        calls.get(what, lambda: team.fire("ada", what, now=now))()
    except (IllegalMoveError, LeadDataError) as error:
        return type(error)
    return None


@settings(max_examples=60, deadline=None)
@given(happenings=HAPPENINGS, every=st.integers(1, 40))
def test_whenever_ticks_come_the_journey_is_the_same(happenings, every):
    """Law 99 and more: stages, instants, episodes and crossings do not hang on the ticks."""
    never, often = funnel(handoff=None), funnel(handoff=None)
    refused = []
    for team in (never, often):
        team.learn("ada", {"email": "a@shop.example"}, now=MONDAY)
        errors, ticked = [], 0
        for number, (day, what) in enumerate(happenings):
            while team is often and ticked < day:
                ticked = min(day, ticked + every)
                assert not team.tick(MONDAY + ticked * DAY).failed
            # Not at a tick's own instant: what a person does when it is due is done in time.
            errors.append(happen(team, what, number, MONDAY + day * DAY + HOUR))
        refused.append(errors)
        team.tick(MONDAY + 200 * DAY)
    assert refused[0] == refused[1]
    facts = [[(f.id, f.at, dict(f.data)) for f in team.history("ada")] for team in (never, often)]
    assert facts[0] == facts[1]
    assert row(never, "ada").wake == row(often, "ada").wake


def test_an_extra_tick_changes_nothing(store):
    team = funnel(store)
    qualify(team)
    team.tick(MONDAY + 11 * DAY)
    before = content(team.history("ada")), team.outbox(), row(team, "ada")
    again = team.tick(MONDAY + 11 * DAY)
    assert (again.looked, again.effects, again.failed) == ((), (), {})
    assert (content(team.history("ada")), team.outbox(), row(team, "ada")) == before


def test_whoever_has_something_to_come_is_due(store):
    """Law 175."""
    team = funnel(store, handoff=None)
    qualify(team)
    wakes = []
    now = MONDAY
    while (wake := row(team, "ada").wake) is not None and len(wakes) < 30:
        assert wake > now
        assert team.store.due(wake - MINUTE) == []
        assert team.store.due(wake) == [(wake, "ada")]
        assert team.tick(wake).looked == ("ada",)
        wakes.append(wake)
        now = wake
    assert wakes == [MONDAY + 10 * DAY, MONDAY + 17 * DAY]


def test_a_clock_that_steps_back_stands_still(store):
    """Law 149: nothing is recorded before what is recorded already."""
    team = funnel(store)
    qualify(team, at=MONDAY + DAY)
    back = team.record("ada", page(MONDAY), now=MONDAY)
    assert back.decision.as_of == MONDAY + DAY
    assert team.tick(MONDAY).looked == ()
    team.accept("ada", by=back.handoff.holder, now=MONDAY + HOUR)
    times = [f.recorded_at for f in team.history("ada")]
    assert times == sorted(times)
    entered = [e.at for e in team.lead("ada", now=MONDAY).journey.entries]
    assert entered == sorted(entered)


def test_one_broken_lead_keeps_nobody_waiting(store):
    team = funnel(store)
    for name in ("ada", "bea", "cyd"):
        qualify(team, name)
    run = team.store.run

    def broken(work):
        def or_not(tx):
            load = tx.load

            def loading(lead_id):
                if lead_id == "bea":
                    raise ValueError("its history is broken")
                return load(lead_id)

            tx.load = loading
            return work(tx)

        return run(or_not)

    team.store.run = broken
    ticked = team.tick(MONDAY + 3 * HOUR)
    assert ticked.looked == ("ada", "cyd")
    assert list(ticked.failed) == ["bea"]
    assert team.tick(MONDAY + 6 * HOUR, limit=2).looked == ("ada", "cyd"), "it takes nobody's turn"
    team.store.run = run
    due = [one.lead_id for one in team.store.due(MONDAY + 3 * HOUR)]
    assert "bea" in due, "it stays due"
    assert team.tick(MONDAY + 6 * HOUR).looked == ("bea",)


@pytest.mark.parametrize("passing", [True, False])
def test_a_database_that_is_gone_ends_the_tick(passing):
    """Not lead by lead, each after its own wait."""
    team = funnel()
    for name in ("ada", "bea"):
        qualify(team, name)
    asked = []

    def gone(work):
        asked.append(work)
        raise StoreUnavailableError("its disk is full", passing)

    team.store.run = gone
    with pytest.raises(StoreUnavailableError):
        team.tick(MONDAY + 3 * HOUR)
    assert len(asked) == 1


def test_a_tick_takes_so_many_leads_at_most(store):
    team = funnel(store)
    names = [f"lead {n}" for n in range(7)]
    for name in names:
        qualify(team, name)
    now = MONDAY + 3 * HOUR
    assert team.tick(now, limit=0).looked == ()
    assert team.tick(now, limit=3).looked == tuple(names[:3])
    assert team.tick(now, limit=3).looked == tuple(names[3:6])
    assert team.tick(now, limit=3).looked == tuple(names[6:])


def test_another_worker_may_have_been_first():
    team = funnel()
    qualify(team)
    due = team.store.due
    team.store.due = lambda now, **k: due(now, **k) or ([Due(now, "ada")] if not k["after"] else [])
    team.tick(MONDAY + 3 * HOUR)
    before = team.history("ada")
    assert team.tick(MONDAY + 3 * HOUR).effects == ()
    assert team.history("ada") == before


def test_what_is_too_much_for_one_tick_stays_due(monkeypatch):
    """Law 175: nothing on the way is left out."""
    all_at_once = funnel()
    team = funnel()
    for one in (all_at_once, team):
        one.learn("ada", {"email": "a@shop.example"}, now=MONDAY)
        pages = [page(MONDAY + n * HOUR, f"p{n}") for n in range(9)]
        one.record("ada", *pages, now=MONDAY)
    end = MONDAY + 60 * DAY
    all_at_once.tick(end)
    monkeypatch.setattr(work, "MOST_LOOKS", 1)
    assert team.tick(end, limit=1).looked == ("ada",)
    assert team.tick(end, limit=1).looked == ("ada",), "the rest stays due"
    assert team.tick(end).looked == ("ada",)
    assert team.tick(end).looked == ()
    assert entries(team) == entries(all_at_once)
    monkeypatch.undo()


def entries(team):
    journey = team.lead("ada", now=MONDAY + 60 * DAY).journey
    return [(e.stage, e.at) for e in journey.entries]


def test_a_call_jumps_over_what_is_too_much(monkeypatch):
    team = funnel()
    team.learn("ada", {"email": "a@shop.example"}, now=MONDAY)
    team.record("ada", *[page(MONDAY + n * HOUR, f"p{n}") for n in range(9)], now=MONDAY)
    monkeypatch.setattr(work, "MOST_LOOKS", 1)
    told = team.learn("ada", {"size": 5}, now=MONDAY + 60 * DAY)
    assert told.decision.as_of == MONDAY + 60 * DAY
    assert row(team, "ada").wake is None or row(team, "ada").wake > MONDAY + 60 * DAY


# -- moves that hang on criteria -------------------------------------------------------------------


def test_what_was_told_counts_in_each_stage_on_the_way():
    """A lead that is above both lines climbs as far as they lead, in one call."""
    q = Qualification("fit", version="1", when=attribute("size") >= 50)
    ready = Qualification("call", version="1", when=attribute("wants_call").is_true())
    table = Lifecycle(
        "climb",
        [Stage("new"), Stage("known"), Stage("mql"), Stage("sql", team="sales"),
         Stage("won", "terminal")],
        [
            Transition("decided", "new", "known", known("email")),
            Transition("qualified", "known", "mql"),
            Transition("ready", "mql", "sql"),
            Transition("won", "sql", "won"),
        ],
    )  # fmt: skip
    team = Funnel(Model(q, ready=ready, lifecycle=table), MemoryStore())
    team.learn("ada", {"size": 90, "wants_call": True}, now=MONDAY)
    assert team.status() == {"new": 1}
    climbed = team.learn("ada", {"email": "a@shop.example"}, now=MONDAY + DAY)
    assert climbed.stage == "sql"
