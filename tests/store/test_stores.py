"""What every store does: one in memory, in SQLite, in PostgreSQL."""

import threading
from datetime import datetime, timedelta, timezone

import attrs
import pytest
from store.records import DAY, NOON, effect, fact, handoff, record, row

from mqlkit.errors import DefinitionError, KindError, NaiveTimeError
from mqlkit.store import (
    Change,
    Due,
    DuplicateFactError,
    Fact,
    MemoryStore,
    StaleClaimError,
    StaleVersionError,
    Store,
    StoreError,
    Transaction,
)

LEASE = timedelta(minutes=5)


def put(store: Store, lead_id: str, *names: str, **others: object) -> None:
    with store.transaction() as transaction:
        record(transaction, lead_id, map(fact, names), **others)


def tell(store: Store, *keys: str) -> None:
    with store.transaction() as transaction:
        transaction.tell(effect("ada", key) for key in keys)


# -- leads -------------------------------------------------------------------------------------


def test_what_was_appended_is_loaded(store: Store) -> None:
    """To the microsecond, in order, numbered, with every field of the row."""
    facts = [fact("a1", note="Ö\0\ud800", n=1.5, list=[1, None, True]), fact("a2")]
    whole = row(
        "ada",
        2,
        stage="mql",
        owner="rosa",
        status="qualified",
        model="f00",
        decided_at=NOON,
        wake=NOON + DAY,
        state={"b": {"x": 1}, "a": []},
    )
    with store.transaction() as transaction:
        transaction.append(whole, facts, expected=0)
    numbered = tuple(attrs.evolve(one, seq=seq) for seq, one in enumerate(facts, 1))
    with store.transaction() as transaction:
        stored = transaction.load("ada")
        assert stored is not None
        assert stored.row == whole
        assert stored.facts == numbered
        assert transaction.peek("ada") == whole
    assert store.read("ada") == stored
    assert store.rows() == [whole]


def test_a_lead_that_is_not_there_is_none(store: Store) -> None:
    with store.transaction() as transaction:
        assert transaction.load("ada") is None
        assert transaction.peek("ada") is None
    assert store.read("ada") is None


def test_a_transaction_sees_what_it_wrote(store: Store) -> None:
    with store.transaction() as transaction:
        record(transaction, "ada", [fact("a1")])
        record(transaction, "ada", [fact("a1"), fact("a2")])
        stored = transaction.load("ada")
        assert stored is not None
        assert [one.seq for one in stored.facts] == [1, 2]


def test_many_leads_at_once(store: Store) -> None:
    """Also more than fit into one statement."""
    names = [f"lead {number:04}" for number in range(1_203)]
    with store.transaction() as transaction:
        transaction.append_all(
            Change(row(name, 2), (fact("a1"), fact("a2")), expected=0) for name in names
        )
    with store.transaction() as transaction:
        found = transaction.load_all([*reversed(names), names[0], "nobody"])
        assert list(found) == names
        assert {len(stored.facts) for stored in found.values()} == {2}
        transaction.append_all(
            Change(row(name, 3, stage="mql"), (fact("a3"),), expected=2) for name in names[:600]
        )
    assert store.count_by_stage() == {"lead": 603, "mql": 600}


def test_a_row_is_replaced_without_a_fact(store: Store) -> None:
    put(store, "ada", "a1", wake=NOON)
    with store.transaction() as transaction:
        transaction.append(row("ada", 1), [], expected=1)
    assert store.due(NOON + DAY) == []


def test_a_new_lead_needs_a_fact() -> None:
    with pytest.raises(ValueError, match="version 0 of lead 'ada' does not follow"):
        Change(row("ada", 0), (), expected=0)


def test_a_version_counts_the_facts(store: Store) -> None:
    with (
        store.transaction() as transaction,
        pytest.raises(ValueError, match="does not follow from version 0 and 1 new facts"),
    ):
        transaction.append(row("ada", 2), [fact("a1")], expected=0)


