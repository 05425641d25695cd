"""What a lead did: which activities match, and what is measured about them."""

import math
import pickle
from datetime import UTC, datetime, timedelta

import pytest
from building import NO, NOW, TICK, UNKNOWN, YES, ago, answer, did, now, refused, unloaded

from mqlkit import Activity, History, Lead, Range, activity, attribute, score
from mqlkit.criteria.activity import Activities
from mqlkit.criteria.aggregate import thousandths
from mqlkit.criteria.selection import Matches
from mqlkit.errors import DefinitionError, KindError
from mqlkit.value import as_single
from mqlkit.window import Window

DAY = timedelta(days=1)
PRICING = activity("view", page="/pricing")


def counted(selection: Activities, *activities: Activity) -> tuple[int, int]:
    low, high = selection.count().range(now(*activities))
    return low, high


# -- which ones --------------------------------------------------------------------------------


def test_kinds_compare_letter_by_letter_and_none_means_any() -> None:
    done = [did("view"), did("View"), did("open")]
    assert counted(activity("view"), *done) == (1, 1)
    assert counted(activity("view", "open"), *done) == (2, 2)
    assert counted(activity(), *done) == (3, 3)
    assert counted(activity("never")) == (0, 0)


def test_a_blank_property_may_match() -> None:
    done = [did("view", page="/PRICING"), did("view", page="/"), did("view"), did("view", page=7)]
    assert counted(PRICING, *done) == (1, 3)
    matches = PRICING.matching(now(*done))
    assert isinstance(matches, Matches)
    assert [len(found) for found in matches] == [1, 3]
    assert [a.properties for a in matches.sure] == [{"page": "/PRICING"}]


def test_one_no_rules_out_whatever_else_is_blank() -> None:
    both = activity("view", page="/pricing", site="eu")
    assert counted(both, did("view", page="/")) == (0, 0)
    assert counted(both, did("view", page="/pricing")) == (0, 1)
    assert counted(both, did("view", page="/pricing", site="EU")) == (1, 1)


def test_a_property_may_be_one_of_several_values() -> None:
    for some in (["a", "b"], ("b", "a"), {"a", "b"}, frozenset("ab")):
        assert activity(page=some) == activity().where(attribute("page").is_in("a", "b"))
    assert counted(activity(page=["a", "b"]), did("view", page="B"), did("view", page="c")) == (
        1,
        1,
    )
    assert activity(n=5) == activity().where(attribute("n").equals(5))


def test_where_adds_to_what_was_asked_before() -> None:
    deep = PRICING.where(attribute("seconds") >= 30).where(attribute("site").known())
    assert len(deep.filters) == 3
    assert counted(deep, did("view", page="/pricing", seconds=30, site="eu")) == (1, 1)
    assert counted(deep, did("view", page="/pricing", seconds=29, site="eu")) == (0, 0)
    assert counted(deep, did("view", page="/pricing", seconds=30)) == (0, 0)


def test_a_window_is_half_open_to_the_microsecond() -> None:
    recent = activity("view").within(days=30)
    edge = NOW - 30 * DAY
    for at, inside in [
        (edge - TICK, 0),
        (edge, 0),
        (edge + TICK, 1),
        (NOW, 1),
        (NOW + TICK, 0),
    ]:
        assert counted(recent, Activity("view", at)) == (inside, inside)


def test_an_hour_that_comes_twice_is_two_instants() -> None:
    from zoneinfo import ZoneInfo

    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    lead = Lead("ada", {}, [Activity("view", first), Activity("view", first.replace(fold=1))])
    hour = activity("view").within(hours=1).count()
    at = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert hour.range(lead.at(at)) == Range(1, 1)
    assert hour.range(lead.at(at - TICK)) == Range(1, 1)
    assert activity("view").within(minutes=61).count().range(lead.at(at)) == Range(2, 2)


def test_the_account_has_a_timeline_of_its_own() -> None:
    surge = activity("surge").of_account()
    acme = Lead("acme", {}, [did("surge")])
    assert surge.count().range(Lead("ada", {}, [], account=acme).at(NOW)) == Range(1, 1)
    assert surge.count().range(Lead("ada", {}, [did("surge")]).at(NOW)) is None
    assert surge.count().range(Lead("ada", {}, [], account=Lead("acme")).at(NOW)) is None


