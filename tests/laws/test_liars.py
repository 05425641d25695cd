"""Each law for a user's own criterion rejects at least one plausible broken class."""

import re
from datetime import timedelta
from time import sleep
from typing import ClassVar

import attrs
import pytest
from hypothesis import Phase, settings

from mqlkit import Activity, Criterion, Lead, Verdict, attribute, known
from mqlkit.errors import DefinitionError, KindError
from mqlkit.measure import AtLeast
from mqlkit.testing import Law, criteria, laws_for, sample_leads
from mqlkit.testing.strategies.vocabulary import NOW

BOTH = "the leads let it answer both yes and no"
T, U, F = Verdict.YES, Verdict.UNKNOWN, Verdict.NO
DAY = timedelta(days=1)


@attrs.frozen
class Honest(Criterion):
    """What the liars do wrong, done right."""

    n: int = 2

    def judge(self, lead):
        number = lead.number("employees")
        return U if number is None else Verdict.of(number >= self.n)

    def describe(self):
        return f"employees is {self.n} or more"


@attrs.frozen
class AnswersTrue(Honest):
    def judge(self, lead):
        return lead.number("employees") is not None


@attrs.frozen
class Raises(Honest):
    def judge(self, lead):
        value = lead.raw("employees")
        return U if value is None else Verdict.of(value >= 2)


class Forgetful(Honest):
    """Answers by what it was asked before."""

    asked: ClassVar = []

    def judge(self, lead):
        self.asked.append(lead)
        return Verdict.of(len(self.asked) % 2 == 0)


@attrs.frozen
class ExplainsOtherwise(Honest):
    def explain(self, lead):
        reason = Honest.explain(self, lead)
        return attrs.evolve(reason, verdict=~reason.verdict)


@attrs.frozen
class Scribbles(Honest):
    def judge(self, lead):
        lead.attributes["seen"] = lead.attributes.get("seen", 0) + 1
        return U


@attrs.frozen
class BlankIsZero(Honest):
    def judge(self, lead):
        return Verdict.of((lead.number("employees") or 0) >= self.n)


@attrs.frozen
class FirstTold(Honest):
    def judge(self, lead):
        told = lead.lead.activities if lead.lead else None
        return Verdict.of(bool(told) and told[0].at >= told[-1].at)


@attrs.frozen
class CountsTwice(Honest):
    def judge(self, lead):
        told = lead.lead.activities if lead.lead else None
        return Verdict.of(len(told or ()) % 2 == 0)


@attrs.frozen
class SeesTheFuture(Honest):
    def judge(self, lead):
        timeline = lead.timeline()
        return U if timeline is None else Verdict.of(len(timeline) >= 2)


@attrs.frozen
class ByTheWrittenHour(Honest):
    """Reads an hour as it was written, not when it is."""

    def judge(self, lead):
        written = getattr(lead.raw("founded"), "hour", None)
        return U if written is None else Verdict.of(written >= 20)


@attrs.frozen
class Late(Honest):
    def judge(self, lead):
        done = lead.activities()
        return U if done is None else Verdict.of(any(a.at > lead.as_of - DAY for a in done))

    def changes_at(self, lead):
        return None


class ByIdentity(Honest):
    __eq__ = object.__eq__
    __hash__ = object.__hash__


@attrs.frozen
class OneIsTrue(Criterion):
    value: object = 1

    def judge(self, lead):
        number = lead.number("employees")
        return U if number is None else Verdict.of(type(self.value) is int)

    def describe(self):
        return "one is not true"


@attrs.define(unsafe_hash=True)
class CanBeChanged(Criterion):
    n: int = 2
    judge = Honest.judge
    describe = Honest.describe


@attrs.frozen
class CannotBeStored(Honest):
    how: object = attrs.field(factory=lambda: lambda: None, eq=False)


@attrs.frozen
class HashOrder(Honest):
    def judge(self, lead):
        return Verdict.of(next(iter({"a", "b", "c", "d", "e", "f", "g", "h"})) == "a")

    def describe(self):
        return "first of " + "".join({"a", "b", "c", "d", "e", "f", "g", "h"})


@attrs.frozen
class HasATruthValue(Honest):
    def __bool__(self):
        return True


@attrs.frozen
class CombinesWithAnything(Honest):
    def __and__(self, other):
        return self


@attrs.frozen
class SaysTooMuch(Honest):
    def describe(self):
        return "This is a sentence.\nAnd another one."


@attrs.frozen
class Slow(Honest):
    def judge(self, lead):
        sleep(0.3)
        return U


