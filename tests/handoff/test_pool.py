"""The fair pool: nobody is far from the exact share, whoever comes and goes."""

import json
import pickle
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from hashlib import sha256
from itertools import islice, permutations
from math import lcm
from typing import Any, Protocol

import attrs
import pytest
from building import refused
from hypothesis import given
from hypothesis import strategies as st

from mqlkit.errors import DefinitionError, KindError
from mqlkit.handoff.pool import MOST_WEIGHT, Pool, Turns, lowest_terms

Weights = Mapping[str, int]
History = Sequence[Weights]
"""For each lead who can take it, with weights."""


class Picker(Protocol):
    """What the laws are about: who gets a lead, and the state after that."""

    def pick(self, weights: Weights, /) -> "tuple[str, Picker]": ...


# -- what happened -----------------------------------------------------------------------------


def picks(picker: Picker, history: History) -> list[str]:
    found = []
    for weights in history:
        picked, picker = picker.pick(weights)
        found.append(picked)
    return found


def deviations(picker: Picker, history: History) -> list[dict[str, Fraction]]:
    """After 0, 1, 2, ... leads: what each one got, less the exact share."""
    names = {name for weights in history for name in weights}
    ahead = [dict.fromkeys(names, Fraction(0))]
    for weights, picked in zip(history, picks(picker, history), strict=True):
        total = sum(weights.values())
        ahead.append(
            {
                name: before + (name == picked) - Fraction(weights.get(name, 0), total)
                for name, before in ahead[-1].items()
            }
        )
    return ahead


# -- laws --------------------------------------------------------------------------------------


def fair_within_one_lead(picker: Picker, history: History) -> None:
    """Equal weights, the same reps: over any prefix nobody has two leads more than another."""
    counts = Counter(dict.fromkeys(history[0], 0))
    for picked in picks(picker, history):
        counts[picked] += 1
        assert max(counts.values()) - min(counts.values()) <= 1


def near_the_share(picker: Picker, history: History) -> None:
    """Any weights, any coming and going of n reps: within (n - 1) / 2 leads of the share."""
    for ahead in deviations(picker, history):
        assert max(map(abs, ahead.values())) <= Fraction(len(ahead) - 1, 2)


def nearer_while_all_are_there(picker: Picker, history: History) -> None:
    """The same reps and weights: at most 1 - 1/n ahead and 1/2 + 1/3 + ... + 1/n behind."""
    n = len(history[0])
    behind = sum((Fraction(1, k) for k in range(2, n + 1)), Fraction(0))
    for ahead in deviations(picker, history):
        assert max(ahead.values()) <= 1 - Fraction(1, n)
        assert min(ahead.values()) >= -behind


def no_flood_for_newcomers(picker: Picker, history: History) -> None:
    """From the first lead that one can take: never more than the share and (n - 1) / 2."""
    ahead = deviations(picker, history)
    bound = Fraction(len(ahead[0]) - 1, 2)
    for name in ahead[0]:
        came = next(place for place, weights in enumerate(history) if name in weights)
        assert all(after[name] - ahead[came][name] <= bound for after in ahead[came:])


def no_flood_for_returners(picker: Picker, history: History) -> None:
    """Over any stretch of leads: never more than the share and n - 1."""
    ahead = deviations(picker, history)
    for name in ahead[0]:
        lowest = Fraction(0)
        for state in ahead:
            lowest = min(lowest, state[name])
            assert state[name] - lowest <= len(state) - 1


def order_settles_only_ties(picker: Picker, history: History) -> None:
    """However the reps are written, the lead goes to one who is owed as much."""
    for place, weights in enumerate(history):
        total = sum(weights.values())
        before = deviations(picker, history[:place])[-1]
        owed = {n: Fraction(w, total) - before.get(n, 0) for n, w in weights.items()}
        state = reach(picker, history[:place])
        for order in islice(permutations(weights), 6):
            picked, _ = state.pick({name: weights[name] for name in order})
            assert owed[picked] == max(owed.values())


def reach(picker: Picker, history: History) -> Picker:
    for weights in history:
        _, picker = picker.pick(weights)
    return picker


NAMES = "abcdef"


@st.composite
def coming_and_going(draw: st.DrawFn) -> History:
    """Up to six reps; weights change too: the bounds do not mind."""
    names = NAMES[: draw(st.integers(1, 6))]
    some = st.dictionaries(st.sampled_from(names), st.integers(1, 9), min_size=1)
    return draw(st.lists(some, min_size=1, max_size=60))


