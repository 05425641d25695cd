"""Points: exact figures, each way to award them, and their ranges where something is unknown."""

import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest
from building import NO, NOW, TICK, UNKNOWN, YES, a_lead, ago, did, now, refused, unloaded

from mqlkit import (
    Activity,
    Band,
    Criterion,
    History,
    Lead,
    Rule,
    Snapshot,
    Verdict,
    activity,
    attribute,
    expires,
    half_life,
    linear,
    score,
    steps,
)
from mqlkit.errors import DefinitionError, KindError
from mqlkit.points import NOTHING, Triple, in_points, millipoints, span
from mqlkit.rules.activity import Each, Latest
from mqlkit.rules.base import Award, rule_name
from mqlkit.rules.choice import ByBand, ByValue, Case, Cases, outcome
from mqlkit.value import show

BIG = attribute("employees") >= 50
OPENS = activity("open")
A = {"mail": "a"}


def millis(rule: object, lead: Snapshot) -> tuple[int, int, int]:
    return tuple(rule.award(lead).left)


def keys(rule: object, lead: Snapshot) -> tuple[str, ...]:
    return rule.award(lead).evidence


# -- whole thousandths -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "wanted"),
    [
        (0, 0),
        (20, 20_000),
        (-20, -20_000),
        (8.7, 8_700),
        (0.1, 100),
        (0.001, 1),
        (1.001, 1_001),  # the number that was written, not the binary one below it
        (2.002, 2_002),
        (-0.005, -5),
        (5.0, 5_000),
        (Decimal("8.7"), 8_700),
        (Decimal("8.7000"), 8_700),
        (1_000_000, 1_000_000_000),
        (-1_000_000, -1_000_000_000),
        (999_999.999, 999_999_999),
    ],
)
def test_points_are_whole_thousandths(points: float, wanted: int) -> None:
    assert millipoints(points) == wanted
    assert type(millipoints(points)) is int
    assert in_points(wanted) == Decimal(str(points))
    assert millipoints(in_points(wanted)) == wanted


def test_points_are_shown_without_needless_zeros() -> None:
    assert [str(in_points(m)) for m in (8_700, 8_750, 30_000, 0, -5, -20_000, 1)] == [
        "8.7",
        "8.75",
        "30",
        "0",
        "-0.005",
        "-20",
        "0.001",
    ]


@pytest.mark.parametrize(
    ("points", "error", "text"),
    [
        (True, KindError, "points must be a number, not yes"),
        ("20", KindError, 'points must be a number, not "20"'),
        (None, KindError, "points must be a number, not blank"),
        (0.0001, DefinitionError, "points have at most three decimals, not 0.0001"),
        (
            Decimal("0.1000000000000000000001"),
            DefinitionError,
            "points have at most three decimals, not 0.1000000000000000000001",
        ),
        (Decimal("1.0001"), DefinitionError, "points have at most three decimals, not 1.0001"),
        (
            1_000_000.001,
            DefinitionError,
            "points lie between -1,000,000 and 1,000,000, not 1000000.001",
        ),
        (
            -1_000_001,
            DefinitionError,
            "points lie between -1,000,000 and 1,000,000, not -1000001",
        ),
        (
            float("nan"),
            DefinitionError,
            "points lie between -1,000,000 and 1,000,000, not blank",
        ),
        (
            float("inf"),
            DefinitionError,
            "points lie between -1,000,000 and 1,000,000, not inf",
        ),
    ],
)
def test_what_is_no_number_of_points_is_refused(
    points: object, error: type[Exception], text: str
) -> None:
    with pytest.raises(error) as caught:
        millipoints(points)
    assert str(caught.value) == text
    with pytest.raises(error) as caught:
        Rule("big", BIG, points)
    assert str(caught.value) == text


def test_an_error_names_what_the_points_are_for() -> None:
    with pytest.raises(KindError, match=r"^a cap must be a number, not yes$"):
        millipoints(True, "a cap")
    with pytest.raises(DefinitionError, match=r"^a cap lie between"):
        millipoints(10**7, "a cap")
    with pytest.raises(DefinitionError, match=r"^a cap have at most three decimals, not 0\.0001$"):
        millipoints(0.0001, "a cap")


@pytest.mark.parametrize(("points", "kept"), [(5.0, 5), (Decimal("8.70"), 8.7), (20, 20)])
def test_a_rule_keeps_points_in_one_normal_form(points: float, kept: float) -> None:
    rule = Rule("big", BIG, points)
    assert rule.points == kept
    assert type(rule.points) is type(kept)
    assert repr(rule) == repr(Rule("big", BIG, kept))


