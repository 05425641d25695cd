"""
Questions about being one of many: a value in a list, a list that has a value, an e-mail domain.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import attrs

from ..criterion import Criterion
from ..errors import DefinitionError, KindError
from ..explanation import Reason
from ..lead import Seen, Snapshot
from ..measure import Measure, check_kind
from ..registry import register
from ..value import WANTED, Kind, is_blank, read_as, show
from ..verdict import Verdict, all_of
from .choices import (
    Choices,
    choices,
    describe_choices,
    kind_of_choices,
    lookup,
    members,
    typed_choices,
)


@attrs.frozen
class Membership(Criterion):
    """A question that compares a measure with several values."""

    measure: Measure
    values: Choices = attrs.field(converter=choices, eq=typed_choices)

    def __attrs_post_init__(self) -> None:
        check_kind(self.measure, self.kind)

    @property
    def about_knowledge(self) -> bool:  # type: ignore[override]
        return self.measure.about_knowledge

    @property
    def kind(self) -> Kind:
        """The kind that the measure is read as."""
        return kind_of_choices(self.values) or "single"

    @property
    def wanted(self) -> frozenset[Any]:
        """The values, as the measure gives them."""
        if self.measure.scale != 1:
            return frozenset(map(self.measure.units, members(self.values)))
        return lookup(self.values, case_sensitive=getattr(self.measure, "case_sensitive", False))

    def explain(self, lead: Snapshot) -> Reason:
        return self.recall(self.measure.told_by(lead), self._explained, lead)

    def _explained(self, lead: Snapshot) -> Reason:
        return Reason(self.stated(), self.judge(lead), self.measure.explain(lead, self.kind))

    def changes_at(self, lead: Snapshot) -> datetime | None:
        return self.measure.changes_at(lead, self.wanted)


@register("is_in", main="values", subject="measure")
@attrs.frozen(cache_hash=True)
class IsIn(Membership):
    """The value is one of those listed; NO for any known text when none are listed."""

    def judge(self, lead: Snapshot) -> Verdict:
        found = self.measure.range(lead, self.kind)
        if found is None:
            return Verdict.UNKNOWN
        low, high = found
        if low == high:
            return Verdict.of(low in self.wanted)
        within = any(low <= value <= high for value in self.wanted)
        return Verdict.UNKNOWN if within else Verdict.NO

    def describe(self) -> str:
        return f"{self.measure.describe()} is {describe_choices(self.values)}"


@register("domain_is", main="values", subject="measure")
@attrs.frozen(cache_hash=True)
class DomainIs(Membership):
    """The domain of the e-mail address is one of those listed; a subdomain is another domain."""

    def __attrs_post_init__(self) -> None:
        Membership.__attrs_post_init__(self)
        if kind_of_choices(self.values) not in (None, "text"):
            raise KindError("a domain is text, such as 'example.com'")
        for domain in map(str, members(self.values)):
            if set(domain) & set("@/: "):
                raise DefinitionError(
                    f"{show(domain)} is no domain; say what stands behind the @, "
                    "such as 'example.com'"
                )

    @property
    def kind(self) -> Kind:
        return "domain"

    @property
    def wanted(self) -> frozenset[Any]:
        return lookup(self.values)

    def judge(self, lead: Snapshot) -> Verdict:
        found = self.measure.range(lead, "domain")
        return Verdict.UNKNOWN if found is None else Verdict.of(found.low in self.wanted)

    def describe(self) -> str:
        return f"the e-mail domain of {self.measure.describe()} is {describe_choices(self.values)}"


@attrs.frozen
class _ListQuestion(Membership):
    """A question about an attribute that holds a list; a blank in it may be anything."""

    def __attrs_post_init__(self) -> None:
        Membership.__attrs_post_init__(self)
        check_kind(self.measure, "items")

    def has(self, lead: Snapshot) -> "Iterator[Verdict] | None":
        """For each wanted value whether the list has it; None when there is no list."""
        found = self.measure.range(lead, "items")
        if found is None:
            return None
        known = set()
        blanks = False
        for item in found.low:
            value = None if is_blank(item) else read_as(self.kind, item)
            blanks |= value is None
            known.add(self.measure.units(value) if isinstance(value, str) else value)
        absent = Verdict.UNKNOWN if blanks else Verdict.NO
        return (Verdict.YES if value in known else absent for value in self.wanted)

    def explain(self, lead: Snapshot) -> Reason:
        seen = self.measure.explain(lead, "items")
        found = self.measure.range(lead, "items")
        items = () if found is None else found.low
        if any(is_blank(item) or read_as(self.kind, item) is None for item in items):
            seen = tuple(self._with_blanks(one, items) for one in seen)
        return Reason(self.describe(), self.judge(lead), seen)

    def _with_blanks(self, seen: Seen, items: Iterable[object]) -> Seen:
        """A list with blanks is itself something to fill; a member of another kind is a fault."""
        wrong = [item for item in items if not is_blank(item) and read_as(self.kind, item) is None]
        fault = f"wanted {WANTED[self.kind]} for each member" if wrong else ""
        return attrs.evolve(seen, missing=True, fault=fault)


@register("has_any", main="values", subject="measure")
@attrs.frozen(cache_hash=True)
class HasAny(_ListQuestion):
    """The list has at least one of the values."""

    def judge(self, lead: Snapshot) -> Verdict:
        has = self.has(lead)
        if has is None:
            return Verdict.UNKNOWN
        return max(has, key=lambda verdict: verdict.value, default=Verdict.NO)

    def describe(self) -> str:
        return f"{self.measure.describe()} have any of: {describe_choices(self.values)}"


@register("has_all", main="values", subject="measure")
@attrs.frozen(cache_hash=True)
class HasAll(_ListQuestion):
    """The list has every one of the values."""

    def judge(self, lead: Snapshot) -> Verdict:
        has = self.has(lead)
        return Verdict.UNKNOWN if has is None else all_of(has)

    def describe(self) -> str:
        return f"{self.measure.describe()} have all of: {describe_choices(self.values)}"
