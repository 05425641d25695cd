"""
A scorecard: groups of rules whose points add up.

The breakdown's lines sum exactly to the score, in millipoints and at all three ends of its range:
what decay, caps and floors take is a line of its own.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from itertools import groupby
from threading import get_ident
from typing import Any, Literal, TypeAlias, cast

import attrs

from .criteria.label import Grade, Matrix, Score
from .criterion import DEEPEST, Criterion, earliest
from .decay import Decay
from .errors import DefinitionError, KindError, UnknownNameError
from .explanation import Reason
from .lead import Override, Seen, Snapshot
from .points import NOTHING, TOTAL, Number, Triple, added, in_points, millipoints
from .rules.base import BaseRule, rule_name
from .value import printable, show
from .verdict import Verdict

LineKind: TypeAlias = Literal["rule", "decay", "cap", "floor", "override"]


class InPoints:
    """Something with a range of millipoints, told in points."""

    __slots__ = ()
    millis: Triple

    @property
    def low(self) -> Decimal:
        """Points at the least."""
        return in_points(self.millis.low)

    @property
    def points(self) -> Decimal:
        """Points with every unknown giving nothing."""
        return in_points(self.millis.points)

    @property
    def high(self) -> Decimal:
        """Points at the most."""
        return in_points(self.millis.high)


@attrs.frozen(slots=False)  # so it is made in a third of the time
class Line(InPoints):
    """
    One line of the breakdown of a score.

    ``low``, ``points`` and ``high`` are what it adds at the three ends of the range, in points;
    ``evidence`` the ids of the activities that it counted. ``open`` says that an unknown could
    still change what its rule gives, be it before decay or after.
    """

    kind: LineKind
    name: str
    group: tuple[str, ...]
    millis: Triple
    evidence: tuple[str, ...] = ()
    rule: BaseRule | None = attrs.field(default=None, repr=False)
    open: bool = False

    def within(self, path: tuple[str, ...]) -> "Line":
        """The same line as it stands in a group around its own."""
        group = (*path, *self.group)
        return Line(self.kind, self.name, group, self.millis, self.evidence, self.rule, self.open)

    def over(self, why: Reason) -> Reason:
        """What it gives, for the reasons of its rule."""
        verdict = Verdict.UNKNOWN if self.open else Verdict.of(self.millis != NOTHING)
        text = f"{range_text(self.millis)}  {self.name}"
        return Reason(text, verdict, why.seen, why.parts)

    def unknowns(self, lead: Snapshot) -> Iterable[Seen]:
        """The blanks that keep it open; only a rule has any."""
        return () if self.rule is None else self.rule.unknowns(lead)

    def __str__(self) -> str:
        return f"{range_text(self.millis)}  {printable(self.name, 400)}"


@attrs.frozen
class LineChange:
    """
    A line of a score that came, went, or gives something else; None where there is no line.
    """

    name: str
    group: tuple[str, ...]
    before: Triple | None
    after: Triple | None

    def __str__(self) -> str:
        ends = (
            range_text(end) if end is not None else "no line" for end in (self.before, self.after)
        )
        return f"{' / '.join((*self.group, self.name))}: {' → '.join(ends)}"


class ScoreResult(InPoints):
    """
    A score with its breakdown: ``low <= points <= high``, in points.

    ``points`` counts every unknown as nothing. ``lines`` sum to the score exactly, each end by
    itself; they are found when they are first asked for, in the book that *of* holds.
    """

    _lines: "tuple[Line, ...] | None" = None
    _unknowns: tuple[Seen, ...] | None = None

    def __init__(
        self, name: str, millis: Triple, of: Any, lines: "tuple[Line, ...] | None" = None
    ) -> None:
        self.name = name
        self.millis = millis
        self._of = of
        if lines is not None:
            self._lines = lines

    @property
    def lines(self) -> "tuple[Line, ...]":
        """What each rule gives, and what decay, caps, floors and people take or give."""
        if self._lines is None:
            self._lines = self._book.score(self.name).lines
        return self._lines

    @property
    def _book(self) -> "ScoreBook":
        return cast("ScoreBook", self._of.book)

    @property
    def _lead(self) -> Snapshot:
        return self._book.lead

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ScoreResult):
            return NotImplemented
        same = (self.name, self.millis) == (other.name, other.millis)
        return same and self.lines == other.lines

    def __hash__(self) -> int:
        return hash((self.name, self.millis))

    def __repr__(self) -> str:
        return f"ScoreResult(name={self.name!r}, millis={self.millis!r})"

    @property
    def range(self) -> tuple[int, int]:
        """Lowest and highest millipoints."""
        return self.millis.low, self.millis.high

    def open_lines(self) -> Iterator[Line]:
        """The rules that an unknown leaves open."""
        return (line for line in self.lines if line.open)

    def unknowns(self) -> tuple[Seen, ...]:
        """The blanks that keep the range open."""
        if self._unknowns is None:  # found once: scores that build on scores ask again and again
            found: dict[Seen, None] = {}
            for line in self.open_lines():
                found.update(dict.fromkeys(line.unknowns(self._lead)))
            self._unknowns = tuple(found)
        return self._unknowns

    def changed(self, *, since: "ScoreResult") -> tuple[LineChange, ...]:
        """
        What differs in the breakdown from an earlier one of the same score.

        Args:
            since: The score of another instant, of other data, or by another card.

        Returns:
            Just the lines that came, went, or give something else, in this score's order.
        """
        before, after = _by_place(since.lines), _by_place(self.lines)
        return tuple(
            LineChange(name, group, before.get(place), after.get(place))
            for place in {**after, **before}
            if before.get(place) != after.get(place)
            for _, group, name in [place]
        )

    def explain(self) -> Reason:
        """The breakdown as reasons: a line each in the card's order, and what each group gives."""
        name = "score" if self.name == TOTAL else f"score {self.name}"
        return Reason(f"{name}: {range_text(self.millis)}", parts=tuple(self._below(self.lines, 0)))

    def _below(self, lines: Iterable[Line], depth: int) -> Iterator[Reason]:
        """The lines of a group, those of the groups in it below their sum."""
        for inner, some in groupby(lines, key=lambda line: line.group[depth : depth + 1]):
            block = tuple(some)
            if not inner:
                yield from map(self._reason, block)
                continue
            total = added(line.millis for line in block)
            parts = tuple(self._below(block, depth + 1))
            yield Reason(f"{range_text(total)}  {inner[0]}", parts=parts)

    def _reason(self, line: Line) -> Reason:
        if line.rule is None:
            return Reason(f"{range_text(line.millis)}  {line.name}")
        why = line.rule.explain(self._lead)
        return why.above((line.millis, line.open, line.name), lambda: line.over(why))


