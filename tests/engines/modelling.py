"""
Models from a seed, made of every part that there is; and the cases to decide with each.

A plain generator, not Hypothesis: it is for volume. `Cases(seed)` is one model with some leads,
each at several instants; ``Cases(seed).case(place)`` makes just one of them again.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from functools import cached_property
from itertools import count
from random import Random
from typing import Any, Final, NamedTuple

import attrs
from engines import own_parts as own
from engines.nasty_leads import (
    BASE,
    DAY,
    FIELDS,
    KINDS,
    NUMBERS,
    PAGES,
    PATHS,
    PROPERTIES,
    STAGES,
    TAGS,
    TEXTS,
    LeadMaker,
)

from mqlkit import (
    Activities,
    Attribute,
    Band,
    Criterion,
    Decay,
    Group,
    Label,
    Lead,
    Measure,
    NamedList,
    Qualification,
    Rule,
    Scorecard,
    Verdict,
    activity,
    all_of,
    any_of,
    at_least,
    attribute,
    days_in_stage,
    exactly,
    expires,
    grade,
    half_life,
    if_,
    known,
    linear,
    matrix,
    missing,
    people,
    score,
    stage,
    steps,
)
from mqlkit.measure import AtLeast, AtMost, LessThan, MoreThan
from mqlkit.rules.base import BaseRule

LEADS: Final = 6
INSTANTS: Final = 5
PER_SEED: Final = LEADS * INSTANTS

WINDOWS: Final[tuple[dict[str, int], ...]] = (
    {"minutes": 90},
    {"hours": 36},
    {"days": 1},
    {"days": 7},
    {"weeks": 4},
    {"months": 1},
    {"days": 90},
    {"calendar_months": 1},
    {"calendar_months": 3},
)
BOUNDS: Final = (-1, 0, 0, 1, 1, 2, 3, 12.5, 0.001, -0.5, 50, 7, 14, 30)
SCORE_BOUNDS: Final = (-5, 0, 0.001, 1, 5, 10, 12.5, 20, 30, 45.25)
POINTS: Final = (-20, -3, -0.001, 0, 0.125, 1, 5, 8.7, 10, 20, 33.333)
PATTERNS: Final = ("(?i)vp|head", "^a", "s{2}", r"\d", "straße$", "k")
DOMAINS: Final = ("example.com", "rival.example", "Rival.Example")
MOMENTS: Final = (BASE, BASE - 7 * DAY, (BASE - 30 * DAY).date(), date(2026, 3, 1))
OWN_SHARE: Final = 0.12
"""How much of a model is of somebody's own making, where the model has any of that."""


