"""
From rows to leads: the leads of a file, each with its activities from other files.

Activities are grouped by lead in memory; leads are read one by one. In files: no activities given
means not loaded, a lead without rows has an empty timeline, activities of unknown leads are
reported.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias

import attrs

from ..errors import did_you_mean
from ..lead import Lead
from ..timeline import Activity
from ..value import fold, is_blank, listing, printable
from .cell import CellError, Column
from .fault import Report, TableError, Tally
from .mapping import DEFAULT, ActivityColumns, FileMapping, LeadColumns
from .source import Row, Sheet, open_sheet, spoiled

Progress: TypeAlias = Callable[[str, float | None], None]
"""Told what is being read and how much of it, from 0 to 1."""


def silent(what: str, share: float | None) -> None:
    """No progress to tell."""


@attrs.frozen
class ActivityFile:
    """
    A file of activities.

    Args:
        path: ``-`` is standard input.
        section: The name of its entry in the mapping file, where that has several.
        format: Where the ending does not say it.
    """

    path: str
    section: str = ""
    format: str | None = None


def _files(files: Iterable[ActivityFile]) -> tuple[ActivityFile, ...]:
    return tuple(files)


@attrs.frozen
class Files:
    """
    The files of a run.

    Args:
        leads: The leads file; None where the mapping says that they come from the activities.
        activities: Activity files; none given means that no timeline is loaded.
        mapping: Which column is what.
        known_at: When the attributes were read; see `Lead`.
        format: Of the leads file, where the ending does not say it.
    """

    leads: str | None
    activities: tuple[ActivityFile, ...] = attrs.field(default=(), converter=_files)
    mapping: FileMapping = DEFAULT
    known_at: datetime | None = None
    format: str | None = None

    def __attrs_post_init__(self) -> None:
        paths = [self.leads, *(file.path for file in self.activities)]
        if paths.count("-") > 1:
            raise TableError("only one file can be '-', standard input")
        if self.mapping.from_activities and (self.leads is not None or not self.activities):
            raise TableError(
                'the mapping says leads = "from activities": give activities and no leads file'
            )
        if self.leads is None and not self.mapping.from_activities:
            raise TableError(
                'a leads file is wanted, or leads = "from activities" in the mapping file'
            )

    def read(self, report: Report | None = None, progress: Progress = silent) -> Iterator[Lead]:
        """
        Every lead of the files, in the order of the leads file.

        Args:
            report: Told what became of every row.
            progress: Told how far it is, now and then.

        Raises:
            TableError: a file cannot be read at all.
        """
        report = Report() if report is None else report
        timelines = self._timelines(report, progress) if self.activities else None
        if self.leads is None:
            yield from _named_by(timelines or {}, self.known_at)
            return
        tally = report.tally(self.leads)
        columns = self.mapping.leads
        with open_sheet(self.leads, tally, columns.layout, self.format) as sheet:
            self._say_text(sheet, report)
            reader = LeadReader(columns, sheet, tally, self.known_at)
            yield from reader.leads(timelines, progress)
        reader.cells.remark(report)
        report.found.fields |= reader.cells.names
        report.found.named = self.mapping.stated or sheet.columns is not None
        for lead_id, rows in (timelines or {}).items():
            refused = lead_id in tally.lost
            whose = "whose row was refused" if refused else "that the leads file has not"
            for row in rows:
                row.tally.take_back(row.number, f"is of a lead {whose}", "", lead_id)

    def _timelines(self, report: Report, progress: Progress) -> "dict[str, list[_Kept]]":
        timelines: dict[str, list[_Kept]] = {}
        for file in self.activities:
            tally = report.tally(file.path)
            columns = self.mapping.section(file.section)
            with open_sheet(file.path, tally, columns.layout, file.format) as sheet:
                self._say_text(sheet, report)
                reader = ActivityReader(columns, sheet, tally)
                reader.into(timelines, progress)
            reader.remark(report)
            report.found.kinds.update(reader.found)
            report.found.properties |= reader.cells.names
        return timelines

    def _say_text(self, sheet: Sheet, report: Report) -> None:
        if not self.mapping.stated and sheet.text_only:
            report.note(
                "no mapping file: every cell of a CSV file is text, so no number, flag or date "
                "is known"
            )


@attrs.frozen
class _Kept:
    """An activity, with where it came from in case nobody wants it."""

    activity: Activity
    tally: Tally
    number: int


def _named_by(timelines: dict[str, list[_Kept]], known_at: datetime | None) -> Iterator[Lead]:
    """The leads that the activities name, in the order of their first row."""
    while timelines:
        lead_id = next(iter(timelines))
        kept = timelines.pop(lead_id)
        yield Lead(lead_id, {}, [row.activity for row in kept], known_at=known_at)


class _Cells:
    """Reads the columns of one sheet into fields."""

    def __init__(
        self,
        sheet: Sheet,
        tally: Tally,
        columns: Mapping[str, Column],
        blanks: frozenset[str],
        *,
        keep_others: bool,
        taken: frozenset[str],
    ) -> None:
        self.sheet, self.tally = sheet, tally
        self._columns = dict(columns)
        self._blanks = blanks
        self._keep_others = keep_others
        self._taken = taken
        self._fields = {column.field for column in columns.values()}
        self._need(*columns)
        self._seem_blank: dict[str, Counter[str]] = {}
        self._spelled: dict[tuple[str, str], str] = {}
        self.names = set(self._fields)
        """The fields that it gives, as far as it is read."""
        for name in sheet.columns or ():
            if name not in self._columns:
                self._other(name)

    def _need(self, *names: str) -> None:
        """Complain about all columns that the mapping names and the file does not have."""
        there = self.sheet.columns
        if there is None:
            return
        absent = [name for name in names if name not in there]
        if absent:
            told = "; ".join(f"there is no column {n!r}, {did_you_mean(n, there)}" for n in absent)
            raise TableError(f"{self.tally.source}: {told}")

    def pick(self, stated: str | None, *usual: str, needed: bool = True) -> str | None:
        """The column that is stated, or the first of the usual ones that is there."""
        if stated is not None:
            self._need(stated)
            return stated
        there = self.sheet.columns
        if there is None:
            return usual[0] if len(usual) == 1 or not needed else "|".join(usual)
        found = next((name for name in usual if name in there), None)
        if found is None and needed:
            wanted = " or ".join(map(repr, usual))
            raise TableError(
                f"{self.tally.source}: there is no column {wanted}; a mapping file says which "
                "column it is"
            )
        return found

    def fields(self, row: Row) -> dict[str, object]:
        """The fields of a row; a bad cell is a blank and a fault."""
        found: dict[str, object] = {}
        for name, cell in row.cells.items():
            column = self._columns.get(name) or self._other(name)
            if column is None:
                continue
            value = self.read(row, name, column, cell)
            if value is not None:
                found[column.field] = value
        return found

    def _other(self, name: str) -> Column | None:
        if not self._keep_others or name in self._taken or name in self._fields:
            return None
        column = Column(name, "any", self._blanks)
        self.names.add(name)
        if self.sheet.columns is not None:
            self._columns[name] = column  # JSON may bring a new name in every row.
        return column

    def read(self, row: Row, name: str, column: Column, cell: object) -> object:
        """One cell; None with a fault when it is not what the column says."""
        try:
            if isinstance(cell, str) and spoiled(cell):
                raise CellError("bytes that are no text in the stated encoding")
            value = column.read(cell)
        except CellError as error:
            self.tally.blank(row.number, str(error), name, cell)
            return None
        if isinstance(value, str) and not column.blanks and len(value) <= _LONGEST_BLANK:
            self._suspect(name, value)
        return value

    def _suspect(self, name: str, value: str) -> None:
        """Count a text that people write where they know nothing."""
        word = fold(value.strip())
        if word in _SEEM_BLANK:
            self._spelled.setdefault((name, word), value.strip())
            self._seem_blank.setdefault(name, Counter())[word] += 1

    def remark(self, report: Report) -> None:
        """Tell, for each column, the texts that may mean a blank and are not stated as one."""
        for name, words in self._seem_blank.items():
            (word, count), *others = words.most_common()
            more = [f"{n:,} {self._spelled[name, w]!r}" for w, n in others]
            told = listing([f"say {self._spelled[name, word]!r}", *more], "and")
            it = "them" if others else "it"
            means = "they mean" if others else "it means"
            report.note(
                f"{self.tally.source}: {count:,} cells of '{printable(name)}' {told}; "
                f"list {it} in blanks if {means} not known"
            )


_SEEM_BLANK: Final = frozenset({
    "n/a", "na", "#n/a", "nan", "null", "none", "unknown", "not available", "select",
    "-", "--", "?",
})  # fmt: skip
"""What people and programs write where nothing is known."""
_LONGEST_BLANK: Final = 20


def _key(cell: object) -> str | None:
    """A key as text; whole numbers, as JSON and Parquet have them, are keys too."""
    if isinstance(cell, int) and not isinstance(cell, bool):
        return str(cell)
    if not isinstance(cell, str) or is_blank(cell) or spoiled(cell):
        return None
    return cell.strip() or None


def _first(row: Row, names: str | None) -> object:
    """The cell of a column; of JSON the first of the usual names that is there."""
    if names is None:
        return None
    return next((row.cells[n] for n in names.split("|") if n in row.cells), row.cells.get(names))


class LeadReader:
    """
    Reads leads from a sheet.

    Args:
        columns: Which column is what.
        sheet: Where the rows come from.
        tally: Told of every row that is kept or refused.
        known_at: When the attributes were read; see `Lead`.
        again: Whether a key may come again: a row for each of several instants.
    """

    def __init__(
        self,
        columns: LeadColumns,
        sheet: Sheet,
        tally: Tally,
        known_at: datetime | None = None,
        *,
        again: bool = False,
    ) -> None:
        self._tally, self._known_at, self._again = tally, known_at, again
        taken = frozenset({columns.id, columns.stage} - {None})
        self.cells = _Cells(
            sheet,
            tally,
            columns.columns,
            columns.blanks,
            keep_others=columns.others == "keep",
            taken=taken,  # type: ignore[arg-type]
        )
        self._id = self.cells.pick(columns.id, "id", "lead_id")
        self._stage = columns.stage and self.cells.pick(columns.stage)
        self._rows: dict[str, int] = {}

    @property
    def id_column(self) -> str:
        """The column with the key; of JSON the usual names with ``|`` between them."""
        return str(self._id)

    def leads(self, timelines: dict[str, list[_Kept]] | None, progress: Progress) -> Iterator[Lead]:
        """Each lead with its timeline, which is taken out of *timelines*."""
        for number, lead in self.rows(timelines):
            if number % 256 == 0:
                progress(self._tally.source, self.cells.sheet.share())
            yield lead
        progress(self._tally.source, 1.0)

    def rows(self, timelines: dict[str, list[_Kept]] | None = None) -> Iterator[tuple[int, Lead]]:
        """Each lead with the number of its row."""
        for row in self.cells.sheet.rows:
            lead_id = self._new_id(row)
            if lead_id is None:
                continue
            kept = timelines.pop(lead_id, []) if timelines is not None else None
            lead = Lead(
                lead_id,
                self.cells.fields(row),
                None if kept is None else [one.activity for one in kept],
                stage=_key(row.cells.get(self._stage)) if self._stage else None,
                known_at=self._known_at,
            )
            self._tally.kept += 1
            yield row.number, lead

    def _new_id(self, row: Row) -> str | None:
        """The row's key; None when the row is refused."""
        cell = _first(row, self._id)
        lead_id = _key(cell)
        if lead_id is None:
            problem = "has no key" if is_blank(cell) else "has a key that is no text"
            self._tally.refuse(row.number, problem, str(self._id), cell)
            return None
        if self._again:
            return lead_id
        first = self._rows.setdefault(lead_id, row.number)
        if first != row.number:
            self._tally.refuse(row.number, f"has the key of row {first}", str(self._id), lead_id)
            return None
        return lead_id


