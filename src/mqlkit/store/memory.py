"""
A store in the memory of one process: for tests, for trials and as the meaning of the others.
"""

import threading
import time
from bisect import bisect_left, bisect_right, insort
from collections import ChainMap, Counter
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any, TypeAlias, TypeVar

from ..effect import Effect
from . import columns
from .base import (
    Change,
    Due,
    DuplicateFactError,
    Fact,
    HandoffRow,
    Message,
    Row,
    StaleClaimError,
    StaleVersionError,
    Store,
    Stored,
    StoreError,
    Transaction,
)
from .columns import Columns, Found, micros
from .retry import again

T = TypeVar("T")

Tables: TypeAlias = "dict[str, dict[Any, Columns]]"

_FACT_IDS = "ids of facts"
_KEYS = "keys of messages"


class MemoryStore(Store):
    """
    Everything in memory: gone when the process ends.

    What it returns, keeps and refuses is the same as of a database. Threads take turns.

    Args:
        clock: The seconds by which leases run out; only differences count.

    >>> from datetime import UTC, datetime
    >>> from mqlkit.store import Fact, Row
    >>> store = MemoryStore()
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    >>> row = Row("ada", 1, stage="lead", furthest="lead", since=noon, episode=1)
    >>> with store.transaction() as transaction:
    ...     transaction.append(row, [Fact("a1", "activity", noon, noon, {})], expected=0)
    >>> store.count_by_stage()
    {'lead': 1}
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._turn = threading.RLock()
        self._open = False
        names = (columns.LEADS, columns.FACTS, columns.HANDOFFS, columns.OUTBOX, columns.POOLS)
        self._tables: Tables = {name: {} for name in (*names, _FACT_IDS, _KEYS)}
        self._wakes: list[tuple[int, str]] = []
        """Who is to be looked at and when, earliest first: the index of `due`."""
        self._last_seq = 0

    def setup(self) -> None:
        """There is nothing to create."""

    @contextmanager
    def transaction(self) -> Generator[Transaction, None, None]:
        with self._turn:
            if self._open:
                raise StoreError("a transaction of this store is open already; use that one")
            self._open = True
            try:
                transaction = _MemoryTransaction(self._tables)
                yield transaction
                self._commit(transaction)
            finally:
                self._open = False

    def run(self, work: Callable[[Transaction], T]) -> T:
        def attempt() -> T:
            with self.transaction() as transaction:
                return work(transaction)

        return again(attempt, lambda error: isinstance(error, StaleVersionError))

    def _commit(self, transaction: "_MemoryTransaction") -> None:
        for lead in transaction.added[columns.LEADS].values():
            self._set_wake(lead)
        for name, added in transaction.added.items():
            self._tables[name].update(added)
        outbox, keys = self._tables[columns.OUTBOX], self._tables[_KEYS]
        for effect in transaction.told:
            self._last_seq += 1  # Also for one that is there already: as the databases do.
            if effect["key"] not in keys:
                keys[effect["key"]] = {}
                outbox[self._last_seq] = {"seq": self._last_seq, **effect}

    def _set_wake(self, lead: Columns) -> None:
        """Put a lead that is about to be kept in its place among those that wake."""
        lead_id, wake = lead["lead_id"], lead["wake"]
        before = self._tables[columns.LEADS].get(lead_id, {}).get("wake")
        if before == wake:
            return
        if before is not None:
            del self._wakes[bisect_left(self._wakes, (before, lead_id))]
        if wake is not None:
            insort(self._wakes, (wake, lead_id))

    # -- reading -------------------------------------------------------------------------------

    def read(self, lead_id: str) -> Stored | None:
        with self._turn:
            return _MemoryTransaction(self._tables).load(lead_id)

    def due(self, now: datetime, *, limit: int = 1_000, after: Due | None = None) -> list[Due]:
        until, most = micros(now, "now"), columns.at_most(limit)
        above = columns.due_cursor(after)
        with self._turn:
            wakes = self._wakes
            start = 0 if above is None else bisect_right(wakes, above)
            end = bisect_right(wakes, until, start, key=itemgetter(0))
            found = wakes[start : min(end, start + most)]
        return [columns.due_of(*one) for one in found]

    def next_wake(self) -> datetime | None:
        with self._turn:
            first = self._wakes[0][0] if self._wakes else None
        return columns.first_wake_of(first)

    def rows(self, *, stage: str = "", limit: int = 1_000, after: str = "") -> list[Row]:
        columns.plain_text(after, "a lead's id")
        columns.plain_text(stage, "a stage")
        found = [
            lead
            for lead in self._all(columns.LEADS)
            if lead["lead_id"] > after and stage in ("", lead["stage"])
        ]
        return [columns.row_of(lead) for lead in found[: columns.at_most(limit)]]

    def count_by_stage(self) -> dict[str, int]:
        return dict(sorted(Counter(lead["stage"] for lead in self._all(columns.LEADS)).items()))

    def handoffs(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        state: str = "",
        owner: str = "",
    ) -> list[HandoffRow]:
        columns.plain_text(state, "a handoff's state")
        columns.plain_text(owner, "an owner")
        found = self._all(columns.HANDOFFS)
        if since is not None:
            first = micros(since, "since")
            found = [handoff for handoff in found if handoff["opened_at"] >= first]
        if until is not None:
            end = micros(until, "until")
            found = [handoff for handoff in found if handoff["opened_at"] < end]
        wanted = (
            one for one in found if state in ("", one["state"]) and owner in ("", one["owner"])
        )
        return [columns.handoff_of(one) for one in wanted]

    def outbox(self, *, after: int = 0, limit: int = 100) -> list[Message]:
        found = [message for message in self._all(columns.OUTBOX) if message["seq"] > after]
        return [columns.message_of(message) for message in found[: columns.at_most(limit)]]

    def _all(self, table: str) -> list[Columns]:
        with self._turn:
            return [record for _, record in sorted(self._tables[table].items())]

    # -- the outbox ----------------------------------------------------------------------------

    def claim(self, worker: str, *, lease: timedelta, limit: int = 100) -> list[Message]:
        columns.key(worker, "a worker's name")
        span, most = columns.span_micros(lease, "a lease"), columns.at_most(limit)
        with self._turn:
            now = self._now()
            free = [
                message
                for message in self._all(columns.OUTBOX)
                if message["delivered_at"] is None and (message["claimed_until"] or now) <= now
            ]
            for message in free[:most]:
                message["claimed_by"] = worker
                message["claimed_until"] = now + span
                message["fence"] += 1
                message["attempts"] += 1
            return [columns.message_of(message, fence=message["fence"]) for message in free[:most]]

    def delivered(self, messages: Iterable[Message]) -> None:
        claimed = list(messages)
        with self._turn:
            outbox = self._tables[columns.OUTBOX]
            for message in claimed:
                kept = outbox.get(message.seq)
                if not message.fence or kept is None or kept["fence"] != message.fence:
                    raise StaleClaimError(message.seq)
            now = self._now()
            for message in claimed:
                if outbox[message.seq]["delivered_at"] is None:
                    outbox[message.seq]["delivered_at"] = now

    def release(self, messages: Iterable[Message]) -> None:
        with self._turn:
            outbox = self._tables[columns.OUTBOX]
            for message in messages:
                kept = outbox.get(message.seq)
                if kept is not None and kept["fence"] == message.fence:
                    kept["claimed_until"] = None

    def _now(self) -> int:
        return round(self._clock() * 1_000_000)


class _MemoryTransaction(Transaction):
    """What is added stands before what is kept, until all of it is kept at once."""

    def __init__(self, tables: Tables) -> None:
        self.added: Tables = {name: {} for name in tables}
        self.told: list[Columns] = []
        self._seen = {name: ChainMap(self.added[name], tables[name]) for name in tables}

    def load(self, lead_id: str) -> Stored | None:
        lead = self._seen[columns.LEADS].get(columns.key(lead_id, "a lead's id"))
        if lead is None:
            return None
        row = columns.row_of(lead)
        facts = self._seen[columns.FACTS]
        found: list[Found] = [
            facts[lead_id, seq] for seq in range(1, row.version + 1) if (lead_id, seq) in facts
        ]
        return Stored(row, columns.facts_of(row, found))

    def load_all(self, lead_ids: Iterable[str]) -> dict[str, Stored]:
        found = {lead_id: self.load(lead_id) for lead_id in set(lead_ids)}
        return {lead_id: stored for lead_id, stored in sorted(found.items()) if stored}

    def peek(self, lead_id: str) -> Row | None:
        lead = self._seen[columns.LEADS].get(columns.key(lead_id, "a lead's id"))
        return None if lead is None else columns.row_of(lead)

    def append(self, row: Row, facts: Sequence[Fact], *, expected: int) -> None:
        self.append_all([Change(row, facts, expected)])

    def append_all(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self._append(change)

    def _append(self, change: Change) -> None:
        lead = columns.lead_columns(change.row)
        lead_id = lead["lead_id"]
        kept = self._seen[columns.LEADS].get(lead_id)
        if change.expected != (0 if kept is None else kept["version"]):
            raise StaleVersionError(lead_id, change.expected)
        for seq, fact in enumerate(change.facts, change.expected + 1):
            record = columns.fact_columns(lead_id, seq, fact)
            if (lead_id, record["id"]) in self._seen[_FACT_IDS]:
                raise DuplicateFactError([lead_id])
            self.added[_FACT_IDS][lead_id, record["id"]] = {}
            self.added[columns.FACTS][lead_id, seq] = record
        self.added[columns.LEADS][lead_id] = lead

    def hand_off(self, handoff: HandoffRow) -> bool:
        record = columns.handoff_columns(handoff)
        place = record["lead_id"], record["episode"]
        if place in self._seen[columns.HANDOFFS]:
            return False
        self.added[columns.HANDOFFS][place] = record
        return True

    def update_handoff(self, handoff: HandoffRow) -> None:
        record = columns.handoff_columns(handoff)
        place = record["lead_id"], record["episode"]
        if place not in self._seen[columns.HANDOFFS]:
            raise columns.no_handoff(handoff)
        self.added[columns.HANDOFFS][place] = record

    def open_handoffs(self) -> dict[str, int]:
        seen = self._seen[columns.HANDOFFS].values()
        owners = [one["owner"] for one in seen if one["owner"] and one["state"] != "closed"]
        return dict(sorted(Counter(owners).items()))

    def pool(self, name: str) -> Mapping[str, Any]:
        if columns.key(name, "a pool's name") not in self._seen[columns.POOLS]:
            self.save_pool(name, {})
        return columns.pool_of(name, self._seen[columns.POOLS][name]["state"])

    def save_pool(self, name: str, state: Mapping[str, Any]) -> None:
        place = columns.key(name, "a pool's name")
        text = columns.json_text(state, "a pool's state")
        self.added[columns.POOLS][place] = {"name": place, "state": text}

    def tell(self, effects: Iterable[Effect]) -> None:
        self.told += map(columns.message_columns, effects)
