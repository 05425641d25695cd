"""From marketing to sales and back: offers, answers, work, outcomes, and who is ready for it."""

import attrs
import pytest
from funnel.sales_team import (
    COOL_DOWN,
    DAY,
    HOUR,
    MICROSECOND,
    MINUTE,
    MONDAY,
    POLICY,
    demo,
    funnel,
    kinds,
    qualify,
    readiness,
    row,
    stages,
    to_rep,
    told,
)

from mqlkit import attribute
from mqlkit.calendar import Calendar
from mqlkit.errors import DefinitionError, LeadDataError, UnknownNameError
from mqlkit.handoff import IllegalHandoffError, Rep, Routing, SlaPolicy, Target
from mqlkit.lifecycle import IllegalMoveError

LAWS = (148, 161, 162, 167, 170, 174)


def other(rep):
    return {"grace": "linus", "linus": "grace"}[rep]


def taken(team, lead_id="ada", now=MONDAY + HOUR):
    """A lead that its rep has accepted, and who that is."""
    rep = to_rep(qualify(team, lead_id))
    team.accept(lead_id, by=rep, now=now)
    return rep


# -- the offer -------------------------------------------------------------------------------------


def test_who_qualifies_is_offered_once_to_one_rep(store):
    """Law 167."""
    team = funnel(store)
    recorded = qualify(team)
    assert recorded.handoff.state == "offered"
    assert kinds(recorded.effects) == ["crossed", "qualified", "entered", "offered"]
    for n in range(1, 5):
        team.record("ada", demo(MONDAY, f"d{n}"), now=MONDAY + n * MINUTE)
    assert told(team, "ada", "offered") == ["offered"]
    assert [h.lead_id for h in team.handoffs()] == ["ada"]
    assert to_rep(qualify(team, "bea")) == other(to_rep(recorded)), "they take turns"


def test_open_offers_count_as_load():
    """A rep's capacity is what they have, offers that wait for their answer too."""
    one_each = Routing([Rep("grace", capacity=1), Rep("linus", capacity=1)])
    team = funnel(handoff=attrs.evolve(POLICY, routing=one_each))
    first, second = qualify(team, "ada"), qualify(team, "bea")
    assert {to_rep(first), to_rep(second)} == {"grace", "linus"}
    third = qualify(team, "cyd")
    assert third.handoff.state == "queued"
    assert row(team, "cyd").owner == ""


def test_an_offer_is_accepted_once(store):
    """Law 170: told again, it is the same acceptance."""
    team = funnel(store)
    rep = to_rep(qualify(team))
    accepted = team.accept("ada", by=rep, now=MONDAY + HOUR)
    assert (accepted.stage, accepted.handoff.owner) == ("sal", rep)
    assert row(team, "ada").owner == rep
    before = team.history("ada")
    again = team.accept("ada", by=rep, now=MONDAY + HOUR)
    assert (again.new, again.effects, again.handoff.state) == (False, (), "accepted")
    assert team.history("ada") == before
    assert told(team, "ada", "accepted") == ["accepted"]


def test_only_whom_it_is_offered_to_can_answer(store):
    team = funnel(store)
    rep = to_rep(qualify(team))
    before = team.history("ada")
    for answer in (team.accept, lambda *a, **k: team.reject(*a, reason="not mine", **k)):
        with pytest.raises(IllegalHandoffError, match="alone"):
            answer("ada", by=other(rep), now=MONDAY + HOUR)
    with pytest.raises(UnknownNameError, match="not mne"):
        team.reject("ada", by=rep, reason="not mne", now=MONDAY + HOUR)
    assert team.history("ada") == before


@pytest.mark.parametrize("ticked", [False, True])
def test_what_has_lapsed_cannot_be_answered(store, ticked):
    """Laws 162 and 174: in time at the due instant itself, and refused visibly after it."""
    team = funnel(store)
    rep = to_rep(qualify(team))
    if ticked:
        team.tick(MONDAY + 3 * HOUR)
    for at in (MONDAY + 2 * HOUR + MICROSECOND, MONDAY + 3 * HOUR):
        with pytest.raises(IllegalHandoffError, match="lapsed"):
            team.accept("ada", by=rep, now=at)
        with pytest.raises(IllegalHandoffError, match="lapsed"):
            team.reject("ada", by=rep, reason="not mine", now=at)
    in_time = funnel()
    rep = to_rep(qualify(in_time))
    assert in_time.accept("ada", by=rep, now=MONDAY + 2 * HOUR).handoff.state == "accepted"


