"""The pages made from the code are those that the code makes."""

import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

import mqlkit
import mqlkit.bulk
import mqlkit.funnel
import mqlkit.handoff
import mqlkit.lifecycle
import mqlkit.store
import mqlkit.testing
from mqlkit import registry

DOCS = Path(__file__).parents[2] / "docs"
spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
assert spec is not None
assert spec.loader is not None
generate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(generate)

SHIPPED = sorted(
    entry.tag for entry in registry.entries(object) if entry.cls.__module__.startswith("mqlkit.")
)


@pytest.mark.parametrize("name", generate.PAGES)
def test_a_generated_page_is_current(name: str) -> None:
    written = (generate.REFERENCE / name).read_text(encoding="utf-8")
    assert written == generate.page(name), "run `python docs/generate.py`"


@pytest.mark.parametrize("tag", SHIPPED)
def test_every_tag_has_an_example_of_its_own(tag: str) -> None:
    entry = registry.entry(tag)
    assert entry is not None
    assert type(generate.built(tag)) is entry.cls


@pytest.mark.parametrize("tag", SHIPPED)
def test_the_spelling_of_an_example_is_toml_that_names_the_tag(tag: str) -> None:
    spelled = generate.spelling(generate.built(tag))
    assert tag in tomllib.loads(f"part = {spelled}")["part"]


def test_no_example_is_of_a_tag_that_there_is_not() -> None:
    assert set(generate.EXAMPLES) == set(SHIPPED)


@pytest.mark.parametrize("name", sorted({*mqlkit.__all__, *mqlkit.testing.__all__}))
def test_every_public_name_is_in_the_reference(name: str) -> None:
    text = (generate.REFERENCE / "api.md").read_text(encoding="utf-8")
    assert re.search(rf"(:: (mqlkit\.\w+\.)?{name}$)|`{name}`", text, re.MULTILINE)


@pytest.mark.parametrize(
    "module",
    [mqlkit.bulk, mqlkit.funnel, mqlkit.handoff, mqlkit.lifecycle, mqlkit.store],
    ids=lambda m: m.__name__,
)
def test_every_public_name_of_a_package_is_in_the_reference(module: ModuleType) -> None:
    text = (generate.REFERENCE / "api.md").read_text(encoding="utf-8")
    missing = [
        name
        for name in module.__all__
        if not re.search(rf"(:: (mqlkit\.[\w.]+\.)?{name}$)|`{name}`", text, re.MULTILINE)
    ]
    assert missing == []
