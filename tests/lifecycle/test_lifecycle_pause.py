"""A pause stops the clock of a stay: what was left counts on afterwards, the waits go on."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqlkit import Calendar
from mqlkit.lifecycle import Event, Journey, Lifecycle, Settled, Stage, Transition

LAWS = (148, 149)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
OFFICE = Calendar("UTC", {"mon-fri": "09:00-17:00"})


def lifecycle(*, business=False):
    return Lifecycle(
        "timed",
        [
            Stage("lead"),
            Stage("sal", "sla", within=8 * HOUR, warn_before=2 * HOUR, business=business),
            Stage("sql", "sla", within=8 * HOUR),
            Stage("won", "terminal"),
            Stage("rest", cool_down=90 * DAY),
        ],
        [
            Transition("accepted", "lead", "sal"),
            Transition("verified", "sal", "sql"),
            Transition("doubted", "sal", "lead", dwell=3 * HOUR),
            Transition("won", "sql", "won"),
            Transition("expired", ["sal", "sql"], "rest"),
            Transition("again", "rest", "lead"),
        ],
        path=["lead", "sal", "sql", "won"],
        calendar=OFFICE,
    )


def accepted(table, at=MONDAY):
    began = table.begin("ada", at).journey
    return table.step(began, Event("accepted", at)).journey


def went(journey):
    return [(line.fired or line.event.trigger, line.event.at) for line in journey.history]


def test_nothing_goes_off_while_the_clock_stands_still():
    table = lifecycle()
    paused = table.pause(accepted(table), MONDAY + HOUR, by="rep", why="on holiday").journey
    assert (paused.paused, paused.next_wake()) == (MONDAY + HOUR, None)
    assert table.tick(paused, MONDAY + 30 * DAY).settled == ()


def test_what_was_left_counts_on():
    table = lifecycle()
    paused = table.pause(accepted(table), MONDAY + HOUR).journey
    resumed = table.resume(paused, MONDAY + 10 * DAY).journey
    assert resumed.paused is None
    assert resumed.here.due == MONDAY + 10 * DAY + 7 * HOUR
    assert resumed.here.warns_at == MONDAY + 10 * DAY + 5 * HOUR
    gone = table.tick(resumed, MONDAY + 11 * DAY).journey
    assert (gone.stage, gone.since) == ("rest", MONDAY + 10 * DAY + 7 * HOUR)


def test_what_was_left_is_business_time_where_the_stage_counts_so():
    table = lifecycle(business=True)
    paused = table.pause(accepted(table), MONDAY + 6 * HOUR).journey
    friday = datetime(2026, 3, 6, 16, tzinfo=UTC)
    resumed = table.resume(paused, friday).journey
    assert resumed.here.due == datetime(2026, 3, 9, 10, tzinfo=UTC), "an hour on Friday, one on"


def test_a_warning_that_was_told_is_not_told_again():
    table = lifecycle()
    warned = table.tick(accepted(table), MONDAY + 6 * HOUR).journey
    paused = table.pause(warned, MONDAY + 7 * HOUR).journey
    resumed = table.resume(paused, MONDAY + DAY).journey
    assert resumed.timers() == [(MONDAY + DAY + HOUR, "expired")]
    assert resumed.here.warns_at == MONDAY + 6 * HOUR


def test_what_is_due_when_it_is_stopped_is_due_when_it_goes_on():
    table = lifecycle()
    paused = table.pause(accepted(table), MONDAY + 8 * HOUR).journey
    assert paused.stage == "sal", "done when it is due is done in time"
    resumed = table.resume(paused, MONDAY + DAY).journey
    assert resumed.here.due == MONDAY + DAY


def test_what_was_due_before_goes_off_first():
    table = lifecycle()
    late = table.pause(accepted(table), MONDAY + DAY)
    assert [line.fired for line in late.settled] == ["warning", "expired", ""]
    assert late.journey.stage == "rest"


def test_waits_go_on():
    table = lifecycle()
    doubted = table.step(accepted(table), Event("doubted", MONDAY)).journey
    paused = table.pause(doubted, MONDAY + HOUR).journey
    assert paused.next_wake() == MONDAY + 3 * HOUR
    left = table.resume(paused, MONDAY + DAY)
    assert went(left.journey)[-2:] == [
        ("move", MONDAY + 3 * HOUR),
        ("resumed", MONDAY + DAY),
    ]
    assert (left.journey.stage, left.journey.here.due) == ("lead", None)


def test_the_clock_of_the_next_stage_stands_still_as_well():
    table = lifecycle()
    paused = table.pause(accepted(table), MONDAY + HOUR).journey
    moved = table.step(paused, Event("verified", MONDAY + 2 * HOUR)).journey
    assert (moved.stage, moved.next_wake()) == ("sql", None)
    resumed = table.resume(moved, MONDAY + 5 * HOUR).journey
    assert resumed.here.due == MONDAY + 5 * HOUR + 8 * HOUR


def test_a_second_pause_and_a_second_end_change_nothing():
    table = lifecycle()
    ada = accepted(table)
    assert table.resume(ada, MONDAY).settled == ()
    paused = table.pause(ada, MONDAY + HOUR).journey
    assert table.pause(paused, MONDAY + 2 * HOUR).settled == ()


def test_a_pause_that_ends_before_it_began_by_somebody_elses_clock_ends_at_once():
    table = lifecycle()
    paused = table.pause(accepted(table), MONDAY + 2 * HOUR).journey
    assert table.resume(paused, MONDAY + HOUR).journey.here == accepted(table).here


def test_a_stage_that_is_gone_counts_on_by_the_wall():
    table = lifecycle(business=True)
    paused = table.pause(accepted(table), MONDAY + HOUR).journey
    bare = Lifecycle(
        "bare", [Stage("lead"), Stage("won", "terminal")], [Transition("won", "lead", "won")]
    )
    resumed = bare.resume(paused, MONDAY + 10 * DAY).journey
    assert resumed.here.due == MONDAY + 10 * DAY + 7 * HOUR


def test_a_pause_says_who_and_why():
    table = lifecycle()
    (line,) = table.pause(accepted(table), MONDAY, by="rep", why="on holiday").settled
    assert (line.clock, line.event.by, line.event.why) == ("paused", "rep", "on holiday")


def kept(journey):
    return [(line.to_dict(), line.event.at, line.event.id) for line in journey.history]


def test_it_folds_without_the_lifecycle():
    table = lifecycle()
    paused = table.pause(accepted(table), MONDAY + HOUR).journey
    moved = table.step(paused, Event("verified", MONDAY + 2 * HOUR)).journey
    for journey in (paused, moved, table.resume(moved, MONDAY + DAY).journey):
        read = Journey.of("ada", [Settled.from_dict(*line) for line in kept(journey)])
        assert read == journey


@pytest.mark.parametrize("key", ["clock", "stay"])
def test_a_line_of_before_has_neither(key):
    table = lifecycle()
    assert all(key not in line.to_dict() for line in accepted(table).history)


hours = st.integers(0, 40).map(lambda n: n * HOUR)


@given(st.lists(hours, min_size=2, max_size=9).map(sorted))
def test_as_much_time_counts_as_without_pauses(turns):
    """The clock runs for eight hours in all, however often it stood still."""
    table = lifecycle()
    journey, runs, since = accepted(table), timedelta(0), MONDAY
    for number, turn in enumerate(turns):
        at = MONDAY + turn
        if number % 2:
            journey, since = table.resume(journey, at).journey, at
        else:
            if runs + (at - since) > 8 * HOUR:
                break
            runs += at - since
            journey = table.pause(journey, at).journey
    journey = table.resume(journey, max(since, journey.paused or since)).journey
    assert journey.stage == "sal"
    assert journey.here.due == max(since, journey.history[-1].event.at) + (8 * HOUR - runs)
