"""Columns of every type, files of every form, and what is wrong with them, one small case each."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow.dataset import dataset

from mqlkit import Lead, Qualification, Status, activity, attribute, bulk, known
from mqlkit.bulk.reading import open_tables, staging
from mqlkit.tables import parse_mapping
from mqlkit.tables.mapping import DEFAULT

NOW = datetime(2026, 3, 31, tzinfo=UTC)
ANY = Qualification("any", version="1", when=activity("visit").happened())


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'America/New_York'")
        yield connection


def mapping(text: str) -> Any:
    return parse_mapping(text)


def opened(connection: Any, leads: Any, activities: Any = None, text: str = "") -> Any:
    columns = mapping(text) if text else DEFAULT
    return open_tables(connection, leads, activities, mapping=columns, qualification=ANY)


def attributes(connection: Any, leads: Any, text: str = "") -> dict[str, dict[str, object]]:
    tables = opened(connection, leads, text=text)
    return {lead.id: dict(lead.attributes) for lead in tables.leads()}


def faults(connection: Any, leads: Any, activities: Any = None, text: str = "") -> set[str]:
    tables = opened(connection, leads, activities, text)
    return {f"{fault.column}: {fault.problem}" for fault in tables.faults()}


def refused(connection: Any, leads: Any, activities: Any = None, text: str = "") -> list[str]:
    with pytest.raises(bulk.BulkError) as caught:
        opened(connection, leads, activities, text)
    return list(caught.value.faults)


def test_columns_have_types_of_their_own(connection: Any) -> None:
    record = pa.struct([("size", pa.int32()), ("of", pa.struct([("city", pa.string())]))])
    leads = pa.table(
        {
            "id": ["ada"],
            "tags": pa.array([["a", None]], pa.list_(pa.string())),
            "both": pa.array([["a", "b"]], pa.list_(pa.string(), 2)),
            "numbers": pa.array([[1, 2]], pa.list_(pa.int64())),
            "price": pa.array([Decimal("1.50")], pa.decimal128(10, 2)),
            "exact": pa.array([Decimal("0.1000000000000000055511151231")], pa.decimal128(38, 28)),
            "nothing": pa.nulls(1),
            "born": [date(2026, 3, 1)],
            "account": pa.array([{"size": 5, "of": {"city": "Ulm"}}], record),
        }
    )
    assert attributes(connection, leads) == {
        "ada": {
            "id": "ada",
            "tags": ("a", None),
            "both": ("a", "b"),
            "price": 1.5,
            "exact": 0.1,
            "born": datetime(2026, 3, 1, tzinfo=UTC),
            "account.size": 5,
            "account.of.city": "Ulm",
        }
    }


STATED = """
format = 1
[leads]
columns.number = { field = "number", kind = "text" }
columns.price = { field = "price", kind = "flag" }
columns.share = { field = "share", kind = "flag" }
columns.count = { field = "count", kind = "moment", format = "epoch seconds" }
columns.comma = { field = "comma", kind = "number", decimal = "," }
columns.part = { field = "part", kind = "number" }
columns.seen = { field = "seen", kind = "moment", zone = "UTC" }
columns.day = { field = "day", kind = "moment" }
columns.nothing = { field = "nothing", kind = "number" }
columns.many = { field = "many", kind = "text" }
"""


def test_columns_that_are_not_of_the_kind_that_is_stated(connection: Any) -> None:
    leads = pa.table(
        {
            "id": ["ada", "bob"],
            "number": [5, None],
            "price": pa.array([Decimal("1.50"), None], pa.decimal128(10, 2)),
            "share": [0.5, float("nan")],
            "count": [1.5, float("nan")],
            "comma": ["1,5", None],
            "part": ["0.5", "2"],
            "seen": ["2026-03-01 10:00", None],
            "day": ["2026-03-01", None],
            "nothing": pa.nulls(2),
            "many": [["a"], None],
        }
    )
    assert attributes(connection, leads, STATED) == {
        "ada": {
            "count": datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC),
            "comma": 1.5,
            "part": 0.5,
            "seen": datetime(2026, 3, 1, 10, tzinfo=UTC),
            "day": datetime(2026, 3, 1, tzinfo=UTC),
        },
        "bob": {"part": 2.0},
    }
    assert faults(connection, leads, text=STATED) == {
        "number: is an int, not text",
        "price: is a Decimal, not true or false",
        "share: is a float, not true or false",
        "many: is a list, not text",
    }


def test_a_field_goes_before_the_member_of_a_record_of_its_name(connection: Any) -> None:
    record = pa.struct([("size", pa.int64()), ("name", pa.string())])
    leads = pa.table(
        {
            "id": ["ada", "bob"],
            "account": pa.array([{"size": 5, "name": "Acme"}, {"size": 6, "name": None}], record),
            "account.size": [7, None],
            "other": pa.array([{"size": 1, "name": "x"}] * 2, record),
        }
    )
    text = 'format = 1\n[leads]\nothers = "keep"\ncolumns.other = { field = "in.side" }\n'
    assert attributes(connection, leads, text) == {
        "ada": {"id": "ada", "account.size": 7, "account.name": "Acme"},
        "bob": {"id": "bob", "account.size": 6},
    }


def test_what_a_relation_lacks_is_told_at_once(connection: Any) -> None:
    leads = pa.table({"id": [1.5], "x": [1]})
    text = 'format = 1\n[leads]\ncolumns.y = { field = "y" }\n'
    assert refused(connection, leads, text=text) == [
        "the leads: there is no column 'y'; known are 'id', 'x'"
    ]
    assert refused(connection, leads) == [
        "the leads: the column 'id' holds DOUBLE; a key is text or a whole number"
    ]
    assert refused(connection, pa.table({"id": ["a"]}), pa.table({"kind": ["visit"]})) == [
        "the activities: there is no column 'lead_id' or 'lead'; known are 'kind'; a mapping file "
        "says which it is",
        "the activities: there is no column 'at'; known are 'kind'",
    ]
    assert refused(connection, [], []) == [
        "the leads: no file is given",
        "the activities: no file is given",
    ]


def test_names_that_mqlkit_gives_are_the_tables_own(connection: Any) -> None:
    leads = pa.table({"id": [1], "mqlkit_row": [7], "mqlkit_raw_0": [8]})
    assert attributes(connection, leads) == {"1": {"id": 1, "mqlkit_row": 7, "mqlkit_raw_0": 8}}


def test_keys_kinds_stages_and_times_of_relations(connection: Any) -> None:
    text = """
