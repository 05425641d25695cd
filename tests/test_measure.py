"""Measures: comparisons with what lies between a low and a high end, and labels."""

import pickle
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import attrs
import pytest
from building import NO, NOW, UNKNOWN, YES, answer, now, refused

from mqlkit import (
    Criterion,
    History,
    LabelMeasure,
    Lead,
    Measure,
    Range,
    Rule,
    Scorecard,
    Snapshot,
    activity,
    all_of,
    attribute,
    score,
    stage,
)
from mqlkit.errors import DefinitionError, KindError
from mqlkit.lead import Seen
from mqlkit.measure import AtLeast, AtMost, Between, Equals, LessThan, MoreThan, OneOf
from mqlkit.scorecard import ScoreBook
from mqlkit.value import Kind


@attrs.frozen(order=False)
class Between2(Measure):
    """A user's own: it lies somewhere between two numbers."""

    low: float
    high: float

    def range(self, lead: Snapshot, kind: Kind = "number") -> Range | None:
        return Range(self.low, self.high)

    def describe(self) -> str:
        return "the guess"


GUESS = Between2(10, 20)


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        (GUESS >= 10, YES),
        (GUESS >= 11, UNKNOWN),
        (GUESS >= 20, UNKNOWN),
        (GUESS >= 21, NO),
        (GUESS > 9, YES),
        (GUESS > 10, UNKNOWN),
        (GUESS > 20, NO),
        (GUESS <= 20, YES),
        (GUESS <= 19, UNKNOWN),
        (GUESS <= 10, UNKNOWN),
        (GUESS <= 9, NO),
        (GUESS < 21, YES),
        (GUESS < 20, UNKNOWN),
        (GUESS < 10, NO),
        (GUESS.equals(9), NO),
        (GUESS.equals(10), UNKNOWN),
        (GUESS.equals(15), UNKNOWN),
        (GUESS.equals(20), UNKNOWN),
        (GUESS.equals(21), NO),
        (GUESS.is_not(15), UNKNOWN),
        (GUESS.is_not(21), YES),
        (GUESS.between(10, 20), YES),
        (GUESS.between(11, 20), UNKNOWN),
        (GUESS.between(10, 19), UNKNOWN),
        (GUESS.between(21, 30), NO),
        (GUESS.between(0, 9), NO),
        (Between2(5, 5).equals(5), YES),
        (Between2(5, 5).equals(6), NO),
        (Between2(5, 5).between(5, 5), YES),
    ],
)
def test_the_whole_range_has_to_agree(asked: Criterion, wanted: object) -> None:
    assert answer(asked) is wanted


@pytest.mark.parametrize(
    ("asked", "built", "text"),
    [
        (attribute("n") >= 5, AtLeast, "n is at least 5"),
        (attribute("n") <= 5, AtMost, "n is at most 5"),
        (attribute("n") > 5, MoreThan, "n is more than 5"),
        (attribute("n") < 5, LessThan, "n is less than 5"),
        (attribute("n").equals("a"), Equals, 'n is "a"'),
        (attribute("n").between(1, 5), Between, "n is between 1 and 5"),
        (stage().is_in("b", "a"), OneOf, "the stage is a or b"),
        (stage().equals("a"), OneOf, "the stage is a"),
        (stage().is_in(), OneOf, "the stage is none of none"),
    ],
)
def test_a_comparison_is_a_value_with_a_sentence(asked: Criterion, built: type, text: str) -> None:
    assert type(asked) is built
    assert asked.describe() == text
    copy = pickle.loads(pickle.dumps(asked))
    assert (copy, hash(copy), repr(copy)) == (asked, hash(asked), repr(asked))


def test_comparisons_with_different_literals_differ() -> None:
    n = attribute("n")
    assert n.equals(1) == n.equals(1.0) != n.equals(True)
    assert n.between(0, 1) == n.between(0.0, 1.0) != n.between(1, 1)
    assert (n >= 1) != (n > 1)
    assert n.equals(False) != n.equals(0)


