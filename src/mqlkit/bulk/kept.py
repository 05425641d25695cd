"""
Finished buckets in a folder, so that an interrupted run goes on where it was.

Each is a Parquet file that is there whole or not at all. Beside them a manifest says what they
are an answer to: rows of another definition, another instant or other inputs are never mixed in.
"""

import json
import os
import re
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from glob import glob
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..errors import MqlkitError, listed
from ..tables.output import replaced
from ..value import show
from .memory import MOST_BUCKETS, Bucket
from .outputs import RecordBatch, read_parquet

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Facts = Mapping[str, str]
"""What an answer depends on, each fact by its name."""

_MANIFEST: Final = "manifest.json"
_BUCKET: Final = re.compile(r"bucket-(\d+)-of-(\d+)\.parquet")
_PART: Final = re.compile(rf"\.({_BUCKET.pattern}|{re.escape(_MANIFEST)})\.[0-9a-f]+\.part")
"""What a run that was killed leaves of a file that was not whole."""
_BETWEEN: Final = "; "
_MOST: Final = 3
"""So many files of an input that differ are told."""


_ANOTHER: Final = (
    "keeps buckets of another run; take another folder, or run with what they were made of"
)
_DAMAGED: Final = "is no folder that a run can go on in"


class ResumeError(MqlkitError, ValueError):
    """
    A folder that keeps buckets of another run, or is damaged.

    Args:
        folder: Which one.
        differences: Each fact that differs, with what it is there and here; or what is wrong.
        problem: What all of them come to.

    >>> raise ResumeError("half", ["as_of: there 2026-03-01 00:00:00 UTC, here 2026-03-02 ..."])
    Traceback (most recent call last):
    ...
    mqlkit.bulk.kept.ResumeError: "half" keeps buckets of another run; take another folder, or \
run with what they were made of
      as_of: there 2026-03-01 00:00:00 UTC, here 2026-03-02 ...
    """

    def __init__(self, folder: str, differences: Iterable[str], problem: str = _ANOTHER) -> None:
        self.folder, self.differences, self.problem = folder, tuple(differences), problem
        super().__init__(folder, self.differences, problem)

    def __str__(self) -> str:
        return listed(f"{show(self.folder)} {self.problem}", self.differences)


class Kept:
    """
    Finished buckets in a folder.

    Args:
        folder: Where they are; made when it is not there.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def path(self, bucket: Bucket) -> Path:
        """Where a bucket is, or will be."""
        return self._folder / f"bucket-{bucket.number}-of-{bucket.of}.parquet"

    def begun(self, bucket: Bucket) -> bool:
        """Whether it was divided before, and a part of it is finished."""
        return any(
            of > bucket.of and number % bucket.of == bucket.number for number, of in self._names()
        )

    def _names(self) -> Generator[tuple[int, int]]:
        for file in self._folder.iterdir():
            if found := _BUCKET.fullmatch(file.name):
                yield int(found[1]), int(found[2])

    @contextmanager
    def place(self, bucket: Bucket) -> Generator[Path]:
        """Where to write the rows of a bucket; they are kept when all of them are there."""
        with replaced(self.path(bucket)) as binary:
            path = Path(binary.name)
            _UNDER_WAY.add(path)
            try:
                yield path
            finally:
                _UNDER_WAY.discard(path)

    def read(self, bucket: Bucket) -> Generator[RecordBatch]:
        """The rows of a finished bucket."""
        return read_parquet(self.path(bucket))


_UNDER_WAY: Final[set[Path]] = set()
"""What runs of this process are writing."""


def check_manifest(folder: Path, facts: Facts, count: int, stated: int | None) -> int:
    """
    Whether a folder is of this run; a new one becomes so.

    What a killed run left of a file that was not whole is removed.

    Args:
        folder: Where buckets are kept.
        facts: What this run's answer depends on.
        count: Into how many buckets this run would be divided.
        stated: The number that the user wants, if any.

    Returns:
        Into how many buckets it is divided: that of the run which began it.

    Raises:
        ResumeError: The folder is of another run, or damaged.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResumeError(str(folder), [str(error.strerror)], _DAMAGED) from None
    path = folder / _MANIFEST
    if not path.exists():
        with replaced(path) as binary:
            text = json.dumps({**facts, "buckets": count}, indent=2, ensure_ascii=False)
            binary.write(text.encode())
        return count
    there, begun = _manifest(path)
    here = dict(facts)
    if stated not in (None, begun):
        there["buckets"], here["buckets"] = str(begun), str(stated)
    names = [name for name in {**here, **there} if here.get(name) != there.get(name)]
    if names:
        told = [_difference(name, there.get(name), here.get(name)) for name in names]
        raise ResumeError(str(folder), sorted(told, key=len))
    _tidy(folder)
    return begun


