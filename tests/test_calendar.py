"""Business calendars: what they are made from, and what they answer in plain cases."""

import copy
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from importlib.util import find_spec
from itertools import count, repeat

import attrs
import pytest
from hypothesis import given
from wall_clock import DAYS, Plain, changes, hours, plains, text, weeks

from mqlkit import calendar as module
from mqlkit.calendar import Calendar
from mqlkit.errors import (
    DefinitionError,
    KindError,
    MissingExtraError,
    NaiveTimeError,
    UnknownNameError,
)
from mqlkit.week import read_week, read_windows, write_week, write_windows

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WORK = {"mon-fri": "09:00-17:00"}
BERLIN = Calendar("Europe/Berlin", WORK)
FRIDAY = datetime(2026, 11, 20, 15, tzinfo=UTC)  # 16:00 in Berlin
VERSION = version("holidays") if find_spec("holidays") else ""
LAST = datetime.max.replace(tzinfo=UTC)
FIRST = datetime.min.replace(tzinfo=UTC)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


# -- what it answers -----------------------------------------------------------------------------


def test_work_goes_on_after_the_week_end():
    assert BERLIN.due(FRIDAY, HOUR) == utc(2026, 11, 20, 16)
    assert BERLIN.due(FRIDAY, 2 * HOUR) == utc(2026, 11, 23, 9)
    assert BERLIN.elapsed(FRIDAY, utc(2026, 11, 23, 9)) == 2 * HOUR


def test_work_that_ends_with_a_day_is_due_at_its_end():
    """On every day of two years: hours are laid out piece by piece, and pieces end with days."""
    daily = Calendar("UTC", {"daily": "09:00-17:00"})
    for number in range(730):
        closes = utc(2026, 11, 20, 17) + number * DAY
        assert daily.due(FRIDAY, daily.elapsed(FRIDAY, closes)) == closes


def test_no_work_is_done_at_once_open_or_not():
    saturday = utc(2026, 11, 21, 12)
    assert BERLIN.due(saturday, timedelta()) == saturday
    assert BERLIN.due(FIRST, timedelta()) == FIRST
    assert BERLIN.due(LAST, timedelta()) == LAST


def test_answers_are_in_utc():
    there = FRIDAY.astimezone(module.OpenHours("Asia/Tokyo", [[]] * 7, {})._zone)
    for answer in (
        BERLIN.due(there, HOUR),
        BERLIN.due(there, timedelta()),
        BERLIN.next_open(there),
        BERLIN.next_close(there),
    ):
        assert answer.tzinfo is UTC


def test_windows_are_half_open():
    opens, closes = utc(2026, 11, 20, 8), utc(2026, 11, 20, 16)
    tick = timedelta(microseconds=1)
    assert [BERLIN.is_open(at) for at in (opens - tick, opens, closes - tick, closes)] == [
        False, True, True, False,
    ]  # fmt: skip
    assert BERLIN.next_open(opens) == BERLIN.next_open(opens - tick) == opens
    assert BERLIN.next_open(closes) == utc(2026, 11, 23, 8)
    assert BERLIN.next_close(closes) == BERLIN.next_close(opens) == closes
    assert BERLIN.next_close(opens - tick) == opens - tick


def test_day_and_night():
    always = Calendar.always("Europe/Berlin")
    assert always.is_open(FRIDAY)
    assert always.next_open(FRIDAY) == FRIDAY
    assert always.next_close(FRIDAY) is None
    assert Calendar.always() == Calendar("UTC", {"mon-sun": "00:00-24:00"})
    closed = attrs.evolve(always, closed=[date(2040, 1, 1)])
    assert closed.next_close(FRIDAY) == utc(2039, 12, 31, 23)
    assert closed.next_close(utc(2040, 6, 1)) is None


def test_a_closed_date_closes_itself_and_no_more():
    nights = Calendar("UTC", {"daily": "22:00-06:00"}, closed=[date(2026, 11, 22)])
    asked = {(21, 23): True, (22, 5): False, (22, 23): False, (23, 5): True}
    for (day, hour), wanted in asked.items():
        assert nights.is_open(utc(2026, 11, day, hour)) is wanted


