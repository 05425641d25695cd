"""Leads from plain data: all that is wrong at once, the same as the classes themselves check."""

import json
import math
import pickle
from collections import defaultdict
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import attrs
import cattrs
import pytest
from building import NOW, ago, did, refused
from cattrs.gen import make_dict_structure_fn
from hypothesis import assume, given
from hypothesis import strategies as st

from mqlkit import Activity, History, Lead, Override
from mqlkit.errors import Fault, LeadDataError
from mqlkit.intake import (
    DEEPEST,
    DEEPEST_LEADS,
    MOST_RELATED,
    UnreadableLeadError,
    lead_from,
    lead_to,
    leads_from,
)
from mqlkit.testing import leads
from mqlkit.timeline import MOST_ACTIVITIES, NOTHING

AT = "2026-03-15T12:00:00+00:00"
VISIT = {"kind": "visit", "at": AT}
GIFT = {"points": 5, "by": "ann", "why": "fair", "since": AT, "until": "2026-03-16T12:00Z"}
ADA = {
    "id": "ada",
    "attributes": {"employees": 60, "tags": ["a", "b"], "hq": {"city": "Rome"}},
    "activities": [
        VISIT,
        {**VISIT, "id": "e1"},
        {**VISIT, "properties": {"page": "/", "n": None}},
        {**VISIT, "properties": {"tags": ["a"]}, "id": "e2"},
    ],
    "account": {"id": "acme", "activities": []},
    "people": [{"id": "bob"}],
    "stage": "mql",
    "stage_since": AT,
    "overrides": [GIFT],
    "known_at": AT,
    "unique_ids": True,
}


NO_COUNT = "a count of seconds or so does not say its unit"


def told(data: object) -> list[str]:
    """What is wrong with the data."""
    with pytest.raises(UnreadableLeadError) as caught:
        lead_from(data)
    return [str(fault) for fault in caught.value.faults]


# -- what is read ------------------------------------------------------------------------------


def test_a_lead_is_read_with_all_that_it_has() -> None:
    lead = Lead(
        "ada",
        {"employees": 60, "tags": ["a", "b"], "hq": {"city": "Rome"}},
        [
            did("visit"),
            did("visit", key="e1"),
            did("visit", page="/", n=None),
            did("visit", key="e2", tags=["a"]),
        ],
        account=Lead("acme", activities=[]),
        people=[Lead("bob")],
        stage="mql",
        stage_since=NOW,
        overrides=[Override(5, "ann", "fair", NOW, ago(days=-1))],
        known_at=NOW,
        unique_ids=True,
    )
    assert lead_from(ADA) == lead_from(json.dumps(ADA)) == lead
    assert lead_from(json.dumps(ADA).encode()) == lead
    assert lead_from(MappingProxyType(ADA)) == lead
    assert lead_from(b"\xef\xbb\xbf" + json.dumps(ADA).encode()) == lead


def test_what_is_null_is_as_if_left_out() -> None:
    everything = dict.fromkeys(ADA) | {"id": "ada"}
    assert lead_from(everything) == Lead("ada")
    bare = {"id": "ada", "activities": [{**VISIT, "properties": None, "id": None}]}
    assert lead_from(bare) == Lead("ada", {}, [did("visit")])


def test_activities_that_were_not_loaded_are_not_none() -> None:
    assert lead_from({"id": "ada"}).activities is None
    assert lead_from({"id": "ada", "activities": []}).activities == ()


@pytest.mark.parametrize(
    "at",
    [
        AT,
        "2026-03-15T12:00Z",
        "2026-03-15 14:00+02:00",
        NOW,
        NOW.astimezone(timezone(timedelta(hours=2))),
    ],
)
def test_an_instant_is_text_with_its_zone_or_aware(at: object) -> None:
    lead = lead_from({"id": "ada", "activities": [{"kind": "visit", "at": at}], "known_at": at})
    assert lead == Lead("ada", {}, [did("visit")], known_at=NOW)
    assert lead.activities[0].at.tzinfo is UTC


