"""
Whether an activity's properties satisfy the filters of a question.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeAlias

from ..criterion import Criterion
from ..lead import Snapshot
from ..plan import node
from ..plan.asking import ask
from ..timeline import Activity
from .running import PLAIN
from .texts import Texts

Filter: TypeAlias = Callable[[Activity], bool | None]


def filtering(filters: Iterable[Criterion]) -> Filter:
    """Whether an activity satisfies all of some criteria about its properties."""
    several = tuple(map(_filter, filters))
    return several[0] if len(several) == 1 else partial(_all, several)


def apart(activities: Iterable[Activity], pick: node.Pick) -> tuple[list[Activity], list[Activity]]:
    """Of the activities of a pick those that match for sure, and all that may, in their order."""
    kinds = frozenset(pick.kinds)
    some = [a for a in activities if a.kind in kinds] if kinds else list(activities)
    if not pick.filters:
        return some, some
    satisfied = filtering(pick.filters)
    judged = [(activity, satisfied(activity)) for activity in some]
    return (
        [activity for activity, answer in judged if answer],
        [activity for activity, answer in judged if answer is not False],
    )


def _all(several: tuple[Filter, ...], activity: Activity) -> bool | None:
    answers = [satisfied(activity) for satisfied in several]
    return False if False in answers else None if None in answers else True


def _filter(criterion: Criterion) -> Filter:
    asking = ask(criterion)
    if isinstance(asking, node.OfText) and "." not in asking.field:
        return _of_text(asking.field, criterion)

    def satisfied(activity: Activity) -> bool | None:
        return PLAIN[criterion.judge(Snapshot(activity.properties, activity.at))]

    return satisfied


def _of_text(field: str, criterion: Criterion) -> Filter:
    """A question about a text, which is answered once for each text."""
    texts = Texts(field, (lambda snapshot: PLAIN[criterion.judge(snapshot)],))
    kept = texts.kept

    def satisfied(activity: Activity) -> bool | None:
        value = activity.properties.get(field)
        try:
            found: bool | None = kept[value]  # type: ignore[index]
        except Exception:  # not met yet, or nothing that a table can hold
            found = texts.other(value, activity.at)
        return found

    return satisfied