def test_an_override_replaces_its_date_and_may_reach_into_the_next():
    plain = Calendar(
        "UTC",
        {"mon-fri": "09:00-17:00"},
        closed=[date(2026, 11, 28)],
        overrides={"2026-11-21": "20:00-02:00", "2026-11-27": "20:00-02:00"},
    )
    asked = {(21, 1): False, (21, 20): True, (22, 1): True, (22, 2): False, (28, 1): False}
    for (day, hour), wanted in asked.items():
        assert plain.is_open(utc(2026, 11, day, hour)) is wanted
    night = attrs.evolve(
        plain, week={"daily": "22:00-06:00"}, overrides={"2026-11-21": "09:00-10:00"}
    )
    assert not night.is_open(utc(2026, 11, 21, 1))  # from the evening before
    assert not night.is_open(utc(2026, 11, 21, 23))
    assert night.is_open(utc(2026, 11, 22, 1))  # this date has no override


def test_half_days_and_extra_saturdays():
    plain = attrs.evolve(
        BERLIN, overrides={date(2026, 12, 24): "09:00-13:00", "2026-11-21": "10:00-12:00"}
    )
    assert plain.elapsed(utc(2026, 12, 24), utc(2026, 12, 25)) == 4 * HOUR
    assert plain.due(FRIDAY, 2 * HOUR) == utc(2026, 11, 21, 10)


def test_an_override_holds_on_a_holiday():
    plain = Calendar("UTC", {"daily": "09:00-17:00"}, holidays={"2026-12-24": "Christmas Eve"})
    half = attrs.evolve(plain, overrides={"2026-12-24": "09:00-12:00"})
    span = utc(2026, 12, 24), utc(2026, 12, 25)
    assert plain.elapsed(*span) == timedelta()
    assert half.elapsed(*span) == 3 * HOUR


def test_both_readings_of_an_hour_that_comes_twice_are_open():
    night = Calendar("Europe/Berlin", {"daily": "02:00-03:00"})
    assert night.elapsed(utc(2026, 10, 24, 12), utc(2026, 10, 25, 12)) == 2 * HOUR
    assert night.elapsed(utc(2026, 3, 28, 12), utc(2026, 3, 29, 12)) == timedelta()


def test_a_date_that_was_skipped_has_no_hours():
    apia = Calendar(
        "Pacific/Apia", {"daily": "00:00-24:00"}, overrides={"2011-12-30": "22:00-02:00"}
    )
    assert apia.elapsed(utc(2011, 12, 30, 10), utc(2011, 12, 31, 10)) == DAY
    only = Calendar("Pacific/Apia", {}, overrides={"2011-12-30": "22:00-02:00"})
    assert only.next_open(FIRST) == utc(2011, 12, 30, 10)  # what it brings on the next date
    with pytest.raises(DefinitionError, match="never opens"):
        Calendar("Pacific/Apia", {}, overrides={"2011-12-30": "09:00-17:00"})


def test_single_dates_alone_are_a_calendar():
    fair = Calendar("UTC", {}, overrides={"2026-11-21": "10:00-12:00", "2027-11-21": "10:00-12:00"})
    assert fair.due(FRIDAY, 3 * HOUR) == utc(2027, 11, 21, 11)
    assert fair.next_open(utc(2027, 11, 21, 12)) is None
    with pytest.raises(DefinitionError) as caught:
        fair.due(FRIDAY, 5 * HOUR)
    assert str(caught.value) == (
        "0.21 days of open time from 2026-11-20 15:00:00 UTC on are not over by the end of the "
        "year 9999"
    )


def test_a_single_date_may_open_by_either_edge():
    """The clock jumps from 2:00 to 3:00: what begins before or ends after it does open."""
    for window in ("01:30-02:30", "02:30-03:30", "01:30-03:30"):
        only = Calendar("Europe/Berlin", {}, overrides={"2026-03-29": window})
        assert only.next_open(FIRST).date() == date(2026, 3, 29)
    with pytest.raises(DefinitionError, match="never opens"):
        Calendar("Europe/Berlin", {}, overrides={"2026-03-29": "02:00-03:00"})
    # Refusing is quick, however many dates there are.
    gaps = {
        jump.date().isoformat(): "02:15-02:45"
        for jump in changes("Europe/Berlin", utc(1996, 1, 1), utc(2037, 1, 1))
        if jump.month == 3
    }
    with pytest.raises(DefinitionError, match="never opens"):
        Calendar("Europe/Berlin", {}, overrides=gaps)


