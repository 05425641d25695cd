"""
What one step of a lifecycle costs, and a journey of a thousand events.

    python benchmarks/lifecycle.py [--rounds N] [--cycles N]

One cycle is lead, MQL, recycled and lead again; the first of its three steps asks a criterion. The
floor is a look-up in a dictionary that makes a frozen record of the stage, its instant and its
visits, with the same question asked as a comparison. All take turns, so that a busy machine
disturbs them alike; the figures are medians of processor time. python-statemachine runs beside
them where it is installed: it changes its state in place and keeps no history.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import attrs

from mqlkit import Lead, attribute
from mqlkit.lifecycle import Event, Journey, Lifecycle, Settled, Stage, Transition

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
CYCLE = ("qualified", "recycled", "again")
MOVES = {
    ("lead", "qualified"): "mql",
    ("mql", "won"): "customer",
    ("mql", "recycled"): "recycled",
    ("recycled", "again"): "lead",
}
LEAD = Lead("ada", {"employees": 60})
AIM_US = 20

LIFECYCLE = Lifecycle(
    "bench",
    [
        Stage("lead"),
        Stage("mql"),
        Stage("customer", "terminal"),
        Stage("recycled", cool_down=timedelta(0)),
    ],
    [
        Transition("qualified", "lead", "mql", attribute("employees") >= 50),
        Transition("won", "mql", "customer"),
        Transition("recycled", "mql", "recycled"),
        Transition("again", "recycled", "lead"),
    ],
)

Contestant = Callable[[int], float]
"""Runs so many cycles and answers the seconds they took."""


@attrs.frozen
class Record:
    """What the floor keeps of a lead."""

    stage: str
    since: datetime
    visits: int


def look_up(cycles: int) -> float:
    """The floor."""
    record, facts = Record("lead", START, 1), {"employees": 60}
    begun = time.process_time()
    for _ in range(cycles):
        for trigger in CYCLE:
            target = MOVES.get((record.stage, trigger))
            if target is None or (target == "mql" and facts["employees"] < 50):
                raise ValueError(f"{trigger} is refused at {record.stage}")
            record = Record(target, START, record.visits + 1)
    return time.process_time() - begun


def mqlkit(cycles: int) -> float:
    """Whole steps: the journey grows by a line of history, a stay and an effect each."""
    facts = LEAD.at(START)
    events = [Event(trigger, START) for trigger in CYCLE]
    begun = time.process_time()
    for _ in range(cycles):
        journey = FRESH
        for event in events:
            journey = LIFECYCLE.step(journey, event, facts).journey
    return time.process_time() - begun


FRESH = LIFECYCLE.begin("ada", START).journey


def statemachine() -> Contestant | None:
    """python-statemachine, where it is installed."""
    try:
        from statemachine import State, StateMachine
    except ImportError:
        return None
    states = {
        stage.name: State(stage.name, initial=stage.name == "lead", final=stage.kind == "terminal")
        for stage in LIFECYCLE.stages
    }
    moves = {
        trigger: states[source].to(
            states[target], cond="is_big" if trigger == "qualified" else None
        )
        for (source, trigger), target in MOVES.items()
    }
    places = {f"at_{name}": state for name, state in states.items()}
    machine = type("Machine", (StateMachine,), {**places, **moves, "is_big": True})

    def run(cycles: int) -> float:
        lead = machine()
        begun = time.process_time()
        for _ in range(cycles):
            for trigger in CYCLE:
                lead.send(trigger)
        return time.process_time() - begun

    return run


def per_step(contestants: dict[str, Contestant], rounds: int, cycles: int) -> dict[str, float]:
    """Microseconds a step of each, medians."""
    found: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, run in contestants.items():
            found[name].append(run(cycles) / cycles / len(CYCLE) * 1e6)
    return {name: statistics.median(times) for name, times in found.items()}


def long_life(events: int) -> None:
    """A journey of so many events, told one by one, replayed, and folded from its history."""
    facts = LEAD.at(START)
    told = [Event("began", START, "e0")]
    told += [Event(CYCLE[n % 3], START + n * HOUR, f"e{n + 1}") for n in range(events - 1)]
    begun = time.process_time()
    replayed = LIFECYCLE.replay("ada", told, lambda journey, event: facts)
    took = time.process_time() - begun
    lines = [(line.to_dict(), line.event.at, line.event.id) for line in replayed.history]
    begun = time.process_time()
    stored = Journey.of("ada", [Settled.from_dict(*line) for line in lines])
    folded = time.process_time() - begun
    if stored != replayed:
        raise SystemExit("the stored journey is not the replayed one")
    print(f"{events:,} events replayed in {took * 1e3:.1f} ms, {took / events * 1e6:.1f} us each")
    print(f"their stored history read and folded in {folded * 1e3:.1f} ms: the same journey")


def main() -> None:
    parser = argparse.ArgumentParser(description="What one step of a lifecycle costs.")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--cycles", type=int, default=500)
    given = parser.parse_args()

    contestants: dict[str, Contestant] = {"dictionary look-up": look_up, "mqlkit": mqlkit}
    peer = statemachine()
    if peer is not None:
        contestants["python-statemachine"] = peer
    found = per_step(contestants, given.rounds, given.cycles)
    floor = found["dictionary look-up"]
    for name, us in found.items():
        print(f"{name:<20} {us:8.2f} us a step  {us / floor:6.1f} times the look-up")
    verdict = "within" if found["mqlkit"] <= AIM_US else "over"
    print(f"mqlkit is {verdict} the aim of {AIM_US} us a step")
    long_life(1_000)


if __name__ == "__main__":
    main()
