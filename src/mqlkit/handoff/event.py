"""
An event of a handoff: one thing that happened on the way, as it is recorded.

An event holds all that a later reader needs, due instants too: folding events asks neither
policy nor calendar, so yesterday's handoff stays what it was when tomorrow's terms differ.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import attrs

from ..errors import DefinitionError, KindError, UnknownNameError
from ..value import instant, show

KINDS: Final = (
    "opened", "queued", "offered", "accepted", "rejected", "lapsed", "returned", "reassigned",
    "attempted", "corrected", "warning", "breached", "escalated", "paused", "resumed", "closed",
    "withdrawn",
)  # fmt: skip
"""Everything that can happen to a handoff."""


_JSON: Final = (str, bool, int, float, list, dict)


def _kind(value: object) -> str:
    if not isinstance(value, str):
        raise KindError(f"an event's kind is text, not {show(value)}")
    if value not in KINDS:
        raise UnknownNameError("event of a handoff", value, KINDS)
    return value


def _at(at: datetime) -> datetime:
    return instant(at, "an event's time")


@attrs.frozen
class HandoffEvent:
    """
    One thing that happened.

    Args:
        kind: One of `KINDS`.
        at: When it happened; not when somebody heard of it. Aware.
        id: Its key: of two events with one key the second is the same event.
        data: The rest, as JSON has it; instants as text.

    Raises:
        UnknownNameError: there is no such kind.
        NaiveTimeError: *at* has no time zone.

    >>> from datetime import UTC
    >>> paused = HandoffEvent("paused", datetime(2026, 3, 2, 9, tzinfo=UTC), "ada/1/handoff/4")
    >>> HandoffEvent.from_dict(paused.to_dict()) == paused
    True
    """

    kind: str = attrs.field(converter=_kind)
    at: datetime = attrs.field(converter=_at)
    id: str
    data: Mapping[str, Any] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.id, str) or not self.id:
            raise KindError(f"an event's id is text, not {show(self.id)}")
        if not isinstance(self.data, Mapping):
            raise KindError(f"an event's data are a table by name, not {show(self.data)}")
        for name, value in self.data.items():
            if value is not None and not isinstance(value, _JSON):
                raise KindError(f"{name!r} of a handoff cannot be kept as {show(value)}")

    def to_dict(self) -> dict[str, Any]:
        """The event as plain data, for JSON."""
        return {"kind": self.kind, "at": written(self.at), "id": self.id, "data": dict(self.data)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "HandoffEvent":
        """
        The event that `to_dict` wrote.

        Raises:
            DefinitionError: a part is missing or is no instant.
        """
        try:
            kind, at, key = data["kind"], datetime.fromisoformat(data["at"]), data["id"]
        except (KeyError, TypeError, ValueError) as error:
            raise DefinitionError(
                f"an event of a handoff has kind, at, id and data: {show(str(error))}"
            ) from None
        return cls(kind, at, key, data.get("data", {}))


def written(at: datetime | None) -> str | None:
    """An instant as JSON has it."""
    return None if at is None else at.isoformat()


def read(text: str | None) -> datetime | None:
    """The instant that `written` wrote."""
    return None if text is None else datetime.fromisoformat(text)
