"""Leads and activities for tests, in few words."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from mqlkit import Activity, Criterion, Lead, Snapshot, Verdict

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)

YES, NO, UNKNOWN = Verdict.YES, Verdict.NO, Verdict.UNKNOWN


def ago(**span: float) -> datetime:
    """The instant so long before NOW."""
    return NOW - timedelta(**span)


def did(kind: str, days: float = 0, *, key: str | None = None, **properties: object) -> Activity:
    """An activity so many days ago; *key* is its id."""
    return Activity(kind, ago(days=days), properties, key)


def a_lead(*activities: Activity, **attributes: object) -> Lead:
    """A lead with a loaded timeline."""
    return Lead("ada", attributes, activities)


def now(*activities: Activity, **attributes: object) -> Snapshot:
    """That lead as of NOW."""
    return a_lead(*activities, **attributes).at(NOW)


def unloaded(**attributes: object) -> Snapshot:
    """A lead whose timeline was not loaded, as of NOW."""
    return Lead("ada", attributes).at(NOW)


def answer(criterion: Criterion, *activities: Activity, **attributes: object) -> Verdict:
    """What a criterion says of such a lead."""
    return criterion.judge(now(*activities, **attributes))


@contextmanager
def refused(error: type[Exception], text: str) -> Iterator[None]:
    """What is inside is refused with just this text."""
    with pytest.raises(error) as caught:
        yield
    assert str(caught.value) == text
