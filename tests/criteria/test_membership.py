"""One of many: values in lists, lists that have values, e-mail domains, named lists."""

import pickle
from datetime import UTC, date, datetime

import pytest
from building import NO, UNKNOWN, YES, answer, now, refused

from mqlkit import NamedList, attribute, score
from mqlkit.criteria.choices import choices
from mqlkit.criteria.membership import DomainIs, HasAny, IsIn
from mqlkit.errors import DefinitionError, KindError

X = attribute("x")
RIVALS = NamedList("rivals", ["Rival.example", "other.example"])


@pytest.mark.parametrize(
    ("asked", "value", "wanted"),
    [
        (X.is_in(1, 2), 1.0, YES),
        (X.is_in(1, 2), True, UNKNOWN),
        (X.is_in(1, 2), "1", UNKNOWN),
        (X.is_in(True), True, YES),
        (X.is_in(True), 1, UNKNOWN),
        (X.is_in(date(2026, 3, 1)), datetime(2026, 3, 1, tzinfo=UTC), YES),
        (X.is_in(), "a", NO),
        (X.is_in(), 5, NO),
        (X.not_in(), "a", YES),
        (X.is_in(RIVALS), "RIVAL.example", YES),
        (X.is_in(RIVALS), "rival", NO),
        (X.domain_is(RIVALS), "ada@rival.EXAMPLE", YES),
        (X.domain_is(RIVALS), "ada@sub.rival.example", NO),
        (X.domain_is("a.example"), "rival.example", UNKNOWN),
        (X.domain_is(), "ada@a.example", NO),
        (X.any_of("a"), ["b", None], UNKNOWN),
        (X.any_of("a"), ["a", None], YES),
        (X.any_of("a"), ["b", 7], UNKNOWN),  # of another kind: it may be anything
        (X.any_of(1), [True, 2], UNKNOWN),
        (X.any_of(1), [1.0], YES),
        (X.any_of("a"), [], NO),
        (X.any_of("a"), "a", UNKNOWN),
        (X.any_of(), ["a"], NO),
        (X.all_of("a", "b"), ["a", None], UNKNOWN),
        (X.all_of("a", "b"), ["a", "b", None], YES),
        (X.all_of(), ["a"], YES),
        (X.none_of("a"), [], YES),
        (X.none_of("a"), ["b", " "], UNKNOWN),
        (X.any_of(RIVALS), ["OTHER.example"], YES),
        (X.any_of(date(2026, 3, 1)), [date(2026, 3, 1)], YES),
    ],
)
def test_one_of_many(asked: object, value: object, wanted: object) -> None:
    assert answer(asked, x=value) is wanted


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (X.is_in("b", "a"), 'x is "a" or "b"'),
        (X.is_in(), "x is nothing"),
        (X.not_in("a"), 'not (x is "a")'),
        (X.is_in(RIVALS), "x is in the list “rivals”"),
        (X.any_of("a", "b"), 'x have any of: "a" or "b"'),
        (X.all_of("a", "b"), 'x have all of: "a" or "b"'),
    ],
)
def test_membership_has_a_sentence(asked: object, text: str) -> None:
    assert asked.describe() == text


def test_a_domain_question_has_a_sentence() -> None:
    assert "a.example" in X.domain_is("a.example").describe()
    assert "x" in X.domain_is(RIVALS).describe()


def test_order_and_repeats_mean_nothing_and_kinds_do() -> None:
    assert X.is_in("b", "a", "b") == X.is_in("a", "b")
    assert X.is_in(1) == X.is_in(1.0) != X.is_in(True)
    assert IsIn(X, iter([2, 1])) == X.is_in(1, 2)
    assert X.is_in(RIVALS) != X.is_in(*RIVALS.values)
    assert X.is_in(["a"][0]) == IsIn(X, ["a"])
    copy = pickle.loads(pickle.dumps(X.is_in(RIVALS)))
    assert (copy, hash(copy)) == (X.is_in(RIVALS), hash(X.is_in(RIVALS)))


def test_a_named_list_is_a_value() -> None:
    assert RIVALS.values == ("Rival.example", "other.example")
    assert NamedList("n", [1]) == NamedList("n", [1.0]) != NamedList("n", [True])
    assert choices(RIVALS) is choices((RIVALS,)) is choices([RIVALS]) is RIVALS
    assert NamedList("n", [], given=True) != NamedList("n", [])


@pytest.mark.parametrize(
    ("build", "error", "text"),
    [
        (lambda: IsIn(X, "ab"), KindError, 'wanted a list of values, not "ab"'),
        (lambda: IsIn(X, 5), KindError, "wanted a list of values, not 5"),
        (
            lambda: X.is_in(1, "a"),
            KindError,
            "a list holds values of one kind, not number and text together",
        ),
        (
            lambda: X.is_in(1, True),
            KindError,
            "a list holds values of one kind, not flag and number together",
        ),
        (lambda: NamedList("", ["a"]), DefinitionError, "a named list needs a name"),
        (lambda: NamedList(5, ["a"]), DefinitionError, "a named list needs a name"),
        (lambda: X.domain_is(5), KindError, "a domain is text, such as 'example.com'"),
        (
            lambda: IsIn(score(), ["a"]),
            KindError,
            "the score compares with a number, not with text",
        ),
        (
            lambda: DomainIs(score(), ["a"]),
            KindError,
            "the score compares with a number, not with an e-mail address",
        ),
        (
            lambda: HasAny("x", ["a"]),
            KindError,
            "wanted something to measure, such as attribute('x'), not \"x\"",
        ),
    ],
)
def test_choices_that_make_no_sense_are_refused(
    build: object, error: type[Exception], text: str
) -> None:
    with refused(error, text):
        build()


def test_a_member_of_another_kind_is_a_fault_and_something_to_fill() -> None:
    """DESIGN 3: the wrong kind also leaves a data fault."""
    asked = attribute("tags").any_of("a", "b")
    (seen,) = asked.explain(now(tags=["x", 5])).seen
    assert (seen.missing, seen.fault) == (True, "wanted text for each member")
    (seen,) = asked.explain(now(tags=["x", None])).seen
    assert (seen.missing, seen.fault) == (True, "")
    (seen,) = asked.explain(now(tags=["x", "y"])).seen
    assert (seen.missing, seen.fault) == (False, "")
    (seen,) = asked.explain(now()).seen
    assert (seen.missing, seen.fault) == (True, "")


@pytest.mark.parametrize("value", [5, "a", True, datetime(2026, 1, 1, tzinfo=UTC)])
def test_nothing_is_in_an_empty_list(value: object) -> None:
    """Law 66, of whatever kind the value is."""
    assert answer(attribute("n").is_in(), n=value) is NO
    assert answer(attribute("n").is_in(), n=None) is UNKNOWN


@pytest.mark.parametrize("given", [["a", "b"], ("a", "b"), {"a", "b"}])
def test_one_list_may_be_given_as_it_is(given: object) -> None:
    assert attribute("n").is_in(given) == attribute("n").is_in("a", "b")


@pytest.mark.parametrize("domain", ["@rival.example", "https://rival.example/", "rival example"])
def test_what_is_no_domain_is_refused(domain: str) -> None:
    with pytest.raises(DefinitionError, match="is no domain; say what stands behind the @"):
        attribute("email").domain_is(domain)
