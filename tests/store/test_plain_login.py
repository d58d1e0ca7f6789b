"""A login that owns nothing, which is what servers should have, can do all that a worker does with its leases."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

import psycopg
import pytest

from coursepulse.store.postgres.connect import SERVICE, open_pool
from coursepulse.store.postgres.leases import Leases


@pytest.fixture
def login_dsn(postgres_dsn: str) -> Iterator[str]:
    name = f"login_{secrets.token_hex(6)}"
    with psycopg.connect(postgres_dsn, autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'secret'".encode())
        owner.execute(f"GRANT coursepulse_app, coursepulse_service TO {name}".encode())
        yield re.sub(r"//[^@]+@", f"//{name}:secret@", postgres_dsn)
        owner.execute(f"DROP ROLE {name}".encode())


def test_a_login_that_owns_nothing_takes_partitions_and_leads(login_dsn: str) -> None:
    with open_pool(login_dsn, role=SERVICE, size=2) as pool, open_pool(login_dsn, size=1) as own:
        leases = Leases(pool, "worker", 2, owner=own)
        assert leases.turn().epochs.keys() == {0, 1}
        leases.raise_versions()
        leases.resign()
        leases.leave()
