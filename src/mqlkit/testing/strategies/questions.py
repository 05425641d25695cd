"""Generated measures and criteria of every registered family."""

# What Hypothesis hands to a lambda is known from the strategies beside it, not to type checkers.
# pyright: reportUnknownLambdaType=false

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from hypothesis import strategies as st

from ...criteria.activity import Activities, activity
from ...criteria.attribute import Attribute, attribute
from ...criteria.choices import NamedList
from ...criteria.label import grade, matrix, score, stage
from ...criteria.stay import days_in_stage
from ...criterion import (
    Criterion,
    all_of,
    any_of,
    at_least,
    exactly,
    if_,
)
from ...fingerprint import fingerprint
from ...measure import LabelMeasure, Measure
from ...value import Kind
from ...verdict import Verdict
from .vocabulary import DOMAINS, FIELDS, KINDS, MOMENTS, NUMBERS, PROPERTIES, SPANS, STAGES, WORDS

T = TypeVar("T")


@st.composite
def kept(draw: st.DrawFn, make: Callable[..., st.SearchStrategy[T]], *args: Any) -> T:
    """
    What a strategy makes that is built once and kept.

    Hypothesis checks each new strategy at length, and writes its whole structure out in messages
    unless a function stands before it.
    """
    return draw(make(*args))


def _fields(kind: Kind, kinds: Any = FIELDS) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(name for name, of in kinds.items() if of == kind))


def _attribute(kind: Kind, default: Any = None) -> st.SearchStrategy[Attribute]:
    blank = st.none() if default is None else st.one_of(st.none(), st.none(), default)
    return st.builds(
        lambda field, default, exact: attribute(field, default=default, case_sensitive=exact),
        _fields(kind),
        blank,
        st.sampled_from((False, False, True)),
    )


_numbers = st.sampled_from(NUMBERS)
_moments = st.sampled_from(MOMENTS)
_words = st.sampled_from(WORDS)


# -- about activities --------------------------------------------------------------------------


@cache
def _windows() -> st.SearchStrategy[dict[str, int]]:
    days: st.SearchStrategy[dict[str, int]] = st.sampled_from(SPANS).map(lambda n: {"days": n})
    return st.one_of(days, days, st.just({"hours": 48}), st.just({"calendar_months": 1}))


@cache
def _filters(*, knowledge: bool) -> st.SearchStrategy[Criterion]:
    words = st.builds(
        lambda name, word: attribute(name).equals(word), _fields("text", PROPERTIES), _words
    )
    pages = st.builds(lambda word: attribute("page").starts_with(word), _words)
    amounts = st.builds(lambda n: attribute("amount") >= n, _numbers)
    bots = st.just(~attribute("bot").is_true())
    plain = st.one_of(words, words, pages, amounts, bots)
    if not knowledge:
        return plain
    known = st.builds(lambda name: attribute(name).known(), st.sampled_from(sorted(PROPERTIES)))
    return st.one_of(plain, plain, plain, known)


def selections(*, knowledge: bool = True) -> st.SearchStrategy[Activities]:
    """Some activities: by kind and properties, in a window or not, of the lead or its account."""
    return kept(_selections, knowledge)


@cache
def _selections(knowledge: bool) -> st.SearchStrategy[Activities]:
    def choose(
        kinds: list[str], filters: list[Criterion], span: dict[str, int] | None, account: bool
    ) -> Activities:
        chosen = activity(*kinds).where(*filters)
        chosen = chosen if span is None else chosen.within(**span)
        return chosen.of_account() if account else chosen

    return st.builds(
        choose,
        st.lists(st.sampled_from(KINDS), max_size=2),
        st.one_of(st.just([]), st.lists(_filters(knowledge=knowledge), max_size=2)),
        st.one_of(st.none(), _windows()),
        st.sampled_from((False, False, False, True)),
    )


@cache
def _activity_measures(*, knowledge: bool) -> st.SearchStrategy[Measure]:
    blanks = st.sampled_from(("unknown", "skip")) if knowledge else st.just("unknown")
    chosen = selections(knowledge=knowledge)
    properties = st.sampled_from(sorted(PROPERTIES))
    return st.one_of(
        chosen.map(lambda a: a.count()),
        st.builds(lambda a, name: a.distinct(name), chosen, properties),
        st.builds(lambda a, blanks: a.sum("amount", blanks=blanks), chosen, blanks),
        st.builds(lambda a, blanks: a.min("amount", blanks=blanks), chosen, blanks),
        st.builds(lambda a, blanks: a.max("amount", blanks=blanks), chosen, blanks),
        chosen.map(lambda a: a.days_since_last()),
        chosen.map(lambda a: a.days_since_first()),
    )


