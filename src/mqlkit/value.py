"""
What a single value is: blank, number, text, flag, moment or items.

Text is read as ``text`` to be compared, and as ``written`` where every letter counts.
A value is read as one kind and never turned into another. Bool is not a number, a string is not
a collection, "5" is not 5. What is blank or of another kind reads as None.
"""

import math
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from numbers import Integral, Real
from typing import Final, Literal, TypeAlias, TypeVar

from .errors import DefinitionError, KindError, NaiveTimeError

Kind: TypeAlias = Literal[
    "number", "text", "written", "flag", "moment", "items", "domain", "single"
]
Scalar: TypeAlias = bool | int | float | str | date | datetime

V = TypeVar("V")

DAY: Final = timedelta(days=1)
MICROSECOND: Final = timedelta(microseconds=1)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LAST: Final = datetime.max.replace(tzinfo=UTC)
_PLAIN: Final = (str, bool, int, date, timedelta, list, tuple, dict, set, frozenset)
_LONGEST_TEXT: Final = 4_096
_GREATEST_NUMBER: Final = 2**53


def is_blank(value: object) -> bool:
    """
    True for None, NaN, the NA kinds of data frames, and text that is empty or only spaces.

    >>> [is_blank(v) for v in (None, "", "  ", float("nan"), 0, False, ())]
    [True, True, True, True, False, False, False]
    """
    if value is None:
        return True
    if isinstance(value, str):
        return not value.strip(" ")
    if type(value) in _PLAIN:
        return False
    try:
        return bool(value != value)  # NaN and NaT, of whatever library
    except Exception:
        return type(value).__name__ == "NAType"


