"""
What makes no sense in a model as a whole, although each part of it can be read.

`mqlkit.lint` looks at definitions; here the parts beside one are looked at, by the same rule: only
what is certain is told.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from difflib import get_close_matches
from typing import Final

import attrs

from ..calendar import Calendar
from ..criteria.label import Stage
from ..criterion import Criterion
from ..lifecycle import Lifecycle
from ..lifecycle.transition import AT_ONCE, EXPIRED, RAISED
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
from .whole import ACCEPTED

_DAY: Final = UNITS["days"]
_CROSSINGS: Final = ("ready", "unready")
_KNOWN: Final = (
    *sorted({*RAISED, AT_ONCE, EXPIRED, ACCEPTED, "touched", "recycled", "unanswered"}),
    *("identified", "verified", "opened", "won", "lost", "reopened"),
)
"""The triggers that mqlkit raises, and those of the lifecycle that is shipped."""
_CLOSE: Final = 0.85
_MOST_COMPARED: Final = 200
_DIGITS: Final = re.compile(r"\d+")
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
    checks = (
        _definitions,
        _guards,
        _stages,
        _crossings,
        _never_offered,
        _qualifies_nobody,
        _misspelt,
        _business_days,
    )
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


def _never_offered(model: Model) -> Iterator[Finding]:
    """A handoff that never begins."""
    if model.lifecycle is None or model.handoff is None:
        return
    if not any(stage.offers for stage in model.lifecycle.stages):
        message = (
            "no lead is ever handed to sales, since no stage offers; "
            "say offers = true at the stage of those who qualify"
        )
        yield Finding("error", "never-offered", "handoff", message)


def _qualifies_nobody(model: Model) -> Iterator[Finding]:
    """A lifecycle in which it does not matter who is a qualified lead."""
    if model.lifecycle is None or any(move.on == "qualified" for move in model.lifecycle.moves):
        return
    message = (
        "no lead comes to another stage because it qualifies, since no move is on 'qualified'; "
        "add one to the stage of those who qualify"
    )
    yield Finding("warning", "qualifies-nobody", "lifecycle.moves", message)


def _misspelt(model: Model) -> Iterator[Finding]:
    """Triggers that are nearly those that mqlkit raises, or that other moves wait for."""
    if model.lifecycle is None:
        return
    said = [*_triggers(model.lifecycle)]
    own = Counter(word for _, word in said if word not in _KNOWN)
    if len(own) > _MOST_COMPARED:
        return
    # Of two words of the team's own, the one that stands less often is the slip.
    meant = {word: _near(word, [*_KNOWN, *(w for w in own if own[w] > own[word])]) for word in own}
    for path, word in said:
        if meant.get(word):
            message = (
                f"mqlkit raises no {word!r}; did you mean {meant[word]!r}? "
                "If it is a word of your own, take one that is harder to confuse"
            )
            yield Finding("warning", "trigger-misspelt", path, message)


def _triggers(lifecycle: Lifecycle) -> Iterator[tuple[str, str]]:
    """The triggers that moves name, each with where."""
    for place, move in enumerate(lifecycle.moves):
        yield f"lifecycle.moves[{place}].on", move.on
        for index, word in enumerate(move.unless or ()):
            yield f"lifecycle.moves[{place}].unless[{index}]", word


def _near(word: str, known: Sequence[str]) -> str | None:
    """What *word* is likely meant to be: not a word before which more stands, such as reopened."""
    others = [w for w in known if not (w.endswith(word) or word.endswith(w) or _alike(w, word))]
    return next(iter(get_close_matches(word, others, n=1, cutoff=_CLOSE)), None)


def _alike(one: str, other: str) -> bool:
    """Whether two words differ in their numbers alone, such as call 1 and call 2."""
    return _DIGITS.sub("", one) == _DIGITS.sub("", other)


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
