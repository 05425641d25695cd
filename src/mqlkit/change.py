"""
What could become different about a lead: a fact that is set, or something that happens.

A change is made to a lead and gives another lead; nothing is altered in place. It is what
"would qualify with" is made of.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime, timedelta

import attrs

from .errors import DefinitionError
from .lead import History, Lead, Whose
from .timeline import Activity
from .value import Table, days_text, show, typed


class Change(ABC):
    """Something that could become different about a lead."""

    __slots__ = ()

    @abstractmethod
    def apply(self, lead: Lead, as_of: datetime) -> Lead:
        """
        The lead after the change.

        Args:
            lead: As it is; stays as it is.
            as_of: When things happen. Aware.
        """

    @abstractmethod
    def describe(self) -> str:
        """The change as a statement, in a sales person's words; no full stop."""

    @property
    @abstractmethod
    def effort(self) -> int:
        """How much has to happen; 1 for a fact that is set."""

    def __str__(self) -> str:
        return self.describe()


def _key(value: object) -> object:
    """A key by which values are one: a record in a list has no hash."""
    key = typed(value)
    try:
        hash(key)
    except TypeError:
        return repr(value)
    return key


@attrs.frozen(cache_hash=True, str=False)
class SetAttribute(Change):
    """
    A field has a value.

    Args:
        field: Its name, or a dotted path into a related record, or ``account.`` and a field of
            the lead's account: wherever a criterion would read it.
        value: What stands in it from then on; None for a blank.

    >>> from datetime import UTC, datetime
    >>> change = SetAttribute("account.employees", 50)
    >>> change.describe()
    'account.employees is 50'
    >>> change.apply(Lead("ada"), datetime(2026, 3, 1, tzinfo=UTC)).attributes
    {'account': {'employees': 50}}
    """

    field: str
    value: object = attrs.field(eq=_key)

    def apply(self, lead: Lead, as_of: datetime) -> Lead:
        head, _, rest = self.field.partition(".")
        if head == "account" and rest and lead.account and self.field not in lead.attributes:
            of_account = _with(lead.account.attributes, rest, self.value, as_of)
            return attrs.evolve(lead, account=attrs.evolve(lead.account, attributes=of_account))
        return attrs.evolve(lead, attributes=_with(lead.attributes, self.field, self.value, as_of))

    def describe(self) -> str:
        return f"{self.field} is {show(self.value)}"

    @property
    def effort(self) -> int:
        return 1


def _with(
    attributes: Mapping[str, object], field: str, value: object, as_of: datetime
) -> dict[str, object]:
    """*attributes* with *field* set where `Snapshot.stored` looks for it."""
    if field in attributes or "." not in field:
        return {**attributes, field: value}
    head, rest = field.split(".", 1)
    record = attributes.get(head)
    if isinstance(record, History):
        record = record.at(as_of)
    inner: Mapping[str, object] = record if isinstance(record, Mapping) else {}
    return {**attributes, head: _with(inner, rest, value, as_of)}


@attrs.frozen(cache_hash=True, str=False)
class HappenMore(Change):
    """
    Something happens, now, some times more.

    On a lead whose timeline was not loaded it stands for a loaded one that holds just this.

    Args:
        kind: The activity's kind; ``""`` where any kind will do.
        properties: What is known of each.
        times: How often. 1 or more.
        of: Whose timeline: the lead's, or its account's.
        before: How long before now; for the first part of a sequence.

    >>> HappenMore("page_view", {"page": "/pricing"}, times=3).describe()
    '3 more page_view where page is "/pricing"'
    """

    kind: str
    properties: Table[object] = attrs.field(factory=Table[object], converter=Table[object])
    times: int = 1
    of: Whose = "lead"
    before: timedelta = timedelta()

    def __attrs_post_init__(self) -> None:
        if self.times < 1:
            raise DefinitionError(f"something happens once or more, not {self.times} times")

    def apply(self, lead: Lead, as_of: datetime) -> Lead:
        if self.of == "account":
            account = lead.account or Lead("account")
            return attrs.evolve(lead, account=self._on(account, as_of))
        return self._on(lead, as_of)

    def _on(self, lead: Lead, as_of: datetime) -> Lead:
        kind, at = self.kind or "activity", as_of - self.before
        more = (Activity(kind, at, self.properties) for _ in range(self.times))
        return attrs.evolve(lead, activities=(*(lead.activities or ()), *more))

    def describe(self) -> str:
        kind = self.kind or ("activity" if self.times == 1 else "activities") + " of any kind"
        facts = [f"{name} is {show(value)}" for name, value in self.properties.items()]
        where = f" where {' and '.join(facts)}" if facts else ""
        whose = " of the account" if self.of == "account" else ""
        return f"{self.times} more {kind}{whose}{where}{self._when()}"

    def _when(self) -> str:
        if not self.before:
            return ""
        days = self.before >= timedelta(days=1)
        return f", {days_text(self.before)} days ago" if days else ", just before"

    @property
    def effort(self) -> int:
        return self.times
