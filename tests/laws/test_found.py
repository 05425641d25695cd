"""The smallest examples of what the laws have found: each was wrong once."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Context, Decimal, Inexact, localcontext
from enum import Enum
from itertools import permutations
from threading import Barrier, Thread

import attrs
import pytest

from mqlkit import (
    Activity,
    Band,
    Criterion,
    Decision,
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
    half_life,
    linear,
    score,
    stage,
    steps,
)
from mqlkit.criteria.membership import HasAny, IsIn
from mqlkit.errors import DefinitionError, KindError, LeadDataError, NaiveTimeError
from mqlkit.fingerprint import fingerprint
from mqlkit.points import in_points, millipoints
from mqlkit.timeline import Timeline
from mqlkit.value import Kind, literal, show

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
        low, high = lead.score("total").range
        return Verdict.of(low % 2_000 == 0) if low == high else Verdict.UNKNOWN

    def describe(self) -> str:
        return "the score is even"


def test_a_user_s_criterion_about_a_score_changes_no_later_than_the_score():
    """Law 82."""
    rule = Rule.latest("visit", activity(), 5, decay=expires(days=7))
    q = Qualification("q", version="1", when=ScoreIsEven(), card=Scorecard(rule))
    lead = Lead("ada", activities=[Activity("visit", NOW)])
    snapshot = q.decide(lead, as_of=NOW).snapshot
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


# -- values and literals of odd kinds ----------------------------------------------------------

ENDLESS = 10**5000


class Page(str, Enum):  # noqa: UP042
    """Names as many applications keep them; ``str`` of one is not its value."""

    PRICING = "pricing"


class Broken(tzinfo):
    """A time zone that fails when it is asked."""

    def utcoffset(self, dt: datetime | None) -> timedelta:
        raise RuntimeError(dt)


class Binary(float):
    """A number of another library: its ``repr`` is not that of a float."""

    def __repr__(self) -> str:
        return f"binary({float(self)})"


def test_a_text_enumeration_means_its_value():
    assert activity(Page.PRICING) == activity("pricing")
    assert attribute("page").contains(Page.PRICING) == attribute("page").contains("pricing")
    assert repr(literal(Page.PRICING)) == "'pricing'"


def test_a_number_of_another_library_means_its_value():
    bound = attribute("x") >= Binary(2.5)
    assert fingerprint(bound) == fingerprint(attribute("x") >= 2.5)
    assert (activity().sum("x") >= Binary(2.5)).judge(Lead("ada", activities=[]).at(NOW)) is (
        Verdict.NO
    )


def test_a_number_beyond_all_bounds_is_refused_in_words():
    for wrong in (
        lambda: literal(ENDLESS),
        lambda: activity().within(days=-ENDLESS),
        lambda: Rule("x", attribute("x") >= 1, Decimal("sNaN")),
        lambda: Rule("x", attribute("x") >= 1, Decimal("1e-999999999")),
    ):
        with pytest.raises(DefinitionError):
            wrong()


def test_a_lead_s_number_beyond_all_bounds_is_explained():
    order = Activity("order", NOW, {"amount": ENDLESS})
    most = activity("order").max("amount") >= 20
    twice = Lead("ada", activities=[order, order])
    assert "very large" in str(most.explain(twice.at(NOW)))


def test_a_time_zone_that_fails_is_a_data_fault():
    """Law 70."""
    odd = datetime(2026, 1, 1, tzinfo=Broken())
    reason = (attribute("since").days_since() >= 3).explain(Lead("ada", {"since": odd}).at(NOW))
    assert reason.verdict is Verdict.UNKNOWN
    assert [seen.value for seen in reason.faults()] == ["2026-01-01 00:00:00 (no time zone)"]
    with pytest.raises(NaiveTimeError):
        Lead("ada").at(odd)


def test_points_do_not_follow_the_caller_s_decimal_context():
    """Law 100: rounding is ours."""
    with localcontext(Context(prec=3, traps=[Inexact])):
        assert in_points(123_456) == Decimal("123.456")
        assert millipoints(Decimal("123.456")) == 123_456
        assert Rule("x", attribute("x") >= 1, 123.456).points == 123.456
        assert half_life(days=7).left(123_459, 3) == 91_730


def test_a_value_that_nests_without_end_is_refused_and_a_deep_one_shown_short():
    deep: list[object] = []
    deep.append(deep)
    with pytest.raises(LeadDataError):
        Lead("ada", {"x": deep})
    assert show([[1, [2, 3]], 4]) == "[[1, […]], 4]"


def test_a_stage_of_the_wrong_kind_or_blank_is_not_known():
    """Law 70."""
    for wrong, faults in ((5, 1), (" ", 0)):
        reason = stage().equals("lead").explain(Lead("ada", stage=wrong).at(NOW))  # type: ignore[arg-type]
        assert reason.verdict is Verdict.UNKNOWN
        assert len(list(reason.faults())) == faults


def test_an_age_does_not_drop_a_default_in_silence():
    with pytest.raises(DefinitionError, match="default"):
        attribute("since", default=date(2026, 1, 1)).days_since()


# -- membership of measures other than attributes ----------------------------------------------


def test_one_of_several_numbers_follows_the_range_of_a_count():
    """Law 42."""
    asking = IsIn(activity("view", page="a").count(), (1, 5))
    blank = Lead("ada", activities=[Activity("view", NOW, {"page": None})])
    assert asking.judge(blank.at(NOW)) is Verdict.UNKNOWN
    assert IsIn(asking.measure, (2, 5)).judge(blank.at(NOW)) is Verdict.NO


def test_one_of_several_ages_counts_days_and_knows_when_to_look_again():
    """Law 82."""
    asking = IsIn(attribute("since").days_since(), (30, 31))
    lead = Lead("ada", {"since": NOW - 30 * DAY})
    assert asking.judge(lead.at(NOW)) is Verdict.YES
    after = NOW + timedelta(microseconds=1)
    assert asking.changes_at(lead.at(NOW)) == after
    assert asking.changes_at(lead.at(after)) == NOW + DAY


def test_a_number_is_no_list_to_look_into():
    with pytest.raises(KindError):
        HasAny(activity().count(), (1,))


# -- what no pattern or sum can read -----------------------------------------------------------


def test_a_text_that_is_not_unicode_matches_no_pattern_and_is_told():
    """Law 48."""
    pytest.importorskip("re2")
    asking = attribute("title").matches("a")
    for odd in ("a\ud800", "a" * 70_000):
        reason = asking.explain(Lead("ada", {"title": odd}).at(NOW))
        assert reason.verdict is Verdict.UNKNOWN
        assert [seen.field for seen in reason.unknowns()] == ["title"]
    with pytest.raises(DefinitionError):
        attribute("title").matches("a\ud800")


def test_a_number_too_large_to_add_is_told():
    """Law 48."""
    asking = activity("order").sum("amount") >= 20
    lead = Lead("ada", activities=[Activity("order", NOW, {"amount": float("inf")})])
    reason = asking.explain(lead.at(NOW))
    assert [(seen.name, bool(seen.fault)) for seen in reason.unknowns()] == [("order.amount", True)]


# -- the order of telling ----------------------------------------------------------------------


def test_activities_of_one_id_that_differ_only_in_kind_of_value_have_one_winner():
    """Laws 71 and 73."""
    told = [Activity("order", NOW, {"amount": amount}, id="1") for amount in (Decimal(5), "5")]
    winners = [next(iter(Timeline(order))).properties["amount"] for order in permutations(told)]
    assert list(map(type, winners)) == [type(winners[0])] * 2
    assert Timeline(told).conflicts == ("1",)


def test_activities_with_names_that_cannot_be_sorted_have_one_order():
    """Law 71."""
    told = [Activity("order", NOW, {1: n, "amount": n}) for n in (5, ENDLESS, ENDLESS + 1)]  # type: ignore[dict-item]
    assert len({tuple(map(id, Timeline(order))) for order in permutations(told)}) == 1


def test_one_instant_in_two_zones_is_no_conflict():
    """Law 80."""
    zone = Activity("call", NOW, {"booked": datetime.fromisoformat("2026-03-01T14:00+02:00")}, "1")
    utc = Activity("call", NOW, {"booked": NOW}, "1")
    assert Timeline([zone, utc]).conflicts == ()


# -- what is shown -----------------------------------------------------------------------------


def test_nothing_that_is_shown_is_obeyed_by_a_terminal():
    lead = Lead("ada\x1b[31m", activities=[Activity("view\x1b[31m", NOW)])
    q = Qualification("q", version="1", when=activity(page="a").happened())
    decision = q.decide(lead, as_of=NOW)
    for shown in (str(decision), str(decision.explain()), decision.explain().to_html()):
        assert "\x1b" not in shown


def test_a_number_that_just_misses_its_bound_is_not_shown_as_the_bound():
    """Law 110."""
    age = attribute("since").days_since() >= 30
    almost = Lead("ada", {"since": NOW - 30 * DAY + timedelta(microseconds=1)})
    assert age.explain(almost.at(NOW)).seen[0].value.startswith("29.99999")
    spent = activity().sum("amount") >= 1_000_000
    lead = Lead("ada", activities=[Activity("order", NOW, {"amount": 999_999.5})])
    assert spent.explain(lead.at(NOW)).seen[0].value == "999999.5"


# -- the end of the calendar, towers of scores, threads ----------------------------------------


class Clock(Criterion):
    """A user's criterion that reads the clock and does not say when it changes."""

    def judge(self, lead: Snapshot) -> Verdict:
        return Verdict.of(lead.as_of.year < 9999)

    def describe(self) -> str:
        return "before the last year"


