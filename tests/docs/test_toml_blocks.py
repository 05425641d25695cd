"""Every model and every mapping shown in README.md and docs can be loaded."""

import re
import tomllib
from pathlib import Path

import pytest

from mqlkit.spec import Model, loads
from mqlkit.tables import FileMapping, parse_mapping

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(*, models: bool) -> list[object]:
    """The blocks of a file of ours: models have a version, mappings have none."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [
        pytest.param(block.group(1), id=f"{page.relative_to(ROOT)}:{number}")
        for page in pages
        if "_build" not in page.parts
        for number, block in enumerate(BLOCK.finditer(page.read_text(encoding="utf-8")), 1)
        if block.group(1).startswith("format = 1\n")
        if ("version" in tomllib.loads(block.group(1))) is models
    ]


@pytest.mark.parametrize("text", blocks(models=True))
def test_a_model_in_the_docs_loads(text: str) -> None:
    lists = tomllib.loads(text).get("lists", {})
    given = {name: ["Acme"] for name, values in lists.items() if isinstance(values, dict)}
    assert isinstance(loads(text, lists=given), Model)


@pytest.mark.parametrize("text", blocks(models=False))
def test_a_mapping_in_the_docs_can_be_read(text: str) -> None:
    assert isinstance(parse_mapping(text), FileMapping)


def test_the_docs_show_models_and_mappings() -> None:
    assert len(blocks(models=True)) >= 5
    assert len(blocks(models=False)) >= 2
