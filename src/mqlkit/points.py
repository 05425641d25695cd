"""
Points, and the rules that award them.

Points have at most three decimals and are kept as whole millipoints. Every contribution is
rounded once and then only integers are added, so neither order nor engine can move a score. A
rule that an unknown leaves open awards a range.
"""

from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal, NamedTuple, TypeAlias

import attrs

from .criteria.attribute import Attribute, attribute
from .criteria.field import field_name
from .criteria.selection import Matches, Selection
from .criterion import AllOf, Criterion, criterion, earliest
from .decay import Decay
from .errors import DefinitionError, KindError
from .explanation import Reason
from .lead import Seen, Snapshot
from .measure import AtLeast, Equals, LessThan, Measure, measured
from .registry import register
from .timeline import MOST_ACTIVITIES, Activity
from .value import DAY, Table, exact, is_blank, literal, show
from .verdict import Verdict
from .window import LONGEST_DAYS, whole

MOST_POINTS: Final = 1_000_000
Number: TypeAlias = int | float | Decimal


def millipoints(value: object, what: str = "points") -> int:
    """
    Points as whole thousandths.

    Raises:
        KindError: *value* is not a number.
        DefinitionError: it has more than three decimals, or is beyond a million.

    >>> millipoints(8.7)
    8700
    """
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise KindError(f"{what} must be a number, not {show(value)}")
    if not -MOST_POINTS <= value <= MOST_POINTS:
        raise DefinitionError(f"{what} lie between -1,000,000 and 1,000,000, not {show(value)}")
    thousandths = (exact(float(value)) if isinstance(value, float) else value) * 1000
    if thousandths != int(thousandths):
        raise DefinitionError(f"{what} have at most three decimals, not {show(value)}")
    return int(thousandths)


def in_points(millis: int) -> Decimal:
    """
    Millipoints as points, exact.

    >>> in_points(8_700), in_points(30_000), in_points(-5)
    (Decimal('8.7'), Decimal('30'), Decimal('-0.005'))
    """
    whole_points, rest = divmod(millis, 1000)
    if not rest:
        return Decimal(whole_points)
    return Decimal(str(Decimal(millis).scaleb(-3)).rstrip("0"))


def _points(value: object) -> int | float:
    """Points as a definition keeps them: in one normal form."""
    points = in_points(millipoints(value))
    return int(points) if points == int(points) else float(points)


class Triple(NamedTuple):
    """Millipoints at the least, with every unknown giving nothing, and at the most."""

    low: int
    points: int
    high: int

    def plus(self, other: "Triple") -> "Triple":
        """The sum, end by end."""
        return Triple(self.low + other.low, self.points + other.points, self.high + other.high)

    def minus(self, other: "Triple") -> "Triple":
        """The difference, end by end."""
        return Triple(self.low - other.low, self.points - other.points, self.high - other.high)

    def settled(self) -> "Triple":
        """With every unknown counted as no."""
        return Triple(self.points, self.points, self.points)

    @property
    def open(self) -> bool:
        """Whether an unknown could still move it."""
        return self.low != self.high


NOTHING: Final = Triple(0, 0, 0)


class Award(NamedTuple):
    """What a rule gives: before and after decay, and by which activities."""

    fresh: Triple
    left: Triple
    evidence: tuple[str, ...] = ()


def _once(fresh: Triple) -> Award:
    return Award(fresh, fresh)


def rule_name(value: object) -> str:
    """A rule's or group's name, checked."""
    if not isinstance(value, str) or is_blank(value) or len(value) > 200:
        raise DefinitionError(f"a name is text of at most 200 characters, not {show(value)}")
    return value


@attrs.frozen
class BaseRule:
    """Awards points by a criterion, by activities or by a table. See `Rule` for the ways."""

    name: str = attrs.field(converter=rule_name)

    @abstractmethod
    def award(self, lead: Snapshot, decay: Decay | None = None) -> Award:
        """What it gives a lead; *decay* is its group's, for rules that have none of their own."""

    @abstractmethod
    def explain(self, lead: Snapshot) -> Reason:
        """Why, with the rule's own answer."""

    @abstractmethod
    def changes_at(self, lead: Snapshot, decay: Decay | None = None) -> datetime | None:
        """The next instant at which what it gives may change with no new data."""

    @abstractmethod
    def extremes(self) -> tuple[int, int]:
        """The least and the most millipoints that it can give any lead."""

    @abstractmethod
    def criteria(self) -> tuple[Criterion, ...]:
        """The criteria that it asks."""

    def unknowns(self, lead: Snapshot) -> Iterator[Seen]:
        """The blanks that keep what it gives open."""
        return self.explain(lead).unknowns()


