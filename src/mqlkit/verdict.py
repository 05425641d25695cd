"""
The three answers a criterion can give about a lead.

Kleene's strong logic (1952). The answers are ordered NO < UNKNOWN < YES; "and" is the lesser of
two, "or" the greater, "not" mirrors the order.
"""

from collections.abc import Callable, Iterable
from enum import Enum
from typing import NoReturn


class Verdict(Enum):
    """
    One of three answers: ``YES``, ``NO`` or ``UNKNOWN``.

    >>> Verdict.YES & Verdict.UNKNOWN
    Verdict.UNKNOWN
    >>> Verdict.NO & Verdict.UNKNOWN
    Verdict.NO
    >>> ~Verdict.UNKNOWN
    Verdict.UNKNOWN
    """

    NO = 0
    UNKNOWN = 1
    YES = 2

    @classmethod
    def of(cls, answer: bool) -> "Verdict":
        """The verdict of a plain, known answer."""
        return cls.YES if answer else cls.NO

    def settle(self, *, unknown: bool) -> bool:
        """A plain answer, with UNKNOWN counted as said."""
        return unknown if self is Verdict.UNKNOWN else self is Verdict.YES

    def __and__(self, other: "Verdict") -> "Verdict":
        if not isinstance(other, Verdict):
            return NotImplemented
        return self if self.value <= other.value else other

    def __or__(self, other: "Verdict") -> "Verdict":
        if not isinstance(other, Verdict):
            return NotImplemented
        return self if self.value >= other.value else other

    def __invert__(self) -> "Verdict":
        return _MIRROR[self]

    def __lt__(self, other: "Verdict") -> bool:
        if not isinstance(other, Verdict):
            return NotImplemented
        return self.value < other.value

    def __le__(self, other: "Verdict") -> bool:
        if not isinstance(other, Verdict):
            return NotImplemented
        return self.value <= other.value

    def __bool__(self) -> NoReturn:
        raise TypeError(
            f"{self!r} is one of three answers and has no truth value; "
            "compare it (verdict is Verdict.YES) or say what UNKNOWN should "
            "count as (verdict.settle(unknown=False))"
        )

    def __repr__(self) -> str:
        return f"Verdict.{self.name}"

    def __str__(self) -> str:
        return self.name.lower()


_MIRROR = {
    Verdict.NO: Verdict.YES,
    Verdict.UNKNOWN: Verdict.UNKNOWN,
    Verdict.YES: Verdict.NO,
}


def answered(verdict: object, what: Callable[[], str]) -> Verdict:
    """
    *verdict*, which must be one.

    Raises:
        TypeError: it is something else, such as True; *what* says who answered it.
    """
    if not isinstance(verdict, Verdict):
        raise TypeError(
            f"{verdict!r} is no verdict; judge answers Verdict.YES, NO or UNKNOWN, or "
            f"Verdict.of(...) of a plain answer: {what()}"
        )
    return verdict


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """
    The least of *verdicts*; YES when there are none.

    >>> all_of([])
    Verdict.YES
    """
    least = Verdict.YES
    for verdict in verdicts:
        if verdict is Verdict.NO:
            return verdict
        least = least & verdict
    return least


def any_of(verdicts: Iterable[Verdict]) -> Verdict:
    """
    The greatest of *verdicts*; NO when there are none.

    >>> any_of([Verdict.NO, Verdict.UNKNOWN])
    Verdict.UNKNOWN
    """
    greatest = Verdict.NO
    for verdict in verdicts:
        if verdict is Verdict.YES:
            return verdict
        greatest = greatest | verdict
    return greatest


def at_least_of(n: int, verdicts: Iterable[Verdict]) -> Verdict:
    """
    YES when *n* or more are YES, NO when fewer than *n* could still be, else UNKNOWN.

    >>> at_least_of(2, [Verdict.YES, Verdict.UNKNOWN, Verdict.NO])
    Verdict.UNKNOWN
    """
    yes, maybe = tally(verdicts)
    if yes >= n:
        return Verdict.YES
    return Verdict.NO if yes + maybe < n else Verdict.UNKNOWN


def exactly_of(n: int, verdicts: Iterable[Verdict]) -> Verdict:
    """
    YES when just *n* are YES and the rest are NO, NO when that cannot be, else UNKNOWN.

    >>> exactly_of(1, [Verdict.YES, Verdict.NO])
    Verdict.YES
    """
    yes, maybe = tally(verdicts)
    if yes > n or yes + maybe < n:
        return Verdict.NO
    return Verdict.UNKNOWN if maybe else Verdict.YES


def if_of(condition: Verdict, then: Verdict, otherwise: Verdict) -> Verdict:
    """
    *then* or *otherwise* by *condition*; when that is UNKNOWN, what both agree on.

    >>> if_of(Verdict.UNKNOWN, Verdict.YES, Verdict.YES)
    Verdict.YES
    """
    if condition is Verdict.UNKNOWN:
        return then if then is otherwise else Verdict.UNKNOWN
    return then if condition is Verdict.YES else otherwise


def tally(verdicts: Iterable[Verdict]) -> tuple[int, int]:
    """How many of *verdicts* are YES, and how many UNKNOWN."""
    answers = list(verdicts)
    return answers.count(Verdict.YES), answers.count(Verdict.UNKNOWN)
