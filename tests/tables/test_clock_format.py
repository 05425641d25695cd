"""Dates in other forms: English month names and no locale, whatever the machine is set to."""

from datetime import UTC, date, datetime

import pytest

from mqlkit.errors import DefinitionError
from mqlkit.tables.clock_format import ClockFormat


@pytest.mark.parametrize(
    ("form", "text", "value"),
    [
        ("%d.%m.%Y", "1.3.2026", date(2026, 3, 1)),
        ("%m/%d/%y", "12/31/68", date(2068, 12, 31)),
        ("%m/%d/%y", "12/31/69", date(1969, 12, 31)),
        ("%d %b %Y", "01 mar 2026", date(2026, 3, 1)),
        ("%Y%m%d", "20260301", date(2026, 3, 1)),
        ("%Y-%m-%d %I:%M %p", "2026-03-01 12:30 AM", datetime(2026, 3, 1, 0, 30)),
        ("%Y-%m-%d %I:%M %p", "2026-03-01 12:30 pm", datetime(2026, 3, 1, 12, 30)),
        (
            "%Y-%m-%dT%H:%M:%S.%f%z",
            "2026-03-01T01:02:03.5Z",
            datetime(2026, 3, 1, 1, 2, 3, 500000, UTC),
        ),
        ("%Y-%m-%d %H:%M%z", "2026-03-01 01:00-05:30", datetime(2026, 3, 1, 6, 30, tzinfo=UTC)),
        ("%d.%m.%Y %% (*)", "1.3.2026 % (*)", date(2026, 3, 1)),
    ],
)
def test_reads(form: str, text: str, value: date) -> None:
    assert ClockFormat(form).read(text) == value


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("%d.%m.%Y", "2026-03-01"),
        ("%d.%m.%Y", "1.13.2026"),
        ("%d.%m.%Y", "1.3.2026 "),
        ("%d.%m.%Y", "1.3.２０２６"),
        ("%d %b %Y", "01 Mär 2026"),
        ("%Y-%m-%d %I:%M %p", "2026-03-01 13:30 PM"),
        ("%Y-%m-%d %H:%M", "2026-03-01 24:00"),
    ],
)
def test_refuses(form: str, text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the caller says what is wrong
        ClockFormat(form).read(text)


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ("%x", "'%x' is no part of a format"),
        ("%d%", "'%' is no part of a format"),
        ("%H:%M", "no whole date"),
        ("%m %Y", "no whole date"),
        ("%d %d %m %Y", "same part twice"),
    ],
)
def test_forms_that_mean_nothing(form: str, problem: str) -> None:
    with pytest.raises(DefinitionError, match=problem):
        ClockFormat(form)
