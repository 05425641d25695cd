"""
PostgreSQL, ClickHouse and DataFusion answer as the reference does, and SQLite on the boundaries.

Their sessions are in New York. SQLite's models are in test_identity.py, a whole company in
test_whole_company.py.
"""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from bulk.boundary import NAMES, boundary
from bulk.identity import WAYS, differences
from bulk.stores import opened, without_blank_lists
from bulk.table_models import model_of
from bulk.tabular import world

from mqlkit.bulk.dialects.base import every_letter
from mqlkit.value import fold

WITHOUT: Final = {
    "sqlite": (),
    "postgres": ("patterns",),
    "clickhouse": (),
    "datafusion": ("patterns", "lists"),
}
"""What each of them refuses by name."""
LATE: Final = [
    pytest.param(engine, marks=pytest.mark.slow) for engine in ("clickhouse", "datafusion")
]
LONG: Final = {"postgres": 500, "clickhouse": 120, "datafusion": 250}


@pytest.fixture(scope="module")
def stores() -> Iterator[dict[str, Any]]:
    """The stores that were asked for so far."""
    with _Stores() as found:
        yield found


class _Stores(dict[str, Any]):
    """Stores that open when they are first asked for."""

    def __enter__(self) -> "_Stores":
        from contextlib import ExitStack

        self.stack = ExitStack()
        return self

    def __exit__(self, *error: object) -> None:
        self.stack.close()

    def __missing__(self, engine: str) -> Any:
        self[engine] = self.stack.enter_context(opened(engine))
        return self[engine]


def found(stores: dict[str, Any], engine: str, seeds: range) -> Iterator[str]:
    """What differs for some seeds, and how to see it again."""
    for seed in seeds:
        way, rows = WAYS[seed % len(WAYS)], world(seed)
        if engine == "clickhouse":
            rows = without_blank_lists(rows)
        for one in differences(stores[engine], model_of(seed, WITHOUT[engine]), rows, way):
            yield f"seed {seed}, {way}: {one}"


def test_postgres_answers_as_the_reference_does(stores):
    """Law 133 for tables in PostgreSQL."""
    assert list(found(stores, "postgres", range(8))) == []


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("engine", LONG)
def test_an_engine_answers_as_the_reference_does_for_hundreds_of_models(stores, engine):
    """Law 133 for tables."""
    assert list(found(stores, engine, range(1_000, 1_000 + LONG[engine]))) == []


@pytest.mark.parametrize("engine", ["sqlite", "postgres", *LATE])
@pytest.mark.parametrize("name", NAMES)
def test_an_engine_agrees_at_the_boundaries(stores, engine, name):
    cases = boundary(name)
    if cases.needs & set(WITHOUT[engine]):
        pytest.skip(f"{engine} refuses {cases.needs}")
    rows = without_blank_lists(cases.world) if engine == "clickhouse" else cases.world
    for way in WAYS:
        assert differences(stores[engine], cases.model, rows, way) == []


@pytest.mark.slow
@pytest.mark.parametrize("engine", WITHOUT)
def test_every_letter_folds_as_the_core_folds_it(stores, engine):
    """Of all letters that there are."""
    store = stores[engine]
    letters = [chr(code) for code in range(1, 0x110000) if not 0xD800 <= code <= 0xDFFF]
    whole = store.dialect.folded_wholly("letter")
    assert folded(store, letters, whole) == [fold(letter) for letter in letters]


@pytest.mark.parametrize("engine", ["sqlite", "postgres", *LATE])
def test_letters_that_have_two_cases_fold_as_the_core_folds_them(stores, engine):
    store = stores[engine]
    letters = [c for c in map(chr, range(1, 0x20000)) if not c.lower() == c.upper() == c]
    whole = store.dialect.folded_wholly("letter")
    assert folded(store, letters, whole) == [fold(letter) for letter in letters]


@pytest.mark.parametrize("engine", ["sqlite", "postgres", *LATE])
def test_a_text_folds_so_that_it_has_a_word_when_the_core_says_so(stores, engine):
    """Of the letters that fold or are folded to, each within a text."""
    upper, lower = every_letter()
    letters = sorted({*upper, *lower, "K", "\N{KELVIN SIGN}", "k", "ß", "ẞ", "İ", "ı"})
    store = stores[engine]
    for words in (("k", "i"), ("straße", "é"), ("σ", "ς", "ⅷ"), ("vp",)):
        print_of = store.dialect.folded("letter", words)
        known = set("".join(words))
        for letter, told in zip(letters, folded(store, letters, print_of), strict=True):
            for word in known:
                assert (word in told) == (word in fold(letter)), (letter, told, word)


def folded(store: Any, letters: list[str], expression: str) -> list[str]:
    """What an expression makes of a column ``letter`` in an engine."""
    return store.told(letters, f"SELECT {expression} AS folded FROM letters ORDER BY place")
