"""
Relations whose columns have names and types: Parquet files, frames, tables of a database.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any, Final

import attrs

from ...errors import did_you_mean
from ...tables import ActivityColumns, Column, LeadColumns
from .learning import Learning
from .native import Cells, Family, Reading, family_of, members, plain_text
from .part import FILE, ROW, Check, Part, Stored
from .rows import with_instant
from .spelling import filled, key, quoted, spoiled, text
from .staging import Staging

if TYPE_CHECKING:
    import duckdb

_KEYS: Final[tuple[Family, ...]] = ("text", "whole", "wide", "nothing")
_USUAL: Final = ("lead_id", "lead", "kind", "at", "id")
_ADDED: Final = re.compile(r"mqlkit_|(filename|file_row_number|file_index)$", re.IGNORECASE)
"""Columns that this package and DuckDB add."""


@attrs.frozen
class Relation:
    """
    A relation and what its columns are called where it comes from.

    Args:
        source: What it is called in faults.
        sql: What stands behind FROM.
        columns: The own name, the name in DuckDB and the type there, of each column.
        file: Whether it is of Parquet files, which number their rows.
        named: Whether faults tell the names of these files, for they were given.
        first: The number of its first row.
        place: See `Part`.
        clean: Whether it is text without white space around it and without blanks or NULs.
        lasting: Whether its rows stay as they are until the run is over.
        scan: The same with the columns that DuckDB adds to those of files, where *sql* has none.
    """

    source: str
    sql: str
    columns: tuple[tuple[str, str, Any], ...]
    file: bool = False
    named: bool = False
    first: int = 1
    place: str = "0"
    clean: bool = False
    lasting: bool = False
    scan: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """What the columns are called where they come from."""
        return tuple(name for name, _, _ in self.columns)

    @property
    def numbered(self) -> str:
        """The relation with a number for each row."""
        if self.file:
            name = "filename" if self.named else "''"
            row = f"file_row_number + {self.first} AS {ROW}, {name} AS {FILE}"
        else:
            row = f"ROW_NUMBER() OVER () + {self.first - 1} AS {ROW}, '' AS {FILE}"
        return f"(SELECT *, {row} FROM {self.scan or self.sql})"

    def apart(self) -> "Relation":
        """The same, where no column is called as one that is added to it."""
        if not any(_ADDED.match(inside) for _, inside, _ in self.columns):
            return self
        inside = [f"c{number}" for number in range(len(self.columns))]
        scan = f"{self.sql} AS given ({', '.join(inside)})"
        columns = tuple(
            (name, other, type_)
            for (name, _, type_), other in zip(self.columns, inside, strict=True)
        )
        return attrs.evolve(self, sql=f"(SELECT * FROM {scan})", columns=columns, scan=scan)

    def exact(self) -> "Relation":
        """The same, where texts that differ are never equal, whatever its columns declare."""
        names = [quoted(inside) for _, inside, type_ in self.columns if type_.id == "varchar"]
        if not names:
            return self
        # JSON is text to whoever asks, and to DuckDB itself only after it is told so.
        exact = ", ".join(f'CAST({name} AS VARCHAR) COLLATE "binary" AS {name}' for name in names)
        return attrs.evolve(self, sql=f"(SELECT * REPLACE ({exact}) FROM {self.sql})", scan="")


class _Frame:
    """Reads the columns of one relation, and collects what is wrong with them as a whole."""

    def __init__(
        self,
        connection: "duckdb.DuckDBPyConnection",
        relation: Relation,
        staging: Staging,
        wrong: list[str],
    ) -> None:
        self.relation, self._wrong, self._connection = relation, wrong, connection
        self._types = {name: (sql, type_) for name, sql, type_ in relation.columns}
        learning = Learning(connection, staging)
        self._cells = Cells(connection, relation.sql, learning, clean=relation.clean)
        self.checks: list[Check] = []
        for name in sorted({n for n in relation.names if relation.names.count(n) > 1}):
            self.fault(f"has the column {name!r} more than once")

    def fault(self, problem: str) -> None:
        """Tell what is wrong with the relation as a whole."""
        self._wrong.append(f"{self.relation.source}: {problem}")

    def tidy(self, keys: Iterable[str], texts: Iterable[tuple[str, Column]]) -> None:
        """
        Look whether columns of text hold nothing to be cut or left out; then they are read as
        they are.

        To look reads a column once and is worth it where cells repeat, or are cleaned often. What
        may change after the look is cleaned whenever it is read.

        Args:
            keys: Columns that are read as keys.
            texts: Columns that are read as fields, and how.
        """
        if self.relation.clean or not self.relation.lasting:
            return
        cells = {
            name: plain_text(quoted(sql), type_)
            for name, (sql, type_) in self._types.items()
            if family_of(type_) == "text"
        }
        cleaned = [(name, key(cells[name])) for name in keys if name in cells]
        cleaned += [(name, filled(cells[name], of.blanks)) for name, of in texts if name in cells]
        if cleaned:
            same = ", ".join(
                f"BOOL_AND({sql} IS NOT DISTINCT FROM {cells[name]})" for name, sql in cleaned
            )
            (found,) = self._connection.sql(f"SELECT {same} FROM {self.relation.sql}").fetchall()
            names = [name for name, _ in cleaned]
            changed = {name for name, yes in zip(names, found, strict=True) if not yes}
            self._cells.tidy |= set(names) - changed

    # -- keys --------------------------------------------------------------------------------

    def need(self, names: Iterable[str], hint: str = "") -> None:
        """Complain about columns that are named and that the relation does not have."""
        for name in names:
            if name not in self._types:
                near = did_you_mean(name, self._types)
                self.fault(f"there is no column {name!r}; {near}{hint}")

    def pick(self, stated: str | None, *usual: str, needed: bool = True) -> str | None:
        """The column that is stated, or the first of the usual ones that is there."""
        if stated is not None:
            self.need([stated])
            return stated if stated in self._types else None
        found = next((name for name in usual if name in self._types), None)
        if found is None and needed:
            wanted = " or ".join(map(repr, usual))
            near = did_you_mean(usual[0], self._types)
            self.fault(f"there is no column {wanted}; {near}; a mapping file says which it is")
        return found

    def key(self, name: str) -> str:
        """A column as a key."""
        sql, type_ = self._types[name]
        sql, family = quoted(sql), family_of(type_)
        if family not in _KEYS:
            self.fault(f"the column {name!r} holds {type_}; a key is text or a whole number")
        if self.relation.clean:
            return sql
        if name in self._cells.tidy:
            return plain_text(sql, type_)
        if family in ("text", "nothing"):
            return key(plain_text(sql, type_))
        return f"CAST({sql} AS VARCHAR)"

    def no_key(self, name: str, none: str, no_text: str = "") -> Check:
        """Rows without a key."""
        sql, type_ = self._types[name]
        problem, by = none, False
        if no_text and family_of(type_) == "text" and not self.relation.clean:
            cell = plain_text(quoted(sql), type_)
            problem = f"CASE WHEN {spoiled(cell)} THEN {text(no_text)} ELSE {text(none)} END"
            by = True
        return Check(name, f"({self.key(name)}) IS NULL", problem, refused=True, by=by)

    def time(self, name: str, column: Column) -> Reading | None:
        """When an activity happened; None, and told, where no row can say."""
        sql, type_ = self._types[name]
        reading = self._cells.read(name, quoted(sql), type_, column, timed=True)
        whole = [c for c in reading.checks if c.condition == f"{quoted(sql)} IS NOT NULL"]
        if whole and not whole[0].by:
            self.fault(f"the column {name!r} ({type_}): {whole[0].problem}")
            return None
        return reading

    # -- fields ------------------------------------------------------------------------------

    def read_as(
        self, columns: Mapping[str, Column], others: str, blanks: frozenset[str], taken: set[str]
    ) -> Iterator[tuple[str, Column]]:
        """The columns that are fields, and how each is read."""
        stated = {column.field for column in columns.values()}
        for name in self._types:
            column = columns.get(name)
            if column is not None:
                yield name, column
            elif others == "keep" and name not in taken and name not in stated:
                yield name, Column(name, "any", blanks)

    def fields(
        self, columns: Mapping[str, Column], others: str, blanks: frozenset[str], taken: set[str]
    ) -> dict[str, Stored]:
        """What each field gives."""
        found: dict[str, Stored] = {}
        records: list[tuple[str, str, Any]] = []
        for name, column in self.read_as(columns, others, blanks, taken):
            sql, type_ = self._types[name]
            if column.kind == "any" and family_of(type_) == "record":
                records.append((column.field, quoted(sql), type_))
            found[column.field] = self._field(name, quoted(sql), type_, column)
        for field, sql, type_ in records:
            if "." in field:
                continue  # the core looks for a record under the first part of a name
            for path, part, inner in members(field, sql, type_):
                reading = self._cells.member(path, part, inner)
                self.checks += reading.checks
                stored = reading.stored
                found[path] = _either(found.get(path), stored)
        return found

    def _field(self, name: str, sql: str, type_: Any, column: Column) -> Stored:
        reading = self._cells.read(name, sql, type_, column)
        self.checks += reading.checks
        return reading.stored

    def joined(self, relation: str) -> str:
        """A relation with all that was learned of its cells."""
        return self._cells.joined(relation)


def _either(first: Stored | None, second: Stored) -> Stored:
    """A field of its own before the member of a record that goes by the same name."""
    if first is None or not first.cells:
        return second
    blank = " AND ".join(f"({sql}) IS NULL" for sql in first.cells.values())
    cells = dict(first.cells)
    for held, sql in second.cells.items():
        other = f"CASE WHEN {blank} THEN {sql} END"
        cells[held] = f"COALESCE({cells[held]}, {other})" if held in cells else other
    return Stored(cells, useless=first.useless or second.useless)


def lead_frame(
    connection: "duckdb.DuckDBPyConnection",
    relation: Relation,
    columns: LeadColumns,
    staging: Staging,
    wrong: list[str],
    as_of_column: str | None,
) -> Part | None:
    """Leads of one relation; None, and told, where it cannot be read."""
    many = len(wrong)
    instant = None
    if as_of_column is not None:
        columns, instant = with_instant(columns, as_of_column)
    frame = _Frame(connection, relation, staging, wrong)
    frame.need(name for name in columns.columns if name != as_of_column)
    if as_of_column is not None:
        frame.need([as_of_column], "; as_of is a datetime, several, or the name of a column")
    id_ = frame.pick(columns.id, "id", "lead_id")
    stage = frame.pick(columns.stage) if columns.stage else None
    taken = {name for name in (columns.id, columns.stage) if name}
    fields = frame.fields(columns.columns, columns.others, columns.blanks, taken)
    if len(wrong) > many or id_ is None:
        return None
    keys = {"id": frame.key(id_)}
    checks = [frame.no_key(id_, "has no key", "has a key that is no text")]
    if stage is not None:
        keys["stage"] = frame.key(stage)
    if instant is not None:
        cells = fields[instant].cells
        keys["as_of"] = cells.get("moment", "CAST(NULL AS BIGINT)")
        at = f"({keys['as_of']}) IS NULL"
        problem = "has no instant to be decided at"
        checks.append(Check(str(as_of_column), at, problem, refused=True))
    if len(wrong) > many:
        return None
    part = _part(frame, keys, fields, [*checks, *frame.checks])
    return attrs.evolve(part, named_by=id_)


def activity_frame(
    connection: "duckdb.DuckDBPyConnection",
    relation: Relation,
    columns: ActivityColumns,
    staging: Staging,
    wrong: list[str],
    asked: Set[str] = frozenset(),
    *,
    unique_ids: bool = True,
) -> Part | None:
    """
    Activities of one relation; None, and told, where it cannot be read.

    Args:
        connection: In which it is.
        relation: What is read.
        columns: Which column is what.
        staging: Where meanings of cells are kept.
        wrong: Told what is wrong with it as a whole.
        asked: The properties that will be asked for.
        unique_ids: No activity's id is compared.
    """
    many = len(wrong)
    frame = _Frame(connection, relation, staging, wrong)
    frame.need(columns.columns)
    lead = frame.pick(columns.lead, "lead_id", "lead")
    kind = None if columns.kind_is else frame.pick(columns.kind, "kind")
    at = frame.pick(columns.at_column)
    id_ = frame.pick(columns.id, "id", needed=False)
    taken = {n for n in (columns.lead, columns.kind, columns.at_column, columns.id) if n}
    if len(wrong) > many or lead is None or at is None:
        return None
    when = frame.time(at, columns.at)
    of_fields = columns.columns, columns.others, columns.blanks, taken | set(_USUAL)
    texts = [
        (name, column)
        for name, column in frame.read_as(*of_fields)
        if column.kind in ("any", "text") and column.field in asked
    ]
    # Where ids are compared, keys of leads and ids are read three times; else once.
    often = [] if unique_ids or id_ is None else [lead, id_]
    frame.tidy([*often, *([kind] if kind is not None else [])], texts)
    fields = frame.fields(*of_fields)
    keys = {"lead": frame.key(lead)}
    checks = [frame.no_key(lead, "has no lead's key")]
    if kind is not None:
        keys["kind"] = _renamed(frame.key(kind), columns.kinds)
        checks.append(frame.no_key(kind, "has no kind"))
    else:
        keys["kind"] = text(columns.kinds.get(columns.kind_is, columns.kind_is))
    if id_ is not None:
        keys["id"] = frame.key(id_)
    if when is None or len(wrong) > many:
        return None
    (keys["at"],) = when.stored.cells.values()
    checks += [attrs.evolve(c, problem=_timed(c), refused=True, by=c.by) for c in when.checks]
    checks.append(Check(at, f"({keys['at']}) IS NULL", "has no time", refused=True))
    part = _part(frame, keys, fields, [*checks, *frame.checks])
    sql, type_ = next((s, t) for n, s, t in relation.columns if n == at)
    if type_.id == "timestamp with time zone":
        part = attrs.evolve(part, before=f"{quoted(sql)} <= {{as_of}}")
    return part


def _timed(check: Check) -> str:
    if check.by:
        return f"'its time is ' || REPLACE({check.problem}, 'is a ', 'a ')"
    return f"its time is {check.problem}".replace("is is", "is")


def _renamed(kind: str, kinds: Mapping[str, str]) -> str:
    if not kinds:
        return kind
    cases = " ".join(f"WHEN {text(old)} THEN {text(new)}" for old, new in kinds.items())
    return f"CASE {kind} {cases} ELSE {kind} END"


def _part(
    frame: _Frame, keys: Mapping[str, str], fields: Mapping[str, Stored], checks: Sequence[Check]
) -> Part:
    needed = [name for name in ("id", "as_of") if name in keys]
    if "lead" in keys:
        needed = [name for name in ("lead", "kind", "at") if name in keys]
    return Part(
        frame.relation.source,
        frame.joined(frame.relation.sql),
        keys,
        fields,
        where=tuple(f"({keys[name]}) IS NOT NULL" for name in needed),
        numbered=frame.joined(frame.relation.numbered),
        checks=tuple(checks),
        place=frame.relation.place,
    )
