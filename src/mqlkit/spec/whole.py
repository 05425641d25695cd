"""
What is wrong between the parts of a model, where each by itself is right.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from ..criterion import Criterion
from ..errors import DefinitionError, Fault, did_you_mean
from ..lifecycle import Lifecycle
from ..qualification import Qualification
from ..scorecard import asked_scores
from ..value import listing, show
from .path import Path, path_text

_LONGEST_ERROR: Final = 2_000
_MOST_HINTS: Final = 50
_ACCEPTED: Final = "accepted"
_WITHIN_A_HANDOFF: Final = (_ACCEPTED, "touched", "at once")
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
        text = "the parts of the model do not go together"
        for place, fault in enumerate(self.faults):
            line = f"\n  {fault}"
            if len(text) + len(line) > _LONGEST_ERROR - 40:
                return f"{text}\n  and {len(self.faults) - place:,} more"
            text += line
        return text


def scores_of(*definitions: Qualification | None) -> frozenset[str]:
    """The names of the scores that criteria of the other parts may ask for."""
    return frozenset(name for one in definitions if one is not None for name in one.score_names)


def guards(lifecycle: Lifecycle | None) -> Iterator[tuple[Path, Criterion]]:
    """The criteria of a lifecycle, each with where it stands in a model file."""
    for place, move in enumerate(() if lifecycle is None else lifecycle.moves):
        if move.when is not None:
            yield ("lifecycle", "moves", place, "when"), move.when


def unknown_scores(
    asking: Iterable[tuple[Path, Criterion]], known: Collection[str]
) -> Iterator[tuple[Path, str]]:
    """Where a criterion asks for a score that there is not, and for which; each once."""
    for path, criterion in asking:
        for name in dict.fromkeys(asked_scores(criterion)):
            if name not in known:
                yield path, name


def score_faults(
    asking: Iterable[tuple[Path, Criterion]], known: Collection[str]
) -> Iterator[Fault]:
    """The same as faults."""
    for count, (path, name) in enumerate(unknown_scores(asking, known)):
        hint = did_you_mean(name, known) if count < _MOST_HINTS else ""
        yield Fault(path_text(path), None, show(name), "wanted the name of a score", hint)


def faults(lifecycle: Lifecycle | None) -> Iterator[Fault]:
    """What a lifecycle lacks for the handoffs of its model."""
    if lifecycle is None:
        return
    for place, stage in enumerate(lifecycle.stages):
        if stage.offers and (stage.name, _ACCEPTED) not in lifecycle.table:
            yield Fault(
                f"lifecycle.stages[{place}].offers",
                None,
                "a stage that offers",
                f"a lead that is offered at {stage.name!r} can be accepted",
                f"add a move on {_ACCEPTED!r} from {stage.name!r}",
            )


def stages_of_handoffs(lifecycle: Lifecycle) -> tuple[str, ...]:
    """The stages at which a lead may have a handoff: those that offer, and what follows."""
    found = dict.fromkeys(stage.name for stage in lifecycle.stages if stage.offers)
    waiting = [*found]
    while waiting:
        name = waiting.pop()
        for trigger in _WITHIN_A_HANDOFF:
            for move in lifecycle.table.get((name, trigger), ()):
                if move.target not in found:
                    found[move.target] = None
                    waiting.append(move.target)
    return tuple(
        stage.name
        for stage in lifecycle.stages
        if stage.name in found and stage.kind not in ("gate", "terminal")
    )


def lacking(lifecycle: Lifecycle, trigger: str) -> str:
    """The stages at which a lead may have a handoff and that take no *trigger*, as prose."""
    stages = [
        repr(name)
        for name in stages_of_handoffs(lifecycle)
        if (name, trigger) not in lifecycle.table
    ]
    return listing(stages, "and") if stages else ""
