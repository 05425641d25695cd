"""
A business calendar: when a team works.

*Open* at an instant means that the wall clock of the calendar's zone reads inside a window then.
From that alone follow gaps, hours that come twice, days without a midnight and dates that were
skipped: open time is real time, an hour is 3,600 seconds, and a window that the clock jumps over
does not happen.
"""

from collections.abc import Iterable, Mapping
from datetime import MAXYEAR, MINYEAR, date, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import islice
from typing import Final, TypeAlias
from zoneinfo import available_timezones

import attrs

from .errors import (
    DefinitionError,
    KindError,
    MissingExtraError,
    UnknownNameError,
    did_you_mean,
)
from .hours import OpenHours, count_of, moment_of
from .value import MICROSECOND, Table, instant, is_blank, listing, printable, show
from .week import Spans, each, joined, read_week, read_windows, split, write_week, write_windows

Windows: TypeAlias = str | tuple[str, ...]

_MOST_DATES: Final = 10_000
_MOST_YEARS: Final = 200
_LONGEST_NAME: Final = 200
_OF_THE_MACHINE: Final = {"localtime", "Factory"}


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    """The zones that every machine with the same data knows."""
    return frozenset(available_timezones()) - _OF_THE_MACHINE


def _zone(value: object) -> str:
    if not isinstance(value, str):
        raise KindError(f"a zone is text such as 'Europe/Berlin', not {show(value)}")
    if value not in _zones():
        if not _zones():
            raise DefinitionError("there are no time zones here; install the package 'tzdata'")
        cities = {zone for zone in _zones() if "/" in zone and not zone.startswith("Etc/")}
        close = did_you_mean(value, cities)
        hint = close if close.startswith("did") else "wanted Region/City such as 'Europe/Berlin'"
        raise DefinitionError(f"there is no time zone '{printable(value)}'; {hint}")
    return value


def _week(value: object) -> Table[Windows]:
    return Table(write_week(read_week(value)))


def _day(value: object) -> date:
    """A date, which a mapping may also have as text."""
    if isinstance(value, str):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = None
        if day is None or day.isoformat() != value:
            raise DefinitionError(f"wanted a date such as '2026-12-24', not {show(value)}")
        return day
    if isinstance(value, datetime) or not isinstance(value, date):
        raise KindError(f"wanted a date such as date(2026, 12, 24), not {show(value)}")
    return value


def _sized(values: object, what: str, kinds: tuple[type, ...] = (Mapping,)) -> None:
    if not isinstance(values, kinds):
        raise KindError(f"{what}, not {show(values)}")
    if len(values) > _MOST_DATES:  # type: ignore[arg-type]
        raise DefinitionError(f"a calendar has at most {_MOST_DATES:,} dates of a kind")


def _closed(values: object) -> tuple[date, ...]:
    _sized(values, "closed is a list of dates", (list, tuple, set, frozenset))
    read = each(((day, day) for day in values), lambda entry: _day(entry[1]))  # type: ignore[attr-defined]
    return tuple(sorted(set(read)))


def _by_date(values: object, what: str) -> list[tuple[str, object]]:
    """The entries of a mapping from dates, which are named once each."""
    _sized(values, f"{what} is a mapping from dates")
    read = each(values.items(), lambda entry: (_day(entry[0]).isoformat(), entry[1]))  # type: ignore[attr-defined]
    if len(dict(read)) < len(read):
        raise DefinitionError(f"{what} names a date twice, as text and as a date")
    return read


def _overrides(values: object) -> Table[Windows]:
    entries = _by_date(values, "overrides")
    return Table(dict(each(entries, lambda e: (str(e[0]), write_windows(read_windows(e[1]))))))


def _name(value: object) -> str:
    if not isinstance(value, str):
        raise KindError(f"wanted text, not {show(value)}")
    if is_blank(value) or len(value) > _LONGEST_NAME:
        raise DefinitionError(f"wanted text of 1 to {_LONGEST_NAME} characters, not {show(value)}")
    return value


