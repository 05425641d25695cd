"""What a lifecycle can be made of, and every fault in one, all at once."""

import pickle
from datetime import UTC, date, datetime, timedelta

import attrs
import pytest
from building import refused

from mqlkit import attribute, known
from mqlkit.calendar import Calendar
from mqlkit.errors import DefinitionError, Fault, KindError
from mqlkit.lifecycle import (
    Event,
    Lifecycle,
    LifecycleError,
    Stage,
    Transition,
    standard,
)

DAY = timedelta(days=1)
LEAD, MQL, DONE = Stage("lead"), Stage("mql"), Stage("customer", "terminal")
UP, WON = Transition("qualified", "lead", "mql"), Transition("won", "mql", "customer")
BIG = attribute("employees") >= 50


def made(stages=(), moves=(), **more):
    return Lifecycle("ours", [LEAD, MQL, DONE, *stages], [UP, WON, *moves], **more)


def told(stages=(), moves=(), **more):
    """The faults of a lifecycle that would work without these parts."""
    with pytest.raises(LifecycleError) as caught:
        made(stages, moves, **more)
    return "\n".join(map(str, caught.value.faults))


SIDE = [Transition("out", "lead", "side"), Transition("lost", "side", "customer")]


def aside(**more):
    """A stage beside the path, with ways in and out."""
    return Stage("side", **more)


def test_a_good_one_has_no_faults():
    assert made().path == ("lead", "mql", "customer")
    assert made().start == "lead"
    assert made([aside()], SIDE).rank == {"lead": 0, "mql": 1, "customer": 2, "side": -1}


