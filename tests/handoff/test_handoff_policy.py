"""The handoff: offers, deadlines, work, pauses, and what each ends in."""

import json
import pickle
from datetime import timedelta

import attrs
import pytest
from salesfloor import (
    DAY,
    HOT,
    HOUR,
    MINUTE,
    NOON,
    READY,
    REASONS,
    REST,
    Floor,
    accepted,
    decision,
    team,
    terms,
    with_,
)

from mqlkit import Lead, Qualification, attribute
from mqlkit.calendar import Calendar
from mqlkit.errors import (
    DefinitionError,
    KindError,
    NaiveTimeError,
    UnknownNameError,
)
from mqlkit.handoff import (
    Handoff,
    HandoffEvent,
    HandoffPolicy,
    IllegalHandoffError,
    PolicyError,
    Pool,
    ReasonCode,
    Rep,
    Routing,
    SlaPolicy,
)

OFFICE = Calendar("Europe/Berlin", {"mon-fri": "09:00-17:00"})
TICK = timedelta(microseconds=1)
ALONE = team("ada")
ONE_DAY = Calendar("UTC", {}, overrides={NOON.date(): "09:00-17:00"})
NOONS = Calendar("UTC", {"daily": "12:00-12:30"})


def refused(floor, command, *args, **given):
    """The error of a command that is not legal; the handoff stays as it is."""
    before = floor.handoff
    with pytest.raises(IllegalHandoffError) as caught:
        floor.do(command, *args, **given)
    assert floor.handoff == before
    return caught.value


# -- offers ------------------------------------------------------------------------------------


def test_a_lead_is_offered_to_one_rep_for_a_time():
    floor = Floor().open()
    assert floor.told() == ["opened", "offered"]
    assert (floor.handoff.state, floor.holder, floor.handoff.owner) == ("offered", "ada", "")
    assert floor.handoff.due == NOON + 15 * MINUTE
    assert floor.handoff.next_wake() == NOON + 10 * MINUTE
    [effect] = floor.effects
    assert effect.kind == "offered"
    assert effect.data["owner"] == effect.data["to"] == "ada"
    assert effect.data["due"] == "2026-03-02T12:15:00+00:00"
    assert (effect.data["episode"], effect.data["target"]) == (1, "hot")


def test_why_a_lead_was_handed_off_is_kept_in_names_and_points():
    handoff = Floor().open().handoff
    assert (handoff.definition, handoff.version) == ("ready", "2")
    assert handoff.fingerprint == decision().qualification.fingerprint
    assert handoff.points == {"total": 50}
    assert handoff.rules == ("opened e-mail", "asked for a demo")
    assert [line.points for line in handoff.lines] == [20, 30]
    assert handoff.reasons == ("ready",)


def test_a_definition_without_points_hands_off_as_well():
    plain = Qualification("demo", version="1", when=attribute("demo") >= 1)
    floor = Floor(terms(REST), plain.decide(Lead("acme", {"demo": 1}), as_of=NOON)).open()
    assert (floor.handoff.points, floor.handoff.rules) == ({}, ())


def test_the_score_chooses_the_target():
    assert Floor().open().handoff.target == "hot"
    assert Floor(decided=decision(opened=1)).open().handoff.target == "rest"


def test_an_offer_is_for_one_rep_alone():
    floor = Floor().open()
    error = refused(floor, "accept", "bob", NOON)
    assert str(error) == (
        "the handoff 'acme/1' cannot take 'accept': it is offered to 'ada' alone, not to 'bob'; "
        "it can take 'withdraw'"
    )
    refused(floor, "reject", "bob", "student", NOON)


def test_there_is_one_acceptance_per_offer():
    floor = accepted()
    error = refused(floor, "accept", "ada", NOON)
    assert error.why == "'ada' has accepted it"
    assert error.legal == ("attempt", "close", "reassign", "pause", "withdraw")
    assert error.since == NOON
    assert floor.then == [("accepted", None)]


def test_who_lets_it_lapse_loses_it_to_the_next():
    floor = Floor().open().live(NOON + 20 * MINUTE)
    assert floor.told()[2:] == ["warning", "lapsed", "offered"]
    assert [event.at - NOON for event in floor.events[2:]] == [
        10 * MINUTE,
        15 * MINUTE,
        15 * MINUTE,
    ]
    assert [offer.ended for offer in floor.handoff.offers] == ["lapsed", ""]
    assert floor.holder == "bob"
    error = refused(floor, "accept", "ada", NOON + 21 * MINUTE)
    assert error.since == NOON + 15 * MINUTE
    floor.do("accept", "bob", NOON + 21 * MINUTE)
    assert floor.handoff.time_to_offer() == timedelta()
    assert floor.handoff.time_to_assign() == 21 * MINUTE


@pytest.mark.parametrize(
    ("calendar", "late", "due"),
    [
        (Calendar.always(), NOON + 3 * DAY, NOON + 3 * DAY + 15 * MINUTE),
        # On a Saturday; it is looked at from Monday, 09:00 in Berlin, on.
        (OFFICE, NOON + 5 * DAY, NOON + 7 * DAY - 4 * HOUR + 15 * MINUTE),
    ],
)
def test_a_tick_days_late_makes_one_offer_that_stands_its_full_span_from_now_on(
    calendar, late, due
):
    """Offers that start and lapse before anybody can be told of them would be nobody's."""
    floor = Floor(terms(HOT, REST, reps=team("ada", "bob", "eve"), calendar=calendar)).open()
    floor.tick(late)
    assert [(event.kind, event.at) for event in floor.events[2:]] == [
        ("warning", NOON + 10 * MINUTE),
        ("lapsed", NOON + 15 * MINUTE),
        ("offered", late),
    ]
    assert (floor.holder, floor.handoff.due) == ("bob", due)
    floor.do("accept", "bob", due)
    assert [offer.to for offer in floor.handoff.offers] == ["ada", "bob"]


def test_each_late_tick_asks_one_rep():
    floor = Floor(terms(HOT, REST, reps=team("ada", "bob", "eve"))).open()
    days = [NOON + number * DAY for number in range(1, 5)]
    told = [[event.kind for event in floor.tick(day).events] for day in days]
    assert told == 2 * [["warning", "lapsed", "offered"]] + [
        ["warning", "lapsed", "queued"],
        ["offered"],
    ]
    assert [offer.at for offer in floor.handoff.offers] == [NOON, days[0], days[1], days[3]]


@pytest.mark.parametrize(("late", "backdated"), [(1, 1), (2, 0)])
def test_a_tick_on_its_wake_offers_where_the_last_offer_ended(late, backdated):
    floor = Floor().open()
    now = NOON + 15 * MINUTE + late * TICK
    floor.tick(now)
    assert floor.handoff.offers[1].at == now - backdated * TICK


