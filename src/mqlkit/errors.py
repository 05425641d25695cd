"""
What can go wrong, said in the user's words.

An error says what is wrong, where, and how to mend it; the place that fails says what, each
layer on the way up adds where with ``add_note``. Each class is also the builtin that a caller
would expect.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class MqlkitError(Exception):
    """Everything that mqlkit raises on purpose."""


class DefinitionError(MqlkitError, ValueError):
    """A part of a definition has a value that it cannot have."""


class KindError(MqlkitError, TypeError):
    """A part of a definition has a value of the wrong kind."""


class LeadDataError(MqlkitError, ValueError):
    """A lead or an activity cannot be read at all."""


class NaiveTimeError(LeadDataError):
    """An instant without a time zone: nobody can say when it is."""


class UnknownNameError(MqlkitError, LookupError):
    """
    A name that nothing in the definition has.

    >>> raise UnknownNameError("score", "engagment", ["fit", "engagement"])
    Traceback (most recent call last):
    ...
    mqlkit.errors.UnknownNameError: there is no score 'engagment'; did you mean 'engagement'?
    """

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        super().__init__(what, name, tuple(known))
        self.what, self.name, self.known = what, name, tuple(known)

    def __str__(self) -> str:
        return f"there is no {self.what} {self.name!r}; {did_you_mean(self.name, self.known)}"


class MissingExtraError(MqlkitError, ImportError):
    """A part of mqlkit needs a package that is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(what, extra)
        self.what, self.extra = what, extra

    def __str__(self) -> str:
        return f"{self.what} needs an extra; install it with: pip install 'mqlkit[{self.extra}]'"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """
    The end of an error about an unknown name.

    >>> did_you_mean("employes", ["employees", "industry"])
    "did you mean 'employees'?"
    >>> did_you_mean("shoe size", ["employees", "industry"])
    "known are 'employees', 'industry'"
    """
    names = sorted(known)
    close = get_close_matches(name[:200], names, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    shown = ", ".join(repr(n) for n in names[:20]) or "none"
    return f"known are {shown}" + (" and others" if len(names) > 20 else "")
