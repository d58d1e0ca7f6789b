"""The small course of the metrics, with a roster: rights asked for through the metrics, on real stores."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest

from coursepulse.access.viewer import Role, Viewer
from coursepulse.campus.enrolments import Enrolment, Status, Teaching
from coursepulse.kit.clock import to_micros
from coursepulse.kit.errors import RequestError
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.store.postgres.break_glass import BreakGlass
from coursepulse.store.postgres.campus import CampusStore
from coursepulse.store.postgres.connect import open_pool
from coursepulse.store.postgres.relations import Relations
from tests.metrics.small_course import COURSE, NOW, fill
from tests.support.campus_world import World, pseudonym
from tests.support.clickhouse import migrated_database
from tests.support.postgres import Server

TOM = pseudonym("tom")


class Faculty:
    """The small course, with a roster; viewers are tied anew before each question, as requests are."""

    def __init__(self, world: World) -> None:
        self.world, pool = world, world.pool
        self.world.now = to_micros(NOW)
        by_name = cast(Pseudonyms, SimpleNamespace(of=pseudonym, tombstone=lambda student: student))
        self.roster = CampusStore(pool, by_name, lambda _: None)
        self.relations = Relations(pool, lambda: self.world.now)
        self.break_glass = BreakGlass(pool)

    def tied(self, role: Role, person: bytes | None = TOM) -> Viewer:
        return self.relations.tie(Viewer(role=role, subject="account:tom"), person)

    def open(self, viewer: Viewer, student: bytes) -> None:
        number = self.break_glass.number()
        self.break_glass.open(number, viewer, student, "a parent is worried", self.world.now)

    def sees(self, student: bytes, role: Role = Role.INSTRUCTOR, course: str = COURSE) -> bool:
        try:
            self.world.ask("student_summary", viewer=self.tied(role), student=student, course=course)
        except RequestError as error:
            if error.code != "forbidden":
                raise
            return False
        return True

    def listed(
        self, role: Role = Role.INSTRUCTOR, metric: str = "course_students", **wish: Any
    ) -> set[bytes]:
        rows = self.world.ask(metric, viewer=self.tied(role), course=COURSE, **wish)
        return {row["student_id"].bytes for row in rows}

    def teach(self, **dates: date) -> None:
        self.roster.put_teaching([Teaching(course_id=COURSE, external_id="tom", **dates)])

    def enrol(self, who: str, status: Status = Status.ACTIVE, **dates: date) -> None:
        self.roster.put_enrolments([Enrolment(course_id=COURSE, external_id=who, status=status, **dates)])


@pytest.fixture(scope="package")
def filled(clickhouse_url: str, postgres_server: Server) -> Iterator[World]:
    with (
        migrated_database(clickhouse_url) as client,
        postgres_server.database() as dsn,
        open_pool(dsn, 2) as pool,
    ):
        world = World(client, pool, 0)
        fill(world)
        yield world


@pytest.fixture
def faculty(filled: World) -> Iterator[Faculty]:
    """The small course without a roster."""
    yield Faculty(filled)
    with filled.pool.connection() as connection:
        connection.execute("TRUNCATE enrolments, teaching, teams, team_people, break_glass, consents CASCADE")
        connection.execute("UPDATE courses SET ends_on = NULL")
