"""
What a funnel costs: recording on SQLite, one step, a replay, and time that passes.

    python benchmarks/funnel.py [recording] [steps] [year] [day] [--calls N] [--leads N]

Recording is timed beside hand-written `sqlite3` code that inserts the very same facts, rows and
effects in the same run: a transaction for each call, and 500 calls in one.

A day passes for 100,000 leads, in memory and in SQLite: one tick looks at those whose answer can
change, beside deciding all of them anew. A year passes for one lead whose 200 activities lose
points every day, looked at when its answer turns, and at every boundary on the way.
"""

import argparse
import json
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from itertools import islice
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from mqlkit import (
    Activity,
    Decision,
    Group,
    Qualification,
    Rule,
    Scorecard,
    activity,
    half_life,
    score,
)
from mqlkit.criterion import earliest
from mqlkit.funnel import Funnel, Recorded, Ticked
from mqlkit.funnel.work import Work
from mqlkit.lifecycle import Event, Journey, Lifecycle, Stage, Transition, standard
from mqlkit.spec import Model, loads
from mqlkit.store import MemoryStore, Row, SqlStore, Store
from mqlkit.store.base import Change, Transaction

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


# -- time that passes --------------------------------------------------------------------------

DAY = timedelta(days=1)
LINE = 100
KINDS = ("page_view", "email_open", "webinar_attended")


def fading() -> Model:
    """Points with a half-life, a window that closes, and a line to cross."""
    points = {"page_view": 10, "email_open": 5, "webinar_attended": 25}
    rules = [Rule.each(k, activity(k), n, decay=half_life(days=30)) for k, n in points.items()]
    demo = Rule("demo", activity("demo_request").within(days=30).happened(), 40)
    active = activity().within(days=180).count() >= 1
    card = Scorecard(Group("engagement", [*rules, demo]))
    q = Qualification("fading", version="1", card=card, when=active & (score() >= LINE))
    return Model(q, lifecycle=standard(cool_down=90 * DAY, dwell=0 * DAY))


def life(number: int, random: Random) -> list[Activity]:
    """What a lead did: eight in ten a little, most of it long ago; two in ten more, up to now."""
    busy = number % 5 == 0
    count = random.randint(6, 40) if busy else random.randint(1, 6)
    latest = 0 if busy else random.randint(0, 300)
    kinds = random.choices((*KINDS, "demo_request"), (60, 30, 8, 2), k=count)
    ages = sorted((latest + random.expovariate(1 / 25) for _ in kinds), reverse=True)
    return [
        Activity(kind, START - timedelta(seconds=round(age * 86_400)), id=f"{place}")
        for place, (kind, age) in enumerate(zip(kinds, ages, strict=True))
    ]


def filled(model: Model, leads: int) -> MemoryStore:
    """A store with so many leads, told in batches."""
    store, random = MemoryStore(), Random(4)
    funnel = Funnel(model, store)
    for first in range(0, leads, BATCH):
        with funnel.batch() as together:
            for number in range(first, min(first + BATCH, leads)):
                together.record(f"lead-{number}", *life(number, random), now=START)
    return store


def copied(rows: Iterable[Row], source: Store, target: Store) -> None:
    """The same leads in another store."""
    target.setup()
    stored = (source.read(row.lead_id) for row in rows)
    while some := [each for each in islice(stored, BATCH) if each is not None]:
        with target.transaction() as transaction:
            transaction.append_all(Change(each.row, each.facts, 0) for each in some)


class Counting(Funnel):
    """A funnel that counts the leads that it loads."""

    loaded = 0

    def _at(self, tx: Transaction, lead_id: str, now: datetime) -> Work:
        self.loaded += 1
        return super()._at(tx, lead_id, now)


def show_day(leads: int) -> None:
    """One tick after a day, in each store, and all of the leads decided anew."""
    model = fading()
    memory: list[MemoryStore] = []
    took, _ = measure(lambda: memory.append(filled(model, leads)))
    rows = list(Funnel(model, memory[0]).leads())
    print(f"\n{len(rows):,} leads told in {took:,.0f} s; stages {memory[0].count_by_stage()}")
    show_all_anew(model, memory[0], rows)
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(SqlStore(f"sqlite:///{folder}/funnel.db")) as sqlite,
    ):
        took, _ = measure(lambda: copied(rows, memory[0], sqlite))
        print(f"copied to SQLite in {took:,.0f} s")
        for name, store in (("SQLite", sqlite), ("memory", memory[0])):
            show_tick(name, model, store, len(rows))