def test_what_has_lapsed_is_offered_to_the_next(store):
    team = funnel(store)
    rep = to_rep(qualify(team))
    ticked = team.tick(MONDAY + 2 * HOUR + MINUTE)
    assert kinds(ticked.effects) == ["lapsed", "offered"]
    offered = team.lead("ada", now=MONDAY + 2 * HOUR + MINUTE).handoff
    assert offered.holder == other(rep)
    assert offered.offers[0].ended_at == MONDAY + 2 * HOUR
    taken = team.accept("ada", by=other(rep), now=MONDAY + 3 * HOUR)
    assert (taken.stage, taken.handoff.owner) == ("sal", other(rep))


def test_a_retry_goes_to_the_next_at_once(store):
    team = funnel(store)
    rep = to_rep(qualify(team))
    rejected = team.reject("ada", by=rep, reason="not mine", why="Asia", now=MONDAY + HOUR)
    assert (rejected.stage, to_rep(rejected)) == ("mql", other(rep))
    assert kinds(rejected.effects) == ["rejected", "offered"]
    (said,) = team.feedback()
    assert (said.by, said.finding, said.reason) == (rep, "wrong fit", "not mine")
    assert said.rules == ("demo",)


def test_a_rejection_disqualifies_if_its_reason_says_so(store):
    team = funnel(store)
    rep = to_rep(qualify(team))
    out = team.reject("ada", by=rep, reason="student", now=MONDAY + HOUR)
    assert (out.stage, out.handoff.state, row(team, "ada").wake) == ("disqualified", "closed", None)
    assert row(team, "ada").owner == ""


def test_a_command_has_an_id_of_its_own(store):
    """Law 170: one id is one command, whenever it is told again; another under it is refused."""
    team = funnel(store)
    rep = to_rep(qualify(team))
    team.accept("ada", by=rep, now=MONDAY + HOUR, id="slack 1")
    again = team.accept("ada", by=rep, now=MONDAY + 5 * HOUR, id="slack 1")
    assert "accepted" not in kinds(again.effects)
    with pytest.raises(LeadDataError, match="another command before"):
        team.attempt("ada", by=rep, now=MONDAY + 5 * HOUR, id="slack 1")
    tried = team.attempt("ada", by=rep, now=MONDAY + 5 * HOUR, id="slack 2")
    assert tried.handoff.state == "working"


def test_a_repeat_shows_nothing_that_is_not_recorded(store):
    """What time brought in between is recorded by a repeated call too, or not shown."""
    team = funnel(store, handoff=None)
    qualify(team)
    team.fire("ada", "accepted", now=MONDAY, id="x")
    again = team.fire("ada", "accepted", now=MONDAY + 30 * DAY, id="x")
    assert again.stage == row(team, "ada").stage == "recycled"
    assert {f.id for f in again.facts} <= {f.id for f in team.history("ada")}
    assert {e.key for e in again.effects} <= {m.effect.key for m in team.outbox()}
    shown = team.lead("ada", now=MONDAY + 90 * DAY)
    assert (shown.facts, shown.effects) == ((), ())


# -- the work --------------------------------------------------------------------------------------


def test_attempts_touch_and_time_out(store):
    team = funnel(store)
    rep = taken(team)
    first = team.attempt("ada", by=rep, channel="phone", now=MONDAY + 2 * HOUR)
    assert kinds(first.effects) == ["touched"]
    late = team.attempt("ada", by=rep, at=MONDAY + 3 * HOUR, now=MONDAY + 4 * HOUR)
    assert late.handoff.attempts[-1].at == MONDAY + 3 * HOUR
    ended = team.tick(MONDAY + 2 * DAY)
    assert told(team, "ada", "closed") == ["closed"]
    lead = team.lead("ada", now=MONDAY + 2 * DAY)
    assert (lead.handoff.reason, lead.stage) == ("silent", "disqualified")
    assert ended.failed == {}
    assert lead.journey.since <= MONDAY + 11 * HOUR + MINUTE, "when it came due, not when ticked"


