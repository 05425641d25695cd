"""Generated lifecycles, calendars and handoff policies, for tests of model files."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import attrs
from hypothesis import strategies as st

from mqlkit import Criterion, Qualification, attribute, score
from mqlkit.calendar import Calendar
from mqlkit.handoff.policy import HandoffPolicy
from mqlkit.handoff.reasons import ReasonCode
from mqlkit.handoff.routing import Rep, Routing, Territory
from mqlkit.handoff.sla import SlaPolicy, Target
from mqlkit.lifecycle import Lifecycle, Stage, Transition

ZONES = ("UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu")
WINDOWS = ("09:00-17:00", "22:00-06:00", "00:00-24:00", ("09:00-12:00", "13:00-17:30"))
DATES = (date(2026, 12, 24), date(2026, 12, 25), date(2028, 2, 29))

some = st.sampled_from
"""One of a few."""

spans = some(
    (
        timedelta(microseconds=1),
        timedelta(minutes=15),
        timedelta(hours=2, minutes=30),
        timedelta(hours=40),
        timedelta(days=14),
    )
)


def or_none(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


def a_few(items: tuple[Any, ...], least: int = 0) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(some(items), min_size=least, max_size=2, unique=True).map(tuple)


weeks = st.one_of(
    st.fixed_dictionaries({"mon-fri": some(WINDOWS)}, optional={"sat": some(WINDOWS)}),
    st.fixed_dictionaries({"daily": some(WINDOWS)}),
)

calendars: st.SearchStrategy[Calendar] = st.builds(
    Calendar,
    some(ZONES),
    weeks,
    closed=a_few(DATES[:1]),
    overrides=st.dictionaries(some(DATES[1:]), some((*WINDOWS, ())), max_size=1),
    holidays=st.dictionaries(some(DATES), some(("Christmas", "Tag 'ä' \"")), max_size=2),
    holidays_from=some(("", "holidays 0.1, DE")),
)


def guards(scores: tuple[str, ...]) -> st.SearchStrategy[Criterion]:
    """Criteria for moves, targets and territories: plain ones, named ones, and about scores."""
    country = attribute("country").is_in("DE", "AT")
    plain = [attribute("employees") >= 50, country, country.named("near")]
    return some((*plain, *(score(name) >= 5 for name in scores)))


@st.composite
def lifecycles(
    draw: st.DrawFn, scores: tuple[str, ...] = (), shared: tuple[Calendar, ...] = ()
) -> Lifecycle:
    """Lifecycles that work, of every kind of stage and move."""
    guard = guards(scores)
    calendar = draw(or_none(st.one_of(calendars, *map(st.just, shared))))
    timed = draw(spans)
    gate = Stage("checked", "gate", team="sales")
    stages = [
        Stage("lead", at_most=3, beyond="out") if draw(st.booleans()) else Stage("lead"),
        Stage("mql", offers=draw(st.booleans()), cool_down=draw(or_none(spans))),
        *((gate,) if draw(st.booleans()) else ()),
        Stage(
            "sal ☃",
            "sla",
            team="sales",
            within=timed,
            business=calendar is not None and draw(st.booleans()),
            warn_before=draw(some((None, timed / 2))),
        ),
        Stage("won", "terminal", team="sales"),
        Stage("recycled", cool_down=draw(spans)),
        Stage("out", "terminal"),
    ]
    accepted = "checked" if gate in stages else "sal ☃"
    moves = [
        Transition("qualified", "lead", "mql", draw(guard)),
        Transition("qualified", ("lead", "recycled"), "mql", effects=draw(a_few(("a", "b b")))),
        Transition("unqualified", "mql", "lead", dwell=draw(spans), unless=draw(unless)),
        Transition("accepted", "mql", accepted),
        *(
            (
                Transition("at once", "checked", "won", draw(guard)),
                Transition("at once", "checked", "sal ☃"),
            )
            if gate in stages
            else ()
        ),
        Transition("won", "sal ☃", "won"),
        Transition("expired", "sal ☃", "recycled"),
        Transition("recycled", ("mql", "sal ☃"), "recycled"),
        Transition("unanswered", ("mql", "sal ☃"), "recycled"),
        Transition("disqualified", "*", "out"),
    ]
    path = tuple(stage.name for stage in stages if stage.name not in ("recycled", "out"))
    commuting = draw(some(((), (("won", "won"),))))
    told = {"path": path, "start": "lead"} if draw(st.booleans()) else {}
    return Lifecycle("its 'name'", stages, moves, calendar=calendar, commuting=commuting, **told)


unless = or_none(a_few(("qualified", "reviewed")))


def targets(scores: tuple[str, ...]) -> st.SearchStrategy[tuple[Target, ...]]:
    optional: dict[str, st.SearchStrategy[Any]] = {
        "every": spans,
        "outcome": spans,
        "warn_before": st.just(timedelta(0)),
        "escalate": a_few(("team lead", "head of sales")),
        "reassign": st.booleans(),
    }
    told = st.fixed_dictionaries({"offer": spans, "first_touch": spans}, optional=optional)
    return st.builds(
        lambda hot, when, rest, attempts: (
            *((Target(name="hot", when=when, **hot),) if when is not None else ()),
            Target(name="rest", attempts=attempts if "every" in rest else None, **rest),
        ),
        told,
        or_none(guards(scores)),
        told,
        or_none(st.integers(1, 9)),
    )


INSTANTS = (
    datetime(2026, 7, 1, tzinfo=UTC),
    datetime(2026, 7, 14, 12, 30, tzinfo=UTC),
    datetime(2026, 9, 1, 0, 0, 0, 7, tzinfo=UTC),
)


def reps(shared: tuple[Calendar, ...]) -> st.SearchStrategy[tuple[Rep, ...]]:
    one = st.builds(
        Rep,
        some(("ada", "grace", 'Zoë "Z"')),
        weight=st.integers(1, 3),
        capacity=or_none(st.integers(0, 9)),
        tags=a_few(("german", "crm")),
        calendar=or_none(st.one_of(calendars, *map(st.just, shared))),
        absences=some(((), (INSTANTS[:2],), (INSTANTS[:2], INSTANTS[1:]))),
    )
    several = st.lists(one, min_size=1, max_size=3, unique_by=lambda rep: rep.name)
    return several.map(tuple)


@st.composite
def handoffs(
    draw: st.DrawFn, scores: tuple[str, ...] = (), shared: tuple[Calendar, ...] = ()
) -> HandoffPolicy:
    """Handoff policies with all that they may have."""
    people = draw(reps(shared))
    territory = Territory("near", draw(guards(scores)), wait=draw(st.booleans()))
    named = attrs.evolve(territory, name="hers", reps=(people[0].name,), tags=people[0].tags)
    routing = Routing(
        people,
        keep_owner=draw(st.booleans()),
        account_owner=draw(some(("", "account.owner", "owner.name"))),
        wait_for_owner=draw(st.booleans()),
        territories=draw(some(((), (territory,), (named, territory)))),
        pool=draw(some(((), (people[-1].name,)))),
    )
    reasons = (
        ReasonCode("early", "too soon", cool_down=draw(spans)),
        ReasonCode("no answer", "no response", cool_down=draw(spans)),
        ReasonCode("spam", "bad data", then="disqualify"),
        ReasonCode("not mine", "wrong fit", then="retry"),
    )
    calendar = draw(st.one_of(calendars, *map(st.just, shared)))
    return HandoffPolicy(SlaPolicy(draw(targets(scores)), calendar), routing, reasons)


@st.composite
def readiness(draw: st.DrawFn, model: Qualification) -> Qualification:
    """Who is ready for sales: on the card of the model, on none, with the default name or not."""
    card = draw(some((model.cards, ())))
    when = draw(guards(tuple(model.score_names) if card else ()))
    name, version = draw(some((("ready for sales", model.version), ("ready", "7"))))
    at_once = draw(some(({}, {"asked 'now'": attribute("asked").is_true()})))
    return Qualification(name, version=version, when=when, card=card, at_once=at_once)
