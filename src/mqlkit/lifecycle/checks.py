"""
The checks of a lifecycle, as tables: a row a check.

Each row says where, what is asked, what was found, what was wanted and how to mend it. Those that
ask about more than one part are asked of a lifecycle whose names are right.
"""

# What a table hands to a lambda is known from its row, not to type checkers.
# pyright: reportUnknownLambdaType=false

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, NamedTuple, TypeAlias

from ..errors import did_you_mean
from ..value import listing
from .stage import Stage
from .transition import AT_ONCE, DECIDED, EXPIRED, OPPOSITE, Transition
from .ways import UNSURE, Ways

Words: TypeAlias = dict[str, str]
"""What the texts of a check name."""


class Check(NamedTuple):
    """One thing that can be wrong with a part; its texts name the part's ``{name}`` and more."""

    below: str
    asks: Callable[[Ways, Any], Words | bool]
    """Whether it is wrong; further words for the texts where there are some."""
    found: str
    wanted: str
    hint: str
    alone: bool = False
    """Whether it asks nothing of the other parts, so that wrong names do not matter."""


# -- stages --------------------------------------------------------------------------------------


def _timed(_: Ways, stage: Stage) -> bool:
    return stage.within is not None or stage.warn_before is not None


def _early(_: Ways, stage: Stage) -> bool:
    within, warn_before = stage.within, stage.warn_before or timedelta(0)
    return within is not None and timedelta(0) < within <= warn_before


def _no_calendar(ways: Ways, stage: Stage) -> bool:
    return stage.business and (ways.lifecycle.calendar is None or stage.kind != "sla")


def _bounded(ways: Ways, stage: Stage) -> Words | bool:
    bounded = stage.beyond and ways.lifecycle.by_name[stage.beyond].at_most is not None
    return {"beyond": repr(stage.beyond)} if bounded else False


def _shut(ways: Ways, stage: Stage) -> bool:
    exits = ways.lifecycle.table.get((stage.name, AT_ONCE))
    return stage.kind == "gate" and (not exits or exits[-1].when is not None)


def _maybe_endless(ways: Ways, stage: Stage) -> bool:
    exits = ways.lifecycle.table.get((stage.name, EXPIRED), ())
    return stage.kind == "sla" and bool(exits) and exits[-1].when is not None


def _restless(ways: Ways, stage: Stage) -> bool:
    off_path = stage.kind == "inventory" and ways.lifecycle.rank[stage.name] < 0
    return off_path and stage.cool_down is None and ways.rejoins(stage.name)


def _dead(ways: Ways, stage: Stage) -> bool:
    return stage.kind != "terminal" and not ways.following[stage.name]


def _endless(ways: Ways, stage: Stage) -> Words | bool:
    if not ways.ends or stage.name in ways.ending or _dead(ways, stage):
        return False
    return {"ends": listing([*map(repr, ways.ends)])}


OF_A_STAGE: Final = (
    Check(
        "within",
        lambda _, stage: stage.kind == "sla" and not stage.within,
        "no time",
        "the SLA stage {name} says how long",
        "for example within = {{ days = 14 }}",
        alone=True,
    ),
    Check(
        "",
        lambda ways, s: s.kind == "sla" and (s.name, EXPIRED) not in ways.lifecycle.table,
        f"no move on {EXPIRED!r}",
        "the SLA stage {name} leads somewhere when its time is over",
        f"add a move on {EXPIRED!r} from {{name}}",
    ),
    Check(
        "",
        _maybe_endless,
        f"only moves on {EXPIRED!r} that ask for something",
        "the SLA stage {name} leads somewhere in any case when its time is over",
        f"add a move on {EXPIRED!r} from {{name}} without a criterion, as the last one",
    ),
    Check(
        "kind",
        lambda ways, stage: stage.kind != "sla" and _timed(ways, stage),
        "{kind}",
        "only an SLA stage is timed",
        "say kind = 'sla', or leave out within and warn_before",
        alone=True,
    ),
    Check(
        "warn_before",
        lambda ways, stage: stage.kind == "sla" and _early(ways, stage),
        "a warning at or before its start",
        "wanted a span below within",
        "make it shorter",
        alone=True,
    ),
    Check(
        "business",
        _no_calendar,
        "business time",
        "wanted a calendar, and an SLA stage that counts on it",
        "give the lifecycle a calendar, or leave out business",
        alone=True,
    ),
    Check(
        "at_most",
        lambda _, stage: (stage.at_most is None) == bool(stage.beyond),
        "one of at_most and beyond",
        "both or neither",
        "say how often, and where a visit too many goes",
        alone=True,
    ),
    Check(
        "beyond",
        _bounded,
        "{beyond}",
        "wanted a stage without a bound of its own",
        "take another stage",
    ),
    Check(
        "cool_down",
        lambda _, stage: stage.kind == "gate" and stage.cool_down is not None,
        "a cool-down",
        "nothing rests at the gate {name}",
        "put it on the stage before",
        alone=True,
    ),
    Check(
        "kind",
        lambda ways, stage: stage.kind == "gate" and stage.name == ways.lifecycle.start,
        "{kind}",
        "a lead does not begin at a gate",
        "begin at another stage",
        alone=True,
    ),
    Check(
        "",
        _shut,
        "no way out that is always open",
        "the gate {name} ends with a move that asks for nothing",
        f"add a move on {AT_ONCE!r} without a criterion",
    ),
    Check(
        "",
        lambda ways, stage: stage.kind == "gate" and ways.rounds(stage.name),
        "{name}, a gate that leads to itself through gates",
        "gates end somewhere",
        "lead it to a stage where leads stand",
    ),
    Check(
        "offers",
        lambda _, stage: stage.offers and stage.kind in ("gate", "terminal"),
        "a handoff",
        "nothing is handed off at a gate or an end",
        "offer at another stage",
        alone=True,
    ),
    Check(
        "cool_down",
        _restless,
        "no cool-down",
        "{name} leads back to the path, so it says how long a lead rests",
        "for example cool_down = {{ days = 90 }}",
    ),
    Check(
        "",
        lambda ways, stage: stage.name not in ways.reached,
        "{name}, which no move reaches from {start}",
        "every stage can be reached",
        "add a move to it, or leave it out",
    ),
    Check(
        "",
        _dead,
        "{name}, a dead end",
        "a stage that is not terminal has a way out",
        "add a move from it, or make it terminal",
    ),
    Check(
        "",
        _endless,
        "{name}, from where no move leads to an end",
        "every lead can come to {ends}",
        "add a move",
    ),
)


