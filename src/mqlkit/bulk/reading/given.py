"""
What can be given for leads and activities: files, frames, and relations of a DuckDB connection.
"""

import glob
import gzip
import os
import re
import shutil
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import attrs

from ...tables import TableError, format_of
from ...tables.source import FORMATS
from ...value import an, printable
from .arrow import Foreign, knows, plain, readable, written
from .files import File
from .frames import Relation
from .part import FILE
from .spelling import parquet, quoted, text, texts
from .staging import Staging

if TYPE_CHECKING:
    import duckdb

_QUERY: Final = re.compile(r"\s*(\(\s|[\s(]*(select|with|from|values)[\s(*\"'])", re.IGNORECASE)
_GLOB: Final = re.compile(r"[*?\[]")


@attrs.frozen
class Frame:
    """A relation, with its section of the mapping, and its bytes where they are known."""

    relation: Relation
    section: str = ""
    size: int | None = None


Given: TypeAlias = File | Frame


class Givens:
    """
    Finds out what is given.

    Args:
        connection: In which frames become views.
        staging: For what can be read only once.
        wrong: Told what cannot be read.
    """

    def __init__(
        self, connection: "duckdb.DuckDBPyConnection", staging: Staging, wrong: list[str]
    ) -> None:
        self._connection, self._staging, self._wrong = connection, staging, wrong
        self._views: list[str] = []
        self._made: list[str] = []

    def close(self) -> None:
        """Takes the views away."""
        for name in self._views:
            self._connection.unregister(name)
        for name in self._made:
            self._connection.execute(f"DROP VIEW IF EXISTS {quoted(name)}")
        self._views, self._made = [], []

    def of(self, given: object, what: str) -> list[Given]:
        """All that is given as the leads, or as the activities."""
        if isinstance(given, Mapping) and what == "leads":
            self._wrong.append(_unreadable(what, given))
            return []
        return list(self._all(given, what, ""))

    def _all(self, given: object, what: str, section: str) -> Iterator[Given]:
        if isinstance(given, Mapping):
            for name, one in cast("Mapping[str, object]", given).items():
                yield from self._all(one, what, name)
        elif isinstance(given, list | tuple):
            if not given:
                self._wrong.append(f"the {what}: no file is given")
            rows = next((one for one in given if isinstance(one, Mapping)), None)
            if rows is not None:
                self._wrong.append(_unreadable(what, rows))
                return
            for one in cast("Iterable[object]", given):
                yield from self._all(one, what, section)
        elif isinstance(given, str | Path):
            yield from self._named(given, what, section)
        else:
            frame = self._frame(given, what, section)
            if frame is not None:
                yield frame

    # -- names -------------------------------------------------------------------------------

    def _named(self, given: str | Path, what: str, section: str) -> Iterator[Given]:
        name = str(given)
        if not isinstance(given, Path) and not _matches(name):
            relation = self._relation(name)
            if relation is not None:
                yield Frame(relation, section)
                return
        yield from self._files(name, what, section)

    def _relation(self, name: str) -> Relation | None:
        """A query, or a table of the connection."""
        if _QUERY.match(name):
            return self._exact("the query", f"({name.rstrip().rstrip(';')}\n)")
        ending = Path(name.removesuffix(".gz")).suffix.lower()
        if ending in FORMATS and not self._is_table(quoted(name)):
            return None
        for spelled in (quoted(name), ".".join(map(quoted, name.split(".")))):
            if self._is_table(spelled):
                return self._exact(name, spelled)
        return None

    def _is_table(self, spelled: str) -> bool:
        import duckdb

        try:
            self._connection.sql(f"SELECT * FROM {spelled}")
        except duckdb.Error:
            return False
        return True

    def _files(self, name: str, what: str, section: str) -> Iterator[File]:
        paths = [name] if os.path.exists(name) else []
        if not paths and _GLOB.search(name):
            paths = sorted(p for p in glob.glob(name, recursive=True) if os.path.isfile(p))
        if not paths:
            self._wrong.append(f"{printable(name, 200)}: {_absent(name, what)}")
        for path in paths:
            try:
                yield self._file(path, section)
            except TableError as error:
                self._wrong.append(str(error))

    def _file(self, path: str, section: str) -> File:
        if os.path.isdir(path):
            raise TableError(f"{path}: is a folder; give its files, such as {path}/*.csv")
        if not path.lower().endswith(".gz"):
            return File(path, format_of(path), section, path)
        format_ = format_of(path[: -len(".gz")])
        opened = self._staging.path().with_suffix(Path(path[: -len(".gz")]).suffix.lower())
        try:
            with gzip.open(path) as packed, opened.open("wb") as plain:
                shutil.copyfileobj(packed, plain)
        except (OSError, EOFError, zlib.error):
            raise TableError(f"{path}: is no whole gzip file") from None
        return File(str(opened), format_, section, path)

    # -- frames ------------------------------------------------------------------------------

    def _frame(self, given: object, what: str, section: str) -> Frame | None:
        source = f"the {what}"
        module = type(given).__module__.partition(".")[0]
        make = _MAKERS.get((module, type(given).__name__))
        if make is None:
            make = next((m for (_, n), m in _MAKERS.items() if n in _kinds(given)), None)
        if make is None:
            self._wrong.append(_unreadable(what, given))
            return None
        frame: Frame | None = make(self, given, source, section)
        return frame

    def _view(
        self,
        frame: Any,
        names: Sequence[str],
        source: str,
        section: str,
        size: int | None = None,
        foreign: Mapping[int, Foreign] | None = None,
    ) -> Frame | None:
        name = f"mqlkit_{id(self)}_{len(self._views)}"
        self._connection.register(name, frame)
        self._views.append(name)
        relation = self._described(source, quoted(name), names, foreign)
        return None if relation is None else Frame(relation, section, size)

    def polars(self, frame: Any, source: str, section: str) -> Frame | None:
        """A Polars frame."""
        size = int(frame.estimated_size())
        if any(map(_may_be_far, frame.dtypes)) or not knows(self._connection, frame):
            return self._arrow(frame.to_arrow(), source, section, size)
        return self._view(frame, frame.columns, source, section, size)

    def lazy(self, frame: Any, source: str, section: str) -> Frame | None:
        """A lazy Polars frame, which is computed once."""
        path = self._staging.path()
        frame.sink_parquet(path)
        schema = frame.collect_schema()
        if any(map(_may_be_far, schema.dtypes())):
            import pyarrow.dataset

            return self.dataset(pyarrow.dataset.dataset(path), source, section)
        return self._staged(str(path), schema.names(), source, section)

    def pandas(self, frame: Any, source: str, section: str) -> Frame | None:
        """A pandas frame: by way of Arrow, which does not guess what a mixed column is."""
        import pyarrow

        names = list(map(str, frame.columns))
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            self._wrong += [f"{source}: has the column {n!r} more than once" for n in repeated]
            return None
        try:
            table = pyarrow.Table.from_pandas(frame, preserve_index=False)
        except (pyarrow.ArrowException, ValueError, TypeError) as error:
            told = printable(str(error.args[0]), 200)
            where = printable(str(error.args[-1]), 200)
            self._wrong.append(f"{source}: a column has values of several kinds: {told}; {where}")
            return None
        return self.arrow(table, source, section)

    def arrow(self, table: Any, source: str, section: str) -> Frame | None:
        """An Arrow table."""
        frame = self._arrow(table, source, section, int(table.nbytes))
        if frame is None:
            return None
        return attrs.evolve(frame, relation=attrs.evolve(frame.relation, lasting=True))

    def _arrow(self, table: Any, source: str, section: str, size: int) -> Frame | None:
        import pyarrow

        if isinstance(table, pyarrow.RecordBatch):
            table = pyarrow.Table.from_batches([table])
        table, foreign = readable(self._connection, table)
        return self._view(table, table.schema.names, source, section, size, foreign)

    def reader(self, reader: Any, source: str, section: str) -> Frame | None:
        """A stream of Arrow batches, which can be read only once."""
        path = self._staging.path()
        foreign = written(self._connection, reader.schema, reader, path)
        return self._staged(str(path), reader.schema.names, source, section, foreign)

    def dataset(self, dataset: Any, source: str, section: str) -> Frame | None:
        """An Arrow dataset."""
        names = dataset.schema.names
        if plain(self._connection, dataset):
            return self._view(dataset, names, source, section)
        path = self._staging.path()
        foreign = written(self._connection, dataset.schema, dataset.to_batches(), path)
        return self._staged(str(path), names, source, section, foreign)

    def relation(self, relation: Any, source: str, section: str) -> Frame | None:
        """A relation of the connection."""
        import duckdb

        name = f"mqlkit_{id(self)}_r{len(self._made)}"
        try:
            relation.create_view(name)
        except duckdb.Error as error:
            # A database that is only read takes views of this connection, made in its own.
            view = f"CREATE TEMP VIEW {quoted(name)} AS {relation.sql_query()}"
            try:
                relation.query("mqlkit_given", view)
            except duckdb.Error:
                told = _short(error)
                self._wrong.append(f"{source}: the relation has no name to go by: {told}")
                return None
        if not self._is_table(quoted(name)):
            self._wrong.append(
                f"{source}: the relation is of another connection; give that one as connection"
            )
            return None
        self._made.append(name)
        described = self._exact(source, quoted(name))
        return None if described is None else Frame(described, section)

    def _staged(
        self,
        path: str,
        names: Sequence[str],
        source: str,
        section: str,
        foreign: Mapping[int, Foreign] | None = None,
    ) -> Frame | None:
        relation = self._described(source, parquet(path), names, foreign)
        if relation is None:
            return None
        return Frame(
            attrs.evolve(relation, file=True, lasting=True), section, os.stat(path).st_size
        )

    def _described(
        self,
        source: str,
        sql: str,
        names: Sequence[str] | None = None,
        foreign: Mapping[int, Foreign] | None = None,
    ) -> Relation | None:
        """
        A relation with its columns; None, and told, where it cannot be.

        Args:
            source: What it is called in faults.
            sql: What stands behind FROM.
            names: The columns' own names: DuckDB has others where only their case differs.
            foreign: The types that it does not know, by the places of their columns.
        """
        import duckdb

        try:
            found = self._connection.sql(f"SELECT * FROM {sql}")
        except duckdb.Error as error:
            self._wrong.append(f"{source}: {_short(error)}")
            return None
        own = found.columns if names is None else names
        types = [(foreign or {}).get(place, type_) for place, type_ in enumerate(found.types)]
        columns = zip(own, found.columns, types, strict=True)
        return Relation(source, sql, tuple(columns)).apart()

    def _exact(self, source: str, sql: str) -> Relation | None:
        """The same of what is in a database, whose columns may take other texts for equal."""
        relation = self._described(source, sql)
        return None if relation is None else relation.exact()

    # -- Parquet -----------------------------------------------------------------------------

    def parquet(self, files: Mapping[int, File]) -> Iterator[Relation]:
        """Relations of Parquet files by their places, those of one form together."""
        import duckdb

        groups: dict[_Form, dict[int, File]] = {}
        for place, file in files.items():
            path = text(glob.escape(file.path))
            query = f"SELECT {_FORM} FROM parquet_schema({path})"
            try:
                form = tuple(self._connection.sql(query).fetchall())
            except duckdb.PermissionException as error:
                self._wrong.append(f"{file.source}: {_short(error)}")
            except duckdb.Error:
                self._wrong.append(f"{file.source}: is no Parquet file")
            else:
                if self._countable(file, form):
                    groups.setdefault(form, {})[place] = file
        for form, group in groups.items():
            paths = [file.path for file in group.values()]
            sql = parquet(*paths)
            source = paths[0] if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1:,} more"
            found = self._described(source, sql)
            if found is not None:
                own = tuple(
                    (name, *inside[1:])
                    for name, inside in zip(_columns(form), found.columns, strict=True)
                )
                among = f"LIST_EXTRACT({list(group)}, LIST_POSITION([{texts(paths)}], {FILE}))"
                yield attrs.evolve(
                    found, columns=own, file=True, lasting=True, named=True, place=among
                )

    def _countable(self, file: File, form: "_Form") -> bool:
        """Whether DuckDB can count all times of a file; else it is told."""
        import duckdb

        own = set(_columns(form))
        millis = [name for name, _, _, kind, *_ in form if kind == "TIMESTAMP_MILLIS"]
        for name in filter(own.__contains__, millis):
            try:
                least = f"SELECT EPOCH_US(MIN({quoted(name)})), EPOCH_US(MAX({quoted(name)}))"
                self._connection.sql(f"{least} FROM {parquet(file.path)}").fetchall()
            except duckdb.ConversionException:
                self._wrong.append(
                    f"{file.source}: the column {name!r} has a time that no calendar has, in "
                    "milliseconds beyond what can be counted in microseconds; make it blank"
                )
                return False
        return True


