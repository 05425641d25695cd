"""One tree of reasons, shown four ways."""

import json
import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import IntEnum
from itertools import product
from typing import Any

import attrs
import pytest
from building import NO, UNKNOWN, YES
from rich.console import Console

from mqlkit import (
    Activity,
    Criterion,
    Decision,
    Group,
    History,
    Lead,
    Override,
    Qualification,
    Reason,
    Rule,
    Scorecard,
    Snapshot,
    Verdict,
    activity,
    attribute,
    half_life,
    known,
    linear,
    missing,
    score,
)
from mqlkit.lead import Seen
from mqlkit.measure import AtLeast
from mqlkit.rules.activity import Latest
from mqlkit.rules.base import BaseRule
from mqlkit.scorecard import open_lines_show

TREE = Reason(
    "the whole <b>",
    UNKNOWN,
    parts=(
        Reason("employees is at least 50", YES, (Seen("employees", "60", kind="number"),)),
        Reason(
            "title contains [red]vp",
            UNKNOWN,
            (Seen("title", "blank", kind="text", missing=True), Seen("x", "1", "open")),
            aside="up to 20",
        ),
        Reason(
            "size",
            NO,
            (Seen("size", '"<i>"', kind="number", missing=True, fault="wanted a number"),),
        ),
        Reason("a remark"),
    ),
)


def test_text_has_a_line_for_each_reason() -> None:
    assert str(TREE) == "\n".join(
        [
            "? the whole <b>",
            "  yes: employees is at least 50  (employees is 60)",
            "  ? title contains [red]vp  (title is blank, open.x is 1; up to 20)",
            '  no: size  (size holds "<i>", wanted a number)',
            "  a remark",
        ]
    )


def test_html_is_nested_lists_with_every_text_escaped() -> None:
    assert TREE._repr_html_() == (
        "<ul class='mqlkit'><li class='mqlkit-unknown'>? the whole &lt;b&gt;<ul>"
        "<li class='mqlkit-yes'>yes: employees is at least 50 <small>(employees is 60)</small></li>"
        "<li class='mqlkit-unknown'>? title contains [red]vp "
        "<small>(title is blank, open.x is 1; up to 20)</small></li>"
        "<li class='mqlkit-no'>no: size "
        "<small>(size holds &quot;&lt;i&gt;&quot;, wanted a number)</small></li>"
        "<li>a remark</li></ul></li></ul>"
    )


def test_a_page_has_all_that_a_page_needs_with_its_title_escaped() -> None:
    page = TREE.to_page()
    assert page.startswith(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        "<title>the whole &lt;b&gt;</title>"
    )
    assert page.endswith(f"<body>{TREE._repr_html_()}</body></html>\n")
    assert "<title>&lt;script&gt;\\x1b {x}</title>" in TREE.to_page("<script>\x1b {x}")
    assert "<script" not in TREE.to_page("<script>")
    style = page.split("<style>")[1].split("</style>")[0]
    light, dark = style.split("@media (prefers-color-scheme: dark)")
    for verdict in Verdict:
        assert f".mqlkit-{verdict} " in light
        assert f".mqlkit-{verdict} " in dark
    assert style.count("{") == style.count("}")


def test_plain_data_says_only_what_there_is() -> None:
    data = TREE.to_dict()
    assert data == {
        "text": "the whole <b>",
        "verdict": "unknown",
        "parts": [
            {
                "text": "employees is at least 50",
                "verdict": "yes",
                "seen": [{"field": "employees", "value": "60", "kind": "number"}],
            },
            {
                "text": "title contains [red]vp",
                "verdict": "unknown",
                "seen": [
                    {"field": "title", "value": "blank", "kind": "text", "missing": True},
                    {"field": "x", "value": "1", "of": "open"},
                ],
                "aside": "up to 20",
            },
            {
                "text": "size",
                "verdict": "no",
                "seen": [
                    {
                        "field": "size",
                        "value": '"<i>"',
                        "kind": "number",
                        "missing": True,
                        "fault": "wanted a number",
                    }
                ],
            },
            {"text": "a remark"},
        ],
    }
    assert json.loads(json.dumps(data)) == data


def test_a_terminal_shows_the_same_lines_and_reads_no_markup() -> None:
    console = Console(width=100, color_system=None)
    with console.capture() as capture:
        console.print(TREE)
    lines = [line.lstrip("│├└─ ").rstrip() for line in capture.get().splitlines()]
    assert lines == [line.strip() for line in str(TREE).splitlines()]


def test_long_and_unprintable_texts_are_cut_and_escaped() -> None:
    shown = str(Reason("x" * 401 + "\x1b"))
    assert shown == "x" * 399 + "…"
    assert str(Reason("a\x1bb")) == "a\\x1bb"
    assert "\\x1b" in Reason("a\x1bb").to_html()


