"""
The benchmark's model gives the scores of the function that is written by hand for it.

Law 137: a model of a definition that knows nothing of the library agrees with it.
"""

import importlib.util
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest

from mqlkit import Lead, Timeline

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "by_hand.py"


@pytest.fixture(scope="module")
def work() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("by_hand", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["by_hand"] = importlib.util.module_from_spec(spec)  # for its dataclasses
    spec.loader.exec_module(module)
    yield module
    del sys.modules["by_hand"]


@pytest.mark.parametrize("days", [-90, 0, 0.4, 9])
def test_a_decision_says_what_the_function_says(work: ModuleType, days: float) -> None:
    own = work.own(150)
    now = own.as_of + timedelta(days=days)
    statuses = set()
    for someone in own.people:
        plain = own.lead(someone)
        kept = Lead(plain.id, plain.attributes, Timeline(plain.activities or ()))
        wanted = own.by_hand(someone, now)
        statuses.add(wanted[1])
        for lead in (plain, kept, kept):
            assert own.told(own.definition.decide(lead, as_of=now)) == wanted
    assert statuses == {"qualified", "not qualified", "disqualified"}


def test_people_are_the_same_ones_each_time(work: ModuleType) -> None:
    assert work.people(20) == work.people(20)
    assert {len(someone.events) for someone in work.own(20).of_length(31, 5)} == {31}
