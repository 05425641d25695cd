"""
Where a funnel keeps what happened: in memory, in SQLite or in PostgreSQL.

`MemoryStore` comes with mqlkit; `SqlStore` needs the extra ``store``, and ``postgres`` for
PostgreSQL. They load when they are first asked for.
"""

from typing import TYPE_CHECKING, Any

from ..errors import MissingExtraError
from ..lazily import late_names
from .base import (
    Change,
    Due,
    DuplicateFactError,
    Fact,
    HandoffRow,
    Message,
    Row,
    SchemaError,
    StaleClaimError,
    StaleVersionError,
    Store,
    Stored,
    StoreError,
    StoreUnavailableError,
    Transaction,
    UnreadableRecordError,
)

if TYPE_CHECKING:
    from .dialects import begin_immediately
    from .memory import MemoryStore
    from .sql import SqlStore

__all__ = [
    "Change",
    "Due",
    "DuplicateFactError",
    "Fact",
    "HandoffRow",
    "MemoryStore",
    "Message",
    "Row",
    "SchemaError",
    "SqlStore",
    "StaleClaimError",
    "StaleVersionError",
    "Store",
    "StoreError",
    "StoreUnavailableError",
    "Stored",
    "Transaction",
    "UnreadableRecordError",
    "begin_immediately",
]

_found, __dir__ = late_names(
    __name__,
    {"memory": ("MemoryStore",), "sql": ("SqlStore",), "dialects": ("begin_immediately",)},
)


def __getattr__(name: str) -> Any:
    try:
        return _found(name)
    except ModuleNotFoundError as error:
        if error.name != "sqlalchemy":
            raise
        raise MissingExtraError(f"mqlkit.store.{name}", "store") from None