def _by_place(lines: Iterable[Line]) -> dict[tuple[str, tuple[str, ...], str], Triple]:
    """What each line gives, by where it stands; points by hand of one wording are added."""
    found: dict[tuple[str, tuple[str, ...], str], Triple] = {}
    for line in lines:
        place = (line.kind, line.group, line.name)
        found[place] = found.get(place, NOTHING).plus(line.millis)
    return found


def range_text(millis: Triple) -> str:
    """
    Points for a reader; a range where something is unknown.

    >>> range_text(Triple(5_000, 5_000, 20_000))
    '5 (5 to 20)'
    """
    points = _told_points(millis.points)
    if not millis.open:
        return points
    return f"{points} ({_told_points(millis.low)} to {_told_points(millis.high)})"


def _told_points(millis: int) -> str:
    if type(millis) is int and not millis % 1000:
        return f"{millis // 1000:,}"
    return f"{in_points(millis):,f}"


def _limit(value: object) -> int | float | None:
    if value is None:
        return None
    points = in_points(millipoints(value, "a cap or floor"))
    return int(points) if points == int(points) else float(points)


def _items(values: object) -> "tuple[BaseRule | Group, ...]":
    if not isinstance(values, Iterable):
        raise KindError(f"wanted a list of rules, not {show(values)}")
    items = tuple(values)
    for item in items:
        if not isinstance(item, BaseRule | Group):
            raise KindError(f"wanted a Rule or a Group, not {show(item)}")
    return items


