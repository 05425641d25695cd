"""The model of `bulk.py`: 21 rules, two disqualifiers, a grade and a label."""

from collections.abc import Sequence
from typing import Final

from mqlkit import (
    Group,
    NamedList,
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

SECTORS: Final = ("energy", "insurance", "retail", "transport")
REGIONS: Final = ("alps", "capital", "coast", "islands", "lakes", "north", "south")
FREE_MAIL: Final = ("free.example", "mail.example", "post.example")
RIVALS: Final = ("copycat.example", "other-vendor.example", "rival.example")
DECIDES: Final = ("buyer", "head of", "owner", "partner")
LEARNS: Final = ("intern", "trainee")
ENGAGED: Final = ("basket", "call", "demo", "guide_read", "post_liked", "question", "webcast")


def definition() -> Qualification:
    """The model."""
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
            Rule("free mail", attribute("email").domain_is(*FREE_MAIL), -12),
            Rule("fit index", attribute("fit_index") >= 65, 16),
        ],
        cap=50,
    )
    engaged, demo = activity(*ENGAGED), activity("demo")
    prices = activity("page_view", page="/pricing").within(days=28)
    basket = activity("basket").within(days=28).sum("value")
    guides = activity("guide_read").within(days=84).distinct("page")
    interest = Group(
        "interest",
        [
            Rule.each("pricing", prices, 6, at_most=3),
            Rule.latest("demo", demo, 30, decay=half_life(days=14)),
            Rule.each("mail", activity("mail_opened"), 4, at_most=10, decay=half_life(days=21)),
            Rule.each("webcast", activity("webcast"), 8, at_most=2, decay=linear(days=60)),
            Rule("basket", basket >= 400, 15),
            Rule("guides", guides >= 3, 9),
            Rule("recent", engaged.days_since_last() <= 12, 10),
            Rule("sequence", activity("mail_opened").then(demo, days=3), 12),
            Rule("opted out", activity("opted_out").happened(), -10),
            Rule("trial", activity("trial").within(days=28).happened(), 28),
            Rule.each("question", activity("question").within(days=84), 7, at_most=3),
            Rule.each("post", activity("post_liked").within(days=56), 3, at_most=4),
            Rule("calls", activity("call").within(days=30).count() >= 2, 11),
        ],
        cap=90,
    )
    return Qualification(
        "buyers",
        version="1",
        card=Scorecard(fit, interest),
        when=(score() >= 80) & (engaged.within(days=28).count() >= 3),
        never={
            "a rival": attribute("firm_domain").is_in(NamedList("rivals", RIVALS)),
            "opted out": activity("opted_out").within(days=7).happened(),
        },
        grades={"fit": grade("fit", {"A": 40, "B": 20}, lowest="C")},
        labels={"hot": score("interest") >= 45},
    )


def many(rules: int) -> Qualification:
    """A model of so many rules, whose time to be printed is measured."""
    names: Sequence[str] = ("sector", "region", "role")
    members: list[object] = []
    for n in range(rules):
        match n % 5:
            case 0:
                asked = attribute(names[n % 3]).contains_any(f"word {n}", f"term {n}")
                members.append(Rule(f"text {n}", asked, 1 + n % 20))
            case 1:
                members.append(Rule(f"size {n}", attribute("staff") >= n, 1 + n % 20))
            case 2:
                recent = activity(f"kind {n % 40}").within(days=7 + n % 90)
                members.append(Rule.each(f"count {n}", recent, 2, at_most=1 + n % 5))
            case 3:
                done, decay = activity(f"kind {n % 40}"), half_life(days=(7, 14, 30)[n % 3])
                faded = Rule.each(f"faded {n}", done, 5, at_most=1 + n % 9, decay=decay)
                members.append(faded)
            case _:
                enough = activity(f"kind {n % 40}", page=f"/{n}").within(days=30).count() >= 2
                members.append(Rule(f"pages {n}", enough & (attribute("fit_index") > n), 3))
    return Qualification(
        f"{rules} rules", version="1", card=Scorecard(Group("all", members)), when=score() >= 50
    )
