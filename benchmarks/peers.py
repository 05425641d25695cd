"""
The 20-rule model of the peers' bench, decided by mqlkit beside the peers.

    python benchmarks/peers.py FOLDER [--leads N] [--seconds S] [--only NAMES]

FOLDER is the one with the peers' ``workload.py``, ``peers.py`` and ``bench_peers.py``; they are
imported from there. mqlkit joins them as four more contestants, all of them checked against the
hand-written function on every lead, score to the last digit and status, and then timed by the
peers' own bench beside whichever other peers are installed:

    mqlkit                   each event becomes an activity while timed, then the lead is decided
    mqlkit, list held        the lead holds its plain list of activities; nothing else is prepared
    mqlkit, timeline kept    the lead keeps its timeline, and was decided before
    mqlkit, reference        as the first, by the engine that is the meaning
"""

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from mqlkit import (
    Activity,
    Band,
    Criterion,
    Decision,
    Group,
    Lead,
    NamedList,
    Override,
    Qualification,
    Rule,
    Scorecard,
    Status,
    Timeline,
    activity,
    attribute,
    half_life,
    score,
)

# -- the definition: its words, lists and threshold are the workload's own ---------------------


def fit(w: Any) -> Group:
    """Who they are."""
    title = attribute("title")
    return Group(
        "fit",
        [
            Rule("industry", attribute("industry").is_in(*w.TARGET_INDUSTRIES), 15),
            Rule("employees", attribute("employees") >= 50, 10),
            Rule("senior title", title.contains_any(*w.SENIOR_WORDS), 15),
            Rule("country", attribute("country").is_in(*w.TARGET_COUNTRIES), 5),
            Rule("revenue", attribute("revenue") >= 50_000_000, 10),
            Rule("free mail", attribute("email_domain").is_in(*w.FREE_MAIL), -15),
            Rule("junior title", title.contains_any(*w.JUNIOR_WORDS), -20),
            Rule("intent", attribute("intent") >= 70, 15),
        ],
    )


def behaviour() -> Group:
    """What they did."""
    cart = activity("cart_add").within(days=30).sum("value")
    return Group(
        "behaviour",
        [
            Rule.each("pricing", activity("pricing_view").within(days=30), 20, at_most=2),
            Rule("demo", activity("demo_request").happened(), 30),
            Rule.each("e-book", activity("ebook_download").within(days=90), 10, at_most=3),
            Rule.each("email open", activity("email_open"), 5, decay=half_life(days=30)),
            Rule("unsubscribe", activity("unsubscribe").happened(), -10),
            Rule("webinar", activity("webinar_attended").within(days=90).happened(), 25),
            Rule.each("social", activity("social_click").within(days=60), 2, at_most=5),
            Rule("cart", cart >= 500, 16),
            Rule.each("form", activity("form_submit").within(days=90), 6, at_most=3),
        ],
    )


def behaviour_counted() -> Group:
    """What they did, from counts that somebody else has taken: one attribute for each."""

    def per(name: str, points: int, most: int) -> Rule:
        bands = [Band(points * n, at_least=n) for n in range(most, 0, -1)]
        return Rule.by_band(name, attribute(name), bands)  # type: ignore[return-value]

    return Group(
        "behaviour",
        [
            per("pricing_30", 20, 2),
            Rule("demo", attribute("demo_any") >= 1, 30),
            per("ebook_90", 10, 3),
            Rule("unsubscribe", attribute("unsub_any") >= 1, -10),
            Rule("webinar", attribute("webinar_90") >= 1, 25),
            per("social_60", 2, 5),
            Rule("cart", attribute("cart_value_30") >= 500, 16),
            per("form_90", 6, 3),
        ],
    )


def definition(w: Any, done: Group, engaged: Criterion, recent: Criterion) -> Qualification:
    """Who is an MQL; what is not known counts as no, as with the peers."""
    rivals = NamedList("competitors", sorted(w.COMPETITORS))
    return Qualification(
        "peers",
        version="1",
        card=Scorecard(fit(w), done),
        when=(score() >= w.THRESHOLD) & engaged & recent,
        never={"works for a competitor": attribute("company_domain").is_in(rivals)},
        unknowns="no",
    )


def from_timelines(w: Any) -> Qualification:
    """The definition over what a lead did."""
    engaged = activity(*w.ENGAGEMENT_KINDS)
    return definition(
        w,
        behaviour(),
        engaged.within(days=30).count() >= 3,
        engaged.days_since_last() <= 14,
    )


def from_counts(w: Any) -> Qualification:
    """The definition over counts."""
    return definition(
        w, behaviour_counted(), attribute("engaged_30") >= 3, attribute("recency_days") <= 14
    )


# -- the workload's leads as ours --------------------------------------------------------------


def with_timeline(lead: Any, w: Any) -> Lead:
    """A lead with what it did; only what was put in a cart has a value there."""
    activities = [
        Activity(event.kind, event.at, {"value": event.value} if event.value else {})
        for event in lead.events
    ]
    attributes = {name: getattr(lead, name) for name in w.ATTRIBUTES}
    return Lead(lead.id, attributes, activities, unique_ids=True)


def apart(lead: Any) -> Any:
    """The same lead with events of its own, which lie in memory where ours will lie."""
    events = [replace(event, at=event.at + timedelta(0)) for event in lead.events]
    return replace(lead, events=tuple(events))


