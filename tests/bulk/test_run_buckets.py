"""Memory, buckets, progress and interruption of bulk runs."""

import re
import signal
import threading
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from bulk.company import NOW, SMALL, files, tables
from bulk.running import files_left

from mqlkit import Qualification, attribute, bulk
from mqlkit.bulk import apart, deciding, fetching, memory, sessions
from mqlkit.bulk.fetching import OutOfMemory, executed, fetched
from mqlkit.bulk.memory import Bucket, count_for, for_engine, memory_in_bytes
from mqlkit.errors import DefinitionError, KindError

LEADS, ACTIVITIES = tables(150, 2_000)


def run(**options: Any) -> bulk.Run:
    made: bulk.Run = bulk.decide(SMALL, leads=LEADS, activities=ACTIVITIES, as_of=NOW, **options)
    return made


WHOLE = run(ordered=True).to_arrow()


def in_order(table: pa.Table) -> pa.Table:
    return table.sort_by("lead_id").combine_chunks()


# -- how much ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "found"),
    [
        (None, None),
        (700_000_000, 700_000_000),
        ("700MB", 700_000_000),
        (" 1.5 GiB ", 1_610_612_736),
        ("300 mib", 314_572_800),
        ("1tb", 1_000_000_000_000),
        ("1638.5 PiB", 1_844_786_997_361_639_424),  # what DuckDB 1.3 says where it knows no limit
    ],
)
def test_memory_is_an_amount(stated: Any, found: int | None) -> None:
    assert memory_in_bytes(stated) == found


@pytest.mark.parametrize(
    ("stated", "error", "told"),
    [
        ("much", DefinitionError, 'memory is a text such as "700MB" or "2GB", not "much"'),
        (
            "150MB",
            DefinitionError,
            "150,000,000 bytes of memory are too little; 200MB is the least",
        ),
        (True, KindError, 'memory is a text such as "700MB", or whole bytes, not yes'),
        (1.5, KindError, 'memory is a text such as "700MB", or whole bytes, not 1.5'),
    ],
)
def test_memory_that_is_none(stated: Any, error: type[Exception], told: str) -> None:
    with pytest.raises(error) as raised:
        run(memory=stated)
    assert str(raised.value).lower() == told.lower()


def test_there_are_as_few_buckets_as_the_memory_allows() -> None:
    assert count_for(None, 1_000) == count_for(1_000, None) == 1
    counts = [count_for(size * 2_000_000, 400_000_000) for size in range(400)]
    assert counts == sorted(counts)
    assert counts[0] == counts[1] == 1
    assert counts[-1] > 8
    assert count_for(10**15, 50_000_000) == memory.MOST_BUCKETS


def test_the_engine_gets_less_than_the_whole_process() -> None:
    with run(memory="700MB") as made, made._sessions.one() as session:
        setting = "SELECT current_setting('memory_limit')"
        ((shown,),) = session.connection.execute(setting).fetchall()
        assert memory_in_bytes(shown) == pytest.approx(for_engine(700_000_000), rel=0.001)
    assert for_engine(700_000_000) < 600_000_000


@pytest.mark.parametrize("name", ["buckets", "threads"])
@pytest.mark.parametrize("wrong", [0, -1, 1.5, True, 100_000])
def test_a_number_of_buckets_or_threads_that_is_none(name: str, wrong: Any) -> None:
    with pytest.raises(DefinitionError, match=f"^{name} are a whole number from 1 to "):
        run(**{name: wrong})


