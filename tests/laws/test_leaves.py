"""Section E: leaves, and a liar for each law."""

import attrs
import leaves
import pytest
from leaves import F, T, U, X, about

from mqlkit import Verdict, attribute
from mqlkit.criteria.membership import IsIn
from mqlkit.criteria.text import ContainsAny
from mqlkit.measure import AtLeast, Equals, LessThan, MoreThan
from mqlkit.value import is_blank

LAWS = {n: getattr(leaves, f"law_{n}") for n in range(63, 71)}


@pytest.mark.parametrize("law", LAWS)
def test_the_shipped_leaves_keep_it(law):
    """Laws 63, 64, 65, 66, 67, 68, 69, 70."""
    LAWS[law](leaves.SHIPPED)


# -- liars: each is a plausible mistake --------------------------------------------------------


@attrs.frozen
class BlankIsZero(AtLeast):
    def judge(self, lead):
        return Verdict.of((lead.number("x") or 0) >= 0) if self.bound == 50 else super().judge(lead)


@attrs.frozen
class MoreOrEqual(MoreThan):
    def holds(self, value, bound):
        return value >= bound


@attrs.frozen
class LessUnlessUnknown(LessThan):
    def judge(self, lead):
        return Verdict.of(super().judge(lead) is T)


@attrs.frozen
class OnlyTheFirst(IsIn):
    @property
    def wanted(self):
        return frozenset(sorted(super().wanted)[:1])


@attrs.frozen
class TrueIsOne(Equals):
    def judge(self, lead):
        value = lead.raw("x")
        return U if is_blank(value) else Verdict.of(value == self.bound)


@attrs.frozen
class NanIsANumber(Equals):
    def judge(self, lead):
        value = lead.raw("x")
        return F if isinstance(value, float) and value != value else super().judge(lead)


@attrs.frozen
class LetterByLetter(ContainsAny):
    def judge(self, lead):
        text = lead.text("x")
        return U if text is None else Verdict.of(any(word in text for word in self.words))


@attrs.frozen
class TextIsANumber(AtLeast):
    def judge(self, lead):
        value = lead.raw("x")
        return Verdict.of(float(value) >= 50) if value == "50" else super().judge(lead)


@attrs.frozen
class RaisesOnDirt(AtLeast):
    def judge(self, lead):
        value = lead.raw("x")
        return U if is_blank(value) else Verdict.of(value >= self.bound)


LIARS = {
    (63, "ge"): BlankIsZero,
    (64, "gt"): MoreOrEqual,
    (65, "lt"): LessUnlessUnknown,
    (66, "in"): lambda measure, values: OnlyTheFirst(
        measure, values if isinstance(values, list) else [values]
    ),
    (67, "eq"): TrueIsOne,
    (68, "eq"): NanIsANumber,
    (69, "contains"): lambda measure, word: LetterByLetter(measure, [word]),
    (70, "ge"): TextIsANumber,
}


@pytest.mark.parametrize(("law", "leaf"), LIARS)
def test_each_law_catches_a_liar(law, leaf):
    with pytest.raises(AssertionError):
        LAWS[law]({**leaves.SHIPPED, leaf: LIARS[law, leaf]})


def test_a_leaf_that_raises_on_dirt_is_caught():
    with pytest.raises(TypeError):
        LAWS[70]({**leaves.SHIPPED, "ge": RaisesOnDirt})


# -- the borders of DESIGN 3 -------------------------------------------------------------------


def test_only_knowledge_and_assumptions_are_not_monotone():
    """Law 49: they look at UNKNOWN itself, and their classes say so."""
    blank, filled = about(None), about(3)
    for asking, before, after in (
        (X.known(), F, T),
        (X.missing(), T, F),
        ((X >= 50).if_unknown(T), T, F),
        (attribute("x", default=50) >= 50, T, F),
    ):
        assert (asking.judge(blank), asking.judge(filled)) == (before, after)
        assert asking.about_knowledge is True


def test_a_blank_in_a_list_leaves_contains_open_unless_found():
    has = X.any_of("a")
    assert has.judge(about(["a", None])) is T
    assert has.judge(about(["b", None])) is U
    assert has.judge(about(["b"])) is F
    assert X.all_of("a", "b").judge(about(["a", ""])) is U
    assert X.none_of("a").judge(about(["b", None])) is U
    assert has.judge(about("a")) is U  # a string is not a collection


def test_the_kelvin_sign_is_not_k_and_dotted_capital_i_stays():
    assert X.equals("k").judge(about("\u212a")) is F
    assert X.equals("i").judge(about("\u0130")) is F
    assert X.equals("É").judge(about("é")) is T
    assert X.equals("ss").judge(about("ß")) is F


def test_text_orders_by_code_point():
    assert (X < "b").judge(about("A")) is T  # folded
    assert (attribute("x", case_sensitive=True) < "a").judge(about("B")) is T
    assert (X > "z").judge(about("é")) is T


def test_only_spaces_are_blank():
    assert X.equals("a").judge(about("   ")) is U
    assert X.equals("a").judge(about("\t")) is F
