"""
How long decisions take, beside a function that is written by hand for the same model.

    python benchmarks/speed.py [--seconds S] [--runs N] [--only PARTS] [--folder PEERS]
    python benchmarks/speed.py --runs 3 --into docs/explanation/performance.md
    python benchmarks/speed.py --instructions

The leads, the model and the function are those of `by_hand.py`; with --folder those of the peers'
bench, as `peers.py` takes them. Before anything is timed both must agree on every lead, score to
the last digit and status.

Of each line, what is timed and what it is compared with take turns over the same leads, once
before and once after, for so many seconds. Shown are the median of the ratios and the median of
the processor time; no garbage is collected while the clock runs. Where no number of leads is told
they are 100, which the cache of a processor holds. --only takes names of parts, such
as `list,kept`. --markdown prints one table, and --into puts it between the marks of a page.
--instructions counts the instructions of a few lines under callgrind instead: a steadier figure,
which no other process disturbs, but it knows nothing of how long memory takes.
"""

import argparse
import gc
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import repeat
from pathlib import Path
from typing import Any, NamedTuple

import by_hand
from by_hand import DAY, Workload

from mqlkit import (
    Activity,
    Decision,
    Lead,
    Qualification,
    Rule,
    Scorecard,
    Timeline,
    activity,
    attribute,
    score,
)
from mqlkit.compiled import Engine
from mqlkit.intake import lead_from, lead_to

try:
    from mqlkit.tracker import Tracker
except ImportError:  # its lines are left out
    Tracker = None

PEOPLE = 100  # their leads fit into the cache of a processor
CROWD = 2_000  # theirs do not
MIDDLING, LONG = 31, 3_000
FEW = 20  # so many have 3,000 activities
MINUTE = timedelta(minutes=1)
LEAST_ROUNDS = 7


# -- what is timed -----------------------------------------------------------------------------


Job = tuple[Callable[[Any, datetime], object], Sequence[Any], Sequence[datetime]]
"""What is called, on what, and as of when."""


def seconds_each(job: Job) -> float:
    work, items, moments = job
    gc.disable()
    start = time.process_time()
    for item, now in zip(items, moments, strict=True):
        work(item, now)
    spent = time.process_time() - start
    gc.enable()
    return spent / len(items)


class Line(NamedTuple):
    """
    A line of the table.

    Args:
        part: By which ``--only`` takes it.
        what: Is timed.
        beside: What it is compared with, in words.
        most: The ratio that is aimed at.
        job: What is timed, made before each of its turns.
        floor: What it is compared with.
    """

    part: str
    what: str
    beside: str
    most: float | None
    job: Callable[[int], Job]
    floor: Callable[[int], Job]


class Row(NamedTuple):
    """What a line came to; the most that is aimed at is a ratio or, where there is none, a cost."""

    what: str
    cost: float
    unit: str
    ratio: float | None = None
    beside: str = ""
    most: float | None = None

    @property
    def met(self) -> bool | None:
        if self.most is None:
            return None
        return (self.cost if self.ratio is None else self.ratio) <= self.most

    def cells(self) -> tuple[str, ...]:
        """As text."""
        digits = 0 if self.unit == "bytes" else 1 if self.unit == "µs" else 2
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        unit = f" {self.unit}" if self.ratio is None else ""
        aim = "" if self.most is None else f"≤ {self.most:g}{unit}"
        met = {True: "yes", False: "no", None: ""}[self.met]
        return self.what, f"{self.cost:,.{digits}f} {self.unit}", ratio, self.beside, aim, met


def measured(line: Line, seconds: float) -> Row:
    """The median ratio and cost of a line."""
    ratios: list[float] = []
    costs: list[float] = []
    end = time.perf_counter() + seconds
    seconds_each(line.floor(0))  # warm
    seconds_each(line.job(0))
    while len(ratios) < LEAST_ROUNDS or time.perf_counter() < end:
        turn = len(ratios)
        before = seconds_each(line.floor(turn))
        mine = seconds_each(line.job(turn))
        after = seconds_each(line.floor(turn))
        costs.append(mine)
        ratios.append(2 * mine / (before + after))
    ratio, cost = statistics.median(ratios), 1e6 * statistics.median(costs)
    return Row(line.what, cost, "µs", ratio, line.beside, line.most)


# -- the ways to ask ---------------------------------------------------------------------------


