"""
Points of one of several cases: the first that holds, or the best.

The cases are criteria, values of a text, or bands of a number.
"""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Literal, TypeAlias

import attrs

from ..criterion import AllOf, Criterion, criterion, earliest, judged
from ..decay import Decay
from ..errors import DefinitionError, KindError
from ..explanation import Reason
from ..lead import Snapshot
from ..measure import AtLeast, Equals, LessThan, Measure, measured
from ..points import NOTHING, Triple, millipoints, normal_points, span
from ..registry import register
from ..value import Table, literal, show
from ..verdict import Verdict
from .base import Award, BaseRule, once

Match: TypeAlias = Literal["first", "best"]


def outcome(judged: Iterable[tuple[Verdict, int]], match: Match = "first") -> Triple:
    """
    What the first or the best of several cases gives, each with its verdict.

    >>> outcome([(Verdict.UNKNOWN, 20_000), (Verdict.YES, 5_000)], "first")
    Triple(low=5000, points=5000, high=20000)
    """
    sure: list[int] = []
    possible: list[int] = []
    for verdict, millis in judged:
        if verdict is Verdict.YES:
            sure.append(millis)
            if match == "first":
                break
        elif verdict is Verdict.UNKNOWN:
            possible.append(millis)
    points = max(sure, default=0)
    if match == "best" and sure:
        return Triple(points, points, max(points, *possible) if possible else points)
    return Triple(min(points, *possible, points), points, max(points, *possible, points))


@attrs.frozen
class Choice(BaseRule):
    """A rule that gives the points of one of several cases."""

    @abstractmethod
    def rows(self) -> Iterator[tuple[Criterion, int]]:
        """Each case with its millipoints."""

    @property
    def _match(self) -> Match:
        return "first"

    def award(self, lead: Snapshot, decay: Decay | None = None) -> Award:
        answers = ((judged(when, lead), millis) for when, millis in self.rows())
        return once(outcome(answers, self._match))

    def always_shows(self, *, fading: bool) -> bool:
        return type(self) in (Cases, ByValue, ByBand)

    def explain(self, lead: Snapshot) -> Reason:
        given = self.award(lead).left
        verdict = Verdict.UNKNOWN if given.open else Verdict.of(given != NOTHING)
        parts = [when.explain(lead) for when, _ in self.rows()]
        if self._match == "first":
            met = [part.verdict is Verdict.YES for part in parts]
            parts = parts[: met.index(True) + 1] if True in met else parts
        shown = [part for part in parts if part.verdict is not Verdict.NO] or [_none_of(parts)]
        return Reason(self.name, verdict, parts=tuple(shown))

    def changes_at(self, lead: Snapshot, decay: Decay | None = None) -> datetime | None:
        return earliest(when.changes_at(lead) for when in self.criteria())

    def extremes(self) -> tuple[int, int]:
        return span(millis for _, millis in self.rows())

    def criteria(self) -> tuple[Criterion, ...]:
        return tuple(when for when, _ in self.rows())


def _none_of(cases: list[Reason]) -> Reason:
    """All cases are NO: what was read says more than each of them."""
    read = dict.fromkeys(seen for case in cases for reason in case.walk() for seen in reason.seen)
    return Reason(f"none of its {len(cases)} cases holds", Verdict.NO, tuple(read))


def _first_or_best(value: object) -> Match:
    if value not in ("first", "best"):
        raise DefinitionError(f"match is 'first' or 'best', not {show(value)}")
    return value


@attrs.frozen(cache_hash=True)
class Case:
    """One line of a table: a criterion and its points."""

    when: Criterion = attrs.field(converter=criterion)
    points: int | float = attrs.field(converter=normal_points)


def _all_cases(values: Iterable[Case]) -> tuple[Case, ...]:
    return tuple(values)


@register("cases", main="cases")
@attrs.frozen(cache_hash=True)
class Cases(Choice):
    """Points of the first, or of the best, of several criteria that are YES."""

    cases: tuple[Case, ...] = attrs.field(converter=_all_cases)
    match: Match = attrs.field(default="first", converter=_first_or_best)

    def rows(self) -> Iterator[tuple[Criterion, int]]:
        return ((case.when, millipoints(case.points)) for case in self.cases)

    @property
    def _match(self) -> Match:
        return self.match


def _value_points(value: object) -> Table[int | float]:
    if not isinstance(value, Mapping) or not value:
        raise KindError("points by value are a table: each text with its points")
    return Table({_text(text): normal_points(points) for text, points in value.items()})


def _text(value: object) -> str:
    text = literal(value)
    if not isinstance(text, str):
        raise KindError(f"points by value go by text, not by {show(value)}")
    return text


@register("by_value", main="points", subject="measure")
@attrs.frozen(cache_hash=True)
class ByValue(Choice):
    """Points by a text; none for one that the table does not have."""

    measure: Measure = attrs.field(converter=measured)
    points: Table[int | float] = attrs.field(converter=_value_points)

    def __attrs_post_init__(self) -> None:
        alike: dict[object, str] = {}
        for text in self.points:
            other = alike.setdefault(self.measure.units(text), text)
            if other != text:
                raise DefinitionError(
                    f"{show(other)} and {show(text)} are one text; give it points once"
                )

    def rows(self) -> Iterator[tuple[Criterion, int]]:
        for text, points in self.points.items():
            yield Equals(self.measure, text), millipoints(points)


def _end(value: object) -> int | float | None:
    """An end of a band in its one normal form: ``5.0`` is ``5``."""
    return None if value is None else literal(value)  # type: ignore[return-value]


@attrs.frozen(cache_hash=True)
class Band:
    """
    A part of a scale, and its points.

    Args:
        points: What it gives.
        at_least: Its lower end, included; without end when None.
        below: Its upper end, not included; without end when None.
    """

    points: int | float = attrs.field(converter=normal_points)
    at_least: int | float | None = attrs.field(default=None, converter=_end)
    below: int | float | None = attrs.field(default=None, converter=_end)

    def __attrs_post_init__(self) -> None:
        if self.at_least is None and self.below is None:
            raise DefinitionError("a band needs a lower or an upper end")
        if self.at_least is not None and self.below is not None and self.below <= self.at_least:
            raise DefinitionError(f"no number is at least {self.at_least} and below {self.below}")

    def holds(self, measure: Measure) -> Criterion:
        """Whether a measure lies in it."""
        ends: list[Criterion] = []
        if self.at_least is not None:
            ends.append(AtLeast(measure, self.at_least))
        if self.below is not None:
            ends.append(LessThan(measure, self.below))
        return ends[0] if len(ends) == 1 else AllOf(ends)


def _all_bands(values: Iterable[Band]) -> tuple[Band, ...]:
    return tuple(values)


@register("by_band", main="bands", subject="measure")
@attrs.frozen(cache_hash=True)
class ByBand(Choice):
    """Points by the band in which a measure lies: the first that fits, or the best."""

    measure: Measure = attrs.field(converter=measured)
    bands: tuple[Band, ...] = attrs.field(converter=_all_bands)
    match: Match = attrs.field(default="first", converter=_first_or_best)

    def __attrs_post_init__(self) -> None:
        for band in self.bands:
            band.holds(self.measure)

    def rows(self) -> Iterator[tuple[Criterion, int]]:
        return ((band.holds(self.measure), millipoints(band.points)) for band in self.bands)

    @property
    def _match(self) -> Match:
        return self.match
