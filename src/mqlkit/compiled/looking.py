"""
Prints the function that finds when one of some watches goes off next.

``best`` is the earliest instant so far. Of activities that leave at one age, such as those in a
window, only the oldest that has not left yet matters, whichever pick it belongs to.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Final, TypeAlias

import attrs

from ..lead import Lead, Override, Snapshot, Whose
from ..plan import watching as watch
from ..plan.node import Pick
from ..plan.watching import Watch
from ..value import MICROSECOND
from ..window import Window
from . import running
from .filters import filtering
from .page import Page
from .sight import Times
from .stairs import stairs

Since: TypeAlias = tuple[timedelta | None, Window | None]
"""Which activities are new enough: younger than a span, in a window, or both."""

BEYOND: Final = datetime.max.replace(tzinfo=timezone(timedelta(minutes=-1)))
"""Later than every instant in UTC: never."""
_PLAIN: Final = frozenset((str, int, float, bool, type(None), datetime, date, Decimal))
"""Kinds of values that have no history in them."""
OWNERS: Final[tuple[Whose, ...]] = ("lead", "account")


class Printer:
    """
    Prints for one set of watches.

    Args:
        page: Where the lines go.
        watches: What is watched, each once.
    """

    def __init__(self, page: Page, watches: Sequence[Watch]) -> None:
        self._page = page
        self._watches = watches
        self.cuts: dict[Since, str] = {}
        self._leaving: dict[Any, str] = {}
        self._of: dict[Pick, list[Watch]] = {}
        for each in watches:
            if isinstance(each, _OF_PICKS):
                self._of.setdefault(each.pick, []).append(each)

    def picks(self, of: Whose) -> tuple[Pick, ...]:
        """The activities of the lead, or of its account, that are watched."""
        return tuple(pick for pick in self._of if pick.of == of)

    def _cut(self, span: timedelta | None, within: Window | None) -> str:
        return self.cuts.setdefault((span, within), f"s{len(self.cuts)}")

    def among(self, of: Whose, *, kept: bool) -> None:
        """The function about the activities of one timeline."""
        picks = self.picks(of)
        self._leaving = {}
        for pick in picks:
            for each in self._of[pick]:
                if isinstance(each, watch.Leaving):
                    self._leaving.setdefault(_key(each), f"o{len(self._leaving)}")
        with self._page.block("def look(acts, best):"):
            if self._leaving:
                self._page.add(f"{' = '.join(self._leaving.values())} = AT_LAST")
            if kept:
                self._from_rows(picks)
            else:
                self._in_one_pass(picks)
            for each, name in self._leaving.items():
                self._left(each, name)
            self._page.add("return best")

    def _left(self, each: watch.Leaving, name: str) -> None:
        """When the oldest leaves."""
        span = each.span - MICROSECOND if each.passes else each.span
        with self._page.block(f"if {name} <= {self._page.bind(each.last)}:"):
            self._page.add(f"x = {name} + {self._page.bind(span)}")
            if each.passes:
                self._page.add(f"if x <= now: x = {name} + {self._page.bind(each.span)}")
            self._page.add("if x < best: best = x")

    # -- beside activities -------------------------------------------------------------------

    def beside(self) -> None:
        """The function about all but the activities."""
        with self._page.block("def look(lead, decision):"):
            self._page.add("best = BEYOND")
            self._histories()
            for each in self._watches:
                self._beside(each)
            hands = [each for each in self._watches if isinstance(each, watch.Hands)]
            if hands:
                called = self._page.bind(frozenset().union(*(each.called for each in hands)))
                with self._page.block("if lead.overrides:"):
                    self._page.add(f"best = by_hand(lead.overrides, {called}, now, best)")
            self._page.add("return best")

    def _histories(self) -> None:
        fields = tuple(each.field for each in self._watches if isinstance(each, watch.History))
        if not fields:
            return
        plain = "PLAIN.issuperset(map(type, lead.attributes.values()))"
        if any(field.startswith("account.") for field in fields):
            of_account = "PLAIN.issuperset(map(type, lead.account.attributes.values()))"
            plain += f" and (lead.account is None or {of_account})"
        with self._page.block(f"if not ({plain}):"):
            self._page.add(f"best = histories({self._page.bind(fields)}, lead, now, best)")

    def _beside(self, each: Watch) -> None:
        match each:
            case watch.Age():
                moment = "lead.stage_since"
                if each.field is not None:
                    moment = f"moment({self._page.bind(each.field)}, lead, now)"
                bounds = self._page.bind(each.bounds)
                self._page.add(f"best = crossing({moment}, {bounds}, now, best)")
            case watch.Own():
                self._page.add(
                    f"x = {self._page.bind(each.ask)}(decision.snapshot)",
                    "if x is not None and x < best: best = x",
                )
            case _:
                pass

    # -- activities in any order -------------------------------------------------------------

    def _in_one_pass(self, picks: Sequence[Pick]) -> None:
        if any(isinstance(each, watch.Steps) for pick in picks for each in self._of[pick]):
            self._page.add("most = 0")
        for each in self._watches:
            if isinstance(each, watch.Leaps) and each.pick in picks:
                self._page.add(f"{self._leaps(each)} = []")
        with self._page.block("for a in acts:"):
            of_any = [pick for pick in picks if not pick.kinds]
            if of_any:
                self._page.add("at = a.at")
                self._each(of_any)
            self._by_kind([pick for pick in picks if pick.kinds])
        for each in self._watches:
            if isinstance(each, watch.Leaps) and each.pick in picks:
                window = self._page.bind(each.window)
                self._page.add(f"best = leaps({self._leaps(each)}, {window}, now, best)")

    def _leaps(self, each: watch.Leaps) -> str:
        return f"l{self._watches.index(each)}"

    def _by_kind(self, picks: list[Pick]) -> None:
        of_kind: dict[str, list[Pick]] = {}
        for pick in picks:
            for kind in pick.kinds:
                of_kind.setdefault(kind, []).append(pick)
        groups: dict[tuple[Any, ...], tuple[list[str], list[Pick]]] = {}
        for kind, several in of_kind.items():
            # Kinds of which the same is asked share a branch, whichever picks ask it.
            asked = tuple((p.filters, tuple(map(_key, self._of[p]))) for p in several)
            groups.setdefault(tuple(sorted(set(asked), key=asked.index)), ([], several))[0].append(
                kind
            )
        if not groups:
            return
        codes = {kind: i for i, (kinds, _) in enumerate(groups.values()) for kind in kinds}
        self._page.code_of(codes)
        self._page.add("at = a.at")
        self._page.by_code(list(enumerate(several for _, several in groups.values())), self._each)

    def _each(self, picks: list[Pick]) -> None:
        """What one activity of some picks may change."""
        by_filters: dict[tuple[object, ...], list[Pick]] = {}
        for pick in picks:
            by_filters.setdefault(pick.filters, []).append(pick)
        for filters, several in by_filters.items():
            if not filters:
                self._may_match(several)
                continue
            satisfied = self._page.bind(filtering(several[0].filters))
            with self._page.block(f"if {satisfied}(a) is not False:"):
                self._may_match(several)

    def _may_match(self, picks: list[Pick]) -> None:
        """What an activity that may match changes; each way sees to those still to come."""
        watches = {_key(each): each for pick in picks for each in self._of[pick]}.values()
        leaving = [e for e in watches if isinstance(e, watch.Leaving) and e.within is None]
        fading = [e for e in watches if isinstance(e, watch.Steps)]
        rest = [e for e in watches if e not in leaving and e not in fading]
        if leaving:
            self._leave(sorted(leaving, key=lambda each: -each.span))
        for each in fading:
            self._fade(each)
        lines = [line for each in rest for line in self._lines(each)]
        if lines or not (leaving or fading):
            with self._page.block("if at > now:"):
                self._page.add("if at < best: best = at")
        if lines:
            with self._page.block("else:"):
                self._page.add(*lines)

    def _leave(self, longest_first: list[watch.Leaving]) -> None:
        """Most are too old for any of them, which is seen first."""
        (name, cut), *shorter = [
            (self._leaving[_key(each)], self._cut(each.span, None)) for each in longest_first
        ]
        with self._page.block(f"if at >= {cut}:"):
            with self._page.block("if at > now:"):
                self._page.add("if at < best: best = at")
            with self._page.block("else:"):
                self._page.add(f"if at < {name}: {name} = at")
                self._page.add(*(f"if at < {n} and at >= {c}: {n} = at" for n, c in shorter))

    def _fade(self, each: watch.Steps) -> None:
        """
        Each fades at its time of day.

        So none does before one of which as much or more of a day is over, and which fades at the
        end of that day.
        """
        flight = stairs(each.decay, each.millis)
        kept, found = self._page.bind(flight.kept), self._page.bind(flight.found)
        self._page.add("age = now - at")
        with self._page.block("if age.seconds >= most or age.days < 0:"):
            self._page.add("days = age.days")
            with self._page.block("if days < 0:"):
                self._page.add("if at < best: best = at")
            cut = None if each.within is None else self._cut(None, each.within)
            with self._page.block("else:" if cut is None else f"elif at >= {cut}:"):
                self._page.add(f"try: x = {kept}[days]", f"except KeyError: x = {found}(days)")
                with self._page.block("if x is not None:"):
                    self._page.add(
                        "if x.days == days + 1: most = age.seconds",
                        "x = at + x",
                        "if x < best: best = x",
                    )

    def _lines(self, each: Watch) -> Iterator[str]:
        match each:
            case watch.Leaving():
                name, cut = self._leaving[_key(each)], self._cut(each.span, each.within)
                yield f"if at < {name} and at >= {cut}: {name} = at"
            case watch.Leaps():
                yield f"{self._leaps(each)}.append(at)"
            case _:
                pass

    # -- activities in the order of time -----------------------------------------------------

    def _from_rows(self, picks: Sequence[Pick]) -> None:
        rows = {pick: f"r{place}" for place, pick in enumerate(picks)}
        self._page.add(f"later, ({', '.join(rows.values())},) = acts")
        with self._page.block("if later:"):
            self._page.add(*(f"best = coming({row}, now, best)" for row in rows.values()))
        for pick, row in rows.items():
            for each in self._of[pick]:
                self._from_row(each, row)

    def _from_row(self, each: Watch, row: str) -> None:
        match each:
            case watch.Leaving():
                name, cut = self._leaving[_key(each)], self._cut(each.span, each.within)
                with self._page.block(f"if {row} and {row}[-1] >= {cut}:"):
                    self._page.add(f"x = {row}[bisect_left({row}, {cut})]")
                    self._page.add(f"if x < {name} and x <= now: {name} = x")
            case watch.Leaps():
                window = self._page.bind(each.window)
                self._page.add(f"best = leaps({row}, {window}, now, best)")
            case watch.Steps():
                flight = self._page.bind(stairs(each.decay, each.millis))
                first = "0"
                if each.within is not None:
                    first = f"bisect_left({row}, {self._cut(None, each.within)})"
                with self._page.block(f"if {row}:"):
                    self._page.add(f"x = {flight}.next_of({row}, {first}, now)")
                    self._page.add("if x is not None and x < best: best = x")
            case _:
                pass


_OF_PICKS: Final = (watch.Coming, watch.Leaving, watch.Leaps, watch.Steps)


_ANY: Final = Pick("lead", (), ())


def _key(each: Watch) -> Any:
    """What is asked of an activity, whichever pick asks it."""
    return attrs.evolve(each, pick=_ANY)  # type: ignore[arg-type]


# -- what the generated function calls ---------------------------------------------------------


def histories(fields: Iterable[str], lead: Lead, now: datetime, best: datetime) -> datetime:
    """The next change of a field, where that is earlier."""
    snapshot = Snapshot(lead.attributes, now, lead)
    return _earliest((snapshot.next_change(field) for field in fields), best)


def _earliest(instants: Iterable[datetime | None], best: datetime) -> datetime:
    return min((at for at in instants if at is not None and at < best), default=best)


def moment(field: str, lead: Lead, now: datetime) -> datetime | None:
    """The moment in a field."""
    return Snapshot(lead.attributes, now, lead).moment(field)


def crossing(
    moment: datetime | None, ages: Iterable[timedelta], now: datetime, best: datetime
) -> datetime:
    """When a moment comes to one of some ages, where that is earlier."""
    if moment is None:
        return best
    for age in ages:
        try:
            at = moment + age
        except OverflowError:  # beyond the calendar: never
            continue
        if now < at < best:
            best = at
    return best


def by_hand(
    given: Iterable[Override], called: frozenset[str], now: datetime, best: datetime
) -> datetime:
    """When points by hand start or end to count, where that is earlier."""
    edges = (edge for o in given if o.score in called for edge in (o.since, o.until))
    return _earliest((edge for edge in edges if edge > now), best)


def coming(times: Times, now: datetime, best: datetime) -> datetime:
    """The first that is still to come, where that is earlier."""
    place = bisect_right(times, now)
    return times[place] if place < len(times) and times[place] < best else best


def leaps(times: Sequence[datetime], window: Window, now: datetime, best: datetime) -> datetime:
    """When one leaves a window by the calendar, or comes again, where that is earlier."""
    for at in times:
        if at <= now:
            best = _earliest(window.boundaries(at, now), best)
    return best


SPOKEN_OF: Final[Mapping[str, Any]] = {
    "BEYOND": BEYOND,
    "AT_LAST": running.AT_LAST,
    "PLAIN": _PLAIN,
    "bisect_left": bisect_left,
    "histories": histories,
    "moment": moment,
    "crossing": crossing,
    "by_hand": by_hand,
    "coming": coming,
    "leaps": leaps,
}
"""What the generated function calls by name."""
