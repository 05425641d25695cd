"""
Whether a bulk answer is what the same leads are told one by one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final

import attrs

from ..decision import Decision
from ..points import in_points
from ..value import moment_text, show
from .statement import Output

MOST_TOLD: Final = 1_000
"""A verification keeps that many differences; all rows that differ are counted."""
_JOINT: Final = "; "


@attrs.frozen
class Difference:
    """
    One value that is otherwise in bulk than in process.

    Args:
        lead_id: Whose it is.
        as_of: Decided at which instant; None where there is no row.
        column: Which one.
        bulk: What the bulk answer has there.
        in_process: What the lead is told by itself. Both are texts, points or instants.
    """

    lead_id: str
    as_of: datetime | None
    column: str
    bulk: Any
    in_process: Any

    def __str__(self) -> str:
        when = "" if self.as_of is None else f" as of {moment_text(self.as_of)}"
        return (
            f"{show(self.lead_id)}{when}, {self.column}: "
            f"{show(self.bulk)} in bulk, {show(self.in_process)} in process"
        )


@attrs.frozen
class Verification:
    """
    What comparing rows with decisions made one by one found.

    Args:
        checked: Rows that were compared.
        differing: Rows that differ.
        differences: The first thousand values that do.

    >>> print(Verification(1_000, 0, ()))
    1,000 rows checked, none differs
    """

    checked: int
    differing: int
    differences: tuple[Difference, ...]

    @property
    def agrees(self) -> bool:
        """Whether no row differs."""
        return not self.differing

    def __str__(self) -> str:
        rows = "1 row" if self.checked == 1 else f"{self.checked:,} rows"
        known = {0: "none differs", 1: "1 differs"}
        how = known.get(self.differing, f"{self.differing:,} differ")
        return "\n  ".join([f"{rows} checked, {how}", *map(str, self.differences)])


@attrs.define
class Comparing:
    """
    Rows compared so far.

    Args:
        columns: Those of the answer.
    """

    columns: Sequence[Output]
    checked: int = 0
    differing: int = 0
    differences: list[Difference] = attrs.field(factory=list[Difference])

    def row(self, row: Mapping[str, Any], decision: Decision | None) -> None:
        """
        One more row.

        Args:
            row: Of the bulk answer, by column.
            decision: The one in process; None when the lead is not there.
        """
        right: dict[str, Any] = {"lead_id": None}
        if decision is not None:
            right = values_of(decision, self.columns)
        self._count(
            [
                Difference(row["lead_id"], row["as_of"], name, row[name], value)
                for name, value in right.items()
                if row[name] != value
            ]
        )

    def lacks(self, lead_id: str) -> None:
        """A lead that has no row."""
        self._count([Difference(lead_id, None, "lead_id", None, lead_id)])

    def _count(self, wrong: list[Difference]) -> None:
        self.checked += 1
        self.differing += bool(wrong)
        self.differences += wrong[: MOST_TOLD - len(self.differences)]

    def done(self) -> Verification:
        """What was found."""
        return Verification(self.checked, self.differing, tuple(self.differences))


def values_of(decision: Decision, columns: Iterable[Output]) -> dict[str, Any]:
    """
    What an answer says of a decision, by the names of its columns.

    Points are `Decimal`, instants aware; the digest of the inputs is no part of a decision.
    """
    told: dict[str, Any] = {}
    for column in columns:
        what, *which = column.of
        if what in _TOLD:
            told[column.name] = _TOLD[what](decision, *which)
    return told


def _decision(decision: Decision) -> str:
    return str(decision.status)


def _reasons(decision: Decision) -> str:
    return _JOINT.join(decision.reasons)


def _score(decision: Decision, name: str, end: str) -> Decimal:
    return in_points(getattr(decision.scores[name].millis, end))


def _grade(decision: Decision, name: str) -> str:
    return decision.grades[name]


def _labels(decision: Decision) -> str:
    return _JOINT.join(decision.labels)


def _missing(decision: Decision) -> str:
    return _JOINT.join(sorted({one.field for one in decision.missing}))


def _rule(decision: Decision, score: str, name: str, end: str) -> Decimal:
    """What is left of a rule's points: its line, and the one about decay that follows it."""
    millis, mine = 0, False
    for line in decision.scores[score].lines:
        mine = line.name == name if line.kind == "rule" else mine and line.kind == "decay"
        if mine:
            millis += getattr(line.millis, end)
    return in_points(millis)


_TOLD: Final[Mapping[str, Callable[..., Any]]] = {
    "lead_id": attrgetter("lead.id"),
    "as_of": attrgetter("as_of"),
    "decision": _decision,
    "reasons": _reasons,
    "score": _score,
    "grade": _grade,
    "labels": _labels,
    "missing": _missing,
    "rule": _rule,
    "name": attrgetter("qualification.name"),
    "version": attrgetter("qualification.version"),
    "fingerprint": attrgetter("qualification.fingerprint"),
    "changes_at": attrgetter("changes_at"),
}
"""How each column is told, by what it is of."""
