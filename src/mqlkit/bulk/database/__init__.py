"""
Decisions in a SQLite or PostgreSQL database, which are read there and not copied first.

The statement runs in the database over the connection that it is given, and its rows come as they
are fetched. What the columns hold is told by their declared types; a value of another kind is
blank.
"""

from .deciding import decide_in
from .run import DatabaseRun
from .sqlite import sqlite_functions

__all__ = ["DatabaseRun", "decide_in", "sqlite_functions"]