# -- the ends of the calendar --------------------------------------------------------------------


def test_what_lies_beyond_the_year_9999_is_refused():
    for work in (timedelta(days=10**6), timedelta.max):
        with pytest.raises(DefinitionError, match="year 9999"):
            BERLIN.due(FRIDAY, work)
    left = Calendar.always().elapsed(FRIDAY, LAST)
    assert Calendar.always().due(FRIDAY, left) == LAST
    with pytest.raises(DefinitionError, match="year 9999"):
        Calendar.always().due(FRIDAY, left + timedelta(microseconds=1))


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"])
def test_it_answers_from_the_first_to_the_last_instant(zone):
    always = Calendar.always(zone)
    assert always.elapsed(FIRST, FIRST + DAY) == always.elapsed(LAST - DAY, LAST) == DAY
    assert always.is_open(FIRST)
    assert always.is_open(LAST)
    assert always.next_open(LAST) == LAST
    one = Calendar(zone, {"mon": "00:00-00:01"})
    assert one.next_open(LAST) is None
    assert one.next_close(LAST) == LAST
    assert one.elapsed(FIRST, FIRST + 30 * DAY) < HOUR
    late = Calendar("UTC", {"fri": "12:00-24:00"})  # 31 December 9999 is a Friday.
    assert late.next_close(LAST) is None


def test_work_is_due_up_to_the_last_instant():
    """31 December 9999 is a Friday; in Berlin its evening is the calendar's last."""
    eve = utc(9999, 12, 30, 12)
    assert BERLIN.due(eve, 11 * HOUR) == utc(9999, 12, 31, 15)
    assert BERLIN.due(eve, 12 * HOUR) == utc(9999, 12, 31, 16)
    with pytest.raises(DefinitionError, match="year 9999"):
        BERLIN.due(eve, 12 * HOUR + timedelta(microseconds=1))
    assert Calendar.always().due(LAST, timedelta()) == LAST
    with pytest.raises(DefinitionError, match="year 9999"):
        Calendar.always().due(LAST, timedelta(microseconds=1))


def test_the_first_day_has_its_hours():
    """1 January of year 1 is a Monday."""
    office = Calendar("UTC", WORK)
    assert office.next_open(FIRST) == FIRST + 9 * HOUR
    assert office.elapsed(FIRST, FIRST + DAY) == 8 * HOUR
    assert office.due(FIRST, 8 * HOUR) == FIRST + 17 * HOUR
    closed = Calendar("UTC", WORK, closed=[date.min])
    assert closed.next_open(FIRST) == FIRST + DAY + 9 * HOUR


def test_the_last_days_have_their_hours():
    office = Calendar("UTC", WORK)
    assert office.elapsed(LAST - 7 * DAY, LAST) == 40 * HOUR
    assert office.next_open(utc(9999, 12, 31)) == utc(9999, 12, 31, 9)
    assert office.next_open(utc(9999, 12, 31, 17)) is None
    assert office.next_close(utc(9999, 12, 31, 12)) == utc(9999, 12, 31, 17)
    night = Calendar("UTC", WORK, overrides={date.max: "22:00-06:00"})
    assert night.next_open(utc(9999, 12, 31)) == utc(9999, 12, 31, 22)
    assert night.elapsed(utc(9999, 12, 31), LAST) == LAST - utc(9999, 12, 31, 22)


def test_ten_thousand_years_add_up():
    always = Calendar.always("Europe/Berlin")
    assert always.elapsed(FIRST, LAST) == LAST - FIRST


def test_centuries_of_closed_dates_end():
    days = [date(2026, 1, 1) + number * DAY for number in range(10_000)]
    shut = attrs.evolve(BERLIN, closed=days)
    assert shut.next_open(FRIDAY) == utc(2053, 5, 19, 7)
    assert repr(shut) == (
        "Calendar('Europe/Berlin', {'mon-fri': '09:00-17:00'}, closed=<10,000 dates>)"
    )


# -- what it refuses -----------------------------------------------------------------------------


