"""An account's score from its people: figures by hand, and what holds for any people."""

import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqlkit import (
    Activity,
    Group,
    History,
    Lead,
    Qualification,
    Rule,
    Scorecard,
    Status,
    Verdict,
    activity,
    attribute,
    expires,
    missing,
    score,
)
from mqlkit.account import PeopleScore, people
from mqlkit.errors import DefinitionError, KindError, UnknownNameError
from mqlkit.fingerprint import fingerprint
from mqlkit.measure import Range
from mqlkit.spec import Model, dumps, loads
from mqlkit.testing import Law, laws_for

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

CARD = Scorecard(
    Group(
        "fit",
        [
            Rule("manager", attribute("title").contains("manager"), 40),
            Rule("student", attribute("title").contains("student"), -20),
            Rule("large", attribute("employees") >= 50, 15),
        ],
        cap=50,
    ),
    Group(
        "engagement",
        [Rule.each("opened", activity("email_open"), 5, at_most=3, decay=expires(days=10))],
    ),
)


def person(name: str, title: object = "Manager", opens: int | None = 0, **known: object) -> Lead:
    happened = (
        None
        if opens is None
        else [Activity("email_open", NOW - timedelta(days=1 + i)) for i in range(opens)]
    )
    return Lead(name, {"title": title, "employees": 10, **known}, happened)


def account(*team: Lead) -> Lead:
    return Lead("acme", people=team)


def thousandths(measure: PeopleScore, lead: Lead) -> Range | None:
    return measure.range(lead.at(NOW))


# -- by hand -----------------------------------------------------------------------------------

TEAM = account(
    person("ada", opens=2),  # 40 + 10
    person("bob", "Student", opens=1),  # -20 + 5
    person("cy", "Clerk", opens=3),  # 15
    person("dee", employees=500),  # 40 + 15, capped at 50
)


@pytest.mark.parametrize(
    ("measure", "points"),
    [
        (people(CARD).sum(), 50 - 15 + 15 + 50),
        (people(CARD).max(), 50),
        (people(CARD).top(1), 50),
        (people(CARD).top(3), 50 + 50 + 15),
        (people(CARD).top(9), 50 - 15 + 15 + 50),
        (people(CARD, "fit").sum(), 40 - 20 + 0 + 50),
        (people(CARD, "engagement").max(), 15),
    ],
    ids=lambda value: value.describe() if isinstance(value, PeopleScore) else str(value),
)
def test_scores_join(measure: PeopleScore, points: int) -> None:
    assert thousandths(measure, TEAM) == Range(points * 1000, points * 1000)


def test_a_blank_leaves_the_account_open_by_as_much() -> None:
    team = account(person("ada"), person("bob", None), person("cy", "Clerk"))
    assert thousandths(people(CARD).sum(), team) == Range(20_000, 80_000)
    assert thousandths(people(CARD).max(), team) == Range(40_000, 40_000)
    assert thousandths(people(CARD).top(2), team) == Range(40_000, 80_000)
    assert (people(CARD).top(2) >= 41).judge(team.at(NOW)) is Verdict.UNKNOWN
    assert (people(CARD).top(2) >= 40).judge(team.at(NOW)) is Verdict.YES
    assert (people(CARD).top(2) >= 81).judge(team.at(NOW)) is Verdict.NO


def test_people_not_loaded_are_not_nobody() -> None:
    unloaded, nobody = Lead("acme"), account()
    for measure in (people(CARD).sum(), people(CARD).max(), people(CARD).top(2)):
        assert thousandths(measure, unloaded) is None
        assert (measure >= 1).judge(unloaded.at(NOW)) is Verdict.UNKNOWN
        assert (measure >= 1).judge(nobody.at(NOW)) is Verdict.NO
    assert thousandths(people(CARD).sum(), nobody) == Range(0, 0)
    assert thousandths(people(CARD).top(2), nobody) == Range(0, 0)
    assert thousandths(people(CARD).max(), nobody) == Range(float("-inf"), float("-inf"))
    assert (people(CARD).max() >= -1_000_000).judge(nobody.at(NOW)) is Verdict.NO


# -- in a decision -----------------------------------------------------------------------------

MQA = Qualification("mqa", version="1", when=people(CARD).top(2) >= 90)


def test_a_marketing_qualified_account() -> None:
    assert MQA.decide(TEAM, as_of=NOW).status is Status.QUALIFIED
    assert MQA.decide(account(person("ada")), as_of=NOW).status is Status.NOT_QUALIFIED
    assert MQA.decide(Lead("acme"), as_of=NOW).status is Status.NEEDS_DATA


