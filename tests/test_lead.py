"""Leads and what is known of them at an instant."""

import copy
import pickle
from datetime import UTC, date, datetime, timedelta

import attrs
import pytest
from building import NOW, TICK, a_lead, ago, did, now, refused, unloaded

from mqlkit import Activity, History, Lead, Override, Snapshot, Timeline
from mqlkit.errors import DefinitionError, KindError, LeadDataError, NaiveTimeError
from mqlkit.lead import Seen, Trace, no_history

NAIVE = datetime(2026, 3, 15)


# -- history -----------------------------------------------------------------------------------


def test_a_value_holds_from_its_instant_until_the_next() -> None:
    title = History((ago(days=1), "Director"), (ago(days=9), "Manager"))
    assert title.at(ago(days=9) - TICK) is None
    assert title.at(ago(days=9)) == "Manager"
    assert title.at(ago(days=1) - TICK) == "Manager"
    assert title.at(ago(days=1)) == "Director"
    assert title.at(NOW) == "Director"
    assert title.next_change(ago(days=9) - TICK) == ago(days=9)
    assert title.next_change(ago(days=9)) == ago(days=1)
    assert title.next_change(ago(days=1)) is None
    assert History().at(NOW) is None


def test_a_history_is_a_value_with_dates() -> None:
    a, b = (ago(days=2), "a"), (ago(days=1), ["b"])
    assert History(a, b) == History(b, a)
    assert History(a) != History(b)
    assert History() != ()
    assert History(b).at(NOW) == ("b",)
    assert repr(History(a)) == f"History(({ago(days=2)!r}, 'a'))"
    with pytest.raises(TypeError, match=r"unhashable"):
        hash(History())
    with pytest.raises(NaiveTimeError, match=r"^a change's time 2026-03-15"):
        History((NAIVE, 1))


# -- overrides ---------------------------------------------------------------------------------


def test_points_by_hand_hold_for_a_while() -> None:
    override = Override(5, "ann", "fair", ago(days=1), NOW)
    assert [override.holds(at) for at in (ago(days=1) - TICK, ago(days=1), NOW - TICK, NOW)] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("changed", "error", "text"),
    [
        ({"by": ""}, DefinitionError, "an override says who gave it and why"),
        ({"why": " "}, DefinitionError, "an override says who gave it and why"),
        ({"until": ago(days=1)}, DefinitionError, "an override ends after it starts"),
        (
            {"since": NAIVE},
            NaiveTimeError,
            "an override's start 2026-03-15 00:00:00 (no time zone) has no usable time zone; "
            "say which, for example datetime(2026, 3, 1, 12, tzinfo=UTC)",
        ),
        (
            {"until": None},
            KindError,
            "an override's end must be a datetime with a time zone, not blank",
        ),
    ],
)
def test_an_override_has_who_why_and_until(
    changed: dict[str, object], error: type[Exception], text: str
) -> None:
    given = {"points": 5, "by": "ann", "why": "fair", "since": ago(days=1), "until": NOW}
    with refused(error, text):
        Override(**{**given, **changed})


# -- leads -------------------------------------------------------------------------------------


def test_a_timeline_that_was_not_loaded_is_not_an_empty_one() -> None:
    assert Lead("ada").timeline is None
    assert unloaded().activities() is None
    assert Lead("ada", activities=[]).timeline is not None
    assert now().activities() == ()


def test_a_lead_takes_copies() -> None:
    attributes, activities = {"tags": ["a"]}, [did("open")]
    lead = Lead("ada", attributes, activities, people=[Lead("bob")])
    attributes["tags"].append("b")
    activities.clear()
    assert lead.attributes == {"tags": ("a",)}
    assert len(lead.timeline) == 1
    assert lead.people == (Lead("bob"),)
    assert lead.timeline is lead.timeline


def test_a_leads_activities_are_activities() -> None:
    with refused(KindError, "a lead's activities are Activity values, not a dict"):
        Lead("ada", {}, [{"kind": "open"}])


