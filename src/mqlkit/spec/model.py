"""
A model file: a whole definition, written down for people to read and change.

It holds tags and literal data only: no expressions, no code, no includes. Loading one runs
nothing of it and reads nothing else.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path as FilePath
from typing import Any, Final, Literal, TypeAlias, cast, get_args

import attrs

from ..agreement import Agreement
from ..criteria.choices import NamedList
from ..decision import Decision
from ..errors import DefinitionError, Fault, ModelFileError, UnknownNameError, did_you_mean
from ..lead import Lead
from ..qualification import Qualification
from ..value import show
from ..vocabulary import SHIPPED_LISTS
from . import json_text, toml_text, yaml_text
from .limits import MOST_BYTES, Found, strange, too_large
from .path import Path, path_text
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


@attrs.frozen
class Model:
    """
    A definition with the agreement about it, if there is one.

    Args:
        qualification: Who is a qualified lead.
        agreement: What marketing and sales agreed on about it.
    """

    qualification: Qualification = attrs.field(
        validator=attrs.validators.instance_of(Qualification)
    )
    agreement: Agreement | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.instance_of(Agreement))
    )

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
        definitions = self._definitions(table.pop("criteria", {}))
        agreement = table.pop("agreement", None)
        scope = Scope(definitions, lists, self._readers.criterion)
        token = SCOPE.set(scope)
        try:
            return self._read(scope, table, agreement)
        except TooMuch as error:
            self._note(error.refused, ())
            return None
        finally:
            SCOPE.reset(token)

    def _read(self, scope: Scope, table: dict[str, Any], agreed: object) -> Model | None:
        scope.read_all()
        scope.size = nodes(table)
        for path, error in scope.wrong:
            self._note(error, path)
        signed = None
        try:
            signed = None if agreed is None else self._readers.agreement(agreed)
        except Exception as error:
            self._note(error, ("agreement",))
        qualification = None
        try:
            qualification = self._readers.qualification(table)
        except Exception as error:
            self._note_whole(error, table)
        if self.wrong or qualification is None:
            return None
        return Model(qualification, signed)

    def _note(self, error: Exception, path: Path) -> None:
        self.wrong += found_in(error, path, self._readers.shape_of_made)

    def _note_whole(self, error: Exception, table: dict[str, Any]) -> None:
        """What the reading of the definition raised; an unknown score shows in no one field."""
        inner = getattr(error, "exceptions", (error,))
        unknown = next((e for e in inner if isinstance(e, UnknownNameError)), None)
        if unknown is None:
            self._note(error, ())
            return
        guess = partial(did_you_mean, unknown.name, unknown.known)
        place = _place_of_score(table, unknown.name)
        self._say(place, shown(unknown.name), "wanted the name of a score", guess)

    def _say(self, path: Path, found: str, wanted: str, hint: Hint | str = "") -> None:
        self._note(Refused(found, wanted, hint), path)

    def _check_version(self, version: object) -> None:
        if version is None:
            self._say((), "", f"the key 'format' is missing: say format = {VERSION}")
        elif type(version) is not int or version != VERSION:
            hint = "a newer mqlkit may read it" if type(version) is int else ""
            self._say(("format",), shown(version), f"wanted {VERSION}", hint)

    def _definitions(self, written: object) -> dict[str, object]:
        if not isinstance(written, dict):
            self._say(("criteria",), shown(written), "wanted a table by name")
            return {}
        return written

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


def _place_of_score(table: dict[str, Any], name: str) -> Path:
    """Where a definition first asks for a score; () where it does so by a named criterion."""
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
    writer = Unstructure(SHIPPED_LISTS)
    definition = writer.plain(model.qualification)
    agreed = {} if model.agreement is None else {"agreement": writer.plain(model.agreement)}
    cards = definition.get("card", [])
    if len(cards) == 1:
        definition["card"] = cards[0]
    head = {key: item for key, item in definition.items() if key not in _SECTIONS}
    names = {"lists": writer.lists, "criteria": writer.criteria}
    return {
        "format": VERSION,
        **head,
        **{section: items for section, items in names.items() if items},
        **{section: definition[section] for section in _SECTIONS if section in definition},
        **agreed,
    }


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
