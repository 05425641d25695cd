"""Data of leads as they really come: nothing of it breaks the funnel, or shows in what it says."""

import json
import math
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from fractions import Fraction

import attrs
import pytest
from funnel.sales_team import DAY, HOUR, MONDAY, demo, funnel, page, qualify, readiness
from hypothesis import given
from hypothesis import strategies as st

from mqlkit import Activity
from mqlkit.errors import KindError, LeadDataError, MqlkitError
from mqlkit.funnel.plain import from_plain, plain_table, to_plain
from mqlkit.store import Fact


def nested(depth):
    value = "x"
    for _ in range(depth):
        value = [value]
    return value


class Size(Enum):
    SMALL = 1


# -- ids -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lead_id",
    [
        "a/b",
        "a\nb",
        "../../etc",
        "said/x",
        "journey/1",
        "%2F",
        "Ä" * 200,
        "a" * 500,
        "/" * 160,
        "'",
    ],
)
def test_an_id_may_be_any_text_of_a_size(store, lead_id):
    team = funnel(store, ready=readiness())
    team.learn(lead_id, {"wants_call": True}, now=MONDAY)
    rep = qualify(team, lead_id).handoff.holder
    team.accept(lead_id, by=rep, now=MONDAY + HOUR, id="x" * 300)
    closed = team.close(lead_id, by=rep, reason="too early", now=MONDAY + HOUR)
    assert closed.stage == "recycled"
    team.record("other", now=MONDAY)
    assert team.merge("other", lead_id, now=MONDAY + HOUR).lead_id == lead_id
    team.tick(MONDAY + 90 * DAY)
    assert team.lead("other", now=MONDAY + 90 * DAY).lead_id == lead_id


@pytest.mark.parametrize("lead_id", ["", " ", None, 7, "a" * 501, "Ä" * 251, "/" * 167])
def test_an_id_that_is_none_is_refused(store, lead_id):
    team = funnel(store)
    for call in (
        lambda: team.record(lead_id, page(), now=MONDAY),
        lambda: team.learn(lead_id, {"a": 1}, now=MONDAY),
        lambda: team.merge("ada", lead_id, now=MONDAY),
    ):
        with pytest.raises(LeadDataError, match="a lead's id"):
            call()
    assert list(team.leads()) == []


@pytest.mark.parametrize("lead_id", ["a\0b", "\ud800"])
def test_an_id_that_no_database_keeps_is_refused(store, lead_id):
    team = funnel(store)
    with pytest.raises(MqlkitError):
        team.record(lead_id, page(), now=MONDAY)
    assert list(team.leads()) == []


def test_activities_may_have_the_ids_of_the_funnels_own_facts(store):
    team = funnel(store)
    qualify(team)
    own = [fact.id for fact in team.history("ada")]
    own += [fact_id.split("/", 1)[1] for fact_id in own] + ["said/1", "journey/1", "1/ada/1"]
    news = [page(MONDAY + HOUR, name) for name in dict.fromkeys(own)]
    known = {f.id for f in team.history("ada")}
    told = team.record("ada", *news, now=MONDAY + HOUR)
    recorded = [f for f in told.facts if f.kind == "activity"]
    assert len(recorded) == len([a for a in news if f"activity/{a.id}" not in known])
    rep = told.handoff.holder
    assert team.accept("ada", by=rep, now=MONDAY + HOUR).stage == "sal"
    assert not team.record("ada", *news, now=MONDAY + HOUR).new


def test_an_id_of_an_activity_has_a_bounded_size(store):
    team = funnel(store)
    with pytest.raises(MqlkitError, match="bytes"):
        team.record("ada", page(MONDAY, "x" * 2_000), now=MONDAY)
    assert team.history("ada") == ()


# -- values ----------------------------------------------------------------------------------------

KEPT = [
    math.nan, math.inf, -math.inf, 0.1, -0.0, 10**900, -(10**900), True, None, "", "\0", "\ud800",
    "\u202e", Decimal("1.10"), Decimal("NaN"), date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC),
    datetime(2026, 1, 1), [1, [2, "x"]], {"a": {"b": [None]}}, {"date": "2026-01-01"},
    {"instant": "no instant"}, {"table": {"table": 1}}, {"number": "seven"}, {"decimal": "x"},
    nested(30),
]  # fmt: skip


@pytest.mark.parametrize("value", KEPT, ids=lambda value: repr(value)[:30])
def test_what_is_kept_comes_back_as_it_was(store, value):
    team = funnel(store)
    team.learn("ada", {"it": value}, now=MONDAY)
    assert not team.learn("ada", {"it": value}, now=MONDAY + HOUR).new
    team.record("ada", page(MONDAY, "p", it=value), now=MONDAY)
    lead = team.decide("ada", as_of=MONDAY).lead
    for found in (lead.activities[0].properties["it"],):
        assert json.dumps(to_plain(found)) == json.dumps(to_plain(value))
        assert type(found) is type(value) or isinstance(value, list)
    if value is not None:
        shown = lead.attributes["it"].at(MONDAY)
        assert json.dumps(to_plain(shown)) == json.dumps(to_plain(value))


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates()
    | st.decimals(allow_nan=False) | st.datetimes(timezones=st.just(UTC)),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["instant", "date", "decimal", "number", "table", "a"]), inner, max_size=2
    ),
    max_leaves=5,
)  # fmt: skip