FAULTS = {
    "no stages": (
        lambda: Lifecycle("ours", [], []),
        "stages: found no stage; wanted at least one; add a stage",
    ),
    "twice": (
        lambda: made([Stage("mql")]),
        "stages[3].name: found 'mql'; a name stands once; take another name",
    ),
    "a stage that is called as all are": (
        lambda: made([Stage("*", "terminal")], [Transition("lost", "mql", "*")]),
        "stages[3].name: found '*'; as a source it means every stage; take another name",
    ),
    "path twice": (
        lambda: made(path=("lead", "mql", "lead")),
        "path[2]: found 'lead'; a stage stands once; leave it out here",
    ),
    "unknown on the path": (
        lambda: made(path=("lead", "mqll")),
        "path[1]: found 'mqll'; wanted the name of a stage; did you mean 'mql'?",
    ),
    "unknown start": (
        lambda: made(start="leed"),
        "start: found 'leed'; wanted the name of a stage; did you mean 'lead'?",
    ),
    "unknown beyond": (
        lambda: made([aside(at_most=2, beyond="cust")], SIDE),
        "stages[3].beyond: found 'cust'; wanted the name of a stage; did you mean 'customer'?",
    ),
    "unknown ends of a move": (
        lambda: made(moves=[Transition("x", ("mql", "a"), "zzz"), Transition("y", "*", "b")]),
        "moves[2].source: found 'a'; wanted the name of a stage; known are 'customer', 'lead', "
        "'mql'\n"
        "moves[2].target: found 'zzz'; wanted the name of a stage; known are 'customer', 'lead', "
        "'mql'\n"
        "moves[3].target: found 'b'; wanted the name of a stage; known are 'customer', 'lead', "
        "'mql'",
    ),
    "no end": (
        lambda: Lifecycle("ours", [LEAD], [Transition("a", "lead", "lead")]),
        "stages: found no terminal stage; a lead comes to an end somewhere; "
        "make one stage terminal",
    ),
    "SLA without time": (
        lambda: made([aside(kind="sla")], SIDE),
        "stages[3].within: found no time; the SLA stage 'side' says how long; "
        "for example within = { days = 14 }\n"
        "stages[3]: found no move on 'expired'; the SLA stage 'side' leads somewhere when its "
        "time is over; add a move on 'expired' from 'side'",
    ),
    "timed inventory": (
        lambda: made([aside(within=DAY)], SIDE),
        "stages[3].kind: found 'inventory'; only an SLA stage is timed; "
        "say kind = 'sla', or leave out within and warn_before",
    ),
    "early warning": (
        lambda: made(
            [aside(kind="sla", within=DAY, warn_before=DAY)],
            [*SIDE, Transition("expired", "side", "customer")],
        ),
        "stages[3].warn_before: found a warning at or before its start; "
        "wanted a span below within; make it shorter",
    ),
    "business time without a calendar": (
        lambda: made(
            [aside(kind="sla", within=DAY, business=True)],
            [*SIDE, Transition("expired", "side", "customer")],
        ),
        "stages[3].business: found business time; wanted a calendar, and an SLA stage that counts "
        "on it; give the lifecycle a calendar, or leave out business",
    ),
    "business time without a limit": (
        lambda: made([aside(business=True)], SIDE, calendar=Calendar.always()),
        "stages[3].business: found business time; wanted a calendar, and an SLA stage that counts "
        "on it; give the lifecycle a calendar, or leave out business",
    ),
    "bound without beyond": (
        lambda: made([aside(at_most=2)], SIDE),
        "stages[3].at_most: found one of at_most and beyond; both or neither; "
        "say how often, and where a visit too many goes",
    ),
    "beyond without bound": (
        lambda: made([aside(beyond="customer")], SIDE),
        "stages[3].at_most: found one of at_most and beyond; both or neither; "
        "say how often, and where a visit too many goes",
    ),
    "beyond is bounded itself": (
        lambda: made([aside(at_most=2, beyond="side")], SIDE),
        "stages[3].beyond: found 'side'; wanted a stage without a bound of its own; "
        "take another stage",
    ),
    "rest at a gate": (
        lambda: made(
            [aside(kind="gate", cool_down=DAY)],
            [SIDE[0], Transition("at once", "side", "customer")],
        ),
        "stages[3].cool_down: found a cool-down; nothing rests at the gate 'side'; "
        "put it on the stage before",
    ),
    "start at a gate": (
        lambda: made([aside(kind="gate")], [Transition("at once", "side", "lead")], start="side"),
        "stages[3].kind: found 'gate'; a lead does not begin at a gate; begin at another stage",
    ),
    "shut gate": (
        lambda: made(
            [aside(kind="gate")], [SIDE[0], Transition("at once", "side", "customer", BIG)]
        ),
        "stages[3]: found no way out that is always open; the gate 'side' ends with a move that "
        "asks for nothing; add a move on 'at once' without a criterion",
    ),
    "gates in a ring": (
        lambda: made(
            [aside(kind="gate"), Stage("other", "gate")],
            [
                SIDE[0],
                Transition("at once", "side", "customer", BIG),
                Transition("at once", "side", "other"),
                Transition("at once", "other", "side", BIG),
                Transition("at once", "other", "customer"),
            ],
        ),
        "stages[3]: found 'side', a gate that leads to itself through gates; gates end somewhere; "
        "lead it to a stage where leads stand\n"
        "stages[4]: found 'other', a gate that leads to itself through gates; gates end "
        "somewhere; lead it to a stage where leads stand",
    ),
    "offers at a gate and at an end": (
        lambda: made(
            [aside(kind="gate", offers=True), Stage("lost", "terminal", offers=True)],
            [SIDE[0], Transition("at once", "side", "lost")],
        ),
        "stages[3].offers: found a handoff; nothing is handed off at a gate or an end; "
        "offer at another stage\n"
        "stages[4].offers: found a handoff; nothing is handed off at a gate or an end; "
        "offer at another stage",
    ),
    "recycling without rest": (
        lambda: made([aside()], [SIDE[0], Transition("back", "side", "mql")]),
        "stages[3].cool_down: found no cool-down; 'side' leads back to the path, so it says how "
        "long a lead rests; for example cool_down = { days = 90 }",
    ),
    "recycling through a gate": (
        lambda: made(
            [aside(), Stage("gate", "gate")],
            [SIDE[0], Transition("back", "side", "gate"), Transition("at once", "gate", "mql")],
        ),
        "stages[3].cool_down: found no cool-down; 'side' leads back to the path, so it says how "
        "long a lead rests; for example cool_down = { days = 90 }",
    ),
    "out of reach": (
        lambda: made([aside()], [SIDE[1]]),
        "stages[3]: found 'side', which no move reaches from 'lead'; every stage can be reached; "
        "add a move to it, or leave it out",
    ),
    "dead end": (
        lambda: made([aside()], [SIDE[0]]),
        "stages[3]: found 'side', a dead end; a stage that is not terminal has a way out; "
        "add a move from it, or make it terminal",
    ),
    "no way to an end": (
        lambda: made(
            [aside(), Stage("other")],
            [SIDE[0], Transition("a", "side", "other"), Transition("b", "other", "side")],
        ),
        "stages[3]: found 'side', from where no move leads to an end; every lead can come to "
        "'customer'; add a move\n"
        "stages[4]: found 'other', from where no move leads to an end; every lead can come to "
        "'customer'; add a move",
    ),
    "at once from a stage": (
        lambda: made(moves=[Transition("at once", "lead", "customer")]),
        "moves[2].on: found 'at once'; gates, and only gates, have moves on 'at once'; "
        "name another trigger, or make it a gate",
    ),
    "another trigger at a gate": (
        lambda: made(
            [aside(kind="gate")],
            [SIDE[0], Transition("at once", "side", "customer"), Transition("x", "side", "mql")],
        ),
        "moves[4].on: found 'x'; gates, and only gates, have moves on 'at once'; "
        "name another trigger, or make it a gate",
    ),
    "waiting at a gate": (
        lambda: made(
            [aside(kind="gate")], [SIDE[0], Transition("at once", "side", "customer", dwell=DAY)]
        ),
        "moves[3].dwell: found a dwell; nothing waits at a gate; leave it out",
    ),
    "expiry of a stage that is not timed": (
        lambda: made(moves=[Transition("expired", "lead", "customer")]),
        "moves[2].on: found 'expired'; only an SLA stage expires; "
        "make it an SLA stage, or name another trigger",
    ),
    "waiting after the time is over": (
        lambda: made(
            [aside(kind="sla", within=DAY)],
            [SIDE[0], Transition("expired", "side", "customer", dwell=DAY)],
        ),
        "moves[3].dwell: found a dwell; a stage has waited when its time is over; "
        "make within longer",
    ),
    "a wait that nothing calls off": (
        lambda: made(moves=[Transition("decided", "mql", "lead", dwell=DAY)]),
        "moves[2].dwell: found a dwell that nothing calls off; a move on 'decided' that waits says "
        "what calls it off: its criterion is not asked meanwhile; add unless = ['qualified'], or "
        "another trigger",
    ),
    "an expiry that may lead nowhere": (
        lambda: made(
            [aside(kind="sla", within=DAY)],
            [SIDE[0], Transition("expired", "side", "customer", attribute("n") >= 1)],
        ),
        "stages[3]: found only moves on 'expired' that ask for something; the SLA stage 'side' "
        "leads somewhere in any case when its time is over; add a move on 'expired' from 'side' "
        "without a criterion, as the last one",
    ),
    "demotion without dwell": (
        lambda: made(moves=[Transition("unqualified", "mql", "lead")]),
        "moves[2].dwell: found no dwell; a move back along the path on a crossing waits for a "
        "while; for example dwell = { days = 7 }",
    ),
    "never taken": (
        lambda: made(moves=[Transition("won", ("lead", "mql"), "lead")]),
        "moves[2]: found a move on 'won' from 'lead' or 'mql'; moves[1] is taken before it "
        "always, so this one never is; put it before that one and give it a criterion, "
        "or leave it out",
    ),
    "never taken, of two with one criterion": (
        lambda: made(
            moves=[Transition("x", "mql", "lead", BIG), Transition("x", "mql", "customer", BIG)]
        ),
        "moves[3]: found a move on 'x' from 'mql'; moves[2] is taken before it always, so this "
        "one never is; put it before that one and give it a criterion, or leave it out",
    ),
    "commuting triggers that nothing takes": (
        lambda: made(commuting=[("won", "wonn")]),
        "commuting[0]: found 'wonn'; wanted the trigger of a move; did you mean 'won'?",
    ),
    "commuting triggers that do not": (
        lambda: made(commuting=[("qualified", "won")]),
        "commuting[0]: found 'qualified' and 'won', which from 'lead' may end differently; one "
        "end in both orders, without criterion, wait or bound; mend the moves, or leave the pair "
        "out",
    ),
}


