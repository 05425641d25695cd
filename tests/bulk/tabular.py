"""
Worlds of tables from a seed: leads and activities with columns of every kind, as bad as real ones.

A `World` is rows in memory. A `Store` puts them into an engine's tables and says how its dialect
reads each column; `World.lead` makes the same lead for the reference engine.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any, ClassVar, Final, Literal, NamedTuple, Protocol, TypeAlias

import attrs
from engines.nasty_leads import BASE, HOUR, KINDS, NUMBERS, PAGES, SPANS, TAGS, TICK
from engines.nasty_leads import TEXTS as ODD_TEXTS

from mqlkit import Activity, Lead
from mqlkit.bulk.dialects.base import Dialect
from mqlkit.bulk.dialects.duckdb import DuckDB
from mqlkit.bulk.statement import Statement
from mqlkit.bulk.tables import ActivityTable, Cell, Held, LeadTable, Tables
from mqlkit.value import is_blank

Stored: TypeAlias = Literal["whole", "number", "text", "flag", "instant", "date", "items"]
"""How a column is stored; an instant and a date both hold a moment."""

HELD: Final[Mapping[Stored, Held]] = {
    "whole": "whole",
    "number": "number",
    "text": "text",
    "flag": "flag",
    "instant": "moment",
    "date": "moment",
    "items": "items",
}

FIELDS: Final[dict[str, Stored]] = {
    "employees": "whole",
    "revenue": "number",
    "title": "text",
    "industry": "text",
    "email": "text",
    "is_customer": "flag",
    "tags": "items",
    "signed_up": "instant",
    "born": "date",
    "company.size": "number",
    "account.industry": "text",
}
"""The columns of the leads."""

PROPERTIES: Final[dict[str, Stored]] = {
    "page": "text",
    "amount": "number",
    "seats": "whole",
    "paid": "flag",
    "sent": "instant",
    "day": "date",
}
"""The columns of the activities that are properties."""

TEXTS: Final = (
    *ODD_TEXTS,
    "O'Neil",
    'say "vp"',
    "100%_off",
    "100x1off",
    "a\\b",
    "back\\",
    "\N{GRINNING FACE} vp",
    "\N{DESERET CAPITAL LETTER LONG I}",
    "\N{DESERET SMALL LETTER LONG I}",
    "\N{LATIN CAPITAL LETTER SHARP S}",
    "σς",
    "ΣΣ",
    "ÄÖÜ",
    "äöü",
    "\N{LATIN CAPITAL LETTER D WITH SMALL LETTER Z WITH CARON}",
    "ada@@x",
    "ada@ ",
    "@",
    "a@b@",
    "ada@ex\\ample.com",
    "vp\nhead",
    "vp\n",
    "a\nb",
    "$1",
    "{{ x }}",
    "--",
    "a;b",
    "\ue000k",
    "?",
    "?vp",
)
BLANKS: Final = ("", " ", "   ")
NO_BLANKS: Final = ("\t", "\n", "\N{NO-BREAK SPACE}", "\N{IDEOGRAPHIC SPACE}", "\N{EM SPACE} ")
"""White space that is no blank: only spaces are."""

WHOLE: Final = (-1, 0, 1, 2, 3, 5, 12, 13, 50, 51, 1000, 2**53, 2**53 + 1, -(2**53) - 1)
HUGE: Final = (10**12, 10**12 + 1, -(10**12), 10**15, 2**62, -(2**62))
FLOATS: Final = (
    *map(float, NUMBERS),
    -0.0,
    0.0,
    0.0005,
    0.0015,
    0.0025,
    -0.0005,
    1.005,
    2.675,
    1e-300,
    1e12,
    1e12 + 0.0625,
    -1e12,
    1e300,
    math.inf,
    -math.inf,
    math.nan,
)
LEAD_IDS: Final = ("a", "A", "b ", "O'Neil", 'quoted "id"', "é", "\N{GRINNING FACE}", "7", "007")
EXTREME: Final = (
    datetime.min.replace(tzinfo=UTC) + TICK,
    datetime.max.replace(tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC),
    datetime(1969, 12, 24, 12, tzinfo=UTC),
)


class LeadRow(NamedTuple):
    """A row of the leads."""

    id: str
    values: Mapping[str, Any]
    stage: str | None
    stage_since: datetime | None
    as_of: datetime


class ActivityRow(NamedTuple):
    """A row of the activities."""

    lead: str | None
    kind: str | None
    at: datetime | None
    id: str | None
    values: Mapping[str, Any]


@attrs.frozen(slots=False)
class World:
    """
    Rows of leads and of activities.

    Args:
        leads: Of one id may be several, each at its own instant.
        activities: None where they were not loaded.
        fields: The columns of the leads, and how they are stored.
        properties: The same of the activities.
    """

    leads: Sequence[LeadRow]
    activities: Sequence[ActivityRow] | None
    fields: Mapping[str, Stored] = FIELDS
    properties: Mapping[str, Stored] = PROPERTIES
    unique_ids: bool = False

    def __attrs_post_init__(self) -> None:
        self.__dict__["_by_lead"] = by_lead = {}
        for row in self.activities or ():
            if row.at is not None and not is_blank(row.kind):
                by_lead.setdefault(row.lead, []).append(row)

    def lead(self, row: LeadRow) -> Lead:
        """The lead of a row, as a reader of tables gives it to the reference engine."""
        activities = None
        if self.activities is not None:
            activities = [
                Activity(one.kind, one.at, dict(one.values), one.id)
                for one in self.__dict__["_by_lead"].get(row.id, ())
            ]
        return Lead(
            row.id,
            dict(row.values),
            activities,
            stage=row.stage,
            stage_since=row.stage_since,
            unique_ids=self.unique_ids,
        )


class RowMaker:
    """
    Makes rows from one source of chance.

    Args:
        chance: Where it takes its choices from.
    """

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.tidy = chance.choice((0.5, 0.75, 0.95))
        """How much of what it makes is there, and usual."""

    def beside(self, at: datetime) -> datetime:
        """That instant, or a microsecond beside it."""
        return at + self.chance.choice((-TICK, 0 * TICK, 0 * TICK, TICK))

    def as_of(self) -> datetime:
        """When to decide."""
        chance, roll = self.chance, self.chance.random()
        if roll < 0.5:
            return BASE
        if roll < 0.95:
            return self.beside(BASE + chance.choice((-1, 1)) * chance.choice(SPANS))
        return chance.choice(EXTREME)

    def moment(self) -> datetime:
        """When something happened, or will."""
        chance, roll = self.chance, self.chance.random()
        if roll < 0.8:
            return self.beside(BASE - chance.choice(SPANS))
        if roll < 0.88:
            return self.beside(BASE + chance.choice(SPANS))
        if roll < 0.97:
            return BASE - chance.randrange(100 * 24) * HOUR
        return chance.choice(EXTREME)

    def value(self, stored: Stored) -> Any:
        """A value for a column, None where it is blank."""
        chance, roll = self.chance, self.chance.random()
        if roll > (1 + self.tidy) / 2:
            return None
        usual = roll < self.tidy
        match stored:
            case "whole":
                return chance.choice(WHOLE if usual else HUGE)
            case "number":
                return chance.choice(FLOATS[:13] if usual else FLOATS)
            case "text":
                return self.text(usual)
            case "flag":
                return chance.random() < 0.5
            case "instant":
                return self.moment()
            case "date":
                return self.moment().date()
            case "items":
                texts = (*TAGS, *TAGS, None, "", " ", *NO_BLANKS[:1], *TEXTS[:12])
                return [chance.choice(texts) for _ in range(chance.randrange(4))]

    def text(self, usual: bool) -> str:
        """A text; sometimes a blank one, or one that only looks blank."""
        chance = self.chance
        if usual:
            return chance.choice((*TEXTS[:8], *PAGES[:4]))
        return chance.choice((*BLANKS, *NO_BLANKS, *TEXTS, *TEXTS))

    def values(self, columns: Mapping[str, Stored]) -> dict[str, Any]:
        """A value for every column."""
        return {name: self.value(stored) for name, stored in columns.items()}

    def lead(self, id: str) -> LeadRow:
        """A row of the leads."""
        chance = self.chance
        stage = chance.choice((None, "", "lead", "mql", "sal"))
        since = chance.choice((None, self.moment(), self.moment()))
        return LeadRow(id, self.values(FIELDS), stage, since, self.as_of())

    def activities(self, lead: str) -> list[ActivityRow]:
        """What a lead did: none, few or many; some of it told twice, or at one instant."""
        chance = self.chance
        made = [self.activity(lead) for _ in range(chance.choice((0, 1, 2, 4, 8, 16)))]
        for _ in range(chance.randrange(4) if made else 0):
            made.append(self.again(chance.choice(made)))
        return made

    def activity(self, lead: str) -> ActivityRow:
        """Something that happened; now and then a row that does not count."""
        chance = self.chance
        at = self.moment() if chance.random() < 0.97 else None
        kind = chance.choice(KINDS) if chance.random() < 0.97 else chance.choice((None, "", " "))
        id = chance.choice((None, f"a{chance.randrange(4)}", f"b{chance.randrange(1000)}"))
        return ActivityRow(lead, kind, at, id, self.values(PROPERTIES))

    def again(self, row: ActivityRow) -> ActivityRow:
        """A row told again: as it is, later, as another kind, or with something else in it."""
        chance = self.chance
        name = chance.choice(list(PROPERTIES))
        other = {**row.values, name: self.value(PROPERTIES[name])}
        return chance.choice((
            row,
            row._replace(at=self.moment()),
            row._replace(kind=chance.choice(KINDS)),
            row._replace(values=other),
            row._replace(values=other, kind=chance.choice(KINDS)),
            row._replace(lead=None),
        ))  # fmt: skip

    def world(self, leads: int = 8) -> World:
        """Some leads, a few of them at several instants, and what they did."""
        chance = self.chance
        ids = [*LEAD_IDS, *(f"lead {n}" for n in range(leads))][:leads]
        rows = [self.lead(id) for id in ids]
        rows += [chance.choice(rows)._replace(as_of=self.as_of()) for _ in range(leads // 4)]
        activities = [one for id in [*ids, "nobody"] for one in self.activities(id)]
        chance.shuffle(rows)
        chance.shuffle(activities)
        one_each = {(row.id, row.as_of): row for row in rows}
        return World(list(one_each.values()), activities)


def world(seed: int, leads: int = 8) -> World:
    """The world of a seed."""
    return RowMaker(Random(f"world {seed}")).world(leads)


# -- engines ---------------------------------------------------------------------------------------


class Store(Protocol):
    """An engine with tables; each engine's test brings its own."""

    dialect: Dialect

    def write(self, world: World) -> Tables:
        """Puts a world into tables, in place of the one before."""
        ...

    def rows(self, statement: Statement) -> list[dict[str, Any]]:
        """
        The answer: texts, whole millipoints, and instants in microseconds since 1970.
        """
        ...


