"""
The lifecycle that is shipped: from visitor to customer, with two stages off the path.
"""

from datetime import timedelta

from ..calendar import Calendar
from ..criteria.knowledge import known
from .stage import Stage
from .table import Lifecycle
from .transition import DECIDED, EXPIRED, Transition

PATH = ("visitor", "lead", "mql", "sal", "sql", "opportunity", "customer")


def standard(
    *,
    cool_down: timedelta,
    dwell: timedelta = timedelta(days=7),
    verify_within: timedelta = timedelta(days=14),
    calendar: Calendar | None = None,
) -> Lifecycle:
    """
    Visitor, lead, MQL, SAL, SQL, opportunity, customer, with recycled and disqualified beside.

    Args:
        cool_down: How long a recycled lead rests before it may qualify again. Nobody can choose
            this for a team, so there is no default.
        dwell: How long a score must stay below the line before an MQL is a lead again.
        verify_within: How long sales may take from acceptance to its own verdict; after that the
            lead is recycled.
        calendar: If given, *verify_within* counts on it in business time.

    >>> standard(cool_down=timedelta(days=90)).start
    'visitor'
    """
    business = calendar is not None
    return Lifecycle(
        "standard",
        [
            Stage("visitor"),
            Stage("lead"),
            Stage("mql", offers=True),
            Stage("sal", "sla", team="sales", within=verify_within, business=business),
            Stage("sql", team="sales"),
            Stage("opportunity", team="sales"),
            Stage("customer", "terminal", team="sales"),
            Stage("recycled", cool_down=cool_down),
            Stage("disqualified", "terminal"),
        ],
        [
            Transition("identified", "visitor", "lead"),
            Transition(DECIDED, "visitor", "lead", known("email")),
            Transition("qualified", ("visitor", "lead", "recycled"), "mql"),
            Transition("unqualified", "mql", "lead", dwell=dwell),
            Transition("accepted", "mql", "sal"),
            Transition("verified", "sal", "sql"),
            Transition("opened", ("sal", "sql"), "opportunity"),
            Transition("won", ("sal", "sql", "opportunity"), "customer"),
            Transition("lost", ("sal", "sql", "opportunity"), "recycled"),
            Transition("recycled", ("mql", "sal", "sql", "opportunity"), "recycled"),
            Transition("unanswered", ("mql", "sal"), "recycled"),
            Transition(EXPIRED, "sal", "recycled"),
            Transition("disqualified", "*", "disqualified"),
            Transition("reopened", "disqualified", "lead"),
        ],
        path=PATH,
        calendar=calendar,
    )
