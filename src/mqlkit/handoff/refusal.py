"""
Commands that a handoff cannot take, said so that the caller can mend it.
"""

from collections.abc import Iterable
from datetime import datetime

from ..errors import MqlkitError
from ..value import listing, moment_text, printable


class IllegalHandoffError(MqlkitError, ValueError):
    """
    A command that a handoff cannot take as it stands.

    Args:
        handoff: Its key: lead and episode.
        command: What was tried.
        why: What stands in the way.
        legal: The commands that it can take.
        since: Since when it cannot, where there is such an instant.

    >>> raise IllegalHandoffError("ada/1", "accept", "nobody offers it", ["withdraw"])
    Traceback (most recent call last):
    ...
    mqlkit.handoff.refusal.IllegalHandoffError: the handoff 'ada/1' cannot take 'accept': nobody \
offers it; it can take 'withdraw'
    """

    def __init__(
        self,
        handoff: str,
        command: str,
        why: str,
        legal: Iterable[str] = (),
        since: datetime | None = None,
    ) -> None:
        self.handoff, self.command, self.why = handoff, command, why
        self.legal, self.since = tuple(legal), since
        super().__init__(handoff, command, why, self.legal, since)

    def __str__(self) -> str:
        since = f" since {moment_text(self.since)}" if self.since is not None else ""
        known = listing([*map(repr, self.legal)]) or "nothing"
        return (
            f"the handoff '{printable(self.handoff)}' cannot take {self.command!r}: "
            f"{self.why}{since}; it can take {known}"
        )
