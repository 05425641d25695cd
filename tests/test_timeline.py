"""Activities: by their own time, each id once, and nobody can change them afterwards."""

import pickle
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import permutations

import pytest
from building import NOW, TICK, ago, did, refused

from mqlkit import Activity, Timeline
from mqlkit.errors import KindError, LeadDataError, NaiveTimeError
from mqlkit.timeline import MOST_ACTIVITIES, freeze, frozen_mapping


def test_an_activity_is_kept_in_utc() -> None:
    at = datetime(2026, 3, 15, 14, tzinfo=timezone(timedelta(hours=2)))
    assert Activity("open", at) == Activity("open", NOW)
    assert Activity("open", at).at.tzinfo is UTC


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        (("", NOW), LeadDataError, "an activity needs a kind, such as 'page_view', not blank"),
        ((None, NOW), LeadDataError, "an activity needs a kind, such as 'page_view', not blank"),
        ((7, NOW), LeadDataError, "an activity needs a kind, such as 'page_view', not 7"),
        (("open", NOW, {}, 7), LeadDataError, "an activity's id is text, not 7"),
        (
            ("open", datetime(2026, 3, 15)),
            NaiveTimeError,
            "an activity's time 2026-03-15 00:00:00 (no time zone) has no usable time zone; "
            "say which, for example datetime(2026, 3, 1, 12, tzinfo=UTC)",
        ),
        (
            ("open", date(2026, 3, 15)),
            KindError,
            "an activity's time must be a datetime with a time zone, not 2026-03-15",
        ),
        (
            ("open", NOW, [("page", "/")]),
            KindError,
            'attributes and properties are a mapping by name, not [["page", "/"]]',
        ),
    ],
)
def test_what_is_no_activity_is_refused(
    given: tuple[object, ...], error: type[Exception], text: str
) -> None:
    with refused(error, text):
        Activity(*given)


def test_properties_are_copied_to_the_bottom() -> None:
    tags = ["a", {"b"}]
    properties = {"tags": tags, "where": {"city": ["Rome"]}, "n": 1}
    activity = Activity("open", NOW, properties)
    tags.append("c")
    properties["n"] = 2
    properties["where"]["city"].append("Oslo")
    assert activity.properties == {
        "tags": ("a", frozenset({"b"})),
        "where": {"city": ("Rome",)},
        "n": 1,
    }
    assert freeze(7) == 7
    assert freeze(frozenset({1})) == frozenset({1})
    assert frozen_mapping({}) == {}


def test_a_timeline_is_in_order_of_time_however_it_came() -> None:
    activities = [did("a", 3), did("b", 1, key="x"), did("a", 1, key="x2"), did("b", 1)]
    lines = [list(Timeline(order)) for order in permutations(activities)]
    assert all(line == lines[0] for line in lines)
    assert [(a.kind, a.id) for a in lines[0]] == [("a", None), ("b", None), ("b", "x"), ("a", "x2")]


def test_what_happened_includes_now_and_the_rest_is_later() -> None:
    timeline = Timeline([did("a", 1), Activity("b", NOW), Activity("c", NOW + TICK)])
    assert [a.kind for a in timeline.until(NOW)] == ["a", "b"]
    assert [a.kind for a in timeline.after(NOW)] == ["c"]
    assert [a.kind for a in timeline.until(NOW - TICK)] == ["a"]
    assert len(timeline) == 3


def test_one_id_counts_once_and_the_earliest_wins() -> None:
    late, early = did("open", 1, key="x"), did("open", 2, key="x")
    for order in ([late, early], [early, late]):
        timeline = Timeline(order)
        assert list(timeline) == [early]
        assert timeline.conflicts == ("x",)


def test_of_one_time_the_smallest_content_wins() -> None:
    a, b = did("open", key="x", n=1), did("open", key="x", n=2)
    kind = did("click", key="x", n=3)
    for order in permutations([a, b, kind]):
        timeline = Timeline(order)
        assert list(timeline) == [kind]
        assert timeline.conflicts == ("x",)
    assert list(Timeline([b, a])) == [a]


def test_a_faithful_repetition_is_no_conflict() -> None:
    one, same = (
        did("open", key="x", tags={"a", "b", "c"}),
        did("open", key="x", tags={"c", "b", "a"}),
    )
    timeline = Timeline([one, same, one, did("open"), did("open")])
    assert len(timeline) == 3
    assert timeline.conflicts == ()


def test_conflicts_are_sorted_and_told_once() -> None:
    timeline = Timeline([did("open", day, key=key) for key in "ba" for day in (1, 2, 3)])
    assert timeline.conflicts == ("a", "b")


def test_content_has_one_spelling() -> None:
    content = did("open", at=NOW, tags={"b", "a"}, n=float("nan")).content
    assert content == (
        "open",
        '{"at": {"datetime": "2026-03-15 12:00:00 UTC"}, "n": NaN, '
        '"tags": {"frozenset": ["\'a\'", "\'b\'"]}}',
    )


def test_a_giver_may_vouch_for_its_ids() -> None:
    timeline = Timeline([did("open", 1, key="x"), did("open", 2, key="x")], unique_ids=True)
    assert len(timeline) == 2
    assert timeline.conflicts == ()


def test_a_timeline_has_a_greatest_length() -> None:
    with refused(LeadDataError, "a lead may have 1,000,000 activities, not 1,000,001"):
        Timeline([did("open")] * (MOST_ACTIVITIES + 1))


def test_timelines_are_equal_when_their_activities_are() -> None:
    a, b = did("open", 1), did("open", 2)
    assert Timeline([a, b]) == Timeline([b, a])
    assert Timeline([a]) != Timeline([b])
    assert Timeline() != ()
    assert repr(Timeline([a, b])) == "Timeline(2 activities)"
    with pytest.raises(TypeError, match=r"unhashable"):
        hash(Timeline())
    assert Timeline([a]).until(ago(days=1)) == (a,)


def test_an_activity_survives_pickling() -> None:
    activity = did("open", 1, key="x", page="/")
    assert pickle.loads(pickle.dumps(activity)) == activity


def test_a_property_that_cannot_be_spelled_costs_no_timeline() -> None:
    class Silent:
        def __repr__(self) -> str:
            raise RuntimeError("no word for it")

    twice = [Activity("view", NOW, {"page": Silent()}, "a") for _ in range(2)]
    assert len(Timeline(twice)) == 1
