"""
Sections A to D: the algebra of three answers, every case listed.

Each law is checked twice: over the verdicts themselves, and over criteria made of leaves that
always give the same answer, which is what the engine evaluates.
"""

from itertools import permutations, product

import attrs
import pytest

from mqlkit import Criterion, Lead, Snapshot, Verdict, all_of, any_of, at_least, exactly, if_
from mqlkit import verdict as logic
from mqlkit.testing.strategies.vocabulary import NOW

T, U, F = Verdict.YES, Verdict.UNKNOWN, Verdict.NO
ANSWERS = (F, U, T)
NOBODY = Lead("nobody").at(NOW)


@attrs.frozen
class Always(Criterion):
    """A leaf with one answer."""

    verdict: Verdict

    def judge(self, lead: Snapshot) -> Verdict:
        return self.verdict

    def describe(self) -> str:
        return f"always {self.verdict}"


class Plain:
    """The connectives over verdicts."""

    yes, no = T, F
    of = staticmethod(lambda answer: answer)
    answer = staticmethod(lambda answer: answer)
    all = staticmethod(lambda *each: logic.all_of(each))
    any = staticmethod(lambda *each: logic.any_of(each))
    at_least = staticmethod(lambda n, *each: logic.at_least_of(n, each))
    exactly = staticmethod(lambda n, *each: logic.exactly_of(n, each))
    choose = staticmethod(logic.if_of)


class Criteria:
    """The connectives over criteria."""

    yes, no = Always(T), Always(F)
    of = Always
    answer = staticmethod(lambda criterion: criterion.judge(NOBODY))
    all = staticmethod(all_of)
    any = staticmethod(any_of)
    at_least = staticmethod(at_least)
    exactly = staticmethod(exactly)
    choose = staticmethod(if_)


pytestmark = pytest.mark.parametrize("on", [Plain, Criteria], ids=["verdicts", "criteria"])


def same(on, left, right, arity):
    """Whether two formulas answer alike in every case."""
    for case in product(ANSWERS, repeat=arity):
        parts = [on.of(answer) for answer in case]
        assert on.answer(left(*parts)) is on.answer(right(*parts)), case


def implies(a, b):
    return ~a | b


def xor(a, b):
    return (a & ~b) | (~a & b)


def iff(a, b):
    return implies(a, b) & implies(b, a)


# -- A: what holds, and may be used to rewrite ------------------------------------------------

HOLDS = {
    "1": (lambda on, a, b: a & b, lambda on, a, b: b & a),
    "2": (lambda on, a, b: a | b, lambda on, a, b: b | a),
    "3": (lambda on, a, b, c: (a & b) & c, lambda on, a, b, c: a & (b & c)),
    "4": (lambda on, a, b, c: (a | b) | c, lambda on, a, b, c: a | (b | c)),
    "5": (lambda on, a: a & a, lambda on, a: a),
    "6": (lambda on, a: a | a, lambda on, a: a),
    "7": (lambda on, a, b: a & (a | b), lambda on, a, b: a),
    "8": (lambda on, a, b: a | (a & b), lambda on, a, b: a),
    "9": (lambda on, a, b, c: a & (b | c), lambda on, a, b, c: (a & b) | (a & c)),
    "10": (lambda on, a, b, c: a | (b & c), lambda on, a, b, c: (a | b) & (a | c)),
    "11": (lambda on, a: ~~a, lambda on, a: a),
    "12": (lambda on, a, b: ~(a & b), lambda on, a, b: ~a | ~b),
    "13": (lambda on, a, b: ~(a | b), lambda on, a, b: ~a & ~b),
    "14": (lambda on, a: a & on.yes, lambda on, a: a),
    "15": (lambda on, a: a | on.no, lambda on, a: a),
    "16": (lambda on, a: a & on.no, lambda on, a: on.no),
    "17": (lambda on, a: a | on.yes, lambda on, a: on.yes),
    "19": (lambda on, a, b: implies(a, b), lambda on, a, b: implies(~b, ~a)),
    "20": (lambda on, a, b, c: implies(a & b, c), lambda on, a, b, c: implies(a, implies(b, c))),
    "22": (lambda on, a, b: xor(a, b), lambda on, a, b: xor(b, a)),
    "22, associative": (lambda on, a, b, c: xor(xor(a, b), c),
                        lambda on, a, b, c: xor(a, xor(b, c))),
    "22, with no": (lambda on, a: xor(a, on.no), lambda on, a: a),
    "22, with yes": (lambda on, a: xor(a, on.yes), lambda on, a: ~a),
    "22, its other definition": (lambda on, a, b: xor(a, b),
                                 lambda on, a, b: (a | b) & ~(a & b)),
    "22, as one of two": (lambda on, a, b: xor(a, b), lambda on, a, b: on.exactly(1, a, b)),
    "23": (lambda on, a, b: ~xor(a, b), lambda on, a, b: iff(a, b)),
    "24": (lambda on: on.all(), lambda on: on.yes),
    "24, any": (lambda on: on.any(), lambda on: on.no),
}  # fmt: skip


