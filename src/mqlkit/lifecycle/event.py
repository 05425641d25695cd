"""
An event: something happened to a lead that may move it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import attrs

from ..errors import DefinitionError, KindError
from ..value import MICROSECOND, instant, is_blank, show
from .stage import span_or_none, word
from .transition import MOVED, UNDONE


def _at(at: datetime) -> datetime:
    return instant(at, "an event's time")


@attrs.frozen
class Event:
    """
    Something happened to a lead.

    Args:
        trigger: Its name, such as ``"qualified"`` or ``"won"``.
        at: When. Aware.
        id: Its key: a second event of one key is the same event. ``""`` is never the same.
        by: Who, where a person did it.
        why: In their words.
        to: Where a manual move goes.
        cool_down: How long the lead rests where this leads, in place of what the stage says.

    >>> from datetime import UTC
    >>> Event.move(
    ...     "customer", datetime(2026, 3, 2, tzinfo=UTC), by="ann", why="signed at the fair"
    ... ).to
    'customer'
    """

    trigger: str = attrs.field(converter=word)
    at: datetime = attrs.field(converter=_at)
    id: str = ""
    by: str = attrs.field(default="", kw_only=True)
    why: str = attrs.field(default="", kw_only=True)
    to: str = attrs.field(default="", kw_only=True)
    cool_down: timedelta | None = attrs.field(default=None, converter=span_or_none, kw_only=True)

    def __attrs_post_init__(self) -> None:
        for name in ("id", "by", "why", "to"):
            value = getattr(self, name)
            if not isinstance(value, str):
                raise KindError(f"an event's {name} is text, not {show(value)}")
        if self.manual and (is_blank(self.by) or is_blank(self.why) or not self.to):
            raise DefinitionError("a move by hand says where to, who and why: to, by and why")
        if self.to and not self.manual:
            raise DefinitionError(f"only a move by hand says where to; {self.trigger!r} does not")

    @property
    def manual(self) -> bool:
        """Whether a person moves the lead, past the table."""
        return self.trigger in (MOVED, UNDONE)

    @classmethod
    def move(cls, to: str, at: datetime, *, by: str, why: str, id: str = "") -> "Event":
        """A move by hand to the stage *to*, with who and why."""
        return cls(MOVED, at, id, by=by, why=why, to=to)

    def to_dict(self) -> dict[str, Any]:
        """The event as plain data, without its time and id."""
        told = {name: getattr(self, name) for name in ("trigger", "by", "why", "to")}
        told = {name: value for name, value in told.items() if value}
        if self.cool_down is not None:
            told["cool_down"] = self.cool_down // MICROSECOND
        return told

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], at: datetime, id: str) -> "Event":
        """The event that `to_dict` wrote."""
        told = dict(data)
        if "cool_down" in told:
            told["cool_down"] = timedelta(microseconds=told["cool_down"])
        return cls(told.pop("trigger"), at, id, **told)