def _holidays(values: object) -> Table[str]:
    entries = _by_date(values, "holidays")
    return Table(dict(each(entries, lambda entry: (str(entry[0]), _name(entry[1])))))


def _source(value: object) -> str:
    return "" if value == "" else _name(value)


def _asked(what: str, value: object) -> None:
    if not isinstance(value, str):
        raise KindError(f"the {what} of holidays is text, not {show(value)}")


def _years(value: object) -> list[int]:
    """Years of the calendar in order, each once."""
    if isinstance(value, str | bytes | Mapping):
        raise KindError(f"years are whole numbers such as 2026, not {show(value)}")
    several: Iterable[object] = value if isinstance(value, Iterable) else [value]
    years = [*islice(several, _MOST_YEARS + 1)]
    if not years or len(years) > _MOST_YEARS:
        told = "none" if not years else "more"
        raise DefinitionError(f"wanted 1 to {_MOST_YEARS} years, not {told}")
    found = set[int]()
    for year in years:
        if isinstance(year, bool) or not isinstance(year, int):
            raise KindError(f"years are whole numbers such as 2026, not {show(year)}")
        if not MINYEAR <= year <= MAXYEAR:
            raise DefinitionError(f"years are {MINYEAR} to {MAXYEAR}, not {show(year)}")
        found.add(year)
    return sorted(found)


def _work(value: object) -> timedelta:
    """A span of business time."""
    if not isinstance(value, timedelta):
        raise KindError(f"work is a timedelta, not {show(value)}")
    if value < timedelta():
        raise DefinitionError(f"work is a timedelta of zero or more, not {show(value)}")
    return value


