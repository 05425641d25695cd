"""The command line, as a person or a script meets it."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from small_market import DECIDE, LEADS, MODEL

from mqlkit import Criterion
from mqlkit.presets import preset_text

# -- decide ------------------------------------------------------------------------------------


def test_decide_writes_a_row_for_each_lead_and_says_what_became_of_all(
    run: Any, folder: Path
) -> None:
    result = run(*DECIDE, "-o", "out.csv")
    assert result.code == 0
    rows = {
        row["lead"]: row for row in csv.DictReader((folder / "out.csv").read_text().split("\n"))
    }
    assert {lead: row["status"] for lead, row in rows.items()} == {
        "big": "qualified",
        "small": "not qualified",
        "rival": "disqualified",
        "blank": "needs data",
        "words": "needs data",
    }
    assert rows["big"]["score.total"] == "30.1"
    assert rows["blank"]["missing"] == "employees"
    assert "5 leads by 'fit' version 1" in result.out
    assert "leads.csv: 5 rows read = 5 used + 0 refused; 1 bad cells" in result.err
    assert "leads.csv, row 6, column 'employees': not a number; counted as blank" in result.err
    assert "5 leads decided: nothing lost" in result.err
    assert "about 50" not in result.out + result.err


def test_decide_to_standard_output_keeps_it_clean(run: Any) -> None:
    result = run(*DECIDE, "-o", "-", "--to", "jsonl")
    rows = list(map(json.loads, result.out.splitlines()))
    assert [row["lead"] for row in rows] == ["big", "small", "rival", "blank", "words"]
    assert (rows[0]["score.total"], rows[0]["reasons"]) == (30.1, ["fit"])
    assert "5 leads by 'fit'" in result.err


def test_decide_from_standard_input(run: Any) -> None:
    lines = "".join(f'{{"id": "{n}", "employees": {n}}}\n' for n in (10, 60))
    result = run(
        *DECIDE, "--leads", "-", "--format", "jsonl", "-o", "-", "-q", files=False, stdin=lines
    )
    rows = csv.DictReader(io.StringIO(result.out))
    assert [row["status"] for row in rows] == ["not qualified", "needs data"]
    assert result.err == ""


def test_json_lines_on_standard_input_need_their_format_said(run: Any) -> None:
    result = run(*DECIDE, "--leads", "-", "-o", "-", files=False, stdin='{"id": 1}\n')
    assert (result.code, result.out) == (2, "")  # No header that reads as a run of no leads.
    assert result.err == (
        "mqlkit: -: starts with '{', as JSON Lines does, and is read as CSV; say --format jsonl\n"
    )


def test_decide_to_parquet(run: Any, folder: Path) -> None:
    assert run(*DECIDE, "-o", "out.parquet", "--changes-at").code == 0
    rows = pq.read_table(folder / "out.parquet").to_pylist()
    assert str(rows[0]["score.total"]) == "30.100"
    assert rows[0]["changes_at"].isoformat() == "2026-03-22T00:00:00+00:00"


def test_the_summary_as_json(run: Any) -> None:
    summary = json.loads(run(*DECIDE, "--json").out)
    assert summary["by_status"] == {
        "qualified": 1,
        "not qualified": 1,
        "disqualified": 1,
        "needs data": 2,
    }
    assert summary["waiting_for"] == [{"field": "employees", "leads": 2}]
    assert [file["rows"] for file in summary["files"]] == [4, 5]
    assert summary["adds_up"] is True
    assert summary["files"][1]["faults"] == [
        {"column": "employees", "problem": "not a number", "count": 1}
    ]


def test_what_the_definition_and_the_files_do_not_share_is_told(run: Any, folder: Path) -> None:
    (folder / "leads.csv").write_text("lead_id,e-mail,employees\nbig,a@a.example,60\n")
    (folder / "activities.csv").write_text("lead_id,kind,at\nbig,Page View,2026-02-20T00:00Z\n")
    result = run(*DECIDE)
    assert result.code == 0
    assert (
        "note: the definition asks for the field 'email', which no column supplies; "
        "did you mean 'e-mail'?\n"
        "note: the definition never asks for activities of the kind 'Page View' (1 rows; did you "
        "mean 'page_view'?)\n"
    ) in result.err
    assert len(json.loads(run(*DECIDE, "--json").out)["notes"]) == 2


def test_values_of_another_kind_are_told_for_leads_that_need_data(run: Any) -> None:
    lines = "".join(
        f'{{"id": "{name}", "email": "a@a.example", "employees": {value}}}\n'
        for name, value in {"big": '"60"', "small": "true", "blank": "60", "words": "null"}.items()
    )
    options = ("--leads", "-", "--format", "jsonl", "--activities", "activities.csv")
    result = run(*DECIDE, *options, files=False, stdin=lines)
    assert (
        "note: 2 of the leads that need data hold something else in 'employees': wanted a number\n"
    ) in result.err
    data = json.loads(run(*DECIDE, *options, "--json", files=False, stdin=lines).out)
    assert data["wrong_kinds"] == [{"field": "employees", "problem": "wanted a number", "leads": 2}]


def test_names_from_a_model_are_no_markup(run: Any) -> None:
    result = run(*DECIDE)
    assert "a [bold]rival[/bold]" in result.out


def test_exit_codes(run: Any, folder: Path) -> None:
    assert run(*DECIDE).code == 0
    assert run(*DECIDE, "--strict").code == 1
    with (folder / "leads.csv").open("a") as file:
        file.write("big,x,1\n")
    result = run(*DECIDE)
    assert result.code == 1
    assert "leads.csv, row 7, column 'lead_id': has the key of row 2; row refused" in result.err


def test_every_fault_in_a_file(run: Any, folder: Path) -> None:
    run(*DECIDE, "--faults", "faults.jsonl")
    (fault,) = map(json.loads, (folder / "faults.jsonl").read_text().splitlines())
    assert fault == {
        "source": "leads.csv",
        "row": 6,
        "problem": "not a number",
        "field": "employees",
        "refused": False,
    }
    run(*DECIDE, "--faults", "faults.jsonl", "--show-values")
    (fault,) = map(json.loads, (folder / "faults.jsonl").read_text().splitlines())
    assert fault["value"] == '"about 50"'


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--as-of", "yesterday"), "'yesterday' is no instant with a zone"),
        (("--as-of", "2026-03-01"), "'2026-03-01' is no instant with a zone"),
        (("--map", "none.toml"), "none.toml: No such file or directory"),
        (("--leads", "none.csv"), "none.csv: No such file or directory"),
        (("--activities", "deals=x.csv"), "the mapping has no [[activities]] 'deals'"),
        (("-o", "out.xlsx"), "the ending '.xlsx' says no format"),
        (("-o", "leads.csv"), "leads.csv: is read in this run, and would be written over"),
        (("-o", "model.toml"), "model.toml: is read in this run"),
    ],
)
def test_wrong_usage(run: Any, folder: Path, arguments: tuple[str, ...], complaint: str) -> None:
    usual = {"--leads": "leads.csv", "--activities": "activities.csv", "--map": "map.toml"}
    kept = [part for option in usual.items() if option[0] not in arguments for part in option]
    result = run(*DECIDE, *kept, *arguments, files=False)
    assert result.code == 2
    # A usage error is drawn in a box, which may break its lines.
    assert complaint in " ".join(result.err.replace("│", " ").split())
    assert (folder / "leads.csv").read_text() == LEADS


def test_an_unknown_model_names_the_shipped_ones(run: Any) -> None:
    result = run("decide", "b2b-sas", "--as-of", "now")
    assert result.code == 2
    assert "there is no model 'b2b-sas'; did you mean 'b2b-saas'?" in result.err


def test_a_shipped_model_by_its_name(run: Any) -> None:
    result = run("decide", "b2b-saas", "--as-of", "now")
    assert result.code == 0
    assert "note: the agreement: it is a draft" in result.err


def test_deciding_into_the_past_is_told_once(run: Any) -> None:
    result = run(
        "decide", "model.toml", "--as-of", "2026-03-01T00:00Z", "--known-at", "2026-05-01T00:00Z"
    )
    assert result.err.count("decided as of 2026-03-01 00:00:00 UTC, but") == 1


def test_a_failing_criterion_costs_one_lead(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from mqlkit.criteria import membership

    judge = membership.DomainIs.judge

    def broken(self: Criterion, lead: Any) -> Any:
        if lead.text("email").startswith("b@"):
            raise ZeroDivisionError
        return judge(self, lead)  # type: ignore[arg-type]

    monkeypatch.setattr(membership.DomainIs, "judge", broken)
    result = run(*DECIDE)
    assert result.code == 1
    raised = "a criterion raised ZeroDivisionError (test_command_line.py, line "
    assert f"1 leads could not be decided: {raised}" in result.err
    assert "4 leads decided + 1 failed: nothing lost" in result.err


def test_a_criterion_that_always_fails_ends_the_run(
    run: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mqlkit.criteria import membership

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(membership.DomainIs, "judge", broken)
    result = run(*DECIDE, "-o", "out.csv")
    assert result.code == 2
    assert "no lead could be decided: a criterion raised ZeroDivisionError (" in result.err
    assert not (folder / "out.csv").exists()


def test_an_interrupt_leaves_no_half_written_file(
    run: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mqlkit.criteria import membership

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(membership.DomainIs, "judge", interrupted)
    assert run(*DECIDE, "-o", "out.csv").code == 130
    assert [path.name for path in folder.glob("*out*")] == []


def test_a_list_that_is_given(run: Any, folder: Path) -> None:
    model = MODEL.replace("[never]", "[lists]\nrivals = { given = true }\n[never]")
    (folder / "model.toml").write_text(model.replace('["rival.example"]', '{ list = "rivals" }'))
    (folder / "rivals.txt").write_text("a.example\n\n b.example \n")
    result = run(*DECIDE, "--list", "rivals=rivals.txt", "--json")
    assert json.loads(result.out)["by_status"]["disqualified"] == 2
    for given, complaint in {
        "rival=rivals.txt": "there is no list declared as given 'rival'",
        "rivals": "--list rivals: wanted NAME=FILE",
        "rivals=none.txt": "none.txt: No such file or directory",
    }.items():
        result = run(*DECIDE, "--list", given)
        assert (result.code, complaint in result.err) == (2, True)
    assert run("check", "model.toml", files=False).code == 2
    assert run("check", "model.toml", "--list", "rivals=rivals.txt", files=False).code == 0
    result = run("decide", "b2b-saas", "--as-of", "now", "--list", "rivals=rivals.txt")
    assert (result.code, "no list declared as given" in result.err) == (2, True)


def test_a_row_that_is_missing_is_never_passed_over(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mqlkit.tables import leads

    fields = leads._Cells.fields

    def miscounted(self: Any, row: Any) -> Any:
        self.tally.read += 1
        return fields(self, row)

    monkeypatch.setattr(leads._Cells, "fields", miscounted)
    result = run(*DECIDE)
    assert (result.code, "ROWS ARE MISSING" in result.err) == (1, True)


# -- explain, coverage, check, schema ----------------------------------------------------------

EXPLAIN = ("explain", *DECIDE[1:], "--lead", "big")


def test_explain(run: Any, folder: Path) -> None:
    result = run(*EXPLAIN)
    assert result.code == 0
    assert result.out.startswith("big is QUALIFIED")
    assert "20.1  size" in result.out
    assert "a [bold]rival[/bold]" in result.out


def test_explain_as_json_and_as_a_page(run: Any, folder: Path) -> None:
    data = json.loads(run(*EXPLAIN, "--json").out)
    assert (data["status"], data["scores"]["total"]["points"]) == ("qualified", 30.1)
    assert data["explanation"]["text"].startswith("big is QUALIFIED")
    result = run(*EXPLAIN, "--html", "big.html")
    assert result.out == ""
    page = (folder / "big.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "a [bold]rival[/bold]" in page
    assert page.startswith(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>big '
    )


def test_explain_what_would_qualify_a_lead(run: Any, folder: Path) -> None:
    near = (*EXPLAIN[:-1], "small")
    assert "would qualify with" not in run(*near).out
    told = run(*near, "--gap").out
    assert "would qualify with" in told
    assert "employees" in told.split("would qualify with")[1]
    run(*near, "--gap", "--html", "small.html")
    assert "would qualify with" in (folder / "small.html").read_text(encoding="utf-8")


def test_explain_what_is_to_come(run: Any, folder: Path) -> None:
    told = run(*EXPLAIN, "--until", "2030-01-01T00:00Z").out
    assert "if nothing new is learned" not in run(*EXPLAIN).out
    assert "if nothing new is learned: QUALIFIED" in told
    run(*EXPLAIN, "--until", "2030-01-01T00:00Z", "--html", "big.html")
    assert "<svg " in (folder / "big.html").read_text(encoding="utf-8")
    early = run(*EXPLAIN, "--until", "2001-01-01T00:00Z")
    assert (early.code, "until must be at or after as_of" in early.err) == (2, True)
    assert "'soon' is no instant with a zone" in run(*EXPLAIN, "--until", "soon").err


def test_explain_a_lead_that_is_not_there(run: Any) -> None:
    result = run(*EXPLAIN[:-1], "nobody")
    assert result.code == 2
    assert "there is no lead 'nobody' among the 5 that were read" in result.err


def test_coverage(run: Any) -> None:
    result = run("coverage", *DECIDE[1:])
    assert result.code == 0
    assert "3 of 5 leads can be decided; 2 (40.0 %) need data" in result.out
    data = json.loads(run("coverage", *DECIDE[1:], "--json").out)["coverage"]
    assert data["undecided"] == 2
    (field,) = data["fields"]
    assert (field["field"], field["waits"], field["alone"]) == ("employees", 2, 2)
    assert (field["decided"], field["qualified"], field["expected"]) == (2, 2, 1)
    assert data["enrich_first"] == [{"field": "employees", "decided": 2}]


def test_nothing_of_the_coverage_is_cut_off(
    run: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    field = "account.employees_of_the_whole_group_worldwide"
    (folder / "model.toml").write_text(MODEL.replace("employees", field))
    monkeypatch.setenv("COLUMNS", "80")
    out = run("coverage", *DECIDE[1:], "-q").out
    table = out.split("if it were known")[1].split("enrich in")[0]
    assert max(map(len, table.splitlines())) <= 80
    assert "…" not in table
    heads = "leads wait of undecided for it alone decided at best qualified at best expected"
    assert sorted(heads.split()) == sorted(table.split("─")[0].replace("field", "").split())
    rows = table.split("─")[-1].splitlines()
    assert field in "".join(row.split()[0] for row in rows if row.strip())


def test_leads_with_several_disqualifiers_are_told(run: Any, folder: Path) -> None:
    assert "disqualified because\n" in run(*DECIDE).out
    both = '[never]\n"far too small" = { attribute = "employees", at_least = 70 }'
    (folder / "model.toml").write_text(MODEL.replace("[never]", both))
    assert "disqualified because (a lead may have several reasons)\n" in run(*DECIDE).out


def test_what_a_lead_falls_short_of_is_in_its_row_and_not_among_the_disqualifiers(
    run: Any, folder: Path
) -> None:
    result = run(*DECIDE, "-o", "out.csv")
    rows = {r["lead"]: r for r in csv.DictReader((folder / "out.csv").read_text().split("\n"))}
    assert rows["small"]["status"] == "not qualified"
    assert "the score is at least 30" in rows["small"]["reasons"]
    assert "the score is at least 30" not in result.out


def test_check_a_good_model(run: Any) -> None:
    result = run("check", "model.toml", files=False)
    assert (result.code, result.out.splitlines()[1]) == (0, "  nothing to complain about")


def test_check_tells_every_fault(run: Any, folder: Path) -> None:
    (folder / "bad.toml").write_text(MODEL.replace("points = 20.1", "point = 20\nponits = 1"))
    result = run("check", "bad.toml", files=False)
    assert result.code == 2
    assert "bad.toml cannot be loaded" in result.out
    assert result.out.count("unknown key") == 2
    data = json.loads(run("check", "bad.toml", "--json", files=False).out)
    assert len(data["faults"]) >= 2
    assert data["fingerprint"] is None


def test_check_tells_what_makes_no_sense(run: Any, folder: Path) -> None:
    (folder / "high.toml").write_text(MODEL.replace("at_least = 30", "at_least = 300"))
    result = run("check", "high.toml", files=False)
    assert result.code == 0  # A warning is no failure.
    assert "warning: when: " in result.out
    data = json.loads(run("check", "high.toml", "--json", files=False).out)
    assert data["findings"][0]["code"] == "threshold-out-of-reach"


def test_check_names_what_stands_beside_the_definition(run: Any) -> None:
    result = run("check", "without-sal", files=False)
    assert result.code == 0
    assert "  ready: 'ready for sales' version 2026.11 (mq1-" in result.out
    assert "  lifecycle: 'without SAL', 7 stages and 11 moves\n" in result.out
    data = json.loads(run("check", "without-sal", "--json", files=False).out)
    assert [*data["parts"]] == ["ready", "lifecycle"]


def test_check_looks_at_the_lifecycle_and_the_handoff(run: Any, folder: Path) -> None:
    text = preset_text("without-sal")
    (folder / "own.toml").write_text(text.replace('on = "accepted"', 'on = "taken"'))
    result = run("check", "own.toml", files=False)
    assert result.code == 2
    assert "lifecycle.stages[1].offers, line " in result.out
    policy = """
