"""
Faults that somebody found by reading the engine and trying, each in its smallest form.
"""

from datetime import UTC, datetime, timedelta

from mqlkit import (
    Activity,
    Decision,
    Lead,
    Qualification,
    Rule,
    Scorecard,
    activity,
    at_least,
    linear,
    score,
)
from mqlkit.compiled import engine_of
from mqlkit.compiled.flips import first_flip

NOW = datetime(2026, 1, 1, 6, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_span_that_is_halved_is_no_look() -> None:
    """Instants a microsecond apart take many halves, and are few all the same."""
    visits = Rule.each("visits", activity("visit"), 1, per=1, at_most=9, decay=linear(days=1000))
    mql = Qualification("mql", version="1", card=Scorecard(visits), when=score() >= 50)
    close = [Activity("visit", NOW + timedelta(microseconds=i)) for i in range(3)]
    lead = Lead("ada", activities=close)
    first, until = NOW + DAY, NOW + 400 * DAY
    assert len(mql.forecast(lead, as_of=first, until=until)) < 1_200
    assert mql.next_flip(lead, as_of=first, until=until) is None


def test_no_whole_microseconds_are_compared_by_the_compiled_engine_too() -> None:
    """Between the ages of what is sure and what is possible lies a bound that no age can be."""
    last = activity("visit", page="/pricing").days_since_last()
    mql = Qualification("mql", version="1", when=last.equals(1e-12))
    lead = Lead("ada", activities=[Activity("visit", NOW)])
    decision = mql.decide(lead, as_of=NOW)
    answers = engine_of(mql).answers(decision)  # by itself, with no reference engine behind it
    assert answers[0] is Decision.of(mql, lead, NOW).status


def test_a_model_may_have_as_many_windows_as_it_likes() -> None:
    """Python reads no more than a hundred blocks inside one another."""
    visits = activity("visit")
    often = [visits.within(days=days).count() >= days for days in range(2, 150)]
    mql = Qualification("mql", version="1", when=at_least(100, *often))
    for count in (99, 101, 102):
        lead = Lead("ada", activities=[Activity("visit", NOW - DAY * i) for i in range(count)])
        answers = engine_of(mql).answers(Decision.made(mql, lead, NOW))
        assert answers[0] is Decision.of(mql, lead, NOW).status


def test_places_are_kept_for_so_many_kinds_and_no_more() -> None:
    """Kinds may come from strangers."""
    places = (
        engine_of(Qualification("q", version="1", when=activity("visit").happened()))
        .program()
        .places["lead"]
    )
    found = [places.of(f"kind {number}") for number in range(5_000)]
    assert not any(found)
    assert [place for place, _ in places.of("visit")] == [0]


def test_a_score_is_a_value() -> None:
    """It equals what says the same, line by line, and goes into a set."""
    mql = Qualification(
        "q",
        version="1",
        card=Scorecard(Rule.each("visits", activity("visit"), 5)),
        when=score() >= 5,
    )
    lead = Lead("ada", activities=[Activity("visit", NOW)])
    one, same = (mql.decide(lead, as_of=NOW).score for _ in range(2))
    assert one == same
    assert one != 5
    assert {one, same} == {one}


def test_an_id_may_begin_with_a_space() -> None:
    """It is text that is not blank."""
    assert Lead(" ada").id == " ada"


def test_a_span_without_an_instant_is_passed_over() -> None:
    """Nothing is sure of any span, and two instants are looked at."""
    instants = [NOW + DAY, NOW + 7 * DAY]
    looked: list[datetime] = []

    def flipped(at: datetime) -> bool:
        looked.append(at)
        return at == instants[1]

    found = first_flip(
        NOW,
        NOW + 8 * DAY,
        flipped=flipped,
        changes_at=lambda since: next((at for at in instants if at > since), None),
        stays=lambda since, until: False,
    )
    assert found == instants[1]
    assert looked == instants
