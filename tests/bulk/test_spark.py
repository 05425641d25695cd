"""
Spark says what the reference says, in one exchange of activities and without Python.
"""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

pytest.importorskip("pyspark")

from bulk.boundary import NAMES, boundary
from bulk.identity import WAYS, differences, differing, expected, given
from bulk.spark_store import Plan, SparkStore, answered, start
from bulk.table_models import model_of
from bulk.tabular import RowMaker, World, world

from mqlkit import (
    Decision,
    Group,
    Qualification,
    Rule,
    Scorecard,
    activity,
    attribute,
    half_life,
    score,
)
from mqlkit.bulk import BulkError, decide
from mqlkit.bulk.statement import statement
from mqlkit.value import fold

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3_600),
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
MODELS = 40
"""Each takes Spark a second and more, most of it to plan."""


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    session = start(str(tmp_path_factory.mktemp("warehouse")))
    yield session
    session.stop()


@pytest.fixture(scope="module")
def store(session):
    return SparkStore(session)


@pytest.fixture(params=["ANSI", "no ANSI"])
def ansi(session, request):
    session.conf.set("spark.sql.ansi.enabled", str(request.param == "ANSI").lower())
    yield
    session.conf.set("spark.sql.ansi.enabled", "true")


# -- identity --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(MODELS))
def test_generated_models_agree(store, seed):
    model = model_of(seed, ("patterns",))
    assert differences(store, model, world(seed, 12), WAYS[seed % 3]) == []


@pytest.mark.parametrize("name", NAMES)
def test_boundaries_agree(store, ansi, name):
    cases = boundary(name)
    if "patterns" in cases.needs:
        with pytest.raises(BulkError, match="Spark cannot do a pattern"):
            differences(store, cases.model, cases.world)
        return
    for way in WAYS:
        assert differences(store, cases.model, cases.world, way) == []


def rules():
    """Rules of every form, about the tables of `bulk.tabular`."""
    visit, amount = activity("page_view"), activity("email_open")
    yield Rule("many", attribute("employees") >= 3, 5)
    yield Rule("lead", attribute("title").contains_any("vp", "äöü"), 7)
    yield Rule("mail", attribute("email").domain_is("example.com"), -3)
    yield Rule("tags", attribute("tags").any_of("vip"), 2)
    yield Rule("new", attribute("signed_up") >= NOW - timedelta(days=30), 4)
    yield Rule("lots", visit.within(days=30).count() >= 2, 6)
    yield Rule("sum", amount.sum("amount", blanks="skip") >= 3, 6)
    yield Rule("different", visit.distinct("page") >= 2, 3)
    yield Rule("after", visit.then(amount, days=3), 5)
    yield Rule.each("each", visit, 2, at_most=4, decay=half_life(days=9))
    yield Rule.latest("latest", amount, 9, decay=half_life(days=5))
    yield Rule.each("daily", visit, 1, at_most=2, per=1, in_all=5)
    yield Rule.each("pages", visit, 1, at_most=3, once_per="page")


def large_model():
    card = Scorecard(Group("all", list(rules())))
    return Qualification(
        "large", version="1", card=card,
        when=(score() >= 12) & (activity("page_view").count() >= 1),
        never={"rival": attribute("email").domain_is("rival.example")},
    )  # fmt: skip


def told(row):
    """A row with its texts as a table is read: what is only white space is a blank."""
    kept = {
        name: None if isinstance(value, str) and not value.strip() else value
        for name, value in row.values.items()
    }
    return row._replace(values=kept)


def large_world(leads, activities):
    """So many leads and activities: some ids come again, some are blank, some lie ahead."""
    chance = Random("large")
    maker = RowMaker(chance)
    people = [told(maker.lead(f"lead {number}")) for number in range(leads)]
    rows = []
    while len(rows) < activities:
        row = maker.activity(chance.choice(people).id)
        rows.append(row)
        if chance.random() < 0.05:
            rows.append(maker.again(row))
    return World(people, [told(row) for row in rows[:activities]])


