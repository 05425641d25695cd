"""The commands."""

import json
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ..coverage import Coverage
from ..spec import load_plugins
from ..spec import schema as json_schema
from ..tables import Report, TableError
from . import checking, demo, funnel, lifecycle, printing, show
from .arguments import (
    ActivitiesOption,
    AsOfOption,
    DecideAsOfOption,
    EngineOption,
    FaultsOption,
    FormatOption,
    HistoryOption,
    JsonOption,
    KnownAtOption,
    LeadsOption,
    ListOption,
    MapOption,
    MemoryOption,
    ModelArgument,
    QuietOption,
    ResumeOption,
    ShowValuesOption,
    StrictOption,
    VerifyOption,
    files_of,
    instant_of,
    refuse_to_overwrite,
)
from .engine import Manner, begin
from .history import instants_of, sample_of
from .models import find_model
from .run import Run, fault_file, progress

app = typer.Typer(
    name="mqlkit",
    epilog="Exit codes: 0 all is well; 1 rows were refused, or with --strict a cell was bad, or "
    "check found an error; 2 wrong usage or a file that cannot be used; 130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


app.add_typer(funnel.app)
app.add_typer(lifecycle.app)


def _print_version(wanted: bool) -> None:
    if wanted:
        show.say(show.consoles()[0], f"mqlkit {metadata.version('mqlkit')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Say once what a qualified lead is, and decide leads in files, with reasons."""


@app.command()
def decide(
    model: ModelArgument,
    as_of: DecideAsOfOption = None,
    history: HistoryOption = None,
    leads: LeadsOption = None,
    activities: ActivitiesOption = None,
    map_file: MapOption = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Decisions: .csv, .jsonl or .parquet; - is standard output.",
        ),
    ] = None,
    output_format: Annotated[
        str | None,
        typer.Option("--to", metavar="FORMAT", help="Of the output: csv, jsonl or parquet."),
    ] = None,
    changes_at: Annotated[
        bool, typer.Option("--changes-at", help="Also tell when to look again; slower.")
    ] = False,
    engine: EngineOption = "auto",
    memory: MemoryOption = None,
    resume: ResumeOption = None,
    verify: VerifyOption = None,
    lists: ListOption = None,
    known_at: KnownAtOption = None,
    format_: FormatOption = None,
    faults: FaultsOption = None,
    show_values: ShowValuesOption = False,
    strict: StrictOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Decide every lead of a file, or of many."""
    out, err = show.consoles()
    instants = instants_of(as_of, history)
    chosen = find_model(model, lists)
    files = files_of(leads, activities, map_file, known_at, format_)
    for written in (output, faults):
        refuse_to_overwrite(written, files, map_file, Path(model))
    manner = Manner(engine, changes_at, memory, resume, sample_of(verify), faults is not None)
    with fault_file(faults, values=show_values) as tell, progress(err, quiet=quiet) as bar:
        run = begin(chosen, files, instants, history is not None, Report(tell), manner)
        run.write(output, output_format, bar, changes_at=changes_at)
    _tell_run(run, out if output != "-" else err, as_json=as_json, quiet=quiet)
    raise typer.Exit(run.exit_code(strict=strict))


def _tell_run(run: Run, place: Console, *, as_json: bool, quiet: bool) -> None:
    _, err = show.consoles()
    if as_json:
        place.print_json(json.dumps(run.to_dict(), ensure_ascii=False), highlight=False)
    elif not quiet:
        show.show_run(place, run)
    if not quiet and not as_json:
        show.show_report(err, run)


@app.command()
def explain(
    model: ModelArgument,
    as_of: AsOfOption,
    lead: Annotated[str, typer.Option("--lead", metavar="ID", help="The lead's key.")],
    leads: LeadsOption = None,
    activities: ActivitiesOption = None,
    map_file: MapOption = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write it as a web page.")
    ] = None,
    gap: Annotated[
        bool, typer.Option("--gap", help="Also tell what would qualify it; slower.")
    ] = False,
    until: Annotated[
        str | None,
        typer.Option(
            "--until",
            metavar="INSTANT",
            help="Also tell what is to come up to then if nothing new is learned.",
        ),
    ] = None,
    lists: ListOption = None,
    known_at: KnownAtOption = None,
    format_: FormatOption = None,
    as_json: JsonOption = False,
) -> None:
    """Explain the decision about one lead, line by line."""
    out, err = show.consoles()
    files = files_of(leads, activities, map_file, known_at, format_)
    refuse_to_overwrite(str(html) if html else None, files, map_file, Path(model))
    ahead = None if until is None else instant_of(until, "--until")
    run = Run(find_model(model, lists), files, instant_of(as_of, "--as-of"))
    with progress(err) as bar:
        decision = next((d for d in run.decisions(bar) if d.lead.id == lead), None)
    if decision is None:
        raise TableError(f"there is no lead {lead!r} among the {run.decided:,} that were read")
    for note in run.report.notes:
        show.say(err, f"note: {note}")
    why = decision.explain(gap=gap, until=ahead)
    if html is not None:
        html.write_text(why.to_page(), encoding="utf-8")
    if as_json:
        show.print_json({**decision.to_dict(), "explanation": why.to_dict()})
    elif html is None:
        show.show_explanation(out, why)


@app.command()
def coverage(
    model: ModelArgument,
    as_of: AsOfOption,
    leads: LeadsOption = None,
    activities: ActivitiesOption = None,
    map_file: MapOption = None,
    lists: ListOption = None,
    known_at: KnownAtOption = None,
    format_: FormatOption = None,
    faults: FaultsOption = None,
    show_values: ShowValuesOption = False,
    strict: StrictOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """How many leads can be decided, what blocks the others, and what enriching would give."""
    out, err = show.consoles()
    files = files_of(leads, activities, map_file, known_at, format_)
    refuse_to_overwrite(faults, files, map_file, Path(model))
    found = Coverage()
    with fault_file(faults, values=show_values) as tell, progress(err, quiet=quiet) as bar:
        run = Run(find_model(model, lists), files, instant_of(as_of, "--as-of"), Report(tell))
        for decision in run.decisions(bar):
            found.add(decision)
        fields = found.fields(lambda field: bar(f"trying {field}", None))
    if as_json:
        show.print_json({**run.to_dict(), "coverage": found.to_dict()})
    else:
        show.show_run(out, run)
        show.show_coverage(out, found, fields)
        if not quiet:
            show.show_report(err, run)
    raise typer.Exit(run.exit_code(strict=strict))


@app.command()
def check(model: ModelArgument, lists: ListOption = None, as_json: JsonOption = False) -> None:
    """Read a model: every fault with its place, then what makes no sense in it."""
    out, _ = show.consoles()
    found = checking.check(model, lists)
    if as_json:
        show.print_json(found.to_dict())
    else:
        checking.show_check(out, found)
    raise typer.Exit(found.exit_code)


@app.command()
def schema() -> None:
    """The JSON Schema of model files, for editors and other programs."""
    load_plugins()
    show.print_json(json_schema())


@app.command("demo")
def demo_command(
    folder: Annotated[
        Path, typer.Option("--folder", metavar="FOLDER", help="Where the sample is written.")
    ] = Path("mqlkit-demo"),
    leads: Annotated[int, typer.Option("--leads", min=1, max=100_000)] = 3_000,
    seed: Annotated[int, typer.Option("--seed")] = 1,
) -> None:
    """Make up a market, decide it, and explain three of its leads."""
    demo.run(folder, leads, seed)


app.command("to-sql")(printing.to_sql)
