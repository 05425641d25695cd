"""Many calls at once, and what the funnel tells others."""

import json
from datetime import timedelta

import pytest
from funnel.sales_team import DAY, HOUR, MONDAY, demo, funnel, page, qualify, row

from mqlkit.errors import LeadDataError
from mqlkit.lifecycle import IllegalMoveError
from mqlkit.store import MemoryStore, StaleClaimError, StoreError, StoreUnavailableError

LAWS = (168, 169, 170)


# -- batches ---------------------------------------------------------------------------------------


def test_a_batch_counts_as_a_whole(store):
    """Law 169."""
    team = funnel(store)
    with team.batch() as batch:
        for n in range(5):
            qualify(batch, f"lead {n}")
        batch.merge("lead 4", "lead 0", now=MONDAY)
        assert team.outbox() == [], "others see nothing yet"
        assert batch.lead("lead 4", now=MONDAY).lead_id == "lead 0", "it sees itself"
        assert batch.history("lead 1") != ()
    assert team.status() == {"mql": 4, "merged": 1}
    offered = [m.effect.lead_id for m in team.outbox() if m.effect.kind == "offered"]
    assert sorted(offered) == [f"lead {n}" for n in range(5)]


def test_a_batch_comes_to_the_same_as_its_calls():
    one, many = funnel(), funnel()
    for n in range(4):
        qualify(one, f"lead {n}")
    with many.batch() as batch:
        for n in range(4):
            qualify(batch, f"lead {n}")
    assert [m.effect for m in one.outbox()] == [m.effect for m in many.outbox()]
    assert list(one.leads()) == list(many.leads())


def test_an_error_leaves_nothing_of_a_batch(store):
    team = funnel(store)
    with pytest.raises(ZeroDivisionError), team.batch() as batch:  # noqa: PT012
        qualify(batch)
        raise ZeroDivisionError
    assert (team.history("ada"), team.outbox(), team.handoffs()) == ((), [], ())


def test_a_failed_call_leaves_nothing_of_a_batch_though_it_was_caught(store):
    team = funnel(store)
    with pytest.raises(StoreError, match="failed"), team.batch() as batch:  # noqa: PT012
        qualify(batch)
        with pytest.raises(IllegalMoveError):
            batch.fire("ada", "verified", now=MONDAY)
        with pytest.raises(StoreError, match="failed"):
            batch.record("bea", page(), now=MONDAY)
    assert (team.history("ada"), team.outbox()) == ((), [])
    assert qualify(team).stage == "mql", "the funnel itself goes on"


def test_a_refusal_before_anything_is_done_spoils_no_batch():
    team = funnel()
    with team.batch() as batch:
        with pytest.raises(LeadDataError):
            batch.record("ada", page(MONDAY, photo=b"x"), now=MONDAY)
        qualify(batch)
    assert team.status() == {"mql": 1}


def test_a_batch_that_is_over_takes_nothing(store):
    team = funnel(store)
    with team.batch() as batch:
        qualify(batch)
    with pytest.raises(StoreError, match="over"):
        batch.record("bea", page(), now=MONDAY)
    assert team.history("bea") == ()


def test_what_needs_transactions_of_its_own_stays_outside(store):
    team = funnel(store)
    with team.batch() as batch:
        qualify(batch)
        for call in (
            lambda: batch.tick(MONDAY),
            lambda: batch.deliver(print),
            lambda: batch.batch().__enter__(),
        ):
            with pytest.raises(StoreError, match="outside a batch"):
                call()
    assert team.status() == {"mql": 1}


# -- effects ---------------------------------------------------------------------------------------


def test_what_a_call_shows_is_in_the_outbox(store):
    """Law 169."""
    team = funnel(store)
    shown = [e for call in (qualify(team), team.tick(MONDAY + 20 * DAY)) for e in call.effects]
    kept = [m.effect for m in team.outbox()]
    assert kept[-len(shown) :] == shown
    assert len({effect.key for effect in kept}) == len(kept)


