"""Bulk runs as a user writes them."""

from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from bulk.company import HOUR, MQL, NOW, files, tables

from mqlkit import (
    Decision,
    Group,
    Qualification,
    Rule,
    Scorecard,
    Status,
    activity,
    attribute,
    bulk,
    dump,
    load,
    score,
)
from mqlkit.errors import NaiveTimeError
from mqlkit.tables import parse_mapping

LEADS, ACTIVITIES = tables(60, 900)


def by_key(table: pa.Table) -> dict[str, str]:
    return dict(zip(*(table[name].to_pylist() for name in ("lead_id", "decision")), strict=True))


def test_files_in_a_file_out(tmp_path: Path) -> None:
    paths = files(tmp_path, LEADS, ACTIVITIES)
    run = bulk.decide(
        MQL, leads=str(paths["leads"]), activities=str(tmp_path / "act*.parquet"), as_of=NOW
    )
    run.to_parquet(tmp_path / "decisions.parquet")
    table = pq.read_table(tmp_path / "decisions.parquet")
    assert table.num_rows == 60
    assert table.schema.equals(run.schema)
    assert set(table["decision"].to_pylist()) == set(map(str, Status))


def test_every_way_out_gives_the_same_rows() -> None:
    run = bulk.decide(MQL, leads=LEADS, activities=ACTIVITIES, as_of=NOW, ordered=True)
    table = run.to_arrow()
    assert pa.Table.from_batches(run, run.schema).equals(table)
    assert run.to_arrow_reader().read_all().equals(table)
    assert run.to_polars().equals(pl.DataFrame(table))
    assert run.to_pandas().equals(table.to_pandas())
    assert run.columns == tuple(table.column_names)
    assert repr(run) == "<a bulk run of 'mql' version '3'>"


def test_polars_and_pandas_in() -> None:
    expected = by_key(bulk.decide(MQL, leads=LEADS, activities=ACTIVITIES, as_of=NOW).to_arrow())
    for made in (pl.DataFrame, lambda table: table.to_pandas()):
        run = bulk.decide(MQL, leads=made(LEADS), activities=made(ACTIVITIES), as_of=NOW)
        assert by_key(run.to_arrow()) == expected


def test_a_connection_of_the_callers_keeps_its_settings_and_is_left_as_it_was() -> None:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'America/New_York'; SET threads = 1")
        connection.register("leads", LEADS)
        connection.register("did", ACTIVITIES)
        before = connection.execute("SELECT * FROM duckdb_settings() ORDER BY ALL").fetchall()
        views = connection.execute("SELECT view_name FROM duckdb_views() ORDER BY 1").fetchall()
        given = {"leads": "leads", "activities": "SELECT * FROM did", "connection": connection}
        with bulk.decide(MQL, **given, as_of=NOW, ordered=True, buckets=3) as run:
            table = run.to_arrow()
        assert (
            before == connection.execute("SELECT * FROM duckdb_settings() ORDER BY ALL").fetchall()
        )
        assert (
            views
            == connection.execute("SELECT view_name FROM duckdb_views() ORDER BY 1").fetchall()
        )
    own = bulk.decide(MQL, leads=LEADS, activities=ACTIVITIES, as_of=NOW, ordered=True)
    assert table.equals(own.to_arrow())


def test_several_instants_give_a_row_for_each() -> None:
    instants = [NOW, NOW - 24 * HOUR, NOW]
    run = bulk.decide(MQL, leads=LEADS, activities=ACTIVITIES, as_of=instants, ordered=True)
    table = run.to_arrow()
    assert table.num_rows == 2 * 60
    assert table["as_of"][:2].to_pylist() == [NOW - 24 * HOUR, NOW]
    one = bulk.decide(MQL, leads=LEADS, activities=ACTIVITIES, as_of=NOW, ordered=True).to_arrow()
    assert table.take(pa.array(range(1, 120, 2))).equals(one)
    lead_id = one["lead_id"][0].as_py()
    assert run.decision(lead_id).as_of == NOW
    assert run.verify(None).checked == 120
    assert run.verify(None).agrees


def test_an_instant_for_each_lead() -> None:
    instants = pa.array([NOW - place * HOUR for place in range(60)], pa.timestamp("us", "UTC"))
    leads = LEADS.append_column("seen_at", instants)
    run = bulk.decide(MQL, leads=leads, activities=ACTIVITIES, as_of="seen_at", buckets=2)
    table = run.to_arrow().sort_by("as_of")
    assert table["as_of"].to_pylist() == instants.to_pylist()[::-1]
    assert run.verify(None) == bulk.Verification(60, 0, ())
    assert run.decision("lead 7").as_of == NOW - 7 * HOUR
    with pytest.raises(bulk.UnknownLeadError):
        run.decision("lead 777")


def test_why_one_lead_was_decided_so_is_told_by_the_reference_engine() -> None:
    run = bulk.decide(MQL, leads=LEADS, activities=ACTIVITIES, as_of=NOW)
    decided = by_key(run.to_arrow())
    decision = run.decision("lead 3")
    assert isinstance(decision, Decision)
    assert str(decision.status) == decided["lead 3"]
    assert str(run.explain("lead 3")) == str(decision.explain())
    assert run.decision("lead 3", NOW - HOUR).as_of == NOW - HOUR
    with pytest.raises(bulk.UnknownLeadError, match=r'^the leads have no "Lead 3"$'):
        run.explain("Lead 3")
    with pytest.raises(NaiveTimeError):
        run.decision("lead 3", NOW.replace(tzinfo=None))