@attrs.frozen(cache_hash=True)
class Group:
    """
    Rules, or groups of rules, under one name.

    Args:
        name: Unique in its card; ``score(name)`` asks for its score.
        rules: In the order of the explanation. A group may hold groups, these hold rules only.
        cap: The most points that it gives.
        floor: The fewest points that it gives.
        decay: How the points of its `Rule.latest` and `Rule.each` rules fade by default.
    """

    name: str = attrs.field(converter=rule_name)
    rules: "tuple[BaseRule | Group, ...]" = attrs.field(converter=_items)
    cap: int | float | None = attrs.field(default=None, converter=_limit)
    floor: int | float | None = attrs.field(default=None, converter=_limit)
    decay: Decay | None = None

    def __attrs_post_init__(self) -> None:
        _check_limits(self.cap, self.floor)
        for item in self.rules:
            if isinstance(item, Group) and any(isinstance(r, Group) for r in item.rules):
                raise DefinitionError(
                    f"groups nest once: group {item.name!r} in {self.name!r} holds groups itself"
                )

    @property
    def score_name(self) -> str:
        """How its score is asked for."""
        return self.name


def _check_limits(cap: float | None, floor: float | None) -> None:
    if cap is not None and floor is not None and floor > cap:
        raise DefinitionError(f"a floor of {floor} is above the cap of {cap}")


@attrs.frozen(init=False)
class Scorecard:
    """
    Groups whose points add up to one score.

    Args:
        rules: `Group` values, or rules straight away.
        groups: The same as one list, as `attrs.evolve` gives it.
        name: Where a qualification has several cards, their names tell them apart.
        cap: The most points of the total.
        floor: The fewest points of the total.

    Raises:
        DefinitionError: two groups or two rules share a name, or a score depends on itself.

    >>> from mqlkit import Rule, attribute
    >>> card = Scorecard(Group("fit", [Rule("50 people", attribute("employees") >= 50, 15)]))
    """

    groups: tuple[BaseRule | Group, ...]
    name: str
    cap: int | float | None
    floor: int | float | None

    def __init__(
        self,
        *rules: "BaseRule | Group",
        groups: "Iterable[BaseRule | Group]" = (),
        name: str = "",
        cap: Number | None = None,
        floor: Number | None = None,
    ) -> None:
        self.__attrs_init__(  # pyright: ignore[reportAttributeAccessIssue]
            (*_items(rules), *_items(groups)), name, _limit(cap), _limit(floor)
        )

    def __attrs_post_init__(self) -> None:
        _check_limits(self.cap, self.floor)
        _each_once("group", [group.name for group in self.all_groups()])
        _each_once("rule", [rule.name for rule in self.all_rules()])

    @property
    def score_name(self) -> str:
        """How its total is asked for: by its name, or as ``"total"``."""
        return self.name or TOTAL

    def all_groups(self) -> Iterator[Group]:
        """Its groups and theirs, outermost first."""
        for item in self.groups:
            if isinstance(item, Group):
                yield item
                yield from (inner for inner in item.rules if isinstance(inner, Group))

    def all_rules(self) -> Iterator[BaseRule]:
        """All its rules, in the order of the explanation."""
        return _rules(self.groups)

    def score(self, lead: Snapshot) -> ScoreResult:
        """Its total for a lead, by itself: no other card can be asked for."""
        return ScoreBook((self,), lead).score(self.score_name)


def _rules(items: Iterable[BaseRule | Group]) -> Iterator[BaseRule]:
    for item in items:
        if isinstance(item, Group):
            yield from _rules(item.rules)
        else:
            yield item


def _each_once(what: str, names: list[str]) -> None:
    for name in sorted(name for name, times in Counter(names).items() if times > 1):
        raise DefinitionError(f"two {what}s are called {name!r}; give each its own name")


# -- scores by name ---------------------------------------------------------------------------

Scored: TypeAlias = Scorecard | Group


def members(scored: Scored) -> "tuple[BaseRule | Group, ...]":
    """The rules and groups whose points add up to a score."""
    return scored.groups if isinstance(scored, Scorecard) else scored.rules