# -- moves ---------------------------------------------------------------------------------------


def _kinds(ways: Ways, move: Transition) -> set[str]:
    return {ways.lifecycle.by_name[source].kind for source in ways.lifecycle.sources(move)}


def _misplaced(ways: Ways, move: Transition) -> bool:
    kinds = _kinds(ways, move)
    return kinds != {"gate"} if move.on == AT_ONCE else "gate" in kinds


def _back(ways: Ways, move: Transition) -> bool:
    rank = ways.lifecycle.rank
    return any(0 <= rank[move.target] < rank[source] for source in ways.lifecycle.sources(move))


def _hidden(ways: Ways, move: Transition) -> Words | bool:
    place = ways.hidden_by(move)
    return False if place is None else {"before": f"moves[{place}]"}


OF_A_MOVE: Final = (
    Check(
        "on",
        _misplaced,
        "{on}",
        f"gates, and only gates, have moves on {AT_ONCE!r}",
        "name another trigger, or make it a gate",
    ),
    Check(
        "dwell",
        lambda _, move: move.on == AT_ONCE and move.dwell is not None,
        "a dwell",
        "nothing waits at a gate",
        "leave it out",
        alone=True,
    ),
    Check(
        "on",
        lambda ways, move: move.on == EXPIRED and _kinds(ways, move) != {"sla"},
        "{on}",
        "only an SLA stage expires",
        "make it an SLA stage, or name another trigger",
    ),
    Check(
        "dwell",
        lambda _, move: move.on == EXPIRED and move.dwell is not None,
        "a dwell",
        "a stage has waited when its time is over",
        "make within longer",
        alone=True,
    ),
    Check(
        "dwell",
        lambda _, move: move.on == DECIDED and move.dwell is not None and not move.unless,
        "a dwell that nothing calls off",
        f"a move on {DECIDED!r} that waits says what calls it off: its criterion is not asked "
        "meanwhile",
        "add unless = ['qualified'], or another trigger",
        alone=True,
    ),
    Check(
        "dwell",
        lambda ways, move: move.on in OPPOSITE and move.dwell is None and _back(ways, move),
        "no dwell",
        "a move back along the path on a crossing waits for a while",
        "for example dwell = {{ days = 7 }}",
    ),
    Check(
        "",
        _hidden,
        "a move on {on} from {source}",
        "{before} is taken before it always, so this one never is",
        "put it before that one and give it a criterion, or leave it out",
    ),
)


# -- the whole -----------------------------------------------------------------------------------

OF_THE_WHOLE: Final = (
    Check(
        "stages",
        lambda ways, _: not ways.ends,
        "no terminal stage",
        "a lead comes to an end somewhere",
        "make one stage terminal",
    ),
)


def _never_heard(ways: Ways, pair: tuple[str, str]) -> Words | bool:
    known = {move.on for move in ways.lifecycle.moves}
    wrong = next((trigger for trigger in pair if trigger not in known), None)
    return False if wrong is None else {"wrong": repr(wrong), "mend": did_you_mean(wrong, known)}


def _order_matters(ways: Ways, pair: tuple[str, str]) -> Words | bool:
    for stage in ways.names:
        one, other = ways.after(stage, pair), ways.after(stage, pair[::-1])
        if one != other or UNSURE in (one, other):
            return {"stage": repr(stage)}
    return False


OF_A_PAIR: Final = (
    Check("", _never_heard, "{wrong}", "wanted the trigger of a move", "{mend}"),
    Check(
        "",
        lambda ways, pair: not _never_heard(ways, pair) and _order_matters(ways, pair),
        "{one} and {other}, which from {stage} may end differently",
        "one end in both orders, without criterion, wait or bound",
        "mend the moves, or leave the pair out",
    ),
)
