"""Targets by criterion, and reason codes."""

import re
from datetime import timedelta

import pytest
from salesfloor import DAY, HOT, HOUR, MINUTE, NOON, REST, decision, with_

from mqlkit import attribute
from mqlkit.calendar import Calendar
from mqlkit.errors import DefinitionError, KindError, UnknownNameError
from mqlkit.handoff import FINDINGS, ReasonCode, SlaPolicy

ALWAYS = Calendar.always()


def test_the_first_target_that_a_lead_meets_counts():
    named = with_(HOT, name="demo", when=attribute("demo") >= 1)
    sla = SlaPolicy([named, HOT, REST], ALWAYS)
    assert sla.target(decision().snapshot).name == "demo"
    assert sla.target(decision(opened=1, demo=0).snapshot).name == "rest"


def test_an_unknown_answer_is_no_yes():
    asks = with_(HOT, when=attribute("employees") >= 50)
    assert SlaPolicy([asks, REST], ALWAYS).target(decision().snapshot) is REST


def test_targets_have_names():
    sla = SlaPolicy([HOT, REST], ALWAYS)
    assert sla.named("hot") is HOT
    with pytest.raises(UnknownNameError, match="there is no target 'hott'; did you mean 'hot'"):
        sla.named("hott")


def test_what_is_promised_in_words():
    assert str(HOT) == (
        "hot: an offer stands 15 min, first touch within 30 min, again every 4 h, "
        "3 attempts at most, an outcome within 120 h"
    )
    odd = with_(REST, offer=timedelta(hours=1, minutes=30), first_touch=timedelta(seconds=45))
    assert str(odd) == "rest: an offer stands 1 h 30 min, first touch within 45 s"


def test_a_deadline_starts_with_its_instants():
    deadline = HOT.deadline("first touch", "ada", NOON, ALWAYS)
    assert deadline is not None
    assert (deadline.due, deadline.warns_at) == (NOON + 30 * MINUTE, NOON + 25 * MINUTE)
    assert REST.deadline("outcome", "ada", NOON, ALWAYS) is None
    assert REST.deadline("answer", "ada", NOON, ALWAYS) is None
    answer = HOT.deadline("answer", "ada", NOON, ALWAYS)
    assert answer is not None
    assert (answer.due, answer.warns_at) == (NOON + 4 * HOUR, None)


@pytest.mark.parametrize(
    ("changes", "kind", "error"),
    [
        ({"offer": timedelta()}, DefinitionError, "the span of an offer must be above zero"),
        ({"offer": 15}, KindError, "wanted a span such as timedelta(days=7), not 15"),
        ({"outcome": -DAY}, DefinitionError, "a span is 0 to 3,650 days"),
        (
            {"warn_before": HOUR},
            DefinitionError,
            "target 'hot': a warning 1 h before would come before an offer has begun, which takes "
            "15 min; a warning 1 h before would come before the first touch has begun, which takes",
        ),
        ({"attempts": 0}, DefinitionError, "attempts are 1 to 1,000, not 0"),
        ({"attempts": True}, KindError, "whole numbers, not yes"),
        ({"attempts": "3"}, KindError, 'whole numbers, not "3"'),
        ({"escalate": "lead"}, KindError, 'a list of names, not "lead"'),
        ({"escalate": ["x"] * 21}, DefinitionError, "at most 20 levels, not 21"),
        ({"escalate": [""]}, DefinitionError, "a name is text"),
        ({"when": True}, KindError, "wanted a criterion"),
        ({"reassign": 1}, KindError, "wanted true or false"),
        ({"name": ""}, DefinitionError, "a name is text"),
    ],
)
def test_faulty_targets_are_refused(changes, kind, error):
    with pytest.raises(kind, match=re.escape(error)):
        with_(HOT, **changes)


def test_everything_wrong_with_an_sla_policy_is_told_at_once():
    always = with_(HOT, when=None)
    with pytest.raises(DefinitionError) as caught:
        SlaPolicy([always, HOT], ALWAYS)
    assert str(caught.value) == (
        "the SLA policy: two targets are called 'hot'; the last target needs to be one without a "
        "criterion, for all leads that are left; no lead gets past 'hot': give it a criterion or "
        "put it last"
    )


@pytest.mark.parametrize(
    ("targets", "calendar", "kind", "error"),
    [
        ([], ALWAYS, DefinitionError, "the last target needs to be one without a criterion"),
        ("rest", ALWAYS, KindError, "targets are a list"),
        ([1], ALWAYS, KindError, "targets are Target values, not 1"),
        ([REST] * 101, ALWAYS, DefinitionError, "at most 100 targets, not 101"),
        ([REST], "UTC", KindError, "counts on a Calendar"),
    ],
)
def test_faulty_sla_policies_are_refused(targets, calendar, kind, error):
    with pytest.raises(kind, match=error):
        SlaPolicy(targets, calendar)


# -- reasons -----------------------------------------------------------------------------------


@pytest.mark.parametrize("finding", FINDINGS)
def test_every_finding_leads_somewhere(finding):
    recycled = ReasonCode("x", finding, cool_down=DAY)
    trigger = "unanswered" if finding == "no response" else "recycled"
    assert recycled.told == ((trigger, DAY),)
    assert ReasonCode("x", finding, then="disqualify").told == (("disqualified", None),)
    assert ReasonCode("x", finding, then="retry").told == ()


@pytest.mark.parametrize(
    ("given", "kind", "error"),
    [
        ({"finding": "to soon"}, DefinitionError, "a finding is 'too soon', 'too late'"),
        ({"finding": ["too soon"]}, DefinitionError, "a finding is"),
        ({"then": "nothing"}, DefinitionError, "leads to 'recycle', 'disqualify' or 'retry'"),
        ({"cool_down": 5}, KindError, "wanted a span"),
        ({"name": " "}, DefinitionError, "a name is text"),
        (
            {"then": "retry", "cool_down": DAY},
            DefinitionError,
            "only a recycled lead cools down, and 'later' leads to 'retry'; leave cool_down out",
        ),
    ],
)
def test_faulty_codes_are_refused(given, kind, error):
    with pytest.raises(kind, match=error):
        ReasonCode(**{"name": "later", "finding": "not now"} | given)
