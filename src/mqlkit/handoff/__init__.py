"""
The handoff: the whole passage of a lead from marketing to sales, from the first offer to its end.
"""

from .deadline import DEADLINES, Deadline
from .event import KINDS, HandoffEvent
from .offer import Attempt, Ending, Handoff, Offer, Pause
from .policy import HandoffPolicy, PolicyError
from .pool import Pool
from .reasons import FINDINGS, ReasonCode
from .refusal import IllegalHandoffError
from .routing import Rep, Routed, Routing, Skipped, Territory
from .sla import SlaPolicy, Target
from .step import HandoffStep

__all__ = [
    "Attempt",
    "DEADLINES",
    "Deadline",
    "Ending",
    "FINDINGS",
    "Handoff",
    "HandoffEvent",
    "HandoffPolicy",
    "HandoffStep",
    "IllegalHandoffError",
    "KINDS",
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
    "Target",
    "Territory",
]
