"""A lifecycle as Mermaid, DOT, a table and a picture, whatever its names are."""

import re
from datetime import timedelta
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from building import refused
from hypothesis import given, settings
from hypothesis import strategies as st
from wandering import RICH, built, drafts

from mqlkit import attribute
from mqlkit.calendar import Calendar
from mqlkit.errors import DefinitionError
from mqlkit.lifecycle import Lifecycle, Stage, Transition, standard

DAY = timedelta(days=1)
NASTY = (
    'x"]; click s0 "javascript:alert(1)',
    "</text><script>alert(1)</script>",
    "a\nb --> c",
    "\\",
    '"',
    "end",
    "%% note",
    "`**bold**`",
    "#quot;",
    "\x1b[31mred",
    "é ü 日本",
    "--> |x|",
)
SMALL = Lifecycle(
    "small",
    [
        Stage("lead", "sla", within=DAY, business=True, cool_down=2 * DAY),
        Stage("mql", at_most=1, beyond="lost"),
        Stage("check", "gate"),
        Stage("won", "terminal", team="sales"),
        Stage("lost", "terminal"),
        Stage("gone", "terminal"),
    ],
    [
        Transition("expired", "lead", "lost"),
        Transition("qualified", "lead", "check", attribute("employees") >= 50),
        Transition("at once", "check", "mql"),
        Transition("again", "mql", "mql"),
        Transition("unqualified", "mql", "lead", dwell=DAY),
        Transition("won", "mql", "won"),
        Transition("jumped", "lead", "won"),
        Transition("back", "lost", "gone"),
        Transition("gone", "*", "gone"),
        Transition("sold", "*", "won"),
    ],
    path=("lead", "mql", "won"),
    calendar=Calendar.always(),
)


def test_the_mermaid_text():
    assert SMALL.diagram() == SMALL.diagram("mermaid")
    assert SMALL.diagram().split("\n    classDef")[0] == (
        """\
flowchart LR
    begin(( )) --> s0
    s0(["lead<br/>within 24 working hours, rests 2 days"]):::marketing
    s1["mql"]:::marketing
    s2{"check"}:::marketing
    s3[["won"]]:::sales
    s4[["lost"]]:::marketing
    s5[["gone"]]:::marketing
    any>"any stage"]
    s0 -->|"expired"| s4
    s0 -->|"qualified, if employees is at least 50"| s2
    s2 -->|"at once"| s1
    s1 -->|"again"| s1
    s1 -->|"unqualified for 1 day"| s0
    s1 -->|"won"| s3
    s0 -->|"jumped"| s3
    s4 -->|"back"| s5
    any -->|"gone"| s5
    any -->|"sold"| s3
    s1 -.->|"visit 2 and later"| s4"""
    )


def test_the_dot_text():
    text = SMALL.diagram("dot")
    assert text.startswith('digraph "small" {\n    rankdir=LR\n    begin [shape=point]\n')
    assert '    s0 [label="lead\\nwithin 24 working hours, rests 2 days", ' in text
    assert '    s1 -> s4 [label="visit 2 and later", style=dashed]\n}\n' in text
    assert '    any -> s5 [label="gone"]' in text


def test_the_table():
    short = Lifecycle(
        "short",
        [Stage("lead"), Stage("done", "terminal", team="sales")],
        [
            Transition("up", "lead", "done", attribute("employees") >= 50),
            Transition("gone", "*", "done"),
        ],
    )
    assert (
        short.diagram("table")
        == """\
stage  kind       team
-----  ---------  ---------
lead   inventory  marketing
done   terminal   sales

from       on    to    if
---------  ----  ----  ------------------------
lead       up    done  employees is at least 50
any stage  gone  done
"""
    )
    assert "any" not in Lifecycle("x", short.stages, short.moves[:1]).diagram("dot")
    assert "any" not in Lifecycle("x", short.stages, short.moves[:1]).diagram("mermaid")


def boxes(text):
    tree = ElementTree.fromstring(text)
    return [float(r.get("x")) for r in tree.iter("{http://www.w3.org/2000/svg}rect") if r.get("x")]


@pytest.mark.parametrize(
    "lifecycle",
    [SMALL, standard(cool_down=90 * DAY), Lifecycle(**RICH)],
    ids=lambda lifecycle: lifecycle.name,
)
def test_the_picture_shows_every_stage_and_every_trigger(lifecycle):
    text = lifecycle.diagram("svg")
    assert lifecycle._repr_svg_() == text
    assert len(boxes(text)) == len(lifecycle.stages)
    words = set(re.findall(r">([^<>]+)<", text))
    assert set(lifecycle.by_name) <= words
    for move in lifecycle.moves:
        assert any(move.on in word for word in words)


