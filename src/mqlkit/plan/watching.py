"""
What of a definition can change while time passes: watches, each once.

They say what `changes_at` of every built-in part says. What is of somebody's own making is one
call of its own `changes_at`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TypeAlias, cast

import attrs

from ..criteria.age import DaysSince
from ..criteria.aggregate import (
    ActivityMeasure,
    Count,
    DaysSinceFirst,
    DaysSinceLast,
    Distinct,
    Greatest,
    Least,
    Sum,
)
from ..criteria.attribute import Attribute
from ..criteria.knowledge import Known, Missing
from ..criteria.label import Grade, Matrix, Score, Stage
from ..criteria.membership import DomainIs, HasAll, HasAny, IsIn
from ..criteria.selection import Selection
from ..criteria.sequence import Sequence
from ..criteria.stay import DaysInStage
from ..criteria.text import ContainsAny, EndsWith, Matches, StartsWith
from ..criterion import AllOf, AnyOf, Assumed, AtLeastOf, Criterion, Exactly, If, Named, Not
from ..decay import Decay
from ..definition import Definition
from ..lead import Snapshot
from ..measure import (
    AtLeast,
    AtMost,
    Between,
    Equals,
    LabelMeasure,
    LessThan,
    Measure,
    MoreThan,
    OneOf,
)
from ..points import millipoints
from ..rules.activity import ActivityRule, Each, Latest
from ..rules.base import BaseRule
from ..rules.choice import ByBand, ByValue, Cases
from ..rules.rule import Rule
from ..scorecard import Group, members
from ..value import DAY, LAST, MICROSECOND
from ..window import Window
from .asking import pick
from .lowering import called, decay_of
from .node import Pick

Wanted: TypeAlias = Criterion | LabelMeasure | Score | str | None
"""What is asked about: the whole answer for None, a score also by its name."""


# -- watches -----------------------------------------------------------------------------------


@attrs.frozen(cache_hash=True)
class History:
    """The history of a field."""

    field: str


@attrs.frozen(cache_hash=True)
class Age:
    """The age of the moment in a field, which reaches some bounds; of the stage for no field."""

    field: str | None
    bounds: tuple[timedelta, ...]


@attrs.frozen(cache_hash=True)
class Coming:
    """An activity that is known already but happens only later."""

    pick: Pick


@attrs.frozen(cache_hash=True)
class Leaving:
    """
    The oldest activity that is not as old yet as *span*; it will be.

    Args:
        pick: Of which activities.
        span: The age.
        last: Later ones never come to that age.
        within: Only those in this window.
        passes: It matters when one is a microsecond younger, too: a bound is reached, and passed.
    """

    pick: Pick
    span: timedelta
    last: datetime
    within: Window | None = None
    passes: bool = False


@attrs.frozen(cache_hash=True)
class Leaps:
    """Activities in a window by the calendar, from whose end they may leave, and come again."""

    pick: Pick
    window: Window


@attrs.frozen(cache_hash=True)
class Steps:
    """The points of activities, which fade step by step."""

    pick: Pick
    within: Window | None
    millis: int
    decay: Decay


@attrs.frozen(cache_hash=True)
class Hands:
    """The points that people gave to a score under one of its names."""

    called: frozenset[str]


@attrs.frozen(eq=False)
class Own:
    """What is asked as it is: a user's own part, or one with no shorter way."""

    ask: Callable[[Snapshot], datetime | None]


Watch: TypeAlias = History | Age | Coming | Leaving | Leaps | Steps | Hands | Own


# -- what is watched of a definition -----------------------------------------------------------


def watches_of(definition: Definition, wanted: Wanted = None) -> tuple[Watch, ...]:
    """
    What can change something.

    Args:
        definition: Whose scores are meant.
        wanted: What may change. By default the answer: the scores that it does not ask for, labels
            and grades are not looked at.
    """
    watching = _Watching(definition)
    match wanted:
        case None:
            asked = (definition.when, *definition.at_once.values(), *definition.never.values())
            found = [watch for asking in asked for watch in watching.criterion(asking)]
        case str():
            found = list(watching.score(wanted))
        case Score():
            found = list(watching.measure(wanted))
        case LabelMeasure():
            found = list(watching.label(wanted))
        case _:
            found = list(watching.criterion(wanted))
    return tuple(dict.fromkeys(found))


