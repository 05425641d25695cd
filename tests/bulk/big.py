"""
One model of every part that an engine accepts, and a world large enough to meet each of them.
"""

from random import Random
from typing import Final

from bulk.table_models import TableModelMaker
from bulk.tabular import ActivityRow, RowMaker, World

from mqlkit import (
    Group,
    Qualification,
    Scorecard,
    activity,
    all_of,
    any_of,
    attribute,
    grade,
    half_life,
    if_,
    known,
    matrix,
    score,
)

_POOL: Final = 3_000
GROUPS: Final = 8


def big_model(without: tuple[str, ...] = ()) -> Qualification:
    """Some sixty rules and a dozen formulas."""
    maker = TableModelMaker(Random("big"), without)
    groups: list[Group] = []
    for number in range(1, GROUPS + 1):
        inner = Group(f"inner {number}", maker.several(2, 2, maker.rule), cap=12.5)
        maker.scores.append(inner.name)
        rules = maker.several(5, 5, maker.rule)
        decay = half_life(days=14) if number % 2 else None
        group = Group(f"group {number}", [inner, *rules], cap=40, floor=-5, decay=decay)
        groups.append(group)
        maker.scores.append(group.name)
    letters = maker.letters("group 2")
    return Qualification(
        "big",
        version="1",
        card=Scorecard(*groups, cap=150, floor=-10),
        when=all_of(
            score("total") >= 20,
            any_of(known("email"), activity("page_view").within(days=30).count() >= 1),
            if_(attribute("is_customer").is_true(), score("group 1") >= 1, maker.criterion()),
        ),
        never={f"never {n}": maker.criterion(1) for n in range(2)},
        at_once={"at once": maker.criterion(2) & (score("group 3") >= 5)},
        labels={
            **{f"label {n}": maker.criterion(2) for n in range(4)},
            "a title": attribute("title").matches("(?i)vp|head"),
            "tagged": attribute("tags").any_of("vip", "straße"),
            "tagged twice": attribute("tags").all_of("vip", "beta"),
            "reads": activity("page_view").distinct("page") >= 3,
            "spends": activity("order").sum("amount", blanks="skip") >= 19.99,
        },
        grades={
            "letter": grade("total", {"A": 60, "B": 20}, lowest="C"),
            "both": matrix(letters, maker.letters("group 4")),
        },
    )


def big_world(leads: int, each: int) -> World:
    """
    Leads with so many activities on the average, most of them made of a pool.

    Args:
        leads: How many.
        each: How many activities there are for each of them.
    """
    chance = Random("big world")
    maker = RowMaker(chance)
    pool = [maker.activity("") for _ in range(_POOL)]
    names = [f"lead {number}" for number in range(leads)]
    activities: list[ActivityRow] = []
    for number in range(leads * each):
        made = chance.choice(pool)
        id = None if number % 7 == 0 else f"a{number}"
        activities.append(made._replace(lead=names[int(leads * chance.random())], id=id))
    for _ in range(len(activities) // 50):
        activities.append(maker.again(chance.choice(activities)))
    chance.shuffle(activities)
    return World([maker.lead(name) for name in names], activities)
