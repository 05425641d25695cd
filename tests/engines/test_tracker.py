"""
A tracker answers as `decide` does about the lead with all that it was told, in whatever order.

``story(17, 2)`` tells one case again, by itself: what came in when, and what was decided between.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from random import Random
from typing import Any

import attrs
import pytest
from engines.comparing import EVERYTHING, QUICK, Ask, answers, differing
from engines.modelling import LEADS, Cases
from engines.nasty_leads import DAY, HOUR, KINDS, LeadMaker
from engines.own_parts import OutOfReach, SaysTrue, Trap, everything_in

from mqlkit import (
    Activity,
    Criterion,
    Decision,
    Lead,
    Qualification,
    Rule,
    Scorecard,
    Status,
    Timeline,
    Verdict,
    activity,
    attribute,
    expires,
    known,
    linear,
    score,
)
from mqlkit import tracker as tracking
from mqlkit.errors import KindError, LeadDataError, NaiveTimeError
from mqlkit.tracker import Tracker

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
BLOCK = 20
SEEDS = range(2_000, 2_040)
LONG = range(SEEDS.stop, SEEDS.stop + 4_000)
ANSWER = {name: QUICK[name] for name in ("status", "never", "at_once", "when", "scores")}
WHOLE = {name: EVERYTHING[name] for name in (*QUICK, "missing", "changes_at", "notes", "lead")}

# -- law 135: told bit by bit as told at once ----------------------------------------------------


def told_later(chance: Random, lead: Lead) -> list[Activity]:
    """What comes in: all of a lead's activities and more; some twice, some of one id anew."""
    maker = LeadMaker(chance)
    coming = [*(lead.activities or ()), *(maker.activity() for _ in range(chance.randrange(4)))]
    if coming and chance.random() < 0.5:
        coming += chance.choices(coming, k=2)
    for one in chance.sample(coming, min(2, len(coming))) if chance.random() < 0.5 else ():
        coming.append(Activity(chance.choice(KINDS), maker.moment(), {"amount": 5}, one.id or "a1"))
    chance.shuffle(coming)
    return coming


@attrs.frozen
class Moment:
    """A decision of a tracker, and the lead and instant that it is about."""

    decide: Callable[[], Decision]
    lead: Lead
    as_of: datetime

    def differs(self, model: Qualification, ask: dict[str, Ask]) -> list[str]:
        """From what `decide` says about the whole lead."""
        right = answers(lambda: model.decide(self.lead, as_of=self.as_of), ask)
        return differing(right, answers(self.decide, ask))


def following(tracker: Tracker, so_far: Lead, as_of: datetime) -> Moment:
    """What a tracker decides now; an instant that is refused is refused once more when asked."""
    try:
        decision = tracker.decide(as_of=as_of)
    except Exception:
        return Moment(lambda: tracker.decide(as_of=as_of), so_far, as_of)
    return Moment(lambda: decision, so_far, as_of)


def with_all(lead: Lead, known: list[Activity], chance: Random) -> Lead:
    """The lead that was told everything at once, in another order."""
    return attrs.evolve(lead, activities=chance.sample(known, len(known)), unique_ids=False)


