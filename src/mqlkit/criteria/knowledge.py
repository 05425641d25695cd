"""
Questions about what we know, not about the lead: is a field known, or missing?

They alone, with stated assumptions, may be overturned by filling a blank; that is their job.
"""

from datetime import datetime

import attrs

from ..criterion import Criterion
from ..explanation import Reason
from ..lead import Snapshot
from ..registry import register
from ..value import is_blank
from ..verdict import Verdict
from .field import field_name, next_change, plain_value


@register("known", main="field")
@attrs.frozen(cache_hash=True)
class Known(Criterion):
    """
    The field has a value.

    >>> from datetime import UTC, datetime
    >>> from mqlkit import Lead, known
    >>> known("industry").judge(Lead("ada", {"industry": " "}).at(datetime.now(UTC)))
    Verdict.NO
    """

    about_knowledge = True
    field: str = attrs.field(converter=field_name)

    def judge(self, lead: Snapshot) -> Verdict:
        return Verdict.of(not is_blank(lead.raw(self.field)))

    def explain(self, lead: Snapshot) -> Reason:
        return self.recall(plain_value(self.field, lead), super().explain, lead)

    def describe(self) -> str:
        return f"{self.field} is known"

    def changes_at(self, lead: Snapshot) -> datetime | None:
        return next_change(self.field, lead)


@register("missing", main="field")
@attrs.frozen(cache_hash=True)
class Missing(Criterion):
    """The field has no value."""

    about_knowledge = True
    field: str = attrs.field(converter=field_name)

    def judge(self, lead: Snapshot) -> Verdict:
        return ~Known(self.field).judge(lead)

    def explain(self, lead: Snapshot) -> Reason:
        return self.recall(plain_value(self.field, lead), super().explain, lead)

    def describe(self) -> str:
        return f"{self.field} is missing"

    def changes_at(self, lead: Snapshot) -> datetime | None:
        return next_change(self.field, lead)


def known(field: str) -> Criterion:
    """Whether *field* has a value: not blank, and not NaN."""
    return Known(field)


def missing(field: str) -> Criterion:
    """Whether *field* has no value."""
    return Missing(field)
