"""Grades, the matrix and scores as measures."""

import pickle
from datetime import timedelta

import pytest
from building import NO, NOW, UNKNOWN, YES, now, refused

from mqlkit import Group, History, Rule, Scorecard, attribute, grade, matrix, score, stage
from mqlkit.criteria.label import Grade, Matrix
from mqlkit.errors import DefinitionError, KindError
from mqlkit.scorecard import ScoreBook

LETTERS = {"B": 20, "A": 40.5}
FIT = grade("fit", LETTERS, lowest="C")
PACE = grade("pace", {"1": 10}, lowest="2")
BOTH = matrix(FIT, PACE)


def book(fit: float, *more: Rule, **attributes: object) -> object:
    rules = [Rule("fit", attribute("always").is_true(), fit), *more]
    pace = Rule("pace", attribute("p").is_true(), 10)
    card = Scorecard(Group("fit", rules), Group("pace", [pace]))
    return ScoreBook((card,), now(always=True, **attributes)).lead


@pytest.mark.parametrize(
    ("points", "letter"),
    [(50, "A"), (40.5, "A"), (40.499, "B"), (20, "B"), (19.999, "C"), (-5, "C")],
)
def test_a_letter_needs_its_score(points: float, letter: str) -> None:
    assert FIT.labels(book(points)) == {letter}
    assert FIT.equals(letter).judge(book(points)) is YES


def test_a_range_may_span_letters() -> None:
    maybe = Rule("maybe", attribute("x").is_true(), 25)
    assert FIT.labels(book(16, maybe)) == {"A", "B", "C"}
    assert FIT.labels(book(15, maybe)) == {"B", "C"}
    assert FIT.labels(book(20, maybe)) == {"A", "B"}
    assert FIT.is_in("A", "B").judge(book(20, maybe)) is YES
    assert FIT.equals("A").judge(book(20, maybe)) is UNKNOWN
    assert FIT.equals("C").judge(book(20, maybe)) is NO


def test_the_matrix_joins_two_grades() -> None:
    assert BOTH.known_labels() == ("A1", "A2", "B1", "B2", "C1", "C2")
    assert BOTH.labels(book(50, p=True)) == {"A1"}
    assert BOTH.labels(book(50)) == {"A1", "A2"}
    assert BOTH.equals("A1").judge(book(50, p=False)) is NO


def test_labels_are_told_best_first() -> None:
    assert FIT.known_labels() == ("A", "B", "C")
    assert stage().known_labels() is None
    assert FIT.describe() == "the fit grade"
    assert grade("total", LETTERS, lowest="C").describe() == "the grade"
    assert BOTH.describe() == "the fit grade with the pace grade"
    assert score("fit").describe() == "the score fit"


def test_labels_change_when_their_scores_do() -> None:
    later = History((NOW + timedelta(days=1), True))
    lead = book(5, p=later)
    assert PACE.changes_at(lead) == NOW + timedelta(days=1)
    assert FIT.changes_at(lead) is None
    assert BOTH.changes_at(lead) == NOW + timedelta(days=1)
    assert (score("pace") >= 5).changes_at(lead) == NOW + timedelta(days=1)
    assert score("pace").changes_at(now()) is None  # outside a qualification


@pytest.mark.parametrize(
    ("build", "error", "text"),
    [
        (
            lambda: grade("fit", {}, lowest="C"),
            KindError,
            "letters are a table: each letter with the least score it needs",
        ),
        (
            lambda: grade("fit", ["A"], lowest="C"),
            KindError,
            "letters are a table: each letter with the least score it needs",
        ),
        (
            lambda: grade("fit", {"A": "40"}, lowest="C"),
            KindError,
            'the least score of "A" must be a number, not "40"',
        ),
        (
            lambda: grade("fit", {"A": True}, lowest="C"),
            KindError,
            'the least score of "A" must be a number, not yes',
        ),
        (
            lambda: grade("fit", {"A": 40, "B": 40.0}, lowest="C"),
            DefinitionError,
            "two letters need the same score; give each its own",
        ),
        (
            lambda: grade("fit", {"A": 40}, lowest="A"),
            DefinitionError,
            "the lowest letter 'A' needs no score",
        ),
        (
            lambda: FIT.equals("D"),
            DefinitionError,
            "the fit grade is never 'D'; it is A, B or C",
        ),
    ],
)
def test_letters_that_make_no_sense_are_refused(
    build: object, error: type[Exception], text: str
) -> None:
    with refused(error, text):
        build()


def test_grades_are_values() -> None:
    assert Grade("fit", {"A": 40.5, "B": 20.0}, "C") == FIT
    copy = pickle.loads(pickle.dumps(BOTH))
    assert (copy, hash(copy)) == (Matrix(FIT, PACE), hash(BOTH))
    with pytest.raises(TypeError, match=r"'columns' must be"):
        matrix(FIT, "pace")
    with pytest.raises(TypeError, match=r"'score' must be"):
        score(5)
