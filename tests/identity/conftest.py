from __future__ import annotations

from collections.abc import Iterator

import pytest

from coursepulse.store.postgres.connect import Pool, open_pool
from tests.identity.harness import IdentityHarness, identity_harness
from tests.support.postgres import Server

__all__ = ["server", "shared_harness", "the_pool"]


@pytest.fixture(scope="session")
def the_pool(postgres_server: Server) -> Iterator[Pool]:
    """Connections to the database behind the one server of this process."""
    with postgres_server.database() as dsn, open_pool(dsn, size=8) as pool:
        yield pool


@pytest.fixture(scope="session")
def shared_harness(the_pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityHarness]:
    """The one server of this process."""
    with identity_harness(
        the_pool, tmp_path_factory.mktemp("server"), embed_origins="https://lms.example.edu"
    ) as built:
        yield built


@pytest.fixture
def server(shared_harness: IdentityHarness) -> IdentityHarness:
    """A server with accounts and keys, and nobody in it yet."""
    shared_harness.reset()
    return shared_harness
