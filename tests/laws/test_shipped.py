"""The shipped criteria keep the laws that a user's own must keep, and generated data is fair."""

from collections import Counter
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, seed, settings

from mqlkit import Criterion, Status, Verdict
from mqlkit.decay import Decay
from mqlkit.measure import Measure
from mqlkit.registry import entries
from mqlkit.rules.base import BaseRule
from mqlkit.testing import criteria, decays, instants, laws_for, leads, qualifications


@pytest.mark.parametrize("law", laws_for(criteria()), ids=str)
def test_the_shipped_criteria_are_lawful(law):
    """Laws 46, 70, 71, 72, 79, 80, 82, 107, 113, 114, 115, 116, 118, 119, 121, 123, 126."""
    law.check()


@pytest.mark.parametrize("number", [46, 82])
def test_criteria_that_ask_nothing_about_knowledge_are_lawful(number):
    """Laws 46 and 82: here nothing is exempt."""
    found = [law for law in laws_for(criteria(knowledge=False)) if law.number == number]
    found[0].check()


# -- the generators meet what they are to meet -------------------------------------------------

FAIR = settings(
    max_examples=400, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


def shares(found):
    return {answer: count / found.total() for answer, count in found.items()}


def _inside(value):
    """A definition and everything that it is made of."""
    yield type(value)
    for name in getattr(type(value), "__attrs_attrs__", ()):
        inner = getattr(value, name.name)
        for item in inner.values() if isinstance(inner, Mapping) else (inner,):
            for one in item if isinstance(item, tuple) else (item,):
                if hasattr(type(one), "__attrs_attrs__"):
                    yield from _inside(one)


@pytest.fixture(scope="module")
def met():
    """Of generated criteria the verdicts, of definitions the statuses, and the parts of both."""
    verdicts, statuses, parts = Counter(), Counter(), set()

    @FAIR
    @seed(1)
    @given(qualifications(), criteria(), decays(), leads(), instants())
    def meet(qualification, criterion, decay, lead, as_of):
        verdicts[criterion.judge(lead.at(as_of))] += 1
        statuses[qualification.decide(lead, as_of=as_of).status] += 1
        for one in (qualification, criterion, decay):
            parts.update(_inside(one))

    meet()
    return verdicts, statuses, parts


def test_generated_criteria_and_leads_give_every_answer_often(met):
    """A quarter unknown is heavy with blanks; a tenth of each other is no degenerate generator."""
    share = shares(met[0])
    assert share[Verdict.UNKNOWN] > 0.2
    assert min(share[Verdict.YES], share[Verdict.NO]) > 0.12


def test_generated_qualifications_give_every_decision_often(met):
    share = shares(met[1])
    assert set(share) == set(Status)
    assert min(share.values()) > 0.06


def test_generated_definitions_have_parts_of_every_shipped_kind(met):
    """A kind that is never generated is never checked. People's scores are checked elsewhere."""
    shipped = {
        entry.cls
        for base in (Criterion, Measure, BaseRule, Decay)
        for entry in entries(base)
        if entry.cls.__module__.startswith("mqlkit.")
    }
    assert {cls.__name__ for cls in shipped - met[2]} <= {"PeopleScore"}
