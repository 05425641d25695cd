"""A staircase as a drawing: true to every step, bounded in size, safe to put into a page."""

import re
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from random import Random
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mqlkit.points import Triple
from mqlkit.staircase import Bound, Mark, Staircase, Step

NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SVG = "{http://www.w3.org/2000/svg}"


def flat(points: int) -> Triple:
    """So many points, with nothing unknown."""
    return Triple(points * 1000, points * 1000, points * 1000)


def stairs(*several: tuple[float, Triple], days: float = 10, **more: object) -> Staircase:
    """A staircase of so many days, each step so many days after noon."""
    steps = tuple(Step(NOON + DAY * after, millis) for after, millis in several)
    return Staircase("fit", "told", NOON, NOON + DAY * days, steps, **more)  # type: ignore[arg-type]


def drawn(staircase: Staircase) -> ElementTree.Element:
    """The drawing as a reader of XML finds it."""
    return ElementTree.fromstring(staircase.to_svg())


def texts(staircase: Staircase) -> list[str]:
    """All that is written in it."""
    return [text.text or "" for text in drawn(staircase).iter(f"{SVG}text")]


def corners(path: str) -> list[tuple[float, float]]:
    """The corners of a path of straight lines."""
    return [tuple(map(float, pair.split())) for pair in path.strip("MZ").split("L")]  # type: ignore[misc]


def line(staircase: Staircase) -> list[tuple[float, float]]:
    """The corners of the line of points."""
    (path,) = (p for p in drawn(staircase).iter(f"{SVG}path") if p.get("stroke-width") == "2")
    return corners(path.attrib["d"])


def area(staircase: Staircase) -> list[list[tuple[float, float]]]:
    """The corners of the range, if it is drawn."""
    paths = [p.attrib["d"] for p in drawn(staircase).iter(f"{SVG}path")]
    return [corners(path) for path in paths if path.endswith("Z")]


# -- true to the steps -------------------------------------------------------------------------


def test_the_line_goes_along_and_down() -> None:
    corners = line(stairs((0, flat(30)), (5, flat(20)), (7.5, flat(10))))
    assert corners == [(64, 38), (335, 38), (335, 88), (470.5, 88), (470.5, 138), (606, 138)]


def test_the_range_is_filled_only_where_something_is_unknown() -> None:
    assert area(stairs((0, flat(30)), (5, flat(20)))) == []
    open_first = stairs((0, Triple(0, 0, 20_000)), (5, flat(10)))
    (corners,) = area(open_first)
    assert corners == [
        *[(64, 38), (335, 38), (335, 113), (606, 113)],
        *[(606, 113), (335, 113), (335, 188), (64, 188)],
    ]


def test_what_is_compared_with_is_a_dashed_line_with_its_words() -> None:
    bounds = (Bound(Fraction(15_000), "at least 15"), Bound(Fraction(30_500), "more than 30.5"))
    of = stairs((0, flat(10)), bounds=bounds)
    dashed = [p.attrib["d"] for p in drawn(of).iter(f"{SVG}path") if p.get("stroke-dasharray")]
    assert dashed == ["M64 114.2H606", "M64 38.0H606"]
    assert {"at least 15", "more than 30.5"} <= set(texts(of))
    assert len(texts(stairs((0, flat(1)), bounds=bounds[:1] * 99))) < 30


def test_a_mark_has_a_line_and_a_word() -> None:
    marks = (Mark(NOON, "QUALIFIED"), Mark(NOON + 5 * DAY, "NOT QUALIFIED"))
    of = stairs((0, flat(10)), marks=marks)
    told = {p[0].text: p.attrib["d"] for p in drawn(of).iter(f"{SVG}path") if len(p)}
    assert told == {
        "QUALIFIED from 2026-03-15 12:00:00 UTC": "M64.0 18V188",
        "NOT QUALIFIED from 2026-03-20 12:00:00 UTC": "M335.0 18V188",
    }
    assert {"QUALIFIED", "NOT QUALIFIED"} <= set(texts(of))


