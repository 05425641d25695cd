"""
The lifecycle: an immutable table of stages and moves that holds no lead.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final, TypeVar

import attrs

from ..calendar import Calendar
from ..criterion import earliest, judged
from ..effect import Effect
from ..errors import KindError
from ..lead import Snapshot
from ..value import instant, is_blank, listing, show
from ..verdict import Verdict
from .check import LifecycleError, faults
from .event import Event
from .journey import Entry, Journey, Settled, Step, Wait
from .refusal import IllegalMoveError, RefusedMoveError
from .stage import Stage, word, word_or_none
from .transition import ANYWHERE, AT_ONCE, DECIDED, EXPIRED, MOVED, RAISED, Transition

T = TypeVar("T")

_MOST_STAGES: Final = 200
_MOST_MOVES: Final = 1_000
_MOST_PAIRS: Final = 100
_MOST_TIMERS: Final = 10_000


def _list(values: object, cls: type[T], most: int) -> tuple[T, ...]:
    if not isinstance(values, list | tuple) or len(values) > most:
        found = f"{len(values):,}" if isinstance(values, list | tuple) else show(values)
        raise KindError(f"wanted a list of at most {most:,}, not {found}")
    for value in values:
        if not isinstance(value, cls):
            raise KindError(f"wanted {cls.__name__} values, not {show(value)}")
    return tuple(values)


def _stages(values: object) -> tuple[Stage, ...]:
    return _list(values, Stage, _MOST_STAGES)


def _moves(values: object) -> tuple[Transition, ...]:
    return _list(values, Transition, _MOST_MOVES)


def _path(values: object) -> tuple[str, ...]:
    return tuple(map(word, _list(values, str, _MOST_STAGES)))


def _pairs(values: object) -> tuple[tuple[str, str], ...]:
    pairs = (_list(pair, str, 2) for pair in _list(values, list | tuple, _MOST_PAIRS))
    return tuple(map(_pair, pairs))


def _pair(pair: tuple[str, ...]) -> tuple[str, str]:
    if len(pair) != 2:
        raise KindError(f"wanted a pair of triggers, not {show(pair)}")
    return word(pair[0]), word(pair[1])


def _calendar(value: object) -> Calendar | None:
    if value is not None and not isinstance(value, Calendar):
        raise KindError(f"wanted a Calendar, not {show(value)}")
    return value


@attrs.frozen(slots=False)
class Lifecycle:
    """
    Stages and the moves between them.

    Args:
        name: Its name.
        stages: All of them.
        moves: All of them; of several for one stage and trigger the first that holds is taken.
        path: The success path: stages in the order of a lead that goes well. The others lie off
            it. Left out, the stages up to the first terminal one.
        start: Where a lead begins; ``""`` is the first stage of the path.
        calendar: The business calendar of stages that count in business time.
        commuting: Pairs of triggers whose order must not matter; that is checked.

    Raises:
        LifecycleError: all that is wrong in the table, each with its path and a way out.
        KindError: a part is of the wrong kind.

    >>> sale = Lifecycle(
    ...     "short",
    ...     [Stage("lead"), Stage("mql", team="sales"), Stage("customer", "terminal")],
    ...     [Transition("qualified", "lead", "mql"), Transition("won", "mql", "customer")],
    ... )
    >>> from datetime import UTC
    >>> at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> ada = sale.begin("ada", at).journey
    >>> sale.step(ada, Event("qualified", at)).journey.stage
    'mql'
    """

    name: str = attrs.field(converter=word)
    stages: tuple[Stage, ...] = attrs.field(converter=_stages)
    moves: tuple[Transition, ...] = attrs.field(converter=_moves)
    path: tuple[str, ...] = attrs.field(default=(), converter=_path)
    start: str = attrs.field(default="", converter=word_or_none)
    calendar: Calendar | None = attrs.field(default=None, converter=_calendar)
    commuting: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_pairs)

    def __attrs_post_init__(self) -> None:
        if not self.path:
            object.__setattr__(self, "path", tuple(_straight(self.stages)))
        if not self.start and self.path:
            object.__setattr__(self, "start", self.path[0])
        found = faults(self)
        if found:
            raise LifecycleError(found, self.name)

    # -- the table ---------------------------------------------------------------------------

    @cached_property
    def by_name(self) -> dict[str, Stage]:
        """The stages by name."""
        return {stage.name: stage for stage in self.stages}

    @cached_property
    def table(self) -> dict[tuple[str, str], tuple[Transition, ...]]:
        """The moves by the stage they leave and their trigger, in order."""
        table: dict[tuple[str, str], list[Transition]] = defaultdict(list)
        for move in self.moves:
            for source in self.sources(move):
                table[source, move.on].append(move)
        return {key: tuple(moves) for key, moves in table.items()}

    def sources(self, move: Transition) -> Iterator[str]:
        """The stages that a move leaves."""
        if move.sources != (ANYWHERE,):
            yield from move.sources
            return
        for stage in self.stages:
            if stage.kind not in ("terminal", "gate") and stage.name != move.target:
                yield stage.name

    @cached_property
    def rank(self) -> dict[str, int]:
        """The place of each stage on the path, from 0; -1 off it."""
        place = {name: place for place, name in enumerate(self.path)}
        return {stage.name: place.get(stage.name, -1) for stage in self.stages}

    @cached_property
    def _triggers(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = defaultdict(list)
        for source, trigger in self.table:
            found[source].append(trigger)
        return {stage: tuple(sorted(triggers)) for stage, triggers in found.items()}

    def allows(self, journey: Journey) -> tuple[str, ...]:
        """The triggers that the lead's stage takes now, in order; criteria may still refuse."""
        waiting = {trigger for wait in journey.waits for trigger in wait.unless}
        return tuple(sorted({*self._triggers.get(journey.stage, ()), *waiting}))

    def listens(self, stage: str) -> bool:
        """Whether decisions can move a lead that stands there; not at most ends."""
        held = self.by_name.get(stage)
        if held is None or held.kind != "terminal":
            return True
        return any(trigger in RAISED for trigger in self._triggers.get(stage, ()))

    # -- steps -------------------------------------------------------------------------------

    def begin(self, lead_id: str, at: datetime, *, stage: str = "", id: str = "") -> Step:
        """
        The first step of a lead.

        Args:
            lead_id: Whose.
            at: When it came. Aware.
            stage: Where it begins; ``""`` is the lifecycle's start.
            id: The key of the event.
        """
        name = stage or self.start
        event = Event("began", instant(at, "at"), id)
        if name not in self.by_name:
            raise IllegalMoveError(lead_id, "", "began", (), f"there is no stage {name!r}")
        entry = self._entry(None, self.by_name[name], event)
        settled = Settled(event, (entry,))
        journey = Journey.of(lead_id, [settled])
        return Step(journey, (settled,), (entry,), (_entered(journey, 0, event),))

    def step(self, journey: Journey, event: Event, facts: Snapshot | None = None) -> Step:
        """
        What comes of an event.

        Args:
            journey: Where the lead stands.
            event: What happened. One that lies before the lead came to its stage counts from then.
            facts: What is known of the lead, for criteria: such as ``decision.snapshot``.

        Returns:
            The journey after it with what there is to record and to tell; unchanged and with
            nothing when the event's id is known already.

        Raises:
            IllegalMoveError: no move of its stage takes it; the error has the legal triggers.
            RefusedMoveError: a criterion does not hold, or is not known; the error says which.
            KindError: a criterion asks for facts, and none were given.
        """
        if event.id and event.id in journey.seen:
            return Step(journey)
        if event.manual:
            return self._by_hand(journey, event, facts)
        trigger, stage = event.trigger, journey.stage
        moves = self.table.get((stage, trigger), ())
        called_off = any(trigger in wait.unless for wait in journey.waits)
        if not moves or trigger in (AT_ONCE, EXPIRED):
            if called_off:
                return self._settle(journey, Settled(event, called_off=True))
            raise IllegalMoveError(journey.lead_id, stage, trigger, self._told(journey))
        move = self._chosen(moves, facts)
        if move is None:
            if called_off:
                return self._settle(journey, Settled(event, called_off=True))
            raise RefusedMoveError(journey.lead_id, stage, trigger, _reasons(moves, facts))
        return self._take(journey, move, event, facts, called_off)

    def tick(self, journey: Journey, now: datetime, facts: Snapshot | None = None) -> Step:
        """
        What comes of time alone: every timer that is due, in order, each at its own instant.

        Args:
            journey: Where the lead stands.
            now: Aware.
            facts: What is known of the lead now, for criteria.

        Returns:
            The journey after at most 10,000 timers; `Journey.next_wake` tells whether more are due.
        """
        now = instant(now, "now")
        step = Step(journey)
        for _ in range(_MOST_TIMERS):
            timers = step.journey.timers()
            if not timers or timers[0][0] > now:
                break
            step = _joined(step, self._go_off(step.journey, *timers[0], facts))
        return step

    def replay(
        self,
        lead_id: str,
        events: Sequence[Event],
        facts: Callable[[Journey, Event], Snapshot] | None = None,
    ) -> Journey:
        """
        The journey of raw events from the start, timers included.

        Args:
            lead_id: Whose.
            events: In order; the first is where it begins.
            facts: What was known of the lead at each event, for criteria.
        """
        if not events:
            raise IllegalMoveError(lead_id, "", "began", (), "no event says when it began")
        journey = self.begin(lead_id, events[0].at, id=events[0].id).journey
        for event in events[1:]:
            known = None if facts is None else facts(journey, event)
            journey = self.tick(journey, event.at, known).journey
            journey = self.step(journey, event, known).journey
        return journey

    def changes_at(self, journey: Journey, facts: Snapshot) -> datetime | None:
        """The next instant at which the criterion of a ``"decided"`` move may answer otherwise."""
        moves = self.table.get((journey.stage, DECIDED), ())
        return earliest(m.when.changes_at(facts) for m in moves if m.when is not None)

    # -- how a step is made ------------------------------------------------------------------

    def _told(self, journey: Journey) -> tuple[str, ...]:
        return tuple(t for t in self.allows(journey) if t not in (AT_ONCE, EXPIRED, DECIDED))

    def _chosen(self, moves: tuple[Transition, ...], facts: Snapshot | None) -> Transition | None:
        """The first move whose criterion holds; an unknown one does not."""
        for move in moves:
            if move.when is None or judged(move.when, _given(facts)) is Verdict.YES:
                return move
        return None

    def _take(
        self,
        journey: Journey,
        move: Transition,
        event: Event,
        facts: Snapshot | None,
        called_off: bool,
    ) -> Step:
        """A move is taken, or set waiting."""
        until = event.at if move.dwell is None else event.at + move.dwell
        rests = journey.here.rests_until
        if rests is not None and rests > until:
            until = rests
        if until <= event.at:
            return self._enter(journey, move.target, event, facts, move.effects)
        same = any((w.trigger, w.target) == (move.on, move.target) for w in journey.waits)
        wait = None if same else Wait(move.on, move.target, until, move.calls_off)
        return self._settle(journey, Settled(event, wait=wait, called_off=called_off))

    def _by_hand(self, journey: Journey, event: Event, facts: Snapshot | None) -> Step:
        """A move past the table: to any stage, and out of an end only where the table leads."""
        target, here = event.to, self.by_name.get(journey.stage)
        legal = self.by_name
        if here is not None and here.kind == "terminal" and event.trigger == MOVED:
            legal = {m.target: self.by_name[m.target] for m in self._out_of(here.name)}
        if target not in legal:
            why = f"by hand it can go to {listing([*map(repr, legal)]) or 'no other stage'}"
            raise IllegalMoveError(
                journey.lead_id, journey.stage, f"{event.trigger} to {target}", legal, why
            )
        return self._enter(journey, target, event, facts, ())

    def _out_of(self, stage: str) -> Iterator[Transition]:
        return (m for (source, _), moves in self.table.items() if source == stage for m in moves)

    def _go_off(self, journey: Journey, at: datetime, what: str, facts: Snapshot | None) -> Step:
        number = len(journey.history)
        if what == "move":
            wait = next(w for w in journey.waits if w.until == at)
            event = Event(wait.trigger, at, f"{wait.trigger}/due/{number}")
            moves = self.table.get((journey.stage, wait.trigger), ())
            move = self._chosen(tuple(m for m in moves if m.target == wait.target), facts)
            if move is None:
                return self._settle(journey, Settled(event, fired="move"))
            return self._enter(journey, wait.target, event, facts, move.effects, "move")
        event = Event(what, at, f"{what}/{number}")
        move = self._chosen(self.table.get((journey.stage, what), ()), facts)
        if what == "warning" or move is None:
            return self._settle(journey, Settled(event, fired=what))
        return self._enter(journey, move.target, event, facts, move.effects, what)

    def _enter(
        self,
        journey: Journey,
        target: str,
        event: Event,
        facts: Snapshot | None,
        effects: tuple[str, ...],
        fired: str = "",
    ) -> Step:
        """The lead comes to a stage, and through it when it is a gate."""
        entries: list[Entry] = []
        told = list(effects)
        before: Entry = journey.here
        name = self._within_bounds(journey, target, entries, event)
        while True:
            stage = self.by_name[name]
            before = self._entry(before, stage, event)
            entries.append(before)
            if stage.kind != "gate":
                break
            ways = self.table[name, AT_ONCE]
            move = self._chosen(ways, facts) or ways[-1]  # The last one asks for nothing.
            told += move.effects
            name = self._within_bounds(journey, move.target, entries, event)
        return self._settle(journey, Settled(event, tuple(entries), fired=fired), tuple(told))

    def _within_bounds(
        self, journey: Journey, target: str, entries: list[Entry], event: Event
    ) -> str:
        """*target*, or where a visit too many goes."""
        stage = self.by_name[target]
        if stage.at_most is None or event.manual:
            return target
        visits = journey.visits(target) + sum(entry.stage == target for entry in entries)
        return target if visits < stage.at_most else stage.beyond

    def _entry(self, before: Entry | None, stage: Stage, event: Event) -> Entry:
        at = event.at if before is None else max(event.at, before.at)
        rank, name = self.rank, stage.name
        episode, furthest = 1, name if rank[name] >= 0 else ""
        if before is not None:
            back = rank[name] < rank.get(before.stage, -1) and stage.kind != "terminal"
            episode = before.episode + back
            if rank.get(before.furthest, -1) >= rank[name]:
                furthest = before.furthest
        due = warns_at = None
        if stage.within is not None:
            due = self._later(at, stage.within, stage.business)
            if stage.warn_before is not None:
                warns_at = self._later(at, stage.within - stage.warn_before, stage.business)
        cool_down = stage.cool_down if event.cool_down is None else event.cool_down
        rests = None if not cool_down or stage.kind == "terminal" else at + cool_down
        return Entry(name, at, event.trigger, episode, furthest, due, warns_at, rests)

    def _later(self, at: datetime, span: timedelta, business: bool) -> datetime:
        return self.calendar.due(at, span) if business and self.calendar is not None else at + span

    def _settle(self, journey: Journey, line: Settled, told: tuple[str, ...] = ()) -> Step:
        after = journey.and_then(line)
        effects = [
            _entered(after, place, line.event)
            for place in range(len(journey.entries), len(after.entries))
        ]
        number = len(after.history)
        if line.fired in ("warning", "expired"):
            data = {
                "stage": journey.stage,
                "due": _text(journey.here.due),
                "episode": journey.episode,
            }
            effects.insert(
                0, _effect(after, line.fired, line.event.at, f"{number}/{line.fired}", data)
            )
        for name in told:
            data = {"stage": after.stage, "from": journey.stage, "episode": after.episode}
            effects.append(_effect(after, name, after.since, f"{number}/told/{name}", data))
        return Step(after, (line,), line.entries, tuple(effects))


