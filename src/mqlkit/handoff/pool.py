"""
The fair weighted pool: whose turn it is, as a value.

Each lead is one whole credit. It is shared out by weight among the reps who can take it, and
whoever is then owed most gets the lead and pays one credit. Who is away is owed nothing for the
leads of that time, so nobody is flooded on coming back, and whoever is new starts at zero.

What a rep is owed is the exact share less what the rep got. It stays within ``(n - 1) / 2`` for
any weights and any coming and going among *n* reps: docs/explanation/fair-routing.md has the
proof. (compare Ajtai et al., "Fairness in scheduling", 1998; Tijdeman, "The chairman assignment
problem", 1980)
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from math import gcd, lcm
from typing import Any, Final

import attrs

from ..errors import DefinitionError, KindError
from ..value import Table, show

MOST_WEIGHT: Final = 1_000
"""The weights of one pool, brought to lowest terms, add up to no more: so credits stay small."""

_WHOLE: Final = lcm(*range(1, MOST_WEIGHT + 1))
"""What every unit of credit divides."""

_FRACTION: Final = re.compile(r"-?[0-9]{1,500}(/[0-9]{1,500})?", re.ASCII)


def lowest_terms(weights: Mapping[str, int]) -> dict[str, int]:
    """
    *weights* without their common divisor.

    >>> lowest_terms({"ada": 100, "grace": 50})
    {'ada': 2, 'grace': 1}
    """
    common = gcd(*weights.values())
    return {name: weight // common for name, weight in weights.items()}


def _credits(value: object) -> Table[int]:
    if not isinstance(value, Mapping):
        raise KindError(f"credits are whole numbers by rep, not {show(value)}")
    for name, credit in value.items():
        if not isinstance(name, str) or isinstance(credit, bool) or not isinstance(credit, int):
            raise KindError(f"credits are whole numbers by rep, not {show(credit)}")
    # One who is owed nothing stands as one who never was there.
    return Table({name: credit for name, credit in value.items() if credit})


def _unit(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise KindError(f"a lead is a whole number of credits, not {show(value)}")
    if value < 1 or _WHOLE % value:
        raise DefinitionError(
            f"a lead is worth a number of credits that weights of at most {MOST_WEIGHT:,} in all "
            f"can lead to, not {show(value)}"
        )
    return value


@attrs.frozen
class Turns:
    """
    What each rep of one pool is owed.

    Args:
        credits: By rep, in whole numbers; below zero for one who got more than the share. They
            add up to zero. Reps who are owed nothing are left out.
        unit: How many credits one lead is worth.

    Raises:
        DefinitionError: the credits do not add up to zero, or the unit is none that comes about.
        KindError: a part is of the wrong kind.

    >>> first, turns = Turns().pick({"ada": 2, "grace": 1})
    >>> first, turns.owed("ada"), turns.owed("grace")
    ('ada', Fraction(-1, 3), Fraction(1, 3))
    """

    credits: Table[int] = attrs.field(factory=Table[int], converter=_credits)
    unit: int = attrs.field(default=1, converter=_unit)

    def __attrs_post_init__(self) -> None:
        # INVARIANT: every lead is shared out whole and paid for whole.
        if sum(self.credits.values()):
            raise DefinitionError("what reps are owed must add up to zero")
        common = gcd(self.unit, *self.credits.values())  # One state has one spelling.
        if common > 1:
            lower = {name: credit // common for name, credit in self.credits.items()}
            object.__setattr__(self, "credits", Table(lower))
            object.__setattr__(self, "unit", self.unit // common)

    def owed(self, rep: str) -> Fraction:
        """How many leads *rep* is owed; below zero for one who is ahead, zero for one unknown."""
        return Fraction(self.credits.get(rep, 0), self.unit)

    def pick(self, weights: Mapping[str, int]) -> "tuple[str, Turns]":
        """
        Whose turn it is, and the turns after that.

        Args:
            weights: Everybody who can take this lead, with a weight of 1 or more. Of several who
                are owed alike the first one gets it.

        Raises:
            DefinitionError: there is nobody, or the weights add up to more than 1,000 in lowest
                terms.
        """
        shares = _shares(weights)
        total = sum(shares.values())
        unit = lcm(self.unit, total)
        credits = {name: credit * (unit // self.unit) for name, credit in self.credits.items()}
        for name, share in shares.items():
            credits[name] = credits.get(name, 0) + share * (unit // total)
        picked = max(shares, key=credits.__getitem__)
        credits[picked] -= unit
        return picked, Turns(credits, unit)


def _shares(weights: Mapping[str, int]) -> dict[str, int]:
    if not weights:
        raise DefinitionError("a turn needs somebody who can take it")
    for name, weight in weights.items():
        if isinstance(weight, bool) or not isinstance(weight, int) or weight < 1:
            raise DefinitionError(
                f"the weight of {show(name)} is a whole number of 1 or more, not {show(weight)}"
            )
    shares = lowest_terms(weights)
    if sum(shares.values()) > MOST_WEIGHT:
        raise DefinitionError(
            f"the weights of a pool add up to at most {MOST_WEIGHT:,} in lowest terms, "
            f"not {sum(shares.values()):,}; round them"
        )
    return shares


def _turns(value: object) -> Table[Turns]:
    if not isinstance(value, Mapping):
        raise KindError(f"turns are a table by pool, not {show(value)}")
    for name, turns in value.items():
        if not isinstance(name, str) or not isinstance(turns, Turns):
            raise KindError(f"a pool has a name and Turns, not {show(turns)}")
    return Table({name: turns for name, turns in value.items() if turns.credits})


@attrs.frozen
class Pool:
    """
    The state of routing: whose turn it is in the pool and in each territory.

    It is a value: keep it with the handoffs, and pass in the newest one. The same leads in the
    same order from the same state go to the same reps.

    Args:
        turns: By pool: ``"pool"``, or ``"territory "`` and its name.

    >>> first, pool = Pool().pick("pool", {"ada": 1, "grace": 1})
    >>> first, pool.to_dict()
    ('ada', {'pool': {'ada': '-1/2', 'grace': '1/2'}})
    >>> Pool.from_dict(pool.to_dict()) == pool
    True
    """

    turns: Table[Turns] = attrs.field(factory=Table[Turns], converter=_turns)

    def pick(self, key: str, weights: Mapping[str, int]) -> "tuple[str, Pool]":
        """
        Whose turn it is in one pool, and the state after that.

        Args:
            key: Which pool.
            weights: As in `Turns.pick`.

        Raises:
            DefinitionError: as in `Turns.pick`.
        """
        picked, turns = self.turns.get(key, Turns()).pick(weights)
        return picked, Pool({**self.turns, key: turns})

    def owed(self, rep: str, key: str = "pool") -> Fraction:
        """How many leads of a pool *rep* is owed; below zero for one who is ahead."""
        return self.turns.get(key, Turns()).owed(rep)

    def to_dict(self) -> dict[str, Any]:
        """The state as plain JSON data: by pool and rep, what is owed, as text such as "1/3"."""
        return {
            key: {name: str(turns.owed(name)) for name in turns.credits}
            for key, turns in self.turns.items()
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Pool":
        """
        The state that `to_dict` wrote.

        Raises:
            DefinitionError: a share cannot be read, or the shares do not add up.
            KindError: a part is of the wrong kind.
        """
        if not isinstance(data, Mapping):
            raise KindError(f"a pool's state is a table by pool, not {show(data)}")
        return cls({key: _read_turns(owed) for key, owed in data.items()})


def _read_turns(owed: object) -> Turns:
    if not isinstance(owed, Mapping):
        raise KindError(f"what is owed is a table by rep, not {show(owed)}")
    shares = {name: _read_share(share) for name, share in owed.items()}
    unit = lcm(*(share.denominator for share in shares.values()))
    return Turns({name: int(share * unit) for name, share in shares.items()}, unit)


def _read_share(text: object) -> Fraction:
    if not isinstance(text, str) or not _FRACTION.fullmatch(text):
        raise DefinitionError(f'what is owed is a fraction such as "-1/3", not {show(text)}')
    above, _, below = text.partition("/")
    bottom = int(below or 1)
    if bottom == 0 or _WHOLE % bottom:
        raise DefinitionError(
            f"what is owed has a denominator that weights of at most {MOST_WEIGHT:,} in all can "
            f"lead to, not {show(bottom)}"
        )
    return Fraction(int(above), bottom)