def test_what_a_breach_takes_away_days_ago_is_offered_from_now_on():
    floor = accepted()
    floor.tick(NOON + 3 * DAY)
    reassigned, offered = floor.events[-2:]
    assert (reassigned.kind, reassigned.at) == ("reassigned", NOON + 90 * MINUTE)
    assert (offered.kind, offered.at) == ("offered", NOON + 3 * DAY)


def test_an_offer_lapses_whether_somebody_has_looked_or_not():
    """Law 174; at the due instant itself the offer stands, by law 162."""
    floor = Floor().open()
    for command, more in (("accept", ()), ("reject", ("student",))):
        error = refused(floor, command, "ada", *more, NOON + 15 * MINUTE + TICK)
        assert (error.legal, error.since) == (("withdraw",), NOON + 15 * MINUTE)
    floor.do("accept", "ada", NOON + 15 * MINUTE)


def test_a_second_chance_that_was_taken_is_no_lapse():
    floor = Floor(terms(HOT, REST, reps=ALONE)).open().live(NOON + 30 * MINUTE)
    assert [offer.ended for offer in floor.handoff.offers] == ["lapsed", ""]
    floor.do("accept", "ada", NOON + 31 * MINUTE)
    assert refused(floor, "accept", "ada", NOON + 31 * MINUTE).why == "'ada' has accepted it"


def test_nobody_left_to_ask_waits_longer_each_time_and_tells_the_next_level():
    floor = Floor().open().live(NOON + 10 * HOUR)
    queued = [event for event in floor.events if event.kind == "queued"]
    assert [event.data["to"] for event in queued][:3] == ["lead", "head", "head"]
    assert {event.data["why"] for event in queued} == {"all who can take it were asked"}
    waits = [
        (later.at - event.at) // MINUTE
        for event, later in zip(floor.events, floor.events[1:], strict=False)
        if event.kind == "queued"
    ]
    assert waits == [15, 30, 60, 120][: len(waits)]
    assert len(waits) >= 3


def test_in_a_queue_it_waits_until_somebody_is_back():
    away = (Rep("ada", absences=((NOON - HOUR, NOON + 7 * MINUTE),)),)
    floor = Floor(terms(HOT, REST, reps=away)).open()
    assert floor.handoff.state == "queued"
    assert floor.handoff.next_wake() == NOON + 7 * MINUTE
    [queued] = floor.effects
    assert queued.data["skipped"][0]["rep"] == "ada"
    floor.tick(NOON + 7 * MINUTE)
    assert (floor.handoff.state, floor.holder) == ("offered", "ada")


def test_where_only_load_can_help_it_looks_again_and_tells_the_chain():
    full = (Rep("ada", capacity=1),)
    floor = Floor(terms(HOT, REST, reps=full)).open(load={"ada": 1})
    floor.live(NOON + HOUR, load={"ada": 1})
    assert floor.told() == ["opened", "queued", "queued", "queued"]
    assert [e.data["to"] for e in floor.events[1:]] == ["", "lead", "head"]
    floor.live(NOON + 2 * HOUR, load={})
    assert floor.handoff.offers[0].at == NOON + (15 + 30 + 60) * MINUTE


def test_a_late_look_in_vain_is_one_look_and_waits_from_now_on():
    full = (Rep("ada", capacity=1),)
    floor = Floor(terms(HOT, REST, reps=full)).open(load={"ada": 1})
    floor.tick(NOON + 3 * DAY, load={"ada": 1})
    assert [(e.kind, e.at) for e in floor.events[2:]] == [("queued", NOON + 3 * DAY)]
    assert floor.handoff.next_wake() == NOON + 3 * DAY + 30 * MINUTE


def test_it_is_looked_for_again_as_soon_as_somebody_is_free():
    full = (Rep("ada", capacity=1),)
    floor = Floor(terms(HOT, REST, reps=full)).open(load={"ada": 1})
    desk = {"facts": floor.decided.snapshot, "pool": floor.pool}
    assert floor.do("look_again", NOON + MINUTE, **desk, load={"ada": 1}).events == ()
    floor.do("look_again", NOON + 2 * MINUTE, **desk, load={})
    assert (floor.handoff.state, floor.holder) == ("offered", "ada")
    assert floor.handoff.due == NOON + 17 * MINUTE
    floor.tick(NOON + 20 * MINUTE)
    assert floor.handoff.all_asked  # Who let it lapse is not asked at once.
    assert floor.do("look_again", NOON + 21 * MINUTE, **desk, load={}).events == ()
    refused(accepted(), "look_again", NOON, **desk, load={})


AWAY_TILL_FIVE = Rep("bob", absences=[(NOON - HOUR, NOON + 5 * HOUR)])


def test_who_comes_back_is_asked_at_once_and_before_who_had_it():
    """No lead waits while somebody who was not asked can take it."""
    floor = Floor(terms(HOT, REST, reps=(Rep("ada"), AWAY_TILL_FIVE))).open()
    floor.live(NOON + 5 * HOUR + 14 * MINUTE)
    why = [event.data["why"] for event in floor.events if event.kind == "queued"]
    assert {*why} == {"all who can take it now were asked"}
    to_bob = next(offer for offer in floor.handoff.offers if offer.to == "bob")
    before = [offer for offer in floor.handoff.offers if offer.at < to_bob.at]
    assert {offer.to for offer in before} == {"ada"}
    assert len(before) > 1  # She is asked again while nobody else is there.
    assert to_bob.at == NOON + 5 * HOUR


def test_who_closes_something_else_is_asked_before_the_wait_is_over():
    full = (Rep("ada"), Rep("bob", capacity=1))
    floor = Floor(terms(HOT, REST, reps=full)).open(load={"bob": 1})
    floor.tick(NOON + 15 * MINUTE + TICK, load={"bob": 1})
    assert (floor.handoff.state, floor.handoff.all_asked) == ("queued", False)
    assert floor.handoff.asked == ("ada",)
    desk = {"facts": floor.decided.snapshot, "pool": floor.pool}
    assert floor.do("look_again", NOON + 16 * MINUTE, **desk, load={"bob": 1}).events == ()
    floor.do("look_again", NOON + 17 * MINUTE, **desk, load={})
    assert floor.holder == "bob"
    floor.live(NOON + 32 * MINUTE + TICK, load={})
    assert floor.handoff.all_asked
    assert floor.handoff.asked == ()


@pytest.mark.parametrize("gone", [{"capacity": 0}, {"calendar": ONE_DAY}])
def test_who_never_can_is_not_waited_for(gone):
    floor = Floor(terms(HOT, REST, reps=(Rep("ada"), Rep("bob", **gone)))).open(NOON + 2 * DAY)
    floor.tick(NOON + 2 * DAY + 15 * MINUTE + TICK)
    assert floor.events[-1].data["why"] == "all who can take it were asked"


