"""
Which engine decides the files of a run.

Both give the same answers. In process every row is read, decided and told by itself, at once; in
DuckDB a million rows take seconds. So small files are decided in process.
"""

import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import attrs

from ..errors import MissingExtraError, MqlkitError
from ..spec import Model
from ..tables import Files, Report, TableError
from .run import Run, Sample

Engine: TypeAlias = Literal["auto", "bulk", "in-process"]
ENGINES: Final[tuple[Engine, ...]] = ("auto", "bulk", "in-process")
LARGE: Final = 4_000_000
"""Bytes of files from which on DuckDB is the sooner one to be done."""


@attrs.frozen
class Manner:
    """
    How a run is to go.

    Args:
        engine: Which one decides.
        changes_at: Whether to tell when to look again.
        memory: How much DuckDB may take.
        resume: A folder in which DuckDB keeps finished parts.
        sample: How many leads are to be decided again, in process; None for none of them.
        faults: Whether every fault is to be told by its row.
    """

    engine: Engine = "auto"
    changes_at: bool = False
    memory: str | None = None
    resume: Path | None = None
    sample: Sample = None
    faults: bool = False

    @property
    def of_bulk(self) -> str:
        """The first option that only a run in DuckDB knows of; ``""`` without any."""
        given = {"--memory": self.memory, "--resume": self.resume, "--verify": self.sample}
        return next((option for option, value in given.items() if value), "")


def begin(
    model: Model,
    files: Files,
    instants: tuple[datetime, ...],
    history: bool,
    report: Report,
    manner: Manner,
) -> Run:
    """
    A run of the engine that was asked for, or of the one that suits.

    Raises:
        TableError: The engine that was asked for cannot read the files, or does not know of an
            option.
        BulkError: The one that was asked for cannot decide the definition over these files.
        MissingExtraError: The one that was asked for is not installed.
    """
    given: dict[str, Any] = {
        "model": model,
        "files": files,
        "as_of": instants[-1],
        "report": report,
        "history": instants if history else (),
    }
    of_bulk = manner.of_bulk or next(filter(_is_pattern, _paths(files)), "")
    if manner.engine == "in-process":
        if of_bulk:
            raise TableError(f"{of_bulk}: only a run in DuckDB knows of it; say --engine bulk")
        return Run(**given, because="in process, as asked")
    wanted = manner.engine == "bulk" or bool(of_bulk)
    because = next(_against(files, manner, wanted=wanted), "")
    if because and wanted:
        raise TableError(f"{of_bulk or '--engine bulk'}: {because}")
    if wanted and not _installed():
        raise MissingExtraError("deciding in DuckDB", "bulk")
    if because:
        return Run(**given, because=f"in process: {because}")
    try:
        return _in_duckdb(given, manner, "in DuckDB, as asked" if wanted else "in DuckDB")
    except MqlkitError as error:
        if wanted:
            raise
        return Run(**given, because=f"in process: {_in_a_line(error)}")


def _in_duckdb(given: Mapping[str, Any], manner: Manner, because: str) -> Run:
    from .in_bulk import BulkRun  # it loads DuckDB, which small files need not wait for

    return BulkRun(
        **given,
        because=because,
        changes_at=manner.changes_at,
        memory=manner.memory,
        resume=manner.resume,
        sample=manner.sample,
    )


def _against(files: Files, manner: Manner, *, wanted: bool) -> Iterator[str]:
    """What stands against DuckDB, the first of it being told."""
    if "-" in _paths(files):
        yield "standard input can be read only once, and DuckDB reads files"
    if wanted:
        return
    size = sum(os.stat(path).st_size for path in _paths(files) if os.path.isfile(path))
    if size < LARGE:
        yield f"the files are small (DuckDB decides from {LARGE // 1_000_000} MB on)"
    if manner.faults:
        yield "--faults tells every row, and DuckDB counts them"
    if not _installed():
        yield "DuckDB is not installed (pip install 'mqlkit[bulk]')"


def _paths(files: Files) -> list[str]:
    paths = [files.leads, *(file.path for file in files.activities)]
    return [path for path in paths if path is not None]


def _is_pattern(path: str) -> bool:
    """Whether it stands for several files, which only DuckDB reads as one."""
    return any(mark in path for mark in "*?[") and not os.path.exists(path)


def _installed() -> bool:
    return all(find_spec(name) is not None for name in ("duckdb", "pyarrow"))


def _in_a_line(error: MqlkitError) -> str:
    faults = getattr(error, "faults", ())
    if not faults:
        return " ".join(str(error).split())
    more = f" (and {len(faults) - 1:,} more)" if len(faults) > 1 else ""
    return f"DuckDB cannot do {faults[0]}{more}"
