"""A lifecycle that has a bit of everything, walks on it, and random small ones."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from mqlkit import Lead, attribute
from mqlkit.lifecycle import (
    Event,
    IllegalMoveError,
    LifecycleError,
    RefusedMoveError,
    Stage,
    Transition,
)

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BIG = attribute("employees") >= 50
PATH = ("lead", "mql", "sal", "customer")

RICH = {
    "name": "rich",
    "stages": (
        Stage("lead"),
        Stage("mql", at_most=3, beyond="lost"),
        Stage("sal", "sla", team="sales", within=5 * DAY, warn_before=DAY),
        Stage("check", "gate"),
        Stage("customer", "terminal"),
        Stage("recycled", cool_down=2 * DAY),
        Stage("lost", "terminal"),
    ),
    "moves": (
        Transition("qualified", ("lead", "recycled"), "check"),
        Transition("at once", "check", "mql", BIG),
        Transition("at once", "check", "lead"),
        Transition("unqualified", "mql", "lead", dwell=DAY),
        Transition("accepted", "mql", "sal"),
        Transition("won", "sal", "customer", BIG),
        Transition("won", "sal", "recycled", ~BIG),
        Transition("expired", "sal", "recycled"),
        Transition("again", "sal", "sal"),
        Transition("gone", "*", "lost"),
        Transition("reopened", "lost", "recycled"),
    ),
    "path": PATH,
}
TRIGGERS = sorted({move.on for move in RICH["moves"]} - {"at once", "expired"})


def facts(employees):
    return Lead("ada", {"employees": employees}).at(AT)


@st.composite
def plans(draw, triggers=(*TRIGGERS, "qualified", "accepted", "nonsense"), most=14):
    """Events in the order in which they are told, some of them late, each with its facts."""
    gaps = st.sampled_from((0, 1, 5, 24, 47, 48, 120, 121, -30))
    step = st.tuples(st.sampled_from(triggers), gaps, st.sampled_from((2, 60, 60, None)))
    told, now = [], AT
    for place, (trigger, gap, employees) in enumerate(draw(st.lists(step, max_size=most))):
        now += gap * HOUR
        told.append((Event(trigger, now, f"e{place}"), facts(employees)))
    return told


def taken(lifecycle, journey, event, known):
    """The step, or None when it is refused as it should be."""
    try:
        return lifecycle.step(journey, event, known)
    except (IllegalMoveError, RefusedMoveError):
        return None


def steps(lifecycle, plan):
    """The steps that a plan comes to, its beginning first."""
    made = [lifecycle.begin("ada", AT, id="begin")]
    for event, known in plan:
        step = taken(lifecycle, made[-1].journey, event, known)
        if step is not None:
            made.append(step)
    return made


# -- random small ones ---------------------------------------------------------------------------

NAMES = ("a", "b", "c", "d", "e")


@st.composite
def drafts(draw, *, tidy=False):
    """
    The parts of a small lifecycle, good or not.

    Args:
        tidy: Without timers, gates, bounds and manual fields, along a chain that reaches all.
    """
    count = draw(st.integers(2, 5))
    names = NAMES[:count]
    kinds = ("inventory",) if tidy else ("inventory", "inventory", "gate", "sla")
    stages = [Stage(name, draw(st.sampled_from(kinds))) for name in names[:-1]]
    stages = [
        Stage(s.name, s.kind, within=DAY) if s.kind == "sla" and draw(st.booleans()) else s
        for s in stages
    ]
    if not tidy and draw(st.booleans()):
        bounded = draw(st.integers(0, len(stages) - 1))
        one = stages[bounded]
        stages[bounded] = Stage(one.name, one.kind, within=one.within, at_most=2, beyond=names[-1])
    stages.append(Stage(names[-1], "terminal"))
    moves = []
    triggers = ("x", "y", "z")
    for place, stage in enumerate(stages[:-1]):
        if not tidy and draw(st.integers(0, 5)) == 5:
            continue
        on = {"gate": "at once", "sla": "expired"}.get(stage.kind, draw(st.sampled_from(triggers)))
        moves.append(Transition(on, stage.name, names[place + 1]))
    more = st.tuples(
        st.sampled_from(triggers if tidy else (*triggers, "at once", "expired", "unqualified")),
        st.sampled_from(names[:-1]),
        st.sampled_from(names),
        st.sampled_from((None, BIG)),
        st.sampled_from((None,) if tidy else (None, None, DAY)),
    )
    for on, source, target, when, dwell in draw(st.lists(more, max_size=5)):
        place = draw(st.integers(0, len(moves)))
        moves.insert(place, Transition(on, source, target, when, dwell=dwell))
    return {"name": "small", "stages": stages, "moves": moves, "path": names}


def built(make, draft):
    """The lifecycle of a draft, or None when it has faults; then each says how to mend it."""
    try:
        return make(**draft)
    except LifecycleError as error:
        faults = error.faults
    assert faults
    assert all(fault.path and fault.wanted and fault.hint for fault in faults)
    return None