# -- what holds when ---------------------------------------------------------------------------

WORDS = ("QUALIFIED", "NOT QUALIFIED", "NEEDS DATA", "DISQUALIFIED")


def held(*days: float, of: float = 40) -> Staircase:
    """A drawing in which each word in turn begins to hold after so many days."""
    marks = (Mark(NOON + DAY * at, WORDS[n % 4], n % 4) for n, at in enumerate(days))
    return stairs((0, flat(10)), days=of, marks=tuple(marks))


def band(staircase: Staircase) -> list[ElementTree.Element]:
    """The parts of the band, those that the key shows left out."""
    return [part for part in drawn(staircase).iter(f"{SVG}rect") if len(part)]


def test_the_band_has_a_part_for_each_stretch_with_what_holds_in_it() -> None:
    parts = band(held(0, 10, 20))
    assert [part[0].text for part in parts] == [
        "QUALIFIED from 2026-03-15 12:00:00 UTC until 2026-03-25 12:00:00 UTC",
        "NOT QUALIFIED from 2026-03-25 12:00:00 UTC until 2026-04-04 12:00:00 UTC",
        "NEEDS DATA from 2026-04-04 12:00:00 UTC at least until 2026-04-24 12:00:00 UTC",
    ]
    places = [(float(part.attrib["x"]), float(part.attrib["width"])) for part in parts]
    assert places == [(64, 135.5), (199.5, 135.5), (335, 271)]


def test_each_word_has_its_own_look_which_the_key_shows() -> None:
    of = held(0, 10, 20, 30)
    looks = [part.attrib["fill-opacity"] for part in drawn(of).iter(f"{SVG}rect")]
    bars = [part.attrib["stroke-dasharray"] for part in drawn(of).iter(f"{SVG}line")]
    assert looks == [".85", "0", ".1", ".1"] * 2
    assert bars == ["1 5", "4 2"] * 2
    assert all(texts(of).count(word) == 2 for word in WORDS)
    assert "…" not in texts(of)
    assert drawn(of)[1].text == "told"


def test_flips_close_together_keep_every_status_in_the_band_and_in_the_key() -> None:
    of = held(0, 10, 11, 12, 12.5, 13, 14)
    told = [(part[0].text or "").split(" from ")[0] for part in band(of)]
    assert told == [WORDS[n % 4] for n in range(7)]
    assert set(WORDS) <= set(texts(of))
    written = [t for t in texts(of) if t in WORDS]
    assert written == [*WORDS, "QUALIFIED", "NEEDS DATA"]  # the key, and where there is room
    assert "…" in texts(of)
    assert drawn(of)[1].text == (
        "told; 5 of 7 labels had no room (…), the band at the bottom has them all: "
        "QUALIFIED, NOT QUALIFIED, NEEDS DATA and DISQUALIFIED"
    )


def test_a_word_stands_only_over_its_own_stretch() -> None:
    for label in drawn(held(0, 10, 11, 20, 22, 39.9)).iter(f"{SVG}text"):
        if label.text in WORDS and label.attrib["y"] == "26.0":
            begins = float(label.attrib["x"]) - 3
            (part,) = (
                p for p in band(held(0, 10, 11, 20, 22, 39.9)) if p.attrib["x"] == str(begins)
            )
            assert (part[0].text or "").startswith(f"{label.text} from")
            assert float(part.attrib["width"]) >= 6 * len(label.text)


def test_what_is_shorter_than_can_be_told_apart_is_told_as_by_turns() -> None:
    of = held(0, 10, 10.01, 10.02, 10.03, 30)
    parts = {part[0].text: part for part in band(of)}
    (turns,) = (text for text in parts if text and "by turns" in text)
    assert turns.startswith(
        "NOT QUALIFIED, NEEDS DATA and DISQUALIFIED by turns from 2026-03-25 12"
    )
    assert float(parts[turns].attrib["width"]) == 1
    assert parts[turns].attrib["fill-opacity"] == ".3"
    assert "by turns" in texts(of)
    assert [*parts][-1] == turns  # over what is wide


