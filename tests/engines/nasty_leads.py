"""
Leads as bad as real ones, from a seed: every kind of value in every field, and blanks above all.

Activities happen at a few anchors: where the windows of `modelling` end, on days of age, at one
instant, and a microsecond beside each.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import IntEnum, StrEnum
from fractions import Fraction
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

from mqlkit import Activity, History, Lead, Override, Timeline

BASE: Final = datetime(2026, 3, 31, 12, tzinfo=UTC)
TICK, HOUR, DAY = timedelta(microseconds=1), timedelta(hours=1), timedelta(days=1)

SPANS: Final = (
    timedelta(0),
    timedelta(minutes=90),
    timedelta(hours=36),
    *(days * DAY for days in (1, 2, 7, 14, 28, 30, 31, 60, 90)),
)
"""Lengths of windows, ages at which decays step, and calendar months before `BASE`."""

KINDS: Final = ("page_view", "email_open", "demo_request", "order", "Page_View")
PAGES: Final = ("/pricing", "/Pricing", "/blog", "/straße İ \u212a", "")
NUMBERS: Final = (-1, 0, 1, 2, 3, 5, 12.5, 50, 0.001, -0.5, 19.99, 1000, 2**53)
TEXTS: Final = (
    "vp",
    "VP Sales",
    "Head of Sales",
    "straße",
    "STRASSE",
    "İstanbul",
    "istanbul",
    "Kelvin",
    "\u212aelvin",
    "Café",
    "Cafe\u0301",
    "ΣΊΣΥΦΟΣ",
    "σίσυφος",
    " software ",
    "software",
    "ada@Example.com",
    "ada@rival.example",
    "ada@@x@Rival.example",
    "@example.com",
)
TAGS: Final = ("vip", "VIP", "beta", "straße")
STAGES: Final = ("lead", "mql", "sal")


class Title(StrEnum):
    """Text that is an enumeration."""

    VP = "VP Sales"


class Level(IntEnum):
    """A number that is an enumeration."""

    FIVE = 5


class Word(str):
    """Text of somebody's own."""

    __slots__ = ()


class Sour:
    """A value that cannot even be compared."""

    def __eq__(self, other: object) -> bool:
        raise ValueError("not to be compared")

    __ne__ = __eq__
    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "Sour()"


class NAType:
    """What a data frame has for a blank."""

    def __ne__(self, other: object) -> bool:
        raise TypeError("boolean value of NA is ambiguous")

    __eq__ = __ne__
    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "<NA>"


class Broken(tzinfo):
    """A time zone that cannot say."""

    def utcoffset(self, when: datetime | None) -> timedelta:
        raise ValueError("no offset")

    def __repr__(self) -> str:
        return "Broken()"


ODD: Final[tuple[Any, ...]] = (
    None,
    "",
    "  ",
    "\t",
    float("nan"),
    float("inf"),
    float("-inf"),
    -0.0,
    0,
    1,
    1.0,
    True,
    False,
    5.0,
    10**400,
    2**53 + 1,
    Decimal("12.5"),
    Decimal("NaN"),
    Decimal("sNaN"),
    Decimal("Infinity"),
    Fraction(25, 2),
    Fraction(1, 3),
    Level.FIVE,
    complex(5, 0),
    Title.VP,
    Word("vp"),
    "5",
    "true",
    "half \ud800 pair",
    "VP\x1b[31m",
    b"vp",
    date(2026, 3, 1),
    BASE.replace(tzinfo=None),
    BASE.astimezone(ZoneInfo("Asia/Kathmandu")),
    BASE.astimezone(timezone(-timedelta(hours=9, minutes=30))),
    BASE.replace(tzinfo=Broken()),
    datetime.min.replace(tzinfo=timezone(14 * HOUR)),
    datetime.max.replace(tzinfo=UTC),
    [],
    ["vip", None, 5],
    ("VIP", " "),
    {"vip", "beta"},
    ["vip", True, 1, Decimal(5)],
    [["vip"]],
    [1, 2.0, float("nan")],
    {"size": 50, "name": "Acme"},
    {},
    timedelta(days=5),
    Sour(),
    NAType(),
    object,
)


