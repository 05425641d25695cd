"""
A file that is given.
"""

import os

import attrs

from ...tables import Format


@attrs.frozen
class File:
    """
    A file.

    Args:
        path: Where it is.
        format: How it is written.
        section: The name of its section of the mapping.
        source: What it is called in faults.
    """

    path: str
    format: Format
    section: str
    source: str

    @property
    def size(self) -> int:
        """Its bytes."""
        return os.stat(self.path).st_size
