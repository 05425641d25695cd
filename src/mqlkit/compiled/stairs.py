"""
When points fade next: the steps of a decay, found once each, and the next of many activities.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import chain
from typing import Final

from ..decay import Decay, Expires, HalfLife, Linear, Steps
from ..value import DAY, EPOCH, LAST
from .sight import Times

_FEW: Final = 32
"""So many are looked at one by one."""


class Stairs:
    """
    The ages at which less is left of some millipoints.

    Args:
        decay: How they fade.
        millis: How many there were on the first day.
    """

    def __init__(self, decay: Decay, millis: int) -> None:
        self.kept: dict[int, timedelta | None] = {}
        self._decay = decay
        self._millis = millis
        self._in_few = type(decay) in (Expires, Steps)
        self._life = _life(decay, millis)

    def found(self, days: int) -> timedelta | None:
        """The age of the next step after so many whole days; kept from then on."""
        step = self._decay.next_step(self._millis, days)
        age = self.kept[days] = None if step is None else step * DAY
        return age

    def after(self, days: int) -> timedelta | None:
        """The age of the next step after so many whole days; None when there is none."""
        return self.kept[days] if days in self.kept else self.found(days)

    def next_of(self, times: Times, first: int, now: datetime) -> datetime | None:
        """
        The next instant at which one of several activities fades.

        Args:
            times: When they happened.
            first: From which place on they count.
            now: What happens later does not count.
        """
        end = bisect_right(times, now) if times and times[-1] > now else len(times)
        if end - first > _FEW and self._life is not None:
            first = max(first, bisect_left(times, now - self._life))
        if end - first <= _FEW or self._life is None:
            return self._first(times[first:end], now)
        if self._in_few:
            return min(self._of_each_step(times, first, end, now), default=None)
        found = self._by_phase(times, times[first], now)
        return self._first(times[first:end], now) if found is None else found

    def _first(self, times: list[datetime], now: datetime) -> datetime | None:
        """By looking at each."""
        found = (self._step(at, now) for at in times)
        return min((at for at in found if at is not None), default=None)

    def _step(self, at: datetime, now: datetime) -> datetime | None:
        age = self.after((now - at).days)
        return None if age is None or age > LAST - at else at + age

    def _of_each_step(
        self, times: Times, first: int, end: int, now: datetime
    ) -> Iterator[datetime]:
        """For each step the oldest activity that has not come to it yet."""
        begin = 0
        while (age := self.after(begin)) is not None:
            place = max(first, bisect_right(times, now - age))
            if place < end and times[place] <= now - begin * DAY:
                yield times[place] + age
            begin = age.days

    def _by_phase(self, times: Times, oldest: datetime, now: datetime) -> datetime | None:
        """The first in the next 24 hours, in which each can fade but once, at its time of day."""
        phases = times.phases()
        start = bisect_right(phases, ((now - EPOCH) % DAY, LAST))
        for place in chain(range(start, len(phases)), range(start)):
            at = phases[place][1]
            if oldest <= at <= now:
                days = (now - at).days
                if self.after(days) == (days + 1) * DAY:
                    return at + (days + 1) * DAY
        return None


@lru_cache(maxsize=4_096)
def stairs(decay: Decay, millis: int) -> Stairs:
    """The stairs of a decay; one for all models that fade so."""
    return Stairs(decay, millis)


def _life(decay: Decay, millis: int) -> timedelta | None:
    """An age from which on nothing fades any more; None where that is not known beforehand."""
    match decay:
        case Linear() | Expires() if type(decay) in (Linear, Expires):
            return decay.days * DAY
        case HalfLife() if type(decay) is HalfLife:
            return decay.days * (abs(millis).bit_length() + 2) * DAY
        case Steps() if type(decay) is Steps:
            return max(map(int, decay.steps)) * DAY
        case _:
            return None
