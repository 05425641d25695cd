"""
Recording a file: many lines in one transaction or each in its own, and none of them lost.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

from ..errors import MqlkitError
from ..funnel import Funnel, Recorded
from ..store import SchemaError, StoreUnavailableError
from ..tables import Tally
from ..tables.source import Row
from .lines import Told, read_line
from .run import where_raised

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_TICK = timedelta(microseconds=1)
"""What is told at the instant at which something is due is told in time: no tick comes before."""
_GIVE_UP = (SchemaError, StoreUnavailableError)
"""What stands in the way of every line, not of one."""


@attrs.define
class Recording:
    """
    Lines on their way into a funnel.

    Args:
        funnel: Where they are recorded.
        tally: Told of every line that is used or refused.
        batch: So many lines in one transaction.
        now: When they are told; None takes each line's own time, as if it were told then.
        every: With each line's own time: how often the funnel is ticked on the way.
    """

    funnel: Funnel
    tally: Tally
    batch: int = 1
    now: datetime | None = None
    every: timedelta = timedelta(minutes=1)
    recorded: int = 0
    known: int = 0
    effects: int = 0
    failed: dict[str, Exception] = attrs.field(factory=dict)
    clock: datetime | None = None
    _ticked: datetime = _LONG_AGO
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
        """Record the rest; with each line's own time, let it pass up to the last one."""
        self.flush()
        if self.clock is not None:
            self._tick(self.clock)

    def until(self, at: datetime) -> datetime:
        """Time passes up to *at*, where each line's own time counts; it never runs back."""
        if self.clock is None:
            self.clock = at
            self._tick(at - _TICK)  # Of what was recorded before, something may be due.
            self._ticked = at
        self.clock = max(self.clock, at)
        if self._steps(self.clock) > 0:
            self.flush()
            while (due := self._first_due(self.clock)) is not None:
                self._tick(due)
            self._ticked += self._steps(self.clock) * self.every
        return self.clock

    def _steps(self, until: datetime) -> int:
        """How many times the funnel is to be ticked before *until*."""
        return (until - _TICK - self._ticked) // self.every

    def _first_due(self, until: datetime) -> datetime | None:
        """The first step of time before *until* at which a lead is due; None when none is."""
        low, high = 0, self._steps(until)
        if high < 1 or not self._is_due(self._ticked + high * self.every):
            return None
        while high - low > 1:  # Years in which nothing happens take no longer than a day.
            middle = (low + high) // 2
            if self._is_due(self._ticked + middle * self.every):
                high = middle
            else:
                low = middle
        return self._ticked + high * self.every

    def _is_due(self, at: datetime) -> bool:
        due = self.funnel.store.due(at, limit=len(self.failed) + 1)
        return any(lead not in self.failed for lead in due)

    def _tick(self, now: datetime) -> None:
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
            f"{tally.source}: {tally.read:,} lines read = {self.recorded:,} recorded + "
            f"{self.known:,} known already + {tally.refused:,} refused; {self.effects:,} effects"
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


def _problem(error: Exception) -> str:
    """What is wrong, in words; of an error that is not ours only what and where."""
    if isinstance(error, MqlkitError):
        return " ".join(str(error).split())
    return f"could not be recorded: it raised {where_raised(error)}"
