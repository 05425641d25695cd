"""
What is found out about timelines, as aggregates over the activities of a lead.

All of it is told by an activity's age, in microseconds at the instant of the decision. So a
window is one comparison of whole numbers, whatever the session's time zone.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, cast

import attrs

from ..criteria.aggregate import DaysSinceFirst, Distinct, Greatest, Least
from ..criteria.sequence import Sequence as SequenceOf
from ..decay import Decay
from ..plan import node
from ..plan.asking import ask
from ..plan.node import Need, Pick
from ..rules.activity import Each
from ..timeline import MOST_ACTIVITIES
from ..value import MICROSECOND
from ..window import LONGEST_DAYS, Window
from .asks import Asks
from .dialects.base import DAY_MICROS, AlreadyRefused, Dialect, Refused
from .quantities import INFINITY, End, Ends
from .reach import Reach
from .reader import Reader
from .refusals import Faults
from .sql import Layers, Sql, over, slug
from .tables import ActivityTable

KEY: Final = "lead_id"
_SPENT: Final = 64 * LONGEST_DAYS


@attrs.frozen
class Aggregate:
    """A column of a pass: what it is over a lead's activities, and what it is of none."""

    name: str
    sql: str
    none: str | None
    type: str


class Pass:
    """
    One pass over the activities, or over those of them for which a condition holds.

    Args:
        name: Of its steps.
        where: The condition; None for all.
    """

    def __init__(self, name: str, where: Sql | None = None) -> None:
        self.name = name
        self.where = where
        self.layers = Layers("w")
        self.aggregates: dict[str, Aggregate] = {}


