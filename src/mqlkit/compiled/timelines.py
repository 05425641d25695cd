"""
The first half of the generated function: needs are met by one pass over a plain list of
activities, or from rows that a kept timeline holds ready.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final, cast

from ..lead import Whose
from ..plan import node
from ..plan.node import Need
from ..timeline import MOST_ACTIVITIES
from ..window import Window
from . import running
from .filters import filtering
from .page import Page
from .questions import NOT_LOADED, Slot
from .rows import Wanted, days_of, stores_for, wanted_by

_CHAINED: Final = 3
"""So many windows are told apart by one chain; more of them one inside another."""
_NESTED: Final = 32
"""And so many at the most: Python reads no more than a hundred blocks inside one another."""


class Cuts:
    """The instants at which windows start, by name."""

    def __init__(self) -> None:
        self.names: dict[Window, str] = {}

    def name(self, window: Window) -> str:
        """The name of a window's start."""
        return self.names.setdefault(window, f"s{len(self.names)}")


def is_exact(need: Need) -> bool:
    """Whether what is sure is all that is possible."""
    return not need.pick.filters


def slots_of(needs: Sequence[Need], unloaded: frozenset[Whose]) -> dict[Need, Slot]:
    """The names under which each need is met."""
    return {
        need: NOT_LOADED
        if need.pick.of in unloaded
        else Slot(f"n{i}", f"n{i}" if is_exact(need) or isinstance(need, node.Gather) else f"m{i}")
        for i, need in enumerate(needs)
    }


