"""What each law says about one criterion, one lead and one instant."""

import copy
import pickle
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from importlib import import_module
from time import perf_counter
from typing import Any, Final, cast

import attrs
from hypothesis import strategies as st

from ..criterion import Criterion
from ..lead import History
from ..qualification import Qualification
from ..registry import entry_of
from ..value import is_blank, listing
from ..verdict import Verdict
from .blanks import Blank, more_blanks, one_blank
from .case import Case, moments_of
from .elsewhere import answers_elsewhere, answers_here, assert_importable
from .strategies.vocabulary import MICROSECOND, NOW

SECONDS: Final = 0.25
"""No criterion takes longer for one lead."""


@attrs.frozen
class Statement:
    """
    One law: its name and number, its test, and to which cases it applies.

    One that takes long by its nature says how many cases are tried at ``most``. ``of_all`` says
    what must hold of all the answers that were met, after all cases.
    """

    name: str
    number: int | None
    test: Callable[[Case], None]
    applies: Callable[[Case], bool] = lambda _: True
    most: int | None = None
    of_all: Callable[[Criterion, set[Verdict]], None] | None = None


def _answers(case: Case) -> None:
    verdict = case.verdict()
    assert isinstance(verdict, Verdict), f"{case.criterion!r} answered {verdict!r}"


def _same_again(case: Case) -> None:
    assert case.verdict() is case.verdict()
    assert str(case.reason()) == str(case.reason())
    assert case.criterion.describe() == case.criterion.describe()


def _explains_its_answer(case: Case) -> None:
    assert case.reason().verdict is case.verdict()


def _leaves_the_lead_alone(case: Case) -> None:
    before = repr(case.lead)
    case.verdict()
    case.reason()
    case.criterion.changes_at(case.snapshot())
    assert repr(case.lead) == before


def _a_blank_is_not_a_zero(case: Case) -> None:
    _filling_never_flips(case)
    for as_of in {case.as_of, NOW}:
        _leaving_out_never_flips(case, as_of)


def _leaving_out_never_flips(case: Case, as_of: datetime) -> None:
    whole = case.verdict(as_of=as_of)
    read = {seen.name for seen in case.read()}
    known: dict[str, Blank] = {}
    for blank in one_blank(case.lead):
        read |= _keeps_the_answer(case, blank, as_of, whole)
        known.setdefault(blank.root or blank.words, blank)
    asked = [blank for blank in known.values() if not blank.root or blank.root in read]
    for blank in more_blanks(asked) if len(asked) > 1 else ():
        _keeps_the_answer(case, blank, as_of, whole)


def _keeps_the_answer(case: Case, blank: Blank, as_of: datetime, whole: Verdict) -> set[str]:
    """What is read of a lead of which less is known, when the answer about it is sound."""
    trace = blank.apply(case.lead).at(as_of).traced()
    less = case.criterion.judge(trace)
    assert less is Verdict.UNKNOWN or less is whole, (
        f"a blank is not a zero: “{case.criterion.describe()}” is {less} with {blank.words}, and "
        f"{whole} when all that is known; while the blank decides, answer Verdict.UNKNOWN; "
        f"lead {case.lead!r}, as of {as_of}"
    )
    return {seen.name for seen in trace.seen}


def _filling_never_flips(case: Case) -> None:
    lead = case.lead
    for _ in range(2):
        before = case.verdict(lead)
        fuller = case.filled(lead)
        after = case.verdict(fuller)
        assert before is Verdict.UNKNOWN or after is before, (
            f"{case.criterion.describe()}: {before!r} became {after!r} when blanks were filled: "
            f"{lead!r} became {fuller!r}, as of {case.as_of}"
        )
        lead = fuller


def _order_does_not_matter(case: Case) -> None:
    shuffled = case.changed(lambda done: tuple(case.draw(st.permutations(done))))
    assert case.verdict(shuffled) is case.verdict()
    assert str(case.reason(shuffled)) == str(case.reason())


def _repeats_do_not_matter(case: Case) -> None:
    again = case.changed(lambda done: (*done, *(a for a in done if a.id is not None)))
    assert case.verdict(again) is case.verdict()
    assert str(case.reason(again)) == str(case.reason())


