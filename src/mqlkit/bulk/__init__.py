"""
One definition over tables: the same answers for a hundred million activities.

`decide` runs on DuckDB, which comes with the extra ``bulk``, or by a connection or the frames of
another engine. All of it loads when it is first asked for.
"""

from typing import TYPE_CHECKING

from ..lazily import late_names
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

__getattr__, __dir__ = late_names(
    __name__,
    {
        "answer": ("Counts", "UnknownLeadError"),
        "fetching": ("RunInterruptedError",),
        "kept": ("ResumeError",),
        "memory": ("TooLittleMemoryError",),
        "reading": ("DataFault",),
        "run": ("Run", "decide"),
        "verification": ("Difference", "Verification"),
        "warehouse": ("to_sql",),
    },
)
