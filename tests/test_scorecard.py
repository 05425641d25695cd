"""Scores: lines that add up, caps, floors, decay and points by hand."""

import pickle
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import attrs
import pytest
from building import NOW, TICK, UNKNOWN, YES, a_lead, ago, did, now, refused, unloaded

from mqlkit import (
    Band,
    Criterion,
    Group,
    History,
    Lead,
    Override,
    Rule,
    Scorecard,
    ScoreResult,
    Snapshot,
    Verdict,
    activity,
    attribute,
    grade,
    half_life,
    linear,
    matrix,
    score,
)
from mqlkit.criterion import DEEPEST
from mqlkit.errors import DefinitionError, KindError, UnknownNameError
from mqlkit.points import NOTHING, Triple
from mqlkit.scorecard import Line, ScoreBook, asked_scores, range_text, score_names

BIG = attribute("employees") >= 50
SENIOR = attribute("title").contains("manager")
JUNIOR = attribute("title").contains("student")
OPENS = activity("open")

FIT = Group("fit", [Rule("big", BIG, 15), Rule("senior", SENIOR, 20), Rule("junior", JUNIOR, -20)])
CARD = Scorecard(
    FIT, Group("engagement", [Rule.each("opened", OPENS, 8, decay=linear(days=8))], cap=10)
)


def shown(result: ScoreResult) -> list[tuple[str, str, tuple[str, ...], tuple[int, int, int]]]:
    return [(line.kind, line.name, line.group, tuple(line.millis)) for line in result.lines]


def adds_up(result: ScoreResult) -> None:
    total = NOTHING
    for line in result.lines:
        total = total.plus(line.millis)
    assert total == result.millis


def of(points: float) -> tuple[int, int, int]:
    return (round(points * 1000),) * 3


# -- the breakdown -----------------------------------------------------------------------------


def test_the_lines_are_the_rules_in_order_with_decay_and_caps_of_their_own() -> None:
    lead = now(
        did("open", 1, key="b"), did("open", 2, key="a"), employees=60, title="Sales Manager"
    )
    result = CARD.score(lead)
    assert shown(result) == [
        ("rule", "big", ("fit",), of(15)),
        ("rule", "senior", ("fit",), of(20)),
        ("rule", "junior", ("fit",), of(0)),
        ("rule", "opened", ("engagement",), of(16)),
        ("decay", "opened: faded with age", ("engagement",), of(-3)),
        ("cap", "cap of 10 points", ("engagement",), of(-3)),
    ]
    assert result.millis == Triple(*of(45))
    assert (result.low, result.points, result.high) == (Decimal(45), Decimal(45), Decimal(45))
    assert result.range == (45_000, 45_000)
    assert result.name == "total"
    assert result.lines[3].evidence == ("b", "a")
    assert result.lines[3].rule is CARD.groups[1].rules[0]
    assert result.lines[4].rule is None
    assert not any(line.open for line in result.lines)
    adds_up(result)


def test_unknowns_open_the_range_of_rule_and_total() -> None:
    result = CARD.score(now(employees=60))
    assert result.millis == Triple(-5_000, 15_000, 35_000)
    assert (result.low, result.points, result.high) == (-5, 15, 35)
    assert result.range == (-5_000, 35_000)
    assert [line.name for line in result.open_lines()] == ["senior", "junior"]
    assert [seen.name for seen in result.unknowns()] == ["title"]
    adds_up(result)


def test_a_line_says_its_points() -> None:
    big, senior, *_ = CARD.score(now(employees=60)).lines
    assert (big.low, big.points, big.high) == (15, 15, 15)
    assert (senior.low, senior.points, senior.high) == (0, 0, 20)
    assert str(big) == "15  big"
    assert str(senior) == "0 (0 to 20)  senior"


@pytest.mark.parametrize(
    ("millis", "text"),
    [
        (Triple(8_700, 8_700, 8_700), "8.7"),
        (Triple(0, 0, 0), "0"),
        (Triple(-5_000, 0, 1_234_567), "0 (-5 to 1,234.567)"),
        (Triple(1_000_000, 1_000_000, 2_000_000), "1,000 (1,000 to 2,000)"),
    ],
)
def test_points_for_a_reader(millis: Triple, text: str) -> None:
    assert range_text(millis) == text


