"""One query tells whether any job has something to do."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from coursepulse.store.postgres.connect import SERVICE, Pool, open_pool
from coursepulse.store.postgres.revisions import Revisions, RevisionWatch
from tests.support.postgres import Server

CHANGES = {
    "consents": "INSERT INTO consents (student_id, purpose, granted, recorded_at) "
    "VALUES (%(id)s, 'analytics', true, now())",
    "enrolments": "UPDATE enrolment_revision SET revision = revision + 1",
    "keys": "INSERT INTO api_keys (name, digest, scopes, created_at, created_by) "
    "VALUES (%(text)s, uuid_send(%(id)s), '{}', now(), 'tests')",
    "revoked": "UPDATE api_keys SET revoked_at = now() WHERE name = %(text)s",
}


@pytest.fixture(scope="module")
def pool(postgres_server: Server) -> Iterator[Pool]:
    with postgres_server.database() as dsn, open_pool(dsn, 2, role=SERVICE) as pool:
        yield pool


def update(watch: RevisionWatch) -> Revisions:
    watch.update()
    return watch.latest


def test_what_has_changed_is_found_once(pool: Pool) -> None:
    watch, values = RevisionWatch(pool), {"id": uuid4(), "text": "news"}
    before = update(watch)
    assert not before.requests
    for name, change in CHANGES.items():
        with pool.connection() as connection:
            connection.execute(change.encode(), values)
        after = update(watch)
        changed = [field for field in Revisions._fields if getattr(after, field) != getattr(before, field)]
        assert changed == ["keys" if name == "revoked" else name]
        assert update(watch) == after
        before = after