@attrs.frozen(cache_hash=True, repr=False)
class Calendar:
    """
    When a team works, by the wall clock of a zone.

    What holds on a date is, first that applies: its override; nothing, if it is closed or a
    holiday; the windows of its weekday. A window across midnight is two: up to midnight on its own
    date, the rest on the next. So a closed date closes the end of the shift of the evening before,
    and leaves what its own evening would have brought the next morning. An override replaces all
    that falls on its date, and where it crosses midnight itself, its rest is added to the next date
    unless that one is closed or overridden.

    Args:
        zone: A name of the IANA time zone data, such as ``"Europe/Berlin"``.
        week: Days (``"mon"``), ranges (``"mon-fri"``) or ``"daily"``, each with a window
            (``"09:00-17:00"``, ``"22:00-06:00"``, ``"00:00-24:00"``) or a list of up to 64.
        closed: Dates on which nobody works; 10,000 at most.
        overrides: Dates, or their ISO text, with the windows of that date instead.
        holidays: Dates with the name of the holiday: a snapshot, so that the same calendar gives
            the same answer after an update of whatever it was taken from.
        holidays_from: What that was.

    Raises:
        DefinitionError: a part has a value it cannot have, or the calendar would never open.
        KindError: a part is of the wrong kind.

    >>> from datetime import UTC
    >>> berlin = Calendar("Europe/Berlin", {"mon-fri": "09:00-17:00"}, closed=[date(2026, 11, 23)])
    >>> friday = datetime(2026, 11, 20, 15, tzinfo=UTC)  # 16:00 in Berlin
    >>> str(berlin.due(friday, timedelta(hours=2)))
    '2026-11-24 09:00:00+00:00'
    >>> str(berlin.elapsed(friday, datetime(2026, 12, 1, tzinfo=UTC)))
    '1 day, 17:00:00'
    """

    zone: str = attrs.field(converter=_zone)
    week: Mapping[str, Windows] = attrs.field(converter=_week)
    closed: tuple[date, ...] = attrs.field(default=(), converter=_closed)
    overrides: Mapping[str, Windows] = attrs.field(factory=dict, converter=_overrides)
    holidays: Mapping[str, str] = attrs.field(factory=dict, converter=_holidays)
    holidays_from: str = attrs.field(default="", converter=_source)

    def __attrs_post_init__(self) -> None:
        both = [day.isoformat() for day in self.closed if self.overrides.get(day.isoformat())]
        if both:
            more = len(both) - _MOST_SHOWN
            told = [*both[:_MOST_SHOWN], *([f"{more:,} more"] if more > 0 else [])]
            verb = "is" if len(both) == 1 else "are"
            raise DefinitionError(
                f"{listing(told, 'and')} {verb} closed and overridden; say one of it"
            )
        # A date without windows and a closed one are the same.
        empty = {date.fromisoformat(day) for day, windows in self.overrides.items() if not windows}
        kept = {day: windows for day, windows in self.overrides.items() if windows}
        object.__setattr__(self, "closed", tuple(sorted({*self.closed, *empty})))
        object.__setattr__(self, "overrides", Table(kept))
        if not self._hours.ever_opens():
            raise DefinitionError(
                "this calendar never opens; give its week a window, "
                "such as {'mon-fri': '09:00-17:00'}"
            )

    @classmethod
    def always(cls, zone: str = "UTC") -> "Calendar":
        """
        Open day and night.

        >>> Calendar.always()
        Calendar('UTC', {'daily': '00:00-24:00'})
        """
        return cls(zone, {"daily": "00:00-24:00"})

    def with_holidays(
        self,
        country: str,
        *,
        years: int | Iterable[int],
        subdivision: str | None = None,
        language: str | None = None,
    ) -> "Calendar":
        """
        This calendar, closed on the public holidays of a country too.

        They are taken from the package ``holidays`` once, here; `holidays_from` names its version.
        An override on a holiday holds.

        Args:
            country: Its ISO 3166 code, such as ``"DE"``.
            years: A year, or up to 200 of them, each from 1 to 9999.
            subdivision: A state or province in the country, such as ``"BE"``.
            language: Of the names, such as ``"en_US"``; the country's own by default.

        Raises:
            MissingExtraError: the package is not installed.
            UnknownNameError: it does not know the country, the part or the language.
            KindError: a part is of the wrong kind.
            DefinitionError: a year is not one, there are too many years or too many holidays, or
                no holidays are known in any of them.
        """
        asked = {"country": country, "subdivision": subdivision or "", "language": language or ""}
        for what, value in asked.items():
            _asked(what, value)
        wanted = _years(years)
        found, source = _public_holidays(country, subdivision, language, wanted)
        names = dict(self.holidays)
        for day, name in found.items():
            known = names.get(day.isoformat(), "")
            both = [*filter(None, known.split("; ")), *name.split("; ")]
            names[day.isoformat()] = "; ".join(dict.fromkeys(both))
        sources = [text for text in (self.holidays_from, source) if text]
        return attrs.evolve(self, holidays=names, holidays_from="; ".join(dict.fromkeys(sources)))

    def is_open(self, at: datetime) -> bool:
        """
        Whether the wall clock reads inside a window at that instant.

        Raises:
            NaiveTimeError: *at* has no time zone.
        """
        return self._hours.is_open(_count(at, "at"))

    def next_open(self, at: datetime) -> datetime | None:
        """
        The first open instant from *at* on: *at* itself while open.

        Returns:
            An instant in UTC; None if it never opens again.

        Raises:
            NaiveTimeError: *at* has no time zone.
        """
        return _moment(self._hours.next_open(_count(at, "at")))

    def next_close(self, at: datetime) -> datetime | None:
        """
        The first instant from *at* on that is not open: *at* itself while closed.

        Returns:
            An instant in UTC; None if it never closes again.

        Raises:
            NaiveTimeError: *at* has no time zone.
        """
        return _moment(self._hours.next_closed(_count(at, "at")))

    def due(self, start: datetime, work: timedelta) -> datetime:
        """
        When *work* is done that begins at *start*.

        Args:
            start: An aware instant, open or not.
            work: Open time, zero or more.

        Returns:
            The first instant, in UTC, with ``elapsed(start, it) == work``: inside of a window or
            at its end, never at the next one's start. *start* itself when there is no work.

        Raises:
            NaiveTimeError: *start* has no time zone.
            KindError: *work* is not a timedelta.
            DefinitionError: it is negative, or would not be done by the end of year 9999.
        """
        begins = _count(start, "start")
        wanted = _work(work) // MICROSECOND
        found = self._hours.after(begins, wanted) if wanted else begins
        if found is None:
            raise DefinitionError(
                f"{show(work)} of open time from {show(start)} on are not over by the end of the "
                "year 9999"
            )
        return moment_of(found)

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """
        The open time from *start* to *end*.

        Raises:
            NaiveTimeError: one of them has no time zone.
            DefinitionError: *end* lies before *start*.
        """
        begins, ends = _count(start, "start"), _count(end, "end")
        if ends < begins:
            raise DefinitionError(f"the end {show(end)} lies before the start {show(start)}")
        return timedelta(microseconds=self._hours.between(begins, ends))

    @cached_property
    def _hours(self) -> OpenHours:
        """The calendar laid out; no part of its value, so neither compared nor pickled."""
        week = read_week(self.week)
        dates: dict[int, Spans] = {}
        tails: dict[int, Spans] = {}
        for text, windows in self.overrides.items():
            day = date.fromisoformat(text).toordinal()
            dates[day], tails[day + 1] = split(read_windows(windows))
        closed = {day.toordinal() for day in self.closed}
        closed |= {date.fromisoformat(text).toordinal() for text in self.holidays}
        for day in closed:
            dates.setdefault(day, ())
        for day, tail in tails.items():
            if tail:
                dates.setdefault(day, joined((*week[(day - 1) % 7], *tail)))
        return OpenHours(self.zone, week, dates)

    def __repr__(self) -> str:
        parts = [repr(self.zone), _shown(self.week)]
        if self.closed:
            parts.append(f"closed={_shown(self.closed)}")
        if self.overrides:
            parts.append(f"overrides={_shown(self.overrides)}")
        if self.holidays:
            parts.append(f"holidays={_shown(self.holidays)}")
        if self.holidays_from:
            parts.append(f"holidays_from={self.holidays_from!r}")
        return f"Calendar({', '.join(parts)})"


