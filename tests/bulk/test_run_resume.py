"""A run that was killed goes on where it was; buckets of another run are never mixed in."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from bulk.company import HOUR, NOW, SMALL, files, tables
from bulk.running import files_left

from mqlkit import Qualification, activity, attribute, bulk
from mqlkit.bulk import deciding
from mqlkit.bulk.fetching import OutOfMemory, executed

LEADS, ACTIVITIES = tables(150, 2_000)
PROGRAM = """
import os, signal, sys
from threading import Timer
sys.path[:0] = [{tests!r}]
from bulk.company import NOW, SMALL
from mqlkit import bulk
from mqlkit.bulk import deciding

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def tell(share):
    if share >= {share}:
        die()

whole = deciding.executed

def within(connection, statement, **how):
    if {within!r} == "dividing" and "/activities' (FORMAT PARQUET, PARTITION_BY" in statement:
        Timer(0.01, die).start()
    whole(connection, statement, **how)
    if {within!r} == "deciding" and "/.bucket-2-" in statement:
        die()
    if {within!r} == "dividing" and "PARTITION_BY" in statement and "/activities'" in statement:
        die()

deciding.executed = within
run = bulk.decide(
    SMALL, leads={leads!r}, activities={activities!r}, as_of=NOW, buckets=4, resume={folder!r},
    progress=tell,
)
run.to_parquet({answer!r})
"""


@pytest.fixture
def paths(tmp_path: Path) -> dict[str, str]:
    return {name: str(path) for name, path in files(tmp_path, LEADS, ACTIVITIES).items()}


def run(paths: dict[str, Any], folder: Path, **options: Any) -> bulk.Run:
    given = {"as_of": NOW, "buckets": 4, "mql": SMALL, **paths, **options}
    made: bulk.Run = bulk.decide(**given, resume=folder)
    return made


@pytest.mark.parametrize(
    ("share", "within", "finished"),
    [(0.6, "", 2), (2.0, "deciding", 2), (2.0, "dividing", 0)],
    ids=["between", "deciding", "dividing"],
)
def test_a_killed_run_goes_on(
    paths: dict[str, str], tmp_path: Path, share: float, within: str, finished: int
) -> None:
    folder, answer = tmp_path / "kept", tmp_path / "answer.parquet"
    program = PROGRAM.format(
        tests=str(Path(__file__).parent.parent),
        share=share,
        within=within,
        folder=str(folder),
        answer=str(answer),
        **paths,
    )
    killed = subprocess.run([sys.executable, "-c", program], check=False)
    assert killed.returncode == -9
    assert not answer.exists()
    there = {path.name: path.stat().st_mtime_ns for path in folder.glob("bucket-*.parquet")}
    assert set(there) == {f"bucket-{number}-of-4.parquet" for number in range(finished)}
    shares: list[float] = []
    again = run(paths, folder, ordered=True, progress=shares.append)
    table = again.to_arrow()
    right = bulk.decide(SMALL, leads=LEADS, activities=ACTIVITIES, as_of=NOW, ordered=True)
    assert table.equals(right.to_arrow())
    assert shares[1] > 0.1 * finished
    for name, changed in there.items():
        assert (folder / name).stat().st_mtime_ns == changed


def test_a_run_that_goes_on_divides_what_is_not_finished(
    paths: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(paths, tmp_path, ordered=True).to_arrow()
    for number in (1, 3):
        (tmp_path / f"bucket-{number}-of-4.parquet").unlink()
    asked: list[str] = []

    def noting(connection: Any, statement: str, **how: Any) -> None:
        asked.append(statement)
        executed(connection, statement, **how)

    monkeypatch.setattr(deciding, "executed", noting)
    assert run(paths, tmp_path, ordered=True).to_arrow().equals(first)
    assert ["mqlkit_part IN (1, 3)" in statement for statement in asked] == [
        True,
        True,
        False,
        False,
    ]


def test_what_is_kept_stays_whole_when_a_bucket_before_it_is_halved(
    paths: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A damaged file was taken away, and what it held is now too much for the memory."""
    first = run(paths, tmp_path, ordered=True).to_arrow()
    (tmp_path / "bucket-0-of-4.parquet").unlink()

    def narrow(connection: Any, statement: str, **how: Any) -> None:
        if "/.bucket-0-of-4." in statement:
            raise OutOfMemory
        executed(connection, statement, **how)

    monkeypatch.setattr(deciding, "executed", narrow)
    for _ in range(2):
        assert run(paths, tmp_path, ordered=True).to_arrow().equals(first)
    kept = {name for name in files_left(tmp_path) if name.startswith("bucket-")}
    assert kept == {
        *("bucket-0-of-8.parquet", "bucket-4-of-8.parquet"),
        *(f"bucket-{number}-of-4.parquet" for number in (1, 2, 3)),
    }