def test_the_explanation_says_who_and_what_is_missing() -> None:
    team = account(person("ada", opens=2), person("bob", None), person("cy", "Clerk"))
    decision = MQA.decide(team, as_of=NOW)
    assert decision.status is Status.NEEDS_DATA
    text = str(decision.explain())
    assert "the sum of the 2 highest of the people's scores is 50 to 90" in text
    assert 'people is 3 ("ada" 50, "bob" -20 to 40, "cy" 0)' in text
    assert [missing.field for missing in decision.missing] == ["people.title"]


def test_of_many_people_the_best_are_named() -> None:
    team = account(*(person(f"p{i}", opens=i % 3) for i in range(7)))
    (_, census) = people(CARD).sum().explain(team.at(NOW), "number")
    assert census.value == '7 ("p2" 50, "p5" 50, "p1" 45, "p4" 45, "p0" 40, 2 more)'


def test_a_missing_fact_is_noted_inside_any_composition() -> None:
    team = account(person("ada", None), person("bob", opens=None))
    seen = (~(people(CARD).sum() >= 1_000)).explain(team.at(NOW))
    assert {s.name for s in seen.parts[0].seen if s.missing} == {
        "people.title",
        "people.activities",
    }


def test_people_not_loaded_are_asked_for() -> None:
    (missing,) = MQA.decide(Lead("acme"), as_of=NOW).missing
    assert (missing.field, missing.kind) == ("people", "people")


def test_where_unknowns_count_as_no_they_do_so_in_each_rule() -> None:
    """As in a card of the definition itself: what is not known neither gives nor takes."""
    team = account(person("ada"), person("bob", None), person("cy", employees=None))
    for bound, status in ((80, Status.QUALIFIED), (81, Status.NOT_QUALIFIED)):
        settled = Qualification("mqa", version="1", when=people(CARD).sum() >= bound, unknowns="no")
        assert settled.decide(team, as_of=NOW).status is status
    assert thousandths(people(CARD).sum(), team) == Range(60_000, 130_000)


def test_the_account_changes_when_the_first_of_its_people_does() -> None:
    measure = people(CARD).sum()
    team = account(person("ada", opens=1), person("bob", opens=3))
    oldest = NOW - timedelta(days=3)
    assert measure.changes_at(team.at(NOW)) == oldest + timedelta(days=10)
    assert measure.changes_at(account(person("ada")).at(NOW)) is None
    assert measure.changes_at(Lead("acme").at(NOW)) is None


def test_a_history_of_one_person_is_a_boundary() -> None:
    later = NOW + timedelta(days=2)
    promoted = History((NOW - timedelta(days=9), "Clerk"), (later, "Manager"))
    team = account(person("ada", promoted), person("bob"))
    assert people(CARD).sum().changes_at(team.at(NOW)) == later
    first, then = MQA.forecast(team, as_of=NOW, until=later)[0], MQA.decide(team, as_of=later)
    assert first.when is Verdict.NO
    assert thousandths(people(CARD).sum(), team) == Range(40_000, 40_000)
    assert people(CARD).sum().range(then.lead.at(later)) == Range(80_000, 80_000)


# -- definitions -------------------------------------------------------------------------------


def test_it_is_a_value() -> None:
    measure = people(CARD, "fit").top(3)
    assert measure == people(CARD, "fit").top(3)
    assert measure != people(CARD, "fit").top(2)
    assert len({measure, people(CARD, "fit").top(3)}) == 1
    assert pickle.loads(pickle.dumps(measure)) == measure
    assert fingerprint(measure) == fingerprint(people(CARD, "fit").top(3))
    assert fingerprint(measure) != fingerprint(people(CARD, "fit").sum())


def test_it_asks_about_knowledge_when_its_card_does() -> None:
    guess = Scorecard(Rule("no title", missing("title"), 5))
    default = Scorecard(Rule.by_value("by title", attribute("title", default="x"), {"x": 5}))
    assert not (people(CARD).sum() >= 1).about_knowledge
    assert (people(guess).sum() >= 1).about_knowledge
    assert (people(default).sum() >= 1).about_knowledge


def test_faulty_definitions_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="there is no score 'fitt'; did you mean 'fit'"):
        people(CARD, "fitt").sum()
    with pytest.raises(TypeError):
        people(CARD, 5).sum()  # type: ignore[arg-type]
    with pytest.raises(KindError, match="wanted a Scorecard, not a Group"):
        people(Group("fit", [])).sum()  # type: ignore[arg-type]
    with pytest.raises(DefinitionError, match='join by sum, max or top, not "mean"'):
        PeopleScore("mean", CARD)  # type: ignore[arg-type]
    with pytest.raises(DefinitionError, match="n goes with 'top'"):
        PeopleScore("top", CARD)
    with pytest.raises(DefinitionError, match="n goes with 'top'"):
        PeopleScore("sum", CARD, n=2)
    with pytest.raises(DefinitionError, match="how many of the highest scores must be 1 or more"):
        people(CARD).top(0)
    with pytest.raises(UnknownNameError, match="there is no score 'elsewhere'"):
        people(Scorecard(Rule("r", score("elsewhere") >= 1, 1))).sum()


