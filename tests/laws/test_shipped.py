"""The shipped criteria keep the laws that a user's own must keep, and generated data is fair."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, seed, settings

from mqlkit.registry import entries
from mqlkit.criterion import Criterion
from mqlkit.measure import Measure
from mqlkit.testing import criteria, instants, laws_for, leads, qualifications
from mqlkit.verdict import Verdict
from mqlkit.qualification import Status


@pytest.mark.parametrize("law", laws_for(criteria()), ids=str)
def test_the_shipped_criteria_are_lawful(law):
    """Laws 46, 70, 71, 72, 79, 80, 82, 107, 113, 114, 115, 116, 118, 119, 121, 123, 126."""
    law.check()


@pytest.mark.parametrize("law", laws_for(criteria(knowledge=False)), ids=str)
def test_criteria_that_ask_nothing_about_knowledge_are_lawful(law):
    """Law 46 above all: no exemption is needed here."""
    law.check()
