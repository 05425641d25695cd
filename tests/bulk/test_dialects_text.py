"""
What is printed for warehouses: one SELECT, whatever the names; readable, and the same every time.
"""

import math
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlglot
from bulk.golden import MQL, NOW, path_of, text_of
from sqlglot.tokens import TokenType

from mqlkit import (
    Activity,
    Criterion,
    Decision,
    Group,
    Lead,
    Qualification,
    Rule,
    Scorecard,
    activity,
    at_least,
    attribute,
    days_in_stage,
    grade,
    half_life,
    known,
    linear,
    score,
    stage,
)
from mqlkit.bulk import BulkError, to_sql
from mqlkit.bulk.database import sqlite_functions
from mqlkit.bulk.dialects import DIALECTS, dialect
from mqlkit.bulk.dialects.base import Refused, every_letter
from mqlkit.criterion import if_
from mqlkit.errors import UnknownNameError
from mqlkit.rules.choice import Band
from mqlkit.tables import parse_mapping

HOSTILE: Final = (
    "it's",
    "'; DROP x; --",
    "\\'; DROP x; --",
    "back\\",
    'a "quoted" one',
    "`; DROP x; --",
    "]; --",
    "*/ DROP x /*",
    "a\nDROP x;",
    "a\rDROP x;",
    "a\u2028DROP x;\x85--",
    "$$; DROP x; $$",
    "%s %(a)s ? :a @a #a",
    "-- a",
    "{a}",
)
TEMPLATES: Final = ("{{ run_query('drop') }}", "{% set a = 1 %}", "{# a #}", "a{{{b}}}", "{{")


def long(value: str) -> Any:
    """A case of the long run; the everyday one has all of them in one text."""
    return pytest.param(value, marks=pytest.mark.slow)


def _parsed_as(name: str) -> str:
    return {"datafusion": "postgres"}.get(name, name)


def tokens(text: str, name: str) -> list[Any]:
    """What an engine would read, without remarks."""
    return list(sqlglot.tokenize(text, dialect=_parsed_as(name)))


def shape(text: str, name: str) -> list[TokenType]:
    """A text without its names and literals, those of PostgreSQL with escapes among them."""
    same = {TokenType.IDENTIFIER: TokenType.VAR, TokenType.BYTE_STRING: TokenType.STRING}
    return [same.get(token.token_type, token.token_type) for token in tokens(text, name)]


def named(name: str) -> Qualification:
    """A definition in which *name* stands wherever a text may."""
    bought = activity(name, **{"page": name}).within(days=30)
    card = Scorecard(
        Group(
            "fit",
            [
                Rule("x" + name, attribute("title").contains_any(name), 15),
                Rule.by_value("y" + name, attribute("industry", default=name), {name: 3, "b": 1}),
                Rule.each("z" + name, bought, 2, at_most=2, decay=linear(days=90)),
            ],
        )
    )
    return Qualification(
        name,
        version=name,
        when=attribute("title", case_sensitive=True).equals(name) | (score("fit") >= 10),
        card=card,
        never={name: attribute("industry").is_in(name, "other")},
        at_once={name: bought.happened()},
        labels={name: attribute("title").starts_with(name)},
        grades={name: grade("fit", {"A" + name: 20}, lowest="C" + name)},
    )


# -- what it says ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DIALECTS)
def test_the_text_of_a_small_definition_is_as_it_was(name):
    """``PYTHONPATH=tests python -m bulk.golden`` writes the files anew."""
    assert text_of(name) == path_of(name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DIALECTS)
def test_it_is_one_select_to_a_parser_of_the_dialect(name):
    parsed = sqlglot.parse(
        text_of(name), dialect=_parsed_as(name), error_level=sqlglot.ErrorLevel.RAISE
    )
    assert [type(one).__name__ for one in parsed] == ["Select"]


@pytest.mark.parametrize("name", DIALECTS)
def test_its_head_tells_model_dialect_and_instant(name):
    head = text_of(name).splitlines()[:3]
    told = dialect(name)
    ran = "" if told.tried else "; parsed in tests, not run there"
    assert head == [
        f"-- {MQL.name} version {MQL.version} ({MQL.fingerprint})",
        f"-- for {told.title}{ran}",
        "-- as of 2026-03-31 12:00:00 UTC",
    ]


