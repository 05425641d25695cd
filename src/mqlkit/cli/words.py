"""
What a funnel keeps and tells, in words: a fact or an effect in one line.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final

from ..effect import Effect
from ..funnel.plain import from_plain
from ..store import Fact
from ..value import days_text, moment_at, printable, show

When = Callable[[datetime], str]
Data = Mapping[str, Any]


def when_in(zone: tzinfo) -> When:
    """
    How an instant is written on the clocks of a zone, to the second.

    >>> when_in(UTC)(datetime(2026, 3, 2, 12, microsecond=7, tzinfo=UTC))
    '2026-03-02 12:00:00 UTC'
    """

    def tell(moment: datetime) -> str:
        at = moment.astimezone(zone)
        return f"{at.replace(microsecond=0, tzinfo=None)} {at.tzname()}"

    return tell


IN_UTC: Final = when_in(UTC)


def counted(number: int, noun: str) -> str:
    """
    So many of something.

    >>> counted(1, "lead"), counted(2_000, "lead")
    ('1 lead', '2,000 leads')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def fact_words(fact: Fact, when: When = IN_UTC) -> str:
    """
    A recorded fact.

    >>> noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    >>> did = {"kind": "page_view", "properties": {"page": "/pricing"}}
    >>> fact_words(Fact("activity/1", "activity", noon, noon, did))
    'page_view (page is "/pricing")'
    """
    tell = _FACTS.get(fact.kind)
    return printable(tell(fact.data, when) if tell else f"{fact.kind} {show(fact.id)}", _LONGEST)


def effect_words(effect: Effect, when: When = IN_UTC) -> str:
    """
    An effect of the outbox.

    >>> noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    >>> moved = {"stage": "mql", "from": "lead", "trigger": "qualified"}
    >>> effect_words(Effect("entered", "ada", noon, "ada/2", moved))
    'moved from lead to mql (qualified)'
    """
    tell = _EFFECTS.get(effect.kind) or _HANDOFF.get(effect.kind)
    return printable(tell(effect.data, when) if tell else effect.kind, _LONGEST)


_LONGEST: Final = 400


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(filter(None, parts))


def _in_brackets(parts: Iterable[str]) -> str:
    text = _joined(parts)
    return f" ({text})" if text else ""


def _pairs(values: Data) -> Iterator[str]:
    for name, value in values.items():
        yield f"{name} is {show(from_plain(value))}"


def _by_and_why(data: Data) -> Iterator[str]:
    if data.get("by"):
        yield f"by {data['by']}"
    if data.get("why"):
        yield f"“{data['why']}”"


def _due(data: Data, when: When, key: str = "due") -> str:
    """The due instant of effects; events have it in the deadlines that they start."""
    deadlines = data.get("deadlines") or [data]
    text = deadlines[0].get(key)
    return when(datetime.fromisoformat(text)) if text else ""


# -- what was told -----------------------------------------------------------------------------


def _activity(data: Data, _: When) -> str:
    return f"{data['kind']}{_in_brackets(_pairs(data.get('properties', {})))}"


def _attributes(data: Data, _: When) -> str:
    return _joined(_pairs(data))


def _said(data: Data, _: When) -> str:
    main = [str(data[key]) for key in ("trigger", "reason", "outcome", "to") if data.get(key)]
    command = str(data["command"])
    verb = _VERBS.get(command, command)
    return f"told: {' '.join([verb, *main])}{_in_brackets(_by_and_why(data))}"


_VERBS: Final = {"fire": "event"}
"""Commands that a line of `mqlkit funnel record` calls by another word."""


def _merged(data: Data, _: When) -> str:
    into, names = data.get("into"), data.get("from", [])
    what = f"merged into {into}" if into else f"merged from {_joined(names)}"
    return f"{what}{_in_brackets(_by_and_why(data))}"


def _retracted(data: Data, _: When) -> str:
    return f"taken back: {data['of']}{_in_brackets(_by_and_why(data))}"


# -- the journey -------------------------------------------------------------------------------


def _crossed(data: Data, _: When) -> str:
    scores: Data = data.get("scores", {})
    shown = {"total": scores["total"]} if "total" in scores else scores
    points = [f"{name} {given}" for name, given in shown.items()]
    what = _SIDES[data["to"]].format(data["definition"])
    reasons = _other(data)
    return f"{what}{': ' if reasons else ''}{_joined(reasons)}{_in_brackets(points)}"


def _other(data: Data) -> list[str]:
    """The reasons that say more than the definition's name."""
    return [reason for reason in data.get("reasons", []) if reason != data["definition"]]


_SIDES: Final[Mapping[str, str]] = {
    "above": "over the line of '{}'",
    "below": "below the line of '{}'",
    "out": "ruled out by '{}'",
}


def _journey(data: Data, when: When) -> str:
    event = data["event"]
    about = _in_brackets(_what(event, data))
    if entries := data.get("entries"):
        last = entries[-1]
        due, rests = last.get("due"), last.get("rests_until")
        until = f", until {when(moment_at(due))}" if due else ""
        until += f", rests until {when(moment_at(rests))}" if rests else ""
        return f"moved to {' and on to '.join(e['stage'] for e in entries)}{about}{until}"
    if wait := data.get("wait"):
        until = when(moment_at(wait["until"]))
        return f"is to move to {wait['target']} at {until}, unless called off before{about}"
    if data.get("called_off"):
        return f"the waiting move is called off{about}"
    if clock := data.get("clock"):
        due = (data.get("stay") or {}).get("due")
        until = f", until {when(moment_at(due))}" if due else ""
        how = {"paused": "stands still", "resumed": "goes on"}[clock]
        return f"the clock of the stage {how}{_in_brackets(_by_and_why(event))}{until}"
    return f"{data.get('fired') or 'noted'}{about}"


