"""
Questions about a text: what it contains, how it starts and ends, which pattern it matches.

Text compares folded unless its attribute is case sensitive. Patterns are RE2 syntax, matched in
linear time whatever the text; they need the ``regex`` extra, the plain questions never do.
"""

from abc import abstractmethod
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar, Final

import attrs

from ..criterion import Criterion
from ..errors import DefinitionError, KindError, MissingExtraError
from ..explanation import Reason
from ..lead import Snapshot
from ..measure import Measure, check_kind
from ..registry import register
from ..value import kind_of, listing, literal, show
from ..verdict import Verdict

_LONGEST_PATTERN: Final = 512
_MOST_MEMORY: Final = 1 << 19
"""Bytes for one pattern: a short one such as ``\\pL{500}`` would take many times that."""
_LONGEST_SUBJECT: Final = 65_536


def _words(values: object) -> tuple[str, ...]:
    """Texts to look for, each once: neither order nor repeats mean anything."""
    if not isinstance(values, list | tuple | set | frozenset):
        raise KindError(f"wanted a list of texts, not {show(values)}")
    words = {literal(value) for value in values}
    for word in words:
        if kind_of(word) != "text":
            raise KindError(f"wanted text to look for, not {show(word)}")
    if not words:
        raise DefinitionError("give at least one text to look for")
    return tuple(sorted(map(str, words)))


@attrs.frozen
class TextQuestion(Criterion):
    """A question about the text of a measure."""

    measure: Measure

    def __attrs_post_init__(self) -> None:
        check_kind(self.measure, "text")

    @property
    def about_knowledge(self) -> bool:  # type: ignore[override]
        return self.measure.about_knowledge

    def judge(self, lead: Snapshot) -> Verdict:
        found = self.measure.range(lead, "text")
        return Verdict.UNKNOWN if found is None else self.holds(found.low)

    @abstractmethod
    def holds(self, text: str) -> Verdict:
        """The answer for a text that is not blank."""

    def explain(self, lead: Snapshot) -> Reason:
        return self.recall(self.measure.told_by(lead), self._explained, lead)

    def _explained(self, lead: Snapshot) -> Reason:
        return Reason(self.stated(), self.judge(lead), self.measure.explain(lead, "text"))

    def changes_at(self, lead: Snapshot) -> datetime | None:
        return self.measure.changes_at(lead)


@attrs.frozen
class WordQuestion(TextQuestion):
    """A question about words in a text: one of them is enough."""

    words: tuple[str, ...] = attrs.field(converter=_words)

    relation: ClassVar[str]

    @abstractmethod
    def fits(self, text: str, word: str) -> bool:
        """Whether one word is found."""

    def holds(self, text: str) -> Verdict:
        return Verdict.of(any(self.fits(text, self.measure.units(word)) for word in self.words))

    def describe(self) -> str:
        words = listing([show(word) for word in self.words])
        return f"{self.measure.describe()} {self.relation} {words}"


@register("contains_any", main="words", subject="measure")
@attrs.frozen(cache_hash=True)
class ContainsAny(WordQuestion):
    """The text contains one of the words, anywhere."""

    relation = "contains"

    def fits(self, text: str, word: str) -> bool:
        return word in text


@register("starts_with", main="words", subject="measure")
@attrs.frozen(cache_hash=True)
class StartsWith(WordQuestion):
    """The text starts with one of the words."""

    relation = "starts with"

    def fits(self, text: str, word: str) -> bool:
        return text.startswith(word)


@register("ends_with", main="words", subject="measure")
@attrs.frozen(cache_hash=True)
class EndsWith(WordQuestion):
    """The text ends with one of the words."""

    relation = "ends with"

    def fits(self, text: str, word: str) -> bool:
        return text.endswith(word)


@lru_cache(maxsize=512)
def compiled(pattern: str) -> Any:
    """
    The pattern, ready to search.

    Raises:
        MissingExtraError: google-re2 is not installed; no other engine is ever used instead.
        DefinitionError: the pattern is outside RE2 syntax.
    """
    try:
        import re2
    except ImportError:
        raise MissingExtraError("a pattern", "regex") from None
    if not hasattr(re2, "Options"):  # another package of that name falls back to Python's engine
        raise MissingExtraError("a pattern (another package called re2 is installed)", "regex")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MOST_MEMORY
    try:
        return re2.compile(pattern, options)
    except UnicodeEncodeError:
        raise DefinitionError(f"{show(pattern)} holds half a surrogate pair") from None
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        reason = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise DefinitionError(f"{show(pattern)} is not an RE2 pattern: {reason}") from None


def _pattern(value: object) -> str:
    pattern = literal(value)
    if not isinstance(pattern, str):
        raise KindError(f"a pattern is text, not {show(value)}")
    if len(pattern) > _LONGEST_PATTERN:
        raise DefinitionError(
            f"a pattern may have {_LONGEST_PATTERN} characters, not {len(pattern):,}"
        )
    compiled(pattern)
    return pattern


@register("matches", main="pattern", subject="measure")
@attrs.frozen(cache_hash=True)
class Matches(TextQuestion):
    """
    The text matches an RE2 pattern somewhere.

    The pattern sees the text as it was written; start it with ``(?i)`` to ignore case. A text of
    more than 65,536 characters is UNKNOWN, and so is one that is not Unicode throughout.
    """

    pattern: str = attrs.field(converter=_pattern)

    def judge(self, lead: Snapshot) -> Verdict:
        found = self.measure.range(lead, "written")
        return Verdict.UNKNOWN if found is None else self.holds(found.low)

    def holds(self, text: str) -> Verdict:
        if _unreadable(text):
            return Verdict.UNKNOWN
        return Verdict.of(compiled(self.pattern).search(text) is not None)

    def _explained(self, lead: Snapshot) -> Reason:
        reason = TextQuestion._explained(self, lead)
        found = self.measure.range(lead, "written")
        fault = "" if found is None else _unreadable(found.low)
        if not fault:
            return reason
        seen = (attrs.evolve(one, missing=True, fault=fault) for one in reason.seen)
        return attrs.evolve(reason, seen=tuple(seen))

    def describe(self) -> str:
        return f"{self.measure.describe()} matches {show(self.pattern)}"


def _unreadable(text: str) -> str:
    """What is wrong with a text that no pattern can be matched with; else ``""``."""
    if len(text) > _LONGEST_SUBJECT:
        return f"wanted text of at most {_LONGEST_SUBJECT:,} characters"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "wanted text without half a surrogate pair"
    return ""
