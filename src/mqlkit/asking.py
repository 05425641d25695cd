"""
The facts that are not known, in the order in which a form or a chat bot should ask for them.
"""

from collections.abc import Iterable
from decimal import Decimal

import attrs

from .explanation import Reason
from .lead import Seen
from .points import in_points
from .value import listing


@attrs.frozen
class Missing:
    """
    A fact that is not known, and what hangs on it.

    Args:
        field: Its full name: an attribute, ``page_view.page`` for an activity's property, or
            ``activities`` for a timeline that was not loaded.
        kind: What it should be: number, text, flag, moment, items, …
        settles: The formulas that wait for it: ``when``, ``never 'customer'``, …
        points: Points that hang on it, at the most.
    """

    field: str
    kind: str
    settles: tuple[str, ...]
    points: Decimal

    def explain(self) -> Reason:
        """The fact with what hangs on it, for a reader."""
        waiting = [_in_words(formula) for formula in self.settles]
        hangs = [f"needed for {listing(waiting, 'and')}"] if waiting else []
        if self.points:
            hangs.append(f"{self.points:,f} points hang on it")
        return Reason(self.field, aside="; ".join(hangs))


def to_ask(
    formulas: Iterable[tuple[str, Iterable[Seen]]], lines: Iterable[tuple[int, Iterable[Seen]]]
) -> tuple[Missing, ...]:
    """
    The facts to ask for: first those that the answer waits for, then by the points on them.

    Args:
        formulas: Each formula that is open, with the blanks that it waits for.
        lines: The millipoints that each open line of a score can still move, with its blanks.
    """
    kinds: dict[str, str] = {}
    settles: dict[str, set[str]] = {}
    points: dict[str, int] = {}
    for formula, blanks in formulas:
        for seen in blanks:
            kinds.setdefault(seen.name, seen.kind)
            settles.setdefault(seen.name, set()).add(formula)
    for millis, blanks in lines:
        for name, kind in {seen.name: seen.kind for seen in blanks}.items():
            kinds.setdefault(name, kind)
            points[name] = points.get(name, 0) + millis
    facts = [
        Missing(name, kind, tuple(sorted(settles.get(name, ()))), in_points(points.get(name, 0)))
        for name, kind in kinds.items()
    ]
    return tuple(sorted(facts, key=lambda m: (-len(m.settles), -m.points, m.field)))


def _in_words(formula: str) -> str:
    """A formula's place in the definition, for a reader."""
    if formula == "when":
        return "the definition"
    return formula.replace("never ", "the disqualifier ", 1).replace("at_once ", "", 1)
