"""What would qualify a lead: laws 108 and 109, and what a sales person reads."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

import attrs
import pytest
from building import NO, NOW, YES, a_lead, ago, did
from hypothesis import given, settings
from hypothesis import strategies as st

from mqlkit import (
    Activity,
    Band,
    Criterion,
    Decision,
    Group,
    History,
    Lead,
    NamedList,
    Qualification,
    Rule,
    Scorecard,
    Snapshot,
    Status,
    Verdict,
    activity,
    all_of,
    any_of,
    at_least,
    attribute,
    exactly,
    grade,
    half_life,
    if_,
    known,
    matrix,
    missing,
    score,
    stage,
)
from mqlkit.change import Change, HappenMore, SetAttribute
from mqlkit.errors import DefinitionError
from mqlkit.gap import Gap, gaps
from mqlkit.testing import instants, leads, qualifications

SIZE = attribute("employees") >= 50
DEMO = activity("demo_request").happened()


def decided(lead: Lead, when: Criterion, **more: object) -> Decision:
    """The decision about a lead by a definition that asks *when*."""
    return Qualification("q", version="1", when=when, **more).decide(lead, as_of=NOW)  # type: ignore[arg-type]


def told(lead: Lead, when: Criterion, **more: object) -> list[str]:
    """The gaps as sentences; each law-checked on the way."""
    decision = decided(lead, when, **more)
    check_laws(decision)
    return [str(gap) for gap in decision.gap]


def check_laws(decision: Decision) -> None:
    """Laws 108 and 109, and that the smallest come first."""

    def status(changes: Iterable[Change]) -> Status:
        lead = decision.lead
        for change in changes:
            lead = change.apply(lead, decision.as_of)
        return decision.qualification.decide(lead, as_of=decision.as_of).status

    for gap in decision.gap:
        assert status(gap.changes) is Status.QUALIFIED
        assert gap.changes
        for change in gap.changes:
            rest = [other for other in gap.changes if other is not change]
            assert status(rest) is not Status.QUALIFIED
    assert all(len(a.changes) <= len(b.changes) for a, b in pairwise(decision.gap))
    if decision.status is Status.QUALIFIED:
        assert decision.gap == ()


# -- each question proposes what would answer it -------------------------------------------------

EMPTY = a_lead()

SENTENCES: list[tuple[Criterion, Lead, list[str]]] = [
    (SIZE, EMPTY, ["employees is 50"]),
    (SIZE, a_lead(employees=49), ["employees is 50"]),
    (attribute("employees") > 50, EMPTY, ["employees is 51"]),
    (attribute("employees") <= 50, a_lead(employees=51), ["employees is 50"]),
    (attribute("employees") < 50, EMPTY, ["employees is 49"]),
    (attribute("employees").between(10, 20), a_lead(employees=21), ["employees is 10"]),
    (~attribute("employees").between(10, 20), a_lead(employees=15), ["employees is 9"]),
    (~SIZE, a_lead(employees=50), ["employees is 49"]),
    (~(attribute("x") > 5), EMPTY, ["x is 5"]),
    (~(attribute("x") <= 5), EMPTY, ["x is 6"]),
    (~(attribute("x") < 5), EMPTY, ["x is 5"]),
    (attribute("x").is_not(5), EMPTY, ["x is 6"]),
    (attribute("flag").is_true(), EMPTY, ["flag is yes"]),
    (attribute("flag").is_not(True), EMPTY, ["flag is no"]),
    (attribute("x").equals("a"), EMPTY, ['x is "a"']),
    (attribute("x").is_not("a"), a_lead(x="a"), ['x is "ax"']),
    (attribute("since") > NOW, EMPTY, ["since is 2026-03-15 12:00:01 UTC"]),
    (attribute("since") > NOW.date(), EMPTY, ["since is 2026-03-16"]),
    (attribute("x") < "b", EMPTY, ['x is "0"']),
    (attribute("account.employees") >= 50, EMPTY, ["account.employees is 50"]),
    (
        attribute("account.employees") >= 50,
        Lead("ada", account=Lead("acme", {"employees": 3})),
        ["account.employees is 50"],
    ),
    (attribute("x").is_in("b", "a"), EMPTY, ['x is "a"']),
    (attribute("x").not_in("b", "a"), a_lead(x="B"), ['x is "something else"']),
    (attribute("x").not_in(1, 2), a_lead(x=2), ["x is 3"]),
    (attribute("x").contains_any("chief", "vp"), EMPTY, ['x is "chief"']),
    (
        attribute("x").contains("chief") & attribute("x").contains("sales"),
        a_lead(x="rep"),
        ['x is "sales chief"'],
    ),
    (attribute("x").starts_with("vp"), EMPTY, ['x is "vp"']),
    (attribute("x").ends_with("vp"), EMPTY, ['x is "vp"']),
    (~attribute("x").contains("intern"), a_lead(x="Sales intern"), ['x is "Sales"']),
    (~attribute("x").contains("intern"), a_lead(x="intern"), ['x is "something else"']),
    (attribute("mail").domain_is("acme.example"), EMPTY, ['mail is "someone@acme.example"']),
    (
        ~attribute("mail").domain_is("acme.example"),
        a_lead(mail="ada@acme.example"),
        ['mail is "someone@elsewhere.example"'],
    ),
    (attribute("tags").any_of("a", "b"), a_lead(tags=["z"]), ['tags is ["z", "a"]']),
    (attribute("tags").all_of("a", "b"), a_lead(tags=["b"]), ['tags is ["b", "a"]']),
    (attribute("tags").none_of("a"), a_lead(tags=["A", "b"]), ['tags is ["b"]']),
    (known("x"), EMPTY, ['x is "something"']),
    (missing("x"), a_lead(x=1), ["x is blank"]),
    (attribute("born").days_since() >= 30, EMPTY, ["born is 2026-02-13 12:00:00 UTC"]),
    (DEMO, EMPTY, ["1 more demo_request"]),
    (DEMO, Lead("ada"), ["1 more demo_request"]),
    (
        activity("page_view", page="/pricing").within(days=30).count() >= 3,
        a_lead(did("page_view", 40, page="/pricing"), did("page_view", 4, page="/pricing")),
        ['2 more page_view where page is "/pricing"'],
    ),
    (activity().count() >= 2, EMPTY, ["2 more activities of any kind"]),
    (activity().count() >= 1, EMPTY, ["1 more activity of any kind"]),
    (activity("intent").of_account().happened(), EMPTY, ["1 more intent of the account"]),
    (
        activity("page_view").distinct("page") >= 2,
        EMPTY,
        [
            '1 more page_view where page is "another 1" and '
            '1 more page_view where page is "another 2"'
        ],
    ),
    (activity("order").sum("total") >= 20, EMPTY, ["1 more order where total is 20"]),
    (
        activity("order").sum("total") >= 20,
        a_lead(did("order", 1, total=12.5)),
        ["1 more order where total is 7.5"],
    ),
    (activity("order").max("total") >= 20, EMPTY, ["1 more order where total is 20"]),
    (activity("order").min("total") <= 2, EMPTY, ["1 more order where total is 2"]),
    (activity("visit").days_since_last() <= 7, a_lead(did("visit", 9)), ["1 more visit"]),
    (activity("visit").days_since_first() < 7, EMPTY, ["1 more visit"]),
    (
        activity("trial").then(activity("demo"), days=7),
        a_lead(did("demo", 1)),
        ["1 more demo and 1 more trial, just before"],
    ),
    (activity("trial").then(activity("demo")), a_lead(did("trial", 1)), ["1 more demo"]),
    (activity("page_view").where(attribute("seconds") > 10).happened(), EMPTY,
     ["1 more page_view where seconds is 11"]),
    # How criteria are put together.
    (SIZE & attribute("x").is_true(), EMPTY, ["employees is 50 and x is yes"]),
    (SIZE | attribute("x").is_true(), EMPTY, ["employees is 50", "x is yes"]),
    (~(~SIZE | attribute("x").is_true()), EMPTY, ["employees is 50 and x is no"]),
    (
        at_least(2, SIZE, attribute("x").is_true(), DEMO),
        a_lead(x=True),
        ["employees is 50", "1 more demo_request"],
    ),
    (~at_least(1, SIZE, attribute("x").is_true()), a_lead(x=True, employees=2), ["x is no"]),
    (
        exactly(1, SIZE, attribute("x").is_true()),
        a_lead(x=True, employees=60),
        ["x is no", "employees is 49"],
    ),
    (~exactly(1, SIZE, DEMO), a_lead(employees=60), ["1 more demo_request", "employees is 49"]),
    (
        if_(attribute("x").is_true(), SIZE, DEMO),
        a_lead(x=True, employees=1),
        ["employees is 50", "x is no and 1 more demo_request"],
    ),
    (SIZE.named("big"), EMPTY, ["employees is 50"]),
    (SIZE.if_unknown(NO), EMPTY, ["employees is 50"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("when", "lead", "sentences"), SENTENCES, ids=[case[0].describe()[:60] for case in SENTENCES]
)
def test_what_would_answer_a_question(when: Criterion, lead: Lead, sentences: list[str]) -> None:
    assert told(lead, when) == sentences


def test_a_pattern_proposes_the_words_in_it() -> None:
    pytest.importorskip("re2")
    assert told(EMPTY, attribute("x").matches(r"(?i)\bchief\b")) == ['x is "chief"']
    assert told(a_lead(x="chief"), ~attribute("x").matches("chief")) == ['x is "something else"']


@pytest.mark.parametrize(
    "when",
    [
        activity("page_view").did_not(),
        activity("visit").days_since_last() > 7,
        ~activity("page_view").then(activity("demo")),
        stage().equals("recycled"),
        any_of(),
        attribute("x").is_in(NamedList("nobody", [])),
    ],
    ids=lambda c: c.describe(),
)
def test_what_happened_is_not_undone_and_what_cannot_be_is_not_told(when: Criterion) -> None:
    did_all = a_lead(did("page_view", 2), did("demo", 1), did("visit", 1))
    assert decided(did_all, when).gap == ()


# -- blockers and at once ------------------------------------------------------------------------


def test_a_disqualified_lead_has_to_change_what_disqualifies_it() -> None:
    rival = {"rival": attribute("mail").domain_is("rival.example")}
    assert told(a_lead(mail="a@rival.example", employees=50), SIZE, never=rival) == [
        'mail is "someone@elsewhere.example"'
    ]
    assert told(a_lead(mail="a@rival.example"), SIZE, never=rival) == [
        'employees is 50 and mail is "someone@elsewhere.example"'
    ]


def test_an_open_blocker_has_to_be_settled() -> None:
    customer = {"customer": attribute("is_customer").is_true()}
    assert told(a_lead(employees=50), SIZE, never=customer) == ["is_customer is no"]
    assert told(EMPTY, SIZE, never=customer, unknowns="no") == ["employees is 50"]


def test_what_qualifies_at_once_is_one_way() -> None:
    assert told(EMPTY, SIZE & attribute("x").is_true(), at_once={"demo": DEMO}) == [
        "1 more demo_request",
        "employees is 50 and x is yes",
    ]


def test_a_qualified_lead_has_no_gap() -> None:
    decision = decided(a_lead(employees=50), SIZE)
    assert decision.gap == ()
    assert decision.gaps.decided == 0
    assert "would qualify with" not in str(decision.explain(gap=True))


# -- scores --------------------------------------------------------------------------------------


def card(*rules: object, **more: object) -> Scorecard:
    return Scorecard(Group("fit", rules, **more))  # type: ignore[arg-type]


TRUE = {name: attribute(name).is_true() for name in "abcd"}


def test_a_score_is_reached_by_the_fewest_rules() -> None:
    points = {"a": 30, "b": 20, "c": 20, "d": 5}
    of = card(*(Rule(name, TRUE[name], points[name]) for name in points))
    assert told(EMPTY, score() >= 30, card=of) == [
        "a is yes",
        "b is yes and c is yes",
    ]
    assert told(EMPTY, score("fit") >= 60, card=of)[0] == "a is yes, b is yes and c is yes"
    assert told(EMPTY, score() > 74, card=of) == ["a is yes, b is yes, c is yes and d is yes"]
    assert told(EMPTY, score() >= 76, card=of) == []


def test_points_that_are_taken_away_can_be_saved() -> None:
    of = card(Rule("a", TRUE["a"], 10), Rule("b", TRUE["b"], -20))
    assert told(a_lead(a=True, b=True), score() >= 0, card=of) == ["b is no"]
    assert told(a_lead(a=True, b=False), score() < 0, card=of) == ["b is yes"]


def test_a_cap_is_minded() -> None:
    low = Group("low", [Rule(n, TRUE[n], 20) for n in "ab"], cap=20)
    of = Scorecard(low, Group("high", [Rule("c", TRUE["c"], 15)]))
    assert told(EMPTY, score() >= 35, card=of)[0] == "a is yes and c is yes"


def test_activities_are_repeated_as_often_as_they_have_to_be() -> None:
    of = card(Rule.each("open", activity("email_open"), 5, decay=half_life(days=30)))
    assert told(EMPTY, score() >= 20, card=of) == ["4 more email_open"]
    assert told(a_lead(did("email_open", 30)), score() >= 20, card=of) == ["4 more email_open"]
    few = card(Rule.each("open", activity("email_open"), 5, at_most=2))
    assert told(EMPTY, score() >= 10, card=few) == ["2 more email_open"]
    assert told(EMPTY, score() >= 15, card=few) == []


def test_what_counts_once_happens_with_another_value() -> None:
    of = card(Rule.each("asset", activity("download"), 5, once_per="asset"))
    assert told(EMPTY, score() >= 10, card=of) == [
        '1 more download where asset is "another 1" and '
        '1 more download where asset is "another 2"'
    ]  # fmt: skip


def test_tables_and_the_latest_are_ways_to_points() -> None:
    bands = Rule.by_band("size", attribute("size"), [Band(10, at_least=50), Band(20, at_least=200)])
    best = Rule.by_band("size", attribute("size"), bands.bands, match="best")
    assert told(EMPTY, score() >= 10, card=card(bands)) == ["size is 50"]
    assert told(EMPTY, score() >= 20, card=card(best)) == ["size is 200"]
    values = Rule.by_value("field", "industry", {"software": 10, "mining": 1})
    assert told(EMPTY, score() >= 5, card=card(values)) == ['industry is "software"']
    latest = Rule.latest("demo", activity("demo"), 10)
    assert told(EMPTY, score() >= 5, card=card(latest)) == ["1 more demo"]


def test_a_score_between_two_bounds_and_one_that_no_rule_moves() -> None:
    of = card(Rule("a", TRUE["a"], 30), Rule("b", TRUE["b"], 20))
    assert told(EMPTY, score().between(45, 50), card=of) == ["a is yes and b is yes"]
    never = Rule.each("v", activity("v").where(any_of()), 5)
    assert told(EMPTY, score() >= 5, card=card(never)) == []


def test_what_counts_once_by_what_is_asked_happens_once() -> None:
    pricing = activity("page_view", page="/pricing")
    of = card(Rule.each("page", pricing, 5, once_per="page"))
    assert told(EMPTY, score() >= 5, card=of) == ['1 more page_view where page is "/pricing"']
    assert told(EMPTY, score() >= 10, card=of) == []


@pytest.mark.parametrize(
    "when",
    [
        attribute("since") > datetime.max.replace(tzinfo=NOW.tzinfo),
        attribute("born").days_since() > 10**7,
    ],
    ids=lambda c: c.describe(),
)
def test_nothing_is_wished_beyond_the_calendar(when: Criterion) -> None:
    assert told(EMPTY, when) == []


def test_a_grade_is_reached_through_its_score() -> None:
    of = card(Rule("a", TRUE["a"], 30), Rule("b", TRUE["b"], 20))
    fit = grade("fit", {"A": 50, "B": 30}, lowest="C")
    assert told(EMPTY, fit.equals("A"), card=of) == ["a is yes and b is yes"]
    assert told(EMPTY, fit.equals("B"), card=of) == ["a is yes and b is no"]
    assert told(a_lead(a=True, b=True), ~fit.equals("A"), card=of) == ["b is no", "a is no"][::-1]
    total = grade("total", {"1": 30}, lowest="2")
    assert told(EMPTY, matrix(fit, total).equals("A1"), card=of) == ["a is yes and b is yes"]


def test_one_fact_that_serves_two_ends_is_told_once() -> None:
    of = card(Rule("size", SIZE, 30), Rule("a", TRUE["a"], 30))
    assert told(EMPTY, SIZE & (score() >= 30), card=of) == ["employees is 50"]


# -- liars, users' own, and limits ---------------------------------------------------------------


@attrs.frozen
class Lucky(Criterion):
    """A user's own criterion: the number ends in a digit."""

    digit: int

    def judge(self, lead: Snapshot) -> Verdict:
        number = lead.number("number")
        return Verdict.UNKNOWN if number is None else Verdict.of(number % 10 == self.digit)

    def describe(self) -> str:
        return f"number ends in {self.digit}"


