"""
What of a lead can be blank: each fact of it alone, and any two.

A blank is not a zero. So whatever a criterion answers about a lead of which less is known, it must
answer about the whole lead, too, unless it answered UNKNOWN.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations, count, islice
from typing import Any, Final, TypeAlias, cast

import attrs

from ..lead import Lead
from ..timeline import Activity, Timeline
from ..value import is_blank

Change: TypeAlias = Callable[[Lead], Lead]

_PAIRED: Final = 10
"""Any two of so many facts are left out together."""

_NOWHERE: Final = object()
_BLANKS: Final = (_NOWHERE, None, "", "  ")


@attrs.frozen
class Blank:
    """
    One way to know less of a lead.

    Args:
        words: What is not known, for a failure to tell.
        root: The attribute it concerns, as a criterion names it; ``""`` for anything else.
        apply: The lead without it.
    """

    words: str
    root: str
    apply: Change = attrs.field(repr=False, eq=False)


def one_blank(lead: Lead) -> Iterator[Blank]:
    """Each fact of *lead* left out by itself."""
    yield from _own(lead, "", lambda change: change)
    account = lead.account
    if account is not None:

        def within(change: Change) -> Change:
            return lambda whole: (
                whole
                if whole.account is None
                else attrs.evolve(whole, account=change(whole.account))
            )

        yield from _own(account, "account.", within)
        if "account" not in lead.attributes:  # else its absence would uncover another record
            yield Blank("account not known", "", lambda whole: attrs.evolve(whole, account=None))
    if lead.stage is not None:
        yield Blank("stage not known", "", lambda whole: attrs.evolve(whole, stage=None))
    if lead.stage_since is not None:
        since = "time in stage not known"
        yield Blank(since, "", lambda whole: attrs.evolve(whole, stage_since=None))
    if lead.people is not None:
        yield Blank("people not loaded", "", lambda whole: attrs.evolve(whole, people=None))


def more_blanks(blanks: "list[Blank]") -> Iterator[Blank]:
    """Any two of *blanks* together, and all."""
    some = blanks[:_PAIRED]
    for blanked in (*combinations(some, 2), blanks):
        yield _together(*blanked)


def _together(*blanks: Blank) -> Blank:
    def apply(lead: Lead) -> Lead:
        for blank in blanks:
            lead = blank.apply(lead)
        return lead

    return Blank(" and ".join(blank.words for blank in blanks), "", apply)


def _own(lead: Lead, prefix: str, within: Callable[[Change], Change]) -> Iterator[Blank]:
    """What can be blank of a lead's, or its account's, own facts."""
    if lead.activities is not None:
        unload: Change = lambda one: attrs.evolve(one, activities=None)  # noqa: E731
        yield Blank(f"{prefix}activities not loaded", "", within(unload))
    for path, value in _paths(lead.attributes):
        name = prefix + ".".join(path)
        for blank in _BLANKS:
            if blank is not _NOWHERE or "." not in ".".join(path):
                yield Blank(f"{name} {_left(blank)}", name, within(_attribute(path, blank)))
        if isinstance(value, tuple):
            for at in range(len(cast("tuple[object, ...]", value))):
                yield Blank(f"item {at + 1} of {name} left blank", name, within(_member(path, at)))
    yield from _properties(lead, prefix, within)


def _left(blank: object) -> str:
    return "left out" if blank is _NOWHERE else f"left blank ({blank!r})"


def _paths(
    record: Mapping[str, object], above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], object]]:
    """Where a value stands that is not blank, in the record and in those within it."""
    for name, value in record.items():
        if not isinstance(name, str) or is_blank(value):
            continue
        yield (*above, name), value
        if isinstance(value, Mapping) and len(above) < 4:
            yield from _paths(cast("Mapping[str, object]", value), (*above, name))


def _attribute(path: tuple[str, ...], blank: object) -> Change:
    return lambda lead: attrs.evolve(lead, attributes=_changed(lead.attributes, path, blank))


def _member(path: tuple[str, ...], at: int) -> Change:
    def change(lead: Lead) -> Lead:
        value: Any = lead.attributes
        for name in path:
            value = cast("Any", value).get(name) if isinstance(value, Mapping) else None
        if not isinstance(value, tuple):
            return lead
        members = cast("tuple[object, ...]", value)
        fewer = (*members[:at], None, *members[at + 1 :])
        return attrs.evolve(lead, attributes=_changed(lead.attributes, path, fewer))

    return change


def _changed(record: Mapping[str, object], path: tuple[str, ...], value: object) -> dict[str, Any]:
    found = dict(record)
    name, *rest = path
    inner = found.get(name)
    if rest:
        if isinstance(inner, Mapping):
            within = cast("Mapping[str, object]", inner)
            found[name] = _changed(within, tuple(rest), value)
    elif value is _NOWHERE:
        found.pop(name, None)
    else:
        found[name] = value
    return found


def _properties(lead: Lead, prefix: str, within: Callable[[Change], Change]) -> Iterator[Blank]:
    # INVARIANT: each id stands once here, as when blanks are filled: or leaving one out would
    # choose another one as the first of its id.
    done = tuple(Timeline(lead.activities or ()))
    names = {name: None for one in done for name in one.properties}
    for name in names:
        every = _without_property(name, lambda _: True)
        yield Blank(f"{prefix}{name} of every activity left blank", "", within(every))
    if len(done) > 1:
        for number, one in enumerate(islice(done, 8)):
            for name in one.properties:
                alone = _without_property(name, number.__eq__)
                words = f"{prefix}{name} of activity {number + 1} ({one.kind}) left blank"
                yield Blank(words, "", within(alone))


def _without_property(name: str, where: Callable[[int], bool]) -> Change:
    def blank(number: int, one: Activity) -> Activity:
        if name not in one.properties or not where(number):
            return one
        return attrs.evolve(one, properties={**one.properties, name: None})

    def change(lead: Lead) -> Lead:
        if lead.activities is None:
            return lead
        return attrs.evolve(lead, activities=map(blank, count(), Timeline(lead.activities)))

    return change
