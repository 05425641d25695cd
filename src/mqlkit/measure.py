"""
A measure: anything about a lead that can be compared.

An attribute, a count, a sum, the age of the last activity, a score. Comparing a measure gives a
criterion. What a blank leaves open is a range: the comparison is known when the whole range
agrees, else UNKNOWN.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from typing import Any, ClassVar, NamedTuple, NoReturn, TypeAlias

import attrs

from .criterion import AllOf, Criterion, Not, boundaries, earliest
from .errors import DefinitionError, KindError
from .explanation import Reason
from .lead import Seen, Snapshot, Trace
from .registry import register
from .value import WANTED, Kind, Scalar, comparable, exact, kind_of, listing, literal, show, typed
from .verdict import Verdict

Bound: TypeAlias = Scalar


class Range(NamedTuple):
    """The lowest and the highest value that a measure can turn out to have."""

    low: Any
    high: Any


class Measure(ABC):
    """
    Something about a lead that can be compared; give it `range` and `describe`.

    ``==`` compares measures themselves; to compare with a value use `equals`.
    """

    __slots__ = ()

    kinds: ClassVar[frozenset[Kind]] = frozenset({"number"})
    """The kinds of value that it can be compared with."""

    scale: ClassVar[int] = 1
    """Its whole units in one of the user's: a score counts thousandths of a point."""

    about_knowledge: bool = False
    """True when a blank is given a stated value, so that filling it may overturn an answer."""

    to_ask: ClassVar[str] = "compare it, as in measure >= 50 or measure.equals(50)"
    """What makes a criterion of it, for whoever left that out."""

    @abstractmethod
    def range(self, lead: Snapshot, kind: Kind = "number") -> Range | None:
        """Between what it lies, in whole units; None when nothing is known."""

    @abstractmethod
    def describe(self) -> str:
        """What is measured, as a noun."""

    def changes_at(self, lead: Snapshot, bounds: Iterable[Any] = ()) -> datetime | None:
        """
        The next instant at which it changes, or crosses one of *bounds*, with no new data.

        Never late. A measure of your own that reads the clock should say; until it does, its
        decisions ask to be looked at again at once.
        """
        trace = lead.traced()
        for kind in sorted(self.kinds):
            self.range(trace, kind)
        return earliest(boundaries(trace, lead))

    def phrase(self, relation: str, bound: Scalar) -> str:
        """The sentence of a comparison."""
        return f"{self.describe()} {relation} {show(bound)}"

    def show(self, value: Any) -> str:
        """A value in whole units, for a reader."""
        if type(value) is int:
            whole, rest = divmod(value, self.scale)
            return show(whole) if not rest else _short(value / self.scale)
        if value in (float("inf"), float("-inf")):
            return "endless" if value > 0 else "none"
        if isinstance(value, bool) or not isinstance(value, int | float | Fraction):
            return show(value)
        return _number_text(Fraction(value) / self.scale)

    def units(self, bound: Scalar, *, case_sensitive: bool = False) -> Any:
        """A literal in whole units, ready to compare."""
        if type(bound) is int:
            return bound * self.scale
        if isinstance(bound, int | float) and not isinstance(bound, bool):
            return exact(bound) * self.scale if self.scale != 1 else bound
        return comparable(bound, case_sensitive=case_sensitive)

    def explain(self, lead: Snapshot, kind: Kind) -> tuple[Seen, ...]:
        """What was read for it, and what it came to."""
        trace = lead.traced()
        return self.seen_in(self.range(trace, kind), trace)

    def seen_in(self, found: Range | None, trace: Trace) -> tuple[Seen, ...]:
        """What it came to, and the blanks that were met on the way."""
        blanks = tuple([seen for seen in trace.seen if seen.missing])
        if found is None:
            return blanks
        low, high = map(self.show, found)
        return (self.came_to(low if low == high else f"{low} to {high}"), *blanks)

    def told_by(self, lead: Snapshot) -> object:
        """
        What alone decides how a question about it is explained; None where that is not known.

        Where it is equal, what was told before is told again. It must be hashable.
        """
        return None

    def came_to(self, value: str) -> Seen:
        """Its value as the remark behind the sentence that names it."""
        return Seen("it", value)

    # -- comparing ---------------------------------------------------------------------------

    def __ge__(self, bound: Bound) -> "Comparison":
        return AtLeast(self, bound)

    def __le__(self, bound: Bound) -> "Comparison":
        return AtMost(self, bound)

    def __gt__(self, bound: Bound) -> "Comparison":
        return MoreThan(self, bound)

    def __lt__(self, bound: Bound) -> "Comparison":
        return LessThan(self, bound)

    def __and__(self, other: object) -> NoReturn:
        raise KindError(
            f"{self.describe()} is a measure; & and | join comparisons, and each needs its "
            "brackets: (a >= 1) & (b >= 2)"
        )

    __rand__ = __or__ = __ror__ = __and__

    def equals(self, value: Bound) -> Criterion:
        """Whether it is *value*."""
        return Equals(self, value)

    def is_not(self, value: Bound) -> Criterion:
        """Whether it is known, and not *value*."""
        return Not(Equals(self, value))

    def between(self, low: Bound, high: Bound) -> Criterion:
        """Whether it lies from *low* to *high*, both included."""
        return Between(self, (low, high))


