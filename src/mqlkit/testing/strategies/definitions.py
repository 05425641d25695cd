"""Generated decays, rules, scorecards and qualifications."""

# What Hypothesis hands to a lambda is known from the strategies beside it, not to type checkers.
# pyright: reportUnknownLambdaType=false

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import attrs
from hypothesis import strategies as st

from ...criteria.attribute import attribute
from ...criteria.label import grade, matrix
from ...criterion import Criterion
from ...decay import Decay, expires, half_life, linear, steps
from ...definition import Label
from ...measure import LabelMeasure
from ...qualification import Qualification
from ...rules.base import BaseRule
from ...rules.choice import Band
from ...rules.rule import Rule
from ...scorecard import Group, Scorecard
from .questions import criteria, kept, measures, selections
from .vocabulary import WORDS

_POINTS = st.sampled_from((20, 5, -10, 0.001, -2.5, 33.333, 0))
_LIMITS = st.sampled_from((None, None, 0, 5, 25.5, 40))
_FLOORS = st.sampled_from((None, None, 0, -5, -30))


@cache
def decays() -> st.SearchStrategy[Decay]:
    """Decays of every kind, of short and long spans."""
    days = st.sampled_from((1, 7, 30, 90, 3_650))
    left = st.lists(st.sampled_from((1, 0.75, 0.5, 1 / 3, 0.1, 0)), min_size=1, max_size=3)
    ages = st.lists(st.integers(1, 60), min_size=3, max_size=3, unique=True).map(sorted)
    return st.one_of(
        days.map(lambda n: linear(days=n)),
        days.map(lambda n: half_life(days=n)),
        days.map(lambda n: expires(days=n)),
        st.builds(
            lambda days, parts: steps(dict(zip(days, sorted(parts, reverse=True), strict=False))),
            ages,
            left,
        ),
    )


def _each(*, knowledge: bool) -> st.SearchStrategy[BaseRule]:
    def limit(at_most: int | None, per: int | None, in_all: int | None) -> dict[str, Any]:
        if at_most is None:
            return {}
        return (
            {"at_most": at_most}
            if per is None
            else {"at_most": at_most, "per": per, "in_all": in_all}
        )

    few = st.sampled_from((None, 1, 2))
    limits = st.builds(limit, few, st.sampled_from((None, 1, 7)), few)
    once = st.sampled_from((None, None, "asset_id", "page"))
    return st.builds(
        lambda chosen, points, once_per, decay, limits: Rule.each(
            "rule", chosen, points, once_per=once_per, decay=decay, **limits
        ),
        selections(knowledge=knowledge),
        _POINTS,
        once,
        st.none() | decays(),
        limits,
    )


def _bands() -> st.SearchStrategy[list[Band]]:
    ends = st.lists(
        st.sampled_from((0, 1, 2, 49.5, 50, 1_000)), min_size=1, max_size=3, unique=True
    )
    points = st.lists(_POINTS, min_size=4, max_size=4)

    def cut(edges: list[float], given: list[float]) -> list[Band]:
        inner = [None, *sorted(edges), None]
        pairs = list(pairwise(inner))
        return [Band(p, low, high) for (low, high), p in zip(pairs, given, strict=False)]

    overlapping = st.builds(
        lambda low, given: [Band(given[0], low, None), Band(given[1], None, low + 1)],
        st.integers(0, 2),
        points,
    )
    return st.one_of(st.builds(cut, ends, points), overlapping)


def rules(
    name: str = "rule", *, knowledge: bool = True, scores: Sequence[str] = ()
) -> st.SearchStrategy[BaseRule]:
    """
    Rules of every way to award points.

    Args:
        name: What each is called.
        knowledge: Also with criteria that filling a blank may overturn.
        scores: Names of scores that the criteria may ask for.
    """
    made = kept(_rules, knowledge, tuple(scores))
    return made.map(lambda rule: attrs.evolve(rule, name=name))


