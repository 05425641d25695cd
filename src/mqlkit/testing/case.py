"""A criterion met with a lead at an instant, and what the laws ask of the three."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

import attrs
from hypothesis import strategies as st

from ..criterion import Criterion
from ..explanation import Reason
from ..lead import History, Lead, Seen, Snapshot
from ..timeline import Activity
from ..value import READERS, Kind
from ..verdict import Verdict
from .strategies.leads import completions, values
from .strategies.literals import Literals, Own, literals_of
from .strategies.vocabulary import FIELDS, MICROSECOND, NOW, OFFSETS, PROPERTIES, SPANS, VALUES

_OFTEN: Final = st.booleans()
_SELDOM: Final = st.sampled_from((False, False, True))


@attrs.frozen
class Case:
    """
    One criterion, one lead, one instant.

    ``others`` makes further criteria of the same sort; ``draw`` lets a law ask for more.
    """

    criterion: Criterion
    lead: Lead
    as_of: datetime
    others: st.SearchStrategy[Criterion] = attrs.field(repr=False)
    draw: Callable[..., Any] = attrs.field(repr=False)

    @cached_property
    def literals(self) -> Literals:
        """What the criterion itself holds."""
        return literals_of(self.criterion)

    def snapshot(self, lead: Lead | None = None, as_of: datetime | None = None) -> Snapshot:
        """The lead, or another one, as of the instant, or of another one."""
        return (lead or self.lead).at(as_of or self.as_of)

    def verdict(self, lead: Lead | None = None, as_of: datetime | None = None) -> Verdict:
        """The answer about a lead at an instant."""
        return self.criterion.judge(self.snapshot(lead, as_of))

    def reason(self, lead: Lead | None = None) -> Reason:
        """The explanation about a lead."""
        return self.criterion.explain(self.snapshot(lead))

    def changed(self, change: Callable[[tuple[Activity, ...]], tuple[Activity, ...]]) -> Lead:
        """The lead with its own and its account's activities changed."""

        def of(lead: Lead) -> Lead:
            done = None if lead.activities is None else change(lead.activities)
            return attrs.evolve(lead, activities=done)

        account = None if self.lead.account is None else of(self.lead.account)
        return attrs.evolve(of(self.lead), account=account)

    # -- what the criterion reads ------------------------------------------------------------

    def read(self, lead: Lead | None = None) -> tuple[Seen, ...]:
        """All that is read of a lead to judge it."""
        trace = self.snapshot(lead).traced()
        self.criterion.judge(trace)
        return trace.seen

    def fields(self, lead: Lead | None = None) -> dict[str, Kind]:
        """The attributes that are read, with their kinds."""
        return {**FIELDS, **_kinds(s for s in self.read(lead) if not s.of)}

    def properties(self, lead: Lead | None = None) -> dict[str, Kind]:
        """The properties of activities that are read, with their kinds."""
        return {**PROPERTIES, **_kinds(s for s in self.read(lead) if s.of)}

    def filled(self, lead: Lead) -> Lead:
        """A lead with some of the blanks filled that the criterion may ask for."""
        fields, properties = self.fields(lead), self.properties(lead)
        own, happened = self.literals.values(), self._happened(lead)
        return self.draw(  # type: ignore[no-any-return]
            completions(lead, fields=fields, properties=properties, own=own, happened=happened)
        )

    def meeting(self) -> Lead:
        """
        The lead with something in what the criterion reads: good, blank or wrong.

        Where it holds values of its own, they are among it, or values around them.
        """
        lead = self._with_activities()
        own = self.literals.values()
        for _ in range(2):  # what a first answer makes it read further
            seen = [s for s in self.read(lead) if not s.of]
            asked = _kinds(seen)
            typed = {s.field for s in seen if s.kind}
            new = {
                field: self.draw(_near(kind, own))
                for field, kind in asked.items()
                if field not in lead.attributes
                or (field in typed and field in FIELDS and own.get(kind) and self.draw(_OFTEN))
            }
            lead = attrs.evolve(lead, attributes={**lead.attributes, **new})
        return lead

    def _with_activities(self) -> Lead:
        """The lead with activities that the criterion may ask for, where it asks for any."""
        trace = self.snapshot().traced()
        self.criterion.judge(trace)
        if not trace.timelines or self.draw(_SELDOM):
            return self.lead
        done = st.lists(self._happened(self.lead), min_size=1, max_size=4)
        lead = self.lead
        if "lead" in trace.timelines:
            lead = attrs.evolve(lead, activities=[*(lead.activities or ())[:2], *self.draw(done)])
        if "account" in trace.timelines:
            account = attrs.evolve(lead.account or Lead("account"), activities=self.draw(done))
            lead = attrs.evolve(lead, account=account)
        return lead

    def _happened(self, lead: Lead) -> st.SearchStrategy[Activity]:
        return self.literals.activities(tuple(self.properties(lead)))


def _near(kind: Kind, own: Own) -> st.SearchStrategy[Any]:
    near = own.get(kind)
    return st.one_of(st.sampled_from(near), values(kind)) if near else values(kind)


def _kinds(seen: Iterable[Seen]) -> dict[str, Kind]:
    return {s.field: s.kind if s.kind in VALUES else "text" for s in seen if _is_field(s)}  # type: ignore[misc]


def _is_field(seen: Seen) -> bool:
    return seen.kind in READERS or seen.kind == ""


def moments_of(lead: Lead | None, own: tuple[timedelta, ...] = ()) -> list[datetime]:
    """
    Instants at which something may be different about a lead: edges, and beside them.

    *own* are further spans, after which a fact may no longer count.
    """
    found = {NOW}
    for one in (lead, lead.account if lead is not None else None):
        if one is not None:
            found.update(_own_moments(one.attributes, one.activities or ()))
    spans = [timedelta(0), *(timedelta(days=days) for days in SPANS), *own]
    edges = {at + span for at in found for span in spans}
    beside = {at + nudge for at in edges for nudge in (-MICROSECOND, MICROSECOND)}
    return sorted({*edges, *beside, *(NOW + offset for offset in OFFSETS)})


def _own_moments(
    attributes: Mapping[str, object], activities: tuple[Activity, ...]
) -> Iterator[datetime]:
    yield from (activity.at for activity in activities)
    for value in attributes.values():
        if isinstance(value, History):
            yield from (since for since, _ in value.changes)
