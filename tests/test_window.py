"""How far back something counts: half open to the microsecond, and calendar months that clip."""

import pickle
from datetime import UTC, datetime, timedelta

import pytest
from building import NOW, TICK, refused

from mqlkit.errors import DefinitionError, KindError
from mqlkit.window import Window, whole, window


def test_units_add_up_and_have_one_normal_form() -> None:
    assert Window(hours=48) == Window(days=2)
    assert Window(minutes=1_500) == Window(days=1, hours=1)
    assert hash(Window(hours=48)) == hash(Window(days=2))
    assert window(weeks=1, months=1, days=1) == Window(days=38)
    assert window(hours=1, minutes=90) == Window(hours=2, minutes=30)
    assert Window(days=1, hours=2, minutes=3).span == timedelta(days=1, hours=2, minutes=3)
    assert Window(calendar_months=2).span == timedelta(days=62)


@pytest.mark.parametrize(
    ("span", "text"),
    [
        ({"days": 1}, "1 day"),
        ({"weeks": 2}, "14 days"),
        ({"days": 3_650}, "3,650 days"),
        ({"days": 1, "hours": 2, "minutes": 1}, "1 day 2 hours 1 minute"),
        ({"minutes": 30}, "30 minutes"),
        ({"calendar_months": 1}, "1 calendar month"),
        ({"calendar_months": 3}, "3 calendar months"),
    ],
)
def test_a_window_is_said_in_its_units(span: dict[str, int], text: str) -> None:
    assert str(window(**span)) == text


@pytest.mark.parametrize(
    ("span", "error", "text"),
    [
        ({}, DefinitionError, "a window is some days, hours and minutes, or some calendar months"),
        (
            {"days": 1, "calendar_months": 1},
            DefinitionError,
            "a window is some days, hours and minutes, or some calendar months",
        ),
        ({"days": -1}, DefinitionError, "a window's days must be 0 or more, not -1"),
        ({"hours": 1.5}, KindError, "a window's hours must be a whole number, not 1.5"),
        ({"minutes": True}, KindError, "a window's minutes must be a whole number, not yes"),
        (
            {"calendar_months": "1"},
            KindError,
            'a window\'s calendar_months must be a whole number, not "1"',
        ),
        ({"weeks": -1}, DefinitionError, "weeks must be 0 or more, not -1"),
        ({"months": 0.5}, KindError, "months must be a whole number, not 0.5"),
        ({"days": 3_651}, DefinitionError, "a window is at most 3,650 days long"),
        ({"days": 3_650, "minutes": 1}, DefinitionError, "a window is at most 3,650 days long"),
        ({"calendar_months": 122}, DefinitionError, "a window is at most 3,650 days long"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(
    span: dict[str, int], error: type[Exception], text: str
) -> None:
    with refused(error, text):
        window(**span)


def test_a_whole_number_has_a_least() -> None:
    assert whole(1, "n", least=1) == 1
    with refused(DefinitionError, "n must be 1 or more, not 0"):
        whole(0, "n", least=1)


def test_a_window_starts_its_length_ago() -> None:
    assert Window(days=30).start(NOW) == NOW - timedelta(days=30)
    assert Window(calendar_months=121).start(NOW) == datetime(2016, 2, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("as_of", "start"),
    [
        (datetime(2026, 3, 31, 9, tzinfo=UTC), datetime(2026, 2, 28, 9, tzinfo=UTC)),
        (datetime(2024, 3, 31, 9, tzinfo=UTC), datetime(2024, 2, 29, 9, tzinfo=UTC)),
        (datetime(2026, 3, 28, 9, tzinfo=UTC), datetime(2026, 2, 28, 9, tzinfo=UTC)),
        (datetime(2026, 1, 1, tzinfo=UTC), datetime(2025, 12, 1, tzinfo=UTC)),
    ],
)
def test_a_calendar_month_clips_at_the_months_end(as_of: datetime, start: datetime) -> None:
    assert Window(calendar_months=1).start(as_of) == start


def test_months_are_no_algebra() -> None:
    """Two steps of one month need not be one of two: the first clips, the second does not."""
    as_of = datetime(2026, 3, 31, tzinfo=UTC)
    one = Window(calendar_months=1)
    assert one.start(one.start(as_of)) == datetime(2026, 1, 28, tzinfo=UTC)
    assert Window(calendar_months=2).start(as_of) == datetime(2026, 1, 31, tzinfo=UTC)


@pytest.mark.parametrize("span", [Window(days=1), Window(calendar_months=1)])
def test_before_the_calendar_began_everything_counts(span: Window) -> None:
    beginning = datetime.min.replace(tzinfo=UTC)
    assert span.start(beginning) < beginning
    assert span.start(beginning + timedelta(hours=23)) < beginning


def test_what_happened_leaves_after_the_span() -> None:
    at = NOW - timedelta(days=3)
    assert list(Window(days=7).boundaries(at, NOW)) == [at + timedelta(days=7)]
    assert list(Window(days=3).boundaries(at, NOW)) == []
    assert list(Window(days=3).boundaries(at + TICK, NOW)) == [NOW + TICK]


@pytest.mark.parametrize("day", range(26, 32))
@pytest.mark.parametrize("months", [1, 2, 11, 12])
def test_no_change_of_a_calendar_window_falls_between_its_boundaries(day: int, months: int) -> None:
    """Step half an hour at a time: whether it counts changes at a boundary or not at all."""
    at = datetime(2025, 1, day, 7, 30, tzinfo=UTC)
    span = Window(calendar_months=months)
    as_of = at
    inside = at > span.start(as_of)
    due = min(span.boundaries(at, as_of), default=None)
    for _ in range(48 * 31 * (months + 1)):
        later = as_of + timedelta(hours=0.5)
        now_inside = at > span.start(later)
        if now_inside != inside:
            assert due is not None
            assert due <= later
        if due is None or due <= later:
            due = min(span.boundaries(at, later), default=None)
        as_of, inside = later, now_inside
    assert not inside
    assert due is None


def test_a_window_is_a_value() -> None:
    copy = pickle.loads(pickle.dumps(Window(days=30)))
    assert (copy, hash(copy)) == (Window(days=30), hash(Window(days=30)))
    assert repr(copy) == "Window(days=30, hours=0, minutes=0, calendar_months=0)"


@pytest.mark.parametrize("span", [Window(days=30), Window(calendar_months=1)])
def test_a_window_at_the_end_of_the_calendar_never_closes(span: Window) -> None:
    last = datetime(9999, 12, 31, 23, tzinfo=UTC)
    assert list(span.boundaries(last, last)) == []
