"""Between which scores a card can end at all, by its rules, caps and floors."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import chain
from typing import Final, NamedTuple, TypeAlias

from ..points import in_points, millipoints
from ..rules.base import BaseRule
from ..rules.rule import Rule
from ..scorecard import Group, Scorecard, Scored
from ..verdict import Verdict
from .place import items_of
from .possible import clash

Extremes: TypeAlias = Callable[[BaseRule], tuple[int, int]]


class Span(NamedTuple):
    """The lowest and the highest score, in millipoints."""

    low: int
    high: int


def reach(card: Scorecard) -> dict[str, tuple[Decimal, Decimal]]:
    """
    Between which scores a card and its groups can end.

    Args:
        card: Any; its rules are taken at their word about the least and most that they give.

    Returns:
        By the name of the card (``total`` if it has none) and of each group: the lowest and the
        highest score, in points. Points given by hand come on top. A rule for each activity
        without a bound counts for as many as a timeline can hold.

    >>> from mqlkit import Group, Rule, Scorecard, attribute
    >>> big, small = attribute("employees") >= 50, attribute("employees") < 5
    >>> card = Scorecard(Group("fit", [Rule("big", big, 15), Rule("small", small, -10)], floor=-5))
    >>> [(name, int(low), int(high)) for name, (low, high) in reach(card).items()]
    [('total', -5, 15), ('fit', -5, 15)]
    """
    named: Iterator[tuple[str, Scored]] = chain(
        [(card.score_name, card)], ((group.name, group) for group in card.all_groups())
    )
    spans = ((name, span_of(scored)) for name, scored in named)
    return {name: (in_points(span.low), in_points(span.high)) for name, span in spans}


def _stated(rule: BaseRule) -> tuple[int, int]:
    return rule.extremes()


def span_of(scored: Scored, extremes: Extremes = _stated, *, limits: bool = True) -> Span:
    """The span of one score; *limits* False leaves caps and floors aside."""
    low = high = 0
    for item in items_of(scored):
        if isinstance(item, Group):
            least, most = span_of(item, extremes, limits=limits)
        else:
            least, most = extremes(item)
        low, high = low + least, high + most
    if limits and scored.cap is not None:
        low, high = min(low, millipoints(scored.cap)), min(high, millipoints(scored.cap))
    if limits and scored.floor is not None:
        low, high = max(low, millipoints(scored.floor)), max(high, millipoints(scored.floor))
    return Span(low, high)


# -- rules that exclude one another --------------------------------------------------------------

_MOST_RULES: Final = 100
"""Beyond so many rules of one group nothing is said about which exclude one another."""


class Exclusions:
    """Which rules exclude one another, each group looked at once."""

    def __init__(self) -> None:
        self._found: dict[int, list[tuple[Rule, ...]]] = {}

    def of(self, scored: Scored) -> list[tuple[Rule, ...]]:
        """Rules of one group that give points and of which one can hold; the best first."""
        return [rules for group in _with_inner(scored) for rules in self._within(group)]

    def _within(self, group: Scored) -> list[tuple[Rule, ...]]:
        if id(group) not in self._found:
            givers = [r for r in items_of(group) if type(r) is Rule and r.points > 0]
            several = givers if len(givers) <= _MOST_RULES else []
            self._found[id(group)] = list(_exclusive(several))
        return self._found[id(group)]


def _exclusive(rules: list[Rule]) -> Iterator[tuple[Rule, ...]]:
    rest = sorted(rules, key=lambda rule: -rule.points)
    while rest:
        together = [rest.pop(0)]
        for rule in list(rest):
            if all(_exclude(rule, other) for other in together):
                together.append(rule)
                rest.remove(rule)
        if len(together) > 1:
            yield tuple(together)


def _exclude(one: Rule, other: Rule) -> bool:
    return clash([(one.when, Verdict.YES), (other.when, Verdict.YES)])


def _with_inner(scored: Scored) -> Iterator[Scored]:
    yield scored
    for item in items_of(scored):
        if isinstance(item, Group):
            yield from _with_inner(item)