class OnePass:
    """
    Prints a loop over activities in any order.

    Args:
        page: Where the lines go.
        slots: The names of the needs, which are all met.
        cuts: The names of the windows' starts.
    """

    def __init__(self, page: Page, slots: Mapping[Need, Slot], cuts: Cuts) -> None:
        self._page = page
        self._slots = {need: slot for need, slot in slots.items() if slot != NOT_LOADED}
        self._cuts = cuts

    def print(self) -> None:
        """The loops, one for each timeline that is asked."""
        for of, source in (("lead", "acts"), ("account", "others")):
            needs = [need for need in self._slots if need.pick.of == of]
            if not needs:
                continue
            for need in needs:
                self._page.add(*self._start(need))
            # From the end: most lists are oldest first, and then the first is the newest.
            with self._page.block(f"for a in reversed({source}):"):
                self._each(needs)
            for need in needs:
                self._page.add(*self._end(need))

    def _each(self, needs: list[Need]) -> None:
        of_any = [need for need in needs if not need.pick.kinds]
        if of_any:
            self._page.add("at = a.at", "if at > now: continue")
            self._body(of_any, checked=True)
        codes, branches = _by_kind(needs)
        if not codes:
            return
        self._page.code_of(codes)
        if not of_any:
            self._page.add("at = a.at")
        self._page.by_code(list(enumerate(branches)), partial(self._body, checked=bool(of_any)))

    def _body(self, needs: Iterable[Need], *, checked: bool) -> None:
        """
        The updates for one activity; nothing that comes later than now counts.

        *checked* says that it does not. Otherwise it is seen where it costs least: the newest so
        far is not later than now, and of what lies ahead nothing is left.
        """
        needs = list(needs)
        newest = next((need for need in needs if _is_newest(need)), None)
        if newest is not None and not checked:
            end = self._slots[newest].low
            with self._page.block(f"if at >= {end}:"):
                self._page.add("if at > now: continue", f"{end} = at")
            needs.remove(newest)
        elif not checked and not all(map(_fades_only, needs)):
            if all(need.window is not None for need in needs):
                longest = _longest([need.window for need in needs if need.window is not None])
                if longest is not None:
                    self._page.add(f"if at <= {self._cuts.name(longest)}: continue")
            self._page.add("if at > now: continue")
        by_filters: dict[tuple[object, ...], list[Need]] = {}
        for need in needs:
            by_filters.setdefault(need.pick.filters, []).append(need)
        for filters, several in by_filters.items():
            if not filters:
                self._within(several, self._sure)
                continue
            satisfied = self._page.bind(filtering(several[0].pick.filters))
            self._page.add(f"f = {satisfied}(a)")
            with self._page.block("if f:"):
                self._within(several, self._sure)
            with self._page.block("elif f is None:"):
                self._within(several, self._maybe)

    def _within(self, needs: list[Need], update: Callable[[Need], Iterator[str]]) -> None:
        """The updates of those in whose window it lies."""
        by_window: dict[Window | None, list[str]] = {}
        for need in needs:
            by_window.setdefault(need.window, []).extend(update(need))
        self._page.add(*by_window.pop(None, ()))
        windows = {w: lines for w, lines in by_window.items() if w is not None}
        fixed = sorted((w for w in windows if not w.calendar_months), key=lambda w: w.span)
        if len(fixed) <= _CHAINED:
            self._chain([(w, windows[w]) for w in fixed])
        else:
            longest_first = [(w, windows[w]) for w in reversed(fixed)]
            for first in range(0, len(fixed), _NESTED):
                self._nest(longest_first[first : first + _NESTED])
        for window in windows:
            if window.calendar_months:
                self._chain([(window, windows[window])])

    def _chain(self, windows: list[tuple[Window, list[str]]]) -> None:
        """Windows from the shortest: what lies in one lies in all that follow."""
        for i, (window, _) in enumerate(windows):
            with self._page.block(f"{'el' if i else ''}if at > {self._cuts.name(window)}:"):
                for _, lines in windows[i:]:
                    self._page.add(*lines)

    def _nest(self, windows: list[tuple[Window, list[str]]]) -> None:
        """Windows from the longest, each inside the one before."""
        if windows:
            (window, lines), *rest = windows
            with self._page.block(f"if at > {self._cuts.name(window)}:"):
                self._page.add(*lines)
                self._nest(rest)

    # -- each need: before, for an activity, and after ----------------------------------------

    def _start(self, need: Need) -> Iterator[str]:
        low, high = self._slots[need]
        match need:
            case node.Newest():
                first = "LONG_AGO"
            case node.Oldest():
                first = "AT_LAST"
            case node.Fade() if need.most < MOST_ACTIVITIES:
                yield f"{low}e = []"
                if low != high:
                    yield f"{high}e = []"
                return
            case _:
                first = "0"
        yield f"{low} = {first}" if low == high else f"{low} = {high} = {first}"
        if isinstance(need, node.Total):
            yield f"{low}z = False"
            if low != high:
                yield f"{low}l = {low}h = 0"

    def _sure(self, need: Need) -> Iterator[str]:
        for end in dict.fromkeys(self._slots[need]):
            yield from self._update(need, end)

    def _maybe(self, need: Need) -> Iterator[str]:
        low, high = self._slots[need]
        if not isinstance(need, node.Total):
            yield from self._update(need, high)
            return
        yield f"x = {self._value(need)}(a)"
        yield f"if x is None: {low}z = True"
        yield f"elif x < 0: {low}l += x"
        yield f"else: {low}h += x"

    def _update(self, need: Need, end: str) -> Iterator[str]:
        match need:
            case node.Tally():
                yield f"{end} += 1"
            case node.Newest():
                yield f"if at >= {end}: {end} = at"
            case node.Oldest():
                yield f"if at <= {end}: {end} = at"
            case node.Fade() if need.most < MOST_ACTIVITIES:
                yield f"{end}e.append(at)"
            case node.Fade():
                ladder = running.ladder(need.decay, need.millis)
                kept, left = self._page.bind(ladder.kept), self._page.bind(ladder.left)
                yield "x = (now - at).days"
                yield f"try: {end} += {kept}[x]"
                yield f"except KeyError: {end} += {left}(x)"
            case node.Total() if end == self._slots[need].low:
                yield f"x = {self._value(need)}(a)"
                yield f"if x is None: {end}z = True"
                yield f"else: {end} += x"
            case _:  # the upper end of a total is found at the end
                return

    def _end(self, need: Need) -> Iterator[str]:
        low, high = self._slots[need]
        match need:
            case node.Newest() | node.Oldest():
                never = "LONG_AGO" if isinstance(need, node.Newest) else "AT_LAST"
                yield from (f"if {end} is {never}: {end} = None" for end in {low: 0, high: 0})
            case node.Fade() if need.most < MOST_ACTIVITIES:
                ladder = self._ladder(need)
                for end in {low: 0, high: 0}:
                    newest = f"newest_left({end}e, {need.most}, now, {ladder})"
                    yield f"{end} = {newest} if {end}e else 0"
            case node.Total():
                if low != high:
                    yield f"{high} = {low} + {low}h; {low} += {low}l"
                if not need.skip_blanks:
                    yield f"if {low}z: {low} = {high} = None"
            case _:
                return

    def _value(self, need: node.Total) -> str:
        return self._page.bind(running.summing(need.field), "V")

    def _ladder(self, need: node.Fade) -> str:
        return self._page.bind(running.ladder(need.decay, need.millis), "T")


def _is_newest(need: Need) -> bool:
    """Whether it is kept up to date by every activity of its kinds."""
    return isinstance(need, node.Newest) and need.window is None and not need.pick.filters


def _fades_only(need: Need) -> bool:
    """Whether it takes no notice of what comes later than now."""
    simple = need.window is None and not need.pick.filters
    return simple and isinstance(need, node.Fade) and need.most >= MOST_ACTIVITIES


