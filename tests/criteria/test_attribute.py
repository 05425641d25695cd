"""What is asked of one attribute: blanks, wrong kinds and case."""

from datetime import timedelta

import pytest
from building import NO, NOW, UNKNOWN, YES, answer, now, refused

from mqlkit import Criterion, History, Lead, attribute
from mqlkit.criteria.attribute import Attribute
from mqlkit.errors import DefinitionError
from mqlkit.lead import Seen

X = attribute("x")
STRICT = attribute("x", case_sensitive=True)
BLANKS = [None, "", "  ", float("nan")]

QUESTIONS = {
    "at least": (X >= 5, 5, 4),
    "equals": (X.equals("a"), "A", "b"),
    "is not": (X.is_not("a"), "b", "a"),
    "is true": (X.is_true(), True, False),
    "is false": (X.is_false(), False, True),
    "is in": (X.is_in("a", "b"), "B", "c"),
    "not in": (X.not_in("a", "b"), "c", "a"),
    "contains": (X.contains("vp"), "EVP", "vip"),
    "contains any": (X.contains_any("vp", "chief"), "Chief", "clerk"),
    "starts with": (X.starts_with("vp"), "VP Sales", "EVP"),
    "ends with": (X.ends_with("vp", "lead"), "EVP", "VP Sales"),
    "matches": (X.matches("^vp"), "vp sales", "VP sales"),
    "domain is": (X.domain_is("a.example"), "x@A.example", "x@b.a.example"),
    "any of": (X.any_of("a", "b"), ["B", "c"], ["c"]),
    "all of": (X.all_of("a", "b"), ["B", "a", "c"], ["a"]),
    "none of": (X.none_of("a", "b"), ["c"], ["a"]),
    "days since": (X.days_since() >= 0, NOW, NOW + timedelta(days=1)),
}


@pytest.mark.parametrize(("question", "yes", "no"), QUESTIONS.values(), ids=QUESTIONS)
def test_each_question_has_three_answers(question: Criterion, yes: object, no: object) -> None:
    assert answer(question, x=yes) is YES
    assert answer(question, x=no) is NO
    assert [answer(question, x=blank) for blank in BLANKS] == [UNKNOWN] * 4
    assert answer(question) is UNKNOWN
    assert answer(question, x={"wrong": "kind"}) is UNKNOWN


@pytest.mark.parametrize(("question", "yes", "no"), QUESTIONS.values(), ids=QUESTIONS)
def test_each_question_changes_with_the_history_of_its_attribute(
    question: Criterion, yes: object, no: object
) -> None:
    later = NOW + timedelta(days=9)
    lead = Lead("ada", {"x": History((NOW - timedelta(1), yes), (later, no))}).at(NOW)
    due = question.changes_at(lead)
    assert due is not None
    assert NOW < due <= later
    assert question.changes_at(now(x="plain")) is None


@pytest.mark.parametrize(("question", "yes", "no"), QUESTIONS.values(), ids=QUESTIONS)
def test_each_question_explains_what_it_read(question: Criterion, yes: object, no: object) -> None:
    blank = question.explain(now())
    assert blank.verdict is UNKNOWN
    assert [seen.name for seen in blank.unknowns()] == ["x"]
    wrong = question.explain(now(x={}))
    assert [bool(seen.fault) for seen in wrong.unknowns()] == [True]
    assert question.explain(now(x=yes)).verdict is YES
    assert list(question.explain(now(x=yes)).unknowns()) == []


def test_case_matters_only_when_asked() -> None:
    for build in (
        lambda x: x.equals("VP"),
        lambda x: x.is_in("VP"),
        lambda x: x.contains("VP"),
        lambda x: x.starts_with("VP"),
        lambda x: x.ends_with("VP"),
    ):
        assert answer(build(X), x="vp") is YES
        assert answer(build(STRICT), x="vp") is NO
        assert answer(build(STRICT), x="VP") is YES
        assert build(X) != build(STRICT)
    assert answer(X.any_of("VP"), x=["vp"]) is YES
    assert answer(STRICT.any_of("VP"), x=["vp"]) is NO
    assert answer(X >= "b", x="B") is YES
    assert answer(STRICT >= "b", x="B") is NO


def test_a_domain_never_minds_case() -> None:
    assert answer(STRICT.domain_is("A.example"), x="x@a.EXAMPLE") is YES


def test_the_kelvin_sign_is_not_a_k() -> None:
    assert answer(X.equals("k"), x="\u212a") is NO
    assert X.equals("\u212a") == X.equals("K")  # a model's text is brought to NFC, a lead's is not


def test_model_text_is_brought_to_nfc_and_lead_text_is_taken_as_it_is() -> None:
    assert answer(X.equals("Cafe\u0301"), x="Café") is YES
    assert answer(X.equals("Café"), x="Cafe\u0301") is NO


def test_a_default_stands_in_for_a_blank() -> None:
    stated = attribute("x", default=5)
    assert answer(stated >= 5) is YES
    assert answer(stated >= 5, x=4) is NO
    assert answer(stated >= 5, x="many") is YES  # of another kind: as if blank
    assert answer(stated.equals("a")) is UNKNOWN  # the default is no text
    assert stated.describe() == "x (5 if blank)"
    assert (stated >= 5).describe() == "x (5 if blank) is at least 5"
    assert stated.about_knowledge
    assert not X.about_knowledge
    assert answer(attribute("x", default="VP").contains("vp")) is YES


@pytest.mark.parametrize(
    ("build", "about"),
    [
        (lambda x: x.is_in("a"), True),
        (lambda x: x.contains("a"), True),
        (lambda x: x.domain_is("a"), True),
        (lambda x: x.any_of("a"), True),
    ],
)
def test_a_default_makes_the_question_about_knowledge(build: object, about: bool) -> None:
    assert build(attribute("x", default="a")).about_knowledge is about
    assert build(X).about_knowledge is False


def test_defaults_that_differ_in_kind_differ() -> None:
    assert attribute("x", default=1) != attribute("x", default=True)
    assert attribute("x", default=1) == attribute("x", default=1.0)
    assert hash(attribute("x", default=1)) == hash(attribute("x", default=1.0))
    assert Attribute("x") == X


@pytest.mark.parametrize("name", ["", " ", None, 5, "x" * 201])
def test_a_field_has_a_name(name: object) -> None:
    with pytest.raises(DefinitionError, match=r"^a field is named by text of at most 200 charac"):
        attribute(name)


def test_a_default_is_a_literal() -> None:
    with refused(
        DefinitionError, "a blank text never matches; to ask for a blank use missing(field)"
    ):
        attribute("x", default=" ")


def test_a_related_record_is_read_by_its_path() -> None:
    big = attribute("account.employees") >= 50
    acme = Lead("acme", {"employees": 60})
    assert big.judge(Lead("ada", account=acme).at(NOW)) is YES
    assert answer(big, account={"employees": 49}) is NO
    assert answer(big) is UNKNOWN
    assert big.explain(now()).seen == (
        Seen("account.employees", "blank", kind="number", missing=True),
    )