def test_naive_instants_are_refused():
    naive = datetime(2026, 11, 20)
    for ask in (
        lambda: BERLIN.due(naive, HOUR),
        lambda: BERLIN.elapsed(naive, FRIDAY),
        lambda: BERLIN.elapsed(FRIDAY, naive),
        lambda: BERLIN.is_open(naive),
        lambda: BERLIN.next_open(naive),
        lambda: BERLIN.next_close(naive),
    ):
        with pytest.raises(NaiveTimeError, match="no usable time zone"):
            ask()


@pytest.mark.parametrize(
    ("error", "ask", "says"),
    [
        (KindError, lambda: BERLIN.due(FRIDAY, 8), "work is a timedelta, not 8"),
        (
            DefinitionError,
            lambda: BERLIN.due(FRIDAY, -HOUR),
            "work is a timedelta of zero or more, not -0.04 days",
        ),
        (
            DefinitionError,
            lambda: BERLIN.elapsed(FRIDAY, FRIDAY - HOUR),
            "the end 2026-11-20 14:00:00 UTC lies before the start 2026-11-20 15:00:00 UTC",
        ),
        (
            KindError,
            lambda: BERLIN.is_open("now"),
            'at must be a datetime with a time zone, not "now"',
        ),
    ],
)
def test_a_wrong_question(error, ask, says):
    with pytest.raises(error) as caught:
        ask()
    assert str(caught.value) == says


WINDOW = "wanted hours and minutes such as '09:00-17:00', '22:00-06:00' or '00:00-24:00'"


@pytest.mark.parametrize(
    ("error", "parts", "says"),
    [
        (KindError, {"zone": 1}, "a zone is text such as 'Europe/Berlin', not 1"),
        (
            DefinitionError,
            {"zone": "Europe/Berln"},
            "there is no time zone 'Europe/Berln'; did you mean 'Europe/Berlin'?",
        ),
        (
            KindError,
            {"week": "mon"},
            "a week is a mapping such as {'mon-fri': '09:00-17:00'}, not \"mon\"",
        ),
        (DefinitionError, {"week": {str(n): [] for n in range(8)}}, "a week has 7 days, not 8"),
        (
            DefinitionError,
            {"week": {"mon-wed": "09:00-17:00", "wed": "09:00-12:00"}},
            "a week names each day once, and wed twice",
        ),
        (
            DefinitionError,
            {"week": {"mon": "9-17", "tue": "24:00-25:00", "wed": "09:00-09:00"}},
            f'"mon": "9-17" is no window; {WINDOW}, "tue": "24:00-25:00" is no window; {WINDOW} '
            'and "wed": the window "09:00-09:00" has no length; a whole day is \'00:00-24:00\'',
        ),
        (
            KindError,
            {"week": {"mon": 9, "tue": [9]}},
            "\"mon\": windows are text such as '09:00-17:00', or a list, not 9 and "
            "\"tue\": a window is text such as '09:00-17:00', not 9",
        ),
        (
            KindError,
            {"week": {1: "09:00-17:00"}},
            "1: a day is text such as 'mon', 'mon-fri' or 'daily'",
        ),
        (
            DefinitionError,
            {"week": {"mon": ["09:00-10:00"] * 65}},
            '"mon": a day has at most 64 windows, not 65',
        ),
        (KindError, {"closed": date(2026, 1, 1)}, "closed is a list of dates, not 2026-01-01"),
        (
            KindError,
            {"closed": [FRIDAY]},
            "2026-11-20 15:00:00 UTC: wanted a date such as date(2026, 12, 24), "
            "not 2026-11-20 15:00:00 UTC",
        ),
        (
            DefinitionError,
            {"closed": [date(2026, 1, 1)] * 10_001},
            "a calendar has at most 10,000 dates of a kind",
        ),
        (KindError, {"overrides": []}, "overrides is a mapping from dates, not []"),
        (
            DefinitionError,
            {"overrides": {"24.12.": "09:00-13:00", "20261224": []}},
            '"24.12.": wanted a date such as \'2026-12-24\', not "24.12." and '
            '"20261224": wanted a date such as \'2026-12-24\', not "20261224"',
        ),
        (
            DefinitionError,
            {"overrides": {"2026-12-24": [], date(2026, 12, 24): []}},
            "overrides names a date twice, as text and as a date",
        ),
        (
            DefinitionError,
            {"closed": [date(2026, 12, 24)], "overrides": {"2026-12-24": "09:00-13:00"}},
            "2026-12-24 is closed and overridden; say one of it",
        ),
        (
            KindError,
            {"holidays": ["2026-12-25"]},
            'holidays is a mapping from dates, not ["2026-12-25"]',
        ),
        (KindError, {"holidays": {"2026-12-25": 1}}, '"2026-12-25": wanted text, not 1'),
        (
            DefinitionError,
            {"holidays": {"2026-12-25": " "}},
            '"2026-12-25": wanted text of 1 to 200 characters, not blank',
        ),
        (KindError, {"holidays_from": None}, "wanted text, not blank"),
        (
            DefinitionError,
            {"week": {}},
            "this calendar never opens; give its week a window, such as {'mon-fri': '09:00-17:00'}",
        ),
    ],
)
def test_a_wrong_part_is_refused_in_words(error, parts, says):
    with pytest.raises(error) as caught:
        Calendar(**{"zone": "Europe/Berlin", "week": WORK, **parts})
    assert str(caught.value) == says
    assert type(caught.value) is error


