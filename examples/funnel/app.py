"""
A small application around a funnel: a form, a rep's answer, and a worker that delivers.

    python examples/funnel/app.py
"""

import tempfile
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

from mqlkit import Activity
from mqlkit.funnel import Funnel, Recorded
from mqlkit.spec import loads
from mqlkit.store import Message, SqlStore

MONDAY = datetime(2026, 10, 5, 8, tzinfo=UTC)
"""A made-up start; an application passes ``datetime.now(UTC)``."""


class Inbox:
    """Whoever is told: a CRM, a chat. One message may come twice, and counts once."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.tasks: list[str] = []

    def receive(self, message: Message) -> None:
        effect = message.effect
        if effect.key in self.seen:
            return
        self.seen.add(effect.key)
        if effect.kind in ("offered", "accepted", "lapsed", "breached"):
            owner = effect.data["owner"]
            self.tasks.append(f"{effect.at:%H:%M} {owner}: {effect.lead_id} {effect.kind}")


def open_funnel(store: SqlStore) -> Funnel:
    """The funnel of the application; the same call at every start."""
    model = files("mqlkit.cli").joinpath("week.toml").read_text(encoding="utf-8")
    return Funnel(loads(model), store)


def form_was_sent(funnel: Funnel, form: dict[str, str], id: str, now: datetime) -> Recorded:
    """A form on the web site: who they are, and that they asked, in one transaction."""
    lead = form["email"]
    with funnel.batch() as both:
        both.learn(lead, form, now=now)
        return both.record(lead, Activity("demo_request", now, id=id), now=now)


def rep_answered(funnel: Funnel, lead: str, rep: str, takes_it: bool, now: datetime) -> Recorded:
    """A button in the rep's mail."""
    if takes_it:
        return funnel.accept(lead, by=rep, now=now)
    return funnel.reject(lead, by=rep, reason="no budget yet", now=now)


def worker(funnel: Funnel, inbox: Inbox, now: datetime) -> int:
    """One round: let time pass, then deliver what there is to tell."""
    ticked = funnel.tick(now)
    for lead, error in ticked.failed.items():
        print(f"{lead} could not be looked at: {error}")
    return funnel.deliver(inbox.receive, worker="worker-1", limit=1_000)


def main() -> None:
    """An hour of it: the first rep does not answer, the second does."""
    with tempfile.TemporaryDirectory() as folder:
        store = SqlStore(f"sqlite:///{Path(folder) / 'app.db'}")
        funnel, inbox = open_funnel(store), Inbox()
        form = {"email": "ada@a.example", "title": "VP Operations"}
        for _ in range(2):  # The browser sent it twice.
            form_was_sent(funnel, form, "form-7", MONDAY)
        for minutes in range(0, 60, 5):
            now = MONDAY + timedelta(minutes=minutes)
            worker(funnel, inbox, now)
            handoff = funnel.lead("ada@a.example", now=now).handoff
            if minutes == 40 and handoff is not None:
                rep_answered(funnel, "ada@a.example", handoff.holder, takes_it=True, now=now)
        print("\n".join(inbox.tasks))
        last = funnel.lead("ada@a.example", now=MONDAY + timedelta(hours=1))
        facts = len(funnel.history(last.lead_id))
        print(f"{last.lead_id} stands at {last.stage}, after {facts} facts")
        store.close()


if __name__ == "__main__":
    main()
