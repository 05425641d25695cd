"""Routing: who gets a lead, by which way, and why each other one does not."""

import pickle
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import attrs
import pytest
from building import NOW, TICK, refused
from hypothesis import given
from hypothesis import strategies as st

from mqlkit import Lead, Snapshot, all_of, any_of, attribute
from mqlkit.calendar import Calendar
from mqlkit.errors import DefinitionError, KindError, NaiveTimeError
from mqlkit.handoff.pool import Pool
from mqlkit.handoff.refusal import PolicyError
from mqlkit.handoff.rep import Rep, Territory
from mqlkit.handoff.routing import Routed, Routing, Skipped

HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 3, 16, 9, tzinfo=UTC)
"""NOW is the Sunday before, at noon."""

OFFICE = Calendar("UTC", {"mon-fri": "09:00-17:00"})
ONCE = Calendar("UTC", {}, overrides={MONDAY.date(): "09:00-17:00"})

DACH = Territory("dach", attribute("country").is_in("DE", "AT"), tags=["german"])
NORTH = Territory("north", attribute("region").is_in("north"), reps=["grace"])
SOUTH = Territory("south", attribute("region").is_in("south"), tags=["senior", "french"])

ADA, GRACE, ALAN = Rep("ada", tags=["german"]), Rep("grace"), Rep("alan")


def a_lead(**attributes: object) -> Snapshot:
    return Lead("acme", attributes).at(NOW)


def owned_by(owner: object, **attributes: object) -> Snapshot:
    return a_lead(account={"owner": owner}, **attributes)


def choose(
    routing: Routing,
    lead: Snapshot | None = None,
    at: datetime = NOW,
    *,
    pool: Pool | None = None,
    **known: Any,
) -> Routed:
    known.setdefault("load", {})
    return routing.choose(lead or a_lead(), at, pool or Pool(), **known)


def told(routed: Routed) -> list[str]:
    return [*map(str, routed.skipped), *routed.notes]


# -- the ways, in their order ------------------------------------------------------------------


TEAM = Routing([ADA, GRACE, ALAN], territories=[NORTH, DACH], pool=["alan"])


@pytest.mark.parametrize(
    ("lead", "owner", "rep", "how"),
    [
        (owned_by("alan", region="north"), "ada", "ada", "kept owner"),
        (owned_by("alan", region="north"), "", "alan", "account owner"),
        (a_lead(region="north", country="DE"), "", "grace", "territory north"),
        (a_lead(region="south", country="DE"), "", "ada", "territory dach"),
        (a_lead(region="south", country="FR"), "", "alan", "pool"),
        (owned_by("alan"), "bob", "alan", "account owner"),
        (owned_by("bob", region="north"), "", "grace", "territory north"),
        (owned_by(" ", region="north"), "", "grace", "territory north"),
    ],
)
def test_the_first_way_that_leads_to_somebody(
    lead: Snapshot, owner: str, rep: str, how: str
) -> None:
    routed = choose(TEAM, lead, owner=owner)
    assert (routed.rep, routed.how) == (rep, how)
    assert rep in routed.eligible


def test_ways_can_be_closed() -> None:
    closed = attrs.evolve(TEAM, keep_owner=False, account_owner="", territories=())
    assert choose(closed, owned_by("grace", region="north"), owner="ada").how == "pool"


def test_the_owner_may_stand_elsewhere() -> None:
    elsewhere = attrs.evolve(TEAM, account_owner="partner")
    assert choose(elsewhere, owned_by("ada", partner="grace")).rep == "grace"


def test_the_account_of_a_lead_names_its_owner() -> None:
    lead = Lead("ada", account=Lead("acme", {"owner": "grace"}))
    assert choose(TEAM, lead.at(NOW)).how == "account owner"


def test_names_are_one_however_they_are_composed() -> None:
    team = Routing([Rep("Zoe\u0308"), Rep("ada")])
    assert choose(team, owned_by("Zo\u00eb")).how == "account owner"
    assert choose(team, owner="Zoe\u0308").how == "kept owner"


# -- why not -----------------------------------------------------------------------------------

AWAY = (NOW - HOUR, NOW + HOUR)