class Timelines:
    """
    Turns needs into columns.

    Args:
        table: Where activities come from; None when they were not loaded.
        layers: Of the leads' columns, for the names of what is found out.
        key: The columns by which activities are grouped.
    """

    def __init__(
        self,
        table: ActivityTable | None,
        layers: Layers,
        dialect: Dialect,
        faults: Faults,
        key: Sequence[str] = (KEY,),
    ) -> None:
        self.table, self.dialect, self.faults = table, dialect, faults
        self.key = ", ".join(key)
        self._leads = layers
        self.bits = Layers("b")
        cells = {} if table is None else table.fields
        self.reader = Reader(cells, "the activities", self.bits, "p", dialect, faults)
        self.asks = Asks(self.reader, faults)
        self.main = Pass("found")
        self._others: dict[str, Pass] = {}
        self._bits: dict[Pick, tuple[Sql, Sql]] = {}
        self._whenever: dict[Pick, Sql] = {}
        self.ahead = False
        """Whether the rows hold what is still to come, too: an age below 0."""
        self.reach = Reach()
        """Which kinds are asked for, and how far back."""
        self.parted = False
        """Whether some window goes over a part of a lead's activities: a period, or a value."""

    @property
    def passes(self) -> Iterator[Pass]:
        """All passes that found something out."""
        return (one for one in (self.main, *self._others.values()) if one.aggregates)

    # -- quantities --------------------------------------------------------------------------

    def known(self, need: Need) -> Ends:
        """A need as a quantity."""
        match need:
            case node.Tally():
                least, most = self.counts(need)
                return Ends(End(least), End(most))
            case node.Newest():
                sure, possible = self._ends(need, "MIN", "age", "last")
                return Ends(End(possible, INFINITY), End(sure, INFINITY))
            case node.Oldest():
                return Ends.exact(self._ends(need, "MAX", "age", "first")[0], INFINITY)
            case _:
                return self._total(cast(node.Total, need))

    def counts(self, need: Need) -> tuple[Sql, Sql]:
        """How many activities there are for sure, and how many there may be."""
        sure, possible = self._conditions(need)
        hint = _hint(need, "n")
        least = self._aggregate(self.dialect.count_if(sure.text), hint, "0", sure)
        if sure is possible:
            return least, least
        most = self.dialect.count_if(possible.text)
        return least, self._aggregate(most, f"{hint} most", "0", possible)

    def _ends(self, need: Need, how: str, value: str, hint: str) -> tuple[Sql, Sql]:
        """An aggregate over those that match for sure, and over all that may."""
        sure, possible = self._conditions(need)
        hint = _hint(need, hint)

        def found(condition: Sql, hint: str) -> Sql:
            text = self.dialect.fold_if(how, value, condition.text)
            return self._aggregate(text, hint, None, condition)

        first = found(sure, hint)
        return first, first if sure is possible else found(possible, f"{hint} most")

    def over(self, asked: node.Over) -> Ends:
        """What a measure makes of activities."""
        ways: Mapping[type, Callable[[Any, Need], Ends]] = {
            Distinct: self._distinct,
            Least: self._extreme,
            Greatest: self._extreme,
            DaysSinceFirst: self._first,
        }
        measure: Any = asked.measure
        return ways[type(measure)](measure, asked.gather)

    def _first(self, measure: DaysSinceFirst, need: Need) -> Ends:
        sure, possible = self._ends(need, "MAX", "age", "first")
        newest = self._ends(need, "MIN", "age", "last")[1]
        low = over(f"CASE WHEN {sure} IS NULL THEN {newest} ELSE {sure} END", sure, newest)
        high = over(f"CASE WHEN {sure} IS NOT NULL THEN {possible} END", sure, possible)
        return Ends(End(low, INFINITY), End(high, INFINITY))

    def _value(self, field: str, kind: str) -> Sql | None:
        return self.reader.read(field, kind)  # type: ignore[arg-type]

    def summand(self, field: str) -> Sql:
        """A property in thousandths, as a sum adds it; NULL where it does not."""
        number = self._value(field, "number")
        if number is None:
            raise AlreadyRefused("the sum has nothing to add")
        text = self.dialect.thousandths(number.text, whole=self.reader.held(field) == "whole")
        return self.bits.named(over(text, number), f"{field} thousandths", "p")

    def _total(self, need: node.Total) -> Ends:
        value = self.summand(need.field)
        sure, possible = self._conditions(need)
        hint = _hint(need, f"sum {need.field}")

        def total(text: str, *parts: Sql, hint: str = hint) -> Sql:
            return self._aggregate(self.dialect.wide_sum(text), hint, "0", *parts, value)

        def end(word: str, clip: str) -> Sql:
            maybe = f"CASE WHEN {sure} OR ({possible} AND {value} {clip} 0) THEN {value} END"
            return total(maybe, sure, possible, hint=f"{hint} {word}")

        certain = sure is possible
        low = total(f"CASE WHEN {sure} THEN {value} END", sure) if certain else end("least", "<")
        high = low if certain else end("most", ">")
        return Ends(End(low), End(high), self._open(need, value, possible, need.skip_blanks))

    def _open(self, need: Need, value: Sql, possible: Sql, skip: bool) -> Sql | None:
        """Whether a blank leaves it open."""
        if skip:
            return None
        blank = over(f"({possible} AND {value} IS NULL)", possible, value)
        count = self.dialect.count_if(blank.text)
        blanks = self._aggregate(count, _hint(need, "blank"), "0", blank)
        return over(f"({blanks} > 0)", blanks, known=True)

    def _extreme(self, measure: Least | Greatest, need: Need) -> Ends:
        value = self._value(measure.field, "number")
        if value is None:
            raise AlreadyRefused(f"{measure.describe()} has nothing to compare")
        least = isinstance(measure, Least)
        how, none = ("MIN", INFINITY) if least else ("MAX", -INFINITY)
        open_ = self._open(need, value, self._conditions(need)[1], measure.blanks == "skip")
        hint = f"{'least' if least else 'greatest'} {measure.field}"
        sure, possible = self._ends(need, how, value.text, hint)
        low, high = (possible, sure) if least else (sure, possible)
        return Ends(End(low, none), End(high, none), open_)

    def _single(self, field: str) -> Sql:
        """A property such that equal values are equal: text folded wholly."""
        value = self._value(field, "single")
        if value is None:
            raise AlreadyRefused(f"the property {field!r} cannot be compared with itself")
        if self.reader.held(field) != "text":
            return value
        text = self.dialect.folded_wholly(value.text)
        return self.bits.named(over(text, value), f"{field} folded", "p")

    def _distinct(self, measure: Distinct, need: Need) -> Ends:
        value = self._single(measure.field)
        sure, possible = self._conditions(need)
        hint = _hint(need, f"different {measure.field}")

        def different(condition: Sql, hint: str) -> Sql:
            text = self.dialect.distinct(f"CASE WHEN {condition} THEN {value} END")
            return self._aggregate(text, hint, "0", condition, value)

        low = different(sure, hint)
        high = low if sure is possible else different(possible, f"{hint} most")
        blank = over(f"({possible} AND {value} IS NULL)", possible, value)
        text = self.dialect.count_if(blank.text)
        blanks = self._aggregate(text, f"{hint} blank", "0", blank)
        return Ends(End(low), End(over(f"({high} + {blanks})", high, blanks, known=True)))

    # -- one after another -------------------------------------------------------------------

    def follows(self, asked: node.Follows) -> Sql:
        """Whether one of the first activities is followed by one of the second."""
        criterion = cast(SequenceOf, asked.criterion)
        first, then = self._conditions(asked.first), self._conditions(asked.then)
        make = self._ever if criterion.within is None else self._within
        span = None if criterion.within is None else self._span(criterion.within)
        sure = make(first[0], then[0], span)
        if first[0] is first[1] and then[0] is then[1]:
            return sure
        perhaps = make(first[1], then[1], span)
        return over(f"CASE WHEN {sure} THEN TRUE WHEN NOT {perhaps} THEN FALSE END", sure, perhaps)

    def _ever(self, first: Sql, then: Sql, span: int | None) -> Sql:
        """Whether the oldest of the first is older than the newest of the second."""
        oldest = self.dialect.fold_if("MAX", "age", first.text)
        newest = self.dialect.fold_if("MIN", "age", then.text)
        ages = [
            self._aggregate(text, hint, None, part)
            for text, hint, part in ((oldest, "before", first), (newest, "after", then))
        ]
        return over(f"COALESCE({ages[0]} > {ages[1]}, FALSE)", *ages, known=True)

    def _within(self, first: Sql, then: Sql, span: int | None) -> Sql:
        """Whether the newest of the first before one of the second is near enough to it."""
        turns = self.dialect.in_turn(first.text, then.text)
        if turns is not None and span is not None:
            listed = self._aggregate(turns, "turns", None, first, then)
            followed = self.dialect.followed(listed.text, span)
            return over(f"COALESCE({followed}, FALSE)", listed, known=True)
        rows = self._pass(over(f"({first} OR {then})", first, then))
        before = rows.layers.named(
            Sql(
                f"MIN(CASE WHEN {first} THEN age END) OVER (PARTITION BY {self.key} "
                f"ORDER BY us ASC RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
            ),
            "before",
        )
        near = f"{then} AND {before} - age < {span}"
        count = self._aggregate(self.dialect.count_if(near), "followed", "0", rows=rows)
        return over(f"({count} > 0)", count, known=True)

    # -- points for activities ---------------------------------------------------------------

    def faded(self, need: node.Fade) -> tuple[Sql, Sql]:
        """What is left of the points of the newest, of those sure and of all that may match."""
        sure, possible = self._conditions(need)
        values = self._values(need.millis, need.decay)
        hint = _hint(need, "left")
        least = self._left(sure, values, need.most, hint)
        if sure is possible:
            return least, least
        return least, self._left(possible, values, need.most, f"{hint} most")

    def _values(self, millis: int, decay: Decay | None) -> Sequence[int]:
        """What is left by whole days; the last for every later one."""
        return [millis] if decay is None else steps_of(millis, decay)

    def _left(self, condition: Sql, values: Sequence[int], most: int, hint: str) -> Sql:
        dialect = self.dialect
        if not any(values):
            return Sql("0", known=True)
        days = dialect.whole_days("age")
        if most >= MOST_ACTIVITIES:
            text = dialect.fold_if("SUM", dialect.ladder(days, values), condition.text)
            return self._aggregate(text, hint, "0", condition)
        if most == 1:
            age = self._aggregate(
                dialect.fold_if("MIN", "age", condition.text), hint, None, condition
            )
            left = dialect.ladder(dialect.whole_days(age.text), values)
            return over(f"CASE WHEN {age} IS NULL THEN 0 ELSE {left} END", age, known=True)
        steps = [day for day in range(1, len(values)) if values[day] != values[day - 1]]
        if len(steps) <= dialect.most_steps and values[-1] == 0 and _never_rises(values):
            return self._by_counts(condition, values, steps, most, hint)
        newest = dialect.newest("age", condition.text, most, values)
        if newest is not None:
            return self._aggregate(newest, hint, "0", condition)
        rows = self._pass(condition)
        place = rows.layers.named(self._place(condition), "place")
        counted = f"{condition} AND {place} <= {most}"
        text = dialect.fold_if("SUM", dialect.ladder(days, values), counted)
        return self._aggregate(text, hint, "0", rows=rows)

    def _by_counts(
        self, condition: Sql, values: Sequence[int], steps: Sequence[int], most: int, hint: str
    ) -> Sql:
        """By how many are younger than each step: exact, and needs no order."""
        parts: list[Sql] = []
        for step in steps:
            young = over(f"({condition} AND age < {step * DAY_MICROS})", condition)
            n = self._aggregate(self.dialect.count_if(young.text), f"{hint} {step}d", "0", young)
            worth = values[step - 1] - values[step]
            parts.append(over(f"{worth} * {self.dialect.least(n.text, str(most))}", n, known=True))
        return over(f"({' + '.join(part.text for part in parts) or '0'})", *parts, known=True)

    def _place(self, condition: Sql, within: str = "") -> Sql:
        """Which of the newest an activity is, of those a condition holds for."""
        self.parted = self.parted or bool(within)
        return over(
            f"SUM(CASE WHEN {condition} THEN 1 ELSE 0 END) OVER (PARTITION BY {self.key}{within} "
            f"ORDER BY age ASC ROWS UNBOUNDED PRECEDING)",
            condition,
        )

    def counted(
        self, rule: Each, need: Need, decay: Decay | None, millis: int
    ) -> tuple[Sql, Sql, Sql]:
        """What a rule with periods or once for each value gives: least, sure, most."""
        sure, possible = self._conditions(need)
        values = self._values(millis, decay)
        if rule.once_per is None:
            least = self._of_periods(rule, sure, values)
            most = least if sure is possible else self._of_periods(rule, possible, values)
            return least, least, most
        value = self._single(rule.once_per)
        known = over(f"({sure} AND {value} IS NOT NULL)", sure, value)
        counted = self._of_each(rule, known, value, values)
        if rule.per is None:
            return counted, counted, self._of_each(rule, possible, value, values)
        return (
            self._firm(rule, sure, possible, value, values),
            counted,
            self._most(rule, sure, possible, value, values, counted),
        )

    def _of_each(self, rule: Each, condition: Sql, value: Sql, values: Sequence[int]) -> Sql:
        """The newest of each value counts; one without a value is one of its own."""
        rows = self._pass(condition)
        return self._newest_of_each(rule, rows, condition, value, values)

    def _newest_of_each(
        self, rule: Each, rows: Pass, condition: Sql, value: Sql, values: Sequence[int]
    ) -> Sql:
        place = rows.layers.named(self._place(condition, f", {value}"), "of_value")
        newest = over(f"({condition} AND ({place} = 1 OR {value} IS NULL))", place)
        return self._of_periods(rule, newest, values, rows)

    def _of_periods(
        self, rule: Each, condition: Sql, values: Sequence[int], rows: Pass | None = None
    ) -> Sql:
        """The newest of each period, then of all."""
        rows = self._pass(condition) if rows is None else rows
        if rule.per is not None:
            period = self.dialect.period("us", rule.per * DAY_MICROS)
            place = rows.layers.named(self._place(condition, f", {period}"), "of_period")
            condition = over(f"({condition} AND {place} <= {rule.at_most})", condition, place)
        if rule.most < MOST_ACTIVITIES:
            place = rows.layers.named(self._place(condition, ""), "place")
            condition = over(f"({condition} AND {place} <= {rule.most})", condition, place)
        ladder = self.dialect.ladder(self.dialect.whole_days("age"), values)
        text = self.dialect.fold_if("SUM", ladder, condition.text)
        return self._aggregate(text, f"{rule.name} left", "0", rows=rows)

    def _firm(self, rule: Each, sure: Sql, possible: Sql, value: Sql, values: Sequence[int]) -> Sql:
        """With periods: only values that nothing can move are sure."""
        rows = self._pass(possible)
        moving = rows.layers.named(
            over(
                f"MAX(CASE WHEN {possible} AND NOT COALESCE({sure}, FALSE) THEN 1 ELSE 0 END) "
                f"OVER (PARTITION BY {self.key}, {value})",
            ),
            "moving",
        )
        blank = rows.layers.named(
            over(
                f"MAX(CASE WHEN {possible} AND {value} IS NULL THEN 1 ELSE 0 END) "
                f"OVER (PARTITION BY {self.key})",
            ),
            "blank",
        )
        firm = over(
            f"({sure} AND {value} IS NOT NULL AND {moving} = 0 AND {blank} = 0)", moving, blank
        )
        return self._newest_of_each(rule, rows, firm, value, values)

    def _most(
        self,
        rule: Each,
        sure: Sql,
        possible: Sql,
        value: Sql,
        values: Sequence[int],
        counted: Sql,
    ) -> Sql:
        """With periods: all that may count, where a value may move; else what is sure."""
        every = self._of_periods(rule, possible, values)
        moves = over(f"({possible} AND (NOT COALESCE({sure}, FALSE) OR {value} IS NULL))", possible)
        text = self.dialect.count_if(moves.text)
        n = self._aggregate(text, f"{rule.name} moving", "0", moves, value)
        return over(
            f"CASE WHEN {n} > 0 THEN {every} ELSE {counted} END", n, every, counted, known=True
        )

    # -- which activities --------------------------------------------------------------------

    def _conditions(self, need: Need) -> tuple[Sql, Sql]:
        """Which activities match for sure, and which may; one where no blank can matter."""
        if need.pick.of != "lead":
            raise Refused("activities of the account: a table has those of its leads only")
        sure, possible = self._bits.get(need.pick) or self._picked(need.pick)
        span = None if need.window is None else self._span(need.window)
        # Whoever looks ahead asks for what has left a window, too.
        self.reach.ask(need.pick.kinds, None if self.ahead else span)
        if span is None:
            return sure, possible
        recent = f"age < {span}"
        first = _both(sure, recent)
        return first, first if sure is possible else _both(possible, recent)

    def _picked(self, pick: Pick) -> tuple[Sql, Sql]:
        """Which activities are picked for sure, and which may be; never NULL."""
        parts = [self.asks.ask(ask(part)) for part in pick.filters]
        if pick.kinds:
            kinds = sorted(map(self.dialect.text, pick.kinds))
            same = f"= {kinds[0]}" if len(kinds) == 1 else f"IN ({', '.join(kinds)})"
            parts.insert(0, Sql(f"kind {same}", known=True))
        hint = " ".join(pick.kinds) or "any"
        bit = over(" AND ".join(part.text for part in parts) or "TRUE", *parts)
        if all(part.known for part in parts):
            sure = over(f"({bit})" if parts else "TRUE", bit, known=True)
            sure = possible = self.bits.named(sure, hint) if len(parts) > 1 else sure
        else:
            sure, possible = (
                self.bits.named(
                    over(f"COALESCE({bit}, {blank})", bit, known=True), f"{hint} {word}"
                )
                for blank, word in (("FALSE", "sure"), ("TRUE", "possible"))
            )
        self._whenever[pick] = possible
        if self.ahead:
            by_now = self._happened(sure, f"{hint} sure")
            either = by_now if sure is possible else self._happened(possible, hint)
            sure, possible = by_now, either
        self._bits[pick] = sure, possible
        return sure, possible

    def _happened(self, picked: Sql, hint: str) -> Sql:
        return self.bits.named(_both(picked, "age >= 0"), f"{hint} by now")

    def whenever(self, pick: Pick) -> Sql:
        """Which activities may be picked, those still to come among them."""
        if pick not in self._whenever:
            self.conditions(node.Tally(pick, None))
        return self._whenever[pick]

    def conditions(self, need: Need) -> tuple[Sql, Sql]:
        """Which activities match for sure, and which may; one where no blank can matter."""
        return self._conditions(need)

    def found(self, sql: str, hint: str, none: str | None = None) -> Sql:
        """An aggregate over all activities, as the leads have it."""
        return self._aggregate(sql, hint, none)

    def _span(self, window: Window) -> int:
        if type(window) is not Window or window.calendar_months:
            raise Refused(f"a window of {window}: say it in days")
        return window.span // MICROSECOND

    # -- passes ------------------------------------------------------------------------------

    def _pass(self, where: Sql) -> Pass:
        """The pass for a condition: the one and only in the linear form."""
        if self.dialect.linear:
            return self.main
        condition = self.bits.named(where, "rows")
        name = f"some{len(self._others) + 1}"
        return self._others.setdefault(condition.text, Pass(name, condition))

    def _aggregate(
        self, sql: str, hint: str, none: str | None, *parts: Sql, rows: Pass | None = None
    ) -> Sql:
        """One more column of a pass, as the leads have it."""
        rows = self.main if rows is None else rows
        type_ = self.dialect.whole_type
        found = rows.aggregates.get(sql)
        if found is None:
            name = self._leads.name(hint, "a")
            found = rows.aggregates[sql] = Aggregate(name, sql, none, type_)
        return Sql(found.name, known=none is not None and self.table is not None)