def test_a_lead_takes_a_copy_of_the_data() -> None:
    data = json.loads(json.dumps(ADA))
    lead = lead_from(data)
    data["attributes"]["tags"].append("c")
    data["activities"][2]["properties"]["page"] = "/other"
    data["activities"][3]["properties"]["tags"].append("b")
    data["activities"].clear()
    assert lead == lead_from(ADA)
    with pytest.raises(AttributeError):
        lead.activities[0].kind = "other"
    assert lead_from({"id": "a", "activities": [{**VISIT, "properties": {}}]}) is not None


def test_activities_of_one_kind_share_its_name_and_the_empty_mapping() -> None:
    text = json.dumps({"id": "ada", "activities": [VISIT, {**VISIT, "properties": {}}]})
    one, other = lead_from(text).activities
    assert one.kind is other.kind
    assert one.properties is other.properties is NOTHING


def test_a_record_is_only_read() -> None:
    record = defaultdict(str, VISIT, more="")
    assert told({"id": "ada", "activities": [record]}) == [
        "activities[0].more: there is no such entry; known are 'at', 'id', 'kind', 'properties'"
    ]
    assert set(record) == {"kind", "at", "more"}


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ({"instant": "2026-03-15T12:00Z"}, NOW),
        ({"date": "2026-03-15"}, date(2026, 3, 15)),
        ({"decimal": "12.50"}, Decimal("12.50")),
        ({"number": "inf"}, math.inf),
        ({"set": ["a", ["b"]]}, frozenset({"a", ("b",)})),
        ({"history": [[AT, 5], [AT, 6]]}, History((NOW, 5), (NOW, 6))),
        ({"table": {"date": "soon"}}, {"date": "soon"}),
        ({"date": "2026-03-15", "n": 1}, {"date": "2026-03-15", "n": 1}),
        (NOW, NOW),
        (date(2026, 3, 15), date(2026, 3, 15)),
        (Decimal("2.5"), Decimal("2.5")),
        ({"a", "b"}, frozenset({"a", "b"})),
        (History((NOW, 5)), History((NOW, 5))),
    ],
)
def test_what_json_has_no_word_for_is_a_record_of_one_entry(data: object, value: object) -> None:
    lead = lead_from(
        {
            "id": "ada",
            "attributes": {"x": data, "in": [data]},
            "activities": [{**VISIT, "properties": {"x": data}}],
        }
    )
    assert lead == Lead("ada", {"x": value, "in": [value]}, [did("visit", x=value)])
    assert lead_from(json.dumps(lead_to(lead))) == lead


# -- what is refused ---------------------------------------------------------------------------


