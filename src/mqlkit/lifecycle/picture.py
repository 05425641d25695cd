"""
A lifecycle as a picture (SVG): the path in a row, the other stages in a row below it.

A line that leads on along the path is straight, one that skips stages goes over the row, one that
leads back goes under it. What stands at a line stands where it leaves its stage.
"""

from collections.abc import Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING, Final, NamedTuple

from ..value import printable
from .arrow import ANY_STAGE, LONGEST, Arrow, arrows, notes
from .stage import Stage

if TYPE_CHECKING:
    from .table import Lifecycle

_WIDTH: Final = 128
_HEIGHT: Final = 46
_LINE: Final = 14
_LETTER: Final = 6.6
_LANE: Final = 34
_FILL: Final = {"marketing": ("#e8f1fb", "#35618f"), "sales": ("#e9f6ec", "#3a7d4c")}
_HEAD: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
    'height="{height}" role="img" font-family="sans-serif" font-size="12">\n'
    "<title>{name}</title>\n"
    '<defs><marker id="mqlkit-tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" '
    'markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#555"/></marker></defs>\n'
    '<rect width="{width}" height="{height}" fill="#fff"/>\n'
)


class _Line(NamedTuple):
    """All arrows between two stages, as one line."""

    source: str
    target: str
    arrows: tuple[Arrow, ...]

    @property
    def labels(self) -> list[str]:
        return [_cut(arrow.on + (" …" if arrow.when else "")) for arrow in self.arrows]

    @property
    def told(self) -> str:
        """All that is to say of it, for who points at it."""
        source = printable(self.source, LONGEST) or ANY_STAGE
        head = f"{source} to {printable(self.target, LONGEST)}"
        return "\n".join([head, *(printable(arrow.label, 3 * LONGEST) for arrow in self.arrows)])


def picture(lifecycle: "Lifecycle") -> str:
    """The lifecycle as the text of an SVG image."""
    return _Picture(lifecycle).svg()


