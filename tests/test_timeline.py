"""Activities: by their own time, each id once, and nobody can change them afterwards."""

import copy
import math
import pickle
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise, permutations

import attrs
import pytest
from building import NOW, TICK, ago, did, refused

from mqlkit import Activity, Timeline
from mqlkit.errors import KindError, LeadDataError, NaiveTimeError
from mqlkit.timeline import MOST_ACTIVITIES, NOTHING, freeze, frozen_mapping


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


def test_content_is_the_kind_and_what_is_known_by_name() -> None:
    content = did("open", at=NOW, tags={"b", "a"}, n=float("nan"), page="/", by=5).content
    assert content == (
        "open",
        (
            (0, "at", (3, NOW)),
            (0, "by", (1, 5)),
            (0, "page", (2, "/")),
            (0, "tags", (4, '{"frozenset": ["\'a\'", "\'b\'"]}')),
            (1,),
        ),
    )
    assert Activity("open", NOW).content == ("open", ((1,),))


NAIVE = datetime(2026, 3, 1)


@pytest.mark.parametrize(
    "in_order",
    [
        ["a", "b", None],
        [False, True, -math.inf, -3, 2.5, 10**400, math.inf, "A", "a", "\uffff", "\U0001f600"],
        [9, 10, "10", "9", date(2026, 3, 1), datetime(2026, 3, 1, 1, tzinfo=UTC), [1], NAIVE],
        [7, Decimal("7.5"), Fraction(8), "7", ["b"]],
        [["a"], {"a": 1}, {"a", "b"}, timedelta(1)],
    ],
)
def test_values_of_whatever_kind_have_an_order_and_a_blank_is_last(in_order: list[object]) -> None:
    told = [Activity("open", NOW, {"x": one, "y": 1}, "x") for one in in_order]
    for one, other in pairwise(told):
        assert one.content < other.content
        assert list(Timeline([other, one])) == [one]


def test_the_first_name_that_differs_decides() -> None:
    told = [{"a": 1}, {"a": 1, "b": 2}, {"a": 2, "b": 1}, {"b": 1}, {"b": 1, "B": 5}, {}]
    contents = [Activity("open", NOW, properties).content for properties in told]
    assert [told[contents.index(one)] for one in sorted(contents)] == [
        {"b": 1, "B": 5},
        {"a": 1, "b": 2},
        {"a": 1},
        {"a": 2, "b": 1},
        {"b": 1},
        {},
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"n": 5}, {"n": 5.0}),
        ({"n": Decimal("0.50")}, {"n": 0.5}),
        ({"n": 1, "page": None}, {"n": 1}),
        ({"page": "  "}, {"page": float("nan")}),
        ({"on": date(2026, 3, 1)}, {"on": datetime(2026, 3, 1, tzinfo=UTC)}),
    ],
)
def test_one_content_in_two_spellings_is_no_conflict(one, other) -> None:
    told = [Activity("open", NOW, properties, "x") for properties in (one, other)]
    kept = set()
    for order in permutations(told):
        for timeline in (Timeline(order), Timeline(order[:1]).plus(order[1])):
            assert timeline.conflicts == ()
            kept.add(repr(list(timeline)))
    assert len(kept) == 1
    nameless = [attrs.evolve(activity, id=None) for activity in told]
    assert repr(list(Timeline(nameless))) == repr(list(Timeline(nameless[::-1])))


@pytest.mark.parametrize(("one", "other"), [({"n": 1}, {"n": True}), ({"n": 1}, {"n": "1"})])
def test_values_of_two_kinds_are_a_conflict(one, other) -> None:
    timeline = Timeline([Activity("open", NOW, told, "x") for told in (one, other)])
    assert timeline.conflicts == ("x",)


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


# -- one empty mapping for all that has no properties -------------------------------------------


def test_what_has_no_properties_shares_one_empty_mapping() -> None:
    without, empty = Activity("open", NOW), Activity("open", NOW, {})
    assert without.properties is empty.properties is frozen_mapping({}) is NOTHING
    assert without == empty
    assert without.properties == {}
    assert repr(without).endswith("properties={}, id=None)")