def _straight(stages: tuple[Stage, ...]) -> Iterator[str]:
    for stage in stages:
        yield stage.name
        if stage.kind == "terminal":
            return


def _given(facts: Snapshot | None) -> Snapshot:
    if facts is None:
        raise KindError("a move with a criterion needs what is known of the lead: pass facts")
    return facts


def _reasons(moves: tuple[Transition, ...], facts: Snapshot | None) -> Iterable[tuple[str, Any]]:
    for move in moves:
        if move.when is not None:
            yield move.target, move.when.explain(_given(facts))


def _joined(step: Step, more: Step) -> Step:
    return Step(
        more.journey,
        step.settled + more.settled,
        step.entries + more.entries,
        step.effects + more.effects,
    )


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _entered(journey: Journey, place: int, event: Event) -> Effect:
    entry = journey.entries[place]
    data = {
        "stage": entry.stage,
        "from": journey.entries[place - 1].stage if place else None,
        "trigger": entry.trigger,
        "episode": entry.episode,
        "furthest": entry.furthest,
    }
    for name in ("by", "why"):
        if not is_blank(getattr(event, name)):
            data[name] = getattr(event, name)
    if entry.due is not None:
        data["due"] = _text(entry.due)
    return _effect(journey, "entered", entry.at, f"{place + 1}/entered", data)


def _effect(journey: Journey, kind: str, at: datetime, key: str, data: dict[str, Any]) -> Effect:
    return Effect(kind, journey.lead_id, at, f"{journey.lead_id}/journey/{key}", data)
