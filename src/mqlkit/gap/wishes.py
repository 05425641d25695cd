"""
What each question would have to see to be answered YES, or NO.

A wish is one way to move one answer: some changes, made together. Wishes are guesses by the shape
of the question; whoever takes one makes the changes and asks again. A question that offers none
here is asked for its own: `Criterion.wishes`.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import singledispatch
from typing import Any, Final, Protocol, TypeAlias

from ..change import Change, HappenMore, SetAttribute
from ..criteria.age import DAY_UNITS, DaysSince
from ..criteria.aggregate import (
    ActivityMeasure,
    Count,
    DaysSinceFirst,
    DaysSinceLast,
    Distinct,
    Greatest,
    Least,
    PropertyMeasure,
    Sum,
)
from ..criteria.attribute import Attribute
from ..criteria.choices import members
from ..criteria.knowledge import Known, Missing
from ..criteria.membership import DomainIs, HasAll, HasAny, IsIn, Membership
from ..criteria.selection import Selection
from ..criteria.sequence import Sequence
from ..criteria.text import EndsWith, Matches, StartsWith, TextQuestion, WordQuestion
from ..criterion import Criterion
from ..lead import Snapshot
from ..measure import AtLeast, AtMost, Between, Comparison, Equals, LessThan, Measure, MoreThan
from ..value import DAY, MICROSECOND, Scalar, as_number, as_text, fold
from ..verdict import Verdict

Plan: TypeAlias = tuple[Change, ...]

OTHER: Final = "something else"
ANYTHING: Final = "something"
STRANGER: Final = "someone@elsewhere.example"
SHOWN: Final = 4
"""How many of several values are tried."""


class Scene(Protocol):
    """A lead as of an instant, and activities that would suit a selection."""

    @property
    def snapshot(self) -> Snapshot:
        """The lead."""
        ...

    def examples(self, selection: Selection) -> "tuple[HappenMore, ...]":
        """Activities that the selection is sure to take, one for each of its kinds."""
        ...


@singledispatch
def wishes(criterion: Criterion, scene: Scene, wanted: Verdict) -> Iterable[Plan]:
    """Ways in which *criterion* may come to answer *wanted*, the likeliest first."""
    return ((change,) for change in criterion.wishes(scene.snapshot, wanted))


# -- comparisons: a value that would do, and how the measure gets there --------------------------


@wishes.register
def _(criterion: Comparison, scene: Scene, wanted: Verdict) -> Iterator[Plan]:
    for value in suitable(criterion, wanted):
        yield from moves(criterion.measure, value, scene)


@wishes.register
def _(criterion: Between, scene: Scene, wanted: Verdict) -> Iterator[Plan]:
    low, high = criterion.bounds
    values = (low, high) if wanted is Verdict.YES else (*_beside(low, -1), *_beside(high, 1))
    for value in values:
        yield from moves(criterion.measure, value, scene)


def suitable(criterion: Comparison, wanted: Verdict) -> tuple[Scalar, ...]:
    """Values of the measure at which the comparison would answer *wanted*, nearest first."""
    bound, yes = criterion.bound, wanted is Verdict.YES
    match criterion:
        case Equals():
            return (bound,) if yes else (*_beside(bound, 1), *_beside(bound, -1))
        case AtLeast():
            return (bound,) if yes else _beside(bound, -1)
        case AtMost():
            return (bound,) if yes else _beside(bound, 1)
        case MoreThan():
            return _beside(bound, 1) if yes else (bound,)
        case LessThan():
            return _beside(bound, -1) if yes else (bound,)
        case _:
            return ()


def _beside(bound: Scalar, way: int) -> tuple[Scalar, ...]:
    """A value next to *bound*, above or below it; none where there is none at hand."""
    try:
        match bound:
            case bool():
                return (not bound,)
            case int() | float():
                return (bound + way,)
            case datetime():
                return (bound + way * timedelta(seconds=1),)
            case date():
                return (bound + way * DAY,)
            case str():
                return (bound + "x",) if way > 0 else (OTHER, "0")
    except OverflowError:  # at the end of the calendar
        return ()


@singledispatch
def moves(measure: Measure, value: Scalar, scene: Scene) -> Iterable[Plan]:
    """Ways in which *measure* may come to be *value*."""
    return ()


@moves.register
def _(measure: Attribute, value: Scalar, scene: Scene) -> Iterator[Plan]:
    yield (SetAttribute(measure.field, value),)


@moves.register
def _(measure: DaysSince, value: Scalar, scene: Scene) -> Iterator[Plan]:
    days = as_number(value)
    if days is None:
        return
    try:
        moment = scene.snapshot.as_of - math.ceil(days * DAY_UNITS) * MICROSECOND
    except OverflowError:  # before the calendar began
        return
    yield (SetAttribute(measure.field, moment),)


@moves.register
def _(measure: Count, value: Scalar, scene: Scene) -> Iterator[Plan]:
    lacking = math.ceil((as_number(value) or 0) - _lowest(measure, scene))
    if 0 < lacking <= MOST_MORE:
        for example in scene.examples(measure.activities):
            yield (happen(example, times=lacking),)


MOST_MORE: Final = 1_000
"""Nothing is asked to happen more often."""


def happen(
    example: HappenMore,
    properties: Mapping[str, object] | None = None,
    *,
    times: int = 1,
    before: timedelta | None = None,
) -> HappenMore:
    """*example*, so many times, and with other properties where these are given."""
    return HappenMore(
        example.kind,
        {**example.properties, **(properties or {})},
        times,
        example.of,
        example.before if before is None else before,
    )


def _lowest(measure: ActivityMeasure, scene: Scene) -> float:
    """The least that a measure in whole units is sure to have, in the user's; 0 when unknown."""
    found = measure.range(scene.snapshot)
    low = 0 if found is None else found.low
    return low / measure.scale if math.isfinite(low) else 0


