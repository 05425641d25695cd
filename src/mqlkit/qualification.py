"""
A qualification: who is a qualified lead, and the decisions about leads.
"""

from datetime import UTC, datetime

import attrs

from .criterion import Criterion, criterion
from .decision import Decision
from .definition import Definition
from .errors import DefinitionError, KindError
from .forecast import TOO_EARLY, Forecast
from .lead import Lead
from .value import instant, instead


@attrs.frozen(slots=False)
class Qualification(Definition):
    """
    Who is a qualified lead.

    Args:
        name: Of the definition; each decision carries it.
        version: Of the definition, in the team's own counting.
        when: The criterion of a qualified lead. It may ask for scores, grades and the stage.
        card: A `Scorecard`, several with names, or None.
        never: Disqualifiers by reason: whoever meets one is DISQUALIFIED, whatever the score.
        at_once: What qualifies whatever the score, by reason.
        labels: Named kinds of lead to tell beside the decision: criteria, or `Label` values.
        grades: Letters to tell beside the decision, by name.
        unknowns: ``"ask"`` keeps UNKNOWN apart; ``"no"`` counts each formula that is unknown as
            not met, says so in the explanation, and never answers NEEDS_DATA.

    Raises:
        UnknownNameError: something asks for a score that there is not.
        DefinitionError: two scores share a name, or a score depends on itself.
    """

    def decide(self, lead: Lead, *, as_of: datetime, notes: tuple[str, ...] = ()) -> Decision:
        """
        The decision about one lead as of an instant.

        Args:
            lead: What is known of it.
            as_of: Aware; what comes later does not exist.
            notes: What the decision's reader must know beside it, such as that an agreement
                is not signed.

        Raises:
            KindError: *lead* is no `Lead`.
            NaiveTimeError: *as_of* has no time zone.
        """
        if not isinstance(lead, Lead):
            raise KindError(
                "wanted a Lead, such as Lead('ada', {...}), not "
                + instead(lead, "for lead in leads: decide(lead, as_of=...)")
            )
        if type(as_of) is not datetime or as_of.tzinfo is not UTC:
            as_of = instant(as_of, "as_of")
        return Decision.made(self, lead, as_of, notes)

    def next_flip(
        self, lead: Lead, *, as_of: datetime, until: datetime, of: Criterion | None = None
    ) -> datetime | None:
        """
        The first instant at which an answer is another than now, if nothing new is learned.

        It is the one that deciding at every `changes_at` on the way would find, mostly with a few
        looks: a span over which the answer can only be what it is now is skipped.

        Args:
            lead: What is known of it.
            as_of: Now; the answer is compared with that of this instant. Aware.
            until: The last instant looked at, included. Aware.
            of: A criterion, such as the guard of a stage. By default the status.

        Returns:
            In UTC; None when the answer is the same up to *until*.

        Raises:
            KindError: *lead* is no `Lead`, or *of* is no criterion.
            UnknownNameError: *of* asks for a score that there is not.
            DefinitionError: *until* lies before *as_of*, or more than 10,000 instants would have to
                be looked at: let a part of your own say in ``changes_at`` when it may change.

        >>> from datetime import UTC, datetime
        >>> from mqlkit import Activity, Rule, Scorecard, activity, half_life, score
        >>> visit = activity("page_view")
        >>> card = Scorecard(Rule.each("visits", visit, 10, decay=half_life(days=14)))
        >>> mql = Qualification("mql", version="1", card=card, when=score() >= 5)
        >>> now, later = (datetime(2026, month, 1, tzinfo=UTC) for month in (3, 9))
        >>> ada = Lead("ada", activities=[Activity("page_view", now)])
        >>> print(mql.next_flip(ada, as_of=now, until=later))
        2026-03-16 00:00:00+00:00
        """
        decision = self.decide(lead, as_of=as_of)
        end = instant(until, "until")
        if end < decision.as_of:
            raise DefinitionError(TOO_EARLY)
        if of is not None:
            criterion(of)
        decision.next_change(of)  # refuses what there is not, before anything is looked at
        from .compiled.flips import next_flip  # only who looks far ahead needs it

        return next_flip(decision, end, of)

    def forecast(self, lead: Lead, *, as_of: datetime, until: datetime) -> Forecast[Decision]:
        """
        The decisions to come if nothing new is learned.

        Args:
            lead: What is known of it.
            as_of: The first decision's instant. Aware.
            until: The last instant looked at, included. Aware.

        Returns:
            A sequence: the first decision and then one for each later instant at which the
            answer or a score differs from the one before. Its `flips` and each score's
            `staircase` are exact; shown as HTML it is drawn.

        Raises:
            DefinitionError: *until* lies before *as_of*, or there are more than 10,000 instants
                to look at.
        """

        def decide(at: datetime) -> Decision:
            return self.decide(lead, as_of=at)

        end = instant(until, "until")  # refused before anything is decided
        return Forecast.of(decide(as_of), decide, until=end)
