"""Who waits, who has what, who knows nobody: the queue, a rep's desk, a model that changed."""

import attrs
import pytest
from funnel.sales_team import (
    DAY,
    HOUR,
    LIFECYCLE,
    MINUTE,
    MONDAY,
    POLICY,
    demo,
    funnel,
    kinds,
    page,
    qualification,
    qualify,
    row,
    to_rep,
    told,
)

from mqlkit import Agreement, Verdict, attribute, score
from mqlkit.errors import DefinitionError, NaiveTimeError
from mqlkit.funnel import Funnel
from mqlkit.handoff import Rep, Routing
from mqlkit.handoff import compliance as reported
from mqlkit.lifecycle import IllegalMoveError, Lifecycle
from mqlkit.spec import Model
from mqlkit.store import MemoryStore, StoreError

LAWS = (146, 161, 167, 175)

ONE_EACH = attrs.evolve(POLICY, routing=Routing([Rep("grace", capacity=1)]))


def broken(team, name):
    """A funnel in which the history of one lead cannot be read."""
    run = team.store.run

    def reading(work):
        def or_not(tx):
            load = tx.load

            def loading(lead_id):
                if lead_id == name:
                    raise ValueError("its history is broken")
                return load(lead_id)

            tx.load = loading
            return work(tx)

        return run(or_not)

    team.store.run = reading


# -- the queue -------------------------------------------------------------------------------------


def queued(store=None):
    """Three leads for one rep who has one: the first in the alphabet came last."""
    team = funnel(store, handoff=ONE_EACH)
    qualify(team, "held")
    for minute, name in enumerate(("cyd", "bea", "ada"), 1):
        assert qualify(team, name, MONDAY + minute * MINUTE).handoff.state == "queued"
    return team


def free(team, now):
    team.accept("held", by="grace", now=now)
    team.close("held", by="grace", outcome="verified", now=now)


def test_whoever_waits_longest_gets_the_rep_that_is_free(store):
    """Law 161: the order of waiting, not of the alphabet."""
    team = queued(store)
    free(team, MONDAY + HOUR)
    ticked = team.tick(MONDAY + HOUR)
    assert ticked.looked == ("cyd",)
    assert kinds(ticked.effects) == ["offered"]
    assert team.lead("cyd", now=MONDAY + HOUR).handoff.holder == "grace"
    assert team.tick(MONDAY + HOUR).looked == ()


def test_at_one_instant_the_names_decide():
    team = funnel(handoff=ONE_EACH)
    for name in ("held", "cyd", "bea"):
        qualify(team, name)
    free(team, MONDAY + HOUR)
    assert team.tick(MONDAY + HOUR).looked == ("bea",)


def test_a_newcomer_does_not_overtake_who_waits(store):
    """Both are due in the same tick: the lead that comes to be an mql now, and the rep is free."""
    team = queued(store)
    team.learn("aaa", {"email": "a@shop.example"}, now=MONDAY)
    team.record("aaa", demo(MONDAY + HOUR), now=MONDAY)
    free(team, MONDAY + 30 * MINUTE)
    ticked = team.tick(MONDAY + HOUR)
    assert "aaa" in ticked.looked
    states = {name: team.lead(name, now=MONDAY + HOUR).handoff.state for name in ("aaa", "cyd")}
    assert states == {"aaa": "queued", "cyd": "offered"}


def test_a_rep_that_comes_free_in_a_tick_is_given_to_who_waits(store):
    team = queued(store)
    ticked = team.tick(MONDAY + 2 * HOUR + MINUTE)
    assert "held" in ticked.looked
    assert told(team, "held", "lapsed") == ["lapsed"]
    assert [h.lead_id for h in team.handoffs(state="offered")] == ["cyd"]


def test_who_waits_and_is_due_is_looked_at_as_of_then(store):
    """A lead in the queue that falls below the line is not offered any more."""
    team = queued(store)
    free(team, MONDAY + HOUR)
    ticked = team.tick(MONDAY + 18 * DAY)
    assert ticked.failed == {}
    assert team.status() == {"lead": 3, "sql": 1}
    assert told(team, "cyd", "offered") == []


def test_one_that_cannot_be_looked_at_again_is_told(store):
    team = queued(store)
    free(team, MONDAY + HOUR)
    broken(team, "cyd")
    ticked = team.tick(MONDAY + HOUR)
    assert list(ticked.failed) == ["cyd"]
    assert ticked.looked == ("bea",), "it keeps nobody waiting"


def test_what_is_too_much_for_one_look_at_the_queue_stays_due(monkeypatch):
    from mqlkit.funnel import work

    team = queued()
    free(team, MONDAY + HOUR)
    monkeypatch.setattr(work, "MOST_LOOKS", 1)
    while team.tick(MONDAY + 18 * DAY).looked:
        pass
    assert team.status() == {"lead": 3, "sql": 1}


def test_a_limit_leaves_the_queue_to_its_wakes():
    team = queued()
    free(team, MONDAY + HOUR)
    assert team.tick(MONDAY + HOUR, limit=5).looked == ()


