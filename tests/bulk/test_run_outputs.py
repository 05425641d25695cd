"""What a run writes: the same rows are the same bytes, and a file is there whole or not at all."""

import csv
import json
import sys
from collections.abc import Callable, Generator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from bulk.company import MQL, NOW, shuffled, tables
from bulk.running import files_left

from mqlkit import Qualification, attribute, bulk
from mqlkit.bulk import outputs
from mqlkit.bulk.lines import csv_lines, json_lines
from mqlkit.bulk.outputs import MissingLibraryError, Rows
from mqlkit.tables import TableError

LEADS, ACTIVITIES = tables(120, 1_500)
WAYS: dict[str, Callable[[Rows, Path], None]] = {
    "parquet": Rows.to_parquet,
    "csv": Rows.to_csv,
    "jsonl": Rows.to_jsonl,
}


def written(folder: Path, **options: Any) -> list[bytes]:
    """An ordered answer in every format."""
    leads = options.pop("leads", LEADS)
    activities = options.pop("activities", ACTIVITIES)
    with bulk.decide(
        MQL, leads=leads, activities=activities, as_of=NOW, ordered=True, rules=True, **options
    ) as run:
        for ending, write in WAYS.items():
            write(run, folder / f"answer.{ending}")
    return [(folder / f"answer.{ending}").read_bytes() for ending in WAYS]


def test_neither_order_nor_buckets_nor_threads_nor_memory_change_a_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 136: chunked or parallel bulk is one by one; the order of rows does not matter."""
    monkeypatch.setattr(outputs, "_GROUP", 40)
    right = written(tmp_path)
    other = {"leads": shuffled(LEADS, 5), "activities": shuffled(ACTIVITIES, 6)}
    assert written(tmp_path, **other, threads=1) == right
    assert written(tmp_path, **other, buckets=5, memory="200MB") == right
    groups = pq.ParquetFile(tmp_path / "answer.parquet").metadata
    assert [groups.row_group(n).num_rows for n in range(groups.num_row_groups)] == [40, 40, 40]


def test_rows_out_of_order_are_other_bytes(tmp_path: Path) -> None:
    """The law above would notice a run that leaves rows in the order of its buckets."""
    run = bulk.decide(MQL, leads=LEADS, activities=ACTIVITIES, as_of=NOW, buckets=5)
    run.to_csv(tmp_path / "loose.csv")
    loose = (tmp_path / "loose.csv").read_bytes()
    run = bulk.decide(MQL, leads=LEADS, activities=ACTIVITIES, as_of=NOW, buckets=5, ordered=True)
    run.to_csv(tmp_path / "strict.csv")
    strict = (tmp_path / "strict.csv").read_bytes()
    assert strict != loose
    assert sorted(strict.splitlines()) == sorted(loose.splitlines())


def test_keys_are_in_the_order_of_code_points() -> None:
    names = ["b", "B", "é", "z", "\N{GRINNING FACE}", "\ufffd", "a b", "a", "Ab"]
    leads = pa.table({"id": names, "size": range(len(names))})
    mql = Qualification("any", version="1", when=attribute("size") >= 2)
    run = bulk.decide(mql, leads=leads, as_of=NOW, ordered=True, buckets=2)
    assert run.to_arrow()["lead_id"].to_pylist() == sorted(names)


def test_all_formats_say_the_same(tmp_path: Path) -> None:
    written(tmp_path, changes_at=True)
    rows = pq.read_table(tmp_path / "answer.parquet").to_pylist()
    lines = (tmp_path / "answer.jsonl").read_text("utf-8").splitlines()
    assert [told(row) for row in rows] == [
        json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in lines
    ]
    with (tmp_path / "answer.csv").open(encoding="utf-8", newline="") as file:
        cells = list(csv.DictReader(file))
    assert [{name: in_a_cell(value) for name, value in row.items()} for row in rows] == cells


def told(row: dict[str, Any]) -> dict[str, Any]:
    return {n: v.isoformat() if hasattr(v, "isoformat") else v for n, v in row.items()}


def in_a_cell(value: Any) -> str:
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".")
    return "" if value is None else value.isoformat() if hasattr(value, "isoformat") else value


def test_every_kind_of_value_as_a_line() -> None:
    batch = pa.record_batch(
        {
            "text, told": pa.array(['say "x"\n', None, "back\\", "\N{GRINNING FACE}"]),
            "points": pa.array(
                [Decimal("10.000"), Decimal("-0.005"), None, Decimal("100.500")],
                pa.decimal128(18, 3),
            ),
            "at": pa.array([0, 1, None, 1_500_000], pa.timestamp("us", "UTC")),
            "flag": pa.array([True, False, None, True]),
        }
    )
    assert csv_lines(batch).decode() == (
        '"say ""x""\n",10,1970-01-01T00:00:00+00:00,true\n'
        ",-0.005,1970-01-01T00:00:00.000001+00:00,false\n"
        "back\\,,,\n"
        "\N{GRINNING FACE},100.5,1970-01-01T00:00:01.500000+00:00,true\n"
    )
    rows = [json.loads(line) for line in json_lines(batch).decode().splitlines()]
    assert rows[0] == {
        "text, told": 'say "x"\n',
        "points": 10,
        "at": "1970-01-01T00:00:00+00:00",
        "flag": True,
    }
    assert rows[2] == {"text, told": "back\\", "points": None, "at": None, "flag": None}
    assert csv_lines(batch.slice(0, 0)) == json_lines(batch.slice(0, 0)) == b""


def test_lists_are_lists_in_json() -> None:
    batch = pa.record_batch({"labels": pa.array([["hot", 'say "x"'], None])})
    assert json_lines(batch) == b'{"labels": ["hot", "say \\"x\\""]}\n{"labels": null}\n'


def test_the_same_rows_are_the_same_bytes_however_they_are_batched(tmp_path: Path) -> None:
    """Law 136: groups of a Parquet file do not follow the batches."""
    table = pa.table({"lead_id": [f"lead {number}" for number in range(25)]})
    found = []
    for size in (1, 7, 25):
        with (tmp_path / "answer").open("wb") as file:
            outputs.write_parquet(file, table.schema, table.to_batches(max_chunksize=size))
        found.append((tmp_path / "answer").read_bytes())
    assert found == [found[0]] * 3


class Failing(Rows):
    """Rows of which only the first come."""

    schema = pa.schema([("lead_id", pa.string())])  # type: ignore[assignment]

    def batches(self) -> Generator[pa.RecordBatch]:
        yield pa.record_batch({"lead_id": ["ada"]})
        raise RuntimeError("no more")


@pytest.mark.parametrize("write", WAYS.values(), ids=WAYS)
def test_a_file_is_there_whole_or_not_at_all(write: Any, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"^no more$"):
        write(Failing(), tmp_path / "answer")
    assert files_left(tmp_path) == []
    (tmp_path / "answer").write_text("before")
    with pytest.raises(RuntimeError, match=r"^no more$"):
        write(Failing(), tmp_path / "answer")
    assert files_left(tmp_path) == ["answer"]
    assert (tmp_path / "answer").read_text() == "before"
    with pytest.raises(TableError):
        write(Failing(), tmp_path / "no such folder" / "answer")


@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_a_library_that_is_not_installed(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    rows = Failing()
    with pytest.raises(MissingLibraryError, match=f"^to_{library} needs {library}; install it"):
        getattr(rows, f"to_{library}")()
