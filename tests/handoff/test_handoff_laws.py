"""
Laws of the handoff, each of which catches a plausible policy that breaks it.

A walk is a list of moves: a command, how many minutes after the one before, and what else it says.
It is taken on a floor, and what is not legal is left out.
"""

import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from random import Random
from typing import Any, ClassVar, NamedTuple

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from salesfloor import DAY, HOT, HOUR, MINUTE, NOON, REST, Floor, decision, team, terms, with_

from mqlkit.handoff import (
    Handoff,
    HandoffEvent,
    HandoffPolicy,
    HandoffStep,
    IllegalHandoffError,
    Pool,
    Rep,
)

TICK = timedelta(microseconds=1)
NAMES = ("ada", "bob", "eve")
COMMANDS = (
    "accept", "take", "reject", "attempt", "close", "reassign", "withdraw", "pause", "resume",
    "tick", "tick", "tick",
)  # fmt: skip
CODES = ("no budget yet", "student", "my neighbour", "no answer")


class Move(NamedTuple):
    """One move of a walk."""

    command: str
    minutes: int
    by: str
    flag: bool
    code: str


moves = st.builds(
    Move,
    st.sampled_from(COMMANDS),
    st.integers(-3, 400),
    st.sampled_from((*NAMES[:2], "")),
    st.booleans(),
    st.sampled_from(CODES),
)
walks = st.lists(moves, max_size=14)


def seeded(seed: int) -> list[Move]:
    """A walk that is the same each time: for liars, which are to be caught for certain."""
    random = Random(seed)
    return [
        Move(
            random.choice(COMMANDS),
            random.choice([0, 1, 5, 15, 30, 240]),
            random.choice((*NAMES[:2], "")),
            random.random() < 0.3,
            random.choice(CODES),
        )
        for _ in range(10)
    ]


def call(move: Move, floor: Floor, at: datetime) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """A move as a command; who it says nobody for is whoever has the lead."""
    by = move.by or floor.holder or "ada"
    desk: dict[str, Any] = {"facts": floor.decided.snapshot, "pool": floor.pool, "load": {}}
    ends: dict[str, Any] = {"outcome": "meeting"} if move.flag else {"reason": move.code}
    return {
        "accept": ("accept", (by, at), {}),
        "take": ("take", (by, at), {}),
        "reject": ("reject", (by, move.code, at), desk if move.flag else {}),
        "attempt": ("attempt", (by, at, "call", move.flag), {}),
        "close": ("close", (by, at), ends | desk),
        "reassign": ("reassign", (at, "by hand"), desk if move.flag else {}),
        "withdraw": ("withdraw", (at, "by hand"), {}),
        "pause": ("pause", (at, "asked"), {"until": at + DAY} if move.flag else {}),
        "resume": ("resume", (at,), {}),
        "tick": ("tick", (at,), desk),
    }[move.command]


def taken(walk: Iterable[Move], floor: Floor, check: Callable[..., None] | None = None) -> Floor:
    """The floor after a walk; *check* sees it after each move, with its instant."""
    now = NOON
    floor.open(now)
    for number, move in enumerate(walk):
        now = max(NOON, now + move.minutes * MINUTE)
        command, args, given = call(move, floor, now)
        before = floor.handoff
        if command != "tick":
            given = given | {"id": f"c{number}"}
        try:
            step = floor.do(command, *args, **given)
        except IllegalHandoffError:
            assert floor.handoff == before
            continue
        if check is not None:
            check(floor, command, args, given, before, step, now)
    return floor


def floor_of(kind: type[HandoffPolicy], calm: bool = False) -> Floor:
    """A floor whose policy is of a kind; a calm one has no chain and takes nothing away."""
    hot = with_(HOT, escalate=(), reassign=False, warn_before=None) if calm else HOT
    return Floor(terms(hot, REST, kind=kind))


# -- the laws ----------------------------------------------------------------------------------


def law_144(kind: type[HandoffPolicy], walk: list[Move]) -> None:
    """Replay equals state, and every prefix of a history is a history."""
    floor = taken(walk, floor_of(kind))
    handoff = Handoff()
    for number, event in enumerate(floor.events):
        handoff = handoff.after(HandoffEvent.from_dict(json.loads(json.dumps(event.to_dict()))))
        assert handoff == Handoff.of(floor.events[: number + 1])
        assert handoff.open == (handoff.state != "closed")
        assert handoff.open or handoff.next_wake() is None
        floor.policy.tick(
            handoff, NOON, facts=floor.decided.snapshot, pool=Pool(), load={}
        )  # What was written half goes on.
    assert handoff == floor.handoff


