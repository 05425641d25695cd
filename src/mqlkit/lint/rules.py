"""Lint of the rules of a card: points that no lead can get, or gets twice, or for too short."""

from collections.abc import Hashable, Iterator
from datetime import timedelta
from typing import Final

from ..decay import Decay
from ..points import millipoints
from ..qualification import Qualification
from ..rules.activity import ActivityRule
from ..rules.base import BaseRule
from ..rules.choice import ByBand, Cases, Choice
from ..rules.rule import Rule
from ..scorecard import Group, Scored
from ..value import DAY, days_text, show
from ..verdict import Verdict
from ..window import Window
from .bands import check_bands
from .finding import Finding
from .formulas import check_parts
from .place import items_of, places
from .possible import can_be, implies, takes_any, why_not


def check_cards(q: Qualification) -> Iterator[Finding]:
    """The findings about every rule and group of every card."""
    for place in places(q):
        if isinstance(place.item, BaseRule):
            yield from _check_rule(place.path, place.item, place.decay)
        else:
            yield from _check_cap(place.path, place.item)
            yield from _check_twice(place.path, place.item)


def _check_rule(path: str, rule: BaseRule, decay: Decay | None) -> Iterator[Finding]:
    match rule:
        case Rule():
            yield from _check_points(path, rule.points)
            if can_be(rule.when, Verdict.YES):
                yield from check_parts(path, rule.when)
            else:
                yield _never(path, why_not(rule.when))
        case ActivityRule():
            yield from _check_points(path, rule.points)
            if not takes_any(rule.activities):
                yield _never(path, f"no activity can be {rule.activities.describe()}")
            yield from _check_fading(path, rule, rule.own_decay or decay)
        case Choice():
            yield from _check_choice(path, rule)
        case _:  # a user's own
            return


def _never(path: str, why: str) -> Finding:
    message = f"no lead can get these points: {why}; change or remove it"
    return Finding("error", "never-awarded", path, message)


def _check_points(path: str, points: float) -> Iterator[Finding]:
    if not points:
        yield Finding("warning", "no-points", path, "it gives 0 points; give it some or remove it")


# -- one of several ------------------------------------------------------------------------------


def _check_choice(path: str, rule: Choice) -> Iterator[Finding]:
    rows = tuple(rule.rows())
    if not any(millis for _, millis in rows):
        yield from _check_points(path, 0)
    for when, _ in rows:
        if not can_be(when, Verdict.YES):
            yield _never(path, why_not(when))
    match rule:
        case ByBand():
            yield from check_bands(path, rule)
        case Cases():
            yield from _check_cases(path, rule)
        case _:
            return


_MOST_CASES: Final = 200
"""Beyond so many cases they are not compared with one another: that takes their square."""


def _check_cases(path: str, rule: Cases) -> Iterator[Finding]:
    """Cases that never count, because another that holds as well goes before."""
    if len(rule.cases) > _MOST_CASES:
        return
    for number, case in enumerate(rule.cases):
        if not can_be(case.when, Verdict.YES):
            continue
        for place, other in enumerate(rule.cases):
            if place != number and _goes_before(rule, place, number):
                way = "comes before it" if rule.match == "first" else "gives as much or more"
                message = (
                    f"“{case.when.describe()}” never counts: “{other.when.describe()}” holds as "
                    f"well and {way}; change or remove it"
                )
                yield Finding("warning", "hidden-case", path, message)
                break


def _goes_before(rule: Cases, place: int, number: int) -> bool:
    """Whether the case at *place* counts, instead of the one at *number*, wherever this holds."""
    other, case = rule.cases[place], rule.cases[number]
    if rule.match == "first":
        return place < number and implies(case.when, other.when)
    more = millipoints(other.points) - millipoints(case.points)
    if more < 0 or not implies(case.when, other.when):
        return False
    # Of two that say the same and give the same, the later one is the idle one.
    return more > 0 or place < number or not implies(other.when, case.when)


# -- fading --------------------------------------------------------------------------------------

_SHORTEST_MONTH: Final = 28


def _check_fading(path: str, rule: ActivityRule, decay: Decay | None) -> Iterator[Finding]:
    window = rule.activities.window
    lifespan = None if decay is None else decay.lifespan
    if window is None or decay is None or lifespan is None:
        return
    if lifespan * DAY < _shortest(window):
        message = (
            f"after {lifespan} days its points are gone ({decay.describe()}), so the rest of the "
            f"window of {window} gives nothing; shorten the window or let it fade more slowly"
        )
        yield Finding("warning", "decay-shorter-than-window", path, message)
    elif lifespan * DAY > window.span:
        message = (
            f"the window ends after {days_text(window.span)} days, before its points have faded "
            f"({decay.describe()}), and takes the rest at once; widen it if they should fade out"
        )
        yield Finding("hint", "window-shorter-than-decay", path, message)


def _shortest(window: Window) -> timedelta:
    months = _SHORTEST_MONTH * DAY * window.calendar_months
    return months or window.span


# -- rules beside one another --------------------------------------------------------------------


def _check_cap(path: str, scored: Scored) -> Iterator[Finding]:
    """A rule that alone fills the cap, so that beside it the others give nothing."""
    if scored.cap is None:
        return
    givers = [item for item in items_of(scored) if not isinstance(item, Group)]
    givers = [rule for rule in givers if rule.extremes()[1] > 0]
    for rule in givers:
        if len(givers) > 1 and _at_one_go(rule) >= millipoints(scored.cap):
            message = (
                f"rule {rule.name!r} alone fills the cap of {show(scored.cap)}, so beside it the "
                "others add nothing; raise the cap or lower its points"
            )
            yield Finding("hint", "cap-filled-by-one", path, message)


def _at_one_go(rule: BaseRule) -> int:
    """The most millipoints that it gives for a single fact or activity."""
    return millipoints(rule.points) if isinstance(rule, ActivityRule) else rule.extremes()[1]


def _check_twice(path: str, scored: Scored) -> Iterator[Finding]:
    """Two rules of one group that ask the same."""
    seen: dict[Hashable, str] = {}
    for item in items_of(scored):
        question = _question(item)
        if question is None:
            continue
        other = seen.setdefault(question, item.name)
        if other != item.name:
            message = f"it asks the same as rule {other!r}, so one fact counts twice"
            where = f"{path} / rule {item.name!r}"
            yield Finding("warning", "counted-twice", where, f"{message}; join them or remove one")


def _question(item: BaseRule | Group) -> Hashable | None:
    if type(item) is Rule:
        return _hashable(item.when)
    if isinstance(item, ActivityRule):
        return type(item), _hashable(item.activities)
    return None


def _hashable(value: Hashable) -> Hashable:
    try:
        hash(value)
    except TypeError:  # a user's own that is not frozen
        return id(value)
    return value
