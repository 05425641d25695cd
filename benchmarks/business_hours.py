"""
What business hours cost, beside a hand-written calendar.

    python benchmarks/business_hours.py [--rounds N]

The hand-written one goes from day to day and takes the difference of aware instants: what most
applications have. Where it is right, both must agree. All figures are processor time, the least of
several rounds.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from functools import partial
from zoneinfo import ZoneInfo

from mqlkit.calendar import Calendar
from mqlkit.hours import stretches

DUE_AIM_US, YEAR_AIM_US = 20, 50
BERLIN = ZoneInfo("Europe/Berlin")
OPENS, CLOSES = clock(9), clock(17)
START = datetime(2026, 3, 27, 14, 30, tzinfo=UTC)
HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)


def windows(day: date) -> Iterator[tuple[datetime, datetime]]:
    """The hours of the working days from *day* on."""
    while True:
        if day.weekday() < 5:
            opens = datetime.combine(day, OPENS, BERLIN).astimezone(UTC)
            yield opens, datetime.combine(day, CLOSES, BERLIN).astimezone(UTC)
        day += DAY


def due_by_hand(start: datetime, work: timedelta) -> datetime:
    """Day by day until the work is done."""
    for opens, closes in windows(start.astimezone(BERLIN).date()):
        begins = max(opens, start)
        if begins < closes:
            if work <= closes - begins:
                return begins + work
            work -= closes - begins
    raise AssertionError("days do not end")


def elapsed_by_hand(start: datetime, end: datetime) -> timedelta:
    """Day by day until the end."""
    total = timedelta()
    for opens, closes in windows(start.astimezone(BERLIN).date()):
        if opens >= end:
            break
        total += max(min(closes, end) - max(opens, start), timedelta())
    return total


def microseconds(work: Callable[[], object], rounds: int) -> float:
    """The least processor time of one call; as many calls as take some milliseconds."""
    calls = 1
    while True:
        begun = time.process_time()
        for _ in range(calls):
            work()
        if (spent := time.process_time() - begun) > 0.02:
            break
        calls *= 2
    least = spent
    for _ in range(rounds - 1):
        begun = time.process_time()
        for _ in range(calls):
            work()
        least = min(least, time.process_time() - begun)
    return least / calls * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description="What business hours cost.")
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds

    made = partial(Calendar, "Europe/Berlin", {"mon-fri": "09:00-17:00"})
    calendar = made()
    questions: list[tuple[str, str, tuple[datetime, datetime | timedelta]]] = [
        ("due of 8 hours", "due", (START, 8 * HOUR)),
        ("due of 400 hours", "due", (START, 400 * HOUR)),
        ("elapsed of a week", "elapsed", (START, START + 7 * DAY)),
        ("elapsed of a year", "elapsed", (START, START + YEAR)),
        ("elapsed of ten years", "elapsed", (START, START + 10 * YEAR)),
        ("elapsed of a century", "elapsed", (START, START + 100 * YEAR)),
    ]
    by_hand = {"due": due_by_hand, "elapsed": elapsed_by_hand}
    took = {}
    print(f"{'':24}{'by hand, µs':>14}{'mqlkit, µs':>14}{'times by hand':>16}")
    for what, name, asked in questions:
        ours = partial(getattr(calendar, name), *asked)
        theirs = partial(by_hand[name], *asked)
        if ours() != theirs():
            raise SystemExit(f"{what}: {ours()}, by hand {theirs()}")
        took[what] = microseconds(ours, rounds)
        hand = microseconds(theirs, rounds)
        print(f"{what:24}{hand:14.1f}{took[what]:14.1f}{took[what] / hand:16.4f}")

    cold = microseconds(lambda: made().due(START, 8 * HOUR), rounds)
    built = microseconds(made, rounds)
    begun = time.process_time()
    made().elapsed(START, START + 100 * YEAR)
    century = (time.process_time() - begun) * 1e3
    stretches.cache_clear()
    begun = time.process_time()
    made().due(START, 8 * HOUR)
    first = (time.process_time() - begun) * 1e6
    print(f"a new calendar {built:.0f} µs")
    print(f"a new calendar's first due {cold:.0f} µs; in a zone not asked before {first:.0f} µs")
    print(f"a century's elapsed of a new calendar, zone known, {century:.0f} ms")
    for what, aim in (("due of 8 hours", DUE_AIM_US), ("elapsed of a year", YEAR_AIM_US)):
        print(f"{what}: {'within' if took[what] <= aim else 'ABOVE'} {aim} µs")


if __name__ == "__main__":
    main()
