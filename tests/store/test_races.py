"""Many workers at once: one winner each."""

from collections.abc import Iterator
from contextlib import closing
from itertools import chain

import pytest
from store.databases import KINDS, database, dump, execute
from store.killing import Forks, done, forks, race
from store.operations import (
    FEWER,
    LEADS,
    NAIVE,
    claim_all,
    do_second_step,
    do_setup,
    hand_off_all,
    hand_off_naively,
    record_all,
    sleepy_or_brisk,
    tell_some,
)
from store.records import effect

from mqlkit.store import SqlStore

WORKERS = (2, 8)


@pytest.fixture(scope="module")
def server() -> Iterator[Forks]:
    with forks() as server:
        yield server


@pytest.mark.parametrize("workers", WORKERS)
def test_one_worker_hands_a_lead_off(server: Forks, url: str, workers: int) -> None:
    """Law 167."""
    won = race(server, hand_off_all, url, workers)
    assert sum(won) == LEADS
    for table in ("handoffs", "leads", "facts", "outbox"):
        assert execute(url, f"SELECT count(*) FROM mqlkit_{table}") == [(LEADS,)]
    owners = execute(
        url,
        "SELECT count(*) FROM mqlkit_handoffs h"
        " JOIN mqlkit_facts f ON f.lead_id = h.lead_id"
        " JOIN mqlkit_outbox o ON o.lead_id = h.lead_id"
        " WHERE f.data = o.data AND h.owner = 'worker ' || substr(f.data, 7, 1)",
    )
    assert owners == [(LEADS,)], "who won wrote all three"


@pytest.mark.parametrize("workers", WORKERS)
def test_a_fact_is_recorded_once_whoever_is_first(server: Forks, url: str, workers: int) -> None:
    """Law 170, and no gap in the numbers of a lead's facts."""
    recorded = race(server, record_all, url, workers)
    assert sum(recorded) == FEWER * (workers + 1)
    per_lead = execute(
        url,
        "SELECT count(*), max(seq), min(seq), max(l.version) FROM mqlkit_facts f"
        " JOIN mqlkit_leads l ON l.lead_id = f.lead_id GROUP BY f.lead_id",
    )
    assert set(per_lead) == {(workers + 1, workers + 1, 1, workers + 1)}


@pytest.mark.parametrize("kind", KINDS)
def test_the_race_catches_who_looks_and_then_inserts(server: Forks, kind: str) -> None:
    """The liar: without a key there are more rows than leads, as a rule in the first race."""
    for _ in range(10):
        with database(kind) as url:
            execute(url, NAIVE)
            race(server, hand_off_naively, url, 8)
            if execute(url, "SELECT count(*) FROM naive")[0][0] > LEADS:
                return
    raise AssertionError("nobody was handed off twice")


@pytest.mark.parametrize("workers", WORKERS)
def test_a_message_goes_to_one_worker(server: Forks, url: str, workers: int) -> None:
    """Law 173: while a lease runs nobody else gets the message."""
    done(server, tell_some, url)
    got = race(server, claim_all, url, workers)
    assert sorted(chain(*got)) == list(range(1, 7))


def test_a_worker_that_wakes_up_too_late_is_refused(server: Forks, url: str) -> None:
    """Law 173: stopped with SIGSTOP past its lease, then continued."""
    with closing(SqlStore(url)) as store:
        store.run(lambda tx: tx.tell([effect("ada", "1")]))
        sleepy, brisk = race(server, sleepy_or_brisk, url, 2)
        assert sleepy.startswith("message 1 is not held under this claim")
        assert brisk == "delivered under claim 2"
        assert [message.delivered for message in store.outbox()] == [True]


@pytest.mark.parametrize("setup", [do_setup, do_second_step])
def test_processes_set_up_at_once(server: Forks, empty_url: str, setup) -> None:
    """Law 176."""
    race(server, setup, empty_url, 4)
    version = 1 if setup is do_setup else 2
    assert dump(empty_url)["mqlkit_meta"] == [{"name": "schema", "value": version}]
