"""
What every run can be asked, whichever engine decides: its rows, their counts, and whether they
are right.
"""

import shutil
from abc import abstractmethod
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import datetime
from functools import cached_property
from importlib import import_module
from pathlib import Path
from tempfile import mkdtemp
from threading import Event
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

import attrs

from ..decision import Decision
from ..errors import MqlkitError
from ..explanation import Reason
from ..status import Status
from ..value import show
from .outputs import RecordBatch, Rows, Schema, schema_of
from .statement import Output, Statement
from .verification import Comparing, Verification

if TYPE_CHECKING:
    from typing import Self

    from .reading import DataFault

Source = TypeVar("Source")
"""By what a run reads its inputs, as long as it is asked something."""

_BETWEEN: Final = "\0"
_COMPARED: Final = 10_000
"""As many leads are put together at once to be decided one by one."""


class UnknownLeadError(MqlkitError, LookupError):
    """
    A lead that the tables do not have.

    >>> raise UnknownLeadError("ada")
    Traceback (most recent call last):
    ...
    mqlkit.bulk.answer.UnknownLeadError: the leads have no "ada"
    """

    def __init__(self, lead_id: str) -> None:
        super().__init__(lead_id)
        self.lead_id = lead_id

    def __str__(self) -> str:
        return f"the leads have no {show(self.lead_id)}"


@attrs.frozen
class Counts:
    """
    How many rows an answer has of each kind.

    Args:
        rows: All of them.
        decisions: By decision; each is there.
        reasons: By decision and reasons, the most frequent first.
    """

    rows: int
    decisions: Mapping[Status, int]
    reasons: Mapping[tuple[Status, str], int]

    @staticmethod
    def of(counted: Mapping[tuple[str, str], int]) -> "Counts":
        """What was counted by the texts of decision and reasons."""
        decisions = dict.fromkeys(Status, 0)
        for (decision, _), count in counted.items():
            decisions[Status(decision)] += count
        order = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
        reasons = {(Status(decision), why): count for (decision, why), count in order}
        return Counts(sum(decisions.values()), decisions, reasons)


