"""
Plausible wrong ways to print a definition: each is caught by the boundary cases.

A lie is a dialect that spells one thing as many would, or a change to the printed text.
"""

import re
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from bulk.boundary import boundary
from bulk.identity import differences
from bulk.tabular import DuckDBStore

from mqlkit.bulk.dialects.base import Dialect
from mqlkit.bulk.dialects.duckdb import DuckDB
from mqlkit.bulk.statement import Statement, statement


class PlainLower(DuckDB):
    """The database's own small letters."""

    def lowered(self, text, stand_in):
        return f"LOWER({text})"


class LowerForAll(DuckDB):
    """They do for every letter."""

    def translated(self, text, letters, others):
        return f"LOWER({text})"


class CutsAllSpaces(DuckDB):
    """Whatever looks blank is."""

    def blank(self, text):
        return f"(TRIM({text}, ' \t\u00a0\u3000') = '')"


class EmptyIsBlank(DuckDB):
    """Only an empty text is."""

    def blank(self, text):
        return f"({text} = '')"


class LikeWords(DuckDB):
    """A word is a pattern of LIKE."""

    def has(self, text, word):
        return f"{text} LIKE '%{word.replace(chr(39), chr(39) * 2)}%'"


class LikeStarts(DuckDB):
    def starts(self, text, word):
        return f"{text} LIKE '{word.replace(chr(39), chr(39) * 2)}%'"


class FirstAt(DuckDB):
    """A domain stands behind the first @."""

    def after_at(self, text):
        return f"SPLIT_PART({text}, '@', 2)"


class NoNameNeeded(DuckDB):
    """A domain needs no name before it."""

    def has_name_and_domain(self, text):
        return f"(CONTAINS({text}, '@') AND NOT {self.blank(self.after_at(text))})"


class WholePattern(DuckDB):
    """A pattern matches the whole text."""

    def matches(self, text, pattern):
        return f"REGEXP_FULL_MATCH({text}, {self.text(pattern)})"


class DotIsAll(DuckDB):
    """The dot is a line break, too."""

    def matches(self, text, pattern):
        return f"REGEXP_MATCHES({text}, {self.text(pattern)}, 's')"


class TruncatedPeriods(DuckDB):
    """Division cuts towards zero, so that the periods before 1970 are one later."""

    def period(self, moment, micros):
        return f"({moment} // {micros})"


class LocalDays(DuckDB):
    """A day is one of the session's zone."""

    def period(self, moment, micros):
        day = f"EPOCH_US(DATE_TRUNC('day', MAKE_TIMESTAMPTZ({moment})))"
        return day if micros == 86_400_000_000 else super().period(moment, micros)


class RoundedDays(DuckDB):
    """An age is rounded to days."""

    def whole_days(self, age):
        return f"CAST({age} / 86400000000 AS BIGINT)"


class HalfEven(DuckDB):
    """Halves are rounded to the even one."""

    def thousandths(self, number, *, whole):
        found = super().thousandths(number, whole=whole)
        return found.replace(f"FLOOR({number} * 1000 + 0.5e0)", f"ROUND_EVEN({number} * 1000, 0)")


class EveryNumberCounts(DuckDB):
    """A sum takes what is beyond its bounds."""

    def thousandths(self, number, *, whole):
        found = super().thousandths(number, whole=whole)
        return found.replace("1000000000000 ", "9000000000000 ")


class WholeOnesAreDoubles(DuckDB):
    """A whole number is compared as a double."""

    def number(self, value):
        return f"{float(value)!r}e0"


DIALECTS: dict[type[DuckDB], str] = {
    PlainLower: "text",
    LowerForAll: "text",
    CutsAllSpaces: "text",
    EmptyIsBlank: "text",
    LikeWords: "text",
    LikeStarts: "text",
    FirstAt: "text",
    NoNameNeeded: "text",
    WholePattern: "patterns",
    DotIsAll: "patterns",
    TruncatedPeriods: "periods",
    LocalDays: "periods",
    RoundedDays: "days",
    HalfEven: "sums",
    EveryNumberCounts: "sums",
    WholeOnesAreDoubles: "numbers",
}

Lie = Callable[[str], str]


def changed(old: str, new: str) -> Lie:
    """The text with one spelling for another."""
    return lambda text: re.sub(old, new, text)


