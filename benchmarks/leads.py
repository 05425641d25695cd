"""
What leads cost: to make, to grow, to keep in memory and to read from plain data.

    python benchmarks/leads.py [--rounds N] [--leads N]

All figures are processor time, the best of many rounds that take turns, so that a busy machine
disturbs all alike; ratios are the steadier part. By hand is plain Python without a check: tuples
`(kind, at, properties or None, id)` in a list beside a dictionary of attributes. The data are made
here. Reading with cattrs is beside the reader that mqlkit has, with the same checks; all make
equal leads, which is checked first.
"""

import argparse
import gc
import json
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

import cattrs
from cattrs.gen import make_dict_structure_fn

from mqlkit import Activity, Lead, Timeline
from mqlkit.intake import lead_from

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
KINDS = ("page_view", "email_open", "form_submit")
LENGTHS = (31, 3_000)

Row = tuple[str, datetime, dict[str, Any] | None, str]


def rows(lead: int, length: int) -> list[Row]:
    """What a lead did, by hand: a third of it with properties, in no order."""
    done: list[Row] = [
        (KINDS[n % 3], START + (lead + n) * HOUR, None if n % 3 else {"page": "/"}, f"{lead}-{n}")
        for n in range(length)
    ]
    Random(lead).shuffle(done)
    return done


def attributes(lead: int) -> dict[str, Any]:
    return {"employees": lead, "industry": "software", "country": "de", "title": "VP"}


def activities(done: Iterable[Row]) -> list[Activity]:
    return [Activity(kind, at, properties or {}, id) for kind, at, properties, id in done]


def document(lead: int, length: int) -> dict[str, Any]:
    told = [
        {"kind": kind, "at": at.isoformat(), "id": id}
        | ({} if properties is None else {"properties": properties})
        for kind, at, properties, id in rows(lead, length)
    ]
    return {"id": f"lead-{lead}", "attributes": attributes(lead), "activities": told}


# -- time --------------------------------------------------------------------------------------


def seconds(work: Callable[[], object], times: int) -> float:
    start = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - start) / times


