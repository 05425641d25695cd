"""What lies between the parts of a model: what one has from another, and what is wrong there."""

import json
import pickle
from datetime import UTC, datetime, timedelta

import attrs
import pytest
from test_mistakes import FUNNEL

from mqlkit import Lead, Model, Qualification, attribute, dumps, loads, score
from mqlkit.calendar import Calendar
from mqlkit.errors import DefinitionError, KindError, ModelFileError
from mqlkit.handoff.policy import HandoffPolicy
from mqlkit.lifecycle import Lifecycle, Stage, Transition, standard
from mqlkit.lint import Finding
from mqlkit.spec.sense import lint_model
from mqlkit.spec.whole import ModelError, stages_of_handoffs

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PLAIN = Qualification("n", version="1", when=attribute("x").known())


def whole() -> Model:
    return loads(FUNNEL)


def lifecycle() -> Lifecycle:
    found = whole().lifecycle
    assert found is not None
    return found


def handoff() -> HandoffPolicy:
    found = whole().handoff
    assert found is not None
    return found


def changed(old: str, new: str) -> str:
    assert FUNNEL.count(old) == 1
    return FUNNEL.replace(old, new)


# -- readiness ---------------------------------------------------------------------------------


def test_readiness_has_from_the_model_what_it_does_not_say() -> None:
    model = whole()
    ready, own = model.ready, model.qualification
    assert ready is not None
    assert (ready.name, ready.version, ready.cards) == ("ready for sales", "1", own.cards)
    lead = Lead("ada", {"x": 1}, ())
    assert ready.decide(lead, as_of=NOW).score == own.decide(lead, as_of=NOW).score


def test_readiness_may_have_a_card_of_its_own_or_none() -> None:
    own = changed("[ready]\n", '[ready]\nname = "asks"\nversion = "7"\ncard = { groups = [] }\n')
    ready = loads(own).ready
    assert ready is not None
    assert (ready.name, ready.version, [card.groups for card in ready.cards]) == ("asks", "7", [()])
    none = changed("[ready]\n", "[ready]\ncard = []\n").replace(
        'when = { score = "total", at_least = 8 }', 'when = { known = "x" }'
    )
    assert loads(none).ready.cards == ()  # type: ignore[union-attr]
    assert loads(dumps(loads(none))) == loads(none)


def test_a_broken_definition_is_no_fault_of_readiness() -> None:
    broken = changed('name = "big"', 'nome = "big"')
    with pytest.raises(ModelFileError) as caught:
        loads(broken)
    assert {fault.path.split(".")[0] for fault in caught.value.faults} == {"card"}


@pytest.mark.parametrize("part", ["ready", "lifecycle", "handoff", "calendars"])
def test_a_section_is_a_table(part: str) -> None:
    model = {"format": 1, "name": "n", "version": "1", "when": {"known": "x"}, part: [1]}
    with pytest.raises(ModelFileError) as caught:
        loads(json.dumps(model), "json")
    (fault,) = caught.value.faults
    assert fault.path == part
    assert fault.wanted.startswith("wanted a table")


# -- calendars ---------------------------------------------------------------------------------


def test_a_calendar_by_name_is_the_one_written_out() -> None:
    inline = '{ zone = "Europe/Berlin", week = { mon-fri = "09:00-17:00" }, closed = [2026-12-25] }'
    named = changed('name = "short"\ncalendar = "office"', f'name = "short"\ncalendar = {inline}')
    assert loads(named).lifecycle == lifecycle()
    assert dumps(loads(named)) == dumps(whole())


def test_a_calendar_without_a_name_is_written_out() -> None:
    bare = attrs.evolve(whole(), calendars={})
    text = dumps(bare)
    assert "[lifecycle.calendar.week]" in text
    assert loads(text) == bare
    assert bare.fingerprint == whole().fingerprint


def test_calendars_are_by_name() -> None:
    with pytest.raises(KindError, match=r"^wanted calendars by name"):
        Model(PLAIN, calendars=[Calendar.always()])  # type: ignore[arg-type]
    with pytest.raises(KindError, match=r"^wanted a Calendar by a name"):
        Model(PLAIN, calendars={"office": "UTC"})  # type: ignore[dict-item]


# -- the fingerprint ---------------------------------------------------------------------------


def test_without_other_parts_the_fingerprint_is_the_definitions() -> None:
    assert Model(PLAIN).fingerprint == PLAIN.fingerprint
    assert whole().qualification.fingerprint != whole().fingerprint


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("at_least = 8", "at_least = 9"),
        ("{ weeks = 12 }", "{ weeks = 13 }"),
        ("{ hours = 2 }", "{ hours = 3 }"),
        ('"09:00-17:00"', '"09:00-18:00"'),
        ('"too soon"', '"not now"'),
    ],
)
def test_whatever_means_something_changes_the_fingerprint(old: str, new: str) -> None:
    assert loads(changed(old, new)).fingerprint != whole().fingerprint


def test_spans_that_are_alike_are_alike() -> None:
    assert loads(changed("{ weeks = 12 }", "{ days = 83, hours = 24 }")) == whole()