@pytest.mark.parametrize(
    ("value", "bound", "wanted"),
    [
        (date(2026, 3, 1), date(2026, 3, 1), YES),
        (datetime(2026, 3, 1, tzinfo=UTC), date(2026, 3, 1), YES),
        (datetime(2026, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC), date(2026, 3, 1), NO),
        ("b", "a", YES),
        ("B", "a", YES),
        ("a", "B", NO),
        ("é", "z", YES),  # by code point
        (5, "5", UNKNOWN),
        (True, 1, UNKNOWN),
        ("2026-03-01", date(2026, 3, 1), UNKNOWN),
        (datetime(2026, 3, 1), date(2026, 3, 1), UNKNOWN),
    ],
)
def test_dates_and_texts_have_an_order(value: object, bound: object, wanted: object) -> None:
    assert answer(attribute("x") >= bound, x=value) is wanted


@pytest.mark.parametrize(
    ("build", "error", "text"),
    [
        (
            lambda: AtLeast("n", 5),
            KindError,
            "wanted something to measure, such as attribute('x'), not \"n\"",
        ),
        (lambda: score() >= "a", KindError, "the score compares with a number, not with text"),
        (
            lambda: activity("open").count().equals(True),
            KindError,
            "number of open compares with a number, not with true or false",
        ),
        (
            lambda: score().between(date(2026, 1, 1), date(2026, 1, 2)),
            KindError,
            "the score compares with a number, not with a date or an instant with its time zone",
        ),
        (
            lambda: attribute("n") >= True,
            KindError,
            "true and false have no order; ask whether n equals one of them",
        ),
        (
            lambda: attribute("n").between(5, 1),
            DefinitionError,
            "between wants the lower bound first: 1 is lower",
        ),
        (
            lambda: attribute("n").between("b", "A"),
            DefinitionError,
            'between wants the lower bound first: "A" is lower',
        ),
        (
            lambda: attribute("n").between(1, "b"),
            KindError,
            '1 and "b" are of different kinds',
        ),
        (
            lambda: attribute("n").between(False, True),
            KindError,
            "true and false have no order; ask whether n equals one of them",
        ),
        (
            lambda: Between(attribute("n"), (1, 2, 3)),
            DefinitionError,
            "between wants two bounds: the lower and the higher",
        ),
        (
            lambda: Between(attribute("n"), 5),
            DefinitionError,
            "between wants two bounds: the lower and the higher",
        ),
        (
            lambda: OneOf(attribute("n"), ("a",)),
            KindError,
            "wanted a grade, a matrix or a stage, not an Attribute",
        ),
        (lambda: OneOf(stage(), "a"), KindError, 'wanted a list of labels, not "a"'),
        (lambda: stage().is_in("a", 5), KindError, "a label is text, not 5"),
        (
            lambda: stage().equals(" "),
            DefinitionError,
            "a blank text never matches; to ask for a blank use missing(field)",
        ),
    ],
)
def test_a_question_that_could_never_be_answered_is_refused(
    build: object, error: type[Exception], text: str
) -> None:
    with refused(error, text):
        build()


def test_a_measure_shows_its_units() -> None:
    scaled = activity("buy").sum("value")
    assert scaled.show(19_990) == "19.99"
    assert scaled.show(20_000) == "20"
    assert scaled.show(float("inf")) == "endless"
    assert scaled.show(float("-inf")) == "none"
    assert GUESS.show(5) == "5"
    assert GUESS.show("VP") == '"VP"'
    assert GUESS.show(True) == "yes"
    assert scaled.units(19.99) == 19_990
    assert GUESS.units("VP") == "vp"
    assert GUESS.units(True) is True
    assert GUESS.units(7) == 7


def test_a_comparison_explains_what_the_measure_came_to() -> None:
    assert (GUESS >= 15).explain(now()).seen == (Seen("it", "10 to 20"),)
    assert (Between2(5, 5) >= 15).explain(now()).seen == (Seen("it", "5"),)
    reason = GUESS.between(10, 20).explain(now())
    assert (reason.text, reason.verdict) == ("the guess is between 10 and 20", YES)
    assert reason.seen == (Seen("it", "10 to 20"),)
    unknown = (attribute("since").days_since() >= 3).explain(now())
    assert unknown.seen == (Seen("since", "blank", kind="moment", missing=True),)


def test_a_measure_of_ones_own_never_changes_unless_it_says_so() -> None:
    assert GUESS.changes_at(now()) is None
    assert (GUESS >= 5).changes_at(now()) is None
    assert GUESS.between(1, 2).changes_at(now()) is None
    assert not GUESS.about_knowledge


def test_a_stated_default_makes_a_comparison_about_knowledge() -> None:
    n, stated = attribute("n"), attribute("n", default=5)
    assert [c.about_knowledge for c in (n >= 1, n.between(1, 2))] == [False, False]
    assert [c.about_knowledge for c in (stated >= 1, stated.between(1, 2))] == [True, True]


