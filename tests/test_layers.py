"""
Imports go one way, down the rows; neighbours in a row do not know each other.

Names are relative to mqlkit; the name of a package covers its modules, and these may know each
other. Imports inside functions count. Imports for type checkers alone (TYPE_CHECKING) count too:
what a module must know to be read is a dependency.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROWS = (
    ("errors", "lazily", "verdict"),
    ("value",),
    ("hours", "week"),
    ("calendar", "effect", "points", "registry", "timeline", "window"),
    ("lead",),
    ("change", "clock", "explanation", "staircase"),
    ("criterion",),
    ("measure",),
    ("criteria", "decay"),
    ("rules", "vocabulary", "fingerprint"),
    ("scorecard",),
    ("account", "asking", "definition", "gap", "status"),
    ("forecast", "plan"),
    ("compiled",),
    ("decision",),
    ("qualification", "tracker"),
    ("agreement", "labels", "lifecycle", "lint"),
    ("handoff",),
    ("intake", "spec", "store"),
    ("funnel", "presets", "tables"),
    ("bulk", "coverage", "sample"),
    ("testing",),
    ("cli",),
)

SOURCE = Path(__file__).parent.parent / "src" / "mqlkit"
HEIGHT = {name: height for height, row in enumerate(ROWS) for name in row}


def dotted(path: Path) -> str:
    """The name of the module relative to mqlkit: "criteria.text"; "" for mqlkit itself."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def resident(module: str) -> str | None:
    """The longest name in the rows that covers *module*, or None."""
    parts = module.split(".")
    names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((name for name in names if name in HEIGHT), None)


def imported(path: Path) -> Iterator[str]:
    """Every module of mqlkit that the file imports, relative to mqlkit; "" is mqlkit itself."""
    package = ["mqlkit", *path.relative_to(SOURCE).parent.parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            targets = [inside(origin, alias.name) for alias in node.names]
        else:
            continue
        for target in targets:
            if target == "mqlkit" or target.startswith("mqlkit."):
                yield target.removeprefix("mqlkit").removeprefix(".")


def inside(origin: str, name: str) -> str:
    """What `from origin import name` imports: a module below *origin*, or *origin* itself."""
    child = SOURCE.parent.joinpath(*origin.split("."), name)
    return f"{origin}.{name}" if child.is_dir() or child.with_suffix(".py").is_file() else origin


def faults(path: Path) -> Iterator[str]:
    """The imports of the file that do not go down."""
    home = resident(dotted(path))
    assert home is not None
    for target in imported(path):
        there = resident(target)
        if there == home:
            continue
        if there is None or HEIGHT[there] >= HEIGHT[home]:
            yield f"{dotted(path)} imports {target or 'mqlkit'}"


MODULES = [path for path in sorted(SOURCE.rglob("*.py")) if dotted(path)]


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_every_module_has_a_row(path: Path) -> None:
    assert resident(dotted(path)) is not None, f"add '{dotted(path)}' to ROWS in {__file__}"


@pytest.mark.parametrize("path", [path for path in MODULES if resident(dotted(path))], ids=dotted)
def test_imports_go_down(path: Path) -> None:
    assert list(faults(path)) == []


def test_every_name_is_in_one_row_only() -> None:
    assert len(HEIGHT) == sum(map(len, ROWS))