def test_what_no_test_runs_says_so():
    assert {name for name, kind in DIALECTS.items() if not kind.tried} == {
        "bigquery",
        "snowflake",
        "trino",
        "databricks",
    }


def test_no_dialect_is_like_another_one_in_all():
    texts = {name: text_of(name).split("\n", 2)[2] for name in DIALECTS}
    assert texts.pop("databricks") == texts["spark"]
    assert len(set(texts.values())) == len(texts)


def test_a_dialect_that_is_not_there_is_told_with_those_that_are():
    with pytest.raises(UnknownNameError, match="there is no dialect 'snowflak'; did you mean"):
        to_sql(MQL, dialect="snowflak", as_of=NOW)


# -- strange names -----------------------------------------------------------------------------


def harmless(text: str) -> str:
    """A text of the same letters, with a letter for everything else."""
    return "".join(c if c.isalpha() and c.isascii() else "0" if c.isascii() else "中" for c in text)


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("hostile", ["".join(HOSTILE), *map(long, HOSTILE)])
def test_a_strange_name_changes_names_and_texts_only(name, hostile):
    """Nothing gets out of a literal, a name or a remark."""
    plain = to_sql(named(harmless(hostile)), dialect=name, as_of=NOW, rules=True)
    strange = to_sql(named(hostile), dialect=name, as_of=NOW, rules=True)
    assert shape(strange, name) == shape(plain, name)


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("hostile", ["".join(TEMPLATES), *map(long, TEMPLATES)])
def test_a_strange_name_is_nothing_that_a_template_engine_runs(name, hostile):
    strange = to_sql(named(hostile), dialect=name, as_of=NOW, rules=True)
    assert not any(mark in strange for mark in ("{{", "{%", "{#"))


@pytest.mark.parametrize("name", DIALECTS)
def test_a_strange_field_is_a_quoted_name(name):
    mql = Qualification("mql", version="1", when=attribute("`\"]'; --").is_true())
    plain = Qualification("mql", version="1", when=attribute("a b").is_true())
    text, usual = (to_sql(one, dialect=name, as_of=NOW) for one in (mql, plain))
    assert shape(text, name) == shape(usual, name)


@pytest.mark.parametrize(
    "hostile", ["".join(HOSTILE), "".join(TEMPLATES), *map(long, HOSTILE + TEMPLATES)]
)
def test_strange_names_are_answered_as_they_are(hostile):
    """SQLite tells them letter by letter."""
    mql = named(hostile)
    lead = Lead("a", {"title": hostile}, [Activity(hostile, NOW, {"page": hostile})])
    wanted = Decision.of(mql, lead, NOW)
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE leads (lead_id, title, industry)")
        database.execute("CREATE TABLE activities (lead_id, kind, at, id, page)")
        database.execute("INSERT INTO leads VALUES ('a', ?, NULL)", [hostile])
        did = [hostile, NOW.isoformat(), hostile]
        database.execute("INSERT INTO activities VALUES ('a', ?, ?, NULL, ?)", did)
        cursor = database.execute(to_sql(mql, dialect="sqlite", as_of=NOW))
        row = dict(zip((c[0] for c in cursor.description), cursor.fetchone(), strict=True))
    assert row["reasons"] == "; ".join(wanted.reasons)
    assert row["labels"] == "; ".join(wanted.labels) == hostile
    assert (row["name"], row["version"]) == (hostile, hostile)
    assert row["fingerprint"] == mql.fingerprint


@pytest.mark.parametrize("letter", ["\0", "\ud800"])
def test_letters_that_no_database_has_are_refused(letter):
    mql = Qualification("mql", version="1", when=attribute("a" + letter).is_in("b" + letter))
    with pytest.raises(BulkError) as told:
        to_sql(mql, dialect="spark", as_of=NOW)
    assert any("text with a letter that no database keeps" in one for one in told.value.faults)


def test_a_name_that_no_database_has_is_refused():
    mql = Qualification("mql\0", version="1", when=attribute("a").is_true())
    with pytest.raises(BulkError, match="text with a letter that no database keeps"):
        to_sql(mql, dialect="duckdb", as_of=NOW)


