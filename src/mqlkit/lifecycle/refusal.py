"""
Events that cannot be taken, said so that the caller can mend it.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from ..errors import MqlkitError, did_you_mean
from ..explanation import Reason
from ..value import listing, printable
from ..verdict import Verdict

_MOST: Final = 5
"""More moves or leaves than these are only counted in a message; the error carries all."""


class IllegalMoveError(MqlkitError, ValueError):
    """
    An event that no move of the lead's stage takes.

    Args:
        lead_id: Whose.
        stage: Where the lead stands.
        trigger: What was tried.
        legal: The triggers that can be taken from there.
        why: What else stands in the way.

    >>> raise IllegalMoveError("ada", "mql", "acepted", ["accepted", "recycled"])
    Traceback (most recent call last):
    ...
    mqlkit.lifecycle.refusal.IllegalMoveError: 'ada' at 'mql' cannot take 'acepted'; did you mean \
'accepted'? from there it can take 'accepted' or 'recycled'
    """

    def __init__(
        self, lead_id: str, stage: str, trigger: str, legal: Iterable[str], why: str = ""
    ) -> None:
        self.lead_id, self.stage, self.trigger = lead_id, stage, trigger
        self.legal, self.why = tuple(legal), why
        super().__init__(lead_id, stage, trigger, self.legal, why)

    def __str__(self) -> str:
        lead, trigger = printable(self.lead_id), printable(self.trigger)
        text = f"'{lead}' at {self.stage!r} cannot take '{trigger}'"
        if self.why:
            return f"{text}: {self.why}"
        guess = did_you_mean(self.trigger, self.legal)
        close = f" {guess}" if guess.startswith("did you mean") else ""
        known = listing([*map(repr, self.legal)]) or "nothing"
        return f"{text};{close} from there it can take {known}"


class RefusedMoveError(MqlkitError, ValueError):
    """
    An event whose moves exist, and whose criteria do not hold.

    Args:
        lead_id: Whose.
        stage: Where the lead stands.
        trigger: What was tried.
        reasons: Why, one for each move with its target.

    >>> from mqlkit import Lead, attribute
    >>> from datetime import UTC, datetime
    >>> ada = Lead("ada", {"employees": 20}).at(datetime(2026, 3, 2, tzinfo=UTC))
    >>> reason = (attribute("employees") >= 50).explain(ada)
    >>> raise RefusedMoveError("ada", "lead", "qualified", [("mql", reason)])
    Traceback (most recent call last):
    ...
    mqlkit.lifecycle.refusal.RefusedMoveError: 'ada' at 'lead' is refused 'qualified' to 'mql': \
employees is at least 50 does not hold (employees is 20)
    """

    def __init__(
        self, lead_id: str, stage: str, trigger: str, reasons: Iterable[tuple[str, Reason]]
    ) -> None:
        self.lead_id, self.stage, self.trigger = lead_id, stage, trigger
        self.reasons = tuple(reasons)
        super().__init__(lead_id, stage, trigger, self.reasons)

    def __str__(self) -> str:
        head = f"'{printable(self.lead_id)}' at {self.stage!r} is refused {self.trigger!r}"
        moves = [f"to {target!r}: {_leaves(reason)}" for target, reason in self.reasons]
        return f"{head} {_joined(moves, ' and ')}"


def failing(reason: Reason, wanted: Verdict = Verdict.YES) -> Iterator[Reason]:
    """The leaves that keep a reason from the verdict *wanted*: each says what was seen."""
    below = [part for part in reason.parts if part.verdict is not None]
    if not below:
        yield reason
        return
    if _turned(reason, below):
        wanted = ~wanted
    # Where each part is as wanted, as in "exactly one of", they are wrong together.
    for part in [part for part in below if part.verdict is not wanted] or below:
        yield from failing(part, wanted)


def _turned(reason: Reason, below: list[Reason]) -> bool:
    """Whether a reason is the opposite of the only one below it."""
    known = {reason.verdict, *(part.verdict for part in below)}
    return len(below) == 1 and known == {Verdict.YES, Verdict.NO}


def _leaves(reason: Reason) -> str:
    return _joined([*dict.fromkeys(map(leaf_text, failing(reason)))], "; ")


def _joined(texts: list[str], between: str) -> str:
    more = [f"{len(texts) - _MOST:,} more"] if len(texts) > _MOST else []
    return between.join(texts[:_MOST] + more)


def leaf_text(reason: Reason) -> str:
    """A leaf in a line: what was wanted and what was seen."""
    seen = ", ".join(
        f"{printable(one.name)} is {one.value}" if one.field else one.value for one in reason.seen
    )
    return f"{printable(reason.text, 200)}{_ANSWER[reason.verdict]}" + (
        f" ({seen})" if seen else ""
    )


_ANSWER: Final = {
    Verdict.YES: " holds",
    Verdict.NO: " does not hold",
    Verdict.UNKNOWN: " is not known",
    None: "",
}
