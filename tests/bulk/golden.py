"""
The SQL of one small definition for each dialect, as files to read and to compare with.

``PYTHONPATH=tests python -m bulk.golden`` writes them anew.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from mqlkit import (
    Group,
    Qualification,
    Rule,
    Scorecard,
    activity,
    attribute,
    grade,
    half_life,
    score,
)
from mqlkit.bulk import to_sql
from mqlkit.bulk.dialects import DIALECTS

FOLDER: Final = Path(__file__).parent / "golden"
NOW: Final = datetime(2026, 3, 31, 12, tzinfo=UTC)

CARD: Final = Scorecard(
    Group(
        "fit",
        [
            Rule("50 people or more", attribute("employees") >= 50, 15),
            Rule("decides", attribute("title").contains_any("vp", "chief"), 12.5),
        ],
        cap=20,
    ),
    Group(
        "engagement",
        [
            Rule.each("pricing", activity("page_view", page="/pricing").within(days=30), 10,
                      at_most=3),
            Rule.latest("demo", activity("demo_request"), 40, decay=half_life(days=14)),
        ],
    ),
)  # fmt: skip
MQL: Final = Qualification(
    "mql",
    version="3",
    when=(score() >= 40) & (activity("page_view").within(days=14).count() >= 1),
    card=CARD,
    never={"rival": attribute("email").domain_is("rival.example")},
    at_once={"asked": activity("demo_request").within(days=2).happened()},
    grades={"fit": grade("fit", {"A": 20, "B": 10}, lowest="C")},
    labels={"hot": score("engagement") >= 30},
)


def text_of(dialect: str) -> str:
    """The SQL for an engine."""
    return to_sql(MQL, dialect=dialect, as_of=NOW)


def path_of(dialect: str) -> Path:
    """The file with the SQL for an engine."""
    return FOLDER / f"{dialect}.sql"


if __name__ == "__main__":
    for name in DIALECTS:
        path_of(name).write_text(text_of(name), encoding="utf-8")
