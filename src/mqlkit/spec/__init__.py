"""
Model files: a whole definition in TOML, JSON or YAML.

`load` and `loads` read one, `dump` and `dumps` write one, `schema` is its JSON Schema.
"""

from .json_schema import schema
from .model import Format, Model, dump, dumps, load, loads
from .plugins import load_plugins

__all__ = ["Format", "Model", "dump", "dumps", "load", "load_plugins", "loads", "schema"]
