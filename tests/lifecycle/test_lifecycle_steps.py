"""What comes of events and of time: each rule of the lifecycle by its smallest witness."""

import json
import pickle
from datetime import UTC, datetime, timedelta

import pytest
from building import refused

from mqlkit import (
    Lead,
    Qualification,
    Rule,
    Scorecard,
    Verdict,
    all_of,
    any_of,
    attribute,
    days_in_stage,
    exactly,
    known,
    score,
    stage,
)
from mqlkit.calendar import Calendar
from mqlkit.errors import DefinitionError, KindError, NaiveTimeError
from mqlkit.explanation import Reason
from mqlkit.lifecycle import (
    Event,
    IllegalMoveError,
    Journey,
    Lifecycle,
    RefusedMoveError,
    Settled,
    Stage,
    Step,
    Transition,
    standard,
)

DAY = timedelta(days=1)
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
SHIPPED = standard(cool_down=90 * DAY)
OFFICE = Calendar("UTC", {"mon-fri": "09:00-17:00"})
BIG = attribute("employees") >= 50


def at(days=0.0):
    return AT + days * DAY


def walk(lifecycle, *events, facts=None):
    """The step of the last of events, each ``(trigger, days)`` or an event."""
    step = lifecycle.begin("ada", AT)
    for event in events:
        if not isinstance(event, Event):
            event = Event(event[0], at(event[1]))
        step = lifecycle.step(step.journey, event, facts)
    return step


def lead(**attributes):
    return Lead("ada", attributes).at(AT)


def stages(journey):
    return [entry.stage for entry in journey.entries]


# -- events --------------------------------------------------------------------------------------


def test_an_event_moves_the_lead_and_is_told():
    step = walk(SHIPPED, ("identified", 1), ("qualified", 2))
    ada = step.journey
    assert (ada.stage, ada.since, ada.furthest, ada.episode) == ("mql", at(2), "mql", 1)
    assert [entry.elapsed for entry in ada.entries] == [DAY, DAY, None]
    assert ada.entries[0].business(OFFICE) == timedelta(hours=8)
    assert ada.here.business(OFFICE) is None
    (told,) = step.effects
    assert (told.kind, told.at, told.key) == ("entered", at(2), "ada/journey/3/entered")
    assert told.data == {
        "stage": "mql",
        "from": "lead",
        "trigger": "qualified",
        "episode": 1,
        "furthest": "mql",
    }


def test_the_beginning_is_told_too():
    step = SHIPPED.begin("ada", AT, stage="sal", id="crm-7")
    (told,) = step.effects
    assert told.data["from"] is None
    assert told.data["due"] == "2026-03-16T09:00:00+00:00"
    assert step.journey.seen == {"crm-7"}
    with pytest.raises(NaiveTimeError):
        SHIPPED.begin("ada", datetime(2026, 3, 2))


def test_an_illegal_event_names_the_legal_ones():
    """Law 143."""
    mql = walk(SHIPPED, ("qualified", 1)).journey
    legal = "'accepted', 'disqualified', 'recycled', 'unanswered' or 'unqualified'"
    with refused(
        IllegalMoveError, f"'ada' at 'mql' cannot take 'signed'; from there it can take {legal}"
    ):
        SHIPPED.step(mql, Event("signed", at(2)))
    with refused(
        IllegalMoveError,
        "'ada' at 'mql' cannot take 'acepted'; did you mean 'accepted'? "
        f"from there it can take {legal}",
    ):
        SHIPPED.step(mql, Event("acepted", at(2)))
    customer = walk(SHIPPED, ("qualified", 1), ("accepted", 2), ("won", 3)).journey
    with pytest.raises(IllegalMoveError) as caught:
        SHIPPED.step(customer, Event("won", at(4)))
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == "'ada' at 'customer' cannot take 'won'; from there it can take nothing"
    assert (again.lead_id, again.stage, again.trigger, again.legal) == (
        "ada",
        "customer",
        "won",
        (),
    )


@pytest.mark.parametrize("trigger", ["at once", "expired"])
def test_what_only_the_library_raises_is_illegal(trigger):
    sal = walk(SHIPPED, ("qualified", 1), ("accepted", 2)).journey
    with pytest.raises(IllegalMoveError):
        SHIPPED.step(sal, Event(trigger, at(3)))


