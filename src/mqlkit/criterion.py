"""
A criterion: a value that answers YES, NO or UNKNOWN about a lead, and can say why.

Criteria compose with ``&``, ``|``, ``~``, `at_least`, `exactly` and `if_`. Subclass `Criterion`
for a question of your own; the built-in ones use no other door.
"""

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Final, NoReturn

import attrs

from . import verdict as logic
from .errors import DefinitionError, KindError
from .explanation import Reason, Recalling
from .lead import Snapshot, Trace
from .registry import register
from .value import LAST, MICROSECOND, is_blank, show
from .verdict import Verdict

if TYPE_CHECKING:
    from .change import Change

DEEPEST: Final = 64
"""Criteria nest no deeper, so that no walk over them can exhaust the stack."""


class Criterion(Recalling, ABC):
    """
    A question about a lead, with one sentence that states it.

    A subclass is a frozen attrs class with `judge` and `describe`. One that reads the clock
    (``lead.as_of``) should say in `changes_at` when its answer may change; until it does, its
    decisions ask to be looked at again at once, which is sound but wasteful.
    """

    __slots__ = ()

    about_knowledge: ClassVar[bool] = False
    """True when filling a blank may overturn the answer: the question is what we know."""

    @abstractmethod
    def judge(self, lead: Snapshot, /) -> Verdict:
        """The answer about a lead as of an instant."""

    @abstractmethod
    def describe(self) -> str:
        """The statement that YES affirms, in a sales person's words; no full stop."""

    def parts(self) -> tuple["Criterion", ...]:
        """The criteria that this one is made of."""
        return ()

    def explain(self, lead: Snapshot) -> Reason:
        """The answer with what was read for it."""
        trace = lead.traced()
        return Reason(self.describe(), self.judge(trace), trace.seen)

    def stated(self) -> str:
        """What `describe` says, which is made once."""
        recalled = self.recalled
        if recalled.sentence is None:
            recalled.sentence = self.describe()
        return recalled.sentence

    def changes_at(self, lead: Snapshot) -> datetime | None:
        """
        The next instant at which an input of the answer crosses a boundary with no new data.

        Never late; allowed to be early. None when there is none.
        """
        if self.parts():
            return earliest(part.changes_at(lead) for part in self.parts())
        trace = lead.traced()
        self.judge(trace)
        return earliest(boundaries(trace, lead))

    def wishes(self, lead: Snapshot, wanted: Verdict) -> "Iterable[Change]":
        """
        Changes, each of which alone may make the answer *wanted*, the likeliest first.

        They are what "would qualify with" is found from, and each is tried before it is told, so
        a guess does no harm. A criterion of your own may offer some; by default there are none.

        Args:
            lead: As it is now.
            wanted: YES or NO.
        """
        return ()

    def if_unknown(self, verdict: Verdict) -> "Assumed":
        """The same question, with a stated answer for when it cannot be known."""
        return Assumed(self, verdict)

    def named(self, name: str) -> "Named":
        """The same question under a name of your own, which the explanation shows."""
        return Named(name, self)

    @property
    def depth(self) -> int:
        """How deep the criteria nest; 1 for a leaf."""
        return 1 + max((part.depth for part in self.parts()), default=0)

    def walk(self) -> Iterator["Criterion"]:
        """This criterion and all that it is made of."""
        yield self
        for part in self.parts():
            yield from part.walk()

    def __and__(self, other: "Criterion") -> "Criterion":
        return AllOf((self, other)) if isinstance(other, Criterion) else NotImplemented

    def __or__(self, other: "Criterion") -> "Criterion":
        return AnyOf((self, other)) if isinstance(other, Criterion) else NotImplemented

    def __invert__(self) -> "Criterion":
        return Not(self)

    def __bool__(self) -> NoReturn:
        raise TypeError(
            f"whether {self.describe()} depends on the lead, so it has no truth value; "
            "combine criteria with &, | and ~, not with and, or and not"
        )


def boundaries(trace: Trace, lead: Snapshot) -> Iterator[datetime | None]:
    """The next instant at which each thing that was read may change with no new data."""
    as_of = lead.as_of
    yield from (lead.next_change(seen.field) for seen in trace.seen if not seen.of)
    if lead.scores is not None:
        yield from map(lead.scores.changes_at, sorted(trace.scores_read))
    for whose in trace.timelines:
        timeline = lead.timeline(whose)
        later = timeline.after(as_of) if timeline is not None else ()
        yield later[0].at if later else None
    if trace.reads_time and as_of < LAST:
        yield as_of + MICROSECOND


def earliest(instants: Iterable[datetime | None]) -> datetime | None:
    """The first of *instants*; None stands for never."""
    return min((instant for instant in instants if instant is not None), default=None)


# -- composition ------------------------------------------------------------------------------


