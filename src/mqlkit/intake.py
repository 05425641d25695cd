"""
Leads from plain data, as a web request, a queue or a file of JSON lines brings them, and back.

Whatever is wrong with the data is told at once, each fault with its place, and nothing is made of
a part of it. What JSON has no word for is a record of one entry:

| record | value |
|---|---|
| `{"instant": "2026-03-01T09:00Z"}` | an instant |
| `{"date": "2026-03-01"}` | a date |
| `{"decimal": "12.50"}`, `{"number": "nan"}` | a number of many digits; nan, inf and -inf |
| `{"set": ["a", "b"]}` | a list in which order means nothing |
| `{"history": [["2026-03-01T09:00Z", 50], …]}` | a value that changed, each with its instant |
| `{"table": {"date": "soon"}}` | a record that has such a name itself |
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias, cast

from .errors import Fault, LeadDataError, MqlkitError, did_you_mean, listed
from .lead import History, Lead, Override
from .timeline import MOST_ACTIVITIES, NOTHING, Activity, Draft, freeze, frozen_mapping
from .value import as_moment, instant, is_blank, listing, printable

Path: TypeAlias = tuple[str | int, ...]
Plain: TypeAlias = dict[str, Any]

DEEPEST: Final = 32
"""Lists and records of a value lie no deeper within one another."""
DEEPEST_LEADS: Final = 4
"""So many leads may stand within one another: a person, its account, the account's people."""
MOST_RELATED: Final = 10_000
"""A lead has no more people and no more points given by hand."""

_SINGLE: Final = frozenset((str, int, float, bool, type(None)))
_LONGEST_NUMBER: Final = 1_000
_MOST_TOLD: Final = 1_000
_INSTANT: Final = "an instant with its zone"
_SUCH_AS: Final = "such as 2026-03-01T09:00Z"
_NO_COUNT: Final = "a count of seconds or so does not say its unit"
_DOUBTS: Final = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)


