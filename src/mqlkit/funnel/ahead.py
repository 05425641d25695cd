"""
What lies ahead of a lead of whom nothing new is learned: when its journey may move.

Between two such instants its points fade and its windows close, and nothing comes of it: nobody
need look.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from ..criterion import Criterion, earliest
from ..decision import Decision
from ..errors import DefinitionError
from ..lifecycle import Lifecycle
from ..lifecycle.transition import AT_ONCE
from ..qualification import Qualification
from ..value import LAST, MICROSECOND

HORIZON: Final = timedelta(days=366)
"""How far a look sees; a lead about whom more may change after that is looked at again then."""


def guards(lifecycle: Lifecycle, stage: str, triggers: Iterable[str]) -> Iterator[Criterion]:
    """
    The criteria on which it hangs whether and where a move takes a lead.

    Args:
        lifecycle: Whose moves.
        stage: Where the lead stands.
        triggers: Of which moves. Those of the gates that they lead to count too.
    """
    asked = [(stage, trigger) for trigger in triggers]
    for key in asked:
        for move in lifecycle.table.get(key, ()):
            if move.when is not None:
                yield move.when
            ways = ((target, AT_ONCE) for target in _targets(lifecycle, move.target))
            asked += (way for way in ways if way in lifecycle.table and way not in asked)


def _targets(lifecycle: Lifecycle, stage: str) -> tuple[str, ...]:
    """The stage, and where a visit too many to it goes."""
    beyond = lifecycle.by_name[stage].beyond
    return (stage, beyond) if beyond else (stage,)


def next_look(
    by: Qualification,
    decision: Decision,
    before: datetime | None,
    guard: Criterion | None = None,
) -> datetime | None:
    """
    The first instant at which a decision's status, or what a criterion answers, is another.

    Args:
        by: The definition that decided.
        decision: As of now.
        before: When the lead is looked at in any case; None for never.
        guard: The criterion, which may ask for the definition's scores; None for the status.

    Returns:
        Or *before*, if that comes first. Where nothing changes within the `HORIZON`, but may after
        it, an instant beyond it, up to which nothing does. Early, never late, where a criterion of
        a user's own does not say well enough when it changes.
    """
    now, lead = decision.as_of, decision.lead
    first = decision.next_change(guard)
    if first is None or (before is not None and before <= first):
        return before
    if first == now + MICROSECOND:
        return first  # It may be the clock itself that is asked.
    horizon = now + HORIZON if now < LAST - HORIZON else LAST
    until = horizon if before is None else min(before, horizon)
    try:
        turn = by.next_flip(lead, as_of=now, until=until, of=guard)
    except DefinitionError:  # More looks than are sensible: then one after the other.
        return first
    if turn is not None or until == before:
        return turn or before
    return earliest([before, by.decide(lead, as_of=horizon).next_change(guard)])