@pytest.mark.parametrize("expected", [0, 1, 3])
def test_another_version_is_stale_and_nothing_is_written(store: Store, expected: int) -> None:
    put(store, "ada", "a1", "a2")
    before = store.read("ada")

    def work(transaction: Transaction) -> None:
        record(transaction, "bea", [fact("b1")])
        transaction.append(row("ada", expected + 1), [fact("a9")], expected=expected)

    with pytest.raises(StaleVersionError, match=f"'ada' is no longer at version {expected}:"):
        store.run(work)
    assert store.read("ada") == before
    assert store.read("bea") is None


def test_a_lead_that_is_not_there_has_no_later_version(store: Store) -> None:
    with pytest.raises(StaleVersionError), store.transaction() as transaction:
        transaction.append(row("ada", 2), [fact("a2")], expected=1)


@pytest.mark.parametrize("stale", range(4))
def test_of_many_the_stale_one_is_named(store: Store, stale: int) -> None:
    names = ["ada", "bea", "cid", "dan"]
    put(store, names[stale], "x1")
    with (
        pytest.raises(StaleVersionError, match=repr(names[stale])),
        store.transaction() as transaction,
    ):
        transaction.append_all(Change(row(name, 1), (fact("a1"),), expected=0) for name in names)


def test_a_lead_twice_in_one_call_is_stale(store: Store) -> None:
    change = Change(row("ada", 1), (fact("a1"),), expected=0)
    with pytest.raises(StaleVersionError, match="'ada'"), store.transaction() as transaction:
        transaction.append_all([change, change])


def test_a_fact_is_recorded_once(store: Store) -> None:
    put(store, "ada", "a1")
    before = store.read("ada")
    with (
        pytest.raises(DuplicateFactError, match="lead 'ada' has a fact of one of these ids"),
        store.transaction() as transaction,
    ):
        transaction.append(row("ada", 3), [fact("a2"), fact("a1")], expected=1)
    with pytest.raises(DuplicateFactError), store.transaction() as transaction:
        transaction.append(row("ada", 3), [fact("a2"), fact("a2")], expected=1)
    assert store.read("ada") == before
    put(store, "bea", "a1")  # Another lead's fact may have the same id.


def test_an_error_undoes_the_transaction(store: Store) -> None:
    """Law 169: leads, facts, handoffs, pools and messages appear together or not at all."""
    put(store, "ada", "a1")
    with store.transaction() as transaction:
        transaction.save_pool("all", {"rosa": 1})

    def work(transaction: Transaction) -> None:
        record(transaction, "ada", [fact("a2")])
        record(transaction, "bea", [fact("b1")])
        transaction.hand_off(handoff("ada"))
        transaction.save_pool("all", {"rosa": 2})
        transaction.tell([effect("ada", "a2")])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.run(work)
    stored = store.read("ada")
    assert stored is not None
    assert stored.row.version == 1
    assert [one.lead_id for one in store.rows()] == ["ada"]
    assert store.handoffs() == []
    assert store.outbox() == []
    with store.transaction() as transaction:
        assert transaction.pool("all") == {"rosa": 1}


def test_lists_are_pages_in_order_of_id(store: Store) -> None:
    """By code point, in whatever locale: else a page would skip some."""
    names = ["Zoe", "_x", "ada", "b-1", "b1", "zoe", "Älva", "ñu", "𝒳"]
    for name in reversed(names):
        put(store, name, "a1", wake=NOON, stage="mql" if name > "b" else "lead")
    assert names == sorted(names)
    for page in (2, 5):
        found: list[str] = []
        while more := store.rows(limit=page, after=found[-1] if found else ""):
            found += [one.lead_id for one in more]
        assert found == names
        due: list[Due] = []
        while more_due := store.due(NOON, limit=page, after=due[-1] if due else None):
            due += more_due
        assert [one.lead_id for one in due] == names
    assert [one.lead_id for one in store.rows(stage="mql")] == names[3:]
    assert store.count_by_stage() == {"lead": 3, "mql": 6}