def test_a_finished_run_is_not_computed_again(
    paths: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(paths, tmp_path / "kept").to_arrow()
    monkeypatch.setattr(deciding, "executed", None)
    assert run(paths, tmp_path / "kept", buckets=None).to_arrow().equals(first)


def test_a_run_that_was_divided_further_goes_on(
    paths: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def narrow(connection: Any, statement: str, **how: Any) -> Any:
        if "/.bucket-" in statement:
            asked.append(statement)
            if len(asked) == 2:
                raise OutOfMemory
            if len(asked) == 4:
                raise KeyboardInterrupt
        executed(connection, statement, **how)

    monkeypatch.setattr(deciding, "executed", narrow)
    folder = tmp_path / "kept"
    with pytest.raises(KeyboardInterrupt):
        run(paths, folder, buckets=2).to_arrow()
    found = {name for name in files_left(folder) if name.startswith("bucket")}
    assert found == {"bucket-0-of-2.parquet", "bucket-1-of-4.parquet"}
    monkeypatch.setattr(deciding, "executed", executed)
    table = run(paths, folder, buckets=2, ordered=True).to_arrow()
    right = bulk.decide(SMALL, leads=LEADS, activities=ACTIVITIES, as_of=NOW, ordered=True)
    assert table.equals(right.to_arrow())


def other_file(paths: dict[str, Any]) -> dict[str, Any]:
    path = Path(paths["leads"])
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))
    return {}


CHANGES: dict[str, tuple[Any, str]] = {
    "as_of": (lambda _: {"as_of": NOW + HOUR}, "as_of: there 2026-03-31 12:00:00 UTC, here"),
    "definition": (
        lambda _: {"mql": attrs.evolve(SMALL, version="2")},
        "definition: there small version 1 (",
    ),
    "options": (lambda _: {"changes_at": True}, "options: there missing, here changes_at, missing"),
    "unique ids": (lambda _: {"unique_ids": True}, "unique_ids: there False, here True"),
    "inputs": (other_file, "leads: there "),
    "buckets": (lambda _: {"buckets": 5}, "buckets: there 4, here 5"),
    "activities": (lambda _: {"activities": None}, "here none"),
}


@pytest.mark.parametrize(("change", "told"), CHANGES.values(), ids=CHANGES)
def test_buckets_of_another_run_are_refused(
    paths: dict[str, Any], tmp_path: Path, change: Any, told: str
) -> None:
    folder = tmp_path / "kept"
    definition = {"mql": SMALL}
    if told == "here none":  # without activities nothing may be asked of them
        only = attrs.evolve(SMALL, when=SMALL.never["rival"])
        definition = {"mql": only}
    run(paths, folder, **definition).to_arrow()
    other = {**definition, **change(paths)}
    with pytest.raises(bulk.ResumeError) as raised:
        run({**paths}, folder, **other).to_arrow()
    assert "keeps buckets of another run; take another folder" in str(raised.value)
    assert told in str(raised.value)


