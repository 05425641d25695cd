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

import attrs
import pytest
from engines.comparing import EVERYTHING, QUICK, answers, differences, differing, fresh, kept, told
from engines.modelling import PER_SEED, Case, Cases
from engines.own_parts import OutOfReach, SaysTrue, Trap, everything_in

from mqlkit import Decision, Qualification, Timeline
from mqlkit.compiled import engine_of

BLOCK = 50
EVERYDAY = range(700)
LONG = range(EVERYDAY.stop, EVERYDAY.stop + 1_000_000 // PER_SEED + BLOCK)
assert len(EVERYDAY) * PER_SEED == 21_000
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
    """Law 133, for 21,000 cases."""
    assert list(found(range(first, first + BLOCK))) == []


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("first", LONG[:: 20 * BLOCK])
def test_decide_answers_as_the_reference_does_a_million_times(first: int) -> None:
    """Law 133, for a million cases."""
    assert list(found(range(first, min(first + 20 * BLOCK, LONG.stop)))) == []


RAISING = (Trap, SaysTrue, OutOfReach)
"""Parts that raise, in which case the reference answers instead of the engine."""

NO_ZONE = (ValueError, "no offset")
"""What an instant raises that cannot say when it is: not even its hash can be had."""


@pytest.mark.parametrize("first", EVERYDAY[:300][:: 2 * BLOCK])
def test_the_engine_answers_by_itself(first: int) -> None:
    """
    Nothing but a part of somebody's own makes it fail.

    `decide` asks the reference where the engine fails, so its other answers would not show that.
    """
    for seed in range(first, first + 2 * BLOCK):
        cases = Cases(seed)
        if any(isinstance(part, RAISING) for part in everything_in(cases.model)):
            continue
        engine = engine_of(cases.model)
        for place, case in enumerate(cases):
            decision = cases.model.decide(prepared(case, place).lead, as_of=case.as_of)
            given = told(lambda: bool(engine.answers(decision)))  # noqa: B023
            assert given == ("answer", True) or given[1:3] == NO_ZONE, (seed, place)


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


GROWN = {name: EVERYTHING[name] for name in (*QUICK, "notes")}
"""Whether ids are unique, and whether they came twice, is told in the notes."""

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


@pytest.mark.parametrize("seed", EVERYDAY[170:200])
def test_a_timeline_that_grows(seed: int) -> None:
    """What is kept beside a timeline goes along with what is told later, or twice, or late."""
    cases, chance = Cases(seed), Random(f"grows {seed}")
    for lead, as_of in list(cases)[::5]:
        told_of = list(lead.activities or ()) + list(lead.activities or ())[:2]
        chance.shuffle(told_of)
        timeline = Timeline()
        for end in range(0, len(told_of) + 1, 3):
            plain = attrs.evolve(lead, activities=told_of[:end], unique_ids=False)
            growing = attrs.evolve(plain, activities=timeline)
            right = answers(lambda: Decision.of(cases.model, plain, as_of), GROWN)  # noqa: B023
            given = answers(lambda: cases.model.decide(growing, as_of=as_of), GROWN)  # noqa: B023
            assert differing(right, given) == []
            timeline = timeline.plus(*told_of[end : end + 3])


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