class UnreadableLeadError(LeadDataError):
    """
    Data that no lead can be made of, with everything that is wrong with it.

    It never holds a value of an attribute or a property, which may be personal.

    Args:
        faults: In the order of the data; of very many the first thousand.

    >>> lead_from({"id": "ada", "activities": [{"kind": "visit", "at": "2026-03-01"}]})
    Traceback (most recent call last):
    ...
    mqlkit.intake.UnreadableLeadError: the lead cannot be read
      activities[0].at: found a time without a usable zone; wanted an instant with its zone; \
such as 2026-03-01T09:00Z
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        return listed(
            "the lead cannot be read", [printable(str(fault), 600) for fault in self.faults]
        )


def lead_from(data: Mapping[str, object] | str | bytes) -> Lead:
    """
    The lead that plain data tells of.

    Args:
        data: A mapping, or one in JSON, with the names of `Lead`: ``id``, ``attributes``,
            ``activities`` (each with ``kind``, ``at``, ``properties`` and ``id``), ``account`` (a
            lead), ``people`` (leads), ``stage``, ``stage_since``, ``overrides``, ``known_at`` and
            ``unique_ids``. Only ``id`` is needed; null is as if left out, so no ``activities`` are
            activities that were not loaded. An instant is ISO 8601 text with its zone, or an
            aware `datetime`; never a count of seconds, whose unit nobody can see.

    Raises:
        UnreadableLeadError: a `LeadDataError` with all that is wrong.

    >>> ada = lead_from('{"id": "ada", "attributes": {"employees": 60}, "activities": []}')
    >>> ada.attributes["employees"], ada.activities
    (60, ())
    """
    faults: list[Fault] = []
    if type(data) is not dict and isinstance(data, str | bytes):
        data = _parsed(data)
    lead: Lead | None = _lead(data, (), faults, 0)
    if lead is None or faults:
        raise UnreadableLeadError(faults)
    return lead


def leads_from(lines: Iterable[Mapping[str, object] | str | bytes]) -> Iterator[Lead]:
    r"""
    The leads of many lines, one after the other, as they are asked for.

    Args:
        lines: Of an open file of JSON lines, or mappings. Blank lines are left out.

    Raises:
        UnreadableLeadError: of the first line that tells of no lead, with its number. To go on
            behind such a line, call `lead_from` for each.

    >>> [lead.id for lead in leads_from(['{"id": "ada"}\n', "\n", '{"id": "alan"}\n'])]
    ['ada', 'alan']
    """
    for number, line in enumerate(lines, 1):
        if isinstance(line, str | bytes) and not line.strip():
            continue
        try:
            lead = lead_from(line)
        except UnreadableLeadError as error:
            faults = [fault._replace(line=number) for fault in error.faults]
            raise UnreadableLeadError(faults) from None
        yield lead


# -- reading: a reader takes a value that is not null, its place, the faults found so far and how
#    deep it lies; it answers what it read, and None where it added a fault


def _lead(data: object, path: Path, faults: list[Fault], depth: int) -> Any:
    if depth >= DEEPEST_LEADS:
        return _wrong(path, faults, "a lead", f"at most {DEEPEST_LEADS} leads within one another")
    return _built(Lead, _LEAD, ("id",), data, path, faults, depth)


def _override(data: object, path: Path, faults: list[Fault], depth: int) -> Any:
    needed = ("points", "by", "why", "since", "until")
    return _built(Override, _OVERRIDE, needed, data, path, faults, depth)


def _activity(data: object, path: Path, faults: list[Fault], depth: int) -> Any:
    return _built(Activity, _ACTIVITY, ("kind", "at"), data, path, faults, depth)


def _built(
    make: Callable[..., object],
    readers: "Mapping[str, _Reader]",
    needed: tuple[str, ...],
    data: object,
    path: Path,
    faults: list[Fault],
    depth: int,
) -> Any:
    """What *make* makes of a record whose entries *readers* read; None where it is at fault."""
    if type(data) is not dict and not isinstance(data, Mapping):
        return _wrong(path, faults, _kind(data), "wanted a record")
    record: Any = data
    before = len(faults)
    parts: Plain = {}
    strange: list[str] = []
    for key, value in record.items():
        if isinstance(key, str) and key in readers:
            if value is not None:
                parts[key] = readers[key](value, (*path, key), faults, depth)
        else:
            hint = _meant(key, readers) if len(strange) < _MOST_TOLD else ""
            if readers is _LEAD and isinstance(key, str) and not hint.startswith("did you mean"):
                strange.append(key)
            else:
                _wrong((*path, _step(key)), faults, "", "there is no such entry", hint)
    if strange:
        _wrong(path, faults, "", *_flat(strange))
    for key in needed:
        if record.get(key) is None:
            _wrong((*path, key), faults, "", "is missing")
    if len(faults) > before:
        return None
    try:
        return make(**parts)
    except MqlkitError as error:
        return _wrong(path, faults, "", str(error))


def _meant(key: object, known: Iterable[str]) -> str:
    return did_you_mean(key, known) if isinstance(key, str) else "a name is text"


def _flat(names: list[str]) -> tuple[str, str]:
    """What is wrong with a lead whose fields stand beside its id, and how to mend it."""
    listed = listing([f"'{printable(name)}'" for name in names], "and")
    what = f"a lead has no entr{'ies' if len(names) > 1 else 'y'} {listed}"
    return what, 'what is known of it stands under "attributes"'


def _activities(data: object, path: Path, faults: list[Fault], depth: int) -> Any:
    if type(data) is list:
        try:
            return _quick(data)
        except _DOUBTS:
            pass  # Slowly again, to say what is wrong, or to read what is rare.
    return _many(data, path, faults, depth, _activity, MOST_ACTIVITIES)


def _quick(data: list[Any]) -> list[Any]:
    """
    The activities of records that are as they most often are.

    Raises whatever it meets where something is not. INVARIANT: what is made here `_activity` makes
    too; the checks are those of `Activity`.
    """
    if len(data) > MOST_ACTIVITIES:
        raise ValueError
    done: list[Any] = []
    kinds: dict[str, str] = {}  # each is checked once, and one text serves all of that kind
    read = datetime.fromisoformat
    for record in data:
        if type(record) is not dict:
            raise TypeError
        size = len(record)
        if size == 4:
            properties, id = record["properties"], record["id"]
        elif size == 3 and "id" in record:
            properties, id = None, record["id"]
        elif size == 3:
            properties, id = record["properties"], None
        elif size == 2:
            properties = id = None
        else:
            raise LookupError
        kind, at = record["kind"], record["at"]
        if kind not in kinds:
            kinds[kind] = _known(_name, kind)
        if id is not None and type(id) is not str:
            raise TypeError
        if type(at) is str:
            at = read(at)
            if at.tzinfo is not UTC:
                at = instant(at, "at")
        else:
            at = instant(at, "at")
        draft: Any = Draft()
        draft.kind = kinds[kind]
        draft.at = at
        draft.id = id
        draft.properties = NOTHING if properties is None else _kept(properties)
        draft.__class__ = Activity
        done.append(draft)
    return done


def _kept(properties: Any) -> Any:
    """The properties for an activity to keep."""
    if type(properties) is dict and _is_flat(properties):
        return properties.copy() if properties else NOTHING
    return frozen_mapping(_known(_record, properties))


def _is_flat(record: Mapping[Any, object]) -> bool:
    """Whether all names are text and all values single ones, as most often they are."""
    for name, value in record.items():
        if type(name) is not str or type(value) not in _SINGLE:
            return False
    return True


def _known(reader: "_Reader", data: object) -> Any:
    """What *reader* reads, where it finds no fault."""
    faults: list[Fault] = []
    found = reader(data, (), faults, 0)
    if faults:
        raise ValueError
    return found


def _record(data: object, path: Path, faults: list[Fault], _: int) -> Any:
    """The attributes of a lead or the properties of an activity."""
    if type(data) is dict and _is_flat(cast(Plain, data)):
        return data
    if not isinstance(data, Mapping):
        return _wrong(path, faults, _kind(data), "wanted a record")
    return _table(cast("Mapping[object, object]", data), path, faults, 0)


def _many(
    data: object,
    path: Path,
    faults: list[Fault],
    depth: int,
    reader: "_Reader",
    most: int = MOST_RELATED,
) -> Any:
    if not isinstance(data, list | tuple):
        return _wrong(path, faults, _kind(data), "wanted a list")
    items = cast("list[object] | tuple[object, ...]", data)
    if len(items) > most:
        return _wrong(path, faults, f"{len(items):,} of them", f"at most {most:,}")
    return [reader(item, (*path, place), faults, depth) for place, item in enumerate(items)]


def _account(data: object, path: Path, faults: list[Fault], depth: int) -> Any:
    return _lead(data, path, faults, depth + 1)


def _people(data: object, path: Path, faults: list[Fault], depth: int) -> Any:
    return _many(data, path, faults, depth, _account)


def _overrides(data: object, path: Path, faults: list[Fault], depth: int) -> Any:
    return _many(data, path, faults, depth, _override)


def _text(data: object, path: Path, faults: list[Fault], _: int) -> Any:
    return data if isinstance(data, str) else _wrong(path, faults, _kind(data), "wanted text")


def _name(data: object, path: Path, faults: list[Fault], _: int) -> Any:
    """Text that says something."""
    if isinstance(data, str) and not is_blank(data):
        return data
    return _wrong(path, faults, _kind(data), "wanted text that is not blank")


def _flag(data: object, path: Path, faults: list[Fault], _: int) -> Any:
    wanted = "wanted true or false"
    return data if isinstance(data, bool) else _wrong(path, faults, _kind(data), wanted)


def _points(data: object, path: Path, faults: list[Fault], _: int) -> Any:
    found = _value(data, path, faults, 0)
    if isinstance(found, int | float | Decimal) and not isinstance(found, bool):
        return found
    return _wrong(path, faults, _kind(found), "wanted a number") if found is not None else None


def _instant(data: object, path: Path, faults: list[Fault], _: int) -> Any:
    try:
        moment = datetime.fromisoformat(data) if isinstance(data, str) else data
    except ValueError:
        moment = None
    if not isinstance(moment, datetime):
        hint = f"{_SUCH_AS}; {_NO_COUNT}" if _is_count(data) else _SUCH_AS
        return _wrong(path, faults, _no_instant(data), f"wanted {_INSTANT}", hint)
    at = as_moment(moment)
    if at is None:
        return _wrong(path, faults, "a time without a usable zone", f"wanted {_INSTANT}", _SUCH_AS)
    return at


def _is_count(data: object) -> bool:
    """Whether it is a number, or the digits of one."""
    if isinstance(data, str):
        return data.strip().removeprefix("-").replace(".", "", 1).isdecimal()
    return isinstance(data, int | float | Decimal) and not isinstance(data, bool)


def _no_instant(data: object) -> str:
    kind = _kind(data)
    return "text that is no instant" if kind == "text" else kind


# -- values: whatever may stand in attributes and properties


def _value(data: object, path: Path, faults: list[Fault], depth: int) -> Any:
    if type(data) in _SINGLE or isinstance(data, str | int | float | Decimal):
        return data
    if depth >= DEEPEST:
        return _wrong(path, faults, "", f"values lie at most {DEEPEST} deep in one another")
    if isinstance(data, datetime):
        return data if as_moment(data) else _instant(data, path, faults, depth)
    if isinstance(data, date | History | set | frozenset):
        return cast(object, data)
    if isinstance(data, list | tuple):
        return _items(cast("list[object]", data), path, faults, depth)
    if not isinstance(data, Mapping):
        return _wrong(path, faults, _kind(data), "wanted plain data")
    record = cast("Mapping[object, object]", data)
    if len(record) == 1:
        ((name, inside),) = record.items()
        if isinstance(name, str) and name in _WORDS:
            return _WORDS[name](inside, (*path, name), faults, depth + 1)
    return _table(record, path, faults, depth)


def _table(record: Mapping[object, object], path: Path, faults: list[Fault], depth: int) -> Plain:
    table: Plain = {}
    for key, value in record.items():
        if isinstance(key, str):
            table[key] = _value(value, (*path, key), faults, depth + 1)
        else:
            _wrong((*path, _step(key)), faults, "", "a name is text")
    return table


def _items(data: Iterable[object], path: Path, faults: list[Fault], depth: int) -> list[object]:
    return [_value(item, (*path, n), faults, depth + 1) for n, item in enumerate(data)]


def _date(data: object, path: Path, faults: list[Fault], _: int) -> Any:
    try:
        return date.fromisoformat(data)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return _wrong(path, faults, _kind(data), "wanted a date", "such as 2026-03-01")


_SIGNAL: Final = Decimal("sNaN")


def _decimal(data: object, path: Path, faults: list[Fault], _: int) -> Any:
    if isinstance(data, str) and len(data) <= _LONGEST_NUMBER:
        try:
            number = Decimal(data)
        except InvalidOperation:
            number = _SIGNAL
        if not number.is_snan():  # which no two leads could be compared by
            return number
    return _wrong(path, faults, _kind(data), "wanted the digits of a number as text")


def _number(data: object, path: Path, faults: list[Fault], _: int) -> Any:
    if isinstance(data, str) and data in ("nan", "inf", "-inf"):
        return float(data)
    return _wrong(path, faults, _kind(data), 'wanted "nan", "inf" or "-inf"')


def _set(data: object, path: Path, faults: list[Fault], depth: int) -> Any:
    members = _many(data, path, faults, depth, _value, MOST_ACTIVITIES)
    try:
        return None if members is None else frozenset(map(freeze, members))
    except TypeError:
        return _wrong(path, faults, "a record in a set", "wanted single values")


def _history(data: object, path: Path, faults: list[Fault], depth: int) -> Any:
    changes = _many(data, path, faults, depth, _change, MOST_ACTIVITIES)
    return None if changes is None or None in changes else History(*changes)


def _change(data: object, path: Path, faults: list[Fault], depth: int) -> Any:
    if not isinstance(data, list | tuple) or len(cast("list[object]", data)) != 2:
        return _wrong(path, faults, _kind(data), "wanted an instant and a value")
    at, value = cast("list[object]", data)
    since = _instant(at, (*path, 0), faults, depth)
    found = _value(value, (*path, 1), faults, depth + 1)
    return None if since is None else (since, found)


def _inner_table(data: object, path: Path, faults: list[Fault], depth: int) -> Any:
    if not isinstance(data, Mapping):
        return _wrong(path, faults, _kind(data), "wanted a record")
    return _table(cast("Mapping[object, object]", data), path, faults, depth)


_Reader: TypeAlias = Callable[[object, Path, list[Fault], int], object]

_LEAD: Final[Mapping[str, _Reader]] = {
    "id": _name,
    "attributes": _record,
    "activities": _activities,
    "account": _account,
    "people": _people,
    "stage": _text,
    "stage_since": _instant,
    "overrides": _overrides,
    "known_at": _instant,
    "unique_ids": _flag,
}
_ACTIVITY: Final[Mapping[str, _Reader]] = {
    "kind": _name,
    "at": _instant,
    "properties": _record,
    "id": _text,
}
_OVERRIDE: Final[Mapping[str, _Reader]] = {
    "points": _points,
    "by": _name,
    "why": _name,
    "since": _instant,
    "until": _instant,
    "score": _text,
}
_WORDS: Final[Mapping[str, _Reader]] = {
    "instant": _instant,
    "date": _date,
    "decimal": _decimal,
    "number": _number,
    "set": _set,
    "history": _history,
    "table": _inner_table,
}
"""What a record of one entry with such a name stands for."""


# -- faults


def _wrong(path: Path, faults: list[Fault], found: str, wanted: str, hint: str = "") -> Any:
    """None, which stands for what could not be read; no lead is made of it."""
    faults.append(Fault(_place(path), None, found, wanted, hint))
    if len(faults) == _MOST_TOLD:
        raise UnreadableLeadError(faults)
    return None


def _place(path: Path) -> str:
    text = ""
    for step in path[:_LONGEST_PLACE]:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step.isidentifier():
            text += f".{printable(step)}"
        else:
            text += f'["{printable(step)}"]'
    return text.removeprefix(".")


_LONGEST_PLACE: Final = 12


def _step(key: object) -> str:
    return key if isinstance(key, str) else _kind(key)


def _kind(value: object) -> str:
    """What a value is, without the value."""
    if is_blank(value):
        return "blank"
    kinds = (name for kind, name in _KINDS.items() if isinstance(value, kind))
    return next(kinds, f"a value of type {type(value).__name__}")


_KINDS: Final[Mapping[type | tuple[type, ...], str]] = {
    str: "text",
    bool: "true or false",
    (int, float, Decimal): "a number",
    datetime: "an instant",
    date: "a date",
    (list, tuple): "a list",
    Mapping: "a record",
}


# -- JSON


class _NoNumberError(ValueError):
    """A name that Python's reader takes for a number, and JSON does not know."""


