"""Random walks: the lifecycle agrees with a dictionary, and with python-statemachine."""

from datetime import timedelta

import attrs
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from statemachine import State, StateMachine
from statemachine.exceptions import TransitionNotAllowed
from wandering import AT, BIG, DAY, HOUR, PATH, RICH, TRIGGERS, built, drafts, facts, taken

from mqlkit.lifecycle import Event, Journey, Lifecycle

# -- the dictionary ------------------------------------------------------------------------------

TABLE = {
    "lead": {"qualified": "mql?", "gone": "lost"},
    "mql": {"unqualified": "lead in a day", "accepted": "sal", "gone": "lost"},
    "sal": {"won": "customer?", "again": "sal", "gone": "lost"},
    "customer": {},
    "recycled": {"qualified": "mql?", "gone": "lost"},
    "lost": {"reopened": "recycled"},
}
"""The lifecycle RICH, written once more by hand; "?" hangs on whether the lead is big."""


class Walk(RuleBasedStateMachine):
    """Law 152: a walk through the library and one through a dictionary agree at every step."""

    def __init__(self):
        super().__init__()
        self.lifecycle = Lifecycle(**RICH)
        self.journey = self.lifecycle.begin("ada", AT).journey
        self.now = self.since = AT
        self.stage, self.furthest, self.episode, self.visits = "lead", "lead", 1, 0
        self.demoted_at = self.comes_back_at = None
        self.told = []

    # -- the oracle --

    def enters(self, stage, at):
        if stage == "mql":
            stage = "lost" if self.visits == 3 else "mql"
            self.visits += stage == "mql"
        rank = {name: place for place, name in enumerate(PATH)}
        falls = rank.get(stage, -1) < rank.get(self.stage, -1) or self.stage == "lost"
        self.episode += falls and stage != "lost"
        if rank.get(stage, -1) > rank[self.furthest]:
            self.furthest = stage
        self.stage, self.since = stage, at
        self.demoted_at = self.comes_back_at = None

    def through_the_gate(self, big, at):
        self.enters("mql" if big else "lead", at)

    def expects(self, trigger, big):
        """What the dictionary says comes of it; whether it is taken."""
        target = TABLE[self.stage].get(trigger)
        if trigger == "qualified" and self.demoted_at is not None:
            self.demoted_at = None
        elif trigger == "unqualified" and self.comes_back_at is not None:
            self.comes_back_at = None
        elif target is None or (target == "customer?" and big is None):
            return False
        elif target == "lead in a day":
            self.demoted_at = self.demoted_at or self.now + DAY
        elif self.stage == "recycled" and self.now < self.since + 2 * DAY and target == "mql?":
            self.comes_back_at = self.comes_back_at or self.since + 2 * DAY
        elif target == "mql?":
            self.through_the_gate(big, self.now)
        elif target == "customer?":
            self.enters("customer" if big else "recycled", self.now)
        else:
            self.enters(target, self.now)
        return True

    def expects_time(self, until, big, *, due_now):
        """What the dictionary says comes of time."""
        while True:
            ends = self.since + 5 * DAY if self.stage == "sal" else None
            due = [at for at in (ends, self.demoted_at, self.comes_back_at) if at is not None]
            if not due or min(due) > until or (min(due) == until and not due_now):
                return
            at = min(due)
            if at == ends:
                self.enters("recycled", at)
            elif at == self.demoted_at:
                self.enters("lead", at)
            else:
                self.through_the_gate(big, at)

    # -- the walk --

    @rule(
        trigger=st.sampled_from((*TRIGGERS, "qualified", "accepted", "nonsense")),
        hours=st.sampled_from((0, 0, 1, 24, 47, 48, 121)),
        employees=st.sampled_from((2, 60, 60, None)),
    )
    def tell(self, trigger, hours, employees):
        self.now += hours * HOUR
        big = None if employees is None else employees >= 50
        event = Event(trigger, self.now, f"e{len(self.told)}")
        self.told.append(event)
        state = dict(vars(self))
        self.expects_time(self.now, big, due_now=False)
        expected = self.expects(trigger, big)
        step = taken(self.lifecycle, self.journey, event, facts(employees))
        assert (step is not None) == expected
        if step is None:
            vars(self).update(state)  # nothing of a refused event stays, not even its time
        else:
            self.journey = step.journey

    @rule(hours=st.sampled_from((1, 24, 48, 120)), employees=st.sampled_from((2, 60, None)))
    def wait(self, hours, employees):
        self.now += hours * HOUR
        self.expects_time(self.now, employees == 60, due_now=True)
        self.journey = self.lifecycle.tick(self.journey, self.now, facts(employees)).journey

    @precondition(lambda self: self.told)
    @rule(data=st.data())
    def tell_again(self, data):
        event = data.draw(st.sampled_from(self.told))
        if event.id in self.journey.seen:
            assert self.lifecycle.step(self.journey, event).journey is self.journey

    @rule()
    def restart(self):
        self.journey = Journey.of("ada", self.journey.history)

    @invariant()
    def they_agree(self):
        ada = self.journey
        assert (ada.stage, ada.since) == (self.stage, self.since)
        assert (ada.furthest, ada.episode) == (self.furthest, self.episode)
        assert ada.visits("mql") == self.visits
        called_off = {"qualified"} if self.demoted_at else set()
        called_off |= {"unqualified", "disqualified"} if self.comes_back_at else set()
        assert set(self.lifecycle.allows(ada)) == set(TABLE[self.stage]) | called_off


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)