# -- buckets -----------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [2, 5, 7])
@pytest.mark.parametrize("files", [80, 2])
def test_buckets_hold_each_lead_once(
    count: int, files: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 136: chunked bulk is bulk, also where several buckets share a file."""
    monkeypatch.setattr(apart, "_FILES", files)
    assert in_order(run(buckets=count).to_arrow()).equals(WHOLE)
    assert run(buckets=count, ordered=True).to_arrow().combine_chunks().equals(WHOLE)


def test_the_first_rows_come_when_the_first_bucket_is_done() -> None:
    shares: list[float] = []
    with closing(run(buckets=4, progress=shares.append).batches()) as rows:
        next(rows)
        left = 1 - deciding._DIVIDING
        assert shares[-1] == pytest.approx(1 - left * 3 / 4)


@pytest.mark.parametrize("options", [{}, {"buckets": 3}, {"buckets": 3, "ordered": True}])
def test_progress_only_grows_and_ends_at_one(options: Any) -> None:
    shares: list[float] = []
    run(**options, progress=shares.append).to_arrow()
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


class Narrow:
    """Asks as an engine that has memory for small buckets only."""

    def __init__(
        self, patch: pytest.MonkeyPatch, least: int, sent: int = 0, *, cannot_divide: bool = False
    ) -> None:
        self.least, self.sent, self.cannot_divide = least, sent, cannot_divide
        self.asked: list[int] = []
        patch.setattr(deciding, "fetched", self.fetched)
        patch.setattr(deciding, "executed", self.executed)

    def is_narrow(self, query: str) -> bool:
        if "/bucket-" in query:  # puts finished buckets together
            return False
        if "PARTITION_BY" in query:
            return self.cannot_divide
        found = re.search(r"/\.bucket-\d+-of-(\d+)\.", query)
        self.asked.append(int(found[1]) if found else 1)
        return self.asked[-1] < self.least

    def fetched(self, connection: Any, query: str, **how: Any) -> Generator[Any]:
        rows = fetched(connection, query, **how)
        if self.is_narrow(query):
            with closing(rows):
                for _ in range(self.sent):
                    yield next(rows)
                raise OutOfMemory
        yield from rows

    def executed(self, connection: Any, statement: str, **how: Any) -> None:
        if self.is_narrow(statement):
            raise OutOfMemory
        executed(connection, statement, **how)


def to_arrow(made: bulk.Run, folder: Path) -> pa.Table:
    return made.to_arrow()


def by_a_file(made: bulk.Run, folder: Path) -> pa.Table:
    made.to_parquet(folder / "answer.parquet")
    return pq.read_table(folder / "answer.parquet")


@pytest.mark.parametrize("way", [to_arrow, by_a_file])
@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("buckets", [1, 3])
@pytest.mark.parametrize("cannot_divide", [False, True])
def test_a_bucket_that_is_too_large_is_halved(
    way: Any,
    ordered: bool,
    buckets: int,
    cannot_divide: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No row is lost and none comes twice, whether memory is enough to divide the inputs or not."""
    narrow = Narrow(monkeypatch, least=4, cannot_divide=cannot_divide)
    found = way(run(buckets=buckets, ordered=ordered), tmp_path)
    assert in_order(found).equals(WHOLE)
    assert max(narrow.asked) in (4, 6)


def test_memory_that_is_too_little_for_any_bucket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deciding, "MOST_BUCKETS", 8)
    for way in (to_arrow, by_a_file):
        narrow = Narrow(monkeypatch, least=10**9)
        with pytest.raises(bulk.TooLittleMemoryError, match=r"one of 8 buckets; allow more of it"):
            way(run(), tmp_path)
        assert narrow.asked == [1, 2, 4, 8]
    assert files_left(tmp_path) == []


def test_memory_that_ends_when_rows_are_sent_already(monkeypatch: pytest.MonkeyPatch) -> None:
    Narrow(monkeypatch, least=2, sent=1)
    with pytest.raises(bulk.TooLittleMemoryError):
        run().to_arrow()


def test_memory_that_is_too_little_to_put_buckets_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def joining(connection: Any, statement: str, **how: Any) -> None:
        if "/bucket-0-of-2" in statement:
            raise OutOfMemory
        executed(connection, statement, **how)

    monkeypatch.setattr(deciding, "executed", joining)
    with pytest.raises(bulk.TooLittleMemoryError, match="one of 2 buckets"):
        run(buckets=2).to_parquet(tmp_path / "answer.parquet")
    assert files_left(tmp_path) == []


def test_memory_that_is_too_little_to_put_rows_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    def merging(connection: Any, query: str, **how: Any) -> Generator[Any]:
        if "bucket-0-of-2" in query:
            raise OutOfMemory
        yield from fetched(connection, query, **how)

    monkeypatch.setattr(deciding, "fetched", merging)
    with pytest.raises(bulk.TooLittleMemoryError, match="one of 2 buckets"):
        run(buckets=2, ordered=True).to_arrow()


def test_an_engine_that_runs_out_of_memory_says_so() -> None:
    config = {"memory_limit": "30MB", "threads": 2, "temp_directory": ""}
    query = "SELECT i % 300000, COUNT(DISTINCT HASH(i)) FROM range(1000000) t(i) GROUP BY 1"
    with duckdb.connect(config=config) as connection:
        rows = fetched(connection, query, stopped=threading.Event(), tell=lambda _: None)
        with pytest.raises(OutOfMemory):
            list(rows)
        rows = fetched(connection, "SELECT error('x')", stopped=threading.Event(), tell=print)
        with pytest.raises(duckdb.Error, match="x"):
            list(rows)


