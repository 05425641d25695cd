"""
Compliance: whether both teams did what they agreed on, over a period.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import attrs

from ..agreement import Agreement
from ..calendar import Calendar
from ..errors import DefinitionError
from ..value import instant, moment_text
from .deadline import FIRST_TOUCH, NEXT_ATTEMPT, OFFER, OUTCOME
from .event import written
from .feedback import Feedback
from .offer import Handoff
from .policy import HandoffPolicy

ASKED = (OFFER, FIRST_TOUCH, NEXT_ATTEMPT, OUTCOME)
"""The deadlines that a report counts."""


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
    """The median of spans and the one that 90 % do not exceed; None of none."""

    median: timedelta | None
    ninety: timedelta | None

    def __str__(self) -> str:
        if self.median is None:
            return "none yet"
        return f"median {self.median}, 90 % within {self.ninety}"

    @classmethod
    def of(cls, spans: Iterable[timedelta | None]) -> "Spread":
        """The spread of spans, those left out that are not known; each is one that occurred."""
        known = sorted(span for span in spans if span is not None)
        return cls(_share_of(known, 50), _share_of(known, 90))


def _share_of(known: Sequence[timedelta], percent: int) -> timedelta | None:
    """The least span that at least *percent* of them do not exceed: the nearest rank."""
    return known[-(-len(known) * percent // 100) - 1] if known else None


@attrs.frozen(kw_only=True)
class Compliance:
    """
    What became of the handoffs of a period.

    ``handed`` is how many were opened, ``accepted`` how many of them somebody took on. ``kept``
    says for each deadline how often it was met, of those that were met or missed. The spans are
    the time to assign (opened to accepted) and to act (accepted to first touch), on the wall and
    in working time. ``attempts_kept`` counts the handoffs whose every attempt came as agreed.
    ``without_feedback`` are the leads that were closed, and of which sales said nothing.
    ``reviews_missed`` are days of the period on which a review was due and not held, and
    ``problems`` what the agreement lacks.
    """

    since: datetime
    until: datetime
    handed: int
    accepted: int
    kept: dict[str, Kept]
    assign: Spread
    assign_business: Spread
    act: Spread
    act_business: Spread
    attempts_kept: Kept
    given_back: int
    without_feedback: tuple[str, ...]
    follow_up: str
    feedback_expected: tuple[str, ...]
    protocol: tuple[str, ...]
    review_due: date | None
    reviews_missed: tuple[date, ...]
    problems: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"from {moment_text(self.since)} to {moment_text(self.until)}"
        yield f"handed off {self.handed:,}, accepted {self.accepted:,}, back {self.given_back:,}"
        for name, kept in self.kept.items():
            yield f"{name} in time: {kept}"
        yield f"attempts as agreed: {self.attempts_kept}"
        yield f"time to assign: {self.assign}; in working time {self.assign_business}"
        yield f"time to act: {self.act}; in working time {self.act_business}"
        yield f"closed without feedback: {len(self.without_feedback):,}"
        if self.follow_up:
            yield f"agreed: {self.follow_up}"
        yield from (f"to be reported: {text}" for text in self.feedback_expected)
        yield from (f"promised: {line}" for line in self.protocol)
        if self.review_due is not None:
            yield f"next review: {self.review_due}"
        yield from (f"review missed: {day}" for day in self.reviews_missed)
        yield from (f"the agreement: {problem}" for problem in self.problems)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data, for JSON; spans in seconds."""
        spreads = ("assign", "assign_business", "act", "act_business")
        return {
            "since": written(self.since),
            "until": written(self.until),
            "handed": self.handed,
            "accepted": self.accepted,
            "given_back": self.given_back,
            "kept": {name: attrs.asdict(kept) for name, kept in self.kept.items()},
            "attempts_kept": attrs.asdict(self.attempts_kept),
            **{name: _seconds(getattr(self, name)) for name in spreads},
            "without_feedback": list(self.without_feedback),
            "follow_up": self.follow_up,
            "feedback_expected": list(self.feedback_expected),
            "protocol": list(self.protocol),
            "review_due": None if self.review_due is None else self.review_due.isoformat(),
            "reviews_missed": [day.isoformat() for day in self.reviews_missed],
            "problems": list(self.problems),
        }


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

    Args:
        agreement: What both teams signed; None for none.
        handoffs: Those opened from *since* to before *until* count; others may be among them.
        feedbacks: What sales said.
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
    some = [h for h in handoffs if h.opened_at is not None and start <= h.opened_at < end]
    said = {(feedback.lead_id, feedback.episode) for feedback in feedbacks}

    def spread(
        ask: Callable[[Handoff, Calendar | None], timedelta | None], business: bool
    ) -> Spread:
        return Spread.of(ask(h, _calendar(h, policy) if business else None) for h in some)

    return Compliance(
        since=start,
        until=end,
        handed=len(some),
        accepted=sum(h.accepted_at is not None for h in some),
        kept={name: _kept(some, name) for name in ASKED},
        assign=spread(Handoff.time_to_assign, False),
        assign_business=Spread.of(h.time_to_assign(policy.sla.calendar) for h in some),
        act=spread(Handoff.time_to_act, False),
        act_business=spread(Handoff.time_to_act, True),
        attempts_kept=_attempts_kept(some),
        given_back=sum(bool(h.finding) for h in some),
        without_feedback=tuple(
            h.key
            for h in some
            if h.state == "closed" and not h.withdrawn and (h.lead_id, h.episode) not in said
        ),
        follow_up="" if agreement is None else agreement.follow_up,
        feedback_expected=() if agreement is None else agreement.feedback,
        protocol=tuple(map(str, policy.sla.targets)),
        review_due=None if agreement is None else agreement.review_due(end),
        reviews_missed=() if agreement is None else agreement.reviews_missed(start, end),
        problems=() if agreement is None else tuple(_problems(agreement, some, end)),
    )


def _calendar(handoff: Handoff, policy: HandoffPolicy) -> Calendar:
    """The working time of the rep who accepted first."""
    first = next((offer.to for offer in handoff.offers if offer.ended == "accepted"), "")
    return policy.calendar(first)


def _kept(handoffs: Iterable[Handoff], name: str) -> Kept:
    ends = [d.in_time for h in handoffs for d in h.deadlines if d.name == name]
    known = [end for end in ends if end is not None]
    return Kept(sum(known), len(known))


def _attempts_kept(handoffs: Iterable[Handoff]) -> Kept:
    """Of the handoffs with a cadence, those in which no attempt was late."""
    found = [[d.in_time for d in h.deadlines if d.name == NEXT_ATTEMPT] for h in handoffs]
    known = [False not in ends for ends in found if any(end is not None for end in ends)]
    return Kept(sum(known), len(known))


def _problems(agreement: Agreement, handoffs: Iterable[Handoff], until: datetime) -> Iterator[str]:
    """What the agreement lacks for each definition that handed leads off, each thing once."""
    used = dict.fromkeys((h.definition, h.version, h.fingerprint) for h in handoffs)
    told = (
        problem
        for name, version, content in used
        for problem in agreement.problems(name, version, until, fingerprint=content)
    )
    yield from dict.fromkeys(told)