def test_a_triple_adds_end_by_end() -> None:
    a, b = Triple(1, 2, 3), Triple(10, 20, 40)
    assert a.plus(b) == Triple(11, 22, 43)
    assert b.minus(a) == Triple(9, 18, 37)
    assert b.settled() == Triple(20, 20, 20)
    assert a.open
    assert not b.settled().open
    assert Triple(0, 0, 0) == NOTHING


# -- names -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "  ", None, 7, "x" * 201])
def test_a_rule_needs_a_name(name: object) -> None:
    with pytest.raises(DefinitionError, match=r"^a name is text of at most 200 characters, not "):
        Rule(name, BIG, 5)


def test_a_name_may_have_200_characters() -> None:
    assert rule_name("x" * 200) == "x" * 200


def test_a_rule_wants_a_criterion() -> None:
    with pytest.raises(KindError, match=r"^wanted a criterion, not yes; to compare a measure use"):
        Rule("big", True, 5)


# -- once, by a criterion ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "employees", "wanted"),
    [
        (15, 50, (15_000, 15_000, 15_000)),
        (15, 49, (0, 0, 0)),
        (15, None, (0, 0, 15_000)),
        (-15, 50, (-15_000, -15_000, -15_000)),
        (-15, None, (-15_000, 0, 0)),
    ],
)
def test_a_rule_gives_its_points_when_yes_and_a_range_when_unknown(
    points: int, employees: object, wanted: tuple[int, int, int]
) -> None:
    rule = Rule("big", BIG, points)
    lead = now(employees=employees)
    assert rule.award(lead) == Award(Triple(*wanted), Triple(*wanted), ())
    assert rule.award(lead, half_life(days=1)) == rule.award(lead)


def test_a_rule_explains_its_criterion() -> None:
    reason = Rule("big", BIG, 15).explain(now(employees=None))
    assert reason.text == "big"
    assert reason.verdict is UNKNOWN
    assert [part.text for part in reason.parts] == ["employees is at least 50"]
    assert reason.parts[0].verdict is UNKNOWN
    assert [seen.name for seen in Rule("big", BIG, 15).unknowns(now())] == ["employees"]


def test_a_rule_knows_what_it_can_give_and_asks() -> None:
    rule = Rule("big", BIG, 15)
    assert rule.extremes() == (0, 15_000)
    assert Rule("big", BIG, -15).extremes() == (-15_000, 0)
    assert rule.criteria() == (BIG,)


def test_a_rule_changes_when_its_criterion_does() -> None:
    bigger = History((ago(days=1), 10), (NOW + TICK, 60))
    assert Rule("big", BIG, 15).changes_at(now(employees=bigger)) == NOW + TICK
    assert Rule("big", BIG, 15).changes_at(now(employees=60)) is None


# -- the first or the best of several ----------------------------------------------------------

CASES = [(v, p) for v in (YES, NO, UNKNOWN) for p in (5_000, -3_000)]


@pytest.mark.parametrize("match", ["first", "best"])
@pytest.mark.parametrize("judged", list(product(CASES, repeat=3)))
def test_an_outcome_spans_all_that_the_unknowns_can_bring(
    match: str, judged: tuple[tuple[Verdict, int], ...]
) -> None:
    completions = product(*[(YES, NO) if v is UNKNOWN else (v,) for v, _ in judged])
    found = outcome(judged, match)
    given = []
    for full in completions:
        met = [p for v, (_, p) in zip(full, judged, strict=True) if v is YES]
        given.append((met[0] if match == "first" else max(met)) if met else 0)
    assert found.low <= min(given)
    assert found.high >= max(given)
    assert found.low <= found.points <= found.high
    sure = [p for v, p in judged if v is YES]
    assert found.points == ((sure[0] if match == "first" else max(sure)) if sure else 0)


@pytest.mark.parametrize(
    ("judged", "match", "wanted"),
    [
        ([], "first", (0, 0, 0)),
        ([], "best", (0, 0, 0)),
        ([(NO, 9)], "best", (0, 0, 0)),
        ([(YES, 5), (YES, 9)], "first", (5, 5, 5)),
        ([(YES, 5), (YES, 9)], "best", (9, 9, 9)),
        ([(YES, 5), (UNKNOWN, 9)], "first", (5, 5, 5)),
        ([(UNKNOWN, 9), (YES, 5)], "first", (5, 5, 9)),
        ([(UNKNOWN, 2), (YES, 5)], "first", (2, 5, 5)),
        ([(YES, 5), (UNKNOWN, 9)], "best", (5, 5, 9)),
        ([(YES, 5), (UNKNOWN, 2)], "best", (5, 5, 5)),
        ([(UNKNOWN, 9)], "best", (0, 0, 9)),
        ([(UNKNOWN, -9)], "best", (-9, 0, 0)),
        ([(UNKNOWN, -9), (UNKNOWN, 4)], "first", (-9, 0, 4)),
        ([(YES, -5)], "first", (-5, -5, -5)),
        ([(YES, -5), (YES, -7)], "best", (-5, -5, -5)),
    ],
)
def test_an_outcome_is_tight(
    judged: list[tuple[Verdict, int]], match: str, wanted: tuple[int, int, int]
) -> None:
    assert tuple(outcome(judged, match)) == wanted


