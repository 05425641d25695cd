"""
The lifecycle: an immutable table of stages and moves that holds no lead.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeVar

import attrs

from ..calendar import Calendar
from ..criterion import earliest, judged
from ..errors import KindError
from ..explanation import Reason
from ..lead import Snapshot
from ..value import instant, listing, show
from ..verdict import Verdict
from .check import LifecycleError, faults
from .event import Event
from .journey import Entry, Journey, Settled, Step, Wait
from .refusal import IllegalMoveError, RefusedMoveError
from .stage import Stage, word, word_or_none
from .telling import effects_of
from .transition import AT_ONCE, DECIDED, EXPIRED, MOVED, RAISED, Transition

if TYPE_CHECKING:
    from .diagram import DiagramKind

T = TypeVar("T")

_MOST_STAGES: Final = 100
_MOST_MOVES: Final = 500
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
    return tuple(map(_pair, _list(values, object, _MOST_PAIRS)))


def _pair(value: object) -> tuple[str, str]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise KindError(f"wanted a pair of triggers, not {show(value)}")
    return word(value[0]), word(value[1])


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
        if not move.anywhere:
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
            if trigger not in (AT_ONCE, EXPIRED):  # Nobody tells these: they come by themselves.
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

    def diagram(self, kind: "DiagramKind" = "mermaid") -> str:
        """
        The stages and moves as a diagram.

        Args:
            kind: ``"mermaid"`` for Markdown pages, ``"table"`` for a terminal, ``"dot"`` for
                Graphviz, ``"svg"`` for a page or a notebook.

        Returns:
            Its text.

        Raises:
            DefinitionError: there is no such kind.
        """
        from .diagram import diagram  # only who draws needs it

        return diagram(self, kind)

    def _repr_svg_(self) -> str:
        return self.diagram("svg")

    # -- steps -------------------------------------------------------------------------------

    def begin(self, lead_id: str, at: datetime, *, stage: str = "", id: str = "") -> Step:
        """
        The first step of a lead.

        Args:
            lead_id: Whose.
            at: When it came. Aware.
            stage: Where it begins; ``""`` is the lifecycle's start.
            id: The key of the event.

        Raises:
            IllegalMoveError: there is no such stage, or no lead stands there: it is a gate.
        """
        event = Event("began", instant(at, "at"), id)
        held = self.by_name.get(stage or self.start)
        if held is None or held.kind == "gate":
            begins = [s.name for s in self.stages if s.kind != "gate"]
            why = f"a lead can begin at {listing([*map(repr, begins)])}"
            raise IllegalMoveError(lead_id, "", f"began at {stage}", begins, why)
        line = Settled(event, (self._entry(None, held, event, ""),))
        journey = Journey.of(lead_id, [line])
        return Step(journey, (line,), line.entries, tuple(effects_of(None, journey, line)))

    def step(self, journey: Journey, event: Event, facts: Snapshot | None = None) -> Step:
        """
        What comes of an event.

        Timers that were due before it go off first; one that is due at its very instant does not:
        what is done when it is due is done in time.

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
        take = self._by_hand if event.manual else self._by_table
        timer = journey.next_timer()
        if timer is None or timer[0] >= event.at:
            return take(journey, event, facts)
        before = self._pass(journey, event.at, facts, due_now=False)
        return before.then(take(before.journey, event, facts))

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
        return self._pass(journey, instant(now, "now"), facts, due_now=True)

    def pause(
        self,
        journey: Journey,
        at: datetime,
        facts: Snapshot | None = None,
        *,
        by: str = "",
        why: str = "",
    ) -> Step:
        """
        The clock of the stay stands still: no warning and no end of its time until `resume`.

        It stands still in the stages that the lead comes to meanwhile, too. What waits for a dwell
        or a cool-down goes on. Timers that were due before it go off first.

        Args:
            journey: Where the lead stands. One whose clock stands still already stays as it is.
            at: When. Aware.
            facts: What is known of the lead, for criteria.
            by: Who.
            why: In their words.
        """
        event = Event("paused", at, by=by, why=why)
        if journey.paused is not None:
            return Step(journey)
        before = self._pass(journey, event.at, facts, due_now=False)
        return before.then(_settled(before.journey, Settled(event, clock="paused")))

    def resume(
        self,
        journey: Journey,
        at: datetime,
        facts: Snapshot | None = None,
        *,
        by: str = "",
        why: str = "",
    ) -> Step:
        """
        The clock of the stay goes on: what was left when it was stopped counts from *at*.

        In business time where the stage counts so. One that did not stand still stays as it is.

        Args:
            journey: Where the lead stands.
            at: When. Aware.
            facts: What is known of the lead, for criteria.
            by: Who.
            why: In their words.
        """
        event = Event("resumed", at, by=by, why=why)
        if journey.paused is None:
            return Step(journey)
        before = self._pass(journey, event.at, facts, due_now=False)
        here = before.journey.here
        since = max(journey.paused, here.at)
        now = max(event.at, since)
        stay = attrs.evolve(
            here,
            due=self._moved(here.due, here.stage, since, now),
            warns_at=self._moved(here.warns_at, here.stage, since, now),
        )
        return before.then(_settled(before.journey, Settled(event, clock="resumed", stay=stay)))

    def _moved(
        self, moment: datetime | None, name: str, since: datetime, at: datetime
    ) -> datetime | None:
        """An instant of a stay whose clock stood still from *since* to *at*."""
        if moment is None or moment < since:
            return moment
        stage, calendar = self.by_name.get(name), self.calendar
        if stage is None or not stage.business or calendar is None:
            return at + (moment - since)
        return calendar.due(at, calendar.elapsed(since, moment))

    def replay(
        self,
        lead_id: str,
        events: Sequence[Event],
        facts: Callable[[Journey, Event], Snapshot] | None = None,
    ) -> Journey:
        """
        The journey of raw events from the start, timers between them included.

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
            journey = self.step(journey, event, known).journey
        return journey

    def takes(self, journey: Journey, trigger: str, facts: Snapshot) -> bool:
        """Whether `step` would take an event of that trigger now: a move holds, or one is off."""
        if any(trigger in wait.unless for wait in journey.waits):
            return True
        return _chosen(self.table.get((journey.stage, trigger), ()), facts) is not None

    def changes_at(
        self, journey: Journey, facts: Snapshot, triggers: Iterable[str] = (DECIDED,)
    ) -> datetime | None:
        """
        The next instant at which the criterion of a move may answer otherwise.

        Args:
            journey: Where the lead stands.
            facts: What is known of it.
            triggers: Of which moves: those that are tried whenever the lead is looked at.
        """
        moves = (move for on in triggers for move in self.table.get((journey.stage, on), ()))
        return earliest(m.when.changes_at(facts) for m in moves if m.when is not None)

    # -- how a step is made ------------------------------------------------------------------

    def _pass(
        self, journey: Journey, until: datetime, facts: Snapshot | None, *, due_now: bool
    ) -> Step:
        """Time passes: the timers before *until* go off, with *due_now* those at it too."""
        step = Step(journey)
        for _ in range(_MOST_TIMERS):
            timer = step.journey.next_timer()
            if timer is None or timer[0] > until or (timer[0] == until and not due_now):
                break
            step = step.then(self._go_off(step.journey, *timer, facts))
        return step

    def _by_table(self, journey: Journey, event: Event, facts: Snapshot | None) -> Step:
        trigger, stage = event.trigger, journey.stage
        moves = () if trigger in (AT_ONCE, EXPIRED) else self.table.get((stage, trigger), ())
        move = _chosen(moves, facts)
        called_off = bool(journey.waits) and any(trigger in w.unless for w in journey.waits)
        if move is not None:
            return self._take(journey, move, event, facts, called_off)
        if called_off:
            return _settled(journey, Settled(event, called_off=True))
        if not moves:
            legal = [known for known in self.allows(journey) if known != DECIDED]
            raise IllegalMoveError(journey.lead_id, stage, trigger, legal)
        raise RefusedMoveError(journey.lead_id, stage, trigger, _reasons(moves, facts))

    def _by_hand(self, journey: Journey, event: Event, facts: Snapshot | None) -> Step:
        """A move past the table: to any stage, and out of an end only where the table leads."""
        target, here = event.to, self.by_name.get(journey.stage)
        legal = [*self.by_name]
        if here is not None and here.kind == "terminal" and event.trigger == MOVED:
            out = (moves for (source, _), moves in self.table.items() if source == here.name)
            legal = [*dict.fromkeys(move.target for moves in out for move in moves)]
        if target not in legal:
            why = f"by hand it can go to {listing([*map(repr, legal)]) or 'no other stage'}"
            tried = f"{event.trigger} to {target}"
            raise IllegalMoveError(journey.lead_id, journey.stage, tried, legal, why)
        return self._enter(journey, target, event, facts)

    def _take(
        self,
        journey: Journey,
        move: Transition,
        event: Event,
        facts: Snapshot | None,
        called_off: bool,
    ) -> Step:
        """A move is taken, or set waiting."""
        now = max(event.at, journey.since)
        until = now if move.dwell is None else now + move.dwell
        rests = journey.here.rests_until
        if rests is not None and self.by_name[move.target].kind != "terminal":
            until = max(until, rests)
        if until <= now:
            return self._enter(journey, move.target, event, facts, move.effects)
        same = any((w.trigger, w.target) == (move.on, move.target) for w in journey.waits)
        wait = None if same else Wait(move.on, move.target, until, move.calls_off)
        return _settled(journey, Settled(event, wait=wait, called_off=called_off))

    def _go_off(self, journey: Journey, at: datetime, what: str, facts: Snapshot | None) -> Step:
        """A timer goes off: a warning, the end of a stage's time, or of a move's wait."""
        number = len(journey.history)
        moves: Sequence[Transition] = ()
        if what == "move":
            wait = next(wait for wait in journey.waits if wait.until == at)
            event = Event(wait.trigger, at, f"due/{wait.trigger}/{number}")
            moves = self.table.get((journey.stage, wait.trigger), ())
            moves = [move for move in moves if move.target == wait.target]
        else:
            event = Event(what, at, f"due/{what}/{number}")
            moves = self.table.get((journey.stage, EXPIRED), ()) if what == EXPIRED else ()
        move = _chosen(moves, facts)
        if move is None:
            return _settled(journey, Settled(event, fired=what))
        return self._enter(journey, move.target, event, facts, move.effects, what)

    def _enter(
        self,
        journey: Journey,
        target: str,
        event: Event,
        facts: Snapshot | None,
        effects: tuple[str, ...] = (),
        fired: str = "",
    ) -> Step:
        """The lead comes to a stage, and through it when it is a gate."""
        entries: list[Entry] = []
        before, told = journey.here, effects
        while True:
            stage = self._within_bounds(journey, target, entries, event)
            before = self._entry(before, stage, event, journey.stage)
            entries.append(before)
            if stage.kind != "gate":
                return _settled(journey, Settled(event, tuple(entries), fired=fired), told)
            ways = self.table[stage.name, AT_ONCE]
            move = _chosen(ways, facts) or ways[-1]  # The last one asks for nothing.
            target, told = move.target, told + move.effects

    def _within_bounds(
        self, journey: Journey, target: str, entries: list[Entry], event: Event
    ) -> Stage:
        """*target*, or where a visit too many goes."""
        stage = self.by_name[target]
        if stage.at_most is None or event.manual:
            return stage
        visits = journey.visits(target) + sum(entry.stage == target for entry in entries)
        return stage if visits < stage.at_most else self.by_name[stage.beyond]

    def _entry(self, before: Entry | None, stage: Stage, event: Event, came_from: str) -> Entry:
        """
        The stay that begins.

        Args:
            before: The stay before it, a gate's included.
            stage: Where.
            event: What led there.
            came_from: The stage where the lead stood: gates on the way are no step back.
        """
        at = event.at if before is None else max(event.at, before.at)
        due = warns_at = rests_until = None
        if stage.within is not None:
            due = self._later(at, stage.within, stage)
            if stage.warn_before is not None:
                warns_at = self._later(at, stage.within - stage.warn_before, stage)
        cool_down = stage.cool_down if event.cool_down is None else event.cool_down
        if cool_down and stage.kind not in ("gate", "terminal"):
            rests_until = at + cool_down
        episode = 1 if before is None else before.episode + self._falls(came_from, stage, event)
        furthest = self._furthest("" if before is None else before.furthest, stage.name)
        return Entry(stage.name, at, event.trigger, episode, furthest, due, warns_at, rests_until)

    def _falls(self, came_from: str, stage: Stage, event: Event) -> bool:
        """Whether coming to a stage is a step back, and so the start of another climb."""
        if stage.kind in ("gate", "terminal"):
            return False
        before = self.by_name.get(came_from)
        # Who comes back from an end climbs anew, like who is set back.
        ended = before is not None and before.kind == "terminal"
        return ended or self.rank[stage.name] < self.rank.get(came_from, -1)

    def _furthest(self, before: str, name: str) -> str:
        """The high-water mark with one more stage; one of an older version gives way."""
        rank = self.rank
        return name if rank[name] > rank.get(before, -1) else before

    def _later(self, at: datetime, span: timedelta, stage: Stage) -> datetime:
        if stage.business and self.calendar is not None:
            return self.calendar.due(at, span)
        return at + span


def _straight(stages: tuple[Stage, ...]) -> Iterator[str]:
    for stage in stages:
        yield stage.name
        if stage.kind == "terminal":
            return


def _chosen(moves: Sequence[Transition], facts: Snapshot | None) -> Transition | None:
    """The first move whose criterion holds; an unknown one does not."""
    for move in moves:
        if move.when is None or judged(move.when, _given(facts)) is Verdict.YES:
            return move
    return None


def _given(facts: Snapshot | None) -> Snapshot:
    if facts is None:
        raise KindError("a move with a criterion needs what is known of the lead: pass facts")
    return facts


def _reasons(moves: Sequence[Transition], facts: Snapshot | None) -> Iterator[tuple[str, Reason]]:
    """Why each of them is not taken."""
    asked = ((move.target, move.when) for move in moves if move.when is not None)
    return ((target, when.explain(_given(facts))) for target, when in asked)


def _settled(journey: Journey, line: Settled, told: tuple[str, ...] = ()) -> Step:
    after = journey.and_then(line)
    return Step(after, (line,), line.entries, tuple(effects_of(journey, after, line, told)))
