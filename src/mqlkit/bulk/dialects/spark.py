"""Spark: the same text on a laptop and on a cluster, in one exchange of activities."""

import math
from collections.abc import Callable, Sequence
from typing import Final

from .base import Dialect

_A_TO_Z: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ESCAPED: Final = str.maketrans({"\\": "\\\\", "'": "\\'"})


class Spark(Dialect):
    """
    The SQL of Spark 4, with native expressions only.

    No answer depends on the session's time zone, on ANSI mode, or on the language of the Java
    below. A lead's activities are brought together once: all windows go over them there.
    """

    name = "spark"
    title = "Spark"
    linear = True
    text_type = "STRING"
    number_type = "DOUBLE"
    instant_type = "TIMESTAMP_LTZ"
    wide_type = "DECIMAL(38, 0)"
    mark = "`"
    containing = "CONTAINS"
    starting_with = "STARTSWITH"
    ending_with = "ENDSWITH"

    # -- names and literals ------------------------------------------------------------------

    def quoted(self, name: str) -> str:
        if "${" in name:
            self.refuse(f"a column called {name!r}: rename it, for ${{ is a variable to Spark")
        return super().quoted(name)

    def spelled(self, value: str) -> str:
        # Spark puts settings and variables of the machine in place of ${...}, even in a text.
        return f"'{value.translate(_ESCAPED)}'".replace("${", "\\u0024{")

    def number(self, value: float) -> str:
        # A literal with a point is a decimal, and a session may take one with an exponent so.
        if isinstance(value, int) or math.isinf(value):
            return super().number(value)
        return f"{value!r}D"

    def comment(self, text: str) -> str:
        return super().comment(text.replace("${", "$ {"))

    # -- text --------------------------------------------------------------------------------

    def lowered(self, text: str, stand_in: str) -> str:
        # LOWER goes by the language of the Java below as soon as one letter is not ASCII.
        letters = self.translated(text, _A_TO_Z, _A_TO_Z.lower())
        return f"CASE WHEN {self.is_ascii(text)} THEN LOWER({text}) ELSE {letters} END"

    def place(self, word: str, text: str) -> str:
        return f"INSTR({text}, {word})"

    def after_at(self, text: str) -> str:
        return f"SUBSTRING_INDEX({text}, '@', -1)"

    def blank(self, text: str) -> str:
        return f"(LTRIM({text}) = '')"

    def joined(self, texts: Sequence[str]) -> str:
        return f"CONCAT({', '.join(texts)})" if len(texts) > 1 else texts[0]

    def is_number(self, double: str) -> str:
        return f"NOT ISNAN({double})"

    def one_zero(self, double: str) -> str:
        return f"{double} + 0D"  # COLLECT_SET takes 0.0 and -0.0 for two values

    # -- lists -------------------------------------------------------------------------------

    def any_member(self, items: str, holds: Callable[[str], str]) -> str:
        return f"EXISTS({items}, member -> {holds('member')})"

    # -- numbers and aggregates --------------------------------------------------------------

    def quotient(self, whole: str, by: int) -> str:
        return f"{whole} DIV {by}"

    def distinct(self, value: str) -> str:
        # COUNT(DISTINCT) twice would copy every activity and exchange the copies.
        return f"SIZE(COLLECT_SET({value}))"

    # -- steps -------------------------------------------------------------------------------

    def together(self, rows: str, key: str) -> str:
        return rows.replace("SELECT ", f"SELECT /*+ REPARTITION({key}) */ ", 1)

    def gathered(self, text: str, condition: str) -> str:
        return f"COLLECT_SET(CASE WHEN {condition} THEN {text} END)"

    def merged(self, parts: Sequence[tuple[str, str]], lists: Sequence[tuple[str, str]]) -> str:
        none = self.nothing(self.text_type)
        found = [
            f"COALESCE(CASE WHEN {when} THEN {column} END, ARRAY({none}))" for when, column in lists
        ]
        every = f"CONCAT(ARRAY({', '.join([none, *self.told(parts)])}), {', '.join(found)})"
        return f"ARRAY_JOIN(ARRAY_SORT(ARRAY_DISTINCT({every})), '; ')"

    # -- moments -----------------------------------------------------------------------------

    def micros(self, moment: str) -> str:
        return f"UNIX_MICROS({moment})"

    def instant(self, micros: str) -> str:
        return f"TIMESTAMP_MICROS({micros})"
