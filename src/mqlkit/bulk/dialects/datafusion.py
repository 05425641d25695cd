"""DataFusion."""

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
        return f"CASE WHEN NOT ISNAN({double}) THEN {double} END"

    def starts(self, text: str, word: str) -> str:
        return f"STARTS_WITH({text}, {self.text(word)})"

    def ends(self, text: str, word: str) -> str:
        return f"ENDS_WITH({text}, {self.text(word)})"

    def thousandths(self, number: str, *, whole: bool) -> str:
        return super().thousandths(number, whole=whole).replace("CAST(FLOOR", "TRY_CAST(FLOOR")

    def wide_sum(self, value: str) -> str:
        return f"SUM({self.cast(value, 'DECIMAL(38, 0)')})"  # a sum of BIGINT wraps around

    def micros(self, moment: str) -> str:
        return f"ARROW_CAST(ARROW_CAST({moment}, '{_INSTANT}'), 'Int64')"

    def instant(self, micros: str) -> str:
        return f"ARROW_CAST({micros}, '{_INSTANT}')"

    def moment(self, text: str) -> str:
        return f"ARROW_CAST({self.filled(text)}, '{_INSTANT}')"
