"""Section G: points, caps and decay; section H: the lines that explain them."""

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from itertools import product

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqlkit import (
    Activity,
    Group,
    Lead,
    Rule,
    Scorecard,
    Verdict,
    activity,
    attribute,
    expires,
    half_life,
    linear,
    score,
    steps,
)
from mqlkit.points import Triple
from mqlkit.scorecard import ScoreBook
from mqlkit.testing import completions, decays, instants, leads, rules, scorecards
from mqlkit.testing.strategies.vocabulary import MICROSECOND, NOW

cards = scorecards(knowledge=False)


def total(card, lead, as_of):
    return card.score(lead.at(as_of))


@given(cards, leads(), instants(), st.data())
def test_the_range_holds_every_completion(card, lead, as_of, data):
    """Laws 91 and 92: filling blanks keeps the score inside its range and never widens it."""
    before = total(card, lead, as_of).millis
    after = total(card, data.draw(completions(lead)), as_of).millis
    assert before.low <= after.low <= after.points <= after.high <= before.high


@given(cards, leads(), instants(), st.data())
def test_with_nothing_unknown_the_score_is_a_point(card, lead, as_of, data):
    """Law 93: wrong kinds apart, which no filling mends."""
    result = total(card, data.draw(completions(lead, every=True)), as_of)
    if not result.unknowns():
        assert result.millis.low == result.millis.points == result.millis.high


@given(cards, leads(), instants())
def test_the_lines_add_up(card, lead, as_of):
    """Laws 105 and 106: at all three ends; a line for each rule, in the order of the card."""
    result = total(card, lead, as_of)
    assert result.millis.low <= result.millis.points <= result.millis.high
    for end in ("low", "points", "high"):
        assert sum(getattr(line, end) for line in result.lines) == getattr(result, end)
    shown = [line.name for line in result.lines if line.kind == "rule"]
    assert shown == [rule.name for rule in card.all_rules()]


@given(cards, leads(), instants())
def test_each_line_answers_as_its_rule_alone(card, lead, as_of):
    """Law 107, and law 111: explaining changes nothing."""
    snapshot = lead.at(as_of)
    book = ScoreBook((card,), snapshot)
    before = book.score("total").millis
    str(book.score("total").explain())
    for line in book.score("total").lines:
        if line.rule is not None:
            assert line.millis == line.rule.award(book.lead).fresh
    assert book.score("total").millis == before


@given(cards, leads(), instants(), st.randoms())
def test_the_order_of_rules_does_not_matter(card, lead, as_of, random):
    """Laws 85, 88."""
    groups = list(card.groups)
    random.shuffle(groups)
    shuffled = attrs.evolve(card, groups=[_shuffled(group, random) for group in groups])
    assert total(shuffled, lead, as_of).millis == total(card, lead, as_of).millis


def _shuffled(item, random):
    if not isinstance(item, Group):
        return item
    inner = [_shuffled(one, random) for one in item.rules]
    random.shuffle(inner)
    return attrs.evolve(item, rules=inner)


def test_capping_on_the_way_is_not_capping_at_the_end():
    """Law 86: the order would matter, so a cap acts once."""

    def fold(points):
        at = 0
        for each in points:
            at = min(2, at + each)
        return at

    assert fold([3, -3, 1]) != fold([-3, 3, 1])


@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(-20, 20), st.integers(0, 20))
def test_a_cap_is_idempotent_monotone_and_never_stretches(a, b, floor, more):
    """Law 87."""

    def clip(points):
        card = Scorecard(
            Group("g", [Rule("r", attribute("x") >= 0, points)], cap=floor + more, floor=floor)
        )
        return int(card.score(Lead("ada", {"x": 1}).at(NOW)).points)

    assert clip(clip(a)) == clip(a)
    assert (clip(a) <= clip(b)) or b < a
    assert abs(clip(a) - clip(b)) <= abs(a - b)


