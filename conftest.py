"""
Every example is a test: python blocks in README.md and docs, and doctests in src.

The blocks of one document share a namespace and run from top to bottom. A block that is not to
run carries another language: text, console, toml.
"""

import pytest
from sybil import Sybil
from sybil.document import PythonDocStringDocument
from sybil.integration.pytest import SybilItem
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser
from sybil.parsers.rest import DocTestParser

pages = Sybil(
    parsers=[PythonCodeBlockParser(), SkipParser()],
    patterns=["README.md", "docs/**/*.md", "docs/*.md"],
    excludes=["docs/_build/**"],
)
docstrings = Sybil(
    parsers=[DocTestParser()],
    patterns=["src/mqlkit/**/*.py", "src/mqlkit/*.py"],
    document_types={".py": PythonDocStringDocument},
)
pytest_collect_file = (pages + docstrings).pytest()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the examples of one document in order: pytest-randomly has shuffled them."""
    examples = [item for item in items if isinstance(item, SybilItem)]
    tests = [item for item in items if not isinstance(item, SybilItem)]
    examples.sort(key=lambda item: (str(item.path), item.example.region.start))
    items[:] = [*tests, *examples]