def open_lines_show(cards: Iterable[Scorecard]) -> bool:
    """Whether no line can be open where no total is, unless a limit or points by hand hide it."""
    for card in cards:
        fading = any(group.decay is not None for group in card.all_groups())
        if not all(rule.always_shows(fading=fading) for rule in card.all_rules()):
            return False
    return True


def within_limits(scored: Scored, millis: Triple) -> bool:
    """Whether a total lies below its cap and above its floor, so that neither took anything."""
    below = scored.cap is None or millis.high < millipoints(scored.cap)
    return below and (scored.floor is None or millis.low > millipoints(scored.floor))


def score_names(cards: Iterable[Scorecard]) -> dict[str, Scored]:
    """
    What each name of a score stands for; ``"total"`` is that of an only card.

    Raises:
        DefinitionError: two scores share a name, or a score depends on itself.
        UnknownNameError: a rule asks for a score that there is not.
    """
    several = tuple(cards)
    found: dict[str, Scored] = {}
    for card in several:
        if len(several) == 1:
            found[TOTAL] = card
        elif not card.name:
            raise DefinitionError("of several cards each needs a name")
        named: list[Scored] = [card] if card.name else []
        for scored in (*named, *card.all_groups()):
            if scored.name in found:
                raise DefinitionError(f"two scores are called {scored.name!r}")
            found[scored.name] = scored
    _refuse_circles(found)
    return found


def asked_scores(criterion: Criterion) -> Iterator[str]:
    """The names of the scores that a criterion asks for."""
    for part in criterion.walk():
        yield from scores_of(getattr(part, "measure", None))


def scores_of(measure: object) -> Iterator[str]:
    """The names of the scores that a measure is made of."""
    if isinstance(measure, Score | Grade):
        yield measure.score
    elif isinstance(measure, Matrix):
        yield from (measure.rows.score, measure.columns.score)


def _refuse_circles(found: dict[str, Scored]) -> None:
    needs: dict[str, list[str]] = {}
    for name, scored in found.items():
        items = members(scored)
        needs[name] = [item.name for item in items if isinstance(item, Group)]
        for rule in (item for item in items if isinstance(item, BaseRule)):
            asked = [n for c in rule.criteria() for n in asked_scores(c)]
            needs[name] += asked
            for other in asked:
                if other not in found:
                    raise UnknownNameError("score", other, found)
    _refuse_towers(needs, _in_order(needs))


def _in_order(needs: dict[str, list[str]]) -> list[str]:
    """Every score after those that it needs; each is looked at once, however often needed."""
    try:
        return list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        circle: list[str] = error.args[1][::-1]
        first = min(circle, key=list(needs).index)
        turned = [*circle[circle.index(first) : -1], *circle[: circle.index(first)], first]
        shown = " → ".join(repr(step) for step in turned)
        raise DefinitionError(f"a score depends on itself: {shown}") from None


def _refuse_towers(needs: dict[str, list[str]], order: list[str]) -> None:
    """A score is found by asking for those that it needs, so their tower is bounded."""
    height: dict[str, int] = {}
    for name in order:
        height[name] = 1 + max((height[other] for other in needs[name]), default=0)
        if height[name] > DEEPEST:
            raise DefinitionError(
                f"the score {name!r} builds on scores {height[name]} deep, "
                f"and at most {DEEPEST} are allowed"
            )