def test_an_unloaded_timeline_answers_nothing() -> None:
    views = activity("view")
    for measure in (
        views.count(),
        views.distinct("page"),
        views.sum("n"),
        views.min("n"),
        views.max("n"),
        views.days_since_last(),
        views.days_since_first(),
    ):
        assert measure.range(unloaded()) is None
        assert measure.changes_at(unloaded(), (5,)) is None
        reason = (measure >= 1).explain(unloaded())
        assert [seen.name for seen in reason.unknowns()] == ["activities"]
    assert views.happened().judge(unloaded()) is UNKNOWN
    assert views.did_not().judge(unloaded()) is UNKNOWN


@pytest.mark.parametrize(
    ("selection", "text"),
    [
        (activity("view"), "view"),
        (activity("b", "a", "b"), "a or b"),
        (activity(), "activities of any kind"),
        (PRICING, 'view where page is "/pricing"'),
        (
            activity(a=1, b=2).within(weeks=1).of_account(),
            "activities of any kind of the account where a is 1 and b is 2 in the last 7 days",
        ),
    ],
)
def test_a_selection_says_what_it_is_about(selection: Activities, text: str) -> None:
    assert selection.describe() == text


def test_a_selection_is_a_value() -> None:
    whole = PRICING.within(days=2)
    copy = pickle.loads(pickle.dumps(whole))
    assert (copy, hash(copy), repr(copy)) == (whole, hash(whole), repr(whole))
    assert whole.window == Window(days=2)
    assert whole != PRICING
    assert eval(repr(whole), {"Activities": Activities, **_names()}) == whole


def _names() -> dict[str, object]:
    import mqlkit.measure
    from mqlkit.criteria.attribute import Attribute

    return {**vars(mqlkit.measure), "Attribute": Attribute, "Window": Window}


@pytest.mark.parametrize(
    ("build", "error", "text"),
    [
        (lambda: activity(5), KindError, "an activity's kind is text, not 5"),
        (lambda: Activities("view"), KindError, 'wanted a list of activity kinds, not "view"'),
        (
            lambda: activity(" "),
            DefinitionError,
            "a blank text never matches; to ask for a blank use missing(field)",
        ),
        (
            lambda: activity().where(score() >= 5),
            DefinitionError,
            "where asks about an activity's own properties, and it has no the score",
        ),
        (
            lambda: activity().where(~(activity("a").count() >= 1)),
            DefinitionError,
            "where asks about an activity's own properties, and it has no number of a",
        ),
        (
            lambda: activity().where(True),
            KindError,
            "wanted a criterion, not yes"
            "; to compare a measure use .equals(...), since == compares measures themselves",
        ),
        (
            lambda: activity(page=None),
            KindError,
            "blank cannot be compared with; wanted text, a number, true or false, "
            "a date or an instant",
        ),
        (
            lambda: activity().within(days=0),
            DefinitionError,
            "a window is some days, hours and minutes, or some calendar months",
        ),
    ],
)
def test_a_selection_that_makes_no_sense_is_refused(
    build: object, error: type[Exception], text: str
) -> None:
    with refused(error, text):
        build()


def test_whose_it_is_is_the_leads_or_the_accounts() -> None:
    with pytest.raises(ValueError, match=r"'of' must be in"):
        Activities(of="team")


# -- counts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (activity("view").count() >= 3, "at least 3 view"),
        (activity("view").count() < 3, "less than 3 view"),
        (activity("view").count().equals(3), "exactly 3 view"),
        (activity("view").happened(), "any view"),
        (activity("view").happened(2), "at least 2 view"),
        (activity("view").did_not(), "no view"),
        (activity("view").count() >= 0, "at least 0 view"),
        (activity("view").count() > 1, "more than 1 view"),
    ],
)
def test_a_count_has_a_sentence(asked: object, text: str) -> None:
    assert asked.describe() == text


def test_happened_and_did_not_are_counts() -> None:
    views = activity("view")
    assert answer(views.happened(), did("view")) is YES
    assert answer(views.happened()) is NO
    assert answer(views.happened(2), did("view")) is NO
    assert answer(views.did_not()) is YES
    assert answer(views.did_not(), did("view")) is NO
    assert answer(PRICING.happened(), did("view")) is UNKNOWN
    assert answer(PRICING.did_not(), did("view")) is UNKNOWN


def test_a_count_explains_how_many() -> None:
    reason = (PRICING.count() >= 2).explain(now(did("view"), did("view", page="/pricing")))
    assert reason.verdict is UNKNOWN
    assert [(s.name, s.value) for s in reason.seen] == [
        ("", "1 to 2 found"),
        ("view.page", "blank"),
    ]


