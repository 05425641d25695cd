"""
Points for activities, which fade with their age: for the newest, or for each.
"""

from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import ClassVar, Final, NamedTuple

import attrs

from ..criteria.field import field_name
from ..criteria.selection import Matches, Selection
from ..criterion import Criterion, earliest
from ..decay import Decay
from ..errors import DefinitionError
from ..explanation import Reason
from ..lead import Seen, Snapshot
from ..points import Triple, millipoints, normal_points, span
from ..registry import register
from ..timeline import MOST_ACTIVITIES, Activity
from ..value import DAY, LAST, show
from ..verdict import Verdict
from ..window import LONGEST_DAYS, whole
from .base import Award, BaseRule


@attrs.frozen
class ActivityRule(BaseRule):
    """Points for activities; the newer, the more is left of them."""

    activities: Selection = attrs.field(validator=attrs.validators.instance_of(Selection))
    points: int | float = attrs.field(converter=normal_points)

    once_per: ClassVar[str | None] = None
    """A property of which each value counts once."""

    @property
    @abstractmethod
    def own_decay(self) -> Decay | None:
        """How its points fade; None to fade as the group says."""

    def counted(self, lead: Snapshot) -> "Counted | None":
        """The activities that count, newest first; None when the timeline was not loaded."""
        matches = self.activities.matching(lead)
        return None if matches is None else self.count(matches, lead)

    @abstractmethod
    def count(self, matches: Matches, lead: Snapshot) -> "Counted":
        """Those that count of the activities that match and may match."""

    @property
    @abstractmethod
    def most(self) -> int:
        """How many activities can count."""

    def award(self, lead: Snapshot, decay: Decay | None = None) -> Award:
        return self.award_for(self.counted(lead), lead, decay)

    def award_for(self, counted: "Counted | None", lead: Snapshot, decay: Decay | None) -> Award:
        """What it gives for the activities that count; *decay* is its group's."""
        decay = self.own_decay or decay
        each = millipoints(self.points)
        if counted is None:
            unknown = Triple(min(0, each * self.most), 0, max(0, each * self.most))
            return Award(unknown, unknown)
        fresh = left = self._worth(counted, lambda activities: each * len(activities))
        if decay is not None:
            left = self._worth(counted, lambda some: _left(decay, each, some, lead))
        return Award(fresh, left, tuple([a.id for a in counted.sure if a.id is not None]))

    def _worth(self, counted: "Counted", worth: Callable[[tuple[Activity, ...]], int]) -> Triple:
        """From the least to the most: a taking rule takes most when most activities count."""
        sure = worth(counted.sure)
        if counted.least is counted.sure is counted.possible:
            return Triple(sure, sure, sure)
        least, most = worth(counted.least), worth(counted.possible)
        return Triple(min(least, most), sure, max(least, most))

    def always_shows(self, *, fading: bool) -> bool:
        if type(self) not in (Latest, Each):
            return False
        if self.own_decay is None and not fading:
            return True
        return self.once_per is None and self.activities.plain

    def explain(self, lead: Snapshot) -> Reason:
        return self.recall(self._told_by(lead), self._explained, lead)

    def _told_by(self, lead: Snapshot) -> object:
        """What alone decides the explanation, where no blank can; None where one may."""
        if type(lead) is not Snapshot or self.once_per is not None or not self.activities.plain:
            return None
        counted = self.counted(lead)
        return None if counted is None else len(counted.sure)

    def _explained(self, lead: Snapshot) -> Reason:
        trace = lead.traced()
        counted = self.counted(trace)
        blanks = tuple(seen for seen in trace.seen if seen.missing)
        recalled = self.recalled
        if recalled.sentence is None:
            recalled.sentence = f"{self.activities.describe()}{self.limits()}"
        text = recalled.sentence
        if counted is None:
            verdict, number = Verdict.UNKNOWN, "not loaded"
        else:
            same = counted.least == counted.sure == counted.possible
            verdict = Verdict.of(bool(counted.sure)) if same else Verdict.UNKNOWN
            least, most = len(counted.least), len(counted.possible)
            number = f"{most} counted" if least == most else f"{least} to {most} counted"
        why = Reason(text, verdict, (Seen("", number), *blanks))
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
                if step is not None and step * DAY <= LAST - activity.at:
                    instants.append(activity.at + step * DAY)
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


def _left(decay: Decay, millis: int, activities: Iterable[Activity], lead: Snapshot) -> int:
    now = lead.as_of
    return sum([decay.left(millis, (now - activity.at) // DAY) for activity in activities])


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

    def count(self, matches: Matches, lead: Snapshot) -> Counted:
        sure = matches.sure[-1:]
        possible = sure if matches.possible is matches.sure else matches.possible[-1:]
        return Counted(sure, sure, possible)

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

    once_per: str | None = attrs.field(  # type: ignore[misc]
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

    def count(self, matches: Matches, lead: Snapshot) -> Counted:
        if self.once_per is not None:
            return self._once_each(matches, self.once_per, lead)
        sure = self._newest(matches.sure)
        if matches.possible is matches.sure:
            return Counted(sure, sure, sure)
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
        if self.per is None:
            return tuple(activities)[: -self.most - 1 : -1]
        kept: list[Activity] = []
        periods: Counter[int] = Counter()
        for activity in reversed(tuple(activities)):
            period = (activity.at - _EPOCH) // (self.per * DAY)
            periods[period] += 1
            if self.at_most is not None and periods[period] > self.at_most:
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
