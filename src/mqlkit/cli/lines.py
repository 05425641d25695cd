"""
The lines that ``mqlkit funnel record`` reads: one thing that is told of one lead, as JSON.

Each has ``"lead"``, ``"at"`` and exactly one verb; the verb's value is the main thing about it.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Any, Final

import attrs

from ..errors import LeadDataError, did_you_mean
from ..funnel import Funnel, Recorded
from ..funnel.plain import from_plain
from ..timeline import Activity
from ..value import is_blank, listing

Call = Callable[[Funnel, "Told", datetime], Recorded]


@attrs.frozen
class Told:
    """
    One thing that is told of one lead.

    Args:
        lead: Whose.
        at: When it happened.
        verb: What kind of thing.
        value: What the line has under its verb.
        rest: The line's other keys.
        id: Its key: the line's own, or one made of all that the line says. So a file can be
            recorded twice.
    """

    lead: str
    at: datetime
    verb: str
    value: Any
    rest: Mapping[str, Any]
    id: str

    def to(self, funnel: Funnel, now: datetime) -> Recorded:
        """Tell it to a funnel."""
        return _VERBS[self.verb].call(funnel, self, now)


@attrs.frozen
class _Verb:
    """What a verb wants: of which kind its value is, and which keys may stand beside it."""

    kind: str
    call: Call
    keys: Mapping[str, str] = attrs.field(factory=dict)
    needs: tuple[str, ...] = ()


def _activity(funnel: Funnel, told: Told, now: datetime) -> Recorded:
    properties = told.rest.get("properties", {})
    # Without an id of its own, the funnel knows it by kind, time and properties.
    activity = Activity(told.value, told.at, properties, told.rest.get("id", ""))
    return funnel.record(told.lead, activity, now=now)


def _attributes(funnel: Funnel, told: Told, now: datetime) -> Recorded:
    return funnel.learn(told.lead, told.value, now=now, at=told.at)


def _event(funnel: Funnel, told: Told, now: datetime) -> Recorded:
    return funnel.fire(told.lead, told.value, now=now, at=told.at, id=told.id, **told.rest)


def _move(funnel: Funnel, told: Told, now: datetime) -> Recorded:
    return funnel.move(told.lead, told.value, now=now, at=told.at, id=told.id, **told.rest)


def _undo(funnel: Funnel, told: Told, now: datetime) -> Recorded:
    return funnel.undo(told.lead, fact=told.value, now=now, id=told.id, **told.rest)


def _merge(funnel: Funnel, told: Told, now: datetime) -> Recorded:
    return funnel.merge(told.lead, told.value, now=now, **told.rest)


def _accept(funnel: Funnel, told: Told, now: datetime) -> Recorded:
    return funnel.accept(told.lead, by=told.value, now=now, at=told.at, id=told.id)


def _reject(funnel: Funnel, told: Told, now: datetime) -> Recorded:
    return funnel.reject(told.lead, by=told.value, now=now, at=told.at, id=told.id, **told.rest)


def _attempt(funnel: Funnel, told: Told, now: datetime) -> Recorded:
    return funnel.attempt(told.lead, by=told.value, now=now, at=told.at, id=told.id, **told.rest)


def _close(funnel: Funnel, told: Told, now: datetime) -> Recorded:
    return funnel.close(told.lead, by=told.value, now=now, at=told.at, id=told.id, **told.rest)


def _take(funnel: Funnel, told: Told, now: datetime) -> Recorded:
    return funnel.take(told.lead, by=told.value, now=now, id=told.id)


def _reassign(funnel: Funnel, told: Told, now: datetime) -> Recorded:
    return funnel.reassign(told.lead, by=told.value, now=now, id=told.id, **told.rest)


def _pause(funnel: Funnel, told: Told, now: datetime) -> Recorded:
    until = told.rest.get("until")
    ends = None if until is None else datetime.fromisoformat(until)
    why = told.rest["why"]
    return funnel.pause(told.lead, by=told.value, why=why, until=ends, now=now, id=told.id)


def _resume(funnel: Funnel, told: Told, now: datetime) -> Recorded:
    return funnel.resume(told.lead, by=told.value, now=now, id=told.id)


_INSTANT: Final = "an instant with a zone"
_WHO_WHY: Final = {"by": "text", "why": "text"}
_VERBS: Final[Mapping[str, _Verb]] = {
    "activity": _Verb("text", _activity, {"properties": "a table"}),
    "attributes": _Verb("a table", _attributes),
    "event": _Verb("text", _event, _WHO_WHY),
    "accept": _Verb("text", _accept),
    "reject": _Verb("text", _reject, {"reason": "text", "why": "text"}, ("reason",)),
    "attempt": _Verb("text", _attempt, {"channel": "text", "reached": "true or false"}),
    "close": _Verb("text", _close, {"outcome": "text", "reason": "text"}),
    "take": _Verb("text", _take),
    "reassign": _Verb("text", _reassign, {"why": "text"}, ("why",)),
    "pause": _Verb("text", _pause, {"why": "text", "until": _INSTANT}, ("why",)),
    "resume": _Verb("text", _resume),
    "move": _Verb("text", _move, _WHO_WHY, ("by", "why")),
    "merge_into": _Verb("text", _merge, {"by": "text"}),
    "undo": _Verb("text or blank", _undo, _WHO_WHY, ("by", "why")),
}
_KINDS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "text": lambda value: isinstance(value, str) and not is_blank(value),
    "text or blank": lambda value: isinstance(value, str),
    "a table": lambda value: isinstance(value, dict),
    "true or false": lambda value: isinstance(value, bool),
    _INSTANT: lambda value: isinstance(_instant(value), datetime),
}
_OF_ALL: Final = {"lead": "text", "id": "text"}
_BESIDE: Final = {"at", *_OF_ALL, *(key for verb in _VERBS.values() for key in verb.keys)}
"""What stands beside verbs."""


def read_line(cells: Mapping[str, Any]) -> Told:
    """
    What a line tells.

    Raises:
        LeadDataError: all that is wrong with it; never with a value, which may be personal.

    >>> told = read_line({"lead": "ada", "at": "2026-03-02T09:00Z", "activity": "demo_request"})
    >>> told.verb, told.value
    ('activity', 'demo_request')
    >>> read_line({"lead": "ada", "event": "won", "whys": "signed"})
    Traceback (most recent call last):
    ...
    mqlkit.errors.LeadDataError: 'at' is missing; there is no key 'whys' beside 'event'; did you \