# -- different values --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ([], (0, 0)),
        (["a", "A", "b"], (2, 2)),
        (["1", 1, True], (3, 3)),
        ([1, 1.0], (1, 1)),
        (["a", None], (1, 2)),
        ([None, None], (0, 2)),
        (["a", ["a"]], (1, 2)),  # a list is no single value
        ([datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 1, tzinfo=UTC)], (2, 2)),
    ],
)
def test_different_values_count_once(values: list[object], wanted: tuple[int, int]) -> None:
    done = [did("view", day, page=value) for day, value in enumerate(values)]
    assert activity("view").distinct("page").range(now(*done)) == Range(*wanted)


def test_a_possible_match_adds_to_the_high_end_only() -> None:
    some = activity("view", site="eu").distinct("page")
    done = [did("view", site="eu", page="a"), did("view", page="a"), did("view", page="b")]
    assert some.range(now(*done)) == Range(1, 2)
    assert some.describe() == 'number of different page of view where site is "eu"'


def test_a_key_tells_kinds_apart() -> None:
    assert len({as_single(value) for value in (1, True, "1", NOW)}) == 4
    assert as_single(None) is as_single([]) is as_single(" ") is None


# -- sums, least and greatest ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (19.99, 19_990),
        (0.0005, 1),  # half goes up
        (-0.0005, 0),
        (0.00049, 0),
        (-0.0006, -1),
        (7, 7_000),
        (10**12, 10**15),
        (-(10**12), -(10**15)),
        (10**12 + 1, None),
        (-1e12 - 1, None),
        (math.inf, None),
        ("7", None),
        (None, None),
        (True, None),
    ],
)
def test_a_sum_adds_whole_thousandths(value: object, wanted: int | None) -> None:
    assert thousandths(value) == wanted


def test_a_sum_is_exact_in_any_order() -> None:
    values = [0.1] * 10 + [19.99, -3]
    done = [did("buy", day, value=value) for day, value in enumerate(values)]
    total = activity("buy").sum("value")
    assert total.range(now(*done)) == Range(17_990, 17_990)
    assert answer(total.equals(17.99), *done) is YES
    assert total.range(now()) == Range(0, 0)
    assert total.describe() == "sum of value of buy"


def test_what_may_count_opens_a_sum_both_ways() -> None:
    some = activity("buy", shop="eu").sum("value")
    done = [
        did("buy", shop="eu", value=10),
        did("buy", shop="eu", value=-1),
        did("buy", value=5),
        did("buy", value=7),
        did("buy", value=-2),
    ]
    assert some.range(now(*done)) == Range(7_000, 21_000)


@pytest.mark.parametrize("name", ["sum", "min", "max"])
def test_a_blank_leaves_it_open_unless_skipped(name: str) -> None:
    done = [did("buy", value=5), did("buy", value=None), did("buy", value="7")]
    open_ = getattr(activity("buy"), name)("value")
    skipping = getattr(activity("buy"), name)("value", blanks="skip")
    assert open_.range(now(*done)) is None
    assert skipping.range(now(*done)) == Range(*[5_000 if name == "sum" else 5] * 2)
    assert skipping.about_knowledge
    assert not open_.about_knowledge
    assert (open_ >= 1).explain(now(*done)).seen[0].name == "buy.value"
    with pytest.raises(ValueError, match=r"'blanks' must be in"):
        getattr(activity("buy"), name)("value", blanks="zero")


def test_a_filter_about_knowledge_makes_the_measure_so() -> None:
    stated = activity("buy").where(attribute("shop", default="eu").equals("eu"))
    assert stated.sum("value").about_knowledge
    assert stated.about_knowledge
    assert (stated.count() >= 1).about_knowledge
    assert not activity("buy").count().about_knowledge
    assert not activity("buy", shop="eu").about_knowledge


def test_least_and_greatest_of_nothing_are_infinite() -> None:
    buys = activity("buy")
    assert buys.min("value").range(now()) == Range(math.inf, math.inf)
    assert buys.max("value").range(now()) == Range(-math.inf, -math.inf)
    assert answer(buys.max("value") >= 0) is NO
    assert answer(buys.min("value") >= 10**9) is YES
    assert (buys.min("value") >= 5).explain(now()).seen[0].value == "endless"
    assert (buys.max("value") >= 5).explain(now()).seen[0].value == "none"


def test_least_and_greatest_are_ranges_where_one_may_count() -> None:
    some = activity("buy", shop="eu")
    done = [did("buy", shop="eu", value=5), did("buy", value=3), did("buy", value=9)]
    assert some.min("value").range(now(*done)) == Range(3, 5)
    assert some.max("value").range(now(*done)) == Range(5, 9)
    assert some.min("value").describe() == 'least value of buy where shop is "eu"'
    assert some.max("value").describe() == 'greatest value of buy where shop is "eu"'