@given(leads(), instants(), st.integers(-30, 30), st.integers(-30, 30))
def test_two_rules_of_one_criterion_are_one(lead, as_of, a, b):
    """Law 89."""
    asking = attribute("employees") >= 2
    split = Scorecard(Rule("a", asking, a), Rule("b", asking, b))
    whole = Scorecard(Rule("both", asking, a + b))
    assert total(split, lead, as_of).millis.points == total(whole, lead, as_of).millis.points


@given(leads(), instants(), st.integers(1, 5))
def test_doubling_all_points_doubles_the_score(lead, as_of, k):
    """Law 90: caps and thresholds doubled too, no answer changes; points by hand are not."""
    lead = attrs.evolve(lead, overrides=())
    asking = attribute("employees") >= 2
    visits = activity().within(days=7)

    def answer(k):
        card = Scorecard(Rule("a", asking, 5 * k), Rule.each("b", visits, 3 * k), cap=9 * k)
        book = ScoreBook((card,), lead.at(as_of))
        return (score() >= 6 * k).judge(book.lead)

    assert answer(1) is answer(k)


@given(cards, leads(), instants(), st.sampled_from((-5, 0, 5, 20)))
def test_a_threshold_compares_with_both_ends(card, lead, as_of, bound):
    """Law 94: YES from the low end, NO from the high end; a higher one is never surer."""
    book = ScoreBook((card,), lead.at(as_of))
    low, high = book.score("total").range
    verdict = (score() >= bound).judge(book.lead)
    assert (verdict is Verdict.YES) is (low >= bound * 1000)
    assert (verdict is Verdict.NO) is (high < bound * 1000)
    assert (score() >= bound + 1).judge(book.lead) <= verdict


@given(leads(), instants(), st.integers(0, 20), st.integers(0, 20))
def test_raising_the_points_of_a_rule_never_lowers_the_score(lead, as_of, points, more):
    """Law 95."""
    rule = Rule.each("visit", activity(), points, at_most=2, decay=linear(days=30))
    raised = attrs.evolve(rule, points=points + more)
    assert rule.award(lead.at(as_of)).left.points <= raised.award(lead.at(as_of)).left.points


# -- decay -------------------------------------------------------------------------------------


@given(decays(), st.integers(-40_000, 40_000))
def test_points_fade_and_never_rise(decay, points):
    """Law 96, on every day of the first four months: towards zero, and never past it."""
    left = [abs(decay.left(points, day)) for day in range(120)]
    signs = {decay.left(points, day) * points >= 0 for day in range(120)}
    assert left == sorted(left, reverse=True)
    assert left[0] <= abs(points)
    assert signs == {True}
    assert decay.left(points, 0) == points or isinstance(decay, type(steps({1: 1})))


@given(st.integers(1, 120), st.integers(-40_000, 40_000))
def test_linear_ends_at_its_horizon_and_steps_include_their_day(days, points):
    """Law 97."""
    assert linear(days=days).left(points, days) == linear(days=days).left(points, days + 1) == 0
    stepped = steps({days: 0})
    assert (stepped.left(points, days - 1), stepped.left(points, days)) == (points, 0)
    assert (expires(days=days).left(points, days - 1)) == points


@given(st.integers(1, 60), st.integers(0, 200), st.integers(0, 200), st.integers(0, 40_000))
def test_half_a_life_leaves_half(days, a, b, points):
    """Law 98: exactly at whole half-lives, and within rounding in two parts."""
    decay = half_life(days=days)
    assert decay.left(points, days) == round(Fraction(points, 2))
    assert abs(decay.left(points, a + b) - decay.left(decay.left(points, a), b)) <= 1


