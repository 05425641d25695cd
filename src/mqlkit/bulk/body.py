"""
A whole definition as columns: its scores in the order of need, its formulas, labels and grades.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final

from ..criterion import AllOf, Criterion
from ..definition import Definition
from ..measure import LabelMeasure
from ..plan import node
from ..plan.asking import ask
from ..plan.lowering import Plan, lower
from ..plan.node import Ask
from ..scorecard import members
from ..status import Status
from ..value import listing
from .activities import Timelines
from .asks import Asks
from .dialects.base import Dialect, Refused
from .points import NONE, Gifts, Points
from .quantities import Ends
from .reader import Reader
from .refusals import Faults
from .sql import Layers, Sql, over
from .tables import Noting, Tables

_LONG: Final = 100
_MOST_GRADES: Final = 1_000
"""Runs of letters that a grade is printed for."""


class Body:
    """
    The columns of a definition.

    Args:
        definition: What is printed.
        tables: What it reads.
        key: The columns that tell one decision from another.
    """

    def __init__(
        self, definition: Definition, tables: Tables, dialect: Dialect, key: tuple[str, ...]
    ) -> None:
        self.definition, self.tables, self.dialect = definition, tables, dialect
        self.faults = Faults()
        self.plan: Plan = lower(definition)
        self.layers = Layers("c")
        self.reader = Reader(
            tables.leads.fields, "the leads", self.layers, "f", dialect, self.faults
        )
        self.timelines = Timelines(tables.activities, self.layers, dialect, self.faults, key)
        self.asks = Asks(self.reader, self.faults, self, self._shared())
        self._gifts = Gifts(self.asks, self.timelines)
        self._scores: dict[str, Points] = {}
        self.rules: dict[tuple[str, str], Points] = {}
        """What each rule gives, by its score and its name."""

    def _shared(self) -> Mapping[Ask, int]:
        """How often each ask stands in the definition."""
        found: Counter[Ask] = Counter()
        pending = [*self._asked()]
        while pending:
            asking = pending.pop()
            found[asking] += 1
            if found[asking] == 1:
                pending.extend(node.parts(asking))
        return found

    def _asked(self) -> Iterator[Ask]:
        yield self.plan.when
        yield from (*self.plan.never.values(), *self.plan.at_once.values())
        for score in self.plan.sums:
            for gift in score.gifts:
                yield from node.asked_by(gift)

    # -- the world of its asks ---------------------------------------------------------------

    def known(self, need: node.Need) -> Ends:
        return self._when_loaded(lambda: self.timelines.known(need))

    def over(self, asked: node.Over) -> Ends:
        return self._when_loaded(lambda: self.timelines.over(asked))

    def _when_loaded(self, find: Callable[[], Ends]) -> Ends:
        if self.tables.activities is None:
            return Ends.exact(Sql(self.dialect.nothing(self.dialect.whole_type)))
        return find()

    def follows(self, asked: node.Follows) -> Sql:
        if self.tables.activities is None:
            return Sql(self.dialect.nothing(self.dialect.flag_type))
        return self.timelines.follows(asked)

    def score(self, name: str) -> tuple[Sql, Sql]:
        points = self.points(name)
        return points.low, points.high

    def stage(self) -> tuple[Sql | None, Sql | None]:
        leads = self.tables.leads
        if isinstance(leads.fields, Noting):
            leads.fields.stage = True
        stage = None if leads.stage is None else Sql("stage")
        return stage, None if leads.stage_since is None else Sql("stage_since_us")

    # -- scores ------------------------------------------------------------------------------

    def points(self, name: str) -> Points:
        """The points of a score, which may go by several names."""
        key = self.plan.names[name]
        if key not in self._scores:
            self._scores[key] = self._total(next(s for s in self.plan.sums if s.name == key))
        return self._scores[key]

    def _total(self, total: node.Sum) -> Points:
        scored = self.definition.score_names[total.name]
        parts: list[Points] = []
        for member, gift in zip(members(scored), total.gifts, strict=True):
            if isinstance(gift, node.Part):
                parts.append(self.points(gift.name))
                continue
            with self.faults.at(f"rule {member.name!r}"):
                try:
                    self.dialect.comment(member.name)  # it refuses what stands in no text
                    points = self._gifts.points(gift, member.name, f"rule: {member.name}")
                except Refused as refused:
                    self.faults.add(refused)
                    points = NONE
            if self.plan.settle:
                points = points.settled()
            points = self._named(points, member.name)
            self.rules[total.name, member.name] = points
            parts.append(points)
        ends = (
            Points(*(self._sum(end, total) for end in zip(*parts, strict=True))) if parts else NONE
        )
        hints = (f"{total.name} low", total.name, f"{total.name} high")
        return Points(*(
            self.layers.named(end, hint, "s") for end, hint in zip(ends, hints, strict=True)
        ))  # fmt: skip

    def all_rules(self) -> Iterator[tuple[tuple[str, str], Points]]:
        """What each rule gives, in the order of the definition: scores are found as needed."""
        for total in self.plan.sums:
            for member in members(self.definition.score_names[total.name]):
                key = (total.name, member.name)
                if key in self.rules:
                    yield key, self.rules[key]

    def _named(self, points: Points, name: str) -> Points:
        """Points whose expression is long as columns of their own: they stand in several places."""
        hints = (f"{name} low", name, f"{name} high")
        return Points(*(
            self.layers.named(end, hint, "r") if len(end.text) > _LONG else end
            for end, hint in zip(points, hints, strict=True)
        ))  # fmt: skip

    def _sum(self, parts: Iterable[Sql], total: node.Sum) -> Sql:
        """One end of a score, within its cap and floor. Flat: engines bound how deep a text is."""
        some = [part for part in parts if part.text != "0"]
        text = self.dialect.added([part.text for part in some])
        if total.cap is not None:
            text = self.dialect.least(text, str(total.cap))
        if total.floor is not None:
            text = self.dialect.greatest(text, str(total.floor))
        return over(f"({text})", *some, known=True)

    # -- formulas ----------------------------------------------------------------------------

    def _formula(self, place: str, asking: Ask, hint: str) -> Sql:
        with self.faults.at(place):
            answer = self.asks.column(asking, hint, place)
        return self._settled(answer)

    def _settled(self, answer: Sql) -> Sql:
        if not self.plan.settle or answer.known:
            return answer
        return over(f"COALESCE({answer}, FALSE)", answer, known=True)

    @cached_property
    def when(self) -> Sql:
        """Whether the definition holds."""
        return self._formula("when", self.plan.when, "when")

    @cached_property
    def never(self) -> dict[str, Sql]:
        """The disqualifiers."""
        return {n: self._formula(f"never {n!r}", a, n) for n, a in self.plan.never.items()}

    @cached_property
    def at_once(self) -> dict[str, Sql]:
        """What qualifies at once."""
        return {n: self._formula(f"at_once {n!r}", a, n) for n, a in self.plan.at_once.items()}

    @cached_property
    def labels(self) -> dict[str, Sql]:
        """The named kinds of lead."""
        return {
            name: self._formula(f"label {name!r}", ask(label.when), name)
            for name, label in self.definition.labels.items()
        }

    @cached_property
    def wanted(self) -> Sql:
        """Whether it qualifies, if nothing disqualifies it."""
        return self._any([self.when, *self.at_once.values()], "wanted")

    @cached_property
    def status(self) -> Sql:
        """What was decided: see `mqlkit.status.decide`."""
        never = self._any(self.never.values(), "never")
        wanted = self.wanted
        text = self.dialect.text
        cases = (
            (f"{never}", Status.DISQUALIFIED),
            (f"NOT {wanted}", Status.NOT_QUALIFIED),
            (f"{never} IS NULL OR {wanted} IS NULL", Status.NEEDS_DATA),
        )
        shown = " ".join(f"WHEN {when} THEN {text(str(status))}" for when, status in cases)
        decided = f"CASE {shown} ELSE {text(str(Status.QUALIFIED))} END"
        return self.layers.named(over(decided, never, wanted, known=True), "decision", "d")

    def _any(self, answers: Iterable[Sql], hint: str) -> Sql:
        some = list(answers)
        if not some:
            return Sql("FALSE", known=True)
        if len(some) == 1:
            return some[0]
        joined = " OR ".join(answer.text for answer in some)
        return self.layers.named(over(f"({joined})", *some), hint, "d")

    @cached_property
    def reasons(self) -> Sql:
        """In short why, as `Decision.reasons` tells it; several joined by ``"; "``."""
        q = self.definition
        decided, text = self.status, self.dialect.text
        parts = (
            (Status.DISQUALIFIED, "", self.never.items()),
            (Status.QUALIFIED, "", [*self.at_once.items(), (q.name, self.when)]),
            (Status.NOT_QUALIFIED, "unmet: ", self._shortfalls()),
        )
        told = [
            (over(f"{decided} = {text(str(status))} AND {answer}", decided, answer), prefix + name)
            for status, prefix, answers in parts
            for name, answer in answers
        ]
        joined = self.dialect.texts([(f"COALESCE({w}, FALSE)", t) for w, t in told])
        return over(joined, *(when for when, _ in told), known=True)

    def _shortfalls(self) -> Iterator[tuple[str, Sql]]:
        """The parts of the definition, each with whether it does not hold."""
        when = self.definition.when
        some: tuple[Criterion, ...] = when.parts() if isinstance(when, AllOf) else (when,)
        for part in some:
            with self.faults.at("when"):
                answer = self._settled(self.asks.column(ask(part), "part"))
            yield part.describe(), over(f"(NOT {answer})", answer)

    @cached_property
    def label_names(self) -> Sql:
        """The labels that the lead has; several joined by ``"; "``."""
        told = [(f"COALESCE({answer}, FALSE)", name) for name, answer in self.labels.items()]
        return over(self.dialect.texts(told), *self.labels.values(), known=True)

    @cached_property
    def grades(self) -> dict[str, Sql]:
        """The letters, as `Decision.grades` tells them."""
        found: dict[str, Sql] = {}
        for name, measure in self.definition.grades.items():
            with self.faults.at(f"grade {name!r}"):
                try:
                    found[name] = self._grade(measure, name)
                except Refused as refused:
                    self.faults.add(refused)
        return found

    def _grade(self, measure: LabelMeasure, name: str) -> Sql:
        """
        One text for each set of labels that may be the lead's.

        The first and the last possible one of each letter tell the set.
        """
        runs = self.asks.runs(measure)
        if len(runs) > _MOST_GRADES:
            raise Refused(f"a matrix of {len(runs):,} possible answers")
        cases = [
            (" AND ".join(part.text for part in parts) or "TRUE", listing(sorted(set(labels))))
            for labels, parts in runs
        ]
        every = [part for _, parts in runs for part in parts]
        shown = " ".join(f"WHEN {when} THEN {self.dialect.text(told)}" for when, told in cases)
        return over(f"CASE {shown} END", *every, known=True)
