"""
How an engine spells what a statement is made of.

The base class is the SQL that most engines share; an engine's own class says only where it
differs. Every spelling means the same to the last digit, or it refuses by name.
"""

import re
import sys
from abc import ABC, abstractmethod
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import ClassVar, Final, NoReturn

from ...value import DAY, MICROSECOND, fold, show
from ..tables import Held

DAY_MICROS: Final = DAY // MICROSECOND
KELVIN, DOTTED_I = "\N{KELVIN SIGN}", "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}"
_IDEOGRAPHS: Final = 0x20000
"""From here on Unicode has only what is in no case: ideographs, tags and private letters."""
_BLOCK: Final = 256
_FIRST_PRIVATE: Final = 0xE000
_GREATEST_SUMMAND: Final = 10**12
_MOST_BY_HALVES: Final = 8
_TEMPLATE: Final = re.compile(r"(\{\{.*?\}\})")
_OPENS_TEMPLATE: Final = re.compile(r"(?<=\{)(?=[{%#])")
"""A model may be a stranger's, and dbt would run what its names say within {{ … }}."""


class Refused(Exception):
    """A part that an engine cannot do; told with its place by who knows it."""


class AlreadyRefused(Refused):
    """A part of which it is told already what an engine or a table cannot do."""


class Dialect(ABC):
    """The SQL of one engine."""

    name: ClassVar[str]
    """By which it is asked for."""
    title: ClassVar[str]
    """What people call it."""
    tried: ClassVar[bool] = True
    """Whether the tests of mqlkit run its statements; else they are only parsed."""
    linear: ClassVar[bool] = False
    """Whether all windows go over one sorted pass, instead of each over the rows it needs."""
    inline: ClassVar[str] = ""
    """How to say that a step used twice is not to be kept: ``NOT MATERIALIZED``."""
    text_type: ClassVar[str] = "TEXT"
    whole_type: ClassVar[str] = "BIGINT"
    number_type: ClassVar[str] = "DOUBLE PRECISION"
    flag_type: ClassVar[str] = "BOOLEAN"
    instant_type: ClassVar[str] = "TIMESTAMP WITH TIME ZONE"
    wide_type: ClassVar[str] = ""
    """What whole numbers are summed as that need more than 64 bits; empty where a sum is wider."""
    mark: ClassVar[str] = '"'
    """What stands before and behind the name of a column."""
    containing: ClassVar[str] = ""
    """A function: whether a text contains a word; empty where its place tells."""
    starting_with: ClassVar[str] = ""
    """A function: whether a text starts with a word; empty where its first letters tell."""
    ending_with: ClassVar[str] = ""
    """A function: whether a text ends with a word; empty where its last letters tell."""
    ascii_lower: ClassVar[bool] = False
    """Whether ``LOWER`` changes ASCII letters only."""
    doubled: ClassVar[str] = "'"
    """Marks that are written twice within a text literal."""
    ending: ClassVar[str] = ""
    """What a statement ends with, such as the settings that it needs."""
    listed: ClassVar[str] = ""
    """One of many values by its place, which is 0 or more; empty where they are told by halves."""
    most_steps: ClassVar[int] = 8
    """Up to so many steps, what is left of the newest few is told by counts alone."""

    # -- names and literals ------------------------------------------------------------------

    def quoted(self, name: str) -> str:
        """A column's own name."""
        return self.mark + name.replace(self.mark, self.mark * 2) + self.mark

    def text(self, value: str) -> str:
        """A text literal, of which no template engine finds anything to fill in."""
        if "\0" in value or not _is_unicode(value):
            self.refuse(f"text with a letter that no database keeps: {show(value)}")
        parts = [self.spelled(part) for part in _OPENS_TEMPLATE.split(value)]
        return self.joined(parts)

    def spelled(self, value: str) -> str:
        """A text literal as it is written."""
        for mark in self.doubled:
            value = value.replace(mark, mark * 2)
        return f"'{value}'"

    def number(self, value: float) -> str:
        """A number literal; of a fraction the nearest double, never a decimal."""
        if isinstance(value, int):
            return str(value)
        if value == float("inf"):
            return self.cast("'Infinity'", self.number_type)
        if value == float("-inf"):
            return self.cast("'-Infinity'", self.number_type)
        return f"{value!r}e0" if "e" not in repr(value) else repr(value)

    def cast(self, sql: str, type_: str) -> str:
        """A value as another type."""
        return f"CAST({sql} AS {type_})"

    def nothing(self, type_: str) -> str:
        """A NULL of a type."""
        return self.cast("NULL", type_)

    def comment(self, text: str) -> str:
        """A remark to the end of the line."""
        if not _is_unicode(text):
            self.refuse(f"a name with a letter that no text has: {show(text)}")
        return "-- " + " ".join(_OPENS_TEMPLATE.sub(" ", text).replace("\0", " ").split())

    # -- columns as they are stored ----------------------------------------------------------

    def column(self, name: str) -> str:
        """A column of a table, by its own name."""
        return self.quoted(name)

    def key(self, column: str) -> str:
        """A column of keys as text."""
        return self.not_blank(self.cast(column, self.text_type))

    def cell(self, column: str, held: Held) -> str:
        """A column as the core reads it: NULL for a blank, and whatever it cannot read."""
        match held:
            case "text":
                return self.not_blank(column)
            case "number":
                return self.not_nan(column)
            case "moment":
                return self.micros(column)
            case _:
                return column

    def not_nan(self, number: str) -> str:
        """A column of numbers as the nearest double, NULL where it is not a number."""
        double = self.cast(number, self.number_type)
        return f"CASE WHEN {self.is_number(double)} THEN {self.one_zero(double)} END"

    def is_number(self, double: str) -> str:
        """Whether a double is not NaN."""
        nan = self.cast("'NaN'", self.number_type)
        return f"{double} <> {nan}"

    def one_zero(self, double: str) -> str:
        """A double whose zero has no sign: some engines count and sort two zeros as two."""
        return f"{double} + {self.number(0.0)}"

    # -- text --------------------------------------------------------------------------------

    def compared(self, text: str) -> str:
        """A text column as it is compared with others: by code points."""
        return text

    def blank(self, text: str) -> str:
        """Whether a text is empty or only spaces; no other white space is a blank."""
        return f"(REPLACE({text}, ' ', '') = '')"

    def more_than_blank(self, text: str) -> str:
        """Whether a text has more than spaces."""
        return f"NOT {self.blank(text)}"

    def not_blank(self, text: str) -> str:
        """A text, NULL where it is blank."""
        return f"CASE WHEN {self.more_than_blank(text)} THEN {text} END"

    def translated(self, text: str, letters: str, others: str) -> str:
        """Letters replaced one by one."""
        return f"TRANSLATE({text}, {self.text(letters)}, {self.text(others)})"

    def folded(self, text: str, words: Iterable[str]) -> str:
        """
        *text* such that it compares with folded *words* as the core compares.

        Letters that are in none of the words may stay as they are.
        """
        letters = set("".join(words))
        if all(letter.isascii() for letter in letters):
            return self.lowered(text, stand_in(letters))
        upper, lower = variants("".join(sorted(letters)))
        return self.translated(text, upper, lower) if upper else text

    def lowered(self, text: str, stand_in: str) -> str:
        """ASCII letters in lower case; no letter becomes one that was none before."""
        if self.ascii_lower:
            return f"LOWER({text})"
        for letter in (KELVIN, DOTTED_I):
            text = f"REPLACE({text}, {self.text(letter)}, {self.text(stand_in)})"
        return f"LOWER({text})"

    def folded_wholly(self, text: str) -> str:
        """*text* with every letter folded, to compare texts with one another."""
        upper, lower = every_letter()
        slow = self.translated(text, upper, lower)
        return f"CASE WHEN {self.is_ascii(text)} THEN LOWER({text}) ELSE {slow} END"

    def is_ascii(self, text: str) -> str:
        """Whether a text has ASCII letters only."""
        return f"OCTET_LENGTH({text}) = CHAR_LENGTH({text})"

    def length(self, text: str) -> str:
        """How many letters it has."""
        return f"LENGTH({text})"

    def place(self, word: str, text: str) -> str:
        """Where a text literal stands in *text*, counted from 1; 0 where it does not."""
        return f"STRPOS({text}, {word})"

    def has(self, text: str, word: str) -> str:
        """Whether *text* contains a word."""
        literal = self.text(word)
        if self.containing:
            return f"{self.containing}({text}, {literal})"
        return f"{self.place(literal, text)} > 0"

    def starts(self, text: str, word: str) -> str:
        """Whether *text* starts with a word."""
        literal = self.text(word)
        if self.starting_with:
            return f"{self.starting_with}({text}, {literal})"
        return f"SUBSTR({text}, 1, {len(word)}) = {literal}"

    def ends(self, text: str, word: str) -> str:
        """Whether *text* ends with a word."""
        literal = self.text(word)
        if self.ending_with:
            return f"{self.ending_with}({text}, {literal})"
        return f"{self.last(text, len(word))} = {literal}"

    def last(self, text: str, count: int) -> str:
        """The last letters of a text, of one or more."""
        return f"RIGHT({text}, {count})"

    def after_at(self, text: str) -> str:
        """What stands behind the last @ of a text that has one."""
        return f"SPLIT_PART({text}, '@', -1)"

    def has_name_and_domain(self, text: str) -> str:
        """Whether there is something before and something behind the last @ of a text."""
        at = self.place("'@'", f"SUBSTR({text}, 2)")
        return f"({at} > 0 AND {self.more_than_blank(self.after_at(text))})"

    def matches(self, text: str, pattern: str) -> str:
        """Whether an RE2 pattern matches somewhere."""
        self.refuse("a pattern: its engine is not RE2")

    # -- lists -------------------------------------------------------------------------------

    def any_member(self, items: str, holds: Callable[[str], str]) -> str:
        """Whether something holds of any member of a list that is not NULL; never NULL."""
        self.refuse("a question about a list")

    # -- numbers -----------------------------------------------------------------------------

    def least(self, first: str, *others: str) -> str:
        """The least of values that are not NULL."""
        return f"LEAST({', '.join((first, *others))})" if others else first

    def greatest(self, first: str, *others: str) -> str:
        """The greatest of values that are not NULL."""
        return f"GREATEST({', '.join((first, *others))})" if others else first

    def added(self, numbers: Sequence[str]) -> str:
        """The sum of whole numbers that are not NULL; flat: engines bound how deep a text is."""
        return " + ".join([self.cast("0", self.whole_type), *numbers])  # 32 bits may not hold it

    def quotient(self, whole: str, by: int) -> str:
        """A whole number of 0 or more divided by another, without the rest."""
        return f"{whole} / {by}"

    def whole_days(self, age: str) -> str:
        """An age of 0 or more microseconds in whole days."""
        return f"({self.quotient(age, DAY_MICROS)})"

    def period(self, moment: str, micros: int) -> str:
        """Which period of so many microseconds a moment is in, counted from 1970."""
        before = f"-1 - {self.quotient(f'(-1 - {moment})', micros)}"
        return f"CASE WHEN {moment} >= 0 THEN {self.quotient(moment, micros)} ELSE {before} END"

    def thousandths(self, number: str, *, whole: bool) -> str:
        """A number in whole thousandths, rounded as the core does; NULL where it is too large."""
        fits = f"{number} BETWEEN -{_GREATEST_SUMMAND} AND {_GREATEST_SUMMAND}"
        if whole:
            return f"CASE WHEN {fits} THEN {number} * 1000 END"
        rounded = self.cast(f"FLOOR({number} * 1000 + 0.5e0)", self.whole_type)
        return f"CASE WHEN {fits} THEN {rounded} END"

    def points(self, millis: str) -> str:
        """Millipoints as points."""
        return f"({self.cast(millis, 'DECIMAL(18, 0)')} * {self.cast('0.001', 'DECIMAL(4, 3)')})"

    def ladder(self, days: str, values: Sequence[int]) -> str:
        """
        The value of a day: the first is of day 0, the last of every later day, too.

        By halves, so that its text is as deep as the logarithm of its steps.
        """
        steps = [day for day in range(1, len(values)) if values[day] != values[day - 1]]
        if self.listed and len(steps) > _MOST_BY_HALVES:
            place = self.least(days, str(len(values) - 1))
            return self.listed.format(values=", ".join(map(str, values)), place=place)

        def between(low: int, high: int) -> str:
            if low == high:
                return str(values[0] if low == 0 else values[steps[low - 1]])
            middle = (low + high + 1) // 2
            below, above = between(low, middle - 1), between(middle, high)
            return f"CASE WHEN {days} < {steps[middle - 1]} THEN {below} ELSE {above} END"

        return between(0, len(steps))

    # -- aggregates --------------------------------------------------------------------------

    def count_if(self, condition: str) -> str:
        """How many rows a condition holds for."""
        return f"COUNT(CASE WHEN {condition} THEN 1 END)"

    def fold_if(self, how: str, value: str, condition: str) -> str:
        """``MIN``, ``MAX`` or ``SUM`` of a value over the rows a condition holds for."""
        return f"{how}(CASE WHEN {condition} THEN {value} END)"

    def wide_sum(self, value: str) -> str:
        """A sum of whole numbers that may need more than 64 bits."""
        return f"SUM({self.cast(value, self.wide_type) if self.wide_type else value})"

    def distinct(self, value: str) -> str:
        """How many different values there are, NULL not counted."""
        return f"COUNT(DISTINCT {value})"

    def in_turn(self, first: str, then: str) -> str | None:
        """
        When two kinds of activities were, as one aggregate; None where an engine has none for it.

        Args:
            first: Which are the first.
            then: Which come after them.
        """
        return None

    def followed(self, turns: str, span: int) -> str:
        """Whether one of the second comes after one of the first within so many microseconds."""
        self.refuse("two kinds of activities told as one aggregate")

    def newest(self, age: str, condition: str, most: int, values: Sequence[int]) -> str | None:
        """
        What is left of the newest few, as one aggregate; None where an engine has none for it.

        Args:
            age: In microseconds.
            condition: Which rows.
            most: How many count.
            values: What each is worth by its whole days, the last for every later day.
        """
        return None

    # -- moments -----------------------------------------------------------------------------

    @abstractmethod
    def micros(self, moment: str) -> str:
        """A column of instants as microseconds since 1970."""

    @abstractmethod
    def instant(self, micros: str) -> str:
        """Microseconds since 1970 as an instant of the engine."""

    def moment(self, text: str) -> str:
        """An instant that is given as text with its offset, such as a template's."""
        return self.cast(self.filled(text), self.instant_type)

    def filled(self, template: str) -> str:
        """A text literal that is filled in before the engine reads it."""
        parts = _TEMPLATE.split(template)
        parts[::2] = [self.spelled(part)[1:-1] for part in parts[::2]]
        return f"'{''.join(parts)}'"  # quotes within {{ … }} are the template's own

    # -- steps -------------------------------------------------------------------------------

    def step(self, name: str, body: str, *, used: int = 1) -> str:
        """One step of the statement."""
        how = f" {self.inline}" if self.inline and used > 1 else ""
        return f"{name} AS{how} (\n{body}\n)"

    def once(self, source: str, key: str, order: Sequence[str], used: int) -> Iterator[str]:
        """
        The steps after which one id counts once; the last is called ``once``.

        Args:
            source: The step that holds the activities; one without an instant or a kind does not
                count.
            key: Whose activities they are.
            order: By what those of one id are sorted: the first one counts.
            used: How often what comes out is used.
        """
        by = ", ".join([self.compared("id"), *order])
        yield self.step(
            "marked",
            f"  SELECT *\n    , LAG(id) OVER (PARTITION BY {key} ORDER BY {by}) AS same_id\n"
            f"  FROM {source}\n  WHERE us IS NOT NULL AND kind IS NOT NULL",
        )
        yield self.step(
            "once",
            "  SELECT *\n  FROM marked\n  WHERE id IS NULL OR same_id IS NULL OR id <> same_id",
        )

    def together(self, rows: str, key: str) -> str:
        """
        A step, such that its rows of one key are in one place.

        Windows over parts of a key would else have an engine of many machines move the rows for
        each of them.
        """
        return rows

    def ordered(self, column: str) -> str:
        """A column to sort by, what is NULL last."""
        return f"{column} ASC NULLS LAST"

    def texts(self, parts: Sequence[tuple[str, str]]) -> str:
        """
        Some texts joined by ``"; "``: those whose condition holds.

        Args:
            parts: Conditions, each with its text.
        """
        if not parts:
            return "''"
        joined = self.joined(
            [f"CASE WHEN {when} THEN {self.text('; ' + text)} ELSE '' END" for when, text in parts]
        )
        return f"SUBSTR({joined}, 3)"

    def gathered(self, text: str, condition: str) -> str:
        """A text of each of the rows that a condition holds for, as one list; see `merged`."""
        self.refuse("the names of what is missing of activities of any kind: name their kinds")

    def told(self, parts: Sequence[tuple[str, str]]) -> list[str]:
        """Texts, each NULL unless its condition holds."""
        return [f"CASE WHEN {when} THEN {self.text(told)} END" for when, told in parts]

    def merged(self, parts: Sequence[tuple[str, str]], lists: Sequence[tuple[str, str]]) -> str:
        """
        Texts joined by ``"; "``, each once, in the order of code points.

        Args:
            parts: Conditions, each with a text.
            lists: Conditions, each with a column of `gathered` texts, which may be NULL.
        """
        self.refuse("a list of texts as a text")

    def joined(self, texts: Sequence[str]) -> str:
        """Texts one after the other; none is NULL."""
        return "(" + " || ".join(texts) + ")" if len(texts) > 1 else texts[0]

    def refuse(self, what: str) -> NoReturn:
        """This engine cannot do it."""
        raise Refused(f"{self.title} cannot do {what}")