HALF = "half \ud800"
BIG = attribute("employees") >= 50
HALVES = {
    "name": Qualification(HALF, version="1", when=BIG),
    "version": Qualification("mql", version=HALF, when=BIG),
    "rule": Qualification("mql", version="1", when=BIG, card=Scorecard(Rule(HALF, BIG, 5))),
    "at once": Qualification("mql", version="1", when=BIG, at_once={HALF: BIG}),
    "never": Qualification("mql", version="1", when=BIG, never={HALF: BIG}),
    "label": Qualification("mql", version="1", when=BIG, labels={HALF: BIG}),
    "value": Qualification("mql", version="1", when=attribute("title").equals(HALF)),
    "kind": Qualification("mql", version="1", when=activity(HALF).happened()),
    "field": Qualification("mql", version="1", when=attribute(HALF).is_true()),
}


@pytest.mark.parametrize("dialect", ["duckdb", "snowflake", "spark"])
@pytest.mark.parametrize("mql", HALVES.values(), ids=HALVES)
def test_half_a_letter_is_refused_wherever_it_stands(mql, dialect):
    with pytest.raises(BulkError, match=r"with a letter that no (database keeps|text has)") as told:
        to_sql(mql, dialect=dialect, as_of=NOW, rules=True)
    assert any(r"half \ud800" in one for one in told.value.faults)
    str(told.value).encode()


def test_a_column_that_opens_a_template_is_refused():
    mql = Qualification("mql", version="1", when=attribute("{{ a }}").is_true())
    with pytest.raises(BulkError, match="a column whose name opens a template"):
        to_sql(mql, dialect="duckdb", as_of=NOW)
    columns = {"leads": {"{{ a }}": "A"}}
    assert '"A"' in to_sql(mql, dialect="duckdb", as_of=NOW, columns=columns)


# -- tables and columns ------------------------------------------------------------------------

SIZE: Final = Qualification("mql", version="1", when=attribute("size") >= 5)


def test_relations_and_instants_of_a_template_stand_as_they_are():
    text = to_sql(
        MQL,
        dialect="snowflake",
        leads="{{ ref('leads') }}",
        activities="{{ ref('activities') }}",
        as_of="{{ run_started_at }}",
    )
    assert "\n  FROM {{ ref('leads') }}\n" in text
    assert "\n  FROM {{ ref('activities') }}\n" in text
    assert "TO_TIMESTAMP_TZ('{{ run_started_at }}')" in text
    assert "-- as of {{ run_started_at }}\n" in text


def test_a_column_may_hold_the_instant_of_each_row():
    text = to_sql(SIZE, dialect="postgres", as_of="decided at")
    assert '"decided at"' in text
    assert "-- as of each row's own instant" in text


def test_several_instants_give_a_row_for_each():
    assert "UNION ALL" in to_sql(SIZE, dialect="postgres", as_of=[NOW, NOW + timedelta(days=1)])


def test_columns_may_be_called_otherwise_and_say_what_they_hold():
    columns = {"leads": {"size": ("NUM", "whole"), "lead_id": "KEY"}}
    text = to_sql(SIZE, dialect="postgres", as_of=NOW, columns=columns)
    assert '"NUM" AS f_size' in text
    assert 'CAST("KEY" AS TEXT)' in text


def test_a_mapping_file_may_say_it_too():
    columns = parse_mapping(
        """
        format = 1
        [leads]
        id = "KEY"
        [leads.columns]
        NUM = { field = "size", kind = "number" }
        [[activities]]
        at = "when"
        id = "nr"
        """
    )
    when = (attribute("size") >= 5) & (activity().count() > 1)
    mql = Qualification("mql", version="1", when=when)
    text = to_sql(mql, dialect="duckdb", as_of=NOW, columns=columns)
    assert '"NUM"' in text
    assert 'EPOCH_US("when")' in text
    assert '"nr"' in text


