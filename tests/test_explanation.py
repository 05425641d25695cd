"""One tree of reasons, shown four ways."""

import json

from building import NO, UNKNOWN, YES
from rich.console import Console

from mqlkit import Reason
from mqlkit.lead import Seen

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
