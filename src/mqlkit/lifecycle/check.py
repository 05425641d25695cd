"""
What is wrong with a table of stages and moves: everything at once, each with a way out.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from ..errors import DefinitionError, Fault, did_you_mean, listed
from ..value import listing
from .checks import OF_A_MOVE, OF_A_PAIR, OF_A_STAGE, OF_THE_WHOLE, Check, Words
from .transition import ANYWHERE
from .ways import Ways

if TYPE_CHECKING:
    from .table import Lifecycle

_MOST_HINTS: Final = 50
_LONGEST_LINE: Final = 400


class LifecycleError(DefinitionError):
    """
    A lifecycle that cannot work, with everything that is wrong in it.

    Args:
        faults: Each with its path, such as ``stages[2].within``.
        name: Of the lifecycle.

    >>> raise LifecycleError([Fault("stages[2]", None, "'sal'", "wanted within")], "short")
    Traceback (most recent call last):
    ...
    mqlkit.lifecycle.check.LifecycleError: the lifecycle 'short' cannot work
      stages[2]: found 'sal'; wanted within
    """

    def __init__(self, faults: Iterable[Fault], name: str = "") -> None:
        self.faults = tuple(faults)
        self.name = name
        super().__init__(self.faults, name)

    def __str__(self) -> str:
        return listed(
            f"the lifecycle {self.name!r} cannot work",
            [str(fault)[:_LONGEST_LINE] for fault in self.faults],
        )


def faults(lifecycle: "Lifecycle") -> list[Fault]:
    """All that is wrong with a lifecycle; where a name is, no more than each part by itself."""
    wrong = [*_names(lifecycle)]
    return [*wrong, *_all(Ways(lifecycle), alone=bool(wrong))]


# -- names: what is between parts makes no sense before they are right ----------------------------


def _names(lifecycle: "Lifecycle") -> Iterator[Fault]:
    known = [stage.name for stage in lifecycle.stages]
    if not known:
        yield Fault("stages", None, "no stage", "wanted at least one", "add a stage")
    for place in [place for place, name in enumerate(known) if name == ANYWHERE]:
        where, wanted = f"stages[{place}].name", "as a source it means every stage"
        yield Fault(where, None, repr(ANYWHERE), wanted, "take another name")
    for place in _again(known):
        where = f"stages[{place}].name"
        yield Fault(where, None, repr(known[place]), "a name stands once", "take another name")
    for place in _again(lifecycle.path):
        found = repr(lifecycle.path[place])
        yield Fault(f"path[{place}]", None, found, "a stage stands once", "leave it out here")
    strangers = ((where, name) for where, name in _mentions(lifecycle) if name not in known)
    for count, (where, name) in enumerate(strangers):
        hint = did_you_mean(name, known) if count < _MOST_HINTS else ""
        yield Fault(where, None, repr(name), "wanted the name of a stage", hint)


def _again(names: Iterable[str]) -> Iterator[int]:
    """The places of names that stand before already."""
    seen: set[str] = set()
    for place, name in enumerate(names):
        if name in seen:
            yield place
        seen.add(name)


def _mentions(lifecycle: "Lifecycle") -> Iterator[tuple[str, str]]:
    yield from ((f"path[{place}]", name) for place, name in enumerate(lifecycle.path))
    if lifecycle.start:
        yield "start", lifecycle.start
    for place, stage in enumerate(lifecycle.stages):
        if stage.beyond:
            yield f"stages[{place}].beyond", stage.beyond
    for place, move in enumerate(lifecycle.moves):
        for source in () if move.anywhere else move.sources:
            yield f"moves[{place}].source", source
        yield f"moves[{place}].target", move.target


def _all(ways: Ways, *, alone: bool) -> Iterator[Fault]:
    def chosen(checks: tuple[Check, ...]) -> tuple[Check, ...]:
        return tuple(check for check in checks if check.alone or not alone)

    lifecycle = ways.lifecycle
    yield from _run(ways, chosen(OF_THE_WHOLE), lifecycle, "", {})
    for place, stage in enumerate(lifecycle.stages):
        words = {
            "name": repr(stage.name),
            "kind": repr(stage.kind),
            "start": repr(lifecycle.start),
        }
        yield from _run(ways, chosen(OF_A_STAGE), stage, f"stages[{place}]", words)
    for place, move in enumerate(lifecycle.moves):
        words = {"on": repr(move.on), "source": listing([*map(repr, move.sources)])}
        yield from _run(ways, chosen(OF_A_MOVE), move, f"moves[{place}]", words)
    for place, (one, other) in enumerate(lifecycle.commuting):
        words = {"one": repr(one), "other": repr(other)}
        yield from _run(ways, chosen(OF_A_PAIR), (one, other), f"commuting[{place}]", words)


def _run(
    ways: Ways, checks: Iterable[Check], part: object, path: str, words: Words
) -> Iterator[Fault]:
    """The faults of one part."""
    for check in checks:
        wrong = check.asks(ways, part)
        if wrong:
            told = words | wrong if isinstance(wrong, dict) else words
            texts = (text.format_map(told) for text in (check.found, check.wanted, check.hint))
            yield Fault(".".join(filter(None, (path, check.below))), None, *texts)
