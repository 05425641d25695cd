"""
Model files: a whole definition in TOML, JSON or YAML.

`load` and `loads` read one, `dump` and `dumps` write one, `schema` is its JSON Schema.
"""

from .model import Model, dump, dumps, load, loads

__all__ = ["Model", "dump", "dumps", "load", "loads"]
