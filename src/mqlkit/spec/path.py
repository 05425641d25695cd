"""Where something stands in a model file: ``card.groups[0].rules[2].when``."""

import json
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]


def bare(key: str) -> bool:
    """Whether a key needs no quotes in TOML."""
    return key.isascii() and key.replace("_", "").replace("-", "").isalnum()


def path_text(path: Path) -> str:
    """
    A path as a reader would write it.

    >>> path_text(("card", "groups", 0, "name")), path_text(("criteria", "big firm"))
    ('card.groups[0].name', 'criteria."big firm"')
    """
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            key = step if bare(step) else json.dumps(step[:80], ensure_ascii=False)
            text += f".{key}" if text else key
    return text
