"""BigQuery; its text is parsed in tests, not run there."""

from collections.abc import Callable
from typing import Final

from .base import Dialect

_ESCAPED: Final = str.maketrans({
    "\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\u2028": "\\u2028", "\u2029": "\\u2029",
})  # fmt: skip


class BigQuery(Dialect):
    """
    GoogleSQL of BigQuery.

    A column of instants is a TIMESTAMP, a DATE, or a DATETIME in UTC.
    """

    name = "bigquery"
    title = "BigQuery"
    tried = False
    text_type = "STRING"
    whole_type = "INT64"
    number_type = "FLOAT64"
    flag_type = "BOOL"
    wide_type = "NUMERIC"
    starting_with = "STARTS_WITH"
    ending_with = "ENDS_WITH"
    listed = "[{values}][SAFE_OFFSET({place})]"

    def quoted(self, name: str) -> str:
        return "`" + name.translate(_ESCAPED).replace("`", "\\`") + "`"

    def spelled(self, value: str) -> str:
        return f"'{value.translate(_ESCAPED)}'"

    def is_ascii(self, text: str) -> str:
        return f"BYTE_LENGTH({text}) = CHAR_LENGTH({text})"

    def not_blank(self, text: str) -> str:
        return f"CASE WHEN LTRIM({text}, ' ') <> '' THEN {text} END"

    def after_at(self, text: str) -> str:
        return f"ARRAY_REVERSE(SPLIT({text}, '@'))[SAFE_OFFSET(0)]"

    def matches(self, text: str, pattern: str) -> str:
        return f"REGEXP_CONTAINS({text}, {self.text(pattern)})"

    def any_member(self, items: str, holds: Callable[[str], str]) -> str:
        return f"EXISTS (SELECT 1 FROM UNNEST({items}) AS member WHERE {holds('member')})"

    def quotient(self, whole: str, by: int) -> str:
        return f"DIV({whole}, {by})"

    def points(self, millis: str) -> str:
        return f"({self.cast(millis, 'NUMERIC')} * NUMERIC '0.001')"

    def micros(self, moment: str) -> str:
        return f"UNIX_MICROS(TIMESTAMP({moment}))"  # UTC, unless the column says otherwise

    def instant(self, micros: str) -> str:
        return f"TIMESTAMP_MICROS({micros})"

    def moment(self, text: str) -> str:
        return self.filled(text)