def test_the_first_yes_ends_the_asking() -> None:
    def judged() -> object:
        yield YES, 5
        raise AssertionError("asked on")

    assert outcome(judged(), "first") == Triple(5, 5, 5)


def test_a_span_includes_nothing() -> None:
    assert span([5, 9]) == (0, 9)
    assert span([-5, -9]) == (-9, 0)
    assert span([]) == (0, 0)


SENIOR = attribute("title").contains("manager")


def test_first_of_gives_the_first_that_holds() -> None:
    rule = Rule.first_of("seniority", (BIG, 5), (SENIOR, 9))
    assert rule == Cases("seniority", (Case(BIG, 5), Case(SENIOR, 9)), "first")
    assert millis(rule, now(employees=60, title="manager")) == (5_000, 5_000, 5_000)
    assert millis(rule, now(employees=10, title="manager")) == (9_000, 9_000, 9_000)
    assert millis(rule, now(title="manager")) == (5_000, 9_000, 9_000)
    assert millis(rule, now(employees=10, title="clerk")) == (0, 0, 0)
    assert rule.extremes() == (0, 9_000)
    assert rule.criteria() == (BIG, SENIOR)


def test_best_of_gives_the_most() -> None:
    rule = Rule.best_of("seniority", (BIG, 5), (SENIOR, 9), (BIG, -2))
    assert rule.match == "best"
    assert millis(rule, now(employees=60, title="manager")) == (9_000, 9_000, 9_000)
    assert millis(rule, now(employees=60)) == (5_000, 5_000, 9_000)
    assert rule.extremes() == (-2_000, 9_000)


def test_cases_explain_what_may_hold_or_else_what_was_read() -> None:
    rule = Rule.first_of("seniority", (BIG, 5), (SENIOR, 9))
    mixed = rule.explain(now(employees=10, title="manager"))
    assert (mixed.text, mixed.verdict) == ("seniority", YES)
    assert [part.text for part in mixed.parts] == ['title contains "manager"']
    nothing = rule.explain(now(employees=10, title="clerk"))
    assert nothing.verdict is NO
    assert [part.text for part in nothing.parts] == ["none of its 2 cases holds"]
    read = [seen.field for part in nothing.parts for seen in part.seen]
    assert read == ["employees", "title"]
    unclear = rule.explain(now(title="manager"))
    assert unclear.verdict is UNKNOWN
    assert [part.verdict for part in unclear.parts] == [UNKNOWN, YES]
    assert [seen.name for seen in rule.unknowns(now(title="manager"))] == ["employees"]


def test_cases_change_when_any_of_them_does() -> None:
    title = History((NOW + timedelta(days=2), "manager"))
    size = History((NOW + timedelta(days=1), 60))
    rule = Rule.first_of("seniority", (BIG, 5), (SENIOR, 9))
    assert rule.changes_at(now(title=title, employees=size)) == NOW + timedelta(days=1)
    assert rule.changes_at(now(title=title)) == NOW + timedelta(days=2)
    assert rule.changes_at(now()) is None


@pytest.mark.parametrize("match", ["worst", "", None, "First"])
def test_match_is_first_or_best(match: object) -> None:
    with refused(DefinitionError, f"match is 'first' or 'best', not {show(match)}"):
        Rule.by_band("size", attribute("n"), [Band(5, 1)], match=match)


# -- by value ----------------------------------------------------------------------------------


def test_points_by_the_text_in_a_field() -> None:
    rule = Rule.by_value("country", "country", {"US": 5, "DE": 3.5})
    assert millis(rule, now(country="us")) == (5_000, 5_000, 5_000)
    assert millis(rule, now(country="DE")) == (3_500, 3_500, 3_500)
    assert millis(rule, now(country="FR")) == (0, 0, 0)
    assert millis(rule, now()) == (0, 0, 5_000)
    assert rule.extremes() == (0, 5_000)
    assert [c.describe() for c in rule.criteria()] == ['country is "DE"', 'country is "US"']


def test_points_by_value_take_an_attribute_too() -> None:
    strict = attribute("country", case_sensitive=True)
    rule = Rule.by_value("country", strict, {"US": 5})
    assert rule == ByValue("country", strict, {"US": 5})
    assert millis(rule, now(country="us")) == (0, 0, 0)
    assert rule != Rule.by_value("country", "country", {"US": 5})


