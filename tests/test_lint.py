"""What lint says of a definition, each check with a case that it tells and one that it lets be."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise

import attrs
import pytest
from building import NO, YES
from hypothesis import given, settings
from hypothesis import strategies as st

from mqlkit import (
    Activities,
    Activity,
    Band,
    Criterion,
    Group,
    Lead,
    NamedList,
    Qualification,
    Rule,
    Scorecard,
    Snapshot,
    Verdict,
    activity,
    all_of,
    any_of,
    at_least,
    attribute,
    exactly,
    expires,
    grade,
    half_life,
    if_,
    known,
    linear,
    matrix,
    missing,
    score,
    steps,
)
from mqlkit.lint import Finding, can_be, lint, reach
from mqlkit.lint.possible import implies
from mqlkit.measure import Comparison
from mqlkit.presets import load_preset, preset_names
from mqlkit.rules.base import BaseRule
from mqlkit.testing import criteria, instants, leads, qualifications

X = attribute("x")
BIG = attribute("employees") >= 50
SMALL = attribute("employees") < 10
FLAGS = {name: attribute(name).is_true() for name in "abcd"}
IMPOSSIBLE = BIG & SMALL
EXCLUDE = "“employees is at least 50” and “employees is less than 10” exclude each other"
OPEN = attribute("open").is_true()


def found(card: Scorecard | None = None, when: Criterion = OPEN, **more: object) -> list[str]:
    """What lint says, one line a finding."""
    definition = Qualification("q", version="1", when=when, card=card, **more)  # type: ignore[arg-type]
    return [str(finding) for finding in lint(definition)]


def one(*rules: BaseRule, **more: object) -> Scorecard:
    """A card of one group called fit."""
    return Scorecard(Group("fit", rules, **more))  # type: ignore[arg-type]


# -- answers that no lead can get ----------------------------------------------------------------

IMPOSSIBLE_ONES: list[Criterion] = [
    IMPOSSIBLE,
    (X >= 5) & (X < 5),
    (X > 5) & (X <= 5),
    X.equals(5) & (X > 5),
    X.equals(5) & X.is_not(5),
    X.equals(1) & X.equals(2),
    X.equals("a") & X.equals("b"),
    X.equals("ab") & X.contains("c"),
    X.is_in("a", "b") & X.is_in("c"),
    X.is_in("a") & X.not_in("A"),
    X.is_true() & X.is_false(),
    X.is_not(True) & X.is_not(False),
    X.is_in(),
    X.any_of(),
    ~X.all_of(),
    X.all_of("a", "b") & X.none_of("b", "c"),
    X.any_of("a") & X.none_of("a", "b"),
    X.all_of("a") & ~X.all_of("a"),
    X.domain_is("a.example") & X.domain_is("b.example"),
    X.domain_is(),
    OPEN & ~OPEN,
    (OPEN | BIG) & ~(BIG | OPEN) & ~BIG,
    any_of(),
    ~all_of(),
    at_least(3, OPEN, BIG),
    at_least(2, BIG, SMALL),
    ~at_least(0, OPEN),
    exactly(3, OPEN, BIG),
    exactly(1, any_of(), any_of()),
    if_(OPEN, any_of(), any_of()),
    if_(any_of(), OPEN, any_of()),
    IMPOSSIBLE.named("odd"),
    ~(~BIG | ~SMALL),
    BIG & any_of(SMALL, attribute("employees").equals(3)),
    (X > 3) & ~X.between(0, 10) & (X < 7),
    activity("visit").count() < 0,
    (activity("visit").count() > 2) & (activity("visit").count() < 3),
    activity("visit").count().equals(1.5),
    activity("visit").where(X.is_in()).happened(),
    activity("visit").where(BIG, SMALL).distinct("page") >= 1,
    activity("visit").days_since_last() < 0,
    attribute("born").days_since().between(0, 5) & (attribute("born").days_since() > 6),
    known("x") & missing("x"),
    missing("x") & (X >= 5),
    ~known("x") & X.is_not("a"),
    missing("born") & (attribute("born").days_since() > 5),
    missing("x") & X.any_of("a"),
    (X >= 5) & X.contains("a"),
    X.is_true() & X.any_of("a"),
    (score() >= 30) & (score() < 20),
]

POSSIBLE_ONES: list[Criterion] = [
    BIG,
    (X >= 5) & (X <= 5),
    (X > 5) & (X < 6),
    X.equals("AB") & X.contains("b"),
    attribute("x", case_sensitive=True).equals("A") & X.equals("a"),
    X.is_in("a", "b") & X.is_in("B", "c"),
    X.is_in(NamedList("rivals", [], given=True)),
    X.any_of(NamedList("rivals", [], given=True)),
    X.domain_is(NamedList("rivals", [], given=True)),
    X.all_of(),
    ~X.any_of(),
    X.any_of("a", "b") & X.none_of("a"),
    OPEN | ~OPEN,
    OPEN.if_unknown(YES) & ~OPEN.if_unknown(NO),
    any_of().if_unknown(YES),
    all_of(),
    at_least(0),
    exactly(0),
    exactly(1, OPEN, any_of()),
    ~exactly(1, OPEN),
    if_(OPEN, BIG, any_of()),
    if_(any_of(), any_of(), BIG),
    if_(OPEN & ~OPEN, BIG, BIG),
    BIG | SMALL,
    (X > 3) & ~X.between(0, 5) & (X < 7),
    (activity("visit").count() > 2) & (activity("visit").count() < 4),
    activity("visit").where(BIG, SMALL).did_not(),
    activity("visit").sum("total") < 0,
    attribute("born").days_since() < 0,
    missing("x") & (attribute("x", default=9) >= 5),
    (attribute("x", default=9) >= 5) & attribute("x", default=9).equals("a"),
    known("x") & (X >= 5),
    X.contains("a") & X.domain_is("b.example"),
    X.starts_with("a") & X.starts_with("b"),
]


@pytest.mark.parametrize("asking", IMPOSSIBLE_ONES, ids=lambda c: c.describe()[:70])
def test_what_no_lead_can_meet_is_told(asking: Criterion) -> None:
    assert not can_be(asking, YES)
    assert not can_be(~asking, NO)


@pytest.mark.parametrize("asking", POSSIBLE_ONES, ids=lambda c: c.describe()[:70])
def test_what_some_lead_may_meet_is_let_be(asking: Criterion) -> None:
    assert can_be(asking, YES)


@pytest.mark.parametrize(
    "asking",
    [all_of(), ~any_of(), at_least(0, OPEN), OPEN | ~OPEN, ~IMPOSSIBLE, activity("v").count() >= 0],
    ids=lambda c: c.describe(),
)
def test_what_no_lead_can_fail_is_told(asking: Criterion) -> None:
    assert not can_be(asking, NO)


@attrs.frozen(eq=False)
class Odd(Criterion):
    """A user's own, of which nothing is known."""

    x: list[int]

    def judge(self, lead: Snapshot) -> Verdict:
        return Verdict.of(bool(self.x))

    def describe(self) -> str:
        return "odd"