def _longest(windows: list[Window]) -> Window | None:
    """The longest window; None where that depends on the calendar."""
    if any(window.calendar_months for window in windows):
        return None
    return max(windows, key=lambda window: window.span)


def _by_kind(needs: Iterable[Need]) -> tuple[dict[str, int], list[tuple[Need, ...]]]:
    """The code of each kind, and the needs for each code: kinds that meet the same share one."""
    of_kind: dict[str, list[Need]] = {}
    for need in needs:
        for kind in need.pick.kinds:
            of_kind.setdefault(kind, []).append(need)
    codes: dict[tuple[Need, ...], int] = {}
    found = {kind: codes.setdefault(tuple(of), len(codes)) for kind, of in of_kind.items()}
    return found, list(codes)


class ByRows:
    """
    Prints how needs are met from the rows of a kept timeline.

    Args:
        page: Where the lines go.
        slots: The names of the needs.
        cuts: The names of the windows' starts.
        later: Whether the timeline may hold what happens only after now.
    """

    def __init__(
        self, page: Page, slots: Mapping[Need, Slot], cuts: Cuts, *, later: bool = False
    ) -> None:
        self._page = page
        self._slots = {need: slot for need, slot in slots.items() if slot != NOT_LOADED}
        self._cuts = cuts
        self._later = later

    def print(self) -> None:
        """A line or two for each need."""
        for of, source in (("lead", "acts"), ("account", "others")):
            needs = [need for need in self._slots if need.pick.of == of]
            stores = {each: f"{source[0]}{i}" for i, each in enumerate(wanted_by(needs))}
            if not stores:
                continue
            self._page.add(f"{', '.join(stores.values())}, = {source}")
            for each, name in stores.items():
                self._page.add(*self._open(each, name))
            for need in needs:
                names = [stores[each] for each in stores_for(need)]
                self._page.add(*self._meet(need, names))

    def _open(self, each: Wanted, name: str) -> Iterator[str]:
        """The instants in a store, none of them later than now."""
        if each.what == "row":
            if self._later:
                yield f"{name} = {name}.until(now)"
            yield f"{name}t = {name}.times; {name}u = {name}.perhaps"
        elif each.what == "times":
            yield f"{name}t = {name}[:bisect({name}, now)]" if self._later else f"{name}t = {name}"
        else:
            cut = f"[:bisect({name}.times, now)]" if self._later else ""
            yield f"{name}t = {name}.times{cut}"

    def _meet(self, need: Need, stores: list[str]) -> Iterator[str]:
        low, high = self._slots[need]
        start = None if need.window is None else self._cuts.name(need.window)
        match need:
            case node.Gather():
                yield f"{low} = {stores[0]}.matches({start})"
            case node.Total():
                value = self._page.bind(running.summing(need.field), "V")
                some = f"{stores[0]}u" + (f" and {stores[0]}u[-1] > {start}" if start else "")
                total = f"{stores[0]}.total({start}, {value}, {need.skip_blanks})"
                yield f"{low}, {high} = {total} if {some} else (0, 0)"
            case node.Fade() if days_of(need) is not None:
                for end, store in zip(dict.fromkeys((low, high)), stores, strict=True):
                    yield from self._fade(need, end, store, start)
            case _:
                yield from self._from_times(need, low, f"{stores[0]}t", start)
                if low != high:
                    yield from self._from_times(need, high, f"{stores[0]}u", start)

    def _fade(self, need: node.Fade, end: str, store: str, start: str | None) -> Iterator[str]:
        """A whole day's sums know what is still to come, but not which are the newest then."""
        if self._later and need.most < MOST_ACTIVITIES:
            yield from self._from_times(need, end, f"{store}t", start)
        else:
            yield f"{end} = {store}.left(now, today, moment) if {store}t else 0"

    def _from_times(self, need: Need, end: str, times: str, start: str | None) -> Iterator[str]:
        some = times if start is None else f"{times} and {times}[-1] > {start}"
        first = "0" if start is None else f"bisect({times}, {start})"
        match need:
            case node.Tally():
                count = f"len({times})" if start is None else f"len({times}) - {first}"
                yield f"{end} = {count} if {some} else 0"
            case node.Newest():
                yield f"{end} = {times}[-1] if {some} else None"
            case node.Oldest():
                yield f"{end} = {times}[{first}] if {some} else None"
            case _:
                fade = cast("node.Fade", need)
                ladder = self._page.bind(running.ladder(fade.decay, fade.millis), "T")
                part = times if start is None else f"{times}[{first}:]"
                most = self._page.bind(fade.most)
                yield f"{end} = left_of({part}, {most}, now, {ladder}) if {some} else 0"