@pytest.mark.parametrize("table", [{}, None, [("US", 5)], "US"])
def test_points_by_value_are_a_table(table: object) -> None:
    with pytest.raises(KindError) as caught:
        Rule.by_value("country", "country", table)
    assert str(caught.value) == "points by value are a table: each text with its points"


def test_a_value_is_a_text_with_points() -> None:
    with pytest.raises(KindError, match=r"^points by value go by text, not by 1$"):
        Rule.by_value("country", "country", {1: 5})
    with pytest.raises(KindError, match=r'^points must be a number, not "5"$'):
        Rule.by_value("country", "country", {"US": "5"})


def test_a_rule_by_value_wants_something_to_measure() -> None:
    with pytest.raises(KindError) as caught:
        Rule.by_value("country", 7, {"US": 5})
    assert str(caught.value) == "wanted something to measure, such as attribute('x'), not 7"


# -- by band -----------------------------------------------------------------------------------

SIZES = [Band(5, at_least=10, below=50), Band(15, at_least=50), Band(-5, below=10)]


@pytest.mark.parametrize(
    ("employees", "points"),
    [(9, -5), (9.999, -5), (10, 5), (49, 5), (49.9, 5), (50, 15), (10**9, 15)],
)
def test_a_band_includes_its_lower_end_only(employees: float, points: int) -> None:
    rule = Rule.by_band("size", attribute("employees"), SIZES)
    assert millis(rule, now(employees=employees)) == (points * 1000,) * 3


def test_an_unknown_size_may_lie_in_any_band() -> None:
    rule = Rule.by_band("size", attribute("employees"), SIZES)
    assert millis(rule, now()) == (-5_000, 0, 15_000)
    assert rule.extremes() == (-5_000, 15_000)


def test_overlapping_bands_give_the_first_or_the_best() -> None:
    wide = [Band(5, at_least=10), Band(15, at_least=50), Band(7, at_least=20)]
    first = Rule.by_band("size", attribute("employees"), wide)
    best = Rule.by_band("size", attribute("employees"), iter(wide), match=r"best")
    assert first.match == "first"
    assert best == ByBand("size", attribute("employees"), tuple(wide), "best")
    assert millis(first, now(employees=60)) == (5_000,) * 3
    assert millis(best, now(employees=60)) == (15_000,) * 3
    assert millis(best, now(employees=30)) == (7_000,) * 3


def test_a_band_is_a_criterion_about_its_measure() -> None:
    n = attribute("n")
    assert Band(5, at_least=1).holds(n) == (n >= 1)
    assert Band(5, below=9).holds(n) == (n < 9)
    assert Band(5, at_least=1, below=9).holds(n) == ((n >= 1) & (n < 9))


@pytest.mark.parametrize(
    ("build", "text"),
    [
        (lambda: Band(5), "a band needs a lower or an upper end"),
        (lambda: Band(5, at_least=9, below=9), "no number is at least 9 and below 9"),
        (lambda: Band(5, at_least=9, below=1), "no number is at least 9 and below 1"),
    ],
)
def test_a_band_without_numbers_is_refused(build: object, text: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        build()
    assert str(caught.value) == text


def test_bands_that_the_measure_cannot_have_are_refused_at_once() -> None:
    with pytest.raises(KindError, match=r"^the score compares with a number, not with text$"):
        Rule.by_band("size", score(), [Band(5, at_least="ten")])
    with pytest.raises(KindError, match=r"^wanted something to measure, such as"):
        Rule.by_band("size", "employees", [Band(5, at_least=1)])


# -- the newest activity -----------------------------------------------------------------------


def test_latest_counts_the_newest_only() -> None:
    rule = Rule.latest("open", OPENS, 8, decay=linear(days=8))
    lead = now(did("open", 5, key="old"), did("open", 2, key="new"), did("other", 0))
    assert rule == Latest("open", OPENS, 8, linear(days=8))
    assert rule.award(lead) == Award(Triple(*[8_000] * 3), Triple(*[6_000] * 3), ("new",))
    assert rule.award(now()) == Award(NOTHING, NOTHING, ())


def test_latest_without_decay_uses_the_groups() -> None:
    rule = Rule.latest("open", OPENS, 8)
    lead = now(did("open", 2))
    assert rule.award(lead).left == Triple(8_000, 8_000, 8_000)
    assert rule.award(lead, linear(days=8)).left == Triple(6_000, 6_000, 6_000)
    own = Rule.latest("open", OPENS, 8, decay=linear(days=4))
    assert own.award(lead, linear(days=8)).left == Triple(4_000, 4_000, 4_000)


def test_latest_is_a_range_when_a_newer_one_may_match() -> None:
    rule = Rule.latest("open", activity("open", mail="a"), 8, decay=linear(days=8))
    lead = now(did("open", 4, mail="a", key="sure"), did("open", 2, key="maybe"))
    assert rule.award(lead) == Award(
        Triple(8_000, 8_000, 8_000), Triple(4_000, 4_000, 6_000), ("sure",)
    )
    only = now(did("open", 2, key="maybe"))
    assert rule.award(only) == Award(Triple(0, 0, 8_000), Triple(0, 0, 6_000), ())


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        (Rule.latest("open", OPENS, 8), (0, 0, 8_000)),
        (Rule.latest("open", OPENS, -8), (-8_000, 0, 0)),
        (Rule.each("open", OPENS, 8, at_most=3), (0, 0, 24_000)),
        (Rule.each("open", OPENS, -8, at_most=3), (-24_000, 0, 0)),
        (Rule.each("open", OPENS, 8, at_most=2, per=7, in_all=5), (0, 0, 40_000)),
        (Rule.each("open", OPENS, 8, at_most=2, per=7), (0, 0, 8_000_000_000)),
        (Rule.each("open", OPENS, 8), (0, 0, 8_000_000_000)),
    ],
)
def test_an_unloaded_timeline_leaves_all_open(rule: object, wanted: tuple[int, int, int]) -> None:
    assert rule.award(unloaded()) == Award(Triple(*wanted), Triple(*wanted), ())
    assert rule.extremes() == (wanted[0], wanted[2])