@attrs.define
class Loose(Odd):
    """One without a hash."""


def test_nothing_is_said_of_a_users_own() -> None:
    assert can_be(Odd([]), YES)
    assert can_be(Odd([]) & BIG, YES)
    loose = Loose([])
    assert can_be(loose, NO)
    assert not can_be(all_of(loose, ~loose), YES)
    assert found(one(Rule("a", Loose([1]), 1), Rule("b", Loose([1]), 1))) == []


@pytest.mark.parametrize(
    ("asking", "other", "expected"),
    [
        (X >= 50, X >= 10, True),
        (X >= 10, X >= 50, False),
        (X.equals(60), X.between(50, 70), False),
        (X.equals(60), X >= 50, True),
        ((X >= 50) & (X < 60), X >= 40, True),
        (BIG & OPEN, OPEN, True),
        (OPEN, BIG | OPEN, True),
        (OPEN | BIG, BIG | OPEN | SMALL, True),
        (OPEN & BIG, BIG & OPEN, True),
        (OPEN, BIG & OPEN, False),
        (OPEN.named("open"), OPEN, True),
        (OPEN, OPEN.named("open"), True),
        (X.equals("a"), X.is_in("A", "b"), True),
        (X.equals("ab"), X.contains("b"), True),
        (attribute("y") >= 50, X >= 10, False),
        (known("x"), ~missing("x"), False),
        (activity("v").count() >= 5, activity("v").count() >= 3, True),
        (
            activity("v").where(X.is_in()).count() <= 5,
            activity("v").where(X.is_in()).did_not(),
            False,
        ),
    ],
    ids=lambda value: value.describe() if isinstance(value, Criterion) else None,
)
def test_what_follows_from_what(asking: Criterion, other: Criterion, expected: bool) -> None:
    assert implies(asking, other) is expected


