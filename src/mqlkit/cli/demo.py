"""
The demonstration: a made-up market, decided with a shipped model like anybody's own files, and
a week of a funnel.
"""

from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from rich.console import Console

from ..decision import Decision
from ..lead import Lead
from ..sample import write_sample
from ..status import Status
from ..tables import ActivityFile, Files, read_mapping
from ..tables.leads import Progress as Tell
from . import show, week
from .activation import activation
from .models import find_model
from .run import Run, progress

MODEL: Final = "b2b-saas"
AS_OF: Final = datetime(2026, 10, 1, tzinfo=UTC)
"""Fixed, so that the demonstration prints the same on every day."""

_WANTED: Final = (Status.QUALIFIED, Status.DISQUALIFIED, Status.NEEDS_DATA)
_IN_FULL: Final = Status.NEEDS_DATA


def run(folder: Path, leads: int, seed: int) -> None:
    """Write a sample, decide it, and show what came of it."""
    out, err = show.consoles()
    show.say(out, "Two parts: a market is decided, then a handful of leads goes through a week.")
    show.rule(out, "1. A market, decided")
    show.say(out, f"Making up {leads:,} leads and what they did …")
    paths = write_sample(folder, leads, seed, as_of=AS_OF)
    leads_file, activities_file, map_file = map(str, paths)
    files = Files(
        leads_file, [ActivityFile(activities_file)], read_mapping(map_file), known_at=AS_OF
    )
    job = Run(find_model(MODEL), files, AS_OF)
    with progress(err) as bar:
        examples = _one_of_each(job, bar)
    show.show_run(out, job)
    show.show_report(out, job)
    show.say(out, "\nOne lead of each kind, the last one explained in full:\n")
    for status in _WANTED:
        _explain(out, status, examples.get(status))
    if find_spec("sqlalchemy") is None:
        show.say(out, "\nA week of a funnel follows here when you install mqlkit[store].")
    else:
        week.run(out, folder)
    _what_next(out, leads_file, activities_file, map_file, examples.get(Status.QUALIFIED))


def _one_of_each(job: Run, bar: Tell) -> dict[Status, Decision]:
    """Decide all; keep of each status the lead with the most to tell."""
    found: dict[Status, Decision] = {}
    for decision in job.decisions(bar):
        if decision.status not in _WANTED:
            continue
        best = found.get(decision.status)
        if best is None or _interest(decision) > _interest(best):
            found[decision.status] = decision
    return found


def _interest(decision: Decision) -> int:
    """How well a lead shows what its status is about: neither empty nor endless."""
    done = len(decision.lead.activities or ())
    missing = len([m for m in decision.missing if m.settles])
    return -abs(done - 12) - 2 * abs(missing - (decision.status is Status.NEEDS_DATA))


def _explain(out: Console, status: Status, decision: Decision | None) -> None:
    if decision is None:
        show.say(out, f"{status}: there is none in this sample; try another --seed")
        return
    show.say(out, _who(decision.lead))
    if status is _IN_FULL:
        show.show_explanation(out, decision.explain())
    else:
        show.say(out, f"  {decision.explain().text}")


def _who(lead: Lead) -> str:
    """The person, as one would introduce it."""
    known = lead.attributes
    name = f"{known.get('first_name', '')} {known.get('last_name', '')}"
    parts = [known.get("title"), known.get("company"), known.get("industry")]
    return ", ".join([name, *(str(part) for part in parts if part)])


def _what_next(
    out: Console, leads: str, activities: str, map_file: str, example: Decision | None
) -> None:
    show.rule(out, "3. Now your own")
    options = (
        f"--leads {leads} --activities {activities} \\\n"
        f"    --map {map_file} --as-of {AS_OF:%Y-%m-%dT%H:%MZ}"
    )
    show.say(out, f"The sample is in {Path(leads).parent}. Decide it again, into a file:\n")
    show.say(out, f"  mqlkit decide {MODEL} {options} -o decisions.csv\n")
    if example is not None:
        show.say(out, "Any lead is explained in full, such as the first of the three above:\n")
        show.say(out, f"  mqlkit explain {MODEL} {options} --lead {example.lead.id}\n")
    show.say(out, "Then put your own files in their place; the mapping file says which column is")
    show.say(out, "what. `mqlkit coverage` with the same options tells which fields to enrich.")
    if (line := activation()) is not None:
        show.say(out, "\nIf your shell does not find mqlkit, say first:\n")
        show.say(out, f"  {line}")
