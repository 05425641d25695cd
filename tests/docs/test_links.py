"""The links of README.md and its neighbours lead somewhere; Sphinx looks after those in docs."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINKS = [
    (page, link)
    for page in ("README.md", "CONTRIBUTING.md", "SECURITY.md")
    for link in re.findall(r"\]\(([^)#:]+)\)", (ROOT / page).read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(("page", "link"), LINKS)
def test_a_link_leads_to_a_file(page: str, link: str) -> None:
    assert (ROOT / page).parent.joinpath(link).exists()


def test_the_readme_leads_on() -> None:
    assert ("README.md", "docs/tutorial.md") in LINKS
