"""
A program: the generated function of a plan for leads of which some timelines are not loaded.

It is printed and compiled when it is first run, and bound to the instant of the decision.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from ..lead import Lead, Whose
from ..plan.lowering import Plan
from ..status import Status
from ..value import EPOCH
from ..window import Window
from . import running
from .body import Body
from .needs import IN_ONE_PASS, needs_of
from .page import Page, made_of
from .rows import Places, wanted_by
from .still import keeps_histories, still_of
from .texts import FieldTexts
from .timelines import ByRows, Cuts, OnePass, slots_of

Way: TypeAlias = Literal["once", "kept", "later"]
Deciding: TypeAlias = Any
"""A `Decision` under way, which is defined above: its ``lead``, ``as_of`` and ``snapshot``."""
Run: TypeAlias = Callable[..., tuple[Any, ...]]

WAYS: Final[tuple[Way, ...]] = ("once", "kept", "later")
_OWNERS: Final[tuple[Whose, ...]] = ("lead", "account")


def _not_yet(*_: object) -> tuple[Any, ...]:
    raise AssertionError("no function is bound yet")


_SPOKEN_OF: Final[Mapping[str, Any]] = {
    "bisect": bisect_right,
    **{
        name: getattr(running, name)
        for name in (
            "FOREVER",
            "LONG_AGO",
            "AT_LAST",
            "PLAIN",
            "stored",
            "read",
            "known",
            "over",
            "award",
            "judge",
            "outcome",
            "by_hand",
            "at_least",
            "exactly",
            "left_of",
            "newest_left",
        )
    },
    **{status.name: status for status in Status},
}


class Program:
    """
    The generated code of a plan.

    Args:
        plan: What to answer.
        texts: The questions about texts, shared by all programs of the plan.
        unloaded: Whose timelines are not there.
    """

    def __init__(self, plan: Plan, texts: FieldTexts, unloaded: frozenset[Whose]) -> None:
        self._plan = plan
        self._texts = texts
        needs = needs_of(plan)
        self._slots = slots_of(needs, unloaded)
        loaded = [need for need in needs if need.pick.of not in unloaded]
        self.in_one_pass = all(isinstance(need, IN_ONE_PASS) for need in loaded)
        self.places = {
            of: Places(wanted_by(n for n in loaded if n.pick.of == of)) for of in _OWNERS
        }
        self._still = still_of(plan)
        self._ways: dict[Way, _Bindable] = {}
        self.once: tuple[datetime | None, Run] = (None, _not_yet)
        self.kept: tuple[datetime | None, Run] = (None, _not_yet)
        self._last: dict[Way, tuple[datetime | None, Run]] = dict.fromkeys(WAYS, (None, _not_yet))

    def source(self, way: Way = "once") -> str:
        """The generated code."""
        return self._way(way).source

    def run(self, way: Way, now: datetime) -> Run:
        """The function for one instant; that of the last instant is kept."""
        last = self._last[way]
        if last[0] is now or last[0] == now:
            return last[1]
        run = self._way(way).bind(now)
        self._last[way] = (now, run)  # in one step: other threads may be at other instants
        if way != "later":
            setattr(self, way, (now, run))
        return run

    def still(self, lead: Lead, now: datetime) -> tuple[tuple[Any, ...], bool]:
        """What a lead's attributes come to, and whether they stay as they are."""
        return self._way("kept").still(lead, now), not keeps_histories(lead)

    def _way(self, way: Way) -> "_Bindable":
        found = self._ways.get(way)
        if found is None:
            found = self._ways[way] = self._compiled(way)
        return found

    def _compiled(self, way: Way) -> "_Bindable":
        page, cuts = Page(), Cuts()
        before: list[str] = []
        with page.block("def run(lead, acts, others, decision, still=()):"):
            page.add("get = lead.attributes.get", "hands = lead.overrides")
            body = Body(page, self._plan, self._slots, self._texts)
            if way == "once":
                OnePass(page, self._slots, cuts).print()
            else:
                before = self._print_still(page, body)
                ByRows(page, self._slots, cuts, later=way == "later").print()
            body.answer()
        windows = sorted(cuts.names, key=lambda window: bool(window.calendar_months))
        head = f"def bind({', '.join(['now', 'today', 'moment', *map(cuts.name, windows)])}):"
        lines = [*before, head, *("    " + line for line in page.lines), "    return run", ""]
        return _Bindable("\n".join(lines), page.constants, tuple(windows))

    def _print_still(self, page: Page, body: Body) -> list[str]:
        """The function of attributes alone; what it gives is taken over by the one on *page*."""
        with page.aside() as lines, page.block("def still(lead, now):"):
            page.add("get = lead.attributes.get")
            other = Body(page, self._plan, self._slots, self._texts)
            found = other.still(self._still)
            page.add(f"return ({''.join(f'{name}, ' for name in found)})")
        names = {name: f"y{i}" for i, name in enumerate(found)}
        if names:
            page.add(f"{', '.join(names.values())}, = still")
        body.take(self._still, other, names)
        return lines


class _Bindable:
    """
    Generated code, compiled.

    Args:
        source: Its text.
        constants: What it speaks of by name.
        windows: Whose starts it is bound to.
    """

    def __init__(
        self, source: str, constants: Mapping[str, Any], windows: tuple[Window, ...]
    ) -> None:
        self.source = source
        self._windows = [window for window in windows if not window.calendar_months]
        self._months = [window for window in windows if window.calendar_months]
        self._spans = [window.span for window in self._windows]
        names = made_of(source, {**_SPOKEN_OF, **constants}, "plan", self)
        self._bind: Callable[..., Run] = names["bind"]
        self.still: Callable[[Lead, datetime], tuple[Any, ...]] = names.get("still", _not_yet)

    def bind(self, now: datetime) -> Run:
        """The function for one instant."""
        since = now - EPOCH
        moment = since.seconds * 1_000_000 + since.microseconds
        try:
            starts = [now - span for span in self._spans]
        except OverflowError:  # before the calendar began
            starts = [window.start(now) for window in self._windows]
        return self._bind(now, since.days, moment, *starts, *(w.start(now) for w in self._months))
