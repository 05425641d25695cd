"""
Model files: a whole definition in TOML, JSON or YAML.

`load` and `loads` read one, `dump` and `dumps` write one, `schema` is its JSON Schema.
"""

from typing import TYPE_CHECKING

from ..lazily import late_names

if TYPE_CHECKING:
    from .json_schema import schema
    from .model import Format, Model, dump, dumps, load, loads
    from .plugins import load_plugins

__all__ = ["Format", "Model", "dump", "dumps", "load", "load_plugins", "loads", "schema"]

# Readers of other TOML files, such as a mapping, need no model and no schema of one.
__getattr__, __dir__ = late_names(
    __name__,
    {
        "json_schema": ("schema",),
        "model": ("Format", "Model", "dump", "dumps", "load", "loads"),
        "plugins": ("load_plugins",),
    },
)
