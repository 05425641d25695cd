"""
A staircase: points over time as a drawing (SVG), with their bounds and what they mean.

A line of points, the range around them where something is not known, dashed bounds, and a mark
wherever another word begins to hold. It takes the colour of the text around it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import count, groupby, pairwise
from math import ceil, floor
from typing import Final, NamedTuple

import attrs

from .points import Triple, in_points
from .value import DAY, EPOCH, moment_text, printable

_WIDTH: Final = 640
_LEFT, _RIGHT, _TOP, _FLOOR, _HEIGHT = 64, 606, 38, 188, 212
_COLUMNS: Final = 100
_MOST_DRAWN: Final = 400
"""Of more steps each column keeps at most six: those at its ends and its extremes."""
_MOST_BOUNDS: Final = 8
_MOST_TICKS: Final = 5
_LETTER: Final = 7.0
_LANES: Final = (12, 26)
_HEAD: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
    'height="{height}" role="img" fill="currentColor" font-family="sans-serif" font-size="10">'
    "<title>{title}</title><desc>{told}</desc>"
)


class Step(NamedTuple):
    """
    The score from an instant on.

    Args:
        at: When it begins, in UTC.
        millis: The score from then on, in millipoints: at the least, with every unknown giving
            nothing, and at the most.
    """

    at: datetime
    millis: Triple

    @property
    def points(self) -> Decimal:
        """Points with every unknown giving nothing."""
        return in_points(self.millis.points)


class Bound(NamedTuple):
    """What the score is compared with, in millipoints, and the comparison in words."""

    millis: Fraction
    word: str


class Mark(NamedTuple):
    """A word that holds from an instant on, until the next one."""

    at: datetime
    word: str


class _Word(NamedTuple):
    """A word beside its line: to the right, or to the left where it would leave the drawing."""

    text: str
    begins: float
    ends: float
    at: float
    anchor: str

    @classmethod
    def beside(cls, x: float, text: str) -> "_Word":
        wide = len(text) * _LETTER + 6
        if x + wide <= _WIDTH:
            return cls(text, x, x + wide, x + 3, "start")
        return cls(text, x - wide, x, x - 3, "end")


@attrs.frozen
class Staircase:
    """
    Points over time, ready to be drawn.

    Args:
        title: What it shows.
        told: The same in words, for whoever cannot see it.
        start: Where the axis of time begins. Aware.
        until: Where it ends, at or after *start*. Aware.
        steps: By time, the first one at *start*; none draws the marks alone.
        bounds: Drawn as dashed lines, the first eight.
        marks: By time. Where many stand close together, one line stands for all of them.

    >>> noon = EPOCH
    >>> drawn = Staircase("fit", "8 points", noon, noon + DAY, (Step(noon, Triple(8, 8, 8)),))
    >>> drawn.to_svg()[:40]
    '<svg xmlns="http://www.w3.org/2000/svg" '
    """

    title: str
    told: str
    start: datetime
    until: datetime
    steps: tuple[Step, ...] = ()
    bounds: tuple[Bound, ...] = ()
    marks: tuple[Mark, ...] = ()

    def to_svg(self) -> str:
        """The drawing as one element, in HTML or as a file; every text is escaped."""
        return _Drawing(self).svg()


class _Drawing:
    def __init__(self, of: Staircase) -> None:
        self.of = of
        self.bounds = of.bounds[:_MOST_BOUNDS]
        self.steps = tuple(self._thinned())
        self.bottom, self.top = self._reach()

    def svg(self) -> str:
        head = _HEAD.format(
            width=_WIDTH,
            height=_HEIGHT,
            title=_text(self.of.title),
            told=_text(self.of.told),
        )
        parts = (self._dates(), self._marks(), self._points(), self._bounds(), self._line())
        return head + "".join(piece for part in parts for piece in part) + "</svg>"

    # -- where things stand --------------------------------------------------------------------

    def _share(self, at: datetime) -> float:
        """How much of the time has passed at an instant, from 0 to 1."""
        whole = self.of.until - self.of.start
        return (at - self.of.start) / whole if whole else 0.0

    def _x(self, at: datetime) -> float:
        return _LEFT + (_RIGHT - _LEFT) * self._share(at)

    def _y(self, millis: Fraction | int) -> float:
        return _FLOOR - (_FLOOR - _TOP) * float((millis - self.bottom) / (self.top - self.bottom))

    def _column(self, of: Step | Mark) -> int:
        whole = self.of.until - self.of.start
        return (of.at - self.of.start) * _COLUMNS // whole if whole else 0

    def _reach(self) -> tuple[Fraction, Fraction]:
        """The lowest and the highest millipoints to show; a point apart where all are equal."""
        ends = [Fraction(end) for step in self.steps for end in step.millis]
        ends += [bound.millis for bound in self.bounds]
        low, high = min(ends, default=Fraction(0)), max(ends, default=Fraction(0))
        return (low, high) if low < high else (low - 500, high + 500)

    def _thinned(self) -> Iterator[Step]:
        """The steps to draw: of many, those at the ends and the extremes of each column."""
        if len(self.of.steps) <= _MOST_DRAWN:
            yield from self.of.steps
            return
        for _, several in groupby(self.of.steps, self._column):
            yield from _extremes(tuple(several))

    # -- what is drawn -------------------------------------------------------------------------

    def _dates(self) -> Iterator[str]:
        yield f'<path d="M{_LEFT} {_FLOOR}H{_RIGHT}" stroke="currentColor" opacity=".5"/>'
        for at, label, anchor in _dates_between(self.of.start, self.of.until):
            x = self._x(at)
            yield f'<path d="M{x:.1f} {_FLOOR}v4" stroke="currentColor" opacity=".5"/>'
            yield _label(x, _FLOOR + 16, label, anchor)

    def _points(self) -> Iterator[str]:
        """The axis of points."""
        if not self.steps:
            return
        for millis in _round_numbers(self.bottom, self.top):
            y = self._y(millis)
            yield f'<path d="M{_LEFT} {y:.1f}H{_RIGHT}" stroke="currentColor" opacity=".12"/>'
            yield _label(_LEFT - 6, y + 3, f"{float(millis / 1000):,.9g}", "end")

    def _bounds(self) -> Iterator[str]:
        for bound in self.bounds:
            y = self._y(bound.millis)
            yield (
                f'<path d="M{_LEFT} {y:.1f}H{_RIGHT}" stroke="currentColor" opacity=".7" '
                'stroke-dasharray="5 4"/>'
            )
            yield _label(_RIGHT, y - 3 if y > _TOP + 12 else y + 11, bound.word, "end")

    def _line(self) -> Iterator[str]:
        """The range as an area, the points as a line, and a dot where they begin."""
        if not self.steps:
            return
        if any(step.millis.open for step in self.steps):
            high, low = (self._corners(end) for end in ("high", "low"))
            corners = "L".join(f"{x:.1f} {y:.1f}" for x, y in (*high, *reversed(low)))
            yield f'<path d="M{corners}Z" opacity=".18"/>'
        corners = "L".join(f"{x:.1f} {y:.1f}" for x, y in self._corners("points"))
        yield f'<path d="M{corners}" fill="none" stroke="currentColor" stroke-width="2"/>'
        x, y = self._corners("points")[0]
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>'

    def _corners(self, end: str) -> list[tuple[float, float]]:
        """Where each step begins and ends, at one end of the range."""
        xs = [*(self._x(step.at) for step in self.steps), self._x(self.of.until)]
        ys = [self._y(getattr(step.millis, end)) for step in self.steps]
        return [(x, y) for sides, y in zip(pairwise(xs), ys, strict=True) for x in sides]

    def _marks(self) -> Iterator[str]:
        """A line for each mark, and its word where there is room."""
        taken = [0.0 for _ in _LANES]
        for marks in self._near_marks():
            x = self._x(marks[0].at)
            word = _Word.beside(x, marks[-1].word)
            lane = next((n for n, end in enumerate(taken) if end <= word.begins), None)
            top = _TOP if lane is None else _LANES[lane] - 8
            yield (
                f'<path d="M{x:.1f} {top}V{_FLOOR}" stroke="currentColor" opacity=".4">'
                f"<title>{_text(_told(marks))}</title></path>"
            )
            if lane is not None:
                taken[lane] = word.ends
                yield _label(word.at, _LANES[lane], word.text, word.anchor)

    def _near_marks(self) -> Iterator[tuple[Mark, ...]]:
        """The marks; of many, all of one column together."""
        if len(self.of.marks) <= _COLUMNS:
            yield from ((mark,) for mark in self.of.marks)
            return
        for _, several in groupby(self.of.marks, self._column):
            yield tuple(several)


def _extremes(steps: Sequence[Step]) -> Iterator[Step]:
    """The first, the last, and those with the least and the most of what a range has."""
    places = range(len(steps))
    keep = {0, len(steps) - 1}
    keep |= {min(places, key=lambda i: steps[i].millis[end]) for end in range(2)}
    keep |= {max(places, key=lambda i: steps[i].millis[end]) for end in range(1, 3)}
    yield from (steps[place] for place in sorted(keep))


def _told(marks: Sequence[Mark]) -> str:
    """What one line stands for, for who points at it."""
    told = "; ".join(f"{mark.word} from {moment_text(mark.at)}" for mark in marks[:3])
    return f"{told}; and {len(marks) - 3:,} more" if len(marks) > 3 else told


def _dates_between(start: datetime, until: datetime) -> Iterator[tuple[datetime, str, str]]:
    """A few midnights (UTC) with their dates; where there are not two, the ends themselves."""
    first, last = -((EPOCH - start) // DAY), (until - EPOCH) // DAY
    if first < last:
        for day in range(first, last + 1, -(-(last - first) // _MOST_TICKS)):
            at = EPOCH + day * DAY
            yield at, at.date().isoformat(), "middle"
        return
    ends = {until: "end", start: "start"}  # one only where they are the same
    for at, anchor in ends.items():
        yield at, at.isoformat(" ", "seconds")[:19], anchor


def _round_numbers(bottom: Fraction, top: Fraction) -> Iterator[Fraction]:
    """A few round numbers from the bottom to the top."""
    least = (top - bottom) / _MOST_TICKS
    steps = (Fraction(10) ** power * digit for power in count(-6) for digit in (1, 2, 5))
    step = next(step for step in steps if step >= least)
    yield from (n * step for n in range(ceil(bottom / step), floor(top / step) + 1))


def _label(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{_text(text, 60)}</text>'


def _text(text: str, most: int = 1_000) -> str:
    """*text* as it may stand in XML: nothing in it is a control character or markup."""
    from html import escape  # brings every HTML entity along, so only who asks loads it

    return escape(printable(text, most))