def all_watches(definition: Definition) -> tuple[Watch, ...]:
    """What can change a decision in anything: its answer, a score, a label or a grade."""
    watching = _Watching(definition)
    found: dict[Watch, None] = {}
    for _, asking in definition.formulas():
        found.update(dict.fromkeys(watching.criterion(asking)))
    for name in definition.score_names:
        found.update(dict.fromkeys(watching.score(name)))
    for grade in definition.grades.values():
        found.update(dict.fromkeys(watching.label(grade)))
    return tuple(found)


class _Watching:
    """
    One walk over a definition; each score is looked into once.

    Args:
        definition: Whose scores are meant.
    """

    def __init__(self, definition: Definition) -> None:
        self._names = definition.score_names
        self._seen: set[str] = set()

    # -- criteria and measures ---------------------------------------------------------------

    def criterion(self, asking: Criterion) -> Iterator[Watch]:
        """What can change the answer of a criterion."""
        watch = _CRITERIA.get(type(asking))
        yield from _asked(asking) if watch is None else watch(self, asking)

    def parts(self, asking: Criterion) -> Iterator[Watch]:
        """What can change one of the parts."""
        for part in asking.parts():
            yield from self.criterion(part)

    def measure(self, measure: Measure, bounds: Iterable[Any] = ()) -> Iterator[Watch]:
        """What can change a measure, or bring it across one of *bounds*."""
        units = tuple(bounds)
        if isinstance(measure, ActivityMeasure) and pick(measure.activities) is None:
            yield _own_measure(measure, units)
            return
        watch = _MEASURES.get(type(measure))
        yield from [_own_measure(measure, units)] if watch is None else watch(self, measure, units)

    def label(self, measure: LabelMeasure) -> Iterator[Watch]:
        """What can change a label."""
        match measure:
            case Grade() if type(measure) is Grade:
                yield from self.score(measure.score)
            case Matrix() if type(measure) is Matrix:
                yield from self.label(measure.rows)
                yield from self.label(measure.columns)
            case Stage() if type(measure) is Stage:
                yield History("stage")
            case _:
                yield from _asked(measure)

    # -- scores and rules --------------------------------------------------------------------

    def score(self, name: str) -> Iterator[Watch]:
        """What can change a score."""
        if name in self._seen:
            return
        self._seen.add(name)
        scored = self._names[name]
        decay = decay_of(scored, self._names)
        for item in members(scored):
            if isinstance(item, Group):
                yield from self.score(item.name)
            else:
                yield from self._rule(item, decay)
        yield Hands(called(scored, self._names))

    def _rule(self, rule: BaseRule, decay: Decay | None) -> Iterator[Watch]:
        if type(rule) in (Each, Latest) and pick(rule.activities) is not None:  # type: ignore[attr-defined]
            yield from _by_activity(rule, decay)  # type: ignore[arg-type]
        elif type(rule) in (Rule, ByValue, ByBand, Cases):
            for asking in rule.criteria():
                yield from self.criterion(asking)
        else:
            yield Own(partial(rule.changes_at, decay=decay))


def _asked(part: Criterion | LabelMeasure) -> Iterator[Watch]:
    yield Own(part.changes_at)


def _own_measure(measure: Measure, bounds: tuple[Any, ...]) -> Watch:
    return Own(lambda lead: measure.changes_at(lead, bounds))


# -- activities --------------------------------------------------------------------------------


def _picked(selection: Selection) -> Pick:
    return cast(Pick, pick(selection))  # that of a plain selection


