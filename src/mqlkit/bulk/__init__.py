"""
One definition over tables: the same answers for a hundred million activities.

`decide` runs on DuckDB, which comes with the extra ``bulk``, or by a connection or the frames of
another engine. All of it loads when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from .own import Columns, prints
from .refusals import BulkError

if TYPE_CHECKING:
    from .answer import Counts, UnknownLeadError
    from .fetching import RunInterruptedError
    from .kept import ResumeError
    from .memory import TooLittleMemoryError
    from .reading import DataFault
    from .run import Run, decide
    from .verification import Difference, Verification
    from .warehouse import to_sql

__all__ = [
    "BulkError",
    "Columns",
    "Counts",
    "DataFault",
    "Difference",
    "ResumeError",
    "Run",
    "RunInterruptedError",
    "TooLittleMemoryError",
    "UnknownLeadError",
    "Verification",
    "decide",
    "prints",
    "to_sql",
]

_LATE: Final = {
    name: module
    for module, names in {
        "answer": ("Counts", "UnknownLeadError"),
        "fetching": ("RunInterruptedError",),
        "kept": ("ResumeError",),
        "memory": ("TooLittleMemoryError",),
        "reading": ("DataFault",),
        "run": ("Run", "decide"),
        "verification": ("Difference", "Verification"),
        "warehouse": ("to_sql",),
    }.items()
    for name in names
}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_LATE[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATE})
