"""
The compiled engine: a definition's plan, and its programs, each made when it is first needed.
"""

from datetime import datetime
from typing import Any

from ..definition import ENGINE, Definition
from ..errors import KindError
from ..lead import Lead, Whose
from ..plan import node
from ..plan.lowering import lower
from ..timeline import Activity, Timeline
from ..value import show
from .needs import needs_of, parts_of
from .program import Deciding, Program, Way
from .rows import rows
from .texts import FieldTexts

_NONE: frozenset[Whose] = frozenset()


def engine_of(definition: Definition) -> "Engine":
    """The engine of a definition, which keeps it."""
    engine: Engine | None = definition.__dict__.get(ENGINE)
    if engine is None:
        engine = definition.__dict__[ENGINE] = Engine(definition)
    return engine


def compile(model: Any) -> "Engine":
    """
    Make a model ready to decide, which its first decision would do otherwise.

    Args:
        model: A `Qualification`, or a `Model` with one.

    Returns:
        Its engine, which the qualification keeps; its ``source()`` is the generated code.

    Raises:
        KindError: *model* is neither.

    >>> from mqlkit import Qualification, attribute
    >>> mql = Qualification("mql", version="1", when=attribute("employees") >= 50)
    >>> "employees" in compile(mql).source()  # no text of yours stands in the code
    False
    """
    definition = getattr(model, "qualification", model)
    if not isinstance(definition, Definition):
        raise KindError(f"wanted a Qualification or a Model to compile, not {show(model)}")
    engine = engine_of(definition)
    engine.source()
    return engine


class Engine:
    """
    What answers for a definition.

    Args:
        definition: Whose answers.
    """

    def __init__(self, definition: Definition) -> None:
        self.plan = lower(definition)
        sums = [total.name for total in self.plan.sums]
        self.places = {name: sums.index(key) for name, key in self.plan.names.items()}
        """Which of the answers' scores each name stands for."""
        self._texts = FieldTexts()
        for part in parts_of(self.plan):
            if isinstance(part, node.OfText | node.ByText):
                self._texts.note(part)
        owners = {need.pick.of for need in needs_of(self.plan)}
        self._asks_lead = "lead" in owners
        self._asks_account = "account" in owners
        self._keys: dict[Whose, object] = {"lead": object(), "account": object()}
        self._programs: dict[frozenset[Whose], Program] = {}
        self._usual = self.program(_NONE)
        self._in_one_pass = self._usual.in_one_pass

    def source(self) -> str:
        """The generated code that decides about a lead with a plain list of activities."""
        return self._usual.source("once" if self._in_one_pass else "kept")

    def program(self, unloaded: frozenset[Whose] = _NONE) -> Program:
        """The program for leads of which some timelines are not loaded."""
        found = self._programs.get(unloaded)
        if found is None:
            found = self._programs[unloaded] = Program(self.plan, self._texts, unloaded)
        return found

    def answers(self, decision: Deciding) -> tuple[Any, ...]:
        """
        The status, each formula's answer and every score's ends, in the plan's order.

        Verdicts are True, False and None; points are millipoints.
        """
        lead, now = decision.lead, decision.as_of
        timeline = lead.__dict__.get("timeline")
        if self._asks_account:
            return self._with_account(decision)
        if timeline is None:
            acts = lead.activities
            if acts is not None and self._in_one_pass and (lead.unique_ids or _each_once(acts)):
                bound_to, run = self._usual.once
                if bound_to is not now:
                    run = self._usual.run("once", now)
                return run(lead, acts, (), decision)
        else:
            # The way of a lead that is held and was decided before.
            held = timeline.kept.get(self._keys["lead"])
            if held is not None:
                bound_to, run = self._usual.kept
                about, done = held.about, timeline.activities
                if (
                    bound_to is now
                    and about is not None
                    and about[0] is lead.attributes
                    and about[1] is lead.account
                    and (not done or done[-1].at <= now)
                ):
                    return run(lead, held.stores, (), decision, about[2])
        return self._from_rows(self.program_for(lead), decision, lead, None)

    def _with_account(self, decision: Deciding) -> tuple[Any, ...]:
        """The answers by a definition that asks what others of the account did."""
        lead, account = decision.lead, decision.lead.account
        program = self.program_for(lead)
        if program.in_one_pass and is_plain(lead) and (account is None or is_plain(account)):
            others = () if account is None else account.activities
            return program.run("once", decision.as_of)(lead, lead.activities, others, decision)
        return self._from_rows(program, decision, lead, account)

    def program_for(self, lead: Lead) -> Program:
        """The program for a lead, by which timelines are loaded."""
        return self.program(self._unloaded(lead, lead.account if self._asks_account else None))

    def others(self, program: Program, lead: Lead) -> tuple[object, ...]:
        """The stores of the account's timeline."""
        account = lead.account if program.places["account"].wanted else None
        if account is None or account.timeline is None:
            return ()
        return rows(account.timeline, self._keys["account"], program.places["account"]).stores

    def _from_rows(
        self, program: Program, decision: Deciding, lead: Lead, account: Lead | None
    ) -> tuple[Any, ...]:
        now, keys = decision.as_of, self._keys
        timeline = lead.timeline if program.places["lead"].wanted else None
        of_account = None if account is None else account.timeline
        way: Way = "later" if _later(timeline, now) or _later(of_account, now) else "kept"
        run = program.run(way, now)
        others = self.others(program, lead)
        if timeline is None:
            return run(lead, (), others, decision, program.still(lead, now)[0])
        held = rows(timeline, keys["lead"], program.places["lead"])
        still = held.attributes_of(lead, lambda: program.still(lead, now))
        return run(lead, held.stores, others, decision, still)

    def _unloaded(self, lead: Lead, account: Lead | None) -> frozenset[Whose]:
        missing: set[Whose] = {"lead"} if self._asks_lead and lead.activities is None else set()
        if self._asks_account and (account is None or account.activities is None):
            missing.add("account")
        return frozenset(missing)


def _later(timeline: Timeline | None, now: datetime) -> bool:
    """Whether it holds what happens only after now."""
    newest = None if timeline is None else timeline.newest
    return newest is not None and newest > now


def is_plain(lead: Lead) -> bool:
    """Whether its activities can be read as they are: not sorted yet, and each id once."""
    return "timeline" not in lead.__dict__ and (lead.unique_ids or _each_once(lead.activities))


def _each_once(activities: tuple[Activity, ...] | None) -> bool:
    ids = [activity.id for activity in activities or () if activity.id is not None]
    return not ids or len(set(ids)) == len(ids)