@pytest.mark.parametrize("law", HOLDS)
def test_what_holds(on, law):
    """Laws 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 19, 20, 22, 23, 24."""
    left, right = HOLDS[law]
    arity = left.__code__.co_argcount - 1
    same(on, lambda *parts: left(on, *parts), lambda *parts: right(on, *parts), arity)


def test_a_contradiction_is_never_surer_than_a_tautology(on):
    """Law 18."""
    for a, b in product(ANSWERS, repeat=2):
        contradiction = on.answer(on.of(a) & ~on.of(a))
        assert contradiction <= on.answer(on.of(b) | ~on.of(b))


def test_what_follows_from_yes_is_yes(on):
    """Law 21: modus ponens as a rule."""
    for b in ANSWERS:
        if on.answer(implies(on.of(T), on.of(b))) is T:
            assert b is T


# -- B: what fails, with the smallest witness, so that nobody "repairs" it ---------------------

FAILS = {
    "25": (lambda on, a: a | ~a, lambda on, a: on.yes, (U,)),
    "26": (lambda on, a: a & ~a, lambda on, a: on.no, (U,)),
    "27": (lambda on, a: implies(a, a), lambda on, a: on.yes, (U,)),
    "28": (lambda on, a: iff(a, a), lambda on, a: on.yes, (U,)),
    "29": (lambda on, a: xor(a, a), lambda on, a: on.no, (U,)),
    "30": (lambda on, a, b: implies(a, implies(b, a)), lambda on, a, b: on.yes, (U, U)),
    "31": (lambda on, a, b: implies(implies(implies(a, b), a), a), lambda on, a, b: on.yes, (U, F)),
    "32": (lambda on, a, b: implies(a & implies(a, b), b), lambda on, a, b: on.yes, (U, F)),
    "33": (lambda on, a, b: a | (~a & b), lambda on, a, b: a | b, (U, T)),
    "34": (lambda on, a, b: a & (~a | b), lambda on, a, b: a & b, (U, F)),
    "35": (lambda on, a, b, c: (a & b) | (~a & c) | (b & c),
           lambda on, a, b, c: (a & b) | (~a & c), (U, T, T)),
    "36": (lambda on, a, b: (a & b) | (~a & b), lambda on, a, b: b, (U, T)),
    "37": (lambda on, a, b: (a | b) & (~a | b), lambda on, a, b: b, (U, F)),
    "38": (lambda on, a, b, c: a & xor(b, c), lambda on, a, b, c: xor(a & b, a & c), (U, T, T)),
    "39": (lambda on, a, c: (c & a) | (~c & a), lambda on, a, c: a, (T, U)),
}  # fmt: skip


@pytest.mark.parametrize("law", FAILS)
def test_what_fails(on, law):
    """Laws 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39: not applied."""
    left, right, witness = FAILS[law]
    parts = [on.of(answer) for answer in witness]
    assert on.answer(left(on, *parts)) is not on.answer(right(on, *parts))


def known(answer):
    return Verdict.of(answer is not U)


def is_true(answer):
    return Verdict.of(answer is T)


def is_false(answer):
    return Verdict.of(answer is F)


def test_both_known_is_not_each_known(on):
    """Law 40 fails: known though one side is not. 40a fails: not known true is not known false."""
    assert known(on.answer(on.of(F) & on.of(U))) is T
    assert known(F) & known(U) is F
    assert is_true(on.answer(~on.of(U))) is not ~is_true(U)


# -- C: information ---------------------------------------------------------------------------


def refines(less, more):
    """Whether *more* is *less* with some unknowns settled."""
    return all(a is U or a is b for a, b in zip(less, more, strict=True))


CONNECTIVES = {
    "and": lambda on, a, b, c: on.all(a, b, c),
    "or": lambda on, a, b, c: on.any(a, b, c),
    "not": lambda on, a, b, c: ~a,
    "implies": lambda on, a, b, c: implies(a, b),
    "xor": lambda on, a, b, c: xor(a, b),
    "iff": lambda on, a, b, c: iff(a, b),
    "if": lambda on, a, b, c: on.choose(a, b, c),
    "at least 2": lambda on, a, b, c: on.at_least(2, a, b, c),
    "exactly 1": lambda on, a, b, c: on.exactly(1, a, b, c),
    "exactly 2": lambda on, a, b, c: on.exactly(2, a, b, c),
}


def table(on, name):
    """Every case of a connective with its answer."""
    return {
        case: on.answer(CONNECTIVES[name](on, *map(on.of, case)))
        for case in product(ANSWERS, repeat=3)
    }


@pytest.mark.parametrize("name", CONNECTIVES)
def test_learning_more_never_overturns_an_answer(on, name):
    """Law 41: replacing UNKNOWN by YES or NO never turns a known answer into another."""
    answers = table(on, name)
    for less, more in product(answers, repeat=2):
        if refines(less, more):
            assert answers[less] is U or answers[less] is answers[more]