def test_a_lead_begins_only_where_leads_stand():
    text = "'ada' at '' cannot take 'began at here': a lead can begin at 'lead', 'done' or 'lost'"
    for gated in (GATED,):
        with refused(IllegalMoveError, text.replace("here", "check")):
            gated.begin("ada", AT, stage="check")
        with refused(IllegalMoveError, text.replace("here", "nowhere")):
            gated.begin("ada", AT, stage="nowhere")


def test_an_event_that_is_told_again_is_nothing_new():
    """Law 145."""
    qualified = Event("qualified", at(1), "crossing-1")
    ada = walk(SHIPPED, qualified, ("accepted", 2)).journey
    assert SHIPPED.step(ada, qualified) == Step(ada)
    assert SHIPPED.replay("ada", [Event("began", AT), qualified, qualified]).visits("mql") == 1


# -- criteria ------------------------------------------------------------------------------------

GUARDED = Lifecycle(
    "guarded",
    [Stage("lead"), Stage("mql"), Stage("customer", "terminal")],
    [
        Transition("qualified", "lead", "customer", attribute("vip").is_true()),
        Transition("qualified", "lead", "mql", all_of(known("email"), BIG)),
        Transition("won", "mql", "customer"),
    ],
)


def test_the_first_move_whose_criterion_holds_is_taken():
    """Law 142."""
    vip = lead(vip=True, email="a@b.example", employees=99)
    assert walk(GUARDED, ("qualified", 1), facts=vip).journey.stage == "customer"
    assert (
        walk(GUARDED, ("qualified", 1), facts=lead(email="a@b", employees=99)).journey.stage
        == "mql"
    )


def test_a_refusal_says_which_leaf_what_was_seen_and_what_was_wanted():
    with pytest.raises(RefusedMoveError) as caught:
        walk(GUARDED, ("qualified", 1), facts=lead(email="a@b.example", employees=20))
    text = (
        "'ada' at 'lead' is refused 'qualified' to 'customer': vip is yes is not known "
        "(vip is blank) and to 'mql': employees is at least 50 does not hold (employees is 20)"
    )
    assert str(caught.value) == str(pickle.loads(pickle.dumps(caught.value))) == text
    assert [target for target, _ in caught.value.reasons] == ["customer", "mql"]


REFUSALS = {
    "not": (~all_of(known("email"), BIG), {"email": "a", "employees": 60}, "email is known holds"),
    "either": (
        any_of(BIG, known("phone")),
        {"employees": 2},
        "employees is at least 50 does not hold (employees is 2); phone is known does not hold",
    ),
    "unknown": (all_of(known("email"), BIG), {"email": "a"}, "is not known (employees is blank)"),
    "not unknown": (~all_of(known("email"), BIG), {"email": "a"}, "50 is not known (employees"),
    "one of": (
        exactly(1, known("a"), known("b")),
        {"a": 1, "b": 2},
        "a is known holds (a is 1); b",
    ),
    "assumed": (BIG.if_unknown(Verdict.NO), {}, "employees is at least 50 is not known"),
    "many": (any_of(*(known(f"f{n}") for n in range(9))), {}, "; 4 more"),
}