def test_wrong_days_are_told_together():
    with pytest.raises(DefinitionError) as caught:
        Calendar("UTC", {"monday": [], "mon-tue-wed": [], "Mon": 5})
    days = "days are mon, tue, wed, thu, fri, sat and sun"
    assert str(caught.value) == (
        f"\"monday\": wanted a day or a range of days such as 'mon-fri'; {days}, "
        f"\"mon-tue-wed\": wanted a day or a range of days such as 'mon-fri'; {days} and "
        "\"Mon\": windows are text such as '09:00-17:00', or a list, not 5"
    )


@pytest.mark.parametrize(
    "zone",
    ["../../etc/passwd", "/etc/localtime", "localtime", "", ".", "Europe", "utc\x00", "x" * 999],
)
def test_a_zone_is_a_name_and_no_file(zone):
    with pytest.raises(DefinitionError, match="there is no time zone") as caught:
        Calendar(zone, WORK)
    assert "share" not in str(caught.value)
    assert "zoneinfo" not in str(caught.value)


@pytest.mark.parametrize("zone", ["CEST", "PST", "GMT+1", "EST5", "berlin"])
def test_an_abbreviation_is_no_zone_and_leads_to_none(zone):
    with pytest.raises(DefinitionError) as caught:
        Calendar(zone, WORK)
    assert str(caught.value) == (
        f"there is no time zone '{zone}'; wanted Region/City such as 'Europe/Berlin'"
    )
    with pytest.raises(DefinitionError, match="did you mean 'Europe/Berlin'"):
        Calendar("Europe/Berln", WORK)


@pytest.mark.parametrize("hours", ["9-5", ["09:00-12:00", "9-5"]])
def test_a_wrong_window_is_told_with_its_day(hours):
    with pytest.raises(DefinitionError, match=r'^"tue": "9-5" is no window'):
        Calendar("UTC", {"mon": "09:00-17:00", "tue": hours})


def test_dates_closed_and_overridden_are_told_together():
    days = [date(2026, 12, 1) + number * DAY for number in range(31)]

    def told(some):
        with pytest.raises(DefinitionError) as caught:
            Calendar("UTC", WORK, closed=days, overrides=dict.fromkeys(some, "09:00-10:00"))
        return str(caught.value)

    assert told(days[:2]) == "2026-12-01 and 2026-12-02 are closed and overridden; say one of it"
    assert told(days[:7]).count("2026-12-0") == 7
    assert "more" not in told(days[:7])
    assert "2026-12-07 and 24 more are closed and overridden" in told(days)


def test_without_zone_data_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(module, "_zones", frozenset)
    with pytest.raises(DefinitionError, match="install the package 'tzdata'"):
        Calendar("Europe/Berlin", WORK)


# -- one meaning, one value ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"mon-fri": "09:00-17:00"}, {day: ["9:00 - 17:00"] for day in DAYS[:5]}),
        ({"MON": "09:00-12:00"}, {"mon": ["11:00-12:00", "09:00-11:00"], "tue": []}),
        ({"daily": "22:00-06:00"}, {"mon-sun": ["00:00-06:00", "22:00-24:00"]}),
        ({"sun": "22:00-06:00"}, {"sun": "22:00-24:00", "mon": "00:00-06:00"}),
        ({"fri-mon": "10:00-11:00"}, {"sat-mon": "10:00-11:00", "fri": "10:00-11:00"}),
        ({"mon": "22:00-00:00"}, {"mon": "22:00-24:00"}),
    ],
)
def test_equal_hours_are_equal_values(one, other):
    a, b = Calendar("UTC", one), Calendar("UTC", other)
    assert a == b
    assert hash(a) == hash(b)
    assert repr(a) == repr(b)


