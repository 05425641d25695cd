"""
What the compiled engine is: code without a word of the user's, that finds each thing once, stays
with its model alone, and keeps no more than it should.
"""

import copy
import gc
import linecache
import pickle
import re
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random
from typing import Any

import attrs
import pytest
from engines.comparing import EVERYTHING, QUICK, answers, differences, differing
from engines.modelling import Cases
from engines.nasty_leads import DAY, FIELDS, HOUR, KINDS, PAGES, PATHS, PROPERTIES, TEXTS
from engines.own_parts import AllButTheLast

import mqlkit
from mqlkit import (
    Activities,
    Activity,
    Band,
    Criterion,
    Decay,
    Decision,
    Group,
    History,
    Lead,
    NamedList,
    Qualification,
    Rule,
    Scorecard,
    Status,
    Timeline,
    Verdict,
    activity,
    all_of,
    any_of,
    attribute,
    expires,
    half_life,
    known,
    linear,
    missing,
    score,
    steps,
)
from mqlkit.compiled import engine_of, running
from mqlkit.compiled.page import Page
from mqlkit.compiled.program import WAYS, Program
from mqlkit.compiled.rows import Fading
from mqlkit.definition import ENGINE
from mqlkit.errors import KindError, UnknownNameError
from mqlkit.tracker import Tracker

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


def programs(model: Qualification) -> Iterator[Program]:
    """For leads with and without a timeline of their own and of the account."""
    for unloaded in ((), ("lead",), ("account",), ("lead", "account")):
        yield engine_of(model).program(frozenset(unloaded))


def sources(model: Qualification) -> list[str]:
    """All code that there can be for a model."""
    return [program.source(way) for program, way in product(programs(model), WAYS)]


def source(*criteria: Criterion, **parts: Any) -> str:
    """The code of a model, for a plain list of activities."""
    model = Qualification("q", version="1", when=any_of(*criteria), **parts)
    return engine_of(model).program().source()


# -- code ----------------------------------------------------------------------------------------


def marked(place: str) -> str:
    """A text that would be code, if it ever stood in any."""
    return f'MARK-{place}\'"""\n    raise SystemExit  # \\'


def of_marks() -> Qualification:
    """A model whose every text is marked."""
    field, word, kind = attribute(marked("field")), marked("word"), activity(marked("kind"))
    deeper = attribute(f"account.{marked('deeper')}")
    some = kind.where(attribute(marked("property")).equals(word), known(marked("other"))).within(
        days=7
    )
    rules = (
        Rule(marked("rule"), field >= 5, 5),
        Rule(marked("text"), field.equals(word), 3),
        Rule.each(marked("each"), some, 2, at_most=3, decay=linear(days=30)),
        Rule.each(marked("once"), some, 2, once_per=marked("property")),
        Rule.each(marked("theirs"), kind.of_account(), 1),
        Rule.by_value(marked("value"), field, {word: 5}),
        Rule.by_band(marked("band"), some.sum(marked("amount")), [Band(5, below=7), Band(6, 7)]),
        Rule.first_of(marked("first"), (deeper.is_true(), 5), (known(marked("known")), 3)),
    )
    return Qualification(
        marked("name"),
        version=marked("version"),
        card=Scorecard(Group(marked("group"), rules[:4]), *rules[4:], name=marked("card")),
        when=all_of(
            score(marked("group")) >= 5,
            field.is_in(NamedList(marked("list"), [word])),
            field.contains_any(word),
            field.domain_is("MARK-domain.example"),
            field.any_of(word),
            some.then(kind).named(marked("named")),
            some.distinct(marked("distinct")) >= 2,
            some.days_since_last() <= 3,
        ),
        never={marked("never"): field.starts_with(word) | missing(marked("missing"))},
        at_once={marked("at once"): field.matches("MARK-pattern") & (deeper >= word)},
    )


def test_no_text_of_a_user_stands_in_the_code() -> None:
    """So no model can be code."""
    for text in sources(of_marks()):
        assert "MARK" not in text
        assert "SystemExit" not in text
        assert text.isascii()