class ModelMaker:
    """
    Makes one model.

    Args:
        chance: Where it takes its choices from.
    """

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.numbers = count(1)
        self.scores: list[str] = []
        self.made: list[Criterion] = []
        self.own = OWN_SHARE if chance.random() < 0.4 else 0.0
        self.breaks = bool(self.own) and chance.random() < 0.4
        self.calendar = chance.random() < 0.4

    def one(self, *makers: Callable[[], Any]) -> Any:
        """What one of *makers* makes."""
        return self.chance.choice(makers)()

    def several(self, least: int, most: int, make: Callable[[], Any]) -> list[Any]:
        """Some things."""
        return [make() for _ in range(self.chance.randint(least, most))]

    def some(self, values: Sequence[Any], least: int = 0, most: int = 3) -> list[Any]:
        """Some of *values*."""
        return self.chance.sample(values, self.chance.randint(least, min(most, len(values))))

    def own_way(self) -> bool:
        """Whether this part is somebody's own."""
        return self.chance.random() < self.own

    # -- criteria ----------------------------------------------------------------------------

    def criterion(self, depth: int = 2) -> Criterion:
        """Any criterion; sometimes one that stands elsewhere in the model, too."""
        chance = self.chance
        if self.made and chance.random() < 0.12:
            shared = chance.choice(self.made)
            if self._asks_only_earlier(shared):
                return copy.copy(shared) if chance.random() < 0.5 else shared
        made = self._joined(depth) if depth and chance.random() < 0.45 else self.leaf()
        roll = chance.random()
        if roll < 0.04:
            made = made.named(f"named {next(self.numbers)}")
        elif roll < 0.1:
            made = made.if_unknown(chance.choice((Verdict.YES, Verdict.NO)))
        self.made.append(made)
        return made

    def _asks_only_earlier(self, asking: Criterion) -> bool:
        names = {getattr(part, "score", None) for part in own.everything_in(asking)}
        return all(not isinstance(name, str) or name in self.scores for name in names)

    def _joined(self, depth: int) -> Criterion:
        inside = self.several(
            0 if self.chance.random() < 0.1 else 1, 3, lambda: self.criterion(depth - 1)
        )
        first, *_ = more = [*inside, self.leaf()]
        if self.breaks and self.chance.random() < 0.3:
            return self._guarded(first)
        if self.own_way():
            return self.one(
                lambda: own.Neither(first, more[-1]),
                lambda: own.Opaque(first),
                lambda: own.AllButOne(inside),
                lambda: own.AnyKnown(inside),
                lambda: own.NotSure(first),
            )
        return self.one(
            lambda: all_of(*inside),
            lambda: any_of(*inside),
            lambda: all_of(*inside),
            lambda: any_of(*inside),
            lambda: ~first,
            lambda: at_least(self.chance.randrange(4), *inside, first),
            lambda: exactly(self.chance.randrange(3), *inside),
            lambda: if_(first, more[-1], more[len(more) // 2]),
            lambda: self._deep(first),
        )

    def _guarded(self, guard: Criterion) -> Criterion:
        """One that may raise, behind one that says whether it is asked at all."""
        trap = self.one(lambda: own.Trap("revenue"), lambda: own.SaysTrue("title"))
        return self.one(
            lambda: all_of(guard, trap),
            lambda: any_of(guard, trap),
            lambda: at_least(1, guard, trap),
            lambda: if_(guard, trap, guard),
        )

    def _deep(self, inner: Criterion) -> Criterion:
        for level in range(self.chance.choice((3, 6, 24)) - 1):
            inner = ~inner if level % 2 else all_of(inner, self.about_fields())
        return inner

    def leaf(self) -> Criterion:
        """A question that is not made of others."""
        if self.own_way():
            return self._own_leaf()
        ways: list[Callable[[], Criterion]] = [
            self.about_fields,
            self.about_fields,
            self.about_activities,
            self.about_activities,
            self._about_stage,
        ]
        if self.scores:
            ways += [self.about_scores, self.about_scores]
        return self.one(*ways)

    def _own_leaf(self) -> Criterion:
        chance = self.chance
        ways: list[Callable[[], Criterion]] = [
            lambda: own.IsEven(chance.choice(("employees", "account.employees"))),
            lambda: own.BusyLately(
                chance.choice(KINDS), chance.choice((36, 24)), chance.choice(("lead", "account"))
            ),
            own.AfterNoon,
            lambda: own.HasTeam(chance.randrange(3)),
            lambda: own.StuckIn(chance.choice(STAGES)),
            lambda: own.Size("employees").is_in(*self.some(("large", "small", "huge"), 1)),
            lambda: self.compared(own.TextLength("title"), BOUNDS),
            lambda: self.compared(own.BlanksMayCount(chance.choice(KINDS)), BOUNDS),
            lambda: own.Initial("title").equals(chance.choice(("v", "S", "h"))),
            lambda: own.NotIn(attribute("industry"), self.some(TEXTS, 1)),
            lambda: own.Whole(attribute("title"), self.some(TEXTS, 1)),
            lambda: own.KnownNumber("anything"),
            lambda: own.Nearly(attribute("employees"), chance.choice(NUMBERS)),
            lambda: own.Immediately(self.selection(), self.selection()),
            lambda: own.Opaque(self.about_activities()),
        ]
        if self.scores:
            ways.append(lambda: own.OutOfReach(chance.choice(self.scores), 12_500))
        if self.breaks:
            ways.append(lambda: own.OutOfReach("group 1", 5_000))
            ways.append(lambda: own.Trap(chance.choice(("revenue", "anything"))))
            ways.append(lambda: own.SaysTrue("title"))
        return self.one(*ways)

    def compared(self, measure: Measure, bounds: Sequence[float]) -> Criterion:
        """A measure compared with numbers."""
        bound = self.chance.choice(bounds)
        low, high = sorted(self.chance.choices(bounds, k=2))
        return self.one(
            lambda: AtLeast(measure, bound),
            lambda: AtMost(measure, bound),
            lambda: MoreThan(measure, bound),
            lambda: LessThan(measure, bound),
            lambda: measure.equals(bound),
            lambda: measure.is_not(bound),
            lambda: measure.between(low, high),
        )

    # -- about fields ------------------------------------------------------------------------

    def about_fields(self) -> Criterion:
        """A question about an attribute, mostly of the kind that it has."""
        fields = {**FIELDS, **PATHS}
        field = self.chance.choice(list(fields))
        kind = fields[field]
        if kind == "any" or self.chance.random() < 0.1:
            kind = self.chance.choice(("number", "text", "flag", "moment", "list"))
        return self.about(field, kind)

    def field(self, name: str, kind: str) -> Attribute:
        """An attribute, with its ways to be read."""
        chance = self.chance
        usual = {"number": 5, "text": "vp", "flag": False, "moment": MOMENTS[0]}.get(kind)
        default = usual if chance.random() < 0.12 else None
        of = own.Shouted if self.own_way() else Attribute
        return of(name, default, chance.random() < 0.2)

    def about(self, name: str, kind: str) -> Criterion:
        """A question about a field as a kind of value."""
        measure = self.field(name, kind)
        if self.chance.random() < 0.12:
            return self.chance.choice((known(name), missing(name)))
        ask = {
            "number": self._about_number,
            "text": self._about_text,
            "page": self._about_page,
            "flag": lambda m: self.one(m.is_true, m.is_false),
            "moment": self._about_moment,
            "list": self._about_list,
        }
        return ask[kind](measure)

    def _about_number(self, measure: Attribute) -> Criterion:
        if self.chance.random() < 0.2:
            return measure.is_in(*self.some(NUMBERS))
        return self.compared(measure, NUMBERS)

    def _about_moment(self, measure: Attribute) -> Criterion:
        bound = self.chance.choice(MOMENTS)
        return self.one(
            lambda: measure >= bound,
            lambda: measure < bound,
            lambda: measure.equals(bound),
            lambda: measure.is_in(*self.some(MOMENTS)),
            lambda: measure.between(MOMENTS[2], MOMENTS[0]),
            lambda: self.compared(attribute(measure.field).days_since(), BOUNDS),
            lambda: self.compared(attribute(measure.field).days_since(), BOUNDS),
        )

    def _about_page(self, measure: Attribute) -> Criterion:
        return self.one(
            lambda: measure.equals(self.chance.choice(PAGES[:4])),
            lambda: measure.starts_with("/p"),
            lambda: measure.is_in(*self.some(PAGES[:4])),
        )

    def _about_text(self, measure: Attribute) -> Criterion:
        word = self.chance.choice(TEXTS)
        return self.one(
            lambda: measure.equals(word),
            lambda: measure.is_in(*self.some(TEXTS, 0, 5)),
            lambda: measure.not_in(NamedList("targets", self.some(TEXTS, 0, 5))),
            lambda: measure.contains_any(*(w[:3] for w in self.some(TEXTS[:8], 1, 4))),
            lambda: measure.starts_with(word[:2], "VP"),
            lambda: measure.ends_with(word[-2:]),
            lambda: measure.matches(self.chance.choice(PATTERNS)),
            lambda: measure.domain_is(*self.some(DOMAINS)),
            lambda: measure.domain_is(NamedList("rivals", DOMAINS)),
            lambda: measure >= word,
            lambda: measure.between(*sorted(("b", "Straße"), key=measure.units)),
        )

    def _about_list(self, measure: Attribute) -> Criterion:
        chosen = self.chance.choice(
            (self.some(TAGS), self.some(TAGS, 1), self.some(NUMBERS[:4], 1))
        )
        return self.one(
            lambda: measure.any_of(*chosen),
            lambda: measure.all_of(*chosen),
            lambda: measure.none_of(NamedList("tags", chosen)),
        )

    # -- about activities --------------------------------------------------------------------

    def selection(self) -> Activities:
        """Some activities."""
        chance = self.chance
        chosen = activity(*self.some(KINDS, 0, 2))
        if self.own_way():
            chosen = own.AllButTheLast(chosen.kinds)
        if chance.random() < 0.5:
            chosen = chosen.where(*self.several(1, 3, self.filter))
        if chance.random() < 0.6:
            chosen = self.within(chosen)
        return chosen.of_account() if chance.random() < 0.15 else chosen

    def within(self, chosen: Activities) -> Activities:
        """The newer ones of some activities."""
        if self.own_way():
            return attrs.evolve(chosen, within=own.Around(7))
        return chosen.within(**self.span())

    def span(self) -> dict[str, int]:
        """How far back."""
        return self.chance.choice(WINDOWS if self.calendar else WINDOWS[:-2])

    def filter(self) -> Criterion:
        """A question about an activity's properties."""
        chance = self.chance
        if self.own_way():
            return self.one(
                lambda: own.IsEven("amount"),
                own.AfterNoon,
                lambda: own.BusyLately("order", 24),
                lambda: (own.Trap if self.breaks else own.IsEven)("amount"),
            )
        name = chance.choice(list(PROPERTIES))
        made = self.about_property(name)
        roll = chance.random()
        if roll < 0.1:
            return ~made
        if roll < 0.2:
            return made | self.about_property("page")
        return made.if_unknown(Verdict.YES) if roll < 0.25 else made

    def about_property(self, name: str) -> Criterion:
        """A question about one property; its age would not be asked of an attribute."""
        made = self.about(name, PROPERTIES[name])
        while any(
            isinstance(part, Measure) and not isinstance(part, Attribute)
            for part in own.everything_in(made)
        ):
            made = self.about(name, PROPERTIES[name])
        return made

    def activity_measure(self) -> Measure:
        """A number that comes from activities."""
        chosen = self.selection()
        field = self.chance.choice(("amount", "amount", "page", "tags"))
        blanks: Any = self.chance.choice(("unknown", "skip"))
        if self.own_way():
            return own.EverySecond(chosen)
        return self.one(
            chosen.count,
            chosen.count,
            lambda: chosen.distinct(field),
            lambda: chosen.sum("amount", blanks=blanks),
            lambda: chosen.min("amount", blanks=blanks),
            lambda: chosen.max(field, blanks=blanks),
            chosen.days_since_last,
            chosen.days_since_first,
        )

    def about_activities(self) -> Criterion:
        """A question about what happened."""
        return self.one(
            lambda: self.compared(self.activity_measure(), BOUNDS),
            lambda: self.compared(self.activity_measure(), BOUNDS),
            lambda: self.compared(self.selection().count(), (0, 1, 2)),
            lambda: self.selection().happened(),
            lambda: self.selection().did_not(),
            lambda: self.selection().then(
                self.selection(), **self.chance.choice(({}, self.span()))
            ),
        )

    # -- about the rest ----------------------------------------------------------------------

    def _about_stage(self) -> Criterion:
        return self.one(
            lambda: stage().is_in(*self.some(STAGES)),
            lambda: self.compared(days_in_stage(), BOUNDS),
            lambda: self.compared(self._of_people(), SCORE_BOUNDS),
        )

    def _of_people(self) -> Measure:
        inner = ModelMaker(self.chance)
        inner.own, inner.breaks = self.own, self.breaks
        items = [inner.group("group 1", 0), *inner.several(0, 2, inner.rule)]
        team = people(
            Scorecard(*items, cap=self.chance.choice((None, 25))), *self.some(("group 1",), 0)
        )
        return self.one(team.sum, team.max, lambda: team.top(self.chance.randint(1, 3)))

    def about_scores(self) -> Criterion:
        """A question about a score that is there already."""
        name = self.chance.choice(self.scores)
        return self.one(
            lambda: self.compared(score(name), SCORE_BOUNDS),
            lambda: self.compared(score(name), SCORE_BOUNDS),
            lambda: self.letters(name).is_in(*self.some("ABD", 0, 2)),
            lambda: matrix(self.letters(name), self.letters(name)).equals("AB"),
        )

    def letters(self, name: str) -> Any:
        """The letter of a score."""
        return grade(name, {"A": self.chance.choice((20, 12.5)), "B": 0.001}, lowest="D")

    # -- rules -------------------------------------------------------------------------------

    def points(self) -> float:
        """Points of one rule."""
        return self.chance.choice(POINTS)

    def decay(self) -> Decay:
        """How points fade."""
        if self.own_way():
            return self.one(lambda: own.Harmonic(2), lambda: own.Grace(30))
        return self.one(
            lambda: linear(days=30),
            lambda: half_life(days=14),
            lambda: steps({1: 0.5, 7: 0.25, 60: 0}),
            lambda: expires(days=7),
        )

    def maybe_decay(self) -> Decay | None:
        """A decay, or none."""
        return self.decay() if self.chance.random() < 0.5 else None

    def rule(self) -> BaseRule:
        """Any rule."""
        name, points = f"rule {next(self.numbers)}", self.points()
        if self.own_way():
            return self.one(
                lambda: own.PointsByHour(name, "employees", 5),
                lambda: own.PointsUnless(name, self.criterion(1), 7),
                lambda: own.Twice(name, self.criterion(1), points),
                lambda: own.OldestFirst(name, self.selection(), points, at_most=2),
            )
        return self.one(
            lambda: Rule(name, self.criterion(1), points),
            lambda: Rule(name, self.criterion(), points),
            lambda: Rule(name, self.leaf(), points),
            lambda: Rule.latest(name, self.selection(), points, decay=self.maybe_decay()),
            lambda: self._each(name, points),
            lambda: self._each(name, points),
            lambda: Rule.by_value(name, self.field("title", "text"), self._by_text()),
            lambda: Rule.by_band(
                name, self._banded(), self._bands(), match=self.chance.choice(("first", "best"))
            ),
            lambda: Rule.first_of(name, *self._cases()),
            lambda: Rule.best_of(name, *self._cases()),
        )

    def _each(self, name: str, points: float) -> BaseRule:
        chance = self.chance
        at_most = chance.choice((None, 1, 2, 3))
        per = chance.choice((None, 1, 7)) if at_most else None
        return Rule.each(
            name,
            self.selection(),
            points,
            once_per=chance.choice((None, "page", "amount")),
            at_most=at_most,
            per=per,
            in_all=chance.choice((None, 3)) if per else None,
            decay=self.maybe_decay(),
        )

    def _by_text(self) -> dict[str, float]:
        by_fold = {text.strip().casefold(): text for text in TEXTS[:7]}
        return {text: self.points() for text in self.some(list(by_fold.values()), 1, 4)}

    def _banded(self) -> Measure:
        ways: list[Callable[[], Any]] = [
            lambda: self.field("employees", "number"),
            self.activity_measure,
            lambda: attribute("signed_up").days_since(),
        ]
        if self.scores:
            ways.append(lambda: score(self.chance.choice(self.scores)))
        return self.one(*ways)

    def _bands(self) -> list[Band]:
        ends = sorted(self.chance.sample((-1, 0, 1, 2.5, 5, 12.5, 50), 3))
        return [
            Band(self.points(), below=ends[0]),
            Band(self.points(), ends[0], ends[1]),
            Band(self.points(), ends[1]),
            *self.several(0, 1, lambda: Band(self.points(), ends[0], ends[2])),
        ]

    def _cases(self) -> list[tuple[Criterion, float]]:
        return self.several(1, 3, lambda: (self.criterion(1), self.points()))

    # -- cards -------------------------------------------------------------------------------

    def group(self, name: str, inner: int) -> Group:
        """
        A group of rules.

        Args:
            inner: How many groups it may hold.
        """
        chance = self.chance
        rules: list[Any] = self.several(1, 3, self.rule)
        if inner and chance.random() < 0.35:
            rules.insert(
                chance.randrange(len(rules) + 1), self.group(f"group {next(self.numbers)}", 0)
            )
        cap = chance.choice((None, None, 10, 12.5))
        floor = chance.choice((None, None, -5, 0))
        decay = self.decay() if chance.random() < 0.3 else None
        self.scores.append(name)
        return Group(name, rules, cap=cap, floor=floor, decay=decay)

    def card(self, name: str) -> Scorecard:
        """A card, with or without groups."""
        chance = self.chance
        items: list[Any] = self.several(0, 2, lambda: self.group(f"group {next(self.numbers)}", 1))
        items += self.several(0 if items else 1, 2, self.rule)
        chance.shuffle(items)
        items.sort(key=lambda item: isinstance(item, BaseRule) and bool(self.scores))
        cap, floor = chance.choice(((None, None), (30, None), (45.5, -2), (None, 0)))
        return Scorecard(*items, name=name, cap=cap, floor=floor)

    def cards(self) -> Any:
        """No card, one, or several."""
        roll = self.chance.random()
        if roll < 0.1:
            return None
        if roll < 0.75:
            name = self.chance.choice(("", "", "fit"))
            card = self.card(name)
            self.scores += ["total", *filter(None, (name,))]
            return card
        made = []
        for name in ("fit", "interest", "intent")[: self.chance.choice((2, 2, 3))]:
            made.append(self.card(name))
            self.scores.append(name)
        return made

    # -- the whole ---------------------------------------------------------------------------

    def model(self) -> Qualification:
        """A model."""
        chance = self.chance
        cards = self.cards()
        grades: dict[str, Any] = {}
        if self.scores and chance.random() < 0.3:
            grades["letter"] = self.letters(chance.choice(self.scores))
            rows = self.letters(chance.choice(self.scores))
            grades["both"] = matrix(rows, grades["letter"])
        if self.own and chance.random() < 0.2:
            grades["size"] = own.Size("employees")
        labels: dict[str, Any] = {
            f"label {n}": self.criterion(1) for n in range(chance.randrange(3))
        }
        if labels and chance.random() < 0.5:
            labels["label 0"] = Label(labels["label 0"], "call them")
        return Qualification(
            "generated",
            version="1",
            card=cards,
            when=self.criterion(),
            never={f"never {n}": self.criterion(1) for n in range(chance.choice((0, 0, 1, 2)))},
            at_once={f"at once {n}": self.criterion(1) for n in range(chance.choice((0, 0, 1)))},
            labels=labels,
            grades=grades,
            unknowns="no" if chance.random() < 0.15 else "ask",
        )


# -- cases ---------------------------------------------------------------------------------------


class Case(NamedTuple):
    """One lead at one instant, to decide by one model."""

    lead: Lead
    as_of: datetime


@attrs.frozen(slots=False)
class Cases:
    """
    What one seed makes: a model, and cases to decide by it.

    Args:
        seed: A whole number.
    """

    seed: int

    @cached_property
    def model(self) -> Qualification:
        """The model of the seed."""
        return ModelMaker(Random(f"model {self.seed}")).model()

    def case(self, place: int) -> Case:
        """One case, whatever the others are; its lead is made anew."""
        return Case(self.lead(place // INSTANTS), self.instant(place))

    def lead(self, number: int) -> Lead:
        """One of the `LEADS` leads."""
        chance = Random(f"lead {self.seed} {number}")
        return LeadMaker(chance, list(self.model.score_names)).lead()

    def instant(self, place: int) -> datetime:
        """When one of the `PER_SEED` cases is decided."""
        return LeadMaker(Random(f"instant {self.seed} {place}")).as_of()

    def __iter__(self) -> Iterator[Case]:
        """All cases: a lead's instants one after the other, forward and back in time."""
        for number in range(LEADS):
            lead = self.lead(number)
            for place in range(INSTANTS):
                yield Case(lead, self.instant(number * INSTANTS + place))
