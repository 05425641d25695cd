"""Errors say what, where and how to mend it; they are builtins too, and survive pickling."""

import pickle

import pytest

import mqlkit.errors
from mqlkit.errors import (
    DefinitionError,
    Fault,
    KindError,
    LeadDataError,
    MissingExtraError,
    ModelFileError,
    MqlkitError,
    NaiveTimeError,
    UnknownNameError,
    did_you_mean,
)

CAP = Fault("card.cap", 7, '"lots"', "wanted a number")

EXAMPLES = [
    (
        ModelFileError([CAP], "fit.toml"),
        ValueError,
        'fit.toml cannot be loaded\n  card.cap, line 7: found "lots"; wanted a number',
    ),
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


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault("", None, "", "wanted a table"), "wanted a table"),
        (Fault("when", None, "5", "wanted a criterion"), "when: found 5; wanted a criterion"),
        (Fault("", 3, "5", ""), "line 3: found 5"),
        (Fault("a", 3, "", "b", "write c"), "a, line 3: b; write c"),
    ],
)
def test_a_fault_says_where_what_and_how(fault: Fault, text: str) -> None:
    assert str(fault) == text


def test_a_model_file_tells_all_its_faults_up_to_a_length() -> None:
    few = ModelFileError(iter([CAP, CAP]))
    assert few.faults == (CAP, CAP)
    assert str(few).splitlines()[0] == "the model cannot be loaded"
    assert len(str(few).splitlines()) == 3
    many = str(ModelFileError([CAP] * 5_000, "a\x1bb" + "x" * 300))
    assert len(many) <= 2_000
    assert many.startswith("a\\x1bb")
    told = len(many.splitlines()) - 2
    assert many.splitlines()[-1] == f"  and {5_000 - told:,} more"
    assert "\x1b" not in many
    assert "…" in many.splitlines()[0]


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


def test_names_that_are_many_and_long_are_not_compared() -> None:
    """A guess takes time with the lengths of both; a stranger's file may hold thousands."""
    long = "abcdefghij" * 9
    assert did_you_mean(f"{long}x", [f"{long}{n}" for n in range(9)]).startswith("did you mean")
    assert did_you_mean(f"{long}x", [f"{long}{n}" for n in range(900)]).startswith("known are")
