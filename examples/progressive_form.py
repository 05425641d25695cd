"""
A progressive form: it asks only what still matters, and stops when the answer is settled.

A form with twelve fields loses visitors; a chat bot that asks all of them sounds like one. Here
every question is the fact that the decision waits for most, and nothing is asked twice or in vain.

    python examples/progressive_form.py          # scripted answers
    python examples/progressive_form.py --ask    # your answers; press Enter to skip a question
"""

import argparse
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

import attrs

from mqlkit import Activity, Decision, Lead, Status
from mqlkit.asking import Missing
from mqlkit.presets import load_preset
from mqlkit.spec import Model

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

QUESTIONS: Mapping[str, str] = {
    "title": "What is your job title?",
    "industry": "Which industry are you in?",
    "employees": "How many people work at your company?",
    "country": "In which country are you, in two letters?",
    "email": "At which e-mail address may we write to you?",
    "is_customer": "Do you use our product already?",
}
"""What a visitor can be asked, and how; all other facts are for enrichment."""

ANSWERS: Mapping[str, str] = {
    "email": "ada@acme.example",
    "title": "Director of Operations",
    "industry": "software",
    "employees": "120",
    "country": "DE",
    "is_customer": "no",
}

Ask = Callable[[str, str], str]
"""Puts the question about a field and returns what was answered; "" when it was skipped."""


def next_question(decision: Decision, skipped: set[str]) -> Missing | None:
    """The fact to ask for now; None when the answer is settled or nobody here can settle it."""
    if decision.status is not Status.NEEDS_DATA:
        return None
    askable = (m for m in decision.missing if m.field in QUESTIONS and m.field not in skipped)
    return next((missing for missing in askable if missing.settles), None)


def read(answer: str, kind: str) -> object:
    """An answer as the kind of value that the definition waits for; None if it is none."""
    match kind:
        case "number":
            digits = answer.replace(",", "").strip()
            return int(digits) if digits.isascii() and digits.isdigit() else None
        case "flag":
            return {"yes": True, "no": False}.get(answer.strip().lower())
        case _:
            return answer.strip() or None


def progressive_form(
    model: Model, lead: Lead, ask: Ask, *, as_of: datetime
) -> Iterator[tuple[Missing | None, Decision]]:
    """Each question with the decision before it, and at last no question and the decision."""
    skipped: set[str] = set()
    while True:
        decision = model.decide(lead, as_of=as_of)
        question = next_question(decision, skipped)
        yield question, decision
        if question is None:
            return
        value = read(ask(question.field, QUESTIONS[question.field]), question.kind)
        if value is None:
            skipped.add(question.field)  # not asked again: once refused is an answer, too
        else:
            known = {**lead.attributes, question.field: value}
            lead = attrs.evolve(lead, attributes=known)


def visitor(as_of: datetime) -> Lead:
    """A visitor of whom the site knows the clicks, and the newsletter the address."""
    clicks = [
        Activity("page_view", as_of - timedelta(hours=1), {"page": "/pricing"}),
        Activity("page_view", as_of - timedelta(hours=2), {"page": "/pricing"}),
        Activity("webinar_attended", as_of - timedelta(hours=5), {"webinar": "month end"}),
        Activity("email_click", as_of - timedelta(hours=6)),
    ]
    return Lead("a visitor", {"email": "ada@acme.example"}, clicks)


def scripted(field: str, question: str) -> str:
    """The answer of the script."""
    print(f"{question}\n> {ANSWERS[field]}")
    return ANSWERS[field]


def typed(field: str, question: str) -> str:
    """The answer of whoever sits at the keyboard."""
    return input(f"{question}\n> ")


def main(arguments: list[str] | None = None) -> None:
    """Ask until the decision is settled, then say it."""
    parser = argparse.ArgumentParser(description="A form that asks only what still matters.")
    parser.add_argument("--ask", action="store_true", help="answer the questions yourself")
    by_hand = parser.parse_args(arguments).ask
    as_of = datetime.now(UTC) if by_hand else NOW

    asked: list[str] = []
    steps = progressive_form(
        load_preset("b2b-saas"), visitor(as_of), typed if by_hand else scripted, as_of=as_of
    )
    for question, decision in steps:
        score = decision.score
        print(f"  [{decision.status}; {score.low:f} to {score.high:f} points]")
        if question is not None:
            asked.append(question.field)
            print(f"  [{question.field} matters for {', '.join(question.settles)}]\n")
            continue
        spared = [field for field in QUESTIONS if field not in asked and field != "email"]
        print(f"\n{decision.status}: {', '.join(decision.reasons) or 'no reason to call'}")
        print(f"asked {len(asked)} questions; not needed: {', '.join(spared) or 'none'}")


if __name__ == "__main__":
    main()
