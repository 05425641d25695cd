"""
One lead, decided again and again while activities come in.

A stream's consumer holds a `Tracker` for each lead: an activity is put where it belongs, and a
decision is read off, however long the timeline has become.
"""

from datetime import datetime
from typing import Any

import attrs

from .compiled import Engine, Program, Rows, Way, engine_of
from .decision import Decision
from .definition import Definition
from .errors import KindError, LeadDataError
from .lazily import lazily
from .lead import Lead
from .timeline import MOST_ACTIVITIES, Activity, Timeline
from .value import instant, instead, show


class Tracker:
    """
    The state of one lead for one definition.

    Its decisions are those of ``qualification.decide`` about the lead with all its activities, at
    every instant, forward or back; late and repeated activities count as they always do. One
    thread at a time may use a tracker; the decisions that it gives are values of their own.

    Args:
        definition: By what is decided.
        lead: With its activities so far: ``()`` when there are none yet.

    Raises:
        KindError: the lead's activities were not loaded, so nobody can say what they are now.

    >>> from datetime import UTC, datetime
    >>> from mqlkit import Activity, Lead, Qualification, activity
    >>> mql = Qualification("mql", version="1", when=activity("demo_request").happened())
    >>> tracker = Tracker(mql, Lead("ada", activities=()))
    >>> tracker.add(Activity("demo_request", datetime(2026, 3, 1, tzinfo=UTC)))
    >>> tracker.decide(as_of=datetime(2026, 3, 1, tzinfo=UTC)).status
    Status.QUALIFIED
    """

    def __init__(self, definition: Definition, lead: Lead) -> None:
        if not isinstance(lead, Lead):
            raise KindError(f"wanted a Lead, such as Lead('ada', {{...}}), not {show(lead)}")
        if lead.timeline is None:
            raise KindError(
                f"a tracker needs the activities of {show(lead.id)} so far; "
                "give Lead(..., activities=()) when there are none yet"
            )
        self._definition = definition
        self._base = lead
        self._begin(lead.timeline)

    @lazily
    def _engine(self) -> Engine:
        return engine_of(self._definition)

    @lazily
    def _program(self) -> Program:
        return self._engine.program_for(self._base)

    def _begin(self, timeline: Timeline) -> None:
        """Everything anew from a timeline."""
        self._timeline = timeline
        self._added: list[Activity] = []
        self._ids = {activity.id for activity in timeline}
        self._newest = max(filter(None, (timeline.newest, self._newest_of_account())), default=None)
        self._rows: Rows | None = None
        try:
            self._rows = self._rows_of(timeline)
        except Exception:  # of a part of the user's own: it is for a decision to raise
            return

    def _rows_of(self, timeline: Timeline) -> Rows:
        return Rows(timeline, self._program.places["lead"], own=True)

    def _newest_of_account(self) -> datetime | None:
        account = self._base.account
        return None if account is None or account.timeline is None else account.timeline.newest

    # -- what comes in -----------------------------------------------------------------------

    def add(self, *activities: Activity) -> None:
        """
        Activities that happened, or came to be known; in any order, repeated ones too.

        Raises:
            KindError: one of them is no `Activity`; then none is added.
            LeadDataError: they would be more than a `Timeline` holds; then none is added.
        """
        count = len(self._timeline) + len(self._added) + len(activities)
        if count > MOST_ACTIVITIES:
            raise LeadDataError(f"a lead may have {MOST_ACTIVITIES:,} activities, not {count:,}")
        for activity in activities:
            if not isinstance(activity, Activity):
                raise KindError(f"wanted an Activity, not {instead(activity, 'add(*activities)')}")
        for activity in activities:
            self._add(activity)

    def _add(self, activity: Activity) -> None:
        if activity.id is not None:
            if activity.id in self._ids:  # which of them counts is for the timeline to say
                self._begin(self._so_far(len(self._added)).plus(activity))
                return
            self._ids.add(activity.id)
        self._added.append(activity)
        if self._newest is None or activity.at > self._newest:
            self._newest = activity.at
        if self._rows is not None:
            self._put(activity, self._rows)

    def _put(self, activity: Activity, rows: Rows) -> None:
        """An activity into its places."""
        try:
            rows.add(activity)
        except Exception:  # as above; it may be in some of them and not in others
            self._rows = None

    def _so_far(self, count: int) -> Timeline:
        return self._timeline.plus(*self._added[:count])

    # -- what comes out ----------------------------------------------------------------------

    @property
    def lead(self) -> Lead:
        """The lead with all its activities so far."""
        return self._lead_at(self._timeline, tuple(self._added))

    def _lead_at(self, timeline: Timeline, added: tuple[Activity, ...]) -> Lead:
        return attrs.evolve(self._base, activities=timeline.plus(*added))

    def decide(self, *, as_of: datetime) -> Decision:
        """
        The decision about the lead with all that is known of it now.

        Args:
            as_of: Aware; what comes later does not exist. It may lie before an earlier one.

        Raises:
            NaiveTimeError: *as_of* has no time zone.
        """
        now = instant(as_of, "as_of")
        timeline, count, added = self._timeline, len(self._added), self._added

        def grown() -> Lead:
            return self._lead_at(timeline, tuple(added[:count]))

        return Decision.tracked(self._definition, grown, now, self._answers)

    def _answers(self, decision: Decision) -> tuple[Any, ...]:
        base, rows, now = self._base, self._rows, decision.as_of
        program = self._program
        if rows is None:  # it raises again what it raised, so the reference answers
            rows = self._rows_of(self._so_far(len(self._added)))
        way: Way = "kept" if self._newest is None or self._newest <= now else "later"
        still = rows.attributes_of(base, lambda: program.still(base, now))
        others = self._engine.others(program, base)
        return program.run(way, now)(base, rows.stores, others, decision, still)
