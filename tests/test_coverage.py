"""How far the data carry a definition, and what knowing more would give."""

from datetime import UTC, datetime

from mqlkit import History, Lead, Qualification, Status, activity, attribute
from mqlkit.coverage import MOST_TRIED, MOST_VALUES, Coverage, Enrichment

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
BIG = attribute("employees") >= 50
HERE = attribute("country").is_in("DE", "FR")


def covered(model: Qualification, *leads: dict[str, object]) -> Coverage:
    coverage = Coverage()
    for number, attributes in enumerate(leads):
        coverage.add(model.decide(Lead(str(number), attributes), as_of=AS_OF))
    return coverage


def test_counts_by_status_and_what_blocks_the_most() -> None:
    model = Qualification("m", version="1", when=BIG & HERE)
    coverage = covered(
        model,
        {"employees": 60, "country": "DE"},
        {"employees": 10},  # Too small whatever the country is: decided.
        {"employees": 70},
        {"country": "FR"},
        {"country": "DE"},
        {},
    )
    assert coverage.by_status == {
        Status.QUALIFIED: 1,
        Status.NOT_QUALIFIED: 1,
        Status.NEEDS_DATA: 4,
    }
    assert (coverage.leads, coverage.undecided) == (6, 4)
    assert [(f.field, f.waits, f.alone) for f in coverage.fields()] == [
        ("employees", 3, 2),
        ("country", 2, 1),
    ]


def test_what_knowing_a_field_would_give_is_tried_with_values_of_other_leads() -> None:
    model = Qualification("m", version="1", when=BIG & HERE)
    coverage = covered(
        model,
        *({"employees": n, "country": "DE"} for n in (10, 60, 70)),
        {"country": "FR"},  # 10 would settle it as no, 60 and 70 as yes.
        {},  # 10 settles it; 60 and 70 leave the country open.
    )
    (employees, country) = coverage.fields()
    assert (employees.waits, employees.decided, employees.qualified) == (2, 2, 1)
    assert employees.expected == 1  # 2 of 3, rounded
    assert (country.waits, country.decided, country.qualified) == (1, 0, 0)
    assert not employees.estimated


def test_the_path_takes_first_what_decides_most() -> None:
    model = Qualification("m", version="1", when=BIG & HERE)
    coverage = covered(model, {"employees": 60}, {"country": "DE"}, {"country": "FR"}, {})
    assert list(coverage.path()) == [Enrichment("employees", 2), Enrichment("country", 4)]


def test_a_field_that_nobody_has_is_not_tried() -> None:
    model = Qualification("m", version="1", when=BIG)
    (field,) = covered(model, {}, {"employees": None}).fields()
    assert (field.waits, field.decided, field.qualified, field.expected) == (2, None, None, None)


def test_a_timeline_that_was_not_loaded_blocks_too() -> None:
    model = Qualification("m", version="1", when=activity().count() >= 1)
    (field,) = covered(model, {}).fields()
    assert (field.field, field.kind, field.decided) == ("activities", "activities", None)


def test_many_numbers_are_tried_as_steps_of_their_range() -> None:
    model = Qualification("m", version="1", when=BIG)
    coverage = covered(model, *({"employees": n} for n in range(100)), {})
    values = coverage.values("employees")
    assert len(values) == MOST_VALUES
    assert abs(sum(share for _, share in values) - 1) < 1e-9
    (field,) = coverage.fields()
    assert (field.qualified, field.expected) == (1, 0)  # 6 of 12 steps: half a lead, to even


def test_many_words_are_tried_by_how_common_they_are() -> None:
    model = Qualification("m", version="1", when=HERE)
    words = [f"c{n}" for n in range(40)] + ["DE"] * 3
    values = covered(model, *({"country": word} for word in words)).values("country")
    assert (len(values), values[0]) == (MOST_VALUES, ("DE", 3 / 43))


def test_what_cannot_be_counted_is_not_tried() -> None:
    model = Qualification("m", version="1", when=attribute("tags").any_of("a"))
    history = History((AS_OF, "x"))
    coverage = covered(model, {"tags": [["a"]], "title": history}, {"tags": {"a": 1}}, {})
    assert coverage.values("title") == []
    assert all(field.decided is not None or field.field == "tags" for field in coverage.fields())


def test_of_very_many_leads_a_part_is_tried() -> None:
    model = Qualification("m", version="1", when=BIG)
    known: list[dict[str, object]] = [{"employees": 60}, {"employees": 60}]
    (field,) = covered(model, *known, *({} for _ in range(2 * MOST_TRIED))).fields()
    assert (field.waits, field.qualified, field.expected) == (2 * MOST_TRIED,) * 3
    assert field.estimated


def test_progress_is_told_by_field() -> None:
    model = Qualification("m", version="1", when=BIG & HERE)
    told: list[str] = []
    covered(model, {}).fields(told.append)
    assert sorted(told) == ["country", "employees"]


def test_as_plain_data() -> None:
    model = Qualification("m", version="1", when=BIG)
    assert covered(model, {"employees": 60}, {}).to_dict() == {
        "leads": 2,
        "by_status": {"qualified": 1, "not qualified": 0, "disqualified": 0, "needs data": 1},
        "undecided": 1,
        "fields": [
            {
                "field": "employees",
                "kind": "number",
                "waits": 1,
                "alone": 1,
                "decided": 1,
                "qualified": 1,
                "expected": 1,
                "estimated": False,
                "points": 0,
            }
        ],
        "enrich_first": [{"field": "employees", "decided": 1}],
    }
