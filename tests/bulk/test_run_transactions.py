"""A run in a caller's connection leaves the caller's transaction as it was."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest
from bulk.company import NOW

from mqlkit import Qualification, attribute, bulk
from mqlkit.bulk import fetching

FIT = Qualification("fit", version="1", when=attribute("employees") >= 50)
MANY = 200_000


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        query = f"SELECT i::VARCHAR AS id, i % 100 AS employees FROM range({MANY}) AS t (i)"
        connection.execute(f"CREATE TABLE leads AS {query}")
        connection.execute("CREATE TABLE notes (note TEXT)")
        yield connection


def leaves(run: bulk.Run, _: Path) -> None:
    with closing(run.batches()) as batches:
        next(batches)


def interrupts(run: bulk.Run, _: Path) -> None:
    for _batch in run:
        run.interrupt()


def reads_all(run: bulk.Run, folder: Path) -> None:
    run.to_parquet(folder / "all.parquet")
    assert run.counts().rows == MANY


WAYS = (leaves, interrupts, reads_all)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("buckets", [1, 3])
def test_uncommitted_work_survives(
    connection: duckdb.DuckDBPyConnection,
    way: Callable[[bulk.Run, Path], None],
    buckets: int,
    tmp_path: Path,
) -> None:
    connection.begin()
    connection.execute("INSERT INTO notes VALUES ('mine')")
    run = bulk.decide(FIT, "leads", as_of=NOW, connection=connection, buckets=buckets)
    if way is interrupts:
        with pytest.raises(bulk.RunInterruptedError):
            way(run, tmp_path)
    else:
        way(run, tmp_path)
    assert connection.execute("FROM notes").fetchall() == [("mine",)]
    run.close()
    connection.commit()
    assert connection.execute("FROM notes").fetchall() == [("mine",)]


def test_a_file_is_stopped_when_it_may_be(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    def stop(_: float) -> None:
        run.interrupt()

    connection.begin()
    connection.execute("INSERT INTO notes VALUES ('mine')")
    run = bulk.decide(FIT, "leads", as_of=NOW, connection=connection, progress=stop)
    with pytest.raises(bulk.RunInterruptedError):
        run.to_parquet(tmp_path / "answer.parquet")
    assert list(tmp_path.iterdir()) == []
    connection.commit()
    assert connection.execute("FROM notes").fetchall() == [("mine",)]


@pytest.mark.parametrize("within", [True, False])
def test_the_engine_is_stopped_where_nothing_is_lost(within: bool) -> None:
    """Whether `interrupt` is called is told by whether a transaction is under way."""

    class Watched:
        def __init__(self, connection: Any) -> None:
            self.connection, self.stops = connection, 0

        def __getattr__(self, name: str) -> Any:
            return getattr(self.connection, name)

        def interrupt(self) -> None:
            self.stops += 1
            self.connection.interrupt()

    with duckdb.connect() as connection:
        if within:
            connection.begin()
        watched: Any = Watched(connection)
        stopped = fetching.Event()
        query = f"SELECT * FROM range({20 * MANY})"
        rows = fetching.fetched(watched, query, stopped=stopped, tell=lambda _: None)
        assert next(rows).num_rows
        stopped.set()
        with pytest.raises(bulk.RunInterruptedError):
            next(rows)
        assert (watched.stops == 0) is within
