"""ClickHouse."""

from collections.abc import Callable, Sequence

from .base import Dialect


class ClickHouse(Dialect):
    """
    The SQL of ClickHouse 24 and later.

    Its statement ends with the settings that it needs: a lead without activities has no counts,
    rather than zeros of 1970, and a name is a column before it is an alias.
    """

    name = "clickhouse"
    title = "ClickHouse"
    text_type = "String"
    whole_type = "Int64"
    number_type = "Float64"
    flag_type = "Bool"
    wide_type = "Int128"
    starting_with = "startsWith"
    ending_with = "endsWith"
    ascii_lower = True
    doubled = "\\'"
    ending = "\nSETTINGS join_use_nulls = 1, prefer_column_name_to_alias = 1"
    listed = "CAST([{values}] AS Array(Int64))[{place} + 1]"

    def quoted(self, name: str) -> str:
        return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"

    def cast(self, sql: str, type_: str) -> str:
        return f"CAST({sql} AS Nullable({type_}))"

    def not_nan(self, number: str) -> str:
        return f"CASE WHEN NOT isNaN({number}) THEN {self.one_zero(f'toFloat64({number})')} END"

    # -- text --------------------------------------------------------------------------------

    def translated(self, text: str, letters: str, others: str) -> str:
        return f"translateUTF8({text}, {self.text(letters)}, {self.text(others)})"

    def is_ascii(self, text: str) -> str:
        return f"LENGTH({text}) = {self.length(text)}"

    def length(self, text: str) -> str:
        return f"lengthUTF8({text})"

    def place(self, word: str, text: str) -> str:
        return f"POSITION({text}, {word})"

    def after_at(self, text: str) -> str:
        return f"substringIndex({text}, '@', -1)"

    def has_name_and_domain(self, text: str) -> str:
        at = self.place("'@'", f"substringUTF8({text}, 2)")
        return f"({at} > 0 AND LTRIM({self.after_at(text)}) <> '')"

    def matches(self, text: str, pattern: str) -> str:
        # RE2, but with a dot that matches the end of a line, too, unless told otherwise.
        return f"match({text}, {self.text('(?-s)' + pattern)})"

    def any_member(self, items: str, holds: Callable[[str], str]) -> str:
        return f"arrayExists(member -> {holds('member')}, {items})"

    # -- numbers and aggregates --------------------------------------------------------------

    def quotient(self, whole: str, by: int) -> str:
        return f"intDiv({whole}, {by})"

    def thousandths(self, number: str, *, whole: bool) -> str:
        text = super().thousandths(number, whole=whole)
        if whole:
            return text
        # What a CASE leaves out may be computed all the same, and too large a number would fail.
        rounded = f"FLOOR({number} * 1000 + 0.5e0)"
        return text.replace(self.cast(rounded, "Int64"), f"accurateCastOrNull({rounded}, 'Int64')")

    def count_if(self, condition: str) -> str:
        return f"toInt64({super().count_if(condition)})"  # an unsigned one has no common type

    def fold_if(self, how: str, value: str, condition: str) -> str:
        return super().fold_if(how, f"toInt64({value})" if how == "SUM" else value, condition)

    def distinct(self, value: str) -> str:
        return f"toInt64({super().distinct(value)})"

    def gathered(self, text: str, condition: str) -> str:
        return f"groupUniqArrayIf(assumeNotNull({text}), {condition})"

    def merged(self, parts: Sequence[tuple[str, str]], lists: Sequence[tuple[str, str]]) -> str:
        some = [f"if({when}, [{self.text(told)}], [])" for when, told in parts]
        found = [f"if({when}, {column}, [])" for when, column in lists]
        every = f"arraySort(arrayDistinct(arrayConcat({', '.join([*some, *found])})))"
        return f"arrayStringConcat({every}, '; ')"

    # -- moments -----------------------------------------------------------------------------

    def micros(self, moment: str) -> str:
        return f"toUnixTimestamp64Micro(toDateTime64({moment}, 6, 'UTC'))"

    def instant(self, micros: str) -> str:
        return f"fromUnixTimestamp64Micro({micros}, 'UTC')"

    def moment(self, text: str) -> str:
        return f"parseDateTime64BestEffort({self.filled(text)}, 6, 'UTC')"