def test_nobody_can_put_anything_into_the_shared_mapping() -> None:
    for change in (
        lambda shared: shared.update(a=1),
        lambda shared: shared.setdefault("a", 1),
        lambda shared: shared.__setitem__("a", 1),
        lambda shared: shared.__ior__({"a": 1}),
    ):
        with refused(
            TypeError, "the properties of an activity and the attributes of a lead are frozen"
        ):
            change(NOTHING)
    assert NOTHING == {}


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_copy_of_the_shared_mapping_is_itself(protocol: int) -> None:
    assert pickle.loads(pickle.dumps(NOTHING, protocol)) is NOTHING
    assert copy.copy(NOTHING) is copy.deepcopy(NOTHING) is NOTHING


def test_an_activity_stays_frozen() -> None:
    activity = did("open", key="x", page="/")
    for name in ("kind", "at", "properties", "id"):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(activity, name, None)
    assert attrs.evolve(activity) == activity
    assert attrs.evolve(activity, kind="view").kind == "view"


class Spelled(str):
    """Text of another class."""


def test_text_of_another_class_is_text() -> None:
    activity = Activity(Spelled("open"), NOW, {}, Spelled("x"))
    assert activity == Activity("open", NOW, {}, "x")
    assert Activity("  open", NOW).kind == "  open"


# -- one more activity --------------------------------------------------------------------------


class Counted:
    """What an engine may keep: here how many there are, and who was told to it."""

    def __init__(self, count: int, lasts: bool = True) -> None:
        self.count, self.lasts = count, lasts
        self.told = ()

    def plus(self, added):
        more = Counted(self.count + len(added)) if self.lasts else None
        if more is not None:
            more.told = tuple(added)
        return more


def test_one_more_activity_goes_where_it_belongs() -> None:
    a, b, c = did("a", 3), did("b", 2), did("c", 1)
    for more, rest in ((a, [b, c]), (b, [a, c]), (c, [a, b])):
        assert list(Timeline(rest).plus(more)) == [a, b, c]
    assert list(Timeline().plus(c, a, b)) == [a, b, c]
    assert Timeline([a]).newest == a.at
    assert Timeline().newest is None


def test_nothing_more_is_the_same_timeline() -> None:
    timeline = Timeline([did("a", key="x")])
    assert timeline.plus() is timeline
    assert timeline.plus(did("a", key="x")) is timeline


def test_what_is_told_again_in_another_way_counts_as_if_told_at_once() -> None:
    early, late = did("open", 2, key="x"), did("open", 1, key="x")
    other = did("view", 3, key="y")
    for first, then in ((early, late), (late, early)):
        timeline = Timeline([first, other]).plus(then)
        assert list(timeline) == [other, early]
        assert timeline.conflicts == ("x",)
        assert timeline.plus(did("view", 4, key="y")).conflicts == ("x", "y")


def test_a_batch_may_repeat_itself() -> None:
    early, late = did("open", 2, key="x"), did("open", 1, key="x")
    timeline = Timeline([did("a", 5)]).plus(late, early, early)
    assert [one.at for one in timeline] == [ago(days=5), early.at]
    assert timeline.conflicts == ("x",)


@pytest.mark.parametrize("length", [10, 200])
def test_versions_of_a_timeline_know_nothing_of_one_another(length: int) -> None:
    timeline = Timeline([did("open", n, key=f"{n}") for n in range(length)])
    one = timeline.plus(did("open", 0.5, key="new"))
    other = timeline.plus(did("open", 0.7, key="new"))
    assert (len(timeline), len(one), len(other)) == (length, length + 1, length + 1)
    assert one.conflicts == other.conflicts == ()
    assert one.plus(did("open", 0.7, key="new")).conflicts == ("new",)
    assert one.plus(did("open", 0.5, key="new")) is one


@pytest.mark.parametrize("count", [1, 5, 100])
def test_many_more_are_in_order_too(count: int) -> None:
    old = [did("a", n, key=f"a{n}") for n in range(100)]
    more = [did("b", n + 0.5 * (n % 2), key=f"b{n}") for n in range(count)]
    assert list(Timeline(old).plus(*more)) == list(Timeline([*old, *more]))


def test_of_one_instant_the_id_the_kind_and_the_content_decide() -> None:
    level = [
        did(kind, key=key, n=n) for kind in "ba" for key in (None, "x", "y") for n in (2, 1, 3)
    ]
    nameless = [one for one in level if one.id is None]
    for order in (nameless, nameless[::-1]):
        timeline = Timeline()
        for one in order:
            timeline = timeline.plus(one)
        assert list(timeline) == list(Timeline(nameless))
    assert list(Timeline(nameless[:3]).plus(*level)) == list(Timeline([*nameless[:3], *level]))


