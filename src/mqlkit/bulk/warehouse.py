"""
A definition as text for a warehouse, which runs it without mqlkit.

Nothing looks at its tables: they have a column for each field that the definition asks for, of
the kind that it asks. What they call otherwise, ``columns=`` says.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from difflib import get_close_matches
from typing import Final, TypeAlias, get_args

import attrs

from ..definition import Definition
from ..errors import did_you_mean
from ..tables import ActivityColumns, FileMapping, LeadColumns
from ..tables.cell import Column
from ..value import WANTED, Kind, instant, listing, show
from .dialects import dialect as dialect_of
from .dialects.base import Dialect, Refused
from .refusals import BulkError, Faults
from .statement import Instants, statement
from .tables import HELD_AS, ActivityTable, Cell, Held, LeadTable, Noting, Tables

Named: TypeAlias = str | tuple[str, Held] | None
"""A column's name, or its name and what it holds; None: there is no such column."""
Columns: TypeAlias = Mapping[str, Mapping[str, Named]]

_STEPS: Final = re.compile(
    r"(read_leads|read_activities|marked|repeated|winners|once|found|known|[ek]\d*|some\d+(_[ew]\d*)?)",
    re.IGNORECASE,
)
_OPENS_TEMPLATE: Final = re.compile(r"\{[{%#]")
_OWN: Final[Mapping[str, tuple[str, ...]]] = {
    "leads": ("lead_id", "stage", "stage_since"),
    "activities": ("lead_id", "kind", "at", "id"),
}


def to_sql(
    mql: Definition,
    *,
    dialect: str,
    leads: str = "leads",
    activities: str | None = "activities",
    as_of: datetime | Sequence[datetime] | str,
    columns: FileMapping | Columns | None = None,
    rules: bool = False,
    changes_at: bool = False,
    missing: bool = False,
    unique_ids: bool = False,
    ordered: bool = False,
) -> str:
    """
    The SQL that decides all leads of a table: one row for each.

    The tables have a column for each field that the definition asks for, of the kind that it asks
    it as, and beside them ``lead_id`` of the leads, and ``lead_id``, ``kind``, ``at`` and ``id``
    of the activities; ``stage`` and ``stage_since`` of the leads where it asks for the stage.
    Instants carry their zone. Two activities of one id are one when they are alike in what the
    definition asks for.

    Args:
        mql: What is decided.
        dialect: ``duckdb``, ``spark``, ``postgres``, ``sqlite``, ``clickhouse`` and ``datafusion``
            are run in the tests of mqlkit; ``bigquery``, ``snowflake``, ``trino`` and
            ``databricks`` are parsed there, and their text says so.
        leads: What stands behind FROM: a table, a query in parentheses, or a template's text. It
            is yours, and stands in the statement as it is.
        activities: The same; None where they are not loaded, so that what is asked about them is
            unknown.
        as_of: The instant to decide at, aware; several give a row for each lead and instant. A
            text with ``{{`` is a template's, for one instant; any other is the name of a column
            of the leads that has one for each row.
        columns: What the tables call their columns: ``{"leads": {"employees": "NUM_EMPLOYEES"},
            "activities": {"id": None}}``. With a pair, also what a column holds: ``("SKU",
            "whole")``. None says that there is none. Or a `FileMapping` of the command line.
        rules: Whether to answer with what each rule gives, too.
        changes_at: Whether to answer with the next instant to look again at, too.
        missing: Whether to answer with what is missing, too.
        unique_ids: No activity's id repeats: it needs no ``id``, and nothing is compared.
        ordered: Whether rows come in the order of leads and instants.

    Returns:
        One SELECT, without a semicolon. Points have three decimals, in SQLite as REAL.

    Raises:
        UnknownNameError: There is no such dialect.
        BulkError: The engine or the tables cannot do it; tells everything that they cannot.

    >>> from mqlkit import Qualification, attribute
    >>> mql = Qualification("mql", version="1", when=attribute("employees") >= 50)
    >>> text = to_sql(
    ...     mql,
    ...     dialect="snowflake",
    ...     leads="{{ ref('leads') }}",
    ...     as_of="{{ run_started_at }}",
    ...     columns={"leads": {"employees": "NUM_EMPLOYEES"}},
    ... )
    >>> print(text[: text.index("WITH")])
    -- mql version 1 (mq1-912ef2d7c549ba8ebad0)
    -- for Snowflake; parsed in tests, not run there
    -- as of {{ run_started_at }}
    <BLANKLINE>
    """
    given = _Given(dialect_of(dialect), leads, activities, columns)
    own = as_of if isinstance(as_of, str) and "{{" not in as_of else None
    instants = None if own is not None else _instants(as_of)

    def made(tables: Tables) -> str:
        return statement(
            mql, attrs.evolve(tables, unique_ids=unique_ids), given.dialect, instants,
            rules=rules, changes_at=changes_at, missing=missing, ordered=ordered,
        ).text  # fmt: skip

    noted = Noting(), Noting()
    with suppress(BulkError):  # it is told below, about the columns that there are
        made(_noting(noted, own, loaded=activities is not None))
    tables = given.tables(noted, own)
    text = ""
    try:
        text = made(tables)
    except BulkError as error:
        given.faults.gather(error)
    given.faults.check()
    return text


