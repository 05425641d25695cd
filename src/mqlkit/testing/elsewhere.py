"""The same criteria asked in another process, with another hash seed."""

import contextlib
import copy
import os
import pickle
import subprocess
import sys
from collections.abc import Sequence

from ..criterion import Criterion
from .strategies.leads import sample_leads
from .strategies.vocabulary import NOW

_PROGRAM = "from mqlkit.testing.elsewhere import answer; answer()"
_SEEDS = ("1", "2")


def answers_here(criteria: Sequence[Criterion]) -> list[str]:
    """What each criterion says and answers about the sample leads, and that its copy is equal."""
    lines: list[str] = []
    for criterion in criteria:
        twin = copy.deepcopy(criterion)
        same = twin == criterion and hash(twin) == hash(criterion)
        verdicts = [str(criterion.explain(lead.at(NOW))) for lead in sample_leads()]
        lines.append(f"{criterion.describe()} {same} {verdicts}")
    return lines


def assert_importable(criteria: Sequence[Criterion], *, local_only: bool = False) -> None:
    """
    Every class of *criteria* can be found by its name, as another process must.

    Args:
        criteria: With all that they are made of.
        local_only: A class of ``__main__`` will do: it is looked up in this process.
    """
    for cls in {type(part): None for criterion in criteria for part in criterion.walk()}:
        where = "in a function" if "<locals>" in cls.__qualname__ else ""
        if cls.__module__ == "__main__" and not local_only:
            where = "in __main__, the script or shell that runs"
        assert not where, (
            f"{cls.__name__} is defined {where}; "
            "put it in a module so that another process can import it"
        )


def answers_elsewhere(criteria: Sequence[Criterion]) -> list[str]:
    """The same, from a new process with another hash seed than this one's."""
    assert_importable(criteria)
    seed = next(s for s in _SEEDS if s != os.environ.get("PYTHONHASHSEED"))
    # Some ways to run tests import them from the current folder without a path that says so.
    path = [*sys.path, os.getcwd()]
    run = subprocess.run(  # noqa: S603  # our own interpreter and program
        [sys.executable, "-c", _PROGRAM],
        input=pickle.dumps((path, pickle.dumps(tuple(criteria)))),
        capture_output=True,
        env={**os.environ, "PYTHONHASHSEED": seed},
        check=False,
    )
    assert run.returncode == 0, run.stderr.decode(errors="replace")
    found: list[str] = pickle.loads(run.stdout)  # noqa: S301  # our own answer
    return found


def answer() -> None:
    """Read pickled criteria, write their answers: the other process's side."""
    path, criteria = pickle.loads(sys.stdin.buffer.read())  # noqa: S301  # our own question
    sys.path[:] = path
    with contextlib.redirect_stdout(sys.stderr):  # what a user's module prints is no answer
        found = answers_here(pickle.loads(criteria))  # noqa: S301
    sys.stdout.buffer.write(pickle.dumps(found))
