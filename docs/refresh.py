"""
Write what the examples of README.md and docs print into their blocks.

`python docs/refresh.py [PAGE ...]` rewrites ``output`` blocks, and ``console`` blocks that show
what their commands print and leave nothing out. Read the difference before you commit it.
"""

import sys
from pathlib import Path
from typing import Final

from sybil import Example

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
import conftest  # noqa: E402


def fresh(example: Example, block: str) -> str | None:
    """What a block should hold; None for one that shows nothing."""
    if block.startswith("```output"):
        return str(conftest.tidy(example.namespace.pop("printed", "")))
    if not block.startswith("```console"):
        example.evaluate()
    elif conftest.shows(example.parsed) and "\n...\n" not in block:
        return str(conftest.transcript(example.parsed)[0])
    return None


def refreshed(page: Path) -> str:
    """The text of a page with what its examples print now."""
    document = conftest.pages.parse(page)
    conftest.enter_folder(document.namespace)
    text, done = "", 0
    try:
        for example in document.examples():
            start, end = example.region.start, example.region.end
            block = document.text[start:end]
            content = fresh(example, block)
            if content is not None:
                text += document.text[done:start] + f"{block.split()[0]}\n{content}\n```"
                done = end - (len(block) - len(block.rstrip()))
    finally:
        conftest.leave_folder(document.namespace)
    return text + document.text[done:]


if __name__ == "__main__":
    named = [Path(name).resolve() for name in sys.argv[1:]]
    for page in named or [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        if "_build" not in page.parts:
            page.write_text(refreshed(page), encoding="utf-8")
