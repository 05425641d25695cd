"""Composition: what the parts say together, in words and in answers."""

import pickle
from datetime import timedelta
from itertools import product

import attrs
import pytest
from building import NO, NOW, TICK, UNKNOWN, YES, ago, answer, did, now, refused, unloaded

from mqlkit import (
    Activity,
    Criterion,
    History,
    Lead,
    Reason,
    Snapshot,
    Verdict,
    activity,
    all_of,
    any_of,
    at_least,
    attribute,
    exactly,
    if_,
    verdict,
)
from mqlkit.criterion import (
    DEEPEST,
    AllOf,
    AnyOf,
    AtLeastOf,
    Exactly,
    If,
    Named,
    Not,
    earliest,
)
from mqlkit.criterion import (
    Criterion as Base,
)
from mqlkit.errors import DefinitionError, KindError

A, B, C = (attribute(name).is_true() for name in "abc")
ANSWERS = {True: YES, False: NO, None: UNKNOWN}
FLAGS = list(product(ANSWERS, repeat=3))


@attrs.frozen
class Recent(Criterion):
    """A user's own: it reads the clock, and says nothing of when it changes."""

    field: str

    def judge(self, lead: Snapshot) -> Verdict:
        moment = lead.moment(self.field)
        return UNKNOWN if moment is None else Verdict.of(lead.as_of - moment < timedelta(days=1))

    def describe(self) -> str:
        return f"{self.field} is recent"


# -- answers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("a", "b", "c"), FLAGS)
def test_composites_answer_by_the_tables(a: object, b: object, c: object) -> None:
    lead = now(a=a, b=b, c=c)
    x, y, z = ANSWERS[a], ANSWERS[b], ANSWERS[c]
    assert (A & B & C).judge(lead) is (x & y & z)
    assert (A | B | C).judge(lead) is (x | y | z)
    assert (~A).judge(lead) is ~x
    assert if_(A, B, C).judge(lead) is verdict.if_of(x, y, z)
    for n in range(5):
        assert at_least(n, A, B, C).judge(lead) is verdict.at_least_of(n, [x, y, z])
        assert exactly(n, A, B, C).judge(lead) is verdict.exactly_of(n, [x, y, z])
    assert A.if_unknown(YES).judge(lead) is (YES if x is UNKNOWN else x)
    assert A.if_unknown(NO).judge(lead) is (NO if x is UNKNOWN else x)
    assert A.named("active").judge(lead) is x


def test_of_nothing() -> None:
    assert (answer(all_of()), answer(any_of())) == (YES, NO)
    assert (answer(at_least(0)), answer(at_least(1)), answer(exactly(0))) == (YES, NO, YES)


# -- shape -------------------------------------------------------------------------------------


def test_and_and_or_are_flat() -> None:
    assert (A & B) & C == A & (B & C) == all_of(A, B, C) == AllOf((A, B, C))
    assert (A | B) | C == A | (B | C) == any_of(A, B, C) == AnyOf((A, B, C))
    assert (A & (B | C)).parts() == (A, B | C)
    assert all_of(A, all_of(B, all_of(C))).depth == 2


def test_counts_are_not_flat_and_keep_repeats() -> None:
    assert at_least(1, A, A) == AtLeastOf(1, (A, A)) != at_least(1, A)
    assert exactly(1, A, A & B).parts() == (A, A & B)
    assert at_least(1, A) != exactly(1, A) == Exactly(1, (A,))


def test_nothing_is_simplified() -> None:
    assert ~~A == Not(Not(A)) != A
    assert A & A == AllOf((A, A)) != A


def test_a_criterion_is_walked_outermost_first() -> None:
    whole = if_(A, B, ~C)
    assert list(whole.walk()) == [whole, A, B, ~C, C]
    assert (whole.depth, A.depth) == (3, 1)
    assert whole == If(A, B, ~C)


def test_criteria_nest_to_a_depth_and_no_deeper() -> None:
    deep: Criterion = A
    for _ in range(DEEPEST - 1):
        deep = ~deep
    assert deep.depth == DEEPEST == 64
    assert answer(deep, a=True) is NO
    text = (
        "criteria nest 65 deep, and at most 64 are allowed; "
        "give all_of or any_of one flat list instead"
    )
    for build in (
        lambda: ~deep,
        lambda: deep & A,
        lambda: at_least(1, deep),
        lambda: deep.named("x"),
        lambda: deep.if_unknown(NO),
    ):
        with refused(DefinitionError, text):
            build()


