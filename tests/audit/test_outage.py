"""What cannot be recorded does not happen; collecting goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest

from coursepulse.cli.checks import check_postgres
from coursepulse.kit.settings import Settings
from coursepulse.store.postgres.connect import migrate, open_pool
from coursepulse.store.postgres.embedded import EmbeddedPostgres
from tests.support.server import Platform, platform


class Outside(NamedTuple):
    """A server whose PostgreSQL is somebody else's."""

    sender: Platform
    postgres: EmbeddedPostgres
    dsn: str

    def as_owner(self, statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    postgres = EmbeddedPostgres(tmp_path_factory.mktemp("outside"))
    dsn = postgres.start()
    try:
        with platform(tmp_path_factory.mktemp("server"), postgres=dsn) as sender:
            yield Outside(sender, postgres, dsn)
            # A server whose database is away stops too, but waits for it first.
            postgres.start()
    finally:
        postgres.stop()


def test_what_cannot_be_recorded_does_not_happen(outside: Outside) -> None:
    http = outside.sender.http
    outside.as_owner("REVOKE INSERT ON audit_trail FROM coursepulse_service")
    refused = [
        http.get("/v1/metrics/clicks", params={"course": "c"}),
        http.get("/v1/metrics/student_summary", params={"student": "s"}),
        http.put("/v1/roster/people", json=[{"external_id": "unrecorded", "name": "U"}]),
        http.get("/v1/audit"),
    ]
    outside.as_owner("GRANT INSERT ON audit_trail TO coursepulse_service")
    assert [answer.status_code for answer in refused] == [503] * 4
    assert {answer.json()["code"] for answer in refused} == {"store_unavailable"}
    assert outside.as_owner("SELECT FROM people WHERE external_id = 'unrecorded'") == []
    assert http.get("/v1/metrics/clicks", params={"course": "c"}).status_code == 200
    assert http.get("/v1/audit/verify").json()["holds"]


def test_the_doctor_says_whose_role_it_is(outside: Outside) -> None:
    assert "is a superuser" in check_postgres(Settings(postgres=outside.dsn))
    outside.as_owner("CREATE ROLE modest LOGIN PASSWORD 'modest'")
    outside.as_owner("GRANT coursepulse_app, coursepulse_service TO modest")
    modest = psycopg.conninfo.make_conninfo(outside.dsn, user="modest", password="modest")
    assert "modest owns no table" in check_postgres(Settings(postgres=modest))


@pytest.mark.long
def test_a_server_whose_role_owns_nothing_works(outside: Outside, tmp_path: Path) -> None:
    outside.as_owner("CREATE ROLE humble LOGIN PASSWORD 'humble'")
    outside.as_owner("GRANT coursepulse_app, coursepulse_service TO humble")
    # A database of its own: of two servers on one, the first would lead.
    outside.as_owner("CREATE DATABASE humble")
    owned = psycopg.conninfo.make_conninfo(outside.dsn, dbname="humble")
    with open_pool(owned, size=1) as owner:
        migrate(owner)
    humble = psycopg.conninfo.make_conninfo(owned, user="humble", password="humble")
    with platform(tmp_path, postgres=humble) as sender:
        sender.agree("h-1")
        assert sender.send(event("h-1"))["accepted"] == 1
        sender.settle()
        assert sender.metric("clicks", course="outage")


# The last test: the database comes back only when it is over.
def test_without_the_database_reads_are_refused_and_the_collector_goes_on(outside: Outside) -> None:
    outside.sender.agree("o-1")
    outside.postgres.stop()
    assert outside.sender.send(event("o-1"))["accepted"] == 1
    answer = outside.sender.http.get("/v1/metrics/clicks", params={"course": "outage"})
    assert answer.status_code == 503
    assert answer.json() == {
        "code": "store_unavailable",
        "sentence": "A database is not responding. Try again later.",
    }


def event(student: str) -> dict[str, object]:
    return {
        "event_id": f"{student}-1",
        "event_type": "lesson_start",
        "timestamp": datetime.now(UTC).isoformat(),
        "student_id": student,
        "session_id": f"{student}-visit",
        "context": {"course_id": "outage", "lesson_id": "l1"},
        "payload": {},
    }
