"""
Points of a plan as whole millipoints of SQL: at the least, with no unknown counted, at the most.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, cast

from ..plan import node
from ..plan.node import Gift
from ..points import millipoints
from ..rules.activity import Each
from .activities import Timelines
from .asks import Asks
from .dialects.base import Dialect, Refused
from .sql import Sql, over


class Points(NamedTuple):
    """Millipoints at the three ends; the same expression where nothing is open."""

    low: Sql
    points: Sql
    high: Sql

    @staticmethod
    def exact(sql: Sql) -> "Points":
        """Points that nothing unknown moves."""
        return Points(sql, sql, sql)

    def settled(self) -> "Points":
        """With every unknown counted as no."""
        return Points.exact(self.points)


NONE: Final = Points.exact(Sql("0", known=True))


class Gifts:
    """Turns gifts into points."""

    def __init__(self, asks: Asks, timelines: Timelines) -> None:
        self._asks, self._timelines = asks, timelines
        self._dialect: Dialect = asks.dialect
        self._layers = asks.layers

    def points(self, gift: Gift, name: str, note: str) -> Points:
        """What a rule gives."""
        match gift:
            case node.Once():
                return self._once(gift, name, note)
            case node.OneOf():
                return self._one_of(gift, name)
            case node.ByText():
                return self._by_text(gift)
            case node.PerOne():
                return self._per_one(gift)
            case node.Faded():
                fade = gift.fade
                if not self._loaded:
                    return self._not_loaded(fade.millis * fade.most)
                least, most = self._timelines.faded(fade)
                return self._between(least, least, most)
            case node.OverRule():
                return self._over_rule(gift)
            case _:
                raise Refused(f"{self._dialect.title} cannot do what {name!r} gives")

    @property
    def _loaded(self) -> bool:
        return self._timelines.table is not None

    def _not_loaded(self, most: int) -> Points:
        low, high = (Sql(str(clip(0, most)), known=True) for clip in (min, max))
        return Points(low, NONE.points, high)

    def _once(self, gift: node.Once, name: str, note: str) -> Points:
        when = self._asks.column(gift.ask, name, note)
        sure = over(f"CASE WHEN {when} THEN {gift.millis} ELSE 0 END", when, known=True)
        if when.known:
            return Points.exact(sure)
        perhaps = f"CASE WHEN COALESCE({when}, TRUE) THEN {gift.millis} ELSE 0 END"
        open_ = over(perhaps, when, known=True)
        return Points(sure, sure, open_) if gift.millis >= 0 else Points(open_, sure, sure)

    def _one_of(self, gift: node.OneOf, name: str) -> Points:
        rows = [
            (self._asks.column(asked, f"{name} {place}"), millis)
            for place, (asked, millis) in enumerate(gift.rows, 1)
        ]
        if not rows:
            return NONE
        points = self._best(rows) if gift.best else self._first(rows)
        points = self._layers.named(points, f"{name} points")
        maybe = [
            (when, place, millis) for place, (when, millis) in enumerate(rows, 1) if not when.known
        ]
        if not maybe:
            return Points.exact(points)
        met = self._layers.named(self._met(rows), f"{name} met")
        terms = [
            over(
                f"CASE WHEN {when} IS NULL AND {place} < {met} THEN {millis} ELSE {points} END",
                when, met, points, known=True,
            )
            for when, place, millis in maybe
        ]  # fmt: skip
        if gift.best:
            terms = [
                over(
                    f"CASE WHEN {when} IS NULL THEN {millis} ELSE {points} END",
                    when, points, known=True,
                )
                for when, _, millis in maybe
            ]  # fmt: skip
        low = self._end("least", points, terms)
        high = self._end("greatest", points, terms)
        if gift.best:  # what is sure already is the least that the best can be
            low = over(
                f"CASE WHEN {met} <= {len(rows)} THEN {points} ELSE {low} END", met, low, known=True
            )
        return Points(low, points, high)

    def _end(self, which: str, points: Sql, terms: Sequence[Sql]) -> Sql:
        clip = self._dialect.least if which == "least" else self._dialect.greatest
        return over(clip(points.text, *(t.text for t in terms)), points, *terms, known=True)

    def _met(self, rows: Sequence[tuple[Sql, int]]) -> Sql:
        """The place of the first that is met; beyond the last where none is."""
        cases = " ".join(f"WHEN {when} THEN {place}" for place, (when, _) in enumerate(rows, 1))
        return over(f"CASE {cases} ELSE {len(rows) + 1} END", *(w for w, _ in rows), known=True)

    def _first(self, rows: Sequence[tuple[Sql, int]]) -> Sql:
        cases = " ".join(f"WHEN {when} THEN {millis}" for when, millis in rows)
        return over(f"CASE {cases} ELSE 0 END", *(w for w, _ in rows), known=True)

    def _best(self, rows: Sequence[tuple[Sql, int]]) -> Sql:
        """The most of those met: the first met of them, from the most to the least."""
        return self._first(sorted(rows, key=lambda row: -row[1]))

    def _by_text(self, gift: node.ByText) -> Points:
        table = sorted(gift.table.items())
        text = self._asks.words(gift.rule.measure, [word for word, _ in table])
        if text is None:
            return NONE
        cases = " ".join(f"WHEN {self._dialect.text(word)} THEN {millis}" for word, millis in table)
        points = over(f"CASE {text} {cases} ELSE 0 END", text, known=True)
        if text.known:
            return Points.exact(points)
        values = [0, *(millis for _, millis in table)]
        low, high = (
            points if end == 0
            else over(f"CASE WHEN {text} IS NULL THEN {end} ELSE {points} END", text, known=True)
            for end in (min(values), max(values))
        )  # fmt: skip
        return Points(low, points, high)

    def _per_one(self, gift: node.PerOne) -> Points:
        if not self._loaded:
            return self._not_loaded(gift.millis * gift.most)
        least, most = (
            over(
                f"{gift.millis} * {self._dialect.least(count.text, str(gift.most))}",
                count, known=True,
            )
            for count in self._timelines.counts(gift.tally)
        )  # fmt: skip
        least, most = (self._wrapped(end) for end in (least, most))
        return self._between(least, least, most)

    @staticmethod
    def _wrapped(sql: Sql) -> Sql:
        return over(f"({sql})", sql, known=True)

    def _between(self, least: Sql, sure: Sql, most: Sql) -> Points:
        """From the least to the most: a taking rule takes most when most activities count."""
        if least.text == most.text:
            return Points.exact(sure)
        low, high = (
            over(clip(least.text, most.text), least, most, known=True)
            for clip in (self._dialect.least, self._dialect.greatest)
        )
        return Points(low, sure, high)

    def _over_rule(self, gift: node.OverRule) -> Points:
        rule = cast(Each, gift.rule)
        millis = millipoints(rule.points)
        if not self._loaded:
            return self._not_loaded(millis * rule.most)
        least, sure, most = self._timelines.counted(rule, gift.gather, gift.decay, millis)
        return self._between(least, sure, most)
