"""
An attribute of a lead: the start of every question about who they are.

``attribute("employees") >= 50``, ``attribute("title").contains_any("vp", "chief")``. A field may
be a dotted path into a related record: ``attribute("account.employees")``.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import attrs

from ..criterion import Criterion, Not
from ..errors import DefinitionError
from ..lead import Seen, Snapshot
from ..measure import Equals, Measure, Range
from ..registry import register
from ..value import Kind, Scalar, comparable, literal, read_as, show, typed
from .age import DaysSince
from .field import field_name, next_change, plain_value
from .knowledge import Known, Missing
from .membership import DomainIs, HasAll, HasAny, IsIn
from .text import ContainsAny, EndsWith, Matches, StartsWith


@register("attribute", main="field")
@attrs.frozen(cache_hash=True, order=False)
class Attribute(Measure):
    """
    A field of a lead, or of an activity's properties.

    Args:
        field: Its name, or a dotted path into a related record.
        default: What a blank counts as, if anything. Stated on purpose and shown: filling the
            blank may then overturn an answer.
        case_sensitive: Compare text letter by letter; by default case does not matter.
    """

    kinds = frozenset({"number", "text", "written", "flag", "moment", "items", "domain", "single"})

    field: str = attrs.field(converter=field_name)
    default: Scalar | None = attrs.field(
        default=None, converter=attrs.converters.optional(literal), eq=typed
    )
    case_sensitive: bool = False

    @property
    def about_knowledge(self) -> bool:  # type: ignore[override]
        return self.default is not None

    def range(self, lead: Snapshot, kind: Kind = "number") -> Range | None:
        value = lead.read(self.field, kind)
        if value is None and self.default is not None:
            value = read_as(kind, self.default)
        if isinstance(value, str) and kind == "text":
            value = self.units(value)
        return None if value is None else Range(value, value)

    def units(self, bound: Scalar, *, case_sensitive: bool = False) -> Any:
        return comparable(bound, case_sensitive=case_sensitive or self.case_sensitive)

    def describe(self) -> str:
        return (
            self.field if self.default is None else f"{self.field} ({show(self.default)} if blank)"
        )

    def told_by(self, lead: Snapshot) -> object:
        return plain_value(self.field, lead) if type(self) is Attribute else None

    def explain(self, lead: Snapshot, kind: Kind) -> tuple[Seen, ...]:
        trace = lead.traced()
        self.range(trace, kind)
        return trace.seen

    def changes_at(self, lead: Snapshot, bounds: Iterable[Any] = ()) -> datetime | None:
        return next_change(self.field, lead)

    # -- questions ---------------------------------------------------------------------------

    def is_true(self) -> Criterion:
        """Whether the flag is set."""
        return Equals(self, True)

    def is_false(self) -> Criterion:
        """Whether the flag is known not to be set."""
        return Equals(self, False)

    def is_in(self, *values: object) -> Criterion:
        """Whether it is one of *values*, or in a `NamedList`."""
        return IsIn(self, values)

    def not_in(self, *values: object) -> Criterion:
        """Whether it is known, and none of *values* nor in that `NamedList`."""
        return Not(IsIn(self, values))

    def contains(self, word: str) -> Criterion:
        """Whether the text contains *word*."""
        return ContainsAny(self, (word,))

    def contains_any(self, *words: str) -> Criterion:
        """Whether the text contains one of *words*."""
        return ContainsAny(self, words)

    def starts_with(self, *words: str) -> Criterion:
        """Whether the text starts with one of *words*."""
        return StartsWith(self, words)

    def ends_with(self, *words: str) -> Criterion:
        """Whether the text ends with one of *words*."""
        return EndsWith(self, words)

    def matches(self, pattern: str) -> Criterion:
        """
        Whether the text matches an RE2 *pattern* somewhere; ``(?i)`` ignores case.

        Raises:
            MissingExtraError: the ``regex`` extra is not installed.
        """
        return Matches(self, pattern)

    def domain_is(self, *domains: object) -> Criterion:
        """Whether the e-mail address is of one of *domains*, or of a `NamedList` of them."""
        return DomainIs(self, domains)

    def any_of(self, *values: object) -> Criterion:
        """Whether the list has at least one of *values*."""
        return HasAny(self, values)

    def all_of(self, *values: object) -> Criterion:
        """Whether the list has every one of *values*."""
        return HasAll(self, values)

    def none_of(self, *values: object) -> Criterion:
        """Whether the list is known to have none of *values*."""
        return Not(HasAny(self, values))

    def known(self) -> Criterion:
        """Whether it has a value."""
        return Known(self.field)

    def missing(self) -> Criterion:
        """Whether it has no value."""
        return Missing(self.field)

    def days_since(self) -> DaysSince:
        """Days since the date or instant in it, as a measure; `default` is not for it."""
        if self.default is not None:
            raise DefinitionError(
                f"the age of {self.field} cannot take a default; "
                "say if_unknown(...) of what is asked about it"
            )
        return DaysSince(self.field)


def attribute(
    field: str, *, default: Scalar | None = None, case_sensitive: bool = False
) -> Attribute:
    """
    A field of a lead, to ask questions about.

    Args:
        field: Its name, or a dotted path into a related record such as ``"account.employees"``.
        default: What a blank counts as; shown in the explanation. By default a blank is UNKNOWN.
        case_sensitive: Compare text letter by letter.

    >>> attribute("employees") >= 50
    AtLeast(measure=Attribute(field='employees', default=None, case_sensitive=False), bound=50)
    >>> (attribute("employees") >= 50).describe()
    'employees is at least 50'
    """
    return Attribute(field, default, case_sensitive)
