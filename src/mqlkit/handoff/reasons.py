"""
Reason codes: why sales gives a lead back, and what that tells marketing.

Each code is a team's own word for one of seven findings, and leads somewhere: back to nurture
for a stated time, out, or on to another rep.
"""

from datetime import timedelta
from typing import Final, Literal, TypeAlias

import attrs

from ..errors import DefinitionError
from ..lifecycle.stage import span_or_none, word
from ..value import listing, show

Finding: TypeAlias = Literal[
    "too soon", "too late", "wrong fit", "bad data", "duplicate", "no response", "not now"
]
Then: TypeAlias = Literal["recycle", "disqualify", "retry"]

FINDINGS: Final[tuple[Finding, ...]] = (
    "too soon", "too late", "wrong fit", "bad data", "duplicate", "no response", "not now",
)  # fmt: skip
"""What a rejection tells the score."""

NO_RESPONSE: Final = "no response"
THENS: Final[tuple[Then, ...]] = ("recycle", "disqualify", "retry")


def _finding(value: object) -> Finding:
    if value not in FINDINGS:
        raise DefinitionError(f"a finding is {listing([*map(repr, FINDINGS)])}, not {show(value)}")
    return value


def _then(value: object) -> Then:
    if value not in THENS:
        raise DefinitionError(
            f"a reason leads to {listing([*map(repr, THENS)])}, not {show(value)}"
        )
    return value


@attrs.frozen
class ReasonCode:
    """
    Why a lead is given back, in a team's own words.

    Args:
        name: The word that sales picks.
        finding: What it tells the score: one of `FINDINGS`.
        then: ``"recycle"`` sends the lead back to nurture, ``"disqualify"`` puts it out,
            ``"retry"`` offers it to somebody else.
        cool_down: How long a recycled lead rests. A code that recycles must say.

    Raises:
        DefinitionError: a part has a value that it cannot have.
        KindError: the cool-down is no span.

    >>> ReasonCode("no budget yet", "too soon", cool_down=timedelta(days=90)).trigger
    'recycled'
    """

    name: str = attrs.field(converter=word)
    finding: Finding = attrs.field(converter=_finding)
    then: Then = attrs.field(default="recycle", converter=_then, kw_only=True)
    cool_down: timedelta | None = attrs.field(default=None, converter=span_or_none, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.then != "recycle" and self.cool_down is not None:
            raise DefinitionError(
                f"only a recycled lead cools down, and {self.name!r} leads to {self.then!r}; "
                "leave cool_down out"
            )

    @property
    def trigger(self) -> str:
        """What the lifecycle is told: recycled, unanswered, disqualified, or ``""`` for a retry."""
        if self.then == "recycle":
            return "unanswered" if self.finding == NO_RESPONSE else "recycled"
        return {"disqualify": "disqualified", "retry": ""}[self.then]

    @property
    def told(self) -> tuple[tuple[str, timedelta | None], ...]:
        """The same with the cool-down, as a step hands it on."""
        return ((self.trigger, self.cool_down),) if self.trigger else ()
