"""One model of every part, over leads with repeated, late and blank activities."""

from collections.abc import Sequence
from random import Random
from typing import Any

import attrs
import pytest
from bulk.big import big_model, big_world
from bulk.identity import WAYS, Way, answers, differing, instants_of, wanted
from bulk.stores import SQLiteStore
from bulk.tabular import DuckDBStore
from engines.own_parts import everything_in

from mqlkit import Decision, Qualification

STORES: dict[str, Any] = {"duckdb": DuckDBStore, "sqlite": SQLiteStore}
PARTS = {
    "AllOf", "AnyOf", "Assumed", "AtLeast", "AtMost", "Attribute", "Between", "ByBand",
    "ByValue", "Cases", "ContainsAny", "Count", "DaysInStage", "DaysSince", "DaysSinceFirst",
    "DaysSinceLast", "Distinct", "DomainIs", "Each", "EndsWith", "Equals", "Exactly", "Grade",
    "Greatest", "HasAll", "HasAny", "If", "IsIn", "IsOdd", "Known", "Latest", "Least",
    "LessThan", "Matches", "Matrix", "Missing", "MoreThan", "Not", "OneOf", "Rule", "Score",
    "Sequence", "Stage", "StartsWith", "Sum", "AtLeastOf",
}  # fmt: skip
"""What a model is made of; all of it stands in the big one."""


def checked(leads: int, each: int, sample: int, ways: Sequence[Way]) -> list[str]:
    """
    What differs in one model's answers for DuckDB and SQLite.

    Args:
        leads: How many there are.
        each: How many activities of each on the average.
        sample: For how many the reference itself decides, and each rule is compared; the others
            are decided by the compiled engine, which answers alike.
        ways: How the instants are given.
    """
    world, model = big_world(leads, each), big_model()
    few = attrs.evolve(world, leads=Random(leads).sample(world.leads, sample))
    found = []
    for way in ways:
        as_of = instants_of(world, way)
        right = list(wanted(model, world, way, as_of, decide=_decided, rules=False))
        exact = list(wanted(model, few, way, as_of))
        for engine, store in STORES.items():
            rows = answers(store(), model, world, as_of)
            asked = {(row["lead_id"], row["as_of"]) for row in exact}
            some = [row for row in rows if (row["lead_id"], row["as_of"]) in asked]
            for one in (*differing(rows, right), *differing(some, exact)):
                found.append(f"{engine}, {way}: {one}")
    return found


def _decided(model: Qualification, lead: Any, instant: Any) -> Decision:
    return model.decide(lead, as_of=instant)


def test_the_model_has_every_part() -> None:
    assert PARTS - {type(part).__name__ for part in everything_in(big_model())} == set()


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_all_leads() -> None:
    """Law 133 for tables: 20,000 leads with 600,000 activities, by DuckDB and SQLite."""
    assert checked(20_000, 30, sample=500, ways=(WAYS[0], WAYS[2])) == []
