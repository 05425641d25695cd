"""
Open hours on the line of time: which instants are open, and how much open time lies between two.

Given are hours of the zone's wall clock for each day of the week and for single dates. A zone's
offset from UTC is constant but for a few instants a year. So time is cut where it changes, and
within each stretch the hours are moved by its offset and clipped to it. Hours that the clock jumps
over do not exist, and hours that it shows twice are open twice, with no rule for either.

Instants are whole microseconds since the first of January of year 1, UTC.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from .value import MICROSECOND

_SECOND: Final = 1_000_000
_DAY_SECONDS: Final = 86_400
_ONE_SECOND: Final = timedelta(seconds=1)
_DAY: Final = _DAY_SECONDS * _SECOND
_BLOCK_SECONDS: Final = 189 * _DAY_SECONDS
_BLOCK: Final = _BLOCK_SECONDS * _SECOND
"""27 weeks. 773 of them are 400 years, after which dates and days of the week repeat."""

_CYCLE: Final = 773
_STEADY: Final = date(2200, 1, 1).toordinal() // 189
"""From this block on, every zone follows a rule by month and weekday: the cycle holds."""

_EARLY: Final = date(1800, 1, 1).toordinal() // 189
"""Before this block, every zone keeps the time of its meridian: all blocks are alike."""

_PROBE_SECONDS: Final = 43_200
"""No zone changes its offset twice within three days; a test looks through them all."""

_START: Final = datetime.min.replace(tzinfo=UTC)
_FIRST: Final = 2 * _DAY_SECONDS
END: Final = (datetime.max.replace(tzinfo=UTC) - _START) // MICROSECOND
_LAST: Final = END // _SECOND - 2 * _DAY_SECONDS


def count_of(moment: datetime) -> int:
    """An aware *moment* as microseconds."""
    return (moment - _START) // MICROSECOND


def moment_of(at: int) -> datetime:
    """The reverse of `count_of`, in UTC."""
    return _START + timedelta(microseconds=at)


def offset_of(zone: ZoneInfo, second: int) -> int:
    """
    Seconds by which the zone's wall clock is ahead of UTC.

    In the first and last two days of the calendar, where the wall clock may read a year that does
    not exist, it is as on the third.
    """
    # As `fromutc` wants it: the time is UTC, the zone is the one that is asked.
    utc = _START.replace(tzinfo=zone) + timedelta(seconds=min(max(second, _FIRST), _LAST))
    # The reading itself, and not `utcoffset` of it: that one must guess which of two it was.
    return (zone.fromutc(utc) - utc) // _ONE_SECOND


@lru_cache(maxsize=4_096)
def stretches(zone: str, number: int) -> tuple[tuple[int, int, int], ...]:
    """
    The stretches of block *number* in which the offset is constant.

    Returns:
        From, to and offset, in microseconds.
    """
    clock = ZoneInfo(zone)
    left = number * _BLOCK_SECONDS
    end = left + _BLOCK_SECONDS
    offset = offset_of(clock, left)
    found = []
    for probe in range(left + _PROBE_SECONDS, end + 1, _PROBE_SECONDS):
        if offset_of(clock, probe) != offset:
            before = range(probe - _PROBE_SECONDS + 1, probe)
            change = before.start + bisect_left(
                before, True, key=lambda second: offset_of(clock, second) != offset
            )
            found.append((left, change, offset))
            left, offset = change, offset_of(clock, change)
    found.append((left, end, offset))
    return tuple(
        (start * _SECOND, stop * _SECOND, ahead * _SECOND)
        for start, stop, ahead in found
        if start < stop
    )


class Block(NamedTuple):
    """The open stretches of 27 weeks, in order, and the open time up to the end of each."""

    starts: Sequence[int]
    ends: Sequence[int]
    upto: Sequence[int]
    total: int

    def before(self, at: int) -> int:
        """The open time before *at*."""
        place = bisect_right(self.starts, at) - 1
        return self.upto[place] - max(0, self.ends[place] - at) if place >= 0 else 0

    def reaches(self, open_time: int) -> int:
        """The first instant before which so much time was open: 1 to *total*."""
        place = bisect_left(self.upto, open_time)
        return self.ends[place] - (self.upto[place] - open_time)


class OpenHours:
    """
    Open hours in a zone.

    Args:
        zone: Its name.
        week: For Monday to Sunday, from and to in minutes after midnight, in order, apart.
        dates: The same for single dates, by ordinal, in place of the weekday's.
    """

    def __init__(
        self,
        zone: str,
        week: Sequence[Sequence[tuple[int, int]]],
        dates: Mapping[int, Sequence[tuple[int, int]]],
    ) -> None:
        minute = 60 * _SECOND
        self._zone = ZoneInfo(zone)
        self._name = zone
        self._week = [[(a * minute, b * minute) for a, b in spans] for spans in week]
        self._dates = {
            day - 1: [(a * minute, b * minute) for a, b in spans] for day, spans in dates.items()
        }
        # What one date brings may reach a day further, and a zone be a day ahead of UTC.
        last = (max(self._dates, default=0) + 2) * _DAY // _BLOCK
        self._steady = max(_STEADY, last + 1)
        self._early = min(_EARLY, (min(self._dates, default=END) - 2) * _DAY // _BLOCK)
        never = not any(week)
        always = all(tuple(spans) == ((0, 1_440),) for spans in week)
        self._last_opening = last if never else END // _BLOCK
        self._last_closing = last if always else END // _BLOCK
        # Blocks are kept one by one: what was asked for once is asked for again.
        self._built = lru_cache(maxsize=64)(self._build)
        self._total = lru_cache(maxsize=8_192)(self._measured)

    def is_open(self, at: int) -> bool:
        """Whether the wall clock reads an open hour: what everything else here comes down to."""
        day, time = divmod(at + self._ahead(at), _DAY)
        return any(opens <= time < closes for opens, closes in self._hours(day))

    def ever_opens(self) -> bool:
        """Whether any instant is open; with hours on single dates only, each of them is tried."""
        return any(self._week) or any(map(self.is_open, self._edges()))

    def _edges(self) -> Iterator[int]:
        """First and last instants of the hours of single dates, by each offset of those days."""
        for day, hours in self._dates.items():
            # Hours of which neither edge is ever read lie in one gap as a whole.
            around = (self._ahead((day - 1) * _DAY), self._ahead((day + 2) * _DAY)) if hours else ()
            for ahead in set(around):
                for opens, closes in hours:
                    yield day * _DAY + opens - ahead
                    yield day * _DAY + closes - 1 - ahead

    def between(self, start: int, end: int) -> int:
        """The open time from *start* to *end*, which is not before it."""
        first, last = start // _BLOCK, end // _BLOCK
        if first == last:
            block, shift = self._block(first)
            return block.before(end - shift) - block.before(start - shift)
        inner = sum(self._total(self._alike(number)) for number in range(first, last))
        return inner - self._before(start) + self._before(end)

    def after(self, start: int, open_time: int) -> int | None:
        """The first instant at which *open_time* has been open since *start*, if there is one."""
        wanted = self._before(start) + open_time
        for number in range(start // _BLOCK, self._last_opening + 1):
            total = self._total(self._alike(number))
            if wanted <= total:
                block, shift = self._block(number)
                return self._within(block.reaches(wanted) + shift)
            wanted -= total
        return None

    def next_open(self, at: int) -> int | None:
        """The first open instant from *at* on."""
        for number in range(at // _BLOCK, self._last_opening + 1):
            block, shift = self._block(number)
            place = bisect_right(block.ends, at - shift)
            if place < len(block.ends):
                return self._within(max(at, block.starts[place] + shift))
        return None

    def next_closed(self, at: int) -> int | None:
        """The first instant from *at* on that is not open."""
        for number in range(at // _BLOCK, self._last_closing + 1):
            block, shift = self._block(number)
            place = bisect_right(block.starts, at - shift) - 1
            if place < 0 or block.ends[place] + shift <= at:
                return at
            at = block.ends[place] + shift
            if at < (number + 1) * _BLOCK:
                return self._within(at)
        return None

    def _ahead(self, at: int) -> int:
        return offset_of(self._zone, at // _SECOND) * _SECOND

    def _hours(self, day: int) -> Sequence[tuple[int, int]]:
        hours = self._dates.get(day)
        return self._week[day % 7] if hours is None else hours

    @staticmethod
    def _within(at: int) -> int | None:
        return at if at <= END else None

    def _alike(self, number: int) -> int:
        """A block with the same hours as block *number*."""
        if number < self._early:
            return self._early - 1
        beyond = number - self._steady
        return number if beyond < 0 else self._steady + beyond % _CYCLE

    def _block(self, number: int) -> tuple[Block, int]:
        """Block *number*, and how far its instants are to be shifted."""
        alike = self._alike(number)
        return self._built(alike), (number - alike) * _BLOCK

    def _before(self, at: int) -> int:
        """The open time of a block before *at*, which lies in it."""
        block, shift = self._block(at // _BLOCK)
        return block.before(at - shift)

    def _measured(self, number: int) -> int:
        return self._built(number).total

    def _build(self, number: int) -> Block:
        starts, ends, upto = array("q"), array("q"), array("q")
        total = 0
        for left, right, offset in stretches(self._name, number):
            for day in range((left + offset) // _DAY, (right - 1 + offset) // _DAY + 1):
                midnight = day * _DAY - offset
                for opens, closes in self._hours(day):
                    start, end = max(midnight + opens, left), min(midnight + closes, right)
                    if start >= end:
                        continue
                    total += end - start
                    if ends and ends[-1] == start:
                        ends[-1], upto[-1] = end, total
                    else:
                        starts.append(start)
                        ends.append(end)
                        upto.append(total)
        return Block(starts, ends, upto, total)
