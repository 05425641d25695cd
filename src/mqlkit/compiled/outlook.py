"""
When something may change next: what is watched, as a generated function.

Like the one that decides, it reads a plain list of activities in one pass, and a kept timeline
through the instants that are held ready beside it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeAlias, cast

from ..definition import OUTLOOK, Definition
from ..lead import Lead, Whose
from ..plan.watching import Wanted, Watch, all_watches, watches_of
from ..timeline import Activity, Timeline
from ..value import MICROSECOND
from ..window import Window
from .engine import engine_of, is_plain
from .looking import BEYOND, OWNERS, SPOKEN_OF, Printer, Since
from .page import Page, made_of
from .program import Deciding
from .running import LONG_AGO
from .sight import Times, sight

Look: TypeAlias = Callable[..., datetime]

_MOST_KEPT: Final = 512
"""So many things that are asked about are remembered."""


def outlook_of(definition: Definition, *wanted: Wanted) -> "Outlook":
    """
    The outlook on something, which the definition's engine keeps.

    Args:
        definition: Whose scores are meant.
        wanted: What may change. Nothing at all stands for all that can change a decision: its
            answer, a score, a label or a grade; None for the answer alone.
    """
    held = vars(engine_of(definition))
    if not wanted:
        found: Outlook | None = held.get(OUTLOOK)
        if found is None:
            found = held[OUTLOOK] = Outlook(all_watches(definition))
        return found
    kept: dict[object, Outlook] = held.setdefault("_outlooks", {})
    try:
        return kept[wanted[0]]
    except (KeyError, TypeError) as error:  # a user's own criterion may have no hash
        outlook = Outlook(watches_of(definition, wanted[0]))
        if isinstance(error, KeyError):
            if len(kept) >= _MOST_KEPT:
                kept.clear()
            kept[wanted[0]] = outlook
        return outlook


class Outlook:
    """
    When the first of some watches goes off.

    Args:
        watches: What is watched, each once.
    """

    def __init__(self, watches: tuple[Watch, ...]) -> None:
        self._watches = watches
        printer = Printer(Page(), watches)
        self._ahead = [Ahead(watches, of) for of in OWNERS if printer.picks(of)]
        self._beside = Bound(self._printed)

    def next(self, decision: Deciding) -> datetime | None:
        """The next instant after a decision; None for never."""
        lead, now = decision.lead, decision.as_of
        best = self._beside.at(now)(lead, decision)
        for ahead in self._ahead:
            one = lead if ahead.of == "lead" else lead.account
            if one is not None and one.activities is not None:
                best = ahead.next(one, now, best)
        return None if best is BEYOND else best

    def _printed(self, page: Page) -> dict[Since, str]:
        Printer(page, self._watches).beside()
        return {}


class Ahead:
    """
    When the first of some watches over one timeline goes off.

    Args:
        watches: What is watched, each once.
        of: Whose timeline.
    """

    def __init__(self, watches: tuple[Watch, ...], of: Whose) -> None:
        self.of: Whose = of
        self.picks = Printer(Page(), watches).picks(of)
        self._watches = watches
        self._once = Bound(partial(self._printed, kept=False))
        self._kept = Bound(partial(self._printed, kept=True))

    def next(self, one: Lead, now: datetime, best: datetime) -> datetime:
        """The next instant after now that comes before *best*; else *best*."""
        if is_plain(one):
            return self._once.at(now)(one.activities, best)
        timeline = cast(Timeline, one.timeline)  # which is loaded
        found = sight(timeline).next(self, timeline, now)
        return found if found < best else best

    def in_rows(self, rows: tuple[bool, tuple[Times, ...]], now: datetime) -> datetime:
        """By the instants of its picks."""
        return self._kept.at(now)(rows, BEYOND)

    def in_list(self, activities: Sequence[Activity], now: datetime, best: datetime) -> datetime:
        """By the activities in any order; *best* when that comes first."""
        return self._once.at(now)(activities, best)

    def _printed(self, page: Page, *, kept: bool) -> dict[Since, str]:
        printer = Printer(page, self._watches)
        printer.among(self.of, kept=kept)
        return printer.cuts


class Bound:
    """
    A generated function, printed when it is first needed and bound to an instant.

    Args:
        print: Prints it; answers which activities are new enough, by the names of the instants
            from which on they are.
    """

    def __init__(self, print: Callable[[Page], Mapping[Since, str]]) -> None:
        self._print = print
        self.source = ""
        self._made: tuple[Callable[..., Look], tuple[Since, ...]] | None = None
        self._last: tuple[datetime, Look] | None = None

    def at(self, now: datetime) -> Look:
        """The function for one instant; that of the last instant is kept."""
        last = self._last
        if last is not None and (last[0] is now or last[0] == now):
            return last[1]
        if self._made is None:
            self._made = self._compiled()
        make, cuts = self._made
        look = make(now, *(_start(now, *cut) for cut in cuts))
        self._last = (now, look)
        return look

    def _compiled(self) -> tuple[Callable[..., Look], tuple[Since, ...]]:
        page = Page()
        cuts = self._print(page)
        head = f"def bind({', '.join(['now', *cuts.values()])}):"
        self.source = "\n".join([head, *("    " + x for x in page.lines), "    return look", ""])
        names = made_of(self.source, {**SPOKEN_OF, **page.constants}, "outlook", self)
        return names["bind"], tuple(cuts)


def _start(now: datetime, span: timedelta | None, within: Window | None) -> datetime:
    """The first instant at which an activity is younger than *span* and in the window."""
    starts = [] if within is None else [within.start(now) + MICROSECOND]
    if span is not None:
        try:
            starts.append(now - span + MICROSECOND)
        except OverflowError:  # before the calendar began: each is young enough
            starts.append(LONG_AGO)
    return max(starts)
