"""
The ways through a table of stages and moves: what follows what, and what can be reached.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final

from .transition import AT_ONCE, Transition

if TYPE_CHECKING:
    from .table import Lifecycle

UNSURE: Final = ""
"""Where a trigger leads when that hangs on a criterion, a wait or a bound."""


class Ways:
    """
    The ways through a lifecycle whose names are right, worked out once.

    Args:
        lifecycle: Its stages and moves.
    """

    def __init__(self, lifecycle: "Lifecycle") -> None:
        self.lifecycle = lifecycle
        self.names = [stage.name for stage in lifecycle.stages]
        self.ends = [stage.name for stage in lifecycle.stages if stage.kind == "terminal"]
        self.gates = {stage.name for stage in lifecycle.stages if stage.kind == "gate"}

    @cached_property
    def following(self) -> Mapping[str, set[str]]:
        """For each stage those that one move leads to, a visit too many included."""
        found: dict[str, set[str]] = {name: set() for name in self.names}
        for (source, _), moves in self.lifecycle.table.items():
            for move in moves:
                beyond = self.lifecycle.by_name[move.target].beyond
                found[source] |= {move.target, beyond} if beyond else {move.target}
        return found

    @cached_property
    def reached(self) -> set[str]:
        """The stages that a lead can come to."""
        return _closure([self.lifecycle.start], self.following.__getitem__)

    @cached_property
    def ending(self) -> set[str]:
        """The stages from which a lead can come to an end."""
        before: dict[str, set[str]] = {name: set() for name in self.names}
        for name, targets in self.following.items():
            for target in targets:
                before[target].add(name)
        return _closure(self.ends, before.__getitem__)

    def rounds(self, gate: str) -> bool:
        """Whether a gate leads to itself through gates alone."""

        def between(name: str) -> set[str]:
            return self.following[name] & self.gates

        return gate in _closure(between(gate), between)

    def rejoins(self, stage: str) -> bool:
        """Whether a stage leads back to the path short of its end, at once or through gates."""
        lifecycle = self.lifecycle
        found = _closure(
            self.following[stage],
            lambda name: self.following[name] if name in self.gates else (),
        )
        return any(
            lifecycle.rank[name] >= 0 and lifecycle.by_name[name].kind != "terminal"
            for name in found
        )

    def hidden_by(self, move: Transition) -> int | None:
        """The place of the move that is always taken before *move*; None when it has its turn."""
        hiding = [self._hiding(source, move) for source in self.lifecycle.sources(move)]
        known = [place for place in hiding if place is not None]
        # One for all stages is often written last, for those that no other move is about.
        hidden = len(known) == len(hiding) if move.anywhere else bool(known)
        return known[0] if known and hidden else None

    def _hiding(self, source: str, move: Transition) -> int | None:
        for earlier in self.lifecycle.table[source, move.on]:
            if earlier is move:
                return None
            if earlier.when is None or earlier.when == move.when:
                return self._places[id(earlier)]
        raise AssertionError("a move is in the table of its own sources")  # pragma: no cover

    @cached_property
    def _places(self) -> dict[int, int]:
        return {id(move): place for place, move in enumerate(self.lifecycle.moves)}

    def after(self, stage: str, triggers: Iterable[str]) -> str | None:
        """
        Where triggers lead, one after the other, whatever criteria say.

        Returns:
            The stage; None when one of them is not taken, `UNSURE` when that is not sure.
        """
        here: str | None = stage
        for trigger in triggers:
            if here:
                here = self._lands(here, trigger)
        return here

    def _lands(self, stage: str, trigger: str) -> str | None:
        moves = self.lifecycle.table.get((stage, trigger))
        if moves is None:
            return None
        move, source = moves[0], self.lifecycle.by_name[stage]
        target = self.lifecycle.by_name[move.target]
        if move.when is not None or move.dwell or source.cool_down or target.beyond:
            return UNSURE
        return self._lands(target.name, AT_ONCE) if target.kind == "gate" else target.name


def _closure(start: Iterable[str], following: Callable[[str], Iterable[str]]) -> set[str]:
    found, waiting = set(start), [*start]
    while waiting:
        new = set(following(waiting.pop())) - found
        found |= new
        waiting += new
    return found