@attrs.frozen(slots=False)
class ForgetsToCallOff(Lifecycle):
    def _take(self, journey, move, event, facts, called_off):
        return super()._take(journey, attrs.evolve(move, unless=()), event, facts, called_off)


class WalkOfALiar(Walk):
    def __init__(self):
        super().__init__()
        self.lifecycle = ForgetsToCallOff(**RICH)


def test_152_a_walk_catches_a_liar():
    search = settings(
        max_examples=500,
        stateful_step_count=40,
        deadline=None,
        database=None,
        derandomize=True,
        report_multiple_bugs=False,
    )
    with pytest.raises(AssertionError):
        run_state_machine_as_test(WalkOfALiar, settings=search)


# -- python-statemachine -------------------------------------------------------------------------


def machine_of(lifecycle):
    """The same stages and moves in python-statemachine."""
    states = {
        stage.name: State(
            stage.name, initial=stage.name == lifecycle.start, final=stage.kind == "terminal"
        )
        for stage in lifecycle.stages
    }
    moves = {}
    for move in lifecycle.moves:
        for source in lifecycle.sources(move):
            cond = None if move.when is None else "big"
            way = states[source].to(states[move.target], cond=cond)
            moves[move.on] = way if move.on not in moves else moves[move.on] | way
    parts = {f"at_{name}": state for name, state in states.items()}
    return type("Same", (StateMachine,), {**parts, **moves, "big": False})


@settings(max_examples=60, deadline=None)
@given(
    draft=drafts(tidy=True),
    walk=st.lists(st.tuples(st.sampled_from(("x", "y", "z")), st.booleans()), max_size=12),
)
def test_152_a_walk_agrees_with_python_statemachine(draft, walk):
    lifecycle = built(Lifecycle, draft)
    if lifecycle is None:
        return
    theirs = machine_of(lifecycle)()
    ours = lifecycle.begin("ada", AT).journey
    for trigger, big in walk:
        theirs.big = big
        if trigger not in {move.on for move in lifecycle.moves}:
            continue
        step = taken(lifecycle, ours, Event(trigger, AT), facts(60 if big else 2))
        try:
            theirs.send(trigger)
        except TransitionNotAllowed:
            assert step is None
            continue
        assert step is not None
        ours = step.journey
        assert theirs.model.state == f"at_{ours.stage}"


# -- random small lifecycles ---------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(
    draft=drafts(),
    walk=st.lists(
        st.tuples(
            st.sampled_from(("x", "y", "z", "unqualified")),
            st.sampled_from((0, 1, 24, 30)),
            st.sampled_from((2, 60, None)),
        ),
        max_size=10,
    ),
)
def test_a_lifecycle_is_refused_with_its_faults_or_every_walk_on_it_behaves(draft, walk):
    lifecycle = built(Lifecycle, draft)
    if lifecycle is None:
        return
    ada, now = lifecycle.begin("ada", AT).journey, AT
    for trigger, hours, employees in walk:
        now += hours * HOUR
        step = taken(lifecycle, ada, Event(trigger, now), facts(employees))
        ada = ada if step is None else step.journey
        assert lifecycle.by_name[ada.stage].kind != "gate"
        assert ada.next_wake() is None or ada.next_wake() >= ada.since
    assert ends(lifecycle, ada.stage)
    assert Journey.of("ada", ada.history) == ada


def ends(lifecycle, stage):
    """Whether some moves lead from a stage to an end."""
    seen, waiting = {stage}, [stage]
    while waiting:
        here = waiting.pop()
        if lifecycle.by_name[here].kind == "terminal":
            return True
        ways = [
            m for (source, _), moves in lifecycle.table.items() if source == here for m in moves
        ]
        targets = {m.target for m in ways} | {lifecycle.by_name[m.target].beyond for m in ways}
        waiting += targets - seen - {""}
        seen |= targets
    return False


@pytest.mark.parametrize("tidy", [True, False])
def test_the_drafts_are_good_and_bad(tidy):
    assert find(drafts(tidy=tidy), lambda draft: built(Lifecycle, draft) is not None)
    assert find(drafts(tidy=tidy), lambda draft: built(Lifecycle, draft) is None)
    guarded = find(
        drafts(tidy=tidy),
        lambda draft: (
            any(move.when is BIG for move in draft["moves"]) and built(Lifecycle, draft) is not None
        ),
    )
    assert guarded["stages"]


# -- a long life ---------------------------------------------------------------------------------


def test_a_thousand_events_replay_to_the_stored_journey():
    """Law 144, at length."""
    lifecycle = Lifecycle(**{**RICH, "stages": LONG})
    events = [Event("began", AT, "e0")]
    cycle = ("qualified", "accepted", "again", "won")
    for place in range(1, 1_000):
        trigger = cycle[(place - 1) % 4]
        events.append(Event(trigger, AT + place * timedelta(days=3), f"e{place}"))
    small = {"won": facts(2)}
    ada = lifecycle.begin("ada", AT, id="e0").journey
    for event in events[1:]:
        ada = lifecycle.step(ada, event, small.get(event.trigger, facts(60))).journey
    replayed = lifecycle.replay("ada", events, lambda _, e: small.get(e.trigger, facts(60)))
    assert replayed == ada == Journey.of("ada", ada.history)
    assert len(ada.history) == 1_000
    assert ada.episode == 250


LONG = tuple(
    type(stage)(stage.name, stage.kind, within=stage.within, cool_down=stage.cool_down)
    for stage in RICH["stages"]
)
