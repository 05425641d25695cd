"""The mapping file: strict, and all that is wrong with it at once."""

import pickle
from pathlib import Path

import pytest

from mqlkit.tables import MappingFileError, TableError, parse_mapping, read_mapping
from mqlkit.tables.cell import Column


def faults(text: str) -> list[str]:
    with pytest.raises(MappingFileError) as caught:
        parse_mapping(text, "map.toml")
    return [str(fault) for fault in caught.value.faults]


def test_a_whole_mapping() -> None:
    mapping = parse_mapping("""
        format = 1
        blanks = ["NA"]
        encoding = "latin-1"
        [leads]
        id = "Prospect ID"
        stage = "Stage"
        blanks = ["Select"]
        delimiter = ";"
        [leads.columns]
        Visits = { field = "visits", kind = "number", blanks = ["?"] }
        Country = "country"
        [[activities]]
        lead = "who"
        kind_is = "deal_won"
        at = { column = "won", format = "%d/%m/%Y", zone = "UTC" }
        others = "keep"
    """)
    leads, deals = mapping.leads, mapping.activities[0]
    assert leads.columns["Visits"] == Column("visits", "number", frozenset({"NA", "Select", "?"}))
    assert leads.columns["Country"] == Column("country", "any", frozenset({"NA", "Select"}))
    assert (leads.others, leads.stage) == ("skip", "Stage")
    assert (leads.layout.encoding, leads.layout.delimiter) == ("latin-1", ";")
    assert (deals.at_column, deals.at.format, deals.at.zone) == ("won", "%d/%m/%Y", "UTC")
    assert (deals.kind_is, deals.others) == ("deal_won", "keep")
    assert mapping.stated


def test_all_faults_at_once_each_with_its_path_and_line() -> None:
    assert faults("""format = 2
blanks = "x"
encoding = "ebcdic"
[leads]
idd = "a"
delimiter = "||"
[leads.columns]
a = { kind = "numbr" }
b = { kind = "moment", zone = "Europe/Berlni", format = "%q" }
c = { kind = "text", zone = "UTC" }
d = { kind = "number", thousands = ",,", decimal = "5" }
e = 5
x = "same"
y = "same"
""") == [
        "format, line 1: wanted format = 1",
        'blanks, line 2: wanted a list of texts, such as ["NA"]',
        "leads.encoding, line 4: there is no such encoding; known are 'big5', 'cp1250', "
        "'cp1251', 'cp1252', 'euc-kr', 'gb18030', 'iso8859-15', 'latin-1', 'mac-roman', "
        "'shift_jis', 'utf-16', 'utf-8'",
        "leads.idd, line 5: means nothing here; did you mean 'id'?",
        "leads.delimiter, line 6: wanted one sign, such as ; or a tab",
        "leads.columns.a.kind, line 8: there is no such kind; did you mean 'number'?",
        "leads.columns.b.format, line 9: '%q' is no part of a format; known are "
        "%Y %y %m %b %d %H %I %p %M %S %f %z %%",
        "leads.columns.b.zone, line 9: there is no such zone; did you mean 'Europe/Berlin'?",
        "leads.columns.c.zone, line 10: means nothing here; known are 'blanks', 'field', 'kind'",
        "leads.columns.d.thousands, line 11: wanted one sign",
        "leads.columns.d.decimal, line 11: wanted one sign",
        'leads.columns.e, line 12: wanted { field = "…", kind = "…" }, or the field\'s name',
        "leads.columns.y, line 14: the field 'same' comes from 'x' already",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("format = true", "format, line 1: wanted format = 1"),
        ("format = 1\nleads = 'x'", 'leads, line 2: wanted a table, or leads = "from activities"'),
        ("format = 1\nactivities = 1", "activities, line 2: wanted one [[activities]] table"),
        ("format = 1\n[leads]\nid = ''", "leads.id, line 3: wanted a text that is not empty"),
        ("format = 1\n[leads]\ncolumns = 1", "leads.columns, line 3: wanted a table by the"),
        ("format = 1\n[[activities]]\nat = 1", "activities[0].at, line 3: wanted a column's name"),
        ("format = 1\n[[activities]]\nkind='a'\nkind_is='b'", "activities[0], line 2: has kind"),
        ("format = 1\n[[activities]]\n[[activities]]", "activities, line 2: several of them each"),
        ("format = 1\n[[activities]]\nkinds = 1", "activities[0].kinds, line 3: wanted a table"),
        ("format = 1\n[[activities]]\nkinds = {a = ' '}", "activities[0].kinds, line 3: wanted"),
        (
            "format = 1\n[[activities]]\nkind_is = ' '",
            "activities[0].kind_is, line 3: wanted a",
        ),
        ("format = ", "line 1: not TOML"),
        ("format = 1\nformat = 1", "line 2: not TOML"),
        ("format = " + "[" * 100, "levels"),
        ("a" + ".a" * 100 + " = 1", "a key of very many parts"),
        (" " * 300_000, "300,000 bytes"),
    ],
)
def test_a_fault(text: str, fault: str) -> None:
    assert any(fault in found for found in faults(text)), faults(text)


def test_the_error_is_one_text_that_survives_pickling() -> None:
    with pytest.raises(MappingFileError) as caught:
        parse_mapping("format = 2", "map.toml")
    text = "map.toml cannot be loaded\n  format, line 1: wanted format = 1"
    assert str(caught.value) == text
    assert str(pickle.loads(pickle.dumps(caught.value))) == text


def test_a_file_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="No such file"):
        read_mapping(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"# \xe9\nformat = 1")
    with pytest.raises(MappingFileError, match="no UTF-8"):
        read_mapping(tmp_path / "latin.toml")
    (tmp_path / "bom.toml").write_bytes(b"\xef\xbb\xbfformat = 1")
    assert read_mapping(tmp_path / "bom.toml").stated


def test_sections_by_name() -> None:
    mapping = parse_mapping(
        "format = 1\n[[activities]]\nname = 'deals'\n[[activities]]\nname = 'visits'"
    )
    assert mapping.section("deals").name == "deals"
    with pytest.raises(TableError, match="say which one a file is, for example deals=FILE"):
        mapping.section("")
    with pytest.raises(TableError, match="no \\[\\[activities\\]\\] 'deal'; did you mean 'deals'"):
        mapping.section("deal")
