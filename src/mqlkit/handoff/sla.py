"""
The SLA policy: by when sales answers an offer, touches a lead, tries again and says what came.

Hot leads get minutes and the rest get hours: the first target whose criterion a lead meets.
Spans are working time of the calendar.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

import attrs

from ..calendar import Calendar
from ..criterion import Criterion, criterion_or_none, judged
from ..errors import DefinitionError, Fault, KindError, UnknownNameError
from ..lead import Snapshot
from ..lifecycle.stage import flag, span, span_or_none, word
from ..value import show
from ..verdict import Verdict
from .deadline import ANSWER, FIRST_TOUCH, NEXT_ATTEMPT, OFFER, OUTCOME, Deadline
from .refusal import PolicyError, name_twice

MOST_TARGETS: Final = 100
_MOST_ATTEMPTS: Final = 1_000
_MOST_LEVELS: Final = 20


def _attempts(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise KindError(f"attempts are counted in whole numbers, not {show(value)}")
    if not 1 <= value <= _MOST_ATTEMPTS:
        raise DefinitionError(f"attempts are 1 to {_MOST_ATTEMPTS:,}, not {show(value)}")
    return value


def _escalate(values: object) -> tuple[str, ...]:
    if not isinstance(values, list | tuple):
        raise KindError(f"an escalation chain is a list of names, not {show(values)}")
    if len(values) > _MOST_LEVELS:
        raise DefinitionError(
            f"an escalation chain has at most {_MOST_LEVELS} levels, not {len(values):,}"
        )
    return tuple(map(word, values))


@attrs.frozen(kw_only=True)
class Target:
    """
    What is promised for one kind of lead. Every span is working time.

    Args:
        name: Of the kind.
        when: Which leads; scores can be asked for. None for all that are left, in the last one.
        offer: How long an offer stands before it lapses.
        first_touch: From acceptance to the first attempt to reach the lead.
        every: From one attempt to the next, until the lead was reached.
        attempts: How many at most. After the last one the lead has *every* to answer, then the
            handoff ends as unanswered. None for no limit; a limit wants *every*.
        outcome: From acceptance to an outcome or a reason.
        warn_before: How long before each due instant a warning is told.
        escalate: Whom a breach is told, level by level: each breach tells the next level, and a
            breach that is not made good tells a further one after each further such span. Where
            several breaches have used up the levels together, each is told the last one and no
            more. A lead that waits in the queue has no deadline: each look for a rep that is in
            vain tells the next level, the last one from then on; the first look does so only if
            somebody was asked before.
        reassign: A lead that its owner has still not touched when the last level has had that
            span, or at the breach where there are no levels, goes to somebody else.

    Raises:
        PolicyError: spans are not above zero, there is no time before a warning, or attempts are
            limited and there is no time for an answer to the last one.
        KindError: a part is of the wrong kind.

    >>> hour = timedelta(hours=1)
    >>> print(Target(name="rest", offer=2 * hour, first_touch=8 * hour, attempts=3, every=8 * hour))
    rest: an offer stands 2 h, first touch within 8 h, again every 8 h, 3 attempts at most
    """

    name: str = attrs.field(converter=word)
    when: Criterion | None = attrs.field(default=None, converter=criterion_or_none)
    offer: timedelta = attrs.field(converter=span)
    first_touch: timedelta = attrs.field(converter=span)
    every: timedelta | None = attrs.field(default=None, converter=span_or_none)
    attempts: int | None = attrs.field(default=None, converter=_attempts)
    outcome: timedelta | None = attrs.field(default=None, converter=span_or_none)
    warn_before: timedelta | None = attrs.field(default=None, converter=span_or_none)
    escalate: tuple[str, ...] = attrs.field(default=(), converter=_escalate)
    reassign: bool = attrs.field(default=False, converter=flag)

    def __attrs_post_init__(self) -> None:
        faults = [*self._faults()]
        if faults:
            raise PolicyError(faults, f"target {self.name!r}")

    def _faults(self) -> Iterator[Fault]:
        given = {name: length for name, length in self.spans.items() if length is not None}
        for name, length in given.items():
            if not length:
                wanted = f"wanted a span above zero for {_SPOKEN[name]}"
                yield Fault(_FIELDS[name], None, _span_text(length), wanted)
            elif self.warn_before is not None and self.warn_before >= length:
                wanted = f"wanted less than the {_span_text(length)} that {_SPOKEN[name]} takes"
                yield Fault("warn_before", None, _span_text(self.warn_before), wanted)
        if self.attempts is not None and self.every is None:
            yield Fault(
                "every",
                None,
                f"none, and {self.attempts:,} attempts at most",
                "wanted how long the lead has to answer the last one",
                "or leave attempts out",
            )

    @property
    def spans(self) -> Mapping[str, timedelta | None]:
        """The span of each deadline by its name."""
        return {
            OFFER: self.offer,
            FIRST_TOUCH: self.first_touch,
            NEXT_ATTEMPT: self.every,
            OUTCOME: self.outcome,
        }

    def deadline(
        self, name: str, owner: str, started: datetime, calendar: Calendar
    ) -> Deadline | None:
        """
        A deadline that starts, with its due and warning instants; None where there is no such.

        Args:
            name: Of the deadline.
            owner: Who has to.
            started: Since when it counts. Aware.
            calendar: Whose working time counts.
        """
        length = self.every if name == ANSWER else self.spans[name]
        if length is None:
            return None
        warn = self.warn_before if name != ANSWER else None
        return Deadline(
            name,
            owner,
            started,
            calendar.due(started, length),
            None if warn is None else calendar.due(started, length - warn),
        )

    def __str__(self) -> str:
        parts = [
            f"an offer stands {_span_text(self.offer)}",
            f"first touch within {_span_text(self.first_touch)}",
        ]
        if self.every is not None:
            parts.append(f"again every {_span_text(self.every)}")
        if self.attempts is not None:
            parts.append(f"{self.attempts} attempts at most")
        if self.outcome is not None:
            parts.append(f"an outcome within {_span_text(self.outcome)}")
        return f"{self.name}: {', '.join(parts)}"


_SPOKEN: Final = {
    OFFER: "an offer",
    FIRST_TOUCH: "the first touch",
    NEXT_ATTEMPT: "the next attempt",
    OUTCOME: "the outcome",
}


_FIELDS: Final = {
    OFFER: "offer",
    FIRST_TOUCH: "first_touch",
    NEXT_ATTEMPT: "every",
    OUTCOME: "outcome",
}
"""What says how long a deadline is."""


def _span_text(length: timedelta) -> str:
    """A span of working time in hours and minutes: a working day is no fixed number of them."""
    minutes, seconds = divmod(length.total_seconds(), 60)
    hours, minutes = divmod(int(minutes), 60)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{number:g} {unit}" for number, unit in parts if number) or "0 s"


def _targets(values: object) -> tuple[Target, ...]:
    if not isinstance(values, list | tuple):
        raise KindError(f"targets are a list of Target values, not {show(values)}")
    if len(values) > MOST_TARGETS:
        raise DefinitionError(f"there are at most {MOST_TARGETS} targets, not {len(values):,}")
    for value in values:
        if not isinstance(value, Target):
            raise KindError(f"targets are Target values, not {show(value)}")
    return tuple(values)


def _calendar(value: object) -> Calendar:
    if not isinstance(value, Calendar):
        raise KindError(f"an SLA policy counts on a Calendar, not {show(value)}")
    return value


_FOR_THE_REST: Final = "a target without a criterion, for all leads that are left"


@attrs.frozen
class SlaPolicy:
    """
    The targets of all leads.

    Args:
        targets: In order; a lead gets the first one whose criterion answers YES, and an unknown
            answer is no YES. The last one has no criterion.
        calendar: The working time that spans count in; its week has hours, so that it never
            ends. A rep who has such a calendar of their own is measured by that one.

    Raises:
        PolicyError: two targets share a name, not just the last one is without criterion, or the
            calendar ends.
        KindError: a part is of the wrong kind.

    >>> minute = timedelta(minutes=1)
    >>> rest = Target(name="rest", offer=60 * minute, first_touch=240 * minute)
    >>> SlaPolicy([rest], Calendar.always()).named("rest") == rest
    True
    """

    targets: tuple[Target, ...] = attrs.field(converter=_targets)
    calendar: Calendar = attrs.field(converter=_calendar)

    def __attrs_post_init__(self) -> None:
        faults = [*self._faults()]
        if faults:
            raise PolicyError(faults, "the SLA policy")

    def _faults(self) -> Iterator[Fault]:
        yield from name_twice("targets", [target.name for target in self.targets])
        if not self.targets:
            yield Fault("targets", None, "none", f"wanted at least {_FOR_THE_REST}")
        for place, target in enumerate(self.targets):
            last = place == len(self.targets) - 1
            path = f"targets[{place}].when"
            if last and target.when is not None:
                found = f"a criterion of the last target, {target.name!r}"
                yield Fault(path, None, found, f"wanted one more behind it: {_FOR_THE_REST}")
            elif not last and target.when is None:
                wanted = "wanted a criterion, since no lead gets past this one"
                yield Fault(path, None, f"none for {target.name!r}", wanted, "or put it last")
        if not self.calendar.week:
            yield Fault(
                "calendar.week",
                None,
                "no hours",
                "wanted some, so that what is due later than all single dates can be told",
            )

    def target(self, lead: Snapshot) -> Target:
        """The target of a lead: the first whose criterion answers YES."""
        *some, last = self.targets
        asked = ((target, target.when) for target in some)
        return next(
            (t for t, when in asked if when is not None and judged(when, lead) is Verdict.YES),
            last,
        )

    def named(self, name: str) -> Target:
        """
        The target called *name*.

        Raises:
            UnknownNameError: there is none.
        """
        for target in self.targets:
            if target.name == name:
                return target
        raise UnknownNameError("target", name, [target.name for target in self.targets])
