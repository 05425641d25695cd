"""Deciding only what may have changed, and all of it: together they are a whole run."""

import re
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import attrs
import pyarrow as pa
import pytest
from bulk.company import (
    HOUR,
    MQL,
    NOW,
    activity_rows,
    activity_table,
    lead_rows,
    lead_table,
    tables,
)

from mqlkit import Qualification, Rule, Scorecard, activity, attribute, bulk, half_life, score
from mqlkit.bulk import earlier

STEPS = (timedelta(0), HOUR, 24 * HOUR, 240 * HOUR)
TIMED = Qualification(
    "timed",
    version="1",
    card=Scorecard(
        Rule("big", attribute("employees") >= 50, 5),
        Rule.latest("demo", activity("demo_request"), 10, decay=half_life(days=14)),
    ),
    when=(score() >= 10) & (activity("page_view", page="/pricing").within(days=2).count() >= 1),
)
"""Its answers change with time, with what leads do, and with what is known of them."""


class World:
    """Leads and activities that change from step to step."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.leads = lead_rows(40, self.chance)
        self.did = activity_rows(self.names, 300, self.chance)
        self.now = NOW

    @property
    def names(self) -> list[str]:
        return [str(row["id"]) for row in self.leads]

    def step(self, span: timedelta) -> None:
        """Time passes; leads and activities come late, change and go."""
        chance = self.chance
        self.now += span
        self.did += activity_rows(self.names, 12, chance, self.now)
        for row in chance.sample(self.leads, 3):
            row["employees"] = chance.choice((None, 5, 70))
        self.leads.append({**lead_rows(1, chance)[0], "id": f"new {self.now} {len(self.leads)}"})
        gone = self.leads.pop(chance.randrange(len(self.leads)))["id"]
        self.did = [row for row in self.did if row["lead_id"] != gone or chance.random() < 0.5]
        del self.did[chance.randrange(len(self.did))]
        chance.choice(self.did)["page"] = "/pricing"
        chance.shuffle(self.leads)
        chance.shuffle(self.did)

    def run(self, **options: Any) -> bulk.Run:
        made: bulk.Run = bulk.decide(
            options.pop("mql", TIMED),
            leads=lead_table(self.leads),
            activities=activity_table(self.did),
            as_of=options.pop("as_of", self.now),
            changes_at=True,
            inputs_hash=True,
            ordered=True,
            **options,
        )
        return made


@pytest.mark.parametrize("seed", range(2))
def test_what_changed_over_what_was_is_a_whole_run(seed: int) -> None:
    """Law 135: incremental is batch, whatever came late, changed or went."""
    world = World(seed)
    known: Any = world.run().to_arrow()
    for number, span in enumerate(STEPS):
        world.step(span)
        run = world.run(**({"buckets": 3} if number == 2 else {}))
        whole = run.to_arrow()
        changed = run.changed(known).to_arrow()
        assert changed.num_rows < whole.num_rows
        if number == 1:
            assert run.changed(known).verify(None) == bulk.Verification(changed.num_rows, 0, ())
            assert run.changed(known, merged=True).verify(None).agrees
        assert set(changed.to_pydict()["lead_id"]) <= set(whole.to_pydict()["lead_id"])
        known = run.changed(known, merged=True).to_arrow()
        assert known.equals(whole)


LIARS = {
    "inputs are not compared": ("hashes", lambda text: text.replace("HASH(own, ", "HASH(")),
    "activities are not compared": (
        "hashes",
        lambda text: text.replace("COALESCE(did, 0)", "0"),
    ),
    "time does not matter": (
        "holds",
        lambda text: re.sub(r"changes_at( AS [A-Z ]+)\)\) > ", r"as_of\1)) < ", text),
    ),
}


@pytest.mark.parametrize("name", LIARS)
def test_a_shortcut_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The law above would notice a comparison that leaves something out."""
    which, lie = LIARS[name]
    if which == "hashes":
        right = earlier.hashes
        monkeypatch.setattr(earlier, "hashes", lambda *of: lie(right(*of)))
        from mqlkit.bulk import question

        monkeypatch.setattr(question, "hashes", lambda *of: lie(right(*of)))
    else:
        holds = earlier.Since._holds
        monkeypatch.setattr(earlier.Since, "_holds", lambda *of: lie(holds(*of)))
    world = World(0)
    known = world.run().to_arrow()
    for span in STEPS:
        world.step(span)
        run = world.run()
        merged = run.changed(known, merged=True).to_arrow().drop_columns(["inputs_hash"])
        known = run.to_arrow()
        if not merged.equals(known.drop_columns(["inputs_hash"])):
            return
    pytest.fail("nobody notices")


