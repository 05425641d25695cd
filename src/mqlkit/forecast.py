"""
A forecast: the decisions to come about one lead if nothing new is learned.

It walks from one `changes_at` to the next, so it has every step of every score and every flip of
the status at its exact instant, and nothing in between was left out.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final, Generic, Protocol, TypeVar, cast, overload

import attrs

from .criteria.label import Score
from .criterion import Criterion
from .definition import Definition
from .errors import DefinitionError, UnknownNameError
from .explanation import Reason
from .lead import Lead
from .measure import Between, Comparison
from .points import TOTAL, plain_points
from .scorecard import ScoreResult, range_text
from .staircase import Bound, Mark, Staircase, Step
from .status import Status
from .value import Scalar, instant, moment_text, show

MOST_INSTANTS: Final = 10_000
"""A forecast looks at no more."""
TOO_EARLY: Final = "until must be at or after as_of"
_LOOKS: Final = {
    Status.QUALIFIED: 0,
    Status.NOT_QUALIFIED: 1,
    Status.NEEDS_DATA: 2,
    Status.DISQUALIFIED: 3,
}
"""Each status looks the same in every drawing."""
_MOST_TOLD: Final = 12
"""An explanation tells no more flips, and no more steps of a score; the figure shows them all."""


class Decided(Protocol):
    """What a forecast needs of a decision."""

    @property
    def qualification(self) -> Definition: ...
    @property
    def lead(self) -> Lead: ...
    @property
    def as_of(self) -> datetime: ...
    @property
    def status(self) -> Status: ...
    @property
    def reasons(self) -> tuple[str, ...]: ...
    @property
    def scores(self) -> Mapping[str, ScoreResult]: ...
    @property
    def outcome(self) -> tuple[object, ...]: ...
    @property
    def changes_at(self) -> datetime | None: ...


D = TypeVar("D")
"""`Decided` in truth: type checkers do not take a cached property for one of a protocol."""


def _read(decision: object) -> Decided:
    return cast(Decided, decision)


@attrs.frozen
class Flip(Generic[D]):
    """
    A decision whose status is another than before.

    Args:
        before: The status up to then; one microsecond earlier it still holds.
        decision: The first decision with the new status.
    """

    before: Status
    decision: D

    @property
    def at(self) -> datetime:
        """When the status flips, in UTC."""
        return _read(self.decision).as_of

    @property
    def status(self) -> Status:
        """The status from then on."""
        return _read(self.decision).status

    @property
    def reasons(self) -> tuple[str, ...]:
        """In short why."""
        return _read(self.decision).reasons

    def __str__(self) -> str:
        why = "; ".join(self.reasons)
        head = f"{moment_text(self.at)}  {_word(self.status)}, no longer {_word(self.before)}"
        return f"{head}: {why}" if why else head


@attrs.frozen(eq=False)
class Forecast(Sequence[D]):
    """
    The decisions to come, as a sequence: the first, then each whose answer differs from before.

    Args:
        decisions: By time, at least one.
        until: The last instant that was looked at. In UTC.
    """

    decisions: tuple[D, ...] = attrs.field(repr=lambda found: f"<{len(found)} decisions>")
    until: datetime

    @classmethod
    def of(cls, first: D, decide: Callable[[datetime], D], *, until: datetime) -> "Forecast[D]":
        """
        Walk from boundary to boundary.

        Args:
            first: The decision to begin with.
            decide: Answers the decision about the same lead as of a later instant.
            until: The last instant to look at, included. Aware.

        Raises:
            NaiveTimeError: *until* has no time zone.
            DefinitionError: *until* lies before the first decision, or there are more than
                10,000 instants to look at.
        """
        end = instant(until, "until")
        if end < _read(first).as_of:
            raise DefinitionError(TOO_EARLY)
        decision, found = first, [first]
        for _ in range(MOST_INSTANTS):
            at = _read(decision).changes_at
            if at is None or at > end:
                return cls(tuple(found), end)
            decision = decide(at)
            if _read(decision).outcome != _read(found[-1]).outcome:
                found.append(decision)
        raise DefinitionError(
            f"a forecast looks at {MOST_INSTANTS:,} instants at most, and at "
            f"{moment_text(_read(decision).as_of)} there were more to come; ask for a shorter one, "
            "and let a criterion of your own that reads the clock say in changes_at when it may "
            "change"
        )

    # -- as a sequence -------------------------------------------------------------------------

    @overload
    def __getitem__(self, index: int) -> D: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[D, ...]: ...
    def __getitem__(self, index: int | slice) -> D | tuple[D, ...]:
        return self.decisions[index]

    def __len__(self) -> int:
        return len(self.decisions)

    # -- what is to come -----------------------------------------------------------------------

    @property
    def flips(self) -> tuple[Flip[D], ...]:
        """The decisions at which the status is another than before, with what it was."""
        statuses = [_read(decision).status for decision in self.decisions]
        return tuple(
            Flip(before, decision)
            for before, decision in zip(statuses, self.decisions[1:], strict=False)
            if before is not _read(decision).status
        )

    def staircase(self, name: str = TOTAL) -> tuple[Step, ...]:
        """
        A score over time: what it is at first, and a step wherever it changes.

        Args:
            name: A group's or a card's name; ``"total"`` is that of the only card.

        Raises:
            UnknownNameError: there is no such score.
        """
        if name not in self._definition.score_names:
            raise UnknownNameError("score", name, self._definition.score_names)
        decisions = map(_read, self.decisions)
        steps = [Step(d.as_of, d.scores[name].millis) for d in decisions]
        later = (b for a, b in pairwise(steps) if a.millis != b.millis)
        return (steps[0], *later)

    @property
    def _first(self) -> Decided:
        return _read(self.decisions[0])

    @property
    def _definition(self) -> Definition:
        return self._first.qualification

    # -- for a reader --------------------------------------------------------------------------

    def __str__(self) -> str:
        flips = self.flips
        told = [_word(self._first.status)]
        told += [f"until {moment_text(f.at)}, then {_word(f.status)}" for f in flips[:3]]
        if len(flips) > 3:
            return f"{' '.join(told)}, {_more(len(flips) - 3, 'flip')}"
        return f"{' '.join(told)} at least until {moment_text(self.until)}"

    def _repr_html_(self) -> str:
        return self.explain()._repr_html_()  # pyright: ignore[reportPrivateUsage]

    def explain(self) -> Reason:
        """
        What is to come as a tree, with a drawing of each score in its HTML.

        It has the total of each card and every other score that the definition compares.
        """
        flips = _told([str(flip) for flip in self.flips], "flip")
        scores = [self._score_section(name) for name in _shown(self._definition)]
        alone = None if scores else self._figure(None)
        return Reason(f"if nothing new is learned: {self}", parts=(*flips, *scores), figure=alone)

    def _score_section(self, name: str) -> Reason:
        steps = self.staircase(name)
        told = [f"{moment_text(step.at)}  {range_text(step.millis)}" for step in steps]
        return Reason(_title(name), parts=_told(told, "step"), figure=self._figure(name))

    def to_svg(self, score: str | None = None) -> str:
        """
        A score over time as a drawing (SVG): its range, its bounds, and where the status flips.

        Args:
            score: A group's or a card's name, or ``"total"``. By default the first card's total;
                where there is no card, the status alone is drawn.

        Raises:
            UnknownNameError: there is no such score.
        """
        return self._figure(score or next(iter(_shown(self._definition)), None)).to_svg()

    def _figure(self, name: str | None) -> Staircase:
        first = self._first
        flips = (_mark(flip.at, flip.status) for flip in self.flips)
        steps = () if name is None else self.staircase(name)
        points = "" if name is None else f"; {_course(steps)}"
        return Staircase(
            title=f"{first.lead.id}: {'status' if name is None else _title(name)}",
            told=f"{self}{points}",
            start=first.as_of,
            until=self.until,
            steps=steps,
            bounds=() if name is None else tuple(_bounds(self._definition, name)),
            marks=(_mark(first.as_of, first.status), *flips),
        )

    def to_dict(self) -> dict[str, Any]:
        """The forecast as plain data, for JSON: numbers exact to a thousandth."""
        first = self._first
        return {
            "lead": first.lead.id,
            "as_of": first.as_of.isoformat(),
            "until": self.until.isoformat(),
            "status": str(first.status),
            "flips": [
                {
                    "at": flip.at.isoformat(),
                    "before": str(flip.before),
                    "status": str(flip.status),
                    "reasons": list(flip.reasons),
                }
                for flip in self.flips
            ],
            "scores": {
                name: [
                    {
                        "at": step.at.isoformat(),
                        **{k: plain_points(v) for k, v in step.millis._asdict().items()},
                    }
                    for step in self.staircase(name)
                ]
                for name in self._definition.score_names
            },
        }


def _word(status: Status) -> str:
    return str(status).upper()


def _mark(at: datetime, status: Status) -> Mark:
    return Mark(at, _word(status), _LOOKS[status])


def _title(name: str) -> str:
    return "score" if name == TOTAL else f"score {name}"


def _told(lines: Sequence[str], what: str) -> tuple[Reason, ...]:
    """A reason a line; of many lines the first, and how many more there are."""
    more = len(lines) - _MOST_TOLD
    told = [*lines[:_MOST_TOLD], *([_more(more, what)] if more > 0 else [])]
    return tuple(map(Reason, told))


def _more(count: int, what: str) -> str:
    return f"and {count:,} more {what}{'s' if count > 1 else ''}"


def _course(steps: Sequence[Step]) -> str:
    """The steps of a score in a few words."""
    told = [f"{range_text(step.millis)} points" for step in (steps[0], steps[-1])]
    if len(steps) == 1:
        return told[0]
    return f"from {told[0]} to {told[1]} in {len(steps) - 1:,} step{'s' if len(steps) > 2 else ''}"


# -- what the definition compares --------------------------------------------------------------


def _deciding(definition: Definition) -> Iterator[Criterion]:
    """All that the formulas of the status are made of."""
    for formulas in ((definition.when,), definition.at_once.values(), definition.never.values()):
        for asking in formulas:
            yield from asking.walk()


def _compared(definition: Definition) -> Iterator[tuple[Score, str, Scalar]]:
    """Each score that a formula of the status compares, with how and with what."""
    for part in _deciding(definition):
        match part:
            case Comparison(measure=Score() as score, bound=bound):
                yield score, part.relation, bound
            case Between(measure=Score() as score, bounds=(low, high)):
                yield score, "is at least", low
                yield score, "is at most", high
            case _:
                pass


def _bounds(definition: Definition, name: str) -> Iterator[Bound]:
    """What a score is compared with, under whichever of its names."""
    scored = definition.score_names
    for score, relation, bound in dict.fromkeys(_compared(definition)):
        if scored[score.score] is scored[name]:
            words = f"{relation.removeprefix('is ')} {show(bound)}"
            yield Bound(Fraction(score.units(bound)), words)


def _shown(definition: Definition) -> tuple[str, ...]:
    """The total of each card and every other score that is compared, each once."""
    names = [card.score_name for card in definition.cards]
    names += [score.score for score, _, _ in _compared(definition)]
    found: dict[int, str] = {}
    for name in names:  # an only card has two names for one score
        found.setdefault(id(definition.score_names[name]), name)
    return tuple(found.values())
