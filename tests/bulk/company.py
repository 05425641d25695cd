"""A company's leads and activities from a seed, as tables of Arrow, and its definition."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq

from mqlkit import (
    Group,
    Qualification,
    Rule,
    Scorecard,
    activity,
    attribute,
    grade,
    half_life,
    linear,
    score,
)

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

CARD = Scorecard(
    Group(
        "fit",
        [
            Rule("big", attribute("employees") >= 50, 15),
            Rule("decides", attribute("title").contains_any("vp", "chief"), 12),
        ],
        cap=20,
    ),
    Group(
        "engagement",
        [
            Rule.each(
                "pricing", activity("page_view", page="/pricing").within(days=30), 10, at_most=3
            ),
            Rule.latest("demo", activity("demo_request"), 40, decay=half_life(days=14)),
            Rule.each("opens", activity("email_open"), 1, at_most=20, decay=linear(days=90)),
        ],
    ),
)
MQL = Qualification(
    "mql",
    version="3",
    when=(score() >= 40) & (activity("page_view").within(days=14).count() >= 1),
    card=CARD,
    never={"rival; of ours": attribute("email").domain_is("rival.example")},
    at_once={"asked": activity("demo_request").within(days=2).happened()},
    grades={"fit": grade("fit", {"A": 20, "B": 10}, lowest="C")},
    labels={"hot": score("engagement") >= 30},
)

TITLES = (None, "VP Sales", 'x;y, "z"', "\N{GRINNING FACE}\nchief", "nobody\\")
MAILS = (None, "a@rival.example", "b@c.example", "@")
ACTIVITIES = pa.schema(
    [
        ("lead_id", pa.string()),
        ("kind", pa.string()),
        ("at", pa.timestamp("us", "UTC")),
        ("id", pa.string()),
        ("page", pa.string()),
    ]
)


def lead_rows(count: int, chance: Random) -> list[dict[str, object]]:
    """Leads whose keys order otherwise as text than as numbers."""
    return [
        {
            "id": f"lead {number}",
            "employees": chance.choice((None, 10, 60)),
            "title": chance.choice(TITLES),
            "email": chance.choice(MAILS),
        }
        for number in range(count)
    ]


def activity_rows(
    leads: Sequence[str], count: int, chance: Random, until: datetime = NOW
) -> list[dict[str, object]]:
    """What leads did up to two days after *until*, with ids of which some repeat."""
    return [
        {
            "lead_id": chance.choice(leads),
            "kind": chance.choice(("page_view", "demo_request", "email_open")),
            "at": until + 48 * HOUR - chance.randrange(100 * 24 * 60) * timedelta(minutes=1),
            "id": chance.choice((None, f"a{chance.randrange(count)}")),
            "page": chance.choice((None, "/pricing", "/")),
        }
        for _ in range(count)
    ]


def lead_table(rows: list[dict[str, object]]) -> pa.Table:
    schema = pa.schema(
        [
            ("id", pa.string()),
            ("employees", pa.int64()),
            ("title", pa.string()),
            ("email", pa.string()),
        ]
    )
    return pa.Table.from_pylist(rows, schema)


def activity_table(rows: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(rows, ACTIVITIES)


def tables(leads: int = 200, activities: int = 4_000, seed: int = 1) -> tuple[pa.Table, pa.Table]:
    """Leads and activities."""
    chance = Random(seed)
    rows = lead_rows(leads, chance)
    did = activity_rows([str(row["id"]) for row in rows], activities, chance)
    return lead_table(rows), activity_table(did)


def shuffled(table: pa.Table, seed: int) -> pa.Table:
    """The same rows in another order."""
    places = list(range(table.num_rows))
    Random(seed).shuffle(places)
    return table.take(pa.array(places))


def files(folder: Path, leads: pa.Table, activities: pa.Table) -> dict[str, Path]:
    """The tables as files, to be given to `bulk.decide`."""
    paths = {"leads": folder / "leads.parquet", "activities": folder / "activities.parquet"}
    pq.write_table(leads, paths["leads"])
    pq.write_table(activities, paths["activities"])
    return paths


SMALL = Qualification(
    "small",
    version="1",
    when=activity("page_view").within(days=14).count() >= 2,
    never={"rival": attribute("email").domain_is("rival.example")},
)
"""What takes little time to print and to plan."""
