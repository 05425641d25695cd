"""
The funnel: activities in, stage moves and handoffs out, each recorded once.

The one stateful object of mqlkit, and even it holds nothing: all state is in its store. Each call
is one transaction that appends facts, decides, steps and writes effects to the outbox, or does
nothing at all. Every call may be repeated: what is recorded already is not recorded again.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from json import dumps
from typing import Any, Final, TypeVar

import attrs

from ..decision import Decision
from ..effect import Effect
from ..errors import DefinitionError, KindError, LeadDataError
from ..handoff import (
    Compliance,
    Feedback,
    Handoff,
    HandoffEvent,
    HandoffPolicy,
    compliance,
    feedback_of,
)
from ..lifecycle import Event, Journey, Lifecycle
from ..lifecycle.transition import UNDONE
from ..qualification import Qualification
from ..spec import Model
from ..store.base import (
    Due,
    Fact,
    Message,
    Row,
    Store,
    Stored,
    StoreError,
    StoreUnavailableError,
    Transaction,
)
from ..timeline import Activity
from ..value import instant, is_blank, show
from .plain import instant_text, plain_table, to_plain
from .state import (
    ACTIVITY,
    ATTRIBUTES,
    JUST_NOW,
    MERGED,
    RETRACTED,
    SAID,
    LeadState,
    activity_data,
    own_id,
)
from .work import Work

T = TypeVar("T")

_LONGEST_ID: Final = 500
"""Bytes of a lead's id, each slash of it counted three times: keys are made of it."""


@attrs.frozen
class Recorded:
    """
    What a call came to.

    Args:
        lead_id: About whom; where two leads were merged, the one that stays.
        journey: Where the lead stands now, and how it came there.
        decision: The decision as of the call's instant.
        handoff: The handoff that is not closed, or the last one; None when there was none.
        facts: What was recorded; nothing when all of it was known already.
        effects: What was written to the outbox.
        wake: When to look at the lead again with no news; None for never.
    """

    lead_id: str
    journey: Journey
    decision: Decision
    handoff: Handoff | None
    facts: tuple[Fact, ...] = ()
    effects: tuple[Effect, ...] = ()
    wake: datetime | None = None

    @property
    def stage(self) -> str:
        """Where the lead stands."""
        return self.journey.stage

    @property
    def new(self) -> bool:
        """Whether anything was recorded."""
        return bool(self.facts)


@attrs.frozen
class Ticked:
    """
    What a tick came to.

    Args:
        looked: The leads that something came of in the queue, longest waiting first, and those
            that were due, longest first; each once.
        effects: What was written to the outbox.
        failed: The leads that could not be looked at, with the error; they stay due.
    """

    looked: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    failed: Mapping[str, Exception] = attrs.field(factory=dict)

    def then(self, more: "Ticked") -> "Ticked":
        """This and what came after it."""
        looked = tuple(dict.fromkeys(self.looked + more.looked))
        return Ticked(looked, self.effects + more.effects, {**self.failed, **more.failed})


