"""Answers lie in folders of any name: none is a pattern or a column to the engine."""

from pathlib import Path

import pytest
from bulk.company import MQL, NOW, files, tables

from mqlkit import bulk

NAMES = ("decision=qualified/as_of=2026-01-01/fingerprint=x/run=5", "a*b", "[a]? it's")


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_is_called_as_its_owner_likes(name: str, tmp_path: Path) -> None:
    leads, activities = tables(40, 300)
    options = {"as_of": NOW, "changes_at": True, "inputs_hash": True}
    right = bulk.decide(MQL, leads, activities, **options, ordered=True)
    folder = tmp_path / name
    folder.mkdir(parents=True)
    given = files(folder, leads, activities)
    beside = tmp_path / "aXb"  # what a pattern would find
    beside.mkdir()
    for ordered in (True, False):
        kept = {"resume": folder / f"kept {ordered}", "buckets": 2, "ordered": ordered}
        run = bulk.decide(MQL, *given.values(), **options, **kept)
        known = folder / f"{ordered}.parquet"
        run.to_parquet(known)
        assert run.counts() == right.counts()
        assert run.to_arrow().sort_by("lead_id").equals(right.to_arrow().sort_by("lead_id"))
        (beside / known.name).write_bytes(b"no Parquet")
        assert right.changed(known).to_arrow().num_rows == 0
        assert right.changed(known, merged=True).to_arrow().equals(right.to_arrow())
        assert right.verify(None, answer=known).agrees
