"""Who sees which alert: by our own check, and by the policies of the database without it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from coursepulse.access.viewer import Role, Viewer
from coursepulse.alerts.alert import Alert
from coursepulse.alerts.port import AlertFilter, Standing
from coursepulse.alerts.rights import AlertRights
from coursepulse.alerts.rule import Audience
from coursepulse.alerts.store import PostgresAlerts
from coursepulse.kit.clock import to_micros
from coursepulse.store.postgres.connect import APP, SERVICE, Pool, open_pool
from coursepulse.store.postgres.relations import Relations
from tests.alerts.made import alert
from tests.support.campus_world import pseudonym
from tests.support.postgres import Server

#: Ann is in the course by the roster, Ben by his events; Cy has left it; Dee is a member who shares nothing.
ANN, BEN, CY, DEE = (pseudonym(f"alerts {name}") for name in ("ann", "ben", "cy", "dee"))
TOLD = (Audience.INSTRUCTORS, Audience.MANAGERS)
TODAY = to_micros(datetime.now(UTC))

ALERTS: dict[str, Alert] = {
    "ann": alert(1, ANN, audience=TOLD),
    "ann, for instructors": alert(2, ANN),
    "ann elsewhere": alert(3, ANN, "art"),
    "ben": alert(4, BEN, audience=TOLD),
    "cy": alert(5, CY, audience=TOLD),
    "dee": alert(6, DEE, audience=TOLD),
    "course": alert(7, None, "maths"),
    "other course": alert(8, None, "art"),
    "platform": alert(9, None, ""),
}
LEARNERS = {"ann", "ann, for instructors", "ann elsewhere", "ben", "cy", "dee"}
CLASS = {"ann", "ann, for instructors", "ben", "course"}


def viewer(role: Role, **ties: Any) -> Viewer:
    return Viewer(role=role, subject="somebody", **ties)


TEAM: dict[str, Any] = {"team_ids": frozenset({"alerts crew"}), "organisation_id": "alerts firm"}

TABLE: dict[str, tuple[Viewer, set[str]]] = {
    "student": (viewer(Role.STUDENT, student_id=ANN), set()),
    "instructor": (viewer(Role.INSTRUCTOR, course_ids=frozenset({"maths"})), CLASS),
    "instructor who learns there too": (
        viewer(Role.INSTRUCTOR, course_ids=frozenset({"maths"}), student_id=ANN),
        {"ben", "course"},
    ),
    "instructor of nothing": (viewer(Role.INSTRUCTOR), set()),
    "instructor who opened a record": (viewer(Role.INSTRUCTOR, opened=frozenset({CY})), {"cy"}),
    "manager": (viewer(Role.MANAGER, **TEAM), {"ann", "ben"}),
    "manager of nobody": (viewer(Role.MANAGER, organisation_id="alerts firm"), set()),
    "admin": (viewer(Role.ADMIN), {"course", "other course", "platform"}),
    "admin who opened a record": (
        viewer(Role.ADMIN, opened=frozenset({CY})),
        {"cy", "course", "other course", "platform"},
    ),
    "auditor": (viewer(Role.AUDITOR), set()),
    "reading key": (viewer(Role.SERVICE, scopes=frozenset({"read"})), set(ALERTS)),
    "other key": (viewer(Role.SERVICE, scopes=frozenset({"ingest"})), set()),
}


class Kept(NamedTuple):
    """All of these alerts, and both ways to ask for them."""

    store: PostgresAlerts
    rights: AlertRights

    def by_policies(self, who: Viewer) -> set[str]:
        names = {each.alert_id: name for name, each in ALERTS.items()}
        found = self.store.search(AlertFilter(Standing.ALL), who, TODAY)
        assert {kept.alert.alert_id for kept in self.store.find(list(names), who)} == {
            kept.alert.alert_id for kept in found
        }
        return {names[kept.alert.alert_id] for kept in found}

    def by_rights(self, who: Viewer) -> set[str]:
        seen = self.rights.visible(who, list(ALERTS.values()))
        return {name for name, may in zip(ALERTS, seen, strict=True) if may}


@pytest.fixture(scope="module")
def kept(postgres_server: Server) -> Iterator[Kept]:
    with (
        postgres_server.database() as dsn,
        open_pool(dsn, 2, role=SERVICE) as service,
        open_pool(dsn, 2, role=APP) as app,
    ):
        enrol(service)
        store = PostgresAlerts(service, app)
        store.put(list(ALERTS.values()))
        yield Kept(store, AlertRights(Relations(service, lambda: TODAY), by_events))


def by_events(course: str, students: Collection[bytes]) -> set[bytes]:
    return {BEN}.intersection(students) if course == "maths" else set()


def enrol(service: Pool) -> None:
    uuid = {student: UUID(bytes=student) for student in (ANN, BEN, CY, DEE)}
    with service.connection() as connection:
        connection.execute("INSERT INTO courses (course_id) VALUES ('maths'), ('art')")
        for student, status in ((ANN, "active"), (CY, "ended")):
            connection.execute(
                "INSERT INTO enrolments (course_id, student_id, status) VALUES ('maths', %s, %s)",
                [uuid[student], status],
            )
        for student in (BEN, CY):
            connection.execute("INSERT INTO course_members VALUES (%s, 'maths')", [uuid[student]])
        connection.execute("INSERT INTO organisations VALUES ('alerts firm')")
        connection.execute("INSERT INTO teams VALUES ('alerts crew', 'alerts firm')")
        for member in uuid.values():
            connection.execute("INSERT INTO team_people VALUES ('alerts crew', %s, false)", [member])
        for student in (ANN, BEN):
            connection.execute(
                "INSERT INTO consents (student_id, purpose, granted, recorded_at)"
                " VALUES (%s, 'employer_sharing', true, now())",
                [uuid[student]],
            )


@pytest.mark.parametrize("who", TABLE)
def test_our_own_check_shows_what_the_table_says(kept: Kept, who: str) -> None:
    asks, expected = TABLE[who]
    assert kept.by_rights(asks) == expected


@pytest.mark.parametrize("who", TABLE)
def test_without_our_own_check_the_database_shows_no_more(kept: Kept, who: str) -> None:
    asks, expected = TABLE[who]
    assert kept.by_policies(asks) == expected


def test_every_role_has_a_row() -> None:
    assert {who.role for who, _ in TABLE.values()} == set(Role)


def test_nobody_without_a_viewer_sees_anything(kept: Kept) -> None:
    with kept.store._app.connection() as connection:
        assert connection.execute("SELECT count(*) FROM alerts").fetchone() == (0,)