def test_a_tree_is_walked_outermost_first() -> None:
    assert [reason.text for reason in TREE.walk()] == [
        "the whole <b>",
        *[p.text for p in TREE.parts],
    ]


def test_only_what_is_unknown_waits_for_blanks() -> None:
    assert [seen.field for seen in TREE.unknowns()] == ["title"]
    assert list(TREE.parts[2].unknowns()) == []


def test_faults_are_found_wherever_they_were_met() -> None:
    assert [seen.field for seen in TREE.faults()] == ["size"]


class Dot:
    """A figure."""

    def to_svg(self) -> str:
        return "<svg/>"


def test_a_figure_stands_in_the_html_alone() -> None:
    plain = Reason("course", parts=(Reason("30"),))
    drawn = Reason("course", parts=(Reason("30"),), figure=Dot())
    assert drawn.to_html() == "<li>course<svg/><ul><li>30</li></ul></li>"
    assert (str(drawn), drawn.to_dict()) == (str(plain), plain.to_dict())


# -- what is kept between explanations -----------------------------------------------------------


class Word(str):
    """A text of somebody's own."""

    __slots__ = ()


class Size(IntEnum):
    """A number of somebody's own."""

    SMALL = 1


NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
VISITS = activity("visit").within(days=30)
BOUGHT = activity("order", paid=True)

VALUES: tuple[object, ...] = (
    *("vp", "VP", " ", "", "x" * 300, "\x1b[31m"),
    *(True, 1, 1.0, False, 0, 0.0, -0.0, 0.5, float("nan"), 10**50),
    *(None, Decimal("1"), ["vp"], {"vp"}, NOW, DAY, History((NOW, "vp"))),
    *(Word("vp"), Word(" "), Size.SMALL),
)
"""Values that are equal, or read alike, but are not told alike; and others."""


def definition(unknowns: str = "ask", most: int | None = None, **group: Any) -> Qualification:
    size = attribute("size")
    rules = [
        Rule("big", size >= 1, 10),
        Rule("listed", size.is_in("vp", "cto"), -5),
        Rule("said", size.contains("v"), 3),
        Rule("there", known("size") & ~missing("size"), 2),
        Rule.by_value("title", "size", {"vp": 4}),
        Rule.each("visits", VISITS, 2, at_most=2, decay=half_life(days=2)),
        Rule.latest("order", BOUGHT, 7),
        Rule("some", (VISITS.count() >= 2) | (BOUGHT.count() >= 1), 1),
    ]
    return Qualification(
        "q",
        version="1",
        card=Scorecard(Group("all", rules, **group), cap=most),
        when=(score() >= 12) & VISITS.happened() & size.is_in("vp", "cto"),
        never={"flagged": size.is_true()},
        unknowns=unknowns,
    )


def a_lead(size: object, visits: int = 0, paid: object = True) -> Lead:
    days = [Activity("visit", NOW - timedelta(days=n)) for n in range(visits)]
    return Lead("ada", {"size": size}, [*days, Activity("order", NOW, {"paid": paid})])


LEADS = tuple(
    a_lead(size, visits, paid)
    for size, (visits, paid) in product(VALUES, [(0, True), (2, None), (5, False)])
)


def told(decision: Decision) -> tuple[object, ...]:
    why = decision.explain()
    return str(why), why.to_html(), why.to_dict(), decision.missing, decision.faults


@pytest.mark.parametrize("unknowns", ["ask", "no"])
def test_an_explanation_says_the_same_whatever_was_explained_before(unknowns: str) -> None:
    """Nothing that is kept for speed is told about a lead that it is not true of."""
    much = definition(unknowns)
    for lead in LEADS + LEADS[::-1]:
        anew = definition(unknowns)
        assert told(much.decide(lead, as_of=NOW)) == told(anew.decide(lead, as_of=NOW))


def test_an_explanation_that_is_read_late_says_the_same() -> None:
    much = definition()
    early = much.decide(LEADS[0], as_of=NOW)
    before = str(early.explain())
    for lead in LEADS:
        str(much.decide(lead, as_of=NOW).explain())
    assert str(early.explain()) == before
    assert str(much.decide(LEADS[0], as_of=NOW).explain()) == before


def test_a_key_without_the_kind_of_value_would_lie() -> None:
    """A liar: True is told as yes and 1 as 1, though they are equal."""
    asking = attribute("size") >= 1
    first, second = (asking.explain(Lead("ada", {"size": size}).at(NOW)) for size in (True, 1))
    assert first != second


