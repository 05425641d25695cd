"""Law 171: the same inputs give the same records, to the byte, in every store."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store.databases import KINDS, database, dump, execute
from store.records import NOON, effect, fact, handoff, row

from mqlkit.store import MemoryStore, SqlStore, Store, StoreError, Transaction
from mqlkit.store.schema import TABLES

LAWS = (171,)

INSTANTS = st.datetimes(
    datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.sampled_from([UTC])
)
WORDS = st.sampled_from(["ada", "Ada", "bea", "ñu", "z-1", "z1", "𝒳"])
NUMBERS = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
DATA = st.dictionaries(
    st.text(max_size=4),
    NUMBERS | st.text(max_size=6) | st.booleans() | st.none() | st.lists(NUMBERS, max_size=3),
    max_size=4,
)
CALLS = st.one_of(
    st.tuples(st.just("add"), WORDS, st.lists(st.tuples(WORDS, INSTANTS, DATA), max_size=4)),
    st.tuples(st.just("hand off"), WORDS, st.integers(1, 3), DATA),
    st.tuples(st.just("change"), WORDS, st.integers(1, 3), DATA),
    st.tuples(st.just("tell"), st.lists(st.tuples(WORDS, WORDS, DATA), max_size=4)),
    st.tuples(st.just("pool"), WORDS, DATA),
    st.tuples(st.just("ask"), WORDS),
)
TRANSACTIONS = st.lists(st.tuples(st.lists(CALLS, max_size=5), st.booleans()), max_size=6)


def do(transaction: Transaction, call: tuple[Any, ...]) -> object:
    """One call, and what it answered."""
    match call:
        case "add", lead_id, news:
            stored = transaction.load(lead_id)
            version = stored.row.version if stored else 0
            facts = [attrs.evolve(fact(name, **data), at=at) for name, at, data in news]
            if version + len(facts):
                wake = facts[0].at if facts else None
                new = row(lead_id, version + len(facts), wake=wake, state={"n": len(facts)})
                transaction.append(new, facts, expected=version)
            return stored
        case "hand off", lead_id, episode, data:
            return transaction.hand_off(handoff(lead_id, episode, data=data))
        case "change", lead_id, episode, data:
            transaction.update_handoff(handoff(lead_id, episode, data=data, state="closed"))
            return transaction.open_handoffs()
        case "tell", effects:
            return transaction.tell(effect(lead, name, **data) for lead, name, data in effects)
        case "pool", name, data:
            before = transaction.pool(name)
            transaction.save_pool(name, data)
            return before
        case "ask", name:
            return transaction.pool(name)
    raise AssertionError(call)


def replay(store: Store, transactions: Any) -> list[object]:
    """What every call answered, errors too, and what can be read in the end."""
    answers: list[object] = []
    for calls, fails in transactions:
        try:
            with store.transaction() as transaction:
                answers += [do(transaction, call) for call in calls]
                if fails:
                    raise ZeroDivisionError
        except (ZeroDivisionError, StoreError) as error:
            answers.append(f"{type(error).__name__} {error}")
    leads = store.rows()
    answers += [leads, store.due(NOON), store.count_by_stage(), store.handoffs(), store.outbox()]
    return [*answers, *(store.read(lead.lead_id) for lead in leads)]


def tables_of(store: MemoryStore) -> dict[str, Any]:
    """As `dump` has those of a database."""
    found = {}
    for table in TABLES[:-1]:
        records = [
            {name: record[name] for name in sorted(record) if name not in LEASED}
            for record in store._tables[table.name].values()
        ]
        found[table.name] = sorted(records, key=repr)
    return found


LEASED = ("delivered_at", "claimed_by", "claimed_until")


@pytest.fixture(scope="module")
def urls() -> Iterator[list[str]]:
    with database("sqlite") as sqlite, database("postgresql") as postgresql:
        yield [sqlite, postgresql]


def emptied(url: str) -> str:
    execute(url, *(f"DELETE FROM {table.name}" for table in TABLES[:-1]))
    execute(url, "UPDATE mqlkit_meta SET value = 0 WHERE name = 'last seq'")
    return url


@settings(max_examples=25)
@given(transactions=TRANSACTIONS)
def test_three_stores_have_the_same_records(urls: list[str], transactions: Any) -> None:
    """Laws 169, 171: also after transactions that fail, on their own or by an error after them."""
    memory = MemoryStore()
    expected = replay(memory, transactions)
    records = tables_of(memory)
    for url in urls:
        with closing(SqlStore(emptied(url))) as store:
            assert replay(store, transactions) == expected
        found = dump(url)
        found.pop("mqlkit_meta")
        assert found == records


def test_a_store_that_rounds_is_caught(urls: list[str]) -> None:
    """The liar: one that keeps instants to the millisecond."""

    class Rounding(MemoryStore):
        def read(self, lead_id: str) -> Any:
            stored = super().read(lead_id)
            assert stored is not None
            millis = stored.row.since.microsecond // 1_000 * 1_000
            since = stored.row.since.replace(microsecond=millis)
            return attrs.evolve(stored, row=attrs.evolve(stored.row, since=since))

    one = [([("add", "ada", [("a1", NOON, {})])], False)]
    with closing(SqlStore(emptied(urls[0]))) as store:
        assert replay(store, one) != replay(Rounding(), one)


def test_both_kinds_are_there() -> None:
    assert KINDS == ("sqlite", "postgresql")