mean 'why'?
    """
    verbs = [verb for verb in _VERBS if verb in cells]
    if not verbs:
        strange = [key for key in cells if key not in _BESIDE]
        what = f"there is no verb {strange[0]!r}" if strange else "has no verb"
        raise LeadDataError(f"{what}; {did_you_mean(strange[0] if strange else '', _VERBS)}")
    if len(verbs) > 1:
        raise LeadDataError(f"has {listing([*map(repr, verbs)], 'and')}; wanted one of them")
    verb = _VERBS[verbs[0]]
    wrong = [*_wrong(cells, verbs[0], verb)]
    at = _instant(cells.get("at"))
    if isinstance(at, str):
        wrong.insert(0, at)
    if wrong or isinstance(at, str):
        raise LeadDataError("; ".join(wrong))
    rest = {key: _value(key, value) for key, value in cells.items() if key in verb.keys}
    if verbs[0] == "activity" and "id" in cells:
        rest["id"] = cells["id"]
    key = cells.get("id") or _digest(cells)
    return Told(cells["lead"], at, verbs[0], _value(verbs[0], cells[verbs[0]]), rest, key)


def _value(key: str, value: Any) -> Any:
    """A value of a line as Python has it; tables may hold dates and the like."""
    try:
        return from_plain(value)
    except (ArithmeticError, ValueError):
        raise LeadDataError(
            f"'{key}' has a date, an instant or a number that is none, such as "
            '{"date": "2026-02-30"}'
        ) from None
    except RecursionError:
        raise LeadDataError(f"'{key}' is nested too deep") from None


def _wrong(cells: Mapping[str, Any], name: str, verb: _Verb) -> Iterator[str]:
    kinds = {**_OF_ALL, name: verb.kind, **verb.keys}
    for key in ("lead", *verb.needs):
        if key not in cells:
            yield f"'{key}' is missing"
    for key, value in cells.items():
        if key == "at":
            continue
        if key not in kinds:
            yield (f"there is no key {key!r} beside {name!r}; {did_you_mean(key, [*kinds, 'at'])}")
        elif not _KINDS[kinds[key]](value):
            yield f"'{key}' is to be {kinds[key]}"


def _instant(text: object) -> datetime | str:
    """The instant that a line states, or what is wrong with it."""
    if text is None:
        return "'at' is missing"
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        return "'at' is no instant with a zone, such as 2026-03-01T09:00Z"
    if not MINYEAR < moment.year < MAXYEAR:
        return "'at' lies at the end of the calendar"
    return moment.astimezone(UTC)


def _digest(cells: Mapping[str, Any]) -> str:
    text = json.dumps(cells, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]