def tables_of(
    world: World,
    dialect: Dialect,
    cell: Callable[[str, Stored], str],
    leads: str = "leads_raw",
    activities: str = "acts_raw",
    before: str | None = None,
) -> Tables:
    """
    The tables of a world in an engine.

    Args:
        cell: The expression that reads a column as it is stored; the column's name is quoted.
    """
    quoted = dialect.quoted

    def cells(columns: Mapping[str, Stored]) -> dict[str, Cell]:
        return {name: Cell(cell(quoted(name), how), HELD[how]) for name, how in columns.items()}

    lead_table = LeadTable(
        leads,
        quoted("id"),
        cells(world.fields),
        stage=cell(quoted("stage"), "text"),
        stage_since=cell(quoted("stage_since"), "instant"),
        as_of=cell(quoted("as_of"), "instant"),
    )
    if world.activities is None:
        return Tables(lead_table)
    activity_table = ActivityTable(
        activities,
        quoted("lead"),
        cell(quoted("kind"), "text"),
        cell(quoted("at"), "instant"),
        quoted("id"),
        cells(world.properties),
        before,
    )
    return Tables(lead_table, activity_table, unique_ids=world.unique_ids)


def lead_columns(world: World) -> Iterator[tuple[str, Stored, list[Any]]]:
    """The columns of the leads with their values."""
    rows = world.leads
    yield "id", "text", [row.id for row in rows]
    yield "stage", "text", [row.stage for row in rows]
    yield "stage_since", "instant", [row.stage_since for row in rows]
    yield "as_of", "instant", [row.as_of for row in rows]
    for name, stored in world.fields.items():
        yield name, stored, [row.values.get(name) for row in rows]


