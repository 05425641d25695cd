"""
Parts of models that users might write: every base class that can be extended, and every built-in
class with another meaning. Some of them raise, and some answer no verdict at all.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import attrs

from mqlkit import Activities, Attribute, Criterion, Decay, LabelMeasure, Measure, Range, Rule
from mqlkit.criteria.aggregate import Count
from mqlkit.criteria.knowledge import Known
from mqlkit.criteria.membership import IsIn
from mqlkit.criteria.sequence import Sequence
from mqlkit.criteria.text import ContainsAny
from mqlkit.criterion import AllOf, AnyOf, Not, judged
from mqlkit.decay import Linear
from mqlkit.explanation import Reason
from mqlkit.measure import AtLeast
from mqlkit.points import Triple
from mqlkit.rules.activity import Each
from mqlkit.rules.base import Award, BaseRule
from mqlkit.verdict import Verdict
from mqlkit.window import Window

YES, NO, UNKNOWN = Verdict.YES, Verdict.NO, Verdict.UNKNOWN
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

# -- criteria ------------------------------------------------------------------------------------


@attrs.frozen
class IsEven(Criterion):
    """Reads an attribute."""

    field: str

    def judge(self, lead: Any) -> Verdict:
        number = lead.number(self.field)
        return UNKNOWN if number is None else Verdict.of(number % 2 == 0)

    def describe(self) -> str:
        return f"{self.field} is even"


@attrs.frozen
class BusyLately(Criterion):
    """Reads activities and the clock, and says when its answer may change."""

    kind: str
    hours: int
    of: str = "lead"

    def judge(self, lead: Any) -> Verdict:
        done = lead.activities(self.kind, of=self.of)
        if done is None:
            return UNKNOWN
        return Verdict.of(any(lead.as_of - a.at < self.hours * HOUR for a in done))

    def describe(self) -> str:
        return f"{self.kind} in the last {self.hours} hours"

    def changes_at(self, lead: Any) -> datetime | None:
        timeline = lead.timeline(self.of)
        ends = [] if timeline is None else [a.at + self.hours * HOUR for a in timeline]
        starts = [] if timeline is None else [a.at for a in timeline]
        return min((at for at in (*starts, *ends) if at > lead.as_of), default=None)


@attrs.frozen
class AfterNoon(Criterion):
    """Reads the clock alone, and does not say when its answer may change."""

    def judge(self, lead: Any) -> Verdict:
        return Verdict.of(lead.as_of.hour >= 12)

    def describe(self) -> str:
        return "it is after noon"


@attrs.frozen
class OutOfReach(Criterion):
    """Reads a score, which may turn out to be its own."""

    score: str
    millis: int

    def judge(self, lead: Any) -> Verdict:
        low, high = lead.score(self.score).range
        reached = Verdict.of(low > self.millis)
        return reached if (high > self.millis) is (low > self.millis) else UNKNOWN

    def describe(self) -> str:
        return f"the score {self.score} is beyond {self.millis} thousandths"


@attrs.frozen
class HasTeam(Criterion):
    """Reads the people of an account."""

    size: int

    def judge(self, lead: Any) -> Verdict:
        people = lead.people()
        if people is None:
            return UNKNOWN
        return Verdict.of(sum(person.text("title") is not None for person in people) >= self.size)

    def describe(self) -> str:
        return f"{self.size} people with a title"


@attrs.frozen
class StuckIn(Criterion):
    """Reads the stage and since when."""

    stage: str

    def judge(self, lead: Any) -> Verdict:
        stage, since = lead.stage(), lead.stage_since()
        if stage is None or since is None:
            return UNKNOWN
        return Verdict.of(stage == self.stage and lead.as_of - since > DAY)

    def describe(self) -> str:
        return f"stuck in {self.stage}"


class TrapError(Exception):
    """What a criterion of somebody's own raises."""


@attrs.frozen
class Trap(Criterion):
    """Raises for some leads."""

    field: str

    def judge(self, lead: Any) -> Verdict:
        number = lead.number(self.field)
        if number is not None and number > 10:
            raise TrapError(f"{self.field} is {number:.3g}, which nobody expected")
        return Verdict.of(number is not None)

    def describe(self) -> str:
        return f"{self.field} is no trap"


@attrs.frozen
class SaysTrue(Criterion):
    """Answers no verdict for some leads."""

    field: str

    def judge(self, lead: Any) -> Any:
        text = lead.text(self.field)
        return text.startswith("v") if text else UNKNOWN

    def describe(self) -> str:
        return f"{self.field} starts with a v, or so"


