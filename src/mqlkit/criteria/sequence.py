"""One thing after another: an activity followed, strictly later, by a second one."""

from datetime import datetime

import attrs

from ..criterion import Criterion, earliest
from ..explanation import Reason
from ..lead import Snapshot
from ..registry import register
from ..timeline import Activity
from ..verdict import Verdict
from ..window import Window
from .selection import Matches, Selection


@register("sequence")
@attrs.frozen(cache_hash=True)
class Sequence(Criterion):
    """
    One of the first activities is followed by one of the second.

    Strictly later, and less than *within* later where that is given: the same half-open span as
    a window that ends at the second activity.
    """

    first: Selection = attrs.field(validator=attrs.validators.instance_of(Selection))
    then: Selection = attrs.field(validator=attrs.validators.instance_of(Selection))
    within: Window | None = None

    @property
    def about_knowledge(self) -> bool:  # type: ignore[override]
        return self.first.about_knowledge or self.then.about_knowledge

    def judge(self, lead: Snapshot) -> Verdict:
        return self.after(self.first.matching(lead), self.then.matching(lead))

    def after(self, first: Matches | None, then: Matches | None) -> Verdict:
        """The answer for the activities of each kind; None for those that were not loaded."""
        if first is None or then is None:
            return Verdict.UNKNOWN
        if self._follows(first.sure, then.sure):
            return Verdict.YES
        may_follow = self._follows(first.possible, then.possible)
        return Verdict.UNKNOWN if may_follow else Verdict.NO

    def _follows(self, first: tuple[Activity, ...], then: tuple[Activity, ...]) -> bool:
        """Whether any of *then* comes in time after any of *first*; both oldest first."""
        newest: datetime | None = None
        ahead = iter(first)
        pending = next(ahead, None)
        for activity in then:
            while pending is not None and pending.at < activity.at:
                newest, pending = pending.at, next(ahead, None)
            if newest is not None and self._in_time(newest, activity.at):
                return True
        return False

    def _in_time(self, first: datetime, then: datetime) -> bool:
        return self.within is None or first > self.within.start(then)

    def describe(self) -> str:
        within = "" if self.within is None else f" within {self.within}"
        return f"{self.first.describe()}, then {self.then.describe()}{within}"

    def explain(self, lead: Snapshot) -> Reason:
        trace = lead.traced()
        verdict = self.judge(trace)
        return Reason(self.describe(), verdict, tuple(s for s in trace.seen if s.missing))

    def changes_at(self, lead: Snapshot) -> datetime | None:
        return earliest([self.first.changes_at(lead), self.then.changes_at(lead)])
