"""Errors say what, where and how to mend it; they are builtins too, and survive pickling."""

import pickle

import pytest

import mqlkit.errors
from mqlkit.errors import (
    DefinitionError,
    KindError,
    LeadDataError,
    MissingExtraError,
    MqlkitError,
    NaiveTimeError,
    UnknownNameError,
    did_you_mean,
)

EXAMPLES = [
    (DefinitionError("x"), ValueError, "x"),
    (KindError("x"), TypeError, "x"),
    (LeadDataError("x"), ValueError, "x"),
    (NaiveTimeError("x"), LeadDataError, "x"),
    (
        UnknownNameError("score", "engagment", ["fit", "engagement"]),
        LookupError,
        "there is no score 'engagment'; did you mean 'engagement'?",
    ),
    (
        UnknownNameError("score", "x", iter(["b", "a"])),
        LookupError,
        "there is no score 'x'; known are 'a', 'b'",
    ),
    (
        MissingExtraError("a pattern", "regex"),
        ImportError,
        "a pattern needs an extra; install it with: pip install 'mqlkit[regex]'",
    ),
]


@pytest.mark.parametrize(("error", "builtin", "text"), EXAMPLES, ids=lambda value: str(value)[:20])
def test_an_error_is_what_a_caller_would_expect(
    error: MqlkitError, builtin: type[Exception], text: str
) -> None:
    assert isinstance(error, MqlkitError)
    assert isinstance(error, builtin)
    assert str(error) == text


@pytest.mark.parametrize("error", [error for error, _, _ in EXAMPLES], ids=repr)
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_an_error_survives_pickling(error: MqlkitError, protocol: int) -> None:
    copy = pickle.loads(pickle.dumps(error, protocol))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)


def test_an_error_carries_its_facts() -> None:
    unknown = UnknownNameError("score", "x", iter(["b", "a"]))
    assert (unknown.what, unknown.name, unknown.known) == ("score", "x", ("b", "a"))
    missing = MissingExtraError("a pattern", "regex")
    assert (missing.what, missing.extra) == ("a pattern", "regex")


def test_every_error_is_one_of_ours() -> None:
    found = [e for e in vars(mqlkit.errors).values() if isinstance(e, type)]
    ours = [e for e in found if issubclass(e, Exception)]
    assert ours
    assert all(issubclass(e, MqlkitError) for e in ours)


@pytest.mark.parametrize(
    ("name", "known", "text"),
    [
        ("employes", ["industry", "employees"], "did you mean 'employees'?"),
        ("shoe size", ["industry", "employees"], "known are 'employees', 'industry'"),
        ("x", [], "known are none"),
        (
            "zz",
            [f"{i:02}" for i in range(20)],
            "known are " + ", ".join(f"'{i:02}'" for i in range(20)),
        ),
        (
            "zz",
            [f"{i:02}" for i in range(21)],
            "known are " + ", ".join(f"'{i:02}'" for i in range(20)) + " and others",
        ),
        ("x" * 10**6, ["x" * 200], f"did you mean '{'x' * 200}'?"),
    ],
)
def test_a_wrong_name_gets_a_hint(name: str, known: list[str], text: str) -> None:
    assert did_you_mean(name, known) == text
