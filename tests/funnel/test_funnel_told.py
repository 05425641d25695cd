"""What a funnel is told, and what it makes of it: once, whenever and however often it is told."""

from contextlib import closing
from datetime import date
from itertools import permutations

import pytest
from funnel.sales_team import (
    COOL_DOWN,
    DAY,
    HOUR,
    MINUTE,
    MODEL,
    MONDAY,
    content,
    demo,
    funnel,
    kinds,
    page,
    qualification,
    qualify,
    row,
    stages,
    told,
)
from store.databases import database, dump

from mqlkit.errors import DefinitionError, KindError, LeadDataError, NaiveTimeError
from mqlkit.funnel import Funnel
from mqlkit.funnel.work import Work
from mqlkit.lifecycle import (
    Event,
    IllegalMoveError,
    RefusedMoveError,
    Stage,
    Transition,
    standard,
)
from mqlkit.lifecycle import Lifecycle as Table
from mqlkit.lifecycle.transition import UNDONE
from mqlkit.status import Status
from mqlkit.store import MemoryStore, SqlStore

LAWS = (71, 72, 73, 83, 145, 146, 148, 149, 170)


# -- activities ------------------------------------------------------------------------------------


def test_a_new_lead_begins_where_its_first_activity_lies(store):
    team = funnel(store)
    recorded = team.record("ada", page(MONDAY - DAY), now=MONDAY)
    assert (recorded.stage, recorded.journey.since) == ("visitor", MONDAY - DAY)
    assert recorded.new
    assert kinds(recorded.effects) == ["entered"]
    assert team.record("bea", page(MONDAY + DAY), now=MONDAY).journey.since == MONDAY
    assert team.record("cyd", now=MONDAY).journey.since == MONDAY


def test_a_repeated_activity_changes_nothing(store):
    """Laws 145 and 170."""
    team = funnel(store)
    first = team.record("ada", demo(), page(id="p"), now=MONDAY)
    before = content(team.history("ada")), team.outbox(), row(team, "ada")
    again = team.record("ada", page(id="p"), demo(), demo(), now=MONDAY)
    assert not again.new
    assert not again.effects
    assert (content(team.history("ada")), team.outbox(), row(team, "ada")) == before
    assert again.decision.score.points == first.decision.score.points


def test_an_activity_without_id_is_known_by_its_content():
    team = funnel()
    team.record("ada", page(MONDAY, a=1), now=MONDAY)
    assert not team.record("ada", page(MONDAY, a=1), now=MONDAY + HOUR).new
    assert team.record("ada", page(MONDAY, a=2), now=MONDAY + HOUR).new
    assert team.record("ada", page(MONDAY, a=True), now=MONDAY + HOUR).new, "one is not true"
    assert team.record("ada", page(MONDAY + MINUTE, a=1), now=MONDAY + HOUR).new


def test_the_order_of_telling_never_changes_what_is_decided(store):
    """Laws 71, 72 and 73: late, shuffled and repeated news come to the same."""
    day = [MONDAY - n * DAY for n in range(9)]
    news = [
        lambda team, who: team.record(who, page(day[8]), page(day[4]), now=MONDAY),
        lambda team, who: team.record(who, page(day[6]), page(day[8]), now=MONDAY),
        lambda team, who: team.learn(who, {"email": "a@shop.example"}, at=day[7], now=MONDAY),
        lambda team, who: team.learn(who, {"email": "a@rival.example"}, at=day[5], now=MONDAY),
        lambda team, who: team.learn(who, {"email": "a@shop.example"}, at=day[3], now=MONDAY),
    ]
    team = funnel(store)
    answers = set()
    for number, order in enumerate(permutations(news)):
        if number % 6:
            continue
        who = f"lead {number}"
        for tell in (*order, *order[::2]):
            tell(team, who)
        asked = [team.decide(who, as_of=at) for at in (day[6], day[4], day[2], MONDAY)]
        answers.add(tuple((d.status, d.score.points) for d in asked))
    assert len(answers) == 1
    assert [status for status, _ in answers.pop()] == [
        Status.NOT_QUALIFIED,
        Status.DISQUALIFIED,
        Status.NOT_QUALIFIED,
        Status.NOT_QUALIFIED,
    ]


