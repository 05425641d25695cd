"""
The second half of the demonstration: a week of a funnel, day by day.

What people do is a script; what becomes of it, a `Funnel` on SQLite decides. Who answers an offer
is whoever it was made to.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from rich.console import Console

from ..funnel import Funnel
from ..handoff import compliance, summary
from ..spec import load
from ..tables import Tally
from ..tables.source import Row
from . import show
from .activation import activation
from .recording import Recording
from .stores import open_store
from .words import fact_words

MODEL_FILE: Final = "week.toml"
ZONE: Final = ZoneInfo("Europe/Berlin")
MONDAY: Final = date(2026, 10, 5)
"""Fixed, so that the demonstration prints the same on every day."""

_WHOEVER: Final = "whoever has it"
_PRICING: Final = {"activity": "page_view", "properties": {"page": "/pricing"}}
_WEBINAR: Final = {"activity": "webinar_attended", "properties": {"name": "planning for 2027"}}
_DEMO: Final = {"activity": "demo_request"}

Act = tuple[int, str, str, Mapping[str, Any]]
"""Day from Monday on, time on the wall, lead, and what is told."""


def _knows(title: str, employees: int | None, name: str) -> dict[str, Any]:
    known = {"email": f"{name}@{name}-works.example", "title": title}
    return {"attributes": known if employees is None else {**known, "employees": employees}}


_SCRIPT: Final[tuple[Act, ...]] = (
    # Becomes a customer.
    (0, "09:05", "ada", _knows("VP Operations", 800, "ada")),
    (0, "09:06", "ada", _PRICING),
    (0, "09:20", "ada", _DEMO),
    (0, "09:32", "ada", {"accept": _WHOEVER}),
    (0, "10:10", "ada", {"attempt": _WHOEVER, "channel": "phone", "reached": True}),
    (1, "14:00", "ada", {"close": _WHOEVER, "outcome": "verified"}),
    (2, "11:00", "ada", {"event": "opened", "by": "the account team"}),
    (4, "15:45", "ada", {"event": "won", "by": "the account team"}),
    # Qualifies, is not ready for sales, and fades.
    (0, "10:30", "edsger", _knows("Head of IT", 120, "edsger")),
    (0, "10:31", "edsger", _WEBINAR),
    (0, "11:45", "edsger", _PRICING),
    # Asks, and sales finds that it is too soon.
    (1, "09:40", "grace", _knows("Director of Logistics", 300, "grace")),
    (1, "09:41", "grace", _DEMO),
    (1, "10:00", "grace", {"reject": _WHOEVER, "reason": "no budget yet", "why": "call in spring"}),
    # Is no lead at all.
    (1, "16:50", "linus", _knows("Student of informatics", 40, "linus")),
    (1, "16:55", "linus", _PRICING),
    # Waits for one fact.
    (2, "09:15", "barbara", _knows("Head of Planning", None, "barbara")),
    (2, "09:20", "barbara", _WEBINAR),
    (2, "09:50", "barbara", _PRICING),
    (3, "10:05", "barbara", {"attributes": {"employees": 90}}),
    (4, "11:30", "barbara", _WEBINAR),
    # Visits, and says nothing.
    (3, "13:30", "hedy", _PRICING),
    # Is offered late on Friday, to somebody who does not look.
    (4, "15:20", "alan", _knows("Managing Director", 60, "alan")),
    (4, "15:25", "alan", _WEBINAR),
    (4, "15:55", "alan", _PRICING),
    (4, "16:00", "alan", _PRICING),
    (4, "16:30", "alan", _PRICING),
    (7, "13:05", "alan", {"accept": _WHOEVER}),
    (7, "14:20", "alan", {"attempt": _WHOEVER, "channel": "phone", "reached": False}),
)
_TWO_LINES: Final = """\
There are two lines. From 40 points on, marketing calls a lead an MQL; sales gets those who are
"ready for sales": they asked for a demo, or have 60 points. So Alan is an MQL on Friday at 15:55
and is offered to a rep at 16:30."""
END: Final = datetime(2026, 10, 12, 17, tzinfo=ZONE)


def run(out: Console, folder: Path) -> None:
    """Play the week on a database of its own, and show what the funnel told."""
    store, model, lines = (folder / name for name in ("funnel.db", MODEL_FILE, "week.jsonl"))
    for suffix in ("", "-wal", "-shm"):
        Path(f"{store}{suffix}").unlink(missing_ok=True)
    text = files("mqlkit.cli").joinpath(MODEL_FILE).read_text(encoding="utf-8")
    model.write_text(text, encoding="utf-8")
    show.rule(out, "2. A week of a funnel")
    show.say(
        out,
        f"{len({lead for _, _, lead, _ in _SCRIPT})} leads, three reps, office hours in Berlin. "
        f"All that follows is\nwhat the funnel recorded in {store}.\n\n{_TWO_LINES}",
    )
    with open_store(str(store), new=True) as opened:
        opened.setup()
        funnel = Funnel(load(model), opened)
        with lines.open("w", encoding="utf-8") as file:
            for told in _play(funnel):
                print(json.dumps(told, ensure_ascii=False), file=file)
        _show_days(out, funnel)
        _show_end(out, funnel)
    _what_next(out, store, model, lines)


def _play(funnel: Funnel) -> Iterator[dict[str, Any]]:
    """Each line that was told, in the order of time; the funnel is ticked every minute."""
    tally = Tally(MODEL_FILE)
    recording = Recording(funnel, tally)
    for number, act in enumerate(sorted(_SCRIPT, key=lambda act: act[:2]), start=1):
        at = _instant(act[0], act[1])
        recording.until(at)
        told = {"lead": act[2], "at": at.isoformat(), **act[3]}
        if _WHOEVER in told.values():
            handoff = funnel.lead(act[2], now=at).handoff
            holder = "" if handoff is None else handoff.holder
            told = {key: holder if v == _WHOEVER else v for key, v in told.items()}
        tally.read += 1
        recording.take(Row(number, told))
        yield told
    recording.until(END)
    recording.end()
    for fault in tally.faults:
        raise AssertionError(f"the script of the demonstration is broken: {fault}")


def _instant(day: int, time: str) -> datetime:
    return datetime.fromisoformat(f"{MONDAY + timedelta(days=day)}T{time}").replace(tzinfo=ZONE)


# -- what is shown -----------------------------------------------------------------------------


_STYLES: Final = {"journey": "bold", "crossed": "cyan", "handoff": "green"}


def _show_days(out: Console, funnel: Funnel) -> None:
    facts = [
        (fact.at.astimezone(ZONE), row.lead_id, fact.seq, fact)
        for row in funnel.leads()
        for fact in funnel.history(row.lead_id)
        if fact.kind != "said"  # What came of it is a fact of its own.
    ]
    for day, told in groupby(sorted(facts, key=lambda one: one[:3]), lambda one: one[0].date()):
        show.say(out)
        show.say(out, f"{day:%A} {day.day} {day:%B}", "bold")
        last = ""
        for at, lead, _, fact in told:
            head = f"{at:%H:%M}  {lead:<8}"
            shown = " " * len(head) if head == last else head
            last = head
            show.say(out, f"  {shown} {fact_words(fact, _local)}", _STYLES.get(fact.kind, ""))


def _local(moment: datetime) -> str:
    at = moment.astimezone(ZONE)
    year = "" if at.year == MONDAY.year else f" {at.year}"
    return f"{at:%a} {at.day} {at:%b}{year} {at:%H:%M}"


def _show_end(out: Console, funnel: Funnel) -> None:
    show.say(out)
    show.say(out, "Where they stand", "bold")
    show.show_funnel(out, funnel.status(), show.open_handoffs(funnel.store))
    start = _instant(0, "00:00")
    handoffs, said = funnel.handoffs(), funnel.feedback()
    policy = funnel.model.handoff
    if policy is not None:
        kept = compliance(funnel.model.agreement, handoffs, said, start, END, policy)
        show.say(
            out, f"Handed off {kept.handed}, accepted {kept.accepted}, back {kept.given_back}."
        )
        for name, share in kept.kept.items():
            show.say(out, f"  {name} in time: {share}")
        show.say(out, f"  time to assign: {kept.assign}; in working time {kept.assign_business}")
    show.say(out, "What sales said:")
    for line in str(summary(said)).splitlines():
        show.say(out, f"  {line}")


def _what_next(out: Console, store: Path, model: Path, lines: Path) -> None:
    show.say(out)
    show.say(out, "Look further:", "bold")
    if (line := activation()) is not None:
        show.say(out, f"  {line}")
    of_all = f"--store {store} --model {model}"
    show.say(out, f"  mqlkit funnel history grace --zone {ZONE.key} {of_all}")
    show.say(out, f"  mqlkit funnel explain alan --as-of {END.isoformat()} {of_all}")
    show.say(out, f"  mqlkit lifecycle diagram {model} --format svg -o week.svg")
    show.say(out, f"  mqlkit funnel outbox --cloudevents --store {store}")
    show.say(out, "and tell it all once more, which changes nothing:")
    show.say(out, f"  mqlkit funnel record {lines} --replay {of_all}")
