"""
When to look again: `changes_at` and `next_change` by the compiled engine, as the reference says.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import attrs
import pytest
from engines.comparing import fresh, kept, told
from engines.modelling import PER_SEED, Case, Cases
from engines.own_parts import IsEven, Trap, everything_in

from mqlkit import (
    Activity,
    Criterion,
    Decision,
    Group,
    History,
    Lead,
    Override,
    Qualification,
    Rule,
    Scorecard,
    Timeline,
    activity,
    attribute,
    expires,
    grade,
    half_life,
    linear,
    matrix,
    score,
    steps,
)
from mqlkit.compiled import outlook
from mqlkit.compiled.outlook import outlook_of
from mqlkit.errors import KindError, UnknownNameError
from mqlkit.plan import watching

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
BLOCK = 25
EVERYDAY = range(2_000, 2_200)
LONG = range(3_000, 13_000)


def prepared(case: Case, place: int) -> Case:
    """The case with a lead of which nothing is kept, all is, or what is left of the one before."""
    ways = (fresh, kept, lambda lead: lead)
    return Case(ways[place % 3](case.lead), case.as_of)


def askable(model: Qualification) -> list[Any]:
    """All that the next change of can be asked for."""
    scores = list(model.score_names)
    return [
        None,
        *(asking for _, asking in model.formulas()),
        *scores,
        *map(score, scores[:2]),
        *model.grades.values(),
    ]


def differences(model: Qualification, case: Case, *of: Any) -> list[str]:
    """What the engine says otherwise than the reference; nothing asked for is `changes_at`."""

    def ask(decision: Decision) -> datetime | None:
        return decision.next_change(*of) if of else decision.changes_at

    given = told(lambda: ask(model.decide(case.lead, as_of=case.as_of)))
    right = told(lambda: ask(Decision.of(model, case.lead, case.as_of)))
    return [] if given == right else [f"{of}: {given}, and by the reference {right}"]


def found(seeds: range) -> Iterator[str]:
    """What differs in the cases of some seeds."""
    for seed in seeds:
        cases = Cases(seed)
        chance = Random(seed)
        for place, case in enumerate(cases):
            one = prepared(case, place)
            several = [*differences(cases.model, one)]
            if place % 5 == 0:
                several += differences(cases.model, one, chance.choice(askable(cases.model)))
            yield from (f"seed {seed}, case {place}: {each}" for each in several)


@pytest.mark.parametrize("first", EVERYDAY[::BLOCK])
def test_the_next_change_is_that_of_the_reference(first: int) -> None:
    """Law 133 for when to look again, whatever is asked about, for 6,000 cases."""
    assert len(EVERYDAY) * PER_SEED == 6_000
    assert list(found(range(first, first + BLOCK))) == []


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("first", LONG[:: 20 * BLOCK])
def test_the_next_change_is_that_of_the_reference_300_000_times(first: int) -> None:
    """Law 133 for when to look again."""
    assert list(found(range(first, first + 20 * BLOCK))) == []


def test_the_engine_looks_ahead_by_itself() -> None:
    """
    Nothing but a part of somebody's own that raises, or the end of the calendar, makes it fail.

    Where it fails the reference is asked, so other answers would not show that.
    """
    for seed in EVERYDAY[::5]:
        cases = Cases(seed)
        if any(isinstance(part, Trap) for part in everything_in(cases.model)):
            continue
        for place, case in enumerate(cases):
            one = prepared(case, place)
            decision = cases.model.decide(one.lead, as_of=one.as_of)
            given = told(lambda: outlook_of(cases.model).next(decision))  # noqa: B023
            right = told(lambda: Decision.of(cases.model, *one).changes_at)  # noqa: B023
            assert given[0] == right[0] or given[1] is OverflowError, (seed, place, given)


# -- never late -------------------------------------------------------------------------------


def answer(model: Qualification, lead: Lead, at: datetime, of: Any) -> Any:
    """What was asked about, at an instant."""
    decision = Decision.of(model, lead, at)
    if of is None:
        return decision.status
    if isinstance(of, str):
        return decision.scores[of].millis
    if isinstance(of, Criterion):
        return of.judge(decision.snapshot)
    asked = getattr(of, "score", None)
    return (
        decision.scores[asked].millis if asked in decision.scores else of.labels(decision.snapshot)
    )


def test_nothing_changes_before_the_next_change() -> None:
    """Law 82: in the middle and just before, whatever is asked about."""
    checked = 0
    for seed in EVERYDAY[:60]:
        cases = Cases(seed)
        if any(isinstance(part, Trap) for part in everything_in(cases.model)):
            continue
        for place, case in list(enumerate(cases))[::7]:
            for of in askable(cases.model):
                lead, now = prepared(case, place)
                until = told(lambda: cases.model.decide(lead, as_of=now).next_change(of))  # noqa: B023
                if until[0] == "error" or until[1] is None:
                    continue
                assert until[1] > now
                before = told(lambda: answer(cases.model, lead, now, of))  # noqa: B023
                for at in (now + (until[1] - now) / 2, until[1] - TICK):
                    assert told(lambda: answer(cases.model, lead, at, of)) == before  # noqa: B023
                checked += 1
    assert checked > 500


# -- kept timelines ---------------------------------------------------------------------------

VISITS = activity("page_view")
CARD = Scorecard(
    Group(
        "activity",
        [
            Rule.each("visits", VISITS, 5, decay=half_life(days=30)),
            Rule.each("soon gone", activity("email_open"), 3, decay=expires(days=20)),
            Rule.each("by steps", activity("demo"), 8, decay=steps({10: 0.5, 40: 0.25, 90: 0})),
            Rule.each("evenly", activity("webinar").within(days=60), 40, decay=linear(days=45)),
            Rule("lately", VISITS.within(days=7).count() >= 3, 10),
            Rule("not for long", VISITS.days_since_last() > 3, -5),
        ],
    ),
    Rule("new", VISITS.within(calendar_months=1).happened(), 2),
)
MODEL = Qualification("many", version="1", card=CARD, when=score() >= 60)
KINDS = ("page_view", "email_open", "demo", "webinar", "other")


def activities(count: int, chance: Random) -> list[Activity]:
    """Activities of two years, some of them still to come, several at one time of day."""
    spans = [timedelta(minutes=chance.randrange(-14_400, 1_051_200)) for _ in range(count)]
    spans += [chance.randrange(700) * DAY for _ in range(count // 10)]
    return [Activity(chance.choice(KINDS), NOW - span) for span in spans]


@pytest.mark.parametrize("count", [0, 1, 31, 400, 3_000])
def test_many_activities_are_looked_at_as_the_reference_does(count: int) -> None:
    """Few and many, from a list and from a timeline, at instants forth and back."""
    chance = Random(count)
    acts = activities(count, chance)
    timeline = Timeline(acts)
    times = [NOW + chance.randrange(-500_000, 20_000) * 60 * timedelta(seconds=1) for _ in range(8)]
    for at in (NOW, *times):
        right = Decision.of(MODEL, Lead("ada", {}, timeline), at).changes_at
        for held in (acts, timeline):
            lead = Lead("ada", {}, held)
            assert MODEL.decide(lead, as_of=at).changes_at == right
            assert MODEL.decide(lead, as_of=at).changes_at == right


def test_a_timeline_that_grows_is_not_looked_at_anew() -> None:
    """One more activity at a time: at its end, late, still to come, and told again."""
    chance = Random("growing")
    timeline = Timeline(activities(200, chance))
    now = NOW
    for step in range(400):
        if step % 3:
            now += timedelta(minutes=chance.choice((-700, 0, 10, 700, 3_000)))
        at = now - timedelta(minutes=chance.choice((0, 0, 5, 5_000, 200_000, -3_000)))
        timeline = timeline.plus(Activity(chance.choice(KINDS), at))
        lead = Lead("ada", {}, timeline)
        assert MODEL.decide(lead, as_of=now).changes_at == Decision.of(MODEL, lead, now).changes_at


def test_what_a_timeline_keeps_goes_along_unasked() -> None:
    """Activities that come in before anybody asks again are all looked at."""
    timeline = Timeline(activities(50, Random(1)))
    lead = Lead("ada", {}, timeline)
    assert MODEL.decide(lead, as_of=NOW).changes_at is not None
    for minutes in (3, 1, 2):
        timeline = timeline.plus(Activity("page_view", NOW + timedelta(minutes=minutes)))
    later = Lead("ada", {}, timeline)
    assert MODEL.decide(later, as_of=NOW).changes_at == NOW + timedelta(minutes=1)
    assert MODEL.decide(lead, as_of=NOW).changes_at != NOW + timedelta(minutes=1)


# -- what is asked about ----------------------------------------------------------------------

ASKED = Qualification(
    "asked",
    version="1",
    card=Scorecard(
        Group("fit", [Rule("big", attribute("employees") >= 50, 30)]),
        Group("interest", [Rule.each("visits", VISITS.within(days=30), 10)]),
    ),
    when=score("fit") >= 30,
    labels={"hot": VISITS.within(days=2).happened()},
    grades={"letter": grade("interest", {"A": 20}, lowest="B")},
)
VISITOR = Lead(
    "ada",
    {"employees": History((NOW - DAY, 10), (NOW + 90 * DAY, 80))},
    [Activity("page_view", NOW - DAY)],
    overrides=[Override(5, "Bo", "met", NOW - DAY, NOW + 60 * DAY, "fit")],
)


def test_only_what_is_asked_about_is_looked_at() -> None:
    """The answer does not hang on labels and on scores that it does not ask for."""
    decision = ASKED.decide(VISITOR, as_of=NOW)
    assert decision.changes_at == NOW + DAY
    assert decision.next_change() == NOW + 60 * DAY
    assert decision.next_change("fit") == decision.next_change(score("fit")) == NOW + 60 * DAY
    assert decision.next_change("interest") == NOW + 29 * DAY
    letter = ASKED.grades["letter"]
    assert decision.next_change(letter) == NOW + 29 * DAY
    both = matrix(letter, grade("fit", {"A": 20}, lowest="B"))  # type: ignore[arg-type]
    assert decision.next_change(both) == NOW + 29 * DAY
    assert decision.next_change(attribute("employees") >= 10) == NOW + 90 * DAY
    assert decision.next_change(VISITS.days_since_last() >= 5) == NOW + 4 * DAY
    assert decision.next_change(IsEven("employees")) == NOW + 90 * DAY
    assert decision.next_change(attribute("title").known()) is None


@attrs.define(eq=True)
class Unhashable(Criterion):
    """Asks nothing, and has no hash."""

    inner: Criterion

    def judge(self, lead: Any) -> Any:
        return self.inner.judge(lead)

    def describe(self) -> str:
        return "so"

    def changes_at(self, lead: Any) -> datetime | None:
        return self.inner.changes_at(lead)


def test_a_criterion_without_a_hash_can_be_asked_about() -> None:
    asking = Unhashable(VISITS.within(days=30).happened())
    decision = ASKED.decide(VISITOR, as_of=NOW)
    assert [decision.next_change(asking) for _ in range(2)] == [NOW + 29 * DAY] * 2


def test_what_there_is_not_cannot_be_asked_about() -> None:
    decision = ASKED.decide(VISITOR, as_of=NOW)
    for of in ("fun", score("fun"), score("fun") >= 3, grade("fun", {"A": 1}, lowest="B")):
        with pytest.raises(UnknownNameError, match="no score 'fun'"):
            decision.next_change(of)
    wanted = "^wanted a criterion, a score or its name, or a grade, not"
    with pytest.raises(KindError, match=f"{wanted} 90$"):
        decision.next_change(90)  # type: ignore[arg-type]
    with pytest.raises(KindError, match=f"{wanted} a Count; compare it"):
        decision.next_change(VISITS.count())  # type: ignore[arg-type]


# -- liars ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", [watching.History, watching.Age, watching.Coming, watching.Leaving, watching.Leaps,
             watching.Steps, watching.Hands, watching.Own],
)  # fmt: skip
def test_one_that_does_not_watch_something_is_caught(
    kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each kind of watch: left out, the next change is another than the reference's."""
    every = outlook.all_watches

    def some(definition: Any) -> tuple[Any, ...]:
        return tuple(watch for watch in every(definition) if not isinstance(watch, kind))

    monkeypatch.setattr(outlook, "all_watches", some)
    assert next(found(EVERYDAY), None) is not None