@attrs.frozen
class CallingCode(Criterion):
    """The texts that matter stand in the criterion alone."""

    codes: tuple[str, ...] = ("+49",)

    def judge(self, lead):
        phone = lead.text("phone")
        if phone is None or not phone.startswith("+"):
            return U
        return Verdict.of(phone.startswith(self.codes))

    def describe(self):
        return f"phone has the calling code {' or '.join(self.codes)}"


@attrs.frozen
class BlankHasNoCode(CallingCode):
    def judge(self, lead):
        return Verdict.of((lead.text("phone") or "").startswith(self.codes))


@attrs.frozen
class OpenedAtNight(Criterion):
    """The kind and the hours that matter stand in the code alone."""

    def judge(self, lead):
        done = lead.activities()
        return U if done is None else self.at_night(done)

    def at_night(self, done):
        opens = [a.at.hour for a in done if a.kind == "newsletter_open"]
        return Verdict.of(any(hour >= 22 or hour < 6 for hour in opens))

    def describe(self):
        return "opened a newsletter at night"


@attrs.frozen
class UnloadedIsNone(OpenedAtNight):
    def judge(self, lead):
        return self.at_night(lead.activities() or ())


@attrs.frozen
class EitherBlankIsNo(Criterion):
    """Right about each blank alone, and wrong about two."""

    def judge(self, lead):
        size, revenue = lead.number("employees"), lead.number("revenue")
        if size is None and revenue is None:
            return F
        return U if size is None or revenue is None else Verdict.of(size + revenue >= 2)

    def describe(self):
        return "large by people and revenue"


@attrs.frozen
class BlankPageIsAnother(Criterion):
    def judge(self, lead):
        done = lead.activities()
        if done is None:
            return U
        return Verdict.of(any(lead.inside(a).text("page") == "/demo" for a in done))

    def describe(self):
        return "saw the demo page"


@attrs.frozen
class NobodyMeetsIt(Honest):
    def judge(self, lead):
        number = lead.number("employees")
        return U if number is None else Verdict.of(number % 1009 == 500 + 7 * self.n)


LIARS = [
    (70, AnswersTrue()),
    (70, Raises()),
    ("asked twice, a criterion answers the same", Forgetful()),
    (107, ExplainsOtherwise()),
    (121, Scribbles()),
    (46, BlankIsZero()),
    (46, BlankHasNoCode()),
    (46, UnloadedIsNone()),
    (46, ~(UnloadedIsNone() | BlankHasNoCode())),
    (46, EitherBlankIsNo()),
    (46, BlankPageIsAnother()),
    (BOTH, NobodyMeetsIt()),
    (71, FirstTold()),
    (72, CountsTwice()),
    (79, SeesTheFuture()),
    (80, ByTheWrittenHour()),
    (82, Late()),
    (113, ByIdentity()),
    (114, OneIsTrue()),
    (115, CanBeChanged()),
    (116, CannotBeStored()),
    (126, HashOrder()),
    (118, HasATruthValue()),
    (119, CombinesWithAnything()),
    ("a criterion says in one line what it asks", SaysTooMuch()),
    ("a criterion answers about a lead in a quarter of a second", Slow()),
]


@pytest.fixture(autouse=True)
def unshrunk():
    """A lie is enough; the smallest one takes Hypothesis many times as long."""
    before = settings.get_current_profile_name()
    settings.register_profile("liars", settings(), phases=[Phase.generate])
    settings.load_profile("liars")
    yield
    settings.load_profile(before)


def law_of(number_or_name, criterion, leads=None):
    laws = laws_for(criterion, leads)
    return next(law for law in laws if number_or_name in (law.number, law.name))


@pytest.mark.parametrize(
    ("law", "liar"), LIARS, ids=[f"{law}-{type(liar).__name__}" for law, liar in LIARS]
)
def test_the_law_catches_the_liar(law, liar):
    with pytest.raises((AssertionError, TypeError, AttributeError)):
        law_of(law, liar).check()


@pytest.mark.parametrize("law", laws_for(Honest()), ids=str)
def test_the_honest_one_is_lawful(law):
    law.check()


@pytest.mark.parametrize("number", [46, 70, 82, BOTH])
@pytest.mark.parametrize("honest", [CallingCode(), OpenedAtNight(), known("employees")], ids=repr)
def test_other_honest_ones_are_lawful(honest, number):
    law_of(number, honest).check()


# -- blanks ------------------------------------------------------------------------------------

PHONE = Lead("a", {"phone": "+49 1"}, [])
NIGHT = Lead("a", {}, [Activity("newsletter_open", NOW.replace(hour=23) - DAY)])