@attrs.frozen
class Willing(Lucky):
    """The same, and it says what would help."""

    def wishes(self, lead: Snapshot, wanted: Verdict) -> Iterable[Change]:
        yield SetAttribute("number", self.digit if wanted is Verdict.YES else self.digit + 1)


@attrs.frozen
class Liar(Lucky):
    """The same, and what it says would help does not."""

    def wishes(self, lead: Snapshot, wanted: Verdict) -> Iterable[Change]:
        yield SetAttribute("number", self.digit + 1 if wanted is Verdict.YES else self.digit)
        yield HappenMore("prayer")


def test_a_users_own_criterion_may_say_what_would_help() -> None:
    assert told(EMPTY, Lucky(7)) == []
    assert told(EMPTY, Willing(7)) == ["number is 7"]
    assert told(a_lead(number=7), ~Willing(7)) == ["number is 8"]


@attrs.frozen
class Renamed(Change):
    """A user's own change: the lead has another id."""

    id: str

    def apply(self, lead: Lead, as_of: datetime) -> Lead:
        return attrs.evolve(lead, id=self.id)

    def describe(self) -> str:
        return f"it is {self.id}"

    @property
    def effort(self) -> int:
        return 1


@attrs.frozen
class IsCalled(Criterion):
    """A user's own criterion that a field cannot satisfy."""

    id: str

    def judge(self, lead: Snapshot) -> Verdict:
        return Verdict.of(lead.lead is not None and lead.lead.id == self.id)

    def describe(self) -> str:
        return f"it is {self.id}"

    def wishes(self, lead: Snapshot, wanted: Verdict) -> Iterable[Change]:
        yield Renamed(self.id)


