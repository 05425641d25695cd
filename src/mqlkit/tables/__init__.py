"""
Leads and activities in files: reading them, and writing what was decided.

CSV, JSON Lines and Parquet; a mapping file says which column is what. Reading is streaming, and
every row is accounted for.
"""

from .cell import Column
from .fault import Report, RowFault, TableError, Tally
from .leads import ActivityFile, Files
from .mapping import (
    ActivityColumns,
    FileMapping,
    LeadColumns,
    MappingFileError,
    parse_mapping,
    read_mapping,
)
from .output import open_output
from .source import Format, format_of

__all__ = [
    "ActivityColumns",
    "ActivityFile",
    "Column",
    "RowFault",
    "FileMapping",
    "Files",
    "Format",
    "LeadColumns",
    "MappingFileError",
    "Report",
    "TableError",
    "Tally",
    "format_of",
    "open_output",
    "parse_mapping",
    "read_mapping",
]
