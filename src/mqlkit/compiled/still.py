"""
What attributes alone come to: it stands still while time passes and activities come in.
"""

from collections.abc import Iterator, Mapping

import attrs

from ..lead import History, Lead
from ..plan import node
from ..plan.lowering import Plan
from ..plan.node import Ask, Gift


@attrs.frozen
class Still:
    """
    The largest parts of a plan that depend on nothing but attributes.

    Args:
        asks: Questions.
        gifts: What rules give, by the score that it adds to.
    """

    asks: tuple[Ask, ...]
    gifts: Mapping[str, tuple[Gift, ...]]


def still_of(plan: Plan) -> Still:
    """The still parts of a plan."""
    asks: dict[Ask, None] = {}
    gifts: dict[str, tuple[Gift, ...]] = {}
    for asking in (plan.when, *plan.never.values(), *plan.at_once.values()):
        asks.update(dict.fromkeys(_largest(asking)))
    for total in plan.sums:
        gifts[total.name] = tuple(gift for gift in total.gifts if gift_is_still(gift))
        for gift in total.gifts:
            if not gift_is_still(gift):
                asks.update(
                    dict.fromkeys(a for part in node.asked_by(gift) for a in _largest(part))
                )
    return Still(tuple(asks), {name: some for name, some in gifts.items() if some})


def _largest(asking: Ask) -> Iterator[Ask]:
    if ask_is_still(asking):
        yield asking
    else:
        for part in node.parts(asking):
            yield from _largest(part)


def ask_is_still(asking: Ask) -> bool:
    """Whether a question is about attributes alone."""
    match asking:
        case node.OfText() | node.IsKnown():
            return True
        case node.Compare() | node.Among():
            return isinstance(asking.quantity, node.Read)
        case _:
            parts = node.parts(asking)
            return bool(parts) and all(map(ask_is_still, parts))


def gift_is_still(gift: Gift) -> bool:
    """Whether what a rule gives depends on attributes alone."""
    if isinstance(gift, node.ByText):
        return True
    asked = node.asked_by(gift)
    return bool(asked) and all(map(ask_is_still, asked))


def keeps_histories(lead: Lead) -> bool:
    """Whether an attribute may be another at another instant."""
    records = [lead.attributes] + ([] if lead.account is None else [lead.account.attributes])
    return any(map(_changes, records))


def _changes(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(map(_changes, value.values()))
    return isinstance(value, History)
