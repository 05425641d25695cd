"""Lint of bands: those that earlier ones hide, those that overlap, and gaps between them."""

from collections.abc import Iterator
from typing import Final

from ..points import millipoints
from ..rules.choice import Band, ByBand
from ..value import show
from .finding import Finding

_INFINITY: Final = float("inf")
_MOST_BANDS: Final = 500
"""Beyond so many bands they are not compared with one another: that takes their square."""


def check_bands(path: str, rule: ByBand) -> Iterator[Finding]:
    """The findings about the bands of one rule."""
    if len(rule.bands) > _MOST_BANDS:
        return
    if rule.match == "first":
        yield from _hidden(path, rule.bands)
    else:
        yield from _beaten(path, rule.bands)
    yield from _gaps(path, rule)


def _ends(band: Band) -> tuple[float, float]:
    low = -_INFINITY if band.at_least is None else band.at_least
    return low, _INFINITY if band.below is None else band.below


def _called(band: Band) -> str:
    low = [] if band.at_least is None else [f"at least {show(band.at_least)}"]
    high = [] if band.below is None else [f"below {show(band.below)}"]
    return f"“{' and '.join(low + high)}”"


def _hidden(path: str, bands: tuple[Band, ...]) -> Iterator[Finding]:
    """Of bands of which the first counts: those never used, and those used in part."""
    for number, band in enumerate(bands):
        earlier = bands[:number]
        if _covered(_ends(band), earlier):
            message = f"{_called(band)} never counts: bands before it take all of it"
            yield Finding(
                "warning", "hidden-band", path, f"{message}; put it before them or remove it"
            )
            continue
        for other in earlier:
            if _overlap(band, other) and not _within(other, band):
                message = f"{_called(other)} and {_called(band)} overlap, and the first counts"
                yield Finding("warning", "overlapping-bands", path, f"{message}; move their ends")


def _covered(ends: tuple[float, float], bands: tuple[Band, ...]) -> bool:
    """Whether every number between two ends is in one of the bands."""
    low, high = ends
    for start, end in sorted(map(_ends, bands)):
        if start <= low < end:
            low = end
    return low >= high


def _overlap(one: Band, other: Band) -> bool:
    (low, high), (start, end) = _ends(one), _ends(other)
    return low < end and start < high


def _within(one: Band, other: Band) -> bool:
    """Whether *one* is a part of *other*: a wider band after a narrow one is a usual way."""
    (low, high), (start, end) = _ends(one), _ends(other)
    return start <= low and high <= end


def _beaten(path: str, bands: tuple[Band, ...]) -> Iterator[Finding]:
    """Of bands of which the best counts: those within one that gives as much or more."""
    for number, band in enumerate(bands):
        for place, other in enumerate(bands):
            same = _ends(band) == _ends(other) and band.points == other.points
            as_much = millipoints(other.points) >= millipoints(band.points)
            if (
                place != number
                and _within(band, other)
                and as_much
                and (not same or place < number)
            ):
                message = f"{_called(band)} never counts: {_called(other)} gives as much or more"
                yield Finding("warning", "beaten-band", path, f"{message}; remove it")
                break


def _gaps(path: str, rule: ByBand) -> Iterator[Finding]:
    reached: float | None = None
    for start, end in sorted(map(_ends, rule.bands)):
        if reached is not None and start > reached:
            least, most = show(reached), show(start)
            message = f"no band holds {rule.measure.describe()} from {least} to below {most}"
            yield Finding("hint", "band-gap", path, f"{message}; add one, if it should give points")
        reached = end if reached is None else max(reached, end)
