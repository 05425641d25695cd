"""
Whether the columns beside the answer say what the reference says: what is missing, and when to
look again.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final

import attrs
from bulk.identity import Way, cases, instants_of
from bulk.table_models import TableModelMaker
from bulk.tabular import Store, World

from mqlkit import Activities, Decision, Qualification
from mqlkit.bulk.statement import statement
from mqlkit.value import micros_of


def changes_at(decision: Decision) -> int | None:
    """The next instant to look again at, in microseconds since 1970."""
    return None if decision.changes_at is None else micros_of(decision.changes_at)


def missing(decision: Decision) -> str:
    """The fields that are not known, as the column tells them."""
    return "; ".join(sorted({fact.field for fact in decision.missing}))


COLUMNS: Final[Mapping[str, Callable[[Decision], Any]]] = {
    "missing": missing,
    "changes_at": changes_at,
}


def differences(
    store: Store,
    model: Qualification,
    world: World,
    way: Way = "one instant",
    columns: Mapping[str, Callable[[Decision], Any]] = COLUMNS,
    printed: Callable[..., Any] = statement,
) -> list[str]:
    """
    What columns say otherwise than the reference; empty when they agree.

    Args:
        store: The engine.
        model: What is decided.
        world: About whom.
        way: How the instants are given.
        columns: What each should say of a decision.
        printed: Makes the statement.
    """
    tables = store.write(world)
    as_of = instants_of(world, way)
    asked = {"missing": "missing" in columns, "changes_at": "changes_at" in columns}
    made = printed(model, tables, store.dialect, as_of, **asked)
    given = Counter(
        (row["lead_id"], row["as_of"], *(row[column] for column in columns))
        for row in store.rows(made)
    )
    right: Counter[tuple[Any, ...]] = Counter()
    for row, at in cases(world, way, as_of):
        decision = Decision.of(model, world.lead(row), at)
        right[(row.id, micros_of(at), *(tell(decision) for tell in columns.values()))] += 1
    return [
        *(f"says {row}" for row in (given - right).elements()),
        *(f"should say {row}" for row in (right - given).elements()),
    ]


class OfKinds(TableModelMaker):
    """Makes models that ask about activities by their kinds: only so are properties named."""

    def selection(self) -> Activities:
        chosen = super().selection()
        return chosen if chosen.kinds else attrs.evolve(chosen, kinds=("page_view",))


def model_of_kinds(seed: int, without: tuple[str, ...] = ()) -> Qualification:
    """The model of a seed, of which a table can name every field that is missing."""
    return OfKinds(Random(f"kinds {seed}"), without).model()