def _numpy_like() -> tuple[Any, ...]:
    try:
        import numpy
    except ImportError:
        return ()
    return (numpy.int64(5), numpy.float64(12.5), numpy.bool_(True), numpy.float32("nan"))


ODD += _numpy_like()


class LeadMaker:
    """
    Makes leads, instants and values from one source of chance.

    Args:
        chance: Where it takes its choices from.
        scores: Names of scores, for points given by hand.
    """

    def __init__(self, chance: Random, scores: Sequence[str] = ()) -> None:
        self.chance = chance
        self.scores = tuple(scores)
        self.tidy = chance.choice((0.4, 0.7, 0.95))
        """How much of what it makes is there, and of the kind that is usual in its field."""

    @property
    def there(self) -> float:
        """How likely a field is there at all."""
        return (1 + self.tidy) / 2

    # -- instants ----------------------------------------------------------------------------

    def beside(self, at: datetime) -> datetime:
        """That instant, or a microsecond beside it."""
        return at + self.chance.choice((-TICK, timedelta(0), TICK))

    def as_of(self) -> datetime:
        """When to decide."""
        roll = self.chance.random()
        if roll < 0.45:
            return BASE
        if roll < 0.6:
            return self.beside(BASE)
        if roll < 0.9:
            return self.beside(BASE + self.chance.choice((-1, 1)) * self.chance.choice(SPANS))
        if roll < 0.97:
            return BASE.astimezone(ZoneInfo("Europe/Berlin")) + self.chance.randrange(40) * DAY
        return self.chance.choice(
            (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
        )

    def moment(self) -> datetime:
        """When something happened, or will."""
        roll = self.chance.random()
        if roll < 0.8:
            return self.beside(BASE - self.chance.choice(SPANS))
        if roll < 0.9:
            return self.beside(BASE + self.chance.choice(SPANS))
        if roll < 0.98:
            ago = self.chance.randrange(100 * 24)
            return (BASE - ago * HOUR).astimezone(timezone(self.chance.choice((-5, 2)) * HOUR))
        return self.chance.choice(
            (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
        )

    # -- values ------------------------------------------------------------------------------

    def value(self, usual: str) -> Any:
        """A value of the usual kind, a blank, or anything at all."""
        roll = self.chance.random()
        if roll < self.tidy:
            return self._usual(usual)
        rest = (roll - self.tidy) / (1 - self.tidy)
        if rest < 0.35:
            return None
        if rest < 0.8:
            return self.chance.choice(ODD)
        past, next_one = self.moment(), self.moment()
        return History((past, self._usual(usual)), (next_one, self.chance.choice(ODD)))

    def _usual(self, kind: str) -> Any:
        chance = self.chance
        match kind:
            case "number":
                return chance.choice(NUMBERS) + chance.choice((-1, 0, 0, 0, 1, 0.5))
            case "text":
                return chance.choice(TEXTS)
            case "page":
                return chance.choice(PAGES)
            case "flag":
                return chance.choice((True, False, 1, 0))
            case "moment":
                return chance.choice((self.moment(), self.moment().date()))
            case "list":
                return [*chance.sample(TAGS, chance.randrange(4)), *chance.choice(((), (None,)))]
            case _:
                return chance.choice(ODD)

    def attributes(self) -> dict[str, Any]:
        """Whatever is known, with gaps."""
        chance = self.chance
        known = {
            name: self.value(usual)
            for name, usual in FIELDS.items()
            if chance.random() < self.there
        }
        if chance.random() < 0.5:
            record = {"size": self.value("number"), "name": self.value("text")}
            record["head"] = chance.choice((None, {"title": self.value("text")}))
            dated = History((self.moment(), record), (self.moment(), {"size": 500}))
            known["company"] = dated if chance.random() < 0.3 else record
        if chance.random() < 0.15:
            known["company.size"] = self.value("number")
        if chance.random() < 0.2:
            known["account"] = {"industry": self.value("text")}
        return known

    # -- activities --------------------------------------------------------------------------

    def activity(self) -> Activity:
        """Something that happened."""
        chance = self.chance
        properties = {
            name: self.value(usual)
            for name, usual in PROPERTIES.items()
            if chance.random() < self.there
        }
        id = chance.choice((None, None, f"a{chance.randrange(6)}", f"b{chance.randrange(1000)}"))
        return Activity(chance.choice(KINDS), self.moment(), properties, id)

    def activities(self) -> list[Activity] | None:
        """None, few or many; some of them told twice, or at one instant."""
        chance = self.chance
        if chance.random() < 0.15:
            return None
        made = [self.activity() for _ in range(chance.choice((0, 1, 2, 4, 8, 16)))]
        if made and chance.random() < 0.3:
            made += chance.choices(made, k=2)
        if made and chance.random() < 0.3:
            one = chance.choice(made)
            made.append(
                Activity(chance.choice(KINDS), one.at, {"page": chance.choice(PAGES)}, one.id)
            )
        chance.shuffle(made)
        return made

    # -- leads -------------------------------------------------------------------------------

    def override(self) -> Override:
        """Points given by hand, to some score or to one that there is not."""
        since = self.beside(BASE - self.chance.choice((0, 1, 7)) * DAY)
        until = self.beside(BASE + self.chance.choice((0, 1, 30)) * DAY)
        until = max(until, since + TICK)
        points = self.chance.choice((5, -3, 0.25, Decimal("1.5")))
        name = self.chance.choice((*self.scores, "total", "nowhere"))
        return Override(points, "Ada", "met her", since, until, name)

    def lead(self, depth: int = 0) -> Lead:
        """
        A lead.

        Args:
            depth: Of an account or of one of its people, 1: they have none of their own.
        """
        chance = self.chance
        activities = self.activities()
        unique = activities is not None and _unique(activities) and chance.random() < 0.5
        kept = activities is not None and chance.random() < 0.25
        return Lead(
            f"lead {chance.randrange(100)}",
            self.attributes(),
            Timeline(activities or (), unique_ids=unique) if kept else activities,
            account=self.lead(1) if not depth and chance.random() < 0.5 else None,
            people=self._people() if not depth and chance.random() < 0.5 else None,
            stage=chance.choice((None, "", "lead", "mql", "sal", 5)),  # type: ignore[arg-type]
            stage_since=chance.choice((None, self.moment(), self.moment())),
            overrides=[self.override() for _ in range(chance.choice((0, 0, 0, 1, 3)))],
            known_at=chance.choice((None, None, self.moment())),
            unique_ids=unique,
        )

    def _people(self) -> list[Lead]:
        return [self.lead(1) for _ in range(self.chance.randrange(4))]


def _unique(activities: Sequence[Activity]) -> bool:
    ids = [a.id for a in activities if a.id is not None]
    return len(ids) == len(set(ids))


FIELDS: Final = {
    "employees": "number",
    "revenue": "number",
    "title": "text",
    "industry": "text",
    "email": "text",
    "is_customer": "flag",
    "tags": "list",
    "signed_up": "moment",
    "anything": "any",
}
"""The usual kind of value in each field; a lead may hold any other there."""

PATHS: Final = {
    "company.size": "number",
    "company.name": "text",
    "company.head.title": "text",
    "account.industry": "text",
    "account.employees": "number",
}
"""Fields of related records."""

PROPERTIES: Final = {
    "page": "page",
    "amount": "number",
    "paid": "flag",
    "tags": "list",
    "sent": "moment",
}
"""The usual kind of each property of an activity."""
