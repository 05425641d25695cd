"""Trino; its text is parsed in tests, not run there."""

from collections.abc import Callable

from .base import Dialect


class Trino(Dialect):
    """
    The SQL of Trino.

    A column of instants is a TIMESTAMP WITH TIME ZONE, or a TIMESTAMP in UTC.
    """

    name = "trino"
    title = "Trino"
    tried = False
    text_type = "VARCHAR"
    number_type = "DOUBLE"
    listed = "ELEMENT_AT(ARRAY[{values}], {place} + 1)"

    def not_blank(self, text: str) -> str:
        return f"CASE WHEN {_left_trimmed(text)} <> '' THEN {text} END"

    def not_nan(self, number: str) -> str:
        double = self.cast(number, self.number_type)
        return f"CASE WHEN NOT IS_NAN({double}) THEN {self.one_zero(double)} END"

    def is_ascii(self, text: str) -> str:
        return f"LENGTH(TO_UTF8({text})) = LENGTH({text})"

    def starts(self, text: str, word: str) -> str:
        return f"STARTS_WITH({text}, {self.text(word)})"

    def ends(self, text: str, word: str) -> str:
        return f"SUBSTR({text}, -{len(word)}) = {self.text(word)}"

    def after_at(self, text: str) -> str:
        return f"REVERSE(SPLIT_PART(REVERSE({text}), '@', 1))"

    def has_name_and_domain(self, text: str) -> str:
        named = f"STRPOS(SUBSTR({text}, 2), '@') > 0"
        return f"({named} AND {_left_trimmed(self.after_at(text))} <> '')"

    def any_member(self, items: str, holds: Callable[[str], str]) -> str:
        return f"ANY_MATCH({items}, member -> {holds('member')})"

    def wide_sum(self, value: str) -> str:
        return f"SUM({self.cast(value, 'DECIMAL(38, 0)')})"

    def micros(self, moment: str) -> str:
        # A double of seconds holds each microsecond until 2106; CAST rounds to the nearest.
        return self.cast(f"TO_UNIXTIME({moment}) * 1000000", "BIGINT")

    def instant(self, micros: str) -> str:
        return f"FROM_UNIXTIME_NANOS({self.cast(micros, 'DECIMAL(38, 0)')} * 1000)"

    def moment(self, text: str) -> str:
        return self.cast(self.filled(text), "TIMESTAMP(6) WITH TIME ZONE")


def _left_trimmed(text: str) -> str:
    """Without the spaces before it; LTRIM takes any white space."""
    return f"TRIM(LEADING ' ' FROM {text})"