format = 1
[leads]
stage = "where"
[[activities]]
lead = "lead"
kind = "what"
at = { column = "at", zone = "UTC" }
kinds = { seen = "visit" }
"""
    leads = pa.table({"id": [1, 2], "where": ["mql", None]})
    activities = pa.table(
        {
            "lead": [1, 2, 2],
            "what": ["seen", "call", "call"],
            "at": ["2026-03-01 10:00", "yesterday", "1.3.2026"],
        }
    )
    tables = opened(connection, leads, activities, text)
    ada, bob = tables.leads()
    assert (ada.stage, [a.kind for a in ada.activities or ()]) == ("mql", ["visit"])
    assert (bob.stage, bob.activities) == (None, ())
    problem = "not a moment in ISO 8601, such as 2026-03-01; another form needs a format"
    assert faults(connection, leads, activities, text) == {f"at: its time is {problem}"}


def test_a_day_is_no_time_of_an_activity_unless_its_zone_is_stated(connection: Any) -> None:
    leads = pa.table({"id": ["ada"]})
    days = {"lead": ["ada", "ada"], "kind": ["visit", "visit"]}
    asked = pa.table(days | {"at": [date(2026, 3, 1)] * 2})
    assert refused(connection, leads, asked) == [
        "the activities: the column 'at' (DATE): a date without a zone; say zone = \"UTC\""
    ]
    texts = pa.table(days | {"at": ["2026-03-01", "2026-03-01T10:00Z"]})
    assert faults(connection, leads, texts) == {
        'at: its time is a date without a zone; say zone = "UTC"'
    }


def test_files_that_cannot_be_read(connection: Any, tmp_path: Path) -> None:
    (tmp_path / "leads.csv.gz").write_bytes(b"\x1f\x8b no gzip")
    path = tmp_path / "leads.parquet"
    pq.write_table(pa.table({"id": ["a"], "account": [{"size": 5, "of": {"x": 1}}]}), path)
    (packed,) = refused(connection, tmp_path / "leads.csv.gz")
    assert packed.endswith("leads.csv.gz: is no whole gzip file")
    assert attributes(connection, path) == {"a": {"id": "a", "account.size": 5, "account.of.x": 1}}
    connection.execute("SET enable_external_access = false")
    (shut,) = refused(connection, path)
    assert "file system operations are disabled" in shut


def test_a_relation_whose_file_is_gone_is_told(connection: Any, tmp_path: Path) -> None:
    gone = tmp_path / "gone.csv"
    gone.write_text("id,x\na,1\n")
    relation = connection.read_csv(str(gone))
    gone.unlink()
    (told,) = refused(connection, relation)
    assert told.startswith("the leads: ")
    assert "gone.csv" in told


PLAIN = {"ada": {"id": "ada", "title": "VP"}, "bob": {"id": "bob"}}
FORMS = {
    "plain": b"id,title\nada,VP\nbob,\n",
    "no end of the last line": b"id,title\nada,VP\nbob,",
    "an empty line": b"id,title\nada,VP\n\nbob,\n",
    "ends of old": b"id,title\rada,VP\rbob,\r",
    "quotes that belong": b'"id","title"\n"ada","VP"\n"bob",""\n',
    "a cell of several lines": b'id,title\nada,VP\nbob,"\n"\n',
}


@pytest.mark.parametrize("form", FORMS)
def test_csv_of_every_form_has_the_same_leads(connection: Any, tmp_path: Path, form: str) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(FORMS[form])
    assert attributes(connection, path) == PLAIN


NOT_PLAIN: dict[str, tuple[bytes, dict[str, object], set[str]]] = {
    "one column": (b"id\nada\n", {"id": "ada"}, set()),
    "a quote within a cell": (b'id,name\nada,V"P\n', {"id": "ada", "name": 'V"P'}, set()),
    "a quote within a name": (b'id,na"me\nada,"V"\n', {"id": "ada", 'na"me': "V"}, set()),
    "no text": (
        b"id,name\nada,\xff\n",
        {"id": "ada"},
        {"name: bytes that are no text in the stated encoding"},
    ),
    "a cell too few": (
        b"id,name\nada,VP\nbob\n",
        {"id": "ada", "name": "VP"},
        {": has 1 cells, and the header has 2"},
    ),
    "a name of two lines": (
        b'id,"na\nme"\nada,VP\n',
        {"id": "ada", "na\nme": "VP"},
        set(),
    ),
    "a quote that is open": (
        b'id,name\n"bob,VP\n"ada",VP\n',
        {"id": "ada", "name": "VP"},
        {": is broken: ',' expected after '\"'; look for a quote out of place"},
    ),
}


@pytest.mark.parametrize("form", NOT_PLAIN)
def test_csv_that_is_not_plain_is_read_by_the_core(
    connection: Any, tmp_path: Path, form: str
) -> None:
    data, ada, wrong = NOT_PLAIN[form]
    path = tmp_path / "leads.csv"
    path.write_bytes(data)
    assert attributes(connection, path) == {"ada": ada}
    assert faults(connection, path) == wrong


def test_csv_in_another_encoding_is_read_by_the_core(connection: Any, tmp_path: Path) -> None:
    leads, events = tmp_path / "leads.csv", tmp_path / "events.csv"
    leads.write_bytes("id,name\nada,M\xfcller\n".encode("latin-1"))
    events.write_bytes("lead_id,kind,at\nada,bes\xfcch,2026-03-01T10:00Z\n".encode("latin-1"))
    here = 'encoding = "latin-1"\n'
    text = f'format = 1\n[leads]\nothers = "keep"\n{here}[[activities]]\nat = "at"\n{here}'
    tables = opened(connection, leads, events, text)
    (ada,) = tables.leads()
    assert ada.attributes["name"] == "M\xfcller"
    assert [a.kind for a in ada.activities or ()] == ["bes\xfcch"]


def test_an_empty_csv_file_is_refused(connection: Any, tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.touch()
    assert refused(connection, path) == [
        f"{path}: is empty; wanted a first row with the columns' names"
    ]


def test_json_lines_have_records_lists_and_halves_of_letters(
    connection: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "_ROWS", 2)
    path = tmp_path / "leads.jsonl"
    path.write_text(
        '{"id": "ada", "opted_in": true, "tags": ["a", null], "account.size": 7, '
        '"account": {"size": 5, "of": {"city": "Ulm"}, "name": " ", "deep.er": {"x": 1}}}\n'
        '{"id": "bob", "account": {"words": ["\\ud800"], "name": "\\ud800x"}, "size": 1.5}\n'
        '{"id": "cy", "size": 1}\n'
        '{"id": "di"}\n'
    )
    assert attributes(connection, path) == {
        "ada": {
            "id": "ada",
            "opted_in": True,
            "tags": ("a", None),
            "account.size": 7,
            "account.of.city": "Ulm",
        },
        "bob": {"id": "bob", "account.words": ("?",), "account.name": "?x", "size": 1.5},
        "cy": {"id": "cy", "size": 1},
        "di": {"id": "di"},
    }


def test_an_instant_of_json_lines_is_read_where_it_is_named(
    connection: Any, tmp_path: Path
) -> None:
    path = tmp_path / "leads.jsonl"
    path.write_text('{"id": "ada", "seen": "2026-03-01T10:00Z"}\n{"id": "bob"}\n')
    text = 'format = 1\n[leads]\ncolumns.seen = { field = "seen" }\n'
    tables = open_tables(
        connection, path, None, mapping=mapping(text), qualification=ANY, as_of_column="seen"
    )
    assert [lead.id for lead in tables.leads()] == ["ada"]
    assert [fault.problem for fault in tables.faults()] == ["has no instant to be decided at"]


@pytest.mark.parametrize("text", ["\t", " \n ", "\N{NO-BREAK SPACE}"])
def test_white_space_is_blank_where_a_reader_cuts_it_and_text_where_none_does(
    connection: Any, tmp_path: Path, text: str
) -> None:
    files = [tmp_path / "leads.csv", tmp_path / "leads.jsonl"]
    files[0].write_text(f'id,title\nada,"{text}"\n', encoding="utf-8")
    files[1].write_text(json.dumps({"id": "ada", "title": text}) + "\n", encoding="utf-8")
    for leads in (*files, pa.table({"id": ["ada"], "title": [text]})):
        assert attributes(connection, leads)["ada"].get("title") is None

    titled = Qualification("titled", version="1", when=known("title"))
    lead = Lead("ada", {"title": text})
    assert titled.decide(lead, as_of=NOW).status is Status.QUALIFIED
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE leads (id TEXT, title TEXT)")
        database.execute("INSERT INTO leads VALUES ('ada', ?)", (text,))
        run = bulk.decide(titled, "leads", as_of=NOW, connection=database)
        assert run.counts().decisions["qualified"] == 1


def test_cells_of_a_plain_csv_are_read_as_the_kinds_that_are_stated(
    connection: Any, tmp_path: Path
) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("id,opted_in,tags,title\nada,yes,a;b,NA\nbob,maybe,,VP\n")
    text = """
