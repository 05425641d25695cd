"""
Criteria of one's own in bulk: one registered function prints the SQL of each class.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import attrs

from ..criterion import Criterion
from ..errors import KindError
from ..value import Kind, show
from .reader import Reader
from .sql import Sql, over

_PRINTERS: Final[dict[type[Criterion], Callable[[Any, "Columns"], str]]] = {}

F = TypeVar("F", bound=Callable[[Any, "Columns"], str])


class Columns:
    """
    The columns that a criterion of one's own may read, as SQL; each is NULL for a blank.

    Attributes:
        dialect: The name of the engine, such as ``"duckdb"``.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._read: list[Sql] = []
        self.blanks: dict[str, Sql] = {}
        self.dialect = reader.dialect.name
        self.reads_clock = False

    def number(self, field: str) -> str:
        """A number."""
        return self._column(field, "number")

    def text(self, field: str) -> str:
        """A text, as it was written."""
        return self._column(field, "text")

    def flag(self, field: str) -> str:
        """TRUE or FALSE."""
        return self._column(field, "flag")

    def moment(self, field: str) -> str:
        """An instant, in microseconds since 1970."""
        return self._column(field, "moment")

    @property
    def as_of(self) -> str:
        """The instant of the decision, in microseconds since 1970."""
        self.reads_clock = True
        return "as_of_us"

    def literal(self, value: str | float | bool) -> str:
        """A value to compare with, safely quoted."""
        return self._reader.literal(value)

    def _column(self, field: str, kind: Kind) -> str:
        read = self._reader.read(field, kind)
        if read is None:
            return "NULL"
        self._read.append(read)
        self.blanks[field] = over(f"({read} IS NULL)", read, known=True)
        return read.text

    def condition(self, text: object) -> Sql:
        """What a printer gave, as an expression."""
        if not isinstance(text, str):
            raise KindError(f"the SQL of a criterion is text, not {show(text)}")
        return over(f"({text})", *self._read)


def prints(criterion: type[Criterion]) -> Callable[[F], F]:
    """
    Registers what prints a criterion class of one's own for bulk engines.

    The function gets the criterion and the columns it may read, and answers with a condition that
    is TRUE where the criterion is YES, FALSE where it is NO, and NULL where it is UNKNOWN. Without
    one, a definition that holds such a criterion is refused for every bulk engine by name.

    >>> from mqlkit import Criterion, Verdict
    >>> class IsEven(Criterion):
    ...     def judge(self, lead):
    ...         size = lead.number("employees")
    ...         return Verdict.UNKNOWN if size is None else Verdict.of(size % 2 == 0)
    ...
    ...     def describe(self):
    ...         return "employees is even"
    >>> @prints(IsEven)
    ... def is_even(criterion, columns):
    ...     return f"{columns.number('employees')} % 2 = 0"
    """

    def register(function: F) -> F:
        _PRINTERS[criterion] = function
        return function

    return register


def printed(criterion: Criterion, reader: Reader) -> Sql | None:
    """The condition of a criterion of one's own; None when nothing prints its class."""
    found = _columns(criterion, reader)
    return None if found is None else found[1]


def reads_clock(criterion: Criterion, reader: Reader) -> bool | None:
    """Whether its SQL reads the instant of the decision; None when nothing prints its class."""
    found = _columns(criterion, reader)
    return None if found is None else found[0].reads_clock


def blanks_of(criterion: Criterion, reader: Reader) -> Mapping[str, Sql]:
    """The fields that a criterion of one's own reads, each with whether it is blank."""
    found = _columns(criterion, reader)
    return {} if found is None else found[0].blanks


def own_of(definition: object) -> set[str]:
    """The names of the criteria in a definition that something registered prints."""
    if isinstance(definition, Mapping):
        definition = tuple(definition.values())
    if isinstance(definition, tuple | list | frozenset):
        return set().union(*map(own_of, definition))
    kind: Any = type(definition)
    found = {kind.__name__} if kind in _PRINTERS else set[str]()
    if attrs.has(kind):
        parts = (getattr(definition, part.name) for part in attrs.fields(kind))
        found = found.union(*map(own_of, parts))
    return found


def _columns(criterion: Criterion, reader: Reader) -> tuple[Columns, Sql] | None:
    printer = _PRINTERS.get(type(criterion))
    if printer is None:
        return None
    columns = Columns(reader)
    try:
        return columns, columns.condition(printer(criterion, columns))
    except Exception as error:
        error.add_note(f"in what prints the criterion {type(criterion).__name__} for bulk")
        raise
