"""
Replay Olist's marketing funnel, event by event, through a `Funnel` on SQLite or PostgreSQL.

    python examples/olist/replay.py ../shared/data/olist --store olist.db

Every lead comes on the day of its first contact and every deal when it was won, each told at its
own time, in order. Run it again: nothing is recorded twice.
"""

import argparse
import csv
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple

from mqlkit.funnel import Funnel
from mqlkit.lifecycle import Journey
from mqlkit.spec import load
from mqlkit.store import SqlStore

LEADS = "olist_marketing_qualified_leads_dataset.csv"
DEALS = "olist_closed_deals_dataset.csv"
MODEL = Path(__file__).parent / "funnel.toml"
DAY = timedelta(days=1)


class Contact(NamedTuple):
    """A lead's first contact: a day, taken as its midnight in UTC."""

    told: datetime
    lead: str
    attributes: dict[str, Any]

    def to(self, funnel: Funnel) -> None:
        funnel.learn(self.lead, self.attributes, now=self.told, at=self.told)


class Deal(NamedTuple):
    """
    A deal that was won.

    It is told when it was won, and not before the funnel knows the lead: one that was won before
    the first contact comes late. By the rule of lifecycles it then counts from when the lead came
    to its stage, and its own time stays in the history.
    """

    told: datetime
    lead: str
    won: datetime
    seller: str
    by: str

    def to(self, funnel: Funnel) -> None:
        funnel.fire(self.lead, "won", now=self.told, at=self.won, by=self.by, id=self.seller)


class Customer(NamedTuple):
    """Who became a customer, when, and after how many days as an MQL."""

    lead: str
    mql_since: datetime
    customer_since: datetime
    won: datetime

    @property
    def days_as_mql(self) -> float:
        return (self.customer_since - self.mql_since) / DAY

    @property
    def won_before_contact(self) -> bool:
        return self.won < self.mql_since


def events(folder: Path) -> list[Contact | Deal]:
    """All that happened, in the order in which a funnel would have been told."""
    contacts = {row["mql_id"]: _contact(row) for row in _rows(folder / LEADS)}
    deals = []
    for row in _rows(folder / DEALS):
        won = _instant(row["won_date"])
        known_since = contacts[row["mql_id"]].told
        deals.append(
            Deal(max(won, known_since), row["mql_id"], won, row["seller_id"], row["sr_id"])
        )
    # Of one instant the contact comes first; sorting keeps what is equal in order.
    return sorted([*contacts.values(), *deals], key=lambda event: event.told)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _contact(row: dict[str, str]) -> Contact:
    day = _instant(row["first_contact_date"])
    known = {"landing_page": row["landing_page_id"], "origin": row["origin"]}
    given = {name: value for name, value in known.items() if value}
    return Contact(day, row["mql_id"], {"first_contact": day, **given})


def _instant(text: str) -> datetime:
    """The files state no zone; UTC, as in map.toml."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def replay(funnel: Funnel, told: Sequence[Contact | Deal], batch: int) -> float:
    """Tell all of it, so many events in one transaction; the seconds that it took."""
    start = time.perf_counter()
    if batch == 1:
        for event in told:
            event.to(funnel)
    else:
        waiting = iter(told)
        while some := list(islice(waiting, batch)):
            with funnel.batch() as together:
                for event in some:
                    event.to(together)
    return time.perf_counter() - start


def customers(funnel: Funnel, told: Sequence[Contact | Deal]) -> list[Customer]:
    """The customers as the funnel's own records have them."""
    won = {event.lead: event.won for event in told if isinstance(event, Deal)}
    found = []
    for row in funnel.leads(stage="customer"):
        journey = funnel.lead(row.lead_id, now=row.since).journey
        mql, customer = (_came_to(journey, stage) for stage in ("mql", "customer"))
        found.append(Customer(row.lead_id, mql, customer, won[row.lead_id]))
    return found


def _came_to(journey: Journey, stage: str) -> datetime:
    return next(entry.at for entry in journey.entries if entry.stage == stage)


def main(arguments: Sequence[str] | None = None) -> None:
    """The one command."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0].strip())
    parser.add_argument("folder", type=Path, help="where the two CSV files are")
    parser.add_argument("--store", default="olist.db", help="a file of SQLite, or a URL")
    parser.add_argument("--batch", type=int, default=500, help="events in one transaction")
    parser.add_argument("--output", type=Path, help="the customers, as CSV")
    options = parser.parse_args(arguments)
    url = options.store if "://" in options.store else f"sqlite:///{options.store}"
    store = SqlStore(url)
    store.setup()
    funnel = Funnel(load(MODEL), store)
    told = events(options.folder)
    processor = time.process_time()
    seconds = replay(funnel, told, options.batch)
    processor = time.process_time() - processor
    found = customers(funnel, told)
    _show(funnel, told, found, seconds, processor)
    if options.output is not None:
        _write(options.output, found)
    store.close()
    if "://" not in options.store:
        print(f"{options.store}: {Path(options.store).stat().st_size / 1e6:.1f} MB")


def _show(
    funnel: Funnel,
    told: Sequence[Contact | Deal],
    found: Sequence[Customer],
    seconds: float,
    processor: float,
) -> None:
    facts = sum(row.version for row in funnel.leads())
    print(
        f"{len(told):,} events in {seconds:.1f} s ({processor:.1f} s of the processor): "
        f"{len(told) / seconds:,.0f} events a second"
    )
    print(f"{facts:,} facts recorded; leads by stage: {funnel.status()}")
    days = sorted(customer.days_as_mql for customer in found)
    quarters = [f"{days_:.1f}" for days_ in quantiles(days, n=4)]
    print(
        f"{len(found):,} customers; days as an MQL: median {median(days):.1f}, "
        f"quarters at {', '.join(quarters)}, longest {days[-1]:.1f}"
    )
    for customer in found:
        if customer.won_before_contact:
            early = (customer.mql_since - customer.won) / DAY
            print(
                f"{customer.lead} was won {early:.1f} days before its first contact: "
                f"taken from when it came to its stage, so {customer.days_as_mql:g} days as an MQL"
            )


def _write(path: Path, found: Sequence[Customer]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["lead", "mql_since", "customer_since", "days_as_mql", "won"])
        for one in found:
            instants = [moment.isoformat() for moment in (one.mql_since, one.customer_since)]
            rows.writerow([one.lead, *instants, f"{one.days_as_mql:.3f}", one.won.isoformat()])


if __name__ == "__main__":
    main()
