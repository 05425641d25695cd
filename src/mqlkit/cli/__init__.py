"""
The command line: ``mqlkit decide``, ``explain``, ``check``, ``coverage``, ``schema``, ``to-sql``,
``demo``, and ``mqlkit funnel`` and ``mqlkit lifecycle`` with commands of their own.

Exit codes: 0 all is well; 1 rows or lines were refused, or with ``--strict`` a cell was bad too,
or ``check`` found an error of sense, or a tick could not look at a lead, or whoever read the
output went away; 2 wrong usage, or a file or store that cannot be used; 130 interrupted.
"""

import io
import sys
from collections.abc import Callable
from importlib.util import find_spec

from ..errors import MissingExtraError, MqlkitError


def main() -> None:
    """Run the command that the arguments name, and exit with its code."""
    sys.exit(_run())


def _run() -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # Not every terminal has a tick.
    try:
        app = _app()
    except MissingExtraError as error:
        return _complain(error)
    try:
        app()
    except MqlkitError as error:
        return _complain(error)
    except OSError as error:
        print(f"mqlkit: {error.filename or 'output'}: {error.strerror}", file=sys.stderr)
        return 2
    return 0


def _app() -> Callable[[], None]:
    if find_spec("rich") is None or find_spec("typer") is None:
        raise MissingExtraError("the command line", "cli")
    from .app import app

    return app


def _complain(error: Exception) -> int:
    notes = getattr(error, "__notes__", [])
    print("\n  ".join([f"mqlkit: {error}", *notes]), file=sys.stderr)
    return 2