def test_all_that_is_wrong_is_told_at_once() -> None:
    data = {
        "attributes": {"ok": 1, "odd name": {"date": "soon"}, 5: "x"},
        "activities": [VISIT, {"kind": " ", "at": "2026-03-15"}, {"knd": "visit", "at": 7}],
        "account": "acme",
        "people": [{"id": ""}],
        "overrides": [{**GIFT, "points": "5", "until": AT}, {**GIFT, "until": AT}],
        "known_at": "soon",
    }
    such_as = "wanted an instant with its zone; such as 2026-03-01T09:00Z"
    assert told(data) == [
        'attributes["odd name"].date: found text; wanted a date; such as 2026-03-01',
        'attributes["a number"]: a name is text',
        "activities[1].kind: found blank; wanted text that is not blank",
        f"activities[1].at: found a time without a usable zone; {such_as}",
        "activities[2].knd: there is no such entry; did you mean 'kind'?",
        f"activities[2].at: found a number; {such_as}; {NO_COUNT}",
        "activities[2].kind: is missing",
        "account: found text; wanted a record",
        "people[0].id: found blank; wanted text that is not blank",
        "overrides[0].points: found text; wanted a number",
        "overrides[1]: an override ends after it starts",
        f"known_at: found text that is no instant; {such_as}",
        "id: is missing",
    ]


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"id": 7}, "id: found a number; wanted text that is not blank"),
        ({"id": True}, "id: found true or false; wanted text that is not blank"),
        ({"id": NOW}, "id: found an instant; wanted text that is not blank"),
        ({"stage": 7}, "stage: found a number; wanted text"),
        ({"unique_ids": 1}, "unique_ids: found a number; wanted true or false"),
        ({"attributes": []}, "attributes: found a list; wanted a record"),
        ({"activities": {}}, "activities: found a record; wanted a list"),
        ({"activities": [7]}, "activities[0]: found a number; wanted a record"),
        (
            {"activities": [{**VISIT, "id": 7}]},
            "activities[0].id: found a number; wanted text",
        ),
        (
            {"activities": [{**VISIT, "properties": []}]},
            "activities[0].properties: found a list; wanted a record",
        ),
        (
            {"activities": [{**VISIT, "properties": {"x": {"number": 5}}}]},
            'activities[0].properties.x.number: found a number; wanted "nan", "inf" or "-inf"',
        ),
        (
            {"attributes": {"x": {"decimal": "many"}}},
            "attributes.x.decimal: found text; wanted the digits of a number as text",
        ),
        (
            {"attributes": {"x": {"decimal": "sNaN"}}},
            "attributes.x.decimal: found text; wanted the digits of a number as text",
        ),
        (
            {"attributes": {"x": {"decimal": 5}}},
            "attributes.x.decimal: found a number; wanted the digits of a number as text",
        ),
        (
            {"attributes": {"x": {"set": [{"a": 1}]}}},
            "attributes.x.set: found a record in a set; wanted single values",
        ),
        ({"attributes": {"x": {"set": 5}}}, "attributes.x.set: found a number; wanted a list"),
        (
            {"attributes": {"x": {"table": 5}}},
            "attributes.x.table: found a number; wanted a record",
        ),
        (
            {"attributes": {"x": {"history": [[AT, 5], [5]]}}},
            "attributes.x.history[1]: found a list; wanted an instant and a value",
        ),
        (
            {"attributes": {"x": {"history": [["soon", 5]]}}},
            "attributes.x.history[0][0]: found text that is no instant; "
            "wanted an instant with its zone; such as 2026-03-01T09:00Z",
        ),
        (
            {"attributes": {"x": datetime(2026, 3, 15)}},
            "attributes.x: found a time without a usable zone; wanted an instant with its zone; "
            "such as 2026-03-01T09:00Z",
        ),
        (
            {"attributes": {"x": object()}},
            "attributes.x: found a value of type object; wanted plain data",
        ),
        ({7: 1}, '["a number"]: there is no such entry; a name is text'),
        (
            {"activities": [{**VISIT, "at": "0001-01-01T00:00+14:00"}]},
            "activities[0].at: found a time without a usable zone; wanted an instant with its "
            "zone; such as 2026-03-01T09:00Z",
        ),
        (
            {"overrides": [{**GIFT, "points": {"decimal": "0.00001"}}]},
            "overrides[0]: points given by hand have at most three decimals, not 0.00001",
        ),
        (
            {"overrides": [{**GIFT, "points": True}]},
            "overrides[0].points: found true or false; wanted a number",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(changed: dict[Any, object], fault: str) -> None:
    assert told({"id": "ada", **changed}) == [fault]


@pytest.mark.parametrize(
    ("at", "found", "hint"),
    [
        ("soon", "text that is no instant", ""),
        ("2026-03-99T09:00Z", "text that is no instant", ""),
        ("", "blank", ""),
        (True, "true or false", ""),
        ("1772355600", "text that is no instant", "; {}"),
        ("1772355600.25", "text that is no instant", "; {}"),
        (1772355600, "a number", "; {}"),
        (1772355600.25, "a number", "; {}"),
    ],
)
def test_what_is_no_instant_is_told_how_to_write_one(at: object, found: str, hint: str) -> None:
    assert told({"id": "ada", "activities": [{"kind": "visit", "at": at}]}) == [
        f"activities[0].at: found {found}; wanted an instant with its zone; "
        f"such as 2026-03-01T09:00Z{hint.format(NO_COUNT)}"
    ]


def test_fields_beside_the_id_are_told_once_with_where_they_belong() -> None:
    where = 'what is known of it stands under "attributes"'
    flat = {"id": "ada", "title": "VP", "employees": 60}
    assert told(flat) == [f"a lead has no entries 'title' and 'employees'; {where}"]
    assert told({**flat, "stge": "mql", "title": None}) == [
        "stge: there is no such entry; did you mean 'stage'?",
        f"a lead has no entries 'title' and 'employees'; {where}",
    ]
    account = {"id": "acme", "in\x1bdustry": "software"}
    assert told({"id": "ada", "account": account}) == [
        rf"account: a lead has no entry 'in\x1bdustry'; {where}"
    ]
    (fault,) = told({"id": "ada", **{f"f{n}": n for n in range(999)}})
    assert fault.endswith(f"'f6' and 992 more; {where}")


def test_the_error_says_it_in_a_few_lines() -> None:
    with refused(
        UnreadableLeadError,
        "the lead cannot be read\n"
        "  stge: there is no such entry; did you mean 'stage'?\n"
        "  id: is missing",
    ):
        lead_from({"stge": "mql"})
    many = UnreadableLeadError(
        [Fault(f"activities[{n}].at", None, "text", "no") for n in range(999)]
    )
    assert len(str(many)) < 2_000
    assert str(many).endswith(" more")
    again = pickle.loads(pickle.dumps(many))
    assert (str(again), again.faults) == (str(many), many.faults)
    assert isinstance(many, LeadDataError)


def test_an_error_holds_no_value() -> None:
    secret = "ada@home.example"
    faults = told({"id": 5, "stage_since": secret, "attributes": {"x": {"date": secret}}})
    assert not [fault for fault in faults if secret in fault]


# -- what a stranger may send ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "expecting property name enclosed in double quotes at character 2"),
        (b"\xff", "not UTF-8 at byte 1"),
        ("[" * 200_000, "too deep"),
        ('{"id": NaN}', "NaN at character 8 is no number of JSON"),
        (b'\xef\xbb\xbf{"id": NaN}', "NaN at character 8 is no number of JSON"),
        (r'{"NaN \" NaN": [1, -Infinity]}', "-Infinity at character 20 is no number of JSON"),
        ('{"id": ' + "9" * 10_000 + "}", "a number of too many digits"),
    ],
)
def test_what_is_not_json_is_refused(text: str | bytes, why: str) -> None:
    assert told(text) == [f"not JSON: {why}"]


