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
    instant_type = "TIMESTAMP(6) WITH TIME ZONE"
    wide_type = "DECIMAL(38, 0)"
    starting_with = "STARTS_WITH"
    listed = "ELEMENT_AT(ARRAY[{values}], {place} + 1)"

    def more_than_blank(self, text: str) -> str:
        return f"TRIM(LEADING ' ' FROM {text}) <> ''"  # LTRIM takes any white space

    def is_number(self, double: str) -> str:
        return f"NOT IS_NAN({double})"

    def is_ascii(self, text: str) -> str:
        return f"LENGTH(TO_UTF8({text})) = LENGTH({text})"

    def last(self, text: str, count: int) -> str:
        return f"SUBSTR({text}, -{count})"

    def after_at(self, text: str) -> str:
        return f"REVERSE(SPLIT_PART(REVERSE({text}), '@', 1))"

    def any_member(self, items: str, holds: Callable[[str], str]) -> str:
        return f"ANY_MATCH({items}, member -> {holds('member')})"

    def micros(self, moment: str) -> str:
        # A double of seconds holds each microsecond until 2106; CAST rounds to the nearest.
        return self.cast(f"TO_UNIXTIME({moment}) * 1000000", "BIGINT")

    def instant(self, micros: str) -> str:
        return f"FROM_UNIXTIME_NANOS({self.cast(micros, 'DECIMAL(38, 0)')} * 1000)"
