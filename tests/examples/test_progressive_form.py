"""The progressive form asks what matters, in order, once, and no more."""

import importlib.util
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest

from mqlkit import Activity, Status
from mqlkit.presets import load_preset

SCRIPT = Path(__file__).parents[2] / "examples" / "progressive_form.py"


def _loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("progressive_form", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


form = _loaded()


def conversation(
    answers: Mapping[str, str], **known: object
) -> tuple[list[str], Iterator[Any], Status]:
    """The fields asked for, the decisions on the way, and the last status."""
    visitor = form.visitor(form.NOW)
    lead = attrs.evolve(visitor, attributes={**visitor.attributes, **known})
    steps = list(
        form.progressive_form(
            load_preset("b2b-saas"),
            lead,
            lambda field, _: answers.get(field, ""),
            as_of=form.NOW,
        )
    )
    asked = [question.field for question, _ in steps if question is not None]
    return asked, [decision for _, decision in steps], steps[-1][1].status


def test_it_stops_when_the_answer_is_settled() -> None:
    asked, decisions, status = conversation(form.ANSWERS)
    assert status is Status.QUALIFIED
    assert [decision.status for decision in decisions] == [
        *(Status.NEEDS_DATA for _ in asked),
        Status.QUALIFIED,
    ]
    assert asked == ["title", "employees", "industry"]
    assert decisions[-1].score.millis.open  # the country would still move the score: not asked


def test_each_question_is_the_first_that_the_decision_waits_for() -> None:
    asked, decisions, _ = conversation(form.ANSWERS)
    for field, decision in zip(asked, decisions, strict=False):
        assert decision.missing[0].field == field


def test_one_answer_may_settle_it() -> None:
    asked, _, status = conversation({**form.ANSWERS, "title": "Student"})
    assert asked == ["title"]
    assert status is Status.DISQUALIFIED


def test_a_settled_lead_is_asked_nothing() -> None:
    asked, _, status = conversation(form.ANSWERS, email="ada@rival.example")
    assert (asked, status) == ([], Status.DISQUALIFIED)
    visitor = form.visitor(form.NOW)
    bored = attrs.evolve(visitor, activities=(visitor.activities or ())[:1])
    steps = list(
        form.progressive_form(load_preset("b2b-saas"), bored, form.scripted, as_of=form.NOW)
    )
    assert [question for question, _ in steps] == [None]
    assert steps[0][1].status is Status.NOT_QUALIFIED


def test_what_was_skipped_is_not_asked_again() -> None:
    asked, _, status = conversation({})
    assert status is Status.NEEDS_DATA
    assert len(set(asked)) == len(asked)
    assert "is_customer" not in asked  # the definition says what no flag means
    again, _, _ = conversation({"employees": "many"})
    assert again == asked


def test_facts_that_no_visitor_knows_are_not_asked() -> None:
    visitor = form.visitor(form.NOW)
    assert visitor.activities is not None
    blank = Activity("page_view", form.NOW - timedelta(hours=3))
    lead = attrs.evolve(visitor, activities=(*visitor.activities, blank))
    decision = load_preset("b2b-saas").decide(lead, as_of=form.NOW)
    assert "page_view.page" in [missing.field for missing in decision.missing]
    assert form.next_question(decision, set(form.QUESTIONS)) is None


@pytest.mark.parametrize(
    ("answer", "kind", "value"),
    [
        ("1,200", "number", 1_200),
        ("many", "number", None),
        ("٣", "number", None),
        ("Yes", "flag", True),
        ("no ", "flag", False),
        ("perhaps", "flag", None),
        (" VP Sales ", "text", "VP Sales"),
        (" ", "text", None),
    ],
)
def test_answers_are_read_as_what_is_wanted(answer: str, kind: str, value: object) -> None:
    assert form.read(answer, kind) == value


def test_the_script_runs_and_says_what_it_spared() -> None:
    run = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, check=True)
    assert "What is your job title?\n> Director of Operations" in run.stdout
    assert run.stdout.splitlines()[-2:] == [
        "qualified: b2b-saas",
        "asked 3 questions; not needed: country, is_customer",
    ]


def test_it_can_be_answered_by_hand(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return "trainee"

    monkeypatch.setattr("builtins.input", answer)
    form.main(["--ask"])
    assert asked == ["What is your job title?\n> "]
    assert "disqualified: is a student" in capsys.readouterr().out
