"""
Events that cannot be taken, said so that the caller can mend it.
"""

from collections.abc import Iterable, Iterator

from ..errors import MqlkitError, did_you_mean
from ..explanation import Reason
from ..value import listing, printable
from ..verdict import Verdict


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
    """

    def __init__(
        self, lead_id: str, stage: str, trigger: str, reasons: Iterable[tuple[str, Reason]]
    ) -> None:
        self.lead_id, self.stage, self.trigger = lead_id, stage, trigger
        self.reasons = tuple(reasons)
        super().__init__(lead_id, stage, trigger, self.reasons)

    def __str__(self) -> str:
        head = f"'{printable(self.lead_id)}' at {self.stage!r} is refused {self.trigger!r}"
        moves = (
            f"to {target!r}: {'; '.join(map(leaf_text, failing(reason)))}"
            for target, reason in self.reasons
        )
        return f"{head} {' and '.join(moves)}"


def failing(reason: Reason) -> Iterator[Reason]:
    """The leaves that keep a reason from YES: what was seen and what was wanted."""
    below = [part for part in reason.parts if part.verdict is not None]
    if not below:
        yield reason
        return
    wrong = [part for part in below if part.verdict is not Verdict.YES]
    for part in wrong or below:
        # Below a "not" every part may hold: then the part that holds is what is wrong.
        yield from failing(part) if wrong else iter([part])


def leaf_text(reason: Reason) -> str:
    """A leaf in a line: what was wanted and what was seen."""
    seen = ", ".join(
        f"{printable(one.name)} is {one.value}" if one.field else one.value for one in reason.seen
    )
    answer = "is not known"
    if reason.verdict is Verdict.YES:
        answer = "holds"
    elif reason.verdict is Verdict.NO:
        answer = "does not hold"
    return f"{printable(reason.text, 200)} {answer}" + (f" ({seen})" if seen else "")