def test_a_lead_that_nobody_can_take_is_told_level_by_level_and_then_to_the_last_one():
    """It has no deadline, so that only this tells of it."""
    floor = Floor(terms(HOT, REST, reps=(Rep("ada", capacity=0),))).open()
    floor.live(NOON + 60 * DAY)
    told = [effect.data["to"] for effect in floor.effects]
    assert told[:4] == ["", "lead", "head", "head"]
    assert {*told[4:]} == {"head"}
    assert len(told) == floor.told().count("queued") > 60
    silent = Floor(terms(REST, reps=(Rep("ada", capacity=0),))).open().live(NOON + 60 * DAY)
    assert [effect.data["to"] for effect in silent.effects] == [""]


def test_the_load_of_a_lead_is_not_held_against_who_had_it():
    one = (Rep("ada", capacity=1),)
    floor = Floor(terms(HOT, REST, reps=one)).open()
    floor.tick(NOON + 15 * MINUTE + TICK, load={"ada": 1})
    assert floor.handoff.all_asked
    assert floor.events[-1].data["skipped"] == []
    counted = Floor(terms(HOT, REST, reps=one)).open()
    counted.do("reject", "ada", "my neighbour", NOON)
    counted.tick(NOON, load={"ada": 1})  # It was counted while she still had it.
    had = {"rep": "ada", "why": "had this lead already"}
    assert counted.events[-1].data["skipped"] == [had]


def test_an_owner_who_gave_it_back_is_waited_for_no_more():
    team_of = Routing(
        [Rep("ada", calendar=NOONS), Rep("bob")], wait_for_owner=True, account_owner="owner"
    )
    owned = READY.decide(Lead("acme", {"opened": 1, "demo": 1, "owner": "ada"}), as_of=NOON)
    floor = Floor(HandoffPolicy(SlaPolicy([HOT, REST], Calendar.always()), team_of, REASONS), owned)
    floor.open().live(NOON + 20 * MINUTE)
    assert floor.holder == "bob"
    floor.do("accept", "bob", NOON + 20 * MINUTE)
    floor.live(NOON + 2 * HOUR + 5 * MINUTE + TICK)  # He does not touch it, and she has gone.
    assert floor.told()[-1] == "offered"
    assert floor.holder == "bob"


def test_the_kept_owner_is_a_name_however_it_is_spelled():
    floor = Floor(terms(HOT, REST, reps=team("Zo\u00eb", "bob"))).open(owner="Zoe\u0308")
    assert (floor.handoff.kept, floor.holder) == ("Zo\u00eb", "Zo\u00eb")


def test_a_lead_that_nobody_ever_takes_is_not_offered_thousands_of_times():
    floor = Floor().open().live(NOON + 365 * DAY)
    waits = [e.at for e in floor.events if e.kind == "queued"]
    assert waits[-1] - waits[-2] == (256 * 15 + 2 * 15) * MINUTE
    assert len(floor.handoff.offers) == 2 * len(waits) < 300


def test_a_rep_can_take_what_waits():
    full = (Rep("ada", capacity=1),)
    floor = Floor(terms(HOT, REST, reps=full)).open(load={"ada": 1})
    error = refused(floor, "accept", "ada", NOON)
    assert error.legal == ("take", "withdraw")
    with pytest.raises(UnknownNameError, match="there is no rep 'eve'"):
        floor.do("take", "eve", NOON)
    floor.do("take", "ada", NOON + MINUTE, id="t")
    assert floor.told()[-2:] == ["offered", "accepted"]
    assert (floor.handoff.owner, floor.handoff.offers[0].how) == ("ada", "taken from the queue")
    assert floor.do("take", "ada", NOON + MINUTE, id="t").events == ()
    refused(floor, "take", "ada", NOON + MINUTE)


def test_who_let_it_lapse_cannot_take_it_before_the_next_one_is_asked():
    floor = Floor().open()
    error = refused(floor, "take", "ada", NOON + 16 * MINUTE)
    assert (error.why, error.since) == ("somebody is to be chosen for it", NOON + 15 * MINUTE)


def test_a_kept_owner_is_asked_first_and_once():
    floor = Floor().open(owner="bob")
    assert (floor.holder, floor.handoff.offers[0].how) == ("bob", "kept owner")
    floor.live(NOON + 2 * HOUR)
    assert len(floor.handoff.offers) > 2
    assert [offer.how for offer in floor.handoff.offers].count("kept owner") == 1


# -- rejection ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "finding", "then"),
    [
        ("no budget yet", "too soon", [("recycled", 60 * DAY)]),
        ("student", "wrong fit", [("disqualified", None)]),
        ("no answer", "no response", [("unanswered", 30 * DAY)]),
    ],
)
def test_a_reason_leads_somewhere(reason, finding, then):
    rejected = Floor().open()
    rejected.do("reject", "ada", reason, NOON + MINUTE, why="they said so")
    closed = accepted()
    closed.then.clear()
    closed.do("close", "ada", NOON + MINUTE, reason=reason)
    for floor in (rejected, closed):
        assert floor.then == then
        assert (floor.handoff.state, floor.handoff.reason) == ("closed", reason)
        assert floor.handoff.finding == finding
        assert floor.handoff.next_wake() is None
    told = {effect.kind: effect.data for effect in rejected.effects}
    assert told["closed"]["finding"] == told["rejected"]["finding"] == finding
    assert told["closed"]["owner"] == "ada"
    assert rejected.handoff.ending.why == "they said so"
    assert rejected.handoff.offers[0].ended == "rejected"


def test_a_reason_may_offer_it_to_somebody_else():
    now = Floor().open()
    desk = {"facts": now.decided.snapshot, "pool": now.pool, "load": {}}
    now.do("reject", "ada", "my neighbour", NOON + MINUTE, **desk)
    on_time, late = Floor().open(), Floor().open()
    for floor, spent in ((on_time, 0 * MINUTE), (late, 4 * MINUTE)):
        floor.do("reject", "ada", "my neighbour", NOON + MINUTE)
        assert floor.handoff.next_wake() == NOON + MINUTE
        floor.tick(NOON + MINUTE + spent)
    assert now.events == on_time.events
    assert (now.handoff.state, now.holder, now.then) == ("offered", "bob", [])
    assert (late.holder, late.handoff.due) == ("bob", NOON + 20 * MINUTE)


def test_an_owner_can_pass_it_on_and_the_next_one_starts_afresh():
    floor = accepted()
    floor.do("attempt", "ada", NOON + MINUTE, "call")
    desk = {"facts": floor.decided.snapshot, "pool": floor.pool, "load": {}}
    floor.do("close", "ada", NOON + HOUR, reason="my neighbour", **desk)
    assert floor.told()[-2:] == ["returned", "offered"]
    floor.do("accept", "bob", NOON + HOUR)
    assert floor.handoff.own_attempts == ()
    floor.do("attempt", "bob", NOON + HOUR + MINUTE, "call")
    assert floor.events[-1].data["number"] == 1
    # The lifecycle heard of both once.
    assert floor.then == [("accepted", None), ("touched", None)]
    assert [ending.finding for ending in floor.handoff.endings] == ["not now"]
    assert (floor.handoff.ending, floor.handoff.outcome) == (None, "")
    assert (floor.handoff.reason, floor.handoff.finding) == ("", "")