@st.composite
def all_there(draw: st.DrawFn, weights: st.SearchStrategy[int]) -> History:
    names = NAMES[: draw(st.integers(1, 6))]
    return [{name: draw(weights) for name in names}] * draw(st.integers(1, 80))


@given(all_there(st.just(1)))
def test_equal_reps_are_within_one_lead(history: History) -> None:
    fair_within_one_lead(Turns(), history)


@given(st.integers(1, 40), st.integers(0, 200), st.integers(1, 25))
def test_a_round_gives_everybody_one(reps: int, before: int, weight: int) -> None:
    """From any point on, as many leads as reps are one for each; in the order of writing."""
    weights = {f"rep {number}": weight for number in range(reps)}
    found = picks(Turns(), [weights] * (before + reps))[before:]
    assert sorted(found) == sorted(weights)
    assert picks(Turns(), [weights] * reps) == [*weights]


@given(coming_and_going())
def test_everybody_is_near_the_share(history: History) -> None:
    near_the_share(Turns(), history)


@given(all_there(st.integers(1, 30)))
def test_everybody_is_nearer_while_all_are_there(history: History) -> None:
    nearer_while_all_are_there(Turns(), history)


@given(coming_and_going())
def test_newcomers_get_no_flood(history: History) -> None:
    no_flood_for_newcomers(Turns(), history)


@given(coming_and_going())
def test_returners_get_no_flood(history: History) -> None:
    no_flood_for_returners(Turns(), history)


@given(coming_and_going().map(lambda history: history[:12]))
def test_the_order_of_writing_settles_only_ties(history: History) -> None:
    order_settles_only_ties(Turns(), history)


@given(coming_and_going())
def test_what_is_owed_is_the_share_less_what_was_given(history: History) -> None:
    """Credits are exact: no rounding, however long."""
    turns = reach(Turns(), history)
    assert isinstance(turns, Turns)
    for name, ahead in deviations(Turns(), history)[-1].items():
        assert turns.owed(name) == -ahead
    assert sum(turns.credits.values()) == 0


@given(coming_and_going())
def test_the_state_can_be_kept_and_read_between_any_two_leads(history: History) -> None:
    kept, straight = Pool(), []
    for weights in history:
        picked, kept = kept.pick("pool", weights)
        straight.append(picked)
        assert Pool.from_dict(json.loads(json.dumps(kept.to_dict()))) == kept
    assert straight == picks(Turns(), history)


@given(coming_and_going())
def test_the_same_leads_go_to_the_same_reps(history: History) -> None:
    assert picks(Turns(), history) == picks(Turns(), history)


@given(coming_and_going(), st.data())
def test_pools_do_not_know_each_other(history: History, data: st.DataObject) -> None:
    keys = [data.draw(st.sampled_from(["pool", "territory dach"])) for _ in history]
    pool, found = Pool(), []
    for key, weights in zip(keys, history, strict=True):
        picked, pool = pool.pick(key, weights)
        found.append((key, picked))
    for key in set(keys):
        alone = [weights for k, weights in zip(keys, history, strict=True) if k == key]
        assert [picked for k, picked in found if k == key] == picks(Turns(), alone)


@given(coming_and_going(), st.integers(2, 20))
def test_only_the_ratio_of_weights_counts(history: History, times: int) -> None:
    larger = [{name: weight * times for name, weight in one.items()} for one in history]
    assert picks(Turns(), larger) == picks(Turns(), history)


# -- liars -------------------------------------------------------------------------------------


@attrs.frozen
class ByHash:
    """Weighted chance, from a hash; caught by every law of counts."""

    place: int = 0

    def pick(self, weights: Weights) -> "tuple[str, ByHash]":
        chance = int.from_bytes(sha256(str(self.place).encode()).digest()[:8], "big")
        tickets = [name for name, weight in weights.items() for _ in range(weight)]
        return tickets[chance % len(tickets)], ByHash(self.place + 1)


@attrs.frozen
class PaidInAbsence:
    """Credit is shared out among all who were ever seen; a returner is flooded."""

    known: Mapping[str, int] = attrs.field(factory=dict)
    credits: Mapping[str, Fraction] = attrs.field(factory=dict)

    def pick(self, weights: Weights) -> "tuple[str, PaidInAbsence]":
        known = {**self.known, **weights}
        total = sum(known.values())
        credits = {n: self.credits.get(n, 0) + Fraction(w, total) for n, w in known.items()}
        picked = max(weights, key=credits.__getitem__)
        credits[picked] -= 1
        return picked, PaidInAbsence(known, credits)


