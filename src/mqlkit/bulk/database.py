"""placeholder, being written"""
import sqlite3
from ..criteria.text import compiled
from ..value import fold


def sqlite_functions(connection: sqlite3.Connection) -> None:
    """Gives a connection the functions that `ConnectedSQLite` calls."""
    connection.create_function("MQLKIT_FOLD", 1, lambda t: None if t is None else fold(t), deterministic=True)
    connection.create_function("MQLKIT_MATCHES", 2, lambda p, t: None if t is None else compiled(p).search(t) is not None, deterministic=True)
