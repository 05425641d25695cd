"""DuckDB: the engine that comes with the extra, on files and frames."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from .base import Dialect

_MOST_NEWEST: Final = 1_000


class DuckDB(Dialect):
    """The SQL of DuckDB 1.1 and later."""

    name = "duckdb"
    title = "DuckDB"
    inline = "NOT MATERIALIZED"
    text_type = "VARCHAR"
    number_type = "DOUBLE"
    most_steps: ClassVar[int] = 1

    def blank(self, text: str) -> str:
        return f"(LTRIM({text}, ' ') = '')"  # by itself it would cut every Unicode space

    def is_ascii(self, text: str) -> str:
        return f"STRLEN({text}) = LENGTH({text})"

    def has(self, text: str, word: str) -> str:
        return f"CONTAINS({text}, {self.text(word)})"

    def starts(self, text: str, word: str) -> str:
        return f"STARTS_WITH({text}, {self.text(word)})"

    def ends(self, text: str, word: str) -> str:
        return f"ENDS_WITH({text}, {self.text(word)})"

    def matches(self, text: str, pattern: str) -> str:
        return f"REGEXP_MATCHES({text}, {self.text(pattern)})"

    def any_member(self, items: str, holds: Callable[[str], str]) -> str:
        return f"(LEN(LIST_FILTER({items}, lambda member: {holds('member')})) > 0)"

    def quotient(self, whole: str, by: int) -> str:
        return f"{whole} // {by}"

    def ladder(self, days: str, values: Sequence[int]) -> str:
        if len(values) <= 2:
            return super().ladder(days, values)
        whole = self.least(days, str(len(values) - 1))
        return f"({list(values)}::BIGINT[])[{whole} + 1]"

    def count_if(self, condition: str) -> str:
        return f"COUNT(*) FILTER (WHERE {condition})"

    def fold_if(self, how: str, value: str, condition: str) -> str:
        return f"{how}({value}) FILTER (WHERE {condition})"

    def newest(self, age: str, condition: str, most: int, values: Sequence[int]) -> str | None:
        if most > _MOST_NEWEST:
            return None
        left = self.ladder(self.whole_days("each_age"), values)
        ages = f"MIN({age}, {most}) FILTER (WHERE {condition})"
        return f"LIST_SUM(LIST_TRANSFORM({ages}, lambda each_age: {left}))"

    def micros(self, moment: str) -> str:
        return f"EPOCH_US({moment})"

    def instant(self, micros: str) -> str:
        return f"MAKE_TIMESTAMPTZ({micros})"