def test_halves_are_the_same_leads() -> None:
    for bucket in (Bucket(0, 1), Bucket(2, 3), Bucket(5, 8)):
        for number in range(100):
            held = number % bucket.of == bucket.number
            assert held == any(number % half.of == half.number for half in bucket.halves())


def test_rows_wait_in_a_thread_as_the_version_counts_them() -> None:
    """Since 2.0 those of each file, before of all of them."""
    assert sessions._waiting("1.5.6") > 10 * sessions._waiting("2.0.0")
    with run() as made, made._sessions.one() as session:
        setting = "SELECT current_setting('partitioned_write_flush_threshold')"
        ((rows,),) = session.connection.execute(setting).fetchall()
        assert rows == sessions._waiting(duckdb.__version__)


class Noting:
    """Notes what a run asks for that gives no rows."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        patch.setattr(deciding, "executed", self.executed)

    def executed(self, connection: Any, statement: str, **how: Any) -> None:
        self.asked.append(statement)
        executed(connection, statement, **how)


def test_inputs_are_read_once_however_many_buckets_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each bucket reads files with its own rows, and of these only the columns that it names."""
    paths = files(tmp_path, LEADS.append_column("spare", [range(150)]), ACTIVITIES)
    noting = Noting(monkeypatch)
    given = {name: str(path) for name, path in paths.items()}
    made = bulk.decide(SMALL, **given, as_of=NOW, buckets=4)
    made.to_parquet(tmp_path / "answer.parquet")
    leads, activities, *others = noting.asked
    assert given["leads"] in leads
    assert '"email"' in leads
    assert '"spare"' not in leads
    assert given["activities"] in activities
    for number, bucket in enumerate(others[:-1]):
        assert bucket.count(f"/activities/mqlkit_part={number}/") > 0
        assert not any(path in bucket for path in given.values())
    assert len(others) == 5


@pytest.mark.parametrize("activities", [ACTIVITIES, ACTIVITIES.slice(0, 1), ACTIVITIES.slice(0, 0)])
def test_a_bucket_may_have_no_rows(activities: pa.Table) -> None:
    given = {"leads": LEADS.slice(0, 4), "activities": activities, "as_of": NOW, "ordered": True}
    right = bulk.decide(SMALL, **given).to_arrow()
    assert bulk.decide(SMALL, **given, buckets=9).to_arrow().equals(right)


def test_leads_without_activities_are_divided_too() -> None:
    fit = Qualification("fit", version="1", when=attribute("employees") >= 50)
    right = bulk.decide(fit, leads=LEADS, as_of=NOW, ordered=True).to_arrow()
    assert bulk.decide(fit, LEADS, as_of=NOW, ordered=True, buckets=3).to_arrow().equals(right)


VALUES = (
    "'9f3c0d6e-5a5f-4f0e-8d8b-0c1f8a7b2d11'::UUID",
    "'b'::ENUM('a', 'b')",
    "12345678901234567890.123456789::DECIMAL(38, 9)",
    "170141183460469231731687303715884105727::HUGEINT",
    "18446744073709551615::UBIGINT",
    "0.1::FLOAT",
    "'inf'::DOUBLE",
    "'2026-03-01 00:00:00.000001+00'::TIMESTAMPTZ",
    "['x', NULL, 'y']",
)


@pytest.mark.parametrize("value", VALUES)
def test_files_hold_values_of_every_kind_as_they_are(value: str) -> None:
    """Each lead's digest is one of all that is known of it."""
    fit = Qualification("fit", version="1", when=attribute("field").known())
    query = f"SELECT i::VARCHAR AS id, CASE WHEN i % 3 > 0 THEN {value} END AS field"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE given AS {query} FROM range(9) AS t (i)")

        def decided(**options: Any) -> pa.Table:
            options.update(as_of=NOW, connection=connection, ordered=True, inputs_hash=True)
            answer: pa.Table = bulk.decide(fit, leads="given", **options).to_arrow()
            return answer

        assert decided(buckets=3).equals(decided())


def test_files_of_the_engine_have_the_columns_of_all_others(tmp_path: Path) -> None:
    """Also whether a column may be blank, whatever the rows hold."""
    paths = [tmp_path / name for name in ("strict", "loose", "joined")]
    run(ordered=True, rules=True).to_parquet(paths[0])
    run(rules=True).to_parquet(paths[1])
    run(rules=True, buckets=3).to_parquet(paths[2])
    strict, loose, joined = map(pq.read_table, paths)
    assert strict.schema == loose.schema == joined.schema
    assert in_order(loose).equals(strict.combine_chunks())
    assert in_order(joined).equals(strict.combine_chunks())