class _Picture:
    def __init__(self, lifecycle: "Lifecycle") -> None:
        self.lifecycle = lifecycle
        self.rank = lifecycle.rank
        self.lines = _lines(lifecycle)
        self.over = self._lanes(line for line in self.lines if self._skips(line))
        self.under = self._lanes(line for line in self.lines if self._returns(line))
        self.gap = self._gap()
        loops = any(line.source == line.target for line in self.lines)
        self.top = 40 + _LANE * (max(self.over.values(), default=0) + loops)
        most = max((len(line.labels) for line in self.lines), default=1)
        under = max(self.under.values(), default=0)
        self.below = self.top + _HEIGHT + max(_LANE * under + 60, 110) + _LINE * most
        self.at = self._places()
        off_path = any(rank < 0 for rank in self.rank.values())
        self.width = max(x for x, _ in self.at.values()) + _WIDTH + 40
        self.height = (self.below if off_path else self.below - 60) + _HEIGHT + 30 + _LINE * most

    # -- where things stand --------------------------------------------------------------------

    def _skips(self, line: _Line) -> bool:
        """It leads on along the path, past a stage."""
        source, target = self.rank.get(line.source, -1), self.rank[line.target]
        return source >= 0 and target > source + 1

    def _returns(self, line: _Line) -> bool:
        """It leads back along the path."""
        return 0 <= self.rank[line.target] < self.rank.get(line.source, -1)

    def _lanes(self, lines: Iterable[_Line]) -> dict[tuple[str, str], int]:
        """A lane for each line, the shortest nearest to the row."""
        spans = sorted(lines, key=lambda line: abs(self.rank[line.target] - self.rank[line.source]))
        return {(line.source, line.target): lane for lane, line in enumerate(spans, 1)}

    def _gap(self) -> float:
        """Between two stages of the path: as wide as what stands there."""
        widest = max(
            (
                len(label)
                for line in self.lines
                if self.rank.get(line.source, -1) >= 0
                and self.rank[line.target] == self.rank[line.source] + 1
                for label in line.labels
            ),
            default=6,
        )
        return max(56.0, widest * _LETTER + 24)

    def _places(self) -> dict[str, tuple[float, float]]:
        """The upper left corner of each stage."""
        step = _WIDTH + self.gap
        at: dict[str, tuple[float, float]] = {
            name: (40 + step * place, self.top) for place, name in enumerate(self.lifecycle.path)
        }
        off_path = [name for name, rank in self.rank.items() if rank < 0]
        wishes = {name: self._wish(name, at) for name in off_path}
        right = 40.0
        for name in sorted(off_path, key=wishes.__getitem__):
            x = max(right, wishes[name])
            at[name] = (x, self.below)
            right = x + step
        return at

    def _wish(self, name: str, at: dict[str, tuple[float, float]]) -> float:
        """Below the middle of the stages that lead there or from there."""
        near = [
            at[end][0]
            for line in self.lines
            if name in (line.source, line.target)
            for end in (line.source, line.target)
            if end in at
        ]
        return sum(near) / len(near) if near else 40.0

    # -- drawing -------------------------------------------------------------------------------

    def svg(self) -> str:
        """The whole image."""
        name = escape(printable(self.lifecycle.name, LONGEST))
        head = _HEAD.format(width=round(self.width), height=round(self.height), name=name)
        drawn = [*self._drawn_lines(), *map(self._box, self.lifecycle.stages)]
        return head + "\n".join(drawn) + "\n</svg>\n"

    def _box(self, stage: Stage) -> str:
        x, y = self.at[stage.name]
        fill, edge = _FILL[stage.team]
        round_ = 22 if stage.kind == "sla" else 4
        box = f'<rect x="{x:.0f}" y="{y:.0f}" width="{_WIDTH}" height="{_HEIGHT}" rx="{round_}" '
        style = f'fill="{fill}" stroke="{edge}"'
        shape = f"{box}{style}/>"
        if stage.kind == "gate":
            shape = f"{box}{style} stroke-dasharray='4 3'/>"
        if stage.kind == "terminal":
            shape = f'{box}{style} stroke-width="3"/>'
        about = notes(stage)
        middle, text = x + _WIDTH / 2, escape(printable(stage.name, 18))
        line = y + (20 if about else 28)
        name = f'<text x="{middle:.0f}" y="{line:.0f}" text-anchor="middle">{text}</text>'
        note = _text(middle, y + 36, escape(printable(about, 26)), size=9) if about else ""
        told = "\n".join(filter(None, (printable(stage.name, 100), stage.kind, about)))
        return f"<g><title>{escape(told)}</title>{shape}{name}{note}</g>"

    def _drawn_lines(self) -> Iterator[str]:
        left: dict[str, int] = {}
        for line in self.lines:
            place = left.get(line.source, 0)
            if line.source == "":
                yield self._from_any(line)
            elif line.source == line.target:
                yield self._loop(line)
            elif self.rank[line.source] >= 0 and self.rank[line.target] >= 0:
                yield self._along(line)
            else:
                left[line.source] = place + len(line.labels)
                yield self._across(line, place)

    def _along(self, line: _Line) -> str:
        """From one stage of the path to another."""
        (x1, y), (x2, _) = self.at[line.source], self.at[line.target]
        key = line.source, line.target
        if key in self.over or key in self.under:
            over = key in self.over
            start, end = (
                x1 + _WIDTH * (0.66 if over else 0.34),
                x2 + _WIDTH * (0.34 if over else 0.66),
            )
            lane = self.over[key] if over else -self.under[key]
            edge = y if over else y + _HEIGHT
            bend = edge - lane * _LANE * 4 / 3
            path = f"M{start:.0f} {edge:.0f}C{start:.0f} {bend:.0f} {end:.0f} {bend:.0f} "
            path += f"{end:.0f} {edge:.0f}"
            crest = edge - lane * _LANE
            first = crest - 5 - _LINE * (len(line.labels) - 1) if over else crest + 14
            return _drawn(line, path, (start + end) / 2, first)
        path = f"M{x1 + _WIDTH:.0f} {y + _HEIGHT / 2:.0f}L{x2:.0f} {y + _HEIGHT / 2:.0f}"
        first = y + _HEIGHT / 2 - 6 - _LINE * (len(line.labels) - 1)
        return _drawn(line, path, (x1 + _WIDTH + x2) / 2, first)

    def _across(self, line: _Line, place: int) -> str:
        """Between the path and the stages off it, or between two of these."""
        (x1, y1), (x2, y2) = self.at[line.source], self.at[line.target]
        down = y1 < y2
        start = x1 + _WIDTH * (0.5 if down else 0.28)
        end = x2 + _WIDTH * (0.5 if down else 0.72)
        edge, far = (y1 + _HEIGHT, y2) if down else (y1, y2 + _HEIGHT)
        if y1 == y2:
            far, end = y2, x2 + _WIDTH * 0.4
        middle = (edge + far) / 2 if y1 != y2 else edge - 50
        path = f"M{start:.0f} {edge:.0f}C{start:.0f} {middle:.0f} {end:.0f} {middle:.0f} "
        path += f"{end:.0f} {far:.0f}"
        first = edge + 18 + _LINE * place if down else edge - 10 - _LINE * place
        return _drawn(line, path, start, first, down=down)

    def _loop(self, line: _Line) -> str:
        x, y = self.at[line.source]
        left, right = x + _WIDTH * 0.4, x + _WIDTH * 0.6
        path = f"M{left:.0f} {y:.0f}C{left:.0f} {y - 36:.0f} {right:.0f} {y - 36:.0f} "
        path += f"{right:.0f} {y:.0f}"
        return _drawn(line, path, (left + right) / 2, y - 32, down=False)

    def _from_any(self, line: _Line) -> str:
        """A short line to a stage that all others lead to."""
        x, y = self.at[line.target]
        on_path = self.rank[line.target] >= 0
        edge = y if on_path else y + _HEIGHT
        start = edge - 24 if on_path else edge + 24
        middle = x + _WIDTH / 2
        path = f"M{middle:.0f} {start:.0f}L{middle:.0f} {edge:.0f}"
        labels = [f"{ANY_STAGE}: {label}" for label in line.labels]
        first = start - 6 if on_path else start + 14
        return _drawn(line, path, middle, first, labels=labels, down=not on_path)


