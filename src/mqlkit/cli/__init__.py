"""
The command line: ``mqlkit decide``, ``explain``, ``check``, ``coverage``, ``schema``, ``demo``.

Exit codes: 0 all is well; 1 rows were refused, or with ``--strict`` a cell was bad too, or
``check`` found an error of sense; 2 wrong usage, or a file that cannot be used; 130 interrupted.
"""

import sys
from collections.abc import Callable

from ..errors import MissingExtraError, MqlkitError


def main() -> None:
    """Run the command that the arguments name, and exit with its code."""
    sys.exit(_run())


def _run() -> int:
    try:
        app = _app()
    except MissingExtraError as error:
        return _complain(error)
    try:
        app()
    except MqlkitError as error:
        return _complain(error)
    except BrokenPipeError:
        return _no_reader()
    return 0


def _app() -> Callable[[], None]:
    try:
        import rich  # noqa: F401
        import typer  # noqa: F401
    except ImportError:
        raise MissingExtraError("the command line", "cli") from None
    from .app import app

    return app


def _complain(error: Exception) -> int:
    notes = getattr(error, "__notes__", [])
    print("\n  ".join([f"mqlkit: {error}", *notes]), file=sys.stderr)
    return 2


def _no_reader() -> int:
    """Whoever read our output has gone, as ``head`` does; that is no fault."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