# -- acceptances past the handoff ------------------------------------------------------------------


@pytest.mark.parametrize(("lead", "says"), [("held", "accept"), ("ada", "take")])
def test_an_acceptance_goes_by_the_handoff_while_it_is_offered_or_waits(store, lead, says):
    """Nobody has a lead at 'sal' that is offered to somebody else."""
    team = queued(store)
    before = team.history(lead)
    with pytest.raises(IllegalMoveError, match=rf"{says}\(lead_id, by=...\)") as refused:
        team.fire(lead, "accepted", by="grace", now=MONDAY + HOUR)
    assert "accepted" not in refused.value.legal
    assert team.history(lead) == before
    assert team.fire(lead, "disqualified", now=MONDAY + HOUR).stage == "disqualified"


def test_an_acceptance_after_the_handoff_is_an_event():
    team = funnel()
    rep = to_rep(qualify(team))
    team.accept("ada", by=rep, now=MONDAY)
    team.move("ada", "mql", by="ann", why="one more call", now=MONDAY + HOUR)
    again = team.lead("ada", now=MONDAY + HOUR)
    team.accept("ada", by=again.handoff.holder, now=MONDAY + HOUR)
    with pytest.raises(IllegalMoveError):
        team.fire("ada", "accepted", now=MONDAY + HOUR)


# -- stages that are gone --------------------------------------------------------------------------


def renamed(old, new):
    stages = [attrs.evolve(s, name=new if s.name == old else s.name) for s in LIFECYCLE.stages]

    def name(stage):
        return new if stage == old else stage

    moves = [
        attrs.evolve(m, source=tuple(map(name, m.sources)), target=name(m.target))
        for m in LIFECYCLE.moves
    ]
    return Lifecycle("renamed", stages, moves, tuple(map(name, LIFECYCLE.path)))


def test_a_lead_in_a_stage_that_is_gone_keeps_its_rep(store):
    team = funnel(store)
    rep = to_rep(qualify(team))
    team.accept("ada", by=rep, now=MONDAY)
    today = funnel(store, lifecycle=renamed("sal", "working"))
    assert [lead.lead_id for lead in today.strangers()] == ["ada"]
    ticked = today.rescore(MONDAY + HOUR)
    assert (ticked.looked, kinds(ticked.effects)) == (("ada",), [])
    kept = today.lead("ada", now=MONDAY + HOUR)
    assert (kept.stage, kept.handoff.state, kept.handoff.owner) == ("sal", "accepted", rep)
    moved = today.move("ada", "working", by="ann", why="renamed", now=MONDAY + HOUR)
    assert (moved.handoff.state, moved.handoff.owner) == ("accepted", rep)
    assert [*today.strangers()] == []


def test_a_lead_that_was_merged_is_no_stranger(store):
    team = funnel(store)
    team.record("ada", page(), now=MONDAY)
    team.record("twin", page(), now=MONDAY)
    team.merge("twin", "ada", now=MONDAY)
    assert [*team.strangers()] == []
    assert team.status() == {"visitor": 1, "merged": 1}
    assert [lead.lead_id for lead in team.leads(stage="merged")] == ["twin"]


def test_an_offer_that_the_lifecycle_does_not_make_any_more_says_so():
    team = funnel()
    qualify(team)
    stages = [attrs.evolve(s, offers=False) for s in LIFECYCLE.stages]
    silent = Lifecycle("silent", stages, LIFECYCLE.moves, LIFECYCLE.path)
    today = funnel(team.store, lifecycle=silent)
    today.tick(MONDAY + 3 * HOUR)
    (withdrawn,) = [m.effect for m in today.outbox() if m.effect.kind == "withdrawn"]
    assert withdrawn.data["why"] == "nothing is offered at mql, where the lead stands"


def test_an_offer_of_a_lead_that_went_away_says_where_it_went():
    team = funnel()
    qualify(team)
    gone = team.move("ada", "lead", by="ann", why="a student", now=MONDAY + HOUR)
    (withdrawn,) = [e for e in gone.effects if e.kind == "withdrawn"]
    assert withdrawn.data["why"] == "the lead moved to lead"


# -- a model that changed --------------------------------------------------------------------------


def stricter(store):
    model = Model(
        attrs.evolve(qualification(), version="2", when=score() >= 400),
        lifecycle=LIFECYCLE,
        handoff=POLICY,
    )
    return Funnel(model, store)


def leads(store):
    team = funnel(store)
    for name in ("ada", "bea", "twin"):
        qualify(team, name)
    team.merge("twin", "ada", now=MONDAY)
    return team


