"""
Leads, a model of 20 rules, and the function that a careful developer would write for it by hand.

The function is the floor of `speed.py`: it looks at each activity once, keeps no explanation, and
counts what is not known as no. It adds thousandths of a point, so its scores are exact.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from mqlkit import (
    Activity,
    Decision,
    Group,
    Lead,
    NamedList,
    Qualification,
    Rule,
    Scorecard,
    activity,
    attribute,
    half_life,
    score,
)

AS_OF = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
HORIZON = 180 * DAY
MOST_EVENTS = 200
MEAN_EVENTS = 31

SECTORS = frozenset({"retail", "energy", "insurance", "transport"})
REGIONS = frozenset({"north", "south", "alps", "coast", "capital", "islands", "lakes"})
FREE_MAIL = frozenset({"post.example", "mail.example", "free.example", "web.example"})
RIVALS = frozenset({"rival.example", "copycat.example", "other-vendor.example"})
DECIDES = ("owner", "partner", "principal", "head of", "buyer")
LEARNS = ("trainee", "intern")
KINDS = {
    "page_visit": 30,  # nobody asks about it
    "mail_opened": 22,
    "price_list": 8,
    "post_liked": 12,
    "guide_read": 8,
    "question": 6,
    "basket": 5,
    "webcast": 4,
    "call": 3,
    "trial": 1,
    "opted_out": 1,
}
ENGAGED = frozenset(KINDS) - {"page_visit", "mail_opened", "opted_out"}
ATTRIBUTES: dict[str, tuple[Sequence[object], float]] = {
    "sector": ([*sorted(SECTORS), "media", "public", "farming"], 0.1),
    "staff": ([3, 12, 39, 40, 85, 260, 1_900], 0.2),
    "role": (["Owner", "Head of Sales", "Trainee", "IT Buyer", "Engineer", "Partner"], 0.3),
    "region": ([*sorted(REGIONS), "abroad", "overseas"], 0.05),
    "turnover": ([0.4e6, 2.5e6, 19.99e6, 20e6, 75.5e6], 0.5),
    "mail_domain": ([*sorted(FREE_MAIL), *(f"firm-{n}.example" for n in range(9))], 0.1),
    "firm_domain": ([*sorted(RIVALS), *(f"firm-{n}.example" for n in range(120))], 0.2),
    "fit_index": ([12.5, 40.0, 64.9, 65, 88.25], 0.4),
}
"""The values of each attribute, and how often it is not known."""


@dataclass(frozen=True, slots=True)
class Event:
    """What somebody did, as plain Python keeps it."""

    kind: str
    at: datetime
    value: float = 0.0


@dataclass(frozen=True, slots=True)
class Person:
    """A lead, as plain Python keeps it."""

    id: str
    sector: str | None
    staff: int | None
    role: str | None
    region: str | None
    turnover: float | None
    mail_domain: str | None
    firm_domain: str | None
    fit_index: float | None
    events: tuple[Event, ...]


# -- the leads ---------------------------------------------------------------------------------


def people(count: int, seed: int = 4) -> list[Person]:
    """So many, each with 0 to 200 events in no order; the same ones each time."""
    chance = random.Random(seed)
    return [person(f"p{n}", chance, event_count(chance)) for n in range(count)]


def event_count(chance: random.Random) -> int:
    """Many have few and few have many."""
    return min(MOST_EVENTS, int(chance.gammavariate(0.8, MEAN_EVENTS / 0.78)))


def person(id: str, chance: random.Random, events: int) -> Person:
    facts: dict[str, Any] = {
        name: None if chance.random() < blank else chance.choice(values)
        for name, (values, blank) in ATTRIBUTES.items()
    }
    return Person(id, **facts, events=tuple(event(chance) for _ in range(events)))


def event(chance: random.Random) -> Event:
    """More of them lately than long ago."""
    kind = chance.choices(list(KINDS), list(KINDS.values()))[0]
    at = AS_OF - HORIZON * chance.random() ** 1.5
    return Event(kind, at, chance.randrange(40, 800) / 2 if kind == "basket" else 0.0)


def grown(someone: Any, events: Sequence[Any], count: int, seed: int) -> Any:
    """The same person with so many of *events*, in no order."""
    return having(someone, random.Random(seed).choices(events, k=count))


def having(someone: Any, events: Iterable[Any]) -> Any:
    """The same person with events like these: new ones, which lie together in memory."""
    some = [type(one)(one.kind, one.at + timedelta(0), one.value) for one in events]
    return replace(someone, events=tuple(some))


# -- by hand -----------------------------------------------------------------------------------

DAYS12, DAYS28, DAYS56, DAYS84 = (days * DAY for days in (12, 28, 56, 84))
OPENED = tuple(round(4_000 * 0.5 ** (days / 21)) for days in range(400))
"""What an opened mail still gives, in thousandths of a point, by whole days."""


def by_hand(who: Person, now: datetime) -> tuple[float, str]:
    """The points and the status."""
    points = 0
    if who.sector in SECTORS:
        points += 12
    staff = who.staff
    if staff is not None and staff >= 40:
        points += 8
    role = who.role
    if role is not None:
        role = role.casefold()
        if (
            "owner" in role
            or "partner" in role
            or "principal" in role
            or "head of" in role
            or "buyer" in role
        ):
            points += 14
        if "trainee" in role or "intern" in role:
            points -= 18
    if who.region in REGIONS:
        points += 6
    turnover = who.turnover
    if turnover is not None and turnover >= 20e6:
        points += 9
    if who.mail_domain in FREE_MAIL:
        points -= 12
    fit = who.fit_index
    if fit is not None and fit >= 65:
        points += 16

    days12, days28, days56, days84 = now - DAYS12, now - DAYS28, now - DAYS56, now - DAYS84
    prices = guides = posts = questions = engaged = basket = opened = 0
    trial = out = webcast = recent = False
    for done in who.events:
        kind = done.kind
        if kind == "page_visit":
            continue
        at = done.at
        if at > now:
            continue
        if kind == "mail_opened":
            days = (now - at).days
            if days < 400:
                opened += OPENED[days]
            continue
        if kind == "opted_out":
            out = True
            continue
        if at > days28:
            engaged += 1
            if at >= days12:
                recent = True
            if kind == "price_list":
                prices += 1
            elif kind == "basket":
                basket += done.value
        if kind == "post_liked":
            if at > days56:
                posts += 1
        elif kind == "guide_read":
            if at > days84:
                guides += 1
        elif kind == "question":
            if at > days84:
                questions += 1
        elif kind == "webcast":
            if at > days84:
                webcast = True
        elif kind == "trial":
            trial = True
    points += min(18 * prices, 36) + min(9 * guides, 27) + min(3 * posts, 12)
    points += min(7 * questions, 21)
    if trial:
        points += 28
    if out:
        points -= 10
    if webcast:
        points += 22
    if basket >= 400:
        points += 15
    total = (1_000 * points + opened) / 1_000
    if who.firm_domain in RIVALS:
        return total, "disqualified"
    if total >= 90 and engaged >= 3 and recent:
        return total, "qualified"
    return total, "not qualified"


# -- the same with mqlkit ----------------------------------------------------------------------


def definition(unknowns: str = "no") -> Qualification:
    """The same model."""
    role = attribute("role")
    fit = Group(
        "fit",
        [
            Rule("sector", attribute("sector").is_in(*SECTORS), 12),
            Rule("staff", attribute("staff") >= 40, 8),
            Rule("decides", role.contains_any(*DECIDES), 14),
            Rule("learns", role.contains_any(*LEARNS), -18),
            Rule("region", attribute("region").is_in(*REGIONS), 6),
            Rule("turnover", attribute("turnover") >= 20_000_000, 9),
            Rule("free mail", attribute("mail_domain").is_in(*FREE_MAIL), -12),
            Rule("fit index", attribute("fit_index") >= 65, 16),
        ],
    )
    opened, basket = activity("mail_opened"), activity("basket").within(days=28).sum("value")
    interest = Group(
        "interest",
        [
            Rule.each("price list", activity("price_list").within(days=28), 18, at_most=2),
            Rule("trial", activity("trial").happened(), 28),
            Rule.each("guide", activity("guide_read").within(days=84), 9, at_most=3),
            Rule.each("mail opened", opened, 4, decay=half_life(days=21)),
            Rule("opted out", activity("opted_out").happened(), -10),
            Rule("webcast", activity("webcast").within(days=84).happened(), 22),
            Rule.each("post", activity("post_liked").within(days=56), 3, at_most=4),
            Rule("basket", basket >= 400, 15),
            Rule.each("question", activity("question").within(days=84), 7, at_most=3),
        ],
    )
    engaged = activity(*sorted(ENGAGED))
    enough = engaged.within(days=28).count() >= 3
    return Qualification(
        "by hand",
        version="1",
        card=Scorecard(fit, interest),
        when=(score() >= 90) & enough & (engaged.days_since_last() <= 12),
        never={"a rival": attribute("firm_domain").is_in(NamedList("rivals", sorted(RIVALS)))},
        unknowns=unknowns,  # type: ignore[arg-type]
    )


def lead(who: Person) -> Lead:
    """A lead with its plain activities, which lie together in memory as the events do."""
    facts = {name: getattr(who, name) for name in ATTRIBUTES}
    who = having(who, who.events)
    return Lead(who.id, facts, [done(one) for one in who.events], unique_ids=True)


def done(event: Any) -> Activity:
    """What somebody did; only what went into a basket has a value."""
    return Activity(event.kind, event.at, {"value": event.value} if event.value else {})


def told(decision: Decision) -> tuple[float, str]:
    """What `by_hand` says, of a decision."""
    return decision.score.millis.points / 1_000, decision.status.value


# -- a workload --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Workload:
    """
    People, the function for them, and the same model.

    Args:
        name: Of the model.
        as_of: No event is later.
        people: Plain ones, each with an ``id``, ``events`` and attributes.
        by_hand: Their points and status at an instant.
        definition: The same model.
        lead: A lead of a person.
        told: What the function says, of a decision.
    """

    name: str
    as_of: datetime
    people: Sequence[Any]
    by_hand: Callable[[Any, datetime], tuple[float, str]]
    definition: Qualification
    lead: Callable[[Any], Lead]
    told: Callable[[Decision], tuple[float, str]]

    def of_length(self, events: int, count: int) -> list[Any]:
        """People with so many events each."""
        pool = [one for someone in self.people for one in someone.events]
        some = self.people[:count]
        return [grown(someone, pool, events, seed) for seed, someone in enumerate(some)]


def own(count: int) -> Workload:
    """The workload of this file."""
    return Workload("by hand", AS_OF, people(count), by_hand, definition(), lead, told)