class Funnel:
    """
    A model at work over a store.

    Args:
        model: A `Model`, or a `Qualification`, with the lifecycle and, if leads are handed to
            sales, the handoff policy and the definition of who is ready for it.
        store: Where it is kept; see `mqlkit.store`.
        lifecycle: In place of the model's.
        setup: Create the store's tables or bring them up to date, which does no harm when they
            are; False leaves that to the application's own ``store.setup()``.

    Raises:
        DefinitionError: there is no lifecycle.
        KindError: *model* is neither a `Model` nor a `Qualification`.
    """

    def __init__(
        self,
        model: Model | Qualification,
        store: Store,
        *,
        lifecycle: Lifecycle | None = None,
        setup: bool = True,
    ) -> None:
        if isinstance(model, Qualification):
            model = Model(model)
        if not isinstance(model, Model):
            raise KindError(f"a funnel goes by a Model or a Qualification, not {show(model)}")
        if lifecycle is not None:
            model = attrs.evolve(model, lifecycle=lifecycle)
        if model.lifecycle is None:
            raise DefinitionError(
                "a funnel needs a lifecycle: add a section [lifecycle] to the model, or pass "
                "lifecycle=standard(cool_down=timedelta(days=90))"
            )
        self.model, self.store, self.lifecycle = model, store, model.lifecycle
        self._tx: Transaction | None = None
        self._trouble = ""
        if setup:
            store.setup()

    # -- activities and attributes -----------------------------------------------------------

    def record(self, lead_id: str, *activities: Activity, now: datetime) -> Recorded:
        """
        Something a lead did.

        An activity takes its place by its own time, however late it is told. One whose id is
        known changes nothing; one without an id is known by its kind, time and properties.

        Args:
            lead_id: Whose; a new one begins its journey.
            activities: What happened.
            now: When it is told. Aware.

        Raises:
            LeadDataError: the id is blank, or a property has no place in JSON.
            NaiveTimeError: *now* has no time zone.
            KindError: something is no `Activity`.
        """
        told = [_told_activity(activity) for activity in activities]

        def do(work: Work) -> None:
            work.begin(min((a.at for _, a, _ in told if a.at <= work.now), default=work.now))
            for key, activity, data in told:
                work.add(ACTIVITY, key, activity.at, data)
            work.learned()

        return self._on(lead_id, now, do)

    def learn(
        self,
        lead_id: str,
        attributes: Mapping[str, object],
        *,
        now: datetime,
        at: datetime | None = None,
    ) -> Recorded:
        """
        Something became known of a lead. What is known already is not recorded again.

        Args:
            lead_id: Whose; a new one begins its journey.
            attributes: By name; None says that it is not known any more. What is no number
                (NaN) is kept and counts as not known; infinity is kept and is above every number.
            now: When it is told. Aware.
            at: From when it holds, if earlier: the value takes its place in the history, whether
                it is another one than before or not.

        Raises:
            LeadDataError: the id is blank or too long, or a value has no place in JSON.
            NaiveTimeError: *now* or *at* has no time zone.
        """
        plain = plain_table(attributes, "attribute")
        since = None if at is None else instant(at, "at")

        def known(work: Work, name: str) -> list[object]:
            # What was said of that very instant, so that the order of telling does not matter.
            state = work.state
            return [state.value(name, work.now)] if since is None else state.changes(name, since)

        def do(work: Work) -> None:
            holds = work.now if since is None else since
            work.begin(min(holds, work.now))
            news = {
                name: value
                for name, value in plain.items()
                if _text(value) not in [_text(to_plain(said)) for said in known(work, name)]
            }
            if news:
                kind = JUST_NOW if since is None else ""
                key = f"{kind}{instant_text(holds)}/{_digest(news)}"
                work.add(ATTRIBUTES, key, holds, news)
            work.learned()

        return self._on(lead_id, now, do)

    # -- the journey -------------------------------------------------------------------------

    def fire(
        self,
        lead_id: str,
        trigger: str,
        *,
        now: datetime,
        by: str = "",
        why: str = "",
        at: datetime | None = None,
        id: str = "",
    ) -> Recorded:
        """
        An event of the journey by its trigger, such as ``"won"``.

        Args:
            lead_id: Whose.
            trigger: A word of the lifecycle's moves.
            now: When it is told. Aware.
            by: Who says so.
            why: In their words.
            at: When it happened, if earlier; a later one counts as now.
            id: Its key; ``""`` makes one of all the above.

        Raises:
            IllegalMoveError: the lead's stage does not take it; or it is ``"accepted"`` while the
                lead is offered or waits in the queue: then `accept` or `take` say who does.
            RefusedMoveError: a criterion does not hold.
            LeadDataError: another command has had that id.
        """
        args = {"trigger": trigger, "by": by, "why": why}
        told_of = instant(now if at is None else at, "at")

        def do(work: Work) -> None:
            happened = min(told_of, work.now)
            work.begin(happened)
            work.check(trigger)
            key = f"said/{work.state.version}"
            step = work.fire(Event(trigger, happened, key, by=by, why=why))
            if step.entries:
                work.conclude(trigger)

        return self._said(lead_id, now, "fire", args, do, at=told_of, id=id)

    def move(
        self,
        lead_id: str,
        stage: str,
        *,
        by: str,
        why: str,
        now: datetime,
        at: datetime | None = None,
        id: str = "",
    ) -> Recorded:
        """
        A person moves a lead past the table, and says why.

        Args:
            lead_id: Whose.
            stage: Where to.
            by: Who.
            why: In their words.
            now: When it is told. Aware.
            at: When it happened, if earlier.
            id: Its key; ``""`` makes one of all the above.

        Raises:
            IllegalMoveError: there is no such stage, or the lead is at an end that does not lead
                there.
            DefinitionError: who or why is blank.
        """
        Event.move(stage, now, by=by, why=why)
        happened = now if at is None else at

        def do(work: Work) -> None:
            moment = min(instant(happened, "at"), work.now)
            work.begin(moment)
            event = Event.move(stage, moment, by=by, why=why, id=f"said/{work.state.version}")
            work.fire(event)

        args = {"to": stage, "by": by, "why": why}
        return self._said(lead_id, now, "move", args, do, at=at, id=id)

    def undo(
        self, lead_id: str, *, by: str, why: str, now: datetime, fact: str = "", id: str = ""
    ) -> Recorded:
        """
        Take something back, by recording that it is taken back: nothing is erased.

        Args:
            lead_id: Whose.
            by: Who.
            why: In their words.
            now: When it is told. Aware.
            fact: The id of a recorded activity or of attributes, as `history` shows it, or the
                activity's own id; ``""`` takes back the last move of the journey that was not
                taken back yet.
            id: Its key; ``""`` makes one of all the above.

        A move that is taken back starts another climb. The handoff of the climb before is closed,
        and a lead that comes back to a stage that offers is offered anew, first to who had it.

        Raises:
            LeadDataError: there is nothing such to take back, or a move is to be taken back by
                the id of a lead that was merged into another.
        """
        if is_blank(by) or is_blank(why):
            raise LeadDataError("who takes something back, and why: say by and why")

        def do(work: Work) -> None:
            if not fact and work.lead_id != lead_id:
                raise LeadDataError(
                    f"{lead_id!r} was merged into {work.lead_id!r}, for good; to take back the "
                    f"last move of that one, name it"
                )
            if not fact:
                key = f"said/{work.state.version}"
                to = work.came_from()
                work.fire(Event(UNDONE, work.now, key, by=by, why=why, to=to))
                return
            known = (f for f in (fact, f"{ACTIVITY}/{fact}") if work.state.said(f))
            if found := next(known, ""):
                work.add(RETRACTED, found, work.now, {"of": found, "by": by, "why": why})
                work.learned()
            else:
                raise LeadDataError(
                    f"{work.lead_id!r} has no activity or attributes {show(fact)} that count; "
                    "history(lead_id) lists them"
                )

        args = {"by": by, "why": why, "fact": fact}
        return self._said(lead_id, now, "undo", args, do, id=id)

    def merge(self, lead_id: str, into: str, *, now: datetime, by: str = "") -> Recorded:
        """
        Two leads turn out to be one: what is known of the first becomes known of the second.

        From then on whatever is told about the first is told about the second. The second keeps
        its journey; an open handoff of the first is withdrawn. It is for good: no undo parts them.

        Args:
            lead_id: The duplicate.
            into: The lead that stays.
            now: When it is told. Aware.
            by: Who says so.

        Raises:
            LeadDataError: they are the same, or one is unknown, or the duplicate came further along
                the path: then merge the other way round.
        """
        at = instant(now, "now")

        def work(tx: Transaction) -> Recorded:
            ids = {name: _followed(name, tx.peek) for name in (lead_id, into)}
            gone, stays = ids[lead_id], ids[into]
            if lead_id == into:
                raise LeadDataError(f"{lead_id!r} cannot be merged into itself")
            if gone == stays:  # They are one already.
                return self._view(self._at(tx, stays, at))
            # Always in one order, so that two merges never wait for each other.
            works = {name: self._at(tx, name, at) for name in sorted((gone, stays))}
            for one in works.values():
                one.arrive(due_now=True)
            return self._merged(works[gone], works[stays], by)

        return self._run(work)

    def _merged(self, gone: Work, stays: Work, by: str) -> Recorded:
        for one in (gone, stays):
            if one.state.journey is None:
                raise LeadDataError(f"nothing is recorded of {one.lead_id!r} yet")
        rank = self.lifecycle.rank
        # The furthest, not where they stand: a recycled lead keeps its rest and its episodes.
        if rank.get(gone.journey.furthest, -1) > rank.get(stays.journey.furthest, -1):
            raise LeadDataError(
                f"{gone.lead_id!r} came as far as {gone.journey.furthest!r} and "
                f"{stays.lead_id!r} to {stays.journey.furthest!r}; merge the other way round"
            )
        for fact in gone.known_facts():
            stays.add(fact.kind, own_id(fact), fact.at, fact.data)
        names = [gone.lead_id, *gone.state.merged]
        stays.add(MERGED, gone.lead_id, stays.now, {"from": names, "by": by})
        stays.learned()
        handoff, policy = gone.open_handoff, self.model.handoff
        if handoff is not None and policy is not None:
            why = f"merged into {stays.lead_id}"
            gone.keep_handoff(attrs.evolve(policy.withdraw(handoff, gone.now, why), then=()))
        gone.add(MERGED, stays.lead_id, gone.now, {"into": stays.lead_id, "by": by})
        gone.tell("merged", gone.now, "merged", {"into": stays.lead_id})
        gone.write()
        stays.finish()
        return self._view(stays)

    # -- the handoff -------------------------------------------------------------------------

    def accept(
        self, lead_id: str, *, by: str, now: datetime, at: datetime | None = None, id: str = ""
    ) -> Recorded:
        """
        The rep to whom the lead is offered takes it.

        Args:
            lead_id: Whom.
            by: Who.
            now: When it is told. Aware.
            at: When it happened, if earlier.
            id: Its key; ``""`` makes one of all the above.

        Raises:
            IllegalHandoffError: it is not offered to them, or the offer ran out.
        """
        return self._handoff(lead_id, now, "accept", {"by": by}, id, at=at)

    def reject(
        self,
        lead_id: str,
        *,
        by: str,
        reason: str,
        now: datetime,
        why: str = "",
        at: datetime | None = None,
        id: str = "",
    ) -> Recorded:
        """
        The rep to whom the lead is offered does not take it, and says by which reason code.

        Args:
            lead_id: Whom.
            by: Who.
            reason: The name of a code of the handoff policy.
            now: When it is told. Aware.
            why: In their words.
            at: When it happened, if earlier.
            id: Its key; ``""`` makes one of all the above.

        Raises:
            IllegalHandoffError: it is not offered to them, or the offer ran out.
            UnknownNameError: the policy has no such reason.
        """
        args = {"by": by, "reason": reason, "why": why}
        return self._handoff(lead_id, now, "reject", args, id, at=at)

    def attempt(
        self,
        lead_id: str,
        *,
        by: str,
        now: datetime,
        channel: str = "",
        reached: bool = False,
        at: datetime | None = None,
        id: str = "",
    ) -> Recorded:
        """
        The owner tried to reach the lead.

        Args:
            lead_id: Whom.
            by: Who.
            now: When it is told. Aware.
            channel: How: ``"phone"``, ``"e-mail"``, …
            reached: Whether somebody answered.
            at: When it happened, if earlier.
            id: Its key; ``""`` makes one of all the above.
        """
        args: dict[str, Any] = {"by": by, "channel": channel, "reached": reached}
        return self._handoff(lead_id, now, "attempt", args, id, at=now if at is None else at)

    def close(
        self,
        lead_id: str,
        *,
        by: str,
        now: datetime,
        outcome: str = "",
        reason: str = "",
        at: datetime | None = None,
        id: str = "",
    ) -> Recorded:
        """
        The owner is done with the handoff.

        Args:
            lead_id: Whose.
            by: Who.
            now: When it is told. Aware.
            outcome: The trigger of the lifecycle when it went well, such as ``"verified"``.
            reason: The reason code when it did not.
            at: When it happened, if earlier.
            id: Its key; ``""`` makes one of all the above.

        Raises:
            IllegalHandoffError: it is not theirs.
            IllegalMoveError: the lead's stage does not take the outcome.
            DefinitionError: there are both an outcome and a reason, or neither.
            UnknownNameError: the policy has no such reason.
        """
        args = {"by": by, "outcome": outcome, "reason": reason}
        return self._handoff(lead_id, now, "close", args, id, at=at)

    def take(self, lead_id: str, *, by: str, now: datetime, id: str = "") -> Recorded:
        """
        A rep takes a lead that waits in the queue.

        Raises:
            IllegalHandoffError: it does not wait.
            UnknownNameError: the routing has no such rep.
        """
        return self._handoff(lead_id, now, "take", {"by": by}, id)

    def reassign(self, lead_id: str, *, by: str, why: str, now: datetime, id: str = "") -> Recorded:
        """
        Take a lead from whoever has it, and offer it to somebody else.

        Raises:
            IllegalHandoffError: nobody has it.
        """
        return self._handoff(lead_id, now, "reassign", {"by": by, "why": why}, id)

    def pause(
        self,
        lead_id: str,
        *,
        by: str,
        why: str,
        now: datetime,
        until: datetime | None = None,
        id: str = "",
    ) -> Recorded:
        """
        Stop the clocks of an accepted lead, with a reason.

        Args:
            lead_id: Whose.
            by: Who.
            why: In their words.
            now: When it is told. Aware.
            until: When they go on by themselves; None leaves that to `resume`.
            id: Its key; ``""`` makes one of all the above.

        Raises:
            IllegalHandoffError: nobody has accepted it, or it is paused already.
        """
        args: dict[str, Any] = {"by": by, "why": why}
        if until is not None:
            args["until"] = instant(until, "until")
        return self._handoff(lead_id, now, "pause", args, id)

    def resume(self, lead_id: str, *, by: str, now: datetime, id: str = "") -> Recorded:
        """
        Let the clocks go on.

        Raises:
            IllegalHandoffError: they were not stopped.
        """
        return self._handoff(lead_id, now, "resume", {"by": by}, id)

    def _handoff(
        self,
        lead_id: str,
        now: datetime,
        command: str,
        args: Mapping[str, Any],
        id: str,
        at: datetime | None = None,
    ) -> Recorded:
        policy = self._policy()

        def do(work: Work) -> None:
            handoff = work.open_handoff or work.handoff
            if handoff is None:
                raise LeadDataError(f"{work.lead_id!r} was not handed off")
            happened = work.now if at is None else min(instant(at, "at"), work.now)
            # Whom it is offered to next, the look that follows decides: as of now, if told late.
            step = getattr(policy, command)(handoff, at=happened, **args)
            work.keep_handoff(step, outcome=args.get("outcome", ""))

        return self._said(lead_id, now, command, args, do, at=at, id=id)

    # -- time --------------------------------------------------------------------------------

    def tick(self, now: datetime, *, limit: int | None = None) -> Ticked:
        """
        Let time pass: every lead that is due is looked at, each in its own transaction.

        Before the others come those that wait in the queue, whoever waits longest first, so that
        no newcomer of this tick gets a rep before them; and after the others once more.

        Args:
            now: Aware.
            limit: At most so many leads, besides those that fail, and the queue in turn with the
                others; None for all.

        Raises:
            StoreUnavailableError: the database cannot be used; who was looked at before, was.
        """
        self._outside("time passes")
        at = instant(now, "now")
        if limit is not None or self.model.handoff is None:
            return self._look_at(self._due(at, limit), at, self._wake, limit)
        ticked = self._look_at(self._waiting(), at, self._look_again)
        due = self._look_at(self._due(at, None), at, self._wake)
        ticked = ticked.then(due)
        if due.looked:
            ticked = ticked.then(self._look_at(self._waiting(), at, self._look_again))
        return ticked

    def _waiting(self) -> list[str]:
        """The leads in the queue, whoever waits longest first."""
        rows = self.store.handoffs(state="queued")
        rows.sort(key=lambda row: (row.opened_at, row.lead_id))
        return [row.lead_id for row in rows]

    def rescore(self, now: datetime) -> Ticked:
        """
        After the model has changed: look at every lead that was decided by another.

        Nothing that was recorded is rewritten. What a lead crosses by the new model it crosses
        now. Without this call a lead is decided anew when it is due or has news. A stage that the
        lifecycle does not know any more keeps its leads: `strangers` lists them.

        Args:
            now: Aware.

        Raises:
            StoreUnavailableError: the database cannot be used; who was looked at before, was.
        """
        self._outside("leads are decided anew")
        at, model = instant(now, "now"), self.model.fingerprint
        others = (
            row.lead_id for row in self.leads() if row.model != model and not _merged_into(row)
        )
        return self._look_at(others, at, self._look)

    def _due(self, at: datetime, limit: int | None) -> Iterator[str]:
        """The leads that are due, whoever is due longest first."""
        most = 1_000 if limit is None else max(1, min(1_000, limit))
        after: Due | None = None
        while due := self.store.due(at, limit=most, after=after):
            yield from (one.lead_id for one in due)
            after = due[-1]

    def _look_at(
        self,
        lead_ids: Iterable[str],
        at: datetime,
        look: Callable[[Work], bool],
        limit: int | None = None,
    ) -> Ticked:
        """Leads looked at, each in its own transaction."""
        looked: list[str] = []
        effects: list[Effect] = []
        failed: dict[str, Exception] = {}
        for lead_id in lead_ids:
            if limit is not None and len(looked) >= limit:
                break
            try:
                done = self._run(partial(self._looked, lead_id, at, look))
            except StoreUnavailableError:  # It was tried again and again, and so it would be.
                raise
            except Exception as error:  # One lead's fault must not keep the others waiting.
                failed[lead_id] = error
            else:
                told, counts = done
                looked += [lead_id] if counts else []
                effects += told
        return Ticked(tuple(dict.fromkeys(looked)), tuple(effects), failed)

    def _looked(
        self, lead_id: str, at: datetime, look: Callable[[Work], bool], tx: Transaction
    ) -> tuple[list[Effect], bool]:
        if _merged_into(tx.peek(lead_id)):
            return [], True  # Somebody merged it just now: it is not looked at any more.
        work = self._at(tx, lead_id, at)
        counts = look(work)
        return work.effects, counts

    @staticmethod
    def _wake(work: Work) -> bool:
        # Otherwise another worker was here first.
        return True if work.wake is None or work.wake > work.now else Funnel._look(work)

    @staticmethod
    def _look(work: Work) -> bool:
        if work.advance():
            work.look()
        work.write()
        return True

    @staticmethod
    def _look_again(work: Work) -> bool:
        work.look_again()
        return bool(work.facts)

    # -- reading -----------------------------------------------------------------------------

    def lead(self, lead_id: str, *, now: datetime) -> Recorded:
        """Where a lead stands, as of now; nothing is recorded."""
        at = instant(now, "now")
        stays, stored = self._kept_as(lead_id)
        state = LeadState(stays, () if stored is None else stored.facts)
        at = at if state.recorded_at is None else max(at, state.recorded_at)
        shown = _view(state, self.model.decide(state.lead(), as_of=at))
        return attrs.evolve(shown, wake=None if stored is None else stored.row.wake)

    def history(self, lead_id: str) -> tuple[Fact, ...]:
        """Everything that was recorded about a lead, in the order in which it was."""
        stored = self._stored(lead_id)
        return () if stored is None else stored.facts

    def _stored(self, lead_id: str) -> Stored | None:
        if self._tx is None:
            return self.store.read(lead_id)  # Nobody waits for who only reads.
        return self._run(lambda tx: tx.load(lead_id))

    def _kept_as(self, lead_id: str) -> tuple[str, Stored | None]:
        """The id under which a lead is kept, and what is kept there."""
        read = {}

        def row(name: str) -> Row | None:
            stored = read[name] = self._stored(name)
            return None if stored is None else stored.row

        stays = _followed(lead_id, row)
        return stays, read[stays]

    def decide(
        self, lead_id: str, *, as_of: datetime, known_at: datetime | None = None
    ) -> Decision:
        """
        The decision about a lead as of any instant, from its history.

        Args:
            lead_id: Whose.
            as_of: Aware.
            known_at: Only what was recorded by then; None for all that is known today.
        """
        until = None if known_at is None else instant(known_at, "known_at")
        stays, stored = self._kept_as(lead_id)
        known = () if stored is None else stored.facts
        facts = (fact for fact in known if until is None or fact.recorded_at <= until)
        at = instant(as_of, "as_of")
        return self.model.decide(LeadState(stays, facts).lead(at), as_of=at)

    def strangers(self) -> Iterator[Row]:
        """
        The rows of leads in stages that the lifecycle does not know, by stage and id.

        Such a stage was taken out or renamed. No event moves its leads, and their handoffs stay as
        they are: `move` brings them on.
        """
        for name in self.status():
            if name not in self.lifecycle.by_name:
                yield from (row for row in self.leads(stage=name) if not _merged_into(row))

    def next_wake(self) -> datetime | None:
        """When the next lead is due, for whoever calls `tick`; None when nothing is to come."""
        return self.store.next_wake()

    def leads(self, *, stage: str = "") -> Iterator[Row]:
        """The rows of all leads, or of those in one stage, ``"merged"`` too, in order of id."""
        after = ""
        while rows := self.store.rows(stage=stage, after=after):
            yield from rows
            after = rows[-1].lead_id

    def status(self) -> dict[str, int]:
        """
        How many leads stand in each stage, in the order of the lifecycle.

        After its stages come those that it does not know, and ``"merged"``, which is no stage: the
        leads that were merged into others.
        """
        counts = self.store.count_by_stage()
        known = [stage.name for stage in self.lifecycle.stages]
        return {
            name: counts[name]
            for name in (*known, *sorted(set(counts) - set(known)))
            if name in counts
        }

    def handoffs(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        state: str = "",
        owner: str = "",
    ) -> tuple[Handoff, ...]:
        """
        Handoffs by lead and episode: for reports, and for a rep's desk.

        Args:
            since: Only those opened at or after it.
            until: Only those opened before it.
            state: ``"queued"``, ``"offered"``, ``"accepted"``, ``"working"`` or ``"closed"``.
            owner: Who has it, or to whom it is offered.
        """
        rows = self.store.handoffs(since=since, until=until, state=state, owner=owner)
        return tuple(
            Handoff.of([HandoffEvent.from_dict(e) for e in row.data["events"]]) for row in rows
        )

    def feedback(
        self, *, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[Feedback, ...]:
        """What sales said about the handoffs of a period."""
        handoffs = self.handoffs(since=since, until=until)
        return tuple(said for handoff in handoffs for said in feedback_of(handoff))

    def orphans(self) -> tuple[Handoff, ...]:
        """The open handoffs of whoever is no rep any more: nobody but you will `reassign` them."""
        policy = self.model.handoff
        if policy is None:
            return ()
        states = ("offered", "accepted", "working")
        found = (handoff for state in states for handoff in self.handoffs(state=state))
        return tuple(h for h in found if h.holder not in policy.routing.by_name)

    def compliance(self, since: datetime, until: datetime) -> Compliance:
        """
        Whether both teams did what they agreed on, of the handoffs opened in a period.

        Args:
            since: When it starts. Aware.
            until: When it ends. Aware.

        Raises:
            DefinitionError: the model hands nothing off, or the period does not end after it
                starts.
        """
        policy = self._policy()
        handoffs = self.handoffs(since=since, until=until)
        said = [word for handoff in handoffs for word in feedback_of(handoff)]
        return compliance(
            self.model.agreement, handoffs, said, since=since, until=until, policy=policy
        )

    def _policy(self) -> HandoffPolicy:
        if self.model.handoff is None:
            raise DefinitionError("the model hands nothing off; add a section [handoff] to it")
        return self.model.handoff

    # -- the outbox --------------------------------------------------------------------------

    def outbox(self, *, after: int = 0, limit: int = 100) -> list[Message]:
        """Messages above *after*, in order: for polling. Remember the last one's ``seq``."""
        return self.store.outbox(after=after, limit=limit)

    def deliver(
        self,
        send: Callable[[Message], object],
        *,
        worker: str = "worker",
        lease: timedelta = timedelta(minutes=5),
        limit: int = 100,
    ) -> int:
        """
        Hand undelivered messages to a callback, each at least once, in order.

        Args:
            send: Called with each `Message`. It may be called again with the same one after a
                crash: its ``effect.key`` is then the same.
            worker: Who delivers.
            lease: For how long no other worker gets them.
            limit: At most so many.

        Returns:
            How many were sent. An error of *send* ends the call; that message and those after it
            are free again at once.

        Raises:
            StaleClaimError: the lease ran out meanwhile, and another worker may have them.
        """
        self._outside("messages are delivered")
        messages = self.store.claim(worker, lease=lease, limit=limit)
        for place, message in enumerate(messages):
            try:
                send(message)
                self.store.delivered([message])
            except BaseException:
                with suppress(StoreError):  # Otherwise they are free when the lease is over.
                    self.store.release(messages[place:])
                raise
        return len(messages)

    # -- transactions ------------------------------------------------------------------------

    @contextmanager
    def batch(self) -> Generator["Funnel", None, None]:
        """
        Many calls in one transaction: all of them count, or, after an error, none.

        What is listed meanwhile is as before. Time passes and messages are delivered outside.

        Raises:
            StoreError: there is a batch already, or a call of it failed.

        >>> # with funnel.batch() as batch:
        >>> #     for lead_id, activity in news:
        >>> #         batch.record(lead_id, activity, now=now)
        """
        self._outside("a batch begins")
        inner = Funnel(self.model, self.store, setup=False)
        try:
            with self.store.transaction() as tx:
                inner._tx = tx
                yield inner
                if inner._trouble:
                    raise StoreError(inner._trouble)
        finally:
            inner._trouble = "this batch is over; begin another one, or use the funnel itself"

    def _outside(self, what: str) -> None:
        if self._tx is not None:
            raise StoreError(f"{what} outside a batch, not inside one; use the funnel itself")

    def _run(self, work: Callable[[Transaction], T]) -> T:
        if self._tx is None:
            return self.store.run(work)
        if self._trouble:
            raise StoreError(self._trouble)
        try:
            return work(self._tx)
        except BaseException:
            # Whoever catches it must not write the other half.
            self._trouble = "a call of this batch failed, so nothing of it is recorded"
            raise

    def _at(self, tx: Transaction, lead_id: str, now: datetime) -> Work:
        return Work(tx, self.model, self.lifecycle, lead_id, now)

    def _on(self, lead_id: str, now: datetime, do: Callable[[Work], None]) -> Recorded:
        at = instant(now, "now")

        def run(tx: Transaction) -> Recorded:
            work = self._at(tx, _followed(lead_id, tx.peek), at)
            work.arrive(due_now=True)
            do(work)
            work.finish()
            return self._view(work)

        return self._run(run)

    def _said(
        self,
        lead_id: str,
        now: datetime,
        command: str,
        args: Mapping[str, Any],
        do: Callable[[Work], None],
        *,
        at: datetime | None = None,
        id: str = "",
    ) -> Recorded:
        """What a person told the funnel to do: recorded once, however often it is told."""
        happened = instant(now if at is None else at, "at")
        told = {"command": command, **{name: to_plain(value) for name, value in args.items()}}
        key = id or _digest({**told, "at": instant_text(happened)})

        def run(tx: Transaction) -> Recorded:
            work = self._at(tx, _followed(lead_id, tx.peek), instant(now, "now"))

            def command() -> None:
                do(work)
                work.add(SAID, key, happened, told)

            before = work.state.commands.get(f"{SAID}/{key}")
            if before is None:
                work.do(happened, command)
            elif before == told:
                work.arrive(due_now=False)
            else:
                raise LeadDataError(
                    f"the id {show(id)} was given to another command before "
                    f"({show(before['command'])}); give each command an id of its own"
                )
            work.finish()
            return self._view(work)

        return self._run(run)

    @staticmethod
    def _view(work: Work) -> Recorded:
        return attrs.evolve(
            _view(work.state, work.decide()),
            facts=tuple(work.facts),
            effects=tuple(work.effects),
            wake=work.wake,
        )


def _view(state: LeadState, decision: Decision) -> Recorded:
    if state.journey is None:
        raise LeadDataError(f"nothing is recorded of {state.lead_id!r} yet")
    handoffs = state.handoffs
    last = handoffs[-1] if handoffs else None
    return Recorded(state.lead_id, state.journey, decision, state.open_handoff or last)


def _merged_into(row: Row | None) -> str:
    """The id of the lead that this one was merged into, or ``""``."""
    return "" if row is None else row.state.get("merged_into", "")


def _followed(lead_id: object, row_of: Callable[[str], Row | None]) -> str:
    """The id of the lead that this one was merged into, or its own."""
    stays = _lead_id(lead_id)
    while into := _merged_into(row_of(stays)):
        stays = into
    return stays


def _lead_id(lead_id: object) -> str:
    """A lead's id, checked."""
    if not isinstance(lead_id, str) or is_blank(lead_id):
        raise LeadDataError(f"a lead's id is text that is not blank, not {show(lead_id)}")
    size = len(lead_id.encode(errors="replace")) + 2 * (lead_id.count("/") + lead_id.count("%"))
    if size > _LONGEST_ID:
        raise LeadDataError(
            f"a lead's id has at most {_LONGEST_ID} bytes, a slash or a percent sign counted "
            f"three times, not {size:,}"
        )
    return lead_id


def _told_activity(activity: Activity) -> tuple[str, Activity, dict[str, Any]]:
    """An activity with its key and what is kept of it."""
    if not isinstance(activity, Activity):
        raise KindError(f"wanted an Activity, not {type(activity).__name__}")
    properties = plain_table(activity.properties, "property")
    data = activity_data(activity, properties)
    key = activity.id or _digest({**data, "at": instant_text(activity.at)})
    return key, activity, data


def _digest(data: Mapping[str, Any]) -> str:
    return sha256(_text(data).encode()).hexdigest()[:20]


def _text(plain: object) -> str:
    """Plain data as text: the same for the same data, and 1 is not true."""
    return dumps(plain, sort_keys=True, separators=(",", ":"))
