"""Whether both teams did what they agreed on."""

import json
from datetime import UTC, date, timedelta

import pytest
from salesfloor import DAY, HOT, HOUR, MINUTE, NOON, REST, Floor, decision, terms

from mqlkit import Agreement, Signature
from mqlkit.errors import DefinitionError, NaiveTimeError
from mqlkit.handoff import Handoff, Kept, Spread, compliance, feedback_of

TERMS = Agreement(
    definition="ready",
    version="2",
    state="signed",
    marketing=Signature("Ann", date(2025, 11, 3)),
    sales=Signature("Ben", date(2025, 11, 4)),
    follow_up="three calls in a week",
    feedback=["the outcome of the first meeting"],
)
POLICY = terms(HOT, REST)
SINCE, UNTIL = NOON - DAY, NOON + 30 * DAY


def handoff(number, accept, touch=None, **close):
    """A handoff that was accepted and touched so many minutes after its opening."""
    floor = Floor(POLICY, decision(f"lead {number}", opened=1, demo=1)).open()
    floor.tick(NOON + accept * MINUTE)
    floor.do("accept", floor.holder, NOON + accept * MINUTE)
    if touch is not None:
        floor.do("attempt", floor.holder, NOON + touch * MINUTE, "call")
    if close:
        floor.do("close", floor.holder, NOON + 2 * HOUR, **close)
    return floor.handoff


SOME = (
    handoff(1, 5, 20, outcome="meeting"),
    handoff(2, 10, 30, reason="student"),
    handoff(3, 20, 60, outcome="meeting"),  # Lapsed once, and touched after 40 minutes.
    handoff(4, 15),
)
SAID = [feedback for one in SOME[:2] for feedback in feedback_of(one)]


def test_a_period_s_handoffs_are_counted():
    report = compliance(TERMS, SOME, SAID, SINCE, UNTIL, POLICY)
    assert (report.handed, report.accepted, report.given_back) == (4, 4, 1)
    assert report.kept["offer"] == Kept(4, 5)
    assert report.kept["first touch"] == Kept(2, 3)
    assert report.kept["outcome"] == Kept(3, 3)
    assert report.without_feedback == ("lead 3/1",)
    assert report.assign == Spread(10 * MINUTE, 20 * MINUTE)
    assert report.act == Spread(20 * MINUTE, 40 * MINUTE)
    assert report.act_business == report.act  # Everybody works around the clock.
    assert report.attempts_kept == Kept(0, 0)
    assert report.protocol == (str(HOT), str(REST))


def test_time_is_counted_on_the_wall_and_in_working_time():
    from mqlkit.calendar import Calendar

    morning = Calendar("UTC", {"mon-fri": "08:00-13:00"})
    policy = terms(REST, calendar=morning)
    floor = Floor(policy).open()
    floor.do("accept", floor.holder, NOON + 30 * MINUTE)
    floor.do("attempt", floor.holder, NOON + DAY - 3 * HOUR, "call")
    report = compliance(None, [floor.handoff], [], SINCE, UNTIL, policy)
    assert (report.act.median, report.act_business.median) == (20 * HOUR + 30 * MINUTE, 90 * MINUTE)
    assert report.assign == report.assign_business


def test_what_lies_outside_the_period_does_not_count():
    report = compliance(None, [*SOME, Handoff()], SAID, NOON + MINUTE, UNTIL, POLICY)
    assert (report.handed, report.accepted) == (0, 0)
    assert str(report.kept["offer"]) == "none due"
    assert str(report.assign) == "none yet"
    assert report.problems == report.reviews_missed == ()
    assert compliance(None, SOME, SAID, NOON, NOON + MINUTE, POLICY).handed == 4
    assert compliance(None, SOME, SAID, SINCE, NOON, POLICY).handed == 0


def test_attempts_as_agreed():
    late = Floor(POLICY).open()
    late.do("accept", late.holder, NOON)
    late.do("attempt", late.holder, NOON + MINUTE, "call")
    late.do("attempt", late.holder, NOON + 6 * HOUR, "call")
    prompt = Floor(POLICY).open()
    prompt.do("accept", prompt.holder, NOON)
    prompt.do("attempt", prompt.holder, NOON + MINUTE, "call")
    prompt.do("attempt", prompt.holder, NOON + HOUR, "call", True)
    report = compliance(None, [late.handoff, prompt.handoff], [], SINCE, UNTIL, POLICY)
    assert report.attempts_kept == Kept(1, 2)
    assert report.kept["next attempt"] == Kept(1, 2)


