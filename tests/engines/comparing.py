"""
Whether `Qualification.decide` answers as the reference does, in everything that can be asked.

An error is an answer, too: of the same type, with the same text, at the same question.
"""

from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Any, Final

import attrs

from mqlkit import Decision, Lead, Qualification

Ask = Callable[[Decision], Any]


def _ends(decision: Decision) -> dict[str, Any]:
    """The ends of each score, and of what kind they are: True is no millipoint."""
    return {
        name: [(end, type(end)) for end in found.millis] for name, found in decision.scores.items()
    }


def _lines(decision: Decision) -> dict[str, Any]:
    return {name: found.lines for name, found in decision.scores.items()}


def _attribute(name: str) -> Ask:
    return lambda decision: getattr(decision, name)


QUICK: Final[dict[str, Ask]] = {
    **{
        name: _attribute(name)
        for name in (
            "status",
            "never",
            "at_once",
            "when",
            "reasons",
            "grades",
            "labels",
            "plays",
            "outcome",
        )
    },
    "scores": _ends,
}
"""The answer."""

EVERYTHING: Final[dict[str, Ask]] = {
    **QUICK,
    "lines": _lines,
    "total": lambda decision: (decision.score.millis, decision.score.lines),
    "blanks": lambda decision: {n: s.unknowns() for n, s in decision.scores.items()},
    **{name: _attribute(name) for name in ("missing", "changes_at", "notes", "faults", "as_of")},
    "lead": lambda decision: decision.lead.id,
    "text": str,
    "explanation": lambda decision: str(decision.explain()),
}
"""The answer, why, and what would change it."""


def told(ask: Callable[[], Any]) -> tuple[object, ...]:
    """What is answered, or the error that is raised instead."""
    try:
        return ("answer", ask())
    except RecursionError as error:  # its text tells where in Python it ended
        return ("error", type(error))
    except Exception as error:
        return ("error", type(error), str(error), tuple(getattr(error, "__notes__", ())))


def answers(
    decide: Callable[[], Decision], ask: dict[str, Ask] = EVERYTHING, order: Random | None = None
) -> dict[str, tuple[object, ...]]:
    """
    All answers of a decision.

    Args:
        decide: Makes it.
        ask: What is asked of it.
        order: Shuffles in which order that is.
    """
    made = told(decide)
    if made[0] == "error":
        return {"decide": made}
    names = list(ask)
    if order is not None:
        order.shuffle(names)
    decision: Any = made[1]
    return {name: told(lambda name=name: ask[name](decision)) for name in names}


def fresh(lead: Lead) -> Lead:
    """The same lead, of which nothing is kept: its timeline is sorted again."""
    return attrs.evolve(
        lead,
        account=None if lead.account is None else fresh(lead.account),
        people=None if lead.people is None else [fresh(person) for person in lead.people],
    )


def kept(lead: Lead) -> Lead:
    """The same lead, whose timelines are sorted already."""
    for one in (lead, lead.account, *(lead.people or ())):
        assert one is None or one.timeline is None or len(one.timeline) >= 0
    return lead


def differing(
    right: dict[str, tuple[object, ...]], given: dict[str, tuple[object, ...]]
) -> list[str]:
    """In words what two sets of answers differ in."""
    if right.keys() != given.keys():
        right, given = ({"decide": one.get("decide", ("answer",))} for one in (right, given))
    return [
        f"{name} is {given[name]!r:.1000}, and by the reference {right[name]!r:.1000}"
        for name in right
        if right[name] != given[name]
    ]


def differences(
    qualification: Qualification,
    lead: Lead,
    as_of: datetime,
    *,
    ask: dict[str, Ask] = EVERYTHING,
    order: Random | None = None,
) -> list[str]:
    """
    What `Qualification.decide` says otherwise than the reference; empty when they agree.

    Args:
        qualification: The model.
        lead: As it is given to `decide` first; the reference is asked later.
        as_of: When.
        ask: The questions, by name.
        order: Shuffles the order in which `decide`'s decision is asked them.
    """
    given = answers(lambda: qualification.decide(lead, as_of=as_of), ask, order)
    right = answers(lambda: Decision.of(qualification, lead, as_of), ask)
    return differing(right, given)
