"""DuckDB: the engine that comes with the extra, on files and frames."""

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar, Final

from .base import Dialect

_STEADY: Final = (
    r"[\x{1}-\x{12F}\x{131}-\x{52F}\x{2000}-\x{2125}\x{3000}-\x{9FFF}"
    r"\x{AC00}-\x{D7FF}\x{1F000}-\x{1FAFF}]*"
)
"""Letters whose lower case has long been the same in every Unicode, and is what the core folds."""
_MOST_NEWEST: Final = 1_000


class DuckDB(Dialect):
    """The SQL of DuckDB 1.1 and later."""

    name = "duckdb"
    title = "DuckDB"
    inline = "NOT MATERIALIZED"
    text_type = "VARCHAR"
    number_type = "DOUBLE"
    containing = "CONTAINS"
    starting_with = "STARTS_WITH"
    ending_with = "ENDS_WITH"
    most_steps: ClassVar[int] = 1

    def blank(self, text: str) -> str:
        return f"(LTRIM({text}, ' ') = '')"  # by itself it would cut every Unicode space

    def translated(self, text: str, letters: str, others: str) -> str:
        # TRANSLATE takes hundreds of times as long as LOWER, and only few texts need it.
        steady = f"REGEXP_FULL_MATCH({text}, {self.text(_STEADY)})"
        slow = super().translated(text, letters, others)
        return f"CASE WHEN {steady} THEN LOWER({text}) ELSE {slow} END"

    def is_number(self, double: str) -> str:
        # ISNAN and comparisons are answered from the statistics of Parquet, which leave NaN out.
        return f"ISFINITE({double}) OR ISINF({double})"

    def is_ascii(self, text: str) -> str:
        return f"STRLEN({text}) = LENGTH({text})"

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
        found = f"{how}({value}) FILTER (WHERE {condition})"
        # A sum is a HUGEINT, and so would be all that it is added to.
        return self.cast(found, self.whole_type) if how == "SUM" else found

    def distinct(self, value: str) -> str:
        # COUNT(DISTINCT) would group all activities once more, by lead and value.
        return f"LIST_UNIQUE(LIST({value}) FILTER (WHERE {value} IS NOT NULL))"

    def gathered(self, text: str, condition: str) -> str:
        return f"LIST({text}) FILTER (WHERE {condition})"

    def merged(self, parts: Sequence[tuple[str, str]], lists: Sequence[tuple[str, str]]) -> str:
        some = ", ".join(self.told(parts))
        found = " || ".join(
            f"COALESCE(CASE WHEN {when} THEN {column} END, [])" for when, column in lists
        )
        every = f"LIST_SORT(LIST_DISTINCT([{some}]::VARCHAR[] || {found}), 'ASC')"
        return f"ARRAY_TO_STRING({every}, '; ')"

    def in_turn(self, first: str, then: str) -> str:
        # At one instant a second one comes before a first one: it does not come after it.
        odd = f"LIST(us * 2 + 1) FILTER (WHERE {first})"
        even = f"LIST(us * 2) FILTER (WHERE {then})"
        return f"LIST_SORT(LIST_CONCAT({odd}, {even}), 'ASC')"

    def followed(self, turns: str, span: int) -> str:
        # Between the nearest two nothing lies but seconds, of which the oldest is as near.
        before = f"{turns}[place - 1]"
        near = f"turn % 2 = 0 AND {before} % 2 <> 0 AND turn - {before} < {2 * span - 1}"
        return f"LEN(LIST_FILTER({turns}, lambda turn, place: place > 1 AND {near})) > 0"

    def newest(self, age: str, condition: str, most: int, values: Sequence[int]) -> str | None:
        if most > _MOST_NEWEST:
            return None
        left = self.ladder(self.whole_days("each_age"), values)
        ages = f"MIN({age}, {most}) FILTER (WHERE {condition})"
        total = f"LIST_SUM(LIST_TRANSFORM({ages}, lambda each_age: {left}))"
        return self.cast(total, self.whole_type)

    def once(self, source: str, key: str, order: Sequence[str], used: int) -> Iterator[str]:
        # To sort all activities takes as long as all else. Ids repeat seldom: which ones may, is
        # found by sorting a number for each, and only those are sorted as they should be.
        same = f"HASH({key}, id)"
        yield (
            "repeated AS MATERIALIZED (\n  SELECT DISTINCT same\n  FROM (\n"
            f"    SELECT same, LAG(same) OVER (ORDER BY same ASC) AS other\n"
            f"    FROM (SELECT {same} AS same FROM {source} WHERE id IS NOT NULL)\n"
            "  )\n  WHERE same = other\n)"
        )
        counts = "us IS NOT NULL AND kind IS NOT NULL"
        by = ", ".join(order)
        yield (
            f"winners AS MATERIALIZED (\n  SELECT a.*\n  FROM {source} AS a\n"
            f"  SEMI JOIN repeated ON repeated.same = {same}\n"
            f"  WHERE id IS NOT NULL AND {counts}\n"
            f"  QUALIFY ROW_NUMBER() OVER (PARTITION BY {key}, id ORDER BY {by}) = 1\n)"
        )
        yield self.step(
            "once",
            f"  SELECT a.*\n  FROM {source} AS a\n  ANTI JOIN repeated\n"
            f"    ON repeated.same = CASE WHEN id IS NOT NULL THEN {same} END\n"
            f"  WHERE {counts}\n  UNION ALL\n  SELECT *\n  FROM winners",
            used=used,
        )

    def micros(self, moment: str) -> str:
        return f"EPOCH_US({moment})"

    def instant(self, micros: str) -> str:
        return f"MAKE_TIMESTAMPTZ({micros})"