class ActivityReader:
    """
    Reads activities from a sheet.

    Args:
        columns: Which column is what.
        sheet: Where the rows come from.
        tally: Told of every row that is kept or refused.
    """

    def __init__(self, columns: ActivityColumns, sheet: Sheet, tally: Tally) -> None:
        self._columns, self._tally = columns, tally
        taken = {columns.lead, columns.kind, columns.at_column, columns.id, *_USUAL}
        self.found: Counter[str] = Counter()
        self._as_it_is: Counter[str] = Counter()
        self.cells = _Cells(
            sheet,
            tally,
            columns.columns,
            columns.blanks,
            keep_others=columns.others == "keep",
            taken=frozenset(name for name in taken if name),
        )
        pick = self.cells.pick
        self._lead = pick(columns.lead, "lead_id", "lead")
        self._kind = None if columns.kind_is else pick(columns.kind, "kind")
        self._at = pick(columns.at_column)
        self._id = pick(columns.id, "id", needed=False)

    def into(self, timelines: dict[str, list[_Kept]], progress: Progress) -> None:
        """Every good row, by lead."""
        for number, lead_id, activity in self.rows():
            if number % 1_024 == 0:
                progress(self._tally.source, self.cells.sheet.share())
            timelines.setdefault(lead_id, []).append(_Kept(activity, self._tally, number))
        progress(self._tally.source, 1.0)

    def rows(self) -> Iterator[tuple[int, str, Activity]]:
        """The number of each good row, its lead's key and its activity."""
        for row in self.cells.sheet.rows:
            try:
                lead_id, activity = self._activity(row)
            except _Refused as refused:
                self._tally.refuse(row.number, refused.problem, refused.field, refused.value)
                continue
            self._tally.kept += 1
            yield row.number, lead_id, activity

    def remark(self, report: Report) -> None:
        """Tell what may be meant otherwise: blanks, and kinds that are almost renamed."""
        self.cells.remark(report)
        renamed = {fold(kind.strip()): kind for kind in self._columns.kinds}
        for kind, rows in self._as_it_is.items():
            meant = renamed.get(fold(kind))
            if meant is not None and kind not in self._columns.kinds.values():
                report.note(
                    f"{self._tally.source}: the kind '{printable(kind)}' ({rows:,} rows) keeps its "
                    f"name; kinds in the mapping has '{printable(meant)}'"
                )

    def _activity(self, row: Row) -> tuple[str, Activity]:
        lead_id = self._needed_key(row, self._lead, "has no lead's key")
        kind = self._columns.kind_is or self._needed_key(row, self._kind, "has no kind")
        activity_id = _key(row.cells.get(self._id)) if self._id else None
        at = self._moment(row)
        if kind not in self._columns.kinds:
            self._as_it_is[kind] += 1
        kind = self._columns.kinds.get(kind, kind)
        self.found[kind] += 1
        return lead_id, Activity(kind, at, self.cells.fields(row), activity_id)

    def _needed_key(self, row: Row, column: str | None, problem: str) -> str:
        cell = _first(row, column)
        key = _key(cell)
        if key is None:
            raise _Refused(problem, column or "", cell)
        return key

    def _moment(self, row: Row) -> Any:
        name = self._columns.at_column
        cell = row.cells.get(name)
        try:
            at = self._columns.at.read(cell)
        except CellError as error:
            raise _Refused(f"its time is {error}".replace("is is", "is"), name, cell) from None
        if at is None:
            raise _Refused("has no time", name, cell)
        if not isinstance(at, datetime):
            raise _Refused('its time is a date without a zone; say zone = "UTC"', name, cell)
        return at


_USUAL = ("lead_id", "lead", "kind", "at", "id")


class _Refused(Exception):
    """A row that is left out."""

    def __init__(self, problem: str, field: str = "", value: object = None) -> None:
        super().__init__(problem)
        self.problem, self.field, self.value = problem, field, value
