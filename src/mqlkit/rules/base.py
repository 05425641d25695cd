"""
A rule awards points to a lead, and says why.

A rule that an unknown leaves open awards a range.
"""

from abc import abstractmethod
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import attrs

from ..criterion import Criterion
from ..decay import Decay
from ..errors import DefinitionError
from ..explanation import Reason, Recalling
from ..lead import Seen, Snapshot
from ..points import Triple
from ..value import is_blank, show


class Award(NamedTuple):
    """What a rule gives: before and after decay, and by which activities."""

    fresh: Triple
    left: Triple
    evidence: tuple[str, ...] = ()


def once(fresh: Triple) -> Award:
    """An award that nothing can fade."""
    return Award(fresh, fresh)


def rule_name(value: object) -> str:
    """A rule's or group's name, checked."""
    if not isinstance(value, str) or is_blank(value) or len(value) > 200:
        raise DefinitionError(f"a name is text of at most 200 characters, not {show(value)}")
    return value


@attrs.frozen
class BaseRule(Recalling):
    """Awards points by a criterion, by activities or by a table. See `Rule` for the ways."""

    name: str = attrs.field(converter=rule_name)

    @abstractmethod
    def award(self, lead: Snapshot, decay: Decay | None = None) -> Award:
        """What it gives a lead; *decay* is its group's, for rules that have none of their own."""

    def always_shows(self, *, fading: bool) -> bool:
        """
        Whether it is open only while what is left of it is: then a closed sum has no open line.

        Args:
            fading: Its points may fade as a group says.
        """
        return False

    @abstractmethod
    def explain(self, lead: Snapshot) -> Reason:
        """Why, with the rule's own answer."""

    @abstractmethod
    def changes_at(self, lead: Snapshot, decay: Decay | None = None) -> datetime | None:
        """The next instant at which what it gives may change with no new data."""

    @abstractmethod
    def extremes(self) -> tuple[int, int]:
        """The least and the most millipoints that it can give any lead."""

    @abstractmethod
    def criteria(self) -> tuple[Criterion, ...]:
        """The criteria that it asks."""

    def unknowns(self, lead: Snapshot) -> Iterator[Seen]:
        """The blanks that keep what it gives open."""
        return self.explain(lead).unknowns()
