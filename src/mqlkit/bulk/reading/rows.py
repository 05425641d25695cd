"""
Files that are read row by row by the core's own reader, and kept as columns.

JSON Lines, and CSV that is not as plain as DuckDB wants it: right by construction, and slower.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

import attrs

from ...tables import ActivityColumns, LeadColumns, TableError, Tally
from ...tables.leads import ActivityReader, LeadReader
from ...tables.mapping import Layout
from ...tables.source import open_sheet
from ...value import an, as_moment, as_number, is_blank, micros_of
from ..tables import Held
from .faults import Counted
from .files import File
from .part import FILE, ROW, Part, Seen, Stored
from .spelling import quoted
from .staging import Pieces, Slot, Staging

_ROW: Final = Slot("row", "whole")
_AS_OF: Final = Slot("as of", "moment")
_KEYS: Final = {name: Slot(name, "text") for name in ("id", "lead", "kind", "stage")}
_AT: Final = Slot("at", "moment")
_NO_INSTANT: Final = "has no instant to be decided at"
_HOW: Final = {_NO_INSTANT: "as_of is a datetime, several, or the name of a column"}


class Fields:
    """Fields of rows as columns of pieces."""

    def __init__(self, pieces: Pieces) -> None:
        self.pieces = pieces
        self.useless: dict[str, str] = {}
        self.seen: dict[tuple[str, str], Seen] = {}
        self._slots: dict[tuple[str, Held], Slot] = {}

    def of(self, values: Mapping[str, object], row: int) -> Iterator[tuple[Slot, Any]]:
        """The slots and values of one row, by its number."""
        for name, value in values.items():
            if isinstance(value, Mapping):
                leaves = {} if "." in name else _leaves(value)
                for path, leaf in leaves.items():
                    inner = f"{name}.{path}"
                    if inner not in values and not is_blank(leaf):
                        yield from self._one(inner, leaf, row)
            else:
                yield from self._one(name, value, row)

    def _one(self, name: str, value: object, row: int) -> Iterator[tuple[Slot, Any]]:
        found = _held(value)
        kind = _type_name(value) if found is None else found[0]
        rows, first = self.seen.get((name, kind), (0, row))
        self.seen[name, kind] = Seen(rows + 1, first)
        if found is None:
            self.useless.setdefault(name, f"holds {an(kind)}")
            return
        held, value = found
        slot = self._slots.get((name, held))
        if slot is None:
            # A prefix: a field may be called as a key is.
            slot = self._slots[name, held] = Slot(f"field {name}", held)
            self.pieces.slot(slot)
        yield slot, value

    def stored(self, stated: Iterable[str]) -> dict[str, Stored]:
        """What each field gives."""
        found: dict[str, dict[Held, str]] = {name: {} for name in stated}
        for name, held in self._slots:
            column = quoted(self.pieces.slot(self._slots[name, held]))
            found.setdefault(name, {})[held] = column
        for name in self.useless:
            found.setdefault(name, {})
        return {
            name: Stored(cells, not cells and name not in self.useless, self.useless.get(name, ""))
            for name, cells in found.items()
        }


def _type_name(value: object) -> str:
    return "list" if isinstance(value, list | tuple) else type(value).__name__


def _leaves(record: Mapping[Any, object]) -> dict[str, object]:
    """The members of a record and of records in it, as the core finds them by path."""
    # A member's own name goes before a path to the same, also where it is blank.
    found = {
        str(key): None if isinstance(value, Mapping) else value for key, value in record.items()
    }
    for key, value in record.items():
        if isinstance(value, Mapping) and "." not in str(key):
            for path, leaf in _leaves(value).items():
                found.setdefault(f"{key}.{path}", leaf)
    return found


def _held(value: object) -> tuple[Held, Any] | None:
    """The kind of a value that is not blank, and the value as a column holds it."""
    if isinstance(value, bool):
        return "flag", value
    if isinstance(value, str):
        return "text", value
    number = as_number(value)
    if number is not None:
        return ("whole" if isinstance(number, int) else "number"), number
    if isinstance(value, date):
        moment = as_moment(value)
        return None if moment is None else ("moment", micros_of(moment))
    if isinstance(value, list | tuple) and all(v is None or isinstance(v, str) for v in value):
        return "items", list(value)
    return None


def lead_part(
    file: File,
    columns: LeadColumns,
    staging: Staging,
    as_of_column: str | None,
) -> Part:
    """A leads file, read row by row."""
    counted, pieces = Counted(), staging.pieces()
    fields = Fields(pieces)
    for slot in (_ROW, _KEYS["id"], _KEYS["stage"], _AS_OF):
        pieces.slot(slot)
    field = None
    if as_of_column is not None:
        columns, field = with_instant(columns, as_of_column)
    tally = counted.tally(file.source)
    with open_sheet(file.path, tally, columns.layout, file.format) as sheet:
        reader = LeadReader(columns, sheet, tally, again=field is not None)
        for number, lead in reader.rows():
            attributes = dict(lead.attributes)
            moment = as_moment(attributes.get(field)) if field is not None else None
            if field is not None and moment is None:
                tally.refuse(number, _NO_INSTANT, as_of_column or "")
                continue
            row = [(_ROW, number), (_KEYS["id"], lead.id), (_KEYS["stage"], lead.stage)]
            if moment is not None:
                row.append((_AS_OF, micros_of(moment)))
            pieces.add([*row, *fields.of(attributes, number)])
        header = sheet.columns is not None
    if not header:
        _check_keys(file, columns.layout, tally)
    relation, name = pieces.relation(), pieces.slot
    keys = {"id": name(_KEYS["id"])}
    keys |= {"stage": name(_KEYS["stage"])} if columns.stage else {}
    keys |= {"as_of": name(_AS_OF)} if field is not None else {}
    stored = fields.stored(sorted(reader.cells.names))
    return Part(
        file.source,
        relation,
        keys,
        stored,
        numbered=_numbered(relation, name(_ROW)),
        counted=tuple(counted.faults()),
        header=header,
        named_by=reader.id_column,
        seen=fields.seen,
    )


def _check_keys(file: File, layout: Layout, tally: Tally) -> None:
    """
    A file without a header none of whose rows has a column that it needs: the mapping is wrong.

    Raises:
        TableError: It is such a file.
    """
    for (names, problem), refused in tally.by_field.items():
        wanted = names.split("|")
        if not (names and tally.read == refused and problem.startswith("has no ")):
            continue
        with open_sheet(file.path, Tally(file.source), layout, file.format) as sheet:
            there = any(name in row.cells for row in sheet.rows for name in wanted)
        if not there:
            told = " or ".join(map(repr, wanted))
            how = _HOW.get(problem, "a mapping file says which it is")
            raise TableError(f"{file.source}: no row has the column {told}; {how}")


def with_instant(columns: LeadColumns, name: str) -> tuple[LeadColumns, str]:
    """Columns in which that one is read as a moment, and the field that has it."""
    from ...tables import Column

    column = columns.columns.get(name) or Column(name, "moment", columns.blanks)
    if column.kind == "any":
        column = attrs.evolve(column, kind="moment")
    return attrs.evolve(columns, columns={**columns.columns, name: column}), column.field


def activity_part(file: File, columns: ActivityColumns, staging: Staging) -> Part:
    """An activities file, read row by row."""
    counted, pieces = Counted(), staging.pieces()
    fields = Fields(pieces)
    for slot in (_ROW, _KEYS["lead"], _KEYS["kind"], _AT, _KEYS["id"]):
        pieces.slot(slot)
    tally = counted.tally(file.source)
    with open_sheet(file.path, tally, columns.layout, file.format) as sheet:
        reader = ActivityReader(columns, sheet, tally)
        for number, lead_id, activity in reader.rows():
            row = [
                (_ROW, number),
                (_KEYS["lead"], lead_id),
                (_KEYS["kind"], activity.kind),
                (_AT, micros_of(activity.at)),
                (_KEYS["id"], activity.id),
            ]
            pieces.add([*row, *fields.of(activity.properties, number)])
        header = sheet.columns is not None
    if not header:
        _check_keys(file, columns.layout, tally)
    relation, name = pieces.relation(), pieces.slot
    keys = {key: name(_KEYS[key]) for key in ("lead", "kind", "id")} | {"at": name(_AT)}
    return Part(
        file.source,
        relation,
        keys,
        fields.stored(sorted(reader.cells.names)),
        numbered=_numbered(relation, name(_ROW)),
        counted=tuple(counted.faults()),
        header=header,
        seen=fields.seen,
    )


def _numbered(relation: str, row: str) -> str:
    return f"(SELECT *, {row} AS {ROW}, '' AS {FILE} FROM {relation})"
