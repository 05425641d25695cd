"""
What holds moves a lead, whenever it comes to hold: nobody is forgotten, nobody stays too long.
"""

import traceback
from typing import Any

import attrs
import pytest
from funnel.sales_team import (
    DAY,
    HOUR,
    LIFECYCLE,
    MONDAY,
    POLICY,
    demo,
    funnel,
    page,
    qualification,
    qualify,
    told,
)
from sqlalchemy import create_engine, event

from mqlkit import (
    Criterion,
    Lifecycle,
    Qualification,
    Snapshot,
    Stage,
    Transition,
    Verdict,
    attribute,
    known,
)
from mqlkit.funnel import Funnel
from mqlkit.spec import Model
from mqlkit.store import Due, MemoryStore, SqlStore, StoreUnavailableError

STAGES = [Stage("lead"), Stage("mql"), Stage("customer", "terminal")]
WON = Transition("won", ("lead", "mql"), "customer")
UP = Transition("qualified", "lead", "mql")
DOWN = Transition("unqualified", "mql", "lead", dwell=7 * DAY)
RESTS = [*STAGES, Stage("recycled", cool_down=2 * DAY)]
BACK = [Transition("recycled", "mql", "recycled"), Transition("qualified", "recycled", "mql")]


def over(stages: list[Stage], *moves: Transition) -> Funnel:
    return funnel(handoff=None, lifecycle=Lifecycle("own", stages, [*moves, WON]))


def stage(team: Funnel, days: float) -> str:
    return team.lead("ada", now=MONDAY + days * DAY).stage


def wake(team: Funnel) -> Any:
    return next(row for row in team.leads() if row.lead_id == "ada").wake


def email(team: Funnel, address: str, days: float) -> None:
    team.learn("ada", {"email": address}, now=MONDAY + days * DAY)


def test_a_crossing_whose_criterion_held_only_later_moves_the_lead_then():
    team = over(STAGES, attrs.evolve(UP, when=known("phone")))
    qualify(team)
    assert stage(team, 0) == "lead"
    team.learn("ada", {"phone": "1"}, now=MONDAY + HOUR)
    assert stage(team, 1) == "mql"


def test_a_criterion_that_comes_to_hold_by_itself_wakes_the_lead():
    """Law 175: also where a date alone opens the move."""
    old = attribute("since").days_since() >= 3
    team = over(STAGES, attrs.evolve(UP, when=old))
    team.learn("ada", {"since": MONDAY}, now=MONDAY)
    qualify(team)
    assert wake(team) == MONDAY + 3 * DAY
    team.tick(MONDAY + 3 * DAY)
    assert stage(team, 3) == "mql"


def test_whom_a_gate_turns_back_has_not_moved_and_comes_to_it_again():
    gate = Stage("checked", "gate")
    ways = [
        Transition("at once", "checked", "mql", known("phone")),
        Transition("at once", "checked", "lead"),
    ]
    team = over([STAGES[0], gate, *STAGES[1:]], Transition("qualified", "lead", "checked"), *ways)
    qualify(team)
    for day in (1, 2):
        team.record("ada", page(MONDAY + day * DAY), now=MONDAY + day * DAY)
    assert [entry.stage for entry in team.lead("ada", now=MONDAY + DAY).journey.entries] == ["lead"]
    team.learn("ada", {"phone": "1"}, now=MONDAY + 3 * DAY)
    assert stage(team, 3) == "mql"


def test_who_is_below_the_line_again_after_being_out_is_demoted():
    team = over(STAGES, UP, DOWN)
    qualify(team)
    email(team, "a@rival.example", 1)
    email(team, "a@b.example", 12)
    team.tick(MONDAY + 60 * DAY)
    assert (stage(team, 60), wake(team)) == ("lead", None)


def test_who_is_out_is_demoted_where_nothing_else_is_said():
    team = over(STAGES, UP, DOWN)
    qualify(team)
    email(team, "a@rival.example", 1)
    team.tick(MONDAY + 9 * DAY)
    assert stage(team, 9) == "lead"


