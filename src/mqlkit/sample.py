"""
A small made-up market: business leads with activities, to try a definition on.

The same seed gives the same files, whenever and wherever it runs. Nobody in it exists: companies
have addresses under the reserved ``.example``, and free-mail addresses say that they are made up.
"""

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

from .errors import DefinitionError
from .value import DAY, instant

_TITLES: Final[Mapping[str, int]] = {
    "Marketing Manager": 12, "Head of Growth": 7, "VP Sales": 6, "Director of Operations": 7,
    "Chief Executive Officer": 5, "Revenue Operations Manager": 6, "Sales Development Rep": 7,
    "Software Engineer": 9, "Account Executive": 7, "Office Assistant": 5, "Team Lead": 5,
    "Freelance Consultant": 5, "Student": 4, "Marketing Intern": 3, "": 12,
}  # fmt: skip
_INDUSTRIES: Final[Mapping[str, int]] = {
    "software": 26, "financial services": 12, "professional services": 12, "manufacturing": 12,
    "logistics": 8, "retail": 10, "healthcare": 7, "education": 4, "": 9,
}  # fmt: skip
_COUNTRIES: Final[Mapping[str, int]] = {
    "DE": 22,
    "US": 34,
    "GB": 14,
    "FR": 10,
    "NL": 8,
    "IN": 8,
    "": 4,
}
_SOURCES: Final[Mapping[str, int]] = {
    "organic search": 30, "paid search": 20, "webinar": 12, "referral": 10, "event": 8,
    "social": 14, "": 6,
}  # fmt: skip
_SIZES: Final[Mapping[tuple[int, int], int]] = {
    (1, 9): 22, (10, 49): 26, (50, 199): 24, (200, 999): 16, (1_000, 20_000): 8, (0, 0): 4,
}  # fmt: skip
_FIRST: Final = (
    "Ada", "Amir", "Bea", "Chen", "Dana", "Elif", "Emeka", "Grace", "Hugo", "Ines", "Jonas",
    "Kofi", "Lena", "Mateo", "Mira", "Noor", "Olga", "Priya", "Rosa", "Sven", "Tariq", "Yuki",
)  # fmt: skip
_LAST: Final = (
    "Adeyemi", "Bauer", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Haddad", "Ito",
    "Jansen", "Kaya", "Lopez", "Meyer", "Novak", "Okafor", "Patel", "Rossi", "Silva", "Tanaka",
)  # fmt: skip
_COMPANIES: Final = (
    "Acorn", "Birchway", "Copperleaf", "Driftline", "Eastgate", "Fernhill", "Granite", "Harbor",
    "Ironwood", "Juniper", "Kestrel", "Lumen", "Marlow", "Northbeam", "Orchard", "Pinecrest",
)  # fmt: skip
_FREE_MAIL: Final = ("gmail.com", "outlook.com", "yahoo.com", "gmx.de")
_PAGES: Final[Mapping[str, int]] = {
    "/": 28, "/product": 20, "/blog": 22, "/pricing": 15, "/customers": 8, "/integrations": 8,
    "": 2,
}  # fmt: skip
_CONTENT: Final[Mapping[str, int]] = {
    "blog post": 24, "checklist": 10, "guide": 12, "e-book": 12, "white paper": 6,
    "case study": 10, "comparison": 6, "ROI calculator": 5, "": 3,
}  # fmt: skip
_WEBINARS: Final = ("scoring live", "a clean CRM", "sales and marketing at one table")
_TOPICS: Final = ("lead scoring", "crm migration", "marketing automation", "sales handover")
_FEATURES: Final = ("import", "scorecard", "reports", "team", "alerts")
_KINDS: Final[Mapping[str, int]] = {
    "page_view": 420, "email_open": 180, "email_click": 45, "email_reply": 5,
    "content_view": 60, "content_download": 45, "webinar_attended": 22, "chat_started": 14,
    "social_click": 22, "social_share": 8, "intent": 30, "form_submit": 14, "trial_started": 6,
    "product_used": 26, "demo_request": 4, "meeting_booked": 2, "careers_view": 10,
    "unsubscribe": 5,
}  # fmt: skip
_CHANNELS: Final[Mapping[str, str]] = {
    "email_open": "email", "email_click": "email", "email_reply": "email",
    "unsubscribe": "email", "social_click": "social", "social_share": "social",
    "webinar_attended": "webinar", "intent": "third party", "product_used": "product",
    "trial_started": "product",
}  # fmt: skip

LEAD_COLUMNS: Final = (
    "lead_id", "email", "first_name", "last_name", "company", "title", "industry", "employees",
    "country", "source", "is_customer", "created",
)  # fmt: skip
ACTIVITY_COLUMNS: Final = (
    "id", "lead_id", "kind", "at", "channel", "page", "content_type", "asset_id", "webinar",
    "topic", "strength", "feature",
)  # fmt: skip

MAPPING: Final = """\
# Which column is what. A cell of a CSV file is text until this file says more.
format = 1
blanks = ["n/a", "-"]            # what people type into a form to get past it

[leads]
id = "lead_id"
others = "keep"                  # columns not listed below: text, under their own names

[leads.columns]
employees = { kind = "number" }
is_customer = { kind = "flag" }  # true, yes, 1 and false, no, 0
created = { kind = "moment" }    # ISO 8601

[[activities]]
lead = "lead_id"
kind = "kind"
at = "at"
id = "id"                        # a repeated id is one activity, delivered twice
others = "keep"

[activities.columns]
strength = { kind = "number" }   # of third-party intent, 0 to 100
"""