@pytest.mark.parametrize(
    ("rep", "load", "why"),
    [
        (Rep("ada"), {}, ""),
        (Rep("ada", calendar=Calendar.always()), {}, ""),
        (Rep("ada", capacity=5), {"ada": 4}, ""),
        (Rep("ada", capacity=5), {"ada": 5}, "has 5 of 5 open handoffs"),
        (Rep("ada", capacity=5), {"ada": 7}, "has 7 of 5 open handoffs"),
        (Rep("ada", capacity=0), {}, "has 0 of 0 open handoffs"),
        (Rep("ada", calendar=OFFICE), {}, "out of hours until 2026-03-16 09:00:00 UTC"),
        (Rep("ada", absences=[AWAY]), {}, "absent until 2026-03-15 13:00:00 UTC"),
        (Rep("ada", absences=[(NOW + TICK, NOW + HOUR)]), {}, ""),
        (Rep("ada", absences=[(NOW - HOUR, NOW)]), {}, ""),
        (
            Rep("ada", absences=[(NOW, NOW + HOUR), (NOW + HOUR, NOW + 2 * HOUR)]),
            {},
            "absent until 2026-03-15 14:00:00 UTC",
        ),
        (
            Rep("ada", absences=[(NOW - 2 * HOUR, NOW + 3 * HOUR), AWAY]),
            {},
            "absent until 2026-03-15 15:00:00 UTC",
        ),
        (
            Rep("ada", capacity=1, calendar=OFFICE, absences=[AWAY]),
            {"ada": 1},
            "absent until 2026-03-15 13:00:00 UTC",
        ),
    ],
)
def test_why_a_rep_cannot_take_a_lead(rep: Rep, load: dict[str, int], why: str) -> None:
    assert rep.why_not(NOW, load) == why
    routed = choose(Routing([rep]), load=load)
    assert routed.rep == ("" if why else "ada")
    assert told(routed) == ([f"ada: {why}"] if why else [])


def test_hours_that_never_come_again() -> None:
    rep, after = Rep("ada", calendar=ONCE), MONDAY + timedelta(days=1)
    assert rep.why_not(after, {}) == "out of hours for good"
    assert rep.back(after) is None
    assert rep.back(NOW) == MONDAY
    assert choose(Routing([rep]), at=after).retry_at is None
    away = attrs.evolve(rep, absences=[(MONDAY, after)])
    assert away.back(NOW) is None


@pytest.mark.parametrize(
    ("lead", "known", "lines"),
    [
        (a_lead(), {}, []),
        (owned_by("bob"), {}, ["bob: not one of the reps"]),
        (owned_by(5), {}, ["account.owner is 5, and wanted is the name of a rep"]),
        (a_lead(), {"owner": "bob"}, ["bob: not one of the reps"]),
        (a_lead(), {"tried": ["grace"]}, ["grace: had this lead already"]),
        (a_lead(), {"owner": "grace", "tried": ["grace"]}, ["grace: had this lead already"]),
        (
            a_lead(country="DE"),
            {"load": {"ada": 5}},
            [
                "grace: lacks the tag 'german' of territory dach",
                "alan: lacks the tags 'german' and 'senior' of territory dach",
                "ada: has 5 of 5 open handoffs",
            ],
        ),
        (  # Only who is not eligible in the end has been skipped.
            a_lead(country="DE"),
            {"load": {"ada": 5, "joan": 1}},
            ["ada: has 5 of 5 open handoffs", "joan: has 1 of 1 open handoffs"],
        ),
    ],
)
def test_why_not_is_told(lead: Snapshot, known: dict[str, Any], lines: list[str]) -> None:
    dach = Territory("dach", attribute("country").is_in("DE"), tags=["german", "senior"])
    team = Routing(
        [
            Rep("ada", capacity=5, tags=["senior", "german"]),
            Rep("grace", tags=["senior"]),
            ALAN,
            Rep("joan", capacity=1, tags=["german", "senior"]),
        ],
        territories=[dach] if lead.text("country") else [],
    )
    assert told(choose(team, lead, **known)) == lines