@cache
def _rules(knowledge: bool, scores: tuple[str, ...]) -> st.SearchStrategy[BaseRule]:
    name = "rule"
    when: st.SearchStrategy[Criterion] = criteria(knowledge=knowledge, scores=scores, max_leaves=3)
    cases = st.lists(st.tuples(when, _POINTS), min_size=1, max_size=3)
    match = st.sampled_from(("first", "best"))
    table = st.dictionaries(st.sampled_from(WORDS), _POINTS, min_size=1, max_size=3)
    chosen = selections(knowledge=knowledge)
    once = st.builds(lambda asking, points: Rule(name, asking, points), when, _POINTS)
    return st.one_of(
        once,
        once,
        _each(knowledge=knowledge),
        _each(knowledge=knowledge),
        st.builds(
            lambda a, points, decay: Rule.latest(name, a, points, decay=decay),
            chosen,
            _POINTS,
            st.none() | decays(),
        ),
        st.builds(
            lambda field, points: Rule.by_value(name, attribute(field), points),
            st.sampled_from(("title", "industry", "account.industry")),
            table,
        ),
        st.builds(
            lambda measure, bands, match: Rule.by_band(name, measure, bands, match=match),
            measures(knowledge=knowledge),
            _bands(),
            match,
        ),
        cases.map(lambda found: Rule.first_of(name, *found)),
        cases.map(lambda found: Rule.best_of(name, *found)),
    )


@st.composite
def _groups(
    draw: st.DrawFn, name: str, *, knowledge: bool, scores: Sequence[str] = (), nested: bool = False
) -> Group:
    made: list[BaseRule | Group] = [
        draw(rules(f"{name} {n}", knowledge=knowledge, scores=scores))
        for n in range(draw(st.integers(0 if nested else 1, 2)))
    ]
    if nested:
        inner = _groups(f"{name} inner", knowledge=knowledge, scores=scores)
        made.insert(draw(st.integers(0, len(made))), draw(inner))
    return Group(
        name,
        made,
        cap=draw(_LIMITS),
        floor=draw(_FLOORS.filter(lambda floor: floor is None or floor <= 0)),
        decay=draw(st.none() | decays()),
    )


def scorecards(*, name: str = "", knowledge: bool = True) -> st.SearchStrategy[Scorecard]:
    """
    Scorecards of the groups ``fit`` and ``engagement`` and a rule beside them, capped or not.

    The rules of ``engagement`` may ask for the score of ``fit``; its groups may nest.

    Args:
        name: Of the card.
        knowledge: Also with criteria that filling a blank may overturn.
    """
    return _scorecards(name, knowledge)


@st.composite
def _scorecards(draw: st.DrawFn, name: str, knowledge: bool) -> Scorecard:
    nested = draw(st.booleans())
    parts: list[BaseRule | Group] = [
        draw(_groups("fit", knowledge=knowledge)),
        draw(_groups("engagement", knowledge=knowledge, scores=("fit",), nested=nested)),
    ]
    if draw(st.booleans()):
        parts.append(draw(rules("beside", knowledge=knowledge, scores=("fit", "engagement"))))
    return Scorecard(*parts, name=name, cap=draw(_LIMITS), floor=draw(_FLOORS))


def qualifications(
    *, knowledge: bool = True, unknowns: bool = True
) -> st.SearchStrategy[Qualification]:
    """
    Qualifications with a scorecard, blockers, ways to qualify at once, labels and grades.

    Args:
        knowledge: Also with criteria that filling a blank may overturn.
        unknowns: Also with ``unknowns="no"``.
    """
    return _qualifications(knowledge, unknowns)


@st.composite
def _qualifications(draw: st.DrawFn, knowledge: bool, unknowns: bool) -> Qualification:
    scores = ("total", "fit", "engagement")
    asking = criteria(knowledge=knowledge, scores=scores, max_leaves=3)
    some = st.dictionaries(st.sampled_from(("first", "second")), asking, max_size=2)
    letters = grade("fit", {"A": 20, "B": 5}, lowest="C")
    grades: tuple[dict[str, LabelMeasure], ...] = (
        {},
        {"fit": letters},
        {"both": matrix(letters, grade("total", {"1": 30}, lowest="2"))},
    )
    return Qualification(
        "generated",
        version="1",
        card=draw(scorecards(knowledge=knowledge)),
        when=draw(asking),
        never=draw(some),
        at_once=draw(some),
        labels={n: Label(c, "call") for n, c in draw(some).items()},
        grades=draw(st.sampled_from(grades)),
        unknowns=draw(st.sampled_from(("ask", "ask", "no"))) if unknowns else "ask",
    )
