"""
An account's score from its people: the same card over each of them.

``people(card).top(3) >= 150`` makes a marketing-qualified *account*. What a blank leaves open in
one person's score leaves the account's score open by as much, and no more.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import attrs

from .criterion import earliest
from .errors import DefinitionError, KindError, UnknownNameError
from .lead import Seen, Snapshot, Trace
from .measure import Measure, Range
from .points import TOTAL
from .registry import register
from .scorecard import ScoreBook, Scorecard, ScoreResult, score_names
from .value import Kind, listing, show
from .window import whole

How: TypeAlias = Literal["sum", "max", "top"]

WAYS: Final[tuple[How, ...]] = ("sum", "max", "top")
_NOBODY: Final = float("-inf")
_SHOWN: Final = 5


class _Person(NamedTuple):
    """One of the people, with their scores and the one asked for."""

    id: str
    book: ScoreBook
    score: ScoreResult


def _how(value: object) -> How:
    if value not in WAYS:
        raise DefinitionError(f"people's scores join by {listing(list(WAYS))}, not {show(value)}")
    return value


def _card(value: object) -> Scorecard:
    if not isinstance(value, Scorecard):
        raise KindError(f"wanted a Scorecard, not {show(value)}")
    return value


@register("people", main="how")
@attrs.frozen(cache_hash=True, order=False)
class PeopleScore(Measure):
    """
    One score from the scores of an account's people, in points. Made by `people`.

    UNKNOWN when the people were not loaded. Of no people a sum is 0 and a maximum minus infinity.

    Args:
        how: ``"sum"`` of all, ``"max"``, or ``"top"``: the sum of the *n* highest.
        card: What each person is scored by. It stands by itself: no other card can be asked for.
        group: Which of its scores: the name of a group, ``"total"`` for all of it.
        n: How many, for ``"top"`` alone; of fewer people all count.
    """

    scale = 1000

    how: How = attrs.field(converter=_how)
    card: Scorecard = attrs.field(converter=_card)
    group: str = attrs.field(default=TOTAL, validator=attrs.validators.instance_of(str))
    n: int | None = None

    def __attrs_post_init__(self) -> None:
        known = score_names((self.card,))
        if self.group not in known:
            raise UnknownNameError("score", self.group, known)
        if (self.n is None) is (self.how == "top"):
            raise DefinitionError("n goes with 'top': say how many of the highest scores count")
        if self.n is not None:
            whole(self.n, "how many of the highest scores", least=1)

    @property
    def about_knowledge(self) -> bool:  # type: ignore[override]
        asked = (asking for rule in self.card.all_rules() for asking in rule.criteria())
        return any(part.about_knowledge for asking in asked for part in asking.walk())

    def range(self, lead: Snapshot, kind: Kind = "number") -> Range | None:
        found = self._people(lead)
        return None if found is None else self._joined([person.score for person in found])

    def _joined(self, scores: "list[ScoreResult]") -> Range:
        """Each end by itself: every way to join is monotone, so the ends stay the ends."""
        low, high = ([score.range[end] for score in scores] for end in (0, 1))
        return Range(self._join(low), self._join(high))

    def _join(self, millis: list[int]) -> int | float:
        match self.how:
            case "sum":
                return sum(millis)
            case "max":
                return max(millis, default=_NOBODY)
            case _:
                return sum(sorted(millis, reverse=True)[: self.n])

    def _people(self, lead: Snapshot) -> list[_Person] | None:
        people = lead.people()
        if people is None:
            return None
        settle = lead.scores is not None and lead.scores.settle
        found = [_scored(person, self.card, self.group, settle=settle) for person in people]
        if isinstance(lead, Trace):
            lead.note(*(seen for person in found for seen in _blanks(person)))
        return found

    def describe(self) -> str:
        scores = "scores" if self.group == TOTAL else f"{self.group} scores"
        match self.how:
            case "sum":
                return f"the sum of the people's {scores}"
            case "max":
                return f"the highest of the people's {scores}"
            case _:
                return f"the sum of the {self.n} highest of the people's {scores}"

    def explain(self, lead: Snapshot, kind: Kind) -> tuple[Seen, ...]:
        trace = lead.traced()
        found = self._people(trace)
        blanks = tuple(seen for seen in trace.seen if seen.missing)
        if found is None:
            return blanks
        low, high = map(self.show, self._joined([person.score for person in found]))
        joined = Seen(self.describe(), low if low == high else f"{low} to {high}")
        return (joined, Seen("people", self._census(found)), *blanks)

    def _census(self, people: list[_Person]) -> str:
        """How many people there are, and the best of them."""
        best = sorted(people, key=lambda person: (-person.score.millis.high, person.id))
        shown = [f"{show(person.id)} {self._points(person.score)}" for person in best[:_SHOWN]]
        shown += [f"{len(best) - _SHOWN:,} more"] if len(best) > _SHOWN else []
        return f"{len(people):,}" + (f" ({', '.join(shown)})" if shown else "")

    def _points(self, score: ScoreResult) -> str:
        low, high = map(self.show, score.range)
        return low if low == high else f"{low} to {high}"

    def changes_at(self, lead: Snapshot, bounds: Iterable[Any] = ()) -> datetime | None:
        found = self._people(lead)
        return earliest(person.book.changes_at(self.group) for person in found or ())


def _scored(person: Snapshot, card: Scorecard, group: str, *, settle: bool) -> _Person:
    book = ScoreBook((card,), person, settle=settle)
    return _Person("" if person.lead is None else person.lead.id, book, book.score(group))


def _blanks(person: _Person) -> Iterator[Seen]:
    """What keeps a person's score open, told from the account's own fields."""
    if person.score.millis.open:
        for seen in person.score.unknowns():
            yield attrs.evolve(seen, of=f"people.{seen.of}" if seen.of else "people")


@attrs.frozen
class People:
    """The people of an account under one card, and the ways to join their scores."""

    card: Scorecard
    group: str = TOTAL

    def sum(self) -> PeopleScore:
        """The sum of all their scores."""
        return PeopleScore("sum", self.card, self.group)

    def max(self) -> PeopleScore:
        """The highest of their scores; minus infinity when there are no people."""
        return PeopleScore("max", self.card, self.group)

    def top(self, n: int) -> PeopleScore:
        """The sum of their *n* highest scores."""
        return PeopleScore("top", self.card, self.group, n)


def people(card: Scorecard, group: str = TOTAL) -> People:
    """
    The people of an account, to score the account by.

    Args:
        card: What each of them is scored by.
        group: Which of its scores: the name of a group, ``"total"`` for all of it.

    >>> from datetime import UTC, datetime
    >>> from mqlkit import Lead, Qualification, Rule, Scorecard, attribute
    >>> card = Scorecard(Rule("manager", attribute("title").contains("manager"), 40))
    >>> mqa = Qualification("mqa", version="1", when=people(card).top(2) >= 80)
    >>> team = [Lead(name, {"title": "Sales Manager"}) for name in ("ada", "grace")]
    >>> mqa.decide(Lead("acme", people=team), as_of=datetime(2026, 3, 1, tzinfo=UTC)).status
    Status.QUALIFIED
    """
    return People(card, group)
