"""How long the lead has stood in its stage; exact, not whole days, and negative before it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import attrs

from ..lead import Snapshot
from ..measure import Measure, Range
from ..registry import register
from ..value import MICROSECOND, Kind
from .age import DAY_UNITS, crossings


@register("days_in_stage")
@attrs.frozen(cache_hash=True, order=False)
class DaysInStage(Measure):
    """Days since the lead came to its stage; of 24 hours each."""

    scale = DAY_UNITS

    def range(self, lead: Snapshot, kind: Kind = "number") -> Range | None:
        since = lead.stage_since()
        if since is None:
            return None
        age = (lead.as_of - since) // MICROSECOND
        return Range(age, age)

    def describe(self) -> str:
        return "days in the stage"

    def changes_at(self, lead: Snapshot, bounds: Iterable[Any] = ()) -> datetime | None:
        since = lead.stage_since()
        return None if since is None else crossings(since, bounds, lead.as_of)


def days_in_stage() -> DaysInStage:
    """
    How long the lead has stood in its stage, as a measure: ``days_in_stage() >= 14``.

    >>> from datetime import UTC, datetime
    >>> from mqlkit import Lead
    >>> ada = Lead("ada", stage="mql", stage_since=datetime(2026, 3, 1, tzinfo=UTC))
    >>> (days_in_stage() >= 14).judge(ada.at(datetime(2026, 3, 15, tzinfo=UTC)))
    Verdict.YES
    """
    return DaysInStage()