def test_a_change_may_be_a_users_own() -> None:
    assert told(EMPTY, IsCalled("bob") & SIZE) == ["employees is 50 and it is bob"]


def test_a_wish_that_does_not_help_is_never_told() -> None:
    assert told(EMPTY, Liar(7)) == []
    assert told(EMPTY, Liar(7) | SIZE) == ["employees is 50"]
    assert told(EMPTY, Liar(7) & SIZE) == []


def test_nothing_found_is_told_as_such() -> None:
    decision = decided(EMPTY, Lucky(7))
    assert not decision.gaps.spent
    assert str(decision.explain(gap=True)).endswith(
        "  would qualify with\n    nothing was found that would"
    )


def test_the_budget_bounds_how_many_leads_are_decided() -> None:
    several = all_of(
        *(at_least(3, *(attribute(f"{x}{i}").is_true() for i in range(9))) for x in "abc")
    )
    asked = []

    def decides(lead: Lead) -> bool:
        asked.append(lead)
        return several.judge(lead.at(NOW)) is YES

    found = gaps(EMPTY, NOW, decides=decides, wanted=[several], budget=20)
    assert len(asked) == found.decided == 20
    assert found.spent
    assert found.found == ()
    assert gaps(EMPTY, NOW, decides=decides, wanted=[several]).found