format = 1
[leads]
others = "keep"
blanks = ["NA"]
columns.opted_in = { field = "opted_in", kind = "flag" }
columns.tags = { field = "tags", kind = "items" }
"""
    assert attributes(connection, path, text) == {
        "ada": {"id": "ada", "opted_in": True, "tags": ("a", "b")},
        "bob": {"id": "bob", "title": "VP"},
    }


def test_relations_without_texts_and_datasets_with_names_given_twice(connection: Any) -> None:
    assert attributes(connection, connection.sql("SELECT 1 AS id, 2 AS x")) == {
        "1": {"id": 1, "x": 2}
    }
    twice = pa.table([pa.array(["a"]), pa.array([1]), pa.array([2])], names=["id", "x", "x"])
    assert refused(connection, dataset(twice)) == ["the leads: has the column 'x' more than once"]


def test_a_property_that_no_kind_fits_is_left_alone(connection: Any) -> None:
    activities = pa.table(
        {
            "lead_id": ["ada"] * 2,
            "kind": ["visit"] * 2,
            "at": [NOW] * 2,
            "id": ["1", "1"],
            "numbers": pa.array([[1], [2]], pa.list_(pa.int64())),
        }
    )
    tables = opened(connection, pa.table({"id": ["ada"]}), activities)
    (ada,) = tables.leads()
    assert [dict(a.properties) for a in ada.activities or ()] == [{}, {}]


def test_faults_are_told_of_leads_from_activities_and_of_ids_that_do_not_repeat(
    connection: Any,
) -> None:
    activities = pa.table({"lead_id": ["ada", None], "kind": ["visit"] * 2, "at": [NOW] * 2})
    text = 'format = 1\nleads = "from activities"\n[[activities]]\nat = "at"\n'
    tables = open_tables(
        connection, None, activities, mapping=mapping(text), qualification=ANY, unique_ids=True
    )
    assert [fault.problem for fault in tables.faults()] == ["has no lead's key"]


class Failing:
    """A connection whose disk fails as soon as something is read that was given."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def sql(self, text: str) -> Any:
        if text.startswith(('SELECT * FROM "mqlkit_', "SELECT * FROM read_parquet(")):
            raise duckdb.IOException("the disk is gone")
        return self._connection.sql(text)