def test_no_text_of_a_user_stands_in_the_code_of_any_model() -> None:
    words = {*FIELDS, *PATHS, *KINDS, *PROPERTIES, *TEXTS, *PAGES, "group"} - {""}
    for seed in range(3_000, 3_060):
        for text in sources(Cases(seed).model):
            assert [word for word in words if word in text] == []


def test_a_model_of_marked_texts_is_decided_as_any_other() -> None:
    done = [
        Activity(marked("kind"), NOW - days * DAY, {marked("property"): marked("word"), **more})
        for days, more in ((1, {}), (2, {marked("amount"): 5, marked("other"): 1}), (9, {}))
    ]
    for known_ in ({}, {marked("field"): marked("word")}, {marked("field"): 7}):
        for activities in (None, done):
            lead = Lead("ada", known_, activities, account=Lead("acme", {}, done))
            assert differences(of_marks(), lead, NOW) == []


@attrs.frozen
class Refuses(Criterion):
    """Raises, whoever is asked about."""

    def judge(self, lead: Any) -> Verdict:
        raise ZeroDivisionError("nobody expected that")

    def describe(self) -> str:
        return "refuses"


@pytest.mark.parametrize("done", [(), Timeline()])
def test_a_traceback_shows_the_lines_that_were_generated(done: Any) -> None:
    model = Qualification("q", version="1", when=Refuses())
    decision = model.decide(Lead("ada", activities=done), as_of=NOW)
    with pytest.raises(ZeroDivisionError) as caught:
        engine_of(model).answers(decision)
    frames = traceback.extract_tb(caught.tb)
    lines = [frame.line or "" for frame in frames if frame.filename.startswith("<mqlkit plan ")]
    assert len(lines) == 1
    assert "judge(" in lines[0]


def test_the_lines_of_a_model_go_with_it() -> None:
    """Who makes models all day long does not fill the memory with their code."""
    before = generated()
    model = Qualification("q", version="1", when=VIEWS.within(days=7).happened())
    decision = model.decide(attrs.evolve(ADA), as_of=NOW)  # a kept lead knows some models
    assert decision.status is Status.QUALIFIED
    assert decision.changes_at is not None
    assert len(generated() - before) == 3  # to decide, and to look ahead at two things
    del model, decision
    gc.collect()
    assert generated() <= before


def generated() -> set[str]:
    """The names of what was generated."""
    return {name for name in linecache.cache if name.startswith("<mqlkit ")}


def test_a_criterion_that_raises_raises_where_the_answer_is_read() -> None:
    """With the traceback that it has by the reference: no line of an engine is in it."""
    model = Qualification("q", version="1", when=Refuses(), never={"no": ~known("employees")})
    for lead in (Lead("ada", {"employees": 5}), Lead("ada", {"employees": 5}, Timeline())):
        decision = model.decide(lead, as_of=NOW)
        with pytest.raises(ZeroDivisionError, match="nobody expected that") as caught:
            decision.status  # noqa: B018
        frames = traceback.extract_tb(caught.tb)
        assert (frames[-1].name, frames[-1].filename) == ("judge", __file__)
        assert not [frame for frame in frames if "<mqlkit" in frame.filename]
        assert caught.value.__context__ is None


def test_a_constant_has_one_name() -> None:
    page, value = Page(), object()
    assert page.bind(value) == page.bind(value, "M") == "K0"
    assert [page.bind(small) for small in (None, True, 5, -5)] == ["None", "True", "5", "(-5)"]
    assert page.bind(10**15) == "K1"
    assert page.constants == {"K0": value, "K1": 10**15}


def test_a_block_of_nothing_is_passed() -> None:
    page = Page()
    with page.block("if a:"):
        page.add()
    assert page.lines == ["if a:", "    pass"]


def test_a_program_that_was_never_run_is_bound_to_no_instant() -> None:
    program = engine_of(copy.deepcopy(BUSY)).program(frozenset({"lead"}))
    for instant, run in (program.once, program.kept):
        assert instant is None
        with pytest.raises(AssertionError, match="no function is bound yet"):
            run()


