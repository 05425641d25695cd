"""
From what is wanted to sets of changes that may bring it about.

"All of" is met part by part, each on the lead as the parts before have left it; "any of" by any
part; a score by the few rules with the most to gain. Only the shortest plans are followed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from itertools import combinations
from math import ceil, floor
from typing import Final, NamedTuple, TypeVar

import attrs

from ..change import Change, HappenMore, SetAttribute
from ..criteria.label import Grade, Matrix, Score
from ..criteria.selection import Selection
from ..criterion import AllOf, AnyOf, Assumed, AtLeastOf, Criterion, Exactly, If, Named, Not
from ..decay import Decay
from ..lead import Lead, Snapshot
from ..measure import AtLeast, Between, Comparison, LabelMeasure, LessThan, OneOf
from ..points import millipoints
from ..rules.activity import ActivityRule, Each
from ..rules.base import BaseRule
from ..rules.choice import Choice
from ..rules.rule import Rule
from ..scorecard import Group, ScoreBook, Scorecard, Scored, asked_scores
from ..value import Scalar, exact
from ..verdict import Verdict
from .wishes import MOST_MORE, Plan, happen, suitable, wishes

T = TypeVar("T")

WIDTH: Final = 8
"""How many values, rows and repeats are looked at."""


def tidy(plan: Iterable[Change]) -> Plan:
    """
    The same changes, each once and in one order.

    Of two values for a field the later one counts; what happens again is added up.

    >>> plan = [
    ...     SetAttribute("x", 1),
    ...     HappenMore("a"),
    ...     HappenMore("a", times=2),
    ...     SetAttribute("x", 2),
    ... ]
    >>> [str(change) for change in tidy(plan)]
    ['x is 2', '3 more a']
    """
    facts: dict[str, Change] = {}
    events: dict[HappenMore, HappenMore] = {}
    others: dict[Change, Change] = {}
    for change in plan:
        match change:
            case SetAttribute():
                facts[change.field] = change
            case HappenMore():
                once = attrs.evolve(change, times=1)
                times = change.times + (events[once].times if once in events else 0)
                events[once] = attrs.evolve(change, times=times)
            case _:  # a kind of change of the user's own
                others[change] = change
    ordered = sorted(events, key=lambda once: (once.describe(), once.before))
    return (
        *(facts[field] for field in sorted(facts)),
        *(events[once] for once in ordered),
        *others,
    )


def cost(plan: Plan) -> tuple[int, int]:
    """What makes a plan short: few changes, then little that has to happen."""
    changes = tidy(plan)
    return len(changes), sum(change.effort for change in changes)


@attrs.define(slots=False, eq=False)
class World:
    """
    A lead as of an instant, and what becomes of it by changes.

    Args:
        lead: As it is.
        as_of: Aware.
        cards: Those whose scores may be asked for.
        names: What each name of a score stands for.
        settle: Count every unknown in a score as no.
    """

    lead: Lead
    as_of: datetime
    cards: tuple[Scorecard, ...] = ()
    names: Mapping[str, Scored] = attrs.field(factory=dict[str, Scored])
    settle: bool = False
    _states: "dict[object, State]" = attrs.field(init=False, factory=dict)

    @property
    def made(self) -> int:
        """How many different leads have been made of this one."""
        return len(self._states)

    def after(self, plan: Plan) -> "State":
        """The lead after the changes."""
        changes = tidy(plan)
        if changes not in self._states:
            self._states[changes] = State(self, self.changed(changes))
        return self._states[changes]

    def changed(self, changes: Plan) -> Lead:
        """The lead itself after the changes."""
        lead = self.lead
        for change in changes:
            lead = change.apply(lead, self.as_of)
        return lead


@attrs.define(slots=False, eq=False)
class State:
    """A lead after some changes, with its scores."""

    world: World
    lead: Lead

    @cached_property
    def book(self) -> ScoreBook:
        """Its scores."""
        world = self.world
        at = self.lead.at(world.as_of)
        return ScoreBook(world.cards, at, settle=world.settle, names=dict(world.names))

    @property
    def snapshot(self) -> Snapshot:
        """The lead as criteria judge it."""
        return self.book.lead

    def examples(self, selection: Selection) -> tuple[HappenMore, ...]:
        """Activities that the selection is sure to take, one for each of its first kinds."""
        return _examples(selection, self.world.as_of)


def _examples(selection: Selection, as_of: datetime) -> tuple[HappenMore, ...]:
    # Inside an activity its properties stand like attributes: so to suit the filters is once
    # more to plan, for a lead of which nothing is known.
    planner = Planner(World(Lead("activity"), as_of))
    fitting = planner.plans(AllOf(selection.filters), (), Verdict.YES)
    if not fitting:
        return ()
    properties = planner.world.after(fitting[0]).lead.attributes
    kinds = selection.kinds[:4] or ("",)
    return tuple(HappenMore(kind, properties, of=selection.of) for kind in kinds)


LOOKS: Final = 16
"""How often each lead may be looked at: criteria that nest deeply ask for the same ones often."""


class _Gain(NamedTuple):
    """What a rule could add to a score, in millipoints, and the changes for it."""

    rule: BaseRule
    millis: int
    changes: Plan


@attrs.define(eq=False)
class Planner:
    """
    Makes plans for a lead.

    Args:
        world: The lead, and its scores.
        width: How many plans are followed at a time; three times as many choices are tried
            where only some of several parts are needed.
        most: When so many leads have been made, nothing new is planned; nor when the same ones
            were looked at a good many times.
    """

    world: World
    width: int = 1
    most: int = 100
    pool: dict[Change, None] = attrs.field(init=False, factory=dict[Change, None])
    """Every change that was ever thought of, the first first."""

    _asked: int = attrs.field(init=False, default=0)

    @property
    def spent(self) -> bool:
        """Whether it has stopped planning before it was done."""
        return self.world.made > self.most or self._asked > LOOKS * self.most

    def plans(self, asking: Criterion, so_far: Plan, wanted: Verdict) -> list[Plan]:
        """Plans that go on from *so_far* until *asking* answers *wanted*; the shortest first."""
        self._asked += 1
        if self.spent:
            return []
        if asking.judge(self.world.after(so_far).snapshot) is wanted:
            return [so_far]
        return self.shortest(self._ways(asking, so_far, wanted))

    def together(self, goals: Iterable[tuple[Criterion, Verdict]], so_far: Plan) -> list[Plan]:
        """Plans after which every criterion has the answer wanted of it."""
        # Scores last: what the other parts need moves them, too. Twice: a later part may undo
        # an earlier one.
        ordered = sorted(goals, key=lambda goal: any(True for _ in asked_scores(goal[0])))
        found = [so_far]
        for asking, wanted in (*ordered, *ordered):
            found = self.shortest(p for plan in found for p in self.plans(asking, plan, wanted))
        return found

    def shortest(self, plans: Iterable[Plan]) -> list[Plan]:
        """The few shortest of several plans, each once; of equally short ones the first found."""
        found: dict[Plan, Plan] = {}
        for plan in plans:
            found.setdefault(tidy(plan), plan)
        return sorted(found.values(), key=cost)[: self.width]

    def _ways(self, asking: Criterion, so_far: Plan, wanted: Verdict) -> Iterator[Plan]:
        yes = wanted is Verdict.YES
        match asking:
            case Not(criterion=inner):
                yield from self.plans(inner, so_far, ~wanted)
            case Named(criterion=inner) | Assumed(criterion=inner):
                yield from self.plans(inner, so_far, wanted)
            case AllOf(criteria=parts):
                yield from self._some(parts, len(parts) if yes else 1, so_far, wanted)
            case AnyOf(criteria=parts):
                yield from self._some(parts, 1 if yes else len(parts), so_far, wanted)
            case AtLeastOf(n=n, criteria=parts):
                enough = n if yes else len(parts) - n + 1
                yield from self._some(parts, enough, so_far, wanted)
            case Exactly():
                yield from self._exactly(asking, so_far, wanted)
            case If(condition=condition, then=then, otherwise=otherwise):
                yield from self.together([(condition, Verdict.YES), (then, wanted)], so_far)
                yield from self.together([(condition, Verdict.NO), (otherwise, wanted)], so_far)
            case Comparison(measure=Score(score=name)):
                yield from self._scored(name, suitable(asking, wanted), so_far)
            case Between(measure=Score(score=name), bounds=bounds):
                yield from self._scored(name, bounds, so_far)
            case OneOf():
                yield from self._labelled(asking, so_far, wanted)
            case _:
                yield from self._leaf(asking, so_far, wanted)

    def _leaf(self, asking: Criterion, so_far: Plan, wanted: Verdict) -> Iterator[Plan]:
        scene = self.world.after(so_far)
        for changes in wishes(asking, scene, wanted):
            self.pool.update(dict.fromkeys(changes))
            plan = (*so_far, *changes)
            if asking.judge(self.world.after(plan).snapshot) is wanted:
                yield plan

    # -- some of several -------------------------------------------------------------------------

    def _some(
        self, parts: tuple[Criterion, ...], n: int, so_far: Plan, wanted: Verdict
    ) -> Iterator[Plan]:
        """*n* of the parts answer as wanted; those that do already stay."""
        snapshot = self.world.after(so_far).snapshot
        met = [part for part in parts if part.judge(snapshot) is wanted]
        unmet = [part for part in parts if part.judge(snapshot) is not wanted]
        for chosen in self._choices(unmet, n - len(met)):
            yield from self.together([(part, wanted) for part in (*met, *chosen)], so_far)

    def _exactly(self, asking: Exactly, so_far: Plan, wanted: Verdict) -> Iterator[Plan]:
        parts = asking.criteria
        numbers = [asking.n] if wanted is Verdict.YES else [asking.n + 1, asking.n - 1]
        for n in numbers:
            for chosen in self._choices(range(len(parts)), n):
                goals = [(p, Verdict.of(i in chosen)) for i, p in enumerate(parts)]
                yield from self.together(goals, so_far)

    def _choices(self, parts: Iterable[T], n: int) -> Iterator[tuple[T, ...]]:
        several = list(parts)
        if 0 <= n <= len(several):
            for _, chosen in zip(range(3 * self.width), combinations(several, n), strict=False):
                yield chosen

    # -- scores ----------------------------------------------------------------------------------

    def _labelled(self, asking: OneOf, so_far: Plan, wanted: Verdict) -> Iterator[Plan]:
        labels = asking.measure.known_labels()
        if labels is None:
            yield from self._leaf(asking, so_far, wanted)
            return
        for label in labels:
            if (label in asking.labels) is (wanted is Verdict.YES):
                yield from self.together(_meaning(asking.measure, label), so_far)

    def _scored(self, name: str, bounds: Iterable[Scalar], so_far: Plan) -> Iterator[Plan]:
        """The score called *name* comes to be one of *bounds*, or beyond it."""
        for bound in bounds:
            if not isinstance(bound, int | float):
                return  # a score is a number, so there is no such comparison
            target = exact(bound) * 1000
            low, high = self.world.after(so_far).book.score(name).range
            if low < target:
                yield from self._moved(name, ceil(target) - low, so_far)
            if high > target:
                yield from self._moved(name, floor(target) - high, so_far)

    def _moved(self, name: str, need: int, so_far: Plan) -> Iterator[Plan]:
        """The score called *name* moves by *need* millipoints or more, by the best few rules."""
        scored = self.world.names[name]
        sign = 1 if need > 0 else -1
        gains = sorted(
            self._gains(scored, sign, abs(need), so_far),
            key=lambda gain: -min(gain.millis, abs(need)),  # more than needed is no better
        )
        best = gains[: WIDTH * 2]
        reaches = self._headroom(so_far, sign)
        found = 0
        for size in range(1, 4):
            for chosen in combinations(best, size):
                if len({id(gain.rule) for gain in chosen}) == size and (
                    reaches(scored, {g.rule.name: g.millis for g in chosen}) >= abs(need)
                ):
                    found += 1
                    yield (*so_far, *(c for gain in chosen for c in gain.changes))
            if found >= self.width:
                return
        taken: dict[str, _Gain] = {}
        for gain in gains:
            taken.setdefault(gain.rule.name, gain)
            if reaches(scored, {r: g.millis for r, g in taken.items()}) >= abs(need):
                yield (*so_far, *(c for g in taken.values() for c in g.changes))
                return

    def _headroom(self, so_far: Plan, sign: int) -> Callable[[Scored, dict[str, int]], int]:
        """How far rules' gains move a score, when caps and floors take their part."""
        book = self.world.after(so_far).book

        def reaches(scored: Scored, gains: dict[str, int]) -> int:
            total = 0
            for item in scored.groups if isinstance(scored, Scorecard) else scored.rules:
                total += (
                    reaches(item, gains) if isinstance(item, Group) else gains.get(item.name, 0)
                )
            limit = scored.cap if sign > 0 else scored.floor
            if limit is None:
                return total
            now = book.score(scored.score_name).range[0 if sign > 0 else 1]
            return min(total, max(0, sign * (millipoints(limit) - now)))

        return reaches

    def _gains(self, scored: Scored, sign: int, need: int, so_far: Plan) -> Iterator[_Gain]:
        """What each rule could add to a score, or with a negative sign take from it."""
        before = self.world.after(so_far).snapshot
        for rule, decay in rules_of(scored):
            now = _end(rule, before, decay, sign)
            found: list[_Gain] = []
            for plan in self._rule_plans(rule, sign, need, so_far):
                after = self.world.after(plan).snapshot
                gained = sign * (_end(rule, after, decay, sign) - now)
                if gained > 0:
                    found.append(_Gain(rule, gained, plan[len(so_far) :]))
            found.sort(key=lambda gain: (cost(gain.changes), abs(gain.millis - need)))
            yield from found[:3]

    def _rule_plans(self, rule: BaseRule, sign: int, need: int, so_far: Plan) -> Iterator[Plan]:
        match rule:
            case Rule(when=when, points=points):
                yield from self.plans(when, so_far, Verdict.of(points * sign > 0))
            case Choice():
                rows = sorted(rule.rows(), key=lambda row: abs(sign * row[1] - need))
                for when, millis in rows[:WIDTH]:
                    yield from self.plans(when, so_far, Verdict.of(millis * sign > 0))
            case ActivityRule():
                if rule.points * sign > 0:
                    yield from self._repeated(rule, need, so_far)
            case _:  # a user's own
                for asking in rule.criteria():
                    yield from self.plans(asking, so_far, Verdict.YES)
                    yield from self.plans(asking, so_far, Verdict.NO)

    def _repeated(self, rule: ActivityRule, need: int, so_far: Plan) -> Iterator[Plan]:
        lacking = -(-need // abs(millipoints(rule.points)))
        repeats = {1, min(lacking, rule.most, MOST_MORE)}
        key = rule.once_per if isinstance(rule, Each) else None
        if isinstance(rule, Each) and rule.at_most is not None:
            repeats.add(min(lacking, rule.at_most, MOST_MORE))
        for example in self.world.after(so_far).examples(rule.activities):
            for times in sorted(repeats):
                if key is None:
                    changes: Plan = (happen(example, times=times),)
                elif key in example.properties:
                    changes = (example,)
                else:
                    several = range(1, min(times, WIDTH) + 1)
                    changes = tuple(happen(example, {key: f"another {i}"}) for i in several)
                self.pool.update(dict.fromkeys(changes))
                yield (*so_far, *changes)


def rules_of(
    scored: Scored, around: Decay | None = None
) -> Iterator[tuple[BaseRule, Decay | None]]:
    """The rules of a card or group, each with the decay that it has from its group."""
    decay = scored.decay or around if isinstance(scored, Group) else None
    for item in scored.groups if isinstance(scored, Scorecard) else scored.rules:
        if isinstance(item, Group):
            yield from rules_of(item, decay)
        else:
            yield item, decay


def _end(rule: BaseRule, snapshot: Snapshot, decay: Decay | None, sign: int) -> int:
    """The end of what a rule gives that has to move: the low one up, or the high one down."""
    left = rule.award(snapshot, decay).left
    return left.low if sign > 0 else left.high


def _meaning(measure: LabelMeasure, label: str) -> list[tuple[Criterion, Verdict]]:
    """What a label says about scores."""
    match measure:
        case Grade(score=name, letters=letters):
            bounds = [] if label not in letters else [AtLeast(Score(name), letters[label])]
            floor = letters.get(label, float("-inf"))
            better = min((least for least in letters.values() if least > floor), default=None)
            ends = [] if better is None else [LessThan(Score(name), better)]
            return [(end, Verdict.YES) for end in (*bounds, *ends)]
        case Matrix(rows=rows, columns=columns):
            row, column = next(
                (r, c)
                for r in rows.known_labels()
                for c in columns.known_labels()
                if r + c == label
            )
            return [*_meaning(rows, row), *_meaning(columns, column)]
        case _:
            return []
