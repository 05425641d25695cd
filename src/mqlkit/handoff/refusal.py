"""
Commands that a handoff cannot take, and policies that cannot work, said so as to be mended.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from ..errors import DefinitionError, Fault, MqlkitError
from ..value import listing, moment_text, printable
from .offer import Handoff


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


class PolicyError(DefinitionError):
    """
    A handoff policy, or a part of one, that cannot work, with everything that is wrong in it.

    Args:
        faults: Each with its path, such as ``reasons[2].cool_down``.
        what: Which part it is.

    >>> raise PolicyError([Fault("reasons[0].name", None, "'spam'", "a name stands once")])
    Traceback (most recent call last):
    ...
    mqlkit.handoff.refusal.PolicyError: the handoff policy cannot work
      reasons[0].name: found 'spam'; a name stands once
    """

    def __init__(self, faults: Iterable[Fault], what: str = "the handoff policy") -> None:
        self.faults, self.what = tuple(faults), what
        super().__init__(self.faults, what)

    def __str__(self) -> str:
        lines = [f"\n  {fault}" for fault in self.faults[:20]]
        more = len(self.faults) - len(lines)
        rest = f"\n  and {more} more" if more else ""
        return f"{self.what} cannot work{''.join(lines)}{rest}"


def name_twice(path: str, names: Sequence[str]) -> Iterator[Fault]:
    """A fault for each of *names* that is not the only one of its kind."""
    counts = Counter(names)
    for place, name in enumerate(names):
        if counts[name] > 1:
            yield Fault(f"{path}[{place}].name", None, repr(name), "a name stands once")


def stands(handoff: Handoff) -> tuple[str, tuple[str, ...], datetime | None]:
    """Why a command is not legal: where the handoff stands, what it can take, since when."""
    pause = handoff.pause
    if pause is not None:
        return f"it is paused ({pause.why})", handoff.legal, pause.at
    why = {
        "unopened": "nobody has opened it",
        "queued": "it waits for somebody who can take it",
        "offered": f"it is offered to {handoff.holder!r}",
        "accepted": f"{handoff.holder!r} has accepted it",
        "working": f"{handoff.holder!r} works on it",
        "closed": "it is closed",
    }[handoff.state]
    return why, handoff.legal, _since(handoff)


def _since(handoff: Handoff) -> datetime | None:
    """Since when a handoff stands as it does, where one instant tells."""
    if handoff.state == "closed":
        return handoff.closed_at
    ended = [offer.ended_at for offer in handoff.offers if offer.ended in ("lapsed", "accepted")]
    return ended[-1] if ended and handoff.state != "offered" else None