def test_a_model_can_be_compiled_before_it_decides() -> None:
    for model in (BUSY, Qualification("q", version="1", when=VIEWS.distinct("page") >= 2)):
        engine = mqlkit.compile(model)
        assert engine is engine_of(model)
        assert engine.source().startswith(("def bind(", "def still("))
        assert "reversed(acts)" in engine.source() or "matches(" in engine.source()


def test_what_is_no_model_cannot_be_compiled() -> None:
    with pytest.raises(KindError, match='wanted a Qualification or a Model to compile, not "mql"'):
        mqlkit.compile("mql")


# -- each thing once -----------------------------------------------------------------------------

VIEWS, ORDERS = activity("page_view"), activity("order")


def test_what_is_counted_twice_is_counted_once() -> None:
    twice = (VIEWS.within(days=7).count() >= 2, VIEWS.within(days=7).count() >= 5)
    assert source(*twice).count("+= 1") == source(twice[0]).count("+= 1") == 1


def test_rules_that_count_the_same_share_it() -> None:
    rules = [Rule.each(f"rule {n}", VIEWS.within(days=7), n) for n in range(1, 5)]
    text = source(VIEWS.within(days=7).happened(), card=Scorecard(*rules))
    assert text.count("+= 1") == 1


def test_what_differs_is_counted_apart() -> None:
    apart = (VIEWS, VIEWS.within(days=7), VIEWS.within(days=8), activity("order"), activity())
    text = source(*(some.count() >= 2 for some in apart))
    assert len(set(re.findall(r"(\w+) \+= 1$", text, re.MULTILINE))) == len(apart)


def test_a_kept_timeline_holds_what_several_ask_once() -> None:
    windows = [VIEWS.within(days=days).count() >= 2 for days in (1, 7, 30)]
    model = Qualification("q", version="1", when=all_of(*windows, VIEWS.days_since_last() <= 7))
    assert len(engine_of(model).program().places["lead"].wanted) == 1


def test_a_field_is_read_once() -> None:
    employees = attribute("employees")
    text = source(employees >= 5, employees < 50, employees.between(5, 50), known("employees"))
    assert text.count("get(") == 1


@attrs.frozen
class Counting(Criterion):
    """Notes each time that it is asked."""

    asked: list[datetime] = attrs.field(factory=list, eq=False)

    def judge(self, lead: Any) -> Verdict:
        self.asked.append(lead.as_of)
        return Verdict.YES

    def describe(self) -> str:
        return "is counting"


@pytest.mark.parametrize("done", [None, (), Timeline()])
def test_a_criterion_of_somebodys_own_is_asked_once(done: Any) -> None:
    """However often it stands in the model, and however often the answer is read."""
    own = Counting()
    model = Qualification(
        "q",
        version="1",
        card=Scorecard(Rule("a", own, 5), Rule("b", own & known("x"), 3), Rule("c", ~own, 3)),
        when=own & (score("total") >= 5),
        never={"never": all_of(own, ~own)},
    )
    lead = Lead("ada", activities=done)
    for place in (1, 2, 3):
        decision = model.decide(lead, as_of=NOW)
        assert len(own.asked) == place
        assert (decision.status, decision.when) == (Status.QUALIFIED, Verdict.YES)
        assert decision.scores["total"].millis.points == 5_000
        assert decision.never == {"never": Verdict.NO}
        assert len(own.asked) == place


# -- what few models have ------------------------------------------------------------------------

