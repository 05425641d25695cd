"""
One definition over tables: the same answers for a hundred million activities.
"""

from .own import Columns, prints
from .refusals import BulkError

__all__ = ["BulkError", "Columns", "prints"]
