"""
The same model written in other ways has the same answers, and only then.

Each form is a formula in three criteria; written with verdicts instead it says what is right.
"""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import attrs
import pytest
from engines.comparing import QUICK, answers, differing
from engines.modelling import Cases, ModelMaker
from engines.own_parts import Opaque

from mqlkit import Criterion, Qualification, Verdict, all_of, any_of, exactly
from mqlkit import at_least as at_least_of
from mqlkit import if_ as if_of
from mqlkit import verdict as logic

Form = Callable[[Any, Any, Any], Any]
ALWAYS, NEVER = all_of(), any_of()


def pair(left: Form, right: Form) -> tuple[Form, Form]:
    return left, right


def of(criteria: Callable[..., Any], verdicts: Callable[..., Any]) -> Callable[..., Any]:
    """One name for what criteria and verdicts have under two."""
    return lambda *given: (verdicts if isinstance(given[-1], Verdict) else criteria)(*given)


if_ = of(if_of, logic.if_of)
at_least = of(at_least_of, lambda n, *verdicts: logic.at_least_of(n, verdicts))
just = of(exactly, lambda n, *verdicts: logic.exactly_of(n, verdicts))


def true(like: Any) -> Any:
    return Verdict.YES if isinstance(like, Verdict) else ALWAYS


def false(like: Any) -> Any:
    return Verdict.NO if isinstance(like, Verdict) else NEVER


def then(a: Any, b: Any) -> Any:
    return ~a | b


def xor(a: Any, b: Any) -> Any:
    return (a & ~b) | (~a & b)


HOLD = {
    "1": pair(lambda a, b, c: a & b, lambda a, b, c: b & a),
    "2": pair(lambda a, b, c: a | b, lambda a, b, c: b | a),
    "3": pair(lambda a, b, c: (a & b) & c, lambda a, b, c: a & (b & c)),
    "4": pair(lambda a, b, c: (a | b) | c, lambda a, b, c: a | (b | c)),
    "5": pair(lambda a, b, c: a & a, lambda a, b, c: a),
    "6": pair(lambda a, b, c: a | a, lambda a, b, c: a),
    "7": pair(lambda a, b, c: a & (a | b), lambda a, b, c: a),
    "8": pair(lambda a, b, c: a | (a & b), lambda a, b, c: a),
    "9": pair(lambda a, b, c: a & (b | c), lambda a, b, c: (a & b) | (a & c)),
    "10": pair(lambda a, b, c: a | (b & c), lambda a, b, c: (a | b) & (a | c)),
    "11": pair(lambda a, b, c: ~~a, lambda a, b, c: a),
    "12": pair(lambda a, b, c: ~(a & b), lambda a, b, c: ~a | ~b),
    "13": pair(lambda a, b, c: ~(a | b), lambda a, b, c: ~a & ~b),
    "14": pair(lambda a, b, c: a & true(a), lambda a, b, c: a),
    "15": pair(lambda a, b, c: a | false(a), lambda a, b, c: a),
    "16": pair(lambda a, b, c: a & false(a), lambda a, b, c: false(a)),
    "17": pair(lambda a, b, c: a | true(a), lambda a, b, c: true(a)),
    "19": pair(lambda a, b, c: then(a, b), lambda a, b, c: then(~b, ~a)),
    "20": pair(lambda a, b, c: then(a & b, c), lambda a, b, c: then(a, then(b, c))),
    "22": pair(lambda a, b, c: xor(a, b), lambda a, b, c: (a | b) & ~(a & b)),
    "23": pair(lambda a, b, c: ~xor(a, b), lambda a, b, c: then(a, b) & then(b, a)),
    "51": pair(lambda a, b, c: at_least(1, a, b, c), lambda a, b, c: a | b | c),
    "52": pair(lambda a, b, c: at_least(3, a, b, c), lambda a, b, c: a & b & c),
    "56": pair(lambda a, b, c: ~at_least(2, a, b, c), lambda a, b, c: at_least(2, ~a, ~b, ~c)),
    "60": pair(lambda a, b, c: if_(~c, a, b), lambda a, b, c: if_(c, b, a)),
    "62": pair(
        lambda a, b, c: just(1, a, b, c),
        lambda a, b, c: at_least(1, a, b, c) & ~at_least(2, a, b, c),
    ),
}
"""Laws of sections A and D: both sides have the same answer."""

FAIL = {
    "25": pair(lambda a, b, c: a | ~a, lambda a, b, c: true(a)),
    "26": pair(lambda a, b, c: a & ~a, lambda a, b, c: false(a)),
    "27": pair(lambda a, b, c: then(a, a), lambda a, b, c: true(a)),
    "28": pair(lambda a, b, c: then(a, a) & then(a, a), lambda a, b, c: true(a)),
    "29": pair(lambda a, b, c: xor(a, a), lambda a, b, c: false(a)),
    "30": pair(lambda a, b, c: then(a, then(b, a)), lambda a, b, c: true(a)),
    "31": pair(lambda a, b, c: then(then(then(a, b), a), a), lambda a, b, c: true(a)),
    "32": pair(lambda a, b, c: then(a & then(a, b), b), lambda a, b, c: true(a)),
    "33": pair(lambda a, b, c: a | (~a & b), lambda a, b, c: a | b),
    "34": pair(lambda a, b, c: a & (~a | b), lambda a, b, c: a & b),
    "35": pair(lambda a, b, c: (a & b) | (~a & c) | (b & c), lambda a, b, c: (a & b) | (~a & c)),
    "36": pair(lambda a, b, c: (a & b) | (~a & b), lambda a, b, c: b),
    "37": pair(lambda a, b, c: (a | b) & (~a | b), lambda a, b, c: b),
    "38": pair(lambda a, b, c: a & xor(b, c), lambda a, b, c: xor(a & b, a & c)),
    "39": pair(lambda a, b, c: (c & a) | (~c & a), lambda a, b, c: a),
    "59": pair(lambda a, b, c: at_least(2, a, a, b), lambda a, b, c: at_least(2, a, b)),
    "61": pair(lambda a, b, c: if_(c, a, b), lambda a, b, c: (c & a) | (~c & b)),
}
"""Laws of sections B and D: true of two values, but not of three."""