def law_145(kind: type[HandoffPolicy], walk: list[Move]) -> None:
    """A command or an event that comes again comes to nothing."""

    def check(floor, command, args, given, before, step, now):
        if command == "tick":
            return
        again = getattr(floor.policy, command)(floor.handoff, *args, **given)
        assert (again.handoff, again.events, again.effects) == (floor.handoff, (), ())
        assert again.then == ()

    floor = taken(walk, floor_of(kind), check)
    for event in floor.events:
        assert floor.handoff.after(event) is floor.handoff


def law_150(kind: type[HandoffPolicy], walk: list[Move]) -> None:
    """
    The same inputs give the same events.

    Ticking rarely or often gives the same up to the choice of a rep. One that is found late is
    made once and then; where each wake is ticked on time, more ticks change nothing.
    """

    def check(floor, command, args, given, before, step, now):
        again = getattr(floor.policy, command)(before, *args, **given)
        assert (again.events, again.effects, again.then) == (step.events, step.effects, step.then)

    floor = taken(walk, floor_of(kind), check)
    rarely, often, late = (attrs_copy(floor) for _ in range(3))
    end = NOON + 10 * DAY
    rarely.do("tick", end)
    for hours in range(0, 241, 3):
        often.do("tick", NOON + timedelta(hours=hours))
    assert_same(rarely, often)
    late.tick(end)
    found = late.events[len(rarely.events) :]
    assert late.events[: len(rarely.events)] == rarely.events
    assert [(e.kind, e.at) for e in found] in ([], [("offered", end)], [("queued", end)])
    assert late.handoff.offer is None or late.handoff.due == end + HOT.offer
    on_time, restless = late, attrs_copy(late)
    on_time.live(end + 2 * DAY)
    restless.live(end + 2 * DAY, 3 * HOUR, MINUTE, TICK)
    assert_same(on_time, restless)


def assert_same(one: Floor, other: Floor) -> None:
    """Two floors came to the same."""
    assert one.events == other.events
    assert one.effects == other.effects


def attrs_copy(floor: Floor) -> Floor:
    """The same floor, to go on by itself."""
    copy = Floor(floor.policy, floor.decided)
    copy.pool, copy.handoff = floor.pool, floor.handoff
    copy.events, copy.effects = [*floor.events], [*floor.effects]
    return copy


def law_161(kind: type[HandoffPolicy], walk: list[Move]) -> None:
    """A breach stays; and what was done in time is never breached afterwards."""

    def check(floor, command, args, given, before, step, now):
        for old, new in zip(before.deadlines, floor.handoff.deadlines, strict=False):
            assert new.breached_at is not None or old.breached_at is None
            if old.ended == "done" and old.in_time:
                assert new.breached_at == old.breached_at
                assert new.in_time

    somebody_has_it = Move("accept", 1, "", False, CODES[0])
    taken([somebody_has_it, *walk], floor_of(kind), check)


def law_162(kind: type[HandoffPolicy], walk: list[Move]) -> None:
    """What is done at its due instant is in time, also when a tick has come first."""
    for ticked in (False, True):
        floor = floor_of(kind).open()
        offer = floor.handoff.due
        assert offer is not None
        if ticked:
            floor.tick(offer)
        floor.do("accept", floor.holder, offer)
        touch = min(d.due for d in floor.handoff.running)
        if ticked:
            floor.tick(touch)
        floor.do("attempt", floor.holder, touch, "call")
        assert floor.handoff.breaches == ()
        assert [d.in_time for d in floor.handoff.deadlines[:2]] == [True, True]


def law_167(kind: type[HandoffPolicy], walk: list[Move]) -> None:
    """Handoffs are keyed by lead and episode, and everything they record and tell by them."""
    floor = taken(walk, floor_of(kind))
    ids = [event.id for event in floor.events]
    keys = [effect.key for effect in floor.effects]
    assert ids == [f"acme/1/handoff/{number}" for number in range(1, len(ids) + 1)]
    assert len({*keys}) == len(keys)
    assert floor.handoff.key == "acme/1"
    twice = [
        floor.policy.open(decision(), episode, NOON, pool=Pool(), load={}) for episode in (1, 1, 2)
    ]
    assert twice[0] == twice[1]
    assert not {e.id for e in twice[0].events} & {e.id for e in twice[2].events}


