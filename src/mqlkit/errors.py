"""
What can go wrong, said in the user's words.

An error says what is wrong, where, and how to mend it; the place that fails says what, each
layer on the way up adds where with ``add_note``. Each class is also the builtin that a caller
would expect.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple


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
        self.what, self.name, self.known = what, name, tuple(known)
        super().__init__(what, name, self.known)

    def __str__(self) -> str:
        return f"there is no {self.what} {self.name!r}; {did_you_mean(self.name, self.known)}"


class Fault(NamedTuple):
    """
    One thing that is wrong in a model file.

    Args:
        path: The place, such as ``card.groups[0].rules[2].when``; ``""`` is the whole file.
        line: Its line, counted from 1, where the reader can tell.
        found: What stands there, in words; ``""`` where nothing in particular does.
        wanted: What should.
        hint: How to mend it, if there is more to say.
    """

    path: str
    line: int | None
    found: str
    wanted: str
    hint: str = ""

    def __str__(self) -> str:
        where = [self.path] if self.path else []
        where += [f"line {self.line}"] if self.line is not None else []
        what = "; ".join(filter(None, (self.found and f"found {self.found}", self.wanted)))
        return ": ".join(filter(None, (", ".join(where), what))) + (self.hint and f"; {self.hint}")


class ModelFileError(MqlkitError, ValueError):
    """
    A model file that cannot be loaded, with everything that is wrong in it.

    Args:
        faults: In the order of the file's parts.
        source: Which file it is.

    >>> raise ModelFileError([Fault("card.cap", 7, '"lots"', "wanted a number")], "fit.toml")
    Traceback (most recent call last):
    ...
    mqlkit.errors.ModelFileError: fit.toml cannot be loaded
      card.cap, line 7: found "lots"; wanted a number
    """

    def __init__(self, faults: Iterable[Fault], source: str = "") -> None:
        self.faults = tuple(faults)
        self.source = source
        super().__init__(self.faults, source)

    def __str__(self) -> str:
        return listed(
            f"{_plain(self.source, 200) or 'the model'} cannot be loaded",
            [_plain(str(fault), 600) for fault in self.faults],
        )


_LONGEST_ERROR: Final = 2_000


def listed(headline: str, lines: Sequence[str]) -> str:
    """
    The text of an error with several faults: as many as a reader has patience for.

    >>> print(listed("the lead cannot be read", ["id: is missing"]))
    the lead cannot be read
      id: is missing
    """
    text = headline
    for place, fault in enumerate(lines):
        line = f"\n  {fault}"
        if len(text) + len(line) > _LONGEST_ERROR - 40:
            return f"{text}\n  and {len(lines) - place:,} more"
        text += line
    return text


def _plain(text: str, most: int) -> str:
    """*text* cut to *most* characters, with nothing in it that a terminal would obey."""
    escaped = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text[:most])
    return escaped if len(escaped) <= most and len(text) <= most else escaped[: most - 1] + "…"


class MissingExtraError(MqlkitError, ImportError):
    """A part of mqlkit needs a package that is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(what, extra)
        self.what, self.extra = what, extra

    def __str__(self) -> str:
        return f"{self.what} needs an extra; install it with: pip install 'mqlkit[{self.extra}]'"


_MOST_COMPARED: Final = 300_000


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """
    The end of an error about an unknown name.

    >>> did_you_mean("employes", ["employees", "industry"])
    "did you mean 'employees'?"
    >>> did_you_mean("shoe size", ["employees", "industry"])
    "known are 'employees', 'industry'"
    """
    from difflib import get_close_matches  # only a wrong name needs it

    names = sorted(known)
    name = name[:200]
    # Comparing takes time with the lengths of both; names from strangers may be many and long.
    cheap = len(name) * sum(map(len, names)) <= _MOST_COMPARED
    close = get_close_matches(name, names, n=1) if cheap else []
    if close:
        return f"did you mean {close[0]!r}?"
    shown = ", ".join(repr(n) for n in names[:20]) or "none"
    return f"known are {shown}" + (" and others" if len(names) > 20 else "")
