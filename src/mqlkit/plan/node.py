"""
The parts of a plan: values that are equal when they mean the same, so that each is found once.

A *need* is something to find out about a timeline. A *quantity* is something to compare; it lies
between two ends. An *ask* is a question with a verdict. A *gift* is what a rule gives.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

import attrs

from ..criteria.aggregate import ActivityMeasure
from ..criterion import Criterion
from ..decay import Decay
from ..lead import Whose
from ..measure import LabelMeasure
from ..rules.activity import ActivityRule
from ..rules.base import BaseRule
from ..rules.choice import ByValue
from ..value import Kind, Scalar, typed
from ..window import Window

# -- needs: what is found out about a timeline -------------------------------------------------


@attrs.frozen(cache_hash=True)
class Pick:
    """Which activities: whose, of which kinds (any, when none is named), with which filters."""

    of: Whose
    kinds: tuple[str, ...]
    filters: tuple[Criterion, ...]


@attrs.frozen(cache_hash=True)
class Need:
    """Something to find out about the picked activities in a window."""

    pick: Pick
    window: Window | None


@attrs.frozen(cache_hash=True)
class Tally(Need):
    """How many there are."""


@attrs.frozen(cache_hash=True)
class Newest(Need):
    """When the newest was."""


@attrs.frozen(cache_hash=True)
class Oldest(Need):
    """When the oldest was; of activities that match for sure or not at all."""


@attrs.frozen(cache_hash=True)
class Total(Need):
    """The sum of a property, in thousandths."""

    field: str
    skip_blanks: bool


@attrs.frozen(cache_hash=True)
class Fade(Need):
    """What is left of the millipoints of each, of so many of the newest."""

    millis: int
    decay: Decay
    most: int


@attrs.frozen(cache_hash=True)
class Gather(Need):
    """The activities themselves, oldest first."""


# -- quantities: what is compared --------------------------------------------------------------


@attrs.frozen(cache_hash=True)
class Read:
    """A number, flag or moment in a field, or what a blank counts as."""

    field: str
    kind: Kind
    default: Scalar | None = attrs.field(eq=typed)


@attrs.frozen(cache_hash=True)
class Age:
    """How long ago the moment in a field was; of the lead's stage for no field."""

    field: str | None


@attrs.frozen(cache_hash=True)
class Known:
    """A need as a quantity: a number or a sum, or the age of the newest or oldest."""

    need: Need

    @property
    def is_age(self) -> bool:
        """Whether it counts a span of time."""
        return isinstance(self.need, Newest | Oldest)


@attrs.frozen(cache_hash=True)
class ScoreOf:
    """A score, in millipoints."""

    name: str


@attrs.frozen(cache_hash=True)
class Over:
    """What a measure makes of the activities."""

    measure: ActivityMeasure
    gather: Gather


Quantity: TypeAlias = Read | Age | Known | ScoreOf | Over


def is_span(quantity: Quantity) -> bool:
    """Whether it is a span of time, kept as one."""
    return isinstance(quantity, Age) or (isinstance(quantity, Known) and quantity.is_age)


# -- asks: questions with a verdict ------------------------------------------------------------


@attrs.frozen(cache_hash=True)
class Ask:
    """A question with a verdict."""


@attrs.frozen(cache_hash=True)
class OfText(Ask):
    """A question about the text in one field, such as whether it contains a word."""

    field: str
    criterion: Criterion


@attrs.frozen(cache_hash=True)
class IsKnown(Ask):
    """Whether a field has a value."""

    field: str


@attrs.frozen(cache_hash=True)
class Compare(Ask):
    """A quantity compared with a bound in its own units: one of ``>= <= > < ==``."""

    quantity: Quantity
    relation: str
    bound: Any = attrs.field(eq=typed)


@attrs.frozen(cache_hash=True)
class Among(Ask):
    """Whether a quantity is one of some values in its own units."""

    quantity: Quantity
    values: frozenset[Any]


@attrs.frozen(cache_hash=True)
class Labelled(Ask):
    """Whether a label that comes from scores is one of those listed."""

    measure: LabelMeasure
    labels: tuple[str, ...]
    scores: tuple[str, ...]


@attrs.frozen(cache_hash=True)
class Every(Ask):
    """All of some asks."""

    parts: tuple[Ask, ...]


@attrs.frozen(cache_hash=True)
class Some(Ask):
    """Any of some asks."""

    parts: tuple[Ask, ...]


@attrs.frozen(cache_hash=True)
class Opposite(Ask):
    """Not so."""

    part: Ask


@attrs.frozen(cache_hash=True)
class HowMany(Ask):
    """*n* of some asks: just so many, or as many at least."""

    n: int
    parts: tuple[Ask, ...]
    exactly: bool


@attrs.frozen(cache_hash=True)
class Either(Ask):
    """One ask or another, by a third."""

    condition: Ask
    then: Ask
    otherwise: Ask


@attrs.frozen(cache_hash=True)
class Assume(Ask):
    """An ask with a stated answer for when it is UNKNOWN."""

    part: Ask
    answer: bool


@attrs.frozen(cache_hash=True)
class Follows(Ask):
    """Whether one of the first activities is followed by one of the second."""

    criterion: Criterion
    first: Gather
    then: Gather


@attrs.frozen(cache_hash=True)
class Call(Ask):
    """A criterion that is asked as it is: a user's own, or one with no shorter way."""

    criterion: Criterion = attrs.field(eq=id)


def parts(asking: Ask) -> tuple[Ask, ...]:
    """The asks that an ask joins."""
    match asking:
        case Every() | Some() | HowMany():
            return asking.parts
        case Opposite() | Assume():
            return (asking.part,)
        case Either():
            return (asking.condition, asking.then, asking.otherwise)
        case _:
            return ()


# -- gifts: what rules give --------------------------------------------------------------------


@attrs.frozen
class Once:
    """Points when an ask is YES."""

    ask: Ask
    millis: int


@attrs.frozen
class OneOf:
    """Points of the first, or of the best, of several asks that are YES."""

    rows: tuple[tuple[Ask, int], ...]
    best: bool


@attrs.frozen(cache_hash=True)
class ByText:
    """Points by the text in a field."""

    field: str
    rule: ByValue
    table: Mapping[Any, int] = attrs.field(eq=False)


@attrs.frozen
class PerOne:
    """Points for each of some activities, of so many at the most, which do not fade."""

    tally: Tally
    millis: int
    most: int


@attrs.frozen
class Faded:
    """Points for each of some activities, which fade."""

    fade: Fade


@attrs.frozen
class OverRule:
    """What a rule makes of the activities."""

    rule: ActivityRule
    gather: Gather
    decay: Decay | None


@attrs.frozen
class CallRule:
    """A rule that is asked as it is."""

    rule: BaseRule
    decay: Decay | None


@attrs.frozen
class Part:
    """The score of a group within another."""

    name: str


Gift: TypeAlias = Once | OneOf | ByText | PerOne | Faded | OverRule | CallRule | Part


@attrs.frozen
class Sum:
    """A score: gifts that add up, within a cap and a floor, and the names it is known by."""

    name: str
    gifts: tuple[Gift, ...]
    cap: int | None
    floor: int | None
    called: frozenset[str]


def asked_by(gift: Gift) -> tuple[Ask, ...]:
    """The asks on which it hangs what a rule gives."""
    match gift:
        case Once():
            return (gift.ask,)
        case OneOf():
            return tuple(asking for asking, _ in gift.rows)
        case _:
            return ()
