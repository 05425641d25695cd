"""
A model file: a whole definition, written down for people to read and change.

It holds tags and literal data only: no expressions, no code, no includes. Loading one runs
nothing of it and reads nothing else.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path as FilePath
from typing import Any, Final, Literal, TypeAlias, TypeVar, cast, get_args

import attrs

from ..agreement import Agreement
from ..calendar import Calendar
from ..criteria.choices import NamedList
from ..criterion import Criterion
from ..decision import Decision
from ..definition import Definition
from ..errors import (
    DefinitionError,
    Fault,
    KindError,
    ModelFileError,
    UnknownNameError,
    did_you_mean,
)
from ..fingerprint import fingerprint
from ..handoff.policy import HandoffPolicy
from ..lead import Lead
from ..lifecycle import Lifecycle
from ..qualification import Qualification
from ..value import Table, show
from ..vocabulary import SHIPPED_LISTS
from . import json_text, toml_text, whole, yaml_text
from .limits import MOST_BYTES, MOST_CALENDARS, Found, strange, too_large
from .path import Path, path_text, steps_of
from .plugins import load_plugins
from .refusal import Hint, Refused, TooMuch, found_in, shown
from .scope import SCOPE, Scope, nodes
from .structure import Structure, structure
from .unstructure import Unstructure

Format: TypeAlias = Literal["toml", "json", "yaml"]

VERSION: Final = 1
"""The version of the format; a file says it as ``format = 1``."""

_FORMATS: Final[Mapping[str, Any]] = {"toml": toml_text, "json": json_text, "yaml": yaml_text}
_SUFFIXES: Final[Mapping[str, Format]] = {
    ".toml": "toml",
    ".json": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
}


READY: Final = "ready for sales"
"""The name of the definition in [ready] that says none."""


def _if_any(cls: type) -> Any:
    """The check of a part that a model may lack."""
    return attrs.validators.optional(attrs.validators.instance_of(cls))


def _calendars(values: object) -> Table[Calendar]:
    if not isinstance(values, Mapping):
        raise KindError(f"wanted calendars by name, not {show(values)}")
    for name, value in values.items():
        if not isinstance(name, str) or not name or not isinstance(value, Calendar):
            raise KindError(f"wanted a Calendar by a name, not {show(value)} by {show(name)}")
    return Table(values)


@attrs.frozen(slots=False)
class Model:
    """
    A definition with what goes with it: an agreement, and what comes after qualifying.

    Args:
        qualification: Who is a qualified lead.
        agreement: What marketing and sales agreed on about it.
        ready: Who is ready for sales: a definition of its own, mostly on the same card.
        lifecycle: The stages of a lead, and the moves between them.
        handoff: What sales promised, who gets which lead, and what its rejections lead to.
        calendars: Business calendars by the name that a model file has for each. Only for
            writing: a part has its calendar itself.

    Raises:
        DefinitionError: parts do not go together; its ``faults`` say what, where, and what to do.

    >>> from mqlkit import Qualification, attribute
    >>> Model(Qualification("fit", version="1", when=attribute("employees") >= 50)).ready is None
    True
    """

    qualification: Qualification = attrs.field(
        validator=attrs.validators.instance_of(Qualification)
    )
    agreement: Agreement | None = attrs.field(default=None, validator=_if_any(Agreement))
    ready: Qualification | None = attrs.field(default=None, validator=_if_any(Qualification))
    lifecycle: Lifecycle | None = attrs.field(default=None, validator=_if_any(Lifecycle))
    handoff: HandoffPolicy | None = attrs.field(default=None, validator=_if_any(HandoffPolicy))
    calendars: Mapping[str, Calendar] = attrs.field(
        factory=Table[Calendar], converter=_calendars, kw_only=True
    )

    def __attrs_post_init__(self) -> None:
        faults = [
            *whole.score_faults(
                whole.asking(self.lifecycle, self.handoff),
                whole.scores_of(self.qualification, self.ready),
            ),
            *whole.faults(self.lifecycle, self.handoff),
        ]
        if faults:
            raise whole.ModelError(faults)

    @cached_property
    def fingerprint(self) -> str:
        """
        A digest of all that it means: definition, readiness, lifecycle, handoff.

        It is the same in every process and from every format, and without those other parts that
        of the definition. An agreement and the names of calendars are no part of it.
        """
        parts = {"ready": self.ready, "lifecycle": self.lifecycle, "handoff": self.handoff}
        said = {name: part for name, part in parts.items() if part is not None}
        if not said:
            return self.qualification.fingerprint
        return fingerprint({"definition": self.qualification, **said})

    def decide(self, lead: Lead, *, as_of: datetime) -> Decision:
        """
        The decision about one lead as of an instant; it notes what the agreement lacks.

        Args:
            lead: What is known of it.
            as_of: Aware; what comes later does not exist.

        Raises:
            NaiveTimeError: *as_of* has no time zone.
        """
        return self.qualification.decide(lead, as_of=as_of, notes=self.notes(as_of))

    def notes(self, as_of: datetime) -> tuple[str, ...]:
        """Why the agreement does not cover the definition as of an instant, in words."""
        if self.agreement is None:
            return ()
        q = self.qualification
        problems = self.agreement.problems(q.name, q.version, as_of, fingerprint=q.fingerprint)
        return (f"the agreement: {'; '.join(problems)}",) if problems else ()


# -- reading -----------------------------------------------------------------------------------


def load(path: str | FilePath, *, lists: Mapping[str, Iterable[Any]] | None = None) -> Model:
    """
    The model in a file; its suffix says in which format.

    The first call imports the criteria that installed packages offer in the entry-point group
    ``mqlkit.criteria``; no call ever imports what a file says.

    Args:
        path: A file of at most 256 KiB: ``.toml``, ``.json``, ``.yaml`` or ``.yml``.
        lists: The values of each list that the file declares as ``{ given = true }``.

    Raises:
        ModelFileError: all that is wrong in it, each with its path.
        UnknownNameError: *lists* has one that the file does not declare.
        MissingExtraError: it is YAML, and the ``yaml`` extra is not installed.
        OSError: the file cannot be opened.
    """
    file = FilePath(path)
    format = _format_of(file)
    load_plugins()
    with file.open("rb") as stream:
        content = stream.read(MOST_BYTES + 1)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if len(content) <= MOST_BYTES:
            line = content.count(b"\n", 0, error.start) + 1
            fault = Fault("", line, "a byte that is no UTF-8", "wanted UTF-8 text")
            raise ModelFileError([fault], file.name) from None
        text = " " * len(content)  # Cut inside a letter; it is too large in any case.
    return _load(text, format, lists, file.name)


def loads(
    text: str, format: Format = "toml", *, lists: Mapping[str, Iterable[Any]] | None = None
) -> Model:
    """
    The model in a text, which may come from a stranger.

    Args:
        text: At most 256 KiB as UTF-8.
        format: ``"toml"``, ``"json"`` or ``"yaml"``; it is never guessed.
        lists: The values of each list that the text declares as ``{ given = true }``.

    Raises:
        ModelFileError: all that is wrong in it, each with its path.
        UnknownNameError: *lists* has one that the text does not declare.
        MissingExtraError: it is YAML, and the ``yaml`` extra is not installed.

    >>> model = loads('''
    ... format = 1
    ... name = "fit"
    ... version = "1"
    ... when = { attribute = "employees", at_least = 50 }
    ... ''')
    >>> model.qualification.when.describe()
    'employees is at least 50'
    """
    _check_format(format)
    return _load(text, format, lists, "")


def _load(
    text: str, format: Format, lists: Mapping[str, Iterable[Any]] | None, source: str
) -> Model:
    reader = _FORMATS[format]
    large = too_large(text)
    if large is not None:
        raise ModelFileError([large], source)
    data, faults = reader.read(text)
    if faults:
        raise ModelFileError(faults, source)
    document = _Document(data, structure(), lists or {})
    model = document.model()
    if model is None:
        raise ModelFileError(_located(document.wrong, lambda: reader.lines(text)), source)
    return model


def _located(
    wrong: Iterable[tuple[Found, Hint]], lines: Callable[[], dict[Path, int]]
) -> list[Fault]:
    """What is wrong, each thing with the line of its path or of what it stands in."""
    known = lines()

    def line(path: Path) -> int | None:
        above = (path[:length] for length in range(len(path), 0, -1))
        return next((known[part] for part in above if part in known), None)

    faults: dict[Fault, None] = {}
    for (path, found, wanted), hint in wrong:
        guess = hint() if len(faults) < _MOST_HINTS else ""
        faults[Fault(path_text(path), line(path), found, wanted, guess)] = None
    return list(faults)


_MOST_HINTS: Final = 50

T = TypeVar("T")

_PARTS: Final = ("agreement", "ready", "lifecycle", "handoff")
"""What may stand beside the definition, under its own key."""
_BESIDE: Final = ("format", "criteria", "lists", "calendars")
"""What a file has that no part is: its version, and names for all parts."""


class _Document:
    """What a reader returned, on its way to a model."""

    def __init__(
        self, data: object, readers: Structure, lists: Mapping[str, Iterable[Any]]
    ) -> None:
        self._data, self._readers, self._given = data, readers, lists
        self.wrong: list[tuple[Found, Hint]] = []

    def model(self) -> Model | None:
        """The model; None when something is wrong."""
        for found in strange(self._data):
            self._say(*found)
        if not self.wrong and not isinstance(self._data, dict):
            self._say((), shown(self._data), "wanted a table of keys")
        if self.wrong:
            return None
        table = dict(cast(dict[str, Any], self._data))
        table.pop("$schema", None)
        self._check_version(table.pop("format", None))
        lists = self._lists(table.pop("lists", {}))
        calendars = self._calendars(table.pop("calendars", {}))
        definitions = self._definitions(table.pop("criteria", {}))
        scope = Scope(definitions, lists, calendars, self._readers.criterion)
        token = SCOPE.set(scope)
        try:
            return self._read(scope, table, calendars)
        except TooMuch as error:
            self._note(error.refused, ())
            return None
        finally:
            SCOPE.reset(token)

    def _read(
        self, scope: Scope, table: dict[str, Any], calendars: Mapping[str, Calendar]
    ) -> Model | None:
        parts: dict[str, object] = {name: table.pop(name) for name in _PARTS if name in table}
        scope.read_all()
        scope.size = nodes(table) + sum(map(nodes, parts.values()))
        for path, error in scope.wrong:
            self._note(error, path)
        signed = self._part("agreement", parts, self._readers.agreement)
        self._check_keys(table)
        qualification: Qualification | None = None
        try:
            qualification = self._readers.qualification(table)
        except Exception as error:
            self._note_whole(error, table, ())
        ready = self._ready(parts.get("ready"), table, qualification)
        lifecycle = self._part("lifecycle", parts, self._readers.lifecycle)
        handoff = self._part("handoff", parts, self._readers.handoff)
        if qualification is not None and (ready is not None or "ready" not in parts):
            self._check_scores(whole.asking(lifecycle, handoff), qualification, ready)
        for fault in whole.faults(lifecycle, handoff):
            self._say(steps_of(fault.path), fault.found, fault.wanted, fault.hint)
        if self.wrong or qualification is None:
            return None
        return Model(qualification, signed, ready, lifecycle, handoff, calendars=calendars)

    def _part(self, name: str, parts: Mapping[str, object], read: Callable[[Any], T]) -> T | None:
        """A part of the model that it may have; None also when it cannot be read."""
        try:
            return read(parts[name]) if name in parts else None
        except Exception as error:
            self._note(error, (name,))
            return None

    def _ready(
        self, written: object, table: Mapping[str, Any], model: Qualification | None
    ) -> Qualification | None:
        """Who is ready for sales: what the section does not say is the model's."""
        if not isinstance(written, dict):
            if written is not None:
                self._say(("ready",), shown(written), "wanted a table")
            return None
        version = table.get("version")
        given = {"name": READY, "version": version if isinstance(version, str) else "1"}
        cards = {} if model is None else {"card": model.cards}
        try:
            made: Qualification = self._readers.qualification({**given, **cards, **written})
        except Exception as error:
            if model is not None or "card" in written or _unknown_score(error) is None:
                self._note_whole(error, written, ("ready",))
            return None
        return made

    def _check_scores(
        self,
        asking: Iterable[tuple[Path, Criterion]],
        qualification: Qualification,
        ready: Qualification | None,
    ) -> None:
        known = whole.scores_of(qualification, ready)
        for path, name in whole.unknown_scores(asking, known):
            place = (*path, *_place_of_score(_at(self._data, path), name))
            guess = partial(did_you_mean, name, known)
            self._say(place, shown(name), "wanted the name of a score", guess)

    def _note(self, error: Exception, path: Path) -> None:
        self.wrong += found_in(error, path, self._readers.shape_of_made)

    def _note_whole(self, error: Exception, table: dict[str, Any], path: Path) -> None:
        """What the reading of a definition raised; an unknown score shows in no one field."""
        unknown = _unknown_score(error)
        if unknown is None:
            self._note(error, path)
            return
        guess = partial(did_you_mean, unknown.name, unknown.known)
        place = (*path, *_place_of_score(table, unknown.name))
        self._say(place, shown(unknown.name), "wanted the name of a score", guess)

    def _say(self, path: Path, found: str, wanted: str, hint: Hint | str = "") -> None:
        self._note(Refused(found, wanted, hint), path)

    def _check_version(self, version: object) -> None:
        if version is None:
            self._say((), "", f"the key 'format' is missing: say format = {VERSION}")
        elif type(version) is not int or version != VERSION:
            hint = "a newer mqlkit may read it" if type(version) is int else ""
            self._say(("format",), shown(version), f"wanted {VERSION}", hint)

    def _check_keys(self, table: dict[str, Any]) -> None:
        """What stands in a file is a key of the definition or a part beside it."""
        own = self._readers.shape_of_made(Qualification).own_keys
        for key in [key for key in table if key not in own]:
            del table[key]
            guess = partial(did_you_mean, key, {*own, *_PARTS, *_BESIDE})
            self._say((key,), "an unknown key", "a model has none such", guess)

    def _definitions(self, written: object) -> dict[str, object]:
        if not isinstance(written, dict):
            self._say(("criteria",), shown(written), "wanted a table by name")
            return {}
        return written

    def _calendars(self, written: object) -> dict[str, Calendar]:
        """The named calendars; one stands in for each broken one, to give one fault."""
        if not isinstance(written, dict):
            self._say(("calendars",), shown(written), "wanted a table by name")
            return {}
        if len(written) > MOST_CALENDARS:
            found = f"{len(written):,} calendars"
            self._say(("calendars",), found, f"a model has at most {MOST_CALENDARS}")
            return {}
        known: dict[str, Calendar] = {}
        for name, value in written.items():
            try:
                known[name] = self._readers.calendar(value)
            except Exception as error:
                self._note(error, ("calendars", name))
                known[name] = Calendar.always()
        return known

    def _lists(self, written: object) -> dict[str, NamedList]:
        """The named lists: shipped ones, those of the file, and those given."""
        known = dict(SHIPPED_LISTS)
        if not isinstance(written, dict):
            self._say(("lists",), shown(written), "wanted a table by name")
            return known
        given = {name for name, values in written.items() if isinstance(values, dict)}
        for name in self._given:
            if name not in given:
                raise UnknownNameError("list declared as given", name, given)
        for name, values in written.items():
            try:
                known[name] = self._list(name, values)
            except Exception as error:
                self._note(error, ("lists", name))
                known[name] = NamedList(name or "broken", ())
        return known

    def _list(self, name: str, values: object) -> NamedList:
        if not isinstance(values, dict):
            return NamedList(name, self._readers.values(values))
        if values != {"given": True} or values["given"] is not True:
            raise Refused(shown(values), "wanted a list of values, or { given = true }")
        if name not in self._given:
            hint = f"pass lists={{{name!r}: [...]}} to load"
            raise Refused("a list given at load", "its values were not given", hint)
        return NamedList(name, self._given[name], given=True)


