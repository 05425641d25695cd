"""
What a definition asks for and an engine or a table cannot give: all of it at once, by name.
"""

from collections.abc import Generator, Iterable
from contextlib import contextmanager

from ..errors import MqlkitError, listed
from .dialects.base import AlreadyRefused, Refused


class BulkError(MqlkitError, ValueError):
    """
    A definition that cannot run over these tables by this engine, with all that stands in the way.

    Args:
        faults: Each with the part of the definition, or the column, that it is about.

    >>> raise BulkError(["when: asks for the field 'size', which the leads do not have"])
    Traceback (most recent call last):
    ...
    mqlkit.bulk.refusals.BulkError: the definition cannot run over these tables
      when: asks for the field 'size', which the leads do not have
    """

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        return listed("the definition cannot run over these tables", self.faults)


class Faults:
    """What stands in the way so far, each once."""

    def __init__(self) -> None:
        self._found: dict[str, None] = {}
        self._place = ""

    def __bool__(self) -> bool:
        return bool(self._found)

    @contextmanager
    def at(self, place: str) -> Generator[None, None, None]:
        """Tells of what goes wrong within where it stands: ``rule 'pricing page'``."""
        before, self._place = self._place, place
        try:
            yield
        finally:
            self._place = before

    def add(self, fault: str | Refused) -> None:
        """One more, unless it is told already."""
        if isinstance(fault, AlreadyRefused):
            return
        self._found[f"{self._place}: {fault}" if self._place else str(fault)] = None

    def gather(self, error: BulkError) -> None:
        """All of another's."""
        self._found.update(dict.fromkeys(error.faults))

    def check(self) -> None:
        """
        Raises:
            BulkError: There are any.
        """
        if self._found:
            raise BulkError(self._found)
