"""Olist's funnel, replayed from its own files; they are not part of the project."""

import csv
import importlib.util
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from real_inputs import DATA, ROOT

from mqlkit.funnel import Funnel
from mqlkit.spec import load
from mqlkit.store import MemoryStore, SqlStore

FOLDER = DATA / "olist"
EXAMPLE = ROOT / "examples" / "olist"

needs_data = pytest.mark.skipif(not FOLDER.is_dir(), reason="the Olist files are not there")


def _loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("olist_replay", EXAMPLE / "replay.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["olist_replay"] = module
    spec.loader.exec_module(module)
    return module


replay = _loaded()

CONTACTS = """mql_id,first_contact_date,landing_page_id,origin
early,2018-02-01,page-1,social
usual,2018-01-10,page-2,
none,2018-01-11,page-2,unknown
"""
DEALS = """mql_id,seller_id,sr_id,won_date
usual,s1,ann,2018-01-20 12:00:00
early,s2,bob,2018-01-31 06:00:00
"""


def contents(funnel: Any) -> list[Any]:
    return [(row, funnel.history(row.lead_id)) for row in funnel.leads()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / replay.LEADS).write_text(CONTACTS)
    (tmp_path / replay.DEALS).write_text(DEALS)
    return tmp_path


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_a_deal_won_before_its_first_contact_counts_from_when_the_lead_came_to_its_stage(
    folder: Path, batch: int
) -> None:
    funnel = Funnel(load(replay.MODEL), MemoryStore())
    told = replay.events(folder)
    replay.replay(funnel, told, batch)
    assert funnel.status() == {"mql": 1, "customer": 2}
    found = {one.lead: one for one in replay.customers(funnel, told)}
    assert {lead: one.days_as_mql for lead, one in found.items()} == {"usual": 10.5, "early": 0}
    assert [lead for lead, one in found.items() if one.won_before_contact] == ["early"]
    before = contents(funnel)
    replay.replay(funnel, told, batch)
    assert contents(funnel) == before


@needs_data
def test_the_replay_ends_with_842_customers_and_again_records_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where, output = tmp_path / "olist.db", tmp_path / "customers.csv"
    replay.main([str(FOLDER), "--store", str(where), "--output", str(output)])
    printed = capsys.readouterr().out
    assert "8,842 events in " in printed
    assert "842 customers; " in printed
    assert printed.count("days before its first contact: taken from when it came") == 1
    with output.open(newline="") as file:
        days = [float(row["days_as_mql"]) for row in csv.DictReader(file)]
    assert len(days) == 842
    assert min(days) == 0
    store = SqlStore(f"sqlite:///{where}")
    funnel = Funnel(load(replay.MODEL), store)
    assert funnel.status() == {"mql": 7_158, "customer": 842}
    before = contents(funnel)
    for row, facts in before:
        assert [fact.seq for fact in facts] == [*range(1, row.version + 1)]
        assert len({fact.id for fact in facts}) == len(facts)
        kinds = Counter(fact.kind for fact in facts)
        assert (kinds["attributes"], kinds["said"]) == (1, int(row.stage == "customer"))
    messages = funnel.outbox(limit=100_000)
    assert len({message.effect.key for message in messages}) == len(messages)
    replay.main([str(FOLDER), "--store", str(where)])
    assert contents(funnel) == before
    assert funnel.outbox(limit=100_000) == messages
    store.close()


@needs_data
def test_one_transaction_each_gives_the_same_records_as_batches() -> None:
    told = replay.events(FOLDER)[:1_000]
    stored = []
    for batch in (1, 300):
        funnel = Funnel(load(replay.MODEL), MemoryStore())
        replay.replay(funnel, told, batch)
        stored.append(contents(funnel))
    assert stored[0] == stored[1]
