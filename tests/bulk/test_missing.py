"""
What is missing, part by part.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from bulk.beside import missing
from bulk.tabular import ActivityRow, DuckDBStore, LeadRow, World

from mqlkit import (
    Band,
    Criterion,
    Decision,
    Group,
    Qualification,
    Rule,
    Scorecard,
    Verdict,
    activity,
    all_of,
    any_of,
    at_least,
    attribute,
    days_in_stage,
    exactly,
    expires,
    grade,
    if_,
    known,
    linear,
    score,
    stage,
)
from mqlkit.bulk.dialects import DIALECTS
from mqlkit.bulk.dialects.base import Refused
from mqlkit.bulk.own import Columns, prints
from mqlkit.bulk.refusals import BulkError
from mqlkit.bulk.statement import statement
from mqlkit.criteria.aggregate import Count
from mqlkit.criteria.selection import Selection
from mqlkit.measure import AtLeast

STORE = DuckDBStore()
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FIELDS: Any = {
    "employees": "whole",
    "title": "text",
    "email": "text",
    "signed_up": "instant",
    "tags": "items",
}
PROPERTIES: Any = {"page": "text", "mail": "text", "value": "number", "tags": "items"}
big = attribute("employees") >= 50
boss = attribute("title").contains("chief")
views, mails = activity("view"), activity("mail")
pricing = views.where(page="/pricing")


def asked(when: Criterion = big, **parts: Any) -> Qualification:
    """A definition of one question."""
    return Qualification("mql", version="1", when=when, **parts)


def gives(*rules: Any, **parts: Any) -> Qualification:
    """A definition of a card."""
    return asked(known("title") | ~known("title"), card=Scorecard(*rules), **parts)


def lead(*did: ActivityRow, stage: str | None = None, **fields: Any) -> World:
    """A lead with what it did."""
    return World([LeadRow("ada", fields, stage, None, NOW)], did, FIELDS, PROPERTIES)


def did(kind: str, days: float = 1, **properties: Any) -> ActivityRow:
    """Something done so many days ago."""
    return ActivityRow("ada", kind, NOW - days * DAY, None, properties)


def missing_of(model: Qualification, about: World) -> str:
    """What the column says, which is what the reference says."""
    made = statement(model, STORE.write(about), STORE.dialect, NOW)
    said = STORE.rows(made)[0]["missing"]
    assert said == missing(Decision.of(model, about.lead(about.leads[0]), NOW))
    return str(said)


BLANK, PRICES, JOBS = did("view"), did("view", page="/pricing"), did("view", page="/jobs")


@pytest.mark.parametrize(
    ("model", "about", "fields"),
    [
        (asked(), lead(), "employees"),
        (asked(), lead(employees=3), ""),
        (asked(big & boss), lead(), "employees; title"),
        (asked(big & boss), lead(employees=3), ""),
        (asked(big | boss), lead(employees=3), "title"),
        (asked(~(big & boss)), lead(employees=50), "title"),
        (asked(boss.named("decides")), lead(), "title"),
        (asked(boss.if_unknown(Verdict.NO)), lead(), ""),
        (asked(at_least(2, big, boss, stage().equals("mql"))), lead(), "employees; stage; title"),
        (asked(exactly(1, big, boss)), lead(title="x"), "employees"),
        (asked(if_(big, boss, ~boss)), lead(employees=50), "title"),
        (asked(if_(big, boss, days_in_stage() >= 3)), lead(employees=1), "stage_since"),
        (asked(if_(big, boss, ~boss)), lead(title="chief"), "employees"),
        (asked(attribute("email").domain_is("a.example")), lead(email="nobody"), "email"),
        (asked(attribute("title").matches("x")), lead(title="x" * 65_537), "title"),
        (asked(attribute("tags").any_of("a")), lead(tags=["b", None]), "tags"),
        (asked(attribute("signed_up").days_since() >= 3), lead(), "signed_up"),
        (asked(attribute("employees").between(2, 5)), lead(), "employees"),
        (asked(boss, at_once={"big": big}), lead(title="chief"), ""),
        (asked(boss, never={"big": big}), lead(title="x"), ""),
        (asked(boss, never={"big": big}), lead(title="chief"), "employees"),
        (asked(boss, never={"big": big}), lead(employees=50), ""),
        (asked(boss, unknowns="no"), lead(), ""),
        (asked(boss, labels={"big": big}), lead(title="chief"), ""),
        (gives(Rule("r", boss, 5)), lead(), "title"),
        (gives(Rule("r", boss, 0)), lead(), ""),
        (gives(Rule("r", boss & big, -5)), lead(employees=3), ""),
        (gives(Rule("r", boss, 5), never={"big": big}), lead(employees=50), ""),
        (gives(Rule.by_value("r", "title", {"chief": 5})), lead(), "title"),
        (gives(Rule.by_value("r", "title", {"chief": 0})), lead(), ""),
        (gives(Rule.first_of("r", (big, 5), (boss, 9))), lead(employees=50), ""),
        (gives(Rule.first_of("r", (big, 5), (boss, 9))), lead(title="chief"), "employees"),
        (
            gives(Rule.first_of("r", (known("title"), 5), (boss, 9), (big, 1))),
            lead(),
            "employees; title",
        ),
        (gives(Rule.best_of("r", (big, 5), (boss, 9))), lead(employees=50), "title"),
        (
            gives(Rule.by_band("r", attribute("employees"), [Band(5, at_least=9)])),
            lead(),
            "employees",
        ),
        (
            gives(Group("g", [Rule("r", boss, 5)]), grades={"g": grade("g", {"A": 5}, lowest="B")}),
            lead(),
            "title",
        ),
        (asked(score("g") >= 5, card=Scorecard(Group("g", [Rule("r", boss, 5)]))), lead(), "title"),
        (
            asked(
                grade("g", {"A": 5}, lowest="B").equals("A"),
                card=Scorecard(Group("g", [Rule("r", boss, 5)])),
            ),
            lead(),
            "title",
        ),
        (gives(Rule("s", score("g") >= 5, 5), Group("g", [Rule("r", boss, 5)])), lead(), "title"),
        (asked(pricing.happened()), lead(BLANK), "view.page"),
        (asked(pricing.happened()), lead(BLANK, PRICES), ""),
        (asked(pricing.happened()), lead(JOBS), ""),
        (asked(pricing.count().between(1, 2)), lead(BLANK), "view.page"),
        (asked(pricing.within(days=1).happened()), lead(BLANK), ""),
        (asked(views.sum("value") >= 3), lead(did("view")), "view.value"),
        (asked(views.sum("value") >= 3), lead(did("view", value=1e13)), "view.value"),
        (asked(views.max("value") >= 3), lead(did("view")), "view.value"),
        (asked(views.distinct("page") >= 1), lead(did("view")), "view.page"),
        (asked(pricing.sum("value") >= 3), lead(did("view", value=9)), "view.page"),
        (asked(pricing.sum("value") >= 3), lead(did("view", page="/pricing")), "view.value"),
        (asked(pricing.then(mails)), lead(did("view", 2), did("mail", 1)), "view.page"),
        (asked(pricing.then(mails)), lead(did("view", 2), did("mail", 3)), ""),
        (asked(activity("view", "mail", page="/a").happened()), lead(did("mail")), "mail.page"),
        (
            asked(activity(page="/a").happened()),
            lead(did("mail"), did("tel")),
            "mail.page; tel.page",
        ),
        (asked(activity(page="/a").happened() & boss), lead(did("zoo")), "title; zoo.page"),
        (asked(activity(page="/a").happened() & boss), lead(title="x"), ""),
        (asked(activity().sum("value") >= 3), lead(did("mail"), did("tel", value=1)), "mail.value"),
        (asked(pricing.happened(), never={"x": big}), lead(BLANK, employees=50), ""),
        (gives(Rule.each("r", pricing, 5)), lead(BLANK), "view.page"),
        (gives(Rule.each("r", pricing, 0)), lead(BLANK), ""),
        (gives(Rule.each("r", pricing, 5, at_most=1)), lead(BLANK, PRICES), ""),
        (gives(Rule.each("r", views, 5)), lead(BLANK), ""),
        (
            gives(Rule.latest("r", pricing, 5, decay=expires(days=3))),
            lead(did("view", 9)),
            "view.page",
        ),
        (
            gives(Rule.latest("r", pricing, 5, decay=linear(days=9))),
            lead(did("view", 2), PRICES),
            "",
        ),
        (
            gives(Rule.latest("r", pricing, 5, decay=linear(days=9))),
            lead(BLANK, did("view", 4, page="/pricing")),
            "view.page",
        ),
        (
            gives(Rule.each("r", pricing, 5, decay=expires(days=3))),
            lead(did("view", 9)),
            "view.page",
        ),
        (
            gives(Rule.each("r", pricing, 5, at_most=2, decay=expires(days=3))),
            lead(did("view", 9)),
            "view.page",
        ),
        (
            gives(Rule.each("r", pricing, 5, at_most=1, per=1, decay=expires(days=3))),
            lead(did("view", 9)),
            "view.page",
        ),
        (gives(Rule.each("r", views, 5, once_per="page")), lead(BLANK), "view.page"),
        (
            gives(Rule.each("r", views, 5, once_per="page", decay=expires(days=1))),
            lead(did("view", 9)),
            "view.page",
        ),
        (gives(Rule.each("r", activity(), 5, once_per="page")), lead(did("tel")), "tel.page"),
    ],
)
def test_the_fields_that_are_missing(model: Qualification, about: World, fields: str) -> None:
    assert missing_of(model, about) == fields


PAGE, MAIL, VALUE = attribute("page"), attribute("mail"), attribute("value")


@pytest.mark.parametrize(
    ("where", "row", "fields"),
    [
        ((PAGE.equals("/a") & (VALUE >= 3),), {"page": "/b"}, ""),
        ((PAGE.equals("/a") & (VALUE >= 3),), {"page": "/a"}, "view.value"),
        ((PAGE.equals("/a") & (VALUE >= 3),), {}, "view.page; view.value"),
        ((PAGE.equals("/a") | (VALUE >= 3),), {"page": "/a"}, ""),
        ((PAGE.equals("/a") | (VALUE >= 3),), {"page": "/b"}, "view.value"),
        ((PAGE.equals("/a"), VALUE >= 3), {}, "view.page; view.value"),
        ((PAGE.equals("/a"), known("mail")), {"mail": "x"}, "view.page"),
        ((PAGE.equals("/a"), ~known("mail")), {}, "view.mail; view.page"),
        ((PAGE.equals("/a"), MAIL.missing()), {}, "view.mail; view.page"),
        ((~PAGE.equals("/a"),), {}, "view.page"),
        ((at_least(1, PAGE.equals("/a"), VALUE >= 3),), {}, "view.page; view.value"),
        ((PAGE.equals("/a"), (VALUE >= 3).if_unknown(Verdict.YES)), {}, "view.page; view.value"),
        ((PAGE.equals("/a"), attribute("value", default=9) >= 3), {}, "view.page; view.value"),
        ((MAIL.domain_is("a.example"),), {"mail": "nobody"}, "view.mail"),
        ((PAGE.matches("a"),), {"page": "a" * 65_537}, ""),
        ((PAGE.matches("a"),), {}, "view.page"),
        ((attribute("tags").any_of("a"),), {"tags": [None]}, ""),
    ],
)  # fmt: skip
def test_the_blanks_that_a_filter_meets(where: Any, row: dict[str, Any], fields: str) -> None:
    """ "And" looks no further where one part is NO, "or" where one is YES."""
    model = asked(views.where(*where).happened())
    assert missing_of(model, lead(did("view", **row))) == fields


def test_a_blank_of_another_activity_is_missing_too() -> None:
    """The reference names every blank that it met on the way to an open answer."""
    model = asked(views.where(PAGE.equals("/a"), VALUE >= 3).happened())
    rows = did("view", page="/b"), did("view", page="/a", value=1), did("view", value=4)
    assert missing_of(model, lead(*rows)) == "view.page; view.value"


def test_who_has_no_activities_loaded_misses_them() -> None:
    for model in (
        asked(pricing.happened()),
        asked(pricing.then(mails)),
        gives(Rule.each("r", views, 5)),
        gives(Rule.latest("r", views, 5, decay=linear(days=9))),
    ):
        assert missing_of(model, attrs.evolve(lead(), activities=None)) == "activities"


# -- parts of one's own ----------------------------------------------------------------------------


@attrs.frozen
class Bigger(Criterion):
    """Whether one number is greater than another."""

    one: str
    other: str

    def judge(self, lead: Any) -> Verdict:
        one, other = lead.number(self.one), lead.number(self.other)
        return Verdict.UNKNOWN if one is None or other is None else Verdict.of(one > other)

    def describe(self) -> str:
        return f"{self.one} is more than {self.other}"


@prints(Bigger)
def bigger(criterion: Bigger, columns: Columns) -> str:
    """The SQL of it."""
    return f"{columns.number(criterion.one)} > {columns.number(criterion.other)}"


def test_a_part_of_ones_own_misses_what_its_sql_reads() -> None:
    both = Bigger("employees", "n")
    about = lead(employees=3)
    about = attrs.evolve(about, fields={**about.fields, "n": "number"})
    assert missing_of(asked(both), about) == "n"
    filtered = asked(views.where(Bigger("value", "n")).happened())
    about = attrs.evolve(lead(did("view", value=3)), properties={**PROPERTIES, "n": "number"})
    assert missing_of(filtered, about) == "view.n"


@attrs.frozen
class OwnLeast(AtLeast):
    """A built-in question of somebody's own make, which nothing prints."""


