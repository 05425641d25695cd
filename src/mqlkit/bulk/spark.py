"""
Decisions on Spark: frames in, a frame out, all of it native expressions.

A frame is only described here: Spark reads no row before somebody asks the answer for one. No
module of pyspark is imported; whoever has a frame has loaded it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

from ..definition import Definition
from ..errors import did_you_mean
from ..tables.cell import EPOCHS, Column
from ..tables.mapping import DEFAULT, ActivityColumns, FileMapping, LeadColumns, read_mapping
from ..value import MICROSECOND, fold, instant, named_kind
from .dialects.base import DAY_MICROS, Refused
from .dialects.spark import Spark
from .reader import FITTING
from .reading.spelling import SPACES
from .refusals import BulkError, Faults
from .statement import Instants, statement
from .tables import ActivityTable, Cell, Held, LeadTable, Tables

SparkFrame: TypeAlias = Any
"""A ``pyspark.sql.DataFrame``, of a classic session or of Spark Connect."""
SparkSession: TypeAlias = Any
"""A ``pyspark.sql.SparkSession``."""

_DIALECT: Final = Spark()
_ESCAPED_SETTING: Final = "spark.sql.parser.escapedStringLiterals"

_READ: Final[Mapping[str, tuple[Held, str]]] = {
    "byte": ("whole", "CAST({0} AS BIGINT)"),
    "short": ("whole", "CAST({0} AS BIGINT)"),
    "integer": ("whole", "CAST({0} AS BIGINT)"),
    "long": ("whole", "{0}"),
    "decimal": ("number", _DIALECT.not_nan("{0}")),
    "float": ("number", _DIALECT.not_nan("{0}")),
    "double": ("number", _DIALECT.not_nan("{0}")),
    "boolean": ("flag", "{0}"),
    "timestamp": ("moment", _DIALECT.micros("{0}")),
    "date": ("moment", f"(CAST(UNIX_DATE({{0}}) AS BIGINT) * {DAY_MICROS})"),
}
"""How columns of a type are read; a date is its midnight in UTC."""
_TEXTS: Final = ("string", "char", "varchar")
_MEND: Final[Mapping[str, str]] = {
    "timestamp_ntz": "it names no instant; cast it to timestamp in the zone that it is of",
}


def is_spark(value: object) -> bool:
    """
    Whether *value* is a frame or a session of Spark; imports nothing to tell.

    >>> is_spark("crm.leads")
    False
    """
    return any(
        kind.__module__.startswith("pyspark.sql.") and kind.__name__ in ("DataFrame", _SESSION)
        for kind in type(value).__mro__
    )


_SESSION: Final = "SparkSession"


def decide(
    mql: Definition,
    leads: SparkFrame | str,
    activities: SparkFrame | str | None = None,
    *,
    as_of: datetime | Sequence[datetime] | str,
    mapping: FileMapping | str | Path | None = None,
    session: SparkSession | None = None,
    rules: bool = False,
    changes_at: bool = False,
    missing: bool = True,
    ordered: bool = False,
    unique_ids: bool = False,
) -> SparkFrame:
    """
    Decides every lead of a Spark table.

    Args:
        mql: What is decided.
        leads: A frame, or a table's name. One row for each lead; a row without a key is left out.
        activities: The same; one row for each activity. None where they were not loaded, so that
            what is asked about them is unknown.
        as_of: The instant to decide at. Or several, for a row of each lead and instant. Or the
            name of a column of *leads* that has one for each row. Aware.
        mapping: Which column is what; a `FileMapping`, or the path of a mapping file.
        session: A ``SparkSession``, where both are names of tables.
        rules: Whether to answer with the points of each rule, too.
        changes_at: Whether to answer with the next instant to look again at, too.
        missing: Whether to answer with the fields that a decision waits for.
        ordered: Whether rows come in the order of leads and instants: one more exchange.
        unique_ids: No activity's id repeats; so nothing is compared.

    Returns:
        A frame with one row for each lead, or for each lead and instant. Nothing has run when it
        comes back.

    Raises:
        BulkError: A column is missing or of another type, or Spark cannot do a part of the
            definition; tells everything that stands in the way.
        MappingFileError: The mapping file has faults; tells all of them.
    """
    columns = mapping if isinstance(mapping, FileMapping) else _mapping(mapping)
    spark = _session(leads, activities, session)
    if spark is None:
        raise BulkError(["tables by their names need a session: connection=spark"])
    faults = Faults()
    frames = _frames(spark, leads, activities, faults)
    sheets = {name: _Sheet(frame.schema, name, faults) for name, frame in frames.items()}
    tables = _tables(sheets, columns, as_of, faults, unique_ids=unique_ids)
    text = ""
    try:
        text = statement(
            mql, tables, _DIALECT, _instants(as_of),
            rules=rules, changes_at=changes_at, missing=missing, ordered=ordered,
        ).text  # fmt: skip
    except BulkError as error:
        for fault in error.faults:
            faults.add(_with_type(fault, sheets.values()))
    faults.check()
    bound, named = _bound(text, frames)
    return spark.sql(bound, **named)


def _mapping(path: str | Path | None) -> FileMapping:
    return DEFAULT if path is None else read_mapping(path)


def _session(*values: object) -> SparkSession | None:
    """The session of the first that has one."""
    for value in values:
        if is_spark(value):
            return getattr(value, "sparkSession", value)
    return None


def _frames(
    spark: SparkSession, leads: object, activities: object, faults: Faults
) -> dict[str, SparkFrame]:
    """The frames that are given, tables by their names among them."""
    found: dict[str, SparkFrame] = {}
    for what, given in (("leads", leads), ("activities", activities)):
        if isinstance(given, str):
            found[what] = spark.table(given)
        elif is_spark(given) and hasattr(given, "schema"):
            found[what] = given
        elif given is not None or what == "leads":
            wanted = "on Spark they are a Spark frame or a table's name"
            faults.add(f"{what}: {named_kind(given)}; {wanted}")
    if str(spark.conf.get(_ESCAPED_SETTING, "false")).lower() == "true":
        faults.add(f"the session reads no escapes in texts; set {_ESCAPED_SETTING} to false")
    if "leads" not in found:
        faults.check()
    return found


def _tables(
    sheets: Mapping[str, "_Sheet"],
    mapping: FileMapping,
    as_of: object,
    faults: Faults,
    *,
    unique_ids: bool,
) -> Tables:
    """What a statement reads of the frames."""
    first, *others = mapping.activities
    if others:
        faults.add(
            "activities: the mapping has several [[activities]]; "
            "give all of one form, joined with unionByName"
        )
    if mapping.from_activities:
        faults.add(
            "leads: the mapping takes them from the activities; "
            "give leads=activities.select('lead_id').distinct()"
        )
    leads = sheets["leads"].leads(mapping.leads, as_of if isinstance(as_of, str) else None)
    activities = sheets["activities"].activities(first) if "activities" in sheets else None
    return Tables(leads, activities, unique_ids=unique_ids)


def _bound(text: str, frames: Mapping[str, SparkFrame]) -> tuple[str, dict[str, SparkFrame]]:
    """A statement whose first steps are the frames, in the way of a format string."""
    named = {_given(what): frame for what, frame in frames.items()}
    steps = ", ".join(f"{name} AS (SELECT * FROM {{{name}}})" for name in named)
    escaped = text.replace("{", "{{").replace("}", "}}")
    first = re.compile("^WITH ", flags=re.MULTILINE)
    return first.sub(lambda _: f"WITH {steps}, ", escaped, count=1), named


def _given(what: str) -> str:
    """The name of the step with the rows of a frame."""
    return f"given_{what}"


def _instants(as_of: datetime | Sequence[datetime] | str) -> Instants:
    """The instants of a statement; None where each row has its own."""
    if isinstance(as_of, str):
        return None
    if isinstance(as_of, datetime):
        return instant(as_of, "as_of")
    return [instant(one, "as_of") for one in as_of]


def _with_type(fault: str, sheets: Iterable["_Sheet"]) -> str:
    """A fault about a field that is there but of a type that nothing reads."""
    for sheet in sheets:
        for field, problem in sheet.unread.items():
            asked = f"asks for the field {field!r}, which the {sheet.what} do not have"
            place, there, _ = fault.partition(asked)
            if there:
                return f"{place}asks for the field {field!r}, {problem}"
    return fault


class _Stored(NamedTuple):
    """A column: what it is read by, and its type."""

    sql: str
    type: Any


class _Sheet:
    """
    The columns of a frame.

    Args:
        schema: Of the frame.
        what: Whose they are: ``leads``.
        faults: Told of everything that is wrong.
    """

    def __init__(self, schema: Any, what: str, faults: Faults) -> None:
        self.what, self._faults = what, faults
        self.unread: dict[str, str] = {}
        """Fields of a type that is not read, with what to say of each."""
        self._columns = dict(self._stored(schema))

    def _stored(
        self, struct: Any, prefix: str = "", sql: str = ""
    ) -> Iterator[tuple[str, _Stored]]:
        """All columns; of a struct its members, with dots between the names."""
        seen: set[str] = set()
        for field in struct.fields:
            if field.name.lower() in seen:
                self._fault(f"there are two columns {prefix + field.name!r}; rename one")
            seen.add(field.name.lower())
            try:
                column = sql + _DIALECT.quoted(field.name)
            except Refused as refused:
                self._fault(str(refused))
                continue
            if field.dataType.typeName() == "struct":
                yield from self._stored(field.dataType, f"{prefix}{field.name}.", f"{column}.")
            else:
                yield prefix + field.name, _Stored(column, field.dataType)

    def _fault(self, problem: str) -> None:
        self._faults.add(f"{self.what}: {problem}")

    # -- the tables ----------------------------------------------------------------------------

    def leads(self, mapping: LeadColumns, as_of: str | None) -> LeadTable:
        """The leads."""
        id = self._pick(mapping.id, "id", "lead_id")
        instant = None if as_of is None else self._moment(as_of, Column(as_of, "moment"))
        taken = {name for name in (mapping.id, mapping.stage) if name}
        where = [self._there(id)] + ([] if instant is None else [f"{instant} IS NOT NULL"])
        return LeadTable(
            _where(_given(self.what), where),
            self._key(id),
            self._cells(mapping, taken),
            stage=None if mapping.stage is None else self._text(self._pick(mapping.stage)),
            as_of=instant,
        )

    def activities(self, mapping: ActivityColumns) -> ActivityTable:
        """The activities."""
        lead = self._pick(mapping.lead, "lead_id", "lead")
        at = self._moment(mapping.at_column, mapping.at)
        id = mapping.id if mapping.id is not None else "id" if "id" in self._columns else None
        named = {mapping.lead, mapping.kind, mapping.at_column, mapping.id}
        usual = {"lead_id", "lead", "kind", "at", "id"}
        return ActivityTable(
            _where(_given(self.what), [self._there(lead)]),
            self._key(lead),
            self._kind(mapping),
            at,
            None if id is None else _DIALECT.not_blank(self._key(self._pick(id))),
            self._cells(mapping, {name for name in named if name} | usual),
        )

    def _kind(self, mapping: ActivityColumns) -> str:
        if mapping.kind_is:
            return _DIALECT.text(mapping.kind_is)
        kind = self._text(self._pick(mapping.kind, "kind"))
        if not mapping.kinds:
            return kind
        text = _DIALECT.text
        renamed = (f"WHEN {text(old)} THEN {text(new)}" for old, new in mapping.kinds.items())
        return f"CASE {kind} {' '.join(renamed)} ELSE {kind} END"

    # -- single columns ------------------------------------------------------------------------

    def _pick(self, stated: str | None, *usual: str) -> str:
        """The stated column, or the first of the usual ones; told where there is none."""
        if stated is not None:
            if stated not in self._columns:
                self._fault(f"there is no column {stated!r}; {did_you_mean(stated, self._columns)}")
            return stated
        found = next((name for name in usual if name in self._columns), None)
        if found is None:
            wanted = " or ".join(map(repr, usual))
            self._fault(f"there is no column {wanted}; a mapping says which column it is")
        return found or ""

    def _key(self, name: str) -> str:
        """A key as text: a text or a whole number."""
        stored = self._columns.get(name)
        if stored is None:
            return "NULL"
        kind = stored.type.typeName()
        if kind in _TEXTS:
            return _plain(stored)
        if kind in _READ and _READ[kind][0] == "whole":
            return f"CAST({stored.sql} AS STRING)"
        self._fault(f"the key {name!r} is {_type(stored)}; cast it to a string")
        return "NULL"

    def _there(self, name: str) -> str:
        key = self._key(name) if name in self._columns else "NULL"
        return f"LTRIM({key}) <> ''"

    def _text(self, name: str) -> str:
        """A column of texts; *name* is picked, and told where it is not there."""
        stored = self._columns.get(name)
        if stored is None:
            return "NULL"
        if stored.type.typeName() not in _TEXTS:
            self._fault(f"{name!r} is {_type(stored)}; cast it to a string")
        return _DIALECT.not_blank(_plain(stored))

    def _moment(self, name: str, column: Column) -> str:
        """A column of instants, in microseconds since 1970."""
        stored = self._columns.get(self._pick(name))
        if stored is None:
            return "NULL"
        cell = _read(stored, column)
        if cell is not None and cell.held == "moment":
            return cell.sql
        mend = _MEND.get(stored.type.typeName(), "cast it to a timestamp")
        self._fault(f"{name!r} is {_type(stored)}; {mend}")
        return "NULL"

    def _cells(self, mapping: LeadColumns | ActivityColumns, taken: set[str]) -> dict[str, Cell]:
        """What stands in each field; what is not listed goes by its own name."""
        listed = dict(mapping.columns)
        for name in listed:
            if name not in self._columns:
                self._fault(f"there is no column {name!r}; {did_you_mean(name, self._columns)}")
        given = {column.field for column in listed.values()}
        if mapping.others == "keep":
            for name in self._columns:
                if name not in taken and name not in listed and name not in given:
                    listed[name] = Column(name, "any", mapping.blanks)
        cells: dict[str, Cell] = {}
        for name, column in listed.items():
            stored = self._columns.get(name)
            cell = None if stored is None else self._cell(name, column, stored)
            if cell is not None:
                cells[column.field] = cell
        return cells

    def _cell(self, name: str, column: Column, stored: _Stored) -> Cell | None:
        """How a column is read; None, and noted, where nothing reads its type."""
        cell = _read(stored, column)
        if cell is None:
            kind = stored.type.typeName()
            mend = _MEND.get(kind, "cast it, or give its parts as columns of their own")
            self.unread[column.field] = f"whose column is {_type(stored)}: {mend}"
            return None
        if column.kind != "any" and cell.held not in FITTING[column.kind]:
            self._fault(
                f"the mapping says that {name!r} is {column.kind}, but it is {_type(stored)}; "
                "cast it first"
            )
        return cell


def _read(stored: _Stored, column: Column) -> Cell | None:
    """How a column of a type is read."""
    kind = stored.type.typeName()
    if kind in _READ:
        held, how = _READ[kind]
        if held == "whole" and column.kind == "moment" and column.format in EPOCHS:
            unit = EPOCHS[column.format] // MICROSECOND
            return Cell(f"(CAST({stored.sql} AS BIGINT) * {unit})", "moment")
        return Cell(how.format(stored.sql), held)
    if kind in _TEXTS:
        return Cell(_filled(_plain(stored), column.blanks), "text")
    if kind == "array" and stored.type.elementType.typeName() in _TEXTS:
        return Cell(stored.sql, "items")
    return None


def _plain(stored: _Stored) -> str:
    """A text that is compared by its code points, whatever the column's collation."""
    collated = getattr(stored.type, "collation", "UTF8_BINARY") != "UTF8_BINARY"
    return f"CAST({stored.sql} AS STRING)" if collated else stored.sql


def _filled(text: str, blanks: Iterable[str]) -> str:
    """A text; NULL where it is blank, one of the stated blanks in any case, or holds a NUL."""
    words = sorted({fold(word) for word in blanks})
    bare = f"TRIM(BOTH {_DIALECT.text(SPACES)} FROM {text})"
    if words:
        listed = ", ".join(map(_DIALECT.text, ["", *words]))
        there = f"{_DIALECT.folded(bare, words)} NOT IN ({listed})"
    else:  # what begins with a visible ASCII letter needs no second look
        there = f"(({text} >= '!' AND {text} < '~') OR {bare} <> '')"
    return f"CASE WHEN {there} AND NOT CONTAINS({text}, CHR(0)) THEN {text} END"


def _type(stored: _Stored) -> str:
    return str(stored.type.simpleString())


def _where(relation: str, conditions: Sequence[str]) -> str:
    return f"(SELECT * FROM {relation} WHERE {' AND '.join(conditions)}) AS {relation}"