def test_a_stage_needs_its_columns_only_where_it_is_asked_for():
    mql = Qualification("mql", version="1", when=stage().is_in("mql") & (days_in_stage() >= 3))
    text = to_sql(mql, dialect="duckdb", as_of=NOW)
    assert '"stage"' in text
    assert 'EPOCH_US("stage_since")' in text
    assert "stage" not in to_sql(SIZE, dialect="duckdb", as_of=NOW)


def test_without_ids_nothing_is_compared():
    none = to_sql(MQL, dialect="duckdb", as_of=NOW, columns={"activities": {"id": None}})
    unique = to_sql(MQL, dialect="duckdb", as_of=NOW, unique_ids=True)
    assert none == unique
    assert '"id"' not in none


def test_without_activities_what_is_asked_about_them_is_unknown():
    text = to_sql(MQL, dialect="duckdb", as_of=NOW, activities=None)
    assert "FROM activities" not in text


def test_a_field_without_a_column_is_told_and_a_column_of_no_field_is_not():
    with pytest.raises(BulkError, match="asks for the field 'size', which the leads do not have"):
        to_sql(SIZE, dialect="duckdb", as_of=NOW, columns={"leads": {"size": None}})
    other = {"leads": {"revenue": "R"}}
    assert to_sql(SIZE, dialect="duckdb", as_of=NOW, columns=other)


def test_a_query_may_stand_for_a_table():
    text = to_sql(SIZE, dialect="postgres", as_of=NOW, leads="(SELECT * FROM crm.leads)")
    assert "FROM (SELECT * FROM crm.leads) AS given_leads" in text


def test_all_that_is_wrong_is_told_at_once():
    mql = Qualification(
        "mql",
        version="1",
        when=(attribute("size") >= 5)
        & attribute("size").contains_any("a")
        & attribute("title").matches("a")
        & (activity().count() > 1),
    )
    with pytest.raises(BulkError) as told:
        to_sql(
            mql,
            dialect="postgres",
            leads="once",
            as_of=NOW,
            columns={"lead": {}, "leads": {"titel": "T"}, "activities": {"at": None, "kind": 3}},  # type: ignore[dict-item]
        )
    assert list(told.value.faults) == [
        "leads: 'once' is the name of a step of the statement; say the table with its schema, or "
        "as (SELECT * FROM once)",
        "columns: there is no table 'lead'; did you mean 'leads'?",
        "columns: the definition asks the leads for no 'titel'; did you mean 'title'?",
        "leads: 'size' is asked for as a number and as text; columns= says what it holds, as in "
        "columns={'leads': {'size': ('size', 'number')}}",
        "columns: activities: 'kind' is 3; wanted a column's name, or a name and one of whole, "
        "number, text, flag, moment or items",
        "columns: the activities need a column 'at'",
        "when: asks for text in 'size', which holds numbers",
        "when: PostgreSQL cannot do a pattern: its engine is not RE2",
    ]


def test_what_a_mapping_says_of_files_only_is_told():
    columns = parse_mapping(
        """
        format = 1
        blanks = ["-"]
        [leads.columns]
        NUM = { field = "size", kind = "number", thousands = "," }
        [[activities]]
        kind_is = "visit"
        """
    )
    with pytest.raises(BulkError) as told:
        to_sql(SIZE, dialect="duckdb", as_of=NOW, columns=columns)
    assert [fault.split(":")[0] for fault in told.value.faults] == ["columns"] * 4
    two = parse_mapping('format = 1\nleads = "from activities"\n[[activities]]\n')
    with pytest.raises(BulkError, match=r"has one \[leads\] and one"):
        to_sql(SIZE, dialect="duckdb", as_of=NOW, columns=two)


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        to_sql(SIZE, dialect="duckdb", as_of=datetime(2026, 3, 1))


# -- limits ------------------------------------------------------------------------------------


def test_sqlite_refuses_what_it_cannot_fold():
    mql = Qualification("mql", version="1", when=attribute("title") >= "m")
    with pytest.raises(BulkError, match="SQLite cannot do a comparison of texts"):
        to_sql(mql, dialect="sqlite", as_of=NOW)
    letters = every_letter()[1]
    mql = Qualification("mql", version="1", when=attribute("title").contains_any(letters))
    with pytest.raises(BulkError, match="letters replaced in a text"):
        to_sql(mql, dialect="sqlite", as_of=NOW)