def test_an_attempt_ahead_of_the_clock_counts_as_now():
    team = funnel()
    rep = taken(team)
    ahead = team.attempt("ada", by=rep, at=MONDAY + DAY, now=MONDAY + 2 * HOUR)
    assert ahead.handoff.attempts[0].at == MONDAY + 2 * HOUR


def test_it_ends_with_an_outcome_that_moves_the_lead(store):
    team = funnel(store)
    rep = taken(team)
    closed = team.close("ada", by=rep, outcome="verified", now=MONDAY + 3 * HOUR)
    assert (closed.stage, closed.handoff.state, closed.handoff.outcome) == (
        "sql", "closed", "verified",
    )  # fmt: skip
    assert row(team, "ada").owner == rep, "sales has it still"
    assert not team.close("ada", by=rep, outcome="verified", now=MONDAY + 3 * HOUR).new
    assert [said.finding for said in team.feedback()] == [""]


def test_an_outcome_that_the_stage_does_not_take_ends_nothing(store):
    """Law 143: a word that no move has is not swallowed."""
    team = funnel(store)
    rep = taken(team)
    before = team.history("ada")
    with pytest.raises(IllegalMoveError, match="did you mean 'verified'"):
        team.close("ada", by=rep, outcome="verifed", now=MONDAY + 3 * HOUR)
    with pytest.raises(DefinitionError, match="say one of them"):
        team.close("ada", by=rep, now=MONDAY + 3 * HOUR)
    assert team.history("ada") == before


def test_a_reason_recycles_with_its_own_cool_down_and_the_lead_comes_back(store):
    """Law 148: the next climb has a handoff of its own, with whoever had it before."""
    team = funnel(store)
    rep = taken(team)
    for n in range(1, 60, 5):
        team.record("ada", demo(MONDAY + n * DAY, f"d{n}"), now=MONDAY + HOUR)
    closed = team.close("ada", by=rep, reason="too early", now=MONDAY + 3 * HOUR)
    assert (closed.stage, closed.journey.episode, row(team, "ada").owner) == ("recycled", 2, "")
    team.tick(MONDAY + COOL_DOWN + DAY)
    assert team.lead("ada", now=MONDAY + COOL_DOWN + DAY).stage == "recycled", "thirty days"
    team.tick(MONDAY + 30 * DAY + 3 * HOUR)
    back = team.lead("ada", now=MONDAY + 31 * DAY)
    assert (back.stage, back.journey.since) == ("mql", MONDAY + 30 * DAY + 3 * HOUR)
    assert (back.handoff.episode, back.handoff.holder) == (2, rep)
    assert [h.episode for h in team.handoffs()] == [1, 2]


def test_a_recycled_lead_below_the_line_stays_away(store):
    team = funnel(store)
    rep = taken(team)
    team.close("ada", by=rep, reason="too early", now=MONDAY + 3 * HOUR)
    team.tick(MONDAY + 60 * DAY)
    assert team.lead("ada", now=MONDAY + 60 * DAY).stage == "recycled"
    assert len(team.handoffs()) == 1


def test_a_lead_that_moves_on_by_an_event_ends_its_handoff_with_that(store):
    team = funnel(store)
    rep = taken(team)
    won = team.fire("ada", "won", by=rep, now=MONDAY + 3 * HOUR)
    assert (won.stage, won.handoff.state, won.handoff.outcome) == ("customer", "closed", "won")
    assert row(team, "ada").wake is None
    with pytest.raises(IllegalHandoffError):
        team.attempt("ada", by=rep, now=MONDAY + 4 * HOUR)


