"""
A run over files in DuckDB: the same decisions, counts and files as in process.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import attrs

from ..bulk.run import decide
from ..lead import Lead, no_history
from ..tables import RowFault, Tally, format_of
from ..tables.asked import Asked
from ..tables.leads import Progress as Tell
from ..tables.output import place
from .answer import Answer
from .run import Run, Sample

if TYPE_CHECKING:
    from ..bulk.reading.faults import DataFault
    from ..bulk.run import Run as Answering
    from ..bulk.verification import Verification

_WHAT: Final = "deciding"
_MOST_TOLD: Final = 20


@attrs.frozen
class CountedFault(RowFault):
    """
    What is wrong in some rows of a file; `row` is the first of them.

    Args:
        rows: How many.
    """

    rows: int = 1
    told: str = attrs.field(default="", repr=False)

    def __str__(self) -> str:
        return self.told

    def to_dict(self, *, values: bool = False) -> dict[str, Any]:
        data = super().to_dict()
        del data["told"]
        return data

    @staticmethod
    def of(fault: "DataFault") -> "CountedFault":
        """A fault as the engine counted it."""
        return CountedFault(
            fault.source,
            fault.example or 0,
            fault.problem,
            fault.column,
            fault.refused,
            rows=fault.rows,
            told=str(fault),
        )


@attrs.define(kw_only=True)
class BulkRun(Run):
    """
    Every lead of the files, decided in DuckDB.

    Args:
        changes_at: Whether to tell when to look again.
        memory: How much it may take, such as ``700MB``; what the machine has, unless stated.
        resume: A folder in which finished parts are kept.
        sample: How many leads are decided again in process; None for none of them.
    """

    engine: ClassVar[str] = "DuckDB"
    facts: ClassVar[str] = "missing"  # of those leads, also where the answer does not wait for it

    changes_at: bool = False
    memory: str | None = None
    resume: Path | None = None
    sample: Sample = None
    verified: "Verification | None" = attrs.field(default=None, init=False)
    _told: list[Callable[[float], None]] = attrs.field(factory=list, init=False)
    _run: "Answering" = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """
        Look whether it can be decided so; nothing is decided yet.

        Raises:
            BulkError: The definition or the files do not allow it.
            TableError: A file cannot be read at all.
        """
        activities: dict[str, list[str]] = {}
        for file in self.files.activities:
            activities.setdefault(file.section, []).append(file.path)
        self._run = decide(
            self.model,
            self.files.leads,
            activities or None,
            as_of=self.history or self.as_of,
            mapping=self.files.mapping,
            changes_at=self.changes_at,
            ordered=True,
            memory=self.memory,
            resume=self.resume,
            progress=self._tell,
        )

    def _tell(self, share: float) -> None:
        for tell in self._told:
            tell(share)

    def write(self, path: str | None, format_: str | None, tell: Tell, *, changes_at: bool) -> None:
        self._told.append(lambda share: tell(_WHAT, share))
        answer = Answer(self.model.qualification, self._run.outputs)
        with closing(self._run.batches()) as batches:
            if path is None:
                for _ in answer.passing(batches):
                    pass
            else:
                with place(path) as binary:
                    answer.write(binary, format_of(path, format_), batches)
        self.by_status, self.reasons = answer.by_status, answer.reasons
        self.missing, self.decided = answer.missing, answer.decided
        self._take_notes()
        self._take_faults()
        if self.sample is not None:
            self._verify()

    def _take_notes(self) -> None:
        for note in self._run.notes:
            self.report.note(note)
        fields = Asked.by(self.model.qualification).fields
        someone = Lead("-", dict.fromkeys(fields, 0), known_at=self.files.known_at)
        if warning := no_history(someone, self.instants[0]):
            self.report.note(warning)

    def _take_faults(self) -> None:
        """Faults as the engine counted them, a tally for each file."""
        tallies: dict[str, Tally] = {}
        paths = [*(file.path for file in self.files.activities), self.files.leads]
        for path in filter(None, paths):
            tallies.setdefault(path, self.report.tally(path))
        for fault in self._run.faults():
            if not fault.lost:
                self.report.note(str(fault))
                continue
            if fault.source not in tallies:
                tallies[fault.source] = self.report.tally(fault.source)
            tally = tallies[fault.source]
            if fault.refused:
                tally.refused += fault.rows
            else:
                tally.cells += fault.rows
            tally.by_field[fault.column, fault.problem] += fault.rows
            tally.faults.append(CountedFault.of(fault))
            self.report.tell(tally.faults[-1])

    def accounts(self, most: int) -> Iterator[str]:
        for tally in self.report.tallies:
            yield (
                f"{tally.source}: {tally.refused:,} rows refused; "
                f"{tally.cells:,} bad cells counted as blank"
            )
            yield from (f"  {fault}" for fault in tally.faults[:most])
            if (rest := len(tally.faults) - most) > 0:
                kinds = "kind" if rest == 1 else "kinds"
                yield f"  … and {rest:,} {kinds} of fault more; --faults FILE lists them all"

    @property
    def adds_up(self) -> bool:
        """Whether each lead has a row for each instant; rows of files are counted by nobody."""
        return self.decided == self.leads * len(self.instants)

    def _verify(self) -> None:
        sample = None if self.sample == "all" else self.sample
        self.verified = self._run.verify(sample)
        checked, *differences = str(self.verified).split("\n")
        self.report.note("\n".join([f"verified: {checked}", *differences[:_MOST_TOLD]]))

    def exit_code(self, *, strict: bool) -> int:
        differs = self.verified is not None and not self.verified.agrees
        return 1 if differs else super().exit_code(strict=strict)
