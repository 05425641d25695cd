"""
One run from its first row to its last: at once, or a bucket after the other.

A bucket's rows are handed on when all of them are there. So a bucket that memory turns out too
small for can be halved and decided again, and no row comes twice. Before the first of several the
inputs are divided among files, one for each, which are gone when the run is over.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event
from typing import Any, Final, TypeAlias

import attrs

from .apart import Apart
from .fetching import OutOfMemory, RunInterruptedError, executed, fetched
from .kept import Kept
from .memory import MOST_BUCKETS, Bucket, TooLittleMemoryError
from .outputs import RecordBatch, as_schema, copied, schema_of, write_parquet
from .question import DIALECT, Question, of_leads, scanned
from .sessions import Session
from .statement import Statement
from .tables import Tables

_TablesOf: TypeAlias = Callable[[Bucket], Tables]
_WHOLE: Final = Bucket(0, 1)
_MERGING: Final = 0.05
"""The share of a run that putting buckets in order, or into one file, is told to take."""
_DIVIDING: Final = 0.3
"""The share of what is left that dividing the inputs is told to take."""
_LEADS: Final = 0.1
"""The share of that for leads; the others are activities."""


class Course:
    """
    How far a run is, told whenever it gets further.

    Args:
        tell: Called with the share done, from 0 to 1.
    """

    def __init__(self, tell: Callable[[float], None] | None) -> None:
        self._tell = tell
        self._told = -1.0

    def __call__(self, share: float) -> None:
        if self._tell is not None and share > self._told:
            self._told = share
            self._tell(share)


@attrs.frozen
class Only:
    """
    A part of the leads.

    Args:
        keys: A query of their keys.
        beside: A query of rows that belong to the answer as they are.
    """

    keys: str
    beside: str | None = None


@attrs.define
class Deciding:
    """
    A run under way.

    Args:
        session: Where it takes place.
        question: What is asked.
        whole: The same as a statement, of all leads at once.
        only: About whom; None for all leads.
        ordered: Whether rows come in the order of leads and instants.
        scratch: A folder for what nobody needs when the run is over.
        folder: Where buckets are kept, by whoever resumes or for this run alone.
        keeps: Whether finished buckets are to stay there.
        stopped: Set by whoever wants it to stop.
        course: Told how far it is.
    """

    session: Session
    question: Question
    whole: Statement
    only: Only | None
    ordered: bool
    scratch: Path
    folder: Path
    keeps: bool
    stopped: Event
    course: Course

    def rows(self, buckets: Iterable[Bucket]) -> Generator[RecordBatch]:
        """All rows."""
        pending = deque(buckets)
        if self._is_whole(pending):
            sent = False
            try:
                with closing(self._fetched(self._at_once(self.ordered), 0.0, 1.0)) as rows:
                    for batch in rows:
                        sent = True
                        yield batch
                return
            except OutOfMemory as error:
                if sent:
                    raise TooLittleMemoryError(1) from error
                pending = deque(_WHOLE.halves())
        yield from self._by_buckets(pending)

    def into(self, buckets: Iterable[Bucket], path: Path) -> None:
        """All rows, in no order, into a Parquet file that the engine writes by itself."""
        pending = deque(buckets)
        if self._is_whole(pending):
            try:
                self._write(self._at_once(ordered=False), path, 0.0, 1.0)
                return
            except OutOfMemory:
                pending = deque(_WHOLE.halves())
        kept = Kept(self.folder)
        finished = list(self._finished(pending, kept, 1 - _MERGING))
        try:
            self._write(self._all_of(kept, finished), path, 1 - _MERGING, _MERGING)
        except OutOfMemory as error:
            raise TooLittleMemoryError(len(finished)) from error

    def _is_whole(self, pending: deque[Bucket]) -> bool:
        return not self.keeps and list(pending) == [_WHOLE]

    def _by_buckets(self, pending: deque[Bucket]) -> Generator[RecordBatch]:
        kept = Kept(self.folder)
        merging = _MERGING if self.ordered else 0.0
        finished: list[Bucket] = []
        for bucket in self._finished(pending, kept, 1 - merging):
            finished.append(bucket)
            if not self.ordered:
                yield from self._watched(kept.read(bucket))
                if not self.keeps:
                    kept.path(bucket).unlink()
        if self.ordered:
            text = _in_order(self._all_of(kept, finished))
            try:
                with self._reading_files() as session:
                    merged = attrs.evolve(self, session=session)
                    yield from merged._fetched(text, 1 - merging, merging)
            except OutOfMemory as error:
                raise TooLittleMemoryError(len(finished)) from error

    @contextmanager
    def _reading_files(self) -> Generator[Session]:
        """Where finished buckets can be read: a caller's connection may be shut off from files."""
        if self.session.writes:
            yield self.session
            return
        import duckdb

        config: dict[str, Any] = {"temp_directory": str(self.scratch / "spilled")}
        with duckdb.connect(":memory:", config=config) as connection:
            yield attrs.evolve(self.session, connection=connection)

    def _all_of(self, kept: Kept, finished: Iterable[Bucket]) -> str:
        return f"SELECT * FROM {scanned(*map(kept.path, finished))}"

    def _finished(self, pending: deque[Bucket], kept: Kept, whole: float) -> Generator[Bucket]:
        """The buckets, each when it is kept."""
        done, scale = 0.0, whole
        tables: _TablesOf | None = None
        while pending:
            bucket = pending.popleft()
            if kept.begun(bucket):
                pending.extendleft(reversed(bucket.halves()))
                continue
            if not kept.path(bucket).exists():
                if tables is None and bucket != _WHOLE:
                    waiting = (bucket, *pending)
                    share = scale * sum(one.share for one in waiting) * _DIVIDING
                    missing = [one for one in waiting if not kept.path(one).exists()]
                    tables = self._divided(missing, done, share)
                    done, scale = done + share, scale * (1 - _DIVIDING)
                    self.course(done)
                try:
                    with kept.place(bucket) as path:
                        if tables is None:
                            text = self._at_once(ordered=False)
                        else:
                            text = self._asked(tables(bucket), bucket)
                        self._write(text, path, done, bucket.share * scale)
                except OutOfMemory as error:
                    if bucket.of >= MOST_BUCKETS:
                        raise TooLittleMemoryError(bucket.of) from error
                    pending = deque(self._halved((bucket, *pending), kept))
                    continue
            done += bucket.share * scale
            self.course(done)
            yield bucket

    def _halved(self, pending: Iterable[Bucket], kept: Kept) -> Iterator[Bucket]:
        """The same leads in smaller buckets; what is kept stays as it is, and is not divided."""
        for bucket in pending:
            yield from (bucket,) if kept.path(bucket).exists() else bucket.halves()

    def _divided(self, pending: Sequence[Bucket], done: float, share: float) -> _TablesOf:
        """
        What gives the tables of a bucket: the files that the inputs are divided among.

        Where no files can be written each bucket looks for its rows among all of them.
        """
        tables, only = self.session.opened.tables, self.only
        if not self.session.writes:
            return self._within_all
        if only is not None:
            tables = of_leads(tables, only.keys)
        apart = Apart.of(tables, pending, self.scratch)
        leads, *activities = apart.statements(self._asked(apart.tables, pending[0]))
        try:
            self._execute(leads, done, share * _LEADS)
            for statement in activities:
                self._execute(statement, done + share * _LEADS, share * (1 - _LEADS))
        except OutOfMemory:
            return self._within_all
        return apart.bucket

    def _within_all(self, bucket: Bucket) -> Tables:
        return self.session.opened.bucket(*bucket)

    def _at_once(self, ordered: bool) -> str:
        if self.only is None:
            text = self.whole.text
        else:
            text = self._asked(self.session.opened.tables, _WHOLE)
        return _in_order(text) if ordered else text

    def _asked(self, tables: Tables, bucket: Bucket) -> str:
        only = self.only
        text = self.question.statement(tables, None if only is None else only.keys).text
        if only is not None and only.beside is not None and bucket.number == 0:
            text = f"SELECT * FROM (\n{text}) AS decided UNION ALL {only.beside}"
        return text

    # -- asking the engine -------------------------------------------------------------------

    def _write(self, text: str, path: Path, done: float, share: float) -> None:
        """Rows into a Parquet file: by the engine itself, which has several threads for it."""
        columns = self.whole.columns
        if self.session.writes:
            self._execute(copied(text, columns, DIALECT.text(str(path))), done, share)
            return
        with path.open("wb") as binary, closing(self._fetched(text, done, share)) as rows:
            write_parquet(binary, schema_of(columns), rows)

    def _execute(self, statement: str, done: float, share: float) -> None:
        connection, tell = self.session.connection, self._telling(done, share)
        executed(connection, statement, stopped=self.stopped, tell=tell)

    def _fetched(self, text: str, done: float, share: float) -> Generator[RecordBatch]:
        connection, tell = self.session.connection, self._telling(done, share)
        schema = schema_of(self.whole.columns)
        # Closed here and not by chance: until then the connection gives no other answer.
        with closing(fetched(connection, text, stopped=self.stopped, tell=tell)) as rows:
            for batch in rows:
                yield as_schema(batch, schema)

    def _telling(self, done: float, share: float) -> Callable[[float], None]:
        def tell(part: float) -> None:
            self.course(done + part * share)

        return tell

    def _watched(self, rows: Iterable[RecordBatch]) -> Generator[RecordBatch]:
        for batch in rows:
            if self.stopped.is_set():
                raise RunInterruptedError
            yield batch


def _in_order(text: str) -> str:
    key = DIALECT.compared("lead_id")
    return (
        f"SELECT * FROM (\n{text}) AS answer\nORDER BY {key} ASC NULLS LAST, as_of ASC NULLS LAST"
    )
