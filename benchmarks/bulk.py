"""
How long a table of leads takes, beside queries that are written by hand for the same model.

    python benchmarks/bulk.py [--size 1M,10M] [--runs N] [--memory 700MB] [--folder DATA]
    python benchmarks/bulk.py --size 100M --memory 2GB --only mqlkit --folder DATA
    python benchmarks/bulk.py --rules 300
    python benchmarks/bulk.py --runs 3 --into docs/explanation/bulk-performance.md

Data are those of `bulk_data.py`, made in the folder unless they are there; the model is that of
`bulk_model.py`, 21 rules; the queries are those of `bulk_by_hand.py`, for DuckDB and for Polars,
each with two ways in which one id counts once, and for DuckDB also one for any data. All read
Parquet and write Parquet, each in a process of its own with two threads, and their rows are
compared before anything is shown: decision, reasons, low, points and high of each score, grade and
label. With more runs they take turns, and medians are shown.

Shown are wall time, processor time, the most memory that the process held (VmHWM), and how many
times as much mqlkit takes as the best query by hand that does the same work, of each figure: one
for any data, that reads keys, blanks and letters as mqlkit does. The last column is the processor
time beside the best one that knows its data. On a machine that others use, the processor time is
the steadier figure. --memory is given to mqlkit and, as their limit, to the queries for DuckDB.
--only takes names of contestants, such as `mqlkit`.
"""

import argparse
import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import bulk_by_hand
import bulk_data
import bulk_model
import duckdb
from bulk_by_hand import Way
from bulk_data import Folder

SIZES = {"K": 1_000, "M": 1_000_000}
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->"
THREADS = 2


# -- the contestants ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    """What one process is to do."""

    data: Folder
    out: Path
    way: Way
    memory: str | None


def mqlkit_decides(task: Task) -> None:
    from mqlkit import bulk

    run = bulk.decide(
        bulk_model.definition(),
        leads=task.data.leads,
        activities=task.data.activities,
        as_of=bulk_data.AS_OF,
        missing=False,
        unique_ids=task.way == "unique",
        memory=task.memory,
    )
    run.to_parquet(task.out)


def duckdb_by_hand(task: Task, *, knows: bool = True) -> None:
    fingerprint = bulk_model.definition().fingerprint
    query = bulk_by_hand.sql(task.data, task.way, fingerprint, knows=knows)
    with duckdb.connect(config={"threads": THREADS}) as connection:
        connection.execute("SET preserve_insertion_order = false; SET TimeZone = 'UTC'")
        if task.memory is not None:
            connection.execute(f"SET memory_limit = '{task.memory}'")
        connection.execute(f"COPY ({query}) TO '{task.out}' (FORMAT parquet)")


def polars_by_hand(task: Task) -> None:
    fingerprint = bulk_model.definition().fingerprint
    bulk_by_hand.frame(task.data, task.way, fingerprint).sink_parquet(task.out)


class Contestant(NamedTuple):
    """
    Who takes part, and with which ways to count one id once.

    One is *for any data* that reads keys, blanks and letters as mqlkit does, and knows nothing of
    the data.
    """

    name: str
    work: Callable[[Task], None]
    ways: Mapping[Way, str]
    for_any: bool = False


ANY_DATA = "DuckDB by hand, any data"
BY_HAND_WAYS: Mapping[Way, str] = {
    "unique": "ids not looked at",
    "sorted": "ids once, all sorted",
    "repeated": "ids once, repeated ones first",
}
CONTESTANTS = (
    Contestant("mqlkit", mqlkit_decides, {"unique": "ids not looked at", "repeated": "ids once"}),
    Contestant("DuckDB by hand", duckdb_by_hand, BY_HAND_WAYS),
    Contestant(ANY_DATA, partial(duckdb_by_hand, knows=False), BY_HAND_WAYS, for_any=True),
    Contestant("Polars by hand", polars_by_hand, BY_HAND_WAYS),
)


# -- one of them in a process of its own -------------------------------------------------------


class Cost(NamedTuple):
    """What it took: seconds and megabytes."""

    wall: float
    cpu: float
    peak: float


