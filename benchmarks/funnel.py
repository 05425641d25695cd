"""
What a funnel costs: recording on SQLite, one step, and a replay.

    python benchmarks/funnel.py [--leads N]

Recording is timed beside hand-written `sqlite3` code that inserts the very same facts, rows and
effects in the same run: a transaction for each call, and 500 calls in one.
"""

import argparse
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from statistics import median

from mqlkit import Activity
from mqlkit.funnel import Funnel, Recorded
from mqlkit.lifecycle import Event, Journey, Lifecycle, Stage, Transition, standard
from mqlkit.spec import Model, loads
from mqlkit.store import SqlStore

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BATCH = 500
STEPS = 2_000
EVENTS = 1_000

Call = Callable[[Funnel], Recorded]


# -- recording ---------------------------------------------------------------------------------


def calls(leads: int) -> list[Call]:
    """Each lead is learnt of, does three things, the last of which qualifies two in three."""
    made: list[Call] = []
    for number in range(leads):
        lead, at = f"lead-{number}", START + number * MINUTE
        known = {"email": f"{lead}@a.example", "title": "VP", "employees": 10 * (number % 9)}
        made.append(lambda f, lead=lead, at=at, known=known: f.learn(lead, known, now=at))
        for place, kind in enumerate(("page_view", "webinar_attended", "webinar_attended"), 1):
            then = at + place * MINUTE
            activity = Activity(kind, then, {"page": "/pricing"}, f"{number}/{place}")
            made.append(lambda f, lead=lead, a=activity, t=then: f.record(lead, a, now=t))
    return made


def record(funnel: Funnel, todo: Sequence[Call], batch: int) -> list[Recorded]:
    """Make the calls, so many in one transaction."""
    if batch == 1:
        return [call(funnel) for call in todo]
    done: list[Recorded] = []
    for some in _parts(todo, batch):
        with funnel.batch() as together:
            done += [call(together) for call in some]
    return done


def _parts(items: Sequence[Call], size: int) -> Iterator[Sequence[Call]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


TABLES = """
PRAGMA journal_mode=WAL;
CREATE TABLE facts (lead TEXT, seq INT, id TEXT, kind TEXT, at INT, told INT, data TEXT,
                    PRIMARY KEY (lead, seq), UNIQUE (lead, id)) WITHOUT ROWID;
CREATE TABLE leads (lead TEXT PRIMARY KEY, version INT, stage TEXT) WITHOUT ROWID;
CREATE TABLE outbox (seq INTEGER PRIMARY KEY, key TEXT UNIQUE, lead TEXT, kind TEXT, at INT,
                     data TEXT);
"""


def by_hand(path: Path, done: Sequence[Recorded], batch: int) -> None:
    """The same facts, rows and effects, by plain SQL."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(TABLES)
    versions: dict[str, int] = {}
    for place, recorded in enumerate(done):
        if place % batch == 0:
            connection.execute("BEGIN IMMEDIATE")
        _insert(connection, recorded, versions)
        if place % batch == batch - 1 or place == len(done) - 1:
            connection.execute("COMMIT")
    connection.close()


def _insert(connection: sqlite3.Connection, recorded: Recorded, versions: dict[str, int]) -> None:
    lead = recorded.lead_id
    version = versions.get(lead, 0)
    facts = [
        (lead, seq, f.id, f.kind, _micros(f.at), _micros(f.recorded_at), json.dumps(dict(f.data)))
        for seq, f in enumerate(recorded.facts, version + 1)
    ]
    effects = [
        (e.key, lead, e.kind, _micros(e.at), json.dumps(dict(e.data))) for e in recorded.effects
    ]
    versions[lead] = version + len(facts)
    connection.executemany("INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?)", facts)
    connection.execute(
        "INSERT OR REPLACE INTO leads VALUES (?, ?, ?)", (lead, versions[lead], recorded.stage)
    )
    connection.executemany(
        "INSERT INTO outbox (key, lead, kind, at, data) VALUES (?, ?, ?, ?, ?)", effects
    )


def _micros(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)


def measure(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the wall and of the processor."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def show_recording(model: Model, leads: int) -> None:
    """One transaction each and in batches, beside the hand-written code."""
    todo = calls(leads)
    for batch in (1, BATCH):
        with tempfile.TemporaryDirectory() as folder:
            store = SqlStore(f"sqlite:///{folder}/funnel.db")
            funnel = Funnel(model, store)
            done: list[Recorded] = []

            def ours(
                funnel: Funnel = funnel, batch: int = batch, done: list[Recorded] = done
            ) -> None:
                done += record(funnel, todo, batch)

            wall, processor = measure(ours)
            store.close()
            plain = Path(folder) / "plain.db"
            plain_wall, plain_processor = measure(
                lambda plain=plain, done=done, batch=batch: by_hand(plain, done, batch)
            )
        facts = sum(len(recorded.facts) for recorded in done)
        print(
            f"record, {batch:>3} calls a transaction: {len(todo) / wall:>6,.0f} calls a second, "
            f"{facts / wall:>6,.0f} facts; processor {processor / len(todo) * 1e6:>5,.0f} µs a call"
        )
        print(
            f"    by hand: {len(todo) / plain_wall:>6,.0f} calls a second; the funnel takes "
            f"{wall / plain_wall:.1f} times as long on the wall and "
            f"{processor / plain_processor:.1f} times the processor"
        )


# -- steps and replay --------------------------------------------------------------------------


def show_step() -> None:
    """One step of the shipped lifecycle, from the middle of a journey."""
    lifecycle = standard(cool_down=timedelta(days=90))
    journey = lifecycle.begin("ada", START).journey
    for number, trigger in enumerate(("identified", "qualified", "accepted")):
        journey = lifecycle.step(journey, Event(trigger, START + number * MINUTE)).journey
    event = Event("verified", START + 9 * MINUTE, "e1")
    took = []
    for _ in range(STEPS):
        start = time.perf_counter()
        lifecycle.step(journey, event)
        took.append(time.perf_counter() - start)
    print(f"one step: median {median(took) * 1e6:.1f} µs")


def show_replay() -> None:
    """A thousand events from the start, and the stored journey read back."""
    there_and_back = Lifecycle(
        "there and back",
        [Stage("lead"), Stage("mql"), Stage("customer", "terminal")],
        [
            Transition("qualified", "lead", "mql"),
            Transition("unqualified", "mql", "lead", dwell=timedelta(0)),
            Transition("won", "mql", "customer"),
        ],
    )
    words = ("unqualified", "qualified")
    events = [Event("began", START, "0")] + [
        Event(words[number % 2], START + number * MINUTE, str(number))
        for number in range(1, EVENTS)
    ]
    journeys: list[Journey] = []
    wall, _ = measure(lambda: journeys.append(there_and_back.replay("ada", events)))
    (replayed,) = journeys
    read, _ = measure(lambda: journeys.append(Journey.of("ada", replayed.history)))
    if journeys[1] != replayed or len(replayed.history) != EVENTS:
        sys.exit("the stored journey is not the replayed one")
    print(
        f"replay of {EVENTS:,} events: {wall * 1e3:.1f} ms; the journey from what is stored: "
        f"{read * 1e3:.1f} ms, and equal"
    )


def main() -> None:
    """Print all of it."""
    parser = argparse.ArgumentParser(description="what a funnel costs")
    parser.add_argument("--leads", type=int, default=500)
    options = parser.parse_args()
    text = files("mqlkit.cli").joinpath("week.toml").read_text(encoding="utf-8")
    show_recording(loads(text), options.leads)
    show_step()
    show_replay()


if __name__ == "__main__":
    main()
