"""
The lifecycle of a lead: stages, the moves between them, and the journey of each lead.

`Lifecycle` is a table that holds no lead; `Lifecycle.step` is pure.
"""

from .check import LifecycleError
from .event import Event
from .journey import Entry, Journey, Settled, Step, Wait
from .refusal import IllegalMoveError, RefusedMoveError
from .stage import Stage
from .standard import standard
from .table import Lifecycle
from .transition import Transition

__all__ = [
    "Entry",
    "Event",
    "IllegalMoveError",
    "Journey",
    "Lifecycle",
    "LifecycleError",
    "RefusedMoveError",
    "Settled",
    "Stage",
    "Step",
    "Transition",
    "Wait",
    "standard",
]
