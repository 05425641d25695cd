"""Section F: timelines and windows."""

import math
import sqlite3
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from itertools import groupby, product

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqlkit import Activity, Lead, Timeline, Verdict, activity
from mqlkit.testing import activities, instants, leads
from mqlkit.testing.strategies.vocabulary import MICROSECOND, NOW, SPANS
from mqlkit.value import micros_of, read_as

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


offsets = st.sampled_from([timezone(timedelta(hours=hours)) for hours in (-11, 0, 5.5)])
one_kind = {
    "flag": st.booleans(),
    "number": st.integers() | st.floats() | st.sampled_from((5, 5.0, Decimal(5), 2**53 + 1)),
    "text": st.text(max_size=3),
    "moment": st.datetimes(timezones=offsets) | st.dates(),
}
blanks = st.sampled_from((None, "", "  ", math.nan, Decimal("NaN")))
odd = st.sampled_from((10**4_000, -math.inf, timedelta(1), Decimal("sNaN"), Fraction(10**400)))
naive = st.datetimes()
single = st.one_of(*one_kind.values(), blanks, odd, naive, st.decimals(), st.fractions())
names = st.text("aAä\U0001f600", max_size=2) | st.integers(0, 20)
hashable = st.frozensets(st.text(max_size=1) | st.integers(), max_size=3)
of_any_kind = st.recursive(
    single | hashable,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
of_any_content = st.builds(
    Activity, st.sampled_from("ab"), st.just(NOW), st.dictionaries(names, of_any_kind, max_size=3)
)


@given(of_any_content, of_any_content, of_any_content)
def test_contents_of_whatever_values_are_in_one_order(a, b, c):
    """Total: one of three holds, and what is level is so for both."""
    contents = [one.content for one in (a, b, c)]
    for x, y in product(contents, contents):
        assert [x < y, x == y, y < x].count(True) == 1
    x, y, z = sorted(contents)
    assert x <= y <= z
    assert x <= z
    assert (x == z) is (x == y == z)
    copied = attrs.evolve(a, properties=dict(reversed(a.properties.items())))
    assert copied.content == a.content


COLUMNS = {"A": "text", "a": "number", "b": "flag", "ä": "moment", "\uffff": "text"}
COLUMNS["\U0001f600"] = "number"
of_columns = st.builds(
    Activity,
    st.sampled_from(("Visit", "visit", "ärger")),
    st.just(NOW),
    st.fixed_dictionaries(
        {}, optional={name: one_kind[kind] | blanks for name, kind in COLUMNS.items()}
    ),
)


def nulls_last(one, columns):
    """A row as SQL compares it."""
    yield one.kind
    for name in sorted(columns):
        value = read_as(COLUMNS[name], one.properties.get(name))
        yield (True,) if value is None else (False, value)


@given(of_columns, of_columns)
def test_contents_are_in_the_order_of_columns_with_nulls_last(a, b):
    """Over the names of both."""
    both = {*a.properties, *b.properties}
    x, y = (tuple(nulls_last(one, both)) for one in (a, b))
    assert (a.content < b.content, a.content == b.content) == (x < y, x == y)


def test_a_database_sorts_contents_alike():
    """What a bulk engine relies on."""
    some = {
        "A": (None, "", "b", "B", "é", "\uffff", "\U0001f600"),
        "a": (None, math.nan, -3, 5, 5.0, 2.5, 2**53 + 1, math.inf),
        "b": (None, True, False),
        "ä": (None, date(2026, 3, 1), datetime(2026, 3, 1, tzinfo=UTC), NOW),
    }
    rows = [
        Activity(kind, NOW, dict(zip(some, values, strict=True)))
        for kind in ("Visit", "visit")
        for values in product(*some.values())
    ]
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE done (n, kind, A1, a2, b, c)")
        database.executemany(
            "INSERT INTO done VALUES (?, ?, ?, ?, ?, ?)",
            (
                (n, one.kind, *map(in_a_column, some, one.properties.values()))
                for n, one in enumerate(rows)
            ),
        )
        ranks = database.execute(
            "SELECT n, dense_rank() OVER (ORDER BY kind, A1 NULLS LAST, a2 NULLS LAST,"
            " b NULLS LAST, c NULLS LAST) FROM done"
        ).fetchall()
    database.close()
    ordered = sorted(rows, key=lambda one: one.content)
    level = [[*group] for _, group in groupby(ordered, key=lambda one: one.content)]
    rank = {id(one): place for place, group in enumerate(level, 1) for one in group}
    assert ranks
    assert all(rank[id(rows[n])] == place for n, place in ranks)


def in_a_column(name, value):
    read = read_as(COLUMNS[name], value)
    return micros_of(read) if isinstance(read, datetime) else read


spelled = st.fixed_dictionaries(
    {},
    optional={
        "n": st.sampled_from((5, 5.0, Decimal("5.0"), 6, True, None, math.nan)),
        "on": st.sampled_from(
            (date(2026, 3, 1), datetime(2026, 3, 1, tzinfo=UTC), "", "a", ("a",))
        ),
    },
)
at_once = st.lists(
    st.builds(
        Activity, st.sampled_from("ab"), st.just(NOW), spelled, st.sampled_from((None, "1", "2"))
    ),
    max_size=6,
)


def letters(timeline):
    return [(one.kind, one.id, repr(sorted(one.properties.items()))) for one in timeline]


@given(at_once, st.randoms(use_true_random=False), st.integers(0, 6))
def test_shuffled_spellings_of_one_content_end_in_one_timeline(done, random, cut):
    """Law 71: letter by letter, told at once or bit by bit, merged or not."""
    shuffled = random.sample(done, len(done))
    whole = Timeline(done)
    named = {one.id: {a.content for a in done if a.id == one.id} for one in done if one.id}
    for timeline in (
        Timeline(shuffled),
        Timeline(shuffled[:cut]).plus(*shuffled[cut:]),
        Timeline([*Timeline(shuffled[:cut]), *Timeline(shuffled[cut:])]),
    ):
        assert letters(timeline) == letters(whole)
    grown = Timeline()
    for one in shuffled:
        grown = grown.plus(one)
    assert letters(grown) == letters(whole)
    several = tuple(sorted(id for id, contents in named.items() if len(contents) > 1))
    assert grown.conflicts == whole.conflicts == several


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