def test_a_late_activity_counts_from_its_own_time_and_is_decided_now(store):
    team = funnel(store)
    team.learn("ada", {"email": "a@shop.example"}, at=MONDAY - 9 * DAY, now=MONDAY)
    late = team.record("ada", demo(MONDAY - 9 * DAY), now=MONDAY + HOUR)
    assert (late.stage, late.journey.since) == ("mql", MONDAY + HOUR)
    assert team.decide("ada", as_of=MONDAY - DAY).status is Status.QUALIFIED
    gone = team.tick(MONDAY + 2 * DAY)
    assert kinds(gone.effects).count("crossed") == 1, "ten days after it happened"


def test_what_is_recorded_stays_and_is_numbered_without_gaps(store):
    """Law 146."""
    team = funnel(store)
    seen = ()
    for number in range(6):
        team.record("ada", demo(MONDAY + number * DAY, f"d{number}"), now=MONDAY + number * DAY)
        now = team.history("ada")
        assert now[: len(seen)] == seen
        assert [fact.seq for fact in now] == list(range(1, len(now) + 1))
        assert row(team, "ada").version == len(now)
        seen = now


def test_what_was_answered_can_be_answered_again(store):
    """Law 83: known_at leaves out what was recorded later, whenever it happened."""
    team = funnel(store)
    qualify(team)
    answered = team.lead("ada", now=MONDAY + HOUR).decision
    team.learn("ada", {"email": "a@rival.example"}, at=MONDAY, now=MONDAY + 2 * HOUR)
    today = team.decide("ada", as_of=MONDAY + HOUR)
    then = team.decide("ada", as_of=MONDAY + HOUR, known_at=MONDAY + HOUR)
    assert today.status is not answered.status
    assert (then.status, then.score.points) == (answered.status, answered.score.points)
    assert then.snapshot.stage() == "mql"
    before = team.decide("ada", as_of=MONDAY - DAY, known_at=MONDAY - DAY)
    assert before.snapshot.stage() is None, "nobody knew it"
    assert team.decide("ada", as_of=MONDAY - DAY).snapshot.stage() is None, "it had not come"


# -- attributes ------------------------------------------------------------------------------------


def test_what_is_known_is_not_recorded_again():
    team = funnel()
    facts = {"email": "a@shop.example", "size": 5, "since": date(2026, 1, 1), "open": True}
    assert team.learn("ada", facts, now=MONDAY).new
    assert not team.learn("ada", facts, now=MONDAY + DAY).new
    (news,) = team.learn("ada", {**facts, "size": 6, "open": 1}, now=MONDAY + DAY).facts
    assert dict(news.data) == {"size": 6, "open": 1}
    gone = team.learn("ada", {"size": None, "fax": None}, now=MONDAY + 2 * DAY)
    assert dict(gone.facts[0].data) == {"size": None}
    assert team.decide("ada", as_of=MONDAY + DAY).snapshot.number("size") == 6
    assert gone.decision.snapshot.number("size") is None


def test_a_value_that_held_from_earlier_takes_its_place(store):
    team = funnel(store)
    team.learn("ada", {"size": 5}, now=MONDAY)
    team.learn("ada", {"size": 3}, at=MONDAY - 2 * DAY, now=MONDAY + DAY)
    sizes = [
        team.decide("ada", as_of=MONDAY + n * DAY).snapshot.number("size") for n in (-3, -2, 1)
    ]
    assert sizes == [None, 3, 5]
    assert not team.learn("ada", {"size": 3}, at=MONDAY - 2 * DAY, now=MONDAY + 2 * DAY).new
    assert team.learn("bea", {"size": 3}, at=MONDAY - DAY, now=MONDAY).journey.since == MONDAY - DAY


# -- the journey -----------------------------------------------------------------------------------


