"""Whether both teams did what they agreed on."""

import json
from datetime import UTC, date, timedelta

import pytest
from attrs import evolve
from salesfloor import (
    DAY,
    HOT,
    HOUR,
    MINUTE,
    NOON,
    REST,
    Floor,
    accepted,
    decision,
    team,
    terms,
)

from mqlkit import Agreement, Signature
from mqlkit.errors import DefinitionError, NaiveTimeError
from mqlkit.handoff import Handoff, Kept, Spread, compliance, feedback_of
from mqlkit.handoff.compliance import TAKEN

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
    assert report.kept["first touch"] == Kept(2, 4)  # Nobody has touched the last one.
    assert report.kept["outcome"] == Kept(3, 3)
    assert report.without_feedback == ("lead 3/1",)
    assert report.fed_back == Kept(2, 3)
    assert report.assign == Spread(10 * MINUTE, None)
    assert report.act == Spread(20 * MINUTE, None)
    assert report.act_business == report.act  # Everybody works around the clock.
    assert report.attempts_kept == Kept(0, 0)
    assert report.protocol == {"hot": str(HOT), "rest": str(REST)}
    assert report.kept_by_target["hot"] == report.kept
    assert set(report.kept_by_target["rest"].values()) == {Kept(0, 0)}


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
    until = NOON + 7 * HOUR
    report = compliance(None, [late.handoff, prompt.handoff], [], SINCE, until, POLICY)
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
        "handed off 4, accepted 4, back 1, unanswered 0, withdrawn 0",
        "still waiting: 0",
        "offer in time: 4 of 5 (80 %)",
        "first touch in time: 2 of 4 (50 %)",
        "next attempt in time: none due",
        "outcome in time: 3 of 3 (100 %)",
        "attempts as agreed: none due",
        "time to assign: median 0:10:00; in working time median 0:10:00",
        "time to act: median 0:20:00; in working time median 0:20:00",
        "closed untouched: 0",
        "closed without feedback: 1",
        f"promised: {HOT}; kept: offer 4 of 5 (80 %), first touch 2 of 4 (50 %), "
        "outcome 3 of 3 (100 %)",
        f"promised: {REST}; kept: none due",
        "agreed: three calls in a week; measured: first touch in time 2 of 4 (50 %), "
        "closed untouched 0, attempts as agreed none due",
        "to be reported: the outcome of the first meeting; measured: "
        "sales said something of 2 of 3 (67 %)",
        "next review: 2026-02-04",
        "the agreement: its review is overdue since 2026-02-04",
    ]
    plain = json.loads(json.dumps(report.to_dict()))
    assert plain["assign"] == {"median": 600.0, "ninety": None}
    assert plain["fed_back"] == {"met": 2, "of": 3}
    assert plain["kept_by_target"]["hot"]["first touch"] == {"met": 2, "of": 4}
    assert plain["longest_wait"] is None
    assert plain["review_due"] == "2026-02-04"
    none = compliance(None, [], [], SINCE, UNTIL, POLICY)
    assert none.to_dict()["review_due"] is None
    assert none.to_dict()["assign"] == {"median": None, "ninety": None}
    assert "\nagreed" not in str(none)
    assert "next review" not in str(none)
    nothing = compliance(TERMS, [], [], SINCE, UNTIL, POLICY)
    assert "to be reported: the outcome of the first meeting; measured: nothing ended" in str(
        nothing
    )


def test_a_period_ends_after_it_starts():
    with pytest.raises(DefinitionError, match="a period ends after it starts"):
        compliance(None, [], [], NOON, NOON, POLICY)
    with pytest.raises(NaiveTimeError):
        compliance(None, [], [], NOON.replace(tzinfo=None), NOON, POLICY)


@pytest.mark.parametrize(
    ("minutes", "median", "ninety"),
    [((1,), 1, None), (tuple(range(1, 10)), 5, None), (tuple(range(1, 11)), 5, 9)],
)
def test_a_spread_is_made_of_spans_that_occurred(minutes, median, ninety):
    spans = [None, *(number * MINUTE for number in reversed(minutes))]
    spread = Spread.of(spans)
    assert spread == Spread(median * MINUTE, None if ninety is None else ninety * MINUTE)
    assert ("90 %" in str(spread)) == (len(minutes) >= 10)


# -- what sales did not say --------------------------------------------------------------------


def report_of(*floors, until=UNTIL, policy=POLICY):
    """The report on handoffs, with all the feedback there is."""
    handoffs = [floor.handoff for floor in floors]
    feedbacks = [said for handoff in handoffs for said in feedback_of(handoff)]
    return compliance(TERMS, handoffs, feedbacks, SINCE, until, policy)


def used_up():
    """A lead that did not answer three attempts."""
    floor = accepted()
    for number in range(3):
        floor.do("attempt", "ada", NOON + number * HOUR, "call")
    return floor


def test_the_close_that_comes_by_itself_is_no_feedback_and_no_outcome():
    for floor in (used_up(), used_up()):
        floor.tick(NOON + DAY)
        report = report_of(floor)
        assert (report.unanswered, report.given_back) == (1, 0)
        assert report.without_feedback == ("acme/1",)
        assert report.fed_back == Kept(0, 1)
        assert report.kept["outcome"] == Kept(0, 0)
        assert "closed without feedback: 1" in str(report)


