"""Stores to test: one in memory and one in each kind of database."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from store.databases import KINDS, database

from mqlkit.store import MemoryStore, SqlStore, Store


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database in which `setup` has run."""
    with database(request.param) as url:
        yield url


@pytest.fixture(params=KINDS)
def empty_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database in which `setup` has not run."""
    with database(request.param, ready=False) as url:
        yield url


@pytest.fixture(params=("memory", *KINDS))
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    with database(request.param) as url, closing(SqlStore(url)) as store:
        yield store
