"""
What a person sees: tables, the report on the rows, explanations.

Whatever comes from files is shown as it is, never read as markup, and nothing in it is obeyed by
a terminal.
"""

import json
import sys
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..coverage import Coverage, FieldCoverage
from ..explanation import Reason
from ..qualification import Qualification
from ..status import Status
from ..store import Store
from ..value import printable
from .run import Run

STYLES: Final = {
    Status.QUALIFIED: "green",
    Status.NEEDS_DATA: "yellow",
    Status.NOT_QUALIFIED: "",
    Status.DISQUALIFIED: "red",
}
_BAR: Final = 30
_LONGEST: Final = 10_000
_SHOWN: Final = 5
_FAULTS: Final = 3


def consoles() -> tuple[Console, Console]:
    """For results and for reports: standard output and standard error."""
    return Console(highlight=False, soft_wrap=False), Console(stderr=True, highlight=False)


def say(console: Console, text: str = "", style: str = "") -> None:
    """Plain lines; wrapped only by a terminal that is narrower."""
    lines = (printable(line, _LONGEST) for line in text.split("\n"))
    console.print(Text("\n".join(lines), style=style), soft_wrap=True)


def rule(console: Console, title: str) -> None:
    """A line with a title, above a part of a page."""
    console.print()
    console.rule(Text(title, style="bold"), align="left", style="dim")
    console.print()


def print_json(data: Any) -> None:
    """Plain data on standard output."""
    spelled_out = (sys.stdout.encoding or "").lower() != "utf-8"
    json.dump(data, sys.stdout, ensure_ascii=spelled_out, indent=2)
    sys.stdout.write("\n")


def _table(title: str, *columns: str) -> Table:
    """A table whose first column is text and whose others are numbers."""
    table = Table(title=Text(title), title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    for number, column in enumerate(columns):
        # Where room is short a name goes on below; nothing is ever cut off.
        how: Any = {"justify": "right", "no_wrap": True} if number else {"overflow": "fold"}
        table.add_column(column, **how)
    return table


def _cell(text: str, style: str = "") -> Text:
    return Text(printable(text), style=style)


def share(part: int, whole: int) -> str:
    """
    A part in percent.

    >>> share(1, 3), share(0, 0)
    ('33.3 %', '–')
    """
    return f"{part / whole:.1%}".replace("%", " %") if whole else "–"


def show_run(console: Console, run: Run) -> None:
    """The counts by status, and what stands behind them."""
    q = run.model.qualification
    say(console)
    say(
        console,
        f"{run.what} by {q.name!r} version {q.version} ({q.fingerprint}), {run.when}",
        "bold",
    )
    counted = "decisions" if run.history else "leads"
    table = _table("", "status", counted, "share")
    table.add_column("")
    for status, style in STYLES.items():
        count = run.by_status[status]
        bar = "█" * round(_BAR * count / run.decided) if run.decided else ""
        table.add_row(_cell(str(status), style), f"{count:,}", share(count, run.decided), bar)
    console.print(table)
    _show_reasons(console, run)


def _show_reasons(console: Console, run: Run) -> None:
    whole = run.by_status[Status.NEEDS_DATA]
    disqualified = [(r, n) for (s, r), n in run.reasons.most_common() if s is Status.DISQUALIFIED]
    overlap = sum(n for _, n in disqualified) > run.by_status[Status.DISQUALIFIED]
    several = " (a lead may have several reasons)" if overlap else ""
    for title, rows in (
        (f"disqualified because{several}", disqualified[:_SHOWN]),
        (f"needs data: of {whole:,}, {run.facts}", run.missing.most_common(_SHOWN)),
    ):
        if rows:
            say(console, title, "bold")
            for name, count in rows:
                say(console, f"  {count:>7,}  {printable(name)}")
            say(console)


def show_report(console: Console, run: Run, *, faults: int = _FAULTS) -> None:
    """What became of every row."""
    for line in run.accounts(faults):
        say(console, line)
    for name, count in run.failures.items():
        say(console, f"{count:,} leads could not be decided: a criterion raised {name}")
    for note in run.report.notes:
        say(console, f"note: {note}")
    if run.because:
        say(console, f"decided {run.because}")
    verdict = "nothing lost" if run.adds_up else "ROWS ARE MISSING: please report this"
    failed = f" + {run.failed:,} failed" if run.failed else ""
    say(console, f"{run.leads:,} leads decided{failed}: {verdict}")


# -- explanations ------------------------------------------------------------------------------


def show_explanation(console: Console, reason: Reason) -> None:
    """The whole answer: a tree in a terminal, else plain lines."""
    if console.is_terminal:
        console.print(reason)
    else:
        say(console, str(reason))


# -- coverage ----------------------------------------------------------------------------------


def show_coverage(console: Console, coverage: Coverage, fields: list[FieldCoverage]) -> None:
    """What the data can decide, and what stands in the way."""
    undecided, whole = coverage.undecided, coverage.leads
    say(
        console,
        f"{whole - undecided:,} of {whole:,} leads can be decided; {undecided:,} "
        f"({share(undecided, whole)}) need data",
        "bold",
    )
    if not fields:
        return
    table = _table(
        "if it were known",
        "\nfield",
        "leads\nwait",
        "of\nundecided",
        "for it\nalone",
        "decided\nat best",
        "qualified\nat best",
        "\nexpected",
    )
    for field in fields:
        table.add_row(
            _cell(field.field),
            f"{field.waits:,}",
            share(field.waits, undecided),
            f"{field.alone:,}",
            *(_tried(field, n) for n in (field.decided, field.qualified, field.expected)),
        )
    console.print(table)
    say(console, "enrich in this order; leads surely decided once all so far are known:", "bold")
    for step in coverage.path():
        say(console, f"  {step.decided:>7,}  {printable(step.field)}")


def _tried(field: FieldCoverage, count: int | None) -> str:
    if count is None:
        return "–"
    return f"≈ {count:,}" if field.estimated else f"{count:,}"


def show_model(console: Console, model: Qualification) -> None:
    """One line that names a definition."""
    say(console, f"{model.name!r} version {model.version} ({model.fingerprint})")


# -- a funnel ----------------------------------------------------------------------------------


def open_handoffs(store: Store) -> dict[str, dict[str, int]]:
    """The handoffs that are not closed, by who has them and by state; "" has those that wait."""
    found: dict[str, Counter[str]] = {}
    for state in _STATES:
        for handoff in store.handoffs(state=state):
            found.setdefault(handoff.owner, Counter())[state] += 1
    return {owner: dict(found[owner]) for owner in sorted(found)}


def show_funnel(
    console: Console, stages: Mapping[str, int], handoffs: Mapping[str, Mapping[str, int]]
) -> None:
    """How many leads stand where, and what each rep has."""
    whole = sum(stages.values())
    if not whole:
        say(console, "no leads yet")
        return
    table = _table("", "stage", "leads", "share")
    for name, count in stages.items():
        table.add_row(_cell(name), f"{count:,}", share(count, whole))
    console.print(table)
    if not handoffs:
        return
    states = [s for s in _STATES if any(s in held for held in handoffs.values())]
    table = _table("open handoffs", "rep", *states)
    for owner, held in handoffs.items():
        counts = (f"{held[state]:,}" if state in held else "" for state in states)
        table.add_row(_cell(owner or "(nobody yet)"), *counts)
    console.print(table)


_STATES: Final = ("queued", "offered", "accepted", "working")