def story(seed: int, number: int, track: type[Tracker] = Tracker) -> Iterator[str]:
    """In what a tracker, or a timeline, that is told a lead bit by bit differs from all at once."""
    cases = Cases(seed)
    model, lead = cases.model, cases.lead(number)
    chance = Random(f"tracked {seed} {number}")
    coming, known = told_later(chance, lead), list[Activity]()
    start = chance.choice((0, 0, len(coming) // 2))
    known += coming[:start]
    begun = with_all(lead, known, chance)
    tracker = track(model, begun if chance.random() < 0.5 else kept(begun))
    timeline = Timeline(known)
    made: list[Moment] = []
    by_itself = not any(isinstance(part, RAISING) for part in everything_in(model))
    while True:
        so_far = with_all(lead, known, chance)
        for _ in range(chance.randint(1, 2)):
            made.append(following(tracker, so_far, LeadMaker(chance).as_of()))
            yield from made[-1].differs(model, WHOLE if chance.random() < 0.1 else ANSWER)
            grown = attrs.evolve(so_far, activities=timeline)
            as_of = chance.choice((made[-1].as_of, LeadMaker(chance).as_of()))
            beside = Moment(partial(model.decide, grown, as_of=as_of), so_far, as_of)
            yield from beside.differs(model, ANSWER) if chance.random() < 0.3 else ()
        if tracker.lead != attrs.evolve(so_far, activities=Timeline(so_far.activities or ())):
            yield f"the lead is {tracker.lead}"
        if len(known) == len(coming):
            break
        more = coming[len(known) :][: chance.choice((1, 1, 2, 5))]
        tracker.add(*more)
        timeline = timeline.plus(*more)
        known += more
    for moment in chance.sample(made, 1):
        yield from moment.differs(model, EVERYTHING)
    if by_itself and track is Tracker and any(map(_by_reference, made)):
        yield "the engine did not answer by itself"


def kept(lead: Lead) -> Lead:
    """The same lead with a timeline that is sorted already."""
    return attrs.evolve(lead, activities=Timeline(lead.activities or ()))


RAISING = (Trap, SaysTrue, OutOfReach)


def _by_reference(moment: Moment) -> bool:
    """Whether the reference answered, as it does where the engine fails."""
    try:
        return vars(moment.decide())["_told"] is None
    except ValueError:  # an instant that cannot say when it is
        return False


@pytest.mark.parametrize("first", SEEDS[::BLOCK])
def test_bit_by_bit_is_all_at_once(first: int) -> None:
    """
    Law 135: whatever is told in whatever order, a tracker answers as `decide` about all of it.

    At every instant, forward and back; and what was decided before still says the same.
    """
    assert list(found(range(first, first + BLOCK))) == []


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("first", LONG[:: 20 * BLOCK])
def test_bit_by_bit_is_all_at_once_many_times(first: int) -> None:
    """Law 135, for many more."""
    assert list(found(range(first, first + 20 * BLOCK))) == []


def found(seeds: range, track: type[Tracker] = Tracker) -> Iterator[str]:
    """What differs in the stories of some seeds, and how to tell them again."""
    for seed in seeds:
        for number in range(LEADS):
            yield from (f"story({seed}, {number}): {one}" for one in story(seed, number, track))


# -- trackers that are nearly right --------------------------------------------------------------


class ForgetsWindows(Tracker):
    """Its answer stays as it is until something comes in."""

    _last: Any = None

    def add(self, *activities: Activity) -> None:
        self._last = None
        super().add(*activities)

    def _answers(self, decision: Decision) -> tuple[Any, ...]:
        if self._last is None:
            self._last = super()._answers(decision)
        return self._last


class FirstCounts(Tracker):
    """What comes with an id that is there already is nothing new."""

    def _add(self, activity: Activity) -> None:
        if activity.id is None or activity.id not in self._ids:
            super()._add(activity)


class CountsTwice(Tracker):
    """What is told twice counts twice."""

    def _add(self, activity: Activity) -> None:
        super()._add(attrs.evolve(activity, id=None))


class LateIsNow(Tracker):
    """What comes late happened when the newest did."""

    def _add(self, activity: Activity) -> None:
        at = max(filter(None, (activity.at, self._newest)))
        super()._add(attrs.evolve(activity, at=at))


class SeesTheFuture(Tracker):
    """Nothing lies ahead, it thinks."""

    def _answers(self, decision: Decision) -> tuple[Any, ...]:
        self._newest = None
        return super()._answers(decision)


class OneLead(Tracker):
    """A decision is about whatever the lead has become."""

    def decide(self, *, as_of: datetime) -> Decision:
        made = super().decide(as_of=as_of)
        vars(made)["_grown"] = lambda: self.lead
        return made


LIARS = (ForgetsWindows, FirstCounts, CountsTwice, LateIsNow, SeesTheFuture, OneLead)


@pytest.mark.parametrize("liar", LIARS)
def test_a_tracker_that_is_nearly_right_is_caught(liar: type[Tracker]) -> None:
    """Within the stories of every day."""
    assert next(found(SEEDS, liar), None) is not None


# -- by hand -------------------------------------------------------------------------------------

BUSY = Qualification(
    "busy",
    version="1",
    card=Scorecard(
        Rule.each("visits", activity("page_view"), 5, at_most=3, decay=linear(days=30)),
        Rule.each("orders", activity("order"), 10, decay=expires(days=7)),
        Rule("asked", activity("demo_request").within(days=7).happened(), 20),
        Rule("large", attribute("employees") >= 50, 30),
    ),
    when=score("total") >= 50,
)


def view(days: float, id: str | None = None) -> Activity:
    """A page that was viewed so many days before `NOW`."""
    return Activity("page_view", NOW - days * DAY, id=id)


def tracked(**known: Any) -> Tracker:
    """A tracker of a lead that has done nothing yet."""
    return Tracker(BUSY, Lead("ada", known, ()))


def total(tracker: Tracker, as_of: datetime = NOW) -> int:
    """The millipoints that it finds."""
    return tracker.decide(as_of=as_of).score.millis.points


def test_a_window_closes_while_nothing_comes_in() -> None:
    tracker = tracked(employees=80)
    tracker.add(Activity("demo_request", NOW))
    found = [tracker.decide(as_of=NOW + days * DAY).status for days in (-1, 0, 6, 7, 0)]
    qualified, other = Status.QUALIFIED, Status.NOT_QUALIFIED
    assert found == [other, qualified, qualified, other, qualified]


def test_what_is_told_again_counts_once() -> None:
    tracker = tracked()
    tracker.add(view(15, "a"))
    tracker.add(view(15, "a"))
    assert total(tracker) == 2_500
    assert tracker.lead.activities == (view(15, "a"),)


def test_the_earliest_of_one_id_counts_whenever_it_comes() -> None:
    tracker = tracked()
    tracker.add(view(3, "a"), view(15, "a"))
    tracker.add(view(6, "a"))
    assert total(tracker) == 2_500
    assert [note for note in tracker.decide(as_of=NOW).notes if "'a'" in note] == [
        "activities 'a' came with differing content"
    ]


def test_a_decision_stays_as_it_was_given() -> None:
    tracker = tracked(employees=80)
    before = tracker.decide(as_of=NOW)
    tracker.add(view(0), view(1, "a"), view(2, "a"))
    assert before.lead.activities == ()
    assert "visits" in str(before.explain())
    assert before.score.millis.points == 30_000 < total(tracker)


def test_the_lead_that_was_given_stays_as_it_was() -> None:
    lead = Lead("ada", {"employees": 80}, Timeline([view(9, "a")]))
    before = BUSY.decide(lead, as_of=NOW).score.millis
    tracker = Tracker(BUSY, lead)
    tracker.add(view(0), view(20, "a"))
    assert total(tracker) == 30_000 + 5_000 + 1_667
    assert lead.activities == (view(9, "a"),)
    assert BUSY.decide(lead, as_of=NOW).score.millis == before


def test_who_knows_that_no_id_repeats_is_believed() -> None:
    """As `decide` believes it: what comes twice all the same counts twice."""
    lead = Lead("ada", {}, [view(0, "a")], unique_ids=True)
    tracker = Tracker(BUSY, lead)
    tracker.add(view(0, "b"), view(0, "a"))
    with_all_of_them = attrs.evolve(lead, activities=[view(0, "a"), view(0, "b"), view(0, "a")])
    assert total(tracker) == BUSY.decide(with_all_of_them, as_of=NOW).score.millis.points == 15_000
    assert tracker.lead.unique_ids


def test_what_the_account_will_do_does_not_exist_yet() -> None:
    asked = activity("order").of_account().happened()
    model = Qualification("ordered", version="1", when=asked)
    acme = Lead("acme", activities=[Activity("order", NOW + HOUR)])
    tracker = Tracker(model, Lead("ada", activities=(), account=acme))
    assert tracker.decide(as_of=NOW).status is Status.NOT_QUALIFIED
    assert tracker.decide(as_of=NOW + HOUR).status is Status.QUALIFIED


def test_an_account_that_was_not_loaded_is_not_known() -> None:
    model = Qualification("q", version="1", when=activity("order").of_account().happened())
    for account in (None, Lead("acme")):
        tracker = Tracker(model, Lead("ada", activities=(), account=account))
        assert tracker.decide(as_of=NOW).status is Status.NEEDS_DATA


def test_who_decides_from_attributes_alone_needs_no_activities_to_track() -> None:
    model = Qualification("q", version="1", when=attribute("employees") >= 50)
    tracker = Tracker(model, Lead("ada", {"employees": 80}, ()))
    tracker.add(view(1))
    assert tracker.decide(as_of=NOW).status is Status.QUALIFIED


def test_adding_costs_the_same_however_much_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that was told before is looked at again."""
    tracker = tracked()
    tracker.add(*(view(400 - n / 10, f"a{n}") for n in range(3_000)))
    total(tracker)

    def again(*_: object, **__: object) -> None:
        raise AssertionError("everything is found anew")

    monkeypatch.setattr(tracking, "Rows", again)
    monkeypatch.setattr(Timeline, "__init__", again)
    monkeypatch.setattr(Timeline, "plus", again)
    tracker.add(view(0.5, "new"), view(200, "late"), view(0.25))
    assert total(tracker) == 5_000 + 5_000


@attrs.frozen
class Refuses(Criterion):
    """Raises for a lead that did something."""

    def judge(self, lead: Any) -> Verdict:
        if lead.activities():
            raise ZeroDivisionError("nobody expected that")
        return Verdict.YES

    def describe(self) -> str:
        return "refuses"


def test_what_a_criterion_raises_is_raised_where_the_answer_is_read() -> None:
    tracker = Tracker(Qualification("q", version="1", when=Refuses()), Lead("ada", activities=()))
    assert tracker.decide(as_of=NOW).status is Status.QUALIFIED
    tracker.add(view(1))
    decision = tracker.decide(as_of=NOW)
    with pytest.raises(ZeroDivisionError, match="nobody expected that"):
        decision.status  # noqa: B018


@attrs.frozen
class Picky(Criterion):
    """Raises for an activity of no amount."""

    def judge(self, lead: Any) -> Verdict:
        return Verdict.of(1 / lead.number("amount") < 1)

    def describe(self) -> str:
        return "is picky"


ORDERS = activity("order").where(Picky())
PICKY = Qualification("q", version="1", when=ORDERS.count() >= 2, never={"x": ~known("employees")})


def order(amount: float, days: float) -> Activity:
    """An order of so many days before `NOW`."""
    return Activity("order", NOW - days * DAY, {"amount": amount})


def test_what_a_filter_raises_is_raised_where_the_answer_is_read() -> None:
    """Not while activities come in; and whoever comes after it is there, too."""
    tracker = Tracker(PICKY, Lead("ada", {"employees": 5}, ()))
    tracker.add(order(5, 3), order(0, 2), order(5, 1))
    tracker.add(view(1), order(7, 0))
    with pytest.raises(ZeroDivisionError):
        tracker.decide(as_of=NOW).status  # noqa: B018
    assert tracker.decide(as_of=NOW - 3 * DAY).status is Status.NOT_QUALIFIED
    assert len(tracker.lead.activities or ()) == 5


def test_a_lead_of_which_a_filter_raises_can_be_tracked() -> None:
    tracker = Tracker(PICKY, Lead("ada", {"employees": 5}, [order(0, 2)]))
    with pytest.raises(ZeroDivisionError):
        tracker.decide(as_of=NOW).status  # noqa: B018
    assert tracker.decide(as_of=NOW - 3 * DAY).status is Status.NOT_QUALIFIED


def test_a_timeline_grows_even_where_a_filter_raises() -> None:
    """What is kept beside it is only found anew."""
    lead = Lead("ada", {"employees": 5}, Timeline([order(5, 3)]))
    assert PICKY.decide(lead, as_of=NOW).status is Status.NOT_QUALIFIED
    assert lead.timeline is not None
    grown = attrs.evolve(lead, activities=lead.timeline.plus(order(0, 2), order(5, 1)))
    with pytest.raises(ZeroDivisionError):
        PICKY.decide(grown, as_of=NOW).status  # noqa: B018
    assert PICKY.decide(grown, as_of=NOW - 3 * DAY).status is Status.NOT_QUALIFIED


@attrs.frozen
class OneOfThese(Criterion):
    """Has no hash, so nothing can be compiled."""

    amounts: list[int]

    def judge(self, lead: Any) -> Verdict:
        return Verdict.of(lead.number("amount") in self.amounts)

    def describe(self) -> str:
        return "is one of these"


def test_what_cannot_be_compiled_can_be_tracked() -> None:
    asked = activity("order").where(OneOfThese([5])).happened()
    tracker = Tracker(Qualification("q", version="1", when=asked), Lead("ada", activities=()))
    for amount, status in ((4, Status.NOT_QUALIFIED), (5, Status.QUALIFIED)):
        tracker.add(order(amount, 1))
        assert tracker.decide(as_of=NOW).status is status


# -- what is refused -----------------------------------------------------------------------------


def test_a_lead_whose_activities_were_not_loaded_is_refused() -> None:
    with pytest.raises(KindError) as caught:
        Tracker(BUSY, Lead("ada"))
    assert str(caught.value) == (
        'a tracker needs the activities of "ada" so far; '
        "give Lead(..., activities=()) when there are none yet"
    )


def test_what_is_no_lead_is_refused() -> None:
    with pytest.raises(KindError, match="wanted a Lead, such as"):
        Tracker(BUSY, {"employees": 5})  # type: ignore[arg-type]


def test_of_several_none_is_added_when_one_is_no_activity() -> None:
    tracker = tracked()
    with pytest.raises(KindError, match='wanted an Activity, not "page_view"'):
        tracker.add(view(1), "page_view")  # type: ignore[arg-type]
    with pytest.raises(KindError, match=r"^wanted an Activity, not a list; give them one by one: "):
        tracker.add([view(1)])  # type: ignore[arg-type]
    assert tracker.lead.activities == ()
    assert total(tracker) == 0


def test_an_instant_without_a_time_zone_is_refused() -> None:
    with pytest.raises(NaiveTimeError):
        tracked().decide(as_of=datetime(2026, 3, 1))


def test_more_than_a_timeline_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracking, "MOST_ACTIVITIES", 3)
    tracker = tracked()
    tracker.add(view(1, "a"), view(2))
    with pytest.raises(LeadDataError, match=r"a lead may have 3 activities, not 4"):
        tracker.add(view(3), view(4))
    assert tracker.lead.activities == (view(2), view(1, "a"))
