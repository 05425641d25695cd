"""
Where a funnel keeps what happened: in memory, in SQLite or in PostgreSQL.

`MemoryStore` comes with mqlkit; `SqlStore` needs the extra ``store``, and ``postgres`` for
PostgreSQL. They load when they are first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from ..errors import MissingExtraError
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

_LATE: Final = {"MemoryStore": "memory", "SqlStore": "sql", "begin_immediately": "dialects"}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        value = getattr(import_module(f".{_LATE[name]}", __name__), name)
    except ModuleNotFoundError as error:
        if error.name != "sqlalchemy":
            raise
        raise MissingExtraError(f"mqlkit.store.{name}", "store") from None
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATE})