def _what(event: Data, data: Data) -> Iterator[str]:
    """What moved it, unless that goes without saying."""
    known = {"began", "moved", "decided", *(entry["stage"] for entry in data.get("entries", ()))}
    if event["trigger"] not in known:
        yield event["trigger"]
    yield from _by_and_why(event)


def _entered(data: Data, when: When) -> str:
    due = _due(data, when)
    event = {"trigger": data["trigger"], "by": data.get("by"), "why": data.get("why")}
    parts = [*_what(event, {"entries": [data]}), f"until {due}" if due else ""]
    came = f"moved from {data['from']} to" if data.get("from") else "begins as"
    return f"{came} {data['stage']}{_in_brackets(parts)}"


# -- the handoff -------------------------------------------------------------------------------


def _opened(data: Data, _: When) -> str:
    return f"handed off by {data['definition']!r}{_in_brackets(_other(data))}"


def _offered(data: Data, when: When) -> str:
    skipped = [f"{skip['rep']} {skip['why']}" for skip in data.get("skipped", [])]
    passed = f"; passed over: {_joined(skipped)}" if skipped else ""
    return f"offered to {data['to']} ({data['how']}), to answer by {_due(data, when)}{passed}"


def _queued(data: Data, when: When) -> str:
    told = f"; {data['to']} is told" if data.get("to") else ""
    again = _due(data, when, "retry_at")
    return f"waits in the queue: {data['why']}; looked at again {again}{told}"


def _accepted(data: Data, when: When) -> str:
    due = _due(data, when)
    return f"accepted by {data['by']}" + (f", to be contacted by {due}" if due else "")


def _given_back(verb: str) -> Callable[[Data, When], str]:
    def tell(data: Data, _: When) -> str:
        why = f"{data['reason']!r}, which is {data['finding']!r}"
        text = f", “{data['why']}”" if data.get("why") else ""
        return f"{verb} by {data['by']}: {why}{text}"

    return tell


def _closed(data: Data, when: When) -> str:
    if data.get("reason"):
        return _given_back("closed")(data, when)
    return f"closed by {data['by']}: {data.get('outcome') or data.get('why') or 'no word'}"


def _lapsed(data: Data, when: When) -> str:
    return f"the offer to {data['to']} lapsed, unanswered by {_due(data, when)}"


def _attempted(data: Data, _: When) -> str:
    how = f" by {data['channel']}" if data.get("channel") else ""
    came = "reached" if data.get("reached") else "not reached"
    return f"attempt {data['number']} of {data['by']}{how}: {came}"


def _clock(text: str) -> Callable[[Data, When], str]:
    def tell(data: Data, when: When) -> str:
        return text.format(clock=data.get("clock", ""), owner=data["owner"], due=_due(data, when))

    return tell


def _escalated(data: Data, when: When) -> str:
    whom = data.get("to") or "nobody: there is no chain of escalation any more"
    return f"{_clock('{clock} of {owner}, due by {due}, is told to')(data, when)} {whom}"


def _reassigned(data: Data, _: When) -> str:
    return f"taken from {data['owner']}{_in_brackets(_by_and_why(data))}"


def _simply(text: str) -> Callable[[Data, When], str]:
    return lambda data, _: f"{text}{_in_brackets(_by_and_why(data))}"


_HANDOFF: Final[Mapping[str, Callable[[Data, When], str]]] = {
    "opened": _opened,
    "offered": _offered,
    "queued": _queued,
    "accepted": _accepted,
    "rejected": _given_back("rejected"),
    "returned": _given_back("given back"),
    "lapsed": _lapsed,
    "reassigned": _reassigned,
    "attempted": _attempted,
    "touched": _attempted,
    "corrected": _clock("{clock} was in time after all: {owner} met {due}"),
    "warning": _clock("{owner} has until {due}: {clock}"),
    "breached": _clock("{owner} missed {due}: {clock}"),
    "escalated": _escalated,
    "paused": _simply("paused"),
    "resumed": _simply("goes on"),
    "closed": _closed,
    "withdrawn": _simply("withdrawn"),
}


def _handoff(data: Data, when: When) -> str:
    event = data["event"]
    return _HANDOFF[event["kind"]](event["data"], when)


def _stage_clock(text: str) -> Callable[[Data, When], str]:
    def tell(data: Data, when: When) -> str:
        if "stage" not in data:  # The same word is used of a handoff's clocks.
            return _HANDOFF["warning"](data, when)
        return text.format(stage=data["stage"], due=_due(data, when))

    return tell


_FACTS: Final[Mapping[str, Callable[[Data, When], str]]] = {
    "activity": _activity,
    "attributes": _attributes,
    "journey": _journey,
    "crossed": _crossed,
    "handoff": _handoff,
    "merged": _merged,
    "retracted": _retracted,
    "said": _said,
}
_EFFECTS: Final[Mapping[str, Callable[[Data, When], str]]] = {
    "entered": _entered,
    "crossed": _crossed,
    "qualified": lambda data, _: f"is qualified by {data['definition']!r}",
    "warning": _stage_clock("has until {due} at {stage}"),
    "expired": _stage_clock("{due} has passed at {stage}"),
    "merged": _merged,
}


def span_words(span: timedelta) -> str:
    """
    A span for people.

    >>> span_words(timedelta(hours=5, minutes=30)), span_words(timedelta(days=14))
    ('5.5 hours', '14 days')
    """
    if span < timedelta(days=2):
        hours = f"{span / timedelta(hours=1):.1f}".removesuffix(".0")
        return f"{hours} hours"
    return f"{days_text(span)} days"
