"""
What a run asks of its tables, as text for DuckDB.
"""

from datetime import datetime
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from ..qualification import Qualification
from ..value import moment_text
from .dialects.duckdb import DuckDB
from .statement import Output, Statement, statement
from .tables import ActivityTable, LeadTable, Tables

if TYPE_CHECKING:
    from .kept import Facts

DIALECT: Final = DuckDB()
INPUTS_HASH: Final = "inputs_hash"


@attrs.frozen
class Question:
    """
    One definition, asked in one way.

    Args:
        qualification: What is decided.
        as_of: In UTC: the instant, or several; None where each row of leads has its own.
        rules: Whether to answer with what each rule gives.
        changes_at: Whether to answer with when to look again.
        missing: Whether to answer with what is missing.
        inputs_hash: Whether to answer with a digest of what is known of each lead.
        salt: What makes two digests differ, beside what they are of.
    """

    qualification: Qualification
    as_of: datetime | tuple[datetime, ...] | None
    rules: bool = False
    changes_at: bool = False
    missing: bool = True
    inputs_hash: bool = False
    salt: str = ""

    def statement(self, tables: Tables, only: str | None = None) -> Statement:
        """
        The SQL.

        Args:
            tables: What is read.
            only: A query of the keys of those leads that are asked about; None for all.

        Raises:
            BulkError: It cannot be asked of these tables.
        """
        if only is not None:
            tables = of_leads(tables, only)
        options: dict[str, Any] = {"rules": self.rules, "changes_at": self.changes_at}
        made = statement(
            self.qualification, tables, DIALECT, self.as_of, missing=self.missing, **options
        )
        return self._hashed(made, tables) if self.inputs_hash else made

    def _hashed(self, made: Statement, tables: Tables) -> Statement:
        text = (
            f"SELECT answer.*, hashed.{INPUTS_HASH}\nFROM (\n{made.text}) AS answer\n"
            f"LEFT JOIN (\n{hashes(tables, self.salt)}) AS hashed USING (lead_id)"
        )
        column = Output(INPUTS_HASH, "text", f"hashed.{INPUTS_HASH}")
        return Statement(text, (*made.columns, column))

    def facts(self) -> "Facts":
        """What its answer depends on, beside the inputs."""
        q = self.qualification
        return {
            "definition": f"{q.name} version {q.version} ({q.fingerprint})",
            "as_of": self._told_instants(),
            "options": ", ".join(
                name
                for name in ("rules", "changes_at", "missing", "inputs_hash")
                if getattr(self, name)
            ),
        }

    def _told_instants(self) -> str:
        match self.as_of:
            case None:
                return "each row's own"
            case tuple():
                return ", ".join(map(moment_text, self.as_of))
            case one:
                return moment_text(one)


def scanned(*paths: Path) -> str:
    """
    What stands behind FROM to read Parquet files, whatever they and their folders are called.

    DuckDB takes ``a*b`` for a pattern, and ``decision=qualified`` for a column of that folder.
    """
    files = ", ".join(DIALECT.text(escape(str(path))) for path in paths)
    return f"read_parquet([{files}], hive_partitioning = false)"


def of_leads(tables: Tables, keys: str) -> Tables:
    """The same tables with only those leads, and their activities, whose keys a query gives."""

    def some(table: LeadTable | ActivityTable, key: str) -> str:
        return f"(SELECT * FROM {table.relation} WHERE {key} IN ({keys})) AS some_of_them"

    leads, activities = tables.leads, tables.activities
    leads = attrs.evolve(leads, relation=some(leads, leads.id))
    if activities is not None:
        activities = attrs.evolve(activities, relation=some(activities, activities.lead))
    return attrs.evolve(tables, leads=leads, activities=activities)


def keys_of(tables: Tables) -> str:
    """A query of the leads' keys, each once."""
    leads = tables.leads
    return (
        f"SELECT DISTINCT {leads.id} AS lead_id FROM {leads.relation} WHERE {leads.id} IS NOT NULL"
    )


def hashes(tables: Tables, salt: str) -> str:
    """
    A query of a digest of all that is known of each lead, whatever the order of its rows.

    Two equal activities do not cancel each other out: they may both count.
    """
    leads, activities = tables.leads, tables.activities
    own = [leads.stage, leads.stage_since, leads.as_of, *_cells(leads)]
    texts = [_sums(leads.relation, leads.id, own, "own")]
    did = "0"
    if activities is not None:
        seen = [activities.kind, activities.at, activities.id, *_cells(activities)]
        texts.append(
            f"LEFT JOIN ({_sums(activities.relation, activities.lead, seen, 'did')}) AS activities "
            "USING (lead_id)"
        )
        did = "COALESCE(did, 0)"
    digest = f"HASH(own, {did}, {DIALECT.text(salt)})"
    joined = " ".join([f"({texts[0]}) AS leads", *texts[1:]])
    return f"SELECT lead_id, CAST({digest} AS VARCHAR) AS {INPUTS_HASH} FROM {joined}"


def _cells(table: LeadTable | ActivityTable) -> list[str]:
    return [table.fields[name].sql for name in sorted(table.fields)]


def _sums(relation: str, key: str, columns: list[str | None], name: str) -> str:
    held = ", ".join(column for column in columns if column is not None) or "0"
    return f"SELECT {key} AS lead_id, SUM(HASH({held})) AS {name} FROM {relation} GROUP BY ALL"
