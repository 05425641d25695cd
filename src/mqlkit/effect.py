"""
Something that an application is to do or to know, told once.

A step of a lead's journey or of its handoff returns effects; a funnel writes them to its outbox.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs

from .errors import KindError
from .value import instant, show


def _at(at: datetime) -> datetime:
    return instant(at, "an effect's time")


@attrs.frozen
class Effect:
    """
    One thing to do or to know.

    Args:
        kind: What, in a word: ``"entered"``, ``"offered"``, ``"warning"``, ``"breached"``, …
        lead_id: About whom.
        at: When it became so. Aware.
        key: The same in every attempt, and of no other effect: whoever receives it twice under
            one key has received it once.
        data: What else there is to say, as JSON has it.

    >>> from datetime import UTC, datetime
    >>> moved = Effect("entered", "ada", datetime(2026, 3, 2, 9, tzinfo=UTC), "ada/3/entered")
    >>> moved.cloudevent("/funnel")["type"]
    'mqlkit.entered'
    """

    kind: str
    lead_id: str
    at: datetime = attrs.field(converter=_at)
    key: str
    data: Mapping[str, Any] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        for name in ("kind", "lead_id", "key"):
            value = getattr(self, name)
            if not isinstance(value, str) or not value:
                raise KindError(f"an effect's {name} is text, not {show(value)}")

    def cloudevent(self, source: str) -> dict[str, Any]:
        """
        The effect as a CloudEvents 1.0 event, as plain JSON data.

        Args:
            source: Which funnel it comes from: a URI reference. Two events of one source and one
                id are the same event.
        """
        return {
            "specversion": "1.0",
            "type": f"mqlkit.{self.kind.replace(' ', '-')}",
            "source": source,
            "id": self.key,
            "subject": self.lead_id,
            "time": self.at.isoformat().replace("+00:00", "Z"),
            "datacontenttype": "application/json",
            "data": dict(self.data),
        }
