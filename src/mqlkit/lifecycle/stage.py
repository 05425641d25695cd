"""
A stage: a place where leads stand on their way.

An inventory has no limit, a gate decides at once, an SLA stage is timed, a terminal one is the
end. Each belongs to marketing or to sales.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, Literal, TypeAlias

import attrs

from ..errors import DefinitionError, KindError
from ..value import is_blank, listing, show

StageKind: TypeAlias = Literal["inventory", "gate", "sla", "terminal"]
Team: TypeAlias = Literal["marketing", "sales"]

KINDS: Final = ("inventory", "gate", "sla", "terminal")
TEAMS: Final = ("marketing", "sales")
LONGEST: Final = timedelta(days=3_650)
_MOST_VISITS: Final = 1_000_000
_LONGEST_NAME: Final = 100


def word(value: object) -> str:
    """A name of a stage or a trigger, checked."""
    if not isinstance(value, str) or is_blank(value) or len(value) > _LONGEST_NAME:
        raise DefinitionError(
            f"a name is text of 1 to {_LONGEST_NAME} characters, not {show(value)}"
        )
    return value


def word_or_none(value: object) -> str:
    """A name, or ``""`` for none."""
    return "" if value == "" else word(value)


def span(value: object) -> timedelta:
    """A span of time, checked: not negative, at most ten years."""
    if not isinstance(value, timedelta):
        raise KindError(f"wanted a span such as timedelta(days=7), not {show(value)}")
    if not timedelta(0) <= value <= LONGEST:
        raise DefinitionError(f"a span is 0 to {LONGEST.days:,} days, not {show(value)}")
    return value


def span_or_none(value: object) -> timedelta | None:
    """A span of time, or None for none."""
    return None if value is None else span(value)


def one_of(known: tuple[str, ...], what: str) -> Callable[[object], Any]:
    """A converter that accepts only *known* words."""

    def convert(value: object) -> Any:
        if not isinstance(value, str) or value not in known:
            raise DefinitionError(f"{what} is {listing([*map(repr, known)])}, not {show(value)}")
        return value

    return convert


def _kind(value: object) -> StageKind:
    kind: StageKind = one_of(KINDS, "a stage's kind")(value)
    return kind


def _team(value: object) -> Team:
    team: Team = one_of(TEAMS, "a stage's team")(value)
    return team


def flag(value: object) -> bool:
    """True or False, checked."""
    if not isinstance(value, bool):
        raise KindError(f"wanted true or false, not {show(value)}")
    return value


def _visits(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise KindError(f"visits are counted in whole numbers, not {show(value)}")
    if not 1 <= value <= _MOST_VISITS:
        raise DefinitionError(f"a stage is visited 1 to {_MOST_VISITS:,} times, not {show(value)}")
    return value


@attrs.frozen
class Stage:
    """
    A place where leads stand.

    Args:
        name: In the team's own words.
        kind: ``"inventory"`` has no limit; a ``"gate"`` is left as soon as it is entered, by the
            first of its moves whose criterion holds; ``"sla"`` is timed; ``"terminal"`` is an end.
        team: Whose it is: ``"marketing"`` or ``"sales"``.
        within: How long a lead may stand in an SLA stage before ``"expired"`` is raised.
        business: *within* and *warn_before* count on the lifecycle's calendar, not on the wall.
        warn_before: How long before that a warning is told.
        cool_down: How long a lead rests here: a move waits until then, except one to an end or
            by hand. A stage off the path that leads back to it must say.
        at_most: How often one lead may come here. None is without limit.
        beyond: Where a visit too many goes instead; a stage without a bound of its own.
        offers: A lead here that is ready for sales is handed off.

    Raises:
        DefinitionError: a part has a value that it cannot have.
        KindError: a part is of the wrong kind.

    >>> Stage("sal", "sla", team="sales", within=timedelta(days=14)).within
    datetime.timedelta(days=14)
    """

    name: str = attrs.field(converter=word)
    kind: StageKind = attrs.field(default="inventory", converter=_kind)
    team: Team = attrs.field(default="marketing", converter=_team, kw_only=True)
    within: timedelta | None = attrs.field(default=None, converter=span_or_none, kw_only=True)
    business: bool = attrs.field(default=False, converter=flag, kw_only=True)
    warn_before: timedelta | None = attrs.field(default=None, converter=span_or_none, kw_only=True)
    cool_down: timedelta | None = attrs.field(default=None, converter=span_or_none, kw_only=True)
    at_most: int | None = attrs.field(default=None, converter=_visits, kw_only=True)
    beyond: str = attrs.field(default="", converter=word_or_none, kw_only=True)
    offers: bool = attrs.field(default=False, converter=flag, kw_only=True)
