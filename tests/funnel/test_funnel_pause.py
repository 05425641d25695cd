"""A pause of a handoff stops every clock: the deadlines of its rep, and the time of the stage."""

import attrs
import pytest
from funnel.sales_team import (
    COOL_DOWN,
    DAY,
    HOUR,
    MINUTE,
    MONDAY,
    content,
    funnel,
    kinds,
    qualify,
    row,
    to_rep,
)

from mqlkit.funnel.state import LeadState
from mqlkit.funnel.work import Work
from mqlkit.lifecycle import Journey, standard
from mqlkit.store import MemoryStore

LAWS = (148, 169, 171)

WITHIN = 4 * DAY
TABLE = standard(cool_down=COOL_DOWN, verify_within=WITHIN)


def taken(store):
    team = funnel(store, lifecycle=TABLE)
    rep = to_rep(qualify(team))
    team.accept("ada", by=rep, now=MONDAY)
    return team, rep


def test_the_stage_does_not_run_out_while_the_handoff_is_paused(store):
    team, rep = taken(store)
    until = MONDAY + 14 * DAY
    paused = team.pause("ada", by=rep, why="call in March", until=until, now=MONDAY + DAY)
    assert paused.journey.paused == MONDAY + DAY
    assert team.tick(until - MINUTE).effects[-1].kind == "crossed", "it goes on being decided"
    there = team.lead("ada", now=until - MINUTE)
    assert (there.stage, there.handoff.state) == ("sal", "accepted")
    team.tick(until)
    back = team.lead("ada", now=until)
    assert (back.stage, back.handoff.pause, back.journey.paused) == ("sal", None, None)
    assert back.journey.here.due == until + WITHIN - DAY, "what was left counts on"


def test_however_late_the_tick_the_pause_ends_when_it_was_to_end(store):
    team, rep = taken(store)
    until = MONDAY + 3 * DAY
    team.pause("ada", by=rep, why="ill", until=until, now=MONDAY + DAY)
    team.attempt("ada", by=rep, reached=True, now=MONDAY + DAY)
    team.tick(MONDAY + 30 * DAY)
    gone = team.lead("ada", now=MONDAY + 30 * DAY)
    assert (gone.stage, gone.journey.since) == ("recycled", until + WITHIN - DAY)


def test_a_rep_lets_the_clocks_go_on(store):
    team, rep = taken(store)
    team.pause("ada", by=rep, why="ill", now=MONDAY + DAY)
    back = team.resume("ada", by=rep, now=MONDAY + 3 * DAY)
    assert back.journey.here.due == MONDAY + 3 * DAY + WITHIN - DAY
    assert [f.data["event"] for f in back.facts if f.kind == "journey"] == [
        {"trigger": "resumed", "by": rep}
    ]
    assert back.wake == row(team, "ada").wake


@pytest.mark.parametrize(
    "ends",
    [
        lambda team, rep, now: team.reassign("ada", by="head", why="ill", now=now),
        lambda team, rep, now: team.close("ada", by=rep, outcome="verified", now=now),
        lambda team, rep, now: team.fire("ada", "recycled", by=rep, now=now),
    ],
    ids=["reassigned", "closed", "withdrawn"],
)
def test_a_pause_ends_with_what_was_paused(store, ends):
    """Nobody's clock stands still for good because a handoff went away."""
    team, rep = taken(store)
    team.pause("ada", by=rep, why="ill", now=MONDAY + DAY)
    ended = ends(team, rep, MONDAY + 2 * DAY)
    assert ended.journey.paused is None
    assert (ended.handoff.pause, ended.stage != "sal" or ended.wake is not None) == (None, True)


def test_a_merge_ends_the_pause_of_the_duplicate(store):
    team, rep = taken(store)
    team.pause("ada", by=rep, why="ill", now=MONDAY + DAY)
    qualify(team, "bea", MONDAY + DAY)
    team.accept("bea", by=team.lead("bea", now=MONDAY + DAY).handoff.holder, now=MONDAY + DAY)
    team.merge("ada", "bea", now=MONDAY + DAY + HOUR)
    state = LeadState("ada", team.history("ada"))
    assert state.journey.paused is None


def test_what_is_recorded_of_a_pause_folds_to_the_journey(store):
    team, rep = taken(store)
    team.pause("ada", by=rep, why="ill", until=MONDAY + 2 * DAY, now=MONDAY + DAY)
    for now in (MONDAY + DAY, MONDAY + 2 * DAY):
        team.tick(now)
        shown = team.lead("ada", now=now)
        assert LeadState("ada", team.history("ada")).journey == shown.journey
        assert Journey.of("ada", shown.journey.history) == shown.journey


def test_a_pause_that_was_recorded_before_stages_knew_of_it_ends_as_it_did(store):
    """A handoff that is paused and a journey that is not: the end of the pause changes nothing."""
    team, rep = taken(store)
    team.pause("ada", by=rep, why="ill", now=MONDAY + HOUR)
    kept = [f for f in team.history("ada") if not f.id.startswith("journey/raised/paused")]
    assert len(kept) == len(team.history("ada")) - 1
    older = funnel(lifecycle=TABLE)
    last = attrs.evolve(row(team, "ada"), version=len(kept))
    with older.store.transaction() as tx:
        tx.append(last, kept, expected=0)
        for handoff in team.store.handoffs():
            tx.hand_off(handoff)
    back = older.resume("ada", by=rep, now=MONDAY + 2 * HOUR)
    assert (back.handoff.pause, back.journey.here.due) == (None, MONDAY + WITHIN)


def test_it_is_told_once(store):
    team, rep = taken(store)
    team.pause("ada", by=rep, why="ill", now=MONDAY + DAY)
    before = content(team.history("ada"))
    again = team.pause("ada", by=rep, why="ill", now=MONDAY + DAY)
    assert (kinds(again.effects), content(team.history("ada"))) == ([], before)


def test_a_liar_that_stops_the_clocks_of_the_handoff_alone_is_caught(monkeypatch):
    monkeypatch.setattr(Work, "_stop_or_go", lambda work, handoff, event: None)
    with pytest.raises(AssertionError):
        test_a_rep_lets_the_clocks_go_on(MemoryStore())
