"""
The facts that are not known, as a column: the names that `Decision.missing` tells.

A blank is missing where an answer still waits for it: there is a path of UNKNOWN parts from an
open formula, or from an open rule of a score, to the question that reads it. So each field has
paths, each of conditions that must all hold.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeAlias, cast

from ..criteria.age import DaysSince
from ..criteria.aggregate import ActivityMeasure, PropertyMeasure, Sum
from ..criteria.attribute import Attribute
from ..criteria.knowledge import Known
from ..criteria.knowledge import Missing as MissingField
from ..criteria.label import Stage
from ..criteria.membership import DomainIs, HasAll, HasAny, IsIn
from ..criteria.selection import Selection
from ..criteria.sequence import Sequence
from ..criteria.stay import DaysInStage
from ..criteria.text import ContainsAny, EndsWith, Matches, StartsWith
from ..criterion import AllOf, AnyOf, Assumed, AtLeastOf, Criterion, Exactly, If, Named, Not
from ..measure import AtLeast, AtMost, Between, Equals, LessThan, MoreThan, OneOf
from ..plan import node
from ..plan.asking import ask, pick
from ..rules.activity import ActivityRule, Each
from ..rules.base import BaseRule
from ..rules.choice import Choice
from ..rules.rule import Rule
from ..scorecard import members
from ..status import Status
from ..timeline import MOST_ACTIVITIES
from ..value import MICROSECOND
from .body import Body
from .dialects.base import Refused
from .own import blanks_of
from .points import Points
from .sql import Sql

Path: TypeAlias = frozenset[str]
"""Conditions that must all hold."""
Blank: TypeAlias = tuple[str, Path]
"""A field, and a path to it."""

_SHORT: Final = 40
"""A longer condition that stands in several places is a column."""
_START: Final[Path] = frozenset()
_JOINED: Final = (AllOf, AnyOf, AtLeastOf, Exactly)
_LEAVES: Final = (
    AtLeast, AtMost, MoreThan, LessThan, Equals, Between, OneOf, Sequence,
    IsIn, HasAny, HasAll, DomainIs, ContainsAny, StartsWith, EndsWith, Matches,
)  # fmt: skip
_MORE_THAN_BLANK: Final = (Matches, DomainIs, HasAny, HasAll)
"""UNKNOWN not only of a blank: of a text too long, of no address, of a list with blanks."""


class MissingFields:
    """
    The fields that a decision waits for.

    Args:
        body: The columns of the definition.

    It says what `Decision.missing` says. Of a criterion of a user's own every blank field counts
    that its SQL reads, where the reference names those that `judge` came to read.
    """

    def __init__(self, body: Body) -> None:
        self._body = body
        self._dialect = body.dialect
        self._asks = body.asks
        self._timelines = body.timelines
        self._inner = body.timelines.asks
        self._found: dict[str, set[Path]] = {}
        self._gathered: dict[str, set[Path]] = {}
        """Columns with names that only the activities tell: of any kind."""

    def names(self) -> str:
        """The fields by name, joined by ``"; "``; an empty text where nothing is missing."""
        if self._body.plan.settle:  # every unknown counts as no
            return "''"
        with self._body.faults.at("missing"):
            try:
                for field, path in self._blanks():
                    self._found.setdefault(field, set()).add(path)
                told = self._told()
            except Refused as refused:
                self._body.faults.add(refused)
                return "''"
        if told == "''" or not self._body.never:
            return told
        decided = self._dialect.text(str(Status.DISQUALIFIED))
        return f"CASE WHEN {self._body.status} = {decided} THEN '' ELSE {told} END"

    def _told(self) -> str:
        parts = [(_either(self._found[field]), field) for field in sorted(self._found)]
        if not self._gathered:
            return self._dialect.texts(parts)
        lists = [(_either(paths), column) for column, paths in self._gathered.items()]
        return self._dialect.merged(parts, lists)

    def _blanks(self) -> Iterator[Blank]:
        body = self._body
        for total in body.plan.sums:
            scored = body.definition.score_names[total.name]
            for member, gift in zip(members(scored), total.gifts, strict=True):
                if isinstance(member, BaseRule):
                    points = body.rules[total.name, member.name]
                    yield from self._of_rule(member, gift, points)
        q = body.definition
        wanted = frozenset({self._null(body.wanted)})
        needs_data = f"{body.status} = {self._dialect.text(str(Status.NEEDS_DATA))}"
        for asking in (q.when, *q.at_once.values()):
            yield from self._of(asking, wanted)
        for asking in q.never.values():
            yield from self._of(asking, frozenset({needs_data}))

    # -- criteria ----------------------------------------------------------------------------

    def _null(self, answer: Sql, hint: str = "part") -> str:
        """Whether an answer is UNKNOWN."""
        if len(answer.text) > _SHORT:
            answer = self._body.layers.named(answer, hint)
        return f"{answer} IS NULL"

    def _of(self, asking: Criterion, above: Path) -> Iterator[Blank]:
        """The blanks that a criterion waits for, where all that is *above* it does."""
        answer = self._asks.ask(ask(asking))
        if answer.known or type(asking) is Assumed:
            return
        if type(asking) in (Not, Named):
            yield from self._of(asking.parts()[0], above)
        elif type(asking) in _JOINED:
            here = above | {self._null(answer)}
            for part in asking.parts():
                yield from self._of(part, here)
        elif isinstance(asking, If) and type(asking) is If:
            yield from self._of_if(asking, above | {self._null(answer)})
        elif type(asking) in _LEAVES:
            yield from self._of_leaf(asking, answer, above)
        else:
            for field, blank in blanks_of(asking, self._body.reader).items():
                yield field, above | {self._null(answer), blank.text}

    def _of_if(self, asking: If, above: Path) -> Iterator[Blank]:
        """A branch counts that may be the one."""
        when = self._body.asks.column(ask(asking.condition), "part")
        yield from self._of(asking.condition, above)
        yield from self._of(asking.then, above | {f"COALESCE({when}, TRUE)"})
        yield from self._of(asking.otherwise, above | {f"NOT COALESCE({when}, FALSE)"})

    def _of_leaf(self, asking: Any, answer: Sql, above: Path) -> Iterator[Blank]:
        if isinstance(asking, Sequence):
            yield from self._of_activities(
                (asking.first, asking.then), above | {self._null(answer)}
            )
            return
        measure = asking.measure
        match measure:
            case Attribute() | DaysSince():
                yield measure.field, above | {self._blank(asking, measure.field, answer)}
            case DaysInStage():
                yield "stage_since", above | {"stage_since_us IS NULL"}
            case Stage():
                yield "stage", above | {"stage IS NULL"}
            case ActivityMeasure():
                field = measure.field if isinstance(measure, PropertyMeasure) else None
                here = above | {self._null(answer)}
                yield from self._of_activities((measure.activities,), here, measure, field)
            case _:  # a score is open by its open rules, which are asked for themselves
                pass

    def _blank(self, asking: Criterion, field: str, answer: Sql) -> str:
        stored = self._body.reader.used.get(field)
        if stored is None or isinstance(asking, _MORE_THAN_BLANK):
            return self._null(answer)
        return f"{stored} IS NULL"

    # -- rules -------------------------------------------------------------------------------

    def _of_rule(self, rule: BaseRule, gift: node.Gift, points: Points) -> Iterator[Blank]:
        """The blanks that keep open what a rule gives."""
        if points.low.text == points.high.text or not _gives(rule):
            return
        opened = f"{points.low} <> {points.high}"
        if isinstance(rule, Rule):
            yield from self._of(rule.when, _START)
        elif isinstance(gift, node.ByText):
            yield gift.field, frozenset({f"{self._body.reader.used[gift.field]} IS NULL"})
        elif isinstance(rule, Choice) and isinstance(gift, node.OneOf):
            yield from self._of_cases(rule, gift, opened)
        elif self._timelines.table is None:
            yield "activities", _START
        else:
            scored = cast(ActivityRule, rule)  # no other gives what may be open
            opens = frozenset({self._opens(scored, gift, opened)})
            yield from self._of_activities((scored.activities,), opens, None, scored.once_per)

    def _of_cases(self, rule: Choice, gift: node.OneOf, opened: str) -> Iterator[Blank]:
        """Up to the first case that holds; all of them where the best counts."""
        above = frozenset({opened})
        answers = [self._asks.column(asking, "part") for asking, _ in gift.rows]
        for place, (when, _) in enumerate(rule.rows()):
            yield from self._of(when, above)
            if not gift.best and not answers[place].known:
                above |= {f"NOT COALESCE({answers[place]}, FALSE)"}
            elif not gift.best:
                above |= {f"NOT {answers[place]}"}

    def _opens(self, rule: ActivityRule, gift: node.Gift, opened: str) -> str:
        """Whether a blank moves what a rule gives, be it before its points fade or after."""
        match gift:
            case node.PerOne(tally, _, most):
                return self._more_than_sure(tally, most)
            case node.Faded(fade) if fade.most == 1:
                newest = self._timelines.known(node.Newest(fade.pick, fade.window))
                some, sure = newest.low.sql, newest.high.sql
                return f"({opened} OR ({sure} IS NULL AND {some} IS NOT NULL))"
            case node.Faded(fade):
                more = self._more_than_sure(node.Tally(fade.pick, fade.window), fade.most)
                return more if fade.most >= MOST_ACTIVITIES else f"({opened} OR {more})"
            case node.OverRule(_, gather, decay) if decay is not None and isinstance(rule, Each):
                fewest, _, several = self._timelines.counted(rule, gather, None, 1)
                return f"({opened} OR {fewest} <> {several})"
            case _:
                return opened

    def _more_than_sure(self, tally: node.Tally, most: int) -> str:
        """Whether more may count than do for sure."""
        least, several = (count.text for count in self._timelines.counts(tally))
        if most < MOST_ACTIVITIES:
            least, several = (self._dialect.least(n, str(most)) for n in (least, several))
        return f"{least} <> {several}"

    # -- activities --------------------------------------------------------------------------

    def _of_activities(
        self,
        selections: Iterable[Selection],
        above: Path,
        measure: ActivityMeasure | None = None,
        field: str | None = None,
    ) -> Iterator[Blank]:
        """
        The blank properties of activities that something is open about.

        Where only one property of one kind can be blank it is that one. Else they are counted.
        """
        if self._timelines.table is None:
            yield "activities", above
            return
        found: dict[str, list[str]] = {}
        certain = True
        for selection in selections:
            certain &= bool(selection.kinds) and _told_by_blanks(selection)
            for name, row in self._rows(selection, measure, field):
                if selection.kinds:
                    found.setdefault(name, []).append(row)
                else:
                    self._of_any_kind(name, row, above)
        if certain and len(found) == 1:
            yield next(iter(found)), above
            return
        for name, rows in found.items():
            condition = " OR ".join(f"({row})" for row in rows) if len(rows) > 1 else rows[0]
            text = self._dialect.count_if(condition)
            count = self._timelines.found(text, f"blank {name}", "0")
            yield name, above | {f"{count} > 0"}

    def _of_any_kind(self, field: str, row: str, above: Path) -> None:
        """A property of activities of which only the rows tell the kinds."""
        name = self._dialect.joined(["kind", self._dialect.text(f".{field}")])
        names = self._timelines.found(self._dialect.gathered(name, row), f"names {field}")
        self._gathered.setdefault(names.text, set()).add(above)

    def _rows(
        self, selection: Selection, measure: ActivityMeasure | None, field: str | None
    ) -> Iterator[tuple[str, str]]:
        """
        Each property by its full name, with which activities have it blank.

        Of activities of any kind it is the property's own name.
        """
        picked = cast(node.Pick, pick(selection))  # no other selection is taken apart
        window = selection.window
        recent = ["age >= 0"] if self._timelines.ahead else []
        if window is not None:
            recent.append(f"age < {window.span // MICROSECOND}")
        notes = [note for part in selection.filters for note in self._notes(part, ())]
        possible = self._timelines.conditions(node.Tally(picked, window))[1]
        for kind in selection.kinds or (None,):
            same = () if kind is None else (f"kind = {self._dialect.text(kind)}",)
            of = "" if kind is None else f"{kind}."
            for name, where in notes:
                yield f"{of}{name}", " AND ".join((*same, *recent, *where))
            if field is not None:
                blank = f"{self._property(field, measure)} IS NULL"
                yield f"{of}{field}", " AND ".join((*same, possible.text, blank))

    def _property(self, field: str, measure: ActivityMeasure | None) -> str:
        """A property as a measure reads it."""
        if isinstance(measure, Sum):
            return self._timelines.summand(field).text
        return str(self._timelines.reader.stored(field))

    def _notes(self, asking: Any, above: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """
        The blanks that a filter meets, each with its conditions.

        "And" asks no further where one part is NO, "or" where one is YES.
        """
        ends = {AllOf: "COALESCE({}, TRUE)", AnyOf: "NOT COALESCE({}, FALSE)"}.get(type(asking))
        reader = self._timelines.reader
        if asking.parts():
            for part in asking.parts():
                yield from self._notes(part, above)
                if ends is not None:
                    above = (*above, ends.format(self._inner.ask(ask(part))))
        elif type(asking) in (Known, MissingField):
            yield asking.field, (*above, f"{reader.stored(asking.field)} IS NULL")
        elif type(asking) in _LEAVES:
            field = asking.measure.field
            stored = reader.stored(field)
            blank = f"{stored} IS NULL"
            if isinstance(asking, DomainIs):
                blank = f"({blank} OR NOT {self._dialect.has_name_and_domain(str(stored))})"
            yield field, (*above, blank)
        else:
            for field, is_blank in blanks_of(asking, reader).items():
                yield field, (*above, is_blank.text)


def _gives(rule: BaseRule) -> bool:
    """Whether it gives any points at all."""
    return any(rule.extremes())


def _told_by_blanks(selection: Selection) -> bool:
    """Whether a filter is UNKNOWN of a blank alone."""
    every = [part for each in selection.filters for part in each.walk()]
    plain = (*_JOINED, Not, Named, If, Assumed, Known, MissingField, DomainIs, *_LEAVES)
    return all(
        type(part) in plain and not isinstance(part, Matches | HasAny | HasAll) for part in every
    )


def _either(paths: Iterable[Path]) -> str:
    """Whether one of some paths holds; one that asks for more than another adds nothing."""
    some = sorted(paths, key=lambda path: (len(path), sorted(path)))
    least: list[Path] = []
    for path in some:
        if not any(other <= path for other in least):
            least.append(path)
    texts = [" AND ".join(sorted(path)) or "TRUE" for path in least]
    if len(texts) == 1:
        return texts[0]
    return " OR ".join(f"({text})" for text in texts)