def peak() -> float:
    """The most memory that this process has held, in megabytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def one(name: str, task: Task) -> None:
    """Do it and tell what it took, from the first import on."""
    work = next(each.work for each in CONTESTANTS if each.name == name)
    wall, cpu = time.perf_counter(), time.process_time()
    work(task)
    spent = Cost(time.perf_counter() - wall, time.process_time() - cpu, peak())
    print(json.dumps(spent))


def apart(name: str, task: Task) -> Cost | None:
    """The same in a process of its own; None where it fails, as for want of memory."""
    command = [
        sys.executable,
        __file__,
        "--one",
        name,
        task.way,
        str(task.data.path),
        str(task.out),
    ]
    command += ["--memory", task.memory] if task.memory else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{name} failed: {done.stderr.strip()[-300:]}", file=sys.stderr)
        return None
    return Cost(*json.loads(done.stdout.splitlines()[-1]))


# -- whether they say the same -----------------------------------------------------------------

SAME = """
SELECT lead_id, as_of, decision, reasons, grade_fit, labels, name, version, fingerprint
  , {points}
FROM '{path}'
"""
SCORES = [f"score{of}{end}" for of in ("", "_fit", "_interest") for end in ("_low", "", "_high")]


def differing(first: Path, other: Path) -> int:
    """In how many rows two answers differ."""
    points = ", ".join(f"round({name} * 1000)::BIGINT AS {name}" for name in SCORES)
    one, two = (SAME.format(points=points, path=path) for path in (first, other))
    with duckdb.connect(config={"threads": THREADS, "memory_limit": "1GB"}) as connection:
        row = connection.execute(
            f"SELECT (SELECT count(*) FROM (({one}) EXCEPT ALL ({two})))"
            f" + (SELECT count(*) FROM (({two}) EXCEPT ALL ({one})))"
        ).fetchone()
    assert row is not None
    return int(row[0])


# -- the table ---------------------------------------------------------------------------------


class Row(NamedTuple):
    """
    A line of the table.

    For mqlkit, *best* and *knowing* are the least that a query by hand takes: one for any data,
    and one that knows its data.
    """

    size: str
    who: str
    how: str
    cost: Cost | None
    best: Cost | None = None
    knowing: Cost | None = None

    def cells(self) -> tuple[str, ...]:
        shown = self.size, self.who, self.how
        if self.cost is None:
            return *shown, "failed", *[""] * 6
        wall, cpu, peak = self.cost
        times = [""] * 4
        if self.best is not None:
            times[:3] = [f"{a / b:.2f}" for a, b in zip(self.cost, self.best, strict=True)]
        if self.knowing is not None:
            times[3] = f"{cpu / self.knowing.cpu:.2f}"
        return *shown, f"{wall:.2f} s", f"{cpu:.2f} s", f"{peak:,.0f} MB", *times


HEADS = (
    *("activities", "who", "how", "wall", "processor", "peak"),
    *("wall ×", "processor ×", "peak ×", "knowing ×"),
)
RULER = ("---", "---", "---", *["---:"] * 7)


def plain_line(cells: Iterable[str]) -> str:
    return "{:<12}{:<26}{:<31}{:>9}{:>11}{:>10}{:>8}{:>13}{:>8}{:>11}".format(*cells).rstrip()


def markdown(rows: Iterable[Row]) -> str:
    lines = [HEADS, RULER, *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def median(costs: Sequence[Cost]) -> Cost | None:
    return Cost(*map(statistics.median, zip(*costs, strict=True))) if costs else None


def least(costs: Iterable[Cost]) -> Cost | None:
    """The least of each figure, whoever had it."""
    some = list(costs)
    return Cost(*map(min, zip(*some, strict=True))) if some else None


class Bench:
    """
    All contestants with one size.

    Args:
        data: Where its files are.
        size: As it was asked for, such as ``10M``.
        memory: The limit, if any.
        names: Who takes part.
    """

    def __init__(self, data: Folder, size: str, memory: str | None, names: Sequence[str]) -> None:
        self.data, self.memory = data, memory
        self.size = size if memory is None else f"{size}, {memory}"
        self.some = [each for each in CONTESTANTS if not names or each.name in names]

    def rows(self, runs: int, folder: Path) -> Iterator[Row]:
        costs: dict[tuple[str, Way], list[Cost]] = {}
        for _ in range(runs):
            for each in self.some:
                for way in each.ways:
                    task = Task(self.data, folder / f"{each.name}-{way}.parquet", way, self.memory)
                    spent = apart(each.name, task)
                    costs.setdefault((each.name, way), []).extend([spent] if spent else [])
        for once in (False, True):
            self._check(folder, once)
        found = {key: median(several) for key, several in costs.items()}
        for each in self.some:
            for way, how in each.ways.items():
                row = Row(self.size, each.name, how, found[each.name, way])
                if each.name == "mqlkit":
                    best = self._best(found, way, for_any=True)
                    row = row._replace(best=best, knowing=self._best(found, way, for_any=False))
                yield row

    def _best(
        self, found: Mapping[tuple[str, Way], Cost | None], way: Way, *, for_any: bool
    ) -> Cost | None:
        """The least that a query by hand takes which does as much about ids."""
        names = {each.name for each in self.some if each.for_any == for_any} - {"mqlkit"}
        return least(
            cost
            for (name, other), cost in found.items()
            if name in names and (other == "unique") == (way == "unique") and cost
        )

    def _check(self, folder: Path, once: bool) -> None:
        """Stop unless all that finished say the same."""
        paths = [
            path
            for each in self.some
            for way in each.ways
            if (way != "unique") == once
            and (path := folder / f"{each.name}-{way}.parquet").exists()
        ]
        for path in paths[1:]:
            count = differing(paths[0], path)
            if count:
                sys.exit(f"{count:,} rows of {path.stem} differ from those of {paths[0].stem}")


# -- compiling ---------------------------------------------------------------------------------


def compiling(counts: Sequence[int], repeats: int = 15) -> Iterator[tuple[str, float, float]]:
    """From a definition to its SQL: rules, median milliseconds, kilobytes of text."""
    from mqlkit.bulk import to_sql

    what = {"leads": "leads", "activities": "activities", "as_of": bulk_data.AS_OF}
    models = [("21", bulk_model.definition)]
    models += [(str(rules), lambda rules=rules: bulk_model.many(rules)) for rules in counts]
    for name, make in models:
        spent: list[float] = []
        text = ""
        for _ in range(repeats):
            model = make()
            gc.collect()
            start = time.process_time()
            text = to_sql(model, dialect="duckdb", **what)
            spent.append(time.process_time() - start)
        yield name, 1e3 * statistics.median(spent), len(text) / 1e3


def put_into(page: Path, table: str) -> None:
    """Put a table in the place of the one between the marks of a page."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        sys.exit(f"{page} has no marks for figures")
    page.write_text(f"{before}{BEGIN}{table}\n{END}{after}", encoding="utf-8")