def test_the_next_wake_is_the_earliest(store: Store) -> None:
    """Law 175."""
    assert store.next_wake() is None
    with store.transaction() as transaction:
        for name, wake in (("ada", NOON + DAY), ("bea", NOON), ("cyd", None)):
            transaction.append(row(name, 1, wake=wake), [fact("1")], expected=0)
    assert store.next_wake() == NOON
    with store.transaction() as transaction:
        transaction.append(row("bea", 1), [], expected=1)
    assert store.next_wake() == NOON + DAY


def test_due_is_at_or_before_now(store: Store) -> None:
    """Law 175, the store's part: who is to wake is listed until the row says otherwise."""
    tick = timedelta(microseconds=1)
    put(store, "before", "a1", wake=NOON - tick)
    put(store, "now", "a1", wake=NOON)
    put(store, "later", "a1", wake=NOON + tick)
    put(store, "never", "a1")
    due = [Due(NOON - tick, "before"), Due(NOON, "now")]
    assert store.due(NOON) == store.due(NOON) == due
    assert store.due(NOON.astimezone(timezone(timedelta(hours=5)))) == due


def test_whoever_is_due_longest_is_first(store: Store) -> None:
    """However many are due again and again: with a limit nobody waits for ever."""
    for name, hours in (("ada", 1), ("bea", 3), ("cyd", 2), ("dee", 2)):
        put(store, name, "a1", wake=NOON - timedelta(hours=hours))
    first = store.due(NOON, limit=2)
    assert [one.lead_id for one in first] == ["bea", "cyd"]
    assert [one.lead_id for one in store.due(NOON, after=first[-1])] == ["dee", "ada"]


# -- handoffs and pools ------------------------------------------------------------------------


def test_an_episode_is_handed_off_once(store: Store) -> None:
    """Law 167, the store's part."""
    for _ in range(2):
        with store.transaction() as transaction:
            first = transaction.hand_off(handoff("ada", data={"n": 1}))
            again = transaction.hand_off(handoff("ada", owner="tom"))
            other = transaction.hand_off(handoff("ada", 2))
        assert not again
        assert first is other
    assert not first
    assert store.handoffs() == [handoff("ada", data={"n": 1}), handoff("ada", 2)]