@lru_cache(maxsize=1_024)
def steps_of(millis: int, decay: Decay) -> Sequence[int]:
    """
    What is left by whole days, up to the day from which on nothing changes.

    Raises:
        Refused: It never ends to change.

    >>> from mqlkit import expires
    >>> steps_of(5_000, expires(days=2))
    [5000, 5000, 0]
    """
    values = [decay.left(millis, 0)]
    while len(values) <= _SPENT:
        step = decay.next_step(millis, len(values) - 1)
        if step is None:
            return values
        values += [values[-1]] * (step - len(values))
        values.append(decay.left(millis, step))
    raise Refused(f"a decay of more than {_SPENT:,} days: {decay.describe()}")


def _both(condition: Sql, recent: str) -> Sql:
    if condition.text == "TRUE":
        return Sql(f"({recent})", known=True)
    return over(f"({condition} AND {recent})", condition, known=True)


def _never_rises(values: Sequence[int]) -> bool:
    ends = [abs(value) for value in values]
    return all(a >= b for a, b in pairwise(ends))


def _hint(need: Need, what: str) -> str:
    kinds: Iterable[str] = need.pick.kinds or ("any",)
    recent = "" if need.window is None else f" {need.window}"
    return slug(f"{' '.join(kinds)}{recent} {what}", "").strip("_")
