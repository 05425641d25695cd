"""Section M: business time. Each law is a function, so that liars can be shown to break it."""

import sys
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wall_clock import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    TICK,
    ZONES,
    Plain,
    agree,
    changes,
    hours,
    open_now,
    plains,
    situations,
    spans,
    weeks,
    works,
)

from mqlkit import hours as laid_out
from mqlkit.calendar import Calendar
from mqlkit.clock import Clock, Pause
from mqlkit.errors import DefinitionError

# -- the laws ------------------------------------------------------------------------------------


def due_is_when_the_work_has_elapsed(calendar, start, work):
    """Law 153."""
    due = calendar.due(start, work)
    assert calendar.elapsed(start, due) == work
    assert due == start if not work else due > start


def elapsed_adds_up(calendar, a, b, c):
    """Law 154."""
    whole = calendar.elapsed(a, b) + calendar.elapsed(b, c)
    assert whole == calendar.elapsed(a, c)


def due_is_monotone(calendar, start, later, work, more):
    """Law 155: in the start and in the work."""
    assert calendar.due(start, work) <= calendar.due(start, work + more)
    if work:  # No work is done at once: at the start, open or not.
        assert calendar.due(start, work) <= calendar.due(start + later, work)


def elapsed_is_within_wall_time(calendar, start, span):
    """Law 156."""
    assert timedelta() <= calendar.elapsed(start, start + span) <= span


def always_open_is_wall_time(calendar, start, span):
    """Law 157: of a calendar that is open day and night."""
    assert calendar.elapsed(start, start + span) == span
    assert calendar.due(start, span) == start + span


def longer_hours_are_never_later(shorter, longer, start, work):
    """Law 158."""
    assert longer.due(start, work) <= shorter.due(start, work)


def due_is_in_open_time_or_at_its_end(calendar, start, work):
    """Law 159: the instant before it is open."""
    due = calendar.due(start, work)
    assert not work or calendar.is_open(due - TICK)


def zone_of_writing_is_irrelevant(calendar, start, work, zone):
    """Law 163: only the calendar's zone matters."""
    elsewhere = start.astimezone(zone)
    due = calendar.due(start, work)
    assert calendar.due(elsewhere, work) == due
    assert calendar.elapsed(elsewhere, due.astimezone(zone)) == work


def days_count_real_hours(calendar, zone, day):
    """Law 164: a date that is open all day counts as long as it really was."""
    start, end = (first_instant_of(zone, d) for d in (day, day + DAY))
    assert calendar.elapsed(start, end) == end - start


def first_instant_of(zone, day):
    """The first instant at which the zone's calendar shows *day* or a later one."""
    low = datetime(day.year, day.month, day.day, tzinfo=UTC) - 2 * DAY
    high = low + 4 * DAY
    while high - low > SECOND:
        middle = low + (high - low) // 2
        middle -= timedelta(microseconds=middle.microsecond)
        is_there = middle.astimezone(ZoneInfo(zone)).date() >= day
        low, high = (low, middle) if is_there else (middle, high)
    return high


# -- they hold in every zone ---------------------------------------------------------------------


@given(situations(), works)
def test_due_and_elapsed_are_inverse(situation, work):
    plain, at = situation
    due_is_when_the_work_has_elapsed(plain.calendar(), at, work)


@given(situations(), spans, spans)
def test_elapsed_adds_up(situation, first, then):
    plain, at = situation
    elapsed_adds_up(plain.calendar(), at, at + first, at + first + then)


@given(situations(), spans, works, works)
def test_due_is_monotone(situation, later, work, more):
    plain, at = situation
    due_is_monotone(plain.calendar(), at, later, work, more)


@given(situations(), spans)
def test_elapsed_is_within_wall_time(situation, span):
    plain, at = situation
    elapsed_is_within_wall_time(plain.calendar(), at, span)


@given(st.sampled_from(ZONES), situations(), spans)
def test_always_open_is_wall_time(zone, situation, span):
    always_open_is_wall_time(Calendar.always(zone), situation[1], span)