def measures(*, knowledge: bool = True) -> st.SearchStrategy[Measure]:
    """
    Measures that are numbers: attributes, ages, and what can be counted of activities.

    Args:
        knowledge: Also those whose value filling a blank may overturn: stated defaults, skipped
            blanks, filters about what is known.
    """
    return kept(_measures, knowledge)


@cache
def _measures(knowledge: bool) -> st.SearchStrategy[Measure]:
    ages = _fields("moment").map(lambda field: attribute(field).days_since())
    numbers = _attribute("number", _numbers if knowledge else None)
    stay = st.builds(days_in_stage)
    return st.one_of(numbers, _activity_measures(knowledge=knowledge), ages, stay)


# -- questions about one measure ---------------------------------------------------------------


_RELATE: Mapping[str, Callable[[Measure, Any], Criterion]] = {
    ">=": Measure.__ge__,
    ">": Measure.__gt__,
    "<=": Measure.__le__,
    "<": Measure.__lt__,
    "==": Measure.equals,
    "!=": Measure.is_not,
}
_RELATIONS = st.sampled_from(sorted(_RELATE))


def _compared(measure: Measure, bound: Any, relation: str) -> Criterion:
    return _RELATE[relation](measure, bound)


@cache
def _comparisons(*, knowledge: bool) -> st.SearchStrategy[Criterion]:
    numbers = measures(knowledge=knowledge)
    texts = _attribute("text", _words if knowledge else None)
    moments = _attribute("moment", _moments if knowledge else None)
    flags = _attribute("flag", st.booleans() if knowledge else None)
    two = st.lists(_numbers, min_size=2, max_size=2).map(sorted)
    return st.one_of(
        st.builds(_compared, numbers, _numbers, _RELATIONS),
        st.builds(_compared, numbers, st.integers(0, 3), _RELATIONS),
        st.builds(_compared, texts, _words, _RELATIONS),
        st.builds(_compared, moments, _moments, _RELATIONS),
        st.builds(lambda flag, value: flag.equals(value), flags, st.booleans()),
        st.builds(lambda measure, ends: measure.between(*ends), numbers, two),
    )


def _named_list(values: Sequence[str]) -> NamedList:
    """A list whose name tells what it holds: a model file keeps one list under a name."""
    return NamedList(f"the words {', '.join(values)}", values)


def _named(part: Criterion) -> Criterion:
    """A criterion under a name that no other one has, for the same reason."""
    return part.named(f"ours {fingerprint(part)}")


@cache
def _memberships() -> st.SearchStrategy[Criterion]:
    words = st.lists(_words, max_size=3)
    some = st.lists(_words, min_size=1, max_size=3)
    named = words.map(_named_list)
    numbers = st.lists(_numbers, min_size=1, max_size=3)
    domains = st.lists(st.sampled_from(DOMAINS), min_size=1, max_size=2)
    text, lists = _attribute("text"), _attribute("items")
    return st.one_of(
        st.builds(lambda a, values: a.is_in(*values), text, words),
        st.builds(lambda a, values: a.not_in(*values), text, words),
        st.builds(lambda a, values: a.is_in(values), text, named),
        st.builds(lambda a, values: a.is_in(*values), _attribute("number"), numbers),
        st.builds(lambda a, values: a.domain_is(*values), _attribute("domain"), domains),
        st.builds(lambda a, values: a.any_of(*values), lists, words),
        st.builds(lambda a, values: a.all_of(*values), lists, words),
        st.builds(lambda a, values: a.none_of(*values), lists, words),
        st.builds(lambda a, values: a.contains_any(*values), text, some),
        st.builds(lambda a, values: a.starts_with(*values), text, some),
        st.builds(lambda a, values: a.ends_with(*values), text, some),
    )


@cache
def _patterns() -> st.SearchStrategy[Criterion]:
    """Patterns, where google-re2 is installed; without it there can be none."""
    try:
        import re2
    except ImportError:
        return st.nothing()
    if not hasattr(re2, "Options"):
        return st.nothing()
    patterns = st.sampled_from(("(?i)^vp", "s.ft", "a|b", "ſ"))
    return st.builds(lambda a, pattern: a.matches(pattern), _attribute("text"), patterns)