HAND = "by hand"


class Ways:
    """The lines of a workload."""

    def __init__(self, workload: Workload) -> None:
        self.w = workload
        self.start = workload.as_of
        self.people = list(workload.people[:PEOPLE])

    @cached_property
    def middling(self) -> list[Any]:
        """People with 31 events each."""
        return self.w.of_length(MIDDLING, PEOPLE)

    @cached_property
    def long(self) -> list[Any]:
        """A few with 3,000."""
        return self.w.of_length(LONG, FEW)

    # -- what is called

    def decide(self, lead: Lead, now: datetime) -> object:
        """A decision whose points, range and status are read."""
        decision = self.w.definition.decide(lead, as_of=now)
        decision.score.millis  # noqa: B018
        return decision.status

    def hand(self, people: Sequence[Any], moments: Callable[[int], Iterable[datetime]]) -> Any:
        """The function by hand over the same people and instants."""
        return self.over(self.w.by_hand, people, moments)

    @staticmethod
    def over(
        work: Callable[[Any, datetime], object],
        items: Sequence[Any],
        moments: Callable[[int], Iterable[datetime]],
    ) -> Callable[[int], Job]:
        def job(turn: int) -> Job:
            return work, items, [now for now, _ in zip(moments(turn), items, strict=False)]

        return job

    # -- as of when

    def one(self, turn: int) -> Iterable[datetime]:
        """The same instant for all and always."""
        return repeat(self.start)

    def later(self, turn: int) -> Iterable[datetime]:
        """One instant for all of a turn, a minute later in the next turn."""
        return repeat(self.start + turn % 600 * MINUTE)

    def fresh(self, turn: int) -> Iterable[datetime]:
        """Another instant for each, within an hour or two."""
        begun = self.start + turn % 60 * MINUTE
        step = timedelta(seconds=7, microseconds=1)
        return (begun + n * step for n in range(1_000_000))

    def next_day(self, turn: int) -> Iterable[datetime]:
        """One instant for all of a turn, a day later in the next turn; after a week the first."""
        return repeat(self.start + turn % 7 * DAY)

    # -- leads

    def plain(self, people: Iterable[Any]) -> list[Lead]:
        return [self.w.lead(someone) for someone in people]

    def kept(self, people: Iterable[Any]) -> list[Lead]:
        return [kept(lead) for lead in self.plain(people)]

    # -- the lines

    def lines(self) -> Iterator[Line]:
        yield from self.from_lists()
        yield from self.from_timelines()
        if Tracker is not None:
            yield from self.tracked()
        yield from self.told()
        yield from self.loaded()
        if self.w.name == "by hand":
            yield from self.with_blanks()

    def from_lists(self) -> Iterator[Line]:
        """From plain lists of activities; leads are made beforehand, nothing else is."""
        leads = self.plain(self.people)
        unsure = [of_ids(lead, unique=False) for lead in leads]
        without = [Lead(lead.id, lead.attributes, lead.activities) for lead in leads]
        ordered = [in_time(someone) for someone in self.people]
        in_order = self.plain(ordered)
        for what, given, people, moments, most in (
            ("a plain list, one as_of for all", leads, self.people, self.one, 1.2),
            ("the same, oldest first", in_order, ordered, self.one, None),
            ("a plain list, another as_of each time", leads, self.people, self.fresh, None),
            ("a plain list without ids, not called unique", without, self.people, self.one, None),
            ("a plain list with ids, not called unique", unsure, self.people, self.one, None),
        ):
            job, floor = self.over(self.decide, given, moments), self.hand(people, moments)
            yield Line("list", what, HAND, most, job, floor)

        crowd = list(self.w.people[:CROWD])
        job, floor = self.over(self.decide, self.plain(crowd), self.one), self.hand(crowd, self.one)
        yield Line("list", f"a plain list, {len(crowd):,} leads", HAND, None, job, floor)

    def from_timelines(self) -> Iterator[Line]:
        """From leads whose timeline is kept."""
        held, long = self.kept(self.middling), self.kept(self.long)
        plain = self.plain(self.middling)

        def first_of_all(turn: int) -> Job:
            return self.decide, [kept(lead) for lead in plain], [self.start] * len(plain)

        def beside(people: Sequence[Any], moments: Callable[[int], Iterable[datetime]]) -> Any:
            return self.hand(people, moments)

        decided = self.over(self.decide, held, self.later)
        for what, job, moments, most in (
            ("a kept timeline of 31, later in the day", decided, self.later, 0.6),
            ("the same, another as_of each time", self.over(self.decide, held, self.fresh),
             self.fresh, 0.6),
            ("the same, the first time on a day", self.over(self.decide, held, self.next_day),
             self.next_day, None),
            ("the same, the first time of all", first_of_all, self.one, None),
        ):  # fmt: skip
            yield Line("kept", what, HAND, most, job, beside(self.middling, moments))
        crowd = self.w.of_length(MIDDLING, CROWD)
        job = self.over(self.decide, self.kept(crowd), self.later)
        what = f"the same, {len(crowd):,} leads, later in the day"
        yield Line("kept", what, HAND, None, job, beside(crowd, self.later))
        decided_long = self.over(self.decide, long, self.later)
        by_hand = beside(self.long, self.later)
        few = self.over(self.decide, held[:FEW], self.later)
        few_by_hand = beside(self.middling[:FEW], self.later)
        yield Line("kept", "a kept timeline of 3,000", HAND, None, decided_long, by_hand)
        yield Line("kept", "a kept timeline of 3,000", "one of 31", 5, decided_long, few)
        yield Line("kept", "3,000 by hand", "31 by hand", None, by_hand, few_by_hand)

    def tracked(self) -> Iterator[Line]:
        """One activity and a decision, ten times for each lead, one every three hours."""
        flow = self.w.of_length(10, PEOPLE)
        beside = HAND
        few: Callable[[int], Job] | None = None
        for people in (self.middling[:100], self.long):
            steps = list(self.steps(people, flow))
            length = len(people[0].events)
            job = self.streamed(people, steps)
            what = f"Tracker at {length:,}: one activity, then a decision"
            yield Line("tracker", what, beside, 0.25, job, self.scored_again(people, steps))
            if few is not None:
                yield Line("tracker", what, "the same at 31", 1.5, job, few)
            few = self.streamed(people[:FEW], list(self.steps(people[:FEW], flow)))

    def steps(self, people: Sequence[Any], flow: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        """What comes in: whose, and an event, all in the order of time."""
        for hour in range(10):
            for place in range(len(people)):
                at = self.start + (1 + 3 * hour) * timedelta(hours=1) + place * MINUTE / 2
                event = flow[place].events[hour]
                yield place, type(event)(event.kind, at, event.value)

    def streamed(
        self, people: Sequence[Any], steps: Sequence[tuple[int, Any]]
    ) -> Callable[[int], Job]:
        leads = self.plain(people)

        def work(item: Any, now: datetime) -> object:
            tracker, one = item
            tracker.add(one)
            decision = tracker.decide(as_of=now)
            decision.score.millis  # noqa: B018
            return decision.status

        def job(turn: int) -> Job:
            trackers = [Tracker(self.w.definition, kept(lead)) for lead in leads]
            for tracker in trackers:
                tracker.decide(as_of=self.start)
            items = [(trackers[place], by_hand.done(event)) for place, event in steps]
            return work, items, [event.at for _, event in steps]

        return job

    def scored_again(
        self, people: Sequence[Any], steps: Sequence[tuple[int, Any]]
    ) -> Callable[[int], Job]:
        """By hand: one more event in the list, and all of them looked at again."""

        def work(item: Any, now: datetime) -> object:
            history, one = item
            history.events.append(one)
            return self.w.by_hand(history, now)

        def job(turn: int) -> Job:
            histories = [Growing(someone) for someone in people]
            items = [(histories[place], event) for place, event in steps]
            return work, items, [event.at for _, event in steps]

        return job

    def told(self) -> Iterator[Line]:
        """What else is asked of a decision."""
        w, people = self.w, self.people
        leads = self.plain(people)
        held = self.kept(self.middling)

        def explained(lead: Lead, now: datetime) -> object:
            decision = w.definition.decide(lead, as_of=now)
            return sum(1 for _ in decision.explain().walk())

        def as_text(lead: Lead, now: datetime) -> object:
            return str(w.definition.decide(lead, as_of=now).explain())

        def changes(lead: Lead, now: datetime) -> object:
            decision = w.definition.decide(lead, as_of=now)
            return decision.score.millis, decision.status, decision.changes_at

        some, few = leads[:50], people[:50]
        bare = "the decision"
        hand = self.hand(few, self.one)
        for what, work, beside, most in (
            ("decision and explanation, every reason walked", explained, HAND, 4),
            ("decision and explanation, written as text", as_text, HAND, None),
        ):
            yield Line("told", what, beside, most, self.over(work, some, self.one), hand)
        for what, given, work, most in (
            ("decision and changes_at, a plain list", leads, changes, 3),
            ("decision and changes_at, a kept timeline", held, changes, 3),
        ):
            job = self.over(work, given, self.later)
            yield Line("told", what, bare, most, job, self.over(self.decide, given, self.later))

    def loaded(self) -> Iterator[Line]:
        """From what a web request brings."""
        leads = self.plain(self.people)
        data = [lead_to(lead) for lead in leads]
        texts = [json.dumps(one) for one in data]

        def load(one: Any, now: datetime) -> object:
            return self.decide(lead_from(one), now)

        def parsed(text: str, now: datetime) -> object:
            return json.loads(text)

        decided = self.over(self.decide, leads, self.one)
        for what, given, work, most in (
            ("from dictionaries to decisions", data, load, 3),
            ("from JSON to decisions", texts, load, 3),
            ("json.loads alone", texts, parsed, None),
        ):
            yield Line(
                "load", what, "the decision", most, self.over(work, given, self.one), decided
            )

    def with_blanks(self) -> Iterator[Line]:
        """Half of what is known is taken away, and unknowns are asked for."""
        asking = by_hand.definition("ask")
        blank = [less(someone, n) for n, someone in enumerate(self.people)]
        leads = self.plain(blank)
        for someone, lead in zip(blank, leads, strict=True):
            quick, slow = (
                f(lead) for f in (decider(asking, self.start), oracle(asking, self.start))
            )
            if quick.outcome != slow.outcome or self.w.told(quick)[0] != points(self.w, someone):
                sys.exit(f"{lead.id}: the engines do not agree")

        def decide(lead: Lead, now: datetime) -> object:
            decision = asking.decide(lead, as_of=now)
            decision.score.millis  # noqa: B018
            return decision.status

        def missing(lead: Lead, now: datetime) -> object:
            return asking.decide(lead, as_of=now).missing

        what = 'half the attributes blank, unknowns="ask": ranges'
        job, hand = self.over(decide, leads, self.one), self.hand(blank, self.one)
        yield Line("blanks", what, HAND, None, job, hand)
        plain = self.over(self.decide, leads, self.one)
        yield Line("blanks", what, 'unknowns="no"', None, job, plain)
        whole = self.plain(someone for someone in self.w.people if nothing_missing(self.w, someone))
        for what, given in (
            ("decision and missing, where nothing is", whole),
            ("decision and missing, half the attributes blank", leads[:50]),
        ):
            job, bare = (self.over(work, given, self.one) for work in (missing, decide))
            yield Line("blanks", what, "the decision", None, job, bare)


class Growing:
    """Somebody whose list of events can grow."""

    def __init__(self, someone: Any) -> None:
        for name in someone.__dataclass_fields__:
            setattr(self, name, getattr(someone, name))
        self.events = list(someone.events)


def kept(lead: Lead) -> Lead:
    """The same lead with a timeline that no engine has seen."""
    timeline = Timeline(lead.activities or (), unique_ids=lead.unique_ids)
    return Lead(lead.id, lead.attributes, timeline)


def of_ids(lead: Lead, *, unique: bool) -> Lead:
    done = [
        Activity(one.kind, one.at, one.properties, f"{lead.id}-{n}")
        for n, one in enumerate(lead.activities or ())
    ]
    return Lead(lead.id, lead.attributes, done, unique_ids=unique)


def in_time(someone: Any) -> Any:
    return by_hand.having(someone, sorted(someone.events, key=lambda one: one.at))


def nothing_missing(w: Workload, someone: Any) -> bool:
    return None not in w.lead(someone).attributes.values()


def less(someone: Any, n: int) -> Any:
    """The same with every other attribute blank."""
    names = list(by_hand.ATTRIBUTES)[n % 2 :: 2]
    return by_hand.replace(someone, **dict.fromkeys(names))


def points(w: Workload, someone: Any) -> float:
    return w.by_hand(someone, w.as_of)[0]


def decider(definition: Qualification, now: datetime) -> Callable[[Lead], Decision]:
    return lambda lead: definition.decide(lead, as_of=now)


def oracle(definition: Qualification, now: datetime) -> Callable[[Lead], Decision]:
    return lambda lead: Decision.of(definition, lead, now)


# -- they agree --------------------------------------------------------------------------------


def check(w: Workload) -> int:
    """Compare all ways on every lead, as of several instants; the number of comparisons."""
    compared = 0
    for someone in [*w.people, *w.of_length(LONG, 3)]:
        plain = w.lead(someone)
        held = kept(plain)
        for now in (w.as_of, w.as_of + 600 * MINUTE, w.as_of + 6 * DAY, w.as_of - 20 * DAY):
            wanted = w.by_hand(someone, now)
            for lead in (plain, held):
                found = w.told(w.definition.decide(lead, as_of=now))
                if found != wanted:
                    sys.exit(f"{lead.id} as of {now}: {found}, by hand {wanted}")
                compared += 1
    return compared


def check_tracker(w: Workload) -> int:
    """The same of trackers, after each activity."""
    ways, compared = Ways(w), 0
    people = ways.middling[:FEW]
    steps = list(ways.steps(people, w.of_length(10, FEW)))
    histories = [Growing(someone) for someone in people]
    trackers = [Tracker(w.definition, lead) for lead in ways.kept(people)]
    for place, event in steps:
        histories[place].events.append(event)
        trackers[place].add(by_hand.done(event))
        found = w.told(trackers[place].decide(as_of=event.at))
        wanted = w.by_hand(histories[place], event.at)
        if found != wanted:
            sys.exit(f"tracker {place} as of {event.at}: {found}, by hand {wanted}")
        compared += 1
    return compared


# -- compiling, and models of many rules -------------------------------------------------------


def many(rules: int) -> Qualification:
    """A model of so many rules, of each form as often; a bound or a window tells them apart."""
    kinds = sorted(by_hand.ENGAGED)

    def rule(n: int) -> Rule:
        step, kind = n // 5, kinds[n // 5 % len(kinds)]
        days = 5 + 2 * step
        match n % 5:
            case 0:
                return Rule(f"r{n}", attribute("staff") >= 10 + 3 * step, 1)
            case 1:
                words = (f"word {step}", f"{'manager' if step % 3 else 'owner'}")
                return Rule(f"r{n}", attribute("role").contains_any(*words), 1)
            case 2:
                done = activity(kind).within(days=days)
                return Rule(f"r{n}", done.count() >= 1 + step % 4, 1)
            case 3:
                each = activity(kind).within(days=days)
                return Rule.each(f"r{n}", each, 1, at_most=1 + step % 5)
            case _:
                return Rule(f"r{n}", activity(kind).days_since_last() <= 3 + step, 1)

    return Qualification(
        "many", version="1", card=Scorecard(*map(rule, range(rules))), when=score() >= rules / 4
    )


def compiling(repeats: int) -> Iterator[Row]:
    """From a definition to code; the aims are in milliseconds."""
    someone = by_hand.lead(by_hand.people(40)[7])

    def whole(definition: Qualification) -> None:
        Engine(definition).program().run("once", by_hand.AS_OF)

    def rows_too(definition: Qualification) -> None:
        program = Engine(definition).program()
        program.run("once", by_hand.AS_OF)
        program.run("kept", by_hand.AS_OF)

    def first(definition: Qualification) -> None:
        definition.decide(someone, as_of=by_hand.AS_OF)

    for rules, most in ((20, 5.0), (300, 60.0)):
        for what, work, aim in (
            (f"compile {rules} rules: lower, print, compile", whole, most),
            (f"compile {rules} rules, for kept timelines too", rows_too, None),
            (f"the first decision by {rules} rules, compiled for it", first, None),
        ):
            cost = 1e3 * statistics.median(spent(work, many(rules)) for _ in range(repeats))
            yield Row(what, cost, "ms", most=aim)


def spent(work: Callable[[Any], object], item: Any) -> float:
    gc.collect()
    start = time.process_time()
    work(item)
    return time.process_time() - start


@dataclass
class Rules:
    """The lines of models of many rules."""

    people: Sequence[Any]

    def lines(self) -> Iterator[Line]:
        now = by_hand.AS_OF
        leads = [by_hand.lead(someone) for someone in self.people]
        models = {rules: many(rules) for rules in (20, 300)}
        for model in models.values():
            for lead in leads[:40]:
                if model.decide(lead, as_of=now).outcome != Decision.of(model, lead, now).outcome:
                    sys.exit(f"{lead.id}: the engines do not agree")
        for what, given, most in (
            ("300 rules, a plain list", leads, 15),
            ("300 rules, a kept timeline", [kept(lead) for lead in leads], 15),
        ):
            job, floor = (self.deciding(models[rules], given) for rules in (300, 20))
            yield Line("rules", what, "20 rules", most, job, floor)

    @staticmethod
    def deciding(model: Qualification, leads: Sequence[Lead]) -> Callable[[int], Job]:
        def work(lead: Lead, now: datetime) -> object:
            decision = model.decide(lead, as_of=now)
            decision.score.millis  # noqa: B018
            return decision.status

        moments = [by_hand.AS_OF] * len(leads)
        return lambda turn: (work, leads, moments)


# -- memory ------------------------------------------------------------------------------------


def memory(w: Workload, leads: int) -> Iterator[Row]:
    """Bytes a lead of 31 activities, as the allocator counts them."""
    people = [(someone.id, facts(w, someone), events(someone)) for someone in ways_of(w, leads)]

    def tuples(given: Any) -> object:
        id, known, done = given
        return id, dict(known), [(kind, again(at), value or None) for kind, at, value in done]

    def held(given: Any) -> Lead:
        id, known, done = given
        activities = [
            Activity(kind, again(at), {"value": value} if value else {}) for kind, at, value in done
        ]
        return Lead(id, known, Timeline(activities, unique_ids=True))

    def decided(given: Any) -> Lead:
        lead = held(given)
        w.definition.decide(lead, as_of=w.as_of).score.millis  # noqa: B018
        return lead

    def looked_ahead(given: Any) -> Lead:
        lead = decided(given)
        w.definition.decide(lead, as_of=w.as_of).changes_at  # noqa: B018
        return lead

    looked_ahead(people[0])  # what is made once for all leads
    floor = allocated(tuples, people)
    for what, make, most in (
        ("a kept lead of 31", held, 1.5),
        ("the same after a decision", decided, 1.5),
        ("the same after changes_at", looked_ahead, None),
    ):
        size = allocated(make, people)
        yield Row(what, size, "bytes", size / floor, "tuples in a list", most)


def ways_of(w: Workload, leads: int) -> list[Any]:
    pool = [one for someone in w.people for one in someone.events]
    some = [w.people[n % len(w.people)] for n in range(leads)]
    return [by_hand.grown(someone, pool, MIDDLING, n) for n, someone in enumerate(some)]


def facts(w: Workload, someone: Any) -> dict[str, object]:
    return dict(w.lead(someone).attributes)


def events(someone: Any) -> list[tuple[str, datetime, Any]]:
    return [(one.kind, one.at, one.value) for one in someone.events]


def again(at: datetime) -> datetime:
    """The same instant as an object of its own."""
    return at + timedelta(0)


def allocated(make: Callable[[Any], object], given: Sequence[Any]) -> float:
    gc.collect()
    tracemalloc.start()
    all_of_them = [make(one) for one in given]
    gc.collect()
    size = tracemalloc.get_traced_memory()[0] - sys.getsizeof(all_of_them)
    tracemalloc.stop()
    return size / len(given)


# -- instructions ------------------------------------------------------------------------------

COUNTED = {
    "by hand, 31 activities in no order": "hand",
    "a plain list of 31": "list",
    "a kept timeline of 31, another as_of each time": "kept",
    "a kept timeline of 3,000, another as_of each time": "long",
}
PASSES = 60


def counted(w: Workload, which: str, passes: int) -> None:
    """Run one line so many times over 20 leads, for another program to count."""
    gc.disable()
    ways = Ways(w)
    people = w.of_length(LONG if which == "long" else MIDDLING, FEW)
    leads = ways.plain(people) if which == "list" else ways.kept(people)
    work: Callable[[Any, datetime], object] = ways.decide
    if which == "hand":
        work, leads = w.by_hand, people
    moments = ways.one if which in ("hand", "list") else ways.fresh
    for turn in range(5 + passes):  # the first find what is kept
        for lead, now in zip(leads, moments(turn), strict=False):
            work(lead, now)


def instructions(folder: Path | None) -> None:
    """Instructions a decision: what more passes cost, start and preparation left out."""
    if shutil.which("valgrind") is None:
        print("not counted: there is no valgrind here")
        return
    floor = None
    for what, which in COUNTED.items():
        none, some = (collected(which, passes, folder) for passes in (0, PASSES))
        each = (some - none) / (PASSES * FEW)
        floor = floor or each
        print(f"{what:<54}{each:>10,.0f} instructions{each / floor:>8.2f} x")


def collected(which: str, passes: int, folder: Path | None) -> int:
    tool = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable]
    more = [] if folder is None else ["--folder", str(folder)]
    command = [*tool, __file__, "--count", which, str(passes), *more]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    return int(done.stderr.split("Collected :")[1].split()[0])


