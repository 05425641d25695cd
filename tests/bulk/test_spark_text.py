"""
What is printed for Spark, and what is refused before it: all that needs no Java.
"""

from datetime import UTC, datetime

import pytest
import sqlglot
from bulk.spark_frames import DataFrame, SparkSession, Type, columns
from bulk.table_models import model_of
from bulk.tabular import tables_of, world
from sqlglot import exp

from mqlkit import (
    Group,
    Qualification,
    Rule,
    Scorecard,
    activity,
    attribute,
    half_life,
    score,
)
from mqlkit.bulk import BulkError
from mqlkit.bulk.dialects.base import Refused
from mqlkit.bulk.dialects.spark import Spark
from mqlkit.bulk.spark import decide, is_spark
from mqlkit.bulk.statement import statement
from mqlkit.errors import NaiveTimeError
from mqlkit.tables.cell import Column
from mqlkit.tables.mapping import ActivityColumns, FileMapping, LeadColumns

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
LEADS = {"id": "string", "employees": "integer", "title": "string"}
ACTIVITIES = {"lead_id": "string", "kind": "string", "at": "timestamp", "page": "string"}


def definition(*rules, when=None):
    card = Scorecard(Group("all", [Rule("big", attribute("employees") >= 50, 15), *rules]))
    return Qualification("mql", version="1", card=card, when=when or score() >= 10)


def frames(leads=None, activities=None, **settings):
    session = SparkSession({name.replace("_", "."): v for name, v in settings.items()})
    found = [DataFrame(session, columns(**(leads or LEADS)))]
    if activities is not None:
        found.append(DataFrame(session, columns(**activities)))
    return found


def faults_of(*given, **asked):
    with pytest.raises(BulkError) as caught:
        decide(*given, **{"as_of": NOW, **asked})
    return list(caught.value.faults)


# -- the text --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_what_is_printed_is_sql_of_spark(seed):
    store = Spark()
    tables = tables_of(world(seed), store, lambda column, stored: column)
    text = statement(model_of(seed, ("patterns",)), tables, store, NOW, rules=True).text
    assert isinstance(sqlglot.parse_one(text, read="spark"), exp.Select)


def test_all_windows_go_over_the_activities_of_a_lead_from_the_newest():
    """The linear form: no window goes over more than a lead, and no step is read twice."""
    opened = Rule.each("opens", activity("email_open"), 1, at_most=20, decay=half_life(days=9))
    clicks = Rule.each("clicks", activity("click"), 2, at_most=9, decay=half_life(days=7))
    text = decide(definition(opened, clicks), *frames(None, ACTIVITIES), as_of=NOW)
    windows = {
        window.sql()
        for window in sqlglot.parse_one(text, read="spark").find_all(exp.WindowSpec, exp.Window)
    }
    orders = {str(window).partition("OVER")[2] for window in windows if "OVER" in str(window)}
    assert len(orders) == 1
    assert all("PARTITION BY lead_id ORDER BY age" in order for order in orders)
    assert text.count("GROUP BY lead_id") == 1


def test_repeated_ids_bring_the_activities_together_so_that_no_hint_does():
    daily = Rule.each("daily", activity("page_view"), 2, at_most=2, per=1)
    given = frames(None, {**ACTIVITIES, "id": "string"})
    assert "REPARTITION" not in decide(definition(daily), *given, as_of=NOW)
    assert "/*+ REPARTITION(lead_id) */" in decide(
        definition(daily), *given, as_of=NOW, unique_ids=True
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("O'Neil", r"'O\'Neil'"),
        ("a\\b", r"'a\\b'"),
        ("100%_off", "'100%_off'"),
        ("${env:HOME}", r"'\u0024{env:HOME}'"),
    ],
)
def test_no_setting_and_no_mark_changes_a_text(text, written):
    assert Spark().text(text) == written


def test_an_instant_of_a_template_is_one_whatever_the_session_takes_a_timestamp_for():
    assert Spark().moment("{{ now }}") == "CAST('{{ now }}' AS TIMESTAMP_LTZ)"


def test_sums_are_wide_and_different_values_are_a_set():
    spent = Rule("spent", activity("order").sum("amount") >= 5, 1)
    pages = Rule("pages", activity("page_view").distinct("page") >= 2, 1)
    given = frames(None, {**ACTIVITIES, "amount": "double"})
    text = decide(definition(spent, pages), *given, as_of=NOW)
    assert "AS DECIMAL(38, 0))" in text
    assert "SIZE(COLLECT_SET(" in text


def test_a_remark_holds_no_variable_of_spark():
    assert Spark().comment("${env:HOME}") == "-- $ {env:HOME}"


def test_a_column_that_spark_would_fill_in_is_refused():
    with pytest.raises(Refused, match="rename it"):
        Spark().quoted("${x}")
    assert Spark().quoted("a`b") == "`a``b`"