def criterion(value: object) -> Criterion:
    """*value*, which must be a criterion."""
    if not isinstance(value, Criterion):
        hint = getattr(value, "to_ask", "")
        if isinstance(value, bool):
            hint = "to compare a measure use .equals(...), since == compares measures themselves"
        raise KindError(f"wanted a criterion, not {show(value)}{f'; {hint}' if hint else ''}")
    return value


def criterion_or_none(value: object) -> Criterion | None:
    """A criterion, or None for none."""
    return None if value is None else criterion(value)


def judged(asking: Criterion, lead: Snapshot) -> Verdict:
    """The answer of a criterion, which must be a verdict: a user's own may have slipped."""
    return logic.answered(asking.judge(lead), asking.describe)


def criteria(values: Iterable[object]) -> tuple[Criterion, ...]:
    """*values*, which must all be criteria."""
    if isinstance(values, str | Criterion):
        raise KindError(f"wanted a list of criteria, not {show(values)}")
    return tuple(map(criterion, values))


@attrs.frozen
class Composite(Criterion):
    """A criterion made of others; how deep they nest is counted once, and bounded."""

    _depth: int = attrs.field(init=False, default=1, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        depth = 1 + max((part.depth for part in self.parts()), default=0)
        if depth > DEEPEST:
            raise DefinitionError(
                f"criteria nest {depth} deep, and at most {DEEPEST} are allowed; "
                "give all_of or any_of one flat list instead"
            )
        object.__setattr__(self, "_depth", depth)

    @property
    def depth(self) -> int:
        return self._depth

    def explain(self, lead: Snapshot) -> Reason:
        below = tuple(part.explain(lead) for part in self.parts())
        return Reason(self.headline(), self.judge(lead), parts=below)

    @abstractmethod
    def headline(self) -> str:
        """What stands above the parts, where the whole sentence would repeat them."""


def _flat(kind: type[Criterion], values: Iterable[object]) -> tuple[Criterion, ...]:
    """*values* with those of *kind* opened: "and" and "or" are associative (laws 3 and 4)."""
    flat: list[Criterion] = []
    for value in criteria(values):
        flat.extend(value.parts() if type(value) is kind else (value,))
    return tuple(flat)


def _flat_and(values: Iterable[object]) -> tuple[Criterion, ...]:
    return _flat(AllOf, values)


def _flat_or(values: Iterable[object]) -> tuple[Criterion, ...]:
    return _flat(AnyOf, values)


def _sentence(parts: tuple[Criterion, ...], joint: str) -> str:
    return joint.join(
        f"({part.describe()})" if isinstance(part, Composite) else part.describe() for part in parts
    )


@register("all", main="criteria")
@attrs.frozen(cache_hash=True)
class AllOf(Composite):
    """Every one of the criteria; YES when there are none. Written ``a & b``."""

    criteria: tuple[Criterion, ...] = attrs.field(converter=_flat_and)

    def judge(self, lead: Snapshot) -> Verdict:
        return logic.all_of(judged(part, lead) for part in self.criteria)

    def describe(self) -> str:
        return _sentence(self.criteria, " and ") or "always"

    def headline(self) -> str:
        return "all of" if self.criteria else "always"

    def parts(self) -> tuple[Criterion, ...]:
        return self.criteria


@register("any", main="criteria")
@attrs.frozen(cache_hash=True)
class AnyOf(Composite):
    """At least one of the criteria; NO when there are none. Written ``a | b``."""

    criteria: tuple[Criterion, ...] = attrs.field(converter=_flat_or)

    def judge(self, lead: Snapshot) -> Verdict:
        return logic.any_of(judged(part, lead) for part in self.criteria)

    def describe(self) -> str:
        return _sentence(self.criteria, " or ") or "never"

    def headline(self) -> str:
        return "any of" if self.criteria else "never"

    def parts(self) -> tuple[Criterion, ...]:
        return self.criteria


@register("not", main="criterion")
@attrs.frozen(cache_hash=True)
class Not(Composite):
    """The opposite; UNKNOWN stays UNKNOWN. Written ``~a``."""

    criterion: Criterion = attrs.field(converter=criterion)

    def judge(self, lead: Snapshot) -> Verdict:
        return ~self.criterion.judge(lead)

    def describe(self) -> str:
        return f"not ({self.criterion.describe()})"

    def headline(self) -> str:
        return "not"

    def parts(self) -> tuple[Criterion, ...]:
        return (self.criterion,)


def _how_many(n: object) -> int:
    if isinstance(n, bool) or not isinstance(n, int):
        raise KindError(f"how many must be a whole number, not {show(n)}")
    if n < 0:
        raise DefinitionError(f"how many must be 0 or more, not {show(n)}")
    return n


@register("at_least_of", main="n")
@attrs.frozen(cache_hash=True)
class AtLeastOf(Composite):
    """*n* or more of the criteria; a criterion given twice counts twice."""

    n: int = attrs.field(converter=_how_many)
    criteria: tuple[Criterion, ...] = attrs.field(converter=criteria)

    def judge(self, lead: Snapshot) -> Verdict:
        return logic.at_least_of(self.n, (judged(part, lead) for part in self.criteria))

    def describe(self) -> str:
        return f"at least {self.n} of: {_sentence(self.criteria, '; ')}"

    def headline(self) -> str:
        return f"at least {self.n} of"

    def parts(self) -> tuple[Criterion, ...]:
        return self.criteria


@register("exactly", main="n")
@attrs.frozen(cache_hash=True)
class Exactly(Composite):
    """Just *n* of the criteria."""

    n: int = attrs.field(converter=_how_many)
    criteria: tuple[Criterion, ...] = attrs.field(converter=criteria)

    def judge(self, lead: Snapshot) -> Verdict:
        return logic.exactly_of(self.n, (judged(part, lead) for part in self.criteria))

    def describe(self) -> str:
        return f"exactly {self.n} of: {_sentence(self.criteria, '; ')}"

    def headline(self) -> str:
        return f"exactly {self.n} of"

    def parts(self) -> tuple[Criterion, ...]:
        return self.criteria


@register("if", main="condition")
@attrs.frozen(cache_hash=True)
class If(Composite):
    """*then* or *otherwise* by *condition*; where that is UNKNOWN, what both agree on."""

    condition: Criterion = attrs.field(converter=criterion)
    then: Criterion = attrs.field(converter=criterion)
    otherwise: Criterion = attrs.field(converter=criterion)

    def judge(self, lead: Snapshot) -> Verdict:
        return logic.if_of(*(judged(part, lead) for part in self.parts()))

    def explain(self, lead: Snapshot) -> Reason:
        condition = self.condition.judge(lead)
        used = [self.condition]
        used += [self.then] if condition is not Verdict.NO else []
        used += [self.otherwise] if condition is not Verdict.YES else []
        return Reason(self.headline(), self.judge(lead), (), tuple(c.explain(lead) for c in used))

    def describe(self) -> str:
        return (
            f"if {self.condition.describe()}, then {self.then.describe()}, "
            f"else {self.otherwise.describe()}"
        )

    def headline(self) -> str:
        return "if the first, then the second, else the third"

    def parts(self) -> tuple[Criterion, ...]:
        return (self.condition, self.then, self.otherwise)


def _known_verdict(value: object) -> Verdict:
    if not isinstance(value, Verdict) or value is Verdict.UNKNOWN:
        raise DefinitionError("what is assumed must be Verdict.YES or Verdict.NO")
    return value


@register("assume", main="verdict")
@attrs.frozen(cache_hash=True)
class Assumed(Composite):
    """A criterion with a stated answer for when it is UNKNOWN."""

    about_knowledge = True

    criterion: Criterion = attrs.field(converter=criterion)
    verdict: Verdict = attrs.field(converter=_known_verdict)

    def judge(self, lead: Snapshot) -> Verdict:
        verdict = self.criterion.judge(lead)
        return self.verdict if verdict is Verdict.UNKNOWN else verdict

    def explain(self, lead: Snapshot) -> Reason:
        inner = self.criterion.explain(lead)
        if inner.verdict is not Verdict.UNKNOWN:
            return inner
        return Reason(
            f"assumed {self.verdict}, because it is not known whether", self.verdict, parts=(inner,)
        )

    def describe(self) -> str:
        return f"{self.criterion.describe()} (assumed {self.verdict} if not known)"

    def headline(self) -> str:
        return self.describe()

    def parts(self) -> tuple[Criterion, ...]:
        return (self.criterion,)


def _name(value: object) -> str:
    if not isinstance(value, str) or is_blank(value) or len(value) > 200:
        raise DefinitionError(f"a name is text of at most 200 characters, not {show(value)}")
    return unicodedata.normalize("NFC", value)


@attrs.frozen(cache_hash=True)
class Named(Composite):
    """A criterion under a name of your own; a model file keeps it once, under that name."""

    name: str = attrs.field(converter=_name)
    criterion: Criterion = attrs.field(converter=criterion)

    def judge(self, lead: Snapshot) -> Verdict:
        return self.criterion.judge(lead)

    def describe(self) -> str:
        return self.name

    def headline(self) -> str:
        return self.name

    def parts(self) -> tuple[Criterion, ...]:
        return (self.criterion,)


def all_of(*criteria: Criterion) -> Criterion:
    """Every one of *criteria*; YES when there are none."""
    return AllOf(criteria)


def any_of(*criteria: Criterion) -> Criterion:
    """At least one of *criteria*; NO when there are none."""
    return AnyOf(criteria)


def at_least(n: int, *criteria: Criterion) -> Criterion:
    """*n* or more of *criteria*."""
    return AtLeastOf(n, criteria)


def exactly(n: int, *criteria: Criterion) -> Criterion:
    """Just *n* of *criteria*."""
    return Exactly(n, criteria)


def if_(condition: Criterion, then: Criterion, otherwise: Criterion) -> Criterion:
    """*then* where *condition* is YES, *otherwise* where it is NO."""
    return If(condition, then, otherwise)
