"""
Criteria and measures as parts of a plan.

Only the exact built-in classes are taken apart. Everything else, users' classes and their
subclasses of built-in ones among it, stays one call, so it means what it says.
"""

import math
from collections.abc import Callable, Mapping
from datetime import timedelta
from fractions import Fraction
from typing import Any, Final

from ..criteria.activity import Activities
from ..criteria.age import DaysSince
from ..criteria.aggregate import (
    ActivityMeasure,
    Count,
    DaysSinceFirst,
    DaysSinceLast,
    Distinct,
    Greatest,
    Least,
)
from ..criteria.aggregate import Sum as SumOf
from ..criteria.attribute import Attribute
from ..criteria.knowledge import Known as KnownField
from ..criteria.knowledge import Missing
from ..criteria.label import Grade, Matrix, Score
from ..criteria.membership import DomainIs, IsIn
from ..criteria.selection import Selection
from ..criteria.sequence import Sequence
from ..criteria.stay import DaysInStage
from ..criteria.text import ContainsAny, EndsWith, Matches, StartsWith
from ..criterion import AllOf, AnyOf, Assumed, AtLeastOf, Criterion, Exactly, If, Named, Not
from ..measure import (
    AtLeast,
    AtMost,
    Between,
    Comparison,
    Equals,
    LessThan,
    Measure,
    MoreThan,
    OneOf,
)
from ..value import Kind, Scalar, kind_of
from ..verdict import Verdict
from ..window import Window
from . import node
from .node import Ask, Quantity

RELATIONS: Final[Mapping[type[Comparison], str]] = {
    AtLeast: ">=",
    AtMost: "<=",
    MoreThan: ">",
    LessThan: "<",
    Equals: "==",
}
_TEXT_ONLY: Final = (ContainsAny, StartsWith, EndsWith, Matches, DomainIs)
_LONGEST: Final = timedelta.max // timedelta(microseconds=1) - 1
_SELECTIONS: Final = (Selection, Activities)
_WINDOWS: Final = (Window, type(None))


def ask(criterion: Criterion) -> Ask:
    """A criterion as an ask; one that cannot be taken apart as a call."""
    lower = _CRITERIA.get(type(criterion))
    found = lower(criterion) if lower is not None else None
    return node.Call(criterion) if found is None else found


# -- composition -------------------------------------------------------------------------------


def _parts(criterion: Criterion) -> tuple[Ask, ...]:
    return tuple(map(ask, criterion.parts()))


def _how_many(criterion: AtLeastOf | Exactly) -> Ask:
    return node.HowMany(criterion.n, _parts(criterion), isinstance(criterion, Exactly))


def _if(criterion: If) -> Ask:
    return node.Either(*_parts(criterion))


def _assumed(criterion: Assumed) -> Ask:
    return node.Assume(ask(criterion.criterion), criterion.verdict is Verdict.YES)


# -- comparisons -------------------------------------------------------------------------------


def _compare(criterion: Comparison) -> Ask | None:
    measure, kind = criterion.measure, kind_of(criterion.bound)
    if kind == "text":
        return _of_text(criterion, measure)
    found = quantity(measure, kind)
    if found is None:
        return None
    relation = RELATIONS[type(criterion)]
    bound = _bound(found, relation, measure.units(criterion.bound))
    if node.is_span(found) and not isinstance(bound, timedelta):
        return None  # no whole microseconds, and a span can only be compared with a span
    return node.Compare(found, relation, bound)


def _between(criterion: Between) -> Ask | None:
    low, high = criterion.bounds
    ends = (_compare(AtLeast(criterion.measure, low)), _compare(AtMost(criterion.measure, high)))
    known = tuple(end for end in ends if end is not None)
    return node.Every(known) if len(known) == len(ends) else None


def _bound(found: Quantity, relation: str, bound: Any) -> Any:
    """A bound in a quantity's own units: of whole ones the whole number that says the same."""
    if not isinstance(bound, Fraction):
        return _span(int(bound)) if node.is_span(found) else bound
    if relation == "==" and bound.denominator != 1:
        return bound  # never met, and still between two ends
    whole = math.ceil(bound) if relation in (">=", "<") else math.floor(bound)
    return _span(whole) if node.is_span(found) else whole


def _span(microseconds: int) -> timedelta:
    """A span as long as there can be one: a longer one is compared alike."""
    return timedelta(microseconds=max(-_LONGEST, min(_LONGEST, microseconds)))