def test_an_event_is_recorded_once_with_who_and_why(store):
    team = funnel(store, handoff=None)
    qualify(team)
    accepted = team.fire("ada", "accepted", by="ann", why="met her", now=MONDAY + HOUR)
    assert accepted.stage == "sal"
    entered = accepted.effects[-1]
    assert (entered.data["by"], entered.data["why"]) == ("ann", "met her")
    again = team.fire("ada", "accepted", by="ann", why="met her", now=MONDAY + HOUR)
    assert (again.stage, again.new) == ("sal", False)


def test_an_event_may_be_told_late_and_not_ahead(store):
    """Law 149: entries never go back in time."""
    team = funnel(store, handoff=None)
    qualify(team)
    late = team.fire("ada", "accepted", at=MONDAY - DAY, now=MONDAY + 2 * HOUR)
    assert late.journey.since == MONDAY, "it came to be an mql then"
    ahead = team.fire("ada", "verified", at=MONDAY + 9 * DAY, now=MONDAY + 3 * HOUR)
    assert ahead.journey.since == MONDAY + 3 * HOUR
    ends = [entry.at for entry in ahead.journey.entries]
    assert ends == sorted(ends)


def test_an_illegal_or_refused_event_leaves_nothing(store):
    """Law 143."""
    team = funnel(store)
    team.record("ada", page(), now=MONDAY)
    before = team.history("ada"), row(team, "ada"), team.outbox()
    with pytest.raises(IllegalMoveError) as illegal:
        team.fire("ada", "won", now=MONDAY + HOUR)
    assert "identified" in illegal.value.legal
    with pytest.raises(RefusedMoveError):
        team.fire("ada", "decided", now=MONDAY + HOUR)
    with pytest.raises(LeadDataError, match="nothing is recorded"):
        team.lead("nobody", now=MONDAY)
    assert (team.history("ada"), row(team, "ada"), team.outbox()) == before


def test_a_person_moves_a_lead_and_what_holds_does_not_move_it_on(store):
    team = funnel(store, handoff=None)
    qualify(team)
    moved = team.move("ada", "lead", by="ann", why="a student", now=MONDAY + HOUR)
    assert (moved.stage, moved.journey.episode) == ("lead", 2)
    team.tick(MONDAY + DAY)
    assert team.record("ada", page(), now=MONDAY + DAY).stage == "lead", "it is still above"
    team.tick(MONDAY + 11 * DAY)
    again = team.record("ada", demo(MONDAY + 12 * DAY, "d2"), now=MONDAY + 12 * DAY)
    assert again.stage == "mql", "it crossed the line anew"
    assert not team.move("ada", "lead", by="ann", why="a student", now=MONDAY + HOUR).new
    for bad in ({"by": "", "why": "x"}, {"by": "ann", "why": " "}):
        with pytest.raises(DefinitionError):
            team.move("ada", "lead", now=MONDAY, **bad)
    with pytest.raises(IllegalMoveError):
        team.move("ada", "nirvana", by="ann", why="x", now=MONDAY)


def test_a_person_lets_a_lead_rest_and_it_comes_back_after(store):
    team = funnel(store, handoff=None)
    qualify(team)
    for n in range(1, 30):
        team.record("ada", demo(MONDAY + n * DAY, f"d{n}"), now=MONDAY)
    moved = team.move("ada", "recycled", by="ann", why="in spring", now=MONDAY + HOUR)
    assert moved.stage == "recycled"
    team.tick(MONDAY + HOUR + COOL_DOWN)
    assert stages(team, "ada", MONDAY + 30 * DAY)[-2:] == ["recycled", "mql"]


def test_what_holds_counts_in_the_stage_that_an_event_leads_to(store):
    team = funnel(store, handoff=None)
    qualify(team)
    team.fire("ada", "disqualified", why="by mistake", now=MONDAY + HOUR)
    assert team.fire("ada", "reopened", now=MONDAY + 2 * HOUR).stage == "mql"