def test_polling_finds_each_message_after_the_last(store):
    team = funnel(store)
    qualify(team, "ada")
    first = team.outbox(limit=3)
    rest = team.outbox(after=first[-1].seq)
    qualify(team, "bea")
    news = team.outbox(after=rest[-1].seq)
    assert [m.seq for m in (*first, *rest, *news)] == [m.seq for m in team.outbox()]
    assert {m.effect.lead_id for m in news} == {"bea"}


def test_each_message_is_delivered_in_order_and_once_when_all_goes_well(store):
    team = funnel(store)
    qualify(team)
    got = []
    assert team.deliver(got.append, limit=2) == 2
    while team.deliver(got.append, limit=2):
        pass
    assert [m.seq for m in got] == [m.seq for m in team.outbox()]
    assert all(m.delivered for m in team.outbox())
    assert team.deliver(got.append) == 0


def test_what_could_not_be_sent_comes_again_under_the_same_key(store):
    """Law 168: at least once, and the key is equal in every attempt."""
    team = funnel(store)
    qualify(team)
    got = []

    def send(message):
        got.append(message.effect.key)
        if len(got) == 2:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        team.deliver(send)
    assert team.deliver(send, worker="another"), "the rest is given back at once"
    keys = [m.effect.key for m in team.outbox()]
    assert got == [keys[0], keys[1], *keys[1:]]


def test_a_worker_whose_store_is_gone_as_well_hears_of_its_own_error(monkeypatch):
    team = funnel()
    qualify(team)

    def gone(messages):
        raise StoreUnavailableError("its disk is full")

    def send(message):
        raise ConnectionError

    monkeypatch.setattr(team.store, "release", gone)
    with pytest.raises(ConnectionError):
        team.deliver(send)
    assert team.deliver(send) == 0, "they are free when the lease is over"


def test_a_worker_past_its_lease_is_told_so():
    """Law 173: a zombie; what another has taken it cannot mark as delivered."""
    clock = [0.0]
    team = funnel(MemoryStore(clock=lambda: clock[0]))
    qualify(team)
    got = []

    def slow(message):
        got.append(message.effect.key)
        clock[0] += 100
        assert team.deliver(lambda m: got.append(m.effect.key), worker="b", limit=1) == 1

    with pytest.raises(StaleClaimError):
        team.deliver(slow, worker="a", lease=timedelta(seconds=50))
    assert got[0] == got[1]
    assert [m.delivered for m in team.outbox()][:2] == [True, False]


def test_a_receiver_may_tell_the_funnel_something(store):
    team = funnel(store)
    rep = qualify(team).handoff.holder

    def accept(message):
        if message.effect.kind == "offered":
            team.accept("ada", by=rep, now=MONDAY + HOUR)

    team.deliver(accept)
    assert row(team, "ada").stage == "sal"
    while team.deliver(accept):
        pass
    assert team.deliver(accept) == 0


def test_effects_are_cloudevents(store):
    team = funnel(store)
    qualify(team)
    for message in team.outbox():
        event = message.effect.cloudevent("/funnel")
        assert json.loads(json.dumps(event)) == event
        assert event["specversion"] == "1.0"
        assert event["subject"] == "ada"
        assert event["id"] == message.effect.key
    crossed = next(m.effect for m in team.outbox() if m.effect.kind == "crossed")
    assert crossed.cloudevent("/funnel")["type"] == "mqlkit.crossed"
    assert crossed.cloudevent("/funnel")["data"]["direction"] == "up"


def test_no_two_leads_share_a_key():
    """An id may look like another lead's id and one of the funnel's own words."""
    team = funnel()
    names = ["a", "a/journey/1", "a%2Fjourney/1", "a/1", "a/1/handoff/1", "a/merged", "a/crossed"]
    for name in names:
        qualify(team, name)
    team.record("crossed/5", now=MONDAY)
    team.merge("crossed/5", "a", now=MONDAY)
    shown = {}
    for name in names:
        shown[name] = team.record(name, demo(MONDAY, "x"), now=MONDAY).journey
    effects = [m.effect for m in team.outbox(limit=1_000)]
    assert len({e.key for e in effects}) == len(effects)
    for name in names:
        mine = [e.kind for e in effects if e.lead_id == name]
        assert mine.count("entered") == len(shown[name].entries) == 3
        assert mine.count("offered") == 1
