"""
A rule: points, once, when a criterion is YES; and the start of every other way to award them.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

import attrs

from ..criteria.attribute import Attribute, attribute
from ..criteria.selection import Selection
from ..criterion import Criterion, criterion, judged
from ..decay import Decay
from ..explanation import Reason
from ..lead import Snapshot
from ..measure import Measure
from ..points import NOTHING, Number, Triple, millipoints, normal_points, span
from ..registry import register
from ..verdict import Verdict
from .activity import Each, Latest
from .base import Award, BaseRule, once
from .choice import Band, ByBand, ByValue, Case, Cases, Match, outcome


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
    points: int | float = attrs.field(converter=normal_points)

    def award(self, lead: Snapshot, decay: Decay | None = None) -> Award:
        verdict, millis = judged(self.when, lead), millipoints(self.points)
        if verdict is Verdict.UNKNOWN:
            return once(outcome([(verdict, millis)]))
        return once(Triple(millis, millis, millis) if verdict is Verdict.YES else NOTHING)

    def always_shows(self, *, fading: bool) -> bool:
        return type(self) is Rule

    def explain(self, lead: Snapshot) -> Reason:
        return self.when.explain(lead).under(self.name)

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
        return Cases(name, tuple(Case(when, points) for when, points in cases))

    @staticmethod
    def best_of(name: str, *cases: tuple[Criterion, Number]) -> "Cases":
        """The most points of all the criteria that are YES."""
        return Cases(name, tuple(Case(when, points) for when, points in cases), "best")
