"""
Routing: who gets a lead, and why each other rep does not.

The ways are tried in order: the owner the lead had, the owner of its account, the territories,
the fair weighted pool; if nobody can take it now, it waits in the queue.
"""

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Final

import attrs

from ..criterion import earliest, judged
from ..errors import DefinitionError, Fault, KindError, did_you_mean
from ..lead import Snapshot
from ..lifecycle.stage import flag
from ..value import instant, is_blank, listing, printable, show
from ..verdict import Verdict
from .pool import MOST_WEIGHT, Pool, lowest_terms
from .refusal import PolicyError, name_twice
from .rep import MOST_REPS, Rep, Territory, proper_name, proper_names

__all__ = ["Rep", "Routed", "Routing", "Skipped", "Territory"]

MOST_TERRITORIES: Final = 1_000
_MOST_HINTS: Final = 50


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
            waits, or come before *rep*; None when only load, not time, can help.
        eligible: Between whom the turn decided, *rep* included.
        notes: What else there is to know, such as a territory that could not be told.
        awaited: Whom only load, hours or an absence keeps from it now, and who would come before
            *rep*; where it waits, those who have not had it.
    """

    rep: str
    how: str
    skipped: tuple[Skipped, ...]
    pool: Pool
    retry_at: datetime | None = None
    eligible: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    awaited: tuple[str, ...] = ()

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


def _path(value: object) -> str:
    return "" if value == "" else proper_name(value)


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
            the queue for them. One to whom it was offered already is not waited for.
        territories: In the order in which they are tried.
        pool: Who takes turns over all other leads, by name; everybody when there are none.

    Raises:
        PolicyError: with every fault: a name twice or of nobody, a territory for nobody,
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
    keep_owner: bool = attrs.field(default=True, converter=flag, kw_only=True)
    account_owner: str = attrs.field(default="account.owner", converter=_path, kw_only=True)
    wait_for_owner: bool = attrs.field(default=False, converter=flag, kw_only=True)
    territories: tuple[Territory, ...] = attrs.field(
        default=(), converter=_territories, kw_only=True
    )
    pool: tuple[str, ...] = attrs.field(default=(), converter=proper_names, kw_only=True)

    def __attrs_post_init__(self) -> None:
        faults = tuple(self._faults())
        if faults:
            raise PolicyError(faults, "the routing")

    def _faults(self) -> Iterator[Fault]:
        hints = iter(range(_MOST_HINTS))
        yield from name_twice("reps", [rep.name for rep in self.reps])
        yield from name_twice("territories", [one.name for one in self.territories])
        yield from self._strangers("pool", self.pool, hints)
        for place, territory in enumerate(self.territories):
            path = f"territories[{place}]"
            strangers = tuple(self._strangers(f"{path}.reps", territory.reps, hints))
            yield from strangers
            if not strangers and not territory.members(self.reps):
                tags = listing([repr(tag) for tag in territory.tags], "and")
                wanted = f"wanted what at least one of the reps of {territory.name!r} has"
                yield Fault(f"{path}.tags", None, tags, wanted)
        total = sum(lowest_terms({rep.name: rep.weight for rep in self.reps}).values())
        if total > MOST_WEIGHT:
            found = f"weights that add up to {total:,} in lowest terms"
            yield Fault("reps", None, found, f"wanted {MOST_WEIGHT:,} at most", "round them")

    def _strangers(self, path: str, names: Sequence[str], hints: Iterator[int]) -> Iterator[Fault]:
        for place, name in enumerate(names):
            if name not in self.by_name:
                more = next(hints, None) is not None  # Guessing takes time.
                hint = did_you_mean(name, self.by_name) if more else ""
                wanted = "wanted the name of one of the reps"
                yield Fault(f"{path}[{place}]", None, repr(name), wanted, hint)

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
        had_it: Collection[str] = (),
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
            had_it: Who has had it at all: as an owner they are neither asked again nor waited for.

        Returns:
            Who, by which way, and why each other one does not. Only turns in a territory or in
            the pool change the state: what comes by ownership is nobody else's to share.

        Raises:
            NaiveTimeError: *at* has no time zone.
        """
        search = _Search(self, lead, instant(at, "at"), load, Counter(tried), pool, had_it)
        return search.by_owner(owner) or search.by_turn()


# -- one choice --------------------------------------------------------------------------------


@attrs.frozen
class _Way:
    """A territory that the lead belongs to or may belong to, or the pool."""

    how: str
    members: Sequence[Rep] = ()
    others: Mapping[str, str] = attrs.field(factory=dict)
    """Who is no member, with the reason, where there is one to tell."""

    notes: tuple[str, ...] = ()