# -- every check, told and let be ----------------------------------------------------------------

Case = tuple[str, Callable[[], list[str]], list[str]]

CASES: list[Case] = [
    (
        "points no lead can get",
        lambda: found(one(Rule("size", IMPOSSIBLE, 5))),
        [
            "error: card.groups 'fit' / rule 'size': no lead can get these points: "
            f"{EXCLUDE}; change or remove it [never-awarded]"
        ],
    ),
    ("points some lead can get", lambda: found(one(Rule("size", BIG, 5))), []),
    (
        "an activity that cannot be",
        lambda: found(one(Rule.each("v", activity("visit").where(BIG, SMALL), 5))),
        [
            "error: card.groups 'fit' / rule 'v': no lead can get these points: no activity can be "
            "visit where employees is at least 50 and employees is less than 10; "
            "change or remove it [never-awarded]"
        ],
    ),
    (
        "a case that cannot be",
        lambda: found(Scorecard(Rule.first_of("c", (X.is_in(), 5), (BIG, 3)))),
        [
            "error: card / rule 'c': no lead can get these points: “x is nothing” never holds; "
            "change or remove it [never-awarded]"
        ],
    ),
    (
        "a part that cannot be",
        lambda: found(one(Rule("r", OPEN | (BIG & SMALL), 5))),
        [
            f"warning: card.groups 'fit' / rule 'r': {EXCLUDE}, so this part does nothing; "
            "change or remove it [part-never-met]"
        ],
    ),
    (
        "no points",
        lambda: found(one(Rule("a", OPEN, 0), Rule.latest("b", activity("v"), 0))),
        [
            f"warning: card.groups 'fit' / rule '{name}': it gives 0 points; "
            "give it some or remove it [no-points]"
            for name in "ab"
        ],
    ),
    (
        "no points in a whole table",
        lambda: found(one(Rule.by_value("a", "x", {"u": 0}))),
        [
            "warning: card.groups 'fit' / rule 'a': it gives 0 points; "
            "give it some or remove it [no-points]"
        ],
    ),
    (
        "no points in a part of a table",
        lambda: found(one(Rule.by_value("a", "x", {"u": 0, "v": 1}))),
        [],
    ),
    (
        "a formula that cannot be",
        lambda: found(when=IMPOSSIBLE),
        [f"error: when: {EXCLUDE}, so no lead can qualify; change or remove it [never-met]"],
    ),
    (
        "a definition that cannot be, beside another way",
        lambda: found(when=IMPOSSIBLE, at_once={"open": OPEN}),
        [f"warning: when: {EXCLUDE}, so it does nothing; change or remove it [never-met]"],
    ),
    ("at once only", lambda: found(when=any_of(), at_once={"open": OPEN}), []),
    (
        "no way at all",
        lambda: found(when=any_of()),
        [
            "error: when: “never” never holds, so no lead can qualify; "
            "change or remove it [never-met]"
        ],
    ),
    (
        "a blocker that never blocks, a label never given",
        lambda: found(never={"odd": X.is_in()}, labels={"big": IMPOSSIBLE}),
        [
            "warning: never 'odd': “x is nothing” never holds, so it does nothing; "
            "change or remove it [never-met]",
            f"warning: label 'big': {EXCLUDE}, so it does nothing; change or remove it [never-met]",
        ],
    ),
    (
        "always met",
        lambda: found(when=all_of(), never={"all": OPEN | ~OPEN}),
        [
            "error: never 'all': no lead can fail this, so no lead can qualify; "
            "change or remove it [always-met]",
            "warning: when: no lead can fail this, so it tells none from another; "
            "change or remove it [always-met]",
        ],
    ),
    (
        "a threshold out of reach",
        lambda: found(one(Rule("a", OPEN, 15), Rule("b", BIG, -20)), score() >= 80),
        [
            "warning: when: “the score is at least 80” never holds: the score lies between "
            "-20 and 15; change the threshold or the points [threshold-out-of-reach]"
        ],
    ),
    (
        "a threshold just in reach",
        lambda: found(one(Rule("a", OPEN, 15)), (score() >= 15) & (score("fit") > 14.999)),
        [],
    ),
    (
        "a threshold just out of reach",
        lambda: found(
            one(Rule("a", OPEN, 15)), (score() > 15) | (score() < 0) | score().equals(0.0005)
        ),
        [
            f"warning: when: “the score is {what}” never holds: the score lies between "
            "0 and 15; change the threshold or the points [threshold-out-of-reach]"
            for what in ("more than 15", "less than 0", "0.0005")
        ],
    ),
    (
        "a threshold that every lead meets",
        lambda: found(one(Rule("a", OPEN, 15)), OPEN & (score() >= 0) & score().between(-1, 15)),
        [
            f"warning: when: “the score is {what}” holds always: the score lies between "
            "0 and 15; change the threshold or remove it [threshold-always-met]"
            for what in ("at least 0", "between -1 and 15")
        ],
    ),
    (
        "a threshold in a rule",
        lambda: found(
            Scorecard(Group("fit", [Rule("a", OPEN, 15)]), Rule("b", score("fit") <= 15, 1))
        ),
        [
            "warning: card / rule 'b': “the score fit is at most 15” holds always: the score lies "
            "between 0 and 15; change the threshold or remove it [threshold-always-met]"
        ],
    ),
    (
        "a cap below the threshold",
        lambda: found(one(Rule("a", OPEN, 40), Rule("b", BIG, 40), cap=50), score("fit") >= 60),
        [
            "warning: when: “the score fit is at least 60” never holds: caps keep it at 50 or "
            "less; raise the cap or lower the threshold [cap-below-threshold]"
        ],
    ),
    (
        "a cap at the threshold",
        lambda: found(one(Rule("a", OPEN, 40), Rule("b", BIG, 40), cap=50), score("fit") >= 50),
        [],
    ),
    (
        "a floor above the threshold",
        lambda: found(one(Rule("a", OPEN, -40), floor=-10), score("fit") < -10),
        [
            "warning: when: “the score fit is less than -10” never holds: the score lies between "
            "-10 and 0; change the threshold or the points [threshold-out-of-reach]"
        ],
    ),
    (
        "rules that exclude one another",
        lambda: found(one(Rule("big", BIG, 20), Rule("small", SMALL, 10)), score() >= 30),
        [
            "warning: when: “the score is at least 30” never holds: at most one of “big” and "
            "“small” can hold, so the score is 20 or less; "
            "lower the threshold or change the rules [exclusive-rules]"
        ],
    ),
    (
        "rules that exclude one another, where one is enough",
        lambda: found(one(Rule("big", BIG, 20), Rule("small", SMALL, 10)), score() >= 20),
        [],
    ),
    (
        "letters out of reach",
        lambda: found(
            one(Rule("a", OPEN, 30)),
            grades={"fit": grade("fit", {"A": 50, "B": 30, "C": 0}, lowest="D")},
        ),
        [
            "warning: grade 'fit': no lead can get A or D: the score lies between 0 and 30; "
            "change the letters [letter-out-of-reach]"
        ],
    ),
    (
        "letters in reach",
        lambda: found(
            one(Rule("a", OPEN, 30)), grades={"fit": grade("fit", {"B": 30}, lowest="C")}
        ),
        [],
    ),
    (
        "a letter asked for, out of reach",
        lambda: found(
            one(Rule("a", OPEN, 30)),
            matrix(
                grade("fit", {"A": 50}, lowest="B"), grade("total", {"1": 30}, lowest="2")
            ).is_in("A1"),
        ),
        [
            "warning: when: “the fit grade with the grade is A1” never holds: the fit grade with "
            "the grade can only be B1 or B2; change the letters or the points [label-out-of-reach]",
            "warning: when: no lead can get A: the score lies between 0 and 30; "
            "change the letters [letter-out-of-reach]",
        ],
    ),
    (
        "a decay shorter than its window",
        lambda: found(
            one(Rule.each("v", activity("v").within(days=90), 5, decay=expires(days=30)))
        ),
        [
            "warning: card.groups 'fit' / rule 'v': after 30 days its points are gone (expiring "
            "after 30 days), so the rest of the window of 90 days gives nothing; shorten the "
            "window or let it fade more slowly [decay-shorter-than-window]"
        ],
    ),
    (
        "a group's decay shorter than the window",
        lambda: found(
            Scorecard(
                Group(
                    "all",
                    [Group("fit", [Rule.latest("v", activity("v").within(calendar_months=2), 5)])],
                    decay=linear(days=55),
                )
            )
        ),
        [
            "warning: card.groups 'all' / group 'fit' / rule 'v': after 55 days its points are "
            "gone (fading evenly over 55 days), so the rest of the window of 2 calendar months "
            "gives nothing; shorten the window or let it fade more slowly "
            "[decay-shorter-than-window]"
        ],
    ),
    (
        "a window shorter than its decay",
        lambda: found(
            one(Rule.each("v", activity("v").within(days=30), 5, decay=steps({10: 0.5, 60: 0})))
        ),
        [
            "hint: card.groups 'fit' / rule 'v': the window ends after 30 days, before its points "
            "have faded (leaving 0.5 of it from day 10 and 0 of it from day 60), and takes the "
            "rest at once; widen it if they should fade out [window-shorter-than-decay]"
        ],
    ),
    (
        "a decay as long as its window, and some without an end",
        lambda: found(
            one(
                Rule.each("v", activity("v").within(days=30), 5, decay=expires(days=30)),
                Rule.each("w", activity("w").within(days=30), 5, decay=half_life(days=3)),
                Rule.each("x", activity("x"), 5, decay=linear(days=3)),
            )
        ),
        [],
    ),
    (
        "a rule that fills the cap alone",
        lambda: found(one(Rule("a", OPEN, 20), Rule("b", BIG, 5), cap=20)),
        [
            "hint: card.groups 'fit': rule 'a' alone fills the cap of 20, so beside it the others "
            "add nothing; raise the cap or lower its points [cap-filled-by-one]"
        ],
    ),
    (
        "a rule that fills the cap only with several activities",
        lambda: found(one(Rule.each("a", activity("v"), 5), Rule("b", BIG, 5), cap=20)),
        [],
    ),
    ("a rule alone under its cap", lambda: found(one(Rule("a", OPEN, 20), cap=10)), []),
    (
        "asked twice",
        lambda: found(
            one(
                Rule("a", OPEN, 20),
                Rule("b", OPEN, 5),
                Rule.each("c", activity("v"), 5),
                Rule.each("d", activity("v"), 3),
            )
        ),
        [
            f"warning: card.groups 'fit' / rule '{name}': it asks the same as rule '{other}', "
            "so one fact counts twice; join them or remove one [counted-twice]"
            for name, other in (("b", "a"), ("d", "c"))
        ],
    ),
    (
        "asked once in each of two groups",
        lambda: found(
            Scorecard(Group("g", [Rule("a", OPEN, 1)]), Group("h", [Rule("b", OPEN, 1)]))
        ),
        [],
    ),
    (
        "a case hidden by one before it",
        lambda: found(one(Rule.first_of("c", (X >= 10, 5), (X >= 50, 20)))),
        [
            "warning: card.groups 'fit' / rule 'c': “x is at least 50” never counts: “x is at "
            "least 10” holds as well and comes before it; change or remove it [hidden-case]"
        ],
    ),
    (
        "a case beaten by another",
        lambda: found(one(Rule.best_of("c", (X >= 50, 5), (X >= 10, 5)))),
        [
            "warning: card.groups 'fit' / rule 'c': “x is at least 50” never counts: “x is at "
            "least 10” holds as well and gives as much or more; change or remove it [hidden-case]"
        ],
    ),
    (
        "cases in the usual order",
        lambda: found(
            one(
                Rule.first_of("c", (X >= 50, 20), (X >= 10, 5)),
                Rule.best_of("d", (X >= 10, 5), (X >= 50, 20)),
            )
        ),
        [],
    ),
    (
        "values that differ by case",
        lambda: found(
            one(Rule.by_value("v", attribute("title", case_sensitive=True), {"VP": 5, "vp": 10}))
        ),
        [],
    ),
    (
        "overlapping bands",
        lambda: found(
            one(
                Rule.by_band(
                    "b", X, [Band(5, at_least=10, below=50), Band(9, at_least=40, below=90)]
                )
            )
        ),
        [
            "warning: card.groups 'fit' / rule 'b': “at least 10 and below 50” and “at least 40 "
            "and below 90” overlap, and the first counts; move their ends [overlapping-bands]"
        ],
    ),
    (
        "a hidden band",
        lambda: found(
            one(
                Rule.by_band(
                    "b",
                    X,
                    [Band(1, below=20), Band(5, at_least=20), Band(9, at_least=10, below=90)],
                )
            )
        ),
        [
            "warning: card.groups 'fit' / rule 'b': “at least 10 and below 90” never counts: bands "
            "before it take all of it; put it before them or remove it [hidden-band]"
        ],
    ),
    (
        "bands from the highest down",
        lambda: found(one(Rule.by_band("b", X, [Band(9, at_least=50), Band(5, at_least=10)]))),
        [],
    ),
    (
        "a beaten band",
        lambda: found(
            one(
                Rule.by_band(
                    "b",
                    X,
                    [Band(5, at_least=50), Band(5, at_least=50), Band(9, at_least=10)],
                    match="best",
                )
            )
        ),
        [
            "warning: card.groups 'fit' / rule 'b': “at least 50” never counts: "
            f"“at least {least}” gives as much or more; remove it [beaten-band]"
            for least in (10, 50)
        ],
    ),
    (
        "the better band within another",
        lambda: found(
            one(Rule.by_band("b", X, [Band(9, at_least=50), Band(5, at_least=10)], match="best"))
        ),
        [],
    ),
    (
        "a gap between bands",
        lambda: found(
            one(Rule.by_band("b", X, [Band(9, at_least=50), Band(5, at_least=10, below=20)]))
        ),
        [
            "hint: card.groups 'fit' / rule 'b': no band holds x from 20 to below 50; "
            "add one, if it should give points [band-gap]"
        ],
    ),
    (
        "a card with a name",
        lambda: found(Scorecard(Rule("a", OPEN, 0), name="b2b")),
        [
            "warning: card 'b2b' / rule 'a': it gives 0 points; "
            "give it some or remove it [no-points]"
        ],
    ),
]