@attrs.frozen
class FewestFirst:
    """Whoever had the fewest leads for the weight; a newcomer is flooded."""

    counts: Mapping[str, int] = attrs.field(factory=dict)

    def pick(self, weights: Weights) -> "tuple[str, FewestFirst]":
        picked = min(weights, key=lambda name: Fraction(self.counts.get(name, 0), weights[name]))
        return picked, FewestFirst({**self.counts, picked: self.counts.get(picked, 0) + 1})


@attrs.frozen
class OneAfterTheOther:
    """Everybody in the order of writing, weights forgotten."""

    place: int = 0

    def pick(self, weights: Weights) -> "tuple[str, OneAfterTheOther]":
        return [*weights][self.place % len(weights)], OneAfterTheOther(self.place + 1)


@attrs.frozen
class InARow:
    """By weight, but each one's leads in a row: too far ahead at first."""

    place: int = 0

    def pick(self, weights: Weights) -> "tuple[str, InARow]":
        tickets = [name for name, weight in weights.items() for _ in range(weight)]
        return tickets[self.place % len(tickets)], InARow(self.place + 1)


ALL, TWO = {"a": 1, "b": 1, "c": 1}, {"a": 1, "b": 1}
AWAY = [ALL, *[TWO] * 40, *[ALL] * 20]
NEW = [*[TWO] * 40, *[ALL] * 20]


@pytest.mark.parametrize(
    ("law", "liar", "history"),
    [
        (fair_within_one_lead, ByHash(), [TWO] * 40),
        (near_the_share, ByHash(), [TWO] * 40),
        (near_the_share, OneAfterTheOther(), [{"a": 8, "b": 1, "c": 1}] * 20),
        (near_the_share, PaidInAbsence(), AWAY),
        (near_the_share, FewestFirst(), NEW),
        (nearer_while_all_are_there, InARow(), [{"a": 8, "b": 8}] * 20),
        (nearer_while_all_are_there, OneAfterTheOther(), [{"a": 8, "b": 1}] * 20),
        (no_flood_for_newcomers, FewestFirst(), NEW),
        (no_flood_for_returners, PaidInAbsence(), AWAY),
        (no_flood_for_returners, FewestFirst(), AWAY),
        (order_settles_only_ties, OneAfterTheOther(), [TWO] * 2),
    ],
)
def test_each_law_catches_a_liar(
    law: Callable[[Picker, History], None], liar: Picker, history: History
) -> None:
    law(Turns(), history)
    with pytest.raises(AssertionError):
        law(liar, history)


def test_the_bound_is_reached() -> None:
    """Between two, half a lead is the best there is: one of them gets the first."""
    assert deviations(Turns(), [TWO])[-1] == {"a": Fraction(1, 2), "b": -Fraction(1, 2)}


def test_coming_and_going_may_cost_more_than_a_lead() -> None:
    """Not a law: within one lead, whoever comes and goes: nobody knows who leaves next."""
    history = [dict.fromkeys(two, 1) for two in ("ae", "bc", "ce", "ab", "cf", "bd", "df", "ef")]
    worst = max(max(map(abs, ahead.values())) for ahead in deviations(Turns(), history))
    assert worst > 1


# -- values ------------------------------------------------------------------------------------


def test_heavy_reps_do_not_get_their_leads_in_a_row() -> None:
    assert "".join(picks(Turns(), [{"a": 5, "b": 1, "c": 1}] * 7)) == "aabacaa"


def test_a_state_has_one_spelling() -> None:
    assert Turns({"a": 2, "b": -2, "c": 0}, 4) == Turns({"b": -1, "a": 1}, 2)
    assert Turns({"a": 2, "b": -2}, 2) == Turns({"a": 1, "b": -1}, 1)
    assert Turns({}, 12) == Turns()
    assert Pool({"pool": Turns()}) == Pool()
    assert reach(Turns(), [ALL] * 3) == Turns()


def test_credits_stay_small() -> None:
    """The unit divides what the weights allow, however many leads there were."""
    weights = [dict.fromkeys(NAMES[: 1 + place % 6], 1) for place in range(500)]
    turns = reach(Turns(), weights)
    assert isinstance(turns, Turns)
    assert lcm(*range(1, 7)) % turns.unit == 0


