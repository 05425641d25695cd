"""
Columns that have a type of their own, as the core would read them.

| type                               | read as                                                    |
|------------------------------------|------------------------------------------------------------|
| whole numbers of any width         | whole numbers; beyond 64 bits the outermost                |
| DOUBLE, FLOAT, DECIMAL             | the nearest double; NaN is a blank, infinity stays         |
| VARCHAR, ENUM, UUID                | text                                                       |
| BOOLEAN                            | a flag                                                     |
| TIMESTAMP WITH TIME ZONE, DATE     | a moment; a date is its midnight in UTC                    |
| TIMESTAMP                          | a moment where the mapping states the zone                 |
| VARCHAR[]                          | items                                                      |
| STRUCT                             | a field for each member: ``account.employees``             |
| any other                          | nothing: to ask for it is a fault                          |
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal, TypeAlias

import attrs

from ...tables import Column
from ...tables.cell import EPOCHS, CellKind
from ...value import MICROSECOND, an
from ..tables import Held
from .learning import DATE_ONLY, Learning
from .part import Check, Stored
from .spelling import (
    DIALECT,
    clamped,
    filled,
    is_number,
    spoiled,
    stated_blank,
    stripped,
    text,
    within_calendar,
)

Family: TypeAlias = Literal[
    "whole", "wide", "number", "text", "flag", "instant", "naive", "date", "items", "record",
    "nothing", "other",
]  # fmt: skip

_FAMILIES: Final[Mapping[str, Family]] = {
    **dict.fromkeys(
        ("tinyint", "smallint", "integer", "bigint", "utinyint", "usmallint", "uinteger"), "whole"
    ),
    **dict.fromkeys(("ubigint", "hugeint", "uhugeint"), "wide"),
    **dict.fromkeys(("float", "double", "decimal"), "number"),
    **dict.fromkeys(("varchar", "enum", "uuid"), "text"),
    "boolean": "flag",
    **dict.fromkeys(("timestamp with time zone", "timestamptz_ns"), "instant"),
    **dict.fromkeys(("timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns"), "naive"),
    "date": "date",
    "struct": "record",
    "null": "nothing",
}
_PYTHON: Final[Mapping[Family, str]] = {
    "whole": "int",
    "wide": "int",
    "number": "float",
    "text": "str",
    "flag": "bool",
    "instant": "datetime",
    "naive": "datetime",
    "date": "date",
    "items": "list",
    "record": "dict",
    "other": "value",
    "nothing": "blank",
}
_WANTED: Final = {
    "text": "text",
    "number": "a number",
    "flag": "true or false",
    "moment": "a date or an instant",
    "items": "a list",
}
_FITTING: Final[Mapping[str, tuple[Family, ...]]] = {
    "text": ("text",),
    "number": ("whole", "wide", "number"),
    "flag": ("flag",),
    "moment": ("instant",),
    "items": ("items",),
}
NO_ZONE: Final = 'a time without a zone; say zone = "UTC" or another one'
_SPOILED: Final = "bytes that are no text in the stated encoding"
_TYPES: Final[Mapping[Held, str]] = {
    "whole": "BIGINT",
    "number": "DOUBLE",
    "text": "VARCHAR",
    "flag": "BOOLEAN",
    "moment": "BIGINT",
    "items": "VARCHAR[]",
}
NARROWEST: Final[Mapping[CellKind, Held]] = {
    "any": "text",
    "text": "text",
    "number": "whole",
    "flag": "flag",
    "moment": "moment",
    "items": "items",
}
"""What a column of a stated kind holds when all of it is blank."""
_MOST_EXACT: Final = 15
"""Decimal digits that a double holds whatever they are."""

_WHOLE: Final = r"[+-]?\d{1,18}"
_NUMBER: Final = r"[+-]?(\d{1,15}(\.\d{0,15})?|\.\d{1,15})([eE][+-]?\d{1,2})?"
_DAY: Final = r"[12]\d{3}-\d\d-\d\d"
_TIME: Final = r"[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?"
_ZULU: Final = r"(Z|\+00:?00)"


def nothing(held: Held) -> str:
    """A blank of a kind."""
    return f"CAST(NULL AS {_TYPES[held]})"


def family_of(type_: Any) -> Family:
    """What a type of DuckDB is to the core."""
    if type_.id in ("list", "array"):
        child = dict(type_.children)["child"]
        return "items" if family_of(child) == "text" else "other"
    return _FAMILIES.get(type_.id, "other")


@attrs.frozen
class Reading:
    """What a column gives, and what can be wrong with its cells."""

    stored: Stored
    checks: tuple[Check, ...] = ()


class Cells:
    """
    Reads the columns of one relation.

    Args:
        connection: In which it is.
        relation: What stands behind FROM.
        learning: For cells that SQL does not read exactly.
        clean: Whether its texts are cut, and none is blank or holds a NUL.
    """

    def __init__(
        self, connection: Any, relation: str, learning: Learning, *, clean: bool = False
    ) -> None:
        self._connection, self._relation, self._learning = connection, relation, learning
        self._clean = clean
        self.tidy: set[str] = set()
        """Columns that are read as they are: nothing is to be cut or left out in them."""
        self._joins: list[str] = []
        self._bare: dict[str, str] = {}

    def joined(self, relation: str) -> str:
        """The relation with the meanings of the cells that the core has read."""
        relation = self._named(relation)
        return f"(SELECT * FROM {relation} {' '.join(self._joins)})" if self._joins else relation

    def _named(self, relation: str) -> str:
        if not self._bare:
            return relation
        bare = ", ".join(f"{sql} AS {name}" for sql, name in self._bare.items())
        return f"(SELECT *, {bare} FROM {relation})"

    def _cut(self, sql: str, column: Column) -> str:
        """The name of a column with the text without white space around it."""
        cut = self._filled(sql, column)
        if not self._clean:
            cut = stripped(cut)
        if cut == sql:
            return sql
        return self._bare.setdefault(cut, f"mqlkit_cut_{len(self._bare)}")

    def _filled(self, sql: str, column: Column) -> str:
        if not self._clean:
            return filled(sql, column.blanks)
        return stated_blank(sql, column.blanks) if column.blanks else sql

    def read(
        self, name: str, sql: str, type_: Any, column: Column, *, timed: bool = False
    ) -> Reading:
        """
        One column.

        Args:
            name: What the table calls it.
            sql: The column.
            type_: Its type in DuckDB.
            column: How it is read.
            timed: Whether a date without a time and a zone is a fault.
        """
        family = family_of(type_)
        if family == "nothing":
            return Reading(_blank(column))
        if column.kind == "any":
            return self._any(name, sql, type_, column)
        if family in _FITTING[column.kind]:
            return self._any(name, sql, type_, column)
        if family == "text":
            return self._text(name, plain_text(sql, type_), column, timed=timed)
        if column.kind == "moment":
            return self._moment(name, sql, type_, column, timed=timed)
        return self._wrong(name, sql, type_, column)

    def member(self, path: str, sql: str, type_: Any) -> Reading:
        """A member of a record, of which the core asks only whether it is blank."""
        if family_of(type_) == "text":
            return Reading(Stored({"text": DIALECT.not_blank(plain_text(sql, type_))}))
        return self.read(path, sql, type_, Column(path))

    # -- types that are of the kind ----------------------------------------------------------

    def _any(self, name: str, sql: str, type_: Any, column: Column) -> Reading:
        family = family_of(type_)
        if family == "naive":
            return Reading(Stored(useless=f"holds times without a zone ({type_}); {_SAY_ZONE}"))
        if family in ("other", "record"):
            return Reading(Stored(useless=f"holds {type_}"))
        if family == "text":
            as_text = plain_text(sql, type_)
            check = Check(name, spoiled(as_text), _SPOILED)
            checks = (check,) if type_.id == "varchar" and not self._clean else ()
            whole = as_text if name in self.tidy else self._filled(as_text, column)
            return Reading(Stored({"text": whole}), checks)
        held, make = _NATIVE[family]
        value = make(sql, type_)
        lost = (_lost(name, sql, type_),) if held == "moment" else ()
        return Reading(Stored({held: value}), lost)

    def _wrong(self, name: str, sql: str, type_: Any, column: Column) -> Reading:
        family = family_of(type_)
        held = NARROWEST[column.kind]
        found = "Decimal" if type_.id == "decimal" else _PYTHON[family]
        problem = f"is {an(found)}, not {_WANTED[column.kind]}"
        there = f"{sql} IS NOT NULL"
        if family == "number":
            there = is_number(f"CAST({sql} AS DOUBLE)")
        return Reading(Stored({held: nothing(held)}), (Check(name, there, problem),))

    # -- moments of other types --------------------------------------------------------------

    def _moment(self, name: str, sql: str, type_: Any, column: Column, *, timed: bool) -> Reading:
        family, there = family_of(type_), f"{sql} IS NOT NULL"
        counts = family in ("whole", "wide", "number") and type_.id != "decimal"
        if counts and column.format in EPOCHS:
            return self._epoch(name, sql, type_, column)
        if family not in ("naive", "date"):
            return self._wrong(name, sql, type_, column)
        if not column.zone and (family == "naive" or timed):
            problem = NO_ZONE if family == "naive" else DATE_ONLY
            return Reading(Stored({"moment": nothing("moment")}), (Check(name, there, problem),))
        if column.zone in ("", "UTC"):
            return Reading(Stored({"moment": _instant(sql, type_)}), (_lost(name, sql, type_),))
        # What no calendar has is nothing that Python could be given to read.
        known = f"({_instant(sql, type_)}) IS NOT NULL"
        learned = self._learned(name, _located(sql, type_), known, column, timed=timed)
        return attrs.evolve(learned, checks=(*learned.checks, _lost(name, sql, type_)))

    def _epoch(self, name: str, sql: str, type_: Any, column: Column) -> Reading:
        if family_of(type_) == "number":
            there = is_number(f"CAST({sql} AS DOUBLE)")
            return self._learned(name, f"CAST({sql} AS DOUBLE)", there, column)
        unit = EPOCHS[column.format] // MICROSECOND
        whole = _NATIVE[family_of(type_)][1](sql, type_)
        micros = f"CAST({whole} AS HUGEINT) * {unit}"
        found = f"CAST({within_calendar(micros)} AS BIGINT)"
        check = Check(name, f"{sql} IS NOT NULL AND {found} IS NULL", _NO_CALENDAR)
        return Reading(Stored({"moment": found}), (check,))

    # -- text that is of another kind --------------------------------------------------------

    def _text(self, name: str, sql: str, column: Column, *, timed: bool) -> Reading:
        cell = self._cut(sql, column)
        broken = () if self._clean else (Check(name, spoiled(sql), _SPOILED),)
        forms = list(_forms(column, timed=timed))
        if column.kind == "number" and forms:
            forms = self._narrowest(cell, forms)
        plain = " OR ".join(_is(cell, form) for form, _ in forms)
        raw = f"{cell} IS NOT NULL" + (f" AND NOT ({plain})" if plain else "")
        rest = self._learned(name, cell, raw, column, timed=timed)
        ((held, other),) = rest.stored.cells.items()
        checks = (*broken, *rest.checks)
        if not forms:
            return attrs.evolve(rest, checks=checks)
        if forms[0][0] == _NUMBER:
            held = "number"
        cases = " ".join(
            f"WHEN {_is(cell, form)} THEN CAST({make(cell)} AS {_TYPES[held]})"
            for form, make in forms
        )
        value = f"CASE {cases} ELSE CAST({other} AS {_TYPES[held]}) END"
        if column.kind == "moment":
            lost = f"({plain}) AND ({value}) IS NULL"
            checks = (*checks, Check(name, lost, "a date or time that no calendar has"))
        return Reading(Stored({held: value}), checks)

    def _narrowest(self, cell: str, forms: "list[_Form]") -> "list[_Form]":
        """Only the form of whole numbers, where no plain number is another one."""
        whole, number = forms
        broken = f"{_is(cell, number[0])} AND NOT {_is(cell, whole[0])}"
        relation = self._named(self._relation)
        found = self._connection.sql(f"SELECT 1 FROM {relation} WHERE {broken} LIMIT 1")
        return [number] if found.fetchall() else [whole]

    def _learned(
        self,
        name: str,
        sql: str,
        where: str,
        column: Column,
        *,
        timed: bool = False,
    ) -> Reading:
        relation = self._named(self._relation)
        cells = f"SELECT DISTINCT {sql} AS raw FROM {relation} WHERE {where}"
        learned = self._learning.of(cells, column, timed=timed)
        if learned is None:
            held = NARROWEST[column.kind]
            return Reading(Stored({held: nothing(held)}))
        held, number = learned.held, len(self._joins)
        raw, value, problem = (f"mqlkit_{what}_{number}" for what in ("raw", "value", "problem"))
        columns = f"raw AS {raw}, value AS {value}, problem AS {problem}"
        self._joins.append(f"LEFT JOIN (SELECT {columns} FROM {learned.relation}) ON {raw} = {sql}")
        check = Check(name, f"{problem} IS NOT NULL", problem, by=True)
        value = f"CAST({value} AS {_TYPES[held]})"
        return Reading(Stored({held: value}), (check,) if learned.faulty else ())


_Form: TypeAlias = tuple[str, Callable[[str], str]]
_NANOSECONDS: Final = ("timestamptz_ns", "timestamp_ns")
_SAY_ZONE: Final = 'say kind = "moment" and zone = "UTC" in the mapping'
_NO_CALENDAR: Final = "an instant that no calendar has"


def plain_text(sql: str, type_: Any) -> str:
    """A column of text of whatever type as text."""
    return sql if type_.id == "varchar" else f"CAST({sql} AS VARCHAR)"


def _is(cell: str, form: str) -> str:
    return f"REGEXP_FULL_MATCH({cell}, {text(form)})"


def _blank(column: Column) -> Stored:
    if column.kind == "any":
        return Stored(empty=True)
    held = NARROWEST[column.kind]
    return Stored({held: nothing(held)})


def _double(sql: str, type_: Any) -> str:
    """A number as the nearest double; NULL for NaN."""
    if type_.id != "decimal":
        double = sql if type_.id == "double" else f"CAST({sql} AS DOUBLE)"
        return f"CASE WHEN {is_number(double)} THEN {double} END"
    if dict(type_.children)["precision"] <= _MOST_EXACT:
        return f"CAST({sql} AS DOUBLE)"
    return f"CAST(CAST({sql} AS VARCHAR) AS DOUBLE)"


def _instant(sql: str, type_: Any) -> str:
    """A point in time in microseconds; NULL for one that no calendar has."""
    if type_.id == "timestamp with time zone":
        return within_calendar(f"EPOCH_US({sql})")
    if type_.id in _NANOSECONDS:
        return within_calendar(_floored(sql))
    return within_calendar(f"EPOCH_US(TRY_CAST({sql} AS TIMESTAMP))")


def _floored(sql: str) -> str:
    """Nanoseconds in whole microseconds; DuckDB's own cast rounds."""
    return f"(EPOCH_NS({sql}) // 1000 - CAST(EPOCH_NS({sql}) % 1000 < 0 AS BIGINT))"