def test_nothing_changed_is_no_row(tmp_path: Path) -> None:
    world = World(3)
    world.run().to_parquet(tmp_path / "known.parquet")
    run = world.run()
    frames = (
        tmp_path / "known.parquet",
        run.to_arrow(),
        run.to_arrow_reader(),
        run.to_polars(),
        run.to_pandas(),
        run,
    )
    for known in frames:
        assert run.changed(known).to_arrow().num_rows == 0
    merged = run.changed(run, merged=True)
    assert merged.counts().rows == 40
    assert merged.to_arrow().equals(run.to_arrow())


def test_an_earlier_instant_decides_all_again() -> None:
    world = World(3)
    known = world.run().to_arrow()
    before = world.run(as_of=NOW - HOUR)
    assert before.changed(known).to_arrow().equals(before.to_arrow())


@pytest.mark.parametrize(
    "options",
    [
        {"mql": attrs.evolve(TIMED, when=score() >= 11)},
        {"rules": True},
        {"unique_ids": True},
    ],
    ids=["definition", "columns", "ids"],
)
def test_another_question_is_asked_of_all(options: Any) -> None:
    world = World(3)
    known = world.run().to_arrow()
    other = world.run(**options)
    assert other.changed(known).to_arrow().num_rows == 40
    assert other.changed(known, merged=True).to_arrow().equals(other.to_arrow())


def test_what_is_no_earlier_answer() -> None:
    leads, activities = tables(20, 100)
    plain = bulk.decide(MQL, leads=leads, activities=activities, as_of=[NOW])
    with pytest.raises(bulk.BulkError) as raised:
        plain.changed("nothing.parquet")
    assert raised.value.faults == (
        "changes_at: decide with changes_at=True",
        "inputs_hash: decide with inputs_hash=True",
        "as_of: what changed is told of one instant for all leads",
    )
    run = bulk.decide(
        MQL, leads=leads, activities=activities, as_of=NOW, changes_at=True, inputs_hash=True
    )
    with pytest.raises(bulk.BulkError) as raised:
        run.changed(plain)
    assert raised.value.faults == (
        "the earlier answer has no column 'changes_at'; decide with changes_at=True",
        "the earlier answer has no column 'inputs_hash'; decide with inputs_hash=True",
    )
    with pytest.raises(bulk.BulkError, match="the path of a Parquet file, a table of Arrow or a"):
        run.changed(7)
    twice = pa.concat_tables([run.to_arrow(), run.to_arrow()])
    with pytest.raises(bulk.BulkError, match="several rows for the lead 'lead "):
        run.changed(twice).to_arrow()


def test_leads_without_activities_are_compared_too() -> None:
    mql = Qualification("fit", version="1", when=attribute("employees") >= 50)
    leads, _ = tables(20, 1)
    options = {"as_of": NOW, "changes_at": True, "inputs_hash": True}
    known = bulk.decide(mql, leads=leads, **options).to_arrow()
    rows = leads.to_pylist()
    rows[4]["employees"] = 51
    run = bulk.decide(mql, leads=lead_table(rows), **options)
    assert run.changed(known).to_arrow()["lead_id"].to_pylist() == ["lead 4"]