@given(situations(), works, st.integers(0, 6), hours)
def test_longer_hours_are_never_later(situation, work, day, more):
    plain, at = situation
    longer = attrs.evolve(plain, week={**plain.week, day: [*plain.week.get(day, []), *more]})
    longer_hours_are_never_later(plain.calendar(), longer.calendar(), at, work)


@given(situations(), works, st.integers(-3, 20))
def test_another_holiday_is_never_earlier(situation, work, days):
    """Law 158, its other half; and one that is overridden changes nothing."""
    plain, at = situation
    open_as_ever = plain.calendar()
    day = at.date() + days * DAY
    closed = attrs.evolve(open_as_ever, holidays={day: "a holiday"})
    longer_hours_are_never_later(closed, open_as_ever, at, work)
    if open_as_ever.overrides.get(day.isoformat()):
        assert closed.due(at, work) == open_as_ever.due(at, work)


@given(situations(), works)
def test_due_is_in_open_time_or_at_its_end(situation, work):
    plain, at = situation
    due_is_in_open_time_or_at_its_end(plain.calendar(), at, work)


@given(situations(), works, st.sampled_from(ZONES))
def test_the_zone_of_writing_is_irrelevant(situation, work, zone):
    plain, at = situation
    zone_of_writing_is_irrelevant(plain.calendar(), at, work, ZoneInfo(zone))


@given(st.sampled_from(ZONES), situations(), st.integers(-3, 3))
def test_days_count_real_hours(zone, situation, days):
    days_count_real_hours(Calendar.always(zone), zone, situation[1].date() + days * DAY)


@pytest.mark.parametrize(
    ("day", "real"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)]
)
def test_a_day_in_berlin_has_its_own_number_of_hours(day, real):
    """Law 164, in figures."""
    berlin = Calendar("Europe/Berlin", {"daily": "00:00-24:00"}, closed=[day + DAY])
    start = first_instant_of("Europe/Berlin", day)
    assert berlin.elapsed(start, start + 40 * HOUR) == real * HOUR


@pytest.mark.parametrize(
    "never",
    [
        {"week": {}},
        {"week": {"daily": []}},
        {"week": {}, "overrides": {"2026-11-22": []}},
        {"week": {}, "closed": [date(2026, 11, 22)]},
        # The clock jumps from 2:00 to 3:00, and over this window.
        {"week": {}, "overrides": {"2026-03-29": "02:15-02:45"}},
    ],
)
def test_a_calendar_that_never_opens_is_refused(never):
    """Law 165."""
    with pytest.raises(DefinitionError, match="never opens"):
        Calendar("Europe/Berlin", **never)