def size_of(text: str) -> int:
    """How many activities ``10M`` are."""
    return int(text[:-1]) * SIZES[text[-1]] if text[-1] in SIZES else int(text)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--size", default="1M,10M", help="how many activities, several by comma")
    parser.add_argument("--runs", type=int, default=1, help="all of it so often; medians are shown")
    parser.add_argument("--memory", help="a limit, such as 700MB")
    parser.add_argument("--only", default="", help="names of contestants, by comma")
    parser.add_argument("--folder", type=Path, help="where data are made, and kept")
    parser.add_argument("--rules", type=int, help="how long a model of so many takes to be printed")
    parser.add_argument("--markdown", action="store_true", help="print one table")
    parser.add_argument("--into", type=Path, help="put the table into this page")
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()

    if given.one:
        name, way, data, out = given.one
        one(name, Task(Folder(Path(data)), Path(out), way, given.memory))
        return
    if given.rules:
        for name, millis, size in compiling([given.rules]):
            print(f"{name:>5} rules {millis:8.1f} ms {size:8.0f} kB of SQL")
        return
    names = given.only.split(",") if given.only else []
    quiet = given.markdown or given.into
    if not quiet:
        print(plain_line(HEADS))
    found: list[Row] = []
    with tempfile.TemporaryDirectory() as scratch:
        where = Path(scratch)
        for size in given.size.split(","):
            data = bulk_data.folder(given.folder or where / "data", size_of(size))
            answers = where / size
            answers.mkdir()
            for row in Bench(data, size, given.memory, names).rows(given.runs, answers):
                found.append(row)
                if not quiet:
                    print(plain_line(row.cells()), flush=True)
    if given.into:
        put_into(given.into, markdown(found))
    elif quiet:
        print(markdown(found))


if __name__ == "__main__":
    main()
