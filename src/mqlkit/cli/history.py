"""The instants that ``--as-of`` and ``--history`` state."""

import re
from datetime import datetime, timedelta
from typing import Final

import typer

from .arguments import instant_of
from .run import Sample

MOST: Final = 10_000
"""Instants of one run: a step of an hour by mistake must not fill a disk."""
_SPELLED: Final = re.compile(r"(?P<first>.+)\.\.(?P<last>.+)/(?P<count>[1-9]\d*)(?P<unit>[dh])")
_UNITS: Final = {"d": timedelta(days=1), "h": timedelta(hours=1)}


def instants_of(as_of: str | None, history: str | None) -> tuple[datetime, ...]:
    """
    The one instant, or those of a history.

    Raises:
        BadParameter: Neither or both are stated, or one cannot be read.
    """
    if (as_of is None) == (history is None):
        both = "both are given" if as_of else "neither is given"
        raise typer.BadParameter(f"{both}; wanted one of them", param_hint="--as-of, --history")
    if history is not None:
        return history_of(history)
    return (instant_of(as_of or "", "--as-of"),)


def sample_of(verify: str | None) -> Sample:
    """
    How many leads ``--verify`` states; None for none of them.

    Raises:
        BadParameter: It states no number of leads.
    """
    if verify is None:
        return None
    if verify == "all":
        return "all"
    if not verify.isdecimal() or not int(verify):
        raise typer.BadParameter(
            f"{verify!r} is no number of leads; wanted all, or such as 1000", param_hint="--verify"
        )
    return int(verify)


def history_of(text: str) -> tuple[datetime, ...]:
    """
    The instants from the first to the last, a step apart.

    Args:
        text: ``FIRST..LAST/STEP``, where the step is days or hours, such as ``7d`` or ``1h``.

    Raises:
        BadParameter: It states none, or too many.

    >>> instants = history_of("2026-01-01T00:00Z..2026-02-01T00:00Z/7d")
    >>> len(instants), instants[0].day, instants[-1].day
    (5, 1, 29)
    """
    spelled = _SPELLED.fullmatch(text)
    if spelled is None:
        raise _refused(f"{text!r} is no history; wanted FIRST..LAST/STEP")
    first, last = (instant_of(spelled[end], "--history") for end in ("first", "last"))
    step = int(spelled["count"]) * _UNITS[spelled["unit"]]
    if last < first:
        raise _refused(f"{text!r} ends before it begins")
    count = (last - first) // step + 1
    if count > MOST:
        raise _refused(f"{text!r} has {count:,} instants; at most {MOST:,} are decided in a run")
    return tuple(first + number * step for number in range(count))


def _refused(problem: str) -> typer.BadParameter:
    example = "such as 2026-01-01T00:00Z..2026-03-01T00:00Z/7d"
    return typer.BadParameter(f"{problem}, {example}", param_hint="--history")
