"""
The second half of the generated function: from attributes and needs that are met to the answers.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import zip_longest
from typing import Final

from ..plan import node
from ..plan.lowering import Plan
from ..plan.node import Ask, Gift, Need
from ..points import TOTAL, span
from ..timeline import MOST_ACTIVITIES
from ..value import Kind
from .page import Page
from .questions import NOT_LOADED, Questions, Slot
from .still import Still, gift_is_still
from .texts import FieldTexts

_EXACT_CLASS: Final[Mapping[Kind, str]] = {"number": "int", "flag": "bool", "moment": ""}


class Body(Questions):
    """
    Prints the scores and the answers of a plan, and all that they ask.

    Args:
        page: Where the lines go.
        plan: What is printed.
        slots: The names of the needs that are met by then.
        texts: The questions about texts.
    """

    def __init__(
        self, page: Page, plan: Plan, slots: Mapping[Need, Slot], texts: FieldTexts
    ) -> None:
        super().__init__(page, plan, slots, texts)
        self._sums = {total.name: total for total in plan.sums}
        self._scores: dict[str, tuple[str, str, str]] = {}
        self._begun: dict[str, tuple[str, ...]] = {}

    # -- what stands still -------------------------------------------------------------------

    def still(self, parts: Still) -> tuple[str, ...]:
        """Print the still parts of the plan: the names of what they come to."""
        names = dict.fromkeys(self.ask(asking)[0] for asking in parts.asks)
        for total, gifts in parts.gifts.items():
            self._begun[total] = self._add_up(gifts)
            names.update(dict.fromkeys(self._begun[total]))
        return tuple(names)

    def take(self, parts: Still, other: "Body", names: Mapping[str, str]) -> None:
        """Take the still parts that *other* has printed, under the names that they have here."""
        for asking in parts.asks:
            name, is_open = other.ask(asking)
            self._asked[asking] = names[name], is_open
        for total, ends in other._begun.items():
            self._begun[total] = tuple(names[end] for end in ends)

    # -- scores ------------------------------------------------------------------------------

    def score(self, name: str) -> tuple[str, str, str]:
        """The names of a score's low end, points and high end; one name where it is no range."""
        key = self._plan.names[name]
        found = self._scores.get(key)
        if found is None:
            found = self._scores[key] = self._print_sum(self._sums[key])
        return found

    def _print_sum(self, total: node.Sum) -> tuple[str, str, str]:
        begun = self._begun.get(total.name, ())
        moving = [gift for gift in total.gifts if not (begun and gift_is_still(gift))]
        added = self._add_up(moving, begun)
        points = added[0]
        if len(added) == 1:
            self._limits((points,), total)
            self._given(total, (points,))
            return points, points, points
        _, less, more = added
        ends = (f"{points}_", points, f"{points}__")
        self._page.add(f"{ends[0]} = {points} + {less}", f"{ends[2]} = {points} + {more}")
        self._limits(ends, total)
        self._given(total, ends)
        return ends

    def _add_up(self, gifts: Iterable[Gift], begun: tuple[str, ...] = ()) -> tuple[str, ...]:
        """
        The names of the points of some gifts, and where they can be a range of how much less and
        more there may be; *begun* are those to begin with.
        """
        ready = [self._prepared(gift) for gift in gifts]  # what it needs comes first
        is_open = len(begun) == 3 or any(opened for _, opened in ready)
        points, less, more = (self._page.fresh(letter) for letter in "pqr")
        ends = (points, less, more) if is_open and not self._plan.settle else (points,)
        for end, first in zip_longest(ends, begun[: len(ends)], fillvalue="0"):
            self._page.add(f"{end} = {first}")
        for give, _ in ready:
            give(points, less, more)
        return ends

    def _limits(self, ends: tuple[str, ...], total: node.Sum) -> None:
        for limit, relation in ((total.cap, ">"), (total.floor, "<")):
            for end in ends if limit is not None else ():
                bound = self._page.bind(limit)
                self._page.add(f"if {end} {relation} {bound}: {end} = {bound}")

    def _given(self, total: node.Sum, ends: tuple[str, ...]) -> None:
        with self._page.block("if hands:"):
            called = self._page.bind(total.called)
            self._page.add(f"given = by_hand(hands, {called}, now)")
            self._page.add(*(f"{end} += given" for end in ends))

    # -- gifts -------------------------------------------------------------------------------

    def _prepared(self, gift: Gift) -> tuple[Callable[[str, str, str], None], bool]:
        """What prints a gift once the sum is under way, and whether it can be a range."""
        match gift:
            case node.Once():
                answer, is_open = self.ask(gift.ask)
                return partial(self._once, answer, is_open, gift.millis), is_open
            case node.Part():
                ends = self.score(gift.name)
                return partial(self._part, ends), ends[0] != ends[2]
            case node.PerOne():
                slot = self._slots[gift.tally]
                return partial(self._per_one, slot, gift), slot.open
            case node.Faded():
                slot = self._slots[gift.fade]
                return partial(self._faded, slot, gift.fade), slot.open
            case node.ByText():
                answer = self._text(gift)
                return partial(self._by_text, answer, span(gift.table.values())), True
            case node.OneOf():
                rows = [(*self.ask(asking), millis) for asking, millis in gift.rows]
                is_open = gift.best or any(opened for _, opened, _ in rows)
                return partial(self._one_of, rows, gift.best), is_open
            case node.OverRule():
                matches = self._slots[gift.gather].low
                rule, decay = self._page.bind(gift.rule), self._page.bind(gift.decay)
                award = f"award({rule}, {matches}, {self.snapshot()}, {decay})"
                return partial(self._triple, award), True
            case _:
                rule, decay = self._page.bind(gift.rule), self._page.bind(gift.decay)
                award = f"{rule}.award({self.snapshot()}, {decay}).left"
                return partial(self._triple, award), True

    def _once(
        self, answer: str, is_open: bool, millis: int, points: str, less: str, more: str
    ) -> None:
        if not millis:
            return
        each = self._page.bind(millis)
        self._page.add(f"if {answer}: {points} += {each}")
        if is_open and not self._plan.settle:
            self._page.add(f"elif {answer} is None: {more if millis > 0 else less} += {each}")

    def _part(self, ends: tuple[str, str, str], points: str, less: str, more: str) -> None:
        low, middle, high = ends
        self._page.add(f"{points} += {middle}")
        if low != high:
            self._page.add(f"{less} += {low} - {middle}", f"{more} += {high} - {middle}")

    def _per_one(self, slot: Slot, gift: node.PerOne, points: str, less: str, more: str) -> None:
        each, most = self._page.bind(gift.millis), self._page.bind(gift.most)
        sure, possible = (
            end if gift.most >= MOST_ACTIVITIES else f"({end} if {end} < {most} else {most})"
            for end in slot
        )
        if slot == NOT_LOADED:
            self._unknown(gift.millis * gift.most, less, more)
            return
        self._page.add(f"{points} += {sure} * {each}")
        if slot.open and not self._plan.settle:
            side = more if gift.millis > 0 else less
            self._page.add(f"{side} += ({possible} - {sure}) * {each}")

    def _unknown(self, millis: int, less: str, more: str) -> None:
        if not self._plan.settle:
            self._page.add(f"{more if millis > 0 else less} += {self._page.bind(millis)}")

    def _faded(self, slot: Slot, fade: node.Fade, points: str, less: str, more: str) -> None:
        if slot == NOT_LOADED:
            self._unknown(fade.millis * fade.most, less, more)
            return
        self._page.add(f"{points} += {slot.low}")
        if slot.open and not self._plan.settle:
            sure, possible = slot
            with self._page.block(f"if {possible} > {sure}:"):
                self._page.add(f"{more} += {possible} - {sure}")
            with self._page.block("else:"):
                self._page.add(f"{less} += {possible} - {sure}")

    def _by_text(
        self, answer: str, extremes: tuple[int, int], points: str, less: str, more: str
    ) -> None:
        if self._plan.settle:
            self._page.add(f"{points} += {answer} or 0")
            return
        with self._page.block(f"if {answer} is None:"):
            least, most = extremes
            self._page.add(f"{less} += {least}", f"{more} += {most}")
        with self._page.block("else:"):
            self._page.add(f"{points} += {answer}")

    def _one_of(
        self, rows: list[tuple[str, bool, int]], best: bool, points: str, less: str, more: str
    ) -> None:
        opened = [] if self._plan.settle else [answer for answer, is_open, _ in rows if is_open]
        if best or opened:
            pairs = "".join(f"({answer}, {self._page.bind(x)}), " for answer, _, x in rows)
            full = f"outcome(({pairs}), {best})"
            if best:
                self._triple(full, points, less, more)
                return
            unknown = " or ".join(f"{answer} is None" for answer in opened)
            with self._page.block(f"if {unknown}:"):
                self._triple(full, points, less, more)
        word = "elif" if opened else "if"
        for answer, _, millis in rows:
            self._page.add(f"{word} {answer}: {points} += {self._page.bind(millis)}")
            word = "elif"

    def _triple(self, award: str, points: str, less: str, more: str) -> None:
        if self._plan.settle:
            self._page.add(f"{points} += {award}[1]")
            return
        low, middle, high = (self._page.fresh("t") for _ in range(3))
        self._page.add(
            f"{low}, {middle}, {high} = {award}",
            f"{points} += {middle}",
            f"{less} += {low} - {middle}",
            f"{more} += {high} - {middle}",
        )

    # -- the answer --------------------------------------------------------------------------

    def answer(self) -> None:
        """The last lines: the status, each formula's answer, and every score's ends."""
        never = [self._formula(asking) for asking in self._plan.never.values()]
        at_once = [self._formula(asking) for asking in self._plan.at_once.values()]
        when = self._formula(self._plan.when)
        scores = [_tuple(self.score(total.name)) for total in self._plan.sums]
        total = _tuple(self.score(TOTAL)) if TOTAL in self._plan.names else "None"
        wanted = [when, *at_once]
        self._page.add(
            f"if {_any(never)}: status = DISQUALIFIED",
            f"elif {_none(wanted)}: status = NOT_QUALIFIED",
            f"elif {_open(never)}: status = NEEDS_DATA",
            f"elif {_any(wanted)}: status = QUALIFIED",
            "else: status = NEEDS_DATA",
            f"return status, {when}, {_tuple(never)}, {_tuple(at_once)}, {_tuple(scores)}, {total}",
        )

    def _formula(self, asking: Ask) -> str:
        answer, is_open = self.ask(asking)
        return self._answer(f"{answer} is True") if is_open and self._plan.settle else answer


def _any(answers: Iterable[str]) -> str:
    return " or ".join(answers) or "False"


def _none(answers: Iterable[str]) -> str:
    return " and ".join(f"{answer} is False" for answer in answers)


def _open(answers: Iterable[str]) -> str:
    return " or ".join(f"{answer} is None" for answer in answers) or "False"


def _tuple(items: Iterable[str]) -> str:
    return f"({''.join(f'{item}, ' for item in items)})"