# -- each activity -----------------------------------------------------------------------------


def test_each_counts_every_match_newest_first() -> None:
    rule = Rule.each("open", OPENS, 8, decay=linear(days=8))
    lead = now(did("open", 4, key="a"), did("open", 2, key="b"), did("open", 8, key="c"))
    assert rule.award(lead) == Award(
        Triple(24_000, 24_000, 24_000), Triple(10_000, 10_000, 10_000), ("b", "a", "c")
    )


def test_activities_without_an_id_count_but_leave_no_evidence() -> None:
    rule = Rule.each("open", OPENS, 8)
    lead = now(did("open", 4), did("open", 2, key="b"), did("open", 2))
    assert rule.award(lead) == Award(Triple(*[24_000] * 3), Triple(*[24_000] * 3), ("b",))


def test_at_most_takes_the_newest_of_all() -> None:
    rule = Rule.each("open", OPENS, 8, at_most=2, decay=linear(days=8))
    lead = now(*(did("open", days, key=f"{days}") for days in range(8)))
    assert millis(rule, lead) == (15_000, 15_000, 15_000)
    assert keys(rule, lead) == ("0", "1")


def test_at_most_per_period_takes_the_newest_of_each_fixed_period() -> None:
    """Periods are counted from 1 January 1970 UTC, not from now."""
    rule = Rule.each("open", OPENS, 1, at_most=2, per=7)
    edge = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=7 * 2_932)
    assert edge < NOW < edge + timedelta(days=7)
    times = [edge - 3 * TICK, edge - 2 * TICK, edge - TICK, edge, edge + TICK, edge + 2 * TICK]
    lead = Lead("ada", {}, [Activity("open", at, id=f"{i}") for i, at in enumerate(times)]).at(NOW)
    assert keys(rule, lead) == ("5", "4", "2", "1")
    assert millis(rule, lead) == (4_000, 4_000, 4_000)


def test_in_all_bounds_what_the_periods_leave() -> None:
    lead = now(*(did("open", days, key=f"{days:02}") for days in range(40)))
    rule = Rule.each("open", OPENS, 1, at_most=2, per=7, in_all=5)
    unbounded = Rule.each("open", OPENS, 1, at_most=2, per=7)
    assert keys(rule, lead) == keys(unbounded, lead)[:5]
    assert keys(unbounded, lead)[-3:] == ("32", "33", "39")
    assert rule.most == 5


def test_once_per_keeps_the_newest_of_each_value() -> None:
    rule = Rule.each("book", activity("open"), 1, once_per="asset")
    lead = now(
        did("open", 5, asset="A", key="old"),
        did("open", 4, asset="b", key="other"),
        did("open", 3, asset="a", key="new"),  # the same text, folded
        did("open", 2, asset=7, key="number"),
        did("open", 1, asset="7", key="text"),
    )
    assert keys(rule, lead) == ("text", "number", "new", "other")


def test_once_per_comes_before_the_period_which_comes_before_all() -> None:
    rule = Rule.each("book", activity("open"), 1, once_per="asset", at_most=1, per=3_650, in_all=1)
    lead = now(
        did("open", 3, asset="b", key="b"),
        did("open", 2, asset="a", key="old"),
        did("open", 1, asset="a", key="new"),
    )
    assert keys(rule, lead) == ("new",)
    two = Rule.each("book", activity("open"), 1, once_per="asset", at_most=2, per=3_650)
    assert keys(two, lead) == ("new", "b")