@pytest.mark.parametrize(("said", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_what_is_told_and_what_is_let_be(
    said: Callable[[], list[str]], expected: list[str]
) -> None:
    assert said() == expected


@attrs.frozen
class Nearly(Comparison):
    """A user's own comparison, of which nothing is known."""

    relation = "is nearly"

    def holds(self, value: float, bound: float) -> bool:
        return abs(value - bound) < 1


def test_nothing_is_said_of_a_users_own_comparison() -> None:
    nearly = Nearly(X, 5)
    assert can_be(nearly & (X > 50), YES)
    assert not implies(nearly, X >= 4)
    assert found(one(Rule("a", OPEN, 1)), Nearly(score(), 500)) == []


def test_the_part_that_cannot_be_is_named() -> None:
    assert found(when=OPEN & IMPOSSIBLE.named("odd") & X.is_in()) == [
        f"error: when: {EXCLUDE}, so no lead can qualify; change or remove it [never-met]"
    ]
    assert found(when=OPEN & any_of(X.is_in(), any_of())) == [
        "error: when: “x is nothing” never holds, so no lead can qualify; "
        "change or remove it [never-met]"
    ]


def test_very_long_tables_are_not_compared() -> None:
    def bands(n: int) -> Scorecard:
        return one(Rule.by_band("b", X, [Band(1, at_least=5)] * n))

    def cases(n: int) -> Scorecard:
        return one(Rule.first_of("c", *[(OPEN, 1)] * n))

    assert len(found(bands(2))) == len(found(cases(2))) == 1
    assert found(bands(501)) == found(cases(201)) == []
    many = [Rule(str(i), X.equals(i), 1) for i in range(101)]
    assert len(found(one(*many[:100]), score() >= 2)) == 1
    assert found(one(*many), score() >= 2) == []


def test_a_users_own_rule_is_taken_at_its_word() -> None:
    class Own(Rule):
        pass

    assert found(one(Own("a", OPEN, 20)), score() >= 20) == []


@pytest.mark.parametrize(
    ("asking", "mended"),
    [
        (X >= "10", "it without quotes"),
        (X < "1,000.50", "it without quotes"),
        (X.between("-5", "x"), "it without quotes"),
        (X > "2026-03-01", '{ date = "2026-03-01" }'),
        (X <= "2026-03-01T12:00Z", '{ date = "2026-03-01" }'),
        (~(X >= "31.12.2026") | OPEN, '{ date = "2026-03-01" }'),
        (activity("order").where(attribute("total") >= "10").happened(), "it without quotes"),
    ],
    ids=str,
)
def test_a_text_that_was_meant_as_a_number_or_a_date_is_told(
    asking: Criterion, mended: str
) -> None:
    (told,) = found(when=asking)
    assert told.startswith("warning: when: “")
    assert told.endswith(f"is compared with it; write {mended} [text-for-size]")


def test_a_text_in_a_rule_that_was_meant_as_a_number_is_told() -> None:
    card = one(
        Rule("large", X >= "10", 5),
        Rule.each("dear", activity("order").where(attribute("total") >= "10"), 5, at_most=2),
    )
    told = [line for line in found(card) if line.endswith("[text-for-size]")]
    assert [line.split(": ")[1] for line in told] == [
        "card.groups 'fit' / rule 'large'",
        "card.groups 'fit' / rule 'dear'",
    ]


@pytest.mark.parametrize(
    "asking",
    [X >= 10, X >= "m", X.equals("10"), X.is_in("10", "20"), X >= "v2", X >= "10 to 20"],
    ids=str,
)
def test_a_text_that_is_meant_as_one_is_let_be(asking: Criterion) -> None:
    assert found(when=asking) == []


def test_errors_come_first_then_warnings_then_hints_each_once() -> None:
    card = one(
        Rule.by_band("b", X, [Band(9, at_least=50), Band(5, at_least=10, below=20)]),
        Rule("size", IMPOSSIBLE, 5),
        Rule("none", OPEN, 0),
    )
    twice = (score() >= 80) & ((score() >= 80) | OPEN)
    definition = Qualification("q", version="1", when=twice, card=card)
    findings = lint(definition)
    assert [f.severity for f in findings] == ["error", "warning", "warning", "hint"]
    assert findings == lint(definition)
    assert Finding("hint", "c", "p", "m") == Finding("hint", "c", "p", "m")


# -- no false alarms, and sound ------------------------------------------------------------------


@pytest.mark.parametrize("name", preset_names())
def test_presets_have_nothing_wrong(name: str) -> None:
    told = lint(load_preset(name).qualification)
    assert [finding for finding in told if finding.severity != "hint"] == []


def the_taste() -> Qualification:
    """The model that the design shows."""
    title = attribute("title")
    pricing = activity("page_view", page="/pricing")
    assert isinstance(pricing, Activities)
    card = Scorecard(
        Group("fit", [
            Rule("senior title", title.contains_any("manager", "director", "vp", "chief"), 20),
            Rule("50 people or more", BIG, 15),
            Rule("student or consultant", title.contains_any("student", "consultant"), -20),
        ]),
        Group("engagement", [
            Rule.each("pricing page", pricing.within(days=30), 20, at_most=2),
            Rule.each("opened email", activity("email_open"), 5, decay=half_life(days=30)),
            Rule("asked for a demo", activity("demo_request").within(days=90).happened(), 30),
        ], cap=100),
    )  # fmt: skip
    target = attribute("industry").is_in("software", "fintech")
    active = activity().within(days=30).count() >= 3
    return Qualification(
        "b2b-saas",
        version="2026.4",
        card=card,
        when=target & active & (score("fit") >= 30) & (score() >= 80),
        never={
            "works for a competitor": attribute("email").domain_is("rival.example"),
            "customer already": attribute("is_customer").is_true(),
        },
        at_once={"asked for a demo": activity("demo_request").within(days=7).happened()},
    )


def test_the_model_of_the_design_has_nothing_wrong() -> None:
    assert lint(the_taste()) == ()
    spans = {
        name: (int(low), int(high)) for name, (low, high) in reach(the_taste().cards[0]).items()
    }
    assert spans == {"total": (-20, 135), "fit": (-20, 35), "engagement": (0, 100)}


SMALL_PARTS = st.sampled_from(
    [
        X >= 5, X < 5, X > 3, X <= 8, X.equals(5), X.is_not(5), X.between(2, 6), X.is_in(1, 5),
        X.equals("a"), X.contains("b"), X.is_in("a", "ab"), X.is_true(), X.is_false(),
        X.any_of("a"), X.all_of("a", "b"), X.none_of("b"), known("x"), missing("x"),
        attribute("x", default=5) >= 5, activity("v").count() >= 1, activity("v").count() < 2,
        activity("v").where(X >= 5, X < 5).count() >= 1, activity("v").did_not(),
        X.domain_is("a.example"), activity("v").days_since_last() < 3,
    ]
)  # fmt: skip
SMALL_CRITERIA = st.recursive(
    SMALL_PARTS,
    lambda inner: st.one_of(
        inner.map(lambda c: ~c),
        st.lists(inner, max_size=4).map(lambda parts: all_of(*parts)),
        st.lists(inner, max_size=4).map(lambda parts: any_of(*parts)),
        st.builds(
            lambda n, parts: at_least(n, *parts), st.integers(0, 3), st.lists(inner, max_size=3)
        ),
        st.builds(
            lambda n, parts: exactly(n, *parts), st.integers(0, 3), st.lists(inner, max_size=3)
        ),
        st.builds(if_, inner, inner, inner),
        st.builds(lambda c, v: c.if_unknown(v), inner, st.sampled_from([YES, NO])),
    ),
    max_leaves=8,
)
NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)
SMALL_VALUES = st.sampled_from(
    [None, 1, 3, 4, 5, 6, 9, 5.5, "a", "ab", "B", " ", True, False, ("a",), ("a", "b"), ("b", None),
     (), "x@a.example"]
)  # fmt: skip


@st.composite
def small_leads(draw: st.DrawFn) -> Snapshot:
    """Leads around the small criteria: every kind of value in one field, few activities."""
    visits = st.builds(lambda x: Activity("v", NOON, {"x": x}), SMALL_VALUES)
    acts = draw(st.none() | st.lists(visits, max_size=2))
    return Lead("ada", {"x": draw(SMALL_VALUES)}, acts).at(NOON)


@settings(max_examples=300)
@given(asking=SMALL_CRITERIA, lead=small_leads())
def test_what_is_called_impossible_never_is(asking: Criterion, lead: Snapshot) -> None:
    """Soundness: an answer that lint rules out is never given."""
    verdict = asking.judge(lead)
    if verdict is not Verdict.UNKNOWN:
        assert can_be(asking, verdict)


LEAVES = (
    X >= 5, X < 5, X > 3, X <= 8, X.equals(5), X.is_not(5), X.between(2, 6), X.is_in(1, 5),
    X.equals("a"), X.contains("b"), X.is_in("a", "ab"), activity("v").count() >= 1,
    activity("v").count() >= 2, activity("v").where(X >= 5, X < 5).count() <= 1,
    activity("v").where(X >= 5, X < 5).did_not(), activity("v").days_since_last() < 3,
)  # fmt: skip
BOTH = (*LEAVES, *(a & b for a, b in pairwise(LEAVES)), *(a | b for a, b in pairwise(LEAVES)))
FOLLOWING = [(a, b) for a in BOTH for b in BOTH if a != b and implies(a, b)]


@settings(max_examples=300)
@given(pair=st.sampled_from(FOLLOWING), lead=small_leads())
def test_what_is_said_to_follow_does(pair: tuple[Criterion, Criterion], lead: Snapshot) -> None:
    asking, other = pair
    assert asking.judge(lead) is not YES or other.judge(lead) is YES


@given(asking=criteria(), lead=leads(), as_of=instants())
def test_generated_criteria_are_never_wrongly_called_impossible(
    asking: Criterion, lead: Lead, as_of: datetime
) -> None:
    verdict = asking.judge(lead.at(as_of))
    if verdict is not Verdict.UNKNOWN:
        assert can_be(asking, verdict)


@settings(max_examples=60)
@given(definition=qualifications(), lead=leads(), as_of=instants())
def test_a_score_is_always_within_reach(
    definition: Qualification, lead: Lead, as_of: datetime
) -> None:
    """Law 102: the range of scores is computed; points given by hand come on top."""
    lead = attrs.evolve(lead, overrides=())
    lint(definition)
    scores = definition.decide(lead, as_of=as_of).scores
    for card in definition.cards:
        for name, (low, high) in reach(card).items():
            result = scores[name]
            assert low <= result.low <= result.high <= high