@pytest.mark.parametrize(("make", "text"), FAULTS.values(), ids=FAULTS)
def test_each_fault_says_where_what_and_how_to_mend_it(make, text):
    """Law 141, and the rest of what is wrong at build."""
    with pytest.raises(LifecycleError) as caught:
        make()
    assert "\n".join(map(str, caught.value.faults)) == text
    assert str(caught.value).startswith("the lifecycle 'ours' cannot work\n  ")


def test_all_faults_come_at_once_and_the_error_survives_pickling():
    with pytest.raises(LifecycleError) as caught:
        made([aside(), Stage("x", within=DAY)], [Transition("unqualified", "mql", "lead")])
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert again.faults == caught.value.faults
    assert again.name == "ours"
    assert [fault.path for fault in again.faults] == [
        "stages[3]",
        "stages[3]",
        "stages[4].kind",
        "stages[4]",
        "stages[4]",
        "moves[2].dwell",
    ]


def test_a_wrong_name_does_not_hide_what_is_wrong_with_a_part_by_itself():
    text = told(
        [aside(kind="gate", offers=True), Stage("x", "sla", beyond="mql"), Stage("y", within=DAY)],
        [
            Transition("lost", "side", "custmer"),
            Transition("expired", "x", "customer", dwell=DAY),
            Transition("decided", "mql", "lead", dwell=DAY),
        ],
    )
    assert [line.split(":")[0] for line in text.split("\n")] == [
        "moves[2].target",
        "stages[3].offers",
        "stages[4].within",
        "stages[4].at_most",
        "stages[5].kind",
        "moves[3].dwell",
        "moves[4].dwell",
    ]