@moves.register
def _(measure: Distinct, value: Scalar, scene: Scene) -> Iterator[Plan]:
    lacking = math.ceil((as_number(value) or 0) - _lowest(measure, scene))
    if 0 < lacking <= SHOWN * 2:
        for example in scene.examples(measure.activities):
            yield tuple(
                happen(example, {measure.field: f"another {number}"})
                for number in range(1, lacking + 1)
            )


@moves.register
def _(measure: Sum, value: Scalar, scene: Scene) -> Iterator[Plan]:
    lacking = (as_number(value) or 0) - _lowest(measure, scene)
    whole = int(lacking) if lacking == int(lacking) else round(lacking, 3)
    yield from _with_property(measure, whole, scene)


@moves.register(Greatest)
@moves.register(Least)
def _(measure: PropertyMeasure, value: Scalar, scene: Scene) -> Iterator[Plan]:
    yield from _with_property(measure, value, scene)


def _with_property(measure: PropertyMeasure, value: Scalar, scene: Scene) -> Iterator[Plan]:
    for example in scene.examples(measure.activities):
        yield (happen(example, {measure.field: value}),)


@moves.register(DaysSinceLast)
@moves.register(DaysSinceFirst)
def _(measure: ActivityMeasure, value: Scalar, scene: Scene) -> Iterator[Plan]:
    for example in scene.examples(measure.activities):
        yield (example,)


# -- one of many ---------------------------------------------------------------------------------


@wishes.register
def _(criterion: IsIn, scene: Scene, wanted: Verdict) -> Iterator[Plan]:
    values = members(criterion.values)
    if wanted is Verdict.NO:
        values = _beside(values[-1], 1) if values else (OTHER,)
        values = (OTHER,) if isinstance(values[0], str) else values
    for value in values[:SHOWN]:
        yield from moves(criterion.measure, value, scene)


