"""
What DuckDB is asked while tables are read: names, texts, blanks and keys as the core has them.
"""

import glob
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from ...value import fold, micros_of
from ..dialects.duckdb import DuckDB

DIALECT: Final = DuckDB()
SPACES: Final = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
"""What Python's ``str.strip`` cuts."""
FIRST_MICROS: Final = micros_of(datetime.min.replace(tzinfo=UTC))
LAST_MICROS: Final = micros_of(datetime.max.replace(tzinfo=UTC))
LEAST_WHOLE, GREATEST_WHOLE = -(2**63), 2**63 - 1

quoted = DIALECT.quoted


def text(value: str) -> str:
    """A text literal; one with a NUL in pieces, for no statement may hold that."""
    return " || CHR(0) || ".join(map(DIALECT.text, value.split("\0")))


def texts(values: Iterable[str]) -> str:
    """Literals with commas between them."""
    return ", ".join(map(text, values))


def stripped(sql: str) -> str:
    """
    A text without the white space around it.

    Cutting letters of all alphabets is dear, so what begins and ends with a visible ASCII
    character is left alone.
    """
    return f"CASE WHEN {_plain(sql)} THEN {sql} ELSE TRIM({sql}, {text(SPACES)}) END"


def _plain(sql: str) -> str:
    """Whether a text begins and ends with a visible ASCII character."""
    return f"{sql} >= '!' AND {sql} < '~' AND ARRAY_EXTRACT({sql}, -1) BETWEEN '!' AND '~'"


def spoiled(sql: str) -> str:
    """Whether a text holds a NUL, as what is no text does."""
    return f"CONTAINS({sql}, CHR(0))"


def key(sql: str) -> str:
    """A text as a key: cut, NULL where nothing is left."""
    cut = f"NULLIF(TRIM({sql}, {text(SPACES)}), '')"
    whole = f"NOT {spoiled(sql)}"
    return f"CASE WHEN {_plain(sql)} AND {whole} THEN {sql} WHEN {whole} THEN {cut} END"


def filled(sql: str, blanks: Iterable[str] = ()) -> str:
    """A text as it is; NULL where it is blank, or one of the stated blanks in any case."""
    bare = f"TRIM({sql}, {text(SPACES)})"
    blanks = sorted(blanks)
    stated = f"WHEN {is_stated(bare, blanks)} THEN NULL " if blanks else ""
    plain = f"{sql} >= '!' AND {sql} < '~'"
    return (
        f"CASE WHEN {spoiled(sql)} THEN NULL {stated}WHEN {plain} THEN {sql} "
        f"WHEN {bare} <> '' THEN {sql} END"
    )


def is_stated(bare: str, blanks: Iterable[str]) -> str:
    """Whether a text is one of the stated blanks, in any case."""
    words = sorted({fold(blank) for blank in blanks})
    return f"{DIALECT.folded(bare, words)} IN ({texts(words)})"


def stated_blank(sql: str, blanks: Iterable[str]) -> str:
    """A text that is cut already; NULL where it is one of the stated blanks."""
    return f"CASE WHEN NOT {is_stated(sql, blanks)} THEN {sql} END"


def within_calendar(micros: str) -> str:
    """Microseconds, NULL beyond the years that the core knows."""
    return f"CASE WHEN {micros} BETWEEN {FIRST_MICROS} AND {LAST_MICROS} THEN {micros} END"


def is_number(sql: str) -> str:
    """
    Whether a double is a number, infinity among them.

    DuckDB takes ISNAN for never true of a Parquet column whose least and greatest value are known,
    and these pass over what is no number. ISFINITE it asks of each value.
    """
    return f"(ISFINITE({sql}) OR ISINF({sql}))"


def clamped(sql: str, type_: str) -> str:
    """A whole number of a type of any width in 64 bits; one beyond them as the outermost."""
    # Of two types DuckDB would compare doubles, which are not exact.
    held = f"LEAST({sql}, {GREATEST_WHOLE}::{type_})"
    if not type_.startswith("u"):
        held = f"GREATEST({held}, {LEAST_WHOLE}::{type_})"
    # GREATEST and LEAST pass over a NULL, as if it were not there.
    return f"CASE WHEN {sql} IS NOT NULL THEN CAST({held} AS BIGINT) END"


def parquet(*paths: str, more: str = "") -> str:
    """These very files, whatever their names and those of their folders look like."""
    files = texts(glob.escape(path) for path in paths)
    return f"read_parquet([{files}], hive_partitioning = false{more})"