def test_where_a_person_puts_a_lead_it_stays():
    team = over(STAGES, UP, DOWN)
    qualify(team)
    team.move("ada", "lead", by="ann", why="wait", now=MONDAY + DAY)
    team.record("ada", page(MONDAY + 2 * DAY), now=MONDAY + 2 * DAY)
    assert stage(team, 2) == "lead"


def test_a_rest_that_would_end_in_qualifying_is_called_off_by_a_disqualifier():
    team = over(RESTS, UP, *BACK)
    qualify(team)
    team.fire("ada", "recycled", now=MONDAY + HOUR)
    email(team, "a@rival.example", 1)
    team.tick(MONDAY + 3 * DAY)
    assert stage(team, 3) == "recycled"


def test_of_two_waits_that_end_together_each_has_its_turn():
    rests = [*RESTS, Stage("b")]
    small, big = attribute("n") < 5, attribute("n") >= 5
    moves = [
        *BACK[:1],
        Transition("go", "recycled", "mql", small),
        Transition("go", "recycled", "b", big),
        Transition("won", "b", "customer"),
    ]
    team = over(rests, UP, *moves)
    qualify(team)
    team.fire("ada", "recycled", now=MONDAY + HOUR)
    for number in (1, 9):
        team.learn("ada", {"n": number}, now=MONDAY + number * HOUR)
        team.fire("ada", "go", now=MONDAY + number * HOUR + HOUR)
    assert len(team.lead("ada", now=MONDAY + DAY).journey.waits) == 2
    team.tick(MONDAY + 3 * DAY)
    assert stage(team, 3) == "b"


def test_nobody_is_asked_to_call_a_lead_that_is_about_to_leave():
    """However late the tick: it dropped below the line before anybody could be told of it."""
    team = funnel()
    team.learn("ada", {"email": "a@b.example"}, now=MONDAY)
    team.record("ada", demo(MONDAY + DAY), now=MONDAY)
    team.tick(MONDAY + 12 * DAY)
    assert stage(team, 12) == "mql"
    assert team.handoffs() == ()


def test_a_model_that_hands_nothing_off_any_more_wakes_nobody_for_it():
    store = MemoryStore()
    qualify(funnel(store))
    team = funnel(store, handoff=None)
    team.tick(MONDAY + 3 * HOUR)
    assert wake(team) == MONDAY + 10 * DAY


@attrs.frozen
class Now(Criterion):
    """A criterion that reads the clock and does not say when it changes."""

    def judge(self, lead: Snapshot) -> Verdict:
        return Verdict.of(lead.as_of >= MONDAY + 5 * DAY)

    def describe(self) -> str:
        return "it is late enough"


def test_a_criterion_that_cannot_say_when_it_changes_costs_a_look_a_tick():
    looks = []

    @attrs.frozen
    class Counted(Now):
        def judge(self, lead: Snapshot) -> Verdict:
            looks.append(lead.as_of)
            return super().judge(lead)

    model = Model(Qualification("q", version="1", when=Counted()), lifecycle=LIFECYCLE)
    team = Funnel(model, MemoryStore())
    team.learn("ada", {"email": "a@b.example"}, now=MONDAY)
    team.tick(MONDAY + 4 * DAY)
    team.tick(MONDAY + 6 * DAY)
    assert stage(team, 6) == "mql"
    assert len(looks) < 100


@pytest.mark.parametrize("told_at", [MONDAY - HOUR, MONDAY])
def test_the_last_thing_that_is_told_holds_though_the_clock_stands(told_at):
    team = funnel()
    team.learn("ada", {"n": 50, "ok": True, "title": "VP"}, now=MONDAY)
    for _ in range(2):
        recorded = team.learn("ada", {"n": 100, "ok": False, "title": None}, now=told_at)
        facts = recorded.decision.snapshot
        assert (facts.raw("n"), facts.raw("ok"), facts.raw("title")) == (100, False, None)
    assert not recorded.new


