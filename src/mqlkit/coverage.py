"""
How far the data carry a definition: which leads can be decided, and what stands in the way.

For every fact that undecided leads wait for: how many wait for it, how many for nothing else, and
what knowing it would give. The last is found by trying, for each lead, the values that other leads
have there.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import attrs

from .asking import Missing
from .decision import Decision
from .lead import History
from .status import Status
from .value import is_blank, typed

MOST_VALUES: Final = 12
"""Values tried for a field: the most common ones, or as many steps of its range."""
MOST_TRIED: Final = 300
"""Leads tried for a field; of more, every n-th is tried and the result is an estimate."""
_MOST_SEEN: Final = 2_000


@attrs.frozen
class FieldCoverage:
    """
    What hangs on one fact.

    Args:
        field: Its full name.
        kind: What it should be.
        waits: Undecided leads that wait for it.
        alone: Those that wait for nothing else: known, it decides them whatever it says.
        decided: Leads that at least one value tried would decide; None where none can be tried,
            as for a timeline that was not loaded.
        qualified: Leads that at least one value tried would qualify.
        expected: Leads that it would qualify if they were like those whose value is known.
        estimated: Whether only a part of the leads was tried.
        points: Points that hang on it, over all leads.
    """

    field: str
    kind: str
    waits: int
    alone: int
    decided: int | None = None
    qualified: int | None = None
    expected: int | None = None
    estimated: bool = False
    points: float = 0


@attrs.frozen
class Enrichment:
    """
    One more field to enrich, in the order that pays soonest.

    Args:
        field: The field.
        decided: Undecided leads that are surely decided once it and those before it are known.
    """

    field: str
    decided: int


class Coverage:
    """
    Counts decisions, and what the undecided ones wait for.

    Keeps the undecided decisions, to try values on them.

    >>> from datetime import UTC, datetime
    >>> from mqlkit import Lead, Qualification, attribute
    >>> mql = Qualification("big", version="1", when=attribute("employees") >= 50)
    >>> coverage = Coverage()
    >>> for number, employees in enumerate([10, 60, 70, None]):
    ...     lead = Lead(str(number), {"employees": employees})
    ...     coverage.add(mql.decide(lead, as_of=datetime(2026, 3, 1, tzinfo=UTC)))
    >>> coverage.leads, coverage.undecided
    (4, 1)
    >>> [(f.field, f.waits, f.qualified, f.expected) for f in coverage.fields()]
    [('employees', 1, 1, 1)]
    """

    def __init__(self) -> None:
        self.by_status: Counter[Status] = Counter()
        self._waiting: dict[str, list[Decision]] = {}
        self._kinds: dict[str, str] = {}
        self._points: Counter[str] = Counter()
        self._together: Counter[frozenset[str]] = Counter()
        self._seen: dict[str, Counter[Any]] = {}
        self._values: dict[Any, object] = {}

    def add(self, decision: Decision) -> None:
        """Count one more decision."""
        self.by_status[decision.status] += 1
        self._remember(decision.lead.attributes)
        if decision.status is not Status.NEEDS_DATA:
            return
        blocking = [missing for missing in decision.missing if missing.settles]
        self._together[frozenset(missing.field for missing in blocking)] += 1
        for missing in blocking:
            self._wait(missing, decision)

    def _wait(self, missing: Missing, decision: Decision) -> None:
        self._waiting.setdefault(missing.field, []).append(decision)
        self._kinds[missing.field] = missing.kind
        self._points[missing.field] += int(missing.points * 1000)

    def _remember(self, attributes: Mapping[str, object]) -> None:
        """The values that fields have, to be tried where they are blank."""
        for field, value in attributes.items():
            counts = self._seen.setdefault(field, Counter())
            if counts.total() >= _MOST_SEEN or is_blank(value) or isinstance(value, History):
                continue
            try:
                key = typed(value)
                counts[key] += 1
            except TypeError:
                continue  # A list or a record: nothing to try.
            self._values[key] = value

    # -- what is found -----------------------------------------------------------------------

    @property
    def leads(self) -> int:
        """How many leads were decided about."""
        return self.by_status.total()

    @property
    def undecided(self) -> int:
        """How many of them need data."""
        return self.by_status[Status.NEEDS_DATA]

    def fields(self, progress: Callable[[str], None] = lambda _: None) -> list[FieldCoverage]:
        """
        Every fact that leads wait for; what blocks the most comes first.

        Args:
            progress: Told which field is being tried.
        """
        found = []
        for field, waiting in self._waiting.items():
            progress(field)
            base = FieldCoverage(
                field,
                self._kinds[field],
                len(waiting),
                self._together[frozenset({field})],
                points=self._points[field] / 1000,
            )
            found.append(self._tried(base, waiting))
        return sorted(found, key=lambda f: (-f.waits, -f.alone, f.field))

    def path(self) -> Iterator[Enrichment]:
        """The fields in the order in which to enrich them: each decides the most leads at once."""
        known: set[str] = set()
        while known < self._waiting.keys():
            field = max(
                sorted(self._waiting.keys() - known),
                key=lambda f: (self._decided_by(known | {f}), len(self._waiting[f])),
            )
            known.add(field)
            yield Enrichment(field, self._decided_by(known))

    def _decided_by(self, known: set[str]) -> int:
        return sum(count for fields, count in self._together.items() if fields <= known)

    # -- trying ------------------------------------------------------------------------------

    def _tried(self, base: FieldCoverage, waiting: list[Decision]) -> FieldCoverage:
        values = self.values(base.field)
        if not values:
            return base
        step = -(-len(waiting) // MOST_TRIED)
        tried = waiting[::step]
        decided = qualified = 0
        expected = 0.0
        for decision in tried:
            outcomes = [_with(decision, base.field, value) for value, _ in values]
            decided += any(status is not Status.NEEDS_DATA for status in outcomes)
            qualified += Status.QUALIFIED in outcomes
            expected += sum(
                share
                for status, (_, share) in zip(outcomes, values, strict=True)
                if status is Status.QUALIFIED
            )
        scale = len(waiting) / len(tried)
        return attrs.evolve(
            base,
            decided=round(decided * scale),
            qualified=round(qualified * scale),
            expected=round(expected * scale),
            estimated=step > 1,
        )

    def values(self, field: str) -> list[tuple[object, float]]:
        """Values that leads have in *field*, to be tried, each with its share."""
        counts = self._seen.get(field, Counter())
        if len(counts) > MOST_VALUES and all(_is_number(self._values[key]) for key in counts):
            spread = sorted(self._values[key] for key in counts.elements())  # type: ignore[type-var]
            parts = MOST_VALUES
            return [
                (spread[(2 * n + 1) * len(spread) // (2 * parts)], 1 / parts) for n in range(parts)
            ]
        total = counts.total()
        return [(self._values[key], n / total) for key, n in counts.most_common(MOST_VALUES)]

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "leads": self.leads,
            "by_status": {str(status): self.by_status[status] for status in Status},
            "undecided": self.undecided,
            "fields": [attrs.asdict(field) for field in self.fields()],
            "enrich_first": [attrs.asdict(step) for step in self.path()],
        }


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _with(decision: Decision, field: str, value: object) -> Status:
    """The decision if the lead had *value* there."""
    lead = attrs.evolve(decision.lead, attributes={**decision.lead.attributes, field: value})
    return Decision.of(decision.qualification, lead, decision.as_of).status
