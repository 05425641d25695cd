"""A funnel is killed wherever it speaks to its database, raced, cut off and told again."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from funnel.funnel_operations import (
    LIFE,
    NAIVE,
    accept_naively,
    deliver_all,
    do_batch,
    do_life,
    do_offer,
    do_outside,
    do_unkeyed,
    tick_all,
    work_all,
)
from funnel.sales_team import DAY, HOUR, MODEL, MONDAY, content, demo, funnel, page, qualify
from store.databases import KINDS, database, execute
from store.killing import Forks, Job, done, forks, kill_everywhere

from mqlkit.funnel import Funnel
from mqlkit.store import MemoryStore, SqlStore, StoreUnavailableError

LAWS = (167, 168, 169, 170, 171, 173, 175)


@pytest.fixture(scope="module")
def server() -> Iterator[Forks]:
    with forks() as server:
        yield server


# -- killed ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_call_happens_once_or_not_at_all(server, kind):
    """Laws 167, 168, 169 and 170: facts, row, handoff, pool and messages, all of them or none."""
    assert kill_everywhere(server, kind, do_offer, settled=3) > 30


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def test_a_batch_happens_once_or_not_at_all(server, kind):
    """Law 169."""
    assert kill_everywhere(server, kind, do_batch) > 30


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_life_is_told_again_from_the_start_wherever_it_broke_off(server, kind):
    """Laws 167, 168, 169, 170 and 175, for accepting, closing, merging, recycling and ticking."""
    assert kill_everywhere(server, kind, do_life, settled=LIFE + 1) > 150


@pytest.mark.parametrize(("liar", "says"), [(do_unkeyed, "does more"), (do_outside, "half done")])
def test_liars_among_calls_are_caught(server, liar, says):
    with pytest.raises(AssertionError, match=says):
        kill_everywhere(server, "sqlite", liar)


@pytest.mark.parametrize("kind", KINDS)
def test_no_wake_is_lost_whoever_is_killed(server, kind):
    """Law 175: until a tick is done its leads are due, and afterwards they are not."""
    due = f"SELECT lead_id FROM mqlkit_leads WHERE wake <= {micros(MONDAY + 3 * HOUR)}"
    point, killed = 0, True
    while killed:
        point += 6
        with database(kind) as url:
            with closing(SqlStore(url)) as store:
                team = Funnel(MODEL, store, setup=False)
                with team.batch() as batch:
                    for name in ("ada", "bea"):
                        qualify(batch, name)
            (outcome,) = server.run(Job(tick_all, (url, 1), kill_at=point))
            killed = outcome.killed
            offered = execute(url, "SELECT count(*) FROM mqlkit_outbox WHERE kind = 'offered'")
            waiting = execute(url, due)
            assert offered[0][0] + len(waiting) == 4, "two first offers, and one for each tick"
            done(server, tick_all, url, 1)
            assert execute(url, due) == []
            offered = execute(url, "SELECT count(*) FROM mqlkit_outbox WHERE kind = 'offered'")
            assert offered == [(4,)]
    assert point > 20


def micros(at):
    return int(at.timestamp()) * 1_000_000


@pytest.mark.parametrize("kind", KINDS)
def test_every_effect_arrives_whoever_is_killed(server, kind):
    """Law 168."""
    with database(kind) as url:
        done(server, do_offer, url)
        (outcome,) = server.run(Job(deliver_all, (url,), kill_at=9))
        assert outcome.killed
        waiting = "SELECT 1 FROM mqlkit_outbox WHERE delivered_at IS NULL"
        while execute(url, waiting):
            done(server, deliver_all, url)
        assert execute(url, "SELECT min(attempts) FROM mqlkit_outbox")[0][0] >= 1


# -- races -----------------------------------------------------------------------------------------

RACES = [
    pytest.param(2, 25),
    pytest.param(8, 12),
    pytest.param(2, 200, marks=pytest.mark.slow),
    pytest.param(8, 200, marks=pytest.mark.slow),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("workers", "leads"), RACES)
def test_each_lead_has_one_handoff_and_one_acceptance(server, kind, workers, leads):
    """Law 167: whoever is first, and the others are told so."""
    with database(kind) as url:
        won = ran(server, work_all, url, workers, leads)
        assert sum(won) == leads
        assert execute(url, "SELECT count(*) FROM mqlkit_handoffs") == [(leads,)]
        for told in ("offered", "accepted", "qualified"):
            count = (
                f"SELECT count(*), count(DISTINCT lead_id) FROM mqlkit_outbox WHERE kind='{told}'"
            )
            assert execute(url, count) == [(leads, leads)]
        facts = (
            "SELECT count(*), max(seq), max(l.version) FROM mqlkit_facts f"
            " JOIN mqlkit_leads l ON l.lead_id = f.lead_id GROUP BY f.lead_id"
        )
        assert all(counted == last == version for counted, last, version in execute(url, facts))
        pages = "SELECT count(*) FROM mqlkit_facts WHERE id LIKE 'activity/of %'"
        assert execute(url, pages) == [(workers * leads,)], "what each told is there"


def ran(server, operation, url, workers, *arguments):
    outcomes = server.run(*(Job(operation, (url, n, *arguments)) for n in range(workers)))
    for outcome in outcomes:
        assert not outcome.error, outcome.error
    return [outcome.answer for outcome in outcomes]


@pytest.mark.parametrize("kind", KINDS)
def test_workers_that_tick_at_once_do_each_thing_once(server, kind):
    """Law 167."""
    with database(kind) as url:
        with closing(SqlStore(url)) as store:
            team = Funnel(MODEL, store, setup=False)
            with team.batch() as batch:
                for n in range(20):
                    qualify(batch, f"lead {n}")
        effects = ran(server, tick_all, url, 4)
        assert sum(effects) == 40, "a lapse and an offer each"
        assert execute(url, "SELECT count(*) FROM mqlkit_outbox WHERE kind = 'lapsed'") == [(20,)]


def test_the_race_catches_who_looks_and_does_not_tell(server):
    """The liar: two workers take one lead."""
    for _ in range(20):
        with database("postgresql") as url:
            execute(url, NAIVE)
            ran(server, accept_naively, url, 8, 25)
            if execute(url, "SELECT count(*) FROM naive")[0][0] > 25:
                return
    raise AssertionError("nobody took what another had")


# -- cut off ---------------------------------------------------------------------------------------


class LostReplies(SqlStore):
    """A store whose every commit happens, and whose first answer to each call is lost."""

    lost = 0
    quiet = False

    @contextmanager
    def transaction(self):
        with super().transaction() as transaction:
            yield transaction
        self.quiet = not self.quiet
        if self.quiet:
            self.lost += 1
            raise StoreUnavailableError("the connection was lost", passing=True)


def live(team):
    """Some of everything that a funnel can be told."""
    qualify(team)
    to = team.lead("ada", now=MONDAY).handoff.offers[0].to
    team.accept("ada", by=to, now=MONDAY + HOUR)
    team.attempt("ada", by=to, now=MONDAY + 2 * HOUR)
    team.pause("ada", by=to, why="a fair", now=MONDAY + 2 * HOUR)
    team.resume("ada", by=to, now=MONDAY + 3 * HOUR)
    team.reassign("ada", by="head", why="ill", now=MONDAY + 4 * HOUR)
    team.tick(MONDAY + 7 * HOUR)
    team.move("ada", "opportunity", by="ann", why="a big one", now=MONDAY + 8 * HOUR)
    team.undo("ada", by="ann", why="no", now=MONDAY + 9 * HOUR)
    team.record("twin", page(), now=MONDAY + DAY)
    team.merge("twin", "ada", by="ann", now=MONDAY + DAY)
    team.fire("ada", "lost", now=MONDAY + 2 * DAY)
    team.record("ada", demo(MONDAY + 3 * DAY, "d9"), now=MONDAY + 3 * DAY)
    team.tick(MONDAY + 60 * DAY)


def everything(team):
    facts = {row.lead_id: content(team.history(row.lead_id)) for row in team.leads()}
    effects = [(m.effect.key, m.effect.at, dict(m.effect.data)) for m in team.outbox(limit=1_000)]
    handoffs = [(h.state, h.event_ids) for h in team.handoffs()]
    return facts, list(team.leads()), effects, handoffs


@pytest.mark.parametrize("kind", KINDS)
def test_a_lost_answer_is_no_lost_record_and_no_double_one(kind):
    """Law 170."""
    plain = funnel(MemoryStore())
    live(plain)
    with database(kind) as url, closing(LostReplies(url)) as store:
        team = funnel(store)
        live(team)
        assert everything(team) == everything(plain)
        assert store.lost > 10


@pytest.mark.parametrize("kind", KINDS)
def test_every_store_has_the_same_history(kind):
    """Laws 150 and 171."""
    plain = funnel(MemoryStore())
    live(plain)
    with database(kind) as url, closing(SqlStore(url)) as store:
        team = funnel(store)
        live(team)
        assert everything(team) == everything(plain)


def test_who_paused_between_reading_and_writing_starts_again():
    """Law 173: a zombie that read a lead before another worker wrote it cannot write over that."""
    with (
        database("postgresql") as url,
        closing(SqlStore(url)) as fresh,
        closing(SqlStore(url)) as slow,
    ):
        other, team = funnel(fresh), funnel(slow)
        attempts = []
        run = slow.run

        def paused(work):
            def attempt(tx):
                load = tx.load

                def loading(lead_id):
                    stored = load(lead_id)
                    attempts.append(stored and stored.row.version)
                    if len(attempts) == 1:
                        qualify(other)
                    return stored

                tx.load = loading
                return work(tx)

            return run(attempt)

        slow.run = paused
        told = team.record("ada", page(MONDAY, "p"), now=MONDAY)
        assert attempts[0] is None, "the first time it was new"
        assert len(attempts) == 2
        assert told.stage == "mql"
        assert [f.kind for f in told.facts] == ["activity"]
        assert len(team.handoffs()) == 1


def test_a_restart_changes_nothing(store):
    """Law 170: a funnel keeps nothing itself; all calls again, in a new one, add nothing."""
    once = funnel(store)
    live(once)
    before = everything(once)
    again = funnel(store)
    for call in (
        lambda: qualify(again),
        lambda: again.merge("twin", "ada", by="ann", now=MONDAY + DAY),
        lambda: again.fire("ada", "lost", now=MONDAY + 2 * DAY),
        lambda: again.record("ada", demo(MONDAY + 3 * DAY, "d9"), now=MONDAY + 3 * DAY),
        lambda: again.tick(MONDAY + 60 * DAY),
    ):
        call()
    assert everything(again) == before