def law_174(kind: type[HandoffPolicy], walk: list[Move]) -> None:
    """Accepting or rejecting after the offer has lapsed is refused, and says since when."""
    for ticked in (False, True):
        for command in ("accept", "reject"):
            floor = floor_of(kind).open()
            rep, due = floor.holder, floor.handoff.due
            assert due is not None
            if ticked:
                floor.tick(due + TICK)
            more = ("student",) if command == "reject" else ()
            with pytest.raises(IllegalHandoffError) as caught:
                floor.do(command, rep, *more, due + TICK)
            assert caught.value.since == due
            assert "has lapsed since 2026-03-02 12:15:00 UTC" in str(caught.value)


def what_is_worked_stays(kind: type[HandoffPolicy], walk: list[Move]) -> None:
    """A breach takes a lead from its owner only untouched, and only where the target says so."""
    crowded = with_(HOT, outcome=3 * HOUR, every=2 * HOUR, attempts=None)
    for reassign in (False, True):
        floor = Floor(terms(with_(crowded, reassign=reassign), REST, kind=kind)).open()
        floor.do("accept", floor.holder, NOON)
        if reassign:
            floor.do("attempt", floor.holder, NOON, "call")
        floor.live(NOON + 5 * DAY)
        assert "reassigned" not in floor.told()
        assert floor.handoff.owner == "ada"


def who_was_not_asked_is_asked(kind: type[HandoffPolicy], walk: list[Move]) -> None:
    """Whoever comes back is asked at that instant, before who had the lead."""
    back = NOON + 4 * HOUR
    reps = (*team("ada"), Rep("bob", absences=[(NOON, back)]))
    floor = Floor(terms(HOT, REST, reps=reps, kind=kind)).open().live(back + TICK)
    assert (floor.holder, floor.handoff.due) == ("bob", back + HOT.offer)


def a_wait_is_told(kind: type[HandoffPolicy], walk: list[Move]) -> None:
    """The whole chain hears of a lead that nobody can take."""
    floor = Floor(terms(HOT, REST, reps=team("ada", capacity=0), kind=kind)).open()
    floor.live(NOON + DAY)
    assert {*HOT.escalate} <= {effect.data["to"] for effect in floor.effects}


LAWS: dict[int | str, Callable[..., None]] = {
    **{n: globals()[f"law_{n}"] for n in (144, 145, 150, 161, 162, 167, 174)},
    "what is worked stays": what_is_worked_stays,
    "who was not asked is asked": who_was_not_asked_is_asked,
    "a wait is told": a_wait_is_told,
}


@pytest.mark.parametrize("law", LAWS)
@given(walk=walks)
def test_the_policy_is_lawful(law, walk):
    LAWS[law](HandoffPolicy, walk)


# -- liars -------------------------------------------------------------------------------------


class LosesAnEvent(HandoffPolicy):
    """Takes an acceptance without writing it down."""

    def accept(self, *args: Any, **given: Any) -> HandoffStep:
        step = super().accept(*args, **given)
        return attrs.evolve(step, events=step.events[:-1])


class ForgetsKeys(HandoffPolicy):
    """Counts a repeated attempt again."""

    def attempt(self, *args: Any, **given: Any) -> HandoffStep:
        return super().attempt(*args, **given | {"id": ""})


class StampsWithNow(HandoffPolicy):
    """Says that things came due when it looked."""

    def tick(self, handoff: Handoff, now: datetime, **desk: Any) -> HandoffStep:
        step = super().tick(handoff, now, **desk)
        stamped = tuple(attrs.evolve(event, at=now) for event in step.events)
        return attrs.evolve(step, events=stamped)


class Backdates(HandoffPolicy):
    """Makes the offers that it missed, as if somebody had been told of them."""

    def tick(self, handoff: Handoff, now: datetime, **desk: Any) -> HandoffStep:
        wake = handoff.next_wake()
        if not desk or wake is None or wake >= now:
            return super().tick(handoff, now, **desk)
        first = super().tick(handoff, wake, **desk)
        rest = self.tick(first.handoff, now, **desk | {"pool": first.pool})
        both = {n: getattr(first, n) + getattr(rest, n) for n in ("events", "effects", "then")}
        return attrs.evolve(rest, **both)


class CannotWait(HandoffPolicy):
    """Looks for a rep whenever it is ticked."""

    def tick(self, handoff: Handoff, now: datetime, **desk: Any) -> HandoffStep:
        waits = handoff.state == "queued" and bool(desk)
        return super().tick(attrs.evolve(handoff, retry_at=now) if waits else handoff, now, **desk)


class RemembersCalls(HandoffPolicy):
    """Answers by what it was asked before."""

    calls: ClassVar[list[str]] = []

    def close(self, *args: Any, **given: Any) -> HandoffStep:
        self.calls.append("close")
        return super().close(*args, **given | {"why": str(len(self.calls))})