@attrs.frozen
class Neither(Criterion):
    """Made of others, without saying more than that."""

    one: Criterion
    other: Criterion

    def judge(self, lead: Any) -> Verdict:
        return ~(judged(self.one, lead) | judged(self.other, lead))

    def describe(self) -> str:
        return f"neither {self.one.describe()} nor {self.other.describe()}"

    def parts(self) -> tuple[Criterion, ...]:
        return (self.one, self.other)


@attrs.frozen
class Opaque(Criterion):
    """Hides what it asks, so that an engine has to call it."""

    inner: Criterion

    def judge(self, lead: Any) -> Verdict:
        return self.inner.judge(lead)

    def describe(self) -> str:
        return self.inner.describe()

    def changes_at(self, lead: Any) -> datetime | None:
        return self.inner.changes_at(lead)


# -- measures ------------------------------------------------------------------------------------


@attrs.frozen(order=False)
class TextLength(Measure):
    """A number that comes from a text."""

    field: str

    def range(self, lead: Any, kind: str = "number") -> Range | None:
        text = lead.text(self.field)
        return None if text is None else Range(len(text), len(text))

    def describe(self) -> str:
        return f"length of {self.field}"


@attrs.frozen(order=False)
class BlanksMayCount(Measure):
    """A range in thousandths, from the activities of two timelines."""

    scale = 1000
    kind: str

    def range(self, lead: Any, kind: str = "number") -> Range | None:
        own, account = lead.activities(self.kind), lead.activities(self.kind, of="account")
        if own is None:
            return None
        sure = sum(lead.inside(a).number("amount") is not None for a in own)
        return Range(1000 * sure - 500, 1000 * (len(own) + len(account or ())))

    def describe(self) -> str:
        return f"worth of {self.kind}"


@attrs.frozen(order=False)
class Initial(Measure):
    """A text that comes from a text."""

    kinds = frozenset({"text", "written"})
    field: str

    def range(self, lead: Any, kind: str = "text") -> Range | None:
        text = lead.text(self.field)
        return None if text is None else Range(text[:1].lower(), text[:1].lower())

    def describe(self) -> str:
        return f"initial of {self.field}"


@attrs.frozen
class Size(LabelMeasure):
    """One label, two, or none."""

    field: str

    def labels(self, lead: Any) -> frozenset[str] | None:
        number = lead.number(self.field)
        if number is None:
            return None
        return frozenset({"large"} if number > 50 else {"small", "tiny"} if number < 5 else ())

    def describe(self) -> str:
        return f"size by {self.field}"


# -- rules and decay -----------------------------------------------------------------------------


@attrs.frozen
class PointsByHour(BaseRule):
    """Points from the clock, an attribute and its group's decay; open where the attribute is."""

    field: str
    points: int

    def award(self, lead: Any, decay: Decay | None = None) -> Award:
        number = lead.number(self.field)
        millis = self.points * 1000 + lead.as_of.hour
        if number is None:
            return Award(Triple(0, 0, millis), Triple(0, 0, millis), ("guess",))
        left = millis if decay is None else decay.left(millis, lead.as_of.hour)
        return Award(Triple(millis, millis, millis), Triple(left, left, left), (self.field,))

    def explain(self, lead: Any) -> Reason:
        trace = lead.traced()
        trace.number(self.field)
        return Reason(self.name, YES, trace.seen)

    def changes_at(self, lead: Any, decay: Decay | None = None) -> datetime | None:
        return lead.as_of.replace(minute=0, second=0, microsecond=0) + HOUR

    def extremes(self) -> tuple[int, int]:
        return (0, self.points * 1000 + 23)

    def criteria(self) -> tuple[Criterion, ...]:
        return ()


@attrs.frozen
class PointsUnless(BaseRule):
    """Points by a criterion that it asks itself."""

    when: Criterion
    points: int

    def award(self, lead: Any, decay: Decay | None = None) -> Award:
        millis = {YES: 0, NO: self.points * 1000, UNKNOWN: 0}[judged(self.when, lead)]
        given = Triple(millis, millis, millis)
        return Award(given, given)

    def explain(self, lead: Any) -> Reason:
        why = self.when.explain(lead)
        return Reason(self.name, ~why.verdict, parts=(why,))

    def changes_at(self, lead: Any, decay: Decay | None = None) -> datetime | None:
        return self.when.changes_at(lead)

    def extremes(self) -> tuple[int, int]:
        return min(0, self.points * 1000), max(0, self.points * 1000)

    def criteria(self) -> tuple[Criterion, ...]:
        return (self.when,)


