"""
What is done inside one transaction of a database.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any, Final

import attrs
from sqlalchemy import Connection, Executable, bindparam, func, select, update
from sqlalchemy.exc import IntegrityError

from ..effect import Effect
from . import columns, schema
from .base import (
    Change,
    DuplicateFactError,
    Fact,
    HandoffRow,
    Row,
    StaleVersionError,
    Stored,
    StoreUnavailableError,
    Transaction,
    UnreadableRecordError,
)
from .columns import Columns, Found
from .dialects import Dialect
from .schema import FACTS, HANDOFFS, LEADS, META, OUTBOX, POOLS

_AT_ONCE: Final = 500
"""Ids in one statement."""

_LEADS_BY_ID: Final = (
    select(LEADS)
    .where(LEADS.c.lead_id.in_(bindparam("ids", expanding=True)))
    .order_by(LEADS.c.lead_id)
)
_LOCKED_LEADS: Final = _LEADS_BY_ID.with_for_update()
_FACTS_BY_ID: Final = (
    select(FACTS)
    .where(FACTS.c.lead_id.in_(bindparam("ids", expanding=True)))
    .order_by(FACTS.c.lead_id, FACTS.c.seq)
)
_LAST_FACTS: Final = (
    select(FACTS.c.lead_id, func.max(FACTS.c.seq).label("version"))
    .where(FACTS.c.lead_id.in_(bindparam("ids", expanding=True)))
    .group_by(FACTS.c.lead_id)
)
_CHANGE_LEAD: Final = update(LEADS).where(
    LEADS.c.lead_id == bindparam("of_lead"), LEADS.c.version == bindparam("of_version")
)
_CHANGE_HANDOFF: Final = update(HANDOFFS).where(
    HANDOFFS.c.lead_id == bindparam("of_lead"), HANDOFFS.c.episode == bindparam("of_episode")
)
_OPEN_HANDOFFS: Final = (
    select(HANDOFFS.c.owner, func.count().label("open"))
    .where(HANDOFFS.c.state != "closed", HANDOFFS.c.owner != "")
    .group_by(HANDOFFS.c.owner)
    .order_by(HANDOFFS.c.owner)
)
_POOL: Final = select(POOLS.c.state).where(POOLS.c.name == bindparam("of_pool")).with_for_update()
# The row stays locked until the transaction ends, so places rise in the order of commits: whoever
# polls for what comes after a place misses nothing that is committed late with an earlier place.
_TAKE_PLACES: Final = (
    update(META)
    .where(META.c.name == schema.LAST_SEQ)
    .values(value=META.c.value + bindparam("places"))
    .returning(META.c.value)
)


@attrs.frozen
class _Inserts:
    """Inserts that leave alone what is there already, and one that replaces it."""

    leads: Executable
    handoffs: Executable
    messages: Executable
    pools: Executable
    pool_state: Executable


@cache
def _inserts(dialect: Dialect) -> _Inserts:
    def unless_there(table: Any) -> Executable:
        statement: Executable = dialect.insert(table).on_conflict_do_nothing()
        return statement.execution_options(preserve_rowcount=True)

    state = dialect.insert(POOLS)
    return _Inserts(
        leads=unless_there(LEADS),
        handoffs=unless_there(HANDOFFS),
        messages=unless_there(OUTBOX),
        pools=unless_there(POOLS),
        pool_state=state.on_conflict_do_update(
            index_elements=["name"], set_={"state": state.excluded.state}
        ),
    )


class SqlTransaction(Transaction):
    """What a store does on one connection; effects wait for `flush`."""

    def __init__(self, connection: Connection, dialect: Dialect) -> None:
        self._connection, self._dialect = connection, dialect
        self._inserts = _inserts(dialect)
        self._told: list[Columns] = []

    def load(self, lead_id: str) -> Stored | None:
        return self.load_all([lead_id]).get(lead_id)

    def load_all(self, lead_ids: Iterable[str]) -> dict[str, Stored]:
        return self._stored(lead_ids, _LOCKED_LEADS)

    def look(self, lead_id: str) -> Stored | None:
        """A lead that nobody locks: facts recorded after its row was read are left out."""
        return self._stored([lead_id], _LEADS_BY_ID).get(lead_id)

    def _stored(self, lead_ids: Iterable[str], statement: Executable) -> dict[str, Stored]:
        stored: dict[str, Stored] = {}
        wanted = {columns.key(lead_id, "a lead's id") for lead_id in lead_ids}
        for ids in _parts(sorted(wanted)):
            rows = [columns.row_of(found) for found in self._select(statement, ids=ids)]
            facts: dict[str, list[Found]] = {row.lead_id: [] for row in rows}
            if rows:
                for found in self._select(_FACTS_BY_ID, ids=list(facts)):
                    facts[found["lead_id"]].append(found)
            for row in rows:
                stored[row.lead_id] = Stored(row, columns.facts_of(row, facts[row.lead_id]))
        return stored

    def peek(self, lead_id: str) -> Row | None:
        ids = [columns.key(lead_id, "a lead's id")]
        for found in self._select(_LEADS_BY_ID, ids=ids):
            return columns.row_of(found)
        return None

    def append(self, row: Row, facts: Sequence[Fact], *, expected: int) -> None:
        self.append_all([Change(row, facts, expected)])

    def append_all(self, changes: Iterable[Change]) -> None:
        made = list(changes)
        new = [change for change in made if not change.expected]
        self._write_rows(self._inserts.leads, new, _new_lead)
        known = [change for change in made if change.expected]
        self._write_rows(_CHANGE_LEAD, known, _changed_lead)
        facts = [
            columns.fact_columns(change.row.lead_id, seq, fact)
            for change in made
            for seq, fact in enumerate(change.facts, change.expected + 1)
        ]
        if facts:
            self._add_facts(facts)

    def _write_rows(
        self,
        statement: Executable,
        changes: list[Change],
        parameters: Callable[[Change], Columns],
    ) -> None:
        """Insert or update rows of leads, each of which must be at the version expected."""
        if changes and self._many(statement, list(map(parameters, changes))) != len(changes):
            raise self._stale(changes)

    def _stale(self, changes: list[Change]) -> StaleVersionError:
        """The error for the first of *changes* that found another version."""
        # Their facts are not written yet, so the last fact tells the version that was there.
        kept: dict[str, int] = {}
        for ids in _parts([change.row.lead_id for change in changes]):
            for found in self._select(_LAST_FACTS, ids=ids):
                kept[found["lead_id"]] = found["version"]
        other = (one for one in changes if kept.get(one.row.lead_id, 0) != one.expected)
        stale = next(other, changes[0])
        return StaleVersionError(stale.row.lead_id, stale.expected)

    def _add_facts(self, facts: list[Columns]) -> None:
        try:
            self._many(FACTS.insert(), facts)
        except StoreUnavailableError as error:
            if isinstance(error.__cause__, IntegrityError):
                leads = sorted({fact["lead_id"] for fact in facts})
                raise DuplicateFactError(leads) from error.__cause__
            raise

    def hand_off(self, handoff: HandoffRow) -> bool:
        return self._many(self._inserts.handoffs, [columns.handoff_columns(handoff)]) == 1

    def update_handoff(self, handoff: HandoffRow) -> None:
        record = columns.handoff_columns(handoff)
        place = {"of_lead": record.pop("lead_id"), "of_episode": record.pop("episode")}
        if self._many(_CHANGE_HANDOFF, [{**place, **record}]) != 1:
            raise columns.no_handoff(handoff)

    def open_handoffs(self) -> dict[str, int]:
        return {found["owner"]: found["open"] for found in self._select(_OPEN_HANDOFFS)}

    def pool(self, name: str) -> Mapping[str, Any]:
        columns.key(name, "a pool's name")
        found = self._select(_POOL, of_pool=name)
        if not found:
            # A row that is not there cannot be locked.
            self._many(self._inserts.pools, [{"name": name, "state": "{}"}])
            found = self._select(_POOL, of_pool=name)
        return columns.pool_of(name, found[0]["state"])

    def save_pool(self, name: str, state: Mapping[str, Any]) -> None:
        place = columns.key(name, "a pool's name")
        text = columns.json_text(state, "a pool's state")
        self._many(self._inserts.pool_state, [{"name": place, "state": text}])

    def tell(self, effects: Iterable[Effect]) -> None:
        self._told += map(columns.message_columns, effects)

    def flush(self) -> None:
        """
        Write what was told.

        It comes last, as it makes all others who tell something wait until this one commits.
        """
        if not self._told:
            return
        found = self._select(_TAKE_PLACES, places=len(self._told))
        if not found:
            raise UnreadableRecordError(columns.META, repr(schema.LAST_SEQ), "it is not there")
        first = found[0]["value"] - len(self._told) + 1
        messages = [{"seq": seq, **message} for seq, message in enumerate(self._told, first)]
        self._many(self._inserts.messages, messages)
        self._told = []

    def _select(self, statement: Executable, **values: object) -> list[Found]:
        with self._dialect.plainly():
            return list(self._connection.execute(statement, values).mappings())

    def _many(self, statement: Executable, records: list[Columns]) -> int:
        """How many records it concerned."""
        with self._dialect.plainly():
            return self._connection.execute(statement, records).rowcount


def _new_lead(change: Change) -> Columns:
    return columns.lead_columns(change.row)


def _changed_lead(change: Change) -> Columns:
    lead = columns.lead_columns(change.row)
    return {"of_lead": lead.pop("lead_id"), "of_version": change.expected, **lead}


def _parts(ids: list[str]) -> Iterator[list[str]]:
    source = iter(ids)
    while part := list(islice(source, _AT_ONCE)):
        yield part