def test_twenty_thousand_leads_with_600_000_activities_agree(store):
    model, whole = large_model(), large_world(20_000, 600_000)
    leads, activities = store.frames(whole)
    frame = decide(
        model, leads=leads, activities=activities.withColumnRenamed("lead", "lead_id"), as_of=NOW
    )
    made = statement(model, store.write(whole), store.dialect, NOW)
    wanted = (expected(Decision.of(model, whole.lead(row), NOW)) for row in whole.leads)
    assert list(differing(list(map(given, answered(frame, made))), wanted)) == []


# -- folding ---------------------------------------------------------------------------------------


def test_every_letter_folds_as_in_the_core(session, store):
    """Java lower-cases a dotted I to two letters, and a sigma by what stands around it."""
    letters = [c for c in map(chr, range(1, 0x110000)) if not "\ud800" <= c <= "\udfff"]
    texts = [(c, f"ΑI{c}") for c in letters]
    frame = session.createDataFrame(texts, "letter string, text string")
    dialect = store.dialect
    words = [
        "αi" + word for word in ("k", "i", "σ", "ς", "ß", "ǆ", "\N{DESERET SMALL LETTER LONG I}")
    ]
    rows = frame.selectExpr(
        "letter",
        f"{dialect.folded_wholly('text')} AS wholly",
        f"{dialect.folded('text', words)} AS some",
        f"{dialect.folded('letter', ['ki'])} AS plain",
    ).collect()
    assert len(rows) == len(letters)
    assert [row.letter for row in rows if row.wholly != fold(f"ΑI{row.letter}")] == []
    wrong = [r.letter for r in rows for w in words if (r.some == w) != (fold(f"ΑI{r.letter}") == w)]
    assert wrong == []
    assert [r.letter for r in rows for w in "ki" if (r.plain == w) != (fold(r.letter) == w)] == []


# -- settings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("spark.sql.session.timeZone", "Asia/Kathmandu"),
        ("spark.sql.ansi.enabled", "false"),
        ("spark.sql.timestampType", "TIMESTAMP_NTZ"),
        ("spark.sql.legacy.exponentLiteralAsDecimal.enabled", "true"),
        ("spark.sql.caseSensitive", "true"),
        ("spark.sql.codegen.wholeStage", "false"),
        ("spark.sql.adaptive.enabled", "false"),
    ],
)
def test_no_setting_of_the_session_matters(session, store, name, value):
    before = session.conf.get(name)
    session.conf.set(name, value)
    try:
        found = differences(store, large_model(), world(7, 12))
    finally:
        session.conf.set(name, before)
    assert found == []


def test_variables_of_spark_are_not_put_into_texts(session):
    leads = session.createDataFrame(
        [("a", "${spark.app.name}"), ("b", "{x}")], "id string, t string"
    )
    card = Scorecard(Group("all", [Rule("t", attribute("t").is_in("${spark.app.name}", "{x}"), 1)]))
    model = Qualification("${spark.app.name}", version="1", card=card, when=score() >= 1)
    rows = decide(model, leads=leads, activities=None, as_of=NOW).collect()
    assert {row.decision for row in rows} == {"qualified"}


def test_large_points_do_not_overflow(store, ansi):
    card = Scorecard(
        Group("all", [Rule(f"r{n}", attribute("employees") >= n, 10**6) for n in range(4)])
    )
    model = Qualification("large", version="1", card=card, when=score() >= 3 * 10**6)
    assert differences(store, model, world(3, 12)) == []


def test_nothing_of_a_run_is_left_in_the_session(session, store):
    leads, activities = store.frames(world(5, 12))
    before = {table.name for table in session.catalog.listTables()}
    frame = decide(large_model(), leads=leads, activities=activities, as_of=NOW)
    assert {table.name for table in session.catalog.listTables()} == before
    assert frame.count() == len(world(5, 12).leads)


# -- tables ----------------------------------------------------------------------------------------


