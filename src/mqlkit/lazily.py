"""
A property that is found when it is first asked for, and then kept.

Like ``functools.cached_property``, whose lock before Python 3.12 costs more than most of what it
guards. Two threads may both find it; they find the same.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from functools import cached_property as lazily
else:

    class lazily:
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

        def __init__(self, find: Callable[[Any], Any]) -> None:
            self._find = find
            self._name = find.__name__
            self.__doc__ = find.__doc__

        def __get__(self, instance: Any, owner: object = None) -> Any:
            if instance is None:
                return self
            found = instance.__dict__[self._name] = self._find(instance)
            return found


__all__ = ["lazily"]