def _number_text(number: Fraction) -> str:
    """Short, but never a whole number for one that just misses it."""
    if number.denominator == 1:
        return show(number.numerator)
    return _short(float(number))


def _short(number: float) -> str:
    """At most six digits of what is no whole number."""
    short = f"{number:g}"
    return repr(number) if float(short).is_integer() else short


@attrs.frozen
class Comparison(Criterion):
    """A measure compared with a literal."""

    measure: Measure
    bound: Scalar = attrs.field(converter=literal, eq=typed)

    relation: ClassVar[str]
    ordered: ClassVar[bool] = True

    def __attrs_post_init__(self) -> None:
        check_kind(self.measure, kind_of(self.bound), ordered=self.ordered)

    @property
    def about_knowledge(self) -> bool:  # type: ignore[override]
        return self.measure.about_knowledge

    @abstractmethod
    def holds(self, value: Any, bound: Any) -> bool:
        """Whether a known value satisfies the comparison."""

    def judge(self, lead: Snapshot) -> Verdict:
        found = self.measure.range(lead, kind_of(self.bound))
        return Verdict.UNKNOWN if found is None else self.compare(found)

    def compare(self, found: Range) -> Verdict:
        """The answer when the measure lies in a range: the ends of the range decide."""
        bound = self.measure.units(self.bound)
        low, high = self.holds(found.low, bound), self.holds(found.high, bound)
        return Verdict.of(low) if low is high else Verdict.UNKNOWN

    def describe(self) -> str:
        return self.measure.phrase(self.relation, self.bound)

    def explain(self, lead: Snapshot) -> Reason:
        return self.recall(self.measure.told_by(lead), self._explained, lead)

    def _explained(self, lead: Snapshot) -> Reason:
        measure, kind = self.measure, kind_of(self.bound)
        mine = type(self).judge is Comparison.judge and type(lead) is Snapshot
        if mine and type(measure).explain is Measure.explain:  # then it is measured only once
            trace = lead.traced()
            found = measure.range(trace, kind)
            verdict = Verdict.UNKNOWN if found is None else self.compare(found)
            return Reason(self.stated(), verdict, measure.seen_in(found, trace))
        seen = measure.explain(lead, kind)
        return Reason(self.stated(), self.judge(lead), seen)

    def changes_at(self, lead: Snapshot) -> datetime | None:
        return self.measure.changes_at(lead, (self.measure.units(self.bound),))


@register("at_least", main="bound", subject="measure")
@attrs.frozen(cache_hash=True)
class AtLeast(Comparison):
    """The measure is the bound or more."""

    relation = "is at least"

    def holds(self, value: Any, bound: Any) -> bool:
        return bool(value >= bound)


@register("at_most", main="bound", subject="measure")
@attrs.frozen(cache_hash=True)
class AtMost(Comparison):
    """The measure is the bound or less."""

    relation = "is at most"

    def holds(self, value: Any, bound: Any) -> bool:
        return bool(value <= bound)


@register("more_than", main="bound", subject="measure")
@attrs.frozen(cache_hash=True)
class MoreThan(Comparison):
    """The measure is more than the bound."""

    relation = "is more than"

    def holds(self, value: Any, bound: Any) -> bool:
        return bool(value > bound)


@register("less_than", main="bound", subject="measure")
@attrs.frozen(cache_hash=True)
class LessThan(Comparison):
    """The measure is less than the bound."""

    relation = "is less than"

    def holds(self, value: Any, bound: Any) -> bool:
        return bool(value < bound)


@register("equals", main="bound", subject="measure")
@attrs.frozen(cache_hash=True)
class Equals(Comparison):
    """The measure is the bound."""

    relation = "is"
    ordered = False

    def holds(self, value: Any, bound: Any) -> bool:
        return bool(value == bound)

    def compare(self, found: Range) -> Verdict:
        bound = self.measure.units(self.bound)
        if found.low == found.high:
            return Verdict.of(self.holds(found.low, bound))
        return Verdict.UNKNOWN if found.low <= bound <= found.high else Verdict.NO


def _two(values: object) -> tuple[Scalar, Scalar]:
    if not isinstance(values, list | tuple) or len(values) != 2:
        raise DefinitionError("between wants two bounds: the lower and the higher")
    low, high = map(literal, values)
    if kind_of(low) != kind_of(high):
        raise KindError(f"{show(low)} and {show(high)} are of different kinds")
    return low, high


