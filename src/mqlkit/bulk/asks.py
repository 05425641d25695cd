"""
Asks of a plan as conditions of SQL: TRUE, FALSE, or NULL for UNKNOWN.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, cast

from ..criteria.attribute import Attribute
from ..criteria.label import Grade, Matrix, Stage
from ..criteria.membership import DomainIs, HasAll, HasAny, IsIn
from ..criteria.text import ContainsAny, EndsWith, Matches, StartsWith
from ..criterion import Criterion
from ..measure import Equals, OneOf
from ..plan import node
from ..plan.asking import RELATIONS, quantity
from ..plan.node import Ask
from ..value import MICROSECOND, exact, read_as
from .dialects.base import Dialect, Refused
from .own import printed
from .quantities import End, Ends
from .reader import Reader
from .refusals import Faults
from .sql import Layers, Sql, always_known, over

_DEEPEST: Final = 12
"""So many asks within one another are one column; engines bound how deep a text may be."""
_LONGEST: Final = 9 * 10**18
"""Microseconds beyond any age, within 64 bits."""
_LONGEST_SUBJECT: Final = 65_536
NOT_KNOWN: Final = Sql("NULL")


class World(Protocol):
    """What asks need beside the fields: what is known of activities, scores and stages."""

    def known(self, need: node.Need) -> Ends:
        """A need as a quantity."""
        ...

    def over(self, asked: node.Over) -> Ends:
        """What a measure makes of activities."""
        ...

    def follows(self, asked: node.Follows) -> Sql:
        """Whether one activity follows another."""
        ...

    def score(self, name: str) -> tuple[Sql, Sql]:
        """The least and the most millipoints of a score."""
        ...

    def stage(self) -> tuple[Sql | None, Sql | None]:
        """The stage, and since when in microseconds."""
        ...


class Asks:
    """
    Turns asks into conditions.

    Args:
        reader: Of the fields that they ask for.
        world: All else; None within an activity, which is asked for nothing but its properties.
        shared: How often each ask stands in the definition: what is asked twice is a column.
    """

    def __init__(
        self,
        reader: Reader,
        faults: Faults,
        world: World | None = None,
        shared: Mapping[Ask, int] | None = None,
    ) -> None:
        self.reader, self.faults = reader, faults
        self.world = cast(World, world)
        self.layers: Layers = reader.layers
        self.dialect: Dialect = reader.dialect
        self._shared = shared or {}
        self._made: dict[Ask, Sql] = {}
        self._depths: dict[Ask, int] = {}

    def column(self, asking: Ask, hint: str, note: str = "") -> Sql:
        """The answer as a column."""
        return self.layers.named(self.ask(asking), hint, note=note)

    def ask(self, asking: Ask) -> Sql:
        """The answer as a condition."""
        made = self._made.get(asking)
        if made is not None:
            return made
        try:
            made = self._print(asking)
        except Refused as refused:
            self.faults.add(refused)
            made = NOT_KNOWN
        within = node.parts(asking)
        depth = self._depths[asking] = 1 + max((self._depths[p] for p in within), default=0)
        if within and (depth % _DEEPEST == 0 or self._shared.get(asking, 0) > 1):
            made = self.layers.named(made, type(asking).__name__)
        self._made[asking] = made
        return made

    def _print(self, asking: Ask) -> Sql:
        match asking:
            case node.Every():
                return self._joined(" AND ", "TRUE", asking.parts)
            case node.Some():
                return self._joined(" OR ", "FALSE", asking.parts)
            case node.Opposite():
                part = self.ask(asking.part)
                return over(f"(NOT {part})", part, known=part.known)
            case node.HowMany():
                return self._how_many(asking)
            case node.Either():
                return self._either(asking)
            case node.Assume():
                part = self.ask(asking.part)
                answer = "TRUE" if asking.answer else "FALSE"
                return over(f"COALESCE({part}, {answer})", part, known=True)
            case node.OfText():
                return self._of_text(asking)
            case node.IsKnown():
                field = self.reader.stored(asking.field)
                return NOT_KNOWN if field is None else over(f"({field} IS NOT NULL)", known=True)
            case node.Compare():
                return self._compare(asking)
            case node.Among():
                return self._among(asking)
            case node.Labelled():
                return self._labelled(asking)
            case node.Follows():
                return self.world.follows(asking)
            case _:
                return self._call(cast(node.Call, asking).criterion)

    # -- composition -------------------------------------------------------------------------

    def _joined(self, word: str, nothing: str, asks: Iterable[Ask]) -> Sql:
        parts = [self.ask(part) for part in asks]
        if len(parts) < 2:
            return parts[0] if parts else Sql(nothing, known=True)
        text = word.join(part.text for part in parts)
        return over(f"({text})", *parts, known=always_known(parts))

    def _columns(self, asks: Iterable[Ask]) -> list[Sql]:
        return [self.column(part, "part") for part in asks]

    def _how_many(self, asking: node.HowMany) -> Sql:
        parts = self._columns(asking.parts)
        sure = _sum(f"CASE WHEN {part} THEN 1 ELSE 0 END" for part in parts)
        most = _sum(f"CASE WHEN COALESCE({part}, TRUE) THEN 1 ELSE 0 END" for part in parts)
        found, perhaps = (self.layers.named(over(t, *parts, known=True), "n") for t in (sure, most))
        n = asking.n
        if not asking.exactly:
            text = f"CASE WHEN {found} >= {n} THEN TRUE WHEN {perhaps} < {n} THEN FALSE END"
        else:
            text = (
                f"CASE WHEN {found} = {n} AND {perhaps} = {n} THEN TRUE "
                f"WHEN {found} > {n} OR {perhaps} < {n} THEN FALSE END"
            )
        return over(text, found, perhaps, known=always_known(parts))

    def _either(self, asking: node.Either) -> Sql:
        when, then, otherwise = self._columns((asking.condition, asking.then, asking.otherwise))
        text = (
            f"CASE WHEN {when} THEN {then} WHEN NOT {when} THEN {otherwise} "
            f"WHEN {then} = {otherwise} THEN {then} END"
        )
        return over(text, when, then, otherwise, known=always_known((when, then, otherwise)))

    # -- text --------------------------------------------------------------------------------

    def _of_text(self, asking: node.OfText) -> Sql:
        ways: Mapping[type, Callable[[Any], Sql]] = {
            ContainsAny: self._contains,
            StartsWith: self._starts,
            EndsWith: self._ends,
            Matches: self._matches,
            DomainIs: self._domain,
            IsIn: self._text_in,
            Equals: self._equals,
        }
        return ways.get(type(asking.criterion), self._by_order)(asking.criterion)

    def words(self, measure: Any, words: Iterable[str]) -> Sql | None:
        """A text as it is compared with folded *words*."""
        text = self._read(measure, "text")
        if text is None or measure.case_sensitive:
            return text
        folded = over(self.dialect.folded(text.text, words), text, known=text.known)
        return folded if folded.text == text.text else self._folded(folded, measure)

    def _read(self, measure: Any, kind: Any) -> Sql | None:
        return self.reader.read(measure.field, kind, measure.default)

    def _folded(self, text: Sql, measure: Any) -> Sql:
        return self.layers.named(text, f"{measure.field} folded", self.reader.prefix)

    def _some_word(self, criterion: Any, holds: Callable[[str, str], str]) -> Sql:
        words = sorted({criterion.measure.units(word) for word in criterion.words})
        text = self.words(criterion.measure, words)
        if text is None:
            return NOT_KNOWN
        found = " OR ".join(holds(text.text, word) for word in words)
        return over(f"({found})", text, known=text.known)

    def _contains(self, criterion: Any) -> Sql:
        return self._some_word(criterion, self.dialect.has)

    def _starts(self, criterion: Any) -> Sql:
        return self._some_word(criterion, self.dialect.starts)

    def _ends(self, criterion: Any) -> Sql:
        return self._some_word(criterion, self.dialect.ends)

    def _text_in(self, criterion: Any) -> Sql:
        return self._one_of(criterion.measure, criterion.wanted)

    def _equals(self, criterion: Any) -> Sql:
        return self._one_of(criterion.measure, {criterion.measure.units(criterion.bound)})

    def _one_of(self, measure: Any, wanted: Iterable[str]) -> Sql:
        words = sorted(wanted)
        text = self.words(measure, words)
        return NOT_KNOWN if text is None else self.among(text, map(self.dialect.text, words))

    def among(self, value: Sql, literals: Iterable[str]) -> Sql:
        """Whether a value is one of some literals; NULL where it is."""
        some = list(literals)
        if not some:
            return over(f"CASE WHEN {value} IS NOT NULL THEN FALSE END", value, known=value.known)
        if len(some) == 1:
            return over(f"({value} = {some[0]})", value, known=value.known)
        return over(f"({value} IN ({', '.join(some)}))", value, known=value.known)

    def _by_order(self, criterion: Any) -> Sql:
        """Texts by their order, folded or not: by code points."""
        measure: Any = criterion.measure
        text = self._read(measure, "text")
        if text is None:
            return NOT_KNOWN
        if not measure.case_sensitive:
            whole = over(self.dialect.folded_wholly(text.text), text, known=text.known)
            text = self.layers.named(whole, f"{measure.field} folded", self.reader.prefix)
        ordered = self.dialect.compared(text.text)
        bound = self.dialect.text(measure.units(criterion.bound))
        return over(f"({ordered} {RELATIONS[type(criterion)]} {bound})", text, known=text.known)

    def _matches(self, criterion: Any) -> Sql:
        text = self._read(criterion.measure, "written")
        if text is None:
            return NOT_KNOWN
        matches = self.dialect.matches(text.text, criterion.pattern)
        short = f"{self.dialect.length(text.text)} <= {_LONGEST_SUBJECT}"
        return over(f"CASE WHEN {short} THEN {matches} END", text)

    def _domain(self, criterion: Any) -> Sql:
        measure: Any = criterion.measure
        address = self.reader.read(measure.field, "domain")
        if address is None:
            return NOT_KNOWN
        words = sorted(criterion.wanted)
        behind = self.dialect.after_at(address.text)
        named = self.dialect.has_name_and_domain(address.text)
        domain = over(f"CASE WHEN {named} THEN {behind} END", address)
        domain = self.layers.named(domain, f"{measure.field} domain", self.reader.prefix)
        folded = over(self.dialect.folded(domain.text, words), domain)
        instead = read_as("domain", measure.default)
        if instead is not None:
            default = self.dialect.text(str(instead))
            folded = over(f"COALESCE({folded}, {default})", folded, known=True)
        return self.among(self._folded(folded, measure), map(self.dialect.text, words))

    # -- numbers, flags and moments ----------------------------------------------------------

    def _compare(self, asking: node.Compare) -> Sql:
        ends = self._quantity(asking.quantity)
        if ends is None:
            return NOT_KNOWN
        bound = asking.bound
        if isinstance(bound, timedelta):
            bound = max(-_LONGEST, min(_LONGEST, bound // MICROSECOND))
        if isinstance(bound, bool):
            return self._flag(ends.low.sql, bound)
        if isinstance(bound, datetime):
            bound = int(self.reader.literal(bound))
        return ends.compared(asking.relation, bound, self.reader.literal)

    def _flag(self, flag: Sql, bound: bool) -> Sql:
        """Whether a flag is that one; flags have no order."""
        return over(flag.text if bound else f"(NOT {flag})", flag, known=flag.known)

    def _quantity(self, quantity: node.Quantity) -> Ends | None:
        match quantity:
            case node.Read():
                return self._read_quantity(quantity)
            case node.Age():
                since = self._since(quantity)
                return (
                    None
                    if since is None
                    else Ends.exact(over(f"(as_of_us - {since})", since, known=since.known))
                )
            case node.Known():
                return self.world.known(quantity.need)
            case node.ScoreOf():
                low, high = self.world.score(quantity.name)
                return Ends(End(low), End(high))
            case _:
                return self.world.over(quantity)

    def _read_quantity(self, quantity: node.Read) -> Ends | None:
        number = quantity.kind == "number"  # compared by itself, it needs no common type
        read = self.reader.read(quantity.field, quantity.kind, None if number else quantity.default)
        instead: Any = read_as("number", quantity.default) if number else None
        return None if read is None else Ends.exact(read, instead)

    def _since(self, age: node.Age) -> Sql | None:
        if age.field is not None:
            return self.reader.read(age.field, "moment")
        since = self.world.stage()[1]
        if since is None:
            self.faults.add("asks for days in the stage, which the leads do not have")
        return since

    def _among(self, asking: node.Among) -> Sql:
        ends = self._quantity(asking.quantity)
        if ends is None:
            return NOT_KNOWN
        value, values = ends.low.sql, asking.values
        if values and all(isinstance(v, bool) for v in values):
            number = f"CASE WHEN {value} THEN 1 WHEN NOT {value} THEN 0 END"
            value, values = over(number, value, known=value.known), frozenset(map(int, values))
        read = asking.quantity
        if isinstance(read, node.Read) and self.reader.held(read.field) == "whole":
            values = frozenset(v for v in values if isinstance(v, int))  # it is no fraction
        found = self.among(value, map(self.reader.literal, sorted(values)))
        if ends.low.none is None:
            return found
        instead = "TRUE" if ends.low.none in values else "FALSE"
        return over(f"COALESCE({found}, {instead})", found, known=True)

    # -- scores, stages, lists and the user's own ----------------------------------------------

    def _labelled(self, asking: node.Labelled) -> Sql:
        wanted = set(asking.labels)
        possible = [
            (over(f"({' AND '.join(p.text for p in parts)})", *parts), label in wanted)
            for label, parts in self.possible(asking.measure)
        ]
        wrong = [when for when, is_wanted in possible if not is_wanted]
        right = [when for when, is_wanted in possible if is_wanted]
        if not wrong or not right:
            return Sql("TRUE" if right else "FALSE", known=True)
        other, same = (" OR ".join(when.text for when in some) for some in (wrong, right))
        text = f"CASE WHEN NOT ({other}) THEN TRUE WHEN NOT ({same}) THEN FALSE END"
        return over(text, *wrong, *right)

    def possible(self, measure: Any) -> list[tuple[str, list[Sql]]]:
        """Each label that there is, and the conditions under which it may be the lead's."""
        if isinstance(measure, Matrix):
            return [
                (row + column, [*when, *also])
                for row, when in self.possible(measure.rows)
                for column, also in self.possible(measure.columns)
            ]
        low, high = self.world.score(measure.score)
        found: list[tuple[str, list[Sql]]] = []
        for letter, least, below in steps(measure):
            parts: list[Sql] = []
            if below is not None:
                parts.append(over(f"{low} < {below}", low, known=low.known))
            if least is not None:
                parts.append(over(f"{high} >= {least}", high, known=high.known))
            found.append((letter, parts or [Sql("TRUE", known=True)]))
        return found

    def runs(self, measure: Any) -> list[tuple[tuple[str, ...], list[Sql]]]:
        """Each set of labels that may be all that a lead can have, and when it is."""
        if isinstance(measure, Matrix):
            return [
                (tuple(row + column for row in rows for column in columns), [*when, *also])
                for rows, when in self.runs(measure.rows)
                for columns, also in self.runs(measure.columns)
            ]
        if not isinstance(measure, Grade):
            raise Refused(f"{_told(measure)} has no SQL")
        low, high = self.world.score(measure.score)
        letters = steps(measure)
        found: list[tuple[tuple[str, ...], list[Sql]]] = []
        for best, (_, _, above) in enumerate(letters):
            for worst in range(best, len(letters)):
                least = letters[worst][1]
                parts = [] if above is None else [over(f"{high} < {above}", high)]
                parts += (
                    []
                    if letters[best][1] is None
                    else [over(f"{high} >= {letters[best][1]}", high)]
                )
                below = letters[worst][2]
                parts += [] if below is None else [over(f"{low} < {below}", low)]
                parts += [] if least is None else [over(f"{low} >= {least}", low)]
                found.append((tuple(letter for letter, _, _ in letters[best : worst + 1]), parts))
        return found

    def _call(self, criterion: Criterion) -> Sql:
        match criterion:
            case OneOf() if type(criterion) is OneOf and type(criterion.measure) is Stage:
                return self._in_stage(criterion)
            case HasAny() | HasAll() if type(criterion) in (HasAny, HasAll):
                return self._list(criterion)
            case IsIn() if type(criterion) is IsIn and type(criterion.measure) is Attribute:
                return self._among_none(criterion.measure)
            case Equals() if type(criterion) is Equals:
                return self._never_met(criterion)
            case _:
                return self._own(criterion)

    def _own(self, criterion: Criterion) -> Sql:
        own = printed(criterion, self.reader)
        if own is None:
            built_in = type(criterion).__module__.startswith("mqlkit.")
            hint = "" if built_in else "; register a printer with bulk.prints"
            raise Refused(f"{self.dialect.title} cannot do {_told(criterion)}{hint}")
        return own

    def _never_met(self, criterion: Equals) -> Sql:
        """Whether a span of time is one of no whole microseconds: it lies between two ends."""
        found = quantity(criterion.measure, "number")
        if found is None or not node.is_span(found):
            return self._own(criterion)
        ends = self._quantity(found)
        bound = criterion.measure.units(criterion.bound)
        return NOT_KNOWN if ends is None else ends.compared("==", bound, self.reader.literal)

    def _among_none(self, measure: Attribute) -> Sql:
        """Whether a value is one of none: NO for any that is known."""
        value = self.reader.read(measure.field, "single")
        if value is None:
            return NOT_KNOWN
        return self.among(value, ()) if measure.default is None else Sql("FALSE", known=True)

    def _in_stage(self, criterion: OneOf) -> Sql:
        stage = self.world.stage()[0]
        if stage is None:
            self.faults.add("asks for the stage, which the leads do not have")
            return NOT_KNOWN
        return self.among(stage, map(self.dialect.text, criterion.labels))

    def _list(self, criterion: HasAny | HasAll) -> Sql:
        measure: Any = criterion.measure
        if type(measure) is not Attribute or measure.default is not None:
            raise Refused(f"{_told(criterion)} has no SQL")
        items = self.reader.read(measure.field, "items")
        if items is None:
            return NOT_KNOWN
        wanted = sorted(criterion.wanted)
        if criterion.kind not in ("text", "single"):
            raise Refused(f"{_told(criterion)}: a list in a table is a list of texts")
        blank = self.dialect.any_member(
            items.text, lambda member: f"COALESCE({self.dialect.blank(member)}, TRUE)"
        )
        found = [
            self.dialect.any_member(items.text, self._is_word(measure, (word,))) for word in wanted
        ]
        absent = f"CASE WHEN {blank} THEN NULL ELSE FALSE END"
        each = [f"CASE WHEN {one} THEN TRUE ELSE {absent} END" for one in found]
        word, nothing = (" OR ", "FALSE") if isinstance(criterion, HasAny) else (" AND ", "TRUE")
        told = f"({word.join(each)})" if each else nothing
        return over(f"CASE WHEN {items} IS NOT NULL THEN {told} END", items)

    def _is_word(self, measure: Any, words: tuple[str, ...]) -> Callable[[str], str]:
        def holds(member: str) -> str:
            text = member if measure.case_sensitive else self.dialect.folded(member, words)
            return f"COALESCE({text} = {self.dialect.text(words[0])}, FALSE)"

        return holds


def steps(measure: Grade) -> list[tuple[str, int | None, int | None]]:
    """Each letter from the best: the least millipoints of it, and those of the one above."""
    letters = measure.known_labels()
    least = [
        None if letter == measure.lowest else math.ceil(exact(measure.letters[letter]) * 1000)
        for letter in letters
    ]
    return list(zip(letters, least, [None, *least[:-1]], strict=True))


def _sum(parts: Iterable[str]) -> str:
    return f"({' + '.join(parts) or '0'})"


def _told(part: object) -> str:
    describe = getattr(part, "describe", None)
    return f"{describe()} ({type(part).__name__})" if callable(describe) else str(part)
