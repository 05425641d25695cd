"""
A move from one stage to another: what triggers it, and what must hold.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import attrs

from ..criterion import Criterion, criterion_or_none
from ..errors import DefinitionError, KindError
from ..value import show
from .stage import span_or_none, word

AT_ONCE: Final = "at once"
"""The trigger of a gate's moves."""
DECIDED: Final = "decided"
"""Raised after every decision about a lead."""
EXPIRED: Final = "expired"
"""Raised when the time of an SLA stage is over."""
MOVED: Final = "moved"
"""The trigger of a manual move; no table has it."""
UNDONE: Final = "undone"
"""The trigger of a move that takes the last one back; no table has it."""
ANYWHERE: Final = "*"
"""As a source: every stage that is not terminal."""

OPPOSITE: Final[Mapping[str, tuple[str, ...]]] = {
    "qualified": ("disqualified", "unqualified"),
    "unqualified": ("qualified",),
    "ready": ("unready",),
    "unready": ("ready",),
}
"""What calls off a waiting move that does not say: the crossings in the other direction."""

RAISED: Final = frozenset({*OPPOSITE, "disqualified", "cleared", DECIDED})
"""The triggers that decisions raise."""

_MOST: Final = 100


def _words(value: object) -> tuple[str, ...]:
    given = (value,) if isinstance(value, str) else value
    if not isinstance(given, list | tuple) or len(given) > _MOST:
        raise KindError(f"wanted a name or a list of at most {_MOST}, not {show(value)}")
    return tuple(map(word, given))


def _sources(value: object) -> tuple[str, ...]:
    sources = _words(value)
    if not sources:
        raise DefinitionError("a move starts somewhere; say from which stage, or '*'")
    if ANYWHERE in sources and len(sources) > 1:
        raise DefinitionError("'*' is every stage that is not terminal; leave the others out")
    return sources


def _unless(value: object) -> tuple[str, ...] | None:
    return None if value is None else _words(value)


def _effects(value: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_words(value)))


def _trigger(value: object) -> str:
    name = word(value)
    if name in (MOVED, UNDONE):
        raise DefinitionError(f"{name!r} is the trigger of moves by hand; take another word")
    return name


@attrs.frozen
class Transition:
    """
    A move of the table.

    Args:
        on: The trigger's name: a crossing (``"qualified"``, ``"unqualified"``,
            ``"disqualified"``, ``"ready"``, ``"unready"``), ``"decided"`` after every decision,
            ``"expired"`` when an SLA stage's time is over, ``"at once"`` for the moves of a gate,
            or a word of the application's own, such as ``"won"``.
        source: The stage it leaves, or several; ``"*"`` is every stage that is not terminal.
        target: The stage it leads to.
        when: What must hold for it; of several moves for one trigger the first that holds is taken.
        dwell: How long to wait before it is taken. A move back along the path on a crossing must
            say: a score that dips for an hour demotes nobody.
        unless: The triggers that call it off while it waits; by default the opposite crossing.
        effects: What else to tell when it is taken, in the application's own words.

    Raises:
        DefinitionError: a part has a value that it cannot have.
        KindError: a part is of the wrong kind.

    >>> Transition("unqualified", "mql", "lead", dwell=timedelta(days=7)).calls_off
    ('qualified',)
    """

    on: str = attrs.field(converter=_trigger)
    source: tuple[str, ...] | str = attrs.field(converter=_sources)
    target: str = attrs.field(converter=word)
    when: Criterion | None = attrs.field(default=None, converter=criterion_or_none)
    dwell: timedelta | None = attrs.field(default=None, converter=span_or_none, kw_only=True)
    unless: tuple[str, ...] | None = attrs.field(default=None, converter=_unless, kw_only=True)
    effects: tuple[str, ...] = attrs.field(default=(), converter=_effects, kw_only=True)

    @property
    def sources(self) -> tuple[str, ...]:
        """The stages it leaves, as written."""
        return self.source if isinstance(self.source, tuple) else (self.source,)

    @property
    def anywhere(self) -> bool:
        """Whether it leaves every stage that is not terminal."""
        return self.sources == (ANYWHERE,)

    @property
    def calls_off(self) -> tuple[str, ...]:
        """The triggers that call it off while it waits."""
        if self.unless is not None:
            return self.unless
        return OPPOSITE.get(self.on, ())

    def describe(self) -> str:
        """The move in a line."""
        guard = f" when {self.when.describe()}" if self.when is not None else ""
        return f"{self.on}: {' or '.join(self.sources)} to {self.target}{guard}"