@pytest.mark.parametrize(
    ("number", "written"),
    [(5, "5"), (1.005, "1.005D"), (1e-7, "1e-07D"), (float("inf"), "CAST('Infinity' AS DOUBLE)")],
)
def test_a_number_is_never_a_decimal(number, written):
    assert Spark().number(number) == written


def test_braces_of_a_definition_reach_spark_as_they_are():
    braces = definition(Rule("odd", attribute("title").is_in("{given_leads}", "{x}"), 1))
    text = decide(braces, *frames(), as_of=NOW)
    assert "'{given_leads}'" in text
    assert "'{x}'" in text


# -- what is read ----------------------------------------------------------------------------------


def test_a_frame_is_told_from_other_things_without_importing_spark():
    leads = frames()[0]
    assert [*map(is_spark, (leads, leads.sparkSession))] == [True, True]
    assert not any(map(is_spark, ("leads", None, [leads], object())))


@pytest.mark.parametrize(
    ("type_", "read"),
    [
        ("byte", "CAST(`employees` AS BIGINT)"),
        ("long", "`employees`"),
        ("decimal", "CAST(`employees` AS DOUBLE) + 0D"),
        ("float", "NOT ISNAN(CAST(`employees` AS DOUBLE))"),
    ],
)
def test_numbers_are_read_by_their_type(type_, read):
    text = decide(definition(), *frames({**LEADS, "employees": type_}), as_of=NOW)
    assert read in text


def test_members_of_a_struct_are_fields_with_dots():
    company = columns(size="integer", site=columns(city="string"))
    asked = Rule("city", attribute("company.site.city").is_in("Bonn"), 1)
    text = decide(definition(asked), *frames({**LEADS, "company": company}), as_of=NOW)
    assert "`company`.`site`.`city`" in text


def test_dates_lists_flags_and_instants_are_read():
    types = {"born": "date", "seen": "timestamp", "paid": "boolean",
             "tags": Type("array", elementType=Type("string"))}  # fmt: skip
    rules = [
        Rule("born", attribute("born") >= NOW, 1),
        Rule("seen", attribute("seen") >= NOW, 1),
        Rule("paid", attribute("paid").is_true(), 1),
        Rule("tags", attribute("tags").any_of("vip"), 1),
    ]
    text = decide(definition(*rules), *frames({**LEADS, **types}), as_of=NOW)
    for read in ("UNIX_DATE(`born`)", "UNIX_MICROS(`seen`)", "`paid`", "EXISTS("):
        assert read in text


def test_a_collation_does_not_change_how_texts_compare():
    collated = {**LEADS, "title": Type("string", collation="UTF8_LCASE")}
    asked = Rule("title", attribute("title").is_in("vp"), 1)
    assert "CAST(`title` AS STRING)" in decide(definition(asked), *frames(collated), as_of=NOW)


def test_a_mapping_renames_columns_and_kinds():
    mapping = FileMapping(
        LeadColumns(
            id="Key",
            columns={"Staff": Column("employees", "number", frozenset({"n/a"}))},
            others="skip",
            stage="Stage",
        ),
        (
            ActivityColumns(
                lead="Who",
                kind="What",
                kinds={"Visit": "page_view"},
                at_column="When",
                at=Column("at", "moment", format="epoch milliseconds"),
                id="Key",
                columns={"Page": Column("page", "text", frozenset({"N/A"}))},
            ),
        ),
    )
    visits = Rule("visits", activity("page_view", page="/p").count() >= 1, 1)
    given = frames(
        {"Key": "long", "Staff": "integer", "Stage": "string"},
        {"Who": "long", "What": "string", "When": "long", "Key": "string", "Page": "string"},
    )
    text = decide(definition(visits), *given, as_of=NOW, mapping=mapping)
    for read in (
        "CAST(`Key` AS STRING)",
        "CAST(`Staff` AS BIGINT)",
        "WHEN 'Visit' THEN 'page_view'",
        "(CAST(`When` AS BIGINT) * 1000)",
        "NOT IN ('', 'n/a')",
    ):
        assert read in text


def test_a_mapping_may_be_a_file(tmp_path):
    path = tmp_path / "map.toml"
    path.write_text('format = 1\n[leads]\nid = "key"\n[[activities]]\nkind_is = "visit"\n')
    asked = Rule("visit", activity("visit").count() >= 1, 1)
    given = frames({"key": "string", "employees": "integer"}, {"lead": "string", "at": "date"})
    assert "'visit' AS kind" in decide(definition(asked), *given, as_of=NOW, mapping=path)


def test_tables_go_by_their_names():
    session = SparkSession(leads=columns(**LEADS), done=columns(**ACTIVITIES))
    visits = Rule("visits", activity("page_view").count() >= 1, 1)
    decide(definition(visits), "leads", "done", as_of=NOW, session=session)
    assert [*session.asked[0][1]] == ["given_leads", "given_activities"]


