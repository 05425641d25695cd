"""What a definition asks for and the files do not have, and the other way round."""

from collections import Counter

import attrs
import pytest

from mqlkit import (
    Criterion,
    Group,
    Qualification,
    Rule,
    Scorecard,
    Verdict,
    activity,
    attribute,
    known,
    people,
)
from mqlkit.tables.asked import Asked, Found, remarks

VISITS = activity("page_view", page="/pricing")
CARD = Scorecard(
    Group("fit", [Rule.by_value("industry", attribute("industry"), {"software": 5})]),
    Group("doing", [Rule.each("webinars", activity("webinar"), 5, once_per="webinar_id")]),
)


def asked(when: Criterion, **more: object) -> Asked:
    return Asked.by(Qualification("a", version="1", when=when, **more))  # type: ignore[arg-type]


def test_all_parts_of_a_definition_are_looked_through() -> None:
    found = asked(
        VISITS.sum("seconds") >= 5,
        card=CARD,
        never={"rival": attribute("email").domain_is("rival.example")},
        at_once={"then": activity("demo").then(activity("call"), days=3)},
        labels={"old": known("account.founded") & (attribute("created").days_since() >= 3)},
    )
    assert found.fields == {"industry", "email", "account.founded", "created"}
    assert found.properties == {"page", "seconds", "webinar_id"}
    assert found.kinds == {"page_view", "webinar", "demo", "call"}
    assert not found.any_kind


def test_fields_of_an_account_s_people_are_no_fields_of_the_lead() -> None:
    assert asked(people(CARD).sum() >= 5).fields == set()


def test_activities_of_any_kind() -> None:
    assert asked(activity().happened()).any_kind


def test_one_of_a_user_s_own_may_ask_for_any_kind() -> None:
    @attrs.frozen
    class Own(Criterion):
        def judge(self, lead: object) -> Verdict:
            return Verdict.NO

        def describe(self) -> str:
            return "own"

    assert asked(VISITS.happened() & Own()).any_kind


@pytest.mark.parametrize(
    ("there", "told"),
    [
        (
            {"Employees", "title"},
            [
                "the definition asks for the field 'employees', which no column supplies; "
                "did you mean 'Employees'?"
            ],
        ),
        ({"title"}, ["the definition asks for the field 'employees', which no column supplies"]),
        ({"employees"}, []),
    ],
)
def test_a_field_that_no_column_supplies(there: set[str], told: list[str]) -> None:
    wanted = asked(attribute("employees") >= 50)
    assert list(remarks(wanted, Found(there, named=True))) == told
    assert list(remarks(wanted, Found(there))) == []  # JSON leaves out what is blank.


def test_a_dotted_path_leads_into_a_column() -> None:
    wanted = asked(attribute("account.employees") >= 50)
    assert list(remarks(wanted, Found({"account"}, named=True))) == []


def test_kinds_that_are_never_asked_for() -> None:
    found = Found(kinds=Counter({"Page View": 1_200, "email_open": 3, "demo": 2}))
    wanted = asked(VISITS.happened() | activity("demo").happened())
    assert list(remarks(wanted, found)) == [
        "the definition asks for the activities' property 'page', which none of them has",
        "the definition never asks for activities of the kind 'Page View' (1,200 rows; did you "
        "mean 'page_view'?) or 'email_open' (3 rows)",
    ]
    found.properties.add("page")
    assert list(remarks(asked(VISITS.happened() | activity().happened()), found)) == []


def test_a_kind_that_is_there_is_not_what_another_was_meant_to_be() -> None:
    found = Found(kinds=Counter({"page_view": 1, "page_views": 1}), properties={"page"})
    (note,) = remarks(asked(VISITS.happened()), found)
    assert note == "the definition never asks for activities of the kind 'page_views' (1 rows)"