def test_an_unloaded_timeline_waits_for_activities_once() -> None:
    card = Scorecard(Rule.each("a", OPENS, 1, at_most=1), Rule.each("b", OPENS, 1, at_most=1))
    result = card.score(unloaded())
    assert result.range == (0, 2_000)
    assert [seen.name for seen in result.unknowns()] == ["activities"]


def test_a_line_is_open_when_an_unknown_moves_it_before_or_after_decay() -> None:
    """Fresh it is 8 points either way; how much of them is left depends on which one counts."""
    rule = Rule.latest("opened", activity("open", mail="a"), 8, decay=linear(days=8))
    result = Scorecard(rule).score(now(did("open", 4, mail="a"), did("open", 2)))
    assert shown(result) == [
        ("rule", "opened", (), of(8)),
        ("decay", "opened: faded with age", (), (-4_000, -4_000, -2_000)),
    ]
    assert [line.name for line in result.open_lines()] == ["opened"]
    gone = Rule.latest("opened", activity("open", mail="a"), 8, decay=linear(days=1))
    result = Scorecard(gone).score(now(did("open", 2)))
    assert result.range == (0, 0)
    assert [line.name for line in result.open_lines()] == ["opened"]


def test_points_that_nothing_took_have_no_decay_line() -> None:
    fresh = Scorecard(Rule.each("opened", OPENS, 8, decay=linear(days=8))).score(now(did("open")))
    assert shown(fresh) == [("rule", "opened", (), of(8))]


# -- caps and floors ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cap", "floor", "points", "lines", "total"),
    [
        (10, None, 15, [("cap", "cap of 10 points", -5)], 10),
        (15, None, 15, [], 15),
        (20, None, 15, [], 15),
        (None, 20, 15, [("floor", "floor of 20 points", 5)], 20),
        (None, 0, -15, [("floor", "floor of 0 points", 15)], 0),
        (None, None, -15, [], -15),
        (10, 10, -15, [("floor", "floor of 10 points", 25)], 10),
        (10, 10, 15, [("cap", "cap of 10 points", -5)], 10),
        (1_234.5, None, 2_000, [("cap", "cap of 1,234.5 points", -765.5)], 1_234.5),
        (-5, None, 15, [("cap", "cap of -5 points", -20)], -5),
    ],
)
def test_what_a_cap_or_floor_takes_or_gives_is_a_line(
    cap: float | None,
    floor: float | None,
    points: float,
    lines: list[tuple[str, str, float]],
    total: float,
) -> None:
    rule = Rule("big", BIG, points)
    rows = [("rule", "big", points), *lines]
    whole = Scorecard(rule, cap=cap, floor=floor).score(now(employees=60))
    assert shown(whole) == [(kind, name, (), of(p)) for kind, name, p in rows]
    assert whole.millis == Triple(*of(total))
    group = Scorecard(Group("fit", [rule], cap=cap, floor=floor)).score(now(employees=60))
    assert shown(group) == [(kind, name, ("fit",), of(p)) for kind, name, p in rows]
    assert group.millis == whole.millis


def test_a_cap_acts_on_each_end_of_the_range() -> None:
    card = Scorecard(Rule("big", BIG, 15), Rule("senior", SENIOR, 20), cap=18, floor=5)
    result = card.score(now(employees=60))
    assert shown(result)[2:] == [("cap", "cap of 18 points", (), (0, 0, -17_000))]
    assert result.millis == Triple(15_000, 15_000, 18_000)
    result = card.score(now(employees=10))
    assert shown(result)[2:] == [
        ("cap", "cap of 18 points", (), (0, 0, -2_000)),
        ("floor", "floor of 5 points", (), (5_000, 5_000, 0)),
    ]
    adds_up(result)


def test_a_total_may_be_negative() -> None:
    assert CARD.score(now(employees=10, title="student")).points == -20


def test_the_total_is_capped_after_its_groups() -> None:
    card = Scorecard(Group("fit", [Rule("big", BIG, 15)], cap=10), Rule("b", BIG, 5), cap=12)
    assert shown(card.score(now(employees=60))) == [
        ("rule", "big", ("fit",), of(15)),
        ("cap", "cap of 10 points", ("fit",), of(-5)),
        ("rule", "b", (), of(5)),
        ("cap", "cap of 12 points", (), of(-3)),
    ]


