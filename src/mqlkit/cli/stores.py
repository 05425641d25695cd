"""Finding the store that an option names: a file of SQLite, or the URL of a database."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from ..errors import MqlkitError
from ..funnel import Funnel
from ..store import SchemaError, Store
from .models import find_model


class FunnelError(MqlkitError, ValueError):
    """A funnel that cannot be used as the command line was told to."""


@contextmanager
def open_store(where: str, *, new: bool = False) -> Generator[Store]:
    """
    The store at a path or URL, closed at the end.

    Args:
        where: A path is a file of SQLite; a URL is anything that `SqlStore` takes.
        new: Whether the file may be missing.

    Raises:
        FunnelError: there is no such file, or the text is no URL.
        MissingExtraError: the extra ``store`` is not installed.
    """
    from ..store import SqlStore  # Deciding files needs no database.

    opened = SqlStore(_url(where, new=new))
    try:
        yield opened
    except SchemaError as error:
        error.add_note("mqlkit funnel init makes a store ready, or says why it cannot")
        raise
    finally:
        opened.close()


def _url(where: str, *, new: bool) -> str:
    from sqlalchemy import URL, make_url
    from sqlalchemy.exc import ArgumentError

    if "://" in where:
        try:
            make_url(where)
        except ArgumentError:  # Its text has the URL, and that may have a password.
            raise FunnelError(
                "--store is no URL of a database; wanted such as "
                "postgresql://host/name, or the path of a file"
            ) from None
        return where
    if not new and not Path(where).is_file():
        raise FunnelError(f"{where}: there is no such file; mqlkit funnel init makes one")
    return URL.create("sqlite", database=where).render_as_string(hide_password=False)


@contextmanager
def open_funnel(where: str, model: str, *, new: bool = False) -> Generator[Funnel]:
    """
    A funnel over a store.

    Raises:
        FunnelError: the model has no lifecycle.
    """
    chosen = find_model(model)
    if chosen.lifecycle is None:
        raise FunnelError(f"{model}: has no lifecycle; add a section [lifecycle] to it")
    with open_store(where, new=new) as store:
        yield Funnel(chosen, store)