def test_a_choice_reads_as_a_sentence() -> None:
    team = Routing([Rep("ada", capacity=5), GRACE])
    assert str(choose(team, load={"ada": 5})) == "grace (pool); ada: has 5 of 5 open handoffs"
    assert str(choose(Routing([Rep("ada", capacity=0)]))) == (
        "waits in the queue; ada: has 0 of 0 open handoffs"
    )
    assert str(Skipped("\x1b[31m", "not one of the reps")) == "\\x1b[31m: not one of the reps"


# -- owners ------------------------------------------------------------------------------------

BUSY = Rep("ada", capacity=5)


def test_an_owner_who_cannot_is_passed_over() -> None:
    routed = choose(Routing([BUSY, GRACE]), owner="ada", load={"ada": 5})
    assert (routed.rep, routed.how) == ("grace", "pool")
    assert told(routed) == ["ada: has 5 of 5 open handoffs"]


def test_or_is_waited_for() -> None:
    waiting = Routing([BUSY, Rep("grace", calendar=OFFICE), ALAN], wait_for_owner=True)
    for lead, owner, how in ((a_lead(), "ada", "kept"), (owned_by("ada"), "", "account")):
        routed = choose(waiting, lead, owner=owner, load={"ada": 5})
        assert (routed.rep, routed.how, routed.retry_at) == ("", "queue", None)
        assert told(routed) == [
            "ada: has 5 of 5 open handoffs",
            f"waits for ada, the {how} owner",
        ]
    routed = choose(waiting, owner="grace")
    assert (routed.how, routed.retry_at) == ("queue", MONDAY)


def test_who_gave_it_back_is_not_waited_for() -> None:
    waiting = Routing([BUSY, GRACE], wait_for_owner=True)
    for lead, owner in ((a_lead(), "ada"), (owned_by("ada"), "")):
        routed = choose(waiting, lead, owner=owner, had_it=["ada"], load={"ada": 5})
        assert routed.rep == "grace"
    assert choose(waiting, owner="ada", tried=["ada"], load={"ada": 5}).rep == "grace"
    assert choose(waiting, owner="bob").rep == "ada"


def test_an_owner_of_the_past_is_not_in_the_pool() -> None:
    """Somebody may own leads without taking turns."""
    team = Routing([ADA, GRACE], pool=["grace"])
    assert choose(team, owner="ada").rep == "ada"
    assert {choose(team).rep for _ in range(3)} == {"grace"}


# -- territories -------------------------------------------------------------------------------


def test_a_territory_that_cannot_be_told_is_not_taken_and_is_told() -> None:
    routed = choose(Routing([ADA, GRACE], territories=[DACH]), a_lead())
    assert routed.how == "pool"
    assert routed.notes == (f"territory dach: not known whether {DACH.when.describe()}",)


def test_only_what_was_come_to_is_told() -> None:
    """Neither who is absent in a pool that was not asked, nor a territory behind the one taken."""
    team = Routing([ADA, Rep("grace", absences=[AWAY])], territories=[DACH, NORTH])
    assert told(choose(team, a_lead(country="DE"))) == [
        "grace: lacks the tag 'german' of territory dach"
    ]
    assert (
        told(choose(team, a_lead(country="FR")))
        == [
            f"territory north: not known whether {NORTH.when.describe()}",
            "grace: absent until 2026-03-15 13:00:00 UTC",
        ][::-1]
    )


def test_another_territory_is_not_told() -> None:
    assert told(choose(Routing([ADA, GRACE], territories=[DACH]), a_lead(country="FR"))) == []


def test_a_territory_without_anybody_free_leads_on() -> None:
    """To the next one that the lead belongs to, then to the pool."""
    every = Territory("every", all_of(), reps=["alan"])
    team = Routing(
        [attrs.evolve(ADA, capacity=1), GRACE, attrs.evolve(ALAN, capacity=1)],
        territories=[DACH, every],
    )
    lead = a_lead(country="DE")
    full = {"ada": 1, "alan": 1}
    found = [choose(team, lead, load=load).how for load in ({}, {"ada": 1}, full)]
    assert found == ["territory dach", "territory every", "pool"]