def test_a_long_list_of_faults_is_cut():
    faults = [Fault(f"stages[{n}]", None, "x" * 600, "y") for n in range(99)]
    text = str(LifecycleError(faults, "big"))
    assert len(text) <= 2_000
    assert text.endswith("\n  and 95 more")


def test_a_move_for_all_stages_may_come_last_for_those_that_no_other_is_about():
    lifecycle = made(
        [Stage("out", "terminal"), Stage("odd", "terminal")],
        [Transition("gone", "mql", "odd"), Transition("gone", "*", "out")],
    )
    assert [move.target for move in lifecycle.table["mql", "gone"]] == ["odd", "out"]
    hidden = [
        Transition("gone", ("lead", "mql"), "odd"),
        Transition("gone", "*", "out"),
        Transition("x", "lead", "out"),
    ]
    text = told([Stage("out", "terminal"), Stage("odd", "terminal")], hidden)
    assert text.startswith("moves[3]: found a move on 'gone' from '*'; moves[2] is taken before")


PAIRED = [
    Stage("new"),
    Stage("mail"),
    Stage("phone"),
    Stage("both"),
    Stage("end", "terminal"),
]


def paired(second=None, **more):
    """E-mail and phone are confirmed in any order."""
    moves = [
        Transition("mail ok", "new", "mail"),
        Transition("phone ok", "mail", "both"),
        Transition("phone ok", "new", "phone"),
        Transition("mail ok", "phone", "both", **more) if second is None else second,
        Transition("won", ("both", "phone"), "end"),
    ]
    return Lifecycle(
        "pair",
        PAIRED,
        moves,
        path=("new", "mail", "phone", "both", "end"),
        commuting=[("mail ok", "phone ok")],
    )


