"""Decisions as rows: exact numbers, and a file that is whole or not there."""

import csv
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from mqlkit import Decision, Group, Lead, Qualification, Rule, Scorecard, attribute, grade, score
from mqlkit.tables import TableError, open_output
from mqlkit.tables.output import columns_of, row_of

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
MODEL = Qualification(
    "fit",
    version="1",
    card=Scorecard(
        Group("fit", [Rule("a", attribute("n") >= 1, 0.1), Rule("b", attribute("m") >= 1, 0.2)])
    ),
    when=score() >= 0.3,
    never={"no, never": attribute("stop").is_true()},
    grades={"letter": grade("fit", {"A": 0.3}, lowest="B")},
    labels={"big": attribute("n") >= 2},
)


def decided(**attributes: object) -> Decision:
    return MODEL.decide(Lead("=cmd()", attributes), as_of=AS_OF)


def write(path: Path) -> None:
    with open_output(str(path), columns_of(MODEL, changes_at=True)) as output:
        output.write(row_of(decided(n=2, m=1, stop=False), changes_at=True))
        output.write(row_of(decided(n=1, stop=True), changes_at=True))
        output.write(row_of(decided(n=1, stop=False), changes_at=True))


@pytest.mark.parametrize("format_", ["csv", "jsonl", "parquet"])
def test_a_run_that_fails_at_its_start_is_no_run_without_leads(
    format_: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    with (
        pytest.raises(TableError),
        open_output("-", columns_of(MODEL), format_),
    ):
        raise TableError("leads.csv: cannot be read")
    assert capfdbinary.readouterr().out == b""


def test_csv(tmp_path: Path) -> None:
    write(tmp_path / "out.csv")
    text = (tmp_path / "out.csv").read_text(encoding="utf-8")
    first, second, third = csv.DictReader(text.splitlines())
    assert first == {
        "lead": "=cmd()",  # Written as it is; a spreadsheet must open it as text.
        "status": "qualified",
        "reasons": "fit",
        "score.total.low": "0.3",
        "score.total": "0.3",
        "score.total.high": "0.3",
        "score.fit.low": "0.3",
        "score.fit": "0.3",
        "score.fit.high": "0.3",
        "grade.letter": "A",
        "labels": "big",
        "missing": "",
        "name": "fit",
        "version": "1",
        "fingerprint": MODEL.fingerprint,
        "as_of": "2026-03-01T00:00:00+00:00",
        "changes_at": "",
    }
    assert (second["status"], second["reasons"]) == ("disqualified", "no, never")
    ends = ("score.total.low", "score.total", "score.total.high")
    assert [third[end] for end in ends] == ["0.1", "0.1", "0.3"]
    assert (third["status"], third["missing"]) == ("needs data", "m")


def test_json_lines(tmp_path: Path) -> None:
    write(tmp_path / "out.jsonl")
    text = (tmp_path / "out.jsonl").read_text(encoding="utf-8")
    first, _, third = map(json.loads, text.splitlines())
    assert '"score.total": 0.3,' in text
    assert (first["reasons"], first["labels"], first["changes_at"]) == (["fit"], ["big"], None)
    assert third["missing"] == ["m"]


def test_parquet(tmp_path: Path) -> None:
    write(tmp_path / "out.parquet")
    first, second, _ = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert (first["score.total"], first["as_of"]) == (Decimal("0.300"), AS_OF)
    assert second["reasons"] == ["no, never"]


def test_two_scores_never_share_a_column() -> None:
    groups = [Group(name, [Rule(name, attribute("n") >= 1, 1)]) for name in ("fit", "fit.low")]
    model = Qualification("fit", version="1", card=Scorecard(*groups), when=score() >= 1)
    with pytest.raises(TableError, match=r"two scores would be the column 'score\.fit\.low'"):
        columns_of(model)


def test_columns_are_the_same_with_no_rows(tmp_path: Path) -> None:
    columns = columns_of(MODEL)
    for ending in ("csv", "jsonl", "parquet"):
        with open_output(str(tmp_path / f"out.{ending}"), columns):
            pass
    assert (tmp_path / "out.csv").read_text() == ",".join(columns) + "\n"
    assert (tmp_path / "out.jsonl").read_text() == ""
    assert tuple(pq.read_table(tmp_path / "out.parquet").column_names) == columns
    assert tuple(row_of(decided())) == columns


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_run_that_fails_leaves_what_was_there(
    tmp_path: Path, ending: str, error: type[BaseException]
) -> None:
    path = tmp_path / f"out.{ending}"
    path.write_text("before")

    def fail() -> None:
        with open_output(str(path), columns_of(MODEL)) as output:
            output.write(row_of(decided(n=1)))
            raise error

    with pytest.raises(error):
        fail()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_to(tmp_path: Path) -> None:
    with (
        pytest.raises(TableError, match="No such file"),
        open_output(str(tmp_path / "none" / "out.csv"), ("lead",)),
    ):
        raise AssertionError


def test_a_link_stays_one_and_a_device_is_never_replaced(tmp_path: Path) -> None:
    target, link = tmp_path / "target.csv", tmp_path / "link.csv"
    target.write_text("before")
    target.chmod(0o640)
    link.symlink_to(target)
    write(link)
    assert link.is_symlink()
    assert target.read_text().startswith("lead,status")
    assert target.stat().st_mode & 0o777 == 0o640
    with open_output("/dev/null", ("lead",), "csv") as output:
        output.write({"lead": "a"})
    assert Path("/dev/null").is_char_device()