class WipesBreaches(HandoffPolicy):
    """Lets a touch undo the breach."""

    def attempt(self, *args: Any, **given: Any) -> HandoffStep:
        step = super().attempt(*args, **given)
        clean = tuple(attrs.evolve(d, breached_at=None) for d in step.handoff.deadlines)
        return attrs.evolve(step, handoff=attrs.evolve(step.handoff, deadlines=clean))


class LapsesAtOnce(HandoffPolicy):
    """Takes the due instant for too late."""

    def tick(self, handoff: Handoff, now: datetime, **desk: Any) -> HandoffStep:
        return super().tick(handoff, now + TICK, **desk)


class CountsByItself(HandoffPolicy):
    """Numbers what it tells without regard to the episode."""

    def open(self, *args: Any, **given: Any) -> HandoffStep:
        step = super().open(*args, **given)
        events = tuple(attrs.evolve(e, id=f"acme/{n}") for n, e in enumerate(step.events))
        return attrs.evolve(step, events=events)


class Obliging(HandoffPolicy):
    """Takes an answer that comes a little late."""

    def accept(self, handoff: Handoff, by: str, at: datetime, **given: Any) -> HandoffStep:
        return super().accept(handoff, by, at - MINUTE, **given)


class TakesAway(HandoffPolicy):
    """Gives every lead on whose levels are used up."""

    def tick(self, handoff: Handoff, now: datetime, **desk: Any) -> HandoffStep:
        step = super().tick(handoff, now, **desk)
        if step.handoff.owner and step.handoff.level == len(HOT.escalate):
            return self.reassign(handoff, now, "a deadline was breached")
        return step


class AsksRoundAndRound(HandoffPolicy):
    """Forgets at each wait who was asked."""

    def tick(self, handoff: Handoff, now: datetime, **desk: Any) -> HandoffStep:
        return super().tick(attrs.evolve(handoff, asked=()), now, **desk)


class Quiet(HandoffPolicy):
    """Tells the first wait only."""

    def tick(self, handoff: Handoff, now: datetime, **desk: Any) -> HandoffStep:
        step = super().tick(handoff, now, **desk)
        return attrs.evolve(step, effects=tuple(e for e in step.effects if e.kind != "queued"))


@pytest.mark.parametrize(
    ("law", "liar"),
    [
        (144, LosesAnEvent),
        (145, ForgetsKeys),
        (150, StampsWithNow),
        (150, Backdates),
        (150, CannotWait),
        (150, RemembersCalls),
        (161, WipesBreaches),
        (162, LapsesAtOnce),
        (167, CountsByItself),
        (174, Obliging),
        ("what is worked stays", TakesAway),
        ("who was not asked is asked", AsksRoundAndRound),
        ("a wait is told", Quiet),
    ],
)
def test_a_liar_is_caught(law, liar):
    def holds(seed):
        try:
            LAWS[law](liar, seeded(seed))
        except (AssertionError, IllegalHandoffError, pytest.fail.Exception):
            return False
        return True

    assert not all(holds(seed) for seed in range(200))


# -- what is always so -------------------------------------------------------------------------


@given(walk=walks)
def test_no_wake_up_is_lost_and_nobody_owns_without_an_offer(walk):
    def check(floor, command, args, given, before, step, now):
        handoff = floor.handoff
        assert sum(not offer.ended for offer in handoff.offers) == (handoff.state == "offered")
        taken_on = [offer.to for offer in handoff.offers if offer.ended == "accepted"]
        assert not handoff.owner or taken_on[-1] == handoff.owner
        assert floor.told().count("accepted") == len(taken_on)
        assert before.open or before == handoff
        wake = handoff.next_wake()
        if command == "tick":
            assert wake is None or wake > now
        # Whatever is under way wakes up again, unless a person has to go on.
        waits_for_person = handoff.state in ("accepted", "working")
        assert wake is not None or not handoff.open or waits_for_person

    taken(walk, floor_of(HandoffPolicy), check)


class Sheet(dict[str, Any]):
    """
    The same handoff on a sheet of paper: an oracle that knows states and instants only.

    Its terms: an offer stands 15 minutes, attempts come every 4 hours and 3 times.
    """

    def find(self, at: datetime) -> None:
        if len({*self["asked"]}) == 2:
            wait = 15 * MINUTE * 2 ** min(self["rounds"], 8)
            self.update(next=at + wait, rounds=self["rounds"] + 1, asked=[])
        else:
            self.update(state="offered", due=at + 15 * MINUTE, to=None)

    def sees(self, rep: str) -> None:
        """Whom the routing chose: its fairness is a law of its own."""
        self["to"] = rep
        self["asked"].append(rep)


