"""
Write what this dbt project takes from mqlkit.

    python examples/dbt/refresh.py [--as-of 2026-10-01T00:00:00Z]

writes the model `mql_decisions.sql`, printed from model.toml, and the seeds: a made-up market, and
`in_process.csv`, what mqlkit decides about it without a warehouse. A data test compares the two.
"""

import argparse
import csv
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from mqlkit import Decision, Qualification, bulk
from mqlkit.sample import write_sample
from mqlkit.spec import load
from mqlkit.tables import ActivityFile, Files, read_mapping

HERE: Final = Path(__file__).parent
AS_OF: Final = datetime(2026, 10, 1, tzinfo=UTC)
"""The variable `as_of` in dbt_project.yml."""
LEADS: Final = 60
SEED: Final = 7


def printed(model: Qualification) -> str:
    """The dbt model: the definition as SQL, over the models of staging."""
    return bulk.to_sql(
        model,
        dialect="duckdb",
        leads="{{ ref('leads') }}",
        activities="{{ ref('activities') }}",
        as_of="{{ var('as_of') }}",
    )


def decided(model: Qualification, files: Files, as_of: datetime) -> Iterator[dict[str, object]]:
    """What the in-process engine decides, in the words of the printed model."""
    for lead in files.read():
        yield row_of(model.decide(lead, as_of=as_of))


def row_of(decision: Decision) -> dict[str, object]:
    """A decision as the printed model has it."""
    scores: dict[str, object] = {}
    for name, score in decision.scores.items():
        column = "score" if name == "total" else f"score_{name}"
        scores |= {f"{column}_low": score.low, column: score.points, f"{column}_high": score.high}
    return {
        "lead_id": decision.lead.id,
        "decision": str(decision.status),
        "reasons": "; ".join(decision.reasons),
        **scores,
        **{f"grade_{name}": grade for name, grade in decision.grades.items()},
        "labels": "; ".join(decision.labels),
        "fingerprint": decision.qualification.fingerprint,
    }


def write_rows(path: Path, rows: list[Mapping[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def refresh(project: Path, as_of: datetime = AS_OF) -> None:
    """Write the model and the seeds into a project's folder."""
    model = load(HERE / "model.toml").qualification
    seeds = project / "seeds"
    with tempfile.TemporaryDirectory() as folder:
        leads, activities, mapping = write_sample(folder, LEADS, SEED, as_of=AS_OF)
        files = Files(
            str(leads), [ActivityFile(str(activities))], read_mapping(mapping), known_at=as_of
        )
        write_rows(seeds / "in_process.csv", list(decided(model, files, as_of)))
        leads.replace(seeds / "raw_leads.csv")
        activities.replace(seeds / "raw_activities.csv")
    text = printed(model)
    (project / "models" / "mql_decisions.sql").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--as-of", type=datetime.fromisoformat, default=AS_OF)
    refresh(HERE, parser.parse_args().as_of)
