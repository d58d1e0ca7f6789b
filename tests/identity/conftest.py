from __future__ import annotations

from collections.abc import Iterator

import pytest

from coursepulse.store.postgres.connect import Pool, open_pool
from tests.identity.house import House, house
from tests.support.postgres import Server

__all__ = ["home", "the_house", "the_pool"]


@pytest.fixture(scope="session")
def the_pool(postgres_server: Server) -> Iterator[Pool]:
    """Connections to the database behind the one house of this process."""
    with postgres_server.database() as dsn, open_pool(dsn, size=8) as pool:
        yield pool


@pytest.fixture(scope="session")
def the_house(the_pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The one house of this process."""
    with house(the_pool, tmp_path_factory.mktemp("house"), embed_origins="https://lms.example.edu") as built:
        yield built


@pytest.fixture
def home(the_house: House) -> House:
    """A server with accounts and keys, and nobody in it yet."""
    the_house.reset()
    return the_house
