"""
mqlkit says what a qualified lead is, and acts on it.

Criteria compose into scorecards and qualifications; decisions come with reasons.
"""

from .criteria.activity import Activities, activity
from .criteria.attribute import Attribute, attribute
from .criteria.choices import NamedList
from .criteria.knowledge import known, missing
from .criteria.label import grade, matrix, score, stage
from .criterion import Criterion, all_of, any_of, at_least, exactly, if_
from .decay import Decay, expires, half_life, linear, steps
from .errors import MqlkitError
from .explanation import Reason
from .lead import History, Lead, Override, Snapshot
from .measure import LabelMeasure, Measure, Range
from .points import Band, Rule
from .qualification import Decision, Label, Qualification, Status
from .registry import register
from .scorecard import Group, Scorecard, ScoreResult
from .timeline import Activity, Timeline
from .verdict import Verdict

__all__ = [
    "Activities",
    "Activity",
    "Attribute",
    "Band",
    "Criterion",
    "Decay",
    "Decision",
    "Group",
    "History",
    "Label",
    "LabelMeasure",
    "Lead",
    "Measure",
    "MqlkitError",
    "NamedList",
    "Override",
    "Qualification",
    "Range",
    "Reason",
    "Rule",
    "ScoreResult",
    "Scorecard",
    "Snapshot",
    "Status",
    "Timeline",
    "Verdict",
    "activity",
    "all_of",
    "any_of",
    "at_least",
    "attribute",
    "exactly",
    "expires",
    "grade",
    "half_life",
    "if_",
    "known",
    "linear",
    "matrix",
    "missing",
    "register",
    "score",
    "stage",
    "steps",
]