def test_three_hundred_rules_and_a_best_of_two_hundred_run_in_sqlite():
    """Neither the depth of a text nor the arguments of a function bound them."""
    best = Rule.best_of("best", *((attribute("size") >= n, n) for n in range(200)))
    rules = [Rule(f"rule {n}", attribute("size") >= n, 1) for n in range(300)]
    card = Scorecard(Group("all", [*rules, best]))
    labels = {f"label {n}": attribute("size") >= n for n in range(300)}
    mql = Qualification("mql", version="1", when=score() >= 5, card=card, labels=labels)
    with closing(sqlite3.connect(":memory:")) as database:
        sqlite_functions(database)
        database.execute("CREATE TABLE leads AS SELECT 'a' AS lead_id, 120 AS size")
        row = database.execute(to_sql(mql, dialect="sqlite", as_of=NOW)).fetchone()
    decision = Decision.of(mql, Lead("a", {"size": 120}), NOW)
    assert row[2] == str(decision.status)
    assert round(row[5] * 1000) == decision.score.millis.points


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01", "2026-03-01T12:00Z", "2026-03-01 12:00:00+01:00", "2026-03-01 12:00+0530",
        "2026-03-01T12:00:00.5Z", "2026-03-01T12:00:59.999999Z", "2026-03-01T12:00:00.123456789Z",
        "1969-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z",
        "2026-02-28T23:30:00-02:00",
    ],
)  # fmt: skip
def test_sqlite_reads_an_instant_as_python_does(text):
    moment = datetime.fromisoformat(text[:26] + text[29:] if len(text) == 30 else text)
    moment = moment.replace(tzinfo=moment.tzinfo or UTC)
    wanted = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert _micros(text) == wanted


@pytest.mark.parametrize(
    "text",
    ["2026-03-01T12:00:00", "2026-02-30", "2026-02-30T12:00:00Z", "soon", "", "2026", "12:00Z",
     "2026-03-01T24:00:00Z", "0000-03-01", "2026-03-01T12:00:61Z"],
)  # fmt: skip
def test_what_is_no_instant_is_blank_to_sqlite(text):
    assert _micros(text) is None


def test_a_whole_number_is_seconds_to_sqlite():
    assert _micros(1_700_000_000) == 1_700_000_000_000_000
    assert _micros(1.5) is None


def _micros(value: object) -> object:
    cell = dialect("sqlite").cell("value", "moment")
    with closing(sqlite3.connect(":memory:")) as database:
        return database.execute(f"SELECT {cell} FROM (SELECT ? AS value)", [value]).fetchone()[0]


# -- every part --------------------------------------------------------------------------------

ASKS: Final = {
    "a number": attribute("revenue") >= 1.5,
    "one of some": attribute("employees").is_in(1, 2.5, 3),
    "a flag": attribute("done").is_true() & attribute("done").known(),
    "an instant": (attribute("since") < NOW) & (attribute("since").days_since() < 9.5),
    "words": attribute("title").contains_any("vp", "straße") | attribute("title").is_in("a", "b"),
    "starts and ends": attribute("title").starts_with("é") & attribute("title").ends_with("ñ"),
    "a domain": attribute("email").domain_is("a.example"),
    "a default": attribute("revenue", default=0) < 5,
    "some of": at_least(2, attribute("a").is_true(), attribute("b").is_true(), stage().is_in("x")),
    "one or another": if_(attribute("a").is_true(), attribute("b").is_true(), known("title")),
    "counts": activity("view", page="/x").within(days=3).count().between(1, 4),
    "sums": (activity("view").sum("amount") > 1.5) & (activity("view").min("amount") > 0),
    "ages": (activity("view").days_since_last() < 3) & (activity("view").days_since_first() > 3),
    "in turn": activity("view").then(activity("buy")) | activity("a").then(activity("b"), days=3),
    "days in a stage": days_in_stage() > 2,
    "a score": score("fit").between(1, 9.5),
    "a grade": grade("fit", {"A": 20}, lowest="B").is_in("A"),
}
SOME: Final = {
    "patterns": attribute("title").matches("^vp"),
    "lists": attribute("tags").all_of("a", "é") | attribute("tags").none_of("b"),
    "orders of texts": attribute("title") >= "m",
    "different texts": activity("view").distinct("page") >= 2,
}
"""What not every engine can do."""
REFUSED: Final[dict[str, set[str]]] = {
    "duckdb": set(),
    "spark": {"patterns"},
    "postgres": {"patterns"},
    "sqlite": {"patterns", "orders of texts", "different texts"},
    "clickhouse": set(),
    "datafusion": {"patterns", "lists"},
    "bigquery": set(),
    "snowflake": {"patterns"},
    "trino": {"patterns"},
    "databricks": {"patterns"},
}