def best(contestants: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The least microseconds that each took in any of the rounds, in which they take turns."""
    times = {name: max(1, int(0.01 / seconds(work, 3))) for name, work in contestants.items()}
    found = {name: float("inf") for name in contestants}
    for _ in range(rounds):
        for name, work in contestants.items():
            found[name] = min(found[name], 1e6 * seconds(work, times[name]))
    return found


def table(found: Mapping[str, float], floor: str) -> None:
    for name, cost in found.items():
        print(f"  {name:<48}{cost:>12,.2f} µs{cost / found[floor]:>10,.2f} x")


class Plain:
    """An activity without any check."""

    __slots__ = ("at", "id", "kind", "properties")

    def __init__(self, kind: str, at: datetime, properties: Any = None, id: Any = None) -> None:
        self.kind = kind
        self.at = at
        self.properties = properties
        self.id = id


def making(rounds: int) -> None:
    page = {"page": "/"}
    done = {length: activities(rows(1, length)) for length in LENGTHS}
    known = attributes(1)
    contestants: dict[str, Callable[[], object]] = {
        "plain class with slots, nothing checked": lambda: Plain("visit", START),
        "Activity(kind, at)": lambda: Activity("visit", START),
        "Activity(kind, at, properties, id)": lambda: Activity("visit", START, page, "e1"),
        "Lead(id, attributes)": lambda: Lead("ada", known),
    }
    for length, given in done.items():
        timeline = Timeline(given)
        contestants |= {
            f"Lead(…, {length:,} activities)": lambda given=given: Lead("ada", known, given),
            f"Lead(…, a timeline of {length:,})": lambda kept=timeline: Lead("ada", known, kept),
            f"Timeline of {length:,} in no order": lambda given=given: Timeline(given),
            f"Timeline of {length:,} in order": lambda kept=timeline: Timeline(kept.activities),
        }
    print("Making (the floor is the plain class)")
    table(best(contestants, rounds), "plain class with slots, nothing checked")


def growing(rounds: int) -> None:
    print("One more activity (the floor is a copy of the tuple of 31)")
    contestants: dict[str, Callable[[], object]] = {}
    for length in LENGTHS:
        timeline = Timeline(activities(rows(1, length)))
        old = timeline.activities
        names = map(str, count())  # a new id each time; making the activity is in the figure
        end, middle = old[-1].at + HOUR, old[length // 2].at + HOUR / 2
        late = Activity("visit", middle, id="late")
        again = old[length // 2]
        wins = Activity("visit", old[0].at - HOUR, id=old[-1].id)
        timeline.plus(late)  # the ids of a long one are gathered once
        contestants |= {
            f"copy of a tuple of {length:,}": lambda old=old: (*old, None),
            f"plus: at the end of {length:,}": lambda t=timeline, n=names, at=end: t.plus(
                Activity("visit", at, id=next(n))
            ),
            f"plus: late into {length:,}": lambda t=timeline, n=names, at=middle: t.plus(
                Activity("visit", at, id=next(n))
            ),
            f"plus: told again, {length:,}": lambda t=timeline, a=again: t.plus(a),
            f"plus: in another's place, {length:,}": lambda t=timeline, a=wins: t.plus(a),
            f"Timeline built anew, {length:,}": lambda old=old, a=late: Timeline([*old, a]),
        }
    table(best(contestants, rounds), "copy of a tuple of 31")


# -- memory ------------------------------------------------------------------------------------


def by_hand(lead: int) -> object:
    return f"lead-{lead}", attributes(lead), rows(lead, 31)


def with_timeline(lead: int) -> object:
    return Lead(f"lead-{lead}", attributes(lead), Timeline(activities(rows(lead, 31))))


def with_both(lead: int) -> object:
    made = Lead(f"lead-{lead}", attributes(lead), activities(rows(lead, 31)))
    assert made.timeline is not None
    return made


def traced(make: Callable[[int], object], leads: int) -> float:
    """Bytes a lead, as the allocator counts them."""
    gc.collect()
    tracemalloc.start()
    kept = [make(lead) for lead in range(leads)]
    gc.collect()
    size = tracemalloc.get_traced_memory()[0] - sys.getsizeof(kept)
    tracemalloc.stop()
    return size / leads


def walked(value: object, seen: set[int]) -> int:
    """Bytes of all that hangs on a lead, less classes and what all leads share."""
    if id(value) in seen or isinstance(value, type | type(sys)) or callable(value):
        return 0
    seen.add(id(value))
    return sys.getsizeof(value) + sum(walked(part, seen) for part in gc.get_referents(value))


def memory(leads: int) -> None:
    print("Bytes a lead of 31 activities (the floor is tuples in a list)")
    floor = traced(by_hand, leads), walked(by_hand(1), set())
    makers: dict[str, Callable[[int], object]] = {
        "tuples in a list": by_hand,
        "Lead with its Timeline": with_timeline,
        "Lead with a list, its timeline asked for": with_both,
    }
    for name, make in makers.items():
        allocated, counted = traced(make, leads), walked(make(1), set())
        print(
            f"  {name:<44}{allocated:>8,.0f} allocated{allocated / floor[0]:>7.2f} x"
            f"{counted:>8,} by getsizeof{counted / floor[1]:>7.2f} x"
        )


# -- reading -----------------------------------------------------------------------------------


def _text(value: object, _: object) -> object:
    if type(value) is not str:
        raise TypeError("wanted text")
    return value


def _record(value: object, _: object) -> object:
    if type(value) is not dict:
        raise TypeError("wanted a record")
    return value


def converter() -> cattrs.Converter:
    """What reads the same shape with cattrs; unknown names and other kinds are refused."""
    made = cattrs.Converter(forbid_extra_keys=True, detailed_validation=False)
    made.register_structure_hook(str, _text)
    made.register_structure_hook(datetime, lambda value, _: datetime.fromisoformat(value))
    made.register_structure_hook_func(lambda kind: kind == Mapping[str, object], _record)
    for kind in (Activity, Lead):
        read = make_dict_structure_fn(
            kind, made, _cattrs_forbid_extra_keys=True, _cattrs_detailed_validation=False
        )
        made.register_structure_hook(kind, read)
    return made


def hand_read(data: dict[str, Any]) -> Lead:
    done = [
        Activity(
            one["kind"], datetime.fromisoformat(one["at"]), one.get("properties", {}), one.get("id")
        )
        for one in data["activities"]
    ]
    return Lead(data["id"], data["attributes"], done)


def reading(rounds: int) -> None:
    for length in LENGTHS:
        data = document(1, length)
        text = json.dumps(data)
        read = converter().structure
        structure = lambda data=data, read=read: read(data, Lead)  # noqa: E731
        lead = Lead("lead-1", attributes(1), activities(rows(1, length)))
        for made in (lead_from(data), lead_from(text), structure(), hand_read(data)):
            if made != lead:
                sys.exit("two readers do not agree")
        print(f"From plain data to a lead of {length:,} activities (the floor is lead_from)")
        contestants: dict[str, Callable[[], object]] = {
            "Lead of activities that are there": lambda lead=lead: Lead(
                lead.id, lead.attributes, lead.activities
            ),
            "lead_from(a dict)": lambda data=data: lead_from(data),
            "a loop by hand with Lead and Activity": lambda data=data: hand_read(data),
            "cattrs, first fault only": structure,
            "json.loads alone": lambda text=text: json.loads(text),
            "lead_from(JSON text)": lambda text=text: lead_from(text),
            "json.loads, then cattrs": lambda text=text, read=read: read(json.loads(text), Lead),
        }
        table(best(contestants, rounds), "lead_from(a dict)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=40, help="how often each takes its turn")
    parser.add_argument("--leads", type=int, default=1_000, help="leads in memory at once")
    given = parser.parse_args()
    making(given.rounds)
    growing(given.rounds)
    memory(given.leads)
    reading(given.rounds)


if __name__ == "__main__":
    main()
