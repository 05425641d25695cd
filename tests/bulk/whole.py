"""
A company at its full size, and a definition of every part that an engine accepts.

`whole_model` is written by hand, so that each part stands in it, and little of it twice: twenty
thousand leads are decided in seconds. `big_model` is the other one: made by chance, and larger.
"""

from datetime import UTC, date, datetime
from random import Random
from typing import Any, Final

from bulk.table_models import IsOdd
from bulk.tabular import ActivityRow, LeadRow, RowMaker, World
from engines.nasty_leads import BASE

from mqlkit import (
    Band,
    Group,
    Label,
    NamedList,
    Qualification,
    Rule,
    Scorecard,
    Verdict,
    activity,
    all_of,
    any_of,
    at_least,
    attribute,
    days_in_stage,
    exactly,
    expires,
    grade,
    half_life,
    if_,
    known,
    linear,
    matrix,
    missing,
    score,
    stage,
    steps,
)

LEADS: Final = 20_000
ACTIVITIES_EACH: Final = 30
"""600,000 activities, of which one in twenty is told again."""
_POOL: Final = 5_000
_MAILS: Final = (
    "ada@rival.example",
    "Bob@Rival.Example",
    *(f"{name}@{name}.example" for name in ("cem", "dora", "émile", "fox", "gül", "hal", "ivo")),
)
NOW: Final = BASE
"""The one instant; about half of the leads have it for their own, too."""

VIEW, MAIL, DEMO, ORDER = map(activity, ("page_view", "email_open", "demo_request", "order"))


def whole_model(without: tuple[str, ...] = ()) -> Qualification:
    """
    Every part once or twice.

    Args:
        without: What an engine refuses: ``"patterns"``, ``"lists"``.
    """
    letter = grade("fit", {"A": 15, "B": 2.5}, lowest="C")
    number = grade("all activities", {"1": 20, "2": 4}, lowest="3")
    return Qualification(
        "whole",
        version="1",
        card=[_fit(), _interest()],
        when=all_of(
            any_of(score("fit") >= 1, known("email")),
            score("interest") > 20,
            if_(attribute("is_customer").is_false(), VIEW.happened(), score("company") >= 2.5),
        ),
        never={
            "a rival": attribute("email").domain_is(NamedList("rivals", ("rival.example",))),
            "too small": attribute("employees").between(0, 1).if_unknown(Verdict.NO),
        },
        at_once={
            "asked, and ordered since": DEMO.within(days=7).then(ORDER, hours=36),
            "one of two": exactly(1, DEMO.within(hours=36).happened(2), ORDER.happened(9)),
        },
        grades={"letter": letter, "both": matrix(letter, number)},
        labels={**_labels(), **_told_by_some(without), "an A": letter.equals("A")},
    )


def _fit() -> Scorecard:
    title, size = attribute("title"), attribute("company.size", default=5)
    company = Group(
        "company",
        [
            Rule("large", (attribute("employees") >= 50).named("large"), 12.5),
            Rule.by_band("size", size, [Band(-2, below=1), Band(3, 1, 12.5), Band(6.125, 12.5)]),
            Rule.by_band(
                "revenue",
                attribute("revenue"),
                [Band(1, below=50), Band(4, at_least=2), Band(2.5, 0, 1_000)],
                match="best",
            ),
        ],
        cap=15,
        floor=-1.5,
    )
    return Scorecard(
        Group(
            "who",
            [
                company,
                Rule("senior", title.contains_any("vp", "head", "größe"), 7),
                Rule.by_value("title", "title", {"VP Sales": 5, "straße": -1, "İstanbul": 2}),
                Rule.by_value("as written", attribute("title", case_sensitive=True), {"vp": 0.001}),
                Rule.first_of("kind", (title.starts_with("head"), 3), (title.ends_with("s"), 1)),
                Rule.best_of("field", (attribute("industry").is_in("software"), 2), (_old(), 3.5)),
            ],
            cap=30,
            floor=0,
        ),
        Rule("odd", IsOdd("employees"), -0.125),
        Rule("order of texts", title < "vp", 1),
        name="fit",
        cap=40,
        floor=-10,
    )