def _later_ones_do_not_matter(case: Case) -> None:
    earlier = case.changed(lambda done: tuple(a for a in done if a.at <= case.as_of))
    assert case.verdict(earlier) is case.verdict()


def _offset_does_not_matter(case: Case) -> None:
    zone = timezone(timedelta(hours=9, minutes=30))
    stored = {field: _written_in(zone, value) for field, value in case.lead.attributes.items()}
    lead = attrs.evolve(case.lead, attributes=stored)
    assert case.verdict(lead, case.as_of.astimezone(zone)) is case.verdict()


def _written_in(zone: timezone, value: object) -> object:
    if isinstance(value, History):
        return History(*((since, _written_in(zone, then)) for since, then in value.changes))
    return value.astimezone(zone) if isinstance(value, datetime) and value.tzinfo else value


def _never_late(case: Case) -> None:
    until = case.criterion.changes_at(case.snapshot())
    assert until is None or until > case.as_of, f"changes_at is {until}, not after {case.as_of}"
    edges = [at for at in moments_of(case.lead) if case.as_of < at and (not until or at < until)]
    spans = st.integers(1, 400 * 86_400_000_000).map(lambda n: case.as_of + n * MICROSECOND)
    probes = [*edges[:200:7], case.draw(spans)]
    if edges:
        probes.append(case.draw(st.sampled_from(edges)))
    if until is not None:
        probes = [min(probe, until - MICROSECOND) for probe in probes]
    now = case.verdict()
    for probe in probes:
        then = case.verdict(as_of=probe)
        assert then is now, (
            f"{case.criterion.describe()} is {now!r} as of {case.as_of} and {then!r} at {probe}, "
            f"but was to change at {until} only; lead {case.lead!r}"
        )


def _equals_like_a_value(case: Case) -> None:
    mine, other = case.criterion, case.draw(case.others)
    twin = copy.deepcopy(mine)
    assert mine == twin
    assert not (mine != twin)  # noqa: SIM202  # "!=" is a method of its own
    assert hash(mine) == hash(twin)
    assert (mine == other) is (other == mine)
    if mine == other:
        assert hash(mine) == hash(other)
    assert (mine == object()) is False


def _equal_means_same_answer(case: Case) -> None:
    for other in (case.draw(case.others), *_twins(case.criterion)):
        if other == case.criterion:
            assert hash(other) == hash(case.criterion)
            assert other.judge(case.snapshot()) is case.verdict(), (
                f"{other!r} equals {case.criterion!r} and answers differently about {case.lead!r}"
            )


def _twins(criterion: Criterion) -> Iterator[Criterion]:
    """The same criterion with values that Python calls equal: 1, True and 1.0."""
    if not attrs.has(type(criterion)):
        return
    for field in attrs.fields(cast("Any", type(criterion))):
        value = getattr(criterion, field.name)
        if not field.init or not isinstance(value, bool | int | float):
            continue
        for make in (bool, int, float):
            if make(value) == value and type(value) is not make:
                try:
                    yield attrs.evolve(cast("Any", criterion), **{field.alias: make(value)})
                except Exception:  # noqa: S112  # refused: no such twin
                    continue


def _cannot_be_changed(case: Case) -> None:
    cls = type(case.criterion)
    assert attrs.has(cls), f"{cls.__name__} is not an attrs class; write @attrs.frozen above it"
    for field in attrs.fields(cast("Any", cls)):
        try:
            setattr(case.criterion, field.name, getattr(case.criterion, field.name))
        except attrs.exceptions.FrozenInstanceError:
            continue
        raise AssertionError(f"{field.name} of {cls.__name__} can be changed")


def _copies_are_equal(case: Case) -> None:
    mine = case.criterion
    copies = [copy.copy(mine), copy.deepcopy(mine)]
    assert_importable([mine], local_only=True)
    copies += [pickle.loads(pickle.dumps(mine, protocol)) for protocol in (2, 3, 4, 5)]  # noqa: S301
    if attrs.has(type(mine)):
        copies.append(attrs.evolve(cast("Any", mine)))
    for other in copies:
        assert other == mine
        assert hash(other) == hash(mine)
        assert other.describe() == mine.describe()
        assert other.judge(case.snapshot()) is case.verdict()