def test_tables_by_name_and_columns_of_many_types(session):
    leads = session.sql(
        "SELECT 7 AS id, 60S AS employees, CAST(2.5 AS FLOAT) AS rate, 12.50BD AS spent, "
        "DATE'2026-03-30' AS born, NAMED_STRUCT('city', 'Bonn') AS home, ARRAY('vip') AS tags"
    )
    done = session.sql(
        "SELECT 7 AS lead_id, 'visit' AS kind, TIMESTAMP'2026-03-30 12:00:00Z' AS at"
    )
    leads.createOrReplaceTempView("many_types")
    done.createOrReplaceTempView("visits")
    asked = [
        attribute("employees") >= 60,
        attribute("rate") <= 2.5,
        attribute("spent") >= 12.5,
        attribute("born") >= datetime(2026, 3, 30, tzinfo=UTC),
        attribute("home.city").is_in("bonn"),
        attribute("tags").any_of("vip"),
        activity("visit")
        .within(
            days=1,
        )
        .count()
        >= 1,
    ]
    card = Scorecard(Group("all", [Rule(f"r{n}", one, 1) for n, one in enumerate(asked)]))
    model = Qualification("types", version="1", card=card, when=score() >= 6)
    row = decide(
        model, leads="many_types", activities="visits", as_of=NOW, connection=session, rules=True
    ).collect()[0]
    assert (row.lead_id, row.decision, row.score) == ("7", "qualified", 6)
    assert row.rule_r6 == 0, "24 hours ago is not within a day"


# -- plans -----------------------------------------------------------------------------------------


def plan(session, store, *, as_of=NOW, **asked):
    session.conf.set("spark.sql.adaptive.enabled", "false")
    session.conf.set("spark.sql.autoBroadcastJoinThreshold", "-1")
    try:
        leads, activities = store.frames(world(1, 12))
        activities = activities.withColumnRenamed("lead", "lead_id")
        return Plan(decide(large_model(), leads=leads, activities=activities, as_of=as_of, **asked))
    finally:
        session.conf.set("spark.sql.adaptive.enabled", "true")
        session.conf.set("spark.sql.autoBroadcastJoinThreshold", "10MB")


@pytest.mark.parametrize("unique_ids", [False, True])
def test_activities_and_leads_are_exchanged_once(session, store, unique_ids):
    made = plan(session, store, unique_ids=unique_ids)
    assert made.exchanges() == ["lead_id", "lead_id"]
    assert made.python() == []


@pytest.mark.parametrize("as_of", [[NOW, NOW - timedelta(days=7)], "as_of"])
def test_activities_are_exchanged_once_for_several_instants(session, store, as_of):
    """The keys of the leads are exchanged beside, and what was found of each lead and instant."""
    made = plan(session, store, as_of=as_of)
    found = sorted(made.exchanges())
    assert found == ["lead_id", "lead_id", *["lead_id, as_of_us"] * 3], found
    assert made.python() == []


def test_a_plan_that_calls_python_is_told(session):
    """A liar: a function of Python stands in the plan."""
    from pyspark.sql.functions import udf

    frame = session.range(3).select(udf(lambda n: str(n))("id"))
    assert Plan(frame).python() != []


def test_a_window_over_periods_alone_is_exchanged_again(session):
    """A liar: without a step that brings a lead's rows together there are two exchanges."""
    rows = session.createDataFrame([(1, 2, 3)], "lead_id int, period int, age int")
    rows.createOrReplaceTempView("period_rows")
    frame = session.sql(
        "SELECT lead_id, COUNT(place) FROM (SELECT lead_id, SUM(age) OVER "
        "(PARTITION BY lead_id, period ORDER BY age) AS place FROM period_rows) GROUP BY lead_id"
    )
    assert len(Plan(frame).exchanges()) == 2


def test_tables_in_buckets_are_not_exchanged_at_all(session, store):
    leads, activities = store.frames(world(1, 12))
    activities = activities.withColumnRenamed("lead", "lead_id")
    for name, frame, key in (("leads", leads, "id"), ("activities", activities, "lead_id")):
        kept = frame.drop("company.size", "account.industry")
        kept.write.bucketBy(2, key).mode("overwrite").saveAsTable(f"bucketed_{name}")
    session.conf.set("spark.sql.adaptive.enabled", "false")
    try:
        made = Plan(
            decide(
                large_model(),
                leads="bucketed_leads",
                activities="bucketed_activities",
                as_of=NOW,
                connection=session,
            )
        )
    finally:
        session.conf.set("spark.sql.adaptive.enabled", "true")
        for name in ("leads", "activities"):
            session.sql(f"DROP TABLE bucketed_{name}")
    assert made.exchanges() == []
