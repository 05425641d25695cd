"""
Rows as lines of text: CSV and JSON Lines, a batch at a time.

Points are exact and as short as they can be, instants are in UTC, as in the files that the core
writes. Each text is spelled once, however many rows have it.
"""

import json
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from itertools import chain
from typing import Any, Final

_ZEROS: Final = r"\.?0+$"
_QUOTED: Final = frozenset(',"\r\n')


def csv_head(names: list[str]) -> bytes:
    r"""
    The first line of a CSV file.

    >>> csv_head(["lead_id", "grade, of fit"])
    b'lead_id,"grade, of fit"\n'
    """
    return (",".join(map(_csv_text, names)) + "\n").encode()


def csv_lines(batch: Any) -> bytes:
    """Rows as lines of CSV; what is not there is an empty cell."""
    spelled = [_spelled(column, _csv_text, "true", "false") for column in batch.columns]
    return _joined(*spelled, end="\n", between=",")


def json_lines(batch: Any) -> bytes:
    """Rows as JSON objects, a line each, with a key for every column."""
    text: Callable[[Any], str] = partial(json.dumps, ensure_ascii=False)
    keys = (f"{text(name)}: " for name in batch.schema.names)
    spelled = (_json_cell(column, text) for column in batch.columns)
    parts = [*chain.from_iterable(zip(_signs("{", ", ", keys), spelled, strict=True))]
    return _joined(*parts, end="}\n", between="")


def _signs(first: str, other: str, keys: Iterator[str]) -> Iterator[str]:
    for number, key in enumerate(keys):
        yield (other if number else first) + key


def _json_cell(column: Any, text: Callable[[Any], str]) -> Any:
    import pyarrow as pa

    if pa.types.is_list(column.type):
        lists = [None if value is None else text(value) for value in column.to_pylist()]
        return pa.array(lists, pa.string()).fill_null("null")
    bare = pa.types.is_decimal(column.type) or pa.types.is_boolean(column.type)
    spelled = _spelled(column, text, "true", "false")
    if not bare and not pa.types.is_string(column.type):
        spelled = _spelled(spelled, text, "", "")
    return spelled.fill_null("null")


def _spelled(column: Any, text: Callable[[str], str], yes: str, no: str) -> Any:
    """A column as texts."""
    import pyarrow as pa

    pc: Any = import_module("pyarrow.compute")

    if pa.types.is_string(column.type):
        return _each(column, text)
    if pa.types.is_boolean(column.type):
        return pc.if_else(column, yes, no)
    if pa.types.is_timestamp(column.type):
        return _instants(column)
    return pc.replace_substring_regex(column.cast(pa.string()), _ZEROS, "")


def _each(column: Any, text: Callable[[str], str]) -> Any:
    import pyarrow as pa

    known = column.dictionary_encode()
    spelled = [text(value) for value in known.dictionary.to_pylist()]
    return pa.array(spelled, pa.string()).take(known.indices)


def _instants(column: Any) -> Any:
    """As ``isoformat`` spells them, without asking for the machine's table of zones."""
    import pyarrow as pa

    pc: Any = import_module("pyarrow.compute")

    shown = column.cast(pa.timestamp("us")).cast(pa.string())
    shown = pc.replace_substring(shown, " ", "T")
    shown = pc.replace_substring_regex(shown, r"\.000000$", "")
    return pc.binary_join_element_wise(shown, "+00:00", "")


def _joined(*parts: Any, end: str, between: str) -> bytes:
    pc: Any = import_module("pyarrow.compute")

    blank = {"null_handling": "replace", "null_replacement": ""}
    lines = pc.binary_join_element_wise(*parts, between, **blank)
    lines = pc.binary_join_element_wise(lines, end, "")
    length = pc.sum(pc.binary_length(lines)).as_py()
    if not length:
        return b""
    text: bytes = lines.buffers()[2].to_pybytes()
    return text[:length]  # a buffer may be longer than what it holds


def _csv_text(value: str) -> str:
    if _QUOTED.isdisjoint(value):
        return value
    return '"' + value.replace('"', '""') + '"'
