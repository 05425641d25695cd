"""
The lines of a diagram of a lifecycle, and what stands at its stages.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import attrs

from ..value import days_text, printable
from .stage import Stage
from .transition import Transition

if TYPE_CHECKING:
    from .table import Lifecycle

ANY_STAGE: Final = "any stage"
LONGEST: Final = 60
"""Letters of a text in a diagram."""


@attrs.frozen
class Arrow:
    """
    One line of a diagram.

    Args:
        source: The stage it leaves; ``""`` is every stage that is not terminal.
        target: The stage it leads to.
        on: What it happens on.
        when: What must hold for it; ``""`` for nothing.
        beyond: It is where a visit too many goes, not a move.
    """

    source: str
    target: str
    on: str
    when: str = ""
    beyond: bool = False

    @property
    def label(self) -> str:
        """What stands at it."""
        return self.on + (f", if {self.when}" if self.when else "")


def arrows(lifecycle: "Lifecycle") -> Iterator[Arrow]:
    """The moves, a line for each stage that one leaves, and where visits too many go."""
    for move in lifecycle.moves:
        when = "" if move.when is None else printable(move.when.describe(), LONGEST)
        for source in ("",) if move.anywhere else move.sources:
            yield Arrow(source, move.target, _on(move), when)
    for stage in lifecycle.stages:
        if stage.at_most is not None:
            visit = f"visit {stage.at_most + 1:,} and later"
            yield Arrow(stage.name, stage.beyond, visit, beyond=True)


def notes(stage: Stage) -> str:
    """What a stage says of time, in words; ``""`` when nothing."""
    within = stage.within and (_working(stage.within) if stage.business else _days(stage.within))
    said = (
        f"within {within}" if within else "",
        f"rests {_days(stage.cool_down)}" if stage.cool_down else "",
    )
    return ", ".join(filter(None, said))


def _on(move: Transition) -> str:
    return move.on + (f" for {_days(move.dwell)}" if move.dwell else "")


def _days(span: timedelta) -> str:
    days = days_text(span)
    return f"{days} day" if days == "1" else f"{days} days"


def _working(span: timedelta) -> str:
    """A span on a calendar: a working day has as many hours as the calendar says."""
    hours = days_text(span * 24)
    return f"{hours} working hour" if hours == "1" else f"{hours} working hours"
