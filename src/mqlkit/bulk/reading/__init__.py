"""
From files, frames and relations to the tables that a statement reads, in DuckDB.

Every cell means what the core's own reader makes of it: the same values, blanks and refused rows.
"""

from .faults import DataFault
from .opened import Opened
from .opening import open_tables

__all__ = ["DataFault", "Opened", "open_tables"]
