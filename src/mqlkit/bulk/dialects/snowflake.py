"""Snowflake; its text is parsed in tests, not run there."""

import re
from collections.abc import Callable
from typing import Final

from .base import Dialect

_PLAIN: Final = re.compile(r"[a-z_][a-z0-9_]*", re.IGNORECASE | re.ASCII)
_RESERVED: Final = """
account all alter and any as between by case cast check column connect connection constraint
create cross current current_date current_time current_timestamp current_user database
delete distinct drop else exists false following for from full grant group gscluster having
ilike in increment inner insert intersect into is issue join lateral left like localtime
localtimestamp minus natural not null of on or order organization qualify regexp revoke right
rlike row rows sample schema select set some start table tablesample then to trigger true
try_cast union unique update using values view when whenever where with
"""


class Snowflake(Dialect):
    """
    The SQL of Snowflake.

    Plain names stand without quotes, so that they are found in upper case, as its people write
    them. A column of instants is a TIMESTAMP_TZ, a TIMESTAMP_LTZ, a DATE, or a TIMESTAMP_NTZ in
    UTC.
    """

    name = "snowflake"
    title = "Snowflake"
    tried = False
    text_type = "VARCHAR"
    number_type = "DOUBLE"
    whole_type = "NUMBER(38, 0)"
    doubled = "\\'"
    containing = "CONTAINS"
    starting_with = "STARTSWITH"
    ending_with = "ENDSWITH"
    listed = "CAST(GET([{values}], {place}) AS NUMBER(38, 0))"

    def quoted(self, name: str) -> str:
        if _PLAIN.fullmatch(name) and name.lower() not in _RESERVED.split():
            return name
        return super().quoted(name)

    # -- text --------------------------------------------------------------------------------

    def compared(self, text: str) -> str:
        return f"COLLATE({text}, '')"

    def more_than_blank(self, text: str) -> str:
        return f"LTRIM({text}, ' ') <> ''"

    def is_ascii(self, text: str) -> str:
        return f"OCTET_LENGTH({text}) = LENGTH({text})"

    def place(self, word: str, text: str) -> str:
        return f"POSITION({word} IN {text})"

    def any_member(self, items: str, holds: Callable[[str], str]) -> str:
        member = holds(self.cast("member", self.text_type))
        return f"(ARRAY_SIZE(FILTER({items}, member -> {member})) > 0)"

    # -- numbers and moments -----------------------------------------------------------------

    def quotient(self, whole: str, by: int) -> str:
        # A quotient has six decimals, and rounds the last day of an age up.
        return self.cast(f"({whole} - MOD({whole}, {by})) / {by}", self.whole_type)

    def micros(self, moment: str) -> str:
        return f"DATE_PART(EPOCH_MICROSECOND, {moment})"

    def instant(self, micros: str) -> str:
        return f"CONVERT_TIMEZONE('UTC', TO_TIMESTAMP_TZ({micros}, 6))"

    def moment(self, text: str) -> str:
        return f"TO_TIMESTAMP_TZ({self.filled(text)})"