def test_or_keeps_its_leads_for_its_own() -> None:
    waiting = attrs.evolve(DACH, wait=True)
    team = Routing([Rep("ada", tags=["german"], calendar=OFFICE), GRACE], territories=[waiting])
    routed = choose(team, a_lead(country="DE"))
    assert (routed.how, routed.retry_at) == ("queue", MONDAY)
    assert told(routed) == [
        "grace: lacks the tag 'german' of territory dach",
        "ada: out of hours until 2026-03-16 09:00:00 UTC",
        "territory dach is for its own reps only",
    ]
    assert choose(team, a_lead(country="DE"), MONDAY).rep == "ada"


def test_reps_of_a_territory_take_turns_by_weight() -> None:
    team = Routing([Rep("ada", weight=2), GRACE], territories=[Territory("all", all_of())])
    pool, found = Pool(), []
    for _ in range(6):
        routed = choose(team, pool=pool)
        pool = routed.pool
        found.append(routed.rep)
    assert found == ["ada", "grace", "ada"] * 2


def test_a_territory_has_its_own_turns() -> None:
    """A lead from the territory is none of the pool's, and the other way round."""
    team = Routing([ADA, GRACE], territories=[Territory("north", NORTH.when)])
    first = choose(team, a_lead(region="north"))
    second = choose(team, a_lead(region="south"), pool=first.pool)
    assert (first.rep, second.rep) == ("ada", "ada")
    assert set(second.pool.turns) == {"territory north", "pool"}


# -- tried -------------------------------------------------------------------------------------


def test_a_lead_goes_round() -> None:
    """Whoever had it comes again when everybody who can take it had it as often."""
    team, tried, pool = Routing([ADA, GRACE, ALAN], territories=[NORTH]), list[str](), Pool()
    for _ in range(9):
        routed = choose(team, a_lead(region="north"), pool=pool, tried=tried, owner="alan")
        tried, pool = [*tried, routed.rep], routed.pool
    assert tried[:3] == ["alan", "grace", "ada"]
    for start in (3, 6):
        assert sorted(tried[start : start + 3]) == ["ada", "alan", "grace"]
        assert tried[start] == "grace"  # The lead is still of her territory.


def test_whoever_has_had_it_less_often_is_awaited() -> None:
    away = Rep("grace", absences=[AWAY])
    team = Routing([ADA, away, Rep("alan", capacity=1), Rep("joan", capacity=0)])
    first = choose(team, load={"alan": 1})
    assert (first.rep, first.awaited, first.retry_at) == ("ada", (), None)
    again = choose(team, load={"alan": 1}, tried=["ada"])
    assert (again.rep, again.awaited, again.retry_at) == ("ada", ("grace", "alan"), AWAY[1])
    nobody = choose(attrs.evolve(team, reps=team.reps[1:]), load={"alan": 1}, tried=["grace"])
    assert (nobody.rep, nobody.awaited, nobody.retry_at) == ("", ("alan",), AWAY[1])
    assert told(nobody)[1:] == ["alan: has 1 of 1 open handoffs", "joan: has 0 of 0 open handoffs"]


def test_only_those_who_can_take_it_are_waited_for() -> None:
    team = Routing([ADA, Rep("grace", capacity=0)])
    assert choose(team, tried=["ada"]).rep == "ada"


# -- laws --------------------------------------------------------------------------------------

Chooser = Callable[..., Routed]

CALENDARS = (
    None,
    OFFICE,
    ONCE,
    Calendar("Asia/Tokyo", {"sun": "22:00-06:00"}),
    Calendar("America/New_York", {"mon-sat": ["10:00-12:00", "13:00-15:00"]}),
)
HOURS = st.integers(-30, 200).map(lambda hours: NOW + hours * HOUR)
NAMES = ("ada", "grace", "alan", "mary", "joan")


@st.composite
def reps(draw: st.DrawFn, name: str) -> Rep:
    absences = st.tuples(HOURS, st.integers(1, 60)).map(lambda a: (a[0], a[0] + a[1] * HOUR))
    return Rep(
        name,
        weight=draw(st.integers(1, 3)),
        capacity=draw(st.none() | st.integers(0, 2)),
        tags=draw(st.lists(st.sampled_from(["german", "senior"]))),
        calendar=draw(st.sampled_from(CALENDARS)),
        absences=draw(st.lists(absences, max_size=3)),
    )