@register("when", main="when")
@attrs.frozen(cache_hash=True)
class Rule(BaseRule):
    """
    Points, once, when a criterion is YES.

    The other ways are `Rule.latest`, `Rule.each`, `Rule.by_value`, `Rule.by_band`,
    `Rule.first_of` and `Rule.best_of`.

    Args:
        name: Unique in its card; the explanation shows it.
        when: The criterion.
        points: At most three decimals and at most a million; negative ones take away.
    """

    when: Criterion = attrs.field(converter=criterion)
    points: int | float = attrs.field(converter=_points)

    def award(self, lead: Snapshot, decay: Decay | None = None) -> Award:
        return _once(outcome([(self.when.judge(lead), millipoints(self.points))], "first"))

    def explain(self, lead: Snapshot) -> Reason:
        why = self.when.explain(lead)
        return Reason(self.name, why.verdict, parts=(why,))

    def changes_at(self, lead: Snapshot, decay: Decay | None = None) -> datetime | None:
        return self.when.changes_at(lead)

    def extremes(self) -> tuple[int, int]:
        return span([millipoints(self.points)])

    def criteria(self) -> tuple[Criterion, ...]:
        return (self.when,)

    @staticmethod
    def latest(
        name: str, activities: Selection, points: Number, *, decay: Decay | None = None
    ) -> "Latest":
        """Points for the newest of some activities, fading with its age."""
        return Latest(name, activities, points, decay)

    @staticmethod
    def each(
        name: str,
        activities: Selection,
        points: Number,
        *,
        once_per: str | None = None,
        at_most: int | None = None,
        per: int | None = None,
        in_all: int | None = None,
        decay: Decay | None = None,
    ) -> "Each":
        """
        Points for each of some activities, fading with its age.

        Args:
            name: Unique in its card.
            activities: Which ones.
            points: For each.
            once_per: A property of which each value counts once, by its newest activity.
            at_most: Only so many of the newest: of each period where *per* is given, else of all.
            per: A fixed period of so many days, counted from 1 January 1970 UTC.
            in_all: With *per*, only so many of the newest over all periods.
            decay: How the points fade; by default as the group says.
        """
        return Each(name, activities, points, once_per, at_most, per, in_all, decay)

    @staticmethod
    def by_value(name: str, field: str | Attribute, points: Mapping[str, Number]) -> "ByValue":
        """Points by the text in a field; none for a text that the table does not have."""
        of = attribute(field) if isinstance(field, str) else field
        return ByValue(name, of, points)

    @staticmethod
    def by_band(
        name: str, measure: Measure, bands: Iterable["Band"], *, match: "Match" = "first"
    ) -> "ByBand":
        """Points by the band in which a measure lies."""
        return ByBand(name, measure, tuple(bands), match)

    @staticmethod
    def first_of(name: str, *cases: tuple[Criterion, Number]) -> "Cases":
        """Points of the first of several criteria that is YES."""
        return Cases(name, tuple(Case(when, points) for when, points in cases), "first")

    @staticmethod
    def best_of(name: str, *cases: tuple[Criterion, Number]) -> "Cases":
        """The most points of all the criteria that are YES."""
        return Cases(name, tuple(Case(when, points) for when, points in cases), "best")


# -- one of several: the first or the best match -----------------------------------------------

Match: TypeAlias = Literal["first", "best"]


def span(millis: Iterable[int]) -> tuple[int, int]:
    """The least and the most of *millis* and of nothing."""
    several = (0, *millis)
    return min(several), max(several)


def outcome(judged: Iterable[tuple[Verdict, int]], match: Match) -> Triple:
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
        judged = ((when.judge(lead), millis) for when, millis in self.rows())
        return _once(outcome(judged, self._match))

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
    points: int | float = attrs.field(converter=_points)


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
    return Table({rule_name(text): _points(points) for text, points in value.items()})