def write_sample(
    folder: str | Path, leads: int = 3_000, seed: int = 1, *, as_of: datetime
) -> tuple[Path, Path, Path]:
    """
    Write a made-up market.

    Args:
        folder: Where; made if it is not there.
        leads: How many leads; 1 to 1,000,000.
        seed: Another one gives another market.
        as_of: The last instant of it; activities reach 180 days back. Aware.

    Returns:
        The paths of ``leads.csv``, ``activities.csv`` and ``map.toml``.
    """
    if not 1 <= leads <= 1_000_000:
        raise DefinitionError(f"a sample has 1 to 1,000,000 leads, not {leads:,}")
    as_of = instant(as_of, "as_of")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = (folder / "leads.csv", folder / "activities.csv", folder / "map.toml")
    market = _Market(Random(seed), as_of)  # noqa: S311 - made-up people need no secrets
    people = [market.person(number) for number in range(1, leads + 1)]
    _write(paths[0], LEAD_COLUMNS, people)
    _write(paths[1], ACTIVITY_COLUMNS, market.activities(people))
    paths[2].write_text(MAPPING, encoding="utf-8", newline="\n")
    return paths


def _write(path: Path, columns: tuple[str, ...], rows: "Any") -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(rows)


class _Market:
    """Makes up people and what they did."""

    def __init__(self, random: Random, as_of: datetime) -> None:
        self._random = random
        self._as_of = as_of
        self._activity = 0

    def _one(self, weights: Mapping[Any, int]) -> Any:
        return self._random.choices(list(weights), weights=list(weights.values()))[0]

    def _ago(self, most_days: float, *, recent: float = 1.0) -> datetime:
        """An instant of the last *most_days*; above 1, *recent* draws it towards the end."""
        span = self._random.random() ** recent * most_days * DAY
        return self._as_of - timedelta(seconds=int(span.total_seconds()))

    def person(self, number: int) -> dict[str, str]:
        """One lead; its temper, which rules how much it does, goes with it."""
        random = self._random
        first, last = random.choice(_FIRST), random.choice(_LAST)
        company = f"{random.choice(_COMPANIES)} {random.choice(('Labs', 'Systems', 'Group'))}"
        return {
            "lead_id": f"L-{number:05d}",
            "email": self._email(f"{first}.{last}", company, number),
            "first_name": first,
            "last_name": last,
            "company": company,
            "title": self._one(_TITLES),
            "industry": self._one(_INDUSTRIES),
            "employees": self._employees(),
            "country": self._one(_COUNTRIES),
            "source": self._one(_SOURCES),
            "is_customer": self._one({"no": 70, "yes": 4, "": 26}),
            "created": self._ago(400).isoformat(),
        }

    def _email(self, name: str, company: str, number: int) -> str:
        domain = company.lower().replace(" ", "-") + ".example"
        kind = self._one({"own": 80, "free": 13, "rival": 3, "none": 4})
        if kind == "none":
            return ""
        if kind == "rival":
            domain = "rival.example"
        if kind == "free":
            return f"made-up-{number}@{self._random.choice(_FREE_MAIL)}"
        return f"{name}@{domain}".lower()

    def _employees(self) -> str:
        low, high = self._one(_SIZES)
        kind = self._one({"known": 84, "blank": 13, "words": 2, "n/a": 1})
        if kind == "blank" or not high:
            return ""
        number = self._random.randint(low, high)
        return {"known": str(number), "words": f"about {number}", "n/a": "n/a"}[kind]

    def activities(self, people: list[dict[str, str]]) -> Iterator[dict[str, str]]:
        """What they did in the last 180 days, in no order; some rows come twice."""
        for person in people:
            temper = self._one({0: 25, 5: 32, 18: 27, 50: 16})
            count = self._random.randint(temper // 2, temper + temper // 2) if temper else 0
            recent = self._random.choice((1.0, 1.6, 3.0))
            for _ in range(count):
                row = self._act(person["lead_id"], recent)
                yield row
                if self._random.random() < 0.01:
                    yield row  # Delivered twice, with one id: it counts once.
        yield {**self._act("L-00000", 1.0), "kind": "page_view"}  # Of nobody we know.
        yield {**self._act(people[0]["lead_id"], 1.0), "at": "yesterday"}

    def _act(self, lead_id: str, recent: float) -> dict[str, str]:
        self._activity += 1
        kind = self._one(_KINDS)
        return {
            "id": f"A-{self._activity:06d}",
            "lead_id": lead_id,
            "kind": kind,
            "at": self._ago(180, recent=recent).isoformat(),
            "channel": _CHANNELS.get(kind, "web"),
            **self._properties(kind),
        }

    def _properties(self, kind: str) -> dict[str, str]:
        """What else is known of an activity; sometimes less than one would wish."""
        random = self._random
        match kind:
            case "page_view":
                return {"page": self._one(_PAGES)}
            case "careers_view":
                return {"page": "/careers"}
            case "content_view" | "content_download":
                form = self._one(_CONTENT)
                asset = f"{form or 'piece'}-{random.randint(1, 4)}".lower().replace(" ", "-")
                return {"content_type": form, "asset_id": asset, "topic": random.choice(_TOPICS)}
            case "webinar_attended":
                return {"webinar": random.choice(_WEBINARS)}
            case "intent":
                strength = str(random.randint(20, 100)) if random.random() > 0.05 else ""
                return {"topic": random.choice(_TOPICS), "strength": strength}
            case "product_used":
                return {"feature": random.choice(_FEATURES)}
            case _:
                return {}