def test_what_holds_counts_where_a_timer_leads(store):
    """Law 148: a lead that sales left lying is recycled, rests, and climbs anew by itself."""
    short = standard(cool_down=2 * DAY, verify_within=DAY)
    team = funnel(store, handoff=None, lifecycle=short)
    qualify(team)
    team.fire("ada", "accepted", now=MONDAY)
    team.tick(MONDAY + 4 * DAY)
    entries = team.lead("ada", now=MONDAY + 4 * DAY).journey.entries
    assert [(e.stage, e.at) for e in entries[-3:]] == [
        ("sal", MONDAY),
        ("recycled", MONDAY + DAY),
        ("mql", MONDAY + 3 * DAY),
    ]
    assert entries[-1].episode == 2


# -- taking back -----------------------------------------------------------------------------------


def test_an_activity_is_taken_back_by_recording_so(store):
    team = funnel(store)
    qualify(team)
    (fact,) = [f for f in team.history("ada") if f.kind == "activity"]
    before = team.history("ada")
    undone = team.undo("ada", fact=fact.id, by="ann", why="a test", now=MONDAY + HOUR)
    assert undone.decision.status is Status.NOT_QUALIFIED
    assert team.history("ada")[: len(before)] == before, "law 146: nothing is erased"
    assert told(team, "ada", "crossed") == ["crossed", "crossed"]
    again = team.record("ada", demo(MONDAY, "demo 02 09"), now=MONDAY + 2 * HOUR)
    assert again.decision.status is Status.NOT_QUALIFIED, "told again it stays taken back"
    with pytest.raises(LeadDataError, match="history"):
        team.undo("ada", fact=fact.id, by="ann", why="twice", now=MONDAY + 2 * HOUR)


def test_attributes_are_taken_back(store):
    team = funnel(store)
    team.learn("ada", {"size": 5, "city": "Rome"}, at=MONDAY, now=MONDAY)
    told_later = team.learn("ada", {"size": 9}, at=MONDAY + DAY, now=MONDAY + DAY)
    fact = next(f for f in told_later.facts if f.kind == "attributes")
    undone = team.undo("ada", fact=fact.id, by="ann", why="a typo", now=MONDAY + DAY)
    assert undone.decision.snapshot.number("size") == 5
    first = next(f for f in team.history("ada") if f.kind == "attributes")
    undone = team.undo("ada", fact=first.id, by="ann", why="another lead", now=MONDAY + DAY)
    assert undone.decision.snapshot.number("size") is None
    assert "size" not in undone.decision.lead.attributes


def test_the_last_move_is_taken_back(store):
    team = funnel(store, handoff=None)
    team.record("ada", now=MONDAY)
    with pytest.raises(LeadDataError, match="no move"):
        team.undo("ada", by="ann", why="x", now=MONDAY)
    qualify(team)
    team.fire("ada", "accepted", now=MONDAY + HOUR)
    back = team.undo("ada", by="ann", why="misclick", now=MONDAY + 2 * HOUR)
    assert back.stage == "mql"
    assert back.effects[-1].data["why"] == "misclick"
    further = team.undo("ada", by="ann", why="that neither", now=MONDAY + 3 * HOUR)
    assert further.stage == "lead", "twice goes further back"
    assert not team.undo("ada", by="ann", why="misclick", now=MONDAY + 2 * HOUR).new


def test_taking_back_counts_from_the_moves_that_still_count(store):
    """A move made after an undo is the next to be taken back, then what came before that undo."""
    team = funnel(store, handoff=None)
    qualify(team)
    team.fire("ada", "accepted", now=MONDAY + HOUR)
    team.undo("ada", by="ann", why="misclick", now=MONDAY + 2 * HOUR)
    team.move("ada", "sql", by="ann", why="met her", now=MONDAY + 3 * HOUR)
    undone = [team.undo("ada", by="ann", why=str(n), now=MONDAY + n * HOUR).stage for n in (4, 5)]
    assert undone == ["mql", "lead"]