def _lines(lifecycle: "Lifecycle") -> list[_Line]:
    """The arrows, those between the same two stages as one."""
    found: dict[tuple[str, str], list[Arrow]] = {}
    for arrow in arrows(lifecycle):
        found.setdefault((arrow.source, arrow.target), []).append(arrow)
    return [_Line(source, target, tuple(held)) for (source, target), held in found.items()]


def _drawn(
    line: _Line,
    path: str,
    x: float,
    y: float,
    *,
    labels: list[str] | None = None,
    down: bool = True,
) -> str:
    """One line with its labels, the first of them at *y*."""
    dashes = ' stroke-dasharray="5 3"' if all(arrow.beyond for arrow in line.arrows) else ""
    stroke = f'fill="none" stroke="#555" marker-end="url(#mqlkit-tip)"{dashes}'
    way = _LINE if down else -_LINE
    told = "".join(
        _text(x, y + way * place, escape(label))
        for place, label in enumerate(labels or line.labels)
    )
    return f'<g><title>{escape(line.told)}</title><path d="{path}" {stroke}/>{told}</g>'


def _text(x: float, y: float, text: str, *, size: int = 11) -> str:
    """Text with a white rim, so that it can be read on a line; *text* is escaped already."""
    rim = 'stroke="#fff" stroke-width="3" paint-order="stroke"'
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="middle" font-size="{size}" '
        f'fill="#222" {rim}>{text}</text>'
    )


def _cut(text: str) -> str:
    return printable(text, 24)