def as_number(value: object) -> int | float | None:
    """
    An int or a float; a Decimal, Fraction or numpy number is read as the nearest of these.

    >>> as_number(49), as_number(True), as_number("49")
    (49, None, None)
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    try:
        if isinstance(value, Integral):
            return int(value)
        number = float(value) if isinstance(value, Real | Decimal) else math.nan
    except Exception:  # too large, or a number of another library that is none
        return None
    return None if math.isnan(number) else number


def as_text(value: object) -> str | None:
    """Text that is not blank, just as it is."""
    return value if isinstance(value, str) and not is_blank(value) else None


def as_flag(value: object) -> bool | None:
    """True or False and nothing else."""
    return value if isinstance(value, bool) else None


def as_moment(value: object) -> datetime | None:
    """
    An aware datetime in UTC; a date without a time is its midnight in UTC.

    >>> as_moment(date(2026, 3, 1)).isoformat()
    '2026-03-01T00:00:00+00:00'
    >>> as_moment(datetime(2026, 3, 1)) is None  # naive: nobody can say when it is
    True
    """
    if isinstance(value, datetime):
        if value.tzinfo is UTC:  # most often there is nothing to convert
            return value
        try:
            return None if value.utcoffset() is None else value.astimezone(UTC)
        except Exception:  # beyond the calendar, or a time zone that cannot say
            return None
    return datetime.combine(value, time(), UTC) if isinstance(value, date) else None


def as_items(value: object) -> tuple[object, ...] | None:
    """The members of a list, tuple or set."""
    return tuple(value) if isinstance(value, list | tuple | set | frozenset) else None


def as_domain(value: object) -> str | None:
    """
    The domain of an e-mail address, folded: what stands behind its last @.

    >>> as_domain("Ada@Example.COM"), as_domain("ada"), as_domain("@example.com")
    ('example.com', None, None)
    """
    name, _, domain = value.rpartition("@") if isinstance(value, str) else ("", "", "")
    return fold(domain) if name and not is_blank(domain) else None


def as_single(value: object) -> object:
    """
    A key under which equal values of whatever kind are one; None for what is no single value.

    >>> as_single("VP") == as_single("vp"), as_single(1) == as_single(True), as_single(["vp"])
    (True, False, None)
    """
    kinds: tuple[Kind, ...] = ("flag", "number", "text", "moment")
    for kind in kinds:
        read = READERS[kind](value)
        if read is not None:
            return kind, fold(read) if isinstance(read, str) else read
    return None


READERS: Final[Mapping[Kind, Callable[[object], object]]] = {
    "number": as_number,
    "text": as_text,
    "written": as_text,
    "flag": as_flag,
    "moment": as_moment,
    "items": as_items,
    "domain": as_domain,
    "single": as_single,
}


WANTED: Final[Mapping[Kind, str]] = {
    "number": "a number",
    "text": "text",
    "written": "text",
    "flag": "true or false",
    "moment": "a date or an instant with its time zone",
    "items": "a list",
    "domain": "an e-mail address",
    "single": "a single value",
}
"""What a value of each kind is called where another one was found."""


def read_as(kind: Kind, value: object) -> object:
    """*value* as *kind*, or None when it is blank or of another kind."""
    return None if is_blank(value) else READERS[kind](value)


def fold(text: str) -> str:
    r"""
    *text* for comparison without regard to case, letter by letter.

    Each letter becomes its one-letter lower case, and an ASCII letter comes from ASCII only:
    the Kelvin sign is not k, and dotted capital I stays.

    >>> fold("VP Sales"), fold("\u212a") == "\u212a"
    ('vp sales', True)
    """
    return text.lower() if text.isascii() else "".join(map(_fold_letter, text))


def _fold_letter(letter: str) -> str:
    lower = letter.lower()
    if len(lower) != 1 or (lower.isascii() and not letter.isascii()):
        return letter
    return lower


def instant(moment: datetime, what: str) -> datetime:
    """
    *moment* in UTC.

    Raises:
        KindError: it is not a datetime.
        NaiveTimeError: it has no time zone.
    """
    if type(moment) is datetime and moment.tzinfo is UTC:  # most often there is nothing to do
        return moment
    if not isinstance(moment, datetime):
        raise KindError(f"{what} must be a datetime with a time zone, not {show(moment)}")
    utc = as_moment(moment)
    if utc is None:
        raise NaiveTimeError(
            f"{what} {show(moment)} has no usable time zone; "
            "say which, for example datetime(2026, 3, 1, 12, tzinfo=UTC)"
        )
    return utc


def micros_of(moment: datetime) -> int:
    """
    An aware instant as whole microseconds since 1970.

    >>> moment_at(micros_of(datetime(2026, 3, 2, tzinfo=UTC)))
    datetime.datetime(2026, 3, 2, 0, 0, tzinfo=datetime.timezone.utc)
    """
    return (moment - EPOCH) // MICROSECOND


def moment_at(count: int) -> datetime:
    """The instant that `micros_of` counted, in UTC."""
    return EPOCH + count * MICROSECOND


class Table(Mapping[str, V]):
    """
    An immutable mapping by name, always in the order of its names.

    So neither equality, hash nor fingerprint of a definition depends on the order of writing.

    >>> Table({"b": 1, "a": 2})
    Table({'a': 2, 'b': 1})
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, V] | None = None) -> None:
        self._items = dict(sorted((items or {}).items()))

    def __getitem__(self, name: str) -> V:
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(tuple(self._items.items()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mapping) and self._items == dict(other)

    def __repr__(self) -> str:
        return f"Table({self._items!r})"


# -- literals: the constants of a definition ---------------------------------------------------


def literal(value: object) -> Scalar:
    r"""
    A constant of a definition, checked and in its one normal form.

    Text is brought to NFC, ``5.0`` becomes ``5``, an instant is kept in UTC. None, NaN, infinity,
    blank text and naive datetimes are refused: no lead could ever match them.

    >>> literal(5.0), literal(True), literal("Cafe\u0301")
    (5, True, 'Café')
    """
    match value:
        case bool():
            return value
        case int() | float():
            return _number(value)
        case str():
            return _text(value)
        case datetime():
            return instant(value, "the instant")
        case date():
            return value
        case _:
            raise KindError(
                f"{show(value)} cannot be compared with; wanted text, a number, "
                "true or false, a date or an instant"
            )


def kind_of(value: Scalar) -> Kind:
    """The kind that a literal is compared as."""
    match value:
        case bool():
            return "flag"
        case int() | float():
            return "number"
        case str():
            return "text"
        case _:
            return "moment"


def typed(value: object) -> object:
    """
    A key under which literals are equal only when they mean the same.

    ``1`` equals ``True`` in Python; no lead treats them alike.

    >>> typed(1) == typed(True), typed((1, "a")) == typed((1, "a"))
    (False, True)
    """
    if isinstance(value, tuple):
        return tuple(map(typed, value))
    return (isinstance(value, bool), isinstance(value, datetime), value)


def comparable(value: Scalar, *, case_sensitive: bool = False) -> object:
    """A literal as it is compared with what a reader of its kind returns."""
    if isinstance(value, str):
        return value if case_sensitive else fold(value)
    if isinstance(value, date):
        return as_moment(value)
    return value


def exact(number: float) -> Fraction:
    """
    The number that a person wrote, not the nearest binary one.

    >>> exact(0.1)
    Fraction(1, 10)
    """
    return Fraction(repr(number))


def sort_key(value: Scalar) -> tuple[str, object]:
    """An order for literals of any kinds."""
    return (kind_of(value), comparable(value, case_sensitive=True))


def _number(value: float) -> int | float:
    if not -_GREATEST_NUMBER <= value <= _GREATEST_NUMBER:
        raise DefinitionError(
            f"{show(value)} is not a number to compare with; wanted one of at most 2**53"
        )
    return int(value) if value == int(value) else float(value)


def _text(value: str) -> str:
    if is_blank(value):
        raise DefinitionError("a blank text never matches; to ask for a blank use missing(field)")
    if len(value) > _LONGEST_TEXT:
        raise DefinitionError(f"a text may have {_LONGEST_TEXT:,} characters, not {len(value):,}")
    return unicodedata.normalize("NFC", str.__str__(value))  # of a text enumeration its value


# -- showing a value to a person ---------------------------------------------------------------


def show(value: object, depth: int = 2) -> str:
    r"""
    *value* for a reader: short, on one line, with nothing a terminal would obey.

    Lists within lists are opened to *depth* only.

    >>> show("VP Sales\x1b[31m"), show(50), show(None)
    ('"VP Sales\\x1b[31m"', '50', 'blank')
    """
    if type(value) is str:  # most often it is, and a chain of cases costs more than the answer
        return f'"{printable(value)}"' if value.strip(" ") else "blank"
    match value:
        case bool():
            return "yes" if value else "no"
        case str() if not is_blank(value):
            return f'"{printable(value)}"'
        case datetime():
            return moment_text(value)
        case int():
            return str(value) if abs(value) < 10**40 else "a very large number"
        case float() | date() | Decimal():
            return "blank" if is_blank(value) else printable(str(value))
        case timedelta():
            return f"{days_text(value)} days"
        case set() | frozenset():
            return show(sorted(value, key=repr), depth)  # a set has no order of its own
        case list() | tuple():
            if value and not depth:
                return "[…]"
            shown = [show(item, depth - 1) for item in value[:5]]
            return "[" + ", ".join(shown) + (", …" if len(value) > 5 else "") + "]"
        case _:
            return "blank" if is_blank(value) else named_kind(value)


def named_kind(value: object) -> str:
    """
    The kind of a value with its article.

    >>> named_kind([]), named_kind(5), named_kind(None)
    ('a list', 'an int', 'a NoneType')
    """
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeioAEIO' else 'a'} {name}"


def an(noun: str) -> str:
    """A noun with its article: ``an int``."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def instead(found: object, how: str) -> str:
    """
    What stood where one thing was wanted; of several, with how to give them one by one.

    >>> instead([1, 2], "add(*them)"), instead(5, "add(*them)")
    ('a list; give them one by one: add(*them)', '5')
    """
    if isinstance(found, list | tuple | set | frozenset):
        return f"{named_kind(found)}; give them one by one: {how}"
    return show(found)


def printable(text: str, most: int = 60) -> str:
    """*text* cut to *most* characters, with everything unprintable escaped."""
    cut = text if len(text) <= most else text[: most - 1] + "…"
    if type(cut) is str and cut.isprintable():
        return cut
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in cut)


def moment_text(moment: datetime) -> str:
    """An instant in UTC, to the second unless it has a fraction."""
    utc = as_moment(moment)
    if utc is None:
        return f"{printable(str(moment.replace(tzinfo=None)))} (no time zone)"
    return utc.isoformat(sep=" ").replace("+00:00", " UTC")


def days_text(span: timedelta) -> str:
    """
    A span as days, with at most two decimals.

    >>> days_text(timedelta(days=14)), days_text(timedelta(hours=36))
    ('14', '1.5')
    """
    return f"{span / DAY:.2f}".rstrip("0").rstrip(".")


def listing(items: "list[str]", last: str = "or") -> str:
    """
    A list as prose.

    >>> listing(["a", "b", "c"])
    'a, b or c'
    """
    if len(items) > 8:
        return f"{', '.join(items[:7])} {last} {len(items) - 7} more"
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"
