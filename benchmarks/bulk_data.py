"""
Leads and activities as files, for `bulk.py`: the same ones each time, 20 activities a lead.

Whatever is by chance hangs on the number of its row alone, so a table of any size is made piece by
piece. Of 200 activities one has the id of an earlier one: most are the same once more, as a queue
delivers them, some came with another value and a little later. A few have no id, some lie in the
future, some belong to nobody. Half of the fields have blanks.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

import duckdb

AS_OF: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
A_LEAD: Final = 20
PIECE: Final = 5_000_000
GROUP: Final = 122_880
"""Rows of a row group."""

KINDS: Final[Mapping[str, int]] = {
    "page_view": 38,
    "mail_opened": 22,
    "post_liked": 10,
    "guide_read": 8,
    "question": 6,
    "basket": 5,
    "webcast": 4,
    "call": 3,
    "demo": 2,
    "trial": 1,
    "opted_out": 1,
}
"""How often each is of a hundred."""
PAGES: Final = (
    "/",
    "/pricing",
    "/docs",
    "/blog",
    "/jobs",
    "/about",
    "/guide/1",
    "/guide/2",
    "/guide/3",
)


class Folder(NamedTuple):
    """Where the files of one size are."""

    path: Path

    @property
    def leads(self) -> str:
        return str(self.path / "leads.parquet")

    @property
    def activities(self) -> str:
        return str(self.path / "activities-*.parquet")

    @property
    def rows(self) -> int:
        return int(self.path.name)


def folder(within: Path, rows: int) -> Folder:
    """The files of so many activities, made unless they are there."""
    found = Folder(within / str(rows))
    found.path.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(config={"threads": 2, "memory_limit": "1GB"}) as connection:
        connection.execute("SET preserve_insertion_order = false; SET TimeZone = 'UTC'")
        for name, query in _pieces(rows):
            _write(connection, query, found.path / name)
    return found


def _write(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    """A file that is whole or not there."""
    if path.exists():
        return
    unfinished = path.with_suffix(".unfinished")
    connection.execute(
        f"COPY ({query}) TO '{unfinished}' "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {GROUP})"
    )
    unfinished.rename(path)


def _pieces(rows: int) -> Iterator[tuple[str, str]]:
    leads = rows // A_LEAD
    yield "leads.parquet", _leads(leads)
    for number, first in enumerate(range(0, rows, PIECE)):
        yield f"activities-{number:03}.parquet", _activities(first, min(rows, first + PIECE), leads)


def chance(row: str, which: int) -> str:
    """A number from 0 up to 1, by a row's number and what it is for."""
    return f"(hash({row}, {which}) // 2048 / 9007199254740992.0)"


def below(most: int, row: str, which: int) -> str:
    """A whole number from 0 up to *most*, by chance."""
    return f"(hash({row}, {which}) % {most})::BIGINT"


def one_of(values: tuple[object, ...], row: str, which: int, blank: float) -> str:
    """One of some values, or a blank that often."""
    some = f"[{', '.join(map(literal, values))}]"
    place = below(len(values), row, which)
    return f"CASE WHEN {chance(row, which + 1000)} >= {blank} THEN {some}[1 + {place}] END"


def literal(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else repr(value)


def key(number: str) -> str:
    """The id of a lead."""
    return f"'00Q' || lpad(({number})::VARCHAR, 12, '0')"


SECTORS = ("retail", "energy", "insurance", "transport", "media", "public", "farming")
ROLES = ("Owner", "Head of Sales", "Trainee", "IT Buyer", "Engineer", "Partner", "Data Analyst")
REGIONS = ("north", "south", "alps", "coast", "capital", "islands", "lakes", "abroad", "overseas")
MAIL = ("post.example", "Mail.example", "free.example", *(f"firm-{n}.example" for n in range(12)))
FIRMS = ("rival.example", "copycat.example", *(f"firm-{n}.example" for n in range(98)))


def _leads(count: int) -> str:
    return f"""
    SELECT {key("n")} AS id
        , {one_of(SECTORS, "n", 1, 0.1)} AS sector
        , ({one_of((3, 12, 39, 40, 85, 260, 1_900), "n", 2, 0.2)})::INTEGER AS staff
        , {one_of(ROLES, "n", 3, 0.3)} AS role
        , {one_of(REGIONS, "n", 4, 0.05)} AS region
        , ({one_of((0.4e6, 2.5e6, 19.99e6, 20e6, 75.5e6), "n", 5, 0.5)})::DOUBLE AS turnover
        , 'p' || n || '@' || {one_of(MAIL, "n", 6, 0.1)} AS email
        , {one_of(FIRMS, "n", 7, 0.2)} AS firm_domain
        , ({one_of((12.5, 40.0, 64.9, 65.0, 88.25), "n", 8, 0.4)})::DOUBLE AS fit_index
    FROM range({count}) AS t(n)"""


def _activities(first: int, last: int, leads: int) -> str:
    whose = f"floor({leads} * pow({chance('j', 11)}, 1.5))::BIGINT"
    kinds = [kind for kind, share in KINDS.items() for _ in range(share)]
    again = "n >= 200 AND hash(n, 10) % 200 = 0"
    ago = f"180 * 86400e6 * pow({chance('j', 13)}, 1.5) - 86400e6 * 1.5"
    return f"""
    SELECT CASE WHEN hash(j, 20) % 1000 > 0 THEN to_hex(hash(j, 21)) END AS id
        , {key("w")} AS lead_id
        , kind
        , make_timestamptz({int(AS_OF.timestamp() * 1e6)} - ago + shift * 1000000) AS "at"
        , CASE WHEN kind = 'basket' AND hash(j, 15) % 10 > 0
               THEN 20 + {below(760, "j", 16)} / 2 + shift END AS value
        , CASE WHEN kind IN ('page_view', 'guide_read') THEN page END AS page
    FROM (
        SELECT j
            , shift
            , CASE WHEN hash(j, 17) % 1000 = 0 THEN {leads} + 7 ELSE whose * 7919 % {leads} END AS w
            , {_list(kinds)}[1 + {below(100, "j", 12)}] AS kind
            , round({ago})::BIGINT AS ago
            , {one_of(PAGES, "j", 14, 0.1)} AS page
        FROM (
            SELECT CASE WHEN {again} THEN n - 1 - {below(199, "n", 18)} ELSE n END AS j
                , CASE WHEN {again} AND hash(n, 19) % 4 = 0
                       THEN 1 + {below(90, "n", 22)} ELSE 0 END AS shift
                , {whose} AS whose
            FROM range({first}, {last}) AS t(n)
        )
    )"""


def _list(values: list[str]) -> str:
    return f"[{', '.join(map(literal, values))}]"
