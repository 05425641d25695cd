"""How long a lead has stood in its stage."""

import pickle
from datetime import datetime, timedelta

import pytest
from building import NO, NOW, UNKNOWN, YES

from mqlkit import Lead
from mqlkit.criteria.stay import days_in_stage
from mqlkit.errors import NaiveTimeError
from mqlkit.fingerprint import fingerprint
from mqlkit.lead import Seen

DAY = timedelta(days=1)
LAST = datetime.max.replace(tzinfo=NOW.tzinfo)


def stood(span, now=NOW):
    return Lead("ada", stage="mql", stage_since=NOW - span).at(now)


@pytest.mark.parametrize(
    ("span", "verdict"),
    [(14 * DAY, YES), (14 * DAY - timedelta.resolution, NO), (-DAY, NO), (1_000 * DAY, YES)],
)
def test_it_is_exact_and_negative_before_the_stage(span, verdict):
    assert (days_in_stage() >= 14).judge(stood(span)) is verdict


def test_half_days_count():
    assert days_in_stage().equals(1.5).judge(stood(1.5 * DAY)) is YES


@pytest.mark.parametrize("lead", [Lead("ada"), Lead("ada", stage="mql")])
def test_it_is_unknown_when_nobody_told_since_when(lead):
    asking = days_in_stage() >= 14
    assert asking.judge(lead.at(NOW)) is UNKNOWN
    assert asking.changes_at(lead.at(NOW)) is None
    assert [seen.name for seen in asking.explain(lead.at(NOW)).unknowns()] == ["stage_since"]


@pytest.mark.parametrize("asking", [days_in_stage() >= 14, days_in_stage() > 14])
def test_it_changes_when_the_days_are_over_and_not_before(asking):
    snapshot = stood(2 * DAY)
    at = asking.changes_at(snapshot)
    assert at is not None
    assert asking.judge(stood(2 * DAY, at - timedelta.resolution)) is asking.judge(snapshot) is NO
    changed = stood(2 * DAY, at + timedelta.resolution)
    assert asking.judge(changed) is YES
    assert asking.changes_at(changed) is None


def test_days_beyond_the_calendar_never_come():
    near = Lead("ada", stage_since=LAST - 3 * DAY).at(LAST - 2 * DAY)
    assert (days_in_stage() >= 14).changes_at(near) is None


def test_it_says_what_it_is_and_what_it_came_to():
    reason = (days_in_stage() >= 14).explain(stood(2 * DAY))
    assert reason.text == "days in the stage is at least 14"
    assert reason.seen == (Seen("it", "2"),)


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(NaiveTimeError, match="stage_since"):
        Lead("ada", stage_since=datetime(2026, 3, 1))


def test_it_is_a_value():
    assert days_in_stage() == days_in_stage() == pickle.loads(pickle.dumps(days_in_stage()))
    assert hash(days_in_stage()) == hash(days_in_stage())
    assert fingerprint(days_in_stage() >= 14) != fingerprint(days_in_stage() >= 15)