def test_a_lead_can_be_asked_about_while_rows_come() -> None:
    run = bulk.decide(MQL, leads=LEADS, activities=ACTIVITIES, as_of=NOW)
    for batch in run:
        row = batch.slice(0, 1).to_pylist()[0]
        assert str(run.decision(row["lead_id"]).status) == row["decision"]


def test_a_stream_can_be_given_and_is_read_once() -> None:
    run = bulk.decide(
        MQL, leads=LEADS.to_reader(), activities=ACTIVITIES.to_reader(50), as_of=NOW, buckets=2
    )
    first = run.to_arrow()
    assert by_key(run.to_arrow()) == by_key(first)
    for batch in run:
        row = batch.slice(0, 1).to_pylist()[0]
        assert str(run.decision(row["lead_id"]).status) == row["decision"]


def test_what_it_counts() -> None:
    run = bulk.decide(MQL, leads=LEADS, activities=ACTIVITIES, as_of=NOW)
    counts = run.counts()
    rows = run.to_arrow().to_pylist()
    assert counts.rows == 60
    for status in Status:
        assert counts.decisions[status] == sum(row["decision"] == str(status) for row in rows)
    assert (
        counts.reasons[Status.DISQUALIFIED, "rival; of ours"]
        == (counts.decisions[Status.DISQUALIFIED])
    )
    assert sum(counts.reasons.values()) == 60
    assert list(counts.reasons.values()) == sorted(counts.reasons.values(), reverse=True)
    assert run.counts() is not counts
    assert run.counts() == counts


def test_what_is_wrong_in_the_rows(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("id,employees,email\nada,many,a@b.example\nbob,60,\n")
    mql = Qualification("fit", version="1", when=attribute("employees") >= 50)
    mapping = parse_mapping('format = 1\n[leads.columns]\nemployees = { kind = "number" }\n')
    with bulk.decide(mql, leads=tmp_path / "leads.csv", as_of=NOW, mapping=mapping) as run:
        assert by_key(run.to_arrow()) == {"ada": "needs data", "bob": "qualified"}
        (fault,) = run.faults()
    assert isinstance(fault, bulk.DataFault)
    assert (fault.column, fault.rows, fault.example) == ("employees", 1, 2)


def test_a_loaded_model_is_a_definition_too(tmp_path: Path) -> None:
    dump(MQL, tmp_path / "mql.toml")
    model = load(tmp_path / "mql.toml")
    run = bulk.decide(model, leads=LEADS, activities=ACTIVITIES, as_of=[NOW])
    assert run.notes == model.notes(NOW) == ()
    assert run.counts().rows == 60


def test_the_statement_can_be_read() -> None:
    run = bulk.decide(MQL, leads=LEADS, activities=ACTIVITIES, as_of=NOW)
    assert run.sql.startswith("-- mql version 3 (")
    assert [out.name for out in run.outputs] == list(run.columns)


def test_all_that_stands_in_the_way_is_told_at_once() -> None:
    asked = Qualification(
        "b2b",
        version="1",
        when=activity("page_view", page="/pricing").happened(),
        never={"rival": attribute("email").domain_is("rival.example")},
        card=Scorecard(Rule("50 people or more", attribute("employees") >= 50, 20)),
    )
    leads = pa.table({"lead_id": ["ada"], "employes": [120], "email": [True]})
    visits = pa.table({"lead_id": ["ada"], "kind": ["page_view"], "at": [NOW], "pge": ["/"]})
    with pytest.raises(bulk.BulkError) as error:
        bulk.decide(asked, leads=leads, activities=visits, as_of=NOW)
    assert sorted(error.value.faults) == [
        "never 'rival': asks for an e-mail address in 'email', which holds flags",
        "rule '50 people or more': asks for the field 'employees', which the leads do not have; "
        "did you mean 'employes'?",
        "when: asks for the field 'page', which the activities do not have; did you mean 'pge'?",
    ]


def test_no_two_columns_have_one_name() -> None:
    """The end of one score is called as another score would be."""
    asked = Qualification(
        "a",
        version="1",
        when=score("fit") >= 1,
        card=Scorecard(
            Group("fit low", [Rule("intent high", attribute("size") >= 1, 4)]),
            Group("fit", [Rule("intent", attribute("title").contains("vp"), 1)]),
        ),
    )
    leads = pa.table({"lead_id": ["ada"], "size": [5], "title": ["x"]})
    run = bulk.decide(asked, leads=leads, as_of=NOW, rules=True)
    (row,) = run.to_arrow().to_pylist()
    names = run.to_arrow().column_names
    assert len(set(names)) == len(names)
    told = {"rule_intent_high": 4, "rule_intent_2_high": 0, "score_fit_low": 4, "score_fit_2": 0}
    assert {name: float(row[name]) for name in told} == told
