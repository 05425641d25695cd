"""SQLite: the database that is in every Python."""

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar, Final

from ..tables import Held
from .base import Dialect, variants

_MOST_ARGUMENTS: Final = 100
_MOST_REPLACED: Final = 400
_DEEPEST: Final = 20
_DIGITS: Final = " .,0123456789"
_SECONDS: Final = (-62_135_596_800, 253_402_300_799)
"""The first and the last second of the calendar, from year 1 to year 9999, counted from 1970."""


class SQLite(Dialect):
    """
    The SQL of SQLite 3.35 and later.

    Points come as REAL, which shows every thousandth; instants as text in ISO 8601. A column of
    instants holds such text, or whole seconds since 1970; a list is text in JSON.
    """

    name = "sqlite"
    title = "SQLite"
    number_type = "REAL"
    whole_type = "INTEGER"
    ascii_lower = True
    mark = "`"  # what stands in double quotes and is no column is a text to SQLite
    most_steps: ClassVar[int] = 4

    # -- names and literals ------------------------------------------------------------------

    def number(self, value: float) -> str:
        infinite = {float("inf"): "9e999", float("-inf"): "-9e999"}
        return infinite.get(value) or super().number(value)

    # -- columns as they are stored ----------------------------------------------------------

    def cell(self, column: str, held: Held) -> str:
        # Any cell may hold a value of any kind.
        stored = f"TYPEOF({column})"
        match held:
            case "text":
                return f"CASE WHEN {stored} = 'text' AND LTRIM({column}) <> '' THEN {column} END"
            case "whole":
                return f"CASE WHEN {stored} = 'integer' THEN {column} END"
            case "number":
                return f"CASE WHEN {stored} IN ('integer', 'real') THEN {column} END"
            case "flag":
                return f"CASE WHEN {stored} = 'integer' AND {column} IN (0, 1) THEN {column} END"
            case "items":
                array = f"JSON_VALID({column}) AND JSON_TYPE({column}) = 'array'"
                return f"CASE WHEN {stored} = 'text' THEN CASE WHEN {array} THEN {column} END END"
            case _:
                return self.micros(column)

    # -- text --------------------------------------------------------------------------------

    def translated(self, text: str, letters: str, others: str) -> str:
        pairs = [pair for pair in zip(letters, others, strict=True) if not pair[0].isascii()]
        if len(pairs) > _MOST_REPLACED:
            self.refuse(f"{len(pairs)} letters replaced in a text")
        if len(pairs) < len(letters):
            text = f"LOWER({text})"
        for letter, other in pairs:
            text = f"REPLACE({text}, {self.text(letter)}, {self.text(other)})"
        return text

    def folded(self, text: str, words: Iterable[str]) -> str:
        letters = "".join(sorted(set("".join(words))))
        upper, lower = variants(letters)
        return self.translated(text, upper, lower) if upper else text

    def folded_wholly(self, text: str) -> str:
        self.refuse(
            "a comparison of texts with one another, such as by order or of different values; "
            "run it with a connection, or with case_sensitive=True"
        )

    def is_ascii(self, text: str) -> str:
        return f"LENGTH(CAST({text} AS BLOB)) = LENGTH({text})"

    def place(self, word: str, text: str) -> str:
        return f"INSTR({text}, {word})"

    def last(self, text: str, count: int) -> str:
        return f"SUBSTR({text}, -{count})"

    def after_at(self, text: str) -> str:
        before = f"RTRIM({text}, REPLACE({text}, '@', ''))"
        return f"SUBSTR({text}, LENGTH({before}) + 1)"

    def has_name_and_domain(self, text: str) -> str:
        at = self.place("'@'", f"SUBSTR({text}, 2)")
        return f"({at} > 0 AND LTRIM({self.after_at(text)}) <> '')"

    def joined(self, texts: Sequence[str]) -> str:
        return _balanced(" || ", texts)

    # -- lists -------------------------------------------------------------------------------

    def any_member(self, items: str, holds: Callable[[str], str]) -> str:
        return f"EXISTS (SELECT 1 FROM JSON_EACH({items}) AS member WHERE {holds('member.value')})"

    # -- numbers -----------------------------------------------------------------------------

    def least(self, first: str, *others: str) -> str:
        return _of_many("MIN", (first, *others))

    def greatest(self, first: str, *others: str) -> str:
        return _of_many("MAX", (first, *others))

    def added(self, numbers: Sequence[str]) -> str:
        return _balanced(" + ", numbers) if numbers else "0"

    def points(self, millis: str) -> str:
        return f"({millis} / 1000e0)"

    # -- steps -------------------------------------------------------------------------------

    def step(self, name: str, body: str, *, used: int = 1) -> str:
        # Else a step is put into the next one, and a column that stands there ten times is
        # computed ten times, and so on with every step.
        return f"{name} AS MATERIALIZED (\n{body}\n)"

    # -- moments -----------------------------------------------------------------------------

    def micros(self, moment: str, *, naive: bool = False) -> str:
        text = f"CASE TYPEOF({moment}) WHEN 'text' THEN {self.moment_of(moment, naive=naive)}"
        return f"{text} WHEN 'integer' THEN {self.since_1970(moment)} END"

    def since_1970(self, count: str, micros: int = 1_000_000) -> str:
        """A whole count of so many microseconds each; NULL where no calendar has that day."""
        first, last = (end * (1_000_000 // micros) for end in _SECONDS)
        return f"CASE WHEN {count} BETWEEN {first} AND {last} THEN {count} * {micros} END"

    def moment_of(self, text: str, *, naive: bool = False) -> str:
        """
        Text in ISO 8601 as microseconds since 1970; NULL where it is none, or has no zone.

        Args:
            text: A column of texts.
            naive: Whether a time without a zone is one of UTC.

        SQLite rounds to milliseconds, so it is given whole seconds only; and it takes the 30th of
        February for a day in March, so the date must read the same when it is written again.
        """
        clock = f"CASE WHEN SUBSTR({text}, 17, 1) = ':' THEN 19 ELSE 16 END"
        rest = f"SUBSTR({text}, 1 + {clock})"
        zone = f"LTRIM({rest}, '{_DIGITS}')"
        colon = (
            f"CASE WHEN LENGTH({zone}) = 5 "
            f"THEN SUBSTR({zone}, 1, 3) || ':' || SUBSTR({zone}, 4) ELSE {zone} END"
        )
        seconds = f"STRFTIME('%s', SUBSTR({text}, 1, {clock}) || {colon})"
        digits = f"SUBSTR({rest}, 2, LENGTH({rest}) - LENGTH({zone}) - 1)"
        micros = f"CAST(SUBSTR(RTRIM({digits}) || '000000', 1, 6) AS INTEGER)"
        date = f"SUBSTR({text}, 1, 10)"
        real = f"DATE({date}, '+0 days') = {date} AND {date} > '0001'"
        zoned = "" if naive else f"{zone} <> '' AND "
        return (
            f"CASE WHEN {real} THEN CASE WHEN LENGTH({text}) = 10 "
            f"THEN STRFTIME('%s', {text}) * 1000000 "
            f"WHEN {zoned}SUBSTR({text}, 12, 2) < '24' "
            f"THEN {seconds} * 1000000 + {micros} END END"
        )

    def moment(self, text: str) -> str:
        return self.filled(text)

    def instant(self, micros: str) -> str:
        rest = f"(({micros} % 1000000 + 1000000) % 1000000)"
        seconds = f"STRFTIME('%Y-%m-%dT%H:%M:%S', ({micros} - {rest}) / 1000000, 'unixepoch')"
        return f"({seconds} || '.' || SUBSTR('00000' || {rest}, -6) || '+00:00')"

    def gathered(self, text: str, condition: str) -> str:
        return f"JSON_GROUP_ARRAY(DISTINCT {text}) FILTER (WHERE {condition})"

    def merged(self, parts: Sequence[tuple[str, str]], lists: Sequence[tuple[str, str]]) -> str:
        some = [f"SELECT {self.text(told)} AS told WHERE {when}" for when, told in parts]
        found = [
            f"SELECT value AS told FROM JSON_EACH(COALESCE({column}, '[]')) WHERE {when}"
            for when, column in lists
        ]
        every = f"SELECT told FROM ({' UNION '.join([*some, *found])}) ORDER BY told"
        return f"(SELECT COALESCE(GROUP_CONCAT(told, '; '), '') FROM ({every}))"


class ConnectedSQLite(SQLite):
    """SQLite with the functions that mqlkit gives to a connection of its own process."""

    def folded_wholly(self, text: str) -> str:
        return f"CASE WHEN {self.is_ascii(text)} THEN LOWER({text}) ELSE MQLKIT_FOLD({text}) END"

    def matches(self, text: str, pattern: str) -> str:
        return f"MQLKIT_MATCHES({self.text(pattern)}, {text})"


def _of_many(function: str, values: Sequence[str]) -> str:
    """A function of as many values as there are, of which SQLite takes only some at once."""
    if len(values) == 1:
        return values[0]
    if len(values) <= _MOST_ARGUMENTS:
        return f"{function}({', '.join(values)})"
    parts = [
        _of_many(function, values[start : start + _MOST_ARGUMENTS])
        for start in range(0, len(values), _MOST_ARGUMENTS)
    ]
    return _of_many(function, parts)


def _balanced(word: str, parts: Sequence[str]) -> str:
    """Parts joined so that none is deep within the others: SQLite bounds how deep a text is."""
    if len(parts) <= _DEEPEST:
        return f"({word.join(parts)})" if len(parts) > 1 else parts[0]
    middle = len(parts) // 2
    return f"({_balanced(word, parts[:middle])}{word}{_balanced(word, parts[middle:])})"