def test_nothing_changes_after_the_last_instant():
    last = datetime.max.replace(tzinfo=UTC)
    assert Clock().changes_at(Lead("ada").at(last)) is None
    lead = Lead("ada", activities=[Activity("open", last - 10 * DAY)])
    fading = Rule.each("opens", activity("open"), 5, decay=linear(days=90))
    assert fading.changes_at(lead.at(last - 9 * DAY)) == last - 8 * DAY
    assert (
        Rule.each("opens", activity("open"), 5, decay=expires(days=90)).changes_at(
            lead.at(last - 9 * DAY)
        )
        is None
    )


@attrs.frozen
class Counting(Criterion):
    """Notes how often it is asked."""

    asked: list[int] = attrs.field(factory=list, eq=False)

    def judge(self, lead: Snapshot) -> Verdict:
        self.asked.append(1)
        return Verdict.UNKNOWN if lead.flag("x") is None else Verdict.YES

    def describe(self) -> str:
        return "x"


def test_scores_that_build_on_scores_are_each_looked_at_once():
    """Law 111: each level asks twice for the one below, so the ways down double."""
    bottom = Counting()
    groups = [Group("0", [Rule("x", bottom, 2)])]
    for n in range(1, 20):
        below = score(str(n - 1)) >= 1
        groups.append(Group(str(n), [Rule(f"{n} {i}", below, 2) for i in "ab"]))
    q = Qualification("q", version="1", when=score("19") >= 1, card=Scorecard(*groups))
    decision = q.decide(Lead("ada"), as_of=NOW)
    assert decision.status is Status.NEEDS_DATA
    assert decision.changes_at is None
    assert [m.field for m in decision.missing] == ["x"]
    assert decision.explain()
    assert len(bottom.asked) < 100


class Together(Criterion):
    """Keeps two threads inside one score at the same time."""

    def __init__(self) -> None:
        self.meet = Barrier(2, timeout=10)

    def judge(self, lead: Snapshot) -> Verdict:
        self.meet.wait()
        return Verdict.YES

    def describe(self) -> str:
        return "x"


def test_two_threads_may_ask_one_decision():
    """Law 120, of the reference engine, which judges when it is asked."""
    card = Scorecard(Rule("x", Together(), 2))
    definition = Qualification("q", version="1", when=score() >= 1, card=card)
    decision = Decision.of(definition, Lead("ada"), NOW)
    found: list[object] = []
    threads = [Thread(target=lambda: found.append(decision.score.points)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [2, 2]


class Failing(Criterion):
    """Fails, and says so each time."""

    def judge(self, lead: Snapshot) -> Verdict:
        raise ZeroDivisionError

    def describe(self) -> str:
        return "x"


def test_a_criterion_that_fails_fails_alike_each_time():
    card = Scorecard(Rule("x", Failing(), 2))
    decision = Qualification("q", version="1", when=score() >= 1, card=card).decide(
        Lead("ada"), as_of=NOW
    )
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            decision.score  # noqa: B018
