"""
When a decision may change next with no new data, as a column.

Each candidate is a span from the instant of the decision, in microseconds; the least of them
counts. A span that never comes is `FAR`.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from ..criterion import Criterion
from ..plan import watching as watch
from ..plan.node import Pick
from ..plan.watching import all_watches
from ..value import DAY, LAST, MICROSECOND, micros_of
from ..window import Window
from .activities import steps_of
from .body import Body
from .dialects.base import DAY_MICROS, Refused
from .own import reads_clock
from .sql import Sql, over

FAR: Final = 2**62
"""A span that never comes; an instant can be added to it within 64 bits."""
_LAST: Final = micros_of(LAST)
_LAST_CLOSING: Final = micros_of(LAST - 8 * DAY)
"""No window closes later; see `Window`."""
_FEW: Final = 4
_MOST_TOGETHER: Final = 50
"""Engines bound how many arguments a function takes."""


class _Young(NamedTuple):
    """Activities of a pick that are younger than a span, and at least as old as another."""

    pick: Pick
    below: int
    above: int = 0


class LookingAhead:
    """
    The next instant at which an input of a decision crosses a boundary.

    Args:
        body: The columns of the definition, whose timelines keep what is still to come.

    It says what `Decision.changes_at` says, to the microsecond. A criterion of a user's own with
    a `changes_at` of its own is refused by name.
    """

    def __init__(self, body: Body) -> None:
        self._body = body
        self._dialect = body.dialect
        self._timelines = body.timelines
        self._watches = all_watches(body.definition)

    def instant(self) -> Sql:
        """The instant, as the engine has them; NULL for never."""
        with self._body.faults.at("changes_at"):
            try:
                spans = list(self._spans())
            except Refused as refused:
                self._body.faults.add(refused)
                spans = []
        if not spans:
            return Sql(self._dialect.instant(self._dialect.nothing(self._dialect.whole_type)))
        least = self._least(spans)
        at = over(f"(as_of_us + {least})", least)
        at = self._body.layers.named(at, "next", "n", "the next instant to look again at")
        return over(self._dialect.instant(f"CASE WHEN {at} <= {_LAST} THEN {at} END"), at)

    def _least(self, spans: Sequence[Sql]) -> Sql:
        several = list(spans)
        while len(several) > 1:
            groups = [
                several[n : n + _MOST_TOGETHER] for n in range(0, len(several), _MOST_TOGETHER)
            ]
            several = [
                over(self._dialect.least(*(span.text for span in group)), *group, known=True)
                for group in groups
            ]
        return several[0]

    def _spans(self) -> Iterator[Sql]:
        """Every span after which something may change."""
        for each in self._watches:
            if isinstance(each, watch.Age):
                yield from self._age(each)
            elif isinstance(each, watch.Own):
                yield from self._own(each)
        if self._timelines.table is not None:
            yield from self._of_activities()

    # -- beside activities -------------------------------------------------------------------

    def _age(self, each: watch.Age) -> Iterator[Sql]:
        """When the age of a moment comes to the next of some bounds."""
        since = (
            self._body.stage()[1]
            if each.field is None
            else self._body.reader.read(each.field, "moment")
        )
        if since is None or not each.bounds:
            return  # told where the age is compared
        bounds = sorted({bound // MICROSECOND for bound in each.bounds})
        cases = " ".join(
            f"WHEN {since} + {bound} > as_of_us THEN {since} + {bound} - as_of_us"
            for bound in bounds
        )
        yield over(f"CASE {cases} ELSE {FAR} END", since, known=True)

    def _own(self, each: watch.Own) -> Iterator[Sql]:
        """
        A criterion of a user's own that reads the clock may change at once, as anywhere else.
        """
        part = getattr(each.ask, "__self__", None)
        says = getattr(type(part), "changes_at", None)
        clock = None
        if isinstance(part, Criterion) and says is Criterion.changes_at and not part.parts():
            clock = reads_clock(part, self._body.reader)
        if clock is None:
            told = part.describe() if isinstance(part, Criterion) else "a part of your own"
            raise Refused(f"{self._dialect.title} cannot tell when this may change: {told}")
        if clock:
            yield Sql("1", known=True)

    # -- activities --------------------------------------------------------------------------

    def _of_activities(self) -> Iterator[Sql]:
        watches = self._watches
        coming = [each.pick for each in watches if isinstance(each, watch.Coming)]
        if coming:
            yield self._until(self._oldest("age", f"age < 0 AND {self._any(coming)}", "coming"), 0)
        closing = list(self._closing())
        if closing:
            span = self._body.layers.named(self._least(closing), "closing", "n")
            yield over(
                f"CASE WHEN as_of_us + {span} <= {_LAST_CLOSING} THEN {span} ELSE {FAR} END",
                span, known=True,
            )  # fmt: skip
        yield from self._passing()
        yield from self._fading()

    def _closing(self) -> Iterator[Sql]:
        """When the next activity leaves a window."""
        spans: dict[int, list[_Young]] = {}
        for each in self._watches:
            if isinstance(each, watch.Leaving) and not each.passes:
                span = each.span // MICROSECOND
                spans.setdefault(span, []).append(_Young(each.pick, span))
        return (self._leaving(span, some) for span, some in spans.items())

    def _passing(self) -> Iterator[Sql]:
        """When the next activity comes to an age that is asked for, or passes it."""
        ages: dict[int, list[_Young]] = {}
        for each in self._watches:
            if isinstance(each, watch.Leaving) and each.passes:
                reached = each.span // MICROSECOND - 1
                below = min(reached + 1, _length(each.within))
                ages.setdefault(reached, []).append(_Young(each.pick, below))
        for reached, some in ages.items():
            age = self._young("age", some, f"up to {_days(reached)}")
            later = self._dialect.greatest(f"{reached} - {age}", "1")
            yield over(f"CASE WHEN {age} IS NULL THEN {FAR} ELSE {later} END", age, known=True)

    def _leaving(self, span: int, some: Iterable[_Young]) -> Sql:
        return self._until(self._young("age", some, f"before {_days(span)}"), span)

    def _fading(self) -> Iterator[Sql]:
        """
        When the points of the next activity fade.

        Most fade day by day at first: by what is over of a day. Later steps come one by one.
        """
        daily: list[_Young] = []
        single: dict[int, list[_Young]] = {}
        ladders: dict[tuple[int, ...], list[_Young]] = {}
        for each in self._watches:
            if not isinstance(each, watch.Steps):
                continue
            steps = _steps(each)
            window = _length(each.within)
            days = next((n for n, day in enumerate(steps) if day != n + 1), len(steps))
            days = days if days > _FEW else 0
            if days:
                daily.append(_Young(each.pick, min(days * DAY_MICROS, window)))
            rest = steps[days:]
            if len(rest) > _FEW:
                last = min(rest[-1] * DAY_MICROS, window)
                young = _Young(each.pick, last, days * DAY_MICROS)
                ladders.setdefault((days, *rest), []).append(young)
                continue
            for day in rest:
                span = day * DAY_MICROS
                single.setdefault(span, []).append(_Young(each.pick, min(span, window)))
        whole = f"{self._dialect.whole_days('age')} * {DAY_MICROS}"
        if daily:
            yield self._until(self._young(f"age - {whole}", daily, "of a day"), DAY_MICROS)
        yield from (self._leaving(span, some) for span, some in single.items())
        for (days, *later), some in ladders.items():
            since = self._dialect.whole_days("age") + (f" - {days}" if days else "")
            next_day = self._dialect.ladder(f"({since})", _next_steps(days, later))
            value = f"age - ({next_day}) * {DAY_MICROS}"
            yield self._until(self._young(value, some, "step"), 0)

    # -- aggregates --------------------------------------------------------------------------

    def _young(self, value: str, some: Iterable[_Young], hint: str) -> Sql:
        """The greatest value of activities that happened and are young enough."""
        by_age: dict[tuple[int, int], list[Pick]] = {}
        for young in some:
            by_age.setdefault((young.above, young.below), []).append(young.pick)
        parts = [
            f"age >= {above} AND age < {below} AND {self._any(picks)}"
            for (above, below), picks in by_age.items()
        ]
        joined = parts[0] if len(parts) == 1 else " OR ".join(f"({part})" for part in parts)
        return self._oldest(value, joined, hint)

    def _oldest(self, value: str, condition: str, hint: str) -> Sql:
        text = self._dialect.fold_if("MAX", value, condition)
        return self._timelines.found(text, f"{hint} oldest")

    def _until(self, age: Sql, span: int) -> Sql:
        """What is left until an age; never where there is none."""
        return over(f"COALESCE({span} - {age}, {FAR})", age, known=True)

    def _any(self, picks: Iterable[Pick]) -> str:
        """Whether an activity may be of any of some picks."""
        some = tuple(dict.fromkeys(picks))
        plain = {kind for pick in some if not pick.filters for kind in pick.kinds}
        if any(not pick.kinds and not pick.filters for pick in some):
            self._timelines.whenever(Pick("lead", (), ()))
            return "TRUE"
        parts: list[str] = []
        if plain:
            parts.append(self._timelines.whenever(Pick("lead", tuple(sorted(plain)), ())).text)
        for pick in some:
            if pick.filters and not (pick.kinds and plain.issuperset(pick.kinds)):
                parts.append(self._timelines.whenever(pick).text)
        parts = list(dict.fromkeys(parts))
        return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"


def _steps(each: watch.Steps) -> tuple[int, ...]:
    """The ages in days at which less is left."""
    values = steps_of(each.millis, each.decay)
    return tuple(day for day in range(1, len(values)) if values[day] != values[day - 1])


def _next_steps(first: int, steps: Sequence[int]) -> list[int]:
    """The next of some steps by whole days since the first day."""
    found: list[int] = []
    for step in steps:
        found += [step] * (step - first - len(found))
    return found


def _length(window: Window | None) -> int:
    return FAR if window is None else window.span // MICROSECOND


def _days(micros: int) -> str:
    return str(timedelta(microseconds=micros)).replace(", 0:00:00", "")