RARE: dict[str, Criterion] = {
    "many windows": all_of(
        *(VIEWS.within(days=days).count() >= days for days in (1, 2, 3, 5, 8)),
        *(VIEWS.where(paid=True).within(days=days).count() >= days for days in (1, 2, 3, 5, 8)),
        VIEWS.within(calendar_months=1).count() >= 9,
    ),
    "what no sum is": VIEWS.sum("amount").equals(0.0005) | VIEWS.sum("amount").equals(4),
    "what no score is": score("total").equals(0.0005),
    "a sum that grows": VIEWS.sum("amount") >= 3,
    "when the last was": (VIEWS.days_since_last() <= 2) & (ORDERS.days_since_last() >= 1),
    "nothing but what is new": (ORDERS.within(days=2).count() >= 2)
    | (ORDERS.within(days=5).sum("amount") >= 4),
    "a sum of somebody's own choice": AllButTheLast(("page_view",)).sum("amount") >= 3,
}


@pytest.mark.parametrize("rare", RARE)
def test_what_few_models_ask_is_answered_as_by_the_reference(rare: str) -> None:
    card = Scorecard(Rule.each("visits", VIEWS, 5, decay=half_life(days=3)))
    model = Qualification("q", version="1", card=card, when=RARE[rare])
    done = [
        Activity(
            "order" if hours % 4 else "page_view",
            NOW - hours * HOUR,
            {"paid": hours % 3 != 0 or None, "amount": 1},
        )
        for hours in range(-60, 240, 5)
    ]
    tracker = Tracker(model, Lead("ada", activities=()))
    for count in range(0, len(done) + 1, 5):
        some = done[-count:] if count else []
        for activities in (some, Timeline(some)):
            for days in (-9, -1, 0, 1):
                lead = Lead("ada", {}, activities)
                assert differences(model, lead, NOW + days * DAY, ask=QUICK) == []
        tracker.add(*some[:5])
        right = answers(lambda: Decision.of(model, Lead("ada", {}, some), NOW), QUICK)  # noqa: B023
        assert differing(right, answers(lambda: tracker.decide(as_of=NOW), QUICK)) == []


@pytest.mark.parametrize("asked", [VIEWS, VIEWS.where(missing("page"))], ids=["all", "some"])
def test_what_happened_when_the_calendar_began_did_happen(asked: Activities) -> None:
    began, ended = (at.replace(tzinfo=UTC) for at in (datetime.min, datetime.max))
    for since in (asked.days_since_last(), asked.days_since_first()):
        model = Qualification("q", version="1", when=since <= 4_000_000)
        for as_of, at in product((began, NOW, ended), repeat=2):
            lead = Lead("ada", activities=[Activity("page_view", at)])
            assert differences(model, lead, as_of, ask=QUICK) == []


SOME_DAYS = [{"days": 1}, {"days": 30}, {"days": 60}, {"calendar_months": 1}]


@pytest.mark.parametrize("within", SOME_DAYS, ids=str)
@pytest.mark.parametrize("asked", [VIEWS, VIEWS.where(missing("page"))], ids=["all", "some"])
def test_a_window_that_would_begin_before_the_calendar_holds_all_of_it(
    asked: Activities, within: dict[str, int]
) -> None:
    """Its first instant, too: the points of what just happened do not hang on how they fade."""
    began = datetime.min.replace(tzinfo=UTC)
    recent = asked.within(**within)
    card = Scorecard(
        Rule.each("each", recent, 3),
        Rule.each("fading", recent, 3, decay=linear(days=30)),
        Rule.latest("latest", recent, 3, decay=half_life(days=30)),
    )
    after = asked.then(asked, **within)
    model = Qualification("q", version="1", when=score() >= 9, card=card, labels={"after": after})
    for late in (timedelta(), timedelta(hours=1)):
        lead = Lead("ada", activities=[Activity("page_view", began)])
        assert model.decide(lead, as_of=began + late).scores["total"].points == 9
        assert differences(model, lead, began + late, ask=EVERYTHING) == []
        again = Lead("ada", activities=[Activity("page_view", began + n * late) for n in range(2)])
        assert model.decide(again, as_of=began + late).labels == (("after",) if late else ())
        assert differences(model, again, began + late, ask=EVERYTHING) == []


@attrs.frozen
class Careful(Criterion):
    """Asks for a score that there may not be."""

    def judge(self, lead: Any) -> Verdict:
        try:
            return Verdict.of(lead.score("nowhere").range[0] > 0)
        except UnknownNameError:
            return Verdict.NO

    def describe(self) -> str:
        return "is careful"


