"""
Models from a seed that tables can answer: every part of which no engine must say no.

What `engines.modelling` makes, without what stands in no table: accounts, people, calendar
months, and parts of one's own but for one that is printed.
"""

from collections.abc import Callable
from random import Random
from typing import Any, Final
from unicodedata import normalize

import attrs
from bulk.tabular import FIELDS, PROPERTIES, TEXTS, Stored
from engines.modelling import (
    BOUNDS,
    DOMAINS,
    MOMENTS,
    NUMBERS,
    SCORE_BOUNDS,
    STAGES,
    TAGS,
    WINDOWS,
    ModelMaker,
)

from mqlkit import (
    Activities,
    Attribute,
    Criterion,
    Measure,
    NamedList,
    Qualification,
    Rule,
    Verdict,
    attribute,
    days_in_stage,
    known,
    missing,
    stage,
)
from mqlkit.bulk.own import Columns, prints
from mqlkit.rules.base import BaseRule

ASKED: Final[dict[Stored, str]] = {
    "whole": "number",
    "number": "number",
    "text": "text",
    "flag": "flag",
    "instant": "moment",
    "date": "moment",
    "items": "list",
}
PATTERNS: Final = (
    "(?i)vp|head",
    "^a",
    "s{2}",
    r"\d",
    "straße$",
    "k",
    "(?i)k",
    "a.b",
    "(?s)a.b",
    "^vp$",
    "(?m)^head$",
    r"\bvp\b",
    "(?i)STRASSE|İ|σ",
    r"\pL{6}",
    "[[:upper:]]{2}",
    "",
    "p$",
    r"p\z",
    "'",
    r"\\",
    "100%",
)


def _nfc(text: str) -> str:
    return normalize("NFC", text)


@attrs.frozen
class IsOdd(Criterion):
    """A part of one's own."""

    field: str

    def judge(self, lead: Any) -> Verdict:
        number = lead.number(self.field)
        return Verdict.UNKNOWN if number is None else Verdict.of(abs(number) % 2 == 1)

    def describe(self) -> str:
        return f"{self.field} is odd"


@prints(IsOdd)
def _is_odd(criterion: IsOdd, columns: Columns) -> str:
    return f"ABS({columns.number(criterion.field)}) % 2 = 1"