@st.composite
def routings(draw: st.DrawFn) -> Routing:
    team = [draw(reps(name)) for name in NAMES[: draw(st.integers(1, 5))]]
    known = [rep.name for rep in team]
    some = st.lists(st.sampled_from(known), max_size=3)
    conditions = [all_of(), any_of(), attribute("country").is_in("DE")]
    territories = [
        Territory(
            f"territory {number}",
            draw(st.sampled_from(conditions)),
            reps=draw(some),
            wait=draw(st.booleans()),
        )
        for number in range(draw(st.integers(0, 2)))
    ]
    return Routing(
        team,
        keep_owner=draw(st.booleans()),
        wait_for_owner=draw(st.booleans()),
        territories=territories,
        pool=draw(some),
    )


@st.composite
def asked(draw: st.DrawFn) -> dict[str, Any]:
    """What `choose` is asked with, but for the instant and the state."""
    names = st.sampled_from([*NAMES, "bob"])
    country = draw(st.sampled_from(["DE", "FR", None]))
    return {
        "lead": owned_by(draw(names | st.none()), country=country),
        "load": draw(st.dictionaries(names, st.integers(0, 3))),
        "owner": draw(names | st.just("")),
        "tried": draw(st.lists(names, max_size=4)),
    }


def ask(chooser: Chooser, routing: Routing, at: datetime, asked: dict[str, Any]) -> Routed:
    return chooser(routing, at=at, pool=Pool(), **asked)


def who_gets_it_can_take_it(
    chooser: Chooser, routing: Routing, at: datetime, asked: dict[str, Any]
) -> None:
    """Nobody gets a lead out of hours, absent or full."""
    routed = ask(chooser, routing, at, asked)
    for name in (*routed.eligible, *filter(None, [routed.rep])):
        assert routing.by_name[name].why_not(at, asked["load"]) == ""


def everybody_has_a_reason(
    chooser: Chooser, routing: Routing, at: datetime, asked: dict[str, Any]
) -> None:
    """Who is in the pool and neither eligible nor skipped was never come to."""
    routed = ask(chooser, routing, at, asked)
    skipped = [one.rep for one in routed.skipped]
    assert len(skipped) == len(set(skipped))
    assert not set(skipped) & set(routed.eligible)
    assert all(one.why for one in routed.skipped)
    if routed.how == "pool":
        assert {rep.name for rep in routing.in_pool} <= {*skipped, *routed.eligible}


def retry_is_the_first_chance(
    chooser: Chooser, routing: Routing, at: datetime, asked: dict[str, Any]
) -> None:
    """
    With nothing else changed: nobody before `retry_at`, somebody at it; None is never.

    Of a lead that somebody gets: nobody who has had it less often than they have.
    """
    routed = ask(chooser, routing, at, asked)
    turns = Counter(asked["tried"])

    def somebody(moment: datetime) -> bool:
        found = ask(chooser, routing, moment, asked).rep
        return bool(found) and (not routed.rep or turns[found] < turns[routed.rep])

    last = routed.retry_at or at + timedelta(days=30)
    hours = (last - at) // HOUR
    for step in range(1, hours + 1):
        moment = at + step * HOUR
        assert moment >= last or not somebody(moment)
    if routed.retry_at is not None:
        assert routed.retry_at > at
        assert not somebody(last - TICK)
        assert somebody(last)


def nobody_again_before_all_had_it(
    chooser: Chooser, routing: Routing, at: datetime, asked: dict[str, Any]
) -> None:
    """Offered on and on: among those who can take it, the counts of a round differ by one."""
    tried: list[str] = []
    for _ in range(8):
        routed = ask(chooser, routing, at, {**asked, "tried": tried, "owner": ""})
        tried.append(routed.rep)
        if not routed.rep:
            return
        counts = Counter(tried)
        ready = [name for name in routed.eligible if name != routed.rep]
        assert all(counts[routed.rep] - 1 <= counts[name] for name in ready)
        if routed.how == "pool" and not any(t.wait for t in routing.territories):
            free = [r for r in routing.in_pool if not r.why_not(at, asked["load"])]
            assert counts[routed.rep] - 1 <= min(counts[rep.name] for rep in free)


