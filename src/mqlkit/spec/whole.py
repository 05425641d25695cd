"""
What is wrong between the parts of a model, where each by itself is right.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from ..criterion import Criterion
from ..errors import DefinitionError, Fault, did_you_mean, listed
from ..handoff.policy import HandoffPolicy
from ..lifecycle import Lifecycle
from ..lifecycle.transition import AT_ONCE
from ..qualification import Qualification
from ..scorecard import asked_scores
from ..value import listing, show
from .path import Path, path_text

_MOST_HINTS: Final = 50

ACCEPTED: Final = "accepted"
"""What a lifecycle is told when sales takes a lead."""

_WITHIN: Final = (ACCEPTED, "touched", AT_ONCE)
"""The triggers of moves that a handoff outlives."""


class ModelError(DefinitionError):
    """
    Parts that do not go together, with everything that is wrong between them.

    Args:
        faults: Each with its path as a model file has it, such as ``lifecycle.stages[2]``.

    >>> raise ModelError([Fault("lifecycle.stages[0]", None, "", "wanted a move on 'accepted'")])
    Traceback (most recent call last):
    ...
    mqlkit.spec.whole.ModelError: the parts of the model do not go together
      lifecycle.stages[0]: wanted a move on 'accepted'
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        return listed("the parts of the model do not go together", list(map(str, self.faults)))


def scores_of(*definitions: Qualification | None) -> frozenset[str]:
    """The names of the scores that criteria of the other parts may ask for."""
    return frozenset(name for one in definitions if one is not None for name in one.score_names)


def asking(
    lifecycle: Lifecycle | None, handoff: HandoffPolicy | None
) -> Iterator[tuple[Path, Criterion]]:
    """The criteria of moves, targets and territories, each with where it stands in a file."""
    lists: dict[Path, Iterable[Criterion | None]] = {}
    if lifecycle is not None:
        lists["lifecycle", "moves"] = [move.when for move in lifecycle.moves]
    if handoff is not None:
        lists["handoff", "sla", "targets"] = [target.when for target in handoff.sla.targets]
        territories = handoff.routing.territories
        lists["handoff", "routing", "territories"] = [one.when for one in territories]
    for path, criteria in lists.items():
        for place, when in enumerate(criteria):
            if when is not None:
                yield (*path, place, "when"), when


def unknown_scores(
    criteria: Iterable[tuple[Path, Criterion]], known: Collection[str]
) -> Iterator[tuple[Path, str]]:
    """Where a criterion asks for a score that there is not, and for which; each once."""
    for path, criterion in criteria:
        for name in dict.fromkeys(asked_scores(criterion)):
            if name not in known:
                yield path, name


def score_faults(
    criteria: Iterable[tuple[Path, Criterion]], known: Collection[str]
) -> Iterator[Fault]:
    """The same as faults."""
    for count, (path, name) in enumerate(unknown_scores(criteria, known)):
        hint = did_you_mean(name, known) if count < _MOST_HINTS else ""
        yield Fault(path_text(path), None, show(name), "wanted the name of a score", hint)


def faults(lifecycle: Lifecycle | None, handoff: HandoffPolicy | None) -> Iterator[Fault]:
    """What a lifecycle lacks for the handoffs of its model."""
    if lifecycle is None:
        return
    for place, stage in enumerate(lifecycle.stages):
        if stage.offers and (stage.name, ACCEPTED) not in lifecycle.table:
            yield Fault(
                f"lifecycle.stages[{place}].offers",
                None,
                "a stage that offers",
                f"a lead that is offered at {stage.name!r} can be accepted",
                f"add a move on {ACCEPTED!r} from {stage.name!r}",
            )
    stages = stages_of_handoffs(lifecycle)
    for place, code in enumerate(() if handoff is None else handoff.reasons):
        lack = [repr(name) for name in stages if (name, code.trigger) not in lifecycle.table]
        if code.trigger and lack:
            yield Fault(
                f"handoff.reasons[{place}].then",
                None,
                f"the reason code {code.name!r}, which raises {code.trigger!r}",
                "every stage at which a lead may have a handoff has a move for that",
                f"add a move on {code.trigger!r} from {listing(lack, 'and')}, "
                "or let the code lead elsewhere",
            )


def stages_of_handoffs(lifecycle: Lifecycle) -> tuple[str, ...]:
    """Where a lead may have a handoff, in order: the stages that offer, and what follows."""
    found = {stage.name for stage in lifecycle.stages if stage.offers}
    waiting = [*found]
    while waiting:
        name = waiting.pop()
        moves = [m for on in _WITHIN for m in lifecycle.table.get((name, on), ())]
        new = {move.target for move in moves} - found
        found |= new
        waiting += new
    stands = ("inventory", "sla")
    return tuple(s.name for s in lifecycle.stages if s.name in found and s.kind in stands)
