"""
The columns of a table or a query of a database, and how each is read.
"""

from collections.abc import Mapping
from typing import Any, cast

from ...errors import did_you_mean
from ...tables import ActivityColumns, LeadColumns
from ...tables.cell import Column
from ...value import fold
from ..refusals import Faults
from ..tables import HELD_AS, ActivityTable, Cell, Held, LeadTable, Noting
from .connection import EPOCH_MICROS, Database


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
        self.relation = f"({query}) AS given_{what}" if is_query or query[:1] == "(" else query
        self.types = database.types(self.relation, None if is_query else query)
        self._asked: Mapping[str, set[Any]] = {}
        self.fields: dict[str, Cell] = {}

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
            if column.field in self._asked:
                self._fault(f"{name!r} {found}")
            return None
        sql, held = found
        raw = self.dialect.column(name)
        if held == "moment" and column.format in EPOCH_MICROS:
            return Cell(f"{raw} * {EPOCH_MICROS[column.format]}", "moment")
        if held == "text" and column.blanks:
            blanks = ", ".join(sorted(map(self.dialect.text, map(fold, column.blanks))))
            folded = self.dialect.folded(f"TRIM({raw})", column.blanks)
            return Cell(f"CASE WHEN {folded} NOT IN ({blanks}) THEN {sql.format(raw)} END", held)
        return Cell(sql.format(raw), held)

    def _fault(self, problem: str) -> None:
        self.faults.add(f"{self.what}: {problem}")

    # -- tables ------------------------------------------------------------------------------

    def leads(self, noted: Noting | None) -> LeadTable:
        """The leads."""
        mapping = cast(LeadColumns, self.mapping)
        as_of = None if self.as_of is None else self._moment(self.as_of, Column("", "moment"))
        stage = None if mapping.stage is None else self._text(self._pick(mapping.stage))
        fields = self.fields if noted is None else noted
        return LeadTable(
            self.relation, self._key(self._pick(mapping.id, "id", "lead_id")), fields, stage,
            as_of=as_of,
        )  # fmt: skip

    def activities(self, noted: Noting | None) -> ActivityTable:
        """The activities."""
        mapping = cast(ActivityColumns, self.mapping)
        has_id = mapping.id or ("id" if "id" in self.types else None)
        return ActivityTable(
            self.relation,
            self._key(self._pick(mapping.lead, "lead_id", "lead")),
            self._kind(mapping),
            self._moment(mapping.at_column, mapping.at),
            None if has_id is None else self._key(self._pick(has_id)),
            self.fields if noted is None else noted,
        )

    def _kind(self, mapping: ActivityColumns) -> str:
        if mapping.kind_is:
            return self.dialect.text(mapping.kind_is)
        kind = self._text(self._pick(mapping.kind, "kind"))
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

    def _key(self, name: str | None) -> str:
        return "NULL" if name is None else self.dialect.key(self.dialect.column(name))

    def _text(self, name: str | None) -> str:
        return self._own(name, Column("", "text"), "text")

    def _moment(self, name: str, column: Column) -> str:
        return self._own(self._pick(name), column, "moment")

    def _own(self, name: str | None, column: Column, held: Held) -> str:
        """A column that is no field."""
        if name is None:
            return "NULL"
        found = self.database.held(self.types[name], column, {held})
        if isinstance(found, str):
            self._fault(f"{name!r} {found}")
            return "NULL"
        raw = self.dialect.column(name)
        if held == "moment" and column.format in EPOCH_MICROS:
            return f"{raw} * {EPOCH_MICROS[column.format]}"
        return found[0].format(raw)