@given(PLAIN)
def test_every_value_comes_back_from_json(value):
    there = json.loads(json.dumps(to_plain(value)))
    back = from_plain(there)
    assert json.dumps(to_plain(back)) == json.dumps(there)
    assert back == value or value != value or "nan" in repr(value)


REFUSED = [
    b"secret", object, time(9), 1j, Fraction(1, 3), Size.SMALL, 10**1_500, [10**1_500],
    {1: "secret"}, {"a": {2: "secret"}}, nested(40), {"x": b"secret"}, iter("secret"),
]  # fmt: skip


@pytest.mark.parametrize("value", REFUSED, ids=lambda value: repr(value)[:30])
def test_what_has_no_place_in_json_is_refused_before_anything_is_written(store, value):
    """And P10: the error names the attribute, not what stood in it."""
    team = funnel(store)
    qualify(team)
    before = team.history("ada"), team.outbox()
    for call in (
        lambda: team.learn("ada", {"size": 5, "photo": value}, now=MONDAY),
        lambda: team.record("ada", page(id="ok"), page(photo=value), now=MONDAY),
    ):
        with pytest.raises(LeadDataError) as refused:
            call()
        assert '"photo"' in str(refused.value)
        assert "secret" not in str(refused.value)
    assert (team.history("ada"), team.outbox()) == before


def test_names_are_text_and_activities_are_activities():
    team = funnel()
    with pytest.raises(LeadDataError, match="is not text"):
        team.learn("ada", {1: 2}, now=MONDAY)
    with pytest.raises(KindError, match="by name"):
        team.learn("ada", [("secret", 1)], now=MONDAY)
    with pytest.raises(KindError, match="not dict") as refused:
        team.record("ada", {"kind": "secret"}, now=MONDAY)
    assert "secret" not in str(refused.value)
    assert list(team.leads()) == []
    assert plain_table({"a": {3, 1, 2}}, "attribute") == {"a": [1, 2, 3]}


def test_a_set_is_told_twice_in_any_order():
    team = funnel()
    team.learn("ada", {"tags": {"b", "a"}}, now=MONDAY)
    assert not team.learn("ada", {"tags": {"a", "b"}}, now=MONDAY).new


# -- what others get to see ------------------------------------------------------------------------


def test_effects_and_errors_carry_no_values_of_a_lead(store):
    """P10: a lead full of marks; none may leave it."""
    mark = "CANARY"
    team = funnel(store)
    told = {"email": f"{mark}@shop.example", "phone": mark, "note": {"deep": [mark]}, "size": mark}
    team.learn("ada", told, now=MONDAY)
    team.record("ada", Activity("demo", MONDAY, {"page": mark}, "d"), now=MONDAY)
    rep = team.lead("ada", now=MONDAY).handoff.holder
    team.tick(MONDAY + 3 * HOUR)
    rep = team.lead("ada", now=MONDAY + 3 * HOUR).handoff.holder
    team.accept("ada", by=rep, now=MONDAY + 3 * HOUR)
    team.attempt("ada", by=rep, now=MONDAY + 4 * HOUR)
    team.close("ada", by=rep, reason="too early", now=MONDAY + 5 * HOUR)
    team.learn("ada", {"email": f"{mark}@rival.example"}, now=MONDAY + 6 * HOUR)
    team.tick(MONDAY + 90 * DAY)
    kinds = {m.effect.kind for m in team.outbox(limit=1_000)}
    assert {"crossed", "qualified", "entered", "offered", "closed"} <= kinds
    for message in team.outbox(limit=1_000):
        assert mark not in json.dumps(message.effect.cloudevent("/funnel"))
    for row in team.leads():
        assert mark not in repr(row)
    for call in (
        lambda: team.fire("ada", "won", now=MONDAY),
        lambda: team.accept("ada", by=rep, now=MONDAY),
        lambda: team.undo("ada", fact="x", by="a", why="b", now=MONDAY),
        lambda: team.record("ada", Activity("page_view", MONDAY, {"p": mark.encode()}), now=MONDAY),
    ):
        with pytest.raises(MqlkitError) as error:
            call()
        assert mark not in str(error.value)


def test_a_fact_of_a_newer_mqlkit_is_left_alone(store):
    """What it does not know it passes over, and goes on numbering behind it."""
    team = funnel(store)
    qualify(team)
    with team.store.transaction() as tx:
        stored = tx.load("ada")
        version = stored.row.version
        news = Fact("weather/1", "weather", MONDAY, MONDAY, {"sun": True})
        tx.append(attrs.evolve(stored.row, version=version + 1), [news], expected=version)
    assert team.record("ada", demo(MONDAY, "d2"), now=MONDAY).stage == "mql"
    assert team.history("ada")[-1].seq == version + 2
