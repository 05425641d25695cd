"""What a single value is: kinds, blanks, folding, literals, and how they are shown."""

import math
import pickle
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from numbers import Integral
from zoneinfo import ZoneInfo

import pytest
from building import NOW, refused

from mqlkit.errors import DefinitionError, KindError, NaiveTimeError
from mqlkit.value import (
    READERS,
    Table,
    as_domain,
    as_flag,
    as_items,
    as_moment,
    as_number,
    as_text,
    comparable,
    days_text,
    exact,
    fold,
    instant,
    is_blank,
    kind_of,
    listing,
    literal,
    moment_text,
    printable,
    read_as,
    show,
    sort_key,
    typed,
)

NAN = float("nan")
BERLIN = ZoneInfo("Europe/Berlin")


class NAType:
    """The missing value of data frames: even its truth is missing."""

    def __eq__(self, other: object) -> object:
        return self

    __ne__ = __eq__
    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise TypeError("boolean value of NA is ambiguous")


class NaTType:
    """The missing instant of data frames: it differs from itself."""

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True


class Stubborn:
    """Something that cannot be compared, and is no NA."""

    __hash__ = object.__hash__

    def __ne__(self, other: object) -> bool:
        raise RuntimeError("no")


class int64:
    """A whole number of another library, registered as such."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __int__(self) -> int:
        return self.value


Integral.register(int64)


# -- blanks ------------------------------------------------------------------------------------


def spelled(value: object) -> str:
    """A test's name for a value, alike in every process."""
    return re.sub(r" at 0x\w+", "", repr(value))


@pytest.mark.parametrize(
    "value",
    [None, "", " ", "    ", NAN, -NAN, Decimal("NaN"), Decimal("-NaN"), NAType(), NaTType()],
    ids=spelled,
)
def test_a_blank_is_blank_and_reads_as_no_kind(value: object) -> None:
    assert is_blank(value) is True
    assert [read_as(kind, value) for kind in READERS] == [None] * len(READERS)


@pytest.mark.parametrize(
    "value",
    [
        *(0, 0.0, False, "0", "None", "\t", "\n", "\xa0", (), [], {}, set(), frozenset()),
        *(math.inf, Decimal(0), Decimal("Infinity"), NOW, date(2026, 1, 1), timedelta(0)),
        *(b"", object(), Stubborn(), int64(0)),
    ],
    ids=spelled,
)
def test_what_is_not_blank(value: object) -> None:
    assert is_blank(value) is False


def test_a_signalling_nan_is_no_number() -> None:
    """It cannot even be compared, so it is of the wrong kind rather than blank."""
    assert read_as("number", Decimal("sNaN")) is None


# -- kinds -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (49, 49),
        (-1, -1),
        (1.9, 1.9),
        (2**70, 2**70),
        (math.inf, math.inf),
        (Decimal("8.5"), 8.5),
        (Fraction(1, 4), 0.25),
        (int64(7), 7),
        (True, None),
        (False, None),
        ("49", None),
        (NAN, None),
        (Decimal("NaN"), None),
        (Decimal("sNaN"), None),
        (Fraction(10**400), None),
        (1j, None),
        (None, None),
        ([1], None),
    ],
)
def test_a_number_is_a_number(value: object, number: object) -> None:
    found = as_number(value)
    assert found == number
    assert type(found) is type(number)


@pytest.mark.parametrize(
    ("value", "text"),
    [("VP ", "VP "), (" ", None), ("", None), (5, None), (b"VP", None), (["VP"], None)],
)
def test_a_text_is_a_text(value: object, text: object) -> None:
    assert as_text(value) == text


@pytest.mark.parametrize("value", [1, 0, "true", "false", None, "", []])
def test_only_true_and_false_are_flags(value: object) -> None:
    assert as_flag(value) is None
    assert (as_flag(True), as_flag(False)) == (True, False)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (NOW, NOW),
        (date(2026, 3, 1), datetime(2026, 3, 1, tzinfo=UTC)),
        (datetime(2026, 3, 1, 1, tzinfo=BERLIN), datetime(2026, 3, 1, tzinfo=UTC)),
        (datetime(2026, 3, 1), None),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), None),
        (datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-14))), None),
        ("2026-03-01", None),
        (1_700_000_000, None),
    ],
)
def test_a_moment_is_aware_or_a_day(value: object, moment: datetime | None) -> None:
    found = as_moment(value)
    assert found == moment
    assert found is None or found.tzinfo is UTC


def test_the_hour_that_comes_twice_is_two_instants() -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=0)
    second = first.replace(fold=1)
    assert as_moment(first) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert as_moment(second) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "items"),
    [
        ([1, "a"], (1, "a")),
        ((1,), (1,)),
        ({1}, (1,)),
        (frozenset({1}), (1,)),
        ([], ()),
        ("ab", None),
        ({"a": 1}, None),
        (iter([1]), None),
        (7, None),
    ],
)
def test_items_are_a_list_tuple_or_set(value: object, items: object) -> None:
    assert as_items(value) == items