def test_a_lead_withdrawn_from_sales_is_told():
    expired = Floor(POLICY).open()
    expired.do("withdraw", NOON + MINUTE, "expired")
    in_work = accepted(POLICY, decision("b", opened=1, demo=1))
    in_work.do("attempt", in_work.holder, NOON + MINUTE, "call")
    in_work.do("withdraw", NOON + HOUR, "a customer already")
    report = report_of(expired, in_work)
    assert report.withdrawn == report.without_feedback == ("acme/1", "b/1")
    assert report.untouched == ("acme/1",)
    assert "unanswered 0, withdrawn 2" in str(report)
    assert "closed untouched: 1" in str(report)


def test_a_rejection_is_a_word_of_sales_and_an_acceptance_without_a_touch_is_not():
    rejected = Floor(POLICY).open()
    rejected.do("reject", rejected.holder, "student", NOON + MINUTE)
    closed = accepted(POLICY, decision("b", opened=1, demo=1))
    closed.do("close", closed.holder, NOON + MINUTE, reason="student")
    report = report_of(rejected, closed)
    assert (report.given_back, report.without_feedback) == (2, ())
    assert report.untouched == ("b/1",)


# -- as of the end of the period ---------------------------------------------------------------


def test_what_had_come_due_counts_whether_anybody_ticked_or_not():
    lazy, prompt = accepted(POLICY), accepted(POLICY)
    prompt.tick(NOON + 2 * DAY)
    for floor in (lazy, prompt):
        assert report_of(floor, until=NOON + 30 * MINUTE).kept["first touch"] == Kept(0, 0)
        for late in (timedelta(microseconds=1), 2 * DAY, 30 * DAY):
            report = report_of(floor, until=NOON + 30 * MINUTE + late)
            assert report.kept["first touch"] == Kept(0, 1), late


def test_what_happened_after_the_period_is_not_in_its_report():
    floor = accepted(POLICY)
    before = report_of(floor, until=NOON + 10 * MINUTE)
    floor.do("attempt", "ada", NOON + 50 * MINUTE, "call")  # Late: a breach.
    floor.do("close", "ada", NOON + 2 * HOUR, reason="student")
    for feedbacks in ([], [*feedback_of(floor.handoff)]):
        again = compliance(TERMS, [floor.handoff], feedbacks, SINCE, NOON + 10 * MINUTE, POLICY)
        assert again == before
    assert report_of(floor, until=NOON + 40 * MINUTE).kept["first touch"] == Kept(0, 1)
    assert report_of(floor, until=NOON + HOUR).fed_back == Kept(0, 0)
    assert report_of(floor, until=NOON + 2 * HOUR).fed_back == Kept(1, 1)
    late = Floor(POLICY).open()
    late.do("accept", late.holder, NOON + 10 * MINUTE)
    assert report_of(late, until=NOON + 5 * MINUTE).accepted == 0


def test_a_word_that_came_after_the_period_was_not_there_yet():
    floor = Floor(POLICY).open()
    floor.do("withdraw", NOON + MINUTE, "expired")
    (word,) = feedback_of(handoff(1, 5, 20, outcome="meeting"))
    word = evolve(word, lead_id="acme", at=NOON + DAY)
    for until, fed_back in ((NOON + HOUR, Kept(0, 1)), (NOON + DAY, Kept(1, 1))):
        report = compliance(TERMS, [floor.handoff], [word], SINCE, until, POLICY)
        assert report.fed_back == fed_back


def test_leads_that_nobody_has_taken_are_told():
    long, short = Floor(POLICY).open(), Floor(POLICY, decision("b", opened=1)).open(NOON + HOUR)
    report = report_of(long, short, accepted(POLICY), until=NOON + 2 * HOUR)
    assert (report.waiting, report.longest_wait) == (("acme/1", "b/1"), 2 * HOUR)
    assert report.to_dict()["longest_wait"] == 7200.0
    assert "still waiting: 2, the longest for 2:00:00" in str(report)


def test_what_sales_takes_from_the_queue_was_no_offer():
    nobody = terms(HOT, REST, reps=team("ada", capacity=1))
    floor = Floor(nobody).open(load={"ada": 1})
    assert floor.handoff.state == "queued"
    floor.do("take", "ada", NOON + MINUTE)
    assert floor.handoff.offers[0].how == TAKEN
    report = report_of(floor, until=NOON + HOUR, policy=nobody)
    assert report.kept["offer"] == Kept(0, 0)
    assert (report.accepted, report.assign.median) == (1, MINUTE)


def test_an_agreed_pause_is_no_time_to_act():
    floor = accepted(POLICY)
    floor.do("pause", NOON + 10 * MINUTE, "call me in two hours", until=NOON + 2 * HOUR)
    floor.tick(NOON + 2 * HOUR)
    floor.do("pause", NOON + 2 * HOUR, "and again")
    floor.do("resume", NOON + 3 * HOUR)
    floor.do("attempt", "ada", NOON + 3 * HOUR + 5 * MINUTE, "call")
    floor.do("pause", NOON + 4 * HOUR, "on holiday")
    report = report_of(floor)
    assert report.act.median == 3 * HOUR + 5 * MINUTE
    assert report.act_business.median == 15 * MINUTE
    assert report.kept["first touch"] == Kept(1, 1)


def test_an_attempt_told_of_a_pause_takes_no_time_in_it():
    floor = accepted(POLICY)
    floor.do("pause", NOON + 10 * MINUTE, "on holiday")
    floor.do("attempt", "ada", NOON + 20 * MINUTE, "call")
    assert report_of(floor).act_business.median == 10 * MINUTE


# -- reviews that were due ---------------------------------------------------------------------


def test_reviews_that_nobody_held():
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