def test_a_breach_that_was_never_made_good_counts_as_missed():
    floor = Floor(POLICY).open()
    floor.do("accept", floor.holder, NOON)
    floor.tick(NOON + 40 * MINUTE)
    report = compliance(None, [floor.handoff], [], SINCE, UNTIL, POLICY)
    assert report.kept["first touch"] == Kept(0, 1)


def test_the_agreement_itself_is_looked_at():
    report = compliance(TERMS, SOME, SAID, SINCE, UNTIL, POLICY)
    assert report.review_due == date(2026, 2, 4)
    assert report.reviews_missed == ()
    assert report.problems == ("its review is overdue since 2026-02-04",)
    earlier = compliance(TERMS, SOME, SAID, NOON - 60 * DAY, UNTIL, POLICY)
    assert earlier.reviews_missed == (date(2026, 2, 4),)
    assert "review missed: 2026-02-04" in str(earlier)


def test_a_report_is_read_and_is_plain_data():
    report = compliance(TERMS, SOME, SAID, SINCE, UNTIL, POLICY)
    assert str(report).splitlines() == [
        "from 2026-03-01 12:00:00 UTC to 2026-04-01 12:00:00 UTC",
        "handed off 4, accepted 4, back 1",
        "offer in time: 4 of 5 (80 %)",
        "first touch in time: 2 of 3 (67 %)",
        "next attempt in time: none due",
        "outcome in time: 3 of 3 (100 %)",
        "attempts as agreed: none due",
        "time to assign: median 0:10:00, 90 % within 0:20:00; "
        "in working time median 0:10:00, 90 % within 0:20:00",
        "time to act: median 0:20:00, 90 % within 0:40:00; "
        "in working time median 0:20:00, 90 % within 0:40:00",
        "closed without feedback: 1",
        "agreed: three calls in a week",
        "to be reported: the outcome of the first meeting",
        f"promised: {HOT}",
        f"promised: {REST}",
        "next review: 2026-02-04",
        "the agreement: its review is overdue since 2026-02-04",
    ]
    plain = json.loads(json.dumps(report.to_dict()))
    assert plain["assign"] == {"median": 600.0, "ninety": 1200.0}
    assert plain["review_due"] == "2026-02-04"
    none = compliance(None, [], [], SINCE, UNTIL, POLICY)
    assert none.to_dict()["review_due"] is None
    assert none.to_dict()["assign"] == {"median": None, "ninety": None}
    assert "\nagreed" not in str(none)
    assert "next review" not in str(none)


def test_a_period_ends_after_it_starts():
    with pytest.raises(DefinitionError, match="a period ends after it starts"):
        compliance(None, [], [], NOON, NOON, POLICY)
    with pytest.raises(NaiveTimeError):
        compliance(None, [], [], NOON.replace(tzinfo=None), NOON, POLICY)


@pytest.mark.parametrize(
    ("minutes", "median", "ninety"), [((1,), 1, 1), ((1, 2), 1, 2), (tuple(range(1, 11)), 5, 9)]
)
def test_a_spread_is_made_of_spans_that_occurred(minutes, median, ninety):
    spans = [None, *(number * MINUTE for number in reversed(minutes))]
    assert Spread.of(spans) == Spread(median * MINUTE, ninety * MINUTE)


# -- reviews that were due ---------------------------------------------------------------------


def test_reviews_that_nobody_held():
    from attrs import evolve

    year = (date(2025, 11, 1), date(2026, 12, 1))
    days = (date(2026, 2, 4), date(2026, 5, 4), date(2026, 8, 4), date(2026, 11, 4))
    assert TERMS.reviews_missed(*year) == days
    held = evolve(TERMS, reviewed=[date(2026, 2, 4), date(2026, 6, 1)])
    assert held.reviews_missed(*year) == (date(2026, 5, 4), date(2026, 9, 1))
    assert TERMS.reviews_missed(date(2026, 2, 4), date(2026, 2, 5)) == days[:1]
    assert TERMS.reviews_missed(date(2026, 2, 5), date(2026, 5, 4)) == ()
    assert Agreement(definition="d", version="1").reviews_missed(*year) == ()
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(NaiveTimeError):
        TERMS.reviews_missed(naive, naive)
    assert TERMS.reviews_missed(NOON.astimezone(UTC) - timedelta(days=60), NOON) == days[:1]
