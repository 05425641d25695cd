"""Reading leads and activities: nothing vanishes, and one bad row never stops the rest."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqlkit import Lead
from mqlkit.tables import (
    ActivityFile,
    Files,
    Report,
    TableError,
    format_of,
    parse_mapping,
)
from mqlkit.tables.mapping import DEFAULT

MAPPING = parse_mapping("""
    format = 1
    blanks = ["NA"]
    [leads]
    id = "id"
    [leads.columns]
    n = { kind = "number" }
    title = "title"
""")


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """Reads leads, and activities if given; returns the leads and the report."""

    def reader(
        leads: str | bytes | None,
        activities: str | bytes | None = None,
        mapping: Any = DEFAULT,
        ending: str = "csv",
    ) -> tuple[list[Lead], Report]:
        def put(name: str, content: str | bytes) -> str:
            path = tmp_path / f"{name}.{ending}"
            path.write_bytes(content.encode() if isinstance(content, str) else content)
            return str(path)

        files = Files(
            put("leads", leads) if leads is not None else None,
            [ActivityFile(put("activities", activities))] if activities is not None else (),
            mapping,
        )
        report = Report()
        found = list(files.read(report))
        assert report.adds_up
        return found, report

    return reader


def problems(report: Report) -> list[tuple[int, str, bool]]:
    return [(f.row, f.problem, f.refused) for f in report.faults()]


# -- rows of a CSV file ------------------------------------------------------------------------


def test_without_a_mapping_columns_are_fields_and_all_cells_text(read: Any) -> None:
    (lead,), report = read("id,employees\nada,50\n")
    assert (lead.id, lead.attributes["employees"]) == ("ada", "50")
    assert lead.activities is None
    assert "every cell of a CSV file is text" in report.notes[0]


def test_a_bad_cell_is_a_blank_and_the_row_stays(read: Any) -> None:
    leads, report = read("id,n,title\na,12,VP\nb,many,VP\nc,NA,\n", mapping=MAPPING)
    assert [dict(lead.attributes) for lead in leads] == [
        {"n": 12, "title": "VP"},
        {"title": "VP"},
        {},
    ]
    assert [str(fault).split("leads.csv, ")[1] for fault in report.faults()] == [
        "row 3, column 'n': not a number; counted as blank"
    ]


def test_no_fault_tells_what_stood_there(read: Any) -> None:
    _, report = read("id,n,title\na,secret-cell,VP\n", mapping=MAPPING)
    (fault,) = report.faults()
    assert "secret-cell" not in str(fault)
    assert "value" not in fault.to_dict()
    assert fault.to_dict(values=True)["value"] == '"secret-cell"'
    assert "secret-cell" not in json.dumps(report.to_dict())


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("x", "has 1 cells, and the header has 3"),
        ("x,1,2,3", "has 4 cells, and the header has 3"),
        (",1,2", "has no key"),
        ("   ,1,2", "has no key"),
        ("a,1,2", "has the key of row 2"),
        (" a ,1,2", "has the key of row 2"),
        ("x\0,1,2", "has a key that is no text"),
        ('x,"b"d,2', "is broken: ',' expected after '\"'; look for a quote out of place"),
    ],
)
def test_a_bad_row_is_refused_and_the_rest_goes_on(read: Any, row: str, problem: str) -> None:
    leads, report = read(f"id,n,title\na,1,VP\n{row}\nz,2,CEO\n", mapping=MAPPING)
    assert [lead.id for lead in leads] == ["a", "z"]
    assert problems(report) == [(3, problem, True)]
    (tally,) = report.tallies
    assert (tally.read, tally.kept, tally.refused) == (3, 2, 1)


@pytest.mark.parametrize("cell", [b"caf\xe9", b"nul\0"])
def test_bytes_that_are_no_text_spoil_only_their_cell(read: Any, cell: bytes) -> None:
    leads, report = read(b"id,n,title\na,1," + cell + b"\nb,2,VP\n", mapping=MAPPING)
    assert [dict(lead.attributes) for lead in leads] == [{"n": 1}, {"n": 2, "title": "VP"}]
    assert problems(report) == [(2, "bytes that are no text in the stated encoding", False)]


def test_latin_1_when_stated(read: Any) -> None:
    mapping = parse_mapping('format = 1\nencoding = "latin-1"')
    (lead,), report = read(b"id,title\na,caf\xe9\n", mapping=mapping)
    assert lead.attributes["title"] == "café"
    assert report.clean


def test_utf_16_is_told_unless_stated(read: Any) -> None:
    content = "id,title\na,é\n".encode("utf-16")
    with pytest.raises(TableError, match='is UTF-16; say encoding = "utf-16"'):
        read(content)
    (lead,), _ = read(content, mapping=parse_mapping('format = 1\nencoding = "utf-16"'))
    assert lead.attributes["title"] == "é"
    with pytest.raises(TableError, match="is not written in utf-16"):
        read(b"id,title\na,e\n", mapping=parse_mapping('format = 1\nencoding = "utf-16"'))


def test_a_byte_order_mark_is_no_part_of_the_first_name(read: Any) -> None:
    (lead,), _ = read(b"\xef\xbb\xbfid,title\na,VP\n")
    assert lead.id == "a"


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings_and_lines_inside_cells(read: Any, ending: str) -> None:
    rows = ["id,title", 'a,"x', 'y"', "", "b,z"]
    leads, report = read(ending.join(rows) + ending)
    assert [lead.attributes["title"] for lead in leads] == [f"x{ending}y", "z"]
    assert report.clean


def test_a_quote_that_is_never_closed_loses_its_own_row_only(read: Any) -> None:
    rows = "".join(f"{n},x\n" for n in range(3_000))
    leads, report = read(f'id,title\nbad,"x\n{rows}')
    assert len(leads) == 3_000
    assert [(row, refused) for row, _, refused in problems(report)] == [(2, True)]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "is empty; wanted a first row with the columns' names"),
        ("\n\n", "is empty"),
        ("name,title\na,b\n", "there is no column 'id' or 'lead_id'; a mapping file says"),
        ("id,a,a\n", "the header has 'a' more than once"),
    ],
)
def test_a_file_that_cannot_be_read_at_all(read: Any, content: str, problem: str) -> None:
    with pytest.raises(TableError, match=problem):
        read(content)


def test_all_columns_that_the_mapping_names_and_the_file_has_not(read: Any) -> None:
    with pytest.raises(TableError) as caught:
        read("id,titel,m\n", mapping=MAPPING)
    assert "there is no column 'n', known are 'id', 'm', 'titel'" in str(caught.value)
    assert "there is no column 'title', did you mean 'titel'?" in str(caught.value)


@pytest.mark.parametrize("first", ['{"id": 1}', '{ "id": 1 }', "{}", "{"])
def test_json_lines_in_the_place_of_csv_are_told(read: Any, first: str) -> None:
    with pytest.raises(
        TableError, match=r"starts with '\{', as JSON Lines does, .* ending \.jsonl"
    ):
        read(f"{first}\n")
    (lead,), _ = read("{id},id\n1,2\n")  # An odd header is still one.
    assert lead.attributes["{id}"] == "1"


def test_white_space_around_a_cell_of_csv_is_cut_and_text_in_json_is_as_it_is(read: Any) -> None:
    (lead,), _ = read("id,title\n1,\t hotel \u00a0\n")
    assert lead.attributes == {"id": "1", "title": "hotel"}
    (lead,), _ = read('{"id": "1", "title": "hotel "}\n', ending="jsonl")
    assert lead.attributes == {"id": "1", "title": "hotel "}


def test_cells_that_may_mean_a_blank_are_told_unless_blanks_are_stated(read: Any) -> None:
    rows = "id,title,city\n1,N/A,none\n2,n/a,-\n3, - ,Rome\n"
    _, report = read(rows)
    told = [note.split("leads.csv: ")[-1] for note in report.notes]
    assert told[1:] == [
        "2 cells of 'title' say 'N/A' and 1 '-'; list them in blanks if they mean not known",
        "1 cells of 'city' say 'none' and 1 '-'; list them in blanks if they mean not known",
    ]
    mapping = parse_mapping('format = 1\nblanks = ["-"]')
    assert read(rows, mapping=mapping)[1].notes == []


def test_the_fields_that_files_have_are_collected(read: Any) -> None:
    _, report = read("id,title\n1,\n", "id,lead_id,kind,at,page\n", mapping=DEFAULT)
    found = report.found
    assert (found.fields, found.named, found.properties) == ({"id", "title"}, True, {"page"})
    _, report = read('{"id": "1", "title": null}\n', ending="jsonl")
    assert (report.found.fields, report.found.named) == ({"id", "title"}, False)
    assert read("id,n,title,other\n", mapping=MAPPING)[1].found.fields == {"n", "title"}


def test_a_kind_that_is_almost_renamed_is_told(read: Any) -> None:
    mapping = parse_mapping("""
        format = 1
        [[activities]]
        kinds = { " Page Viewed" = "page_view", "Demo" = "demo" }
    """)
    activities = "lead_id,kind,at\n" + "".join(
        f"1,{kind},2026-03-01T00:00Z\n" for kind in ("Page Viewed", "Demo", "demo", "Call")
    )
    _, report = read("id\n1\n", activities, mapping)
    assert [note.split("activities.csv: ")[1] for note in report.notes] == [
        "the kind 'Page Viewed' (1 rows) keeps its name; kinds in the mapping has ' Page Viewed'",
    ]
    assert report.found.kinds == {"Page Viewed": 1, "demo": 2, "Call": 1}


@pytest.mark.parametrize(
    ("row", "ending"),
    [
        ("7,a,b,c\n", "csv"),
        ('7,"a" b\n', "csv"),
        ('{"id": "7", "n": NaN}\n', "jsonl"),
        ('{"id": 7, "n": 1\n', "jsonl"),
    ],
)
def test_activities_of_a_lead_whose_row_was_refused(read: Any, row: str, ending: str) -> None:
    if ending == "csv":
        leads, activities = "id,n\n", "lead_id,kind,at\n7,x,2026-03-01T00:00Z\n"
    else:
        leads, activities = "", '{"lead_id": "7", "kind": "x", "at": "2026-03-01T00:00Z"}\n'
    _, report = read(leads + row, activities, ending=ending)
    last = [fault.problem for fault in report.tallies[0].faults]
    assert last == ["is of a lead whose row was refused"]


def test_a_header_alone_is_no_leads(read: Any) -> None:
    leads, report = read("id,title\n")
    assert leads == []
    assert report.clean


def test_a_tsv_and_a_stated_delimiter(read: Any) -> None:
    (lead,), _ = read("id\ttitle\na\tVP, Sales\n", ending="tsv")
    assert lead.attributes["title"] == "VP, Sales"
    mapping = parse_mapping('format = 1\ndelimiter = ";"')
    (lead,), _ = read("id;title\na;VP, Sales\n", mapping=mapping)
    assert lead.attributes["title"] == "VP, Sales"


@given(content=st.text(alphabet='ab,"\n\r;\0é', max_size=60))
def test_whatever_a_csv_file_holds_every_row_is_accounted_for(
    content: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_text(f"id,title\n{content}", newline="", encoding="utf-8")
    report = Report()
    leads = list(Files(str(path)).read(report))
    (tally,) = report.tallies
    assert tally.adds_up
    assert tally.kept == len(leads)
    assert tally.read <= content.count("\n") + content.count("\r") + 1


# -- JSON Lines and Parquet --------------------------------------------------------------------


def test_json_lines_keep_their_types(read: Any) -> None:
    (lead,), report = read('{"id": 7, "n": 5, "flag": true, "tags": ["a"]}\n', ending="jsonl")
    assert lead.id == "7"
    assert dict(lead.attributes) == {"id": 7, "n": 5, "flag": True, "tags": ("a",)}
    assert report.notes == []


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "is no JSON"),
        ("[1]", "is not an object"),
        ('{"id": "x", "id": "y"}', "a key comes twice"),
        ('{"id": "x", "n": NaN}', "NaN is no number in JSON"),
        ('{"id": "x", "n": 1e999}', "a number beyond what a computer counts with"),
        ('{"id": "x", "n": ' + "[" * 100_000, "is nested too deep"),
        ('{"n": 1}', "has no key"),
        ('{"id": true}', "has a key that is no text"),
        ('{"id": 1.5}', "has a key that is no text"),
    ],
)
def test_a_bad_line_is_refused_and_the_rest_goes_on(read: Any, line: str, problem: str) -> None:
    leads, report = read(f'{{"id": "a"}}\n{line}\n\n{{"lead_id": "z"}}\n', ending="jsonl")
    assert [lead.id for lead in leads] == ["a", "z"]
    ((row, found, refused),) = problems(report)
    assert (row, refused) == (2, True)
    assert problem in found


def test_a_lone_surrogate_in_json_spoils_only_its_cell(read: Any) -> None:
    (lead,), report = read('{"id": "a", "title": "\\ud800", "n": 1}\n', ending="jsonl")
    assert "title" not in lead.attributes
    assert report.tallies[0].cells == 1


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "leads.parquet"
    table = pa.table(
        {
            "id": ["a", "b", None],
            "n": [1, None, 3],
            "made": [datetime(2026, 3, 1, tzinfo=UTC), None, None],
        }
    )
    pq.write_table(table, path)
    report = Report()
    leads = list(Files(str(path)).read(report))
    assert [lead.id for lead in leads] == ["a", "b"]
    assert leads[0].attributes["made"] == datetime(2026, 3, 1, tzinfo=UTC)
    assert problems(report) == [(3, "has no key", True)]


def test_what_is_no_parquet_file(read: Any) -> None:
    with pytest.raises(TableError, match="is no Parquet file"):
        read("id\n", ending="parquet")


def test_formats_by_ending() -> None:
    assert [format_of(f"x{end}") for end in (".CSV", ".tsv", ".ndjson", ".parquet")] == [
        "csv",
        "csv",
        "jsonl",
        "parquet",
    ]
    assert (format_of("-"), format_of("x.csv", "jsonl")) == ("csv", "jsonl")
    with pytest.raises(TableError, match=r"the ending '\.xlsx' says no format"):
        format_of("x.xlsx")
    with pytest.raises(TableError, match="there is no format 'xml'"):
        format_of("-", "xml")


# -- activities --------------------------------------------------------------------------------

ACTIVITIES = "lead_id,kind,at,id,page\na,page_view,2026-03-01T12:00Z,e1,/pricing\n"


def test_no_activities_given_is_not_the_same_as_none(read: Any) -> None:
    (alone,), _ = read("id\na\n")
    assert alone.activities is None
    leads, _ = read("id\na\nb\n", ACTIVITIES)
    assert [len(lead.activities) for lead in leads] == [1, 0]
    (activity,) = leads[0].activities
    assert (activity.kind, activity.id, dict(activity.properties)) == (
        "page_view",
        "e1",
        {"page": "/pricing"},
    )


def test_activities_of_unknown_leads_are_reported(read: Any) -> None:
    leads, report = read("id\na\n", ACTIVITIES + "ghost,page_view,2026-03-01T12:00Z,e2,\n")
    assert len(leads) == 1
    assert problems(report) == [(3, "is of a lead that the leads file has not", True)]
    assert (report.tallies[0].kept, report.tallies[0].refused) == (1, 1)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("a,page_view,,e2,", "has no time"),
        ("a,page_view,2026-03-01 12:00,e2,", "its time is a time without a zone"),
        ("a,page_view,2026-03-01,e2,", "its time is a date without a zone"),
        ("a,page_view,yesterday,e2,", "its time is not a moment in ISO 8601"),
        ("a,,2026-03-01T12:00Z,e2,", "has no kind"),
        (",page_view,2026-03-01T12:00Z,e2,", "has no lead's key"),
    ],
)
def test_a_bad_activity_is_refused(read: Any, row: str, problem: str) -> None:
    (lead,), report = read("id\na\n", f"{ACTIVITIES}{row}\n")
    assert len(lead.activities) == 1
    ((number, found, refused),) = problems(report)
    assert (number, refused) == (3, True)
    assert found.startswith(problem)


def test_several_files_each_with_its_section(tmp_path: Path) -> None:
    mapping = parse_mapping("""
        format = 1
        [[activities]]
        name = "deals"
        lead = "who"
        kind_is = "deal_won"
        at = { column = "won", zone = "UTC" }
        [[activities]]
        name = "visits"
        lead = "visitor"
        kind = "what"
        kinds = { Page = "page_view" }
        at = { column = "ms", format = "epoch milliseconds" }
        [activities.columns]
        worth = { field = "amount", kind = "number" }
    """)
    (tmp_path / "l.csv").write_text("id\na\n")
    (tmp_path / "d.csv").write_text("who,won\na,2026-03-01\n")
    (tmp_path / "v.jsonl").write_text(
        '{"visitor": "a", "what": "Page", "ms": 0, "worth": 5}\n'
        '{"visitor": "a", "what": "Search", "ms": 1, "worth": "much"}\n'
    )
    report = Report()
    (lead,) = Files(
        str(tmp_path / "l.csv"),
        [
            ActivityFile(str(tmp_path / "d.csv"), "deals"),
            ActivityFile(str(tmp_path / "v.jsonl"), "visits"),
        ],
        mapping,
    ).read(report)
    assert [(a.kind, dict(a.properties)) for a in lead.activities or ()] == [
        ("deal_won", {}),
        ("page_view", {"amount": 5}),
        ("Search", {}),
    ]
    assert report.tallies[1].cells == 1


FROM_ACTIVITIES = parse_mapping('format = 1\nleads = "from activities"')


def test_leads_that_only_the_activities_name(read: Any) -> None:
    leads, _ = read(None, ACTIVITIES + "b,x,2026-03-01T12:00Z,e2,\n", FROM_ACTIVITIES)
    assert [lead.id for lead in leads] == ["a", "b"]


def test_files_that_do_not_fit_together() -> None:
    with pytest.raises(TableError, match="a leads file is wanted"):
        Files(None)
    with pytest.raises(TableError, match="give activities and no leads file"):
        Files("leads.csv", [ActivityFile("a.csv")], FROM_ACTIVITIES)
    with pytest.raises(TableError, match="only one file can be '-'"):
        Files("-", [ActivityFile("-")])


def test_the_stage_of_a_lead(read: Any) -> None:
    mapping = parse_mapping('format = 1\n[leads]\nstage = "Status"')
    (lead,), _ = read("id,Status\na,mql\n", mapping=mapping)
    assert lead.stage == "mql"


def test_progress_is_told(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text("id\n" + "".join(f"{n}\n" for n in range(1_000)))
    told: list[float | None] = []
    list(Files(str(path)).read(progress=lambda _, share: told.append(share)))
    assert told[-1] == 1.0
    assert told == sorted(told, key=lambda share: share or 0)
    assert len(told) > 2
