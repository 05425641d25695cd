"""
Sets of verdicts: all that a question may answer at some instant of a span.

Each way to join verdicts, over sets: what it may make of one verdict of each.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from typing import Any, Final, NamedTuple, TypeAlias

from ..status import Status, decide
from ..verdict import Verdict

Verdicts: TypeAlias = int
"""A set of verdicts, as a sum of `YES`, `NO` and `UNKNOWN`."""

YES: Final = 1
NO: Final = 2
UNKNOWN: Final = 4
ANY: Final = YES | NO | UNKNOWN

BIT: Final = {Verdict.YES: YES, Verdict.NO: NO, Verdict.UNKNOWN: UNKNOWN}


def members(verdicts: Verdicts) -> tuple[Verdict, ...]:
    """The verdicts in a set."""
    return tuple(verdict for verdict, bit in BIT.items() if verdicts & bit)


def opposite(verdicts: Verdicts) -> Verdicts:
    """Of not so."""
    return (verdicts & UNKNOWN) | (NO if verdicts & YES else 0) | (YES if verdicts & NO else 0)


def every(parts: Sequence[Verdicts]) -> Verdicts:
    """Of all of them."""
    found = YES if all(part & YES for part in parts) else 0
    found |= NO if any(part & NO for part in parts) else 0
    open_ones = all(part & (YES | UNKNOWN) for part in parts)
    return found | (UNKNOWN if open_ones and any(part & UNKNOWN for part in parts) else 0)


def some(parts: Sequence[Verdicts]) -> Verdicts:
    """Of any of them."""
    return opposite(every([opposite(part) for part in parts]))


def how_many(n: int, parts: Iterable[Verdicts], *, exactly: bool) -> Verdicts:
    """Of *n* of them: just so many, or as many at least."""
    counts = {(0, 0)}  # of those that hold, and of those that may
    for part in parts:
        ways = [step for bit, step in _COUNTED.items() if part & bit]
        counts = {(yes + a, maybe + b) for yes, maybe in counts for a, b in ways}
    found = 0
    for yes, maybe in counts:
        if yes + maybe < n or (exactly and yes > n):
            found |= NO
        elif yes >= n and not (exactly and maybe):
            found |= YES
        else:
            found |= UNKNOWN
    return found


_COUNTED: Final = {YES: (1, 0), UNKNOWN: (0, 1), NO: (0, 0)}


def either(condition: Verdicts, then: Verdicts, otherwise: Verdicts) -> Verdicts:
    """Of one or the other, by the first; where that is UNKNOWN, what both agree on."""
    found = then if condition & YES else 0
    found |= otherwise if condition & NO else 0
    if condition & UNKNOWN:
        found |= then & otherwise
        agreed = then == otherwise and then in (YES, NO, UNKNOWN)
        found |= 0 if agreed else UNKNOWN
    return found


def settled(verdicts: Verdicts, unknown: Verdicts) -> Verdicts:
    """With another answer in the place of UNKNOWN."""
    return (verdicts & ~UNKNOWN) | (unknown if verdicts & UNKNOWN else 0)


def statuses(never: Verdicts, wanted: Verdicts) -> frozenset[Status]:
    """What may be decided."""
    return frozenset(decide(n, w) for n, w in product(members(never), members(wanted)))


class Ends(NamedTuple):
    """
    A range that moves: between what its lower and its upper end are.

    Args:
        low, low_most: The least and the most that the lower end may be.
        high, high_most: The same of the upper end.
        one: Whether the two ends are always the same.
        blank: Whether it may be not known, or is never known.
    """

    low: Any
    low_most: Any
    high: Any
    high_most: Any
    one: bool
    blank: Verdicts = 0

    def compared(self, relation: str, bound: Any) -> Verdicts:
        """Of a comparison: one of ``>= <= > < ==``."""
        if self.blank == ANY:
            return UNKNOWN
        return self.blank | _COMPARED[relation](self, bound)


def _at_least(ends: Ends, bound: Any) -> Verdicts:
    found = (YES if ends.low_most >= bound else 0) | (NO if ends.high < bound else 0)
    between = not ends.one and ends.low < bound <= ends.high_most
    return found | (UNKNOWN if between else 0)


def _more_than(ends: Ends, bound: Any) -> Verdicts:
    found = (YES if ends.low_most > bound else 0) | (NO if ends.high <= bound else 0)
    between = not ends.one and ends.low <= bound < ends.high_most
    return found | (UNKNOWN if between else 0)


def _equals(ends: Ends, bound: Any) -> Verdicts:
    low, low_most, high, high_most, one, _ = ends
    if low == low_most and high == high_most:
        if low == high:
            return YES if low == bound else NO
        return UNKNOWN if low <= bound <= high else NO
    found = NO | (YES if low <= bound <= low_most and high <= bound <= high_most else 0)
    return found | (UNKNOWN if not one and low <= bound <= high_most else 0)


def _less_than(ends: Ends, bound: Any) -> Verdicts:
    return opposite(_at_least(ends, bound))


def _at_most(ends: Ends, bound: Any) -> Verdicts:
    return opposite(_more_than(ends, bound))


_COMPARED: Final[Mapping[str, Callable[[Ends, Any], Verdicts]]] = {
    ">=": _at_least,
    "<=": _at_most,
    ">": _more_than,
    "<": _less_than,
    "==": _equals,
}


class Moving(NamedTuple):
    """
    A score that moves: the least and the most that each of its ends may be, in millipoints.

    ``one`` says that the ends are always the same.
    """

    low: int
    low_most: int
    points: int
    points_most: int
    high: int
    high_most: int
    one: bool

    @classmethod
    def between(cls, least: int, most: int, *, one: bool = False) -> "Moving":
        """All ends from *least* to *most*."""
        return cls(least, most, least, most, least, most, one)

    def plus(self, other: "Moving") -> "Moving":
        """Both together."""
        ends = (a + b for a, b in zip(self[:6], other[:6], strict=True))
        return Moving._make((*ends, self.one and other.one))

    def within(self, cap: int | None, floor: int | None) -> "Moving":
        """Not above the cap, and then not below the floor."""
        ends: Iterable[int] = self[:6]
        if cap is not None:
            ends = [min(end, cap) for end in ends]
        if floor is not None:
            ends = [max(end, floor) for end in ends]
        return Moving._make((*ends, self.one))

    def settled(self) -> "Moving":
        """With every unknown counted as no."""
        return Moving.between(self.points, self.points_most, one=True)

    @property
    def ends(self) -> Ends:
        """What is compared."""
        return Ends(self.low, self.low_most, self.high, self.high_most, self.one)


NOTHING: Final = Moving.between(0, 0, one=True)