def test_triggers_that_commute_are_checked():
    """Law 151, at build."""
    assert paired().commuting == (("mail ok", "phone ok"),)
    for liar in (
        {"when": BIG},
        {"dwell": DAY},
        {"second": Transition("mail ok", "phone", "end")},
        {"second": Transition("mail ok", "both", "end")},
    ):
        with pytest.raises(LifecycleError, match="'mail ok' and 'phone ok', which from 'new' may"):
            paired(**liar)


def test_triggers_commute_through_gates():
    gate = Stage("gate", "gate")
    moves = [
        Transition("a", "new", "gate"),
        Transition("at once", "gate", "one"),
        Transition("b", "one", "end"),
        Transition("b", "new", "two"),
        Transition("a", "two", "end"),
    ]
    stages = [Stage("new"), gate, Stage("one"), Stage("two"), Stage("end", "terminal")]
    assert Lifecycle("gates", stages, moves, commuting=[("a", "b")])
    guarded = Transition("at once", "gate", "two", BIG)
    with pytest.raises(LifecycleError, match="may end differently"):
        Lifecycle("gates", stages, [guarded, *moves], commuting=[("a", "b")])


# -- parts ---------------------------------------------------------------------------------------

NAMES = "a name is text of 1 to 100 characters, not "
REFUSED = {
    "stage blank": (lambda: Stage(" "), DefinitionError, NAMES + "blank"),
    "stage number": (lambda: Stage(5), DefinitionError, NAMES + "5"),
    "long": (lambda: Stage("x" * 101), DefinitionError, NAMES + '"' + "x" * 59 + '…"'),
    "kind": (
        lambda: Stage("a", "sink"),
        DefinitionError,
        "a stage's kind is 'inventory', 'gate', 'sla' or 'terminal', not \"sink\"",
    ),
    "kind of kind": (
        lambda: Stage("a", ["sla"]),
        DefinitionError,
        "a stage's kind is 'inventory', 'gate', 'sla' or 'terminal', not [\"sla\"]",
    ),
    "team": (
        lambda: Stage("a", team="legal"),
        DefinitionError,
        "a stage's team is 'marketing' or 'sales', not \"legal\"",
    ),
    "span": (
        lambda: Stage("a", within=5),
        KindError,
        "wanted a span such as timedelta(days=7), not 5",
    ),
    "negative": (
        lambda: Stage("a", cool_down=-DAY),
        DefinitionError,
        "a span is 0 to 3,650 days, not -1 days",
    ),
    "flag": (lambda: Stage("a", offers=1), KindError, "wanted true or false, not 1"),
    "visits": (
        lambda: Stage("a", at_most=True),
        KindError,
        "visits are counted in whole numbers, not yes",
    ),
    "no visits": (
        lambda: Stage("a", at_most=0),
        DefinitionError,
        "a stage is visited 1 to 1,000,000 times, not 0",
    ),
    "no source": (
        lambda: Transition("x", (), "b"),
        DefinitionError,
        "a move starts somewhere; say from which stage, or '*'",
    ),
    "all and one": (
        lambda: Transition("x", ("*", "a"), "b"),
        DefinitionError,
        "'*' is every stage that is not terminal; leave the others out",
    ),
    "source": (
        lambda: Transition("x", 5, "b"),
        KindError,
        "wanted a name or a list of at most 100, not 5",
    ),
    "guard": (lambda: Transition("x", "a", "b", "yes"), KindError, None),
    "by hand": (
        lambda: Transition("moved", "a", "b"),
        DefinitionError,
        "'moved' is the trigger of moves by hand; take another word",
    ),
    "stages": (
        lambda: Lifecycle("x", LEAD, []),
        KindError,
        "wanted a list of at most 100, not a Stage",
    ),
    "many": (
        lambda: Lifecycle("x", [LEAD] * 101, []),
        KindError,
        "wanted a list of at most 100, not 101",
    ),
    "moves": (
        lambda: Lifecycle("x", [LEAD], [LEAD]),
        KindError,
        "wanted Transition values, not a Stage",
    ),
    "pairs": (
        lambda: made(commuting=[("a",)]),
        KindError,
        'wanted a pair of triggers, not ["a"]',
    ),
    "calendar": (lambda: made(calendar="9-5"), KindError, 'wanted a Calendar, not "9-5"'),
}


