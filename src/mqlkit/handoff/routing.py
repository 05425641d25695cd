"""
Routing: who gets a lead, and why each other rep does not.

The ways are tried in order: the owner the lead had, the owner of its account, the territories,
the fair weighted pool; if nobody can take it now, it waits in the queue.
"""

import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Final, TypeAlias

import attrs

from ..calendar import Calendar
from ..criterion import Criterion, criterion, earliest, judged
from ..errors import DefinitionError, KindError, did_you_mean
from ..lead import Snapshot
from ..value import instant, is_blank, listing, moment_text, printable, show
from ..verdict import Verdict
from .pool import MOST_WEIGHT, Pool, lowest_terms

MOST_REPS: Final = 1_000
MOST_TERRITORIES: Final = 1_000
_MOST_WORDS: Final = 100
_MOST_ABSENCES: Final = 1_000
_LONGEST_NAME: Final = 200
_GREATEST: Final = 1_000_000


# -- parts, checked ----------------------------------------------------------------------------


def _name(value: object) -> str:
    if not isinstance(value, str):
        raise KindError(f"wanted a name, not {show(value)}")
    if is_blank(value) or len(value) > _LONGEST_NAME:
        raise DefinitionError(
            f"a name is text of 1 to {_LONGEST_NAME} characters, not {show(value)}"
        )
    return unicodedata.normalize("NFC", value)


def _names(values: object) -> tuple[str, ...]:
    if not isinstance(values, list | tuple):
        raise KindError(f"wanted a list of names, not {show(values)}")
    if len(values) > MOST_REPS:
        raise DefinitionError(f"a list has at most {MOST_REPS:,} names, not {len(values):,}")
    return tuple(dict.fromkeys(map(_name, values)))


def _tags(values: object) -> tuple[str, ...]:
    tags = _names(values)
    if len(tags) > _MOST_WORDS:
        raise DefinitionError(f"there are at most {_MOST_WORDS} tags, not {len(tags):,}")
    return tags