@attrs.frozen
class OwnSelection(Selection):
    """A selection of somebody's own, which nothing prints."""


def test_what_cannot_be_printed_is_told_by_who_prints_it() -> None:
    tables = STORE.write(lead())
    own = asked(
        any_of(
            OwnLeast(attribute("employees"), 3),
            attribute("left").equals("x"),
            AtLeast(Count(OwnSelection(("view",))), 1),
            views.of_account().happened(),
        ),
        card=Scorecard(Rule.each("r", OwnSelection(("view",)), 5)),
    )
    with pytest.raises(BulkError) as refused:
        statement(own, tables, STORE.dialect, NOW)
    assert not [fault for fault in refused.value.faults if fault.startswith("missing: asks")]


ANY_KIND = asked(activity(page="/a").happened() & pricing.happened())
REFUSING = ("bigquery", "snowflake", "trino")


@pytest.mark.parametrize("name", sorted({*DIALECTS} - {*REFUSING}))
def test_names_that_only_rows_tell_are_gathered(name: str) -> None:
    text = statement(ANY_KIND, STORE.write(lead()), DIALECTS[name](), NOW).text
    assert text.count("'.page'") == text.count("'view.page'") == 1


@pytest.mark.parametrize("name", REFUSING)
def test_names_that_only_rows_tell_are_refused(name: str) -> None:
    tables, dialect = STORE.write(lead()), DIALECTS[name]()
    with pytest.raises(BulkError) as refused:
        statement(ANY_KIND, tables, dialect, NOW)
    assert refused.value.faults == (
        f"missing: {dialect.title} cannot do the names of what is missing of activities of any "
        "kind: name their kinds",
    )
    with pytest.raises(Refused):
        dialect.merged([], [("TRUE", "a_names_page")])
    assert "'.page'" not in statement(ANY_KIND, tables, dialect, NOW, missing=False).text


# -- the text --------------------------------------------------------------------------------------


def text_of(model: Qualification) -> str:
    """The expression of the column."""
    made = statement(model, STORE.write(lead()), STORE.dialect, NOW)
    return next(out.sql for out in made.columns if out.name == "missing")


def test_a_field_stands_once_however_many_wait_for_it() -> None:
    rules = [Rule(f"r{n}", attribute("employees") >= n, 5) for n in range(20)]
    text = text_of(asked(all_of(big, boss), card=Scorecard(*rules)))
    assert text.count("'; employees'") == text.count("'; title'") == 1
    assert "CASE WHEN f_employees IS NULL THEN '; employees'" in text


def test_one_property_of_one_kind_needs_no_count_of_blanks() -> None:
    tables = STORE.write(lead())
    one = asked(pricing.happened(), card=Scorecard(Rule.each("r", pricing, 5, at_most=3)))
    with_it, without = (
        statement(one, tables, STORE.dialect, NOW, missing=asks).text.count("FILTER")
        for asks in (True, False)
    )
    assert with_it == without


def test_nothing_is_ever_missing_of_what_is_always_known() -> None:
    assert text_of(asked(known("title"))) == "''"
    assert text_of(asked(boss, unknowns="no")) == "''"