def test_an_event_that_is_no_outcome_is_no_feedback(store):
    """Whoever is recycled past its handoff, without a reason, did not turn out well."""
    team = funnel(store)
    taken(team)
    gone = team.fire("ada", "recycled", by="ann", now=MONDAY + 3 * HOUR)
    assert (gone.stage, gone.handoff.state, gone.handoff.withdrawn) == ("recycled", "closed", True)
    assert team.feedback() == ()


def test_an_acceptance_that_was_taken_back_is_offered_anew(store):
    """Nobody is left with a lead that no rep has and no offer is out for."""
    team = funnel(store)
    rep = taken(team)
    undone = team.undo("ada", by="ann", why="misclick", now=MONDAY + 2 * HOUR)
    assert (undone.stage, undone.journey.episode) == ("mql", 2)
    assert [h.state for h in team.handoffs()] == ["closed", "offered"]
    assert to_rep(undone) == rep  # Who had it is asked first.
    assert team.accept("ada", by=rep, now=MONDAY + 3 * HOUR).stage == "sal"


def test_who_was_put_out_by_mistake_is_offered_anew(store):
    team = funnel(store)
    rep = to_rep(qualify(team))
    team.reject("ada", by=rep, reason="student", now=MONDAY + HOUR)
    undone = team.undo("ada", by="ann", why="wrong row", now=MONDAY + 2 * HOUR)
    assert (undone.stage, undone.handoff.state) == ("mql", "offered")


def test_a_lead_that_goes_away_takes_its_offer_along(store):
    team = funnel(store)
    rep = to_rep(qualify(team))
    gone = team.fire("ada", "disqualified", by="ann", now=MONDAY + HOUR)
    assert gone.handoff.state == "closed"
    assert kinds(gone.effects) == ["entered", "withdrawn"]
    assert team.feedback() == ()
    with pytest.raises(IllegalHandoffError):
        team.accept("ada", by=rep, now=MONDAY + HOUR)


def test_an_offer_ends_when_the_lead_left_however_late_the_tick(store):
    """A lead that fell below the line between two ticks: deadlines and moves in their order."""
    team = funnel(store, handoff=attrs.evolve(POLICY, sla=patient(offer=60 * DAY)))
    qualify(team)
    team.tick(MONDAY + 50 * DAY)
    (handoff,) = team.handoffs()
    assert handoff.closed_at == MONDAY + 17 * DAY, "ten days of the demo and seven of dwell"


def patient(**spans):
    given = {"offer": 2 * HOUR, "first_touch": 8 * HOUR, **spans}
    return SlaPolicy([Target(name="all", **given)], Calendar.always())


def test_the_lead_goes_to_somebody_else(store):
    team = funnel(store)
    rep = taken(team)
    given = team.reassign("ada", by="head", why="ill", now=MONDAY + 2 * HOUR)
    assert (to_rep(given), given.handoff.state) == (other(rep), "offered")
    again = team.accept("ada", by=other(rep), now=MONDAY + 3 * HOUR)
    assert (again.stage, row(team, "ada").owner) == ("sal", other(rep))
    with pytest.raises(IllegalHandoffError):
        team.attempt("ada", by=rep, now=MONDAY + 4 * HOUR)


def test_what_is_told_late_is_offered_from_now_on(store):
    """Given back at noon, told in the evening: nobody is asked at an hour that is over."""
    team = funnel(store)
    rep = taken(team)
    at, now = MONDAY + 2 * HOUR, MONDAY + 9 * HOUR
    back = team.close("ada", by=rep, reason="not mine", at=at, now=now)
    assert back.handoff.endings[0].at == at
    assert [offer.ended for offer in back.handoff.offers] == ["accepted", ""]
    assert (back.handoff.offer.to, back.handoff.offer.at) == (other(rep), now)
    wake = row(team, "ada").wake
    assert wake is not None
    assert wake > now