def test_comparisons_change_when_the_measure_does() -> None:
    later = History((NOW + timedelta(days=1), 5))
    assert (attribute("n") >= 5).changes_at(now(n=later)) == NOW + timedelta(days=1)
    assert attribute("n").between(1, 2).changes_at(now(n=later)) == NOW + timedelta(days=1)


# -- labels ------------------------------------------------------------------------------------


@attrs.frozen
class Maybe(LabelMeasure):
    """A user's own label, one of several."""

    found: frozenset[str] | None

    def labels(self, lead: Snapshot) -> frozenset[str] | None:
        return self.found

    def describe(self) -> str:
        return "the mood"


@pytest.mark.parametrize(
    ("found", "asked", "wanted"),
    [
        ({"a"}, ["a"], YES),
        ({"a"}, ["a", "b"], YES),
        ({"a", "b"}, ["a", "b"], YES),
        ({"a", "b"}, ["a"], UNKNOWN),
        ({"a", "b"}, ["c"], NO),
        ({"a"}, ["A"], NO),  # letter by letter
        ({"a"}, [], NO),
        (None, ["a"], UNKNOWN),
    ],
)
def test_all_that_a_label_may_be_has_to_agree(
    found: set[str] | None, asked: list[str], wanted: object
) -> None:
    mood = Maybe(None if found is None else frozenset(found))
    assert answer(mood.is_in(*asked)) is wanted


def test_a_label_explains_what_it_may_be() -> None:
    reason = Maybe(frozenset("ba")).equals("a").explain(now())
    assert (reason.text, reason.verdict) == ("the mood is a", UNKNOWN)
    assert reason.seen == (Seen("the mood", "a or b"),)
    assert Maybe(None).equals("a").explain(now()).seen == ()
    assert Maybe(None).known_labels() is Maybe(None).changes_at(now()) is None
    assert Maybe(None).equals("a").changes_at(now()) is None


def test_labels_are_listed_once_and_in_order() -> None:
    assert stage().is_in("b", "a", "b") == stage().is_in("a", "b")
    assert stage().is_in("b", "a").labels == ("a", "b")
    assert stage().equals("Cafe\u0301") == stage().equals("Café")


def test_the_stage_is_read_from_the_lead() -> None:
    recycled = stage().equals("recycled")
    assert recycled.judge(Lead("ada", stage="recycled").at(NOW)) is YES
    assert recycled.judge(Lead("ada", stage="mql").at(NOW)) is NO
    assert recycled.judge(Lead("ada").at(NOW)) is UNKNOWN
    reason = recycled.explain(Lead("ada").at(NOW))
    assert reason.seen == (Seen("stage", "blank", kind="stage", missing=True),)


def test_a_score_is_a_measure_too() -> None:
    card = Scorecard(Rule("big", attribute("n") >= 50, 15.5))
    open_, sure = (ScoreBook((card,), lead).lead for lead in (now(), now(n=50)))
    assert (score() >= 15.5).judge(sure) is YES
    assert (score() > 15.5).judge(sure) is NO
    assert (score() >= 15.5).judge(open_) is UNKNOWN
    assert (score() >= 15.501).judge(open_) is NO
    reason = (score() >= 1).explain(open_)
    assert reason.text == "the score is at least 1"
    assert [(s.field, s.value) for s in reason.seen] == [("it", "0 to 15.5"), ("n", "blank")]


@pytest.mark.parametrize(
    "join", [lambda: 40 & score(), lambda: score() | 1, lambda: score() & score()]
)
def test_a_comparison_needs_its_brackets(join: Callable[[], object]) -> None:
    with pytest.raises(KindError, match="each needs its brackets"):
        join()


def test_what_is_no_criterion_yet_says_how_to_ask() -> None:
    with pytest.raises(KindError, match=r"wanted a criterion, .*; compare it"):
        all_of(score())  # type: ignore[arg-type]
    with pytest.raises(KindError, match=r"wanted a criterion, .*; ask .happened\(\)"):
        all_of(activity("open"))  # type: ignore[arg-type]


def test_a_number_is_shown_whole_where_it_is_and_short_where_not() -> None:
    employees = attribute("employees")
    assert [employees.show(number) for number in (50, 50.0, 1 / 3)] == ["50", "50", "0.333333"]