@pytest.mark.parametrize(
    ("build", "error", "text"),
    [
        (
            lambda: Group("fit", [], cap=1, floor=2),
            DefinitionError,
            "a floor of 2 is above the cap of 1",
        ),
        (
            lambda: Scorecard(cap=1, floor=1.5),
            DefinitionError,
            "a floor of 1.5 is above the cap of 1",
        ),
        (lambda: Group("fit", [], cap=True), KindError, "a cap or floor must be a number, not yes"),
        (lambda: Scorecard(floor="1"), KindError, 'a cap or floor must be a number, not "1"'),
        (
            lambda: Group("fit", [], cap=0.0001),
            DefinitionError,
            "a cap or floor have at most three decimals, not 0.0001",
        ),
        (lambda: Group("fit", 7), KindError, "wanted a list of rules, not 7"),
        (lambda: Group("fit", [BIG]), KindError, "wanted a Rule or a Group, not an AtLeast"),
        (lambda: Scorecard(BIG), KindError, "wanted a Rule or a Group, not an AtLeast"),
        (
            lambda: Group(" ", []),
            DefinitionError,
            "a name is text of at most 200 characters, not blank",
        ),
        (
            lambda: Group("a", [Group("b", [Group("c", [])])]),
            DefinitionError,
            "groups nest once: group 'b' in 'a' holds groups itself",
        ),
        (
            lambda: Scorecard(Group("a", []), Group("b", [Group("a", [])])),
            DefinitionError,
            "two groups are called 'a'; give each its own name",
        ),
        (
            lambda: Scorecard(FIT, Rule("big", SENIOR, 1)),
            DefinitionError,
            "two rules are called 'big'; give each its own name",
        ),
    ],
)
def test_a_card_that_makes_no_sense_is_refused(
    build: object, error: type[Exception], text: str
) -> None:
    with pytest.raises(error) as caught:
        build()
    assert str(caught.value) == text


@pytest.mark.parametrize("cap", [10, 10.0, Decimal("10.00")])
def test_a_cap_is_kept_in_one_normal_form(cap: float) -> None:
    assert type(Group("fit", [], cap=cap).cap) is int
    assert type(Scorecard(cap=cap).cap) is int
    assert Scorecard(cap=cap) == Scorecard(cap=10)
    assert Scorecard(floor=0.5).floor == 0.5
    assert Scorecard().cap is None


def test_a_group_may_share_its_name_with_a_rule_and_rules_come_from_any_iterable() -> None:
    card = Scorecard(Group("fit", iter([Rule("fit", BIG, 1)])))
    assert [rule.name for rule in card.all_rules()] == ["fit"]


# -- groups in groups, and their decay ---------------------------------------------------------


def nested(outer: object = None, inner: object = None, own: object = None) -> Scorecard:
    rule = Rule.each("opened", OPENS, 8, decay=own)
    return Scorecard(
        Rule("big", BIG, 1),
        Group(
            "dimension", [Group("group", [rule], decay=inner), Rule("s", SENIOR, 2)], decay=outer
        ),
    )


def test_groups_nest_once_and_lines_show_the_path() -> None:
    card = nested(outer=linear(days=8))
    lead = now(did("open", 2), employees=60, title="manager")
    assert shown(card.score(lead)) == [
        ("rule", "big", (), of(1)),
        ("rule", "opened", ("dimension", "group"), of(8)),
        ("decay", "opened: faded with age", ("dimension", "group"), of(-2)),
        ("rule", "s", ("dimension",), of(2)),
    ]
    assert [group.name for group in card.all_groups()] == ["dimension", "group"]
    assert [rule.name for rule in card.all_rules()] == ["big", "opened", "s"]
    book = ScoreBook((card,), lead)
    assert book.score("dimension").points == 8
    assert shown(book.score("group"))[0] == ("rule", "opened", ("group",), of(8))


