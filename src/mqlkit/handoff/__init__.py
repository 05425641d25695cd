"""
The handoff: the whole passage of a lead from marketing to sales, from the first offer to its end.
"""

from .compliance import Compliance, Kept, Spread, compliance
from .deadline import DEADLINES, Deadline
from .event import KINDS, HandoffEvent
from .feedback import Feedback, Summary, Tally, feedback_of, summary
from .offer import Handoff
from .policy import HandoffPolicy
from .pool import Pool
from .reasons import FINDINGS, ReasonCode
from .record import Attempt, Ending, Line, Offer, Pause
from .refusal import IllegalHandoffError, PolicyError
from .routing import Rep, Routed, Routing, Skipped, Territory
from .sla import SlaPolicy, Target
from .step import HandoffStep

__all__ = [
    "Attempt",
    "Compliance",
    "DEADLINES",
    "Deadline",
    "Ending",
    "FINDINGS",
    "Feedback",
    "Handoff",
    "HandoffEvent",
    "HandoffPolicy",
    "HandoffStep",
    "IllegalHandoffError",
    "KINDS",
    "Kept",
    "Line",
    "Offer",
    "Pause",
    "PolicyError",
    "Pool",
    "ReasonCode",
    "Rep",
    "Routed",
    "Routing",
    "Skipped",
    "SlaPolicy",
    "Spread",
    "Summary",
    "Tally",
    "Target",
    "Territory",
    "compliance",
    "feedback_of",
    "summary",
]