NO_NAMES: Final = ("bigquery", "snowflake", "trino")
"""Which do not tell the names of what is missing of activities of any kind."""


def every(name: str) -> Qualification:
    """A definition of every part that an engine can do."""
    asks = {**ASKS, **{ask: SOME[ask] for ask in SOME.keys() - REFUSED[name]}}
    viewed = activity("view")
    if name not in NO_NAMES:
        asks["any kind"] = activity(page="/q").count() >= 1
    once = {} if name == "sqlite" else {"once_per": "page"}
    rules = [
        *(
            Rule(ask, criterion, 2)
            for ask, criterion in asks.items()
            if ask not in ("a score", "a grade")
        ),
        Rule.each("few", viewed, 2, at_most=2, decay=half_life(days=30)),
        Rule.each("fewer", viewed, -2, at_most=2, decay=linear(days=4)),
        Rule.each("all", viewed, 3, decay=linear(days=90)),
        Rule.each("per week", viewed, 1, at_most=2, per=7, in_all=5, **once),
        Rule.each("new ones", activity("view", page="/y"), 1, at_most=2, **once),
        Rule.latest("latest", viewed, 5, decay=half_life(days=3)),
        Rule.by_value("by value", "title", {"a": 1, "b": -2}),
        Rule.by_band("by band", attribute("revenue"), [Band(1, below=10), Band(2, at_least=10)]),
        Rule.first_of("first", (ASKS["a flag"], 1), (ASKS["a number"], -2)),
        Rule.best_of("best", (ASKS["a flag"], 1), (ASKS["a number"], -2)),
    ]
    return Qualification(
        "every part", version="1", when=ASKS["counts"] & ASKS["some of"], never={},
        card=Scorecard(Group("fit", rules, cap=90, floor=-5)), labels=asks,
    )  # fmt: skip


@pytest.mark.parametrize("name", DIALECTS)
def test_what_an_engine_cannot_do_is_refused_by_name(name):
    faults = {part: list(refusals(asked, name)) for part, asked in SOME.items()}
    assert {part for part, told in faults.items() if told} == REFUSED[name]
    named = f"when: {dialect(name).title} cannot do "
    assert all(told.startswith(named) for some in faults.values() for told in some)


@pytest.mark.parametrize("name", NO_NAMES)
def test_what_is_missing_of_any_kind_is_refused_by_name(name):
    mql = Qualification("mql", version="1", when=activity(page="/q").count() >= 1)
    assert to_sql(mql, dialect=name, as_of=NOW)
    with pytest.raises(BulkError, match="cannot do the names of what is missing of activities"):
        to_sql(mql, dialect=name, as_of=NOW, missing=True)


@pytest.mark.parametrize("name", DIALECTS)
def test_whole_numbers_are_added_without_rounding(name):
    mql = Qualification("mql", version="1", when=activity("view").sum("seats") >= 2)
    columns: Any = {"activities": {"seats": ("seats", "whole")}}
    whole, rounded = (to_sql(mql, dialect=name, as_of=NOW, columns=c) for c in (columns, None))
    assert "FLOOR" in rounded
    assert "FLOOR" not in whole


def refusals(asked: Criterion, name: str) -> tuple[str, ...]:
    """What an engine says of a criterion that it cannot do."""
    try:
        to_sql(Qualification("mql", version="1", when=asked), dialect=name, as_of=NOW)
    except BulkError as error:
        return error.faults
    return ()