def _no_number(name: str) -> object:
    raise _NoNumberError(name)


_DECODER: Final = json.JSONDecoder(parse_constant=_no_number)
_NO_NUMBER: Final = r'"[^"\\]*(?:\\.[^"\\]*)*"|(NaN|-?Infinity)'
"""A text, which may hold such a name, or the name itself."""


def _place_of(name: str, text: str) -> int:
    """Where the first such name stands, counted from 1."""
    found = (match for match in re.finditer(_NO_NUMBER, text) if match[1] == name)
    return next(found).start() + 1


def _parsed(data: str | bytes) -> Any:
    text = ""
    try:
        text = data if isinstance(data, str) else data.decode("utf-8-sig")
        if not text.strip():
            raise UnreadableLeadError([Fault("", None, "empty text", _SOME_LEAD)])
        return _DECODER.decode(text)
    except UnreadableLeadError:
        raise
    except _NoNumberError as error:
        name = str(error)
        why = f"{name} at character {_place_of(name, text):,} is no number of JSON"
    except json.JSONDecodeError as error:
        why = f"{error.msg.lower()} at character {error.pos + 1:,}"
    except UnicodeDecodeError as error:
        why = f"not UTF-8 at byte {error.start + 1:,}"
    except RecursionError:
        why = "too deep"
    except ValueError:
        why = "a number of too many digits"
    raise UnreadableLeadError([Fault("", None, "", f"not JSON: {why}")])


