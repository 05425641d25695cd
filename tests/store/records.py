"""Records to put into a store."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from mqlkit.effect import Effect
from mqlkit.store import Fact, HandoffRow, Row, Transaction

NOON = datetime(2026, 3, 2, 12, 0, 0, 123_457, tzinfo=UTC)
DAY = timedelta(days=1)


def fact(name: str, **data: Any) -> Fact:
    return Fact(name, "activity", NOON, NOON + timedelta(seconds=1), data)


def row(lead_id: str, version: int, **others: Any) -> Row:
    given = {"stage": "lead", "furthest": "lead", "since": NOON, "episode": 1, **others}
    return Row(lead_id, version, **given)


def handoff(lead_id: str, episode: int = 1, **others: Any) -> HandoffRow:
    given = {"state": "offered", "owner": "rosa", "opened_at": NOON, **others}
    return HandoffRow(lead_id, episode, **given)


def effect(lead_id: str, name: str, **data: Any) -> Effect:
    return Effect("entered", lead_id, NOON, f"{lead_id}/{name}", data)


def record(
    transaction: Transaction, lead_id: str, facts: Iterable[Fact], **others: Any
) -> tuple[Fact, ...]:
    """What a funnel does: load, leave out what is there, append the rest. Returns the rest."""
    stored = transaction.load(lead_id)
    known = {one.id for one in stored.facts} if stored else set()
    version = stored.row.version if stored else 0
    news = tuple(one for one in facts if one.id not in known)
    if news:
        new_row = row(lead_id, version + len(news), **others)
        transaction.append(new_row, news, expected=version)
    return news