# -- rarer ways ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decay", "ages"),
    [
        (
            half_life(days=3_000),
            range(1, 80),
        ),  # so few points seldom fade
        (steps({10: 0.5, 40: 0.25, 90: 0}), [5] * 50),  # none is between two of the steps
        (linear(days=30), [*range(31, 90), 3, 4]),  # most have faded away
    ],
)
def test_many_that_fade_seldom(decay: Any, ages: Any) -> None:
    """What is left of many activities is looked at as the reference does."""
    card = Scorecard(Rule.each("visits", VISITS, 0.01, decay=decay))
    model = Qualification("seldom", version="1", card=card, when=score() >= 1)
    times = [NOW - age * DAY - minute * timedelta(minutes=1) for minute, age in enumerate(ages)]
    lead = Lead("ada", {}, Timeline([Activity("page_view", at) for at in times]))
    assert model.decide(lead, as_of=NOW).changes_at == Decision.of(model, lead, NOW).changes_at


def test_at_the_beginning_of_the_calendar() -> None:
    """No window can start before it."""
    now = datetime.min.replace(tzinfo=UTC) + DAY
    lead = Lead("ada", {}, [Activity("page_view", now - DAY), Activity("page_view", now)])
    assert MODEL.decide(lead, as_of=now).changes_at == Decision.of(MODEL, lead, now).changes_at


def test_only_so_many_things_asked_about_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlook, "_MOST_KEPT", 2)
    decision = ASKED.decide(VISITOR, as_of=NOW)
    for days in (20, 25, 28, 30, 20):
        asking = VISITS.within(days=days).happened()
        assert decision.next_change(asking) == NOW + (days - 1) * DAY
