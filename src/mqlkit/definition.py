"""
What is agreed on: the formulas of a qualification, its cards, labels and letters.

It stands apart from the score: it may ask for scores, grades, gates and lists.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final, Literal, TypeAlias

import attrs

from .criterion import Criterion, criterion
from .errors import DefinitionError, KindError, UnknownNameError
from .fingerprint import fingerprint
from .measure import LabelMeasure
from .rules.base import rule_name
from .scorecard import Scorecard, Scored, asked_scores, open_lines_show, score_names, scores_of
from .value import Table, show

ENGINE: Final = "_engine"
"""Under this name a definition keeps its compiled engine."""
OUTLOOK: Final = "_outlook"
"""Under this name the engine keeps what looks ahead for the whole decision."""

Unknowns: TypeAlias = Literal["ask", "no"]


@attrs.frozen(cache_hash=True)
class Label:
    """
    A named kind of qualified lead.

    Args:
        when: Whether a lead is of that kind.
        play: What to do next with one, in words.
    """

    when: Criterion = attrs.field(converter=criterion)
    play: str = ""


def _criteria(values: object) -> Table[Criterion]:
    return Table({rule_name(name): criterion(c) for name, c in _by_name(values).items()})


def _labels(values: object) -> Table[Label]:
    return Table(
        {
            rule_name(name): label if isinstance(label, Label) else Label(label)
            for name, label in _by_name(values).items()
        }
    )


def _grades(values: object) -> Table[LabelMeasure]:
    for name, measure in _by_name(values).items():
        rule_name(name)
        if not isinstance(measure, LabelMeasure):
            raise KindError(f"{name!r} must be a grade or a matrix, not {show(measure)}")
    return Table(values)  # type: ignore[arg-type]


def _by_name(values: object) -> Mapping[str, object]:
    if not isinstance(values, Mapping):
        raise KindError(f"wanted a table by name, not {show(values)}")
    return values


def _cards(value: object) -> tuple[Scorecard, ...]:
    cards = (value,) if isinstance(value, Scorecard) else value
    if cards is None:
        return ()
    if not isinstance(cards, Iterable):
        raise KindError(f"wanted a Scorecard, not {show(cards)}")
    cards = tuple(cards)
    for card in cards:
        if not isinstance(card, Scorecard):
            raise KindError(f"wanted a Scorecard, not {show(card)}")
    return cards


def _unknowns(value: object) -> Unknowns:
    if value not in ("ask", "no"):
        raise DefinitionError(f"unknowns are 'ask' or 'no', not {show(value)}")
    return value


@attrs.frozen(slots=False)
class Definition:
    """
    Who is a qualified lead, as written down; `Qualification` decides by it.
    """

    name: str = attrs.field(converter=rule_name)
    version: str = attrs.field(converter=rule_name, kw_only=True)
    when: Criterion = attrs.field(converter=criterion, kw_only=True)
    cards: tuple[Scorecard, ...] = attrs.field(
        default=(), converter=_cards, kw_only=True, alias="card"
    )
    never: Table[Criterion] = attrs.field(
        factory=Table[Criterion], converter=_criteria, kw_only=True
    )
    at_once: Table[Criterion] = attrs.field(
        factory=Table[Criterion], converter=_criteria, kw_only=True
    )
    labels: Table[Label] = attrs.field(factory=Table[Label], converter=_labels, kw_only=True)
    grades: Table[LabelMeasure] = attrs.field(
        factory=Table[LabelMeasure], converter=_grades, kw_only=True
    )
    unknowns: Unknowns = attrs.field(default="ask", converter=_unknowns, kw_only=True)

    def __attrs_post_init__(self) -> None:
        names = self.score_names  # Found now, so that a circle among them is refused now.
        for where, asked in self._asked():
            for name in asked:
                if name not in names:
                    error = UnknownNameError("score", name, names)
                    error.add_note(f"in {where}")
                    raise error

    def _asked(self) -> Iterator[tuple[str, Iterator[str]]]:
        """The scores that are asked for, with where."""
        for where, asking in self.formulas():
            yield where, asked_scores(asking)
        for name, measure in self.grades.items():
            yield f"grade {name!r}", scores_of(measure)

    def __getstate__(self) -> dict[str, object]:
        """What is written down; engines are made anew where it arrives."""
        return {name: held for name, held in self.__dict__.items() if name != ENGINE}

    @cached_property
    def score_names(self) -> Mapping[str, Scored]:
        """What each name of a score stands for."""
        return score_names(self.cards)

    @cached_property
    def open_lines_show(self) -> bool:
        """Whether no line of its cards can be open where no score is, limits aside."""
        return open_lines_show(self.cards)

    @cached_property
    def fingerprint(self) -> str:
        """A digest of all that it means: the same in every process and from every format."""
        return fingerprint(self)

    def formulas(self) -> Iterator[tuple[str, Criterion]]:
        """Every whole formula of the decision, with where it stands."""
        yield "when", self.when
        for section in ("at_once", "never"):
            for name, asking in getattr(self, section).items():
                yield f"{section} {name!r}", asking
        for name, label in self.labels.items():
            yield f"label {name!r}", label.when