@pytest.mark.parametrize(
    ("outer", "inner", "own", "left"),
    [
        (None, None, None, 8),
        (8, None, None, 6),
        (8, 4, None, 4),
        (8, 4, 16, 7),
        (None, 4, None, 4),
        (None, None, 16, 7),
    ],
)
def test_the_nearest_decay_counts(
    outer: int | None, inner: int | None, own: int | None, left: int
) -> None:
    card = nested(*(None if days is None else linear(days=days) for days in (outer, inner, own)))
    lead = now(did("open", 2), employees=1, title="x")
    assert card.score(lead).points == left
    nearest = own or inner or outer
    wanted = None if nearest is None else NOW + timedelta(days=1)
    assert ScoreBook((card,), lead).changes_at("total") == wanted


def test_a_groups_decay_is_not_its_neighbours() -> None:
    card = Scorecard(
        Group("a", [Rule.each("opened", OPENS, 8)], decay=linear(days=8)),
        Group("b", [Group("c", [Rule.each("again", OPENS, 8)])]),
        Rule.each("bare", OPENS, 8),
    )
    assert card.score(now(did("open", 2))).points == 6 + 8 + 8


# -- points by hand ----------------------------------------------------------------------------


def by_hand(points: float, *, of: str = "total", since: float = 1, until: float = -1) -> Override:
    return Override(points, "ann", "met at a fair", ago(days=since), ago(days=until), of)


def with_overrides(*overrides: Override, **attributes: object) -> Lead:
    return Lead("ada", attributes, [], overrides=overrides)


def test_points_by_hand_are_a_line_after_the_cap() -> None:
    card = Scorecard(Group("fit", [Rule("big", BIG, 15)], cap=10), cap=12)
    lead = with_overrides(by_hand(5.5, of="fit"), by_hand(-1), employees=60)
    assert shown(card.score(lead.at(NOW))) == [
        ("rule", "big", ("fit",), of(15)),
        ("cap", "cap of 10 points", ("fit",), of(-5)),
        ("override", "by ann: met at a fair", ("fit",), of(5.5)),
        ("cap", "cap of 12 points", (), of(-3.5)),
        ("override", "by ann: met at a fair", (), of(-1)),
    ]
    assert card.score(lead.at(NOW)).points == 11


def test_points_by_hand_reach_a_named_cards_total() -> None:
    card = Scorecard(Rule("big", BIG, 15), name="b2b")
    both = with_overrides(by_hand(1), by_hand(2, of="b2b"), by_hand(4, of="other"), employees=60)
    assert card.score(both.at(NOW)).points == 18
    assert ScoreBook((card,), both.at(NOW)).score("total").points == 18


def test_points_by_hand_that_ended_hide_no_later_ones() -> None:
    ended, current = by_hand(100, since=9, until=8), by_hand(5)
    lead = with_overrides(ended, current, employees=60)
    assert Scorecard(Rule("big", BIG, 15)).score(lead.at(NOW)).points == 20


def test_a_snapshot_without_a_lead_has_no_points_by_hand() -> None:
    assert Scorecard(Rule("big", BIG, 15)).score(Snapshot({"employees": 60}, NOW)).points == 15


def test_points_by_hand_count_from_their_start_until_before_their_end() -> None:
    card = Scorecard(Rule("big", BIG, 15))
    lead = with_overrides(by_hand(5), employees=60)
    start, end = ago(days=1), ago(days=-1)
    assert [card.score(lead.at(at)).points for at in (start - TICK, start, end - TICK, end)] == [
        15,
        20,
        20,
        15,
    ]
    changes = [
        ScoreBook((card,), lead.at(at)).changes_at("total")
        for at in (start - TICK, start, end - TICK)
    ]
    assert changes == [start, end, end]
    assert ScoreBook((card,), lead.at(end)).changes_at("total") is None


# -- names -------------------------------------------------------------------------------------


def test_a_book_knows_the_total_every_group_and_the_cards_own_name() -> None:
    assert list(score_names([CARD])) == ["total", "fit", "engagement"]
    named = Scorecard(Group("fit", []), name="b2b")
    assert score_names([named]) == {"total": named, "b2b": named, "fit": named.groups[0]}
    assert score_names([]) == {}