@wishes.register
def _(criterion: DomainIs, scene: Scene, wanted: Verdict) -> Iterator[Plan]:
    domains = members(criterion.values)
    someone = [f"someone@{domain}" for domain in domains[:SHOWN]]
    for address in someone if wanted is Verdict.YES else [STRANGER]:
        yield from moves(criterion.measure, address, scene)


@wishes.register(HasAny)
@wishes.register(HasAll)
def _(criterion: Membership, scene: Scene, wanted: Verdict) -> Iterator[Plan]:
    if not isinstance(criterion.measure, Attribute):
        return
    field = criterion.measure.field
    items = scene.snapshot.items(field) or ()
    values = members(criterion.values)
    if wanted is Verdict.NO:
        unwanted = {_folded(value) for value in values}
        yield (SetAttribute(field, tuple(i for i in items if _folded(i) not in unwanted)),)
    elif isinstance(criterion, HasAll):
        lacking = [value for value in values if value not in items]
        yield (SetAttribute(field, (*items, *lacking)),)
    else:
        for value in values[:SHOWN]:
            yield (SetAttribute(field, (*items, value)),)


def _folded(value: object) -> object:
    return fold(value) if isinstance(value, str) else value


# -- texts ---------------------------------------------------------------------------------------


@wishes.register
def _(criterion: WordQuestion, scene: Scene, wanted: Verdict) -> Iterator[Plan]:
    text = _text(criterion, scene)
    texts = _without(criterion, text) if wanted is Verdict.NO else _having(criterion, text)
    for one in texts:
        yield from moves(criterion.measure, one, scene)


def _text(criterion: TextQuestion, scene: Scene) -> str:
    """What stands there now; "" when it is no text."""
    if not isinstance(criterion.measure, Attribute):
        return ""
    return scene.snapshot.text(criterion.measure.field) or ""


def _having(criterion: WordQuestion, text: str) -> Iterator[str]:
    """Texts with one of the words; with what is there now as well, in case that is wanted too."""
    yield from criterion.words[:SHOWN]
    if text:
        for word in criterion.words[:SHOWN]:
            yield f"{word} {text}" if isinstance(criterion, StartsWith) else f"{text} {word}"


def _without(criterion: WordQuestion, text: str) -> Iterator[str]:
    """The text without the words, and a quite different one."""
    pattern = "|".join(re.escape(word) for word in criterion.words)
    if isinstance(criterion, StartsWith | EndsWith):
        start, end = (r"\A", "") if isinstance(criterion, StartsWith) else ("", r"\Z")
        pattern = f"{start}(?:{pattern}){end}"
    rest = re.sub(pattern, "", text, flags=re.IGNORECASE)
    if left := as_text(" ".join(rest.split())):
        yield left
    yield OTHER


@wishes.register
def _(criterion: Matches, scene: Scene, wanted: Verdict) -> Iterator[Plan]:
    # A pattern is not turned round; a plain word in it may match by itself.
    words = re.findall(r"[^\W_]+", re.sub(r"\(\?\w+\)|\\.", " ", criterion.pattern))
    for text in words[:SHOWN] if wanted is Verdict.YES else [OTHER]:
        yield from moves(criterion.measure, text, scene)


# -- what we know, and sequences -----------------------------------------------------------------


@wishes.register(Known)
@wishes.register(Missing)
def _(criterion: Any, scene: Scene, wanted: Verdict) -> Iterator[Plan]:
    filled = isinstance(criterion, Known) is (wanted is Verdict.YES)
    yield (SetAttribute(criterion.field, ANYTHING if filled else None),)


@wishes.register
def _(criterion: Sequence, scene: Scene, wanted: Verdict) -> Iterator[Plan]:
    if wanted is Verdict.NO:
        return  # What happened cannot be undone.
    first, then = scene.examples(criterion.first), scene.examples(criterion.then)
    yield from ((activity,) for activity in then)
    for activity in first:
        # One second: strictly earlier, and within any window, which is a minute at the least.
        before = happen(activity, before=timedelta(seconds=1))
        yield (before,)
        yield from ((before, following) for following in then)