def _manifest(path: Path) -> tuple[dict[str, str], int]:
    """The facts in a manifest, and the number of buckets."""
    try:
        facts = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        facts = None
    there: dict[str, Any] = facts if isinstance(facts, dict) else {}
    begun = there.pop("buckets", None)
    texts = all(isinstance(fact, str) for fact in there.values())
    if not texts or type(begun) is not int or not 1 <= begun <= MOST_BUCKETS:
        wrong = f"{_MANIFEST}: is not what a run writes; take another folder, or empty this one"
        raise ResumeError(str(path.parent), [wrong], _DAMAGED)
    return there, begun


def _tidy(folder: Path) -> None:
    """Remove what is left of files that were not whole; complain about buckets that are not."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    broken: list[str] = []
    for file in sorted(folder.iterdir()):
        if _PART.fullmatch(file.name) and file.resolve() not in _UNDER_WAY:
            file.unlink(missing_ok=True)
        elif _BUCKET.fullmatch(file.name):
            try:
                pq.read_metadata(file)
            except (OSError, pa.ArrowException):
                broken.append(f"{file.name}: is no whole Parquet file; remove it to decide it anew")
    if broken:
        raise ResumeError(str(folder), broken, _DAMAGED)


def _difference(name: str, there: str | None, here: str | None) -> str:
    """A fact as it is there and here; of many files only those that differ."""
    old, new = ([] if fact is None else fact.split(_BETWEEN) for fact in (there, here))
    apart = [part for part in old if part not in new], [part for part in new if part not in old]
    if not any(apart):
        return f"{name}: there and here the same in another order, or not as often"
    return f"{name}: there {_side(apart[0], there)}, here {_side(apart[1], here)}"


def _side(parts: list[str], fact: str | None) -> str:
    if not parts:
        return "none" if fact is None else "nothing else"
    more = f" and {len(parts) - _MOST:,} more" if len(parts) > _MOST else ""
    return _BETWEEN.join(parts[:_MOST]) + more


def versions() -> Facts:
    """The programs that an answer, and its division, are made by."""
    return {name: metadata.version(name) for name in ("mqlkit", "duckdb")}


def identity(given: object, relation: str, connection: "DuckDBPyConnection") -> str:
    """
    What tells an input from another: of files names, sizes and times, of anything else its rows.

    Files are told in the order in which they are read, and as often: the first row of a key counts.

    Args:
        given: The input, as the user gave it.
        relation: What stands behind FROM to read it.
        connection: Where it can be read.
    """
    files = _told_files(given)
    if files:
        return files
    names = connection.sql(f"SELECT * FROM {relation}").columns
    rows, digest = connection.execute(
        f"SELECT COUNT(*), COALESCE(SUM(HASH(given, $names)), 0) FROM {relation} AS given",
        {"names": names},
    ).fetchall()[0]
    return f"{rows:,} rows ({int(digest) % 2**64:016x})"


def _told_files(given: object) -> str:
    """The files, those of each section of a mapping by its name; empty when not all are files."""
    if isinstance(given, Mapping):
        parts = {str(name): _told_files(one) for name, one in given.items()}
        told = _BETWEEN.join(f"{show(name)}: {files}" for name, files in parts.items())
        return told if all(parts.values()) else ""
    return _BETWEEN.join(
        f"{file} ({file.stat().st_size:,} bytes, changed at {file.stat().st_mtime_ns} ns)"
        for file in files_of(given)
    )


def files_of(given: object) -> list[Path]:
    """
    The files that paths and patterns stand for, as they are read: those of a pattern are sorted.

    None when it is anything else.
    """
    named = given if isinstance(given, list | tuple) else [given]
    if not named or not all(isinstance(one, str | Path) for one in named):
        return []
    found: list[Path] = []
    for name in map(str, named):  # it may be a query: these functions refuse no text
        some = [name] if os.path.isfile(name) else sorted(glob(name, recursive=True))
        if not some:
            return []
        found += [Path(file).resolve() for file in some if os.path.isfile(file)]
    return found
