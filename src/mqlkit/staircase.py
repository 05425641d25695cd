"""
A staircase: points over time as a drawing (SVG), with their bounds and what they mean.

A line of points, the range around them where something is not known, dashed bounds, a mark
wherever another word begins to hold, and a band with what holds when. It takes the colour of the
text around it.
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
from .value import DAY, EPOCH, listing, moment_text, printable

_WIDTH: Final = 640
_LEFT, _RIGHT, _TOP, _FLOOR, _HEIGHT = 64, 606, 38, 188, 222
_COLUMNS: Final = 100
_MOST_DRAWN: Final = 400
"""Of more steps each column keeps at most six: those at its ends and its extremes."""
_MOST_BOUNDS: Final = 8
_MOST_TICKS: Final = 5
_LETTER: Final = 7.0
_LONGEST_LABEL: Final = 60
_KEY, _LANE, _BAND = 12, 26, 194
_FINE_COLUMNS: Final = 271
"""Two pixels each, where the marks are few enough."""
_LOOKS: Final = ((".85", ""), ("0", ""), (".1", "1 5"), (".1", "4 2"), (".3", "1 1"))
"""How dark a part of the band is, and its bars; the last one where words hold by turns."""
_TURNS: Final = 4
_MOST_NAMED: Final = 4
_FILLED: Final = 5
"""The axis of points has 0 unless the values were to fill less than a fifth of it."""
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
    """A word that holds from an instant on, until the next one; its look in the band is 0 to 3."""

    at: datetime
    word: str
    look: int = 0


class _Stretch(NamedTuple):
    """A part of the band: what holds in it, one word or several by turns."""

    start: datetime
    until: datetime
    marks: tuple[Mark, ...]


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
        marks: By time. A band has what holds when; a word stands at its line where there is room
            for it, and what is too short to be told apart is one part of the band.

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
        self.near = tuple(self._near_marks(_COLUMNS))
        self.left_out = 0

    def svg(self) -> str:
        axes = (self._dates(), self._band(), self._key(), self._lines())
        parts = (*axes, self._points(), self._bounds(), self._line())
        pieces = [piece for part in parts for piece in part]
        head = _HEAD.format(
            width=_WIDTH,
            height=_HEIGHT,
            title=_text(self.of.title),
            told=_text(self.of.told) + _text(self._note()),
        )
        return head + "".join(pieces) + "</svg>"

    # -- where things stand --------------------------------------------------------------------

    def _share(self, at: datetime) -> float:
        """How much of the time has passed at an instant, from 0 to 1."""
        whole = self.of.until - self.of.start
        return (at - self.of.start) / whole if whole else 0.0

    def _x(self, at: datetime) -> float:
        return _LEFT + (_RIGHT - _LEFT) * self._share(at)

    def _y(self, millis: Fraction | int) -> float:
        return _FLOOR - (_FLOOR - _TOP) * float((millis - self.bottom) / (self.top - self.bottom))

    def _column(self, of: Step | Mark, columns: int = _COLUMNS) -> int:
        whole = self.of.until - self.of.start
        return (of.at - self.of.start) * columns // whole if whole else 0

    def _reach(self) -> tuple[Fraction, Fraction]:
        """The lowest and the highest millipoints to show: with 0, unless all are far from it."""
        ends = [Fraction(end) for step in self.steps for end in step.millis]
        ends += [bound.millis for bound in self.bounds]
        low, high = min(ends, default=Fraction(0)), max(ends, default=Fraction(0))
        if low == high or _FILLED * (high - low) >= max(high, -low):
            low, high = min(low, Fraction(0)), max(high, Fraction(0))
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
            yield _label(x, _FLOOR + 26, label, anchor)

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

    def _lines(self) -> Iterator[str]:
        """A line for each mark, and its word where there is room before the next."""
        dots = 0.0
        ends = [self._x(marks[0].at) for marks in self.near[1:]]
        for marks, end in zip(self.near, (*ends, float(_WIDTH)), strict=False):
            x = self._x(marks[0].at)
            yield (
                f'<path d="M{x:.1f} {_LANE - 8}V{_FLOOR}" stroke="currentColor" opacity=".4">'
                f"<title>{_text(_told(marks))}</title></path>"
            )
            self.left_out += len(marks) - 1
            if len(marks) == 1 and x + _wide(marks[0].word) + 6 <= end:
                yield _label(x + 3, _LANE, marks[0].word, "start")
                continue
            self.left_out += 1
            if x >= dots:
                dots = x + 10
                yield _label(x, _LANE + 8, "…", "start")

    def _near_marks(self, most: int = 0) -> Iterator[tuple[Mark, ...]]:
        """The marks, those of one column together; where they are at most so many, each alone."""
        marks = self.of.marks
        if len(marks) <= most:
            yield from ((mark,) for mark in marks)
            return
        columns = _COLUMNS if len(marks) > _COLUMNS else _FINE_COLUMNS
        for _, several in groupby(marks, lambda mark: self._column(mark, columns)):
            yield tuple(several)

    def _stretches(self) -> Iterator[_Stretch]:
        """What holds from when until when; what is too short to be told apart is one stretch."""
        groups = tuple(self._near_marks())
        ends = [*(marks[0].at for marks in groups[1:]), self.of.until]
        for marks, end in zip(groups, ends, strict=False):
            *before, last = marks
            if before:
                yield _Stretch(before[0].at, last.at, tuple(before))
            yield _Stretch(last.at, end, (last,))

    def _band(self) -> Iterator[str]:
        """What holds when; the narrow parts last, so that no wide one hides them."""
        yield '<g stroke="currentColor" stroke-width=".5">'
        stretches = sorted(self._stretches(), key=lambda part: self._width(part) < 1)
        for part in stretches:
            until = "at least until" if part.until == self.of.until else "until"
            turns = " by turns" if len(_words(part.marks)) > 1 else ""
            told = (
                f"{_text(_named(part.marks), 300)}{turns} from {moment_text(part.start)} "
                f"{until} {moment_text(part.until)}"
            )
            yield _patch(
                self._x(part.start), _BAND, max(1.0, self._width(part)), _look(part.marks), told
            )
        yield "</g>"

    def _width(self, part: _Stretch) -> float:
        return self._x(part.until) - self._x(part.start)

    def _key(self) -> Iterator[str]:
        """Which part of the band stands for which word; every word, as far as there is room."""
        entries = list(_words(self.of.marks).items())
        if any(len(_words(part.marks)) > 1 for part in self._stretches()):
            entries.append(("by turns", _TURNS))
        x = float(_LEFT)
        for word, look in entries:
            if x > _LEFT and x + _wide(word) + 22 > _WIDTH:
                yield _label(x, _KEY, "…", "start")
                return
            yield f'<g stroke="currentColor" stroke-width=".5">{_patch(x, _KEY - 8, 18, look)}</g>'
            yield _label(x + 22, _KEY, word, "start")
            x += _wide(word) + 34

    def _note(self) -> str:
        """What the drawing leaves out, for whoever cannot see the dots."""
        if not self.left_out:
            return ""
        return (
            f"; {self.left_out:,} of {len(self.of.marks):,} labels had no room (…), "
            f"the band at the bottom has them all: {_named(self.of.marks)}"
        )


def _words(marks: Sequence[Mark]) -> dict[str, int]:
    """Each word once, with its look."""
    return {mark.word: mark.look for mark in marks}


def _named(marks: Sequence[Mark]) -> str:
    """The words; of very many the first ones."""
    words = list(_words(marks))
    more = [f"{len(words) - _MOST_NAMED:,} more"] if len(words) > _MOST_NAMED else []
    return listing([*words[:_MOST_NAMED], *more], "and")


def _look(marks: Sequence[Mark]) -> int:
    looks = _words(marks)
    return marks[0].look if len(looks) == 1 else _TURNS


def _wide(word: str) -> float:
    return min(len(word), _LONGEST_LABEL) * _LETTER


def _patch(x: float, y: float, width: float, look: int, told: str = "") -> str:
    """A part of the band; its bars are a dashed line, which needs no name as a pattern would."""
    opacity, dashes = _LOOKS[look]
    bars = (
        f'<line x1="{x:.1f}" y1="{y + 4}" x2="{x + width:.1f}" y2="{y + 4}" '
        f'stroke-width="8" stroke-dasharray="{dashes}" pointer-events="none"/>'
    )
    return (
        f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="8" fill-opacity="{opacity}">'
        f"{told and f'<title>{told}</title>'}</rect>" + (bars if dashes else "")
    )


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
    """A few midnights (UTC) and the end, with their dates; of short spans the ends themselves."""
    first, last = -((EPOCH - start) // DAY), (until - EPOCH) // DAY
    if first < last:
        free = until - (until - start) / 5  # what comes later would touch the date of the end
        for day in range(first, last + 1, -(-(last - first) // _MOST_TICKS)):
            at = EPOCH + day * DAY
            if at <= free and day < last:
                yield at, at.date().isoformat(), "middle"
        yield until, until.date().isoformat(), "end"
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
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{_text(text, _LONGEST_LABEL)}</text>'
    )


def _text(text: str, most: int = 1_000) -> str:
    """*text* as it may stand in XML: nothing in it is a control character or markup."""
    from html import escape  # brings every HTML entity along, so only who asks loads it

    return escape(printable(text, most))
