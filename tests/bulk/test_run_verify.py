"""A bulk answer is checked against decisions made one by one."""

from typing import Any

import pyarrow as pa
import pytest
from bulk.company import MQL, NOW, tables

from mqlkit import bulk
from mqlkit.bulk import verification

LEADS, ACTIVITIES = tables(120, 1_000, seed=7)


@pytest.fixture(scope="module")
def run() -> bulk.Run:
    made: bulk.Run = bulk.decide(
        MQL,
        leads=LEADS,
        activities=ACTIVITIES,
        as_of=NOW,
        rules=True,
        changes_at=True,
        inputs_hash=True,
        buckets=2,
        ordered=True,
    )
    return made


@pytest.fixture(scope="module")
def answer(run: bulk.Run) -> pa.Table:
    return run.to_arrow()


@pytest.mark.parametrize("sample", [None, 25])
def test_deciding_a_sample_in_process_agrees(run: bulk.Run, sample: int | None) -> None:
    """Law 140: sampling a bulk result and re-scoring in memory agrees exactly."""
    found = run.verify(sample)
    assert found == bulk.Verification(sample or 120, 0, ())
    assert found.agrees
    assert str(found) == f"{sample or 120} rows checked, none differs"


def other(table: pa.Table, column: str, value: Any, row: int = 3) -> pa.Table:
    """The same answer with one value changed."""
    values = table[column].to_pylist()
    values[row] = value
    place = table.schema.get_field_index(column)
    return table.set_column(place, table.schema.field(place), pa.array(values, table[column].type))


LIES = {
    "decision": "sold",
    "reasons": "because",
    "score_high": 1_000,
    "score_fit": -1,
    "grade_fit": "Z",
    "labels": "cold",
    "missing": "shoe size",
    "rule_demo": 41,
    "rule_opens_low": 19,
    "version": "4",
    "fingerprint": "mq1-x",
    "changes_at": NOW,
}


def test_any_value_that_is_otherwise_is_told(run: bulk.Run, answer: pa.Table) -> None:
    """The law above would notice."""
    strange = answer
    for row, (column, lie) in enumerate(LIES.items()):
        strange = other(strange, column, lie, row)
    found = run.verify(None, answer=strange)
    assert (found.checked, found.differing) == (120, len(LIES))
    assert [(one.lead_id, one.column, one.bulk, one.in_process) for one in found.differences] == [
        (answer["lead_id"][row].as_py(), column, lie, answer[column][row].as_py())
        for row, (column, lie) in enumerate(LIES.items())
    ]


def test_a_row_too_few_and_one_too_many_are_told(run: bulk.Run, answer: pa.Table) -> None:
    strange = other(answer, "lead_id", "nobody", row=0)
    found = run.verify(None, answer=strange)
    assert (found.checked, found.differing) == (121, 2)
    key = answer["lead_id"][0].as_py()
    assert str(found) == (
        "121 rows checked, 2 differ\n"
        '  "nobody" as of 2026-03-31 12:00:00 UTC, lead_id: "nobody" in bulk, blank in process\n'
        f'  "{key}", lead_id: blank in bulk, "{key}" in process'
    )


def test_a_sample_is_the_same_each_time_and_another_seed_another_one(
    run: bulk.Run, answer: pa.Table
) -> None:
    all_wrong = answer.set_column(
        answer.schema.get_field_index("version"), "version", [["0"] * 120]
    )

    def sampled(seed: int) -> list[str]:
        found = run.verify(10, seed=seed, answer=all_wrong)
        assert found.differing == 10
        return [one.lead_id for one in found.differences]

    assert sampled(0) == sampled(0)
    assert sampled(0) != sampled(1)


def test_a_long_list_of_differences_is_cut(
    run: bulk.Run, answer: pa.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "MOST_TOLD", 3)
    found = run.verify(None, answer=answer.slice(0, 60))
    assert (found.checked, found.differing, len(found.differences)) == (120, 60, 3)
    assert str(found).startswith("120 rows checked, 60 differ\n")


def test_many_leads_are_put_together_some_at_a_time(
    run: bulk.Run, answer: pa.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mqlkit.bulk import answer as running

    monkeypatch.setattr(running, "_COMPARED", 7)
    batches = pa.Table.from_batches(
        [batch for part in range(0, 120, 10) for batch in answer.slice(part, 10).to_batches()]
    )
    assert run.verify(None, answer=batches) == bulk.Verification(120, 0, ())


def test_an_answer_to_another_question(run: bulk.Run, answer: pa.Table) -> None:
    with pytest.raises(bulk.BulkError, match=r"has no column 'score_fit'"):
        run.verify(answer=answer.drop_columns(["score_fit"]))