def test_what_a_line_waits_for_is_told_to_who_points_at_it():
    assert "qualified, if employees is at least 50" in SMALL.diagram("svg")
    assert ">qualified …<" in SMALL.diagram("svg")


@settings(max_examples=60, deadline=None)
@given(draft=drafts())
def test_stages_never_lie_on_one_another(draft):
    lifecycle = built(Lifecycle, {**draft, "path": ("a",)})
    if lifecycle is None:
        return
    tree = ElementTree.fromstring(lifecycle.diagram("svg"))
    rects = tree.findall(".//{http://www.w3.org/2000/svg}g/{http://www.w3.org/2000/svg}rect")
    corners = sorted((float(r.get("y")), float(r.get("x"))) for r in rects)
    for (y1, x1), (y2, x2) in pairwise(corners):
        assert y1 != y2 or x2 - x1 >= 128
    width, height = float(tree.get("width")), float(tree.get("height"))
    assert all(x + 128 <= width and y + 46 <= height for y, x in corners)


def named(name, trigger):
    return Lifecycle(
        name,
        [Stage(name), Stage("done", "terminal")],
        [Transition(trigger, name, "done", attribute("x").equals(name))],
    )


@pytest.mark.parametrize("name", NASTY)
def test_nothing_that_a_user_writes_breaks_out(name):
    lifecycle = named(name, name)
    mermaid = lifecycle.diagram("mermaid")
    plain = named("plain", "plain").diagram("mermaid")
    assert len(mermaid.splitlines()) == len(plain.splitlines())
    shape = re.compile(r'"[^"]*"')
    assert shape.sub("", mermaid) == shape.sub("", plain)
    quoted = "".join(shape.findall(mermaid))
    assert not set(re.sub(r"#\d+;|<br/>", "", quoted)) & set("<>&`|[](){}#;%\\\n")

    quotes = re.compile(r'"(?:[^"\\]|\\.)*"')
    dot = lifecycle.diagram("dot")
    assert quotes.sub("", dot) == quotes.sub("", named("plain", "plain").diagram("dot"))

    tags = [node.tag for node in ElementTree.fromstring(lifecycle.diagram("svg")).iter()]
    expected = named("plain", "plain").diagram("svg")
    assert tags == [node.tag for node in ElementTree.fromstring(expected).iter()]

    table = lifecycle.diagram("table")
    assert len(table.splitlines()) == len(named("a", "b").diagram("table").splitlines())
    assert all(c.isprintable() for c in table.replace("\n", ""))


@settings(max_examples=80, deadline=None)
@given(name=st.text(min_size=1, max_size=100).filter(lambda text: text.strip(" ") and text != "*"))
def test_any_name_can_be_drawn(name):
    lifecycle = built(lambda **parts: Lifecycle(**parts), vars_of(name))
    ElementTree.fromstring(lifecycle.diagram("svg"))
    quotes = re.compile(r'"(?:[^"\\]|\\.)*"')
    assert quotes.sub("", lifecycle.diagram("dot")) == quotes.sub(
        "", named("plain", "plain").diagram("dot")
    )


def vars_of(name):
    other = "done" if name != "done" else "end"
    return {
        "name": name,
        "stages": [Stage(name), Stage(other, "terminal")],
        "moves": [Transition("plain", name, other)],
    }


@pytest.mark.parametrize(
    ("within", "business", "said"),
    [
        (timedelta(hours=28), True, "within 28 working hours"),
        (timedelta(hours=1), True, "within 1 working hour"),
        (timedelta(minutes=90), True, "within 1.5 working hours"),
        (timedelta(days=14), False, "within 14 days"),
        (timedelta(days=1), False, "within 1 day"),
    ],
)
def test_time_on_a_calendar_is_told_in_working_hours(within, business, said):
    """A working day has other hours in every team."""
    lifecycle = Lifecycle(
        "l",
        [Stage("lead", "sla", within=within, business=business), Stage("out", "terminal")],
        [Transition("expired", "lead", "out")],
        calendar=Calendar("UTC", {"mon-fri": "09:00-17:00"}),
    )
    for kind in ("mermaid", "dot", "table"):
        assert re.search(rf"{re.escape(said)}\b", lifecycle.diagram(kind))


def test_there_are_four_kinds():
    with refused(DefinitionError, "a diagram is 'mermaid', 'table', 'dot' or 'svg', not \"png\""):
        SMALL.diagram("png")