@pytest.mark.parametrize(
    ("liar", "lead", "told"),
    [
        (BlankHasNoCode(), PHONE, "is no with phone left out, and yes when all that is known"),
        (UnloadedIsNone(), NIGHT, "is no with activities not loaded, and yes when all"),
        (
            EitherBlankIsNo(),
            Lead("a", {"employees": 7, "revenue": 1}, []),
            "is no with employees left out and revenue left out, and yes",
        ),
        (
            BlankPageIsAnother(),
            Lead("a", {}, [Activity("page_view", NOW, {"page": "/demo"})]),
            "is no with page of every activity left blank, and yes",
        ),
    ],
    ids=lambda given: type(given).__name__,
)
def test_a_given_lead_is_tried_with_its_facts_blank(liar, lead, told):
    with pytest.raises(AssertionError, match=re.escape(told)):
        law_of(46, liar, [lead]).check()


def caught_in_time(law):
    """One lead is few draws, and one of them must fill in the right code."""
    for _ in range(20):
        law.check()


def test_a_blank_of_a_given_lead_is_filled_with_what_the_criterion_holds():
    law = law_of(46, BlankHasNoCode(), [Lead("a", {}, [])])
    with pytest.raises(AssertionError, match="when blanks were filled"):
        caught_in_time(law)


def test_leads_that_never_meet_the_question_are_told():
    with pytest.raises(AssertionError, match=r"was never answered no, .* give leads of each sort"):
        law_of(BOTH, CallingCode(), [PHONE]).check()
    law_of(BOTH, CallingCode(), [PHONE, Lead("b", {"phone": "+43 1"})]).check()
    assert BOTH not in map(str, laws_for(CallingCode(), exempt={BOTH: "they all speak German"}))


def test_a_class_that_no_other_process_can_import_is_told():
    @attrs.frozen
    class Local(Honest):
        pass

    advice = "put it in a module so that another process can import it"
    for law in (116, 126):
        with pytest.raises(AssertionError, match=f"Local is defined in a function; {advice}"):
            law_of(law, Local()).check()
    script = attrs.make_class("Scripted", [], bases=(Honest,), frozen=True)
    script.__module__ = "__main__"
    with pytest.raises(AssertionError, match=f"Scripted is defined in __main__, .*; {advice}"):
        law_of(126, script()).check()


# -- laws as values ----------------------------------------------------------------------------


def test_a_law_reads_like_a_sentence_and_says_its_number():
    law = law_of(46, Honest())
    assert str(law) == "filling a blank may settle unknown, and never flips yes or no (law 46)"
    assert law == law_of(46, Honest())
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        law.name = "another"


def test_given_leads_are_all_tried():
    lead = Lead("rare", {"employees": 7}, [Activity("page_view", NOW), Activity("page_view", NOW)])

    @attrs.frozen
    class WrongAboutSeven(Honest):
        def judge(self, lead):
            return True if lead.number("employees") == 7 else Honest.judge(self, lead)

    with pytest.raises(AssertionError):
        law_of(70, WrongAboutSeven(), [*sample_leads(), lead]).check()


def test_every_given_criterion_is_tried():
    with pytest.raises(AssertionError):
        law_of(46, [Honest(n) for n in range(1, 20)] + [BlankIsZero()]).check()


def test_a_class_is_tried_with_values_of_its_own():
    law_of(113, Honest).check()
    law_of(70, Honest).check()


def test_knowing_is_exempt_from_the_law_of_blanks():
    law_of(46, known("employees")).check()
    law_of(46, attribute("employees", default=5) >= 5).check()


def test_an_exemption_needs_a_law_and_a_reason():
    numbers = [law.number for law in laws_for(Honest(), exempt={71: "its order is the point"})]
    assert 71 not in numbers
    with pytest.raises(DefinitionError, match=re.escape("there is no law 7 about criteria")):
        laws_for(Honest(), exempt={7: "why not"})
    with pytest.raises(DefinitionError, match="give a reason in words"):
        laws_for(Honest(), exempt={71: " "})


def test_only_criteria_have_these_laws():
    with pytest.raises(KindError, match="laws_for wants criteria, not 5"):
        laws_for([Honest(), 5])
    with pytest.raises(DefinitionError, match="at least one criterion"):
        laws_for([])


def test_laws_are_returned_for_strategies_too():
    laws = laws_for(criteria().filter(lambda c: isinstance(c, AtLeast)))
    assert all(isinstance(law, Law) for law in laws)
    law_of(80, Honest()).check()
