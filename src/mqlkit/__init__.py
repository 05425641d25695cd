"""
mqlkit says what a qualified lead is, and acts on it.

Criteria compose into scorecards and qualifications; decisions come with reasons.
"""

from typing import TYPE_CHECKING

from .asking import Missing
from .criteria.activity import Activities, activity
from .criteria.attribute import Attribute, attribute
from .criteria.choices import NamedList
from .criteria.knowledge import known, missing
from .criteria.label import grade, matrix, score, stage
from .criteria.stay import days_in_stage
from .criterion import Criterion, all_of, any_of, at_least, exactly, if_
from .decay import Decay, expires, half_life, linear, steps
from .decision import Decision
from .definition import Label
from .errors import MqlkitError
from .explanation import Reason
from .lazily import late_names
from .lead import History, Lead, Override, Snapshot
from .measure import LabelMeasure, Measure, Range
from .qualification import Qualification
from .registry import register
from .rules.choice import Band
from .rules.rule import Rule
from .scorecard import Group, Scorecard, ScoreResult
from .status import Status
from .timeline import Activity, Timeline
from .verdict import Verdict

if TYPE_CHECKING:
    from .account import people
    from .agreement import Agreement, Signature
    from .calendar import Calendar
    from .clock import Clock
    from .compiled import compile
    from .forecast import Flip, Forecast
    from .funnel import Funnel
    from .handoff import HandoffPolicy, ReasonCode, Rep, Routing, SlaPolicy, Target, Territory
    from .intake import UnreadableLeadError, lead_from, lead_to, leads_from
    from .labels import KINDS_OF_MQL
    from .lifecycle import Event, Journey, Lifecycle, Stage, Transition
    from .spec import Model, dump, dumps, load, loads, schema
    from .staircase import Step
    from .store import MemoryStore, SqlStore
    from .tracker import Tracker
    from .vocabulary import ACTIVITY_KINDS, CONTENT_TYPES, FREE_MAIL, SHIPPED_LISTS, content_for

__all__ = [
    "ACTIVITY_KINDS",
    "Activities",
    "Activity",
    "Agreement",
    "Attribute",
    "Band",
    "CONTENT_TYPES",
    "Calendar",
    "Clock",
    "Criterion",
    "Decay",
    "Decision",
    "Event",
    "FREE_MAIL",
    "Flip",
    "Forecast",
    "Funnel",
    "Group",
    "HandoffPolicy",
    "History",
    "Journey",
    "KINDS_OF_MQL",
    "Label",
    "LabelMeasure",
    "Lead",
    "Lifecycle",
    "Measure",
    "MemoryStore",
    "Missing",
    "Model",
    "MqlkitError",
    "NamedList",
    "Override",
    "Qualification",
    "Range",
    "Reason",
    "ReasonCode",
    "Rep",
    "Routing",
    "Rule",
    "SHIPPED_LISTS",
    "ScoreResult",
    "Scorecard",
    "Signature",
    "SlaPolicy",
    "Snapshot",
    "SqlStore",
    "Stage",
    "Status",
    "Step",
    "Target",
    "Territory",
    "Timeline",
    "Tracker",
    "Transition",
    "UnreadableLeadError",
    "Verdict",
    "activity",
    "all_of",
    "any_of",
    "at_least",
    "attribute",
    "compile",
    "content_for",
    "days_in_stage",
    "dump",
    "dumps",
    "exactly",
    "expires",
    "grade",
    "half_life",
    "if_",
    "known",
    "lead_from",
    "lead_to",
    "leads_from",
    "linear",
    "load",
    "loads",
    "matrix",
    "missing",
    "people",
    "register",
    "schema",
    "score",
    "stage",
    "steps",
]

# Loaded when first asked for: model files stand on cattrs, which an application that builds its
# definitions in Python needs not load; the rest costs time that most start-ups need not spend.
__getattr__, __dir__ = late_names(
    __name__,
    {
        "account": ("people",),
        "agreement": ("Agreement", "Signature"),
        "calendar": ("Calendar",),
        "clock": ("Clock",),
        "compiled": ("compile",),
        "forecast": ("Flip", "Forecast"),
        "funnel": ("Funnel",),
        "handoff": (
            "HandoffPolicy",
            "ReasonCode",
            "Rep",
            "Routing",
            "SlaPolicy",
            "Target",
            "Territory",
        ),
        "intake": ("UnreadableLeadError", "lead_from", "lead_to", "leads_from"),
        "labels": ("KINDS_OF_MQL",),
        "lifecycle": ("Event", "Journey", "Lifecycle", "Stage", "Transition"),
        "spec": ("Model", "dump", "dumps", "load", "loads", "schema"),
        "staircase": ("Step",),
        "store": ("MemoryStore", "SqlStore"),
        "tracker": ("Tracker",),
        "vocabulary": (
            "ACTIVITY_KINDS",
            "CONTENT_TYPES",
            "FREE_MAIL",
            "SHIPPED_LISTS",
            "content_for",
        ),
    },
)
