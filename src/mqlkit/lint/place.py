"""Where in a definition something stands, as findings say it."""

from collections.abc import Iterator

import attrs

from ..decay import Decay
from ..qualification import Qualification
from ..rules.base import BaseRule
from ..scorecard import Group, Scorecard, Scored


@attrs.frozen
class Place:
    """A card, group or rule, its path, and the decay that its rules have from around it."""

    path: str
    item: Scored | BaseRule
    decay: Decay | None = None


def places(q: Qualification) -> Iterator[Place]:
    """Every card, group and rule of a definition, in its order."""
    for card in q.cards:
        yield from _below(Place(f"card {card.name!r}" if card.name else "card", card))


def _below(place: Place) -> Iterator[Place]:
    yield place
    if isinstance(place.item, BaseRule):
        return
    for item in items_of(place.item):
        joint = ".groups" if isinstance(place.item, Scorecard) else " / group"
        if isinstance(item, Group):
            path = f"{place.path}{joint} {item.name!r}"
            yield from _below(Place(path, item, item.decay or place.decay))
        else:
            yield Place(f"{place.path} / rule {item.name!r}", item, place.decay)


def items_of(scored: Scored) -> tuple[BaseRule | Group, ...]:
    """The rules and groups straight below a card or group."""
    return scored.groups if isinstance(scored, Scorecard) else scored.rules
