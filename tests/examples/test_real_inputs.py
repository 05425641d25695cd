"""Three inputs that nobody made up for us: no row is lost, and every explanation adds up."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from real_inputs import DATA, INPUTS, RealInput, field_table, outcome_table, status_table

from mqlkit import Decision, Status
from mqlkit.cli import main
from mqlkit.coverage import Coverage
from mqlkit.tables import Report

each_input = pytest.mark.parametrize("given", INPUTS.values(), ids=lambda given: given.name)


def there(given: RealInput) -> RealInput:
    if not given.there:
        pytest.skip(f"no {given.name} data; MQLKIT_DATA says where they are")
    return given


def rows(path: str) -> Iterator[dict[str, str]]:
    with (DATA / path).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@cache
def run(given: RealInput) -> tuple[list[Decision], Report]:
    """Every lead of the input, decided once for all tests."""
    report = Report()
    model = given.model
    leads = given.files.read(report)
    return [model.decide(lead, as_of=given.moment) for lead in leads], report


def decided(given: RealInput) -> list[Decision]:
    return run(there(given))[0]


def expected_leads(given: RealInput) -> list[str]:
    """Every lead of the input, counted without our own reader."""
    if given.leads is not None:
        key = {"xeducation": "Prospect ID", "olist": "mql_id"}[given.name]
        return [row[key] for row in rows(given.leads)]
    return list(dict.fromkeys(row["user_id"] for row in rows(given.activities[0])))


def with_status(given: RealInput, status: Status) -> set[str]:
    return {d.lead.id for d in decided(given) if d.status is status}


@each_input
def test_no_row_is_lost(given: RealInput) -> None:
    assert [d.lead.id for d in decided(given)] == expected_leads(given)
    report = run(given)[1]
    assert report.adds_up
    assert report.clean, list(report.faults())
    files = [path for path in (*given.activities, given.leads) if path]
    assert [tally.read for tally in report.tallies] == [sum(1 for _ in rows(f)) for f in files]


@each_input
def test_the_lines_of_every_lead_add_up_exactly(given: RealInput) -> None:
    lines = 0
    for decision in decided(given):
        for score in decision.scores.values():
            lines += len(score.lines)
            for end in ("low", "points", "high"):
                total = sum(getattr(line.millis, end) for line in score.lines)
                assert total == getattr(score.millis, end), decision.lead.id
    assert lines > 0


@each_input
def test_every_explanation_can_be_told(given: RealInput) -> None:
    """A sample of them: a whole one of each lead takes a while."""
    for number, decision in enumerate(decided(given)):
        if number % 40 == 0:
            assert str(decision.status).upper() in str(decision.explain())


@each_input
def test_the_readme_tells_what_comes_out(given: RealInput) -> None:
    coverage = Coverage()
    for decision in decided(given):
        coverage.add(decision)
    readme = (given.folder / "README.md").read_text(encoding="utf-8")
    assert status_table(coverage) in readme
    if coverage.undecided:
        assert field_table(coverage) in readme


@each_input
def test_the_command_line_says_the_same(
    given: RealInput,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    there(given)
    out = tmp_path / "out.csv"
    arguments = ["mqlkit", "decide", *given.arguments, "-o", str(out), "--json"]
    monkeypatch.setattr("sys.argv", arguments)
    with pytest.raises(SystemExit) as exit_:
        main()
    assert exit_.value.code == 0
    counts: Any = json.loads(capsys.readouterr().out)["by_status"]
    with out.open(encoding="utf-8", newline="") as file:
        written = Counter(row["status"] for row in csv.DictReader(file))
    assert written == {status: count for status, count in counts.items() if count}
    assert written.total() == len(expected_leads(given))


# -- each against its file, read by hand -------------------------------------------------------


def test_x_education_never_calls_who_asked_not_to_be_called() -> None:
    given = there(INPUTS["xeducation"])
    asked = {r["Prospect ID"] for r in rows(str(given.leads)) if r["Do Not Call"] == "Yes"}
    assert with_status(given, Status.DISQUALIFIED) == asked


@pytest.mark.parametrize(
    "column",
    [
        "Tags",
        "Lead Quality",
        "Lead Profile",
        "Asymmetrique Activity Index",
        "Asymmetrique Profile Index",
        "Asymmetrique Activity Score",
        "Asymmetrique Profile Score",
        "Last Notable Activity",
        "Converted",
    ],
)
def test_x_education_reads_no_column_that_knows_the_outcome(column: str) -> None:
    leads = INPUTS["xeducation"].files.mapping.leads
    assert column not in leads.columns
    assert leads.others == "skip"


def test_x_education_tells_what_became_of_them() -> None:
    given = there(INPUTS["xeducation"])
    converted = {r["Prospect ID"] for r in rows(str(given.leads)) if r["Converted"] == "1"}
    found = {status: with_status(given, status) for status in Status}
    table = outcome_table({status: (leads & converted, leads) for status, leads in found.items()})
    assert table in (given.folder / "README.md").read_text(encoding="utf-8")


def test_x_education_reads_an_untouched_list_as_a_blank() -> None:
    given = there(INPUTS["xeducation"])
    held = {value for d in decided(given) for value in d.lead.attributes.values()}
    assert "Select" not in held


def test_olist_disqualifies_whoever_is_won_by_then() -> None:
    given = there(INPUTS["olist"])
    by_then = given.as_of[:10]
    won = {r["mql_id"] for r in rows(given.activities[0]) if r["won_date"] < by_then}
    assert with_status(given, Status.DISQUALIFIED) == won


def test_olist_waits_for_blank_origins_and_not_for_unknown_ones() -> None:
    given = there(INPUTS["olist"])
    origins = {row["mql_id"]: row["origin"] for row in rows(str(given.leads))}
    assert {origins[lead] for lead in with_status(given, Status.NEEDS_DATA)} == {""}


def test_the_shop_disqualifies_recent_buyers_and_the_machine() -> None:
    given = there(INPUTS["shop"])
    start = {days: str(given.moment - timedelta(days=days))[:19] for days in (30, 90)}
    buyers, events = set(), Counter[str]()
    for row in {row["event_id"]: row for row in rows(given.activities[0])}.values():
        if row["event_type"] == "Order Completed" and row["ts"] > start[30]:
            buyers.add(row["user_id"])
        events[row["user_id"]] += row["ts"] > start[90]
    machines = {visitor for visitor, count in events.items() if count >= 1_000}
    assert with_status(given, Status.DISQUALIFIED) == buyers | machines
    assert machines


def test_the_shop_counts_a_repeated_event_once() -> None:
    given = there(INPUTS["shop"])
    ids = {row["event_id"] for row in rows(given.activities[0])}
    kept = [len(d.lead.timeline or ()) for d in decided(given)]
    assert sum(kept) >= len(ids)  # One id may be shared by two visitors.
    assert sum(kept) < sum(1 for _ in rows(given.activities[0]))