def _old() -> Any:
    return attribute("born").days_since() > 14


def _interest() -> Scorecard:
    pricing = VIEW.where(attribute("page").starts_with("/p"))
    early = ORDER.where(attribute("day") < date(2026, 3, 24))
    return Scorecard(
        Group(
            "all activities",
            [
                Rule.each("pages", pricing, 2, once_per="page", decay=linear(days=30)),
                Rule.each("daily", MAIL, 1.5, at_most=2, per=1, in_all=5, decay=expires(days=60)),
                Rule.each("orders", ORDER.where(paid=True), 3, at_most=3),
                Rule.latest("demo", DEMO, 20, decay=steps({1: 0.5, 7: 0.25, 60: 0})),
            ],
            cap=60,
            decay=half_life(days=14),
        ),
        Rule("many", VIEW.within(days=90).count() >= 5, 4),
        Rule("different", VIEW.within(weeks=4).distinct("page") >= 3, 2.25),
        Rule("money", ORDER.sum("amount", blanks="skip") >= 19.99, 5),
        Rule("money, all told", early.sum("amount") <= 12.5, 1),
        Rule("least", ORDER.min("seats") < 3, -2),
        Rule("least told", ORDER.min("seats", blanks="skip") < 3, -1),
        Rule("most", activity().max("amount", blanks="skip") > 50, 1),
        Rule("most, all told", MAIL.within(hours=36).max("amount") > 1, 1),
        Rule("lately", activity(page="/pricing").days_since_last() < 7, 3),
        Rule("long ago", activity("order", "email_open").days_since_first() >= 60, 3),
        Rule("not again", DEMO.within(minutes=90).did_not(), 0.5),
        Rule("then", MAIL.then(VIEW), 1),
        name="interest",
        cap=80,
        floor=-3,
    )


def _labels() -> dict[str, Any]:
    signed = attribute("signed_up")
    return {
        "call": Label(stage().is_in("mql", "sal"), "call them"),
        "stuck": days_in_stage().between(7, 60),
        "new": signed >= datetime(2026, 3, 1, tzinfo=UTC),
        "nameless": missing("title"),
        "no customer": ~attribute("is_customer").is_true(),
        "two of three": at_least(
            2, known("email"), score("who").between(0, 12), attribute("industry").equals("software")
        ),
        "few": attribute("employees") <= 12,
    }


def _told_by_some(without: tuple[str, ...]) -> dict[str, Any]:
    """What some engines refuse, of lists and of patterns."""
    tags = attribute("tags")
    told = {
        "patterns": {"pattern": attribute("title").matches("(?i)vp|head")},
        "lists": {
            "tagged": tags.any_of("vip", "straße"),
            "tagged twice": tags.all_of("vip", "beta"),
        },
    }
    return {
        name: asked
        for part, labels in told.items()
        if part not in without
        for name, asked in labels.items()
    }


def whole_world(leads: int = LEADS, each: int = ACTIVITIES_EACH) -> World:
    """
    Leads with blanks and odd values, and what they did: late, told again, or of nobody.

    Where an id comes again, its two rows differ mostly: in time, in kind, or in what they hold.
    """
    chance = Random("whole company")
    maker = RowMaker(chance)
    maker.tidy = 0.85
    people = [_with_mail(maker.lead(f"lead {number}"), chance) for number in range(leads)]
    pool = [maker.activity("") for _ in range(_POOL)]
    activities: list[ActivityRow] = []
    while len(activities) < leads * each:
        lead = people[int(leads * chance.random())].id
        id = None if chance.random() < 0.15 else f"a{len(activities)}"
        row = chance.choice(pool)._replace(lead=lead, id=id)
        activities.append(row)
        if chance.random() < 0.05:
            activities.append(maker.again(row))
    chance.shuffle(activities)
    return World(people, activities)


def _with_mail(row: LeadRow, chance: Random) -> LeadRow:
    """A row whose e-mail address is one, mostly."""
    return row._replace(values={**row.values, "email": chance.choice((*_MAILS, None, "ada@@x"))})