def test_a_giver_may_vouch_for_a_leads_ids() -> None:
    twice = [did("open", 1, key="x"), did("open", 2, key="x")]
    assert len(Lead("ada", {}, twice).timeline) == 1
    assert len(Lead("ada", {}, twice, unique_ids=True).timeline) == 2


def test_a_lead_may_bring_its_timeline() -> None:
    twice = [did("open", 1, key="x"), did("open", 2, key="x")]
    timeline = Timeline(twice)
    lead = Lead("ada", {}, timeline)
    assert lead.timeline is timeline
    assert lead.activities is timeline.activities
    assert lead == Lead("ada", {}, [twice[1]])
    assert pickle.loads(pickle.dumps(lead)).timeline.conflicts == ("x",)
    assert attrs.evolve(lead, stage="mql").timeline == timeline
    vouched = Lead("ada", {}, Timeline(twice, unique_ids=True))
    assert len(attrs.evolve(vouched).timeline) == len(copy.copy(vouched).timeline) == 2


def test_a_lead_is_frozen() -> None:
    lead = Lead("ada", {"n": 1}, [did("open")])
    for field in attrs.fields(Lead):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(lead, field.name, None)
    assert attrs.evolve(lead) == lead


def test_an_activity_of_another_class_is_an_activity() -> None:
    class Call(Activity):
        pass

    call = Call("call", NOW)
    assert Lead("ada", {}, [call]).activities == (call,)


def test_an_instant_is_aware() -> None:
    with pytest.raises(NaiveTimeError, match=r"^as_of 2026-03-15"):
        Lead("ada").at(NAIVE)
    with pytest.raises(NaiveTimeError, match=r"^known_at 2026-03-15"):
        Lead("ada", known_at=NAIVE)
    assert Lead("ada", known_at=NOW).known_at == NOW
    assert Lead("ada").at(NOW.astimezone(None)).as_of.tzinfo is UTC


def test_a_lead_survives_pickling() -> None:
    lead = Lead("ada", {"tags": ["a"]}, [did("open")], account=Lead("acme"))
    assert pickle.loads(pickle.dumps(lead)) == lead


# -- what a snapshot reads ---------------------------------------------------------------------


def test_the_getters_answer_none_for_blanks_and_other_kinds() -> None:
    lead = now(n=49, t="VP", f=True, d=date(2026, 3, 1), i=["a"], blank=" ")
    assert (lead.number("n"), lead.text("t"), lead.flag("f")) == (49, "VP", True)
    assert lead.moment("d") == datetime(2026, 3, 1, tzinfo=UTC)
    assert lead.items("i") == ("a",)
    for get in (lead.number, lead.text, lead.flag, lead.moment, lead.items):
        assert get("blank") is None
        assert get("nowhere") is None
    assert lead.number("t") is lead.text("n") is lead.flag("n") is None
    assert lead.moment("t") is lead.items("t") is None
    assert lead.raw("blank") == " "


def test_a_dotted_path_leads_into_a_related_record() -> None:
    lead = now(company={"size": 49, "where": {"city": "Rome"}}, plain=7)
    assert lead.number("company.size") == 49
    assert lead.text("company.where.city") == "Rome"
    assert lead.raw("company.nowhere") is None
    assert lead.raw("nowhere.size") is None
    assert lead.raw("plain.size") is None
    assert now(**{"a.b": 1}).number("a.b") == 1


def test_history_is_read_at_any_depth() -> None:
    company = History((ago(days=9), {"size": History((ago(days=9), 10), (ago(days=1), 60))}))
    lead = Lead("ada", {"company": company})
    assert lead.at(NOW).number("company.size") == 60
    assert lead.at(ago(days=2)).number("company.size") == 10
    assert lead.at(ago(days=10)).number("company.size") is None
    assert isinstance(lead.at(NOW).stored("company.size"), History)


