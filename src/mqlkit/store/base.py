"""
What a funnel asks of a store.

A store keeps, for each lead, the facts in the order in which they were recorded, and beside them
one row that sums them up. Facts are only ever added. A transaction appends facts, changes the
row, and writes handoffs and effects together, or does nothing at all.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, Protocol

import attrs

from ..effect import Effect
from ..errors import MqlkitError


class StaleVersionError(MqlkitError, RuntimeError):
    """Somebody else recorded something about the lead first: load it again and decide anew."""


class StaleClaimError(MqlkitError, RuntimeError):
    """The lease on these messages ran out and another worker may hold them."""


@attrs.frozen
class Fact:
    """
    One thing that was recorded about a lead.

    Args:
        id: Its own key: within one lead a second fact of that key is the same fact.
        kind: ``"activity"``, ``"attributes"``, ``"journey"``, ``"handoff"``, …
        at: When it happened. Aware; kept to the microsecond.
        recorded_at: When the funnel was told. Aware.
        data: The rest, as JSON has it.
        seq: Its place among the lead's facts, from 1, without gaps. The store gives it.
    """

    id: str
    kind: str
    at: datetime
    recorded_at: datetime
    data: Mapping[str, Any]
    seq: int = 0


@attrs.frozen
class Row:
    """
    What a lead's facts come to: written with them, for lists and for waking up.

    Args:
        lead_id: Whose.
        version: The number of facts: the last one's ``seq``.
        stage: Where it stands.
        furthest: The furthest stage on the path it ever reached.
        since: When it came to its stage.
        episode: Which climb it is on, from 1.
        owner: Who works it, or ``""``.
        status: What was decided last.
        model: The fingerprint of the definition it was decided by.
        decided_at: As of when.
        wake: When to look at it again with no news; None for never.
        state: What the funnel wants to find again, as JSON has it.
    """

    lead_id: str
    version: int
    stage: str
    furthest: str
    since: datetime
    episode: int
    owner: str = ""
    status: str = ""
    model: str = ""
    decided_at: datetime | None = None
    wake: datetime | None = None
    state: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen
class Stored:
    """A lead as a store has it: the row and the facts in their order."""

    row: Row
    facts: tuple[Fact, ...]


@attrs.frozen
class HandoffRow:
    """
    One handoff, of which there is at most one for a lead and an episode.

    Args:
        lead_id: Whose.
        episode: Of which climb.
        state: ``"queued"``, ``"offered"``, ``"accepted"``, ``"working"`` or ``"closed"``.
        owner: Who has it, or to whom it is offered.
        opened_at: Since when.
        data: What lists and reports want, as JSON has it.
    """

    lead_id: str
    episode: int
    state: str
    owner: str
    opened_at: datetime
    data: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen
class Message:
    """
    An effect in the outbox.

    Args:
        seq: Its place in the outbox, rising; gaps happen.
        effect: What is told.
        delivered: Whether a worker said so.
        fence: The number of the claim it was handed out under; 0 when it was only read.
        attempts: How many times it was handed out.
    """

    seq: int
    effect: Effect
    delivered: bool = False
    fence: int = 0
    attempts: int = 0


class Transaction(Protocol):
    """What can be done inside one transaction of a store."""

    def load(self, lead_id: str) -> Stored | None:
        """
        The lead with all its facts, locked until the transaction ends; None when it is new.

        A new one is not locked: of two that append it first, the second is stale.
        """
        ...

    def peek(self, lead_id: str) -> Row | None:
        """The lead's row alone, not locked."""
        ...

    def append(self, row: Row, facts: Sequence[Fact], *, expected: int) -> None:
        """
        Add facts to a lead and replace its row.

        Args:
            row: With the new version: *expected* and the number of *facts*.
            facts: In order; the store numbers them from ``expected + 1``.
            expected: The version that was loaded; 0 for a new lead.

        Raises:
            StaleVersionError: the lead has another version by now.
        """
        ...

    def hand_off(self, handoff: HandoffRow) -> bool:
        """Put a new handoff down; False, and nothing done, when the episode has one already."""
        ...

    def update_handoff(self, handoff: HandoffRow) -> None:
        """Replace what is kept about a handoff."""
        ...

    def open_handoffs(self) -> dict[str, int]:
        """How many handoffs each owner has that are not closed: the load of each rep."""
        ...

    def pool(self, name: str) -> Mapping[str, Any]:
        """The state of a routing pool, locked until the transaction ends; empty when new."""
        ...

    def save_pool(self, name: str, state: Mapping[str, Any]) -> None:
        """Replace a pool's state."""
        ...

    def tell(self, effects: Iterable[Effect]) -> None:
        """Add effects to the outbox; one whose key is there already is left as it is."""
        ...


class Store(Protocol):
    """Where a funnel keeps what happened."""

    def setup(self) -> None:
        """Create what the store needs, or bring it up to date; again and again does no harm."""
        ...

    def transaction(self) -> AbstractContextManager[Transaction]:
        """
        One transaction: all of it happens at the end of the ``with``, or nothing after an error.
        """
        ...

    def due(self, now: datetime, *, limit: int = 1_000, after: str = "") -> list[str]:
        """The ids of leads whose wake is at or before *now*, in order of id, above *after*."""
        ...

    def rows(self, *, stage: str = "", limit: int = 1_000, after: str = "") -> list[Row]:
        """Rows of leads in order of id, above *after*, of one stage or of all."""
        ...

    def count_by_stage(self) -> dict[str, int]:
        """How many leads stand in each stage."""
        ...

    def handoffs(
        self, *, since: datetime | None = None, until: datetime | None = None, state: str = ""
    ) -> list[HandoffRow]:
        """Handoffs opened at or after *since* and before *until*, by lead and episode."""
        ...

    def outbox(self, *, after: int = 0, limit: int = 100) -> list[Message]:
        """Messages above *after*, in order, delivered or not: for polling."""
        ...

    def claim(self, worker: str, *, lease: timedelta, limit: int = 100) -> list[Message]:
        """
        Take undelivered messages that nobody holds, for a time, by the store's own clock.

        Each claim has a higher fence than the one before on the same message.
        """
        ...

    def delivered(self, messages: Iterable[Message]) -> None:
        """
        Say that claimed messages arrived.

        Raises:
            StaleClaimError: one was claimed by somebody else since; then none is marked.
        """
        ...