def expected(sheet: Sheet, move: Move, by: str, at: datetime) -> bool:
    """Whether a move is legal, worked out on paper; the sheet is moved on."""
    state, command = sheet["state"], move.command
    late = state == "offered" and at > sheet["due"]
    if command in ("accept", "reject"):
        if state != "offered" or by != sheet["to"] or late:
            return False
        if command == "accept":
            sheet.update(state="accepted", owner=by, tries=0, reached=False, asked=[by])
        else:
            send_on(sheet, move, at)
        return True
    sheet_time_without_routing(sheet, at)
    state = sheet["state"]
    if command == "take":
        if state != "queued" or at >= sheet["next"]:
            return False
        sheet.update(state="accepted", owner=by, tries=0, reached=False, asked=[by])
    elif command in ("attempt", "close"):
        if state not in ("accepted", "working") or by != sheet["owner"]:
            return False
        if command == "close":
            sheet.update(answer=None)
            if move.flag:
                sheet.update(state="closed")
            else:
                send_on(sheet, move, at)
        else:
            sheet.update(state="working", tries=sheet["tries"] + 1)
            sheet["latest"] = max(at, sheet["latest"]) if sheet["tries"] > 1 else at
            sheet["reached"] = sheet["reached"] or move.flag
            if sheet["reached"]:
                sheet["answer"] = None
            elif sheet["tries"] >= 3 and not sheet.get("answer"):
                sheet["answer"] = sheet["latest"] + 240 * MINUTE
    elif command == "withdraw":
        if state == "closed":
            return False
        sheet.update(state="closed", answer=None)
    return True


def send_on(sheet: Sheet, move: Move, at: datetime) -> None:
    if move.code == "my neighbour":
        sheet.update(state="queued", next=at)
    else:
        sheet.update(state="closed")


def sheet_time_without_routing(sheet: Sheet, at: datetime) -> None:
    """What a command settles first: everything but the choice of a rep."""
    if sheet["state"] == "offered" and at > sheet["due"]:
        sheet.update(state="queued", next=sheet["due"])
    elif sheet.get("answer") and at > sheet["answer"]:
        sheet.update(state="closed", answer=None)


on_paper = st.lists(
    moves.filter(lambda move: move.command not in ("pause", "resume", "reassign")), max_size=20
)


@given(walk=on_paper)
def test_a_sheet_of_paper_agrees(walk):
    """Law 152 for handoffs: a random walk of the library and of a dictionary agree."""
    calm = with_(HOT, escalate=(), reassign=False, warn_before=None, outcome=None)
    floor = Floor(terms(calm, REST, reps=team("ada", "bob"))).open()
    sheet = Sheet(state="offered", due=NOON + 15 * MINUTE, to="ada", asked=["ada"], rounds=0)
    now = NOON
    for move in walk:
        before_it, now = now, now + abs(move.minutes) * MINUTE
        wake = floor.handoff.next_wake()
        if move.command == "tick" and move.flag and wake is not None:
            now = min(now, max(before_it, wake))  # On time, where it can be.
        command, args, given = call(move, floor, now)
        by = move.by or floor.holder or "ada"
        if command == "tick":
            tick_both(floor, sheet, now)
            continue
        given = {n: v for n, v in given.items() if n not in ("facts", "pool", "load")}
        before = Sheet(sheet) | {"asked": [*sheet["asked"]]}
        legal = expected(sheet, move, by, now)
        try:
            floor.do(command, *args, **given)
        except IllegalHandoffError:
            assert not legal
            sheet = Sheet(before)
        else:
            assert legal
        assert floor.handoff.state == sheet["state"]


def tick_both(floor: Floor, sheet: Sheet, now: datetime) -> None:
    """A tick here and there; to whom the offer went is read off the floor."""
    offered = [event for event in floor.tick(now).events if event.kind == "offered"]
    sheet_time_without_routing(sheet, now)
    if sheet["state"] == "queued" and now >= sheet["next"]:
        sheet.find(sheet["next"] if now <= sheet["next"] + TICK else now)
    assert floor.handoff.state == sheet["state"]
    found = sheet["state"] == "offered" and sheet["to"] is None
    assert [event.at for event in offered] == [sheet["due"] - 15 * MINUTE] * found
    for event in offered:
        sheet.sees(event.data["to"])
    if sheet["state"] == "offered":
        assert (floor.holder, floor.handoff.due) == (sheet["to"], sheet["due"])