def _may_be_far(type_: Any) -> bool:
    """Whether a type of Polars has times beyond what can be counted in microseconds."""
    members = getattr(type_, "fields", ())
    return getattr(type_, "time_unit", None) == "ms" or any(_may_be_far(m.dtype) for m in members)


_Form: TypeAlias = tuple[tuple[Any, ...], ...]
_FORM: Final = (
    "name, num_children, type, converted_type, logical_type, scale, precision, "
    "repetition_type = 'REPEATED'"
)
"""What tells the columns of a Parquet file, those within others after them."""


def _columns(form: _Form) -> Iterator[str]:
    """The own names of the columns, without those within others."""
    within = 0
    for name, children, *_ in form[1:]:  # the first is all of them
        if within:
            within -= 1
        else:
            yield name
        within += children or 0


def _short(error: Exception) -> str:
    return printable(str(error), 300)


def _unreadable(what: str, given: object) -> str:
    if isinstance(given, Mapping):
        how = "; make a table of it: pyarrow.Table.from_pylist(rows) or .from_pydict(columns)"
    else:
        how = ""
    return (
        f"the {what}: cannot be read from {an(type(given).__name__)}; wanted a path, a glob, a "
        "list of paths, a relation of the connection, or a Polars, pandas or Arrow table" + how
    )


