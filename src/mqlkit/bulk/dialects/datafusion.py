"""DataFusion."""

from collections.abc import Sequence

from .base import Dialect

_INSTANT = 'Timestamp(Microsecond, Some("UTC"))'


class DataFusion(Dialect):
    """The SQL of DataFusion 50 and later."""

    name = "datafusion"
    title = "DataFusion"
    text_type = "VARCHAR"
    number_type = "DOUBLE"
    wide_type = "DECIMAL(38, 0)"  # a sum of BIGINT wraps around
    starting_with = "STARTS_WITH"
    ending_with = "ENDS_WITH"

    def is_number(self, double: str) -> str:
        return f"NOT ISNAN({double})"

    def thousandths(self, number: str, *, whole: bool) -> str:
        return super().thousandths(number, whole=whole).replace("CAST(FLOOR", "TRY_CAST(FLOOR")

    def gathered(self, text: str, condition: str) -> str:
        return f"ARRAY_AGG(DISTINCT {text}) FILTER (WHERE {condition})"

    def merged(self, parts: Sequence[tuple[str, str]], lists: Sequence[tuple[str, str]]) -> str:
        none = self.nothing("VARCHAR")
        found = [
            f"COALESCE(CASE WHEN {when} THEN {column} END, MAKE_ARRAY({none}))"
            for when, column in lists
        ]
        every = (
            f"ARRAY_CONCAT(MAKE_ARRAY({', '.join([none, *self.told(parts)])}), {', '.join(found)})"
        )
        return f"COALESCE(ARRAY_TO_STRING(ARRAY_SORT(ARRAY_DISTINCT({every})), '; '), '')"

    def micros(self, moment: str) -> str:
        return f"ARROW_CAST(ARROW_CAST({moment}, '{_INSTANT}'), 'Int64')"

    def instant(self, micros: str) -> str:
        return f"ARROW_CAST({micros}, '{_INSTANT}')"

    def moment(self, text: str) -> str:
        return f"ARROW_CAST({self.filled(text)}, '{_INSTANT}')"