def test_a_score_that_there_is_not_is_unknown_whoever_asks() -> None:
    for made in (BUSY.decide(ADA, as_of=NOW), Decision.of(BUSY, ADA, NOW)):
        with pytest.raises(UnknownNameError, match="no score 'nowhere'"):
            made._score("nowhere")
    careful = attrs.evolve(BUSY, when=Careful())
    assert differences(careful, ADA, NOW) == []
    assert careful.decide(ADA, as_of=NOW).reasons == ("unmet: is careful",)


def test_what_a_reader_must_know_beside_the_answer_is_told() -> None:
    told = BUSY.decide(ADA, as_of=NOW, notes=("not signed",))
    assert told.notes == ("not signed",)
    assert pickle.loads(pickle.dumps(told)).notes == ("not signed",)


def test_a_decision_is_frozen_and_tells_what_it_is_about() -> None:
    decision = BUSY.decide(ADA, as_of=NOW)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        decision.status = Status.QUALIFIED
    assert repr(decision) == f"Decision(qualification='busy', lead='ada', as_of={NOW!r})"


def test_deciding_again_is_deciding_by_the_same_engine() -> None:
    for made in (BUSY.decide(ADA, as_of=NOW), Decision.of(BUSY, ADA, NOW)):
        again = made.again(Lead("bob"), NOW + DAY)
        assert (again.lead.id, again.as_of) == ("bob", NOW + DAY)
        assert ("_told" in vars(again)) is ("_told" in vars(made))


# -- where the engine is kept --------------------------------------------------------------------

BUSY = Qualification(
    "busy",
    version="1",
    card=Scorecard(
        Rule.each("visits", VIEWS, 5, at_most=3, decay=linear(days=30)),
        Rule("large", attribute("employees") >= 50, 30),
        Rule("vp", attribute("title").contains_any("vp"), 3),
    ),
    when=score("total") >= 50,
    grades={
        "letter": score("total") and __import__("mqlkit").grade("total", {"A": 30}, lowest="B")
    },
)
ADA = Lead("ada", {"employees": 80}, [Activity("page_view", NOW - n * DAY) for n in range(5)])

COPIES: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{f"pickle {n}": lambda x, n=n: pickle.loads(pickle.dumps(x, n)) for n in (2, 3, 4, 5)},
}


def used() -> Qualification:
    """A model that has decided."""
    model = copy.deepcopy(BUSY)
    assert str(model.decide(ADA, as_of=NOW).explain())
    return model


def test_a_model_keeps_its_engine() -> None:
    model = used()
    assert engine_of(model) is engine_of(model) is vars(model)[ENGINE]
    assert model == BUSY
    assert hash(model) == hash(BUSY)
    assert repr(model) == repr(BUSY)
    assert model.fingerprint == BUSY.fingerprint


@pytest.mark.parametrize("copied", [*COPIES.values(), attrs.evolve], ids=[*COPIES, "evolve"])
def test_an_engine_stays_where_it_is(copied: Callable[[Any], Any]) -> None:
    """The copy of a model makes one of its own when it first decides."""
    model = used()
    other = copied(model)
    assert other == model
    assert ENGINE not in vars(other)
    assert differences(other, ADA, NOW) == []
    assert engine_of(other) is not engine_of(model)


def test_a_changed_model_has_another_engine() -> None:
    model = used()
    other = attrs.evolve(model, when=score("total") >= 20)
    statuses = [one.decide(ADA, as_of=NOW).status for one in (model, other, model)]
    assert statuses == [Status.NOT_QUALIFIED, Status.QUALIFIED, Status.NOT_QUALIFIED]


KEPT = attrs.evolve(ADA, activities=Timeline(ADA.activities or ()))


