"""Lint of what a definition asks of scores: thresholds and letters that cannot be reached."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import ceil, floor, inf
from typing import Any

from ..criteria.label import Grade, Matrix, Score
from ..criterion import Criterion
from ..measure import (
    AtLeast,
    AtMost,
    Between,
    Comparison,
    Equals,
    LabelMeasure,
    LessThan,
    MoreThan,
    OneOf,
)
from ..points import in_points
from ..qualification import Qualification
from ..rules.base import BaseRule
from ..rules.rule import Rule
from ..scorecard import Scored
from ..value import exact, listing
from .finding import Finding
from .place import places
from .reach import Exclusions, Span, span_of


def check_thresholds(q: Qualification) -> Iterator[Finding]:
    """The findings about every comparison with a score, and about every letter of one."""
    scores = q.score_names
    exclusions = Exclusions()
    for path, asking in _askings(q):
        for part in asking.walk():
            match part:
                case Comparison(measure=Score(score=name)) | Between(measure=Score(score=name)):
                    yield from _threshold(path, part, scores[name], exclusions)
                case OneOf():
                    yield from _labels(path, part, scores)
                case _:
                    continue
    for measure, path in _grades(q).items():
        yield from _letters(path, measure, scores)


def _askings(q: Qualification) -> Iterator[tuple[str, Criterion]]:
    yield from q.formulas()
    for place in places(q):
        if isinstance(place.item, BaseRule):
            yield from ((place.path, asking) for asking in place.item.criteria())


# -- thresholds ----------------------------------------------------------------------------------


def _threshold(
    path: str, asking: Comparison | Between, scored: Scored, exclusions: Exclusions
) -> Iterator[Finding]:
    wanted = _wanted(asking)
    if wanted is None:
        return
    what = asking.describe()
    span = span_of(scored)
    if not _meet(span, wanted):
        yield _out_of_reach(path, what, wanted, scored, span)
    elif wanted[0] <= span.low and span.high <= wanted[1]:
        message = f"“{what}” holds always: {_between(span)}; change the threshold or remove it"
        yield Finding("warning", "threshold-always-met", path, message)
    elif wanted[1] == inf:
        yield from _excluded(path, what, wanted[0], scored, exclusions.of(scored))


def _wanted(asking: Comparison | Between) -> tuple[float, float] | None:
    """The millipoints that satisfy it, both ends included; scores are whole millipoints."""
    if isinstance(asking, Between):
        low, high = map(_millis, asking.bounds)
        return ceil(low), floor(high)
    bound = _millis(asking.bound)
    match asking:
        case AtLeast():
            return ceil(bound), inf
        case MoreThan():
            return floor(bound) + 1, inf
        case AtMost():
            return -inf, floor(bound)
        case LessThan():
            return -inf, ceil(bound) - 1
        case Equals():
            return ceil(bound), floor(bound)
        case _:  # a user's own comparison
            return None


def _millis(bound: Any) -> Fraction:
    return exact(bound) * 1000


def _meet(span: Span, wanted: tuple[float, float]) -> bool:
    return max(wanted[0], span.low) <= min(wanted[1], span.high)


def _out_of_reach(
    path: str, what: str, wanted: tuple[float, float], scored: Scored, span: Span
) -> Finding:
    if wanted[0] > span.high and _meet(span_of(scored, limits=False), wanted):
        message = f"“{what}” never holds: caps keep it at {_points(span.high)} or less"
        message += "; raise the cap or lower the threshold"
        return Finding("warning", "cap-below-threshold", path, message)
    message = f"“{what}” never holds: {_between(span)}; change the threshold or the points"
    return Finding("warning", "threshold-out-of-reach", path, message)


def _between(span: Span) -> str:
    return f"the score lies between {_points(span.low)} and {_points(span.high)}"


def _points(millis: int) -> str:
    return f"{in_points(millis):,f}"


def _excluded(
    path: str, what: str, least: float, scored: Scored, together: list[tuple[Rule, ...]]
) -> Iterator[Finding]:
    """A threshold that is reached only by rules of which at most one can hold."""
    lesser = {id(rule) for rules in together for rule in rules[1:]}

    def alone(rule: BaseRule) -> tuple[int, int]:
        lowest, highest = rule.extremes()
        return (lowest, 0) if id(rule) in lesser else (lowest, highest)

    most = span_of(scored, alone).high
    if least > most:
        rules = [listing([f"“{rule.name}”" for rule in some], "and") for some in together]
        message = (
            f"“{what}” never holds: at most one of {'; of '.join(rules)} can hold, "
            f"so the score is {_points(most)} or less; lower the threshold or change the rules"
        )
        yield Finding("warning", "exclusive-rules", path, message)


# -- letters -------------------------------------------------------------------------------------


def reached(measure: LabelMeasure, scores: Mapping[str, Scored]) -> tuple[str, ...] | None:
    """The labels that some score can have, best first; None when any text may be one."""
    match measure:
        case Grade(score=name, letters=letters, lowest=lowest):
            span = span_of(scores[name])
            found: list[str] = []
            best = span.high
            for letter in sorted(letters, key=lambda letter: -letters[letter]):
                least = ceil(_millis(letters[letter]))
                if least <= best and span.low <= best:
                    found.append(letter)
                best = min(best, least - 1)
            return (*found, lowest) if span.low <= best else tuple(found)
        case Matrix(rows=rows, columns=columns):
            return tuple(
                row + column
                for row in reached(rows, scores) or ()
                for column in reached(columns, scores) or ()
            )
        case _:
            return measure.known_labels()


def _labels(path: str, asking: OneOf, scores: Mapping[str, Scored]) -> Iterator[Finding]:
    found = reached(asking.measure, scores)
    if found is not None and not set(found) & set(asking.labels):
        never = f"“{asking.describe()}” never holds: {asking.measure.describe()} can only be "
        message = f"{never}{listing(list(found))}; change the letters or the points"
        yield Finding("warning", "label-out-of-reach", path, message)


def _grades(q: Qualification) -> dict[LabelMeasure, str]:
    """Every grade that is told or asked for, with where it first stands."""
    found: dict[LabelMeasure, str] = {}
    for name, measure in q.grades.items():
        found.setdefault(measure, f"grade {name!r}")
    for path, asking in _askings(q):
        for part in asking.walk():
            if isinstance(part, OneOf):
                found.setdefault(part.measure, path)
    for measure, path in list(found.items()):
        if isinstance(measure, Matrix):
            found.setdefault(measure.rows, path)
            found.setdefault(measure.columns, path)
    return found


def _letters(path: str, measure: LabelMeasure, scores: Mapping[str, Scored]) -> Iterator[Finding]:
    if not isinstance(measure, Grade):
        return
    found = reached(measure, scores) or ()
    never = [letter for letter in measure.known_labels() if letter not in found]
    if never:
        span = span_of(scores[measure.score])
        message = f"no lead can get {listing(never)}: {_between(span)}; change the letters"
        yield Finding("warning", "letter-out-of-reach", path, message)
