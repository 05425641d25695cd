"""What children that fork do with a funnel, and the liars among them."""

from contextlib import closing
from datetime import timedelta
from typing import Any

from funnel.sales_team import DAY, HOUR, MODEL, MONDAY, demo, page
from sqlalchemy import text
from store.databases import engine_for

from mqlkit.effect import Effect
from mqlkit.funnel import Funnel
from mqlkit.handoff import IllegalHandoffError
from mqlkit.store import Message, SqlStore


def opened(store: SqlStore) -> Funnel:
    return Funnel(MODEL, store, setup=False)


EMAIL = {"email": "somebody@shop.example"}


def do_offer(url: str) -> None:
    """Two calls; the second one records, decides, moves, hands off and tells."""
    with closing(SqlStore(url)) as store:
        opened(store).record("ada", demo(), page(id="p"), now=MONDAY)
        opened(store).learn("ada", EMAIL, now=MONDAY)


def do_life(url: str) -> None:
    """A lead from its first trace to recycling, eight transactions, and two leads that are one."""
    with closing(SqlStore(url)) as store:
        team = opened(store)
        team.learn("ada", EMAIL, now=MONDAY)
        offered = team.record("ada", demo(), now=MONDAY + HOUR)
        to = offered.handoff.offers[0].to
        team.accept("ada", by=to, now=MONDAY + 2 * HOUR)
        team.attempt("ada", by=to, channel="phone", now=MONDAY + 3 * HOUR)
        team.close("ada", by=to, reason="too early", now=MONDAY + 4 * HOUR)
        team.record("twin", page(), now=MONDAY + 4 * HOUR)
        team.merge("twin", "ada", now=MONDAY + 5 * HOUR)
        team.tick(MONDAY + 50 * DAY)


LIFE = 8
"""The transactions of `do_life`."""


def do_batch(url: str) -> None:
    with closing(SqlStore(url)) as store, opened(store).batch() as batch:
        for name in ("ada", "bea"):
            batch.learn(name, EMAIL, now=MONDAY)
            batch.record(name, demo(MONDAY, "d"), now=MONDAY)


def do_unkeyed(url: str) -> None:
    """A liar: an attempt told with another instant each time is another attempt."""
    with closing(SqlStore(url)) as store:
        team = opened(store)
        known = len(team.history("ada"))
        team.record("ada", page(MONDAY + known * HOUR), now=MONDAY + DAY)


def do_outside(url: str) -> None:
    """A liar: it tells of the call in a transaction of its own."""
    with closing(SqlStore(url)) as store:
        team = opened(store)
        team.record("ada", page(id="p"), now=MONDAY)
        store.run(lambda tx: tx.tell([Effect("seen", "ada", MONDAY, "ada/seen")]))


# -- races -----------------------------------------------------------------------------------------


def work_all(url: str, number: int, leads: int) -> int:
    """How many leads this worker was the one to accept, of all that several workers bring in."""
    won = 0
    with closing(SqlStore(url, wait=timedelta(seconds=60))) as store:
        team = opened(store)
        for lead in range(leads):
            name = f"lead {lead}"
            team.learn(name, EMAIL, now=MONDAY)
            offered = team.record(name, demo(), page(id=f"of {number}"), now=MONDAY)
            to = offered.handoff.offers[0].to
            try:
                team.accept(name, by=to, now=MONDAY + HOUR, id=f"of {number}")
            except IllegalHandoffError:
                continue
            won += 1
    return won


def tick_all(url: str, number: int) -> int:
    """How many effects this worker's tick brought about, of several that tick at once."""
    with closing(SqlStore(url, wait=timedelta(seconds=60))) as store:
        ticked = opened(store).tick(MONDAY + 3 * HOUR)
        assert not ticked.failed, ticked.failed
        return len(ticked.effects)


NAIVE = "CREATE TABLE naive (lead_id TEXT, worker INTEGER)"


def accept_naively(url: str, number: int, leads: int) -> int:
    """A liar: it looks whether the lead is free, and then takes it without telling the funnel."""
    engine = engine_for(url)
    with closing(SqlStore(url, wait=timedelta(seconds=60))) as store:
        team = opened(store)
        won = 0
        for lead in range(leads):
            mine: dict[str, Any] = {"lead_id": f"lead {lead}", "worker": number}
            with engine.connect() as connection:
                taken = text("SELECT 1 FROM naive WHERE lead_id = :lead_id")
                if connection.execute(taken, mine).first():
                    continue
            team.record(mine["lead_id"], demo(), now=MONDAY)
            while True:
                try:
                    with engine.begin() as connection:
                        connection.execute(
                            text("INSERT INTO naive VALUES (:lead_id, :worker)"), mine
                        )
                    break
                except Exception as error:
                    if "locked" not in str(error):
                        raise
            won += 1
        return won


def deliver_all(url: str) -> list[str]:
    got: list[str] = []

    def send(message: Message) -> None:
        got.append(message.effect.key)

    with closing(SqlStore(url)) as store:
        team = opened(store)
        while team.deliver(send, lease=timedelta(milliseconds=20), limit=2):
            pass
    return got
