"""
Compliance: whether both teams did what they agreed on, over a period.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Final

import attrs

from ..agreement import Agreement
from ..calendar import Calendar
from ..errors import DefinitionError
from ..value import instant, moment_text
from .deadline import FIRST_TOUCH, NEXT_ATTEMPT, OFFER, OUTCOME, Deadline
from .event import written
from .feedback import Feedback
from .offer import Handoff
from .policy import HandoffPolicy

ASKED = (OFFER, FIRST_TOUCH, NEXT_ATTEMPT, OUTCOME)
"""The deadlines that a report counts."""

TAKEN: Final = "taken from the queue"
"""Who takes a lead was never asked: that is no offer answered in time."""

_FEWEST_FOR_NINETY: Final = 10


@attrs.frozen
class Kept:
    """How often a deadline was met, of those that were found out."""

    met: int
    of: int

    def __str__(self) -> str:
        if not self.of:
            return "none due"
        return f"{self.met:,} of {self.of:,} ({(200 * self.met + self.of) // (2 * self.of)} %)"


@attrs.frozen
class Spread:
    """
    The median of spans, None of none, and the one that 90 % do not exceed, None below ten.
    """

    median: timedelta | None
    ninety: timedelta | None

    def __str__(self) -> str:
        if self.median is None:
            return "none yet"
        ninety = "" if self.ninety is None else f", 90 % within {self.ninety}"
        return f"median {self.median}{ninety}"

    @classmethod
    def of(cls, spans: Iterable[timedelta | None]) -> "Spread":
        """The spread of spans, those left out that are not known; each is one that occurred."""
        known = sorted(span for span in spans if span is not None)
        enough = len(known) >= _FEWEST_FOR_NINETY
        return cls(_share_of(known, 50), _share_of(known, 90) if enough else None)


def _share_of(known: Sequence[timedelta], percent: int) -> timedelta | None:
    """The least span that at least *percent* of them do not exceed: the nearest rank."""
    return known[-(-len(known) * percent // 100) - 1] if known else None


@attrs.frozen(kw_only=True)
class Compliance:
    """
    What became of the handoffs of a period, as it was known at its end.

    ``handed`` is how many were opened. Of these, ``accepted`` is how many somebody took on,
    ``given_back`` how many sales ended with a reason, and ``unanswered`` how many ended when the
    attempts were used up. ``withdrawn`` names those that were taken back from sales, expired ones
    among them; ``untouched`` those accepted or withdrawn that ended before anybody had tried to
    reach the lead; ``waiting`` those that nobody had accepted yet, the longest for
    ``longest_wait``.

    ``kept`` says for each deadline how often it was met, of those that were met or missed, and
    ``kept_by_target`` the same for each promise of the policy. The spans are the time to assign
    (opened to accepted) and to act (accepted to first touch), on the wall and in working time,
    without what was paused. ``attempts_kept`` counts the handoffs whose every attempt came as
    agreed.

    ``fed_back`` says of how many that ended, withdrawn and unanswered ones too, sales said
    anything; ``without_feedback`` names the others. ``reviews_missed`` are days of the period on
    which a review was due and not held, and ``problems`` what the agreement lacks.
    """

    since: datetime
    until: datetime
    handed: int
    accepted: int
    given_back: int
    unanswered: int
    withdrawn: tuple[str, ...]
    untouched: tuple[str, ...]
    waiting: tuple[str, ...]
    longest_wait: timedelta | None
    kept: dict[str, Kept]
    kept_by_target: dict[str, dict[str, Kept]]
    assign: Spread
    assign_business: Spread
    act: Spread
    act_business: Spread
    attempts_kept: Kept
    fed_back: Kept
    without_feedback: tuple[str, ...]
    follow_up: str
    feedback_expected: tuple[str, ...]
    protocol: dict[str, str]
    review_due: date | None
    reviews_missed: tuple[date, ...]
    problems: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"from {moment_text(self.since)} to {moment_text(self.until)}"
        yield (
            f"handed off {self.handed:,}, accepted {self.accepted:,}, back {self.given_back:,}, "
            f"unanswered {self.unanswered:,}, withdrawn {len(self.withdrawn):,}"
        )
        longest = "" if self.longest_wait is None else f", the longest for {self.longest_wait}"
        yield f"still waiting: {len(self.waiting):,}{longest}"
        for name, kept in self.kept.items():
            yield f"{name} in time: {kept}"
        yield f"attempts as agreed: {self.attempts_kept}"
        yield f"time to assign: {self.assign}; in working time {self.assign_business}"
        yield f"time to act: {self.act}; in working time {self.act_business}"
        yield f"closed untouched: {len(self.untouched):,}"
        yield f"closed without feedback: {len(self.without_feedback):,}"
        yield from self._agreed()
        if self.review_due is not None:
            yield f"next review: {self.review_due}"
        yield from (f"review missed: {day}" for day in self.reviews_missed)
        yield from (f"the agreement: {problem}" for problem in self.problems)

    def _agreed(self) -> Iterator[str]:
        """Each promise beside what was measured of it; nobody reads what words promise."""
        for target, text in self.protocol.items():
            yield f"promised: {text}; kept: {_kept_text(self.kept_by_target[target])}"
        if self.follow_up:
            yield (
                f"agreed: {self.follow_up}; measured: first touch in time "
                f"{self.kept[FIRST_TOUCH]}, closed untouched {len(self.untouched):,}, attempts as "
                f"agreed {self.attempts_kept}"
            )
        told = f"sales said something of {self.fed_back}" if self.fed_back.of else "nothing ended"
        yield from (f"to be reported: {t}; measured: {told}" for t in self.feedback_expected)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data, for JSON; spans in seconds."""
        spreads = ("assign", "assign_business", "act", "act_business")
        return {
            "since": written(self.since),
            "until": written(self.until),
            "handed": self.handed,
            "accepted": self.accepted,
            "given_back": self.given_back,
            "unanswered": self.unanswered,
            "withdrawn": list(self.withdrawn),
            "untouched": list(self.untouched),
            "waiting": list(self.waiting),
            "longest_wait": None
            if self.longest_wait is None
            else self.longest_wait.total_seconds(),
            "kept": _plain(self.kept),
            "kept_by_target": {name: _plain(kept) for name, kept in self.kept_by_target.items()},
            "attempts_kept": attrs.asdict(self.attempts_kept),
            "fed_back": attrs.asdict(self.fed_back),
            **{name: _seconds(getattr(self, name)) for name in spreads},
            "without_feedback": list(self.without_feedback),
            "follow_up": self.follow_up,
            "feedback_expected": list(self.feedback_expected),
            "protocol": dict(self.protocol),
            "review_due": None if self.review_due is None else self.review_due.isoformat(),
            "reviews_missed": [day.isoformat() for day in self.reviews_missed],
            "problems": list(self.problems),
        }


