"""
When an answer is another, found without a look at every boundary.

A span over which the answer can only be what it was is skipped; another one is halved, until no
boundary lies in its first half.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from ..criterion import Criterion
from ..errors import DefinitionError
from ..value import moment_text
from ..verdict import answered
from .course import Course
from .program import Deciding

MOST_LOOKS: Final = 10_000
"""So many instants are looked at, at most."""


_FEW: Final = 64
"""So many decisions are kept at hand."""


class TooManyLooks(DefinitionError):
    """More instants would have to be looked at than is sensible."""


def next_flip(decision: Deciding, until: datetime, of: Criterion | None) -> datetime | None:
    """
    The first instant after a decision, up to *until*, at which its answer is another.

    Args:
        decision: With which to compare.
        until: The last instant that is looked at.
        of: What is asked; None for the status.

    Raises:
        DefinitionError: it takes more than `MOST_LOOKS` looks.
    """
    lead, now = decision.lead, decision.as_of
    decided: dict[datetime, Deciding] = {now: decision}

    def at(moment: datetime) -> Deciding:
        found = decided.get(moment)
        if found is None:
            if len(decided) > _FEW:
                decided.clear()
            found = decided[moment] = decision.again(lead, moment)
        return found

    def asked(moment: datetime) -> Any:
        if of is None:
            return at(moment).status
        return answered(of.judge(at(moment).snapshot), of.describe)

    before = asked(now)
    course = Course(decision.qualification, lead, lambda moment: at(moment).snapshot)

    def stays(start: datetime, end: datetime) -> bool:
        found: frozenset[Any] = (
            course.statuses(start, end) if of is None else course.verdicts(of, start, end)
        )
        return found <= {before}

    def flipped(moment: datetime) -> bool:
        return bool(asked(moment) != before)

    def changes_at(moment: datetime) -> datetime | None:
        found: datetime | None = at(moment).next_change(of)
        return found

    try:
        return first_flip(now, until, flipped=flipped, changes_at=changes_at, stays=stays)
    except TooManyLooks:
        raise
    except Exception:  # of a part of the user's own, which need not be asked at all
        return first_flip(now, until, flipped=flipped, changes_at=changes_at)


def first_flip(
    start: datetime,
    end: datetime,
    *,
    flipped: Callable[[datetime], bool],
    changes_at: Callable[[datetime], datetime | None],
    stays: Callable[[datetime, datetime], bool] | None = None,
) -> datetime | None:
    """
    The first instant after *start*, up to *end*, at which an answer is another than at *start*.

    Args:
        start: When the answer is what it is.
        end: The last instant that is looked at.
        flipped: Whether it is another at an instant.
        changes_at: When it may change next after an instant; never late.
        stays: Whether it is the same throughout a span, both ends included; only if that is sure.
            By default there is a look at every instant at which it may change.

    Raises:
        DefinitionError: it takes more than `MOST_LOOKS` looks.
    """
    spans = [(start, end)]
    looks = 0
    while spans:
        since, until = spans.pop()
        # INVARIANT: up to `since`, the answer is what it was.
        if stays is not None and stays(since, until):
            continue
        at = changes_at(since)
        if at is None or at > end:
            return None
        if at > until:
            continue
        middle = since + (until - since) / 2
        if stays is not None and at < middle:
            spans += [(middle, until), (since, middle)]
            continue
        looks += 1
        if looks > MOST_LOOKS:
            raise TooManyLooks(
                f"more than {MOST_LOOKS:,} instants had to be looked at, and after "
                f"{moment_text(since)} there were more to come; ask for a shorter span, and let a "
                "criterion of your own that reads the clock say in changes_at when it may change"
            )
        if flipped(at):
            return at
        spans.append((at, until))
    return None