def test_what_read_the_same_is_the_same_reason() -> None:
    asking = attribute("size") >= 1
    first, second = (asking.explain(a_lead(60).at(NOW)) for _ in range(2))
    assert first is second


def test_few_reasons_are_kept() -> None:
    asking = attribute("size") >= 1
    for size in range(1_000):
        assert f"size is {size})" in str(asking.explain(a_lead(size).at(NOW)))
    assert 0 < len(asking.recalled.reasons) <= 256


def test_what_is_kept_is_no_part_of_the_value() -> None:
    asking, same = attribute("size") >= 1, attribute("size") >= 1
    why = asking.explain(a_lead(60).at(NOW))
    text = str(why.under("above it"))
    assert text == "yes: above it\n  yes: size is at least 1  (size is 60)"
    assert (asking, hash(asking), repr(asking)) == (same, hash(same), repr(same))
    assert not pickle.loads(pickle.dumps(asking)).recalled.reasons
    again = pickle.loads(pickle.dumps(why))
    assert again == why
    assert again.under("x") is not again.under("x")
    assert why.under("x") is why.under("x")


@attrs.frozen
class ByTheClock(AtLeast):
    """Somebody's own, which reads more than its measure."""

    def judge(self, lead: Snapshot) -> Verdict:
        return Verdict.of(lead.as_of > NOW)


def test_of_somebodys_own_criterion_nothing_is_kept() -> None:
    asking = ByTheClock(attribute("size"), 1)
    before, after = (asking.explain(a_lead(1).at(NOW + n * DAY)) for n in (0, 1))
    assert (before.verdict, after.verdict) == (NO, YES)
    assert not asking.recalled.reasons


def test_a_question_within_a_question_is_told_anew() -> None:
    asking = attribute("size") >= 1
    snapshot = a_lead(60).at(NOW)
    inner = asking.explain(snapshot.traced())
    assert (inner, inner is asking.explain(snapshot)) == (asking.explain(snapshot), False)


@attrs.frozen
class NothingComes(Criterion):
    """Somebody's own, which asks when a score will change, and whether blanks count as no."""

    def judge(self, lead: Snapshot) -> Verdict:
        assert lead.scores is not None
        calm = lead.scores.changes_at("total") is None
        return Verdict.of(calm and not lead.scores.settle)

    def describe(self) -> str:
        return "nothing comes"


@pytest.mark.parametrize("unknowns", ["ask", "no"])
def test_reasons_are_told_without_a_book_as_with_one(unknowns: str) -> None:
    model = attrs.evolve(
        definition(unknowns), when=(score() >= 1_000) & NothingComes() & attribute("size").is_true()
    )
    for lead in LEADS:
        decided = model.decide(lead, as_of=NOW)
        assert decided.reasons == Decision.of(model, lead, NOW).reasons


@pytest.mark.parametrize("unknowns", ["ask", "no"])
@pytest.mark.parametrize("cap", [None, 5, 100])
@pytest.mark.parametrize(
    "group", [{}, {"floor": -3, "cap": 90}, {"decay": linear(days=3)}], ids=str
)
@pytest.mark.parametrize("by_hand", [(), (Override(4, "ada", "why", NOW - DAY, NOW + DAY),)])
def test_what_is_missing_is_found_whatever_hides_it(
    unknowns: str, cap: int | None, group: dict[str, Any], by_hand: tuple[Override, ...]
) -> None:
    """A limit, fading and points by hand may close a score that has an open line."""
    model = definition(unknowns, cap, **group)
    for lead in LEADS:
        lead = attrs.evolve(lead, overrides=by_hand)
        decided = model.decide(lead, as_of=NOW)
        assert decided.missing == Decision.of(model, lead, NOW).missing


def test_which_rules_cannot_hide_that_they_are_open() -> None:
    bought = Rule.each("x", BOUGHT, 1, decay=half_life(days=2))
    once = Rule.each("x", VISITS, 1, once_per="page", decay=half_life(days=2))
    plain = Rule.each("x", VISITS, 1, decay=half_life(days=2))
    shows = [rule.always_shows(fading=False) for rule in (bought, once, plain)]
    assert shows == [False, False, True]
    assert not Rule.latest("x", BOUGHT, 1).always_shows(fading=True)
    assert Rule.latest("x", BOUGHT, 1).always_shows(fading=False)

    @attrs.frozen
    class Mine(BaseRule):
        """Somebody's own, of which nothing is known."""

    @attrs.frozen
    class Own(Latest):
        """Somebody's own."""

    assert not Own("x", VISITS, 1).always_shows(fading=False)
    assert open_lines_show([Scorecard(plain)])
    assert not open_lines_show([Scorecard(Group("g", [bought]))])
    assert not open_lines_show([Scorecard(Mine("x"))])  # type: ignore[abstract]
