"""
An agreement: two teams share one definition of a qualified lead.

It says what marketing and sales want from the definition, which version they mean, who signed
it, what sales does with a lead and reports back, and when both look at it again. One that is not
signed, or whose review is overdue, is reported and never silently used.
"""

import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import pairwise, takewhile
from typing import Final, Literal, TypeAlias

import attrs

from .errors import DefinitionError, KindError
from .value import instant, is_blank, listing, show

State: TypeAlias = Literal["draft", "pilot", "signed"]

QUARTERLY: Final = "FREQ=MONTHLY;INTERVAL=3"
"""The review rule of an agreement that names none."""

STATES: Final[tuple[State, ...]] = ("draft", "pilot", "signed")

_LONGEST_TEXT: Final = 4_096
_MOST_TEXTS: Final = 100


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise KindError(f"wanted text, not {show(value)}")
    if is_blank(value) or len(value) > _LONGEST_TEXT:
        raise DefinitionError(
            f"wanted text of 1 to {_LONGEST_TEXT:,} characters, not {show(value)}"
        )
    return unicodedata.normalize("NFC", value)


def _text_or_nothing(value: object) -> str:
    return "" if value == "" else _text(value)


def _texts(values: object) -> tuple[str, ...]:
    if not isinstance(values, list | tuple):
        raise KindError(f"objectives and feedback are lists of texts, not {show(values)}")
    if len(values) > _MOST_TEXTS:
        raise DefinitionError(f"a list has at most {_MOST_TEXTS} texts, not {len(values):,}")
    return tuple(map(_text, values))


def _day(value: object) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise KindError(f"wanted a date such as 2026-11-21, not {show(value)}")
    return value


def _days(values: object) -> tuple[date, ...]:
    if not isinstance(values, list | tuple):
        raise KindError(f"reviewed is a list of dates, not {show(values)}")
    return tuple(sorted(set(map(_day, values))))


# -- the review rule ---------------------------------------------------------------------------
#
# It comes from strangers' files: only what is answered at once is taken. Each review is reckoned
# from where the rule starts, not from the one before: what a short month moved to its last day
# goes back to its own.

_FREQUENCIES: Final = ("WEEKLY", "MONTHLY", "YEARLY")
_NUMBERS: Final = {"INTERVAL": 120, "BYMONTHDAY": 28}


def _rule_parts(value: object) -> dict[str, str]:
    """The parts of a review rule by name, each checked."""
    parts: dict[str, str] = {}
    for part in _text(value).upper().strip(" ;").split(";"):
        name, _, wanted = (piece.strip() for piece in part.partition("="))
        if name in parts:
            raise DefinitionError(f"the review rule says {name} twice")
        if name == "FREQ":
            if wanted not in _FREQUENCIES:
                raise DefinitionError(
                    f"a review comes {listing([f'FREQ={f}' for f in _FREQUENCIES])}, "
                    f"not FREQ={show(wanted)}"
                )
        elif name in _NUMBERS:
            most = _NUMBERS[name]
            digits = wanted.isascii() and wanted.isdigit() and len(wanted) <= 4
            if not (digits and 1 <= int(wanted) <= most):
                raise DefinitionError(
                    f"{name} of a review rule is a whole number from 1 to {most}, "
                    f"not {show(wanted)}"
                )
            wanted = str(int(wanted))
        else:
            raise DefinitionError(
                f"a review rule has FREQ, INTERVAL and BYMONTHDAY, not {show(name)}; "
                f"for example {QUARTERLY!r}"
            )
        parts[name] = wanted
    return parts


def _rule(value: object) -> str:
    """A review rule in its one normal form."""
    parts = _rule_parts(value)
    if "FREQ" not in parts:
        raise DefinitionError(f"a review rule starts with FREQ, for example {QUARTERLY!r}")
    if "BYMONTHDAY" in parts and parts["FREQ"] != "MONTHLY":
        raise DefinitionError("BYMONTHDAY goes with FREQ=MONTHLY; for a year say INTERVAL=12")
    if parts.get("INTERVAL") == "1":
        del parts["INTERVAL"]
    order = ("FREQ", *_NUMBERS)
    return ";".join(f"{name}={parts[name]}" for name in order if name in parts)