def calls(work):
    """How many functions run."""
    count = 0

    def note(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def test_the_cost_is_in_weeks_and_not_in_minutes():
    """Law 166: as many steps for open minutes as for open days; a decade more, a decade's more."""
    start = datetime(2026, 11, 20, 15, tzinfo=UTC)
    costs = {}
    for window, work in (("09:00-09:01", MINUTE), ("09:00-17:00", 8 * HOUR)):
        calendar = Calendar("Europe/Berlin", {"daily": window})
        for days in (1, 3_650, 7_300):
            first = calls(lambda c=calendar, w=days * work: c.due(start, w))
            again = calls(lambda c=calendar, w=days * work: c.due(start, w))
            costs[window, days] = first, again
        assert calendar._hours._built.cache_info().misses <= 7_300 / 189 + 3
        assert costs[window, 1][1] < 60
        assert costs[window, 7_300][1] < 2.5 * costs[window, 3_650][1]
    for days in (1, 3_650, 7_300):
        a, b = costs["09:00-09:01", days][1], costs["09:00-17:00", days][1]
        assert abs(a - b) < 40


# -- clocks --------------------------------------------------------------------------------------

whys = st.sampled_from(["waits for the customer", "on leave"])


@st.composite
def pauses(draw, at):
    since = at + draw(spans)
    until = draw(st.one_of(st.none(), spans.map(lambda span: since + span)))
    return Pause(since, until, draw(whys))


@st.composite
def clocks(draw, lists=3):
    plain, at = draw(situations())
    target = draw(works)
    warn = draw(st.one_of(st.none(), st.timedeltas(timedelta(), target)))
    paused = draw(st.lists(pauses(at), max_size=lists))
    return Clock(plain.calendar(), at, target, warn_before=warn, pauses=paused)


def paused_time_does_not_count(clock, now):
    """Law 160: what elapsed is what is open and in no pause, and overlaps count once."""
    edges = sorted(
        {clock.started, now}
        | {
            min(max(edge, clock.started), now)
            for pause in clock.pauses
            for edge in (pause.since, pause.until or now)
        }
    )
    counted = timedelta()
    for a, b in pairwise(edges):
        if not any(p.since <= a and (p.until is None or b <= p.until) for p in clock.pauses):
            counted += clock.calendar.elapsed(a, b)
    assert clock.elapsed(now) == counted


def breach_is_for_good(clock, now, later):
    """Law 161: once breached, always breached; once met in time, never."""
    state, then = clock.state(now), clock.state(now + later)
    assert then == "breached" or state != "breached"
    met = clock.meet(now)
    ends = "met late" if state == "breached" else "met"
    assert met.state(now) == met.state(now + later) == ends


def met_when_due_is_in_time(clock):
    """Law 162."""
    if clock.due is not None:
        assert clock.meet(clock.due).state(clock.due) == "met"
        assert clock.state(clock.due) != "breached"
        assert clock.state(clock.due + TICK) == "breached"
        assert clock.meet(clock.due + TICK).state(clock.due + TICK) == "met late"


@given(clocks(), spans)
def test_paused_time_does_not_count(clock, span):
    paused_time_does_not_count(clock, clock.started + span)


@given(clocks(), spans, spans)
def test_a_breach_is_for_good(clock, span, later):
    breach_is_for_good(clock, clock.started + span, later)


@given(clocks())
def test_met_when_due_is_in_time(clock):
    met_when_due_is_in_time(clock)


@given(clocks())
def test_a_clock_is_due_when_its_target_has_elapsed(clock):
    """Law 153, of clocks: whatever the pauses, and never in one."""
    if clock.due is None:
        assert any(pause.until is None for pause in clock.pauses)
        assert clock.elapsed(clock.started + 3_000 * DAY) < clock.target
    else:
        assert clock.elapsed(clock.due) == clock.target
        assert clock.remaining(clock.due) == timedelta()
        assert not clock.target or clock.elapsed(clock.due - TICK) < clock.target


@given(clocks(), spans)
def test_what_comes_later_changes_no_state_before(clock, span):
    """A pause or a meeting after *now* is not known at *now*."""
    now = clock.started + span
    known = attrs.evolve(clock, pauses=[p for p in clock.pauses if p.since <= now])
    before = clock.state(now)
    assert known.state(now) == before
    assert clock.meet(now + TICK).state(now) == before


@given(clocks(), spans)
def test_nothing_happens_before_the_next_wake(clock, span):
    now = clock.started + span
    wake = clock.next_wake(now)
    end = now + 400 * DAY if wake is None else wake - TICK
    assert clock.state(end) == clock.state(now)
    assert clock.state(now + (end - now) / 2) == clock.state(now)


@given(clocks(), plains(), spans, works)
def test_keeping_what_elapsed(clock, other, span, target):
    """The time until the change counts by the old calendar, the rest by the new one."""
    at = clock.started + span
    changed = clock.retarget(at, calendar=other.calendar(), target=target)
    assert changed.elapsed(at) == clock.elapsed(at)
    assert changed.due is None or changed.due == clock.due or changed.due >= at
    if clock.due is not None and at > clock.due:
        assert changed == clock
        return
    later = at + 20 * DAY
    rest = attrs.evolve(
        clock,
        calendar=other.calendar(),
        pauses=[*clock.pauses, Pause(clock.started, at, "before the change")],
    )
    assert changed.elapsed(later) == clock.elapsed(at) + rest.elapsed(later)
    if changed.due is not None and target >= clock.elapsed(at):
        assert changed.elapsed(changed.due) == target


@given(clocks(), plains(), spans, works)
def test_recomputing_is_starting_anew(clock, other, span, target):
    at = clock.started + span
    changed = clock.retarget(at, calendar=other.calendar(), target=target, how="recompute")
    warn = clock.warn_before
    assert changed == Clock(
        other.calendar(), clock.started, target,
        warn_before=None if warn is None else min(warn, target), pauses=clock.pauses,
    )  # fmt: skip
    assert clock.retarget(at, target=target, how="frozen") == clock


# -- the slow oracle: tick by tick ---------------------------------------------------------------

HARD = [
    ("Australia/Lord_Howe", "2026-04-04T15:00", "half an hour twice"),
    ("Australia/Lord_Howe", "2026-10-03T15:30", "half an hour not at all"),
    ("America/Sao_Paulo", "2018-11-04T03:00", "a day without midnight"),
    ("America/Sao_Paulo", "2018-02-18T02:00", "23:00 to midnight twice"),
    ("America/Havana", "2026-03-08T05:00", "a day without midnight"),
    ("America/Havana", "2026-11-01T05:00", "midnight twice"),
    ("Asia/Beirut", "2026-03-28T22:00", "a day without midnight"),
    ("Asia/Gaza", "2026-03-28T00:00", "summer time in Gaza"),
    ("Pacific/Apia", "2011-12-30T10:00", "a date that was skipped"),
    ("Pacific/Kwajalein", "1993-08-21T12:00", "a date that was skipped"),
    ("Pacific/Kiritimati", "1994-12-31T10:00", "a date that was skipped"),
    ("Pacific/Chatham", "2026-04-04T14:00", "quarters of an hour"),
    ("Africa/Casablanca", "2026-03-22T02:00", "the end of Ramadan"),
    ("Antarctica/Troll", "2026-03-29T01:00", "two hours at once"),
    ("America/Caracas", "2016-05-01T07:00", "half an hour for good"),
    ("Asia/Pyongyang", "2018-05-04T15:00", "half an hour for good"),
    ("Asia/Kathmandu", "1985-12-31T18:30", "a quarter for good"),
    ("America/Nuuk", "2023-10-29T01:00", "an hour that never went back"),
    ("Europe/Dublin", "2026-10-25T01:00", "winter time that is less"),
    ("Europe/London", "1968-10-27T00:00", "summer time for three years"),
]
TO_THE_SECOND = [
    ("Africa/Monrovia", "1972-01-07T00:44:30", "44 minutes and 30 seconds"),
    ("Asia/Manila", "1844-12-31T16:00:00", "a date skipped, by the sun"),
    ("America/Juneau", "1867-10-19T00:31:13", "a date twice, by the sun"),
]
ODD = {
    "nine to five": {day: [(540, 1_020)] for day in range(5)},
    "nights": {day: [(1_320, 360)] for day in range(7)},
    "around the change": {day: [(135, 165), (1_410, 30)] for day in range(7)},
    "edges in it": {day: [(0, 15), (90, 150), (155, 200), (1_430, 1_440)] for day in range(7)},
    "all but two minutes": {day: [(1, 1_439)] for day in range(7)},
}


def instant(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("week", ODD.values(), ids=ODD)
@pytest.mark.parametrize(("zone", "at", "what"), HARD, ids=lambda value: value.replace(" ", "-"))
def test_tick_by_tick_on_hard_dates(zone, at, what, week):
    middle = instant(at)
    agree(Plain(zone, week), middle - 14 * HOUR, middle + 14 * HOUR)
    today = middle.astimezone(ZoneInfo(zone)).date()
    closed = Plain(zone, week, frozenset([today]), {today - DAY: [(1_380, 60)], today + DAY: []})
    agree(closed, middle - 30 * HOUR, middle + 30 * HOUR)


@pytest.mark.parametrize("week", [ODD["nights"], ODD["around the change"]], ids=["nights", "odd"])
@pytest.mark.parametrize(("zone", "at", "what"), TO_THE_SECOND, ids=lambda v: v.replace(" ", "-"))
def test_tick_by_tick_where_offsets_have_seconds(zone, at, what, week):
    middle = instant(at)
    agree(Plain(zone, week), middle - 2 * HOUR, middle + 2 * HOUR, SECOND)


@settings(max_examples=40)
@given(situations())
def test_tick_by_tick_in_any_zone(situation):
    """Whole minutes only: before some 1970, offsets of many zones have seconds."""
    plain, at = situation
    at = at.replace(second=0)
    start, end = at - 20 * HOUR, at + 20 * HOUR
    zone = ZoneInfo(plain.zone)
    if all(moment.astimezone(zone).utcoffset() % MINUTE == timedelta() for moment in (start, end)):
        agree(plain, start, end, MINUTE)
    else:
        agree(plain, at - 20 * MINUTE, at + 20 * MINUTE, SECOND)


LATELY = (datetime(2021, 1, 1, tzinfo=UTC), datetime(2022, 1, 1, tzinfo=UTC))


def agree_around(zone, middle, step=MINUTE):
    week = list(ODD.values())[sum(map(ord, zone)) % len(ODD)]
    agree(Plain(zone, week), middle - 4 * HOUR, middle + 4 * HOUR, step)


@pytest.mark.parametrize("part", range(8))
def test_tick_by_tick_in_every_zone(part):
    """Each zone once, around its last change of 2021 or in the midst of that year."""
    for zone in ZONES[part::8]:
        agree_around(zone, [instant("2021-07-01"), *changes(zone, *LATELY)][-1])


@pytest.mark.slow
@pytest.mark.parametrize("zone", ZONES)
def test_tick_by_tick_at_every_change(zone):
    """Every change of every zone from 1800 on; by seconds where offsets have some."""
    for middle in changes(zone, instant("1800-01-01"), instant("2090-01-01")):
        clock = ZoneInfo(zone)
        around = [(middle + s * 4 * HOUR).astimezone(clock).utcoffset() for s in (-1, 1)]
        if all(ahead % MINUTE == timedelta() for ahead in around):
            agree_around(zone, middle)
        else:
            agree(Plain(zone, ODD["nights"]), middle - 20 * MINUTE, middle + 20 * MINUTE, SECOND)


@settings(max_examples=30)
@given(clocks(), st.integers(0, 3 * 1_440))
def test_a_clock_tick_by_tick(clock, length):
    """A tick counts when the wall clock is in a window and no pause is on."""
    step = 7 * SECOND
    start = clock.started.replace(microsecond=0)
    clock = attrs.evolve(clock, started=start, pauses=[
        Pause(_to_step(p.since, start, step), p.until and _to_step(p.until, start, step), p.why)
        for p in clock.pauses
    ])  # fmt: skip
    calendar = clock.calendar
    edges = [start + number * step for number in range(length)]
    counted = sum(
        (
            calendar.elapsed(at, at + step)
            for at in edges
            if not any(p.since <= at < (p.until or at + step) for p in clock.pauses)
        ),
        timedelta(),
    )
    assert clock.elapsed(start + length * step) == counted


def _to_step(at, start, step):
    return start + (at - start) // step * step


# -- what the layout of hours stands on ----------------------------------------------------------


def test_zones_repeat_every_400_years():
    """From 2200 on the same block is used again: offsets must be those of 400 years before."""
    cycle = 146_097 * 86_400
    start = (date(2200, 1, 1).toordinal() - 1) * 86_400
    for place, name in enumerate(ZONES):
        zone = ZoneInfo(name)
        for number in range(12):
            second = start + (place * 7_919 + number * 104_729) * 9_973 % cycle
            offset = laid_out.offset_of(zone, second)
            for cycles in (1, 17):
                assert laid_out.offset_of(zone, second + cycles * cycle) == offset, name


def test_zones_stand_still_before_1800():
    """One block is used for all before: offsets must be those of the first."""
    end = (date(1800, 1, 8).toordinal() - 1) * 86_400
    for place, name in enumerate(ZONES):
        zone = ZoneInfo(name)
        first = laid_out.offset_of(zone, 0)
        assert laid_out.offset_of(zone, end) == first, name
        for number in range(12):
            assert laid_out.offset_of(zone, (place * 7_919 + number) * 104_729 % end) == first, name


@pytest.mark.parametrize("year", [3, 900, 1_799])
def test_the_far_past_is_as_one_week_before(year):
    """A date of its own in an early year keeps its own hours."""
    day = date(year, 6, 4)
    calendar = Calendar(
        "America/New_York", {"daily": "09:00-17:00"}, overrides={day: "22:00-23:00"}
    )
    start = datetime(year, 6, 4, 5, tzinfo=UTC)
    assert calendar.elapsed(start, start + DAY) == HOUR
    for later in (-1, 1, 27, 54):
        at = start + later * 7 * DAY
        assert calendar.elapsed(at, at + DAY) == 8 * HOUR
        due_is_when_the_work_has_elapsed(calendar, at, 900 * HOUR)


def test_the_cycle_is_whole_weeks_and_whole_blocks():
    assert (date(2400, 1, 1) - date(2000, 1, 1)).days == 773 * 189 == 146_097
    assert 189 % 7 == 0


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca"])
@given(weeks, works, st.integers(0, 7_000))
@settings(max_examples=20)
def test_far_future_is_as_one_cycle_before(zone, week, work, years):
    calendar = Plain(zone, week).calendar()
    start = instant("2210-03-28") + years * 100 * timedelta(hours=1)
    cycle = 146_097 * DAY
    assert calendar.due(start + 18 * cycle, work) == calendar.due(start, work) + 18 * cycle
    at = start + 18 * cycle
    assert calendar.is_open(at) is calendar.is_open(start) is (calendar.next_open(at) == at)


@pytest.mark.slow
@pytest.mark.parametrize("zone", ZONES[::6])
def test_no_change_is_overlooked(zone):
    """Probing every half-day finds what probing every six hours does, in each sixth zone."""
    clock = ZoneInfo(zone)
    for number in range(657_000 // 189, 763_000 // 189):  # 1800 to 2090
        for left, right, offset in laid_out.stretches(zone, number):
            for second in range(left // 1_000_000, right // 1_000_000, 21_600):
                assert laid_out.offset_of(clock, second) * 1_000_000 == offset


# -- liars ---------------------------------------------------------------------------------------


class Liar:
    """A calendar that does as the honest one, but for what a liar says otherwise."""

    def __init__(self, honest):
        self.honest = honest

    def __getattr__(self, name):
        return getattr(self.honest, name)


class EndsAreOpen(Liar):
    """Work that ends with the day is done next morning."""

    def due(self, start, work):
        due = self.honest.due(start, work)
        return self.honest.next_open(due) if work else due


class RoundsUp(Liar):
    """Counts started minutes."""

    def elapsed(self, start, end):
        return -(-self.honest.elapsed(start, end) // MINUTE) * MINUTE


class LocalArithmetic(Liar):
    """Subtracts readings of the wall clock, as if all days had 24 hours."""

    def elapsed(self, start, end):
        zone = ZoneInfo(self.honest.zone)
        return end.astimezone(zone).replace(tzinfo=None) - start.astimezone(zone).replace(
            tzinfo=None
        )

    def due(self, start, work):
        return (start.astimezone(ZoneInfo(self.honest.zone)) + work).astimezone(UTC)


class TakesItsTime(Liar):
    """Begins at the reader's midnight: counts the date that the instant is written with."""

    def due(self, start, work):
        midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
        return self.honest.due(midnight.astimezone(UTC), work)


class SaysZero(Liar):
    """Has no patience: a short rest is none."""

    def elapsed(self, start, end):
        elapsed = self.honest.elapsed(start, end)
        return elapsed if elapsed > HOUR else timedelta()


class ShortWorkLast(Liar):
    """Puts short work off to the next week."""

    def due(self, start, work):
        return self.honest.due(start if work > HOUR else start + 7 * DAY, work)


BERLIN = Calendar("Europe/Berlin", {"mon-fri": "09:00-17:00"})
OPEN = Calendar.always("Europe/Berlin")
FRIDAY = datetime(2026, 11, 20, 15, tzinfo=UTC)
SPRING = datetime(2026, 3, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("law", "given"),
    [
        (due_is_when_the_work_has_elapsed, (RoundsUp(BERLIN), FRIDAY, TICK)),
        (elapsed_adds_up, (SaysZero(BERLIN), FRIDAY, FRIDAY + HOUR, FRIDAY + 70 * HOUR)),
        (due_is_monotone, (ShortWorkLast(BERLIN), FRIDAY, HOUR, HOUR, HOUR)),
        (elapsed_is_within_wall_time, (RoundsUp(BERLIN), FRIDAY, TICK)),
        (elapsed_is_within_wall_time, (LocalArithmetic(OPEN), SPRING, DAY)),
        (always_open_is_wall_time, (LocalArithmetic(OPEN), SPRING, DAY)),
        (longer_hours_are_never_later, (BERLIN, ShortWorkLast(OPEN), FRIDAY, HOUR)),
        (due_is_in_open_time_or_at_its_end, (EndsAreOpen(BERLIN), FRIDAY, HOUR)),
        (
            zone_of_writing_is_irrelevant,
            (TakesItsTime(OPEN), FRIDAY, HOUR, timezone(14 * HOUR)),
        ),
        (days_count_real_hours, (LocalArithmetic(OPEN), "Europe/Berlin", date(2026, 3, 29))),
    ],
)
def test_a_liar_is_caught(law, given):
    honest = [one.honest if isinstance(one, Liar) else one for one in given]
    law(*honest)
    with pytest.raises(AssertionError):
        law(*given)


class CountsPauses(Clock):
    """Its time goes on in a pause."""

    def elapsed(self, now):
        return self.calendar.elapsed(self.started, now)


class SubtractsEach(Clock):
    """Takes off what two pauses share twice."""

    def elapsed(self, now):
        spent = self.calendar.elapsed(self.started, now)
        lost = [self.calendar.elapsed(p.since, p.until) for p in self.pauses]
        return spent - sum(lost, timedelta())


class Forgives(Clock):
    """Forgets a breach with the week."""

    def state(self, now):
        state = Clock.state(self, now)
        return "running" if state == "breached" and now > self.due + 7 * DAY else state


class DueIsLate(Clock):
    """Breached at the instant itself."""

    def state(self, now):
        late = self.due is not None and now >= self.due
        return "breached" if late and self.stopped is None else Clock.state(self, now)


@pytest.mark.parametrize(
    ("law", "liar", "more"),
    [
        (paused_time_does_not_count, CountsPauses, (FRIDAY + 4 * DAY,)),
        (paused_time_does_not_count, SubtractsEach, (FRIDAY + 4 * DAY,)),
        (breach_is_for_good, Forgives, (FRIDAY + 20 * DAY, DAY)),
        (breach_is_for_good, Forgives, (FRIDAY + 4 * DAY, 20 * DAY)),
        (met_when_due_is_in_time, DueIsLate, ()),
    ],
)
def test_a_lying_clock_is_caught(law, liar, more):
    paused = [
        Pause(FRIDAY + 66 * HOUR, FRIDAY + 68 * HOUR, "on leave"),
        Pause(FRIDAY + 67 * HOUR, FRIDAY + 69 * HOUR, "waits for the customer"),
    ]
    law(Clock(BERLIN, FRIDAY, HOUR * 4, pauses=paused), *more)
    with pytest.raises(AssertionError):
        law(liar(BERLIN, FRIDAY, HOUR * 4, pauses=paused), *more)


@pytest.mark.parametrize(
    "wrong",
    [
        # The end of a night shift stays open on a closed date.
        attrs.evolve(Plain("Europe/Berlin", ODD["nights"]), closed=frozenset()),
        # The windows are those of the neighbouring zone.
        Plain("Europe/London", ODD["nights"], frozenset([date(2026, 10, 25)])),
    ],
)
def test_the_oracle_catches_wrong_hours(wrong, monkeypatch):
    plain = Plain("Europe/Berlin", ODD["nights"], frozenset([date(2026, 10, 25)]))
    start = datetime(2026, 10, 24, 12, tzinfo=UTC)
    agree(plain, start, start + 40 * HOUR)
    calendar = wrong.calendar()
    monkeypatch.setattr(Plain, "calendar", lambda self: calendar)
    assert open_now(plain, start + 30 * HOUR) is not None
    with pytest.raises(AssertionError):
        agree(plain, start, start + 40 * HOUR)