def _unknown_score(error: Exception) -> UnknownNameError | None:
    inner = getattr(error, "exceptions", (error,))
    return next((e for e in inner if isinstance(e, UnknownNameError)), None)


def _at(data: Any, path: Path) -> Any:
    """What stands at a path that is there."""
    for step in path:
        data = data[step]
    return data


def _place_of_score(table: object, name: str) -> Path:
    """Where a part first asks for a score; () where it does so by a named criterion."""
    waiting: list[tuple[Path, Any]] = [((), table)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            for tag in ("score", "grade"):
                if value.get(tag) == name:
                    return (*path, tag)
            waiting += [((*path, key), item) for key, item in reversed(value.items())]
        elif isinstance(value, list):
            waiting += [((*path, index), item) for index, item in reversed([*enumerate(value)])]
    return ()


# -- writing -----------------------------------------------------------------------------------


def dumps(model: Model | Qualification, format: Format = "toml") -> str:
    """
    A model as text, in the one canonical spelling of its format.

    Args:
        model: The model, or a definition without an agreement.
        format: ``"toml"``, ``"json"`` or ``"yaml"``.

    Returns:
        Text that `loads` reads as an equal model. Lists that are given at load stay so.

    Raises:
        DefinitionError: a part has no tag, two different parts share a name, or the text would
            be larger or deeper than `loads` reads.

    >>> from mqlkit import Qualification, attribute
    >>> print(dumps(Qualification("fit", version="1", when=attribute("employees") >= 50)), end="")
    format = 1
    name = "fit"
    version = "1"
    when = { attribute = "employees", at_least = 50 }
    """
    _check_format(format)
    if isinstance(model, Qualification):
        model = Model(model)
    document = _document(model)
    for path, found, wanted in strange(document):
        where = path_text(path)
        raise DefinitionError(f"{where or 'the model'}: {found}; {wanted}")
    text: str = _FORMATS[format].write(document)
    large = too_large(text)
    if large is not None:
        raise DefinitionError(f"the model takes {large.found}; {large.wanted}")
    return text


def dump(model: Model | Qualification, path: str | FilePath) -> None:
    """
    Write a model to a file; its suffix says in which format.

    Raises:
        DefinitionError: as for `dumps`; the file is then left as it was.
    """
    file = FilePath(path)
    text = dumps(model, _format_of(file))
    file.write_bytes(text.encode())


_SECTIONS: Final = ("never", "at_once", "labels", "grades", "card")


def _document(model: Model) -> dict[str, Any]:
    writer = Unstructure(SHIPPED_LISTS, model.calendars)
    own = _definition(writer, model.qualification)
    ready = {} if model.ready is None else _ready(writer, model.ready, model.qualification)
    parts = {name: getattr(model, name) for name in _PARTS if name != "ready"}
    written = {name: writer.plain(part) for name, part in parts.items() if part is not None}
    agreed = {"agreement": written.pop("agreement")} if "agreement" in written else {}
    names = {
        "lists": writer.lists,
        "criteria": writer.criteria,
        "calendars": {name: writer.calendar(one) for name, one in model.calendars.items()},
    }
    return {
        "format": VERSION,
        **{key: item for key, item in own.items() if key not in _SECTIONS},
        **{section: items for section, items in names.items() if items},
        **{section: own[section] for section in _SECTIONS if section in own},
        **({"ready": ready} if ready else {}),
        **written,
        **agreed,
    }


def _definition(writer: Unstructure, definition: Definition) -> dict[str, Any]:
    written = writer.plain(definition)
    cards = written.get("card", [])
    if len(cards) == 1:
        written["card"] = cards[0]
    head = {key: item for key, item in written.items() if key not in _SECTIONS}
    return head | {section: written[section] for section in _SECTIONS if section in written}


def _ready(writer: Unstructure, ready: Definition, model: Definition) -> dict[str, Any]:
    """Who is ready for sales, without what the section has from the model."""
    written = _definition(writer, ready)
    if ready.cards == model.cards:
        written.pop("card", None)
    else:
        written.setdefault("card", [])
    given = {"name": READY, "version": model.version}
    return {key: item for key, item in written.items() if given.get(key) != item}


# -- formats -----------------------------------------------------------------------------------


def _format_of(file: FilePath) -> Format:
    format = _SUFFIXES.get(file.suffix.lower())
    if format is None:
        known = ", ".join(_SUFFIXES)
        raise DefinitionError(
            f"the suffix {file.suffix!r} names no format; known are {known}, or read the text "
            "yourself and say the format to loads"
        )
    return format


def _check_format(format: str) -> None:
    if format not in get_args(Format):
        raise DefinitionError(
            f"there is no format {show(format)}; {did_you_mean(str(format), get_args(Format))}"
        )