def _kept_text(kept: Mapping[str, Kept]) -> str:
    return ", ".join(f"{name} {count}" for name, count in kept.items() if count.of) or "none due"


def _plain(kept: Mapping[str, Kept]) -> dict[str, dict[str, int]]:
    return {name: attrs.asdict(count) for name, count in kept.items()}


def _seconds(spread: Spread) -> dict[str, float | None]:
    ends = {"median": spread.median, "ninety": spread.ninety}
    return {name: None if end is None else end.total_seconds() for name, end in ends.items()}


def compliance(
    agreement: Agreement | None,
    handoffs: Iterable[Handoff],
    feedbacks: Iterable[Feedback],
    since: datetime,
    until: datetime,
    policy: HandoffPolicy,
) -> Compliance:
    """
    Whether a period's handoffs went as agreed.

    Everything is judged as of *until*: what happened later counts as open, and what had come due
    by then counts as missed, whether anybody had ticked or not.

    Args:
        agreement: What both teams signed; None for none.
        handoffs: Those opened from *since* to before *until* count; others may be among them.
        feedbacks: What `feedback_of` says of them.
        since: When the period starts. Aware.
        until: When it ends: also the day as of which the agreement is looked at. Aware.
        policy: The terms; a rep's own working time counts for what they did.

    Raises:
        DefinitionError: the period does not end after it starts.
        NaiveTimeError: an instant has no time zone.
    """
    start, end = instant(since, "since"), instant(until, "until")
    if end <= start:
        raise DefinitionError("a period ends after it starts")
    some = [
        _Seen(policy.tick(handoff, end).handoff, end, policy)
        for handoff in handoffs
        if handoff.opened_at is not None and start <= handoff.opened_at < end
    ]
    said = {(f.lead_id, f.episode) for f in feedbacks if f.by and f.at <= end}
    over = [seen for seen in some if seen.closed]
    silent = [seen for seen in over if (seen.handoff.lead_id, seen.handoff.episode) not in said]
    waits = [end - seen.opened_at for seen in some if seen.waiting]
    targets = {target.name: str(target) for target in policy.sla.targets}
    return Compliance(
        since=start,
        until=end,
        handed=len(some),
        accepted=sum(seen.accepted_at is not None for seen in some),
        given_back=sum(seen.given_back for seen in over),
        unanswered=sum(seen.unanswered for seen in over),
        withdrawn=_keys(seen for seen in over if seen.handoff.withdrawn),
        untouched=_keys(seen for seen in over if seen.untouched),
        waiting=_keys(seen for seen in some if seen.waiting),
        longest_wait=max(waits, default=None),
        kept=_kept(some),
        kept_by_target={
            name: _kept(seen for seen in some if seen.handoff.target == name) for name in targets
        },
        assign=Spread.of(seen.time_to_assign() for seen in some),
        assign_business=Spread.of(seen.time_to_assign(policy.sla.calendar) for seen in some),
        act=Spread.of(seen.time_to_act() for seen in some),
        act_business=Spread.of(seen.time_to_act(seen.calendar) for seen in some),
        attempts_kept=_attempts_kept(some),
        fed_back=Kept(len(over) - len(silent), len(over)),
        without_feedback=_keys(silent),
        follow_up="" if agreement is None else agreement.follow_up,
        feedback_expected=() if agreement is None else agreement.feedback,
        protocol=targets,
        review_due=None if agreement is None else agreement.review_due(end),
        reviews_missed=() if agreement is None else agreement.reviews_missed(start, end),
        problems=() if agreement is None else tuple(_problems(agreement, some, end)),
    )