@given(st.integers(-40_000, 40_000), st.integers(1, 100), st.integers(0, 100))
def test_rounding_is_once_and_half_to_even(points, days, age):
    """Law 100, against decimals: the exact fraction, rounded once."""
    exact = Fraction(points * max(0, days - age), days)
    floor = exact.numerator // exact.denominator
    rest = exact - floor
    up = rest > Fraction(1, 2) or (rest == Fraction(1, 2) and floor % 2 == 1)
    assert linear(days=days).left(points, age) == floor + up
    half = Decimal(points) / 2
    assert steps({1: 0.5}).left(points, 1) == int(half.quantize(Decimal(1), ROUND_HALF_EVEN))


def test_no_sum_leaves_sixty_four_bits():
    """Law 101: the most that a file of 2,000 rules can give."""
    low, high = Rule.each("visit", activity(), 1_000_000).extremes()
    assert 2_000 * high < 2**63
    assert 2_000 * -low < 2**63


# -- which activities count --------------------------------------------------------------------


@given(leads(), instants(), st.randoms())
def test_more_of_the_same_past_the_cap_changes_nothing(lead, as_of, random):
    """Laws 103, 104: without decay, and in any order."""
    rule = Rule.each("visit", activity("page_view"), 5, at_most=2)
    before = rule.award(lead.at(as_of)).left
    if lead.activities is not None and before.low == before.high == 10_000:
        at = min(a.at for a in lead.activities)
        more = [Activity("page_view", at) for _ in range(3)]
        told = [*lead.activities, *more]
        random.shuffle(told)
        again = attrs.evolve(lead, activities=told)
        assert rule.award(again.at(as_of)).left == before


BLANK = (None, "a", "b")


@pytest.mark.parametrize("points", [5, -5])
@pytest.mark.parametrize(("at_most", "in_all"), [(1, None), (1, 1), (2, 2)])
def test_once_per_in_each_period_is_sound(at_most, in_all, points):
    """Law 91 at its hardest: every case of three activities with assets and pages blank or not."""
    rule = Rule.each(
        "download",
        activity().where(attribute("page").equals("a")),
        points,
        once_per="asset",
        at_most=at_most,
        per=1,
        in_all=in_all,
        decay=linear(days=4),
    )
    days = (0, 1, 1)

    def award(case):
        done = [
            Activity(
                "x",
                NOW - day * (24 * 3_600_000_000 * MICROSECOND) - n * MICROSECOND,
                {"asset": asset, "page": page},
            )
            for n, (day, (asset, page)) in enumerate(zip(days, case, strict=True))
        ]
        return rule.award(Lead("ada", activities=done).at(NOW)).left

    each = list(product(BLANK, BLANK))
    whole = {case: award(case) for case in product(product("ab", "ab"), repeat=3)}
    for case in product(each, repeat=3):
        if all(asset and page for asset, page in case):
            continue
        found = award(case)
        for full in product(*(product(a or "ab", p or "ab") for a, p in case)):
            assert found.low <= whole[full].points <= found.high, (case, full)
        assert found.low <= found.points <= found.high


@given(cards, leads(), instants())
def test_settling_counts_every_unknown_as_nothing(card, lead, as_of):
    """DESIGN 5, ``unknowns="no"``: settled after each whole rule, so no score is a range."""
    settled = ScoreBook((card,), lead.at(as_of), settle=True).score("total")
    assert not settled.millis.open
    assert sum(line.points for line in settled.lines) == settled.points


@given(rules(knowledge=False), leads(), instants())
def test_a_rule_stays_within_its_extremes(rule, lead, as_of):
    """Law 102 rests on it: what lint calls out of reach is."""
    low, high = rule.extremes()
    for award in (rule.award(lead.at(as_of)).fresh, rule.award(lead.at(as_of)).left):
        assert low <= award.low <= award.high <= high


def test_nine_points_over_ninety_days_on_day_three():
    """DESIGN 4's own check."""
    assert linear(days=90).left(9_000, 3) == 8_700
    assert Triple(0, 0, 0).plus(Triple(1, 2, 3)) == Triple(1, 2, 3)