def test_several_cards_have_no_total_in_common() -> None:
    a, b = Scorecard(Group("fit", []), name="a"), Scorecard(name="b")
    assert list(score_names([a, b])) == ["a", "fit", "b"]
    lead = now(employees=60)
    with pytest.raises(
        UnknownNameError, match=r"^there is no score 'total'; known are 'a', 'b', 'fit'$"
    ):
        ScoreBook((a, b), lead).score("total")


@pytest.mark.parametrize(
    ("cards", "text"),
    [
        ([CARD, Scorecard(name="b")], "of several cards each needs a name"),
        ([Scorecard(name="a"), Scorecard(name="a")], "two scores are called 'a'"),
        ([Scorecard(Group("a", []), name="a")], "two scores are called 'a'"),
        (
            [Scorecard(Group("x", []), name="a"), Scorecard(Group("x", []), name="b")],
            "two scores are called 'x'",
        ),
    ],
)
def test_names_that_collide_are_refused(cards: list[Scorecard], text: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        score_names(cards)
    assert str(caught.value) == text


def test_an_unknown_score_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as caught:
        ScoreBook((CARD,), now()).score("fitt")
    assert str(caught.value) == "there is no score 'fitt'; did you mean 'fit'?"


# -- rules about scores ------------------------------------------------------------------------


def test_a_rule_may_ask_for_another_score() -> None:
    card = Scorecard(
        FIT,
        Group("bonus", [Rule("strong fit", score("fit") >= 30, 5)]),
        Group("pace", [Rule.by_band("fit band", score("fit"), [Band(3, at_least=30)])]),
    )
    assert card.score(now(employees=60, title="manager")).points == 35 + 5 + 3
    assert card.score(now(employees=60, title="clerk")).points == 15
    assert card.score(now(employees=60)).millis == Triple(-5_000, 15_000, 43_000)


LETTERS = {"A": 30, "B": 10}


def test_a_circle_is_found_through_a_group_in_a_group_and_past_other_rules() -> None:
    sly = Rule("r", score("outer") >= 1, 1)
    through = Scorecard(Group("outer", [Group("inner", [sly]), Rule("o", SENIOR, 1)]))
    with pytest.raises(
        DefinitionError, match=r"^a score depends on itself: 'outer' → 'inner' → 'o"
    ):
        through.score(now())
    with pytest.raises(DefinitionError, match=r"^a score depends on itself: 'outer' → 'outer'$"):
        Scorecard(Group("outer", [sly, Rule("o", SENIOR, 1)])).score(now())


def test_a_circle_is_told_in_the_order_of_asking() -> None:
    asks = {"a": "b", "b": "c", "c": "a"}
    card = Scorecard(*(Group(n, [Rule(n, score(m) >= 1, 1)]) for n, m in asks.items()))
    with refused(DefinitionError, "a score depends on itself: 'a' → 'b' → 'c' → 'a'"):
        card.score(now())


def test_scores_build_on_each_other_to_a_depth_and_no_deeper() -> None:
    def tower(floors: int) -> Scorecard:
        asks = [Rule(f"r{i}", score(f"g{i}") >= 1, 1) for i in range(floors - 1)]
        return Scorecard(
            Group("g0", []), *(Group(f"g{i + 1}", [rule]) for i, rule in enumerate(asks))
        )

    # The total stands on them all.
    assert tower(DEEPEST - 1).score(now()).points == 0
    with refused(
        DefinitionError, "the score 'total' builds on scores 65 deep, and at most 64 are allowed"
    ):
        tower(DEEPEST).score(now())


@pytest.mark.parametrize(
    ("rules", "path"),
    [
        (lambda: [Rule("r", score("fit") >= 1, 1)], "'fit' → 'fit'"),
        (lambda: [Rule("r", score() >= 1, 1)], "'total' → 'fit' → 'total'"),
        (lambda: [Rule("r", BIG & ~(score("fit") >= 1), 1)], "'fit' → 'fit'"),
        (
            lambda: [Rule("r", grade("fit", LETTERS, lowest="C").equals("A"), 1)],
            "'fit' → 'fit'",
        ),
        (
            lambda: [
                Rule(
                    "r",
                    matrix(
                        grade("other", LETTERS, lowest="C"), grade("fit", LETTERS, lowest="C")
                    ).equals("AA"),
                    1,
                )
            ],
            "'fit' → 'fit'",
        ),
        (lambda: [Rule.by_band("r", score("fit"), [Band(1, at_least=1)])], "'fit' → 'fit'"),
        (lambda: [Rule.first_of("r", (BIG, 1), (score("fit") >= 1, 1))], "'fit' → 'fit'"),
        (lambda: [Rule("r", score("other") >= 1, 1)], "'fit' → 'other' → 'fit'"),
    ],
)
def test_a_score_that_depends_on_itself_is_refused(rules: object, path: str) -> None:
    other = Group("other", [Rule("o", score("fit") >= 5, 1)] if "other' →" in path else [])
    card = Scorecard(Group("fit", rules()), other)
    with pytest.raises(DefinitionError) as caught:
        card.score(now())
    assert str(caught.value) == f"a score depends on itself: {path}"


def test_a_rule_that_asks_for_a_score_there_is_not_is_refused() -> None:
    card = Scorecard(Group("fit", [Rule("r", score("engagment") >= 1, 1)]), Group("engagement", []))
    with pytest.raises(UnknownNameError) as caught:
        score_names([card])
    assert str(caught.value) == "there is no score 'engagment'; did you mean 'engagement'?"


def test_the_scores_that_a_criterion_asks_for_are_found_at_any_depth() -> None:
    letters = grade("fit", LETTERS, lowest="C")
    both = matrix(letters, grade("pace", LETTERS, lowest="C"))
    deep = ~(BIG | (score("x") >= 1)) & letters.equals("A") & both.equals("AA")
    assert list(asked_scores(deep)) == ["x", "fit", "fit", "pace"]
    assert list(asked_scores(BIG)) == []


def test_a_users_own_criterion_cannot_make_a_circle_either() -> None:
    class Sly(Criterion):
        def judge(self, lead: Snapshot) -> Verdict:
            return Verdict.of(lead.score("fit").range[0] > 0)

        def describe(self) -> str:
            return "the fit is positive"

    with pytest.raises(DefinitionError, match=r"^the score 'fit' depends on itself$"):
        Scorecard(Group("fit", [Rule("r", Sly(), 1)])).score(now())


# -- the book ----------------------------------------------------------------------------------


def test_a_book_takes_names_that_were_found_before() -> None:
    book = ScoreBook((CARD,), now(employees=60), names={"whole": CARD, **score_names([CARD])})
    assert book.score("whole").millis == book.score("total").millis


def test_each_score_is_computed_once() -> None:
    book = ScoreBook((CARD,), now(employees=60))
    assert book.score("total") is book.score("total")
    assert book.score("fit") is book.score("fit")


def test_settled_scores_are_no_ranges() -> None:
    book = ScoreBook((CARD,), Lead("ada", {"employees": 60}).at(NOW), settle=True)
    result = book.score("total")
    assert result.millis == Triple(*of(15))
    assert [tuple(line.millis) for line in result.lines] == [of(15), of(0), of(0), of(0)]
    assert list(result.open_lines()) == []


def test_settled_decay_takes_from_what_is_sure() -> None:
    card = Scorecard(Rule.each("opened", activity("open", mail="a"), 8, decay=linear(days=8)))
    lead = now(did("open", 2, mail="a"), did("open", 1))
    assert shown(ScoreBook((card,), lead, settle=True).score("total")) == [
        ("rule", "opened", (), of(8)),
        ("decay", "opened: faded with age", (), of(-2)),
    ]


def test_a_score_changes_when_any_of_its_rules_does() -> None:
    later = History((NOW + timedelta(days=3), 60))
    book = ScoreBook((CARD,), now(did("open", 1.5), employees=later))
    assert book.changes_at("fit") == NOW + timedelta(days=3)
    assert book.changes_at("engagement") == NOW + timedelta(days=0.5)
    assert book.changes_at("total") == NOW + timedelta(days=0.5)
    assert ScoreBook((CARD,), now()).changes_at("total") is None


# -- why ---------------------------------------------------------------------------------------


def test_a_score_explains_itself_line_by_line() -> None:
    card = Scorecard(
        Group("fit", [Rule("big", BIG, 15), Rule("senior", SENIOR, 20)], cap=10),
        Rule.each("opened", OPENS, 8, decay=half_life(days=2)),
    )
    lead = now(did("open", 2), employees=60)
    reason = card.score(lead).explain()
    assert reason.text == "score: 14"
    assert [(part.text, part.verdict) for part in reason.parts] == [
        ("10  fit", None),
        ("8  opened", YES),
        ("-4  opened: faded with age", None),
    ]
    assert [(part.text, part.verdict) for part in reason.parts[0].parts] == [
        ("15  big", YES),
        ("0 (0 to 20)  senior", UNKNOWN),
        ("-5 (-5 to -25)  cap of 10 points", None),
    ]
    assert [part.text for part in reason.parts[0].parts[0].parts] == ["employees is at least 50"]
    assert [part.text for part in reason.parts[1].parts] == ["open"]
    assert str(reason).splitlines()[:3] == ["score: 14", "  10  fit", "    yes: 15  big"]


def test_a_named_score_and_a_nested_line_say_where_they_are() -> None:
    lead = now(employees=1, title="x")
    book = ScoreBook((nested(),), lead)
    assert book.score("group").explain().text == "score group: 0"
    texts = str(book.score("total").explain()).splitlines()
    assert [text for text in texts if " 0  " in text] == [
        "  no: 0  big",
        "  0  dimension",
        "    0  group",
        "      no: 0  opened",
        "    no: 0  s",
    ]


def test_a_line_by_itself_needs_no_rule() -> None:
    line = Line("cap", "cap of 1 points", (), NOTHING)
    assert (line.evidence, line.rule, line.open) == ((), None, False)
    book = ScoreBook((), now())
    assert list(ScoreResult("total", NOTHING, book, (line,)).open_lines()) == []
    # Only a rule has blanks to wait for, whoever made the line.
    unruled = ScoreResult("total", NOTHING, book, (attrs.evolve(line, open=True),))
    assert unruled.unknowns() == ()


# -- cards are values --------------------------------------------------------------------------


def test_a_card_is_a_value() -> None:
    copy = pickle.loads(pickle.dumps(CARD))
    assert copy == CARD
    assert hash(copy) == hash(CARD)
    assert copy.score(now(employees=60)) == CARD.score(now(employees=60))
    assert attrs.evolve(FIT, cap=10) != FIT


def test_a_card_keeps_no_hold_on_the_callers_list() -> None:
    rules = [Rule("big", BIG, 15)]
    group = Group("fit", rules)
    rules.clear()
    assert [rule.name for rule in group.rules] == ["big"]


def test_the_order_of_rules_moves_no_score() -> None:
    def cards() -> Iterator[Scorecard]:
        rules = list(FIT.rules)
        for _ in rules:
            rules.append(rules.pop(0))
            yield Scorecard(Group("fit", rules, cap=30))

    lead = now(employees=60, title="manager")
    assert {card.score(lead).points for card in cards()} == {30}
    assert a_lead(employees=60).at(NOW).score is not None


# -- what changed ------------------------------------------------------------------------------


def test_two_breakdowns_tell_what_differs() -> None:
    before = CARD.score(now(did("open"), employees=10))
    after = CARD.score(now(did("open", 4), employees=60))
    assert [str(change) for change in after.changed(since=before)] == [
        "fit / big: 0 → 15",
        "engagement / opened: faded with age: no line → -4",
    ]
    assert [str(change) for change in before.changed(since=after)] == [
        "fit / big: 15 → 0",
        "engagement / opened: faded with age: -4 → no line",
    ]
    assert after.changed(since=after) == ()


def test_a_line_shows_its_whole_name_and_points_by_hand_of_one_wording_add_up() -> None:
    assert str(Line("rule", "n" * 100, (), NOTHING)) == f"0  {'n' * 100}"
    card, twice = Scorecard(Rule("big", BIG, 15)), [by_hand(5), by_hand(5)]
    plain = card.score(Lead("ada", {"employees": 60}, []).at(NOW))
    given = card.score(Lead("ada", {"employees": 60}, [], overrides=twice).at(NOW))
    (change,) = given.changed(since=plain)
    assert (change.before, change.after) == (None, Triple(10_000, 10_000, 10_000))
