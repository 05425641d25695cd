"""The made-up market: the same for everybody, and like a real export in what is wrong with it."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mqlkit.errors import DefinitionError, NaiveTimeError
from mqlkit.sample import write_sample
from mqlkit.tables import ActivityFile, Files, Report, read_mapping
from mqlkit.vocabulary import ACTIVITY_KINDS, CONTENT_TYPES

AS_OF = datetime(2026, 10, 1, tzinfo=UTC)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    return write_sample(tmp_path_factory.mktemp("sample"), 400, as_of=AS_OF)


def test_the_same_seed_gives_the_same_bytes(paths: tuple[Path, Path, Path], tmp_path: Path) -> None:
    again = write_sample(tmp_path / "again", 400, as_of=AS_OF)
    assert [p.read_bytes() for p in again] == [p.read_bytes() for p in paths]
    other = write_sample(tmp_path / "other", 400, 2, as_of=AS_OF)
    assert other[0].read_bytes() != paths[0].read_bytes()


def test_it_is_read_by_its_own_mapping(paths: tuple[Path, Path, Path]) -> None:
    report = Report()
    files = Files(str(paths[0]), [ActivityFile(str(paths[1]))], read_mapping(paths[2]))
    leads = list(files.read(report))
    assert len(leads) == 400
    assert report.adds_up
    of_activities, of_leads = report.tallies
    assert (of_activities.refused, of_leads.refused) == (2, 0)
    assert of_leads.cells > 0
    assert any(lead.timeline is not None and len(lead.timeline) == 0 for lead in leads)
    assert sum(len(lead.timeline or ()) for lead in leads) < of_activities.kept  # repeated ids


def test_it_speaks_the_shipped_vocabulary(paths: tuple[Path, Path, Path]) -> None:
    activities = rows(paths[1])
    assert {row["kind"] for row in activities} <= ACTIVITY_KINDS.keys()
    assert {row["content_type"] for row in activities} - {""} <= CONTENT_TYPES.keys()


def test_times_lie_in_the_180_days_before(paths: tuple[Path, Path, Path]) -> None:
    times = [row["at"] for row in rows(paths[1])]
    assert times.count("yesterday") == 1
    known = [datetime.fromisoformat(at) for at in times if at != "yesterday"]
    assert AS_OF - timedelta(days=180) <= min(known) <= max(known) <= AS_OF


def test_nobody_in_it_has_a_real_address(paths: tuple[Path, Path, Path]) -> None:
    for row in rows(paths[0]):
        email = row["email"]
        assert not email or email.endswith(".example") or email.startswith("made-up-")


def test_what_it_refuses(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="a sample has 1 to 1,000,000 leads, not 0"):
        write_sample(tmp_path, 0, as_of=AS_OF)
    with pytest.raises(NaiveTimeError):
        write_sample(tmp_path, 1, as_of=datetime(2026, 1, 1))
