"""
What makes no sense in a model as a whole, although each part of it can be read.

`mqlkit.lint` looks at definitions; here the parts beside one are looked at, by the same rule: only
what is certain is told.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import attrs

from ..calendar import Calendar
from ..criteria.label import Stage
from ..criterion import Criterion
from ..lint import Finding, can_be, lint
from ..lint.finding import ORDER
from ..lint.formulas import check_parts
from ..lint.possible import why_not
from ..measure import OneOf
from ..value import listing
from ..verdict import Verdict
from . import whole
from .model import Model
from .path import path_text
from .span import UNITS

_DAY: Final = UNITS["days"]
_CROSSINGS: Final = ("ready", "unready")
_SPANS: Final = ("offer", "first_touch", "every", "outcome", "warn_before")


def lint_model(model: Model) -> tuple[Finding, ...]:
    """
    What makes no sense in a model.

    Args:
        model: Any; it is looked at, no lead is decided.

    Returns:
        The findings of `mqlkit.lint.lint` about its definitions, those about readiness with
        ``ready`` before their path, and those about lifecycle and handoff, which have the paths
        of a model file; errors first, then warnings, then hints.
    """
    checks = (_definitions, _guards, _stages, _crossings, _business_days)
    found = dict.fromkeys(finding for check in checks for finding in check(model))
    return tuple(sorted(found, key=lambda finding: ORDER.index(finding.severity)))


def _definitions(model: Model) -> Iterator[Finding]:
    own = lint(model.qualification)
    yield from own
    for finding in () if model.ready is None else lint(model.ready):
        # What is wrong with a card that both have is told once.
        if finding not in own or not finding.path.startswith("card"):
            yield attrs.evolve(finding, path=f"ready / {finding.path}")


def _guards(model: Model) -> Iterator[Finding]:
    """Criteria of moves, targets and territories that no lead meets."""
    for path, asking in whole.asking(model.lifecycle, model.handoff):
        if can_be(asking, Verdict.YES):
            yield from check_parts(path_text(path), asking)
        else:
            message = f"{why_not(asking)}, so this never applies; change or remove it"
            yield Finding("warning", "never-met", path_text(path), message)


def _stages(model: Model) -> Iterator[Finding]:
    """Questions about a stage that the lifecycle has not."""
    if model.lifecycle is None:
        return
    known = model.lifecycle.by_name
    for path, asking in _formulas(model):
        for part in asking.walk():
            if isinstance(part, OneOf) and isinstance(part.measure, Stage):
                strange = [repr(label) for label in part.labels if label not in known]
                if strange:
                    message = (
                        f"“{part.describe()}” asks for {listing(strange)}, and the lifecycle has "
                        f"no such stage; it has {listing([*map(repr, known)], 'and')}"
                    )
                    yield Finding("warning", "unknown-stage", path, message)


def _formulas(model: Model) -> Iterator[tuple[str, Criterion]]:
    yield from model.qualification.formulas()
    if model.ready is not None:
        yield from ((f"ready / {path}", asking) for path, asking in model.ready.formulas())
    for path, asking in whole.asking(model.lifecycle, model.handoff):
        yield path_text(path), asking


def _crossings(model: Model) -> Iterator[Finding]:
    """Moves on a crossing of a line that the model does not draw."""
    if model.lifecycle is None or model.ready is not None:
        return
    for place, move in enumerate(model.lifecycle.moves):
        if move.on in _CROSSINGS:
            message = (
                f"nothing raises {move.on!r}, since the model does not say who is ready for "
                "sales; add a section [ready], or name another trigger"
            )
            yield Finding("warning", "never-raised", f"lifecycle.moves[{place}].on", message)


def _business_days(model: Model) -> Iterator[Finding]:
    """Whole days on a calendar that is not open day and night: 24 open hours each."""
    for path, name, span, calendar in _on_calendars(model):
        if span and not span % _DAY and not _always(calendar):
            hours = span // UNITS["hours"]
            message = (
                f"{name} counts on a calendar, so {span.days:,} "
                f"{'day is' if span.days == 1 else 'days are'} {hours:,} open hours; where "
                "working days are meant, write their hours"
            )
            yield Finding("hint", "days-of-open-hours", path, message)


def _on_calendars(model: Model) -> Iterator[tuple[str, str, timedelta, Calendar]]:
    lifecycle, handoff = model.lifecycle, model.handoff
    if lifecycle is not None and lifecycle.calendar is not None:
        for place, stage in enumerate(lifecycle.stages):
            for name in ("within", "warn_before") if stage.business else ():
                span = getattr(stage, name)
                if span is not None:
                    yield f"lifecycle.stages[{place}].{name}", name, span, lifecycle.calendar
    if handoff is not None:
        for place, target in enumerate(handoff.sla.targets):
            for name in _SPANS:
                span = getattr(target, name)
                if span is not None:
                    where = f"handoff.sla.targets[{place}].{name}"
                    yield where, name, span, handoff.sla.calendar


def _always(calendar: Calendar) -> bool:
    return calendar.week == Calendar.always().week
