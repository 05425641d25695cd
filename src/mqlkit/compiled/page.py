"""
A page of generated code: lines, and the constants that they speak of by name.

No text of a user ever stands in the code: every value is bound to a name that is made here.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any


class Page:
    """Lines of code under way."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.constants: dict[str, Any] = {}
        self._names: dict[int, str] = {}
        self._indent = 0
        self._fresh = 0

    def add(self, *lines: str) -> None:
        """More lines, as deep as the page is now."""
        margin = "    " * self._indent
        self.lines.extend(margin + line for line in lines)

    @contextmanager
    def block(self, head: str) -> Generator[None]:
        """A line that opens a block, around what is added inside."""
        self.add(head)
        self._indent += 1
        before = len(self.lines)
        yield
        if len(self.lines) == before:
            self.add("pass")
        self._indent -= 1

    @contextmanager
    def aside(self) -> Generator[list[str]]:
        """What is added inside goes to lines of its own; names and constants are shared."""
        lines, indent, apart = self.lines, self._indent, list[str]()
        self.lines, self._indent = apart, 0
        yield apart
        self.lines, self._indent = lines, indent

    def fresh(self, letter: str) -> str:
        """A name that stands for nothing yet."""
        self._fresh += 1
        return f"{letter}{self._fresh}"

    def bind(self, value: Any, letter: str = "K") -> str:
        """The name of a constant; small whole numbers are written as they are."""
        if value is None or value is True or value is False:
            return repr(value)
        if type(value) is int and abs(value) < 10**15:
            return repr(value) if value >= 0 else f"({value})"
        name = self._names.get(id(value))
        if name is None:
            name = self._names[id(value)] = f"{letter}{len(self.constants)}"
            self.constants[name] = value
        return name