LAWS = (
    who_gets_it_can_take_it,
    everybody_has_a_reason,
    retry_is_the_first_chance,
    nobody_again_before_all_had_it,
)


@pytest.mark.parametrize("law", LAWS)
@given(routing=routings(), at=HOURS, asked=asked())
def test_the_laws_of_routing(
    law: Callable[..., None], routing: Routing, at: datetime, asked: dict[str, Any]
) -> None:
    law(Routing.choose, routing, at, asked)


@given(routings(), HOURS, asked())
def test_the_same_question_has_the_same_answer(
    routing: Routing, at: datetime, asked: dict[str, Any]
) -> None:
    """Also from a copy, and at the same instant in another zone."""
    copy = pickle.loads(pickle.dumps(routing))
    elsewhere = at.astimezone(timezone(5 * HOUR))
    assert ask(Routing.choose, copy, elsewhere, asked) == ask(Routing.choose, routing, at, asked)


@given(routings(), HOURS, asked())
def test_only_turns_change_the_state(routing: Routing, at: datetime, asked: dict[str, Any]) -> None:
    """A kept owner or an account owner pays nothing, and a queue costs nothing."""
    _, before = Pool().pick("pool", dict.fromkeys(NAMES, 1))
    routed = routing.choose(at=at, pool=before, **asked)
    if routed.how in ("kept owner", "account owner", "queue"):
        assert routed.pool == before
    else:
        weights = {name: routing.by_name[name].weight for name in routed.eligible}
        assert before.pick(routed.how, weights) == (routed.rep, routed.pool)


@given(routings(), HOURS, asked(), st.randoms(use_true_random=False))
def test_the_order_of_reps_settles_only_whose_turn_it_is(
    routing: Routing, at: datetime, asked: dict[str, Any], random: Any
) -> None:
    order = list(routing.reps)
    random.shuffle(order)
    one = ask(Routing.choose, routing, at, asked)
    other = ask(Routing.choose, attrs.evolve(routing, reps=order), at, asked)
    assert (one.how, one.retry_at, one.notes) == (other.how, other.retry_at, other.notes)
    assert set(one.eligible) == set(other.eligible)
    assert set(one.skipped) == set(other.skipped)


# -- liars -------------------------------------------------------------------------------------


def ignores_the_clock(routing: Routing, at: datetime, **known: Any) -> Routed:
    """Everybody is always there."""
    always = [attrs.evolve(rep, calendar=None, absences=()) for rep in routing.reps]
    return attrs.evolve(routing, reps=always).choose(at=at, **known)


def forgets_who_had_it(routing: Routing, at: datetime, **known: Any) -> Routed:
    """The turn decides alone; a small pool asks the same rep again."""
    return routing.choose(at=at, **{**known, "tried": ()})


def tells_no_reason(routing: Routing, at: datetime, **known: Any) -> Routed:
    return attrs.evolve(routing.choose(at=at, **known), skipped=())


def wakes_at_the_next_opening(routing: Routing, at: datetime, **known: Any) -> Routed:
    """Whoever comes in may still be absent, or full."""
    routed = routing.choose(at=at, **known)
    opens = (rep.calendar.next_open(at) for rep in routing.reps if rep.calendar is not None)
    return attrs.evolve(routed, retry_at=None if routed.rep else min(filter(None, opens)))


def waits_for_nobody_once_somebody_has_it(routing: Routing, at: datetime, **known: Any) -> Routed:
    """Offered again to who had it, it does not say when somebody comes who has not."""
    routed = routing.choose(at=at, **known)
    return attrs.evolve(routed, retry_at=None) if routed.rep else routed


def wakes_tomorrow(routing: Routing, at: datetime, **known: Any) -> Routed:
    routed = routing.choose(at=at, **known)
    return attrs.evolve(routed, retry_at=None if routed.rep else at + timedelta(days=1))


