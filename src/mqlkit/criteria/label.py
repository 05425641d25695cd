"""
Measures that come from elsewhere in a decision: a score, its letter, the matrix, the stage.

A letter stands for a band of a score, and the matrix joins two, as in ``A1``: so a definition of
"qualified" may ask for them like for anything else.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import attrs

from ..criterion import earliest
from ..errors import DefinitionError, KindError
from ..lead import Snapshot
from ..measure import LabelMeasure, Measure, Range
from ..points import TOTAL
from ..registry import register
from ..value import Kind, Table, exact, literal, show


@register("score", main="score")
@attrs.frozen(cache_hash=True, order=False)
class Score(Measure):
    """
    A score, in points.

    Args:
        score: The name of a group or of a card; ``"total"`` is that of the only card.
    """

    scale = 1000

    score: str = attrs.field(default=TOTAL, validator=attrs.validators.instance_of(str))

    def range(self, lead: Snapshot, kind: Kind = "number") -> Range | None:
        return Range(*lead.score(self.score).range)

    def describe(self) -> str:
        return f"the score {self.score}" if self.score != TOTAL else "the score"

    def changes_at(self, lead: Snapshot, bounds: Iterable[Any] = ()) -> datetime | None:
        return score_changes(self.score, lead)


def score_changes(name: str, lead: Snapshot) -> datetime | None:
    """The next instant at which a score may change with no new data."""
    return None if lead.scores is None else lead.scores.changes_at(name)


def _letters(value: object) -> Table[int | float]:
    if not isinstance(value, Mapping) or not value:
        raise KindError("letters are a table: each letter with the least score it needs")
    letters: dict[str, int | float] = {}
    for letter, least in value.items():
        if isinstance(least, bool) or not isinstance(least, int | float):
            raise KindError(
                f"the least score of {show(letter)} must be a number, not {show(least)}"
            )
        letters[str(literal(letter))] = literal(least)  # type: ignore[assignment]
    if len(set(letters.values())) < len(letters):
        raise DefinitionError("two letters need the same score; give each its own")
    return Table(letters)


def _letter(value: object) -> str:
    return str(literal(value))


@register("grade", main="score")
@attrs.frozen(cache_hash=True)
class Grade(LabelMeasure):
    """
    The letter of a score.

    Args:
        score: Whose letter: the name of a group or of a card, ``"total"`` for the only card's.
        letters: Each letter with the least score, in points, that it needs.
        lowest: The letter of every lower score.

    >>> grade("fit", {"A": 60, "B": 40, "C": 20}, lowest="D").known_labels()
    ('A', 'B', 'C', 'D')
    """

    score: str = attrs.field(validator=attrs.validators.instance_of(str))
    letters: Table[int | float] = attrs.field(converter=_letters)
    lowest: str = attrs.field(converter=_letter)

    def __attrs_post_init__(self) -> None:
        if self.lowest in self.letters:
            raise DefinitionError(f"the lowest letter {self.lowest!r} needs no score")

    def known_labels(self) -> tuple[str, ...]:
        return (*self._best_first(), self.lowest)

    def _best_first(self) -> list[str]:
        return sorted(self.letters, key=lambda letter: -self.letters[letter])

    def labels(self, lead: Snapshot) -> frozenset[str]:
        return frozenset(self.between(*lead.score(self.score).range))

    def between(self, low: float, high: float) -> tuple[str, ...]:
        """The letters of a score from *low* to *high* millipoints, best first."""
        best, worst = self._place(high), self._place(low)
        return self.known_labels()[best : worst + 1]

    def _place(self, millipoints: float) -> int:
        """Which letter, counted from the best."""
        letters = self._best_first()
        fits = (i for i, x in enumerate(letters) if millipoints >= exact(self.letters[x]) * 1000)
        return next(fits, len(letters))

    def describe(self) -> str:
        return f"the {self.score} grade" if self.score != TOTAL else "the grade"

    def changes_at(self, lead: Snapshot) -> datetime | None:
        return score_changes(self.score, lead)


@register("matrix", main="rows")
@attrs.frozen(cache_hash=True)
class Matrix(LabelMeasure):
    """
    Two grades together, such as fit ``A`` and engagement ``1`` in ``A1``.

    Args:
        rows: The grade that comes first.
        columns: The grade that comes second.
    """

    rows: Grade = attrs.field(validator=attrs.validators.instance_of(Grade))
    columns: Grade = attrs.field(validator=attrs.validators.instance_of(Grade))

    def known_labels(self) -> tuple[str, ...]:
        return tuple(
            row + column
            for row in self.rows.known_labels()
            for column in self.columns.known_labels()
        )

    def labels(self, lead: Snapshot) -> frozenset[str]:
        columns = self.columns.labels(lead)
        return frozenset(row + column for row in self.rows.labels(lead) for column in columns)

    def describe(self) -> str:
        return f"{self.rows.describe()} with {self.columns.describe()}"

    def changes_at(self, lead: Snapshot) -> datetime | None:
        return earliest([self.rows.changes_at(lead), self.columns.changes_at(lead)])


@register("stage", main=None)
@attrs.frozen(cache_hash=True)
class Stage(LabelMeasure):
    """Where the lead stands in its lifecycle; compared letter by letter."""

    def labels(self, lead: Snapshot) -> frozenset[str] | None:
        stage = lead.stage()
        return None if stage is None else frozenset({stage})

    def describe(self) -> str:
        return "the stage"


def score(name: str = TOTAL) -> Score:
    """
    A score as a measure, in points: ``score("fit") >= 30``.

    Args:
        name: A group's or a card's name; ``"total"`` is that of the only card.
    """
    return Score(name)


def grade(score: str, letters: Mapping[str, int | float], *, lowest: str) -> Grade:
    """The letter of a score: each letter with the least score it needs, and the lowest letter."""
    return Grade(score, letters, lowest)


def matrix(rows: Grade, columns: Grade) -> Matrix:
    """Two grades as one label, such as ``A1``."""
    return Matrix(rows, columns)


def stage() -> Stage:
    """Where the lead stands in its lifecycle, as a measure: ``stage().equals("recycled")``."""
    return Stage()