def test_what_is_kept_goes_along() -> None:
    timeline = Timeline([did("a", 2, key="x")])
    timeline.kept["count"], timeline.kept["gone"] = Counted(1), Counted(1, lasts=False)
    late, new = did("b", 3), did("c", 1, key="y")
    more = timeline.plus(new, late)
    assert set(more.kept) == {"count"}
    assert more.kept["count"].count == 3
    assert more.kept["count"].told == (late, new)
    assert timeline.kept["count"].count == 1


def test_what_is_kept_stays_when_a_repetition_loses_and_goes_when_it_wins() -> None:
    timeline = Timeline([did("a", 2, key="x")])
    timeline.kept["count"] = Counted(1)
    assert timeline.plus(did("a", 1, key="x")).kept == timeline.kept
    assert timeline.plus(did("a", 3, key="x")).kept == {}
    both = timeline.plus(did("a", 1, key="x"), did("b"))
    assert both.kept["count"].count == 2
    assert both.conflicts == ("x",)


def test_what_is_kept_is_no_part_of_the_value() -> None:
    timeline = Timeline([did("a", 2, key="x"), did("a", 1, key="x")])
    timeline.kept["count"] = Counted(1)
    assert timeline == Timeline(timeline)
    assert repr(timeline) == "Timeline(1 activities)"
    for again in (
        copy.copy(timeline),
        copy.deepcopy(timeline),
        *(pickle.loads(pickle.dumps(timeline, n)) for n in range(pickle.HIGHEST_PROTOCOL + 1)),
    ):
        assert again == timeline
        assert again.conflicts == ("x",)
        assert again.kept == {}
        assert len(again.plus(did("b", key="x"))) == 1


def test_a_vouched_for_timeline_stays_so() -> None:
    timeline = Timeline([did("open", 1, key="x")], unique_ids=True).plus(did("open", 2, key="x"))
    assert timeline.unique_ids
    assert len(timeline) == len(timeline.plus()) == 2
    assert len(pickle.loads(pickle.dumps(timeline)).plus(did("open", 3, key="x"))) == 3


def test_only_activities_have_a_place_in_a_timeline() -> None:
    for give in (lambda: Timeline([{"kind": "a"}]), lambda: Timeline().plus({"kind": "a"})):
        with refused(KindError, "a timeline holds Activity values, not a dict"):
            give()


def test_a_timeline_cannot_grow_beyond_its_greatest_length(monkeypatch) -> None:
    monkeypatch.setattr("mqlkit.timeline.MOST_ACTIVITIES", 2)
    full = Timeline([did("open", 1), did("open", 2)])
    with refused(LeadDataError, "a lead may have 2 activities, not 3"):
        full.plus(did("open"))


def test_an_activity_of_another_class_has_its_place() -> None:
    class Call(Activity):
        pass

    call = Call("call", NOW)
    assert list(Timeline([call, did("open", 1)])) == [did("open", 1), call]


def test_content_is_spelled_whatever_the_names() -> None:
    named = Activity("open", NOW, {10: "a", "b": 10**5_000}, "x")
    turned = Activity("open", NOW, {"b": 10**5_000, 10: "a"}, "x")
    assert named.content == turned.content
    assert [name for _, name, _ in named.content[1][:-1]] == ["a", "b"]
    assert named.content < Activity("open", NOW, {10: "a", "b": 10**5_000 + 1}).content
    assert Timeline([named, turned]).conflicts == ()


def test_what_json_cannot_spell_is_spelled_all_the_same() -> None:
    def content(value: object) -> object:
        return Activity("open", NOW, {"x": value}).content

    endless = 10**5_000
    assert content([endless, {"b", "a"}]) == content([endless, {"a", "b"}])
    assert content([endless]) != content([endless + 1])
    assert content({1: "a", "b": NOW}) == content({"b": NOW, 1: "a"})
    assert content({1: "a", "b": NOW}) != content({1: "a", "b": ago(days=1)})


def test_what_lies_too_deep_in_itself_is_refused() -> None:
    deep: list[object] = []
    deep.append(deep)
    with refused(LeadDataError, "a value holds lists or records too deep within one another"):
        Activity("open", NOW, {"x": deep})
