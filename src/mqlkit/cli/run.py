"""
A run: decide every lead of some files, count, and tell what became of every row.
"""

import json
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Final, Literal, TextIO, TypeAlias

import attrs
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from ..decision import Decision
from ..errors import DefinitionError
from ..lead import no_history
from ..spec import Model
from ..status import Status
from ..tables import Files, Report, RowFault, open_output
from ..tables.asked import Asked, remarks
from ..tables.leads import Progress as Tell
from ..tables.leads import silent
from ..tables.output import columns_of, row_of
from ..value import listing, moment_text, printable


def where_raised(error: Exception) -> str:
    """What was raised and where; not its text, which may hold what the lead holds."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return type(error).__name__ + place


Sample: TypeAlias = int | Literal["all"] | None
"""Of how many leads."""

_MOST_KINDS: Final = 10
_FAILED: Final = "a criterion failed on this lead"


@attrs.define
class Run:
    """
    Every lead of the files, decided.

    Args:
        model: The definition, with its agreement.
        files: What is read.
        as_of: The instant, or the last of several.
        report: What became of every row.
        history: The instants of a score history, in order: a decision for each lead and instant.
        because: Why this engine decides, where nobody asked for it.
    """

    engine: ClassVar[str] = "in process"
    facts: ClassVar[str] = "waiting for"
    """What `missing` counts, in words: the fields that leads which need data wait for."""

    model: Model
    files: Files
    as_of: datetime
    report: Report = attrs.field(factory=Report)
    history: tuple[datetime, ...] = ()
    because: str = ""
    by_status: Counter[Status] = attrs.field(factory=Counter)
    reasons: Counter[tuple[Status, str]] = attrs.field(factory=Counter)
    missing: Counter[str] = attrs.field(factory=Counter)
    decided: int = 0
    failures: Counter[str] = attrs.field(factory=Counter)
    wrong_kinds: Counter[tuple[str, str]] = attrs.field(factory=Counter)

    def decisions(self, tell: Tell = silent) -> Iterator[Decision]:
        """
        One decision for each lead that could be read; at the end the report has its notes.

        A lead on which a criterion of the user's own fails is refused and counted like a bad row.

        Raises:
            DefinitionError: it fails on every lead.
        """
        warned = False
        for note in self.model.notes(self.as_of):
            self.report.note(note)
        for lead in self.files.read(self.report, tell):
            if not warned and (warning := no_history(lead, self.instants[0])):
                self.report.note(warning)
                warned = True
            try:
                decisions = [self.model.decide(lead, as_of=as_of) for as_of in self.instants]
                for decision in decisions:
                    self._count(decision)
            except Exception as error:  # Code of the user's own may raise anything.
                self.failures[where_raised(error)] += 1
                self.report.tell(RowFault("the model", 0, _FAILED, lead.id, refused=True))
                continue
            yield from decisions
        if self.failed and not self.decided:
            raise DefinitionError(f"no lead could be decided: a criterion {self._failures()}")
        for note in self._remarks():
            self.report.note(note)

    def write(self, path: str | None, format_: str | None, tell: Tell, *, changes_at: bool) -> None:
        """
        Decide all, and write a row for each decision; nowhere unless a path is given.

        Raises:
            TableError: the place cannot be written to.
        """
        if path is None:
            for _ in self.decisions(tell):
                pass
            return
        columns = columns_of(self.model.qualification, changes_at=changes_at)
        with open_output(path, columns, format_) as rows:
            for decision in self.decisions(tell):
                rows.write(row_of(decision, changes_at=changes_at))

    def _remarks(self) -> Iterator[str]:
        """What makes leads wait for data and is easily overlooked."""
        yield from remarks(Asked.by(self.model.qualification), self.report.found)
        for (name, wanted), count in self.wrong_kinds.most_common(_MOST_KINDS):
            yield (
                f"{count:,} of the leads that need data hold something else in "
                f"'{printable(name)}': {wanted}"
            )

    def _failures(self) -> str:
        return listing([f"raised {name}" for name in self.failures], "and")

    def _count(self, decision: Decision) -> None:
        self.by_status[decision.status] += 1
        self.reasons.update((decision.status, reason) for reason in decision.reasons)
        if decision.status is Status.NEEDS_DATA:
            self.missing.update(m.field for m in decision.missing if m.settles)
            # Of these alone: to look at every value takes as long as to explain the decision.
            self.wrong_kinds.update({(seen.name, seen.fault) for seen in decision.faults})
        self.decided += 1

    @property
    def instants(self) -> tuple[datetime, ...]:
        """As of which each lead is decided, in order."""
        return self.history or (self.as_of,)

    @property
    def leads(self) -> int:
        """Leads that were decided."""
        return self.decided // len(self.instants)

    @property
    def what(self) -> str:
        """What was decided, in words: leads, or with a history decisions."""
        if not self.history:
            return f"{self.decided:,} leads"
        return f"{self.decided:,} decisions about {self.leads:,} leads"

    @property
    def when(self) -> str:
        """As of when, in words."""
        if not self.history:
            return f"as of {moment_text(self.as_of)}"
        first, last = moment_text(self.history[0]), moment_text(self.as_of)
        return f"as of {len(self.history):,} instants from {first} to {last}"

    @property
    def failed(self) -> int:
        """Leads that could be read but not decided."""
        return self.failures.total()

    @property
    def adds_up(self) -> bool:
        """Whether every row and every lead is accounted for."""
        if not self.report.adds_up:
            return False
        if self.files.leads is None:
            return True
        used = next(t.kept for t in self.report.tallies if t.source == self.files.leads)
        return used == self.leads + self.failed

    def accounts(self, most: int) -> Iterator[str]:
        """
        What became of the rows of each file, in lines.

        Args:
            most: So many faults of each file are told.
        """
        for tally in self.report.tallies:
            yield str(tally)
            yield from (f"  {fault}" for fault in tally.faults[:most])
            if (rest := tally.refused + tally.cells - most) > 0:
                yield f"  … and {rest:,} more; --faults FILE lists them all"

    def exit_code(self, *, strict: bool) -> int:
        """0 or 1: see the package."""
        refused = (
            not self.adds_up or self.failed or any(tally.refused for tally in self.report.tallies)
        )
        return int(bool(refused or (strict and not self.report.clean)))

    def to_dict(self) -> dict[str, Any]:
        """The summary as plain data."""
        q = self.model.qualification
        return {
            "model": q.name,
            "version": q.version,
            "fingerprint": q.fingerprint,
            "as_of": self.as_of.isoformat(),
            **({"history": [i.isoformat() for i in self.history]} if self.history else {}),
            "engine": self.engine,
            "leads": self.leads,
            "failed": self.failed,
            "adds_up": self.adds_up,
            "by_status": {str(status): self.by_status[status] for status in Status},
            "reasons": [
                {"status": str(status), "reason": reason, "leads": count}
                for (status, reason), count in self.reasons.most_common()
            ],
            self.facts.replace(" ", "_"): [
                {"field": field, "leads": count} for field, count in self.missing.most_common()
            ],
            "wrong_kinds": [
                {"field": field, "problem": problem, "leads": count}
                for (field, problem), count in self.wrong_kinds.most_common()
            ],
            **self.report.to_dict(),
        }


@contextmanager
def fault_file(path: str | None, *, values: bool) -> Generator[Callable[[RowFault], None]]:
    """Where every fault goes, as JSON Lines; nowhere unless a path is given."""
    if path is None:
        yield lambda _: None
        return
    with ExitStack() as stack:
        opened: AbstractContextManager[TextIO] = open(path, "w", encoding="utf-8")  # noqa: SIM115
        file = stack.enter_context(opened) if path != "-" else sys.stderr

        def tell(fault: RowFault) -> None:
            print(json.dumps(fault.to_dict(values=values), ensure_ascii=False), file=file)

        yield tell


@contextmanager
def progress(console: Console, *, quiet: bool = False) -> Generator[Tell]:
    """A bar for each file that is read, on a terminal."""
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        console=console,
        disable=quiet or not console.is_terminal,
    )
    tasks: dict[str, TaskID] = {}

    def tell(what: str, share: float | None) -> None:
        if what not in tasks:
            tasks[what] = bar.add_task(what, total=None if share is None else 1.0)
        bar.update(tasks[what], completed=share or 0.0)

    with bar:
        yield tell