def test_two_close_flips_are_told_apart() -> None:
    told = [(part[0].text or "").split(" from ")[0] for part in band(held(0, 10, 10.01))]
    assert told == ["QUALIFIED", "NEEDS DATA", "NOT QUALIFIED"]


def test_a_key_of_many_words_ends_in_dots() -> None:
    marks = tuple(Mark(NOON + DAY * n, f"A RATHER LONG WORD {n}") for n in range(9))
    key = list(drawn(stairs((0, flat(10)), marks=marks)).iter(f"{SVG}text"))
    assert [t.text for t in key if t.get("y") == "12.0"] == [*(m.word for m in marks[:3]), "…"]


# -- the axes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "dates"),
    [
        (0, ["2026-03-15 12:00:00"]),
        (0.25, ["2026-03-15 18:00:00", "2026-03-15 12:00:00"]),
        (2, ["2026-03-16", "2026-03-17"]),
        (7, [f"2026-03-{n}" for n in (16, 18, 20, 22)]),
        (60, ["2026-03-16", "2026-03-28", "2026-04-09", "2026-04-21", "2026-05-14"]),
    ],
)
def test_dates_are_midnights_and_the_end_or_the_ends(days: float, dates: list[str]) -> None:
    found = [t for t in texts(stairs((0, flat(5)), days=days)) if t.startswith("2026")]
    assert found == dates


@pytest.mark.parametrize(
    ("several", "numbers"),
    [
        ((flat(0), flat(30)), ["0", "10", "20", "30"]),
        ((flat(-30), flat(-10)), ["-30", "-20", "-10", "0"]),
        ((Triple(4, 4, 5),), ["0", "0.001", "0.002", "0.003", "0.004", "0.005"]),
        ((flat(7),), ["0", "2", "4", "6"]),
        ((flat(0),), ["-0.4", "-0.2", "0", "0.2", "0.4"]),
        ((flat(80), flat(100)), ["0", "20", "40", "60", "80", "100"]),
        ((flat(81), flat(100)), ["85", "90", "95", "100"]),
        ((flat(-100), flat(-81)), ["-100", "-95", "-90", "-85"]),
        (
            (flat(0), flat(1_000_000)),
            ["0", "200,000", "400,000", "600,000", "800,000", "1,000,000"],
        ),
    ],
)
def test_points_are_round_numbers_with_0_unless_all_are_far_from_it(
    several: tuple[Triple, ...], numbers: list[str]
) -> None:
    of = stairs(*((n, millis) for n, millis in enumerate(several)), days=1)
    assert [t for t in texts(of) if not t.startswith("2026")] == numbers


# -- degenerate --------------------------------------------------------------------------------


def test_without_steps_the_marks_stand_alone() -> None:
    of = stairs(marks=(Mark(NOON, "QUALIFIED"),), days=1)
    assert texts(of) == ["2026-03-16 12:00:00", "2026-03-15 12:00:00", *["QUALIFIED"] * 2]
    assert not list(drawn(of).iter(f"{SVG}circle"))


def test_a_single_instant_is_a_dot() -> None:
    of = stairs((0, flat(5)), days=0)
    assert line(of) == [(64, 38), (64, 38)]
    (dot,) = drawn(of).iter(f"{SVG}circle")
    assert (dot.get("cx"), dot.get("cy")) == ("64.0", "38.0")


def test_an_endless_range_is_drawn() -> None:
    last = datetime.max.replace(tzinfo=UTC)
    of = Staircase("fit", "", NOON, last, (Step(NOON, flat(5)), Step(last, flat(6))))
    years = [text[:4] for text in texts(of) if text.count("-") == 2]
    assert years == ["2026", "3620", "5215", "6810", "9999"]
    assert line(of)[-1] == (606, 38)


# -- safe in a page ----------------------------------------------------------------------------

NASTY = "</title><script>alert(1)</script>&'\"\x00\x1b[31m\ud800\uffff\n{x}"


