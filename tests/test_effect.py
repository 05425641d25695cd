"""An effect: told once, under a key."""

from datetime import UTC, datetime

import pytest

from mqlkit.effect import Effect
from mqlkit.errors import KindError, NaiveTimeError

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"kind": ""}, "an effect's kind is text, not blank"),
        ({"lead_id": 7}, "an effect's lead_id is text, not 7"),
        ({"key": None}, "an effect's key is text, not blank"),
    ],
)
def test_an_effect_says_what_about_whom_and_under_which_key(parts, says):
    with pytest.raises(KindError, match=says):
        Effect(**{"kind": "entered", "lead_id": "ada", "at": AT, "key": "ada/1"} | parts)


def test_an_effect_has_an_instant():
    with pytest.raises(NaiveTimeError):
        Effect("entered", "ada", datetime(2026, 3, 2), "ada/1")


def test_a_cloudevent_has_what_the_standard_asks_for():
    """CloudEvents 1.0: source and id together name the event; its time is RFC 3339."""
    event = Effect("queued again", "ada", AT, "ada/1", {"stage": "mql"}).cloudevent("/funnel")
    assert event == {
        "specversion": "1.0",
        "type": "mqlkit.queued-again",
        "source": "/funnel",
        "id": "ada/1",
        "subject": "ada",
        "time": "2026-03-02T09:00:00Z",
        "datacontenttype": "application/json",
        "data": {"stage": "mql"},
    }