@pytest.mark.parametrize(
    ("value", "domain"),
    [
        ("Ada@Example.COM", "example.com"),
        ('"a@b"@c.example', "c.example"),
        ("ada@", None),
        ("ada@ ", None),
        ("@example.com", None),
        ("ada", None),
        (7, None),
    ],
)
def test_a_domain_stands_behind_the_last_at(value: object, domain: object) -> None:
    assert as_domain(value) == domain


# -- folding -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("VP Sales", "vp sales"),
        ("ÄÖÜ", "äöü"),
        ("\u212a", "\u212a"),  # Kelvin: its lower case is an ASCII k
        ("\u212b", "å"),  # Angstrom
        ("\u0130", "\u0130"),  # dotted capital I: its lower case is two letters
        ("ẞ", "ß"),
        ("ß", "ß"),
        ("Σ", "σ"),
        ("ΌΔΟΣ", "όδοσ"),  # letter by letter: no final sigma
        ("İSTANBUL", "İstanbul"),
        ("東京", "東京"),
    ],
)
def test_folding_goes_letter_by_letter(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(folded) == folded
    assert len(fold(text)) == len(text)


# -- instants ----------------------------------------------------------------------------------


def test_an_instant_is_kept_in_utc() -> None:
    found = instant(datetime(2026, 3, 1, 1, tzinfo=BERLIN), "as_of")
    assert (found, found.tzinfo) == (datetime(2026, 3, 1, tzinfo=UTC), UTC)


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (
            date(2026, 3, 1),
            KindError,
            "as_of must be a datetime with a time zone, not 2026-03-01",
        ),
        (None, KindError, "as_of must be a datetime with a time zone, not blank"),
        (
            datetime(2026, 3, 1),
            NaiveTimeError,
            "as_of 2026-03-01 00:00:00 (no time zone) has no usable time zone; "
            "say which, for example datetime(2026, 3, 1, 12, tzinfo=UTC)",
        ),
    ],
)
def test_what_is_no_instant_is_refused(value: object, error: type[Exception], text: str) -> None:
    with refused(error, text):
        instant(value, "as_of")


# -- tables ------------------------------------------------------------------------------------


def test_a_table_is_the_same_in_any_order_of_writing() -> None:
    a, b = Table({"b": 1, "a": 2}), Table({"a": 2, "b": 1})
    assert a == b
    assert hash(a) == hash(b)
    assert list(a) == ["a", "b"]
    assert repr(a) == repr(b) == "Table({'a': 2, 'b': 1})"
    assert (a["b"], len(a), a.get("c")) == (1, 2, None)
    assert pickle.loads(pickle.dumps(a)) == a


def test_a_table_equals_a_mapping_and_nothing_else() -> None:
    assert Table({"a": 1}) == {"a": 1}
    assert Table({"a": 1}) != {"a": 2}
    assert Table({"a": 1}) != [("a", 1)]
    assert Table() == Table(None) == {}


# -- literals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (5, 5),
        (5.0, 5),
        (-0.0, 0),
        (5.5, 5.5),
        (2**53, 2**53),
        (float(-(2**53)), -(2**53)),
        (True, True),
        ("VP", "VP"),
        (" VP", " VP"),
        ("Cafe\u0301", "Café"),
        ("x" * 4_096, "x" * 4_096),
        (date(2026, 3, 1), date(2026, 3, 1)),
        (datetime(2026, 3, 1, 1, tzinfo=BERLIN), datetime(2026, 3, 1, tzinfo=UTC)),
    ],
)
def test_a_literal_has_one_normal_form(value: object, kept: object) -> None:
    found = literal(value)
    assert found == kept
    assert type(found) is type(kept)
    assert literal(found) == found


WANTED = "wanted text, a number, true or false, a date or an instant"


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (None, KindError, f"blank cannot be compared with; {WANTED}"),
        ([1, 2], KindError, f"[1, 2] cannot be compared with; {WANTED}"),
        (Decimal(5), KindError, f"5 cannot be compared with; {WANTED}"),
        (b"VP", KindError, f"a bytes cannot be compared with; {WANTED}"),
        (
            NAN,
            DefinitionError,
            "blank is not a number to compare with; wanted one of at most 2**53",
        ),
        (
            math.inf,
            DefinitionError,
            "inf is not a number to compare with; wanted one of at most 2**53",
        ),
        (
            2**53 + 1,
            DefinitionError,
            "9007199254740993 is not a number to compare with; wanted one of at most 2**53",
        ),
        (
            " ",
            DefinitionError,
            "a blank text never matches; to ask for a blank use missing(field)",
        ),
        (
            "x" * 4_097,
            DefinitionError,
            "a text may have 4,096 characters, not 4,097",
        ),
        (
            datetime(2026, 3, 1),
            NaiveTimeError,
            "the instant 2026-03-01 00:00:00 (no time zone) has no usable time zone; "
            "say which, for example datetime(2026, 3, 1, 12, tzinfo=UTC)",
        ),
    ],
)
def test_what_no_lead_could_match_is_refused(
    value: object, error: type[Exception], text: str
) -> None:
    with refused(error, text):
        literal(value)