def test_every_text_is_escaped() -> None:
    bound, mark = Bound(Fraction(1), NASTY), Mark(NOON, NASTY)
    step = Step(NOON, flat(5))
    of = Staircase(NASTY, NASTY, NOON, NOON + DAY, (step,), (bound,), (mark,))
    root = drawn(of)
    shown = "</title><script>alert(1)</script>&'\"" + r"\x00\x1b[31m\ud800\uffff\n{x}"
    assert [root[0].text, root[1].text] == [shown, shown]
    assert texts(of).count(shown) == 3  # the bound's words, the mark's and the key's
    assert "<script" not in of.to_svg()
    assert of.to_svg().isprintable()


def test_it_says_what_it_is_to_whoever_cannot_see_it() -> None:
    root = drawn(stairs((0, flat(5))))
    assert root.attrib["role"] == "img"
    assert [(child.tag, child.text) for child in root[:2]] == [
        (f"{SVG}title", "fit"),
        (f"{SVG}desc", "told"),
    ]


def test_it_brings_nothing_along_and_takes_the_colour_of_its_page() -> None:
    marks = (Mark(NOON, "QUALIFIED"),)
    text = stairs((0, Triple(0, 1_000, 2_000)), marks=marks).to_svg()
    used = {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(text).iter()}
    assert used == {"svg", "title", "desc", "path", "text", "circle", "rect", "g"}
    assert set(re.findall(r'(?:fill|stroke)="([^"]*)"', text)) == {"currentColor", "none"}
    assert text.count("http") == 1  # its own name space
    assert not re.search(r"\b(on\w+|href|src|style|id|class)=", text)


# -- bounded -----------------------------------------------------------------------------------


def many(heights: list[Triple], days: float = 1000) -> Staircase:
    """As many steps as heights, evenly over the days, each with a mark."""
    each = days / len(heights)
    marks = tuple(Mark(NOON + DAY * each * n, f"S{n}") for n in range(len(heights)))
    return stairs(*((each * n, millis) for n, millis in enumerate(heights)), days=days, marks=marks)


def test_ten_thousand_steps_make_a_small_drawing() -> None:
    of = many([Triple(n % 97 * 10, n % 97 * 100, n % 97 * 1000) for n in range(10_000)])
    assert len(of.to_svg()) < 100_000
    assert len(line(of)) <= 2 * 606


@settings(max_examples=25)
@given(st.integers(401, 600), st.integers(0, 2**32))
def test_thinning_loses_no_extreme(count: int, seed: int) -> None:
    chance = Random(seed)
    ends = [sorted(chance.sample(range(-(10**6), 10**6), 3)) for _ in range(count)]
    heights = [Triple(*three) for three in ends]
    whole = many(heights)
    thin = line(whole)
    (around,) = area(whole)
    assert min(y for _, y in around) == 38
    assert max(y for _, y in around) == 188
    assert len(thin) <= 2 * 606
    assert all(a[0] <= b[0] for a, b in pairwise(thin))
    low, high = min(t.low for t in heights), max(t.high for t in heights)
    ys = [188 - 150 * (t.points - low) / (high - low) for t in heights]
    drawn_ys = [y for _, y in thin]
    for found, true in (
        (min(drawn_ys), min(ys)),
        (max(drawn_ys), max(ys)),
        (drawn_ys[-1], ys[-1]),
    ):
        assert found == pytest.approx(true, abs=0.06)


def test_many_marks_share_a_line_that_says_how_many() -> None:
    of = many([flat(n % 2) for n in range(1000)])
    told = [p[0].text or "" for p in drawn(of).iter(f"{SVG}path") if len(p)]
    assert len(told) == 100
    assert all(text.endswith("; and 7 more") for text in told)
    assert told[0].startswith("S0 from 2026-03-15 12:00:00 UTC; S1 from")
    turns = [(part[0].text or "").split(" from ")[0] for part in band(many([flat(1)] * 1000))]
    assert turns[:2] == [f"S{n}0, S{n}1, S{n}2, S{n}3 and 5 more by turns" for n in ("", 1)]
    assert turns[-1] == "S999"
