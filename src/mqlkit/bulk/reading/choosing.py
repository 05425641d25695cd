"""
Which kind a field is read as where its rows hold several, or nothing: the one that is asked for.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import attrs

from ...criteria.knowledge import Known, Missing
from ...definition import Definition
from ...value import EPOCH, an
from ..refusals import BulkError
from ..statement import statement
from ..tables import ActivityTable, Cell, Held, LeadTable, Tables
from .faults import DataFault
from .native import nothing
from .part import ORDER, Part, Stored
from .spelling import DIALECT

_CALLED: Final[Mapping[Held, str]] = {
    "whole": "numbers",
    "number": "numbers",
    "text": "text",
    "flag": "flags",
    "moment": "instants",
    "items": "lists",
}


def narrowed(stored: Stored) -> dict[Held, str]:
    """The kinds of a field, whole and other numbers as one."""
    cells = dict(stored.cells)
    if "whole" in cells and "number" in cells:
        whole = cells.pop("whole")
        cells["number"] = f"COALESCE({cells['number']}, CAST({whole} AS DOUBLE))"
    return cells


def cells(fields: Mapping[str, Stored], kinds: Mapping[str, Held]) -> dict[str, Cell]:
    """
    The cells of all fields.

    Of a field with several kinds the others are cells of their own, after it by name: they tell
    two activities of one id apart.
    """
    found = {name: Cell(nothing(kind), kind) for name, kind in kinds.items()}
    for name, stored in fields.items():
        of = narrowed(stored)
        kind = kinds.get(name)
        if kind is not None and kind not in of:
            of[kind] = nothing(kind)
        if not of:
            continue
        several = [Cell(of[held], held) for held in ORDER if held in of]
        first = kind if kind in of else several[0].held
        for cell in several:
            as_ = name if cell.held == first else f"{name} (as {_CALLED[cell.held]})"
            found[as_] = cell
    return found


@attrs.frozen
class Choice:
    """What open fields are read as, of leads and of activities."""

    leads: Mapping[str, Held] = attrs.field(factory=dict[str, Held])
    activities: Mapping[str, Held] = attrs.field(factory=dict[str, Held])


def choice(
    definition: Definition,
    leads: Mapping[str, Stored],
    activities: Mapping[str, Stored] | None,
    asked: tuple[Iterable[str], Iterable[str]],
    wrong: list[str],
) -> Choice:
    """
    The kind of each field that has several or none, by what the definition asks for.

    Args:
        definition: What is asked.
        leads: The leads' fields.
        activities: Those of activities; None when they are not loaded.
        asked: The names of the leads' fields and of the activities' that it asks for.
        wrong: Told of a field that no single kind can answer for.
    """
    found = Choice({}, {})
    for fields, names, chosen, whose in (
        (leads, asked[0], found.leads, "the leads"),
        (activities or {}, asked[1], found.activities, "the activities"),
    ):
        for name in sorted(names):
            stored = fields.get(name)
            if stored is None:
                continue
            several = narrowed(stored)
            if len(several) == 1 and not stored.empty:
                continue
            kinds = several or (dict.fromkeys(ORDER, "") if stored.empty else {})
            best = _least(definition, leads, activities, found, chosen, name, kinds)
            if best is not None:
                chosen[name] = best  # type: ignore[index]
            if len(several) > 1 and name in _asked_whether_known(definition):
                told = " and ".join(_CALLED[held] for held in ORDER if held in several)
                wrong.append(f"{whose}: {name!r} holds {told}; say its kind in the mapping")
    return found


def _least(
    definition: Definition,
    leads: Mapping[str, Stored],
    activities: Mapping[str, Stored] | None,
    so_far: Choice,
    chosen: Mapping[str, Held],
    name: str,
    kinds: Iterable[Held],
) -> Held | None:
    """The kind with which the definition has the least to complain about."""
    best: tuple[int, Held] | None = None
    for held in ORDER:
        if held not in kinds:
            continue
        chosen[name] = held  # type: ignore[index]
        tables = Tables(
            LeadTable("leads", "id", cells(leads, so_far.leads), "stage", "since"),
            None
            if activities is None
            else ActivityTable(
                "activities", "lead", "kind", "at", "id", cells(activities, so_far.activities)
            ),
        )
        faults = _faults(definition, tables)
        if best is None or faults < best[0]:
            best = faults, held
    return best[1] if best else None


def _faults(definition: Definition, tables: Tables) -> int:
    try:
        statement(definition, tables, DIALECT, EPOCH)
    except BulkError as error:
        return len(error.faults)
    return 0


def _asked_whether_known(value: object) -> set[str]:
    """The fields of which a definition asks whether they are known at all."""
    if isinstance(value, Known | Missing):
        return {value.field}
    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, tuple | list | frozenset):
        return set().union(*map(_asked_whether_known, value))
    of: Any = type(value)
    if attrs.has(of):
        parts = (getattr(value, part.name) for part in attrs.fields(of))
        return set().union(*map(_asked_whether_known, parts))
    return set()


def told_useless(asked: set[str], fields: Mapping[str, Stored], whose: str) -> Iterable[str]:
    """Each field that is asked for and is of a type that no definition can ask for."""
    for name in sorted(asked & fields.keys()):
        stored = fields[name]
        if not stored.cells and not stored.empty:
            more = "" if ";" in stored.useless else ", which no definition can ask for"
            yield f"{whose}: the field {name!r} {stored.useless}{more}"


def mixed(
    parts: Iterable[Part],
    fields: Mapping[str, Stored],
    names: Iterable[str],
    chosen: Mapping[str, Held],
) -> Iterator[DataFault]:
    """Values of rows that are of another kind than the one their field is read as."""
    read_as: dict[str, Held | None] = {}
    read_as |= {name: chosen.get(name) or _only(fields.get(name)) for name in names}
    for part in parts:
        for (name, held), (rows, first) in part.seen.items():
            kind = read_as.get(name)
            if kind is None or held == kind or {held, kind} <= {"whole", "number"}:
                continue
            problem = f"{_named(held)} where {_CALLED[kind]} are asked for, so it counts as blank"
            yield DataFault(part.source, problem, rows, name, example=first, counts="cell")


def _only(stored: Stored | None) -> Held | None:
    """The one kind of a field."""
    return next(iter(narrowed(stored)), None) if stored is not None else None


def _named(held: str) -> str:
    return next((called for kind, called in _CALLED.items() if kind == held), an(held))