NOTHING: dict[str, Any] = {"lead": a_lead(), "load": {"alan": 1}, "owner": "", "tried": ()}
SUNDAY = Routing(
    [
        Rep("ada", calendar=OFFICE, absences=[(MONDAY - HOUR, MONDAY + HOUR)]),
        Rep("alan", capacity=1, calendar=OFFICE),
    ]
)
THREE = Routing([ADA, GRACE, ALAN])


@pytest.mark.parametrize(
    ("law", "liar", "routing"),
    [
        (who_gets_it_can_take_it, ignores_the_clock, SUNDAY),
        (everybody_has_a_reason, tells_no_reason, Routing([ADA, Rep("alan", capacity=1)])),
        (retry_is_the_first_chance, wakes_at_the_next_opening, SUNDAY),
        (retry_is_the_first_chance, wakes_tomorrow, SUNDAY),
        (nobody_again_before_all_had_it, forgets_who_had_it, THREE),
    ],
)
def test_each_law_catches_a_liar(law: Callable[..., None], liar: Chooser, routing: Routing) -> None:
    law(Routing.choose, routing, NOW, NOTHING)
    with pytest.raises(AssertionError):
        law(liar, routing, NOW, NOTHING)


def test_who_comes_back_is_missed_by_a_liar() -> None:
    """The same law, for a lead that somebody has had before."""
    team = Routing([ADA, Rep("grace", calendar=OFFICE)])
    had = {**NOTHING, "tried": ["ada"]}
    retry_is_the_first_chance(Routing.choose, team, NOW, had)
    with pytest.raises(AssertionError):
        retry_is_the_first_chance(waits_for_nobody_once_somebody_has_it, team, NOW, had)


# -- definitions -------------------------------------------------------------------------------


def test_all_faults_of_a_routing_are_told_at_once() -> None:
    with refused(
        PolicyError,
        "the routing cannot work\n"
        "  reps[0].name: found 'ada'; a name stands once\n"
        "  reps[1].name: found 'ada'; a name stands once\n"
        "  territories[0].name: found 'dach'; a name stands once\n"
        "  territories[2].name: found 'dach'; a name stands once\n"
        "  pool[0]: found 'adda'; wanted the name of one of the reps; did you mean 'ada'?\n"
        "  territories[1].reps[0]: found 'grace'; wanted the name of one of the reps; "
        "known are 'ada', 'joan'\n"
        "  territories[3].tags: found 'senior' and 'french'; wanted what at least one of the reps "
        "of 'south' has\n"
        "  reps: found weights that add up to 1,001 in lowest terms; wanted 1,000 at most; "
        "round them",
    ):
        Routing(
            [ADA, ADA, Rep("joan", weight=1_000)],
            territories=[
                DACH,
                NORTH,
                DACH,
                Territory("south", all_of(), tags=["senior", "french"]),
            ],
            pool=["adda"],
        )


