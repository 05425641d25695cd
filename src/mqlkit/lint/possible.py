"""
Whether any lead at all could get an answer from a criterion.

Facts that several answers state about one thing are brought together: intervals, sets of values,
what is in a list, what is blank. Where they leave nothing, no lead can have all these answers.
Never wrong when it says that something cannot be; silent where it cannot tell.
"""

from collections.abc import Hashable, Iterable, Iterator
from itertools import combinations, islice
from typing import Any, Final, TypeAlias

import attrs

from ..criteria.age import DaysSince
from ..criteria.aggregate import ActivityMeasure, AgeMeasure, Count, Distinct
from ..criteria.attribute import Attribute
from ..criteria.choices import NamedList
from ..criteria.knowledge import Known, Missing
from ..criteria.membership import DomainIs, HasAll, HasAny, IsIn, Membership
from ..criteria.selection import Selection
from ..criteria.text import Matches, WordQuestion
from ..criterion import AllOf, AnyOf, Assumed, AtLeastOf, Criterion, Exactly, If, Named, Not
from ..measure import AtLeast, AtMost, Between, Comparison, Equals, LessThan, Measure, MoreThan
from ..value import kind_of
from ..verdict import Verdict

Answer: TypeAlias = tuple[Criterion, Verdict]

_MOST_TRIED: Final = 4_096
_MOST_PAIRS: Final = 2_000


def can_be(criterion: Criterion, verdict: Verdict) -> bool:
    """
    Whether some lead could get *verdict*, YES or NO, from *criterion*; True where unsure.

    >>> from mqlkit import attribute
    >>> employees = attribute("employees")
    >>> can_be((employees >= 50) & (employees < 10), Verdict.YES)
    False
    """
    yes = verdict is Verdict.YES
    match criterion:
        case Not(criterion=inner):
            return can_be(inner, ~verdict)
        case Named(criterion=inner):
            return can_be(inner, verdict)
        case Assumed(criterion=inner, verdict=assumed):
            return assumed is verdict or can_be(inner, verdict)
        case AllOf(criteria=parts) | AnyOf(criteria=parts):
            every = isinstance(criterion, AllOf) is yes
            return _all_can(parts, verdict) if every else any(can_be(p, verdict) for p in parts)
        case AtLeastOf(n=n, criteria=parts):
            enough = n if yes else len(parts) - n + 1
            if enough == len(parts):
                return _all_can(parts, verdict)
            return enough <= sum(can_be(part, verdict) for part in parts)
        case Exactly(n=n, criteria=parts):
            if not yes:
                return n > 0 or bool(parts)
            met = sum(can_be(part, Verdict.YES) for part in parts)
            return n <= met and len(parts) - n <= sum(can_be(p, Verdict.NO) for p in parts)
        case If(condition=condition, then=then, otherwise=otherwise):
            first, second = can_be(then, verdict), can_be(otherwise, verdict)
            return (
                (first and second)
                or (first and can_be(condition, Verdict.YES))
                or (second and can_be(condition, Verdict.NO))
            )
        case _:
            return not clash([(criterion, verdict)])


def _all_can(parts: tuple[Criterion, ...], verdict: Verdict) -> bool:
    if not all(can_be(part, verdict) for part in parts):
        return False
    return not clash([(part, verdict) for part in parts])


def why_not(criterion: Criterion) -> str:
    """What makes it impossible that *criterion* is YES, as a statement."""
    match criterion:
        case Named(criterion=inner):
            return why_not(inner)
        case AllOf(criteria=parts):
            for part in parts:
                if not can_be(part, Verdict.YES):
                    return why_not(part)
            for one, other in islice(combinations(parts, 2), _MOST_PAIRS):
                if clash([(one, Verdict.YES), (other, Verdict.YES)]):
                    return f"“{one.describe()}” and “{other.describe()}” exclude each other"
        case _:
            pass
    return f"“{criterion.describe()}” never holds"


def implies(one: Criterion, other: Criterion) -> bool:
    """Whether *other* is YES for every lead for which *one* is; False where unsure."""
    if one == other:
        return True
    match one, other:
        case (Named(criterion=inner), _):
            return implies(inner, other)
        case (_, Named(criterion=inner)):
            return implies(one, inner)
        case (_, AllOf(criteria=parts)):
            return all(implies(one, part) for part in parts)
        case (AnyOf(criteria=parts), _):
            return all(implies(part, other) for part in parts)
        case (AllOf(criteria=parts), _) if any(implies(part, other) for part in parts):
            return True
        case (_, AnyOf(criteria=parts)):
            return any(implies(one, part) for part in parts)
        case _:
            subject = _subject(other)
            # Only over one measure: else the second may be unknown where the first is not.
            if subject is None or _subjects(one) != {subject} or _takes_none(subject[0]):
                return False
            return clash([(one, Verdict.YES), (other, Verdict.NO)])


