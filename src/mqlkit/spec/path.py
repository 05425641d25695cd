"""Where something stands in a model file: ``card.groups[0].rules[2].when``."""

import json
import re
from typing import Final, TypeAlias

Path: TypeAlias = tuple[str | int, ...]

_STEP: Final = re.compile(r"\[(\d+)\]|([^.\[\]]+)", re.ASCII)


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


def steps_of(text: str) -> Path:
    """
    The path that an error of a part names by its plain fields.

    >>> steps_of("stages[2].within")
    ('stages', 2, 'within')
    """
    return tuple(int(number) if number else name for number, name in _STEP.findall(text))