@pytest.mark.parametrize(
    "whole",
    [
        A & B,
        A | B,
        ~A,
        at_least(1, A, B),
        exactly(1, A),
        if_(A, B, C),
        A.if_unknown(NO),
        A.named("x"),
    ],
    ids=repr,
)
def test_a_composite_is_a_value(whole: Criterion) -> None:
    copy = pickle.loads(pickle.dumps(whole))
    assert copy == whole
    assert hash(copy) == hash(whole)
    assert attrs.evolve(whole) == whole
    assert whole.depth == copy.depth
    assert repr(copy) == repr(whole)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        whole.criteria = ()


@pytest.mark.parametrize(
    ("build", "error", "text"),
    [
        (lambda: AllOf(A), KindError, "wanted a list of criteria, not an Equals"),
        (lambda: AnyOf("ab"), KindError, 'wanted a list of criteria, not "ab"'),
        (
            lambda: all_of(A, True),
            KindError,
            "wanted a criterion, not yes"
            "; to compare a measure use .equals(...), since == compares measures themselves",
        ),
        (lambda: Not(None), KindError, "wanted a criterion, not blank"),
        (lambda: if_(A, B, 1), KindError, "wanted a criterion, not 1"),
        (lambda: at_least(True, A), KindError, "how many must be a whole number, not yes"),
        (lambda: at_least(1.0, A), KindError, "how many must be a whole number, not 1.0"),
        (lambda: exactly(-1, A), DefinitionError, "how many must be 0 or more, not -1"),
        (
            lambda: A.if_unknown(UNKNOWN),
            DefinitionError,
            "what is assumed must be Verdict.YES or Verdict.NO",
        ),
        (
            lambda: A.if_unknown(True),
            DefinitionError,
            "what is assumed must be Verdict.YES or Verdict.NO",
        ),
        (
            lambda: A.named(" "),
            DefinitionError,
            "a name is text of at most 200 characters, not blank",
        ),
        (
            lambda: A.named(7),
            DefinitionError,
            "a name is text of at most 200 characters, not 7",
        ),
    ],
)
def test_what_does_not_compose_is_refused(build: object, error: type[Exception], text: str) -> None:
    with refused(error, text):
        build()


@pytest.mark.parametrize("mix", [lambda: A & True, lambda: A | 1, lambda: None & A])
def test_a_criterion_does_not_mix_with_other_values(mix: object) -> None:
    with pytest.raises(TypeError, match=r"unsupported operand"):
        mix()


def test_a_criterion_has_no_truth_value() -> None:
    with refused(
        TypeError,
        "whether a is yes depends on the lead, so it has no truth value; "
        "combine criteria with &, | and ~, not with and, or and not",
    ):
        bool(A)


def test_a_name_is_brought_to_one_form_and_may_be_200_long() -> None:
    assert A.named("Cafe\u0301") == A.named("Café") == Named("Café", A)
    assert A.named("x" * 200).describe() == "x" * 200
    with pytest.raises(DefinitionError, match=r"^a name is text of at most 200 characters"):
        A.named("x" * 201)


# -- words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("whole", "text", "headline"),
    [
        (A & B & C, "a is yes and b is yes and c is yes", "all of"),
        (A | B, "a is yes or b is yes", "any of"),
        (A & (B | C), "a is yes and (b is yes or c is yes)", "all of"),
        (all_of(), "always", "always"),
        (any_of(), "never", "never"),
        (~A, "not (a is yes)", "not"),
        (at_least(2, A, B), "at least 2 of: a is yes; b is yes", "at least 2 of"),
        (exactly(1, A, B), "exactly 1 of: a is yes; b is yes", "exactly 1 of"),
        (
            if_(A, B, C),
            "if a is yes, then b is yes, else c is yes",
            "if the first, then the second, else the third",
        ),
        (
            A.if_unknown(NO),
            "a is yes (assumed no if not known)",
            "a is yes (assumed no if not known)",
        ),
        (A.named("active"), "active", "active"),
        (~A.named("active"), "not (active)", "not"),
    ],
)
def test_a_composite_says_what_it_asks(whole: Criterion, text: str, headline: str) -> None:
    assert whole.describe() == text
    assert whole.headline() == headline