@given(plains())
def test_equal_dates_are_equal_values(plain):
    made = plain.calendar()
    again = Calendar(
        made.zone,
        dict(reversed([*made.week.items()])),
        closed=[*reversed(made.closed), *made.closed],
        overrides={date.fromisoformat(day): [*w] for day, w in made.overrides.items()},
    )
    assert again == made
    assert hash(again) == hash(made)
    assert {day for day, windows in plain.overrides.items() if not windows} <= set(made.closed)


@given(weeks)
def test_a_week_is_written_as_it_is_read(week):
    read = read_week({DAYS[day]: list(map(text, windows)) for day, windows in week.items()})
    written = write_week(read)
    assert read_week(written) == read
    assert write_week(read_week(written)) == written


@given(hours)
def test_windows_are_written_as_they_are_read(windows):
    read = read_windows([text(window) for window in windows])
    assert read_windows(list(write_windows(read))) == read


def test_a_window_longer_than_a_day_is_written_as_two():
    read = read_windows(["00:00-24:00", "22:00-06:00"])
    assert read == ((0, 1_800),)
    assert write_windows(read) == ("00:00-24:00", "23:59-06:00")
    assert read_windows(["00:00-24:00", "23:59-06:00"]) == read
    assert write_week(read_week({"mon": list(write_windows(read))})) == {
        "mon": ("00:00-24:00",),
        "tue": ("00:00-06:00",),
    }


def test_a_calendar_is_written_short_and_made_again_from_it():
    full = Calendar(
        "Europe/Berlin",
        {"mon-fri": "09:00-17:00", "sat": ["10:00-12:00", "13:00-15:00"]},
        closed=[date(2026, 11, 23)],
        overrides={"2026-12-24": "09:00-13:00"},
        holidays={"2026-12-25": "Christmas Day"},
        holidays_from="our own list",
    )
    assert repr(full) == (
        "Calendar('Europe/Berlin', "
        "{'mon-fri': '09:00-17:00', 'sat': ('10:00-12:00', '13:00-15:00')}, "
        "closed=[date(2026, 11, 23)], overrides={'2026-12-24': '09:00-13:00'}, "
        "holidays={'2026-12-25': 'Christmas Day'}, holidays_from='our own list')"
    )
    assert eval(repr(full), {"Calendar": Calendar, "date": date}) == full
    assert hash(full) != hash(BERLIN)
    assert full != BERLIN


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda c: pickle.loads(pickle.dumps(c))]
)
def test_a_calendar_survives_copying_and_takes_no_hours_along(copied):
    used = Calendar("Europe/Berlin", WORK, closed=[date(2026, 11, 23)])
    small = len(pickle.dumps(used))
    used.elapsed(FRIDAY, FRIDAY + 4_000 * DAY)
    assert len(pickle.dumps(used)) == small < 600
    twin = copied(used)
    assert twin == used
    assert hash(twin) == hash(used)
    assert twin.due(FRIDAY, 8 * HOUR) == used.due(FRIDAY, 8 * HOUR)


def test_a_calendar_cannot_be_changed():
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        BERLIN.zone = "UTC"
    with pytest.raises(TypeError):
        BERLIN.week["mon"] = "09:00-17:00"