def test_the_explanation_tells_the_three_smallest_when_asked() -> None:
    decision = decided(EMPTY, any_of(SIZE, DEMO, TRUE["a"], TRUE["b"]))
    assert len(decision.gap) == 4
    assert "would qualify with" not in str(decision.explain())
    assert str(decision.explain(gap=True)).endswith(
        "  would qualify with\n    employees is 50\n    1 more demo_request\n    a is yes"
    )
    assert "gap" not in decision.to_dict()


# -- changes -------------------------------------------------------------------------------------


def test_a_change_leaves_the_lead_as_it_is() -> None:
    lead = a_lead(employees=5)
    assert SetAttribute("employees", 50).apply(lead, NOW).attributes == {"employees": 50}
    assert HappenMore("demo", times=2).apply(lead, NOW).activities == (Activity("demo", NOW),) * 2
    assert lead == a_lead(employees=5)


@pytest.mark.parametrize(
    ("lead", "field"),
    [
        (Lead("ada", {"company": {"size": 5, "city": "Bonn"}}), "company.size"),
        (Lead("ada", {"company": History((ago(days=3), {"size": 5}))}), "company.size"),
        (Lead("ada", {"company": "Acme"}), "company.size"),
        (Lead("ada", {"company.size": 5}), "company.size"),
        (Lead("ada", account=Lead("acme", {"size": 5})), "account.size"),
        (Lead("ada", account=Lead("acme", {"site": {"size": 5}})), "account.site.size"),
        (Lead("ada", {"account": {"size": 5}}), "account.size"),
        (Lead("ada", {"account.size": 4}, account=Lead("acme", {"size": 5})), "account.size"),
        (Lead("ada", {"size": History((ago(days=3), 5))}), "size"),
    ],
    ids=repr,
)
def test_a_field_is_set_where_a_criterion_reads_it(lead: Lead, field: str) -> None:
    changed = SetAttribute(field, 50).apply(lead, NOW)
    assert changed.at(NOW).number(field) == 50
    if field == "company.size" and "city" in str(lead):
        assert changed.at(NOW).text("company.city") == "Bonn"


