"""Known and missing: questions about what we know."""

from datetime import timedelta

import pytest
from building import NO, NOW, YES, answer, now

from mqlkit import History, attribute, known, missing


@pytest.mark.parametrize("blank", [None, "", "  ", float("nan")])
def test_a_blank_is_missing(blank: object) -> None:
    assert answer(known("x"), x=blank) is NO
    assert answer(missing("x"), x=blank) is YES


@pytest.mark.parametrize("value", [0, False, "a", [], {}])
def test_a_value_of_any_kind_is_known(value: object) -> None:
    assert answer(known("x"), x=value) is YES
    assert answer(missing("x"), x=value) is NO


def test_they_are_about_knowledge_and_say_so() -> None:
    assert known("x").about_knowledge
    assert missing("x").about_knowledge
    assert known("x").describe() == "x is known"
    assert missing("x").describe() == "x is missing"
    assert attribute("x").known() == known("x")
    assert attribute("x").missing() == missing("x")


def test_they_change_with_the_history() -> None:
    later = History((NOW + timedelta(days=1), 5))
    assert known("x").changes_at(now(x=later)) == NOW + timedelta(days=1)
    assert missing("x").changes_at(now(x=later)) == NOW + timedelta(days=1)
    assert known("x").changes_at(now(x=5)) is missing("x").changes_at(now()) is None
