"""
``mqlkit check``: what is wrong with a model, and what makes no sense in it.
"""

from collections.abc import Sequence
from typing import Any

import attrs
from rich.console import Console

from ..errors import Fault, ModelFileError
from ..lint import Finding, lint
from ..qualification import Qualification
from . import show
from .models import find_model


@attrs.frozen
class Check:
    """
    What was found in a model.

    Args:
        name: As it was asked for.
        model: The definition; None when it cannot be loaded.
        faults: Why it cannot.
        findings: What can be loaded and makes no sense.
    """

    name: str
    model: Qualification | None
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
            "name": self.model.name if self.model else None,
            "version": self.model.version if self.model else None,
            "fingerprint": self.model.fingerprint if self.model else None,
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
        model = find_model(name, lists).qualification
    except ModelFileError as error:
        return Check(name, None, error.faults)
    return Check(name, model, (), lint(model))


def show_check(console: Console, found: Check) -> None:
    """What was found, one thing a line."""
    if found.model is None:
        show.say(console, f"{found.name} cannot be loaded", "bold red")
        for fault in found.faults:
            show.say(console, f"  {fault}")
        return
    show.show_model(console, found.model)
    for finding in found.findings:
        style = "red" if finding.severity == "error" else "yellow"
        show.say(console, f"  {finding}", style)
    if not found.findings:
        show.say(console, "  nothing to complain about", "green")
