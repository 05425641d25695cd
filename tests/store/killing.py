"""
Killing a process at every point where it speaks to its database, and races of many processes.

A small server process, without threads, forks a child for each job; so a job costs milliseconds
and what a kill leaves behind is what a power switch leaves. A job is a function of a module that
can be imported (not of a test module), given the URL of a database and perhaps more:

    def operation(url: str) -> object: ...

A child can be killed at its n-th point: before and after every statement, begin and commit, of
every engine in it, whoever made it.
"""

import importlib
import json
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import attrs
import psycopg  # noqa: F401  Or each child would import it.
from sqlalchemy import Engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from store.databases import databases, dump

Operation = Callable[..., Any]


@attrs.frozen
class Job:
    """
    Something for a child to do.

    Args:
        operation: Called with *arguments*; what it returns is pickled.
        arguments: Also pickled.
        kill_at: The point at which the child is killed, from 1; 0 for none.
    """

    operation: Operation
    arguments: tuple[Any, ...]
    kill_at: int = 0


@attrs.frozen
class Outcome:
    """
    What became of a child.

    Args:
        killed: It was, by SIGKILL.
        answer: What the operation returned.
        error: What it raised instead, as text; ``""`` for nothing.
    """

    killed: bool
    answer: Any = None
    error: str = ""


class Forks:
    """The server process, as the tests see it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from store.killing import serve; serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )

    def run(self, *jobs: Job) -> list[Outcome]:
        """Do the jobs, each in a child, all at once: none begins before all of them are there."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        wire = [
            (job.operation.__module__, job.operation.__qualname__, job.arguments, job.kill_at)
            for job in jobs
        ]
        self._process.stdin.write(pickle.dumps(wire).hex().encode() + b"\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the server that forks has ended"
        return [pickle.loads(bytes.fromhex(one)) for one in json.loads(answer)]

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


@contextmanager
def forks() -> Iterator[Forks]:
    server = Forks()
    try:
        yield server
    finally:
        server.close()


# -- killing at every point --------------------------------------------------------------------


def kill_everywhere(
    forks: Forks, kind: str, operation: Operation, *, ready: bool = True, settled: int = 2
) -> int:
    """
    Kill *operation* at each of its points, look, and do it again.

    Each time in a new database. After a kill all or nothing of it has happened; done again, all
    of it has, once: every record is as if nobody had been killed.

    Args:
        forks: Where it runs.
        kind: Which database: ``"sqlite"`` or ``"postgresql"``.
        operation: Called with the database's URL. Done twice it must do no more than once.
            On PostgreSQL all databases have one URL, so nothing of it may be kept.
        ready: Whether ``setup`` has run before.
        settled: How many states a kill may leave: 2 for one transaction, all or nothing.

    Returns:
        The number of points.
    """
    with databases(kind, ready=ready) as fresh:
        before = dump(fresh())
        after = _done_twice(forks, operation, fresh())
        assert _done_twice(forks, operation, fresh()) == after, "it does something else each time"
        seen = [before]
        for point in count(1):
            url = fresh()
            (outcome,) = forks.run(Job(operation, (url,), kill_at=point))
            assert not outcome.error, outcome.error
            state = dump(url)
            if not outcome.killed:
                assert state == after
                assert after in seen, "no point lies behind the commit"
                return point - 1
            if state not in seen:
                seen.append(state)
            assert len(seen) <= settled, f"killed at point {point}, it is half done"
            done(forks, operation, url)
            assert dump(url) == after, f"killed at point {point} and done again, it differs"
    raise AssertionError


def _done_twice(forks: Forks, operation: Operation, url: str) -> object:
    done(forks, operation, url)
    state = dump(url)
    done(forks, operation, url)
    assert dump(url) == state, "doing it again does more"
    return state


def done(forks: Forks, operation: Operation, *arguments: Any) -> Any:
    """What *operation* returns, in a child that nobody kills."""
    (outcome,) = forks.run(Job(operation, arguments))
    assert not outcome.killed
    assert not outcome.error, outcome.error
    return outcome.answer


def race(forks: Forks, operation: Operation, url: str, workers: int) -> list[Any]:
    """What *workers* children return that do ``operation(url, number)`` at once."""
    outcomes = forks.run(*(Job(operation, (url, number)) for number in range(workers)))
    for outcome in outcomes:
        assert not outcome.killed
        assert not outcome.error, outcome.error
    return [outcome.answer for outcome in outcomes]


# -- the server and its children -----------------------------------------------------------------


def serve() -> None:
    """Take lists of jobs, one a line, until there are no more."""
    for line in sys.stdin.buffer:
        jobs = pickle.loads(bytes.fromhex(line.decode()))
        for module, _, _, _ in jobs:
            importlib.import_module(module)  # Once, and not in each child.
        answers = [answer.hex() for answer in _fork(jobs)]
        sys.stdout.write(json.dumps(answers) + "\n")
        sys.stdout.flush()


def _fork(jobs: "list[Any]") -> "list[bytes]":
    gate, release = os.pipe()
    children = []
    for job in jobs:
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            os.close(release)
            os.read(gate, 1)  # Until the server closes its end.
            _be_child(job, writing)
        os.close(writing)
        children.append((child, reading))
    os.close(gate)
    os.close(release)
    return [_wait(child, reading) for child, reading in children]


def _be_child(job: Any, writing: int) -> None:
    module, name, arguments, kill_at = job
    try:
        operation: Any = importlib.import_module(module)
        for part in name.split("."):
            operation = getattr(operation, part)
        if kill_at:
            die_at(kill_at)
        outcome = Outcome(False, answer=operation(*arguments))
    except BaseException as error:
        outcome = Outcome(False, error=f"{type(error).__name__}: {error}")
    with open(writing, "wb") as pipe:
        pickle.dump(outcome, pipe)
    os._exit(0)


def _wait(child: int, reading: int) -> bytes:
    with open(reading, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return pickle.dumps(Outcome(killed=True))
    return answer


def die_at(last: int) -> None:
    """Make this process kill itself at the point numbered *last*."""
    points = count(1)

    def point(*_: object) -> None:
        if next(points) == last:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", point)
    event.listen(Engine, "after_cursor_execute", point)
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        for name in ("do_begin", "do_commit", "do_savepoint", "do_release_savepoint"):
            setattr(dialect, name, _between(getattr(dialect, name), point))


def _between(do: Callable[..., None], point: Callable[[], None]) -> Callable[..., None]:
    def doing(*arguments: Any) -> None:
        point()
        do(*arguments)
        point()

    return doing
