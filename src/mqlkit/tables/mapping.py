"""
The mapping file: which column is what, and of which kind.

A small TOML file beside the data; docs/how-to/decide-a-file.md shows one. It is read strictly:
unknown keys are refused, and all faults are told at once, each with its path and line.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path as FilePath
from typing import Any, Final, Literal, TypeAlias, cast
from zoneinfo import available_timezones

import attrs

from ..errors import DefinitionError, Fault, ModelFileError, did_you_mean
from ..spec import toml_text
from ..spec.limits import strange, too_large
from ..spec.path import Path, path_text
from ..value import is_blank
from .cell import CELL_KINDS, EPOCHS, CellKind, Column
from .clock_format import ClockFormat
from .fault import TableError

Others: TypeAlias = Literal["keep", "skip"]

ENCODINGS: Final = (
    "utf-8", "utf-16", "latin-1", "iso8859-15", "cp1250", "cp1251", "cp1252", "mac-roman",
    "shift_jis", "gb18030", "euc-kr", "big5",
)  # fmt: skip
"""A list, because the name of an encoding is the name of a module to Python."""


class MappingFileError(ModelFileError, TableError):
    """A mapping file with faults; all of them at once, each with its path and line."""


@attrs.frozen
class Layout:
    """
    How a file is written.

    Args:
        encoding: Of a text file.
        delimiter: Between the cells of a CSV file; a tab for ``.tsv`` unless stated.
    """

    encoding: str = "utf-8"
    delimiter: str = ""


@attrs.frozen
class LeadColumns:
    """
    What the columns of a leads file are.

    Args:
        id: The column with the lead's key; None means ``id`` or ``lead_id``.
        columns: By the column's own name.
        others: Whether columns that are not listed are kept under their own names.
        stage: The column with the lead's lifecycle stage.
        layout: How the file is written.
    """

    id: str | None = None
    columns: Mapping[str, Column] = attrs.field(factory=dict)
    others: Others = "keep"
    blanks: frozenset[str] = frozenset()
    stage: str | None = None
    layout: Layout = Layout()


@attrs.frozen
class ActivityColumns:
    """
    What the columns of an activities file are.

    Args:
        name: By which the command line calls it, when there are several.
        lead: The column with the lead's key; None means ``lead_id`` or ``lead``.
        kind: The column that says what was done; None means ``kind``.
        kind_is: What was done, where the whole file is of one kind.
        kinds: Other names for kinds found in the file.
        at: When it was done.
        at_column: The column that says so.
        id: The column with the activity's own key; None means ``id`` if there is one.
        columns: Properties, by the column's own name.
        others: Whether columns that are not listed are kept under their own names.
        layout: How the file is written.
    """

    name: str = ""
    lead: str | None = None
    kind: str | None = None
    kind_is: str = ""
    kinds: Mapping[str, str] = attrs.field(factory=dict)
    at_column: str = "at"
    at: Column = attrs.field(factory=lambda: Column("at", "moment"))
    id: str | None = None
    columns: Mapping[str, Column] = attrs.field(factory=dict)
    others: Others = "keep"
    blanks: frozenset[str] = frozenset()
    layout: Layout = Layout()


@attrs.frozen
class FileMapping:
    """
    Which column is what, of a leads file and of activity files.

    Args:
        leads: The leads file.
        activities: One entry for each form of activities file.
        from_activities: The leads are those that the activities name; there is no leads file.
        stated: Whether a mapping file says so, or these are the defaults.
    """

    leads: LeadColumns = LeadColumns()
    activities: tuple[ActivityColumns, ...] = (ActivityColumns(),)
    from_activities: bool = False
    stated: bool = False

    def section(self, name: str) -> ActivityColumns:
        """
        The form of the activities file that goes by *name*; the only one when *name* is empty.

        Raises:
            TableError: there is none, or there are several and no name.
        """
        if not name and len(self.activities) == 1:
            return self.activities[0]
        names = [section.name for section in self.activities]
        if not name:
            raise TableError(
                "the mapping file has several [[activities]]; say which one a file is, "
                f"for example {names[0]}=FILE; {did_you_mean('', names)}"
            )
        for section in self.activities:
            if section.name == name:
                return section
        raise TableError(f"the mapping has no [[activities]] {name!r}; {did_you_mean(name, names)}")


DEFAULT: Final = FileMapping()


def read_mapping(path: str | FilePath) -> FileMapping:
    """
    The mapping in a file.

    Raises:
        TableError: the file cannot be read.
        MappingFileError: it has faults; tells all of them.
    """
    name = str(path)
    try:
        data = FilePath(path).read_bytes()
    except OSError as error:
        raise TableError(f"{name}: {error.strerror or 'cannot be read'}") from None
    return parse_mapping(data, name)


def parse_mapping(text: str | bytes, name: str = "mapping") -> FileMapping:
    """
    The mapping in a text.

    Raises:
        MappingFileError: it has faults; tells all of them.

    >>> mapping = parse_mapping('''
    ... format = 1
    ... [leads]
    ... id = "Prospect ID"
    ... blanks = ["Select"]
    ... [leads.columns]
    ... "TotalVisits" = { field = "visits", kind = "number" }
    ... ''')
    >>> mapping.leads.columns["TotalVisits"].field
    'visits'
    """
    source = decoded(text, name)
    large = too_large(source)
    data, faults = ({}, [large]) if large else toml_text.read(source)
    if faults:
        raise MappingFileError(faults, name)
    reader = _Reader()
    reader.refuse_strange(data)
    mapping = reader.mapping(data) if not reader.wrong else DEFAULT
    if reader.wrong:
        raise MappingFileError(_located(reader.wrong, toml_text.lines(source)), name)
    return mapping


def decoded(text: str | bytes, name: str) -> str:
    """The text of a file."""
    if isinstance(text, str):
        return text
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError:
        fault = Fault("", None, "a byte that is no UTF-8", "wanted UTF-8 text")
        raise MappingFileError([fault], name) from None


def _located(wrong: list[tuple[Path, str]], lines: Mapping[Path, int]) -> list[Fault]:
    """What is wrong, each with its line or that of what it stands in."""

    def line(path: Path) -> int | None:
        above = (path[:length] for length in range(len(path), 0, -1))
        return next((lines[part] for part in above if part in lines), None)

    faults = [Fault(path_text(path), line(path), "", problem) for path, problem in wrong]
    return sorted(dict.fromkeys(faults), key=lambda fault: fault.line or 0)


class _Reader:
    """Reads the tables of a mapping, and collects what is wrong with them."""

    def __init__(self) -> None:
        self.wrong: list[tuple[Path, str]] = []

    def refuse_strange(self, data: object) -> None:
        """Complain about what no file of ours may hold."""
        self.wrong += [(path, f"found {found}; {wanted}") for path, found, wanted in strange(data)]

    # -- tables ------------------------------------------------------------------------------

    def mapping(self, data: Mapping[str, Any]) -> FileMapping:
        self.known(data, (), ("format", "blanks", "encoding", "delimiter", "leads", "activities"))
        if data.get("format") != 1 or isinstance(data.get("format"), bool):
            self.wrong.append((("format",), "wanted format = 1"))
        leads = data.get("leads", {})
        from_activities = leads == "from activities"
        if not isinstance(leads, Mapping | str) or (isinstance(leads, str) and not from_activities):
            self.wrong.append((("leads",), 'wanted a table, or leads = "from activities"'))
        sections = data.get("activities", [])
        if not isinstance(sections, list) or not all(isinstance(s, Mapping) for s in sections):
            self.wrong.append((("activities",), "wanted one [[activities]] table for each file"))
            sections = []
        activities = tuple(
            self.activities(section, ("activities", number), data)
            for number, section in enumerate(sections)
        )
        self._names(activities)
        return FileMapping(
            LeadColumns() if not isinstance(leads, Mapping) else self.leads(leads, data),
            activities or (ActivityColumns(),),
            from_activities,
            stated=True,
        )

    def leads(self, data: Mapping[str, Any], whole: Mapping[str, Any]) -> LeadColumns:
        path: Path = ("leads",)
        self.known(data, path, ("id", "stage", *_COMMON))
        blanks = self.blanks(data, path, self.blanks(whole, ()))
        return LeadColumns(
            id=self.text(data, "id", path),
            stage=self.text(data, "stage", path),
            columns=self.columns(data, path, blanks),
            others=self.others(data, path),
            blanks=blanks,
            layout=self.layout(data, path, whole),
        )

    def activities(
        self, data: Mapping[str, Any], path: Path, whole: Mapping[str, Any]
    ) -> ActivityColumns:
        self.known(data, path, ("name", "lead", "kind", "kind_is", "kinds", "at", "id", *_COMMON))
        if "kind" in data and "kind_is" in data:
            self.wrong.append((path, "has kind (a column) and kind_is (one kind); wanted one"))
        blanks = self.blanks(data, path, self.blanks(whole, ()))
        at_column, at = self.at(data, path, blanks)
        return ActivityColumns(
            name=self.text(data, "name", path) or "",
            lead=self.text(data, "lead", path),
            kind=self.text(data, "kind", path),
            kind_is=self.text(data, "kind_is", path) or "",
            kinds=self.kinds(data, path),
            at_column=at_column,
            at=at,
            id=self.text(data, "id", path),
            columns=self.columns(data, path, blanks),
            others=self.others(data, path),
            blanks=blanks,
            layout=self.layout(data, path, whole),
        )

    def _names(self, activities: tuple[ActivityColumns, ...]) -> None:
        names = [section.name for section in activities]
        if len(names) > 1 and (not all(names) or len(set(names)) < len(names)):
            self.wrong.append((("activities",), "several of them each need a name of their own"))

    def at(self, data: Mapping[str, Any], path: Path, blanks: frozenset[str]) -> tuple[str, Column]:
        """The column of an activity's time, and how it is read."""
        stated = data.get("at", "at")
        if isinstance(stated, str):
            return stated, Column("at", "moment", blanks)
        path = (*path, "at")
        if not isinstance(stated, Mapping):
            self.wrong.append((path, "wanted a column's name, or { column, format, zone }"))
            return "at", Column("at", "moment")
        self.known(stated, path, ("column", "format", "zone"))
        column = {key: stated[key] for key in ("format", "zone") if key in stated}
        how = self.column("at", {**column, "kind": "moment"}, path, blanks)
        return self.text(stated, "column", path) or "at", how

    # -- columns -----------------------------------------------------------------------------

    def columns(
        self, data: Mapping[str, Any], path: Path, blanks: frozenset[str]
    ) -> dict[str, Column]:
        stated = data.get("columns", {})
        if not isinstance(stated, Mapping):
            self.wrong.append(((*path, "columns"), "wanted a table by the columns' names"))
            return {}
        found = {
            name: self.column(name, how, (*path, "columns", name), blanks)
            for name, how in stated.items()
        }
        taken: dict[str, str] = {}
        for name, column in found.items():
            first = taken.setdefault(column.field, name)
            if first != name:
                problem = f"the field {column.field!r} comes from {first!r} already"
                self.wrong.append(((*path, "columns", name), problem))
        return found

    def column(self, name: str, how: object, path: Path, blanks: frozenset[str]) -> Column:
        if isinstance(how, str):
            how = {"field": how}
        if not isinstance(how, Mapping):
            self.wrong.append((path, 'wanted { field = "…", kind = "…" }, or the field\'s name'))
            return Column(name)
        how = cast("Mapping[str, Any]", how)
        kind = self.choice(how, "kind", path, CELL_KINDS, "any")
        allowed = _OF_KIND.get(kind, ())
        self.known(how, path, ("field", "kind", "blanks", *allowed))
        blanks = self.blanks(how, path, blanks)
        options = {key: value for key in allowed if (value := self._option(how, key, path))}
        column = Column(self.text(how, "field", path) or name, cast(CellKind, kind), blanks)
        return attrs.evolve(column, **options)

    def _option(self, how: Mapping[str, Any], key: str, path: Path) -> Any:
        if key in ("yes", "no"):
            return tuple(self.texts(how, key, path))
        text = self.text(how, key, path)
        if text is not None and (problem := _PROBLEMS[key](text)):
            self.wrong.append(((*path, key), problem))
            return None
        return text

    def kinds(self, data: Mapping[str, Any], path: Path) -> dict[str, str]:
        stated = data.get("kinds", {})
        named = isinstance(stated, Mapping) and all(
            isinstance(name, str) and not is_blank(name) for name in stated.values()
        )
        if not named:
            self.wrong.append(((*path, "kinds"), 'wanted a table such as { "Page" = "page_view" }'))
            return {}
        return dict(stated)

    # -- single values -----------------------------------------------------------------------

    def known(self, data: Mapping[str, Any], path: Path, keys: Iterable[str]) -> None:
        """Complain about every key that means nothing here."""
        keys = tuple(keys)
        for key in data:
            if key not in keys:
                self.wrong.append(((*path, key), f"means nothing here; {did_you_mean(key, keys)}"))

    def text(self, data: Mapping[str, Any], key: str, path: Path) -> str | None:
        value = data.get(key)
        if value is None or (isinstance(value, str) and (value == "\t" or not is_blank(value))):
            return value
        self.wrong.append(((*path, key), "wanted a text that is not empty"))
        return None

    def texts(self, data: Mapping[str, Any], key: str, path: Path) -> list[str]:
        value = data.get(key, [])
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return value
        self.wrong.append(((*path, key), 'wanted a list of texts, such as ["NA"]'))
        return []

    def blanks(
        self, data: Mapping[str, Any], path: Path, around: frozenset[str] = frozenset()
    ) -> frozenset[str]:
        """The blanks stated here and those stated around it."""
        return around | {blank.strip() for blank in self.texts(data, "blanks", path)}

    def choice(
        self, data: Mapping[str, Any], key: str, path: Path, choices: Iterable[str], default: str
    ) -> str:
        value = data.get(key, default)
        if value in tuple(choices):
            return cast(str, value)
        found = did_you_mean(value, choices) if isinstance(value, str) else "wanted a text"
        self.wrong.append(((*path, key), f"there is no such {key}; {found}"))
        return default

    def others(self, data: Mapping[str, Any], path: Path) -> Others:
        default = "skip" if "columns" in data else "keep"
        return cast(Others, self.choice(data, "others", path, ("keep", "skip"), default))

    def layout(self, data: Mapping[str, Any], path: Path, whole: Mapping[str, Any]) -> Layout:
        stated = {**{key: whole[key] for key in ("encoding", "delimiter") if key in whole}, **data}
        delimiter = self.text(stated, "delimiter", path) or ""
        if len(delimiter) > 1 or delimiter in ('"', "\r", "\n"):
            self.wrong.append(((*path, "delimiter"), "wanted one sign, such as ; or a tab"))
        return Layout(self.choice(stated, "encoding", path, ENCODINGS, "utf-8"), delimiter)


_COMMON: Final = ("columns", "others", "blanks", "encoding", "delimiter")
_OF_KIND: Final[Mapping[str, tuple[str, ...]]] = {
    "number": ("thousands", "decimal"),
    "flag": ("yes", "no"),
    "moment": ("format", "zone"),
    "items": ("separator",),
}


def _one_sign(text: str) -> str:
    return "" if len(text) == 1 and not text.isalnum() and text not in "+-" else "wanted one sign"


def _few_signs(text: str) -> str:
    return "" if len(text) <= 10 else "wanted at most ten signs"


def _zone_problem(text: str) -> str:
    # Asked of the list: a name that is a folder would otherwise end in an error about a file.
    known = available_timezones()
    return "" if text in known else f"there is no such zone; {did_you_mean(text, known)}"


def _format_problem(text: str) -> str:
    if text in EPOCHS:
        return ""
    try:
        ClockFormat(text)
    except DefinitionError as error:
        return str(error)
    return ""


_PROBLEMS: Final = {
    "thousands": _one_sign,
    "decimal": _one_sign,
    "separator": _few_signs,
    "zone": _zone_problem,
    "format": _format_problem,
}
