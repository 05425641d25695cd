"""
Bulk engines answer as the reference does, for every model and world of tables that a seed makes.

``differences_of("duckdb", 17)`` does one seed again, by itself.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from bulk.identity import WAYS, differences
from bulk.stores import SQLiteStore
from bulk.table_models import model_of
from bulk.tabular import DuckDBStore, World, world

BLOCK = 25
EVERYDAY = {"duckdb": range(50), "sqlite": range(100, 150)}
LONG = {"duckdb": range(200, 2_200), "sqlite": range(4_200, 5_200)}
STORES: dict[str, Any] = {"duckdb": DuckDBStore, "sqlite": SQLiteStore}
PER_WORLD = 5


def world_of(seed: int) -> World:
    """The world that the model of a seed decides; some models share one."""
    return world(seed // PER_WORLD)


def found(store: Any, seeds: range) -> Iterator[str]:
    """What differs for some seeds, and how to see it again."""
    for seed in seeds:
        way = WAYS[seed % len(WAYS)]
        for one in differences(store, model_of(seed), world_of(seed), way):
            yield f"seed {seed}, {way}: {one}"


def differences_of(engine: str, seed: int) -> list[str]:
    """What differs for one seed."""
    return list(found(STORES[engine](), range(seed, seed + 1)))


def blocks(seeds: dict[str, range], size: int) -> list[Any]:
    """Parts of the seeds of each engine."""
    return [
        pytest.param(engine, several[start : start + size], id=f"{engine} {several[start]}")
        for engine, several in seeds.items()
        for start in range(0, len(several), size)
    ]


@pytest.fixture(scope="module")
def stores() -> dict[str, Any]:
    return {engine: store() for engine, store in STORES.items()}


@pytest.mark.parametrize(("engine", "seeds"), blocks(EVERYDAY, BLOCK))
def test_an_engine_answers_as_the_reference_does(
    stores: dict[str, Any], engine: str, seeds: range
) -> None:
    """Law 133 for tables: hundreds of models, in each way to give the instants."""
    assert list(found(stores[engine], seeds)) == []


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize(("engine", "seeds"), blocks(LONG, 20 * BLOCK))
def test_an_engine_answers_as_the_reference_does_for_thousands_of_models(
    stores: dict[str, Any], engine: str, seeds: range
) -> None:
    """Law 133 for tables: thousands of models."""
    assert list(found(stores[engine], seeds)) == []


@pytest.mark.parametrize("seed", range(6_200, 6_206))
def test_a_seed_is_the_same_by_itself(seed: int) -> None:
    """What is reported can be seen again."""
    assert model_of(seed) == model_of(seed)
    assert world_of(seed).leads == world_of(seed).leads
