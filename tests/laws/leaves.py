"""Section E as functions of the leaves they speak of, so that liars can stand in for them."""

import math
import unicodedata
from decimal import Decimal
from itertools import product

from mqlkit import Lead, Snapshot, Verdict, attribute
from mqlkit.criteria.membership import IsIn
from mqlkit.criteria.text import ContainsAny, EndsWith, StartsWith
from mqlkit.measure import AtLeast, AtMost, Equals, LessThan, MoreThan
from mqlkit.testing.strategies.vocabulary import BLANKS, NOW, NUMBERS, STRANGE, VALUES
from mqlkit.value import fold

T, U, F = Verdict.YES, Verdict.UNKNOWN, Verdict.NO
X = attribute("x")
COMPARED = ("lt", "le", "eq", "ge", "gt")
WORDED = ("contains", "starts", "ends")

SHIPPED = {
    "lt": LessThan,
    "le": AtMost,
    "eq": Equals,
    "ge": AtLeast,
    "gt": MoreThan,
    "in": lambda measure, value: IsIn(measure, value if isinstance(value, list) else [value]),
    "contains": lambda measure, word: ContainsAny(measure, [word]),
    "starts": lambda measure, word: StartsWith(measure, [word]),
    "ends": lambda measure, word: EndsWith(measure, [word]),
}


class NAType:
    """What data frames put where nothing is: comparing it says nothing."""

    def __eq__(self, other):
        return self

    def __ne__(self, other):
        return self

    def __bool__(self):
        raise TypeError("boolean value of NA is ambiguous")

    __hash__ = None


def about(value: object) -> Snapshot:
    return Lead("ada", {"x": value}).at(NOW)


def asked(leaves):
    """Every leaf with a literal of each kind that it takes."""
    for name in COMPARED:
        yield leaves[name](X, 50)
        yield leaves[name](X, "software")
        yield leaves[name](X, NOW)
    yield leaves["eq"](X, True)
    for name in (*WORDED, "in"):
        yield leaves[name](X, "software")


def law_63(leaves):
    for leaf, blank in product(asked(leaves), BLANKS):
        assert leaf.judge(about(blank)) is U
        assert leaf.judge(Lead("ada").at(NOW)) is U


def law_64(leaves):
    for number, bound in product((*NUMBERS, -0.0, math.inf, Decimal("2.5")), NUMBERS):
        answers = [leaves[name](X, bound).judge(about(number)) for name in ("lt", "eq", "gt")]
        assert sorted(map(str, answers)) == ["no", "no", "yes"]


def law_65(leaves):
    values = [v for kind in VALUES for v in (*VALUES[kind], *STRANGE[kind])]
    for value, bound in product((*values, *BLANKS), (50, "software", NOW)):
        lead = about(value)
        lt, le, eq, ge, gt = (leaves[name](X, bound).judge(lead) for name in COMPARED)
        assert le is ~gt
        assert ge is ~lt
        assert X.is_not(bound).judge(lead) is ~eq
        assert X.not_in(bound).judge(lead) is ~leaves["in"](X, bound).judge(lead)


def law_66(leaves):
    some, more = ["vp", "Sales"], ["software", "vp"]
    for value in (*VALUES["text"], *BLANKS, 5):
        lead = about(value)
        one, other = leaves["in"](X, some).judge(lead), leaves["in"](X, more).judge(lead)
        assert leaves["in"](X, ["vp"]).judge(lead) is leaves["eq"](X, "vp").judge(lead)
        assert leaves["in"](X, some + more).judge(lead) is one | other
        assert leaves["in"](X, [*reversed(some), *some]).judge(lead) is one
    assert leaves["in"](X, []).judge(about("vp")) is F
    assert leaves["in"](X, []).judge(about(None)) is U


def law_67(leaves):
    for name, flag, bound in product(COMPARED, (True, False), (0, 1)):
        assert leaves[name](X, bound).judge(about(flag)) is U
    for number in (0, 1, 1.0):
        assert leaves["eq"](X, True).judge(about(number)) is U


def law_68(leaves):
    for leaf, nothing in product(asked(leaves), (math.nan, Decimal("NaN"), NAType())):
        assert leaf.judge(about(nothing)) is U


def law_69(leaves):
    for text, word in product(VALUES["text"], ("vp", "software", "SALES", "Straße", "ſ")):
        assert fold(fold(text)) == fold(text)
        for name in ("eq", "in", *WORDED):
            answer = leaves[name](X, word).judge(about(text))
            assert leaves[name](X, fold(word)).judge(about(fold(text))) is answer
            if text.isascii():
                assert leaves[name](X, word).judge(about(text.upper())) is answer
    composed, apart = (unicodedata.normalize(form, "Café") for form in ("NFC", "NFD"))
    assert leaves["eq"](X, apart).judge(about(composed)) is T


def law_70(leaves):
    wrong = {"number": ("50", True, (1,), {"a": 1}, object()), "text": (50, True, ("software",))}
    for name, kind in product(COMPARED, wrong):
        leaf = leaves[name](X, {"number": 50, "text": "software"}[kind])
        for value in wrong[kind]:
            reason = leaf.explain(about(value))
            assert reason.verdict is leaf.judge(about(value)) is U
            assert [seen.fault for seen in reason.faults()] != []