@pytest.mark.parametrize("name", CONNECTIVES)
def test_a_known_answer_is_that_of_every_completion(on, name):
    """Law 42; law 43: and an unknown one has completions that differ."""
    answers = table(on, name)
    whole = [case for case in answers if U not in case]
    for case, answer in answers.items():
        reachable = {answers[full] for full in whole if refines(case, full)}
        if answer is not U:
            assert reachable == {answer}
        else:
            assert reachable == {T, F}


def test_nothing_known_in_nothing_known_out(on):
    """Law 44."""
    unknown = on.of(U)
    assert on.answer(unknown & unknown) is on.answer(unknown | unknown) is on.answer(~unknown) is U


@pytest.mark.parametrize("name", CONNECTIVES)
def test_known_inputs_give_known_answers(on, name):
    """Law 45."""
    assert all(answer is not U for case, answer in table(on, name).items() if U not in case)


def test_knowing_that_it_is_true_keeps_and_and_or(on):
    """Law 50."""
    for a, b in product(ANSWERS, repeat=2):
        both, either = on.answer(on.of(a) & on.of(b)), on.answer(on.of(a) | on.of(b))
        assert is_true(both) is is_true(a) & is_true(b)
        assert is_true(either) is is_true(a) | is_true(b)
        assert is_false(both) is is_false(a) | is_false(b)
        assert is_true(on.answer(~on.of(a))) is is_false(a)
        assert [is_true(a), is_false(a), ~known(a)].count(T) == 1


# -- D: counting and choice -------------------------------------------------------------------


def cases(on, most=4):
    for size in range(most):
        for case in product(ANSWERS, repeat=size):
            yield size, case, [on.of(answer) for answer in case]


def test_at_least_at_its_ends(on):
    """Laws 51, 52, 53, 54."""
    for size, _, parts in cases(on):
        assert on.answer(on.at_least(1, *parts)) is on.answer(on.any(*parts))
        assert on.answer(on.at_least(size, *parts)) is on.answer(on.all(*parts))
        assert on.answer(on.at_least(0, *parts)) is T
        assert on.answer(on.at_least(size + 1, *parts)) is F


def test_at_least_is_the_kth_largest(on):
    """Law 55."""
    for size, case, parts in cases(on):
        largest = sorted(case, key=lambda v: v.value, reverse=True)
        for k in range(1, size + 1):
            assert on.answer(on.at_least(k, *parts)) is largest[k - 1]


def test_not_at_least_counts_the_others(on):
    """Law 56; law 57: asking for more is never surer."""
    for size, _, parts in cases(on):
        for k in range(size + 2):
            others = on.at_least(max(size - k + 1, 0), *(~part for part in parts))
            assert on.answer(~on.at_least(k, *parts)) is on.answer(others)
            assert on.answer(on.at_least(k + 1, *parts)) <= on.answer(on.at_least(k, *parts))


def test_the_order_of_the_parts_does_not_matter(on):
    """Law 58."""
    for size, _, parts in cases(on):
        for k, shuffled in product(range(size + 2), permutations(parts)):
            assert on.answer(on.at_least(k, *parts)) is on.answer(on.at_least(k, *shuffled))


def test_a_part_given_twice_counts_twice(on):
    """Law 59: at_least is not like all and any, so repeats are kept."""
    once, twice = on.of(T), on.at_least(2, on.of(T), on.of(T))
    assert on.answer(on.at_least(2, once)) is F
    assert on.answer(twice) is T


def test_a_choice_between_equals_needs_no_condition(on):
    """Law 60."""
    for c, a, b in product(ANSWERS, repeat=3):
        cc, aa, bb = on.of(c), on.of(a), on.of(b)
        assert on.answer(on.choose(cc, aa, aa)) is a
        assert on.answer(on.choose(~cc, aa, bb)) is on.answer(on.choose(cc, bb, aa))


def test_a_choice_differs_from_and_and_or_in_one_case(on):
    """Law 61."""
    differ = [
        (c, a, b)
        for c, a, b in product(ANSWERS, repeat=3)
        if on.answer(on.choose(on.of(c), on.of(a), on.of(b)))
        is not on.answer((on.of(c) & on.of(a)) | (~on.of(c) & on.of(b)))
    ]
    assert differ == [(U, T, T)]


def test_exactly_is_at_least_and_no_more(on):
    """Law 62, and it is exact: UNKNOWN only where completions differ."""
    for size, case, parts in cases(on):
        for k in range(size + 2):
            found = on.answer(on.exactly(k, *parts))
            both = on.at_least(k, *parts) & ~on.at_least(k + 1, *parts)
            assert found is on.answer(both)
            reachable = {
                Verdict.of(full.count(T) == k)
                for full in product((T, F), repeat=size)
                if refines(case, full)
            }
            assert found is (reachable.pop() if len(reachable) == 1 else U)