# -- all of it ---------------------------------------------------------------------------------


def workload(folder: Path | None, count: int) -> Workload:
    if folder is None:
        return by_hand.own(count)
    import peers  # the one beside this file

    sys.path.append(str(folder))
    import workload as w

    return Workload(
        "peers",
        w.AS_OF,
        w.make_leads(count),
        w.score_handwritten,
        peers.from_timelines(w),
        lambda lead: peers.with_timeline(peers.apart(lead), w),
        peers.told,
    )


def rows(w: Workload, wanted: Callable[[str], bool], seconds: float) -> Iterator[Row]:
    for line in Ways(w).lines():
        if wanted(line.part):
            yield measured(line, seconds)
    if wanted("compile"):
        yield from compiling(15)
    if wanted("rules"):
        for line in Rules(by_hand.people(100)).lines():
            yield measured(line, seconds)
    if wanted("memory"):
        yield from memory(w, 500)


HEADS = ("what", "cost", "times", "beside", "aim", "met")


def plain_line(cells: Iterable[str]) -> str:
    return "{:<62}{:>14}{:>9}  {:<18}{:<9}{}".format(*cells).rstrip()


def markdown(found: Iterable[Row]) -> str:
    """One table."""
    lines = [HEADS, ("---", "---:", "---:", "---", "---", "---"), *(row.cells() for row in found)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def median_of(several: Sequence[Row]) -> Row:
    """The medians of a line in several runs."""
    ratios = [row.ratio for row in several if row.ratio is not None]
    return several[0]._replace(
        cost=statistics.median(row.cost for row in several),
        ratio=statistics.median(ratios) if ratios else None,
    )


BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->"


def put_into(page: Path, table: str) -> None:
    """Put a table in the place of the one between the marks of a page."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        sys.exit(f"{page} has no marks for figures")
    page.write_text(f"{before}{BEGIN}{table}\n{END}{after}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--folder", type=Path, help="that of the peers' bench")
    parser.add_argument("--people", type=int, default=2_000, help="leads that are compared")
    parser.add_argument("--seconds", type=float, default=1.0, help="for each line")
    parser.add_argument("--runs", type=int, default=1, help="all of it so often; medians are shown")
    parser.add_argument("--only", default="", help="names of parts, by comma")
    parser.add_argument("--markdown", action="store_true", help="print one table")
    parser.add_argument("--into", type=Path, help="put the table into this page")
    parser.add_argument("--instructions", action="store_true", help="count them under callgrind")
    parser.add_argument("--count", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()

    if given.instructions:
        instructions(given.folder)
        return
    if given.count:
        counted(workload(given.folder, 100), given.count[0], int(given.count[1]))
        return
    w = workload(given.folder, given.people)
    compared = check(w) + (0 if Tracker is None else check_tracker(w))
    quiet = given.markdown or given.into
    if not quiet:
        print(f"{compared:,} decisions compared with those by hand: all the same")
        print(plain_line(HEADS))
    only = given.only.split(",") if given.only else []
    runs: list[list[Row]] = []
    for _ in range(given.runs):
        runs.append([])
        for row in rows(w, lambda part: not only or part in only, given.seconds):
            runs[-1].append(row)
            if not quiet:
                print(plain_line(row.cells()), flush=True)
    found = [median_of(several) for several in zip(*runs, strict=True)]
    if given.into:
        put_into(given.into, markdown(found))
    elif quiet:
        print(markdown(found))
    elif given.runs > 1:
        print(f"medians of {given.runs} runs", plain_line(HEADS), sep="\n")
        print(*(plain_line(row.cells()) for row in found), sep="\n")


if __name__ == "__main__":
    main()