@pytest.mark.parametrize("text", ["", b"", " \n", b"\xef\xbb\xbf"])
def test_empty_text_says_so(text: str | bytes) -> None:
    assert told(text) == ['found empty text; wanted a lead in JSON, such as {"id": "ada"}']


@pytest.mark.parametrize("text", ["5", "[]", "null", '"ada"'])
def test_a_lead_is_a_record(text: str) -> None:
    assert told(text)[0].endswith("wanted a record")


def test_values_lie_only_so_deep() -> None:
    deep: object = 1
    for _ in range(DEEPEST - 1):
        deep = [deep]
    assert lead_from({"id": "ada", "attributes": {"x": deep}}).attributes["x"]
    for wrap in (lambda x: [x], lambda x: {"a": x}, lambda x: {"table": {"a": x}}):
        deep = 1
        for _ in range(5_000):
            deep = wrap(deep)
        (fault,) = told({"id": "ada", "attributes": {"x": deep}})
        assert fault.endswith("values lie at most 32 deep in one another")
        assert len(fault) < 300


def test_leads_stand_only_so_deep_in_one_another() -> None:
    data: dict[str, Any] = {"id": "ada"}
    for _ in range(DEEPEST_LEADS - 1):
        data = {"id": "ada", "people": [data]}
    assert lead_from(data)
    assert told({"id": "ada", "account": data}) == [
        "account.people[0].people[0].people[0]: found a lead; at most 4 leads within one another"
    ]


def test_lists_are_only_so_long() -> None:
    assert told({"id": "ada", "people": [{"id": "bob"}] * (MOST_RELATED + 1)}) == [
        "people: found 10,001 of them; at most 10,000"
    ]
    assert told({"id": "ada", "activities": [VISIT] * (MOST_ACTIVITIES + 1)}) == [
        "activities: found 1,000,001 of them; at most 1,000,000"
    ]


def test_of_very_many_faults_a_thousand_are_told() -> None:
    assert len(told({"id": "ada", "activities": [{}] * 5_000})) == 1_000