@register("between", main="bounds", subject="measure")
@attrs.frozen(cache_hash=True)
class Between(Criterion):
    """The measure lies from the lower to the higher bound, both included."""

    measure: Measure
    bounds: tuple[Scalar, Scalar] = attrs.field(converter=_two, eq=typed)

    def __attrs_post_init__(self) -> None:
        low, high = self.bounds
        check_kind(self.measure, kind_of(low), ordered=True)
        if self.measure.units(high) < self.measure.units(low):
            raise DefinitionError(f"between wants the lower bound first: {show(high)} is lower")

    @property
    def about_knowledge(self) -> bool:  # type: ignore[override]
        return self.measure.about_knowledge

    @property
    def _both(self) -> AllOf:
        low, high = self.bounds
        return AllOf((AtLeast(self.measure, low), AtMost(self.measure, high)))

    def judge(self, lead: Snapshot) -> Verdict:
        return self._both.judge(lead)

    def describe(self) -> str:
        low, high = self.bounds
        return f"{self.measure.describe()} is between {show(low)} and {show(high)}"

    def explain(self, lead: Snapshot) -> Reason:
        return self.recall(self.measure.told_by(lead), self._explained, lead)

    def _explained(self, lead: Snapshot) -> Reason:
        seen = self.measure.explain(lead, kind_of(self.bounds[0]))
        return Reason(self.stated(), self.judge(lead), seen)

    def changes_at(self, lead: Snapshot) -> datetime | None:
        return self._both.changes_at(lead)


def measured(value: object) -> Measure:
    """*value*, which must be a measure."""
    if not isinstance(value, Measure):
        raise KindError(f"wanted something to measure, such as attribute('x'), not {show(value)}")
    return value


def check_kind(measure: object, kind: Kind, *, ordered: bool = False) -> None:
    """
    Refuse a question that could never be answered.

    Raises:
        KindError: *measure* is no measure, or has no values of *kind*.
    """
    measure = measured(measure)
    if kind not in measure.kinds:
        wanted = listing([WANTED[k] for k in sorted(measure.kinds)])
        raise KindError(f"{measure.describe()} compares with {wanted}, not with {WANTED[kind]}")
    if ordered and kind == "flag":
        raise KindError(
            f"true and false have no order; ask whether {measure.describe()} equals one of them"
        )


# -- measures whose values are labels, such as a grade or a stage ------------------------------


class LabelMeasure(ABC):
    """Something about a lead that is one of a few labels, such as a grade or a stage."""

    __slots__ = ()

    @abstractmethod
    def labels(self, lead: Snapshot) -> frozenset[str] | None:
        """Which labels it can turn out to be; None when nothing is known."""

    @abstractmethod
    def describe(self) -> str:
        """What is labelled, as a noun."""

    def known_labels(self) -> tuple[str, ...] | None:
        """All labels there are, best first; None when any text may be one."""
        return None

    def changes_at(self, lead: Snapshot) -> datetime | None:
        """The next instant at which it may change with no new data; never late."""
        trace = lead.traced()
        self.labels(trace)
        return earliest(boundaries(trace, lead))

    def equals(self, label: str) -> Criterion:
        """Whether it is *label*."""
        return OneOf(self, (label,))

    def is_in(self, *labels: str) -> Criterion:
        """Whether it is one of *labels*."""
        return OneOf(self, labels)


def _labels(values: Iterable[object]) -> tuple[str, ...]:
    if isinstance(values, str):
        raise KindError(f"wanted a list of labels, not {show(values)}")
    labels = []
    for value in values:
        if not isinstance(value, str):
            raise KindError(f"a label is text, not {show(value)}")
        labels.append(str(literal(value)))
    return tuple(sorted(set(labels)))


@register("one_of", main="labels", subject="measure")
@attrs.frozen(cache_hash=True)
class OneOf(Criterion):
    """A label is one of those listed; labels compare letter by letter."""

    measure: LabelMeasure
    labels: tuple[str, ...] = attrs.field(converter=_labels)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.measure, LabelMeasure):
            raise KindError(f"wanted a grade, a matrix or a stage, not {show(self.measure)}")
        known = self.measure.known_labels()
        for label in self.labels:
            if known is not None and label not in known:
                raise DefinitionError(
                    f"{self.measure.describe()} is never {label!r}; it is {listing(list(known))}"
                )

    def judge(self, lead: Snapshot) -> Verdict:
        found = self.measure.labels(lead)
        if found is None:
            return Verdict.UNKNOWN
        if found <= set(self.labels):
            return Verdict.YES
        return Verdict.UNKNOWN if found & set(self.labels) else Verdict.NO

    def describe(self) -> str:
        return f"{self.measure.describe()} is {listing(list(self.labels)) or 'none of none'}"

    def explain(self, lead: Snapshot) -> Reason:
        trace = lead.traced()
        found = self.measure.labels(trace)
        blanks = tuple(seen for seen in trace.seen if seen.missing)
        shown = () if found is None else (Seen(self.measure.describe(), listing(sorted(found))),)
        return Reason(self.stated(), self.judge(lead), (*shown, *blanks))

    def changes_at(self, lead: Snapshot) -> datetime | None:
        return self.measure.changes_at(lead)
