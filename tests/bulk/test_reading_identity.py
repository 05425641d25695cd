"""A lead that the in-process engine reads and one that bulk reads are the same lead."""

import csv
import io
import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mqlkit.bulk import BulkError
from mqlkit.bulk.reading.plain_csv import plain_csv
from mqlkit.bulk.reading.staging import Staging
from mqlkit.tables import ActivityColumns, ActivityFile, Column, FileMapping, Files, LeadColumns
from mqlkit.tables.mapping import Layout

from .reading_compare import by_bulk, by_core, opened

Random = random.Random
SEEDS = [*range(12), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(12, 100))]

NUMBERS = (
    "12", "-3.5", "+7", "1e6", ".5", "5.", "1,234", "1.234,5", "3,5", "NaN", "inf", "007", "1e999",
    "12345678901234567890", "0.1", "1e-5", "99999999999999999", "-0", "1_000", "12 %", "٣", "1e400",
    "123456789012345678", "9007199254740993", "0.30000000000000004", "--1", "+", "1.5E+3",
)  # fmt: skip
FLAGS = ("true", "YES", "1", "no", "0", "False", "ja", "NEIN", "y", "İ", "ſ", "on")
MOMENTS = (
    "2026-03-01", "2026-03-01T12:00Z", "2026-03-01 12:00:00.5+01:00", "2026-02-30", "01/03/2026",
    "2026-03-29 02:30:00", "2026-03-01T12:00:00", "2026-03-01 24:00:00",
    "0001-01-01T00:00:00+14:00",
    "2026-03-01T12:00:00.123456789Z", "2026-03-01T12:00:00,5Z", "1772366400", "1772366400.25",
    "2026-03-01T12:00:60Z", "2026-03-01T12:00:00+00:00", "2026-03-01T12:00:00-0530", "0000-01-01",
    "2026-3-1", "2026-03-01T12", "1900-02-29", "2000-02-29 23:59:59.999999Z",
    "9999-12-31T23:59:59Z",
    "31.12.2025 23:59", "2026-03-01 12:00", "1e400", "-5", "2026-03-01T12:00:00+0000",
)  # fmt: skip
TEXTS = (
    "VP Sales", "", " ", "\t", "NA", "n/a", "Na ", "select", "Ünïcödé", "a;b; c;NA;", "'quoted'",
    'say "hi"', "two\nlines", "x" * 50, "\u00a0padded\u00a0", "\u2003", "K", "ﬀ", "-",
    "back\\slash", "comma,inside", "SELECT 1; DROP TABLE t", "{}", "null", "\u3000x", "\x1c", "0",
)  # fmt: skip
KEYS = ("a", "b", "c", " a", "A", "é", "7", "", " ", "d\t", "o'x", "x" * 40, '"q"', "e", "f", "g")
KINDS = ("page_view", "Page", "email_open", "", " page_view ", "Page Viewed")
FIELDS = ("n", "f", "m", "i", "t", "plain", 'Weird "name"', "dotted.name", "order")


def columns(random: Random, names: tuple[str, ...]) -> dict[str, Column]:
    """How some of the columns are read."""
    found: dict[str, Column] = {}
    for name in names:
        if random.random() < 0.25:
            continue
        kind = {"n": "number", "f": "flag", "m": "moment", "i": "items"}.get(name, "any")
        if random.random() < 0.15:
            kind = random.choice(("any", "text", "number", "flag", "moment", "items"))
        options: dict[str, Any] = {}
        if kind == "number" and random.random() < 0.3:
            options |= random.choice(({"thousands": ","}, {"thousands": ".", "decimal": ","}))
        if kind == "moment":
            options |= random.choice(
                ({}, {"zone": "UTC"}, {"zone": "Europe/Berlin"}, FORMATS[0], *FORMATS)
            )
        if kind == "flag" and random.random() < 0.3:
            options |= {"yes": ("ja", "on"), "no": ("nein",)}
        if kind == "items" and random.random() < 0.3:
            options |= {"separator": ","}
        blanks = frozenset(random.sample(("NA", "n/a", "Select", "ﬀ", "0"), random.randint(0, 2)))
        field = random.choice((name, f"{name} field"))
        found[name] = Column(field, kind, blanks, **options)
    return found


