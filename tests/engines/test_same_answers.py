"""
`decide` answers as the reference does, for every model and lead that a seed makes.

``differences_of(17, 4)`` does one case of one seed again, by itself.
"""

import copy
import sys
from collections.abc import Iterator
from random import Random
from threading import Barrier, Thread
from typing import Any

import pytest
from engines.comparing import EVERYTHING, QUICK, answers, differences, differing, fresh, kept
from engines.modelling import PER_SEED, Case, Cases

from mqlkit import Decision, Qualification

BLOCK = 50
EVERYDAY = range(1_000)
LONG = range(EVERYDAY.stop, EVERYDAY.stop + 1_000_000 // PER_SEED + BLOCK)
assert len(EVERYDAY) * PER_SEED == 30_000
assert len(LONG) * PER_SEED >= 1_000_000


def prepared(case: Case, place: int) -> Case:
    """The case with a lead of which nothing is kept, all is, or what is left of the one before."""
    ways = (fresh, kept, lambda lead: lead)
    return Case(ways[place % 3](case.lead), case.as_of)


def compared(cases: Cases, case: Case, place: int) -> list[str]:
    """What differs in one case; of one case of each seed everything is asked."""
    ask = EVERYTHING if place == cases.seed % PER_SEED else QUICK
    order = Random(f"order {cases.seed} {place}")
    return differences(cases.model, *prepared(case, place), ask=ask, order=order)


def differences_of(seed: int, place: int) -> list[str]:
    """What differs in one case of one seed, whatever was decided before."""
    cases = Cases(seed)
    return compared(cases, cases.case(place), place)


def found(seeds: range, most: int = 5) -> Iterator[str]:
    """What differs in the cases of some seeds, and how to see it again."""
    for seed in seeds:
        cases = Cases(seed)
        for place, case in enumerate(cases):
            several = compared(cases, case, place)
            for one in several:
                yield f"differences_of({seed}, {place}): {one}"
            most -= bool(several)
            if not most:
                return


@pytest.mark.parametrize("first", EVERYDAY[::BLOCK])
def test_decide_answers_as_the_reference_does(first: int) -> None:
    """Law 133, for 30,000 cases."""
    assert list(found(range(first, first + BLOCK))) == []


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("first", LONG[:: 20 * BLOCK])
def test_decide_answers_as_the_reference_does_a_million_times(first: int) -> None:
    """Law 133, for a million cases."""
    assert list(found(range(first, min(first + 20 * BLOCK, LONG.stop)))) == []


def test_a_case_is_the_same_by_itself() -> None:
    """What is reported can be seen again: a case does not depend on those before it."""
    for seed in EVERYDAY[:20]:
        cases = Cases(seed)
        for place, case in enumerate(cases):
            alone = Cases(seed)
            asked = [
                answers(lambda: Decision.of(model, *one), QUICK)  # noqa: B023
                for model, one in ((cases.model, case), (alone.model, alone.case(place)))
            ]
            assert differing(*asked) == []


# -- one model object, many decisions ------------------------------------------------------------


def by_reference(cases: Cases) -> list[dict[str, Any]]:
    """What is right for each case of a seed, by objects that nothing else uses."""
    model = copy.deepcopy(cases.model)
    return [answers(lambda case=case: Decision.of(model, *case)) for case in cases]


def wrong(right: dict[str, Any], decision: Decision) -> list[str]:
    """What a decision says otherwise."""
    return differing(right, answers(lambda: decision))


@pytest.mark.parametrize("seed", EVERYDAY[:16])
def test_forth_and_back_in_time(seed: int) -> None:
    """No instant leaves anything behind for another one, be it later or earlier."""
    cases = Cases(seed)
    right, taken = by_reference(cases), list(cases)
    places = sorted(range(PER_SEED), key=lambda place: (taken[place].lead.id, taken[place].as_of))
    for way in (places, places[::-1]):
        for place in way:
            lead, as_of = taken[place]
            assert wrong(right[place], cases.model.decide(lead, as_of=as_of)) == []


@pytest.mark.parametrize("seed", EVERYDAY[60:76])
def test_a_decision_that_is_read_late(seed: int) -> None:
    """What is decided in between does not show in a decision that is read only later."""
    cases = Cases(seed)
    right = by_reference(cases)
    made = [(place, cases.model.decide(lead, as_of=at)) for place, (lead, at) in enumerate(cases)]
    Random(seed).shuffle(made)
    for place, decision in made:
        assert wrong(right[place], decision) == []


def test_several_models_over_one_kept_timeline() -> None:
    """What one model keeps beside a timeline is no other model's."""
    several = [Cases(seed) for seed in EVERYDAY[120:140]]
    for cases in several[:5]:
        for place, case in enumerate(cases):
            lead = kept(case.lead)
            for other in several[place % 3 :: 3]:
                assert differences(other.model, lead, case.as_of, ask=QUICK) == []


def test_an_equal_model_answers_alike() -> None:
    """Two objects that mean the same, used in turn."""
    for seed in EVERYDAY[150:170]:
        cases = Cases(seed)
        twin = Cases(seed).model
        for lead, as_of in cases:
            pair = [
                answers(lambda: model.decide(lead, as_of=as_of), QUICK)  # noqa: B023
                for model in (cases.model, twin)
            ]
            assert differing(*pair) == []


# -- threads -------------------------------------------------------------------------------------

THREADS = 4


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads take turns a thousand times as often as usual."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(usual / 1000)
    yield
    sys.setswitchinterval(usual)


def at_once(work: Any) -> None:
    """Do the same in some threads, which start together."""
    start, failed = Barrier(THREADS), []

    def run(number: int) -> None:
        try:
            start.wait()
            work(number)
        except BaseException as error:
            failed.append(error)

    threads = [Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("seed", EVERYDAY[200:216])
def test_one_model_in_many_threads(seed: int) -> None:
    """Law 120, with leads that the threads share, and a model that none has used before."""
    cases = Cases(seed)
    right, taken = by_reference(cases), list(cases)
    model: Qualification = copy.deepcopy(cases.model)

    def decide_all(number: int) -> None:
        places = list(range(PER_SEED))
        Random(f"{seed} {number}").shuffle(places)
        for place in places:
            lead, as_of = taken[place]
            given = answers(lambda: model.decide(lead, as_of=as_of), QUICK)  # noqa: B023
            assert differing({name: right[place][name] for name in given}, given) == []

    at_once(decide_all)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("seed", EVERYDAY[240:246])
def test_one_decision_in_many_threads(seed: int) -> None:
    """A decision that is read by several threads at once says the same to each of them."""
    cases = Cases(seed)
    right = by_reference(cases)
    for place, (lead, as_of) in list(enumerate(cases))[::5]:
        decision = cases.model.decide(lead, as_of=as_of)

        def read(number: int, place: int = place, decision: Decision = decision) -> None:
            given = answers(lambda: decision, order=Random(number))
            assert differing(right[place], given) == []

        at_once(read)