def activity_columns(world: World) -> Iterator[tuple[str, Stored, list[Any]]]:
    """The columns of the activities with their values."""
    rows = world.activities or ()
    yield "lead", "text", [row.lead for row in rows]
    yield "kind", "text", [row.kind for row in rows]
    yield "at", "instant", [row.at for row in rows]
    yield "id", "text", [row.id for row in rows]
    for name, stored in world.properties.items():
        yield name, stored, [row.values.get(name) for row in rows]


class DuckDBStore:
    """DuckDB, whose session is far from UTC."""

    dialect: Dialect = DuckDB()
    types: ClassVar[Mapping[Stored, str]] = {
        "whole": "int64",
        "number": "float64",
        "text": "string",
        "flag": "bool",
    }

    def __init__(self) -> None:
        import duckdb

        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'America/New_York'; SET threads = 2")

    def write(self, world: World) -> Tables:
        self.connection.register("leads_raw", self._table(lead_columns(world)))
        self.connection.register("acts_raw", self._table(activity_columns(world)))
        return tables_of(world, self.dialect, self.cell)

    def cell(self, column: str, stored: Stored) -> str:
        """How a stored column is read."""
        match stored:
            case "text":
                return self.dialect.not_blank(column)
            case "number":
                return f"CASE WHEN NOT ISNAN({column}) THEN {column} END"
            case "instant" | "date":
                return f"EPOCH_US({column})"
            case _:
                return column

    def rows(self, statement: Statement) -> list[dict[str, Any]]:
        names = [out.name for out in statement.columns]
        shown = [
            f'EPOCH_US("{out.name}")' if out.kind == "moment" else f'"{out.name}"'
            for out in statement.columns
        ]
        text = f"SELECT {', '.join(shown)} FROM ({statement.text})"
        points = {out.name for out in statement.columns if out.kind == "points"}
        return [
            {name: _millis(v) if name in points else v for name, v in zip(names, row, strict=True)}
            for row in self.connection.execute(text).fetchall()
        ]

    @staticmethod
    def _table(columns: Iterator[tuple[str, Stored, list[Any]]]) -> Any:
        import pyarrow as pa

        types = {
            "whole": pa.int64(),
            "number": pa.float64(),
            "text": pa.string(),
            "flag": pa.bool_(),
            "instant": pa.timestamp("us", tz="UTC"),
            "date": pa.date32(),
            "items": pa.list_(pa.string()),
        }
        made = {name: pa.array(values, types[stored]) for name, stored, values in columns}
        return pa.table(made)


def _millis(points: Any) -> int:
    """Points as a database gives them, as whole millipoints."""
    millis = points * 1000
    assert millis == int(millis)
    return int(millis)