def test_a_history_in_which_an_undo_was_undone_is_read_as_it_was_written():
    """Once the second undo led back to where the first had come from."""
    team = funnel(handoff=None)
    qualify(team)
    team.fire("ada", "accepted", now=MONDAY + HOUR)
    team.undo("ada", by="ann", why="misclick", now=MONDAY + 2 * HOUR)
    event = Event(UNDONE, MONDAY + 3 * HOUR, by="ann", why="it was right", to="sal")

    def as_once(tx):
        work = Work(tx, team.model, team.lifecycle, "ada", event.at)
        work.fire(event)
        work.finish()

    team.store.run(as_once)
    assert team.undo("ada", by="ann", why="no", now=MONDAY + 4 * HOUR).stage == "mql"


def test_what_is_a_gate_by_now_is_no_place_to_go_back_to():
    team = funnel(handoff=None)
    qualify(team)
    known = standard(cool_down=COOL_DOWN)
    stages = [Stage("lead", "gate") if s.name == "lead" else s for s in known.stages]
    moves = [m for m in known.moves if "lead" not in (*m.sources, m.target)]
    moves += [Transition("identified", "visitor", "lead"), Transition("at once", "lead", "mql")]
    today = Table("gated", stages, moves, known.path, known.start)
    back = funnel(team.store, handoff=None, lifecycle=today)
    assert back.undo("ada", by="ann", why="misclick", now=MONDAY + HOUR).stage == "visitor"


def test_a_move_is_not_taken_back_by_the_id_of_a_lead_that_was_merged(store):
    team = funnel(store, handoff=None)
    qualify(team)
    team.record("twin", page(id="p"), now=MONDAY)
    team.merge("twin", "ada", now=MONDAY)
    before = team.history("ada")
    with pytest.raises(LeadDataError, match="merged into 'ada', for good"):
        team.undo("twin", by="ann", why="a mistake", now=MONDAY + HOUR)
    assert team.history("ada") == before
    assert team.undo("twin", fact="p", by="ann", why="a bot", now=MONDAY + HOUR).new
    assert team.undo("ada", by="ann", why="a mistake", now=MONDAY + HOUR).stage == "lead"


def test_an_activity_is_taken_back_by_its_own_id(store):
    team = funnel(store, handoff=None)
    qualify(team)
    undone = team.undo("ada", fact="demo 02 09", by="ann", why="a test", now=MONDAY + HOUR)
    assert undone.decision.status is Status.NOT_QUALIFIED
    (back,) = [f for f in undone.facts if f.kind == "retracted"]
    assert back.data["of"] == "activity/demo 02 09"


def test_taking_back_says_who_why_and_what():
    team = funnel()
    qualify(team)
    for by, why in (("", "x"), ("ann", "")):
        with pytest.raises(LeadDataError, match="by and why"):
            team.undo("ada", by=by, why=why, now=MONDAY)
    with pytest.raises(LeadDataError, match="no activity or attributes"):
        team.undo("ada", fact="activity/none", by="ann", why="x", now=MONDAY)


# A gate on the way is no place to go back to.
GATED = Table(
    "gated",
    [
        Stage("new"),
        Stage("check", "gate"),
        Stage("mql", team="sales"),
        Stage("done", "terminal"),
    ],
    [
        Transition("qualified", "new", "check"),
        Transition("at once", "check", "mql"),
        Transition("won", "mql", "done"),
    ],
)


def test_nobody_goes_back_to_a_gate():
    team = funnel(handoff=None, lifecycle=GATED)
    assert qualify(team).stage == "mql"
    back = team.undo("ada", by="ann", why="x", now=MONDAY + HOUR)
    assert back.stage == "new"


# -- two leads that are one ------------------------------------------------------------------------


