"""
What is read once and kept beside the run: rows that were files of text, in Parquet.

A folder of its own, taken away when nobody needs it any more.
"""

import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from ..tables import Held
from .spelling import GREATEST_WHOLE, LEAST_WHOLE, parquet

_ROWS: Final = 50_000
"""Rows that are held in memory at a time."""


class Staging:
    """A folder of Parquet files that lives as long as this does."""

    def __init__(self) -> None:
        self._close: weakref.finalize[..., Staging] | None = None
        self._folder = Path()
        self._files = 0

    def path(self) -> Path:
        """A file that is not there yet."""
        if self._close is None:
            self._folder = Path(tempfile.mkdtemp(prefix="mqlkit-"))
            self._close = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._files += 1
        return self._folder / f"{self._files}.parquet"

    def close(self) -> None:
        """Takes the folder away."""
        if self._close is not None:
            self._close()
            self._close = None

    def pieces(self) -> "Pieces":
        """Rows to be written piece by piece."""
        return Pieces(self)


@attrs.frozen
class Slot:
    """A column of pieces: a field, or what names a row, with one kind of value."""

    name: str
    held: Held


class Pieces:
    """
    Rows of columns that turn up as they come, a Parquet file for every so many.

    Of a column with values of several kinds each kind is a column of its own.
    """

    def __init__(self, staging: Staging) -> None:
        self._staging = staging
        self._paths: list[str] = []
        self._slots: dict[Slot, int] = {}
        self._columns: dict[Slot, list[Any]] = {}
        self._rows = 0

    def slot(self, slot: Slot) -> str:
        """The name of a column; it is there from now on."""
        return f"c{self._slots.setdefault(slot, len(self._slots))}"

    def slots(self) -> Iterator[tuple[Slot, str]]:
        """All columns with their names."""
        for slot, number in self._slots.items():
            yield slot, f"c{number}"

    def add(self, row: Iterable[tuple[Slot, Any]]) -> None:
        """One more row; what it does not tell is NULL."""
        for slot, value in row:
            column = self._columns.get(slot)
            if column is None:
                column = self._columns[slot] = []
            if len(column) < self._rows:
                column.extend([None] * (self._rows - len(column)))
            column.append(value)
        self._rows += 1
        if self._rows == _ROWS:
            self._write()

    def _write(self) -> None:
        import pyarrow
        import pyarrow.parquet

        arrays: dict[str, Any] = {}
        for slot, values in self._columns.items():
            values.extend([None] * (self._rows - len(values)))
            arrays[self.slot(slot)] = array(values, slot.held)
        for slot, name in self.slots():
            if name not in arrays:
                arrays[name] = pyarrow.nulls(self._rows, _types(pyarrow)[slot.held])
        path = self._staging.path()
        pyarrow.parquet.write_table(pyarrow.table(arrays), path)
        self._paths.append(str(path))
        self._columns, self._rows = {}, 0

    def relation(self) -> str:
        """What stands behind FROM; ``row_number`` counts as the rows were added."""
        if self._rows or not self._paths:
            self._write()
        return parquet(*self._paths, more=", union_by_name = true")


def array(values: list[Any], held: Held) -> Any:
    """Values as a column of Arrow."""
    import pyarrow

    type_ = _types(pyarrow)[held]
    if held == "whole":
        values = [v if v is None else max(LEAST_WHOLE, min(GREATEST_WHOLE, v)) for v in values]
    elif held == "number":
        values = [v if v is None else float(v) for v in values]
    try:
        return pyarrow.array(values, type_)
    except UnicodeEncodeError:  # half a letter, deep within a record
        return pyarrow.array([_whole_letters(value) for value in values], type_)


def _whole_letters(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return [_whole_letters(item) for item in value] if isinstance(value, list) else value


def _types(pyarrow: Any) -> Mapping[Held, Any]:
    return {
        "whole": pyarrow.int64(),
        "number": pyarrow.float64(),
        "text": pyarrow.string(),
        "flag": pyarrow.bool_(),
        "moment": pyarrow.int64(),
        "items": pyarrow.list_(pyarrow.string()),
    }
