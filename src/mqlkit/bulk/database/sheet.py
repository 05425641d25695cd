"""
The columns of a table or a query of a database, and how each is read.
"""

from collections.abc import Mapping
from contextlib import closing
from typing import Any, cast

import attrs

from ...errors import did_you_mean
from ...tables import ActivityColumns, LeadColumns
from ...tables.cell import Column
from ...value import fold
from ..reading.faults import AGAIN
from ..reading.part import Check
from ..refusals import Faults
from ..tables import HELD_AS, ActivityTable, Cell, Held, LeadTable, Noting
from .connection import Database, Types, UnreadableError


class Sheet:
    """
    The columns of a table or a query.

    Args:
        database: Where it is.
        text: Its name, or the query.
        what: Whose columns they are: ``leads``.
        mapping: What is said of them.
        as_of: The column with each row's own instant.
        faults: Told of everything that is wrong.
    """

    def __init__(
        self,
        database: "Database",
        text: str,
        what: str,
        mapping: LeadColumns | ActivityColumns,
        as_of: str | None,
        faults: Faults,
    ) -> None:
        self.database, self.what, self.mapping, self.as_of = database, what, mapping, as_of
        self.dialect, self.faults = database.dialect, faults
        query = text.strip().rstrip(";")
        is_query = query[:7].upper() in ("SELECT ", "SELECT\n") or query[:5].upper() == "WITH "
        in_marks = query[:1] == "("
        self._source = f"({query})" if is_query and not in_marks else query
        self.table = None if is_query or in_marks else query
        self.relation = query if self.table else f"{self._source} AS given_{what}"
        self.types = self._types()
        self._asked: Mapping[str, set[Any]] = {}
        self.fields: dict[str, Cell] = {}
        self.refusals: list[Check] = []
        self.blanks: list[Check] = []
        self.again: Check | None = None
        self._times: list[tuple[str, str, str]] = []

    @property
    def source(self) -> str:
        """What it is called in faults."""
        return self.table or self.what

    def _types(self) -> Types:
        try:
            return self.database.types(self.relation, self.table)
        except UnreadableError as error:
            names = self.database.tables() if self.table and error.absent else ()
            if self.table and error.absent and self.table not in names:
                self._fault(f"there is no table {self.table!r}; {did_you_mean(self.table, names)}")
            else:  # a view of one that is not there, too
                what = repr(self.table) if self.table else "the query"
                self._fault(f"{what} cannot be read: {error.message}")
            return {}

    def read(self, asked: Noting) -> None:
        """Learns what the definition asks for, and how each column is read."""
        self._asked = asked.kinds
        mapping = self.mapping
        listed = dict(mapping.columns)
        for name in listed.keys() - self.types.keys():
            self._fault(f"there is no column {name!r}; {did_you_mean(name, self.types)}")
        given = {column.field for column in listed.values()}
        if mapping.others == "keep":
            for name in self.types.keys() - listed.keys() - given - self._taken():
                listed[name] = Column(name, "any", mapping.blanks)
        for name, column in sorted(listed.items()):
            if name in self.types:
                cell = self._cell(name, column)
                if cell is not None:
                    self.fields[column.field] = cell

    def _taken(self) -> set[str]:
        """Columns that are no fields."""
        m = self.mapping
        if isinstance(m, LeadColumns):
            return {name for name in (m.id, m.stage) if name}
        named = {m.lead, m.kind, m.id, m.at_column}
        return {name for name in named if name} | {"lead_id", "lead", "kind", "at", "id"}

    def _cell(self, name: str, column: Column) -> Cell | None:
        """How a column is read; None, and told where it is asked for, when nothing reads it."""
        kinds = self._asked.get(column.field, set())
        wanted: set[Held] = {HELD_AS[kind] for kind in kinds if kind in HELD_AS}
        found = self.database.held(self.types[name], column, wanted)
        if isinstance(found, str):
            if column.field not in self._asked:
                return None
            self._fault(f"{name!r} {found}")
            blanks: list[Held] = [*sorted(wanted), "text"]
            return Cell("NULL", blanks[0])  # there it is, so it is told only once
        sql, held = found
        raw = self.dialect.column(name)
        filled = self._filled(raw, column)
        cell = sql.format(raw)
        problem = self.database.problem(raw, column, held)
        if problem and (column.field in self._asked or column.kind != "any"):
            wrong = f"{filled} AND ({cell}) IS NULL"
            self.blanks.append(Check(name, wrong, problem, by=True))
        if held == "text" and column.blanks:
            return Cell(f"CASE WHEN {filled} THEN {cell} END", held)
        return Cell(cell, held)

    def _filled(self, raw: str, column: Column) -> str:
        """Whether something stands in a cell."""
        dialect = self.dialect
        text = dialect.cast(raw, dialect.text_type)
        filled = f"NOT {dialect.blank(text)}"
        if column.blanks:
            blanks = ", ".join(sorted(map(dialect.text, map(fold, column.blanks))))
            filled += f" AND {dialect.folded(f'TRIM({text})', column.blanks)} NOT IN ({blanks})"
        return filled

    def _fault(self, problem: str) -> None:
        self.faults.add(f"{self.what}: {problem}")

    # -- tables ------------------------------------------------------------------------------

    def leads(self, noted: Noting | None) -> LeadTable:
        """The leads."""
        mapping = cast(LeadColumns, self.mapping)
        self.refusals.clear()
        self._times.clear()
        named_by = self._pick(mapping.id, "id", "lead_id")
        id = self._key(named_by, "has no key")
        keys, as_of = [id], None
        if self.as_of is not None:
            stated = mapping.columns.get(self.as_of, Column("", "moment"))
            stated = attrs.evolve(stated, kind="moment")
            as_of = self._moment(self.as_of, stated, "has no instant to be decided at")
            keys.append(as_of)
        stage = None if mapping.stage is None else self._text(self._pick(mapping.stage))
        fields = self.fields if noted is None else noted
        relation = self.relation
        if noted is None and self.types:
            relation = f"({self.database.once(self._source, keys, self.types)}) AS given_leads"
            self.again = Check(named_by or "", "", AGAIN, refused=True)
        return LeadTable(relation, id, fields, stage, as_of=as_of)

    def activities(self, noted: Noting | None) -> ActivityTable:
        """The activities."""
        mapping = cast(ActivityColumns, self.mapping)
        self.refusals.clear()
        self._times.clear()
        has_id = mapping.id or ("id" if "id" in self.types else None)
        return ActivityTable(
            self.relation,
            self._key(self._pick(mapping.lead, "lead_id", "lead"), "has no lead's key"),
            self._kind(mapping),
            self._moment(mapping.at_column, mapping.at, "has no time"),
            None if has_id is None else self._key(self._pick(has_id)),
            self.fields if noted is None else noted,
        )

    def _kind(self, mapping: ActivityColumns) -> str:
        if mapping.kind_is:
            return self.dialect.text(mapping.kind_is)
        name = self._pick(mapping.kind, "kind")
        kind = self._text(name)
        self._needs(name, kind, "has no kind")
        if not mapping.kinds:
            return kind
        text = self.dialect.text
        renamed = " ".join(f"WHEN {text(a)} THEN {text(b)}" for a, b in mapping.kinds.items())
        return f"CASE {kind} {renamed} ELSE {kind} END"

    def _pick(self, stated: str | None, *usual: str) -> str | None:
        """The stated column, or the first of the usual ones; told where there is none."""
        names = (stated,) if stated else usual
        found = next((name for name in names if name in self.types), None)
        if found is None:
            wanted = " or ".join(map(repr, names))
            self._fault(f"there is no column {wanted}; {did_you_mean(names[0], self.types)}")
        return found

    def _key(self, name: str | None, without: str = "") -> str:
        key = "NULL" if name is None else self.dialect.key(self.dialect.column(name))
        if without:
            self._needs(name, key, without)
        return key

    def _needs(self, name: str | None, sql: str, without: str) -> None:
        """A row is refused where there is nothing in one of its own columns."""
        problem = self.dialect.text(without)
        self.refusals.append(Check(name or "", f"({sql}) IS NULL", problem, refused=True, by=True))

    def _text(self, name: str | None) -> str:
        return self._own(name, Column("", "text"), "text")

    def _moment(self, name: str, column: Column, without: str) -> str:
        found = self._pick(name)
        moment = self._own(found, column, "moment")
        if found is not None and moment != "NULL":
            raw = self.dialect.column(name)
            problem = self.database.problem(raw, column, "moment")
            wrong = f"{self._filled(raw, column)} AND ({moment}) IS NULL"
            told = f"{self.dialect.text('its time is ')} || {problem}"
            self.refusals.append(Check(name, wrong, told, refused=True, by=True))
            self._times.append((name, wrong, problem))
            # Not by the moment again: to read one takes long.
            blank = f"({self._filled(raw, column)}) IS NOT TRUE"
            problem = self.dialect.text(without)
            self.refusals.append(Check(name, blank, problem, refused=True, by=True))
        return moment

    def check_times(self) -> None:
        """Complain where no row has a time that can be read, though there are some."""
        for name, wrong, problem in self._times:
            if self._any(f"NOT ({wrong})") is None:
                found = self._any(wrong, problem)
                if found is not None:
                    self._fault(f"{name!r} has no time that can be read: {found}")

    def _any(self, condition: str, told: str = "1") -> Any:
        text = f"SELECT {told} FROM {self.relation} WHERE {condition} LIMIT 1"
        with closing(self.database.rows(text)) as rows:
            return next((value for (value,) in rows), None)

    def _own(self, name: str | None, column: Column, held: Held) -> str:
        """A column that is no field."""
        if name is None:
            return "NULL"
        found = self.database.held(self.types[name], column, {held})
        if isinstance(found, str):
            self._fault(f"{name!r} {found}")
            return "NULL"
        return found[0].format(self.dialect.column(name))
