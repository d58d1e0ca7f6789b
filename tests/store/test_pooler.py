"""Through a real PgBouncer with one connection to the database: nothing of a transaction is found by the next one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from coursepulse.access.viewer import Role, Viewer
from coursepulse.cli.checks import check_postgres
from coursepulse.kit.clock import system_clock
from coursepulse.kit.errors import SettingError, StoreRejected
from coursepulse.kit.settings import Settings
from coursepulse.log.port import Block
from coursepulse.log.positions import Position
from coursepulse.metrics.readers import CampusReader, seen_by
from coursepulse.store.postgres.connect import APP, SERVICE, Pool, open_pool, translate_errors
from coursepulse.store.postgres.leases import Leases
from coursepulse.store.postgres.raw import PostgresRawStore
from tests.log.samples import event
from tests.support.pgbouncer import pooler
from tests.support.postgres import Server
from tests.support.server import platform, wait_until

ANN, BEN = (bytes([number]) * 16 for number in (1, 2))


class Through(NamedTuple):
    """Both roles through one pooler, two connections each, and its address."""

    app: Pool
    service: Pool
    url: str


@pytest.fixture(scope="module")
def through(postgres_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Through]:
    with (
        postgres_server.database() as dsn,
        pooler(dsn, tmp_path_factory.mktemp("pooler")) as url,
        open_pool(url, 2, role=APP, pooled=True) as app,
        open_pool(url, 2, role=SERVICE, pooled=True) as service,
    ):
        add_people(service)
        yield Through(app, service, url)


def add_people(service: Pool) -> None:
    rows = [(UUID(bytes=student), name, name.title()) for student, name in ((ANN, "ann"), (BEN, "ben"))]
    with service.connection() as connection:
        insert = "INSERT INTO people (student_id, external_id, name) VALUES (%s, %s, %s)"
        connection.cursor().executemany(insert, rows)


def names(app: Pool, viewer: Viewer | None) -> set[str]:
    with seen_by(viewer):
        rows = CampusReader(app).rows("student_names", {"students": [UUID(bytes=ANN), UUID(bytes=BEN)]})
    return {row["name"] for row in rows}


def student(pseudonym: bytes) -> Viewer:
    return Viewer(role=Role.STUDENT, subject="somebody", student_id=pseudonym)


def server_of(pool: Pool) -> int:
    with pool.connection() as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
    assert row
    return int(row[0])


def test_viewers_who_take_turns_on_one_connection_see_nothing_of_each_other(through: Through) -> None:
    assert server_of(through.app) == server_of(through.service)
    for _ in range(3):
        assert names(through.app, student(ANN)) == {"Ann"}
        assert names(through.app, None) == set()
        assert names(through.app, student(BEN)) == {"Ben"}
        with through.service.connection() as connection:
            assert connection.execute("SELECT count(*) FROM people").fetchone() == (2,)
        assert names(through.app, None) == set()


def fail_as_administrator(pool: Pool) -> None:
    with translate_errors(), pool.connection() as connection, connection.transaction():
        connection.execute("SELECT set_config('coursepulse.viewer_role', 'admin', true)")
        connection.execute("SELECT 'x'::uuid")


def test_a_transaction_that_fails_leaves_neither_role_nor_viewer(through: Through) -> None:
    for pool in (through.service, through.app):
        with pytest.raises(StoreRejected):
            fail_as_administrator(pool)
    assert names(through.app, None) == set()
    with psycopg.connect(through.url, autocommit=True) as other:
        assert other.execute("SELECT current_setting('role')").fetchone() == ("none",)


def test_every_statement_outside_of_a_transaction_has_the_role(through: Through) -> None:
    with through.app.connection() as connection:
        assert connection.execute("SELECT current_user").fetchone() == (APP,)
        assert connection.cursor().execute("SELECT current_user").fetchone() == (APP,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.cursor().executemany("DELETE FROM people WHERE name = %s", [("Ann",)])
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            connection.cursor().copy("COPY accounts TO STDOUT"),
        ):
            pass
        with connection.transaction(), connection.transaction():
            assert connection.execute("SELECT current_user").fetchone() == (APP,)


def test_moments_are_in_utc_whatever_the_database_and_others_say(postgres_dsn: str, tmp_path: Path) -> None:
    database = conninfo_to_dict(postgres_dsn)["dbname"]
    with psycopg.connect(postgres_dsn, autocommit=True) as owner:
        owner.execute(f"ALTER DATABASE {database} SET timezone TO 'Asia/Tokyo'".encode())
    with (
        pooler(postgres_dsn, tmp_path) as url,
        open_pool(url, 1, role=APP, pooled=True) as app,
        psycopg.connect(url, autocommit=True) as other,
    ):
        other.execute("SET timezone TO 'Asia/Kolkata'")
        for _ in range(2):
            assert other.execute("SHOW timezone").fetchone() == ("Asia/Kolkata",)
            with app.connection() as connection:
                row = connection.execute("SELECT TIMESTAMPTZ '2026-01-01 23:00+00'").fetchone()
            assert row
            assert (row[0], row[0].utcoffset()) == (datetime(2026, 1, 1, 23, tzinfo=UTC), timedelta())
    with psycopg.connect(postgres_dsn, autocommit=True) as owner:
        owner.execute(f"ALTER DATABASE {database} RESET timezone".encode())


def test_statements_are_asked_often_without_being_prepared(through: Through) -> None:
    """A prepared one would be missing on the next server, and there twice on the one before."""
    for pool in (through.app, through.service):
        with pool.connection() as one, pool.connection() as two:
            for _ in range(8):
                assert one.execute("SELECT %s::int", [7]).fetchone() == (7,)
                assert two.execute("SELECT %s::int", [7]).fetchone() == (7,)


def test_events_are_stored_and_partitions_leased_through_a_pooler(through: Through) -> None:
    raw = PostgresRawStore(through.service)
    raw.prepare(system_clock())
    stored = raw.write([Block(Position(0, 1000), [event(1), event(2)])])
    assert stored
    leases = Leases(through.service, "worker", 2)
    assert leases.turn().epochs.keys() == {0, 1}
    assert leases.lead() > 0


@pytest.mark.parametrize("more", ["", "ignore_startup_parameters = options\n"], ids=["refusing", "ignoring"])
def test_a_pooler_that_nobody_named_as_one_is_refused(postgres_dsn: str, tmp_path: Path, more: str) -> None:
    """It would leave every connection with the rights of its login."""
    with (
        pooler(postgres_dsn, tmp_path, more=more) as url,
        pytest.raises(SettingError, match=r"is a pooler.*COURSEPULSE_POSTGRES_DIRECT"),
    ):
        open_pool(url, role=APP)


def test_the_doctor_looks_at_the_database_and_at_the_pooler(postgres_dsn: str, tmp_path: Path) -> None:
    with pooler(postgres_dsn, tmp_path) as url:
        said = check_postgres(Settings(postgres=url, postgres_direct=postgres_dsn))
    assert said.endswith("through a pooler")


@pytest.mark.long
@pytest.mark.slow
def test_a_whole_server_works_through_a_pooler(postgres_dsn: str, tmp_path: Path) -> None:
    """With one connection to the database: no transaction waits for another one while it is open."""
    data = tmp_path / "data"
    data.mkdir()
    with (
        pooler(postgres_dsn, tmp_path) as url,
        platform(data, postgres=url, postgres_direct=postgres_dsn) as server,
    ):
        person = {"external_id": "pooled-ann", "name": "Ann"}
        enrolment = {"course_id": "pooled-101", "external_id": "pooled-ann", "status": "active"}
        server.http.put("/v1/roster/people", json=[person]).raise_for_status()
        server.http.put("/v1/roster/courses", json=[{"course_id": "pooled-101"}]).raise_for_status()
        server.http.put("/v1/roster/enrolments", json=[enrolment]).raise_for_status()
        server.agree("pooled-ann")
        began = {"event_id": "pooled-1", "event_type": "lesson_start", "student_id": "pooled-ann"}
        where = {"course_id": "pooled-101", "lesson_id": "pooled-lesson"}
        server.send(began | {"timestamp": datetime.now(UTC).isoformat(), "context": where})
        server.settle()
        (row,) = server.metric("course_students", course="pooled-101")
        assert row["name"] == "Ann"
        asked = {"student": "pooled-ann", "mode": "delete"}
        server.http.post("/v1/privacy/erasures", json=asked).raise_for_status()
        wait_until(lambda: server.metric("course_students", course="pooled-101") == [])