def next_review(rule: str, last: date) -> date | None:
    """
    The first review after *last*.

    Args:
        rule: An RFC 5545 rule: FREQ (WEEKLY, MONTHLY or YEARLY), INTERVAL (1 to 120) and, with
            MONTHLY, BYMONTHDAY (1 to 28).
        last: When it was signed or last reviewed. Where a month lacks that day, its last one is
            meant.

    Returns:
        A date after *last*; None when the calendar ends before it.

    Raises:
        DefinitionError: *rule* asks for anything else.

    >>> next_review("FREQ=MONTHLY;INTERVAL=3", date(2026, 11, 30))
    datetime.date(2027, 2, 28)
    """
    return next(_reviews(_rule(rule), last, last), None)


def _reviews(rule: str, anchor: date, since: date) -> Iterator[date]:
    """The reviews after *anchor*, from which they are counted, that come on *since* or later."""
    parts = _rule_parts(rule)
    interval = int(parts.get("INTERVAL", 1))
    if parts["FREQ"] == "WEEKLY":
        first, step = anchor.toordinal(), 7 * interval
        start = first + step * max(1, -((first - since.toordinal()) // step))
        yield from map(date.fromordinal, range(start, date.max.toordinal() + 1, step))
        return
    step = interval * (12 if parts["FREQ"] == "YEARLY" else 1)
    day = int(parts.get("BYMONTHDAY", anchor.day))
    first = anchor.year * 12 + anchor.month - 1
    past = max(0, since.year * 12 + since.month - 1 - first)
    for month in range(first + past // step * step, (date.max.year + 1) * 12, step):
        year, place = divmod(month, 12)
        found = date(year, place + 1, min(day, monthrange(year, place + 1)[1]))
        if found > anchor and found >= since:
            yield found


# -- the agreement -----------------------------------------------------------------------------


@attrs.frozen
class Signature:
    """
    Who signed, and when.

    Args:
        by: A person, in the team's own words.
        on: The day.
    """

    by: str = attrs.field(converter=_text)
    on: date = attrs.field(converter=_day)


def _signature(value: object) -> Signature | None:
    if value is not None and not isinstance(value, Signature):
        raise KindError(f"wanted a Signature or nothing, not {show(value)}")
    return value


def _state(value: object) -> State:
    if value not in STATES:
        raise DefinitionError(f"an agreement is {listing(list(STATES))}, not {show(value)}")
    return value


@attrs.frozen(kw_only=True)
class Agreement:
    """
    What marketing and sales agreed on about one definition.

    Args:
        definition: The name of the `Qualification` that it is about.
        version: That one's version.
        fingerprint: That one's digest, if the agreement is to notice every change; ``""`` to go
            by name and version.
        state: ``"draft"`` while it is written, ``"pilot"`` while it is tried out, ``"signed"``
            when both teams stand by it.
        objectives: What it is for, one text each.
        marketing: Who signed for marketing.
        sales: Who signed for sales.
        follow_up: What sales does with a qualified lead, and by when, in words.
        feedback: What sales reports back, one text each.
        review: How often both look at it again: an RFC 5545 rule as in `next_review`.
        reviewed: The days on which they did.

    Raises:
        DefinitionError: it is signed without both signatures, or a part has a wrong value.
        KindError: a part is of the wrong kind.

    >>> terms = Agreement(
    ...     definition="b2b-saas",
    ...     version="2026.4",
    ...     state="signed",
    ...     marketing=Signature("Ada", date(2026, 1, 15)),
    ...     sales=Signature("Grace", date(2026, 1, 20)),
    ... )
    >>> terms.review_due(date(2026, 3, 1))
    datetime.date(2026, 4, 20)
    >>> terms.problems("b2b-saas", "2026.5", date(2026, 5, 1))
    ("it was made for version '2026.4', not '2026.5'", 'its review is overdue since 2026-04-20')
    """

    definition: str = attrs.field(converter=_text)
    version: str = attrs.field(converter=_text)
    fingerprint: str = attrs.field(default="", converter=_text_or_nothing)
    state: State = attrs.field(default="draft", converter=_state)
    objectives: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    marketing: Signature | None = attrs.field(default=None, converter=_signature)
    sales: Signature | None = attrs.field(default=None, converter=_signature)
    follow_up: str = attrs.field(default="", converter=_text_or_nothing)
    feedback: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    review: str = attrs.field(default=QUARTERLY, converter=_rule)
    reviewed: tuple[date, ...] = attrs.field(default=(), converter=_days)

    def __attrs_post_init__(self) -> None:
        unsigned = self.unsigned
        if self.state == "signed" and unsigned:
            raise DefinitionError(
                f"a signed agreement has two signatures, and {listing(list(unsigned), 'and')} "
                "did not sign; add it, or say state 'draft' or 'pilot'"
            )
        if self.state == "draft" and not unsigned:
            raise DefinitionError("both teams signed this draft; say state 'pilot' or 'signed'")

    @property
    def unsigned(self) -> tuple[str, ...]:
        """The teams that did not sign yet."""
        return tuple(team for team in ("marketing", "sales") if getattr(self, team) is None)

    def review_due(self, as_of: date | datetime) -> date | None:
        """
        The day of the first review after the last signature or review.

        Args:
            as_of: A day, or an aware instant that is read as its day in UTC. Signatures and
                reviews after it do not exist.

        Returns:
            The day, which may lie before *as_of*; None while nobody has signed or reviewed it.

        Raises:
            NaiveTimeError: *as_of* is an instant without a time zone.
        """
        today = _today(as_of)
        last = max((day for day in self._touched() if day <= today), default=None)
        return None if last is None else next_review(self.review, last)

    def is_overdue(self, as_of: date | datetime) -> bool:
        """Whether a review was due before *as_of*; on the day itself it is not yet overdue."""
        due = self.review_due(as_of)
        return due is not None and due < _today(as_of)

    def reviews_missed(self, since: date | datetime, until: date | datetime) -> tuple[date, ...]:
        """
        The days of a period on which a review was due and none was held.

        Args:
            since: The first day, or an aware instant that is read as its day in UTC.
            until: The day after the last one, likewise.

        Returns:
            The days in order, all after the last signature: none before both teams have signed. A
            review that was held early moves the next one; one that was held late was missed on
            its day. After a missed one the rule goes on from where it started.
        """
        first, end = _today(since), _today(until)
        if self.marketing is None or self.sales is None:
            return ()
        signed = max(self.marketing.on, self.sales.on)
        held = [day for day in self.reviewed if signed < day < end]
        return tuple(
            due
            for last, after in pairwise([signed, *held, end])
            for due in takewhile(after.__gt__, _reviews(self.review, last, first))
        )

    def problems(
        self, definition: str, version: str, as_of: date | datetime, *, fingerprint: str = ""
    ) -> tuple[str, ...]:
        """
        Why the agreement does not cover a definition, in words; nothing when it does.

        Args:
            definition: The name of the definition in use.
            version: Its version.
            as_of: As in `review_due`.
            fingerprint: Its digest; compared where the agreement names one too.
        """
        return tuple(self._problems((definition, version, fingerprint), _today(as_of)))

    def _problems(self, used: tuple[str, str, str], today: date) -> Iterator[str]:
        for what, mine, theirs in zip(
            ("definition", "version", "content"),
            (self.definition, self.version, self.fingerprint),
            used,
            strict=True,
        ):
            if mine and theirs and mine != theirs:
                yield f"it was made for {what} {mine!r}, not {theirs!r}"
        if self.state != "signed":
            yield f"it is a {self.state}"
        for team in ("marketing", "sales"):
            signature: Signature | None = getattr(self, team)
            if signature is None:
                yield f"it is unsigned by {team}"
            elif signature.on > today:
                yield f"it is signed by {team} only from {signature.on} on"
        if self.is_overdue(today):
            yield f"its review is overdue since {self.review_due(today)}"

    def _touched(self) -> Iterable[date]:
        signatures = (self.marketing, self.sales)
        return (*self.reviewed, *(s.on for s in signatures if s is not None))


def _today(as_of: date | datetime) -> date:
    if isinstance(as_of, datetime):
        return instant(as_of, "as_of").astimezone(UTC).date()
    return _day(as_of)
