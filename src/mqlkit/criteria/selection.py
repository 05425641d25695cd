"""
Which activities a question is about.

An activity whose tested property is blank may or may not match, so a selection finds those that
match for sure and those that may.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

import attrs

from ..criterion import AllOf, Criterion, criteria, earliest
from ..errors import DefinitionError, KindError
from ..lead import Seen, Snapshot, Trace, Whose
from ..timeline import Activity
from ..value import listing, literal, show
from ..verdict import Verdict
from ..window import Window
from .attribute import Attribute


class Matches(NamedTuple):
    """The activities that match for sure, and all that may match; oldest first."""

    sure: tuple[Activity, ...]
    possible: tuple[Activity, ...]


class _Found(NamedTuple):
    """
    What a selection found in a snapshot.

    The selection is kept with it: while it is, no other can have its identity.
    """

    selection: "Selection"
    matches: Matches
    seen: tuple[Seen, ...] | None
    """The blanks met; None where nobody noted them."""


_at = attrgetter("at")


def _by_kind(
    happened: tuple[Activity, ...], kept: dict[object, Any], of: Whose
) -> dict[str, tuple[Activity, ...]]:
    """What happened by kind, each oldest first; sorted out once for a snapshot."""
    place = ("by kind", of)
    found: dict[str, tuple[Activity, ...]] | None = kept.get(place)
    if found is None:
        lists: dict[str, list[Activity]] = {}
        for activity in happened:
            kind = activity.kind
            if kind in lists:
                lists[kind].append(activity)
            else:
                lists[kind] = [activity]
        found = kept[place] = {kind: tuple(some) for kind, some in lists.items()}
    return found


def _kinds(values: object) -> tuple[str, ...]:
    if not isinstance(values, list | tuple):
        raise KindError(f"wanted a list of activity kinds, not {show(values)}")
    for value in values:
        if not isinstance(value, str):
            raise KindError(f"an activity's kind is text, not {show(value)}")
    return tuple(sorted({str(literal(value)) for value in values}))


@attrs.frozen(cache_hash=True)
class Selection:
    """
    Some of the activities of a lead.

    Args:
        kinds: Their kinds, letter by letter; of any kind when empty.
        where: Criteria about their properties, which stand there like attributes.
        within: How far back; without end when None.
        of: Whose: the lead's own, or its account's.
    """

    kinds: tuple[str, ...] = attrs.field(default=(), converter=_kinds)
    filters: tuple[Criterion, ...] = attrs.field(default=(), converter=criteria, alias="where")
    window: Window | None = attrs.field(default=None, alias="within")
    of: Whose = attrs.field(default="lead", validator=attrs.validators.in_(("lead", "account")))

    def __repr__(self) -> str:
        fields = (f"{f.alias}={getattr(self, f.name)!r}" for f in attrs.fields(type(self)))
        return f"{type(self).__name__}({', '.join(fields)})"

    def __attrs_post_init__(self) -> None:
        for part in AllOf(self.filters).walk():
            if isinstance(getattr(part, "first", None), Selection):
                raise DefinitionError(
                    "where asks about an activity's own properties, and it is not followed by "
                    f"others: {part.describe()}"
                )
            measure = getattr(part, "measure", None)
            if measure is not None and not isinstance(measure, Attribute):
                raise DefinitionError(
                    f"where asks about an activity's own properties, and it has no "
                    f"{measure.describe()}"
                )

    @property
    def about_knowledge(self) -> bool:
        """Whether a filter asks what is known of an activity."""
        return any(part.about_knowledge for each in self.filters for part in each.walk())

    @property
    def plain(self) -> bool:
        """Whether no blank of an activity can matter: nothing is asked about properties."""
        return not self.filters and type(self).matching is Selection.matching

    def matching(self, lead: Snapshot) -> Matches | None:
        """Those of a lead; None when the timeline was not loaded."""
        kept = lead.kept
        if kept is not None and type(lead) is Snapshot:  # nobody notes what is read
            known: _Found | None = kept.get(id(self))
            if known is not None:
                return known.matches
        happened = lead.activities(of=self.of)
        if happened is None:
            return None
        start = None if self.window is None else self.window.start(lead.as_of)
        if kept is None:
            return self._found(lead, happened, start)
        trace = lead if self.filters and isinstance(lead, Trace) else None
        found: _Found | None = kept.get(id(self))
        if found is None or (trace is not None and found.seen is None):
            asked = lead if trace is None else trace.apart()
            matches = self._found(asked, happened, start)
            seen = asked.seen if isinstance(asked, Trace) else None
            found = kept[id(self)] = _Found(self, matches, seen)
        if trace is not None:
            trace.note(*(found.seen or ()))
        return found.matches

    def _found(
        self, lead: Snapshot, happened: tuple[Activity, ...], start: datetime | None
    ) -> Matches:
        if self.filters:
            recent = (a for a in happened if start is None or a.at > start)
            judged = list(self._judged(lead, recent))
            return Matches(
                tuple(a for a, verdict in judged if verdict is Verdict.YES),
                tuple(a for a, _ in judged),
            )
        if len(self.kinds) == 1 and lead.kept is not None:
            happened = _by_kind(happened, lead.kept, self.of).get(self.kinds[0], ())
        elif self.kinds:
            kinds = self.kinds
            happened = tuple(a for a in happened if a.kind in kinds)
        if start is not None and happened and happened[0].at <= start:
            happened = happened[bisect_right(happened, start, key=_at) :]
        return Matches(happened, happened)

    def _judged(
        self, lead: Snapshot, activities: Iterable[Activity]
    ) -> Iterator[tuple[Activity, Verdict]]:
        """Those that may match, each with whether it does."""
        for activity in activities:
            if self.kinds and activity.kind not in self.kinds:
                continue
            verdict = Verdict.YES
            if self.filters:
                inside = lead.inside(activity)
                for part in self.filters:
                    verdict = verdict & part.judge(inside)
            if verdict is not Verdict.NO:
                yield activity, verdict

    def changes_at(self, lead: Snapshot) -> datetime | None:
        """The next instant at which one of them, known already, enters or leaves."""
        return earliest(self._boundaries(lead))

    def _boundaries(self, lead: Snapshot) -> Iterator[datetime | None]:
        timeline = lead.timeline(self.of)
        if timeline is None:
            return
        for activity, _ in self._judged(lead, timeline.after(lead.as_of)):
            yield activity.at
            break
        if self.window is not None:
            happened = timeline.until(lead.as_of)
            for activity, _ in self._judged(lead, happened):
                yield from self.window.boundaries(activity.at, lead.as_of)

    def describe(self) -> str:
        """What they are, in the plural."""
        kinds = listing(list(self.kinds)) or "activities of any kind"
        whose = " of the account" if self.of == "account" else ""
        filters = " and ".join(part.describe() for part in self.filters)
        where = f" where {filters}" if filters else ""
        recent = "" if self.window is None else f" in the last {self.window}"
        return f"{kinds}{whose}{where}{recent}"
