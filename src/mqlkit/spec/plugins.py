"""
Criteria of other packages, found by their entry points.

A package names the module that registers them in the group ``mqlkit.criteria``. Finding them
imports code of the packages installed here, so it is done once, by `mqlkit.load` and never by
`mqlkit.loads`: a text from a stranger makes nothing happen.
"""

from functools import lru_cache
from typing import Final

from ..errors import DefinitionError

GROUP: Final = "mqlkit.criteria"


@lru_cache(maxsize=1)
def load_plugins() -> tuple[str, ...]:
    """
    Import what other packages register, once in a process.

    Call it at the start of a program that reads models with `mqlkit.loads` and means to accept
    the criteria of installed packages, too.

    Returns:
        The names of the entry points, sorted.

    Raises:
        DefinitionError: one of them cannot be imported.
    """
    from importlib.metadata import entry_points

    found = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    for point in found:
        try:
            point.load()
        except Exception as error:
            raise DefinitionError(
                f"the criteria of {point.name!r} ({point.value}) cannot be imported: {error}"
            ) from error
    return tuple(point.name for point in found)