@attrs.frozen(slots=False)
class _Seen:
    """A handoff as it was known at an instant: what is recorded of later is not looked at."""

    handoff: Handoff
    at: datetime
    policy: HandoffPolicy

    @property
    def opened_at(self) -> datetime:
        return self.handoff.opened_at or self.at

    @cached_property
    def accepted_at(self) -> datetime | None:
        return self._known(self.handoff.accepted_at)

    @cached_property
    def touched_at(self) -> datetime | None:
        return self._known(self.handoff.first_touch_at)

    @cached_property
    def closed(self) -> bool:
        return self._known(self.handoff.closed_at) is not None

    @property
    def waiting(self) -> bool:
        return not self.closed and self.accepted_at is None

    @property
    def untouched(self) -> bool:
        """Whether somebody was to touch it before it ended, as nobody has who is only asked."""
        due = self.handoff.withdrawn or self.accepted_at is not None
        return due and self.touched_at is None

    @property
    def unanswered(self) -> bool:
        return self.handoff.ending is not None and self.handoff.ending.automatic

    @property
    def given_back(self) -> bool:
        return bool(self.handoff.finding) and not self.unanswered

    @property
    def calendar(self) -> Calendar:
        """The working time of the rep who accepted first."""
        first = next((offer.to for offer in self.handoff.offers if offer.ended == "accepted"), "")
        return self.policy.calendar(first)

    def time_to_assign(self, calendar: Calendar | None = None) -> timedelta | None:
        return self._time(self.opened_at, self.accepted_at, calendar)

    def time_to_act(self, calendar: Calendar | None = None) -> timedelta | None:
        return self._time(self.accepted_at, self.touched_at, calendar)

    def in_time(self, name: str) -> list[bool]:
        """Of the deadlines of a name that were met or missed, which were met."""
        taken = {(o.to, o.at) for o in self.handoff.offers if name == OFFER and o.how == TAKEN}
        ends = (
            self._met(d)
            for d in self.handoff.deadlines
            if d.name == name and (d.owner, d.started) not in taken
        )
        return [met for met in ends if met is not None]

    def _met(self, deadline: Deadline) -> bool | None:
        ended_at = self._known(deadline.ended_at)
        if ended_at is not None and deadline.ended == "done":
            return ended_at <= deadline.due
        breached_at = deadline.breached_at
        return False if breached_at is not None and breached_at < self.at else None

    def _known(self, at: datetime | None) -> datetime | None:
        return None if at is None or at > self.at else at

    def _time(
        self, start: datetime | None, end: datetime | None, calendar: Calendar | None
    ) -> timedelta | None:
        """From start to end; in working time, what was paused is left out."""
        if start is None or end is None:
            return None
        end = max(start, end)  # Two clocks of two machines may disagree by a little.
        if calendar is None:
            return end - start
        spent = timedelta()
        for pause in sorted(self.handoff.pauses, key=lambda pause: pause.at):
            spent += calendar.elapsed(start, min(max(start, pause.at), end))
            start = min(max(start, pause.ended_at or end), end)
        return spent + calendar.elapsed(start, end)


def _keys(some: Iterable[_Seen]) -> tuple[str, ...]:
    return tuple(seen.handoff.key for seen in some)


def _kept(some: Iterable[_Seen]) -> dict[str, Kept]:
    handoffs = tuple(some)
    ends = {name: [met for seen in handoffs for met in seen.in_time(name)] for name in ASKED}
    return {name: Kept(sum(found), len(found)) for name, found in ends.items()}


def _attempts_kept(some: Iterable[_Seen]) -> Kept:
    """Of the handoffs with a cadence, those in which no attempt was late."""
    known = [all(found) for seen in some if (found := seen.in_time(NEXT_ATTEMPT))]
    return Kept(sum(known), len(known))


def _problems(agreement: Agreement, some: Iterable[_Seen], until: datetime) -> Iterator[str]:
    """What the agreement lacks for each definition that handed leads off, each thing once."""
    handoffs = (seen.handoff for seen in some)
    used = dict.fromkeys((h.definition, h.version, h.fingerprint) for h in handoffs)
    told = (
        problem
        for name, version, content in used
        for problem in agreement.problems(name, version, until, fingerprint=content)
    )
    yield from dict.fromkeys(told)