def show_tick(name: str, model: Model, store: Store, leads: int) -> None:
    """How many leads a tick looks at a day later, and what comes of it."""
    funnel, now = Counting(model, store), START + DAY
    due = len(store.due(now, limit=leads))
    ticked: list[Ticked] = []
    with counted_decisions() as decided:
        wall, processor = measure(lambda: ticked.append(funnel.tick(now)))
    kinds = Counter(effect.kind for effect in ticked[0].effects)
    print(
        f"a day passes, {name}: {due:,} of {leads:,} leads are due, {funnel.loaded:,} are loaded, "
        f"{len(ticked[0].looked):,} looked at with {decided[0]:,} decisions; {kinds['crossed']:,} "
        f"cross the line, {kinds['entered']:,} change the stage; {wall:.2f} s, processor "
        f"{processor:.2f} s"
    )
    again, _ = measure(lambda: funnel.tick(now))
    print(f"    ticked again: {again * 1e3:.2f} ms")


def show_all_anew(model: Model, store: Store, rows: Sequence[Row]) -> None:
    """What it costs to load all leads and decide them, and how many have a boundary that day."""
    funnel, now = Funnel(model, store), START + DAY
    bounded = 0
    wall, processor = measure(lambda: [funnel.decide(r.lead_id, as_of=now) for r in rows])
    for row in rows:
        changes_at = funnel.decide(row.lead_id, as_of=START).changes_at
        bounded += changes_at is not None and changes_at <= now
    print(
        f"all decided anew, memory: {wall:.1f} s, processor {processor:.1f} s; {bounded:,} have a "
        f"boundary within the day"
    )


@contextmanager
def counted_decisions() -> Generator[list[int]]:
    """How many decisions are made meanwhile."""
    made, count = Decision.made, [0]

    def counting(*given: Any, **named: Any) -> Decision:
        count[0] += 1
        return made(*given, **named)

    Decision.made = staticmethod(counting)  # type: ignore[method-assign]
    try:
        yield count
    finally:
        Decision.made = staticmethod(made)  # type: ignore[method-assign]


class Walking(Work):
    """It looks at a lead at every boundary of its decision."""

    def _next_turn(self, wake: datetime | None) -> datetime | None:
        return earliest([wake, *(self.decide(line).changes_at for line in self.lines)])


class WalkingFunnel(Funnel):
    """A funnel that goes by it."""

    def _at(self, tx: Transaction, lead_id: str, now: datetime) -> Work:
        return Walking(tx, self.model, self.lifecycle, lead_id, now)


def show_year(activities: int = 200) -> None:
    """A year of one lead, in one call of `tick` after the other until nothing is due."""
    told = [
        Activity(KINDS[n % 3], START - n * timedelta(hours=7, minutes=11), id=f"{n}")
        for n in range(activities)
    ]
    print()
    model = fading()
    Funnel(model, MemoryStore()).record("bea", *told, now=START)  # the model is compiled
    for name, kind in (("when it turns", Funnel), ("at every boundary", WalkingFunnel)):
        funnel = kind(model, MemoryStore())
        recording, _ = measure(lambda f=funnel: f.record("ada", *told, now=START))
        calls = 0

        def year(funnel: Funnel = funnel) -> None:
            nonlocal calls
            while funnel.tick(START + 365 * DAY).looked:
                calls += 1

        with counted_decisions() as decided:
            wall, processor = measure(year)
        crossed = [fact.at - START for fact in funnel.history("ada") if fact.kind == "crossed"]
        print(
            f"a year of {activities} activities that fade, looked at {name}: {decided[0]:,} "
            f"decisions in {calls} ticks, {wall:.2f} s, processor {processor:.2f} s; told in "
            f"{recording * 1e3:.1f} ms; crossed after {[str(span) for span in crossed]}"
        )


PARTS = ("recording", "steps", "year", "day")


def main() -> None:
    """Print all of it, or the parts that are named."""
    parser = argparse.ArgumentParser(description="what a funnel costs")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help=", ".join(PARTS))
    parser.add_argument("--calls", type=int, default=500, help="leads that are recorded by call")
    parser.add_argument("--leads", type=int, default=100_000, help="leads for whom a day passes")
    options = parser.parse_args()
    parts = options.parts or PARTS
    if "recording" in parts:
        text = files("mqlkit.cli").joinpath("week.toml").read_text(encoding="utf-8")
        show_recording(loads(text), options.calls)
    if "steps" in parts:
        show_step()
        show_replay()
    if "year" in parts:
        show_year()
    if "day" in parts:
        show_day(options.leads)


if __name__ == "__main__":
    main()