LIES: dict[str, tuple[str, Lie]] = {
    "the start of a window is in it": ("windows", changed(r"age < (\d)", r"age <= \1")),
    "what happens now has not happened yet": ("windows", changed("us <= ", "us < ")),
    "what is still to come has happened": ("windows", changed(r"us <= (\d+)", r"us IS NOT NULL")),
    "days of a calendar": (
        "windows",
        changed(
            "age < 2592000000000",
            "MAKE_TIMESTAMPTZ(us) > TIMESTAMPTZ '2026-03-31 12:00+00' - INTERVAL 30 DAY",
        ),
    ),
    "an activity without a kind counts": (
        "repeated",
        changed(r"us IS NOT NULL AND kind IS NOT NULL", "us IS NOT NULL"),
    ),
    "what may match does not": ("sequences", changed(r", TRUE\) AS b_", ", FALSE) AS b_")),
    "what may match does": ("sequences", changed(r", FALSE\) AS b_", ", TRUE) AS b_")),
    "UNKNOWN is NO": ("numbers", changed(r"COALESCE\((c_\w+), TRUE\)", r"COALESCE(\1, FALSE)")),
    "UNKNOWN is YES": (
        "numbers",
        changed(r"CASE WHEN (c_\w+) THEN", r"CASE WHEN \1 IS NOT FALSE THEN"),
    ),
    "a list with a blank is like any other": (
        "lists",
        changed("THEN NULL ELSE FALSE", "THEN FALSE ELSE FALSE"),
    ),
    "a list that is not known is empty": (
        "lists",
        changed(r"CASE WHEN f_tags IS NOT NULL THEN", "CASE WHEN TRUE THEN"),
    ),
    "one after another may be at one instant": (
        "sequences",
        changed(r"(a_before\w*) > (a_after\w*)", r"\1 >= \2"),
    ),
    "a second one is just in time": ("sequences", changed("172799999999", "172800000001")),
    "the latest of one id counts": (
        "repeated",
        changed(r"id ORDER BY us ASC,", "id ORDER BY us DESC,"),
    ),
    "any of one id counts": ("repeated", changed(r"id ORDER BY us ASC, .*\)", "id ORDER BY us)")),
    "a blank comes first": ("repeated", changed("NULLS LAST", "NULLS FIRST")),
    "one id counts for each kind": (
        "repeated",
        changed("PARTITION BY lead_id, id", "PARTITION BY lead_id, id, kind"),
    ),
    "only properties that are asked for tell two apart": (
        "repeated",
        changed(", p_seats ASC NULLS LAST", ""),
    ),
    "the oldest of a period count": ("periods", changed("ORDER BY age", "ORDER BY us")),
    "a blank value is one value": ("periods", changed(r" OR p_page_folded IS NULL", "")),
    "a cap counts for nothing": ("totals", changed(r"LEAST\((.*), 40000\)", r"(\1)")),
    "a floor counts for nothing": ("totals", changed(r"GREATEST\((.*), -5000\)", r"(\1)")),
    "blanks of a sum are nothing": (
        "sums",
        changed(r"CASE WHEN NOT \(a_\w+ > 0\) THEN", "CASE WHEN TRUE THEN"),
    ),
    "not a number is one": (
        "numbers",
        changed(r'CASE WHEN NOT ISNAN\(("\w+")\) THEN "\w+" END', r"\1"),
    ),
}


def caught(name: str, dialect: Dialect, lie: Lie = str) -> list[str]:
    """What the cases of a file show of a lie."""
    store: Any = DuckDBStore()
    store.dialect = dialect
    cases = boundary(name)

    def printed(*args: Any, **given: Any) -> Statement:
        made = statement(*args, **given)
        text = lie(made.text)
        columns = tuple(attrs.evolve(column, sql=lie(column.sql)) for column in made.columns)
        assert (text == made.text) == (lie is str), "the lie changes nothing"
        return attrs.evolve(made, text=text, columns=columns)

    return differences(store, cases.model, cases.world, printed=printed)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.__name__)
def test_a_wrong_spelling_is_caught(dialect):
    assert caught(DIALECTS[dialect], dialect()) != []


@pytest.mark.parametrize("lie", LIES)
def test_a_wrong_statement_is_caught(lie):
    name, change = LIES[lie]
    assert caught(name, DuckDB(), change) != []


@pytest.mark.parametrize("name", sorted({*DIALECTS.values(), *(name for name, _ in LIES.values())}))
def test_the_truth_is_not(name):
    assert caught(name, DuckDB()) == []
