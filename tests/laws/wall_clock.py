"""
The meaning of a calendar, without any of its arithmetic: is the wall clock inside a window now?

`Plain` holds hours as numbers and knows how to write them as a `Calendar`. `open_now` asks the
question of one instant, and everything else counts ticks.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import attrs
from hypothesis import strategies as st

from mqlkit.calendar import Calendar

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
TICK = timedelta(microseconds=1)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ZONES = sorted(available_timezones() - {"localtime", "Factory"})


@attrs.frozen
class Plain:
    """Hours as (from, to) in minutes; *to* at or before *from* lies on the next day."""

    zone: str
    week: dict[int, list[tuple[int, int]]]
    closed: frozenset[date] = frozenset()
    overrides: dict[date, list[tuple[int, int]]] = attrs.field(factory=dict)

    def calendar(self):
        return Calendar(
            self.zone,
            {DAYS[day]: list(map(text, windows)) for day, windows in self.week.items()},
            closed=self.closed - set(self.overrides),
            overrides={day: list(map(text, windows)) for day, windows in self.overrides.items()},
        )


def text(window):
    opens, closes = window
    return f"{opens // 60:02}:{opens % 60:02}-{closes // 60:02}:{closes % 60:02}"


def open_now(plain, at):
    """Whether the wall clock reads inside a window at the instant *at*."""
    wall = at.astimezone(ZoneInfo(plain.zone))
    today, minute = wall.date(), wall.hour * 60 + wall.minute
    if today in plain.overrides:
        return in_head(plain.overrides[today], minute)
    if today in plain.closed:
        return False
    yesterday = today - DAY
    return (
        in_head(plain.week.get(today.weekday(), []), minute)
        or in_tail(plain.week.get(yesterday.weekday(), []), minute)
        or in_tail(plain.overrides.get(yesterday, []), minute)
    )


def in_head(windows, minute):
    return any(a <= minute and (minute < b or b <= a) for a, b in windows)


def in_tail(windows, minute):
    return any(b <= a and minute < b for a, b in windows)


def ticks(plain, start, end, step=MINUTE):
    """For each tick from *start* to *end*, whether it is open."""
    count = (end - start) // step
    return [open_now(plain, start + number * step) for number in range(count)]


def agree(plain, start, end, step=MINUTE):
    """
    The calendar says of every tick what the ticks say.

    The edges of all windows must fall on ticks: so does each minute where offsets are whole ones.
    """
    calendar = plain.calendar()
    told = ticks(plain, start, end, step)
    elapsed = timedelta()
    for number, is_open in enumerate(told):
        at = start + number * step
        if number % 97 == 0:  # All of them would be quadratic in what is built, not in ticks.
            assert calendar.is_open(at) is is_open, at
        if number in (0, len(told) - 1) or is_open is not told[number - 1] or number % 53 == 0:
            assert calendar.elapsed(start, at) == elapsed, at
            if number and told[number - 1]:
                assert calendar.due(start, elapsed) == at
            wanted = at if is_open else None
            assert (calendar.next_open(at) == at) is (wanted == at), at
            assert (calendar.next_close(at) == at) is not is_open, at
        elapsed += step * is_open
    assert calendar.elapsed(start, start + len(told) * step) == elapsed


def offset(zone, at):
    return at.astimezone(zone).utcoffset()


def changes(zone_name, since, until):
    """The instants at which the zone's offset changes, to the second, by looking every day."""
    zone = ZoneInfo(zone_name)
    found, at = [], since
    while at < until:
        low, high = at, at + DAY
        if offset(zone, low) != offset(zone, high):
            before = offset(zone, low)
            while high - low > SECOND:
                middle = low + (high - low) // 2
                middle -= timedelta(microseconds=middle.microsecond)
                low, high = (middle, high) if offset(zone, middle) == before else (low, middle)
            found.append(high)
        at += DAY
    return found


# -- generated -----------------------------------------------------------------------------------

minutes = st.one_of(
    st.sampled_from([0, 30, 60, 90, 120, 135, 150, 165, 180, 1_410, 1_439]), st.integers(0, 1_439)
)


@st.composite
def windows(draw):
    opens = draw(minutes)
    closes = draw(st.one_of(minutes, st.just(1_440)).filter(lambda m: m != opens))
    return opens, 1_440 if closes == 0 else closes


hours = st.lists(windows(), min_size=1, max_size=3)
weeks = st.dictionaries(st.integers(0, 6), hours, min_size=1, max_size=7)


@st.composite
def moments(draw, zone):
    """Some instant, most often near a change of the zone's offset."""
    year = draw(st.integers(1_890, 2_095))
    month = draw(st.integers(1, 12))
    some = datetime(year, month, draw(st.integers(1, 28)), tzinfo=UTC)
    jump = next(iter(changes(zone, some, some + 60 * DAY)), some)
    return jump + draw(st.integers(-4 * 86_400, 4 * 86_400)) * SECOND


@st.composite
def plains(draw, zone=None, at=None):
    """Hours in some zone, with dates of their own around an instant."""
    named = draw(st.sampled_from(ZONES)) if zone is None else zone
    middle = (draw(moments(named)) if at is None else at).date()
    dates = st.integers(-4, 4).map(lambda days: middle + days * DAY)
    return Plain(
        named,
        draw(weeks),
        frozenset(draw(st.sets(dates, max_size=2))),
        draw(st.dictionaries(dates, st.one_of(hours, st.just([])), max_size=2)),
    )


@st.composite
def situations(draw):
    """Hours, and an instant near which they are put to the test."""
    zone = draw(st.sampled_from(ZONES))
    at = draw(moments(zone))
    return draw(plains(zone, at)), at


works = st.one_of(
    st.sampled_from([timedelta(), TICK, MINUTE, HOUR, 8 * HOUR, 40 * HOUR]),
    st.timedeltas(timedelta(), 30 * DAY),
)
spans = st.one_of(st.sampled_from([timedelta(), TICK, DAY]), st.timedeltas(timedelta(), 60 * DAY))