def _same_elsewhere(case: Case) -> None:
    some = [case.criterion, *(case.draw(case.others) for _ in range(20))]
    assert answers_elsewhere(some) == answers_here(some)


def _has_no_truth_value(case: Case) -> None:
    try:
        bool(case.criterion)
    except TypeError:
        return
    raise AssertionError(f"{case.criterion!r} has a truth value; a lead decides, not Python")


def _combines_with_criteria_only(case: Case) -> None:
    for combine in (type(case.criterion).__and__, type(case.criterion).__or__):
        assert combine(case.criterion, cast("Any", "sure")) is NotImplemented


def _is_one_sentence(case: Case) -> None:
    text = case.criterion.describe()
    assert isinstance(text, str), f"describe() is text, not {text!r}"
    assert not is_blank(text), "describe() says nothing"
    assert len(text.splitlines()) == 1, f"describe() is one line, not {text!r}"
    assert not text.endswith("."), f"describe() ends without a full stop: {text!r}"


def _comes_back_from_a_file(case: Case) -> None:
    spec = import_module("mqlkit.spec")
    model = Qualification("law", version="1", when=case.criterion)
    assert spec.loads(spec.dumps(model)).qualification.when == case.criterion


def _is_quick(case: Case) -> None:
    took = []
    for _ in range(3):  # the best of three: a busy machine is not a slow criterion
        start = perf_counter()
        case.verdict()
        took.append(perf_counter() - start)
    assert min(took) <= SECONDS, f"{case.criterion!r} took {min(took):.3f} s for one lead"


BOTH_ANSWERS: Final = "the leads let it answer both yes and no"


def _yes_and_no(criterion: Criterion, met: set[Verdict]) -> None:
    never = [answer for answer in (Verdict.YES, Verdict.NO) if answer not in met]
    assert not never, (
        f"“{criterion.describe()}” was never answered {listing([str(a) for a in never])}, so the "
        "other laws did not meet what decides it; give leads of each sort, "
        "laws_for(mine, [Lead(...), Lead(...)]), or say why not: "
        f'exempt={{"{BOTH_ANSWERS}": "..."}}'
    )


def _nothing(_: Case) -> None:
    """Of one case alone there is nothing to say."""


STATEMENTS: Final = (
    Statement("a criterion answers yes, no or unknown, whatever the data", 70, _answers),
    Statement(BOTH_ANSWERS, None, _nothing, of_all=_yes_and_no),
    Statement("asked twice, a criterion answers the same", None, _same_again),
    Statement("the explanation gives the same answer", 107, _explains_its_answer),
    Statement("judging a lead leaves it as it was", 121, _leaves_the_lead_alone),
    Statement(
        "filling a blank may settle unknown, and never flips yes or no",
        46,
        _a_blank_is_not_a_zero,
        applies=lambda case: not any(part.about_knowledge for part in case.criterion.walk()),
    ),
    Statement("the order of activities does not matter", 71, _order_does_not_matter),
    Statement("an activity told twice counts once", 72, _repeats_do_not_matter),
    Statement("what happens later does not matter yet", 79, _later_ones_do_not_matter),
    Statement(
        "the time zone in which an instant is written is no matter", 80, _offset_does_not_matter
    ),
    Statement("nothing changes before the instant at which it is to change", 82, _never_late),
    Statement(
        "criteria are equal like values, and equal ones hash alike", 113, _equals_like_a_value
    ),
    Statement("equal criteria answer alike about every lead", 114, _equal_means_same_answer),
    Statement("a criterion cannot be changed once made", 115, _cannot_be_changed),
    Statement("a copy is equal and answers alike", 116, _copies_are_equal),
    Statement(
        "another process, with another hash seed, answers alike", 126, _same_elsewhere, most=1
    ),
    Statement("a criterion by itself is neither true nor false", 118, _has_no_truth_value),
    Statement("a criterion combines with criteria only", 119, _combines_with_criteria_only),
    Statement(
        "a criterion written to a file comes back equal",
        123,
        _comes_back_from_a_file,
        applies=lambda case: entry_of(type(case.criterion)) is not None,
    ),
    Statement("a criterion says in one line what it asks", None, _is_one_sentence),
    Statement("a criterion answers about a lead in a quarter of a second", None, _is_quick, most=5),
)
