"""What `bulk.decide` is given, and who decides."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import duckdb
import pytest
from bulk.company import NOW, SMALL, tables

from mqlkit import Qualification, attribute, bulk
from mqlkit.bulk import run as running
from mqlkit.bulk.sessions import BusyConnectionError
from mqlkit.errors import DefinitionError, KindError, MissingExtraError, NaiveTimeError
from mqlkit.tables import read_mapping

LEADS, ACTIVITIES = tables(30, 200)


def test_nothing_heavy_loads_with_the_names() -> None:
    program = (
        "import sys; from mqlkit import bulk; bulk.BulkError; dir(bulk); bulk.decide;"
        "print(*{'duckdb', 'pyarrow', 'pyspark', 'psycopg', 'polars', 'pandas'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


@pytest.mark.parametrize("name", bulk.__all__)
def test_every_name_is_there(name: str) -> None:
    assert getattr(bulk, name) is not None
    assert name in dir(bulk)


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match=r"^module 'mqlkit.bulk' has no attribute 'decice'$"):
        _ = bulk.decice


@pytest.mark.parametrize("library", ["duckdb", "pyarrow"])
def test_an_extra_that_is_not_installed(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtraError, match=r"^bulk decisions needs an extra; install it"):
        bulk.decide(SMALL, leads=LEADS, activities=ACTIVITIES, as_of=NOW)


def test_a_mapping_says_which_column_is_what(tmp_path: Path) -> None:
    (tmp_path / "columns.toml").write_text('format = 1\n[leads]\nid = "key"\n')
    leads = LEADS.rename_columns(["key", *LEADS.column_names[1:]])
    given = {"leads": leads, "activities": ACTIVITIES, "as_of": NOW, "ordered": True}
    right = bulk.decide(SMALL, **{**given, "leads": LEADS}).to_arrow()
    for mapping in (tmp_path / "columns.toml", read_mapping(tmp_path / "columns.toml")):
        assert bulk.decide(SMALL, **given, mapping=mapping).to_arrow().equals(right)


def test_instants_have_a_time_zone() -> None:
    for as_of in (NOW.replace(tzinfo=None), [NOW, NOW.replace(tzinfo=None)]):
        with pytest.raises(NaiveTimeError):
            bulk.decide(SMALL, leads=LEADS, activities=ACTIVITIES, as_of=as_of)
    with pytest.raises(KindError):
        bulk.decide(SMALL, leads=LEADS, activities=ACTIVITIES, as_of=7)  # type: ignore[arg-type]
    with pytest.raises(DefinitionError, match=r"^as_of has no instant; give one or more$"):
        bulk.decide(SMALL, leads=LEADS, activities=ACTIVITIES, as_of=[])


def test_what_is_decided_is_a_definition() -> None:
    with pytest.raises(KindError, match=r"^wanted a Qualification or a model, not "):
        bulk.decide("mql", leads=LEADS, as_of=NOW)  # type: ignore[arg-type]


def test_tables_that_lack_something_are_refused_before_anything_runs() -> None:
    mql = Qualification(
        "all",
        version="1",
        when=(attribute("employes") >= 50) & attribute("titel").contains_any("vp"),
    )
    with pytest.raises(bulk.BulkError) as raised:
        bulk.decide(mql, leads=LEADS, as_of=NOW)
    assert len(raised.value.faults) == 2


def test_a_model_notes_what_its_reader_must_know() -> None:
    def notes(as_of: Any) -> tuple[str, ...]:
        return (f"as of {as_of:%Y}",)

    model: Any = SimpleNamespace(qualification=SMALL, notes=notes)
    given = {"leads": LEADS, "activities": ACTIVITIES}
    run = bulk.decide(model, **given, as_of=NOW)
    assert run.notes == ("as of 2026",)
    assert "as of 2026" in run.decision("lead 1").notes
    assert bulk.decide(SMALL, **given, as_of=NOW).notes == ()


class Elsewhere:
    """Stands for another engine's way to decide."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}

    def __call__(self, *given: Any, **asked: Any) -> str:
        self.asked = {**asked, "given": given}
        return "an answer"


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    made = Elsewhere()
    for name, called in (("database", "decide_in"), ("spark", "decide")):
        module = ModuleType(f"mqlkit.bulk.{name}")
        setattr(module, called, made)
        monkeypatch.setitem(sys.modules, f"mqlkit.bulk.{name}", module)
    monkeypatch.setattr(running, "is_spark", lambda value: value == "spark")
    return made


