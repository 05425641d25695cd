"""
Prints the questions of a plan: what they read, what they compare, and how their answers join.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from ..plan import node
from ..plan.lowering import Plan
from ..plan.node import Ask, Need, Quantity
from ..value import Kind, read_as
from . import running
from .page import Page
from .texts import FieldTexts

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


class Questions(ABC):
    """
    Prints asks and quantities, each once.

    Args:
        page: Where the lines go.
        plan: What is printed.
        slots: The names of the needs that are met by then.
        texts: The questions about texts.
    """

    def __init__(
        self, page: Page, plan: Plan, slots: Mapping[Need, Slot], texts: FieldTexts
    ) -> None:
        self._page = page
        self._plan = plan
        self._slots = slots
        self._texts = texts
        self._asked: dict[Ask, tuple[str, bool]] = {}
        self._quantities: dict[Quantity, Ends] = {}
        self._fields: dict[str, str] = {}
        self._read: dict[str, tuple[str, ...]] = {}
        self._snapshot = ""

    @abstractmethod
    def score(self, name: str) -> tuple[str, str, str]:
        """The names of a score's low end, points and high end."""

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
            case _:
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
