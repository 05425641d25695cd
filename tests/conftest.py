"""How hard Hypothesis looks, and which tests need not be watched line by line."""

import os
from pathlib import Path
from typing import Final

import pytest
from hypothesis import settings

PROJECT: Final = Path(__file__).parent.parent
VOLUME: Final = (
    "README.md",
    "docs/how-to/extend-further.md",
    "tests/bulk/test_big.py",
    "tests/bulk/test_bulk_liars.py",
    "tests/bulk/test_dialects_identity.py",
    "tests/bulk/test_identity.py",
    "tests/bulk/test_reading_identity.py",
    "tests/bulk/test_whole_company.py",
    "tests/engines/test_engine_liars.py",
    "tests/engines/test_same_answers.py",
    "tests/engines/test_what_is_generated.py",
    "tests/examples",
    "tests/funnel/test_funnel_killed.py",
    "tests/laws/test_liars.py",
    "tests/laws/test_shipped.py",
    "tests/spec/test_no_effects.py",
    "tests/store/test_killed.py",
)
"""Much work that reaches no line that others do not; tracing doubles what it takes."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is volume before anything is chosen by its marks."""
    volume = [PROJECT / name for name in VOLUME]
    for item in items:
        if any(item.path == place or place in item.path.parents for place in volume):
            item.add_marker("volume")


# How hard: `everyday`, or `long` with MQLKIT_PROFILE=long.
# On CI the same change gets the same verdict; at a desk, each run looks somewhere else.
# No deadline: a slow machine is not a broken law.
_on_ci = bool(os.environ.get("CI"))
settings.register_profile("everyday", deadline=None, max_examples=100, derandomize=_on_ci)
settings.register_profile("long", deadline=None, max_examples=2000, derandomize=_on_ci)
settings.load_profile(os.environ.get("MQLKIT_PROFILE", "everyday"))
