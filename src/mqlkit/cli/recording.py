"""
Recording a file: many lines in one transaction or each in its own, and none of them lost.
"""

from datetime import datetime, timedelta
from typing import Any, Final

import attrs

from ..errors import MqlkitError
from ..funnel import Funnel, Recorded
from ..store import SchemaError, StoreUnavailableError
from ..tables import Tally
from ..tables.source import Row
from ..value import MICROSECOND
from .lines import Told, read_line
from .run import where_raised
from .words import counted

_EVERY: Final = timedelta(minutes=1)
_AT_ONCE: Final = 10
"""So many looks a microsecond apart; after them time goes on minute by minute."""
_GIVE_UP = (SchemaError, StoreUnavailableError)
"""What stands in the way of every line, not of one."""


@attrs.define
class Recording:
    """
    Lines on their way into a funnel.

    Args:
        funnel: Where they are recorded.
        tally: Told of every line that is used or refused.
        batch: So many lines in one transaction; with each line's own time, of one instant.
        now: When they are told; None takes each line's own time, as if it were told then.

    With each line's own time the funnel is ticked whenever a lead is due on the way. That follows
    from what is recorded alone: a file may be told whole or in parts.
    """

    funnel: Funnel
    tally: Tally
    batch: int = 1
    now: datetime | None = None
    recorded: int = 0
    known: int = 0
    effects: int = 0
    failed: dict[str, Exception] = attrs.field(factory=dict)
    clock: datetime | None = None
    _ticked: datetime | None = None
    _in_a_row: int = 0
    _waiting: list[tuple[int, Told, datetime]] = attrs.field(factory=list)

    def take(self, row: Row) -> None:
        """
        Record a line, or keep it until its transaction is full.

        Raises:
            StoreUnavailableError: the store stopped working; what was counted is recorded.
        """
        try:
            told = read_line(row.cells)
        except (MqlkitError, ValueError, RecursionError) as error:
            self.tally.refuse(row.number, _problem(error))
            return
        now = self.now if self.now is not None else self.until(told.at)
        self._waiting.append((row.number, told, now))
        if len(self._waiting) >= self.batch:
            self.flush()

    def end(self) -> None:
        """Record the rest."""
        self.flush()

    def until(self, at: datetime) -> datetime:
        """
        Time passes up to *at*, where each line's own time counts; it never runs back.

        What is told at the instant at which something is due is told in time: no tick comes first.
        """
        if self.clock is None or self.clock < at:
            self.clock = at
            self.flush()
            while (due := self._first_due(at)) is not None:
                self._tick(due)
        return self.clock

    def _first_due(self, until: datetime) -> datetime | None:
        """The first instant before *until* at which a lead is due; None when none is."""
        if not self.failed:
            wake = self.funnel.next_wake()
        else:  # Those stay due, and must not hide the others.
            rows = (row for row in self.funnel.leads() if row.lead_id not in self.failed)
            wake = min((row.wake for row in rows if row.wake is not None), default=None)
        if wake is not None and self._in_a_row > _AT_ONCE and self._ticked is not None:
            # A criterion that does not say when its answer changes asks to be looked at always.
            wake = max(wake, self._ticked + _EVERY)
        return wake if wake is not None and wake < until else None

    def _tick(self, now: datetime) -> None:
        at_once = self._ticked is not None and now - self._ticked in (MICROSECOND, _EVERY)
        self._in_a_row = self._in_a_row + 1 if at_once else 0
        self._ticked = now
        ticked = self.funnel.tick(now)
        self.effects += len(ticked.effects)
        self.failed.update(ticked.failed)

    def flush(self) -> None:
        """Record what waits for its transaction."""
        waiting, self._waiting = self._waiting, []
        if len(waiting) > 1 and self._together(waiting):
            return
        for number, told, now in waiting:
            try:
                self._count(told.to(self.funnel, now))
            except _GIVE_UP:
                raise
            except Exception as error:  # Criteria of the user's own may raise anything.
                self.tally.refuse(number, _problem(error))

    def _together(self, waiting: list[tuple[int, Told, datetime]]) -> bool:
        """All in one transaction; False, and nothing done, when one of them is refused."""
        try:
            with self.funnel.batch() as batch:
                done = [told.to(batch, now) for _, told, now in waiting]
        except _GIVE_UP:
            raise
        except Exception:  # Which of them it was shows when each is told by itself.
            return False
        for recorded in done:
            self._count(recorded)
        return True

    def _count(self, recorded: Recorded) -> None:
        self.tally.kept += 1
        self.recorded += recorded.new
        self.known += not recorded.new
        self.effects += len(recorded.effects)

    def __str__(self) -> str:
        tally = self.tally
        return (
            f"{tally.source}: {counted(tally.read, 'line')} read = {self.recorded:,} recorded + "
            f"{self.known:,} known already + {tally.refused:,} refused; "
            f"{counted(self.effects, 'effect')}"
        )

    @property
    def exit_code(self) -> int:
        """0 or 1: see the package."""
        return int(bool(self.tally.refused or self.failed or not self.tally.adds_up))

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        faults = [{"line": fault.row, "problem": fault.problem} for fault in self.tally.faults]
        return {
            "file": self.tally.source,
            "lines": self.tally.read,
            "recorded": self.recorded,
            "known": self.known,
            "refused": self.tally.refused,
            "effects": self.effects,
            "faults": faults,
            "failed": {lead: _problem(error) for lead, error in self.failed.items()},
        }


_AS_LINES: Final = {
    "history(lead_id)": "mqlkit funnel history LEAD",
    "accept(lead_id, by=...)": "a line with 'accept'",
    "take(lead_id, by=...)": "a line with 'take'",
    "move(...)": "a line with 'move'",
}
"""What the library's errors call by its Python name, as the command line has it."""


def _problem(error: Exception) -> str:
    """What is wrong, in words; of an error that is not ours only what and where."""
    if isinstance(error, MqlkitError):
        text = " ".join(str(error).split())
        for called, said in _AS_LINES.items():
            text = text.replace(called, said)
        return text
    return f"could not be recorded: it raised {where_raised(error)}"
