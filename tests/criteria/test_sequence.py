"""One thing after another."""

import pickle
from datetime import timedelta

import pytest
from building import NO, NOW, TICK, UNKNOWN, YES, ago, answer, did, now, unloaded

from mqlkit import Activity, activity, attribute
from mqlkit.criteria.sequence import Sequence
from mqlkit.errors import DefinitionError
from mqlkit.window import Window

A, B = activity("a"), activity("b")


@pytest.mark.parametrize(
    ("days", "wanted"),
    [
        ({"a": [2], "b": [1]}, YES),
        ({"a": [1], "b": [2]}, NO),
        ({"a": [1], "b": [1]}, NO),  # strictly after
        ({"a": [3, 1], "b": [2]}, YES),
        ({"a": [1], "b": [2, 0.5]}, YES),
        ({"a": [], "b": [1]}, NO),
        ({"a": [1], "b": []}, NO),
    ],
)
def test_the_second_comes_strictly_after_the_first(
    days: dict[str, list[float]], wanted: object
) -> None:
    done = [did(kind, day) for kind, several in days.items() for day in several]
    assert answer(A.then(B), *done) is wanted


def test_a_microsecond_is_enough() -> None:
    assert answer(A.then(B), Activity("a", NOW - TICK), Activity("b", NOW)) is YES


def test_the_span_between_is_half_open() -> None:
    quick = A.then(B, days=7)
    assert answer(quick, Activity("a", ago(days=7) + TICK), Activity("b", NOW)) is YES
    assert answer(quick, did("a", 7), Activity("b", NOW)) is NO
    assert answer(quick, did("a", 30), did("b", 29), did("b", 1)) is YES
    assert answer(quick, did("a", 30), did("a", 3), did("b", 1)) is YES
    assert answer(quick, did("a", 30), did("b", 1)) is NO


def test_the_same_kind_may_follow_itself() -> None:
    assert answer(A.then(A), did("a", 2), did("a", 1)) is YES
    assert answer(A.then(A), did("a", 2)) is NO


def test_blanks_may_make_a_sequence() -> None:
    asked = activity("a", x=1).then(B)
    assert answer(asked, did("a", 2), did("b", 1)) is UNKNOWN
    assert answer(asked, did("a", 2), did("a", 3, x=1), did("b", 1)) is YES
    assert answer(asked, did("a", 1), did("b", 2)) is NO
    reason = asked.explain(now(did("a", 2), did("b", 1)))
    assert [seen.name for seen in reason.unknowns()] == ["a.x"]


def test_an_unloaded_timeline_is_unknown() -> None:
    assert A.then(B).judge(unloaded()) is UNKNOWN
    assert A.then(B.of_account()).judge(now(did("a"))) is UNKNOWN
    assert A.of_account().then(B).judge(now(did("b"))) is UNKNOWN
    assert [s.name for s in A.then(B).explain(unloaded()).unknowns()] == ["activities"]


def test_a_sequence_has_a_sentence() -> None:
    assert A.then(B).describe() == "a, then b"
    assert A.then(B, weeks=1).describe() == "a, then b within 7 days"


def test_a_sequence_changes_when_either_side_does() -> None:
    day = timedelta(days=1)
    asked = A.within(days=30).then(B.within(days=10))
    assert asked.changes_at(now(did("a", 29), did("b", 1))) == NOW + day
    assert asked.changes_at(now(did("a", 1), did("b", 8))) == NOW + 2 * day
    assert A.then(B).changes_at(now(did("a", 2), did("b", 1))) is None
    assert A.then(B).changes_at(now(did("a", 2), Activity("b", NOW + day))) == NOW + day


def test_a_sequence_is_about_knowledge_when_either_side_is() -> None:
    stated = activity("a").where(attribute("x").known())
    assert stated.then(B).about_knowledge
    assert B.then(stated).about_knowledge
    assert not A.then(B).about_knowledge


def test_a_sequence_is_a_value() -> None:
    asked = A.then(B, days=7)
    assert asked == Sequence(A, B, Window(days=7)) != A.then(B)
    copy = pickle.loads(pickle.dumps(asked))
    assert (copy, hash(copy)) == (asked, hash(asked))
    with pytest.raises(TypeError, match=r"'then' must be"):
        A.then("b")


def test_an_activity_has_no_sequence_of_its_own() -> None:
    with pytest.raises(DefinitionError, match="own properties"):
        activity("open").where(~A.then(B))
