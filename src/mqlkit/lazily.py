"""
What is found when it is first asked for, and then kept: properties, and names of a package.

The property is like ``functools.cached_property``, whose lock before Python 3.12 costs more than
most of what it guards. Two threads may both find something; they find the same.
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
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


def late_names(
    package: str, modules: Mapping[str, Iterable[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """
    The ``__getattr__`` and the ``__dir__`` of a package whose modules load when names need them.

    Type checkers see the names only where they are imported under TYPE_CHECKING, too.

    Args:
        package: Its ``__name__``.
        modules: Its modules, each with the names that come from it.
    """
    names = vars(sys.modules[package])
    late = {name: module for module, given in modules.items() for name in given}

    def found(name: str) -> Any:
        if name not in late:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        names[name] = value = getattr(import_module(f".{late[name]}", package), name)
        return value

    def listed() -> list[str]:
        return sorted({*names, *late})

    return found, listed


__all__ = ["late_names", "lazily"]
