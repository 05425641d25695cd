"""``mqlkit decide`` in DuckDB, and ``mqlkit to-sql``: the same answers, and what a user is told."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from small_market import DECIDE, Result

from mqlkit.bulk.verification import Difference, Verification
from mqlkit.cli import engine
from mqlkit.cli.history import MOST, history_of


def told(result: Result) -> str:
    """What went to standard error, without the box that a usage error is drawn in."""
    return " ".join(result.err.replace("│", " ").split())


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_file_is_the_same_whichever_engine_decides(
    run: Any,
    folder: Path,
    ending: str,
) -> None:
    files, reports = [], []
    leads = (folder / "leads.csv").read_text(encoding="utf-8").splitlines()
    (folder / "leads.csv").write_text("\n".join([leads[0], *sorted(leads[1:])]), encoding="utf-8")
    for name in ("in-process", "bulk"):
        result = run(*DECIDE, "--engine", name, "-o", f"{name}.{ending}", "--changes-at", "--json")
        assert result.code == 0, result.err
        files.append(folder / f"{name}.{ending}")
        reports.append(json.loads(result.out))
    assert reports[0]["waiting_for"] == reports[1]["missing"]
    for key in ("by_status", "reasons", "leads", "as_of", "fingerprint", "adds_up"):
        assert reports[0][key] == reports[1][key]
    assert [report["engine"] for report in reports] == ["in process", "DuckDB"]
    faults = [[file["faults"] for file in report["files"]] for report in reports]
    assert faults[0] == faults[1]
    if ending == "parquet":
        assert pq.read_table(files[0]).equals(pq.read_table(files[1]))
    else:
        assert files[0].read_bytes() == files[1].read_bytes()


def test_small_files_are_decided_in_process_and_large_ones_in_duckdb(
    run: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    result = run(*DECIDE)
    assert "decided in process: the files are small (DuckDB decides from 4 MB on)" in result.err
    monkeypatch.setattr(engine, "LARGE", 0)
    result = run(*DECIDE)
    assert "decided in DuckDB\n5 leads decided: nothing lost" in result.err
    assert (
        "leads.csv: 0 rows refused; 1 bad cells counted as blank\n"
        "  leads.csv, column 'employees': not a number; 1 cell counted as blank, first in row 6\n"
    ) in result.err


def test_a_pattern_of_names_is_read_in_duckdb(run: Any, folder: Path) -> None:
    whole = run(*DECIDE, "--json")
    (folder / "activities.csv").rename(folder / "part-1.csv")
    files = ("--leads", "leads.csv", "--activities", "part-*.csv", "--map", "map.toml")
    parts = run(*DECIDE, "--json", *files, files=False)
    assert json.loads(parts.out)["by_status"] == json.loads(whole.out)["by_status"]
    assert "decided in DuckDB, as asked" in run(*DECIDE, *files, files=False).err
    refused = run(*DECIDE, *files, "--engine", "in-process", files=False)
    assert "part-*.csv: only a run in DuckDB knows of it" in told(refused)


@pytest.mark.parametrize(
    ("change", "arguments", "because"),
    [
        (("", ""), ("--faults", "f.jsonl"), "--faults tells every row, and DuckDB counts them"),
        (("days = 30", "calendar_months = 1"), (), "DuckDB cannot do "),
        (('"employees"', '"employes"'), (), "DuckDB cannot do "),
    ],
)
def test_what_duckdb_cannot_do_is_decided_in_process_and_told(
    run: Any,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: tuple[str, str],
    arguments: tuple[str, ...],
    because: str,
) -> None:
    monkeypatch.setattr(engine, "LARGE", 0)
    model = (folder / "model.toml").read_text(encoding="utf-8")
    (folder / "model.toml").write_text(model.replace(*change), encoding="utf-8")
    result = run(*DECIDE, *arguments)
    assert result.code == 0
    assert f"decided in process: {because}" in result.err
    if not arguments:
        result = run(*DECIDE, "--engine", "bulk")
        assert (result.code, because.removeprefix("DuckDB cannot do ") in result.err) == (2, True)


def test_without_duckdb_large_files_are_decided_in_process(
    run: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine, "LARGE", 0)
    monkeypatch.setattr(engine, "_installed", lambda: False)
    result = run(*DECIDE)
    assert (result.code, "DuckDB is not installed (pip install 'mqlkit[bulk]')" in result.err) == (
        0,
        True,
    )
    result = run(*DECIDE, "--engine", "bulk")
    assert (result.code, "pip install 'mqlkit[bulk]'" in result.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--engine", "in-process", "--memory", "1GB"), "--memory: only a run in DuckDB knows"),
        (("--engine", "in-process", "--verify", "all"), "--verify: only a run in DuckDB knows"),
        (("--engine", "bulk", "--leads", "-"), "--engine bulk: standard input can be read only"),
        (("--engine", "spark"), "'spark' is not one of"),
        (("--verify", "some"), "'some' is no number of leads; wanted all, or such as 1000"),
        (("--verify", "0"), "'0' is no number of leads"),
        (("--memory", "much"), "much"),
        (("--history", "2026-01-01T00:00Z..now/1d"), "both are given; wanted one of them"),
    ],
)
def test_wrong_usage(run: Any, arguments: tuple[str, ...], complaint: str) -> None:
    leads = () if "--leads" in arguments else ("--leads", "leads.csv")
    result = run(*DECIDE, "--map", "map.toml", *leads, *arguments, files=False, stdin="id\n1\n")
    assert (result.code, complaint in told(result)) == (2, True), result.err


@pytest.mark.parametrize(
    ("history", "complaint"),
    [
        ("2026-01-01T00:00Z", "is no history; wanted FIRST..LAST/STEP"),
        ("2026-01-01..2026-02-01/1d", "'2026-01-01' is no instant with a zone"),
        ("2026-02-01T00:00Z..2026-01-01T00:00Z/1d", "ends before it begins"),
        ("2000-01-01T00:00Z..2026-01-01T00:00Z/1h", f"at most {MOST:,} are decided in a run"),
    ],
)
def test_a_history_that_is_none(run: Any, history: str, complaint: str) -> None:
    result = run("decide", "model.toml", "--history", history)
    assert (result.code, complaint in told(result)) == (2, True), result.err


def test_neither_instant_nor_history(run: Any) -> None:
    result = run("decide", "model.toml")
    assert (result.code, "neither is given; wanted one of them" in told(result)) == (2, True)


def test_a_history_has_its_ends_and_every_step() -> None:
    instants = history_of("2026-03-01T00:00+01:00..2026-03-02T00:00+01:00/12h")
    assert instants == (
        datetime(2026, 2, 28, 23, tzinfo=UTC),
        datetime(2026, 3, 1, 11, tzinfo=UTC),
        datetime(2026, 3, 1, 23, tzinfo=UTC),
    )


def test_a_history_is_a_row_for_each_lead_and_instant(
    run: Any,
    folder: Path,
) -> None:
    history = "2026-02-01T00:00Z..2026-03-01T00:00Z/14d"
    arguments = ("decide", "model.toml", "--history", history, "--known-at", "2026-03-01T00:00Z")
    rows = []
    for name in ("in-process", "bulk"):
        result = run(*arguments, "--engine", name, "-o", f"{name}.csv")
        assert "15 decisions about 5 leads by 'fit' version 1" in result.out
        assert "as of 3 instants from 2026-02-01 00:00:00 UTC to 2026-03-01" in result.out
        assert "5 leads decided: nothing lost" in result.err
        assert (
            "decided as of 2026-02-01 00:00:00 UTC, but 2 attributes are only known" in result.err
        )
        rows.append(sorted((folder / f"{name}.csv").read_text(encoding="utf-8").splitlines()))
    assert rows[0] == rows[1]
    assert len(rows[0]) == 1 + 3 * 5
    summary = json.loads(run(*arguments, "--json").out)
    assert (summary["leads"], len(summary["history"])) == (5, 3)


def test_every_lead_can_be_decided_again_in_process(run: Any) -> None:
    result = run(*DECIDE, "--verify", "all")
    assert (result.code, "note: verified: 5 rows checked, none differs" in result.err) == (0, True)
    assert "decided in DuckDB, as asked" in result.err


def test_a_difference_is_told_and_fails_the_run(
    run: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    differs = Difference("big", at, "decision", "qualified", "needs data")
    monkeypatch.setattr(
        "mqlkit.bulk.run.Run.verify", lambda *_, **__: Verification(5, 1, (differs,))
    )
    result = run(*DECIDE, "--verify", "5")
    assert result.code == 1
    assert "note: verified: 5 rows checked, 1 differs\n" in result.err
    assert 'decision: "qualified" in bulk, "needs data" in process' in result.err


def test_finished_parts_are_kept_and_gone_on_after(
    run: Any,
    folder: Path,
) -> None:
    options = ("--resume", "parts", "--memory", "500MB", "-o", "out.csv")
    assert run(*DECIDE, *options).code == 0
    first, kept = (folder / "out.csv").read_bytes(), sorted((folder / "parts").rglob("*"))
    assert kept
    assert run(*DECIDE, *options).code == 0
    assert (folder / "out.csv").read_bytes() == first
    other = ("decide", "model.toml", "--as-of", "2026-03-02T00:00Z")
    assert run(*other, *options).code == 2


def test_faults_are_counted_in_a_file(run: Any, folder: Path) -> None:
    run(*DECIDE, "--engine", "bulk", "--faults", "faults.jsonl", "--show-values")
    (fault,) = map(json.loads, (folder / "faults.jsonl").read_text().splitlines())
    assert fault == {
        "source": "leads.csv",
        "row": 6,
        "problem": "not a number",
        "field": "employees",
        "refused": False,
        "rows": 1,
    }


def test_rows_that_are_refused_fail_the_run(run: Any, folder: Path) -> None:
    with (folder / "leads.csv").open("a", encoding="utf-8") as file:
        file.write("big,x,1\n")
    result = run(*DECIDE, "--engine", "bulk", "-o", "-")
    assert (result.code, "leads.csv: 1 rows refused" in result.err) == (1, True)
    assert result.out.startswith("lead,status,reasons,")


def test_small_files_need_not_wait_for_duckdb(folder: Path) -> None:
    program = (
        "import sys; from mqlkit.cli import _app\n"
        f"sys.argv = ['mqlkit', *{[*DECIDE, '--leads', 'leads.csv', '--map', 'map.toml']!r}]\n"
        "try: _app()()\n"
        "except SystemExit: pass\n"
        "assert not {'duckdb', 'pyarrow'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


# -- to-sql ------------------------------------------------------------------------------------


def test_a_model_as_sql_that_runs(run: Any, folder: Path) -> None:
    options = ("--dialect", "duckdb", "--as-of", "2026-03-01T00:00Z", "--missing", "--rules")
    assert run("to-sql", "model.toml", *options, "-o", "fit.sql", files=False).code == 0
    with duckdb.connect() as database:
        database.sql("CREATE TABLE leads (lead_id TEXT, email TEXT, employees DOUBLE)")
        database.sql(
            "INSERT INTO leads VALUES ('big', 'a@a.example', 60), ('blank', 'd@d.x', NULL)"
        )
        database.sql('CREATE TABLE activities (id TEXT, lead_id TEXT, kind TEXT, "at" TIMESTAMPTZ)')
        database.sql(
            "INSERT INTO activities VALUES ('e', 'big', 'page_view', '2026-02-20 00:00:00+00')"
        )
        text = (folder / "fit.sql").read_text(encoding="utf-8")
        found = database.sql(f"SELECT lead_id, decision, score, missing FROM ({text})")
        assert [(*row[:2], float(row[2]), row[3]) for row in sorted(found.fetchall())] == [
            ("big", "qualified", 30.1, ""),
            ("blank", "not qualified", 0.0, "employees"),
        ]


@pytest.mark.parametrize(
    ("as_of", "line"),
    [
        ("{{ run_started_at }}", "-- as of {{ run_started_at }}"),
        ("2026-03-01T00:00Z", "-- as of 2026-03-01 00:00:00 UTC"),
        ("seen_at", "-- as of each row's own instant"),
    ],
)
def test_as_of_when(run: Any, as_of: str, line: str) -> None:
    result = run("to-sql", "model.toml", "--dialect", "snowflake", "--as-of", as_of, files=False)
    assert (result.code, result.out.splitlines()[1:3]) == (
        0,
        ["-- for Snowflake; parsed in tests, not run there", line],
    )


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--dialect", "snowflak", "--as-of", "now"), "no dialect 'snowflak'; did you mean"),
        (
            ("--dialect", "duckdb", "--as-of", "2026-03-01"),
            "'2026-03-01' is no instant with a zone",
        ),
        (("--dialect", "duckdb", "--as-of", "now", "--leads", "known"), "is the name of a step"),
    ],
)
def test_what_cannot_be_printed_is_told(
    run: Any,
    arguments: tuple[str, ...],
    complaint: str,
) -> None:
    result = run("to-sql", "model.toml", *arguments, files=False)
    assert (result.code, complaint in told(result)) == (2, True), result.err


def test_what_nobody_asks_for_is_noted_by_either_engine(run: Any, folder: Path) -> None:
    rows = (folder / "activities.csv").read_text(encoding="utf-8").splitlines()
    assert "page_view" in rows[1]
    (folder / "activities.csv").write_text(
        "\n".join([*rows, rows[1].replace("page_view", "Page View")]), encoding="utf-8"
    )
    noted = [
        json.loads(run(*DECIDE, "--engine", name, "--json").out)["notes"]
        for name in ("in-process", "bulk")
    ]
    told = [[note for note in notes if "'Page View' (1 rows" in note] for notes in noted]
    assert [len(notes) for notes in told] == [1, 1]
    assert told[1][0] == f"the activities: {told[0][0]}"


def test_to_sql_says_that_an_instant_is_taken_for_a_column(run: Any) -> None:
    result = run("to-sql", "model.toml", "--dialect", "duckdb", "--as-of", "today", files=False)
    assert (result.code, "--as-of today is taken for the leads' column 'today'" in result.err) == (
        0, True,
    )  # fmt: skip