def _subjects(criterion: Criterion) -> set[object]:
    parts = criterion.criteria if isinstance(criterion, AllOf) else (criterion,)
    return {_subject(part) for part in parts}


# -- answers that exclude one another ------------------------------------------------------------


def clash(answers: Iterable[Answer], *, branches: bool = True) -> bool:
    """Whether no lead can get all the answers at once; False where unsure."""
    stated: dict[Hashable, Answer] = {}
    for criterion, verdict in _stated(answers):
        known = stated.setdefault(_hashed(criterion), (criterion, verdict))
        if known[1] is not verdict:
            return True
    facts = list(stated.values())
    if _blanks_clash(facts) or _lists_clash(facts) or _values_clash(facts):
        return True
    return branches and _branches_clash(facts)


def _hashed(criterion: Criterion) -> Hashable:
    try:
        hash(criterion)
    except TypeError:  # a user's own that is not frozen
        return id(criterion)
    return criterion


def _stated(answers: Iterable[Answer]) -> Iterator[Answer]:
    """The answers, and those that follow from them part by part."""
    for criterion, verdict in answers:
        yield criterion, verdict
        match criterion:
            case Not(criterion=inner):
                yield from _stated([(inner, ~verdict)])
            case Named(criterion=inner):
                yield from _stated([(inner, verdict)])
            case AllOf(criteria=parts) if verdict is Verdict.YES:
                yield from _stated((part, verdict) for part in parts)
            case AnyOf(criteria=parts) if verdict is Verdict.NO:
                yield from _stated((part, verdict) for part in parts)
            case Between(measure=measure, bounds=(low, high)):
                yield from _stated(
                    [(AllOf((AtLeast(measure, low), AtMost(measure, high))), verdict)]
                )
            case _:
                continue


def _branches_clash(facts: list[Answer]) -> bool:
    """Whether, of an answer that one of several parts must give, no part can."""
    choices = [parts for fact in facts if (parts := _choice(fact))]
    if len(facts) * sum(map(len, choices)) > _MOST_TRIED:
        return False
    return any(all(clash([*facts, part], branches=False) for part in parts) for parts in choices)


def _choice(fact: Answer) -> list[Answer]:
    match fact:
        case (AnyOf(criteria=parts), Verdict.YES) | (AllOf(criteria=parts), Verdict.NO):
            return [(part, fact[1]) for part in parts]
        case _:
            return []


# -- blanks and kinds ----------------------------------------------------------------------------

_KIND_OF_READING: Final = {"written": "text", "domain": "text"}


def _blanks_clash(facts: list[Answer]) -> bool:
    """A field that is blank and answers, or that answers as a number and as text."""
    kinds: dict[str, set[str]] = {}
    for criterion, verdict in facts:
        if isinstance(criterion, Known | Missing):
            filled = isinstance(criterion, Known) is (verdict is Verdict.YES)
            kinds.setdefault(criterion.field, set()).add("filled" if filled else "blank")
        elif (read := _field_read(criterion)) is not None:
            kinds.setdefault(read[0], set()).add(read[1])
    return any(
        len(of_field - {"filled"}) > 1 or of_field >= {"filled", "blank"}
        for of_field in kinds.values()
    )


def _field_read(criterion: Criterion) -> tuple[str, str] | None:
    """The field that a known answer has read, and the kind of value that was in it."""
    if isinstance(criterion, HasAny | HasAll):
        measure, kind = criterion.measure, "items"
    elif (subject := _subject(criterion)) is not None:
        measure, kind = subject
    else:
        return None
    if isinstance(measure, DaysSince):
        return measure.field, "moment"
    if type(measure) is not Attribute or measure.default is not None:
        return None
    return measure.field, _KIND_OF_READING.get(kind, kind)


def _subject(criterion: Criterion) -> tuple[Measure, str] | None:
    """What an answer is about: a measure, and the kind it is read as."""
    match criterion:
        case Comparison() if type(criterion) in _COMPARISONS:
            return criterion.measure, kind_of(criterion.bound)
        case IsIn() | DomainIs():
            return (criterion.measure, criterion.kind) if _is_plain(criterion) else None
        case Matches():
            return criterion.measure, "written"
        case WordQuestion():
            return criterion.measure, "text"
        case _:
            return None


_COMPARISONS: Final = (AtLeast, AtMost, MoreThan, LessThan, Equals)
"""One of a user's own may answer otherwise than these do."""


def _is_plain(criterion: Membership) -> bool:
    """An attribute and values that are known already, not only when the model is loaded."""
    given = isinstance(criterion.values, NamedList) and criterion.values.given
    return type(criterion.measure) is Attribute and not given


# -- lists ---------------------------------------------------------------------------------------