# -- between the parts -------------------------------------------------------------------------


def test_a_model_from_python_is_checked_alike() -> None:
    with pytest.raises(ModelFileError) as read:
        loads(changed('on = "accepted"', 'on = "taken"'))
    moves = [
        attrs.evolve(move, on="taken" if move.on == "accepted" else move.on)
        for move in lifecycle().moves
    ]
    with pytest.raises(ModelError) as built:
        attrs.evolve(whole(), lifecycle=attrs.evolve(lifecycle(), moves=moves))
    assert [f[2:] for f in built.value.faults] == [f[2:] for f in read.value.faults]
    copy = pickle.loads(pickle.dumps(built.value))
    assert (str(copy), copy.faults) == (str(built.value), built.value.faults)


def test_a_score_that_a_guard_asks_for_is_one_of_the_model() -> None:
    asks = [Transition(f"won {i}", "lead", "won", score("fitt") >= 5) for i in range(60)]
    table = Lifecycle("l", [Stage("lead"), Stage("won", "terminal")], asks)
    with pytest.raises(ModelError) as caught:
        Model(PLAIN, lifecycle=table)
    assert len(caught.value.faults) == 60
    assert caught.value.faults[0].path == "lifecycle.moves[0].when"
    assert len(str(caught.value)) <= 2_000


def test_the_lifecycle_that_is_shipped_takes_every_reason() -> None:
    """A rejection must find a way out wherever the handoff may have led the lead."""
    table = standard(cool_down=timedelta(days=90))
    assert stages_of_handoffs(table) == ("mql", "sal")
    lacking = [
        (stage, trigger)
        for stage in stages_of_handoffs(table)
        for trigger in ("recycled", "disqualified", "unanswered")
        if (stage, trigger) not in table.table
    ]
    assert lacking == []


def test_a_handoff_lasts_through_gates_and_ends_at_ends() -> None:
    table = Lifecycle(
        "l",
        [
            Stage("mql", offers=True),
            Stage("gate", "gate"),
            Stage("sal"),
            Stage("sql"),
            Stage("won", "terminal"),
        ],
        [
            Transition("accepted", "mql", "gate"),
            Transition("at once", "gate", "sal", attribute("x").known()),
            Transition("at once", "gate", "won"),
            Transition("touched", "sal", "sql"),
            Transition("won", "sql", "won"),
        ],
    )
    assert stages_of_handoffs(table) == ("mql", "sal", "sql")


# -- what makes no sense -----------------------------------------------------------------------


def told(text: str) -> list[tuple[str, str, str]]:
    return [(f.severity, f.path, f.code) for f in lint_model(loads(text))]


def test_a_whole_model_may_make_sense() -> None:
    assert lint_model(whole()) == ()


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        (
            "at_least = 7 }",
            "at_least = 700 }",
            None,
        ),
        (
            'when = { score = "fit", at_least = 9 }',
            'when = { all = [{ score = "fit", at_least = 9 }, { attribute = "n", is_in = [] }] }',
            ("warning", "handoff.routing.territories[0].when", "never-met"),
        ),
        (
            'when = { score = "fit", at_least = 9 }',
            'when = { stage = {}, one_of = ["sol"] }',
            ("warning", "handoff.routing.territories[0].when", "unknown-stage"),
        ),
        (
            "within = { days = 14 }",
            "within = { days = 14 }, business = true",
            ("hint", "lifecycle.stages[2].within", "days-of-open-hours"),
        ),
        (
            "first_touch = { hours = 8 }",
            "first_touch = { days = 1 }",
            ("hint", "handoff.sla.targets[0].first_touch", "days-of-open-hours"),
        ),
        (
            '[ready]\nwhen = { score = "total", at_least = 8 }',
            '[ready]\nwhen = { score = "total", at_least = 800 }',
            ("warning", "ready / when", "threshold-out-of-reach"),
        ),
    ],
    ids=str,
)
def test_what_makes_no_sense(old: str, new: str, finding: tuple[str, str, str] | None) -> None:
    assert told(changed(old, new)) == ([] if finding is None else [finding])


def test_what_is_wrong_with_a_card_that_both_have_is_told_once() -> None:
    found = lint_model(loads(changed("points = 9", "points = 0")))
    assert [f.path for f in found if f.code == "no-points"] == ["card.groups 'fit' / rule 'big'"]


def test_a_crossing_that_nothing_raises() -> None:
    text = changed('on = "won"', 'on = "ready"').replace(
        '[ready]\nwhen = { score = "total", at_least = 8 }\n', ""
    )
    found = lint_model(loads(text))
    assert [(f.path, f.code) for f in found] == [("lifecycle.moves[2].on", "never-raised")]
    assert isinstance(found[0], Finding)


def test_parts_of_another_kind_are_refused() -> None:
    for part in ("agreement", "ready", "lifecycle", "handoff"):
        with pytest.raises(TypeError):
            Model(PLAIN, **{part: 1})  # type: ignore[arg-type]
    assert issubclass(ModelError, DefinitionError)