def test_threads_share_a_calendar():
    fresh = Plain("America/New_York", {0: [(540, 1_020)]}).calendar()
    starts = [FRIDAY + number * 90 * DAY for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        found = [*pool.map(lambda start: fresh.due(start, 8 * HOUR), starts)]
    alone = Plain("America/New_York", {0: [(540, 1_020)]}).calendar()
    assert found == [alone.due(start, 8 * HOUR) for start in starts]


# -- public holidays -----------------------------------------------------------------------------


def test_public_holidays_are_a_snapshot():
    pytest.importorskip("holidays")
    plain = BERLIN.with_holidays("DE", subdivision="BE", years=range(2026, 2029))
    assert plain.holidays["2026-12-25"] == "Erster Weihnachtstag"
    assert plain.holidays["2028-03-08"] == "Frauentag"  # in Berlin alone
    assert "2029-01-01" not in plain.holidays
    assert plain.holidays_from == f"holidays {VERSION}, DE-BE, 2026 to 2028"
    assert plain.elapsed(utc(2026, 12, 25), utc(2026, 12, 26)) == timedelta()
    assert repr(plain).count("dates>") == 1
    # Once more changes nothing.
    assert plain.with_holidays("DE", subdivision="BE", years=range(2026, 2029)) == plain


def test_names_of_holidays_do_not_depend_on_the_machine(monkeypatch):
    pytest.importorskip("holidays")
    monkeypatch.setenv("LANGUAGE", "uk")
    assert BERLIN.with_holidays("DE", years=2026).holidays["2026-01-01"] == "Neujahr"
    english = BERLIN.with_holidays("DE", years=2026, language="en_US")
    assert english.holidays["2026-01-01"] == "New Year's Day"


def test_two_countries_close_on_the_holidays_of_both():
    pytest.importorskip("holidays")
    both = BERLIN.with_holidays("DE", years=2026).with_holidays("US", years=[2026, 2027])
    assert both.holidays["2026-12-25"] == "Erster Weihnachtstag; Christmas Day"
    assert both.holidays["2026-07-03"].startswith("Independence Day")
    assert (
        both.holidays_from == f"holidays {VERSION}, DE, 2026; holidays {VERSION}, US, 2026 to 2027"
    )


@pytest.mark.parametrize(
    ("error", "asked", "says"),
    [
        (UnknownNameError, {"country": "Atlantis"}, "no country with holidays 'Atlantis'"),
        (UnknownNameError, {"subdivision": "ZZ"}, "no part of DE with holidays 'ZZ'"),
        (UnknownNameError, {"language": "xx"}, "no language of the holidays of DE 'xx'"),
        (DefinitionError, {"years": []}, "wanted 1 to 200 years, not none"),
        (DefinitionError, {"years": range(201)}, "wanted 1 to 200 years, not more"),
        (DefinitionError, {"years": count(2026)}, "wanted 1 to 200 years, not more"),
        (DefinitionError, {"years": repeat(2026)}, "wanted 1 to 200 years, not more"),
        (KindError, {"years": "2026"}, 'years are whole numbers such as 2026, not "2026"'),
        (KindError, {"years": b"2026"}, "years are whole numbers such as 2026, not"),
        (KindError, {"years": {2026: "all"}}, "years are whole numbers such as 2026, not a dict"),
        (KindError, {"years": True}, "years are whole numbers such as 2026, not yes"),
        (KindError, {"years": [2026, "2027"]}, 'years are whole numbers .* not "2027"'),
        (KindError, {"years": 2026.5}, "years are whole numbers such as 2026, not 2026.5"),
        (KindError, {"years": None}, "years are whole numbers such as 2026, not blank"),
        (DefinitionError, {"years": 0}, "years are 1 to 9999, not 0"),
        (DefinitionError, {"years": 10**6}, "years are 1 to 9999, not 1000000"),
        (DefinitionError, {"years": 9999}, "no holidays of DE are known in 9999"),
        (
            DefinitionError,
            {"years": [1, 2], "subdivision": "BE"},
            "no holidays of DE-BE are known in 1 to 2",
        ),
        (KindError, {"language": 3}, "the language of holidays is text, not 3"),
        (KindError, {"country": None}, "the country of holidays is text, not blank"),
        (KindError, {"subdivision": ["BE"]}, r'the subdivision of holidays is text, not \["BE"\]'),
    ],
)
def test_holidays_that_nobody_knows(error, asked, says):
    pytest.importorskip("holidays")
    asked = {"country": "DE", "years": 2026, **asked}
    with pytest.raises(error, match=says):
        BERLIN.with_holidays(asked.pop("country"), **asked)


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "holidays", None)
    with pytest.raises(MissingExtraError) as caught:
        BERLIN.with_holidays("DE", years=2026)
    assert str(caught.value) == (
        "taking public holidays needs an extra; install it with: pip install 'mqlkit[holidays]'"
    )