def with_counts(features: dict[str, Any], w: Any) -> Lead:
    """A lead with counts; the points of its faded opens are handed in, exact to a thousandth."""
    day = timedelta(days=1)
    opens = Override(
        features["email_points"], "the counts", "email opens", w.AS_OF - day, w.AS_OF + day
    )
    return Lead("counted", features, overrides=[opens])


def told(decision: Decision) -> tuple[float, str]:
    """What the peers' bench compares."""
    points, status = decision.score.millis.points / 1_000, decision.status
    if status is Status.NOT_QUALIFIED:
        return points, "nurture"
    return points, "mql" if status is Status.QUALIFIED else str(status)


# -- the contestants ---------------------------------------------------------------------------


LISTED = "mqlkit, list held"
AIMS = {"datalogic": 3, "zen": 20, "common-expression": 100, "rule-engine": 700}
"""How many times as long as `LISTED` a peer must take from its raw timeline to a decision."""


def contestants(peers: Any, w: Any, leads: Iterable[Any]) -> list[type]:
    """mqlkit from the workload's own leads, and from leads that are ours already."""

    listed = {lead.id: with_timeline(apart(lead), w) for lead in leads}
    kept = {
        id: Lead(id, lead.attributes, Timeline(lead.activities or (), unique_ids=True))
        for id, lead in listed.items()
    }

    class Mqlkit(peers.Contestant):  # type: ignore[misc, name-defined]
        name = "mqlkit"
        module = dist = "mqlkit"
        has_native = True

        def build(self) -> None:
            self.timelines, self.counts = from_timelines(w), from_counts(w)

        def prepare(self, features: dict[str, Any]) -> Lead:
            return with_counts(features, w)

        def evaluate(self, lead: Lead) -> tuple[float, str]:
            return told(self.counts.decide(lead, as_of=w.AS_OF))

        def prepare_events(self, lead: Any) -> Lead:
            return with_timeline(lead, w)

        def native(self, lead: Lead) -> tuple[float, str]:
            return told(self.timelines.decide(lead, as_of=w.AS_OF))

    class Listed(Mqlkit):
        name = LISTED
        note = "the application holds mqlkit's leads, each with a plain list of activities"

        def prepare_events(self, lead: Any) -> Lead:
            return listed[lead.id]

    class Kept(Mqlkit):
        name = "mqlkit, timeline kept"
        note = "the application holds mqlkit's leads, each with a timeline that was asked before"

        def prepare_events(self, lead: Any) -> Lead:
            return kept[lead.id]

    class Reference(Mqlkit):
        name = "mqlkit, reference"

        def evaluate(self, lead: Lead) -> tuple[float, str]:
            return told(Decision.of(self.counts, lead, w.AS_OF))

        def native(self, lead: Lead) -> tuple[float, str]:
            return told(Decision.of(self.timelines, lead, w.AS_OF))

    return [Mqlkit, Listed, Kept, Reference]


def check(contestant: Any, leads: Iterable[Any], w: Any) -> None:
    """Compare with the hand-written function on every lead, to the last digit."""
    for lead in leads:
        wanted = w.score_handwritten(lead)
        for found in (
            contestant.native(contestant.prepare_events(lead)),
            contestant.evaluate(contestant.prepare(w.extract_features(lead))),
        ):
            if found != wanted:
                raise SystemExit(f"{contestant.name}, {lead.id}: {found}, wanted {wanted}")


def compared(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """A table of who decides from raw timelines, the fastest first."""
    rows = sorted((row for row in rows if "native" in row), key=lambda row: row["native_ratio"])
    listed = next(row["native_ratio"] for row in rows if row["name"] == LISTED)
    yield f"| from a raw timeline to a decision | µs | times by hand | times {LISTED} | aim |"
    yield "|---|---:|---:|---:|---|"
    for row in rows:
        name, by_hand = row["name"], row["native_ratio"]
        aims = (aim for part, aim in AIMS.items() if part in name.lower())
        aim = next((f"≥ {aim}" for aim in aims), "")
        yield (
            f"| {name} | {1e6 / row['native']:,.1f} | {by_hand:,.2f} | {by_hand / listed:,.1f} "
            f"| {aim} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", help="the folder of the peers' bench")
    parser.add_argument("--leads", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=1.5, help="for each contestant and column")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", default="", help="other peers to run: parts of names, by comma")
    given = parser.parse_args()

    if given.folder is None:
        print("not run: name the folder of the peers' bench")
        return
    sys.path.insert(0, str(given.folder))
    w, peers, bench = map(import_module, ("workload", "peers", "bench_peers"))
    leads = w.make_leads(given.leads)
    ours = [kind() for kind in contestants(peers, w, leads)]
    for contestant in ours:
        contestant.build()
        check(contestant, leads, w)
        print(f"{contestant.name}: same scores to the last digit on {len(leads):,} leads")

    others, _ = bench.load(given.only.split(",") if given.only else [])
    for contestant in others:
        contestant.build()
    rows = bench.run([*others, *ours], leads, given.seconds, given.rounds, time.process_time)
    print(bench.table(rows))
    print()
    print("\n".join(compared(rows)))


if __name__ == "__main__":
    main()
