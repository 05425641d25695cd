"""A folder or an earlier answer that is damaged is told as that, with how to mend it."""

import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from bulk.company import MQL, NOW, SMALL, tables
from bulk.running import files_left

from mqlkit import bulk
from mqlkit.bulk import deciding, kept
from mqlkit.bulk.memory import Bucket

LEADS, ACTIVITIES = tables(60, 400)


def run(folder: Path | None = None, mql: Any = SMALL, **options: Any) -> bulk.Run:
    made: bulk.Run = bulk.decide(mql, LEADS, ACTIVITIES, as_of=NOW, **options, resume=folder)
    return made


MANIFESTS = {
    "empty": b"",
    "list": b"[]",
    "nothing": b"{}",
    "no text": b"\xff",
    "deep": b"[" * 100_000,
    "no number": b'{"buckets": "2"}',
    "no buckets": b'{"buckets": 0}',
    "too many": b'{"buckets": 5000}',
    "facts": b'{"buckets": 2, "as_of": 7}',
}


@pytest.mark.parametrize("text", MANIFESTS.values(), ids=MANIFESTS)
def test_a_manifest_that_is_none_is_refused(text: bytes, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes(text)
    with pytest.raises(bulk.ResumeError) as raised:
        run(tmp_path).to_arrow()
    assert raised.value.differences == (
        "manifest.json: is not what a run writes; take another folder, or empty this one",
    )
    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)
    assert "is no folder that a run can go on in" in str(raised.value)
    assert files_left(tmp_path) == ["manifest.json"]


def test_a_place_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "kept"
    file.write_text("mine")
    for folder, why in ((file, "File exists"), (file / "below", "Not a directory")):
        with pytest.raises(bulk.ResumeError, match=why):
            run(folder).to_arrow()
    assert file.read_text() == "mine"


def test_buckets_that_were_cut_off_are_named(tmp_path: Path) -> None:
    right = run(tmp_path, buckets=2, ordered=True).to_arrow()
    for number in range(2):
        os.truncate(tmp_path / f"bucket-{number}-of-2.parquet", 100 * number)
    with pytest.raises(bulk.ResumeError) as raised:
        run(tmp_path).to_arrow()
    mend = "is no whole Parquet file; remove it to decide it anew"
    names = [f"bucket-{number}-of-2.parquet" for number in range(2)]
    assert raised.value.differences == tuple(f"{name}: {mend}" for name in names)
    for name in names:
        (tmp_path / name).unlink()
    assert run(tmp_path, ordered=True).to_arrow().equals(right)


def test_files_of_others_do_not_matter(tmp_path: Path) -> None:
    right = run(tmp_path, buckets=2, ordered=True).to_arrow()
    strays = ("bucket-0-of-2 (1).parquet", "bucket-x-of-2.parquet", "bucket-0-of-4.parquet.bak")
    strays += (".bucket-0-of-2.parquet.part", ".note.part", ".bucket-0-of-2.parquet.zz.part")
    for name in strays:
        (tmp_path / name).write_bytes(b"mine")
    (tmp_path / "bucket-1-of-2.parquet").unlink()
    assert run(tmp_path, ordered=True).to_arrow().equals(right)
    for name in strays:
        assert (tmp_path / name).read_bytes() == b"mine"


def test_what_a_killed_run_left_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path, buckets=2).to_arrow()
    whole = files_left(tmp_path)
    for name in whole:
        (tmp_path / f".{name}.0123abcd.part").write_bytes(b"half")
    monkeypatch.setattr(deciding, "executed", None)
    assert run(tmp_path).counts().rows == 60
    assert files_left(tmp_path) == whole
    with kept.Kept(tmp_path).place(Bucket(0, 2)) as path:
        assert run(tmp_path).counts().rows == 60
        assert path.exists()
        path.write_bytes((tmp_path / "bucket-0-of-2.parquet").read_bytes())
    assert files_left(tmp_path) == whole


# -- earlier answers -------------------------------------------------------------------------------

OPTIONS: dict[str, Any] = {"mql": MQL, "changes_at": True, "inputs_hash": True}


def as_csv(known: Any, path: Path) -> Any:
    pyarrow.csv.write_csv(known, path)
    return path


def naive(known: Any, _: Path) -> Any:
    return put(known, "as_of", known["as_of"].cast(pa.timestamp("us")))


def put(table: Any, name: str, column: Any) -> Any:
    return table.set_column(table.column_names.index(name), name, column)


def otherwise(known: Any, path: Path) -> Any:
    known = put(known, "lead_id", pa.array(range(60)))
    known = put(known, "changes_at", pa.array(["never"] * 60))
    known = put(known, "score", pa.array([1.5] * 60))
    pq.write_table(known, path)
    return path


def twice(known: Any, _: Path) -> Any:
    return known.append_column("decision", known["decision"])


HOLDS = "the earlier answer: the column {!r} holds {}; write it as the run gives it"
GIVEN: dict[str, tuple[Callable[[Any, Path], Any], tuple[str, ...]]] = {
    "csv": (as_csv, ("the earlier answer, {path}: is no Parquet file",)),
    "naive": (naive, (HOLDS.format("as_of", "timestamp[us], not instants with a time zone"),)),
    "otherwise": (
        otherwise,
        (
            HOLDS.format("lead_id", "int64, not text"),
            HOLDS.format("score", "double, not decimals"),
            HOLDS.format("changes_at", "string, not instants with a time zone"),
        ),
    ),
    "twice": (twice, ("the earlier answer has the column 'decision' more than once",)),
}


@pytest.mark.parametrize(("make", "faults"), GIVEN.values(), ids=GIVEN)
def test_an_earlier_answer_of_other_kinds_is_refused(
    make: Callable[[Any, Path], Any], faults: tuple[str, ...], tmp_path: Path
) -> None:
    made = run(**OPTIONS)
    given = make(made.to_arrow(), tmp_path / "known.csv")
    with pytest.raises(bulk.BulkError) as raised:
        made.changed(given)
    assert raised.value.faults == tuple(f.format(path=tmp_path / "known.csv") for f in faults)


def test_an_earlier_answer_may_come_by_way_of_another_library(tmp_path: Path) -> None:
    made = run(**OPTIONS, ordered=True)
    known = made.to_arrow()
    coded = put(known, "decision", known["decision"].dictionary_encode())
    coded = put(coded, "lead_id", coded["lead_id"].cast(pa.large_string()))
    blank = put(known, "changes_at", pa.nulls(60))
    zoned = put(known, "as_of", known["as_of"].cast(pa.timestamp("ns", "Asia/Tokyo")))
    with duckdb.connect() as connection:
        connection.register("known", known)
        path = tmp_path / "duckdb.parquet"
        connection.sql("FROM known").to_parquet(str(path))
    for given in (coded, zoned, path, made.to_polars(), made.to_pandas()):
        assert made.changed(given, merged=True).to_arrow().equals(known)
    assert made.changed(blank).counts().rows == 0


def test_a_manifest_says_what_buckets_answer(tmp_path: Path) -> None:
    run(tmp_path, buckets=2).to_arrow()
    facts = json.loads((tmp_path / "manifest.json").read_text())
    assert facts.pop("buckets") == 2
    assert all(isinstance(fact, str) for fact in facts.values())