@register("by_value", main="points", subject="measure")
@attrs.frozen(cache_hash=True)
class ByValue(Choice):
    """Points by a text; none for one that the table does not have."""

    measure: Measure = attrs.field(converter=measured)
    points: Table[int | float] = attrs.field(converter=_value_points)

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

    points: int | float = attrs.field(converter=_points)
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


# -- points for activities, which fade ---------------------------------------------------------


@attrs.frozen
class ActivityRule(BaseRule):
    """Points for activities; the newer, the more is left of them."""

    activities: Selection = attrs.field(validator=attrs.validators.instance_of(Selection))
    points: int | float = attrs.field(converter=_points)

    @property
    @abstractmethod
    def own_decay(self) -> Decay | None:
        """How its points fade; None to fade as the group says."""

    @abstractmethod
    def counted(self, lead: Snapshot) -> "Counted | None":
        """The activities that count, newest first; None when the timeline was not loaded."""

    @property
    @abstractmethod
    def most(self) -> int:
        """How many activities can count."""

    def award(self, lead: Snapshot, decay: Decay | None = None) -> Award:
        decay = self.own_decay or decay
        counted = self.counted(lead)
        each = millipoints(self.points)
        if counted is None:
            unknown = Triple(min(0, each * self.most), 0, max(0, each * self.most))
            return Award(unknown, unknown)
        left = self._worth(counted, lambda a: _left(decay, each, a, lead))
        fresh = self._worth(counted, lambda _: each)
        return Award(fresh, left, tuple(a.id for a in counted.sure if a.id is not None))

    def _worth(self, counted: "Counted", worth: Callable[[Activity], int]) -> Triple:
        """From the least to the most: a taking rule takes most when most activities count."""
        least, sure, most = (sum(map(worth, activities)) for activities in counted)
        return Triple(min(least, most), sure, max(least, most))

    def explain(self, lead: Snapshot) -> Reason:
        trace = lead.traced()
        counted = self.counted(trace)
        blanks = tuple(seen for seen in trace.seen if seen.missing)
        text = f"{self.activities.describe()}{self.limits()}"
        if counted is None:
            verdict, number = Verdict.UNKNOWN, "not loaded"
        else:
            same = counted.least == counted.sure == counted.possible
            verdict = Verdict.of(bool(counted.sure)) if same else Verdict.UNKNOWN
            least, most = len(counted.least), len(counted.possible)
            number = f"{most}" if least == most else f"{least} to {most}"
        why = Reason(text, verdict, (Seen("counted", number), *blanks))
        return Reason(self.name, verdict, parts=(why,))

    @abstractmethod
    def limits(self) -> str:
        """What bounds how many count, as the end of a sentence."""

    def changes_at(self, lead: Snapshot, decay: Decay | None = None) -> datetime | None:
        decay = self.own_decay or decay
        instants = [self.activities.changes_at(lead)]
        matches = self.activities.matching(lead)
        if decay is not None and matches is not None:
            for activity in matches.possible:
                step = decay.next_step(millipoints(self.points), _age(activity, lead))
                instants.append(None if step is None else activity.at + step * DAY)
        return earliest(instants)

    def extremes(self) -> tuple[int, int]:
        return span([millipoints(self.points) * self.most])

    def criteria(self) -> tuple[Criterion, ...]:
        return self.activities.filters


class Counted(NamedTuple):
    """Activities that count at the least, for sure, and at the most; newest first."""

    least: tuple[Activity, ...]
    sure: tuple[Activity, ...]
    possible: tuple[Activity, ...]


def _age(activity: Activity, lead: Snapshot) -> int:
    return (lead.as_of - activity.at) // DAY


def _left(decay: Decay | None, millis: int, activity: Activity, lead: Snapshot) -> int:
    return millis if decay is None else decay.left(millis, _age(activity, lead))


@register("latest", main="activities")
@attrs.frozen(cache_hash=True)
class Latest(ActivityRule):
    """Points for the newest of some activities, fading with its age."""

    decay: Decay | None = None

    @property
    def own_decay(self) -> Decay | None:
        return self.decay

    @property
    def most(self) -> int:
        return 1

    def counted(self, lead: Snapshot) -> Counted | None:
        matches = self.activities.matching(lead)
        if matches is None:
            return None
        return Counted(matches.sure[-1:], matches.sure[-1:], matches.possible[-1:])

    def limits(self) -> str:
        return ", the newest"