def test_the_next_change_is_found_on_the_way_to_a_field() -> None:
    days = [NOW + timedelta(days=n) for n in range(4)]
    size = History((ago(days=9), 10), (days[3], 60))
    company = History((ago(days=9), {"size": size}), (days[2], {"size": 1}))
    lead = now(company=company, plain={"size": size}, flat=size, n=1)
    assert lead.next_change("flat") == lead.next_change("plain.size") == days[3]
    assert lead.next_change("company.size") == days[2]
    assert lead.next_change("company.nowhere") == days[2]
    assert lead.next_change("n") is lead.next_change("n.size") is lead.next_change("gone.x") is None
    acme = Lead("acme", {"size": size})
    assert Lead("ada", account=acme).at(NOW).next_change("account.size") == days[3]


def test_account_leads_into_the_leads_account() -> None:
    acme = Lead("acme", {"size": 60, "hq": {"city": "Rome"}}, [did("visit")])
    ada = Lead("ada", {"size": 1, "account": {"size": 2}}, [], account=acme)
    assert ada.at(NOW).number("account.size") == 60
    assert ada.at(NOW).text("account.hq.city") == "Rome"
    assert [a.kind for a in ada.at(NOW).activities(of="account")] == ["visit"]
    assert ada.at(NOW).activities() == ()
    alone = Lead("ada", {"account": {"size": 2}}, [])
    assert alone.at(NOW).number("account.size") == 2
    assert alone.at(NOW).activities(of="account") is None


def test_later_activities_do_not_exist_yet() -> None:
    lead = a_lead(did("open", 1), Activity("open", NOW), Activity("open", NOW + TICK))
    assert len(lead.at(NOW).activities()) == 2
    assert len(lead.at(NOW).timeline()) == 3


def test_a_snapshot_without_a_lead_has_attributes_only() -> None:
    bare = Snapshot({"n": 1}, NOW)
    assert bare.number("n") == 1
    assert bare.number("account.n") is None
    assert bare.activities() is bare.activities(of="account") is None
    assert bare.people() is bare.stage() is None


def test_an_activity_is_judged_by_its_own_properties_and_time() -> None:
    lead = now(did("open", 1, page="/"))
    inside = lead.inside(lead.activities()[0])
    assert inside.text("page") == "/"
    assert inside.as_of == ago(days=1)


def test_people_and_stage_are_known_or_not() -> None:
    acme = Lead("acme", people=[Lead("bob", {"n": 1})], stage="recycled")
    (bob,) = acme.at(NOW).people()
    assert (bob.number("n"), bob.as_of) == (1, NOW)
    assert acme.at(NOW).stage() == "recycled"
    assert Lead("acme").at(NOW).people() is Lead("acme").at(NOW).stage() is None
    assert Lead("acme", people=[]).at(NOW).people() == ()


def test_scores_are_asked_for_inside_a_qualification() -> None:
    with refused(
        KindError,
        "a criterion about a score is judged inside a Qualification; "
        "use its decide(lead, as_of=...), or give the snapshot with_scores(...)",
    ):
        now().score("fit")


# -- what a trace notes ------------------------------------------------------------------------


def test_a_trace_notes_each_thing_that_is_read_once() -> None:
    trace = now(n=49, t="many", blank=" ").traced()
    assert trace.number("n") == trace.number("n") == 49
    trace.number("t")
    trace.number("blank")
    trace.raw("t")
    trace.raw("gone")
    assert trace.seen == (
        Seen("n", "49", kind="number"),
        Seen("t", '"many"', kind="number", missing=True, fault="wanted a number"),
        Seen("blank", "blank", kind="number", missing=True),
        Seen("t", '"many"'),
        Seen("gone", "blank", missing=True),
    )
    assert [seen.name for seen in trace.seen] == ["n", "t", "blank", "t", "gone"]


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("number", "a number"),
        ("text", "text"),
        ("written", "text"),
        ("flag", "true or false"),
        ("moment", "a date or an instant with its time zone"),
        ("items", "a list"),
        ("domain", "an e-mail address"),
    ],
)
def test_a_fault_says_what_was_wanted(kind: str, wanted: str) -> None:
    trace = now(x={}).traced()
    trace.read("x", kind)
    assert [seen.fault for seen in trace.seen] == [f"wanted {wanted}"]


