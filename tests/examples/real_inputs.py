"""The three real inputs: where they lie, how they are decided, and what is told of them."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs

from mqlkit import Status
from mqlkit.coverage import Coverage
from mqlkit.spec import load
from mqlkit.tables import ActivityFile, Files, read_mapping

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("MQLKIT_DATA") or ROOT.parent / "shared" / "data")


@attrs.frozen
class RealInput:
    """One real input with its example; paths of files are relative to the data folder."""

    name: str
    as_of: str
    leads: str | None
    activities: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        return ROOT / "examples" / self.name

    @property
    def there(self) -> bool:
        return all((DATA / path).is_file() for path in (self.leads, *self.activities) if path)

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.as_of)

    @property
    def model(self) -> Any:
        return load(self.folder / "model.toml")

    @property
    def files(self) -> Files:
        return Files(
            str(DATA / self.leads) if self.leads else None,
            [ActivityFile(str(DATA / path)) for path in self.activities],
            read_mapping(self.folder / "map.toml"),
            known_at=self.moment,
        )

    @property
    def arguments(self) -> list[str]:
        """The files as the command line wants them."""
        leads = ["--leads", str(DATA / self.leads)] if self.leads else []
        activities = [
            part for path in self.activities for part in ("--activities", str(DATA / path))
        ]
        return [
            str(self.folder / "model.toml"),
            *leads,
            *activities,
            *("--map", str(self.folder / "map.toml")),
            *("--as-of", self.as_of, "--known-at", self.as_of),
        ]


INPUTS = {
    found.name: found
    for found in (
        RealInput("xeducation", "2026-01-01T00:00Z", "xeducation/Leads.csv"),
        RealInput(
            "olist",
            "2018-06-01T00:00Z",
            "olist/olist_marketing_qualified_leads_dataset.csv",
            ("olist/olist_closed_deals_dataset.csv",),
        ),
        RealInput("shop", "2024-04-12T00:00Z", None, ("segment_shop/events.csv",)),
    )
}


def status_table(coverage: Coverage) -> str:
    """The counts by status, as the example's README shows them."""
    rows = [
        f"| {status} | {count:,} | {count / coverage.leads:.1%} |"
        for status, count in sorted(coverage.by_status.items(), key=lambda item: -item[1])
    ]
    return "\n".join(["| status | leads | share |", "|---|---:|---:|", *rows])


def field_table(coverage: Coverage) -> str:
    """What the undecided leads wait for, as the example's README shows it."""
    rows = [
        f"| `{f.field}` | {f.waits:,} | {f.waits / coverage.leads:.1%} | {f.alone:,} |"
        for f in coverage.fields()
    ]
    head = "| field | leads undecided for it | of all leads | for nothing else |"
    return "\n".join([head, "|---|---:|---:|---:|", *rows])


def outcome_table(found: "dict[Status, tuple[set[str], set[str]]]") -> str:
    """How many of each status became customers, as the example's README shows it."""
    shown = (Status.QUALIFIED, Status.NEEDS_DATA, Status.NOT_QUALIFIED)
    rows = [
        f"| {status} | {len(found[status][0]) / len(found[status][1]):.1%} |" for status in shown
    ]
    return "\n".join(["| status | converted |", "|---|---:|", *rows])