@pytest.mark.parametrize(
    "measure", [people(CARD).top(3), people(CARD, "fit").sum(), people(CARD).max()], ids=str
)
@pytest.mark.parametrize("format", ["toml", "json"])
def test_a_model_file_holds_it(measure: PeopleScore, format: Any) -> None:
    mqa = Model(Qualification("mqa", version="1", when=measure >= 150))
    assert loads(dumps(mqa, format), format) == mqa


# -- laws --------------------------------------------------------------------------------------

TITLES = ("Manager", "Student", "Clerk", "Manager and student")
filled = st.fixed_dictionaries(
    {"title": st.sampled_from(TITLES), "employees": st.sampled_from([1, 50, 500])}
)
opens = st.integers(0, 4)
measures = st.builds(
    lambda how, group: how(people(CARD, group)),
    st.one_of(
        st.sampled_from([lambda p: p.sum(), lambda p: p.max()]),
        st.integers(1, 4).map(lambda n: lambda p: p.top(n)),
    ),
    st.sampled_from(["total", "fit", "engagement"]),
)


@st.composite
def teams(draw: st.DrawFn) -> tuple[Lead, Lead]:
    """An account of which things are not known, and the same with every blank filled."""
    known, full = [], []
    for number in range(draw(st.integers(0, 4))):
        facts: dict[str, Any] = draw(filled)
        count = draw(opens)
        hidden = {name: value for name, value in facts.items() if not draw(st.booleans())}
        full.append(person(str(number), opens=count, **facts))
        unloaded = draw(st.booleans())
        title = hidden.pop("title", None)
        blank = {"employees": None, **hidden}
        known.append(person(str(number), title, None if unloaded else count, **blank))
    return account(*known), account(*full)


@pytest.mark.parametrize(
    "law",
    laws_for(
        st.builds(lambda measure, bound: measure >= bound, measures, st.integers(-60, 200)),
        st.builds(lambda both, number: both[number], teams(), st.integers(0, 1)),
    ),
    ids=str,
)
def test_it_keeps_the_laws_of_every_criterion(law: Law) -> None:
    law.check()


@given(team=teams(), measure=measures)
def test_filling_blanks_stays_within_the_range(
    team: tuple[Lead, Lead], measure: PeopleScore
) -> None:
    """Whatever a blank turns out to be, the score lies where the range said."""
    known, full = (thousandths(measure, lead) for lead in team)
    assert known is not None
    assert full is not None
    assert known.low <= full.low == full.high <= known.high


@given(team=teams(), measure=measures, bound=st.integers(-60, 200))
def test_learning_more_never_overturns_an_answer(
    team: tuple[Lead, Lead], measure: PeopleScore, bound: int
) -> None:
    before, after = ((measure >= bound).judge(lead.at(NOW)) for lead in team)
    assert before is Verdict.UNKNOWN or after is before
    unloaded = (measure >= bound).judge(attrs.evolve(team[0], people=None).at(NOW))
    assert unloaded is Verdict.UNKNOWN


@given(team=teams(), measure=measures, data=st.data())
def test_the_order_of_people_means_nothing(
    team: tuple[Lead, Lead], measure: PeopleScore, data: st.DataObject
) -> None:
    lead = team[0]
    shuffled = attrs.evolve(lead, people=data.draw(st.permutations(lead.people or ())))
    assert thousandths(measure, shuffled) == thousandths(measure, lead)
    assert (
        measure.explain(shuffled.at(NOW), "number")[:2]
        == (measure.explain(lead.at(NOW), "number")[:2])
    )


@given(team=teams())
def test_top_of_all_is_the_sum_and_top_of_one_the_highest(team: tuple[Lead, Lead]) -> None:
    lead = team[0]
    number = len(lead.people or ())
    if number:
        assert thousandths(people(CARD).top(number), lead) == thousandths(people(CARD).sum(), lead)
        assert thousandths(people(CARD).top(1), lead) == thousandths(people(CARD).max(), lead)


@given(team=teams(), measure=measures)
def test_nothing_changes_before_it_says(team: tuple[Lead, Lead], measure: PeopleScore) -> None:
    lead = team[0]
    until = measure.changes_at(lead.at(NOW))
    for days in range(15):
        at = NOW + timedelta(days=days)
        if until is None or at < until:
            assert measure.range(lead.at(at)) == thousandths(measure, lead)
