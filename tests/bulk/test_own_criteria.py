"""A criterion of one's own in bulk: refused without a printer, named when its printer is wrong."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import duckdb
import pyarrow as pa
import pytest

from mqlkit import Criterion, Qualification, Rule, Scorecard, Snapshot, Verdict, activity, bulk
from mqlkit.bulk import own
from mqlkit.errors import KindError

O_NEILL = "O'Neill"
NOW = datetime(2026, 3, 31, tzinfo=UTC)
LEADS = pa.table({"lead_id": ["a", "b", "c"], "employees": [4, 3, None]})


@attrs.frozen
class IsEven(Criterion):
    def judge(self, lead: Snapshot) -> Verdict:
        size = lead.number("employees")
        return Verdict.UNKNOWN if size is None else Verdict.of(size % 2 == 0)

    def describe(self) -> str:
        return "employees is even"


EVEN = Qualification("even", version="1", when=IsEven())


@pytest.fixture
def printers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "_PRINTERS", {})


def refused(definition: Qualification, leads: Any = LEADS) -> tuple[str, ...]:
    with pytest.raises(bulk.BulkError) as caught:
        bulk.decide(definition, leads, as_of=NOW)
    return caught.value.faults


@pytest.mark.usefixtures("printers")
def test_what_nothing_prints_is_refused_and_how_to_mend_it_is_told() -> None:
    assert refused(EVEN) == (
        "when: DuckDB cannot do employees is even (IsEven); register a printer with bulk.prints",
    )


@pytest.mark.usefixtures("printers")
def test_a_printer_is_verified() -> None:
    bulk.prints(IsEven)(lambda _, columns: f"{columns.number('employees')} % 2 = 0")
    with bulk.decide(EVEN, LEADS, as_of=NOW, ordered=True) as run:
        assert run.to_arrow()["decision"].to_pylist() == [
            "qualified", "not qualified", "needs data",
        ]  # fmt: skip
        assert run.verify(None).agrees
    bulk.prints(IsEven)(lambda _, columns: f"{columns.number('employees')} % 2 = 1")
    with bulk.decide(EVEN, LEADS, as_of=NOW) as run:
        assert not run.verify(None).agrees


@pytest.mark.usefixtures("printers")
def test_whose_printer_fails_is_named() -> None:
    def fails(criterion: IsEven, columns: own.Columns) -> str:
        raise ZeroDivisionError

    bulk.prints(IsEven)(fails)
    with pytest.raises(ZeroDivisionError) as caught:
        bulk.decide(EVEN, LEADS, as_of=NOW)
    assert caught.value.__notes__[0] == "in what prints the criterion IsEven for bulk"


@pytest.mark.usefixtures("printers")
@pytest.mark.parametrize("text", ["even of (", "no_such_column = 1"])
def test_whose_sql_the_engine_cannot_read_is_named(text: str) -> None:
    bulk.prints(IsEven)(lambda _, __: text)
    (told,) = refused(Qualification("even", version="1", when=IsEven() & ~IsEven()))
    assert told.startswith("DuckDB cannot read what is printed for IsEven: ")


def test_a_sum_of_text_is_told_once() -> None:
    activities = pa.table({"lead_id": ["a"], "kind": ["buy"], "at": [NOW], "paid": ["much"]})
    bought = activity("buy").sum("paid") >= 1
    card = Scorecard(Rule("most", activity("buy").max("paid") >= 1, 5))
    with pytest.raises(bulk.BulkError) as caught:
        bulk.decide(
            Qualification("b", version="1", when=bought, card=card), LEADS, activities, as_of=NOW
        )
    holds = (
        "asks for a number in 'paid', which holds text; a mapping with kind = \"number\" reads it"
    )
    assert set(caught.value.faults) == {f"when: {holds}", f"rule 'most': {holds}"}


@pytest.mark.usefixtures("printers")
def test_a_printer_may_read_columns_of_every_kind_and_what_is_not_there_is_told() -> None:
    leads = pa.table(
        {
            "lead_id": ["a", "b", "c"],
            "opted_in": [True, False, True],
            "since": [NOW, None, NOW],
            "title": [O_NEILL, O_NEILL, "CTO"],
        }
    )

    def recent(_: Criterion, columns: bulk.Columns) -> str:
        named = f"{columns.text('title')} = {columns.literal(O_NEILL)}"
        since = f"{columns.moment('since')} <= {columns.as_of}"
        return f"{named} AND {columns.flag('opted_in')} AND {since}"

    bulk.prints(IsEven)(recent)
    with bulk.decide(EVEN, leads, as_of=NOW, ordered=True) as run:
        assert run.to_arrow()["decision"].to_pylist() == [
            "qualified",
            "not qualified",
            "not qualified",
        ]
    assert refused(EVEN, leads.drop_columns(["since"])) == (
        "when: asks for the field 'since', which the leads do not have; known are 'lead_id', "
        "'opted_in', 'title'",
    )


@pytest.mark.usefixtures("printers")
def test_a_printer_gives_text() -> None:
    bulk.prints(IsEven)(lambda *_: 5)  # type: ignore[arg-type,return-value]
    with pytest.raises(KindError, match=r"^the SQL of a criterion is text, not 5") as caught:
        bulk.decide(EVEN, LEADS, as_of=NOW)
    assert caught.value.__notes__ == ["in what prints the criterion IsEven for bulk"]


@pytest.mark.usefixtures("printers")
def test_what_fails_in_the_engine_leaves_no_file(tmp_path: Path) -> None:
    bulk.prints(IsEven)(
        lambda _, columns: f"CASE WHEN {columns.number('employees')} = 3 THEN ERROR('odd') END"
    )
    path = tmp_path / "decisions.parquet"
    with bulk.decide(EVEN, LEADS, as_of=NOW) as run, pytest.raises(duckdb.Error, match="odd"):
        run.to_parquet(path)
    assert not path.exists()