@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES)
@pytest.mark.parametrize("lead", [ADA, KEPT, Lead("bob")], ids=["plain", "kept", "not loaded"])
@pytest.mark.parametrize("read", [False, True], ids=["unread", "read"])
def test_a_decision_can_be_copied(copied: Callable[[Any], Any], lead: Lead, *, read: bool) -> None:
    """Also when all of it was read; what was kept by the identity of its parts stays behind."""
    for made in (BUSY.decide(lead, as_of=NOW), Decision.of(BUSY, lead, NOW)):
        right = answers(lambda: Decision.of(BUSY, lead, NOW))
        if read:
            assert differing(right, answers(lambda made=made: made)) == []
        other = copied(made)
        assert not {"_whys", "book"} & vars(other).keys()
        assert differing(right, answers(lambda other=other: other)) == []


@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES)
def test_a_decision_of_a_tracker_can_be_copied(copied: Callable[[Any], Any]) -> None:
    tracker = Tracker(BUSY, ADA)
    decision = tracker.decide(as_of=NOW)
    tracker.add(Activity("page_view", NOW))
    right = answers(lambda: Decision.of(BUSY, KEPT, NOW))
    assert differing(right, answers(lambda: copied(decision))) == []


@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES)
def test_what_is_kept_beside_a_timeline_stays_where_it_is(copied: Callable[[Any], Any]) -> None:
    lead = attrs.evolve(KEPT, activities=Timeline(ADA.activities or ()))
    assert str(BUSY.decide(lead, as_of=NOW).explain())
    other = copied(lead)
    assert other == lead
    if other.timeline is not lead.timeline:  # a shallow copy is of the same timeline
        assert other.timeline.kept == {}
    assert lead.timeline is not None
    assert lead.timeline.kept
    assert differences(BUSY, other, NOW) == []


# -- what is shared between models, and between leads --------------------------------------------


def test_leads_that_share_a_timeline_share_nothing_else() -> None:
    """What the attributes of one come to is kept beside the timeline, and is not the other's."""
    timeline = Timeline(ADA.activities or ())
    acme, other = Lead("acme", {"employees": 5}), Lead("acme", {"employees": 500})
    about = attribute("account.employees") >= 50
    model = attrs.evolve(BUSY, at_once={"large account": about})
    leads = [
        Lead("ada", {"employees": 80}, timeline),
        Lead("bob", {"employees": 8}, timeline),
        Lead("cyd", {"employees": History((NOW, 80))}, timeline),
        Lead("dan", {}, timeline),
        Lead("eve", {}, timeline, account=acme),
        Lead("fay", {}, timeline, account=other),
    ]
    for seed in range(6):
        for lead in Random(seed).sample(leads, len(leads)):
            for as_of in (NOW, NOW, NOW - HOUR):
                assert differences(model, lead, as_of, ask=QUICK) == []


def test_two_models_over_one_timeline() -> None:
    timeline = Timeline(ADA.activities or ())
    lead = attrs.evolve(ADA, activities=timeline)
    models = [
        Qualification("q", version="1", when=VIEWS.within(days=days).count() >= 3)
        for days in (1, 2, 3, 4)
    ]
    for as_of in (NOW, NOW - DAY, NOW):
        for model in (*models, *models[::-1]):
            assert differences(model, lead, as_of, ask=QUICK) == []
    assert len(timeline.kept) == len(models)


def test_an_attribute_that_changes_over_time_is_read_anew() -> None:
    lead = Lead("ada", {"employees": History((NOW, 80), (NOW + DAY, 8))}, Timeline())
    model = Qualification("q", version="1", when=attribute("employees") >= 50)
    found = [model.decide(lead, as_of=NOW + hours * HOUR).when for hours in (-1, 0, 23, 24, 0)]
    yes, no = Verdict.YES, Verdict.NO
    assert found == [Verdict.UNKNOWN, yes, yes, no, yes]


# -- what is kept is bounded ---------------------------------------------------------------------

MOST = 4_096


