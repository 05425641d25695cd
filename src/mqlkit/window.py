"""
How far back something counts.

A window is half open: ``as_of - span < at <= as_of``. A day is 24 hours, a week 7 days, a month
30 days, unless calendar months are asked for.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Final

import attrs

from .errors import DefinitionError, KindError
from .value import DAY, LAST, show

if TYPE_CHECKING:
    from dateutil.relativedelta import relativedelta

LONGEST_DAYS: Final = 3_650
_BEFORE_ALL: Final = datetime.min.replace(tzinfo=timezone(timedelta(hours=23)))
"""Before every instant of the calendar in UTC: what happens at the first one is after it, too."""


def whole(value: object, what: str, least: int = 0) -> int:
    """*value*, which must be a whole number of at least *least*."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise KindError(f"{what} must be a whole number, not {show(value)}")
    if value < least:
        raise DefinitionError(f"{what} must be {least} or more, not {show(value)}")
    return value


@attrs.frozen(cache_hash=True)
class Window:
    """
    A span of time that ends now.

    Args:
        days, hours, minutes: Its length, added up; 3,650 days at most.
        calendar_months: Instead of these, so many months by the UTC calendar, where 31 March
            less one month is 28 February. Not for bulk engines.

    >>> Window(hours=48) == Window(days=2)
    True
    """

    days: int = attrs.field(default=0)
    hours: int = attrs.field(default=0)
    minutes: int = attrs.field(default=0)
    calendar_months: int = attrs.field(default=0)

    def __attrs_post_init__(self) -> None:
        fixed = sum(
            whole(getattr(self, name), f"a window's {name}") * size
            for name, size in _MINUTES.items()
        )
        months = whole(self.calendar_months, "a window's calendar_months")
        if bool(fixed) == bool(months):
            raise DefinitionError(
                "a window is some days, hours and minutes, or some calendar months"
            )
        if fixed > LONGEST_DAYS * _MINUTES["days"] or months > LONGEST_DAYS // 30:
            raise DefinitionError(f"a window is at most {LONGEST_DAYS:,} days long")
        for name, size in _MINUTES.items():
            count, fixed = divmod(fixed, size)
            object.__setattr__(self, name, count)

    @property
    def span(self) -> timedelta:
        """Its length; of calendar months, the most they can have."""
        months = timedelta(days=31 * self.calendar_months)
        return months or timedelta(days=self.days, hours=self.hours, minutes=self.minutes)

    def start(self, as_of: datetime) -> datetime:
        """The instant after which things count."""
        try:
            if self.calendar_months:
                return as_of - self._months()
            return as_of - self.span
        except (OverflowError, ValueError):  # before the calendar began: everything counts
            return _BEFORE_ALL

    def _months(self) -> "relativedelta":
        from dateutil.relativedelta import relativedelta  # most definitions never need it

        return relativedelta(months=self.calendar_months)

    def boundaries(self, at: datetime, as_of: datetime) -> Iterator[datetime]:
        """Instants after *as_of* at which something that happened *at* may enter or leave."""
        yield from (instant for instant in self._edges(at) if instant > as_of)

    def _edges(self, at: datetime) -> Iterator[datetime]:
        """Where the window may close on something that happened *at*; none beyond year 9999."""
        if at > LAST - self.span - 8 * DAY:
            return
        if not self.calendar_months:
            yield at + self.span
            return
        # INVARIANT: clipping makes the start step back at a midnight (from 30 March less a month
        # to 31 March less a month), so near the month's end something may leave and come again.
        nearly = at + self._months()
        for days in range(-1, 5):
            leaves = nearly + days * DAY
            yield leaves.replace(hour=0, minute=0, second=0, microsecond=0)
            yield leaves

    def __str__(self) -> str:
        if self.calendar_months:
            return _count(self.calendar_months, "calendar month")
        return " ".join(
            _count(getattr(self, name), name[:-1]) for name in _MINUTES if getattr(self, name)
        )


def window(
    *,
    days: int = 0,
    weeks: int = 0,
    months: int = 0,
    hours: int = 0,
    minutes: int = 0,
    calendar_months: int = 0,
) -> Window:
    """
    A window from the units that people speak in; a month is 30 days.

    >>> str(window(weeks=2))
    '14 days'
    """
    whole(weeks, "weeks")
    whole(months, "months")
    return Window(days + 7 * weeks + 30 * months, hours, minutes, calendar_months)


def _count(n: int, unit: str) -> str:
    return f"{n:,} {unit}" + ("" if n == 1 else "s")


_MINUTES: Final = {"days": 1440, "hours": 60, "minutes": 1}