FORMATS: tuple[dict[str, str], ...] = (
    {},
    {"format": "%d/%m/%Y"},
    {"format": "epoch seconds"},
    {"format": "epoch milliseconds"},
    {"format": "%d.%m.%Y %H:%M", "zone": "America/New_York"},
)


def mapping(random: Random) -> FileMapping:
    """A mapping of leads and activities."""
    others = random.choice(("keep", "skip"))
    at = Column("at", "moment", **random.choice(({}, {"zone": "UTC"}, {"zone": "Asia/Tokyo"})))
    blanks = frozenset(random.sample(("NA", "-"), random.randint(0, 2)))
    return FileMapping(
        LeadColumns(
            columns=columns(random, FIELDS),
            others=others,
            blanks=blanks,
            stage=random.choice((None, "order")),
        ),
        (
            ActivityColumns(
                kinds=random.choice(({}, {"Page": "page_view", "Page Viewed": "it's"})),
                at=at,
                columns=columns(random, FIELDS[:6]),
                others=others,
                blanks=blanks,
            ),
        ),
        stated=True,
    )


def cell(random: Random, name: str) -> str:
    """A cell, mostly of the column's kind."""
    pools = {"n": NUMBERS, "f": FLAGS, "m": MOMENTS, "at": MOMENTS[:7]}
    if random.random() < 0.15 or name not in pools:
        return random.choice(TEXTS)
    return random.choice(pools[name])


def records(random: Random, names: tuple[str, ...], rows: int) -> list[dict[str, str]]:
    """Rows of text."""
    found: list[dict[str, str]] = []
    for _ in range(rows):
        row = {name: cell(random, name) for name in names}
        for key in ("id", "lead_id"):
            if key in names:
                row[key] = random.choice(KEYS) if random.random() < 0.7 else str(random.random())
        if "kind" in names:
            row["kind"] = random.choice(KINDS)
        if "at" in names and random.random() < 0.8:
            row["at"] = f"2026-03-{random.randint(1, 28):02}T{random.randint(0, 23):02}:30:00Z"
        found.append(row)
    return found


