"""
What is wrong with a table of stages and moves: everything at once, each with a way out.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ..errors import DefinitionError, Fault, did_you_mean
from ..value import listing
from .stage import Stage
from .transition import ANYWHERE, AT_ONCE, EXPIRED, OPPOSITE, Transition

if TYPE_CHECKING:
    from .table import Lifecycle

_LONGEST_ERROR: Final = 2_000


class LifecycleError(DefinitionError):
    """
    A lifecycle that cannot work, with everything that is wrong in it.

    Args:
        faults: Each with its path, such as ``stages[2].within``.
        name: Of the lifecycle.

    >>> raise LifecycleError([Fault("stages[2]", None, "'sal'", "wanted within")], "short")
    Traceback (most recent call last):
    ...
    mqlkit.lifecycle.check.LifecycleError: the lifecycle 'short' cannot work
      stages[2]: found 'sal'; wanted within
    """

    def __init__(self, faults: Iterable[Fault], name: str = "") -> None:
        self.faults = tuple(faults)
        self.name = name
        super().__init__(self.faults, name)

    def __str__(self) -> str:
        text = f"the lifecycle {self.name!r} cannot work"
        for place, fault in enumerate(self.faults):
            line = f"\n  {fault}"
            if len(text) + len(line) > _LONGEST_ERROR - 40:
                return f"{text}\n  and {len(self.faults) - place:,} more"
            text += line
        return text


def faults(table: "Lifecycle") -> list[Fault]:
    """All that is wrong with a lifecycle: its names or, where these are right, its ways."""
    found = [*_names(table)]
    return found or [fault for check in _CHECKS for fault in check(table)]


# -- names -------------------------------------------------------------------------------------


def _names(table: "Lifecycle") -> Iterator[Fault]:
    counts = Counter(stage.name for stage in table.stages)
    if not counts:
        yield Fault("stages", None, "no stage", "wanted at least one")
    seen: set[str] = set()
    for place, stage in enumerate(table.stages):
        if stage.name in seen:
            yield Fault(
                f"stages[{place}].name",
                None,
                repr(stage.name),
                "a name stands once",
                "take another name",
            )
        seen.add(stage.name)
    for place, name in _doubled(table.path):
        yield Fault(
            f"path[{place}]",
            None,
            repr(name),
            "a stage stands once on the path",
            "leave it out here",
        )
    for path, name in _mentions(table):
        if name not in counts:
            yield Fault(
                path, None, repr(name), "wanted the name of a stage", did_you_mean(name, counts)
            )


def _doubled(names: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    for place, name in enumerate(names):
        if name in names[:place]:
            yield place, name


def _mentions(table: "Lifecycle") -> Iterator[tuple[str, str]]:
    for place, name in enumerate(table.path):
        yield f"path[{place}]", name
    if table.start:
        yield "start", table.start
    for place, stage in enumerate(table.stages):
        if stage.beyond:
            yield f"stages[{place}].beyond", stage.beyond
    for place, move in enumerate(table.moves):
        if move.sources != (ANYWHERE,):
            for source in move.sources:
                yield f"moves[{place}].source", source
        yield f"moves[{place}].target", move.target


# -- each stage and move by itself -------------------------------------------------------------


def _stages(table: "Lifecycle") -> Iterator[Fault]:
    for place, stage in enumerate(table.stages):
        for field, found, wanted, hint in _stage(table, stage):
            yield Fault(
                f"stages[{place}].{field}" if field else f"stages[{place}]",
                None,
                found,
                wanted,
                hint,
            )


def _stage(table: "Lifecycle", stage: Stage) -> Iterator[tuple[str, str, str, str]]:
    name, timed = repr(stage.name), stage.kind == "sla"
    if timed and not stage.within:
        yield (
            "within",
            "no time",
            f"the SLA stage {name} says how long",
            "for example within = { days = 14 }",
        )
    if timed and (stage.name, EXPIRED) not in table.table:
        hint = f"add a move on {EXPIRED!r} from {name}"
        yield (
            "",
            f"no move on {EXPIRED!r}",
            f"the SLA stage {name} leads somewhere when its time is over",
            hint,
        )
    if not timed and (stage.within is not None or stage.warn_before is not None):
        yield (
            "kind",
            repr(stage.kind),
            "only an SLA stage is timed",
            "say kind = 'sla', or leave out within and warn_before",
        )
    if timed and stage.within and (stage.warn_before or timedelta(0)) >= stage.within:
        yield (
            "warn_before",
            "a warning at or before its start",
            "wanted a span below within",
            "make it shorter",
        )
    if stage.business and (table.calendar is None or not timed):
        yield (
            "business",
            "business time",
            "wanted a calendar, and an SLA stage that counts on it",
            "give the lifecycle a calendar",
        )
    if (stage.at_most is None) == bool(stage.beyond):
        yield (
            "at_most",
            "one of at_most and beyond",
            "both or neither",
            "say how often, and where a visit too many goes",
        )
    if stage.beyond and table.by_name[stage.beyond].at_most is not None:
        yield (
            "beyond",
            repr(stage.beyond),
            "wanted a stage without a bound of its own",
            "take another stage",
        )
    yield from _kinds(table, stage)


def _kinds(table: "Lifecycle", stage: Stage) -> Iterator[tuple[str, str, str, str]]:
    name = repr(stage.name)
    if stage.kind == "gate":
        if stage.cool_down is not None:
            yield (
                "cool_down",
                "a cool-down",
                f"nothing rests at the gate {name}",
                "put it on the stage before",
            )
        if stage.name == table.start:
            yield "kind", "'gate'", "a lead does not begin at a gate", "begin at another stage"
        ways = table.table.get((stage.name, AT_ONCE), ())
        if not ways or ways[-1].when is not None:
            yield (
                "",
                "no way out that is always open",
                f"the gate {name} ends with a move that asks for nothing",
                f"add a move on {AT_ONCE!r} without a criterion",
            )
    if stage.offers and stage.kind in ("gate", "terminal"):
        yield (
            "offers",
            "a handoff",
            f"nothing is handed off at the {stage.kind} {name}",
            "offer at another stage",
        )
    rank = table.rank
    back = (
        stage.kind == "inventory"
        and rank[stage.name] < 0
        and any(
            rank[n] >= 0 and table.by_name[n].kind != "terminal" for n in _next(table, stage.name)
        )
    )
    if back and stage.cool_down is None:
        yield (
            "cool_down",
            "no cool-down",
            f"{name} leads back to the path, so it says how long a lead rests",
            "for example cool_down = { days = 90 }",
        )


def _moves(table: "Lifecycle") -> Iterator[Fault]:
    for place, move in enumerate(table.moves):
        for field, found, wanted, hint in _move(table, move):
            yield Fault(f"moves[{place}].{field}", None, found, wanted, hint)


def _move(table: "Lifecycle", move: Transition) -> Iterator[tuple[str, str, str, str]]:
    kinds = {table.by_name[source].kind for source in table.sources(move)}
    if (move.on == AT_ONCE) != (kinds == {"gate"}):
        yield (
            "on",
            repr(move.on),
            f"gates, and only gates, have moves on {AT_ONCE!r}",
            "name another trigger, or make it a gate",
        )
    if move.on == AT_ONCE and move.dwell is not None:
        yield "dwell", "a dwell", "nothing waits at a gate", "leave it out"
    if move.on == EXPIRED and kinds != {"sla"}:
        yield (
            "on",
            repr(EXPIRED),
            "only an SLA stage expires",
            "make it an SLA stage, or name another trigger",
        )
    if ANYWHERE in move.sources and len(move.sources) > 1:
        yield (
            "source",
            repr(ANYWHERE),
            "'*' stands for all stages that are not terminal",
            "leave the others out",
        )
    rank = table.rank
    back = any(0 <= rank[move.target] < rank[source] for source in table.sources(move))
    if back and move.on in OPPOSITE and move.dwell is None:
        yield (
            "dwell",
            "no dwell",
            "a move back along the path on a crossing waits for a while",
            "for example dwell = { days = 7 }",
        )


def _ambiguous(table: "Lifecycle") -> Iterator[Fault]:
    places = {id(move): place for place, move in enumerate(table.moves)}
    told: set[int] = set()
    for (source, trigger), moves in table.table.items():
        closed = next((m for m in moves if m.when is None), None)
        for move in moves:
            if (
                closed is not None
                and places[id(move)] > places[id(closed)]
                and id(move) not in told
            ):
                told.add(id(move))
                yield Fault(
                    f"moves[{places[id(move)]}]",
                    None,
                    f"a move on {trigger!r} from {source!r}",
                    f"moves[{places[id(closed)]}] takes it always, so this one never is",
                    "put it before that one and give it a criterion, or leave it out",
                )


# -- ways through the table --------------------------------------------------------------------


def _next(table: "Lifecycle", stage: str) -> set[str]:
    """The stages that one move leads to."""
    direct = {
        m.target for (source, _), moves in table.table.items() if source == stage for m in moves
    }
    return direct | {b for name in direct if (b := table.by_name[name].beyond)}


def _closure(start: Iterable[str], following: Callable[[str], Iterable[str]]) -> set[str]:
    found, waiting = set(start), [*start]
    while waiting:
        new = set(following(waiting.pop())) - found
        found |= new
        waiting += new
    return found


def _ways(table: "Lifecycle") -> Iterator[Fault]:
    following = {stage.name: _next(table, stage.name) for stage in table.stages}
    before: dict[str, set[str]] = {name: set() for name in following}
    for name, targets in following.items():
        for target in targets:
            before[target].add(name)
    ends = [stage.name for stage in table.stages if stage.kind == "terminal"]
    reached = _closure([table.start], following.__getitem__)
    ending = _closure(ends, before.__getitem__)
    if not ends:
        yield Fault(
            "stages",
            None,
            "no terminal stage",
            "a lead comes to an end somewhere",
            "make one stage terminal",
        )
    for place, stage in enumerate(table.stages):
        name = repr(stage.name)
        if stage.name not in reached:
            yield Fault(
                f"stages[{place}]",
                None,
                f"{name}, which no move reaches from {table.start!r}",
                "every stage can be reached",
                "add a move to it, or leave it out",
            )
        if stage.kind != "terminal" and not following[stage.name]:
            yield Fault(
                f"stages[{place}]",
                None,
                f"{name}, a dead end",
                "a stage that is not terminal has a way out",
                "add a move from it, or make it terminal",
            )
        elif ends and stage.name not in ending:
            yield Fault(
                f"stages[{place}]",
                None,
                f"{name}, from where no move leads to an end",
                f"every lead can come to {listing([*map(repr, ends)])}",
                "add a move",
            )
    yield from _rings(table, following)


def _rings(table: "Lifecycle", following: dict[str, set[str]]) -> Iterator[Fault]:
    gates = {stage.name for stage in table.stages if stage.kind == "gate"}
    for place, stage in enumerate(table.stages):
        if stage.name in gates and stage.name in _closure(
            following[stage.name] & gates, lambda n: following[n] & gates
        ):
            yield Fault(
                f"stages[{place}]",
                None,
                f"{stage.name!r}, a gate that leads to itself through gates",
                "gates end somewhere",
                "lead it to a stage where leads stand",
            )


def _commuting(table: "Lifecycle") -> Iterator[Fault]:
    for place, (one, other) in enumerate(table.commuting):
        for stage in table.by_name:
            ends = {_after(table, stage, order) for order in ((one, other), (other, one))} - {None}
            if len(ends) > 1:
                yield Fault(
                    f"commuting[{place}]",
                    None,
                    f"{one!r} and {other!r}, which from {stage!r} end differently",
                    "one end in both orders",
                    "mend the moves, or leave the pair out",
                )


def _after(table: "Lifecycle", stage: str, order: tuple[str, str]) -> str | None:
    """Where two triggers lead whatever criteria say; None where one of them is not taken."""
    ends: Iterable[str | None] = [stage]
    for trigger in order:
        ends = {m.target for name in ends if name for m in table.table.get((name, trigger), ())}
    found = sorted(str(end) for end in ends)
    return listing(found) if found else None


_CHECKS: Final = (_stages, _moves, _ambiguous, _ways, _commuting)