def _kinds(given: object) -> set[str]:
    return {base.__name__ for base in type(given).__mro__}


def _matches(name: str) -> bool:
    """
    Whether there are files of that name or pattern.

    DuckDB would take a pattern for a table, too, but nobody would know how large that is.
    """
    if os.path.exists(name):
        return True
    return _GLOB.search(name) is not None and any(map(os.path.isfile, glob.iglob(name)))


def _absent(name: str, what: str) -> str:
    if _GLOB.search(name):
        return "no file matches"
    if Path(name).suffix.lower() in FORMATS or os.sep in name:
        return "there is no such file"
    return f"there is no such file, and the connection has no such table of {what}"


_MAKERS: Final[Mapping[tuple[str, str], Any]] = {
    ("polars", "DataFrame"): Givens.polars,
    ("polars", "LazyFrame"): Givens.lazy,
    ("pandas", "DataFrame"): Givens.pandas,
    ("pyarrow", "Table"): Givens.arrow,
    ("pyarrow", "RecordBatch"): Givens.arrow,
    ("pyarrow", "RecordBatchReader"): Givens.reader,
    ("pyarrow", "Dataset"): Givens.dataset,
    ("pyarrow", "FileSystemDataset"): Givens.dataset,
    ("pyarrow", "InMemoryDataset"): Givens.dataset,
    ("pyarrow", "UnionDataset"): Givens.dataset,
    ("_duckdb", "DuckDBPyRelation"): Givens.relation,
    ("duckdb", "DuckDBPyRelation"): Givens.relation,
}
"""How each kind of frame becomes a relation, by its module and name: none is imported for it."""
