"""
What a plan needs, collected: each need and each question about a text once.
"""

from collections.abc import Iterator
from typing import Final

from ..plan import node
from ..plan.lowering import Plan
from ..plan.node import Ask, Gift, Need, Quantity


def parts_of(plan: Plan) -> Iterator[object]:
    """Every ask, gift, quantity and need of a plan, repeated ones too."""
    formulas = (plan.when, *plan.never.values(), *plan.at_once.values())
    for asking in formulas:
        yield from _of_ask(asking)
    for total in plan.sums:
        for gift in total.gifts:
            yield from _of_gift(gift)


def _of_ask(asking: Ask) -> Iterator[object]:
    yield asking
    for part in node.parts(asking):
        yield from _of_ask(part)
    match asking:
        case node.Compare() | node.Among():
            yield from _of_quantity(asking.quantity)
        case node.Follows():
            yield from (asking.first, asking.then)
        case _:
            return


def _of_quantity(quantity: Quantity) -> Iterator[object]:
    yield quantity
    if isinstance(quantity, node.Known):
        yield quantity.need
    elif isinstance(quantity, node.Over):
        yield quantity.gather


def _of_gift(gift: Gift) -> Iterator[object]:
    yield gift
    for asking in node.asked_by(gift):
        yield from _of_ask(asking)
    match gift:
        case node.PerOne():
            yield gift.tally
        case node.Faded():
            yield gift.fade
        case node.OverRule():
            yield gift.gather
        case _:
            return


def needs_of(plan: Plan) -> tuple[Need, ...]:
    """What a plan needs from timelines, each once."""
    return tuple(dict.fromkeys(part for part in parts_of(plan) if isinstance(part, Need)))


IN_ONE_PASS: Final[tuple[type[Need], ...]] = (
    node.Tally,
    node.Newest,
    node.Oldest,
    node.Total,
    node.Fade,
)
"""Needs that are met by looking at each activity once, in whatever order."""
