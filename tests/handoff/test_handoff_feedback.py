"""What sales says, counted by rule and by threshold."""

import json
from itertools import combinations, permutations

import attrs
import pytest
from salesfloor import DAY, HOUR, MINUTE, NOON, Floor, accepted, decision

from mqlkit.errors import DefinitionError, KindError
from mqlkit.handoff import Feedback, Line, Tally, feedback_of, summary

SAID = Feedback(
    "acme", 1, NOON, "ada", "ready", "2", "mq1-x", {"total": 50}, reasons=("ready",)
)  # fmt: skip


def said(number, finding="", points=50, rules=(), at=NOON):
    """Feedback about the lead of a number."""
    return attrs.evolve(
        SAID,
        lead_id=f"lead {number}",
        at=at,
        finding=finding,
        points={"total": points},
        reasons=tuple(rules),
    )


def test_feedback_names_the_definition_the_lines_and_the_rules():
    floor = Floor().open()
    floor.do("reject", "ada", "my neighbour", NOON + MINUTE)
    floor.tick(NOON + MINUTE)
    floor.do("accept", "bob", NOON + 2 * MINUTE)
    floor.do("close", "bob", NOON + HOUR, outcome="meeting")
    first, last = feedback_of(floor.handoff)
    assert (first.by, first.finding, first.reason) == ("ada", "not now", "my neighbour")
    assert (last.by, last.finding, last.outcome) == ("bob", "", "meeting")
    for feedback in (first, last):
        assert (feedback.definition, feedback.version) == ("ready", "2")
        assert feedback.fingerprint == decision().qualification.fingerprint
        assert feedback.rules == ("opened e-mail", "asked for a demo")
        assert (feedback.points, feedback.reasons) == ({"total": 50}, ("ready",))
    assert json.loads(json.dumps(last.to_dict()))["lines"][0]["points"] == 20


def test_what_was_withdrawn_or_is_under_way_gives_no_feedback():
    floor = accepted()
    assert feedback_of(floor.handoff) == ()
    floor.do("withdraw", NOON + DAY, "a customer already")
    assert feedback_of(floor.handoff) == ()


def test_an_end_that_came_by_itself_is_nobody_s_word():
    floor = accepted()
    for number in range(3):
        floor.do("attempt", "ada", NOON + number * HOUR, "call")
    floor.tick(NOON + DAY)
    (told,) = feedback_of(floor.handoff)
    assert (told.by, told.finding, told.reason) == ("", "no response", "no answer")
    assert str(summary([told, said(1)]).total) == (
        "of 2 leads that sales has spoken about or that did not answer, "
        "50 % were without a response"
    )
    floor = accepted()
    floor.do("close", "ada", NOON + HOUR, reason="no answer")
    assert [told.by for told in feedback_of(floor.handoff)] == ["ada"]


def outcome_deadline(floor):
    (deadline,) = (d for d in floor.handoff.deadlines if d.name == "outcome")
    return deadline


def test_sales_owes_an_outcome_or_a_reason():
    given_back = accepted()
    given_back.do("close", "ada", NOON + HOUR, reason="my neighbour")  # to the next rep
    assert (outcome_deadline(given_back).ended, outcome_deadline(given_back).in_time) == (
        "done", True,
    )  # fmt: skip
    silent = accepted()
    for number in range(3):
        silent.do("attempt", "ada", NOON + number * HOUR, "call")
    silent.tick(NOON + DAY)
    assert silent.handoff.ending.automatic
    assert (outcome_deadline(silent).ended, outcome_deadline(silent).in_time) == ("dropped", None)


def test_only_what_helped_to_qualify_is_to_blame():
    lines = (Line("demo", "card", 30), Line("student", "card", -20), Line("nothing", "card", 0))
    blamed = attrs.evolve(SAID, lines=lines, reasons=("a partner sent it", "ready"))
    assert blamed.rules == ("demo", "a partner sent it")
    assert blamed.lines == lines
    early = attrs.evolve(SAID, lines=lines, reasons=("unmet: score of at least 50",))
    assert early.rules == ("demo",)
    told = str(summary([blamed, attrs.evolve(early, lead_id="b")]))
    assert "through 'a partner sent it'" in told
    for innocent in ("student", "nothing", "ready", "unmet"):
        assert f"'{innocent}" not in told


def test_of_what_was_said_at_one_instant_the_order_decides_nothing():
    some = [
        said(1, "wrong fit"),
        said(1, "too soon"),
        attrs.evolve(said(1), outcome="meeting"),
        attrs.evolve(said(1, "no response"), by=""),
        said(1, points=80),
        said(1, rules=["a partner sent it"]),
    ]
    for number in range(1, len(some) + 1):
        for few in combinations(some, number):
            assert len({str(summary(order, {"total": [60]})) for order in permutations(few)}) == 1
    assert "gave none back" in str(summary(some).total)
    assert "too soon" in str(summary(some[:2]).total)


def test_a_summary_tells_where_the_teams_disagree():
    opened = [said(n, "too soon" if n < 85 else "", rules=["opened e-mail"]) for n in range(140)]
    demo = [said(200 + n, rules=["asked for a demo"]) for n in range(3)]
    told = summary([*opened, *demo])
    assert [str(tally) for tally in told.rules] == [
        "of 140 leads that qualified through 'opened e-mail', 61 % were too soon",
        "of 3 leads that qualified through 'asked for a demo', sales gave none back",
    ]
    assert str(told).startswith("of 143 leads that sales has spoken about, 59 % were too soon\n")
    assert json.loads(json.dumps(told.to_dict()))["rules"][0]["good"] == 55


def test_the_commonest_finding_comes_first():
    some = [
        said(1, "wrong fit"),
        said(2, "wrong fit"),
        said(3, "no response"),
        said(4, "duplicate"),
    ]
    assert str(summary(some).total) == (
        "of 4 leads that sales has spoken about, 50 % were the wrong fit, 25 % were duplicates, "
        "25 % were without a response"
    )


def test_bands_lie_between_thresholds():
    points = (10, 49.999, 50, 79, 80, 200)
    some = [said(n, "too soon" if given < 50 else "", given) for n, given in enumerate(points)]
    told = summary(some, {"total": (80, 50), "fit": (10,)})
    assert [str(tally) for tally in told.bands] == [
        "of 2 leads that scored below 50 in 'total', 100 % were too soon",
        "of 2 leads that scored from 50 to below 80 in 'total', sales gave none back",
        "of 2 leads that scored 80 or more in 'total', sales gave none back",
    ]
    assert str(summary(some, {"total": ()}).bands[0]).startswith("of 6 leads that scored anything")


def test_of_one_handoff_the_last_word_counts():
    told = summary([said(1, at=NOON + DAY), said(1, "not now")])
    assert told.total == Tally("sales has spoken about", 1, {})


def test_no_feedback_is_said_so():
    assert str(summary([])) == "no feedback"
    assert summary([]).to_dict() == {"total": None, "rules": [], "bands": []}


def test_shares_are_whole_percent_a_half_up():
    assert Tally("x", 200, {"too soon": 1}).share("too soon") == 1
    assert Tally("x", 201, {"too soon": 1}).share("too soon") == 0
    assert Tally("x", 3, {}).share("too soon") == 0


@pytest.mark.parametrize("thresholds", [{"total": "50"}, {"total": 50}, {"total": ["50"]}])
def test_thresholds_are_points(thresholds):
    with pytest.raises(KindError):
        summary([SAID], thresholds)


def test_a_finding_is_one_of_seven():
    with pytest.raises(DefinitionError, match="one of FINDINGS or nothing"):
        attrs.evolve(SAID, finding="bad")
