"""
A program: the generated function of a plan for leads of which some timelines are not loaded.

It is printed and compiled when it is first run, and bound to the instant of the decision.
"""

import linecache
from bisect import bisect_right
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import count
from typing import Any, Final, Literal, TypeAlias

from ..lead import Whose
from ..plan.lowering import Plan
from ..status import Status
from . import running
from .body import Body, FieldTexts
from .needs import IN_ONE_PASS, needs_of
from .page import Page
from .timelines import ByRows, Cuts, OnePass, rows_of, slots_of

Way: TypeAlias = Literal["once", "kept", "later"]
Run: TypeAlias = Callable[..., tuple[Any, ...]]

WAYS: Final[tuple[Way, ...]] = ("once", "kept", "later")
_NUMBERS = count(1)


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
        self.rows = {
            of: rows_of(n for n in loaded if n.pick.of == of) for of in ("lead", "account")
        }
        self._ways: dict[Way, tuple[Callable[..., Run], Cuts, str]] = {}
        self._last: dict[Way, tuple[datetime | None, Run]] = dict.fromkeys(WAYS, (None, _not_yet))

    def source(self, way: Way = "once") -> str:
        """The generated code."""
        return self._way(way)[2]

    def run(self, way: Way, now: datetime) -> Run:
        """The function for one instant; that of the last instant is kept."""
        last = self._last[way]
        if last[0] is now or last[0] == now:
            return last[1]
        make, cuts, _ = self._way(way)
        run = make(now, *(window.start(now) for window in cuts.names))
        self._last[way] = (now, run)
        return run

    def _way(self, way: Way) -> tuple[Callable[..., Run], Cuts, str]:
        found = self._ways.get(way)
        if found is None:
            found = self._ways[way] = self._compiled(way)
        return found

    def _compiled(self, way: Way) -> tuple[Callable[..., Run], Cuts, str]:
        page, cuts = Page(), Cuts()
        with page.block("def run(lead, acts, others, decision):"):
            page.add("get = lead.attributes.get", "hands = lead.overrides")
            if way == "once":
                OnePass(page, self._slots, cuts).print()
            else:
                ByRows(page, self._slots, cuts, later=way == "later").print()
            Body(page, self._plan, self._slots, self._texts).answer()
        head = f"def bind({', '.join(['now', *cuts.names.values()])}):"
        lines = [head, *("    " + line for line in page.lines), "    return run", ""]
        source = "\n".join(lines)
        name = f"<mqlkit plan {next(_NUMBERS)}>"
        namespace = {**_SPOKEN_OF, **page.constants}
        exec(compile(source, name, "exec"), namespace)
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        return namespace["bind"], cuts, source