def test_a_blank_in_once_per_may_be_another_or_not() -> None:
    rule = Rule.each("book", activity("open"), 1, once_per="asset")
    lead = now(did("open", 3, asset="a", key="a"), did("open", 2, key="blank"))
    assert rule.award(lead) == Award(
        Triple(1_000, 1_000, 2_000), Triple(1_000, 1_000, 2_000), ("a",)
    )
    two = now(did("open", 3, asset="a"), did("open", 2), did("open", 1, asset=" "))
    assert millis(rule, two) == (1_000, 1_000, 3_000)


def test_a_possible_match_opens_the_upper_end_and_mirrored_the_lower() -> None:
    some = activity("open", mail="a")
    lead = now(did("open", 3, mail="a", key="sure"), did("open", 2, key="maybe"))
    assert millis(Rule.each("open", some, 8), lead) == (8_000, 8_000, 16_000)
    assert millis(Rule.each("open", some, -8), lead) == (-16_000, -8_000, -8_000)
    capped = Rule.each("open", some, 8, at_most=1, decay=linear(days=8))
    assert capped.award(lead).left == Triple(5_000, 5_000, 6_000)
    assert capped.award(lead).fresh == Triple(8_000, 8_000, 8_000)


def every_completion(
    rule: Each, activities: list[Activity], blanks: list[tuple[int, str, tuple[str, ...]]]
) -> list[int]:
    """What the rule gives for each way to fill the blanks."""
    given = []
    for filled in product(*[choices for _, _, choices in blanks]):
        full = list(activities)
        for (index, name, _), value in zip(blanks, filled, strict=True):
            a = full[index]
            full[index] = Activity(a.kind, a.at, {**a.properties, name: value}, a.id)
        found = rule.award(a_lead(*full).at(NOW)).left
        assert found.low == found.points == found.high
        given.append(found.points)
    return given


@pytest.mark.parametrize("points", [4, -4])
@pytest.mark.parametrize("decay", [None, linear(days=30)])
@pytest.mark.parametrize("limits", [{}, {"at_most": 1, "per": 7}, {"at_most": 2}])
@pytest.mark.parametrize("once_per", [None, "asset"])
def test_a_range_holds_whatever_the_blanks_turn_out_to_be(
    points: int, decay: object, limits: dict[str, int], once_per: str | None
) -> None:
    rule = Rule.each(
        "open", activity("open", mail="a"), points, once_per=once_per, decay=decay, **limits
    )
    activities = [
        did("open", 20, mail="a", asset="x"),
        did("open", 12, mail="a", asset="y"),
        did("open", 11, asset="x"),  # may not match
        did("open", 9, mail="a"),  # may be of any asset
        did("open", 2, mail="a", asset="z"),
        did("open", 1, asset="y"),  # may not match
    ]
    blanks = [
        (2, "mail", ("a", "b")),
        (3, "asset", ("x", "y", "z", "w")),
        (5, "mail", ("a", "b")),
    ]
    found = rule.award(a_lead(*activities).at(NOW)).left
    given = every_completion(rule, activities, blanks)
    assert found.low <= min(given)
    assert max(given) <= found.high
    assert found.low <= found.points <= found.high


def test_with_periods_only_keys_that_nothing_can_move_are_sure() -> None:
    rule = Rule.each("open", activity("open", mail="a"), 1, once_per="asset", at_most=1, per=1)
    lead = now(
        did("open", 3, mail="a", asset="x", key="x"),
        did("open", 2, mail="a", asset="y", key="y"),
        did("open", 1, asset="x", key="maybe"),
    )
    assert millis(rule, lead) == (1_000, 2_000, 3_000)
    firm = now(
        did("open", 3, mail="a", asset="x", key="x"),
        did("open", 2, mail="a", asset="y", key="y"),
        did("open", 1, asset="z", key="maybe"),
    )
    assert millis(rule, firm) == (2_000, 2_000, 3_000)
    blank = now(
        did("open", 3, mail="a", asset="x", key="x"),
        did("open", 2, mail="a", asset="y", key="y"),
        did("open", 1, mail="a", key="blank"),
    )
    assert millis(rule, blank) == (0, 2_000, 3_000)
    settled = now(
        did("open", 3, mail="a", asset="x", key="x"), did("open", 1, mail="a", asset="x", key="n")
    )
    assert millis(rule, settled) == (1_000, 1_000, 1_000)