def _is_unicode(text: str) -> bool:
    """Whether it has no halves of letters, which no encoding has."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def stand_in(letters: Iterable[str]) -> str:
    """A letter that is none of *letters*, which no lower-casing changes."""
    taken = set(letters)
    return next(chr(c) for c in range(_FIRST_PRIVATE, 0xF8FF) if chr(c) not in taken)


@cache
def every_letter() -> tuple[str, str]:
    """Every letter that folds to another one, and these."""
    order = "le" if sys.byteorder == "little" else "be"
    every = array("I", range(_IDEOGRAPHS)).tobytes().decode(f"utf-32-{order}", "surrogatepass")
    blocks = (every[first : first + _BLOCK] for first in range(0, len(every), _BLOCK))
    cased = "".join(block for block in blocks if block.lower() != block)  # 20 of 4,000 blocks
    pairs = [(c, fold(c)) for c in cased if fold(c) != c]
    return "".join(c for c, _ in pairs), "".join(lower for _, lower in pairs)


@cache
def variants(letters: str) -> tuple[str, str]:
    """Every letter that folds to one of *letters*, and what each folds to."""
    wanted = set(letters)
    pairs = [(c, lower) for c, lower in zip(*every_letter(), strict=True) if lower in wanted]
    return "".join(c for c, _ in pairs), "".join(lower for _, lower in pairs)
