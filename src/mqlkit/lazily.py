"""
A property that is found when it is first asked for, and then kept.

Like ``functools.cached_property``, whose lock before Python 3.12 costs more than most of what it
guards. Two threads may both find it; they find the same.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class lazily(Generic[T]):
    """
    A method of one answer as an attribute.

    >>> class Doubled:
    ...     def __init__(self, number):
    ...         self.number = number
    ...
    ...     @lazily
    ...     def twice(self):
    ...         return 2 * self.number
    >>> Doubled(21).twice
    42
    """

    def __init__(self, find: Callable[[Any], T]) -> None:
        self._find = find
        self._name = find.__name__
        self.__doc__ = find.__doc__

    @overload
    def __get__(self, instance: None, owner: object = None) -> "lazily[T]": ...

    @overload
    def __get__(self, instance: object, owner: object = None) -> T: ...

    def __get__(self, instance: object, owner: object = None) -> "lazily[T] | T":
        if instance is None:
            return self
        found = instance.__dict__[self._name] = self._find(instance)
        return found
