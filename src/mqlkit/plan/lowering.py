"""
A definition as a plan: its scores in the order of need, its formulas, and what they ask.
"""

from collections.abc import Iterator, Mapping
from typing import TypeAlias, TypeGuard

import attrs

from ..criteria.attribute import Attribute
from ..criterion import Criterion
from ..decay import Decay
from ..definition import Definition
from ..points import TOTAL, millipoints
from ..rules.activity import ActivityRule, Each, Latest
from ..rules.base import BaseRule
from ..rules.choice import ByBand, ByValue, Cases, Choice
from ..rules.rule import Rule
from ..scorecard import Group, Scored, members
from . import node
from .asking import ask, pick
from .node import Ask, Gift

Formulas: TypeAlias = Mapping[str, Ask]


@attrs.frozen
class Plan:
    """
    All that a decision needs.

    ``sums`` are in the order of need: none asks for a later one. ``names`` says which of them
    each name of a score stands for.
    """

    settle: bool
    sums: tuple[node.Sum, ...]
    names: Mapping[str, str]
    when: Ask
    never: Formulas
    at_once: Formulas


def lower(definition: Definition) -> Plan:
    """The plan of a definition."""
    scored = definition.score_names
    return Plan(
        settle=definition.unknowns == "no",
        sums=tuple(_sums(scored)),
        names={name: _key(which) for name, which in scored.items()},
        when=ask(definition.when),
        never=_formulas(definition.never),
        at_once=_formulas(definition.at_once),
    )


def _formulas(section: Mapping[str, Criterion]) -> Formulas:
    return {name: ask(criterion) for name, criterion in section.items()}


# -- scores ------------------------------------------------------------------------------------


def _key(scored: Scored) -> str:
    return scored.score_name


def _sums(names: Mapping[str, Scored]) -> Iterator[node.Sum]:
    """Every score once, in the order of the card; the printer puts first what is needed first."""
    for scored in {id(scored): scored for scored in names.values()}.values():
        yield _sum(scored, names)


def _sum(scored: Scored, names: Mapping[str, Scored]) -> node.Sum:
    decay = decay_of(scored, names)
    gifts = tuple(
        node.Part(item.name) if isinstance(item, Group) else gift(item, decay)
        for item in members(scored)
    )
    return node.Sum(
        _key(scored), gifts, _limit(scored.cap), _limit(scored.floor), called(scored, names)
    )


def called(scored: Scored, names: Mapping[str, Scored]) -> frozenset[str]:
    """The names under which points by hand are given to a score."""
    return frozenset({scored.name} | ({TOTAL} if names.get(TOTAL) is scored else set()))


def decay_of(scored: Scored, names: Mapping[str, Scored]) -> Decay | None:
    """How the rules of a score fade that do not say themselves."""
    if not isinstance(scored, Group) or scored.decay is not None:
        return scored.decay if isinstance(scored, Group) else None
    return next((group.decay for group in names.values() if _holds(group, scored)), None)


def _holds(outer: Scored, inner: Group) -> TypeGuard[Group]:
    return isinstance(outer, Group) and inner in outer.rules


def _limit(points: float | None) -> int | None:
    return None if points is None else millipoints(points)


# -- rules -------------------------------------------------------------------------------------


def gift(rule: BaseRule, decay: Decay | None) -> Gift:
    """What a rule gives; *decay* is its group's."""
    match rule:
        case Rule() if type(rule) is Rule:
            return node.Once(ask(rule.when), millipoints(rule.points))
        case ByValue() if type(rule) is ByValue and type(rule.measure) is Attribute:
            table = {rule.measure.units(text): millipoints(x) for text, x in rule.points.items()}
            return node.ByText(rule.measure.field, rule, table)
        case Choice() if type(rule) in (ByValue, ByBand, Cases):
            rows = tuple((ask(when), millis) for when, millis in rule.rows())
            return node.OneOf(rows, getattr(rule, "match", "first") == "best")
        case ActivityRule() if type(rule) in (Each, Latest):
            return _by_activity(rule, rule.own_decay or decay)
        case _:
            return node.CallRule(rule, decay)


def _by_activity(rule: ActivityRule, decay: Decay | None) -> Gift:
    picked, window = pick(rule.activities), rule.activities.window
    if picked is None:
        return node.CallRule(rule, decay)
    if isinstance(rule, Each) and (rule.once_per is not None or rule.per is not None):
        return node.OverRule(rule, node.Gather(picked, window), decay)
    if decay is None:
        return node.PerOne(node.Tally(picked, window), millipoints(rule.points), rule.most)
    return node.Faded(node.Fade(picked, window, millipoints(rule.points), decay, rule.most))
