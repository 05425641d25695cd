"""Clocks over business hours: their states, their pauses, and what a change does to them."""

import copy
import pickle
from datetime import UTC, date, datetime, timedelta

import attrs
import pytest

from mqlkit.calendar import Calendar
from mqlkit.clock import HOWS, Clock, Lap, Pause
from mqlkit.errors import DefinitionError, KindError, NaiveTimeError, UnknownNameError

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
BERLIN = Calendar("Europe/Berlin", {"mon-fri": "09:00-17:00"})
LONGER = Calendar("Europe/Berlin", {"mon-sat": "08:00-20:00"})
ALWAYS = Calendar.always()


def at(day, hour, minute=0):
    """A time in November 2026 by Berlin's clock; the 20th is a Friday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - HOUR


CLOCK = Clock(BERLIN, at(20, 16), 2 * HOUR, warn_before=HOUR / 2)


# -- its states ----------------------------------------------------------------------------------


def test_a_clock_runs_warns_and_breaches():
    told = {
        at(19, 9): "running",
        at(20, 16): "running",
        at(23, 9, 29): "running",
        at(23, 9, 30): "warning",
        at(23, 10): "warning",
        at(23, 10) + TICK: "breached",
        at(30, 9): "breached",
    }
    assert {now: CLOCK.state(now) for now in told} == told
    assert (CLOCK.due, CLOCK.warns_at) == (at(23, 10), at(23, 9, 30))


def test_what_elapsed_and_what_remains():
    told = [(19, 9), (20, 16), (20, 17), (22, 12), (23, 9, 30), (23, 10), (23, 12)]
    halves = [0, 0, 2, 2, 3, 4, 8]
    for now, half in zip(told, halves, strict=True):
        assert CLOCK.elapsed(at(*now)) == half * HOUR / 2
        assert CLOCK.remaining(at(*now)) == 2 * HOUR - half * HOUR / 2


def test_it_wakes_when_something_may_change():
    turns = [at(20, 16)]
    while turns[-1] is not None:
        turns.append(CLOCK.next_wake(turns[-1]))
    assert turns == [at(20, 16), at(23, 9, 30), at(23, 10) + TICK, None]


def test_met_in_time_and_met_late():
    for done, state in ((at(20, 16), "met"), (at(23, 10), "met"), (at(23, 10) + TICK, "met late")):
        met = CLOCK.meet(done)
        assert met.state(done) == met.state(at(30, 9)) == state
        assert met.state(done - TICK) == CLOCK.state(done - TICK)
        assert met.elapsed(at(30, 9)) == CLOCK.elapsed(done)
        assert met.next_wake(done) is None
        assert met.next_wake(done - TICK) == done


def test_the_earlier_meeting_holds():
    late = CLOCK.meet(at(24, 9))
    assert late.state(at(25, 9)) == "met late"
    assert late.meet(at(20, 17)).state(at(25, 9)) == "met"
    assert late.meet(at(20, 17)) == CLOCK.meet(at(20, 17)) == CLOCK.meet(at(20, 17)).meet(at(24, 9))


def test_no_warning_unless_asked_for():
    silent = attrs.evolve(CLOCK, warn_before=None)
    assert silent.warns_at is None
    assert silent.state(silent.due) == "running"
    assert silent.next_wake(at(20, 16)) == silent.due + TICK


def test_no_target_is_due_at_once():
    now = at(21, 12)
    instant = Clock(BERLIN, now, timedelta(), pauses=[Pause(now, None, "on leave")])
    assert instant.due == now
    assert instant.state(now) == "paused"
    assert instant.state(now + TICK) == "breached"


def test_a_clock_may_be_due_at_the_last_instant():
    last = datetime.max.replace(tzinfo=UTC)
    clock = Clock(ALWAYS, last - HOUR, HOUR)
    assert clock.due == last
    assert clock.next_wake(last - HOUR) == last
    assert clock.next_wake(last) is None
    assert clock.state(last) == "running"


# -- pauses --------------------------------------------------------------------------------------


def test_a_pause_moves_what_is_due():
    paused = CLOCK.pause(at(20, 16, 30), "waits for the customer")
    assert paused.due is None
    assert paused.warns_at is None
    assert paused.state(at(20, 16, 29)) == "running"
    assert paused.state(at(20, 16, 30)) == paused.state(at(30, 9)) == "paused"
    assert paused.elapsed(at(30, 9)) == HOUR / 2
    assert paused.next_wake(at(20, 16)) == at(20, 16, 30)
    assert paused.next_wake(at(20, 16, 30)) is None
    resumed = paused.resume(at(24, 12))
    assert resumed.due == at(24, 13, 30)
    assert resumed.warns_at == at(24, 13)
    assert [resumed.state(at(24, hour)) for hour in (11, 12, 13, 14)] == [
        "paused", "running", "warning", "breached",
    ]  # fmt: skip
    assert resumed.pauses == (Pause(at(20, 16, 30), at(24, 12), "waits for the customer"),)


def test_pauses_are_a_union():
    both = CLOCK.pause(at(20, 16), "on leave").pause(at(20, 16, 30), "waits for the customer")
    one = both.resume(at(23, 12), "on leave")
    assert one.state(at(23, 12)) == "paused"
    assert one.due is None
    none = one.resume(at(23, 14))
    assert none.due == at(23, 16)
    assert both.resume(at(23, 14)).due == at(23, 16)
    inner = attrs.evolve(none, pauses=[*none.pauses, Pause(at(20, 18), at(20, 19), "lunch")])
    assert inner.due == none.due


def test_a_pause_that_is_told_again_earlier_starts_earlier():
    late = CLOCK.pause(at(20, 17), "on leave")
    assert late.pause(at(20, 16), "on leave") == CLOCK.pause(at(20, 16), "on leave")
    other = late.pause(at(20, 16, 30), "waits for the customer")
    assert other.pause(at(20, 16), "on leave").resume(at(23, 10)) == CLOCK.pause(
        at(20, 16), "on leave"
    ).pause(at(20, 16, 30), "waits for the customer").resume(at(23, 10))
    with pytest.raises(NaiveTimeError):
        late.pause(datetime(2026, 11, 20, 18), "on leave")


def test_pausing_twice_for_one_reason_is_pausing_once():
    once = CLOCK.pause(at(20, 16), "on leave")
    assert once.pause(at(20, 17), "on leave") == once
    again = once.resume(at(23, 9)).pause(at(23, 9, 30), "on leave").resume(at(23, 10))
    assert len(again.pauses) == 2
    assert again.due == at(23, 11, 30)


def test_a_breach_outlasts_a_later_pause():
    assert CLOCK.pause(at(23, 12), "on leave").state(at(23, 13)) == "breached"


def test_a_clock_met_in_a_pause_is_met_in_time():
    paused = CLOCK.pause(at(20, 16, 30), "waits for the customer").meet(at(28, 9))
    assert paused.state(at(28, 9)) == "met"
    assert paused.elapsed(at(30, 9)) == HOUR / 2
    assert paused.next_wake(at(20, 16)) == at(20, 16, 30)


def test_the_order_of_pauses_is_no_part_of_the_value():
    a, b = Pause(at(20, 16), None, "a"), Pause(at(20, 16), at(20, 17), "b")
    assert attrs.evolve(CLOCK, pauses=[a, b, a]) == attrs.evolve(CLOCK, pauses=(b, a))


# -- a change while it runs ----------------------------------------------------------------------


def test_keeping_what_elapsed_is_the_default():
    changed = CLOCK.retarget(at(20, 16, 30), calendar=LONGER)
    assert changed.elapsed(at(20, 17)) == HOUR
    assert changed.due == at(20, 18)
    assert changed == CLOCK.retarget(at(20, 16, 30), calendar=LONGER, how="keep elapsed")
    assert changed.earlier == (Lap(BERLIN, at(20, 16, 30)),)
    over_night = CLOCK.retarget(at(21, 9), calendar=LONGER)
    assert over_night.elapsed(at(21, 9)) == HOUR  # not the three of Friday evening
    assert over_night.due == at(21, 10)


def test_two_changes_each_count_their_time():
    twice = CLOCK.retarget(at(20, 16, 30), calendar=ALWAYS).retarget(at(20, 17), calendar=BERLIN)
    assert twice.elapsed(at(20, 16, 15)) == HOUR / 4
    assert twice.elapsed(at(20, 16, 45)) == HOUR * 3 / 4
    assert twice.elapsed(at(22, 12)) == HOUR
    assert twice.due == at(23, 10)
    paused = twice.pause(at(20, 16, 45), "on leave").resume(at(20, 17))
    assert paused.due == at(23, 10, 15)


def test_recompute_is_as_if_it_had_been_so_from_the_start():
    anew = CLOCK.retarget(at(23, 9, 30), calendar=LONGER, how="recompute")
    assert anew == Clock(LONGER, at(20, 16), 2 * HOUR, warn_before=HOUR / 2)
    assert anew.state(at(23, 9, 30)) == "breached"


def test_frozen_is_as_promised():
    assert CLOCK.retarget(at(20, 17), calendar=LONGER, target=HOUR, how="frozen") == CLOCK


def test_a_longer_target_leaves_more():
    assert CLOCK.retarget(at(23, 9), target=3 * HOUR).due == at(23, 11)


def test_a_target_made_too_short_is_due_when_it_is_made():
    short = CLOCK.retarget(at(23, 9, 30), target=HOUR)
    assert short.due == at(23, 9, 30)
    assert short.state(at(23, 9, 30)) == "warning"
    assert short.next_wake(at(23, 9, 30)) == at(23, 9, 30) + TICK
    tiny = CLOCK.retarget(at(23, 9, 30), target=HOUR / 4)
    assert tiny.warn_before == HOUR / 4
    assert tiny.due == at(23, 9, 30)
    assert CLOCK.retarget(at(20, 16), target=timedelta()).due == at(20, 16)


def test_what_is_overdue_stays_so_unless_it_is_recomputed():
    now = at(23, 11)
    assert CLOCK.retarget(now, target=8 * HOUR) == CLOCK
    assert CLOCK.retarget(now, target=8 * HOUR, how="recompute").state(now) == "running"
    on_time = CLOCK.retarget(at(23, 10), target=3 * HOUR)
    assert on_time.due == at(23, 11)


def test_a_paused_clock_may_be_changed():
    paused = CLOCK.pause(at(20, 16, 30), "on leave").retarget(at(23, 9), calendar=ALWAYS)
    assert paused.due is None
    assert paused.resume(at(23, 9)).due == at(23, 10, 30)


def test_without_a_warning_there_is_none_after_a_change():
    silent = attrs.evolve(CLOCK, warn_before=None)
    assert silent.retarget(at(20, 17), target=HOUR).warn_before is None
    assert CLOCK.retarget(at(20, 17), calendar=LONGER).warn_before == HOUR / 2


# -- what it refuses -----------------------------------------------------------------------------

MET = CLOCK.meet(at(23, 9))
PAUSED = CLOCK.pause(at(20, 16), "on leave")
START = "2026-11-20 15:00:00 UTC"


@pytest.mark.parametrize(
    ("error", "ask", "says"),
    [
        (KindError, lambda: Clock("UTC", at(20, 16), HOUR), 'wanted a Calendar, not "UTC"'),
        (KindError, lambda: Clock(BERLIN, at(20, 16), 2), "target is a timedelta, not 2"),
        (
            DefinitionError,
            lambda: Clock(BERLIN, at(20, 16), -HOUR),
            "target is a timedelta of zero or more, not -0.04 days",
        ),
        (
            KindError,
            lambda: attrs.evolve(CLOCK, warn_before=30),
            "warn_before is a timedelta, not 30",
        ),
        (
            DefinitionError,
            lambda: attrs.evolve(CLOCK, warn_before=DAY),
            "a warning 1 days before comes before the start; the target is 0.08 days",
        ),
        (KindError, lambda: attrs.evolve(CLOCK, pauses="none"), 'pauses are a list, not "none"'),
        (KindError, lambda: attrs.evolve(CLOCK, pauses=["now"]), 'wanted a Pause, not "now"'),
        (
            DefinitionError,
            lambda: attrs.evolve(CLOCK, pauses=[Pause(at(20, 16), None, "on leave")] * 10_001),
            "a clock has at most 10,000 pauses, not 10,001",
        ),
        (
            KindError,
            lambda: attrs.evolve(CLOCK, earlier=[BERLIN]),
            "earlier is a list of laps, not [a Calendar]",
        ),
        (
            DefinitionError,
            lambda: attrs.evolve(CLOCK, earlier=[Lap(BERLIN, at(20, 16))] * 1_001),
            "a clock has at most 1,000 laps, not 1,001",
        ),
        (
            DefinitionError,
            lambda: attrs.evolve(CLOCK, earlier=[Lap(BERLIN, at(20, 15))]),
            "the laps of a clock are in order of time, after its start",
        ),
        (
            DefinitionError,
            lambda: Clock(BERLIN, at(20, 16), timedelta(days=10**8)),
            "100000000 days of open time",
        ),
        (
            DefinitionError,
            lambda: CLOCK.meet(at(20, 15)),
            f"a clock stops at 2026-11-20 14:00:00 UTC, before it started at {START}",
        ),
        (
            DefinitionError,
            lambda: CLOCK.pause(at(20, 15), "on leave"),
            f"a clock is paused at 2026-11-20 14:00:00 UTC, before it started at {START}",
        ),
        (
            DefinitionError,
            lambda: PAUSED.resume(at(20, 15)),
            f"a pause ends at 2026-11-20 14:00:00 UTC, before it starts at {START}",
        ),
        (
            DefinitionError,
            lambda: CLOCK.pause(at(20, 17), " "),
            "a pause has a reason of 1 to 4,096 characters, not blank",
        ),
        (KindError, lambda: CLOCK.pause(at(20, 17), 1), "the reason of a pause is text, not 1"),
        (DefinitionError, lambda: CLOCK.resume(at(20, 17)), "the clock is not paused"),
        (
            DefinitionError,
            lambda: PAUSED.resume(at(20, 17), "lunch"),
            'the clock is not paused for "lunch", but for "on leave"',
        ),
        (DefinitionError, lambda: MET.pause(at(23, 10), "on leave"), "a clock that was met at"),
        (DefinitionError, lambda: MET.resume(at(23, 10)), "a clock that was met at"),
        (
            DefinitionError,
            lambda: MET.retarget(at(23, 10), target=HOUR),
            "a clock that was met at 2026-11-23 08:00:00 UTC cannot be changed; "
            "correct its parts with attrs.evolve",
        ),
        (
            DefinitionError,
            lambda: CLOCK.retarget(at(20, 17)),
            "say what to change: target=, calendar= or both",
        ),
        (
            DefinitionError,
            lambda: CLOCK.retarget(at(20, 15), target=HOUR),
            "a change at 2026-11-20 14:00:00 UTC comes after the start and the change before it, "
            f"which was at {START}",
        ),
        (
            UnknownNameError,
            lambda: CLOCK.retarget(at(20, 17), target=HOUR, how="keep"),
            "there is no way to change a running clock 'keep'; "
            "known are 'frozen', 'keep elapsed', 'recompute'",
        ),
    ],
)
def test_a_wrong_part_is_refused_in_words(error, ask, says):
    with pytest.raises(error) as caught:
        ask()
    assert str(caught.value).startswith(says)


def test_naive_instants_are_refused():
    naive = datetime(2026, 11, 20)
    for ask in (
        lambda: Clock(BERLIN, naive, HOUR),
        lambda: CLOCK.state(naive),
        lambda: CLOCK.elapsed(naive),
        lambda: CLOCK.next_wake(naive),
        lambda: CLOCK.pause(naive, "on leave"),
        lambda: PAUSED.resume(naive),
        lambda: CLOCK.meet(naive),
        lambda: CLOCK.retarget(naive, target=HOUR),
    ):
        with pytest.raises(NaiveTimeError, match="no usable time zone"):
            ask()


def test_what_can_never_come_due_is_refused_when_it_is_known():
    fair = Calendar("UTC", {}, overrides={date(2026, 11, 21): "10:00-12:00"})
    clock = Clock(fair, at(20, 16), HOUR).pause(at(21, 11), "on leave")
    with pytest.raises(DefinitionError, match="year 9999"):
        clock.resume(at(21, 12, 30))


# -- a value -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda c: pickle.loads(pickle.dumps(c))]
)
def test_a_clock_is_a_value(copied):
    clock = CLOCK.pause(at(20, 16, 30), "on leave").retarget(at(20, 17), calendar=LONGER)
    twin = copied(clock)
    assert twin == clock
    assert hash(twin) == hash(clock)
    assert twin.resume(at(23, 9)).due == clock.resume(at(23, 9)).due
    assert clock != CLOCK
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        clock.target = HOUR


def test_ways_to_change_are_listed():
    assert HOWS == ("keep elapsed", "frozen", "recompute")