_SOME_LEAD: Final = 'wanted a lead in JSON, such as {"id": "ada"}'


# -- writing


def lead_to(lead: Lead) -> dict[str, Any]:
    """
    The lead as plain data that JSON has words for; `lead_from` makes an equal one of it.

    Raises:
        LeadDataError: an attribute or a property holds something that is no plain data.

    >>> lead_to(Lead("ada", {"employees": 60}, []))
    {'id': 'ada', 'attributes': {'employees': 60}, 'activities': []}
    """
    told: Plain = {"id": lead.id, "attributes": _told_table(lead.attributes)}
    if lead.activities is not None:
        told["activities"] = [_told_activity(one) for one in lead.activities]
    if lead.account is not None:
        told["account"] = lead_to(lead.account)
    if lead.people is not None:
        told["people"] = [lead_to(person) for person in lead.people]
    if lead.overrides:
        told["overrides"] = [_told_override(one) for one in lead.overrides]
    rest = {
        "stage": lead.stage,
        "stage_since": lead.stage_since and lead.stage_since.isoformat(),
        "known_at": lead.known_at and lead.known_at.isoformat(),
        "unique_ids": lead.unique_ids or None,
    }
    return told | {name: value for name, value in rest.items() if value is not None}


def _told_activity(activity: Activity) -> Plain:
    told: Plain = {"kind": activity.kind, "at": activity.at.isoformat()}
    if activity.properties:
        told["properties"] = _told_table(activity.properties)
    return told if activity.id is None else told | {"id": activity.id}