def test_literals_have_kinds() -> None:
    values = (True, 1, 1.5, "a", date(2026, 1, 1), NOW)
    assert [kind_of(v) for v in values] == ["flag", "number", "number", "text", "moment", "moment"]


def test_literals_that_mean_different_things_differ() -> None:
    """Python's 1, 1.0 and True are equal; here 1 and 1.0 are one literal and True is another."""
    assert typed(1) != typed(True)
    assert typed(1) == typed(1.0)
    assert typed((0, "a")) == typed((0, "a")) != typed((False, "a"))
    assert typed(date(2026, 1, 1)) != typed(datetime(2026, 1, 1, tzinfo=UTC))


def test_literals_compare_folded_unless_told_not_to() -> None:
    assert comparable("VP") == "vp"
    assert comparable("VP", case_sensitive=True) == "VP"
    assert comparable(date(2026, 3, 1)) == datetime(2026, 3, 1, tzinfo=UTC)
    assert comparable(5) == 5
    assert comparable(True) is True


def test_literals_of_any_kind_have_an_order() -> None:
    values = ["b", "B", 2, 1, True, date(2026, 1, 1)]
    assert sorted(values, key=sort_key) == [True, date(2026, 1, 1), 1, 2, "B", "b"]


def test_a_number_is_the_one_that_was_written() -> None:
    assert exact(0.1) == Fraction(1, 10)
    assert exact(50) == 50


# -- showing -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "blank"),
        ("  ", "blank"),
        (NAN, "blank"),
        (Decimal("NaN"), "blank"),
        (NAType(), "blank"),
        (True, "yes"),
        (False, "no"),
        ("VP", '"VP"'),
        ("a\x1b[31m\n", '"a\\x1b[31m\\n"'),
        ("x" * 61, '"' + "x" * 59 + '…"'),
        ("x" * 60, '"' + "x" * 60 + '"'),
        (50, "50"),
        (-1.5, "-1.5"),
        (10**40 - 1, "9" * 40),
        (10**40, "a very large number"),
        (-(10**40), "a very large number"),
        (Decimal("1.50"), "1.50"),
        (date(2026, 3, 1), "2026-03-01"),
        (NOW, "2026-03-15 12:00:00 UTC"),
        (datetime(2026, 3, 1), "2026-03-01 00:00:00 (no time zone)"),
        (timedelta(hours=36), "1.5 days"),
        ([1, "a"], '[1, "a"]'),
        ((), "[]"),
        ({1}, "[1]"),
        (range(3), "a range"),
        ([1, 2, 3, 4, 5], "[1, 2, 3, 4, 5]"),
        ([1, 2, 3, 4, 5, 6], "[1, 2, 3, 4, 5, …]"),
        ({"a": 1}, "a dict"),
        (b"VP", "a bytes"),
    ],
)
def test_a_value_is_shown_short_and_harmless(value: object, text: str) -> None:
    assert show(value) == text


def test_text_is_cut_to_any_length() -> None:
    assert printable("abcdef", 4) == "abc…"
    assert printable("abcd", 4) == "abcd"
    assert printable("\u202e") == "\\u202e"


def test_an_instant_is_shown_in_utc_with_its_fraction() -> None:
    assert moment_text(NOW + timedelta(microseconds=5)) == "2026-03-15 12:00:00.000005 UTC"
    assert moment_text(datetime(2026, 3, 1, 1, tzinfo=BERLIN)) == "2026-03-01 00:00:00 UTC"


def test_a_span_is_shown_as_days() -> None:
    spans = [timedelta(days=14), timedelta(hours=36), timedelta(0), timedelta(hours=8)]
    assert [days_text(span) for span in spans] == ["14", "1.5", "0", "0.33"]
    assert days_text(timedelta(days=100)) == "100"


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, ""),
        (1, "1"),
        (2, "1 or 2"),
        (8, "1, 2, 3, 4, 5, 6, 7 or 8"),
        (9, "1, 2, 3, 4, 5, 6, 7 or 2 more"),
        (20, "1, 2, 3, 4, 5, 6, 7 or 13 more"),
    ],
)
def test_a_list_is_prose(count: int, text: str) -> None:
    assert listing([str(i + 1) for i in range(count)]) == text


def test_a_list_may_end_with_another_word() -> None:
    assert listing(["a", "b"], "and") == "a and b"


def test_every_reader_answers_none_for_what_it_cannot_read() -> None:
    def readers() -> Iterator[Callable[[object], object]]:
        yield from READERS.values()

    assert [read(object()) for read in readers()] == [None] * len(READERS)


class Whole:
    """Registered as a whole number, and fails to be one."""

    def __int__(self) -> int:
        raise RuntimeError


def test_a_number_that_fails_to_be_one_is_not_read() -> None:
    Integral.register(Whole)
    assert as_number(Whole()) is None
