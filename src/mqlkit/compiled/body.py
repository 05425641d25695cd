"""
The second half of the generated function: from attributes and needs that are met to the answers.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import zip_longest
from typing import Any, Final, NamedTuple

from ..lead import Snapshot
from ..plan import node
from ..plan.lowering import Plan
from ..plan.node import Ask, Gift, Need, Quantity
from ..points import TOTAL, span
from ..timeline import MOST_ACTIVITIES
from ..value import Kind, read_as
from . import running
from .page import Page
from .still import Still, gift_is_still

_EXACT_CLASS: Final[Mapping[Kind, str]] = {"number": "int", "flag": "bool", "moment": ""}


class Ends(NamedTuple):
    """
    The names of a quantity's two ends; *blank* when both are None while nothing is known.
    """

    low: str
    high: str
    blank: bool = False


class Slot(NamedTuple):
    """The names under which a need is met: at the least, or for sure, and at the most."""

    low: str
    high: str

    @property
    def open(self) -> bool:
        """Whether the two can differ; both are None where the timeline was not loaded."""
        return self.low != self.high or self.low == "None"


NOT_LOADED: Final = Slot("None", "None")


class Body:
    """
    Prints asks and scores, each once.

    Args:
        page: Where the lines go.
        plan: What is printed.
        slots: The names of the needs that are met by then.
        texts: The questions about texts.
    """

    def __init__(
        self, page: Page, plan: Plan, slots: Mapping[Need, Slot], texts: "FieldTexts"
    ) -> None:
        self._page = page
        self._plan = plan
        self._slots = slots
        self._texts = texts
        self._sums = {total.name: total for total in plan.sums}
        self._asked: dict[Ask, tuple[str, bool]] = {}
        self._quantities: dict[Quantity, Ends] = {}
        self._fields: dict[str, str] = {}
        self._read: dict[str, tuple[str, ...]] = {}
        self._scores: dict[str, tuple[str, str, str]] = {}
        self._begun: dict[str, tuple[str, ...]] = {}
        self._snapshot = ""

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

    # -- what is read ------------------------------------------------------------------------

    def snapshot(self) -> str:
        """The lead as of now, for what is asked as it is."""
        if not self._snapshot:
            self._snapshot = "at"
            self._page.add("at = decision.snapshot")
        return self._snapshot

    def _field(self, field: str) -> str:
        """Whatever stands in a field."""
        name = self._fields.get(field)
        if name is None:
            name = self._fields[field] = self._page.fresh("f")
            key = self._page.bind(field)
            source = f"stored(lead, {key}, now)" if "." in field else f"get({key})"
            self._page.add(f"{name} = {source}")
        return name

    def _moment(self, field: str) -> str:
        value, name = self._field(field), self._page.fresh("v")
        self._page.add(f'{name} = None if {value} is None else read({value}, "moment", now)')
        return name

    def _value(self, wanted: node.Read) -> Ends:
        """A number, flag or moment; what is at hand most often is tried first."""
        value, name = self._field(wanted.field), self._page.fresh("v")
        self._page.add(f"{name} = {value}")
        usual = {
            "number": f"{name}.__class__ is not int and {name} is not None",
            "flag": f"{name} is not True and {name} is not False",
        }
        with self._page.block(f"if {usual.get(wanted.kind, f'{name} is not None')}:"):
            other = f"read({name}, {wanted.kind!r}, now)"
            if wanted.kind == "number":
                with self._page.block(f"if {name}.__class__ is not float or {name} != {name}:"):
                    self._page.add(f"{name} = {other}")
            else:
                self._page.add(f"{name} = {other}")
        if wanted.default is not None:
            counts_as = read_as(wanted.kind, wanted.default)
            with self._page.block(f"if {name} is None:"):
                self._page.add(f"{name} = {self._page.bind(counts_as)}")
        return Ends(name, name, blank=True)

    def _text(self, asking: node.OfText | node.ByText) -> str:
        """The answer about the text of a field; all about one field are found together."""
        field = asking.field
        if field not in self._read:
            value, questions = self._field(field), self._texts.questions(field)
            names = tuple(self._page.fresh("x") for _ in questions)
            texts = self._texts.answers(field)
            kept, other = self._page.bind(texts.kept, "M"), self._page.bind(texts.other, "O")
            self._page.add(
                f"try: {', '.join(names)} = {kept}[{value}]",
                f"except Exception: {', '.join(names)} = {other}({value}, now)",
            )
            self._read[field] = names
        return self._read[field][self._texts.questions(field).index(asking)]

    # -- quantities --------------------------------------------------------------------------

    def quantity(self, wanted: Quantity) -> Ends:
        """The two ends of a quantity."""
        ends = self._quantities.get(wanted)
        if ends is None:
            ends = self._quantities[wanted] = self._print_quantity(wanted)
        return ends

    def _print_quantity(self, wanted: Quantity) -> Ends:
        match wanted:
            case node.Read():
                return self._value(wanted)
            case node.Age():
                return self._age(wanted)
            case node.Known() if self._slots[wanted.need] == NOT_LOADED:
                return Ends("None", "None", blank=True)
            case node.Known() if wanted.is_age:
                slot = self._slots[wanted.need]
                youngest = self._since(slot.high)
                return Ends(youngest, self._since(slot.low) if slot.open else youngest)
            case node.Known():
                need = wanted.need
                blank = isinstance(need, node.Total) and not need.skip_blanks
                return Ends(*self._slots[need], blank=blank)
            case node.ScoreOf():
                low, _, high = self.score(wanted.name)
                return Ends(low, high)
            case node.Over():
                return self._over(wanted)

    def _age(self, wanted: node.Age) -> Ends:
        name = self._page.fresh("v")
        moment = "lead.stage_since" if wanted.field is None else self._moment(wanted.field)
        self._page.add(f"{name} = None if {moment} is None else now - {moment}")
        return Ends(name, name, blank=True)

    def _since(self, moment: str) -> str:
        """How long ago something was that may never have been."""
        name = self._page.fresh("v")
        self._page.add(f"{name} = FOREVER if {moment} is None else now - {moment}")
        return name

    def _over(self, wanted: node.Over) -> Ends:
        at, low, high = self.snapshot(), self._page.fresh("v"), self._page.fresh("v")
        measure = self._page.bind(wanted.measure)
        matches = self._slots[wanted.gather].low
        self._page.add(f"{low}, {high} = over({measure}, {matches}, {at})")
        return Ends(low, high, blank=True)

    # -- asks --------------------------------------------------------------------------------

    def ask(self, asking: Ask) -> tuple[str, bool]:
        """The name of an answer, and whether it can be None."""
        found = self._asked.get(asking)
        if found is None:
            found = self._asked[asking] = self._print_ask(asking)
        return found

    def _print_ask(self, asking: Ask) -> tuple[str, bool]:
        match asking:
            case node.OfText():
                return self._text(asking), True
            case node.Compare():
                return self._compare(asking)
            case node.Every():
                return self._every(asking.parts)
            case node.Some():
                return self._some(asking.parts)
            case node.Opposite():
                part, is_open = self.ask(asking.part)
                opposite = f"None if {part} is None else not {part}" if is_open else f"not {part}"
                return self._answer(opposite), is_open
            case node.Assume():
                part, is_open = self.ask(asking.part)
                if not is_open:
                    return part, False
                return self._answer(f"{asking.answer} if {part} is None else {part}"), False
            case _:
                return self._print_rarer(asking)

    def _print_rarer(self, asking: Ask) -> tuple[str, bool]:
        match asking:
            case node.IsKnown():
                value = self._field(asking.field)
                return self._answer(f"{value} is not None and known({value}, now)"), False
            case node.Among():
                value = self.quantity(asking.quantity).low
                values = self._page.bind(asking.values)
                return self._answer(f"None if {value} is None else {value} in {values}"), True
            case node.HowMany():
                parts = [self.ask(part) for part in asking.parts]
                count = "exactly" if asking.exactly else "at_least"
                answers = f"({', '.join([*(name for name, _ in parts), ''])})".replace("(, ", "(")
                found = self._answer(f"{count}({self._page.bind(asking.n)}, {answers})")
                return found, any(is_open for _, is_open in parts)
            case node.Either():
                return self._either(asking)
            case node.Labelled():
                return self._labelled(asking)
            case node.Follows():
                first, then = self._slots[asking.first].low, self._slots[asking.then].low
                follows = self._page.bind(asking.criterion.after)  # type: ignore[attr-defined]
                return self._answer(f"PLAIN[{follows}({first}, {then})]"), True
            case _:
                criterion = self._page.bind(asking.criterion)  # type: ignore[attr-defined]
                return self._answer(f"judge({criterion}, {self.snapshot()})"), True

    def _answer(self, expression: str) -> str:
        name = self._page.fresh("c")
        self._page.add(f"{name} = {expression}")
        return name

    def _compare(self, asking: node.Compare) -> tuple[str, bool]:
        low, high, blank = self.quantity(asking.quantity)
        if low == "None":
            return low, True
        relation, bound = asking.relation, self._page.bind(asking.bound)
        if low == high:
            unknown = f"None if {low} is None else " if blank else ""
            return self._answer(f"{unknown}{low} {relation} {bound}"), blank
        if relation == "==":
            between = f"None if {low} <= {bound} <= {high} else False"
            found = f"{low} == {bound} if {low} == {high} else {between}"
        else:
            found = (
                f"{low} {relation} {bound} "
                f"if ({low} {relation} {bound}) is ({high} {relation} {bound}) else None"
            )
        return self._answer(f"None if {low} is None else ({found})" if blank else found), True

    def _every(self, parts: Iterable[Ask]) -> tuple[str, bool]:
        closed, opened = self._apart(parts)
        holds = " and ".join(closed) or "True"
        if not opened:
            return self._answer(holds), False
        fails = " or ".join([f"not {c}" for c in closed] + [f"{c} is False" for c in opened])
        unknown = " or ".join(f"{c} is None" for c in opened)
        return self._answer(f"False if {fails} else None if {unknown} else True"), True

    def _some(self, parts: Iterable[Ask]) -> tuple[str, bool]:
        closed, opened = self._apart(parts)
        holds = " or ".join([*closed, *opened]) or "False"
        if not opened:
            return self._answer(holds), False
        unknown = " or ".join(f"{c} is None" for c in opened)
        return self._answer(f"True if {holds} else None if {unknown} else False"), True

    def _apart(self, parts: Iterable[Ask]) -> tuple[list[str], list[str]]:
        """Each answer once: those that are always known, and those that may not be."""
        answers = dict(self.ask(part) for part in parts)
        closed = [name for name, is_open in answers.items() if not is_open]
        return closed, [name for name, is_open in answers.items() if is_open]

    def _either(self, asking: node.Either) -> tuple[str, bool]:
        (condition, maybe), (then, first), (otherwise, second) = (
            self.ask(part) for part in (asking.condition, asking.then, asking.otherwise)
        )
        chosen = f"{then} if {condition} else {otherwise}"
        if maybe:
            agreed = f"({then} if {then} is {otherwise} else None)"
            chosen = f"{agreed} if {condition} is None else {chosen}"
        return self._answer(chosen), maybe or first or second

    def _labelled(self, asking: node.Labelled) -> tuple[str, bool]:
        scores = [self.score(name) for name in asking.scores]
        wanted = self._page.bind(running.labelling(asking.measure, asking.labels))
        ends = ", ".join(end for low, _, high in scores for end in (low, high))
        return self._answer(f"{wanted}({ends})"), any(low != high for low, _, high in scores)

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
            case node.CallRule():
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


class FieldTexts:
    """All questions about the text of each field, so that they are answered together."""

    def __init__(self) -> None:
        self._questions: dict[str, list[node.OfText | node.ByText]] = {}
        self._answers: dict[str, running.Texts] = {}

    def note(self, asking: node.OfText | node.ByText) -> None:
        """One more question."""
        asked = self._questions.setdefault(asking.field, [])
        if asking not in asked:
            asked.append(asking)

    def questions(self, field: str) -> list[node.OfText | node.ByText]:
        """Those about one field, in the order of their answers."""
        return self._questions[field]

    def answers(self, field: str) -> running.Texts:
        """What answers them, and keeps the answers by text."""
        if field not in self._answers:
            found = map(_question, self._questions[field])
            self._answers[field] = running.Texts(field, tuple(found))
        return self._answers[field]


def _question(asking: node.OfText | node.ByText) -> Callable[[Snapshot], Any]:
    if isinstance(asking, node.OfText):
        return running.judging(asking.criterion)
    rule, table = asking.rule, asking.table

    def points(snapshot: Snapshot) -> int | None:
        found = rule.measure.range(snapshot, "text")
        return None if found is None else table.get(found.low, 0)

    return points