# -- ages --------------------------------------------------------------------------------------


def test_time_since_is_exact_not_whole_days() -> None:
    last = activity("view").days_since_last()
    assert answer(last <= 14, did("view", 14)) is YES
    assert answer(last <= 14, Activity("view", ago(days=14) - TICK)) is NO
    assert answer(last < 14, did("view", 14)) is NO
    assert answer(last.equals(1.5), did("view", 1.5)) is YES
    assert answer(last <= 10**9) is NO
    assert answer(last > 30) is YES
    assert last.describe() == "days since the last of view"


def test_time_since_the_first_and_the_last() -> None:
    done = [did("view", 9), did("view", 5), did("view", 1)]
    day = DAY // TICK
    assert activity("view").days_since_last().range(now(*done)) == Range(day, day)
    assert activity("view").days_since_first().range(now(*done)) == Range(9 * day, 9 * day)
    assert activity("view").days_since_first().describe() == "days since the first of view"


@pytest.mark.parametrize(
    ("blank_days", "last", "first"),
    [(1, (1, 5), (5, 5)), (9, (5, 5), (5, 9))],
)
def test_ages_are_ranges_where_one_may_count(
    blank_days: int, last: tuple[int, int], first: tuple[int, int]
) -> None:
    day = DAY // TICK
    lead = now(did("view", 5, page="/pricing"), did("view", blank_days))
    assert PRICING.days_since_last().range(lead) == Range(*(n * day for n in last))
    assert PRICING.days_since_first().range(lead) == Range(*(n * day for n in first))
    only = now(did("view", 3), did("view", 8))
    assert PRICING.days_since_last().range(only) == Range(3 * day, math.inf)
    assert PRICING.days_since_first().range(only) == Range(3 * day, math.inf)


def test_ages_of_dates_are_negative_before_them() -> None:
    since = attribute("since").days_since()
    assert answer(since >= 3, since=ago(days=3).date()) is YES
    assert answer(since < 0, since=NOW + TICK) is YES
    assert answer(since.equals(0), since=NOW) is YES
    assert answer(since >= 3, since="yesterday") is UNKNOWN
    assert (since >= 3).describe() == "days since since is at least 3"
    assert (since >= 3).explain(now(since=ago(days=4.5))).seen[0].value == "4.5"


# -- when it changes ---------------------------------------------------------------------------


def test_a_count_changes_when_one_enters_or_leaves() -> None:
    recent = activity("view").within(days=30).count() >= 1
    later = Activity("view", NOW + 2 * DAY)
    assert recent.changes_at(now(did("view", 29))) == NOW + DAY
    assert recent.changes_at(now(did("view", 20), later)) == NOW + 2 * DAY
    assert recent.changes_at(now(did("open", 29), Activity("open", NOW + DAY))) is None
    assert recent.changes_at(now(did("view", 30))) is None
    assert activity("view").happened().changes_at(now(did("view", 29))) is None
    assert (
        activity("view").happened().changes_at(now(later, Activity("view", NOW + DAY))) == NOW + DAY
    )


def test_an_age_changes_when_it_reaches_or_passes_its_bound() -> None:
    last = activity("view").days_since_last()
    assert (last <= 14).changes_at(now(did("view", 13))) == NOW + DAY
    at_bound = now(did("view", 14))
    assert (last <= 14).changes_at(at_bound) == NOW + TICK
    assert (last <= 14).changes_at(now(did("view", 15))) is None
    assert (last <= 14).changes_at(now()) is None
    since = attribute("since").days_since()
    assert (since >= 3).changes_at(now(since=NOW)) == NOW + 3 * DAY
    assert (since >= 10**9).changes_at(now(since=NOW)) is None  # beyond the calendar
    assert (since >= 3).changes_at(now()) is None
    history = History((ago(days=1), ago(days=9)), (NOW + DAY, NOW))
    assert (since >= 3).changes_at(now(since=history)) == NOW + DAY


@pytest.mark.parametrize("days", [0, 1, 13.999, 14, 14.5, 40])
def test_between_now_and_then_the_answer_stays(days: float) -> None:
    asked = activity("view").days_since_last().between(3, 14)
    lead = Lead("ada", {}, [did("view", days)])
    due = asked.changes_at(lead.at(NOW))
    end = due or NOW + 99 * DAY
    before = {asked.judge(lead.at(NOW + (end - TICK - NOW) * share)) for share in (0, 0.5, 1)}
    assert before == {asked.judge(lead.at(NOW))}