@pytest.mark.parametrize(("make", "error", "text"), REFUSED.values(), ids=REFUSED)
def test_each_part_refuses_what_it_cannot_be(make, error, text):
    with pytest.raises(error) as caught:
        make()
    assert text is None or str(caught.value) == text


AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_an_event_by_hand_says_where_to_who_and_why():
    with refused(DefinitionError, "a move by hand says where to, who and why: to, by and why"):
        Event("moved", AT, by="ann", to="mql")
    with refused(DefinitionError, "only a move by hand says where to; 'won' does not"):
        Event("won", AT, to="mql")
    with refused(KindError, "an event's why is text, not 5"):
        Event("won", AT, why=5)
    with refused(KindError, "an event's time must be a datetime with a time zone, not 2026-03-02"):
        Event("won", date(2026, 3, 2))
    assert Event.move("mql", AT, by="ann", why="met her", id="7") == Event(
        "moved", AT, "7", by="ann", why="met her", to="mql"
    )


def test_what_calls_a_waiting_move_off():
    assert Transition("unqualified", "mql", "lead").calls_off == ("qualified",)
    assert Transition("cold", "mql", "lead").calls_off == ()
    assert Transition("cold", "mql", "lead", unless="warm").calls_off == ("warm",)


def test_a_move_says_itself_in_a_line():
    move = Transition("up", ("lead", "mql"), "sql", known("email"), effects=["tell", "tell"])
    assert move.describe() == "up: lead or mql to sql when email is known"
    assert WON.describe() == "won: mql to customer"
    assert move.effects == ("tell",)
    assert attrs.evolve(move, source="*").anywhere
    assert not move.anywhere


def test_the_shipped_one_works_and_is_a_value():
    shipped = standard(cool_down=90 * DAY)
    assert shipped == standard(cool_down=90 * DAY) == pickle.loads(pickle.dumps(shipped))
    assert shipped != standard(cool_down=91 * DAY)
    office = Calendar("Europe/Berlin", {"mon-fri": "09:00-17:00"})
    assert standard(cool_down=90 * DAY, calendar=office).by_name["sal"].business


def test_stages_that_no_decision_leaves_are_not_listened_to():
    shipped = standard(cool_down=90 * DAY)
    assert [name for name in shipped.by_name if not shipped.listens(name)] == [
        "customer",
        "disqualified",
    ]
    assert shipped.listens("a stage of an older version")
    back = made(moves=[Transition("cleared", "customer", "lead")])
    assert back.listens("customer")


def test_of_very_many_unknown_names_only_the_first_are_guessed():
    moves = [Transition("x", "lead", f"stage {n}") for n in range(60)]
    with pytest.raises(LifecycleError) as caught:
        made(moves=moves)
    hints = [fault.hint for fault in caught.value.faults]
    assert len(hints) == 60
    assert all(hints[:50])
    assert not any(hints[50:])