def test_changes_say_what_they_are() -> None:
    assert str(SetAttribute("flag", True)) == "flag is yes"
    assert SetAttribute("x", 1) != SetAttribute("x", True)
    assert hash(SetAttribute("x", ({"a": 1},))) == hash(SetAttribute("x", ({"a": 1},)))
    assert str(HappenMore("visit", before=timedelta(days=2))) == "1 more visit, 2 days ago"
    with pytest.raises(DefinitionError) as caught:
        HappenMore("visit", times=0)
    assert str(caught.value) == "something happens once or more, not 0 times"


def test_a_gap_is_applied_as_a_whole() -> None:
    gap = Gap((SetAttribute("employees", 50), HappenMore("demo_request")))
    assert (SIZE & DEMO).judge(gap.apply(EMPTY, NOW).at(NOW)) is YES


# -- laws ----------------------------------------------------------------------------------------

LEAVES = st.sampled_from(
    [
        SIZE,
        attribute("employees") < 20,
        attribute("title").contains_any("vp", "chief"),
        attribute("title").contains("intern"),
        attribute("industry").is_in("software", "mining"),
        attribute("flag").is_true(),
        known("title"),
        missing("industry"),
        DEMO,
        activity("page_view", page="/pricing").within(days=30).count() >= 2,
        activity("visit").did_not(),
        activity().count() >= 3,
        activity("page_view").distinct("page") >= 2,
        activity("visit").then(activity("demo_request")),
        score() >= 25,
        score("fit") >= 20,
        score("fit") < 20,
    ]
)
CRITERIA = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda c: ~c, inner),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: all_of(*parts)),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: any_of(*parts)),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: at_least(2, *parts)),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: exactly(1, *parts)),
    ),
    max_leaves=5,
)
CARD = Scorecard(
    Group(
        "fit", [Rule("size", SIZE, 20), Rule("intern", attribute("title").contains("intern"), -10)]
    ),
    Group("acts", [Rule.each("page", activity("page_view"), 5, at_most=3)], cap=12),
    Rule("flag", attribute("flag").is_true(), 10),
)
DEFINITIONS = st.builds(
    lambda when, never, at_once, unknowns: Qualification(
        "q", version="1", card=CARD, when=when, never=never, at_once=at_once, unknowns=unknowns
    ),
    CRITERIA,
    st.dictionaries(st.sampled_from(["n", "m"]), CRITERIA, max_size=2),
    st.dictionaries(st.just("now"), CRITERIA, max_size=1),
    st.sampled_from(["ask", "no"]),
)
ACTIVITIES = st.builds(
    lambda kind, days, page: did(kind, days, page=page),
    st.sampled_from(["page_view", "demo_request", "visit"]),
    st.integers(0, 60),
    st.sampled_from([None, "/pricing", "/"]),
)
LEADS = st.builds(
    Lead,
    st.just("ada"),
    st.fixed_dictionaries(
        {},
        optional={
            "employees": st.sampled_from([None, 5, 30, 50, "many"]),
            "title": st.sampled_from(["VP intern", "chief", " ", 7]),
            "industry": st.sampled_from(["software", "retail", None]),
            "flag": st.sampled_from([True, False, None]),
        },
    ),
    st.none() | st.lists(ACTIVITIES, max_size=4),
)