def test_a_reason_that_is_none_is_refused():
    floor = Floor().open()
    with pytest.raises(UnknownNameError, match="did you mean 'student'"):
        floor.do("reject", "ada", "studnet", NOON)


# -- work --------------------------------------------------------------------------------------


def test_the_first_try_is_the_first_touch():
    floor = accepted()
    assert floor.handoff.due == NOON + 30 * MINUTE
    floor.do("attempt", "ada", NOON + 20 * MINUTE, "call")
    assert floor.handoff.state == "working"
    assert floor.then == [("accepted", None), ("touched", None)]
    assert floor.effects[-1].kind == "touched"
    assert floor.effects[-1].data["channel"] == "call"
    assert floor.handoff.time_to_act() == 20 * MINUTE
    assert floor.handoff.due == NOON + 20 * MINUTE + 4 * HOUR
    refused(floor, "attempt", "bob", NOON + 20 * MINUTE)


def test_an_answer_ends_the_cadence():
    floor = accepted()
    floor.do("attempt", "ada", NOON + MINUTE, "call")
    floor.do("attempt", "ada", NOON + HOUR, "call", True)
    assert [deadline.name for deadline in floor.handoff.running] == ["outcome"]
    floor.do("attempt", "ada", NOON + 2 * HOUR, "e-mail")
    assert [deadline.name for deadline in floor.handoff.running] == ["outcome"]
    floor.do("close", "ada", NOON + DAY, outcome="meeting")
    assert floor.then[-1] == ("meeting", None)
    assert (floor.handoff.state, floor.handoff.outcome) == ("closed", "meeting")
    assert floor.handoff.deadlines[-1].in_time is True


def test_attempts_that_are_used_up_wait_for_an_answer_and_end():
    floor = accepted()
    for number in range(3):
        floor.do("attempt", "ada", NOON + MINUTE + number * HOUR, "call")
    assert [deadline.name for deadline in floor.handoff.running] == ["outcome", "answer"]
    floor.do("attempt", "ada", NOON + 3 * HOUR, "one more")
    over = NOON + MINUTE + 6 * HOUR
    floor.tick(over)
    assert floor.handoff.state == "working"  # Until then is in time.
    floor.tick(over + TICK)
    assert (floor.handoff.state, floor.handoff.closed_at) == ("closed", over)
    assert floor.then[-1] == ("unanswered", 30 * DAY)
    assert floor.handoff.finding == "no response"


def test_an_answer_to_the_last_attempt_is_in_time():
    floor = accepted()
    for number in range(3):
        floor.do("attempt", "ada", NOON + MINUTE + number * HOUR, "call")
    floor.do("attempt", "ada", NOON + 3 * HOUR, "call back", True)
    floor.tick(NOON + 3 * DAY)
    assert floor.handoff.state == "working"


def test_without_a_cadence_there_is_no_next_attempt():
    without_limit = accepted(terms(with_(HOT, every=None, attempts=None), REST))
    without_limit.do("attempt", "ada", NOON + MINUTE, "call")
    assert [d.name for d in without_limit.handoff.running] == ["outcome"]


def test_it_is_closed_with_an_outcome_or_with_a_reason():
    floor = accepted()
    for given, error in (
        ({}, "or with a reason, the name of a code; say one of them"),
        ({"outcome": "meeting", "reason": "student"}, "with an outcome or with a reason, not both"),
    ):
        with pytest.raises(DefinitionError, match=error):
            floor.do("close", "ada", NOON, **given)
    refused(floor, "close", "bob", NOON, outcome="meeting")


def test_closed_stays_closed():
    floor = accepted()
    floor.do("close", "ada", NOON + HOUR, outcome="meeting")
    for command, args, given in (
        ("accept", ("ada", NOON), {}),
        ("reject", ("ada", "student", NOON), {}),
        ("take", ("ada", NOON), {}),
        ("attempt", ("ada", NOON + HOUR), {}),
        ("close", ("ada", NOON), {"outcome": "meeting"}),
        ("reassign", (NOON, "why"), {}),
        ("withdraw", (NOON, "why"), {}),
        ("pause", (NOON, "why"), {}),
        ("resume", (NOON,), {}),
    ):
        error = refused(floor, command, *args, **given)
        assert (error.why, error.legal) == ("it is closed", ())
        assert error.since == NOON + HOUR
        assert str(error).endswith("it can take nothing")
    assert floor.tick(NOON + 30 * DAY).events == ()


def test_marketing_can_take_it_back():
    for floor in (Floor().open(), accepted()):
        floor.do("withdraw", NOON + MINUTE, "a customer already", by="carol")
        assert (floor.handoff.state, floor.handoff.withdrawn) == ("closed", True)
        assert floor.handoff.ending is None
        assert floor.effects[-1].kind == "withdrawn"
        assert floor.effects[-1].data["owner"] == "ada"
    assert floor.then == [("accepted", None)]


def test_it_can_be_given_to_somebody_else_by_hand():
    floor = accepted()
    desk = {"facts": floor.decided.snapshot, "pool": floor.pool, "load": {}}
    floor.do("reassign", NOON + MINUTE, "ada is ill", by="carol", **desk)
    assert floor.told()[-2:] == ["reassigned", "offered"]
    assert (floor.handoff.owner, floor.holder) == ("", "bob")
    assert [d.ended for d in floor.handoff.deadlines] == ["done", "dropped", "dropped", ""]
    offered = Floor().open()
    offered.do("reassign", NOON, "ada is ill")
    assert offered.handoff.offers[0].ended == "reassigned"
    error = refused(offered, "reassign", NOON, "again")
    assert error.why == "it waits for somebody who can take it"


@pytest.mark.parametrize(
    ("before", "command", "args", "given"),
    [
        ((), "accept", ("ada", NOON), {}),
        ((), "reject", ("ada", "student", NOON), {}),
        ((), "withdraw", (NOON, "why"), {}),
        ((), "reassign", (NOON, "why"), {}),
        (("accept",), "attempt", ("ada", NOON), {}),
        (("accept",), "close", ("ada", NOON), {"outcome": "meeting"}),
        (("accept",), "pause", (NOON, "why"), {}),
        (("accept", "pause"), "resume", (NOON,), {}),
    ],
)
def test_a_command_that_comes_again_comes_to_nothing(before, command, args, given):
    """Law 145, each command by itself."""
    floor = Floor().open()
    for earlier in before:
        floor.do(earlier, *{"accept": ("ada", NOON), "pause": (NOON, "why")}[earlier])
    first = floor.do(command, *args, **given, id="web-1")
    again = floor.do(command, *args, **given, id="web-1")
    assert first.events
    assert (again.handoff, again.events, again.effects) == (first.handoff, (), ())
    assert floor.handoff.commands == ("web-1",)


