"""
The few fields, values, kinds and instants that generated leads and definitions share.

Few on purpose: a criterion about a field that no lead has finds no bug. Instants lie on the edges
of the windows, one microsecond beside them, and in between.
"""

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

from ...value import Kind

NOW: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)

FIELDS: Final[Mapping[str, Kind]] = {
    "employees": "number",
    "revenue": "number",
    "title": "text",
    "industry": "text",
    "email": "domain",
    "is_customer": "flag",
    "founded": "moment",
    "interests": "items",
    "account.employees": "number",
    "account.industry": "text",
}
"""Attributes with the kind that they are read as."""

PROPERTIES: Final[Mapping[str, Kind]] = {
    "page": "text",
    "channel": "text",
    "asset_id": "text",
    "amount": "number",
    "bot": "flag",
}
"""Properties of activities with the kind that they are read as."""

KINDS: Final = ("page_view", "email_open", "demo_request")
STAGES: Final = ("mql", "recycled")
WORDS: Final = ("vp", "Sales", "software", "Fintech", "/pricing", "/blog", "a", "b", "ſhoe")
DOMAINS: Final = ("rival.example", "home.example")
NUMBERS: Final = (-3, 0, 1, 2, 49.5, 50, 2.5, 0.001, 1_000)
SPANS: Final = (1, 7, 30)
MOMENTS: Final = (NOW - timedelta(days=30), NOW - timedelta(days=1), NOW + timedelta(days=7))

VALUES: Final[Mapping[Kind, tuple[object, ...]]] = {
    "number": (*NUMBERS, Decimal("2.5")),
    "text": (*WORDS, "VP Sales", "SOFTWARE"),
    "written": WORDS,
    "flag": (True, False),
    "moment": (*MOMENTS, date(2026, 1, 31)),
    "items": ((), ("a",), ("a", "b"), ("Software", "b")),
    "domain": ("ada@rival.example", "bob@HOME.example", "cy@other.example"),
}
"""Good values by kind: what fills a blank."""

BLANKS: Final = (None, "", "  ", math.nan)
STRANGE: Final[Mapping[Kind, tuple[object, ...]]] = {
    "number": ("50", True, ("a",)),
    "text": (50, False, ("a", "b")),
    "written": (50,),
    "flag": (1, "true"),
    "moment": ("2026-01-31", 20260131, datetime(2026, 1, 31)),  # noqa: DTZ001  # naive: a fault
    "items": ("a", {"a": 1}, 5),
    "domain": ("nobody", 7),
}
"""Values of the wrong kind; each is a data fault and reads as unknown."""

OFFSETS: Final = tuple(
    sign * timedelta(days=days) + nudge
    for days in (*SPANS, 2, 28, 29, 31, 60)
    for sign in (-1, 1)
    for nudge in (timedelta(0), MICROSECOND, -MICROSECOND)
    if sign < 0 or days <= 7
)
"""From now to an activity: on the edges of windows, just beside them, and a few to come."""
