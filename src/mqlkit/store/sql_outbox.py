"""
Claiming messages of an outbox in a database, and saying that they arrived.
"""

from typing import Final

from sqlalchemy import Connection, bindparam, func, or_, select, update

from . import columns
from .base import Message, StaleClaimError
from .dialects import Dialect
from .schema import OUTBOX

_MOST_CLAIMED: Final = 10_000
"""Messages in one claim: SQLite takes some 32,000 parameters in a statement."""

_FREE: Final = (
    select(OUTBOX.c.seq)
    .where(
        OUTBOX.c.delivered_at.is_(None),
        or_(OUTBOX.c.claimed_until.is_(None), OUTBOX.c.claimed_until <= bindparam("now")),
    )
    .order_by(OUTBOX.c.seq)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_CLAIM: Final = (
    update(OUTBOX)
    .where(OUTBOX.c.seq.in_(bindparam("seqs", expanding=True)))
    .values(
        claimed_by=bindparam("worker"),
        claimed_until=bindparam("until"),
        fence=OUTBOX.c.fence + 1,
        attempts=OUTBOX.c.attempts + 1,
    )
    .returning(OUTBOX)
)
_DELIVER: Final = (
    update(OUTBOX)
    .where(OUTBOX.c.seq == bindparam("of_seq"), OUTBOX.c.fence == bindparam("of_fence"))
    .values(delivered_at=func.coalesce(OUTBOX.c.delivered_at, bindparam("now")))
)
_RELEASE: Final = (
    update(OUTBOX)
    .where(OUTBOX.c.seq == bindparam("of_seq"), OUTBOX.c.fence == bindparam("of_fence"))
    .values(claimed_until=None)
)


def claim(
    connection: Connection, dialect: Dialect, worker: str, span: int, limit: int
) -> list[Message]:
    """
    Up to *limit* messages for *worker*, held for *span* microseconds of the database's clock.

    Messages that another worker is claiming at this moment are passed over, not waited for.
    """
    now = connection.execute(dialect.now).scalar_one()
    most = min(limit, _MOST_CLAIMED)
    seqs = list(connection.scalars(_FREE, {"now": now, "most": most}))
    if not seqs:
        return []
    found = connection.execute(_CLAIM, {"seqs": seqs, "worker": worker, "until": now + span})
    messages = [columns.message_of(one, fence=one["fence"]) for one in found.mappings()]
    return sorted(messages, key=lambda message: message.seq)


def deliver(connection: Connection, dialect: Dialect, claimed: list[Message]) -> None:
    """
    Mark messages as delivered.

    Raises:
        StaleClaimError: one has another fence by now, or is not there.
    """
    now = connection.execute(dialect.now).scalar_one()
    marks = [{"of_seq": one.seq, "of_fence": one.fence, "now": now} for one in claimed]
    if connection.execute(_DELIVER, marks).rowcount == len(claimed):
        return
    asked = select(OUTBOX.c.seq, OUTBOX.c.fence).where(OUTBOX.c.seq == bindparam("of_seq"))
    found = [connection.execute(asked, {"of_seq": one.seq}).first() for one in claimed]
    ours = [(one.seq, one.fence) for one in claimed]
    raise StaleClaimError(
        next(own[0] for own, kept in zip(ours, found, strict=True) if kept != own)
    )


def release(connection: Connection, claimed: list[Message]) -> None:
    """Free messages that are still held under the claim that handed them out."""
    connection.execute(_RELEASE, [{"of_seq": one.seq, "of_fence": one.fence} for one in claimed])