def test_what_is_known_of_both_is_known_of_the_one_that_stays(store):
    team = funnel(store)
    team.learn("ada", {"email": "a@shop.example", "size": 5}, now=MONDAY)
    team.record("ada", page(MONDAY), now=MONDAY)
    team.learn("twin", {"city": "Rome", "size": 7}, now=MONDAY + HOUR)
    team.record("twin", *(page(MONDAY + n * HOUR) for n in range(4)), now=MONDAY + 4 * HOUR)
    merged = team.merge("twin", "ada", by="ann", now=MONDAY + 5 * HOUR)
    assert merged.lead_id == "ada"
    assert merged.stage == "mql", "four pages in all, the first of them in both"
    assert merged.decision.score.points == 40
    assert merged.decision.snapshot.text("city") == "Rome"
    assert merged.decision.snapshot.number("size") == 7, "which was said last"
    assert team.status() == {"mql": 1, "merged": 1}
    assert row(team, "twin").wake is None
    assert told(team, "twin", "merged") == ["merged"]
    assert not team.merge("twin", "ada", by="ann", now=MONDAY + 6 * HOUR).new
    assert not team.merge("ada", "twin", by="ann", now=MONDAY + 6 * HOUR).new, "they are one"


def test_what_is_told_of_the_merged_one_is_told_of_the_one_that_stays(store):
    team = funnel(store)
    for name in ("ada", "twin", "third"):
        team.learn(name, {"email": "a@shop.example"}, now=MONDAY)
    team.merge("twin", "ada", now=MONDAY)
    team.merge("ada", "third", now=MONDAY)
    late = team.record("twin", demo(), now=MONDAY + HOUR)
    assert (late.lead_id, late.stage) == ("third", "mql")
    assert team.learn("ada", {"size": 3}, now=MONDAY + HOUR).lead_id == "third"
    assert team.lead("twin", now=MONDAY + HOUR).lead_id == "third"
    assert team.decide("twin", as_of=MONDAY + HOUR).status is Status.QUALIFIED
    fact = next(f for f in late.facts if f.kind == "activity")
    assert team.undo("twin", fact=fact.id, by="a", why="b", now=MONDAY + HOUR).stage == "mql"
    assert [f.kind for f in team.history("twin")][-1] == "merged"


def test_a_command_told_of_the_merged_one_is_not_done_again(store):
    """Law 170."""
    team = funnel(store, handoff=None)
    for name in ("ada", "twin"):
        qualify(team, name)
    team.fire("twin", "disqualified", by="ann", now=MONDAY, id="slack 7")
    team.merge("twin", "ada", now=MONDAY + HOUR)
    again = team.fire("twin", "disqualified", by="ann", now=MONDAY + HOUR, id="slack 7")
    assert (again.lead_id, again.stage) == ("ada", "mql")


def test_the_open_handoff_of_the_duplicate_is_withdrawn(store):
    team = funnel(store)
    qualify(team, "ada")
    qualify(team, "twin")
    merged = team.merge("twin", "ada", now=MONDAY + MINUTE)
    assert merged.handoff.state == "offered"
    assert [h.state for h in team.handoffs()] == ["offered", "closed"]
    assert "withdrawn" in told(team, "twin")


def test_leads_that_cannot_be_merged(store):
    team = funnel(store, handoff=None)
    qualify(team, "ada")
    team.record("bea", page(), now=MONDAY)
    with pytest.raises(LeadDataError, match="into itself"):
        team.merge("ada", "ada", now=MONDAY)
    with pytest.raises(LeadDataError, match="nothing is recorded"):
        team.merge("bea", "nobody", now=MONDAY)
    with pytest.raises(LeadDataError, match="the other way round"):
        team.merge("ada", "bea", now=MONDAY)
    assert team.status() == {"visitor": 1, "mql": 1}


def test_a_lead_merged_by_somebody_else_meanwhile_is_looked_up_again():
    """A race: who peeked before the merge and loads after it starts again."""
    team = funnel()
    for name in ("ada", "twin"):
        team.record(name, now=MONDAY)
    peeked = []

    class Late:
        """A transaction whose first peek is from before the merge."""

        def __init__(self, tx):
            self._tx = tx

        def peek(self, lead_id):
            if not peeked:
                peeked.append(lead_id)
                return None
            return self._tx.peek(lead_id)

        def __getattr__(self, name):
            return getattr(self._tx, name)

    team.merge("twin", "ada", now=MONDAY)
    run = team.store.run
    team.store.run = lambda work: run(lambda tx: work(Late(tx)))
    assert team.record("twin", page(), now=MONDAY).lead_id == "ada"
    assert peeked == ["twin"]