def _whole(value: object, what: str, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise KindError(f"{what} is a whole number, not {show(value)}")
    if not least <= value <= _GREATEST:
        raise DefinitionError(f"{what} is from {least} to {_GREATEST:,}, not {show(value)}")
    return value


def _weight(value: object) -> int:
    return _whole(value, "a weight", 1)


def _capacity(value: object) -> int | None:
    return None if value is None else _whole(value, "a capacity", 0)


def _calendar(value: object) -> Calendar | None:
    if value is not None and not isinstance(value, Calendar):
        raise KindError(f"a rep's hours are a Calendar, not {show(value)}")
    return value


def _absence(value: object) -> tuple[datetime, datetime]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise KindError(f"an absence is a pair of instants, from and until, not {show(value)}")
    since, until = (instant(moment, "an absence's time") for moment in value)
    if since >= until:
        raise DefinitionError(
            f"an absence from {moment_text(since)} ends after that, not at {moment_text(until)}"
        )
    return since, until


def _absences(values: object) -> tuple[tuple[datetime, datetime], ...]:
    if not isinstance(values, list | tuple):
        raise KindError(f"absences are a list of pairs of instants, not {show(values)}")
    if len(values) > _MOST_ABSENCES:
        raise DefinitionError(f"a rep has at most {_MOST_ABSENCES:,} absences, not {len(values):,}")
    merged: list[tuple[datetime, datetime]] = []
    for since, until in sorted(map(_absence, values)):
        if merged and since <= merged[-1][1]:  # One absence, so that its end is when one is back.
            merged[-1] = (merged[-1][0], max(until, merged[-1][1]))
        else:
            merged.append((since, until))
    return tuple(merged)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise KindError(f"wanted true or false, not {show(value)}")
    return value


def _path(value: object) -> str:
    return "" if value == "" else _name(value)


# -- reps and territories ----------------------------------------------------------------------


@attrs.frozen
class Rep:
    """
    Somebody who can be given leads.

    Args:
        name: As the application knows them; of one routing no two are alike.
        weight: The share of leads against the others: 2 gets twice as many as 1. From 1 on.
        capacity: How many open handoffs at most; None for no limit, 0 for no leads at present.
        tags: What territories may ask for: a language, a product, a grade.
        calendar: The working hours; None when leads may come at any time.
        absences: When away: pairs of instants, from the first on until just before the second.

    Raises:
        DefinitionError: a part has a value that it cannot have.
        KindError: a part is of the wrong kind.
        NaiveTimeError: an absence has no time zone.

    >>> from datetime import UTC, datetime
    >>> ada = Rep("ada", capacity=5)
    >>> ada.why_not(datetime(2026, 3, 2, 9, tzinfo=UTC), {"ada": 5})
    'has 5 of 5 open handoffs'
    """

    name: str = attrs.field(converter=_name)
    weight: int = attrs.field(default=1, converter=_weight)
    capacity: int | None = attrs.field(default=None, converter=_capacity)
    tags: tuple[str, ...] = attrs.field(default=(), converter=_tags)
    calendar: Calendar | None = attrs.field(default=None, converter=_calendar)
    absences: tuple[tuple[datetime, datetime], ...] = attrs.field(default=(), converter=_absences)

    def why_not(self, at: datetime, load: Mapping[str, int]) -> str:
        """
        Why the rep cannot take a lead, in words; ``""`` for one who can.

        Args:
            at: The instant. Aware.
            load: Open handoffs by rep; who is not in it has none.
        """
        at = instant(at, "at")
        back = self._absent_until(at)
        if back is not None:
            return f"absent until {moment_text(back)}"
        opens = self._opens(at)
        if opens != at:
            return "out of hours " + (f"until {moment_text(opens)}" if opens else "for good")
        if self.is_full(load):
            return f"has {load.get(self.name, 0)} of {self.capacity} open handoffs"
        return ""

    def is_full(self, load: Mapping[str, int]) -> bool:
        """Whether the rep has all the open handoffs that the capacity allows."""
        return self.capacity is not None and load.get(self.name, 0) >= self.capacity

    def back(self, at: datetime) -> datetime | None:
        """
        The first instant from *at* on at which neither hours nor an absence is in the way.

        Returns:
            An instant in UTC; None when the hours never open again.
        """
        opens = self._opens(instant(at, "at"))
        # Each round leaves an absence behind, so there is an end.
        while opens is not None and (until := self._absent_until(opens)) is not None:
            opens = self._opens(until)
        return opens

    def _opens(self, at: datetime) -> datetime | None:
        return at if self.calendar is None else self.calendar.next_open(at)

    def _absent_until(self, at: datetime) -> datetime | None:
        place = bisect_right(self.absences, at, key=lambda absence: absence[0])
        if place and at < self.absences[place - 1][1]:
            return self.absences[place - 1][1]
        return None


@attrs.frozen
class Territory:
    """
    Leads that some of the reps are for.

    Args:
        name: Of one routing no two are alike. Its reps take turns apart from the pool's.
        when: Whether a lead belongs to it; UNKNOWN is not YES, and is told.
        reps: Who it is for, by name; everybody when there are none.
        tags: What a rep must have, every one of them.
        wait: When nobody of it can take the lead now: False to go on to the next territory and
            the pool, True to wait in the queue.

    Raises:
        DefinitionError: a part has a value that it cannot have.
        KindError: a part is of the wrong kind.

    >>> from mqlkit import attribute
    >>> Territory("dach", attribute("country").is_in("DE", "AT"), tags=["german"]).how
    'territory dach'
    """

    name: str = attrs.field(converter=_name)
    when: Criterion = attrs.field(converter=criterion)
    reps: tuple[str, ...] = attrs.field(default=(), converter=_names)
    tags: tuple[str, ...] = attrs.field(default=(), converter=_tags)
    wait: bool = attrs.field(default=False, converter=_flag)

    @property
    def how(self) -> str:
        """What a lead is routed by here, in words; also the name of its turns."""
        return f"territory {self.name}"

    def is_for(self, rep: Rep) -> bool:
        """Whether *rep* is one of those that the territory is for, tags aside."""
        return not self.reps or rep.name in self.reps

    def lacks(self, rep: Rep) -> tuple[str, ...]:
        """The tags that are asked for and that *rep* has not."""
        return tuple(tag for tag in self.tags if tag not in rep.tags)

    def members(self, reps: Sequence[Rep]) -> tuple[Rep, ...]:
        """Those of *reps* who can get its leads."""
        return tuple(rep for rep in reps if self.is_for(rep) and not self.lacks(rep))


# -- the answer --------------------------------------------------------------------------------


@attrs.frozen
class Skipped:
    """
    One who does not get the lead, and why not.

    Args:
        rep: By name; also a name that is none of the reps'.
        why: In words.
    """

    rep: str
    why: str

    def __str__(self) -> str:
        return f"{printable(self.rep)}: {self.why}"


@attrs.frozen
class Routed:
    """
    Who gets a lead.

    Args:
        rep: By name; ``""`` when it waits in the queue.
        how: ``"kept owner"``, ``"account owner"``, ``"territory "`` and its name, ``"pool"`` or
            ``"queue"``.
        skipped: Who could not get it, each with the reason.
        pool: The state of routing after this.
        retry_at: The first instant at which somebody's hours or absence lets them take it, if it
            waits; None when only load, not time, can help.
        eligible: Between whom the turn decided, *rep* included.
        notes: What else there is to know, such as a territory that could not be told.
    """

    rep: str
    how: str
    skipped: tuple[Skipped, ...]
    pool: Pool
    retry_at: datetime | None = None
    eligible: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        first = f"{self.rep} ({self.how})" if self.rep else "waits in the queue"
        return "; ".join([first, *map(str, self.skipped), *self.notes])


# -- routing -----------------------------------------------------------------------------------


def _reps(values: object) -> tuple[Rep, ...]:
    if not isinstance(values, list | tuple):
        raise KindError(f"reps are a list, not {show(values)}")
    if not 1 <= len(values) <= MOST_REPS:
        raise DefinitionError(f"there are 1 to {MOST_REPS:,} reps, not {len(values):,}")
    for value in values:
        if not isinstance(value, Rep):
            raise KindError(f"wanted a Rep, such as Rep('ada'), not {show(value)}")
    return tuple(values)


def _territories(values: object) -> tuple[Territory, ...]:
    if not isinstance(values, list | tuple):
        raise KindError(f"territories are a list, not {show(values)}")
    if len(values) > MOST_TERRITORIES:
        raise DefinitionError(
            f"there are at most {MOST_TERRITORIES:,} territories, not {len(values):,}"
        )
    for value in values:
        if not isinstance(value, Territory):
            raise KindError(f"wanted a Territory, not {show(value)}")
    return tuple(values)


@attrs.frozen(slots=False)
class Routing:
    """
    Who gets which lead.

    The first of these who can take it now: the owner it had, its account's owner, one of the
    first territory that it belongs to, one of the pool. Otherwise it waits in the queue.

    Args:
        reps: Everybody who can be given leads, 1 to 1,000. Of several whose turn it is alike the
            one written first comes first.
        keep_owner: Whether a lead that comes again goes to the owner it had.
        account_owner: The attribute that names its account's owner; ``""`` for none.
        wait_for_owner: When one of these two cannot take it now: False to go on, True to wait in
            the queue for them. One who has had the lead and gave it back is not waited for.
        territories: In the order in which they are tried.
        pool: Who takes turns over all other leads, by name; everybody when there are none.

    Raises:
        DefinitionError: with every fault: a name twice or of nobody, a territory for nobody,
            weights that add up to too much.
        KindError: a part is of the wrong kind.

    >>> from datetime import UTC, datetime
    >>> from mqlkit import Lead
    >>> routing = Routing([Rep("ada", capacity=5), Rep("grace")])
    >>> at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> str(routing.choose(Lead("acme").at(at), at, Pool(), load={"ada": 5}))
    'grace (pool); ada: has 5 of 5 open handoffs'
    """

    reps: tuple[Rep, ...] = attrs.field(converter=_reps)
    keep_owner: bool = attrs.field(default=True, converter=_flag, kw_only=True)
    account_owner: str = attrs.field(default="account.owner", converter=_path, kw_only=True)
    wait_for_owner: bool = attrs.field(default=False, converter=_flag, kw_only=True)
    territories: tuple[Territory, ...] = attrs.field(
        default=(), converter=_territories, kw_only=True
    )
    pool: tuple[str, ...] = attrs.field(default=(), converter=_names, kw_only=True)

    def __attrs_post_init__(self) -> None:
        faults = tuple(self._faults())
        if faults:
            raise DefinitionError("\n".join(faults))

    def _faults(self) -> Iterator[str]:
        yield from _twice("rep", self.reps)
        yield from _twice("territory", self.territories)
        yield from self._strangers("the pool", self.pool)
        for territory in self.territories:
            strangers = tuple(self._strangers(f"territory {territory.name!r}", territory.reps))
            yield from strangers
            if not strangers and not territory.members(self.reps):
                tags = listing([repr(tag) for tag in territory.tags], "and")
                yield f"territory {territory.name!r} is for nobody: none of its reps has {tags}"
        total = sum(lowest_terms({rep.name: rep.weight for rep in self.reps}).values())
        if total > MOST_WEIGHT:
            yield (
                f"the weights of the reps add up to {total:,} in lowest terms, and to "
                f"{MOST_WEIGHT:,} at most; round them"
            )

    def _strangers(self, where: str, names: Sequence[str]) -> Iterator[str]:
        for name in names:
            if name not in self.by_name:
                hint = did_you_mean(name, self.by_name)
                yield f"{where} names {name!r}, who is not one of the reps; {hint}"

    @cached_property
    def by_name(self) -> Mapping[str, Rep]:
        """The reps by name."""
        return {rep.name: rep for rep in self.reps}

    @cached_property
    def in_pool(self) -> tuple[Rep, ...]:
        """Who takes turns over the leads that go no other way."""
        return tuple(rep for rep in self.reps if not self.pool or rep.name in self.pool)

    def choose(
        self,
        lead: Snapshot,
        at: datetime,
        pool: Pool,
        *,
        load: Mapping[str, int],
        owner: str = "",
        tried: Sequence[str] = (),
    ) -> Routed:
        """
        Who gets a lead now.

        Args:
            lead: As the territories are to see it.
            at: The instant. Aware.
            pool: The newest state of routing; `Pool()` at the very first.
            load: Open handoffs by rep; who is not in it has none.
            owner: Who had the lead before, if anybody.
            tried: To whom this handoff has been offered in vain, once for each time. They come
                again when everybody who can take it has had it as often.

        Returns:
            Who, by which way, and why each other one does not. Only turns in a territory or in
            the pool change the state: what comes by ownership is nobody else's to share.

        Raises:
            NaiveTimeError: *at* has no time zone.
        """
        search = _Search(self, lead, instant(at, "at"), load, Counter(tried), pool)
        return search.by_owner(owner) or search.by_turn()


_PLURAL: Final = {"rep": "reps", "territory": "territories"}


def _twice(what: str, named: Sequence[Rep] | Sequence[Territory]) -> Iterator[str]:
    for name, count in Counter(one.name for one in named).items():
        if count > 1:
            yield f"there are {count} {_PLURAL[what]} called {name!r}"


# -- one choice --------------------------------------------------------------------------------

_Way: TypeAlias = tuple[str, Sequence[Rep]]
"""How, in words, and who takes turns there."""

_HAD_IT: Final = "had this lead already"


class _Search:
    """One choice, and what was found out on the way."""

    def __init__(
        self,
        routing: Routing,
        lead: Snapshot,
        at: datetime,
        load: Mapping[str, int],
        had: Mapping[str, int],
        pool: Pool,
    ) -> None:
        self.routing, self.lead, self.at = routing, lead, at
        self.load, self.had, self.pool = load, had, pool
        self.skipped: dict[str, str] = {}
        self.notes: list[str] = []
        self.hopes: list[Rep] = []

    def by_owner(self, kept: str) -> Routed | None:
        """The lead goes to an owner or waits for one; None to go on."""
        for how, name in self._owners(kept):
            rep = self.routing.by_name.get(name)
            if rep is None:
                self.skipped[name] = "not one of the reps"
            elif name in self.had:
                self.skipped[name] = _HAD_IT
            elif self._can(rep):
                return self._routed(name, how, self.pool, (name,))
            elif self.routing.wait_for_owner:
                self.notes.append(f"waits for {name}, the {how}")
                return self._queued()
        return None

    def by_turn(self) -> Routed:
        """The lead goes to whose turn it is in a territory or in the pool, or waits."""
        ways = tuple(self._ways())
        everybody = {rep.name: rep for _, members in ways for rep in members}
        free = {name: self.had.get(name, 0) for name, rep in everybody.items() if self._can(rep)}
        least = min(free.values(), default=0)
        self.skipped |= {name: _HAD_IT for name, times in free.items() if times > least}
        for how, members in ways:
            weights = {rep.name: rep.weight for rep in members if free.get(rep.name) == least}
            if weights:
                picked, pool = self.pool.pick(how, weights)
                return self._routed(picked, how, pool, tuple(weights))
        return self._queued()

    def _owners(self, kept: str) -> Iterator[tuple[str, str]]:
        if self.routing.keep_owner and kept:
            yield "kept owner", unicodedata.normalize("NFC", kept)
        path = self.routing.account_owner
        raw = self.lead.raw(path) if path else None
        if isinstance(raw, str) and not is_blank(raw):
            yield "account owner", unicodedata.normalize("NFC", raw)
        elif not is_blank(raw):
            self.notes.append(f"{path} is {show(raw)}, and wanted is the name of a rep")

    def _ways(self) -> Iterator[_Way]:
        for territory in self.routing.territories:
            answer = judged(territory.when, self.lead)
            if answer is Verdict.UNKNOWN:
                self.notes.append(f"{territory.how}: not known whether {territory.when.describe()}")
            if answer is not Verdict.YES:
                continue
            self.skipped |= dict(_without_tags(territory, self.routing.reps))
            yield territory.how, territory.members(self.routing.reps)
            if territory.wait:
                self.notes.append(f"{territory.how} is for its own reps only")
                return
        yield "pool", self.routing.in_pool

    def _can(self, rep: Rep) -> bool:
        why = rep.why_not(self.at, self.load)
        if why:
            self.skipped[rep.name] = why
            self.hopes += [] if rep.is_full(self.load) else [rep]
        return not why

    def _queued(self) -> Routed:
        retry_at = earliest(rep.back(self.at) for rep in self.hopes)
        return self._routed("", "queue", self.pool, (), retry_at)

    def _routed(
        self,
        rep: str,
        how: str,
        pool: Pool,
        eligible: tuple[str, ...],
        retry_at: datetime | None = None,
    ) -> Routed:
        skipped = (Skipped(n, why) for n, why in self.skipped.items() if n not in eligible)
        return Routed(rep, how, tuple(skipped), pool, retry_at, eligible, tuple(self.notes))


def _without_tags(territory: Territory, reps: Sequence[Rep]) -> Iterator[tuple[str, str]]:
    for rep in reps:
        lacking = [repr(tag) for tag in territory.lacks(rep)]
        if territory.is_for(rep) and lacking:
            tags = "tag" if len(lacking) == 1 else "tags"
            yield rep.name, f"lacks the {tags} {listing(lacking, 'and')} of {territory.how}"
