"""
For tests: generated leads and definitions, and the laws that every criterion keeps.

``@pytest.mark.parametrize("law", laws_for(our_criteria(), our_leads()), ids=str)`` and one line,
``law.check()``, are all that a user's own criterion needs. Needs the ``testing`` extra.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from ..errors import MissingExtraError

if TYPE_CHECKING:
    from .law import Law as Law
    from .law import laws_for as laws_for
    from .strategies.definitions import decays as decays
    from .strategies.definitions import qualifications as qualifications
    from .strategies.definitions import rules as rules
    from .strategies.definitions import scorecards as scorecards
    from .strategies.leads import activities as activities
    from .strategies.leads import completions as completions
    from .strategies.leads import instants as instants
    from .strategies.leads import leads as leads
    from .strategies.leads import sample_leads as sample_leads
    from .strategies.leads import timelines as timelines
    from .strategies.questions import criteria as criteria
    from .strategies.questions import measures as measures

_HOMES: Final = {
    "Law": "law",
    "laws_for": "law",
    "activities": "strategies.leads",
    "completions": "strategies.leads",
    "criteria": "strategies.questions",
    "decays": "strategies.definitions",
    "instants": "strategies.leads",
    "leads": "strategies.leads",
    "measures": "strategies.questions",
    "qualifications": "strategies.definitions",
    "rules": "strategies.definitions",
    "sample_leads": "strategies.leads",
    "scorecards": "strategies.definitions",
    "timelines": "strategies.leads",
}

__all__ = [  # Each is loaded when first asked for.
    "Law",
    "activities",
    "completions",
    "criteria",
    "decays",
    "instants",
    "laws_for",
    "leads",
    "measures",
    "qualifications",
    "rules",
    "sample_leads",
    "scorecards",
    "timelines",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        home = import_module(f".{_HOMES[name]}", __name__)
    except ModuleNotFoundError as error:
        if error.name != "hypothesis":
            raise
        raise MissingExtraError(f"mqlkit.testing.{name}", "testing") from None
    return getattr(home, name)


def _register() -> None:
    """
    Tell Hypothesis how to make mqlkit's own types, so that ``st.from_type(Lead)`` works.

    Called by Hypothesis itself in every project that has both installed. INVARIANT: it loads
    neither the strategies nor anything else that a project without our types would wait for.
    """
    from hypothesis.strategies import register_type_strategy

    from ..criterion import Criterion
    from ..decay import Decay
    from ..lead import Lead
    from ..measure import Measure
    from ..qualification import Qualification
    from ..rules.base import BaseRule
    from ..scorecard import Scorecard
    from ..timeline import Activity, Timeline

    for made, name in {
        Activity: "activities",
        BaseRule: "rules",
        Criterion: "criteria",
        Decay: "decays",
        Lead: "leads",
        Measure: "measures",
        Qualification: "qualifications",
        Scorecard: "scorecards",
        Timeline: "timelines",
    }.items():
        register_type_strategy(made, lambda _, name=name: __getattr__(name)())  # type: ignore[misc]