# -- the funnel itself -----------------------------------------------------------------------------


def test_a_funnel_goes_by_a_model_with_a_lifecycle():
    with pytest.raises(KindError, match="a Model or a Qualification"):
        Funnel("b2b", MemoryStore())
    with pytest.raises(DefinitionError, match=r"\[lifecycle\]"):
        Funnel(qualification(), MemoryStore())
    no_way_back = Table(
        "short",
        [Stage("lead"), Stage("mql", offers=True), Stage("customer", "terminal")],
        [Transition("qualified", "lead", "mql"), Transition("won", "mql", "customer")],
    )
    with pytest.raises(DefinitionError, match="parts of the model"):
        Funnel(MODEL, MemoryStore(), lifecycle=no_way_back)
    team = Funnel(qualification(), MemoryStore(), lifecycle=standard(cool_down=DAY))
    assert qualify(team).stage == "mql"
    assert team.model.lifecycle is team.lifecycle
    with pytest.raises(DefinitionError, match=r"\[handoff\]"):
        team.accept("ada", by="grace", now=MONDAY)


def test_setting_up_can_be_left_to_the_application():
    asked = []

    class Counting(MemoryStore):
        def setup(self):
            asked.append(1)

    Funnel(MODEL, Counting(), setup=False)
    assert asked == []
    Funnel(MODEL, Counting())
    assert asked == [1]


def test_setting_up_again_changes_nothing():
    """Law 176."""
    with database("sqlite", ready=False) as url, closing(SqlStore(url)) as store:
        qualify(funnel(store))
        before = dump(url)
        funnel(store)
        assert dump(url) == before


def test_what_is_kept_names_what_it_was_decided_by(store):
    """Law 172: crossings and handoffs have the definition's digest, the row the whole model's."""
    team = funnel(store)
    qualify(team)
    digest = team.model.qualification.fingerprint
    crossed = [f.data["fingerprint"] for f in team.history("ada") if f.kind == "crossed"]
    assert [*crossed, team.handoffs()[0].fingerprint] == [digest] * 2
    assert row(team, "ada").model == team.model.fingerprint != digest


def test_instants_have_a_zone():
    team = funnel()
    naive = MONDAY.replace(tzinfo=None)
    qualify(team)
    calls = [
        lambda: team.record("ada", page(), now=naive),
        lambda: team.learn("ada", {"a": 1}, now=naive),
        lambda: team.learn("ada", {"a": 1}, now=MONDAY, at=naive),
        lambda: team.fire("ada", "won", now=naive),
        lambda: team.fire("ada", "won", now=MONDAY, at=naive),
        lambda: team.move("ada", "lead", by="a", why="b", now=naive),
        lambda: team.merge("ada", "bea", now=naive),
        lambda: team.accept("ada", by="grace", now=naive),
        lambda: team.tick(naive),
        lambda: team.lead("ada", now=naive),
        lambda: team.decide("ada", as_of=naive),
        lambda: team.decide("ada", as_of=MONDAY, known_at=naive),
        lambda: team.pause("ada", by="a", why="b", now=MONDAY, until=naive),
    ]
    before = team.history("ada")
    for call in calls:
        with pytest.raises(NaiveTimeError):
            call()
    assert team.history("ada") == before


def test_lists_of_leads(store):
    team = funnel(store)
    assert list(team.leads()) == []
    for name in ("cyd", "ada", "bea"):
        team.record(name, now=MONDAY)
    qualify(team, "bea")
    assert [r.lead_id for r in team.leads()] == ["ada", "bea", "cyd"]
    assert [r.lead_id for r in team.leads(stage="visitor")] == ["ada", "cyd"]
    assert team.status() == {"visitor": 2, "mql": 1}
    assert team.history("nobody") == ()
