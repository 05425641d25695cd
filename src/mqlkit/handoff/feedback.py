"""
Feedback: what sales says of a lead, beside the rules and the score that sent it.

The summary shows where marketing and sales disagree: of the leads that a rule helped to qualify,
or that scored in a band, how many came too soon, fitted badly or never answered.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

import attrs

from ..errors import DefinitionError, KindError
from ..points import in_points, millipoints
from ..value import instant, printable, show
from .event import written
from .offer import Handoff
from .reasons import FINDINGS
from .record import Line


def _at(at: datetime) -> datetime:
    return instant(at, "a feedback's time")


def _finding(value: object) -> str:
    if value != "" and value not in FINDINGS:
        raise DefinitionError(f"a finding is one of FINDINGS or nothing, not {show(value)}")
    return str(value)


@attrs.frozen
class Feedback:
    """
    What sales said of one lead.

    Args:
        lead_id: Of whom.
        episode: Of which climb.
        at: When. Aware.
        by: Who; ``""`` for an end that came by itself, of which sales said nothing.
        definition: The definition that sent the lead, with *version* and *fingerprint*.
        version: Its version then.
        fingerprint: The digest of its content then.
        points: The scores then, by name.
        lines: The score lines that counted, those that took points too.
        reasons: What the decision gave as its reasons: what qualified the lead at once, and the
            definition's own name where that held.
        finding: One of `FINDINGS`, or ``""`` when the lead was good.
        reason: The code that was picked, or ``""``.
        outcome: What came of a good one, in sales' own word.
    """

    lead_id: str
    episode: int
    at: datetime = attrs.field(converter=_at)
    by: str
    definition: str
    version: str
    fingerprint: str
    points: Mapping[str, int | float]
    lines: tuple[Line, ...] = ()
    reasons: tuple[str, ...] = ()
    finding: str = attrs.field(default="", converter=_finding)
    reason: str = ""
    outcome: str = ""

    @property
    def rules(self) -> tuple[str, ...]:
        """What helped to qualify the lead: the rules that gave points, and what did so at once."""
        gave = (line.name for line in self.lines if line.points > 0)
        at_once = (
            reason
            for reason in self.reasons
            if reason != self.definition and not reason.startswith(_SHORT_OF)
        )
        return tuple(dict.fromkeys((*gave, *at_once)))

    def to_dict(self) -> dict[str, Any]:
        """The feedback as plain data, for JSON."""
        plain = attrs.asdict(self)
        return plain | {"at": written(self.at), "points": dict(self.points)}


_SHORT_OF: Final = "unmet: "
"""How a decision starts to say what a lead that was handed off anyway falls short of."""


def feedback_of(handoff: Handoff) -> tuple[Feedback, ...]:
    """
    What came back in the course of one handoff: each rejection, each return, and the close.

    A close that came by itself when the attempts were used up is nobody's word: it is there with
    its finding, and with nobody who said it. There is nothing of a handoff that is under way or
    was withdrawn without any.
    """
    return tuple(
        Feedback(
            handoff.lead_id,
            handoff.episode,
            ending.at,
            "" if ending.automatic else ending.by,
            handoff.definition,
            handoff.version,
            handoff.fingerprint,
            handoff.points,
            handoff.lines,
            handoff.reasons,
            ending.finding,
            ending.reason,
            ending.outcome,
        )
        for ending in handoff.endings
    )


# -- the summary -------------------------------------------------------------------------------


@attrs.frozen
class Tally:
    """
    What sales said of the leads that have something in common.

    ``what`` says what, to follow "leads that"; ``leads`` is how many; ``findings`` how many with
    each finding, the commonest first; ``good`` how many without.
    """

    what: str
    leads: int
    findings: Mapping[str, int]

    @property
    def good(self) -> int:
        """How many with no finding against them."""
        return self.leads - sum(self.findings.values())

    def share(self, finding: str) -> int:
        """The share of a finding in whole percent, a half rounded up."""
        return (200 * self.findings.get(finding, 0) + self.leads) // (2 * self.leads)

    def __str__(self) -> str:
        head = f"of {self.leads:,} lead{'' if self.leads == 1 else 's'} that {self.what}"
        if not self.findings:
            return f"{head}, sales gave none back"
        told = (f"{self.share(name)} % were {_SPOKEN.get(name, name)}" for name in self.findings)
        return f"{head}, {', '.join(told)}"

    def to_dict(self) -> dict[str, Any]:
        """The tally as plain data."""
        findings = dict(self.findings)
        return {"what": self.what, "leads": self.leads, "good": self.good, "findings": findings}


_SPOKEN = {
    "wrong fit": "the wrong fit",
    "duplicate": "duplicates",
    "no response": "without a response",
}


@attrs.frozen
class Summary:
    """
    Where marketing and sales disagree.

    ``total`` is all leads, ``rules`` those by each rule that gave points or qualified at once, the
    most given back first; ``bands`` those by score. Of one lead and episode the last word counts;
    of several at one instant what sales said, an outcome first, else the first of `FINDINGS`.
    """

    total: Tally | None
    rules: tuple[Tally, ...]
    bands: tuple[Tally, ...]

    def __str__(self) -> str:
        if self.total is None:
            return "no feedback"
        return "\n".join(map(str, (self.total, *self.rules, *self.bands)))

    def to_dict(self) -> dict[str, Any]:
        """The summary as plain data."""
        return {
            "total": None if self.total is None else self.total.to_dict(),
            "rules": [tally.to_dict() for tally in self.rules],
            "bands": [tally.to_dict() for tally in self.bands],
        }


def summary(
    feedbacks: Iterable[Feedback], thresholds: Mapping[str, Iterable[int | float]] | None = None
) -> Summary:
    """
    What sales said, for each rule and for each band of a score.

    Args:
        feedbacks: In any order.
        thresholds: By score, the points at which a band ends and the next begins: ``{"total":
            (50, 80)}`` makes three bands, below 50, from 50 to below 80, from 80 on.

    Returns:
        A tally for each rule and for each band that any lead is in.

    Raises:
        KindError: a threshold is no number.
        DefinitionError: a threshold has more than three decimals.
    """
    last: dict[tuple[str, int], Feedback] = {}
    for feedback in sorted(feedbacks, key=_weight):
        last[feedback.lead_id, feedback.episode] = feedback
    said = tuple(last.values())
    by_rule: dict[str, list[Feedback]] = {}
    for feedback in said:
        for rule in feedback.rules:
            by_rule.setdefault(rule, []).append(feedback)
    rules = [_tally(f"qualified through '{printable(r)}'", some) for r, some in by_rule.items()]
    rules.sort(key=lambda tally: (-(tally.leads - tally.good) / tally.leads, tally.what))
    bands = [
        band for score, points in (thresholds or {}).items() for band in _bands(score, points, said)
    ]
    silent = not all(feedback.by for feedback in said)
    spoken = "sales has spoken about" + (" or that did not answer" if silent else "")
    total = _tally(spoken, said) if said else None
    return Summary(total, tuple(rules), tuple(bands))


def _weight(feedback: Feedback) -> tuple[object, ...]:
    """What orders feedback, however it comes in, by all that a summary reads."""
    rank = -FINDINGS.index(feedback.finding) if feedback.finding else 1
    points = tuple(sorted(feedback.points.items()))
    return feedback.at, feedback.by != "", feedback.outcome, rank, points, feedback.rules


def _tally(what: str, some: Iterable[Feedback]) -> Tally:
    findings = [feedback.finding for feedback in some]
    counts = Counter(finding for finding in findings if finding)
    ordered = sorted(counts.items(), key=lambda count: (-count[1], FINDINGS.index(count[0])))
    return Tally(what, len(findings), dict(ordered))


def _bands(score: str, points: object, said: tuple[Feedback, ...]) -> Iterator[Tally]:
    if not isinstance(points, Iterable) or isinstance(points, str):
        raise KindError(f"thresholds of {score!r} are a list of points, not {show(points)}")
    edges = sorted({millipoints(point, "a threshold") for point in points})
    scored = [(millipoints(one.points[score]), one) for one in said if score in one.points]
    for low, high in pairwise((None, *edges, None)):
        some = [one for given, one in scored if _between(given, low, high)]
        if some:
            yield _tally(f"scored {_band_text(low, high)} in {printable(score)!r}", some)


def _between(given: int, low: int | None, high: int | None) -> bool:
    return (low is None or low <= given) and (high is None or given < high)


def _band_text(low: int | None, high: int | None) -> str:
    if low is None:
        return "anything" if high is None else f"below {in_points(high):f}"
    floor = f"{in_points(low):f}"
    return f"{floor} or more" if high is None else f"from {floor} to below {in_points(high):f}"
