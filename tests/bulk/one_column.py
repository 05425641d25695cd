"""
Whether one column of an engine's rows says what the reference says of the same leads.
"""

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

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


def differences(
    store: Store,
    model: Qualification,
    world: World,
    way: Way,
    column: str,
    wanted: Callable[[Decision], Any],
    printed: Callable[..., Any] = statement,
) -> list[str]:
    """
    What a column says otherwise than the reference; empty when they agree.

    Args:
        store: The engine.
        model: What is decided.
        world: About whom.
        way: How the instants are given.
        column: Its name.
        wanted: What it should say of a decision.
        printed: Makes the statement.
    """
    tables = store.write(world)
    as_of = instants_of(world, way)
    made = printed(model, tables, store.dialect, as_of, changes_at=column == "changes_at")
    given = Counter((row["lead_id"], row["as_of"], row[column]) for row in store.rows(made))
    right = Counter(
        (row.id, micros_of(at), wanted(Decision.of(model, world.lead(row), at)))
        for row, at in cases(world, way, as_of)
    )
    return [
        *(f"says {row}" for row in (given - right).elements()),
        *(f"should say {row}" for row in (right - given).elements()),
    ]


class OfKinds(TableModelMaker):
    """Makes models that ask about activities by their kinds: only so are properties named."""

    def selection(self) -> Activities:
        chosen = super().selection()
        return chosen if chosen.kinds else attrs.evolve(chosen, kinds=("page_view",))


def model_of_kinds(seed: int) -> Qualification:
    """The model of a seed, of which a table can name every field that is missing."""
    return OfKinds(Random(f"kinds {seed}")).model()