def _is_in(criterion: IsIn) -> Ask | None:
    if criterion.kind == "text":
        return _of_text(criterion, criterion.measure)
    found = quantity(criterion.measure, criterion.kind)
    if not isinstance(found, node.Read) or not criterion.wanted:
        return None
    return node.Among(found, criterion.wanted)


def _of_text(criterion: Criterion, measure: Measure) -> Ask | None:
    return node.OfText(measure.field, criterion) if type(measure) is Attribute else None


def _text_question(criterion: Any) -> Ask | None:
    return _of_text(criterion, criterion.measure)


def _known(criterion: KnownField) -> Ask:
    return node.IsKnown(criterion.field)


def _missing(criterion: Missing) -> Ask:
    return node.Opposite(node.IsKnown(criterion.field))


def _labelled(criterion: OneOf) -> Ask | None:
    measure = criterion.measure
    if type(measure) is Grade:
        return node.Labelled(measure, criterion.labels, (measure.score,))
    if type(measure) is Matrix:
        scores = (measure.rows.score, measure.columns.score)
        return node.Labelled(measure, criterion.labels, scores)
    return None


def _follows(criterion: Sequence) -> Ask | None:
    first, then = _gather(criterion.first), _gather(criterion.then)
    return None if first is None or then is None else node.Follows(criterion, first, then)


_CRITERIA: Final[Mapping[type[Criterion], Callable[[Any], Ask | None]]] = {
    AllOf: lambda c: node.Every(_parts(c)),
    AnyOf: lambda c: node.Some(_parts(c)),
    Not: lambda c: node.Opposite(ask(c.criterion)),
    Named: lambda c: ask(c.criterion),
    AtLeastOf: _how_many,
    Exactly: _how_many,
    If: _if,
    Assumed: _assumed,
    **dict.fromkeys(RELATIONS, _compare),
    Between: _between,
    IsIn: _is_in,
    **dict.fromkeys(_TEXT_ONLY, _text_question),
    KnownField: _known,
    Missing: _missing,
    OneOf: _labelled,
    Sequence: _follows,
}


# -- measures ----------------------------------------------------------------------------------


def quantity(measure: Measure, kind: Kind) -> Quantity | None:
    """A measure as something to compare with a value of *kind*; None when it has no short way."""
    lower = _MEASURES.get(type(measure))
    return None if lower is None else lower(measure, kind)


def pick(selection: Selection) -> node.Pick | None:
    """Which activities a selection picks; None when it or its window is a user's own."""
    if type(selection) not in _SELECTIONS or type(selection.window) not in _WINDOWS:
        return None
    return node.Pick(selection.of, selection.kinds, selection.filters)


def _gather(selection: Selection) -> node.Gather | None:
    picked = pick(selection)
    return None if picked is None else node.Gather(picked, selection.window)


def _attribute(measure: Attribute, kind: Kind) -> Quantity:
    default: Scalar | None = measure.default
    return node.Read(measure.field, kind, default)


def _count(measure: Count, kind: Kind) -> Quantity | None:
    picked = pick(measure.activities)
    return None if picked is None else node.Known(node.Tally(picked, measure.activities.window))


def _last(measure: DaysSinceLast, kind: Kind) -> Quantity | None:
    picked = pick(measure.activities)
    return None if picked is None else node.Known(node.Newest(picked, measure.activities.window))


def _first(measure: DaysSinceFirst, kind: Kind) -> Quantity | None:
    picked = pick(measure.activities)
    if picked is None or picked.filters:
        return _over(measure, kind)
    return node.Known(node.Oldest(picked, measure.activities.window))


def _sum(measure: SumOf, kind: Kind) -> Quantity | None:
    picked = pick(measure.activities)
    if picked is None:
        return None
    skip = measure.blanks == "skip"
    return node.Known(node.Total(picked, measure.activities.window, measure.field, skip))


def _over(measure: ActivityMeasure, kind: Kind) -> Quantity | None:
    gathered = _gather(measure.activities)
    return None if gathered is None else node.Over(measure, gathered)


_MEASURES: Final[Mapping[type[Measure], Callable[[Any, Kind], Quantity | None]]] = {
    Attribute: _attribute,
    DaysSince: lambda m, _: node.Age(m.field),
    DaysInStage: lambda _, __: node.Age(None),
    Score: lambda m, _: node.ScoreOf(m.score),
    Count: _count,
    DaysSinceLast: _last,
    DaysSinceFirst: _first,
    SumOf: _sum,
    Distinct: _over,
    Least: _over,
    Greatest: _over,
}