@pytest.mark.parametrize(
    ("limits", "error", "text"),
    [
        ({"per": 7}, DefinitionError, "per is a period for at_most: say how many count in each"),
        ({"in_all": 7}, DefinitionError, "in_all goes with per; without it say at_most"),
        (
            {"in_all": 7, "at_most": 2},
            DefinitionError,
            "in_all goes with per; without it say at_most",
        ),
        (
            {"per": 3_651, "at_most": 1},
            DefinitionError,
            "a period is at most 3,650 days, not 3651",
        ),
        ({"at_most": 0}, DefinitionError, "how many count must be 1 or more, not 0"),
        ({"at_most": True}, KindError, "how many count must be a whole number, not yes"),
        ({"at_most": 2.0}, KindError, "how many count must be a whole number, not 2.0"),
        (
            {"at_most": 1_000_001},
            DefinitionError,
            "at most 1,000,000 activities count, not 1000001",
        ),
        (
            {"once_per": ""},
            DefinitionError,
            "a field is named by text of at most 200 characters, not blank",
        ),
    ],
)
def test_limits_that_make_no_sense_are_refused(
    limits: dict[str, object], error: type[Exception], text: str
) -> None:
    with pytest.raises(error) as caught:
        Rule.each("open", OPENS, 8, **limits)
    assert str(caught.value) == text


def test_the_greatest_limits_are_allowed() -> None:
    rule = Rule.each("open", OPENS, 8, at_most=1_000_000, per=3_650, in_all=1)
    assert rule == Each("open", OPENS, 8, None, 1_000_000, 3_650, 1, None)


def test_a_rule_about_activities_wants_activities() -> None:
    with pytest.raises(TypeError, match=r"'activities' must be"):
        Rule.each("open", BIG, 8)


# -- what explains it --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (Rule.latest("open", OPENS, 8), "open, the newest"),
        (Rule.each("open", OPENS, 8), "open"),
        (Rule.each("open", OPENS, 8, once_per="asset"), "open, once for each asset"),
        (Rule.each("open", OPENS, 8, at_most=2), "open, at most 2"),
        (
            Rule.each("open", OPENS.within(days=30), 8, once_per="asset", at_most=2, per=7),
            "open in the last 30 days, once for each asset, at most 2 in each 7 days",
        ),
        (
            Rule.each("open", OPENS, 8, at_most=2, per=7, in_all=5),
            "open, at most 2 in each 7 days, 5 in all",
        ),
    ],
)
def test_a_rule_about_activities_says_what_it_counts(rule: object, text: str) -> None:
    assert rule.explain(now()).parts[0].text == text


@pytest.mark.parametrize(
    ("lead", "verdict", "counted"),
    [
        (now(), NO, "0"),
        (now(did("open", 1, mail="a")), YES, "1"),
        (now(did("open", 1, mail="b")), NO, "0"),
        (now(did("open", 1)), UNKNOWN, "0 to 1"),
        (
            now(did("open", 1), did("open", 2, mail="a"), did("open", 3, mail="a")),
            UNKNOWN,
            "2 to 3",
        ),
        (unloaded(), UNKNOWN, "not loaded"),
    ],
)
def test_a_rule_about_activities_says_how_many(
    lead: Snapshot, verdict: Verdict, counted: str
) -> None:
    reason = Rule.each("open", activity("open", mail="a"), 8).explain(lead)
    assert reason.text == "open"
    assert reason.verdict is verdict
    assert reason.parts[0].verdict is verdict
    said = counted if counted == "not loaded" else f"{counted} counted"
    assert reason.parts[0].seen[0].value == said


def test_a_rule_about_activities_names_its_blanks() -> None:
    rule = Rule.each("open", activity("open", mail="a"), 8)
    assert [s.name for s in rule.unknowns(now(did("open", 1)))] == ["open.mail"]
    assert [s.name for s in rule.unknowns(unloaded())] == ["activities"]
    assert list(rule.unknowns(now(did("open", 1, mail="a")))) == []
    assert rule.criteria() == activity("open", mail="a").filters


# -- when it changes ---------------------------------------------------------------------------


def test_what_is_given_changes_at_the_next_step_of_any_match() -> None:
    rule = Rule.each("open", OPENS, 8, decay=steps({7: 0.5, 30: 0.1}))
    lead = now(did("open", 6.5), did("open", 29), did("open", 100))
    assert rule.changes_at(lead) == NOW + timedelta(days=0.5)
    assert rule.changes_at(now(did("open", 29))) == NOW + timedelta(days=1)
    assert rule.changes_at(now(did("open", 100))) is None
    assert rule.changes_at(unloaded()) is None


def test_a_groups_decay_counts_where_the_rule_has_none() -> None:
    lead = now(did("open", 1.25))
    assert Rule.each("open", OPENS, 8).changes_at(lead) is None
    assert Rule.each("open", OPENS, 8).changes_at(lead, expires(days=2)) == NOW + timedelta(0.75)
    own = Rule.each("open", OPENS, 8, decay=expires(days=3))
    assert own.changes_at(lead, expires(days=2)) == NOW + timedelta(days=1.75)


