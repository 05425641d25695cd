"""The core's reader and the one of bulk over the same input, as figures that can be compared."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import duckdb

from mqlkit import Lead, Qualification, activity
from mqlkit.bulk.reading import DataFault, Opened, open_tables
from mqlkit.lead import Snapshot
from mqlkit.tables import FileMapping, Files, Report
from mqlkit.value import EPOCH, as_moment, as_number, is_blank

ANY = Qualification("any", version="1", when=activity("page_view").happened())
"""Asks for nothing that a table must have."""

Found = tuple[dict[str, object], dict[str, object] | None, str | None]


def plain(values: Mapping[str, object]) -> dict[str, object]:
    """What a definition can ask for by whatever path, a date as the moment that it is read as."""
    snapshot = Snapshot(values, EPOCH)
    read = {path: snapshot.raw(path) for path in paths(values)}
    moments = {p: as_moment(v) if isinstance(v, date) else v for p, v in read.items()}
    return {
        path: value
        for path, value in moments.items()
        if not is_blank(value) and not of_others(value) and not isinstance(value, Mapping | bytes)
    }


def paths(values: Mapping[str, object]) -> Iterator[str]:
    """All names of fields and of what is in them."""
    for name, value in values.items():
        yield name
        if isinstance(value, Mapping):
            yield from (f"{name}.{inner}" for inner in paths(value))


def of_others(value: object) -> bool:
    """Whether it is a list with other members than texts: no column holds such lists."""
    return isinstance(value, tuple) and not all(isinstance(v, str | None) for v in value)


def told(lead: Lead) -> Any:
    """All that is known of a lead."""
    timeline = None
    if lead.timeline is not None:
        timeline = [(a.kind, a.at, a.id, typed(plain(a.properties))) for a in lead.activities or ()]
        timeline.sort(key=repr)
    return typed(plain(lead.attributes)), timeline, lead.stage


def typed(values: Mapping[str, object]) -> dict[str, object]:
    """Flags told apart from numbers, which Python takes for equal; numbers as doubles."""
    return {k: (isinstance(v, bool), number(v)) for k, v in values.items()}


def number(value: object) -> object:
    """A number as the double next to it; one beyond 64 bits as the outermost."""
    read = as_number(value)
    return value if read is None else float(max(-(2**63), min(2**63, read)))


def by_core(files: Files) -> tuple[dict[str, Any], Counter[Any]]:
    """Leads, and how often each fault was found."""
    report = Report()
    leads = {lead.id: told(lead) for lead in files.read(report)}
    faults: Counter[Any] = Counter()
    for tally in report.tallies:
        for (column, problem), count in tally.by_field.items():
            faults[worded(tally.source, column, problem)] += count
    return leads, faults


def worded(source: str, column: str, problem: str) -> tuple[str, str, str]:
    """A fault without what only one of the two readers says."""
    problem = re.sub(r"of row \d+", "of an earlier row", problem)
    problem = re.sub(r"lead (whose row was refused|that the lead.*)", "lead unknown", problem)
    return source, column, problem


def opened(
    connection: duckdb.DuckDBPyConnection,
    leads: object,
    activities: object,
    mapping: FileMapping,
    **more: Any,
) -> Opened:
    """The tables as bulk opens them."""
    asked = more.pop("qualification", ANY)
    return open_tables(connection, leads, activities, mapping=mapping, qualification=asked, **more)


def by_bulk(tables: Opened) -> tuple[dict[str, Any], Counter[Any]]:
    """The same figures of bulk."""
    read = list(tables.leads())
    for lead in read:  # a column holds nothing else where the core reads a blank
        for values in (lead.attributes, *(a.properties for a in lead.activities or ())):
            assert not any(map(is_blank, values.values()))
    leads = {lead.id: told(lead) for lead in read}
    faults: Counter[Any] = Counter()
    for fault in tables.faults():
        if not conflict(fault) and fault.rows:
            faults[worded(fault.source, fault.column, fault.problem)] += fault.rows
    return leads, faults


def conflict(fault: DataFault) -> bool:
    """Whether nothing is lost by it: ids told in several ways, kinds that differ by row."""
    return bool(fault.counts)
