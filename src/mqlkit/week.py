"""
The hours of a week, as people write them: ``"mon-fri": "09:00-17:00"``.

A window is half open: it opens at its first minute and is closed at its last. One that ends before
it starts crosses midnight, and what lies behind midnight belongs to the next date. However a week
is written, the same hours come out in the same words.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Final, TypeAlias, TypeVar

from .errors import DefinitionError, KindError
from .value import listing, show

Span: TypeAlias = tuple[int, int]
"""From and to, in minutes after midnight; beyond 1,440 it reaches into the next date."""

Spans: TypeAlias = tuple[Span, ...]
"""In order, neither touching nor overlapping."""

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT: Final = 1_440
MOST_WINDOWS: Final = 64

_WINDOW: Final = re.compile(r"\s*(\d{1,2}):([0-5]\d)\s*-\s*(\d{1,2}):([0-5]\d)\s*", re.ASCII)

T = TypeVar("T")


def read_windows(value: object) -> Spans:
    """
    The windows of one day.

    Args:
        value: A text such as ``"09:00-17:00"``, ``"22:00-06:00"`` (across midnight) or
            ``"00:00-24:00"``, or a list of at most 64 of them. Overlapping ones are joined; an
            empty list is a closed day.

    Raises:
        DefinitionError: it is no window, one without length, or one of too many.
        KindError: it is neither text nor a list of texts.

    >>> read_windows(["13:00-17:00", "09:00-12:00"]), read_windows("22:00-06:00")
    (((540, 720), (780, 1020)), ((1320, 1800),))
    """
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple):
        raise KindError(f"windows are text such as '09:00-17:00', or a list, not {show(value)}")
    if len(texts) > MOST_WINDOWS:
        raise DefinitionError(f"a day has at most {MOST_WINDOWS} windows, not {len(texts):,}")
    return joined(map(_window, texts))


def _window(text: object) -> Span:
    if not isinstance(text, str):
        raise KindError(f"a window is text such as '09:00-17:00', not {show(text)}")
    found = _WINDOW.fullmatch(text)
    hours = [*map(int, found.groups())] if found else []
    opens, closes = (hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]) if hours else (0, 0)
    if not found or opens >= MIDNIGHT or closes > MIDNIGHT:
        raise DefinitionError(
            f"{show(text)} is no window; wanted hours and minutes such as '09:00-17:00', "
            "'22:00-06:00' or '00:00-24:00'"
        )
    if opens == closes:
        raise DefinitionError(
            f"the window {show(text)} has no length; a whole day is '00:00-24:00'"
        )
    return opens, closes if closes > opens else closes + MIDNIGHT


def joined(spans: Iterable[Span]) -> Spans:
    """
    The union of *spans*.

    >>> joined([(780, 1020), (540, 720), (700, 780)])
    ((540, 1020),)
    """
    union: list[Span] = []
    for opens, closes in sorted(spans):
        if union and opens <= union[-1][1]:
            union[-1] = union[-1][0], max(closes, union[-1][1])
        else:
            union.append((opens, closes))
    return tuple(union)


def split(spans: Iterable[Span]) -> tuple[Spans, Spans]:
    """
    What of *spans* lies on their own date, and what on the next one.

    >>> split([(540, 720), (1320, 1800)])
    (((540, 720), (1320, 1440)), ((0, 360),))
    """
    own = ((opens, min(closes, MIDNIGHT)) for opens, closes in spans)
    tail = ((0, closes - MIDNIGHT) for _, closes in spans if closes > MIDNIGHT)
    return joined(own), joined(tail)


def write_windows(spans: Iterable[Span]) -> tuple[str, ...]:
    """
    The texts of windows, in their one form.

    >>> write_windows([(540, 720), (1320, 1800)])
    ('09:00-12:00', '22:00-06:00')
    """
    return tuple(text for span in spans for text in _texts(*span))


def _texts(opens: int, closes: int) -> Iterator[str]:
    """The text of a window; of one longer than a day, two."""
    behind = closes - MIDNIGHT
    if behind <= 0:
        yield f"{_clock(opens)}-{_clock(closes)}"
    elif behind < opens:
        yield f"{_clock(opens)}-{_clock(behind)}"
    else:
        yield f"{_clock(opens)}-24:00"
        yield f"23:59-{_clock(behind)}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


# -- the week ----------------------------------------------------------------------------------


def read_week(value: object) -> tuple[Spans, ...]:
    """
    The hours of the seven days, each with what reaches into it from the evening before.

    Args:
        value: A mapping of days (``"mon"``), ranges of days (``"mon-fri"``, ``"sat-mon"``) or
            ``"daily"`` to windows as in `read_windows`.

    Raises:
        DefinitionError: a day or a window is wrong, or a day is named twice; all faults at once.
        KindError: it is no mapping of texts.

    >>> read_week({"sun": "22:00-06:00"})[0]
    ((0, 360),)
    """
    if not isinstance(value, Mapping):
        raise KindError(
            f"a week is a mapping such as {{'mon-fri': '09:00-17:00'}}, not {show(value)}"
        )
    if len(value) > len(DAYS):
        raise DefinitionError(f"a week has 7 days, not {len(value):,}")
    read = each(value.items(), lambda entry: (_days(entry[0]), read_windows(entry[1])))
    named = [day for days, _ in read for day in days]
    twice = [DAYS[day] for day in sorted(set(named)) if named.count(day) > 1]
    if twice:
        raise DefinitionError(f"a week names each day once, and {listing(twice, 'and')} twice")
    open_on: list[list[Span]] = [[] for _ in DAYS]
    for days, spans in read:
        own, tail = split(spans)
        for day in days:
            open_on[day] += own
            open_on[(day + 1) % 7] += tail
    return tuple(map(joined, open_on))


def each(
    items: Iterable[tuple[object, object]], read: Callable[[tuple[object, object]], T]
) -> list[T]:
    """
    Every item read, or all that is wrong with them in one error that says where.

    Raises:
        DefinitionError: what *read* raised for the items, joined.
        KindError: the same, when it was only that.
    """
    made, wrong = [], []
    for item in items:
        try:
            made.append(read(item))
        except (DefinitionError, KindError) as error:
            wrong.append((f"{show(item[0])}: {error}", type(error)))
    if wrong:
        kinds = {kind for _, kind in wrong}
        kind = KindError if kinds == {KindError} else DefinitionError
        raise kind(listing([text for text, _ in wrong], "and"))
    return made


def _days(name: object) -> range | list[int]:
    """The days that a name means."""
    if not isinstance(name, str):
        raise KindError("a day is text such as 'mon', 'mon-fri' or 'daily'")
    if name.strip().lower() == "daily":
        return range(7)
    ends = [end.strip() for end in name.lower().split("-")]
    if len(ends) > 2 or not set(ends) <= set(DAYS):
        raise DefinitionError(
            f"wanted a day or a range of days such as 'mon-fri'; days are {listing([*DAYS], 'and')}"
        )
    first, last = DAYS.index(ends[0]), DAYS.index(ends[-1])
    return [day % 7 for day in range(first, last + 1 + 7 * (last < first))]


def write_week(week: tuple[Spans, ...]) -> dict[str, tuple[str, ...]]:
    """
    The week in its one form: days that follow each other with the same hours go together.

    >>> write_week(read_week({day: "22:00-06:00" for day in DAYS}))
    {'daily': ('22:00-06:00',)}
    """
    texts = [write_windows(spans) for spans in _whole_shifts(week)]
    starts = [day for day in range(7) if day == 0 or texts[day] != texts[day - 1]]
    return {
        _name(first, after - 1): texts[first]
        for first, after in pairwise([*starts, 7])
        if texts[first]
    }


def _name(first: int, last: int) -> str:
    if (first, last) == (0, 6):
        return "daily"
    return DAYS[first] if first == last else f"{DAYS[first]}-{DAYS[last]}"


def _whole_shifts(week: tuple[Spans, ...]) -> list[list[Span]]:
    """The hours of each day, where the two parts of a shift across midnight are one again."""
    shifts = [list(spans) for spans in week]
    for day, (evening, morning) in enumerate(zip(week, (*week[1:], week[0]), strict=True)):
        if evening and morning and evening[-1][1] == MIDNIGHT and morning[0][0] == 0:
            opens, closes = evening[-1][0], morning[0][1]
            if closes < opens:
                shifts[day][-1] = opens, MIDNIGHT + closes
                shifts[(day + 1) % 7].remove(morning[0])
    return shifts
