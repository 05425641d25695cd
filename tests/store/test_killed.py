"""A process is killed at every point where it speaks to its database, and its work done again."""

from collections.abc import Iterator

import pytest
from store.databases import KINDS, databases, execute
from store.killing import Forks, Job, done, forks, kill_everywhere
from store.operations import (
    claim_and_deliver,
    do_halves,
    do_second_step,
    do_setup,
    do_twice,
    do_whole,
    do_within,
    tell_some,
)

LAWS = (167, 168, 169, 170, 176)


@pytest.fixture(scope="module")
def server() -> Iterator[Forks]:
    with forks() as server:
        yield server


@pytest.mark.parametrize("kind", KINDS)
def test_a_transaction_happens_once_or_not_at_all(server: Forks, kind: str) -> None:
    """Laws 167 to 170: facts, rows, handoffs, the pool and messages, killed and done again."""
    points = kill_everywhere(server, kind, do_whole)
    assert points > 30, "before and after each of at least 15 statements"


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_inside_an_application_s_transaction_too(server: Forks, kind: str) -> None:
    assert kill_everywhere(server, kind, do_within) > 30


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_setting_up_happens_once_or_not_at_all(server: Forks, kind: str) -> None:
    """Law 176."""
    assert kill_everywhere(server, kind, do_setup, ready=False) > 20


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_later_step_happens_once_or_not_at_all(server: Forks, kind: str) -> None:
    assert kill_everywhere(server, kind, do_second_step) > 8


@pytest.mark.parametrize("kind", KINDS)
def test_every_message_is_delivered_whoever_is_killed(server: Forks, kind: str) -> None:
    """Law 168: what a killed worker held is claimed again when its lease has run out."""
    point = 0
    killed = True
    with databases(kind) as fresh:
        while killed:
            point += 1
            url = fresh()
            done(server, tell_some, url)
            (outcome,) = server.run(Job(claim_and_deliver, (url,), kill_at=point))
            killed = outcome.killed
            waiting = "SELECT 1 FROM mqlkit_outbox WHERE delivered_at IS NULL"
            while execute(url, waiting):
                done(server, claim_and_deliver, url)
            assert execute(url, "SELECT count(*), min(attempts) FROM mqlkit_outbox") == [(6, 1)]
            assert execute(url, "SELECT max(attempts) FROM mqlkit_outbox")[0][0] <= 2
    assert point > 12


@pytest.mark.parametrize(
    ("kind", "liar", "says"),
    [("sqlite", do_halves, "half done"), ("postgresql", do_twice, "does more")],
)
def test_liars_are_caught(server: Forks, kind: str, liar, says: str) -> None:
    with pytest.raises(AssertionError, match=says):
        kill_everywhere(server, kind, liar)
