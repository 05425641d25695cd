"""
What would qualify a lead: the smallest sets of changes found, each tried before it is told.

Plans are guessed from the definition, then every set is applied to the lead and decided again,
and changes that it can do without are left out. So a gap is true whatever the guess was.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from itertools import combinations
from typing import Final

import attrs

from ..change import Change, HappenMore, SetAttribute
from ..criterion import Criterion
from ..lead import Lead
from ..scorecard import Scorecard, Scored
from ..value import listing
from ..verdict import Verdict
from .plans import Planner, World, cost, tidy
from .wishes import Plan

__all__ = ["BUDGET", "Change", "Gap", "Gaps", "HappenMore", "SetAttribute", "gaps"]

BUDGET: Final = 600
"""So many changed leads are decided at the most."""

MOST: Final = 5
"""So many sets of changes are told at the most."""


WIDTHS: Final = (1, 8)
"""How many plans are followed at a time: first straight on, then with a look to both sides."""


@attrs.frozen(str=False)
class Gap:
    """
    Changes that together would qualify a lead; without any one of them they would not.

    >>> str(Gap((SetAttribute("industry", "software"), HappenMore("demo_request"))))
    'industry is "software" and 1 more demo_request'
    """

    changes: tuple[Change, ...]

    def apply(self, lead: Lead, as_of: datetime) -> Lead:
        """The lead after all the changes."""
        for change in self.changes:
            lead = change.apply(lead, as_of)
        return lead

    def describe(self) -> str:
        """The changes in a sales person's words."""
        return listing([change.describe() for change in self.changes], "and")

    def __str__(self) -> str:
        return self.describe()


@attrs.frozen
class Gaps:
    """
    What a search for gaps found.

    Args:
        found: The smallest first.
        decided: How many changed leads were decided.
        spent: Whether the budget ended the search or the planning for it. Even where it did not,
            only likely plans are followed: nothing found does not say that there is nothing.
    """

    found: tuple[Gap, ...]
    decided: int
    spent: bool


def gaps(
    lead: Lead,
    as_of: datetime,
    *,
    decides: Callable[[Lead], bool],
    wanted: Iterable[Criterion],
    never: Iterable[Criterion] = (),
    cards: tuple[Scorecard, ...] = (),
    names: Mapping[str, Scored] | None = None,
    settle: bool = False,
    budget: int = BUDGET,
) -> Gaps:
    """
    The smallest sets of changes found that would qualify a lead.

    Args:
        lead: One that is not qualified.
        as_of: Aware.
        decides: Whether a lead is qualified: the last word on every set.
        wanted: The formulas of which one has to be YES.
        never: The formulas of which none may be.
        cards: The cards whose scores they ask for.
        names: What each name of a score stands for.
        settle: Count every unknown in a score as no.
        budget: How many changed leads are decided at the most. 1 or more.

    Returns:
        Up to five sets, the smallest first: few changes, then little that has to happen. Each
        qualifies the lead, and none does without any one of its changes. The same input gives
        the same sets in the same order. Of sets that differ only in the value of a field, such
        as which of several industries, one is told.
    """
    world = World(lead, as_of, cards, names or {}, settle)
    search = _Search(world, decides, budget)
    pool: dict[Change, None] = {}
    goals = [(blocker, Verdict.NO) for blocker in never]
    ends = [[*goals, (asking, Verdict.YES)] for asking in wanted]
    for width in WIDTHS:
        planner = Planner(world, width, most=world.made + budget // 3)
        plans = [plan for end in ends for plan in planner.together(end, ())]
        for plan in sorted(plans, key=cost):
            search.consider(tidy(plan))
        pool.update(planner.pool)
        search.cut_short |= planner.spent
    search.try_pool(tuple(pool))
    return search.result()


@attrs.define(eq=False)
class _Search:
    """Tries sets of changes, keeps those that qualify, and drops what they do not need."""

    world: World
    decides: Callable[[Lead], bool]
    budget: int
    _known: dict[Plan, bool] = attrs.field(init=False, factory=dict[Plan, bool])
    _found: dict[Plan, None] = attrs.field(init=False, factory=dict[Plan, None])
    spent: bool = attrs.field(init=False, default=False)
    cut_short: bool = attrs.field(init=False, default=False)

    def qualifies(self, changes: Plan) -> bool:
        """Whether the lead is qualified after the changes; False once the budget is spent."""
        if changes not in self._known:
            if len(self._known) >= self.budget:
                self.spent = True
                return False
            self._known[changes] = self.decides(self.world.changed(changes))
        return self._known[changes]

    def consider(self, changes: Plan) -> None:
        """Keep what is needed of some changes, if they qualify the lead."""
        if not self.qualifies(changes):
            return
        # Two directions of leaving out may end in two different sets.
        for order in (1, -1):
            least = self._least(changes, order)
            if self._minimal(least):
                self._found[least] = None

    def _least(self, changes: Plan, order: int) -> Plan:
        before: Plan | None = None
        while before != changes:
            before = changes
            for change in changes[::order]:
                rest = tuple(other for other in changes if other is not change)
                if self.qualifies(rest):
                    changes = rest
            for change in changes:
                changes = self._fewer(changes, change)
        return changes

    def _fewer(self, changes: Plan, change: Change) -> Plan:
        """The same with *change* happening as seldom as will do."""
        if not isinstance(change, HappenMore):
            return changes

        def with_times(times: int) -> Plan:
            less = attrs.evolve(change, times=times)
            return tuple(less if other is change else other for other in changes)

        low, high = 0, change.times
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.qualifies(with_times(middle)) else (middle, high)
        return with_times(high)

    def _minimal(self, changes: Plan) -> bool:
        """Whether they qualify, and without any one do not. An unasked one is not told."""
        without = [tuple(c for c in changes if c is not change) for change in changes]
        needed = all(not self.qualifies(rest) and rest in self._known for rest in without)
        return bool(changes) and self.qualifies(changes) and needed

    def try_pool(self, pool: tuple[Change, ...]) -> None:
        """Every single change and every pair that was thought of, as far as the budget goes."""
        for size in (1, 2):
            for chosen in combinations(pool, size):
                if self.spent:
                    return
                changes = tidy(chosen)
                if len(changes) == size and not self._covered(changes):
                    self.consider(changes)

    def _covered(self, changes: Plan) -> bool:
        return any(set(found) <= set(changes) for found in self._found)

    @property
    def _ended(self) -> bool:
        return self.spent or self.cut_short

    def result(self) -> Gaps:
        """The smallest of what was found, none a part of another; of variants the first."""
        told: dict[object, Plan] = {}
        for changes in sorted(self._found, key=cost):  # stable: else in the order of the model
            if not any(set(other) < set(changes) for other in self._found):
                told.setdefault(_shape(changes), changes)
        return Gaps(tuple(map(Gap, tuple(told.values())[:MOST])), len(self._known), self._ended)


def _shape(changes: Plan) -> object:
    """What sets that differ in a value only, such as which of ten industries, have in common."""
    return frozenset(c.field if isinstance(c, SetAttribute) else c for c in changes)
