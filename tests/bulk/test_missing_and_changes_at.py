"""
What is missing and when to look again: the same in the tables as by the reference.

``list(found(range(17, 18)))`` does one seed again.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import pytest
from bulk import identity
from bulk.beside import changes_at, differences, model_of_kinds
from bulk.identity import WAYS
from bulk.stores import opened
from bulk.table_models import model_of
from bulk.tabular import DuckDBStore, Store, World, world

from mqlkit.bulk import looking_ahead
from mqlkit.bulk import missing as missing_fields
from mqlkit.bulk.looking_ahead import LookingAhead
from mqlkit.bulk.missing import MissingFields
from mqlkit.bulk.statement import statement

BLOCK = 10
EVERYDAY = range(60)
LONG = range(EVERYDAY.stop, 4_000)


def of_seed(seed: int) -> World:
    """The world of a seed: here and there without activities, or with ids that none repeats."""
    made = world(seed)
    if seed % 7 == 0:
        return attrs.evolve(made, activities=None)
    return attrs.evolve(made, unique_ids=True) if seed % 11 == 0 else made


def found(seeds: range, store: Store | None = None) -> Iterator[str]:
    """What differs for some seeds."""
    store = DuckDBStore() if store is None else store
    for seed in seeds:
        for one in differences(store, model_of_kinds(seed), of_seed(seed), WAYS[seed % 3]):
            yield f"{seed}: {one}"


@pytest.mark.parametrize("first", EVERYDAY[::BLOCK])
def test_what_is_missing_and_when_to_look_again_is_as_by_the_reference(first: int) -> None:
    """Laws 48, 82 and 133."""
    assert list(found(range(first, first + BLOCK))) == []


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("first", LONG[:: 10 * BLOCK])
def test_it_is_thousands_of_times(first: int) -> None:
    """Laws 48, 82 and 133."""
    assert list(found(range(first, first + 10 * BLOCK))) == []


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("first", range(0, 1_000, 100))
def test_when_to_look_again_at_activities_of_any_kind(first: int) -> None:
    """Laws 82 and 133, for models that ask about activities of any kind, too."""
    store, columns = DuckDBStore(), {"changes_at": changes_at}
    for seed in range(first, first + 100):
        wrong = differences(store, model_of(seed), of_seed(seed), WAYS[seed % 3], columns)
        assert (seed, wrong) == (seed, [])


OTHERS = {
    "sqlite": ("lists", "patterns"),
    "postgres": ("patterns",),
    "clickhouse": ("lists",),
    "datafusion": ("patterns", "lists"),
}
"""Other engines, and what they are not asked."""


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("engine", OTHERS)
def test_other_engines_say_so_too(engine: str) -> None:
    """Laws 48, 82 and 133."""
    with opened(engine) as store:
        for seed in range(100):
            model, about = model_of(seed, OTHERS[engine]), world(seed)
            wrong = differences(store, model, about, WAYS[seed % 3])
            assert (seed, wrong) == (seed, [])


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_spark_says_so_too(tmp_path: Path) -> None:
    """Laws 48, 82 and 133, in one pass over activities."""
    pytest.importorskip("pyspark")
    from bulk.spark_store import SparkStore, start

    session = start(str(tmp_path))
    store = SparkStore(session)
    for seed in range(12, 24):
        wrong = differences(store, model_of(seed, ("patterns",)), world(seed), WAYS[seed % 3])
        assert (seed, wrong) == (seed, [])
    session.stop()


@pytest.mark.parametrize("seed", range(6))
def test_who_looks_ahead_decides_alike(seed: int) -> None:
    """What is still to come is read, and counts for nothing."""
    ahead = partial(statement, changes_at=True)
    store, way = DuckDBStore(), WAYS[seed % 3]
    assert identity.differences(store, model_of(seed), world(seed), way, printed=ahead) == []


# -- liars -----------------------------------------------------------------------------------------

Lie = Callable[[pytest.MonkeyPatch], None]


def _nothing(*_: object) -> Iterator[Any]:
    yield from ()


def _never(method: str) -> Lie:
    return lambda patch: patch.setattr(LookingAhead, method, _nothing)


def _late(patch: pytest.MonkeyPatch) -> None:
    honest = LookingAhead._until

    def late(self: LookingAhead, age: Any, span: int) -> Any:
        return honest(self, age, span + 1)

    patch.setattr(LookingAhead, "_until", late)


def _without_a_step(patch: pytest.MonkeyPatch) -> None:
    honest = looking_ahead._steps
    patch.setattr(looking_ahead, "_steps", lambda each: honest(each)[1:])


def _every_blank(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(MissingFields, "_null", lambda *_: "TRUE")


def _no_rules(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(MissingFields, "_of_rule", _nothing)


def _nothing_read(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(MissingFields, "_notes", _nothing)


def _only_after_fading(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(MissingFields, "_opens", lambda self, rule, gift, opened: opened)


def _first_kind(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(missing_fields, "_told_by_blanks", lambda _: False)
    patch.setattr(MissingFields, "_blank", lambda *_: "FALSE")


LIARS: dict[str, Lie] = {
    "no window closes": _never("_closing"),
    "no age is reached": _never("_passing"),
    "no points fade": _never("_fading"),
    "no moment grows older": _never("_age"),
    "nothing is to come": _never("_of_activities"),
    "a microsecond late": _late,
    "a step is left out": _without_a_step,
    "what is known waits, too": _every_blank,
    "no points hang on a blank": _no_rules,
    "no filter meets a blank": _nothing_read,
    "what faded was never open": _only_after_fading,
    "no attribute is blank": _first_kind,
}


@pytest.mark.parametrize("liar", LIARS)
def test_a_liar_is_caught(monkeypatch: pytest.MonkeyPatch, liar: str) -> None:
    """What looks away somewhere differs for one of a few models."""
    LIARS[liar](monkeypatch)
    assert next(found(range(1, EVERYDAY.stop)), None) is not None
