"""
Questions about the text of a field: all about one field are answered together, once for each text.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from ..lead import History, Snapshot
from ..plan import node
from .running import PLAIN

_MOST_KEPT: Final = 4_096
_LONGEST_KEPT: Final = 256


class Texts:
    """
    The answers about the text of one field, kept by text: each is found once.

    Args:
        field: Its name.
        questions: What finds each answer from a snapshot that holds the field.
    """

    def __init__(self, field: str, questions: Sequence[Callable[[Snapshot], Any]]) -> None:
        self.kept: dict[str | None, Any] = {}
        self._field = field
        self._questions = tuple(questions)

    def other(self, value: object, now: datetime) -> Any:
        """The answers about a value that is not kept; of a history about what it says now."""
        plain = value.at(now) if isinstance(value, History) else value
        snapshot = Snapshot({self._field: plain}, now)
        answers = tuple(question(snapshot) for question in self._questions)
        found = answers[0] if len(answers) == 1 else answers
        if plain is None or (type(plain) is str and len(plain) <= _LONGEST_KEPT):
            if len(self.kept) >= _MOST_KEPT:
                self.kept.clear()
            self.kept[plain] = found
        return found


class FieldTexts:
    """All questions about the text of each field, so that they are answered together."""

    def __init__(self) -> None:
        self._questions: dict[str, list[node.OfText | node.ByText]] = {}
        self._answers: dict[str, Texts] = {}

    def note(self, asking: node.OfText | node.ByText) -> None:
        """One more question."""
        asked = self._questions.setdefault(asking.field, [])
        if asking not in asked:
            asked.append(asking)

    def questions(self, field: str) -> list[node.OfText | node.ByText]:
        """Those about one field, in the order of their answers."""
        return self._questions[field]

    def answers(self, field: str) -> Texts:
        """What answers them, and keeps the answers by text."""
        if field not in self._answers:
            found = map(_question, self._questions[field])
            self._answers[field] = Texts(field, tuple(found))
        return self._answers[field]


def _question(asking: node.OfText | node.ByText) -> Callable[[Snapshot], Any]:
    if isinstance(asking, node.OfText):
        return lambda snapshot: PLAIN[asking.criterion.judge(snapshot)]
    rule, table = asking.rule, asking.table

    def points(snapshot: Snapshot) -> int | None:
        found = rule.measure.range(snapshot, "text")
        return None if found is None else table.get(found.low, 0)

    return points