@pytest.mark.parametrize(
    ("build", "kind", "error"),
    [
        (lambda: Rep(5), KindError, "wanted a name, not 5"),
        (lambda: Rep(" "), DefinitionError, "a name is text of 1 to 200 characters, not blank"),
        (lambda: Rep("a" * 201), DefinitionError, "a name is text of 1 to 200 characters"),
        (lambda: Rep("a", weight=0), DefinitionError, "a weight is from 1 to 1,000,000, not 0"),
        (lambda: Rep("a", weight=10**7), DefinitionError, "a weight is from 1 to 1,000,000"),
        (lambda: Rep("a", weight=1.5), KindError, "a weight is a whole number, not 1.5"),
        (lambda: Rep("a", weight=True), KindError, "a weight is a whole number, not yes"),
        (lambda: Rep("a", capacity=-1), DefinitionError, "a capacity is from 0 to 1,000,000"),
        (lambda: Rep("a", capacity="5"), KindError, 'a capacity is a whole number, not "5"'),
        (lambda: Rep("a", tags="german"), KindError, 'wanted a list of names, not "german"'),
        (lambda: Rep("a", tags=[5]), KindError, "wanted a name, not 5"),
        (lambda: Rep("a", tags=map(str, range(9))), KindError, "wanted a list of names"),
        (
            lambda: Rep("a", tags=[*map(str, range(101))]),
            DefinitionError,
            "there are at most 100 tags, not 101",
        ),
        (lambda: Rep("a", calendar="9-5"), KindError, 'a rep\'s hours are a Calendar, not "9-5"'),
        (lambda: Rep("a", absences=NOW), KindError, "absences are a list of pairs of instants"),
        (lambda: Rep("a", absences=[NOW]), KindError, "an absence is a pair of instants"),
        (lambda: Rep("a", absences=[(NOW,)]), KindError, "an absence is a pair of instants"),
        (
            lambda: Rep("a", absences=[(NOW, "x")]),
            KindError,
            "an absence's time must be a datetime",
        ),
        (
            lambda: Rep("a", absences=[(NOW, NOW.replace(tzinfo=None))]),
            NaiveTimeError,
            "an absence's time 2026-03-15 12:00:00 (no time zone) has no usable time zone",
        ),
        (
            lambda: Rep("a", absences=[(NOW, NOW)]),
            DefinitionError,
            "an absence from 2026-03-15 12:00:00 UTC ends after that, not at 2026-03-15 12",
        ),
        (
            lambda: Rep("a", absences=[AWAY] * 1_001),
            DefinitionError,
            "a rep has at most 1,000 absences, not 1,001",
        ),
        (lambda: Territory("t", "DE"), KindError, 'wanted a criterion, not "DE"'),
        (lambda: Territory("", all_of()), DefinitionError, "a name is text of 1 to 200"),
        (lambda: Territory("t", all_of(), wait="no"), KindError, 'wanted true or false, not "no"'),
        (
            lambda: Territory("t", all_of(), reps=[*map(str, range(1_001))]),
            DefinitionError,
            "a list has at most 1,000 names, not 1,001",
        ),
        (lambda: Routing([]), DefinitionError, "there are 1 to 1,000 reps, not 0"),
        (lambda: Routing([ADA] * 1_001), DefinitionError, "there are 1 to 1,000 reps, not 1,001"),
        (lambda: Routing(ADA), KindError, "reps are a list, not a Rep"),
        (lambda: Routing(["ada"]), KindError, "wanted a Rep, such as Rep('ada'), not \"ada\""),
        (lambda: Routing([ADA], keep_owner=1), KindError, "wanted true or false, not 1"),
        (lambda: Routing([ADA], wait_for_owner=1), KindError, "wanted true or false, not 1"),
        (lambda: Routing([ADA], account_owner=None), KindError, "wanted a name, not blank"),
        (lambda: Routing([ADA], pool="ada"), KindError, 'wanted a list of names, not "ada"'),
        (lambda: Routing([ADA], territories=DACH), KindError, "territories are a list, not a Terr"),
        (lambda: Routing([ADA], territories=["x"]), KindError, 'wanted a Territory, not "x"'),
        (
            lambda: Routing([ADA], territories=[DACH] * 1_001),
            DefinitionError,
            "there are at most 1,000 territories, not 1,001",
        ),
        (
            lambda: choose(Routing([ADA]), at=NOW.replace(tzinfo=None)),
            NaiveTimeError,
            "at 2026-03-15 12:00:00 (no time zone) has no usable time zone",
        ),
    ],
)
def test_faulty_parts_are_refused(
    build: Callable[[], Any], kind: type[Exception], error: str
) -> None:
    with pytest.raises(kind) as caught:
        build()
    assert error in str(caught.value)


def test_absences_have_one_form() -> None:
    zone = timezone(HOUR)
    later = (NOW + HOUR, NOW + 2 * HOUR)
    one = Rep("ada", absences=[later, AWAY])
    assert one == Rep("ada", absences=[(NOW.astimezone(zone) - HOUR, NOW + 2 * HOUR)])
    assert one.absences == ((NOW - HOUR, NOW + 2 * HOUR),)


def test_it_is_a_value() -> None:
    assert pickle.loads(pickle.dumps(TEAM)) == TEAM
    assert hash(attrs.evolve(TEAM)) == hash(TEAM)
    assert attrs.evolve(TEAM, pool=[]) != TEAM