def _lists_clash(facts: list[Answer]) -> bool:
    """A list that must have what it must not have."""
    has: dict[object, set[Any]] = {}
    lacks: dict[object, set[Any]] = {}
    questions = [
        (criterion, verdict)
        for criterion, verdict in facts
        if isinstance(criterion, HasAny | HasAll) and _is_plain(criterion)
    ]
    for criterion, verdict in questions:
        key = criterion.measure, criterion.kind
        if isinstance(criterion, HasAll) and verdict is Verdict.YES:
            has.setdefault(key, set()).update(criterion.wanted)
        if isinstance(criterion, HasAny) and verdict is Verdict.NO:
            lacks.setdefault(key, set()).update(criterion.wanted)
    for criterion, verdict in questions:
        key = criterion.measure, criterion.kind
        if has.get(key, set()) & lacks.get(key, set()):
            return True
        some = isinstance(criterion, HasAny) and verdict is Verdict.YES
        not_all = isinstance(criterion, HasAll) and verdict is Verdict.NO
        if some and criterion.wanted <= lacks.get(key, set()):
            return True
        if not_all and criterion.wanted <= has.get(key, set()):
            return True
    return False


# -- values --------------------------------------------------------------------------------------


@attrs.define
class _Values:
    """The values that are left for one measure: an interval, perhaps only some of it."""

    whole: bool = False
    low: Any = None
    low_open: bool = False
    high: Any = None
    high_open: bool = False
    only: set[Any] | None = None
    without: set[Any] = attrs.field(factory=set[Any])
    tests: list[Answer] = attrs.field(factory=list[Answer])

    def at_least(self, bound: Any, *, is_open: bool = False) -> None:
        if self.low is None or (bound, is_open) > (self.low, self.low_open):
            self.low, self.low_open = bound, is_open

    def at_most(self, bound: Any, *, is_open: bool = False) -> None:
        if self.high is None or (bound, not is_open) < (self.high, not self.high_open):
            self.high, self.high_open = bound, is_open

    def one_of(self, values: Iterable[Any]) -> None:
        self.only = set(values) if self.only is None else self.only & set(values)

    def empty(self) -> bool:
        """Whether no value is left."""
        if self.only is not None:
            return not any(self._fits(value) for value in self.only)
        if self.low is None or self.high is None:
            return False
        low, high = self.low, self.high
        if self.whole:
            low = low // 1 + 1 if self.low_open else -(-low // 1)
            high = -(-high // 1) - 1 if self.high_open else high // 1
            return bool(low > high or (low == high and low in self.without))
        if low == high:
            return self.low_open or self.high_open or low in self.without
        return bool(low > high)

    def _fits(self, value: Any) -> bool:
        if value in self.without or (self.whole and value % 1):
            return False
        above = self.low is None or value > self.low or (value == self.low and not self.low_open)
        below = (
            self.high is None or value < self.high or (value == self.high and not self.high_open)
        )
        return above and below and all(self._passes(value, *test) for test in self.tests)

    def _passes(self, value: Any, question: Criterion, verdict: Verdict) -> bool:
        return not isinstance(question, WordQuestion) or question.holds(value) is verdict


def _values_clash(facts: list[Answer]) -> bool:
    """A measure for which no value is left."""
    left: dict[object, _Values] = {}
    for criterion, verdict in facts:
        subject = _subject(criterion)
        if subject is None:
            continue
        if subject not in left:
            left[subject] = _to_begin_with(*subject)
        _narrow(left[subject], criterion, verdict is Verdict.YES)
    return any(values.empty() for values in left.values())


def _to_begin_with(measure: Measure, kind: str) -> _Values:
    values = _Values()
    if kind == "flag":
        values.one_of([True, False])
    if isinstance(measure, Count | Distinct):
        values.whole = True
        values.at_least(0)
        if _takes_none(measure):
            values.at_most(0)
    if isinstance(measure, AgeMeasure):
        values.at_least(0)
    return values


def takes_any(activities: Selection) -> bool:
    """Whether any activity can match for sure."""
    return can_be(AllOf(activities.filters), Verdict.YES)


def _takes_none(measure: Measure) -> bool:
    return isinstance(measure, ActivityMeasure) and not takes_any(measure.activities)


def _narrow(values: _Values, criterion: Criterion, yes: bool) -> None:
    match criterion:
        case IsIn() | DomainIs():
            if yes:
                values.one_of(criterion.wanted)
            else:
                values.without |= criterion.wanted
        case WordQuestion():
            values.tests.append((criterion, Verdict.of(yes)))
        case Comparison():
            _narrow_by(values, criterion, criterion.measure.units(criterion.bound), yes)
        case _:
            return


def _narrow_by(values: _Values, criterion: Comparison, bound: Any, yes: bool) -> None:
    match criterion:
        case Equals():
            values.one_of([bound]) if yes else values.without.add(bound)
        case AtLeast() | LessThan():
            if isinstance(criterion, AtLeast) is yes:
                values.at_least(bound)
            else:
                values.at_most(bound, is_open=True)
        case AtMost() | MoreThan():
            if isinstance(criterion, AtMost) is yes:
                values.at_most(bound)
            else:
                values.at_least(bound, is_open=True)
        case _:  # a user's own comparison
            return