def _told_override(override: Override) -> Plain:
    return {
        "points": _told(override.points),
        "by": override.by,
        "why": override.why,
        "since": override.since.isoformat(),
        "until": override.until.isoformat(),
        "score": override.score,
    }


def _told(value: object) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else {"number": str(value)}
        case Decimal():
            return {"decimal": str(value)}
        case datetime() if as_moment(value) is not None:
            return {"instant": value.isoformat()}
        case date() if not isinstance(value, datetime):
            return {"date": value.isoformat()}
        case History():
            return {"history": [[at.isoformat(), _told(then)] for at, then in value.changes]}
        case Mapping():
            table = _told_table(cast("Mapping[object, object]", value))
            return {"table": table} if len(table) == 1 and _WORDS.keys() >= table.keys() else table
        case set() | frozenset():
            return {"set": [_told(item) for item in sorted(cast("set[object]", value), key=repr)]}
        case list() | tuple():
            return [_told(item) for item in cast("list[object]", value)]
        case _:
            raise LeadDataError(f"{_kind(value)} cannot be told as plain data")


def _told_table(record: Mapping[Any, object]) -> Plain:
    for name in record:
        if not isinstance(name, str):
            raise LeadDataError(f"a name is text, not {_kind(name)}")
    return {name: _told(value) for name, value in record.items()}
