"""Targets by criterion, and reason codes."""

import re
from datetime import timedelta

import pytest
from salesfloor import DAY, HOT, HOUR, MINUTE, NOON, REST, decision, with_

from mqlkit import attribute
from mqlkit.calendar import Calendar
from mqlkit.errors import DefinitionError, KindError, UnknownNameError
from mqlkit.handoff import FINDINGS, PolicyError, ReasonCode, SlaPolicy

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
        (
            {"offer": timedelta(), "warn_before": None},
            PolicyError,
            "target 'hot' cannot work\n  offer: found 0 s; wanted a span above zero for an offer",
        ),
        (
            {"every": None},
            PolicyError,
            "target 'hot' cannot work\n  every: found none, and 3 attempts at most; wanted how "
            "long the lead has to answer the last one; or leave attempts out",
        ),
        ({"offer": 15}, KindError, "wanted a span such as timedelta(days=7), not 15"),
        ({"outcome": -DAY}, DefinitionError, "a span is 0 to 3,650 days"),
        (
            {"warn_before": HOUR},
            PolicyError,
            "target 'hot' cannot work\n"
            "  warn_before: found 1 h; wanted less than the 15 min that an offer takes\n"
            "  warn_before: found 1 h; wanted less than the 30 min that the first touch takes",
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
    with pytest.raises(PolicyError) as caught:
        SlaPolicy([always, HOT], Calendar("UTC", {}, overrides={NOON.date(): "09:00-17:00"}))
    assert str(caught.value) == (
        "the SLA policy cannot work\n"
        "  targets[0].name: found 'hot'; a name stands once\n"
        "  targets[1].name: found 'hot'; a name stands once\n"
        "  targets[0].when: found none for 'hot'; wanted a criterion, since no lead gets past "
        "this one; or put it last\n"
        "  targets[1].when: found a criterion of the last target, 'hot'; wanted one more behind "
        "it: a target without a criterion, for all leads that are left\n"
        "  calendar.week: found no hours; wanted some, so that what is due later than all single "
        "dates can be told"
    )


@pytest.mark.parametrize(
    ("targets", "calendar", "kind", "error"),
    [
        ([], ALWAYS, PolicyError, "targets: found none; wanted at least a target without a"),
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
