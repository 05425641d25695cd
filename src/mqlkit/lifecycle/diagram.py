"""
A lifecycle as a diagram: Mermaid, DOT, a plain table, or a picture.

None needs a package or the network. What users write stands only inside quotes, escaped; the
names by which a diagram knows its parts are its own.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from ..errors import DefinitionError
from ..value import listing, printable, show
from .arrow import ANY_STAGE, LONGEST, arrows, notes
from .picture import picture

if TYPE_CHECKING:
    from .table import Lifecycle

DiagramKind: TypeAlias = Literal["mermaid", "table", "dot", "svg"]


def diagram(lifecycle: "Lifecycle", kind: DiagramKind) -> str:
    """
    A lifecycle as the text of a diagram.

    Args:
        lifecycle: Its stages and moves.
        kind: ``"mermaid"`` for Markdown pages, ``"table"`` for a terminal, ``"dot"`` for
            Graphviz, ``"svg"`` for a page or a notebook.

    Raises:
        DefinitionError: there is no such kind.
    """
    if kind not in _KINDS:
        raise DefinitionError(f"a diagram is {listing([*map(repr, _KINDS)])}, not {show(kind)}")
    return _KINDS[kind](lifecycle)


# -- Mermaid ---------------------------------------------------------------------------------------

_SHAPES: Final[Mapping[str, str]] = {
    "inventory": '["{}"]',
    "gate": '{{"{}"}}',
    "sla": '(["{}"])',
    "terminal": '[["{}"]]',
}
_PLAIN: Final = frozenset(" ,.-_…")


def _mermaid(lifecycle: "Lifecycle") -> str:
    return "\n".join(_mermaid_lines(lifecycle)) + "\n"


def _mermaid_lines(lifecycle: "Lifecycle") -> Iterator[str]:
    ids = _ids(lifecycle)
    yield "flowchart LR"
    yield f"    begin(( )) --> {ids[lifecycle.start]}"
    for stage in lifecycle.stages:
        about = notes(stage)
        text = _in_mermaid(stage.name) + (f"<br/>{_in_mermaid(about)}" if about else "")
        yield f"    {ids[stage.name]}{_SHAPES[stage.kind].format(text)}:::{stage.team}"
    lines = [*arrows(lifecycle)]
    if any(not arrow.source for arrow in lines):
        yield f'    any>"{ANY_STAGE}"]'
    for arrow in lines:
        line = "-.->" if arrow.beyond else "-->"
        label = _in_mermaid(arrow.label)
        yield f'    {ids[arrow.source]} {line}|"{label}"| {ids[arrow.target]}'
    yield "    classDef marketing fill:#e8f1fb,stroke:#35618f,color:#12263a"
    yield "    classDef sales fill:#e9f6ec,stroke:#3a7d4c,color:#12301b"


def _in_mermaid(text: str) -> str:
    """*text* where nothing but letters, digits and a few marks stands for itself."""
    return "".join(
        c if c.isalnum() or c in _PLAIN else f"#{ord(c)};" for c in printable(text, 2 * LONGEST)
    )


def _ids(lifecycle: "Lifecycle") -> dict[str, str]:
    ids = {stage.name: f"s{place}" for place, stage in enumerate(lifecycle.stages)}
    return {**ids, "": "any"}


# -- DOT -------------------------------------------------------------------------------------------

_DOT_SHAPES: Final[Mapping[str, str]] = {
    "inventory": "box",
    "gate": "diamond",
    "sla": "box, style=rounded",
    "terminal": "box, peripheries=2",
}


def _dot(lifecycle: "Lifecycle") -> str:
    return "\n".join(_dot_lines(lifecycle)) + "\n"


def _dot_lines(lifecycle: "Lifecycle") -> Iterator[str]:
    ids = _ids(lifecycle)
    yield f"digraph {_in_dot(lifecycle.name)} {{"
    yield "    rankdir=LR"
    yield "    begin [shape=point]"
    for stage in lifecycle.stages:
        label = "\n".join(filter(None, (stage.name, notes(stage))))
        shape = _DOT_SHAPES[stage.kind]
        yield f"    {ids[stage.name]} [label={_in_dot(label)}, shape={shape}]"
    yield f"    begin -> {ids[lifecycle.start]}"
    lines = [*arrows(lifecycle)]
    if any(not arrow.source for arrow in lines):
        yield f"    any [label={_in_dot(ANY_STAGE)}, shape=plaintext]"
    for arrow in lines:
        style = ", style=dashed" if arrow.beyond else ""
        label = _in_dot(arrow.label)
        yield f"    {ids[arrow.source]} -> {ids[arrow.target]} [label={label}{style}]"
    yield "}"


def _in_dot(text: str) -> str:
    lines = (printable(line, 2 * LONGEST) for line in text.split("\n"))
    escaped = (line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return '"' + "\\n".join(escaped) + '"'


# -- a table ---------------------------------------------------------------------------------------


def _table(lifecycle: "Lifecycle") -> str:
    stages = [("stage", "kind", "team", "")]
    stages += [(s.name, s.kind, s.team, notes(s)) for s in lifecycle.stages]
    moves = [("from", "on", "to", "if")]
    moves += [(a.source or ANY_STAGE, a.on, a.target, a.when) for a in arrows(lifecycle)]
    return f"{_columns(stages)}\n{_columns(moves)}"


def _columns(rows: list[tuple[str, str, str, str]]) -> str:
    shown = [[printable(cell, LONGEST) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    shown.insert(1, ["-" * width for width in widths])
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in shown
    )
    return "".join(f"{line}\n" for line in lines)


def _svg(lifecycle: "Lifecycle") -> str:
    return picture(lifecycle)


_KINDS: Final[Mapping[str, Callable[["Lifecycle"], str]]] = {
    "mermaid": _mermaid,
    "table": _table,
    "dot": _dot,
    "svg": _svg,
}