[handoff.sla]
calendar = { zone = "Europe/Berlin", week = { mon-fri = "09:00-17:00" } }
targets = [{ name = "rest", offer = { hours = 2 }, first_touch = { days = 1 } }]
[handoff.routing]
reps = [{ name = "ada" }]
"""
    (folder / "own.toml").write_text(text + policy)
    result = run("check", "own.toml", files=False)
    assert result.code == 0
    assert "  handoff: 1 target, 1 rep and 0 reason codes\n" in result.out
    assert "hint: handoff.sla.targets[0].first_touch: " in result.out
    assert "24 open hours" in result.out.replace("\n", " ")


def test_check_fails_for_a_handoff_that_never_begins(run: Any, folder: Path) -> None:
    text = preset_text("standard-lifecycle")
    assert run("check", "standard-lifecycle", files=False).out.endswith(
        "nothing to complain about\n"
    )
    (folder / "own.toml").write_text(text.replace(", offers = true", ""))
    result = run("check", "own.toml", files=False)
    assert result.code == 1
    assert "error: handoff: no lead is ever handed to sales" in result.out
    assert "nothing to complain about" not in result.out


def test_check_tells_the_line_of_what_stands_in_a_list(run: Any, folder: Path) -> None:
    text = preset_text("standard-lifecycle")
    (folder / "own.toml").write_text(
        text.replace('target = "opportunity"', 'target = "oportunity"')
    )
    result = run("check", "own.toml", files=False)
    wrong = [n for n, line in enumerate(text.splitlines(), 1) if 'target = "opportunity"' in line]
    assert result.code == 2
    assert [f"lifecycle.moves[6].target, line {line}: " in result.out for line in wrong] == [True]


def test_schema(run: Any) -> None:
    result = run("schema", files=False)
    assert result.code == 0
    assert json.loads(result.out)["$schema"].endswith("2020-12/schema")


def test_version(run: Any) -> None:
    result = run("--version", files=False)
    assert (result.code, result.out.startswith("mqlkit 0.")) == (0, True)


# -- the demonstration -------------------------------------------------------------------------


def test_demo(run: Any, folder: Path) -> None:
    result = run("demo", "--leads", "400", files=False)
    assert result.code == 0
    assert "400 leads by 'b2b-saas'" in result.out
    assert "400 leads decided: nothing lost" in result.out
    for status in ("QUALIFIED", "NEEDS DATA", "DISQUALIFIED"):
        assert f" {status}: " in result.out
    assert result.out.count("decided by 'b2b-saas'") == 1  # One of them is explained in full.
    shown = result.out.replace("\\\n", " ").split("3. Now your own")[1].splitlines()
    explained = next(line for line in shown if line.startswith("  mqlkit explain")).split()
    assert f"{explained[-1]} is QUALIFIED: " in run(*explained[1:], files=False).out
    command = next(line for line in shown if line.startswith("  mqlkit decide")).split()
    assert command[:3] == ["mqlkit", "decide", "b2b-saas"]
    again = run(*command[1:], files=False)
    assert again.code == 1  # Two rows of the sample are bad on purpose.
    assert len((folder / "decisions.csv").read_text().splitlines()) == 401


def test_demo_without_a_database_says_what_is_missing(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mqlkit.cli.demo.find_spec", lambda name: None)
    result = run("demo", "--leads", "30", files=False)
    assert result.code == 0
    assert "A week of a funnel follows here when you install mqlkit[store]." in result.out
    assert "Now your own" in result.out


def test_demo_is_the_same_every_time(run: Any, folder: Path) -> None:
    first = run("demo", "--leads", "60", files=False).out
    leads = (folder / "mqlkit-demo" / "leads.csv").read_bytes()
    assert run("demo", "--leads", "60", files=False).out == first
    assert (folder / "mqlkit-demo" / "leads.csv").read_bytes() == leads
    assert run("demo", "--leads", "60", "--seed", "2", files=False).out != first


# -- what a terminal would obey ----------------------------------------------------------------


def test_nothing_of_a_file_is_obeyed_by_a_terminal(run: Any, folder: Path) -> None:
    escape = "\x1b[31m"
    (folder / "leads.csv").write_text(f"lead_id,em{escape}ail,employees\nb{escape}ig,a,x\n")
    (folder / "activities.csv").write_text(f"lead_id,kind,at\nb{escape}ig,k{escape},x\n")
    past = ("--as-of", "2026-03-01T00:00Z", "--known-at", "2027-01-01T00:00Z")
    for command in (("decide",), ("coverage",), ("explain", "--lead", f"b{escape}ig")):
        result = run(*command, "model.toml", *past)
        assert "\x1b" not in result.out + result.err
        assert "\\x1b[31m" in result.out + result.err


@pytest.mark.parametrize("option", ["--faults", "--html"])
def test_a_place_that_cannot_be_written_is_told(run: Any, option: str) -> None:
    command = EXPLAIN if option == "--html" else DECIDE
    result = run(*command, option, "none/file")
    assert (result.code, result.err.splitlines()[-1]) == (
        2,
        "mqlkit: none/file: No such file or directory",
    )


# -- the process -------------------------------------------------------------------------------


def process(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=60,
        check=False,
    )


def test_a_missing_extra_is_told(folder: Path) -> None:
    code = (
        "import sys\n"
        "sys.modules['typer'] = None\n"
        "sys.argv = ['mqlkit', 'schema']\n"
        "from mqlkit.cli import main\n"
        "main()\n"
    )
    result = process("-c", code)
    assert result.returncode == 2
    assert result.stderr == (
        "mqlkit: the command line needs an extra; install it with: pip install 'mqlkit[cli]'\n"
    )


def test_importing_the_library_loads_nothing_of_the_command_line() -> None:
    code = (
        "import sys, mqlkit\n"
        "print(sorted({'typer', 'rich', 'pyarrow', 'cattrs', 'mqlkit.cli', 'mqlkit.tables'} "
        "& set(sys.modules)))"
    )
    assert process("-c", code).stdout.strip() == "[]"


def test_the_module_runs_too(folder: Path) -> None:
    result = process("-m", "mqlkit.cli", "check", "model.toml")
    assert (result.returncode, result.stderr) == (0, "")


def test_a_terminal_that_has_no_ticks(folder: Path) -> None:
    arguments = ("--leads", "leads.csv", "--map", "map.toml", "--as-of", "now", "--lead", "big")
    result = process(
        "-m", "mqlkit.cli", "explain", "model.toml", *arguments, PYTHONIOENCODING="ascii"
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("big NEEDS DATA")


def test_a_reader_that_goes_away_ends_the_run_quietly(folder: Path) -> None:
    (folder / "leads.csv").write_text(
        "lead_id,email,employees\n" + "".join(f"{n},a@a.example,{n}\n" for n in range(20_000))
    )
    command = f"{sys.executable} -m mqlkit.cli decide model.toml --leads leads.csv --map map.toml "
    result = subprocess.run(
        ["bash", "-c", f"{command} --as-of now -o - -q | head -1; exit ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.stdout.startswith("lead,status")
    assert (result.returncode, result.stderr) == (1, "")
