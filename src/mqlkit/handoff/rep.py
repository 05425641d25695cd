"""
Reps, and the territories that are theirs: who can be given leads, of which kind and when.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import attrs

from ..calendar import Calendar
from ..criterion import Criterion, criterion
from ..errors import DefinitionError, KindError
from ..lifecycle.stage import flag
from ..value import instant, is_blank, moment_text, show

MOST_REPS: Final = 1_000
"""A routing has no more, nor has a list of names."""

_MOST_TAGS: Final = 100
_MOST_ABSENCES: Final = 1_000
_LONGEST_NAME: Final = 200
_GREATEST: Final = 1_000_000


# -- parts, checked ----------------------------------------------------------------------------


def proper_name(value: object) -> str:
    """A name, checked, in its one normal form."""
    if not isinstance(value, str):
        raise KindError(f"wanted a name, not {show(value)}")
    if is_blank(value) or len(value) > _LONGEST_NAME:
        raise DefinitionError(
            f"a name is text of 1 to {_LONGEST_NAME} characters, not {show(value)}"
        )
    return unicodedata.normalize("NFC", value)


def proper_names(values: object) -> tuple[str, ...]:
    """Several names, each once."""
    if not isinstance(values, list | tuple):
        raise KindError(f"wanted a list of names, not {show(values)}")
    if len(values) > MOST_REPS:
        raise DefinitionError(f"a list has at most {MOST_REPS:,} names, not {len(values):,}")
    return tuple(dict.fromkeys(map(proper_name, values)))


def _tags(values: object) -> tuple[str, ...]:
    tags = proper_names(values)
    if len(tags) > _MOST_TAGS:
        raise DefinitionError(f"there are at most {_MOST_TAGS} tags, not {len(tags):,}")
    return tags


def _whole(value: object, what: str, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise KindError(f"{what} is a whole number, not {show(value)}")
    if not least <= value <= _GREATEST:
        raise DefinitionError(f"{what} is from {least} to {_GREATEST:,}, not {show(value)}")
    return value


def _weight(value: object) -> int:
    return _whole(value, "a weight", 1)


def _capacity(value: object) -> int | None:
    return None if value is None else _whole(value, "a capacity", 0)


def _calendar(value: object) -> Calendar | None:
    if value is not None and not isinstance(value, Calendar):
        raise KindError(f"a rep's hours are a Calendar, not {show(value)}")
    return value


def _absence(value: object) -> tuple[datetime, datetime]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise KindError(f"an absence is a pair of instants, from and until, not {show(value)}")
    since, until = (instant(moment, "an absence's time") for moment in value)
    if since >= until:
        raise DefinitionError(
            f"an absence from {moment_text(since)} ends after that, not at {moment_text(until)}"
        )
    return since, until


def _absences(values: object) -> tuple[tuple[datetime, datetime], ...]:
    if not isinstance(values, list | tuple):
        raise KindError(f"absences are a list of pairs of instants, not {show(values)}")
    if len(values) > _MOST_ABSENCES:
        raise DefinitionError(f"a rep has at most {_MOST_ABSENCES:,} absences, not {len(values):,}")
    merged: list[tuple[datetime, datetime]] = []
    for since, until in sorted(map(_absence, values)):
        if merged and since <= merged[-1][1]:  # One absence, so that its end is when one is back.
            merged[-1] = (merged[-1][0], max(until, merged[-1][1]))
        else:
            merged.append((since, until))
    return tuple(merged)


# -- reps and territories ----------------------------------------------------------------------


@attrs.frozen
class Rep:
    """
    Somebody who can be given leads.

    Args:
        name: As the application knows them; of one routing no two are alike.
        weight: The share of leads against the others: 2 gets twice as many as 1. From 1 on.
        capacity: How many open handoffs at most; None for no limit, 0 for no leads at present.
        tags: What territories may ask for: a language, a product, a grade.
        calendar: The working hours; None when leads may come at any time. One that names single
            dates only comes to an end: it says when leads may come, and spans count as for
            everybody.
        absences: When away: pairs of instants, from the first on until just before the second.

    Raises:
        DefinitionError: a part has a value that it cannot have.
        KindError: a part is of the wrong kind.
        NaiveTimeError: an absence has no time zone.

    >>> from datetime import UTC, datetime
    >>> ada = Rep("ada", capacity=5)
    >>> ada.why_not(datetime(2026, 3, 2, 9, tzinfo=UTC), {"ada": 5})
    'has 5 of 5 open handoffs'
    """

    name: str = attrs.field(converter=proper_name)
    weight: int = attrs.field(default=1, converter=_weight)
    capacity: int | None = attrs.field(default=None, converter=_capacity)
    tags: tuple[str, ...] = attrs.field(default=(), converter=_tags)
    calendar: Calendar | None = attrs.field(default=None, converter=_calendar)
    absences: tuple[tuple[datetime, datetime], ...] = attrs.field(default=(), converter=_absences)

    def why_not(self, at: datetime, load: Mapping[str, int]) -> str:
        """
        Why the rep cannot take a lead, in words; ``""`` for one who can.

        Args:
            at: The instant. Aware.
            load: Open handoffs by rep; who is not in it has none.
        """
        at = instant(at, "at")
        back = self._absent_until(at)
        if back is not None:
            return f"absent until {moment_text(back)}"
        opens = self._opens(at)
        if opens != at:
            return "out of hours " + (f"until {moment_text(opens)}" if opens else "for good")
        if self.is_full(load):
            return f"has {load.get(self.name, 0)} of {self.capacity} open handoffs"
        return ""

    def is_full(self, load: Mapping[str, int]) -> bool:
        """Whether the rep has all the open handoffs that the capacity allows."""
        return self.capacity is not None and load.get(self.name, 0) >= self.capacity

    def back(self, at: datetime) -> datetime | None:
        """
        The first instant from *at* on at which neither hours nor an absence is in the way.

        Returns:
            An instant in UTC; None when the hours never open again.
        """
        opens = self._opens(instant(at, "at"))
        # Each round leaves an absence behind, so there is an end.
        while opens is not None and (until := self._absent_until(opens)) is not None:
            opens = self._opens(until)
        return opens

    def _opens(self, at: datetime) -> datetime | None:
        return at if self.calendar is None else self.calendar.next_open(at)

    def _absent_until(self, at: datetime) -> datetime | None:
        place = bisect_right(self.absences, at, key=lambda absence: absence[0])
        if place and at < self.absences[place - 1][1]:
            return self.absences[place - 1][1]
        return None


@attrs.frozen
class Territory:
    """
    Leads that some of the reps are for.

    Args:
        name: Of one routing no two are alike. Its reps take turns apart from the pool's.
        when: Whether a lead belongs to it; UNKNOWN is not YES, and is told.
        reps: Who it is for, by name; everybody when there are none.
        tags: What a rep must have, every one of them.
        wait: When nobody of it can take the lead now: False to go on to the next territory and
            the pool, True to wait in the queue.

    Raises:
        DefinitionError: a part has a value that it cannot have.
        KindError: a part is of the wrong kind.

    >>> from mqlkit import attribute
    >>> Territory("dach", attribute("country").is_in("DE", "AT"), tags=["german"]).how
    'territory dach'
    """

    name: str = attrs.field(converter=proper_name)
    when: Criterion = attrs.field(converter=criterion)
    reps: tuple[str, ...] = attrs.field(default=(), converter=proper_names)
    tags: tuple[str, ...] = attrs.field(default=(), converter=_tags)
    wait: bool = attrs.field(default=False, converter=flag)

    @property
    def how(self) -> str:
        """What a lead is routed by here, in words; also the name of its turns."""
        return f"territory {self.name}"

    def is_for(self, rep: Rep) -> bool:
        """Whether *rep* is one of those that the territory is for, tags aside."""
        return not self.reps or rep.name in self.reps

    def lacks(self, rep: Rep) -> tuple[str, ...]:
        """The tags that are asked for and that *rep* has not."""
        return tuple(tag for tag in self.tags if tag not in rep.tags)

    def members(self, reps: Sequence[Rep]) -> tuple[Rep, ...]:
        """Those of *reps* who can get its leads."""
        return tuple(rep for rep in reps if self.is_for(rep) and not self.lacks(rep))