class TableModelMaker(ModelMaker):
    """
    Makes one model about the tables of `bulk.tabular`.

    Args:
        chance: Where it takes its choices from.
        without: What an engine cannot do: ``"patterns"``, ``"lists"``.
    """

    def __init__(self, chance: Random, without: tuple[str, ...] = ()) -> None:
        super().__init__(chance)
        self.own, self.breaks, self.calendar = 0.0, False, False
        self.without = without
        self.fields = {
            name: ASKED[stored]
            for name, stored in FIELDS.items()
            if not (stored == "items" and "lists" in without)
        }
        self.properties = {name: ASKED[stored] for name, stored in PROPERTIES.items()}

    def leaf(self) -> Criterion:
        return IsOdd("employees") if self.chance.random() < 0.03 else super().leaf()

    # -- about fields ------------------------------------------------------------------------

    def about_fields(self) -> Criterion:
        name = self.chance.choice(list(self.fields))
        return self.about(name, self.fields[name])

    def _about_text(self, measure: Attribute) -> Criterion:
        chance = self.chance
        word = chance.choice(TEXTS)
        pattern = chance.choice(PATTERNS[:15] + PATTERNS[16:])
        ways: list[Callable[[], Criterion]] = [
            lambda: measure.equals(word),
            lambda: measure.is_not(word),
            lambda: measure.is_in(*self.some(TEXTS, 0, 5)),
            lambda: measure.not_in(NamedList("targets", self.some(TEXTS, 0, 5))),
            lambda: measure.contains_any(*self._parts(slice(0, 3))),
            lambda: measure.contains_any(*self._parts(slice(1, 2))),
            lambda: measure.starts_with(*self._parts(slice(0, 2))),
            lambda: measure.ends_with(*self._parts(slice(-2, None))),
            lambda: measure.domain_is(*self.some(DOMAINS)),
            lambda: measure.domain_is(NamedList("rivals", (*DOMAINS, "ex\\ample.com"))),
            lambda: measure >= word,
            lambda: measure < word,
            lambda: measure.between(*sorted(map(_nfc, chance.sample(TEXTS, 2)), key=measure.units)),
        ]
        if "patterns" not in self.without:
            ways.append(lambda: measure.matches(pattern))
        return self.one(*ways)

    def _about_page(self, measure: Attribute) -> Criterion:
        return self._about_text(measure)

    def _parts(self, of: slice) -> list[str]:
        return [part for text in self.some(TEXTS, 1, 4) if (part := text[of]).strip(" ")] or ["VP"]

    def _about_list(self, measure: Attribute) -> Criterion:
        chosen = self.some((*TAGS, *TEXTS[:12]), self.chance.randrange(2), 3)
        return self.one(
            lambda: measure.any_of(*chosen),
            lambda: measure.all_of(*chosen),
            lambda: measure.none_of(NamedList("tags", chosen)),
        )

    # -- about activities --------------------------------------------------------------------

    def selection(self) -> Activities:
        chosen = super().selection()
        return attrs.evolve(chosen, of="lead")

    def filter(self) -> Criterion:
        name = self.chance.choice(list(self.properties))
        made = self.about_property(name)
        roll = self.chance.random()
        if roll < 0.1:
            return ~made
        if roll < 0.2:
            return made | self.about_property("page")
        if roll < 0.25:
            return made.if_unknown(Verdict.YES)
        if roll < 0.3:
            return self.one(lambda: known(name), lambda: missing(name))
        return made

    def about_property(self, name: str) -> Criterion:
        measure = self.field(name, self.properties[name])
        if self.properties[name] != "moment":
            return self.about(name, self.properties[name])
        bound = self.chance.choice(MOMENTS)
        return self.one(lambda: measure >= bound, lambda: measure.equals(bound))

    def activity_measure(self) -> Measure:
        chosen = self.selection()
        blanks: Any = self.chance.choice(("unknown", "skip"))
        number = self.chance.choice(("amount", "seats"))
        return self.one(
            chosen.count,
            lambda: chosen.distinct(self.chance.choice(list(self.properties))),
            lambda: chosen.sum(number, blanks=blanks),
            lambda: chosen.min(number, blanks=blanks),
            lambda: chosen.max(number, blanks=blanks),
            chosen.days_since_last,
            chosen.days_since_first,
        )

    def _about_stage(self) -> Criterion:
        return self.one(
            lambda: stage().is_in(*self.some(STAGES)),
            lambda: self.compared(days_in_stage(), BOUNDS),
        )

    # -- rules -------------------------------------------------------------------------------

    def _each(self, name: str, points: float) -> BaseRule:
        chance = self.chance
        at_most = chance.choice((None, 1, 2, 3, 7))
        per = chance.choice((None, 1, 7, 30)) if at_most else None
        return Rule.each(
            name,
            self.selection(),
            points,
            once_per=chance.choice((None, None, *self.properties)),
            at_most=at_most,
            per=per,
            in_all=chance.choice((None, 3)) if per else None,
            decay=self.maybe_decay(),
        )

    def _by_text(self) -> dict[str, float]:
        attribute_ = attribute("title")
        different = {attribute_.units(text): text for text in TEXTS}
        return {text: self.points() for text in self.some(sorted(different.values()), 1, 4)}


def model_of(seed: int, without: tuple[str, ...] = ()) -> Qualification:
    """The model of a seed."""
    return TableModelMaker(Random(f"tables {seed}"), without).model()


__all__ = ["NUMBERS", "SCORE_BOUNDS", "WINDOWS", "TableModelMaker", "model_of"]