class Answer(Rows, Generic[Source]):
    """The rows of a run, and what checks them; each engine says how it gets them."""

    def __init__(self) -> None:
        self._stops: set[Event] = set()
        self._counted: Counts | None = None

    # -- what an engine says -----------------------------------------------------------------

    @abstractmethod
    def _print(self) -> Statement:
        """What the engine is asked."""

    @property
    @abstractmethod
    def _folder(self) -> Path | None:
        """Where temporary files may be; None for where the system has them."""

    @abstractmethod
    def _source(self) -> AbstractContextManager[Source]: ...

    @abstractmethod
    def _sample(self, source: Source, sample: int | None, seed: int) -> set[str]:
        """The keys of some leads, or of all."""

    @abstractmethod
    def _decided(self, source: Source, rows: list[dict[str, Any]]) -> list[Decision | None]:
        """The decisions about the leads of some rows, in process."""

    @abstractmethod
    def faults(self) -> "list[DataFault]":
        """What is wrong in the rows of the inputs, counted; a bad value counts as a blank."""

    @abstractmethod
    def decision(self, lead_id: str, as_of: datetime | None = None) -> Decision:
        """
        The decision about one lead by the reference engine, from the same inputs.

        Args:
            lead_id: Its key.
            as_of: The instant, aware; by default the run's. Of several, or of a lead with several
                rows, the last.

        Raises:
            UnknownLeadError: There is no such lead.
            NaiveTimeError: *as_of* has no time zone.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of what is the run's own; it can be asked nothing more."""

    # -- what it is --------------------------------------------------------------------------

    @cached_property
    def _statement(self) -> Statement:
        return self._print()

    @property
    def sql(self) -> str:
        """What the engine is asked, over all leads at once."""
        return self._statement.text

    @property
    def outputs(self) -> tuple[Output, ...]:
        """The columns, each with what it tells."""
        return self._statement.columns

    @property
    def schema(self) -> Schema:
        return schema_of(self.outputs)

    # -- what it says of leads ---------------------------------------------------------------

    def counts(self) -> Counts:
        """
        How many rows there are of each decision, and for which reasons.

        Those of the rows that were last taken to their end; if none were, they are taken now.
        """
        if self._counted is None:
            with closing(self.batches()) as batches:
                for _ in batches:
                    pass
        return cast(Counts, self._counted)

    def explain(self, lead_id: str, as_of: datetime | None = None) -> Reason:
        """
        Why a lead was decided so, as `Decision.explain` tells it.

        Args:
            lead_id: Its key.
            as_of: As for `decision`.

        Raises:
            UnknownLeadError: There is no such lead.
        """
        return self.decision(lead_id, as_of).explain()

    # -- whether it is right -----------------------------------------------------------------

    def verify(
        self, sample: int | None = 1_000, *, seed: int = 0, answer: Any = None
    ) -> Verification:
        """
        Decide leads again, one by one in process, and tell what is otherwise.

        Args:
            sample: How many leads; None for all of them.
            seed: Another one takes other leads.
            answer: What the run answered before: the path of a Parquet file or a table of Arrow.
                By default it answers anew.

        Returns:
            What was compared, and every difference; a lead without a row is one.

        Raises:
            BulkError: *answer* has other columns.
        """
        from .earlier import Earlier

        with private(self._folder) as folder:
            if answer is None:
                answer = folder / "answer.parquet"
                self.to_parquet(answer)
            given = Earlier.of(answer, self.columns)
            comparing = Comparing(self.outputs)
            with self._source() as source:
                left = self._sample(source, sample, seed)
                wanted = None if sample is None else frozenset(left)
                for rows in _some(given.batches(), wanted):
                    decided = self._decided(source, rows)
                    for row, decision in zip(rows, decided, strict=True):
                        comparing.row(row, decision)
                        left.discard(row["lead_id"])
            for lead_id in sorted(left):
                comparing.lacks(lead_id)
        return comparing.done()

    # -- its end -----------------------------------------------------------------------------

    @contextmanager
    def _stoppable(self) -> Generator[Event]:
        """What is set as soon as the run is to stop."""
        stopped = Event()
        self._stops.add(stopped)
        try:
            yield stopped
        finally:
            self._stops.discard(stopped)

    def interrupt(self) -> None:
        """
        Stop at once, from another thread; whoever takes rows gets a `RunInterruptedError`.

        A file that is being written is left as it was before. In a transaction of a connection of
        DuckDB that was given, the engine finishes the rows at hand, or the file, before it stops:
        to stop it at once would roll back what is not committed. The same holds for whoever
        takes no more rows.
        """
        for stopped in tuple(self._stops):
            stopped.set()

    def __enter__(self) -> "Self":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def tally(batch: RecordBatch) -> Counter[tuple[str, str]]:
    """How many rows have each decision and reasons."""
    import pyarrow as pa

    # A group by, or a scalar made of a Python text, would load all of pandas.
    pc: Any = import_module("pyarrow.compute")
    ends, letters = pa.py_buffer(bytes((0, 0, 0, 0, 1, 0, 0, 0))), pa.py_buffer(_BETWEEN.encode())
    between = pa.StringArray.from_buffers(1, ends, letters)[0]
    told = [batch.column(name).cast(pa.string()) for name in ("decision", "reasons")]
    counted = pc.value_counts(pc.binary_join_element_wise(*told, between)).to_pylist()
    parts = [(row["values"].partition(_BETWEEN), row["counts"]) for row in counted]
    return Counter({(decision, reasons): count for (decision, _, reasons), count in parts})


def _some(
    batches: Iterable[RecordBatch], wanted: frozenset[str] | None
) -> Iterator[list[dict[str, Any]]]:
    """The rows of some leads, or of all, as many as are to be put together at once."""
    found: list[dict[str, Any]] = []
    for batch in batches:
        found += batch.to_pylist() if wanted is None else _of_leads(batch, wanted).to_pylist()
        if len(found) >= _COMPARED:
            yield found
            found = []
    yield found


def _of_leads(batch: RecordBatch, wanted: frozenset[str]) -> RecordBatch:
    import pyarrow as pa

    pc: Any = import_module("pyarrow.compute")
    return batch.filter(pc.is_in(batch.column("lead_id"), pa.array(sorted(wanted), pa.string())))


@contextmanager
def private(folder: Path | None) -> Generator[Path]:
    """A folder for one piece of work."""
    made = Path(mkdtemp(dir=folder))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