def text_of_every_part(name: str) -> str:
    """All that `to_sql` can be asked for."""
    text = to_sql(
        every(name),
        dialect=name,
        as_of="{{ run_started_at }}",
        rules=True,
        changes_at=True,
        missing=True,
        ordered=True,
    )
    return text.replace("{{ run_started_at }}", "2026-03-31 12:00:00+00:00")


@pytest.mark.parametrize("name", DIALECTS)
def test_every_part_is_printed_alike_each_time(name):
    assert text_of_every_part(name) == text_of_every_part(name)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if kind.tried else [])
        for name, kind in DIALECTS.items()
    ],
)
def test_every_part_is_text_to_a_parser_of_the_dialect(name):
    parsed = sqlglot.parse(
        text_of_every_part(name),
        dialect=_parsed_as(name),
        error_level=sqlglot.ErrorLevel.RAISE,
    )
    assert [type(one).__name__ for one in parsed] == ["Select"]


@pytest.mark.parametrize("name", DIALECTS)
def test_infinity_is_a_literal(name):
    """A criterion of one's own may compare with it."""
    more, less = (dialect(name).number(sign * math.inf) for sign in (1, -1))
    text = f"SELECT {more} > {less}"
    assert sqlglot.parse_one(text, dialect=_parsed_as(name))
    if name == "sqlite":
        with closing(sqlite3.connect(":memory:")) as database:
            row = database.execute(f"SELECT {more} > 1e300, {less} < -1e300").fetchone()
        assert row == (1, 1)


@pytest.mark.parametrize("filled", ["2026-03-31 12:00:00.000001+00:00", "2026-03-31T13:00:00Z"])
def test_an_instant_that_a_template_fills_in_is_that_instant(filled):
    """In SQLite and DuckDB; dbt writes microseconds."""
    as_of = datetime.fromisoformat(filled)
    for name in ("sqlite", "duckdb"):
        text = to_sql(MQL, dialect=name, as_of="{{ at }}").replace("{{ at }}", filled)
        with closing(
            sqlite3.connect(":memory:") if name == "sqlite" else duckdb.connect()
        ) as database:
            database.execute(
                "CREATE TABLE leads AS SELECT 'a' AS lead_id, 60 AS employees, "
                "'VP' AS title, 'a@b.example' AS email"
            )
            at = f'"at" {"TEXT" if name == "sqlite" else "TIMESTAMPTZ"}'
            database.execute(
                f"CREATE TABLE activities (lead_id TEXT, kind TEXT, {at}, id TEXT, page TEXT)"
            )
            did = "('a', 'demo_request', '2026-03-29T12:00:00.000001+00:00', NULL, NULL)"
            database.execute(f"INSERT INTO activities VALUES {did}")
            row = database.execute(f"SELECT decision, score FROM ({text}) AS answer").fetchone()
        done = [Activity("demo_request", NOW - 2 * timedelta(days=1) + timedelta(microseconds=1))]
        lead = Lead("a", {"employees": 60, "title": "VP", "email": "a@b.example"}, done)
        decision = Decision.of(MQL, lead, as_of)
        assert row[0] == str(decision.status)
        assert round(row[1] * 1000) == decision.score.millis.points
        assert "{{" not in text


def test_no_number_in_parquet_is_not_known(tmp_path: Path) -> None:
    """Statistics of Parquet leave NaN out, and DuckDB answers some comparisons from them."""
    path = tmp_path / "leads.parquet"
    pq.write_table(pa.table({"lead_id": ["a", "b"], "employees": [5.0, float("nan")]}), path)
    asked = Qualification("a", version="1", when=attribute("employees") >= 1)
    text = to_sql(asked, dialect="duckdb", leads=f"'{path}'", activities=None, as_of=NOW)
    with duckdb.connect() as connection:
        rows = connection.execute(f"SELECT lead_id, decision FROM ({text}) ORDER BY 1").fetchall()
    assert rows == [("a", "qualified"), ("b", "needs data")]


def test_an_engine_that_has_no_aggregate_of_turns_tells_nothing_by_one() -> None:
    postgres = dialect("postgres")
    assert postgres.in_turn("TRUE", "TRUE") is None
    with pytest.raises(Refused, match=r"^PostgreSQL cannot do two kinds of activities"):
        postgres.followed("turns", 1)
