"""
What the columns of each table hold, the same in every store.

Instants are whole microseconds since 1970, structures are JSON text with sorted keys, so equal
records are equal bytes wherever they stand.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from ..effect import Effect
from ..errors import DefinitionError, KindError
from ..value import MICROSECOND, instant, micros_of, moment_at, show
from .base import Due, Fact, HandoffRow, Message, Row, StoreError, UnreadableRecordError

Columns: TypeAlias = dict[str, Any]
"""One record to write: what stands in each column."""

Found: TypeAlias = Mapping[Any, Any]
"""One record as it was found."""

LEADS: Final = "mqlkit_leads"
FACTS: Final = "mqlkit_facts"
HANDOFFS: Final = "mqlkit_handoffs"
OUTBOX: Final = "mqlkit_outbox"
POOLS: Final = "mqlkit_pools"
META: Final = "mqlkit_meta"

_LONGEST_KEY: Final = 1_000
"""Bytes of UTF-8. PostgreSQL refuses to index a pair of keys above 2,700 bytes or so."""


# -- writing -----------------------------------------------------------------------------------


def micros(at: datetime, what: str) -> int:
    """
    An aware instant as microseconds since 1970.

    >>> from datetime import UTC
    >>> micros(datetime(2026, 3, 2, 9, tzinfo=UTC), "now")
    1772442000000000
    """
    return micros_of(instant(at, what))


def json_text(data: Mapping[str, Any], what: str) -> str:
    r"""
    A mapping as JSON: keys sorted, ASCII only, so that every database keeps it to the byte.

    >>> json_text({"b": 1, "a": "é"}, "a fact's data")
    '{"a":"\\u00e9","b":1}'
    """
    try:
        return json.dumps(
            dict(data), sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain
        )
    except (TypeError, ValueError, RecursionError) as error:
        raise KindError(f"{what} cannot be written as JSON: {error}") from error


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{show(value)} has no JSON")


def key(value: str, what: str) -> str:
    """*value* as something to look records up by: text of a bounded size, without NUL."""
    text = plain_text(value, what)
    if not 0 < len(text.encode()) <= _LONGEST_KEY:
        raise DefinitionError(
            f"{what} has from 1 to {_LONGEST_KEY:,} bytes, not {len(text.encode()):,}"
        )
    return text


def at_most(limit: int) -> int:
    """*limit*, which is 1 or more: databases do not agree on what a negative one means."""
    if not isinstance(limit, int):
        raise KindError(f"a limit is a whole number, not {show(limit)}")
    if limit < 1:
        raise DefinitionError(f"a limit is 1 or more, not {limit}")
    return limit


def plain_text(value: str, what: str) -> str:
    """*value*, which must be text that every database can keep."""
    if not isinstance(value, str):
        raise KindError(f"{what} is text, not {show(value)}")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise DefinitionError(f"{what} {show(value)} has half a character") from None
    if "\0" in value:
        raise DefinitionError(f"{what} {show(value)} has a NUL, which PostgreSQL cannot keep")
    return value


def lead_columns(row: Row) -> Columns:
    """A lead's row."""
    return {
        "lead_id": key(row.lead_id, "a lead's id"),
        "version": row.version,
        "stage": plain_text(row.stage, "a stage"),
        "furthest": plain_text(row.furthest, "a furthest stage"),
        "since": micros(row.since, "a lead's since"),
        "episode": row.episode,
        "owner": plain_text(row.owner, "an owner"),
        "status": plain_text(row.status, "a status"),
        "model": plain_text(row.model, "a model's fingerprint"),
        "decided_at": None if row.decided_at is None else micros(row.decided_at, "decided_at"),
        "wake": None if row.wake is None else micros(row.wake, "a lead's wake"),
        "state": json_text(row.state, "a lead's state"),
    }


def fact_columns(lead_id: str, seq: int, fact: Fact) -> Columns:
    """One fact in its place."""
    return {
        "lead_id": lead_id,
        "seq": seq,
        "id": key(fact.id, "a fact's id"),
        "kind": plain_text(fact.kind, "a fact's kind"),
        "at": micros(fact.at, "a fact's at"),
        "recorded_at": micros(fact.recorded_at, "a fact's recorded_at"),
        "data": json_text(fact.data, "a fact's data"),
    }


def handoff_columns(handoff: HandoffRow) -> Columns:
    """One handoff."""
    return {
        "lead_id": key(handoff.lead_id, "a lead's id"),
        "episode": handoff.episode,
        "state": plain_text(handoff.state, "a handoff's state"),
        "owner": plain_text(handoff.owner, "an owner"),
        "opened_at": micros(handoff.opened_at, "a handoff's opened_at"),
        "data": json_text(handoff.data, "a handoff's data"),
    }


def no_handoff(handoff: HandoffRow) -> StoreError:
    """The error for a handoff that is to be changed and was never put down."""
    return StoreError(
        f"lead {handoff.lead_id!r} has no handoff of episode {handoff.episode}; "
        "put it down with hand_off() first"
    )


def message_columns(effect: Effect) -> Columns:
    """An effect for the outbox, where it has no place yet."""
    return {
        "key": key(effect.key, "an effect's key"),
        "lead_id": key(effect.lead_id, "a lead's id"),
        "kind": plain_text(effect.kind, "an effect's kind"),
        "at": micros(effect.at, "an effect's at"),
        "data": json_text(effect.data, "an effect's data"),
        "delivered_at": None,
        "claimed_by": "",
        "claimed_until": None,
        "fence": 0,
        "attempts": 0,
    }


