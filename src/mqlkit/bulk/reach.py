"""
How far back activities matter: of each kind that is asked for, the longest span.

What is older than every window that asks for its kind can be left out before anything is found
out about a lead.
"""

from collections.abc import Callable, Iterable
from itertools import chain
from math import inf


class Reach:
    """
    The kinds that are asked for, and how far back.

    >>> reach = Reach()
    >>> reach.ask(["demo"], None)
    >>> reach.ask(["visit", "demo"], 500)
    >>> reach.condition("kind", "age", repr)
    "kind IN ('demo', 'visit') AND CASE WHEN kind = 'visit' THEN age < 500 ELSE TRUE END"
    >>> reach.ask([], 700)
    >>> reach.condition("kind", "age", repr)
    "kind IS NOT NULL AND CASE WHEN kind = 'demo' THEN TRUE ELSE age < 700 END"
    """

    def __init__(self) -> None:
        self._every: float = 0
        self._spans: dict[str, float] = {}

    def ask(self, kinds: Iterable[str], span: int | None) -> None:
        """
        Somebody asks for activities.

        Args:
            kinds: Of which kinds; none for all that there are.
            span: Microseconds before the instant of the decision; None for the whole timeline.
        """
        far = inf if span is None else span
        named = tuple(kinds)
        if not named:
            self._every = max(self._every, far)
        for kind in named:
            self._spans[kind] = max(self._spans.get(kind, 0), far)

    def condition(self, kind: str, age: str, text: Callable[[str], str]) -> str:
        """
        Which activities matter.

        Args:
            kind: An expression for the kind of one, which may be NULL.
            age: One for its age in microseconds.
            text: Makes a literal of a kind.
        """
        spans: dict[float, list[str]] = {}
        for name, span in self._spans.items():
            if span > self._every:
                spans.setdefault(span, []).append(text(name))
        known = _among(kind, chain.from_iterable(spans.values()))
        if self._every:
            known = f"{kind} IS NOT NULL"
        last = self._every or max(spans, default=inf)
        cases = [
            f"WHEN {_among(kind, names)} THEN {_younger(age, span)}"
            for span, names in sorted(spans.items())
            if span != last
        ]
        young = _younger(age, last)
        if cases:
            young = f"CASE {' '.join(cases)} ELSE {young} END"
        return known if young == "TRUE" else f"{known} AND {young}"


def _among(kind: str, names: Iterable[str]) -> str:
    several = sorted(names)
    return f"{kind} = {several[0]}" if len(several) == 1 else f"{kind} IN ({', '.join(several)})"


def _younger(age: str, span: float) -> str:
    return "TRUE" if span == inf else f"{age} < {span}"