def _selection(selection: Selection) -> Iterator[Watch]:
    picked, window = pick(selection), selection.window
    if picked is None:
        yield Own(selection.changes_at)
        return
    yield Coming(picked)
    if window is not None and window.calendar_months:
        yield Leaps(picked, window)
    elif window is not None:
        yield Leaving(picked, window.span, LAST - window.span - 8 * DAY)


def _ages(_: _Watching, measure: ActivityMeasure, bounds: tuple[Any, ...]) -> Iterator[Watch]:
    yield from _selection(measure.activities)
    for reached in dict.fromkeys(_span(int(bound)) for bound in bounds):
        if reached is not None and reached >= timedelta(0):
            picked, window = _picked(measure.activities), measure.activities.window
            last = LAST - max(reached, MICROSECOND)
            yield Leaving(picked, reached + MICROSECOND, last, window, passes=True)


def _by_activity(rule: ActivityRule, decay: Decay | None) -> Iterator[Watch]:
    selection, fades = rule.activities, rule.own_decay or decay
    yield from _selection(selection)
    if fades is not None:
        yield Steps(_picked(selection), selection.window, millipoints(rule.points), fades)


def _spans(bounds: Iterable[Any]) -> tuple[timedelta, ...]:
    """The ages at which a bound is reached, and passed; not those that nothing can come to."""
    found = (_span(units) for bound in bounds for units in (int(bound), int(bound) + 1))
    return tuple(dict.fromkeys(span for span in found if span is not None))


def _span(microseconds: int) -> timedelta | None:
    longest = (LAST - LAST.min.replace(tzinfo=LAST.tzinfo)) // MICROSECOND
    return timedelta(microseconds=microseconds) if abs(microseconds) <= longest else None


# -- by class ----------------------------------------------------------------------------------


def _compared(watching: _Watching, asking: Any) -> Iterator[Watch]:
    return watching.measure(asking.measure, (asking.measure.units(asking.bound),))


def _between(watching: _Watching, asking: Between) -> Iterator[Watch]:
    return watching.measure(asking.measure, map(asking.measure.units, asking.bounds))


def _member(watching: _Watching, asking: Any) -> Iterator[Watch]:
    return watching.measure(asking.measure, asking.wanted)


def _text(watching: _Watching, asking: Any) -> Iterator[Watch]:
    return watching.measure(asking.measure)


def _field(_: _Watching, asking: Any, __: object = ()) -> Iterator[Watch]:
    yield History(asking.field)


def _sequence(_: _Watching, asking: Sequence) -> Iterator[Watch]:
    yield from _selection(asking.first)
    yield from _selection(asking.then)


_CRITERIA: Final[Mapping[type[Criterion], Callable[[_Watching, Any], Iterator[Watch]]]] = {
    **dict.fromkeys((AllOf, AnyOf, Not, Named, AtLeastOf, Exactly, If, Assumed), _Watching.parts),
    **dict.fromkeys((AtLeast, AtMost, MoreThan, LessThan, Equals), _compared),
    Between: _between,
    **dict.fromkeys((IsIn, HasAny, HasAll, DomainIs), _member),
    **dict.fromkeys((ContainsAny, StartsWith, EndsWith, Matches), _text),
    **dict.fromkeys((Known, Missing), _field),
    OneOf: lambda watching, asking: watching.label(asking.measure),
    Sequence: _sequence,
}


def _age(_: _Watching, measure: DaysSince, bounds: tuple[Any, ...]) -> Iterator[Watch]:
    yield History(measure.field)
    yield Age(measure.field, _spans(bounds))


_MEASURES: Final[
    Mapping[type[Measure], Callable[[_Watching, Any, tuple[Any, ...]], Iterator[Watch]]]
] = {
    Attribute: _field,
    DaysSince: _age,
    DaysInStage: lambda _, __, bounds: iter((Age(None, _spans(bounds)),)),
    Score: lambda watching, measure, _: watching.score(measure.score),
    **dict.fromkeys(
        (Count, Distinct, Sum, Least, Greatest),
        lambda _, measure, __: _selection(measure.activities),
    ),
    **dict.fromkeys((DaysSinceLast, DaysSinceFirst), _ages),
}
