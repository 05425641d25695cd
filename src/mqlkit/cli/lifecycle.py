"""
``mqlkit lifecycle``: the stages and moves of a model, drawn.
"""

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ..errors import DefinitionError
from ..lifecycle import Lifecycle, standard
from .models import find_model

app = typer.Typer(name="lifecycle", help="The stages and moves of a model.", no_args_is_help=True)


class Kind(StrEnum):
    """How a lifecycle is drawn."""

    MERMAID = "mermaid"
    TABLE = "table"
    DOT = "dot"
    SVG = "svg"


@app.callback()
def options() -> None:
    """The stages and moves of a model."""


@app.command()
def diagram(
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="[MODEL]",
            help="A model file with a lifecycle, or the name of a shipped one; the standard "
            "lifecycle unless stated.",
        ),
    ] = None,
    format_: Annotated[
        Kind, typer.Option("--format", metavar="FORMAT", help="mermaid, table, dot or svg.")
    ] = Kind.TABLE,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it there.")
    ] = None,
) -> None:
    """Draw a lifecycle: as a table, for Markdown pages, for Graphviz, or as a picture."""
    text = _lifecycle(model).diagram(format_.value).rstrip("\n")
    if output is None:
        print(text)  # Escaped already, and never to be broken.
    else:
        output.write_text(f"{text}\n", encoding="utf-8")


def _lifecycle(model: str | None) -> Lifecycle:
    if model is None:
        # How long a lead rests is for a team to choose; three months stand in for that.
        return standard(cool_down=timedelta(days=90))
    found = find_model(model).lifecycle
    if found is None:
        raise DefinitionError(f"{model}: has no lifecycle; add a section [lifecycle] to it")
    return found