def _count(value: int | None) -> int | None:
    if value is None:
        return None
    count = whole(value, "how many count", least=1)
    if count > MOST_ACTIVITIES:
        raise DefinitionError(f"at most {MOST_ACTIVITIES:,} activities count, not {show(count)}")
    return count


@register("each", main="activities")
@attrs.frozen(cache_hash=True)
class Each(ActivityRule):
    """Points for each of some activities, fading with its age. See `Rule.each`."""

    once_per: str | None = attrs.field(
        default=None, converter=attrs.converters.optional(field_name)
    )
    at_most: int | None = attrs.field(default=None, converter=_count)
    per: int | None = attrs.field(default=None, converter=_count)
    in_all: int | None = attrs.field(default=None, converter=_count)
    decay: Decay | None = None

    def __attrs_post_init__(self) -> None:
        if self.per is not None and self.at_most is None:
            raise DefinitionError("per is a period for at_most: say how many count in each")
        if self.in_all is not None and self.per is None:
            raise DefinitionError("in_all goes with per; without it say at_most")
        if self.per is not None and self.per > LONGEST_DAYS:
            raise DefinitionError(
                f"a period is at most {LONGEST_DAYS:,} days, not {show(self.per)}"
            )

    @property
    def own_decay(self) -> Decay | None:
        return self.decay

    @property
    def most(self) -> int:
        bound = self.at_most if self.per is None else self.in_all
        return MOST_ACTIVITIES if bound is None else bound

    def counted(self, lead: Snapshot) -> Counted | None:
        matches = self.activities.matching(lead)
        if matches is None:
            return None
        if self.once_per is not None:
            return self._once_each(matches, self.once_per, lead)
        sure = self._newest(matches.sure)
        return Counted(sure, sure, self._newest(matches.possible))

    def _once_each(self, matches: Matches, field: str, lead: Snapshot) -> Counted:
        """Each value of a property counts once; a blank may be any value, or one of its own."""
        values = {id(a): lead.inside(a).read(field, "single") for a in matches.possible}
        sure = self._newest(_newest_of_each(matches.sure, values))
        certain = {id(a) for a in matches.sure}
        moving = {values[id(a)] for a in matches.possible if id(a) not in certain}
        if None in values.values():
            moving = set(values.values())
        if self.per is None or not moving:
            return Counted(
                sure, sure, self._newest(_newest_of_each(matches.possible, values, blanks=True))
            )
        # A newer activity of a value moves it to another period, which may be full already. So
        # only values that nothing can move are sure, and at the most none is moved at all.
        firm = [a for a in matches.sure if values[id(a)] not in moving]
        least = self._newest(_newest_of_each(firm, values))
        return Counted(least, sure, self._newest(matches.possible))

    def _newest(self, activities: Iterable[Activity]) -> tuple[Activity, ...]:
        """Those that count, newest first: the newest of each period, then of all."""
        kept: list[Activity] = []
        periods: Counter[int] = Counter()
        for activity in reversed(tuple(activities)):
            if self.per is not None and self.at_most is not None:
                period = (activity.at - _EPOCH) // (self.per * DAY)
                periods[period] += 1
                if periods[period] > self.at_most:
                    continue
            kept.append(activity)
        return tuple(kept[: self.most])

    def limits(self) -> str:
        each = f", once for each {self.once_per}" if self.once_per else ""
        most = f", at most {self.at_most}" if self.at_most else ""
        per = "" if self.per is None else " a day" if self.per == 1 else f" in each {self.per} days"
        return f"{each}{most}{per}{f', {self.in_all} in all' if self.in_all else ''}"


def _newest_of_each(
    activities: Iterable[Activity], values: Mapping[int, object], *, blanks: bool = False
) -> list[Activity]:
    """The newest activity of each value, oldest first; those without a value only if told."""
    newest: dict[object, Activity] = {}
    for activity in reversed(tuple(activities)):
        value = values[id(activity)]
        if value is not None or blanks:
            newest.setdefault(id(activity) if value is None else (value,), activity)
    return list(newest.values())[::-1]


_EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
