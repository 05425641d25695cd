"""
A digest of what a definition means.

Two definitions with one fingerprint answer alike on every lead. It is the same in every process,
Python version and file format; it depends on tags and field names, not on where classes live.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import Enum
from functools import lru_cache
from typing import Any, Final

import attrs

from .criteria.choices import NamedList
from .errors import KindError
from .registry import entry_of, fields
from .value import MICROSECOND, show

_VERSION: Final = 1


def fingerprint(value: object) -> str:
    """
    The digest of a definition or of a part of one, such as ``mq1-5f2c…``.

    Raises:
        KindError: a part is neither an attrs class nor plain data.

    >>> from mqlkit import attribute
    >>> fingerprint(attribute("employees") >= 50) == fingerprint(attribute("employees") >= 50.0)
    True
    """
    return f"mq{_VERSION}-{_digest(_plain(value))[:20]}"


def _digest(plain: Any) -> str:
    import hashlib  # OpenSSL takes longer to load than the rest of this module
    import json

    text = json.dumps(plain, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """*value* as JSON in which things that differ in meaning differ in spelling."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return {"float": repr(value)}
        case Enum():
            return {"enum": value.name}
        case datetime():
            return {"instant": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case timedelta():
            return {"microseconds": value // MICROSECOND}
        case Mapping():
            return {"table": {str(key): _plain(item) for key, item in value.items()}}
        case list() | tuple():
            return [_plain(item) for item in value]
        case NamedList():
            return {"list": _list_digest(value)}
        case _ if attrs.has(type(value)):
            return _object(value)
        case _:
            raise KindError(f"{show(value)} has no fingerprint; use attrs classes and plain values")


def _object(value: Any) -> dict[str, Any]:
    """An attrs value by its tag and the fields that are not at their defaults."""
    cls = type(value)
    said = {f.name: getattr(value, f.name) for f in fields(cls) if not _is_default(f, value)}
    return {"is": _name(cls), **{field: _plain(item) for field, item in said.items()}}


@lru_cache(maxsize=256)
def _list_digest(named: NamedList) -> str:
    """Of a list by itself: thousands of parts may share one of thousands of values."""
    return _digest(_object(named))


def _name(cls: type) -> str:
    """The tag of a class; without one its name, which is unique only within mqlkit."""
    entry = entry_of(cls)
    if entry is not None:
        return entry.tag
    ours = cls.__module__.partition(".")[0] == __name__.partition(".")[0]
    return cls.__name__ if ours else f"{cls.__module__}.{cls.__qualname__}"


def _is_default(field: Any, value: object) -> bool:
    default = field.default
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        default = default.factory()
    item = getattr(value, field.name)
    return default is not attrs.NOTHING and type(item) is type(default) and bool(item == default)
