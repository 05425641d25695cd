"""The smallest examples of what the laws have found: each was wrong once."""

from datetime import UTC, datetime, timedelta

import attrs

from mqlkit import (
    Activity,
    Band,
    Criterion,
    Group,
    History,
    Lead,
    Measure,
    Qualification,
    Range,
    Rule,
    Scorecard,
    Snapshot,
    Status,
    Verdict,
    activity,
    attribute,
    expires,
    score,
    steps,
)
from mqlkit.fingerprint import fingerprint
from mqlkit.value import Kind, show

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def test_the_least_of_broken_numbers_can_be_shown():
    least = activity("order").min("amount") <= 20
    lead = Lead("ada", activities=[Activity("order", NOW, {"amount": 19.99})])
    assert least.explain(lead.at(NOW)).seen[0].value == "19.99"


def test_a_related_record_with_a_history_says_when_it_changes():
    """Law 82."""
    company = History((NOW - DAY, {"size": 5}), (NOW + DAY, {"size": 500}))
    large = attribute("company.size") >= 50
    assert large.changes_at(Lead("ada", {"company": company}).at(NOW)) == NOW + DAY


@attrs.frozen
class ScoreIsEven(Criterion):
    """A user's criterion that asks for a score and says nothing of when it changes."""

    def judge(self, lead: Snapshot) -> Verdict:
        low, high = lead.score("").range
        return Verdict.of(low % 2_000 == 0) if low == high else Verdict.UNKNOWN

    def describe(self) -> str:
        return "the score is even"


def test_a_user_s_criterion_about_a_score_changes_no_later_than_the_score():
    """Law 82."""
    rule = Rule.latest("visit", activity(), 5, decay=expires(days=7))
    q = Qualification("q", version="1", when=ScoreIsEven(), card=Scorecard(rule))
    lead = Lead("ada", activities=[Activity("visit", NOW)])
    snapshot = q.decide(lead, as_of=NOW)._snapshot
    assert ScoreIsEven().changes_at(snapshot) == NOW + 7 * DAY


@attrs.frozen(order=False)
class HoursSinceMidnight(Measure):
    """A user's measure that reads the clock and says nothing of when it changes."""

    def range(self, lead: Snapshot, kind: Kind = "number") -> Range:
        return Range(lead.as_of.hour, lead.as_of.hour)

    def describe(self) -> str:
        return "the hour"


def test_a_user_s_measure_that_reads_the_clock_is_looked_at_again_at_once():
    """Law 82."""
    late = HoursSinceMidnight() >= 18
    until = late.changes_at(Lead("ada").at(NOW))
    assert until is not None
    assert until <= NOW + timedelta(hours=6)


@attrs.frozen(order=False)
class Initial(Measure):
    """A user's measure whose values are texts."""

    kinds = frozenset({"text"})

    def range(self, lead: Snapshot, kind: Kind = "number") -> Range | None:
        name = lead.text("name")
        return None if name is None else Range(name[:1].lower(), name[:1].lower())

    def describe(self) -> str:
        return "the initial"


def test_a_user_s_measure_of_text_can_be_explained():
    reason = Initial().equals("a").explain(Lead("ada", {"name": "Ada"}).at(NOW))
    assert reason.verdict is Verdict.YES
    assert reason.seen[0].value == '"a"'


def test_a_set_is_shown_in_one_order():
    """A set of texts is kept in another order in each process."""
    assert show({"b", "a", "c", "d", "e", "f"}) == '["a", "b", "c", "d", "e", …]'


def test_equal_decays_and_bands_have_one_fingerprint():
    """Law 126."""
    assert steps({7: 1.0}) == steps({7: 1})
    assert fingerprint(steps({7: 1.0})) == fingerprint(steps({7: 1}))
    assert Band(5, at_least=50.0) == Band(5, at_least=50)
    assert fingerprint(Band(5, at_least=50.0)) == fingerprint(Band(5, at_least=50))


def test_a_scorecard_can_be_evolved():
    """Law 116."""
    card = Scorecard(Group("fit", [Rule("large", attribute("employees") >= 50, 5)]), cap=5)
    assert attrs.evolve(card) == card
    assert attrs.evolve(card, cap=3).groups == card.groups


def test_a_list_where_one_value_counts_once_is_a_fault_and_is_asked_for():
    """Law 48: what keeps a range open is listed as missing."""
    rule = Rule.each("download", activity(), 5, once_per="asset")
    lead = Lead("ada", activities=[Activity("download", NOW, {"asset": ["a", "b"]})])
    q = Qualification("q", version="1", when=score() >= 5, card=Scorecard(rule))
    decision = q.decide(lead, as_of=NOW)
    assert decision.status is Status.NEEDS_DATA
    assert [m.field for m in decision.missing] == ["download.asset"]
    assert [seen.fault for seen in decision.faults] == ["wanted a single value"]