def test_a_handoff_is_updated(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.hand_off(handoff("ada"))
        transaction.hand_off(handoff("bea"))
        transaction.update_handoff(handoff("ada", state="closed", owner="tom"))
    assert store.handoffs(state="closed") == [handoff("ada", state="closed", owner="tom")]
    assert store.handoffs(state="offered") == [handoff("bea")]


def test_a_handoff_that_was_never_put_down_is_not_updated(store: Store) -> None:
    with (
        pytest.raises(StoreError, match="'ada' has no handoff of episode 1"),
        store.transaction() as transaction,
    ):
        transaction.update_handoff(handoff("ada"))


def test_handoffs_of_a_period(store: Store) -> None:
    with store.transaction() as transaction:
        for days, name in enumerate(["ada", "bea", "cid"]):
            transaction.hand_off(handoff(name, opened_at=NOON + days * DAY))
    found = store.handoffs(since=NOON + DAY, until=NOON + 2 * DAY)
    assert [one.lead_id for one in found] == ["bea"]


def test_handoffs_of_an_owner(store: Store) -> None:
    with store.transaction() as transaction:
        for name, owner, state in (
            ("ada", "rosa", "offered"),
            ("bea", "rosa", "closed"),
            ("cyd", "grace", "offered"),
            ("dan", "", "queued"),
        ):
            transaction.hand_off(handoff(name, owner=owner, state=state))
    assert [one.lead_id for one in store.handoffs(owner="rosa")] == ["ada", "bea"]
    assert [one.lead_id for one in store.handoffs(owner="rosa", state="offered")] == ["ada"]
    assert len(store.handoffs()) == 4


def test_the_load_of_each_rep(store: Store) -> None:
    with store.transaction() as transaction:
        for number, (owner, state) in enumerate(
            [("rosa", "offered"), ("rosa", "working"), ("tom", "closed"), ("", "queued")]
        ):
            transaction.hand_off(handoff(f"lead {number}", owner=owner, state=state))
        transaction.hand_off(handoff("ada", owner="ben"))
        assert transaction.open_handoffs() == {"ben": 1, "rosa": 2}


def test_a_pool_is_kept(store: Store) -> None:
    with store.transaction() as transaction:
        assert transaction.pool("all") == {}
        transaction.save_pool("all", {"rosa": 3, "tom": -3})
        assert transaction.pool("all") == {"rosa": 3, "tom": -3}
        transaction.save_pool("west", {})
    with store.transaction() as transaction:
        assert transaction.pool("all") == {"rosa": 3, "tom": -3}
        transaction.save_pool("all", {"rosa": 0})
    with store.transaction() as transaction:
        assert transaction.pool("all") == {"rosa": 0}


# -- the outbox --------------------------------------------------------------------------------


def test_an_effect_is_told_once(store: Store) -> None:
    """Law 168, the store's part: one message for a key, in the order of telling."""
    tell(store, "1", "2", "1")
    tell(store, "2", "3")
    messages = store.outbox()
    assert [message.effect for message in messages] == [effect("ada", key) for key in "123"]
    assert [message.seq for message in messages] == [1, 2, 5]
    assert not any(message.delivered or message.fence or message.attempts for message in messages)


def test_polling_goes_on_after_the_last(store: Store) -> None:
    tell(store, *"12345")
    first = store.outbox(limit=2)
    rest = store.outbox(after=first[-1].seq)
    assert [message.effect.key for message in (*first, *rest)] == [f"ada/{n}" for n in "12345"]


def test_what_is_claimed_is_not_claimed_again(store: Store) -> None:
    tell(store, *"123")
    first = store.claim("one", lease=LEASE, limit=2)
    second = store.claim("two", lease=LEASE)
    assert [message.effect.key for message in (*first, *second)] == ["ada/1", "ada/2", "ada/3"]
    assert {(message.fence, message.attempts) for message in (*first, *second)} == {(1, 1)}
    assert store.claim("three", lease=LEASE) == []


def test_what_is_delivered_stays_delivered(store: Store) -> None:
    tell(store, *"123")
    messages = store.claim("one", lease=LEASE)
    store.delivered(messages[:2])
    store.delivered(messages[:2])  # The answer to the first was lost.
    store.delivered([])
    assert [message.delivered for message in store.outbox()] == [True, True, False]


def test_a_message_that_was_only_read_is_not_delivered(store: Store) -> None:
    tell(store, "1")
    with pytest.raises(StaleClaimError, match="message 1 is not held under this claim"):
        store.delivered(store.outbox())
    assert [message.delivered for message in store.outbox()] == [False]


def test_a_message_that_is_not_there_is_not_delivered(store: Store) -> None:
    tell(store, "1")
    (message,) = store.claim("one", lease=LEASE)
    with pytest.raises(StaleClaimError, match="message 7"):
        store.delivered([message, attrs.evolve(message, seq=7)])
    assert [message.delivered for message in store.outbox()] == [False]


def test_after_the_lease_another_worker_may_claim(store: Store) -> None:
    """Law 173: the first one's word comes too late, for all of its messages."""
    tell(store, "1", "2")
    first = store.claim("sleepy", lease=timedelta(microseconds=1))
    pause = threading.Event()
    pause.wait(0.01)
    second = store.claim("brisk", lease=LEASE, limit=1)
    assert [(message.fence, message.attempts) for message in second] == [(2, 2)]
    with pytest.raises(StaleClaimError, match="message 1"):
        store.delivered(first)
    assert [message.delivered for message in store.outbox()] == [False, False]
    store.delivered(second)
    store.delivered(first[1:])  # Late, but nobody took it.
    assert [message.delivered for message in store.outbox()] == [True, True]
    assert store.claim("brisk", lease=LEASE) == []


def test_what_is_given_back_is_free_at_once(store: Store) -> None:
    tell(store, *"123")
    first = store.claim("one", lease=LEASE)
    store.delivered(first[:1])
    store.release(reversed(first))
    store.release(first)  # The answer to the first was lost.
    store.release([])
    second = store.claim("two", lease=LEASE)
    assert [(message.seq, message.fence) for message in second] == [(2, 2), (3, 2)]
    assert [message.delivered for message in store.outbox()] == [True, False, False]


def test_what_somebody_else_has_is_not_given_back(store: Store) -> None:
    """Law 173: a late word frees nothing; nor does one about what was only read or is not there."""
    tell(store, "1", "2")
    first = store.claim("one", lease=LEASE, limit=1)
    store.release(first)
    (held,) = store.claim("two", lease=LEASE, limit=1)
    store.release([*first, *store.outbox(), attrs.evolve(held, seq=7)])
    assert [message.seq for message in store.claim("three", lease=LEASE)] == [2]
    store.delivered([held])


def test_memory_leases_run_by_the_clock_that_is_passed() -> None:
    seconds = 0.0
    store = MemoryStore(clock=lambda: seconds)
    tell(store, "1")
    assert store.claim("one", lease=timedelta(seconds=10))
    seconds = 9.999_999
    assert store.claim("two", lease=LEASE) == []
    seconds = 10.0
    assert store.claim("two", lease=LEASE)


@pytest.mark.parametrize("lease", [timedelta(0), -LEASE])
def test_a_lease_is_above_zero(store: Store, lease: timedelta) -> None:
    with pytest.raises(DefinitionError, match="a lease is above zero"):
        store.claim("one", lease=lease)


def test_a_lease_is_a_span(store: Store) -> None:
    with pytest.raises(KindError, match="a lease is a timedelta, not 5"):
        store.claim("one", lease=5)  # type: ignore[arg-type]


# -- run -----------------------------------------------------------------------------------------


def test_work_is_done_in_one_transaction(store: Store) -> None:
    assert store.run(lambda transaction: record(transaction, "ada", [fact("a1")])) == (fact("a1"),)
    assert store.run(lambda transaction: record(transaction, "ada", [fact("a1")])) == ()


def test_stale_work_is_done_again(store: Store) -> None:
    calls = []

    def work(transaction: object) -> int:
        calls.append(transaction)
        if len(calls) < 3:
            raise StaleVersionError("ada", 0)
        return len(calls)

    assert store.run(work) == 3


def test_work_that_stays_stale_ends(store: Store) -> None:
    calls = []

    def work(transaction: object) -> None:
        calls.append(transaction)
        raise StaleVersionError("ada", 0)

    with pytest.raises(StaleVersionError):
        store.run(work)
    assert len(calls) == 5


def test_work_that_fails_is_not_done_again(store: Store) -> None:
    calls = []

    def work(transaction: object) -> None:
        calls.append(transaction)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.run(work)
    assert len(calls) == 1


def test_setup_again_does_no_harm(store: Store) -> None:
    """Law 176."""
    put(store, "ada", "a1")
    before = store.read("ada")
    store.setup()
    assert store.read("ada") == before


def test_threads_take_turns(store: Store) -> None:
    """Eight threads add to one lead: no fact is lost, and the numbers have no gaps."""
    barrier = threading.Barrier(8)

    def worker(number: int) -> None:
        barrier.wait()
        for turn in range(5):
            name = f"{number}/{turn}"
            store.run(lambda tx, name=name: record(tx, "ada", [fact(name)]))

    threads = [threading.Thread(target=worker, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stored = store.read("ada")
    assert stored is not None
    assert {one.id for one in stored.facts} == {
        f"{n}/{turn}" for n in range(8) for turn in range(5)
    }


def test_a_transaction_in_memory_is_not_begun_inside_another() -> None:
    store = MemoryStore()
    with store.transaction(), pytest.raises(StoreError, match="is open already"):
        store.run(lambda transaction: None)
    put(store, "ada", "a1")


# -- what cannot be kept -------------------------------------------------------------------------

WRONG = [
    (lambda tx: tx.append(row("", 1), [fact("a")], expected=0), "from 1 to 1,000 bytes, not 0"),
    (lambda tx: tx.append(row("ö" * 501, 1), [fact("a")], expected=0), "bytes, not 1,002"),
    (lambda tx: tx.append(row("a\0", 1), [fact("a")], expected=0), "has a NUL"),
    (lambda tx: tx.append(row("ada", 1), [fact("\ud800")], expected=0), "has half a character"),
    (lambda tx: tx.append(row(7, 1), [fact("a")], expected=0), "a lead's id is text, not 7"),
    (lambda tx: tx.append(row("ada", 1, stage=None), [fact("a")], expected=0), "a stage is text"),
    (lambda tx: tx.append(row("ada", 1), [fact("a", x=object())], expected=0), "has no JSON"),
    (lambda tx: tx.append(row("ada", 1), [fact("a", x=float("nan"))], expected=0), "as JSON"),
    (lambda tx: tx.pool(""), "a pool's name has from 1"),
    (lambda tx: tx.save_pool("", {}), "a pool's name has from 1"),
    (lambda tx: tx.hand_off(handoff("")), "a lead's id has from 1"),
    (lambda tx: tx.load("a\0"), "has a NUL"),
    (lambda tx: tx.peek(""), "a lead's id has from 1"),
    (lambda tx: tx.load_all(["ada", 7]), "a lead's id is text, not 7"),
]


@pytest.mark.parametrize(("wrong", "says"), WRONG)
def test_what_cannot_be_kept_is_refused_alike(store: Store, wrong, says: str) -> None:
    with pytest.raises((KindError, DefinitionError), match=says):
        store.run(wrong)
    assert store.rows() == []


ASKED = [
    (lambda store: store.read("a\0"), "has a NUL"),
    (lambda store: store.rows(after="a\0"), "has a NUL"),
    (lambda store: store.rows(stage="\ud800"), "has half a character"),
    (lambda store: store.due(NOON, after=Due(NOON, "a\0")), "has a NUL"),
    (lambda store: store.handoffs(state="\0"), "has a NUL"),
    (lambda store: store.rows(limit=0), "a limit is 1 or more, not 0"),
    (lambda store: store.due(NOON, limit=-1), "a limit is 1 or more, not -1"),
    (lambda store: store.outbox(limit="7"), 'a limit is a whole number, not "7"'),
    (lambda store: store.claim("one", lease=LEASE, limit=0), "a limit is 1 or more"),
    (lambda store: store.claim("", lease=LEASE), "a worker's name has from 1"),
]


@pytest.mark.parametrize(("wrong", "says"), ASKED)
def test_what_cannot_be_asked_is_refused_alike(store: Store, wrong, says: str) -> None:
    with pytest.raises((KindError, DefinitionError), match=says):
        wrong(store)


def test_an_instant_without_a_zone_is_refused(store: Store) -> None:
    naive = Fact("a1", "activity", datetime(2026, 3, 2), NOON, {})
    with pytest.raises(NaiveTimeError, match="a fact's at"), store.transaction() as transaction:
        transaction.append(row("ada", 1), [naive], expected=0)


def test_a_mapping_of_another_kind_is_kept_as_a_mapping(store: Store) -> None:
    from types import MappingProxyType

    store.run(lambda tx: record(tx, "ada", [fact("a", x=MappingProxyType({"b": (1, 2)}))]))
    stored = store.read("ada")
    assert stored is not None
    assert stored.facts[0].data == {"x": {"b": [1, 2]}}