def test_what_was_taken_back_stays_so_for_the_lead_it_is_merged_into():
    """Law 170: telling it once more, by the id of the duplicate, brings nothing back."""
    team = funnel()
    team.record("dup", demo(id="d"), now=MONDAY)
    team.undo("dup", by="ann", why="a robot", fact="activity/d", now=MONDAY + HOUR)
    team.learn("ada", {"email": "a@b.example"}, now=MONDAY)
    team.merge("dup", "ada", now=MONDAY + 2 * HOUR)
    again = team.record("dup", demo(id="d"), now=MONDAY + 3 * HOUR)
    assert (again.lead_id, again.stage, again.new) == ("ada", "lead", False)


def test_a_lead_that_is_merged_during_a_tick_is_no_failure():
    team = funnel()
    for name in ("ada", "bea"):
        qualify(team, name)
    due = team.store.due

    def merged_meanwhile(now: Any, **given: Any) -> list[Due]:
        found = due(now, **given)
        if found:
            team.merge("bea", "ada", now=now)
        return found

    team.store.due = merged_meanwhile  # type: ignore[method-assign]
    assert team.tick(MONDAY + 3 * HOUR).failed == {}


def test_after_the_model_changed_every_lead_is_looked_at():
    store = MemoryStore()
    team = funnel(store, handoff=None)
    for name in ("ada", "bea", "cy"):
        team.learn(name, {"email": "a@b.example"}, now=MONDAY)
    team.merge("cy", "bea", now=MONDAY)
    easier = attrs.evolve(qualification(), version="2", when=known("email"))
    later = Funnel(Model(easier, lifecycle=LIFECYCLE), store)
    assert later.tick(MONDAY + 100 * DAY).looked == ()
    before = later.history("ada")
    looked = later.rescore(MONDAY + 101 * DAY)
    assert (looked.looked, looked.failed) == (("ada", "bea"), {})
    assert stage(later, 101) == "mql"
    assert later.history("ada")[: len(before)] == before
    assert later.rescore(MONDAY + 102 * DAY).looked == ()
    assert told(later, "ada", "qualified") == ["qualified"]


def test_a_lead_that_cannot_be_rescored_is_named():
    store = MemoryStore()
    qualify(funnel(store, handoff=None))

    @attrs.frozen
    class Broken(Now):
        def judge(self, lead: Snapshot) -> Verdict:
            raise RuntimeError("no answer")

    later = Funnel(
        Model(Qualification("q", version="2", when=Broken()), lifecycle=LIFECYCLE), store
    )
    assert list(later.rescore(MONDAY + DAY).failed) == ["ada"]


def test_a_rep_who_is_free_again_gets_the_lead_that_waits():
    one = attrs.evolve(POLICY.routing, reps=[attrs.evolve(POLICY.routing.reps[0], capacity=1)])
    team = funnel(handoff=attrs.evolve(POLICY, routing=one))
    qualify(team, "ada")
    qualify(team, "bea", MONDAY + HOUR)
    team.accept("ada", by="grace", now=MONDAY + HOUR)
    assert team.lead("bea", now=MONDAY + HOUR).handoff.state == "queued"
    team.close("ada", by="grace", outcome="verified", now=MONDAY + 90 * HOUR / 60)
    team.tick(MONDAY + 100 * HOUR / 60)
    found = team.lead("bea", now=MONDAY + 2 * HOUR).handoff
    assert (found.state, found.holder) == ("offered", "grace")


def test_errors_of_the_database_keep_the_leads_data_to_themselves(tmp_path):
    """Promise P10, also for an application's own engine."""
    engine = create_engine(f"sqlite:///{tmp_path / 'own.db'}")
    team = Funnel(Model(qualification(), lifecycle=LIFECYCLE), SqlStore(engine))
    with engine.begin() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    @event.listens_for(engine, "connect")
    def small(connection: Any, _: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    engine.dispose()

    def fill() -> None:
        for number in range(500):
            news = {"email": f"secret{number}@shop.example" * 20}
            team.learn("ada", news, now=MONDAY + number * HOUR)

    with pytest.raises(StoreUnavailableError) as raised:
        fill()
    shown = "".join(traceback.format_exception(raised.value))
    assert "secret" not in shown
    engine.dispose()
