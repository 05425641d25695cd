"""Section F: timelines and windows."""

from datetime import UTC, datetime, timedelta, timezone

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqlkit import Activity, Lead, Timeline, Verdict, activity
from mqlkit.testing import activities, instants, leads
from mqlkit.testing.strategies.vocabulary import MICROSECOND, NOW, SPANS

T, U, F = Verdict.YES, Verdict.UNKNOWN, Verdict.NO
DAY = timedelta(days=1)
told = st.lists(activities(), max_size=6)
spans = st.sampled_from(SPANS)


def lead_of(done):
    return Lead("ada", activities=done)


def grows_into_the_whole(make, first, batches) -> bool:
    """Whether a timeline that grew is the one made of all at once."""
    timeline, given = make(first), list(first)
    for batch in batches:
        timeline, given = timeline.plus(*batch), [*given, *batch]
    whole = Timeline(given)
    return timeline == whole == Timeline(given[::-1]) and timeline.conflicts == whole.conflicts


@given(told, st.lists(told, max_size=4), st.booleans())
def test_a_timeline_grows_into_what_all_of_it_makes(first, batches, one_by_one):
    """Law 135: in any split and order, the ids that were told in several ways included."""
    parts = [[one] for batch in batches for one in batch] if one_by_one else batches
    assert grows_into_the_whole(Timeline, first, parts)


class Appending(Timeline):
    """A liar: what is told later stands later."""

    def plus(self, *activities):
        longer = Appending(self)
        longer.activities += activities
        return longer


class Trusting(Timeline):
    """A liar: no id is ever told twice."""

    def plus(self, *activities):
        return Trusting([*self, *activities], unique_ids=True)


class Forgetting(Timeline):
    """A liar: forgets which ids were told in several ways."""

    def plus(self, *activities):
        return Forgetting([*self, *activities])


@pytest.mark.parametrize("liar", [Appending, Trusting, Forgetting])
def test_timelines_that_grow_wrongly_are_found_out(liar):
    late, early = Activity("b", NOW, id="1"), Activity("a", NOW - DAY, id="1")
    stories = (
        ([Activity("b", NOW)], [[Activity("a", NOW - DAY)]]),
        ([late], [[early]]),
        ([late, early], [[], [Activity("c", NOW)]]),
    )
    assert not all(grows_into_the_whole(liar, *story) for story in stories)
    assert all(grows_into_the_whole(Timeline, *story) for story in stories)


@given(told, told, told)
def test_merging_timelines_is_a_union(a, b, c):
    """Law 73: associative, commutative, idempotent on ids."""
    assert Timeline([*a, *b]) == Timeline([*b, *a])
    assert Timeline([*Timeline([*a, *b]), *c]) == Timeline([*a, *Timeline([*b, *c])])
    named = [one for one in a if one.id is not None]
    assert Timeline([*a, *named]) == Timeline(a)


@given(told, instants(), spans, st.integers(-100, 100))
def test_moving_everything_in_time_changes_nothing(done, as_of, span, days):
    """Law 74: for windows of a fixed length."""
    moved = [attrs.evolve(one, at=one.at + days * DAY) for one in done]
    recent = activity().within(days=span)
    for asking in (recent.count() >= 2, recent.days_since_last() <= 1, recent.did_not()):
        then = asking.judge(lead_of(moved).at(as_of + days * DAY))
        assert then is asking.judge(lead_of(done).at(as_of))


def test_calendar_months_do_not_shift():
    """Laws 75, 84 fail for months: the end of the month is clipped, as the calendar says."""
    recent = activity().within(calendar_months=1).happened()
    at = datetime(2026, 2, 28, 12, tzinfo=UTC)
    lead = lead_of([Activity("visit", at)])
    assert recent.judge(lead.at(at + 28 * DAY - MICROSECOND)) is T
    assert recent.judge(lead.at(at + 28 * DAY)) is F  # 28 March less a month is 28 February
    later = lead_of([Activity("visit", at + 3 * DAY)])
    assert recent.judge(later.at(at + 31 * DAY)) is T  # the same 28 days, three days later


