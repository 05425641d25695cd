"""
When an answer flips, found in whole spans: as by a look at every instant at which it may change.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from engines.comparing import told
from engines.modelling import PER_SEED, Cases
from engines.own_parts import AfterNoon, BusyLately, SaysTrue, Trap, everything_in

from mqlkit import (
    Activity,
    Band,
    Criterion,
    Decision,
    Group,
    Lead,
    Override,
    Qualification,
    Rule,
    Scorecard,
    Status,
    Timeline,
    Verdict,
    activity,
    all_of,
    any_of,
    at_least,
    attribute,
    exactly,
    expires,
    grade,
    half_life,
    if_,
    linear,
    matrix,
    score,
    steps,
)
from mqlkit.compiled.course import Course
from mqlkit.errors import DefinitionError, KindError, NaiveTimeError, UnknownNameError
from mqlkit.verdict import answered

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
BLOCK = 20
EVERYDAY = range(5_000, 5_150)
LONG = range(6_000, 10_000)
SPANS = (1, 10, 40, 400)
LONGEST_WALK = 200


def asked(decision: Decision, of: Criterion | None) -> Any:
    """The answer that may flip."""
    if of is None:
        return decision.status
    return answered(of.judge(decision.snapshot), of.describe)


def walked(
    model: Qualification, lead: Lead, now: datetime, until: datetime, of: Criterion | None
) -> datetime | str | None:
    """The first flip by a look at every instant at which it may change."""
    decision = model.decide(lead, as_of=now)
    before = asked(decision, of)
    for _ in range(LONGEST_WALK):
        at = decision.next_change(of)
        if at is None or at > until:
            return None
        decision = model.decide(lead, as_of=at)
        if asked(decision, of) is not before:
            return at
    return "too long"


def found(seeds: range) -> Iterator[tuple[Any, Any, str]]:
    """For cases of some seeds the first flip by walking, and at once; and how to see it again."""
    for seed in seeds:
        cases, chance = Cases(seed), Random(seed)
        for place, (lead, now) in list(enumerate(cases))[:: PER_SEED // 6]:
            if not 10 < now.year < 9_000:
                continue
            of = chance.choice([None, None, *(one for _, one in cases.model.formulas())])
            until = now + chance.choice(SPANS) * DAY
            right = told(lambda: walked(cases.model, lead, now, until, of))  # noqa: B023
            if right[0] == "answer" and right[1] != "too long":
                given = told(
                    lambda: cases.model.next_flip(lead, as_of=now, until=until, of=of)  # noqa: B023
                )
                yield right, given, f"seed {seed}, case {place}, {of}"


@pytest.mark.parametrize("first", EVERYDAY[::BLOCK])
def test_the_first_flip_is_that_of_a_walk(first: int) -> None:
    """Nothing is left out by skipping spans, and nothing is put in."""
    cases = list(found(range(first, first + BLOCK)))
    assert [case for case in cases if case[0] != case[1]] == []
    assert len(cases) > 80


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("first", LONG[:: 10 * BLOCK])
def test_the_first_flip_is_that_of_a_walk_many_times(first: int) -> None:
    assert [case for case in found(range(first, first + 10 * BLOCK)) if case[0] != case[1]] == []


def test_a_liar_that_asks_the_middle_of_a_span_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """What holds in the middle of a span need not hold throughout."""
    sound = Course._turn

    def in_the_middle(course: Course, start: datetime, end: datetime) -> None:
        sound(course, start + (end - start) / 2, start + (end - start) / 2)

    monkeypatch.setattr(Course, "_turn", in_the_middle)
    assert any(right != given for right, given, _ in found(EVERYDAY))


# -- spans ------------------------------------------------------------------------------------


def course(model: Qualification, lead: Lead) -> Course:
    """What may be answered about a lead."""
    return Course(model, lead, lambda at: Decision.of(model, lead, at).snapshot)


def test_what_is_answered_within_a_span_is_among_what_may_be() -> None:
    """For every status and formula at any instant; of one instant there is one answer alone."""
    checked = 0
    for seed in EVERYDAY[:80]:
        cases, chance = Cases(seed), Random(seed)
        if any(isinstance(part, Trap | SaysTrue) for part in everything_in(cases.model)):
            continue
        for lead, now in list(cases)[:: PER_SEED // 5]:
            if not 10 < now.year < 9_000:
                continue
            ahead, days = course(cases.model, lead), chance.choice(SPANS)
            instants = [now + chance.random() * days * DAY for _ in range(3)]
            formulas = [one for _, one in cases.model.formulas()]
            spans = [(now, now + days * DAY), *((at, at) for at in (now, *instants))]
            for start, end in spans:
                within = told(
                    lambda: (
                        ahead.statuses(start, end),  # noqa: B023
                        [ahead.verdicts(one, start, end) for one in formulas],  # noqa: B023
                    )
                )
                if within[0] == "error":
                    break
                statuses, verdicts = within[1]  # type: ignore[misc]
                for at in instants if end > start else [start]:
                    decision = Decision.of(cases.model, lead, at)
                    assert decision.status in statuses
                    for one, may in zip(formulas, verdicts, strict=True):
                        assert one.judge(decision.snapshot) in may
                        assert end > start or len(may) == 1
                    checked += 1
    assert checked > 1_000


# -- each part that has a form for spans --------------------------------------------------------

VISITS = activity("page_view")
RECENT = VISITS.within(days=30)
FIT, FUN = (grade(name, {"A": 40, "B": 20, "C": 5}, lowest="D") for name in ("fit", "fun"))
BLANK = VISITS.where(attribute("page").equals("/a"))
CARD = Scorecard(
    Group(
        "fit",
        [
            Rule("many", RECENT.count() >= 20, 12),
            Rule.by_band("how many", RECENT.count(), [Band(3, below=5), Band(9, at_least=5)]),
            Rule.by_band(
                "most", RECENT.count(), [Band(3, below=9), Band(9, at_least=5)], match="best"
            ),
            Rule.latest("last", RECENT, 20, decay=linear(days=20)),
            Rule.each("few", VISITS, 2, at_most=5, decay=expires(days=50)),
            Rule.each("taken", VISITS.within(days=60), -1, at_most=9, decay=steps({9: 0.5})),
            Rule.each("pages", VISITS.within(days=20), 1, once_per="page"),
        ],
        cap=45,
        floor=-3,
    ),
    Group(
        "fun", [Rule.each("all", BLANK, 0.5, decay=half_life(days=40)), Rule.each("a", RECENT, 1)]
    ),
)
PARTS: dict[str, Criterion] = {
    "score": score("fit") >= 14,
    "score below": score("fun") < 18,
    "score above": score("fun") > 18,
    "score up to": score("fun") <= 18,
    "score between": score("fit").between(13, 17),
    "count": RECENT.count().equals(24),
    "open count": BLANK.within(days=30).count() >= 10,
    "sum": RECENT.sum("amount") > 40,
    "open sum": BLANK.within(days=30).sum("amount") > 15,
    "sum with blanks": VISITS.within(days=50).sum("cost", blanks="skip") <= 20,
    "blank sum": VISITS.within(days=10).sum("cost") <= 20,
    "last": RECENT.days_since_last() >= 4,
    "open last": BLANK.within(days=9).days_since_last() > 7,
    "grade": FIT.is_in("B"),
    "open grade": FUN.is_in("B", "C"),
    "matrix": matrix(FIT, FUN).is_in("BB", "CB", "CC"),
    "some": any_of(score("fit") < 10, ~(RECENT.count() > 3)),
    "several": at_least(2, score("fit") >= 14, RECENT.count() >= 9, score("fun") >= 9),
    "just one": exactly(1, score("fit") >= 14, RECENT.count() >= 9),
    "by another": if_(BLANK.count() > 9, score("fit") >= 14, score("fun") >= 3).named("by it"),
    "assumed": (BLANK.within(days=30).count() >= 9).if_unknown(Verdict.YES),
    "calendar": VISITS.within(calendar_months=1).count() >= 20,
    "first": RECENT.days_since_first() < 20,
    "not loaded": VISITS.of_account().count() >= 1,
    "own": BusyLately("page_view", 240),
    "all": all_of(score("fit") >= 5, RECENT.sum("amount") > 4),
}


def lead_of(seed: int) -> Lead:
    """A lead with some hundred visits, past and to come, in bursts."""
    chance = Random(seed)
    pages = ("/a", "/b", None)
    acts = []
    for _ in range(90):
        at = NOW - timedelta(
            hours=chance.choice((chance.randrange(2_000), chance.randrange(-700, 300)))
        )
        properties = {"page": chance.choice(pages), "amount": chance.choice((-1, 1, 2, 3))}
        properties["cost"] = chance.choice((None, 1, 2))
        acts.append(Activity("page_view", at, properties))
    hand = Override(3, "Bo", "met", NOW + 9 * DAY, NOW + 30 * DAY, "fit")
    return Lead("ada", {}, Timeline(acts), overrides=[hand])


def every_flip(model: Qualification, lead: Lead, until: datetime, of: Any) -> list[datetime]:
    """All flips one after the other."""
    flipped, at = [], NOW
    while (at := model.next_flip(lead, as_of=at, until=until, of=of)) is not None:  # type: ignore[assignment]
        flipped.append(at)
    return flipped


@pytest.mark.parametrize("unknowns", ["ask", "no"])
@pytest.mark.parametrize("name", PARTS)
def test_all_flips_of_a_part_are_those_of_a_walk(name: str, unknowns: Any) -> None:
    """As a guard, and as what the status hangs on."""
    of = PARTS[name]
    model = Qualification(
        "one", version="1", card=CARD, when=of, never={"no": ~RECENT.happened()}, unknowns=unknowns
    )
    lead, until = lead_of(3), NOW + 25 * DAY
    right: dict[bool, list[datetime]] = {True: [], False: []}
    decision, before = model.decide(lead, as_of=NOW), None
    while True:
        after = (of.judge(decision.snapshot), decision.status)
        for of_guard in (True, False):
            if before is not None and before[not of_guard] is not after[not of_guard]:
                right[of_guard].append(decision.as_of)
        before = after
        at = min(
            (x for x in (decision.next_change(), decision.next_change(of)) if x),
            default=until + DAY,
        )
        if at > until:
            break
        decision = model.decide(lead, as_of=at)
    assert every_flip(model, lead, until, of) == right[True]
    assert every_flip(model, lead, until, None) == right[False]


# -- how far it goes ----------------------------------------------------------------------------


def fading(least: int) -> Qualification:
    """A score of which something fades every few minutes."""
    rule = Rule.each("visits", VISITS, 5, decay=half_life(days=30))
    return Qualification("fading", version="1", card=Scorecard(rule), when=score() >= least)


def visitor(count: int) -> Lead:
    """Somebody with that many visits in 120 days."""
    chance = Random(count)
    spans = (timedelta(seconds=chance.randrange(120 * 86_400)) for _ in range(count))
    return Lead("ada", {}, Timeline(Activity("page_view", NOW - span) for span in spans))


@pytest.mark.parametrize("least", [60, 12, 0])
def test_a_year_of_steps_takes_a_few_looks(least: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """200 activities that fade daily: some ten thousand steps, and not a hundred evaluations."""
    evaluated = []
    statuses = Course.statuses

    def counted(self: Course, start: datetime, end: datetime) -> frozenset[Status]:
        evaluated.append((start, end))
        return statuses(self, start, end)

    monkeypatch.setattr(Course, "statuses", counted)
    lead, model = visitor(200), fading(least)
    at = model.next_flip(lead, as_of=NOW, until=NOW + 365 * DAY)
    assert len(evaluated) < 100
    if least:
        assert at is not None
        before, after = (model.decide(lead, as_of=one).status for one in (at - TICK, at))
        assert (before, after) == (Status.QUALIFIED, Status.NOT_QUALIFIED)
    else:
        assert at is None


def test_the_last_instant_is_included() -> None:
    model = Qualification("one", version="1", when=RECENT.happened())
    lead = Lead("ada", {}, [Activity("page_view", NOW)])
    gone = NOW + 30 * DAY
    assert model.next_flip(lead, as_of=NOW, until=gone) == gone
    assert model.next_flip(lead, as_of=NOW, until=gone - TICK) is None
    assert model.next_flip(lead, as_of=NOW, until=NOW) is None
    assert model.next_flip(lead, as_of=gone, until=gone + DAY) is None


def test_one_that_never_says_when_it_changes_ends_in_an_error() -> None:
    """It may change every microsecond, for all that is known."""
    model = Qualification("one", version="1", when=AfterNoon())
    with pytest.raises(DefinitionError, match=r"more than 10,000 instants had to be looked at"):
        model.next_flip(Lead("ada"), as_of=NOW, until=NOW + DAY)


def test_a_part_that_raises_where_it_need_not_be_asked_does_no_harm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The walk answers instead."""

    def broken(*_: object) -> Any:
        raise ValueError("no form for spans")

    monkeypatch.setattr(Course, "statuses", broken)
    at = fading(60).next_flip(visitor(20), as_of=NOW, until=NOW + 9 * DAY)
    assert at == walked(fading(60), visitor(20), NOW, NOW + 9 * DAY, None)


def test_what_cannot_be_asked_is_refused() -> None:
    model, lead = fading(10), visitor(1)
    for of in (score("fun") >= 3, FUN.is_in("A")):
        with pytest.raises(UnknownNameError, match="no score 'fun'"):
            model.next_flip(lead, as_of=NOW, until=NOW + DAY, of=of)
    with pytest.raises(KindError, match="wanted a criterion"):
        model.next_flip(lead, as_of=NOW, until=NOW + DAY, of="total")  # type: ignore[arg-type]
    with pytest.raises(DefinitionError, match=r"^until must be at or after as_of$"):
        model.next_flip(lead, as_of=NOW, until=NOW - TICK)
    with pytest.raises(NaiveTimeError):
        model.next_flip(lead, as_of=NOW, until=NOW.replace(tzinfo=None))