@attrs.frozen
class Harmonic(Decay):
    """Half after a day, a third after two; of taken points, too."""

    slow: int

    def left(self, points: int, days: int) -> int:
        left = abs(points) * self.slow // (self.slow + days)
        return left if points > 0 else -left

    @property
    def lifespan(self) -> None:
        return None

    def describe(self) -> str:
        return f"ever more slowly, from {self.slow} days on"


# -- built-in classes with another meaning -------------------------------------------------------


@attrs.frozen(order=False)
class EverySecond(Count):
    """Counts only half of them."""

    def over(self, matches: Any, lead: Any) -> Range:
        return Range(len(matches.sure) // 2, len(matches.possible) // 2)


@attrs.frozen
class Nearly(AtLeast):
    """One less is enough."""

    relation = "is nearly"

    def holds(self, value: Any, bound: Any) -> bool:
        return super().holds(value, bound) or value == bound - 1


@attrs.frozen
class AllButOne(AllOf):
    """One of them may fail."""

    def judge(self, lead: Any) -> Verdict:
        answers = [judged(part, lead) for part in self.criteria]
        return NO if answers.count(NO) > 1 else YES if UNKNOWN not in answers else UNKNOWN


@attrs.frozen
class AnyKnown(AnyOf):
    """Any that is known will do, whatever it says."""

    def judge(self, lead: Any) -> Verdict:
        return Verdict.of(any(judged(part, lead) is not UNKNOWN for part in self.criteria))


@attrs.frozen
class NotSure(Not):
    """What is not known is counted as not so."""

    def judge(self, lead: Any) -> Verdict:
        return Verdict.of(self.criterion.judge(lead) is not YES)


@attrs.frozen
class NotIn(IsIn):
    """The opposite of what it is made from."""

    def judge(self, lead: Any) -> Verdict:
        return ~super().judge(lead)


@attrs.frozen
class Whole(ContainsAny):
    """The whole text, not a part of it."""

    def fits(self, text: str, word: str) -> bool:
        return word == text


@attrs.frozen
class KnownNumber(Known):
    """A value of the wrong kind is not known."""

    def judge(self, lead: Any) -> Verdict:
        return Verdict.of(lead.number(self.field) is not None)


@attrs.frozen(order=False)
class Shouted(Attribute):
    """Numbers count one more, and texts end with a bang."""

    def range(self, lead: Any, kind: Any = "number") -> Range | None:
        found = super().range(lead, kind)
        if found is None or isinstance(found.low, bool):
            return found
        if isinstance(found.low, str):
            return Range(found.low + "!", found.low + "!")
        return Range(found.low, found.low + 1) if isinstance(found.low, int | float) else found


@attrs.frozen
class Around(Window):
    """Starts a day earlier than it says."""

    def start(self, as_of: datetime) -> datetime:
        start = super().start(as_of)
        return start - DAY if start.year > 1 else start

    def _edges(self, at: datetime) -> Iterator[datetime]:
        for edge in super()._edges(at):
            yield from (edge, edge + DAY)


@attrs.frozen(repr=False)
class AllButTheLast(Activities):
    """The newest one does not count."""

    def matching(self, lead: Any) -> Any:
        found = super().matching(lead)
        return found and type(found)(found.sure[:-1], found.possible[:-1])


@attrs.frozen
class Immediately(Sequence):
    """At one instant, not one after the other."""

    def _in_time(self, first: datetime, then: datetime) -> bool:
        return super()._in_time(first, then) and then - first < HOUR


@attrs.frozen
class Twice(Rule):
    """Gives its points twice."""

    def award(self, lead: Any, decay: Decay | None = None) -> Award:
        fresh, left, evidence = super().award(lead, decay)
        return Award(fresh.plus(fresh), left.plus(left), evidence)


@attrs.frozen
class OldestFirst(Each):
    """Counts the oldest where only some count."""

    def _newest(self, activities: Iterable[Any]) -> tuple[Any, ...]:
        return tuple(activities)[: self.most][::-1]


@attrs.frozen
class Grace(Linear):
    """Does not fade in its first two days."""

    def left(self, points: int, days: int) -> int:
        return super().left(points, max(0, days - 2))


OWN: tuple[type, ...] = tuple(
    cls
    for cls in vars().copy().values()
    if isinstance(cls, type) and cls.__module__ == __name__ and not issubclass(cls, Exception)
)
"""Every class of this file that stands in models."""


def everything_in(value: object) -> Iterator[object]:
    """Every part of a model, itself first."""
    yield value
    if attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            if field.init:
                yield from everything_in(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from everything_in(item)
    elif hasattr(value, "items"):
        for item in value.values():
            yield from everything_in(item)
