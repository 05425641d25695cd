"""
Text in DuckDB folds as `mqlkit.value.fold` does, for every letter that there is; patterns match
as google-re2 matches them.
"""

import re
from itertools import product

import pytest
from bulk.table_models import PATTERNS

from mqlkit.bulk.dialects.base import every_letter, stand_in
from mqlkit.bulk.dialects.duckdb import _STEADY, DuckDB
from mqlkit.criteria.text import compiled
from mqlkit.value import fold

duckdb = pytest.importorskip("duckdb")
pa = pytest.importorskip("pyarrow")

LETTERS = [chr(code) for code in range(1, 0x110000) if not 0xD800 <= code < 0xE000]
DIALECT = DuckDB()
ASCII = {chr(code) for code in range(128)}
STEADY = {
    chr(code)
    for low, high in re.findall(r"\\x\{(\w+)\}-\\x\{(\w+)\}", _STEADY)
    for code in range(int(low, 16), int(high, 16) + 1)
}
"""The letters that fold by the quick way."""


def texts():
    """All letters, those that fold by another way in texts of their own."""
    quick = [letter for letter in LETTERS if letter in STEADY]
    slow = [letter for letter in LETTERS if letter not in STEADY]
    some = [LETTERS[:127], quick, slow]
    return ["".join(part[n : n + 4096]) for part in some for n in range(0, len(part), 4096)]


@pytest.fixture(scope="module")
def every_text():
    return texts()


def said(expression, values):
    connection = duckdb.connect()
    connection.register("texts", pa.table({"x": values}))
    return [row[0] for row in connection.execute(f"SELECT {expression} FROM texts").fetchall()]


def test_both_ways_are_tried(every_text):
    """Letters of the quick way stand in no text with others."""
    ways = said(f"REGEXP_FULL_MATCH(x, {DIALECT.text(_STEADY)})", every_text)
    assert ways == [STEADY.issuperset(text) for text in every_text]
    assert {True, False} == set(ways)


def test_every_letter_that_folds_is_known():
    assert "".join(every_letter()[0]) == "".join(one for one in LETTERS if fold(one) != one)


def test_every_letter_folds_wholly(every_text):
    assert said(DIALECT.folded_wholly("x"), every_text) == [fold(text) for text in every_text]


def test_every_letter_folds_for_ascii_words(every_text):
    """No letter becomes an ASCII one that was none before, and none is lost."""
    for text, found in zip(every_text, said(DIALECT.folded("x", ["k"]), every_text), strict=True):
        assert len(text) == len(found)
        wrong = [
            letter
            for letter, lower in zip(text, found, strict=True)
            if fold(letter) != lower and ASCII & {lower, fold(letter)}
        ]
        assert wrong == []


@pytest.mark.parametrize(
    "word", ["straße", "σς", "é", "\N{DESERET SMALL LETTER LONG I}", "i\u0307", "ǆk", "\u212a"]
)
def test_every_letter_folds_for_a_word(every_text, word):
    """Each letter of the word is found where the core finds it, and nowhere else."""
    wanted = set(fold(word))
    for text, found in zip(
        every_text, said(DIALECT.folded("x", [fold(word)]), every_text), strict=True
    ):
        wrong = [
            letter
            for letter, lower in zip(text, found, strict=True)
            if (fold(letter) if fold(letter) in wanted else None)
            != (lower if lower in wanted else None)
        ]
        assert wrong == []


def test_a_stand_in_is_no_letter_of_a_word():
    """It folds to itself, and stands in none of the words."""
    first = stand_in("")
    other = stand_in(first)
    assert first != other
    assert fold(first) == first
    assert not {first, other} & set("".join(every_letter()))


# -- patterns --------------------------------------------------------------------------------------

MORE = (
    "^", "$", "^$", ".", ".*", "^.$", "^a.b$", "a$", "(?m)a$", "(?m)^b", r"\Aa", r"b\z", r"\n",
    r"\s", r"\S", r"\w", r"\W+", r"\D", r"\B", "(?i)É", "(?i)σ", "(?i)s", "[^a]", "(?U)a+",
    "a|b|c", "(?:a|b)c", "x{2,3}", r"\x{e9}", r"\p{Greek}", r"\P{L}", "%", "_", "a%", "%b", "a_b",
    "(?i)ab", "(?i)k", "a.*b", "(?s)a.*b", r"\.", r"\$", "[.]", r"\Q.\E", r"\\", "'", '"', "é",
    "(?-s)a.b", "(?i:A)b", r"[[:space:]]", "abc", "a\nb", "^abc", "abc$",
)  # fmt: skip
SUBJECTS = (
    "a", "b", "ab", "abc", "a\nb", "a\n", "\n", "\na", "aXb", "axxb", "x%y", "a%", "a_b", "100%",
    "a.b", "É", "é", "e\u0301", "Σ", "ς", "\u212a", "k", "K", "\u017f", "s", "S", "\u0661", "7",
    " ", "\u00a0", "\t", "a\\b", "O'Neil", '"', "\N{GRINNING FACE}",
    "\N{DESERET CAPITAL LETTER LONG I}",
    "cab", "$", "ABC", "a\r\nb", "aaa", "vp", "VP\nhead", "head\nvp", "İ",
)  # fmt: skip


@pytest.mark.parametrize("pattern", sorted({*PATTERNS, *MORE} - {""}))
def test_a_pattern_matches_as_the_core_matches_it(pattern):
    """Also where DuckDB makes something else of a constant pattern, such as LIKE."""
    found = said(DIALECT.matches("x", pattern), list(SUBJECTS))
    right = [compiled(pattern).search(text) is not None for text in SUBJECTS]
    wrong = [text for text, a, b in zip(SUBJECTS, found, right, strict=True) if a != b]
    assert wrong == []


def test_there_is_something_to_match():
    """Each pattern's answer is not the same for all but a few."""
    told = {pattern for pattern, text in product(MORE, SUBJECTS) if compiled(pattern).search(text)}
    assert len(told) > 0.9 * len(MORE)