def test_frames_are_told_apart_by_what_they_hold(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    given = {"leads": LEADS, "activities": ACTIVITIES}
    first = run(given, folder).to_arrow()
    same = {"leads": LEADS.slice(0), "activities": ACTIVITIES.take(list(range(2_000))[::-1])}
    assert run(same, folder).to_arrow().equals(first)
    changed = ACTIVITIES.set_column(
        2, "at", ACTIVITIES["at"].cast("int64").cast(ACTIVITIES["at"].type)
    )
    assert run({**given, "activities": changed}, folder).to_arrow().equals(first)
    other = ACTIVITIES.set_column(1, "kind", [["page_view"] * 2_000])
    with pytest.raises(bulk.ResumeError, match="activities: there 2,000 rows"):
        run({**given, "activities": other}, folder).to_arrow()


@pytest.mark.parametrize("way", ["several", "each its own"])
def test_instants_are_part_of_what_buckets_answer(way: str, tmp_path: Path) -> None:
    instants = [[NOW + place * HOUR] * 150 for place in range(3)]
    first, second, third = (LEADS.append_column("seen_at", [times]) for times in instants)
    as_of: dict[str, Any] = {"several": [NOW, NOW + HOUR], "each its own": "seen_at"}
    given = {"activities": ACTIVITIES, "as_of": as_of[way]}
    run({"leads": first, **given}, tmp_path).to_arrow()
    assert run({"leads": first, **given}, tmp_path).counts().rows in (150, 300)
    with pytest.raises(bulk.ResumeError):
        run({"leads": second, **given}, tmp_path).to_arrow()
    with pytest.raises(bulk.ResumeError, match="as_of: there "):
        run({"leads": third, **given, "as_of": [NOW]}, tmp_path).to_arrow()


def test_a_query_that_looks_like_a_pattern_is_known_by_its_rows(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.register("did", ACTIVITIES)
        connection.register("given", LEADS)
        given = {
            "leads": "given",
            "activities": f"SELECT * FROM did WHERE 2**2 = 4{' ' * 300}",
            "connection": connection,
        }
        run(given, tmp_path).to_arrow()
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["leads"].startswith("150 rows (")


def test_lists_and_patterns_are_known_by_their_files(paths: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    pattern = {"leads": [paths["leads"]], "activities": str(tmp_path / "act*.parquet")}
    run(pattern, folder).to_arrow()
    manifest = json.loads((folder / "manifest.json").read_text())
    assert paths["activities"] in manifest["activities"]
    assert run(paths, folder).to_arrow().num_rows == 150
    empty = pq.read_table(paths["activities"]).slice(0, 0)
    pq.write_table(empty, tmp_path / "act2.parquet")
    with pytest.raises(bulk.ResumeError, match=r"act2\.parquet"):
        run(pattern, folder).to_arrow()


@pytest.fixture
def parts(tmp_path: Path) -> list[str]:
    """Two files with a row for the same lead each: the first counts."""
    made = []
    for name, employees in (("a", 10), ("b", 60)):
        table = pa.table({"id": ["ada"], "employees": [employees], "was": [employees]})
        made.append(str(tmp_path / f"{name}.parquet"))
        pq.write_table(table, made[-1])
    return made


FIT = Qualification("fit", version="1", when=attribute("employees") >= 50)


def decided(folder: Path, leads: Any, as_of: Any = NOW, **options: Any) -> list[str]:
    made = bulk.decide(FIT, leads=leads, as_of=as_of, buckets=2, resume=folder, **options)
    found: list[str] = made.to_arrow()["decision"].to_pylist()
    return found


def test_the_order_of_files_is_part_of_what_buckets_answer(
    parts: list[str], tmp_path: Path
) -> None:
    first, second = parts
    folder = tmp_path / "kept"
    assert decided(folder, parts) == ["not qualified"]
    assert decided(folder, str(tmp_path / "[ab].parquet")) == ["not qualified"]
    assert decided(tmp_path / "other", [second, first]) == ["qualified"]
    for other in ([second, first], [first, second, first], [first, first], first):
        with pytest.raises(bulk.ResumeError, match="leads: there "):
            decided(folder, other)


def test_sections_of_files_are_part_of_what_buckets_answer(tmp_path: Path) -> None:
    mql = Qualification("seen", version="1", when=activity("seen").happened())
    mapping = tmp_path / "map.toml"
    mapping.write_text(
        "format = 1\n"
        "[[activities]]\nname = 'one'\nlead = 'a'\nkind_is = 'seen'\nat = 't'\n"
        "[[activities]]\nname = 'two'\nlead = 'b'\nkind_is = 'seen'\nat = 't'\n"
    )
    table = pa.table({"a": ["ada"], "b": ["bob"], "t": [NOW]})
    leads = pa.table({"id": ["ada", "bob"]})
    path = str(tmp_path / "seen.parquet")
    pq.write_table(table, path)
    answers = []
    for number, given in enumerate(({"one": path}, {"two": path}, {"one": table})):
        made = bulk.decide(
            mql, leads, given, as_of=NOW, mapping=mapping, resume=tmp_path / str(number),
            ordered=True,
        )  # fmt: skip
        answers.append(made.to_arrow()["decision"].to_pylist())
        facts = json.loads((tmp_path / str(number) / "manifest.json").read_text())
        assert facts["activities"].startswith(('"one": /', '"two": /', "1 rows (")[number])
    assert answers[0] == answers[2] != answers[1]


def test_the_names_of_columns_are_part_of_what_buckets_answer(tmp_path: Path) -> None:
    names = ["id", "employees", "was"]
    columns = [["ada"], [10], [60]]
    decided(tmp_path, pa.table(columns, names))
    with pytest.raises(bulk.ResumeError, match="leads: there 1 rows"):
        decided(tmp_path, pa.table(columns, ["id", "was", "employees"]))


def test_the_column_of_instants_is_part_of_what_buckets_answer(tmp_path: Path) -> None:
    path = str(tmp_path / "leads.parquet")
    times = {"seen_at": [NOW], "left_at": [NOW + HOUR]}
    pq.write_table(pa.table({"id": ["ada"], "employees": [60], **times}), path)
    folder = tmp_path / "kept"
    assert decided(folder, path, "seen_at") == ["qualified"]
    with pytest.raises(bulk.ResumeError) as raised:
        decided(folder, path, "left_at")
    there = 'as_of: there each row\'s own, in the column "seen_at"'
    assert raised.value.differences == (f'{there}, here each row\'s own, in the column "left_at"',)


def test_of_many_files_those_that_differ_are_told(tmp_path: Path) -> None:
    paths = [str(tmp_path / f"{number}.parquet") for number in range(30)]
    for path in paths:
        pq.write_table(pa.table({"id": [path], "employees": [60], "seen_at": [NOW]}), path)
    folder = tmp_path / "kept"
    decided(folder, paths[:29])
    with pytest.raises(bulk.ResumeError) as raised:
        decided(folder, paths)
    (told,) = raised.value.differences
    assert told.startswith(f"leads: there nothing else, here {paths[29]} (")
    with pytest.raises(bulk.ResumeError) as raised:
        decided(folder, paths[:20])
    (told,) = raised.value.differences
    assert told.startswith(f"leads: there {paths[20]} (")
    assert told.endswith(" and 6 more, here nothing else")
    with pytest.raises(bulk.ResumeError, match="the same in another order, or not as often"):
        decided(folder, [*paths[1:29], paths[0]])
