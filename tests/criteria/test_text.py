"""Questions about text, and patterns in linear time."""

import builtins
import sys
import types

import pytest
from building import NO, UNKNOWN, YES, answer, refused

from mqlkit import attribute, score
from mqlkit.criteria.text import ContainsAny, Matches, compiled
from mqlkit.errors import DefinitionError, KindError, MissingExtraError

T = attribute("t")


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (T.contains("vp"), 't contains "vp"'),
        (T.contains_any("vp", "chief"), 't contains "chief" or "vp"'),
        (T.starts_with("vp"), 't starts with "vp"'),
        (T.ends_with("vp"), 't ends with "vp"'),
        (T.matches("^vp"), 't matches "^vp"'),
    ],
)
def test_a_question_about_text_has_a_sentence(asked: object, text: str) -> None:
    assert asked.describe() == text


def test_neither_order_nor_repeats_of_words_mean_anything() -> None:
    assert T.contains_any("b", "a", "b") == T.contains_any("a", "b")
    assert ContainsAny(T, {"a"}) == ContainsAny(T, ["a"]) == T.contains("a")


def test_spaces_and_letters_count_as_they_stand() -> None:
    assert answer(T.contains("vp "), t="VP Sales") is YES
    assert answer(T.contains("vp "), t="VP") is NO
    assert answer(T.starts_with(" vp"), t=" VP") is YES


@pytest.mark.parametrize(
    ("build", "error", "text"),
    [
        (lambda: T.contains_any(), DefinitionError, "give at least one text to look for"),
        (lambda: T.contains(5), KindError, "wanted text to look for, not 5"),
        (lambda: ContainsAny(T, "ab"), KindError, 'wanted a list of texts, not "ab"'),
        (
            lambda: T.contains(" "),
            DefinitionError,
            "a blank text never matches; to ask for a blank use missing(field)",
        ),
        (
            lambda: ContainsAny(score(), ["a"]),
            KindError,
            "the score compares with a number, not with text",
        ),
        (lambda: T.matches(5), KindError, "a pattern is text, not 5"),
        (
            lambda: T.matches("a" * 513),
            DefinitionError,
            "a pattern may have 512 characters, not 513",
        ),
        (
            lambda: T.matches("(?=a)"),
            DefinitionError,
            '"(?=a)" is not an RE2 pattern: invalid perl operator: (?=',
        ),
    ],
)
def test_what_no_text_could_match_is_refused(
    build: object, error: type[Exception], text: str
) -> None:
    with refused(error, text):
        build()


def test_a_pattern_sees_the_text_as_it_was_written() -> None:
    assert answer(T.matches("^VP"), t="VP Sales") is YES
    assert answer(T.matches("^VP"), t="vp sales") is NO
    assert answer(T.matches("(?i)^VP"), t="vp sales") is YES
    assert answer(T.matches("Sales"), t="VP Sales") is YES
    assert T.matches("a" * 512).pattern == "a" * 512


def test_a_very_long_text_is_unknown() -> None:
    assert answer(T.matches("a$"), t="a" * 65_536) is YES
    assert answer(T.matches("a$"), t="a" * 65_537) is UNKNOWN


def test_a_pattern_that_would_take_for_ever_takes_no_time() -> None:
    assert answer(T.matches("(a+)+$"), t="a" * 60_000 + "b") is NO


@pytest.fixture
def _fresh() -> object:
    compiled.cache_clear()
    yield
    compiled.cache_clear()


@pytest.mark.usefixtures("_fresh")
def test_without_the_extra_a_pattern_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_re2(name: str, *args: object, **kwargs: object) -> object:
        if name == "re2":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_re2)
    with refused(
        MissingExtraError,
        "a pattern needs an extra; install it with: pip install 'mqlkit[regex]'",
    ):
        T.matches("a")


@pytest.mark.usefixtures("_fresh")
def test_another_package_of_that_name_will_not_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "re2", types.ModuleType("re2"))
    with refused(
        MissingExtraError,
        "a pattern (another package called re2 is installed) needs an extra; "
        "install it with: pip install 'mqlkit[regex]'",
    ):
        T.matches("a")


@pytest.mark.usefixtures("_fresh")
@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (("too hard",), '"a" is not an RE2 pattern: too hard'),
        ((b"bad \xff",), '"a" is not an RE2 pattern: bad \ufffd'),
        ((), '"a" is not an RE2 pattern: '),
    ],
)
def test_the_reason_is_told_however_the_library_spells_it(
    monkeypatch: pytest.MonkeyPatch, reason: tuple[object, ...], text: str
) -> None:
    import re2

    def broken(*_: object) -> object:
        raise re2.error(*reason)

    monkeypatch.setattr(re2, "compile", broken)
    with refused(DefinitionError, text):
        Matches(T, "a")