SAME = {
    "mapping": running.FileMapping(),
    "rules": True,
    "changes_at": False,
    "missing": True,
    "ordered": False,
    "unique_ids": False,
}


def test_a_connection_of_a_database_decides_there(elsewhere: Elsewhere) -> None:
    connection = SimpleNamespace(cursor=None)
    asked = {"leads": "leads", "activities": "did", "connection": connection}
    assert bulk.decide(SMALL, **asked, as_of=[NOW], rules=True) == "an answer"
    assert elsewhere.asked == {
        "given": (connection, SMALL),
        "leads": "leads",
        "activities": "did",
        "as_of": (NOW,),
        **SAME,
    }


def test_frames_of_spark_decide_there(elsewhere: Elsewhere) -> None:
    assert bulk.decide(SMALL, leads="spark", as_of="seen_at", rules=True) == "an answer"
    assert elsewhere.asked == {
        "given": (SMALL,),
        "session": None,
        "leads": "spark",
        "activities": None,
        "as_of": "seen_at",
        **SAME,
    }
    bulk.decide(SMALL, leads="crm.leads", as_of=NOW, connection="spark")
    assert elsewhere.asked["session"] == "spark"


def test_what_only_duckdb_knows_is_refused_elsewhere(elsewhere: Elsewhere) -> None:
    with pytest.raises(bulk.BulkError) as raised:
        bulk.decide(
            SMALL, leads="spark", as_of=NOW, memory="1GB", buckets=2, threads=1, progress=print,
            resume="kept", inputs_hash=True,
        )  # fmt: skip
    assert raised.value.faults == tuple(
        f"{name}: only a run on DuckDB knows of it"
        for name in ("memory", "buckets", "threads", "progress", "resume", "inputs_hash")
    )
    assert elsewhere.asked == {}


def test_threads_are_not_set_in_a_connection_of_the_callers() -> None:
    with duckdb.connect() as connection, pytest.raises(bulk.BulkError, match="keeps its settings"):
        bulk.decide(SMALL, leads="leads", as_of=NOW, connection=connection, threads=1)


def test_a_connection_that_is_busy_is_asked_beside_where_it_can() -> None:
    with duckdb.connect() as connection:
        connection.register("given", LEADS)
        connection.execute("CREATE TABLE leads AS FROM given")
        connection.register("did", ACTIVITIES)
        connection.execute("CREATE TABLE activities AS FROM did")
        with bulk.decide(
            SMALL, leads="leads", activities="activities", as_of=NOW, connection=connection
        ) as run:
            for batch in run:
                key = batch.column("lead_id")[0].as_py()
                assert str(run.decision(key).status) == batch.column("decision")[0].as_py()
        with bulk.decide(
            SMALL, leads="given", activities="did", as_of=NOW, connection=connection
        ) as run:
            for batch in run:
                with pytest.raises(BusyConnectionError, match=r"take the rows first$"):
                    run.decision(batch.column("lead_id")[0].as_py())
            assert run.decision("lead 1").lead.id == "lead 1"


def test_buckets_follow_the_memory_that_a_connection_has(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(running, "count_for", lambda *of: asked.append(of) or 2)
    with duckdb.connect(config={"memory_limit": "1GiB"}) as connection:
        connection.register("leads", LEADS)
        connection.register("did", ACTIVITIES)
        given = {"leads": "leads", "activities": "did", "connection": connection}
        with bulk.decide(SMALL, **given, as_of=NOW) as run:
            assert run.to_arrow().num_rows == 30
        with bulk.decide(SMALL, **given, as_of=NOW, memory="300MB") as run:
            run.to_arrow()
    assert [memory for _, memory, *_ in asked] == [2**30, 300_000_000]