@pytest.mark.parametrize(("guard", "attributes", "said"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_goes_down_to_the_leaves(guard, attributes, said):
    lifecycle = Lifecycle(
        "one",
        [Stage("lead"), Stage("done", "terminal")],
        [Transition("up", "lead", "done", guard)],
    )
    with pytest.raises(RefusedMoveError) as caught:
        walk(lifecycle, ("up", 1), facts=lead(**attributes))
    assert said in str(caught.value)


def test_a_remark_that_is_no_question_is_not_a_leaf():
    reason = Reason("ours", Verdict.NO, parts=(Reason("a remark"),))
    text = str(RefusedMoveError("ada", "lead", "up", [("mql", reason)]))
    assert text == "'ada' at 'lead' is refused 'up' to 'mql': ours does not hold"
    bare = str(RefusedMoveError("ada", "lead", "up", [("mql", Reason("said"))]))
    assert bare == "'ada' at 'lead' is refused 'up' to 'mql': said"


def test_a_criterion_needs_facts():
    with refused(KindError, "a move with a criterion needs what is known of the lead: pass facts"):
        walk(GUARDED, ("qualified", 1))


def test_scores_the_stage_and_the_time_in_it_can_be_asked_for():
    card = Scorecard(Rule("big", BIG, 40))
    definition = Qualification("ours", when=score() >= 30, card=card, version="1")
    guard = all_of(score() >= 30, stage().equals("lead"), days_in_stage() >= 2)
    lifecycle = Lifecycle(
        "asks",
        [Stage("lead"), Stage("done", "terminal")],
        [Transition("decided", "lead", "done", guard)],
    )
    ada = lifecycle.begin("ada", AT).journey

    def decided(days):
        whole = Lead("ada", {"employees": 60}, stage=ada.stage, stage_since=ada.since)
        return definition.decide(whole, as_of=at(days)).snapshot

    with pytest.raises(RefusedMoveError, match="days in the stage is at least 2 does not hold"):
        lifecycle.step(ada, Event("decided", at(1)), decided(1))
    assert lifecycle.changes_at(ada, decided(1)) == at(2)
    done = lifecycle.step(ada, Event("decided", at(2)), decided(2)).journey
    assert done.stage == "done"
    assert lifecycle.changes_at(done, decided(2)) is None


def test_moves_without_a_criterion_never_change_by_themselves():
    assert SHIPPED.changes_at(walk(SHIPPED, ("qualified", 1)).journey, lead()) is None


# -- waiting -------------------------------------------------------------------------------------

BELOW = [("qualified", 1), ("unqualified", 2)]


def test_a_dip_demotes_only_after_the_dwell():
    ada = walk(SHIPPED, *BELOW).journey
    assert (ada.stage, ada.next_wake()) == ("mql", at(9))
    assert SHIPPED.tick(ada, at(9) - timedelta.resolution).settled == ()
    step = SHIPPED.tick(ada, at(30))
    assert (step.journey.stage, step.journey.since, step.journey.episode) == ("lead", at(9), 2)
    assert step.journey.next_wake() is None


def test_a_dip_that_is_over_in_time_demotes_nobody():
    ada = walk(SHIPPED, *BELOW).journey
    assert "qualified" in SHIPPED.allows(ada)
    step = SHIPPED.step(ada, Event("qualified", at(9)))
    assert (step.entries, step.effects, step.journey.waits) == ((), (), ())
    assert step.journey.stage == "mql"


def test_a_second_dip_starts_no_second_wait():
    ada = walk(SHIPPED, *BELOW, ("unqualified", 5)).journey
    assert [wait.until for wait in ada.waits] == [at(9)]


def test_a_move_called_off_by_an_event_that_a_criterion_refuses_stays_called_off():
    lifecycle = Lifecycle(
        "dips",
        [Stage("lead"), Stage("mql"), Stage("done", "terminal")],
        [
            Transition("qualified", "lead", "mql"),
            Transition("unqualified", "mql", "lead", dwell=7 * DAY),
            Transition("qualified", "mql", "done", BIG),
        ],
    )
    facts = lead(employees=2)
    ada = walk(lifecycle, *BELOW, facts=facts).journey
    step = lifecycle.step(ada, Event("qualified", at(3)), facts)
    assert (step.journey.stage, step.journey.waits) == ("mql", ())
    with pytest.raises(RefusedMoveError):
        lifecycle.step(step.journey, Event("qualified", at(4)), facts)


def test_when_the_wait_is_over_the_criterion_is_asked_again():
    lifecycle = Lifecycle(
        "asks again",
        [Stage("lead"), Stage("done", "terminal")],
        [Transition("drop", "lead", "done", BIG, dwell=7 * DAY)],
    )
    ada = walk(lifecycle, ("drop", 1), facts=lead(employees=60)).journey
    assert lifecycle.tick(ada, at(8), lead(employees=60)).journey.stage == "done"
    stayed = lifecycle.tick(ada, at(8), lead(employees=2))
    assert (stayed.journey.stage, stayed.journey.waits, stayed.effects) == ("lead", (), ())


def test_a_recycled_lead_rests_before_it_comes_back():
    out = [("qualified", 1), ("recycled", 2)]
    ada = walk(SHIPPED, *out, ("qualified", 3)).journey
    assert (ada.stage, ada.next_wake(), ada.episode) == ("recycled", at(92), 2)
    back = SHIPPED.tick(ada, at(92)).journey
    assert (back.stage, back.since, back.episode, back.furthest) == ("mql", at(92), 2, "mql")
    called_off = SHIPPED.step(ada, Event("unqualified", at(4))).journey
    assert SHIPPED.tick(called_off, at(999)).journey.stage == "recycled"
    assert walk(SHIPPED, *out, ("qualified", 92)).journey.stage == "mql"


def test_who_is_out_is_out_at_once_also_while_it_rests():
    assert walk(SHIPPED, ("qualified", 1), ("recycled", 2), ("disqualified", 3)).entries


@pytest.mark.parametrize(("cool_down", "wake"), [(timedelta(0), None), (30 * DAY, at(32))])
def test_an_event_may_bring_a_rest_of_its_own(cool_down, wake):
    ada = walk(SHIPPED, ("qualified", 1), Event("recycled", at(2), cool_down=cool_down)).journey
    assert ada.here.rests_until == wake
    back = SHIPPED.step(ada, Event("qualified", at(3))).journey
    assert back.next_wake() == wake
    assert back.stage == ("mql" if wake is None else "recycled")


# -- gates and bounds ----------------------------------------------------------------------------

GATED = Lifecycle(
    "gated",
    [Stage("lead"), Stage("check", "gate"), Stage("done", "terminal"), Stage("lost", "terminal")],
    [
        Transition("asked", "lead", "check", effects=["thank"]),
        Transition("at once", "check", "done", BIG, effects=["cheer", "thank"]),
        Transition("at once", "check", "lost"),
    ],
    path=("lead", "done"),
)


@pytest.mark.parametrize(
    ("employees", "end", "told"),
    [(60, "done", ["cheer", "thank"]), (2, "lost", ["thank"]), (None, "lost", ["thank"])],
)
def test_a_gate_decides_at_once(employees, end, told):
    step = walk(GATED, ("asked", 1), facts=lead(employees=employees))
    assert [entry.stage for entry in step.entries] == ["check", end]
    assert step.journey.entries[1].elapsed == timedelta(0)
    entered = [effect for effect in step.effects if effect.kind == "entered"]
    assert [effect.data["stage"] for effect in entered] == ["check", end]
    assert sorted(effect.kind for effect in step.effects[2:]) == told
    assert len({effect.key for effect in step.effects}) == len(step.effects)
    assert step.effects[-1].data == {"stage": end, "from": "lead", "episode": 1}


def test_a_gate_on_the_way_is_no_step_back():
    lifecycle = Lifecycle(
        "through",
        [Stage("lead"), Stage("mql"), Stage("gate", "gate"), Stage("end", "terminal")],
        [
            Transition("ask", "lead", "gate"),
            Transition("at once", "gate", "mql"),
            Transition("drop", "mql", "gate"),
            Transition("won", "mql", "end"),
        ],
        path=("lead", "mql", "end"),
    )
    ada = walk(lifecycle, ("ask", 1), ("drop", 2)).journey
    assert [entry.episode for entry in ada.entries] == [1] * 5
    assert ada.stage == "mql"


BOUNDED = Lifecycle(
    "bounded",
    [
        Stage("lead"),
        Stage("mql", at_most=2, beyond="lost"),
        Stage("done", "terminal"),
        Stage("lost", "terminal"),
    ],
    [
        Transition("up", ("lead", "lost"), "mql"),
        Transition("down", "mql", "lead"),
        Transition("won", "mql", "done"),
    ],
)


def test_a_visit_too_many_goes_elsewhere():
    ada = walk(BOUNDED, ("up", 1), ("down", 2), ("up", 3), ("down", 4)).journey
    assert (ada.stage, ada.visits("mql")) == ("lead", 2)
    lost = BOUNDED.step(ada, Event("up", at(5))).journey
    assert lost.stage == "lost"
    again = Event.move("mql", at(6), by="ann", why="she called")
    assert BOUNDED.step(lost, again).journey.visits("mql") == 3  # by hand is free


# -- SLA stages ----------------------------------------------------------------------------------

TIMED = Lifecycle(
    "timed",
    [
        Stage("lead", "sla", within=2 * DAY, warn_before=DAY),
        Stage("mql", "sla", within=8 * DAY / 24, warn_before=2 * DAY / 24, business=True),
        Stage("done", "terminal"),
        Stage("lost", "terminal"),
    ],
    [
        Transition("up", "lead", "mql"),
        Transition("expired", "lead", "mql"),
        Transition("won", "mql", "done"),
        Transition("expired", "mql", "done", BIG, effects=["ring"]),
        Transition("expired", "mql", "lost"),
        Transition("unqualified", "mql", "lead", dwell=DAY),
    ],
    calendar=OFFICE,
)


def test_the_time_of_a_stage_warns_and_ends():
    ada = TIMED.begin("ada", AT).journey
    assert ada.timers() == [(at(1), "warning"), (at(2), "expired")]
    step = TIMED.tick(ada, at(2))
    assert [effect.kind for effect in step.effects] == ["warning", "expired", "entered"]
    warned, expired, _ = step.effects
    assert warned.data == {"stage": "lead", "due": "2026-03-04T09:00:00+00:00", "episode": 1}
    assert (warned.at, expired.at, step.journey.since) == (at(1), at(2), at(2))
    assert warned.key != expired.key
    once = TIMED.tick(TIMED.tick(ada, at(1)).journey, at(1))
    assert once == Step(once.journey)


def test_business_time_counts_on_the_calendar():
    step = walk(TIMED, ("up", 1 / 24))
    here = step.journey.here
    assert (here.warns_at, here.due) == (AT + timedelta(hours=7), AT + timedelta(days=1, hours=1))
    assert step.effects[0].data["due"] == "2026-03-03T10:00:00+00:00"


def test_a_time_that_ends_leads_by_the_first_move_that_holds():
    ada = walk(TIMED, ("up", 1 / 24)).journey
    step = TIMED.tick(ada, at(9), lead(employees=2))
    assert [effect.kind for effect in step.effects] == ["warning", "expired", "entered"]
    assert (step.journey.stage, step.journey.next_wake()) == ("lost", None)
    done = TIMED.tick(ada, at(9), lead(employees=60))
    assert [effect.kind for effect in done.effects] == ["warning", "expired", "entered", "ring"]


def test_what_is_done_when_it_is_due_is_done_in_time():
    ada = TIMED.begin("ada", AT).journey
    step = TIMED.step(ada, Event("up", at(2)))
    assert [line.event.trigger for line in step.settled] == ["warning", "up"]
    late = TIMED.step(ada, Event("won", at(2) + timedelta.resolution), lead())
    assert [line.event.trigger for line in late.settled] == ["warning", "expired", "won"]


def test_two_timers_at_one_instant_go_off_in_one_order():
    both = Lifecycle(
        "both",
        [Stage("lead", "sla", within=DAY, warn_before=timedelta(0)), Stage("end", "terminal")],
        [Transition("drop", "lead", "end", dwell=DAY), Transition("expired", "lead", "end")],
    )
    ada = walk(both, ("drop", 0)).journey
    assert [what for _, what in ada.timers()] == ["warning", "move", "expired"]
    step = both.tick(ada, at(1))
    assert [line.fired for line in step.settled] == ["warning", "move"]
    assert step.journey.stage == "end"


def test_at_most_so_many_timers_go_off_in_one_tick():
    endless = Lifecycle(
        "ping",
        [
            Stage("a", "sla", within=timedelta(minutes=1)),
            Stage("end", "terminal"),
        ],
        [Transition("expired", "a", "a"), Transition("won", "a", "end")],
    )
    ada = endless.begin("ada", AT).journey
    step = endless.tick(ada, at(0.1))
    assert len(step.settled) == 144
    assert step.journey.next_wake() == at(0.1) + timedelta(minutes=1)


def test_a_tick_is_bounded(monkeypatch):
    monkeypatch.setattr("mqlkit.lifecycle.table._MOST_TIMERS", 1)
    step = TIMED.tick(TIMED.begin("ada", AT).journey, at(2))
    assert [line.fired for line in step.settled] == ["warning"]
    assert step.journey.next_wake() == at(2)


# -- by hand -------------------------------------------------------------------------------------


def test_a_person_may_move_a_lead_past_the_table():
    move = Event.move("sql", at(1), by="ann", why="met at the fair")
    step = walk(SHIPPED, move)
    assert (step.journey.stage, step.journey.furthest) == ("sql", "sql")
    assert (step.effects[0].data["by"], step.effects[0].data["why"]) == ("ann", "met at the fair")


def test_out_of_an_end_only_where_the_table_leads():
    """Law 147."""
    out = walk(SHIPPED, ("disqualified", 1)).journey
    assert SHIPPED.step(out, Event.move("lead", at(2), by="ann", why="x")).journey.stage == "lead"
    with refused(
        IllegalMoveError,
        "'ada' at 'disqualified' cannot take 'moved to sql': by hand it can go to 'lead'",
    ):
        SHIPPED.step(out, Event.move("sql", at(2), by="ann", why="x"))
    won = SHIPPED.begin("ada", AT, stage="customer").journey
    with refused(
        IllegalMoveError,
        "'ada' at 'customer' cannot take 'moved to sql': by hand it can go to no other stage",
    ):
        SHIPPED.step(won, Event.move("sql", at(2), by="ann", why="x"))


def test_what_is_undone_starts_another_climb_too():
    ada = walk(SHIPPED, ("qualified", 1), ("accepted", 2), ("won", 3)).journey
    undone = Event("undone", at(4), by="ann", why="wrong row", to="sal")
    back = SHIPPED.step(ada, undone).journey
    assert (back.stage, back.episode, back.furthest) == ("sal", 2, "customer")
    with pytest.raises(IllegalMoveError, match="by hand it can go to 'visitor', 'lead'"):
        SHIPPED.step(ada, Event("undone", at(4), by="ann", why="x", to="nowhere"))


# -- late and early ------------------------------------------------------------------------------


def test_a_late_event_counts_from_where_the_lead_stands():
    """Law 149."""
    ada = walk(SHIPPED, ("qualified", 5)).journey
    late = SHIPPED.step(ada, Event("accepted", at(1))).journey
    assert [entry.at for entry in late.entries] == [AT, at(5), at(5)]
    assert late.history[-1].event.at == at(1)
    waits = SHIPPED.step(ada, Event("unqualified", at(1))).journey
    assert waits.next_wake() == at(12)


def test_the_high_water_mark_never_falls():
    ada = walk(SHIPPED, ("qualified", 1), ("accepted", 2), ("lost", 3)).journey
    assert [entry.furthest for entry in ada.entries] == ["visitor", "mql", "sal", "sal"]
    assert [entry.episode for entry in ada.entries] == [1, 1, 1, 2]


def test_off_the_path_there_is_no_high_water_mark():
    ada = SHIPPED.begin("ada", AT, stage="recycled").journey
    assert ada.furthest == ""


# -- a history outlives its lifecycle ------------------------------------------------------------


def test_an_old_history_folds_under_a_changed_lifecycle():
    old = walk(SHIPPED, ("qualified", 1), ("accepted", 2), ("verified", 3), ("lost", 4)).journey
    new = Lifecycle(
        "new",
        [Stage("lead"), Stage("hot"), Stage("done", "terminal")],
        [Transition("up", "lead", "hot"), Transition("won", "hot", "done")],
    )
    ada = Journey.of("ada", old.history)
    assert ada == old
    assert new.allows(ada) == ()
    assert new.tick(ada, at(999)) == Step(ada)
    with pytest.raises(IllegalMoveError):
        new.step(ada, Event("up", at(5)))
    moved = new.step(ada, Event.move("hot", at(5), by="ann", why="new stages")).journey
    assert (moved.stage, moved.episode) == ("hot", 2)
    assert moved.furthest == "hot"  # of the old mark nobody knows how far it was
    assert new.step(moved, Event("won", at(6))).journey.furthest == "done"


def test_a_wait_whose_move_is_gone_comes_to_nothing():
    ada = walk(SHIPPED, *BELOW).journey
    new = Lifecycle(
        "new",
        [Stage("mql"), Stage("done", "terminal")],
        [Transition("won", "mql", "done")],
    )
    after = new.tick(ada, at(30)).journey
    assert (after.stage, after.waits) == ("mql", ())


# -- plain data ----------------------------------------------------------------------------------


def test_a_history_goes_through_json_and_back():
    step = walk(
        TIMED,
        Event("up", at(0.04), "1", by="ann", why="asked"),
        ("unqualified", 0.1),
        ("qualified", 0.2),
        ("unqualified", 0.3),
        Event("won", at(0.4), cool_down=DAY),
    )
    ada = TIMED.tick(step.journey, at(30), lead()).journey
    lines = [
        (json.loads(json.dumps(line.to_dict())), line.event.at, line.event.id)
        for line in ada.history
    ]
    assert Journey.of("ada", [Settled.from_dict(*line) for line in lines]) == ada
    waits = walk(SHIPPED, *BELOW).journey.history[-1]
    plain = json.loads(json.dumps(waits.to_dict()))
    assert Settled.from_dict(plain, waits.event.at, "") == waits
    assert plain["wait"]["unless"] == ["qualified"]


def test_a_history_starts_with_a_stage():
    with refused(DefinitionError, "the history of 'ada' starts with its first stage"):
        Journey.of("ada", [])
    with refused(DefinitionError, "the history of 'ada' starts with its first stage"):
        Journey.of("ada", [Settled(Event("won", AT))])


def test_a_replay_without_events_is_refused():
    with refused(IllegalMoveError, "'ada' at '' cannot take 'began': no event says when it began"):
        SHIPPED.replay("ada", [])
