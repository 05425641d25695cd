"""
``mqlkit check``: what is wrong with a model, and what makes no sense in it.
"""

from collections.abc import Sequence
from typing import Any

import attrs
from rich.console import Console

from ..errors import Fault, ModelFileError
from ..lint import Finding
from ..spec import Model
from ..spec.sense import lint_model
from . import show
from .models import find_model


@attrs.frozen
class Check:
    """
    What was found in a model.

    Args:
        name: As it was asked for.
        model: The model; None when it cannot be loaded.
        faults: Why it cannot.
        findings: What can be loaded and makes no sense.
    """

    name: str
    model: Model | None
    faults: tuple[Fault, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def exit_code(self) -> int:
        """2 for faults, 1 for errors of sense, else 0: warnings alone are no failure."""
        if self.faults:
            return 2
        return int(any(finding.severity == "error" for finding in self.findings))

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "model": self.name,
            "name": self.model.qualification.name if self.model else None,
            "version": self.model.qualification.version if self.model else None,
            "fingerprint": self.model.qualification.fingerprint if self.model else None,
            "parts": _parts(self.model) if self.model else {},
            "faults": [fault._asdict() for fault in self.faults],
            "findings": [attrs.asdict(finding) for finding in self.findings],
        }


def check(name: str, lists: Sequence[str] | None = None) -> Check:
    """
    Look for everything that is wrong with a model.

    Args:
        name: As `find_model` takes it.
        lists: As `find_model` takes them.

    Raises:
        UnknownNameError: there is no such model.
    """
    try:
        model = find_model(name, lists)
    except ModelFileError as error:
        return Check(name, None, error.faults)
    return Check(name, model, (), lint_model(model))


def _parts(model: Model) -> dict[str, str]:
    """What stands beside the definition, each part in a few words."""
    ready, lifecycle, handoff = model.ready, model.lifecycle, model.handoff
    told = {}
    if ready is not None:
        told["ready"] = f"{ready.name!r} version {ready.version} ({ready.fingerprint})"
    if lifecycle is not None:
        stages, moves = _count(lifecycle.stages, "stage"), _count(lifecycle.moves, "move")
        told["lifecycle"] = f"{lifecycle.name!r}, {stages} and {moves}"
    if handoff is not None:
        targets, reps = _count(handoff.sla.targets, "target"), _count(handoff.routing.reps, "rep")
        told["handoff"] = f"{targets}, {reps} and {_count(handoff.reasons, 'reason code')}"
    return told


def _count(things: Sequence[object], word: str) -> str:
    """How many there are, such as ``1 rep`` or ``2 reps``."""
    return f"{len(things)} {word}{'' if len(things) == 1 else 's'}"


def show_check(console: Console, found: Check) -> None:
    """What was found, one thing a line."""
    if found.model is None:
        show.say(console, f"{found.name} cannot be loaded", "bold red")
        for fault in found.faults:
            show.say(console, f"  {fault}")
        return
    show.show_model(console, found.model.qualification)
    for part, told in _parts(found.model).items():
        show.say(console, f"  {part}: {told}")
    for finding in found.findings:
        style = "red" if finding.severity == "error" else "yellow"
        show.say(console, f"  {finding}", style)
    if not found.findings:
        show.say(console, "  nothing to complain about", "green")
