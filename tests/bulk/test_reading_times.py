"""Times and numbers of every width; one of them that nobody can count stops no run."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from mqlkit import Qualification, activity, attribute, bulk
from mqlkit.bulk.reading import Opened, open_tables
from mqlkit.tables import Column, FileMapping, LeadColumns

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ANY = Qualification("any", version="1", when=activity("visit").happened())
MOMENT = timedelta(microseconds=1)
FAR = 2**60


def columns(**kinds: Column) -> FileMapping:
    return FileMapping(leads=LeadColumns(columns=kinds))


def read(
    given: Any, mapping: FileMapping | None = None, **more: Any
) -> tuple[list[Any], list[str]]:
    """The values of the field x, and what is wrong."""
    with duckdb.connect() as connection:
        tables: Opened = open_tables(
            connection, given, None, mapping=mapping or FileMapping(), qualification=ANY, **more
        )
        found = sorted(tables.leads(), key=lambda lead: lead.id)
        faults = [fault.problem for fault in tables.faults()]
        values = [lead.attributes.get("x") for lead in found]
        tables.close()
    return values, faults


def table(values: Any) -> pa.Table:
    return pa.table({"id": [str(n) for n in range(len(values))], "x": values})


def counts(unit: str, zone: str | None, *values: int | None) -> pa.Array:
    return pa.array(values, pa.int64()).cast(pa.timestamp(unit, zone))


FLOORED = [EPOCH, EPOCH - MOMENT, EPOCH - MOMENT, EPOCH - 2 * MOMENT, None]


@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_nanoseconds_are_floored(zone: str | None, tmp_path: Path) -> None:
    mapping = None if zone else columns(x=Column("x", "moment", zone="UTC"))
    given = table(counts("ns", zone, 1, -1, -1000, -1001, None))
    pq.write_table(given, tmp_path / "leads.parquet")

    for leads in (given, pl.DataFrame(given), given.to_pandas(), tmp_path / "leads.parquet"):
        assert read(leads, mapping) == (FLOORED, [])


def test_nanoseconds_in_a_stated_zone_are_floored() -> None:
    mapping = columns(x=Column("x", "moment", zone="Europe/Berlin"))
    values, faults = read(table(counts("ns", None, 1_999, -1, None)), mapping)

    hour = timedelta(hours=1)
    assert (values, faults) == ([EPOCH + MOMENT - hour, EPOCH - MOMENT - hour, None], [])


def test_activities_happen_at_nanoseconds_in_a_zone() -> None:
    at = counts("ns", "UTC", -1, 10**18, 2 * 10**18)
    activities = pa.table({"lead_id": ["a", "a", "a"], "kind": ["visit"] * 3, "at": at})
    mql = Qualification("mql", version="1", when=activity("visit").count().equals(2))
    now = EPOCH + timedelta(seconds=10**9)

    with bulk.decide(mql, pa.table({"id": ["a"]}), activities, as_of=now) as run:
        assert [row["decision"] for row in run.to_arrow().to_pylist()] == ["qualified"]


NO_CALENDAR = "an instant that no calendar has"
UTC_STATED = columns(x=Column("x", "moment", zone="UTC"))
IN_BERLIN = columns(x=Column("x", "moment", zone="Europe/Berlin"))
FAR_AWAY = {
    "s": counts("s", None, FAR, 0),
    "ms": counts("ms", None, FAR, 0),
    "us": counts("us", None, FAR, 0),
    "date32": pa.array([110_000_000, 0], pa.int32()).cast(pa.date32()),
    "date32 in the year 29,349": pa.array([10_000_000, 0], pa.int32()).cast(pa.date32()),
    "date64": pa.array([FAR, 0], pa.int64()).cast(pa.date64()),
}


@pytest.mark.parametrize("kind", FAR_AWAY)
@pytest.mark.parametrize("mapping", [UTC_STATED, IN_BERLIN], ids=["UTC", "Berlin"])
def test_a_time_that_no_calendar_has_is_one_bad_cell(kind: str, mapping: FileMapping) -> None:
    midnight = EPOCH if mapping is UTC_STATED else EPOCH - timedelta(hours=1)

    assert read(table(FAR_AWAY[kind]), mapping) == ([None, midnight], [NO_CALENDAR])


@pytest.mark.parametrize("far", [FAR, -FAR])
def test_a_stream_may_have_seconds_that_no_calendar_has(far: int) -> None:
    leads = table(counts("s", "UTC", far, 0))
    mql = Qualification("known", version="1", when=attribute("x").known())
    with bulk.decide(mql, leads.to_reader(), as_of=EPOCH, ordered=True) as run:
        assert run.to_arrow()["decision"].to_pylist() == ["not qualified", "qualified"]
        assert [fault.problem for fault in run.faults()] == [NO_CALENDAR]


def test_a_stream_with_a_list_of_such_seconds_is_refused() -> None:
    lists = pa.ListArray.from_arrays(pa.array([0, 1], pa.int32()), counts("s", "UTC", FAR))
    mql = Qualification("known", version="1", when=attribute("id").known())
    with pytest.raises(bulk.BulkError) as caught:
        bulk.decide(mql, table(lists).to_reader(), as_of=EPOCH)
    (fault,) = caught.value.faults
    assert fault.startswith("a stream of Arrow cannot be kept: ")


def test_instants_that_are_kept_by_number_are_instants() -> None:
    numbered = counts("s", "UTC", FAR, 0, None).dictionary_encode()
    for leads in (table(numbered), ds.dataset(table(numbered)), table(numbered).to_reader()):
        assert read(leads) == ([None, EPOCH, None], [NO_CALENDAR])
    near = table(counts("s", "UTC", 1, 0, None).dictionary_encode())
    assert read(ds.dataset(near)) == ([EPOCH + timedelta(seconds=1), EPOCH, None], [])


IN_A_ZONE = {
    (unit, form): (unit, form) for unit in ("s", "ms", "us") for form in ("Arrow", "Polars")
}
IN_A_ZONE.pop(("s", "Polars"))


@pytest.mark.parametrize(("unit", "form"), IN_A_ZONE)
def test_an_instant_that_no_calendar_has_is_one_bad_cell(unit: str, form: str) -> None:
    given = table(counts(unit, "UTC", FAR, -FAR, 0))
    leads = given if form == "Arrow" else pl.DataFrame(given)

    assert read(leads) == ([None, None, EPOCH], [NO_CALENDAR])


def test_a_date_that_no_calendar_has_is_one_bad_cell() -> None:
    assert read(table(FAR_AWAY["date32"])) == ([None, EPOCH], [NO_CALENDAR])


WIDEST = {
    "UHUGEINT": (2**128 - 1, 2**63 - 1),
    "HUGEINT": (-(2**127), -(2**63)),
    "UBIGINT": (2**64 - 1, 2**63 - 1),
}


@pytest.mark.parametrize("type_", WIDEST)
def test_whole_numbers_beyond_64_bits_are_the_outermost(type_: str) -> None:
    cell, held = WIDEST[type_]
    with duckdb.connect() as connection:
        cells = f"SELECT '{cell}'::{type_} AS x, '1' AS id UNION ALL SELECT NULL, '2'"
        tables = open_tables(connection, cells, None, mapping=FileMapping(), qualification=ANY)
        found = sorted(tables.leads(), key=lambda lead: lead.id)
        assert [lead.attributes.get("x") for lead in found] == [held, None]


def test_an_epoch_beyond_all_calendars_is_one_bad_cell() -> None:
    mapping = columns(x=Column("x", "moment", format="epoch seconds"))
    with duckdb.connect() as connection:
        cells = f"SELECT '{2**128 - 1}'::UHUGEINT AS x, '1' AS id UNION ALL SELECT 0::UHUGEINT, '2'"
        tables = open_tables(connection, cells, None, mapping=mapping, qualification=ANY)
        found = sorted(tables.leads(), key=lambda lead: lead.id)
        assert [lead.attributes.get("x") for lead in found] == [None, EPOCH]
        assert [fault.problem for fault in tables.faults()] == [NO_CALENDAR]


STRANGE = {
    "decimal256": pa.array([1, None], pa.decimal256(50, 2)),
}
MQL = Qualification("mql", version="1", when=attribute("x") >= 1)


@pytest.mark.parametrize("kind", STRANGE)
def test_a_column_that_duckdb_does_not_know_is_asked_for_by_name_or_left(kind: str) -> None:
    given = table(STRANGE[kind])

    other = Qualification("mql", version="1", when=attribute("y") >= 1)

    leads = given.append_column("y", pa.array([1, 0]))
    with bulk.decide(other, leads, as_of=EPOCH, ordered=True) as run:
        assert [row["decision"] for row in run.to_arrow().to_pylist()] == [
            "qualified",
            "not qualified",
        ]
    with pytest.raises(bulk.BulkError, match=r"the field 'x' holds decimal256\(50, 2\)"):
        bulk.decide(MQL, given, as_of=EPOCH)


def test_half_a_number_is_a_number() -> None:
    half = pa.array([1.5, None], pa.float32()).cast(pa.float16())

    assert read(table(half)) == ([1.5, None], [])


STRANGEST = pa.table(
    {
        "id": ["0", "1"],
        "x": counts("ms", "UTC", FAR, 0),
        "y": STRANGE["decimal256"],
        "z": pa.array([1.5, None], pa.float32()).cast(pa.float16()),
        "s": counts("ms", None, FAR, 0),
    }
)


def test_a_dataset_or_a_stream_of_such_columns_is_kept_as_it_can_be_read() -> None:
    polars = pl.DataFrame(STRANGEST.select(["id", "x"]))
    for given in (ds.dataset(STRANGEST), STRANGEST.to_reader(), polars.lazy()):
        assert read(given) == ([None, EPOCH], [NO_CALENDAR])
    other = Qualification("mql", version="1", when=attribute("y") >= 1)
    with pytest.raises(bulk.BulkError, match=r"the field 'y' holds decimal256\(50, 2\)"):
        bulk.decide(other, ds.dataset(STRANGEST), as_of=EPOCH)


def test_a_file_with_such_a_time_is_told(tmp_path: Path) -> None:
    path = tmp_path / "leads.parquet"
    pq.write_table(STRANGEST.select(["id", "x"]), path)

    with pytest.raises(bulk.BulkError, match="the column 'x' has a time that no calendar has"):
        read(path)
    pq.write_table(STRANGEST.slice(1).select(["id", "x"]), path)
    assert read(path) == ([EPOCH], [])


def test_a_member_of_a_record_may_be_such_a_time() -> None:
    times = counts("ms", "UTC", FAR, 0, None)
    record = pa.StructArray.from_arrays([times, pa.array(["a", None, None])], ["at", "by"])
    given = pa.table({"id": ["0", "1", "2"], "record": record, "x": [1, 2, 3]})
    problems = []
    for leads in (given, pl.DataFrame(given), pl.DataFrame(given).lazy(), ds.dataset(given)):
        assert read(leads)[0] == [1, 2, 3]
        problems.append(read(leads)[1])
    assert problems == [[NO_CALENDAR]] * 4
