"""The coercion table: what a cell may be, kind by kind; and what no cell may be taken for."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from mqlkit.tables.cell import CELL_KINDS, CellError, Column
from mqlkit.value import an

NAN = float("nan")


def column(kind: str, **options: Any) -> Column:
    return Column("x", kind, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", CELL_KINDS)
@pytest.mark.parametrize("cell", ["", "   ", "\t", "Select", " Select ", None, NAN], ids=repr)
def test_a_blank_is_a_blank_of_every_kind(kind: str, cell: object) -> None:
    assert column(kind, blanks=frozenset({"Select"})).read(cell) is None


@pytest.mark.parametrize("cell", ["n/a", "N/A", " N/a "])
def test_a_stated_blank_is_one_in_any_case_of_letters(cell: str) -> None:
    assert column("text", blanks=frozenset({"n/a"})).read(cell) is None
    assert column("items", blanks=frozenset({"N/A"})).read(f"a;{cell};b") == ["a", "b"]
    assert column("text", blanks=frozenset({"n/a"})).read("n/a yet") == "n/a yet"


@pytest.mark.parametrize(
    ("options", "cell", "value"),
    [
        ({}, "12", 12),
        ({}, " -3.5 ", -3.5),
        ({}, "+7", 7),
        ({}, "1e6", 1e6),
        ({}, ".5", 0.5),
        ({}, "5.", 5.0),
        ({}, "007", 7),
        ({"thousands": ","}, "1,234,567.5", 1234567.5),
        ({"thousands": ","}, "1234", 1234),
        ({"thousands": ".", "decimal": ","}, "1.234,5", 1234.5),
        ({"decimal": ","}, "3,5", 3.5),
        ({"thousands": " "}, "12 000", 12000),
    ],
)
def test_numbers(options: dict[str, str], cell: str, value: float) -> None:
    read = column("number", **options).read(cell)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("options", "cell"),
    [
        ({}, "1,234"),
        ({}, "3,5"),
        ({}, "12 %"),
        ({}, "$5"),
        ({}, "NaN"),
        ({}, "inf"),
        ({}, "1_000"),
        ({}, "0x10"),
        ({}, "１２"),  # full-width digits
        ({}, "1e999"),
        ({}, "."),
        ({}, "-"),
        ({}, "true"),
        ({}, "9" * 41),
        ({"thousands": ","}, "1,23"),
        ({"thousands": ","}, "12,3456"),
        ({"decimal": ","}, "3.5"),
    ],
)
def test_what_is_no_number(options: dict[str, str], cell: str) -> None:
    with pytest.raises(CellError, match="number"):
        column("number", **options).read(cell)


@pytest.mark.parametrize("cell", ["true", "TRUE", "Yes", "1", " yes "])
def test_flags_that_are_true(cell: str) -> None:
    assert column("flag").read(cell) is True


@pytest.mark.parametrize("cell", ["false", "No", "0"])
def test_flags_that_are_false(cell: str) -> None:
    assert column("flag").read(cell) is False


@pytest.mark.parametrize("cell", ["y", "on", "2", "0.0", "ja"])
def test_other_spellings_of_flags_are_stated(cell: str) -> None:
    with pytest.raises(CellError):
        column("flag").read(cell)
    assert column("flag", yes=(cell,)).read(cell.upper()) is True
    with pytest.raises(CellError):
        column("flag", yes=(cell,)).read("yes")


@pytest.mark.parametrize(
    ("options", "cell", "value"),
    [
        ({}, "2026-03-01", date(2026, 3, 1)),
        ({}, "2026-03-01T12:00Z", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ({}, "2026-03-01 12:00:00.25+01:00", datetime(2026, 3, 1, 11, 0, 0, 250000, UTC)),
        ({"zone": "UTC"}, "2026-03-01 12:00", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ({"zone": "Europe/Berlin"}, "2026-07-01", datetime(2026, 6, 30, 22, tzinfo=UTC)),
        ({"zone": "Europe/Berlin"}, "2026-07-01T00:00Z", datetime(2026, 7, 1, tzinfo=UTC)),
        # The hour that a clock shows twice: the first of them.
        ({"zone": "Europe/Berlin"}, "2026-10-25 02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ({"format": "%d/%m/%Y"}, "01/03/2026", date(2026, 3, 1)),
        (
            {"format": "%d/%m/%Y %H:%M%z"},
            "1/3/2026 9:05+0200",
            datetime(2026, 3, 1, 7, 5, tzinfo=UTC),
        ),
        ({"format": "epoch seconds"}, "86400", datetime(1970, 1, 2, tzinfo=UTC)),
        ({"format": "epoch milliseconds"}, "1500", datetime(1970, 1, 1, 0, 0, 1, 500000, UTC)),
        ({"format": "epoch milliseconds"}, 1500, datetime(1970, 1, 1, 0, 0, 1, 500000, UTC)),
    ],
)
def test_moments(options: dict[str, str], cell: object, value: date) -> None:
    read = column("moment", **options).read(cell)
    assert read == value
    assert isinstance(read, datetime) is isinstance(value, datetime)


@pytest.mark.parametrize(
    ("options", "cell", "problem"),
    [
        ({}, "2026-03-01 12:00", "without a zone"),
        ({}, "01/03/2026", "ISO 8601"),
        ({}, "20260301", "ISO 8601"),
        ({}, "10", "ISO 8601"),
        ({}, "2026-02-30", "no calendar"),
        ({}, "0001-01-01T00:00+14:00", "no calendar"),
        ({}, 1500, "is an int"),
        ({}, datetime(2026, 3, 1), "without a zone"),
        ({"format": "%d/%m/%Y"}, "2026-03-01", "not a moment of the form"),
        ({"format": "%d/%m/%Y"}, "31/02/2026", "not a moment of the form"),
        ({"format": "%d/%m/%Y %H:%M"}, "01/03/2026 12:00", "without a zone"),
        ({"format": "epoch seconds"}, "1e30", "no calendar"),
        ({"format": "epoch seconds"}, "soon", "not a number"),
    ],
)
def test_what_is_no_moment(options: dict[str, str], cell: object, problem: str) -> None:
    with pytest.raises(CellError, match=problem):
        column("moment", **options).read(cell)


def test_items_are_stripped_and_empty_ones_left_out() -> None:
    assert column("items").read("a; b ;;c") == ["a", "b", "c"]
    assert column("items", separator=", ").read("a, b") == ["a", "b"]
    assert column("items", blanks=frozenset({"NA"})).read("NA;b") == ["b"]


def test_text_is_taken_as_it_is() -> None:
    assert column("text").read(" VP ") == " VP "
    assert column("any").read("1") == "1"


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("number", 5, 5),
        ("number", Decimal("2.5"), 2.5),
        ("flag", True, True),
        ("items", ["a"], ["a"]),
        ("any", {"a": 1}, {"a": 1}),
        ("any", 5, 5),
        ("moment", date(2026, 3, 1), date(2026, 3, 1)),
        (
            "moment",
            datetime(2026, 3, 1, tzinfo=timezone(timedelta(hours=1))),
            datetime(2026, 2, 28, 23, tzinfo=UTC),
        ),
    ],
)
def test_typed_cells_of_their_kind(kind: str, cell: object, value: object) -> None:
    assert column(kind).read(cell) == value


@pytest.mark.parametrize(
    ("kind", "cell"),
    [("number", True), ("flag", 1), ("text", 5), ("items", {"a": 1}), ("moment", True)],
)
def test_typed_cells_are_never_turned_into_another_kind(kind: str, cell: object) -> None:
    with pytest.raises(CellError, match=f"is {an(type(cell).__name__)}, not"):
        column(kind).read(cell)
