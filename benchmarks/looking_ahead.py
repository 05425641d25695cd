"""
What it costs to know when to look again, and when an answer flips.

    python benchmarks/looking_ahead.py

A decision with and without its ``changes_at``, from a plain list of activities and from a kept
timeline, at which one more activity may have come in. Then the first flip within
a year of a score of 200 activities that fade daily, beside a decision at every step. All times are
processor time, the best of several runs.
"""

import gc
import random
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import by_hand
from by_hand import DAY

from mqlkit import (
    Activity,
    Decision,
    Lead,
    Qualification,
    Rule,
    Scorecard,
    Timeline,
    activity,
    half_life,
    score,
)

ROUNDS = 9
LENGTHS = {31: 400, 300: 100, 3_000: 40}
"""How many leads of each number of activities."""


def best(work: Callable[[Lead], object], leads: Callable[[], Sequence[Lead]]) -> float:
    """Microseconds a lead, the best of some rounds; each has leads of its own."""
    found = []
    for _ in range(ROUNDS):
        some = leads()
        gc.collect()
        gc.disable()
        start = time.process_time()
        for lead in some:
            work(lead)
        found.append((time.process_time() - start) / len(some))
        gc.enable()
    return min(found) * 1e6


def looking() -> None:
    """A decision, and one with its changes_at."""
    work = by_hand.own(max(LENGTHS.values()))
    model, now = work.definition, work.as_of

    def decide(lead: Lead) -> object:
        return model.decide(lead, as_of=now).status

    def look(lead: Lead) -> object:
        return model.decide(lead, as_of=now).changes_at

    news = Activity("price_list", now - DAY)

    def reference(lead: Lead) -> object:
        return Decision.of(model, lead, now).changes_at

    print("| activities | lead | decision, us | with changes_at, us | ratio | reference, us |")
    print("|---:|---|---:|---:|---:|---:|")
    for length, count in LENGTHS.items():
        people = work.of_length(length, count)
        held = [
            Lead("a", one.attributes, Timeline(one.activities)) for one in map(work.lead, people)
        ]
        for lead in held:
            assert look(lead) == reference(lead)
        ways: dict[str, Callable[[], Sequence[Lead]]] = {
            "plain list": lambda people=people: list(map(work.lead, people)),  # type: ignore[misc]
            "kept timeline": lambda held=held: held,  # type: ignore[misc]
            "kept, one more": lambda held=held: [  # type: ignore[misc]
                Lead("a", one.attributes, one.timeline.plus(news)) for one in held
            ],
        }
        slow = best(reference, lambda held=held: held[:5])  # type: ignore[misc]
        for name, leads in ways.items():
            alone, both = best(decide, leads), best(look, leads)
            times = f"{alone:.1f} | {both:.1f} | {both / alone:.2f} | {slow:,.0f}"
            print(f"| {length:,} | {name} | {times} |")


def flipping() -> None:
    """The first flip of a fading score, beside a decision at every step."""
    chance = random.Random(1)
    now, end = by_hand.AS_OF, by_hand.AS_OF + 365 * DAY
    spans = [timedelta(seconds=chance.uniform(0, 120 * 86_400)) for _ in range(200)]
    lead = Lead("ada", {}, Timeline([Activity("page_view", now - span) for span in spans]))
    card = Scorecard(Rule.each("visits", activity("page_view"), 5, decay=half_life(days=30)))
    print()
    print("| threshold | flip after, days | next_flip, ms | walk, ms | steps |")
    print("|---:|---:|---:|---:|---:|")
    for least in (250, 60, 12, 0):
        model = Qualification("fading", version="1", card=card, when=score() >= least)
        at = model.next_flip(lead, as_of=now, until=end)
        took = best(lambda one, m=model: m.next_flip(one, as_of=now, until=end), lambda: [lead])  # type: ignore[misc]
        start = time.process_time()
        walked, steps = walk(model, lead, end)
        slow = time.process_time() - start
        assert walked == at
        days = "none" if at is None else f"{(at - now) / DAY:.1f}"
        print(f"| {least} | {days} | {took / 1e3:.2f} | {slow * 1e3:,.0f} | {steps:,} |")


def walk(model: Qualification, lead: Lead, end: Any) -> tuple[Any, int]:
    """The first flip by a decision at every step, and how many there were."""
    decision, steps = model.decide(lead, as_of=by_hand.AS_OF), 0
    before = decision.status
    while (at := decision.next_change()) is not None and at <= end:
        decision, steps = model.decide(lead, as_of=at), steps + 1
        if decision.status is not before:
            return at, steps
    return None, steps


if __name__ == "__main__":
    looking()
    flipping()