def test_it_is_a_value() -> None:
    _, pool = Pool().pick("pool", ALL)
    names = {"Pool": Pool, "Turns": Turns, "Table": dict}
    assert eval(repr(pool), names) == pool
    assert pickle.loads(pickle.dumps(pool)) == pool
    assert hash(eval(repr(pool), names)) == hash(pool)
    assert pool.to_dict() == {"pool": {"a": "-2/3", "b": "1/3", "c": "1/3"}}
    assert (pool.owed("a"), pool.owed("nobody"), pool.owed("a", "territory dach")) == (
        Fraction(-2, 3),
        0,
        0,
    )


def test_weights_in_lowest_terms() -> None:
    assert lowest_terms({"a": 100, "b": 75}) == {"a": 4, "b": 3}


def test_the_greatest_weights() -> None:
    assert Turns().pick({"a": 2 * MOST_WEIGHT - 2, "b": 2})[0] == "a"
    with refused(
        DefinitionError,
        "the weights of a pool add up to at most 1,000 in lowest terms, not 1,001; round them",
    ):
        Turns().pick({"a": MOST_WEIGHT, "b": 1})


TOO_FINE = "9" * 500
LEAD = "a lead is worth a number of credits that weights of at most 1,000 in all can lead to, not "
SHARE = 'what is owed is a fraction such as "-1/3", not '


@pytest.mark.parametrize(
    ("build", "kind", "error"),
    [
        (lambda: Turns().pick({}), DefinitionError, "a turn needs somebody who can take it"),
        (
            lambda: Turns().pick({"a": 0}),
            DefinitionError,
            'the weight of "a" is a whole number of 1 or more, not 0',
        ),
        (lambda: Turns().pick({"a": True}), DefinitionError, "1 or more, not yes"),
        (lambda: Turns().pick({"a": 1.5}), DefinitionError, "1 or more, not 1.5"),
        (lambda: Turns([1]), KindError, "credits are whole numbers by rep, not [1]"),
        (lambda: Turns({"a": 0.5}), KindError, "credits are whole numbers by rep, not 0.5"),
        (lambda: Turns({"a": True}), KindError, "credits are whole numbers by rep, not yes"),
        (lambda: Turns({1: 1}), KindError, "credits are whole numbers by rep"),
        (lambda: Turns({"a": 1}), DefinitionError, "what reps are owed must add up to zero"),
        (lambda: Turns({}, 1.0), KindError, "a lead is a whole number of credits, not 1.0"),
        (lambda: Turns({}, True), KindError, "a lead is a whole number of credits, not yes"),
        (lambda: Turns({}, 0), DefinitionError, LEAD + "0"),
        (lambda: Turns({}, -1), DefinitionError, LEAD + "-1"),
        (lambda: Turns({}, 1009), DefinitionError, LEAD + "1009"),
        (lambda: Pool([1]), KindError, "turns are a table by pool, not [1]"),
        (lambda: Pool({"pool": 1}), KindError, "a pool has a name and Turns, not 1"),
        (lambda: Pool({1: Turns()}), KindError, "a pool has a name and Turns"),
        (lambda: Pool.from_dict([]), KindError, "a pool's state is a table by pool, not []"),
        (lambda: Pool.from_dict({"pool": 1}), KindError, "what is owed is a table by rep, not 1"),
        (lambda: Pool.from_dict({"pool": {"a": 1}}), DefinitionError, SHARE + "1"),
        (lambda: Pool.from_dict({"pool": {"a": "1/x"}}), DefinitionError, SHARE + '"1/x"'),
        (lambda: Pool.from_dict({"pool": {"a": "٣"}}), DefinitionError, SHARE + '"٣"'),
        (lambda: Pool.from_dict({"pool": {"a": "1/0"}}), DefinitionError, "not 0"),
        (lambda: Pool.from_dict({"pool": {"a": "1/1009"}}), DefinitionError, "not 1009"),
        (lambda: Pool.from_dict({"pool": {"a": f"1/{TOO_FINE}"}}), DefinitionError, "very large"),
        (lambda: Pool.from_dict({"pool": {"a": "9" * 501}}), DefinitionError, SHARE),
        (lambda: Pool.from_dict({"pool": {"a": "1/2"}}), DefinitionError, "add up to zero"),
        (lambda: Pool.from_dict({1: {"a": "1", "b": "-1"}}), KindError, "a pool has a name"),
    ],
)
def test_faulty_states_are_refused(
    build: Callable[[], Any], kind: type[Exception], error: str
) -> None:
    with pytest.raises(kind) as caught:
        build()
    assert error in str(caught.value)
