"""
How much memory a run may take, and into how many buckets that divides it.

A bucket is the leads, with their activities, whose key's hash leaves one remainder. To divide the
inputs costs one pass over them, however many buckets there are. The limit is one of the whole
process, so the engine gets less.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from ..errors import DefinitionError, KindError, MqlkitError
from ..value import show

MOST_BUCKETS: Final = 4_096
"""No run is divided further: each bucket costs a statement, and may read what others do."""
TIMES: Final = 52
"""
Memory that the engine wants for one bucket, as a multiple of its share of the inputs' bytes.

It lets what is held of leads have less than half of its limit, and how much less depends on what
else goes on. Beyond that it writes what it holds of each lead to the disk, once for nearly each
activity, which takes ten times as long. More buckets take hardly longer, so they are half as large
as those that were seen to come to that.
"""
TIMES_UNASKED: Final = 26
"""The same where nobody asked for a limit: to divide is dear while there is memory for all."""
_APART: Final = 50_000_000
"""What the engine takes however small a bucket is; never counted as more than three quarters."""
_BESIDE: Final = 150_000_000
"""What Python, its libraries and the engine's own program take beside what the engine counts."""

_UNITS: Final[Mapping[str, int]] = {
    **{name: 1000**power for power, name in enumerate(("B", "KB", "MB", "GB", "TB", "PB"))},
    **{name: 1024**power for power, name in enumerate(("KIB", "MIB", "GIB", "TIB", "PIB"), 1)},
}
_SIZE: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([KMGTP]?i?B)\s*", re.IGNORECASE)
LEAST: Final = 200_000_000


class TooLittleMemoryError(MqlkitError, MemoryError):
    """
    A run that its memory is too small for, into however many buckets it is divided.

    >>> raise TooLittleMemoryError(64)
    Traceback (most recent call last):
    ...
    mqlkit.bulk.memory.TooLittleMemoryError: the memory is too small even for one of 64 buckets; \
allow more of it, for example memory="1GB", or fewer threads
    """

    def __init__(self, buckets: int) -> None:
        super().__init__(buckets)
        self.buckets = buckets

    def __str__(self) -> str:
        return (
            f"the memory is too small even for one of {self.buckets:,} buckets; "
            'allow more of it, for example memory="1GB", or fewer threads'
        )


def memory_in_bytes(memory: str | int | None) -> int | None:
    """
    An amount of memory in bytes; None where none is stated.

    Args:
        memory: Such as ``"700MB"`` or ``"1.5 GiB"``, or whole bytes; 200 MB or more.

    Raises:
        KindError: It is neither a text nor a whole number.
        DefinitionError: It cannot be read, or is too little.

    >>> memory_in_bytes("700MB"), memory_in_bytes("1.5 GiB")
    (700000000, 1610612736)
    """
    if memory is None:
        return None
    if isinstance(memory, bool) or not isinstance(memory, str | int):
        raise KindError(f'memory is a text such as "700MB", or whole bytes, not {show(memory)}')
    if isinstance(memory, str):
        found = _SIZE.fullmatch(memory)
        if found is None:
            raise DefinitionError(f'memory is a text such as "700MB" or "2GB", not {show(memory)}')
        memory = int(float(found[1]) * _UNITS[found[2].upper()])
    if memory < LEAST:
        raise DefinitionError(f"{memory:,} bytes of memory are too little; 200MB is the least")
    return memory


def for_engine(memory: int) -> int:
    """
    What of the memory of a whole process is left to the engine.

    >>> for_engine(700_000_000), for_engine(200_000_000)
    (550000000, 100000000)
    """
    return max(memory - _BESIDE, memory // 2)


class Bucket(NamedTuple):
    """Leads whose key's hash leaves the remainder *number* when it is divided by *of*."""

    number: int
    of: int

    @property
    def share(self) -> float:
        """Which part of all leads it is, about."""
        return 1 / self.of

    def halves(self) -> "tuple[Bucket, Bucket]":
        """
        The same leads as two buckets.

        >>> Bucket(1, 4).halves()
        (Bucket(number=1, of=8), Bucket(number=5, of=8))
        """
        return Bucket(self.number, 2 * self.of), Bucket(self.number + self.of, 2 * self.of)


def buckets_of(count: int) -> tuple[Bucket, ...]:
    """All leads as that many buckets."""
    return tuple(Bucket(number, count) for number in range(count))


def count_for(size: int | None, memory: int | None, times: int = TIMES) -> int:
    """
    How many buckets to begin with.

    Args:
        size: Bytes of the inputs; None when nobody knows.
        memory: Bytes that the whole process may take; None when it is not limited.
        times: How much of it one bucket wants, as a multiple of its share of the inputs.

    >>> count_for(400_000_000, 700_000_000), count_for(400_000_000, 4_000_000_000)
    (42, 6)
    >>> count_for(400_000_000, 12_000_000_000, TIMES_UNASKED)
    1
    """
    if size is None or memory is None:
        return 1
    left = max(for_engine(memory) - _APART, memory // 4)
    return min(max(-(-size * times // left), 1), MOST_BUCKETS)
