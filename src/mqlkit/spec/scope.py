"""
What the names in a model file stand for: named criteria and named lists.

A criterion may refer to another by name, so a small file could stand for a huge tree; what it
stands for is counted and bounded. Circles are refused.
"""

import unicodedata
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Final

from ..calendar import Calendar
from ..criteria.choices import NamedList
from ..criterion import DEEPEST as DEEPEST_CRITERIA
from ..criterion import AllOf, Criterion, Named
from ..errors import did_you_mean
from .limits import MOST_CALENDARS, MOST_NODES, MOST_PATTERNS, MOST_RULES
from .path import Path
from .refusal import Refused, TooMuch, shown


def nodes(data: object) -> int:
    """How many values stand in *data*, itself included."""
    count = 0
    waiting = [data]
    while waiting:
        value = waiting.pop()
        count += 1
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return count


class Scope:
    """
    The names of one file while it is read.

    Args:
        definitions: The named criteria, as they are written.
        lists: The named lists.
        calendars: The named calendars.
        read: Reads one criterion.
    """

    def __init__(
        self,
        definitions: Mapping[str, object],
        lists: Mapping[str, NamedList],
        calendars: Mapping[str, Calendar],
        read: Callable[[object], Criterion],
    ) -> None:
        self._definitions = {unicodedata.normalize("NFC", n): d for n, d in definitions.items()}
        self._lists, self._calendars, self._read = lists, calendars, read
        self._known: dict[str, Criterion] = {}
        self._sizes: dict[str, int] = {}
        self._open: list[str] = []
        self._depth = 0
        self.size = 0
        self._rules = self._patterns = 0
        self._inline = len(calendars)
        self.wrong: list[tuple[Path, Exception]] = []

    def read_all(self) -> None:
        """Read every named criterion, also one that nothing refers to."""
        for name in sorted(self._definitions):
            self._resolved(name)

    def criterion(self, name: str) -> Criterion:
        """
        The criterion called *name*.

        Raises:
            Refused: there is none, or it refers to itself.
        """
        name = unicodedata.normalize("NFC", name)
        if name not in self._definitions:
            raise Refused(
                shown(name),
                "wanted a criterion, or the name of one in [criteria]",
                partial(did_you_mean, name, self._definitions),
            )
        if name in self._open:
            circle = [*self._open[self._open.index(name) :], name]
            text = " → ".join(map(repr, circle if len(circle) < 6 else [*circle[:4], "…", name]))
            raise Refused(shown(name), f"criteria refer to each other in a circle: {text}")
        criterion = self._resolved(name)
        self._grow(self._sizes[name])
        return criterion

    def list(self, name: object) -> NamedList:
        """
        The list called *name*.

        Raises:
            Refused: there is none.
        """
        found = self._lists.get(name) if isinstance(name, str) else None
        if found is None:
            hint = partial(did_you_mean, name, self._lists) if isinstance(name, str) else ""
            raise Refused(shown(name), "wanted the name of a list in [lists]", hint)
        return found

    def calendar(self, name: str) -> Calendar:
        """
        The calendar called *name*.

        Raises:
            Refused: there is none.
        """
        found = self._calendars.get(name)
        if found is None:
            wanted = "wanted a calendar, or the name of one in [calendars]"
            raise Refused(shown(name), wanted, partial(did_you_mean, name, self._calendars))
        return found

    @contextmanager
    def deeper(self) -> Generator[None]:
        """One criterion inside another."""
        if self._depth >= DEEPEST_CRITERIA:
            raise Refused(
                f"criteria more than {DEEPEST_CRITERIA} deep",
                "give all or any one flat list instead",
            )
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    def rule(self) -> None:
        """
        Count a rule.

        Raises:
            TooMuch: there are too many.
        """
        self._rules += 1
        if self._rules > MOST_RULES:
            wanted = f"a model has at most {MOST_RULES:,}"
            raise TooMuch(Refused(f"more than {MOST_RULES:,} rules", wanted))

    def pattern(self) -> None:
        """
        Count a pattern, whose few letters may take much memory.

        Raises:
            TooMuch: there are too many.
        """
        self._patterns += 1
        if self._patterns > MOST_PATTERNS:
            wanted = f"a model has at most {MOST_PATTERNS}; plain text needs none"
            raise TooMuch(Refused(f"more than {MOST_PATTERNS} patterns", wanted))

    def inline_calendar(self) -> None:
        """
        Count a calendar that is written where it is used.

        Raises:
            TooMuch: there are too many.
        """
        self._inline += 1
        if self._inline > MOST_CALENDARS:
            wanted = "give one a name in [calendars] and use that"
            raise TooMuch(Refused(f"more than {MOST_CALENDARS} calendars", wanted))

    def _grow(self, size: int) -> None:
        self.size += size
        if self.size > MOST_NODES:
            found = f"more than {MOST_NODES:,} values with every name written out"
            raise TooMuch(Refused(found, "refer to fewer names, or to smaller ones"))

    def _resolved(self, name: str) -> Criterion:
        if name not in self._known:
            outside, self.size = self.size, nodes(self._definitions[name])
            self._open.append(name)
            try:
                with self.deeper():
                    self._known[name] = Named(name, self._read(self._definitions[name]))
            except Exception as error:
                # It stands in for the broken one, so that one mistake gives one fault.
                self._known[name] = Named("broken", AllOf(()))
                self.wrong.append((("criteria", name), error))
                self.size = 1
            finally:
                self._open.pop()
            self._sizes[name], self.size = self.size, outside
        return self._known[name]


SCOPE: Final[ContextVar[Scope]] = ContextVar("mqlkit model file")
