"""
The answer of bulk in the form of the files that ``mqlkit decide`` writes.

Whichever engine decides, a file has the same columns and the same cells.
"""

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import IO, Any, Final, TypeAlias

from ..bulk.lines import csv_head, csv_lines, json_lines
from ..bulk.outputs import write_parquet
from ..bulk.statement import Output
from ..criterion import AllOf
from ..qualification import Qualification
from ..status import Status
from ..tables import Format
from ..tables.output import arrow_type, columns_of, score_column

_JOINT: Final = "; "
_LISTS: Final = ("reasons", "labels", "missing")


class Answer:
    """
    Batches of bulk as rows of a file, counted as they pass.

    Args:
        qualification: What was decided.
        outputs: The columns of the batches.
    """

    def __init__(self, qualification: Qualification, outputs: Iterable[Output]) -> None:
        self._called = {output.name: _called(output) for output in outputs}
        changes_at = "changes_at" in self._called
        self.columns = columns_of(qualification, changes_at=changes_at)
        self.by_status: Counter[Status] = Counter()
        self.reasons: Counter[tuple[Status, str]] = Counter()
        self.missing: Counter[str] = Counter()
        self._texts = _texts_of(qualification)

    @property
    def decided(self) -> int:
        """Rows that have passed."""
        return self.by_status.total()

    @property
    def schema(self) -> Any:
        """The columns of a file, with lists as lists."""
        import pyarrow as pa

        return pa.schema([(name, arrow_type(name)) for name in self.columns])

    def write(self, binary: IO[bytes], format_: Format, batches: Iterable[Any]) -> None:
        """Write all of them to an open file."""
        _WRITERS[format_](self, binary, batches)

    def passing(self, batches: Iterable[Any]) -> Generator[Any]:
        """The batches under the names and in the order of a file, counted; lists are texts yet."""
        import pyarrow as pa

        for batch in batches:
            self._count(batch)
            names = map(self._called.__getitem__, batch.schema.names)
            held = dict(zip(names, batch.columns, strict=True))
            columns = [self._cast(name, held[name]) for name in self.columns]
            yield pa.RecordBatch.from_arrays(columns, names=list(self.columns))

    def lists(self, batches: Iterable[Any]) -> Generator[Any]:
        """The same with lists in place of joined texts."""
        import pyarrow as pa

        for batch in self.passing(batches):
            columns = [
                self._split(name, column) if name in _LISTS else column
                for name, column in zip(self.columns, batch.columns, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(columns, schema=self.schema)

    def _cast(self, name: str, column: Any) -> Any:
        return column if name in _LISTS else column.cast(arrow_type(name))

    def _split(self, name: str, column: Any) -> Any:
        import pyarrow as pa

        coded = column.dictionary_encode()
        known = self._texts.get(name, ())
        values = [parts_of(text, known) for text in coded.dictionary.to_pylist()]
        return pa.array(values, pa.list_(pa.string())).take(coded.indices)

    def _count(self, batch: Any) -> None:
        import pyarrow as pa

        keys = ["decision", "reasons", "missing"]
        table = pa.Table.from_batches([batch.select(keys)])
        counted = table.group_by(keys).aggregate([([], "count_all")])
        for row in counted.to_pylist():
            status, count = Status(row["decision"]), row["count_all"]
            self.by_status[status] += count
            for reason in parts_of(row["reasons"], self._texts["reasons"]):
                self.reasons[status, reason] += count
            if status is Status.NEEDS_DATA:
                for field in parts_of(row["missing"]):
                    self.missing[field] += count


def _called(output: Output) -> str:
    """What a file calls a column of an answer."""
    match output.of:
        case "score", name, end:
            return score_column(name, end)
        case "grade", name:
            return f"grade.{name}"
        case name, *_:
            return _CALLED.get(name, name)
        case _:
            return output.name


_CALLED: Final[Mapping[str, str]] = {"lead_id": "lead", "decision": "status"}


def _texts_of(q: Qualification) -> dict[str, tuple[str, ...]]:
    """All that may be joined in a column, in the order in which it is joined."""
    parts = q.when.parts() if isinstance(q.when, AllOf) else (q.when,)
    short = [f"unmet: {part.describe()}" for part in parts]
    return {"reasons": (*q.never, *q.at_once, q.name, *short), "labels": tuple(q.labels)}


def parts_of(text: str | None, known: Sequence[str] = ()) -> list[str]:
    """
    Joined texts apart again; a text that has the joint in itself is known by what there may be.

    >>> parts_of("a; b"), parts_of("a; b; c", ["a; b", "c"]), parts_of("")
    (['a', 'b'], ['a; b', 'c'], [])
    """
    if not text:
        return []
    if any(_JOINT in one for one in known):
        found = _among(text, known)
        if found is not None:
            return found
    return text.split(_JOINT)


def _among(text: str, known: Sequence[str]) -> list[str] | None:
    """The texts of *known*, in their order, that make up a text."""
    for place, one in enumerate(known, 1):
        if text == one:
            return [one]
        if text.startswith(one + _JOINT):
            rest = _among(text[len(one) + len(_JOINT) :], known[place:])
            if rest is not None:
                return [one, *rest]
    return None


def _write_csv(answer: Answer, binary: IO[bytes], batches: Iterable[Any]) -> None:
    begun = False
    for batch in answer.passing(batches):
        if not begun:
            binary.write(csv_head(list(answer.columns)))
            begun = True
        binary.write(csv_lines(batch))
    if not begun:
        binary.write(csv_head(list(answer.columns)))


def _write_jsonl(answer: Answer, binary: IO[bytes], batches: Iterable[Any]) -> None:
    for batch in answer.lists(batches):
        binary.write(json_lines(batch))


def _write_parquet(answer: Answer, binary: IO[bytes], batches: Iterable[Any]) -> None:
    write_parquet(binary, answer.schema, answer.lists(batches))


_Write: TypeAlias = Callable[[Answer, IO[bytes], Iterable[Any]], None]
_WRITERS: Final[Mapping[Format, _Write]] = {
    "csv": _write_csv,
    "jsonl": _write_jsonl,
    "parquet": _write_parquet,
}
