"""
What a lead's answers can be over a whole span of time, while nothing new is learned.

Each question has the set of all verdicts that it may have at some instant of the span, each score
the least and the most that it may be. They are never too narrow, may be too wide, and for a span of
one instant they are exact. What has no form for spans, a user's own part among it, is asked at the
start of the span, and may be anything once its own `changes_at` has come.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from itertools import product
from typing import Any, Final, NamedTuple, TypeVar

from ..criteria.activity import Activities
from ..criteria.aggregate import Count, DaysSinceLast
from ..criteria.aggregate import Sum as SumOf
from ..criteria.label import Grade, Matrix, Score
from ..criteria.selection import Selection
from ..criterion import AllOf, AnyOf, Assumed, AtLeastOf, Criterion, Exactly, If, Named, Not
from ..decay import Decay, Expires, HalfLife, Linear, Steps
from ..definition import Definition
from ..lead import Lead, Snapshot
from ..measure import AtLeast, AtMost, Between, Equals, LessThan, Measure, MoreThan, OneOf
from ..plan.lowering import called, decay_of
from ..points import Triple, millipoints
from ..rules.activity import Each, Latest
from ..rules.base import BaseRule
from ..rules.choice import ByBand, ByValue, Cases
from ..rules.choice import outcome as outcome_of
from ..rules.rule import Rule
from ..scorecard import Group, members
from ..status import Status
from ..verdict import Verdict, answered
from ..window import Window
from . import verdicts as over
from .passing import Chosen, Summands
from .running import LONG_AGO, summing
from .verdicts import ANY, BIT, NO, NOTHING, UNKNOWN, YES, Ends, Moving, Verdicts

T = TypeVar("T")

_RELATIONS: Final[Mapping[type[Criterion], str]] = {
    AtLeast: ">=",
    AtMost: "<=",
    MoreThan: ">",
    LessThan: "<",
    Equals: "==",
}
_FADING: Final = (type(None), Linear, HalfLife, Steps, Expires)
_MOST: Final = 10**18


class _Still(NamedTuple):
    """What was found of a part, from when until when it holds."""

    found: Any
    since: datetime
    until: datetime | None


class Course:
    """
    The answers about one lead over spans of time.

    Args:
        definition: Whose scores and formulas are meant.
        lead: Of whom nothing new is learned.
        snapshot: The lead as of an instant, in which scores can be asked for.
    """

    def __init__(
        self, definition: Definition, lead: Lead, snapshot: Callable[[datetime], Snapshot]
    ) -> None:
        self._definition = definition
        self._lead = lead
        self._snapshot = snapshot
        self._names = definition.score_names
        self._settles = definition.unknowns == "no"
        self._still: dict[int, _Still] = {}
        self._once: dict[tuple[str, int], Any] = {}
        self._start = self._end = LONG_AGO
        self._scores: dict[str, Moving] = {}

    # -- what is asked -----------------------------------------------------------------------

    def statuses(self, start: datetime, end: datetime) -> frozenset[Status]:
        """What may be decided at some instant from *start* to *end*, both included."""
        self._turn(start, end)
        q = self._definition
        never = over.some([self._formula(asking) for asking in q.never.values()])
        wanted = (q.when, *q.at_once.values())
        return over.statuses(never, over.some([self._formula(asking) for asking in wanted]))

    def verdicts(self, asking: Criterion, start: datetime, end: datetime) -> frozenset[Verdict]:
        """What a criterion may answer at some instant from *start* to *end*, both included."""
        self._turn(start, end)
        return frozenset(over.members(self._ask(asking)))

    def _turn(self, start: datetime, end: datetime) -> None:
        self._start, self._end = start, end
        self._scores = {}

    def _formula(self, asking: Criterion) -> Verdicts:
        found = self._ask(asking)
        return over.settled(found, NO) if self._settles else found

    def _kept(self, what: str, part: object, make: Callable[[], T]) -> T:
        """What is made of a part once; *part* lives as long as the definition."""
        key = (what, id(part))
        if key not in self._once:
            self._once[key] = (make(), part)
        found: T = self._once[key][0]
        return found

    # -- what is asked as it is --------------------------------------------------------------

    def _asked(
        self,
        part: object,
        find: Callable[[Snapshot], T],
        changes_at: Callable[[Snapshot], datetime | None],
    ) -> T | None:
        """What is found of a part; None where it may change within the span."""
        still = self._still.get(id(part))
        if still is None or not self._holds(still):
            snapshot = self._snapshot(self._start)
            still = _Still(find(snapshot), self._start, changes_at(snapshot))
            self._still[id(part)] = still
        if still.until is not None and still.until <= self._end:
            return None
        found: T = still.found
        return found

    def _holds(self, still: _Still) -> bool:
        return still.since <= self._start and (still.until is None or self._start < still.until)

    # -- criteria ----------------------------------------------------------------------------

    def _ask(self, asking: Criterion) -> Verdicts:
        match asking:
            case AllOf() if type(asking) is AllOf:
                return over.every([self._ask(part) for part in asking.criteria])
            case AnyOf() if type(asking) is AnyOf:
                return over.some([self._ask(part) for part in asking.criteria])
            case Not() if type(asking) is Not:
                return over.opposite(self._ask(asking.criterion))
            case Named() if type(asking) is Named:
                return self._ask(asking.criterion)
            case Assumed() if type(asking) is Assumed:
                return over.settled(self._ask(asking.criterion), BIT[asking.verdict])
            case AtLeastOf() | Exactly() if type(asking) in (AtLeastOf, Exactly):
                parts = [self._ask(part) for part in asking.criteria]
                return over.how_many(asking.n, parts, exactly=isinstance(asking, Exactly))
            case If() if type(asking) is If:
                return over.either(*map(self._ask, asking.parts()))
            case OneOf() if type(asking) is OneOf and type(asking.measure) in (Grade, Matrix):
                return self._labelled(asking)
            case _:
                return self._compared(asking)

    def _compared(self, asking: Criterion) -> Verdicts:
        relation = _RELATIONS.get(type(asking))
        if relation is None and type(asking) is not Between:
            return self._leaf(asking)
        measure: Measure = asking.measure  # type: ignore[attr-defined]
        ends = self._measure(measure)
        if ends is None:
            return self._leaf(asking)
        if relation is not None:
            bound = self._kept("bound", asking, lambda: measure.units(asking.bound))  # type: ignore[attr-defined]
            return ends.compared(relation, bound)
        low, high = self._kept(
            "bounds",
            asking,
            lambda: tuple(map(measure.units, asking.bounds)),  # type: ignore[attr-defined]
        )
        return over.every([ends.compared(">=", low), ends.compared("<=", high)])

    def _leaf(self, asking: Criterion) -> Verdicts:
        found = self._asked(
            asking, lambda lead: answered(asking.judge(lead), asking.describe), asking.changes_at
        )
        return ANY if found is None else BIT[found]

    def _labelled(self, asking: OneOf) -> Verdicts:
        wanted = set(asking.labels)
        measure: Any = asking.measure
        if type(measure) is Grade:
            found: Iterable[set[str]] = map(set, self._letters(measure))
        else:
            pairs = product(self._letters(measure.rows), self._letters(measure.columns))
            found = ({row + column for row in a for column in b} for a, b in pairs)
        verdicts = 0
        for labels in found:
            verdicts |= YES if labels <= wanted else UNKNOWN if labels & wanted else NO
        return verdicts

    def _letters(self, grade: Grade) -> list[tuple[str, ...]]:
        """The letters between which the grade may lie; one list for each way."""
        ends, letters = self.score(grade.score).ends, grade.known_labels()

        def place(millis: int) -> int:
            return letters.index(grade.between(millis, millis)[0])

        best = range(place(ends.high_most), place(ends.high) + 1)
        if ends.one:
            return [letters[i : i + 1] for i in best]
        worst = range(place(ends.low_most), place(ends.low) + 1)
        return [letters[i : j + 1] for i in best for j in worst if i <= j]

    # -- measures ----------------------------------------------------------------------------

    def _measure(self, measure: Measure) -> Ends | None:
        """What a measure may be; None where it has no form for spans."""
        if type(measure) is Score:
            return self.score(measure.score).ends
        if type(measure) not in (Count, SumOf, DaysSinceLast):
            return None
        chosen = self._chosen(measure.activities)  # type: ignore[attr-defined]
        if chosen is None:
            return None
        if type(measure) is SumOf:
            summands = self._kept("sum", measure, lambda: _summands(measure, chosen))
            return summands.over(chosen.possible.places(self._start, self._end))
        sure, possible = (
            passing.count(self._start, self._end)
            if type(measure) is Count
            else passing.age(self._start, self._end)
            for passing in (chosen.sure, chosen.possible)
        )
        low, high = (sure, possible) if type(measure) is Count else (possible, sure)
        return Ends._make((*low, *high, chosen.one, 0))

    def _chosen(self, selection: Selection) -> Chosen | None:
        """The activities; None where they are not loaded, or only the selection can tell which."""
        return self._kept("chosen", selection, lambda: self._choose(selection))

    def _choose(self, selection: Selection) -> Chosen | None:
        window = selection.window
        plain = window is None or (type(window) is Window and not window.calendar_months)
        owner = self._lead if selection.of == "lead" else self._lead.account
        timeline = None if owner is None else owner.timeline
        if timeline is None or not plain or type(selection) not in (Selection, Activities):
            return None
        return Chosen(selection, timeline)

    # -- scores ------------------------------------------------------------------------------

    def score(self, name: str) -> Moving:
        """What a score may be in the span."""
        found = self._scores.get(name)
        if found is None:
            found = self._scores[name] = self._score(name)
        return found

    def _score(self, name: str) -> Moving:
        scored = self._names[name]
        decay = self._kept("decay", scored, lambda: decay_of(scored, self._names))
        total = NOTHING
        for item in members(scored):
            given = self.score(item.name) if isinstance(item, Group) else self._rule(item, decay)
            total = total.plus(given.settled() if self._settles else given)
        cap, floor = (None if x is None else millipoints(x) for x in (scored.cap, scored.floor))
        total = total.within(cap, floor)
        names = self._kept("called", scored, lambda: called(scored, self._names))
        for override in self._lead.overrides:
            if override.score in names:
                millis = millipoints(override.points)
                always = override.since <= self._start and self._end < override.until
                ever = override.since <= self._end and self._start < override.until
                least, most = millis if always else 0, millis if ever else 0
                total = total.plus(Moving.between(min(least, most), max(least, most), one=True))
        return total

    # -- rules -------------------------------------------------------------------------------

    def _rule(self, rule: BaseRule, decay: Decay | None) -> Moving:
        match rule:
            case Rule() if type(rule) is Rule:
                return _once(self._ask(rule.when), millipoints(rule.points))
            case ByValue() | ByBand() | Cases() if type(rule) in (ByValue, ByBand, Cases):
                return self._choice(rule)
            case Each() | Latest() if type(rule) in (Each, Latest):
                given = self._by_activity(rule, decay)
                return self._as_it_is(rule, decay) if given is None else given
            case _:
                return self._as_it_is(rule, decay)

    def _as_it_is(self, rule: BaseRule, decay: Decay | None) -> Moving:
        found = self._asked(
            rule,
            lambda lead: rule.award(lead, decay).left,
            lambda lead: rule.changes_at(lead, decay),
        )
        return Moving.between(-_MOST, _MOST) if found is None else _still(found)

    def _by_activity(self, rule: Each | Latest, decay: Decay | None) -> Moving | None:
        fades, chosen = rule.own_decay or decay, self._chosen(rule.activities)
        once = isinstance(rule, Each) and (rule.once_per is not None or rule.per is not None)
        if chosen is None or once or type(fades) not in _FADING:
            return None
        millis = self._kept("millis", rule, lambda: millipoints(rule.points))
        span = self._start, self._end
        sure = chosen.sure.left(*span, rule.most, fades, millis)
        if chosen.one:
            return Moving.between(*sure, one=True)
        possible = chosen.possible.left(*span, rule.most, fades, millis)
        low, high = map(min, sure, possible), map(max, sure, possible)
        return Moving._make((*low, *sure, *high, False))

    def _choice(self, rule: ByValue | ByBand | Cases) -> Moving:
        rows = self._kept("rows", rule, lambda: list(rule.rows()))
        best = getattr(rule, "match", "first") == "best"
        judged = [(self._ask(asking), millis) for asking, millis in rows]
        if all(found in (YES, NO, UNKNOWN) for found, _ in judged):
            answers = ((over.members(found)[0], millis) for found, millis in judged)
            return _still(outcome_of(answers, "best" if best else "first"))
        given: list[int] = [0]
        one = True
        for found, millis in judged:
            if found != NO:
                given.append(millis)
                one = one and not found & UNKNOWN
            if found == YES and not best:
                given.remove(0)
                break
        least = max(
            [min(given), *(m for found, m in judged if found == YES)] if best else [min(given)]
        )
        return Moving.between(least, max(given), one=one)


def _summands(measure: Any, chosen: Chosen) -> Summands:
    skip = measure.blanks == "skip"
    return Summands(chosen.possible_ones, chosen.certain, summing(measure.field), skip=skip)


def _still(given: Triple) -> Moving:
    low, points, high = given
    return Moving(low, low, points, points, high, high, low == high)


def _once(found: Verdicts, millis: int) -> Moving:
    """Points, once, when a question is YES."""
    ways = {YES: (millis,) * 3, NO: (0, 0, 0), UNKNOWN: (min(millis, 0), 0, max(millis, 0))}
    given = [way for bit, way in ways.items() if found & bit]
    ends = [bound for end in zip(*given, strict=True) for bound in (min(end), max(end))]
    return Moving._make((*ends, not found & UNKNOWN))