def test_instants_are_one_or_several_or_a_column():
    given = frames({**LEADS, "decide_at": "timestamp"})
    assert "as of 2026-03-31" in decide(definition(), *given, as_of=NOW)
    assert "CROSS JOIN" in decide(definition(), *given, as_of=[NOW, NOW.replace(day=1)])
    own = decide(definition(), *given, as_of="decide_at")
    assert "UNIX_MICROS(`decide_at`) IS NOT NULL" in own
    with pytest.raises(NaiveTimeError):
        decide(definition(), *given, as_of=datetime(2026, 3, 31))


# -- what is refused -------------------------------------------------------------------------------


def test_every_fault_is_told_at_once():
    rules = [
        Rule("title", attribute("title").matches("v.p"), 1),
        Rule("seen", attribute("seen") >= NOW, 1),
        Rule("shoe", attribute("shoe") >= 40, 1),
        Rule("visits", activity("page_view", page="/").count() >= 1, 1),
    ]
    given = frames(
        {**LEADS, "employees": "string", "seen": "timestamp_ntz", "ID": "string"},
        {"kind": "integer", "at": "timestamp_ntz", "page": "map"},
        spark_sql_parser_escapedStringLiterals="true",
    )
    assert faults_of(definition(*rules), *given, missing=False) == [
        "the session reads no escapes in texts; "
        "set spark.sql.parser.escapedStringLiterals to false",
        "leads: there are two columns 'ID'; rename one",
        "activities: there is no column 'lead_id' or 'lead'; a mapping says which column it is",
        "activities: 'at' is timestamp_ntz; it names no instant; "
        "cast it to timestamp in the zone that it is of",
        "activities: 'kind' is int; cast it to a string",
        "rule 'big': asks for a number in 'employees', which holds text",
        "rule 'title': Spark cannot do a pattern: its engine is not RE2",
        "rule 'seen': asks for the field 'seen', whose column is timestamp_ntz: it names no "
        "instant; cast it to timestamp in the zone that it is of",
        "rule 'shoe': asks for the field 'shoe', which the leads do not have; known are 'ID', "
        "'employees', 'id', 'title'",
        "rule 'visits': asks for the field 'page', whose column is map: "
        "cast it, or give its parts as columns of their own",
    ]


def test_a_mapping_that_frames_cannot_follow_is_told():
    mapping = FileMapping(
        LeadColumns(
            id="no",
            stage="employees",
            columns={"none": Column("none"), "title": Column("title", "number")},
        ),
        (ActivityColumns(name="a"), ActivityColumns(name="b", at_column="page")),
        from_activities=True,
    )
    given = frames({**LEADS, "${x}": "string"}, {**ACTIVITIES, "at": "string", "id": "double"})
    assert faults_of(definition(), *given, mapping=mapping) == [
        "leads: Spark cannot do a column called '${x}': rename it, for ${ is a variable to Spark",
        "activities: the mapping has several [[activities]]; "
        "give all of one form, joined with unionByName",
        "leads: the mapping takes them from the activities; "
        "give leads=activities.select('lead_id').distinct()",
        "leads: there is no column 'no'; known are 'employees', 'id', 'title'",
        "leads: there is no column 'none'; known are 'employees', 'id', 'title'",
        "leads: the mapping says that 'title' is number, but it is string; cast it first",
        "leads: 'employees' is int; cast it to a string",
        "activities: 'at' is string; cast it to a timestamp",
        "activities: the key 'id' is double; cast it to a string",
        "rule 'big': asks for the field 'employees', which the leads do not have; known are 'id', "
        "'title'",
    ]


def test_other_things_than_frames_are_told():
    session = SparkSession()
    leads = DataFrame(session, columns(**LEADS))
    assert faults_of(definition(), leads, [1]) == [
        "activities: a list; on Spark they are a Spark frame or a table's name"
    ]
    assert faults_of(definition(), None, leads) == [
        "leads: a NoneType; on Spark they are a Spark frame or a table's name"
    ]
    assert faults_of(definition(), "leads") == [
        "tables by their names need a session: connection=spark"
    ]
    assert faults_of(definition(), session) == [
        "leads: a SparkSession; on Spark they are a Spark frame or a table's name"
    ]


def test_a_column_of_instants_has_to_be_one():
    given = frames({**LEADS, "employees": "integer"})
    assert faults_of(definition(), *given, as_of="when") == [
        "leads: there is no column 'when'; known are 'employees', 'id', 'title'"
    ]
    assert faults_of(definition(), *given, as_of="title") == [
        "leads: 'title' is string; cast it to a timestamp"
    ]


def test_activities_without_the_columns_that_they_need_are_told():
    assert faults_of(definition(), *frames(None, {"page": "string"})) == [
        "activities: there is no column 'lead_id' or 'lead'; a mapping says which column it is",
        "activities: there is no column 'at'; known are 'page'",
        "activities: there is no column 'kind'; a mapping says which column it is",
    ]
