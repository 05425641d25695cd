"""Lint of whole formulas: those that no lead can meet, and those that every lead meets."""

from collections.abc import Iterator

from ..criterion import AnyOf, Criterion
from ..qualification import Qualification
from ..verdict import Verdict
from .finding import Finding, Severity
from .possible import can_be, why_not


def check_formulas(q: Qualification) -> Iterator[Finding]:
    """The findings about ``when``, ``never``, ``at_once`` and the labels."""
    another_way = any(can_be(asking, Verdict.YES) for asking in q.at_once.values())
    for path, asking in q.formulas():
        section = path.split(" ", 1)[0]
        if not can_be(asking, Verdict.YES):
            if section == "when" and another_way and asking == AnyOf(()):
                continue  # Written so on purpose: only what qualifies at once does.
            yield _never(path, asking, alone=section == "when" and not another_way)
            continue
        if not can_be(asking, Verdict.NO):
            yield _always(path, section)
        yield from check_parts(path, asking)


def _never(path: str, asking: Criterion, *, alone: bool) -> Finding:
    severity: Severity = "error" if alone else "warning"
    outcome = "so no lead can qualify" if alone else "so it does nothing"
    message = f"{why_not(asking)}, {outcome}; change or remove it"
    return Finding(severity, "never-met", path, message)


def _always(path: str, section: str) -> Finding:
    if section == "never":
        message = "no lead can fail this, so no lead can qualify; change or remove it"
        return Finding("error", "always-met", path, message)
    message = "no lead can fail this, so it tells none from another; change or remove it"
    return Finding("warning", "always-met", path, message)


def check_parts(path: str, asking: Criterion) -> Iterator[Finding]:
    """The outermost parts of a formula that no lead can meet."""
    for part in asking.parts():
        if can_be(part, Verdict.YES):
            yield from check_parts(path, part)
        else:
            message = f"{why_not(part)}, so this part does nothing; change or remove it"
            yield Finding("warning", "part-never-met", path, message)