# -- many lines --------------------------------------------------------------------------------


def test_lines_are_read_as_they_are_asked_for() -> None:
    lines = iter(['{"id": "ada"}\n', "\n", b"  ", {"id": "alan"}, "{}", '{"id": "bob"}'])
    found = leads_from(lines)
    assert [next(found).id, next(found).id] == ["ada", "alan"]
    with refused(UnreadableLeadError, "the lead cannot be read\n  id, line 5: is missing"):
        next(found)
    assert next(lines) == '{"id": "bob"}'
    assert list(leads_from(["\n"])) == []


# -- and back ----------------------------------------------------------------------------------


@given(leads())
def test_a_lead_that_is_told_is_read_as_it_was(lead: Lead) -> None:
    """Law 123 for leads: ``lead_from(lead_to(lead)) == lead``; NaN is equal to nothing."""
    try:
        data = lead_to(lead)
    except LeadDataError:
        assume(False)  # a time without a zone: nobody can say when it is
    again = lead_from(data)
    assert again == lead or "nan" in repr(lead)
    text = json.dumps(data, allow_nan=False)
    assert json.dumps(lead_to(again)) == json.dumps(lead_to(lead_from(text))) == text


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ({"x": object()}, "a value of type object cannot be told as plain data"),
        ({"x": datetime(2026, 3, 15)}, "an instant cannot be told as plain data"),
        ({5: 1}, "a name is text, not a number"),
    ],
)
def test_what_is_no_plain_data_cannot_be_told(attributes: dict[Any, object], text: str) -> None:
    with refused(LeadDataError, text):
        lead_to(Lead("ada", attributes))


def test_a_whole_lead_is_told() -> None:
    lead = lead_from(ADA)
    assert lead_from(json.dumps(lead_to(lead))) == lead


# -- the same as a converter of cattrs, which knows only the classes -----------------------------


def _only(kind: type) -> Any:
    def check(value: object, _: object) -> object:
        if type(value) is not kind:
            raise TypeError(f"no {kind}")
        return value

    return check


def _at(value: object, _: object) -> datetime:
    if not isinstance(value, str):
        raise TypeError("no text")
    return datetime.fromisoformat(value)