@given(told, told, instants(), spans)
def test_what_lies_outside_the_window_changes_nothing(done, more, as_of, span):
    """Law 76: whatever older activities say; those without an id, which replace none."""
    asking = activity().within(days=span).count() >= 2
    start = as_of - span * DAY
    older = [attrs.evolve(one, at=min(one.at, start), id=None) for one in more]
    assert asking.judge(lead_of([*done, *older]).at(as_of)) is asking.judge(lead_of(done).at(as_of))


@given(instants(), spans)
def test_a_window_is_half_open(as_of, span):
    """Law 77: what happened just now counts, and what happened a whole span ago does not."""
    recent = activity().within(days=span).happened()
    for age, wanted in (
        (0 * DAY, T),
        (span * DAY - MICROSECOND, T),
        (span * DAY, F),
        (-MICROSECOND, F),
    ):
        assert recent.judge(lead_of([Activity("visit", as_of - age)]).at(as_of)) is wanted


@given(leads(), instants(), spans, spans, st.integers(0, 3))
def test_a_wider_window_finds_no_less(lead, as_of, a, b, n):
    """Law 78: monotone for "at least", the other way for "none"."""
    narrow, wide = (activity("page_view").within(days=span) for span in sorted((a, b)))
    snapshot = lead.at(as_of)
    assert (narrow.count() >= n).judge(snapshot) <= (wide.count() >= n).judge(snapshot)
    assert wide.did_not().judge(snapshot) <= narrow.did_not().judge(snapshot)


@given(told, activities(), instants(), st.integers(0, 3))
def test_one_more_activity_counts_one_way(done, one, as_of, n):
    """Law 47: "at least" may only rise, "at most" and "none" may only fall."""
    before = lead_of(done).at(as_of)
    after = lead_of([*done, attrs.evolve(one, id=None)]).at(as_of)
    count = activity().count()
    assert (count >= n).judge(before) <= (count >= n).judge(after)
    assert (count <= n).judge(after) <= (count <= n).judge(before)
    assert activity().did_not().judge(after) <= activity().did_not().judge(before)


def test_two_readings_of_one_wall_clock_are_two_instants():
    """Law 81: the hour that comes twice, told apart by its offset, as fold 0 and 1 are."""
    first, second = (
        datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=hours))) for hours in (2, 1)
    )
    lead = lead_of([Activity("visit", first), Activity("visit", second)])
    assert (activity().count() >= 2).judge(lead.at(first)) is F
    assert (activity().count() >= 2).judge(lead.at(second)) is T


def test_no_timeline_is_not_an_empty_one():
    """DESIGN 3: not loaded is unknown; empty is known, and closed."""
    visits = activity("visit")
    empty, unloaded = lead_of([]).at(NOW), Lead("ada").at(NOW)
    asked = {
        visits.did_not(): T,
        visits.count().equals(0): T,
        visits.sum("amount").equals(0): T,
        visits.max("amount") >= -(2**53): F,
        visits.min("amount") >= 2**53: T,
        visits.days_since_last() >= 3_650: T,
        visits.then(visits): F,
    }
    for asking, wanted in asked.items():
        assert asking.judge(empty) is wanted
        assert asking.judge(unloaded) is U


def test_of_one_id_the_earliest_counts_then_the_smallest_content():
    """DESIGN 3; differing content is told."""
    late, early = Activity("b", NOW, id="1"), Activity("a", NOW - DAY, id="1")
    timeline = Timeline([late, early])
    assert [one.kind for one in timeline] == ["a"]
    assert timeline.conflicts == ("1",)
    assert [one.kind for one in Timeline([late, attrs.evolve(late, kind="a")])] == ["a"]


def test_a_blank_property_may_or_may_not_match():
    """DESIGN 3: counts become ranges; a sum is unknown unless blanks are skipped."""
    lead = lead_of([Activity("visit", NOW, {"page": "/a", "n": 1}), Activity("visit", NOW)])
    pricing = activity("visit", page="/a")
    answers = [(pricing.count() >= n).judge(lead.at(NOW)) for n in (1, 2, 3)]
    assert answers == [T, U, F]
    assert (activity("visit").sum("n") >= 1).judge(lead.at(NOW)) is U
    assert (activity("visit").sum("n", blanks="skip") >= 1).judge(lead.at(NOW)) is T
    assert (activity("visit").distinct("page") >= 2).judge(lead.at(NOW)) is U