def span_micros(span: timedelta, what: str) -> int:
    """A span of time above zero, in microseconds."""
    if not isinstance(span, timedelta):
        raise KindError(f"{what} is a timedelta, not {show(span)}")
    if span <= timedelta(0):
        raise DefinitionError(f"{what} is above zero, not {show(span)}")
    return span // MICROSECOND


# -- reading -----------------------------------------------------------------------------------


def row_of(found: Found) -> Row:
    """The row of a lead."""
    record = _Record(LEADS, f"lead {found['lead_id']!r}", found)
    return Row(
        lead_id=record.text("lead_id"),
        version=record.number("version"),
        stage=record.text("stage"),
        furthest=record.text("furthest"),
        since=record.moment("since"),
        episode=record.number("episode"),
        owner=record.text("owner"),
        status=record.text("status"),
        model=record.text("model"),
        decided_at=record.moment_or_none("decided_at"),
        wake=record.moment_or_none("wake"),
        state=record.data("state"),
    )


def facts_of(row: Row, found: Sequence[Found]) -> tuple[Fact, ...]:
    """
    The facts of a lead, from records in order of ``seq``, up to the row's version.

    Raises:
        UnreadableRecordError: one is not as it was written, or is not there.
    """
    facts = tuple(_fact_of(record) for record in found[: row.version])
    if [fact.seq for fact in facts] != list(range(1, row.version + 1)):
        there = {fact.seq for fact in facts}
        gone = next(seq for seq in range(1, row.version + 2) if seq not in there)
        raise UnreadableRecordError(
            FACTS, f"lead {row.lead_id!r}, fact {gone}", f"it is not there, of {row.version}"
        )
    return facts


def _fact_of(found: Found) -> Fact:
    record = _Record(FACTS, f"lead {found['lead_id']!r}, fact {found['seq']}", found)
    return Fact(
        id=record.text("id"),
        kind=record.text("kind"),
        at=record.moment("at"),
        recorded_at=record.moment("recorded_at"),
        data=record.data("data"),
        seq=record.number("seq"),
    )


def handoff_of(found: Found) -> HandoffRow:
    """A handoff."""
    place = f"lead {found['lead_id']!r}, episode {found['episode']}"
    record = _Record(HANDOFFS, place, found)
    return HandoffRow(
        lead_id=record.text("lead_id"),
        episode=record.number("episode"),
        state=record.text("state"),
        owner=record.text("owner"),
        opened_at=record.moment("opened_at"),
        data=record.data("data"),
    )


def message_of(found: Found, *, fence: int = 0) -> Message:
    """A message of the outbox."""
    record = _Record(OUTBOX, f"lead {found['lead_id']!r}, message {found['seq']}", found)
    return Message(
        seq=record.number("seq"),
        effect=Effect(
            kind=record.text("kind"),
            lead_id=record.text("lead_id"),
            at=record.moment("at"),
            key=record.text("key"),
            data=record.data("data"),
        ),
        delivered=found["delivered_at"] is not None,
        fence=fence,
        attempts=record.number("attempts"),
    )


def due_of(wake: object, lead_id: str) -> Due:
    """A lead that is due."""
    return Due(_Record(LEADS, f"lead {lead_id!r}", {"wake": wake}).moment("wake"), lead_id)


def due_cursor(after: Due | None) -> tuple[int, str] | None:
    """Where the next page of leads that are due begins."""
    if after is None:
        return None
    return micros(after.wake, "after"), plain_text(after.lead_id, "a lead's id")


def first_wake_of(wake: object) -> datetime | None:
    """The earliest wake of all leads."""
    return _Record(LEADS, "the earliest wake", {"wake": wake}).moment_or_none("wake")


def pool_of(name: str, state: object) -> dict[str, Any]:
    """The state of a routing pool."""
    return _Record(POOLS, f"pool {name!r}", {"state": state}).data("state")


class _Record:
    """A record being read: every column is what was written, or the error says which is not."""

    __slots__ = ("columns", "place", "table")

    def __init__(self, table: str, place: str, columns: Found) -> None:
        self.table, self.place, self.columns = table, place, columns

    def text(self, name: str) -> str:
        value = self.columns[name]
        if not isinstance(value, str):
            raise self.wrong(f"{name} is not text")
        return value

    def number(self, name: str) -> int:
        value = self.columns[name]
        if not isinstance(value, int):
            raise self.wrong(f"{name} is not a whole number")
        return value

    def moment(self, name: str) -> datetime:
        try:
            return moment_at(self.number(name))
        except OverflowError:
            raise self.wrong(f"{name} is beyond the calendar") from None

    def moment_or_none(self, name: str) -> datetime | None:
        return None if self.columns[name] is None else self.moment(name)

    def data(self, name: str) -> dict[str, Any]:
        try:
            value: object = json.loads(self.text(name))
        except (json.JSONDecodeError, RecursionError):
            raise self.wrong(f"{name} is not JSON, or was cut short") from None
        if not isinstance(value, dict):
            raise self.wrong(f"{name} is not a JSON object")
        return value

    def wrong(self, why: str) -> UnreadableRecordError:
        return UnreadableRecordError(self.table, self.place, why)
