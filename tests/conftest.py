"""How hard Hypothesis looks, and which tests need not be watched line by line."""

import os
from pathlib import Path
from typing import Final

import pytest
from hypothesis import settings

TESTS: Final = Path(__file__).parent
VOLUME: Final = (
    "bulk/test_big.py",
    "bulk/test_identity.py",
    "bulk/test_dialects_identity.py",
    "bulk/test_reading_identity.py",
    "bulk/test_whole_company.py",
    "engines/test_same_answers.py",
    "examples",
    "funnel/test_funnel_killed.py",
    "laws/test_shipped.py",
    "store/test_killed.py",
)
"""Much work that reaches no line that others do not; tracing doubles what it takes."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is volume before anything is chosen by its marks."""
    volume = [TESTS / name for name in VOLUME]
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
