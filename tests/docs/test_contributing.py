"""CONTRIBUTING.md sends nobody to a place that is not there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PLACES = sorted(set(re.findall(r"`((?:src|tests|docs|changelog\.d)/[\w./]*|\w+\.\w+)`", TEXT)))


@pytest.mark.parametrize("place", PLACES)
def test_a_place_that_is_named_exists(place: str) -> None:
    assert (ROOT / place).exists()


def test_places_are_named() -> None:
    assert "src/mqlkit/criteria/" in PLACES