def _shown(dates: Mapping[str, Windows] | Mapping[str, str] | tuple[date, ...]) -> str:
    """As it is written, or how many there are when that would be long."""
    if len(dates) > _MOST_SHOWN:
        return f"<{len(dates):,} dates>"
    if isinstance(dates, Mapping):
        entries = {k: v[0] if isinstance(v, tuple) and len(v) == 1 else v for k, v in dates.items()}
        return repr(entries)
    return "[" + ", ".join(f"date({d.year}, {d.month}, {d.day})" for d in dates) + "]"


_MOST_SHOWN: Final = 7


def _count(at: datetime, what: str) -> int:
    return count_of(instant(at, what))


def _moment(at: int | None) -> datetime | None:
    return None if at is None else moment_of(at)


def _public_holidays(
    country: str, subdivision: str | None, language: str | None, years: list[int]
) -> tuple[dict[date, str], str]:
    """The holidays by date, and what they were taken from."""
    from importlib.metadata import version  # dear to import, and only asked for here

    try:
        import holidays
    except ImportError:
        raise MissingExtraError("taking public holidays", "holidays") from None
    known = holidays.list_supported_countries(include_aliases=False)
    if country not in known:
        raise UnknownNameError("country with holidays", str(country), known)
    try:
        law = holidays.country_holidays(country, subdiv=subdivision)
    except NotImplementedError:
        raise UnknownNameError(
            f"part of {country} with holidays", str(subdivision), known[country]
        ) from None
    # Without a language, the package would take that of the machine.
    spoken = language or law.default_language
    if language and language not in law.supported_languages:
        raise UnknownNameError(
            f"language of the holidays of {country}", language, law.supported_languages
        )
    found = holidays.country_holidays(
        country, subdiv=subdivision, years=years, expand=False, language=spoken
    )
    place = f"{country}-{subdivision}" if subdivision else country
    span = f"{years[0]}" if len(years) == 1 else f"{years[0]} to {years[-1]}"
    if not found:
        raise DefinitionError(f"no holidays of {place} are known in {span}")
    return dict(found), f"holidays {version('holidays')}, {place}, {span}"
