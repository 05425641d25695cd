"""``mqlkit to-sql``: a definition as the SQL of a warehouse."""

from datetime import datetime
from typing import Annotated

import typer

from ..tables import read_mapping
from ..tables.output import place
from .arguments import ListOption, MapOption, ModelArgument, instant_of
from .models import find_model


def to_sql(
    model: ModelArgument,
    dialect: Annotated[
        str,
        typer.Option(
            "--dialect",
            metavar="DIALECT",
            help="bigquery, clickhouse, databricks, datafusion, duckdb, postgres, snowflake, "
            "spark, sqlite or trino.",
        ),
    ],
    as_of: Annotated[
        str,
        typer.Option(
            "--as-of",
            metavar="INSTANT",
            help="The instant to decide as of, or: now; or a template's text, such as "
            '"{{ run_started_at }}"; or the column of the leads that has each one\'s own.',
        ),
    ],
    leads: Annotated[
        str,
        typer.Option(
            "--leads", metavar="NAME", help="A table, a query in parentheses or a template's text."
        ),
    ] = "leads",
    activities: Annotated[
        str, typer.Option("--activities", metavar="NAME", help="The same of the activities.")
    ] = "activities",
    map_file: MapOption = None,
    rules: Annotated[
        bool, typer.Option("--rules", help="Also answer with what each rule gives.")
    ] = False,
    changes_at: Annotated[
        bool, typer.Option("--changes-at", help="Also tell when to look again.")
    ] = False,
    missing: Annotated[bool, typer.Option("--missing", help="Also tell what is missing.")] = False,
    unique_ids: Annotated[
        bool, typer.Option("--unique-ids", help="No activity comes twice; nothing is compared.")
    ] = False,
    lists: ListOption = None,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Where it goes.")
    ] = "-",
) -> None:
    """Print a model as SQL, for dbt or a warehouse."""
    from ..bulk import to_sql as printed

    text = printed(
        find_model(model, lists).qualification,
        dialect=dialect,
        leads=leads,
        activities=activities,
        as_of=_instant(as_of),
        columns=None if map_file is None else read_mapping(map_file),
        rules=rules,
        changes_at=changes_at,
        missing=missing,
        unique_ids=unique_ids,
    )
    with place(output) as binary:
        binary.write(text.encode())


def _instant(text: str) -> datetime | str:
    """An instant; or as it is the text of a template, or the name of a column."""
    if text.isidentifier() and text != "now":
        note = f"note: --as-of {text} is taken for the leads' column {text!r}; an instant is such "
        typer.echo(f"{note}as 2026-03-01T00:00Z", err=True)
        return text
    return text if "{{" in text else instant_of(text, "--as-of")
