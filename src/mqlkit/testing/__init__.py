"""
For tests: generated leads and definitions, and the laws that every criterion keeps.

``@pytest.mark.parametrize("law", laws_for(our_criteria(), our_leads()), ids=str)`` and one line,
``law.check()``, are all that a user's own criterion needs. Needs the ``testing`` extra.
"""

from typing import TYPE_CHECKING, Any

from ..errors import MissingExtraError
from ..lazily import late_names

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

__all__ = [
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


_found, __dir__ = late_names(
    __name__,
    {
        "law": ("Law", "laws_for"),
        "strategies.definitions": ("decays", "qualifications", "rules", "scorecards"),
        "strategies.leads": (
            "activities",
            "completions",
            "instants",
            "leads",
            "sample_leads",
            "timelines",
        ),
        "strategies.questions": ("criteria", "measures"),
    },
)


def __getattr__(name: str) -> Any:
    try:
        return _found(name)
    except ModuleNotFoundError as error:
        if error.name != "hypothesis":
            raise
        raise MissingExtraError(f"mqlkit.testing.{name}", "testing") from None


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