@settings(max_examples=60)
@given(definition=DEFINITIONS, lead=LEADS)
def test_laws_108_and_109_each_gap_qualifies_and_needs_all_its_changes(
    definition: Qualification, lead: Lead
) -> None:
    """Applying a gap qualifies the lead; leaving out any one change does not."""
    decision = definition.decide(lead, as_of=NOW)
    check_laws(decision)
    again = definition.decide(lead, as_of=NOW)
    assert again.gap == decision.gap


@settings(max_examples=60)
@given(when=st.sampled_from([SIZE, DEMO, attribute("flag").is_true(), score() >= 25]), lead=LEADS)
def test_a_single_answer_that_can_be_changed_always_has_a_gap(when: Criterion, lead: Lead) -> None:
    decision = Qualification("q", version="1", card=CARD, when=when).decide(lead, as_of=NOW)
    assert decision.status is Status.QUALIFIED or decision.gap


@settings(max_examples=40)
@given(definition=qualifications(), lead=leads(), as_of=instants())
def test_laws_108_and_109_hold_for_generated_definitions(
    definition: Qualification, lead: Lead, as_of: datetime
) -> None:
    """The same over definitions and leads of every kind."""
    check_laws(definition.decide(lead, as_of=as_of))


def test_the_total_of_a_card_without_a_name_can_be_asked_to_fall() -> None:
    fit = Group("fit", [Rule("fit", ~attribute("n").equals(-3), 20)])
    card = Scorecard(fit, Group("rest", [Rule("all", all_of(), 20)]), floor=0)
    q = Qualification(
        "q", version="1", card=card, when=all_of(), never={"not low": ~score().equals(-3)}
    )
    decision = q.decide(Lead("ada", {}, []), as_of=NOW)
    check_laws(decision)
    assert decision.gap == ()
