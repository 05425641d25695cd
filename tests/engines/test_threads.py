"""One model, eight threads, each at an instant of its own: every thread gets its own answers."""

import copy
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from random import Random
from threading import Barrier
from typing import Any

import pytest
from engines.comparing import QUICK, answers, differing
from engines.nasty_leads import DAY, HOUR

from mqlkit import (
    Activity,
    Decision,
    History,
    Lead,
    Qualification,
    Rule,
    Scorecard,
    Timeline,
    activity,
    attribute,
    half_life,
    linear,
    score,
)
from mqlkit.compiled.program import Program

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
THREADS = 8
ROUNDS = 30
VIEWS, ORDERS = activity("page_view"), activity("order")
ASKED = {name: QUICK[name] for name in ("status", "when", "never", "scores")}


def model() -> Qualification:
    """A model that nobody has used yet: windows, fading, texts, filters, an account."""
    return Qualification(
        "busy",
        version="1",
        card=Scorecard(
            Rule.each("visits", VIEWS, 5, decay=linear(days=30)),
            Rule.each("newest", VIEWS, 7, at_most=3, decay=half_life(days=3)),
            Rule.each("paid", VIEWS.where(paid=True).within(hours=36), 4, decay=linear(days=9)),
            Rule("spent", ORDERS.within(days=7).sum("amount") >= 50, 20),
            Rule("vp", attribute("title").contains_any("vp"), 3),
            Rule("theirs", ORDERS.of_account().within(days=3).happened(), 9),
        ),
        when=(score("total") >= 40) & (VIEWS.days_since_last() <= 7),
        never={"gone": VIEWS.within(calendar_months=1).did_not()},
    )


def leads() -> list[Lead]:
    """Some of them with a timeline that is kept, and one with an attribute that changes."""
    chance = Random("leads")
    acme = Lead("acme", {}, Timeline([Activity("order", NOW - 2 * DAY)]))
    made = []
    for number in range(6):
        done = [
            Activity(
                chance.choice(("page_view", "order")),
                NOW - chance.randrange(1_500) * HOUR + 6 * DAY,
                {"paid": chance.choice((True, None)), "amount": chance.randrange(30)},
                f"a{chance.randrange(80)}" if number % 3 else None,
            )
            for _ in range((2, 30, 90)[number % 3])
        ]
        title: Any = History((NOW - 5 * HOUR, "VP")) if number == 3 else f"vp {number % 2}"
        kept = Timeline(done) if number % 2 else done
        made.append(Lead(f"lead {number}", {"title": title}, kept, account=acme))
    return made


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads take turns a thousand times as often as usual."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(usual / 1_000)
    yield
    sys.setswitchinterval(usual)


def wrong_answers() -> list[str]:
    """What is wrong in any of the threads."""
    asked, them = model(), leads()
    mine = [NOW - number * 13 * HOUR for number in range(THREADS)]
    right = {
        (number, place): answers(lambda: Decision.of(copy.deepcopy(asked), lead, at), ASKED)  # noqa: B023
        for number, at in enumerate(mine)
        for place, lead in enumerate(leads())
    }
    start = Barrier(THREADS)

    def work(number: int) -> list[str]:
        chance, found = Random(number), list[str]()
        start.wait()
        for _ in range(ROUNDS):
            for place in chance.sample(range(len(them)), len(them)):
                decide = lambda: asked.decide(them[place], as_of=mine[number])  # noqa: B023, E731
                found += differing(right[number, place], answers(decide, ASKED))
        return found

    with ThreadPoolExecutor(THREADS) as pool:
        return [one for found in pool.map(work, range(THREADS)) for one in found]


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("_time", range(3))
def test_each_thread_is_told_of_its_own_instant(_time: int) -> None:
    """Law 120, for plain and for kept leads that the threads share."""
    assert wrong_answers() == []


def careless(self: Program, way: Any, now: datetime) -> Callable[..., tuple[Any, ...]]:
    """Notes the instant in one step, and uses it in another."""
    self.instant = now  # type: ignore[attr-defined]
    time.sleep(0.0001)
    return self._way(way).bind(self.instant)  # type: ignore[attr-defined]


@pytest.mark.usefixtures("hasty")
def test_who_mixes_up_the_instants_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Program, "run", careless)
    assert wrong_answers() != []
