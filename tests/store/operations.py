"""What children of `killing.Forks` do. A module of its own: children must be able to import it."""

import os
import signal
import subprocess
import time
from contextlib import closing
from datetime import timedelta
from itertools import count
from time import sleep
from typing import Any

from sqlalchemy import create_engine, text
from store.databases import engine_for
from store.records import effect, fact, handoff, record, row

from mqlkit.store import Change, SqlStore, StaleClaimError, Transaction, schema
from mqlkit.store.schema import STEPS, Step

LEADS = 200
FEWER = 60


def whole(transaction: Transaction) -> bool:
    """A whole transaction as a funnel has it; whether there was something to record."""
    pool = transaction.pool("all")
    load = transaction.open_handoffs()
    news = record(transaction, "ada", [fact("a1"), fact("a2")], stage="mql", state={"n": 1})
    if not news:
        return False
    assert transaction.hand_off(handoff("ada"))
    transaction.update_handoff(handoff("ada", state="accepted"))
    transaction.save_pool("all", {"turn": pool.get("turn", 0) + 1, "load": load})
    transaction.tell([effect("ada", "offered"), effect("ada", "accepted")])
    known = transaction.load_all(["bea", "ada"])
    transaction.append_all(
        [
            Change(row("bea", 1), (fact("b1"),), expected=0),
            Change(row("ada", 3), (fact("a3"),), expected=known["ada"].row.version),
        ]
    )
    return True


def do_whole(url: str) -> bool:
    with closing(SqlStore(url)) as store:
        return store.run(whole)


def do_halves(url: str) -> None:
    """A liar: two transactions for what is one."""
    with closing(SqlStore(url)) as store:
        store.run(lambda tx: record(tx, "ada", [fact("a1")]))
        store.run(lambda tx: tx.tell([effect("ada", "offered")]))


def do_twice(url: str) -> None:
    """A liar: it forgets to ask what is there."""
    with closing(SqlStore(url)) as store, store.transaction() as transaction:
        stored = transaction.load("ada")
        version = stored.row.version if stored else 0
        news = fact(f"a{version + 1}")
        transaction.append(row("ada", version + 1), [news], expected=version)


def do_within(url: str) -> None:
    """The same inside a transaction of the application, which has a table of its own."""
    from mqlkit.store import begin_immediately

    engine = engine_for(url)
    if engine.dialect.name == "sqlite":
        begin_immediately(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS mqlkit_app (name TEXT PRIMARY KEY)"))
        if SqlStore.within(connection).run(whole):
            connection.execute(text("INSERT INTO mqlkit_app VALUES ('ada')"))


def do_setup(url: str, number: int = 0) -> None:
    with closing(SqlStore(url)) as store:
        store.setup()


def second_step(connection: Any) -> None:
    connection.execute(text("ALTER TABLE mqlkit_leads ADD COLUMN region TEXT"))
    connection.execute(text("UPDATE mqlkit_leads SET region = 'west'"))
    connection.execute(text("CREATE INDEX mqlkit_leads_region ON mqlkit_leads (region)"))


def do_second_step(url: str, number: int = 0) -> None:
    """A later mqlkit, which has one step more."""
    schema.STEPS = (*STEPS, Step(2, second_step))
    do_setup(url)


# -- claims ----------------------------------------------------------------------------------------


def tell_some(url: str) -> None:
    with closing(SqlStore(url)) as store:
        store.run(lambda tx: tx.tell(effect("ada", str(number)) for number in range(6)))


def claim_and_deliver(url: str) -> None:
    with closing(SqlStore(url)) as store:
        while messages := store.claim("worker", lease=timedelta(milliseconds=20), limit=4):
            store.delivered(messages)


def claim_all(url: str, number: int) -> list[int]:
    """The messages that this worker got, of whom several work at once."""
    got = []
    with closing(SqlStore(url)) as store:
        while messages := store.claim(f"worker {number}", lease=timedelta(minutes=5), limit=7):
            got += [message.seq for message in messages]
            store.delivered(messages)
    return got


def sleepy_or_brisk(url: str, number: int) -> str:
    """Worker 0 is stopped by a signal while it holds a lease; worker 1 gets the message."""
    with closing(SqlStore(url)) as store:
        return _sleepy(store) if number == 0 else _brisk(store)


def _sleepy(store: SqlStore) -> str:
    messages = store.claim("sleepy", lease=timedelta(milliseconds=50))
    me = os.getpid()
    with subprocess.Popen(["sh", "-c", f"sleep 0.6; kill -CONT {me}"]):
        os.kill(me, signal.SIGSTOP)
    try:
        store.delivered(messages)
    except StaleClaimError as error:
        return str(error)
    return "not refused"


def _brisk(store: SqlStore) -> str:
    while not store.outbox()[0].attempts:
        time.sleep(0.01)
    while not (messages := store.claim("brisk", lease=timedelta(minutes=5))):
        time.sleep(0.01)
    time.sleep(0.8)  # Until the sleepy one has said its word.
    store.delivered(messages)
    return f"delivered under claim {messages[0].fence}"


# -- races -----------------------------------------------------------------------------------------


def hand_off_all(url: str, number: int) -> int:
    """How many of the leads this worker was the one to hand off."""
    won = 0
    with closing(SqlStore(url)) as store:
        for lead in range(LEADS):
            won += store.run(lambda tx, lead=f"lead {lead}": _hand_off(tx, lead, number))
    return won


def _hand_off(transaction: Transaction, lead_id: str, number: int) -> bool:
    if not transaction.hand_off(handoff(lead_id, owner=f"worker {number}")):
        return False
    record(transaction, lead_id, [fact("handed off", by=number)])
    transaction.tell([effect(lead_id, "handed off", by=number)])
    return True


def record_all(url: str, number: int) -> int:
    """Each worker has the same fact and one of its own for every lead; how many it recorded."""
    recorded = 0
    with closing(SqlStore(url)) as store:
        for lead in range(FEWER):
            news = [fact("same"), fact(f"own of {number}")]
            recorded += len(store.run(lambda tx, n=news, i=f"lead {lead}": record(tx, i, n)))
    return recorded


NAIVE = "CREATE TABLE naive (lead_id TEXT, worker INTEGER)"


def hand_off_naively(url: str, number: int) -> int:
    """A liar: look whether it is there, then insert, with no key to stop a second."""
    won = 0
    engine = create_engine(url)
    for lead in range(LEADS):
        for _ in count():
            try:
                with engine.begin() as connection:
                    won += _check_then_insert(connection, f"lead {lead}", number)
                break
            except Exception as error:
                if "locked" not in str(error):
                    raise
    return won


def _check_then_insert(connection: Any, lead_id: str, number: int) -> bool:
    mine = {"lead_id": lead_id, "worker": number}
    if connection.execute(text("SELECT 1 FROM naive WHERE lead_id = :lead_id"), mine).first():
        return False
    sleep(0.001)  # Whatever else an application does in between.
    connection.execute(text("INSERT INTO naive VALUES (:lead_id, :worker)"), mine)
    return True
