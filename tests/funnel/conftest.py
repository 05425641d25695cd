"""Stores for funnels: in memory, and in a file of SQLite."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from store.databases import database

from mqlkit.store import MemoryStore, SqlStore, Store


@pytest.fixture(params=("memory", "sqlite"))
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    with database(request.param) as url, closing(SqlStore(url)) as store:
        yield store