def as_csv(random: Random, names: tuple[str, ...], rows: list[dict[str, str]]) -> bytes:
    """A CSV file: plain, or with something that no program should write."""
    file = io.StringIO()
    writer = csv.writer(
        file,
        quoting=random.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
        lineterminator=random.choice(("\n", "\r\n")),
    )
    writer.writerow(names)
    for row in rows:
        writer.writerow([row[name] for name in names])
    data = file.getvalue().encode()
    if random.random() < 0.4:
        where = data.find(b"\n") + 1 + random.randrange(1 + len(data) // 2)
        data = data[:where] + random.choice(SPOILS) + data[where:]
    if random.random() < 0.1:
        data = b"\xef\xbb\xbf" + data
    return data


SPOILS = (
    b"\n", b"\n\n", b'"', b'""', b",", b"\xff", b"\x00", b"\r", b'x"y', b' "x" ', b"\n,,\n",
    b"\xed\xa0\x80",
    b'"a" ,', b"\n\r\n", b"a\nb", b"\xc2", b"\\", b"\n \n", b'"\n', b"\xe2\x80\xa8", b"\x1a",
)  # fmt: skip


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'America/New_York'")
        yield connection


LEADS = ("id", *FIELDS)
ACTIVITIES = ("lead_id", "kind", "at", "id", *FIELDS[:6])


def check(
    connection: duckdb.DuckDBPyConnection, leads: Path, activities: Path | None, how: FileMapping
) -> None:
    """Both readers find the same leads and the same faults."""
    files = [] if activities is None else [ActivityFile(str(activities))]
    expected, faults = by_core(Files(str(leads), files, how))
    try:
        tables = opened(connection, leads, activities, how)
    except BulkError as error:
        assert_nothing_has_a_key(error, leads, expected)
        return
    try:
        found, counted = by_bulk(tables)
    finally:
        tables.close()
    assert found == expected
    assert counted == faults


def assert_nothing_has_a_key(error: BulkError, leads: Path, expected: dict[str, Any]) -> None:
    """Bulk stops where no row of a file has a key; the core then has no row of that file."""
    for fault in error.faults:
        file, told, _ = fault.partition(": no row has the column ")
        assert told, error
        if file == str(leads):
            assert expected == {}
        else:
            assert not any(timeline for _, timeline, _ in expected.values())


@pytest.mark.parametrize("seed", SEEDS)
def test_a_csv_file_has_the_same_leads(
    seed: int, tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Cells of every form, mappings of every form, files of good and bad form."""
    random = Random(seed)
    leads, activities = tmp_path / "leads.csv", tmp_path / "it's activities.csv"
    leads.write_bytes(as_csv(random, LEADS, records(random, LEADS, random.randint(0, 25))))
    activities.write_bytes(
        as_csv(random, ACTIVITIES, records(random, ACTIVITIES, random.randint(0, 40)))
    )
    check(connection, leads, random.choice((activities, activities, None)), mapping(random))


# -- JSON Lines --------------------------------------------------------------------------------


def value(random: Random, depth: int = 0) -> object:
    """A value of JSON."""
    kind = random.randrange(9 if depth < 2 else 6)
    match kind:
        case 0:
            return random.choice((None, True, False))
        case 1:
            return random.choice((0, 1, -7, 2**53 + 1, 10**30, 5))
        case 2:
            return random.choice((0.5, -1e300, 3.0, 1e-7))
        case 3 | 4 | 5:
            halves = () if depth else ("\ud800", "a\x00b")  # within a list no column can hold them
            return random.choice((*TEXTS, *NUMBERS, *FLAGS, *MOMENTS, *halves))
        case 6:
            return [value(random, 2) for _ in range(random.randrange(3))]
        case 7:
            return [random.choice(TEXTS) for _ in range(random.randrange(4))]
        case _:
            names = random.sample(("employees", "a.b", "a", "order"), random.randrange(3))
            return {name: value(random, depth + 1) for name in names}


def as_json_lines(random: Random, names: tuple[str, ...], rows: list[dict[str, str]]) -> bytes:
    """A JSON Lines file, with some lines that are none."""
    lines: list[bytes] = []
    for row in rows:
        data: dict[str, object] = {}
        for name in names:
            keyed = name in ("id", "lead_id", "kind", "at")
            if random.random() < 0.9:
                data[name] = row[name] if keyed or random.random() < 0.4 else value(random)
        if random.random() < 0.1:
            data["id"] = random.choice((7, 7.5, True, None, "\t", ["a"], 10**20))
        lines.append(json.dumps(data, ensure_ascii=random.random() < 0.5).encode(errors="ignore"))
        if random.random() < 0.05:
            lines.append(
                random.choice(
                    (
                        b"",
                        b"{",
                        b"[]",
                        b'{"id": "a", "id": "b"}',
                        b"\xff",
                        b"{}",
                        b'{"id": NaN}',
                        b'{"id": "z", "n": 1e999}',
                    )
                )
            )
    return b"\n".join(lines)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_json_lines_file_has_the_same_leads(
    seed: int, tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Values of every kind, records in records, and lines that are none."""
    random = Random(seed)
    leads, activities = tmp_path / "leads.jsonl", tmp_path / "activities.ndjson"
    leads.write_bytes(as_json_lines(random, LEADS, records(random, LEADS, random.randint(0, 25))))
    activities.write_bytes(
        as_json_lines(random, ACTIVITIES, records(random, ACTIVITIES, random.randint(0, 40)))
    )
    check(connection, leads, random.choice((activities, activities, None)), mapping(random))


# -- Parquet -----------------------------------------------------------------------------------


def instant(random: Random, zone: tzinfo | None) -> datetime:
    """An instant of some years, a fraction of a second among them."""
    day = datetime(
        random.randint(1900, 2200), random.randint(1, 12), random.randint(1, 28), tzinfo=zone
    )
    return day + timedelta(microseconds=random.randrange(86_400_000_000))


def typed_columns() -> dict[str, tuple[Any, Callable[[Random], object]]]:
    """Types of Parquet, each with what makes a value of it."""
    text = lambda random: random.choice((*TEXTS, *NUMBERS, "a\x00b"))  # noqa: E731
    return {
        "text": (pa.string(), text),
        "large text": (pa.large_string(), text),
        "words": (
            pa.dictionary(pa.int8(), pa.string()),
            lambda r: r.choice(("VP", "", "NA", "cto")),
        ),
        "int8": (pa.int8(), lambda r: r.randint(-128, 127)),
        "int64": (pa.int64(), lambda r: r.choice((0, 2**63 - 1, -(2**63), r.randint(-99, 99)))),
        "uint64": (pa.uint64(), lambda r: r.choice((0, 2**64 - 1, 2**53 + 1))),
        "float": (pa.float32(), lambda r: r.choice((0.1, float("nan"), float("inf"), -2.5))),
        "double": (pa.float64(), lambda r: r.choice((0.1, float("nan"), float("-inf"), 1e308))),
        "decimal": (pa.decimal128(12, 3), lambda r: Decimal(r.randint(-(10**11), 10**11)) / 1000),
        "wide decimal": (
            pa.decimal128(38, 10),
            lambda r: Decimal(r.randint(-(10**37), 10**37)).scaleb(-10),
        ),
        "flag": (pa.bool_(), lambda r: r.random() < 0.5),
        "date": (pa.date32(), lambda r: instant(r, None).date()),
        "instant": (pa.timestamp("us", "UTC"), lambda r: instant(r, UTC)),
        "instant ms": (
            pa.timestamp("ms", "Europe/Berlin"),
            lambda r: instant(r, UTC).replace(microsecond=0),
        ),
        "naive": (pa.timestamp("us"), lambda r: instant(r, None)),
        "list": (
            pa.list_(pa.string()),
            lambda r: [r.choice((*TEXTS, None)) for _ in range(r.randrange(3))],
        ),
        "record": (
            pa.struct([("size", pa.int32()), ("a", pa.struct([("b", pa.string())]))]),
            lambda r: {"size": r.choice((None, 5)), "a": r.choice((None, {"b": text(r)}))},
        ),
        "nothing": (pa.null(), lambda r: None),
    }


TYPED = typed_columns()


def as_parquet(random: Random, names: tuple[str, ...], rows: int, path: Path) -> None:
    """A Parquet file with columns of some types."""
    columns: dict[str, Any] = {}
    for name in names:
        if name in ("id", "lead_id", "kind", "at"):
            continue
        # A stage is text: a column that can hold none is refused before anything runs.
        type_, make = TYPED["text" if name == "order" else random.choice(list(TYPED))]
        columns[name] = pa.array(
            [None if random.random() < 0.15 else make(random) for _ in range(rows)], type_
        )
    for key in {"id", "lead_id"} & {*names}:
        if random.random() < 0.7:
            columns[key] = pa.array(
                [random.choice((*KEYS, None)) for _ in range(rows)], pa.string()
            )
        else:
            columns[key] = pa.array([random.randint(0, 20) for _ in range(rows)], pa.int32())
    if "kind" in names:
        columns["kind"] = pa.array(
            [random.choice((*KINDS, None)) for _ in range(rows)], pa.string()
        )
        instants = [random.choice((instant(random, UTC), None)) for _ in range(rows)]
        columns["at"] = pa.array(instants, pa.timestamp("us", random.choice(("UTC", "Asia/Tokyo"))))
    pq.write_table(pa.table(columns), path, row_group_size=7)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_parquet_file_has_the_same_leads(
    seed: int, tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Columns of every type, with and without a mapping that says what they are."""
    random = Random(seed)
    leads, activities = tmp_path / "it's [1]*.parquet", tmp_path / "activities.parquet"
    as_parquet(random, LEADS, random.randint(0, 25), leads)
    as_parquet(random, ACTIVITIES, random.randint(0, 40), activities)
    check(connection, leads, random.choice((activities, activities, None)), mapping(random))


# -- what is read by which reader --------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "plain"),
    [
        (b'id,a\n1,"x, y"\n2,"two\nlines"\n', True),
        (b"id,a\r\n1,x\r\n2,\r\n", True),
        (b"id,a\n1,x,\n2,y\n", False),  # an empty cell too many, which DuckDB passes over
        (b'id,a\n1,x"y\n', False),
        (b"id,a\n\n1,x\n", False),
        (b"id,a\n1,\xff\n", False),
        (b"id\n1\n", False),
        (b"", False),
    ],
)
def test_only_csv_files_of_plain_form_are_left_to_duckdb(
    content: bytes, plain: bool, tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(content)
    names = ("id", "a")[: content.split(b"\n")[0].count(b",") + 1]
    read = plain_csv(connection, str(path), names, Layout(delimiter=","), Staging())
    assert (read is not None) == plain
