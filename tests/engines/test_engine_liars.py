"""Engines that are nearly right: the comparison with the reference catches each of them."""

from bisect import bisect_right
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any
from unittest.mock import patch

import attrs
import pytest
from engines.comparing import QUICK, differences, fresh
from engines.modelling import Cases
from engines.nasty_leads import TICK

from mqlkit import Decision, History, Lead, Qualification, Timeline, Verdict
from mqlkit import verdict as logic
from mqlkit.criteria.aggregate import Distinct, Least
from mqlkit.criterion import AllOf, If, Not, judged
from mqlkit.decay import Linear
from mqlkit.rules.activity import Latest
from mqlkit.window import Window

Decide = Callable[..., Decision]
SEEDS = range(1_000)


class Mistaken:
    """A decision that is always read while something is wrong."""

    def __init__(self, decision: Decision, wrong: Callable[[], AbstractContextManager[Any]]):
        self._decision, self._wrong = decision, wrong

    def __getattr__(self, name: str) -> Any:
        with self._wrong():
            return getattr(self._decision, name)


def deciding(wrong: Callable[[], AbstractContextManager[Any]]) -> Decide:
    """A `decide` in which something is wrong while its answer is found."""

    def decide(definition: Qualification, lead: Lead, *, as_of: datetime) -> Any:
        return Mistaken(Decision.of(definition, fresh(lead), as_of), wrong)

    return decide


def replacing(cls: type, name: str, method: Callable[..., Any]) -> Decide:
    """A `decide` for which one method of the library is another one."""
    return deciding(lambda: patch.object(cls, name, method))


def unknown_is_no(definition: Qualification, lead: Lead, *, as_of: datetime) -> Decision:
    """A blank is a no."""
    return Decision.of(attrs.evolve(definition, unknowns="no"), lead, as_of)


def trusting(lead: Lead | None) -> Lead | None:
    """The lead, as if no id were repeated."""
    return lead and attrs.evolve(
        lead,
        unique_ids=True,
        account=trusting(lead.account),
        people=lead.people and [trusting(person) for person in lead.people],
    )


def repeated_ids_count(definition: Qualification, lead: Lead, *, as_of: datetime) -> Decision:
    """An activity that is told twice counts twice."""
    return Decision.of(definition, trusting(lead), as_of)  # type: ignore[arg-type]


def all_asked(self: AllOf, lead: Any) -> Verdict:
    """The least of all answers: what comes after a NO is asked, too, and may raise."""
    return logic.all_of([judged(part, lead) for part in self.criteria])


def two_valued(self: If, lead: Any) -> Verdict:
    """``(c & a) | (~c & b)``, which is not the same where c is not known (law 61)."""
    condition, then, otherwise = (judged(part, lead) for part in self.parts())
    return (condition & then) | (~condition & otherwise)


def value_before(self: History, as_of: datetime) -> object:
    """The value holds only after its instant, not at it."""
    return next((value for since, value in reversed(self.changes) if since < as_of), None)


started = Window.start
faded = Linear.left
over, least = Distinct.over, Least.of_numbers
counted = Latest.counted

LIARS: dict[str, Decide] = {
    "unknown is no": unknown_is_no,
    "a window has its first instant, too": replacing(
        Window,
        "start",
        lambda self, as_of: (
            max(started(self, as_of), as_of.min.replace(tzinfo=as_of.tzinfo) + TICK) - TICK
        ),
    ),
    "a repeated id counts twice": repeated_ids_count,
    "what happens just now is not seen": replacing(
        Timeline,
        "until",
        lambda self, as_of: tuple(a for a in self if a.at < as_of),
    ),
    "the future is seen": replacing(
        Timeline,
        "until",
        lambda self, as_of: tuple(self)[: bisect_right([a.at for a in self], as_of) + 1],
    ),
    "not of unknown is yes": replacing(
        Not, "judge", lambda self, lead: Verdict.of(self.criterion.judge(lead) is not Verdict.YES)
    ),
    "what need not be asked is asked": replacing(AllOf, "judge", all_asked),
    "if is and and or": replacing(If, "judge", two_valued),
    "a change holds a moment late": replacing(History, "at", value_before),
    "a day starts too early": replacing(
        Linear, "left", lambda self, points, days: faded(self, points, days + 1)
    ),
    "a blank is no other value": replacing(
        Distinct,
        "over",
        lambda self, matches, lead: over(self, matches, lead)._replace(
            high=len(set(self._keys(matches.possible, lead)) - {None})
        ),
    ),
    "what may count counts": replacing(
        Least, "of_numbers", lambda self, sure, possible: least(self, possible, possible)
    ),
    "the oldest is the latest": replacing(
        Latest,
        "counted",
        lambda self, lead: (
            (found := self.activities.matching(lead))
            and type(counted(self, lead))(found.sure[:1], found.sure[:1], found.possible[:1])  # type: ignore[arg-type,misc]
        ),
    ),
}


def caught_at(seeds: range) -> int | None:
    """The first seed with a case in which `decide` differs from the reference."""
    for seed in seeds:
        cases = Cases(seed)
        for lead, as_of in cases:
            if differences(cases.model, lead, as_of, ask=QUICK):
                return seed
    return None


@pytest.mark.parametrize("liar", LIARS)
def test_a_liar_is_caught(monkeypatch: pytest.MonkeyPatch, liar: str) -> None:
    """Within the seeds that are tried every day."""
    monkeypatch.setattr(Qualification, "decide", LIARS[liar])
    assert caught_at(SEEDS) is not None


def test_the_way_in_which_liars_lie_is_no_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    """An honest engine in their clothes is not caught."""
    monkeypatch.setattr(Qualification, "decide", deciding(nullcontext))
    assert caught_at(SEEDS[:40]) is None