def _instants(as_of: datetime | Sequence[datetime] | str) -> Instants:
    if isinstance(as_of, datetime):
        return instant(as_of, "as_of")
    return as_of if isinstance(as_of, str) else [instant(one, "as_of") for one in as_of]


def _noting(noted: tuple[Noting, Noting], as_of: str | None, *, loaded: bool) -> Tables:
    """Tables that have whatever they are asked for."""
    leads = LeadTable("leads", "NULL", noted[0], "NULL", "NULL", None if as_of is None else "NULL")
    activities = ActivityTable("activities", "NULL", "NULL", "NULL", "NULL", noted[1])
    return Tables(leads, activities if loaded else None)


class _Given:
    """What is said about the tables of a warehouse, and what is wrong with it."""

    def __init__(
        self,
        dialect: Dialect,
        leads: str,
        activities: str | None,
        columns: FileMapping | Columns | None,
    ) -> None:
        self.dialect, self.faults = dialect, Faults()
        self._leads = self._relation(leads, "leads")
        self._activities = None if activities is None else self._relation(activities, "activities")
        if isinstance(columns, FileMapping):
            columns = self._of_mapping(columns)
        self._columns = columns or {}
        for name in self._columns.keys() - _OWN.keys():
            self.faults.add(f"columns: there is no table {name!r}; {did_you_mean(name, _OWN)}")

    def _relation(self, text: str, what: str) -> str:
        """What stands behind FROM."""
        if _STEPS.fullmatch(text.strip()):
            self.faults.add(
                f"{what}: {text.strip()!r} is the name of a step of the statement; "
                f"say the table with its schema, or as (SELECT * FROM {text.strip()})"
            )
        return f"{text} AS given_{what}" if text.strip().startswith("(") else text

    def tables(self, noted: tuple[Noting, Noting], as_of: str | None) -> Tables:
        """The tables as the definition asks for them."""
        leads, activities = self._lead_table(noted[0], as_of), None
        if self._activities is not None:
            activities = self._activity_table(self._activities, noted[1])
        return Tables(leads, activities)

    def _lead_table(self, noted: Noting, as_of: str | None) -> LeadTable:
        dialect = self.dialect
        stage = self._own("leads", "stage") if noted.stage else None
        since = self._own("leads", "stage_since") if noted.stage else None
        return LeadTable(
            self._leads,
            dialect.key(self._own("leads", "lead_id") or "NULL"),
            self._fields("leads", noted),
            None if stage is None else dialect.cell(stage, "text"),
            None if since is None else dialect.cell(since, "moment"),
            None if as_of is None else dialect.micros(self._column("as_of", as_of)),
        )

    def _activity_table(self, relation: str, noted: Noting) -> ActivityTable:
        dialect = self.dialect
        lead, kind, at, id = (self._own("activities", name) for name in _OWN["activities"])
        return ActivityTable(
            relation,
            dialect.key(lead or "NULL"),
            dialect.cell(kind or "NULL", "text"),
            dialect.micros(at or "NULL"),
            None if id is None else dialect.key(id),
            self._fields("activities", noted),
        )

    # -- columns -----------------------------------------------------------------------------

    def _own(self, table: str, name: str) -> str | None:
        """A column that is no field; None where they say that there is none."""
        stated = self._stated(table, name)
        if stated is None and name in ("lead_id", "kind", "at"):
            self.faults.add(f"columns: the {table} need a column {name!r}")
        return None if stated is None else self._column(table, stated[0])

    def _fields(self, table: str, noted: Noting) -> dict[str, Cell]:
        """A cell for each field that is asked for."""
        self._check_asked(table, noted)
        cells: dict[str, Cell] = {}
        for field, kinds in sorted(noted.kinds.items()):
            stated = self._stated(table, field)
            if stated is None:
                continue  # whoever asks for it is told that it is not there
            name, held = stated
            held = held or self._held(table, field, kinds)
            cells[field] = Cell(self.dialect.cell(self._column(table, name), held), held)
        return cells

    def _held(self, table: str, field: str, kinds: Iterable[Kind]) -> Held:
        """What a column holds, as it is asked for."""
        asked: dict[Held, str] = {HELD_AS[kind]: WANTED[kind] for kind in kinds if kind in HELD_AS}
        order: list[Held] = sorted(asked)
        first = order[0] if order else "text"
        if len(asked) > 1:
            some = " and as ".join(asked[held] for held in order)
            self.faults.add(
                f"{table}: {field!r} is asked for as {some}; columns= says what it holds, "
                f"as in columns={{{table!r}: {{{field!r}: ({field!r}, {first!r})}}}}"
            )
        return first

    def _column(self, table: str, name: str) -> str:
        """A column by its name."""
        try:
            self.dialect.text(name)  # it refuses what no database has
            if _OPENS_TEMPLATE.search(name):
                self.dialect.refuse(f"a column whose name opens a template: {show(name)}")
            return self.dialect.column(name)
        except Refused as refused:
            self.faults.add(f"{table}: {refused}; columns= may call it otherwise")
            return "NULL"

    def _stated(self, table: str, name: str) -> tuple[str, Held | None] | None:
        """The column of a field and what it holds, as far as anybody says so."""
        named = self._columns.get(table, {}).get(name, name)
        match named:
            case None:
                return None
            case str():
                return named, None
            case (str(column), held) if held in get_args(Held):
                return column, held
            case _:
                self.faults.add(
                    f"columns: {table}: {name!r} is {show(named)}; wanted a column's name, or "
                    f"a name and one of {listing(list(get_args(Held)))}"
                )
                return name, None

    def _check_asked(self, table: str, noted: Noting) -> None:
        """A name that is nearly one that is asked for is a slip."""
        known = {*noted.kinds, *_OWN[table]}
        for name in self._columns.get(table, {}).keys() - known:
            if get_close_matches(name, known, n=1, cutoff=0.75):
                told = f"the definition asks the {table} for no {name!r}"
                self.faults.add(f"columns: {told}; {did_you_mean(name, known)}")

    # -- mapping files -----------------------------------------------------------------------

    def _of_mapping(self, mapping: FileMapping) -> Columns:
        """The columns of a mapping file."""
        if len(mapping.activities) > 1 or mapping.from_activities:
            self.faults.add("columns: a mapping for to_sql has one [leads] and one [[activities]]")
        leads, activities = mapping.leads, next(iter(mapping.activities))
        if activities.kind_is or activities.kinds:
            self.faults.add("columns: kind_is and kinds are for files; say kinds in the relation")
        own = {"lead_id": leads.id or "lead_id", "stage": leads.stage or "stage"}
        also = {
            "lead_id": activities.lead or "lead_id",
            "kind": activities.kind or "kind",
            "at": activities.at_column,
            "id": activities.id or "id",
        }
        return {
            "leads": {**own, **self._listed(leads, "leads")},
            "activities": {**also, **self._listed(activities, "activities")},
        }

    def _listed(self, columns: LeadColumns | ActivityColumns, table: str) -> dict[str, Named]:
        """Fields with their columns."""
        found: dict[str, Named] = {}
        for name, column in columns.columns.items():
            if attrs.evolve(column, field="", kind="any", blanks=columns.blanks) != Column(
                "", blanks=columns.blanks
            ):
                self.faults.add(
                    f"columns: {table}: {name!r} is written in a way of its own; a warehouse has "
                    "typed columns: cast it in the relation"
                )
            held: Held | None = None if column.kind == "any" else column.kind
            found[column.field] = name if held is None else (name, held)
        if columns.blanks:
            self.faults.add(f"columns: {table}: blanks are for files; say NULLIF in the relation")
        return found
