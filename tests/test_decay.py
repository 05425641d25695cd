"""How points fade: exact figures, and what is refused."""

import pickle
from datetime import timedelta
from decimal import Decimal

import pytest

from mqlkit import expires, half_life, linear, steps
from mqlkit.decay import Decay, Expires, HalfLife, Linear, Steps, faded
from mqlkit.errors import DefinitionError, KindError

DECAYS = [
    linear(days=90),
    linear(days=1),
    half_life(days=30),
    half_life(days=1),
    steps({30: 0.5, 60: 0.25}),
    steps({7: 0.1, 400: 0}),
    expires(days=90),
]


@pytest.mark.parametrize(
    ("decay", "points", "days", "left"),
    [
        (linear(days=90), 9_000, 0, 9_000),
        (linear(days=90), 9_000, 3, 8_700),
        (linear(days=90), 9_000, 89, 100),
        (linear(days=90), 9_000, 90, 0),
        (linear(days=90), 9_000, 5_000, 0),
        (linear(days=90), -9_000, 3, -8_700),
        (linear(days=2), 5, 1, 2),  # 2.5: half to even
        (linear(days=2), 7, 1, 4),  # 3.5: half to even
        (linear(days=2), -5, 1, -2),
        (half_life(days=30), 5_000, 0, 5_000),
        (half_life(days=30), 5_000, 30, 2_500),
        (half_life(days=30), 5_000, 1, 4_886),
        (half_life(days=30), 5_000, 120, 312),  # 312.5: half to even
        (half_life(days=30), 7_000, 120, 438),  # 437.5: half to even
        (half_life(days=30), 5_000, 398, 1),
        (half_life(days=30), 5_000, 399, 0),
        (half_life(days=30), -5_000, 120, -312),
        (half_life(days=1), 1, 1, 0),  # 0.5: half to even
        (half_life(days=1), 3, 1, 2),  # 1.5: half to even
        (half_life(days=1), 1_000_000_000, 30, 1),
        (half_life(days=1), 1_000_000_000, 31, 0),
        (half_life(days=1), 1, 10**9, 0),
        (half_life(days=3_650), 1_000_000_000, 1, 999_810_115),
        (half_life(days=14), 999_053_501, 1, 950_794_374),  # 950794374.49999021
        (steps({30: 0.5, 60: 0.25}), 8_000, 29, 8_000),
        (steps({30: 0.5, 60: 0.25}), 8_000, 30, 4_000),
        (steps({30: 0.5, 60: 0.25}), 8_000, 59, 4_000),
        (steps({30: 0.5, 60: 0.25}), 8_000, 60, 2_000),
        (steps({30: 0.5, 60: 0.25}), 8_000, 9_999, 2_000),
        (steps({30: 0.5}), 5, 30, 2),  # 2.5: half to even
        (steps({1: 0.1}), 5, 1, 0),  # a tenth is a tenth: 0.5, half to even
        (steps({1: 0.1}), 15, 1, 2),  # 1.5
        (steps({100: 0, 20: 1}), 8_000, 99, 8_000),
        (steps({100: 0, 20: 1}), 8_000, 100, 0),
        (expires(days=90), 5_000, 89, 5_000),
        (expires(days=90), 5_000, 90, 0),
        (expires(days=90), -5_000, 90, 0),
    ],
)
def test_what_is_left_is_exact(decay: Decay, points: int, days: int, left: int) -> None:
    found = decay.left(points, days)
    assert found == left
    assert type(found) is int


@pytest.mark.parametrize("half", [1, 7, 30, 365])
@pytest.mark.parametrize("days", [1, 29, 100, 399])
def test_a_half_life_agrees_with_the_formula_to_the_last_digit(half: int, days: int) -> None:
    wanted = round(Decimal(123_456_789) * Decimal(2) ** (-Decimal(days) / half))
    assert half_life(days=half).left(123_456_789, days) == wanted


@pytest.mark.parametrize("decay", DECAYS, ids=str)
def test_fading_never_rises_and_never_crosses_zero(decay: Decay) -> None:
    left = [decay.left(20_000, days) for days in range(500)]
    assert left[0] == 20_000
    assert left == sorted(left, reverse=True)
    assert min(left) >= 0
    assert [decay.left(-20_000, days) for days in range(500)] == [-points for points in left]


@pytest.mark.parametrize("decay", DECAYS, ids=str)
@pytest.mark.parametrize("points", [20_000, 1, -3_000, 0])
def test_the_next_step_is_the_first_age_at_which_less_is_left(decay: Decay, points: int) -> None:
    for days in range(0, 450, 7):
        now = decay.left(points, days)
        later = (d for d in range(days + 1, 1_000) if decay.left(points, d) != now)
        assert decay.next_step(points, days) == next(later, None)