def test_a_leaf_explains_what_it_read() -> None:
    reason = Recent("since").explain(now(since=ago(hours=1)))
    assert reason == Reason("since is recent", YES, reason.seen)
    assert [seen.name for seen in reason.seen] == ["since"]


def test_a_composite_explains_each_part() -> None:
    reason = (A & (B | C)).explain(now(a=True, c=False))
    assert str(reason) == "\n".join(
        [
            "? all of",
            "  yes: a is yes  (a is yes)",
            "  ? any of",
            "    ? b is yes  (b is blank)",
            "    no: c is yes  (c is no)",
        ]
    )


@pytest.mark.parametrize(
    ("a", "shown"),
    [(True, ["a", "b"]), (False, ["a", "c"]), (None, ["a", "b", "c"])],
)
def test_if_explains_the_branch_that_it_takes(a: object, shown: list[str]) -> None:
    reason = if_(A, B, C).explain(now(a=a, b=True, c=True))
    assert reason.verdict is YES
    assert [part.text for part in reason.parts] == [f"{name} is yes" for name in shown]


def test_an_assumption_shows_only_where_it_was_needed() -> None:
    assumed = A.if_unknown(NO)
    assert assumed.explain(now(a=True)) == A.explain(now(a=True))
    reason = assumed.explain(now())
    assert (reason.text, reason.verdict) == ("assumed no, because it is not known whether", NO)
    assert reason.parts == (A.explain(now()),)


def test_only_assumptions_are_about_knowledge() -> None:
    assert A.if_unknown(NO).about_knowledge
    assert not (A & B).about_knowledge
    assert not Recent("x").about_knowledge


# -- when it changes ---------------------------------------------------------------------------


def test_a_composite_changes_when_its_first_part_does() -> None:
    later = History((NOW + timedelta(days=2), True))
    sooner = History((NOW + timedelta(days=1), True))
    lead = now(a=later, b=sooner)
    for whole in (A & B, A | B, if_(A, B, C), at_least(1, A, B), ~(A & B)):
        assert whole.changes_at(lead) == NOW + timedelta(days=1)
    assert (~A).changes_at(lead) == A.named("x").changes_at(lead) == NOW + timedelta(days=2)
    assert (A & C).changes_at(now(a=True)) is None


def test_a_users_own_changes_with_what_it_reads() -> None:
    @attrs.frozen
    class Any(Base):
        def judge(self, lead: Snapshot) -> Verdict:
            lead.text("title")
            done = lead.activities()
            return UNKNOWN if done is None else Verdict.of(bool(done))

        def describe(self) -> str:
            return "anything happened"

    title = History((NOW + timedelta(days=2), "VP"))
    soon = Activity("open", NOW + timedelta(days=1))
    assert Any().changes_at(now()) is None
    assert Any().changes_at(unloaded()) is None
    assert Any().changes_at(now(title=title)) == NOW + timedelta(days=2)
    assert Any().changes_at(Lead("x", {"title": title}, [soon]).at(NOW)) == soon.at


def test_a_users_own_that_reads_the_clock_asks_to_be_looked_at_again_at_once() -> None:
    assert Recent("since").changes_at(now(since=NOW)) == NOW + TICK
    assert Recent("since").changes_at(now()) is None


def test_history_of_an_activitys_property_is_not_the_leads() -> None:
    @attrs.frozen
    class Inside(Base):
        def judge(self, lead: Snapshot) -> Verdict:
            lead.inside(lead.activities()[0]).number("n")
            return YES

        def describe(self) -> str:
            return "n"

    later = History((NOW + timedelta(days=2), 5))
    assert Inside().changes_at(now(did("open", 1), n=later)) is None


def test_the_earliest_of_some_instants() -> None:
    assert earliest([None, NOW, ago(days=1)]) == ago(days=1)
    assert earliest([None]) is earliest([]) is None


def test_counts_of_activities_compose_like_all_else() -> None:
    opened = activity("open").happened()
    assert answer(opened & A, did("open"), a=True) is YES