def test_a_changed_model_reaches_every_lead(store):
    team = leads(store)
    before = {name: team.history(name) for name in ("ada", "bea", "twin")}
    today = stricter(store)
    scored = today.rescore(MONDAY + HOUR)
    assert scored.looked == ("ada", "bea"), "who was merged is another lead now"
    assert set(kinds(scored.effects)) == {"crossed"}
    for name, facts in before.items():
        assert today.history(name)[: len(facts)] == facts, "law 146: nothing is rewritten"
    assert today.history("twin") == before["twin"]
    crossed = [f for f in today.history("ada") if f.kind == "crossed"][-1]
    assert (crossed.data["to"], crossed.data["version"]) == ("below", "2")
    assert {r.model for r in today.leads() if r.lead_id != "twin"} == {today.model.fingerprint}
    assert today.rescore(MONDAY + HOUR).looked == (), "once is enough"


def test_one_that_cannot_be_decided_anew_is_told(store):
    leads(store)
    today = stricter(store)
    broken(today, "ada")
    scored = today.rescore(MONDAY + HOUR)
    assert (scored.looked, list(scored.failed)) == (("bea",), ["ada"])


def test_leads_are_decided_anew_outside_a_batch():
    team = funnel()
    with team.batch() as batch, pytest.raises(StoreError, match="outside a batch"):
        batch.rescore(MONDAY)
    with pytest.raises(NaiveTimeError):
        team.rescore(MONDAY.replace(tzinfo=None))


# -- when to look again ----------------------------------------------------------------------------


def test_who_calls_tick_asks_when(store):
    """Law 175: the first of all wakes; each call says that of its own lead."""
    team = funnel(store)
    assert team.next_wake() is None
    recorded = qualify(team)
    assert recorded.wake == row(team, "ada").wake == team.next_wake()
    later = qualify(team, "bea", MONDAY + HOUR)
    assert later.wake > recorded.wake
    assert team.next_wake() == recorded.wake
    assert team.lead("bea", now=MONDAY + HOUR).wake == later.wake
    assert team.tick(recorded.wake - MINUTE).looked == ()
    assert team.tick(team.next_wake()).looked == ("ada",)
    assert team.next_wake() > recorded.wake


# -- a rep's desk ----------------------------------------------------------------------------------


def test_a_desk_is_what_a_rep_has(store):
    team = funnel(store)
    first, second = qualify(team, "ada"), qualify(team, "bea")
    team.accept("ada", by=to_rep(first), now=MONDAY)
    desk = team.handoffs(owner=to_rep(first))
    assert [(h.lead_id, h.state) for h in desk] == [("ada", "accepted")]
    assert [h.lead_id for h in team.handoffs(state="offered")] == ["bea"]
    assert team.handoffs(state="offered", owner=to_rep(first)) == ()
    assert [h.lead_id for h in team.handoffs(state="offered", owner=to_rep(second))] == ["bea"]


def test_what_somebody_has_who_is_no_rep_any_more(store):
    team = funnel(store)
    rep = to_rep(qualify(team))
    team.accept("ada", by=rep, now=MONDAY)
    qualify(team, "bea")
    assert team.orphans() == ()
    others = [r for r in POLICY.routing.reps if r.name != rep]
    today = funnel(store, handoff=attrs.evolve(POLICY, routing=Routing(others)))
    assert [h.lead_id for h in today.orphans()] == ["ada"]
    given = today.reassign("ada", by="head", why="left us", now=MONDAY + HOUR)
    assert to_rep(given) == others[0].name
    assert today.orphans() == ()
    assert funnel(store, handoff=None).orphans() == ()


# -- compliance ------------------------------------------------------------------------------------


def test_a_report_is_made_of_the_model_and_the_store(store):
    signed = Agreement(definition="b2b", version="1", follow_up="a call within a day")
    model = Model(qualification(), agreement=signed, lifecycle=LIFECYCLE, handoff=POLICY)
    team = Funnel(model, store)
    rep = to_rep(qualify(team))
    team.accept("ada", by=rep, now=MONDAY)
    team.close("ada", by=rep, reason="too early", now=MONDAY + HOUR)
    qualify(team, "bea", MONDAY + 9 * DAY)
    week = team.compliance(MONDAY, MONDAY + 7 * DAY)
    assert (week.handed, week.accepted, week.given_back, week.without_feedback) == (1, 1, 1, ())
    assert week == reported(
        signed, team.handoffs(), team.feedback(), MONDAY, MONDAY + 7 * DAY, POLICY
    )
    with pytest.raises(DefinitionError, match="ends after"):
        team.compliance(MONDAY, MONDAY)
    with pytest.raises(DefinitionError, match="hands nothing off"):
        Funnel(Model(qualification(), lifecycle=LIFECYCLE), MemoryStore()).compliance(
            MONDAY, MONDAY + DAY
        )


# -- numbers that are none -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "verdict"),
    [(float("nan"), Verdict.UNKNOWN), (float("inf"), Verdict.YES), (float("-inf"), Verdict.NO)],
)
def test_what_is_no_number_is_kept_and_not_known_and_infinity_is_above_all(store, told, verdict):
    team = funnel(store)
    learned = team.learn("ada", {"size": told}, now=MONDAY)
    assert (attribute("size") >= 50).judge(learned.decision.snapshot) is verdict
    assert not team.learn("ada", {"size": told}, now=MONDAY + HOUR).new
