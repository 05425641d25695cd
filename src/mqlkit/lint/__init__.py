"""
What is wrong with a definition although it can be read: points that no lead can get, thresholds
out of reach, bands that hide one another, and the like.

Only what is certain is told: the facts that criteria state are compared, no lead is guessed.
"""

from ..qualification import Qualification
from .finding import ORDER, Finding, Severity
from .formulas import check_formulas
from .possible import can_be
from .reach import reach
from .rules import check_cards
from .texts import check_texts
from .thresholds import check_thresholds

__all__ = ["Finding", "Severity", "can_be", "lint", "reach"]


def lint(qualification: Qualification) -> tuple[Finding, ...]:
    """
    What is wrong with a definition.

    Args:
        qualification: Any; it is looked at, no lead is decided.

    Returns:
        The findings, each once: errors, then warnings, then hints, each in the order of the
        definition.

    >>> from mqlkit import Group, Qualification, Rule, Scorecard, attribute, score
    >>> card = Scorecard(Group("fit", [Rule("50 people", attribute("employees") >= 50, 15)]))
    >>> (found,) = lint(Qualification("mql", version="1", card=card, when=score() >= 80))
    >>> found.severity, found.path, found.code
    ('warning', 'when', 'threshold-out-of-reach')
    >>> found.message.split("; ")[0]
    '“the score is at least 80” never holds: the score lies between 0 and 15'
    """
    checks = (check_formulas, check_texts, check_thresholds, check_cards)
    found = dict.fromkeys(finding for check in checks for finding in check(qualification))
    return tuple(sorted(found, key=lambda finding: ORDER.index(finding.severity)))
