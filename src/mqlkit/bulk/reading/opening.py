"""
Opens what is given as leads and activities; or tells everything that stands in the way.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import attrs

from ...qualification import Qualification
from ...tables import ActivityColumns, FileMapping, TableError, Tally
from ...tables.asked import Asked
from ...tables.mapping import Layout
from ...tables.source import open_sheet
from ..refusals import BulkError
from .choosing import choice, mixed, told_useless
from .faults import DataFault
from .files import File
from .frames import Relation, activity_frame, lead_frame
from .given import Frame, Given, Givens
from .opened import Opened, Shut
from .part import Part, Stored
from .plain_csv import plain_csv
from .rows import activity_part, lead_part
from .sources import together
from .staging import Staging

if TYPE_CHECKING:
    import duckdb


def open_tables(
    connection: "duckdb.DuckDBPyConnection",
    leads: object,
    activities: object,
    *,
    mapping: FileMapping,
    qualification: Qualification,
    as_of_column: str | None = None,
    unique_ids: bool = False,
) -> Opened:
    """
    Tables of what is given, for a definition.

    Args:
        connection: In which they are read.
        leads: A path, a glob or a list of them (CSV, TSV, JSON Lines, Parquet); a Polars, pandas
            or Arrow table; a relation, a table's name or a query of the connection. None where
            the mapping says that the leads are those that the activities name.
        activities: The same; a mapping by name where the mapping has several ``[[activities]]``.
            None means that no timeline is loaded.
        mapping: Which column is what.
        qualification: What will be asked: the fields that it needs must be there.
        as_of_column: The leads' column with the instant at which each row is decided.
        unique_ids: No activity's id repeats; nothing is compared.

    Raises:
        BulkError: something cannot be read at all; tells everything that cannot.
    """
    opening = _Opening(connection, mapping, as_of_column, qualification, unique_ids=unique_ids)
    try:
        return opening.open(leads, activities, qualification)
    except BaseException:
        opening.shut()
        raise


class _Opening:
    def __init__(
        self,
        connection: "duckdb.DuckDBPyConnection",
        mapping: FileMapping,
        as_of_column: str | None,
        qualification: Qualification,
        *,
        unique_ids: bool,
    ) -> None:
        self._connection, self._mapping, self._as_of = connection, mapping, as_of_column
        self._asked, self._unique = Asked.by(qualification), unique_ids
        self._staging, self._wrong = Staging(), list[str]()
        self._givens = Givens(connection, self._staging, self._wrong)

    def shut(self) -> None:
        """Takes away what was made."""
        self._givens.close()
        self._staging.close()

    def open(self, leads: object, activities: object, qualification: Qualification) -> Opened:
        """The tables."""
        self._exact()
        self._fit(leads, activities)
        lead_givens = [] if leads is None else self._givens.of(leads, "leads")
        activity_givens = None if activities is None else self._givens.of(activities, "activities")
        lead_parts = tuple(self._lead_parts(lead_givens))
        activity_parts = None
        if activity_givens is not None:
            activity_parts = tuple(self._activity_parts(activity_givens))
        self._check()
        fields = together(lead_parts)
        properties = None if activity_parts is None else together(activity_parts)
        asked = self._asked
        noticed = [
            *_absent(asked.fields, lead_parts, fields),
            *_absent(asked.properties, activity_parts or (), properties or {}),
        ]
        if lead_parts:
            self._wrong += told_useless(asked.fields, fields, "the leads")
        if properties is not None:
            self._wrong += told_useless(asked.properties, properties, "the activities")
        names = (asked.fields, asked.properties)
        chosen = choice(qualification, fields, properties, names, self._wrong)
        self._check()
        noticed += mixed(lead_parts, fields, asked.fields, chosen.leads)
        if activity_parts is not None and properties is not None:
            noticed += mixed(activity_parts, properties, asked.properties, chosen.activities)
        return Opened(
            self._connection,
            lead_parts,
            activity_parts,
            chosen,
            Shut(self._staging, self._givens),
            asked,
            noticed=noticed,
            size=_size([*lead_givens, *(activity_givens or ())]),
            unique_ids=self._unique,
        )

    def _fit(self, leads: object, activities: object) -> None:
        """Whether the mapping and what is given agree about the leads."""
        if self._mapping.from_activities and (leads is not None or activities is None):
            self._wrong.append(
                'the mapping says leads = "from activities": give activities and no leads'
            )
        if leads is None and not self._mapping.from_activities:
            self._wrong.append('leads are wanted, or leads = "from activities" in the mapping')
        self._check()

    def _exact(self) -> None:
        """Whether texts that differ are never equal to the connection."""
        ((collation,),) = self._connection.sql(
            "SELECT current_setting('default_collation')"
        ).fetchall()
        if collation and collation.lower() != "binary":
            self._wrong.append(
                f"the connection: default_collation is {collation!r}, by which texts that differ "
                "are equal; SET default_collation = '' before a run"
            )
        self._check()

    def _check(self) -> None:
        if self._wrong:
            raise BulkError(dict.fromkeys(self._wrong))

    # -- parts -------------------------------------------------------------------------------

    def _lead_parts(self, givens: Sequence[Given]) -> "list[Part]":
        columns = self._mapping.leads

        def framed(relation: Relation) -> Part | None:
            return lead_frame(
                self._connection, relation, columns, self._staging, self._wrong, self._as_of
            )

        def read(file: File) -> Part:
            return lead_part(file, columns, self._staging, self._as_of)

        return self._parts(givens, columns.layout, framed, read)

    def _activity_parts(self, givens: Sequence[Given]) -> "list[Part]":
        parts: list[Part] = []
        for name in dict.fromkeys(given.section for given in givens):
            columns = self._section(name)
            if columns is not None:
                here = [given for given in givens if given.section == name]
                parts += self._of_section(here, columns)
        return parts

    def _of_section(self, givens: Sequence[Given], columns: ActivityColumns) -> "list[Part]":
        def framed(relation: Relation) -> Part | None:
            return activity_frame(
                self._connection,
                relation,
                columns,
                self._staging,
                self._wrong,
                self._asked.properties,
                unique_ids=self._unique,
            )

        def read(file: File) -> Part:
            return activity_part(file, columns, self._staging)

        return self._parts(givens, columns.layout, framed, read)

    def _parts(
        self,
        givens: Sequence[Given],
        layout: Layout,
        framed: Callable[[Relation], Part | None],
        read: Callable[[File], Part],
    ) -> "list[Part]":
        """A part for each that is given, Parquet files of one form together."""
        parquet = {
            place: given
            for place, given in enumerate(givens)
            if isinstance(given, File) and given.format == "parquet"
        }
        parts = [framed(relation) for relation in self._givens.parquet(parquet)]
        for place, given in enumerate(givens):
            if place not in parquet:
                part = self._one(given, layout, framed, read)
                parts.append(None if part is None else attrs.evolve(part, place=str(place)))
        return [part for part in parts if part is not None]

    def _one(
        self,
        given: Given,
        layout: Layout,
        framed: Callable[[Relation], Part | None],
        read: Callable[[File], Part],
    ) -> Part | None:
        if isinstance(given, Frame):
            return framed(given.relation)
        try:
            relation = self._plain(given, layout)
            return framed(relation) if relation is not None else read(given)
        except TableError as error:
            self._wrong.append(str(error))
            return None

    def _plain(self, file: File, layout: Layout) -> Relation | None:
        """A CSV file of plain form; None for any other file."""
        if file.format != "csv":
            return None
        with open_sheet(file.path, Tally(file.source), layout, file.format) as sheet:
            columns = sheet.columns or ()
        mark = layout.delimiter or ("\t" if file.path.lower().endswith(".tsv") else ",")
        layout = attrs.evolve(layout, delimiter=mark)
        relation = plain_csv(self._connection, file.path, columns, layout, self._staging)
        return None if relation is None else attrs.evolve(relation, source=file.source)

    def _section(self, name: str) -> ActivityColumns | None:
        try:
            return self._mapping.section(name)
        except TableError as error:
            self._wrong.append(str(error))
            return None


def _absent(asked: set[str], parts: Sequence[Part], fields: dict[str, Stored]) -> "list[DataFault]":
    """Fields that no row of files without a header has: nobody knows them."""
    found: list[DataFault] = []
    if parts and not any(part.header for part in parts):
        for name in sorted(asked - fields.keys()):
            fields[name] = Stored(empty=True)
            problem = f"no row has the field {name!r}, which the definition asks for"
            found.append(DataFault(parts[0].source, problem, 0, name, counts="cell"))
    return found


def _size(givens: Sequence[Given]) -> int | None:
    sizes = [given.size for given in givens]
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None
