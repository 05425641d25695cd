"""Three answers: each table in full."""

import pickle
from itertools import product

import pytest
from building import NO, UNKNOWN, YES

from mqlkit.verdict import Verdict, all_of, any_of, at_least_of, exactly_of, if_of, tally

ALL = (NO, UNKNOWN, YES)
PAIRS = list(product(ALL, ALL))
RANK = {NO: 0, UNKNOWN: 1, YES: 2}


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_and_is_the_lesser_or_the_greater(a: Verdict, b: Verdict) -> None:
    assert (a & b) is min(a, b, key=RANK.__getitem__)
    assert (a | b) is max(a, b, key=RANK.__getitem__)


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_the_order_is_no_unknown_yes(a: Verdict, b: Verdict) -> None:
    assert (a < b) is (RANK[a] < RANK[b])
    assert (a <= b) is (RANK[a] <= RANK[b])
    assert (a > b) is (RANK[a] > RANK[b])
    assert (a >= b) is (RANK[a] >= RANK[b])


def test_not_swaps_yes_and_no_and_leaves_unknown() -> None:
    assert [~v for v in ALL] == [YES, UNKNOWN, NO]


def test_a_plain_answer_is_known() -> None:
    assert Verdict.of(True) is YES
    assert Verdict.of(False) is NO


def test_settling_says_what_unknown_counts_as() -> None:
    assert [v.settle(unknown=False) for v in ALL] == [False, False, True]
    assert [v.settle(unknown=True) for v in ALL] == [False, True, True]


@pytest.mark.parametrize("verdict", ALL)
def test_a_verdict_has_no_truth_value(verdict: Verdict) -> None:
    with pytest.raises(TypeError) as caught:
        bool(verdict)
    assert str(caught.value) == (
        f"Verdict.{verdict.name} is one of three answers and has no truth value; "
        "compare it (verdict is Verdict.YES) or say what UNKNOWN should "
        "count as (verdict.settle(unknown=False))"
    )


@pytest.mark.parametrize(
    "mix",
    [
        lambda: YES & True,
        lambda: True & YES,
        lambda: YES | 1,
        lambda: YES < 3,
        lambda: YES <= None,
    ],
)
def test_a_verdict_does_not_mix_with_other_values(mix: object) -> None:
    with pytest.raises(TypeError, match=r"unsupported operand|not supported between"):
        mix()


def test_a_verdict_is_shown_by_its_name() -> None:
    assert [repr(v) for v in ALL] == ["Verdict.NO", "Verdict.UNKNOWN", "Verdict.YES"]
    assert [str(v) for v in ALL] == ["no", "unknown", "yes"]


def test_a_verdict_is_itself_after_pickling() -> None:
    assert all(pickle.loads(pickle.dumps(v)) is v for v in ALL)


def test_of_none_all_hold_and_none_does() -> None:
    assert all_of([]) is YES
    assert any_of([]) is NO


@pytest.mark.parametrize("three", list(product(ALL, repeat=3)))
def test_all_and_any_fold_the_two_place_tables(three: tuple[Verdict, ...]) -> None:
    assert all_of(three) is (three[0] & three[1] & three[2])
    assert any_of(three) is (three[0] | three[1] | three[2])


def test_all_and_any_stop_at_what_decides() -> None:
    def until(last: Verdict) -> object:
        yield UNKNOWN
        yield last
        raise AssertionError("asked on, although the answer was known")

    assert all_of(until(NO)) is NO
    assert any_of(until(YES)) is YES


@pytest.mark.parametrize("n", range(5))
@pytest.mark.parametrize("three", list(product(ALL, repeat=3)))
def test_counting_is_known_when_every_completion_agrees(n: int, three: tuple[Verdict, ...]) -> None:
    completions = [
        sum(v is YES for v in full)
        for full in product(*[(NO, YES) if v is UNKNOWN else (v,) for v in three])
    ]

    def known(answers: set[bool]) -> Verdict:
        return Verdict.of(answers.pop()) if len(answers) == 1 else UNKNOWN

    assert at_least_of(n, three) is known({count >= n for count in completions})
    assert exactly_of(n, three) is known({count == n for count in completions})


@pytest.mark.parametrize(("then", "otherwise"), PAIRS)
def test_if_takes_a_branch_or_what_both_agree_on(then: Verdict, otherwise: Verdict) -> None:
    assert if_of(YES, then, otherwise) is then
    assert if_of(NO, then, otherwise) is otherwise
    assert if_of(UNKNOWN, then, otherwise) is (then if then is otherwise else UNKNOWN)


def test_a_tally_counts_yes_and_unknown() -> None:
    assert tally([YES, NO, UNKNOWN, YES]) == (2, 1)
    assert tally(iter([])) == (0, 0)