def test_what_the_engine_cannot_read_is_told(connection: Any, tmp_path: Path) -> None:
    leads = pa.table({"id": ["ada"]})
    path = tmp_path / "leads.parquet"
    pq.write_table(leads, path)
    for given in (leads, leads.to_reader(), path):
        (told,) = refused(Failing(connection), given)
        assert told.endswith(": the disk is gone")


def test_of_a_field_of_several_kinds_the_one_that_is_asked_for_is_read(
    connection: Any, tmp_path: Path
) -> None:
    path = tmp_path / "leads.jsonl"
    path.write_text('{"id": "ada", "size": 5, "other": [1]}\n{"id": "bob", "size": "big"}\n')
    sized = Qualification("sized", version="1", when=attribute("size") >= 1)
    with bulk.decide(sized, path, as_of=NOW, ordered=True) as run:
        assert run.to_arrow()["decision"].to_pylist() == ["qualified", "needs data"]
        (mixed,) = run.faults()
        assert (mixed.column, mixed.counts) != ("", "")
        assert run.verify(None).agrees


def test_json_in_a_table_is_text() -> None:
    seen = activity("visit", page='"/pricing"').happened()
    with duckdb.connect() as connection:
        connection.execute("""CREATE TABLE leads AS SELECT 'ada' AS id, '"VP"'::JSON AS title""")
        connection.execute(
            "CREATE TABLE did AS SELECT 'ada' AS lead_id, 'visit' AS kind, 'v' AS id, "
            """TIMESTAMPTZ '2026-01-01 00:00+00' AS "at", '"/pricing"'::JSON AS page"""
        )
        run = bulk.decide(
            Qualification("json", version="1", when=seen & attribute("title").is_in('"vp"')),
            *("leads", "did"),
            as_of=datetime(2026, 1, 2, tzinfo=UTC),
            connection=connection,
        )
        assert run.to_arrow()["decision"].to_pylist() == ["qualified"]