SEEDS = range(5_000, 5_060)


def with_forms(seed: int) -> tuple[Cases, Qualification]:
    """A model that asks three criteria and every form of them."""
    chance = Random(f"forms {seed}")
    maker = ModelMaker(chance)
    maker.breaks = False
    cards = maker.cards()
    atoms = [maker.criterion(1) for _ in range(3)]
    forms: dict[str, Criterion] = dict(zip("abc", atoms, strict=True))
    for law, sides in {**HOLD, **FAIL}.items():
        forms |= {f"{law} {side}": form(*atoms) for side, form in enumerate(sides)}
    model = Qualification("forms", version="1", card=cards, when=ALWAYS, never=forms)
    return Cases(seed), model


def told(seeds: range) -> Iterator[dict[str, Verdict]]:
    """What `decide` says of every form."""
    for seed in seeds:
        cases, model = with_forms(seed)
        for lead, as_of in cases:
            yield model.decide(lead, as_of=as_of).never


@pytest.fixture(scope="module")
def verdicts() -> list[dict[str, Verdict]]:
    return list(told(SEEDS))


@pytest.mark.parametrize("law", HOLD)
def test_the_same_in_other_words(law: str, verdicts: list[dict[str, Verdict]]) -> None:
    """Law 134: a law that holds changes no answer, whichever side is written."""
    for given in verdicts:
        assert given[f"{law} 0"] is given[f"{law} 1"]


@pytest.mark.parametrize("law", {**HOLD, **FAIL})
def test_a_formula_says_what_its_parts_say(law: str, verdicts: list[dict[str, Verdict]]) -> None:
    """Law 134: nothing is rewritten that three values do not allow."""
    for given in verdicts:
        atoms = (given["a"], given["b"], given["c"])
        for side, form in enumerate({**HOLD, **FAIL}[law]):
            assert given[f"{law} {side}"] is form(*atoms)


@pytest.mark.parametrize("law", FAIL)
def test_what_two_values_allow_is_told_apart(law: str, verdicts: list[dict[str, Verdict]]) -> None:
    """Laws 25 to 39: some case shows that each of them fails, so none may be applied."""
    assert any(given[f"{law} 0"] is not given[f"{law} 1"] for given in verdicts)


def test_every_three_answers_are_met(verdicts: list[dict[str, Verdict]]) -> None:
    """So that the laws above are about all that there is."""
    met = {(given["a"], given["b"], given["c"]) for given in verdicts}
    assert len(met) == 27


# -- parts that cannot be compiled ---------------------------------------------------------------


def rebuilt(part: Any, change: Callable[[Criterion], Criterion]) -> Any:
    """A part of a model, each criterion in it changed, the innermost first."""
    if isinstance(part, tuple):
        return tuple(rebuilt(item, change) for item in part)
    if hasattr(part, "items"):
        return {name: rebuilt(item, change) for name, item in part.items()}
    if not attrs.has(type(part)):
        return part
    changed = {}
    for field in attrs.fields(type(part)):
        old = getattr(part, field.name) if field.init else None
        new = rebuilt(old, change)
        if new != old:
            changed[field.alias] = new
    made = attrs.evolve(part, **changed) if changed else part
    return change(made) if isinstance(made, Criterion) else made


def hidden(model: Qualification, chance: Random) -> Qualification:
    """The same model, some of whose criteria an engine cannot look into."""
    return rebuilt(model, lambda asking: Opaque(asking) if chance.random() < 0.3 else asking)


SAME = {name: QUICK[name] for name in ("status", "never", "at_once", "when", "scores", "grades")}
SAME["labels"] = QUICK["labels"]


@pytest.mark.parametrize("first", range(6_000, 6_100, 25))
def test_a_part_that_is_only_called_answers_alike(first: int) -> None:
    """Law 139: what an engine cannot compile it calls, among all that it can."""
    for seed in range(first, first + 25):
        cases = Cases(seed)
        mixed = hidden(cases.model, Random(f"hidden {seed}"))
        for lead, as_of in cases:
            both = [
                answers(lambda: model.decide(lead, as_of=as_of), SAME)  # noqa: B023
                for model in (cases.model, mixed)
            ]
            assert differing(*both) == [], seed


def test_most_of_these_models_have_hidden_parts() -> None:
    """Law 139 is not kept by models without any."""
    pairs = [
        (m, hidden(m, Random(f"hidden {s}"))) for s in range(6_000, 6_050) for m in [Cases(s).model]
    ]
    assert sum(model != mixed for model, mixed in pairs) > 40