def test_a_naive_time_is_a_fault_of_the_attribute() -> None:
    trace = now(since=NAIVE).traced()
    assert trace.moment("since") is None
    assert trace.seen[0].fault == "wanted a date or an instant with its time zone"


def test_a_trace_notes_the_blanks_of_activities_only() -> None:
    trace = now(did("open", page="/", n=" ")).traced()
    inside = trace.inside(trace.activities()[0])
    inside.text("page")
    inside.number("n")
    assert trace.seen == (Seen("n", "blank", "open", "number", missing=True),)
    assert trace.seen[0].name == "open.n"
    assert trace.timelines == {"lead"}


def test_a_trace_notes_timelines_that_were_not_loaded() -> None:
    trace = unloaded().traced()
    assert trace.activities() is trace.activities(of="account") is None
    assert [seen.name for seen in trace.seen] == ["activities", "account.activities"]
    assert all(seen.missing for seen in trace.seen)
    assert trace.timelines == {"lead", "account"}


def test_a_trace_notes_that_the_clock_was_read() -> None:
    trace = now().traced()
    trace.raw("x")
    trace.activities()
    assert not trace.reads_time
    assert trace.as_of == NOW
    assert trace.reads_time


def test_a_trace_notes_stage_and_people() -> None:
    trace = Lead("acme", people=[Lead("bob", {"n": 1})]).at(NOW).traced()
    (bob,) = trace.people()
    bob.number("n")
    bob.text("t")
    trace.stage()
    assert trace.seen == (
        Seen("t", "blank", "people", "text", missing=True),
        Seen("stage", "blank", kind="stage", missing=True),
    )
    alone = Trace(Lead("acme", stage="mql").at(NOW))
    assert alone.people() is None
    assert alone.stage() == "mql"
    assert alone.seen == (
        Seen("people", "not loaded", kind="people", missing=True),
        Seen("stage", '"mql"', kind="stage"),
    )


# -- the past ----------------------------------------------------------------------------------


def test_a_run_into_the_past_over_plain_attributes_says_so() -> None:
    title = History((ago(days=9), "VP"))
    lead = Lead("ada", {"title": title, **dict.fromkeys("fedcba", 1)}, known_at=NOW)
    assert no_history(lead, NOW) == ""
    assert no_history(lead, NOW - TICK) == (
        "decided as of 2026-03-15 11:59:59.999999 UTC, but 6 attributes are only known as of "
        "2026-03-15 12:00:00 UTC: a, b, c, d, e, …"
    )
    assert no_history(Lead("ada", {"b": 1}, known_at=NOW), ago(days=1)).endswith("UTC: b")
    assert no_history(Lead("ada", {"title": title}, known_at=NOW), ago(days=1)) == ""
    assert no_history(Lead("ada", {"b": 1}), ago(days=1)) == ""


@pytest.mark.parametrize("points", ["20", True, None, 0.0001, 2_000_000])
def test_points_by_hand_are_points(points: object) -> None:
    with pytest.raises((DefinitionError, KindError), match="points given by hand"):
        Override(points, "ana", "met at a fair", NOW, NOW + timedelta(days=1))


@pytest.mark.parametrize("given", ["", "  ", None, 5])
def test_a_lead_has_an_id(given: object) -> None:
    with pytest.raises(LeadDataError, match="a lead's id is text that is not blank"):
        Lead(given)  # type: ignore[arg-type]


def test_a_history_told_in_any_order_is_one_history() -> None:
    first, second = (NOW, "a"), (NOW, "b")
    assert History(first, second) == History(second, first)


def test_activities_can_be_asked_for_by_kind() -> None:
    snapshot = now(did("open", 2), did("view", 1))
    assert [a.kind for a in snapshot.activities("open")] == ["open"]
