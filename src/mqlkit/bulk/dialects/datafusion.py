"""DataFusion."""

from collections.abc import Sequence
from typing import ClassVar

from .base import Dialect

_INSTANT = 'Timestamp(Microsecond, Some("UTC"))'


class DataFusion(Dialect):
    """The SQL of DataFusion 50 and later."""

    name = "datafusion"
    title = "DataFusion"
    text_type = "VARCHAR"
    number_type = "DOUBLE"
    most_steps: ClassVar[int] = 8

    def not_nan(self, number: str) -> str:
        double = self.cast(number, self.number_type)
        return f"CASE WHEN NOT ISNAN({double}) THEN {self.one_zero(double)} END"

    def starts(self, text: str, word: str) -> str:
        return f"STARTS_WITH({text}, {self.text(word)})"

    def ends(self, text: str, word: str) -> str:
        return f"ENDS_WITH({text}, {self.text(word)})"

    def thousandths(self, number: str, *, whole: bool) -> str:
        return super().thousandths(number, whole=whole).replace("CAST(FLOOR", "TRY_CAST(FLOOR")

    def wide_sum(self, value: str) -> str:
        return f"SUM({self.cast(value, 'DECIMAL(38, 0)')})"  # a sum of BIGINT wraps around

    def gathered(self, text: str, condition: str) -> str:
        return f"ARRAY_AGG(DISTINCT {text}) FILTER (WHERE {condition})"

    def merged(self, parts: Sequence[tuple[str, str]], lists: Sequence[tuple[str, str]]) -> str:
        none = self.nothing("VARCHAR")
        some = [f"CASE WHEN {when} THEN {self.text(told)} END" for when, told in parts]
        found = [
            f"COALESCE(CASE WHEN {when} THEN {column} END, MAKE_ARRAY({none}))"
            for when, column in lists
        ]
        every = f"ARRAY_CONCAT(MAKE_ARRAY({', '.join([none, *some])}), {', '.join(found)})"
        return f"COALESCE(ARRAY_TO_STRING(ARRAY_SORT(ARRAY_DISTINCT({every})), '; '), '')"

    def micros(self, moment: str) -> str:
        return f"ARROW_CAST(ARROW_CAST({moment}, '{_INSTANT}'), 'Int64')"

    def instant(self, micros: str) -> str:
        return f"ARROW_CAST({micros}, '{_INSTANT}')"

    def moment(self, text: str) -> str:
        return f"ARROW_CAST({self.filled(text)}, '{_INSTANT}')"