def test_thousands_of_texts_are_not_all_kept() -> None:
    title = attribute("title")
    model = Qualification(
        "q", version="1", when=title.contains_any("vp"), never={"x": title.ends_with("7")}
    )
    texts = engine_of(model)._texts.answers("title")
    for number in range(3 * MOST):
        text = f"{'vp' if number % 3 else ''} {number}"
        decision = model.decide(Lead("ada", {"title": text}), as_of=NOW)
        assert decision.when is Verdict.of(number % 3 != 0)
        assert decision.never["x"] is Verdict.of(number % 10 == 7)
    assert MOST / 2 <= len(texts.kept) <= MOST


def test_a_timeline_holds_nothing_ready_for_thousands_of_models() -> None:
    """Who tries one model after the other does not fill the memory with what each of them asked."""
    timeline = Timeline(ADA.activities or ())
    lead = attrs.evolve(ADA, activities=timeline)
    for number in range(300):
        model = Qualification("q", version="1", when=VIEWS.count() >= number % 9)
        assert model.decide(lead, as_of=NOW).when is Verdict.of(number % 9 <= 5)
    assert 1 < len(timeline.kept) <= 65


def test_a_long_text_is_not_kept() -> None:
    model = Qualification("q", version="1", when=attribute("title").contains_any("vp"))
    for length in (10, 10_000):
        lead = Lead("ada", {"title": "vp " * length})
        assert model.decide(lead, as_of=NOW).when is Verdict.YES
    assert list(engine_of(model)._texts.answers("title").kept) == ["vp " * 10]


def test_thousands_of_kinds_are_not_all_kept() -> None:
    codes = running.Codes({"page_view": 0})
    assert {codes.other(f"kind {n}") for n in range(3 * MOST)} == {-1}
    assert len(codes.kept) == MOST
    assert codes.kept["page_view"] == 0


def test_thousands_of_kinds_count_for_nothing() -> None:
    model = Qualification("q", version="1", when=VIEWS.count() >= 2)
    done = [Activity(f"kind {n}", NOW - HOUR) for n in range(2 * MOST)]
    done[7:7] = done[-7:-7] = [Activity("page_view", NOW - DAY)]
    assert model.decide(Lead("ada", activities=done), as_of=NOW).when is Verdict.YES


def test_what_happened_long_ago_fills_no_ladder() -> None:
    """An activity of the year 1 fades over 700,000 days, and none of those between is found."""
    decay = half_life(days=13)
    model = Qualification(
        "q", version="1", card=Scorecard(Rule.each("v", VIEWS, 5, decay=decay)), when=known("x")
    )
    long_ago = datetime(1, 1, 1, tzinfo=UTC)
    lead = Lead("ada", {}, Timeline([Activity("page_view", at) for at in (long_ago, NOW)]))
    for hours in range(4):
        assert differences(model, lead, NOW + hours * HOUR, ask=QUICK) == []
    assert len(running.ladder(decay, 5_000).kept) < 10


# -- fading --------------------------------------------------------------------------------------

DECAYS: tuple[Decay, ...] = (linear(days=30), half_life(days=3), expires(days=7), steps({1: 0.5}))
SPANS = ({}, {"days": 7}, {"days": 60}, {"hours": 36})


def fading_model(decay: Decay, span: dict[str, int], most: int | None) -> Qualification:
    """One rule that fades, and one that fades by two amounts: blanks may match."""
    some = VIEWS.within(**span) if span else VIEWS
    return Qualification(
        "q",
        version="1",
        card=Scorecard(
            Rule.each("visits", some, 5, at_most=most, decay=decay),
            Rule.each("paid", some.where(paid=True), -3, at_most=most, decay=decay),
        ),
        when=score("total") >= 5,
    )


def viewing(chance: Random, count: int, first: datetime) -> list[Activity]:
    """Pages that were viewed in the three weeks after an instant, some of them for money."""
    return [
        Activity(
            "page_view",
            first + timedelta(minutes=chance.randrange(21 * 24 * 60)),
            {"paid": chance.choice((True, False, None))},
        )
        for _ in range(count)
    ]


