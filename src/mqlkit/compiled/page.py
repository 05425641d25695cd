"""
A page of generated code: lines, and the constants that they speak of by name.

No text of a user ever stands in the code: every value is bound to a name that is made here.
"""

import linecache
import weakref
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any, Final, TypeVar

from .running import Codes

T = TypeVar("T")


_NUMBERS: Final = count(1)


def made_of(source: str, names: Mapping[str, Any], what: str, owner: object) -> dict[str, Any]:
    """
    What generated code defines.

    Its lines can be seen in tracebacks as long as *owner* lives.

    Args:
        source: The code; no text of a user is in it.
        names: What it speaks of.
        what: What it is called in tracebacks.
        owner: What keeps the functions.
    """
    name = f"<mqlkit {what} {next(_NUMBERS)}>"
    namespace = dict(names)
    exec(compile(source, name, "exec"), namespace)  # noqa: S102 - our own text alone
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    weakref.finalize(owner, linecache.cache.pop, name, None).atexit = False
    return namespace


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

    def code_of(self, codes: Mapping[str, int]) -> None:
        """``k``, the code of the activity ``a``; on to the next one where nobody asks for it."""
        kinds = Codes(codes)
        kept, other = self.bind(kinds.kept), self.bind(kinds.other)
        self.add(
            f"try: k = {kept}[a.kind]",
            f"except KeyError: k = {other}(a.kind)",
            "if k < 0: continue",
        )

    def by_code(self, branches: Sequence[tuple[int, T]], body: Callable[[T], None]) -> None:
        """The branch of the code ``k``, found by halving."""
        if len(branches) == 1:
            body(branches[0][1])
            return
        middle = len(branches) // 2
        with self.block(f"if k < {branches[middle][0]}:"):
            self.by_code(branches[:middle], body)
        with self.block("else:"):
            self.by_code(branches[middle:], body)

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