def test_a_step_many_years_ahead_is_found() -> None:
    assert expires(days=3_650).next_step(5_000, 0) == 3_650
    assert half_life(days=3_650).next_step(1, 0) == 3_650
    assert half_life(days=3_650).next_step(2, 3_650) == 7_300


def test_the_lifespan_is_the_age_from_which_nothing_is_left() -> None:
    assert linear(days=90).lifespan == 90
    assert expires(days=30).lifespan == 30
    assert half_life(days=30).lifespan is None
    assert steps({30: 0.5}).lifespan is None
    assert steps({30: 0.5, 400: 0}).lifespan == 400


@pytest.mark.parametrize(
    ("decay", "words"),
    [
        (linear(days=90), "fading evenly over 90 days"),
        (half_life(days=30), "halving every 30 days"),
        (steps({30: 0.5, 60: 0.25}), "leaving 0.5 of it from day 30 and 0.25 of it from day 60"),
        (steps({100: 0, 7: 1}), "leaving 1 of it from day 7 and 0 of it from day 100"),
        (expires(days=90), "expiring after 90 days"),
    ],
)
def test_a_decay_says_how_it_fades(decay: Decay, words: str) -> None:
    assert decay.describe() == words


def test_steps_are_read_from_a_table_with_text_keys_too() -> None:
    """Keys of a file are text."""
    assert steps({"30": 0.5, 7: 1}) == steps({7: 1, 30: 0.5})
    assert steps({30: 0.5}) != steps({31: 0.5})


@pytest.mark.parametrize(
    ("build", "error", "text"),
    [
        (lambda: linear(days=0), DefinitionError, "a span in days must be 1 or more, not 0"),
        (
            lambda: half_life(days=True),
            KindError,
            "a span in days must be a whole number, not yes",
        ),
        (
            lambda: expires(days=1.5),
            KindError,
            "a span in days must be a whole number, not 1.5",
        ),
        (
            lambda: linear(days=3_651),
            DefinitionError,
            "a span is at most 3,650 days, not 3651",
        ),
        (
            lambda: steps({}),
            KindError,
            "steps are a table: from which day on, what fraction is left",
        ),
        (
            lambda: steps([(30, 0.5)]),
            KindError,
            "steps are a table: from which day on, what fraction is left",
        ),
        (
            lambda: steps({30: True}),
            KindError,
            "what is left from day 30 on must be a number",
        ),
        (
            lambda: steps({30: "0.5"}),
            KindError,
            "what is left from day 30 on must be a number",
        ),
        (
            lambda: steps({30: 1.01}),
            DefinitionError,
            "what is left from day 30 on lies between 0 and 1",
        ),
        (
            lambda: steps({30: -0.01}),
            DefinitionError,
            "what is left from day 30 on lies between 0 and 1",
        ),
        (
            lambda: steps({30: 0.5, "30": 0.25}),
            DefinitionError,
            "what is left from day 30 on is said twice",
        ),
        (
            lambda: steps({30: 0.25, 60: 0.5}),
            DefinitionError,
            "what is left never rises with age",
        ),
        (
            lambda: steps({0: 0.5}),
            DefinitionError,
            "a span in days must be 1 or more, not 0",
        ),
        (
            lambda: steps({"soon": 0.5}),
            KindError,
            'a span in days must be a whole number, not "soon"',
        ),
        (
            lambda: steps({"٣": 0.5}),
            KindError,
            'a span in days must be a whole number, not "٣"',
        ),
    ],
)
def test_what_cannot_fade_is_refused(build: object, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as caught:
        build()
    assert str(caught.value) == text


def test_the_greatest_spans_are_allowed() -> None:
    assert Linear(3_650).days == 3_650
    assert Steps({3_650: 1, 1: 1}).lifespan is None
    assert Expires(1).left(7, 0) == 7
    assert HalfLife(1).days == 1


def test_age_is_whole_elapsed_days() -> None:
    fade = linear(days=2)
    assert faded(1_000, age=timedelta(days=1, microseconds=-1), decay=fade) == 1_000
    assert faded(1_000, age=timedelta(days=1), decay=fade) == 500
    assert faded(1_000, age=timedelta(0), decay=fade) == 1_000


def test_a_negative_age_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^an age is not negative, as -1\.5 days is$"):
        faded(1_000, age=timedelta(hours=-36), decay=linear(days=2))


@pytest.mark.parametrize("decay", DECAYS, ids=str)
def test_a_decay_is_a_value(decay: Decay) -> None:
    copy = pickle.loads(pickle.dumps(decay))
    assert copy == decay
    assert hash(copy) == hash(decay)