@pytest.mark.parametrize("buckets", [None, 3])
def test_counts_are_those_of_the_file_that_was_written(buckets: Any, tmp_path: Path) -> None:
    made = run(buckets=buckets)
    made.to_parquet(tmp_path / "answer.parquet")
    assert made._counted == run(ordered=True).counts()


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("buckets", [1, 3])
def test_a_connection_that_may_not_write_files_still_answers(
    buckets: int, ordered: bool, tmp_path: Path
) -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE given AS FROM LEADS")
        connection.execute("CREATE TABLE did AS FROM ACTIVITIES")
        connection.execute("SET enable_external_access = false")
        made = bulk.decide(
            SMALL,
            leads="given",
            activities="did",
            as_of=NOW,
            connection=connection,
            buckets=buckets,
            ordered=ordered,
        )
        assert in_order(by_a_file(made, tmp_path)).equals(WHOLE)


# -- interruption ------------------------------------------------------------------------------


def long_query(stopped: threading.Event) -> Generator[Any]:
    connection = duckdb.connect(config={"threads": 1})
    query = "SELECT MAX(HASH(i)) FROM range(1000000000000) t(i)"
    return fetched(connection, query, stopped=stopped, tell=lambda _: None)


def test_a_query_stops_at_once_when_it_is_told_to() -> None:
    stopped = threading.Event()
    timer = threading.Timer(0.2, stopped.set)
    timer.start()
    with pytest.raises(bulk.RunInterruptedError, match=r"^the run was interrupted before it was"):
        list(long_query(stopped))


def test_ctrl_c_stops_a_query() -> None:
    shares: list[float] = []
    connection = duckdb.connect(config={"threads": 1})

    def tell(share: float) -> None:
        shares.append(share)
        if len(shares) == 3:
            signal.raise_signal(signal.SIGINT)

    query = "SELECT MAX(HASH(i)) FROM range(1000000000000) t(i)"
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)  # workers may ignore it
    try:
        with pytest.raises(KeyboardInterrupt):
            list(fetched(connection, query, stopped=threading.Event(), tell=tell))
    finally:
        signal.signal(signal.SIGINT, usual)
    assert connection.execute("SELECT 1").fetchall() == [(1,)]


@pytest.mark.parametrize(("buckets", "least"), [(1, 0.0), (4, 0.0), (4, 0.2), (4, 0.5)])
def test_an_interrupted_run_leaves_nothing(buckets: int, least: float, tmp_path: Path) -> None:
    """Neither while it divides its inputs nor when that is done."""
    made: bulk.Run

    def tell(share: float) -> None:
        if share >= least:
            thread = threading.Thread(target=made.interrupt)
            thread.start()
            thread.join()

    made = run(buckets=buckets, progress=tell)
    with pytest.raises(bulk.RunInterruptedError):
        made.to_parquet(tmp_path / "answer.parquet")
    assert files_left(tmp_path) == []
    assert files_left(made._sessions.folder) == []
    made.interrupt()  # nobody is running
    assert run().to_arrow().num_rows == 150


def test_whoever_takes_no_more_rows_stops_the_run() -> None:
    made = run(buckets=3)
    with closing(made.batches()) as rows:
        next(rows)
    assert files_left(made._sessions.folder) == []
    assert made.to_arrow().num_rows == 150


def test_rows_that_nobody_takes_do_not_pile_up() -> None:
    connection = duckdb.connect(config={"threads": 1})
    stopped = threading.Event()
    query = "SELECT i FROM range(200000) t(i)"
    with closing(fetched(connection, query, stopped=stopped, tell=lambda _: None)) as rows:
        next(rows)
        threading.Event().wait(3 * fetching._LOOK)
    assert connection.execute("SELECT 1").fetchall() == [(1,)]


# -- closing -----------------------------------------------------------------------------------


def test_a_closed_run_leaves_no_file_and_says_so() -> None:
    with run() as made:
        folder = made._sessions.folder
        assert folder.is_dir()
    assert not folder.exists()
    with pytest.raises(ValueError, match=r"^the run is closed; decide again$"):
        made.to_arrow()
    made.close()


def test_a_forgotten_run_leaves_no_file() -> None:
    made = run()
    folder = made._sessions.folder
    made.to_arrow()
    del made
    assert not folder.exists()
