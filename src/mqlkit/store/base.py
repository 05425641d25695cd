"""
What a funnel asks of a store.

A store keeps, for each lead, the facts in the order in which they were recorded, and beside them
one row that sums them up. Facts are only ever added. A transaction appends facts, changes the
row, and writes handoffs and effects together, or does nothing at all.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol, TypeVar

import attrs

from ..effect import Effect
from ..errors import MqlkitError
from ..value import listing

T = TypeVar("T")


class StoreError(MqlkitError, RuntimeError):
    """A store did not do what it was asked; nothing of it is half done."""


class StaleVersionError(StoreError):
    """
    Somebody else recorded something about the lead first.

    Args:
        lead_id: About whom.
        expected: The version that was loaded.
    """

    def __init__(self, lead_id: str, expected: int) -> None:
        super().__init__(lead_id, expected)
        self.lead_id, self.expected = lead_id, expected

    def __str__(self) -> str:
        return (
            f"lead {self.lead_id!r} is no longer at version {self.expected}: somebody else "
            "recorded something first; load it again and decide anew"
        )


class StaleClaimError(StoreError):
    """
    The lease on a message ran out and another worker took it.

    Args:
        seq: Its place in the outbox.
    """

    def __init__(self, seq: int) -> None:
        super().__init__(seq)
        self.seq = seq

    def __str__(self) -> str:
        return (
            f"message {self.seq} is not held under this claim: the lease ran out and another "
            "worker took it, or it was never claimed; leave it to whoever holds it"
        )


class DuplicateFactError(StoreError):
    """
    A lead has one of the facts already, or one was to be added twice.

    Args:
        lead_ids: Of which leads it may be.
    """

    def __init__(self, lead_ids: Iterable[str]) -> None:
        self.lead_ids = tuple(lead_ids)
        super().__init__(self.lead_ids)

    def __str__(self) -> str:
        leads = listing([repr(lead_id) for lead_id in self.lead_ids])
        return f"lead {leads} has a fact of one of these ids already; load it to see which"


class StoreUnavailableError(StoreError):
    """
    The database cannot be used now: full, read-only, locked by somebody else, or gone.

    Args:
        why: In words; what the database itself said is the ``__cause__``.
        passing: Whether trying again may help.
    """

    def __init__(self, why: str, passing: bool = False) -> None:
        super().__init__(why, passing)
        self.why, self.passing = why, passing

    def __str__(self) -> str:
        return f"the store's database did not do it: {self.why}"


class SchemaError(StoreError):
    """The database has no tables of ours, or those of a newer mqlkit."""


class UnreadableRecordError(StoreError, ValueError):
    """
    A record that this version of mqlkit did not write so: edited, cut short, or newer.

    Args:
        table: Which one it stands in.
        place: Which record: the lead and, for a fact, its number.
        why: What is wrong with it.

    >>> raise UnreadableRecordError("mqlkit_pools", "pool 'all'", "state is not JSON")
    Traceback (most recent call last):
    ...
    mqlkit.store.base.UnreadableRecordError: cannot read mqlkit_pools, pool 'all': state is not JSON
    """

    def __init__(self, table: str, place: str, why: str) -> None:
        super().__init__(table, place, why)
        self.table, self.place, self.why = table, place, why

    def __str__(self) -> str:
        return f"cannot read {self.table}, {self.place}: {self.why}"


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


class Due(NamedTuple):
    """A lead that is due, and since when."""

    wake: datetime
    lead_id: str


@attrs.frozen
class Stored:
    """A lead as a store has it: the row and the facts in their order."""

    row: Row
    facts: tuple[Fact, ...]


def _in_order(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    return tuple(facts)


@attrs.frozen
class Change:
    """
    What one transaction adds to one lead.

    Args:
        row: The new one, whose version is *expected* and the number of *facts*.
        facts: In order; the store numbers them from ``expected + 1``.
        expected: The version that was loaded; 0 for a new lead, which has a fact at least.
    """

    row: Row
    facts: tuple[Fact, ...] = attrs.field(converter=_in_order)
    expected: int

    def __attrs_post_init__(self) -> None:
        if self.row.version != self.expected + len(self.facts) or self.row.version < 1:
            raise ValueError(
                f"version {self.row.version} of lead {self.row.lead_id!r} does not follow from "
                f"version {self.expected} and {len(self.facts)} new facts"
            )


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
    """
    What can be done inside one transaction of a store.

    After an error inside it, only leaving is left to do.
    """

    def load(self, lead_id: str) -> Stored | None:
        """
        The lead with all its facts, locked until the transaction ends; None when it is new.

        A new one is not locked: of two that append it first, the second is stale.
        """
        ...

    def load_all(self, lead_ids: Iterable[str]) -> dict[str, Stored]:
        """
        Many leads at once, as `load` does; those that are new are left out.

        They are locked in the order of their ids: so two transactions that want the same ones
        wait for each other and do not block each other for good.
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
            DuplicateFactError: it has a fact of one of the ids.
        """
        ...

    def append_all(self, changes: Iterable[Change]) -> None:
        """
        Add to many leads at once, as `append` does; each lead at most once.

        Raises:
            StaleVersionError: one of them has another version by now.
            DuplicateFactError: one of them has a fact of one of the ids.
        """
        ...

    def hand_off(self, handoff: HandoffRow) -> bool:
        """Put a new handoff down; False, and nothing done, when the episode has one already."""
        ...

    def update_handoff(self, handoff: HandoffRow) -> None:
        """
        Replace what is kept about a handoff.

        Raises:
            StoreError: the episode has none.
        """
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
        """
        Add effects to the outbox; one whose key is there already is left as it is.

        They get their places at the end of the transaction: places rise in the order of commits.
        """
        ...


class Store(Protocol):
    """Where a funnel keeps what happened."""

    def setup(self) -> None:
        """
        Create what the store needs, or bring it up to date; again and again does no harm.

        Raises:
            SchemaError: a newer mqlkit made it.
        """
        ...

    def transaction(self) -> AbstractContextManager[Transaction]:
        """
        One transaction: all of it happens at the end of the ``with``, or nothing after an error.

        Raises:
            StoreUnavailableError: the database cannot be used, also at the end of the ``with``.
                When the connection was lost while committing, nobody knows whether it happened.
        """
        ...

    def run(self, work: Callable[[Transaction], T]) -> T:
        """
        What *work* returns, done in one transaction, and done again after a passing trouble.

        Passing are a stale version, a deadlock, a lock that others hold, a lost connection.

        Args:
            work: It may be called several times, also after a commit of which no answer came. So
                it loads before it writes, adds nothing whose id is there already, and does
                nothing outside the store.

        Raises:
            StaleVersionError, StoreUnavailableError: it did not pass after several attempts.
        """
        ...

    def read(self, lead_id: str) -> Stored | None:
        """The lead with all its facts, as of the last commit; nothing is locked."""
        ...

    def due(self, now: datetime, *, limit: int = 1_000, after: "Due | None" = None) -> "list[Due]":
        """
        The leads whose wake is at or before *now*, whoever is due longest first.

        Args:
            now: Aware.
            limit: At most so many.
            after: The last one of the page before.
        """
        ...

    def next_wake(self) -> datetime | None:
        """The earliest wake of all leads; None when nobody is to be looked at."""
        ...

    def rows(self, *, stage: str = "", limit: int = 1_000, after: str = "") -> list[Row]:
        """Rows of leads in order of id, above *after*, of one stage or of all."""
        ...

    def count_by_stage(self) -> dict[str, int]:
        """How many leads stand in each stage, in order of the stage's name."""
        ...

    def handoffs(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        state: str = "",
        owner: str = "",
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
        Say that claimed messages arrived; saying it twice does no harm.

        Raises:
            StaleClaimError: one was claimed by somebody else since, or was read and not claimed;
                then none is marked.
        """
        ...

    def release(self, messages: Iterable[Message]) -> None:
        """
        Give claimed messages back before the lease is over: whoever claims next may have them.

        Those that arrived, and those that somebody else has claimed since, stay as they are.
        """
        ...
