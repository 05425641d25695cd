"""
What generated code calls: each does what the reference engine does, on plain values.

Verdicts are True, False and None here; instants are datetimes in UTC, ages spans of time.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from math import floor
from typing import Any, Final, cast

from ..criteria.aggregate import ActivityMeasure, thousandths
from ..criteria.label import Grade, Matrix
from ..criteria.selection import Matches
from ..criterion import Criterion
from ..decay import Decay
from ..lead import History, Lead, Override, Snapshot
from ..measure import LabelMeasure
from ..points import Triple, millipoints
from ..rules.activity import ActivityRule
from ..timeline import Activity
from ..value import EPOCH, LAST, Kind, is_blank, read_as
from ..verdict import Verdict, answered

FOREVER: Final = timedelta.max
"""The age of what never was; longer than any bound."""
LONG_AGO: Final = datetime.min.replace(tzinfo=EPOCH.tzinfo)
"""Before everything; what happened at that very instant is told apart by identity."""
AT_LAST: Final = LAST
PLAIN: Final[Mapping[Verdict, bool | None]] = {
    Verdict.YES: True,
    Verdict.NO: False,
    Verdict.UNKNOWN: None,
}
_MOST_KEPT: Final = 4_096
_LONGEST_KEPT: Final = 256
_GREATEST: Final = 10**12


# -- values ------------------------------------------------------------------------------------


def stored(lead: Lead, field: str, now: datetime) -> object:
    """Whatever stands in a dotted field, with its history where it has one."""
    return Snapshot(lead.attributes, now, lead).stored(field)


def read(value: object, kind: Kind, now: datetime) -> Any:
    """A stored value as *kind*; None for a blank and for another kind."""
    return read_as(kind, value.at(now) if isinstance(value, History) else value)


def known(value: object, now: datetime) -> bool:
    """Whether a stored value is none of the blanks."""
    return not is_blank(value.at(now) if isinstance(value, History) else value)


# -- activities --------------------------------------------------------------------------------


@lru_cache(maxsize=1_024)
def summing(field: str) -> Callable[[Activity], int | None]:
    """A property of an activity in thousandths; None where it is blank or no number."""

    def value(activity: Activity) -> int | None:
        found = activity.properties.get(field)
        kind = type(found)
        if (kind is int or kind is float) and -_GREATEST <= found <= _GREATEST:  # type: ignore[operator]
            return found * 1000 if kind is int else floor(found * 1000 + 0.5)  # type: ignore[operator]
        return thousandths(Snapshot(activity.properties, activity.at).read(field, "number"))

    return value


class Ladder:
    """
    What is left of some millipoints by whole days, each found once.

    Args:
        decay: How they fade.
        millis: How many there were on the first day.
    """

    def __init__(self, decay: Decay, millis: int) -> None:
        self.kept: dict[int, int] = {}
        self._decay = decay
        self._millis = millis
        self._through = -1

    def through(self, days: int) -> dict[int, int]:
        """What is left after each number of days up to *days*; 0 the day before the first."""
        if days > self._through:
            for each in range(self._through + 1, days + 1):
                if each not in self.kept:
                    self.left(each)
            self.kept[-1] = 0
            self._through = days
        return self.kept

    def left(self, days: int) -> int:
        """What is left after so many days, kept from then on; nothing of what is still to come."""
        if days < 0:
            return 0
        found = self.kept[days] = self._decay.left(self._millis, days)
        return found


@lru_cache(maxsize=4_096)
def ladder(decay: Decay, millis: int) -> Ladder:
    """The ladder of a decay; one for all models that fade so."""
    return Ladder(decay, millis)


def newest_left(times: list[datetime], most: int, now: datetime, ladder: Ladder) -> int:
    """What is left of so many of the newest; *times* in any order."""
    if len(times) > most:
        times.sort()
        times = times[-most:]
    return left_of(times, most, now, ladder)


def left_of(times: Sequence[datetime], most: int, now: datetime, ladder: Ladder) -> int:
    """What is left of so many of the newest, which are the last of *times*."""
    kept, total = ladder.kept, 0
    for at in times if len(times) <= most else times[-most:]:
        days = (now - at).days
        total += kept[days] if days in kept else ladder.left(days)
    return total


def over(
    measure: ActivityMeasure, matches: Matches | None, at: Snapshot
) -> tuple[Any, Any] | tuple[None, None]:
    """What a measure makes of the activities; Nones where it is not known."""
    found = None if matches is None else measure.over(matches, at)
    return (None, None) if found is None else found


def award(rule: ActivityRule, matches: Matches | None, at: Snapshot, decay: Decay | None) -> Triple:
    """What is left of the points that a rule gives for the activities."""
    counted = None if matches is None else rule.count(matches, at)
    return rule.award_for(counted, at, decay).left


def judge(criterion: Criterion, at: Snapshot) -> bool | None:
    """The answer of a criterion that is asked as it is."""
    return PLAIN[answered(criterion.judge(at), criterion.describe)]


# -- scores ------------------------------------------------------------------------------------


def outcome(rows: Sequence[tuple[bool | None, int]], best: bool) -> tuple[int, int, int]:
    """What the first or the best of several cases gives, at the least, for sure, at the most."""
    sure: list[int] = []
    possible: list[int] = []
    for answer, millis in rows:
        if answer:
            sure.append(millis)
            if not best:
                break
        elif answer is None:
            possible.append(millis)
    points = max(sure, default=0)
    if best and sure:
        return points, points, max(points, *possible) if possible else points
    return min(points, *possible, points), points, max(points, *possible, points)


def by_hand(given: Iterable[Override], called: frozenset[str], now: datetime) -> int:
    """The millipoints that people gave to a score and that count now."""
    counts = (o for o in given if o.score in called and o.holds(now))
    return sum(millipoints(override.points) for override in counts)


def at_least(n: int, answers: tuple[bool | None, ...]) -> bool | None:
    """Whether *n* or more hold."""
    yes, maybe = answers.count(True), answers.count(None)
    return True if yes >= n else False if yes + maybe < n else None


def exactly(n: int, answers: tuple[bool | None, ...]) -> bool | None:
    """Whether just *n* hold."""
    yes, maybe = answers.count(True), answers.count(None)
    if yes > n or yes + maybe < n:
        return False
    return None if maybe else True


def labelling(measure: LabelMeasure, labels: Iterable[str]) -> Callable[..., bool | None]:
    """Whether a grade, from its score's ends, or a matrix, from two scores' ends, is wanted."""
    wanted = frozenset(labels)

    def of_grade(low: float, high: float) -> bool | None:
        return _among(set(cast("Grade", measure).between(low, high)), wanted)

    def of_matrix(low: float, high: float, left: float, right: float) -> bool | None:
        matrix = cast("Matrix", measure)
        rows, columns = matrix.rows.between(low, high), matrix.columns.between(left, right)
        return _among({row + column for row in rows for column in columns}, wanted)

    return of_matrix if isinstance(measure, Matrix) else of_grade


def _among(found: set[str], wanted: frozenset[str]) -> bool | None:
    return True if found <= wanted else None if found & wanted else False


class Codes:
    """
    The code of each kind of activity; a kind that nobody asks about has a negative one.

    Args:
        known: The code of each kind that is asked about.
    """

    def __init__(self, known: Mapping[str, int]) -> None:
        self.kept = dict(known)

    def other(self, kind: str) -> int:
        """The code of a kind that is not kept."""
        if len(self.kept) < _MOST_KEPT:
            self.kept[kind] = -1
        return -1
