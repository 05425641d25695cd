"""A forecast: every step and every flip to come, at its exact instant, told and drawn."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from building import NOW, TICK, a_lead, did, refused
from hypothesis import given
from hypothesis import strategies as st

from mqlkit import (
    Decision,
    Group,
    Lead,
    Qualification,
    Rule,
    Scorecard,
    Status,
    activity,
    attribute,
    linear,
    score,
)
from mqlkit.errors import DefinitionError, NaiveTimeError, UnknownNameError
from mqlkit.forecast import Flip, Forecast, _mark
from mqlkit.points import Triple
from mqlkit.testing import instants, leads, qualifications
from mqlkit.testing.case import moments_of

DAY = timedelta(days=1)
SVG = "{http://www.w3.org/2000/svg}"

VISITS = Rule.each("visit", activity("visit").within(days=30), 10)
CARD = Scorecard(VISITS)
MQL = Qualification("three visits", version="1", card=CARD, when=score() >= 20)
ADA = a_lead(did("visit", 1), did("visit", 12), did("visit", 25))


def ahead(q: Qualification = MQL, lead: Lead = ADA, days: float = 40) -> Forecast[Decision]:
    """The forecast of so many days."""
    return q.forecast(lead, as_of=NOW, until=NOW + days * DAY)


def figures(html: str) -> list[ElementTree.Element]:
    """The drawings in a page."""
    pieces = html.split("<svg ")[1:]
    return [ElementTree.fromstring(f"<svg {p.split('</svg>')[0]}</svg>") for p in pieces]


def texts(svg: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in svg.iter(f"{SVG}text")]


# -- as a sequence -----------------------------------------------------------------------------


def test_it_is_a_sequence_of_decisions() -> None:
    found = ahead()
    assert len(found) == 4
    assert [d.status.name for d in found] == ["QUALIFIED"] * 2 + ["NOT_QUALIFIED"] * 2
    assert found[-1] is found.decisions[3]
    assert found[1:3] == found.decisions[1:3]
    assert found[0] in found
    assert found.until == NOW + 40 * DAY
    assert repr(found).startswith("Forecast(decisions=<4 decisions>, until=datetime")


def test_it_ends_at_or_after_its_beginning() -> None:
    def decide(at: datetime) -> Decision:
        return MQL.decide(ADA, as_of=at)

    with refused(DefinitionError, "until must be at or after as_of"):
        Forecast.of(decide(NOW), decide, until=NOW - TICK)
    with pytest.raises(NaiveTimeError, match=r"^until 2026-03-15"):
        Forecast.of(decide(NOW), decide, until=datetime(2026, 3, 15))


def test_it_looks_at_so_many_instants_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mqlkit.forecast.MOST_INSTANTS", 2)
    assert len(ahead(days=10)) == 2
    with pytest.raises(DefinitionError, match=r"^a forecast looks at 2 instants at most, and at 2"):
        ahead()


# -- flips and steps ---------------------------------------------------------------------------


def test_flips_say_what_was_before() -> None:
    found = ahead()
    assert found.flips == (Flip(Status.QUALIFIED, found[2]),)
    (flip,) = found.flips
    assert (flip.at, flip.status) == (NOW + 18 * DAY, Status.NOT_QUALIFIED)
    assert str(flip) == (
        "2026-04-02 12:00:00 UTC  NOT QUALIFIED, no longer QUALIFIED: "
        "unmet: the score is at least 20"
    )
    assert ahead(days=3).flips == ()


def test_a_flip_to_what_has_no_reasons_gives_none() -> None:
    unknown = attribute("x").is_true()
    q = Qualification("q", version="1", when=unknown & ~(score() >= 20), card=CARD)
    (flip,) = ahead(q).flips
    assert str(flip) == "2026-04-02 12:00:00 UTC  NEEDS DATA, no longer NOT QUALIFIED"


def test_a_staircase_has_a_step_for_each_change_of_its_score() -> None:
    fit = Group("fit", [Rule("big", attribute("employees") >= 50, 15)])
    q = Qualification("q", version="1", card=Scorecard(fit, VISITS), when=score("fit") >= 5)
    found = ahead(q)
    gone = [(step.at - NOW).days for step in found.staircase()]
    assert gone == [0, 5, 18, 29]
    assert [step.points for step in found.staircase()] == [30, 20, 10, 0]
    assert found.staircase()[1].millis == Triple(20_000, 20_000, 35_000)
    assert found.staircase("fit") == ((NOW, Triple(0, 0, 15_000)),)
    with pytest.raises(UnknownNameError, match=r"^there is no score 'fti'; did you mean 'fit'\?"):
        found.staircase("fti")


# -- laws --------------------------------------------------------------------------------------


def check(
    found: Forecast[Decision], decide: Callable[[datetime], Decision], probe: datetime
) -> None:
    """What a forecast promises, at its flips and at any instant."""
    told = [found[0].status, *(flip.status for flip in found.flips)]
    assert [flip.before for flip in found.flips] == told[:-1]
    for flip in found.flips:
        assert decide(flip.at - TICK).status is flip.before
        assert decide(flip.at).status is flip.status
    there = decide(probe)
    begun = [found[0].as_of, *(flip.at for flip in found.flips)]
    assert told[sum(at <= probe for at in begun) - 1] is there.status
    for name, result in there.scores.items():
        steps = found.staircase(name)
        assert all(a.at < b.at and a.millis != b.millis for a, b in pairwise(steps))
        assert [step for step in steps if step.at <= probe][-1].millis == result.millis


@given(qualifications(), leads(), instants(), st.data())
def test_a_forecast_is_every_decision_to_come(
    q: Qualification, lead: Lead, as_of: datetime, data: st.DataObject
) -> None:
    """Law 82: read at any instant, a staircase and the flips are the decision of that instant."""

    def decide(at: datetime) -> Decision:
        return q.decide(lead, as_of=at)

    until = as_of + 40 * DAY
    found = q.forecast(lead, as_of=as_of, until=until)
    near = [moment + n * TICK for moment in moments_of(lead) for n in (-1, 0, 1)]
    near += [step.as_of + n * TICK for step in found for n in (-1, 0)]
    edges = st.sampled_from([at for at in near if as_of <= at <= until] or [until])
    anywhere = st.integers(0, 40 * DAY // TICK).map(lambda n: as_of + n * TICK)
    check(found, decide, data.draw(edges | anywhere))


def day_by_day(decide: Callable[[datetime], Decision]) -> Iterator[Decision]:
    """A decision each night, as nightly jobs make them."""
    return (decide(NOW + n * DAY) for n in range(41))


def liars() -> Iterator[tuple[str, Forecast[Decision], Lead]]:
    late = a_lead(did("visit", 1), did("visit", 12.5), did("visit", 25))
    honest = ahead(lead=late)
    until = honest.until
    for skipped in range(1, len(honest)):
        rest = (*honest[:skipped], *honest[skipped + 1 :])
        yield f"skips boundary {skipped}", Forecast(rest, until), late
    nightly = tuple(day_by_day(lambda at: MQL.decide(late, as_of=at)))
    yield "looks each night", Forecast(nightly, until), late
    yield "ends early", Forecast(honest[:2], until), late


@pytest.mark.parametrize(
    ("found", "lead"),
    [pytest.param(found, lead, id=name) for name, found, lead in liars()],
)
def test_a_forecast_that_skips_a_boundary_is_caught(found: Forecast[Decision], lead: Lead) -> None:
    def decide(at: datetime) -> Decision:
        return MQL.decide(lead, as_of=at)

    def checks(of: Forecast[Decision]) -> None:
        for step in ahead(lead=lead):
            check(of, decide, step.as_of)

    checks(ahead(lead=lead))
    with pytest.raises(AssertionError):
        checks(found)


# -- for a reader ------------------------------------------------------------------------------


def test_in_a_line_it_says_until_when() -> None:
    assert str(ahead()) == (
        "QUALIFIED until 2026-04-02 12:00:00 UTC, "
        "then NOT QUALIFIED at least until 2026-04-24 12:00:00 UTC"
    )
    assert str(ahead(days=3)) == "QUALIFIED at least until 2026-03-18 12:00:00 UTC"


def flipping(times: int) -> Forecast[Decision]:
    """A status that flips so many times."""
    visits = [did("visit", -2 * n) for n in range(1, times // 2 + 1)]
    q = Qualification("q", version="1", when=activity("visit").within(days=1).happened())
    return ahead(q, a_lead(*visits), days=times + 1)


@pytest.mark.parametrize(("times", "end"), [(4, "and 1 more flip"), (20, "and 17 more flips")])
def test_of_many_flips_the_first_are_told(times: int, end: str) -> None:
    found = flipping(times)
    assert len(found.flips) == times
    assert str(found).startswith("NOT QUALIFIED until 2026-03-17 12:00:00 UTC, then QUALIFIED unti")
    assert str(found).endswith(f"then QUALIFIED, {end}")


def test_the_explanation_has_flips_and_steps() -> None:
    assert str(ahead().explain()) == (
        "if nothing new is learned: QUALIFIED until 2026-04-02 12:00:00 UTC, "
        "then NOT QUALIFIED at least until 2026-04-24 12:00:00 UTC\n"
        "  2026-04-02 12:00:00 UTC  NOT QUALIFIED, no longer QUALIFIED: "
        "unmet: the score is at least 20\n"
        "  score\n"
        "    2026-03-15 12:00:00 UTC  30\n"
        "    2026-03-20 12:00:00 UTC  20\n"
        "    2026-04-02 12:00:00 UTC  10\n"
        "    2026-04-13 12:00:00 UTC  0"
    )


def test_an_explanation_is_short_however_much_is_to_come() -> None:
    found = flipping(20).explain()
    assert len(found.parts) == 13
    assert found.parts[-1].text == "and 8 more flips"
    fading = Rule.each("open", activity("open"), 80, decay=linear(days=20))
    q = Qualification("q", version="1", card=Scorecard(fading), when=score() >= 40)
    (_, section) = ahead(q, a_lead(did("open"))).explain().parts
    assert section.parts[-1].text == "and 9 more steps"


def test_plain_data_has_it_all() -> None:
    data = ahead().to_dict()
    assert json.loads(json.dumps(data)) == data
    assert data == {
        "lead": "ada",
        "as_of": "2026-03-15T12:00:00+00:00",
        "until": "2026-04-24T12:00:00+00:00",
        "status": "qualified",
        "flips": [
            {
                "at": "2026-04-02T12:00:00+00:00",
                "before": "qualified",
                "status": "not qualified",
                "reasons": ["unmet: the score is at least 20"],
            }
        ],
        "scores": {
            "total": [
                {"at": f"2026-{day}T12:00:00+00:00", "low": n, "points": n, "high": n}
                for day, n in (("03-15", 30), ("03-20", 20), ("04-02", 10), ("04-13", 0))
            ]
        },
    }


# -- drawn -------------------------------------------------------------------------------------


def test_the_drawing_shows_steps_bound_and_flip() -> None:
    svg = ElementTree.fromstring(ahead().to_svg())
    assert {"at least 20", "QUALIFIED", "NOT QUALIFIED"} <= set(texts(svg))
    assert [child.text for child in svg[:2]] == [
        "ada: score",
        f"{ahead()}; from 30 points to 0 points in 3 steps",
    ]
    assert ahead().to_svg("total") == ahead().to_svg()
    with pytest.raises(UnknownNameError, match="there is no score 'fit'"):
        ahead().to_svg("fit")


def test_each_status_looks_the_same_in_every_drawing() -> None:
    svg = ElementTree.fromstring(ahead().to_svg())
    looks = {(r[0].text or "").split(" from")[0]: r.get("fill-opacity") for r in bands(svg)}
    assert looks == {"QUALIFIED": ".85", "NOT QUALIFIED": "0"}
    (first, *_) = bands(ElementTree.fromstring(flipping(4).to_svg()))
    assert first.get("fill-opacity") == "0"
    assert {_mark(NOW, status).look for status in Status} == {0, 1, 2, 3}


def bands(svg: ElementTree.Element) -> list[ElementTree.Element]:
    return [part for part in svg.iter(f"{SVG}rect") if len(part)]


def test_html_has_the_drawing_and_text_and_data_do_without() -> None:
    found = ahead()
    html = found._repr_html_()
    assert [svg[0].text for svg in figures(html)] == ["ada: score"]
    assert found.to_svg() in html
    assert "svg" not in str(found.explain()) + json.dumps(found.explain().to_dict())
    assert ElementTree.fromstring(html).tag == "ul"


def told(q: Qualification, **attributes: object) -> list[tuple[str, list[str]]]:
    """What each drawing of an explanation shows, and its words beside the axes."""
    lead = Lead("ada", attributes, [did("visit", 1)])
    svgs = figures(ahead(q, lead, days=0).explain().to_html())
    titles = [(svg[0].text or "").removeprefix("ada: ") for svg in svgs]
    words = [[t for t in texts(svg) if t.islower() or t[:2] in ("at", "is")] for svg in svgs]
    return list(zip(titles, words, strict=True))


def test_each_card_and_each_score_that_decides_has_a_drawing() -> None:
    big = attribute("employees") >= 50
    fit, heat = Scorecard(Rule("big", big, 15), name="fit"), Scorecard(VISITS, name="heat")
    several = Qualification("q", version="1", card=(fit, heat), when=score("heat") >= 20)
    assert told(several) == [("score fit", []), ("score heat", ["at least 20"])]
    parts = Scorecard(Group("fit", [Rule("big", big, 15)]), Group("heat", [VISITS]))
    one = Qualification(
        "q",
        version="1",
        card=parts,
        when=score("fit").between(5, 7.5) & ~(score() < 12) & (attribute("employees") >= 9),
        never={"cold": score("fit").equals(0)},
        at_once={"hot": score() > 99},
        labels={"warm": score("heat") >= 1},
    )
    assert told(one) == [
        ("score", ["less than 12", "more than 99"]),
        ("score fit", ["at least 5", "at most 7.5", "is 0"]),
    ]
    named = Qualification("q", version="1", card=fit, when=(score() >= 5) & (score("fit") <= 9))
    assert told(named) == [("score fit", ["at least 5", "at most 9"])]


def test_without_a_card_the_status_is_drawn_alone() -> None:
    found = flipping(4)
    (svg,) = figures(found.explain().to_html())
    assert svg[0].text == "ada: status"
    assert (svg[1].text or "").startswith(str(found))
    assert not list(svg.iter(f"{SVG}circle"))
    assert found.to_svg() in found._repr_html_()


@pytest.mark.parametrize("engine", [MQL.decide, lambda lead, as_of: Decision.of(MQL, lead, as_of)])
def test_the_explanation_of_a_decision_may_look_ahead(engine: Callable[..., Decision]) -> None:
    decision = engine(ADA, as_of=NOW)
    section = ahead().explain()
    assert decision.explain(until=ahead().until).parts == (*decision.explain().parts, section)
    assert figures(decision.explain().to_html()) == []
    with refused(DefinitionError, "until must be at or after as_of"):
        decision.explain(until=NOW - TICK)


@pytest.mark.parametrize(
    ("days", "course"), [(0, "30 points"), (5, "from 30 points to 20 points in 1 step")]
)
def test_a_short_forecast_is_drawn_too(days: int, course: str) -> None:
    svg = ElementTree.fromstring(ahead(days=days).to_svg())
    assert (svg[1].text or "").endswith(f"; {course}")


def test_a_name_that_is_markup_is_text_in_the_drawing() -> None:
    lead = Lead("</title><script>", {}, [did("visit")])
    html = ahead(lead=lead).explain().to_html()
    assert "<script" not in html
    assert figures(html)[0][0].text == "</title><script>: score"
