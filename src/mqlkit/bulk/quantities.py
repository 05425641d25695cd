"""
Numbers that lie between two ends, and how they are compared.
"""

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from operator import eq, ge, gt, le, lt
from typing import Any, Final, NamedTuple

from .sql import Sql, over

INFINITY: Final = float("inf")
_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    ">=": ge, "<=": le, ">": gt, "<": lt, "==": eq,
}  # fmt: skip


class End(NamedTuple):
    """
    One end of a range.

    ``none`` is what NULL stands for: plus or minus infinity where there is nothing to measure;
    by default NULL is not known.
    """

    sql: Sql
    none: float | None = None

    def holds(self, relation: str, bound: Any, literal: str) -> Sql:
        """Whether this end compares so with a bound."""
        sign = "=" if relation == "==" else relation
        asked = over(f"({self.sql} {sign} {literal})", self.sql, known=self.sql.known)
        if self.none is None:
            return asked
        otherwise = "TRUE" if _COMPARE[relation](self.none, bound) else "FALSE"
        return over(f"COALESCE({asked}, {otherwise})", asked, known=True)


class Ends(NamedTuple):
    """A quantity: its low and high end; ``open`` says when neither is known."""

    low: End
    high: End
    open: Sql | None = None

    @staticmethod
    def exact(sql: Sql, none: float | None = None) -> "Ends":
        """A quantity whose ends are one."""
        end = End(sql, none)
        return Ends(end, end)

    def compared(self, relation: str, bound: Any, literal: Callable[[Any], str]) -> Sql:
        """Whether it compares so with a bound: NULL where its ends do not agree."""
        told = self._compared(relation, bound, literal)
        if self.open is None:
            return told
        return over(f"CASE WHEN NOT {self.open} THEN {told} END", self.open, told)

    def _compared(self, relation: str, bound: Any, literal: Callable[[Any], str]) -> Sql:
        if self.low == self.high and not isinstance(bound, Fraction):
            return self.low.holds(relation, bound, literal(bound))
        if relation == "==":
            return self._is(bound, literal)
        surer, other = (self.low, self.high) if relation in (">=", ">") else (self.high, self.low)
        sure = surer.holds(relation, bound, literal(bound))
        perhaps = other.holds(relation, bound, literal(bound))
        return over(f"CASE WHEN {sure} THEN TRUE WHEN NOT {perhaps} THEN FALSE END", sure, perhaps)

    def _is(self, bound: Any, literal: Callable[[Any], str]) -> Sql:
        """Whether it is a bound, which a fraction of a whole quantity's units never is."""
        floor, ceil = (math.floor(bound), math.ceil(bound)) if _fraction(bound) else (bound, bound)
        above = self.low.holds(">" if floor == ceil else ">=", ceil, literal(ceil))
        below = self.high.holds("<" if floor == ceil else "<=", floor, literal(floor))
        misses = over(f"({above} OR {below})", above, below)
        if _fraction(bound):
            same = over(f"({self.low.sql} = {self.high.sql})", self.low.sql, self.high.sql)
            return over(f"CASE WHEN {misses} OR {same} THEN FALSE END", misses, same)
        low, high = (end.holds("==", bound, literal(bound)) for end in (self.low, self.high))
        return over(
            f"CASE WHEN {low} AND {high} THEN TRUE WHEN {misses} THEN FALSE END", low, high, misses
        )


def _fraction(bound: Any) -> bool:
    return isinstance(bound, Fraction) and bound.denominator != 1