def test_what_is_given_changes_when_an_activity_leaves_its_window() -> None:
    rule = Rule.latest("open", OPENS.within(days=3), 8, decay=expires(days=30))
    assert rule.changes_at(now(did("open", 1))) == NOW + timedelta(days=2)


# -- rules are values --------------------------------------------------------------------------

RULES = [
    Rule("big", BIG, 15),
    Rule.first_of("seniority", (BIG, 5), (SENIOR, 9)),
    Rule.by_value("country", "country", {"US": 5}),
    Rule.by_band("size", attribute("employees"), SIZES),
    Rule.latest("open", OPENS, 8, decay=linear(days=8)),
    Rule.each("open", OPENS, 8, once_per="asset", at_most=2, per=7),
]


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_a_rule_is_a_value(rule: object) -> None:
    copy = pickle.loads(pickle.dumps(rule))
    assert copy == rule
    assert hash(copy) == hash(rule)
    assert copy is not rule


def test_a_users_own_criterion_gives_points_like_any() -> None:
    class Even(Criterion):
        def judge(self, lead: Snapshot) -> Verdict:
            number = lead.number("n")
            return UNKNOWN if number is None else Verdict.of(number % 2 == 0)

        def describe(self) -> str:
            return "n is even"

    assert millis(Rule("even", Even(), 2), now(n=4)) == (2_000, 2_000, 2_000)


def test_one_activity_given_twice_counts_as_often_as_it_is_counted() -> None:
    """Without an id nobody can say that it is the same, be it the same object or an equal one."""
    opened = did("open", 1)
    lead = now(opened, opened)
    assert OPENS.count().range(lead) == (2, 2)
    assert millis(Rule.each("opened", OPENS, 5), lead) == (10_000, 10_000, 10_000)


def test_texts_that_compare_alike_have_points_once() -> None:
    with pytest.raises(DefinitionError, match=r'^"VP" and "vp" are one text; give it points once$'):
        Rule.by_value("title", "title", {"VP": 5, "vp": 3})
    both = Rule.by_value("code", attribute("code", case_sensitive=True), {"VP": 5, "vp": 3})
    assert millis(both, now(code="vp")) == (3_000, 3_000, 3_000)
    with pytest.raises(KindError, match="points by value go by text, not by 5"):
        Rule.by_value("code", "code", {5: 5})  # type: ignore[dict-item]


def test_an_answer_that_is_no_verdict_is_refused() -> None:
    class Slipped(Criterion):
        def judge(self, lead: Snapshot) -> Verdict:
            return True  # type: ignore[return-value]

        def describe(self) -> str:
            return "it slipped"

    for rule in (Rule("r", Slipped(), 5), Rule.first_of("r", (Slipped(), 5))):
        with pytest.raises(TypeError, match=r"^True is no verdict; .*: it slipped$"):
            rule.award(now())
    with pytest.raises(TypeError, match="True is no verdict"):
        (Slipped() & BIG).judge(now())


def test_points_are_spelled_without_trailing_zeros() -> None:
    assert [str(in_points(m)) for m in (8_700, 30_000, -5, 0)] == ["8.7", "30", "-0.005", "0"]


@pytest.mark.parametrize("points", [Decimal("1E-500"), Decimal("NaN"), Decimal("Infinity")])
def test_a_number_too_fine_or_endless_is_refused(points: Decimal) -> None:
    with pytest.raises(DefinitionError, match=r"at most three decimals|lie between"):
        millipoints(points)


def test_of_the_first_match_only_what_decides_is_told() -> None:
    lead = now(employees=60, title="manager")
    cases = ((BIG, 5), (SENIOR, 9))
    told = [part.text for part in Rule.first_of("r", *cases).explain(lead).parts]
    assert told == ["employees is at least 50"]
    told = [part.text for part in Rule.best_of("r", *cases).explain(lead).parts]
    assert told == ["employees is at least 50", 'title contains "manager"']
    (nothing,) = Rule.best_of("r", *cases).explain(now(employees=1, title="x")).parts
    assert nothing.verdict is NO


def test_the_limits_of_a_rule_are_told() -> None:
    def limits(**given: int) -> str:
        return Rule.each("r", OPENS, 5, **given).limits()  # type: ignore[arg-type]

    assert limits(at_most=1, per=1, in_all=6) == ", at most 1 a day, 6 in all"
    assert limits(at_most=2, per=7) == ", at most 2 in each 7 days"
    assert limits() == ""
    (why,) = Rule.each("r", OPENS, 5).explain(now(did("open"))).parts
    assert [(seen.name, seen.value) for seen in why.seen] == [("", "1 counted")]


def test_a_wrong_name_is_shown() -> None:
    with pytest.raises(DefinitionError, match=r"^a name is text of at most 200 characters, not 5$"):
        Rule(5, BIG, 5)  # type: ignore[arg-type]
