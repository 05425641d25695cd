"""
What a lead's facts come to: who it is, what it did, where it stands and who works it.

A fold of facts, so that the same facts give the same lead in any store and after any crash.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

import attrs

from ..handoff import Handoff, HandoffEvent
from ..lead import History, Lead
from ..lifecycle import Entry, Journey, Settled
from ..store.base import Fact
from ..timeline import Activity, Timeline
from .plain import from_plain

Standing: TypeAlias = Literal["below", "above", "out"]
"""Where a lead stood when it last crossed the line of a definition."""

ACTIVITY: Final = "activity"
ATTRIBUTES: Final = "attributes"
JOURNEY: Final = "journey"
CROSSED: Final = "crossed"
HANDOFF: Final = "handoff"
MERGED: Final = "merged"
RETRACTED: Final = "retracted"
JUST_NOW: Final = "now/"
"""How the id of attributes begins that hold from when they were told."""
SAID: Final = "said"
"""The kind of fact that keeps what a person told the funnel to do."""


class LeadState:
    """
    A lead as its facts tell it.

    Args:
        lead_id: Whose.
        facts: In the order in which they were recorded.
    """

    def __init__(self, lead_id: str, facts: Iterable[Fact] = ()) -> None:
        self.lead_id = lead_id
        self.version = 0
        self.ids: set[str] = set()
        self.journey: Journey | None = None
        self.standing: dict[str, Standing] = {}
        self.reached: set[tuple[int, str]] = set()
        self.commands: dict[str, Mapping[str, Any]] = {}
        self.merged_into = ""
        self.merged: tuple[str, ...] = ()
        self.recorded_at: datetime | None = None
        self._activities: dict[str, Activity] = {}
        self._news: list[Activity] = []
        self._timeline: Timeline | None = None
        self._changes: dict[str, list[tuple[datetime, object, str]]] = {}
        self._handoffs: dict[int, list[HandoffEvent]] = {}
        self._folded: dict[int, Handoff] = {}
        self._known: Lead | None = None
        lines = []
        for fact in facts:
            if fact.kind == JOURNEY:
                lines.append(_line(fact))
                self._count(fact)
            else:
                self.add(fact)
        if lines:
            self.journey = Journey.of(lead_id, lines)

    def add(self, fact: Fact) -> None:
        """Add one more fact."""
        self._count(fact)
        match fact.kind:
            case "activity":
                activity = self._activities[fact.id] = _activity(fact)
                self._news.append(activity)
                self._known = None
            case "attributes":
                for name, value in fact.data.items():
                    changes = self._changes.setdefault(name, [])
                    if own_id(fact).startswith(JUST_NOW):
                        # A clock that stands: what is told later is what holds.
                        changes[:] = [change for change in changes if change[0] != fact.at]
                    changes.append((fact.at, from_plain(value), fact.id))
                self._known = None
            case "journey":
                line = _line(fact)
                journey = self.journey
                self.journey = (
                    Journey.of(self.lead_id, [line]) if journey is None else journey.and_then(line)
                )
            case "crossed":
                line, to = fact.data["line"], fact.data["to"]
                self.standing[line] = to
                if to == "above":
                    self.reached.add((fact.data["episode"], line))
            case "handoff":
                episode = fact.data["episode"]
                event = HandoffEvent.from_dict(fact.data["event"])
                self._handoffs.setdefault(episode, []).append(event)
                self._folded.pop(episode, None)
            case "merged":
                self.merged_into = fact.data.get("into", "")
                self.merged += tuple(fact.data.get("from", ()))
            case "retracted":
                self._retract(fact.data["of"])
            case "said":
                self.commands[fact.id] = fact.data
            case _:  # A newer mqlkit recorded it: what it does not change can still be read.
                pass

    def _count(self, fact: Fact) -> None:
        self.version += 1
        self.ids.add(fact.id)
        if self.recorded_at is None or fact.recorded_at > self.recorded_at:
            self.recorded_at = fact.recorded_at

    def _retract(self, fact_id: str) -> None:
        if self._activities.pop(fact_id, None) is not None:
            self._timeline = None
        for name, changes in [*self._changes.items()]:
            kept = [change for change in changes if change[2] != fact_id]
            if kept:
                self._changes[name] = kept
            else:
                del self._changes[name]
        self._known = None

    # -- what it comes to --------------------------------------------------------------------

    def lead(self, as_of: datetime | None = None) -> Lead:
        """
        The lead with all that is known of it: each attribute with its history.

        Args:
            as_of: When its stage is asked for; None for where it stands.
        """
        if self._known is None:
            histories = {
                name: History(*((at, value) for at, value, _ in changes))
                for name, changes in self._changes.items()
            }
            self._known = Lead(self.lead_id, histories, self.timeline)
        known, stay = self._known, self._stay(as_of)
        stage, since = (None, None) if stay is None else (stay.stage, stay.at)
        if (known.stage, known.stage_since) != (stage, since):
            known = attrs.evolve(known, activities=self.timeline, stage=stage, stage_since=since)
            self._known = known
        return known

    @property
    def timeline(self) -> Timeline:
        """What it did. It grows with the facts, and what engines have learned of it is kept."""
        if self._timeline is None:
            self._timeline = Timeline(self._activities.values(), unique_ids=True)
        elif self._news:
            self._timeline = self._timeline.plus(*self._news)
        self._news.clear()
        return self._timeline

    def _stay(self, as_of: datetime | None) -> Entry | None:
        if self.journey is None:
            return None
        if as_of is None:
            return self.journey.here
        return next((e for e in reversed(self.journey.entries) if e.at <= as_of), None)

    def value(self, name: str, at: datetime) -> object:
        """What an attribute was at an instant; None when nobody had said."""
        changes = self._changes.get(name, ())
        return History(*((since, value) for since, value, _ in changes)).at(at)

    def changes(self, name: str, at: datetime) -> list[object]:
        """What an attribute was said to be from an instant on."""
        return [value for since, value, _ in self._changes.get(name, ()) if since == at]

    def said(self, fact_id: str) -> bool:
        """Whether an activity or attributes of that fact still count."""
        return fact_id in self._activities or any(
            change[2] == fact_id for changes in self._changes.values() for change in changes
        )

    def handoff(self, episode: int) -> Handoff | None:
        """The handoff of an episode."""
        events = self._handoffs.get(episode)
        if events is None:
            return None
        if episode not in self._folded:
            self._folded[episode] = Handoff.of(events)
        return self._folded[episode]

    def told(self, episode: int) -> tuple[HandoffEvent, ...]:
        """The events of an episode's handoff."""
        return tuple(self._handoffs.get(episode, ()))

    @property
    def handoffs(self) -> tuple[Handoff, ...]:
        """All its handoffs, oldest first."""
        found = (self.handoff(episode) for episode in sorted(self._handoffs))
        return tuple(handoff for handoff in found if handoff is not None)

    @property
    def open_handoff(self) -> Handoff | None:
        """The handoff that is not closed, of whichever episode."""
        return next((h for h in reversed(self.handoffs) if h.state != "closed"), None)

    @property
    def last_owner(self) -> str:
        """Who accepted it last, in any episode."""
        return next((h.owner for h in reversed(self.handoffs) if h.owner), "")


def own_id(fact: Fact) -> str:
    """A fact's id without its kind."""
    return fact.id.split("/", 1)[1]


def _activity(fact: Fact) -> Activity:
    properties = from_plain(dict(fact.data.get("properties", {})))
    return Activity(fact.data["kind"], fact.at, properties, own_id(fact))


def _line(fact: Fact) -> Settled:
    return Settled.from_dict(fact.data, fact.at, own_id(fact))


def activity_data(activity: Activity, properties: Any) -> dict[str, Any]:
    """What a fact keeps of an activity beside its id and time."""
    return {"kind": activity.kind, "properties": properties}
