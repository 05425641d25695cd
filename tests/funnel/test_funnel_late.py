"""Commands that are told late: done at their own time, against nothing that was not recorded."""

import pytest
from funnel.sales_team import DAY, HOUR, MINUTE, MONDAY, demo, funnel, qualify, to_rep, told
from hypothesis import given, settings
from hypothesis import strategies as st

from mqlkit.funnel.work import Work
from mqlkit.handoff import IllegalHandoffError
from mqlkit.lifecycle import IllegalMoveError, standard
from mqlkit.store import MemoryStore

LAWS = (83, 149, 162, 170)


def offered(store=None, **others):
    team = funnel(store, **others)
    return team, to_rep(qualify(team))


def test_an_acceptance_in_time_counts_however_late_it_is_told(store):
    """Law 162: the offer ran out at eleven; it was taken at ten, and nobody had looked since."""
    team, rep = offered(store)
    taken = team.accept("ada", by=rep, at=MONDAY + HOUR, now=MONDAY + 5 * HOUR)
    assert (taken.stage, taken.handoff.owner) == ("sal", rep)
    assert taken.journey.since == MONDAY + HOUR
    assert told(team, "ada", "lapsed") == []


@pytest.mark.parametrize(
    "answer",
    [
        lambda team, rep, **at: team.reject("ada", by=rep, reason="not mine", **at),
        lambda team, rep, **at: team.accept("ada", by=rep, **at),
    ],
    ids=["reject", "accept"],
)
def test_what_is_recorded_stands_against_it(store, answer):
    team, rep = offered(store)
    team.tick(MONDAY + 3 * HOUR)
    before = team.history("ada")
    with pytest.raises(IllegalHandoffError, match="lapsed"):
        answer(team, rep, at=MONDAY + HOUR, now=MONDAY + 5 * HOUR)
    assert team.history("ada") == before


def test_a_rejection_in_time_is_one_and_the_next_is_asked_now(store):
    team, rep = offered(store)
    now = MONDAY + 5 * HOUR
    back = team.reject("ada", by=rep, reason="not mine", at=MONDAY + HOUR, now=now)
    assert [offer.ended for offer in back.handoff.offers] == ["rejected", ""]
    assert (back.handoff.offers[0].ended_at, back.handoff.offer.at) == (MONDAY + HOUR, now)


def test_an_end_in_time_is_no_breach(store):
    """The outcome was due on Friday morning; it came on Thursday and was told a week later."""
    team, rep = offered(store)
    team.accept("ada", by=rep, now=MONDAY)
    team.attempt("ada", by=rep, reached=True, now=MONDAY + HOUR)
    closed = team.close(
        "ada", by=rep, outcome="verified", at=MONDAY + 3 * DAY, now=MONDAY + 10 * DAY
    )
    assert (closed.stage, closed.handoff.closed_at) == ("sql", MONDAY + 3 * DAY)
    assert told(team, "ada", "breached") == []


def test_an_event_in_time_keeps_the_stage_from_running_out(store):
    team = funnel(store, handoff=None, lifecycle=standard(cool_down=DAY, verify_within=4 * DAY))
    qualify(team)
    team.fire("ada", "accepted", now=MONDAY)
    won = team.fire("ada", "verified", at=MONDAY + 2 * DAY, now=MONDAY + 9 * DAY)
    assert (won.stage, won.journey.since) == ("sql", MONDAY + 2 * DAY)
    moved = team.move(
        "ada", "mql", by="ann", why="a mistake", at=MONDAY + 3 * DAY, now=MONDAY + 9 * DAY
    )
    assert moved.journey.since == MONDAY + 3 * DAY


def test_after_it_time_passes_up_to_now(store):
    """Law 149: what comes due between then and now is recorded with its own instant."""
    team, rep = offered(store)
    taken = team.accept("ada", by=rep, at=MONDAY + HOUR, now=MONDAY + 2 * DAY)
    breach = next(d for d in taken.handoff.deadlines if d.name == "first touch")
    assert breach.breached_at == MONDAY + 9 * HOUR
    assert taken.decision.as_of == MONDAY + 2 * DAY
    assert taken.wake is None or taken.wake > MONDAY + 2 * DAY


def test_it_is_known_from_when_it_was_told(store):
    """Law 83: at noon nobody knew of the acceptance of ten o'clock that was told in the evening."""
    team, rep = offered(store)
    team.accept("ada", by=rep, at=MONDAY + HOUR, now=MONDAY + 5 * HOUR)
    noon = team.decide("ada", as_of=MONDAY + 3 * HOUR, known_at=MONDAY + 3 * HOUR)
    today = team.decide("ada", as_of=MONDAY + 3 * HOUR)
    assert (noon.snapshot.stage(), today.snapshot.stage()) == ("mql", "sal")
    recorded = [fact.recorded_at for fact in team.history("ada")]
    assert recorded == sorted(recorded)


def test_told_again_it_changes_nothing(store):
    """Law 170."""
    team, rep = offered(store)
    team.accept("ada", by=rep, at=MONDAY + HOUR, now=MONDAY + 5 * HOUR)
    again = team.accept("ada", by=rep, at=MONDAY + HOUR, now=MONDAY + 5 * HOUR + MINUTE)
    assert not again.new


def test_a_refused_one_leaves_nothing(store):
    """Law 143: nor does the time that passed on the way to it."""
    team, _ = offered(store)
    before = team.history("ada")
    with pytest.raises(IllegalMoveError):
        team.fire("ada", "nonsense", at=MONDAY + HOUR, now=MONDAY + 9 * DAY)
    assert team.history("ada") == before


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 30),
    st.sampled_from(["accepted", "verified", "lost", "recycled", "disqualified"]),
    st.integers(0, 20),
)
def test_told_late_an_event_comes_to_the_same_as_told_at_once(day, trigger, late):
    """Nobody looked in between, so nothing recorded stands against it."""
    teams = [funnel(handoff=None), funnel(handoff=None)]
    outcomes = []
    for team in teams:
        team.learn("ada", {"email": "a@shop.example"}, now=MONDAY)
        for n in range(4):
            team.record("ada", demo(MONDAY + n * 9 * DAY, f"d{n}"), now=MONDAY)
    at = MONDAY + day * DAY + HOUR
    for team, now in zip(teams, (at, at + late * DAY), strict=True):
        try:
            team.fire("ada", trigger, at=at, now=now)
        except IllegalMoveError as error:
            outcomes.append(error.stage)
    assert len(outcomes) in (0, 2)
    end = MONDAY + 90 * DAY
    for team in teams:
        team.tick(end)
    shown = [team.lead("ada", now=end).journey.entries for team in teams]
    journeys = [[(entry.stage, entry.at) for entry in entries] for entries in shown]
    assert journeys[0] == journeys[1]


# -- liars -----------------------------------------------------------------------------------------


def first_the_time(work, at, command):
    """Law 162: it lets all of the time pass before it listens."""
    work.arrive(due_now=False)
    command()


def as_known_then(work, at, command):
    """Law 83: it records what it is told as if it had known it at once."""
    until, work.now = work.now, at
    command()
    work.look(offers=False)
    work.now = until


@pytest.mark.parametrize(
    ("liar", "law"),
    [
        (first_the_time, test_an_acceptance_in_time_counts_however_late_it_is_told),
        (as_known_then, test_it_is_known_from_when_it_was_told),
    ],
    ids=["first the time", "as known then"],
)
def test_a_liar_is_caught(monkeypatch, liar, law):
    monkeypatch.setattr(Work, "do", liar)
    with pytest.raises((AssertionError, IllegalHandoffError)):
        law(MemoryStore())