def _named(value: object, _: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise TypeError("no record")
    return value


def _number(value: object, _: object) -> object:
    if type(value) not in (int, float):
        raise TypeError("no number")
    return value


def a_converter() -> cattrs.Converter:
    """What reads the same shape with a library, and leaves the checks to the classes."""
    made = cattrs.Converter(forbid_extra_keys=True)
    for kind in (str, bool):
        made.register_structure_hook(kind, _only(kind))
    made.register_structure_hook(datetime, _at)
    made.register_structure_hook_func(lambda kind: kind == Mapping[str, object], _named)
    made.register_structure_hook_func(lambda kind: kind == int | float | Decimal, _number)
    for cls in (Activity, Override, Lead):
        read = make_dict_structure_fn(cls, made, _cattrs_forbid_extra_keys=True)

        def without_nulls(data: Any, kind: Any, read: Any = read, cls: Any = cls) -> Any:
            there = {field.name for field in attrs.fields(cls)}
            known = {k: v for k, v in _named(data, None).items() if v is not None or k not in there}
            for name in known.keys() & {"activities", "overrides", "people"}:
                if not isinstance(known[name], list):  # it would take whatever is empty for none
                    raise TypeError("no list")
            return read(known, kind)

        made.register_structure_hook(cls, without_nulls)
    return made


CONVERTER = a_converter()


def by_converter(data: object) -> Lead | None:
    try:
        return CONVERTER.structure(data, Lead)
    except Exception:  # of a group each member may be of any kind
        return None


JUNK = (None, 0, True, "", " ", "x", [], {}, [{}], {"a": 1}, AT, "2026-03-15", 1.5, ["x"])
texts = st.sampled_from(("ada", "e1", "e2", "x y"))
instants = st.sampled_from((AT, "2026-03-15T12:00Z", "2026-03-14T09:30:00.5+05:30"))
records = st.dictionaries(
    texts, st.sampled_from((1, "a", None, True, 2.5, ["a"], {"b": 1, "c": 2}))
)
activities = st.fixed_dictionaries(
    {"kind": texts, "at": instants}, optional={"properties": records, "id": texts}
)
gifts = st.fixed_dictionaries(
    {
        "points": st.sampled_from((5, -2.5)),
        "by": texts,
        "why": texts,
        "since": st.just(AT),
        "until": st.just("2026-04-01T00:00Z"),
    },
    optional={"score": texts},
)
person = {
    "attributes": records,
    "activities": st.lists(activities, max_size=4),
    "stage": texts,
    "stage_since": instants,
    "known_at": instants,
    "unique_ids": st.booleans(),
    "overrides": st.lists(gifts, max_size=2),
}
persons = st.fixed_dictionaries({"id": texts}, optional=person)
documents = st.fixed_dictionaries(
    {"id": texts}, optional={**person, "account": persons, "people": st.lists(persons, max_size=2)}
)


def places(data: object) -> list[tuple[Any, Any]]:
    """Every place in the data at which something stands: its holder and its name there."""
    inside = data.items() if isinstance(data, dict) else enumerate(data)
    found = []
    for name, value in list(inside):
        found.append((data, name))
        if isinstance(value, dict | list):
            found += places(value)
    return found


@st.composite
def spoiled(draw: st.DrawFn) -> dict[str, Any]:
    """Data with up to two of its places changed, emptied or added to."""
    data = json.loads(json.dumps(draw(documents)))
    for _ in range(draw(st.integers(0, 2))):
        holder, name = draw(st.sampled_from(places(data)))
        match draw(st.sampled_from(("change", "empty", "add"))):
            case "change":
                holder[name] = deepcopy(draw(st.sampled_from(JUNK)))
            case "empty":
                del holder[name]
            case _ if isinstance(holder, dict):
                holder["more"] = 1
        assume(data)
    return data


@given(documents)
def test_what_is_in_order_is_read_alike(data: dict[str, Any]) -> None:
    assert lead_from(data) == by_converter(data)


def agrees(reader: Callable[[Any], Lead], data: Any) -> bool:
    """Whether a reader makes the lead that the converter makes, or refuses with it."""
    try:
        lead = reader(data)
    except UnreadableLeadError as error:
        return bool(error.faults) and by_converter(data) is None
    return lead == by_converter(data)


@given(spoiled())
def test_the_same_is_read_and_the_same_refused(data: dict[str, Any]) -> None:
    """The reader written by hand and the converter agree, whatever is wrong."""
    assert agrees(lead_from, data)


def forgets_strangers(data: dict[str, Any]) -> Lead:
    return lead_from({name: value for name, value in data.items() if name in ADA})


def takes_any_time(data: dict[str, Any]) -> Lead:
    mended = [{**one, "at": AT} for one in data.get("activities") or ()]
    return lead_from({**data, "activities": mended})


def leaves_out_the_odd(data: dict[str, Any]) -> Lead:
    good = [one for one in data.get("activities") or () if one.get("kind")]
    return lead_from({**data, "activities": good})


@pytest.mark.parametrize("liar", [forgets_strangers, takes_any_time, leaves_out_the_odd])
def test_a_reader_that_is_kinder_is_found_out(liar: Callable[[Any], Lead]) -> None:
    """Each is caught by "the same is read and the same refused"."""
    naive = {"kind": "visit", "at": "2026-03-15"}
    spoilt = (
        {"id": "ada", "activities": [], "more": 1},
        {"id": "ada", "activities": [naive]},
        {"id": "ada", "activities": [{"at": AT}]},
    )
    assert not all(agrees(liar, data) for data in spoilt)
    assert all(agrees(lead_from, data) for data in spoilt)


@given(spoiled())
def test_what_is_rare_is_read_as_what_is_common(data: dict[str, Any]) -> None:
    """A list is read in a hurry, a tuple with care; both are told of alike."""

    def read(data: object) -> object:
        try:
            return lead_from(data)
        except UnreadableLeadError as error:
            return error.faults

    careful = {
        name: tuple(value) if name == "activities" and isinstance(value, list) else value
        for name, value in data.items()
    }
    assert read(data) == read(careful)