def test_a_pause_stops_the_clocks(store):
    team = funnel(store)
    rep = taken(team)
    paused = team.pause("ada", by=rep, why="on holiday", now=MONDAY + 2 * HOUR)
    assert paused.handoff.pause.why == "on holiday"
    assert "breached" not in kinds(team.tick(MONDAY + 2 * DAY).effects)
    resumed = team.resume("ada", by=rep, now=MONDAY + 2 * DAY)
    assert resumed.handoff.pause is None
    assert not team.resume("ada", by=rep, now=MONDAY + 2 * DAY).new
    until = MONDAY + 4 * DAY
    team.pause("ada", by=rep, why="again", until=until, now=MONDAY + 2 * DAY + HOUR)
    team.tick(until)
    assert team.lead("ada", now=until).handoff.pause is None


def test_who_waits_in_the_queue_is_taken():
    nobody = attrs.evolve(POLICY, routing=Routing([Rep("grace", capacity=1)]))
    team = funnel(handoff=nobody)
    qualify(team, "ada")
    assert qualify(team, "bea").handoff.state == "queued"
    took = team.take("bea", by="grace", now=MONDAY + MINUTE)
    assert (took.stage, took.handoff.owner) == ("sal", "grace")
    with pytest.raises(UnknownNameError):
        team.take("bea", by="gracy", now=MONDAY + MINUTE)
    with pytest.raises(IllegalHandoffError):
        team.take("ada", by="grace", now=MONDAY + MINUTE)


def test_there_must_be_a_handoff():
    team = funnel()
    team.record("ada", now=MONDAY)
    with pytest.raises(LeadDataError, match="was not handed off"):
        team.accept("ada", by="grace", now=MONDAY)
    with pytest.raises(LeadDataError, match="nothing is recorded"):
        team.accept("nobody", by="grace", now=MONDAY)


def test_handoffs_of_a_period(store):
    team = funnel(store)
    qualify(team, "ada")
    qualify(team, "bea", MONDAY + DAY)
    assert [h.lead_id for h in team.handoffs(since=MONDAY + HOUR)] == ["bea"]
    assert [h.lead_id for h in team.handoffs(until=MONDAY + HOUR)] == ["ada"]
    assert team.feedback(since=MONDAY + HOUR) == ()


# -- ready for sales -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ready", "b2b"])
def test_an_mql_is_offered_only_when_it_is_ready(store, name):
    """Two definitions, whatever they are called, and two lines that never blur."""
    team = funnel(store, ready=readiness(name))
    mql = qualify(team)
    assert (mql.stage, mql.handoff) == ("mql", None)
    assert "ready" not in kinds(mql.effects)
    ready = team.learn("ada", {"wants_call": True}, now=MONDAY + HOUR)
    assert kinds(ready.effects) == ["crossed", "ready", "offered"]
    lines = [f.data["line"] for f in team.history("ada") if f.kind == "crossed"]
    assert lines == ["qualified", "ready"]
    unready = team.learn("ada", {"wants_call": False}, now=MONDAY + 90 * MINUTE)
    assert kinds(unready.effects) == ["crossed"]
    assert unready.handoff.state == "offered", "an offer that stands is answered or lapses"


def test_who_must_never_be_called_is_not_ready(store):
    """The line of readiness has an outside too; only coming up to it and leaving it are told."""
    called = attrs.evolve(readiness(), never={"blocked": attribute("blocked").is_true()})
    team = funnel(store, ready=called)
    team.learn("ada", {"wants_call": False, "blocked": True}, now=MONDAY)
    team.learn("ada", {"blocked": False}, now=MONDAY + HOUR)
    assert told(team, "ada", "crossed", "ready") == ["crossed", "crossed"]
    team.learn("ada", {"wants_call": True}, now=MONDAY + 2 * HOUR)
    assert told(team, "ada", "ready") == ["ready"]


def test_who_is_ready_and_no_mql_is_not_offered(store):
    team = funnel(store, ready=readiness())
    early = team.learn("ada", {"wants_call": True, "email": "a@shop.example"}, now=MONDAY)
    assert (early.stage, early.handoff) == ("lead", None)
    assert kinds(early.effects)[1:] == ["crossed", "ready", "entered"]
    offered = team.record("ada", demo(), now=MONDAY + HOUR)
    assert kinds(offered.effects) == ["crossed", "qualified", "entered", "offered"]
    assert stages(team, "ada", MONDAY + HOUR) == ["visitor", "lead", "mql"]