_POOL: Final = "pool"
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
        had_it: Collection[str],
    ) -> None:
        self.routing, self.lead, self.at = routing, lead, at
        self.load, self.had, self.pool = load, had, pool
        self.had_it = {*had, *had_it}
        self.skipped: dict[str, str] = {}
        self.blocked: dict[str, str] = {}
        self.notes: list[str] = []

    def by_owner(self, kept: str) -> Routed | None:
        """The lead goes to an owner or waits for one; None to go on."""
        for how, name in self._owners(kept):
            rep = self.routing.by_name.get(name)
            if rep is None:
                self.skipped[name] = "not one of the reps"
            elif name in self.had_it:
                self.skipped[name] = _HAD_IT
            elif self._can(rep):
                return self._routed(name, how, self.pool, (name,))
            else:
                self.skipped[name] = self.blocked[name]
                if self.routing.wait_for_owner:
                    self.notes.append(f"waits for {name}, the {how}")
                    return self._queued()
        return None

    def by_turn(self) -> Routed:
        """The lead goes to whose turn it is in a territory or in the pool, or waits."""
        ways = tuple(self._ways())
        everybody = {rep.name: rep for way in ways for rep in way.members}
        free = {name: self.had.get(name, 0) for name, rep in everybody.items() if self._can(rep)}
        least = min(free.values(), default=0)
        for way in ways:
            # Only what was come to is told: who is absent in the pool has no part in a territory.
            self.notes += way.notes
            self.skipped |= way.others
            weights = {rep.name: rep.weight for rep in way.members if free.get(rep.name) == least}
            for rep in way.members:
                self.skipped[rep.name] = self._why_not(rep)
            if weights:
                picked, pool = self.pool.pick(way.how, weights)
                return self._routed(picked, way.how, pool, tuple(weights))
        self.notes += [f"{ways[-1].how} is for its own reps only"] if ways[-1].how != _POOL else []
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
        reps = self.routing.reps
        for territory in self.routing.territories:
            answer = judged(territory.when, self.lead)
            if answer is Verdict.UNKNOWN:
                note = f"{territory.how}: not known whether {territory.when.describe()}"
                yield _Way(territory.how, notes=(note,))
            elif answer is Verdict.YES:
                others = dict(_without_tags(territory, reps))
                yield _Way(territory.how, territory.members(reps), others)
                if territory.wait:
                    return
        yield _Way(_POOL, self.routing.in_pool)

    def _can(self, rep: Rep) -> bool:
        why = rep.why_not(self.at, self.load)
        if why:
            self.blocked[rep.name] = why
        return not why

    def _why_not(self, rep: Rep) -> str:
        """Why a member of a way does not get it; a load may be of this very lead."""
        if rep.name in self.had and rep.is_full(self.load) and rep.capacity:
            return _HAD_IT
        return self.blocked.get(rep.name, _HAD_IT)

    def _queued(self) -> Routed:
        return self._routed("", "queue", self.pool, ())

    def _routed(self, rep: str, how: str, pool: Pool, eligible: tuple[str, ...]) -> Routed:
        skipped = (Skipped(n, why) for n, why in self.skipped.items() if n not in eligible)
        blocked = [self.routing.by_name[name] for name in self.blocked]
        turns = self.had.get(rep, 0) if rep else 1
        first = [one for one in blocked if self.had.get(one.name, 0) < turns]
        hopes = [one for one in (first if rep else blocked) if not one.is_full(self.load)]
        return Routed(
            rep,
            how,
            tuple(skipped),
            pool,
            retry_at=earliest(one.back(self.at) for one in hopes),
            eligible=eligible,
            notes=tuple(self.notes),
            awaited=tuple(one.name for one in first if self._can_ever(one)),
        )

    def _can_ever(self, rep: Rep) -> bool:
        """Whether a rep who cannot take it now can when others are closed or time has passed."""
        return rep.capacity != 0 and rep.back(self.at) is not None


def _without_tags(territory: Territory, reps: Sequence[Rep]) -> Iterator[tuple[str, str]]:
    for rep in reps:
        lacking = [repr(tag) for tag in territory.lacks(rep)]
        if territory.is_for(rep) and lacking:
            tags = "tag" if len(lacking) == 1 else "tags"
            yield rep.name, f"lacks the {tags} {listing(lacking, 'and')} of {territory.how}"