# -- breaches ----------------------------------------------------------------------------------


def test_a_breach_climbs_the_chain_and_takes_the_lead_away():
    floor = accepted()
    floor.tick(NOON + 2 * HOUR, load={})
    told = [(e.kind, (e.at - NOON) // MINUTE, e.data.get("to", "")) for e in floor.events[3:8]]
    assert told == [
        ("warning", 25, ""),
        ("breached", 30, ""),
        ("escalated", 30, "lead"),
        ("escalated", 60, "head"),
        ("reassigned", 90, ""),
    ]
    assert floor.events[8].kind == "offered"
    assert floor.events[8].data["to"] == "bob"
    breach = floor.handoff.breaches[0]
    assert (breach.name, breach.owner, breach.in_time) == ("first touch", "ada", False)
    error = refused(floor, "attempt", "ada", NOON + 2 * HOUR)
    assert "attempt" not in error.legal


def test_without_a_chain_the_breach_itself_takes_the_lead_away():
    floor = accepted(terms(with_(HOT, escalate=()), REST))
    floor.tick(NOON + 31 * MINUTE)
    assert floor.told()[3:] == ["warning", "breached", "reassigned", "offered"]


def test_each_breach_tells_the_next_level_and_the_last_one_ever_after():
    floor = accepted(terms(with_(HOT, reassign=False), REST))
    floor.do("attempt", "ada", NOON + 31 * MINUTE, "call")  # One level was told by then.
    floor.tick(NOON + 5 * HOUR)
    floor.do("attempt", "ada", NOON + 5 * HOUR, "call")
    floor.tick(NOON + 10 * HOUR)
    levels = [(e.data["clock"], e.data["to"]) for e in floor.events if e.kind == "escalated"]
    assert levels == [("first touch", "lead"), ("next attempt", "head"), ("next attempt", "head")]
    assert floor.handoff.level == 2
    assert floor.handoff.next_wake() == NOON + 5 * DAY - 5 * MINUTE


SEVERAL = with_(
    REST, every=2 * HOUR, outcome=3 * HOUR, escalate=("lead", "boss"), first_touch=8 * HOUR
)
"""Deadlines that are breached side by side, and share the levels."""


@pytest.mark.parametrize("reassign", [False, True])
def test_a_lead_that_is_worked_stays_however_many_breaches_share_the_levels(reassign):
    floor = accepted(terms(with_(SEVERAL, reassign=reassign)))
    floor.do("attempt", "ada", NOON + MINUTE, "call")
    floor.live(NOON + 30 * DAY)
    assert "reassigned" not in floor.told()
    assert (floor.handoff.state, floor.handoff.owner) == ("working", "ada")
    told = [(e.data["clock"], e.data["to"]) for e in floor.events if e.kind == "escalated"]
    assert told == [("next attempt", "lead"), ("outcome", "boss"), ("next attempt", "boss")]
    assert floor.handoff.next_wake() is None


def test_an_untouched_lead_is_never_taken_away_where_the_target_does_not_say_so():
    for reassign in (False, True):
        floor = accepted(terms(with_(SEVERAL, reassign=reassign)))
        floor.live(NOON + 3 * DAY)
        assert ("reassigned" in floor.told()) == reassign
        escalated = [event.data["to"] for event in floor.events if event.kind == "escalated"]
        assert escalated[:2] == ["lead", "boss"]
        why = [event.data["why"] for event in floor.events if event.kind == "reassigned"]
        assert why[:1] == ["first touch was breached"] * reassign


def test_a_chain_that_is_gone_ends_the_escalation_without_a_word():
    floor = accepted(terms(SEVERAL))
    floor.tick(NOON + 3 * HOUR + TICK)
    floor.policy = terms(with_(SEVERAL, escalate=()))
    floor.live(NOON + 3 * DAY)
    assert floor.told().count("escalated") == 2
    assert [effect.kind for effect in floor.effects].count("escalated") == 1
    assert floor.handoff.next_wake() is None


def test_without_chain_and_reassignment_a_breach_is_told_once():
    floor = accepted(terms(REST))
    floor.tick(NOON + 30 * DAY)
    assert floor.told()[3:] == ["breached"]
    assert floor.handoff.next_wake() is None


def test_a_touch_told_late_corrects_the_breach_that_stays():
    floor = accepted()
    floor.tick(NOON + 40 * MINUTE)
    floor.do("attempt", "ada", NOON + 29 * MINUTE, "call")
    assert floor.told()[-2:] == ["attempted", "corrected"]
    [breach] = floor.handoff.breaches
    assert (breach.corrected, breach.in_time) == (True, True)
    assert "breached" in floor.told()
    # A second word of it corrects nothing any more.
    floor.do("attempt", "ada", NOON + 28 * MINUTE, "e-mail")
    assert floor.told()[-1] == "attempted"


def test_a_touch_in_time_told_after_a_late_one_corrects_too():
    floor = accepted()
    floor.do("attempt", "ada", NOON + 45 * MINUTE, "call")
    assert floor.handoff.breaches[0].in_time is False
    floor.do("attempt", "ada", NOON + 10 * MINUTE, "e-mail")
    assert floor.handoff.breaches[0].in_time is True
    assert floor.handoff.first_touch_at == NOON + 10 * MINUTE
    # What is recorded stays in its order, and the cadence goes on from the later one.
    assert [attempt.channel for attempt in floor.handoff.attempts] == ["call", "e-mail"]
    assert floor.handoff.due == NOON + 45 * MINUTE + 4 * HOUR


def test_a_next_attempt_told_late_corrects_its_breach():
    floor = accepted()
    floor.do("attempt", "ada", NOON + MINUTE, "call")
    floor.tick(NOON + 6 * HOUR)
    floor.do("attempt", "ada", NOON + 3 * HOUR, "call")
    corrected = floor.events[-1]
    assert (corrected.kind, corrected.data["clock"]) == ("corrected", "next attempt")
    assert [d.in_time for d in floor.handoff.breaches] == [True]


def test_a_next_attempt_told_after_a_later_one_corrects_too():
    floor = accepted()
    floor.do("attempt", "ada", NOON + MINUTE, "call")
    floor.do("attempt", "ada", NOON + 6 * HOUR, "call")
    assert [d.in_time for d in floor.handoff.breaches] == [False]
    floor.do("attempt", "ada", NOON + 3 * HOUR, "e-mail")
    assert floor.events[-1].kind == "corrected"
    assert [d.in_time for d in floor.handoff.breaches] == [True]
    assert floor.handoff.due == NOON + 10 * HOUR


def test_an_attempt_that_nobody_had_to_make_corrects_nothing():
    """The lead had answered before it was due to be tried again."""
    floor = accepted()
    floor.do("attempt", "ada", NOON + MINUTE, "call")
    floor.tick(NOON + 6 * HOUR)
    floor.do("attempt", "ada", NOON, "e-mail", True)
    floor.do("attempt", "ada", NOON + 3 * HOUR, "call")
    assert floor.told()[-1] == "attempted"
    assert [(d.ended, d.corrected) for d in floor.handoff.breaches] == [("dropped", False)]


def test_a_touch_in_time_is_heard_when_the_lead_is_somebody_elses():
    floor = accepted()
    floor.live(NOON + 91 * MINUTE)
    floor.do("accept", "bob", NOON + 92 * MINUTE)
    before = floor.handoff
    floor.do("attempt", "ada", NOON + 20 * MINUTE, "call", True, id="late")
    assert floor.told()[-2:] == ["attempted", "corrected"]
    assert floor.events[-2].data["number"] == 1
    after = floor.handoff
    assert (after.state, after.owner, after.own_attempts) == ("accepted", "bob", ())
    assert (after.running, after.due) == (before.running, before.due)
    breach = after.breaches[0]
    assert (breach.owner, breach.corrected, breach.in_time) == ("ada", True, True)
    assert after.first_touch_at == NOON + 20 * MINUTE
    # The lifecycle hears of the touch of who has it now.
    assert floor.then == [("accepted", None)]
    floor.do("attempt", "bob", NOON + 95 * MINUTE, "call")
    assert floor.then[-1] == ("touched", None)
    for at in (NOON + 90 * MINUTE, NOON - TICK):
        assert "'bob' has it, not 'ada'" in str(refused(floor, "attempt", "ada", at))
    assert floor.do("attempt", "ada", NOON + 20 * MINUTE, "call", True, id="late").events == ()


def test_who_has_it_a_second_time_can_tell_of_the_first():
    floor = accepted(terms(HOT, REST, reps=ALONE))
    floor.live(NOON + 106 * MINUTE)
    floor.do("accept", "ada", floor.handoff.offers[-1].at)
    again = floor.handoff.offers[-1].ended_at
    floor.tick(again + 31 * MINUTE)
    floor.do("attempt", "ada", NOON + 20 * MINUTE, "call")
    assert [d.corrected for d in floor.handoff.breaches] == [True, False]
    assert floor.handoff.state == "accepted"


@pytest.mark.parametrize("end", ["used up", "closed", "withdrawn"])
def test_a_touch_in_time_is_heard_when_all_is_over(end):
    floor = accepted()
    floor.do("attempt", "ada", NOON + 31 * MINUTE, "call")
    if end == "used up":
        for hours in (1, 2):
            floor.do("attempt", "ada", NOON + hours * HOUR, "call")
        floor.tick(NOON + DAY)
    elif end == "closed":
        floor.do("close", "ada", NOON + DAY, outcome="meeting")
    else:
        floor.do("withdraw", NOON + DAY, "a customer already")
    before = floor.handoff
    floor.then.clear()
    floor.do("attempt", "ada", NOON + 29 * MINUTE, "call", True)
    assert floor.told()[-2:] == ["attempted", "corrected"]
    assert floor.handoff.breaches[0].in_time is True
    assert (floor.handoff.state, floor.handoff.closed_at) == ("closed", before.closed_at)
    assert (floor.handoff.next_wake(), floor.handoff.ending) == (None, before.ending)
    assert floor.then == []
    assert Handoff.of(floor.events) == floor.handoff


def test_an_answer_told_late_drops_what_it_came_before():
    floor = accepted()
    floor.do("attempt", "ada", NOON + HOUR, "call")
    floor.do("attempt", "ada", NOON + MINUTE, "e-mail", True)
    assert [d.name for d in floor.handoff.running] == ["outcome"]
    assert floor.handoff.deadlines[-1].ended == "dropped"


def test_a_command_records_first_what_had_come_due():
    ticked, late = accepted(), accepted()
    ticked.tick(NOON + 35 * MINUTE)
    for floor in (ticked, late):
        floor.do("attempt", "ada", NOON + 35 * MINUTE, "call")
    assert ticked.events == late.events
    assert ticked.effects == late.effects


# -- pauses ------------------------------------------------------------------------------------


def test_a_pause_stops_every_clock():
    floor = accepted()
    floor.do("pause", NOON + 10 * MINUTE, "asked for Tuesday")
    assert floor.handoff.next_wake() is None
    assert "resume" in floor.handoff.legal
    assert "pause" not in floor.handoff.legal
    error = refused(floor, "pause", NOON + 11 * MINUTE, "again")
    assert (error.why, error.since) == ("it is paused (asked for Tuesday)", NOON + 10 * MINUTE)
    floor.tick(NOON + DAY)
    floor.do("resume", NOON + DAY, "it is Tuesday")
    assert floor.handoff.due == NOON + DAY + 20 * MINUTE
    assert floor.handoff.next_wake() == NOON + DAY + 15 * MINUTE
    assert floor.handoff.pauses[0].ended_at == NOON + DAY
    refused(floor, "resume", NOON + DAY)


def test_a_paused_handoff_says_so_and_has_no_due_instant():
    floor = accepted()
    assert not floor.handoff.paused
    floor.do("pause", NOON + 10 * MINUTE, "asked for Tuesday")
    assert (floor.handoff.paused, floor.handoff.state, floor.handoff.due) == (
        True,
        "accepted",
        None,
    )
    told = floor.handoff.to_dict()
    assert (told["paused"], told["state"], told["due"]) == (True, "accepted", None)


def test_what_is_left_at_a_pause_is_left_when_the_hours_have_changed_meanwhile():
    """Of 8 hours 3 are over by the calendar of the day of the pause; 5 are left by any."""
    floor = accepted(terms(REST, calendar=OFFICE))
    floor.do("pause", NOON + 3 * HOUR, "asked for Friday")
    short = Calendar("Europe/Berlin", {"mon-fri": "13:00-14:00"})
    floor.policy = terms(REST, calendar=short)
    friday = NOON + 4 * DAY
    floor.do("resume", friday)
    assert floor.handoff.due == short.due(friday, 5 * HOUR)
    assert Handoff.of(floor.events) == floor.handoff


def test_a_pause_without_a_note_of_what_is_left_is_measured_as_it_ends():
    """As it was recorded before there was such a note."""
    floor = accepted()
    floor.do("pause", NOON + 10 * MINUTE, "asked for Tuesday")
    *events, paused = floor.events
    data = {name: value for name, value in paused.data.items() if name != "left"}
    floor.handoff = Handoff.of([*events, attrs.evolve(paused, data=data)])
    floor.do("resume", NOON + DAY)
    assert floor.handoff.due == NOON + DAY + 20 * MINUTE


def test_a_pause_may_end_by_itself():
    floor = accepted()
    floor.do("pause", NOON + 10 * MINUTE, "asked for Tuesday", until=NOON + DAY)
    floor.tick(NOON + 2 * DAY)
    resumed = next(event for event in floor.events if event.kind == "resumed")
    assert resumed.at == NOON + DAY
    assert floor.handoff.breaches[0].due == NOON + DAY + 20 * MINUTE


def test_a_pause_holds_what_began_in_it_and_what_was_breached_before():
    floor = accepted()
    floor.tick(NOON + 30 * MINUTE + TICK)  # The next level would hear at 60 minutes.
    floor.do("pause", NOON + 40 * MINUTE, "public holiday")
    floor.do("attempt", "ada", NOON + 50 * MINUTE, "call")
    floor.do("resume", NOON + 35 * MINUTE, "told by a clock that is behind")
    assert floor.handoff.pauses[0].ended_at == NOON + 40 * MINUTE
    assert floor.handoff.due == NOON + 40 * MINUTE + 4 * HOUR
    breached = accepted()
    breached.tick(NOON + 30 * MINUTE + TICK)
    breached.do("pause", NOON + 40 * MINUTE, "public holiday")
    breached.do("resume", NOON + 100 * MINUTE)
    assert breached.handoff.next_wake() == NOON + 120 * MINUTE + TICK
    assert breached.handoff.breaches[0].due == NOON + 30 * MINUTE


def test_whoever_takes_over_is_not_paused():
    floor = accepted()
    floor.do("pause", NOON + 10 * MINUTE, "ada is ill")
    floor.do("reassign", NOON + 20 * MINUTE, "ada is ill")
    assert floor.handoff.pause is None
    floor.tick(NOON + 20 * MINUTE)
    assert floor.holder == "bob"


def test_a_pause_has_a_reason_and_an_end_after_its_start():
    floor = accepted()
    with pytest.raises(DefinitionError, match="a pause says why"):
        floor.do("pause", NOON, " ")
    with pytest.raises(DefinitionError, match="a pause ends after 2026-03-02 12:00:00 UTC"):
        floor.do("pause", NOON, "holiday", until=NOON)
    refused(Floor().open(), "pause", NOON, "an offer is answered, not paused")


# -- whose working time ------------------------------------------------------------------------


def test_deadlines_count_working_time_of_the_policy():
    floor = Floor(terms(REST, calendar=OFFICE), decision(opened=1)).open(NOON)  # 13:00 in Berlin
    assert floor.handoff.due == NOON + 4 * HOUR - timedelta()
    floor.do("accept", floor.holder, NOON + 3 * HOUR)  # One hour is left of this day.
    assert floor.handoff.due == NOON + DAY + 3 * HOUR
    assert floor.handoff.time_to_assign(OFFICE) == 3 * HOUR
    floor.do("attempt", floor.holder, NOON + DAY, "call")
    assert floor.handoff.time_to_act() == 21 * HOUR
    assert floor.handoff.time_to_act(OFFICE) == 5 * HOUR
    assert floor.handoff.time_to_offer(OFFICE) == timedelta()


def test_a_rep_with_hours_of_their_own_is_measured_by_them():
    night = Calendar("UTC", {"mon-sun": "12:00-14:00"})
    floor = Floor(
        terms(REST, reps=(Rep("ada", calendar=night),), calendar=OFFICE), decision(opened=1)
    ).open()
    assert floor.handoff.due == NOON + DAY + 2 * HOUR
    assert floor.policy.calendar("ada") == night
    assert floor.policy.calendar("bob") == OFFICE


def test_hours_that_end_measure_nobody():
    """Deadlines count on the policy's calendar then, and nothing is blocked."""
    floor = Floor(terms(HOT, REST, reps=(Rep("ada", calendar=ONE_DAY),), calendar=OFFICE))
    floor.open()
    assert floor.handoff.due == NOON + 15 * MINUTE
    assert floor.policy.calendar("ada") == OFFICE
    floor.do("accept", "ada", NOON)
    floor.do("pause", NOON + 10 * MINUTE, "asked for Friday")
    floor.do("resume", NOON + 4 * DAY)
    assert floor.handoff.due == NOON + 4 * DAY + 20 * MINUTE
    floor.live(NOON + 5 * DAY)
    assert floor.told()[-1] == "queued"
    [skipped] = floor.events[-1].data["skipped"]
    assert skipped == {"rep": "ada", "why": "out of hours for good"}


def test_a_call_before_the_acceptance_gives_no_negative_time():
    floor = Floor().open()
    assert floor.handoff.time_to_act() is None
    assert Floor().handoff.time_to_offer() is None
    floor.do("accept", "ada", NOON + 2 * MINUTE)
    floor.do("attempt", "ada", NOON + MINUTE)
    assert floor.handoff.time_to_act() == timedelta()


def test_nothing_happens_before_the_lead_was_handed_off_or_offered():
    """A call of 400 days ago meets no first touch."""
    floor = Floor().open().live(NOON + 20 * MINUTE)
    for at, since in ((NOON - TICK, NOON), (NOON + 14 * MINUTE, NOON + 15 * MINUTE)):
        for command, more in (("accept", ()), ("reject", ("student",))):
            error = refused(floor, command, "bob", *more, at)
            assert (error.why, error.since) == ("'bob' is offered it only", NOON + 15 * MINUTE)
        if since == NOON:
            error = refused(floor, "withdraw", at, "why")
            assert (error.why, error.since) == ("it is open only", NOON)
    floor.do("accept", "bob", NOON + 16 * MINUTE)
    for at in (NOON - 400 * DAY, NOON + 14 * MINUTE):
        error = refused(floor, "attempt", "bob", at)
        assert "'bob' is offered it only since 2026-03-02 12:15:00 UTC" in str(error)
        refused(floor, "close", "bob", at, outcome="meeting")
    floor.do("attempt", "bob", NOON + 15 * MINUTE)


# -- terms that change -------------------------------------------------------------------------


def test_a_handoff_outlives_its_target_its_reasons_and_its_reps():
    floor = accepted()
    other = terms(with_(REST, reassign=True), reps=team("eve"), reasons=REASONS[:1])
    floor.policy = other
    floor.do("attempt", "ada", NOON + MINUTE, "call")
    assert floor.handoff.state == "working"
    used_up = accepted()
    for number in range(3):
        used_up.do("attempt", "ada", NOON + MINUTE + number * HOUR, "call")
    used_up.policy = other
    used_up.tick(NOON + 10 * DAY)
    assert (used_up.handoff.state, used_up.then[-1]) == ("closed", ("unanswered", None))
    assert (used_up.handoff.reason, used_up.handoff.finding) == ("", "no response")


def test_a_cadence_that_is_gone_escalates_by_the_first_touch():
    floor = accepted()
    floor.do("attempt", "ada", NOON + MINUTE, "call")
    floor.policy = terms(with_(HOT, every=None, attempts=None, reassign=False), REST)
    floor.tick(NOON + 4 * HOUR + 40 * MINUTE)
    assert floor.told()[-3:] == ["breached", "escalated", "escalated"]


# -- a value -----------------------------------------------------------------------------------


def test_a_handoff_and_its_events_are_plain_data():
    floor = accepted()
    again = [HandoffEvent.from_dict(json.loads(json.dumps(e.to_dict()))) for e in floor.events]
    assert again == floor.events
    assert Handoff.of(again) == floor.handoff
    assert json.loads(json.dumps(floor.handoff.to_dict()))["owner"] == "ada"
    for effect in floor.effects:
        assert json.loads(json.dumps(effect.cloudevent("/f")))["subject"] == "acme"
    assert pickle.loads(pickle.dumps(floor.handoff)) == floor.handoff
    assert pickle.loads(pickle.dumps(floor.policy)) == floor.policy


@pytest.mark.parametrize(
    ("changes", "kind", "error"),
    [
        ({"kind": "opend"}, UnknownNameError, "did you mean 'opened'"),
        ({"kind": 5}, KindError, "an event's kind is text"),
        ({"id": ""}, KindError, "an event's id is text"),
        ({"data": [1]}, KindError, "an event's data are a table"),
        ({"data": {"why": NOON}}, KindError, "'why' of a handoff cannot be kept as 2026-03-02"),
        ({"at": NOON.replace(tzinfo=None)}, NaiveTimeError, "no usable time zone"),
    ],
)
def test_an_event_is_checked(changes, kind, error):
    with pytest.raises(kind, match=error):
        attrs.evolve(HandoffEvent("paused", NOON, "x"), **changes)


@pytest.mark.parametrize("data", [{}, {"kind": "paused", "at": "noon", "id": "x"}])
def test_data_that_are_no_event_are_refused(data):
    with pytest.raises(DefinitionError, match="has kind, at, id and data"):
        HandoffEvent.from_dict(data)


def test_an_event_that_comes_again_changes_nothing():
    floor = accepted()
    for event in floor.events:
        assert floor.handoff.after(event) is floor.handoff


def test_who_does_it_is_a_name_however_it_is_spelled():
    composed, apart = "Zo\u00eb", "Zoe\u0308"
    floor = Floor(terms(HOT, REST, reps=team(composed))).open()
    floor.do("accept", apart, NOON)
    assert floor.handoff.owner == composed
    for nobody in ("", None, 5):
        with pytest.raises(KindError, match="the name of a rep"):
            floor.do("attempt", nobody, NOON)
    with pytest.raises(DefinitionError, match="a name is text"):
        floor.do("close", composed, NOON, outcome="x" * 101)


def test_only_the_first_event_opens():
    floor = Floor().open()
    with pytest.raises(DefinitionError, match="opened by its first event"):
        Handoff.of(floor.events[1:])
    with pytest.raises(DefinitionError, match="not by 'opened'"):
        floor.handoff.after(attrs.evolve(floor.events[0], id="another"))


@pytest.mark.parametrize("data", [{}, {"lead": "acme", "episode": 1, "lines": 5}, {"lead": [1]}])
def test_an_event_without_its_data_is_refused_in_words(data):
    with pytest.raises(
        DefinitionError, match=r"the event .*1.* of a handoff lacks data that 'opened'"
    ):
        Handoff.of([HandoffEvent("opened", NOON, "1", data)])


def test_nothing_but_a_late_word_follows_the_end():
    floor = accepted()
    attempted = floor.do("attempt", "ada", NOON + MINUTE, "call").events[0]
    floor.do("close", "ada", NOON + HOUR, outcome="meeting")
    for event in (*floor.events[1:], attempted):
        with pytest.raises(DefinitionError, match=r"'acme/1' is closed, and '.*' cannot follow"):
            floor.handoff.after(attrs.evolve(event, id="another"))


def test_nobody_has_opened_it():
    floor = Floor()
    error = refused(floor, "withdraw", NOON, "why")
    assert (error.why, error.legal, error.since) == ("nobody has opened it", ("open",), None)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.legal) == (str(error), error.legal)
    assert floor.tick(NOON).events == ()


@pytest.mark.parametrize("episode", [0, True, "1", 1.0])
def test_episodes_are_counted_from_one(episode):
    with pytest.raises(DefinitionError, match="a whole number from 1 on"):
        terms().open(decision(), episode, NOON, pool=Pool(), load={})


# -- faults ------------------------------------------------------------------------------------


def test_everything_wrong_with_a_policy_is_told_at_once():
    codes = (
        ReasonCode("spam", "bad data", then="disqualify"),
        ReasonCode("spam", "wrong fit", then="disqualify"),
        ReasonCode("later", "not now"),
    )
    with pytest.raises(PolicyError) as caught:
        terms(HOT, REST, reasons=codes)
    assert str(caught.value) == (
        "the handoff policy cannot work\n"
        "  reasons[0].name: found 'spam'; a name stands once\n"
        "  reasons[1].name: found 'spam'; a name stands once\n"
        "  reasons[2].cool_down: found none for 'later', which recycles; wanted a cool-down "
        "above zero; or say then = 'disqualify' or 'retry'\n"
        "  reasons: found no code for 'no response'; wanted one, since the attempts of 'hot' end"
    )
    assert pickle.loads(pickle.dumps(caught.value)).faults == caught.value.faults


def test_who_does_not_answer_is_not_tried_for_ever():
    with pytest.raises(PolicyError, match=r"reasons\[0\]\.then: found 'retry'"):
        terms(HOT, REST, reasons=[ReasonCode("no answer", "no response", then="retry")])


def test_a_long_list_of_faults_is_cut():
    codes = [ReasonCode(f"later {n}", "not now") for n in range(30)]
    with pytest.raises(PolicyError, match="and 10 more"):
        terms(REST, reasons=codes)


@pytest.mark.parametrize(
    ("given", "kind", "error"),
    [
        ((1, Routing(ALONE)), KindError, "wanted an SlaPolicy"),
        ((SlaPolicy([REST], OFFICE), 1), KindError, "wanted a Routing"),
        ((SlaPolicy([REST], OFFICE), Routing(ALONE), "no"), KindError, "reasons are a list"),
        ((SlaPolicy([REST], OFFICE), Routing(ALONE), [1]), KindError, "ReasonCode values, not 1"),
        (
            (SlaPolicy([REST], OFFICE), Routing(ALONE), REASONS * 51),
            DefinitionError,
            "at most 200 reasons, not 204",
        ),
    ],
)
def test_parts_of_the_wrong_kind_are_refused(given, kind, error):
    with pytest.raises(kind, match=error):
        HandoffPolicy(*given)