@cache
def _timeline_questions(*, knowledge: bool) -> st.SearchStrategy[Criterion]:
    chosen = selections(knowledge=knowledge)
    never: st.SearchStrategy[dict[str, int]] = st.just({})
    within = st.one_of(never, _windows())
    return st.one_of(
        st.builds(lambda a, n: a.happened(n), chosen, st.integers(1, 2)),
        chosen.map(lambda a: a.did_not()),
        st.builds(lambda a, b, span: a.then(b, **span), chosen, chosen, within),
    )


@cache
def _about_knowledge() -> st.SearchStrategy[Criterion]:
    fields = st.sampled_from(sorted(FIELDS))
    return st.one_of(
        fields.map(lambda field: attribute(field).known()),
        fields.map(lambda field: attribute(field).missing()),
    )


def _labels(scores: Sequence[str]) -> st.SearchStrategy[LabelMeasure]:
    letters = st.sampled_from(({"A": 20, "B": 5}, {"A": 50, "B": 10, "C": 0.5}))
    graded = st.builds(
        lambda n, table: grade(n, table, lowest="D"), st.sampled_from(scores), letters
    )
    return st.one_of(graded, st.builds(matrix, graded, graded))


def _about_scores(scores: Sequence[str]) -> st.SearchStrategy[Criterion]:
    numbers = st.sampled_from(scores).map(score)
    return st.one_of(
        st.builds(_compared, numbers, _numbers, _RELATIONS),
        _labels(scores).map(lambda measure: measure.is_in(*(measure.known_labels() or ())[:2])),
    )


def leaves(*, knowledge: bool = True, scores: tuple[str, ...] = ()) -> st.SearchStrategy[Criterion]:
    """Criteria that are made of no others."""
    return kept(_leaves, knowledge, scores)


@cache
def _leaves(knowledge: bool, scores: tuple[str, ...]) -> st.SearchStrategy[Criterion]:
    plain = [
        _comparisons(knowledge=knowledge),
        _memberships(),
        _patterns(),
        _timeline_questions(knowledge=knowledge),
        st.sampled_from(STAGES).map(lambda name: stage().equals(name)),
    ]
    if knowledge:
        plain.append(_about_knowledge())
    if scores:
        plain += [_about_scores(scores)] * 2
    return st.one_of(plain)


def _composites(
    parts: st.SearchStrategy[Criterion], *, knowledge: bool
) -> st.SearchStrategy[Criterion]:
    several = st.lists(parts, max_size=4)
    how_many = st.integers(0, 4)
    made = [
        several.map(lambda found: all_of(*found)),
        several.map(lambda found: any_of(*found)),
        parts.map(lambda part: ~part),
        st.builds(lambda n, found: at_least(n, *found), how_many, several),
        st.builds(lambda n, found: exactly(n, *found), how_many, several),
        st.builds(if_, parts, parts, parts),
        parts.map(_named),
    ]
    if knowledge:
        sure = st.sampled_from((Verdict.YES, Verdict.NO))
        made.append(st.builds(lambda part, verdict: part.if_unknown(verdict), parts, sure))
    return st.one_of(made)


def criteria(
    *, knowledge: bool = True, scores: Sequence[str] = (), max_leaves: int = 5
) -> st.SearchStrategy[Criterion]:
    """
    Criteria of every family, and what they compose to.

    Args:
        knowledge: Also those that filling a blank may overturn: known, missing, assumptions.
        scores: Names of scores to ask for; such criteria are judged inside a qualification only.
        max_leaves: About how many leaves a composite has at the most.

    >>> from hypothesis import find
    >>> from mqlkit.criterion import AtLeastOf
    >>> find(criteria(), lambda c: isinstance(c, AtLeastOf)).describe()
    'at least 0 of: '
    """
    return _criteria(knowledge, tuple(scores), max_leaves)


@cache  # One strategy object each: Hypothesis checks every new one at length.
def _criteria(
    knowledge: bool, scores: tuple[str, ...], max_leaves: int
) -> st.SearchStrategy[Criterion]:
    return st.recursive(
        leaves(knowledge=knowledge, scores=scores),
        lambda parts: _composites(parts, knowledge=knowledge),
        max_leaves=max_leaves,
    )
