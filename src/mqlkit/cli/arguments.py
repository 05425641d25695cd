"""
What the commands have in common: their options, and how those are read.

This is the one place that reads a clock, where ``--as-of now`` asks for it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

import typer

from ..errors import did_you_mean
from ..tables import ActivityFile, FileMapping, Files, TableError, read_mapping
from ..tables.mapping import DEFAULT

ModelArgument = Annotated[
    str, typer.Argument(metavar="MODEL", help="A model file, or the name of a shipped one.")
]
ListOption = Annotated[
    list[str] | None,
    typer.Option(
        "--list",
        metavar="NAME=FILE",
        help="The values of a list that the model leaves to be given: one a line.",
    ),
]
LeadsOption = Annotated[
    str | None,
    typer.Option(
        "--leads",
        metavar="FILE",
        help="Leads: .csv, .tsv, .jsonl or .parquet; - is standard input. A pattern such as "
        '"leads-*.csv", in quotes, is read in DuckDB.',
    ),
]
ActivitiesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--activities",
        metavar="[NAME=]FILE",
        help="Activities, as --leads takes them; may be given several times. NAME is that of the "
        "mapping's section, where it has several. Without any, no timeline is loaded.",
    ),
]
MapOption = Annotated[
    Path | None,
    typer.Option("--map", metavar="FILE", help="The mapping file: which column is what."),
]
AsOfOption = Annotated[
    str,
    typer.Option(
        "--as-of",
        metavar="INSTANT",
        help="The instant to decide as of, such as 2026-03-01T00:00Z, or: now.",
    ),
]
DecideAsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="INSTANT",
        help="The instant to decide as of, such as 2026-03-01T00:00Z, or: now.",
    ),
]
HistoryOption = Annotated[
    str | None,
    typer.Option(
        "--history",
        metavar="FIRST..LAST/STEP",
        help="In place of --as-of: a row for each lead and instant, such as "
        "2026-01-01T00:00Z..2026-03-01T00:00Z/7d; the step is days (d) or hours (h).",
    ),
]
EngineOption = Annotated[
    Literal["auto", "bulk", "in-process"],
    typer.Option(
        "--engine",
        help="bulk: DuckDB, for many leads; in-process: one lead after the other, with every fault "
        "by its row. Same answers. auto takes bulk for files of 4 MB or more in all, where it is "
        "installed and can do all of the model, and the report says which one it was.",
    ),
]
MemoryOption = Annotated[
    str | None,
    typer.Option(
        "--memory",
        metavar="SIZE",
        help="With bulk: how much it may take, such as 700MB; 200MB or more.",
    ),
]
ResumeOption = Annotated[
    Path | None,
    typer.Option(
        "--resume",
        metavar="FOLDER",
        help="With bulk: keep finished parts there; the same run again goes on after them.",
    ),
]
VerifyOption = Annotated[
    str | None,
    typer.Option(
        "--verify",
        metavar="all|NUMBER",
        help="With bulk: decide all leads, or so many, again in process; any difference is told "
        "and fails the run.",
    ),
]
KnownAtOption = Annotated[
    str | None,
    typer.Option(
        "--known-at",
        metavar="INSTANT",
        help="When the leads file was made; now, unless stated.",
    ),
]
FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format", metavar="FORMAT", help="Of standard input: csv (unless stated) or jsonl."
    ),
]
ZoneOption = Annotated[
    str,
    typer.Option(
        "--zone",
        metavar="ZONE",
        envvar="MQLKIT_ZONE",
        help="On which clocks instants are shown, such as Europe/Berlin; --json stays in UTC.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Plain data for machines.")]
StrictOption = Annotated[
    bool, typer.Option("--strict", help="Exit with 1 when a cell was bad, too.")
]
FaultsOption = Annotated[
    str | None,
    typer.Option("--faults", metavar="FILE", help="Every fault, as JSON Lines."),
]
ShowValuesOption = Annotated[
    bool,
    typer.Option("--show-values", help="With --faults: what stood there, too."),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no report.")]


def instant_of(text: str, option: str) -> datetime:
    """
    The instant that an option states.

    Raises:
        BadParameter: it states none, or one without a zone.
    """
    if text == "now":
        return _now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise typer.BadParameter(
            f"{text!r} is no instant with a zone; wanted such as 2026-03-01T00:00Z, or: now",
            param_hint=option,
        )
    return moment.astimezone(UTC)


def zone_of(text: str) -> tzinfo:
    """
    The zone that ``--zone`` states.

    Raises:
        BadParameter: there is no such zone.
    """
    if text == "UTC":
        return UTC
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise typer.BadParameter(
            f"there is no time zone {text!r}; {did_you_mean(text, available_timezones())}",
            param_hint="--zone",
        ) from None


@cache
def _now() -> datetime:
    """The clock, read once in a run."""
    return datetime.now(UTC)


def files_of(
    leads: str | None,
    activities: Sequence[str] | None,
    map_file: Path | None,
    known_at: str | None,
    format_: str | None,
) -> Files:
    """The files that the options name."""
    mapping = read_mapping(map_file) if map_file is not None else DEFAULT
    return Files(
        leads,
        tuple(_activity_file(given, mapping, format_) for given in activities or ()),
        mapping,
        instant_of(known_at or "now", "--known-at"),
        format_ if leads == "-" else None,
    )


def _activity_file(given: str, mapping: FileMapping, format_: str | None) -> ActivityFile:
    """``FILE``, or ``NAME=FILE`` where NAME is a section of the mapping."""
    name, equals, path = given.partition("=")
    known = {section.name for section in mapping.activities}
    if not equals or (name not in known and Path(given).exists()):
        name, path = "", given
    elif name not in known:
        mapping.section(name)
    if not name and len(mapping.activities) > 1:
        mapping.section(name)
    return ActivityFile(path, name, format_ if path == "-" else None)


def refuse_to_overwrite(output: str | None, files: Files, *others: Path | None) -> None:
    """
    An output must not take the place of what is read.

    Raises:
        TableError: it would.
    """
    if output in (None, "-"):
        return
    read = [files.leads, *(file.path for file in files.activities), *others]
    for path in read:
        if path not in (None, "-") and _same(Path(output), Path(path)):
            raise TableError(f"{output}: is read in this run, and would be written over")


def _same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)
