"""
A clock that counts business time towards a target.

It is a value: a start, a target and a calendar, with pauses and the instant at which it was met.
Nothing ticks. Whoever asks says when *now* is, and asking often or rarely gives the same answers.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final, Literal, TypeAlias

import attrs

from .calendar import Calendar
from .errors import DefinitionError, KindError, UnknownNameError
from .value import LAST, MICROSECOND, instant, is_blank, listing, show

State: TypeAlias = Literal["running", "warning", "breached", "paused", "met", "met late"]
How: TypeAlias = Literal["keep elapsed", "frozen", "recompute"]
Stretch: TypeAlias = tuple[Calendar, datetime, datetime | None]

HOWS: Final[tuple[How, ...]] = ("keep elapsed", "frozen", "recompute")
"""What a running clock does when its calendar or its target changes."""

_ZERO: Final = timedelta()
_LONGEST_REASON: Final = 4_096
_MOST_PAUSES: Final = 10_000
_MOST_LAPS: Final = 1_000


def _span(value: object, what: str) -> timedelta:
    if not isinstance(value, timedelta):
        raise KindError(f"{what} is a timedelta, not {show(value)}")
    if value < _ZERO:
        raise DefinitionError(f"{what} is a timedelta of zero or more, not {show(value)}")
    return value


def _target(value: object) -> timedelta:
    return _span(value, "target")


def _warning(value: object) -> timedelta | None:
    return None if value is None else _span(value, "warn_before")


def _calendar(value: object) -> Calendar:
    if not isinstance(value, Calendar):
        raise KindError(f"wanted a Calendar, not {show(value)}")
    return value


def _at(value: object) -> datetime:
    return instant(value, "the instant")  # type: ignore[arg-type]


def _at_or_never(value: object) -> datetime | None:
    return None if value is None else _at(value)


def _reason(value: object) -> str:
    if not isinstance(value, str):
        raise KindError(f"the reason of a pause is text, not {show(value)}")
    if is_blank(value) or len(value) > _LONGEST_REASON:
        raise DefinitionError(
            f"a pause has a reason of 1 to {_LONGEST_REASON:,} characters, not {show(value)}"
        )
    return value


@attrs.frozen
class Pause:
    """
    A time that does not count, and why.

    Args:
        since: Its first instant.
        until: The first one after it; None while it lasts.
        why: The reason, in the team's own words.

    Raises:
        DefinitionError: it ends before it starts, or has no reason.
    """

    since: datetime = attrs.field(converter=_at)
    until: datetime | None = attrs.field(converter=_at_or_never)
    why: str = attrs.field(converter=_reason)

    def __attrs_post_init__(self) -> None:
        if self.until is not None and self.until < self.since:
            raise DefinitionError(
                f"a pause ends at {show(self.until)}, before it starts at {show(self.since)}"
            )


@attrs.frozen
class Lap:
    """
    A calendar that a clock followed before its present one.

    Args:
        calendar: The former calendar.
        until: The instant of the change.
    """

    calendar: Calendar = attrs.field(converter=_calendar)
    until: datetime = attrs.field(converter=_at)


def _pauses(values: object) -> tuple[Pause, ...]:
    """In order of time, each once; they may overlap."""
    if not isinstance(values, list | tuple):
        raise KindError(f"pauses are a list, not {show(values)}")
    if len(values) > _MOST_PAUSES:
        raise DefinitionError(f"a clock has at most {_MOST_PAUSES:,} pauses, not {len(values):,}")
    for pause in values:
        if not isinstance(pause, Pause):
            raise KindError(f"wanted a Pause, not {show(pause)}")
    return tuple(
        sorted(set(values), key=lambda pause: (pause.since, pause.until or LAST, pause.why))
    )


def _laps(values: object) -> tuple[Lap, ...]:
    if not isinstance(values, list | tuple) or not all(isinstance(v, Lap) for v in values):
        raise KindError(f"earlier is a list of laps, not {show(values)}")
    if len(values) > _MOST_LAPS:
        raise DefinitionError(f"a clock has at most {_MOST_LAPS:,} laps, not {len(values):,}")
    return tuple(values)


@attrs.frozen
class Clock:
    """
    Business time from a start towards a target, for an application's own promises: answer support
    mail within eight business hours.

    Handoffs do not use it. What sales promised is a `~mqlkit.handoff.Deadline`, which holds its due
    instant as it was recorded; a clock reckons it from its calendar each time it is asked.

    Args:
        calendar: The hours that count.
        started: When it began.
        target: Business time in which to be done; zero or more.
        warn_before: So much business time before it is due, the warning begins; at most *target*.
            None for no warning.
        pauses: Times that do not count. Where two overlap, their union does not.
        stopped: When what it waits for was done.
        earlier: The calendars before this one, in order of time; see `retarget`.

    Raises:
        DefinitionError: a part has a value it cannot have, or the calendar ends before it is due.
        KindError: a part is of the wrong kind.
        NaiveTimeError: an instant has no time zone.

    >>> from datetime import UTC
    >>> berlin = Calendar("Europe/Berlin", {"mon-fri": "09:00-17:00"})
    >>> friday = datetime(2026, 11, 20, 15, tzinfo=UTC)  # 16:00 in Berlin
    >>> clock = Clock(berlin, friday, timedelta(hours=2), warn_before=timedelta(minutes=30))
    >>> str(clock.due), str(clock.warns_at)
    ('2026-11-23 09:00:00+00:00', '2026-11-23 08:30:00+00:00')
    >>> clock.state(clock.due), clock.state(clock.due + timedelta(minutes=1))
    ('warning', 'breached')
    >>> clock.meet(clock.due).state(clock.due)
    'met'
    """

    calendar: Calendar = attrs.field(converter=_calendar)
    started: datetime = attrs.field(converter=_at)
    target: timedelta = attrs.field(converter=_target)
    warn_before: timedelta | None = attrs.field(default=None, converter=_warning)
    pauses: tuple[Pause, ...] = attrs.field(default=(), converter=_pauses)
    stopped: datetime | None = attrs.field(default=None, converter=_at_or_never)
    earlier: tuple[Lap, ...] = attrs.field(default=(), converter=_laps)

    def __attrs_post_init__(self) -> None:
        if self.warn_before is not None and self.warn_before > self.target:
            raise DefinitionError(
                f"a warning {show(self.warn_before)} before comes before the start; "
                f"the target is {show(self.target)}"
            )
        turns = [self.started, *(lap.until for lap in self.earlier)]
        if turns != sorted(turns):
            raise DefinitionError("the laps of a clock are in order of time, after its start")
        for what, at in (("stops", self.stopped), *(("is paused", p.since) for p in self.pauses)):
            if at is not None and at < self.started:
                raise DefinitionError(
                    f"a clock {what} at {show(at)}, before it started at {show(self.started)}"
                )
        _ = self.due  # What can never come due is refused here, and not in the midst of a tick.

    # -- what it reads -----------------------------------------------------------------------

    @cached_property
    def due(self) -> datetime | None:
        """
        The last instant that is in time: the first at which the target has elapsed.

        None while a pause without an end keeps it from coming. A clock whose target was made so
        short that it had elapsed already is due when that was done.
        """
        found = self._when(self.target)
        return max(found, self.earlier[-1].until) if found and self.earlier else found

    @cached_property
    def warns_at(self) -> datetime | None:
        """When the warning begins; None without one, or while a pause keeps it from coming."""
        return None if self.warn_before is None else self._when(self.target - self.warn_before)

    def elapsed(self, now: datetime) -> timedelta:
        """
        The business time that has counted by *now*: none before the start, no more once stopped.

        Raises:
            NaiveTimeError: *now* has no time zone.
        """
        end = instant(now, "now")
        if self.stopped is not None:
            end = min(end, self.stopped)
        return sum(
            (c.elapsed(since, until or end) for c, since, until in self._counted(end)), _ZERO
        )

    def remaining(self, now: datetime) -> timedelta:
        """What the target leaves: negative, by how much business time, when overdue."""
        return self.target - self.elapsed(now)

    def state(self, now: datetime) -> State:
        """
        Where it stands at *now*, by what happened until then.

        Returns:
            ``"met"`` when it was stopped at or before it was due, else ``"met late"``;
            ``"breached"`` after it was due, even in a pause that began later; ``"paused"``;
            ``"warning"`` from `warns_at` on; ``"running"``.

        Raises:
            NaiveTimeError: *now* has no time zone.
        """
        at = instant(now, "now")
        due = self.due
        if self.stopped is not None and self.stopped <= at:
            return "met" if due is None or self.stopped <= due else "met late"
        if due is not None and at > due:
            return "breached"
        if any(pause.since <= at < (pause.until or LAST) for pause in self.pauses):
            return "paused"
        warns = self.warns_at
        return "warning" if warns is not None and warns <= at else "running"

    def next_wake(self, now: datetime) -> datetime | None:
        """
        The first instant after *now* at which `state` may be another one.

        What is due at 17:00 is in time at 17:00, so the breach is a microsecond later.
        """
        at = instant(now, "now")
        due = self.due
        turns = [self.stopped, self.warns_at, due and min(due, LAST - MICROSECOND) + MICROSECOND]
        turns += [turn for pause in self.pauses for turn in (pause.since, pause.until)]
        if self.stopped is not None:
            turns = [turn for turn in turns if turn is not None and turn <= self.stopped]
        return min((turn for turn in turns if turn is not None and turn > at), default=None)

    # -- what happens to it ------------------------------------------------------------------

    def pause(self, at: datetime, why: str) -> "Clock":
        """
        Paused from *at* on, until `resume`; pausing twice for the same reason is pausing once,
        from the earlier of the two instants.

        Raises:
            DefinitionError: *at* lies before the start, *why* is blank, or the clock was met.
            NaiveTimeError: *at* has no time zone.
        """
        self._still_runs("paused")
        new = Pause(at, None, why)
        same = [pause for pause in self.pauses if pause.until is None and pause.why == why]
        if any(pause.since <= new.since for pause in same):
            return self
        return attrs.evolve(self, pauses=(*(p for p in self.pauses if p not in same), new))

    def resume(self, at: datetime, why: str | None = None) -> "Clock":
        """
        Goes on from *at*, as far as the reason *why* was in its way; None for all reasons.

        Raises:
            DefinitionError: it is not paused for that, or *at* lies before the pause.
        """
        self._still_runs("resumed")
        ends = [p for p in self.pauses if p.until is None and why in (None, p.why)]
        if not ends:
            reasons = [show(pause.why) for pause in self.pauses if pause.until is None]
            raise DefinitionError(
                f"the clock is not paused for {show(why)}, but for {listing(reasons, 'and')}"
                if reasons
                else "the clock is not paused"
            )
        kept = [pause for pause in self.pauses if pause not in ends]
        return attrs.evolve(self, pauses=[*kept, *(attrs.evolve(p, until=at) for p in ends)])

    def meet(self, at: datetime) -> "Clock":
        """
        Stopped at *at*. If it was before, the earlier one holds: what is learnt late corrects.

        Raises:
            DefinitionError: *at* lies before the start.
        """
        done = instant(at, "at")
        return attrs.evolve(self, stopped=min(done, self.stopped or done))

    def retarget(
        self,
        at: datetime,
        *,
        target: timedelta | None = None,
        calendar: Calendar | None = None,
        how: How = "keep elapsed",
    ) -> "Clock":
        """
        Another target, another calendar, or both, while it runs.

        Args:
            at: When the change takes effect.
            target: The new target; a longer warning than that is cut to it.
            calendar: The new calendar.
            how: ``"keep elapsed"``: what has counted until *at* stays, the rest is counted by the
                new calendar; a clock that is overdue by then stays as it is, and none becomes due
                before *at*. ``"frozen"``: what was promised holds; the clock stays as it is.
                ``"recompute"``: as if the change had been there from the start.

        Raises:
            UnknownNameError: there is no such *how*.
            DefinitionError: there is neither target nor calendar, the clock was met, or *at* lies
                before the start or an earlier change.
        """
        if how not in HOWS:
            raise UnknownNameError("way to change a running clock", str(how), HOWS)
        if target is None and calendar is None:
            raise DefinitionError("say what to change: target=, calendar= or both")
        self._still_runs("changed")
        since = instant(at, "at")
        if since < self._lap_began:
            raise DefinitionError(
                f"a change at {show(since)} comes after the start and the change before it, "
                f"which was at {show(self._lap_began)}"
            )
        due = self.due
        if how == "frozen" or (how == "keep elapsed" and due is not None and since > due):
            return self
        return attrs.evolve(
            self,
            calendar=calendar or self.calendar,
            target=self.target if target is None else target,
            warn_before=_shortened(self.warn_before, target),
            earlier=(*self.earlier, Lap(self.calendar, since)) if how == "keep elapsed" else (),
        )

    @property
    def _lap_began(self) -> datetime:
        return self.earlier[-1].until if self.earlier else self.started

    def _still_runs(self, done: str) -> None:
        if self.stopped is not None:
            raise DefinitionError(
                f"a clock that was met at {show(self.stopped)} cannot be {done}; "
                "correct its parts with attrs.evolve"
            )

    # -- how it counts -----------------------------------------------------------------------

    def _when(self, wanted: timedelta) -> datetime | None:
        """The first instant at which *wanted* has elapsed, had it not been stopped."""
        if not wanted:
            return self.started
        for calendar, since, until in self._counted(None):
            if until is None:
                return calendar.due(since, wanted)
            counted = calendar.elapsed(since, until)
            if wanted <= counted:
                return calendar.due(since, wanted)
            wanted -= counted
        return None

    def _counted(self, end: datetime | None) -> Iterator[Stretch]:
        """The stretches up to *end* in which business time counts, each with its calendar."""
        since = self.started
        for calendar, until in (
            *((lap.calendar, lap.until) for lap in self.earlier),
            (self.calendar, end),
        ):
            last = _sooner(until, end)
            yield from ((calendar, a, b) for a, b in self._unpaused(since, last))
            since = until or since

    def _unpaused(
        self, since: datetime, until: datetime | None
    ) -> Iterator[tuple[datetime, datetime | None]]:
        """What the pauses leave of a time; its end is None if it has none."""
        for pause in self.pauses:
            if until is not None and pause.since >= until:
                break
            if since < pause.since:
                yield since, pause.since
            if pause.until is None:
                return
            since = max(since, pause.until)
        if until is None or since < until:
            yield since, until


def _sooner(a: datetime | None, b: datetime | None) -> datetime | None:
    """The first of two instants, where None never comes."""
    return min((at for at in (a, b) if at is not None), default=None)


def _shortened(warning: timedelta | None, target: timedelta | None) -> timedelta | None:
    """A warning that fits into the target."""
    return warning if warning is None or target is None else min(warning, target)
