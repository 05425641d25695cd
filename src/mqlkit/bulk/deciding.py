"""
One run from its first row to its last: at once, or a bucket after the other.

A bucket's rows are handed on when all of them are there. So a bucket that memory turns out too
small for can be divided and decided again, and no row comes twice.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Final

import attrs

from .fetching import OutOfMemory, RunInterruptedError, fetched
from .kept import Kept
from .memory import MOST_BUCKETS, Bucket, TooLittleMemoryError
from .outputs import RecordBatch, Schema, as_schema
from .question import DIALECT, Question
from .sessions import Session

_WHOLE: Final = Bucket(0, 1)
_MERGING: Final = 0.05
"""The share of a run that putting buckets in order is told to take."""


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
        whole: As text, of all leads at once.
        schema: What the rows are like.
        only: About whom; None for all leads.
        ordered: Whether rows come in the order of leads and instants.
        folder: Where buckets are kept, by whoever resumes or for this run alone.
        keeps: Whether finished buckets are to stay there.
        stopped: Set by whoever wants it to stop.
        course: Told how far it is.
    """

    session: Session
    question: Question
    whole: str
    schema: Schema
    only: Only | None
    ordered: bool
    folder: Path
    keeps: bool
    stopped: Event
    course: Course

    def rows(self, buckets: Iterable[Bucket]) -> Generator[RecordBatch]:
        """All rows."""
        pending = deque(buckets)
        if not self.keeps and list(pending) == [_WHOLE]:
            sent = False
            try:
                with closing(self._fetched(self._text(_WHOLE, self.ordered), 0.0, 1.0)) as rows:
                    for batch in rows:
                        sent = True
                        yield batch
                return
            except OutOfMemory as error:
                if sent:
                    raise TooLittleMemoryError(1) from error
                pending = deque(_WHOLE.halves())
        yield from self._by_buckets(pending)

    def _by_buckets(self, pending: deque[Bucket]) -> Generator[RecordBatch]:
        kept = Kept(self.folder, self.schema)
        merging = _MERGING if self.ordered else 0.0
        finished: list[Bucket] = []
        for bucket in self._finished(pending, kept, 1 - merging):
            finished.append(bucket)
            if not self.ordered:
                yield from self._watched(kept.read(bucket))
                if not self.keeps:
                    kept.path(bucket).unlink()
        if self.ordered:
            files = ", ".join(DIALECT.text(str(kept.path(bucket))) for bucket in finished)
            text = _in_order(f"SELECT * FROM read_parquet([{files}])")
            try:
                yield from self._fetched(text, 1 - merging, merging)
            except OutOfMemory as error:
                raise TooLittleMemoryError(len(finished)) from error

    def _finished(self, pending: deque[Bucket], kept: Kept, whole: float) -> Generator[Bucket]:
        """The buckets, each when it is kept."""
        done = 0.0
        while pending:
            bucket = pending.popleft()
            if kept.begun(bucket):
                pending.extendleft(reversed(bucket.halves()))
                continue
            if not kept.path(bucket).exists():
                text = self._text(bucket, ordered=False)
                share = bucket.share * whole
                try:
                    with closing(self._fetched(text, done * whole, share)) as rows:
                        kept.write(bucket, rows)
                except OutOfMemory as error:
                    if bucket.of >= MOST_BUCKETS:
                        raise TooLittleMemoryError(bucket.of) from error
                    pending = deque(half for one in (bucket, *pending) for half in one.halves())
                    continue
            done += bucket.share
            self.course(done * whole)
            yield bucket

    def _text(self, bucket: Bucket, ordered: bool) -> str:
        text = self.whole
        if bucket != _WHOLE or self.only is not None:
            opened = self.session.opened
            tables = opened.tables if bucket == _WHOLE else opened.bucket(*bucket)
            text = self.question.statement(
                tables, None if self.only is None else self.only.keys
            ).text
        if self.only is not None and self.only.beside is not None and bucket.number == 0:
            text = f"SELECT * FROM (\n{text}) AS decided UNION ALL {self.only.beside}"
        return _in_order(text) if ordered else text

    def _fetched(self, text: str, done: float, share: float) -> Generator[RecordBatch]:
        def tell(part: float) -> None:
            self.course(done + part * share)

        connection = self.session.connection
        # Closed here and not by chance: until then the connection gives no other answer.
        with closing(fetched(connection, text, stopped=self.stopped, tell=tell)) as rows:
            for batch in rows:
                yield as_schema(batch, self.schema)

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