def asked_at(chance: Random) -> list[datetime]:
    """Instants: once in a day, again, later, over midnight, back, far off, at any time."""
    midnight = datetime(2026, 4, 1, tzinfo=UTC)
    tick = timedelta(microseconds=1)
    some = [NOW, NOW, NOW + HOUR, midnight - tick, midnight, midnight + tick, midnight - HOUR]
    some += [NOW - 9 * DAY, NOW - 9 * DAY, NOW, midnight + 40 * DAY, NOW - 400 * DAY]
    return some + [NOW + timedelta(minutes=chance.randrange(-20_000, 20_000)) for _ in range(4)]


def fading_faults(seed: int) -> Iterator[str]:
    """In what a kept timeline that grows fades otherwise than the reference says."""
    chance = Random(f"fading {seed}")
    most = chance.choice((None, None, 1, 3, 80))
    model = fading_model(chance.choice(DECAYS), chance.choice(SPANS), most)
    first = NOW - 18 * DAY  # so that some of it lies ahead
    timeline = Timeline(viewing(chance, chance.choice((0, 3, 63, 65, 100)), first))
    for more in (1, 0, 5, 70, 1):
        for as_of in chance.sample(asked_at(chance), 6):
            lead = Lead("ada", {}, timeline)
            found = differences(model, lead, as_of, ask={"scores": QUICK["scores"]})
            yield from (f"{seed} at {as_of}: {one}" for one in found)
        timeline = timeline.plus(*viewing(chance, more, first))


FADING = range(120)


@pytest.mark.parametrize("first", FADING[::30])
def test_what_fades_over_a_kept_timeline(first: int) -> None:
    """Whatever is asked when: first, again, over midnight and back, while more comes in."""
    for seed in range(first, first + 30):
        assert list(fading_faults(seed)) == []


def tracked_fading(seed: int) -> Iterator[str]:
    """The same while a tracker puts activities into the very rows that were asked before."""
    chance = Random(f"fading {seed}")
    model = fading_model(chance.choice(DECAYS), chance.choice(SPANS), chance.choice((None, 3)))
    first = NOW - 18 * DAY
    known_ = viewing(chance, chance.choice((0, 3, 63, 65, 100)), first)
    tracker = Tracker(model, Lead("ada", {}, known_))
    for more in (1, 1, 1, 70, 1, 1):
        for as_of in chance.sample(asked_at(chance), 3):
            right = answers(lambda: Decision.of(model, Lead("ada", {}, known_), as_of), SCORES)  # noqa: B023
            given = answers(lambda: tracker.decide(as_of=as_of), SCORES)  # noqa: B023
            yield from differing(right, given)
        added = viewing(chance, more, first)
        tracker.add(*added)
        known_ = [*known_, *added]


SCORES = {"scores": QUICK["scores"]}


@pytest.mark.parametrize("first", FADING[::30])
def test_what_fades_while_activities_come_in(first: int) -> None:
    for seed in range(first, first + 30):
        assert list(tracked_fading(seed)) == []


honest = Fading.left


class _Lies:
    """Ways in which what is left may be found wrongly, after the first time."""

    @staticmethod
    def never_midnight(self: Fading, now: datetime, today: int, moment: int) -> int:
        day = self._of_day[0]
        return honest(self, now, today if day is None else day, moment)

    @staticmethod
    def all_at_midnight(self: Fading, now: datetime, today: int, moment: int) -> int:
        midnight = now.replace(hour=23, minute=59, second=59, microsecond=999_999)
        return honest(self, midnight, today, 24 * 3_600 * 1_000_000)

    @staticmethod
    def forgets_news(self: Fading, now: datetime, today: int, moment: int) -> int:
        self._of_day = (*self._of_day[:3], ())
        return honest(self, now, today, moment)


@pytest.mark.parametrize("lie", ["never_midnight", "all_at_midnight", "forgets_news"])
def test_who_fades_wrongly_is_caught(monkeypatch: pytest.MonkeyPatch, lie: str) -> None:
    monkeypatch.setattr(Fading, "left", getattr(_Lies, lie))
    assert any(next(tracked_fading(seed), None) for seed in FADING)
