"""What makes no sense in a lifecycle and a handoff, and what leads do where it is so."""

from datetime import UTC, datetime, timedelta

import pytest
from test_mistakes import FUNNEL

from mqlkit import Model, Qualification, attribute, known, loads
from mqlkit.lifecycle import Lifecycle, Stage, Transition, standard
from mqlkit.spec.sense import lint_model

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PLAIN = Qualification("n", version="1", when=attribute("fits").is_true())
GATE = "lifecycle.stages[1]"


def told(model: Model) -> list[tuple[str, str, str]]:
    return [(f.severity, f.path, f.code) for f in lint_model(model)]


def lifecycle(*moves: Transition, rest: timedelta | None = None) -> Lifecycle:
    """A lead, a gate, an MQL and an end, with more moves than those that every lifecycle needs."""
    stages = [
        Stage("lead", cool_down=rest),
        Stage("checked", "gate"),
        Stage("mql"),
        Stage("won", "terminal"),
        Stage("lost", "terminal"),
    ]
    return Lifecycle(
        "l",
        stages,
        [
            *moves,
            Transition("at once", "checked", "mql", known("email")),
            Transition("at once", "checked", "lead"),
            Transition("won", "mql", "won"),
            Transition("lost", "lead", "lost"),
            Transition("checked", "lead", "checked"),
        ],
    )


def with_moves(*triggers: str) -> Model:
    """A model whose lifecycle has a move on each of the triggers."""
    moves = [Transition(on, "lead", "won", known(f"of {i}")) for i, on in enumerate(triggers)]
    always = [Transition("qualified", "lead", "won"), Transition("won", "lead", "won")]
    stages = [Stage("lead"), Stage("won", "terminal")]
    return Model(PLAIN, lifecycle=Lifecycle("l", stages, [*moves, *always]))


# -- leads that nobody takes -------------------------------------------------------------------


def test_a_handoff_without_a_stage_that_offers_is_an_error() -> None:
    assert FUNNEL.count(", offers = true") == 1
    model = loads(FUNNEL.replace(", offers = true", ""))
    assert told(model) == [("error", "handoff", "never-offered")]
    assert told(loads(FUNNEL)) == []


def test_a_lifecycle_that_nobody_moves_on_in_by_qualifying() -> None:
    model = loads(FUNNEL.replace('on = "qualified"', 'on = "qualifed"'))
    assert told(model) == [
        ("warning", "lifecycle.moves", "qualifies-nobody"),
        ("warning", "lifecycle.moves[0].on", "trigger-misspelt"),
    ]


# -- triggers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("qualifed", "qualified"),
        ("verifed", "verified"),
        ("recylced", "recycled"),
        ("unansered", "unanswered"),
        ("expire", "expired"),
        ("decide", "decided"),
        ("reopend", "reopened"),
    ],
)
def test_a_trigger_that_is_nearly_one_that_is_known(slip: str, meant: str) -> None:
    (found,) = lint_model(with_moves(slip))
    assert (found.path, found.code) == ("lifecycle.moves[0].on", "trigger-misspelt")
    assert f"did you mean {meant!r}?" in found.message


def test_of_two_words_of_the_teams_own_the_rarer_is_the_slip() -> None:
    (found,) = lint_model(with_moves("contract signed", "contract signd", "contract signed"))
    assert found.path == "lifecycle.moves[1].on"
    assert "did you mean 'contract signed'?" in found.message


@pytest.mark.parametrize(
    "words",
    [
        ("reviewed", "unreviewed", "reviewed"),
        ("call 1", "call 2", "call 2"),
        ("unverified", "requalified", "already", "closed", "signed", "notified", "demo booked"),
    ],
)
def test_words_that_are_told_apart_are_no_slips(words: tuple[str, ...]) -> None:
    assert lint_model(with_moves(*words)) == ()


def test_what_is_to_call_a_move_off_may_be_misspelt() -> None:
    move = Transition("qualified", "lead", "mql", dwell=timedelta(1), unless=("unqualifed",))
    (found,) = lint_model(Model(PLAIN, lifecycle=lifecycle(move)))
    assert (found.path, found.code) == ("lifecycle.moves[0].unless[0]", "trigger-misspelt")


def test_very_many_words_are_not_compared() -> None:
    assert lint_model(with_moves("qualifed", *(f"{i:b} word" for i in range(300)))) == ()


def test_the_lifecycle_that_is_shipped_makes_sense() -> None:
    assert lint_model(Model(PLAIN, lifecycle=standard(cool_down=timedelta(days=90)))) == ()
