"""
mqlkit says what a qualified lead is, and acts on it.

Criteria compose into scorecards and qualifications; decisions come with reasons.
"""

from typing import TYPE_CHECKING, Any

from .account import people
from .agreement import Agreement, Signature
from .criteria.activity import Activities, activity
from .criteria.attribute import Attribute, attribute
from .criteria.choices import NamedList
from .criteria.knowledge import known, missing
from .criteria.label import grade, matrix, score, stage
from .criterion import Criterion, all_of, any_of, at_least, exactly, if_
from .decay import Decay, expires, half_life, linear, steps
from .errors import MqlkitError
from .explanation import Reason
from .labels import KINDS_OF_MQL
from .lead import History, Lead, Override, Snapshot
from .measure import LabelMeasure, Measure, Range
from .points import Band, Rule
from .qualification import Decision, Label, Qualification, Status
from .registry import register
from .scorecard import Group, Scorecard, ScoreResult
from .timeline import Activity, Timeline
from .verdict import Verdict
from .vocabulary import ACTIVITY_KINDS, CONTENT_TYPES, FREE_MAIL, SHIPPED_LISTS, content_for

if TYPE_CHECKING:
    from .spec import Model, dump, dumps, load, loads, schema

__all__ = [
    "ACTIVITY_KINDS",
    "Activities",
    "Activity",
    "Agreement",
    "Attribute",
    "Band",
    "CONTENT_TYPES",
    "Criterion",
    "Decay",
    "Decision",
    "FREE_MAIL",
    "Group",
    "History",
    "KINDS_OF_MQL",
    "Label",
    "LabelMeasure",
    "Lead",
    "Measure",
    "Model",
    "MqlkitError",
    "NamedList",
    "Override",
    "Qualification",
    "Range",
    "Reason",
    "Rule",
    "SHIPPED_LISTS",
    "ScoreResult",
    "Scorecard",
    "Signature",
    "Snapshot",
    "Status",
    "Timeline",
    "Verdict",
    "activity",
    "all_of",
    "any_of",
    "at_least",
    "attribute",
    "content_for",
    "dump",
    "dumps",
    "exactly",
    "expires",
    "grade",
    "half_life",
    "if_",
    "known",
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

# Model files stand on cattrs, which an application that builds its definitions in Python needs
# not load.
_LATE = frozenset({"Model", "dump", "dumps", "load", "loads", "schema"})


def __getattr__(name: str) -> Any:
    if name in _LATE:
        from . import spec

        return getattr(spec, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATE})
