"""
Model files: a whole definition in TOML, JSON or YAML.

`load` and `loads` read one, `dump` and `dumps` write one, `schema` is its JSON Schema.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .json_schema import schema
    from .model import Format, Model, dump, dumps, load, loads
    from .plugins import load_plugins

__all__ = ["Format", "Model", "dump", "dumps", "load", "load_plugins", "loads", "schema"]

_LATE: Final = {
    name: module
    for module, names in {
        "json_schema": ("schema",),
        "model": ("Format", "Model", "dump", "dumps", "load", "loads"),
        "plugins": ("load_plugins",),
    }.items()
    for name in names
}


def __getattr__(name: str) -> Any:
    # Readers of other TOML files, such as a mapping, need no model and no schema of one.
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_LATE[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATE})
