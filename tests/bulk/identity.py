"""
Whether an engine's rows say what the reference says of the same leads.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from bulk.tabular import Store, World

from mqlkit import Decision, Lead, Qualification
from mqlkit.bulk.sql import slug
from mqlkit.bulk.statement import statement
from mqlkit.value import micros_of

Way: TypeAlias = Literal["one instant", "several instants", "each its own"]
WAYS: Final[tuple[Way, ...]] = ("one instant", "several instants", "each its own")
Decide: TypeAlias = Callable[[Qualification, Lead, datetime], Decision]
Row: TypeAlias = dict[str, Any]

FADED: Final = ": faded with age"


def expected(decision: Decision) -> Row:
    """What an answer should say, under the names of its columns but for those of its scores."""
    q = decision.qualification
    return {
        "lead_id": decision.lead.id,
        "as_of": micros_of(decision.as_of),
        "decision": str(decision.status),
        "reasons": "; ".join(decision.reasons),
        "grades": list(decision.grades.values()),
        "labels": "; ".join(decision.labels),
        "missing": "; ".join(sorted({fact.field for fact in decision.missing})),
        "scores": [list(found.millis) for found in decision.scores.values()],
        "name": q.name,
        "version": q.version,
        "fingerprint": q.fingerprint,
    }


def rule_points(decision: Decision) -> dict[str, list[int]]:
    """What each rule gives, with what is left of it, by the name of its column."""
    found: dict[str, list[int]] = {}
    for score in decision.scores.values():
        mine: dict[str, list[int]] = {}
        for line in score.lines:
            if line.kind in ("rule", "decay"):
                ends = mine.setdefault(line.name.removesuffix(FADED), [0, 0, 0])
                for place, end in enumerate(line.millis):
                    ends[place] += end
        found.update(mine)
    return {slug(name, "rule"): ends for name, ends in found.items()}


def given(row: Row, *, rules: bool = False) -> Row:
    """What a row says, in the shape of `expected`."""
    points = {name: value for name, value in row.items() if name.startswith(("score", "rule_"))}
    triples = [name for name in points if not name.endswith(("_low", "_high"))]

    def ends(name: str) -> list[int]:
        return [points[f"{name}_low"], points[name], points[f"{name}_high"]]

    shown = {name: value for name, value in row.items() if name not in points}
    grades = [shown.pop(name) for name in list(shown) if name.startswith("grade_")]
    told = {**shown, "grades": grades}
    told["scores"] = [ends(name) for name in triples if name.startswith("score")]
    if rules:
        told["rules"] = {name: ends(name) for name in triples if name.startswith("rule_")}
    return told


def instants_of(world: World, way: Way) -> Any:
    """What a statement is given as its instants."""
    instants = [row.as_of for row in world.leads]
    return {
        "one instant": instants[0],
        "several instants": instants[:2],
        "each its own": None,
    }[way]


def cases(world: World, way: Way, as_of: Any) -> list[tuple[Any, datetime]]:
    """Each row of the leads with the instants at which it is decided."""
    if way == "each its own":
        return [(row, row.as_of) for row in world.leads]
    instants = [as_of] if isinstance(as_of, datetime) else sorted(set(as_of))
    return [(row, instant) for row in world.leads for instant in instants]


def differences(
    store: Store,
    model: Qualification,
    world: World,
    way: Way = "one instant",
    *,
    as_of: Any = None,
    decide: Decide = Decision.of,
    rules: bool = True,
    printed: Callable[..., Any] = statement,
) -> list[str]:
    """
    What an engine says otherwise than the reference; empty when they agree.

    Args:
        store: The engine.
        model: What is decided.
        world: About whom.
        way: How the instants are given.
        as_of: They themselves; by default those of the first rows.
        decide: Makes the right decisions.
        rules: Whether to compare what each rule gives, too.
        printed: Makes the statement.
    """
    as_of = instants_of(world, way) if as_of is None else as_of
    rows = answers(store, model, world, as_of, rules=rules, printed=printed)
    return list(differing(rows, wanted(model, world, way, as_of, decide=decide, rules=rules)))


def answers(
    store: Store,
    model: Qualification,
    world: World,
    as_of: Any,
    *,
    rules: bool = True,
    printed: Callable[..., Any] = statement,
) -> list[Row]:
    """What an engine says of a world."""
    tables = store.write(world)
    made = printed(model, tables, store.dialect, as_of, rules=rules)
    return [given(row, rules=rules) for row in store.rows(made)]


def wanted(
    model: Qualification,
    world: World,
    way: Way,
    as_of: Any,
    *,
    decide: Decide = Decision.of,
    rules: bool = True,
) -> Iterator[Row]:
    """What is right."""
    for row, instant in cases(world, way, as_of):
        decision = decide(model, world.lead(row), instant)
        right = expected(decision)
        if rules:
            right["rules"] = rule_points(decision)
        yield right


def differing(answered: Sequence[Row], right_rows: Iterable[Row]) -> Iterator[str]:
    """In words what two lists of rows differ in, whatever their order."""
    left: dict[tuple[str, int], list[Row]] = {}
    for row in answered:
        left.setdefault((row["lead_id"], row["as_of"]), []).append(row)
    for right in right_rows:
        key = right["lead_id"], right["as_of"]
        found = left.get(key)
        if not found:
            yield f"{key}: no row"
            continue
        row = next((one for one in found if _shared(one, right) == right), found[0])
        found.remove(row)
        for name, value in right.items():
            if row.get(name) != value:
                yield f"{key} {name}: {row.get(name)!r}, and by the reference {value!r}"
    for key, rows in left.items():
        for _ in rows:
            yield f"{key}: a row too many"


def _shared(row: Row, right: Row) -> Row:
    return {name: row.get(name) for name in right}