def _located(sql: str, type_: Any) -> str:
    """A date, or a time without a zone in microseconds, as Python can be given it."""
    if type_.id == "date":
        return sql
    if type_.id in _NANOSECONDS:
        return f"MAKE_TIMESTAMP({_floored(sql)})"
    return f"TRY_CAST({sql} AS TIMESTAMP)"


def _lost(name: str, sql: str, type_: Any) -> Check:
    """Points in time that no calendar has."""
    return Check(name, f"{sql} IS NOT NULL AND ({_instant(sql, type_)}) IS NULL", _NO_CALENDAR)


_NATIVE: Final[Mapping[Family, tuple[Held, Callable[[str, Any], str]]]] = {
    "whole": ("whole", lambda sql, _: sql),
    "wide": ("whole", lambda sql, type_: clamped(sql, type_.id)),
    "number": ("number", _double),
    "flag": ("flag", lambda sql, _: sql),
    "instant": ("moment", _instant),
    "date": ("moment", _instant),
    "items": ("items", lambda sql, _: f"CAST({sql} AS VARCHAR[])"),
}


# -- forms of text that SQL reads exactly ------------------------------------------------------


def _forms(column: Column, *, timed: bool) -> Iterator[_Form]:
    """Patterns, and what makes a value of a cell that matches one."""
    if column.kind == "number" and not column.thousands and column.decimal == ".":
        yield _WHOLE, lambda cell: f"TRY_CAST({cell} AS BIGINT)"
        yield _NUMBER, lambda cell: f"TRY_CAST({cell} AS DOUBLE)"
    if column.kind == "moment" and not column.format:
        yield _DAY + _TIME + _ZULU, _zulu
        if column.zone == "UTC":
            yield _DAY + _TIME, _utc
        if column.zone == "UTC" or not (column.zone or timed):
            yield _DAY, _day


def _utc(cell: str) -> str:
    return f"EPOCH_US(TRY_CAST({cell} AS TIMESTAMP))"


def _zulu(cell: str) -> str:
    return _utc(f"REGEXP_REPLACE({cell}, {text(_ZULU + '$')}, '')")


def _day(cell: str) -> str:
    return f"EPOCH_US(CAST(TRY_CAST({cell} AS DATE) AS TIMESTAMP))"


def members(name: str, sql: str, type_: Any) -> Iterator[tuple[str, str, Any]]:
    """The fields of a record, those of records in it among them, with column and type."""
    for member, inner in type_.children:
        path = f"{name}.{member}"
        part = f"STRUCT_EXTRACT({sql}, {text(member)})"
        if family_of(inner) == "record":
            yield from members(path, part, inner)
        else:
            yield path, part, inner