class ScoreBook:
    """
    The scores of one lead at one instant, each computed when it is first asked for.

    Args:
        cards: The cards, with names that differ.
        lead: The snapshot to score.
        settle: Count every unknown as no, so that no score is a range.
    """

    __slots__ = ("_asked", "_changes", "_found", "_names", "lead", "settle")

    def __init__(
        self,
        cards: Iterable[Scorecard],
        lead: Snapshot,
        *,
        settle: bool = False,
        names: dict[str, Scored] | None = None,
    ) -> None:
        self._names = score_names(cards) if names is None else names
        self._found: dict[str, ScoreResult] = {}
        self._changes: dict[str, datetime | None] = {}
        self._asked: set[tuple[int, str]] = set()
        self.settle = settle
        self.lead = lead.with_scores(self)

    @property
    def book(self) -> "ScoreBook":
        """This book."""
        return self

    def score(self, name: str) -> ScoreResult:
        """
        The score called *name*.

        Raises:
            UnknownNameError: there is none.
            DefinitionError: a user's own criterion made a score depend on itself.
        """
        if name in self._found:
            return self._found[name]
        if name not in self._names:
            raise UnknownNameError("score", name, self._names)
        asking = (get_ident(), name)  # another thread may be finding the same score
        if asking in self._asked:
            raise DefinitionError(f"the score {name!r} depends on itself")
        self._asked.add(asking)
        try:
            scored = self._names[name]
            path = (scored.name,) if isinstance(scored, Group) else ()
            decay = self._decay(scored)
            lines: list[Line] = []
            for item in members(scored):
                if isinstance(item, Group):
                    below = self.score(item.name).lines
                    lines += [line.within(path) for line in below] if path else below
                else:
                    lines += self._lines(item, path, decay)
            self._found[name] = self._total(name, scored, lines)
        finally:
            self._asked.discard(asking)
        return self._found[name]

    def _lines(self, rule: BaseRule, path: tuple[str, ...], decay: Decay | None) -> list[Line]:
        """The lines of a rule, as they stand in the group around it."""
        award = rule.award(self.lead, decay)
        fresh, left = award.fresh, award.left
        if self.settle:
            same = left is fresh
            fresh = fresh.settled()
            left = fresh if same else left.settled()
        opened = fresh.open or left.open
        lines = [Line("rule", rule.name, path, fresh, award.evidence, rule, opened)]
        if left is not fresh and left != fresh:
            lines.append(Line("decay", f"{rule.name}: faded with age", path, left.minus(fresh)))
        return lines

    def _decay(self, within: Scored) -> Decay | None:
        """The decay of a group, or of the group around it."""
        if isinstance(within, Scorecard) or within.decay is not None:
            return within.decay if isinstance(within, Group) else None
        for around in self._names.values():
            if isinstance(around, Group) and any(item is within for item in around.rules):
                return around.decay
        return None

    def _total(self, name: str, scored: Scored, lines: list[Line]) -> ScoreResult:
        path = (scored.name,) if isinstance(scored, Group) else ()
        total = added(line.millis for line in lines)
        for kind, limit in (("cap", scored.cap), ("floor", scored.floor)):
            if limit is None:
                continue
            bound = millipoints(limit)
            clip = min if kind == "cap" else max
            clipped = Triple(*(clip(end, bound) for end in total))
            if clipped != total:
                text = f"{kind} of {in_points(bound):,f} points"
                lines.append(Line(kind, text, path, clipped.minus(total)))  # type: ignore[arg-type]
            total = clipped
        for override in self._overrides(scored):
            if not override.holds(self.lead.as_of):
                continue
            millis = millipoints(override.points)
            by_hand = Triple(millis, millis, millis)
            lines.append(Line("override", f"by {override.by}: {override.why}", path, by_hand))
            total = total.plus(by_hand)
        return ScoreResult(name, total, self, tuple(lines))

    def _overrides(self, scored: Scored) -> Iterator[Override]:
        """The points given by hand to this score, whether they count now or not."""
        given = () if self.lead.lead is None else self.lead.lead.overrides
        if not given:
            return iter(())
        # An only card is asked for as the total and by its name; both are the same score.
        called = {scored.name} | ({TOTAL} if self._names.get(TOTAL) is scored else set())
        return (override for override in given if override.score in called)

    def changes_at(self, name: str) -> datetime | None:
        """The next instant at which that score may change with no new data."""
        if name not in self._changes:  # scores that build on scores ask for one again and again
            self._changes[name] = earliest(self._instants(self._names[name]))
        return self._changes[name]

    def _instants(self, scored: Scored) -> Iterator[datetime | None]:
        for item in members(scored):
            if isinstance(item, Group):
                yield self.changes_at(item.name)
            else:
                yield item.changes_at(self.lead, self._decay(scored))
        for override in self._overrides(scored):
            edges = (override.since, override.until)
            yield from (edge for edge in edges if edge > self.lead.as_of)
