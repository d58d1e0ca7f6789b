"""Row-level security: with the application's own check taken away, PostgreSQL still refuses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from psycopg.errors import InsufficientPrivilege

from coursepulse.access.decide import Allowed
from coursepulse.access.viewer import Role, Viewer
from coursepulse.aggregates.profiles import Profiles
from coursepulse.campus.goals import Goal, GoalKind
from coursepulse.insight.models_kept import KeptModel, ModelsKept
from coursepulse.insight.predictions import Prediction, Predictions, TeacherVerdict
from coursepulse.kit.ids import to_text
from coursepulse.kit.sql import Queries
from coursepulse.log.port import Block
from coursepulse.log.positions import from_number
from coursepulse.metrics import rights
from coursepulse.metrics.query import Query
from coursepulse.metrics.readers import describe_viewer
from coursepulse.metrics.run import Metrics
from coursepulse.metrics.steps import authorize
from coursepulse.store.postgres.board_names import BoardNames
from coursepulse.store.postgres.connect import APP, SERVICE, Pool, open_pool
from coursepulse.store.postgres.goals import GoalStore
from coursepulse.store.postgres.raw import PostgresRawStore
from coursepulse.store.postgres.relations import Relations
from tests.metrics.small_course import ANN, BEN, COURSE, CY, DEE, TEAM, events, fill
from tests.support.campus_world import USUAL_POINTS, World, pseudonym
from tests.support.clickhouse import migrated_database
from tests.support.postgres import Server

SET_VIEWER = Queries("coursepulse.store.postgres.queries")["set_viewer"]
EVERYBODY = frozenset({ANN, BEN, CY, DEE, pseudonym("sam")})
NAMED = frozenset({ANN, BEN})
CLASS = frozenset({ANN, BEN, DEE})
NOBODY: frozenset[bytes] = frozenset()


class Guarded(NamedTuple):
    """The small course, and connections as each role of the application."""

    world: World
    app: Pool
    service: Pool

    def seen(self, table: str, viewer: Viewer | None) -> frozenset[bytes]:
        """Whose rows of a table the database shows."""
        with self.app.connection() as connection, connection.transaction():
            if viewer is not None:
                connection.execute(SET_VIEWER, describe_viewer(viewer))
            found = connection.execute(f"SELECT DISTINCT student_id FROM {table}".encode())
            return frozenset(student.bytes for (student,) in found)


@pytest.fixture(scope="module")
def guarded(clickhouse_url: str, postgres_server: Server) -> Iterator[Guarded]:
    with (
        migrated_database(clickhouse_url) as client,
        postgres_server.database() as dsn,
        open_pool(dsn, 2) as owner,
        open_pool(dsn, 2, role=APP) as app,
        open_pool(dsn, 2, role=SERVICE) as service,
    ):
        world = World(client, owner, 0)
        fill(world)
        PostgresRawStore(service).write([Block(from_number(1000), events())])
        Profiles(lambda: client, service, lambda: world.now).refresh(EVERYBODY, 1)
        agree(service)
        relations = Relations(service, lambda: world.now)
        world.metrics = Metrics(
            lambda: client,
            app,
            lambda: world.now,
            pseudonym,
            world.trail,
            relations,
            world.groups,
            USUAL_POINTS,
        )
        yield Guarded(world, app, service)


def agree(service: Pool) -> None:
    with service.connection() as connection:
        for student in EVERYBODY:
            values = "(%s, 'analytics', true, now())"
            connection.execute(
                f"INSERT INTO consents (student_id, purpose, granted, recorded_at) VALUES {values}".encode(),
                [UUID(bytes=student)],
            )


def viewer(role: Role, **ties: Any) -> Viewer:
    return Viewer(role=role, subject="somebody", **ties)


HERS = frozenset({COURSE})
OPENED = frozenset({CY})

#: Who looks; whose raw events, profiles, names and consents the database shows them.
#: Cy has left the course, Sam is a test account, Dee has only enrolled; names are known of Ann and Ben.
TABLE: list[
    tuple[str, Viewer | None, frozenset[bytes], frozenset[bytes], frozenset[bytes], frozenset[bytes]]
] = [
    ("nobody", None, NOBODY, NOBODY, NOBODY, NOBODY),
    ("student", viewer(Role.STUDENT, student_id=ANN), {ANN}, {ANN}, {ANN}, {ANN}),  # type: ignore[list-item]
    ("student without a record", viewer(Role.STUDENT), NOBODY, NOBODY, NOBODY, NOBODY),
    ("teacher", viewer(Role.INSTRUCTOR, course_ids=HERS), CLASS, NOBODY, NAMED, NOBODY),
    ("other teacher", viewer(Role.INSTRUCTOR, course_ids=frozenset({"art"})), NOBODY, NOBODY, NOBODY, NOBODY),
    ("teacher of nothing", viewer(Role.INSTRUCTOR), NOBODY, NOBODY, NOBODY, NOBODY),
    ("teacher who opened", viewer(Role.INSTRUCTOR, opened=OPENED), OPENED, OPENED, NOBODY, NOBODY),
    ("manager", viewer(Role.MANAGER, team_ids=frozenset({"t"})), NOBODY, NOBODY, NOBODY, NOBODY),
    ("administrator", viewer(Role.ADMIN), NOBODY, NOBODY, NAMED, NOBODY),
    ("administrator who opened", viewer(Role.ADMIN, opened=OPENED), OPENED, OPENED, NAMED, NOBODY),
    ("auditor", viewer(Role.AUDITOR), NOBODY, NOBODY, NOBODY, NOBODY),
    ("reading key", viewer(Role.SERVICE, scopes=frozenset({"read"})), EVERYBODY, EVERYBODY, NAMED, NOBODY),
    ("other key", viewer(Role.SERVICE, scopes=frozenset({"ingest"})), NOBODY, NOBODY, NOBODY, NOBODY),
]
TABLES = ("student_activity_events", "student_analytics_profiles", "people", "consents")


@pytest.mark.parametrize(
    ("who", "looks", "raw", "profiles", "names", "consents"), TABLE, ids=[row[0] for row in TABLE]
)
def test_what_the_database_shows(
    guarded: Guarded,
    who: str,
    looks: Viewer | None,
    raw: frozenset[bytes],
    profiles: frozenset[bytes],
    names: frozenset[bytes],
    consents: frozenset[bytes],
) -> None:
    seen = [guarded.seen(table, looks) for table in TABLES]
    assert seen == [raw, profiles, names, consents]
    assert guarded.seen("student_profiles", looks) == profiles


def test_only_a_student_sees_a_name_of_leaderboards_and_only_their_own(guarded: Guarded) -> None:
    for student in (ANN, BEN):
        assert BoardNames(guarded.service).choose(student, student.hex()[:9], guarded.world.now) is None
    for who, looks, *_ in TABLE:
        expected = {ANN} if who == "student" else NOBODY
        assert guarded.seen("leaderboard_names", looks) == expected, who


def test_only_a_student_sees_goals_and_only_their_own(guarded: Guarded) -> None:
    for student in (ANN, BEN):
        GoalStore(guarded.service).put(student, Goal(GoalKind.WEEKLY_MINUTES, minutes=60), guarded.world.now)
    for who, looks, *_ in TABLE:
        expected = {ANN} if who == "student" else NOBODY
        assert guarded.seen("goals", looks) == expected, who


def test_predictions_are_for_those_who_teach_and_never_for_the_student(guarded: Guarded) -> None:
    now = guarded.world.now
    ModelsKept(guarded.service).note(KeptModel("m1", now, date(2026, 3, 1), True, "", {}), EVERYBODY)
    predictions = Predictions(guarded.service)
    predictions.put("m1", [Prediction(COURSE, each, 0.5, b"", {}) for each in EVERYBODY], now)
    for student in EVERYBODY:
        predictions.judge(COURSE, student, TeacherVerdict.CONFIRMED, "", "account:tea", now)
    shown = {"teacher": CLASS, "reading key": EVERYBODY}
    shown |= dict.fromkeys(("teacher who opened", "administrator who opened"), OPENED)
    for who, looks, *_ in TABLE:
        for table in ("risk_predictions", "risk_verdicts"):
            assert guarded.seen(table, looks) == shown.get(who, NOBODY), (who, table)


def test_the_viewer_ends_with_the_transaction(guarded: Guarded) -> None:
    assert guarded.seen("people", viewer(Role.ADMIN))
    assert guarded.seen("people", None) == NOBODY


STRANGERS = [
    viewer(Role.STUDENT, student_id=DEE),
    viewer(Role.INSTRUCTOR, course_ids=frozenset({"art"})),
    viewer(Role.AUDITOR),
    viewer(Role.MANAGER),
    viewer(Role.SERVICE, scopes=frozenset({"ingest"})),
]


@pytest.mark.parametrize("stranger", STRANGERS, ids=lambda one: one.role.value)
def test_without_our_own_check_no_name_gets_out(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch, stranger: Viewer
) -> None:
    monkeypatch.setattr(authorize, "decide", lambda *_: Allowed())
    rows = guarded.world.metrics.run(Query(metric="course_students", course=COURSE), stranger).records()
    assert {row["name"] for row in rows} <= {""}


def test_a_teacher_still_sees_the_names_of_the_class(guarded: Guarded) -> None:
    teacher = viewer(Role.INSTRUCTOR, course_ids=HERS)
    rows = guarded.world.metrics.run(Query(metric="course_students", course=COURSE), teacher).records()
    assert {"Ann", "Ben"} <= {row["name"] for row in rows}


LEADS = viewer(Role.MANAGER, team_ids=frozenset({TEAM}), organisation_id="acme")


def test_who_is_in_a_team_is_shown_to_who_leads_it(guarded: Guarded) -> None:
    assert guarded.seen("team_people", LEADS) == EVERYBODY
    for stranger in (None, *STRANGERS, viewer(Role.ADMIN), viewer(Role.MANAGER, team_ids=frozenset({"t"}))):
        assert guarded.seen("team_people", stranger) == NOBODY, stranger
    with guarded.app.connection() as connection, pytest.raises(InsufficientPrivilege):
        connection.execute("SELECT * FROM teams")


def test_without_our_own_check_only_names_of_members_who_share_get_out(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rights, "decide", lambda *_: Allowed())
    question = Query(metric="team_members", team=TEAM)

    def names() -> set[str]:
        return {row["name"] for row in guarded.world.metrics.run(question, LEADS).records()}

    assert names() == {""}
    with guarded.service.connection() as connection:
        values = "(%s, 'employer_sharing', true, now())"
        connection.execute(
            f"INSERT INTO consents (student_id, purpose, granted, recorded_at) VALUES {values}".encode(),
            [UUID(bytes=ANN)],
        )
    assert names() == {"", "Ann"}
    monkeypatch.setattr(authorize, "decide", lambda *_: Allowed())
    for stranger in STRANGERS:
        assert {row["name"] for row in guarded.world.metrics.run(question, stranger).records()} == {""}


def test_what_an_organisation_writes_about_a_person_is_for_those_who_may_see_that_person(
    guarded: Guarded,
) -> None:
    """Training, certificates and job roles of Ann, who shares her record, and of Ben, who does not."""
    with guarded.service.connection() as connection:
        connection.execute("DELETE FROM consents WHERE purpose = 'employer_sharing'")
        connection.execute(
            "INSERT INTO consents (student_id, purpose, granted, recorded_at) "
            "VALUES (%s, 'employer_sharing', true, now())",
            [UUID(bytes=ANN)],
        )
        connection.execute("INSERT INTO target_profiles VALUES ('lead', 'acme', '')")
        for student in (ANN, BEN):
            who = [UUID(bytes=student)]
            connection.execute("INSERT INTO target_people VALUES ('lead', %s)", who)
            connection.execute(
                "INSERT INTO certificates VALUES ('acme', %s, 'first-aid', '', NULL, '2026-01-01', NULL, 'valid')",
                who,
            )
            connection.execute(
                "INSERT INTO person_trainings (organisation_id, student_id, course_id, mandatory, status) "
                f"VALUES ('acme', %s, '{COURSE}', true, 'active')".encode(),
                who,
            )
    both = {ANN, BEN}
    for table in ("certificates", "person_trainings", "target_people"):
        assert guarded.seen(table, LEADS) == {ANN}
        assert guarded.seen(table, viewer(Role.STUDENT, student_id=BEN)) == {BEN}
        assert guarded.seen(table, viewer(Role.ADMIN, opened=frozenset({BEN}))) == {BEN}
        assert guarded.seen(table, viewer(Role.SERVICE, scopes=frozenset({"read"}))) == both
        for stranger in (None, *STRANGERS, viewer(Role.ADMIN)):
            assert guarded.seen(table, stranger) == NOBODY, (table, stranger)


@pytest.mark.parametrize("role", ["app", "service"])
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM student_activity_events_20260302",
        "DELETE FROM student_activity_events_20260302",
        "ALTER TABLE people DISABLE ROW LEVEL SECURITY",
        "DROP POLICY viewer ON people",
        "ALTER ROLE coursepulse_app SUPERUSER",
        "CREATE TABLE mine (x int)",
    ],
)
def test_there_is_no_way_around(guarded: Guarded, role: str, statement: str) -> None:
    pool: Pool = getattr(guarded, role)
    with pool.connection() as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(statement.encode())


@pytest.mark.parametrize("table", [*TABLES, "audit_trail"])
def test_who_answers_questions_changes_nothing(guarded: Guarded, table: str) -> None:
    with guarded.app.connection() as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(f"DELETE FROM {table}".encode())


def test_every_table_about_students_is_guarded(guarded: Guarded) -> None:
    query = """
        SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'student_id'
        WHERE relkind IN ('r', 'p') AND NOT relispartition AND NOT relforcerowsecurity
          AND has_table_privilege('coursepulse_app', pg_class.oid, 'SELECT')
    """
    with guarded.world.pool.connection() as connection:
        assert connection.execute(query.encode()).fetchall() == []


def test_pseudonyms_reach_the_database_as_they_are(guarded: Guarded) -> None:
    told = describe_viewer(viewer(Role.INSTRUCTOR, opened=OPENED, course_ids=frozenset({"a,b", '"}{'})))
    with guarded.app.connection() as connection, connection.transaction():
        connection.execute(SET_VIEWER, told)
        found = connection.execute("SELECT viewer_courses(), viewer_opened()").fetchone()
    assert found == ([*sorted({"a,b", '"}{'})], [UUID(to_text(CY))])
